"""Birth dates as people and programs write them, parsed to EDTF.

`parse_date` returns the normal form or raises ValueError with a message for the person whose file it is. It does not
guess: a text that can mean two days is not read.
"""

import csv
import re
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from app.fields.dates import parse_edtf, today
from app.fields.text import fold


class DateOrder(StrEnum):
    """Which number comes first in a date such as 03/04/1968."""

    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"


_MONTH_NAMES = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)


def _months() -> dict[str, int]:
    """Map the folded names of months to their numbers: in English from three letters on, and as the CLDR has them.

    A name that is one month in one language and another month in another is left out.
    """
    english = {
        name[:length]: number for number, name in enumerate(_MONTH_NAMES, 1) for length in range(3, len(name) + 1)
    } | {"sept": 9}
    found: dict[str, set[int]] = {}
    with (Path(__file__).parent / "data" / "months.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(fold(row["name"]), set()).add(int(row["month"]))
    return {name: numbers.pop() for name, numbers in found.items() if len(numbers) == 1} | english


_MONTHS = _months()
"""From English and from months.csv: the names of months in sixteen languages, of the Unicode CLDR as Babel 2.19 has it,
and `Mrz`, the German abbreviation that Windows has."""
_WEEKDAY = re.compile(r"^(?:mon|tue|tues|wed|wednes|thu|thur|thurs|fri|sat|satur|sun)(?:day)?\.?,?\s+")
_CLOCK = re.compile(
    r"[t ,]\s*(?:오전|오후)?\s*[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?\s*(?:[ap]\.?m\.?)?\s*"
    r"(?:z|utc|gmt|[+-][0-9]{2}:?[0-9]{2})?$"
)
_LABEL = re.compile(
    r"^(?:(?:date of birth|d\.?o\.?b\.?|born(?: on| in)?|birth date|b\.|year of birth|yob)\s*:?\s*)(?=\S)"
)
_ABOUT = re.compile(
    r"^(?:c\.|ca\.?|circa|about|approx\.?|approximately|abt\.?|around|~)\s*(?=[0-9a-z])|^c\.?\s*(?=[0-9])"
)
_ABOUT_BEHIND = re.compile(r"\s*\(?\b(?:approx\.?|approximately|circa|about|estimated|est\.?)\)?$")
_YEAR, _UNKNOWN = "[0-9]{4}", r"(?:0{1,2}|x{1,2}|\?{1,2}|u{2}|-{1,2}|_{1,2}|\*{1,2})"
_MONTH = r"(?P<month>[^\W\d_]{3,12})"
_Form = tuple[re.Pattern[str], Callable[[re.Match[str], DateOrder | None], str]]

EXCEL_EPOCH = date(1899, 12, 30)
"""Day 0 of the serials of Excel, as they count from 1 March 1900 on (ECMA-376 Part 1, section 18.17.4.1)."""
LONGEST_LIFE = 115
"""Years: a year of birth written with two digits is read where only one century makes a person no older than that."""
OLDEST = 120
"""Years: a birth date before that is a placeholder of a program (0001-01-01, 1753-01-01, 1899-12-30, 1900-01-01), which
would otherwise clear a name that agrees."""
_FIRST_YEAR = 1850
"""First year of birth that four digits alone are read as."""


@lru_cache(maxsize=8192)
def parse_date(text: str, order: DateOrder | None = None) -> str:
    """Parse a birth date, as far as it is known, to EDTF.

    Reads EDTF itself (1968, 1968-03, 1964/1966, 1968~), 19680326, 26031968 and 196803 where they can be one day only,
    1968-00-00, 1968-XX-XX, 18 Feb 1962, February 18, 1962, 18-FEB-62, 18. März 1962, 26/03/1968, 26.3.1968,
    1962. 2. 18., 1962-02-18 00:00:00 and other times of day, 1962년 2월 18일, serials of Excel (22695), years and
    serials as floats (1962.0) or with a sign between thousands (22,695), about 1968, between 1964 and 1966, 1964-1966,
    1960s.

    Args:
        text: the date; no marker of a missing value.
        order: the order of day and month in dates that can be read as two days; not given, those are not read.

    Returns:
        The date in EDTF, which is not after today.

    Raises:
        ValueError: it is no such date, can be two days, is after today (UTC), or more than `OLDEST` years before it.
    """
    if _ISO_DAY.fullmatch(text):
        try:
            date.fromisoformat(text[:10])
        except ValueError:
            pass  # 1968-00-00 is a year, and what is no date has a message of its own
        else:
            _check_lifetime(text[:10], text)
            return text[:10]
    found = _date(" ".join(text.split()).casefold(), order, text)
    _check_lifetime(found, text)
    return found


def _check_lifetime(edtf: str, text: str) -> None:
    bounds = parse_edtf(edtf)
    if bounds.earliest and bounds.earliest > today():
        raise ValueError(f"{text!r} is after today")
    if bounds.latest and bounds.latest.year < today().year - OLDEST:
        raise ValueError(f"{text!r} is more than {OLDEST} years ago, as programs write for a day that is not known")


_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[ T]00:00:00)?")
"""A day as most files have it (ISO 8601), with midnight where a program wrote a time of day."""


