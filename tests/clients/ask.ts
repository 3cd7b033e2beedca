// Asks a server through types that openapi-typescript made of its description, and prints the answers as JSON.
import createClient from "openapi-fetch";
import type { paths } from "./schema.js";

declare const process: { argv: string[] };

const client = createClient<paths>({ baseUrl: process.argv[2] ?? "" });

const page = await client.GET("/vessels", {
  params: { query: { listed: true, as_of: "2016-03-20", limit: 2, sort: "name" } },
});
const total: number | undefined = page.data?.total;
const names: string[] | undefined = page.data?.items.map((ship) => ship.name);
// @ts-expect-error No member of that name: the answer has a type that can refuse.
const unknown = page.data?.totl;

const record = await client.GET("/vessels/{id}", {
  params: { path: { id: "9163166" }, query: { as_of: "2016-03-20" } },
});
const listed: boolean | null | undefined = record.data?.listed;

const search = await client.GET("/search", { params: { query: { q: "Jin Teng" } } });
const first: string | undefined = search.data?.items[0]?.subject.id;

const batch = await client.POST("/search", { body: [{ name: "Jin Teng", kind: "vessel" }, { name: "Nobody At All" }] });
const hits: number[] | undefined = batch.data?.items.map((line) => line.answer?.total ?? 0);

// A filter that is not declared is refused by the compiler, and the refusal of the server has a type.
const refused = await client.GET("/vessels", {
  // @ts-expect-error No parameter of that name.
  params: { query: { lsted: true } },
});
const status: number | undefined = refused.error?.status;

console.log(JSON.stringify({ total, names, listed, first, hits, status, unknown }));
