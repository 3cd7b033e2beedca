"""Words of a text as they are read, and which tests of the whole text they call for."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from app.matching.segments import (
    CONNECTING,
    FIRST_NUMBER,
    NATIVE_POSTS_END,
    QUOTED_WITHIN,
    SHIP_SUFFIX,
    SPACED,
    VOYAGE_LABELS,
)
from app.matching.tokens import ocr_variants, tokenize
from app.matching.vocabulary import set_aside

_PLAIN = re.compile(r"[A-Za-z0-9À-ÖØ-öø-ſŏŭ가-힣 \t\n.,'’?()\-/:;&\[\]\"!#+]*")
_REPAIRED = re.compile(r"&#?\w+;|[ÃâÂ][^A-Za-z ]|[ÂÃÄÅÐÑØÙà-ï][’ŒœŠšŸŽž]|[^\W\d_]\?[^\W\d_]")
_USUAL = re.compile(r"(?!a\.\Z)(?=..)[A-Za-zŏŭ가-힣][A-Za-z0-9ŏŭ가-힣.,'’/-]*|[0-9]+|[&/-]?")
"""What is between two blanks of a text that is plain, whatever else is in it: no letter alone, no sign before one."""
_UNSEPARATED = re.compile(r"(?!(?i:as)\b)(?:[A-Za-z0-9À-ÖØ-öø-ſŏŭ가-힣.'’]+(?:-[A-Za-z0-9À-ÖØ-öø-ſŏŭ가-힣.'’]+)*)?")
"""What is between two blanks, if only signs within words are in it; ``trading as`` separates two names."""
_BRACKETS = re.compile(r"[()\[\]{}]")
HANGUL = re.compile("[가-힣]")
SEPARATED = re.compile(
    r"(?i)[,;|(){}\[\]/&\n\t+:]|\s[-–—]|[-–—]\s|\b(?:aka|a\.k|fka|nka|dba|alias|known|formerly|previously|ex|now|"
    r"prev|previous|prior|old|late|former|earlier|original|other|alternative|names?|named|"
    r"or|and|und|et|y|otherwise|renamed|then|was|via|ehem|ehemals|vormals|anciennement|anc|antes|anteriormente|"
    r"구명|옛이름|이름|trading as|born)\b|\.{3}"
)
"""What parts of a text can be set apart by: each can then be a name of its own."""
BRACKETED = re.compile(r"([(\[{][^)\]}]*[)\]}])")
_DIVIDED_WITHIN = re.compile(
    r"""(?<=\S)(?:[,;|(){}\[\]&+:"!#]|\.(?=\w\w)|(?<=\w\w)/|/(?=\w\w)|(?:(?<=\w\w)|(?<=\.))['’](?=\w\w))"""
    r"""(?=[^\s.,;|(){}\[\]/&+:"!#])"""
)
"""A sign in a word that can divide a text: not the slash of M/V, nor the apostrophe behind or before one letter."""


@dataclass(slots=True)
class Piece:
    """A token of a word, and where in a token of the index it can be if it is run together with others.

    Attributes:
        text: the token.
        is_free: whether it is a legal form or the country.
        begins_name: whether a name or an identifier without blanks begins with it.
        begins, ends: the tokens of the index, as a bit set, that begin or end with it.
        nearly_begins, nearly_ends: those that do but for the letter beside which the other word is.
        sounds_begin, sounds_end: the consonants of tokens of the index, as a bit set, that begin or end with its own.
        sounds: its consonants by class, and where vowels are between them; not folded.
    """

    text: str
    is_free: bool
    begins_name: bool
    begins: int
    ends: int
    nearly_begins: int
    nearly_ends: int
    sounds_begin: int
    sounds_end: int
    sounds: str


@dataclass(slots=True)
class Word:
    """What a word can contribute to a listed name; not frozen, as one is made of every word.

    Attributes:
        passes: whether a text with it passes, whatever else is in it.
        raw: the word as it is written.
        syllables: the Korean names, as bit sets, that have one, two, three or four syllables which it can spell.
        tokens: for each of its tokens the rows, as a bit set, that have a token like it.
        own: for each of its tokens the rows of bodies that have it as a word of their own.
        completed: the rows that have a token which it is the beginning of.
        spelled: its tokens.
        meant: its tokens in every spelling.
        joined: its letters and digits.
        is_set_aside: whether it is no part of a name, or can be a post in Hangul.
        phrases: what follows it in phrases that are no part of a name.
        folded: its words, folded.
        can_be_aside: whether it can be a word that is no part of a name.
        has_variants: whether it can be spelled otherwise than it is.
        is_split: whether each of its parts is Korean syllables as it is.
        letters: its letters, with the apostrophes within; none where they cannot be a part of Korean syllables.
        begins_name: whether a name or an identifier without blanks begins with its letters and digits.
        is_name: whether these are one, or the beginning of one that was cut off.
        begins_syllables: whether a Korean name begins with its consonants, but for one that the next word can change.
        classes: the classes of its consonants, one by one.
        pinyin: the Korean names, as bit sets, of which it can be the first syllable, all that follows that, the second
            syllable of three, and the third, in Hanyu Pinyin.
        number: a number of its own, by which what was found out of two neighbours is remembered.
        systems: the orthographies other than English whose own spellings are in it, and that read it.
        has_letters: whether it has a letter.
    """

    passes: bool
    raw: str = ""
    syllables: tuple[int, int, int, int] = (0, 0, 0, 0)
    tokens: tuple[int, ...] = ()
    own: tuple[int, ...] = ()
    completed: int = 0
    spelled: tuple[Piece, ...] = ()
    meant: tuple[str, ...] = ()
    joined: str = ""
    is_set_aside: bool = False
    phrases: frozenset[tuple[str, ...]] = frozenset()
    folded: tuple[str, ...] = ()
    can_be_aside: bool = False
    has_variants: bool = False
    is_split: bool = True
    letters: str = ""
    begins_name: bool = False
    is_name: bool = False
    begins_syllables: bool = False
    classes: str = ""
    pinyin: tuple[int, int, int, int] = (0, 0, 0, 0)
    number: int = field(default=0, compare=False)
    systems: tuple[str, ...] = ()
    has_letters: bool = True


class Calls:
    """Something in a text that calls for a test of all of it; a text that has nothing of a kind needs no such test."""

    UNUSUAL = 1 << 0
    """Signs by which a text can pass unseen."""
    DIGIT = 1 << 1
    COMMA = 1 << 2
    SEPARATOR = 1 << 3
    """A part of a text can begin or end here, and not only behind a comma at the end of a word."""
    DIVIDED = 1 << 4
    """A sign within a word that can divide a text, or a bracket."""
    PASSES = 1 << 5
    """A word with which a text passes."""
    OWN_SPELLING = 1 << 6
    """A word in the spelling of an orthography other than the English one."""
    HANGUL = 1 << 7
    NO_LETTER = 1 << 8
    """A word without letters."""
    NO_PIECE = 1 << 9
    """A word without a token."""
    PIECES = 1 << 10
    """A word of several tokens."""
    FREE = 1 << 11
    """A legal form, or the country."""
    TOKEN = 1 << 12
    """A word that is like a token of the index, or the beginning of one."""
    NAME = 1 << 13
    """A word that is a name, or the beginning of one that was cut off."""
    NOT_SPLIT = 1 << 14
    """A word that is not Korean syllables as it is."""
    ASIDE = 1 << 15
    """A word that is no part of a name."""
    PHRASE = 1 << 16
    """The first word of a phrase that is no part of a name."""


@dataclass(slots=True)
class Typed:
    """What is typed between two blanks.

    Attributes:
        words: its words, which hyphens set apart.
        calls: the tests of a whole text that it calls for (`Calls`).
    """

    words: tuple[Word, ...]
    calls: int


class Follows:
    """How a name, or a token of the index, can go on from one word to the next."""

    NAME = 1 << 0
    """Their letters and digits are the beginning of a name or an identifier without blanks."""
    TOKENS = 1 << 1
    """Their tokens are."""
    SYLLABLES = 1 << 2
    """Their consonants are the beginning of those of a Korean name."""
    KOREAN = 1 << 3
    """They are a Korean name, in Hanyu Pinyin or with its blank in another place."""
    PINYIN = 1 << 4
    """They can be the first two words of a name of three in Hanyu Pinyin."""
    LONGER = 1 << 5
    """They can be the beginning or the end of a token of the index that consists of three words or more."""


class Pair(NamedTuple):
    """What goes on from one word to the next.

    Attributes:
        follows: what does (`Follows`).
        rows: the rows, as a bit set, that have a token like both run together.
        own: the rows of bodies that have it as a word of their own.
        joined: both run together, if there are such rows.
    """

    follows: int
    rows: int = 0
    own: int = 0
    joined: str = ""


NOTHING = Pair(0)
BETWEEN_TOKENS = Follows.TOKENS | Follows.LONGER


def spellings_of(raw: str) -> tuple[str, ...]:
    """List what a word can be: as it is, as a scanner can have read it, without a post or a ship's suffix behind."""
    bare = SHIP_SUFFIX.sub("", NATIVE_POSTS_END.sub("", raw))
    if bare == raw:
        return ocr_variants(raw)
    return tuple(dict.fromkeys([*ocr_variants(raw), *ocr_variants(bare)]))


def quoted_text(text: str) -> str | None:
    """Give the text between two quotation marks around all of it, which are removed before it is compared."""
    if not text.startswith('"') or text.count('"') != 2 or not text.endswith('"'):
        return None
    return text[1:-1].strip()


def is_unusual(text: str) -> bool:
    """Check whether a text is not plain, so that it passes unseen."""
    return bool(
        not _PLAIN.fullmatch(text)
        or _REPAIRED.search(text)
        or QUOTED_WITHIN.search(text)
        or SPACED.fullmatch(text.strip())
        or FIRST_NUMBER.match(text)
    )


def calls_of(part: str, words: Sequence[Word]) -> int:
    """Find out which tests of a whole text what is between two of its blanks calls for (`Calls`)."""
    calls = 0
    if not _USUAL.fullmatch(part):
        calls |= Calls.UNUSUAL
    if any(map(str.isdigit, part)):
        calls |= Calls.DIGIT
    if "," in part:
        calls |= Calls.COMMA
    bare = part.removesuffix(",")
    if not _UNSEPARATED.fullmatch(bare) or SEPARATED.search(bare):
        calls |= Calls.SEPARATOR
    # The words of a part of a text are read without the comma that ends it.
    if "," in part and words and tokenize(words[-1].raw.removesuffix(",")) != tokenize(words[-1].raw):
        calls |= Calls.SEPARATOR
    if _DIVIDED_WITHIN.search(part) or _BRACKETS.search(part):
        calls |= Calls.DIVIDED
    if HANGUL.search(part):
        calls |= Calls.HANGUL
    for word in words:
        calls |= _calls_of_word(word)
    return calls


def _calls_of_word(word: Word) -> int:
    of_word = {
        Calls.PASSES: word.passes,
        Calls.OWN_SPELLING: bool(word.systems),
        Calls.NO_LETTER: not word.has_letters,
        Calls.NO_PIECE: not word.spelled,
        Calls.PIECES: len(word.spelled) > 1,
        Calls.FREE: any(piece.is_free for piece in word.spelled),
        Calls.TOKEN: bool(word.tokens or word.own or word.completed),
        Calls.NAME: word.is_name,
        Calls.NOT_SPLIT: not word.is_split,
        Calls.ASIDE: word.is_set_aside,
        Calls.PHRASE: bool(word.phrases),
    }
    return sum(call for call, is_called in of_word.items() if is_called)


@lru_cache(maxsize=1)
def rest_of_phrases() -> Mapping[str, frozenset[tuple[str, ...]]]:
    """Map the first word of each phrase that is no part of a name to the words that follow it."""
    found: dict[str, set[tuple[str, ...]]] = {}
    for first, *rest in set_aside():
        found.setdefault(first, set()).add(tuple(rest))
    return {first: frozenset(rests) for first, rests in found.items()}


@lru_cache(maxsize=1)
def aside_words() -> frozenset[str]:
    """Collect the words that phrases consist of which are no part of a name."""
    return frozenset(word for phrase in set_aside() for word in phrase) | CONNECTING | _NUMBER_SIGNS | VOYAGE_LABELS


_NUMBER_SIGNS = frozenset(["no", "nr", "number"])


def parted_texts(text: str) -> Iterator[str]:
    """Yield a text with blanks where signs alone divide it, and without what is in brackets, if these are others.

    Names are looked for in each part of Meyer/Kim Yong Chol, and in what is around the brackets of Ryong (Mr) Bong.
    """
    for other in (_DIVIDED_WITHIN.sub(r"\g<0> ", text), BRACKETED.sub(" ", text)):
        if other != text and any(map(str.isalnum, other)):
            yield other
