"""Days and partly known dates: ISO 8601 days, and the part of EDTF that the record uses.

EDTF is the Extended Date/Time Format of the Library of Congress (now in ISO 8601-2). The record writes ``1965``,
``1965-03``, ``1965-03-02``, ``1964/1966`` (an interval, both ends included), ``../2016-07`` and ``2016-07/..`` (open),
each with ``~`` (about), ``?`` (uncertain) or ``%`` (both) behind a date where the source says so.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

FIRST_DAY = date(1, 1, 1)
"""The first day of a half-open interval without a beginning."""
LAST_DAY = date(9999, 12, 31)
"""The end of a half-open interval without an end."""

# Not strftime's, which speaks the language of the machine.
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EDTF_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?[~?%]?")


def long_date(day: date) -> str:
    """Format a day for a sentence: 2 March 2016."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def day_after(day: date) -> date:
    """Return the following day; LAST_DAY, which means "still", has none and is returned itself."""
    return min(day, LAST_DAY - timedelta(1)) + timedelta(1)


def includes(first: date | None, end: date | None, day: date) -> bool:
    """Say whether a half-open interval includes a day.

    Args:
        first: its first day; None where it has no beginning.
        end: the first day after it; None where it has no end.
        day: the day.
    """
    return (first is None or first <= day) and (end is None or day < end)


def today() -> date:
    """Return the current day in UTC."""
    return datetime.now(UTC).date()


EARLIEST_ZONE = timezone(timedelta(hours=14))
"""The time zone in which a day begins first: UTC+14, that of the Line Islands (IANA: Pacific/Kiritimati)."""


def newest_day() -> date:
    """Return the newest day that has begun somewhere on earth: from 10:00 UTC on, it is the day after `today`."""
    return datetime.now(EARLIEST_ZONE).date()


def seconds_of_today() -> int:
    """Return how many whole seconds are left of the current day in UTC."""
    now = datetime.now(UTC)
    return 86_399 - (now.hour * 60 + now.minute) * 60 - now.second


def parse_day(text: str) -> date:
    """Parse an ISO 8601 day such as ``2016-03-02``.

    Raises:
        ValueError: the text has another form, or no calendar has such a day.
    """
    if not _DAY.fullmatch(text):
        raise ValueError(f"{text!r} is not a day of the form YYYY-MM-DD")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"there is no day {text}: {error}") from None


@dataclass(frozen=True)
class DateRange:
    """The days between which a partly known date lies, both included; None where an end is open."""

    earliest: date | None
    latest: date | None


@dataclass(frozen=True)
class Period:
    """A half-open interval of days: ``first`` is in it, ``end`` is the first day after it."""

    first: date
    end: date


def parse_period(text: str) -> Period:
    """Parse a period such as ``2016-03-01/2016-04-01``: March 2016, since the second day is no longer in it.

    Raises:
        ValueError: the text has another form, names a day that does not exist, or does not end after it begins.
    """
    first, slash, end = text.partition("/")
    if not slash:
        raise ValueError(f"{text!r} is not a period of the form YYYY-MM-DD/YYYY-MM-DD")
    period = Period(parse_day(first), parse_day(end))
    if period.end <= period.first:
        raise ValueError(f"{text!r} does not end after it begins; the second day is the first one after the period")
    return period


@lru_cache(maxsize=4096)
def parse_edtf(text: str) -> DateRange:
    """Parse a date in the part of EDTF that this module's docstring names.

    Raises:
        ValueError: the text is none of those forms, names a day that does not exist, ends before it begins, or is open
            at both ends.
    """
    first, slash, last = text.partition("/")
    if not slash:
        return _bounds_of_date(text)
    bounds = DateRange(
        earliest=None if first == ".." else _bounds_of_date(first).earliest,
        latest=None if last == ".." else _bounds_of_date(last).latest,
    )
    if bounds == DateRange(None, None):
        raise ValueError(f"{text!r} is open at both ends and says nothing of when")
    if bounds.earliest and bounds.latest and bounds.latest < bounds.earliest:
        raise ValueError(f"{text!r} ends before it begins")
    return bounds


def latest_possible_day(text: str) -> date:
    """Return the day by which an event with a date in EDTF had happened: its last possible day, or its first if open.

    Raises:
        ValueError: the text is no such date.
    """
    bounds = parse_edtf(text)
    return bounds.latest or bounds.earliest or LAST_DAY


def _bounds_of_date(text: str) -> DateRange:
    match = _EDTF_DATE.fullmatch(text)
    if not match:
        raise ValueError(f"{text!r} is not a date in EDTF, such as 1965, 1965-03, 1965-03-02, 1965~ or 1964/1966")
    year, month, day = (int(part) if part else None for part in match.groups())
    if year is None or year < 1:
        raise ValueError(f"{text!r}: there is no year 0")
    if month is None:
        return DateRange(date(year, 1, 1), date(year, 12, 31))
    try:
        if day is not None:
            return DateRange(date(year, month, day), date(year, month, day))
        return DateRange(date(year, month, 1), date(year, month, monthrange(year, month)[1]))
    except ValueError as error:
        raise ValueError(f"there is no date {text}: {error}") from None


def _read_day(value: Any) -> Any:
    return parse_day(value) if isinstance(value, str) else value


def _check_edtf(text: str) -> str:
    parse_edtf(text)
    return text


def check_has_begun(day: date) -> date:
    """Check that a day has begun somewhere on earth: a client in Pyongyang is nine hours ahead of UTC.

    Raises:
        ValueError: it has begun nowhere.
    """
    if day > newest_day():
        raise ValueError(
            f"{day} has not begun anywhere yet; today is {today()} (UTC). The record does not say what is to come"
        )
    return day


Day = Annotated[date, BeforeValidator(_read_day)]
"""A day of the form YYYY-MM-DD and no other: no time stamps, no numbers."""

PastDay = Annotated[Day, AfterValidator(check_has_begun)]
"""A day that has begun somewhere on earth."""

Edtf = Annotated[
    str,
    AfterValidator(_check_edtf),
    WithJsonSchema(
        {"type": "string", "format": "edtf", "description": "A date as far as it is known, in EDTF (ISO 8601-2)"}
    ),
]
"""A partly known date, kept as it is written."""
