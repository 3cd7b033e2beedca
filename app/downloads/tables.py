"""Rows of the record's tables as flat tables, in an order that depends on nothing but the record."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, SQLModel, col

from app.fields.dates import LAST_DAY
from app.publishing.batch_reader import BatchReader, key_column
from app.publishing.seed import columns_of
from app.publishing.subjects import times_on_list
from app.tables import (
    DesignatedParty,
    Document,
    ExternalIdentifier,
    Listing,
    Name,
    Subject,
    Vessel,
    VesselParticular,
)
from app.vocabularies import ParticularKind

AT_ONCE = 1000
"""Rows that are read at once."""

NAME_COLUMNS = (
    *("subject_id", "subject_kind", "subject_name", "first_listed_on", "delisted_on"),
    *("entry", "kind", "value", "original_script", "quality", "country", "used_on"),
    *("given_by", "on_list_since", "on_list_until", "on_since", "on_until", "note"),
)
"""The columns of the flat list of names and identifiers."""


def seed_rows(session: Session, table: type[SQLModel]) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a table with the columns that its seed file has, citations as the file orders them."""
    order = "ordinal" if table.__tablename__ == "citation" else key_column(table)
    query = select(*columns_of(table)).order_by(getattr(table, order))
    for row in session.execute(query.execution_options(yield_per=AT_ONCE)):
        yield tuple(row)


def cell(value: Any) -> str:
    """Write a value as a cell: nothing for null, true or false, ISO days, and texts as they are."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.value if isinstance(value, StrEnum) else str(value)


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Iterable[Any]]) -> None:
    """Write a table as CSV in UTF-8, its lines ended as on Unix like those of the seed."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([cell(value) for value in row] for row in rows)


def name_rows(session: Session) -> Iterator[Mapping[str, Any]]:
    """Yield every name and every identifier of every subject, as rows of `NAME_COLUMNS`.

    ``first_listed_on`` is the first day on the list; ``delisted_on`` the first day off it, null while it is on it.
    """
    rows = BatchReader(session, "names of")
    for subject in rows.all(Subject):
        times = times_on_list(rows.related(Listing, Listing.subject_id, subject.id))
        about = {
            "subject_id": subject.id,
            "subject_kind": subject.kind.value,
            "subject_name": subject.name,
            "first_listed_on": times[0][0] if times else None,
            "delisted_on": times[-1][1] if times and times[-1][1] != LAST_DAY else None,
        }
        for entry in (*_names(rows, subject), *_identifiers(rows, subject)):
            yield dict.fromkeys(NAME_COLUMNS) | about | entry


_NAME_FIELDS = ("original_script", "used_on", "on_list_since", "on_list_until")


def _names(rows: BatchReader, subject: Subject) -> Iterator[dict[str, Any]]:
    for name in rows.related(Name, Name.subject_id, subject.id):
        yield {
            "entry": "name",
            "kind": name.kind.value,
            "value": name.name,
            "quality": name.quality.value if name.quality else None,
            "given_by": name.given_by.value,
        } | {field: getattr(name, field) for field in _NAME_FIELDS}


_RADIO = (ParticularKind.CALL_SIGN, ParticularKind.MMSI)
"""The particulars by which a ship is called, and so identified."""


def _identifiers(rows: BatchReader, subject: Subject) -> Iterator[dict[str, Any]]:
    for vessel in rows.related(Vessel, Vessel.id, subject.id):
        if vessel.imo_number:
            yield {"entry": "identifier", "kind": "imo_number", "value": vessel.imo_number}
    for party in rows.related(DesignatedParty, DesignatedParty.id, subject.id):
        yield {"entry": "identifier", "kind": "permanent_reference_number", "value": party.id}
        for kind in ("swift_code", "imo_company_number"):
            if value := getattr(party, kind):
                yield {"entry": "identifier", "kind": kind, "value": value}
    for paper in rows.related(Document, Document.subject_id, subject.id):
        yield {
            "entry": "identifier",
            "kind": paper.kind.value,
            "value": paper.number,
            "country": paper.issued_by,
            "given_by": paper.given_by.value,
            "on_list_since": paper.on_list_since,
            "on_list_until": paper.on_list_until,
            "note": paper.note,
        }
    for particular in rows.related(VesselParticular, VesselParticular.vessel_id, subject.id):
        if particular.kind in _RADIO:
            yield {
                "entry": "identifier",
                "kind": particular.kind.value,
                "value": particular.value,
                "on_since": particular.on_since,
                "on_until": particular.on_until,
                "note": particular.note,
            }
    for other in rows.related(ExternalIdentifier, ExternalIdentifier.subject_id, subject.id):
        if other.value is not None:
            yield {"entry": "identifier", "kind": other.scheme.value, "value": other.value, "note": other.note}


LISTING_COLUMNS = (
    *("subject_id", "subject_kind", "subject_name", "measure", "listed_on", "listed_by"),
    *("delisted_on", "delisted_by", "delisting_ground"),
)
"""The columns of the flat list of stays."""


def listing_rows(session: Session) -> Iterator[Mapping[str, Any]]:
    """Yield every stay on the list, as rows of `LISTING_COLUMNS`."""
    query = select(Listing, Subject).join(Subject, col(Subject.id) == col(Listing.subject_id))
    ordered = query.order_by(col(Listing.id)).execution_options(yield_per=AT_ONCE)
    for listing, subject in session.execute(ordered):
        yield {
            "subject_id": subject.id,
            "subject_kind": subject.kind.value,
            "subject_name": subject.name,
            "measure": listing.measure.value,
        } | {name: getattr(listing, name) for name in LISTING_COLUMNS[4:]}
