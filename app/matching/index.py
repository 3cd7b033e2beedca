"""Every name held against a query: scored, and explained syllable by syllable or word by word.

A Korean name is a sequence of syllables and agrees where each of them does (`app.matching.romanization`). Any other
name is a bag of words, weighted by how distinctive each is (`app.matching.tokens`). Identifiers are compared letter by
letter. Every name is scored: what is skipped shares no syllable and no word with the query, and so has the score 0.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from app.lazily import lazily
from app.matching.query import (
    NAME_ORDER_COST,
    TYPO_COST,
    ParsedQuery,
    identifiers,
    normalize_identifier,
    strip_separators,
    syllable_readings,
    syllables,
    token_sets,
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
    readings,
    splits,
    without_diacritics,
)
from app.matching.tokens import OTHER, ROMANISED, Similarity, corrected, similarity, token_weights
from app.matching.typos import Typo, single_typo

if TYPE_CHECKING:
    import numpy as np
    import rapidfuzz
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]
else:
    np, rapidfuzz = lazily("numpy"), lazily("rapidfuzz")

MATCHER = "1"
"""Version of the matcher: it changes whenever a score can."""
THRESHOLD = 0.88
"""From here on a name is a hit, unless the question says otherwise."""

DIFFERENT_COST = 0.5
"""What a syllable costs that is another one."""
RESPACED_SCORE = 0.95
"""What two names score that are the same letters with other blanks between them."""
MIN_REPORTED_SCORE = 0.3
"""Below, two names of words are not worth telling of as the best that was found."""
OTHER_NUMBER = 0.6
"""Most that two names score whose numbers differ: MI RIM 2 is not MI RIM."""


class Kind(StrEnum):
    """What is held against the query."""

    NAME = "name"
    IDENTIFIER = "identifier"


class MatchType(StrEnum):
    """How a part of the query and a part of the name agree."""

    SAME = "same"
    SPELLING = "spelling"
    TYPO_COST = "slip"
    DIFFERENT = "different"
    MISSING = "missing"


@dataclass(frozen=True)
class IndexedName:
    """A name or an identifier that a query is held against.

    Attributes:
        subject: whose it is, as a number from 0 on.
        text: the name as its source prints it.
        kind: a name or an identifier.
        is_person: whether it is of an individual.
        about: whatever the caller keeps with it.
    """

    subject: int
    text: str
    kind: Kind = Kind.NAME
    is_person: bool = False
    about: Any = None


@dataclass(frozen=True)
class Reason:
    """Why a part of the query and a part of the name agree or do not."""

    query: str | None
    name: str | None
    agrees: MatchType
    why: str


@dataclass(frozen=True)
class Match:
    """A name held against the query: its score from 0 to 1, and why."""

    score: float
    listed: IndexedName
    because: tuple[Reason, ...]


def _placed_readings(syllable: str, place: int) -> Readings:
    return initial_readings(syllable, place == 0) if place < 2 else readings(syllable)


def slip(unit: str, other: str, place: int) -> Typo | None:
    """Return the slip of the finger that makes a syllable of a query of one of a name, if it is one.

    Where a letter is missing or another, and what stands there is itself a common syllable of names in its place, it is
    another name, and no slip.

    Args:
        unit: the syllable of the query, in letters.
        other: the syllable of the name, in letters.
        place: which syllable of the name it is, from 0 on.
    """
    found = single_typo(without_diacritics(unit), without_diacritics(other))
    if found in (Typo.SWAP, Typo.DOUBLE, None):
        return found
    return None if is_common(readings(unit), SURNAME_READINGS if place == 0 else GIVEN_READINGS) else found


@dataclass
class _Sequences:
    """Korean names of one length: which names, and the syllables of each by number."""

    names: list[int] = field(default_factory=list)
    codes: list[tuple[int, ...]] = field(default_factory=list)

    @cached_property
    def arrays(self) -> tuple[NDArray[np.int32], list[NDArray[np.int32]]]:
        columns = np.array(self.codes, dtype=np.int32).T
        return np.array(self.names, dtype=np.int32), [np.ascontiguousarray(column) for column in columns]


class Index:
    """All names of one dataset, prepared to be held against queries."""

    def __init__(self, listed: Sequence[IndexedName]) -> None:
        self.listed = listed
        self.subjects = np.array([one.subject for one in listed], dtype=np.int32)
        self._identifiers: dict[str, list[int]] = defaultdict(list)
        self._sequences: dict[int, _Sequences] = defaultdict(_Sequences)
        self._syllables: dict[str, int] = {}
        self._by_joined: dict[str, list[int]] = defaultdict(list)
        self._tokens = _TokenIndex()
        for number, one in enumerate(listed):
            self._add(number, one)
        self._tokens.close()
        self._spoken = list(self._syllables)
        self._typed = list(map(without_diacritics, self._spoken))
        self._by_reading: dict[Reading, list[tuple[int, float]]] = defaultdict(list)
        for syllable, code in self._syllables.items():
            for reading, cost in readings(syllable).items():
                self._by_reading[reading].append((code, cost))

    def _add(self, number: int, one: IndexedName) -> None:
        if one.kind == Kind.IDENTIFIER:
            self._identifiers[normalize_identifier(one.text)].append(number)
            return
        for way in self._ways_of(one):
            sequence = self._sequences[len(way)]
            sequence.names.append(number)
            sequence.codes.append(tuple(self._syllables.setdefault(one, len(self._syllables)) for one in way))
        if not self._ways_of(one):
            self._by_joined[strip_separators(one.text)].append(number)
            for words in variants(one.text):
                self._tokens.add(number, words)

    def _ways_of(self, one: IndexedName) -> tuple[tuple[str, ...], ...]:
        return syllables(one.text) if one.is_person else ()

    def read(self, query: str) -> ParsedQuery:
        """Read a query in every way, once for all names; a slip of a common word is read as that word."""
        bags = tuple(dict.fromkeys(filter(None, map(self._tokens.meant, token_sets(query)))))
        return ParsedQuery(query, identifiers(query), syllable_readings(query), bags, strip_separators(query))

    def scores(
        self, asked: ParsedQuery, threshold: float = THRESHOLD, mask: Mask | None = None, margin: float = 0.0
    ) -> NDArray[np.float32]:
        """Return the score of every name, in the order in which they were given.

        Args:
            asked: what is asked for.
            threshold: the score from which on each is exact; of the others those are that can be the best of them.
            mask: whether each name counts; None for all.
            margin: by how much the best of the others may still be moved.
        """
        scores = np.zeros(len(self.listed), dtype=np.float32)
        for way, order in asked.syllable_readings:
            if len(way) in self._sequences:
                names, columns = self._sequences[len(way)].arrays
                cost = order + sum(self._costs(unit, place)[columns[place]] for place, unit in enumerate(way))
                np.maximum.at(scores, names, 1 - np.minimum(cost, 1))
        for words in asked.token_sets:
            self._tokens.score(words, threshold, scores, mask, margin)
        spaced = self._by_joined.get(asked.joined, [])
        scores[spaced] = np.maximum(scores[spaced], RESPACED_SCORE)
        for identifier in asked.identifiers:
            scores[self._identifiers.get(identifier, [])] = 1
        return scores if mask is None else np.where(mask, scores, 0)

    def _costs(self, unit: str, place: int) -> NDArray[np.float32]:
        """Return what each syllable of the index costs where the query has this one."""
        costs = np.full(len(self._syllables), DIFFERENT_COST, dtype=np.float32)
        if not is_hangul(unit):
            osa = rapidfuzz.distance.OSA.distance
            near = rapidfuzz.process.cdist(
                [without_diacritics(unit)], self._typed, scorer=osa, score_cutoff=1, dtype=np.uint8
            )[0]
            costs[[code for code in np.flatnonzero(near == 1) if slip(unit, self._spoken[code], place)]] = TYPO_COST
        for reading, own in _placed_readings(unit, place).items():
            for code, cost in self._by_reading.get(reading, ()):
                costs[code] = min(costs[code], own + cost)
        return costs

    def explain(self, asked: ParsedQuery, number: int) -> Match:
        """Return one name held against a query, with the reasons of its score."""
        one = self.listed[number]
        if one.kind == Kind.IDENTIFIER:
            same = normalize_identifier(one.text) in asked.identifiers
            reason = Reason(asked.text, one.text, MatchType.SAME if same else MatchType.DIFFERENT, "the identifier")
            return Match(float(same), one, (reason,))
        ways = self._ways_of(one)
        found = [
            _explain_way(way, own, order)
            for way, order in asked.syllable_readings
            for own in ways
            if len(way) == len(own)
        ]
        if not ways:
            found = [explain_words(bag, words) for bag in asked.token_sets for words in variants(one.text)]
            if strip_separators(one.text) == asked.joined:
                why = "the same letters with other blanks between them"
                found.append((RESPACED_SCORE, (Reason(asked.text, one.text, MatchType.SPELLING, why),)))
        score, because = max(found, key=lambda found: found[0], default=(0.0, ()))
        return Match(round(float(score), 4), one, because)


def _explain_way(asked: Sequence[str], way: Sequence[str], order: float) -> tuple[float, tuple[Reason, ...]]:
    cost, because = order, []
    for place, (unit, other) in enumerate(zip(asked, way, strict=True)):
        own, reason = _explain_syllable(unit, other, place)
        cost += own
        because.append(reason)
    if order in (NAME_ORDER_COST, TYPO_COST + NAME_ORDER_COST):
        because.append(Reason(" ".join(asked), None, MatchType.SPELLING, "read with the family name last"))
    if order >= TYPO_COST:
        because.append(Reason(" ".join(asked), None, MatchType.TYPO_COST, "read with a blank in another place"))
    return max(0.0, 1 - cost), tuple(because)


def _explain_syllable(unit: str, other: str, place: int) -> tuple[float, Reason]:
    found = agreement(_placed_readings(unit, place), readings(other))
    if found.cost is not None and found.reading:
        if unit == other:
            return found.cost, Reason(unit, other, MatchType.SAME, "the same syllable")
        return found.cost, Reason(unit, other, MatchType.SPELLING, f"both can be spelled for {block_of(found.reading)}")
    if not is_hangul(unit) and (slipped := slip(unit, other, place)):
        return TYPO_COST, Reason(unit, other, MatchType.TYPO_COST, str(slipped))
    return DIFFERENT_COST, Reason(unit, other, MatchType.DIFFERENT, "another syllable in every romanisation")


def explain_words(asked: Sequence[str], words: Sequence[str]) -> tuple[float, tuple[Reason, ...]]:
    """Return how alike two bags of words are, and why: twice what agrees, as a share of what both tell."""
    left = list(zip(words, token_weights(words, is_listed=True), strict=True))
    matched, total, because = 0.0, 0.0, []
    for word, own in sorted(zip(asked, token_weights(asked, is_listed=False), strict=True), key=lambda pair: -pair[1]):
        best = max(left, key=lambda other: similarity(word, other[0]).score, default=None)
        found: Similarity = similarity(word, best[0]) if best else OTHER
        if best is None or not found.score:
            total += own
            because.append(Reason(word, None, MatchType.MISSING, "no such word in the name"))
            continue
        left.remove(best)
        # A word that is misspelt tells what the right one does.
        matched += best[1] * found.score
        total += 2 * best[1]
        because.append(Reason(word, best[0], _how(word, best[0], found), found.why))
    because += [Reason(None, word, MatchType.MISSING, "no such word in the query") for word, _ in left]
    total += sum(own for _, own in left)
    score = 2 * matched / total if total else 0.0
    if _numbers(asked) != _numbers(words):
        score = min(score, OTHER_NUMBER)
    return score, tuple(because)


def _how(word: str, other: str, found: Similarity) -> MatchType:
    if word == other:
        return MatchType.SAME
    return MatchType.SPELLING if found.why == ROMANISED else MatchType.TYPO_COST


def _numbers(words: Iterable[str]) -> Counter[str]:
    return Counter(word for word in words if word.isdigit())


class _TokenIndex:
    """Names as bags of words: which words each has, and which names each word is in."""

    def __init__(self) -> None:
        self._words: dict[str, int] = {}
        self._rows: list[tuple[int, tuple[str, ...]]] = []
        self._by_sound: dict[tuple[tuple[str, str], ...], list[str]] = defaultdict(list)
        self._by_rest: dict[str, list[str]] = defaultdict(list)

    def add(self, name: int, words: tuple[str, ...]) -> None:
        """Take in the words of a name."""
        self._rows.append((name, words))
        for word in words:
            if word not in self._words:
                self._words[word] = len(self._words)
                for key in phonetic_keys(word):
                    self._by_sound[key].append(word)
                for rest in deletion_variants(word):
                    self._by_rest[rest].append(word)

    def close(self) -> None:
        """Prepare what is asked of all names together, once every name is in."""
        told = [dict(zip(words, token_weights(words, is_listed=True), strict=True)) for _, words in self._rows]
        self._totals = np.array(
            [sum(token_weights(words, is_listed=True)) for _, words in self._rows], dtype=np.float32
        )
        found = sorted((self._words[word], row, own) for row, bag in enumerate(told) for word, own in bag.items())
        words = np.array([word for word, _, _ in found], dtype=np.int64)
        self._posted = np.array([row for _, row, _ in found], dtype=np.int32)
        self._tells = np.array([own for _, _, own in found], dtype=np.float32)
        self._starts = np.searchsorted(words, np.arange(len(self._words) + 1))

    def meant(self, words: tuple[str, ...]) -> tuple[str, ...]:
        """Return the words of a query: one that no name has, and that is a slip of a common word, is that word."""
        return tuple(filter(None, (word if word in self._words else corrected(word) for word in words)))

    def score(
        self,
        asked: tuple[str, ...],
        threshold: float,
        scores: NDArray[np.float32],
        mask: Mask | None,
        margin: float,
    ) -> None:
        """Raise the scores of the names that are like a bag of words.

        Each name that shares a word with it is first given the most that it can score: each word of the query with its
        best word in the name. Those that can reach the threshold are then scored in full, and the best of the others
        until none can pass it.
        """
        rows, most = self._most(asked, threshold)
        best_below = 0.0
        for place in np.argsort(-most, kind="stable"):
            if most[place] < threshold and most[place] <= max(best_below - margin, MIN_REPORTED_SCORE):
                break
            name, words = self._rows[rows[place]]
            if mask is not None and not mask[name]:
                continue
            score = explain_words(asked, words)[0]
            scores[name] = max(scores[name], score)
            best_below = max(best_below, score if score < threshold else 0.0)

    def _most(self, asked: tuple[str, ...], threshold: float) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Return the names that can be alike, and the most that each can score, which ``explain_words`` never passes.

        A name that shares none but common words with a query that has words of its own is not among them, as long as
        those are too few to bring it to the threshold.
        """
        told = list(zip(asked, token_weights(asked, is_listed=False), strict=True))
        own, common = (sum(tells for _, tells in told if (tells == 1) is is_own) for is_own in (True, False))
        reach = [word for word, tells in told if tells == 1 or 2 * common >= threshold * (2 * common + own)]
        alike = {word: list(self._alike(word)) for word in asked}
        found = [self._posted[self._postings(code)] for word in reach for code, _ in alike[word]]
        rows = np.unique(np.concatenate(found)) if found else np.zeros(0, dtype=np.int32)
        matched, total = np.zeros(len(rows), dtype=np.float32), self._totals[rows]
        for word, tells in told:
            best, least = np.zeros(len(rows), dtype=np.float32), np.full(len(rows), tells, dtype=np.float32)
            for code, score in alike[word]:
                places, theirs = self._among(rows, code)
                best[places] = np.maximum(best[places], theirs * score)
                least[places] = np.minimum(least[places], theirs)
            matched += best
            total = total + least
        return rows, np.divide(2 * matched, total, out=np.zeros_like(matched), where=total > 0)

    def _postings(self, code: int) -> slice:
        return slice(self._starts[code], self._starts[code + 1])

    def _among(self, rows: NDArray[np.int32], code: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        """Return which of some rows have a word, and how much it tells in each of them."""
        posted, tells = self._posted[self._postings(code)], self._tells[self._postings(code)]
        at = np.minimum(np.searchsorted(posted, rows), len(posted) - 1)
        places = np.flatnonzero(posted[at] == rows)
        return places, tells[at[places]]

    def _alike(self, word: str) -> Iterator[tuple[int, float]]:
        """Yield each word of the index that is like a word, with how much: complete for what similarity accepts."""
        found = {other for rest in deletion_variants(word) for other in self._by_rest.get(rest, ())}
        found.update(other for key in phonetic_keys(word) for other in self._by_sound.get(key, ()))
        for other in found:
            if score := similarity(word, other).score:
                yield self._words[other], score


def deletion_variants(word: str) -> set[str]:
    """Return a word and what is left of it without one of its letters.

    Two words that are one letter off, or that have two letters swapped, have one of these in common (the symmetric
    delete of SymSpell), so nothing that is that near is missed.
    """
    return {word, *(word[:place] + word[place + 1 :] for place in range(len(word)))}


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


def phonetic_keys(word: str) -> set[tuple[tuple[str, str], ...]]:
    """Return what words whose syllables agree have in common: the consonants of each, by class, without the vowels."""
    return {tuple(_sound(one, place) for place, one in enumerate(way)) for way in splits(word)}


def _sound(syllable: str, place: int) -> tuple[str, str]:
    onset, _, coda = next(iter(readings(syllable)))
    return ("r" if place == 0 and onset in _SOFT_FIRST else _CLASSES.get(onset, onset)), coda
