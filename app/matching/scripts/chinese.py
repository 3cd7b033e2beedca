"""Chinese characters in one form each, and names in Hanyu Pinyin.

Traditional, simplified and Japanese forms are folded to the simplified one (長, 长 to 长; 広, 廣, 广 to 广), by the
table ``variants.tsv`` (OpenCC's TSCharacters and JPShinjitaiCharacters). The table is committed: characters one by one
are all that names need of OpenCC, which would have to be installed as a compiled package.

A Korean name in Hanyu Pinyin (ISO 7098) is the Mandarin reading of its characters: Jin Zhengzhi is 金正植. Each
syllable is read as the Korean readings of the characters that have it, of those of Korean schools and common in names
(``pinyin.tsv``, from Unihan's kMandarin and kHangul). That is weak evidence: many characters share a syllable.
"""

import re
import unicodedata
from functools import lru_cache
from itertools import product

from app.fields.text import CACHED
from app.matching.romanization import (
    GIVEN_READINGS,
    SURNAME_READINGS,
    UNMARKED_COST,
    Reading,
    Readings,
    reading_of_block,
)
from app.matching.scripts.orthography import APART, Syllable, Way, Word, names, rows


@lru_cache(maxsize=1)
def _tables() -> tuple[dict[int, str], dict[str, str]]:
    folded: dict[int, str] = {}
    others: dict[str, str] = {}
    for form, characters in rows("variants.tsv"):
        others[form] = characters
        folded |= {ord(character): form for character in characters}
    return folded, others


def fold_characters(text: str) -> str:
    """Fold the Chinese characters of a text to one form each: 長安 and 长安 are one, 広 and 廣, 沢 and 澤."""
    return unicodedata.normalize("NFKC", text).translate(_tables()[0])


@lru_cache(maxsize=CACHED)
def forms(character: str) -> str:
    """List the forms of a Chinese character other than the one given: traditional, simplified, Japanese."""
    folded, others = _tables()
    form = folded.get(ord(character), character)
    return "".join(other for other in form + others.get(form, "") if other != character)


@lru_cache(maxsize=1)
def _pinyin() -> tuple[dict[str, Readings], dict[str, Readings]]:
    """Collect what each syllable of pinyin can stand for, anywhere and as a family name.

    A reading that is common in Korean names costs less than another one.
    """
    found: dict[str, Readings] = {}
    surnames: dict[str, Readings] = {}
    for syllable, block, characters in rows("pinyin.tsv"):
        reading = reading_of_block(block)
        found.setdefault(syllable, {})[reading] = UNMARKED_COST if reading in _COMMON else 2 * UNMARKED_COST
        if not FAMILY_NAMES.isdisjoint(characters):
            surnames.setdefault(syllable, {})[reading] = 0.0
    return found, surnames


FAMILY_NAMES = frozenset(
    "金李朴崔鄭姜趙尹張林韓吳徐申權黃安宋柳洪全高文孫梁裵裴曺曹白許劉南沈盧河丁郭成車朱禹具羅任田閔陳嚴蔡元千方孔玄康咸卞楊"
    "廉邊呂秋都魯石蘇愼馬薛吉周延房魏表明奇潘王琴玉陸印孟諸牟卓鞠余殷片龍慶史夫太桂邵池秦陰溫景"
)
"""Family names of Koreans, of one Chinese character each."""


@lru_cache(maxsize=CACHED)
def is_family_name(character: str) -> bool:
    """Say whether a Chinese character, in any of its forms, is a common family name of Koreans."""
    return character in FAMILY_NAMES or not FAMILY_NAMES.isdisjoint(forms(character))


_COMMON: frozenset[Reading] = GIVEN_READINGS | SURNAME_READINGS


@lru_cache(maxsize=CACHED)
def _words(word: str) -> tuple[Word, ...]:
    """Take a word apart into syllables of pinyin: the ways in fewest syllables, one or two."""
    table, _ = _pinyin()
    if word in table:
        return ((Syllable(word, table[word]),),)
    cuts = ((word[:cut], word[cut:]) for cut in range(1, min(len(word), 7)))
    return tuple(
        (Syllable(one, table[one]), Syllable(other, table[other]))
        for one, other in cuts
        if {one, other} <= table.keys()
    )


def pinyin_words(word: str) -> tuple[Word, ...]:
    """Read a word alone in Hanyu Pinyin: each way to take it apart, whether or not it can be a family name."""
    found = [_words(part) for part in APART.split(_plain(word)) if part]
    return tuple(sum(way, ()) for way in product(*found))


def _plain(text: str) -> str:
    """Fold a text to small letters without tone marks, ü as v."""
    if text.isascii():
        return text.lower().replace("'", "")
    plain = re.sub("[\u0300-\u0307\u0309-\u036f'’]", "", unicodedata.normalize("NFD", text.lower()))
    return plain.replace("u\u0308", "v")


def pinyin_ways(text: str) -> tuple[Way, ...]:
    """Read a name in Hanyu Pinyin as Korean: a family name of one syllable, a given name of one or two.

    Args:
        text: a whole name in Latin letters, with tone marks or without; the family name first, or last if it alone is
            of one syllable.

    Returns:
        The ways to read it, the family name first; none where a word is not pinyin, or where no Korean family name is
        written so.
    """
    words = [word for word in APART.split(_plain(text)) if word]
    if not 2 <= len(words) <= 3:
        return ()
    found = [way for way in names(map(_words, words)) if sum(map(len, way)) <= 3]
    return tuple(filter(None, map(_with_surname, found)))


def _with_surname(way: Way) -> Way | None:
    """Keep of the family name the readings that are family names; None where there is none."""
    place = 0 if len(way[0]) == 1 else -1
    if len(way[place]) != 1:
        return None
    (syllable,) = way[place]
    _, surnames = _pinyin()
    if syllable.text not in surnames:
        return None
    surname = (Syllable(syllable.text, surnames[syllable.text]),)
    return (surname, *(way[1:] if place == 0 else way[:-1]))
