"""Query parsing: identifiers, Korean syllables and tokens of every part of a text that can be a name."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise, product

from app.matching.bodies import english_wordings
from app.matching.romanization import SURNAME_READINGS, is_common, is_hangul, readings, splits
from app.matching.scripts import Syllable, transcriptions, unread
from app.matching.scripts import syllable_readings as script_readings
from app.matching.segments import Segment, repair, segment
from app.matching.tokens import fold_romanized, is_own, ocr_variants, tokenize, tokens_as_typed, weight

TYPO_COST, NAME_ORDER_COST = 0.1, 0.03
"""Cost of a typo in a syllable or of a misplaced blank; cost of a family name that comes last."""
MAX_SYLLABLES, MAX_READINGS, MAX_TOKEN_SETS, MAX_JOINED = 4, 96, 24, 10
"""Most syllables of a name; most readings of one part as syllables and as tokens; most tokens tried run together."""
MAX_TRANSCRIPTIONS = 3
"""Most transcriptions of a text in another script that are compared as tokens."""
MAX_PIECES = 8
"""Most pieces of a name whose syllables are apart, or whose apostrophes were replaced by blanks."""
MIN_IDENTIFIER_DIGITS = 6
"""Digits from which on a word beside others is taken for an identifier."""

_TITLES = frozenset(
    ["mr", "mrs", "miss", "ms", "dr", "prof", "sir", "gen", "general", "comrade", "b", "born", "aka", "alias"]
)
_APART = re.compile(r"[^\w']+|_")
_BRACKETED = re.compile(r"[(\[{]([^)\]}]*)[)\]}]")
_LABEL = re.compile(
    r"^(?:imo|im(?=[0o]?\d{6})|no|nr|number|passport|ppt|swift|bic|kp(?=\d{6}))+(?=\w*[0-9])|^(?:swift|bic)(?=[a-z]{8})"
)
_REFERENCE = re.compile(r"kp([ie1l])[o0]*([0-9]{1,3})")
_FLOAT = re.compile(r"^(\d{6,10})\.0+$")
_SCIENTIFIC = re.compile(r"^\s*[+-]?\d(?:[.,]\d+)?[eE]\+?\d{1,2}\s*$")
_BIC = re.compile(r"[a-z]{4}[a-z]{2}[a-z0-9]{2}(?:[a-z0-9]{3})?")
_LIKE_DIGITS = str.maketrans("oilsb", "01158")

NOT_READ = "a script that is not read"

Unit = str | Syllable
"""A syllable of a query: in Latin letters or Hangul, or in another script with what it can stand for."""

SyllableReading = tuple[tuple[Unit, ...], float]
"""Korean syllables, the family name first, and the cost of reading a text so."""


@dataclass(frozen=True)
class Candidate:
    """A part of a query that can be a name, read once in every way.

    Attributes:
        segment: the part.
        syllable_readings: its readings as Korean syllables.
        token_sets: its tokens, in one spelling each.
        joined: its letters and digits without anything between them.
        typed: the word of the query that each token was made of, where that differs.
    """

    segment: Segment
    syllable_readings: tuple[SyllableReading, ...]
    token_sets: tuple[tuple[str, ...], ...]
    joined: frozenset[str]
    typed: dict[str, str] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class ParsedQuery:
    """A query, read once in every way.

    Attributes:
        text: the query.
        repaired: the query without the marks that systems leave in names.
        identifiers: its parts that can be an identifier, normalised.
        candidates: its parts that can be a name; all of it first.
        groups: tokens of its longer parts, in which names of bodies are looked for, each with its segment.
        set_aside: the words that are no part of a name, each with what it is.
    """

    text: str
    repaired: str
    identifiers: frozenset[str]
    candidates: tuple[Candidate, ...]
    groups: tuple[tuple[Segment, tuple[str, ...]], ...]
    set_aside: tuple[tuple[str, str], ...]

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts that were compared as a name, but for windows of words within them."""
        return tuple(one.segment.text for one in self.candidates if not one.segment.is_window)

    @property
    def not_compared(self) -> tuple[tuple[str, str], ...]:
        """What was not compared as a name, each with the reason: scripts that are not read, words set aside."""
        found = [(text, NOT_READ) for text in unread(self.repaired)]
        return tuple(dict.fromkeys([*found, *self.set_aside]))

    @property
    def is_likely_person(self) -> bool:
        """Whether a part of the query is plainly a Korean name: each of its syllables one, the first a family name."""
        return any(
            cost == 0 and _is_korean_name(way)
            for candidate in self.candidates
            if not candidate.segment.is_window
            for way, cost in candidate.syllable_readings
        )


