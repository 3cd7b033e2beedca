"""Parts and filters common to individuals, entities and ships: names, listings, status."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, ClassVar

from pydantic import Field
from sqlalchemy import ColumnElement, String, and_, exists, or_
from sqlmodel import col

from app.api.filters import (
    ActIs,
    Bind,
    Conditions,
    Contains,
    Equals,
    From,
    Lacks,
    NumberIs,
    Until,
    Where,
    first_and_end,
    listed_in_period,
    listed_on_day,
)
from app.api.query_models import PageQuery
from app.api.query_types import ActName, IdentifierName, PeriodOfDays, StrictBool
from app.fields.dates import LAST_DAY, Day
from app.fields.languages import language_of_script
from app.fields.text import letters_and_digits
from app.publishing.batch_reader import BatchReader
from app.publishing.identifiers import IdentifierPart
from app.publishing.relations import RelationPart
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
from app.publishing.subjects import OnList, on_list, possible_on, primary_name, times_on_list
from app.tables import Act, Identifier, Listing, Name, Subject
from app.vocabularies import AliasQuality, GivenBy, IdentifierScheme, ListingMeasure, NameKind, SubjectKind

OriginalScriptField = Annotated[
    str | None, Field(description="The same name in its original script, where the list gives it.")
]
QualityField = Annotated[
    AliasQuality | None, Field(description="How well the UN says that an alias identifies the subject.")
]
GivenByField = Annotated[
    GivenBy,
    Field(
        description="Who gives it: un_list (a field of the UN's list), un_narrative (the reasons there) or elsewhere."
    ),
]
OnListSince = Annotated[
    PartlyKnownDate | None,
    Field(
        description=(
            "First day on which the UN's list had it. An interval: it came on one of those days; ../DAY: it was there "
            "by that day, and may have been before. Null: since the listing."
        )
    ),
]
OnListUntil = Annotated[
    PartlyKnownDate | None,
    Field(
        description=(
            "First day on which the UN's list no longer had it. An interval: it went on one of those days. Null: the "
            "newest list has it."
        )
    ),
]
Pointer = Annotated[
    str, Field(description="JSON Pointer (RFC 6901) of the field of this record that it belongs to: /positions.")
]


class NamePart(Part):
    """A name that the subject has or had."""

    CELL: ClassVar[tuple[str, ...]] = ("name",)

    name: str = Field(description="The name, spelled as its source prints it.")
    kind: NameKind = Field(
        description=(
            "primary (as the UN lists it on the day asked about), alias, former, later (taken after the listing) or "
            "spelling (another list's)."
        )
    )
    original_script: OriginalScriptField
    lang: str | None = Field(
        description=(
            "Language of the name in its own script (`original_script`, or the name where that is null), as a BCP 47 "
            "tag: ko for Hangul, ko-Hani, zh-Hans, ru. Null for Latin letters and where it is not known."
        )
    )
    quality: QualityField
    used_on: PartlyKnownDate | None = Field(description="When it bore the name, as far as known.")
    given_by: GivenByField
    on_list_since: OnListSince
    on_list_until: OnListUntil
    note: str | None = Field(description="Remarks on the name.")


class DatedName(Part):
    """A name that the UN's list may have had on the day asked about, or had before it."""

    field: Pointer
    value: NamePart = Field(description="The name, with the days on which the list had it.")


class Status(StrEnum):
    """Whether a subject is on the list on a day."""

    NEVER_LISTED = "never_listed"
    NOT_YET_LISTED = "not_yet_listed"
    LISTED = "listed"
    DELISTED = "delisted"


class StatusPart(Part):
    """The status of the subject on the day asked about, and the events that bound it."""

    status: Status = Field(description="never_listed, not_yet_listed, listed or delisted.")
    since: date | None = Field(description="First day of it; null where it was so ever before.")
    until: date | None = Field(description="First day that it is no longer so; null while it is.")
    begun_by: list[ActReference] = Field(description="What began it: the acts that listed it, or took it off.")
    ended_by: list[ActReference] = Field(description="What ended it.")
    measures: list[ListingMeasure] = Field(description="Measures that it is under on the day.")


class ShortStatusPart(Part):
    """The status of the subject on the day asked about, with the acts that bound it by their ids."""

    status: Status = Field(description="never_listed, not_yet_listed, listed or delisted.")
    since: date | None = Field(description="First day of it; null where it was so ever before.")
    until: date | None = Field(description="First day that it is no longer so; null while it is.")
    begun_by: list[str] = Field(description="Ids of the acts that began it.")
    ended_by: list[str] = Field(description="Ids of the acts that ended it.")


