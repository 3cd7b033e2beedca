"""The published dataset in PostgreSQL, read from whichever server has it."""

import asyncio
import logging
import os
import socket
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar
from weakref import WeakKeyDictionary, WeakSet

import psycopg
from sqlalchemy import Connection, Engine, Row, event, inspect, select
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.sql import Select
from sqlalchemy.util import await_only
from sqlalchemy.util.concurrency import in_greenlet
from sqlmodel import col

from app.database import (
    DatasetSource,
    FileFault,
    OpenDataset,
    PreparedQuery,
    Served,
    UnusableDataset,
    query_timeout,
    version_gone,
)
from app.postgresql.hosts import Parameters, each_host, engine_of, message_of, only, parameters_of, place_of, reading
from app.postgresql.schema import KEPT, Publication, publications
from app.problems import NoDataset
from app.tables import SCHEMA, Coverage, Dataset

logger = logging.getLogger("unlisted")

LOOK_EVERY = 1.0
"""Seconds between two looks at each host: for so long one process may answer from an older version than another."""

HOST_SECONDS = 1.0
"""Seconds in which a host must answer a look, else it counts as gone."""

LATE = 2
"""Looks in a row that a host does not answer in time until it counts as gone."""

RETRY_SECONDS = 8.0
"""For how long a statement is tried on other servers while servers fail; it only reads, so it can be repeated."""

MOST_CONNECTIONS = 8
"""Connections of each process; a statement waits for one for as long as it may be retried."""

NOTHING_PUBLISHED = "Nothing has been published to the database yet. On the server, run: unlisted publish"
CANNOT_BE_READ = "No server of the database can be read. The log of this server has the cause."

Result = TypeVar("Result")


