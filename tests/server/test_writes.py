"""Writes of a connection: the head of an answer leaves with its body, and does not wait for one that is late."""

import asyncio
import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.config import Config
from uvicorn.server import ServerState

from app.main import create_app
from app.server.limits import limits_of
from app.server.protocol import BoundedProtocol
from app.settings import Settings

TURNS = 20
"""Turns of the loop after which an answer has ended whose application waits for nothing."""
CLOSED, ENDED = "closed", "ended for sending"
"""What a transport keeps among its writes where the server closes the connection, or its own side of it."""
WHOLE = {"body": b"body"}
PARTS = ({"body": b"one", "more_body": True}, {"body": b"two", "more_body": True}, {"body": b""})


class CountingTransport(asyncio.Transport):
    """A transport that goes nowhere.

    Attributes:
        writes: each write of the server, and `CLOSED` and `ENDED` where they came.
    """

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes | str] = []

    def write(self, data: Any) -> None:
        """Keep a write; an empty one is none."""
        if data:
            self.writes.append(bytes(data))

    def writelines(self, list_of_data: Iterable[Any]) -> None:
        """Keep several parts, written at once."""
        self.write(b"".join(list_of_data))

    def close(self) -> None:
        """Close, once."""
        if not self.is_closing():
            self.writes.append(CLOSED)

    def write_eof(self) -> None:
        """End the sending side."""
        self.writes.append(ENDED)

    def is_closing(self) -> bool:
        """Say whether it is closed."""
        return CLOSED in self.writes

    def can_write_eof(self) -> bool:
        """Say that the sending side can be ended alone."""
        return True

    def pause_reading(self) -> None:
        """Do nothing: a test gives what is read."""

    def resume_reading(self) -> None:
        """Do nothing."""


async def turns() -> None:
    """Let the loop turn until nothing is left to do."""
    for _ in range(TURNS):
        await asyncio.sleep(0)


class Connection:
    """A connection to an application, on a transport that counts its writes."""

    def __init__(self, app: ASGIApp) -> None:
        config = Config(app, ws="none", log_config=None, access_log=False)
        self.transport = CountingTransport()
        self.protocol = BoundedProtocol(config, ServerState(), {}, limits=limits_of(Settings()))
        self.protocol.connection_made(self.transport)

    async def send(self, *lines: str, body: str = "") -> list[bytes | str]:
        """Send a request, and give the writes since the last one after some turns of the loop."""
        before = len(self.transport.writes)
        self.protocol.data_received("\r\n".join([*lines, "Host: unlisted.example", "", body]).encode())
        await turns()
        return self.transport.writes[before:]


def parted(write: bytes | str) -> tuple[str, str]:
    """Give the head in a write, and what is behind it."""
    assert isinstance(write, bytes)
    head, end, body = write.decode().partition("\r\n\r\n")
    assert end
    return head, body


def responding(*messages: dict[str, Any], made: asyncio.Event | None = None) -> ASGIApp:
    """Build an application that sends these messages behind a head, once they are made.

    Their length is declared where they are one.
    """

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        headers = [(b"content-length", b"4")] if messages == (WHOLE,) else []
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        if made is not None:
            await made.wait()
        for message in messages:
            await send({"type": "http.response.body", **message})

    return app


def test_an_answer_is_one_write(small: Path) -> None:
    """A record, a page and a refusal each leave at once, the first answer as well as the kept one."""

    async def ask() -> None:
        app = create_app(Settings(database=small / "data" / "unlisted.db"))
        connection = Connection(app)
        for path in ("/vessels/9163154", "/vessels?limit=5", "/vessels?limit=0", "/vessels/9163154"):
            for _ in range(2):
                (write,) = await connection.send(f"GET {path} HTTP/1.1")
                head, body = parted(write)
                assert f"\r\ncontent-length: {len(body.encode())}" in head
                assert isinstance(json.loads(body), dict)
        (write,) = await connection.send("HEAD /vessels/9163154 HTTP/1.1")
        head, body = parted(write)
        assert (head.split("\r\n")[0], body) == ("HTTP/1.1 200 OK", "")
        (tag,) = re.findall(r"\r\netag: (\S+)", head)
        (write,) = await connection.send("GET /vessels/9163154 HTTP/1.1", f"If-None-Match: {tag}")
        head, body = parted(write)
        assert (head.split("\r\n")[0], body) == ("HTTP/1.1 304 Not Modified", "")
        await app.state.datasets.stop()

    asyncio.run(ask())


