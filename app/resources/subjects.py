"""Parts and filters common to individuals, entities and ships: names, listings, status."""

from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field
from sqlalchemy import ColumnElement, and_, exists
from sqlmodel import col

from app.api.filters import ActIs, From, Until, Where, first_and_end, listed_in_period, listed_on_day
from app.api.query_models import PageQuery
from app.api.query_types import ActName, PeriodOfDays, StrictBool
from app.fields.dates import LAST_DAY, Day
from app.publishing.batch_reader import BatchReader
from app.publishing.rendering import (
    ActReference,
    Evidence,
    ListingPart,
    Part,
    PartlyKnownDate,
    Record,
    Reference,
    act_reference,
    is_in_force,
    listing_part,
    partly_known,
)
from app.publishing.seed import fact_columns
from app.publishing.subjects import OnList, primary_name, times_on_list
from app.tables import Act, Listing, Name, Subject
from app.vocabularies import AliasQuality, GivenBy, ListingMeasure, NameKind, SubjectKind

GivenByField = Annotated[
    GivenBy,
    Field(
        description="Who gives it: un_list (a field of the UN's list), un_narrative (the reasons there) or elsewhere."
    ),
]
OnListSince = Annotated[
    date | None,
    Field(description="Where it is known to have come after the listing: day of the first list seen with it."),
]
OnListUntil = Annotated[
    date | None, Field(description="Where it has gone from the list: day of the first list seen without it.")
]


class NamePart(Part):
    """A name that the subject has or had."""

    name: str = Field(description="The name, spelled as its source prints it.")
    kind: NameKind = Field(
        description=(
            "primary (as the UN lists it on the day asked about), alias, former, later (taken after the listing) or "
            "spelling (another list's)."
        )
    )
    original_script: str | None = Field(description="The same name in its original script, where the list gives it.")
    quality: AliasQuality | None = Field(description="How well the UN says that an alias identifies the subject.")
    used_on: PartlyKnownDate | None = Field(description="When it bore the name, as far as known.")
    given_by: GivenByField
    on_list_since: OnListSince
    on_list_until: OnListUntil
    note: str | None = Field(description="Remarks on the name.")


class Status(StrEnum):
    """The status of a subject on a day."""

    NEVER_LISTED = "never_listed"
    NOT_YET_LISTED = "not_yet_listed"
    LISTED = "listed"
    DELISTED = "delisted"


class StatusPart(Part):
    """The status of the subject on the day asked about, and the events that began and ended it."""

    status: Status = Field(description="never_listed, not_yet_listed, listed or delisted.")
    since: date | None = Field(description="First day of it; null where it was so ever before.")
    until: date | None = Field(description="First day that it is no longer so; null while it is.")
    begun_by: list[ActReference] = Field(description="What began it: the acts that listed it, or took it off.")
    ended_by: list[ActReference] = Field(description="What ended it.")
    measures: list[ListingMeasure] = Field(description="Measures that it is under on the day.")


class SubjectRecord(Record):
    """The fields of every record of a subject of listings."""

    name: str = Field(description="The name under which the UN lists it on the day asked about.")
    listed: bool = Field(description="Whether it is listed on the day asked about.")
    status: StatusPart = Field(description="Its status on the day asked about.")
    names: list[NamePart] = Field(description="Every name known, the primary one first.")
    listings: list[ListingPart] = Field(description="Its stays on the list, one for each measure, whenever they were.")
    statements: list[Reference] = Field(description="Statements of the two articles that speak of it.")
    changes_url: str = Field(description="Absolute URL of everything that happened to it.")


class SubjectQuery(PageQuery):
    """Query parameters of every collection of subjects.

    All filters on a listing must hold for one and the same stay on the list.
    """

    listed: Annotated[StrictBool | None, Where(listed_on_day)] = Field(
        default=None,
        description="Whether it is listed on the day asked about (`as_of`, else today).",
        examples=[True],
    )
    listed_during: Annotated[PeriodOfDays | None, Where(listed_in_period, first_and_end)] = Field(
        default=None,
        description=(
            "A voyage, a contract, a month: on the list on at least one day of it. The first day, a slash, and the "
            "first day after it."
        ),
        examples=["2016-03-01/2016-04-01"],
    )
    designated_by: Annotated[list[ActName] | None, ActIs(Listing.listed_by, via=Listing.subject_id)] = Field(
        default=None,
        description=(
            "Act that put it on the list: a resolution's number (2270), the act's day (2016-03-02) or its id. "
            "Repeat it for several."
        ),
        examples=[["2270"]],
    )
    listed_from: Annotated[Day | None, From(Listing.listed_on, via=Listing.subject_id)] = Field(
        default=None, description="Put on the list on this day or later.", examples=["2017-01-01"]
    )
    listed_until: Annotated[Day | None, Until(Listing.listed_on, via=Listing.subject_id)] = Field(
        default=None, description="Put on the list on this day or earlier.", examples=["2017-12-31"]
    )


