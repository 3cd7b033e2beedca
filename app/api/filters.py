"""Query parameters that are their own WHERE clause.

A filter is one field of a query model, and the word in its annotation is its SQL::

    flag: Annotated[list[Country] | None, Equals(Flag.country, via=Flag.vessel_id)] = Field(None, description=…)

``via`` names the column by which another table belongs to the record. All filters that go via the same column must
hold for *one* of its rows: ``listed_from`` and ``listed_until`` ask about the same stay, not about two.

SQL is built once for each shape of question (which filters are given, and how many values of each), with places for
values; a question then only fills the places.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, Protocol, TypeAlias, runtime_checkable

from pydantic import BaseModel
from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, exists, or_, select, true
from sqlalchemy.types import Date, String, TypeEngine
from sqlmodel import col

from app.api.query_types import parameter_name
from app.fields.dates import Period, day_after, parse_day
from app.fields.text import fold
from app.tables import Act, Listing, Subject

Column: TypeAlias = Any
"""A column of a table class; SQLModel types it as the Python value it holds."""


@runtime_checkable
class Filter(Protocol):
    """What can stand in a field's annotation to make it a filter."""

    def cache_key(self, value: Any) -> Hashable:
        """Return what of a value decides the SQL."""

    def values(self, value: Any) -> Sequence[Any]:
        """Return what of a value takes the places in the SQL, in order."""

    def apply(self, where: "Conditions", cache_key: Any) -> None:
        """Add to ``where`` what a value of a shape asks for."""


@dataclass(frozen=True)
class RequiredReference:
    """Something that a question names, which the record must have.

    Attributes:
        kind: what it is, in a word.
        name: what the question calls it.
        found: selects a row where the record has it.
        where: the paths that list all there are.
    """

    kind: str
    name: str
    found: Select[Any]
    where: str


DAY, DAY_AFTER = "day", "day_after"
"""Names of the places that the day asked about, and the day after it, take."""


@dataclass
class Conditions:
    """The conditions that a shape of question puts on the records of one resource.

    Attributes:
        identity: the column that identifies a record.
        own: conditions on the record itself.
        related: conditions on one row of another table, by the column via which it belongs to the record.
        places: how many places for values there are so far, besides the day.
    """

    identity: Column
    own: list[ColumnElement[bool]] = field(default_factory=list)
    related: dict[Column, list[ColumnElement[bool]]] = field(default_factory=dict)
    places: int = 0

    @property
    def day(self) -> BindParameter[date]:
        """The place of the day that the question is about."""
        return bindparam(DAY, type_=Date)

    @property
    def day_after(self) -> BindParameter[date]:
        """The place of the day after that: what begins before it has begun on the day."""
        return bindparam(DAY_AFTER, type_=Date)

    def bind(self, type_: TypeEngine[Any]) -> BindParameter[Any]:
        """Return the place of the next value."""
        self.places += 1
        return bindparam(f"value_{self.places}", type_=type_)

    def add(self, clause: ColumnElement[bool], via: Column | None = None) -> None:
        """Add a condition on the record itself, or on one row of the table that ``via`` is a column of."""
        if via is None:
            self.own.append(clause)
        else:
            self.related.setdefault(via, []).append(clause)

    def clause(self) -> ColumnElement[bool]:
        """Return all conditions as one."""
        related = [exists().where(via == self.identity, *clauses) for via, clauses in self.related.items()]
        return and_(true(), *self.own, *related)


FilterKey: TypeAlias = tuple[tuple[str, Hashable], ...]
"""Which filters are given, each with the shape of its value."""


@lru_cache(maxsize=64)
def filters_of(model: type[BaseModel]) -> dict[str, tuple[str, Filter]]:
    """Return the filters of a query model: by field, the parameter that it is given as and its word."""
    return {
        name: (parameter_name(name, info), word)
        for name, info in model.model_fields.items()
        for word in info.metadata
        if isinstance(word, Filter)
    }


@dataclass(frozen=True)
class ActiveFilters:
    """The filters that a question gives.

    Attributes:
        shape: which, each with the shape of its value.
        values: what takes the places in the SQL, by the name of the place.
        named: what the question names, which the record must have, each with the parameter that names it.
    """

    cache_key: FilterKey
    values: dict[str, Any]
    named: list[tuple[str, RequiredReference]]


