"""What individuals, entities and ships have in common: names, listings, and how they are asked for."""

from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated, Protocol, TypeVar

from pydantic import Field

from app.dates import LAST_DAY, Day
from app.filters import ByAct, From, Until, Where, first_and_end, listed_on_day, stays_during
from app.parameters import ActName, PeriodOfDays, YesNo
from app.queries import PageQuery
from app.rendering import (
    ActReference,
    Evidence,
    ListingPart,
    Part,
    PartlyKnownDate,
    Record,
    Reference,
    act_reference,
    listing_part,
    partly_known,
    stands,
)
from app.rows import Rows
from app.seed import fact_columns
from app.tables import Act, AliasQuality, GivenBy, Listing, ListingMeasure, Name, NameKind

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
    note: str | None = Field(description="What else there is to say of the name.")


class Status(StrEnum):
    """How a subject stands to the list on a day."""

    NEVER_LISTED = "never_listed"
    NOT_YET_LISTED = "not_yet_listed"
    LISTED = "listed"
    DELISTED = "delisted"


class StatusPart(Part):
    """How the subject stands to the list on the day asked about, and the events that bound this."""

    status: Status = Field(description="never_listed, not_yet_listed, listed or delisted.")
    since: date | None = Field(description="First day of it; null where it was so ever before.")
    until: date | None = Field(description="First day that it is no longer so; null while it is.")
    begun_by: list[ActReference] = Field(description="What began it: the acts that listed it, or took it off.")
    ended_by: list[ActReference] = Field(description="What ended it.")
    measures: list[ListingMeasure] = Field(description="Measures that it is under on the day.")


class SubjectRecord(Record):
    """What every record of a subject of listings carries."""

    name: str = Field(description="The name under which the UN lists it on the day asked about.")
    listed: bool = Field(description="Whether it stands on the list on the day asked about.")
    status: StatusPart = Field(description="How it stands to the list on the day asked about.")
    names: list[NamePart] = Field(description="Every name known, the primary one first.")
    listings: list[ListingPart] = Field(description="Its stays on the list, one for each measure, whenever they were.")
    statements: list[Reference] = Field(description="Statements of the two articles that speak of it.")
    changes_url: str = Field(description="Absolute URL of everything that happened to it.")


class SubjectQuery(PageQuery):
    """What can be asked of any subject of listings.

    All that is asked of a listing must hold for one and the same stay on the list.
    """

    listed: Annotated[YesNo | None, Where(listed_on_day)] = Field(
        default=None,
        description="Whether it stands on the list on the day asked about (`as_of`, else today).",
        examples=[True],
    )
    listed_during: Annotated[PeriodOfDays | None, Where(stays_during, first_and_end)] = Field(
        default=None,
        description=(
            "A voyage, a contract, a month: on the list on at least one day of it. The first day, a slash, and the "
            "first day after it."
        ),
        examples=["2016-03-01/2016-04-01"],
    )
    designated_by: Annotated[list[ActName] | None, ByAct(Listing.listed_by, via=Listing.subject_id)] = Field(
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


class _OnList(Protocol):
    on_list_since: date | None


Held = TypeVar("Held", bound=_OnList)


class _Dated(_OnList, Protocol):
    on_list_until: date | None


def held_on(parts: Iterable[Held], day: date) -> list[Held]:
    """Return the rows that were known on a day: all but those that are known to have come onto the list later."""
    return [part for part in parts if part.on_list_since is None or part.on_list_since <= day]


def is_on_list(part: _Dated, day: date) -> bool:
    """Say whether a value stood on the list, or was given elsewhere, on a day."""
    begun = part.on_list_since is None or part.on_list_since <= day
    return begun and (part.on_list_until is None or day < part.on_list_until)


def name_on(rows: Rows, subject_id: str, day: date) -> str:
    """Return the name under which the UN listed a subject on a day."""
    return primary_name(held_on(rows.of(Name, "subject_id", subject_id), day)).name


def name_parts(names: Sequence[Name], evidence: Evidence) -> list[NamePart]:
    """Return names as they stand in a record, the primary one first, and take in their citations.

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


def primary_name(names: Sequence[Name]) -> Name:
    """Return the name under which the UN lists a subject: the newest of its primary ones."""
    return max(
        (name for name in names if name.kind == NameKind.PRIMARY), key=lambda name: name.on_list_since or date.min
    )


def listing_parts(rows: Rows, subject_id: str, evidence: Evidence) -> list[ListingPart]:
    """Return the stays of a subject in the order of their first days, and take in their citations."""
    listings = sorted(rows.of(Listing, "subject_id", subject_id), key=lambda listing: (listing.listed_on, listing.id))
    for place, listing in enumerate(listings):
        evidence.add("listings", listing.id, f"/listings/{place}")
    return [listing_part(rows, listing) for listing in listings]


def status_on(rows: Rows, subject_id: str, day: date) -> StatusPart:
    """Return how a subject stands to the list on a day.

    Stays under several measures that touch or overlap are one time on the list.
    """
    listings = rows.of(Listing, "subject_id", subject_id)
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
        measures=sorted({listing.measure for listing in listings if stands(listing, day)}),
    )


def _status(current: bool, ended: bool, coming: bool) -> Status:
    if current:
        return Status.LISTED
    if ended:
        return Status.DELISTED
    return Status.NOT_YET_LISTED if coming else Status.NEVER_LISTED


def _acts(rows: Rows, listings: Iterable[Listing], day: date | None) -> list[ActReference]:
    """Return the acts that put the subject on the list, or took it off, on a day."""
    listed = {listing.listed_by for listing in listings if listing.listed_on == day}
    delisted = {listing.delisted_by for listing in listings if listing.delisted_on == day}
    return [act_reference(rows.one(Act, "id", act)) for act in sorted(filter(None, listed | delisted))]


def times_on_list(listings: Iterable[Listing]) -> list[tuple[date, date]]:
    """Return the half-open times during which a subject was on the list under any measure, in order and apart."""
    times: list[tuple[date, date]] = []
    for first, end in sorted((listing.listed_on, listing.delisted_on or LAST_DAY) for listing in listings):
        if times and first <= times[-1][1]:
            times[-1] = (times[-1][0], max(times[-1][1], end))
        else:
            times.append((first, end))
    return times


def is_listed(rows: Rows, subject_id: str, day: date) -> bool:
    """Say whether a subject stands on the list on a day, under any measure."""
    return any(stands(listing, day) for listing in rows.of(Listing, "subject_id", subject_id))


def days_of_change(rows: Rows, subject_id: str, parts: Iterable[_OnList]) -> list[date | None]:
    """Return the days on which the record of a subject may change: listings begin and end, the list is amended."""
    listings = rows.of(Listing, "subject_id", subject_id)
    return [
        *(listing.listed_on for listing in listings),
        *(listing.delisted_on for listing in listings),
        *(part.on_list_since for part in parts),
    ]
