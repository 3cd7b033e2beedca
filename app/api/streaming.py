"""Responses that are sent as they are made: in parts, past the response cache, whole or visibly broken."""

import asyncio
from collections.abc import AsyncIterator, Mapping

from fastapi import Response
from starlette.types import Message, Receive, Scope, Send

from app.api.formats import is_named

STREAMED = "unlisted.streamed"
"""Key of the first ASGI message of a response that is not to be collected; a server must not receive it."""
IS_HEAD = "unlisted.is_head"
"""Key of the ASGI scope: whether a request that is passed on as a GET was a HEAD."""


class StreamedResponse(Response):
    """A response whose body is sent as it is made, and that no cache of this server keeps.

    HEAD and If-None-Match are answered without making the body. If making it fails, the connection ends before the
    body does, so that its reader notices (RFC 9112, section 8).

    Args:
        parts: yields the body.
        media_type: its media type.
        headers: the headers, with the entity tag, which must follow from the request and the dataset alone.
    """

    def __init__(self, parts: AsyncIterator[bytes], media_type: str, headers: Mapping[str, str]) -> None:
        super().__init__(None, headers=dict(headers), media_type=media_type)
        del self.headers["content-length"]
        self._parts = parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response; stop making it where the client has gone."""
        if self._is_known(scope):
            kept = [pair for pair in self.raw_headers if pair[0] not in (b"content-type", b"content-length")]
            await send(_start(304, kept))
            await send({"type": "http.response.body", "body": b""})
            return
        await send(_start(200, self.raw_headers))
        if scope["method"] == "HEAD" or scope.get(IS_HEAD):
            await send({"type": "http.response.body", "body": b""})
            return
        gone = asyncio.ensure_future(_disconnected(receive))
        try:
            async for part in self._parts:
                if gone.done():
                    return
                if part:
                    await send({"type": "http.response.body", "body": part, "more_body": True})
        finally:
            gone.cancel()
        await send({"type": "http.response.body", "body": b""})

    def _is_known(self, scope: Scope) -> bool:
        condition = b", ".join(value for name, value in scope["headers"] if name == b"if-none-match")
        return is_named(self.headers["etag"], condition.decode("latin-1"))


def _start(status: int, headers: list[tuple[bytes, bytes]]) -> Message:
    return {"type": "http.response.start", "status": status, "headers": headers, STREAMED: True}


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
