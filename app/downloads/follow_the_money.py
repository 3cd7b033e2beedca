"""The record as entities of FollowTheMoney, the data model of OpenSanctions, yente and Aleph.

Written without its library, whose model of entities is plain JSON: ``id``, ``schema`` and ``properties``, each a list
of texts. A test validates them with it. Ids are those of the UN with a prefix, so they outlive a publication.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from sqlmodel import Session

from app.downloads.files import ABOUT, Download
from app.fields.dates import parse_edtf
from app.publishing.batch_reader import BatchReader
from app.tables import (
    Act,
    Address,
    BirthDate,
    BirthPlace,
    Citation,
    DesignatedParty,
    Document,
    Flag,
    GenderEntry,
    Listing,
    Name,
    Narrative,
    Nationality,
    Position,
    Source,
    Subject,
    Vessel,
    VesselParticular,
)
from app.vocabularies import AliasQuality, DocumentKind, NameKind, ParticularKind, SubjectKind

SUFFIX = "entities.ftm.json"
"""The end of the name of the file with the entities."""
DATASET = "unlisted"
"""Name of the dataset in FollowTheMoney."""
PREFIX = "unlisted-"
AUTHORITY = "United Nations Security Council"
PROGRAM = "1718 Sanctions Regime (Democratic People's Republic of Korea)"
PROGRAM_ID = "UN-SC1718"
"""Id of the regime among the programs of OpenSanctions."""
PROGRAM_URL = "https://main.un.org/securitycouncil/en/sanctions/1718"

SCHEMATA = {SubjectKind.INDIVIDUAL: "Person", SubjectKind.ENTITY: "Organization", SubjectKind.VESSEL: "Vessel"}
"""The schema of each kind of subject. The UN does not say which entities are companies: all are organizations."""

LONGEST_RANGE = 10
"""Years of the longest interval of which each year is written; of a longer one, the first and the last."""


class Entity:
    """An entity of FollowTheMoney as it is made up: each property has its values once, in the order added."""

    def __init__(self, id: str, schema: str) -> None:
        self.id, self.schema = id, schema
        self.properties: dict[str, dict[str, None]] = defaultdict(dict)

    def add(self, name: str, *values: object) -> None:
        """Add values to a property; None adds nothing."""
        for value in values:
            if value is not None and str(value):
                self.properties[name][str(value)] = None

    def line(self) -> bytes:
        """Encode it as a line of JSON."""
        properties = {name: list(values) for name, values in sorted(self.properties.items())}
        document = {"id": self.id, "schema": self.schema, "properties": properties, "datasets": [DATASET]}
        return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def write_entities(session: Session, path: Path) -> None:
    """Write every subject, its stays on the list and its papers, an entity a line.

    Args:
        session: the published tables.
        path: the file to write.
    """
    rows = BatchReader(session, "entities of")
    with path.open("wb") as file:
        for subject in rows.all(Subject):
            for entity in entities(rows, subject):
                file.write(entity.line())


def entities(rows: BatchReader, subject: Subject) -> Iterator[Entity]:
    """Yield the entity of a subject, one for each stay on the list, and one for each paper."""
    entity = Entity(PREFIX + subject.id, SCHEMATA[subject.kind])
    listings = rows.related(Listing, Listing.subject_id, subject.id)
    _add_names(entity, rows.related(Name, Name.subject_id, subject.id))
    if subject.kind is SubjectKind.VESSEL:
        _add_vessel(entity, rows, subject.id)
    else:
        _add_party(entity, rows, subject)
    entity.add("programId", PROGRAM_ID)
    entity.add("topics", "sanction" if any(one.delisted_on is None for one in listings) else None)
    entity.add("sourceUrl", *_source_urls(rows, listings))
    yield entity
    for listing in listings:
        yield _sanction(rows, entity, subject, listing)
    for paper in rows.related(Document, Document.subject_id, subject.id):
        yield _identification(entity, paper)


def _add_names(entity: Entity, names: Iterable[Name]) -> None:
    for name in names:
        is_current = name.kind is NameKind.PRIMARY and name.on_list_until is None
        if is_current or name.kind is NameKind.LATER:
            field = "name"
        elif name.kind in (NameKind.FORMER, NameKind.PRIMARY):
            field = "previousName"
        else:
            field = "weakAlias" if name.quality is AliasQuality.LOW else "alias"
        entity.add(field, name.name, name.original_script)
        if name.used_on or name.on_list_since or name.on_list_until:
            entity.add("notes", _about_name(name))


def _about_name(name: Name) -> str:
    """Write the days of a name, for which FollowTheMoney has no property."""
    days = {"borne": name.used_on, "on the list since": name.on_list_since, "until": name.on_list_until}
    told = ", ".join(f"{word} {day}" for word, day in days.items() if day)
    return f"Name {name.name}: {told} (EDTF)"


_PARTICULARS = {
    ParticularKind.VESSEL_TYPE: "type",
    ParticularKind.CALL_SIGN: "callSign",
    ParticularKind.MMSI: "mmsi",
    ParticularKind.GROSS_TONNAGE: "grossRegisteredTonnage",
    ParticularKind.DEADWEIGHT_TONNAGE: "deadweightTonnage",
    ParticularKind.YEAR_BUILT: "buildDate",
}
"""FollowTheMoney's properties of a vessel for the particulars of ships."""


