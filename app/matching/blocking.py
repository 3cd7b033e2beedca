"""Blocking: texts that cannot be a listed name are rejected by what their words can contribute to one.

Each word of a text is looked at once, whatever text it is in, and remembered: which listed Korean names have a syllable
that it can spell, and which other listed names have a token like it. Bit sets of names are then counted over the words
of a text. A text passes if for some name enough of its syllables, or of its tokens, are there, in whatever order; or if
words run together are; or if its Hangul alone, or the text without its Hangul, can be a name. Whatever is not plain
(other scripts, numbers, signs that are repaired) passes unseen.

Nothing should be lost: every condition is necessary for the score asked for, given how `app.matching.index` scores.
What passes is scored in full there.
"""

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, count, pairwise, product
from operator import attrgetter
from typing import NamedTuple

from app.fields.text import CACHED, fold
from app.matching.bodies import english_wordings, known_words
from app.matching.index import FOUND_WITHIN_COST, MIN_TRUNCATED, Index, can_be_short_form, unit_text
from app.matching.query import (
    LEGAL_TOKEN_WEIGHT,
    NAME_ORDER_COST,
    TYPO_COST,
    Unit,
    identifiers,
    split_words,
    strip_separators,
    syllable_parts,
    wordings,
)
from app.matching.romanization import Reading, splits
from app.matching.scripts import can_read, own_systems, pinyin_units
from app.matching.scripts import syllable_readings as script_readings
from app.matching.segments import (
    CONNECTING,
    FIRST_NUMBER,
    MIN_NUMBER_DIGITS,
    NATIVE_POST,
    NATIVE_POSTS_END,
    QUOTED_WITHIN,
    SHIP_SUFFIX,
    SPACED,
    VOYAGE,
    VOYAGE_LABELS,
    repair,
    words_set_aside,
)
from app.matching.tokens import correctable, deletion_variants, ocr_variants, token_weights, tokenize, weight
from app.matching.vocabulary import GENERIC, STATE_CODES, set_aside

MAX_WORDS = 30
"""Words from which on a text passes: it is searched for names within it."""
MAX_JOINED = 5
"""Most words that are tried run together."""
MAX_IN_ORDER = 8
"""Most words that are tried as a Korean name in their order; a text with more passes."""
MAX_REMEMBERED = 100_000
"""Words that are remembered; then all are forgotten."""
MAX_SYLLABIC = 28
"""Most letters of a Korean name of four syllables."""
_MAX_NEED = 4
_ROUNDING = 1e-6
"""How far two sums of weights can differ that are the same."""

_PLAIN = re.compile(r"[A-Za-z0-9À-ÖØ-öø-ſŏŭ가-힣 \t\n.,'’?()\-/:;&\[\]\"!#+]*")
_REPAIRED = re.compile(r"&#?\w+;|[ÃâÂ][^A-Za-z ]|[ÂÃÄÅÐÑØÙà-ï][’ŒœŠšŸŽž]|[^\W\d_]\?[^\W\d_]")
_NUMBER = re.compile(rf"[0-9](?:[^0-9]*[0-9]){{{MIN_NUMBER_DIGITS - 1}}}")
_DIGITS = re.compile(r"[0-9](?:[^0-9]*[0-9]){3}")
"""Digits enough for an identifier."""
_HANGUL = re.compile("[가-힣]")
_USUAL = re.compile(r"(?!a\.\Z)(?=..)[A-Za-zŏŭ가-힣][A-Za-z0-9ŏŭ가-힣.,'’/-]*|[0-9]+|[&/-]?")
"""What is between two blanks of a text that is plain, whatever else is in it: no letter alone, no sign before one."""
_UNSEPARATED = re.compile(r"(?!(?i:as)\b)(?:[A-Za-z0-9À-ÖØ-öø-ſŏŭ가-힣.'’]+(?:-[A-Za-z0-9À-ÖØ-öø-ſŏŭ가-힣.'’]+)*)?")
"""What is between two blanks, if only signs within words are in it; ``trading as`` separates two names."""
_BRACKETS = re.compile(r"[()\[\]{}]")
_BIC_LENGTHS = (8, 11)
_BLANK = re.compile(r"[\s-]+")
_SEPARATED = re.compile(
    r"(?i)[,;|(){}\[\]/&\n\t+:]|\s[-–—]|[-–—]\s|\b(?:aka|a\.k|fka|nka|dba|alias|known|formerly|previously|ex|now|"
    r"prev|previous|prior|old|late|former|earlier|original|other|alternative|names?|named|"
    r"or|and|und|et|y|otherwise|renamed|then|was|via|ehem|ehemals|vormals|anciennement|anc|antes|anteriormente|"
    r"구명|옛이름|이름|trading as|born)\b|\.{3}"
)
"""What parts of a text can be set apart by: each can then be a name of its own."""
_REFERENCE = re.compile(r"(?i)kp[a-z]?\W*\d*\W*")
_REFERENCE_APART = re.compile(r"(?i)\W*k\W*p\W*[a-z]?[\W\d]*")
"""A reference number of the UN with blanks within, such as ``K Pe.0 03``."""
_LETTERS = re.compile("[kgntdrlmpbsjchxaeiouwyŏŭ']+")
_KOREAN_LETTERS = re.compile(r"[kgntdrlmpbsjchx']{0,3}(?:[aeiouwyŏŭ]{1,4}[kgntdrlmpbsjchx']{0,5})+")


_NO_WORD = re.compile(r"[\W_]+")
_BRACKETED = re.compile(r"([(\[{][^)\]}]*[)\]}])")
_DIVIDED_WITHIN = re.compile(
    r"""(?<=\S)(?:[,;|(){}\[\]&+:"!#]|\.(?=\w\w)|(?<=\w\w)/|/(?=\w\w)|(?:(?<=\w\w)|(?<=\.))['’](?=\w\w))"""
    r"""(?=[^\s.,;|(){}\[\]/&+:"!#])"""
)
"""A sign in a word that can divide a text: not the slash of M/V, nor the apostrophe behind or before one letter."""
_MONTH = re.compile(r"(?i)(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[.,]*")
MAX_SCRIPT_WORDS = 4
"""Most words of a Korean name in an orthography other than the English one."""


@dataclass(slots=True)
class _Piece:
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
class _Word:
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
    spelled: tuple[_Piece, ...] = ()
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


class _Calls:
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
class _Typed:
    """What is typed between two blanks.

    Attributes:
        words: its words, which hyphens set apart.
        calls: the tests of a whole text that it calls for (`_Calls`).
    """

    words: tuple[_Word, ...]
    calls: int


class _Follows:
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


class _Pair(NamedTuple):
    """What goes on from one word to the next.

    Attributes:
        follows: what does (`_Follows`).
        rows: the rows, as a bit set, that have a token like both run together.
        own: the rows of bodies that have it as a word of their own.
        joined: both run together, if there are such rows.
    """

    follows: int
    rows: int = 0
    own: int = 0
    joined: str = ""


_NOTHING = _Pair(0)
_BETWEEN_TOKENS = _Follows.TOKENS | _Follows.LONGER

_spelled = attrgetter("spelled")


@dataclass(frozen=True, slots=True, eq=False)
class _Token:
    """A token of a text, what it costs where a name has none like it, and the tokens like it, each with how much."""

    text: str
    cost: float
    alike: Mapping[str, float]

    def without_cost(self) -> "_Token":
        return self if self is _BREAK else _Token(self.text, 0.0, self.alike)

    def with_alike(self, alike: Mapping[str, float]) -> "_Token":
        return _Token(self.text, self.cost, {**self.alike, **alike})


