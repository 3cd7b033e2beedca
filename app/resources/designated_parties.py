"""Designated parties: individuals and entities the UN listed, with what identifies them."""

from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field
from sqlalchemy import join

from app.countries import Country
from app.filters import Contains, Equals
from app.pages import Page, RecordQuery, Resource, SortKey, read_page, read_record
from app.parameters import Sort, Text
from app.rendering import (
    CountryPart,
    Evidence,
    Part,
    PartlyKnownDate,
    Rendered,
    Rows,
    country,
    partly_known,
    stretches,
    url,
)
from app.resources.answers import PAGE_ANSWERS, RECORD_ANSWERS, answer_of
from app.resources.mentions import statements_on
from app.resources.subjects import (
    SubjectQuery,
    SubjectRecord,
    days_of_change,
    held_on,
    is_listed,
    listing_parts,
    name_parts,
)
from app.routing import StrictRoute
from app.tables import (
    Address,
    BirthDate,
    DesignatedParty,
    Document,
    DocumentKind,
    Name,
    Nationality,
    PartyKind,
    Position,
    PositionKind,
    Subject,
)

router = APIRouter(tags=["designated parties"], route_class=StrictRoute)

_SINCE = "Where it came after the listing: day of the first list seen with it. Null: with the listing."


class NationalityPart(Part):
    """A State whose national the individual is."""

    country: CountryPart = Field(description="The State.")
    on_list_since: date | None = Field(description=_SINCE)


class PositionPart(Part):
    """A post that the individual holds or held."""

    position: str = Field(description="The post.")
    kind: PositionKind = Field(description="printed (the list's own field) or narrative (from its reasons).")
    on_list_since: date | None = Field(description=_SINCE)


class BirthDatePart(Part):
    """A birth date that a source gives."""

    born_on: PartlyKnownDate = Field(description="The date, as far as known.")
    on_list_since: date | None = Field(description=_SINCE)
    note: str | None = Field(description="What else there is to say of it.")


class DocumentPart(Part):
    """A paper that identifies the individual."""

    kind: DocumentKind = Field(description="passport or diplomatic_passport.")
    number: str = Field(description="Its number, as printed.")
    expires_on: PartlyKnownDate | None = Field(description="When it expires or expired.")
    on_list_since: date | None = Field(description=_SINCE)
    note: str | None = Field(description="What else there is to say of it.")


class AddressPart(Part):
    """Where the party is said to be."""

    address: str | None = Field(description="The address without its country.")
    country: CountryPart | None = Field(description="The country.")
    on_list_since: date | None = Field(description=_SINCE)


class DesignatedPartyRecord(SubjectRecord):
    """An individual or entity that the Council or its Committee put on the list."""

    kind: PartyKind = Field(description="individual or entity.")
    permanent_reference_number: str = Field(description="The UN's permanent reference number.", examples=["KPi.014"])
    summary: str = Field(description="Who or what it is and why it was listed, in our words.")
    nationalities: list[NationalityPart] = Field(description="Nationalities; of individuals only.")
    positions: list[PositionPart] = Field(description="Posts held; the UN's list calls this field DESIGNATION.")
    birth_dates: list[BirthDatePart] = Field(description="Birth dates; several where sources give several.")
    documents: list[DocumentPart] = Field(description="Passports.")
    addresses: list[AddressPart] = Field(description="Addresses.")
    swift_code: str | None = Field(description="SWIFT code, of a bank.")
    imo_company_number: str | None = Field(description="IMO company number, of a shipping company.")
    deceased_on: PartlyKnownDate | None = Field(description="Day of death, where the UN states it.")
    note: str | None = Field(description="What else there is to say of it.")


class DesignatedPartyQuery(SubjectQuery):
    """What can be asked of the designated parties."""

    kind: Annotated[list[PartyKind] | None, Equals(DesignatedParty.kind)] = Field(
        default=None, description="individual or entity. Repeat it for both.", examples=[["entity"]]
    )
    name: Annotated[Text | None, Contains(Name.folded, via=Name.subject_id)] = Field(
        default=None,
        description="Part of any name or alias; case and accents do not count.",
        examples=["ocean maritime"],
    )
    nationality: Annotated[list[Country] | None, Equals(Nationality.country, via=Nationality.subject_id)] = Field(
        default=None,
        description="Nationality: ISO 3166-1 alpha-2 code or English name. Repeat it for several.",
        examples=[["KP"]],
    )
    position: Annotated[Text | None, Contains(Position.folded, via=Position.subject_id)] = Field(
        default=None,
        description="Words in a post that it holds or held; case and accents do not count.",
        examples=["Syria"],
    )
    sort: Annotated[str | None, Sort("id", "name", "listed_on")] = Field(
        default=None,
        description=(
            "Order: id (the default, the permanent reference number), name or listed_on (the first day on the "
            "list); a minus before it turns it round."
        ),
        examples=["name"],
    )


def render(rows: Rows) -> Iterator[Rendered]:
    """Yield every party for each stretch of days on which it reads the same."""
    for party in rows.all(DesignatedParty):
        amended = [part for table in _AMENDED for part in rows.of(table, "subject_id", party.id)]
        days = days_of_change(rows, party.id, amended)
        yield from stretches(party.id, days, partial(_record_on, rows, party))


