"""The timeline: how many individuals, entities and ships were listed, from one change of the list to the next."""

import json
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from itertools import pairwise
from typing import Annotated, Any, ClassVar

from fastapi import Query, Request, Response
from pydantic import Field, model_validator
from sqlalchemy import bindparam
from sqlmodel import col, select

from app.api.envelope import Answer, envelope_of
from app.api.flat import columns_of
from app.api.formats import DATA, Content, choose_format, format_field
from app.api.openapi_responses import TABLE_ANSWERS
from app.api.query_models import VersionQuery, byte_order_mark, check_range_order
from app.api.query_types import StrictBool
from app.api.resource import RECORD
from app.api.routing import strict_router
from app.api.table import send_table
from app.database import DayText, OpenDataset, PreparedQuery
from app.fields.dates import LAST_DAY, PastDay, today
from app.fields.text import dump_json
from app.publishing.batch_reader import BatchReader
from app.publishing.rendering import Part, RenderedRecord
from app.publishing.subjects import times_on_list
from app.tables import Listing, Rendering, Subject
from app.vocabularies import ListingMeasure, SubjectKind

router = strict_router("changes")
HOME = ("/timeline", "Subjects on the list, day by day")
"""Link on the home page: path and title."""

PATH = "timeline"
COVERED = ("individuals", "entities", "vessels")


