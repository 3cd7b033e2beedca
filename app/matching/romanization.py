"""Korean names, syllable by syllable: what a spelling, in whatever romanisation, can stand for in Hangul.

A spelled syllable is read as the Hangul syllables that it can stand for, each with a cost: nothing where a published
system spells it so, a little where newspapers and passports do. Two spellings agree where they share a reading. So
``Jong``, ``Chŏng``, ``Jeong`` and ``Jung`` agree with one another, as 정, and ``Jong`` does not agree with ``Jang``.

The spellings are those of McCune-Reischauer (BGN/PCGN 1945 Agreement, with apostrophes or breves, or without), of the
DPRK's rules of 1992 to 2012 (UNGEGN Working Paper 46), of the Revised Romanization of the Republic of Korea (2000), and
free ones of passports and newspapers. Reading Hangul needs no romanisation: a block is its letters (Unicode 3.12).
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from app.fields.text import APOSTROPHES, CACHED

INFORMAL_COST = 0.03
"""Cost of a spelling that only passports and newspapers use, such as ``u`` for ㅓ in Jung."""
UNMARKED_COST = 0.02
"""Cost of leaving out the mark of an aspirated or tense consonant, such as the apostrophe of K'im."""

ONSETS = ("k", "kk", "n", "t", "tt", "r", "m", "p", "pp", "s", "ss", "", "j", "jj", "ch", "kh", "th", "ph", "h")
"""The consonants that begin a block, in Unicode's order: ㄱ ㄲ ㄴ ㄷ ㄸ ㄹ ㅁ ㅂ ㅃ ㅅ ㅆ ㅇ ㅈ ㅉ ㅊ ㅋ ㅌ ㅍ ㅎ."""
NUCLEI = (
    *("a", "ae", "ya", "yae", "eo", "e", "yeo", "ye", "o", "wa", "wae"),
    *("oe", "yo", "u", "wo", "we", "wi", "yu", "eu", "ui", "i"),
)
"""The vowels of a block, in Unicode's order: ㅏ ㅐ ㅑ ㅒ ㅓ ㅔ ㅕ ㅖ ㅗ ㅘ ㅙ ㅚ ㅛ ㅜ ㅝ ㅞ ㅟ ㅠ ㅡ ㅢ ㅣ."""
CODAS = (
    *("", "k", "k", "k", "n", "n", "n", "t", "l", "k", "m", "l", "l", "l"),
    *("p", "l", "m", "p", "p", "t", "t", "ng", "t", "t", "k", "t", "p", "t"),
)
"""What ends a block, as it sounds at the end of a word, in Unicode's order, from none to ㅎ."""

SPELLED_ONSETS: dict[str, dict[str, float]] = {
    "": {"": 0},
    "k": {"k": 0, "kh": UNMARKED_COST},
    "g": {"k": 0},
    "kh": {"kh": 0},
    "kk": {"kk": 0, "k": UNMARKED_COST},
    "gg": {"kk": 0, "k": UNMARKED_COST},
    "n": {"n": 0},
    "t": {"t": 0, "th": UNMARKED_COST},
    "d": {"t": 0},
    "th": {"th": 0},
    "tt": {"tt": 0, "t": UNMARKED_COST},
    "dd": {"tt": 0, "t": UNMARKED_COST},
    "r": {"r": 0},
    "l": {"r": 0},
    "rh": {"r": 0},
    "m": {"m": 0},
    "p": {"p": 0, "ph": UNMARKED_COST},
    "b": {"p": 0},
    "ph": {"ph": 0},
    "pp": {"pp": 0, "p": UNMARKED_COST},
    "bb": {"pp": 0, "p": UNMARKED_COST},
    "s": {"s": 0},
    "sh": {"s": 0},
    "ss": {"ss": 0, "s": UNMARKED_COST},
    "j": {"j": 0},
    "ch": {"j": 0, "ch": 0},
    "jj": {"jj": 0, "j": UNMARKED_COST},
    "tch": {"jj": 0, "j": UNMARKED_COST},
    "h": {"h": 0},
}
"""Onsets by spelling, each with its cost. An apostrophe is written ``h`` here: kh, th, ph; ch' as cx."""

