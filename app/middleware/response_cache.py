"""An in-memory cache of complete HTTP responses (RFC 9111).

A response depends on the request, on the published dataset and on the day, and on nothing else. So a plain ASGI
middleware around the application stores responses: by the raw request, and by the cache key, in which the parameters
are parsed and sorted, so that another order or another percent-encoding finds the same response. When another dataset
is published, or the day ends (UTC), the whole generation of responses is dropped.

Compression, HEAD and conditional requests (RFC 9110, sections 9.3.2, 12.5.3 and 13.1.2) are answered here for all.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Hashable
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, TypeVar

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.formats import is_named
from app.api.query_types import MOST_VALUES, parse_query_string
from app.api.streaming import IS_HEAD, STREAMED
from app.database import POLL_INTERVAL, DatasetSource
from app.middleware.content_encoding import SMALLEST_COMPRESSED, Coding, choose_coding, compress
from app.middleware.request_guard import CACHE_KEY, ROUTE_KEY

Made = TypeVar("Made")
Headers = list[tuple[bytes, bytes]]

RawRequestKey = tuple[bytes, bytes, bytes, bytes, Any]
"""A raw request: path, query string, Accept, Accept-Encoding, and the address that it came to."""
CacheKey = tuple[bytes, tuple[tuple[str, str], ...], bytes, Any]
"""Cache key (RFC 9111): path, sorted parameters, Accept, and the address, with which the links of a response begin."""

SECONDS_OF_A_DAY = 86_400
OVERHEAD = 1024
"""Bytes that an entry takes besides its content, about."""
LARGE = 250_000
"""Bytes from which on a body is compressed in a thread: it takes milliseconds, in which others are answered."""

PAST_THE_CACHE = ("/downloads/",)
"""Beginnings of paths whose responses are files: too long to be kept, and sent by ranges of bytes."""

OF_THE_BODY = (b"content-type", b"content-length", b"content-encoding")
"""Headers that a 304 does not have. It has all others: a cache replaces its stored headers by them (RFC 9111, section
3.2), and with CSV the total, the next page, the day and the dataset are in headers only."""
EMPTY: Message = {"type": "http.response.body", "body": b""}


@dataclass(eq=False)
class CachedResponse:
    """A response of the application.

    Attributes:
        status: its status.
        headers: its headers.
        body: its body, not compressed.
        failure: the exception that the application raised after it had responded, to be raised again.
        encoded: the response in each coding that was asked for.
        raw_keys: the raw requests that lead to it.
        size: bytes of memory that all of it takes, about.
        was_used: whether it was a hit since it was last considered for eviction.
    """

    status: int
    headers: Headers
    body: bytes
    failure: Exception | None = None
    encoded: "dict[Coding | None, EncodedResponse]" = field(default_factory=dict)
    raw_keys: list[RawRequestKey] = field(default_factory=list)
    size: int = 0
    was_used: bool = False
    route: str | None = None

    def header(self, name: bytes) -> bytes | None:
        """Return the value of a header; None where the response does not have it."""
        for key, value in self.headers:
            if key == name:
                return value
        return None


@dataclass(eq=False)
class EncodedResponse:
    """A response in one content coding, as the ASGI messages that send it.

    Attributes:
        response: the response.
        etag: its entity tag with quotation marks; None where it has none.
        start: its first message.
        body: its last message.
    """

    response: CachedResponse
    etag: bytes | None
    start: Message
    body: Message

    @cached_property
    def not_modified(self) -> Message:
        """The first message of a 304 in its place; most responses never need one."""
        headers = [pair for pair in self.start["headers"] if pair[0] not in OF_THE_BODY]
        return {"type": "http.response.start", "status": 304, "headers": headers}

    async def send(self, send: Send, condition: bytes, is_head: bool) -> None:
        """Send the response, or a 304 if the client has it.

        Args:
            send: sends a message.
            condition: the header If-None-Match; empty where there is none.
            is_head: whether to send it without its body.
        """
        if condition and self._is_named_by(condition):
            await send(self.not_modified)
            await send(EMPTY)
        else:
            await send(self.start)
            await send(EMPTY if is_head else self.body)
        if self.response.failure:
            raise self.response.failure

    def _is_named_by(self, condition: bytes) -> bool:
        # A condition holds only for what would be a 200 without it (RFC 9110, section 13.2.1).
        if self.etag is None or self.response.status != 200:
            return False
        # Most clients send back the one tag that they were given; any other condition is parsed.
        return condition == self.etag or is_named(self.etag.decode(), condition.decode("latin-1"))


class CacheGeneration:
    """The responses from one dataset on one day, as many as the bound on their bytes allows.

    Attributes:
        of: identity of the dataset, and the day.
        encoded: the encoded responses by raw request.
        responses: the responses by cache key, the oldest first.
    """

    def __init__(self, of: Hashable, most_bytes: int) -> None:
        self.of = of
        self.encoded: dict[RawRequestKey, EncodedResponse] = {}
        self.responses: dict[CacheKey, CachedResponse] = {}
        self._most_bytes, self._bytes = most_bytes, 0
        self._under_way: dict[Hashable, asyncio.Future[Any]] = {}

    async def single_flight(self, key: Hashable, make: Callable[[], Awaitable[Made]]) -> Made:
        """Compute a value once for all simultaneous requests for it.

        Args:
            key: identifies the value.
            make: computes it. If it raises or is cancelled, the next request that waits computes it.
        """
        while (under_way := self._under_way.get(key)) is not None:
            made: Made | None = await asyncio.shield(under_way)
            if made is not None:
                return made
        future = self._under_way[key] = asyncio.get_running_loop().create_future()
        made = None
        try:
            made = await make()
            return made
        finally:
            del self._under_way[key]
            future.set_result(made)

    def store(self, cache_key: CacheKey, response: CachedResponse) -> None:
        """Store a response, unless it takes more than a quarter of the bound."""
        size = OVERHEAD + len(response.body)
        for name, value in cache_key[1]:
            size += OVERHEAD // 4 + len(name) + len(value)
        if size <= self._most_bytes // 4:
            self._drop(cache_key)
            self.responses[cache_key] = response
            self._charge(response, size)

    def store_encoded(self, cache_key: CacheKey, raw_key: RawRequestKey, encoded: EncodedResponse) -> None:
        """Store the encoded response that a raw request leads to, if its response is stored."""
        response = encoded.response
        if self.responses.get(cache_key) is response and raw_key not in self.encoded:
            self.encoded[raw_key] = encoded
            response.raw_keys.append(raw_key)
            self._charge(response, OVERHEAD + sum(map(len, raw_key[:4])))

    def account(self, cache_key: CacheKey, encoded: EncodedResponse) -> None:
        """Account for the bytes of an encoded response, if its response is stored."""
        if self.responses.get(cache_key) is encoded.response:
            body = encoded.body["body"]
            # Without a coding it is the body of the response, which is accounted for already.
            self._charge(encoded.response, OVERHEAD + (0 if body is encoded.response.body else len(body)))

    def _charge(self, response: CachedResponse, size: int) -> None:
        response.size += size
        self._bytes += size
        while self._bytes > self._most_bytes and self.responses:
            self._drop_one()

    def _drop_one(self) -> None:
        """Evict the oldest response; one that was a hit since goes to the end of the queue instead, once (CLOCK)."""
        cache_key, response = next(iter(self.responses.items()))
        if response.was_used:
            response.was_used = False
            self.responses[cache_key] = self.responses.pop(cache_key)
        else:
            self._drop(cache_key)

    def _drop(self, cache_key: CacheKey) -> None:
        response = self.responses.pop(cache_key, None)
        if response is not None:
            self._bytes -= response.size
            for raw_key in response.raw_keys:
                del self.encoded[raw_key]
            # They refer to each other, and large bodies would wait for the garbage collector, which counts objects.
            response.encoded.clear()


class ResponseCacheMiddleware:
    """Caches the responses of an ASGI application.

    Args:
        app: the application.
        datasets: the published dataset, on which the responses depend.
        most_bytes: how many bytes to store; 0 stores nothing.
        repeatable: names of the parameters whose order and repetition mean nothing.
        longest: how many bytes of path and query the application reads; it refuses longer ones.
        look_every: seconds between two checks of the published file; a check costs as much as the rest of a hit.
    """

    def __init__(
        self,
        app: ASGIApp,
        datasets: DatasetSource,
        most_bytes: int,
        repeatable: Collection[str],
        longest: int,
        look_every: float = POLL_INTERVAL,
    ) -> None:
        self.app, self._datasets, self._most_bytes, self._repeatable = app, datasets, most_bytes, repeatable
        self._longest, self._look_every, self._look_at = longest, look_every, 0.0
        self._generation = CacheGeneration(None, most_bytes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a GET or HEAD request; pass on anything else."""
        if (
            scope["type"] != "http"
            or scope["method"] not in ("GET", "HEAD")
            or scope["path"].startswith(PAST_THE_CACHE)
        ):
            await self.app(scope, receive, send)
            return
        accept = coding = condition = b""
        for name, value in scope["headers"]:
            # A header in several lines is one list (RFC 9110, section 5.3).
            if name == b"accept":
                accept = b"%b, %b" % (accept, value) if accept else value
            elif name == b"accept-encoding":
                coding = b"%b, %b" % (coding, value) if coding else value
            elif name == b"if-none-match":
                condition = b"%b, %b" % (condition, value) if condition else value
        raw_key = (scope["raw_path"], scope["query_string"], accept, coding, scope.get("server"))
        generation = self._current_generation()
        encoded = generation.encoded.get(raw_key)
        if encoded is None:
            scope[CACHE_KEY] = "miss"
            try:
                encoded = await self._find(generation, raw_key, _Exchange(scope, receive, send))
            except _StreamedError as streamed:
                scope[ROUTE_KEY] = streamed.route
                return
        else:
            encoded.response.was_used = True
            scope[CACHE_KEY] = "hit"
        scope[ROUTE_KEY] = encoded.response.route
        await encoded.send(send, condition, scope["method"] == "HEAD")

    def _current_generation(self) -> CacheGeneration:
        now = time.monotonic()
        if now >= self._look_at:
            self._look_at = now + self._look_every
            of = self._depends_on()
            if of != self._generation.of:
                self._generation = CacheGeneration(of, self._most_bytes)
        return self._generation

    def _depends_on(self) -> Hashable:
        """Return the cache generation: identity of the published file and current UTC day."""
        return self._datasets.identity(), int(time.time()) // SECONDS_OF_A_DAY

    async def _find(
        self, generation: CacheGeneration, raw_key: RawRequestKey, exchange: "_Exchange"
    ) -> EncodedResponse:
        """Return the response to a new raw request: from the cache by its cache key, else from the application.

        Raises:
            _StreamedError: the response was sent as it was made.
        """
        cache_key = self._cache_key(raw_key)
        if cache_key is None:
            return _encoded(await self._ask(exchange), None)
        response = generation.responses.get(cache_key)
        if response is None:
            ask = partial(self._ask_and_store, generation, cache_key, exchange)
            # What may be streamed goes to one client: others need not wait until that one has read it.
            response = await (ask() if _may_be_streamed(cache_key) else generation.single_flight(cache_key, ask))
        coding = None
        if raw_key[3] and len(response.body) >= SMALLEST_COMPRESSED and response.header(b"etag") is not None:
            coding = choose_coding(raw_key[3].decode("latin-1"))
        encoded = response.encoded.get(coding)
        if encoded is None:
            encode = partial(_encode, generation, cache_key, response, coding)
            # Without a coding nothing is computed that another request could wait for.
            encoded = await (encode() if coding is None else generation.single_flight((cache_key, coding), encode))
        generation.store_encoded(cache_key, raw_key, encoded)
        if generation.responses.get(cache_key) is not response:
            response.encoded.clear()
        return encoded

    def _cache_key(self, raw_key: RawRequestKey) -> CacheKey | None:
        """Return the cache key of a raw request; None for one that is too long or not in UTF-8.

        Nor has one a cache key that has so many parameters that one of them may be given too often.
        """
        path, query_string, accept, _, server = raw_key
        if len(path) + len(query_string) > self._longest:
            return None
        try:
            pairs = parse_query_string(query_string) if query_string else []
        except UnicodeDecodeError:
            return None
        if len(pairs) > MOST_VALUES:
            return None
        parameters: list[tuple[str, str]] = []
        for pair in sorted(pairs):
            if pair[0] not in self._repeatable or pair not in parameters[-1:]:
                parameters.append(pair)
        return path, tuple(parameters), accept, server

    async def _ask_and_store(
        self, generation: CacheGeneration, cache_key: CacheKey, exchange: "_Exchange"
    ) -> CachedResponse:
        if cache_key in generation.responses:  # if the first request failed, several that waited come here in turn
            return generation.responses[cache_key]
        response = await self._ask(exchange)
        # Only stored if it certainly depends on the published dataset and on this day: both are the same before and
        # after. A response from another version (`dataset`) ends when that is dropped, which cannot be seen from here.
        if response.status == 200 and response.header(b"etag") and generation.of == self._depends_on():
            version = response.header(b"dataset-version")
            if version is None or version.decode() == self._datasets.current().version:
                generation.store(cache_key, response)
        return response

    async def _ask(self, exchange: "_Exchange") -> CachedResponse:
        """Return the response of the application to a GET.

        Raises:
            _StreamedError: the response was sent as it was made.
        """
        started: Message = {}
        parts: list[bytes] = []
        is_streamed = False

        async def collect(message: Message) -> None:
            nonlocal is_streamed
            if message.pop(STREAMED, False):
                is_streamed = True
                started.update(message)
            if is_streamed:
                await exchange.send(message)
            elif message["type"] == "http.response.start":
                started.update(message)
            else:
                parts.append(message.get("body", b""))

        scope = exchange.scope
        failure, inner = None, {**scope, "method": "GET", IS_HEAD: scope["method"] == "HEAD"}
        try:
            await self.app(inner, _receiver_of_one_body(exchange.receive), collect)
        except Exception as error:
            if not started or is_streamed:  # the server ends the connection before the body is complete
                raise
            failure = error
        if is_streamed:
            raise _StreamedError(getattr(inner.get("route"), "path", None))
        return CachedResponse(
            started["status"],
            list(started["headers"]),
            b"".join(parts),
            failure,
            route=getattr(inner.get("route"), "path", None),
        )