class Step(StrEnum):
    """The interval of one item of the timeline."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


class VesselCounts(Part):
    """How many ships were under each measure; a ship under two counts in both."""

    asset_freeze: int = Field(description="Under an asset freeze.")
    travel_ban: int = Field(description="Under a travel ban; no ship ever was.")
    port_entry_ban: int = Field(description="Closed out of ports.")
    flag_withdrawal: int = Field(description="Whose flag must be withdrawn.")


class TimelineItem(Part):
    """How many were listed during an interval of days."""

    from_on: date = Field(description="First day of the stretch.")
    until_on: date | None = Field(description="First day after it; null while it lasts.")
    counted_on: date = Field(description="The day that the numbers are of: the first, or of a month or year the last.")
    individuals: int = Field(description="Individuals on the list.")
    entities: int = Field(description="Entities on the list.")
    vessels: int = Field(description="Ships on the list, each counted once.")
    vessels_by_measure: VesselCounts = Field(description="Ships by what they were under.")


class Timeline(Answer):
    """How many were listed over time."""

    total: int = Field(description="How many items there are.")
    items: list[TimelineItem] = Field(description="The stretches, in order; before the first, nobody was on the list.")
    next: None = Field(description="Null: all of it is here.")


class TimelineQuery(VersionQuery):
    """Query parameters of the timeline."""

    DAY: ClassVar[str | None] = "until"

    format: str | None = format_field(DATA)
    bom: StrictBool | None = byte_order_mark()
    step: Step = Field(
        default=Step.DAY,
        description=(
            "day (the default): an item for each stretch of days between two changes. month or year: an item for each, "
            "as of its last day."
        ),
        examples=["month"],
    )
    first_on: PastDay | None = Field(
        default=None,
        alias="from",
        description="Stretches that hold this day or later ones. Not given: from the first change on.",
        examples=["2016-03-02"],
    )
    last_on: PastDay | None = Field(
        default=None,
        alias="until",
        description="Stretches that hold this day or earlier ones. Not given: today.",
        examples=["2018-12-31"],
    )

    def day(self) -> date:
        """Return the last day asked for, else today."""
        return self.last_on or today()

    @model_validator(mode="after")
    def refuse_reversed_days(self) -> "TimelineQuery":
        """Refuse a last day before the first."""
        check_range_order({"from": self.first_on, "until": self.day()}, "from", "until")
        return self


_PLURAL = {SubjectKind.INDIVIDUAL: "individuals", SubjectKind.ENTITY: "entities", SubjectKind.VESSEL: "vessels"}


def render(rows: BatchReader) -> Iterator[RenderedRecord]:
    """Yield the numbers for each half-open stretch of days between two changes of the list."""
    steps = _steps(rows)
    counts: Counter[str] = Counter()
    for day, end in pairwise([*sorted(steps.keys() - {LAST_DAY}), LAST_DAY]):
        counts.update(steps[day])
        by_measure = {str(measure): counts[measure] for measure in ListingMeasure}
        numbers = {name: counts[name] for name in _PLURAL.values()} | {"vessels_by_measure": by_measure}
        yield RenderedRecord(day.isoformat(), day, end, dump_json(numbers).decode())


def _steps(rows: BatchReader) -> dict[date, Counter[str]]:
    """Return by how much each number rises or falls on each day on which someone comes onto the list or leaves it."""
    steps: dict[date, Counter[str]] = defaultdict(Counter)
    for subject in rows.all(Subject):
        listings = rows.related(Listing, Listing.subject_id, subject.id)
        _count(steps, _PLURAL[subject.kind], listings)
        if subject.kind == SubjectKind.VESSEL:
            for measure in {listing.measure for listing in listings}:
                _count(steps, measure, (listing for listing in listings if listing.measure == measure))
    return steps


def _count(steps: dict[date, Counter[str]], name: str, listings: Iterable[Listing]) -> None:
    for first, end in times_on_list(listings):
        steps[first][name] += 1
        steps[end][name] -= 1


def on_list(dataset: OpenDataset, day: date, *kinds: SubjectKind) -> int:
    """Return how many subjects of some kinds were listed on a day, as counted at publish."""
    by_interval = dataset.run_prepared(_stretch(), {"day": day})
    counts = json.loads(by_interval[0][0]) if by_interval else {}
    return sum(counts.get(_PLURAL[kind], 0) for kind in kinds)


@cache
def _stretch() -> PreparedQuery:
    # The id of a stretch is its first day.
    has_begun = col(Rendering.id) <= bindparam("day", type_=DayText)
    by_interval = select(RECORD).where(col(Rendering.resource) == PATH, has_begun)
    return PreparedQuery(by_interval.order_by(col(Rendering.id).desc()).limit(1))


def _items(by_interval: list[Any], query: TimelineQuery) -> Iterator[dict[str, Any]]:
    """Yield the items of a question, from all intervals until its last day."""
    if query.step == Step.DAY:
        for stretch in by_interval:
            if query.first_on is None or stretch.until_on > query.first_on:
                end = None if stretch.until_on == LAST_DAY else stretch.until_on.isoformat()
                day = stretch.from_on.isoformat()
                yield {"from_on": day, "until_on": end, "counted_on": day} | json.loads(stretch.record)
        return
    starts = [stretch.from_on for stretch in by_interval]
    first = _start(max(query.first_on or starts[0], starts[0]), query.step) if starts else query.day() + timedelta(1)
    while first <= query.day():
        end = _next_start(first, query.step)
        counted_on = min(end - timedelta(1), query.day())
        if place := bisect_right(starts, counted_on):
            days = {"from_on": first.isoformat(), "until_on": end.isoformat(), "counted_on": counted_on.isoformat()}
            yield days | json.loads(by_interval[place - 1].record)
        first = end


def _start(day: date, step: Step) -> date:
    return day.replace(day=1) if step == Step.MONTH else day.replace(month=1, day=1)


def _next_start(start: date, step: Step) -> date:
    return _start(start + timedelta(days=31 if step == Step.MONTH else 366), step)


@router.get("/timeline", summary="How many were listed over time", response_model=Timeline, responses=TABLE_ANSWERS)
async def read_timeline(request: Request, query: Annotated[TimelineQuery, Query()]) -> Response:
    """How many individuals, entities and ships, these by measure, were listed: the series that a chart needs.

    An item for each stretch of days between two changes, half-open: its numbers hold from `from_on` until the day
    before `until_on`. With `step=month` or `step=year` an item for each month or year, as of its last day.
    """
    form = choose_format(request, query.format, DATA)
    envelope = envelope_of(request, query, "/timeline", COVERED)
    by_interval = envelope.dataset.query(
        select(col(Rendering.from_on), col(Rendering.until_on), col(Rendering.record))
        .where(col(Rendering.resource) == PATH, col(Rendering.from_on) <= query.day())
        .order_by(col(Rendering.from_on))
    )
    items = list(_items(by_interval, query))
    content = Content(
        document=lambda: dump_json({"total": len(items), "items": items, "next": None} | envelope.members()),
        columns=columns_of(TimelineItem),
        records=map(dump_json, items),
    )
    return send_table(envelope, content, form, "timeline", query.bom)
