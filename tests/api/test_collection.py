"""Whole results: streamed in slices, past the cache, whole across a publication; CSV and XLSX that others read."""

import asyncio
import csv
import io
import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zipfile import ZipFile

import frictionless
import openpyxl
import pandas as pd
import pytest

from app.api import collection, workbook
from app.api.flat import PANDAS_DTYPES, ColumnType, rows_of
from app.api.formats import MARK, csv_lines
from app.api.resource import Resource
from app.fields.dates import LAST_DAY
from app.fields.text import dump_json
from app.publish import publish
from app.resources import RESOURCES
from app.resources.relations import RELATIONS
from app.resources.vessels import VESSELS
from tests.conftest import BASE, Client, edit, row_of

COLLECTIONS = pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.path)
WHOLE = ["/names?format=csv", "/names?format=ndjson", "/names?limit=all", "/names?limit=all&include=all"]


@pytest.fixture(scope="module")
def small_client(small: Path) -> Iterator[Client]:
    opened = Client(small / "data" / "unlisted.db")
    yield opened
    opened.close()


@pytest.fixture
def streamed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Send every whole result as it is made, in slices of seven."""
    monkeypatch.setattr(collection, "MOST_BUFFERED", 0)
    monkeypatch.setattr(collection, "SLICE", 7)


@pytest.mark.parametrize("url", WHOLE)
def test_a_streamed_result_is_the_buffered_one(
    small: Path, client_of: Callable[..., Client], url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = small / "data" / "unlisted.db"
    buffered = client_of(database).get(url)
    monkeypatch.setattr(collection, "MOST_BUFFERED", 0)
    monkeypatch.setattr(collection, "SLICE", 7)
    response = client_of(database).get(url)
    assert "content-length" not in response.headers
    assert response.content == buffered.content
    for name in ("as-of", "dataset-version", "total-count", "link", "content-type", "x-frame-options"):
        assert response.headers[name] == buffered.headers[name]


@pytest.mark.usefixtures("streamed")
def test_a_streamed_result_is_past_the_cache_and_has_a_tag(small: Path, client_of: Callable[..., Client]) -> None:
    client = client_of(small / "data" / "unlisted.db")
    first = client.get("/names?limit=all")
    assert client.get("/names?limit=all").headers["etag"] == first.headers["etag"]
    assert client.get("/names?format=csv").headers["etag"] != first.headers["etag"]
    head = client.request("HEAD", "/names?limit=all")
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", first.headers["etag"])
    again = client.get("/names?limit=all", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/names?limit=all", headers={"If-None-Match": '"other"'}).status_code == 200
    cache = client.api.middleware_stack.app  # type: ignore[union-attr]  # the response cache, inside the guard
    assert not cache._generation.responses


@pytest.mark.usefixtures("streamed")
def test_between_slices_others_are_answered(small: Path, client_of: Callable[..., Client]) -> None:
    """Each slice is a turn of the loop: a request that comes meanwhile does not wait for the end."""
    client = client_of(small / "data" / "unlisted.db")
    finished: list[str] = []

    async def ask(url: str) -> None:
        response = await client._client.get(url)
        assert response.status_code == 200
        finished.append(url)

    async def both() -> None:
        await asyncio.gather(ask("/names?limit=all"), ask("/healthz"))

    client._loop.run_until_complete(both())
    assert finished == ["/healthz", "/names?limit=all"]


@pytest.mark.usefixtures("streamed")
def test_a_result_is_whole_across_a_publication(
    seed: Path, small_database: Path, client_of: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What begins with one dataset ends with it, though another is published after the first slice."""
    database = small_database
    client = client_of(database)
    before = client.get("/names?format=ndjson").content
    edit(seed, "names", lambda rows: row_of(rows, "9163166-n1").update(name="JIN TENG II"))
    ours = collection._slices
    published: list[str] = []

    def slices(question: Any) -> Iterator[Any]:
        for rows in ours(question):
            yield rows
            if not published:
                published.append(publish(seed, database).version)

    monkeypatch.setattr(collection, "_slices", slices)
    assert client.get("/names?format=ndjson").content == before
    after = client.get("/names?format=ndjson")
    assert after.headers["dataset-version"] == published[0]
    assert after.content != before


