"""Receipts: what a search answers: hits with their status on the day, what was compared, and all of it in words."""

import json
from collections.abc import Iterator, Mapping, Sequence
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
from app.screening.batch import BadLine
from app.screening.screener import Hit, Screener, ScreeningQuery, ScreeningResult
from app.tables import Coverage, Listing, Rendering
from app.vocabularies import SubjectKind

LISTS = ("individuals", "entities", "vessels")
"""The kinds whose coverage says until when a search can know."""

BATCH_COLUMNS = (
    *("line", "name", "error", "hits", "score", "subject.id", "subject.kind", "subject.name", "subject.url", "listed"),
    *(
        "status",
        "matched.text",
        "matched.kind",
        "matched.quality",
        "birth_date",
        "nationality",
        "because",
        "statement",
        "cite_as",
    ),
)
"""The columns of a batch as CSV."""


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
        """Return the URL that gives a receipt again, from this dataset and for this day, or what follows after it."""
        given = {
            "q": person.name,
            "kind": list(person.kind),
            "birth_date": person.birth_date,
            "nationality": person.nationality,
            "listed": None if self.listed is None else str(self.listed).lower(),
            "limit": limit,
            "skip": skip or None,
            "threshold": self.threshold,
            "as_of": self.day.isoformat(),
            "dataset": self.dataset.version,
        }
        known = {name: value for name, value in given.items() if value not in (None, [])}
        return f"{BASE}/search?{urlencode(known, doseq=True)}"

    def screen_batch(self, lines: Sequence[ScreeningQuery | BadLine], limit: int) -> Iterator[dict[str, Any]]:
        """Yield the answer to each line of a batch, in order; one that cannot be read has its error in its place."""
        for number, line in enumerate(lines, start=1):
            if isinstance(line, BadLine):
                yield {"line": number, "error": line.message, "answer": None}
            else:
                receipt = self.screen(line, limit)
                following = self.address(line, limit, limit) if receipt["total"] > limit else None
                addresses = {"next": following, "cite_as": self.address(line, limit)}
                yield {"line": number, "error": None, "answer": receipt | addresses}

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
        return [_hit(hit, records[hit.subject_id]) for hit in hits]

    def _statement(self, found: ScreeningResult) -> str:
        against = f"{found.names} names and identifiers of {found.subjects} subjects, as the list stood on {self.day}"
        if found.hits:
            hits = "1 subject scores" if len(found.hits) == 1 else f"{len(found.hits)} subjects score"
            return (
                f"Compared against {against}: {hits} {self.threshold} or more. A hit is a name alike, not yet a person "
                "identified."
            )
        best = f" The best below it scores {found.best_below.score}." if found.best_below else ""
        return (
            f"Compared against {against}: none scores {self.threshold} or more.{best} This is not a clearance beyond "
            f"this list, which was checked until {self.dataset.checked_until(*LISTS)}."
        )


def _hit(hit: Hit, record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a hit as it is answered, with what the record of its subject says on the day."""
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
    }


def escape_formula(name: str) -> str:
    """Return a name that was sent so that no spreadsheet takes it for a formula."""
    return f"'{name}" if name[0] in "=+-@" else name


def csv_rows(answer: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the rows that answer one line of a batch as CSV: one for each hit, or one without."""
    receipt = answer["answer"]
    common = {"line": answer["line"], "error": answer["error"]}
    if receipt is not None:
        common |= {"name": escape_formula(receipt["query"]["q"]), "hits": receipt["total"]}
        common |= {"statement": receipt["statement"], "cite_as": receipt["cite_as"]}
    for hit in receipt["items"] if receipt and receipt["items"] else [{}]:
        yield common | hit