def still_listed(kind: SubjectKind) -> ColumnElement[bool]:
    """Return the condition that a subject is of a kind and has a listing that no act ended."""
    open_listing = exists().where(col(Listing.subject_id) == Subject.id, col(Listing.delisted_on).is_(None))
    return and_(col(Subject.kind) == kind, open_listing)


def name_parts(names: Sequence[Name], evidence: Evidence) -> list[NamePart]:
    """Render the names of a record, the primary one first, and collect their citations.

    Where the UN has listed a subject under one primary name after another, the older ones read as former.
    """
    primary = primary_name(names)
    ordered = sorted(names, key=lambda name: name is not primary)
    for place, name in enumerate(ordered):
        evidence.add("names", name.id, f"/names/{place}")
    evidence.add("names", primary.id, "", dict.fromkeys(fact_columns(Name), "name"))
    return [
        NamePart(
            name=name.name,
            original_script=name.original_script,
            kind=NameKind.FORMER if name.kind == NameKind.PRIMARY and name is not primary else name.kind,
            quality=name.quality,
            used_on=partly_known(name.used_on),
            given_by=name.given_by,
            on_list_since=name.on_list_since,
            on_list_until=name.on_list_until,
            note=name.note,
        )
        for name in ordered
    ]


def listing_parts(rows: BatchReader, subject_id: str, evidence: Evidence) -> list[ListingPart]:
    """Render the stays of a subject in the order of their first days, and collect their citations."""
    listings = sorted(
        rows.related(Listing, Listing.subject_id, subject_id), key=lambda listing: (listing.listed_on, listing.id)
    )
    for place, listing in enumerate(listings):
        evidence.add("listings", listing.id, f"/listings/{place}")
    return [listing_part(rows, listing) for listing in listings]


def status_on(rows: BatchReader, subject_id: str, day: date) -> StatusPart:
    """Determine the status of a subject on a day.

    Stays under several measures that touch or overlap are one time on the list.
    """
    listings = rows.related(Listing, Listing.subject_id, subject_id)
    times = times_on_list(listings)
    ended = [time for time in times if time[1] <= day]
    current = [time for time in times if time[0] <= day < time[1]]
    coming = [time for time in times if day < time[0]]
    since = current[0][0] if current else ended[-1][1] if ended else None
    until = current[0][1] if current else coming[0][0] if coming else LAST_DAY
    return StatusPart(
        status=_status(bool(current), bool(ended), bool(coming)),
        since=since,
        until=None if until == LAST_DAY else until,
        begun_by=_acts(rows, listings, since),
        ended_by=_acts(rows, listings, until),
        measures=sorted({listing.measure for listing in listings if is_in_force(listing, day)}),
    )


def _status(current: bool, ended: bool, coming: bool) -> Status:
    if current:
        return Status.LISTED
    if ended:
        return Status.DELISTED
    return Status.NOT_YET_LISTED if coming else Status.NEVER_LISTED


def _acts(rows: BatchReader, listings: Iterable[Listing], day: date | None) -> list[ActReference]:
    """Return the acts that put the subject on the list, or took it off, on a day."""
    listed = {listing.listed_by for listing in listings if listing.listed_on == day}
    delisted = {listing.delisted_by for listing in listings if listing.delisted_on == day}
    return [act_reference(rows.one_related(Act, Act.id, act)) for act in sorted(filter(None, listed | delisted))]


def days_of_change(rows: BatchReader, subject_id: str, parts: Iterable[OnList]) -> list[date | None]:
    """Return the days on which the record of a subject may change: listings begin and end, the list is amended."""
    listings = rows.related(Listing, Listing.subject_id, subject_id)
    return [
        *(listing.listed_on for listing in listings),
        *(listing.delisted_on for listing in listings),
        *(part.on_list_since for part in parts),
    ]
