"""Screening: a query held against every name of a dataset, with the days, States and papers that go with it."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlmodel import SQLModel, col, select

from app.database import OpenDataset
from app.fields.dates import DateRange, parse_edtf
from app.lazily import lazily
from app.matching.index import Index, IndexedName, Kind, Match
from app.matching.query import ParsedQuery
from app.tables import BirthDate, DesignatedParty, Document, Name, Nationality, Subject, Vessel
from app.vocabularies import SubjectKind

if TYPE_CHECKING:
    import numpy as np
else:
    np = lazily("numpy")

AGREES, CONTRADICTS = 0.02, -0.1
"""What a birth date, or a nationality, that agrees or contradicts adds to the score of a name."""


class Corroboration(StrEnum):
    """How a detail of the query stands to those on record."""

    AGREES = "agrees"
    CONTRADICTS = "contradicts"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class NameInfo:
    """What is known of a name besides its text: whose it is, what kind of name, and how good an alias."""

    subject_id: str
    kind: str
    quality: str | None


@dataclass(frozen=True)
class ScreeningQuery:
    """Whom or what a query is about.

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
    """A subject held against a query.

    Attributes:
        subject_id: the subject.
        score: from 0 to 1: that of the name, moved by the details.
        match: its best name, and why.
        birth_date: how the birth date of the query stands to those on record.
        nationality: how the nationality does.
    """

    subject_id: str
    score: float
    match: Match
    birth_date: Corroboration
    nationality: Corroboration


@dataclass(frozen=True)
class ScreeningResult:
    """What screening found.

    Attributes:
        hits: the subjects at or above the threshold, the best first.
        best_below: the best subject below it; None where nothing is like the query at all.
        names: how many names and identifiers the query was held against.
        subjects: how many subjects they are of.
    """

    hits: Sequence[Hit]
    best_below: Hit | None
    names: int
    subjects: int


class Screener:
    """All names and details of one dataset, prepared once and held in memory."""

    def __init__(self, dataset: OpenDataset) -> None:
        kinds = {row.id: row.kind for row in dataset.query(select(col(Subject.id), col(Subject.kind)))}
        self.ids = sorted(kinds)
        self._numbers = {id: number for number, id in enumerate(self.ids)}
        self.kinds = np.array([list(SubjectKind).index(kinds[id]) for id in self.ids])
        self.index = Index(list(_listed(dataset, self.ids, kinds)))
        self.births = _grouped(dataset, BirthDate, lambda row: parse_edtf(row.born_on))
        self.nationalities = _grouped(dataset, Nationality, lambda row: row.country)

    def screen(
        self, person: ScreeningQuery, threshold: float, candidate_ids: set[str] | None = None
    ) -> ScreeningResult:
        """Hold a query against every name.

        Args:
            person: whom or what is asked for.
            threshold: score from which on a subject is a hit.
            candidate_ids: ids of the subjects that count; None for all.
        """
        mask = self._mask(person, candidate_ids)
        asked = self.index.read(person.name)
        reach = max(threshold - 2 * AGREES, 0.0) - 1e-6
        moved = 2 * (AGREES - CONTRADICTS) if person.birth_date or person.nationality else 0.0
        scores = self.index.scores(asked, reach, mask[self.index.subjects], moved)
        best = np.zeros(len(self.ids))
        np.maximum.at(best, self.index.subjects, scores)
        hits = [self._hit(person, asked, int(subject), scores) for subject in np.flatnonzero(best >= max(reach, 1e-6))]
        hits.sort(key=lambda hit: (-hit.score, hit.subject_id))
        over = [hit for hit in hits if hit.score >= threshold]
        best[[self._numbers[hit.subject_id] for hit in over]] = 0
        return ScreeningResult(
            hits=over,
            best_below=self._best(person, asked, scores, best, moved),
            names=int(mask[self.index.subjects].sum()),
            subjects=int(mask.sum()),
        )

    def hits(self, query: ScreeningQuery, threshold: float, candidate_ids: set[str] | None = None) -> Sequence[Hit]:
        """Find the subjects at or above the threshold, the best first, without the best below it.

        Args:
            query: whom or what is asked for.
            threshold: score from which on a subject is a hit.
            candidate_ids: ids of the subjects that count; None for all.
        """
        return self.screen(query, threshold, candidate_ids).hits

    def compared(self, query: ScreeningQuery, candidate_ids: set[str] | None = None) -> tuple[int, int]:
        """Count the names and identifiers that a query is compared with, and the subjects that they are of."""
        mask = self._mask(query, candidate_ids)
        return int(mask[self.index.subjects].sum()), int(mask.sum())

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

    def _mask(self, person: ScreeningQuery, candidate_ids: set[str] | None) -> np.ndarray[Any, np.dtype[np.bool_]]:
        wanted = [list(SubjectKind).index(kind) for kind in person.kind]
        mask = np.isin(self.kinds, wanted) if wanted else np.ones(len(self.ids), dtype=bool)
        return mask if candidate_ids is None else mask & np.array([id in candidate_ids for id in self.ids], dtype=bool)

    def _best(self, person: ScreeningQuery, asked: ParsedQuery, scores: Any, best: Any, moved: float) -> Hit | None:
        """Return the best of the subjects whose names are alike at all, once the details have moved their scores."""
        top = float(best.max(initial=0))
        near = np.flatnonzero(best >= max(top - moved, 1e-6))
        hits = [self._hit(person, asked, int(subject), scores) for subject in near]
        return min(hits, key=lambda hit: (-hit.score, hit.subject_id), default=None)

    def _hit(self, person: ScreeningQuery, asked: ParsedQuery, subject: int, scores: Any) -> Hit:
        own = np.flatnonzero(self.index.subjects == subject)
        match = self.index.explain(asked, int(own[np.argmax(scores[own])]))
        id = self.ids[subject]
        birth_date = _compare_dates(person.birth_date, self.births.get(id, []))
        nationality = _compare_nationality(person.nationality, self.nationalities.get(id, []))
        moved = match.score + sum(_MOVES[bearing] for bearing in (birth_date, nationality))
        is_identifier = match.listed.kind == Kind.IDENTIFIER
        return Hit(id, 1.0 if is_identifier else round(min(1.0, max(0.0, moved)), 4), match, birth_date, nationality)