SPELLED_NUCLEI: dict[str, dict[str, float]] = {
    "a": {"a": 0},
    "ah": {"a": 0},
    "ar": {"a": 0},  # Park
    "ae": {"ae": 0, "e": INFORMAL_COST},
    "ai": {"ae": 0},
    "ay": {"ae": 0},
    "ya": {"ya": 0},
    "yah": {"ya": 0},
    "yae": {"yae": 0},
    "eo": {"eo": 0},
    "ŏ": {"eo": 0},
    "uh": {"eo": 0},
    "er": {"eo": 0},
    "ur": {"eo": 0},  # Hur
    "e": {"e": 0, "ae": INFORMAL_COST},
    "eh": {"e": 0},
    "ei": {"e": INFORMAL_COST},
    "yeo": {"yeo": 0},
    "yŏ": {"yeo": 0},
    "ye": {"ye": 0},
    "o": {"o": 0, "eo": 0},  # ㅓ is ŏ without its breve
    "oh": {"o": 0},
    "wa": {"wa": 0},
    "wae": {"wae": 0},
    "oe": {"oe": 0},
    "oi": {"oe": 0},
    "oy": {"oe": 0},
    "yo": {"yo": 0, "yeo": 0},
    "you": {"yu": 0, "yeo": 0},  # You, Young
    "eou": {"eo": INFORMAL_COST},  # Jeoung
    "ou": {"u": INFORMAL_COST, "eo": INFORMAL_COST},
    "u": {"u": 0, "eu": 0, "eo": INFORMAL_COST},  # ㅡ is ŭ without its breve; Jung
    "oo": {"u": 0},
    "wu": {"u": 0},
    "woo": {"u": 0},
    "wo": {"wo": 0},
    "weo": {"wo": 0},
    "wŏ": {"wo": 0},
    "uo": {"wo": INFORMAL_COST},
    "we": {"we": 0, "oe": INFORMAL_COST},
    "wi": {"wi": 0},
    "yu": {"yu": 0, "yeo": INFORMAL_COST},  # Myung
    "yoo": {"yu": 0},
    "eu": {"eu": 0},
    "ŭ": {"eu": 0},
    "ui": {"ui": 0, "wi": INFORMAL_COST},
    "uy": {"ui": 0},
    "ŭi": {"ui": 0},
    "eui": {"ui": 0},
    "i": {"i": 0, "ui": INFORMAL_COST},
    "ih": {"i": 0},
    "ee": {"i": 0},
    "yi": {"i": 0},
    "ie": {"i": INFORMAL_COST},
}
"""Nuclei by spelling, each with its cost."""

SPELLED_CODAS: dict[str, str] = {
    "": "",
    "k": "k",
    "g": "k",
    "ck": "k",
    "n": "n",
    "t": "t",
    "d": "t",
    "s": "t",
    "l": "l",
    "ll": "l",
    "r": "l",
    "m": "m",
    "p": "p",
    "b": "p",
    "ng": "ng",
}
"""Codas by spelling."""

SURNAMES = frozenset("김리이박최정강조장윤림한오서신권황안송류유홍전고문손량양백허남주")
"""The common family names of one syllable, North and South."""

GIVEN = frozenset("철성영명광일남호수혁국금정은진경선룡용학순춘옥화현훈원덕길동석향복봉주승강만기범희송심관창태해숙하")
"""The common syllables of given names."""

_BLOCKS = re.compile("[가-힣]+")
_FIRST_BLOCK, _PER_ONSET, _PER_NUCLEUS = 0xAC00, 588, 28

Reading = tuple[str, str, str]
"""A Hangul syllable as onset, nucleus and coda."""

