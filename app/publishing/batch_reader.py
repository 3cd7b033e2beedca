"""The tables, read in bounded memory: gone through row by row, and looked into for a row and those after it at once."""

from collections import defaultdict, namedtuple
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cache, lru_cache, partial
from itertools import count
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Select, func, inspect, select
from sqlalchemy.dialects import sqlite
from sqlmodel import Session, SQLModel

from app.publishing.progress import with_progress
from app.tables import Citation

Row = TypeVar("Row", bound=SQLModel)

CHUNK = 1000
"""How many rows of a table that is gone through are held at once."""

AT_ONCE = 10_000
"""How many rows that belong to others are looked for by one SELECT; more only where they belong to one alone."""

MOST_HELD = 50_000
"""How many rows may be held that belong to those of one chunk; the next one looks for the rest again."""

CONVERTED = 4096
"""How many values of a column of days or of an enumeration are converted once for all rows that have them."""


class Share(NamedTuple):
    """The part of each table that one of several processes goes through: every second, third, … chunk.

    Attributes:
        place: the number of the process, from 0.
        of: how many there are.
    """

    place: int
    of: int


WHOLE = Share(0, 1)
"""All of each table."""


class BatchReader:
    """The tables as rules and renderers ask for them: by id, and by the id of what they belong to.

    One SELECT a question would take an hour a million rows, and whole tables would not fit into memory. What is asked
    of one row of a chunk is soon asked of the next ones: of the values adjacent to one that is asked for, those
    that follow are looked for with it.

    A row is a named tuple with the columns of its table, which is typed as the table: to make and to read the objects
    of SQLModel took a third of the time of a publication. `table_of` returns the table of a row.

    Args:
        session: the database.
        doing: what the tables are gone through for, to be shown where it takes long.
        share: the part of each table that is gone through, where several processes share the work.

    Attributes:
        held: how many rows are held at the moment that belong to those of the chunk.
    """

    def __init__(self, session: Session, doing: str = "reading", share: Share = WHOLE) -> None:
        self._session = session
        self._doing = doing
        self._share = share
        self._chunk: Sequence[SQLModel] = ()
        self._found: dict[Any, dict[Any, list[Any]]] = defaultdict(dict)
        self.held = 0
        self._beside: dict[Any, tuple[Sequence[Any], int]] = {}

    def all(self, table: type[Row]) -> Iterator[Row]:
        """Yield every row of a table, in the order of its primary key, which is one column."""
        if self._share is not WHOLE:
            yield from self._each(table)
            return
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
        question = (table, name, *same.items()) if same else (table, name)
        held = self._found[question]
        found: list[Row] | None = held.get(value)
        if found is None:
            if self.held > MOST_HELD:
                self._evict()
                held = self._found[question]
            self._prefetch(held, table, name, value, same)
            found = held[value]
        return found

    def one_related(self, table: type[Row], column: Any, value: Any) -> Row:
        """Return the one row of a table that has a value in a column."""
        (row,) = self.related(table, column, value)
        return row

    def where(self, table: type[Row], *conditions: ColumnElement[bool]) -> Iterator[Row]:
        """Yield the rows of a table that fulfil conditions; of several processes, one goes through all of them."""
        if sorted(SQLModel.metadata.tables).index(str(table.__tablename__)) % self._share.of != self._share.place:
            return
        query = _select(table).where(*conditions).execution_options(yield_per=CHUNK)
        yield from map(_row_type(table)._make, self._session.execute(query))

    def count(self, table: type[SQLModel], *conditions: ColumnElement[bool]) -> int:
        """Return how many rows of a table fulfil conditions."""
        query = select(func.count()).select_from(table).where(*conditions)
        counted: int = self._session.execute(query).scalar_one()
        return counted

    def _each(self, table: type[Row]) -> Iterator[Row]:
        """Yield every row of a table, chunk by chunk; with each chunk, let go of what belongs to the one before."""
        key, last = key_column(table), None
        for number in count():
            if number % self._share.of == self._share.place:
                chunk = self._following(table, key, last)
                if not chunk:
                    return
                self._chunk, last = chunk, getattr(chunk[-1], key)
                self._evict()
                yield from chunk
            else:
                last = self._end_of_chunk(table, key, last)
                if last is None:
                    return

    def _end_of_chunk(self, table: type[SQLModel], key: str, last: Any) -> Any:
        """Return the last key of the next chunk of a table; None where no other chunk follows it."""
        column = inspect(table).local_table.c[key]
        query = select(column).order_by(column).offset(CHUNK - 1).limit(1)
        found = self._session.connection().execute(query if last is None else query.where(column > last))
        return found.scalar()

    def _following(self, table: type[Row], key: str, last: Any) -> Sequence[Row]:
        """Return the next chunk of a table."""
        rest = f'ORDER BY "{key}" LIMIT ?'
        if last is None:
            return self._read(table, rest, [CHUNK])
        return self._read(table, f'WHERE "{key}" > ? {rest}', [last, CHUNK])

    def _read(self, table: type[Row], rest: str, values: Sequence[Any]) -> list[Row]:
        """Select rows of a table by the driver itself: what SQLAlchemy does for each costs more than to read it.

        Args:
            table: the table.
            rest: the SELECT behind its FROM.
            values: the values of the parameters in it.
        """
        self._session.flush()
        driver: Any = self._session.connection().connection.driver_connection
        return _rows_of(table, driver.execute(f"{_select_from(table)} {rest}", values).fetchall())

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
        of_value, key = attrgetter(column), attrgetter(key_column(table))
        for row in found:
            held[of_value(row)].append(row)
        for one in wanted:
            if len(held[one]) > 1:
                held[one].sort(key=key)
        self.held += len(found)
        self._remember_keys(found)

    def _select(
        self, table: type[SQLModel], column: str, values: Sequence[Any], same: dict[str, Any], most: int | None = None
    ) -> list[SQLModel]:
        """Return the rows that have one of some values in a column, in the order of these; not more than asked for.

        Args:
            table: the table.
            column: the column.
            values: the values.
            same: columns, and what they have in every row.
            most: how many rows are returned at most; None for all.
        """
        others = "".join(f' AND "{name}" = ?' for name in same)
        rest = f'WHERE "{column}" IN ({", ".join("?" * len(values))}){others} ORDER BY "{column}"'
        if most is None:
            return self._read(table, rest, [*values, *same.values()])
        return self._read(table, f"{rest} LIMIT ?", [*values, *same.values(), most])

    def _remember_keys(self, rows: Sequence[SQLModel]) -> None:
        """Remember which values stand beside one another in the columns of rows that say what belongs to what."""
        for link in _links_of(table_of(rows[0])) if rows else ():
            values = list(dict.fromkeys(filter(None, map(link, rows))))
            for place, value in enumerate(values):
                if value not in self._beside:
                    self._beside[value] = (values, place)

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
    key: str = getattr(row, key_column(table_of(row)))
    return key


