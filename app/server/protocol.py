"""One HTTP connection: uvicorn's protocol on httptools, with bounds on the size and the time of what a client sends."""

import asyncio
import re
from collections.abc import Callable, Coroutine, Iterable
from enum import Enum
from functools import partial
from typing import Any

from starlette.types import Receive, Scope, Send
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from app.problems import MEDIA_TYPE, BadRequest, HeadTooLarge, Problem, RequestTimeout, ServerBusy
from app.server.limits import Limits

SLICE = 16_384
"""Bytes given to the parser at once, so that a long head is refused before it is parsed whole."""
PROGRESS = 16_384
"""Bytes of a body or of a response that count as progress."""
LINGER_SECONDS = 2.0
"""Seconds in which what a refused client still sends is read and dropped (RFC 9112, section 9.6).

To close a socket with unread data resets the connection, and the client may never see the refusal."""
PRESSED_SECONDS = 1.0
"""Seconds in which a connection must send a head while nearly as many are open as are allowed."""
RETRY_AFTER = "1"

_HOST = re.compile(rb"[A-Za-z0-9._~!$&'()*+,;=%:\[\]-]*")
"""RFC 3986, section 3.2.2, with a port; may be empty (RFC 9112, section 3.2)."""


class Phase(Enum):
    """What a connection waits for."""

    IDLE = "the first byte of a request"
    HEAD = "the rest of a head"
    BODY = "the rest of a body"
    ANSWER = "the response"
    LINGERING = "the client to stop sending"


class _RefusedHead(Exception):  # noqa: N818  not an error of ours
    """Ends the parsing of a head."""


