"""The read-only way to the database. Only this module knows which engine it is."""

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, Row, create_engine, event, inspect, select, text
from sqlalchemy.dialects.sqlite import Insert, insert
from sqlalchemy.dialects.sqlite import dialect as sqlite_dialect
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import StaticPool
from sqlalchemy.sql import Select
from sqlmodel import SQLModel, col

from app.problems import NoDataset, VersionGone
from app.tables import SCHEMA, Coverage, Dataset

logger = logging.getLogger("unlisted")


def writing_engine(path: Path) -> Engine:
    """Return an engine that may write, for the draft of ``publish`` alone; ``sync`` flushes it to the disk."""
    engine = create_engine(URL.create("sqlite", database=str(path)))

    @event.listens_for(engine, "connect")
    def write_freely(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA cache_size = -65536")
        # A constraint would only refuse a row; the rule of the seed that says the same names its file and line.
        connection.execute("PRAGMA ignore_check_constraints = ON")

    return engine


def insert_new(table: type[SQLModel]) -> Insert:
    """Return an INSERT that skips rows whose primary key exists."""
    return insert(table).on_conflict_do_nothing()


def sync(path: Path) -> None:
    """Flush a file to the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def scratch_engine() -> Engine:
    """Return an engine on a temporary in-memory database."""
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


class PreparedQuery:
    """A SELECT with bind parameters, compiled once, to be run on the driver's own connection.

    SQLAlchemy writes the SQL, so that values are bound and either engine understands it; its way of executing a
    statement and wrapping the rows costs several times what the query does.

    Attributes:
        sql: the text.
        places: names of the bind parameters in the order of the text.
    """

    def __init__(self, query: Select[*tuple[Any, ...]]) -> None:
        compiled = query.compile(dialect=_DIALECT)
        self.sql = str(compiled)
        self.places: list[str] = list(compiled.positiontup or ())
        self._writers = {
            name: bind.type.dialect_impl(_DIALECT).bind_processor(_DIALECT) for name, bind in compiled.binds.items()
        }
        self._constants = {name: self._written(name, value) for name, value in compiled.params.items()}

    def arguments(self, values: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return the bind values in the order and the form that the driver takes."""
        return tuple(
            [self._written(name, values[name]) if name in values else self._constants[name] for name in self.places]
        )

    def _written(self, name: str, value: Any) -> Any:
        write = self._writers[name]
        return value if write is None or value is None else write(value)


_DIALECT = sqlite_dialect(paramstyle="qmark")

POLL_INTERVAL = 0.001
"""Seconds after which every server has noticed that another dataset was published."""

MOST_KEPT_VALUES = 1024
"""How many values computed from a dataset, such as totals, are cached."""


@dataclass(frozen=True)
class OpenDataset:
    """A published dataset, open for reading.

    Attributes:
        version: sixteen hexadecimal digits, the beginning of the SHA-256 of the content and of all records.
        published_on: day (UTC) on which this version was first published here.
        covers_until: last day until which each kind of record was checked, by its name in seed/coverage.csv.
        record: the rendered answer of /dataset.
    """

    engine: Engine
    connection: Connection
    version: str
    published_on: date
    covers_until: dict[str, date]
    record: str
    _kept: dict[tuple[str, tuple[Any, ...]], Any] = field(default_factory=dict, repr=False)

    def run_prepared(self, statement: PreparedQuery, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Run a prepared query and return its rows as the driver does: days as texts."""
        driver: Any = self.connection.connection.driver_connection
        rows: list[tuple[Any, ...]] = driver.execute(statement.sql, statement.arguments(values)).fetchall()
        return rows

    def cached_scalar(self, statement: PreparedQuery, values: Mapping[str, Any]) -> Any:
        """Return the first column of the first row of a prepared query, run once for the same values."""
        key = statement.sql, statement.arguments(values)
        if key not in self._kept:
            while len(self._kept) >= MOST_KEPT_VALUES:
                del self._kept[next(iter(self._kept))]
            rows = self.run_prepared(statement, values)
            self._kept[key] = rows[0][0] if rows else None
        return self._kept[key]

    def checked_until(self, *kinds: str) -> date:
        """Return the last day until which all of some kinds of record were checked; of every kind, if none is named."""
        return min(map(self.covers_until.__getitem__, kinds or self.covers_until), default=date.min)

    def query(self, query: Select[*tuple[Any, ...]]) -> list[Row[Any]]:
        """Run one SELECT and return its rows."""
        return list(self.connection.execute(query))

    def scalar(self, query: Select[*tuple[Any, ...]]) -> Any:
        """Run one SELECT and return the first column of its first row, or None."""
        return self.connection.execute(query).scalar()

    def close(self) -> None:
        """Close the file."""
        self.connection.close()
        self.engine.dispose()


def version_file(database: Path, version: str) -> Path:
    """Return the file in which a published version is kept, beside the file that is published now.

    Args:
        database: the file that is published now, such as ``data/unlisted.db``.
        version: the version; its file is ``data/unlisted-versions/<version>.db``.
    """
    return database.with_name(f"{database.stem}-versions") / f"{version}.db"


def published_fingerprint(path: Path) -> str | None:
    """Read the fingerprint of the files that a dataset was published from; None where there is no readable dataset."""
    engine = reading_engine(path)
    try:
        with engine.connect() as connection:
            found: str | None = connection.execute(select(col(Dataset.fingerprint))).scalar()
            return found
    except DatabaseError:
        return None
    finally:
        engine.dispose()


def _file_identity(path: Path) -> tuple[int, int, int]:
    """Return the inode, size and modification time of a file: renaming a new dataset into place changes them."""
    found = os.stat(path)  # noqa: PTH116  # without a call between: requests ask
    return found.st_ino, found.st_size, found.st_mtime_ns


class Datasets:
    """The published dataset and the versions that are kept, each opened once and reopened when its file is replaced."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._open: dict[Path, tuple[tuple[int, int, int], OpenDataset]] = {}

    def current(self) -> OpenDataset:
        """Return the dataset that is published now.

        Raises:
            NoDataset: there is none, or another version of the software published it.
        """
        try:
            return self._opened(self.path)
        except FileNotFoundError:
            raise NoDataset(
                "Nothing has been published yet. On the server, run: unlisted publish (or: make serve, which does)."
            ) from None

    def version(self, version: str) -> OpenDataset:
        """Return a version of the dataset: the current one, or one that is still kept.

        Args:
            version: sixteen hexadecimal digits.

        Raises:
            VersionGone: it is not kept, or not in a form that this software reads; the message names the current one.
            NoDataset: nothing is published.
        """
        current = self.current()
        if version == current.version:
            return current
        try:
            kept = self._opened(version_file(self.path, version))
        except (FileNotFoundError, NoDataset):
            kept = None
        if kept is None or kept.version != version:
            raise VersionGone(
                f"Version {version} of the dataset is not kept here. The current one is {current.version}; "
                "/dataset/versions lists those that are."
            )
        return kept

    def file_identity(self) -> tuple[int, int, int] | None:
        """Return the identity of the published file; None where there is none."""
        try:
            return _file_identity(self.path)
        except OSError:
            return None

    def _opened(self, path: Path) -> OpenDataset:
        """Open the dataset in a file, once for as long as the file is the same."""
        try:
            file = _file_identity(path)
        except OSError:
            self._close(path)
            raise FileNotFoundError(path) from None
        if path not in self._open or self._open[path][0] != file:
            opened = open_dataset(path)
            self._close(path, *(other for other in self._open if not other.exists()))
            self._open[path] = file, opened
        return self._open[path][1]

    def _close(self, *paths: Path) -> None:
        for path in paths:
            if path in self._open:
                self._open.pop(path)[1].close()

    def close(self) -> None:
        """Close every file that is open."""
        self._close(*list(self._open))


def newest_dataset(database: Path) -> OpenDataset | None:
    """Return the dataset that was published last, from a kept version where the published file is gone or broken.

    Args:
        database: the file that is published to.
    """
    kept = version_file(database, "").parent.glob("*.db")
    newest_first = sorted(kept, key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for path in (database, *newest_first):
        if path.exists():
            try:
                return open_dataset(path)
            except NoDataset:
                continue
    return None


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
        row = connection.execute(select(*inspect(Dataset).columns)).one()
        kinds = connection.execute(select(*inspect(Coverage).columns)).all()
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
    return OpenDataset(engine, connection, row.version, row.published_on, covers_until, row.record)
