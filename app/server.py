"""The server: uvicorn in one process or several, with a word on where the documentation is."""

import ctypes
import gc
import os
import socket
from asyncio.trsock import TransportSocket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from uvicorn.supervisors import Multiprocess

from app.settings import get_settings

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""What glibc's mallopt(3) sets."""
MEBIBYTE = 2**20


class Server(uvicorn.Server):
    """Uvicorn, saying where to go as soon as it listens."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, and print the address of the documentation."""
        await super().startup(sockets)
        if self.started:
            _say_where(self.servers[0].sockets[0])


def _say_where(listening: "socket.socket | TransportSocket") -> None:
    host, port = listening.getsockname()[:2]
    name = f"[{host}]" if ":" in host else host
    print(f"Documentation to read and to try: http://{name}:{port}/docs", flush=True)  # noqa: T201


def serve(host: str, port: int, database: Path, access_log: bool, workers: int) -> None:
    """Serve the published dataset until interrupted.

    Args:
        host: address to listen on.
        port: port to listen on; 0 takes any free one.
        database: file of the dataset.
        access_log: whether each request is logged.
        workers: how many processes answer. They share the socket and nothing else; one that dies is replaced.
    """
    # Nothing is thrown away while the application is loaded;
    # it enables the collector when it is (`tune_gc_and_malloc`).
    gc.disable()
    # The application reads its settings when it is imported, in this process or in another.
    os.environ["UNLISTED_DATABASE"] = str(database)
    get_settings.cache_clear()
    # Forwarded headers are not believed: absolute links come from the settings or the socket.
    config = uvicorn.Config(
        "app.main:app",
        host=host,
        port=port,
        access_log=access_log,
        proxy_headers=False,
        server_header=False,
        workers=workers,
    )
    if workers == 1:
        Server(config).run()
    else:
        listening = config.bind_socket()
        listening.listen(config.backlog)  # who comes before a process has started waits, and is not refused
        _say_where(listening)
        Multiprocess(config, [listening]).run()


def tune_gc_and_malloc() -> None:
    """Settle down once everything is loaded.

    The collector is not to look through what was made until now: it stays. Nor is it run first, as there is next to
    nothing to collect, and to find that takes longer than the rest of the start. The bodies of pages, some 170 kB, are
    to come from memory that was freed before: glibc would get it from the system anew for each, which takes a tenth of
    the time of a page. Where the C library is another one, nothing is set.
    """
    gc.freeze()
    gc.enable()
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, 4 * MEBIBYTE)
        mallopt(M_TRIM_THRESHOLD, 16 * MEBIBYTE)


@contextmanager
def reduced_gc() -> Iterator[None]:
    """Look for what can be freed seldom, while very many small things are made that are freed without looking."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