def _add_vessel(entity: Entity, rows: BatchReader, id: str) -> None:
    vessel = rows.one_related(Vessel, Vessel.id, id)
    entity.add("imoNumber", f"IMO{vessel.imo_number}" if vessel.imo_number else None)
    for particular in rows.related(VesselParticular, VesselParticular.vessel_id, id):
        if particular.kind in _PARTICULARS:
            entity.add(_PARTICULARS[particular.kind], particular.value)
    entity.add("notes", vessel.note)
    flags = sorted(rows.related(Flag, Flag.vessel_id, id), key=lambda flag: flag.given_on, reverse=True)
    for place, flag in enumerate(flags):
        code = flag.country.lower()
        entity.add("pastFlags" if place and code not in entity.properties["flag"] else "flag", code)


def _add_party(entity: Entity, rows: BatchReader, subject: Subject) -> None:
    party = rows.one_related(DesignatedParty, DesignatedParty.id, subject.id)
    entity.add("notes", party.note)
    entity.add("swiftBic", party.swift_code)
    entity.add("imoNumber", f"IMO{party.imo_company_number}" if party.imo_company_number else None)
    for place in rows.related(Address, Address.subject_id, subject.id):
        entity.add("address", place.address)
        entity.add("country", place.country.lower() if place.country else None)
    for narrative in rows.related(Narrative, Narrative.subject_id, subject.id):
        entity.add("notes", narrative.summary)
    if subject.kind is SubjectKind.INDIVIDUAL:
        _add_individual(entity, rows, party)


def _add_individual(entity: Entity, rows: BatchReader, party: DesignatedParty) -> None:
    if party.deceased_on:
        entity.add("deathDate", *dates_of(party.deceased_on))
    for birth in rows.related(BirthDate, BirthDate.subject_id, party.id):
        entity.add("birthDate", *dates_of(birth.born_on))
    for place in rows.related(BirthPlace, BirthPlace.subject_id, party.id):
        entity.add("birthPlace", place.place)
        entity.add("birthCountry", place.country.lower() if place.country else None)
    for nationality in rows.related(Nationality, Nationality.subject_id, party.id):
        entity.add("nationality", nationality.country.lower())
    for position in rows.related(Position, Position.subject_id, party.id):
        entity.add("position", position.position)
    for gender in rows.related(GenderEntry, GenderEntry.subject_id, party.id):
        entity.add("gender", gender.gender.value)
    for paper in rows.related(Document, Document.subject_id, party.id):
        entity.add("passportNumber" if paper.kind is DocumentKind.PASSPORT else "idNumber", paper.number)


