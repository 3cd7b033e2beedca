"""Running the server: uvicorn in one process or several, which prints the address of the documentation."""

import asyncio
import gc
import os
import socket
import tempfile
from asyncio.trsock import TransportSocket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.supervisors import Multiprocess

from app.server.accepting import make_loop, shared_counts
from app.server.limits import limits_of
from app.server.logs import log_config
from app.server.protocol import BoundedProtocol
from app.settings import Settings

BACKLOG = 2048
"""Connections that wait in the system until they are accepted."""


class ServerConfig(uvicorn.Config):
    """Uvicorn's configuration with the bounded protocol, and a loop that accepts connections evenly.

    Args:
        make_app: builds the application in the process that serves it.
        settings: the address, the workers and the limits.
        counts_path: the file of the shared counts of the workers; None where there is one worker.
    """

    def __init__(self, make_app: Callable[[], ASGIApp], settings: Settings, counts_path: str | None) -> None:
        self.limits = limits_of(settings)
        self.counts_path = counts_path
        protocol: Any = partial(BoundedProtocol, limits=self.limits)
        super().__init__(
            make_app,
            factory=True,
            host=settings.host,
            port=settings.port,
            http=protocol,
            ws="none",
            access_log=False,  # the application logs requests itself, without their queries
            log_config=log_config(settings.log_format),
            # Forwarded headers are not believed: absolute links come from the settings or the socket.
            proxy_headers=False,
            server_header=False,
            workers=settings.workers,
            backlog=BACKLOG,
            timeout_graceful_shutdown=settings.drain_seconds,
        )

    def get_loop_factory(self) -> Callable[[], asyncio.AbstractEventLoop] | None:
        """Return the factory of the event loop of a process."""
        return partial(make_loop, self.limits.connections, self.counts_path, self.workers)


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


def listen(host: str, port: int) -> socket.socket:
    """Open a listening socket.

    Raises:
        SystemExit: with a message, where the address or the port cannot be used.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address, family=family, backlog=BACKLOG)
    except OSError as error:
        raise SystemExit(f"Cannot listen on {host}, port {port}: {error.strerror or error}") from None


def serve(make_app: Callable[[], ASGIApp], settings: Settings) -> None:
    """Serve the published dataset until interrupted.

    Args:
        make_app: builds the application, in this process or in each of several: it must be picklable.
        settings: the address and the port to listen on, the limits, and how many processes answer. These share the
            socket and nothing else; one that dies is replaced.

    Raises:
        SystemExit: with a message, where the address or the port cannot be used.
    """
    # Loading the application makes next to no garbage; it enables the collector when it is loaded
    # (`tune_gc_and_malloc`).
    gc.disable()
    counts_path = shared_counts(settings.workers) if settings.workers > 1 else None
    config = ServerConfig(make_app, settings, counts_path)
    listening = listen(settings.host, settings.port)
    if settings.workers == 1:
        with suppress(KeyboardInterrupt):
            Server(config).run([listening])
    else:
        _print_address(listening)  # a client that connects before a process has started waits
        with shared_metrics() if settings.metrics else nullcontext():
            Multiprocess(config, [listening]).run()


@contextmanager
def shared_metrics() -> Iterator[None]:
    """Make a folder in which the workers keep their counts, as prometheus-client has them shared.

    Raises:
        SystemExit: with a message, where no folder can be written, as in a container whose root is read-only.
    """
    try:
        folder = tempfile.TemporaryDirectory(prefix="unlisted-metrics-")
    except OSError as error:
        raise SystemExit(f"Metrics of several workers need a folder for temporary files: {error.strerror}") from None
    with folder as path:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = path
        yield
