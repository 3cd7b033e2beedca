"""The middleware that answers a browser with a page: it asks the application for JSON, and renders that.

So a page holds the same records as the data, of the same day and dataset, and its headers (Cache-Control, the day, the
dataset, the links) are those of the data. The response cache is outside of it and keeps pages as it keeps data, by the
Accept header that chose them.
"""

from collections.abc import Sequence
from urllib.parse import quote, urlencode

from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.envelope import base_url
from app.api.html import path_prefix
from app.api.internal_request import one_body
from app.api.query_types import parse_query_string
from app.pages.answer import Answer, as_data, asker, collect
from app.pages.forms import given_values
from app.pages.negotiation import PAGE_FORMAT, accept_of, accepts_page, prefers_page, prefers_page_to
from app.pages.render import Request, render_answer, render_form, render_problem
from app.pages.search_form import answer_search_form, is_search_form
from app.pages.sending import make_page, page_of

NOT_PAGES = ("/docs", "/openapi.json", "/metrics")
"""Paths that have one representation, which is no record."""
NEEDED = {"/search": "q", "/diff": "from"}
"""Paths whose page is a form where nothing is asked, each with the parameter that a question must have."""

FORM_SECONDS = 300
"""How long a client may keep an empty form."""


class PagesMiddleware:
    """Answers with a page where the client prefers one.

    Args:
        app: the application, which answers with data.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; pass on all that asks for data."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD", "POST") or _asks_for_data(scope):
            await self.app(scope, receive, send)
            return
        accept = accept_of(scope["headers"])
        query = _parameters(scope["query_string"])
        by_format = query is not None and PAGE_FORMAT in query
        if not by_format and not accepts_page(accept):
            await self.app(scope, receive, send)
        elif is_search_form(scope) and prefers_page(accept):
            await _send(await answer_search_form(self.app, scope, receive), send)
        elif query is None or scope["method"] == "POST":
            await self._pass_on(scope, receive, send, prefers_page(accept), None if query is None else [])
        elif by_format or (prefers_page(accept) and not any(name == "format" for name, _ in query)):
            await _send(await self._page(scope, query, by_format), send)
        else:
            await self._pass_on(scope, receive, send, prefers_page(accept), query)

    async def _page(self, scope: Scope, query: list[tuple[str, str]], by_format: bool) -> Answer:
        asked = [pair for pair in query if pair != PAGE_FORMAT]
        if by_format:
            # Without JavaScript, a form sends its empty fields too.
            asked = given_values(asked)
            if prefers_page(accept_of(scope["headers"])):
                return _redirect(scope, asked)
        if NEEDED.get(scope["path"]) and not asked:
            body = render_form(Request(scope, asked, asker(self.app, scope)))
            kept = (b"cache-control", f"public, max-age={FORM_SECONDS}".encode())
            return page_of(Answer(200, [kept]), body)
        inner = as_data(scope, scope["path"], asked)
        answer = await collect(self.app, inner, one_body())
        scope["route"] = answer.route
        if not answer.is_json:
            return answer
        request = Request(scope, asked, asker(self.app, scope))
        return await make_page(request, answer, render_answer)

    async def _pass_on(
        self, scope: Scope, receive: Receive, send: Send, page_of_problem: bool, query: list[tuple[str, str]] | None
    ) -> None:
        """Answer with data; where that is refused, with a page that says why.

        Args:
            scope: the request.
            receive: gives its body.
            send: takes the answer.
            page_of_problem: whether a problem becomes a page.
            query: its parameters; None where they are not UTF-8, which is refused whatever format is asked for.
        """
        is_readable, query = query is not None, query or []
        chosen = not is_readable or any(name == "format" for name, _ in query) or scope["method"] == "POST"

        def is_refused(answer: Answer) -> bool:
            return not chosen and prefers_page_to(accept_of(scope["headers"]), answer.media_type)

        answer = await collect(self.app, scope, receive, send, lambda one: not is_refused(one))
        if answer.is_sent:
            return
        if is_refused(answer):
            # What it prefers to a page, such as a feed, is not offered here.
            answer = await self._page(scope, query, by_format=False)
        elif answer.status >= 400 and answer.is_json and page_of_problem:
            answer = page_of(answer, render_problem(Request(scope, query, asker(self.app, scope)), answer))
        await _send(answer, send)


def _asks_for_data(scope: Scope) -> bool:
    """Say whether a request names HTML nowhere, or asks for what has no page; most do, so nothing is parsed for it."""
    path, query = scope["path"], scope["query_string"]
    if path in NOT_PAGES or path.startswith(("/static/", "/problems")):
        return True
    # A value that is percent-encoded may be any word.
    is_named = b"html" in query or b"%" in query
    for name, value in scope["headers"]:
        is_named = is_named or (name == b"accept" and b"html" in value.lower())
    return not is_named


def _parameters(query_string: bytes) -> list[tuple[str, str]] | None:
    """Parse a query string; None where it is not UTF-8."""
    try:
        return parse_query_string(query_string)
    except UnicodeDecodeError:
        return None


def _redirect(scope: Scope, query: Sequence[tuple[str, str]]) -> Answer:
    """Redirect from a form to its address, without the fields that were left empty."""
    # One slash: with two, what follows would be another host.
    path = path_prefix(base_url(scope)) + "/" + quote(scope["path"].lstrip("/"))
    target = path + (f"?{urlencode(query)}" if query else "")
    headers = [(b"location", target.encode()), (b"cache-control", b"no-store"), (b"content-length", b"0")]
    return Answer(303, headers)


async def _send(answer: Answer, send: Send) -> None:
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    await send({"type": "http.response.body", "body": answer.body})
    if answer.failure:
        raise answer.failure
