"""The difference between two days: who and what was added, removed and amended between them."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, ClassVar

from fastapi import Query, Request, Response
from pydantic import Field, model_validator
from sqlalchemy import and_
from sqlmodel import col, select

from app.api.envelope import Answer, envelope_of
from app.api.filters import listed_subjects
from app.api.flat import columns_of
from app.api.formats import DATA, Content, choose_format, format_field
from app.api.openapi_responses import TABLE_ANSWERS
from app.api.query_models import VersionQuery, byte_order_mark, check_range_order
from app.api.query_types import StrictBool
from app.api.routing import strict_router
from app.api.table import send_table
from app.database import OpenDataset
from app.fields.dates import PastDay, today
from app.fields.text import dump_json
from app.publishing.rendering import Part, Reference
from app.resources.changes import CHANGES
from app.tables import Change, Rendering
from app.vocabularies import ChangeKind, GivenBy, ListingMeasure, RecordKind

router = strict_router("changes")
HOME = ("/diff?from=2016-03-02&to=2016-12-17", "What changed between two days")
"""Link on the home page: path and title."""


class Difference(StrEnum):
    """The difference of a subject between the earlier and the later day."""

    ADDED = "added"
    REMOVED = "removed"
    AMENDED = "amended"


class AmendmentPart(Part):
    """What was amended in an entry."""

    field: str | None = Field(description="The field of the record; null where no source shows what changed.")
    given_by: GivenBy | None = Field(
        description="Who gives the values: the UN's list, its reasons, or elsewhere, which alone makes no difference."
    )
    before: list[str] | None = Field(description="Its values on the earlier day; null where not known.")
    after: list[str] | None = Field(description="Its values on the later day; null where not known.")
    changed_on: date = Field(description="Day of the last change to it between the two days.")


class DiffItem(Part):
    """What one subject, act or measure has on the later day that it had not on the earlier, or the other way round."""

    kind: RecordKind = Field(description="individual, entity, vessel, measure, resolution or committee_decision.")
    difference: Difference = Field(description="added, removed or amended.")
    subject: Reference = Field(description="Who or what.")
    measures_added: list[ListingMeasure] = Field(description="Measures that it is under on the later day alone.")
    measures_lifted: list[ListingMeasure] = Field(description="Measures that it was under on the earlier day alone.")
    amendments: list[AmendmentPart] = Field(
        description="What was amended in its entry, where it was on the list on both."
    )
    changes: list[str] = Field(
        description="Absolute URLs of the changes between the two days that made the difference."
    )


class DifferenceCounts(Part):
    """How many of one kind differ."""

    added: int = Field(description="How many are there on the later day alone.")
    removed: int = Field(description="How many were there on the earlier day alone.")
    amended: int = Field(description="How many are there on both and read otherwise.")


class Counts(Part):
    """How many differ, by kind."""

    individual: DifferenceCounts = Field(description="Individuals on the list.")
    entity: DifferenceCounts = Field(description="Entities on the list.")
    vessel: DifferenceCounts = Field(description="Ships on the list.")
    measure: DifferenceCounts = Field(description="Measures of the resolutions in force.")
    resolution: DifferenceCounts = Field(description="Resolutions adopted.")
    committee_decision: DifferenceCounts = Field(description="Decisions of the Committee.")


class Diff(Answer):
    """What differs between two days."""

    first_on: date = Field(alias="from", description="The earlier day.")
    last_on: date = Field(alias="to", description="The later day.")
    counts: Counts = Field(description="How many differ, by kind.")
    total: int = Field(description="How many items there are.")
    items: list[DiffItem] = Field(description="What differs, by kind; empty where nothing does.")
    next: None = Field(description="Null: all of it is here.")


class DiffQuery(VersionQuery):
    """Query parameters of the difference between two days."""

    DAY: ClassVar[str | None] = "to"

    format: str | None = format_field(DATA)
    bom: StrictBool | None = byte_order_mark()
    first_on: PastDay = Field(alias="from", description="The earlier day.", examples=["2016-03-02"])
    last_on: PastDay | None = Field(
        default=None, alias="to", description="The later day. Not given: today.", examples=["2016-12-17"]
    )

    def day(self) -> date:
        """Return the later day."""
        return self.last_on or today()

    @model_validator(mode="after")
    def refuse_reversed_days(self) -> "DiffQuery":
        """Refuse a later day before the earlier one."""
        check_range_order({"from": self.first_on, "to": self.day()}, "from", "to")
        return self


SHOWN = tuple(RecordKind(kind) for kind in Counts.model_fields)
"""The kinds that are there on a day or are not; a vetoed draft and a request are events alone."""

_BEGINS = {
    ChangeKind.LISTED,
    ChangeKind.MEASURE_STARTED,
    ChangeKind.RESOLUTION_ADOPTED,
    ChangeKind.COMMITTEE_DECIDED,
}
_ENDS = {ChangeKind.DELISTED, ChangeKind.MEASURE_ENDED}
_STAYS = {ChangeKind.MEASURE_ADDED, ChangeKind.MEASURE_LIFTED}


@dataclass
class _SubjectChanges:
    """The changes to one subject between two days, in order."""

    changes: list[dict[str, Any]] = field(default_factory=list)

    @property
    def subject(self) -> dict[str, Any]:
        subject: dict[str, Any] = self.changes[-1]["subject"]
        return subject

    def was_there(self) -> bool | None:
        """Say whether the subject was there on the earlier day; None where it neither came nor went in between."""
        return next((one["kind"] not in _BEGINS for one in self._moves()), None)

    def is_there(self) -> bool | None:
        """Say whether the subject is there on the later day; None where it neither came nor went in between."""
        return next((one["kind"] not in _ENDS for one in reversed(self._moves())), None)

    def _moves(self) -> list[dict[str, Any]]:
        return [one for one in self.changes if one["kind"] in _BEGINS | _ENDS | _STAYS]

    def measures(self) -> Counter[str]:
        """Return by how much each measure that the subject is under rose or fell: by one, or not at all."""
        balance: Counter[str] = Counter()
        for one in self._moves():
            sign = -1 if one["kind"] in (ChangeKind.DELISTED, ChangeKind.MEASURE_LIFTED) else 1
            for measure in one["measures"]:
                balance[measure] += sign
        return balance

    def as_item(self, difference: Difference, amendments: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """Return the item of the subject."""
        balance = self.measures()
        return {
            "kind": self.subject["kind"],
            "difference": difference,
            "subject": self.subject,
            "measures_added": sorted(measure for measure, sign in balance.items() if sign > 0),
            "measures_lifted": sorted(measure for measure, sign in balance.items() if sign < 0),
            "amendments": amendments,
            "changes": [one["url"] for one in self.changes],
        }

    def amendments(self) -> Iterator[dict[str, Any]]:
        """Yield what was amended, each field once: as it was before the first amendment and after the last."""
        fields: dict[Any, dict[str, Any]] = {}
        for one in self.changes:
            if one["kind"] in (ChangeKind.AMENDED, ChangeKind.RENAMED, ChangeKind.DIED):
                # The names that a ship took after it was listed are no values of one field.
                is_later_name = one["kind"] == ChangeKind.RENAMED and one["field"] == "names"
                apart = one["id"] if one["field"] is None or is_later_name else one["given_by"]
                first = {name: one[name] for name in ("field", "given_by", "before")}
                known = fields.setdefault((one["field"], apart), first)
                known |= {"after": one["after"], "changed_on": one["changed_on"]}
        return (one for one in fields.values() if one["field"] is None or one["before"] != one["after"])


def differences(changes: Iterable[dict[str, Any]], listed: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yield what differs between two days, by kind.

    Args:
        changes: every change after the earlier day and until the later one, in order.
        listed: the ids of all subjects that are listed on the later day.
    """
    stories: dict[tuple[str, str], _SubjectChanges] = {}
    for change in changes:
        subject = change["subject"]
        if subject["kind"] in SHOWN:
            stories.setdefault((subject["kind"], subject["id"]), _SubjectChanges()).changes.append(change)
    on_list = set(listed)
    for (_, id), story in sorted(stories.items(), key=lambda one: (SHOWN.index(RecordKind(one[0][0])), one[0][1])):
        was, now = story.was_there(), story.is_there()
        if was is now is None:
            was = now = id in on_list
        if was != now:
            yield story.as_item(Difference.ADDED if now else Difference.REMOVED, [])
        elif was and (_alters(amendments := list(story.amendments())) or any(story.measures().values())):
            yield story.as_item(Difference.AMENDED, amendments)