def _date(folded: str, order: DateOrder | None, text: str) -> str:
    try:
        parse_edtf(folded)
    except ValueError as error:
        if re.fullmatch(r"[0-9]{4}(-(0[1-9]|1[0-2])(-[0-9]{2})?)?[~?%]?", folded) and "-00" not in folded:
            raise ValueError(f"{text!r}: {error}") from None  # the form is EDTF's, and the calendar has no such day
    else:
        if not re.fullmatch(_YEAR, folded) or int(folded) >= _FIRST_YEAR:
            return folded
    bare = _LABEL.sub("", _WEEKDAY.sub("", _CLOCK.sub("", folded)).strip(" ,"))
    for form, read in _INTERVALS:
        if match := form.fullmatch(bare):
            return read(match, order)
    about = _ABOUT.match(bare)
    bare = bare[about.end() :] if about else bare
    is_about = bool(about or _ABOUT_BEHIND.search(bare))
    bare = _ABOUT_BEHIND.sub("", bare)
    for form, read in _FORMS:
        if match := form.fullmatch(bare):
            return read(match, order) + ("~" if is_about else "")
    raise ValueError(
        f"{text!r} cannot be read as a date; write it as 1962-02-18, 1962-02 or 1962, or as 18 February 1962"
    )


def _interval(match: re.Match[str], order: DateOrder | None) -> str:
    first, last = (_date(part.strip(), order, part) for part in (match["first"], match["last"]))
    interval = f"{first}/{last}"
    parse_edtf(interval)
    return interval


def _decade(match: re.Match[str], _: DateOrder | None) -> str:
    return f"{match['decade']}0/{match['decade']}9"


_INTERVALS: tuple[_Form, ...] = (
    (re.compile(rf"(?P<first>{_YEAR})\s*(?:[-–—/]|to)\s*(?P<last>{_YEAR})"), _interval),
    (re.compile(r"between (?P<first>.+?) (?:and|&) (?P<last>.+)"), _interval),
    (re.compile(r"from (?P<first>.+?) (?:to|until) (?P<last>.+)"), _interval),
    (re.compile(r"(?:the )?(?P<decade>[0-9]{3})(?:0'?s|x)"), _decade),
)


def _edtf(year: int, month: int = 0, day: int = 0) -> str:
    """Write a date in EDTF and check that the calendar has it; month or day 0 is not known."""
    if not month:
        if day:
            raise ValueError(f"there is a day, {day}, without a month")
        found = f"{year:04}"
    else:
        found = f"{year:04}-{month:02}-{day:02}" if day else f"{year:04}-{month:02}"
    parse_edtf(found)
    return found


def _number(part: str | None) -> int:
    """Read a day or a month; 0 where it is not known, which is written 0, 00, XX, ??, -- or __."""
    return int(part) if part and part.isdecimal() else 0


