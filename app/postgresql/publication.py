"""Publishing to PostgreSQL: a draft of SQLite is copied into a new schema, and answers from one transaction on."""

import hashlib
import json
import logging
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
from alembic import command
from psycopg import sql
from sqlalchemy import text
from sqlmodel import SQLModel

from app.postgresql.datasets import LOOK_EVERY, PostgresqlDataset, Servers, read_dataset
from app.postgresql.downloads import PartError, copy_files
from app.postgresql.hosts import Parameters, engine_of, parameters_of, reading, writing
from app.postgresql.schema import KEPT, LOCK, READERS, SETUP, Publication, publications
from app.problems import NoDataset
from app.publishing.schema import alembic_config
from app.tables import SCHEMA

logger = logging.getLogger("unlisted")

WAIT_SECONDS = 30.0
"""For how long a publication waits until every standby that is connected has it; one that lags more is left behind."""

TRIGRAMS = "pg_trgm"
"""The extension with which an index finds parts of texts; PostgreSQL has it among its own (Debian: postgresql)."""

ROWS_AT_ONCE = 1000
"""Rows that are read from the draft at once."""


class CopyError(Exception):
    """The rows or files that arrived in PostgreSQL differ from those that were sent."""


class Target:
    """A database that is published to, with its lock held; or one that is only read.

    Args:
        connection: a session that commits each statement; on the primary, to publish.
        parameters: of such a session.
    """

    def __init__(self, connection: "psycopg.Connection[Any]", parameters: Parameters) -> None:
        self._connection, self._parameters = connection, parameters

    def _reading(self) -> Servers:
        return Servers(engine_of(reading(self._parameters, None)), lambda: self._parameters)

    def kept(self) -> tuple[Publication, ...]:
        """Return the publications that can be asked for, the current one last; none in a database of others."""
        try:
            return publications(self._connection.execute(KEPT).fetchall())
        except psycopg.errors.UndefinedTable:
            return ()

    def newest(self) -> PostgresqlDataset | None:
        """Open the newest publication that this software reads; None where there is none."""
        for publication in reversed(self.kept()):
            try:
                return read_dataset(publication, self._reading())
            except NoDataset as problem:
                logger.warning("publication %d is passed over: %s", publication.number, problem.detail)
        return None

    def verify(self) -> dict[str, str | None]:
        """Open every publication; return for each schema why it cannot be served, or None."""
        found: dict[str, str | None] = {}
        for publication in self.kept():
            try:
                read_dataset(publication, self._reading()).close()
            except NoDataset as problem:
                found[publication.schema] = problem.detail
            else:
                found[publication.schema] = None
        return found

    def publish(self, draft: Path, version: str, downloads: Path | None = None) -> Publication:
        """Copy a draft into a schema of its own and let it answer, in one transaction.

        What a publication leaves that is killed is a schema that no publication names; the next one drops it.

        Args:
            draft: the draft.
            version: its version.
            downloads: the folder of the files that /downloads offers; None publishes none.

        Raises:
            CopyError: the rows or files that arrived differ from those that were sent; nothing was published.
        """
        number = self._next_number()
        publication = Publication(number, version, f"v_{version}_{number}", SCHEMA)
        self._make_tables(publication.schema)
        with self._connection.transaction(), closing(_opened(draft)) as source:
            schema = sql.Identifier(publication.schema)
            self._connection.execute(sql.SQL("SET LOCAL search_path TO {}").format(schema))
            later = self._take_off(publication.schema)
            self._order_by_code_points()
            # Not compressed: to unpack the records of a page of 50 took a sixth of the time of its query.
            self._connection.execute("ALTER TABLE rendering ALTER item SET STORAGE EXTERNAL")
            self._connection.execute("ALTER TABLE rendering ALTER record SET STORAGE EXTERNAL")
            for table in SQLModel.metadata.tables.values():
                self._copy(source, table.name)
            for statement in later:
                self._connection.execute(statement)
            self._compare(source)
            try:
                copy_files(self._connection, downloads)
            except PartError as error:
                raise CopyError(str(error)) from None
            self._grant(publication.schema)
            self._list(publication)
        self._analyze(publication.schema)
        return publication

    def publish_again(self, version: str) -> Publication | None:
        """Let a version that is kept answer once more, as it was; None where it is not kept."""
        found = next((one for one in reversed(self.kept()) if one.version == version), None)
        if found is None:
            return None
        publication = Publication(self._next_number(), version, found.schema, found.migration)
        with self._connection.transaction():
            self._list(publication)
        return publication

    def wait_for_readers(self) -> None:
        """Wait until the standbys that are connected have replayed what was written, and processes have looked."""
        until = time.monotonic() + WAIT_SECONDS
        written = self._connection.execute("SELECT pg_current_wal_lsn()::text").fetchone()
        lagging: Any = None
        while time.monotonic() < until:
            # Other roles than pg_monitor see no positions: then there is nothing to wait for.
            lagging = self._connection.execute(
                "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming' AND replay_lsn < %s::pg_lsn",
                written,
            ).fetchone()
            if lagging == (0,):
                break
            time.sleep(0.05)
        else:
            logger.warning("%s standbys have not received the publication after %g s", lagging[0], WAIT_SECONDS)
        time.sleep(2 * LOOK_EVERY)

    def drop_all_but(self, versions: Iterable[str]) -> None:
        """Drop the publications of versions that are not kept, and older ones of those that are."""
        kept, newest = set(versions), {one.version: one for one in self.kept()}
        stay = {one.schema for one in newest.values() if one.version in kept}
        for publication in self.kept():
            if publication == newest[publication.version] and publication.version in kept:
                continue
            with self._connection.transaction():
                self._connection.execute("DELETE FROM unlisted.publication WHERE number = %s", [publication.number])
        listed = self._connection.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname ~ '^v_[0-9a-f]{16}_[0-9]+$'"
        ).fetchall()
        for (schema,) in listed:
            if schema not in stay:
                self._connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))

    def _next_number(self) -> int:
        last = self.kept()
        return max(time.time_ns() // 1_000_000, last[-1].number + 1 if last else 0)

    def _list(self, publication: Publication) -> None:
        self._connection.execute(
            "INSERT INTO unlisted.publication VALUES (%s, %s, %s, %s)",
            [publication.number, publication.version, publication.schema, publication.migration],
        )

    def _make_tables(self, schema: str) -> None:
        """Make a schema, and run the migrations in it."""
        engine = engine_of(self._parameters)
        try:
            with engine.begin() as connection:
                connection.execute(text(f'CREATE SCHEMA "{schema}"'))
                connection.execute(text(f'SET search_path TO "{schema}"'))
                command.upgrade(alembic_config(connection), "head")
        finally:
            engine.dispose()

    def _order_by_code_points(self) -> None:
        """Order every text by its code points, as SQLite does, whatever the locale of the database."""
        columns = self._connection.execute(
            "SELECT table_name, array_agg(column_name::text) FROM information_schema.columns "
            "WHERE table_schema = current_schema AND data_type IN ('character varying', 'text') "
            "AND collation_name IS DISTINCT FROM 'C' GROUP BY table_name"
        ).fetchall()
        for table, names in columns:
            changes = [sql.SQL('ALTER {} TYPE text COLLATE "C"').format(sql.Identifier(name)) for name in names]
            statement = sql.SQL("ALTER TABLE {} {}").format(sql.Identifier(table), sql.SQL(", ").join(changes))
            self._connection.execute(statement)

    def _take_off(self, schema: str) -> list[sql.SQL]:
        """Take off constraints and indexes while rows are copied; return the statements that put them on again.

        References and conditions were checked by the rules of the seed, which name file and line, and stay off.
        """
        constraints = self._connection.execute(
            "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid), contype "
            "FROM pg_constraint WHERE connamespace = %s::regnamespace AND conrelid <> 0 ORDER BY contype = 'f' DESC",
            [schema],
        ).fetchall()
        again: list[sql.SQL] = []
        for table, name, definition, kind in constraints:
            self._connection.execute(sql.SQL(f"ALTER TABLE {table} DROP CONSTRAINT {name}"))
            if kind in ("p", "u"):
                again.append(sql.SQL(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}"))
        indexes = self._connection.execute(
            "SELECT quote_ident(indexname), indexdef FROM pg_indexes WHERE schemaname = %s", [schema]
        ).fetchall()
        for name, definition in indexes:
            self._connection.execute(sql.SQL(f"DROP INDEX {name}"))
            again.append(sql.SQL(definition))
        return again

    def _copy(self, source: sqlite3.Connection, table: str) -> None:
        columns = [column.name for column in SQLModel.metadata.tables[table].columns]
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
        with self._connection.cursor() as cursor, cursor.copy(statement) as copy:
            for row in _rows(source, table, columns):
                copy.write_row(row)

    def _compare(self, source: sqlite3.Connection) -> None:
        """Compare what arrived with the draft: the number of rows of each table, and a digest of every record."""
        for table in SQLModel.metadata.tables:
            counted = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
            arrived = self._connection.execute(counted).fetchone()
            sent = source.execute(f'SELECT count(*) FROM "{table}"').fetchone()  # noqa: S608  # a table of ours
            if arrived != sent:
                raise CopyError(f"{table}: {sent[0]} rows were sent, {arrived and arrived[0]} arrived")
        columns = ["resource", "id", "from_on", "until_on", "item", "record"]
        with self._connection.cursor(name="renderings") as cursor:
            cursor.itersize = ROWS_AT_ONCE
            cursor.execute(
                "SELECT resource, id, from_on::text, until_on::text, item, record FROM rendering "
                "ORDER BY resource, id, from_on"
            )
            if _digest(cursor) != _digest(_rows(source, "rendering", columns, "resource, id, from_on")):
                raise CopyError("the records that arrived are not those that were sent")

    def _grant(self, schema: str) -> None:
        if self._connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [READERS]).fetchone():
            for statement in grants(schema):
                self._connection.execute(statement)

    def _analyze(self, schema: str) -> None:
        """Collect the planner's statistics of the new tables, before the first query."""
        for table in SQLModel.metadata.tables:
            self._connection.execute(sql.SQL("ANALYZE {}.{}").format(sql.Identifier(schema), sql.Identifier(table)))


def grants(schema: str) -> list[sql.Composed]:
    """Return the statements that let the readers read a schema."""
    names = {"schema": sql.Identifier(schema), "readers": sql.Identifier(READERS)}
    return [
        sql.SQL("GRANT USAGE ON SCHEMA {schema} TO {readers}").format(**names),
        sql.SQL("GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {readers}").format(**names),
    ]


@contextmanager
def publication_to(url: str) -> Iterator[Target]:
    """Lock a database against other publications; wait where one is under way.

    Args:
        url: the database URL, of a role that may create schemas.

    Raises:
        psycopg.Error: the database does not allow it.
    """
    parameters = writing(parameters_of(url))
    with psycopg.connect(**parameters, autocommit=True) as connection:
        if connection.execute("SELECT pg_try_advisory_lock(%s)", [LOCK]).fetchone() == (False,):
            logger.warning("another publication to the database is under way; waiting until it is done")
            connection.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        for statement in SETUP:
            connection.execute(statement)
        _make_trigrams(connection)
        yield Target(connection, parameters)


@contextmanager
def reading_of(url: str) -> Iterator[Target]:
    """Open a database to look at what was published to it, without its lock, by a role that may only read, too.

    Args:
        url: the database URL.

    Raises:
        psycopg.Error: the database does not allow it.
    """
    parameters = reading(parameters_of(url), None)
    with psycopg.connect(**parameters, autocommit=True) as connection:
        yield Target(connection, parameters)


def _make_trigrams(connection: "psycopg.Connection[Any]") -> None:
    """Make the extension of trigrams, whose indexes the migrations then make; without it, texts are read through.

    It is trusted since PostgreSQL 13: a role that may create schemas in the database may make it, too.
    """
    try:
        extension = sql.Identifier(TRIGRAMS)
        connection.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {} WITH SCHEMA unlisted").format(extension))
    except (
        psycopg.errors.InsufficientPrivilege,
        psycopg.errors.FeatureNotSupported,
        psycopg.errors.UndefinedFile,
    ) as problem:
        logger.warning("no index finds parts of names, so that they are read through: %s", problem)


def _opened(draft: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{draft}?mode=ro", uri=True)


def _rows(source: sqlite3.Connection, table: str, columns: Iterable[str], order: str = "rowid") -> Iterator[Any]:
    names = ", ".join(f'"{name}"' for name in columns)
    cursor = source.execute(f'SELECT {names} FROM "{table}" ORDER BY {order}')  # noqa: S608  # names of our tables
    while rows := cursor.fetchmany(ROWS_AT_ONCE):
        yield from rows


def _digest(rows: Iterable[Any]) -> str:
    digest = hashlib.sha256()
    for row in rows:
        digest.update(json.dumps(list(row)).encode())
    return digest.hexdigest()
