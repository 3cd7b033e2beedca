"""An ASGI middleware in whose requests synchronous code may wait for the database without blocking the loop.

Filters, pages and records are written as if a query were answered at once, which it is by SQLite in the same process.
Over a network it takes as long as it takes. So each request runs in a greenlet, from which a query switches to the loop
and back, as SQLAlchemy's own asynchronous engine does it; nothing else of the application changes.
"""

from collections.abc import Coroutine, Generator
from typing import Any

from sqlalchemy.util import await_only, greenlet_spawn
from starlette.types import ASGIApp, Receive, Scope, Send


class GreenletMiddleware:
    """Runs each request in a greenlet.

    Args:
        app: the application.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request from within a greenlet."""
        await greenlet_spawn(_drive, self.app(scope, receive, send))


class _Pending:
    """A future that a coroutine waits for, handed on to the loop as it is.

    Args:
        awaited: what the coroutine yielded: a future of the loop, or None.
    """

    def __init__(self, awaited: Any) -> None:
        self._awaited = awaited

    def __await__(self) -> Generator[Any, Any, Any]:
        return (yield self._awaited)


async def _wait(awaited: Any) -> Any:
    return await _Pending(awaited)


def _drive(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine to its end in this greenlet; each time that it waits, the loop goes on with others."""
    step, value = coroutine.send, None
    while True:
        try:
            awaited = step(value)
        except StopIteration:
            return
        try:
            value = await_only(_wait(awaited))
            step = coroutine.send
        except BaseException as error:
            # Cancelled: the coroutine gets the exception, and may clean up.
            value, step = error, coroutine.throw
