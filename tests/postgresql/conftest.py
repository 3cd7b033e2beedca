"""A server of PostgreSQL with the small seed, published to it as it is to a file."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlmodel import Session

from app.database import reading_engine
from app.downloads.files import downloads_folder
from app.downloads.make import make_downloads
from app.postgresql.publication import publication_to
from app.publish import RECORD_PATHS
from tests.conftest import Client, made_once, version_of
from tests.postgresql.server import Server, running_server


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A server, started once a session; each test publishes to a database of its own."""
    with running_server() as server:
        yield server


@pytest.fixture(scope="session")
def small_with_files(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the small dataset with the files that it offers to download beside it."""

    def make(folder: Path) -> None:
        for path in (small / "data").glob("unlisted.db*"):  # the dataset and its checksum
            shutil.copy(path, folder)
        file = folder / "unlisted.db"
        downloads = downloads_folder(file, version_of(file))
        downloads.mkdir(parents=True)
        with Session(reading_engine(file)) as session:
            make_downloads(session, downloads, RECORD_PATHS)

    return made_once(tmp_path_factory, "small_with_files", make) / "unlisted.db"


@pytest.fixture(scope="session")
def published(postgresql: Server, small_with_files: Path) -> str:
    """The URL of a database that has what the small seed was published as, with its files. Tests only read it."""
    postgresql.execute("CREATE DATABASE small")
    version = version_of(small_with_files)
    with publication_to(postgresql.url("small")) as target:
        target.publish(small_with_files, version, downloads_folder(small_with_files, version))
    return postgresql.url("small")


Publish = Callable[..., str]
"""Publishes a marked version to a database; see `publish_marked`."""


@pytest.fixture
def publish_marked(small: Path, tmp_path: Path) -> Publish:
    """Publishes versions whose every record has the version as its member ``marker``, made from one draft.

    To build a draft from a seed takes much longer, and would show less: which version each record came from.
    """

    def publish(url: str, number: int, keep: int = 5) -> str:
        version, draft = f"{number:016x}", tmp_path / f"{number}.db"
        shutil.copyfile(small / "data" / "unlisted.db", draft)
        with closing(sqlite3.connect(draft)) as connection, connection:
            connection.execute("UPDATE dataset SET version = ?", [version])
            for column in ("record", "item"):
                begin = f'{{"marker":"{version}",'
                connection.execute(f"UPDATE rendering SET {column} = ? || substr({column}, 2)", [begin])
        with publication_to(url) as target:
            kept = [*dict.fromkeys(one.version for one in target.kept() if one.version != version), version][-keep:]
            target.publish(draft, version)
            target.wait_for_readers()
            target.drop_all_but(kept)
        return version

    return publish


@pytest.fixture(scope="session")
def ours(published: str, small_with_files: Path) -> Iterator[Client]:
    """A client of PostgreSQL, of whose answers none is cached."""
    opened = Client(small_with_files, database_url=published, response_cache_bytes=0)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def theirs(small_with_files: Path) -> Iterator[Client]:
    """A client of the same seed in a file of SQLite."""
    opened = Client(small_with_files, response_cache_bytes=0)
    yield opened
    opened.close()
