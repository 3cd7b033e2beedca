"""Screening: a query compared with every name of a dataset, with the days, States and papers that go with it."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any

from sqlalchemy import inspect
from sqlmodel import SQLModel, col, select

from app.database import OpenDataset
from app.fields.dates import DateRange, parse_edtf
from app.matching.blocking import Blocker
from app.matching.index import MIN_REPORTED_SCORE, Index, IndexedName, Kind, Match, MatchType, Reason
from app.matching.query import ParsedQuery
from app.tables import BirthDate, DesignatedParty, Document, Identifier, Name, Nationality, Subject, Vessel
from app.vocabularies import IdentifierScheme, SubjectKind

YEARS_APART = 10
"""Years between a birth date and every one on record from which on it is another person's.

Published guidance counts a date as agreeing within one or two years (Wolfsberg Group, Guidance on Sanctions Screening,
2019; OFAC, FAQ 5: compare the date of birth, too); ages of old records are off by up to some years, not by ten.
"""


class Corroboration(StrEnum):
    """How a detail of the query compares with those on record."""

    AGREES = "agrees"
    NEAR = "near"
    CONTRADICTS = "contradicts"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Detail:
    """A detail of the query compared with those on record.

    Attributes:
        result: how it compares.
        points: what it adds to the score.
        why: the reason, in words.
        is_far: whether it is a birth date ten years or more from each one on record.
    """

    result: Corroboration
    points: float = 0.0
    why: str = ""
    is_far: bool = False


UNKNOWN = Detail(Corroboration.UNKNOWN)


@dataclass(frozen=True)
class NameInfo:
    """A name's owner and kind, and how well an alias identifies its subject."""

    subject_id: str
    kind: str
    quality: str | None


@dataclass(frozen=True)
class ScreeningQuery:
    """A person, a body or a ship to be screened.

    Attributes:
        name: the name, or an identifier.
        kind: the kinds of subject that it can be; none for any.
        birth_date: in EDTF; None where it is not known.
        nationality: ISO 3166-1 alpha-2 code; None where it is not known.
    """

    name: str
    kind: tuple[SubjectKind, ...] = ()
    birth_date: str | None = None
    nationality: str | None = None


@dataclass(frozen=True)
class Hit:
    """A subject compared with a query.

    Attributes:
        subject_id: the subject.
        score: from 0 to 1: that of the name, moved by the details.
        match: its best name, and why.
        birth_date: how the birth date of the query compares with those on record.
        nationality: how the nationality does.
        cleared_because: why a name that is alike is no hit; None where it is one.
    """

    subject_id: str
    score: float
    match: Match
    birth_date: Corroboration
    nationality: Corroboration
    cleared_because: str | None = None


@dataclass(frozen=True)
class ScreeningResult:
    """The result of screening one query.

    Attributes:
        hits: the subjects at or above the threshold, the best first.
        cleared: those whose names are alike, but whose birth dates on record are all ten years or more from the given
            one.
        best_below: the best subject below the threshold; None where no name is alike.
        names: how many names and identifiers the query was compared with.
        subjects: how many subjects they are of.
        parsed: the query as it was read.
    """

    hits: Sequence[Hit]
    cleared: Sequence[Hit]
    best_below: Hit | None
    names: int
    subjects: int
    parsed: ParsedQuery


_Best = tuple[float, int, int | None]
"""The best name of a subject: its score, its number, and the part of the query that the score is of."""


MAX_BLOCKERS = 4
"""Thresholds for which what rejects names is kept."""