def _full_year(digits: str) -> int:
    """Read a year of two or four digits.

    Raises:
        ValueError: it has two, and more than one century makes a person alive.
    """
    years = _possible_years(digits)
    if len(years) != 1:
        raise ValueError(f"the year {digits} can be {' or '.join(map(str, years))}; write it with four digits")
    return years[0]


def _possible_years(digits: str) -> list[int]:
    """Give the years that a year of two or four digits can be."""
    if len(digits) == 4:
        return [int(digits)]
    this_year = today().year
    years = (century * 100 + int(digits) for century in (18, 19, 20))
    return [year for year in years if this_year - LONGEST_LIFE <= year <= this_year]


def _year_first(match: re.Match[str], _: DateOrder | None) -> str:
    return _edtf(int(match["year"]), _number(match["month"]), _number(match["day"]))


def _named_month(match: re.Match[str], _: DateOrder | None) -> str:
    month = _MONTHS.get(fold(match["month"]))
    if month is None:
        raise ValueError(f"{match['month']!r} is no month")
    day = match.groupdict().get("day")
    return _edtf(_full_year(match["year"]), month, _number(day))


def _month_and_short_year(match: re.Match[str], order: DateOrder | None) -> str:
    """Read Feb-62, as Excel writes February 1962; Feb-18 can be a day."""
    if int(match["year"]) <= 31:
        raise ValueError(f"{match[0]!r} can be a month and a year, or a day without its year")
    return _named_month(match, order)


def _two_numbers(match: re.Match[str], order: DateOrder | None) -> str:
    """Read 26/03/1968: the day is the number over 12; where neither is, `order` decides; 05/05/1968 is one day."""
    first, second = _number(match["first"]), _number(match["second"])
    if first > 31 and len(match["year"]) == 2:
        # 62-02-18: there is no such day, so it is the year.
        return _edtf(_full_year(match["first"]), second, int(match["year"]))
    year = _full_year(match["year"])
    if not first or not second:
        return _one_unknown(first, second, year, order)
    if first > 12 or (second <= 12 and (first == second or order is DateOrder.DAY_FIRST)):
        return _edtf(year, second, first)
    if second > 12 or order is DateOrder.MONTH_FIRST:
        return _edtf(year, first, second)
    raise _two_days(match[0], [_edtf(year, second, first), _edtf(year, first, second)])


def _two_days(text: str, days: Iterable[str]) -> ValueError:
    return ValueError(f"{text!r} can be {' or '.join(days)}; say which number comes first (dates: dmy or mdy)")


def _one_unknown(first: int, second: int, year: int, order: DateOrder | None) -> str:
    """Read 00/03/1968 and 00/00/1968: the number that is known is the month, unless `order` says that it is the day."""
    if not first and not second:
        return _edtf(year)
    is_month = order is None or (order is DateOrder.DAY_FIRST) == bool(second)
    return _edtf(year, first or second) if is_month else _edtf(year)


def _month_year(match: re.Match[str], _: DateOrder | None) -> str:
    return _edtf(int(match["year"]), _number(match["month"]))


def _digits(match: re.Match[str], order: DateOrder | None) -> str:
    """Read a number: four digits are a year, five a serial of Excel, six to eight a day; after the point only noughts.

    Raises:
        ValueError: it is none of these, or can be two days.
    """
    number = re.sub("[.,]", "", match["number"])
    if len(number) == 4 and _FIRST_YEAR <= int(number) <= today().year:
        return _edtf(int(number))
    if len(number) == 5 or (len(number) == 4 and int(number) < _FIRST_YEAR and int(number) > 60):
        return (EXCEL_EPOCH + timedelta(int(number))).isoformat()
    if len(number) == 8 and _FIRST_YEAR <= int(number[:4]) <= today().year:
        return _edtf(int(number[:4]), int(number[4:6]), int(number[6:]))
    days = _days_of_digits(number, order)
    if len(days) == 1:
        return days[0]
    if days:
        raise _two_days(match[0], days)
    raise ValueError(f"{match[0]!r} is neither a year, nor a day as 19620218, nor a serial of Excel")


