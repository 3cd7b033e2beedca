"""Acts that a text names: the search box of the pages leads to resolutions and decisions of the Committee too."""

import re
from collections.abc import Mapping, Sequence

from app.fields.dates import parse_day
from app.screening.dates import parse_date

Questions = Mapping[str, tuple[str, Sequence[tuple[str, str]]]]
"""Questions for acts, by a name: each a path and its parameters."""

_DAYS = re.compile(
    r"(?<![0-9])(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2} [A-Z]{3,9}\.?,? [0-9]{4}|[A-Z]{3,9}\.? [0-9]{1,2},? [0-9]{4})"
    r"(?![0-9])",
    re.IGNORECASE,
)
"""A day as an ISO date, or with the name of its month."""
_DRAFT = re.compile(r"(?<![A-Z0-9])S/[0-9]{4}/[0-9]{1,4}(?![0-9])", re.IGNORECASE)
"""Symbol of a draft or a letter: S/2022/431."""
_WORDS = re.compile(
    r"(?<![^\W\d_])(?:r[eé]solutions?|resoluci[oó]n(?:es)?|res|s/res|unscr|scr)(?![^\W\d_])|резолюци|قرار|决议|決議|결의",
    re.IGNORECASE,
)
"""Words for a resolution, in the official languages of the UN and in Korean."""
_NO_NUMBERS = re.compile(r"\([0-9]{4}\)|1718 (?:sanctions )?committee", re.IGNORECASE)
"""The year behind the number of a resolution, and the Committee, whose name has one."""
_NUMBER = re.compile(r"(?<![0-9A-Za-z])[0-9]{3,4}(?![0-9A-Za-z])")
MOST_NUMBERS = 10
"""Most resolutions that one text asks for."""


def acts_named(text: str) -> Questions:
    """Return the questions that find the acts named in a text; empty where it names none.

    A resolution is named by its symbol (``S/RES/2270 (2016)``), by its number alone (``2270``), or by its number beside
    a word for a resolution (``UNSCR 2270``); a draft by its symbol; a decision of the Committee, like any act, by its
    day (``2016-03-21``, ``21 March 2016``).

    Args:
        text: the text of a search.
    """
    text = " ".join(text.split())
    if day := next(filter(None, map(_day, _DAYS.findall(text))), None):
        return {
            "resolutions": ("/resolutions", [("adopted_from", day), ("adopted_until", day)]),
            "decisions": ("/committee-decisions", [("decided_from", day), ("decided_until", day)]),
        }
    if draft := _DRAFT.search(text):
        return {"resolutions": ("/resolutions", [("text", draft[0])])}
    rest = _NO_NUMBERS.sub(" ", text)
    numbers = list(dict.fromkeys(_NUMBER.findall(rest)))[:MOST_NUMBERS]
    if numbers and (_WORDS.search(text) or rest.strip() == numbers[0]):
        return {"resolutions": ("/resolutions", [("number", one) for one in numbers])}
    return {}


def _day(text: str) -> str | None:
    """Return a day that is written in a text as an ISO date; None where it is no day."""
    try:
        return parse_day(parse_date(text)).isoformat()
    except ValueError:
        return None
