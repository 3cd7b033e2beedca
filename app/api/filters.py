"""Query parameters that are their own WHERE clause.

A filter is one field of a query model; the `Filter` in its annotation is its SQL::

    flag: Annotated[list[Country] | None, Equals(Flag.country, via=Flag.vessel_id)] = Field(None, description=…)

``via`` is the column by which another table belongs to the record. All filters with the same ``via`` must hold for
*one* of its rows: ``listed_from`` and ``listed_until`` ask about the same stay, not about two.

The SQL is built once for each combination of filters (which are given, and how many values each has), with bind
parameters named after the field: ``flag_0``, ``listed_during_end``.
"""

import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, Protocol, TypeAlias, runtime_checkable

from pydantic import BaseModel
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Enum,
    Select,
    SelectBase,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.types import Date, String, TypeEngine
from sqlmodel import col

from app.api.query_types import ActOfYear, parameter_name
from app.database import HasPart, Unindexed, day_type
from app.fields.dates import Period, day_after, parse_day
from app.fields.text import fold
from app.tables import Act, Listing, Subject

Column: TypeAlias = Any
"""A column of a table class; SQLModel types it as the Python value it holds."""

Bind: TypeAlias = Callable[[str, TypeEngine[Any]], BindParameter[Any]]
"""Returns the bind parameter of a part of a filter's value, given the name of the part and its SQL type."""

DAY, DAY_AFTER = "day", "day_after"
"""Names of the bind parameters of the day that the question is about, and of the day after it."""


