"""Designated parties: individuals and entities the UN listed, with what identifies them."""

from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from typing import Annotated, Any, TypeVar

from fastapi import Path, Query, Request, Response
from pydantic import Field
from sqlalchemy import join
from sqlmodel import SQLModel

from app.api.detail import read_record
from app.api.filters import Contains, Equals
from app.api.openapi_responses import PAGE_ANSWERS, RECORD_ANSWERS, answer_of
from app.api.pagination import Page, read_page
from app.api.query_models import RecordQuery
from app.api.query_types import Sort, Text
from app.api.resource import DAYS, TEXTS, Resource, SortKey
from app.api.routing import strict_router
from app.fields.countries import Country
from app.fields.dates import latest_possible_day
from app.publishing.batch_reader import BatchReader, key_of
from app.publishing.references import statements_on
from app.publishing.rendering import (
    BASE,
    CountryPart,
    Evidence,
    Part,
    PartlyKnownDate,
    RenderedRecord,
    by_interval,
    country,
    partly_known,
    url,
)
from app.publishing.subjects import held_on, is_listed
from app.resources.subjects import (
    GivenByField,
    OnListSince,
    OnListUntil,
    SubjectQuery,
    SubjectRecord,
    days_of_change,
    listing_parts,
    name_parts,
    status_on,
    still_listed,
)
from app.resources.timeline import on_list
from app.tables import (
    Address,
    Amendment,
    BirthDate,
    BirthPlace,
    DesignatedParty,
    Document,
    Name,
    Nationality,
    Position,
    Subject,
)
from app.vocabularies import DocumentKind, Gender, PartyKind, SubjectKind

router = strict_router("designated parties")
ABOUT = "The individuals and entities on the list, and what identifies them."
"""Description of the tag in OpenAPI."""
HOME = ("/designated-parties", "Designated individuals and entities")
"""Link on the home page: path and title."""

Detail = TypeVar("Detail", bound=Part)


class NationalityPart(Part):
    """A State whose national the individual is."""

    country: CountryPart = Field(description="The State.")
    given_by: GivenByField
    on_list_since: OnListSince
    on_list_until: OnListUntil


class PositionPart(Part):
    """A post that the individual holds or held."""

    position: str = Field(description="The post.")
    given_by: GivenByField
    on_list_since: OnListSince
    on_list_until: OnListUntil


class BirthDatePart(Part):
    """A birth date that a source gives."""

    born_on: PartlyKnownDate = Field(description="The date, as far as known.")
    preferred: bool | None = Field(description="Where sources disagree: whether it is held to be right. See note.")
    given_by: GivenByField
    on_list_since: OnListSince
    on_list_until: OnListUntil
    note: str | None = Field(description="Remarks.")


class BirthPlacePart(Part):
    """Where the individual is said to be born."""

    place: str | None = Field(description="The place without its country.")
    country: CountryPart | None = Field(description="The country.")
    given_by: GivenByField
    on_list_since: OnListSince
    on_list_until: OnListUntil


class DocumentPart(Part):
    """A paper that identifies the individual."""

    kind: DocumentKind = Field(description="passport or diplomatic_passport.")
    number: str = Field(description="Its number, as printed.")
    issued_on: PartlyKnownDate | None = Field(description="When it was issued.")
    issued_by: CountryPart | None = Field(description="The State that issued it.")
    preferred: bool | None = Field(description="Where sources disagree: whether it is held to be right. See note.")
    expires_on: PartlyKnownDate | None = Field(description="When it expires or expired.")
    given_by: GivenByField
    on_list_since: OnListSince
    on_list_until: OnListUntil
    note: str | None = Field(description="Remarks.")


class AddressPart(Part):
    """Where the party is said to be."""

    address: str | None = Field(description="The address without its country.")
    country: CountryPart | None = Field(description="The country.")
    given_by: GivenByField
    on_list_since: OnListSince
    on_list_until: OnListUntil


class DesignatedPartyRecord(SubjectRecord):
    """An individual or entity that the Council or its Committee put on the list."""

    kind: PartyKind = Field(description="individual or entity.")
    permanent_reference_number: str = Field(description="The UN's permanent reference number.", examples=["KPi.014"])
    gender: Gender | None = Field(description="As the UN's list gives it.")
    summary: str | None = Field(description="Who or what it is and why it was listed, in our words.")
    narrative_sha256: str | None = Field(
        description="SHA-256 of the reasons that the UN's list prints, which are not copied here: whether they changed."
    )
    nationalities: list[NationalityPart] = Field(description="Nationalities; of individuals only.")
    positions: list[PositionPart] = Field(description="Posts held; the UN's list calls this field DESIGNATION.")
    birth_dates: list[BirthDatePart] = Field(description="Birth dates; several where sources give several.")
    birth_places: list[BirthPlacePart] = Field(description="Places of birth.")
    documents: list[DocumentPart] = Field(description="Passports.")
    addresses: list[AddressPart] = Field(description="Addresses.")
    swift_code: str | None = Field(description="SWIFT code, of a bank.")
    imo_company_number: str | None = Field(description="IMO company number, of a shipping company.")
    deceased_on: PartlyKnownDate | None = Field(description="Day of death, where the UN states it.")
    amended_on: list[date] = Field(description="Days on which the UN amended the entry.")
    note: str | None = Field(description="Remarks.")


