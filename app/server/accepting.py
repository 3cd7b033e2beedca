"""Accepting connections: many a turn of the loop, evenly among the worker processes, and on through a lack of files.

libuv accepts one connection a turn of its loop, and closes the listening socket on some errors; so the event loop's
`create_server` is replaced by a listener that accepts by itself.
"""

import asyncio
import errno
import fcntl
import logging
import mmap
import os
import socket
import struct
from collections.abc import Callable, Iterable
from typing import Any, Protocol

import uvloop

logger = logging.getLogger("unlisted")

ACCEPTED_AT_ONCE = 64
"""Most connections that are accepted in one turn of the loop."""
PAUSE_SECONDS = 0.5
"""Seconds without accepting after the process or the system has run out of files or memory."""
YIELD_SECONDS = 0.005
"""Seconds for which a worker leaves a new connection to one that has fewer."""
CHECK_SECONDS = 0.5
"""Seconds between two checks of all connections for slow clients."""
OUT_OF_RESOURCES = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})

_COUNTS = struct.Struct("=QQ")
"""How many connections a worker has open, and how many it has accepted in all."""


class Checked(Protocol):
    """A connection that can be checked for a slow client."""

    def check(self, now: float, is_pressed: bool) -> None:
        """End the connection where the client is too slow."""


class WorkerCounts:
    """The connections of every worker process, in memory that they share.

    A worker takes a row by locking its first byte: the system releases the lock when the process ends, so that a
    worker in the place of one that died takes over its row.

    Args:
        path: the file of the shared memory, which all workers can open.
        workers: how many rows it has.
    """

    def __init__(self, path: str, workers: int) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        self._rows = mmap.mmap(self._file, workers * _COUNTS.size)
        self._row: int | None = None
        self._others: list[int] = []
        for row in range(workers):
            try:
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, row * _COUNTS.size)
            except OSError:
                continue
            self._row, self._others = row, [other for other in range(workers) if other != row]
            # As many accepted as any other, so that a new worker is not given every connection for a while.
            self.write(0, max(_COUNTS.unpack_from(self._rows, other * _COUNTS.size)[1] for other in range(workers)))
            break

    def write(self, open_now: int, accepted: int) -> None:
        """Write the counts of this worker."""
        if self._row is not None:
            _COUNTS.pack_into(self._rows, self._row * _COUNTS.size, open_now, accepted)

    def accepted(self) -> int:
        """Return how many connections this worker has accepted in all."""
        return 0 if self._row is None else int(_COUNTS.unpack_from(self._rows, self._row * _COUNTS.size)[1])

    def is_behind(self) -> bool:
        """Say whether another worker has fewer connections open, or as many and has accepted fewer."""
        if self._row is None:
            return False
        mine = _COUNTS.unpack_from(self._rows, self._row * _COUNTS.size)
        return any(_COUNTS.unpack_from(self._rows, row * _COUNTS.size) < mine for row in self._others)


def shared_counts(workers: int) -> str | None:
    """Make the shared memory of `WorkerCounts` and return its path; None where the system has no memfd_create(2)."""
    if not hasattr(os, "memfd_create"):
        return None
    file = os.memfd_create("unlisted-workers")
    os.ftruncate(file, workers * _COUNTS.size)
    return f"/proc/{os.getpid()}/fd/{file}"


