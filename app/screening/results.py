"""Receipts: what a search answers: hits with their status on the day, what was compared, and all of it in words."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from sqlmodel import col, select

from app.api.filters import in_force
from app.api.pagination import valid_on
from app.database import OpenDataset
from app.matching.index import MATCHER
from app.publishing.rendering import BASE, url
from app.screening.screener import Hit, Screener, ScreeningQuery, ScreeningResult
from app.tables import Coverage, Listing, Rendering
from app.vocabularies import SubjectKind

LISTS = ("individuals", "entities", "vessels")
"""The kinds whose coverage says until when a search can know."""


@dataclass(frozen=True)
class ScreeningService:
    """Where names are held against one dataset, as its list stood on a day.

    Attributes:
        dataset: the dataset.
        screener: its names.
        day: the day.
        threshold: score from which on a subject is a hit.
        listed: whether only those on the list on the day count, or only those off it; None for all.
    """

    dataset: OpenDataset
    screener: Screener
    day: date
    threshold: float
    listed: bool | None = None

    @cached_property
    def _candidate_ids(self) -> set[str] | None:
        """The ids of the subjects that count; None for all."""
        if self.listed is None:
            return None
        is_in_force = in_force(Listing.listed_on, Listing.delisted_on, self.day)
        on_list = {
            row.subject_id for row in self.dataset.query(select(col(Listing.subject_id)).where(is_in_force).distinct())
        }
        return on_list if self.listed else set(self.screener.ids) - on_list

    def screen(self, person: ScreeningQuery, limit: int, skip: int = 0) -> dict[str, Any]:
        """Return what holding a name against the list gives.

        Args:
            person: whom or what is asked for.
            limit: most hits to show.
            skip: hits to leave out before.
        """
        found = self.screener.screen(person, self.threshold, self._candidate_ids)
        shown = self._shown(found.hits[skip : skip + limit])
        return {
            "total": len(found.hits),
            "items": shown,
            "query": {
                "q": person.name,
                "kind": list(person.kind),
                "listed": self.listed,
                "birth_date": person.birth_date,
                "nationality": person.nationality,
            },
            "threshold": self.threshold,
            "matcher": MATCHER,
            "compared": {"names": found.names, "subjects": found.subjects},
            "best_below": self._shown([found.best_below])[0] if found.best_below else None,
            "statement": self._statement(found),
        }

    def address(self, person: ScreeningQuery, limit: int, skip: int = 0) -> str:
        """Write the URL that gives an answer again, from this dataset and for this day, or what follows after it."""
        return search_url(person, self.dataset.version, self.day, self.threshold, self.listed, limit, skip)

    def sources(self) -> list[dict[str, str]]:
        """Return what the list was checked against, and until when."""
        columns = map(col, (Coverage.resource, Coverage.covers_until, Coverage.source))
        rows = self.dataset.query(select(*columns).where(col(Coverage.resource).in_(LISTS)))
        return [
            {"kind": row.resource, "covers_until": row.covers_until.isoformat(), "url": url("sources", row.source)}
            for row in rows
        ]

    def _shown(self, hits: Sequence[Hit]) -> list[dict[str, Any]]:
        resources = ["designated-parties", "vessels"]
        rows = self.dataset.query(
            select(col(Rendering.id), col(Rendering.record)).where(
                col(Rendering.resource).in_(resources),
                col(Rendering.id).in_([hit.subject_id for hit in hits]),
                valid_on(self.day),
            )
        )
        records = {row.id: json.loads(row.record) for row in rows}
        return [hit_item(hit, records[hit.subject_id], self.screener.digests[hit.subject_id]) for hit in hits]

    def _statement(self, found: ScreeningResult) -> str:
        compared = ComparedWith(found.names, found.subjects, self.day, self.dataset.checked_until(*LISTS))
        return statement(
            len(found.hits), self.threshold, compared, found.best_below.score if found.best_below else None
        )


def search_url(
    query: ScreeningQuery,
    version: str,
    day: date,
    threshold: float,
    listed: bool | None,
    limit: int,
    skip: int = 0,
    base: str = BASE,
) -> str:
    """Write the URL that gives the answer to a query again.

    Args:
        query: the query.
        version: the version of the dataset.
        day: the day of the list.
        threshold: score from which on a subject is a hit.
        listed: whether only subjects on the list, or only those off it, count; None for all.
        limit: most hits in the answer.
        skip: hits to leave out before.
        base: what the URL begins with.
    """
    given = {
        "q": query.name,
        "kind": list(query.kind),
        "birth_date": query.birth_date,
        "nationality": query.nationality,
        "listed": None if listed is None else str(listed).lower(),
        "limit": limit,
        "skip": skip or None,
        "threshold": threshold,
        "as_of": day.isoformat(),
        "dataset": version,
    }
    known = {name: value for name, value in given.items() if value not in (None, [])}
    return f"{base}/search?{urlencode(known, doseq=True)}"


@dataclass(frozen=True)
class ComparedWith:
    """What a query was compared with.

    Attributes:
        names: how many names and identifiers.
        subjects: of how many subjects.
        day: the day of the list.
        checked_until: last day until which the list was checked.
    """

    names: int
    subjects: int
    day: date
    checked_until: date


def statement(total: int, threshold: float, compared: ComparedWith, best_below: float | None, excluded: int = 0) -> str:
    """Write the answer to a query in words, for a note.

    Args:
        total: how many subjects are hits.
        threshold: score from which on a subject is a hit.
        compared: what the query was compared with.
        best_below: score of the best subject below the threshold; None where there is none or it was not looked for.
        excluded: how many hits were left out because they are known already.
    """
    against = (
        f"{compared.names} names and identifiers of {compared.subjects} subjects, as the list stood on {compared.day}"
    )
    left_out = f" {excluded} known before are left out." if excluded else ""
    if total:
        hits = "1 subject scores" if total == 1 else f"{total} subjects score"
        return (
            f"Compared against {against}: {hits} {threshold} or more.{left_out} A hit is a name alike, not yet a "
            "person identified."
        )
    best = f" The best below it scores {best_below}." if best_below is not None else ""
    return (
        f"Compared against {against}: none{' other' if excluded else ''} scores {threshold} or more.{left_out}{best} "
        f"This is not a clearance beyond this list, which was checked until {compared.checked_until}."
    )


def hit_item(hit: Hit, record: Mapping[str, Any], digest: str) -> dict[str, Any]:
    """Describe a hit as it is answered, with the values that the record of its subject has on the day."""
    about = hit.match.listed.about
    kind = record.get("kind", SubjectKind.VESSEL)
    return {
        "score": hit.score,
        "subject": {"id": hit.subject_id, "kind": kind, "name": record["name"], "url": record["url"]},
        "listed": record["listed"],
        "status": record["status"]["status"],
        "matched": {"text": hit.match.listed.text, "kind": about.kind, "quality": about.quality},
        "birth_date": hit.birth_date,
        "nationality": hit.nationality,
        "because": [vars(reason) for reason in hit.match.because],
        "cleared_because": hit.cleared_because,
        "digest": digest,
    }