_AMENDED: tuple[Any, ...] = (Name, Nationality, Position, BirthDate, Document, Address)


def _record_on(rows: Rows, party: DesignatedParty, day: date) -> str:
    evidence = Evidence(rows)
    evidence.add("designated_parties", party.id)
    names = name_parts(held_on(rows.of(Name, "subject_id", party.id), day), evidence)
    record = DesignatedPartyRecord(
        **party.model_dump(exclude={"deceased_on"}),
        name=names[0].name,
        listed=is_listed(rows, party.id, day),
        names=names,
        listings=listing_parts(rows, party.id, evidence),
        permanent_reference_number=party.id,
        nationalities=_nationalities(held_on(rows.of(Nationality, "subject_id", party.id), day), evidence),
        positions=_positions(held_on(rows.of(Position, "subject_id", party.id), day), evidence),
        birth_dates=_birth_dates(held_on(rows.of(BirthDate, "subject_id", party.id), day), evidence),
        documents=_documents(held_on(rows.of(Document, "subject_id", party.id), day), evidence),
        addresses=_addresses(held_on(rows.of(Address, "subject_id", party.id), day), evidence),
        deceased_on=partly_known(party.deceased_on),
        statements=statements_on(rows, "designated-parties", party.id),
        url=url("designated-parties", party.id),
    )
    return record.complete(evidence)


def _nationalities(rows: list[Nationality], evidence: Evidence) -> list[NationalityPart]:
    for place, row in enumerate(rows):
        evidence.add("nationalities", row.id, f"/nationalities/{place}")
    return [NationalityPart(country=country(row.country), on_list_since=row.on_list_since) for row in rows]


def _positions(rows: list[Position], evidence: Evidence) -> list[PositionPart]:
    for place, row in enumerate(rows):
        evidence.add("positions", row.id, f"/positions/{place}")
    return [PositionPart(**row.model_dump(include=set(PositionPart.model_fields))) for row in rows]


def _birth_dates(rows: list[BirthDate], evidence: Evidence) -> list[BirthDatePart]:
    for place, row in enumerate(rows):
        evidence.add("birth_dates", row.id, f"/birth_dates/{place}")
    return [
        BirthDatePart(born_on=partly_known(row.born_on), on_list_since=row.on_list_since, note=row.note) for row in rows
    ]


def _documents(rows: list[Document], evidence: Evidence) -> list[DocumentPart]:
    for place, row in enumerate(rows):
        evidence.add("documents", row.id, f"/documents/{place}")
    return [
        DocumentPart(
            **row.model_dump(include={"kind", "number", "on_list_since", "note"}),
            expires_on=partly_known(row.expires_on),
        )
        for row in rows
    ]


def _addresses(rows: list[Address], evidence: Evidence) -> list[AddressPart]:
    for place, row in enumerate(rows):
        evidence.add("addresses", row.id, f"/addresses/{place}")
    return [
        AddressPart(address=row.address, country=country(row.country), on_list_since=row.on_list_since) for row in rows
    ]


def canonical(id: str) -> str:
    """Return a permanent reference number in the UN's capitals: ``kpi.014`` as ``KPi.014``."""
    return f"KP{id[2:].lower()}" if id[:2].upper() == "KP" else id


DESIGNATED_PARTIES = Resource(
    path="designated-parties",
    name="designated party",
    tables=join(DesignatedParty, Subject, DesignatedParty.id == Subject.id),  # type: ignore[arg-type]  # a column, to mypy a text
    identity=DesignatedParty.id,
    model=DesignatedPartyRecord,
    query=DesignatedPartyQuery,
    sorts={
        "id": SortKey(DesignatedParty.id, ""),
        "name": SortKey(Subject.folded_name, ""),
        "listed_on": SortKey(Subject.first_listed_on, date.max),
    },
    render=render,
    canonical=canonical,
)


@router.get(
    "/designated-parties",
    summary="Listed individuals and entities",
    response_model=Page[DesignatedPartyRecord],
    responses=PAGE_ANSWERS,
)
async def read_designated_parties(request: Request, query: Annotated[DesignatedPartyQuery, Query()]) -> Response:
    """People, companies and offices that the UN listed.

    Ask by name, post, nationality, by the act that listed them, or for those on the list on a day. What the list did
    not hold yet on the day asked about, such as a passport added later, is not shown for that day.
    """
    return read_page(request, DESIGNATED_PARTIES, query)


@router.get(
    "/designated-parties/{id}",
    summary="One individual or entity",
    response_model=answer_of(DesignatedPartyRecord),
    responses=RECORD_ANSWERS,
)
async def read_designated_party(
    request: Request,
    id: Annotated[str, Path(description="Permanent reference number, in any case.", examples=["KPi.014"])],
    query: Annotated[RecordQuery, Query()],
) -> Response:
    """One individual or entity, with every name and what identifies it, as the list held it on the day asked about."""
    return read_record(request, DESIGNATED_PARTIES, id, query)
