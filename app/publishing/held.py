"""Relations and particulars on a day: whether they hold, and how well that is known."""

from collections.abc import Iterable, Iterator
from datetime import date
from enum import StrEnum
from typing import Annotated, Protocol, TypeVar

from pydantic import Field

from app.publishing.rendering import PartlyKnownDate
from app.publishing.subjects import ListPeriod, period_of


class Held(Protocol):
    """Something that holds between days in EDTF, with the days worked out from them (`tables.HeldPeriod`)."""

    possible_from_on: date
    certain_from_on: date
    certain_until_on: date
    possible_until_on: date
    is_dated: bool


Row = TypeVar("Row", bound=Held)


class Holds(StrEnum):
    """Whether something holds on a day."""

    YES = "yes"
    PERHAPS = "perhaps"
    UNDATED = "undated"
    NO = "no"


HoldsField = Annotated[
    Holds,
    Field(
        description=(
            "Whether it holds on the day asked about: yes; perhaps (it began or ended on a day that is not known, on "
            "either side of that day); undated (no source gives any day); or no."
        )
    ),
]
HeldSince = Annotated[
    PartlyKnownDate | None,
    Field(
        description=(
            "First day on which it holds. An interval: it began on one of those days; ../DAY: a source says that it "
            "held on that day, and it may have held before. Null: no source says."
        )
    ),
]
HeldUntil = Annotated[
    PartlyKnownDate | None,
    Field(description="First day on which it no longer holds. Null: no source says that it ended."),
]


def held_period(since: str | None, until: str | None) -> ListPeriod:
    """Return the days on which something holds.

    Without any day it is taken to hold on all; `HeldPeriod.is_dated` says that no source gives one.

    Args:
        since: first day, in EDTF; ``a/b`` where it began on one of these days, ``../b`` where it held on ``b`` and may
            have held before; None where no source says.
        until: first day on which it no longer holds, in EDTF; None where no source says that it ended.
    """
    period = period_of(since, until)
    if since is None and until is not None:
        return period._replace(certain_from=period.certain_until)
    return period


def holds_on(row: Held, day: date) -> Holds:
    """Say whether something holds on a day."""
    return holds_in(_period(row), row.is_dated, day)


def holds_in(period: ListPeriod, is_dated: bool, day: date) -> Holds:
    """Say whether something that holds in a period holds on a day.

    Args:
        period: the days on which it holds.
        is_dated: whether a source gives any of them.
        day: the day.
    """
    if not is_dated:
        return Holds.UNDATED
    if period.is_certain(day):
        return Holds.YES
    return Holds.PERHAPS if period.is_possible(day) else Holds.NO


def _period(row: Held) -> ListPeriod:
    return ListPeriod(row.possible_from_on, row.certain_from_on, row.certain_until_on, row.possible_until_on)


def held_on(rows: Iterable[Row], day: date) -> list[Row]:
    """Select what holds, or may hold, on a day."""
    return [row for row in rows if holds_on(row, day) is not Holds.NO]


def days_of(rows: Iterable[Held]) -> Iterator[date]:
    """Yield the days on which what holds changes, or what is known of it."""
    for row in rows:
        yield from _period(row).changes()