_BREAK = _Token("", 0.0, {})
"""Where a text can be divided into names."""


class Blocker:
    """Rejects texts that cannot reach a score with any name of an index.

    Args:
        index: the names.
        least: the score.
    """

    def __init__(self, index: Index, least: float) -> None:
        self._index, self._least = index, least
        self._words: dict[str, _Word] = {}
        self._typed: dict[str, _Typed] = {}
        self._joins: dict[str, int] = {}
        self._windows_of: dict[str, int] = {}
        self._covered_by: dict[str, tuple[int, int, int, int]] = {}
        self._scripts: dict[str, bool] = {}
        self._pinyin_of: dict[str, tuple[int, int, int, int]] = {}
        self._ways_of: dict[str, tuple[tuple[str, ...], ...]] = {}
        self._units: dict[str | tuple[str, tuple[Reading, ...], int | None], int] = {}
        self._alike: dict[str, Mapping[str, float]] = {}
        self._rows_alike_to: dict[str, int] = {}
        self._offsets: dict[int, int] = {}
        self._of_length: dict[int, int] = {}
        at = 0
        for length, size in index.syllables.sizes().items():
            self._offsets[length] = at
            self._of_length[length] = ((1 << size) - 1) << at
            at += size
        self._everyone = (1 << at) - 1
        # The Korean names of one syllable, of two, of three, and of four or more.
        most = max(self._of_length, default=0) + 1
        lengths = (range(1, 2), range(2, 3), range(3, 4), range(4, max(most, 4)))
        one, two, three, four = (sum(self._of_length.get(length, 0) for length in some) for some in lengths)
        self._as_long = one, two, three, four
        tokens = index.tokens.rows_by_token
        self._rows_of = {token: _bits(numbers) for token, numbers in tokens.items()}
        self._needing, self._own_needing = [0] * (_MAX_NEED + 1), [0] * (_MAX_NEED + 1)
        self._own_rows_of: dict[str, int] = {}
        self._keyed = {token: _bits(numbers) for token, numbers in index.tokens.keyed.items()}
        for number, row in enumerate(index.tokens.all_rows):
            self._needing[min(_need(row.tokens, least), _MAX_NEED)] |= 1 << number
            if can_be_short_form(row):
                self._own_needing[min(len(row.own), _MAX_NEED)] |= 1 << number
                for token in row.own:
                    self._own_rows_of[token] = self._own_rows_of.get(token, 0) | 1 << number
        words = tuple(dict.fromkeys((*tokens, *correctable())))
        self._rows_sounding: dict[str, int] = {}
        for token, rows in self._rows_of.items():
            flat = _flat(token)
            self._rows_sounding[flat] = self._rows_sounding.get(flat, 0) | rows
        self._rows_near: dict[str, int] = {}
        for word in words:
            rows = self._rows_of.get(word) or self._rows_alike(index.tokens.meant(word))
            for variant in deletion_variants(word):
                self._rows_near[variant] = self._rows_near.get(variant, 0) | rows
        # A word that a token is the plural of is looked for in its plural too.
        spelled = (*words, *(f"{word}es" for word in words))
        self._beginnings, self._endings = _beginnings(spelled), _endings(spelled)
        self._about_as_long = _about_as_long(spelled)
        self._flat_beginnings = _beginnings(tuple(self._rows_sounding))
        self._flat_endings = _endings(tuple(self._rows_sounding))
        self._skeletons = {
            _skeleton("".join(order)) for way in index.syllables.spelled() for order in (way, (*way[1:], way[0]))
        }
        self._skeleton_beginnings = {one[:end] for one in self._skeletons for end in range(len(one) + 1)}
        self._whole = index.run_together()
        self._prefixes = {joined[:end] for joined in self._whole for end in range(MIN_TRUNCATED, len(joined))}
        letters = (*self._whole, *index.identifiers)
        self._whole_beginnings = {joined[:end] for joined in letters for end in range(len(joined) + 1)}
        codes = [one for one in index.identifiers if not any(map(str.isdigit, one))]
        self._shortest_code = min(map(len, codes), default=0)
        self._pieces: dict[str, _Piece] = {}
        self._numbers = count()
        self._pairs: dict[int, _Pair] = {}
        self._by_classes: dict[str, tuple[bool, bool]] = {}

    def may_match(self, text: str) -> bool:
        """Check whether a text can reach the score with any name; False only where none can."""
        quoted = _quoted(text)
        if quoted is not None:
            return self.may_match(quoted)
        return self._may_match(text, *self._words_of(text))

    def reject(self, text: str) -> tuple[tuple[str, str], ...] | None:
        """List the words of a text that are no part of a name, each with what it is; None where it may match."""
        quoted = _quoted(text)
        if quoted is not None:
            return self.reject(quoted)
        words, calls = self._words_of(text)
        return None if self._may_match(text, words, calls) else self._set_aside(text, words, calls)

    def _words_of(self, text: str) -> tuple[list[_Word], int]:
        """Split a text into words, and find out which tests it calls for (`_Calls`)."""
        known = self._typed
        words: list[_Word] = []
        calls = 0
        for part in text.split(" "):
            typed = known.get(part) or self._read_typed(part)
            words += typed.words
            calls |= typed.calls
        return words, calls

    def _may_match(self, text: str, words: list[_Word], calls: int) -> bool:
        """Make the tests that a text calls for: nearly every text calls for hardly one.

        A test is left out only where what it looks for cannot be there.
        """
        if calls & _Calls.PASSES or not 0 < len(words) <= MAX_WORDS:
            return True
        if calls & _Calls.UNUSUAL and _is_unusual(text):
            return True
        if calls & _Calls.DIGIT and (
            (_DIGITS.search(text) and self._has_identifier(text)) or _REFERENCE_APART.fullmatch(text)
        ):
            return True
        pairs = self._pairs_in(words, calls)
        between = pairs if not calls & _Calls.NO_PIECE else self._pairs_in(list(filter(_spelled, words)), calls)
        follows = self._follows(words, pairs, between, calls)
        if follows & _Follows.KOREAN:
            return True
        return (
            (bool(calls & _Calls.OWN_SPELLING or follows & _Follows.PINYIN) and self._has_script(_orders(words, calls)))
            or (self._may_have_syllables(words) and self._has_syllables(_orders(words, calls)))
            or self._has_tokens(text, words, between, calls, follows)
            or self._is_run_together(words, pairs, calls, follows)
            or (bool(calls & _Calls.DIVIDED) and any(map(self.may_match, _parted(text))))
            or (bool(calls & _Calls.HANGUL) and self._has_name_in_one_script(text))
        )

    def _has_identifier(self, text: str) -> bool:
        return not self._index.identifiers.keys().isdisjoint(identifiers(text))

    def _set_aside(self, text: str, words: Sequence[_Word], calls: int) -> tuple[tuple[str, str], ...]:
        if (
            calls & _Calls.ASIDE
            or (calls & _Calls.DIGIT and _NUMBER.search(text))
            or (calls & _Calls.PHRASE and self._has_phrase(words))
        ):
            return words_set_aside(repair(text))
        return ()

    def _pairs_in(self, words: Sequence[_Word], calls: int) -> list[_Pair]:
        """Look up what goes on from each word of a text to the next one.

        Behind a comma a name can begin anew, and go on at the beginning of the text: the first word follows the last.
        """
        known = self._pairs
        pairs = [known.get(one.number << 40 | other.number) or self._pair(one, other) for one, other in pairwise(words)]
        if calls & _Calls.COMMA and len(words) > 1:
            pairs.append(self._pair(words[-1], words[0]))
        return pairs

    def _follows(self, words: Sequence[_Word], pairs: list[_Pair], between: list[_Pair], calls: int) -> int:
        """Find out what goes on from any word of a text to the next (`_Follows`).

        Words without a letter are passed over in Hanyu Pinyin, and legal forms in a name without blanks.
        """
        follows = 0
        for pair in pairs:
            follows |= pair.follows
        if between is not pairs:
            for pair in between:
                follows |= pair.follows & _BETWEEN_TOKENS
        if calls & _Calls.NO_LETTER:
            for pair in self._pairs_in([word for word in words if word.has_letters], calls):
                follows |= pair.follows & _Follows.PINYIN
                # The name is across a word without letters: whether it is one is not remembered of these.
                follows |= _Follows.PINYIN if pair.follows & _Follows.KOREAN else 0
        if calls & _Calls.FREE:
            for pair in self._pairs_in([word for word in words if word.spelled and not word.spelled[0].is_free], calls):
                follows |= pair.follows & _Follows.TOKENS
        return follows

    def _may_have_syllables(self, words: Sequence[_Word]) -> bool:
        """Check whether the words have as many syllables of a Korean name as it has, in whatever order."""
        return self._have_enough(_counted([word.syllables for word in words if word.syllables[0]]))

    def _have_enough(self, levels: tuple[int, int, int, int]) -> bool:
        """Check whether a Korean name is among those of which as many syllables are covered as it has."""
        one, two, three, four = self._as_long
        return bool(levels[3] & four or levels[2] & three or levels[1] & two or levels[0] & one)

    def _has_phrase(self, words: Sequence[_Word]) -> bool:
        """Check whether words can have a phrase of several words that is no part of a name."""
        phrases = [rest for word in words for rest in word.phrases]
        if not phrases:
            return False
        folded = {one for word in words for one in word.folded}
        # Initials are read as one word, which is another.
        return any(map(folded.issuperset, phrases)) or any("." in word.raw[:-1] or "/" in word.raw for word in words)

    # Words

    def _read_typed(self, part: str) -> _Typed:
        """Read what is between two blanks, and remember it."""
        if len(self._typed) >= MAX_REMEMBERED:
            self._typed.clear()
        words = tuple(map(self._word, part.replace("-", " ").split()))
        found = self._typed[part] = _Typed(words, _calls_of(part, words))
        return found

    def _word(self, raw: str) -> _Word:
        found = self._words.get(raw)
        if found is None:
            if len(self._words) >= MAX_REMEMBERED:
                self._words.clear()
            found = self._words[raw] = self._read(raw)
        return found

    def _read(self, raw: str) -> _Word:
        known, folded = known_words(), fold(raw).split()
        is_long = len(raw) >= self._shortest_code or any(map(str.isdigit, raw))
        if is_long and (len(raw) in _BIC_LENGTHS or not raw.isalpha()) and self._has_identifier(raw):
            return _Word(passes=True)
        if _REFERENCE.fullmatch(raw):
            return _Word(passes=True)
        # English is reworded only where a word is known by another one.
        if any(known.get(word, word) != word for word in folded) or (not raw.isascii() and english_wordings(raw)):
            return _Word(passes=True)
        spellings, own_parts = _spellings(raw), split_words(raw)
        # A word with a hyphen has the syllables of all of its parts.
        parts = dict.fromkeys(chain(own_parts, *map(split_words, spellings[1:])))
        syllables = _counted([self._covered(part) for part in parts])
        is_aside = not raw.isascii() or raw.strip(".,") in STATE_CODES or not _aside_words().isdisjoint(folded)
        reworded = spellings[1:] if raw.isascii() else spellings
        worded = [wording for spelling in reworded for wording in wordings(spelling)]
        meant = tuple(dict.fromkeys(token for spelling in (*spellings, *worded) for token in tokenize(spelling)))
        letters = "".join(own_parts)
        skeleton, joined = _skeleton(letters), strip_separators(raw)
        return _Word(
            passes=False,
            raw=raw,
            syllables=syllables,
            tokens=tuple(rows for token in meant if (rows := self._rows_alike(token))),
            own=tuple(rows for token in meant if (rows := self._rows_owning(token))),
            completed=self._rows_completing(meant),
            spelled=tuple(map(self._piece, tokenize(raw))),
            meant=meant,
            joined=joined,
            is_set_aside=any(map(NATIVE_POST.fullmatch, _NO_WORD.split(raw)))
            or bool(VOYAGE.search(raw))
            or not VOYAGE_LABELS.isdisjoint(folded)
            or raw.strip(".,") in STATE_CODES
            or any(() in _rest_of_phrases().get(word, ()) for word in folded),
            phrases=frozenset().union(*(_rest_of_phrases().get(word, ()) for word in folded)) - {()},
            folded=tuple(folded),
            can_be_aside=is_aside or len(joined) < 2 or any(map(str.isdigit, raw)) or bool(_MONTH.fullmatch(raw)),
            has_variants=len(spellings) > 1 or bool(worded),
            is_split=all(map(splits, own_parts)),
            letters=letters if _LETTERS.fullmatch(letters) else "",
            begins_name=joined in self._whole_beginnings,
            is_name=joined in self._whole or joined in self._prefixes or joined in self._index.identifiers,
            begins_syllables=skeleton.removesuffix("t") in self._skeleton_beginnings,
            classes=_classes(letters),
            pinyin=self._in_pinyin(raw.lower()),
            number=next(self._numbers),
            systems=own_systems(raw),
            has_letters=any(map(str.isalpha, raw)),
        )

    def _piece(self, token: str) -> _Piece:
        """Find out where in a token of the index a token can be if it is run together with others."""
        found = self._pieces.get(token)
        if found is None:
            if len(self._pieces) >= MAX_REMEMBERED:
                self._pieces.clear()
            unstripped = _consonants(token)
            flat = unstripped.lstrip("rn")
            found = self._pieces[token] = _Piece(
                token,
                _is_free(token),
                token in self._whole_beginnings,
                self._beginnings.get(token, 0),
                self._endings.get(token, 0),
                self._beginnings.get(token[:-1], 0),
                self._endings.get(token[1:], 0),
                # The consonants t and j, or t and s, of two words become one.
                self._flat_beginnings.get(flat.removesuffix("t"), 0),
                self._flat_endings.get(unstripped[1:], 0),
                token.translate(_CONSONANTS_AND_VOWELS),
            )
        return found

    def _in_pinyin(self, raw: str) -> tuple[int, int, int, int]:
        """Find the Korean names in which a word can have each place, in Hanyu Pinyin.

        A name is read so in three syllables at most, the family name being one of them
        (`app.matching.scripts.chinese.pinyin_ways`).
        """
        known = self._pinyin_of.get(raw)
        if known is not None:
            return known
        first = following = second = third = 0
        for way in pinyin_units(raw):
            if len(way) <= 2:
                agreeing = self._of_length.get(1 + len(way), 0)
                for place, unit in enumerate(way, 1):
                    agreeing &= self._names_with(unit, place)
                following |= agreeing
            if len(way) == 1:
                first |= self._names_with(way[0], 0)
                second |= self._names_with(way[0], 1) & self._of_length.get(3, 0)
                third |= self._names_with(way[0], 2) & self._of_length.get(3, 0)
        if len(self._pinyin_of) >= MAX_REMEMBERED:
            self._pinyin_of.clear()
        known = self._pinyin_of[raw] = first, following, second, third
        return known

    def _ways(self, raw: str) -> tuple[tuple[str, ...], ...]:
        """List the ways in which a word can be Korean syllables: those of its parts, one after another."""
        found = self._ways_of.get(raw)
        if found is None:
            if len(self._ways_of) >= MAX_REMEMBERED:
                self._ways_of.clear()
            ways: dict[tuple[str, ...], None] = {}
            for spelling in _spellings(raw):
                parts = [syllable_parts(part) for part in split_words(spelling)]
                if len(parts) <= 4:
                    ways |= dict.fromkeys(sum(way, ()) for way in product(*parts))
            found = tuple(way for way in ways if 0 < len(way) <= 4 and all(map(self._names_with, way)))
            self._ways_of[raw] = found
        return found

    def _covered(self, part: str) -> tuple[int, int, int, int]:
        """Find the Korean names that have as many syllables as one to four which a part of a word can spell."""
        known = self._covered_by.get(part)
        if known is not None:
            return known
        found = [0, 0, 0, 0]
        for way in syllable_parts(part):
            if len(way) <= 4:
                agreeing = self._everyone
                for unit in way:
                    agreeing &= self._names_with(unit)
                    if not agreeing:
                        break
                for place in range(len(way)):
                    found[place] |= agreeing
        if len(self._covered_by) >= MAX_REMEMBERED:
            self._covered_by.clear()
        known = self._covered_by[part] = found[0], found[1], found[2], found[3]
        return known

    def _names_with(self, unit: Unit, place: int | None = None) -> int:
        """Find the Korean names that have a syllable which agrees with one, in one place or, not given, in any."""
        key = unit if isinstance(unit, str) and place is None else (unit_text(unit), _own_readings(unit), place)
        found = self._units.get(key)
        if found is None:
            if len(self._units) >= MAX_REMEMBERED:
                self._units.clear()
            found = 0
            for length, bits in self._index.syllables.sequences_with(unit, 1 - self._least + 1e-6, place).items():
                found |= bits << self._offsets[length]
            self._units[key] = found
        return found

    def _rows_alike(self, token: str) -> int:
        found = self._rows_alike_to.get(token)
        if found is None:
            if len(self._rows_alike_to) >= MAX_REMEMBERED:
                self._rows_alike_to.clear()
            found = 0
            for other in self._tokens_alike(token):
                if not _is_free(other):
                    found |= self._rows_of[other]
            self._rows_alike_to[token] = found
        return found

    def _tokens_alike(self, token: str) -> Mapping[str, float]:
        """Find the tokens of the index that are similar to one, or to what it is a typo of, each with how much."""
        found = self._alike.get(token)
        if found is None:
            if len(self._alike) >= MAX_REMEMBERED:
                self._alike.clear()
            tokens = self._index.tokens
            meant = tokens.meant(token)
            found = tokens.alike(token)
            if meant and meant != token:
                found = {**found, **tokens.alike(meant)}
            self._alike[token] = found
        return found

    def _rows_owning(self, token: str) -> int:
        meant = self._index.tokens.meant(token)
        return self._own_rows_of.get(token, 0) | self._own_rows_of.get(meant, 0)

    def _rows_completing(self, tokens: Iterable[str]) -> int:
        found = 0
        for other in (other for token in tokens for other in self._index.tokens.completions(token)):
            found |= self._rows_of[other]
        return found

    # Counting

    def _has_syllables(self, orders: Sequence[Sequence[_Word]]) -> bool:
        """Check whether neighbouring words are a Korean name, in one of some orders."""
        ways_of = {word.raw: self._ways(word.raw) for word in orders[0]}
        if sum(bool(ways_of[word.raw]) for word in orders[0]) > MAX_IN_ORDER:
            return True
        return any(
            self._fits(sum(ways, ()))
            for order in orders
            for stretch in _stretches([word for word in order if ways_of[word.raw]])
            if len(stretch) <= 4 and self._may_have_syllables(stretch)
            for ways in product(*(ways_of[word.raw] for word in stretch))
        )

    def _fits(self, way: tuple[Unit, ...], cost: float = 0.0) -> bool:
        """Check whether syllables are a Korean name in this order, or with the last one as the family name."""
        syllables = self._index.syllables
        return 2 <= len(way) <= 4 and any(
            next(syllables.scores(order, own, self._least), None)
            for order, own in ((way, cost), ((way[-1], *way[:-1]), cost + NAME_ORDER_COST))
        )

    def _has_name_in_one_script(self, text: str) -> bool:
        """Check whether the Hangul of a text, or all that is not Hangul, can be a Korean name without the other.

        A text that has Hangul and more is compared three times: as it is, its Hangul alone, and without its Hangul
        (`app.matching.query`). What is left is put together even from one word, as in 경환s, and across a word between.
        The blocks of Hangul are counted one by one, in whatever order and word they are.
        """
        blocks = _HANGUL.findall(text)
        rest = _HANGUL.sub(" ", text)
        if not blocks or not rest.strip():
            return False
        if self._have_enough(_counted([self._covered(block) for block in blocks])):
            return True
        return any(map(str.isalpha, rest)) and self.may_match(rest)

    def _has_script(self, orders: Sequence[Sequence[_Word]]) -> bool:
        """Check whether neighbouring words are a Korean name in an orthography other than the English one."""
        has_own = any(word.systems for word in orders[0])
        for order in orders:
            lettered = [word for word in order if word.has_letters]
            stretches = _in_pinyin(lettered)
            if has_own:
                stretches = chain(stretches, _in_orthography(lettered))
            if any(self._is_script([word.raw for word in stretch]) for stretch in stretches):
                return True
        return False

    def _is_script(self, words: Sequence[str]) -> bool:
        text = _strip(" ".join(words))
        found = self._scripts.get(text)
        if found is None:
            if len(self._scripts) >= MAX_REMEMBERED:
                self._scripts.clear()
            found = any(self._fits(reading.syllables) for reading in script_readings(text))
            self._scripts[text] = found
        return found

    def _has_tokens(
        self, text: str, words: Sequence[_Word], between: Sequence[_Pair], calls: int, follows: int
    ) -> bool:
        """Check whether the words have enough tokens of a row, or all that are a body's own.

        Args:
            text: the text.
            words: its words.
            between: what goes on from one of those that have a token to the next.
            calls: what tests it calls for.
            follows: what goes on from any to the next.
        """
        worded: list[int] = []
        if calls & (_Calls.HANGUL | _Calls.OWN_SPELLING) and not text.isascii():
            worded = [self._rows_alike(token) for wording in wordings(text) for token in tokenize(wording)]
        if self._may_have_longer(text, words, calls, follows):
            windows = list(self._windows(words, text))
        else:
            windows = [(pair.joined, pair.rows) for pair in between if pair.rows]
        if not (calls & _Calls.TOKEN or windows or worded):
            return False
        alike = [rows for word in words for rows in word.tokens]
        own = [rows for word in words for rows in word.own]
        own += [self._rows_owning(joined) for joined, _ in windows]
        cut = self._cut(words, text)
        completed = [word.completed for word in cut]
        short = self._reaches(own + completed, self._own_needing)
        if short and self._is_short_form(short, words, windows, cut):
            return True
        found = self._reaches(alike + worded + completed + [rows for _, rows in windows], self._needing)
        if not found:
            return False
        if any(rows & found for rows in worded):
            return True
        # Only what the rows found have of the words run together is looked up in full.
        windows = [(joined, rows) for joined, near in windows if near & found and (rows := self._rows_joined(joined))]
        found = self._reaches(alike + completed + [rows for _, rows in windows], self._needing)
        found = self._can_agree(found, words, windows, cut)
        if not found:
            return False
        tokens = self._tokens_of(text, {joined for joined, _ in windows}, cut)
        keyed = self._keyed_in(words)
        return any(self._can_be(row, tokens, is_keyed=bool(row & keyed)) for row in _each_bit(found))

    def _can_agree(
        self, found: int, words: Sequence[_Word], windows: Sequence[tuple[str, int]], cut: Sequence[_Word]
    ) -> int:
        """Select the rows of which enough agrees with the tokens of a text, wherever in it each is.

        Args:
            found: the rows, as a bit set.
            words: the words of the text.
            windows: the tokens that are run together.
            cut: the words that can be the beginning of a token of the index.
        """
        texts = {token for word in words for token in word.meant} | {joined for joined, _ in windows}
        best: dict[str, float] = {}
        for text in texts:
            for other, score in self._tokens_alike(text).items():
                if score > best.get(other, 0.0):
                    best[other] = score
        best |= {other: 1.0 for word in cut for token in word.meant for other in self._index.tokens.completions(token)}
        rows, share = self._index.tokens.all_rows, 2 - self._least
        kept = 0
        for bit in _each_bit(found):
            row = rows[bit.bit_length() - 1]
            whole = sum(own * best.get(token, 0.0) for token, own in row.weights.items())
            if share * whole >= self._least * row.total - _ROUNDING:
                kept |= bit
        return kept

    def _cut(self, words: Sequence[_Word], text: str) -> list[_Word]:
        """List the words that can be the last one of a name that was cut off: they end far enough in a text."""
        if len(text) < MIN_TRUNCATED:
            return []
        return [
            word
            for word in words
            if word.completed and ("," in text or text.rfind(word.raw) + len(word.raw) >= MIN_TRUNCATED)
        ]

    def _is_short_form(
        self, found: int, words: Sequence[_Word], windows: Sequence[tuple[str, int]], cut: Sequence[_Word]
    ) -> bool:
        """Check whether words can be a short form of one of some bodies' names: no word beside it is of another."""
        joined = [window for window, _ in windows if self._rows_owning(window)]
        others = {
            piece.text
            for word in words
            if not (word.can_be_aside or word.has_variants or word in cut)
            for piece in word.spelled
            if not (
                piece.is_free
                or self._index.tokens.meant(piece.text) in GENERIC
                or any(piece.text in window for window in joined)
            )
        }
        meant = {token: self._index.tokens.meant(token) for token in others}
        rows = self._index.tokens.all_rows
        return any(
            all(token in row.weights or one in row.weights or not one or _is_free(one) for token, one in meant.items())
            for row in (rows[bit.bit_length() - 1] for bit in _each_bit(found))
        )

    def _tokens_of(self, text: str, joins: Container[str], cut: Sequence[_Word]) -> list[_Token]:
        """List the tokens of a text, and where words are run together; those of a word that can be left out are free.

        They are in the order of the text, with breaks where it can be divided.

        Args:
            text: the text.
            joins: what neighbouring tokens are run together, where a token of the index is like it.
            cut: the words that can be the beginning of a token of the index.
        """
        found: list[_Token] = []
        for chunk in _BRACKETED.split(text):
            is_bracketed = bool(_BRACKETED.fullmatch(chunk))
            for part in _SEPARATED.split(chunk):
                words = [self._word(raw) for raw in _BLANK.split(part.strip(" -")) if raw]
                costs = iter(token_weights([one.text for word in words for one in word.spelled], is_listed=False))
                found.append(_BREAK)
                for word in words:
                    if word.can_be_aside:
                        found.append(_BREAK)
                    is_costless = is_bracketed or word.can_be_aside or word.has_variants
                    for piece in word.spelled:
                        cost = next(costs)
                        alike = self._tokens_alike(piece.text)
                        is_free = is_costless or piece.is_free or not self._index.tokens.meant(piece.text)
                        found.append(_Token(piece.text, 0.0 if is_free else cost, alike))
                    if word.has_variants:
                        found += [_Token("", 0.0, self._tokens_alike(token)) for token in word.meant]
                    if word in cut:
                        completions = (one for token in word.meant for one in self._index.tokens.completions(token))
                        found.append(_Token("", 0.0, dict.fromkeys(completions, 1.0)))
                    if word.can_be_aside:
                        found.append(_BREAK)
        return self._with_joined(found, joins) if joins else found

    def _with_joined(self, tokens: list[_Token], joins: Container[str]) -> list[_Token]:
        """Give the tokens of a text that are run together what they agree with then, and take away what they cost."""
        own = [place for place, token in enumerate(tokens) if token.text]
        orders = [own]
        found = list(tokens)
        for first, second in pairwise(_divided(tokens)):
            orders.append([*second, *first])
        for order in orders:
            for start in range(len(order)):
                for end in range(start + 2, min(start + MAX_JOINED, len(order)) + 1):
                    joined = "".join(tokens[place].text for place in order[start:end])
                    if joined in joins:
                        for place in range(min(order[start:end]), max(order[start:end]) + 1):
                            found[place] = found[place].without_cost()
                        last = order[end - 1]
                        found[last] = found[last].with_alike(self._tokens_alike(joined))
        return found

    def _can_be(self, row: int, tokens: Sequence[_Token], is_keyed: bool) -> bool:
        """Check whether a stretch of tokens can reach the score with a name: it bounds what agrees from above.

        A stretch begins and ends where a text can be divided. What each token agrees with is added up, even where two
        agree with the same token of the name.

        Args:
            row: the bit of the name.
            tokens: the tokens of the text, divided by breaks.
            is_keyed: whether the name is looked for within longer texts as well.
        """
        name = self._index.tokens.all_rows[row.bit_length() - 1]
        weights = name.weights
        best = gained = between = 0.0
        matched_of: dict[str, float] = {}
        share = 2 - self._least
        for token in tokens:
            if token is _BREAK:
                best = max(best, gained + between)
                gained = max(0.0, gained + between)
                between = 0.0
                continue
            matched = 0.0
            for other, score in token.alike.items():
                own = weights.get(other)
                if own is not None:
                    matched += own * score
                    matched_of[other] = max(matched_of.get(other, 0.0), own * score)
            between += share * matched - (0.0 if matched else self._least * token.cost)
        best = max(best, gained + between)
        needed = self._least * name.total - _ROUNDING
        whole = sum(matched_of.values())
        if share * whole < needed:
            return False
        if best >= needed:
            return True
        within = self._least + FOUND_WITHIN_COST
        return is_keyed and (2 - within) * whole >= within * name.total - _ROUNDING

    def _keyed_in(self, words: Sequence[_Word]) -> int:
        """Find the rows of which a word is one that they are looked for by within a longer text."""
        found = 0
        for word in words:
            for token in word.meant:
                for other in self._tokens_alike(token):
                    found |= self._keyed.get(other, 0)
        return found

    def _reaches(self, found: Iterable[int], needing: Sequence[int]) -> int:
        """Find the rows that are in as many of some bit sets as each needs."""
        one = two = three = four = 0
        for rows in found:
            four |= three & rows
            three |= two & rows
            two |= one & rows
            one |= rows
        return needing[0] & one | one & needing[1] | two & needing[2] | three & needing[3] | four & needing[4]

    # Words run together

    def _may_have_longer(self, text: str, words: Sequence[_Word], calls: int, follows: int) -> bool:
        """Check whether more than two neighbouring words can be like a token of the index if they are run together.

        Also where which words are neighbours is not plain: a word is several tokens, or several signs divide the text.
        """
        is_cyclic = bool(calls & _Calls.COMMA)
        if calls & _Calls.PIECES or (is_cyclic and (calls & _Calls.SEPARATOR or text.count(",") > 1)):
            return True
        return len(words) > 2 and self._may_span(words, is_cyclic, bool(follows & _Follows.LONGER))

    def _may_span(self, words: Sequence[_Word], is_cyclic: bool, leaves_two: bool) -> bool:
        """Check whether three or more neighbours can be like a token of the index: their consonants, or with a typo.

        The typo is in the second of three, or it leaves the first two but for the last letter, or the last two but for
        the first one.

        Args:
            words: the words.
            is_cyclic: whether the first word follows the last.
            leaves_two: whether two neighbours can be the beginning or the end of one (`_Follows.LONGER`).
        """
        pieces = [word.spelled[0] for word in words if word.spelled]
        number = len(pieces)
        if is_cyclic:
            pieces += pieces[: min(MAX_JOINED, number) - 1]
        about_as_long = self._about_as_long
        for first, one in enumerate(pieces[:number]):
            for last in range(first + 2, min(first + MAX_JOINED, first + number, len(pieces))):
                other = pieces[last]
                near = one.begins & other.ends if last == first + 2 else 0
                if leaves_two:
                    near |= self._beginnings.get(f"{one.text}{pieces[first + 1].text}"[:-1], 0)
                    near |= self._endings.get(f"{pieces[last - 1].text}{other.text}"[1:], 0)
                if near:
                    length = sum(len(piece.text) for piece in pieces[first : last + 1])
                    if length < len(about_as_long) and near & about_as_long[length]:
                        return True
                if one.sounds_begin & other.sounds_end:
                    sounds = _folded("".join([piece.sounds for piece in pieces[first : last + 1]])).lstrip("rn")
                    if sounds in self._rows_sounding:
                        return True
        return False

    def _windows(self, words: Sequence[_Word], text: str) -> Iterator[tuple[str, int]]:
        """Yield the neighbouring tokens that can be like a token of the index if they are run together.

        Each has the rows, as a bit set, that have a token of those consonants or are a typo off: not fewer than
        `_rows_joined` finds.
        """
        yield from self._joined([piece for word in words for piece in word.spelled])
        if "," in text:
            parts = [
                [piece for raw in _BLANK.split(part.strip(" -")) if raw for piece in self._word(raw).spelled]
                for part in _SEPARATED.split(text)
            ]
            for one, other in pairwise(parts):
                # The words before a comma put behind it.
                yield from self._joined([*other[1 - MAX_JOINED :], *one[: MAX_JOINED - 1]])

    def _joined(self, pieces: Sequence[_Piece]) -> Iterator[tuple[str, int]]:
        number = len(pieces)
        if number < 2:
            return
        about_as_long, longest = self._about_as_long, len(self._about_as_long) - 1
        for first, one in enumerate(pieces):
            length = len(one.text)
            for last in range(first + 1, min(first + MAX_JOINED, number)):
                other = pieces[last]
                length += len(other.text)
                near = one.begins | other.ends
                if last == first + 1:
                    near |= one.nearly_begins & other.nearly_ends
                is_near = length <= longest and near & about_as_long[length]
                sounds = one.sounds_begin & other.sounds_end
                if is_near or sounds:
                    joined = "".join([piece.text for piece in pieces[first : last + 1]])
                    rows = self._rows_like(joined, bool(is_near), bool(sounds))
                    if rows:
                        yield joined, rows

    def _rows_like(self, joined: str, is_near: bool, sounds: bool) -> int:
        """Find the rows that have a token of the consonants of some tokens run together, or nearly of their letters."""
        rows = self._windows_of.get(joined)
        if rows is None:
            if len(self._windows_of) >= MAX_REMEMBERED:
                self._windows_of.clear()
            rows = self._rows_sounding.get(_flat(joined), 0) if sounds else 0
            rows |= self._find_rows_near(joined) if is_near else 0
            self._windows_of[joined] = rows
        return rows

    def _rows_joined(self, joined: str) -> int:
        """Find the rows that have a token like some tokens run together."""
        if joined not in self._joins:
            if _flat(joined) not in self._rows_sounding and not self._find_rows_near(joined):
                return 0
            if len(self._joins) >= MAX_REMEMBERED:
                self._joins.clear()
            self._joins[joined] = self._rows_alike(joined)
        return self._joins[joined]

    def _find_rows_near(self, joined: str) -> int:
        """Find rows that have a token which a word is, is one typo off, or is the plural of, and maybe more."""
        # A typo leaves what is before the middle letter, or what is behind it.
        middle = (len(joined) - 1) // 2
        near = self._beginnings.get(joined[:middle], 0) | self._endings.get(joined[middle + 1 :], 0)
        if len(joined) >= len(self._about_as_long) or not near & self._about_as_long[len(joined)]:
            return 0
        found = self._rows_near.get(joined.removesuffix("es"), 0)
        for variant in deletion_variants(joined):
            found |= self._rows_near.get(variant, 0)
        return found

    def _is_run_together(self, words: list[_Word], pairs: Sequence[_Pair], calls: int, follows: int) -> bool:
        """Check whether words run together are a name, or three or more of them the syllables of a Korean one.

        Args:
            words: the words of a text.
            pairs: what goes on from each to the next one.
            calls: what tests the text calls for.
            follows: what goes on from any to the next.
        """
        is_called = calls & (_Calls.NAME | _Calls.PIECES) or follows & (_Follows.NAME | _Follows.TOKENS)
        if is_called and any(map(self._has_run_together, _orders(words, calls))):
            return True
        if not (follows & _Follows.SYLLABLES and calls & _Calls.NOT_SPLIT and len(words) > 2):
            return False
        is_cyclic = calls & _Calls.COMMA
        for place, pair in enumerate(pairs):
            if pair.follows & _Follows.SYLLABLES and (is_cyclic or place + 2 < len(words)):
                one, other, third = (words[(place + offset) % len(words)] for offset in range(3))
                if self._skeleton_of(one.classes + other.classes + third.classes)[0]:
                    following = [*words[place:], *words[:place]] if is_cyclic else words[place:]
                    if self._begins_syllables(following):
                        return True
        return False

    def _has_run_together(self, words: Sequence[_Word]) -> bool:
        """Check whether neighbouring words, or tokens that are no legal form, are a name without blanks."""
        if any(word.begins_name and self._begins_name(words[start:]) for start, word in enumerate(words)):
            return True
        pieces = [piece for word in words for piece in word.spelled if not piece.is_free]
        for start, first in enumerate(pieces):
            if not first.begins_name:
                continue
            joined = first.text
            for piece in pieces[start + 1 : start + MAX_JOINED]:
                joined += piece.text
                if joined not in self._whole_beginnings:
                    break
                if joined in self._whole:
                    return True
        return False

    def _pair(self, one: _Word, other: _Word) -> _Pair:
        """Find out what goes on from one word to the next; neighbours come again, and are remembered."""
        key = one.number << 40 | other.number
        found = self._pairs.get(key)
        if found is None:
            if len(self._pairs) >= MAX_REMEMBERED:
                self._pairs.clear()
            found = self._pairs[key] = self._read_pair(one, other)
        return found

    def _read_pair(self, one: _Word, other: _Word) -> _Pair:
        follows = 0
        if one.begins_name and one.joined + other.joined in self._whole_beginnings:
            follows |= _Follows.NAME
        if one.begins_syllables and (one.letters or not one.has_letters) and (other.letters or not other.has_letters):
            follows |= self._read_syllables(one, other)
        first, following, *_ = one.pinyin
        if (first & other.pinyin[1] or other.pinyin[0] & following) and self._is_script([one.raw, other.raw]):
            follows |= _Follows.KOREAN
        if first & other.pinyin[2]:
            follows |= _Follows.PINYIN
        if len(one.spelled) == len(other.spelled) == 1:
            return self._read_pieces(follows, one.spelled[0], other.spelled[0])
        return _Pair(follows) if follows else _NOTHING

    def _read_syllables(self, one: _Word, other: _Word) -> int:
        """Find out whether two words are a Korean name with its blank in another place, or the beginning of one."""
        letters = one.letters + other.letters
        goes_on, is_skeleton = self._skeleton_of(one.classes + other.classes)
        if not goes_on or len(letters) > MAX_SYLLABIC:
            return 0
        if is_skeleton and not (one.is_split and other.is_split) and self._is_respaced(letters):
            return _Follows.KOREAN
        return _Follows.SYLLABLES

    def _read_pieces(self, follows: int, one: _Piece, other: _Piece) -> _Pair:
        """Find out what goes on from one token to the next, besides what does from one word to the next."""
        joined = one.text + other.text
        if one.begins_name and joined in self._whole_beginnings:
            follows |= _Follows.TOKENS
        # Of three words one typo leaves the first two but for the last letter, or the last two but for the first one.
        if (one.begins and joined[:-1] in self._beginnings) or (other.ends and joined[1:] in self._endings):
            follows |= _Follows.LONGER
        near = one.begins | other.ends | one.nearly_begins & other.nearly_ends
        is_near = len(joined) < len(self._about_as_long) and bool(near & self._about_as_long[len(joined)])
        sounds = bool(one.sounds_begin & other.sounds_end)
        rows = self._rows_like(joined, is_near, sounds) if is_near or sounds else 0
        if rows:
            return _Pair(follows, rows, self._rows_owning(joined), joined)
        return _Pair(follows) if follows else _NOTHING

    def _begins_name(self, words: Sequence[_Word]) -> bool:
        """Check whether the first of some words, alone or with those behind it, are a name without blanks."""
        joined = ""
        for word in words:
            joined += word.joined
            if joined not in self._whole_beginnings:
                return False
            if joined in self._whole or joined in self._prefixes or joined in self._index.identifiers:
                return True
        return False

    def _begins_syllables(self, words: Sequence[_Word]) -> bool:
        """Check whether the first of some words and those behind it are a Korean name with its blanks elsewhere."""
        first, *others = words
        if first.has_letters and not first.letters:
            return False
        letters, classes, is_split = first.letters, first.classes, first.is_split
        for word in others:
            if not word.letters and word.has_letters:
                return False
            classes += word.classes
            goes_on, is_skeleton = self._skeleton_of(classes)
            letters += word.letters
            if not goes_on or len(letters) > MAX_SYLLABIC:
                return False
            is_split = is_split and word.is_split
            if is_skeleton and not is_split and self._is_respaced(letters):
                return True
        return False

    def _is_respaced(self, letters: str) -> bool:
        """Check whether letters are the syllables of a Korean name, whatever blanks were between them."""
        fits = self._fits
        return bool(_KOREAN_LETTERS.fullmatch(letters)) and any(fits(way, TYPO_COST) for way in splits(letters))

    def _skeleton_of(self, classes: str) -> tuple[bool, bool]:
        """Check whether a Korean name begins with some consonants, and whether they are all that one has."""
        found = self._by_classes.get(classes)
        if found is None:
            if len(self._by_classes) >= MAX_REMEMBERED:
                self._by_classes.clear()
            skeleton = _folded(classes)
            found = skeleton.removesuffix("t") in self._skeleton_beginnings, skeleton in self._skeletons
            self._by_classes[classes] = found
        return found