def _sanction(rows: BatchReader, entity: Entity, subject: Subject, listing: Listing) -> Entity:
    sanction = Entity(f"{PREFIX}listing-{listing.id}", "Sanction")
    sanction.add("entity", entity.id)
    sanction.add("authority", AUTHORITY)
    sanction.add("program", PROGRAM)
    sanction.add("programId", PROGRAM_ID)
    sanction.add("programUrl", PROGRAM_URL)
    sanction.add("provisions", listing.measure.value)
    sanction.add("recordId", listing.id)
    sanction.add("unscId", subject.id if subject.kind is not SubjectKind.VESSEL else None)
    sanction.add("listingDate", listing.listed_on)
    sanction.add("startDate", listing.listed_on)
    sanction.add("endDate", listing.delisted_on)
    sanction.add("status", "delisted" if listing.delisted_on else "listed")
    sanction.add("reason", listing.basis)
    act = rows.one_related(Act, Act.id, listing.listed_by)
    sanction.add("summary", f"Listed by {act.title}")
    if listing.delisted_by:
        ended = rows.one_related(Act, Act.id, listing.delisted_by)
        ground = f": {listing.delisting_ground}" if listing.delisting_ground else ""
        sanction.add("summary", f"Delisted by {ended.title}{ground}")
    sanction.add("sourceUrl", *_source_urls(rows, [listing]))
    return sanction


def _identification(entity: Entity, paper: Document) -> Entity:
    schema = "Passport" if paper.kind is DocumentKind.PASSPORT else "Identification"
    identification = Entity(f"{PREFIX}document-{paper.id}", schema)
    identification.add("holder", entity.id)
    identification.add("number", paper.number)
    identification.add("type", paper.kind.value)
    identification.add("country", paper.issued_by.lower() if paper.issued_by else None)
    identification.add("startDate", *(dates_of(paper.issued_on) if paper.issued_on else ()))
    identification.add("endDate", *(dates_of(paper.expires_on) if paper.expires_on else ()))
    identification.add("summary", paper.note)
    return identification


def _source_urls(rows: BatchReader, listings: Iterable[Listing]) -> Iterator[str | None]:
    for listing in listings:
        for citation in rows.related(Citation, Citation.row, listing.id, table="listings"):
            yield rows.one_related(Source, Source.key, citation.source).url


def dates_of(edtf: str) -> list[str]:
    """Write a partly known date as FollowTheMoney has dates: a day, a month or a year; several, where it may be each.

    Args:
        edtf: the date: ``1965``, ``1965-03~``, ``1964/1966``; of an interval each year, or the ends of a long one.
    """
    bounds = parse_edtf(edtf)
    if "/" not in edtf:
        return [edtf.rstrip("~?%")]
    if bounds.earliest is None or bounds.latest is None:
        return [str(one.year) for one in (bounds.earliest, bounds.latest) if one]
    years = range(bounds.earliest.year, bounds.latest.year + 1)
    if len(years) == 1:
        months = range(bounds.earliest.month, bounds.latest.month + 1)
        return [f"{years[0]}-{month:02}" for month in months]
    return [str(year) for year in (years if len(years) <= LONGEST_RANGE else (years[0], years[-1]))]


def write_manifest(folder: Path, written: Iterable[Download]) -> Path:
    """Write the manifest for yente beside exported files, which it names by their place on this machine."""
    entities = next(one for one in written if one.name.endswith(SUFFIX))
    path = folder / entities.name.replace(SUFFIX, "yente.json")
    version = entities.name.removeprefix("unlisted-").removesuffix(f"-{SUFFIX}")
    path.write_bytes(manifest(version, (folder / entities.name).resolve().as_uri()))
    return path


def manifest(version: str, entities_url: str) -> bytes:
    """Write the manifest with which yente indexes the entities, as JSON, which is YAML too.

    Args:
        version: the version of the dataset.
        entities_url: where the entities are: an http or https URL, or a file URL.
    """
    dataset = {
        "name": DATASET,
        "title": ABOUT["title"],
        "summary": ABOUT["description"],
        "version": version,
        "entities_url": entities_url,
        "load": True,
    }
    return json.dumps({"catalogs": [], "datasets": [dataset]}, indent=1, ensure_ascii=False).encode() + b"\n"
