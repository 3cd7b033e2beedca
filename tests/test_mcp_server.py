"""The server of the Model Context Protocol, used through the client of its official SDK."""

import asyncio
import json
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from mcp import Client as McpClient
from mcp import StdioServerParameters

from app.cli import main
from app.main import create_app
from app.mcp_server import NOT_A_CLEARANCE, build
from app.settings import ROOT, Settings

Call = Callable[..., dict[str, Any]]


def _content(result: Any) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(result.content[0].text)
    return answer


def _run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(coroutine)


@pytest.fixture
def call(small: Path) -> Call:
    """Calls a tool of a server of the small seed."""

    def ask(tool: str, **arguments: Any) -> dict[str, Any]:
        async def connected() -> dict[str, Any]:
            app = create_app(Settings(database=small / "data" / "unlisted.db"))
            async with McpClient(build(app)) as client:
                return _content(await client.call_tool(tool, arguments))

        answer: dict[str, Any] = _run(connected())
        return answer

    return ask


def test_a_search_says_why_and_is_no_clearance(call: Call) -> None:
    answer = call("search", name="Choi Sung-il")
    assert answer["items"][0]["subject"]["id"] == "KPi.014"
    assert answer["items"][0]["because"]
    assert answer["not_a_clearance"] == NOT_A_CLEARANCE
    assert answer["cite_as"]
    assert call("search", name="Nobody Atall")["not_a_clearance"] == NOT_A_CLEARANCE


@pytest.mark.parametrize(("day", "listed"), [("2016-03-20", True), ("2016-03-21", False)])
def test_the_status_is_that_of_the_day(call: Call, day: str, listed: bool) -> None:
    answer = call("status_on_a_day", id="9163166", as_of=day)
    assert answer["listed"] is listed
    assert answer["citations"]
    assert answer["as_of"] == day


def test_changes_have_their_causes_and_sources(call: Call) -> None:
    answer = call("changes", from_day="2016-03-21", until_day="2016-03-21")
    assert answer["total"] == len(answer["items"]) > 0
    assert all(item["citations"] for item in answer["items"])


def test_measures_are_found_by_a_code_however_it_is_written(call: Call) -> None:
    found = call("measures_by_hs_code", hs_code="2701.11", as_of="2017-01-01")
    assert found["total"] == call("measures_by_hs_code", hs_code="270111", as_of="2017-01-01")["total"] > 0
    assert all(item["in_force"] and item["citations"] for item in found["items"])


@pytest.mark.parametrize(
    ("tool", "arguments", "status"),
    [
        ("status_on_a_day", {"id": "9163167"}, 404),
        ("status_on_a_day", {"id": "../dataset"}, 404),
        ("search", {"name": "x", "kind": "person"}, 422),
        ("changes", {"from_day": "yesterday"}, 422),
        ("measures_by_hs_code", {"hs_code": "coal"}, 422),
    ],
)
def test_a_refusal_is_passed_on(call: Call, tool: str, arguments: dict[str, Any], status: int) -> None:
    problem = call(tool, **arguments)["problem"]
    assert problem["status"] == status
    assert problem["detail"]


def test_it_serves_standard_input_and_output(small: Path) -> None:
    command = ["-m", "app.cli", "mcp", "--database", str(small / "data" / "unlisted.db")]

    async def listed() -> set[str]:
        parameters = StdioServerParameters(command=sys.executable, args=command, cwd=ROOT)
        async with McpClient(parameters, read_timeout_seconds=60) as client:
            return {tool.name for tool in (await client.list_tools()).tools}

    assert _run(listed()) == {"search", "status_on_a_day", "changes", "measures_by_hs_code"}


def test_without_the_extra_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "app.mcp_server", None)
    assert main(["mcp"]) == 2
    assert "unlisted[mcp]" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("measures_by_hs_code", {"hs_code": "2701", "day": "2017-09-15"}),
        ("search", {"name": "Jin Teng", "date": "2016-03-20"}),
        ("status_on_a_day", {"id": "9163166", "asOf": "2016-03-20"}),
    ],
)
def test_an_argument_that_a_tool_does_not_have_is_refused(small: Path, tool: str, arguments: dict[str, str]) -> None:
    async def connected() -> tuple[Any, Any]:
        app = create_app(Settings(database=small / "data" / "unlisted.db"))
        async with McpClient(build(app)) as client:
            return await client.list_tools(), await client.call_tool(tool, arguments)

    listed, result = _run(connected())
    assert all(one.input_schema["additionalProperties"] is False for one in listed.tools)
    assert result.is_error
    assert f"{tool} has no argument {[*arguments][1]}; it has" in result.content[0].text
    assert "as_of" in result.content[0].text