def _spellings(raw: str) -> tuple[str, ...]:
    """List what a word can be: as it is, as a scanner can have read it, without a post or a ship's suffix behind."""
    bare = SHIP_SUFFIX.sub("", NATIVE_POSTS_END.sub("", raw))
    if bare == raw:
        return ocr_variants(raw)
    return tuple(dict.fromkeys([*ocr_variants(raw), *ocr_variants(bare)]))


def _quoted(text: str) -> str | None:
    """Give the text between two quotation marks around all of it, which are removed before it is compared."""
    if not text.startswith('"') or text.count('"') != 2 or not text.endswith('"'):
        return None
    return text[1:-1].strip()


def _is_unusual(text: str) -> bool:
    """Check whether a text is not plain, so that it passes unseen."""
    return bool(
        not _PLAIN.fullmatch(text)
        or _REPAIRED.search(text)
        or QUOTED_WITHIN.search(text)
        or SPACED.fullmatch(text.strip())
        or FIRST_NUMBER.match(text)
    )


def _calls_of(part: str, words: Sequence[_Word]) -> int:
    """Find out which tests of a whole text what is between two of its blanks calls for (`_Calls`)."""
    calls = 0
    if not _USUAL.fullmatch(part):
        calls |= _Calls.UNUSUAL
    if any(map(str.isdigit, part)):
        calls |= _Calls.DIGIT
    if "," in part:
        calls |= _Calls.COMMA
    bare = part.removesuffix(",")
    if not _UNSEPARATED.fullmatch(bare) or _SEPARATED.search(bare):
        calls |= _Calls.SEPARATOR
    # The words of a part of a text are read without the comma that ends it.
    if "," in part and words and tokenize(words[-1].raw.removesuffix(",")) != tokenize(words[-1].raw):
        calls |= _Calls.SEPARATOR
    if _DIVIDED_WITHIN.search(part) or _BRACKETS.search(part):
        calls |= _Calls.DIVIDED
    if _HANGUL.search(part):
        calls |= _Calls.HANGUL
    for word in words:
        calls |= _calls_of_word(word)
    return calls


