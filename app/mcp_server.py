"""A server of the Model Context Protocol: the list for assistants, each answer cited, and said to be no clearance.

Needs the extra ``mcp`` (the protocol's official SDK). It reads the published dataset itself and needs no other server.
"""

import json
from typing import Any
from urllib.parse import quote, urlencode

import httpx
from fastapi import FastAPI
from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import Tool

NOT_A_CLEARANCE = (
    "Not a clearance: that nothing is found here does not mean that nothing is sanctioned. The record covers the UN's "
    "sanctions on North Korea until the day given in dataset.covers_until, and no other list."
)
INSTRUCTIONS = (
    "The United Nations' sanctions on North Korea: who and which ships were listed, when, by what, and what the "
    "resolutions ban. Every answer is true of a day and gives its sources; pass on cite_as and not_a_clearance with "
    "it. A name alike is not yet a person identified."
)
MOST_ITEMS = 20
"""Records of one answer; the answer says how many there are in all."""


class Ask:
    """Asks the API of this process and gives its answers to a tool.

    Args:
        app: the application.
    """

    def __init__(self, app: FastAPI) -> None:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self._client = httpx.AsyncClient(transport=transport, base_url="http://localhost")

    async def get(self, path: str, **parameters: str | int | bool | None) -> dict[str, Any]:
        """Ask with the parameters that are given; a refusal is returned as its problem document."""
        given = {
            name.rstrip("_"): json.dumps(value) if isinstance(value, bool) else str(value)
            for name, value in parameters.items()
            if value not in (None, "")
        }
        response = await self._client.get(f"{path}?{urlencode(given)}")
        answer: dict[str, Any] = response.json()
        if response.status_code != 200:
            return {"problem": {name: answer.get(name) for name in ("title", "status", "detail")}}
        return answer | {"not_a_clearance": NOT_A_CLEARANCE}


class StrictServer(MCPServer):
    """A server whose tools refuse an argument that they do not have, which the SDK would leave out in silence.

    An assistant that writes ``day`` for ``as_of`` would have today's answer for that of the day.
    """

    async def list_tools(self) -> list[Tool]:
        """List the tools, whose schemas allow no other arguments."""
        closed = {"additionalProperties": False}
        return [
            tool.model_copy(update={"input_schema": tool.input_schema | closed}) for tool in await super().list_tools()
        ]

    async def call_tool(self, name: str, arguments: dict[str, Any], context: Any = None) -> Any:
        """Call a tool.

        Raises:
            ToolError: it has no argument of that name, or as the SDK raises it.
        """
        known = {tool.name: list(tool.input_schema["properties"]) for tool in await super().list_tools()}
        if unknown := [one for one in arguments if one not in known.get(name, arguments)]:
            raise ToolError(f"{name} has no argument {', '.join(unknown)[:200]}; it has {', '.join(known[name])}")
        return await super().call_tool(name, arguments, context)


def build(app: FastAPI) -> MCPServer:
    """Build the server.

    Args:
        app: the application that answers.
    """
    ask = Ask(app)
    server = StrictServer("unlisted", instructions=INSTRUCTIONS)

    @server.tool()
    async def search(
        name: str,
        as_of: str = "",
        kind: str = "",
        birth_date: str = "",
        nationality: str = "",
        listed_only: bool = False,
    ) -> dict[str, Any]:
        """Compare a name or number with everyone who was ever listed, however it is spelled, and say why it agrees.

        name: a person, company or ship in any romanisation or in Hangul; an IMO number; a passport number.
        as_of: day of the list, YYYY-MM-DD; empty for today. kind: individual, entity or vessel; empty for all.
        birth_date: in EDTF, such as 1965 or 1965-03-02. nationality: ISO 3166-1 code or English name.
        """
        return await ask.get(
            "/search",
            q=name,
            as_of=as_of,
            kind=kind,
            birth_date=birth_date,
            nationality=nationality,
            listed=True if listed_only else None,
            limit=MOST_ITEMS,
        )

    @server.tool()
    async def status_on_a_day(id: str, as_of: str = "") -> dict[str, Any]:
        """Say whether one subject was on the list on a day, since when, by what and under what; with sources.

        id: a permanent reference number (KPi.014, KPe.020) or the IMO number of a ship (9163166).
        as_of: the day, YYYY-MM-DD; empty for today.
        """
        collection = "designated-parties" if id[:2].upper() == "KP" else "vessels"
        return await ask.get(f"/{collection}/{quote(id, safe='')}", as_of=as_of)

    @server.tool()
    async def changes(from_day: str, until_day: str = "", subject: str = "") -> dict[str, Any]:
        """List what happened between two days: listings, delistings, amendments, resolutions, each with its cause.

        from_day, until_day: first and last day, YYYY-MM-DD. subject: id of one subject; empty for all.
        """
        return await ask.get(
            "/changes", from_=from_day, until=until_day, subject=subject, limit=MOST_ITEMS, include="all"
        )

    @server.tool()
    async def measures_by_hs_code(hs_code: str, as_of: str = "") -> dict[str, Any]:
        """Find the measures in force on a day that name a code of the Harmonized System, its chapter or a code below.

        hs_code: 2 to 10 digits, with or without dots (2701, 2701.11). as_of: the day; empty for today. Many measures
        name goods without codes: an empty answer does not mean that the goods may be traded.
        """
        return await ask.get("/measures", hs_code=hs_code, as_of=as_of, in_force=True, limit=MOST_ITEMS, include="all")

    del search, status_on_a_day, changes, measures_by_hs_code  # the server has them
    return server