class Screener:
    """All names and details of one dataset, prepared once and held in memory."""

    def __init__(self, dataset: OpenDataset) -> None:
        kinds = {row.id: row.kind for row in dataset.query(select(col(Subject.id), col(Subject.kind)))}
        self.ids = sorted(kinds)
        self.kinds = [kinds[id] for id in self.ids]
        self.index = Index(list(_listed(dataset, self.ids, kinds)))
        self._names_of = [0] * len(self.ids)
        for one in self.index.listed:
            self._names_of[one.subject] += 1
        self._blockers: dict[float, Blocker] = {}
        self.births = _grouped(dataset, BirthDate, lambda row: parse_edtf(row.born_on))
        self.nationalities = _grouped(dataset, Nationality, lambda row: row.country)

    def screen(
        self,
        query: ScreeningQuery,
        threshold: float,
        candidate_ids: set[str] | None = None,
        with_best_below: bool = True,
    ) -> ScreeningResult:
        """Compare a query with every name.

        Args:
            query: the person, body or ship.
            threshold: score from which on a subject is a hit.
            candidate_ids: ids of the subjects that count; None for all.
            with_best_below: whether to look for the best below the threshold, which takes most of the time where there
                is no hit.
        """
        parsed = self.index.read(query.name)
        reach = max(threshold - AGREES - SAME_STATE, 0.0)
        floor = min(MIN_REPORTED_SCORE, reach) if with_best_below else reach
        best: dict[int, _Best] = {}
        for number, (score, source) in self.index.find(parsed, reach, floor).items():
            subject = self.index.listed[number].subject
            if self._counts(subject, query, candidate_ids) and (subject not in best or score > best[subject][0]):
                best[subject] = score, number, source
        found = [self._hit(query, parsed, threshold, one) for one in best.values() if one[0] >= reach]
        found.sort(key=lambda hit: (-hit.score, hit.subject_id))
        hits = [hit for hit in found if hit.score >= threshold and not hit.cleared_because]
        cleared = [hit for hit in found if hit.cleared_because]
        shown = {hit.subject_id for hit in (*hits, *cleared)}
        below = {subject: one for subject, one in best.items() if self.ids[subject] not in shown}
        names, subjects = self.compared(query, candidate_ids)
        return ScreeningResult(
            hits=hits,
            cleared=cleared,
            best_below=self._best(query, parsed, threshold, below) if with_best_below else None,
            names=names,
            subjects=subjects,
            parsed=parsed,
        )

    def compared(self, query: ScreeningQuery, candidate_ids: set[str] | None = None) -> tuple[int, int]:
        """Count the names and identifiers that a query is compared with, and the subjects that they are of."""
        if not query.kind and candidate_ids is None:
            return len(self.index.listed), len(self.ids)
        names = self._count(query, candidate_ids, self._names_of)
        return names, self._count(query, candidate_ids, [1] * len(self.ids))

    def blocker(self, threshold: float) -> Blocker:
        """Give what rejects names that cannot be hits without comparing them; it is kept with all that it remembers."""
        least = max(threshold - AGREES - SAME_STATE, 0.0)
        if least not in self._blockers:
            while len(self._blockers) >= MAX_BLOCKERS:
                del self._blockers[next(iter(self._blockers))]
            self._blockers[least] = Blocker(self.index, least)
        return self._blockers[least]

    @cached_property
    def digests(self) -> dict[str, str]:
        """By the id of each subject, a digest of all that a query is compared with.

        Sixteen hexadecimal digits: the beginning of the SHA-256 of its id, names and identifiers, birth dates and
        nationalities, each sorted. It changes when one of them is added, altered or taken away, and at no other time.
        """
        texts: dict[int, set[str]] = defaultdict(set)
        for one in self.index.listed:
            texts[one.subject].add(f"{one.kind}:{one.text}")
        found = {}
        for number, id in enumerate(self.ids):
            births = sorted(f"{one.earliest}/{one.latest}" for one in self.births.get(id, ()))
            compared = [id, sorted(texts[number]), births, sorted(self.nationalities.get(id, ()))]
            found[id] = hashlib.sha256(json.dumps(compared, ensure_ascii=False).encode()).hexdigest()[:16]
        return found

    def _counts(self, subject: int, query: ScreeningQuery, candidate_ids: set[str] | None) -> bool:
        if query.kind and self.kinds[subject] not in query.kind:
            return False
        return candidate_ids is None or self.ids[subject] in candidate_ids

    def _count(self, query: ScreeningQuery, candidate_ids: set[str] | None, sizes: Sequence[int]) -> int:
        return sum(size for subject, size in enumerate(sizes) if self._counts(subject, query, candidate_ids))

    def _best(
        self, query: ScreeningQuery, parsed: ParsedQuery, threshold: float, below: dict[int, _Best]
    ) -> Hit | None:
        """Select the best of the subjects below the threshold, once the details have moved their scores.

        To what is in all likelihood a person's name no ship is the nearest, unless ships alone are asked for.
        """
        if not query.kind and parsed.is_likely_person:
            below = {subject: one for subject, one in below.items() if self.kinds[subject] == SubjectKind.INDIVIDUAL}
        top = max((score for score, *_ in below.values()), default=0.0)
        near = [one for one in below.values() if one[0] >= max(top - 2 * SPREAD, MIN_REPORTED_SCORE)]
        hits = [self._hit(query, parsed, threshold, one) for one in near]
        return min(hits, key=lambda hit: (-hit.score, hit.subject_id), default=None)

    def _hit(self, query: ScreeningQuery, parsed: ParsedQuery, threshold: float, best: _Best) -> Hit:
        _, number, source = best
        match = self.index.explain(parsed, number, source)
        id = self.ids[match.listed.subject]
        born = compare_dates(query.birth_date, self.births.get(id, []))
        state = compare_states(query.nationality, self.nationalities.get(id, []))
        if match.listed.kind == Kind.IDENTIFIER:
            return Hit(id, 1.0, match, born.result, state.result)
        moved = match.score
        because = list(match.because)
        for about, detail in (("birth date", born), ("nationality", state)):
            # A detail that contradicts weighs, but takes no hit away: that is for what is counted as cleared.
            least = min(moved, threshold) if detail.points < 0 else 0.0
            after = round(min(1.0, max(least, moved + detail.points)), 4)
            if detail.result != Corroboration.UNKNOWN:
                given = query.birth_date if about == "birth date" else query.nationality
                why = f"{about}: {detail.why}"
                because.append(Reason(given, None, _AGREEMENTS[detail.result], why, round(after - moved, 4)))
            moved = after
        cleared = born.why if born.is_far and match.score >= threshold - AGREES - SAME_STATE else None
        return Hit(id, moved, replace(match, because=tuple(because)), born.result, state.result, cleared)


