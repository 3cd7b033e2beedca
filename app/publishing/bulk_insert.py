"""Rows written by the driver itself, many at once: what SQLAlchemy does for each costs more than to write it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Date, Enum, inspect
from sqlmodel import Session, SQLModel

from app.publishing.batch_reader import table_of

Write = Callable[[Any], Any]
"""Converts a value of a column to the form that the driver takes."""


class Insert(NamedTuple):
    """Rows of a table as the driver takes them, which another process may have made.

    Attributes:
        statement: the INSERT.
        rows: the values of each row.
    """

    statement: str
    rows: list[list[Any]]

    def run(self, session: Session) -> int:
        """Insert the rows into a draft, and return how many."""
        driver: Any = session.connection().connection.driver_connection
        written: int = driver.executemany(self.statement, self.rows).rowcount
        return written


def insert_of(
    table: type[SQLModel], columns: Sequence[str], rows: Iterable[Sequence[Any]], only_new: bool = False
) -> Insert:
    """Prepare the insertion of rows.

    Args:
        table: the table.
        columns: the columns that are given.
        rows: their values, in that order.
        only_new: whether to skip rows whose primary key, or another value of which there can be one, exists.
    """
    writers = _writers(table, tuple(columns))
    given = [list(row) for row in rows]
    for place, write in writers:
        for row in given:
            if row[place] is not None:
                row[place] = write(row[place])
    names = ", ".join(f'"{name}"' for name in columns)
    statement = f'INSERT INTO "{table.__tablename__}" ({names}) VALUES ({", ".join("?" * len(columns))})'  # noqa: S608
    if only_new:
        statement += " ON CONFLICT DO NOTHING"
    return Insert(statement, given)


def inserts_of(rows: Iterable[SQLModel]) -> Iterator[Insert]:
    """Prepare the insertion of rows that `new_row` made, of whatever tables."""
    by_table: dict[type[SQLModel], list[Any]] = {}
    for row in rows:
        by_table.setdefault(table_of(row), []).append(row)
    for table, made in by_table.items():
        yield insert_of(table, column_names(table), made)


@cache
def column_names(table: type[SQLModel]) -> tuple[str, ...]:
    """Return the names of the columns of a table, in order."""
    return tuple(column.name for column in inspect(table).local_table.columns)


@cache
def _writers(table: type[SQLModel], columns: tuple[str, ...]) -> list[tuple[int, Write]]:
    """Return the functions that convert the values of columns, by their places; days and enumerations are texts."""
    types = {column.name: column.type for column in inspect(table).local_table.columns}
    found: list[tuple[int, Write]] = []
    for place, name in enumerate(columns):
        if isinstance(types[name], Date):
            found.append((place, date.isoformat))
        elif isinstance(types[name], Enum):
            found.append((place, str))
    return found