@pytest.mark.usefixtures("streamed")
def test_a_failure_amid_a_stream_is_no_whole_answer(
    small: Path, client_of: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(small / "data" / "unlisted.db")
    ours = collection._slices

    def slices(question: Any) -> Iterator[Any]:
        yield next(ours(question))
        raise OSError("the disk is gone")

    monkeypatch.setattr(collection, "_slices", slices)
    sent: list[dict[str, Any]] = []

    async def ask() -> None:
        async def receive() -> dict[str, Any]:
            await asyncio.Event().wait()
            return {}

        async def send(message: Any) -> None:
            sent.append(message)

        scope: dict[str, Any] = {
            "type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "path": "/names", "headers": [],
            "raw_path": b"/names", "query_string": b"limit=all", "root_path": "", "server": ("x", 1), "client": None,
        }  # fmt: skip
        await client.api({**scope, "headers": [(b"host", b"x")]}, receive, send)

    with pytest.raises(OSError, match="the disk is gone"):
        client._loop.run_until_complete(ask())
    assert sent[0]["status"] == 200
    assert all(message.get("more_body") for message in sent[1:]), "the last part was never sent"


@pytest.mark.usefixtures("streamed")
def test_the_making_ends_where_the_client_has_gone(
    small: Path, client_of: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(small / "data" / "unlisted.db")
    ours = collection._slices
    made: list[int] = []

    def slices(question: Any) -> Iterator[Any]:
        for rows in ours(question):
            made.append(len(rows))
            yield rows

    monkeypatch.setattr(collection, "_slices", slices)

    async def ask() -> None:
        async def receive() -> dict[str, Any]:
            return {"type": "http.disconnect"}

        async def send(_: Any) -> None:
            await asyncio.sleep(0)

        scope: dict[str, Any] = {
            "type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "path": "/names",
            "raw_path": b"/names", "query_string": b"limit=all", "root_path": "", "server": ("x", 1), "client": None,
        }  # fmt: skip
        await client.api({**scope, "headers": [(b"host", b"x")]}, receive, send)

    client._loop.run_until_complete(ask())
    assert len(made) < 5


def test_a_cursor_without_a_limit_gives_the_rest(small_client: Client) -> None:
    page = small_client.json("/names?limit=5")
    rest = small_client.get(page["next"].replace("limit=5&", "") + "&format=csv")
    assert int(rest.headers["total-count"]) == page["total"]
    assert len(list(csv.reader(io.StringIO(rest.text)))) == page["total"] - 5 + 1
    cut = small_client.get("/names?format=csv&limit=5")
    assert cut.links["next"]["url"]
    assert len(list(csv.reader(io.StringIO(cut.text)))) == 6


@COLLECTIONS
def test_no_cell_has_json(small_client: Client, resource: Resource) -> None:
    for row in csv.reader(io.StringIO(small_client.get(f"/{resource.path}?format=csv").text)):
        for cell in row:
            assert not cell.startswith(("{", "[{", '["')), cell
            assert cell != "[]"


# Software that others wrote


@COLLECTIONS
def test_frictionless_finds_a_table_valid_by_its_schema(
    small_client: Client, resource: Resource, tmp_path: Path
) -> None:
    response = small_client.get(f"/{resource.path}?format=csv")
    (tmp_path / "table.csv").write_bytes(response.content)
    schema = small_client.json(response.links["describedby"]["url"])
    report = frictionless.validate(
        frictionless.Resource(
            path="table.csv", basepath=str(tmp_path), schema=frictionless.Schema.from_descriptor(schema)
        )
    )
    assert report.valid, report.flatten(["rowNumber", "fieldNumber", "type", "message"])[:3]


@COLLECTIONS
def test_pandas_keeps_every_value(small_client: Client, resource: Resource) -> None:
    """With the arguments of the schema, each cell is in the data frame as it is in the file."""
    response = small_client.get(f"/{resource.path}?format=csv")
    schema = small_client.json(response.links["describedby"]["url"])
    frame = pd.read_csv(io.StringIO(response.text), **schema["pandas"])
    header, *rows = csv.reader(io.StringIO(response.text))
    assert list(frame.columns) == header
    types = {field["name"]: field["type"] for field in schema["fields"]}
    for place, name in enumerate(header):
        assert str(frame[name].dtype) == PANDAS_DTYPES[ColumnType(types[name])]
        cells = ["" if pd.isna(value) else str(value) for value in frame[name]]
        if types[name] == ColumnType.BOOLEAN:
            cells = [cell.lower() for cell in cells]
        assert cells == [row[place] for row in rows]


def test_pandas_keeps_an_imo_number_and_namibia(small_client: Client) -> None:
    """A column with gaps does not turn numbers into 9163166.0, and the code NA is no gap."""
    schema = small_client.json("/table-schemas/vessels?fields=imo_number,flag")
    assert [field["name"] for field in schema["fields"]] == ["imo_number", "flag", "flag_name"]
    text = "imo_number,flag,flag_name\r\n9163166,NA,Namibia\r\n,,\r\n"
    frame = pd.read_csv(io.StringIO(text), **schema["pandas"])
    assert frame["imo_number"][0] == "9163166"
    assert frame["flag"][0] == "NA"
    assert frame["imo_number"].isna().tolist() == [False, True]


@pytest.mark.parametrize("path", ["vessels", "designated-parties", "resolutions", "changes"])
def test_openpyxl_reads_typed_cells(small_client: Client, path: str) -> None:
    response = small_client.get(f"/{path}?format=xlsx")
    book = openpyxl.load_workbook(io.BytesIO(response.content))
    records, about = book["Records"], book["About"]
    assert records.freeze_panes == "B2"
    rows = list(csv.reader(io.StringIO(small_client.get(f"/{path}?format=csv").text)))
    types = {field["name"]: field["type"] for field in small_client.json(f"/table-schemas/{path}")["fields"]}
    assert [cell.value for cell in records[1]] == rows[0]
    assert records.max_row == len(rows)
    for cells, row in zip(records.iter_rows(min_row=2), rows[1:], strict=True):
        for cell, text, name in zip(cells, row, rows[0], strict=True):
            if cell.value is None:
                assert text == ""
            elif types[name] == "boolean":
                assert cell.value is (text == "true")
            elif types[name] == "integer":
                assert cell.value == int(text)
            elif types[name] == "date":
                assert cell.value.date().isoformat() == text
            else:
                assert (cell.data_type, cell.value) == ("s", text.removeprefix("'"))
    said = {row[0].value: row[1].value for row in about.iter_rows() if row[0].value}
    assert said["Question"] == f"/{path}?format=xlsx"
    assert said["Dataset"] == response.headers["dataset-version"]
    assert said["True of the day"] == response.headers["as-of"]
    assert response.headers["dataset-version"] in said["How to cite"]
    assert "CC0-1.0" in said["Licence"]


def test_a_workbook_is_the_same_each_time_and_writes_no_file(
    small: Path, client_of: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("read-only file system")

    for name in ("mkstemp", "mkdtemp", "TemporaryFile", "NamedTemporaryFile"):
        monkeypatch.setattr(f"tempfile.{name}", refuse)
    bodies = {client_of(small / "data" / "unlisted.db").get("/vessels?format=xlsx").content for _ in range(2)}
    assert len(bodies) == 1
    assert {entry.date_time[0] for entry in ZipFile(io.BytesIO(bodies.pop())).infolist()} == {1980}


def test_more_rows_than_a_workbook_has_are_refused(
    small: Path, client_of: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 20)
    client = client_of(small / "data" / "unlisted.db")
    response = client.get("/names?format=xlsx")
    assert response.status_code == 422
    assert "ndjson" in response.json()["detail"]
    assert client.get("/names?format=xlsx&limit=20").status_code == 200


def test_a_long_text_is_cut_with_a_sign() -> None:
    table = workbook.Workbook(RESOURCES[0].columns[:1], {}, date(2016, 3, 2))
    table.write([["x" * 40_000]])
    text = openpyxl.load_workbook(io.BytesIO(table.close()))["Records"]["A2"].value
    assert len(text) == workbook.LONGEST_CELL
    assert text.endswith("(cut)")


# Files


def test_a_file_has_a_name_and_a_mark_on_request(small_client: Client) -> None:
    for form in ("csv", "xlsx", "ndjson"):
        response = small_client.get(f"/vessels?as_of=2016-03-20&format={form}")
        named = response.headers["content-disposition"]
        assert named == f'attachment; filename="unlisted-vessels-2016-03-20.{form}"'
    record = small_client.get("/vessels/9163166?as_of=2016-03-20&format=csv")
    assert 'filename="unlisted-vessels-9163166-2016-03-20.csv"' in record.headers["content-disposition"]
    assert "content-disposition" not in small_client.get("/vessels").headers
    for url in ("/vessels?format=csv", "/vessels?format=csv&limit=3", "/vessels/9163166?format=csv"):
        plain = small_client.get(url).content
        assert small_client.get(f"{url}&bom=true").content == b"\xef\xbb\xbf" + plain
        assert small_client.get(f"{url}&bom=false").content == plain
    assert json.loads(small_client.get("/vessels?format=ndjson").text.splitlines()[0])["id"]


@pytest.mark.parametrize(
    "text", ['=HYPERLINK("http://example.com","click")', "+1+cmd|'/C calc'!A0", "@SUM(1)", "\t=1+1"]
)
def test_a_cell_that_would_run_is_guarded(text: str) -> None:
    """In CSV by an apostrophe, in a workbook by its type."""
    (column,) = [one for one in VESSELS.columns if one.name == "note"]
    record = dump_json({"note": text})
    (row,) = csv.reader(io.StringIO(csv_lines([column], [record]).decode(), newline=""))
    assert row == [f"'{text}"]
    table = workbook.Workbook([column], {}, date(2016, 3, 2))
    table.write(rows_of([column], [record]))
    cell = openpyxl.load_workbook(io.BytesIO(table.close()))["Records"]["A2"]
    assert (cell.data_type, cell.value) == ("s", text)


@pytest.mark.parametrize("limit", [1, 3, 50])
def test_a_page_of_a_feed_has_whole_days(small_client: Client, limit: int) -> None:
    """Followed page by page, every change is seen once, and no day is on two pages."""
    url: str | None = f"/changes?format=jsonfeed&limit={limit}&until=2016-12-31"
    seen: list[str] = []
    days: set[str] = set()
    while url:
        feed = small_client.json(url)
        on_page = {item["date_published"] for item in feed["items"]}
        assert not on_page & days
        days |= on_page
        seen += [item["url"].rsplit("/", 1)[1] for item in feed["items"]]
        url = feed.get("next_url")
    assert seen == small_client.ids("/changes?until=2016-12-31&limit=500")


def _renderings(database: Path, resource: Resource) -> list[tuple[str, str, str]]:
    """Give the renderings of a collection: their id, first day, and first day after them."""
    with closing(sqlite3.connect(database)) as connection:
        chosen = "SELECT id, from_on, until_on FROM rendering WHERE resource = ? ORDER BY id, from_on"
        return connection.execute(chosen, [resource.path]).fetchall()


@COLLECTIONS
def test_each_record_has_a_rendering_for_every_day_from_its_first_one_on(small: Path, resource: Resource) -> None:
    """So the last renderings are those of every day after the last change, which pages rely on."""
    rows = _renderings(small / "data" / "unlisted.db", resource)
    assert rows
    for (id, _, until), (following, begins, _) in pairwise([*rows, ("", "", "")]):
        assert until == (begins if id == following else LAST_DAY.isoformat())


@pytest.mark.parametrize("resource", [VESSELS, RELATIONS], ids=lambda resource: resource.path)
def test_a_page_has_the_renderings_of_its_day_before_and_after_the_last_change(
    small: Path, small_client: Client, resource: Resource
) -> None:
    rows = _renderings(small / "data" / "unlisted.db", resource)
    last = date.fromisoformat(max(begins for _, begins, _ in rows))
    assert last.year > 1000
    for day in (last, last - timedelta(1)):
        seen, following = [], f"/{resource.path}?as_of={day}&limit=7"
        while following:
            page = small_client.json(following)
            seen += [item["id"] for item in page["items"]]
            following = page["next"]
        assert seen == [id for id, begins, until in rows if begins <= day.isoformat() < until]


def test_every_csv_answer_links_to_its_columns_and_has_the_name_of_a_file(small_client: Client) -> None:
    days = {"from": "2016-03-02", "to": "2016-12-17", "until": "2017-12-17", "q": "jin teng"}
    asked = 0
    for path, operations in small_client.json("/openapi.json")["paths"].items():
        operation = operations.get("get", {"responses": {"200": {}}})
        if "text/csv" not in operation["responses"]["200"].get("x-other-formats", {}):
            continue
        parameters = {one["name"]: one for one in operation["parameters"]}
        for name in [name for name, one in parameters.items() if one["in"] == "path"]:
            path = path.replace(f"{{{name}}}", quote(str(parameters[name]["example"])))
        own = {
            name: days[name] for name in days.keys() & parameters.keys() if "items" not in parameters[name]["schema"]
        }
        response = small_client.get(path, params={"format": "csv", **own})
        schema = small_client.json(response.links["describedby"]["url"].removeprefix(BASE))
        header = next(csv.reader(io.StringIO(response.text)))
        assert header == [field["name"] for field in schema["fields"]], path
        assert re.fullmatch(
            r'attachment; filename="unlisted-[\w.-]+-\d{4}-\d\d-\d\d\.csv"', response.headers["content-disposition"]
        )
        marked = small_client.get(path, params={"format": "csv", "bom": "true", **own})
        assert marked.content == MARK + response.content, path
        assert small_client.get(path, params={"bom": "true", **own}).status_code == 422, path
        asked += 1
    assert asked > 30
