"""The middleware of every answer: the bound on URLs, security headers and CORS.

A plain ASGI middleware around the whole application, so that answers to failures have the headers too; the response
cache stores answers with them.
"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.envelope import base_url
from app.problems import MEDIA_TYPE, UrlTooLong, allowed_methods

POLICY = "default-src 'none'; frame-ancestors 'none'"
"""Content-Security-Policy of data: nothing in it is run or loaded."""

PERMISSIONS = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"
"""Permissions-Policy: no page of this API uses any feature of the browser's."""

TRANSPORT_SECURITY = (b"strict-transport-security", b"max-age=31536000")
"""Only where the public address is https (RFC 6797, section 7.2: not over plain HTTP)."""

HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"permissions-policy", PERMISSIONS.encode()),
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"access-control-allow-origin", b"*"),
    (
        b"access-control-expose-headers",
        b"Accept-Ranges, Allow, As-Of, Content-Disposition, Content-Range, Dataset-Covers-Until, Dataset-Fallback, "
        b"Dataset-Version, ETag, Link, Repr-Digest, Total-Count",
    ),
)


class SecurityHeadersMiddleware:
    """Adds the headers that all answers of an ASGI application have in common.

    Args:
        app: the application.
        max_url_bytes: longest path with its query, in bytes; a longer one is refused.
        is_https: whether clients reach the API under https.
    """

    def __init__(self, app: ASGIApp, max_url_bytes: int, is_https: bool = False) -> None:
        self.app = app
        self._more = (TRANSPORT_SECURITY,) if is_https else ()
        self.max_url_bytes = max_url_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; pass on anything else."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_common_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*add_common_headers(message["headers"]), *self._more]}
            await send(message)

        if len(scope["raw_path"]) + len(scope["query_string"]) > self.max_url_bytes:
            await _refuse_long_url(scope, send_with_common_headers, self.max_url_bytes)
            return
        await self.app(scope, receive, send_with_common_headers)


def add_common_headers(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Add the common headers to those of an answer; it keeps its own Content-Security-Policy, if it has one."""
    policy = () if b"content-security-policy" in dict(headers) else _POLICY_HEADER
    return [*headers, *HEADERS, *policy]


_POLICY_HEADER: tuple[tuple[bytes, bytes], ...] = ((b"content-security-policy", POLICY.encode()),)


async def _refuse_long_url(scope: Scope, send: Send, limit: int) -> None:
    problem = UrlTooLong(f"The path with its query may be {limit} bytes long. Send several smaller requests.")
    body = problem.body(base_url(scope))
    headers = [(b"content-type", MEDIA_TYPE.encode()), (b"content-length", str(len(body)).encode())]
    headers.append((b"cache-control", b"no-store"))
    await send({"type": "http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def preflight_headers(path: str) -> dict[str, str]:
    """Return the headers of an answer to OPTIONS, a browser's preflight (Fetch, CORS) among them."""
    methods = allowed_methods(path)
    return {
        "Allow": methods,
        "Access-Control-Allow-Methods": methods,
        # Any header, so that a client that adds one of its own is not refused by its browser. The asterisk does not
        # include Authorization (Fetch, CORS-safelisted request-header), which some clients send unasked.
        "Access-Control-Allow-Headers": "*, Authorization",
        "Access-Control-Max-Age": "86400",
    }
