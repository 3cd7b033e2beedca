"""The outermost layer: bounds on a request's head, its id, its line in the log and its place in the metrics.

It is outside the response cache: an id is of one request, and a hit is counted as one.
"""

import logging
import re
import secrets
import time
from collections.abc import Callable
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.envelope import base_url
from app.middleware.security_headers import add_common_headers
from app.problems import MEDIA_TYPE, BadRequest, HeadTooLarge, Problem
from app.settings import Settings

access_logger = logging.getLogger("unlisted.access")

_PLAIN = re.compile(rb"[A-Za-z0-9._-]{1,64}")
"""An id that a client may give its request: short and plain, as it is written to logs."""

CACHE_KEY = "unlisted.cache"
"""Key of the ASGI scope under which the response cache says whether it had the response."""
ROUTE_KEY = "unlisted.route"
"""Key of the ASGI scope under which the response cache says which route template made the response."""

Observe = Callable[[str, str, int, float, str], None]
"""Takes in a request that was answered: method, route template, status, seconds, ``hit`` or ``miss``."""


class RequestGuardMiddleware:
    """Wraps an application: refuses heads that are too large or without one Host, and observes every request.

    A server that bounds heads itself never gets here with one; `uvicorn app.main:app` does.

    Args:
        app: the application.
        settings: the bounds; whether requests are logged.
        observe: takes in every request that was answered; None where none is counted.
    """

    def __init__(self, app: ASGIApp, settings: Settings, observe: Observe | None) -> None:
        self.app = app
        self._max_bytes, self._max_headers = settings.max_head_bytes, settings.max_headers
        self._logs = settings.access_log
        self._observe = observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; pass on anything else."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id, hosts, size = b"", 0, len(scope["raw_path"]) + len(scope["query_string"])
        for name, value in scope["headers"]:
            size += len(name) + len(value)
            if name == b"host":
                hosts += 1
            elif name == b"x-request-id" and _PLAIN.fullmatch(value):
                request_id = value
        if scope["raw_path"][-1:] == b"/" and len(scope["raw_path"]) > 1:
            # One meaning: the path without it, for the cache and for every link in the answer.
            scope = {**scope, "path": scope["path"].removesuffix("/"), "raw_path": scope["raw_path"][:-1]}
        header = (b"x-request-id", request_id or secrets.token_hex(8).encode())
        is_observed = self._logs or self._observe is not None
        began = time.perf_counter() if is_observed else 0.0
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": [*message["headers"], header]}
            await send(message)

        try:
            if size > self._max_bytes or len(scope["headers"]) > self._max_headers:
                detail = (
                    f"A request may have {self._max_headers} headers, and {self._max_bytes} bytes of request line and "
                    "headers together."
                )
                await _refuse(scope, send_with_id, HeadTooLarge(detail))
            elif hosts > 1 or (hosts == 0 and scope["http_version"] == "1.1"):
                detail = f"A request has one header Host, this one has {hosts} (RFC 9112, section 3.2)."
                await _refuse(scope, send_with_id, BadRequest(detail))
            else:
                await self.app(scope, receive, send_with_id)
        finally:
            if is_observed:
                self._report(scope, header[1].decode(), status, time.perf_counter() - began)

    def _report(self, scope: Scope, request_id: str, status: int, seconds: float) -> None:
        route = scope.get(ROUTE_KEY) or getattr(scope.get("route"), "path", None) or "(none)"
        cache = scope.get(CACHE_KEY, "miss")
        if self._observe is not None:
            self._observe(scope["method"], route, status, seconds, cache)
        if self._logs:
            fields: dict[str, Any] = {
                "request_id": request_id,
                "method": scope["method"],
                "route": route,
                "status": status,
                "milliseconds": round(seconds * 1000, 3),
                "cache": cache,
            }
            access_logger.info(
                "%s %s %d %.1f ms %s %s",
                *(fields[name] for name in ("method", "route", "status", "milliseconds", "cache", "request_id")),
                extra=fields,
            )


async def _refuse(scope: Scope, send: Send, problem: Problem) -> None:
    body = problem.body(base_url(scope))
    headers = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": problem.status, "headers": add_common_headers(headers)})
    await send({"type": "http.response.body", "body": body})
