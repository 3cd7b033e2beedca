"""Answers of the application, collected, and requests for further ones."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from pydantic_core import from_json
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.internal_request import one_body
from app.api.items import SHOWN
from app.api.streaming import IS_HEAD, STREAMED
from app.problems import MEDIA_TYPE as PROBLEM

Headers = list[tuple[bytes, bytes]]
JSON_TYPES = ("application/json", PROBLEM)

SHOWN_MEMBERS: Mapping[str, tuple[str, ...]] = {
    "/committee-decisions": ("summary", "designated", "delisted"),
    "/designated-parties": ("summary", "names", "listings"),
    "/identifiers": ("note",),
    "/measures": ("summary", "caps", "replaced_by"),
    "/resolutions": ("summary", "vote"),
    "/statements": ("record_says", "records"),
    "/vessels": ("listings",),
}
"""The members that the pages of collections show besides those of an item, by path."""


@dataclass
class Answer:
    """A collected answer.

    Attributes:
        status: its status.
        headers: its headers.
        body: its body.
        route: the route that gave it; None where no route has the path.
        failure: the exception that the application raised after it had answered, to be raised again.
        is_sent: whether it was passed on as it was made, so that nothing of it was collected.
    """

    status: int = 0
    headers: Headers = field(default_factory=list)
    body: bytes = b""
    route: Any = None
    failure: Exception | None = None
    is_sent: bool = False

    @property
    def media_type(self) -> str:
        """Its media type, without parameters."""
        return self.header(b"content-type").partition(";")[0].strip()

    @property
    def is_json(self) -> bool:
        """Whether a page can be made of it."""
        return self.media_type in JSON_TYPES

    def header(self, name: bytes) -> str:
        """Return a header; empty where there is none."""
        return next((value.decode("latin-1") for key, value in self.headers if key == name), "")

    def json(self) -> Any:
        """Parse its body."""
        # Three times as fast as the standard library's, and most of what a page costs.
        return from_json(self.body, cache_strings="all")


async def collect(
    app: ASGIApp,
    scope: Scope,
    receive: Receive,
    send: Send | None = None,
    is_to_be_sent: Callable[[Answer], bool] = lambda _: True,
) -> Answer:
    """Return the answer of an application.

    Args:
        app: the application.
        scope: the request; the application notes its route in it.
        receive: gives its body.
        send: takes an answer that is sent as it is made; None where it is to be collected like any other.
        is_to_be_sent: says of such an answer whether it goes to `send`, given its status and headers.
    """
    answer, parts = Answer(), []

    async def note(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status, answer.headers = message["status"], list(message["headers"])
            answer.is_sent = send is not None and STREAMED in message and is_to_be_sent(answer)
        if send is not None and answer.is_sent:
            await send(message)
        elif message["type"] == "http.response.body":
            parts.append(message.get("body", b""))

    try:
        await app(scope, receive, note)
    except Exception as error:
        if not answer.status or answer.is_sent:
            raise
        answer.failure = error
    answer.body = b"".join(parts)
    answer.route = scope.get("route")
    return answer


def as_data(scope: Scope, path: str, query: Sequence[tuple[str, str]], method: str = "GET") -> Scope:
    """Return a request for the JSON of a path, from the client of another request.

    Args:
        scope: the other request.
        path: the path, not percent-encoded.
        query: the parameters.
        method: the method.
    """
    headers = [pair for pair in scope["headers"] if pair[0] not in _OF_THE_PAGE]
    return {
        **scope,
        "method": method,
        "path": path,
        "raw_path": quote(path).encode(),
        "query_string": urlencode(query).encode(),
        "headers": [*headers, (b"accept", b"application/json")],
        "state": dict(scope.get("state") or {}),
        IS_HEAD: False,
        SHOWN: SHOWN_MEMBERS.get(path, ()),
    }


_OF_THE_PAGE = (b"accept", b"content-type", b"content-length", b"if-none-match")

Ask = Callable[[str, Sequence[tuple[str, str]]], Awaitable[Any]]
"""Asks the application for the JSON of a path with parameters; None where it is refused."""


def asker(app: ASGIApp, scope: Scope) -> Ask:
    """Build the function that asks the application further questions while a page is made."""

    async def ask(path: str, query: Sequence[tuple[str, str]]) -> Any:
        answer = await collect(app, as_data(scope, path, query), one_body())
        return answer.json() if answer.status == 200 and answer.is_json else None

    return ask