class BoundedProtocol(HttpToolsProtocol):
    """Uvicorn's HTTP/1.1 protocol with bounded heads, bounded waiting and bounded work.

    A head that is too large or has not exactly one Host is refused with a problem document, before the application is
    called. `check` ends the connection when the client is too slow; the listener calls it about once a second.

    Args:
        config: uvicorn's configuration.
        server_state: the connections and tasks of the server.
        app_state: the state of the lifespan.
        limits: the bounds.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: Any = None,
        *,
        limits: Limits,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.limits = limits
        self.phase = Phase.IDLE
        self.since = 0.0
        self._excess = False
        self._heads = self._head_bytes = self._unparsed = self._body_bytes = 0
        self._fault: Problem | None = None
        self._refusal = b""
        self._unsent, self._unsent_since = 0, 0.0
        self._closing_since: float | None = None

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for a head; a connection over the limit is refused when it sends one."""
        super().connection_made(transport)
        self._answers = _AnswerTransport(self.loop, transport)
        self.since = self.loop.time()
        self._excess = len(self.connections) > self.limits.connections

    def data_received(self, data: bytes) -> None:
        """Parse what has come, a slice at a time."""
        if self._drops_input():
            return
        if self._excess:
            self._unset_keepalive_if_required()
            self._refuse(_busy(f"The server has {self.limits.connections} connections, as many as it allows."))
            return
        for start in range(0, len(data), SLICE):
            self._parse(data[start : start + SLICE] if len(data) > SLICE else data)
            if self._drops_input() or self.transport.is_closing():
                return

    def _drops_input(self) -> bool:
        return bool(self._refusal) or self.phase is Phase.LINGERING

    def _parse(self, part: bytes) -> None:
        heads = self._heads
        super().data_received(part)
        if self.phase is not Phase.HEAD:
            return
        # Where a head ended within the part, only some of the part belongs to the head that is unfinished.
        self._unparsed = self._unparsed + len(part) if heads == self._heads else 0
        if self._unparsed > self.limits.head_bytes and not self._refusal:
            self._refuse(self._too_large())

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  the signature is uvicorn's
        """Refuse what the parser cannot read, or what a callback of it refused."""
        self._refuse(self._fault or BadRequest("This is no HTTP/1.1 request (RFC 9112)."))

    def on_message_begin(self) -> None:
        """Begin a head."""
        super().on_message_begin()
        self.phase, self.since = Phase.HEAD, self.loop.time()
        self._head_bytes = self._unparsed = 0

    def on_url(self, url: bytes) -> None:
        """Take a part of the request target."""
        self._charge_head(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header, or a trailer behind a body."""
        self._charge_head(len(name) + len(value))
        if len(self.headers) >= self.limits.headers:
            self._stop(self._too_large())
        super().on_header(name, value)

    def _charge_head(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > self.limits.head_bytes:
            self._stop(self._too_large())

    def _too_large(self) -> Problem:
        return HeadTooLarge(
            f"A request may have {self.limits.headers} headers, and {self.limits.head_bytes} bytes of request line and "
            "headers together."
        )

    def _stop(self, fault: Problem) -> None:
        """End the parsing; the parser passes the exception on as one of its own, `send_400_response` answers."""
        self._fault = fault
        raise _RefusedHead

    def on_headers_complete(self) -> None:
        """Start the request, if its Host is right."""
        self._heads += 1
        hosts = [value for name, value in self.headers if name == b"host"]
        if len(hosts) > 1 or (not hosts and self.parser.get_http_version() == "1.1"):
            self._stop(BadRequest(f"A request has one header Host, this one has {len(hosts)} (RFC 9112, section 3.2)."))
        if hosts and not _HOST.fullmatch(hosts[0]):
            self._stop(BadRequest("The header Host is no host with a port (RFC 9110, section 7.2)."))
        super().on_headers_complete()
        self.phase, self.since, self._body_bytes = Phase.BODY, self.loop.time(), 0

    def on_body(self, body: bytes) -> None:
        """Take a part of a body."""
        super().on_body(body)
        self._body_bytes += len(body)
        if self._body_bytes >= PROGRESS:
            self._body_bytes, self.since = 0, self.loop.time()

    def on_message_complete(self) -> None:
        """Wait for the response, or for the next request where the response was earlier."""
        super().on_message_complete()
        self.phase = Phase.IDLE if self.cycle.response_complete else Phase.ANSWER
        self.since = self.loop.time()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        if len(self.tasks) >= self.limits.requests:
            app = partial(self._answer_busy, f"{self.limits.requests} requests are under way, as many as are allowed.")
        else:
            app = partial(self._answer_in_time, app, self.loop.time())
        is_without_body = cycle.scope["method"] in ("GET", "HEAD")
        self._answers.begin(cycle, self.transport.close if is_without_body else self.linger)
        super()._start_asgi_task(cycle, app)

    def _answer_in_time(
        self, app: Any, began: float, scope: Scope, receive: Receive, send: Send
    ) -> Coroutine[Any, Any, None]:
        """Call the application, unless the request has waited too long: then others wait that can be answered."""
        if self.loop.time() - began > self.limits.wait_seconds:
            message = f"The request waited longer than {self.limits.wait_seconds:g} s for its turn."
            return self._answer_busy(message, scope, receive, send)
        coroutine: Coroutine[Any, Any, None] = app(scope, receive, send)
        return coroutine

    async def _answer_busy(self, detail: str, scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        problem = _busy(detail)
        body = problem.body(self._base())
        headers = [(name.encode(), value.encode()) for name, value in _headers_of(problem, body).items()]
        await send({"type": "http.response.start", "status": problem.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def on_response_complete(self) -> None:
        """Start the next request of a pipeline, send a refusal that had to wait for its turn, or wait."""
        self._answers.flush()
        if self.phase is Phase.ANSWER and not self.pipeline:
            self.phase, self.since = Phase.IDLE, self.loop.time()
        super().on_response_complete()
        if self._refusal and not self._is_answering():
            self._send_refusal()

    def _is_answering(self) -> bool:
        return bool(self.pipeline) or (self.cycle is not None and not self.cycle.response_complete)

    def _refuse(self, problem: Problem) -> None:
        """Answer with a problem document and close, once earlier requests of the connection are answered."""
        body = problem.body(self._base())
        lines = [b"%s: %s\r\n" % pair for pair in self.server_state.default_headers]
        lines += [f"{name}: {value}\r\n".encode() for name, value in _headers_of(problem, body).items()]
        self._refusal = b"".join([STATUS_LINE[problem.status], *lines, b"connection: close\r\n\r\n", body])
        if self.phase is Phase.BODY and not self.pipeline and not self.cycle.response_started:
            # The application waits for a body that does not come: to it, the client has gone.
            self.cycle.disconnected = self.cycle.response_complete = True
            self.cycle.message_event.set()
        if self._is_answering():
            self.flow.pause_reading()
        else:
            self._send_refusal()

    def _send_refusal(self) -> None:
        if not self.transport.is_closing():
            self.transport.write(self._refusal)
            self.linger()

    def linger(self) -> None:
        """Close for sending, and read on for a while what the client still sends."""
        self._unset_keepalive_if_required()
        if self.phase in (Phase.IDLE, Phase.ANSWER) or not self.transport.can_write_eof():
            self.transport.close()
            return
        self.phase, self.since = Phase.LINGERING, self.loop.time()
        self.transport.write_eof()
        self.flow.resume_reading()

    def _base(self) -> str:
        if self.limits.address is not None:
            return self.limits.address
        host, port = self.server or ("", None)
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def check(self, now: float, is_pressed: bool) -> None:
        """End the connection where the client is too slow.

        Args:
            now: time of the loop.
            is_pressed: whether nearly as many connections are open as are allowed.
        """
        if self.transport.is_closing():
            if self._closing_since is None:
                self._closing_since = now
            elif now - self._closing_since > self.limits.seconds:
                self.transport.abort()
            return
        if self._is_unread(now):
            self.transport.abort()
        elif self.phase is Phase.LINGERING:
            if now - self.since > LINGER_SECONDS:
                self.transport.close()
        elif self.phase is not Phase.ANSWER and not self.flow.read_paused:
            is_hurried = is_pressed and self.phase is not Phase.BODY
            if now - self.since > (min(PRESSED_SECONDS, self.limits.seconds) if is_hurried else self.limits.seconds):
                self._end_slow()

    def _is_unread(self, now: float) -> bool:
        """Say whether the client has not read any of the response for too long."""
        unsent = self.transport.get_write_buffer_size()
        if unsent == 0 or unsent > self._unsent or self._unsent - unsent >= PROGRESS:
            self._unsent, self._unsent_since = unsent, now
            return False
        return now - self._unsent_since > self.limits.seconds

    def _end_slow(self) -> None:
        if self.phase is Phase.IDLE or self._is_answering() or self._refusal:
            self.transport.close()
        else:
            self._refuse(RequestTimeout(f"The request did not arrive within {self.limits.seconds:g} s."))


class _AnswerTransport:
    """The transport that the cycles of a connection write to: a head leaves together with the body behind it.

    A cycle writes the head of a response and its body one right after the other. A process that is killed between them
    has sent a head without its body, which no proxy can ask another server for; and each write is a system call. So
    the head is held back until the next write, which takes it along; until the end of the response, where that has no
    body; or until the loop's next turn, where the body is still being made.

    Args:
        loop: the event loop.
        transport: the transport of the connection.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, transport: asyncio.Transport) -> None:
        self._loop, self._transport = loop, transport
        self._close = transport.close
        self._cycle: RequestResponseCycle | None = None
        self._head = b""

    def begin(self, cycle: RequestResponseCycle, close: Callable[[], None]) -> None:
        """Become the transport of a cycle, whose head is the first that it writes after it has begun its response.

        Args:
            cycle: a request, when its turn to be answered has come.
            close: closes the connection, when the cycle asks for it.
        """
        cycle.transport = self  # type: ignore[assignment]  # has, or passes on, what a transport has
        self._cycle, self._close = cycle, close

    def write(self, data: bytes) -> None:
        """Write a part of a response, behind its head if that is held back; hold it back if it is the head."""
        if self._head:
            # Not joined: a body can be large, and the system takes both in one call.
            head, self._head = self._head, b""
            self._transport.writelines((head, data))
        elif self._cycle is not None and self._cycle.response_started:
            self._cycle, self._head = None, data
            self._loop.call_soon(self.flush)
        else:
            self._transport.write(data)

    def writelines(self, parts: Iterable[bytes]) -> None:
        """Write parts of a response in one call."""
        self.flush()
        self._transport.writelines(parts)

    def flush(self) -> None:
        """Write a head that is held back, unless its connection has ended."""
        head, self._head = self._head, b""
        if head and not self._transport.is_closing():
            self._transport.write(head)

    def close(self) -> None:
        """Close the connection behind all that the cycle has written."""
        self.flush()
        self._close()

    def __getattr__(self, name: str) -> Any:
        """Pass on anything else that a cycle may use."""
        return getattr(self._transport, name)


def _busy(detail: str) -> Problem:
    return ServerBusy(f"{detail} Ask again.", headers={"Retry-After": RETRY_AFTER})


def _headers_of(problem: Problem, body: bytes) -> dict[str, str]:
    return {
        "content-type": MEDIA_TYPE,
        "content-length": str(len(body)),
        "cache-control": "no-store",
        "access-control-allow-origin": "*",
        "x-content-type-options": "nosniff",
        **{name.lower(): value for name, value in problem.headers.items()},
    }