_MOVES = {Corroboration.AGREES: AGREES, Corroboration.CONTRADICTS: CONTRADICTS, Corroboration.UNKNOWN: 0.0}


def _compare_dates(asked: str | None, known: Iterable[DateRange]) -> Corroboration:
    if asked is None or not (known := list(known)):
        return Corroboration.UNKNOWN
    return Corroboration.AGREES if any(_overlap(parse_edtf(asked), one) for one in known) else Corroboration.CONTRADICTS


def _overlap(one: DateRange, other: DateRange) -> bool:
    first = max(one.earliest or date.min, other.earliest or date.min)
    return first <= min(one.latest or date.max, other.latest or date.max)


def _compare_nationality(asked: str | None, known: Sequence[str]) -> Corroboration:
    if asked is None or not known:
        return Corroboration.UNKNOWN
    return Corroboration.AGREES if asked in known else Corroboration.CONTRADICTS


def _grouped(dataset: OpenDataset, table: type[SQLModel], value: Any) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for row in dataset.query(select(*table.__table__.columns)):  # type: ignore[attr-defined]  # by SQLModel
        found[row.subject_id].append(value(row))
    return found


def _listed(dataset: OpenDataset, ids: Sequence[str], kinds: dict[str, SubjectKind]) -> Iterable[IndexedName]:
    """Yield every name and identifier of a dataset."""
    numbers = {id: number for number, id in enumerate(ids)}
    for row in dataset.query(select(*Name.__table__.columns).order_by(Name.__table__.c.id)):  # type: ignore[attr-defined]
        for text in filter(None, (row.name, row.original_script)):
            is_person = kinds[row.subject_id] == SubjectKind.INDIVIDUAL
            about = NameInfo(row.subject_id, row.kind, row.quality)
            yield IndexedName(numbers[row.subject_id], text, Kind.NAME, is_person, about)
    for id, kind, text in _identifiers(dataset):
        yield IndexedName(numbers[id], text, Kind.IDENTIFIER, about=NameInfo(id, kind, None))


def _identifiers(dataset: OpenDataset) -> Iterable[tuple[str, str, str]]:
    """Yield the identifiers of every subject, each with what it is."""
    for row in dataset.query(select(col(Vessel.id), col(Vessel.imo_number))):
        if row.imo_number:
            yield row.id, "imo_number", row.imo_number
    columns = (DesignatedParty.id, DesignatedParty.swift_code, DesignatedParty.imo_company_number)
    for party in dataset.query(select(*map(col, columns))):
        yield party.id, "permanent_reference_number", party.id
        for kind in ("swift_code", "imo_company_number"):
            if text := getattr(party, kind):
                yield party.id, kind, text
    for paper in dataset.query(select(col(Document.subject_id), col(Document.kind), col(Document.number))):
        yield paper.subject_id, str(paper.kind), paper.number
