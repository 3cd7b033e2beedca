"""Names in other scripts and Latin orthographies, rewritten so that they can be compared with the names of the list.

`syllable_readings` reads a text as a Korean name: for each syllable the Korean syllables that it can stand for.
`transcriptions` rewrites a text in Hangul, in Latin letters or in folded Chinese characters, to be compared as words.
`unread` lists the parts in scripts that nothing here can read.
"""

import re
import unicodedata
from bisect import bisect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import islice

from app.fields.text import CACHED
from app.matching.romanization import GIVEN_READINGS, INFORMAL_COST, SURNAME_READINGS, Reading, Readings, block_of
from app.matching.scripts import arabic, chinese, cyrillic, glossary, hanja, kana, latin
from app.matching.scripts.latin import can_read, own_systems
from app.matching.scripts.orthography import APART, MOST_SYLLABLES, MOST_WAYS, Syllable, Way, Word

__all__ = [
    "Part",
    "Script",
    "SyllabicReading",
    "Syllable",
    "Transcription",
    "can_read",
    "own_systems",
    "prepare",
    "scripts_of",
    "syllable_readings",
    "transcriptions",
    "unread",
]

LONGEST_TEXT = 256
"""Most characters of a text that are read."""
MOST_WORDS = 12
"""Most words of a run in one script that are read."""
WEAK = 0.03
"""Cost of a reading through the Mandarin reading of a Korean name."""

TRANSLATED = 0.02
"""Cost of a name whose common words are translated."""


class Script(StrEnum):
    """A script that a part of a text is written in."""

    LATIN = "latin"
    HANGUL = "hangul"
    CYRILLIC = "cyrillic"
    KANA = "kana"
    HAN = "han"
    ARABIC = "arabic"
    OTHER = "other"


_BLOCKS: tuple[tuple[int, int, Script], ...] = (
    (0x0041, 0x024F, Script.LATIN),
    (0x0250, 0x02AF, Script.LATIN),
    (0x0400, 0x052F, Script.CYRILLIC),
    (0x0600, 0x06FF, Script.ARABIC),
    (0x0750, 0x077F, Script.ARABIC),
    (0x1100, 0x11FF, Script.HANGUL),
    (0x1C80, 0x1C8F, Script.CYRILLIC),
    (0x1E00, 0x1EFF, Script.LATIN),
    (0x2DE0, 0x2DFF, Script.CYRILLIC),
    (0x3005, 0x3007, Script.HAN),
    (0x3040, 0x30FF, Script.KANA),
    (0x3130, 0x318F, Script.HANGUL),
    (0x31F0, 0x31FF, Script.KANA),
    (0x3400, 0x9FFF, Script.HAN),
    (0xA640, 0xA69F, Script.CYRILLIC),
    (0xA960, 0xA97F, Script.HANGUL),
    (0xAC00, 0xD7FF, Script.HANGUL),
    (0xF900, 0xFAFF, Script.HAN),
    (0xFB50, 0xFDFF, Script.ARABIC),
    (0xFE70, 0xFEFF, Script.ARABIC),
    (0xFF21, 0xFF5A, Script.LATIN),
    (0xFF66, 0xFF9F, Script.KANA),
    (0xFFA0, 0xFFDC, Script.HANGUL),
    (0x20000, 0x3FFFF, Script.HAN),
)
"""Blocks of Unicode: first and last code point, script of the letters between them."""
_STARTS = [first for first, _, _ in _BLOCKS]
_BETWEEN = frozenset(" \t\n\u3000-‐‑‒–―.'’ʼ‘`´·・･=＝ـ\u200c\u200d")
"""Separators of two words of one run."""


@lru_cache(maxsize=CACHED)
def _script_of(char: str) -> Script | None:
    """Say which script a letter is in; None for a character that is no letter."""
    if not char.isalpha() or char == "ـ":
        return None
    first, last, script = _BLOCKS[max(bisect(_STARTS, ord(char)) - 1, 0)]
    return script if first <= ord(char) <= last else Script.OTHER


@dataclass(frozen=True)
class Part:
    """A run of words in one script.

    Attributes:
        text: the words as the text has them.
        script: their script.
        start: place of the first character in the text, from 0 on.
    """

    text: str
    script: Script
    start: int


