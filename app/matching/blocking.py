"""Blocking: texts that cannot be a listed name are rejected by what their words can contribute to one.

Each word of a text is looked at once, whatever text it is in, and remembered: which listed Korean names have a syllable
that it can spell, and which other listed names have a token like it. Bit sets of names are then counted over the words
of a text. A text passes if for some name enough of its syllables, or of its tokens, are there, in whatever order; or if
words run together are. Whatever is not plain (other scripts, numbers, signs that are repaired) passes unseen.

Nothing is lost: every condition is necessary for the score asked for, given how `app.matching.index` scores. What
passes is scored in full there.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, chain, product

from app.fields.text import fold
from app.matching.bodies import english_wordings, known_words
from app.matching.index import MIN_TRUNCATED, Index
from app.matching.query import (
    LEGAL_TOKEN_WEIGHT,
    Unit,
    identifiers,
    split_words,
    strip_separators,
    syllable_parts,
    wordings,
)
from app.matching.romanization import splits
from app.matching.scripts import syllable_readings as script_readings
from app.matching.segments import MIN_NUMBER_DIGITS, NATIVE_POSTS_END, SHIP_SUFFIX, repair, segment
from app.matching.tokens import correctable, deletion_variants, ocr_variants, token_weights, tokenize, weight
from app.matching.vocabulary import STATE_CODES, set_aside

MAX_WORDS = 30
"""Words from which on a text passes: it is searched for names within it."""
MAX_JOINED = 5
"""Most words that are tried run together."""
MAX_IN_ORDER = 8
"""Most words that are tried as a Korean name in their order; a text with more passes."""
MIN_HALVES = 9
"""Letters from which on no single typo changes both the first three and the last three."""
MAX_REMEMBERED = 100_000
"""Words that are remembered; then all are forgotten."""
_MAX_NEED = 4

_PLAIN = re.compile(r"[A-Za-z0-9À-ÖØ-öø-ſŏŭ가-힣 \t\n.,'’?()\-/:;&\[\]\"!#+]*")
_REPAIRED = re.compile(r"&#?\w+;|[ÃâÂ][^A-Za-z ]|[^\W\d_]\?[^\W\d_]")
_MIN_DIGITS = 4
_HANGUL = re.compile("[가-힣]")
_BIC_LENGTHS = (8, 11)
_BLANK = re.compile(r"[\s-]+")
_APART = re.compile(r"[,;()\[\]/]|\s-\s")
_SEPARATED = re.compile(
    r"(?i)[,;|(){}\[\]/&\n\t+:]|\s[-–—]|[-–—]\s|\b(?:aka|a\.k|fka|nka|dba|alias|known|formerly|previously|ex|now|"
    r"or|and|und|et|y|otherwise|renamed|trading as|born)\b"
)
"""What parts of a text can be set apart by: each can then be a name of its own."""
_REFERENCE = re.compile(r"(?i)kp[a-z]?\W*\d*\W*")
_KOREAN_LETTERS = re.compile(r"[kgntdrlmpbsjchx']{0,3}(?:[aeiouwyŏŭ]{1,4}[kgntdrlmpbsjchx']{0,5})+")


_BESIDE = ("{}", "Li {}")
"""What is put beside a word to find out whether it can be a part of a Korean name in some orthography."""


@dataclass(frozen=True, slots=True)
class _Word:
    """What a word can contribute to a listed name.

    Attributes:
        passes: whether a text with it passes, whatever else is in it.
        syllables: the Korean names, as bit sets, that have one, two, three or four syllables which it can spell.
        tokens: for each of its tokens the rows, as a bit set, that have a token like it.
        own: for each of its tokens the rows of bodies that have it as a word of their own.
        completed: the rows that have a token which it is the beginning of.
        spelled: its tokens.
        joined: its letters and digits.
        ways: each way in which it can be Korean syllables.
        is_set_aside: whether it begins a phrase that is no part of a name, or can be a post in Hangul.
        can_be_aside: whether it can be a word that is no part of a name.
        has_variants: whether it can be spelled otherwise than it is.
        is_split: whether each of its parts is Korean syllables as it is.
        letters: its letters, with the apostrophes within.
        has_script: whether it can be Korean in an orthography other than the English one.
    """

    passes: bool
    syllables: tuple[int, int, int, int] = (0, 0, 0, 0)
    tokens: tuple[int, ...] = ()
    own: tuple[int, ...] = ()
    completed: int = 0
    spelled: tuple[str, ...] = ()
    joined: str = ""
    ways: tuple[tuple[str, ...], ...] = ()
    is_set_aside: bool = False
    can_be_aside: bool = False
    has_variants: bool = False
    letters: str = ""
    is_split: bool = True
    has_script: bool = False


@dataclass(frozen=True, slots=True)
class _Token:
    """A token of a text, what it costs where a name has none like it, and the rows that have, as a bit set."""

    text: str
    cost: float
    rows: int


class Blocker:
    """Rejects texts that cannot reach a score with any name of an index.

    Args:
        index: the names.
        least: the score.
    """

    def __init__(self, index: Index, least: float) -> None:
        self._index, self._least = index, least
        self._words: dict[str, _Word] = {}
        self._joins: dict[str, int] = {}
        self._alike: dict[str, int] = {}
        self._offsets: dict[int, int] = {}
        self._of_length: dict[int, int] = {}
        at = 0
        for length, size in index.syllables.sizes().items():
            self._offsets[length] = at
            self._of_length[length] = ((1 << size) - 1) << at
            at += size
        self._everyone = (1 << at) - 1
        tokens = index.tokens.rows_by_token
        self._rows_of = {token: _bits(numbers) for token, numbers in tokens.items()}
        self._needing, self._own_needing = [0] * (_MAX_NEED + 1), [0] * (_MAX_NEED + 1)
        self._own_rows_of: dict[str, int] = {}
        self._keyed = {token: _bits(numbers) for token, numbers in index.tokens.keyed.items()}
        self._weights: list[list[float]] = []
        for number, row in enumerate(index.tokens.all_rows):
            self._needing[min(_need(row.tokens, least), _MAX_NEED)] |= 1 << number
            self._weights.append(_cumulative(row.tokens))
            if row.is_body and row.own:
                self._own_needing[min(len(row.own), _MAX_NEED)] |= 1 << number
                for token in row.own:
                    self._own_rows_of[token] = self._own_rows_of.get(token, 0) | 1 << number
        self._every_row = sum(self._needing)
        self._flat = {_flat(token) for token in tokens}
        self._near = {variant for token in (*tokens, *correctable()) for variant in deletion_variants(token)}
        self._starts = {token[:3] for token in (*tokens, *correctable())}
        self._ends = {token[-3:] for token in (*tokens, *correctable())}
        self._skeletons = {
            _skeleton("".join(order)) for way in index.syllables.spelled() for order in (way, (*way[1:], way[0]))
        }
        self._whole = index.run_together()
        self._prefixes = {joined[:end] for joined in self._whole for end in range(MIN_TRUNCATED, len(joined))}

    def may_match(self, text: str) -> bool:
        """Check whether a text can reach the score with any name; False only where none can."""
        if not _PLAIN.fullmatch(text) or _REPAIRED.search(text):
            return True
        if sum(map(str.isdigit, text)) >= _MIN_DIGITS and not self._index.identifiers.keys().isdisjoint(
            identifiers(text)
        ):
            return True
        raw = _BLANK.split(text.strip(" -"))
        if not 0 < len(raw) <= MAX_WORDS:
            return True
        words = [self._word(one) for one in raw]
        if any(word.passes for word in words):
            return True
        return (
            (any(word.has_script for word in words) and self._has_script(text))
            or self._has_syllables(words, "," in text)
            or self._has_tokens(words, text)
            or self._is_run_together(words, "," in text)
        )

    def set_aside(self, text: str) -> tuple[tuple[str, str], ...]:
        """List the words of a rejected text that are no part of a name, each with what it is."""
        words = [self._word(raw) for raw in _BLANK.split(text.strip(" -"))]
        if not any(word.is_set_aside for word in words) and sum(map(str.isdigit, text)) < MIN_NUMBER_DIGITS:
            return ()
        return segment(repair(text)).set_aside

    # Words

    def _word(self, raw: str) -> _Word:
        found = self._words.get(raw)
        if found is None:
            if len(self._words) >= MAX_REMEMBERED:
                self._words.clear()
            found = self._words[raw] = self._read(raw)
        return found

    def _read(self, raw: str) -> _Word:
        bare = SHIP_SUFFIX.sub("", NATIVE_POSTS_END.sub("", raw))
        spellings, known = ocr_variants(raw), known_words()
        if bare != raw:
            spellings = tuple(dict.fromkeys([*spellings, *ocr_variants(bare)]))
        can_be_identifier = len(raw) in _BIC_LENGTHS or not raw.isalpha()
        if can_be_identifier and not self._index.identifiers.keys().isdisjoint(identifiers(raw)):
            return _Word(passes=True)
        if _REFERENCE.fullmatch(raw):
            return _Word(passes=True)
        if any(known.get(word, word) != word for word in fold(raw).split()) or english_wordings(raw):
            return _Word(passes=True)
        parts = [word for spelling in spellings for word in split_words(spelling)]
        # A word with a hyphen has the syllables of all of its parts.
        one, two, three, four = self._counted([self._covered(part) for part in dict.fromkeys(parts)])
        folded = re.split(r"[\W_]+", fold(raw))
        is_aside = not raw.isascii() or raw.strip(".,") in STATE_CODES or not _aside_words().isdisjoint(folded)
        worded = [wording for spelling in spellings for wording in wordings(spelling)]
        spelled = tuple(dict.fromkeys(token for spelling in (*spellings, *worded) for token in tokenize(spelling)))
        return _Word(
            passes=False,
            syllables=(one, two, three, four),
            tokens=tuple(rows for token in spelled if (rows := self._rows_alike(token))),
            own=tuple(rows for token in spelled if (rows := self._rows_owning(token))),
            completed=self._rows_completing(spelled),
            spelled=tokenize(raw),
            joined=strip_separators(raw),
            ways=self._ways(spellings),
            is_set_aside=bool(_HANGUL.search(raw))
            or raw.strip(".,") in STATE_CODES
            or not _first_words().isdisjoint(folded),
            can_be_aside=is_aside or len(raw) < 4,
            has_variants=len(spellings) > 1 or bool(worded),
            is_split=all(splits(part) for part in split_words(raw)),
            letters="".join(split_words(raw)),
            has_script=any(script_readings(beside.format(raw)) for beside in _BESIDE),
        )

    def _ways(self, spellings: Sequence[str]) -> tuple[tuple[str, ...], ...]:
        """List the ways in which a word can be Korean syllables: those of its parts, one after another."""
        found: dict[tuple[str, ...], None] = {}
        for spelling in spellings:
            parts = [syllable_parts(part) for part in split_words(spelling)]
            if len(parts) <= 4:
                found |= dict.fromkeys(sum(way, ()) for way in product(*parts))
        return tuple(way for way in found if 0 < len(way) <= 4 and all(map(self._names_with, way)))

    def _covered(self, part: str) -> tuple[int, int, int, int]:
        """Find the Korean names that have as many syllables as one to four which a part of a word can spell."""
        found = [0, 0, 0, 0]
        for way in syllable_parts(part):
            if len(way) <= 4:
                agreeing = self._everyone
                for unit in way:
                    agreeing &= self._names_with(unit)
                for place in range(len(way)):
                    found[place] |= agreeing
        return found[0], found[1], found[2], found[3]

    def _names_with(self, unit: Unit) -> int:
        found = 0
        for length, bits in self._index.syllables.sequences_with(unit, 1 - self._least + 1e-6).items():
            found |= bits << self._offsets[length]
        return found

    def _rows_alike(self, token: str) -> int:
        found = self._alike.get(token)
        if found is None:
            if len(self._alike) >= MAX_REMEMBERED:
                self._alike.clear()
            found = self._alike[token] = self._find_rows_alike(token)
        return found

    def _find_rows_alike(self, token: str) -> int:
        tokens = self._index.tokens
        meant = {token, tokens.meant(token)} - {""}
        alike = {other for one in meant if not _is_free(one) for other in tokens.alike(one)}
        found = 0
        for other in alike:
            found |= self._rows_of[other]
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

    def _counted(self, words: Iterable[Sequence[int]]) -> list[int]:
        """Count syllables over words: the names of which at least one, two, three and four are covered."""
        levels = [0, 0, 0, 0]
        for one in words:
            before = levels.copy()
            for place in range(4):
                found = before[place] | one[place]
                for earlier in range(place):
                    found |= before[earlier] & one[place - earlier - 1]
                levels[place] = found
        return levels

    def _has_syllables(self, words: Sequence[_Word], has_comma: bool) -> bool:
        levels = self._counted(word.syllables for word in words)
        if not any(levels[min(length, 4) - 1] & bits for length, bits in self._of_length.items()):
            return False
        spelling = [word for word in words if word.ways]
        if len(spelling) > MAX_IN_ORDER:
            return True
        orders = [spelling]
        if has_comma:
            orders += [[*spelling[place:], *spelling[:place]] for place in range(1, len(spelling))]
        return any(
            self._fits(sum(ways, ()))
            for order in orders
            for stretch in _stretches(order)
            if len(stretch) <= 4
            for ways in product(*(word.ways for word in stretch))
        )

    def _fits(self, way: tuple[Unit, ...]) -> bool:
        """Check whether some Korean name has these syllables in this order, or with the last one as the family name."""
        syllables = self._index.syllables
        return 2 <= len(way) <= 4 and (syllables.has(way) or syllables.has((way[-1], *way[:-1])))

    def _has_script(self, text: str) -> bool:
        """Check whether a text, or a part of it, is a Korean name in an orthography other than the English one."""
        parts = [part for part in map(str.strip, _APART.split(text)) if part]
        turned = [" ".join([*parts[place:], *parts[:place]]) for place in range(1, len(parts))]
        return any(
            self._fits(reading.syllables) for part in {text, *parts, *turned} for reading in script_readings(part)
        )

    def _has_tokens(self, words: Sequence[_Word], text: str) -> bool:
        """Check whether the words have enough tokens of a row, or all that are a body's own."""
        alike = [rows for word in words for rows in word.tokens]
        own = [rows for word in words for rows in word.own]
        joined = []
        if not text.isascii():
            joined += [self._rows_alike(token) for wording in wordings(text) for token in tokenize(wording)]
        for window in _windows([token for word in words for token in word.spelled]):
            if rows := self._rows_joined(window):
                joined.append(rows)
                own.append(self._rows_owning(window))
        if len(text) >= MIN_TRUNCATED:
            joined += [word.completed for word in words if word.completed]
            own += [word.completed for word in words if word.completed]
        if self._reaches(own, self._own_needing):
            return True
        found = self._reaches(alike + joined, self._needing)
        if not found or found & self._keyed_in(words):
            return bool(found)
        parts = [self._tokens_of(part) for part in _SEPARATED.split(text) if part.strip(" -")]
        ranges = [
            list(chain.from_iterable(parts[start:end]))
            for start in range(len(parts))
            for end in range(start + 1, len(parts) + 1)
        ]
        ranges += [[*parts[place + 1], *parts[place]] for place in range(len(parts) - 1)]
        extra = joined if len(text) >= MIN_TRUNCATED or not text.isascii() else []
        if any(rows & found for rows in extra):
            return True
        return any(self._can_be(row, tokens) for tokens in ranges for row in _each_bit(found))

    def _tokens_of(self, part: str) -> list[_Token]:
        """List the tokens of a part of a text; those of a word that can be spelled otherwise cost nothing."""
        found: list[_Token] = []
        words = [self._word(raw) for raw in _BLANK.split(part.strip(" -"))]
        costs = iter(token_weights([token for word in words for token in word.spelled], is_listed=False))
        for word in words:
            for token in word.spelled:
                cost = next(costs)
                found.append(
                    _Token(
                        token,
                        0.0 if word.can_be_aside or word.has_variants or _is_free(token) else cost,
                        self._rows_alike(token),
                    )
                )
            if len(word.tokens) and word.has_variants:
                found += [_Token("", 0.0, rows) for rows in word.tokens]
        return found

    def _can_be(self, row: int, tokens: Sequence[_Token]) -> bool:
        """Check whether some tokens, and no others, can reach the score with a name: it bounds what agrees.

        Args:
            row: the bit of the name.
            tokens: the tokens of a part of a text.
        """
        covered = [bool(token.rows & row) for token in tokens]
        number = sum(covered)
        for start in range(len(tokens)):
            for end in range(start + 2, min(start + MAX_JOINED, len(tokens)) + 1):
                if self._rows_joined("".join(token.text for token in tokens[start:end])) & row:
                    covered[start:end] = [True] * (end - start)
                    number += 1
        unmatched = sum(token.cost for token, is_covered in zip(tokens, covered, strict=True) if not is_covered)
        weights = self._weights[row.bit_length() - 1]
        matched = weights[min(number, len(weights) - 1)]
        return 2 * matched >= self._least * (weights[-1] + matched + unmatched) - 1e-6

    def _keyed_in(self, words: Sequence[_Word]) -> int:
        """Find the rows of which a word is one that they are looked for by within a longer text."""
        found = 0
        for word in words:
            for token in word.spelled:
                if not _is_free(token) and self._rows_alike(token):
                    for other in self._index.tokens.alike(token):
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

    def _rows_joined(self, joined: str) -> int:
        """Find the rows that have a token like some tokens run together."""
        if joined not in self._joins:
            if _flat(joined) not in self._flat and not self._is_near_token(joined):
                return 0
            if len(self._joins) >= MAX_REMEMBERED:
                self._joins.clear()
            self._joins[joined] = self._rows_alike(joined)
        return self._joins[joined]

    def _is_near_token(self, joined: str) -> bool:
        """Check whether a word is a token, or one typo off, which leaves the first or last three of a long one."""
        if len(joined) >= MIN_HALVES and joined[:3] not in self._starts and joined[-3:] not in self._ends:
            return False
        return not self._near.isdisjoint(deletion_variants(joined))

    def _is_run_together(self, words: Sequence[_Word], has_comma: bool) -> bool:
        """Check whether words run together are a listed name, or Korean syllables that none of them alone is."""
        orders = [words]
        if has_comma:
            orders += [[*words[place:], *words[:place]] for place in range(1, len(words))]
        for order in orders:
            for window in _stretches(order):
                joined, letters = "".join(word.joined for word in window), "".join(word.letters for word in window)
                if joined in self._whole or joined in self._prefixes or joined in self._index.identifiers:
                    return True
                if (
                    len(window) > 1
                    and not all(word.is_split for word in window)
                    and len(letters) <= 28
                    and _KOREAN_LETTERS.fullmatch(letters)
                    and _skeleton(letters) in self._skeletons
                    and any(map(self._fits, splits(letters)))
                ):
                    return True
            for tokens in _windows([token for word in order for token in word.spelled if not _is_free(token)]):
                if tokens in self._whole:
                    return True
        return False


