"""The read-only way to the database. Only this module knows which engine it is."""

import logging
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, Row, create_engine, event, select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import StaticPool
from sqlalchemy.sql import Select

from app.errors import NoDataset
from app.tables import SCHEMA, Coverage, Dataset

logger = logging.getLogger("unlisted")


def writing_engine(path: Path) -> Engine:
    """Return an engine that may write; for ``publish`` and the migrations alone."""
    return create_engine(URL.create("sqlite", database=str(path)))


def scratch_engine() -> Engine:
    """Return an engine on an empty database that is gone with it, to try migrations on."""
    return create_engine("sqlite://")


def reading_engine(path: Path) -> Engine:
    """Return an engine that refuses every write, twice over: ``mode=ro`` and ``query_only``.

    It holds one connection, which the event loop alone uses: a read takes microseconds, a thread more.
    """
    url = URL.create("sqlite", database=f"file:{quote(str(path))}", query={"mode": "ro", "uri": "true"})
    engine = create_engine(url, poolclass=StaticPool, connect_args={"check_same_thread": False})

    @event.listens_for(engine, "connect")
    def refuse_writes(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA query_only = ON")

    return engine


@dataclass(frozen=True)
class OpenDataset:
    """A published dataset, open for reading.

    Attributes:
        version: sixteen hexadecimal digits, the beginning of the SHA-256 of the canonical content.
        covers_until: last day until which each kind of record was checked, by its name in seed/coverage.csv.
        record: the rendered answer of /dataset.
    """

    engine: Engine
    connection: Connection
    version: str
    covers_until: dict[str, date]
    record: str

    def checked_until(self, *kinds: str) -> date:
        """Return the last day until which all of some kinds of record were checked; of every kind, if none is named."""
        return min((self.covers_until[kind] for kind in kinds or self.covers_until), default=date.min)

    def rows(self, query: Select[*tuple[Any, ...]]) -> list[Row[Any]]:
        """Run one SELECT and return its rows."""
        return list(self.connection.execute(query))

    def value(self, query: Select[*tuple[Any, ...]]) -> Any:
        """Run one SELECT and return the first column of its first row, or None."""
        return self.connection.execute(query).scalar()


def published_fingerprint(path: Path) -> str | None:
    """Return what a published dataset says it was made from, or None where there is none to be read."""
    engine = reading_engine(path)
    try:
        with engine.connect() as connection:
            found: str | None = connection.execute(select(Dataset.__table__.c.fingerprint)).scalar()  # type: ignore[attr-defined]  # by SQLModel
            return found
    except DatabaseError:
        return None
    finally:
        engine.dispose()


class Datasets:
    """Gives the dataset that is published now, and notices when another takes its place."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._open: OpenDataset | None = None
        self._file: tuple[int, int, int] | None = None

    def current(self) -> OpenDataset:
        """Return the published dataset.

        A dataset is swapped in by a rename, so another inode, size or time of change means another dataset.

        Raises:
            NoDataset: there is none, or another version of the software published it.
        """
        try:
            found = self.path.stat()
        except OSError:
            raise NoDataset(
                "Nothing has been published yet. On the server, run: unlisted publish (or: make serve, which does)."
            ) from None
        file = (found.st_ino, found.st_size, found.st_mtime_ns)
        if self._open is None or file != self._file:
            opened = open_dataset(self.path)
            self.close()
            self._open, self._file = opened, file
        return self._open

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._open is not None:
            self._open.connection.close()
            self._open.engine.dispose()
            self._open = None


def open_dataset(path: Path) -> OpenDataset:
    """Open a published dataset.

    Raises:
        NoDataset: the file is no dataset, or another version of the software published it.
    """
    engine = reading_engine(path)
    try:
        connection = engine.connect()
        schema = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        if schema != SCHEMA:
            raise NoDataset(
                f"The dataset was published with schema {schema}, this software reads {SCHEMA}. "
                "On the server, run: unlisted publish"
            )
        row = connection.execute(select(*Dataset.__table__.columns)).one()  # type: ignore[attr-defined]  # by SQLModel
        kinds = connection.execute(select(*Coverage.__table__.columns)).all()  # type: ignore[attr-defined]  # by SQLModel
        covers_until = {kind.resource: kind.covers_until for kind in kinds}
    except DatabaseError as error:
        engine.dispose()
        logger.error("cannot read the dataset %s: %s", path, error)
        raise NoDataset(
            "The published file cannot be read as a dataset. On the server, run: unlisted publish"
        ) from None
    except NoDataset:
        engine.dispose()
        raise
    return OpenDataset(engine, connection, row.version, covers_until, row.record)
