"""The form of the search as a browser posts it: one name that stays out of the address, or a list of names."""

import io
import json
from collections.abc import Iterator

from starlette.types import ASGIApp, Message, Receive, Scope
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.formparser import FormDataParser

from app.api.envelope import base_url
from app.api.internal_request import one_body
from app.pages.answer import Answer, Headers, as_data, asker, collect
from app.pages.forms import given_values
from app.pages.render import Request, render_batch, render_search
from app.pages.sending import make_page
from app.problems import MEDIA_TYPE, ContentTooLarge, InvalidRequest, Problem
from app.screening.batch import MOST_BYTES

FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
MOST_FIELDS = 20
OVERHEAD = 20_000
"""Bytes of a form besides the names: its other fields, and the lines between them."""
ASKED = ("birth_date", "nationality", "kind", "listed", "as_of", "dataset", "threshold", "limit")
"""Fields that become parameters of the question."""

_OF_WHAT_IS_KEPT = (b"cache-control", b"etag", b"link")
_NO_STORE: Headers = [(b"cache-control", b"no-store")]


def is_search_form(scope: Scope) -> bool:
    """Say whether a request is the form of the search."""
    return scope["method"] == "POST" and scope["path"] == "/search" and _content_type(scope)[0] in FORM_TYPES


async def answer_search_form(app: ASGIApp, scope: Scope, receive: Receive) -> Answer:
    """Answer the form of the search with a page that no cache may keep.

    Args:
        app: the application, which answers with data.
        scope: the request.
        receive: gives its body.
    """
    name = ""
    try:
        fields, file = _parse(scope, await _body(receive))
        parameters = given_values([pair for pair in fields.items(multi=True) if pair[0] in ASKED])
        name = fields.get("q", "").strip()
        if name:
            # Not by a POST to the application: one name has a receipt, with reasons.
            inner, sent = as_data(scope, "/search", [("q", name), *parameters]), b""
        else:
            parameters = [pair for pair in parameters if pair[0] not in ("birth_date", "nationality", "kind")]
            media_type, sent = _names(fields.get("names", ""), file)
            inner = as_data(scope, "/search", parameters, "POST")
            inner["headers"] += [(b"content-type", media_type), (b"content-length", str(len(sent)).encode())]
        answer = await collect(app, inner, one_body(sent))
    except Problem as problem:
        headers = [(b"content-type", MEDIA_TYPE.encode())]
        answer = Answer(problem.status, headers, problem.body(base_url(scope)))
    scope["route"] = answer.route
    request = Request({**scope, "path": "/search"}, [], asker(app, scope))
    page = await make_page(request, answer, render_search if name else render_batch)
    page.headers = [pair for pair in page.headers if pair[0] not in _OF_WHAT_IS_KEPT] + _NO_STORE
    return page


def _content_type(scope: Scope) -> tuple[str, str]:
    """Return the media type of a body, in small letters, and all of the header."""
    whole = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"content-type"), "")
    return whole.partition(";")[0].strip().lower(), whole


async def _body(receive: Receive) -> bytes:
    """Read a body.

    Raises:
        ContentTooLarge: it is longer than a batch may be.
    """
    body = bytearray()
    while True:
        message: Message = await receive()
        body += message.get("body", b"")
        if len(body) > MOST_BYTES + OVERHEAD:
            raise ContentTooLarge(f"A list of names may be {MOST_BYTES} bytes long; send several.")
        if not message.get("more_body") or message["type"] == "http.disconnect":
            return bytes(body)


def _parse(scope: Scope, body: bytes) -> tuple[MultiDict[str, str], FileStorage | None]:
    """Parse a form into its fields and its file.

    Raises:
        InvalidRequest: it is not well-formed.
    """
    media_type, whole = _content_type(scope)
    options = dict(part.strip().partition("=")[::2] for part in whole.split(";")[1:])
    options = {name.strip().lower(): value.strip('"') for name, value in options.items()}
    parser = FormDataParser(
        stream_factory=_in_memory, max_form_memory_size=MOST_BYTES + OVERHEAD, max_form_parts=MOST_FIELDS, silent=False
    )
    try:
        _, fields, files = parser.parse(io.BytesIO(body), media_type, len(body), options)
    except (ValueError, HTTPException):
        raise InvalidRequest.of("names", "the form cannot be read", "body") from None
    file = files.get("file")
    return fields, file if file is not None and file.filename else None


def _in_memory(
    total_content_length: int | None, content_type: str | None, filename: str | None, content_length: int | None = None
) -> io.BytesIO:
    """Open the buffer of a file of a form: nothing of it is written to a disk."""
    del total_content_length, content_type, filename, content_length
    return io.BytesIO()


def _names(text: str, file: FileStorage | None) -> tuple[bytes, bytes]:
    """Return the names of a form as a body that the batch reads: its media type and its content.

    Raises:
        InvalidRequest: there are none.
    """
    if file is not None:
        content = file.stream.read()
        if not (file.filename or "").lower().endswith(".txt"):
            return b"text/csv", content
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise InvalidRequest.of("file", "the text is not UTF-8; save it as UTF-8, or as CSV", "body") from None
    names = list(_lines(text))
    if not names:
        raise InvalidRequest.of("names", "there is no name: give one a line, or a file", "body")
    return b"application/json", json.dumps(names).encode()


def _lines(text: str) -> Iterator[str]:
    return (line.strip() for line in text.splitlines() if line.strip())
