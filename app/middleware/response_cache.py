"""Answers kept in memory as they are sent, and given again without asking the application.

An answer depends on the question, on the dataset that is published and on the day, and on nothing else. So a plain ASGI
layer around the application keeps what it answered: under the wording of the request, and under the question that the
wording puts, so that parameters in another order or another spelling find the same answer. When another dataset takes
the place of the published one, or the day ends (UTC), all that is kept is dropped.

Compression, HEAD and conditional requests (RFC 9110, sections 9.3.2, 12.5.3 and 13.1.2) are answered here for all.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from werkzeug.http import parse_etags

from app.api.query_types import MOST_VALUES, parse_query_string
from app.database import POLL_INTERVAL, Datasets
from app.middleware.content_encoding import SMALLEST_COMPRESSED, Coding, choose_coding, compress

Made = TypeVar("Made")
Headers = list[tuple[bytes, bytes]]

RawRequestKey = tuple[bytes, bytes, bytes, bytes, Any]
"""A request as it was worded: path, query string, Accept, Accept-Encoding, and the address that it came to."""
CacheKey = tuple[bytes, tuple[tuple[str, str], ...], bytes, Any]
"""What it asks: path, parameters in order, Accept, and the address, with which the links of the answer begin."""

SECONDS_OF_A_DAY = 86_400
OVERHEAD = 1024
"""Bytes that anything kept takes besides its own, about."""
LARGE = 250_000
"""Bytes from which on a body is compressed in a thread: it takes milliseconds, in which others can be answered."""

OF_THE_BODY = (b"content-type", b"content-length", b"content-encoding")
"""Headers that a 304 goes without. All others it carries: a cache puts them in the place of those that it holds (RFC
9111, section 3.2), and in CSV the total, the next page, the day and the dataset stand nowhere else."""
EMPTY: Message = {"type": "http.response.body", "body": b""}


@dataclass(eq=False)
class CachedResponse:
    """What the application answered, and what is kept with it.

    Attributes:
        status: its status.
        headers: its headers.
        body: its body, not compressed.
        failure: what the application raised after it had answered, to be raised again.
        forms: the same in each coding that was asked for.
        wordings: the wordings that lead to it.
        size: bytes of memory that all of it takes, about.
        was_used: whether it was given again since it was last considered to be dropped.
    """

    status: int
    headers: Headers
    body: bytes
    failure: Exception | None = None
    forms: "dict[Coding | None, EncodedResponse]" = field(default_factory=dict)
    wordings: list[RawRequestKey] = field(default_factory=list)
    size: int = 0
    was_used: bool = False

    def header(self, name: bytes) -> bytes | None:
        """Return a header; None where the answer has none of that name."""
        return next((value for key, value in self.headers if key == name), None)


@dataclass(eq=False)
class EncodedResponse:
    """An answer in one coding, as the messages that send it.

    Attributes:
        answer: the answer.
        etag: its tag with quotation marks; None where it has none.
        start: begins it.
        body: ends it.
        not_modified: begins a 304 in its place.
    """

    answer: CachedResponse
    etag: bytes | None
    start: Message
    body: Message
    not_modified: Message

    async def send(self, send: Send, condition: bytes, is_head: bool) -> None:
        """Send it, or a 304 where the client has it.

        Args:
            send: sends a message.
            condition: the header If-None-Match; empty where there is none.
            is_head: whether it is sent without its body.
        """
        if condition and self._is_named_by(condition):
            await send(self.not_modified)
            await send(EMPTY)
        else:
            await send(self.start)
            await send(EMPTY if is_head else self.body)
        if self.answer.failure:
            raise self.answer.failure

    def _is_named_by(self, condition: bytes) -> bool:
        # A condition holds only for what would be a 200 without it (RFC 9110, section 13.2.1).
        if self.etag is None or self.answer.status != 200:
            return False
        # Most clients send back the one tag they were given; any other condition is taken apart.
        return condition == self.etag or parse_etags(condition.decode("latin-1")).contains_weak(
            self.etag.decode().strip('"')
        )


class CacheGeneration:
    """The answers that one dataset gave on one day, as many as the bound on their bytes allows.

    Attributes:
        of: tells the dataset and the day.
        forms: the answers by wording.
        answers: the answers by question, those first that were kept first.
    """

    def __init__(self, of: Hashable, most_bytes: int) -> None:
        self.of = of
        self.forms: dict[RawRequestKey, EncodedResponse] = {}
        self.answers: dict[CacheKey, CachedResponse] = {}
        self._most_bytes, self._bytes = most_bytes, 0
        self._under_way: dict[Hashable, asyncio.Future[Any]] = {}

    async def single_flight(self, key: Hashable, make: Callable[[], Awaitable[Made]]) -> Made:
        """Make something, or wait for whoever is making it already.

        Args:
            key: tells what is made.
            make: makes it. Where it raises or is cancelled, the next of those who wait makes it.
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

    def store(self, question: CacheKey, answer: CachedResponse) -> None:
        """Keep an answer, unless it would take more than its share of the room."""
        words = sum(OVERHEAD // 4 + len(name) + len(value) for name, value in question[1])
        size = OVERHEAD + len(answer.body) + words
        if size <= self._most_bytes // 4:
            self._drop(question)
            self.answers[question] = answer
            self._charge(answer, size)

    def store_encoded(self, question: CacheKey, wording: RawRequestKey, form: EncodedResponse) -> None:
        """Keep the form of an answer that a wording asks for, where the answer is kept."""
        answer = form.answer
        if self.answers.get(question) is answer and wording not in self.forms:
            self.forms[wording] = form
            answer.wordings.append(wording)
            self._charge(answer, OVERHEAD + sum(map(len, wording[:4])))

    def account(self, question: CacheKey, form: EncodedResponse) -> None:
        """Count the bytes of a form, where its answer is kept."""
        if self.answers.get(question) is form.answer:
            self._charge(form.answer, OVERHEAD + len(form.body["body"]))

    def _charge(self, answer: CachedResponse, size: int) -> None:
        answer.size += size
        self._bytes += size
        while self._bytes > self._most_bytes and self.answers:
            self._drop_one()

    def _drop_one(self) -> None:
        """Drop the answer that was kept first; one that was used since goes to the end of the line instead, once."""
        question, answer = next(iter(self.answers.items()))
        if answer.was_used:
            answer.was_used = False
            self.answers[question] = self.answers.pop(question)
        else:
            self._drop(question)

    def _drop(self, question: CacheKey) -> None:
        answer = self.answers.pop(question, None)
        if answer is not None:
            self._bytes -= answer.size
            for wording in answer.wordings:
                del self.forms[wording]


class ResponseCacheMiddleware:
    """Wraps an ASGI application, keeps its answers and gives them again.

    Args:
        app: the application.
        datasets: the published dataset, on which the answers depend.
        most_bytes: how many bytes to keep; 0 keeps nothing.
        repeatable: names of the parameters for which to be given twice is no more than to be given once.
        longest: how many bytes of path and query the application reads; what is longer it refuses, in any spelling.
        look_every: seconds for which the published file is taken to be the one that it was; to look costs as much as
            all the rest.
    """

    def __init__(
        self,
        app: ASGIApp,
        datasets: Datasets,
        most_bytes: int,
        repeatable: Collection[str],
        longest: int,
        look_every: float = POLL_INTERVAL,
    ) -> None:
        self.app, self._datasets, self._most_bytes, self._repeatable = app, datasets, most_bytes, repeatable
        self._longest, self._look_every, self._look_at = longest, look_every, 0.0
        self._shelf = CacheGeneration(None, most_bytes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or pass on what is no request for an answer that could be kept."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
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
        wording = (scope["raw_path"], scope["query_string"], accept, coding, scope.get("server"))
        shelf = self._current_shelf()
        form = shelf.forms.get(wording)
        if form is None:
            form = await self._find(shelf, wording, scope)
        else:
            form.answer.was_used = True
        await form.send(send, condition, scope["method"] == "HEAD")

    def _current_shelf(self) -> CacheGeneration:
        now = time.monotonic()
        if now >= self._look_at:
            self._look_at = now + self._look_every
            of = self._depends_on()
            if of != self._shelf.of:
                self._shelf = CacheGeneration(of, self._most_bytes)
        return self._shelf

    def _depends_on(self) -> Hashable:
        """Return what tells the dataset and the day that an answer given now depends on."""
        return self._datasets.file_identity(), int(time.time()) // SECONDS_OF_A_DAY

    async def _find(self, shelf: CacheGeneration, wording: RawRequestKey, scope: Scope) -> EncodedResponse:
        """Return the answer to a wording that is new: to its question, if that was answered, else the application's."""
        question = self._question(wording)
        if question is None:
            return _form(await self._ask(scope), None)
        answer = shelf.answers.get(question)
        if answer is None:
            answer = await shelf.single_flight(question, lambda: self._ask_and_keep(shelf, question, scope))
        coding = choose_coding(wording[3].decode("latin-1"))
        if answer.header(b"etag") is None or len(answer.body) < SMALLEST_COMPRESSED:
            coding = None
        form = answer.forms.get(coding)
        if form is None:
            form = await shelf.single_flight((question, coding), lambda: _make_form(shelf, question, answer, coding))
        shelf.store_encoded(question, wording, form)
        return form

    def _question(self, wording: RawRequestKey) -> CacheKey | None:
        """Return the question that a wording puts; None where it puts none: it is too long, or not in UTF-8.

        Nor does one with so many parameters that one of them may be given too often.
        """
        path, query_string, accept, _, server = wording
        if len(path) + len(query_string) > self._longest:
            return None
        try:
            pairs = parse_query_string(query_string)
        except UnicodeDecodeError:
            return None
        if len(pairs) > MOST_VALUES:
            return None
        single_flight = {pair for pair in pairs if pair[0] in self._repeatable}
        return (
            path,
            tuple(sorted([*single_flight, *(pair for pair in pairs if pair not in single_flight)])),
            accept,
            server,
        )

    async def _ask_and_keep(self, shelf: CacheGeneration, question: CacheKey, scope: Scope) -> CachedResponse:
        if question in shelf.answers:  # where the first to ask failed, several who waited may come here in turn
            return shelf.answers[question]
        answer = await self._ask(scope)
        # Kept is what depends on the published dataset and on this day for certain: on one that was there before and
        # after. What another version answered (`dataset`) goes when that is dropped, which cannot be seen from here.
        if answer.status == 200 and answer.header(b"etag") and shelf.of == self._depends_on():
            version = answer.header(b"dataset-version")
            if version is None or version.decode() == self._datasets.current().version:
                shelf.store(question, answer)
        return answer

    async def _ask(self, scope: Scope) -> CachedResponse:
        """Return what the application answers to a GET."""
        started: Message = {}
        parts: list[bytes] = []

        async def collect(message: Message) -> None:
            if message["type"] == "http.response.start":
                started.update(message)
            else:
                parts.append(message.get("body", b""))

        failure = None
        try:
            await self.app({**scope, "method": "GET"}, _receiver_of_nothing(), collect)
        except Exception as error:
            if not started:
                raise
            failure = error
        return CachedResponse(started["status"], list(started["headers"]), b"".join(parts), failure)


def _receiver_of_nothing() -> Receive:
    """Return what gives an application the body of a GET, and after it no more."""
    messages = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> Message:
        return next(messages, {"type": "http.disconnect"})

    return receive


async def _make_form(
    shelf: CacheGeneration, question: CacheKey, answer: CachedResponse, coding: Coding | None
) -> EncodedResponse:
    """Return an answer in a coding, and remember it."""
    if coding in answer.forms:  # while others waited, somebody who had not to made it
        return answer.forms[coding]
    if coding is None:
        body = answer.body
    elif len(answer.body) < LARGE:
        body = compress(answer.body, coding)
    else:
        body = await asyncio.to_thread(compress, answer.body, coding)
    form = answer.forms[coding] = _form(answer, coding, body)
    shelf.account(question, form)
    return form


def _form(answer: CachedResponse, coding: Coding | None, body: bytes | None = None) -> EncodedResponse:
    """Return the messages that send an answer; each coding has a strong tag of its own (RFC 9110, section 8.8.3.3)."""
    etag, headers = answer.header(b"etag"), answer.headers
    body = answer.body if body is None else body
    if coding is not None and etag is not None:
        etag = b'%b-%b"' % (etag[:-1], coding.encode())
        others = [pair for pair in headers if pair[0] not in (b"etag", b"content-length")]
        length = (b"content-length", str(len(body)).encode())
        headers = [*others, (b"etag", etag), (b"content-encoding", coding.encode()), length]
    return EncodedResponse(
        answer=answer,
        etag=etag,
        start={"type": "http.response.start", "status": answer.status, "headers": headers},
        body={"type": "http.response.body", "body": body},
        not_modified={
            "type": "http.response.start",
            "status": 304,
            "headers": [pair for pair in headers if pair[0] not in OF_THE_BODY],
        },
    )