@dataclass(frozen=True)
class _Exchange:
    """A request as ASGI gives it to an application."""

    scope: Scope
    receive: Receive
    send: Send


class _StreamedError(Exception):
    """Says that a response was sent as it was made, so that there is none to store."""

    def __init__(self, route: str | None) -> None:
        super().__init__()
        self.route = route


def _may_be_streamed(cache_key: CacheKey) -> bool:
    """Say whether a request may be answered with a whole result: it asks for all, or for no JSON and no page."""
    given = dict(cache_key[1])
    if "limit" in given:
        return given["limit"] == "all"
    form = given.get("format")
    return form != "json" if form else b"json" not in cache_key[2] and cache_key[2] not in (b"", b"*/*")


def _receiver_of_one_body(receive: Receive) -> Receive:
    """Return an ASGI `receive` that yields one empty body, then what ``receive`` does but for bodies."""
    has_begun = False

    async def receive_after_body() -> Message:
        nonlocal has_begun
        if not has_begun:
            has_begun = True
            return {"type": "http.request", "body": b"", "more_body": False}
        message = await receive()
        while message["type"] == "http.request":
            message = await receive()
        return message

    return receive_after_body


async def _encode(
    generation: CacheGeneration, cache_key: CacheKey, response: CachedResponse, coding: Coding | None
) -> EncodedResponse:
    """Encode a response in a coding, and keep the result with it."""
    if coding in response.encoded:  # another request may have encoded it while this one waited
        return response.encoded[coding]
    if coding is None:
        body = response.body
    elif len(response.body) < LARGE:
        body = compress(response.body, coding)
    else:
        body = await asyncio.to_thread(compress, response.body, coding)
    encoded = response.encoded[coding] = _encoded(response, coding, body)
    generation.account(cache_key, encoded)
    return encoded


def _encoded(response: CachedResponse, coding: Coding | None, body: bytes | None = None) -> EncodedResponse:
    """Build the messages of a response; each coding has a strong entity tag of its own (RFC 9110, section 8.8.3.3)."""
    etag, headers = response.header(b"etag"), response.headers
    body = response.body if body is None else body
    if coding is not None and etag is not None:
        etag = b'%b-%b"' % (etag[:-1], coding.encode())
        others = [pair for pair in headers if pair[0] not in (b"etag", b"content-length")]
        length = (b"content-length", str(len(body)).encode())
        headers = [*others, (b"etag", etag), (b"content-encoding", coding.encode()), length]
    return EncodedResponse(
        response=response,
        etag=etag,
        start={"type": "http.response.start", "status": response.status, "headers": headers},
        body={"type": "http.response.body", "body": body},
    )