@lru_cache(maxsize=1)
def _first_words() -> frozenset[str]:
    return frozenset(phrase[0] for phrase in set_aside())


@lru_cache(maxsize=1)
def _aside_words() -> frozenset[str]:
    """Collect the words that phrases consist of which are no part of a name."""
    return frozenset(word for phrase in set_aside() for word in phrase)


def _stretches(words: Sequence[_Word]) -> Iterator[Sequence[_Word]]:
    for start in range(len(words)):
        for end in range(start + 1, len(words) + 1):
            yield words[start:end]


def _windows(tokens: Sequence[str]) -> Iterator[str]:
    for start in range(len(tokens)):
        for end in range(start + 2, min(start + MAX_JOINED, len(tokens)) + 1):
            yield "".join(tokens[start:end])


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


def _cumulative(tokens: Sequence[str]) -> list[float]:
    """Give the most weight that agrees where none, one, two and so on of the tokens of a name do, and all."""
    weights = token_weights(tokens, is_listed=True)
    telling = sorted((one for token, one in zip(tokens, weights, strict=True) if not _is_free(token)), reverse=True)
    return list(accumulate(telling, initial=sum(weights) - sum(telling)))


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
_DOUBLED = re.compile(r"(.)\1+")


def _flat(word: str) -> str:
    """Fold a word to its consonants by class: two words whose syllables agree in sound have the same."""
    return _DOUBLED.sub(r"\1", word.translate(_CONSONANTS).replace("tj", "j").replace("ts", "j")).lstrip("rn")


def _skeleton(word: str) -> str:
    """Fold a word to its consonants by class, without those that come and go at the beginning of a syllable."""
    return _DOUBLED.sub(r"\1", word.translate(_CONSONANTS).translate(_SOFT).replace("tj", "j").replace("ts", "j"))


_SOFT = str.maketrans("", "", "rn")