class DesignatedPartyQuery(SubjectQuery):
    """Query parameters of the designated parties."""

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
            "list); prefix with `-` for descending order."
        ),
        examples=["name"],
    )


def render(rows: BatchReader) -> Iterator[RenderedRecord]:
    """Yield every party for each stretch of days on which it reads the same."""
    for party in rows.all(DesignatedParty):
        tables = [Name, *(table for table, _ in _DETAILS.values())]
        amended = [part for table in tables for part in rows.related(table, table.subject_id, party.id)]
        days = days_of_change(rows, party.id, amended)
        days += [amendment.amended_on for amendment in rows.related(Amendment, Amendment.subject_id, party.id)]
        days += [latest_possible_day(party.deceased_on)] if party.deceased_on else []
        yield from by_interval(party.id, days, partial(_record_on, rows, party))


_DETAILS: dict[str, tuple[Any, Any]] = {
    "nationalities": (Nationality, NationalityPart),
    "positions": (Position, PositionPart),
    "birth_dates": (BirthDate, BirthDatePart),
    "birth_places": (BirthPlace, BirthPlacePart),
    "documents": (Document, DocumentPart),
    "addresses": (Address, AddressPart),
}
"""The lists in a record whose rows come onto the UN's list and go, with their table and model."""


def _record_on(rows: BatchReader, party: DesignatedParty, day: date) -> str:
    evidence = Evidence(rows)
    evidence.add("designated_parties", party.id, absent=() if _died_by(party, day) else ("deceased_on",))
    names = name_parts(held_on(rows.related(Name, Name.subject_id, party.id), day), evidence)
    record = DesignatedPartyRecord(
        **party.model_dump(exclude={"deceased_on"}),
        name=names[0].name,
        listed=is_listed(rows, party.id, day),
        status=status_on(rows, party.id, day),
        names=names,
        listings=listing_parts(rows, party.id, evidence),
        permanent_reference_number=party.id,
        **{
            name: _parts(name, held_on(rows.related(table, table.subject_id, party.id), day), part, evidence)
            for name, (table, part) in _DETAILS.items()
        },
        amended_on=_amendments(rows, party, day, evidence),
        deceased_on=partly_known(party.deceased_on) if _died_by(party, day) else None,
        statements=statements_on(rows, "designated-parties", party.id),
        changes_url=f"{BASE}/changes?subject={party.id}",
        url=url("designated-parties", party.id),
    )
    return record.complete(evidence)


def _parts(name: str, rows: Sequence[SQLModel], part: type[Detail], evidence: Evidence) -> list[Detail]:
    """Return rows as parts of a record, and take in their citations.

    Args:
        name: of the list in the record, which is that of the seed file.
        rows: the rows.
        part: the model of one part; countries and partly known dates are spread as it asks.
        evidence: what takes in the citations.
    """
    parts = []
    for place, row in enumerate(rows):
        evidence.add(name, key_of(row), f"/{name}/{place}")
        values = {field: getattr(row, field) for field in part.model_fields}
        for field in values.keys() & {"country", "issued_by"}:
            values[field] = country(values[field])
        for field in values.keys() & {"born_on", "issued_on", "expires_on"}:
            values[field] = partly_known(values[field])
        parts.append(part(**values))
    return parts


def _died_by(party: DesignatedParty, day: date) -> bool:
    return party.deceased_on is not None and latest_possible_day(party.deceased_on) <= day


def _amendments(rows: BatchReader, party: DesignatedParty, day: date, evidence: Evidence) -> list[date]:
    amendments = [row for row in rows.related(Amendment, Amendment.subject_id, party.id) if row.amended_on <= day]
    amendments.sort(key=lambda amendment: amendment.amended_on)
    for place, amendment in enumerate(amendments):
        evidence.add("amendments", amendment.id, f"/amended_on/{place}", {"amended_on": ""})
    return [amendment.amended_on for amendment in amendments]


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
        "id": SortKey(DesignatedParty.id, TEXTS),
        "name": SortKey(Subject.folded_name, TEXTS),
        "listed_on": SortKey(Subject.first_listed_on, DAYS),
    },
    render=render,
    title=lambda record: f"{record['name']} ({record['id']})",
    coverage={
        "individuals": (Subject, still_listed(SubjectKind.INDIVIDUAL)),
        "entities": (Subject, still_listed(SubjectKind.ENTITY)),
    },
    canonical=canonical,
    listed_count=lambda dataset, day: on_list(dataset, day, SubjectKind.INDIVIDUAL, SubjectKind.ENTITY),
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
    """One individual or entity, with every name and what identifies it.

    What is known to have come onto the list after the day asked about is not shown; what has gone from it since says
    until when it was there.
    """
    return read_record(request, DESIGNATED_PARTIES, id, query)