def table_of(row: SQLModel) -> type[SQLModel]:
    """Return the table of a row that a `BatchReader` read, or of an object of SQLModel."""
    return getattr(row, "_table", type(row))


def _model_dump(row: Any, *, include: Collection[str] | None = None, exclude: Collection[str] = ()) -> dict[str, Any]:
    """Return the values of a row by column, as SQLModel's objects do."""
    values: dict[str, Any] = row._asdict()
    if include is not None:
        return {name: values[name] for name in values if name in include and name not in exclude}
    for name in exclude:
        values.pop(name, None)
    return values


def new_row(table: type[Row], **values: Any) -> Row:
    """Make a row of a table, as a `BatchReader` reads it.

    Args:
        table: the table.
        values: a value for each of its columns.
    """
    row: Row = _row_type(table)(**values)
    return row


@cache
def _row_type(table: type[Row]) -> Any:
    """Make the type of the rows of a table."""
    fields = [column.name for column in inspect(table).local_table.columns]
    make: Any = namedtuple
    row = make(f"{table.__name__}Row", fields)
    row._table, row.model_dump = table, _model_dump
    return row


@cache
def _select(table: type[SQLModel]) -> Select[Any]:
    """Build the query of all columns of a table."""
    return select(*inspect(table).local_table.columns)


@cache
def _select_from(table: type[SQLModel]) -> str:
    """Write the beginning of a SELECT of all columns of a table, for the driver."""
    names = ", ".join(f'"{column.name}"' for column in inspect(table).local_table.columns)
    return f'SELECT {names} FROM "{table.__tablename__}"'  # noqa: S608


def _rows_of(table: type[Row], found: Sequence[tuple[Any, ...]]) -> list[Row]:
    """Make rows of a table from those of the driver, with days and enumerations as SQLAlchemy reads them."""
    converters = _converters(table)
    if converters and found:
        columns: list[Iterable[Any]] = list(zip(*found, strict=True))
        for place, read in converters:
            columns[place] = map(read, columns[place])
        found = list(zip(*columns, strict=True))
    return list(map(partial(tuple.__new__, _row_type(table)), found))


@cache
def _converters(table: type[SQLModel]) -> list[tuple[int, Callable[[Any], Any]]]:
    """Return the functions that convert values of the driver, by the places of their columns.

    Such columns have few values, which are converted once.
    """
    dialect = sqlite.dialect()
    found: list[tuple[int, Callable[[Any], Any]]] = []
    for place, column in enumerate(inspect(table).local_table.columns):
        read = column.type.dialect_impl(dialect).result_processor(dialect, None)
        if read:
            found.append((place, lru_cache(CONVERTED)(read)))
    return found


@cache
def _links_of(table: type[SQLModel]) -> tuple[Callable[[Any], Any], ...]:
    """Return the functions that get the ids that a row has: its own, and those of rows of other tables.

    Nothing belongs to a citation, so that nothing is asked for by its id.
    """
    columns = inspect(table).local_table.columns
    has_others = table is not Citation
    links = [column.name for column in columns if column.foreign_keys or (column.primary_key and has_others)]
    return tuple(map(attrgetter, links))
