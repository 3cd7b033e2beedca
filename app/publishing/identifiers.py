"""Identifiers of subjects: those of lists of others as parts of records, and every one as a row to be asked for."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from pydantic import Field

from app.fields.text import letters_and_digits
from app.publishing.batch_reader import BatchReader, new_row
from app.publishing.held import held_period
from app.publishing.rendering import Evidence, Part
from app.publishing.subjects import ALWAYS, ListPeriod, on_list
from app.tables import DesignatedParty, Document, ExternalIdentifier, Identifier, Subject, Vessel, VesselParticular
from app.vocabularies import DocumentKind, ExternalScheme, IdentifierScheme, ParticularKind


class IdentifierPart(Part):
    """An identifier of the subject in a list of others."""

    scheme: ExternalScheme = Field(description="The list: ofac-sdn, eu, uk-ofsi, ch-seco, opensanctions or wikidata.")
    value: str | None = Field(description="The identifier; null where the list was read whole and lacks the subject.")
    note: str | None = Field(description="Remarks, such as the state of the list.")


def identifier_parts(rows: BatchReader, subject_id: str, evidence: Evidence) -> list[IdentifierPart]:
    """Build the identifiers of a subject in lists of others, and take in their citations."""
    found = rows.related(ExternalIdentifier, ExternalIdentifier.subject_id, subject_id)
    for place, row in enumerate(found):
        evidence.add("external_identifiers", row.id, f"/identifiers/{place}")
    return [IdentifierPart(scheme=row.scheme, value=row.value, note=row.note) for row in found]


class FoundIdentifier(NamedTuple):
    """An identifier of a subject, and the row that it is taken from.

    Attributes:
        row: the row by which it is asked for.
        period: the days on which the subject has it.
        since: its first day, in EDTF, and ``until``, its end; None where no source says.
        note: remarks.
        support: the seed file and the id of the row, and the JSON Pointers that its columns support.
    """

    row: Identifier
    period: ListPeriod
    is_dated: bool
    since: str | None
    until: str | None
    note: str | None
    support: tuple[str, str, Mapping[str, Sequence[str]]]


_PAPERS = {
    DocumentKind.PASSPORT: IdentifierScheme.PASSPORT,
    DocumentKind.DIPLOMATIC_PASSPORT: IdentifierScheme.DIPLOMATIC_PASSPORT,
}
_OF_SHIPS = {ParticularKind.CALL_SIGN: IdentifierScheme.CALL_SIGN, ParticularKind.MMSI: IdentifierScheme.MMSI}


def identifiers_of(rows: BatchReader, subject: Subject) -> Iterator[FoundIdentifier]:
    """Yield every identifier of a subject: its own numbers, its papers, its radio's, and those of lists of others."""
    for vessel in rows.related(Vessel, Vessel.id, subject.id):
        if vessel.imo_number:
            yield _own(subject, IdentifierScheme.IMO, vessel.imo_number, "vessels", "imo_number")
    for party in rows.related(DesignatedParty, DesignatedParty.id, subject.id):
        if party.imo_company_number:
            number = party.imo_company_number
            yield _own(subject, IdentifierScheme.IMO_COMPANY, number, "designated_parties", "imo_company_number")
        if party.swift_code:
            yield _own(subject, IdentifierScheme.SWIFT, party.swift_code, "designated_parties", "swift_code")
    for paper in rows.related(Document, Document.subject_id, subject.id):
        columns = {"kind": ["/scheme"], "number": ["/value"], "note": ["/note"]}
        columns |= {"on_list_since": ["/on_since"], "on_list_until": ["/on_until"]}
        yield FoundIdentifier(
            _row(paper.id, subject, _PAPERS[paper.kind], paper.number, on_list(paper)),
            on_list(paper),
            True,
            paper.on_list_since,
            paper.on_list_until,
            paper.note,
            ("documents", paper.id, columns),
        )
    for one in rows.related(VesselParticular, VesselParticular.vessel_id, subject.id):
        if one.kind in _OF_SHIPS:
            columns = {
                "kind": ["/scheme"],
                **{name: [f"/{name}"] for name in ("value", "on_since", "on_until", "note")},
            }
            period = held_period(one.on_since, one.on_until)
            yield FoundIdentifier(
                _row(one.id, subject, _OF_SHIPS[one.kind], one.value, period),
                period,
                one.is_dated,
                one.on_since,
                one.on_until,
                one.note,
                ("vessel_particulars", one.id, columns),
            )
    for other in rows.related(ExternalIdentifier, ExternalIdentifier.subject_id, subject.id):
        columns = {name: [f"/{name}"] for name in ("scheme", "value", "note")}
        row = _row(other.id, subject, IdentifierScheme(other.scheme), other.value, ALWAYS)
        yield FoundIdentifier(row, ALWAYS, False, None, None, other.note, ("external_identifiers", other.id, columns))


def _own(subject: Subject, scheme: IdentifierScheme, value: str, table: str, column: str) -> FoundIdentifier:
    row = _row(f"{subject.id}-{scheme}", subject, scheme, value, ALWAYS)
    return FoundIdentifier(row, ALWAYS, False, None, None, None, (table, subject.id, {column: ["/scheme", "/value"]}))


def _row(id: str, subject: Subject, scheme: IdentifierScheme, value: str | None, period: ListPeriod) -> Identifier:
    return new_row(
        Identifier,
        id=id,
        subject_id=subject.id,
        subject_kind=subject.kind,
        scheme=scheme,
        value=value,
        compared=None if value is None else letters_and_digits(value),
        possible_from_on=period.possible_from,
        possible_until_on=period.possible_until,
    )