def _is_korean_name(way: tuple[Unit, ...]) -> bool:
    spelled = [unit.readings if isinstance(unit, Syllable) else readings(unit) for unit in way]
    return all(spelled) and is_common(spelled[0], SURNAME_READINGS)


def normalize_identifier(text: str) -> str:
    """Normalise an identifier: no blanks, marks and labels; a reference's number in three digits; a BIC's first eight.

    ``9163166.0``, as a spreadsheet makes it, is 9163166; ``KPi.33`` is kpi033; ``DCBKKPPYXXX`` is dcbkkppy, as a BIC of
    eight characters is that of the head office, whose branch code is XXX (ISO 9362).
    """
    found = _LABEL.sub("", re.sub(r"[^0-9a-z]", "", fold_romanized(_FLOAT.sub(r"\1", text.strip()))))
    if reference := _REFERENCE.fullmatch(found):
        return f"kp{'i' if reference[1] in '1l' else reference[1]}{int(reference[2]):03}"
    if len(found) == 11 and found.endswith("xxx") and _BIC.fullmatch(found):
        return found[:8]
    if len(found) == 8 and found.isdigit() and found.startswith("0"):
        return found[1:]
    return found


def identifiers(query: str) -> frozenset[str]:
    """Find what in a query can be an identifier: all of it, each word with digits enough, two neighbours, each BIC."""
    words = re.split(r"[\s,;:()\[\]|/]+", query)
    pairs = [f"{one}{other}" for one, other in pairwise(words)]
    found = {normalize_identifier(query), *map(normalize_identifier, _numbered([*words, *pairs]))}
    found |= {normalize_identifier(word) for word in words if len(word) in (8, 11) and _BIC.fullmatch(word.lower())}
    # The first eight characters of a BIC are the bank, the last three its branch (ISO 9362).
    found |= {one[:8] for one in found if len(one) == 11 and _BIC.fullmatch(one)}
    numbers = {one.translate(_LIKE_DIGITS) for one in found if _is_number(one)}
    labelled = {_LABEL.sub("", one) for one in numbers | found}
    return frozenset({*found, *numbers, *labelled} - {""})


def is_scientific(text: str) -> bool:
    """Check whether a text is a number in scientific notation, which has lost digits of an identifier."""
    return bool(_SCIENTIFIC.fullmatch(text))


def _numbered(words: Iterable[str]) -> Iterator[str]:
    return (word for word in words if sum(map(str.isdigit, word)) >= MIN_IDENTIFIER_DIGITS or word[:2].lower() == "kp")


def _is_number(text: str) -> bool:
    """Check whether a text is digits but for some letters that a scanner reads for them."""
    return len(text) >= MIN_IDENTIFIER_DIGITS and 2 * sum(map(str.isdigit, text)) > len(text)


def strip_separators(text: str) -> str:
    """Strip a text of everything but its letters and digits."""
    return re.sub(r"[\W_]", "", fold_romanized(text))


