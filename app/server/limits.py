"""What the server bounds: size of heads, time, connections, requests under way."""

import resource
from dataclasses import dataclass

from app.settings import Settings

RESERVED_FILES = 64
"""File descriptors that are kept for datasets, logs and connections that are refused."""


@dataclass(frozen=True)
class Limits:
    """Bounds on connections and requests; picklable, so that each worker process gets them.

    Attributes:
        address: the beginning of absolute links; None where they begin with the address of the socket.
        head_bytes: most bytes of a request's line and headers together.
        headers: most header lines of a request.
        seconds: seconds in which a head must arrive, and in which a body or a response must make progress.
        connections: most connections of a process.
        requests: most requests under way in a process.
        wait_seconds: longest time that a request waits until its turn comes.
    """

    address: str | None
    head_bytes: int
    headers: int
    seconds: float
    connections: int
    requests: int
    wait_seconds: float


def limits_of(settings: Settings) -> Limits:
    """Build the limits from the settings."""
    return Limits(
        address=str(settings.public_url).rstrip("/") if settings.public_url else None,
        head_bytes=settings.max_head_bytes,
        headers=settings.max_headers,
        seconds=settings.connection_seconds,
        connections=min(settings.max_connections, max(1, allow_open_files(settings.max_connections) - RESERVED_FILES)),
        requests=settings.max_requests,
        wait_seconds=settings.max_wait_seconds,
    )


def allow_open_files(connections: int) -> int:
    """Raise the soft limit of open files as far as these connections need and the hard limit allows; return it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + RESERVED_FILES
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return wanted
    raised = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (raised, hard))
    return raised
