"""The server: uvicorn in one process or several, which prints the address of the documentation."""

import ctypes
import gc
import socket
from asyncio.trsock import TransportSocket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp
from uvicorn.supervisors import Multiprocess

from app.settings import Settings

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""Parameters of glibc's mallopt(3)."""
MEBIBYTE = 2**20


class Server(uvicorn.Server):
    """Uvicorn, which prints the address of the documentation as soon as it listens."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening, and print the address of the documentation."""
        await super().startup(sockets)
        if self.started:
            _print_address(self.servers[0].sockets[0])


def _print_address(listening: "socket.socket | TransportSocket") -> None:
    host, port = listening.getsockname()[:2]
    name = f"[{host}]" if ":" in host else host
    print(f"Documentation to read and to try: http://{name}:{port}/docs", flush=True)  # noqa: T201


def serve(make_app: Callable[[], ASGIApp], settings: Settings, access_log: bool) -> None:
    """Serve the published dataset until interrupted.

    Args:
        make_app: builds the application, in this process or in each of several: it must be picklable.
        settings: the address and the port to listen on, and how many processes answer. These share the socket and
            nothing else; one that dies is replaced.
        access_log: whether each request is logged.
    """
    # Loading the application makes next to no garbage; it enables the collector when it is loaded
    # (`tune_gc_and_malloc`).
    gc.disable()
    # Forwarded headers are not believed: absolute links come from the settings or the socket.
    config = uvicorn.Config(
        make_app,
        factory=True,
        host=settings.host,
        port=settings.port,
        access_log=access_log,
        proxy_headers=False,
        server_header=False,
        workers=settings.workers,
    )
    if settings.workers == 1:
        Server(config).run()
    else:
        listening = config.bind_socket()
        listening.listen(config.backlog)  # a client that connects before a process has started waits
        _print_address(listening)
        Multiprocess(config, [listening]).run()


def tune_gc_and_malloc() -> None:
    """Tune a long-running process once everything is loaded.

    Exclude everything loaded so far from garbage collection: it stays for good. There is no collection before that,
    as there is next to nothing to collect, and finding that out takes longer than the rest of the start. Let glibc
    reuse freed blocks of up to 4 MiB for the bodies of pages, some 170 kB each: mapping memory anew for each takes a
    tenth of the time of a page. With another C library nothing is set.
    """
    gc.freeze()
    gc.enable()
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, 4 * MEBIBYTE)
        mallopt(M_TRIM_THRESHOLD, 16 * MEBIBYTE)


@contextmanager
def reduced_gc() -> Iterator[None]:
    """Collect garbage less often while publishing or screening creates many short-lived objects without cycles."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