def joined_forms(text: str) -> frozenset[str]:
    """Make the forms of a name without blanks: as it is; and its tokens, legal forms and the country left out."""
    tokens = tokenize(text)
    distinctive = [token for token in tokens if weight(token) > LEGAL_TOKEN_WEIGHT] if any(map(is_own, tokens)) else []
    return frozenset({strip_separators(text), "".join(distinctive) if len(distinctive) > 1 else ""} - {""})


LEGAL_TOKEN_WEIGHT = 0.1
"""Weight of a legal form, and of the country."""


def syllables(name: str) -> tuple[tuple[str, ...], ...]:
    """Split a listed name into Korean syllables, in each possible way; none where it is no Korean name.

    Args:
        name: a personal name, romanised or in Hangul.
    """
    parts = [splits(word, MAX_SYLLABLES) for word in split_words(name)]
    if not all(parts):
        return ()
    # Of a word that is one syllable, that is what it is; a longer one may be taken apart in several ways.
    shortest = [[way for way in ways if len(way) == len(ways[0])] for ways in parts]
    ways = (sum(way, ()) for way in product(*shortest))
    return tuple(way for way in ways if 2 <= len(way) <= MAX_SYLLABLES)[:MAX_READINGS]


def split_words(name: str) -> list[str]:
    """Split a name into words of folded letters, without numbers and forms of address."""
    words = (word.strip("'") for word in _APART.split(fold_romanized(name)))
    return [word for word in words if word and word not in _TITLES and not word.isdigit()]


def parse(query: str) -> ParsedQuery:
    """Read a query in every way: identifiers, and each part of it that can be a name."""
    repaired = repair(query)
    found = segment(repaired)
    candidates = tuple(_candidate(one) for one in found.segments)
    groups = tuple((group, _own_tokens(group.text)) for group in found.groups)
    return ParsedQuery(query, repaired, identifiers(query) | identifiers(repaired), candidates, groups, found.set_aside)


def _own_tokens(text: str) -> tuple[str, ...]:
    tokens = tokenize(text)
    return tokens if len(tokens) > 2 or any(map(is_own, tokens)) else ()


def _candidate(one: Segment) -> Candidate:
    if one.is_window:
        return Candidate(one, window_readings(one.text), (), frozenset())
    typed = {token: word for token, word in tokens_as_typed(one.text) if token != word}
    found = dict.fromkeys(token_sets(one.text))
    for wording in wordings(one.text):
        tokens = tokenize(wording)
        found[tokens] = None
        typed |= dict.fromkeys(tokens, one.text)
    sets = tuple(tokens for tokens in found if tokens)[:MAX_TOKEN_SETS]
    return Candidate(one, syllable_readings(one.text), sets, joined_forms(one.text), typed)


def wordings(text: str) -> list[str]:
    """Word a name of another script or language in English or Hangul, as a body's or a ship's."""
    found = dict.fromkeys(english_wordings(text))
    if not text.isascii():
        transcribed = (one.text for one in transcriptions(text) if not one.is_weak)
        hangul = (one.replace(" ", "") for one in transcribed if _HANGUL.search(one))
        found |= dict.fromkeys(list(hangul)[:MAX_TRANSCRIPTIONS])
    return [wording for wording in found if wording != text]


def window_readings(text: str) -> tuple[SyllableReading, ...]:
    """Read some words of a longer text as a Korean name: each word as syllables alone, the family name first."""
    parts = [splits(word, MAX_SYLLABLES) for word in split_words(text)]
    if not parts or not all(parts):
        return ()
    shortest = [[way for way in ways if len(way) == len(ways[0])] for ways in parts]
    ways = (sum(way, ()) for way in product(*shortest))
    return tuple((way, 0.0) for way in ways if 3 <= len(way) <= MAX_SYLLABLES)[:MAX_READINGS]


