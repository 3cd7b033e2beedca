"""A server of PostgreSQL with the small seed, published to it as it is to a file."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.publish import publish_to_postgresql
from tests.conftest import Client
from tests.postgresql.server import Server, running_server


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A server, started once a session; each test publishes to a database of its own."""
    with running_server() as server:
        yield server


@pytest.fixture(scope="session")
def published(postgresql: Server, small: Path) -> str:
    """The URL of a database that the small seed was published to. Tests only read it."""
    postgresql.execute("CREATE DATABASE small")
    publish_to_postgresql(small / "seed", postgresql.url("small"))
    return postgresql.url("small")


@pytest.fixture(scope="session")
def ours(published: str, small: Path) -> Iterator[Client]:
    """A client of PostgreSQL, of whose answers none is cached."""
    opened = Client(small / "data" / "unlisted.db", database_url=published, response_cache_bytes=0)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def theirs(small: Path) -> Iterator[Client]:
    """A client of the same seed in a file of SQLite."""
    opened = Client(small / "data" / "unlisted.db", response_cache_bytes=0)
    yield opened
    opened.close()
