"""What a query can be read as: an identifier, Korean syllables, words; and all of it as a scanner can have read it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise, product

from app.matching.romanization import is_hangul, readings, splits
from app.matching.tokens import fold_romanized, ocr_variants, tokenize, weight

TYPO_COST, NAME_ORDER_COST = 0.1, 0.03
"""What a slip of the finger costs, and a family name that stands last."""
MAX_SYLLABLES, MAX_READINGS, MAX_TOKEN_SETS, MAX_JOINED = 4, 96, 24, 10
"""Most syllables of a name; most ways to read a query as syllables and as words; most words to try run together."""
MAX_PARTS = 12
"""Most parts of a query that are each tried as a person's name: scripts, brackets, names behind a.k.a."""
MIN_IDENTIFIER_DIGITS = 6
"""Digits from which on a word beside others is taken for an identifier."""

_TITLES = frozenset(
    ["mr", "mrs", "miss", "ms", "dr", "prof", "sir", "gen", "general", "comrade", "b", "born", "aka", "alias"]
)
_APART = re.compile(r"[^\w']+|_")
_BRACKETED = re.compile(r"[(\[{]([^)\]}]*)[)\]}]")
_OR = re.compile(r"(?i)\ba\.?\s?k\.?\s?a\b\.?|\balias\b|[;|]")
_LABEL = re.compile(r"^(?:imo|no|nr|number|passport|ppt)+(?=\w*[0-9])")
_REFERENCE = re.compile(r"kp([ie])0*([0-9]{1,3})")
_LIKE_DIGITS = str.maketrans("oilsb", "01158")


@dataclass(frozen=True)
class ParsedQuery:
    """A query, read once in every way.

    Attributes:
        text: the query.
        identifiers: what in it can be an identifier.
        syllable_readings: Korean syllables, the family name first, each way with what it costs.
        token_sets: words, in one spelling each.
        joined: its letters and digits without anything between them.
    """

    text: str
    identifiers: frozenset[str]
    syllable_readings: tuple[tuple[tuple[str, ...], float], ...]
    token_sets: tuple[tuple[str, ...], ...]
    joined: str


def normalize_identifier(text: str) -> str:
    """Return an identifier without blanks, marks and labels: the number of a reference in three digits."""
    found = _LABEL.sub("", re.sub(r"[^0-9a-z]", "", fold_romanized(text)))
    if reference := _REFERENCE.fullmatch(found):
        return f"kp{reference[1]}{int(reference[2]):03}"
    return found


def identifiers(query: str) -> frozenset[str]:
    """Return what in a query can be an identifier: all of it, a word with digits enough, two neighbours."""
    words = query.split()
    pairs = [f"{one}{other}" for one, other in pairwise(words)]
    found = {normalize_identifier(query), *map(normalize_identifier, _numbered([*words, *pairs]))}
    return frozenset({*found, *(one.translate(_LIKE_DIGITS) for one in found if _is_number(one))})


def _numbered(words: Iterable[str]) -> Iterator[str]:
    return (word for word in words if sum(map(str.isdigit, word)) >= MIN_IDENTIFIER_DIGITS or word[:2].lower() == "kp")


def _is_number(text: str) -> bool:
    """Say whether a text is digits but for some letters that a scanner reads for them."""
    return len(text) >= MIN_IDENTIFIER_DIGITS and 2 * sum(map(str.isdigit, text)) > len(text)


def strip_separators(text: str) -> str:
    """Return the letters and digits of a text without anything between them."""
    return re.sub(r"[\W_]", "", fold_romanized(text))


def syllables(name: str) -> tuple[tuple[str, ...], ...]:
    """Return the ways to read a listed name as Korean syllables; none where it cannot be one.

    Args:
        name: a personal name, romanised or in Hangul.
    """
    parts = [splits(word, MAX_SYLLABLES) for word in _words(name)]
    if not all(parts):
        return ()
    # Of a word that is one syllable, that is what it is; a longer one may be taken apart in several ways.
    shortest = [[way for way in ways if len(way) == len(ways[0])] for ways in parts]
    ways = (sum(way, ()) for way in product(*shortest))
    return tuple(way for way in ways if 2 <= len(way) <= MAX_SYLLABLES)[:MAX_READINGS]


def _words(name: str) -> list[str]:
    words = (word.strip("'") for word in _APART.split(fold_romanized(name)))
    return [word for word in words if word and word not in _TITLES and not word.isdigit()]