def active_filters(query: BaseModel) -> ActiveFilters:
    """Return the filters that a question gives.

    Args:
        query: an instance of a query model, some of whose fields carry a word.
    """
    cache_key: list[tuple[str, Hashable]] = []
    values: list[Any] = []
    named: list[tuple[str, RequiredReference]] = []
    for field_name, (parameter, word) in filters_of(type(query)).items():
        value = getattr(query, field_name)
        if value is not None:
            cache_key.append((field_name, word.cache_key(value)))
            values += word.values(value)
            if isinstance(word, ActIs | SubjectIs):
                named += [(parameter, one) for one in word.names(value)]
    return ActiveFilters(tuple(cache_key), {f"value_{place}": value for place, value in enumerate(values, 1)}, named)


def conditions_of(model: type[BaseModel], cache_key: FilterKey, identity: Column) -> Conditions:
    """Return the conditions that questions of a shape put, with places for their values.

    Args:
        model: the query model.
        cache_key: which of its filters are given.
        identity: the column that identifies a record of the resource.
    """
    where = Conditions(identity)
    filters = filters_of(model)
    for name, value_key in cache_key:
        filters[name][1].apply(where, value_key)
    return where


class _Several:
    """Words whose value is a list: how long it is decides the SQL."""

    def cache_key(self, value: list[Any]) -> int:
        """See ``Filter.shape``."""
        return len(value)

    def values(self, value: list[Any]) -> Sequence[Any]:
        """See ``Filter.values``."""
        return value


class _Single:
    """Words whose value takes one place."""

    def cache_key(self, value: Any) -> Hashable:
        """See ``Filter.shape``."""
        del value
        return None

    def values(self, value: Any) -> Sequence[Any]:
        """See ``Filter.values``."""
        return (value,)


@dataclass(frozen=True)
class Equals(_Several):
    """One of the values given; a repeated parameter means "or"."""

    column: Column
    via: Column | None = None

    def apply(self, where: Conditions, cache_key: int) -> None:
        """See ``Filter.restrict``."""
        column: Any = col(self.column)
        where.add(column.in_([where.bind(column.type) for _ in range(cache_key)]), self.via)


@dataclass(frozen=True)
class SubjectIs(Equals):
    """About one of the subjects given, each by its id: there are few such rows, so it begins with them."""

    def apply(self, where: Conditions, cache_key: int) -> None:
        """See ``Filter.restrict``."""
        if self.via is None:
            super().apply(where, cache_key)
        else:
            column: Any = col(self.column)
            is_one = column.in_([where.bind(column.type) for _ in range(cache_key)])
            where.add(col(where.identity).in_(select(col(self.via)).where(is_one)))

    def names(self, value: list[str]) -> Iterator[RequiredReference]:
        """Yield the subjects that must be in the record."""
        for name in value:
            found = select(col(Subject.id)).where(col(Subject.id) == name).limit(1)
            yield RequiredReference("subject", name, found, "/designated-parties and /vessels")


@dataclass(frozen=True)
class Contains(_Single):
    """The text stands somewhere in a folded column: case and accents do not count."""

    column: Column
    via: Column | None = None

    def values(self, value: str) -> Sequence[Any]:
        """See ``Filter.values``."""
        text = fold(value)
        for special in (ESCAPE, "%", "_"):
            text = text.replace(special, ESCAPE + special)
        return (f"%{text}%",)

    def apply(self, where: Conditions, cache_key: None) -> None:
        """See ``Filter.restrict``."""
        del cache_key
        where.add(col(self.column).like(where.bind(String()), escape=ESCAPE), self.via)


ESCAPE = "/"
"""Stands in a pattern before a sign that is meant as itself."""


@dataclass(frozen=True)
class From(_Single):
    """On this day or later, by a column of days or of texts that begin with one."""

    column: Column
    via: Column | None = None

    def apply(self, where: Conditions, cache_key: None) -> None:
        """See ``Filter.restrict``."""
        del cache_key
        where.add(col(self.column) >= where.bind(Date()), self.via)


