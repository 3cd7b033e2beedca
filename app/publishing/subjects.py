"""A subject of listings on a day: its primary name, its details, and whether it is listed."""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, NamedTuple, Protocol, TypeVar

from app.fields.dates import FIRST_DAY, LAST_DAY, DateRange, parse_edtf
from app.publishing.batch_reader import BatchReader
from app.publishing.rendering import Reference, country, is_in_force, url
from app.tables import DelistingRequest, Listing, Name
from app.vocabularies import NameKind


class OnList(Protocol):
    """A value with the days on which the UN's list came to have it, and no longer had it, in EDTF."""

    on_list_since: str | None
    on_list_until: str | None


Held = TypeVar("Held", bound=OnList)


class ListPeriod(NamedTuple):
    """The days on which a list has a value, as two half-open intervals, one within the other.

    The value is certainly on the list from ``certain_from`` until ``certain_until``, and possibly from
    ``possible_from`` until ``possible_until``. A certain interval that is empty has its end before its beginning.
    """

    possible_from: date
    certain_from: date
    certain_until: date
    possible_until: date

    def is_certain(self, day: date) -> bool:
        """Say whether the list certainly had the value on a day."""
        return self.certain_from <= day < self.certain_until

    def is_possible(self, day: date) -> bool:
        """Say whether it is not known whether the list had the value on a day."""
        return self.possible_from <= day < self.possible_until and not self.is_certain(day)

    def is_over(self, day: date) -> bool:
        """Say whether the list had the value before a day and certainly no longer has it on the day."""
        return self.possible_until <= day

    def changes(self) -> list[date]:
        """Return its bounds but for the ends of time: the days on which what is known of the value changes."""
        return [day for day in self if day not in (FIRST_DAY, LAST_DAY)]


ALWAYS = ListPeriod(FIRST_DAY, FIRST_DAY, LAST_DAY, LAST_DAY)


@lru_cache(maxsize=4096)
def period_of(since: str | None, until: str | None) -> ListPeriod:
    """Return the days on which a list has a value.

    Args:
        since: first day with it, in EDTF; ``a/b`` where it came on one of these days, ``../b`` where it was there by
            ``b``; None where it was there from the beginning.
        until: first day without it, in EDTF; None where it is still there.
    """
    if since is None and until is None:
        return ALWAYS
    first = parse_edtf(since) if since else DateRange(FIRST_DAY, FIRST_DAY)
    end = parse_edtf(until) if until else DateRange(LAST_DAY, LAST_DAY)
    return ListPeriod(
        possible_from=first.earliest or FIRST_DAY,
        certain_from=first.latest or LAST_DAY,
        certain_until=end.earliest or FIRST_DAY,
        possible_until=end.latest or LAST_DAY,
    )


def on_list(row: OnList) -> ListPeriod:
    """Return the days on which a list has the value of a row."""
    return period_of(row.on_list_since, row.on_list_until)


def certain_on(rows: Iterable[Held], day: date) -> list[Held]:
    """Return the rows whose values the list certainly had on a day, or that were given elsewhere by then."""
    return [row for row in rows if on_list(row).is_certain(day)]


def possible_on(rows: Iterable[Held], day: date) -> list[Held]:
    """Return the rows of which it is not known whether the list had their values on a day."""
    return [row for row in rows if on_list(row).is_possible(day)]


def over_on(rows: Iterable[Held], day: date) -> list[Held]:
    """Return the rows whose values had gone from the list by a day."""
    return [row for row in rows if on_list(row).is_over(day)]


def value_on(rows: Iterable[OnList], day: date, column: str) -> tuple[Any, bool]:
    """Return the value of a field of which an entry has one at most, on a day, and whether it is known.

    Where it is not known which of several rows the list had on the day, but they agree on the field, it is known.

    Args:
        rows: the rows of the entry, of any day.
        day: the day.
        column: the field.
    """
    rows = list(rows)
    if certain := certain_on(rows, day):
        return getattr(certain[0], column), True
    possible = possible_on(rows, day)
    values = {getattr(row, column) for row in possible}
    is_known = not possible or (len(possible) > 1 and len(values) == 1)
    return (values.pop() if values and is_known else None), is_known


def name_on(rows: BatchReader, subject_id: str, day: date) -> str:
    """Return the name under which the UN listed a subject on a day."""
    return primary_name(rows.related(Name, Name.subject_id, subject_id), day).name


def primary_name(names: Iterable[Name], day: date = LAST_DAY - timedelta(1)) -> Name:
    """Return the name under which the UN lists a subject on a day: the newest of its primary ones.

    On a day on which it is not known whether the subject had been renamed already, it is the older name.

    Args:
        names: all names of the subject.
        day: the day; not given, the end of time.
    """
    primary = [name for name in names if name.kind == NameKind.PRIMARY]
    begun = [name for name in primary if on_list(name).certain_from <= day]
    return max(begun or primary, key=lambda name: on_list(name).certain_from)


def times_on_list(listings: Iterable[Listing]) -> list[tuple[date, date]]:
    """Return the half-open times during which a subject was on the list under any measure, in order and apart."""
    times: list[tuple[date, date]] = []
    for first, end in sorted((listing.listed_on, listing.delisted_on or LAST_DAY) for listing in listings):
        if times and first <= times[-1][1]:
            times[-1] = (times[-1][0], max(times[-1][1], end))
        else:
            times.append((first, end))
    return times


def is_listed(rows: BatchReader, subject_id: str, day: date) -> bool:
    """Say whether a subject is on the list on a day, under any measure."""
    return any(is_in_force(listing, day) for listing in rows.related(Listing, Listing.subject_id, subject_id))


def request_reference(request: DelistingRequest, decided: bool = True) -> Reference:
    """Return a reference to a request; its name says who asked and, once it is decided, what came of it."""
    by = country(request.requested_by)
    asked = f"Request by {by.name}" if by else "Request by a State not known"
    return Reference(
        id=request.id,
        kind="delisting_request",
        name=f"{asked}, {request.outcome} {request.decided_on or ''}".rstrip() if decided else asked,
        url=url("delisting-requests", request.id),
    )