class Listener:
    """Accepts the connections of one listening socket, and checks the open ones for slow clients.

    Args:
        loop: the event loop.
        listening: the socket; it is listening already.
        factory: makes the protocol of a connection.
        most_connections: how many connections the process allows.
        counts: the connections of all workers; None where there is one worker.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        listening: socket.socket,
        factory: Callable[[], Any],
        most_connections: int,
        counts: WorkerCounts | None,
    ) -> None:
        self.sockets = (listening,)
        self._loop, self._listening, self._factory, self._counts = loop, listening, factory, counts
        self._most, self._connections = most_connections, set[Any]()
        self._connecting: set[asyncio.Task[None]] = set()
        self._is_patient = True
        self._is_open = True
        self._last_logged = -60.0
        listening.setblocking(False)
        self._resume()
        self._checking = loop.call_later(CHECK_SECONDS, self._check)

    def _resume(self) -> None:
        if self._is_open:
            self._loop.add_reader(self._listening, self._accept)

    def _pause(self, seconds: float) -> None:
        self._loop.remove_reader(self._listening)
        self._loop.call_later(seconds, self._resume)

    def _accept(self) -> None:
        if self._counts is None:
            for _ in range(ACCEPTED_AT_ONCE):
                if not self._accept_one():
                    return
        elif self._is_patient and self._counts.is_behind():
            # The other worker is woken too; if it is busy, this one takes the connection a moment later.
            self._is_patient = False
            self._pause(YIELD_SECONDS)
        else:
            self._is_patient = True
            self._accept_one()

    def _accept_one(self) -> bool:
        """Accept a connection; return False where none waits."""
        try:
            connection, _ = self._listening.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return False
        except OSError as error:
            if error.errno not in OUT_OF_RESOURCES:
                raise
            self._log_lack(error)
            self._check_all(is_pressed=True)
            self._pause(PAUSE_SECONDS)
            return False
        connection.setblocking(False)
        if connection.family in (socket.AF_INET, socket.AF_INET6):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._counts is not None:
            self._counts.write(len(self._connections) + 1, self._counts.accepted() + 1)
        task = self._loop.create_task(self._connect(connection))
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)
        return True

    async def _connect(self, connection: socket.socket) -> None:
        try:
            _, protocol = await self._loop.connect_accepted_socket(self._factory, connection)
            # The server's own set, from which a protocol removes itself when its connection is lost.
            self._connections = protocol.connections
        except OSError as error:  # the client has gone already
            logger.debug("a connection was lost before it began: %s", error)
            connection.close()

    def _log_lack(self, error: OSError) -> None:
        """Log a lack of files or memory, at most once a minute."""
        if self._loop.time() - self._last_logged >= 60:
            self._last_logged = self._loop.time()
            logger.error(
                "no new connection can be accepted: %s; %d are open, new ones wait until some have ended",
                error.strerror,
                len(self._connections),
            )

    def _check(self) -> None:
        self._check_all(is_pressed=len(self._connections) >= 0.9 * self._most)
        if self._counts is not None:
            self._counts.write(len(self._connections), self._counts.accepted())
        self._checking = self._loop.call_later(CHECK_SECONDS, self._check)

    def _check_all(self, is_pressed: bool) -> None:
        now = self._loop.time()
        checked: Iterable[Checked] = list(self._connections)
        for connection in checked:
            connection.check(now, is_pressed)

    def close(self) -> None:
        """Stop accepting connections; the open ones are still checked."""
        if self._is_open:
            self._is_open = False
            self._loop.remove_reader(self._listening)
            self._listening.close()

    async def wait_closed(self) -> None:
        """Stop checking connections: the server has waited for them before."""
        self._checking.cancel()


class AcceptingLoop(uvloop.Loop):
    """uvloop's event loop, whose servers on a given socket accept by `Listener`.

    Attributes:
        most_connections: how many connections the process allows.
        counts: the connections of all workers; None where there is one worker.
    """

    most_connections: int
    counts: WorkerCounts | None

    async def create_server(self, protocol_factory: Any, host: Any = None, port: Any = None, **options: Any) -> Any:
        """Serve a socket; anything but a socket without TLS is left to uvloop."""
        listening, ssl = options.get("sock"), options.get("ssl")
        if listening is None or ssl is not None:
            return await super().create_server(protocol_factory, host, port, **options)
        listening.listen(options.get("backlog", 100))
        return Listener(self, listening, protocol_factory, self.most_connections, self.counts)


def make_loop(most_connections: int, counts_path: str | None, workers: int) -> AcceptingLoop:
    """Build the event loop of a server process.

    Args:
        most_connections: how many connections the process allows.
        counts_path: the file of the shared counts of the workers; None where there is one worker.
        workers: how many workers there are.
    """
    loop = AcceptingLoop()
    loop.most_connections = most_connections
    loop.counts = None if counts_path is None else WorkerCounts(counts_path, workers)
    return loop