def _calls_of_word(word: _Word) -> int:
    of_word = {
        _Calls.PASSES: word.passes,
        _Calls.OWN_SPELLING: bool(word.systems),
        _Calls.NO_LETTER: not word.has_letters,
        _Calls.NO_PIECE: not word.spelled,
        _Calls.PIECES: len(word.spelled) > 1,
        _Calls.FREE: any(piece.is_free for piece in word.spelled),
        _Calls.TOKEN: bool(word.tokens or word.own or word.completed),
        _Calls.NAME: word.is_name,
        _Calls.NOT_SPLIT: not word.is_split,
        _Calls.ASIDE: word.is_set_aside,
        _Calls.PHRASE: bool(word.phrases),
    }
    return sum(call for call, is_called in of_word.items() if is_called)


def _orders(words: list[_Word], calls: int) -> list[list[_Word]]:
    """List the orders that words are looked at in: behind each of them a text with a comma can begin anew."""
    if not calls & _Calls.COMMA:
        return [words]
    return [[*words[place:], *words[:place]] for place in range(len(words))]


@lru_cache(maxsize=1)
def _rest_of_phrases() -> Mapping[str, frozenset[tuple[str, ...]]]:
    """Map the first word of each phrase that is no part of a name to the words that follow it."""
    found: dict[str, set[tuple[str, ...]]] = {}
    for first, *rest in set_aside():
        found.setdefault(first, set()).add(tuple(rest))
    return {first: frozenset(rests) for first, rests in found.items()}