_AGREEMENTS = {
    Corroboration.AGREES: MatchType.SAME,
    Corroboration.NEAR: MatchType.SLIP,
    Corroboration.CONTRADICTS: MatchType.DIFFERENT,
}

AGREES, SAME_YEAR, SAME_STATE = 0.02, 0.01, 0.01
"""Points of a birth date that is the same day, or in the same year or span; of a State that agrees."""
CONTRADICTS, OTHER_STATE = -0.05, -0.02
"""Points of a birth date that is neither the same nor near; of another State: people move and lists are incomplete."""
SPREAD = AGREES + SAME_STATE - CONTRADICTS - OTHER_STATE
"""Most by which the details can move the scores of two names apart."""


def compare_dates(given: str | None, known: Sequence[DateRange]) -> Detail:
    """Compare a birth date with those on record, and keep the best comparison.

    Args:
        given: in EDTF; None where it is not known.
        known: the dates on record.
    """
    if given is None or not known:
        return UNKNOWN
    asked = parse_edtf(given)
    found = [_compare_date(asked, one) for one in known]
    best = max(found, key=lambda detail: detail.points)
    return best if best.result != Corroboration.CONTRADICTS else _contradiction(asked, known)


def _compare_date(asked: DateRange, known: DateRange) -> Detail:
    """Compare two birth dates, in grades.

    A year off is as near as Korean age and the lunar new year make it; day and month swapped, and one digit that
    differs, are the commonest slips of the pen.
    """
    if _is_day(asked) and asked.earliest == known.earliest and asked.latest == known.latest:
        return Detail(Corroboration.AGREES, AGREES, f"the same day, {known.earliest}")
    if _overlap(asked, known):
        return Detail(Corroboration.AGREES, SAME_YEAR, f"within {_span(known)}, on record")
    if asked.earliest and known.earliest and _is_day(asked) and _is_day(known):
        one, other = asked.earliest, known.earliest
        if one.year == other.year and (one.month, one.day) == (other.day, other.month):
            return Detail(Corroboration.NEAR, 0.0, f"day and month swapped: {other} on record")
        differing = sum(a != b for a, b in zip(one.isoformat(), other.isoformat(), strict=True))
        if differing == 1 and abs(one.year - other.year) < YEARS_APART:
            return Detail(Corroboration.NEAR, 0.0, f"one digit differs: {other} on record")
        if one.year == other.year:
            return Detail(Corroboration.NEAR, 0.0, f"the same year, another day: {other} on record")
    if _years_between(asked, known) <= 1:
        return Detail(Corroboration.NEAR, 0.0, f"a year off: {_span(known)} on record")
    return Detail(Corroboration.CONTRADICTS, CONTRADICTS)


def _contradiction(asked: DateRange, known: Sequence[DateRange]) -> Detail:
    years = min(_years_between(asked, one) for one in known)
    spans = ", ".join(dict.fromkeys(map(_span, known)))
    far = all(_is_far(asked, one) for one in known)
    why = f"{years} years or more from each on record ({spans})" if far else f"on record: {spans}"
    return Detail(Corroboration.CONTRADICTS, CONTRADICTS, why, far)


def _is_day(one: DateRange) -> bool:
    return one.earliest is not None and one.earliest == one.latest


def _years_between(one: DateRange, other: DateRange) -> int:
    """Count the calendar years between two spans that do not overlap; 0 where one has no end on that side."""
    first, second = sorted((one, other), key=lambda span: span.earliest or date.min)
    return second.earliest.year - first.latest.year if second.earliest and first.latest else 0


