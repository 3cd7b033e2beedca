"""Words beside a name that are no part of it, by what they are; and what is common to the names of many bodies.

The tables are in ``data/``, to be read and amended by people. None of them takes a word from a name: a text is compared
with these words and without them.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from app.fields.countries import every_country_name

TITLE = "a form of address, a post, a relation or a label"
SHIP = "a prefix, a type or a label of a ship"
FIRM = "a word beside the name of a firm"
COUNTRY_NAME = "a country"
PLACE = "a place"
KOREA = "the State on the list, its capital, party or army"
NUMBER = "a number"
DATE = "a date"

KOREAN_KINDS = frozenset([FIRM, KOREA])
"""Kinds of phrases that a body of the DPRK may have beside its name, however common its words are."""
SHIP_KINDS = KOREAN_KINDS | {SHIP, COUNTRY_NAME, PLACE, NUMBER, DATE}
"""Kinds of phrases that may stand beside the name of a ship."""

Phrase = tuple[str, ...]


def table_lines(name: str) -> Iterator[tuple[str, str]]:
    """Read a table of ``data/``: its lines, each with the section ``[…]`` that it is in; # begins a comment."""
    section = ""
    for line in (Path(__file__).parent / "data" / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            yield section, line


@lru_cache(maxsize=1)
def set_aside() -> dict[Phrase, str]:
    """Map every phrase that is no part of a name to what it is; of two kinds, the one that says more of the DPRK."""
    found = {tuple(name.split()): COUNTRY_NAME for name in every_country_name()}
    for kind, line in table_lines("set_aside.txt"):
        found |= {tuple(phrase.split()): kind for phrase in line.split(";")}
    return found


PLACES = frozenset(phrase for phrase, kind in set_aside().items() if kind == PLACE)
"""Capitals, ports and trading places."""

GENERIC = frozenset(word for _, line in table_lines("generic.txt") for word in line.split())
"""Words that the names of very many bodies are made of: a name of these alone is nobody's own."""

NATIVE_POSTS = tuple(
    sorted((word for _, line in table_lines("native_posts.txt") for word in line.split()), key=len, reverse=True)
)
"""Posts, ranks and forms of address in Hangul, Chinese characters, Cyrillic and Arabic, the longest first."""

STATE_CODES = frozenset(
    re.findall(
        "[A-Z]+",
        "KP PRK CN CHN HK HKG MO RU RUS KR KOR JP JPN VN VNM SG SGP TW TWN MY MYS US USA GB GBR IR IRN SY SYR EG EGY",
    )
)
"""Codes of ISO 3166-1 that tables put behind names, of States named in the sanctions and of the DPRK's trade."""

LEGAL_FORMS = {
    "company": (
        "co coy comp compan company companies cos cie compania compagnie compagnia companhia cia group grp gesellschaft"
        " firma kompania kompaniya kabushiki kaisha gongsi hoesa hoisa partnership"
    ),
    "limited": (
        "ltd limited limitd lmtd ltda limitada ltee pte pvt pty private proprietary plc llc llp gmbh mbh sa sarl srl"
        " spa bv nv oyj aps kft zrt nyrt sro ooo oao zao jsc ojsc cjsc pjsc tbk bhd sdn berhad fzc fze fzco dmcc wll"
        " ksc eirl unlimited"
    ),
    "corporation": (
        "corp corpn corporation corporaton corporacion corporacao inc incorporated incorp cooperation korporatsiya"
    ),
}
"""Legal forms and their shortenings in daily use, world-wide (after ISO 20275, Entity Legal Forms), by kind.

Those that are syllables of Asian names too (AB, AO, AS, KK, PAO, TOO) are left out.
"""
