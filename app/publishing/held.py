"""Relations and particulars on a day: whether they hold, and how well that is known."""

from collections.abc import Iterable, Iterator
from datetime import date
from enum import StrEnum
from typing import Annotated, Protocol, TypeVar

from pydantic import Field

from app.fields.dates import FIRST_DAY, LAST_DAY
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
    if not row.is_dated:
        return Holds.UNDATED
    if row.certain_from_on <= day < row.certain_until_on:
        return Holds.YES
    return Holds.PERHAPS if row.possible_from_on <= day < row.possible_until_on else Holds.NO


def held_on(rows: Iterable[Row], day: date) -> list[Row]:
    """Select what holds, or may hold, on a day."""
    return [row for row in rows if holds_on(row, day) is not Holds.NO]


def days_of(rows: Iterable[Held]) -> Iterator[date]:
    """Yield the days on which what holds changes, or what is known of it."""
    for row in rows:
        bounds = (row.possible_from_on, row.certain_from_on, row.certain_until_on, row.possible_until_on)
        yield from (day for day in bounds if day not in (FIRST_DAY, LAST_DAY))