@dataclass(frozen=True)
class SyllabicReading:
    """A text, or a run of words of it, read as a Korean name.

    Attributes:
        source: the part of the text that is read.
        system: short name of the script or system of spelling, for explanations.
        words: the words of the name, each of its syllables; the initial-sound law is applied to the first two.
        cost: cost of the system itself; each reading of a syllable has its own besides.
        is_weak: whether it is weak evidence: many names are spelled alike in this system. The family name comes first
            in its words, wherever the source has it.
    """

    source: str
    system: str
    words: Way
    cost: float = 0.0
    is_weak: bool = False

    @property
    def syllables(self) -> tuple[Syllable, ...]:
        """The syllables of all words."""
        return sum(self.words, ())

    @property
    def hangul(self) -> str:
        """The name in Hangul, each syllable as the one commonest in names that it can stand for."""
        surname, *given = self.words
        first, *rest = surname
        found = [_commonest(first, SURNAME_READINGS) + "".join(_commonest(one, GIVEN_READINGS) for one in rest)]
        return " ".join([*found, *("".join(_commonest(one, GIVEN_READINGS) for one in word) for word in given)])


def _commonest(syllable: Syllable, common: frozenset[Reading]) -> str:
    def rank(reading: Reading) -> tuple[float, bool]:
        return syllable.readings[reading], reading not in common

    return block_of(min(syllable.readings, key=rank))


@dataclass(frozen=True)
class Transcription:
    """A text rewritten to be compared.

    Attributes:
        text: the rewritten text: Hangul, Latin letters, or Chinese characters folded to one form.
        system: short name of the system, for explanations.
        cost: cost of the system; 0 where it spells so itself.
        is_weak: whether it is weak evidence.
    """

    text: str
    system: str
    cost: float = 0.0
    is_weak: bool = False


def prepare() -> None:
    """Read the tables of this package, so that no question waits for them: some 20 ms and 2 MB."""
    for text in ("金", "朝鮮銀行", "Jin Zheng", "Kim Chính"):
        transcriptions(text)


@lru_cache(maxsize=CACHED)
def scripts_of(text: str) -> tuple[Part, ...]:
    """Divide a text into runs of words of one script, in their order; digits and marks between runs are left out."""
    found: list[tuple[Script, int, int]] = []
    is_joined = False
    for place, char in enumerate(text):
        script = _script_of(char)
        if script is None:
            is_mark = unicodedata.category(char)[0] == "M"
            is_joined = is_joined and (is_mark or char in _BETWEEN)
        elif found and is_joined and found[-1][0] == script:
            found[-1] = (script, found[-1][1], place + 1)
        else:
            found.append((script, place, place + 1))
            is_joined = True
    return tuple(Part(_with_marks(text, start, end), script, start) for script, start, end in found)


def _with_marks(text: str, start: int, end: int) -> str:
    while end < len(text) and unicodedata.category(text[end])[0] == "M":
        end += 1
    return text[start:end]


def unread(text: str) -> list[str]:
    """List the parts of a text that are not read: in scripts without a table (Thai, Hebrew, …), or too long.

    Of a run of words in a script other than Latin and Hangul the words behind the first 12 are not read, and nothing
    behind the first 256 characters of a text. A Chinese character without a Korean reading is compared as a character.
    """
    found = []
    for part in scripts_of(text):
        if part.script == Script.OTHER or part.start >= LONGEST_TEXT:
            found.append(part.text)
        elif part.script not in (Script.LATIN, Script.HANGUL) and (rest := _WORD.split(part.text)[MOST_WORDS:]):
            found.append(" ".join(rest))
    return found


_WORD = re.compile(r"[\s・･]+")


@lru_cache(maxsize=CACHED)
def syllable_readings(text: str) -> tuple[SyllabicReading, ...]:
    """Read a text as a Korean name, in every script and orthography that is not plain English letters or Hangul.

    Args:
        text: a name, or a longer text with one in it; of the latter each run of words in one script is read.

    Returns:
        At most 24 readings, those of the whole text first; none where no part of it can be a Korean name.
    """
    found: dict[SyllabicReading, None] = {}
    for part in scripts_of(text[:LONGEST_TEXT]):
        for reading in islice(_readings(part), MOST_WAYS):
            found.setdefault(reading)
    return tuple(found)[:MOST_WAYS]


def _readings(part: Part) -> Iterator[SyllabicReading]:
    match part.script:
        case Script.CYRILLIC:
            yield from _windows(part.text, "Kontsevich (Cyrillic)", cyrillic.ways)
        case Script.KANA:
            yield from _windows(part.text, "kana", kana.ways)
        case Script.HAN:
            yield from _hanja(part.text)
        case Script.ARABIC:
            yield from _windows(part.text, "Arabic letters", arabic.ways)
        case Script.LATIN:
            for system, ways, cost in latin.systems(part.text):
                weak = system in latin.WEAK
                yield from (SyllabicReading(part.text, system, _initial(way), cost, weak) for way in ways)
            for way in chinese.pinyin_ways(part.text):
                yield SyllabicReading(part.text, "Hanyu Pinyin", way, WEAK, is_weak=True)


