"""Designated parties: individuals and entities the UN listed, with what identifies them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Annotated, Any, ClassVar

from fastapi import Path, Query, Request, Response
from pydantic import Field
from sqlalchemy import join

from app.api.collection import read_page
from app.api.detail import read_record
from app.api.filters import Bind, Conditions, Equals, From, NumberIs, Until
from app.api.items import ItemForm
from app.api.openapi_responses import PAGE_ANSWERS, RECORD_ANSWERS, answer_of
from app.api.query_models import RecordQuery
from app.api.query_types import Sort, Text
from app.api.resource import DAYS, TEXTS, Resource, SortKey
from app.api.routing import strict_router
from app.fields.countries import Country
from app.fields.dates import Day, latest_possible_day
from app.publishing.batch_reader import BatchReader, key_of, table_of
from app.publishing.held import days_of
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
    RenderedRecord,
    by_interval,
    country,
    partly_known,
    url,
)
from app.publishing.subjects import certain_on, over_on, possible_on, value_on
from app.resources.subjects import (
    ContainsEver,
    ContainsOnDay,
    EqualsEver,
    EqualsOnDay,
    FromOnDay,
    GivenByField,
    NamePart,
    NumberIsEver,
    NumberIsOnDay,
    OnListSince,
    OnListUntil,
    Pointer,
    ShortStatusPart,
    SubjectQuery,
    SubjectRecord,
    UntilOnDay,
    days_on_list,
    is_shown,
    listing_days,
    listing_parts,
    name_part,
    name_parts,
    short_status,
    standing_on,
    still_listed,
    unsettled_names,
)
from app.resources.timeline import on_list
from app.tables import (
    Address,
    Amendment,
    BirthDate,
    BirthPlace,
    DesignatedParty,
    Document,
    GenderEntry,
    Name,
    Narrative,
    Nationality,
    Position,
    Subject,
)
from app.vocabularies import DocumentKind, Gender, PartyKind, SubjectKind

router = strict_router("designated-parties")
ABOUT = "The individuals and entities on the list, and what identifies them."
"""Description of the tag in OpenAPI."""
HOME = ("/designated-parties", "Designated individuals and entities")
"""Link on the home page: path and title."""


class NationalityPart(Part):
    """A State whose national the individual is."""

    CELL: ClassVar[tuple[str, ...]] = ("country",)

    country: CountryPart = Field(description="The State.")
    given_by: GivenByField
    on_list_since: OnListSince
    on_list_until: OnListUntil


class PositionPart(Part):
    """A post that the individual holds or held."""

    CELL: ClassVar[tuple[str, ...]] = ("position",)

    position: str = Field(description="The post.")
    organisation_id: str | None = Field(
        description="Permanent reference number of the designated entity that the post names; null where it names none."
    )
    given_by: GivenByField
    on_list_since: OnListSince
    on_list_until: OnListUntil


class BirthDatePart(Part):
    """A birth date that a source gives."""

    CELL: ClassVar[tuple[str, ...]] = ("born_on",)

    born_on: PartlyKnownDate = Field(description="The date, as far as known.")
    preferred: bool | None = Field(description="Where sources disagree: whether it is held to be right. See note.")
    given_by: GivenByField
    on_list_since: OnListSince
    on_list_until: OnListUntil
    note: str | None = Field(description="Remarks.")


class BirthPlacePart(Part):
    """Where the individual is said to be born."""

    CELL: ClassVar[tuple[str, ...]] = ("place", "country")

    place: str | None = Field(description="The place without its country.")
    country: CountryPart | None = Field(description="The country.")
    given_by: GivenByField
    on_list_since: OnListSince
    on_list_until: OnListUntil


class DocumentPart(Part):
    """A paper that identifies the individual."""

    CELL: ClassVar[tuple[str, ...]] = ("kind", "number")

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

    CELL: ClassVar[tuple[str, ...]] = ("address", "country")

    address: str | None = Field(description="The address without its country.")
    country: CountryPart | None = Field(description="The country.")
    given_by: GivenByField
    on_list_since: OnListSince
    on_list_until: OnListUntil


class GenderPart(Part):
    """A gender that the UN's list gives."""

    CELL: ClassVar[tuple[str, ...]] = ("gender",)

    gender: Gender = Field(description="male or female.")
    given_by: GivenByField
    on_list_since: OnListSince
    on_list_until: OnListUntil


