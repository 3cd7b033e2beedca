"""The tables, read in bounded memory: gone through row by row, and looked into for a row and those after it at once."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, func, inspect
from sqlmodel import Session, SQLModel, col, select

from app.publishing.progress import with_progress

Row = TypeVar("Row", bound=SQLModel)

CHUNK = 1000
"""How many rows of a table that is gone through are held at once."""

AT_ONCE = 10_000
"""How many rows that belong to others are looked for by one SELECT; more only where they belong to one alone."""

MOST_HELD = 50_000
"""How many rows may be held that belong to those of one chunk; the next one looks for the rest again."""


class BatchReader:
    """The tables as rules and renderers ask for them: by id, and by the id of what they belong to.

    One SELECT a question would take an hour a million rows, and whole tables would not fit into memory. What is asked
    of one row of a chunk is soon asked of the next ones: of the values adjacent to one that is asked for, those
    that follow are looked for with it.

    Args:
        session: the database.
        doing: what the tables are gone through for, to be shown where it takes long.

    Attributes:
        held: how many rows are held at the moment that belong to those of the chunk.
    """

    def __init__(self, session: Session, doing: str = "reading") -> None:
        self._session = session
        self._doing = doing
        self._chunk: Sequence[SQLModel] = ()
        self._found: dict[Any, dict[Any, list[Any]]] = defaultdict(dict)
        self.held = 0
        self._beside: dict[Any, tuple[Sequence[Any], int]] = {}

    def all(self, table: type[Row]) -> Iterator[Row]:
        """Yield every row of a table, in the order of its primary key, which is one column."""
        doing = f"{self._doing} {table.__tablename__}"
        yield from with_progress(self._each(table), doing, total=self.count(table))

    def related(self, table: type[Row], column: Any, value: Any, /, **same: Any) -> list[Row]:
        """Return the rows of a table that have a value in a column, in the order of the primary key.

        Args:
            table: the table.
            column: the column, such as ``Name.subject_id``.
            value: the value; nothing has None.
            same: columns, and what they have in every row that is meant.
        """
        if value is None:
            return []
        name: str = column.key
        held = self._found[table, name, *same.items()]
        if value not in held:
            if self.held > MOST_HELD:
                self._evict()
                held = self._found[table, name, *same.items()]
            self._prefetch(held, table, name, value, same)
        found: list[Row] = held[value]
        return found

    def one_related(self, table: type[Row], column: Any, value: Any) -> Row:
        """Return the one row of a table that has a value in a column."""
        (row,) = self.related(table, column, value)
        return row

    def where(self, table: type[Row], *conditions: ColumnElement[bool]) -> Iterator[Row]:
        """Yield the rows of a table that fulfil conditions."""
        yield from self._session.exec(select(table).where(*conditions).execution_options(yield_per=CHUNK))

    def count(self, table: type[SQLModel], *conditions: ColumnElement[bool]) -> int:
        """Return how many rows of a table fulfil conditions."""
        return self._session.exec(select(func.count()).select_from(table).where(*conditions)).one()

    def _each(self, table: type[Row]) -> Iterator[Row]:
        """Yield every row of a table, chunk by chunk; with each chunk, let go of what belongs to the one before."""
        key = key_column(table)
        chunk = self._following(table, key, None)
        while chunk:
            self._chunk = chunk
            self._evict()
            yield from chunk
            chunk = self._following(table, key, getattr(chunk[-1], key))

    def _following(self, table: type[Row], key: str, last: Any) -> Sequence[Row]:
        """Return the next chunk of a table."""
        column = col(getattr(table, key))
        query = select(table).order_by(column).limit(CHUNK)
        return self._session.exec(query if last is None else query.where(column > last)).all()

    def _prefetch(
        self, held: dict[Any, list[Any]], table: type[SQLModel], column: str, value: Any, same: dict[str, Any]
    ) -> None:
        """Load the rows for `value` and prefetch those of the following keys, at most AT_ONCE rows per SELECT."""
        beside, place = self._beside.get(value, ([value], 0))
        wanted = [one for one in beside[place : place + CHUNK] if one not in held]
        found = self._select(table, column, wanted, same, AT_ONCE)
        if len(found) == AT_ONCE:  # of the last value, and of those that sort behind it, there may be more
            last = getattr(found[-1], column)
            wanted = [one for one in wanted if one < last]
            found = [row for row in found if getattr(row, column) != last]
            if value not in wanted:
                wanted.append(value)
                found += self._select(table, column, [value], same)
        held.update({one: [] for one in wanted})
        for row in found:
            held[getattr(row, column)].append(row)
        self.held += len(found)
        self._remember_keys(found)

    def _select(
        self, table: type[SQLModel], column: str, values: Sequence[Any], same: dict[str, Any], most: int | None = None
    ) -> list[SQLModel]:
        """Return the rows that have one of some values in a column, in the order of these; not more than asked for."""
        asked, key = col(getattr(table, column)), col(getattr(table, key_column(table)))
        conditions = [asked.in_(values), *(col(getattr(table, name)) == value for name, value in same.items())]
        return list(self._session.exec(select(table).where(*conditions).order_by(asked, key).limit(most)).all())

    def _remember_keys(self, rows: Sequence[SQLModel]) -> None:
        """Remember which values stand beside one another in the columns of rows that say what belongs to what."""
        for column in _links_of(type(rows[0])) if rows else ():
            values = [value for value in dict.fromkeys(getattr(row, column) for row in rows) if value is not None]
            for place, value in enumerate(values):
                self._beside.setdefault(value, (values, place))

    def _evict(self) -> None:
        """Let go of all rows but those of the chunk that is gone through."""
        self._found.clear()
        self._beside.clear()
        self.held = 0
        self._remember_keys(self._chunk)


@cache
def key_column(table: type[SQLModel]) -> str:
    """Return the name of the one column that is the primary key of a table."""
    (column,) = inspect(table).primary_key
    name: str = column.name
    return name


def key_of(row: SQLModel) -> str:
    """Return the id of a row."""
    key: str = getattr(row, key_column(type(row)))
    return key


@cache
def _links_of(table: type[SQLModel]) -> tuple[str, ...]:
    """Return the names of the columns that hold ids: its own, and those of rows of other tables."""
    columns = inspect(table).local_table.columns
    return tuple(column.name for column in columns if column.primary_key or column.foreign_keys)