@lru_cache(maxsize=CACHED)
def pinyin_units(word: str) -> tuple[Word, ...]:
    """Read a word in Hanyu Pinyin, in each way, as syllables whose readings cost nothing, by the initial-sound law too.

    It is what a word can contribute at most to a name that is read so, in whatever place.
    """
    return tuple(
        tuple(Syllable(one.text, dict.fromkeys(_softened(one.readings, 0.0), 0.0)) for one in way)
        for way in chinese.pinyin_words(word)
        if way
    )


def _windows(text: str, system: str, read: Callable[[str], tuple[Way, ...]]) -> Iterator[SyllabicReading]:
    """Read a run of words as a name; where it is none, two to four neighbours of it that are, the longest first."""
    if whole := read(text):
        yield from (SyllabicReading(text, system, _initial(way)) for way in whole)
        return
    words = _WORD.split(text)[:MOST_WORDS]
    taken: list[range] = []
    for size in (4, 3, 2):
        for start in range(len(words) - size + 1):
            window, place = " ".join(words[start : start + size]), range(start, start + size)
            if not any(place.start in other and place[-1] in other for other in taken) and (found := read(window)):
                taken.append(place)
                yield from (SyllabicReading(window, system, _initial(way)) for way in found)


def _hanja(text: str) -> Iterator[SyllabicReading]:
    """Read a run of Chinese characters as a name; of a longer one each word, and the name that it begins or ends with.

    A post or a form of address follows a name without a blank (金正植副部長), or precedes it.
    """
    words = unicodedata.normalize("NFKC", text).split()[:MOST_WORDS]
    whole = "".join(APART.split("".join(words)))
    runs = [whole] if len(whole) <= MOST_SYLLABLES else ["".join(APART.split(word)) for word in words]
    for run in runs:
        names = [run] if len(run) <= MOST_SYLLABLES else [run[:3], run[:2], run[:4], run[-3:], run[-2:]]
        for name in names:
            if name != run and not chinese.is_family_name(name[0]):
                continue
            for way in hanja.ways(name):
                yield SyllabicReading(name, "hanja, Korean reading", _initial(way))


def _initial(way: Way) -> Way:
    """Add the readings by the initial-sound law: free in the family name, for a cost in the second syllable."""
    words, place = [], 0
    for word in way:
        changed = []
        for syllable in word:
            readings = (
                _softened(syllable.readings, 0.0 if place == 0 else INFORMAL_COST) if place < 2 else syllable.readings
            )
            changed.append(Syllable(syllable.text, readings))
            place += 1
        words.append(tuple(changed))
    return tuple(words)


def _softened(readings: Readings, own: float) -> Readings:
    found = dict(readings)
    for (onset, nucleus, coda), cost in readings.items():
        softened = nucleus[0] in "yi" or nucleus == "ui"
        other = {"r": "" if softened else "n", "" if softened else "n": "r"}.get(onset)
        if other is not None:
            reading = (other, nucleus, coda)
            found[reading] = min(cost + own, found.get(reading, cost + own))
    return found


@lru_cache(maxsize=CACHED)
def transcriptions(text: str) -> tuple[Transcription, ...]:
    """Rewrite a text in the ways in which it can be compared, at most 24; none for a text in English letters.

    A name that can be Korean is rewritten in Hangul; Cyrillic letters in Latin ones; Chinese characters in one form;
    the name of a firm or office in Hangul or Chinese characters in English and romanised words.
    """
    found: dict[Transcription, None] = {}
    scripts = {part.script for part in scripts_of(text)}
    if Script.HAN in scripts:
        found.setdefault(Transcription(chinese.fold_characters(text), "Chinese characters in one form"))
    if scripts & {Script.HAN, Script.HANGUL}:
        for words in glossary.translated(text[:LONGEST_TEXT]):
            found.setdefault(Transcription(words, "common words in English, own words romanised", TRANSLATED))
    if Script.CYRILLIC in scripts:
        found.setdefault(Transcription(cyrillic.latin(text), "Cyrillic in Latin letters (BGN/PCGN)"))
    for reading in syllable_readings(text):
        found.setdefault(Transcription(reading.hangul, reading.system, reading.cost, reading.is_weak))
    return tuple(found)[:MOST_WAYS]