def short_status(status: Mapping[str, Any]) -> dict[str, Any]:
    """Shorten a rendered status for an item of a collection.

    Args:
        status: the status of a record.
    """
    acts = {name: [act["id"] for act in status[name]] for name in ("begun_by", "ended_by")}
    return {name: status[name] for name in ("status", "since", "until")} | acts


class SubjectRecord(Record):
    """The fields of every record of a subject of listings."""

    name: str = Field(description="The name under which the UN lists it on the day asked about.")
    listed: bool = Field(description="Whether it is on the list on the day asked about.")
    status: StatusPart = Field(description="Its status on the list on the day asked about.")
    measures: list[ListingMeasure] = Field(description="Measures that it is under on the day asked about.")
    names: list[NamePart] = Field(description="Its names on the day asked about, the primary one first.")
    identifiers: list[IdentifierPart] = Field(
        description="Its identifiers in lists of others; `/identifiers` has the UN's own, too."
    )
    relations: list[RelationPart] = Field(
        description="What it is to others, and they to it, on the day; `/relations` has those that are over, too."
    )
    listings: list[ListingPart] = Field(description="Its stays on the list, one for each measure, whenever they were.")
    statements: list[Reference] = Field(description="Statements of the two articles that speak of it.")
    changes_url: str = Field(description="Absolute URL of everything that happened to it.")


@dataclass(frozen=True)
class IdentifierIs:
    """One of the identifiers given is an identifier of the subject, on the day asked about where it has days.

    Attributes:
        via: the column by which the identifiers belong to the record; None where they are the records themselves.
    """

    via: Any = None

    def cache_key(self, value: list[str]) -> int:
        """See ``Filter.cache_key``."""
        return len(value)

    def values(self, value: list[str]) -> Mapping[str, Any]:
        """See ``Filter.values``."""
        parts: dict[str, Any] = {}
        for place, name in enumerate(value):
            scheme, _, text = name.partition(":")
            parts[f"scheme_{place}"], parts[f"value_{place}"] = scheme, letters_and_digits(text)
        return parts

    def apply(self, where: Conditions, bind: Bind, cache_key: int) -> None:
        """See ``Filter.apply``."""
        is_one = or_(
            *(
                and_(
                    col(Identifier.scheme) == bind(f"scheme_{place}", String()),
                    col(Identifier.compared) == bind(f"value_{place}", String()),
                )
                for place in range(cache_key)
            )
        )
        if self.via is None:
            where.add(is_one)
        else:
            # Few subjects have them, so the query begins with those.
            where.add(where.is_of(self.via, is_one, possible_on_day(self.via, where.day)))


def subject_field() -> Any:
    """Return the field ``subject`` of a query model: whose records are asked for."""
    return Field(
        default=None,
        description="Permanent reference number, in any case, or IMO number of the subject. Repeat it for several.",
        examples=[["9163166"]],
    )


def subject_kind_field() -> Any:
    """Return the field ``subject_kind`` of a query model: of which kind of subject records are asked for."""
    return Field(
        default=None, description="individual, entity or vessel. Repeat it for several.", examples=[["vessel"]]
    )