@lru_cache(maxsize=1)
def _aside_words() -> frozenset[str]:
    """Collect the words that phrases consist of which are no part of a name."""
    return frozenset(word for phrase in set_aside() for word in phrase) | CONNECTING | _NUMBER_SIGNS | VOYAGE_LABELS


_NUMBER_SIGNS = frozenset(["no", "nr", "number"])


def _parted(text: str) -> Iterator[str]:
    """Yield a text with blanks where signs alone divide it, and without what is in brackets, if these are others.

    Names are looked for in each part of Meyer/Kim Yong Chol, and in what is around the brackets of Ryong (Mr) Bong.
    """
    for other in (_DIVIDED_WITHIN.sub(r"\g<0> ", text), _BRACKETED.sub(" ", text)):
        if other != text and any(map(str.isalnum, other)):
            yield other


def _divided(tokens: Sequence[_Token]) -> list[list[int]]:
    """List the places of the tokens between each two breaks."""
    found: list[list[int]] = [[]]
    for place, token in enumerate(tokens):
        if token is _BREAK:
            found.append([])
        elif token.text:
            found[-1].append(place)
    return [places for places in found if places]


def _in_pinyin(words: Sequence[_Word]) -> Iterator[Sequence[_Word]]:
    """Yield two or three neighbouring words that can be a Korean name in Hanyu Pinyin."""
    for place, (one, other) in enumerate(pairwise(words)):
        first, following, *_ = one.pinyin
        if first & other.pinyin[1] or other.pinyin[0] & following:
            yield words[place : place + 2]
        if (rest := first & other.pinyin[2]) and place + 2 < len(words) and rest & words[place + 2].pinyin[3]:
            yield words[place : place + 3]


