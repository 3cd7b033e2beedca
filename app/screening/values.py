"""Values of a screening file as people and programs write them: dates, States, kinds of subject, missing values.

Every parser here returns the normal form or raises ValueError with a message for the person whose file it is. None of
them guesses: where a text can mean two days, two States or two kinds, it is not read.
"""

import re
from collections.abc import Callable
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

import pycountry

from app.fields.countries import country_code, country_name
from app.fields.dates import parse_edtf, today
from app.fields.text import fold
from app.vocabularies import SubjectKind


class DateOrder(StrEnum):
    """Which number comes first in a date such as 03/04/1968."""

    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"


_MISSING = frozenset(
    # What pandas.read_csv takes for missing unless told otherwise (its parameter na_values) …
    [
        *("", "#n/a", "#n/a n/a", "#na", "-1.#ind", "-1.#qnan", "-nan", "1.#ind", "1.#qnan", "<na>", "n/a", "na"),
        *("null", "nan", "none"),
        # … what it writes for a missing day, what SQL exports write, and what people write.
        *("nat", "\\n", "(null)", "[null]", "<null>", "nil", "n.a.", "n.a", "n/k", "n.k.", "(none)", "(blank)"),
        *("not available", "not applicable", "not known", "unknown", "not specified", "undefined"),
    ]
)
LONGEST_MARKER = max(map(len, _MISSING))
"""Characters of the longest marker of a missing value that has a letter."""
_ZERO_DATE = re.compile(r"0{1,4}([-/.]?)0{1,2}\1(?:0{1,4})(?:[T ].*)?")
"""0000-00-00, which MySQL writes for no date."""


def is_missing(text: str) -> bool:
    """Say whether a text is a marker of a missing value: empty, NA, N/A, null, none, -, ? and the like, in any case."""
    folded = " ".join(text.split()).casefold()
    return folded in _MISSING or not any(map(str.isalnum, folded))


def is_missing_name(text: str) -> bool:
    """Say whether a text in a column of names is a marker of a missing value.

    Na, with one capital, is a family name of Korea and not a marker.
    """
    return is_missing(text) and text.strip() != "Na"


# Dates

_MONTH_NAMES = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_MONTHS = {
    name[:length]: number for number, name in enumerate(_MONTH_NAMES, 1) for length in range(3, len(name) + 1)
} | {"sept": 9}
_WEEKDAY = re.compile(r"^(?:mon|tue|tues|wed|wednes|thu|thur|thurs|fri|sat|satur|sun)(?:day)?\.?,?\s+")
_CLOCK = re.compile(
    r"[t ,]\s*[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?\s*(?:[ap]\.?m\.?)?\s*"
    r"(?:z|utc|gmt|[+-][0-9]{2}:?[0-9]{2})?$"
)
_ABOUT = re.compile(
    r"^(?:c\.|ca\.?|circa|about|approx\.?|approximately|abt\.?|around|~)\s*(?=[0-9a-z])|^c\.?\s+(?=[0-9])"
)
_YEAR, _UNKNOWN = "[0-9]{4}", "(?:0{1,2}|x{1,2}|\\?{1,2}|u{2})"
_Form = tuple[re.Pattern[str], Callable[[re.Match[str], DateOrder | None], str]]

EXCEL_EPOCH = date(1899, 12, 30)
"""Day 0 of the serials of Excel, as they count from 1 March 1900 on (ECMA-376 Part 1, section 18.17.4.1)."""
LONGEST_LIFE = 115
"""Years: a year of birth written with two digits is read where only one century makes a person no older than that."""
_FIRST_YEAR = 1850
"""First year of birth that four digits alone are read as."""


