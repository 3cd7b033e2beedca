"""Receipts: what a search answers: hits with their status on the day, what was compared, and all of it in words."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import quote_plus, urlencode

from sqlmodel import col, select

from app.api.filters import in_force
from app.api.resource import valid_on
from app.database import OpenDataset
from app.matching.index import MATCHER
from app.matching.query import ParsedQuery
from app.publishing.rendering import BASE, url
from app.screening.screener import Hit, Screener, ScreeningQuery, ScreeningResult
from app.tables import Coverage, Listing, Rendering
from app.vocabularies import SubjectKind

LISTS = ("individuals", "entities", "vessels")
"""The kinds whose coverage says until when a search can know."""


@dataclass(frozen=True)
class ScreeningService:
    """Screens names against one dataset as of a day.

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
        return self._on_list if self.listed else set(self.screener.ids) - self._on_list

    @cached_property
    def _on_list(self) -> set[str]:
        """The ids of the subjects on the list on the day."""
        is_in_force = in_force(Listing.listed_on, Listing.delisted_on, self.day)
        listed = self.dataset.query(select(col(Listing.subject_id)).where(is_in_force).distinct())
        return {row.subject_id for row in listed}

    def screen(self, person: ScreeningQuery, limit: int, skip: int = 0, show_cleared: bool = False) -> dict[str, Any]:
        """Screen one query.

        Args:
            person: the query.
            limit: most hits to show.
            skip: hits to leave out before.
            show_cleared: whether to list the subjects that a birth date cleared, besides counting them.
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
            "compared": compared_part(found.names, found.subjects, [found.parsed]),
            "cleared": cleared_part(self._shown(found.cleared), show_cleared),
            "best_below": self._shown([found.best_below])[0] if found.best_below else None,
            "statement": self._statement(person, found),
        }

    def address(self, person: ScreeningQuery, limit: int, skip: int = 0, show_cleared: bool = False) -> str:
        """Write the URL that gives an answer again, from this dataset and for this day, or the hits that follow it."""
        url = search_url(person, self.dataset.version, self.day, self.threshold, self.listed, limit, skip)
        return f"{url}&cleared=show" if show_cleared else url

    def sources(self) -> list[dict[str, str]]:
        """List the newest source of each kind of subject, and the day until which it was checked."""
        columns = map(col, (Coverage.resource, Coverage.covers_until, Coverage.source))
        rows = self.dataset.query(
            select(*columns).where(col(Coverage.resource).in_(LISTS)).order_by(col(Coverage.resource))
        )
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

    def _statement(self, person: ScreeningQuery, found: ScreeningResult) -> str:
        return statement(
            Outcome(
                len(found.hits),
                sum(hit.subject_id not in self._on_list for hit in found.hits),
                found.best_below.score if found.best_below else None,
                cleared=len(found.cleared),
                not_compared=found.parsed.not_compared,
            ),
            self.threshold,
            ComparedWith(found.names, found.subjects, self.day, checked_until(self.dataset.covers_until, person.kind)),
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
    given = own_parameters(query.name, query.kind, query.birth_date, query.nationality)
    return f"{base}/search?{given}&{common_parameters(version, day, threshold, listed, limit, skip)}"


def own_parameters(name: str, kind: Sequence[SubjectKind], birth_date: str | None, nationality: str | None) -> str:
    """Write the parameters of a query that are its own.

    Args:
        name: the name, or an identifier.
        kind: the kinds of subject that it can be; none for any.
        birth_date: in EDTF; None where it is not known.
        nationality: ISO 3166-1 alpha-2 code; None where it is not known.
    """
    given = f"q={_quote(name)}"
    for one in kind:
        given += f"&kind={one}"
    if birth_date is not None:
        given += f"&birth_date={_quote(birth_date)}"
    return given if nationality is None else f"{given}&nationality={nationality}"


def _quote(text: str) -> str:
    """Write a text as a part of a query of a URL, with ``+`` for a blank, as `urllib.parse.quote_plus` does."""
    # Most names need no escapes.
    return text.replace(" ", "+") if _UNESCAPED.fullmatch(text) else quote_plus(text)


_UNESCAPED = re.compile(r"[A-Za-z0-9_.~ -]*")
"""The unreserved characters of RFC 3986, section 2.3, and blanks."""


@lru_cache(maxsize=64)
def common_parameters(version: str, day: date, threshold: float, listed: bool | None, limit: int, skip: int) -> str:
    """Write the parameters that all queries of a batch have in common."""
    given = {
        "listed": None if listed is None else str(listed).lower(),
        "limit": limit,
        "skip": skip or None,
        "threshold": threshold,
        "as_of": day.isoformat(),
        "dataset": version,
    }
    return urlencode({name: value for name, value in given.items() if value is not None})


@dataclass(frozen=True)
class ComparedWith:
    """What a query was compared with.

    Attributes:
        names: how many names and identifiers.
        subjects: of how many subjects.
        day: the day of the list.
        checked_until: last day until which the list was checked, of the kinds asked about.
    """

    names: int
    subjects: int
    day: date
    checked_until: date


@dataclass(frozen=True)
class Outcome:
    """What a query came to, for its statement.

    Attributes:
        total: how many subjects are hits.
        off_list: how many of them are off the list on the day.
        best_below: score of the best subject below the threshold; None where there is none or it was not looked for.
        excluded: how many hits were left out because they are known already.
        cleared: how many subjects of like names were cleared by the birth date.
        not_compared: the parts of the query that were not compared as a name, each with the reason.
    """

    total: int
    off_list: int = 0
    best_below: float | None = None
    excluded: int = 0
    cleared: int = 0
    not_compared: Sequence[tuple[str, str]] = ()


CLEARED_GROUND = "the birth date is 10 years or more from each one on record"
_LISTS_BY_KIND = dict(zip((SubjectKind.INDIVIDUAL, SubjectKind.ENTITY, SubjectKind.VESSEL), LISTS, strict=True))


def checked_until(covers_until: Mapping[str, date], kinds: Sequence[SubjectKind]) -> date:
    """Give the last day until which the lists of all the kinds asked about were checked; of every kind, if none is."""
    lists = [_LISTS_BY_KIND[kind] for kind in kinds] or list(LISTS)
    return min(covers_until[one] for one in lists)


def statement(outcome: Outcome, threshold: float, compared: ComparedWith) -> str:
    """Write the answer to a query in words, for a note.

    Args:
        outcome: what the query came to.
        threshold: score from which on a subject is a hit.
        compared: what the query was compared with.
    """
    begin = (
        f"Compared against {compared.names} names and identifiers of {compared.subjects} subjects, as the list was "
        f"on {compared.day}:"
    )
    found = _hits_in_words(outcome, threshold, compared.day)
    return " ".join(filter(None, [begin, *found, *_limits_in_words(outcome, compared.checked_until)]))


def _hits_in_words(outcome: Outcome, threshold: float, day: date) -> Iterator[str]:
    left_out = f"{outcome.excluded} known before are left out." if outcome.excluded else ""
    if outcome.total:
        yield f"{_many(outcome.total, 'subject')} {'scores' if outcome.total == 1 else 'score'} {threshold} or more."
        if outcome.off_list:
            of_them = "It is" if outcome.total == 1 else f"{outcome.off_list} of them {_are(outcome.off_list)}"
            yield f"{of_them} off the list on {day}."
        yield left_out
        yield "A hit is a name alike, not yet a person identified."
    else:
        yield f"none{' other' if outcome.excluded else ''} scores {threshold} or more."
        yield left_out
        if outcome.best_below is not None:
            yield f"The best below it scores {outcome.best_below}."
    if outcome.cleared:
        yield f"{_many(outcome.cleared, 'subject')} of like name {_are(outcome.cleared)} cleared: {CLEARED_GROUND}."


def _limits_in_words(outcome: Outcome, until: date) -> Iterator[str]:
    by_reason: dict[str, list[str]] = {}
    for text, why in outcome.not_compared:
        by_reason.setdefault(why, []).append(text)
    if by_reason:
        parts = (f"{', '.join(map(_quoted, texts))} ({why})" for why, texts in by_reason.items())
        yield f"Not compared as a name: {'; '.join(parts)}."
    yield f"The list was checked until {until}."
    if not outcome.total:
        yield "This is not a clearance beyond this list."


def _quoted(text: str) -> str:
    return f"\u201c{text}\u201d"


def _many(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def compared_part(names: int, subjects: int, queries: Sequence[ParsedQuery]) -> dict[str, Any]:
    """Describe what was compared: how many names, which parts of the query, and which were not, with the reason."""
    parts = dict.fromkeys(part for query in queries for part in query.parts)
    aside = dict.fromkeys(one for query in queries for one in query.not_compared)
    return {
        "names": names,
        "subjects": subjects,
        "parts": list(parts),
        "not_compared": [{"text": text, "why": why} for text, why in aside],
    }


def cleared_part(items: Sequence[Mapping[str, Any]], is_shown: bool) -> dict[str, Any]:
    """Describe the subjects that a birth date cleared: how many, on what ground, and which where they are asked for."""
    return {
        "total": len(items),
        "ground": CLEARED_GROUND if items else None,
        "items": list(items) if is_shown else None,
    }


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
        "found_within": _found_within(hit),
        "because": [vars(reason) for reason in hit.match.because],
        "cleared_because": hit.cleared_because,
        "digest": digest,
    }


def _found_within(hit: Hit) -> dict[str, Any] | None:
    """Describe the part of a longer query that a name was found in; None where it is all of the query."""
    segment = hit.match.segment
    if segment is None or not (segment.left_over or segment.set_aside or segment.is_window):
        return None
    return {"text": segment.text, "left_over": list(segment.left_over)}
