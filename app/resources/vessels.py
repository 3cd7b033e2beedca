"""Vessels: ships the UN listed, under every name and flag, with each stay on the list."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Annotated, Any, ClassVar

from fastapi import Path, Query, Request, Response
from pydantic import Field
from sqlalchemy import CTE, ColumnElement, String, func, join, select
from sqlalchemy.orm import aliased
from sqlmodel import col
from stdnum import imo

from app.api.collection import read_page
from app.api.detail import read_record
from app.api.filters import Bind, Conditions, Contains, Equals
from app.api.items import ItemForm
from app.api.openapi_responses import PAGE_ANSWERS, RECORD_ANSWERS, answer_of
from app.api.query_models import RecordQuery
from app.api.query_types import Imo, Mmsi, Sort, Text
from app.api.resource import DAYS, TEXTS, Resource, SortKey
from app.api.routing import strict_router
from app.fields.countries import Country
from app.fields.text import fold
from app.publishing.batch_reader import BatchReader
from app.publishing.held import HeldSince, HeldUntil, Holds, HoldsField, days_of, held_on, holds_on
from app.publishing.identifiers import identifier_parts
from app.publishing.references import statements_on
from app.publishing.relations import relation_parts, relations_of
from app.publishing.rendering import (
    BASE,
    CountryPart,
    EncodedRecord,
    Evidence,
    Part,
    PartlyKnownDate,
    Reference,
    RenderedRecord,
    by_interval,
    country,
    partly_known,
    url,
)
from app.publishing.subjects import over_on, possible_on
from app.resources.delisting_requests import request_references
from app.resources.subjects import (
    ContainsEver,
    ContainsOnDay,
    DatedName,
    ShortStatusPart,
    SubjectQuery,
    SubjectRecord,
    dated_names,
    days_on_list,
    listing_days,
    listing_parts,
    name_parts,
    possible_on_day,
    short_status,
    standing_on,
    still_listed,
    unsettled_names,
)
from app.resources.timeline import on_list
from app.tables import Flag, Listing, Name, Subject, Vessel, VesselParticular
from app.vocabularies import ListingMeasure, ParticularKind, SubjectKind

router = strict_router("vessels")
ABOUT = "The ships on the list, under every name and flag."
"""Description of the tag in OpenAPI."""
HOME = ("/vessels", "Designated ships")
"""Link on the home page: path and title."""


class FlagPart(Part):
    """A flag, and the state of the list that gave it."""

    CELL: ClassVar[tuple[str, ...]] = ("country", "given_on")

    country: CountryPart = Field(description="The flag State.")
    given_on: PartlyKnownDate = Field(description="State of the list that gives this flag.")


class ParticularPart(Part):
    """A particular of the ship, as a source prints it."""

    kind: ParticularKind = Field(description="vessel_type, call_sign, mmsi, gross_tonnage, …")
    value: str = Field(description="The value; tonnages are metric tons (deadweight) or a bare number (gross).")
    holds: HoldsField
    on_since: HeldSince
    on_until: HeldUntil
    note: str | None = Field(description="Remarks.")


class VesselRecord(SubjectRecord):
    """A ship that the Council or its Committee put on the list."""

    EXPECTED: ClassVar[tuple[str, ...]] = ("imo_number", "vessel_type", "flag")

    imo_number: str | None = Field(description="IMO number: seven digits that stay with the hull for life.")
    vessel_type: str | None = Field(description="Type of ship on the day; see `particulars` for others and for when.")
    flag: CountryPart | None = Field(description="The flag last given by a list; see `flags` for when.")
    flags: list[FlagPart] = Field(description="Flags that lists gave it, the latest first.")
    particulars: list[ParticularPart] = Field(
        description="Type, call sign, MMSI, tonnage and year built that hold, or may hold, on the day."
    )
    delisting_requests: list[Reference] = Field(description="Requests to take it off the list.")
    note: str | None = Field(description="What else there is to say of it.")
    possible: list[DatedName] = Field(
        description="Names of which it is not known whether the UN's list had them on the day; see `not_known`."
    )
    earlier_values: list[DatedName] = Field(description="Names that the UN's list no longer had on the day.")


@dataclass(frozen=True)
class _ParticularIs:
    """The ship has a particular of a kind with the value given, or with that as a part of it, on the day asked about.

    Attributes:
        kind: the kind.
        is_part: whether the text may be a part of the value.
    """

    kind: ParticularKind
    is_part: bool = False

    def cache_key(self, value: str) -> None:
        """See ``Filter.cache_key``."""
        del value

    def values(self, value: str) -> Mapping[str, Any]:
        """See ``Filter.values``."""
        return self._contains.values(value) if self.is_part else {"value": fold(value)}

    def apply(self, where: Conditions, bind: Bind, cache_key: None) -> None:
        """See ``Filter.apply``."""
        del cache_key
        folded, via = col(VesselParticular.folded), VesselParticular.vessel_id
        is_it: ColumnElement[bool]
        if self.is_part:
            every = self._every_value()
            is_it = folded.in_(select(every.c.folded).where(every.c.folded.like(bind("value", String()))))
        else:
            is_it = folded == bind("value", String())
        where.add(where.is_of(via, col(VesselParticular.kind) == self.kind, is_it, possible_on_day(via, where.day)))

    def _every_value(self) -> CTE:
        """Select each value of the kind once, by as many steps in the index of values as there are values.

        There are far fewer types of ship than ships.
        """
        row = aliased(VesselParticular)
        is_of_kind = col(row.kind) == self.kind
        every = select(func.min(col(row.folded)).label("folded")).where(is_of_kind).cte(recursive=True)
        following = select(func.min(col(row.folded))).where(is_of_kind, col(row.folded) > every.c.folded)
        return every.union_all(select(following.scalar_subquery()).where(every.c.folded.is_not(None)))

    @property
    def _contains(self) -> Contains:
        return Contains(VesselParticular.folded)


class VesselQuery(SubjectQuery):
    """Query parameters of the ships."""

    name: Annotated[Text | None, ContainsOnDay(Name.folded, via=Name.subject_id)] = Field(
        default=None,
        description="Part of a name that it has or had by the day asked about; case and accents do not count.",
        examples=["jin teng"],
    )
    name_ever: Annotated[Text | None, ContainsEver(Name.folded, via=Name.subject_id)] = Field(
        default=None,
        description="Part of any name of any day, be it later than the one asked about.",
        examples=["fan ke"],
    )
    imo_number: Annotated[list[Imo] | None, Equals(Vessel.imo_number)] = Field(
        default=None,
        description="IMO number, with or without its letters; one whose check digit is wrong is refused. Repeat it for "
        "several.",
        examples=[["9163166"]],
    )
    flag: Annotated[list[Country] | None, Equals(Flag.country, via=Flag.vessel_id)] = Field(
        default=None,
        description="Flag State by any list: ISO 3166-1 code (KP, PRK) or English name. Repeat it for several.",
        examples=[["KP"]],
    )
    measure: Annotated[list[ListingMeasure] | None, Equals(Listing.measure, via=Listing.subject_id)] = Field(
        default=None,
        description="Measure that it is or was listed under. Repeat it for several.",
        examples=[["port_entry_ban"]],
    )
    vessel_type: Annotated[Text | None, _ParticularIs(ParticularKind.VESSEL_TYPE, is_part=True)] = Field(
        default=None,
        description="Part of a type that it has, or may have, on the day asked about.",
        examples=["bulk carrier"],
    )
    mmsi: Annotated[Mmsi | None, _ParticularIs(ParticularKind.MMSI)] = Field(
        default=None,
        description="MMSI that it has, or may have, on the day asked about: nine digits; any other number is refused.",
        examples=["445539000"],
    )
    call_sign: Annotated[Text | None, _ParticularIs(ParticularKind.CALL_SIGN)] = Field(
        default=None,
        description="Call sign that it has, or may have, on the day asked about; case does not count.",
        examples=["HMYX8"],
    )
    sort: Annotated[str | None, Sort("id", "name", "listed_on")] = Field(
        default=None,
        description=(
            "Order: id (the default, the IMO number), name or listed_on (the first day on the list); "
            "prefix with `-` for descending order."
        ),
        examples=["-listed_on"],
    )


def render(rows: BatchReader) -> Iterator[RenderedRecord]:
    """Yield every ship for each stretch of days on which it reads the same."""
    for vessel in rows.all(Vessel):
        names = rows.related(Name, Name.subject_id, vessel.id)
        particulars = rows.related(VesselParticular, VesselParticular.vessel_id, vessel.id)
        held = [*particulars, *relations_of(rows, vessel.id)]
        yield from by_interval(
            vessel.id,
            [*days_on_list(names), *days_of(held)],
            partial(_record_on, rows, vessel),
            listing_days(rows, vessel.id),
            partial(standing_on, rows, vessel.id),
        )


def _record_on(rows: BatchReader, vessel: Vessel, day: date) -> EncodedRecord:
    evidence = Evidence(rows)
    evidence.add("vessels", vessel.id)
    names = rows.related(Name, Name.subject_id, vessel.id)
    parts = name_parts(names, day, evidence)
    flags = sorted(rows.related(Flag, Flag.vessel_id, vessel.id), key=lambda flag: flag.given_on, reverse=True)
    for place, flag in enumerate(flags):
        evidence.add("flags", flag.id, f"/flags/{place}")
    if flags:
        evidence.add("flags", flags[0].id, "", {"country": "flag", "given_on": "flag"})
    particulars = held_on(rows.related(VesselParticular, VesselParticular.vessel_id, vessel.id), day)
    for place, particular in enumerate(particulars):
        evidence.add("vessel_particulars", particular.id, f"/particulars/{place}")
    vessel_type = _newest(particulars, ParticularKind.VESSEL_TYPE, day)
    if vessel_type:
        columns = ("kind", "value", "on_since", "on_until")
        evidence.support("vessel_particulars", vessel_type.id, {name: ["/vessel_type"] for name in columns})
    record = VesselRecord(
        **vessel.model_dump(),
        name=parts[0].name,
        **standing_on(rows, vessel.id, day),
        names=parts,
        flag=country(flags[0].country) if flags else None,
        vessel_type=vessel_type.value if vessel_type else None,
        particulars=[_particular_part(particular, day) for particular in particulars],
        flags=[FlagPart(country=country(flag.country), given_on=partly_known(flag.given_on)) for flag in flags],
        identifiers=identifier_parts(rows, vessel.id, evidence),
        relations=relation_parts(rows, vessel.id, day, evidence),
        listings=listing_parts(rows, vessel.id, evidence),
        delisting_requests=request_references(rows, vessel.id),
        statements=statements_on(rows, "vessels", vessel.id),
        changes_url=f"{BASE}/changes?subject={vessel.id}",
        possible=dated_names(possible_on(names, day), "/possible", evidence),
        earlier_values=dated_names(over_on(names, day), "/earlier_values", evidence),
        url=url("vessels", vessel.id),
    )
    return record.complete(evidence, unsettled_names(names, day))


def _newest(particulars: Iterable[VesselParticular], kind: ParticularKind, day: date) -> VesselParticular | None:
    """Select the particular of a kind that began last of those that hold on a day; else of those that may hold."""
    of_kind = [one for one in particulars if one.kind == kind]
    certain = [one for one in of_kind if holds_on(one, day) is Holds.YES]
    return max(certain or of_kind, key=lambda one: (one.certain_from_on, one.id), default=None)


def _particular_part(row: VesselParticular, day: date) -> ParticularPart:
    return ParticularPart(
        kind=row.kind,
        value=row.value,
        holds=holds_on(row, day),
        on_since=partly_known(row.on_since),
        on_until=partly_known(row.on_until),
        note=row.note,
    )


def canonical(id: str) -> str:
    """Return the digits of an IMO number that has the letters IMO before it, or a slug in small letters."""
    compact: str = imo.compact(id) if id.upper().startswith("IMO") else id.lower()
    return compact


VESSELS = Resource(
    path="vessels",
    name="vessel",
    tables=join(Vessel, Subject, Vessel.id == Subject.id),  # type: ignore[arg-type]  # a column, to mypy a text
    identity=Vessel.id,
    model=VesselRecord,
    query=VesselQuery,
    sorts={
        "id": SortKey(Vessel.id, TEXTS),
        "name": SortKey(Subject.folded_name, TEXTS),
        "listed_on": SortKey(Subject.first_listed_on, DAYS),
    },
    render=render,
    title=lambda record: f"{record['name']} (IMO {record['imo_number']})" if record["imo_number"] else record["name"],
    coverage={"vessels": (Subject, still_listed(SubjectKind.VESSEL))},
    canonical=canonical,
    subject=Vessel.id,
    listed_count=lambda dataset, day: on_list(dataset, day, SubjectKind.VESSEL),
    form=ItemForm(
        ("id", "name", "imo_number", "vessel_type", "flag", "listed", "status", "measures"),
        groups={
            "citations": ("citations",),
            "listings": ("listings",),
            "names": ("names",),
            "identifiers": ("identifiers",),
            "relations": ("relations", "delisting_requests", "statements", "changes_url"),
        },
        shorten={"status": short_status},
        models={"status": ShortStatusPart},
    ),
    facets=("flag", "measure"),
)


@router.get("/vessels", summary="Listed ships", response_model=VESSELS.page_model(), responses=PAGE_ANSWERS)
async def read_vessels(request: Request, query: Annotated[VesselQuery, Query()]) -> Response:
    """Ships that the UN listed, whether they still are or not.

    Each item says in `listed` whether the ship was on the list on the day asked about: `/vessels?listed=true` for
    today, `/vessels?listed=true&as_of=2016-03-20` for a day in the past. Filters on the listing hold for one stay:
    `listed=true&designated_by=2270` asks for ships that are on the list by that resolution.
    """
    return await read_page(request, VESSELS, query)


@router.get(
    "/vessels/{id}",
    summary="One ship",
    response_model=answer_of(VesselRecord),
    responses=RECORD_ANSWERS,
)
async def read_vessel(
    request: Request,
    id: Annotated[str, Path(description="IMO number, or the slug of a ship without one.", examples=["9163166"])],
    query: Annotated[RecordQuery, Query()],
) -> Response:
    """One ship under all its names and flags, with what listed it, what took it off, and who asked for that."""
    return read_record(request, VESSELS, id, query)
