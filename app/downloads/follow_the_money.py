"""The record as entities of FollowTheMoney, the data model of OpenSanctions, yente and Aleph.

Written without its library, whose model of entities is plain JSON: ``id``, ``schema`` and ``properties``, each a list
of texts. A test validates them with it. Ids are those of the UN with a prefix, so they outlive a publication.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from sqlalchemy import select
from sqlmodel import Session, col

from app.database import OpenDataset
from app.downloads.entity import DATASET, PREFIX, Entity, dates_of, source_urls
from app.downloads.files import ABOUT, Download
from app.downloads.links import links
from app.publishing.batch_reader import BatchReader
from app.tables import (
    Act,
    Address,
    Amendment,
    BirthDate,
    BirthPlace,
    DesignatedParty,
    Document,
    ExternalIdentifier,
    Flag,
    GenderEntry,
    Listing,
    Name,
    Narrative,
    Nationality,
    Position,
    Subject,
    Version,
    Vessel,
    VesselParticular,
)
from app.vocabularies import AliasQuality, DocumentKind, ExternalScheme, NameKind, ParticularKind, SubjectKind

SUFFIX = "entities.ftm.json"
"""The end of the name of the file with the entities."""
AUTHORITY = "United Nations Security Council"
PROGRAM = "1718 Sanctions Regime (Democratic People's Republic of Korea)"
PROGRAM_ID = "UN-SC1718"
"""Id of the regime among the programs of OpenSanctions."""
PROGRAM_URL = "https://main.un.org/securitycouncil/en/sanctions/1718"

SCHEMATA = {SubjectKind.INDIVIDUAL: "Person", SubjectKind.ENTITY: "Organization", SubjectKind.VESSEL: "Vessel"}
"""The schema of each kind of subject. The UN does not say which entities are companies: all are organizations."""


def write_entities(session: Session, path: Path) -> None:
    """Write every subject, its stays on the list and its papers, and the relations between them, an entity a line.

    Args:
        session: the published tables.
        path: the file to write.
    """
    rows = BatchReader(session, "entities of")
    with path.open("wb") as file:
        for subject in rows.all(Subject):
            for entity in entities(rows, subject):
                file.write(entity.line())
        for entity in links(session):
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
    _add_identifiers(entity, rows.related(ExternalIdentifier, ExternalIdentifier.subject_id, subject.id))
    entity.add("createdAt", subject.first_listed_on)
    entity.add("modifiedAt", *(one.amended_on for one in rows.related(Amendment, Amendment.subject_id, subject.id)))
    entity.add("programId", PROGRAM_ID)
    entity.add("topics", "sanction" if any(one.delisted_on is None for one in listings) else None)
    entity.add("sourceUrl", *source_urls(rows, "listings", *(one.id for one in listings)))
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


def _add_identifiers(entity: Entity, identifiers: Iterable[ExternalIdentifier]) -> None:
    """Add what lists of others call a subject; FollowTheMoney has a property for Wikidata's identifiers alone."""
    for one in identifiers:
        if one.scheme is ExternalScheme.WIKIDATA:
            entity.add("wikidataId", one.value)
        value = one.value or "has no entry"
        entity.add("notes", f"{one.scheme.value}: {value}" + (f" ({one.note})" if one.note else ""))


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
    sanction.add("sourceUrl", *source_urls(rows, "listings", listing.id))
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


def write_manifest(folder: Path, written: Iterable[Download], dataset: OpenDataset) -> Path:
    """Write the manifest for yente beside exported files, which it names by their place on this machine.

    Args:
        folder: where the files are.
        written: the files.
        dataset: the dataset that they were made from.
    """
    entities = next(one for one in written if one.name.endswith(SUFFIX))
    path = folder / entities.name.replace(SUFFIX, "yente.json")
    path.write_bytes(manifest(dataset, (folder / entities.name).resolve().as_uri()))
    return path


def manifest(dataset: OpenDataset, entities_url: str) -> bytes:
    """Write the manifest with which yente indexes the entities, as JSON, which is YAML too.

    Its version begins with the day and the number of the publication: yente loads a version only where it sorts behind
    the one that it has, and the versions of this dataset are digests, which rise by chance alone.

    Args:
        dataset: the dataset.
        entities_url: where the entities are: an http or https URL, or a file URL.
    """
    ordinal = dataset.scalar(select(col(Version.ordinal)).where(col(Version.version) == dataset.version))
    described = {
        "name": DATASET,
        "title": ABOUT["title"],
        "summary": ABOUT["description"],
        "version": f"{dataset.published_on:%Y%m%d}-{ordinal:06}-{dataset.version}",
        "entities_url": entities_url,
        "load": True,
    }
    return json.dumps({"catalogs": [], "datasets": [described]}, indent=1, ensure_ascii=False).encode() + b"\n"
