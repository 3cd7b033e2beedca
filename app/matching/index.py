"""Every name compared with a query: scored, and explained syllable by syllable or token by token.

A Korean name is a sequence of syllables and agrees where each of them does (`app.matching.romanization`). Any other
name is a set of tokens, weighted by how distinctive each is (`app.matching.tokens`). Identifiers are compared letter by
letter. Only names that share enough syllables or tokens with the query to reach the score asked for are scored; the
blocking loses none of them, as a property test holds.
"""

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import Any

from app.fields.text import CACHED
from app.matching.query import (
    NAME_ORDER_COST,
    TYPO_COST,
    Candidate,
    ParsedQuery,
    SyllableReading,
    Unit,
    joined_forms,
    normalize_identifier,
    parse,
    strip_separators,
    syllables,
    variants,
)
from app.matching.romanization import (
    GIVEN_READINGS,
    SURNAME_READINGS,
    Reading,
    Readings,
    agreement,
    block_of,
    initial_readings,
    is_common,
    is_hangul,
    readable,
    readings,
    splits,
    without_diacritics,
)
from app.matching.scripts import Syllable, prepare
from app.matching.segments import Segment
from app.matching.tokens import (
    COUNTRY,
    LEGAL,
    OTHER,
    ROMANISED,
    Similarity,
    corrected,
    deletion_variants,
    fold_romanized,
    is_own,
    similarity,
    token_weights,
    tokenize,
    weight,
)
from app.matching.typos import Typo, single_typo
from app.matching.vocabulary import GENERIC, KOREAN_KINDS, SHIP_KINDS, TITLE

MATCHER = "2"
"""Version of the matcher: it changes whenever a score can."""
THRESHOLD = 0.88
"""Default score from which on a name is a hit."""

DIFFERENT_COST = 0.5
"""Cost of a syllable that is another one."""
RESPACED_SCORE = 0.95
"""Score of two names that are the same letters with other blanks between them."""
TRUNCATED_SCORE = 0.92
"""Score of a name that a long query is the beginning of, as fields of 35 characters cut names."""
INITIALS_SCORE = 0.9
"""Score of the initials of four or more words of a body's name."""
SHORT_FORM_SCORE = 0.9
"""Score of the part of a body's name that is its own and of no other subject, such as Ryonbong."""
FOUND_WITHIN_COST = 0.03
"""Cost of a name found within a longer text, beside words that are no part of it and were not set aside."""
MIN_WINDOW_SCORE = 0.905
"""Score that a person's name within a longer text must pass: without a typo."""
MIN_REPORTED_SCORE = 0.5
"""Score below which no name is reported as the best below the threshold."""
OTHER_NUMBER = 0.6
"""Most that two names score whose numbers differ: MI RIM 2 is not MI RIM."""
MIN_TRUNCATED = 20
"""Letters that the beginning of a name has at least."""
MIN_ACRONYM = 3
"""Letters from which on the initials of a body's name, in capitals beside it, are its acronym."""
MIN_CUT_WORD = 3
"""Letters that are left at least of a word that was cut off: "to" is a word of its own."""
MIN_SHORT_FORM = 6
"""Letters that a short form of one word has at least."""
MAX_BELOW = 2000
"""Most names that are scored to report the best below the threshold; of more, only those that can be hits are."""
MAX_TOKENS = 16
"""Most tokens of a part of a query that is compared as a whole name; names within longer parts are looked for."""
MAX_WITHIN = 24
"""Most names that are looked for within a longer text."""
MAX_UNLIKE = 200
"""Most names of one other syllable that are scored for one reading, to report the best below the threshold."""
MAX_SYLLABLE_LETTERS = 8
"""Most letters of a syllable with a typo."""
MAX_MEMO = 16384
"""Most syllables and words of queries of which it is remembered which names they are in."""


class Kind(StrEnum):
    """Kind of text that a query is compared with."""

    NAME = "name"
    IDENTIFIER = "identifier"


class MatchType(StrEnum):
    """How a part of the query and a part of the name agree."""

    SAME = "same"
    SPELLING = "spelling"
    SLIP = "slip"
    DIFFERENT = "different"
    MISSING = "missing"


@dataclass(frozen=True)
class IndexedName:
    """A name or an identifier of the index.

    Attributes:
        subject: whose it is, as a number from 0 on.
        text: the name as its source prints it.
        kind: a name or an identifier.
        is_person: whether it is of an individual.
        is_body: whether it is of an entity: a firm, a bank, a ministry.
        about: further information of the caller.
    """

    subject: int
    text: str
    kind: Kind = Kind.NAME
    is_person: bool = False
    is_body: bool = False
    about: Any = None


@dataclass(frozen=True)
class Reason:
    """Why a part of the query and a part of the name agree or do not, and its part of the score."""

    query: str | None
    name: str | None
    agrees: MatchType
    why: str
    points: float = 0.0


@dataclass(frozen=True)
class Match:
    """A name compared with the query: its score from 0 to 1, why, and the part of the query that was compared."""

    score: float
    listed: IndexedName
    because: tuple[Reason, ...]
    segment: Segment | None = None


@dataclass(frozen=True, eq=False)
class _Row:
    """A listed name as tokens, in one of its variants.

    Attributes:
        name: number of the name.
        tokens: its tokens.
        own: those that are its own, and not generic.
        keys: those by which it is found within a longer text: its own, or all of four or more.
        is_body: whether it is of an entity.
        is_person: whether it is of an individual.
        weights: the weight of each token.
        total: the weight of all.
    """

    name: int
    tokens: tuple[str, ...]
    own: frozenset[str]
    keys: frozenset[str]
    is_body: bool
    is_person: bool
    weights: Mapping[str, float]
    total: float

    @property
    def is_generic(self) -> bool:
        """Whether other bodies can be called so too: no word is the name's own, or it is a short acronym."""
        return self.is_body and (not self.keys or (len(self.tokens) == 1 and len(self.tokens[0]) <= 4))

    @property
    def is_phrase(self) -> bool:
        """Whether it is common words with the State's name, enough of them to be one body's: KOREA UNITED TRADE BANK.

        So it is found within a longer text word for word.
        """
        is_long = len(self.tokens) > 3 and COUNTRY in self.tokens
        return self.is_body and not self.keys and is_long and not self.has_number

    @property
    def has_number(self) -> bool:
        return any(map(str.isdigit, self.tokens))


