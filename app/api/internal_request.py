"""Requests that the application sends to itself."""

import asyncio

from starlette.types import Message, Receive


def one_body(body: bytes = b"") -> Receive:
    """Return an ASGI ``receive`` that yields one body, and no disconnect: a streamed answer would end with that."""
    messages = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> Message:
        for message in messages:
            return message
        return await asyncio.get_running_loop().create_future()  # type: ignore[no-any-return]  # it never comes

    return receive