def _days_of_digits(number: str, order: DateOrder | None) -> list[str]:
    """Give the dates that six to eight digits without signs between them can be, the year last or in two digits.

    Seven are eight whose first is a nought that a spreadsheet left out. Where `order` is given and fits, only that.
    """
    if len(number) not in (6, 7, 8):
        return []
    number = number.zfill(8) if len(number) == 7 else number
    first, second, last = number[:2], number[2:4], number[4:]
    by_order = {
        DateOrder.DAY_FIRST: _days_of(last, second, first),
        DateOrder.MONTH_FIRST: _days_of(last, first, second),
    }
    if order and by_order[order]:
        return by_order[order]
    found = [day for days in by_order.values() for day in days]
    if len(number) == 6:
        found += [*_days_of(first, second, last), *_days_of(number[:4], last, "")]
    return sorted(set(found))


def _days_of(year: str, month: str, day: str) -> list[str]:
    """Give the dates of a year of two or four digits, a month and a day, where the calendar has them."""
    found = []
    for one in _possible_years(year):
        if _FIRST_YEAR <= one <= today().year and int(month) and (not day or int(day)):
            try:
                found.append(_edtf(one, int(month), _number(day)))
            except ValueError:
                continue
    return found


_FORMS: tuple[_Form, ...] = (
    (re.compile(r"(?P<number>[0-9]{1,3}(?:[.,][0-9]{3})+|[0-9]+)(?:[.,][0-9]*)?"), _digits),
    (
        re.compile(
            rf"(?P<year>{_YEAR})(?P<mark>[-/. ])\s?(?P<month>[0-9]{{1,2}}|{_UNKNOWN})"
            rf"(?:(?P=mark)\s?(?P<day>[0-9]{{1,2}}|{_UNKNOWN}))?\.?"
        ),
        _year_first,
    ),
    (
        re.compile(rf"(?P<year>{_YEAR})[년年]\s*(?:(?P<month>[0-9]{{1,2}})[월月]\s*(?:(?P<day>[0-9]{{1,2}})[일日])?)?"),
        _year_first,
    ),
    (
        re.compile(
            rf"(?P<first>[0-9]{{1,2}}|{_UNKNOWN})(?P<mark>[-/. ])\s?(?P<second>[0-9]{{1,2}}|{_UNKNOWN})(?P=mark)\s?"
            r"(?P<year>[0-9]{4}|[0-9]{2})\.?"
        ),
        _two_numbers,
    ),
    (re.compile(rf"(?P<month>[0-9]{{1,2}}|{_UNKNOWN})[-/.](?P<year>{_YEAR})"), _month_year),
    (
        re.compile(
            rf"(?P<day>[0-9]{{1,2}}|{_UNKNOWN})(?:st|nd|rd|th|er|º)?[-/., ]*(?:(?:of|de) )?{_MONTH}\.?[-/., ]*(?:de )?"
            r"(?P<year>[0-9]{4}|[0-9]{2})"
        ),
        _named_month,
    ),
    (
        re.compile(rf"{_MONTH}\.?[-/, ]*(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?(?:[-/,]| )\s*(?P<year>[0-9]{{4}})"),
        _named_month,
    ),
    (re.compile(rf"{_MONTH}\.?[-/, ]*(?:de )?(?P<year>[0-9]{{4}})"), _named_month),
    (re.compile(rf"{_MONTH}\.?[-/ ](?P<year>[0-9]{{2}})"), _month_and_short_year),
    (re.compile(rf"(?P<year>[0-9]{{4}})[-/., ]+{_MONTH}\.?(?:[-/., ]+(?P<day>[0-9]{{1,2}}))?"), _named_month),
)

_ZERO_DATE = re.compile(r"0(?:[.,]0+)?|0{8}|00:00:00|0{1,4}([-/. ])0{1,2}\1(?:0{1,4})(?:[T ].*)?")
"""0000-00-00, which MySQL writes for no date, and 0, which an empty cell of a spreadsheet is to a formula."""


def is_zero_date(text: str) -> bool:
    """Say whether a text is a date all of noughts, which databases write for no date."""
    return bool(_ZERO_DATE.fullmatch(text.strip()))
