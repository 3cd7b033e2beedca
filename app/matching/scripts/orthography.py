"""Korean syllables as another script or language spells them: its tables, and the ways to take a word apart.

Each orthography has three tables, as `app.matching.romanization` has for English letters: spellings of the onset, of
the nucleus and of the coda of a syllable, each with the sounds that it can stand for and their cost. A consonant
between two vowels is read as the coda of the first syllable and as the onset of the second: Мунир is 문일 and 무닐.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice, product
from pathlib import Path

from app.fields.text import CACHED
from app.matching.romanization import INFORMAL_COST, UNMARKED_COST, Reading, Readings

MOST_SYLLABLES, MOST_WAYS = 4, 24
"""Most syllables of a name; most ways to read a name or a word that are kept."""
LONGEST_WORD, LONGEST_SYLLABLE = 28, 9
"""Most letters of a word, and of a syllable, that are read."""

Sounds = Mapping[str, float]
Spellings = Mapping[str, Sounds]
"""Spellings of a part of a syllable, each with the sounds that it can stand for and their cost."""


@dataclass(frozen=True)
class Syllable:
    """A syllable of a name in another script.

    Attributes:
        text: the syllable as the query spells it.
        readings: the Korean syllables that it can stand for, each with its cost.
    """

    text: str
    readings: Readings = field(hash=False)


Word = tuple[Syllable, ...]
Way = tuple[Word, ...]
"""A reading of a name: its words, each of its syllables."""


def rows(name: str) -> Iterator[list[str]]:
    """Read a table of this package: columns separated by a tab, comments behind #."""
    for line in (Path(__file__).parent / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def spellings(table: str) -> dict[str, dict[str, float]]:
    """Parse a table of spellings.

    Each line is a spelling, a colon, and the sounds that it can stand for. A sound costs nothing; behind ``~`` it costs
    ``UNMARKED_COST``, behind ``*`` it costs ``INFORMAL_COST``. The empty spelling and sound are written ``-``.
    """
    found: dict[str, dict[str, float]] = {}
    for line in filter(None, map(str.strip, table.split("\n"))):
        written, sounds = line.split(":")
        for spelling in written.split():
            costs = {sound.lstrip("~*").replace("-", ""): _cost(sound) for sound in sounds.split()}
            found[spelling.replace("-", "")] = costs
    return found


def _cost(sound: str) -> float:
    return {"~": UNMARKED_COST, "*": INFORMAL_COST}.get(sound[0], 0.0)


class Orthography:
    """The spelling of Korean syllables in one script or language.

    Args:
        onsets: spellings of the consonant that begins a syllable.
        nuclei: spellings of its vowel.
        codas: spellings of the consonant that ends it.
        palatal: vowels that a spelling of ㅈ and ㅊ does not distinguish: sound as spelled to the sound meant.
    """

    def __init__(
        self, onsets: Spellings, nuclei: Spellings, codas: Spellings, palatal: Mapping[str, str] | None = None
    ) -> None:
        self.tables = (onsets, nuclei, codas)
        self._onsets, self._nuclei, self._codas, self._palatal = onsets, nuclei, codas, palatal or {}
        self._longest = [max(map(len, table)) for table in self.tables]
        self.syllable = lru_cache(maxsize=CACHED)(self._syllable)
        self.words = lru_cache(maxsize=CACHED)(self._words)

    def _syllable(self, letters: str) -> Readings:
        """Read one syllable; empty where it is none."""
        found: Readings = {}
        for first in range(min(len(letters), self._longest[0]) + 1):
            onsets = self._onsets.get(letters[:first])
            if onsets is None:
                continue
            rest = letters[first:]
            for cut in range(min(len(rest), self._longest[1]) + 1):
                nuclei, codas = self._nuclei.get(rest[:cut]), self._codas.get(rest[cut:])
                if nuclei is not None and codas is not None:
                    for reading, cost in self._combined(onsets, nuclei, codas):
                        found[reading] = min(cost, found.get(reading, cost))
        return found

    def _combined(self, onsets: Sounds, nuclei: Sounds, codas: Sounds) -> Iterator[tuple[Reading, float]]:
        for (onset, first), (nucleus, second), (coda, third) in product(onsets.items(), nuclei.items(), codas.items()):
            yield (onset, nucleus, coda), first + second + third
            if onset in ("j", "jj", "ch") and nucleus in self._palatal:
                yield (onset, self._palatal[nucleus], coda), first + second + third

    def _words(self, word: str) -> tuple[Word, ...]:
        """Take a word apart into syllables in every way, those in fewest syllables first; none if it cannot be."""
        if not 0 < len(word) <= LONGEST_WORD:
            return ()
        # ways[i]: the ways to read what is behind letter i, the shortest first, so few that the work is bounded.
        ways: list[list[Word]] = [[] for _ in word] + [[()]]
        for start in range(len(word) - 1, -1, -1):
            found: list[Word] = []
            for end in range(start + 1, min(start + LONGEST_SYLLABLE, len(word)) + 1):
                if ways[end] and (read := self.syllable(word[start:end])):
                    syllable = Syllable(word[start:end], read)
                    found += [(syllable, *rest) for rest in ways[end] if len(rest) < MOST_SYLLABLES]
            ways[start] = sorted(found, key=_effort)[:MOST_WAYS]
        return tuple(ways[0])


def _effort(word: Word) -> tuple[int, float]:
    return len(word), sum(min(syllable.readings.values()) for syllable in word)


def names(parts: Iterable[Iterable[Word]]) -> tuple[Way, ...]:
    """Put the ways to read each word of a name together: those of two to four syllables, at most ``MOST_WAYS``.

    Args:
        parts: for each word the ways to read it.
    """
    sizes = list(map(list, parts))
    if not 0 < len(sizes) <= MOST_SYLLABLES:
        return ()
    ways = (way for way in islice(product(*sizes), 8 * MOST_WAYS) if 2 <= sum(map(len, way)) <= MOST_SYLLABLES)
    return tuple(sorted(ways, key=lambda way: sum(map(len, way)))[:MOST_WAYS])


ASSIMILATED_CODAS: dict[tuple[str, str], tuple[str, ...]] = {
    **{("ng", onset): ("k",) for onset in ("n", "m", "r")},
    **{("m", onset): ("p",) for onset in ("n", "m")},
    **{("n", onset): ("t",) for onset in ("n", "m")},
    ("l", "r"): ("n",),
}
"""Codas that sound as another one before a consonant: 국 before 남 sounds as 궁."""
ASSIMILATED_ONSETS: dict[tuple[str, str], tuple[str, ...]] = {
    **{(coda, "n"): ("r",) for coda in ("ng", "m", "n")},
    **{(coda, "r"): ("n",) for coda in ("l", "n")},
}
"""Onsets that sound as another one behind a coda: 룡 behind 공 sounds as 뇽, 남 behind 철 as 람."""
LOST_H = frozenset(["n", "m", "l"])
"""Codas behind which ㅎ is often not heard: 철호 sounds as 처로."""


def assimilated(way: Way, *, loses_h: bool = False, joins_words: bool = False) -> Way:
    """Add the syllables that sound as those of a name do where consonants meet within a word.

    The rules are those of Standard Pronunciation (표준 발음법 of the National Institute of Korean Language, rules 18 to
    20); an orthography that writes names as they sound, as Kontsevich's and that of the Japanese press do, writes them.

    Args:
        way: a reading of a name.
        loses_h: whether the orthography leaves out an h between a consonant and a vowel.
        joins_words: whether the words behind the first, the family name, sound as one.
    """
    if joins_words and len(way) > 2:
        joined = iter(_assimilated(sum(way[1:], ()), loses_h))
        return (way[0], *(tuple(islice(joined, len(word))) for word in way[1:]))
    return tuple(_assimilated(word, loses_h) if len(word) > 1 else word for word in way)


def _assimilated(word: Word, loses_h: bool) -> Word:
    found = [dict(syllable.readings) for syllable in word]
    for left, right, first, second in zip(word, word[1:], found, found[1:], strict=False):
        meeting = {(coda, onset) for _, _, coda in left.readings for onset, _, _ in right.readings}
        for coda, onset in meeting:
            for other in ASSIMILATED_CODAS.get((coda, onset), ()):
                _add(first, [(one, (one[0], one[1], other)) for one in left.readings if one[2] == coda])
            lost = ("h",) if loses_h and onset == "" and coda in LOST_H else ()
            for other in ASSIMILATED_ONSETS.get((coda, onset), lost):
                _add(second, [(one, (other, one[1], one[2])) for one in right.readings if one[0] == onset])
    return tuple(Syllable(syllable.text, read) for syllable, read in zip(word, found, strict=True))


def _add(found: Readings, changed: list[tuple[Reading, Reading]]) -> None:
    for one, other in changed:
        found.setdefault(other, found[one] + INFORMAL_COST)


APART = re.compile(r"[\W_]+")
"""Blanks, hyphens, middle dots and other marks between the words of a name."""