@dataclass
class Conditions:
    """The conditions that a combination of filters puts on the records of one resource.

    Attributes:
        identity: the column that identifies a record.
        own: conditions on the record itself.
        related: conditions on one row of another table, by the column via which it belongs to the record.
        narrow: those of these columns whose conditions few rows fulfil, found by an index.
        sought: those of these columns of whose rows some values are asked for: to count, one begins with these rows.
        choices: columns of the record itself with few values, each with the values that are asked for.
        is_of_few: whether the record is of an act, a subject or a row that is given, or has a text that an index finds.
            Few records are or have, so that the choices are tested in those, and are not what the query begins with.
    """

    identity: Column
    own: list[ColumnElement[bool]] = field(default_factory=list)
    related: dict[Column, list[ColumnElement[bool]]] = field(default_factory=dict)
    narrow: set[Column] = field(default_factory=set)
    sought: set[Column] = field(default_factory=set)
    choices: list[tuple[Any, list[BindParameter[Any]]]] = field(default_factory=list)
    is_of_few: bool = False

    @property
    def day(self) -> BindParameter[date]:
        """The bind parameter of the day that the question is about."""
        return bindparam(DAY, type_=Date)

    def begun(self, column: Column) -> ColumnElement[bool]:
        """Return the condition that a day, or a text that begins with one, is the day of the question or earlier.

        Args:
            column: the column of the day or the text.
        """
        return col(column) < bindparam(DAY_AFTER, type_=day_type(col(column)))

    def add(self, clause: ColumnElement[bool], via: Column | None = None, is_narrow: bool = False) -> None:
        """Add a condition on the record itself, or on one row of the table that ``via`` is a column of.

        Args:
            clause: the condition.
            via: the column by which its table belongs to the record; None where it is on the record itself.
            is_narrow: whether an index finds the few rows that fulfil it, so that the query begins with them.
        """
        if via is None:
            self.own.append(clause)
            return
        self.related.setdefault(via, []).append(clause)
        if is_narrow:
            self.narrow.add(via)

    def clause(self, begin_with_values: bool | None = None) -> ColumnElement[bool]:
        """Join all conditions by AND.

        Args:
            begin_with_values: whether the query begins with the rows that have the values that are asked for, as where
                all records that match are needed, or few have them; False where many have them, so that the first in
                the order of a page are soon found; None where that is not known.
        """
        is_by_values = begin_with_values and not self.narrow and not self.is_of_few
        begin_with = self.sought if is_by_values else self.narrow
        choices = [self._choice(column, begin_with_values).in_(values) for column, values in self.choices]
        rows = [
            self._is_among(via, clauses) if via in begin_with else exists().where(via == self.identity, *clauses)
            for via, clauses in self.related.items()
        ]
        return and_(true(), *self.own, *choices, *rows)

    def _choice(self, column: Any, begin_with_values: bool | None) -> Any:
        """Return a column with few values; without its index where another way finds the records sooner."""
        is_in_order = any(column.table.c[column.key] is one.columns[0] for one in _longer_indexes(column.table))
        is_passed_over = self.is_of_few or (begin_with_values is False and not is_in_order)
        return Unindexed(column) if is_passed_over else column

    def is_of(self, via: Column, *clauses: ColumnElement[bool]) -> ColumnElement[bool]:
        """Build the condition that the record is of a row that fulfils conditions; the query begins with those rows."""
        self.is_of_few = True
        return self._is_among(via, clauses)

    def _is_among(self, via: Column, clauses: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
        return col(self.identity).in_(select(col(via)).where(*clauses))


def _longer_indexes(table: Any) -> Iterator[Any]:
    """Yield the indexes of several columns: they give the rows with a value in an order that a page may have."""
    yield from (one for one in table.indexes if len(one.columns) > 1)


@runtime_checkable
class Filter(Protocol):
    """The annotation of a field that makes it a filter."""

    def cache_key(self, value: Any) -> Hashable:
        """Return the part of the value that the SQL text depends on, such as how many values there are."""

    def values(self, value: Any) -> Mapping[str, Any]:
        """Return the bind values, by the names under which `apply` declares them."""

    def apply(self, where: Conditions, bind: Bind, cache_key: Any) -> None:
        """Add the conditions of a value with this cache key."""


@dataclass(frozen=True)
class RequiredReference:
    """A record that a question names and that the dataset must have.

    Attributes:
        kind: the kind of record.
        name: how the question names it.
        found: selects a row if the dataset has it.
        where: the paths that list all such records.
    """

    kind: str
    name: str
    found: Select[Any]
    where: str


FilterKey: TypeAlias = tuple[tuple[str, Hashable], ...]
"""The fields of the filters that are given, each with the cache key of its value."""


@lru_cache(maxsize=64)
def filters_of(model: type[BaseModel]) -> dict[str, tuple[str, Filter]]:
    """Return the filters of a query model: for each field, its parameter and its filter."""
    return {
        name: (parameter_name(name, info), mark)
        for name, info in model.model_fields.items()
        for mark in info.metadata
        if isinstance(mark, Filter)
    }


@dataclass(frozen=True)
class ActiveFilters:
    """The filters that a question gives.

    Attributes:
        cache_key: their fields, each with the part of its value that the SQL text depends on.
        values: the bind values.
        named: the records that the question names, each with the parameter that names it.
    """

    cache_key: FilterKey
    values: dict[str, Any]
    named: list[tuple[str, RequiredReference]]


NO_FILTERS = ActiveFilters((), {}, [])
"""The filters of a question without parameters."""


def active_filters(query: BaseModel) -> ActiveFilters:
    """Collect the filters that a question gives.

    Args:
        query: an instance of a query model with filters.
    """
    cache_key: list[tuple[str, Hashable]] = []
    values: dict[str, Any] = {}
    named: list[tuple[str, RequiredReference]] = []
    for name, (parameter, mark) in filters_of(type(query)).items():
        value = getattr(query, name)
        if value is not None:
            cache_key.append((name, mark.cache_key(value)))
            for part, bound in mark.values(value).items():
                values[f"{name}_{part}"] = bound
            if isinstance(mark, ActIs | SubjectIs):
                named += [(parameter, one) for one in mark.names(value)]
    return ActiveFilters(tuple(cache_key), values, named)


def conditions_of(model: type[BaseModel], cache_key: FilterKey, identity: Column) -> Conditions:
    """Build the conditions of a combination of filters, with bind parameters for their values.

    Args:
        model: the query model.
        cache_key: the filters that are given.
        identity: the column that identifies a record of the resource.
    """
    where = Conditions(identity)
    filters = filters_of(model)
    for name, value_key in cache_key:
        filters[name][1].apply(where, _binder(name), value_key)
    return where


def _binder(name: str) -> Bind:
    return lambda part, type_: bindparam(f"{name}_{part}", type_=type_)


def numbered(values: Sequence[Any]) -> dict[str, Any]:
    """Return the bind values of a list, each named by its position."""
    return {str(place): value for place, value in enumerate(values)}


class _Several:
    """Filters whose value is a list: the SQL depends on its length."""

    def cache_key(self, value: list[Any]) -> int:
        """See ``Filter.cache_key``."""
        return len(value)

    def values(self, value: list[Any]) -> Mapping[str, Any]:
        """See ``Filter.values``."""
        return numbered(value)


class _Single:
    """Filters with one bind parameter, ``value``."""

    def cache_key(self, value: Any) -> Hashable:
        """See ``Filter.cache_key``."""
        del value
        return None

    def values(self, value: Any) -> Mapping[str, Any]:
        """See ``Filter.values``."""
        return {"value": value}


@dataclass(frozen=True)
class Equals(_Several):
    """The column has one of the values given."""

    column: Column
    via: Column | None = None

    def apply(self, where: Conditions, bind: Bind, cache_key: int) -> None:
        """See ``Filter.apply``."""
        column: Any = col(self.column)
        values = [bind(str(place), column.type) for place in range(cache_key)]
        if self.via is None and isinstance(column.type, Enum):
            where.choices.append((column, values))
        else:
            where.add(column.in_(values), self.via)
            where.sought.add(self.via)


@dataclass(frozen=True)
class Lacks(_Several):
    """No row of another table has one of the values given.

    Attributes:
        column: the column of the values.
        via: the column by which the rows belong to the record.
        known: the column that is null in rows that do not count.
    """

    column: Column
    via: Column
    known: Column

    def apply(self, where: Conditions, bind: Bind, cache_key: int) -> None:
        """See ``Filter.apply``."""
        column: Any = col(self.column)
        values = [bind(str(place), column.type) for place in range(cache_key)]
        where.add(~exists().where(col(self.via) == where.identity, column.in_(values), self.counts()))

    def counts(self) -> ColumnElement[bool]:
        """Build the condition of the rows that count."""
        return col(self.known).is_not(None)


@dataclass(frozen=True)
class NumberIs(Equals):
    """The column has one of the numbers of papers given: case, blanks, hyphens, dots and slashes do not count."""

    def values(self, value: list[str]) -> Mapping[str, Any]:
        """See ``Filter.values``."""
        return numbered([re.sub(f"[{re.escape(NOT_OF_A_NUMBER)}]", "", one).upper() for one in value])

    def is_one(self, bind: Bind, count: int) -> ColumnElement[bool]:
        """Build the condition that the column has one of so many numbers."""
        column: ColumnElement[str] = func.upper(col(self.column))
        for char in NOT_OF_A_NUMBER:
            column = func.replace(column, char, "")
        return column.in_([bind(str(place), String()) for place in range(count)])

    def apply(self, where: Conditions, bind: Bind, cache_key: int) -> None:
        """See ``Filter.apply``."""
        where.add(self.is_one(bind, cache_key), self.via)


NOT_OF_A_NUMBER = " -./"
"""Characters that do not count in the number of a paper, a code of a bank or of a company."""


@dataclass(frozen=True)
class SubjectIs(Equals):
    """The column is the id of one of the subjects given. Few rows are, so the query begins with those."""

    def apply(self, where: Conditions, bind: Bind, cache_key: int) -> None:
        """See ``Filter.apply``."""
        where.is_of_few = True
        if self.via is None:
            super().apply(where, bind, cache_key)
        else:
            column: Any = col(self.column)
            is_one = column.in_([bind(str(place), column.type) for place in range(cache_key)])
            where.add(where.is_of(self.via, is_one))

    def names(self, value: list[str]) -> Iterator[RequiredReference]:
        """Yield the subjects that the dataset must have."""
        for name in value:
            found = select(col(Subject.id)).where(col(Subject.id) == name).limit(1)
            yield RequiredReference("subject", name, found, "/designated-parties and /vessels")


@dataclass(frozen=True)
class Contains:
    """A folded column contains the text: case and accents do not count.

    An index of trigrams finds a text of three characters or more where the column has one (`tables.FOLDED`); a shorter
    one, and one in another column, is looked for in every row.
    """

    column: Column
    via: Column | None = None

    def cache_key(self, value: str) -> bool:
        """See ``Filter.cache_key``: whether an index finds the text."""
        return is_indexed(self.column) and len(fold(value)) >= TRIGRAM

    def values(self, value: str) -> Mapping[str, Any]:
        """See ``Filter.values``."""
        # Folding leaves letters, digits and blanks alone, so no wildcard of LIKE has to be escaped.
        return {"value": f"%{fold(value)}%"}

    def apply(self, where: Conditions, bind: Bind, cache_key: bool) -> None:
        """See ``Filter.apply``."""
        where.add(self.has_part(bind, cache_key), self.via, is_narrow=cache_key)
        where.is_of_few |= cache_key and self.via is None

    def has_part(self, bind: Bind, is_indexed: bool) -> ColumnElement[bool]:
        """Build the condition that the column contains the text."""
        column, pattern = col(self.column), bind("value", String())
        return HasPart(column, pattern) if is_indexed else column.like(pattern)


TRIGRAM = 3
"""Characters of the shortest text that an index of trigrams finds."""


def is_indexed(column: Column) -> bool:
    """Say whether a column has an index of trigrams."""
    described: Any = col(column)
    return "trigrams" in described.info


@dataclass(frozen=True)
class From(_Single):
    """On this day or later, by a column of days or of texts that begin with one."""

    column: Column
    via: Column | None = None

    def apply(self, where: Conditions, bind: Bind, cache_key: None) -> None:
        """See ``Filter.apply``."""
        del cache_key
        where.add(col(self.column) >= bind("value", day_type(col(self.column))), self.via)


@dataclass(frozen=True)
class Until(_Single):
    """On this day or earlier, by a column of days or of texts that begin with one."""

    column: Column
    via: Column | None = None

    def values(self, value: date) -> Mapping[str, Any]:
        """See ``Filter.values``."""
        return {"value": day_after(value)}

    def apply(self, where: Conditions, bind: Bind, cache_key: None) -> None:
        """See ``Filter.apply``."""
        del cache_key
        where.add(col(self.column) < bind("value", day_type(col(self.column))), self.via)


@dataclass(frozen=True)
class ActIs(_Several):
    """The column is the id of one of the acts given, each by its number, its day or its id."""

    column: Column
    via: Column | None = None

    def values(self, value: list[str]) -> Mapping[str, Any]:
        """See ``Filter.values``."""
        parts: dict[str, Any] = {}
        for place, name in enumerate(value):
            parts[f"id_{place}"], parts[f"day_{place}"] = _id_and_day(name)
        return parts

    def apply(self, where: Conditions, bind: Bind, cache_key: int) -> None:
        """See ``Filter.apply``."""
        is_one = [
            or_(col(Act.id) == bind(f"id_{place}", String()), col(Act.acted_on) == bind(f"day_{place}", Date()))
            for place in range(cache_key)
        ]
        where.add(col(self.column).in_(select(col(Act.id)).where(or_(*is_one))), self.via, is_narrow=True)
        where.is_of_few = True

    def names(self, value: list[str]) -> Iterator[RequiredReference]:
        """Yield the acts that the dataset must have."""
        for name in value:
            id, day = _id_and_day(name)
            is_it = col(Act.id) == id if day is None else col(Act.acted_on) == day
            found = select(col(Act.id)).where(is_it).limit(1)
            if isinstance(name, ActOfYear):
                found = found.where(col(Act.acted_on).between(date(name.year, 1, 1), date(name.year, 12, 31)))
                name = f"{name} ({name.year})"
            yield RequiredReference("act", name, found, "/resolutions and /committee-decisions")


def _id_and_day(name: str) -> tuple[str | None, date | None]:
    """Return the id or the day that an act is named by."""
    return (None, parse_day(name)) if name[4:5] == "-" else (name, None)


@dataclass(frozen=True)
class Where:
    """A condition that no other filter expresses.

    Attributes:
        function: adds the condition for a cache key, with a bind parameter for each part of the value.
        parts: returns the bind values by name; without it there are none, and the value itself is the cache key.
        steps: builds the SELECT of days and of how many more records fulfil the condition from each of them on, fewer
            where it is negative. By it they are counted at publish. Only of a condition that is true or false of a
            record on the day of the question.
        begun_until: of a condition that one interval of a record has a day in common with a period, the filter by the
            last day on which the interval begins.
        ended_until: the filter by the last day on which it ends.
    """

    function: Callable[[Conditions, Bind, Any], None]
    parts: Callable[[Any], Mapping[str, Any]] | None = None
    steps: Callable[[], SelectBase] | None = None
    begun_until: str | None = None
    ended_until: str | None = None

    def cache_key(self, value: Any) -> Hashable:
        """See ``Filter.cache_key``."""
        return len(self.parts(value)) if self.parts else value

    def values(self, value: Any) -> Mapping[str, Any]:
        """See ``Filter.values``."""
        return self.parts(value) if self.parts else {}

    def apply(self, where: Conditions, bind: Bind, cache_key: Any) -> None:
        """See ``Filter.apply``."""
        self.function(where, bind, cache_key)


def in_force(starts_on: Column, ends_on: Column, day: Any) -> ColumnElement[bool]:
    """Return the condition that a half-open interval of two columns contains a day; a null end is open."""
    return overlaps(starts_on, ends_on, day, None)


def overlaps(starts_on: Column, ends_on: Column, first: Any, end: Any) -> ColumnElement[bool]:
    """Return the condition that a half-open interval of two columns has a day in common with another.

    Args:
        starts_on: the column of its first day.
        ends_on: the column of the first day after it; null means that it is open.
        first: the first day of the other interval.
        end: the first day after that; None means the day after ``first``.
    """
    begun = col(starts_on) <= first if end is None else col(starts_on) < end
    ends: Any = col(ends_on)
    not_over = ends > first
    return and_(begun, or_(ends.is_(None), not_over) if ends.expression.nullable else not_over)


def listed_subjects(day: Any) -> Select[Any]:
    """Select the ids of all subjects that are listed on a day; one under several measures comes several times."""
    return select(col(Listing.subject_id)).where(in_force(Listing.listed_on, Listing.delisted_on, day))


def listed_in_period(where: Conditions, bind: Bind, _: int) -> None:
    """Add the condition that a stay on the list has a day in common with a half-open period."""
    period = bind("first", Date()), bind("end", Date())
    where.add(overlaps(Listing.listed_on, Listing.delisted_on, *period), via=Listing.subject_id)


def first_and_end(period: Period) -> Mapping[str, date]:
    """Return the bind values of a half-open period."""
    return {"first": period.first, "end": period.end}


def listed_on_day(where: Conditions, bind: Bind, listed: bool) -> None:
    """Add the condition that a subject is listed on the day of the question, or that it is not.

    ``true`` joins the other conditions on its listing, so that the listing that they describe is the one in force;
    ``false`` means that no listing at all is, so that it always agrees with ``listed`` in the answer.
    """
    del bind
    is_in_force = in_force(Listing.listed_on, Listing.delisted_on, where.day)
    if listed:
        where.add(is_in_force, via=Listing.subject_id)
    else:
        where.add(~exists().where(col(Listing.subject_id) == where.identity, is_in_force))
