"""Words read once, whatever text they are in: what each can contribute to a listed name."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, count, product

from app.fields.text import fold
from app.matching.blocking.bitsets import bits_of, count_syllables, map_beginnings, map_endings, words_about_as_long
from app.matching.blocking.consonants import (
    classes_of,
    consonant_skeleton,
    consonants_of,
    flat_consonants,
    sounds_of,
)
from app.matching.blocking.words import Pair, Piece, Typed, Word, aside_words, calls_of, rest_of_phrases, spellings_of
from app.matching.bodies import english_wordings, known_words
from app.matching.index import MIN_TRUNCATED, Index, can_be_short_form, unit_text
from app.matching.query import (
    LEGAL_TOKEN_WEIGHT,
    Unit,
    identifiers,
    split_words,
    strip_separators,
    syllable_parts,
    wordings,
)
from app.matching.romanization import Reading, splits
from app.matching.scripts import own_systems, pinyin_units
from app.matching.segments import (
    NATIVE_POST,
    VOYAGE,
    VOYAGE_LABELS,
)
from app.matching.tokens import correctable, deletion_variants, token_weights, tokenize, weight
from app.matching.vocabulary import STATE_CODES

MAX_REMEMBERED = 100_000
"""Words that are remembered; then all are forgotten."""
_MAX_NEED = 4
_BIC_LENGTHS = (8, 11)
_REFERENCE = re.compile(r"(?i)kp[a-z]?\W*\d*\W*")
_LETTERS = re.compile("[kgntdrlmpbsjchxaeiouwyŏŭ']+")
_NO_WORD = re.compile(r"[\W_]+")
_MONTH = re.compile(r"(?i)(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[.,]*")


class WordReader:
    """Reads words, each once: what it can contribute to a name of an index, and remembers it.

    Args:
        index: the names.
        least: the score that a name is to reach.
    """

    def __init__(self, index: Index, least: float) -> None:
        self._index, self._least = index, least
        self._words: dict[str, Word] = {}
        self._typed: dict[str, Typed] = {}
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
        self._rows_of = {token: bits_of(numbers) for token, numbers in tokens.items()}
        needing, own_needing = ([list[int]() for _ in range(_MAX_NEED + 1)] for _ in range(2))
        owning: dict[str, list[int]] = defaultdict(list)
        self._keyed = {token: bits_of(numbers) for token, numbers in index.tokens.keyed.items()}
        for number, row in enumerate(index.tokens.all_rows):
            needing[min(_need(row.tokens, least), _MAX_NEED)].append(number)
            if can_be_short_form(row):
                own_needing[min(len(row.own), _MAX_NEED)].append(number)
                for token in row.own:
                    owning[token].append(number)
        self._needing, self._own_needing = [*map(bits_of, needing)], [*map(bits_of, own_needing)]
        self._own_rows_of = {token: bits_of(numbers) for token, numbers in owning.items()}
        words = tuple(dict.fromkeys((*tokens, *correctable())))
        self._rows_sounding: dict[str, int] = {}
        for token, rows in self._rows_of.items():
            flat = flat_consonants(token)
            self._rows_sounding[flat] = self._rows_sounding.get(flat, 0) | rows
        self._rows_near: dict[str, int] = {}
        for word in words:
            rows = self._rows_of.get(word) or self._rows_alike(index.tokens.meant(word))
            for variant in deletion_variants(word):
                near = self._rows_near.get(variant)
                # Most variants are of one word, whose set they share.
                self._rows_near[variant] = rows if near is None else near | rows
        # A word that a token is the plural of is looked for in its plural too.
        spelled = (*words, *(f"{word}es" for word in words))
        self._beginnings, self._endings = map_beginnings(spelled), map_endings(spelled)
        self._about_as_long = words_about_as_long(spelled)
        self._flat_beginnings = map_beginnings(tuple(self._rows_sounding))
        self._flat_endings = map_endings(tuple(self._rows_sounding))
        self._skeletons = {
            consonant_skeleton("".join(order))
            for way in index.syllables.spelled()
            for order in (way, (*way[1:], way[0]))
        }
        self._skeleton_beginnings = {one[:end] for one in self._skeletons for end in range(len(one) + 1)}
        self._whole = index.run_together()
        self._prefixes = {joined[:end] for joined in self._whole for end in range(MIN_TRUNCATED, len(joined))}
        letters = (*self._whole, *index.identifiers)
        self._whole_beginnings = {joined[:end] for joined in letters for end in range(len(joined) + 1)}
        codes = [one for one in index.identifiers if not any(map(str.isdigit, one))]
        self._shortest_code = min(map(len, codes), default=0)
        self._pieces: dict[str, Piece] = {}
        self._numbers = count()
        self._pairs: dict[int, Pair] = {}
        self._by_classes: dict[str, tuple[bool, bool]] = {}

    def _has_identifier(self, text: str) -> bool:
        return not self._index.identifiers.keys().isdisjoint(identifiers(text))

    def _read_typed(self, part: str) -> Typed:
        """Read what is between two blanks, and remember it."""
        if len(self._typed) >= MAX_REMEMBERED:
            self._typed.clear()
        words = tuple(map(self._word, part.replace("-", " ").split()))
        found = self._typed[part] = Typed(words, calls_of(part, words))
        return found

    def _word(self, raw: str) -> Word:
        found = self._words.get(raw)
        if found is None:
            if len(self._words) >= MAX_REMEMBERED:
                self._words.clear()
            found = self._words[raw] = self._read(raw)
        return found

    def _read(self, raw: str) -> Word:
        known, folded = known_words(), fold(raw).split()
        is_long = len(raw) >= self._shortest_code or any(map(str.isdigit, raw))
        if is_long and (len(raw) in _BIC_LENGTHS or not raw.isalpha()) and self._has_identifier(raw):
            return Word(passes=True)
        if _REFERENCE.fullmatch(raw):
            return Word(passes=True)
        # English is reworded only where a word is known by another one.
        if any(known.get(word, word) != word for word in folded) or (not raw.isascii() and english_wordings(raw)):
            return Word(passes=True)
        spellings, own_parts = spellings_of(raw), split_words(raw)
        # A word with a hyphen has the syllables of all of its parts.
        parts = dict.fromkeys(chain(own_parts, *map(split_words, spellings[1:])))
        syllables = count_syllables([self._covered(part) for part in parts])
        is_aside = not raw.isascii() or raw.strip(".,") in STATE_CODES or not aside_words().isdisjoint(folded)
        reworded = spellings[1:] if raw.isascii() else spellings
        worded = [wording for spelling in reworded for wording in wordings(spelling)]
        meant = tuple(dict.fromkeys(token for spelling in (*spellings, *worded) for token in tokenize(spelling)))
        letters = "".join(own_parts)
        skeleton, joined = consonant_skeleton(letters), strip_separators(raw)
        return Word(
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
            or any(() in rest_of_phrases().get(word, ()) for word in folded),
            phrases=frozenset().union(*(rest_of_phrases().get(word, ()) for word in folded)) - {()},
            folded=tuple(folded),
            can_be_aside=is_aside or len(joined) < 2 or any(map(str.isdigit, raw)) or bool(_MONTH.fullmatch(raw)),
            has_variants=len(spellings) > 1 or bool(worded),
            is_split=all(map(splits, own_parts)),
            letters=letters if _LETTERS.fullmatch(letters) else "",
            begins_name=joined in self._whole_beginnings,
            is_name=joined in self._whole or joined in self._prefixes or joined in self._index.identifiers,
            begins_syllables=skeleton.removesuffix("t") in self._skeleton_beginnings,
            classes=classes_of(letters),
            pinyin=self._in_pinyin(raw.lower()),
            number=next(self._numbers),
            systems=own_systems(raw),
            has_letters=any(map(str.isalpha, raw)),
        )

    def _piece(self, token: str) -> Piece:
        """Find out where in a token of the index a token can be if it is run together with others."""
        found = self._pieces.get(token)
        if found is None:
            if len(self._pieces) >= MAX_REMEMBERED:
                self._pieces.clear()
            unstripped = consonants_of(token)
            flat = unstripped.lstrip("rn")
            found = self._pieces[token] = Piece(
                token,
                is_free(token),
                token in self._whole_beginnings,
                self._beginnings.get(token, 0),
                self._endings.get(token, 0),
                self._beginnings.get(token[:-1], 0),
                self._endings.get(token[1:], 0),
                # The consonants t and j, or t and s, of two words become one.
                self._flat_beginnings.get(flat.removesuffix("t"), 0),
                self._flat_endings.get(unstripped[1:], 0),
                sounds_of(token),
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
            for spelling in spellings_of(raw):
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
                if not is_free(other):
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


def _need(tokens: Sequence[str], least: float) -> int:
    """Count the tokens of a name, the weightiest first, without which it cannot reach a score (twice what agrees).

    Legal forms and the country are taken to agree: they are in too many names to be counted.
    """
    weights = token_weights(tokens, is_listed=True)
    telling = sorted((one for token, one in zip(tokens, weights, strict=True) if not is_free(token)), reverse=True)
    matched = sum(weights) - sum(telling)
    wanted = least / (2 - least) * sum(weights) - 1e-6
    for number, one in enumerate(telling):
        if matched >= wanted:
            return number
        matched += one
    return len(telling)


def is_free(token: str) -> bool:
    """Check whether a token is a legal form or the country, which agree with any name."""
    return weight(token) <= LEGAL_TOKEN_WEIGHT


def _own_readings(unit: Unit) -> tuple[Reading, ...]:
    return () if isinstance(unit, str) else tuple(unit.readings)
