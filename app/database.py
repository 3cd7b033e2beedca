"""The read-only way to a published dataset, and the files of SQLite that hold it by default.

The API uses an engine through `OpenDataset` and `DatasetSource` alone; `app/postgresql/` has the other engine.
"""

import logging
import os
import sqlite3
import threading
import time
import weakref
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, unquote

from sqlalchemy import (
    URL,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Date,
    Dialect,
    Engine,
    LargeBinary,
    Row,
    String,
    TypeDecorator,
    create_engine,
    event,
    inspect,
    select,
    table,
    text,
)
from sqlalchemy import column as sql_column
from sqlalchemy.dialects.sqlite import dialect as sqlite_dialect
from sqlalchemy.exc import DatabaseError, NoResultFound, OperationalError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.pool import StaticPool
from sqlalchemy.sql import Select
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine
from sqlmodel import SQLModel, col

from app.checksums import is_intact, listed_checksums
from app.problems import NoDataset, QueryTimeout, VersionGone
from app.tables import SCHEMA, Coverage, Dataset

logger = logging.getLogger("unlisted")


def writing_engine(path: Path) -> Engine:
    """Return an engine that may write, for the draft of ``publish`` alone; ``sync`` flushes it to the disk."""
    engine = create_engine(URL.create("sqlite", database=str(path)))

    @event.listens_for(engine, "connect")
    def write_freely(connection: Any, _record: Any) -> None:
        # A record of some kilobytes fills a page of the usual 4 KiB badly: with these a large file is a sixth smaller.
        connection.execute("PRAGMA page_size = 16384")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA journal_mode = OFF")
        # A quarter of a GiB: the ids of millions of citations come in no order, and their index is to fit.
        connection.execute("PRAGMA cache_size = -262144")
        # A constraint would only refuse a row; the rule of the seed that says the same names its file and line.
        connection.execute("PRAGMA ignore_check_constraints = ON")

    return engine


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