class NarrativePart(Part):
    """The reasons that the UN's list prints, in our words, and a digest of their text."""

    CELL: ClassVar[tuple[str, ...]] = ("summary", "narrative_sha256")

    summary: str | None = Field(description="Who or what it is and why it was listed, in our words.")
    narrative_sha256: str | None = Field(description="SHA-256 of the text that the list prints.")
    given_by: GivenByField
    on_list_since: OnListSince
    on_list_until: OnListUntil


class DatedValue(Part):
    """A value that the UN's list may have had on the day asked about, or had before it."""

    field: Pointer
    value: (
        NamePart
        | NationalityPart
        | PositionPart
        | BirthDatePart
        | BirthPlacePart
        | DocumentPart
        | AddressPart
        | GenderPart
        | NarrativePart
    ) = Field(description="The value, with the days on which the list had it.")


class DesignatedPartyRecord(SubjectRecord):
    """An individual or entity that the Council or its Committee put on the list."""

    kind: PartyKind = Field(description="individual or entity.")
    permanent_reference_number: str = Field(description="The UN's permanent reference number.", examples=["KPi.014"])
    nationality: list[str] = Field(description="ISO 3166-1 alpha-2 codes of `nationalities`.")
    posts: list[str] = Field(description="The posts of `positions`.")
    birth_years: list[int] = Field(
        description="The years in which the `birth_dates` lie, but for those that sources show to be wrong."
    )
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
    possible: list[DatedValue] = Field(
        description=(
            "Values of which it is not known whether the UN's list had them on the day: the list was amended between "
            "two that were seen, and no source says on which day. `not_known` has the fields."
        )
    )
    earlier_values: list[DatedValue] = Field(description="Values that the UN's list no longer had on the day.")


@dataclass(frozen=True)
class AmendedFrom(From):
    """On this day or later, and not after the day asked about."""

    def apply(self, where: Conditions, bind: Bind, cache_key: None) -> None:
        """See ``Filter.apply``."""
        super().apply(where, bind, cache_key)
        where.add(where.begun(self.column), self.via)