@pytest.mark.parametrize(
    ("lines", "messages", "expected"),
    [
        pytest.param(["GET / HTTP/1.1"], [WHOLE], ["body"], id="whole"),
        pytest.param(["HEAD / HTTP/1.1"], [WHOLE], [""], id="HEAD"),
        pytest.param(["GET / HTTP/1.1", "Connection: close"], [WHOLE], ["body", CLOSED], id="closed"),
        pytest.param(["HEAD / HTTP/1.1", "Connection: close"], [WHOLE], ["", CLOSED], id="HEAD-closed"),
        pytest.param(["POST / HTTP/1.1", "Content-Length: 9"], [WHOLE], ["body"], id="early"),
        pytest.param(
            ["POST / HTTP/1.1", "Content-Length: 9", "Connection: close"], [WHOLE], ["body", ENDED], id="lingering"
        ),
        pytest.param(["GET / HTTP/1.1"], PARTS, ["3\r\none\r\n", b"3\r\ntwo\r\n", b"0\r\n\r\n"], id="in-parts"),
        pytest.param(["GET / HTTP/1.1"], PARTS[:1], ["3\r\none\r\n", CLOSED], id="broken-off"),
        pytest.param(["GET / HTTP/1.1"], [], ["", CLOSED], id="broken-off-behind-the-head"),
    ],
)
def test_a_head_leaves_with_what_follows_it(
    lines: list[str], messages: Sequence[dict[str, Any]], expected: list[bytes | str]
) -> None:
    async def ask() -> list[bytes | str]:
        return await Connection(responding(*messages)).send(*lines)

    first, *others = asyncio.run(ask())
    head, body = parted(first)
    assert head.startswith("HTTP/1.1 200 OK")
    assert [body, *others] == expected


def test_pipelined_answers_are_a_write_each() -> None:
    async def ask() -> list[bytes | str]:
        get = "GET / HTTP/1.1\r\nHost: unlisted.example\r\n\r\n"
        return await Connection(responding(WHOLE)).send("GET / HTTP/1.1", body=f"{get}{get}")

    assert [parted(write)[1] for write in asyncio.run(ask())] == ["body"] * 3


def test_a_head_does_not_wait_for_a_body_that_is_late() -> None:
    async def ask() -> None:
        made = asyncio.Event()
        connection = Connection(responding(WHOLE, made=made))
        (head,) = await connection.send("GET / HTTP/1.1")
        assert parted(head)[1] == ""
        made.set()
        await turns()
        assert connection.transport.writes[1:] == [b"body"]

    asyncio.run(ask())


def test_the_head_behind_an_interim_response_leaves_with_its_body() -> None:
    """100 (Continue) is a write of its own; what it asks the client for comes only after it."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await responding(WHOLE)(scope, receive, send)

    async def ask() -> None:
        connection = Connection(app)
        interim = await connection.send("POST / HTTP/1.1", "Content-Length: 4", "Expect: 100-continue")
        assert interim == [b"HTTP/1.1 100 Continue\r\n\r\n"]
        connection.protocol.data_received(b"sent")
        await turns()
        (write,) = connection.transport.writes[1:]
        assert parted(write)[1] == "body"

    asyncio.run(ask())


def test_a_connection_that_ends_drops_the_head() -> None:
    """What is held back when the connection is lost is written to nobody."""

    async def ask() -> None:
        connection = Connection(responding(WHOLE, made=asyncio.Event()))
        connection.protocol.data_received(b"GET / HTTP/1.1\r\nHost: unlisted.example\r\n\r\n")
        await asyncio.sleep(0)  # the application sends its head
        connection.transport.close()
        connection.protocol.connection_lost(None)
        await turns()
        assert connection.transport.writes == [CLOSED]

    asyncio.run(ask())