def _alters(amendments: Iterable[dict[str, Any]]) -> bool:
    """Say whether the UN's list reads otherwise: what another source alone gives does not amend an entry."""
    return any(one["given_by"] != GivenBy.ELSEWHERE or one["field"] == "name" for one in amendments)


def _kinds(items: Iterable[dict[str, Any]]) -> dict[str, dict[str, int]]:
    """Return how many differ, by kind and by how."""
    times = Counter((item["kind"], item["difference"]) for item in items)
    return {kind: {how: times[kind, how] for how in Difference} for kind in SHOWN}


def _changes_between(dataset: OpenDataset, query: DiffQuery) -> list[dict[str, Any]]:
    rows = dataset.query(
        select(col(Rendering.record))
        .join(Change, and_(col(Rendering.resource) == CHANGES.path, col(Rendering.id) == col(Change.id)))
        .where(col(Change.changed_on) > query.first_on, col(Change.changed_on) <= query.day())
        .order_by(col(Change.place))
    )
    return [json.loads(row.record) for row in rows]


def _listed_on(dataset: OpenDataset, day: date) -> list[str]:
    """Return the ids of all subjects that are listed on a day."""
    return [row.subject_id for row in dataset.query(listed_subjects(day).distinct())]


@router.get("/diff", summary="What changed between two days", response_model=Diff, responses=TABLE_ANSWERS)
async def read_diff(request: Request, query: Annotated[DiffQuery, Query()]) -> Response:
    """Who and what came onto the list between two days, who and what left it, and which entries were amended.

    All changes after `from` and until `to` are taken together: a ship that was listed and taken off in between is no
    difference, an entry that was amended twice is one. So are the resolutions and decisions, and the measures of the
    resolutions that came into force or ended. `/changes` lists each change by itself.
    """
    form = choose_format(request, query.format, DATA)
    envelope = envelope_of(request, query, "/diff")
    on_list = _listed_on(envelope.dataset, query.day())
    items = list(differences(_changes_between(envelope.dataset, query), on_list))
    days = {"from": query.first_on.isoformat(), "to": query.day().isoformat()}
    found = {"counts": _kinds(items), "total": len(items), "items": items, "next": None}
    content = Content(
        document=lambda: dump_json(days | found | envelope.members()),
        columns=columns_of(DiffItem),
        records=map(dump_json, items),
    )
    return send_table(envelope, content, form, "diff", query.bom)