def _in_orthography(words: Sequence[_Word]) -> Iterator[Sequence[_Word]]:
    """Yield neighbouring words that an orthography can read, of which one has a spelling of its own."""
    for system in {system for word in words for system in word.systems}:
        begin = 0
        for place, word in enumerate(words):
            if not can_read(system, word.raw):
                begin = place + 1
                continue
            for start in range(max(begin, place + 1 - MAX_SCRIPT_WORDS), place + 1):
                if any(system in one.systems for one in words[start : place + 1]):
                    yield words[start : place + 1]


def _stretches(words: Sequence[_Word], most: int = MAX_WORDS) -> Iterator[Sequence[_Word]]:
    for start in range(len(words)):
        for end in range(start + 1, min(start + most, len(words)) + 1):
            yield words[start:end]


def _own_readings(unit: Unit) -> tuple[Reading, ...]:
    return () if isinstance(unit, str) else tuple(unit.readings)


def _strip(text: str) -> str:
    return text.strip(" ,;:.()[]{}/&")


def _counted(words: Iterable[tuple[int, int, int, int]]) -> tuple[int, int, int, int]:
    """Count syllables over words: the names of which at least one, two, three and four are covered."""
    one = two = three = four = 0
    for first, second, third, fourth in words:
        four |= fourth | one & third | two & second | three & first
        three |= third | one & second | two & first
        two |= second | one & first
        one |= first
    return one, two, three, four


