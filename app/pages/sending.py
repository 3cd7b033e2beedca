"""Pages of answers with their headers, and the page of a failure where one cannot be made."""

import logging
from collections.abc import Awaitable, Callable

from app.api.formats import entity_tag
from app.api.html import PAGE_POLICY
from app.pages.answer import Answer, Headers
from app.pages.render import Request, render_problem
from app.problems import MEDIA_TYPE, InternalError

logger = logging.getLogger("unlisted")

_REPLACED = (b"content-type", b"content-length", b"etag", b"content-security-policy", b"vary")


def page_of(answer: Answer, body: bytes) -> Answer:
    """Return a page with the status and the headers of the answer that it was made of."""
    headers = [pair for pair in answer.headers if pair[0] not in _REPLACED]
    kept: Headers = [] if answer.status >= 400 else [(b"etag", entity_tag(body).encode())]
    named: Headers = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"content-security-policy", PAGE_POLICY.encode()),
        (b"vary", b"Accept, Accept-Encoding"),
    ]
    return Answer(answer.status, [*headers, *kept, *named], body, answer.route, answer.failure)


async def make_page(request: Request, answer: Answer, render: Callable[[Request, Answer], Awaitable[bytes]]) -> Answer:
    """Return the page of an answer: of a problem, of data, or of the failure to make one.

    Args:
        request: the request.
        answer: the answer as JSON.
        render: renders data.
    """
    if answer.status >= 400:
        return page_of(answer, render_problem(request, answer))
    try:
        return page_of(answer, await render(request, answer))
    except Exception:
        logger.exception("no page could be made of %s", request.path)
    problem = InternalError(
        "The page could not be made. The cause is in the server's log. The data is at the same address with "
        "format=json."
    )
    headers: Headers = [(b"content-type", MEDIA_TYPE.encode()), (b"cache-control", b"no-store")]
    failed = Answer(problem.status, headers, problem.body(request.base), answer.route)
    return page_of(failed, render_problem(request, failed))