@dataclass(frozen=True)
class Until(_Single):
    """On this day or earlier, by a column of days or of texts that begin with one."""

    column: Column
    via: Column | None = None

    def values(self, value: date) -> Sequence[Any]:
        """See ``Filter.values``."""
        return (day_after(value),)

    def apply(self, where: Conditions, cache_key: None) -> None:
        """See ``Filter.restrict``."""
        del cache_key
        where.add(col(self.column) < where.bind(Date()), self.via)


@dataclass(frozen=True)
class ActIs(_Several):
    """Done by one of the acts given, each by its number, its day or its id."""

    column: Column
    via: Column | None = None

    def values(self, value: list[str]) -> Sequence[Any]:
        """See ``Filter.values``."""
        return [part for name in value for part in _id_and_day(name)]

    def apply(self, where: Conditions, cache_key: int) -> None:
        """See ``Filter.restrict``."""
        is_one = [
            or_(col(Act.id) == where.bind(String()), col(Act.acted_on) == where.bind(Date())) for _ in range(cache_key)
        ]
        where.add(col(self.column).in_(select(col(Act.id)).where(or_(*is_one))), self.via)

    def names(self, value: list[str]) -> Iterator[RequiredReference]:
        """Yield the acts that must be in the record."""
        for name in value:
            id, day = _id_and_day(name)
            is_it = col(Act.id) == id if day is None else col(Act.acted_on) == day
            found = select(col(Act.id)).where(is_it).limit(1)
            yield RequiredReference("act", name, found, "/resolutions and /committee-decisions")


def _id_and_day(name: str) -> tuple[str | None, date | None]:
    """Return the id or the day that an act is named by."""
    return (None, parse_day(name)) if name[4:5] == "-" else (name, None)


@dataclass(frozen=True)
class Where:
    """A condition that none of the other words says.

    Attributes:
        function: adds the condition for a value of a shape, with a place for each of its parts.
        parts: what of a value takes places; not given, none does, and the value itself decides the SQL.
    """

    function: Callable[[Conditions, Any], None]
    parts: Callable[[Any], Sequence[Any]] | None = None

    def cache_key(self, value: Any) -> Hashable:
        """See ``Filter.shape``."""
        return len(self.parts(value)) if self.parts else value

    def values(self, value: Any) -> Sequence[Any]:
        """See ``Filter.values``."""
        return self.parts(value) if self.parts else ()

    def apply(self, where: Conditions, cache_key: Any) -> None:
        """See ``Filter.restrict``."""
        self.function(where, cache_key)


def in_force(starts_on: Column, ends_on: Column, day: Any) -> ColumnElement[bool]:
    """Return the condition that a half-open interval of two columns holds a day; a null end is open."""
    return and_(col(starts_on) <= day, or_(col(ends_on).is_(None), col(ends_on) > day))


def stays_during(where: Conditions, _: int) -> None:
    """Ask for a stay that holds at least one day of a half-open period."""
    # The places are taken in the order of `first_and_end`.
    first, end = where.bind(Date()), where.bind(Date())
    not_over = or_(col(Listing.delisted_on).is_(None), col(Listing.delisted_on) > first)
    where.add(and_(col(Listing.listed_on) < end, not_over), via=Listing.subject_id)


def first_and_end(period: Period) -> Sequence[date]:
    """Return the days that bound a half-open period."""
    return period.first, period.end


def listed_subjects(day: Any) -> Select[Any]:
    """Return the SELECT of the ids of all that stand on the list on a day."""
    return select(col(Listing.subject_id)).where(in_force(Listing.listed_on, Listing.delisted_on, day))


def listed_on_day(where: Conditions, listed: bool) -> None:
    """Ask that a subject stands on the list on the day asked about, or that it does not.

    ``true`` joins the other conditions on its listing, so that it is the listing they speak of that is in force;
    ``false`` means that no listing at all is, so that it always agrees with ``listed`` in the answer.
    """
    is_in_force = in_force(Listing.listed_on, Listing.delisted_on, where.day)
    if listed:
        where.add(is_in_force, via=Listing.subject_id)
    else:
        where.add(~exists().where(col(Listing.subject_id) == where.identity, is_in_force))