def _beginnings(words: Sequence[str]) -> dict[str, int]:
    """Map each beginning of some words, the whole word and nothing among them, to those words as a bit set."""
    found: dict[str, int] = {}
    for number, word in enumerate(words):
        for end in range(len(word) + 1):
            found[word[:end]] = found.get(word[:end], 0) | 1 << number
    return found


def _endings(words: Sequence[str]) -> dict[str, int]:
    """Map each ending of some words, the whole word and nothing among them, to those words as a bit set."""
    found: dict[str, int] = {}
    for number, word in enumerate(words):
        for start in range(len(word) + 1):
            found[word[start:]] = found.get(word[start:], 0) | 1 << number
    return found


def _about_as_long(words: Sequence[str]) -> list[int]:
    """List for each length the words, as a bit set, that are as long but for one letter."""
    found = [0] * (max(map(len, words), default=0) + 2)
    for number, word in enumerate(words):
        for length in (len(word) - 1, len(word), len(word) + 1):
            found[length] |= 1 << number
    return found


def _each_bit(bits: int) -> Iterator[int]:
    while bits:
        yield bits & -bits
        bits &= bits - 1


def _bits(numbers: Iterable[int]) -> int:
    found = 0
    for number in numbers:
        found |= 1 << number
    return found


def _need(tokens: Sequence[str], least: float) -> int:
    """Count the tokens of a name, the weightiest first, without which it cannot reach a score (twice what agrees).

    Legal forms and the country are taken to agree: they are in too many names to be counted.
    """
    weights = token_weights(tokens, is_listed=True)
    telling = sorted((one for token, one in zip(tokens, weights, strict=True) if not _is_free(token)), reverse=True)
    matched = sum(weights) - sum(telling)
    wanted = least / (2 - least) * sum(weights) - 1e-6
    for number, one in enumerate(telling):
        if matched >= wanted:
            return number
        matched += one
    return len(telling)