class SubjectQuery(PageQuery):
    """Query parameters of every collection of subjects.

    All filters on a listing must hold for one and the same stay on the list.
    """

    listed: Annotated[StrictBool | None, Where(listed_on_day)] = Field(
        default=None,
        description="Whether it is on the list on the day asked about (`as_of`, else today).",
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
    delisted_by: Annotated[list[ActName] | None, ActIs(Listing.delisted_by, via=Listing.subject_id)] = Field(
        default=None,
        description=(
            "Act that took it off the list: a resolution's number, the act's day (2016-03-21) or its id. Repeat it for "
            "several."
        ),
        examples=[["2016-03-21"]],
    )
    measure: Annotated[list[ListingMeasure] | None, Equals(Listing.measure, via=Listing.subject_id)] = Field(
        default=None,
        description="Measure that it is or was listed under. Repeat it for several.",
        examples=[["travel_ban"]],
    )
    delisted_from: Annotated[Day | None, From(Listing.delisted_on, via=Listing.subject_id)] = Field(
        default=None, description="Taken off the list on this day or later.", examples=["2016-03-21"]
    )
    delisted_until: Annotated[Day | None, Until(Listing.delisted_on, via=Listing.subject_id)] = Field(
        default=None, description="Taken off the list on this day or earlier.", examples=["2016-03-21"]
    )
    listed_from: Annotated[Day | None, From(Listing.listed_on, via=Listing.subject_id)] = Field(
        default=None, description="Put on the list on this day or later.", examples=["2017-01-01"]
    )
    listed_until: Annotated[Day | None, Until(Listing.listed_on, via=Listing.subject_id)] = Field(
        default=None, description="Put on the list on this day or earlier.", examples=["2017-12-31"]
    )
    identifier: Annotated[list[IdentifierName] | None, IdentifierIs(via=Identifier.subject_id)] = Field(
        default=None,
        description=(
            "Identifier, as its scheme, a colon and the value: ofac-sdn:19577, eu, uk-ofsi, ch-seco, opensanctions, "
            "wikidata; imo, imo-company, swift, passport, diplomatic-passport, call-sign, mmsi. Blanks, case and "
            "punctuation in the value do not count. Repeat it for several."
        ),
        examples=[["ofac-sdn:19577", "ofac-sdn:17068"]],
    )
    without_identifier: Annotated[
        list[IdentifierScheme] | None,
        Lacks(Identifier.scheme, via=Identifier.subject_id, known=Identifier.value),
    ] = Field(
        default=None,
        description="Those of which no identifier of this scheme is known. Repeat it: those that have none of several.",
        examples=[["ofac-sdn"]],
    )


def still_listed(kind: SubjectKind) -> ColumnElement[bool]:
    """Return the condition that a subject is of a kind and has a listing that no act ended."""
    open_listing = exists().where(col(Listing.subject_id) == Subject.id, col(Listing.delisted_on).is_(None))
    return and_(col(Subject.kind) == kind, open_listing)


class _OnDay:
    """Limits the filter that it is mixed into to values that the UN's list had, or may have had, on the day."""

    via: Any

    def apply(self, where: Conditions, bind: Bind, cache_key: Any) -> None:
        """See ``Filter.apply``."""
        super().apply(where, bind, cache_key)  # type: ignore[misc]  # that of the filter it is mixed into
        where.add(possible_on_day(self.via, where.day), self.via)


@dataclass(frozen=True)
class ContainsOnDay(_OnDay, Contains):
    """The text is in a folded column of a value that the UN's list had, or may have had, on the day asked about."""


@dataclass(frozen=True)
class EqualsOnDay(_OnDay, Equals):
    """A value given is one that the UN's list had, or may have had, on the day asked about."""


@dataclass(frozen=True)
class FromOnDay(_OnDay, From):
    """A value that the UN's list had, or may have had, on the day asked about is on this day or later."""


@dataclass(frozen=True)
class UntilOnDay(_OnDay, Until):
    """A value that the UN's list had, or may have had, on the day asked about is on this day or earlier."""


@dataclass(frozen=True)
class NumberIsOnDay(_OnDay, NumberIs):
    """A number given is one that the UN's list had, or may have had, on the day asked about."""


@dataclass(frozen=True)
class NumberIsEver(NumberIs):
    """A number given is one of any day, whatever the other filters on that table ask for."""

    def apply(self, where: Conditions, bind: Bind, cache_key: int) -> None:
        """See ``Filter.apply``."""
        where.add(exists().where(col(self.via) == where.identity, self.is_one(bind, cache_key)))


def possible_on_day(via: Any, day: Any) -> ColumnElement[bool]:
    """Build the condition that a row of the table of ``via`` has a value that the list may have had on a day."""
    table = via.class_
    return and_(col(table.possible_from_on) <= day, col(table.possible_until_on) > day)


@dataclass(frozen=True)
class ContainsEver(Contains):
    """The text is in a folded column of a value of any day, whatever the other filters on that table ask for."""

    def apply(self, where: Conditions, bind: Bind, cache_key: bool) -> None:
        """See ``Filter.apply``."""
        has_part = self.has_part(bind, cache_key)
        if cache_key:
            where.add(where.is_of(self.via, has_part))
        else:
            where.add(exists().where(col(self.via) == where.identity, has_part))


@dataclass(frozen=True)
class EqualsEver(Equals):
    """A value given is one of any day, whatever the other filters on that table ask for."""

    def apply(self, where: Conditions, bind: Bind, cache_key: int) -> None:
        """See ``Filter.apply``."""
        column: Any = col(self.column)
        is_one = column.in_([bind(str(place), column.type) for place in range(cache_key)])
        where.add(exists().where(col(self.via) == where.identity, is_one))


def is_shown(row: Any, day: date) -> bool:
    """Say whether a record shows a value as one of a day.

    The UN's list certainly had it on the day. Where sources disagree about a value (``preferred`` is not null), one
    that has gone from the list is still shown, with the day on which it went.
    """
    period = on_list(row)
    return period.is_certain(day) or (getattr(row, "preferred", None) is not None and period.is_over(day))


def name_parts(names: Sequence[Name], day: date, evidence: Evidence) -> list[NamePart]:
    """Build the names of a subject on a day, the primary one first, and take in their citations.

    Where the UN has listed a subject under one primary name after another, the older ones are former names.

    Args:
        names: all names of the subject.
        day: the day.
        evidence: takes in the citations.
    """
    primary = primary_name(names, day)
    shown = [name for name in names if name is primary or is_shown(name, day)]
    shown.sort(key=lambda name: name is not primary)
    for place, name in enumerate(shown):
        evidence.add("names", name.id, f"/names/{place}")
    evidence.add("names", primary.id, "", _PRIMARY)
    return [name_part(name, is_former=name.kind == NameKind.PRIMARY and name is not primary) for name in shown]


_PRIMARY = dict.fromkeys(fact_columns(Name), "name")
"""What the columns of the primary name support in the record: its name."""


def name_part(name: Name, is_former: bool = False) -> NamePart:
    """Build a name as a part of a record; an older primary one reads as former."""
    return NamePart(
        name=name.name,
        original_script=name.original_script,
        lang=name.lang or language_of_script(name.original_script or name.name),
        kind=NameKind.FORMER if is_former else name.kind,
        quality=name.quality,
        used_on=partly_known(name.used_on),
        given_by=name.given_by,
        on_list_since=partly_known(name.on_list_since),
        on_list_until=partly_known(name.on_list_until),
        note=name.note,
    )


def unsettled_names(names: Sequence[Name], day: date) -> Iterator[str]:
    """Yield the JSON Pointers of the fields of names that are not known on a day."""
    if possible := possible_on(names, day):
        yield "/names"
        if any(name.kind == NameKind.PRIMARY for name in possible):
            yield "/name"


def dated_names(names: Iterable[Name], at: str, evidence: Evidence) -> list[DatedName]:
    """Build names that are not shown as those of a day, and take in their citations.

    Args:
        names: the names.
        at: JSON Pointer of the list that they become, such as ``/possible``.
        evidence: takes in the citations.
    """
    parts = []
    for place, name in enumerate(names):
        evidence.add("names", name.id, f"{at}/{place}/value")
        parts.append(DatedName(field="/names", value=name_part(name)))
    return parts


def listing_parts(rows: BatchReader, subject_id: str, evidence: Evidence) -> list[ListingPart]:
    """Render the stays of a subject in the order of their first days, and collect their citations."""
    listings = sorted(
        rows.related(Listing, Listing.subject_id, subject_id), key=lambda listing: (listing.listed_on, listing.id)
    )
    for place, listing in enumerate(listings):
        evidence.add("listings", listing.id, f"/listings/{place}")
    return [listing_part(rows, listing) for listing in listings]


def status_on(rows: BatchReader, subject_id: str, day: date) -> StatusPart:
    """Build the status of a subject on a day.

    Stays under several measures that touch or overlap are one time on the list.
    """
    listings = rows.related(Listing, Listing.subject_id, subject_id)
    times = times_on_list(listings)
    ended = [time for time in times if time[1] <= day]
    current = [time for time in times if time[0] <= day < time[1]]
    coming = [time for time in times if day < time[0]]
    since = current[0][0] if current else ended[-1][1] if ended else None
    end = current[0][1] if current else coming[0][0] if coming else LAST_DAY
    until = None if end == LAST_DAY else end
    return StatusPart(
        status=_status(bool(current), bool(ended), bool(coming)),
        since=since,
        until=until,
        begun_by=_acts(rows, listings, since),
        ended_by=_acts(rows, listings, until),
        measures=sorted({listing.measure for listing in listings if is_in_force(listing, day)}),
    )


def standing_on(rows: BatchReader, subject_id: str, day: date) -> dict[str, Any]:
    """Return the members of the record of a subject that its listings alone change, as they read on a day."""
    status = status_on(rows, subject_id, day)
    return {"listed": status.status is Status.LISTED, "status": status, "measures": status.measures}


def _status(current: bool, ended: bool, coming: bool) -> Status:
    if current:
        return Status.LISTED
    if ended:
        return Status.DELISTED
    return Status.NOT_YET_LISTED if coming else Status.NEVER_LISTED


def _acts(rows: BatchReader, listings: Iterable[Listing], day: date | None) -> list[ActReference]:
    """Return the acts that put the subject on the list, or took it off, on a day; on None, none."""
    if day is None:
        return []
    listed = {listing.listed_by for listing in listings if listing.listed_on == day}
    delisted = {listing.delisted_by for listing in listings if listing.delisted_on == day}
    return [act_reference(rows.one_related(Act, Act.id, act)) for act in sorted(filter(None, listed | delisted))]


def listing_days(rows: BatchReader, subject_id: str) -> Iterator[date | None]:
    """Yield the days on which listings of a subject begin and end; None for one that has not ended."""
    for listing in rows.related(Listing, Listing.subject_id, subject_id):
        yield listing.listed_on
        yield listing.delisted_on


def days_on_list(parts: Iterable[OnList]) -> Iterator[date]:
    """Yield the days on which the UN's list came to have values, or no longer had them, or what is known changes."""
    for part in parts:
        yield from on_list(part).changes()