@lru_cache(maxsize=8192)
def parse_date(text: str, order: DateOrder | None = None) -> str:
    """Parse a birth date, as far as it is known, to EDTF.

    Reads EDTF itself (1968, 1968-03, 1964/1966, 1968~), 19680326, 1968-00-00, 1968-XX-XX, 18 Feb 1962, February 18,
    1962, 18-FEB-62, 26/03/1968, 26.3.1968, 1962-02-18 00:00:00 and other times of day, 1962년 2월 18일, serials of
    Excel (22695), years and serials as floats (1962.0), about 1968, between 1964 and 1966, 1964-1966.

    Args:
        text: the date; no marker of a missing value.
        order: the order of day and month in dates that can be read as two days; not given, those are not read.

    Returns:
        The date in EDTF, which is not after today.

    Raises:
        ValueError: it is no such date, can be two days, or is after today (UTC).
    """
    if _ISO_DAY.fullmatch(text):
        try:
            day = date.fromisoformat(text[:10])
        except ValueError:
            pass  # 1968-00-00 is a year, and what is no date has a message of its own
        else:
            if day > today():
                raise ValueError(f"{text!r} is after today")
            return text[:10]
    found = _date(" ".join(text.split()).casefold(), order, text)
    bounds = parse_edtf(found)
    if bounds.earliest and bounds.earliest > today():
        raise ValueError(f"{text!r} is after today")
    return found


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
    bare = _WEEKDAY.sub("", _CLOCK.sub("", folded)).strip(" ,")
    for form, read in _INTERVALS:
        if match := form.fullmatch(bare):
            return read(match, order)
    about = _ABOUT.match(bare)
    bare = bare[about.end() :] if about else bare
    for form, read in _FORMS:
        if match := form.fullmatch(bare):
            return read(match, order) + ("~" if about else "")
    raise ValueError(
        f"{text!r} cannot be read as a date; write it as 1962-02-18, 1962-02 or 1962, or as 18 February 1962"
    )


def _interval(match: re.Match[str], order: DateOrder | None) -> str:
    first, last = (_date(part.strip(), order, part) for part in (match["first"], match["last"]))
    interval = f"{first}/{last}"
    parse_edtf(interval)
    return interval