def syllable_readings(query: str) -> tuple[tuple[tuple[str, ...], float], ...]:
    """Return the ways to read a query as a Korean name, family name first, slips and all, with what each costs."""
    found: dict[tuple[str, ...], float] = {}
    for part in _personal(query):
        for way, cost in _ways(_words(part)):
            found[way] = min(cost, found.get(way, cost))
    return tuple(sorted(found.items(), key=lambda one: one[1])[:MAX_READINGS])


def _personal(query: str) -> list[str]:
    """Return what in a query can be a person's name: all of it, in and out of brackets, each of several names."""
    scripts = ["".join(re.findall("[가-힣 ]", query)), re.sub("[가-힣]", " ", query)]
    parts = dict.fromkeys([query, *scripts, _BRACKETED.sub(" ", query), *_BRACKETED.findall(query), *_OR.split(query)])
    return list(dict.fromkeys(spelled for part in list(parts)[:MAX_PARTS] for spelled in ocr_variants(part)))


def _ways(words: list[str]) -> Iterator[tuple[tuple[str, ...], float]]:
    if not 0 < len(words) <= MAX_SYLLABLES:
        return
    ways = {sum(way, ()): 0.0 for way in product(*map(_parts, words))}
    if len(words) > 1 and not all(splits(word, MAX_SYLLABLES) for word in words):
        # A blank slipped: what is no syllable here may be some without it.
        ways = dict.fromkeys(splits("".join(words), MAX_SYLLABLES), TYPO_COST) | ways
    for way, cost in ways.items():
        if 2 <= len(way) <= MAX_SYLLABLES:
            yield way, cost
            yield (way[-1], *way[:-1]), cost + NAME_ORDER_COST


def _parts(word: str) -> list[tuple[str, ...]]:
    """Return what a word of a query can be: syllables, or one that is misspelt, alone or beside others."""
    whole = list(splits(word, MAX_SYLLABLES))
    if is_hangul(word):
        return whole or [(word,)]
    if not whole and len(word) > 4:
        cuts = [(word[:place], word[place:]) for place in range(2, min(len(word), 12) - 1)]
        whole = [cut for cut in cuts if readings(cut[0]) or readings(cut[1])]
    return [*whole, *([(word,)] if (word,) not in whole else [])]


def token_sets(query: str) -> list[tuple[str, ...]]:
    """Return the ways to read a query as words, without those that are identifiers."""
    found: dict[tuple[str, ...], None] = {}
    for text in ocr_variants(query):
        for words in (tokenize(text), tokenize(_BRACKETED.sub(" ", text))):
            told = tuple(word for word in words if not (word.isdigit() and len(word) >= MIN_IDENTIFIER_DIGITS))
            found |= dict.fromkeys([told, *joined_variants(told)])
    return [words for words in found if words][:MAX_TOKEN_SETS]


def variants(name: str) -> list[tuple[str, ...]]:
    """Return the words of a listed name: without brackets, an acronym in them alone, neighbours run together, too."""
    acronyms = re.findall(r"\(([A-Z]{3,6})\)", name)
    found = dict.fromkeys([tokenize(name), tokenize(_BRACKETED.sub(" ", name)), *map(tokenize, acronyms)])
    return [
        words for words in {**found, **dict.fromkeys(one for words in found for one in joined_variants(words))} if words
    ]


def joined_variants(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield words with two or three neighbours, or all of those of a name's own, run together."""
    if len(words) > MAX_JOINED:
        return
    own = [place for place, word in enumerate(words) if weight(word) == 1 and not word.isdigit()]
    for size in (2, 3):
        for place in own:
            if all(place + offset in own for offset in range(size)):
                yield (*words[:place], "".join(words[place : place + size]), *words[place + size :])
    if len(own) > 3 and own == list(range(own[0], own[-1] + 1)):
        yield (*words[: own[0]], "".join(words[own[0] : own[-1] + 1]), *words[own[-1] + 1 :])
    if len(words) == 3 and not any(word.isdigit() for word in words):
        yield ("".join(words),)


def unsearchable_reason(text: str) -> str | None:
    """Return what keeps a text from being held against names, or None."""
    if any(ord(char) < 32 or ord(char) == 127 or 0xD800 <= ord(char) < 0xE000 for char in text):
        return "it holds a control character, or half of a character"
    return (
        None if any(map(str.isalnum, fold_romanized(text))) else "there is no letter and no digit in it to be compared"
    )
