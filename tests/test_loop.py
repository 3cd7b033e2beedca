"""No request, whatever its content, keeps the event loop at work for long in one turn: nobody else is answered then.

The work of a turn is counted in calls, a number that is the same on every machine; ``benchmarks/soak/loop.py`` measures
the same requests in milliseconds.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.soak.loop import WARMING, WORST, Turns, turns
from tests.conftest import Client
from tests.work import counted_calls

MOST_CALLS = 60_000
"""Calls in one turn, about 15 ms on the machine that made the figures of docs/reliability.md."""


def counted(client: Client, request: tuple[str, str, bytes, str]) -> Turns:
    """Measure the turns of a request in calls."""
    with counted_calls() as calls:
        return turns(client.api, *request, lambda: calls.count)


@pytest.fixture(scope="module")
def warm(client: Client) -> Client:
    """A client whose server has answered before: what is made at the first request is made once."""
    for method, url, body, kind in WARMING:
        client.request(method, url, content=body, headers={"Content-Type": kind} if kind else {})
    return client


@pytest.mark.parametrize("name", WORST)
def test_no_request_holds_the_loop(warm: Client, name: str) -> None:
    measured = counted(warm, WORST[name])
    assert measured.status < 500
    assert measured.longest < MOST_CALLS


def test_a_batch_is_worked_on_in_many_turns(warm: Client) -> None:
    assert counted(warm, WORST["500 long names"]).count > 20


def test_what_holds_it_is_noticed(database: Path, client_of: Callable[..., Client]) -> None:
    client = client_of(database)

    @client.api.get("/hold")
    async def read_hold() -> dict[str, str]:
        for _ in range(2 * MOST_CALLS):
            len("")
        return {}

    assert counted(client, ("GET", "/hold", b"", "")).longest > MOST_CALLS