class _Statement:
    """A prepared query as PostgreSQL understands it.

    Args:
        prepared: the query.
    """

    def __init__(self, prepared: PreparedQuery) -> None:
        compiled = prepared.query.compile(dialect=_DIALECT)
        self.sql = str(compiled)
        self._writers = {
            name: bind.type.dialect_impl(_DIALECT).bind_processor(_DIALECT)
            for bind, name in compiled.bind_names.items()
        }
        self._constants = dict(compiled.params)

    def arguments(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the bind values in the form that the driver takes."""
        arguments = {}
        for name, write in self._writers.items():
            value = values[name] if name in values else self._constants[name]
            value = value if write is None or value is None else write(value)
            # PostgreSQL has no texts with U+0000, and none of ours has another control character: it sorts alike.
            arguments[name] = value.replace("\0", "\1") if isinstance(value, str) else value
        return arguments


_DIALECT = PGDialect_psycopg(paramstyle="pyformat")  # type: ignore[no-untyped-call]  # SQLAlchemy's has no types
_STATEMENTS: "WeakKeyDictionary[PreparedQuery, _Statement]" = WeakKeyDictionary()


def _statement(prepared: PreparedQuery) -> _Statement:
    statement = _STATEMENTS.get(prepared)
    if statement is None:
        statement = _STATEMENTS[prepared] = _Statement(prepared)
    return statement


def _fetch(connection: Connection, statement: str, arguments: Mapping[str, Any]) -> list[Any]:
    """Run a statement by the driver itself, in binary: as text, the bytes of a record would come in hexadecimal."""
    driver: Any = connection.connection.driver_connection
    if isinstance(driver, psycopg.AsyncConnection):
        return await_only(_fetch_from(driver, statement, arguments))
    rows: list[Any] = driver.execute(statement, arguments, binary=True).fetchall()
    return rows


async def _fetch_from(
    driver: "psycopg.AsyncConnection[Any]", statement: Any, arguments: Mapping[str, Any]
) -> list[Any]:
    cursor = await driver.execute(statement, arguments, binary=True)
    return await cursor.fetchall()


def _as_text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


@dataclass(frozen=True)
class PostgresqlDataset(OpenDataset):
    """A publication in a schema that nothing alters: all statements of a request agree, whichever servers run them.

    Attributes:
        publication: the publication.
        servers: gives connections to servers that have it.
    """

    publication: Publication
    servers: "Servers" = field(repr=False)

    def run_prepared(self, statement: PreparedQuery, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """See ``OpenDataset.run_prepared``."""
        ours = _statement(statement)
        arguments = ours.arguments(values)
        rows = self.servers.run(self.publication, lambda one: _fetch(one, ours.sql, arguments))
        return [tuple(map(_as_text, row)) for row in rows]

    def query(self, query: Select[*tuple[Any, ...]]) -> list[Row[Any]]:
        """See ``OpenDataset.query``."""
        return self.servers.run(self.publication, lambda one: list(one.execute(query)))

    def scalar(self, query: Select[*tuple[Any, ...]]) -> Any:
        """See ``OpenDataset.scalar``."""
        return self.servers.run(self.publication, lambda one: one.execute(query).scalar())

    def stream(self, query: Select[*tuple[Any, ...]]) -> Iterable[Row[Any]]:
        """See ``OpenDataset.stream``."""
        with self.servers.engine.connect() as connection:
            connection.exec_driver_sql(search_path(self.publication.schema))
            yield from connection.execution_options(yield_per=100).execute(query)

    def reopened(self) -> "PostgresqlDataset":
        """See ``OpenDataset.reopened``: always there, as long as a server has the schema."""
        return read_dataset(self.publication, self.servers.for_thread())

    def close(self) -> None:
        """Close the connections that only this dataset has; those of a process are shared."""
        self.servers.release()


def search_path(schema: str) -> str:
    """Return the statement by which a session reads one publication."""
    return f'SET search_path TO "{schema}"'


def read_dataset(publication: Publication, servers: "Servers") -> PostgresqlDataset:
    """Read what is the same for every answer from a publication.

    Raises:
        UnusableDataset: another version of the software published it.
    """
    check_migration(publication)

    def read(connection: Connection) -> tuple[Any, Any]:
        row = connection.execute(select(*inspect(Dataset).columns)).one()
        return row, connection.execute(select(col(Coverage.resource), col(Coverage.covers_until))).all()

    row, kinds = servers.run(publication, read)
    covers_until = {resource: day for resource, day in kinds}  # noqa: C416  # rows are no pairs to a type checker
    return PostgresqlDataset(row.version, row.published_on, covers_until, row.record, publication, servers)


def open_newest(url: str) -> PostgresqlDataset:
    """Open the publication that a database has as its current one, for one thread and without a limit of time.

    Raises:
        NoDataset: no host answers, nothing is published, or another version of the software published it.
    """
    parameters = parameters_of(url)
    try:
        with psycopg.connect(**reading(parameters, None), autocommit=True) as connection:
            kept = publications(connection.execute(KEPT).fetchall())
    except psycopg.errors.UndefinedTable:
        kept = ()
    except psycopg.OperationalError as error:
        raise NoDataset(f"The database does not answer: {message_of(error)}") from None
    except psycopg.Error as error:
        raise NoDataset(f"The database cannot be read: {message_of(error)}") from None
    if not kept:
        raise NoDataset(NOTHING_PUBLISHED)
    return read_dataset(kept[-1], Servers(engine_of(reading(parameters, None)), lambda: parameters))


def check_migration(publication: Publication) -> None:
    """Refuse a publication whose tables are not those of this software.

    Raises:
        UnusableDataset: another version of the software published it.
    """
    if publication.migration != SCHEMA:
        raise UnusableDataset(
            FileFault.OTHER_SCHEMA,
            f"The dataset was published with schema {publication.migration}, this software reads {SCHEMA}. "
            "On the server, run: unlisted publish",
        )


class Servers:
    """Connections to servers, of which any may fail: a statement is repeated on another.

    Args:
        engine: gives connections.
        parameters: returns those of a connection to a server that has the publications, for other threads.
        query_seconds: how long a statement may take, for the message.
        pause: waits for some seconds.
        is_shared: whether the engine outlives the datasets that are read by it.
        is_dropped: says whether a publication was dropped, rather than that a server does not know it yet.
    """

    def __init__(
        self,
        engine: Engine,
        parameters: Callable[[], Parameters],
        query_seconds: float | None = None,
        pause: Callable[[float], None] = time.sleep,
        is_shared: bool = False,
        is_dropped: Callable[[Publication], bool] = lambda _: False,
    ) -> None:
        self.engine, self._parameters, self._query_seconds = engine, parameters, query_seconds
        self._pause, self._is_shared, self._is_dropped = pause, is_shared, is_dropped

    def for_thread(self) -> "Servers":
        """Return connections for another thread, without a limit of time."""
        parameters = {**reading(self._parameters(), None), "target_session_attrs": "any"}
        return Servers(engine_of(parameters), self._parameters)

    def release(self) -> None:
        """Close the connections, unless they are shared."""
        if not self._is_shared:
            self.engine.dispose()

    def run(self, publication: Publication, read: Callable[[Connection], Result]) -> Result:
        """Run statements on a server that has a publication; on another one where it fails.

        Raises:
            QueryTimeout: a statement took longer than is allowed.
            NoDataset: no server answered, or the publication was dropped.
        """
        deadline, wait = time.monotonic() + RETRY_SECONDS, 0.0
        while True:
            try:
                with self.engine.connect() as connection:
                    return self._read(connection, publication, read)
            except (DBAPIError, psycopg.Error) as error:
                original = error.orig if isinstance(error, DBAPIError) else error
                if isinstance(original, psycopg.errors.QueryCanceled):
                    raise query_timeout(self._query_seconds or 0) from error
                if not _is_failure_of_server(original):
                    raise
                logger.info("a server failed, another one is asked: %s", message_of(original or error))
                last: Exception = error
            except (DisconnectionError, PoolTimeoutError, OSError) as error:
                last = error
            if self._is_dropped(publication):
                raise NoDataset("The version was dropped while it was read. Ask again.") from last
            if time.monotonic() > deadline:
                raise NoDataset("No server of the database answers. Ask again.") from last
            self._pause(wait)
            wait = min(0.2, wait * 2 or 0.01)

    @staticmethod
    def _read(connection: Connection, publication: Publication, read: Callable[[Connection], Result]) -> Result:
        if connection.info.get("schema") != publication.schema:
            connection.info.pop("schema", None)
            connection.exec_driver_sql(search_path(publication.schema))
            connection.info["schema"] = publication.schema
        try:
            return read(connection)
        except (DBAPIError, psycopg.Error) as error:
            original = error.orig if isinstance(error, DBAPIError) else error
            # Its server does not have the publication yet, or is gone.
            if not connection.invalidated and _is_failure_of_server(original):
                connection.invalidate()
            raise


_FAILURES = (
    psycopg.errors.UndefinedTable,
    psycopg.errors.SerializationFailure,  # a standby ended it, to replay what the primary dropped
    psycopg.errors.DeadlockDetected,
    psycopg.OperationalError,  # classes 08, 53 and 57: it is not connected, has no room, shuts down
    psycopg.InterfaceError,
)


def _is_failure_of_server(error: BaseException | None) -> bool:
    """Say whether a statement may succeed on another server, or later."""
    return isinstance(error, _FAILURES)


def hang_up(connection: "psycopg.AsyncConnection[Any]") -> None:
    """End a connection from which an answer may never come; what waits for it fails at once."""
    with suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(connection.fileno())) as end:
        end.shutdown(socket.SHUT_RDWR)


@dataclass
class _Host:
    """A host of the URL, asked for its publications by a connection of its own.

    Attributes:
        parameters: of a connection to it alone.
        connection: the connection; None where there is none.
        kept: its publications, the current one last; None where it cannot be asked.
        late: how many looks in a row it did not answer in time.
        fault: why it cannot be asked, as it was logged; None where it can.
    """

    parameters: Parameters
    connection: psycopg.AsyncConnection[Any] | None = None
    kept: tuple[Publication, ...] | None = None
    late: int = 0
    fault: str | None = None

    async def look(self) -> None:
        """Ask for the publications."""
        try:
            self.kept = await self._ask()
            self.late, self.fault = 0, None
        except TimeoutError:
            self.late += 1
            if self.late >= LATE:  # once may be a busy machine
                self._lose("no answer in time")
            await self.close()
        except (psycopg.Error, OSError) as error:
            self._lose(message_of(error))
            await self.close()

    async def _ask(self) -> tuple[Publication, ...]:
        if self.connection is None or self.connection.closed:
            async with asyncio.timeout(HOST_SECONDS):
                self.connection = await psycopg.AsyncConnection.connect(**self.parameters, autocommit=True)
        # Not cancelled: the driver would first try for 5 s to cancel the statement in the server.
        timer = asyncio.get_running_loop().call_later(HOST_SECONDS, hang_up, self.connection)
        try:
            cursor = await self.connection.execute(KEPT)
            return publications(await cursor.fetchall())
        except psycopg.errors.UndefinedTable:
            return ()
        except psycopg.OperationalError as error:
            if timer.when() <= asyncio.get_running_loop().time():
                raise TimeoutError from error
            raise
        finally:
            timer.cancel()

    def _lose(self, fault: str) -> None:
        if fault != self.fault:  # once, and not every second
            logger.warning("a server of the database cannot be read: %s: %s", self.name, fault)
        self.kept, self.fault = None, fault

    @property
    def name(self) -> str:
        """Its name in messages."""
        host, port = place_of(self.parameters)
        return f"{host or 'local'}:{port}"

    def is_at_other_end_of(self, connection: "psycopg.BaseConnection[Any]") -> bool:
        """Say whether a connection leads to it."""
        host, port = place_of(self.parameters)
        return host in (None, connection.info.host) and port == connection.info.port

    async def close(self) -> None:
        """Close the connection."""
        connection, self.connection = self.connection, None
        if connection is not None:
            with suppress(psycopg.Error, OSError):
                await connection.close()


class PostgresqlDatasets(DatasetSource):
    """The publications of a database, of which the newest that any of its hosts has answers.

    Every second each host is asked for its publications, over one connection. Statements go to hosts that have the
    current one; which of these, libpq chooses as the URL asks (``target_session_attrs``, ``load_balance_hosts``). A
    process never goes back to a publication older than one it has answered from: where only hosts are left that lag
    behind, it refuses.

    Args:
        url: the database URL.
        query_seconds: how long a statement may take; None sets no limit.
    """

    def __init__(self, url: str, query_seconds: float | None = None) -> None:
        self._all = parameters_of(url)
        self._parameters = reading(self._all, query_seconds)
        self._hosts = [_Host(own) for own in each_host(reading(self._all, HOST_SECONDS))]
        self._able: list[Parameters] = []
        self._has_able = False
        self._connections: WeakSet[psycopg.AsyncConnection[Any]] = WeakSet()
        self._epoch = 0
        self._current: PostgresqlDataset | None = None
        self._fault: NoDataset | None = None
        self._kept: tuple[Publication, ...] = ()
        self._opened: dict[str, PostgresqlDataset] = {}
        self._looked_at = float("-inf")
        self._looking: asyncio.Task[None] | None = None
        self._watching: asyncio.Task[None] | None = None
        self._engine = create_async_engine(
            "postgresql+psycopg://",
            async_creator=self._connect,
            pool_size=MOST_CONNECTIONS,
            max_overflow=0,
            pool_timeout=RETRY_SECONDS,
            pool_reset_on_return=None,  # each statement is a transaction of its own
        )
        event.listen(self._engine.sync_engine, "connect", self._note_epoch)
        event.listen(self._engine.sync_engine, "checkout", self._check_epoch)
        self._servers = Servers(
            self._engine.sync_engine,
            lambda: only(self._all, self._able) if self._able else self._all,
            query_seconds,
            pause=lambda seconds: await_only(asyncio.sleep(seconds)),
            is_shared=True,
            is_dropped=lambda publication: bool(self._kept) and publication not in self._kept,
        )

    async def start(self) -> None:
        """Look at the hosts, and go on doing so for as long as the loop runs."""
        await self.look()
        if self._watching is None or self._watching.done():
            self._watching = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            try:
                await self.look()
            except Exception:
                logger.exception("cannot look at the hosts of the database")

    async def look(self) -> None:
        """Look at every host, once for all that wait for it."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        await asyncio.shield(self._looking)

    async def _look(self) -> None:
        await asyncio.gather(*(host.look() for host in self._hosts))
        self._looked_at = time.monotonic()
        newest = max((host.kept for host in self._hosts if host.kept), key=lambda kept: kept[-1].number, default=())
        number = self._current.publication.number if self._current else -1
        if newest and newest[-1].number > number:
            self._choose(newest)
            await self._open(newest)
        else:
            self._choose(self._kept)
            self._forget_dropped()

    def _forget_dropped(self) -> None:
        """Keep the publications that each host has which has the current one: any of these may be asked."""
        lists = [host.kept for host in self._hosts if host.kept and self._kept and host.kept[-1] == self._kept[-1]]
        if lists:
            self._kept = tuple(one for one in lists[0] if all(one in kept for kept in lists))
            self._opened = {version: one for version, one in self._opened.items() if one.publication in self._kept}

    def _choose(self, kept: Sequence[Publication]) -> None:
        """Take the hosts that have the newest of some publications; all connections follow if they are others.

        Where there is none, those from before are tried on.
        """
        able = [host.parameters for host in self._hosts if kept and host.kept and host.kept[-1] == kept[-1]]
        self._has_able = bool(able)
        if able and able != self._able:
            self._able = able
            self._epoch += 1
            self._cut([host for host in self._hosts if host.late >= LATE])

    def _cut(self, hosts: Sequence[_Host]) -> None:
        """End the connections to hosts that hang: what waits for an answer from them asks another one."""
        for connection in [one for one in self._connections if not one.closed]:
            if any(host.is_at_other_end_of(connection) for host in hosts):
                hang_up(connection)

    async def _open(self, kept: tuple[Publication, ...]) -> None:
        try:
            check_migration(kept[-1])
            async with self._engine.connect() as connection:
                opened = await connection.run_sync(lambda one: read_dataset(kept[-1], _One(one)))
        except NoDataset as fault:
            self._fault = fault
            return
        except (DBAPIError, psycopg.Error, DisconnectionError, PoolTimeoutError, OSError) as error:
            logger.warning("publication %d cannot be read yet: %s", kept[-1].number, error)
            return
        self._fault, self._kept = None, kept
        self._current = PostgresqlDataset(
            opened.version, opened.published_on, opened.covers_until, opened.record, kept[-1], self._servers
        )
        self._opened = {self._current.version: self._current}
        logger.info("dataset %s answers, publication %d", self._current.version, kept[-1].number)

    async def _connect(self) -> psycopg.AsyncConnection[Any]:
        parameters = only(self._parameters, self._able) if self._able else self._parameters
        try:
            connection = await psycopg.AsyncConnection.connect(**parameters, autocommit=True)
        except psycopg.OperationalError:
            if "target_session_attrs" not in parameters:
                raise
            # None of the kind that is preferred has the publication: rather another one than none.
            parameters = {**parameters, "target_session_attrs": "any"}
            connection = await psycopg.AsyncConnection.connect(**parameters, autocommit=True)
        self._connections.add(connection)
        return connection

    def _note_epoch(self, _connection: Any, record: Any) -> None:
        record.info["epoch"] = self._epoch

    def _check_epoch(self, _connection: Any, record: Any, _proxy: Any) -> None:
        if record.info.get("epoch") != self._epoch:
            raise DisconnectionError("the hosts that have the publication are others now")

    @property
    def fallback(self) -> FileFault | None:
        """None: no earlier version ever answers in the place of the current one."""
        return None

    def current(self) -> PostgresqlDataset:
        """See ``DatasetSource.current``."""
        if in_greenlet() and time.monotonic() - self._looked_at > 2 * LOOK_EVERY + HOST_SECONDS:
            await_only(self.look())
        if self._current is None:
            is_empty = any(host.kept is not None for host in self._hosts)
            raise self._fault or UnusableDataset(FileFault.MISSING, NOTHING_PUBLISHED if is_empty else CANNOT_BE_READ)
        return self._current

    def served(self) -> Served:
        """See ``DatasetSource.served``."""
        current = self.current()
        if not self._has_able:
            raise NoDataset("No server that has the current version answers.")
        return Served(current.version, "checked", None)

    def version(self, version: str) -> PostgresqlDataset:
        """See ``DatasetSource.version``."""
        current = self.current()
        opened = self._opened.get(version)
        if opened is None:
            found = [one for one in self._kept if one.version == version]
            if not found or found[-1].migration != SCHEMA:
                raise version_gone(version, current.version)
            opened = self._opened[version] = read_dataset(found[-1], self._servers)
        return opened

    def identity(self) -> Any:
        """See ``DatasetSource.identity``."""
        return self._current.publication if self._current else None

    def close(self) -> None:
        """Stop looking; the connections end with the loop, or by ``stop``."""
        if self._watching is not None:
            self._watching.cancel()
            self._watching = None

    async def stop(self) -> None:
        """Stop looking, and close every connection."""
        self.close()
        await asyncio.gather(*(host.close() for host in self._hosts))
        await self._engine.dispose()


class _One(Servers):
    """One connection that is open, for what is read when a publication is opened.

    Args:
        connection: the connection.
    """

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection.engine, dict)
        self._connection = connection

    def run(self, publication: Publication, read: Callable[[Connection], Result]) -> Result:
        """Run statements once."""
        return self._read(self._connection, publication, read)