Scores = dict[int, float]
"""Score of each name that can reach the score asked for, by its number."""


def unit_readings(unit: Unit, place: int) -> Readings:
    """Read one syllable of a query: in the first two places by the initial-sound law too."""
    if isinstance(unit, Syllable):
        return unit.readings
    return initial_readings(unit, place == 0) if place < 2 else readings(unit)


def unit_text(unit: Unit) -> str:
    """Give a syllable of a query as it is spelled there."""
    return unit.text if isinstance(unit, Syllable) else unit


def slip(unit: str, other: str, place: int) -> Typo | None:
    """Classify the typo that makes a syllable of a query of one of a name, if it is one.

    Where a letter is missing or another, and the typed syllable is itself a common one of names in its place, it is
    another name, and no typo.

    Args:
        unit: the syllable of the query, in letters.
        other: the syllable of the name, in letters.
        place: which syllable of the name it is, from 0 on.
    """
    found = single_typo(without_diacritics(unit), without_diacritics(other))
    if found in (Typo.SWAP, Typo.DOUBLE, None):
        return found
    return None if is_common(readings(unit), SURNAME_READINGS if place == 0 else GIVEN_READINGS) else found


class _SyllableIndex:
    """Korean names as sequences of syllables, by bit sets: which names have a syllable in a place.

    A bit set is an int whose bit n is the nth sequence of its length. Sets of the names that agree with each
    syllable of a query are intersected, so that a query that is no listed name costs a few operations on ints.
    """

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}
        self._by_reading: dict[Reading, list[tuple[int, float]]] = defaultdict(list)
        self._by_variant: dict[str, list[str]] = defaultdict(list)
        self._names: dict[int, list[int]] = defaultdict(list)
        self._sequences: dict[int, list[tuple[int, ...]]] = defaultdict(list)
        self._bits: dict[tuple[int, int], dict[int, int]] = {}
        self._costs: dict[tuple[Unit, int], dict[int, float]] = {}
        self._sets: dict[tuple[Unit, int, int], int] = {}
        self._near_memo: dict[str, set[str]] = {}

    def add(self, name: int, way: Sequence[str]) -> None:
        """Add a name in one of the ways to split it into syllables."""
        for syllable in way:
            if syllable not in self._codes:
                code = self._codes[syllable] = len(self._codes)
                for reading, cost in readings(syllable).items():
                    self._by_reading[reading].append((code, cost))
                for variant in deletion_variants(without_diacritics(syllable)):
                    self._by_variant[variant].append(syllable)
        self._names[len(way)].append(name)
        self._sequences[len(way)].append(tuple(self._codes[syllable] for syllable in way))

    def close(self) -> None:
        """Build the bit sets, once every name is in."""
        for length, sequences in self._sequences.items():
            for place in range(length):
                found: dict[int, bytearray] = {}
                for number, codes in enumerate(sequences):
                    bits = found.setdefault(codes[place], bytearray((len(sequences) + 7) // 8))
                    bits[number >> 3] |= 1 << (number & 7)
                self._bits[length, place] = {code: int.from_bytes(bits, "little") for code, bits in found.items()}

    def spelled(self) -> set[tuple[str, ...]]:
        """Collect the sequences, each as its syllables are spelled."""
        names = list(self._codes)
        return {tuple(names[code] for code in codes) for found in self._sequences.values() for codes in found}

    def sizes(self) -> dict[int, int]:
        """Count the sequences of each length in syllables."""
        return {length: len(sequences) for length, sequences in self._sequences.items()}

    def sequences_with(self, unit: Unit, most: float, only: int | None = None) -> dict[int, int]:
        """Find the sequences of each length, as a bit set, that have in any place a syllable which agrees with one.

        Args:
            unit: the syllable.
            most: the most that agreeing may cost.
            only: the place, from 0 on, where alone it is looked for; None for all.
        """
        found: dict[int, int] = {}
        # From the third place on a syllable costs the same.
        agreeing = [
            [code for code, cost in self._costs_of(unit, place).items() if cost <= most]
            if only is None or min(only, 2) == place
            else []
            for place in range(3)
        ]
        if any(agreeing):
            for (length, place), bits in self._bits.items():
                if only in (None, place):
                    for code in agreeing[min(place, 2)]:
                        found[length] = found.get(length, 0) | bits.get(code, 0)
        return found

    def has(self, way: Sequence[Unit]) -> bool:
        """Check whether a name agrees with each syllable of a reading, whatever that costs."""
        length = len(way)
        if length not in self._sequences:
            return False
        found = -1
        for place, unit in enumerate(way):
            found &= self._set(unit, length, place)
        return bool(found)

    def scores(self, way: Sequence[Unit], order: float, floor: float) -> Iterator[tuple[int, float]]:
        """Yield the names that agree with a reading, each with its score, as far as it is at or above a floor."""
        length = len(way)
        if length not in self._sequences:
            return
        if floor <= 1 - DIFFERENT_COST:
            found = self._but_one([self._set(unit, length, place) for place, unit in enumerate(way)])
        else:
            found = -1
            for place, unit in enumerate(way):
                found &= self._set(unit, length, place)
                if not found:
                    return
        yield from self._scored(way, order, floor, found)

    def _but_one(self, sets: Sequence[int]) -> int:
        """Find the names that agree with all syllables, or with all but one."""
        found = 0
        for left_out in range(len(sets)):
            rest = -1
            for place, one in enumerate(sets):
                if place != left_out:
                    rest &= one
            found |= rest
        return found

    def _scored(self, way: Sequence[Unit], order: float, floor: float, found: int) -> Iterator[tuple[int, float]]:
        sequences, names = self._sequences[len(way)], self._names[len(way)]
        costs = [self._costs_of(unit, place) for place, unit in enumerate(way)]
        for _ in range(MAX_UNLIKE):
            if not found:
                return
            number = (found & -found).bit_length() - 1
            found &= found - 1
            cost = order + sum(
                own.get(code, DIFFERENT_COST) for own, code in zip(costs, sequences[number], strict=True)
            )
            if 1 - cost >= floor - 1e-9:
                yield names[number], 1 - cost

    def cost(self, way: Sequence[Unit], own: Sequence[str]) -> float:
        """Sum what the syllables of a reading cost against those of a name of the index."""
        return sum(
            self._costs_of(unit, place).get(self._codes[other], DIFFERENT_COST)
            for place, (unit, other) in enumerate(zip(way, own, strict=True))
        )

    def _set(self, unit: Unit, length: int, place: int) -> int:
        key = (unit, length, place)
        if key not in self._sets:
            if len(self._sets) >= MAX_MEMO:
                self._sets.clear()
            bits, found = self._bits[length, place], 0
            for code in self._costs_of(unit, place):
                found |= bits.get(code, 0)
            self._sets[key] = found
        return self._sets[key]

    def _near(self, letters: str) -> set[str]:
        """Find the syllables of the index that can be a typo off; each place of a syllable asks for the same."""
        if letters not in self._near_memo:
            if len(self._near_memo) >= MAX_MEMO:
                self._near_memo.clear()
            self._near_memo[letters] = {
                other for variant in deletion_variants(letters) for other in self._by_variant.get(variant, ())
            }
        return self._near_memo[letters]

    def _costs_of(self, unit: Unit, place: int) -> dict[int, float]:
        """Find the syllables of the index that agree with one of a query, each with its cost."""
        key = (unit, min(place, 2))
        if key not in self._costs:
            if len(self._costs) >= MAX_MEMO:
                self._costs.clear()
            costs: dict[int, float] = {}
            for reading, own in unit_readings(unit, place).items():
                for code, cost in self._by_reading.get(reading, ()):
                    costs[code] = min(own + cost, costs.get(code, DIFFERENT_COST))
            if isinstance(unit, str) and len(unit) <= MAX_SYLLABLE_LETTERS and not is_hangul(unit):
                for other in self._near(without_diacritics(unit)):
                    if slip(unit, other, place):
                        code = self._codes[other]
                        costs[code] = min(TYPO_COST, costs.get(code, TYPO_COST))
            self._costs[key] = costs
        return self._costs[key]


class Index:
    """All names and identifiers of one dataset, prepared to be compared with queries."""

    def __init__(self, listed: Sequence[IndexedName]) -> None:
        self.listed = listed
        self._identifiers: dict[str, list[int]] = defaultdict(list)
        self._syllables = _SyllableIndex()
        self._ways: dict[int, tuple[tuple[str, ...], ...]] = {}
        self._by_joined: dict[str, list[int]] = defaultdict(list)
        self._by_initials: dict[str, list[int]] = defaultdict(list)
        self._tokens = _TokenIndex()
        self._rows: dict[int, list[_Row]] = defaultdict(list)
        subjects_of: dict[frozenset[str], set[int]] = defaultdict(set)
        for number, one in enumerate(listed):
            self._add(number, one)
            for row in self._rows.get(number, ()) if one.is_body else ():
                subjects_of[row.own].add(one.subject)
        self._shared = {own for own, subjects in subjects_of.items() if len(subjects) > 1}
        self._prefixes = sorted((joined, number) for joined, numbers in self._by_joined.items() for number in numbers)
        self._syllables.close()
        self._tokens.close()
        prepare()

    def _add(self, number: int, one: IndexedName) -> None:
        if one.kind == Kind.IDENTIFIER:
            for form in identifier_forms(one.text):
                self._identifiers[form].append(number)
            return
        ways = syllables(one.text) if one.is_person else ()
        for way in ways:
            self._syllables.add(number, way)
        if ways:
            self._ways[number] = ways
            return
        for joined in joined_forms(one.text):
            self._by_joined[joined].append(number)
        found = variants(one.text)
        is_own_name = any(map(is_own, tokenize(re.sub(r"\([^)]*\)", " ", one.text))))
        for tokens in found:
            own = frozenset(filter(is_own, tokens)) if is_own_name else frozenset()
            telling = frozenset(token for token in tokens if weight(token) > weight(COUNTRY))
            keys = own or (telling if len(telling) > 3 else own)
            weights = token_weights(tokens, is_listed=True)
            by_token = dict(zip(tokens, weights, strict=True))
            row = _Row(number, tokens, own, keys, one.is_body, one.is_person, by_token, sum(weights))
            self._rows[number].append(row)
            self._tokens.add(row)
        for initials in initials_of(one.text) if one.is_body else ():
            self._by_initials[initials].append(number)

    @property
    def syllables(self) -> _SyllableIndex:
        """The Korean names, by their syllables."""
        return self._syllables

    @property
    def tokens(self) -> "_TokenIndex":
        """The other names, by their tokens."""
        return self._tokens

    @property
    def identifiers(self) -> Mapping[str, Sequence[int]]:
        """The identifiers, normalised, each with the numbers of its names."""
        return self._identifiers

    def run_together(self) -> set[str]:
        """Collect the forms of names without blanks, and their initials."""
        return {*self._by_joined, *self._by_initials}

    def read(self, query: str) -> ParsedQuery:
        """Read a query in every way, once for all names; a typo of a common word is read as that word."""
        parsed = parse(query)
        return replace(parsed, candidates=tuple(map(self._corrected, parsed.candidates)))

    def _corrected(self, candidate: Candidate) -> Candidate:
        """Correct typos of common words, and complete a last word that was cut."""
        found: dict[tuple[str, ...], None] = {}
        for tokens in candidate.token_sets:
            meant = [self._tokens.meant(token) for token in tokens]
            candidate.typed.update(
                (new, candidate.typed.get(old, old)) for old, new in zip(tokens, meant, strict=True) if new != old
            )
            # Words that were run together in vain are no reading.
            if all(token in candidate.token_sets[0] or self._tokens.is_known(token) for token in tokens):
                found[tuple(filter(None, meant))] = None
        if len(candidate.segment.text) >= MIN_TRUNCATED and candidate.token_sets:
            *before, last = candidate.token_sets[0]
            for completed in self._tokens.completions(last):
                found[(*map(self._tokens.meant, before), completed)] = None
                candidate.typed[completed] = last
        return replace(candidate, token_sets=tuple(tokens for tokens in found if tokens))

    def scores(self, parsed: ParsedQuery, threshold: float = THRESHOLD, floor: float | None = None) -> Scores:
        """Score the names that can reach a score.

        Args:
            parsed: the query.
            threshold: the score from which on every name is found.
            floor: a lower one, down to which names are found too, such as to report the best of them.
        """
        return {number: score for number, (score, _) in self.find(parsed, threshold, floor).items()}

    def find(
        self, parsed: ParsedQuery, threshold: float = THRESHOLD, floor: float | None = None
    ) -> dict[int, tuple[float, int | None]]:
        """Score the names that can reach a score, as ``scores`` does.

        Returns:
            By the number of each name its score, and the number of the candidate of the query that it is of; of a
            name found within a group of words, -1 less the number of the group; of an identifier, None.
        """
        least = threshold if floor is None else min(floor, threshold)
        found: dict[int, tuple[float, int | None]] = {}

        def take(number: int, score: float, source: int) -> None:
            if score >= least - 1e-9 and (number not in found or score > found[number][0]):
                found[number] = score, source

        for place, candidate in enumerate(parsed.candidates):
            for way, order in _personal_readings(candidate):
                cost = order + (FOUND_WITHIN_COST if candidate.segment.is_window else 0.0)
                lowest = max(least, MIN_WINDOW_SCORE) if candidate.segment.is_window else least
                for number, score in self._syllables.scores(way, cost, lowest):
                    take(number, score, place)
            for number, score in self._token_scores(candidate, least, threshold):
                take(number, score, place)
        for place, (_, tokens) in enumerate(parsed.groups):
            for row in self._tokens.within(tokens):
                take(row.name, _score_within(tokens, row)[0], -1 - place)
        for identifier in parsed.identifiers:
            for number in self._identifiers.get(identifier, ()):
                found[number] = 1.0, None
        return found

    def _token_scores(self, candidate: Candidate, least: float, reach: float) -> Iterator[tuple[int, float]]:
        for tokens in candidate.token_sets:
            for row in self._tokens.rows(tokens, least, reach):
                yield row.name, self._score_row(candidate, tokens, row)
        for number, score, _ in self._by_letters(candidate):
            yield number, score

    def _by_letters(self, candidate: Candidate) -> Iterator[tuple[int, float, str]]:
        """Yield the names that have the letters of a part of the query, or begin with them."""
        for joined in candidate.joined:
            for number in self._by_joined.get(joined, ()):
                if self._may_be(candidate.segment, number):
                    yield number, RESPACED_SCORE, "the same letters with other blanks between them"
            if not candidate.segment.left_over and candidate.segment.set_aside <= KOREAN_KINDS:
                for number in self._by_initials.get(joined, ()):
                    yield number, INITIALS_SCORE, "the initials of the words of the name"
        segment = candidate.segment
        is_whole = not segment.left_over and segment.set_aside <= KOREAN_KINDS
        whole = strip_separators(segment.text) if candidate.joined and is_whole else ""
        if len(whole) >= MIN_TRUNCATED:
            place = bisect_left(self._prefixes, (whole, 0))
            while place < len(self._prefixes) and self._prefixes[place][0].startswith(whole):
                joined, number = self._prefixes[place]
                if joined != whole and self._may_be(candidate.segment, number):
                    yield number, TRUNCATED_SCORE, "the beginning of the name, cut off"
                place += 1

    def _may_be(self, segment: Segment, number: int) -> bool:
        return any(_may_be(segment, row) for row in self._rows[number])

    def _score_row(self, candidate: Candidate, tokens: tuple[str, ...], row: _Row) -> float:
        """Score a listed name against tokens of a part of a query."""
        if not _may_be(candidate.segment, row) and not _is_titled_ship(candidate.segment, tokens, row):
            return 0.0
        if _is_turned(candidate.segment, tokens, row):
            return 0.0
        score = _align(tokens, row.tokens).score
        if row.is_body and not row.own and row.has_number and _has_other_legal_form(tokens, row.tokens):
            return min(score, OTHER_NUMBER)
        if score < SHORT_FORM_SCORE and self._is_short_form(candidate.segment, tokens, row):
            return SHORT_FORM_SCORE
        return score

    def _explain_row(
        self, candidate: Candidate, tokens: tuple[str, ...], row: _Row
    ) -> tuple[float, tuple[Reason, ...]]:
        """Give the reasons of a score."""
        score = self._score_row(candidate, tokens, row)
        of_words, because = explain_tokens(tokens, row.tokens, candidate.typed)
        if score > of_words:
            text, why = candidate.segment.text, "the part of the name that is its own"
            return score, (Reason(text, " ".join(row.tokens), MatchType.SPELLING, why, score),)
        if score < of_words:
            why = "a legal form that the body has not" if score else "not compared: other words are beside it"
            return score, (*because, Reason(None, None, MatchType.DIFFERENT, why, score - of_words))
        return score, because

    def _is_short_form(self, segment: Segment, tokens: Sequence[str], row: _Row) -> bool:
        """Check whether tokens are a short form of a body's name: its own words, which no other subject has."""
        distinctive = frozenset(token for token in tokens if weight(token) > weight(COUNTRY))
        if not row.is_body or not row.own or segment.left_over or row.own in self._shared or not row.own <= distinctive:
            return False
        if _numbers(tokens) != _numbers(row.tokens):
            return False
        longest = max(row.own, key=len)
        others = distinctive - row.own
        if not distinctive <= set(row.tokens):
            # Mansudae Overseas Development Group for Mansudae Overseas Project Group
            common = others.intersection(row.tokens)
            return bool(common) and others <= GENERIC and len(longest) >= MIN_SHORT_FORM and _is_korean(longest)
        return len(row.own) > 1 or ((len(longest) >= MIN_SHORT_FORM or len(distinctive) > 1) and _is_korean(longest))

    def explain(self, parsed: ParsedQuery, number: int, source: int | None = None) -> Match:
        """Compare one name with a query, with the reasons of its score.

        Args:
            parsed: the query.
            number: the name.
            source: the candidate or group that its score is of, as ``find`` gives it; None to compare with each.
        """
        one = self.listed[number]
        if one.kind == Kind.IDENTIFIER:
            is_same = not identifier_forms(one.text).isdisjoint(parsed.identifiers)
            agrees = MatchType.SAME if is_same else MatchType.DIFFERENT
            because = (Reason(parsed.text, one.text, agrees, "the identifier", float(is_same)),)
            return Match(float(is_same), one, because)
        sources = range(-len(parsed.groups), len(parsed.candidates)) if source is None else [source]
        found = (match for place in sources for match in self._explanations(parsed, number, place))
        best = max(found, key=lambda found: found.score, default=Match(0.0, one, ()))
        score = round(max(0.0, best.score), 4)
        return replace(best, score=score, because=_summing(best.because, score))

    def _explanations(self, parsed: ParsedQuery, number: int, source: int) -> Iterator[Match]:
        """Yield the best explanation of each kind, of one candidate or group."""
        one, rows = self.listed[number], self._rows.get(number, ())
        if source < 0:
            group, words = parsed.groups[-1 - source]
            for row in rows:
                score, because = _explain_within(group, words, row)
                yield Match(score, one, because, replace(group, is_window=True))
            return
        candidate = parsed.candidates[source]
        segment = candidate.segment
        agreeing = [
            (self._syllables.cost(way, own) + order, way, own, order)
            for way, order in _personal_readings(candidate)
            for own in self._ways.get(number, ())
            if len(way) == len(own)
        ]
        if agreeing:
            _, way, own, order = min(agreeing, key=lambda found: found[0])
            score, because = _explain_way(way, own, order)
            if segment.is_window:
                score, because = score - FOUND_WITHIN_COST, (*because, _within(segment))
            if not segment.is_window or score >= MIN_WINDOW_SCORE:
                yield Match(score, one, because, segment)
        scored = [
            (self._score_row(candidate, found, row), found, row) for row in rows for found in candidate.token_sets
        ]
        if scored:
            _, tokens, row = max(scored, key=lambda found: found[0])
            score, because = self._explain_row(candidate, tokens, row)
            yield Match(score, one, because, segment)
        for other, score, why in self._by_letters(candidate) if rows else ():
            if other == number:
                reason = Reason(segment.text, one.text, MatchType.SPELLING, why, score)
                yield Match(score, one, (reason,), segment)


def _personal_readings(candidate: Candidate) -> Iterator[SyllableReading]:
    """Yield the readings of a candidate as a person's name: not of the first two syllables of JO CHOL HO, a ship's."""
    return (one for one in candidate.syllable_readings if len(one[0]) > 2 or not candidate.segment.is_before_ho)


def _within(segment: Segment) -> Reason:
    return Reason(
        segment.text, None, MatchType.MISSING, "found within a longer text, beside other words", -FOUND_WITHIN_COST
    )


def _summing(because: tuple[Reason, ...], score: float) -> tuple[Reason, ...]:
    """Round the points of each reason so that they add up to the score."""
    rounded = [round(reason.points, 4) for reason in because]
    if rounded:
        largest = max(range(len(rounded)), key=lambda place: rounded[place])
        rounded[largest] = round(rounded[largest] + score - sum(rounded), 4)
    return tuple(replace(reason, points=points) for reason, points in zip(because, rounded, strict=True))


def can_be_short_form(row: _Row) -> bool:
    """Check whether a body can be found by the part of its name that is its own: several words, or a Korean one."""
    return row.is_body and (len(row.own) > 1 or any(map(_is_korean, row.own)))


def _is_korean(word: str) -> bool:
    """Check whether a word can be Korean: it splits into syllables, one of which is common in names."""
    return any(any(is_common(readings(one), GIVEN_READINGS) for one in way) for way in splits(word) if len(way) > 1)


def initials_of(name: str) -> set[str]:
    """Form the initials of a body's name: of all its words, and of those that are no legal form; of four or more."""
    words = [word for word in re.findall(r"[a-z0-9]+", strip_marks(name)) if LEGAL.get(word) != ""]
    telling = [word for word in words if word not in LEGAL]
    return {"".join(word[0] for word in found) for found in (words, telling) if len(found) >= MIN_INITIALS}


MIN_INITIALS = 4
"""Words from which on a name is found by their initials."""


def strip_marks(name: str) -> str:
    """Fold a name to letters without diacritics, its brackets left out."""
    return without_diacritics(fold_romanized(re.sub(r"\([^)]*\)", " ", name)))


def identifier_forms(text: str) -> frozenset[str]:
    """Make the forms in which an identifier of the list is found: normalised, and without the letters before digits.

    Passport numbers lose the letters of their series on forms and in machine-read columns: PS381420397, 381420397.
    """
    whole = normalize_identifier(text)
    digits = whole.lstrip("abcdefghijklmnopqrstuvwxyz")
    return frozenset({whole, digits} if digits.isdigit() and len(digits) >= MIN_BARE_DIGITS else {whole})


MIN_BARE_DIGITS = 7
"""Digits from which on an identifier is found without the letters before them."""


def _may_be(segment: Segment, row: _Row) -> bool:
    """Check whether a part of a query can be a listed name.

    A body whose name other bodies share (MINISTRY OF DEFENCE, OFFICE 39) is found only where nothing but its State,
    its party or its army is beside the name, or its own acronym: FOREIGN TRADE BANK (FTB).
    """
    if not row.is_body and not row.is_person and not segment.beside <= SHIP_KINDS:
        return False
    if not row.is_generic or _has_acronym(segment, row):
        return True
    return not segment.left_over and segment.set_aside <= KOREAN_KINDS


def _has_acronym(segment: Segment, row: _Row) -> bool:
    """Check whether the acronym of a body's name, in capitals, is among the words beside it."""
    initials = "".join(token[0] for token in row.tokens).upper()
    return row.is_body and len(initials) >= MIN_ACRONYM and initials in segment.left_over


def _is_titled_ship(segment: Segment, tokens: tuple[str, ...], row: _Row) -> bool:
    """Check whether a part of a query is the name of a ship, word for word, behind nothing but a form of address.

    Forms fill in Mr. and Dr. before whatever is in the column of names. A name that only resembles that of a ship is
    then that of a person, and a post behind it is a part of another name: GREEN LIGHT TRADER.
    """
    if row.is_body or row.is_person or segment.left_over or segment.has_title_behind or tokens != row.tokens:
        return False
    return segment.beside <= SHIP_KINDS | {TITLE}


def _is_turned(segment: Segment, tokens: Sequence[str], row: _Row) -> bool:
    """Check whether a part of a query begins otherwise than the name of a ship: Yong Chol is not the CHOL RYONG."""
    is_ship = not row.is_body and not row.is_person
    return is_ship and bool(segment.left_over) and not similarity(tokens[0], row.tokens[0]).score


def _has_other_legal_form(tokens: Iterable[str], name: Sequence[str]) -> bool:
    return any(token in _LEGAL and token not in name for token in tokens)


_LEGAL = frozenset(LEGAL.values()) - {""}


def _score_within(tokens: tuple[str, ...], row: _Row) -> tuple[float, tuple[str, ...]]:
    """Score the tokens of a longer text that lie from the first to the last token of a name against that name.

    Returns:
        The score, and the tokens that it is of.
    """
    best: tuple[float, tuple[str, ...]] = (0.0, ())
    if row.is_phrase:
        cost = FOUND_WITHIN_COST if len(row.tokens) < len(tokens) else 0.0
        within = _phrase_in(tokens, row.tokens)
        return (_align(within, row.tokens).score - cost, within) if within else best
    if not _may_be_within(row):
        return best
    places = [place for place, token in enumerate(tokens) if any(similarity(token, own).score for own in row.keys)]
    for place in places[:4]:
        around = range(max(0, place - len(row.tokens)), min(len(tokens), place + len(row.tokens) + 1))
        alike = [at for at in around if any(similarity(tokens[at], other).score for other in row.tokens)]
        if not alike or _goes_on(tokens, alike[-1]):
            continue
        within = tokens[alike[0] : alike[-1] + 1]
        cost = FOUND_WITHIN_COST if len(within) < len(tokens) else 0.0
        best = max(best, (_align(within, row.tokens).score - cost, within))
    return best


def _phrase_in(tokens: Sequence[str], name: tuple[str, ...]) -> tuple[str, ...]:
    """Find all words of a name, one behind the other, in a text: with a legal form, if also another one.

    Returns:
        The words; none where they are not in it, or where a word beside them makes them another name.
    """
    phrase = _without_legal_form(name)
    for at in range(len(tokens) - len(phrase) + 1):
        end = at + len(phrase)
        has_form = end < len(tokens) and tokens[end] in _LEGAL
        is_other = (at > 0 and tokens[at - 1] in _OTHER_STATE) or _goes_on(tokens, end - 1)
        if tuple(tokens[at:end]) == phrase and not is_other and (has_form or len(phrase) == len(name)):
            return tuple(tokens[at : end + has_form])
    return ()


def _without_legal_form(tokens: tuple[str, ...]) -> tuple[str, ...]:
    end = len(tokens)
    while end and tokens[end - 1] in _LEGAL:
        end -= 1
    return tokens[:end]


_OTHER_STATE = frozenset(["south", "republic", "rep"])
"""Words before "Korea" that make it the other State, or a part of its name."""


def _explain_within(segment: Segment, tokens: tuple[str, ...], row: _Row) -> tuple[float, tuple[Reason, ...]]:
    score, within = _score_within(tokens, row)
    because = explain_tokens(within, row.tokens, {})[1] if within else ()
    return score, (*because, _within(segment)) if within and len(within) < len(tokens) else because


def _goes_on(tokens: Sequence[str], last: int) -> bool:
    """Check whether a generic word follows that makes another name of the words before: Green Pine | Energy Ltd."""
    following = tokens[last + 1] if last + 1 < len(tokens) else ""
    return tokens[last] not in _LEGAL and following in GENERIC and following not in _LEGAL


def _may_be_within(row: _Row) -> bool:
    """Check whether a name can be found within a longer text: it has a word of its own, and another."""
    telling = [token for token in row.tokens if weight(token) > weight(COUNTRY)]
    if row.is_person:
        return len(telling) > 2
    return row.is_body and bool(row.keys) and len(telling) > 1


def _explain_way(asked: Sequence[Unit], way: Sequence[str], order: float) -> tuple[float, tuple[Reason, ...]]:
    cost, because = order, []
    for place, (unit, other) in enumerate(zip(asked, way, strict=True)):
        own, reason = _explain_syllable(unit, other, place)
        cost += own
        because.append(replace(reason, points=1 / len(way) - own))
    text = " ".join(map(unit_text, asked))
    if order in (NAME_ORDER_COST, TYPO_COST + NAME_ORDER_COST):
        because.append(Reason(text, None, MatchType.SPELLING, "read with the family name last", -NAME_ORDER_COST))
        order -= NAME_ORDER_COST
    if order >= TYPO_COST:
        because.append(Reason(text, None, MatchType.SLIP, "read with a blank in another place", -TYPO_COST))
        order -= TYPO_COST
    if order > 0:
        because.append(Reason(text, None, MatchType.SPELLING, "a spelling that many names share", -order))
    return max(0.0, 1 - cost), tuple(because)


def _explain_syllable(unit: Unit, other: str, place: int) -> tuple[float, Reason]:
    found = agreement(unit_readings(unit, place), readings(other))
    text, name = readable(unit_text(unit)), readable(other)
    slipped = slip(unit, other, place) if isinstance(unit, str) and not is_hangul(unit) else None
    if found.cost is not None and found.reading and not (slipped and found.cost > TYPO_COST):
        if text == name:
            return found.cost, Reason(text, name, MatchType.SAME, "the same syllable")
        block = block_of(found.reading)
        why = f"{block} is written {name}" if text == block else f"{block} is written {text} and {name}"
        return found.cost, Reason(text, name, MatchType.SPELLING, why)
    if slipped:
        return TYPO_COST, Reason(text, name, MatchType.SLIP, str(slipped))
    return DIFFERENT_COST, Reason(text, name, MatchType.DIFFERENT, "another syllable in every romanisation")


def explain_tokens(
    asked: Sequence[str], words: Sequence[str], typed: Mapping[str, str]
) -> tuple[float, tuple[Reason, ...]]:
    """Score how alike two sets of tokens are, and give the reasons.

    Args:
        asked: the tokens of the query.
        words: those of the name.
        typed: the word of the query that each token was made of, where it differs.
    """
    aligned = _align(asked, words)
    because = []
    for word, other, found, gained in aligned.pairs:
        points = gained / aligned.total if aligned.total else 0.0
        if word is None:
            because.append(Reason(None, other, MatchType.MISSING, "no such word in the query", points))
        elif other is None:
            why = "no such word in the name"
            because.append(Reason(typed.get(word, word), None, MatchType.MISSING, why, points))
        else:
            because.append(_token_reason(typed.get(word, word), word, other, found, points))
    if aligned.score < aligned.score_of_words:
        lost = aligned.score - aligned.score_of_words
        because.append(Reason(None, None, MatchType.DIFFERENT, "the numbers in the two names differ", lost))
    return aligned.score, tuple(because)


@dataclass(frozen=True, slots=True)
class _Aligned:
    """Tokens of a query and of a name, each with its counterpart.

    Attributes:
        pairs: a token of the query or None, one of the name or None, how alike they are, and what the pair gains.
        total: what all pairs could gain.
        score: the score.
        score_of_words: the score before the numbers in the two are compared.
    """

    pairs: Sequence[tuple[str | None, str | None, Similarity, float]]
    total: float
    score: float
    score_of_words: float


@lru_cache(maxsize=CACHED)
def _align(asked: tuple[str, ...], words: tuple[str, ...]) -> _Aligned:
    """Pair tokens with their counterparts: the score is twice the weight of what agrees, as a share of both weights."""
    left = list(zip(words, token_weights(words, is_listed=True), strict=True))
    pairs: list[tuple[str | None, str | None, Similarity, float]] = []
    total = 0.0
    for word, own in sorted(zip(asked, token_weights(asked, is_listed=False), strict=True), key=lambda pair: -pair[1]):
        best = max(left, key=lambda other: similarity(word, other[0]).score, default=None)
        found = similarity(word, best[0]) if best else OTHER
        if best is None or not found.score:
            total += 0.0 if word == COUNTRY else own
            pairs.append((word, None, OTHER, 0.0))
            continue
        left.remove(best)
        # A word that is misspelt has the weight of the right one.
        total += 2 * best[1]
        pairs.append((word, best[0], found, 2 * best[1] * found.score))
    pairs += [(None, word, OTHER, 0.0) for word, _ in left]
    total += sum(own for _, own in left)
    score = sum(gained for *_, gained in pairs) / total if total else 0.0
    is_other = score > OTHER_NUMBER and _numbers(asked) != _numbers(words)
    return _Aligned(pairs, total, OTHER_NUMBER if is_other else score, score)


def _token_reason(spelled: str, word: str, other: str, found: Similarity, points: float) -> Reason:
    if spelled == word:
        return Reason(spelled, other, _how(word, other, found), found.why, points)
    if slipped := single_typo(spelled, word):
        return Reason(spelled, other, MatchType.SLIP, f"{word}: {slipped}", points)
    return Reason(spelled, other, MatchType.SPELLING, f"read as {word}", points)


def _how(word: str, other: str, found: Similarity) -> MatchType:
    if word == other:
        return MatchType.SAME
    return MatchType.SPELLING if found.why == ROMANISED else MatchType.SLIP


def _numbers(words: Iterable[str]) -> Counter[str]:
    return Counter(word for word in words if word.isdigit())


class _TokenIndex:
    """Inverted index of names as tokens: which tokens each has, and which names each token is in."""

    def __init__(self) -> None:
        self._rows: list[_Row] = []
        self._words: dict[str, list[int]] = defaultdict(list)
        self._keyed: dict[str, list[int]] = defaultdict(list)
        self._phrases: dict[tuple[str, ...], list[int]] = defaultdict(list)
        self._by_sound: dict[tuple[tuple[str, str], ...], list[str]] = defaultdict(list)
        self._by_variant: dict[str, list[str]] = defaultdict(list)
        self._sorted: list[str] = []
        self._alike_memo: dict[str, dict[str, float]] = {}

    def add(self, row: _Row) -> None:
        """Add a name in one of its variants."""
        if row.is_phrase:
            self._phrases[_without_legal_form(row.tokens)].append(len(self._rows))
        for word in dict.fromkeys(row.tokens):
            if word not in self._words:
                for key in phonetic_keys(word):
                    self._by_sound[key].append(word)
                for variant in deletion_variants(word):
                    self._by_variant[variant].append(word)
            self._words[word].append(len(self._rows))
            if word in row.keys and _may_be_within(row):
                self._keyed[word].append(len(self._rows))
        self._rows.append(row)

    def close(self) -> None:
        """Prepare the completion of words, once every name is in."""
        self._sorted = sorted(self._words)

    def meant(self, word: str) -> str:
        """Read a word of a query that no name has, and that is a typo of a common word, as that word."""
        return word if word in self._words else corrected(word)

    def is_known(self, word: str) -> bool:
        """Check whether a word is similar to one of the index."""
        return bool(self.alike(word)) or word.isdigit()

    def completions(self, word: str) -> list[str]:
        """List the words of names that a word which was cut off can be the beginning of, at most four."""
        if word in self._words or not word.isalpha() or len(word) < MIN_CUT_WORD:
            return []
        place = bisect_left(self._sorted, word)
        found = [other for other in self._sorted[place : place + 4] if other.startswith(word)]
        return [other for other in found if len(other) > len(word)]

    def rows(self, asked: Sequence[str], least: float, reach: float) -> Iterator[_Row]:
        """Yield the names that can score so much, which ``explain_tokens`` then scores.

        Names are looked up by the rarest tokens of the query only: of the others so many are left out as could not
        reach the score without any of those (the prefix filter of set similarity joins). A bound on the score rules
        out most of those found.
        """
        if len(asked) > MAX_TOKENS:
            return
        alike = [self.alike(word) for word in asked]
        weights = token_weights(asked, is_listed=False)
        costs = [0.0 if word == COUNTRY else own for word, own in zip(asked, weights, strict=True)]
        sizes = [sum(len(self._words[word]) for word in found) for found in alike]
        numbers = self._blocked(alike, costs, sizes, least)
        if len(numbers) > MAX_BELOW and reach > least:
            # Too many to look for the best below: only those that can be hits.
            numbers, least = self._blocked(alike, costs, sizes, reach), reach
        if not numbers:
            return
        merged: dict[str, tuple[float, int]] = {}
        for place, found in enumerate(alike):
            for word, score in found.items():
                best, places = merged.get(word, (0.0, 0))
                merged[word] = max(best, score), places | 1 << place
        whole = sum(costs)
        for number in numbers:
            row = self._rows[number]
            is_short_form = row.own and row.is_body and row.own <= merged.keys()
            if is_short_form or _bound(row, merged, costs, whole) >= least - 1e-9:
                yield row

    def _blocked(
        self, alike: Sequence[Mapping[str, float]], costs: Sequence[float], sizes: Sequence[int], least: float
    ) -> set[int]:
        """Find the names that share one of the rarest tokens, without which none can reach a score."""
        kept, dropped, rest = set(range(len(alike))), 0.0, sum(costs)
        for place in sorted(range(len(alike)), key=lambda place: -sizes[place]):
            more, less = dropped + 1.0, rest - costs[place]
            if 2 * more < least * (2 * more + less):
                kept.discard(place)
                dropped, rest = more, less
        return {number for place in kept for word in alike[place] for number in self._words[word]}

    @property
    def rows_by_token(self) -> Mapping[str, Sequence[int]]:
        """The numbers of the rows that have each token."""
        return self._words

    @property
    def keyed(self) -> Mapping[str, Sequence[int]]:
        """The numbers of the rows that are looked for by each token within longer texts."""
        found = {token: list(numbers) for token, numbers in self._keyed.items()}
        for tokens, numbers in self._phrases.items():
            for token in tokens:
                found.setdefault(token, []).extend(numbers)
        return found

    @property
    def all_rows(self) -> Sequence[_Row]:
        """The rows, by their numbers."""
        return self._rows

    def within(self, tokens: Sequence[str]) -> list[_Row]:
        """List the names that can lie within the tokens of a longer text.

        They are those with a word of their own in it, and those of common words that are in it word for word.
        """
        numbers = {
            number
            for token in dict.fromkeys(tokens)
            if weight(token) > weight(COUNTRY)
            for word in self.alike(token)
            for number in self._keyed.get(word, ())
            if is_own(token) or not self._rows[number].own
        }
        distinctive = set(tokens)
        ranked = sorted(numbers, key=lambda number: (-len(distinctive.intersection(self._rows[number].tokens)), number))
        lengths = {len(phrase) for phrase in self._phrases}
        phrases = {tuple(tokens[at : at + length]) for length in lengths for at in range(len(tokens) - length + 1)}
        worded = {number for phrase in phrases for number in self._phrases.get(phrase, ())}
        return [self._rows[number] for number in (*ranked[:MAX_WITHIN], *sorted(worded))]

    def alike(self, word: str) -> dict[str, float]:
        """Find the tokens of the index that are similar to one, each with how much."""
        if word not in self._alike_memo:
            if len(self._alike_memo) >= MAX_MEMO:
                self._alike_memo.clear()
            found = {other for variant in deletion_variants(word) for other in self._by_variant.get(variant, ())}
            found.update(other for key in phonetic_keys(word) for other in self._by_sound.get(key, ()))
            scored = ((other, similarity(word, other).score) for other in sorted(found))
            self._alike_memo[word] = {other: score for other, score in scored if score}
        return self._alike_memo[word]


def _bound(row: _Row, merged: Mapping[str, tuple[float, int]], costs: Sequence[float], whole: float) -> float:
    """Give the most that a name can score: each of its tokens with the best one of the query.

    Args:
        row: the name.
        merged: the tokens that are similar to one of the query: how much, and to which, by bits.
        costs: the weight of each token of the query, if it is in no name.
        whole: their sum.
    """
    matched, places = 0.0, 0
    for token, own in row.weights.items():
        found = merged.get(token)
        if found:
            matched += own * found[0]
            places |= found[1]
    while places:
        whole -= costs[(places & -places).bit_length() - 1]
        places &= places - 1
    total = whole + row.total + matched
    return 2 * matched / total if total > 0 else 0.0


_CLASSES = {
    "k": "k",
    "kk": "k",
    "kh": "k",
    "t": "t",
    "tt": "t",
    "th": "t",
    "p": "p",
    "pp": "p",
    "ph": "p",
    "j": "j",
    "jj": "j",
    "ch": "j",
    "s": "s",
    "ss": "s",
}
_SOFT_FIRST = {"r", "n", ""}


@lru_cache(maxsize=CACHED)
def phonetic_keys(word: str) -> set[tuple[tuple[str, str], ...]]:
    """Return the phonetic blocking keys of a word: one consonant class per syllable, vowels dropped."""
    return {tuple([_sound(one, place == 0) for place, one in enumerate(way)]) for way in splits(word)}


@lru_cache(maxsize=CACHED)
def _sound(syllable: str, is_first: bool) -> tuple[str, str]:
    onset, _, coda = next(iter(readings(syllable)))
    return ("r" if is_first and onset in _SOFT_FIRST else _CLASSES.get(onset, onset)), coda
