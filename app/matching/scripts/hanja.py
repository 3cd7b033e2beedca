"""Korean names in Chinese characters (hanja), by the Korean reading of each character.

The readings are those of the Unicode Han Database (Unihan), field kHangul, Unicode Standard Annex #38, in the table
``hanja.tsv``. A simplified or Japanese form has the readings of the traditional one as well (``variants.tsv``): 铁 and
鉄 are read as 鐵 is. The readings of a character with several (金: 금, 김) cost the same. The initial-sound law of the
South's Korean Orthography (두음법칙, rules 10 to 12) is applied: 李 is 리 and 이, 羅 is 라 and 나.
"""

import re
from functools import lru_cache

from app.fields.text import CACHED
from app.matching.romanization import GIVEN, SURNAMES, UNMARKED_COST, Readings, reading_of_block
from app.matching.scripts.chinese import forms
from app.matching.scripts.orthography import MOST_SYLLABLES, Syllable, Way, rows

_COMPOUND_SURNAMES = frozenset(["南宮", "皇甫", "鮮于", "諸葛", "司空", "獨孤", "西門", "東方"])
"""Family names of two characters."""


@lru_cache(maxsize=1)
def _table() -> dict[str, str]:
    found: dict[str, str] = {}
    for reading, characters in rows("hanja.tsv"):
        for character in characters:
            found[character] = found.get(character, "") + reading
    return found


@lru_cache(maxsize=CACHED)
def hangul_of(character: str) -> tuple[str, ...]:
    """List the Korean readings of a Chinese character as Hangul blocks, the commonest in names first; empty if none."""
    own = _table().get(character, "")
    others = [reading for form in forms(character) for reading in _table().get(form, "")]
    found = list(dict.fromkeys([*own, *others]))
    return tuple(sorted(found, key=lambda block: (block not in own, block not in SURNAMES, block not in GIVEN)))


def in_dictionary_order(character: str) -> tuple[str, ...]:
    """List the Korean readings of a Chinese character as Hangul blocks, those by the initial-sound law left out."""
    found = _table().get(character, "") or "".join(_table().get(form, "") for form in forms(character))
    others = "".join(_table().get(form, "") for form in forms(character))
    hard = [block for block in found + others if reading_of_block(block)[0] != "" or _hard(block) not in found]
    return tuple(dict.fromkeys(hard))


def _hard(block: str) -> str:
    """Write the block that a block beginning with ㅇ is of by the initial-sound law: 용 is of 룡."""
    return chr(ord(block) - 6 * 588)


@lru_cache(maxsize=CACHED)
def readings_of(character: str) -> Readings:
    """List what a Chinese character can stand for in a Korean name, each reading with its cost.

    A reading that only another form of the character has (云 written for 雲) costs ``UNMARKED_COST`` where the
    character has readings of its own.
    """
    own = _table().get(character, "")
    found: Readings = {}
    for block in hangul_of(character):
        cost = UNMARKED_COST if own and block not in own else 0.0
        for reading in _initial(block):
            found[reading] = min(cost, found.get(reading, cost))
    return found


def _initial(block: str) -> list[tuple[str, str, str]]:
    """List a reading and what it is by the initial-sound law: 리 is 이, 로 is 노, 녀 is 여."""
    onset, nucleus, coda = reading_of_block(block)
    softened = nucleus[0] == "y" or nucleus == "i"
    other = {"r": "" if softened else "n", "n": "" if softened else "n"}.get(onset, onset)
    return [(onset, nucleus, coda), (other, nucleus, coda)]


def ways(word: str) -> tuple[Way, ...]:
    """Read a run of Chinese characters as a Korean name of two to four syllables; empty if a character has no reading.

    Args:
        word: CJK unified ideographs (NFKC), and the mark 々 that repeats one.
    """
    word = re.sub("(.)々", r"\1\1", word)
    if not 2 <= len(word) <= MOST_SYLLABLES or not all(map(readings_of, word)):
        return ()
    syllables = tuple(Syllable(character, readings_of(character)) for character in word)
    surname = 2 if len(word) > 2 and any(word[:2] == name for name in _COMPOUND_SURNAMES) else 1
    return ((syllables[:surname], syllables[surname:]),)


def spelled(word: str) -> str:
    """Write a run of Chinese characters in Hangul, each in its commonest reading in names: 金鐵三 is 김철삼."""
    return "".join((hangul_of(character) or (character,))[0] for character in word)