def syllable_readings(query: str) -> tuple[SyllableReading, ...]:
    """Read a text as a Korean name, family name first, typos and all, each reading with its cost, the least first."""
    found: dict[tuple[Unit, ...], float] = {}
    for part in _personal(query):
        for way, cost in _ways(split_words(part)):
            found[way] = min(cost, found.get(way, cost))
    for reading in script_readings(query):
        if 2 <= len(reading.syllables) <= MAX_SYLLABLES:
            found.setdefault(reading.syllables, reading.cost)
    return tuple(sorted(found.items(), key=lambda one: one[1])[:MAX_READINGS])


def _personal(query: str) -> list[str]:
    """List what a text can be as a person's name: all of it, each of its scripts, as a scanner can have read it."""
    scripts = ["".join(re.findall("[가-힣 ]", query)), re.sub("[가-힣]", " ", query)] if _HANGUL.search(query) else []
    parts = dict.fromkeys([query, *scripts])
    return list(dict.fromkeys(spelled for part in parts for spelled in ocr_variants(part)))


_HANGUL = re.compile("[가-힣]")


def _ways(words: list[str]) -> Iterator[SyllableReading]:
    if not 0 < len(words) <= MAX_PIECES:
        return
    ways: dict[tuple[str, ...], float] = {}
    if len(words) <= MAX_SYLLABLES:
        ways = {sum(way, ()): 0.0 for way in product(*map(syllable_parts, words))}
    if len(words) > 1 and not all(splits(word, MAX_SYLLABLES) for word in words):
        # A blank slipped: what is no syllable here may be some without it.
        ways = dict.fromkeys(splits("".join(words), MAX_SYLLABLES), TYPO_COST) | ways
    for way, cost in ways.items():
        if 2 <= len(way) <= MAX_SYLLABLES:
            yield way, cost
            yield (way[-1], *way[:-1]), cost + NAME_ORDER_COST


def syllable_parts(word: str) -> list[tuple[str, ...]]:
    """Split a word of a query: into syllables, or into one that is misspelt, alone or beside others."""
    whole = list(splits(word, MAX_SYLLABLES))
    if is_hangul(word):
        return whole or [(word,)]
    if not whole and len(word) > 4:
        cuts = [(word[:place], word[place:]) for place in range(2, min(len(word), 12) - 1)]
        whole = [cut for cut in cuts if readings(cut[0]) or readings(cut[1])]
    return [*whole, *([(word,)] if (word,) not in whole else [])]


def token_sets(query: str) -> list[tuple[str, ...]]:
    """Read a text as tokens in each possible way, without those that are identifiers."""
    found: dict[tuple[str, ...], None] = {}
    for text in ocr_variants(query):
        for words in dict.fromkeys((tokenize(text), tokenize(_BRACKETED.sub(" ", text)))):
            distinctive = tuple(word for word in words if not (word.isdigit() and len(word) >= MIN_IDENTIFIER_DIGITS))
            found |= dict.fromkeys([distinctive, *joined_variants(distinctive)])
    return [words for words in found if words][:MAX_TOKEN_SETS]


def variants(name: str) -> list[tuple[str, ...]]:
    """Make the token sets of a listed name: also without brackets, as its acronym, with neighbours run together."""
    acronyms = re.findall(r"\(([A-Z]{3,6})\)", name)
    found = dict.fromkeys([tokenize(name), tokenize(_BRACKETED.sub(" ", name)), *map(tokenize, acronyms)])
    run_together = dict.fromkeys(one for words in found for one in joined_variants(words))
    worded = dict.fromkeys(map(tokenize, english_wordings(name))) if not name.isascii() else {}
    return [words for words in {**found, **run_together, **worded} if words]


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
    """Return why a text cannot be searched for, or None."""
    if any(
        (ord(char) < 32 and char not in "\t\r\n") or ord(char) == 127 or 0xD800 <= ord(char) < 0xE000 for char in text
    ):
        return "it holds a control character, or half of a character"
    if is_scientific(text):
        return "it is a number in scientific notation, which has lost digits; format the column as text"
    return (
        None if any(map(str.isalnum, fold_romanized(text))) else "there is no letter and no digit in it to be compared"
    )
