"""Databases in memory with the tables of the record and a few rows, for tests that need no published dataset."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache

from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool
from sqlmodel import Session, SQLModel


@cache
def _empty() -> bytes:
    """Create the tables once, since that takes longer than most tests."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    SQLModel.metadata.create_all(engine)
    with closing(engine.raw_connection()) as connection:
        content = bytes(connection.driver_connection.serialize())  # type: ignore[union-attr]  # sqlite3's connection
    engine.dispose()
    return content


@contextmanager
def tables_with(*rows: SQLModel) -> Iterator[Session]:
    """Give a session on a database in memory that holds copies of some rows: a row itself belongs to one session."""
    connection = sqlite3.connect(":memory:")
    connection.deserialize(_empty())
    engine = create_engine("sqlite://", poolclass=StaticPool, creator=lambda: connection)
    with Session(engine) as session:
        session.add_all(type(row)(**{name: getattr(row, name) for name in type(row).model_fields}) for row in rows)
        session.flush()
        yield session
    engine.dispose()