class DayText(TypeDecorator[date]):
    """A day that is compared with texts that begin with one."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Dialect) -> str | None:
        """Write a day as text."""
        del dialect
        return None if value is None else value.isoformat()


def day_type(column: Any) -> TypeEngine[Any]:
    """Return the type of the bind parameter of a day that a column, of days or of texts, is compared with."""
    return Date() if isinstance(column.type, Date) else DayText()


class AsBytes(FunctionElement[bytes]):
    """A text column as bytes: to decode a rendering only to encode it again would cost more than to find it.

    Args:
        column: the column.
    """

    type = LargeBinary()
    name = "as_bytes"
    inherit_cache = True


@compiles(AsBytes)
def _as_bytes(element: Any, compiler: Any, **options: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **options)} AS BLOB)"


@compiles(AsBytes, "postgresql")
def _as_bytes_in_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    # CAST would read a backslash as the beginning of an escape.
    return f"convert_to({compiler.process(element.clauses, **options)}, 'UTF8')"


class Unindexed(FunctionElement[str]):
    """A column of which SQLite uses no index: its planner takes the values of every column to be equally rare.

    PostgreSQL counts them, and needs no such advice.

    Args:
        column: the column.
    """

    type = String()
    name = "unindexed"
    inherit_cache = True


@compiles(Unindexed)
def _unindexed(element: Any, compiler: Any, **options: Any) -> str:
    text: str = compiler.process(element.clauses, **options)
    return text


@compiles(Unindexed, "sqlite")
def _unindexed_in_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    # https://www.sqlite.org/optoverview.html, "Disqualifying WHERE Clause Terms using Unary '+'"
    return f"+{_unindexed(element, compiler, **options)}"


class HasPart(FunctionElement[bool]):
    """Whether a text column has a text as a part of it, which an index of trigrams finds in either engine.

    PostgreSQL uses its index (pg_trgm) for LIKE as it is. SQLite has one as a table of its own (FTS5), which gives the
    rows that LIKE then tests; a file that was published without that table is read through.

    Args:
        column: the column; the table has one column as its primary key.
        pattern: the pattern of LIKE, of three characters or more between its wildcards.
    """

    type = Boolean()
    name = "has_part"
    inherit_cache = True

    def self_group(self, against: Any = None) -> Any:
        """Stay a condition: SQLAlchemy would compare a function with 1, and no index follows that."""
        del against
        return self

    def as_like(self) -> ColumnElement[bool]:
        """Build the condition as any engine understands it."""
        column, pattern = self.clauses
        is_like: ColumnElement[bool] = column.like(pattern)
        return is_like

    def by_index(self) -> ColumnElement[bool]:
        """Build the condition that the index of SQLite finds the row."""
        column: Any
        column, pattern = self.clauses
        (key,) = column.table.primary_key
        index = table(trigram_table(column), sql_column("id"), sql_column("folded"))
        is_found: ColumnElement[bool] = key.in_(select(index.c.id).where(index.c.folded.like(pattern)))
        return is_found


@compiles(HasPart)
def _has_part(element: Any, compiler: Any, **options: Any) -> str:
    text: str = compiler.process(element.as_like(), **options)
    return text


@compiles(HasPart, "sqlite")
def _has_part_in_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    if compiler.dialect is _SCANNING:
        return _has_part(element, compiler, **options)
    # LIKE is not repeated: FTS5 gives the rows that may have the part, and SQLite tests each of them.
    text: str = compiler.process(element.by_index(), **options)
    return text


def trigram_table(column: "Column[Any]") -> str:
    """Return the name of the table with the trigrams of a column, in SQLite, or of its index in PostgreSQL."""
    return f"{column.table.name}_{column.name}_trigrams"


TRIGRAM_COLUMNS = tuple(
    column for one in SQLModel.metadata.sorted_tables for column in one.columns if column.info.get("trigrams")
)
"""The columns that have an index of trigrams."""


def is_table_of_ours(name: str | None, kind: str, _parents: Any = None) -> bool:
    """Say whether a name is none of the tables that FTS5 makes for an index of trigrams: they are not compared."""
    return kind != "table" or not str(name).startswith(tuple(map(trigram_table, TRIGRAM_COLUMNS)))


class PreparedQuery:
    """A SELECT with bind parameters, compiled once, to be run on the driver's own connection.

    SQLAlchemy writes the SQL, so that values are bound and either engine understands it; its way of executing a
    statement and wrapping the rows costs several times what the query does.

    Args:
        query: the SELECT.
        dialect: SQLite with indexes of trigrams, or without.

    Attributes:
        query: the SELECT.
        sql: its text for SQLite.
        places: names of the bind parameters in the order of the text.
    """

    def __init__(self, query: Select[*tuple[Any, ...]], dialect: Dialect | None = None) -> None:
        self.query = query
        compiled = query.compile(dialect=dialect or _DIALECT)
        self.sql = str(compiled)
        self.places: list[str] = list(compiled.positiontup or ())
        self._writers = {
            name: bind.type.dialect_impl(_DIALECT).bind_processor(_DIALECT) for name, bind in compiled.binds.items()
        }
        self._constants = dict(compiled.params)

    @cached_property
    def scanning(self) -> "PreparedQuery":
        """The same query of a file without indexes of trigrams."""
        return PreparedQuery(self.query, _SCANNING)

    def arguments(self, values: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return the bind values in the order and the form that the driver takes."""
        given = {**self._constants, **values}
        arguments = []
        for name in self.places:
            value, write = given[name], self._writers[name]
            arguments.append(value if write is None or value is None else write(value))
        return tuple(arguments)


_DIALECT = sqlite_dialect(paramstyle="qmark")
_SCANNING = sqlite_dialect(paramstyle="qmark")
"""SQLite without indexes of trigrams."""