Readings = dict[Reading, float]
"""What a spelling can stand for, each with its cost."""


def is_hangul(text: str) -> bool:
    """Say whether a text is Hangul blocks alone."""
    return bool(_BLOCKS.fullmatch(text))


def reading_of_block(block: str) -> Reading:
    """Return the letters of a Hangul block; its coda as it sounds at the end of a word."""
    index = ord(block) - _FIRST_BLOCK
    onset, rest = divmod(index, _PER_ONSET)
    nucleus, coda = divmod(rest, _PER_NUCLEUS)
    return ONSETS[onset], NUCLEI[nucleus], CODAS[coda]


SURNAME_READINGS = frozenset(map(reading_of_block, SURNAMES))
GIVEN_READINGS = frozenset(map(reading_of_block, GIVEN))


_NAMED = SURNAME_READINGS | GIVEN_READINGS


def is_common(found: Readings, common: frozenset[Reading]) -> bool:
    """Say whether one of the common syllables is among the readings, and not only as an informal spelling."""
    return any(cost <= UNMARKED_COST and reading in common for reading, cost in found.items())


@lru_cache(maxsize=CACHED)
def readings(syllable: str) -> Readings:
    """Parse one syllable into its readings; none where it is no Korean syllable.

    Args:
        syllable: a Hangul block, or Latin letters as ``fold_letters`` gives them.
    """
    if len(syllable) == 1 and is_hangul(syllable):
        return {reading_of_block(syllable): 0.0}
    found: Readings = {}
    if not _SYLLABLE.fullmatch(syllable.replace("wh", "hw", 1)):
        return found
    for onset, nucleus, coda, cost in _parses(syllable):
        reading = (onset, nucleus, coda)
        found[reading] = min(cost, found.get(reading, cost))
    return found


def _parses(syllable: str) -> Iterator[tuple[str, str, str, float]]:
    text = syllable.replace("wh", "hw", 1)  # Whang
    beginnings = sorted({found for length in range(4) if (found := _ONSET_PLACES.get(text[:length])) is not None})
    for place in beginnings:
        spelled, onsets = _SPELLED[place]
        rest = text[len(spelled) :]
        for cut in range(1, min(len(rest), 3) + 1):
            nuclei, coda = SPELLED_NUCLEI.get(rest[:cut]), SPELLED_CODAS.get(rest[cut:])
            if nuclei is not None and coda is not None:
                for onset, first in onsets.items():
                    for nucleus, second in nuclei.items():
                        yield onset, nucleus, coda, first + second


_SPELLED = (*SPELLED_ONSETS.items(), ("cx", {"ch": 0.0}), ("c", {"k": INFORMAL_COST}))
_SYLLABLE = re.compile(
    "(?:{})(?:{})(?:{})".format(
        *("|".join(map(re.escape, table)) for table in (dict(_SPELLED), SPELLED_NUCLEI, SPELLED_CODAS))
    )
)
"""A syllable in any spelling; hardly any part of a word that is no Korean name is one."""
_ONSET_PLACES = {spelled: place for place, (spelled, _) in enumerate(_SPELLED)}
"""The place of each spelling of an onset in their order."""


@lru_cache(maxsize=CACHED)
def initial_readings(syllable: str, is_surname: bool) -> Readings:
    """Parse a syllable at the beginning of a name into its readings.

    The North writes ㄹ at the beginning of a word where the South writes ㅇ before i and y, and ㄴ before other vowels:
    리 and 이, 로 and 노. In a family name that is one name in two orthographies; in a given name it costs a little.
    """
    found = dict(readings(syllable))
    for (onset, nucleus, coda), cost in list(found.items()):
        softened = nucleus[0] in "yi" or nucleus == "ui"
        other = {"r": "" if softened else "n", "" if softened else "n": "r"}.get(onset)
        if other is not None:
            reading = (other, nucleus, coda)
            dearer = cost if is_surname else cost + INFORMAL_COST
            found[reading] = min(dearer, found.get(reading, dearer))
    return found


