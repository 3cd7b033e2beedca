"""Names of firms, banks and offices in Hangul and Chinese characters, as English and romanised words.

The common words of such names are translated by the table ``glossary.tsv`` (무역 and 貿易 are trading), words of their
own are romanised by their Korean reading: 조선금룡무역회사 and 朝鮮金龍貿易會社 are korea keumryong trading company.
"""

import re
import unicodedata
from functools import lru_cache
from itertools import groupby, islice, pairwise, product

from app.matching.romanization import is_hangul, reading_of_block
from app.matching.scripts.chinese import fold_characters
from app.matching.scripts.hanja import in_dictionary_order
from app.matching.scripts.orthography import rows

_END = "end:"
_COUNTRIES = frozenset(["korea", "dprk", "south korea", "china", "japan", "hong kong", "pyongyang"])
_APART = re.compile(r"[\s()]+")
_ORDINAL = re.compile("[제第]([0-9]+)")
_NUMBERED = re.compile("([0-9]+)(?:호실|[號号]室)")


@lru_cache(maxsize=1)
def _terms() -> tuple[dict[str, str], dict[str, str], int]:
    """Read the words of the table: those that count anywhere, those that count at the end, and the longest length."""
    anywhere: dict[str, str] = {}
    at_end: dict[str, str] = {}
    for english, *columns in rows("glossary.tsv"):
        for form in " ".join(columns).split():
            folded = fold_characters(form.removeprefix(_END))
            (at_end if form.startswith(_END) else anywhere)[folded] = english
    return anywhere, at_end, max(map(len, anywhere))


@lru_cache(maxsize=1024)
def translated(text: str) -> tuple[str, ...]:
    """Write a name in Hangul or Chinese characters in English and romanised words.

    Args:
        text: a name; what is in other scripts stays as it is.

    Returns:
        Its words as their own ones are written and as they sound, with the other readings of Chinese characters, and
        all words romanised; none if no word of the table but a country or a city is in it, as in a person's name.
    """
    folded = _NUMBERED.sub(r" office \1 ", _ORDINAL.sub(r" \1 ", fold_characters(unicodedata.normalize("NFKC", text))))
    pieces: list[tuple[str, str | None]] = []
    for word in filter(None, _APART.split(folded)):
        for is_eastern, run in groupby(word, _is_eastern):
            piece = "".join(run)
            pieces += _words(piece) if is_eastern else [(piece, piece)]
    translations = {english for own, english in pieces if english is not None and english != own}
    if translations <= _COUNTRIES and not _NUMBERED.search(text):
        return ()
    choices = ([english] if english is not None else romanisations(own) for own, english in pieces)
    spelled = [" ".join(way) for way in islice(product(*choices), MOST_READINGS)]
    return tuple(dict.fromkeys([*spelled, " ".join(romanisations(own)[0] for own, _ in pieces)]))


def _is_eastern(char: str) -> bool:
    """Say whether a character is kana, a Chinese character or a Hangul block."""
    return "\u3040" <= char <= "\ud7a3"


def _words(run: str) -> list[tuple[str, str | None]]:
    """Take a run apart into words of the table, the longest first, and what is between them, with their English."""
    anywhere, at_end, longest = _terms()
    found: list[tuple[str, str | None]] = []
    start, place = 0, 0
    while place < len(run):
        sizes = (size for size in range(longest, 0, -1) if run[place : place + size] in anywhere)
        form = run[place : place + next(sizes, 1)]
        is_end = found and start == place == len(run) - 1 and found[-1][1] is not None
        english = anywhere.get(form) or (at_end.get(form) if is_end else None)
        if english is None:
            place += 1
            continue
        found += [(run[start:place], None)] if start < place else []
        found.append((form, english))
        place += len(form)
        start = place
    return [*found, (run[start:], None)] if start < len(run) else found


MOST_READINGS = 8
"""Most ways to romanise the words of a name."""


def romanisations(word: str) -> list[str]:
    """Romanise Hangul blocks or Chinese characters by their Korean readings: as written and as they sound.

    Args:
        word: the characters; one without a Korean reading is left as it is, and so is a word of other letters.
    """
    blocks = [[char] if is_hangul(char) else list(in_dictionary_order(char) or char) for char in word]
    ways = ["".join(way) for way in islice(product(*blocks), MOST_READINGS // 2)]
    return list(dict.fromkeys(spell(way) for spell in (_as_sounded, _as_written) for way in ways))


def _letters(blocks: str) -> list[list[str]]:
    return [list(reading_of_block(block)) if is_hangul(block) else ["", block, ""] for block in blocks]


def _as_written(blocks: str) -> str:
    return "".join(map("".join, _letters(blocks)))


def _as_sounded(blocks: str) -> str:
    """Romanise blocks with nasals and voiced consonants as they sound: 압록강 is amnokgang, 룡봉 is ryongbong."""
    sounds = _letters(blocks)
    for left, right in pairwise(sounds):
        if right[0] == "r" and left[2] in ("k", "t", "p", "m", "ng"):
            right[0] = "n"
        if right[0] in ("n", "m"):
            left[2] = {"k": "ng", "t": "n", "p": "m"}.get(left[2], left[2])
        if right[0] in ("k", "t", "p"):
            right[0] = {"k": "g", "t": "d", "p": "b"}[right[0]]
    return "".join(map("".join, sounds))