def _is_free(token: str) -> bool:
    return weight(token) <= LEGAL_TOKEN_WEIGHT


_CONSONANTS = str.maketrans(
    {
        **dict.fromkeys("aeiouywhxŏŭ'", ""),
        "g": "k",
        "q": "k",
        "d": "t",
        "b": "p",
        "f": "p",
        "v": "p",
        "l": "r",
        "c": "j",
    }
    | {"z": "j"}
)
_CONSONANTS_AND_VOWELS = _CONSONANTS | {ord(letter): "V" for letter in "aeiouywhxŏŭ"}
_DOUBLED = re.compile(r"(.)\1+")


def _flat(word: str) -> str:
    """Fold a word to its consonants by class: two words whose syllables agree in sound have the same."""
    return _consonants(word).lstrip("rn")


def _consonants(word: str) -> str:
    """Fold a word to its consonants by class, and a V for the vowels between two of them."""
    return _folded(word.translate(_CONSONANTS_AND_VOWELS))


def _skeleton(word: str) -> str:
    """Fold a word to its consonants by class, without those that come and go at the beginning of a syllable."""
    return _folded(_classes(word))


def _classes(word: str) -> str:
    """Write the classes of the consonants of a word, without those that come and go at the beginning of a syllable."""
    return word.translate(_CONSONANTS).translate(_SOFT)


@lru_cache(maxsize=CACHED)
def _folded(classes: str) -> str:
    """Fold classes of consonants: doubled ones become one, and so do a t before a j or an s."""
    return _DOUBLED.sub(r"\1", classes.replace("tj", "j").replace("ts", "j"))


_SOFT = str.maketrans("", "", "rn")