POLL_INTERVAL = 0.001
"""Seconds after which every server has noticed that another dataset was published."""

MOST_KEPT_VALUES = 1024
"""How many values computed from a dataset, such as totals, are cached."""


STEPS_BETWEEN_LOOKS = 20_000
"""Virtual machine instructions of SQLite between two looks at the clock: about a millisecond."""

CHECKED_BEFORE_SERVING = 64 * 2**20
"""Bytes of a file up to which its checksum is compared before it is served; that of a larger one in the background."""


class QueryClock:
    """Ends a query that takes longer than is allowed.

    Args:
        seconds: how long a query may take; None sets no limit.
        report: is called with the error of a file that cannot be read.
    """

    def __init__(self, seconds: float | None = None, report: Callable[[Exception], None] | None = None) -> None:
        self._seconds, self._report, self._deadline = seconds, report, float("inf")

    def watch(self, connection: sqlite3.Connection) -> None:
        """Look at the clock while queries of a connection run."""
        if self._seconds is not None:
            connection.set_progress_handler(self._is_late, STEPS_BETWEEN_LOOKS)

    def start(self) -> None:
        """Start the time of a query."""
        if self._seconds is not None:
            self._deadline = time.monotonic() + self._seconds

    def _is_late(self) -> bool:
        return time.monotonic() > self._deadline

    def problem_of(self, error: Exception) -> Exception:
        """Return the problem that answers an error of SQLite; the error itself where it is a fault of ours."""
        if isinstance(error, sqlite3.OperationalError) and "interrupted" in str(error):
            return query_timeout(self._seconds or 0)
        if type(error) is sqlite3.DatabaseError or "disk I/O error" in str(error):
            if self._report is not None:
                self._report(error)
            return NoDataset("The published file is damaged. Ask again: another version answers, where one is kept.")
        return error


def query_timeout(seconds: float) -> QueryTimeout:
    """Return the refusal of a query that took longer than is allowed."""
    detail = f"The query took longer than {seconds:g} s and was ended. Ask a narrower question."
    return QueryTimeout(detail, headers={"Retry-After": "10"})