class DesignatedPartyQuery(SubjectQuery):
    """Query parameters of the designated parties."""

    kind: Annotated[list[PartyKind] | None, Equals(DesignatedParty.kind)] = Field(
        default=None, description="individual or entity. Repeat it for both.", examples=[["entity"]]
    )
    name: Annotated[Text | None, ContainsOnDay(Name.folded, via=Name.subject_id)] = Field(
        default=None,
        description=(
            "Part of a name or alias of the day asked about, possible ones included; case and accents do not count."
        ),
        examples=["ocean maritime"],
    )
    name_ever: Annotated[Text | None, ContainsEver(Name.folded, via=Name.subject_id)] = Field(
        default=None, description="Part of a name or alias of any day.", examples=["aerospace development"]
    )
    nationality: Annotated[list[Country] | None, EqualsOnDay(Nationality.country, via=Nationality.subject_id)] = Field(
        default=None,
        description=(
            "Nationality on the day asked about: ISO 3166-1 code (KP, PRK) or English name. Repeat it for several."
        ),
        examples=[["KP"]],
    )
    nationality_ever: Annotated[list[Country] | None, EqualsEver(Nationality.country, via=Nationality.subject_id)] = (
        Field(default=None, description="Nationality on any day. Repeat it for several.", examples=[["KP"]])
    )
    position: Annotated[Text | None, ContainsOnDay(Position.folded, via=Position.subject_id)] = Field(
        default=None,
        description=(
            "Words in a post that the list gives on the day asked about, possible ones included; case and accents do "
            "not count."
        ),
        examples=["Syria"],
    )
    position_ever: Annotated[Text | None, ContainsEver(Position.folded, via=Position.subject_id)] = Field(
        default=None, description="Words in a post that the list gives on any day.", examples=["Syria"]
    )
    document_number: Annotated[list[Text] | None, NumberIsOnDay(Document.number, via=Document.subject_id)] = Field(
        default=None,
        description=(
            "Number of a passport of the day asked about, possible ones included; case, blanks, hyphens, dots and "
            "slashes do not count. Repeat it for several."
        ),
        examples=[["PS 472330208"]],
    )
    document_number_ever: Annotated[list[Text] | None, NumberIsEver(Document.number, via=Document.subject_id)] = Field(
        default=None, description="Number of a passport of any day. Repeat it for several.", examples=[["381420754"]]
    )
    swift_code: Annotated[list[Text] | None, NumberIs(DesignatedParty.swift_code)] = Field(
        default=None, description="SWIFT code of a bank, in any case. Repeat it for several.", examples=[["DCBKKPPY"]]
    )
    imo_company_number: Annotated[list[Text] | None, NumberIs(DesignatedParty.imo_company_number)] = Field(
        default=None, description="IMO number of a shipping company. Repeat it for several.", examples=[["1790183"]]
    )
    address_country: Annotated[list[Country] | None, EqualsOnDay(Address.country, via=Address.subject_id)] = Field(
        default=None,
        description=(
            "Country of an address on the day asked about: ISO 3166-1 alpha-2 code or English name. Repeat it for "
            "several."
        ),
        examples=[["CN"]],
    )
    born_from: Annotated[Day | None, FromOnDay(BirthDate.born_latest_on, via=BirthDate.subject_id)] = Field(
        default=None,
        description="Born on this day or later, by a birth date of the day asked about, as far as known.",
        examples=["1960-01-01"],
    )
    born_until: Annotated[Day | None, UntilOnDay(BirthDate.born_earliest_on, via=BirthDate.subject_id)] = Field(
        default=None,
        description="Born on this day or earlier, by the same birth date, as far as known.",
        examples=["1965-12-31"],
    )
    amended_from: Annotated[Day | None, AmendedFrom(Amendment.amended_on, via=Amendment.subject_id)] = Field(
        default=None,
        description="Entry amended by the UN on this day or later, and not after the day asked about.",
        examples=["2018-01-01"],
    )
    amended_until: Annotated[Day | None, Until(Amendment.amended_on, via=Amendment.subject_id)] = Field(
        default=None, description="Entry amended by the UN on this day or earlier.", examples=["2018-12-31"]
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
        values = _Values(rows, party.id)
        days: list[date] = [*days_on_list(values.all())]
        days += [row.amended_on for row in rows.related(Amendment, Amendment.subject_id, party.id)]
        days += days_of(relations_of(rows, party.id))
        days += [latest_possible_day(party.deceased_on)] if party.deceased_on else []
        yield from by_interval(
            party.id,
            days,
            partial(_record_on, rows, party, values),
            listing_days(rows, party.id),
            partial(standing_on, rows, party.id),
        )


_LISTS: dict[str, tuple[Any, type[Part]]] = {
    "nationalities": (Nationality, NationalityPart),
    "positions": (Position, PositionPart),
    "birth_dates": (BirthDate, BirthDatePart),
    "birth_places": (BirthPlace, BirthPlacePart),
    "documents": (Document, DocumentPart),
    "addresses": (Address, AddressPart),
}
"""The lists in a record whose rows come onto the UN's list and go, with their table and model."""

_SINGLE: dict[str, tuple[Any, type[Part], tuple[str, ...]]] = {
    "genders": (GenderEntry, GenderPart, ("gender",)),
    "narratives": (Narrative, NarrativePart, ("summary", "narrative_sha256")),
}
"""Tables of which a record has one row at most on a day, with the model of a row and the fields that it fills."""


class _Values:
    """The values of a party that come onto the UN's list and go, by the name of their seed file."""

    def __init__(self, rows: BatchReader, party_id: str) -> None:
        tables = {"names": Name, **{name: one[0] for name, one in (_LISTS | _SINGLE).items()}}
        self.by_name: dict[str, list[Any]] = {
            name: rows.related(table, table.subject_id, party_id) for name, table in tables.items()
        }

    def all(self) -> Iterator[Any]:
        """Yield every value."""
        for rows in self.by_name.values():
            yield from rows

    def dated(self, chosen: Callable[[Iterable[Any], date], list[Any]], day: date) -> Iterator[tuple[str, Any]]:
        """Yield the values that are chosen for a day and that the record does not show as those of the day."""
        for name, rows in self.by_name.items():
            yield from ((name, row) for row in chosen(rows, day) if not is_shown(row, day))

    def unsettled(self, day: date) -> Iterator[str]:
        """Yield the JSON Pointers of the fields that are not known on a day."""
        yield from unsettled_names(self.by_name["names"], day)
        for name in _LISTS:
            if possible_on(self.by_name[name], day):
                yield f"/{name}"
        for name, (_, _, fields) in _SINGLE.items():
            yield from (f"/{field}" for field in fields if not value_on(self.by_name[name], day, field)[1])


def _record_on(rows: BatchReader, party: DesignatedParty, values: _Values, day: date) -> EncodedRecord:
    evidence = Evidence(rows)
    evidence.add("designated_parties", party.id, absent=() if _died_by(party, day) else ("deceased_on",))
    names = name_parts(values.by_name["names"], day, evidence)
    parts = {name: _parts(name, values.by_name[name], day, evidence) for name in _LISTS}
    record = DesignatedPartyRecord(
        **party.model_dump(exclude={"deceased_on"}),
        **_single_values(values, day, evidence),
        name=names[0].name,
        **standing_on(rows, party.id, day),
        names=names,
        identifiers=identifier_parts(rows, party.id, evidence),
        relations=relation_parts(rows, party.id, day, evidence),
        listings=listing_parts(rows, party.id, evidence),
        permanent_reference_number=party.id,
        **parts,
        **_in_short(parts),
        amended_on=_amendments(rows, party, day, evidence),
        deceased_on=partly_known(party.deceased_on) if _died_by(party, day) else None,
        statements=statements_on(rows, "designated-parties", party.id),
        changes_url=f"{BASE}/changes?subject={party.id}",
        possible=_dated_values(values.dated(possible_on, day), "/possible", evidence),
        earlier_values=_dated_values(values.dated(over_on, day), "/earlier_values", evidence),
        url=url("designated-parties", party.id),
    )
    return record.complete(evidence, values.unsettled(day))


def _single_values(values: _Values, day: date, evidence: Evidence) -> dict[str, Any]:
    """Return the fields of which a record has one value on a day, and take in their citations; not known is None."""
    found: dict[str, Any] = {}
    for name, (_, _, fields) in _SINGLE.items():
        rows = values.by_name[name]
        found |= {field: value_on(rows, day, field)[0] for field in fields}
        for row in certain_on(rows, day) or possible_on(rows, day):
            absent = [field for field in fields if found[field] is None]
            # Since when the list has the value is not a field of the record; its source supports the value.
            shown = next((field for field in fields if field not in absent), None)
            dates = ("on_list_since", "on_list_until")
            renamed = dict.fromkeys(dates, shown) if shown else {}
            evidence.add(name, row.id, "", renamed, absent=absent if shown else [*absent, *dates])
    return found


def _parts(name: str, rows: Iterable[Any], day: date, evidence: Evidence) -> list[Part]:
    """Build the values of a list in a record on a day, and take in their citations.

    Args:
        name: name of the list in the record, which is that of the seed file.
        rows: the values of any day.
        day: the day.
        evidence: takes in the citations.
    """
    shown = [row for row in rows if is_shown(row, day)]
    for place, row in enumerate(shown):
        evidence.add(name, key_of(row), f"/{name}/{place}")
    return [_part(name, row) for row in shown]


def _part(name: str, row: Any) -> Part:
    """Build a value as a part of a record: countries with their names, dates with the days that they may mean."""
    if table_of(row) is Name:
        return name_part(row)
    model = (_LISTS | _SINGLE)[name][1]
    values = {field: getattr(row, field) for field in model.model_fields}
    for field in values.keys() & {"country", "issued_by"}:
        values[field] = country(values[field])
    for field in values.keys() & {"born_on", "issued_on", "expires_on", "on_list_since", "on_list_until"}:
        values[field] = partly_known(values[field])
    return model(**values)


def _dated_values(rows: Iterable[tuple[str, Any]], at: str, evidence: Evidence) -> list[DatedValue]:
    """Build values that a record does not show as those of the day, and take in their citations.

    Args:
        rows: the values, each with the name of its seed file.
        at: JSON Pointer of the list that they become, such as ``/possible``.
        evidence: takes in the citations.
    """
    parts = []
    for place, (name, row) in enumerate(rows):
        evidence.add(name, key_of(row), f"{at}/{place}/value")
        field = {"genders": "/gender", "narratives": "/summary"}.get(name, f"/{name}")
        parts.append(DatedValue(field=field, value=_part(name, row)))
    return parts


def _in_short(parts: Mapping[str, Sequence[Any]]) -> dict[str, list[Any]]:
    """Return the members of an item that shorten the lists of a record, each value once."""
    years: set[int] = set()
    for one in parts["birth_dates"]:
        bounds = one.born_on
        if one.preferred is not False:
            ends = (bounds.earliest or bounds.latest, bounds.latest or bounds.earliest)
            years |= {year for day, last in [ends] if day and last for year in range(day.year, last.year + 1)}
    return {
        "nationality": list(dict.fromkeys(one.country.code for one in parts["nationalities"])),
        "posts": list(dict.fromkeys(one.position for one in parts["positions"])),
        "birth_years": sorted(years),
    }


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
    subject=DesignatedParty.id,
    listed_count=lambda dataset, day: on_list(dataset, day, SubjectKind.INDIVIDUAL, SubjectKind.ENTITY),
    form=ItemForm(
        ("id", "name", "kind", "nationality", "posts", "birth_years", "listed", "status", "measures"),
        groups={
            "citations": ("citations",),
            "listings": ("listings",),
            "names": ("names",),
            "identifiers": ("identifiers",),
            "relations": ("relations", "statements", "changes_url"),
        },
        shorten={"status": short_status},
        models={"status": ShortStatusPart},
    ),
    facets=("kind", "nationality", "measure"),
)


@router.get(
    "/designated-parties",
    summary="Listed individuals and entities",
    response_model=DESIGNATED_PARTIES.page_model(),
    responses=PAGE_ANSWERS,
)
async def read_designated_parties(request: Request, query: Annotated[DesignatedPartyQuery, Query()]) -> Response:
    """People, companies and offices that the UN listed.

    Ask by name, post, nationality, by the act that listed them, or for those on the list on a day. Every value is that
    of the day asked about, and filters look at the values of that day; `name_ever`, `position_ever` and
    `nationality_ever` look at those of all days.
    """
    return await read_page(request, DESIGNATED_PARTIES, query)


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

    Every value is that of the day asked about. Where the UN's list was amended between two lists that were seen, and no
    source says on which day, neither the value before nor the one after is shown as a fact: `possible` has both, and
    `not_known` names the field. `earlier_values` has what the list had before.
    """
    return read_record(request, DESIGNATED_PARTIES, id, query)