_FOLDED = str.maketrans(dict.fromkeys(APOSTROPHES, "'"))


def fold_letters(text: str) -> str:
    """Return a romanised text in small letters, with the breves and apostrophes of McCune-Reischauer as letters.

    ``Ch'ŏl`` and ``CH'O'L`` become ``cxŏl``, ``K'im`` becomes ``khim``; other accents and apostrophes are dropped.
    """
    if text.isascii() and "'" not in text and "`" not in text:
        return text.lower()
    text = unicodedata.normalize("NFKC", text).translate(_FOLDED).lower()
    text = text.replace("ö", "ŏ").replace("ǒ", "ŏ").replace("ō", "ŏ").replace("ü", "ŭ").replace("ǔ", "ŭ")
    text = re.sub(r"ch'", "cx", text)
    text = re.sub(r"([ktp])'", r"\1h", text)
    text = re.sub(r"(?<=[ktpx])h?y'o", lambda found: found[0].replace("'o", "ŏ"), text)
    text = text.replace("y'o", "yŏ").replace("o'", "ŏ").replace("u'", "ŭ")
    text = unicodedata.normalize("NFD", text)
    text = re.sub("[\u0300-\u0305\u0307-\u036f]", "", text)
    return unicodedata.normalize("NFC", text).replace("'", "")


def readable(letters: str) -> str:
    """Return folded letters as a reader knows them: ``cxŏl`` as ``ch'ŏl``."""
    return letters.replace("cx", "ch'")


def without_diacritics(letters: str) -> str:
    """Return folded letters without the signs of McCune-Reischauer, as they are typed without them."""
    return letters.replace("cx", "ch").replace("ŏ", "o").replace("ŭ", "u")


@lru_cache(maxsize=CACHED)
def splits(word: str, most: int = 4) -> tuple[tuple[str, ...], ...]:
    """Return the ways to take a word apart into Korean syllables, those in fewest syllables first.

    Args:
        word: letters as ``fold_letters`` gives them, or Hangul blocks.
        most: most syllables.
    """
    if is_hangul(word):
        return (tuple(word),) if len(word) <= most else ()
    found = list(_splits(word, most))
    return tuple(sorted(found, key=len)[:24])


def _splits(word: str, most: int) -> Iterator[tuple[str, ...]]:
    if not word:
        yield ()
    elif most:
        for cut in range(1, min(len(word), 7) + 1):
            if readings(word[:cut]):
                for rest in _splits(word[cut:], most - 1):
                    yield (word[:cut], *rest)


@dataclass(frozen=True)
class Agreement:
    """How two syllables agree.

    Attributes:
        cost: what their spellings cost; None where they share no reading.
        reading: what both stand for, at that cost; a common syllable of names, where one is among them.
    """

    cost: float | None
    reading: Reading | None


def agreement(one: Readings, other: Readings) -> Agreement:
    """Return how the readings of two syllables agree, at the least cost."""
    shared = [(one[reading] + other[reading], reading not in _NAMED, reading) for reading in one.keys() & other.keys()]
    if not shared:
        return Agreement(None, None)
    cost, _, reading = min(shared)
    return Agreement(cost, reading)


def block_of(reading: Reading) -> str:
    """Return a Hangul block that a reading sounds as."""
    onset, nucleus, coda = reading
    index = ONSETS.index(onset) * _PER_ONSET + NUCLEI.index(nucleus) * _PER_NUCLEUS + _PLAIN_CODAS[coda]
    return chr(_FIRST_BLOCK + index)


_PLAIN_CODAS = {"": 0, "k": 1, "n": 4, "t": 7, "l": 8, "m": 16, "p": 17, "ng": 21}
"""The plainest letter that ends a block so, by its place in Unicode's order."""