@dataclass(frozen=True)
class OpenDataset(ABC):
    """A published dataset, open for reading, whichever engine has it. Every statement reads the same version.

    Attributes:
        version: sixteen hexadecimal digits, the beginning of the SHA-256 of the content and of all records.
        published_on: day (UTC) on which this version was first published here.
        covers_until: last day until which each kind of record was checked, by its name in seed/coverage.csv.
        record: the rendered answer of /dataset.
    """

    version: str
    published_on: date
    covers_until: dict[str, date]
    record: str
    _kept: dict[tuple[str, tuple[Any, ...]], tuple[Any, ...]] = field(default_factory=dict, repr=False, kw_only=True)

    @abstractmethod
    def run_prepared(self, statement: PreparedQuery, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Run a prepared query and return its rows; days as texts."""

    @abstractmethod
    def query(self, query: Select[*tuple[Any, ...]]) -> list[Row[Any]]:
        """Run one SELECT and return its rows."""

    @abstractmethod
    def scalar(self, query: Select[*tuple[Any, ...]]) -> Any:
        """Run one SELECT and return the first column of its first row, or None."""

    @abstractmethod
    def stream(self, query: Select[*tuple[Any, ...]]) -> Iterable[Row[Any]]:
        """Run one SELECT whose rows may not fit into memory together, while publishing: without a limit of time."""

    @abstractmethod
    def reopened(self) -> "OpenDataset | None":
        """Open the same version once more, for another thread; None where it is gone."""

    @abstractmethod
    def close(self) -> None:
        """Close the connections."""

    def cached_column(self, statement: PreparedQuery, values: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return the first column of the rows of a prepared query, run once for the same values."""
        key = statement.sql, statement.arguments(values)
        if key not in self._kept:
            rows = self.run_prepared(statement, values)
            while len(self._kept) >= MOST_KEPT_VALUES:
                self._kept.pop(next(iter(self._kept)), None)
            # Another request may drop it while this one waits: it is returned by its own name.
            column = self._kept[key] = tuple(row[0] for row in rows)
            return column
        return self._kept[key]

    def checked_until(self, *kinds: str) -> date:
        """Return the last day until which all of some kinds of record were checked; of every kind, if none is named."""
        return min(map(self.covers_until.__getitem__, kinds or self.covers_until), default=date.min)


@dataclass(frozen=True)
class SqliteDataset(OpenDataset):
    """A published dataset in a file of SQLite.

    Attributes:
        engine: the engine of the file.
        connection: its only connection.
        has_trigrams: whether it has indexes of trigrams, and this SQLite can read them.
    """

    engine: Engine
    connection: Connection
    has_trigrams: bool = True
    _clock: QueryClock = field(default_factory=QueryClock, repr=False)
    _driver: Any = field(init=False, repr=False)

    def __post_init__(self) -> None:
        # Each answer refers to the dataset that it is made from. Its file is closed when another was published and the
        # last of these answers is done.
        object.__setattr__(self, "_close", weakref.finalize(self, _close, self.connection, self.engine))
        object.__setattr__(self, "_driver", self.connection.connection.driver_connection)
        self._clock.watch(self._driver)

    @property
    def path(self) -> Path:
        """The file, as it was called when it was opened."""
        return Path(unquote(str(self.engine.url.database).removeprefix("file:")))

    def run_prepared(self, statement: PreparedQuery, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """See ``OpenDataset.run_prepared``."""
        if not self.has_trigrams:
            statement = statement.scanning
        self._clock.start()
        try:
            rows: list[tuple[Any, ...]] = self._driver.execute(statement.sql, statement.arguments(values)).fetchall()
        except sqlite3.DatabaseError as error:
            raise self._clock.problem_of(error) from error
        return rows

    def query(self, query: Select[*tuple[Any, ...]]) -> list[Row[Any]]:
        """See ``OpenDataset.query``."""
        with self._timed():
            return list(self.connection.execute(query))

    def scalar(self, query: Select[*tuple[Any, ...]]) -> Any:
        """See ``OpenDataset.scalar``."""
        with self._timed():
            return self.connection.execute(query).scalar()

    def stream(self, query: Select[*tuple[Any, ...]]) -> Iterable[Row[Any]]:
        """See ``OpenDataset.stream``."""
        return self.connection.execute(query)

    def reopened(self) -> "SqliteDataset | None":
        """See ``OpenDataset.reopened``."""
        try:
            dataset = open_dataset(self.path)
        except NoDataset:
            return None
        if dataset.version == self.version:
            return dataset
        dataset.close()
        return None

    @contextmanager
    def _timed(self) -> Iterator[None]:
        self._clock.start()
        try:
            yield
        except DatabaseError as error:
            original = error.orig if isinstance(error.orig, Exception) else error
            problem = self._clock.problem_of(original)
            raise (error if problem is original else problem) from error

    def close(self) -> None:
        """Close the file."""
        self.__dict__["_close"]()


def _close(connection: Connection, engine: Engine) -> None:
    connection.close()
    engine.dispose()


def version_file(database: Path, version: str) -> Path:
    """Return the file in which a published version is kept, beside the file that is published now.

    Args:
        database: the file that is published now, such as ``data/unlisted.db``.
        version: the version; its file is ``data/unlisted-versions/<version>.db``.
    """
    return database.with_name(f"{database.stem}-versions") / f"{version}.db"


def published_fingerprint(path: Path) -> str | None:
    """Read the fingerprint of the files that a dataset was published from; None where none can be served."""
    try:
        check_file(path)
    except NoDataset:
        return None
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


class FileFault(StrEnum):
    """Why the published file is not the one that answers."""

    MISSING = "missing"
    UNREADABLE = "unreadable"
    DAMAGED = "damaged"
    OTHER_SCHEMA = "other-schema"


class UnusableDataset(NoDataset):
    """A file that cannot be served; a `NoDataset` to clients, with the kind of fault."""

    slug = NoDataset.slug

    def __init__(self, fault: FileFault, detail: str) -> None:
        super().__init__(detail)
        self.fault = fault


CheckState = Literal["checked", "checking", "no checksum"]


@dataclass(frozen=True)
class Served:
    """The state of what is served.

    Attributes:
        version: version of the dataset that answers.
        check: whether its file was compared with its checksum.
        fallback: the fault of the published file, where an earlier version answers in its place.
    """

    version: str
    check: CheckState
    fallback: FileFault | None


@dataclass
class _OpenFile:
    identity: tuple[int, int, int]
    dataset: SqliteDataset
    check: CheckState


class DatasetSource(ABC):
    """Where the dataset that answers comes from, whichever engine has it."""

    @property
    @abstractmethod
    def fallback(self) -> FileFault | None:
        """The fault of what was published, where an earlier version answers in its place."""

    @abstractmethod
    def current(self) -> OpenDataset:
        """Return the dataset that is published now, or the last good one before it.

        Raises:
            NoDataset: nothing is published, or nothing of it can be served.
        """

    @abstractmethod
    def served(self) -> Served:
        """Return the state of the dataset that answers now.

        Raises:
            NoDataset: none does.
        """

    @abstractmethod
    def version(self, version: str) -> OpenDataset:
        """Return a version of the dataset: the current one, or one that is still kept.

        Args:
            version: sixteen hexadecimal digits.

        Raises:
            VersionGone: it is not kept, or not in a form that this software reads; the message names the current one.
            NoDataset: nothing is published.
        """

    @abstractmethod
    def identity(self) -> Any:
        """Return a value that differs as soon as another dataset answers; it costs next to nothing."""

    @abstractmethod
    async def start(self) -> None:
        """Prepare to answer, on the loop of the requests."""

    @abstractmethod
    def close(self) -> None:
        """Close every dataset that is open."""

    async def stop(self) -> None:
        """Close everything, on the loop of the requests."""
        self.close()


def version_gone(version: str, current: str) -> VersionGone:
    """Return the refusal of a version that is not kept.

    Args:
        version: the version.
        current: the version that answers now.
    """
    return VersionGone(
        f"Version {version} of the dataset is not kept here. The current one is {current}; "
        "/dataset/versions lists those that are."
    )


class Datasets(DatasetSource):
    """The published dataset and the versions that are kept, each opened once and reopened when its file is replaced.

    A file is compared with its checksum when it is opened. Where the published file is missing, damaged or of another
    schema, the newest version that is kept and intact answers in its place.

    Args:
        path: the published file, or a symbolic link to it.
        query_seconds: how long a query may take; None sets no limit.
    """

    def __init__(self, path: Path, query_seconds: float | None = None) -> None:
        self.path = path
        self._query_seconds = query_seconds
        self._open: dict[Path, _OpenFile] = {}
        self._unusable: dict[Path, tuple[tuple[int, int, int], UnusableDataset]] = {}
        self._fallback: tuple[FileFault, Path] | None = None

    def current(self) -> SqliteDataset:
        """See ``DatasetSource.current``."""
        try:
            opened = self._opened(self.path)
        except UnusableDataset as problem:
            return self._last_good(problem)
        if self._fallback is not None:
            logger.warning("the published file can be served again; version %s answers", opened.version)
            self._fallback = None
        return opened

    def _last_good(self, problem: UnusableDataset) -> SqliteDataset:
        kept = version_file(self.path.resolve(), "").parent.glob("*.db")
        for path in sorted(kept, key=_published_at, reverse=True):
            try:
                opened = self._opened(path)
            except UnusableDataset:
                continue
            if self._fallback != (problem.fault, path):
                logger.error(
                    "the published file %s is %s; version %s answers in its place; to mend it: unlisted publish",
                    self.path,
                    problem.fault,
                    opened.version,
                )
                self._fallback = problem.fault, path
            return opened
        raise problem

    def served(self) -> Served:
        """See ``DatasetSource.served``."""
        opened = self.current()
        fault, path = self._fallback or (None, self.path)
        return Served(opened.version, self._open[path].check, fault)

    @property
    def fallback(self) -> FileFault | None:
        """The fault of the published file, where an earlier version answers in its place."""
        return self._fallback[0] if self._fallback else None

    def version(self, version: str) -> SqliteDataset:
        """See ``DatasetSource.version``."""
        current = self.current()
        if version == current.version:
            return current
        try:
            kept = self._opened(version_file(self.path.resolve(), version))
        except NoDataset:
            kept = None
        if kept is None or kept.version != version:
            raise version_gone(version, current.version)
        return kept

    def identity(self) -> Any:
        """Return the identity of the published file and of what answers in its place; None where there is no file."""
        try:
            return _file_identity(self.path), self._fallback
        except OSError:
            return self._fallback

    def _opened(self, path: Path) -> SqliteDataset:
        """Open the dataset in a file, once for as long as the file is the same.

        Raises:
            UnusableDataset: it cannot be served.
        """
        try:
            identity = _file_identity(path)
        except OSError:
            self._open.pop(path, None)
            raise UnusableDataset(
                FileFault.MISSING,
                "Nothing has been published yet. On the server, run: unlisted publish (or: make serve, which does).",
            ) from None
        found = self._open.get(path)
        if found is not None and found.identity == identity and path not in self._unusable:
            return found.dataset
        known, problem = self._unusable.get(path, (None, None))
        if problem is not None and known == identity:
            raise problem
        # Not closed: an answer may still read from it (`OpenDataset.__post_init__`).
        self._open.pop(path, None)
        self._unusable.pop(path, None)
        for gone in [other for other in self._open if not other.exists()]:
            del self._open[gone]
        try:
            self._open[path] = self._open_file(path, identity)
        except UnusableDataset as fault:
            logger.error("cannot serve %s: %s", path, fault.detail)
            self._unusable[path] = identity, fault
            raise
        return self._open[path].dataset

    def _open_file(self, path: Path, identity: tuple[int, int, int]) -> _OpenFile:
        in_background = identity[1] > CHECKED_BEFORE_SERVING and bool(listed_checksums(path.resolve()))
        check: CheckState = "checking" if in_background else check_file(path)
        clock = QueryClock(self._query_seconds, lambda error: self._condemn(path, identity, str(error)))
        opened = _OpenFile(identity, open_dataset(path, clock), check)
        if in_background:
            threading.Thread(target=self._check_in_background, args=(path, opened), daemon=True).start()
        return opened

    def _check_in_background(self, path: Path, opened: _OpenFile) -> None:
        try:
            opened.check = check_file(path)
        except UnusableDataset as fault:
            self._condemn(path, opened.identity, fault.detail)
        else:
            logger.info("the file of dataset %s has its checksum", opened.dataset.version)

    def _condemn(self, path: Path, identity: tuple[int, int, int], cause: str) -> None:
        """Serve a file no longer: it turned out to be damaged."""
        logger.error("the file %s is damaged and no longer served: %s", path, cause)
        self._unusable[path] = identity, UnusableDataset(FileFault.DAMAGED, DAMAGED)

    async def start(self) -> None:
        """See ``DatasetSource.start``: a file is opened when it is asked for."""

    def close(self) -> None:
        """Close every file that is open."""
        for opened in self._open.values():
            opened.dataset.close()
        self._open.clear()


DAMAGED = "The published file is damaged. On the server, run: unlisted publish"


def check_file(path: Path) -> CheckState:
    """Compare a published file with its checksum; where none was written, have SQLite check its pages.

    Raises:
        UnusableDataset: it is damaged, or cannot be read.
    """
    try:
        intact = is_intact(path.resolve())
        if intact is None and path.stat().st_size <= CHECKED_BEFORE_SERVING and not _has_sound_pages(path):
            intact = False
    except OSError as error:
        raise UnusableDataset(FileFault.UNREADABLE, f"The published file cannot be read: {error.strerror}") from None
    if intact is False:
        raise UnusableDataset(FileFault.DAMAGED, DAMAGED)
    return "no checksum" if intact is None else "checked"


def _has_sound_pages(path: Path) -> bool:
    engine = reading_engine(path)
    try:
        with engine.connect() as connection:
            return bool(connection.execute(text("PRAGMA quick_check(1)")).scalar() == "ok")
    except OperationalError:  # not a damaged file but, say, one without permission: to be opened says more
        return True
    except DatabaseError as error:
        # No database at all: to be opened says so.
        return "not a database" in str(error)
    finally:
        engine.dispose()


def _published_at(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:  # dropped by a publication since it was listed
        return 0


def newest_dataset(database: Path) -> SqliteDataset | None:
    """Return the dataset that was published last, from a kept version where the published file is gone or broken.

    Args:
        database: the file that is published to.
    """
    kept = version_file(database, "").parent.glob("*.db")
    for path in (database, *sorted(kept, key=_published_at, reverse=True)):
        if path.exists():
            try:
                check_file(path)
                return open_dataset(path)
            except NoDataset as problem:
                logger.warning("%s is passed over: %s", path, problem.detail)
    return None


def open_dataset(path: Path, clock: QueryClock | None = None) -> SqliteDataset:
    """Open a published dataset.

    Args:
        path: its file.
        clock: ends queries that take too long; not given, nothing does.

    Raises:
        UnusableDataset: the file is no dataset, or another version of the software published it.
    """
    engine = reading_engine(path)
    try:
        connection = engine.connect()
        schema = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        if schema != SCHEMA:
            raise UnusableDataset(
                FileFault.OTHER_SCHEMA,
                f"The dataset was published with schema {schema}, this software reads {SCHEMA}. "
                "On the server, run: unlisted publish",
            )
        row = connection.execute(select(*inspect(Dataset).columns)).one()
        kinds = connection.execute(select(*inspect(Coverage).columns)).all()
        covers_until = {kind.resource: kind.covers_until for kind in kinds}
        with_trigrams = has_trigrams(connection)
    except (DatabaseError, NoResultFound) as error:
        engine.dispose()
        logger.error("cannot read the dataset %s: %s", path, error)
        raise UnusableDataset(
            FileFault.UNREADABLE, "The published file cannot be read as a dataset. On the server, run: unlisted publish"
        ) from None
    except NoDataset:
        engine.dispose()
        raise
    return SqliteDataset(
        row.version,
        row.published_on,
        covers_until,
        row.record,
        engine,
        connection,
        with_trigrams,
        _clock=clock or QueryClock(),
    )


def has_trigrams(connection: Connection) -> bool:
    """Say whether a database of SQLite has an index of trigrams for each column that is to have one.

    A publication by a Python whose SQLite lacks FTS5, or is older than 3.34, makes none, nor can such a one read them.
    """
    wanted = set(map(trigram_table, TRIGRAM_COLUMNS))
    found = set(connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars())
    return wanted <= found and knows_trigrams(connection)


def knows_trigrams(connection: Connection) -> bool:
    """Say whether this SQLite can make indexes of trigrams: FTS5 has them since SQLite 3.34."""
    modules = connection.execute(text("PRAGMA module_list")).scalars()
    return sqlite3.sqlite_version_info >= (3, 34) and "fts5" in set(modules)