_INTERVALS: tuple[_Form, ...] = (
    (re.compile(rf"(?P<first>{_YEAR})\s*(?:[-–—/]|to)\s*(?P<last>{_YEAR})"), _interval),
    (re.compile(r"between (?P<first>.+?) (?:and|&) (?P<last>.+)"), _interval),
    (re.compile(r"from (?P<first>.+?) (?:to|until) (?P<last>.+)"), _interval),
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
    """Read a day or a month; 0 where it is not known, which is written 0, 00, XX or ??."""
    return int(part) if part and part.isdecimal() else 0


def _full_year(digits: str) -> int:
    """Read a year of two or four digits.

    Raises:
        ValueError: it has two, and more than one century makes a person alive.
    """
    if len(digits) == 4:
        return int(digits)
    this_year = today().year
    years = [
        year
        for century in (18, 19, 20)
        if this_year - LONGEST_LIFE <= (year := century * 100 + int(digits)) <= this_year
    ]
    if len(years) != 1:
        raise ValueError(f"the year {digits} can be {' or '.join(map(str, years))}; write it with four digits")
    return years[0]


def _year_first(match: re.Match[str], _: DateOrder | None) -> str:
    return _edtf(int(match["year"]), _number(match["month"]), _number(match["day"]))


def _named_month(match: re.Match[str], _: DateOrder | None) -> str:
    month = _MONTHS.get(match["month"])
    if month is None:
        raise ValueError(f"{match['month']!r} is no month in English")
    day = match.groupdict().get("day")
    return _edtf(_full_year(match["year"]), month, _number(day))


def _two_numbers(match: re.Match[str], order: DateOrder | None) -> str:
    """Read 26/03/1968: the day is the number over 12; where neither is, `order` decides; 05/05/1968 is one day."""
    first, second, year = _number(match["first"]), _number(match["second"]), _full_year(match["year"])
    if not first or not second:
        return _one_unknown(first, second, year, order)
    if first > 12 or (second <= 12 and (first == second or order is DateOrder.DAY_FIRST)):
        return _edtf(year, second, first)
    if second > 12 or order is DateOrder.MONTH_FIRST:
        return _edtf(year, first, second)
    raise ValueError(
        f"{match[0]!r} can be {_edtf(year, second, first)} or {_edtf(year, first, second)}; say which number comes "
        "first (dates: dmy or mdy)"
    )


def _one_unknown(first: int, second: int, year: int, order: DateOrder | None) -> str:
    """Read 00/03/1968 and 00/00/1968: the number that is known is the month, unless `order` says that it is the day."""
    if not first and not second:
        return _edtf(year)
    is_month = order is None or (order is DateOrder.DAY_FIRST) == bool(second)
    return _edtf(year, first or second) if is_month else _edtf(year)


def _month_year(match: re.Match[str], _: DateOrder | None) -> str:
    return _edtf(int(match["year"]), _number(match["month"]))


def _digits(match: re.Match[str], _: DateOrder | None) -> str:
    """Read a number: eight digits are a day, four a year, five a serial of Excel; behind the point only noughts."""
    number = match["number"]
    if len(number) == 8:
        return _edtf(int(number[:4]), int(number[4:6]), int(number[6:]))
    if len(number) == 4 and _FIRST_YEAR <= int(number) <= today().year:
        return _edtf(int(number))
    if len(number) == 5 or (len(number) == 4 and int(number) < _FIRST_YEAR and int(number) > 60):
        return (EXCEL_EPOCH + timedelta(int(number))).isoformat()
    raise ValueError(f"{match[0]!r} is neither a year, nor a day as 19620218, nor a serial of Excel")


_FORMS: tuple[_Form, ...] = (
    (re.compile(r"(?P<number>[0-9]+)(?:[.,][0-9]*)?"), _digits),
    (
        re.compile(
            rf"(?P<year>{_YEAR})(?P<mark>[-/. ])(?P<month>[0-9]{{1,2}}|{_UNKNOWN})"
            rf"(?:(?P=mark)(?P<day>[0-9]{{1,2}}|{_UNKNOWN}))?\.?"
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
            rf"(?P<day>[0-9]{{1,2}}|{_UNKNOWN})(?:st|nd|rd|th)?[-/., ]*(?:of )?(?P<month>[a-z]{{3,9}})\.?[-/., ]*"
            r"(?P<year>[0-9]{4}|[0-9]{2})"
        ),
        _named_month,
    ),
    (
        re.compile(
            r"(?P<month>[a-z]{3,9})\.?[-/, ]*(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?(?:[-/,]| )\s*(?P<year>[0-9]{4})"
        ),
        _named_month,
    ),
    (re.compile(r"(?P<month>[a-z]{3,9})\.?[-/, ]*(?P<year>[0-9]{4})"), _named_month),
    (re.compile(r"(?P<year>[0-9]{4})[-/., ]+(?P<month>[a-z]{3,9})\.?(?:[-/., ]+(?P<day>[0-9]{1,2}))?"), _named_month),
)


def is_zero_date(text: str) -> bool:
    """Say whether a text is a date all of noughts, which databases write for no date."""
    return bool(_ZERO_DATE.fullmatch(text.strip()))


# States


@lru_cache(maxsize=1)
def _codes() -> dict[str, str]:
    """Map ISO 3166-1's alpha-3 and numeric codes, and its names without blanks and marks, to alpha-2 codes."""
    codes: dict[str, str] = {}
    for country in pycountry.countries:
        names = [getattr(country, kind) for kind in ("common_name", "official_name") if hasattr(country, kind)]
        codes |= dict.fromkeys([*map(_squeeze, [country_name(country.alpha_2), *names])], country.alpha_2)
        codes |= {country.alpha_3.casefold(): country.alpha_2, country.numeric: country.alpha_2}
    return codes


def _squeeze(text: str) -> str:
    return re.sub(r"[\W_]", "", fold(text))


@lru_cache(maxsize=8192)
def parse_state(text: str) -> str:
    """Parse a State to its ISO 3166-1 alpha-2 code.

    Reads alpha-2, alpha-3 and numeric codes, and English names as ISO and the UN give them, in any case, with or
    without points between initials (D.P.R.K.), an article before them, a code in brackets behind them, or a code and a
    name (``KP - North Korea``). NA is a marker of a missing value and never Namibia, which is NAM or Namibia.

    Raises:
        ValueError: it is no such code or name, or names two States.
    """
    bare = " ".join(text.split())
    candidates = [bare, bare.replace(".", ""), re.sub(r"(?i)^the\s+", "", bare)]
    if _squeeze(bare) == "na":
        raise ValueError("NA is read as not known; Namibia is NAM")
    if match := re.fullmatch(r"(?P<code>[A-Za-z]{2,3})\s*[-–:,/]\s*(?P<name>.{4,})", bare):
        return _same_state(match["code"], match["name"])
    if match := re.fullmatch(r"(?P<name>.{4,}?)\s*(?:[-–:,/]\s*|\()(?P<code>[A-Z]{2,3})\)?", bare):
        return _same_state(match["code"], match["name"])
    for candidate in candidates:
        if code := _codes().get(_squeeze(candidate)):
            return code
        try:
            return country_code(candidate)
        except ValueError:
            continue
    return country_code(bare)


def _same_state(code: str, name: str) -> str:
    by_code, by_name = (_codes().get(code.casefold()) or country_code(code)), parse_state(name)
    if by_code != by_name:
        raise ValueError(f"{code} and {name} are two States")
    return by_code


# Kinds

_PERSON, _ENTITY, _VESSEL = (SubjectKind.INDIVIDUAL,), (SubjectKind.ENTITY,), (SubjectKind.VESSEL,)
_KINDS: dict[str, tuple[SubjectKind, ...]] = {
    **dict.fromkeys(
        [
            *(
                "individual",
                "person",
                "natural person",
                "physical person",
                "private individual",
                "private person",
                "human",
            ),
            *("people", "private", "ind", "indiv", "man", "woman", "natural", "private customer"),
        ],
        _PERSON,
    ),
    **dict.fromkeys(
        [
            *(
                "entity",
                "company",
                "organisation",
                "organization",
                "corporation",
                "corporate",
                "firm",
                "business",
                "bank",
            ),
            *("legal person", "juridical person", "legal", "association", "enterprise", "institution", "group", "org"),
            *("partnership", "public body", "corp", "foundation", "ngo", "body corporate", "corporate customer"),
        ],
        _ENTITY,
    ),
    # FollowTheMoney's LegalEntity is a person or an organisation.
    **dict.fromkeys(["legal entity", "legalentity", "party", "customer"], (*_PERSON, *_ENTITY)),
    **dict.fromkeys(
        [
            *("vessel", "ship", "boat", "mv", "mt", "ms", "ss", "motor vessel", "motor tanker", "tanker", "cargo ship"),
            *("bulker", "bulk carrier", "container ship", "merchant ship", "merchant vessel", "oil tanker", "tug"),
            *("cargo vessel", "barge", "general cargo ship", "fishing vessel"),
        ],
        _VESSEL,
    ),
}


@lru_cache(maxsize=1024)
def parse_kind(text: str) -> tuple[SubjectKind, ...]:
    """Parse a kind of subject: person, company, ship, M/V and the like, in the singular or plural, in any case.

    Returns:
        The kinds that it can be: more than one where the word leaves it open, such as legal entity.

    Raises:
        ValueError: it is no such word.
    """
    folded = fold(text)
    spaced = " ".join(re.sub(r"[^a-z]+", " ", folded).split())
    for word in (spaced, spaced.replace(" ", ""), *_singulars(spaced)):
        if word in _KINDS:
            return _KINDS[word]
    raise ValueError(f"{text!r} is no kind of subject; write individual (person), entity (company) or vessel (ship)")


def _singulars(word: str) -> list[str]:
    found = [word[:-3] + "y"] if word.endswith("ies") else []
    return [*found, word[:-1]] if word.endswith("s") else found


# Identifiers

_AS_FLOAT = re.compile(r"([0-9]+)[.,]0+")


def without_fraction(text: str) -> str:
    """Write a number that a spreadsheet or a data frame made a float of (9163166.0) without its noughts."""
    match = _AS_FLOAT.fullmatch(text.strip())
    return match[1] if match else text


def parse_imo_number(text: str) -> str:
    """Parse an IMO ship identification number: seven digits, with or without IMO before them, also as a float.

    Raises:
        ValueError: it has not seven digits. The check digit is not required: a number that somebody mistyped is
            screened as it is written, and finds nothing that it should not.
    """
    digits = re.sub(r"(?i)^imo|[^0-9a-z]", "", without_fraction(text).strip())
    digits = re.sub(r"(?i)^(?:no|nr|number)", "", digits)
    if not re.fullmatch("[0-9]{7}", digits):
        raise ValueError(f"{text!r} is no IMO number, which has seven digits")
    return digits
