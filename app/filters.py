"""Query parameters that are their own WHERE clause.

A filter is one field of a query model, and the word in its annotation is its SQL::

    flag: Annotated[list[Country] | None, Equals(Flag.country, via=Flag.vessel_id)] = Field(None, description=…)

``via`` names the column by which another table belongs to the record. All filters that go via the same column must
hold for *one* of its rows: ``listed_from`` and ``listed_until`` ask about the same stay, not about two.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol, TypeAlias, runtime_checkable

from pydantic import BaseModel
from sqlalchemy import ColumnElement, Select, and_, exists, literal, or_, select, true
from sqlmodel import col

from app.dates import Period, parse_day
from app.names import fold
from app.parameters import parameter_name
from app.tables import Act, Listing, Subject

Column: TypeAlias = Any
"""A column of a table class; SQLModel types it as the Python value it holds."""


@runtime_checkable
class Word(Protocol):
    """What can stand in a field's annotation to make it a filter."""

    def restrict(self, where: "Conditions", value: Any) -> None:
        """Add to ``where`` what the value given for the field asks for."""


@dataclass(frozen=True)
class Named:
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


@dataclass
class Conditions:
    """The conditions that a question puts on the records of one resource.

    Attributes:
        identity: the column that identifies a record.
        day: the day that the question is about.
        own: conditions on the record itself.
        related: conditions on one row of another table, by the column via which it belongs to the record.
        named: what the question names, which the record must have, each with the parameter that names it.
    """

    identity: Column
    day: date
    own: list[ColumnElement[bool]] = field(default_factory=list)
    related: dict[Column, list[ColumnElement[bool]]] = field(default_factory=dict)
    named: list[tuple[str, Named]] = field(default_factory=list)

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


def conditions_of(query: BaseModel, identity: Column, day: date) -> Conditions:
    """Return the conditions that the filters of a query model put, where they are given.

    Args:
        query: an instance of a query model, some of whose fields carry a word.
        identity: the column that identifies a record of the resource.
        day: the day that the question is about.
    """
    where = Conditions(identity, day)
    for name, info in type(query).model_fields.items():
        value = getattr(query, name)
        if value is not None:
            for word in info.metadata:
                if isinstance(word, Word):
                    word.restrict(where, value)
                if isinstance(word, ByAct | About):
                    where.named += [(parameter_name(name, info), named) for named in word.names(value)]
    return where


@dataclass(frozen=True)
class Equals:
    """One of the values given; a repeated parameter means "or"."""

    column: Column
    via: Column | None = None

    def restrict(self, where: Conditions, value: list[Any]) -> None:
        """See ``Word.restrict``."""
        where.add(col(self.column).in_(value), self.via)


@dataclass(frozen=True)
class Contains:
    """The text stands somewhere in a folded column: case and accents do not count."""

    column: Column
    via: Column | None = None

    def restrict(self, where: Conditions, value: str) -> None:
        """See ``Word.restrict``."""
        where.add(col(self.column).contains(fold(value), autoescape=True), self.via)


@dataclass(frozen=True)
class From:
    """On this day or later."""

    column: Column
    via: Column | None = None

    def restrict(self, where: Conditions, value: date) -> None:
        """See ``Word.restrict``."""
        where.add(col(self.column) >= value, self.via)


@dataclass(frozen=True)
class Until:
    """On this day or earlier."""

    column: Column
    via: Column | None = None

    def restrict(self, where: Conditions, value: date) -> None:
        """See ``Word.restrict``."""
        where.add(col(self.column) <= value, self.via)


@dataclass(frozen=True)
class ByAct:
    """Done by one of the acts given, each by its number, its day or its id."""

    column: Column
    via: Column | None = None

    def restrict(self, where: Conditions, value: list[str]) -> None:
        """See ``Word.restrict``."""
        acts = select(col(Act.id)).where(or_(*map(is_act, value)))
        where.add(col(self.column).in_(acts), self.via)

    def names(self, value: list[str]) -> Iterator[Named]:
        """Yield the acts that must be in the record."""
        for name in value:
            found = select(col(Act.id)).where(is_act(name)).limit(1)
            yield Named("act", name, found, "/resolutions and /committee-decisions")


@dataclass(frozen=True)
class About:
    """About one of the subjects given, each by its id."""

    column: Column
    via: Column | None = None

    def restrict(self, where: Conditions, value: list[str]) -> None:
        """See ``Word.restrict``."""
        where.add(col(self.column).in_(value), self.via)

    def names(self, value: list[str]) -> Iterator[Named]:
        """Yield the subjects that must be in the record."""
        for name in value:
            found = select(col(Subject.id)).where(col(Subject.id) == name).limit(1)
            yield Named("subject", name, found, "/designated-parties and /vessels")


def is_act(name: str) -> ColumnElement[bool]:
    """Return the condition that an act is the one named by its number, its day (YYYY-MM-DD) or its id."""
    is_day = name[4:5] == "-"
    return col(Act.acted_on) == parse_day(name) if is_day else col(Act.id) == name


@dataclass(frozen=True)
class Where:
    """A condition that none of the other words says."""

    function: Callable[[Conditions, Any], None]

    def restrict(self, where: Conditions, value: Any) -> None:
        """See ``Word.restrict``."""
        self.function(where, value)


def in_force(starts_on: Column, ends_on: Column, day: date) -> ColumnElement[bool]:
    """Return the condition that a half-open interval of two columns holds a day; a null end is open."""
    return and_(col(starts_on) <= day, or_(col(ends_on).is_(None), col(ends_on) > literal(day)))


def subject_listed_during(where: Conditions, period: Period) -> None:
    """Ask for a stay that holds at least one day of a half-open period."""
    began = col(Listing.listed_on) < period.end
    not_over = or_(col(Listing.delisted_on).is_(None), col(Listing.delisted_on) > period.first)
    where.add(and_(began, not_over), via=Listing.subject_id)


def subject_listed(where: Conditions, listed: bool) -> None:
    """Ask that a subject stands on the list on the day asked about, or that it does not.

    ``true`` joins the other conditions on its listing, so that it is the listing they speak of that is in force;
    ``false`` means that no listing at all is, so that it always agrees with ``listed`` in the answer.
    """
    stands = in_force(Listing.listed_on, Listing.delisted_on, where.day)
    if listed:
        where.add(stands, via=Listing.subject_id)
    else:
        where.add(~exists().where(col(Listing.subject_id) == where.identity, stands))