def _is_far(one: DateRange, other: DateRange) -> bool:
    """Check whether two spans are ten years or more apart, to the day where both are known to the day."""
    first, second = sorted((one, other), key=lambda span: span.earliest or date.min)
    if not second.earliest or not first.latest:
        return False
    years = second.earliest.year - first.latest.year
    if _is_day(one) and _is_day(other) and years == YEARS_APART:
        return (second.earliest.month, second.earliest.day) >= (first.latest.month, first.latest.day)
    return years >= YEARS_APART


def _span(one: DateRange) -> str:
    if one.earliest is None or one.latest is None:
        return str(one.earliest or one.latest)
    if one.earliest == one.latest:
        return one.earliest.isoformat()
    first, last = one.earliest.year, one.latest.year
    return str(first) if first == last else f"{first} to {last}"


def _overlap(one: DateRange, other: DateRange) -> bool:
    first = max(one.earliest or date.min, other.earliest or date.min)
    return first <= min(one.latest or date.max, other.latest or date.max)


def compare_states(given: str | None, known: Sequence[str]) -> Detail:
    """Compare a State with those on record: another one weighs little and clears nobody."""
    if given is None or not known:
        return UNKNOWN
    if given in known:
        return Detail(Corroboration.AGREES, SAME_STATE, f"{given} on record")
    return Detail(Corroboration.CONTRADICTS, OTHER_STATE, f"{', '.join(known)} on record, not {given}")


def _grouped(dataset: OpenDataset, table: type[SQLModel], value: Any) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    mapper = inspect(table)
    for row in dataset.query(select(*mapper.local_table.columns).order_by(*mapper.primary_key)):
        found[row.subject_id].append(value(row))
    return found


def _listed(dataset: OpenDataset, ids: Sequence[str], kinds: dict[str, SubjectKind]) -> Iterable[IndexedName]:
    """Yield every name and identifier of a dataset."""
    numbers = {id: number for number, id in enumerate(ids)}
    for row in dataset.query(select(*inspect(Name).local_table.columns).order_by(col(Name.id))):
        for text in filter(None, (row.name, row.original_script)):
            is_person = kinds[row.subject_id] == SubjectKind.INDIVIDUAL
            about = NameInfo(row.subject_id, row.kind, row.quality)
            is_body = kinds[row.subject_id] == SubjectKind.ENTITY
            yield IndexedName(numbers[row.subject_id], text, Kind.NAME, is_person, is_body, about)
    for id, kind, text in _identifiers(dataset):
        yield IndexedName(numbers[id], text, Kind.IDENTIFIER, about=NameInfo(id, kind, None))


def _identifiers(dataset: OpenDataset) -> Iterable[tuple[str, str, str]]:
    """Yield the identifiers of every subject, each with what it is."""
    for row in dataset.query(select(col(Vessel.id), col(Vessel.imo_number)).order_by(col(Vessel.id))):
        if row.imo_number:
            yield row.id, "imo_number", row.imo_number
    columns = (DesignatedParty.id, DesignatedParty.swift_code, DesignatedParty.imo_company_number)
    for party in dataset.query(select(*map(col, columns)).order_by(col(DesignatedParty.id))):
        yield party.id, "permanent_reference_number", party.id
        for kind in ("swift_code", "imo_company_number"):
            if text := getattr(party, kind):
                yield party.id, kind, text
    papers = select(col(Document.subject_id), col(Document.kind), col(Document.number)).order_by(col(Document.id))
    for paper in dataset.query(papers):
        yield paper.subject_id, str(paper.kind), paper.number
    yield from _external_identifiers(dataset)


_NAMED_APART = (
    *(IdentifierScheme.IMO, IdentifierScheme.IMO_COMPANY, IdentifierScheme.SWIFT),
    *(IdentifierScheme.PASSPORT, IdentifierScheme.DIPLOMATIC_PASSPORT),
)
"""The schemes whose identifiers are found by tables of their own."""


def _external_identifiers(dataset: OpenDataset) -> Iterator[tuple[str, str, str]]:
    """Yield the identifiers of lists of others, and of ships' radios: with their scheme, and alone where one is meant.

    A value alone is one that no other subject has in any scheme, and that has a digit: others are read as names.
    """
    columns = (Identifier.subject_id, Identifier.scheme, Identifier.value, Identifier.compared)
    found = dataset.query(select(*map(col, columns)).where(col(Identifier.value).is_not(None)).order_by(Identifier.id))
    owners: dict[str, set[str]] = defaultdict(set)
    for row in found:
        owners[row.compared].add(row.subject_id)
    for row in found:
        if row.scheme not in _NAMED_APART:
            yield row.subject_id, str(row.scheme), f"{row.scheme}:{row.value}"
            if len(owners[row.compared]) == 1 and any(map(str.isdigit, row.compared)):
                yield row.subject_id, str(row.scheme), row.value
