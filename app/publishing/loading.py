"""seed/ → tables: every row validated, completed with derived columns, and checked against the rules.

Nothing is held but a batch of rows, however long the files are; only to name ids that are repeated is one held whole.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from sqlmodel import Session, SQLModel

from app.fields.dates import parse_edtf
from app.fields.text import fold
from app.publishing.batch_reader import BatchReader, new_row
from app.publishing.bulk_insert import insert_of, inserts_of
from app.publishing.held import held_period
from app.publishing.progress import with_progress
from app.publishing.rules import Support, check, check_unique_ids
from app.publishing.seed import (
    CITED_PLACE,
    SEED_TABLES,
    Faults,
    Values,
    read_table,
    report_duplicates,
    report_unknown_files,
)
from app.publishing.subjects import period_of, primary_name
from app.tables import (
    Act,
    Address,
    BirthDate,
    BirthPlace,
    Citation,
    CommitteeDecision,
    DelistingRequest,
    DesignatedParty,
    Document,
    GenderEntry,
    Listing,
    Measure,
    Name,
    Narrative,
    Nationality,
    Position,
    Relation,
    Resolution,
    Source,
    Statement,
    StatementRecord,
    Subject,
    Vessel,
    VesselParticular,
)
from app.vocabularies import Outcome, SubjectKind

BATCH, LARGE = 1000, 10_000_000
"""How many rows are written at once, and of how many characters, where they may be long."""

Item = TypeVar("Item")


@dataclass(frozen=True)
class Loaded:
    """What was loaded.

    Attributes:
        counts: number of rows by table.
        support: how well their values are supported.
    """

    counts: dict[str, int]
    support: Support


def load(session: Session, folder: Path) -> Loaded:
    """Fill the tables of an empty database from a seed, and hold them against every rule.

    Args:
        session: the database.
        folder: where the seed files are.

    Raises:
        SeedError: with every fault found; rules across rows are tried where no row alone has one.
    """
    faults = Faults(folder)
    report_unknown_files(folder, faults)
    counts = {stem: _load_table(session, folder, stem, faults) for stem in SEED_TABLES}
    faults.refuse()
    rows = BatchReader(session, "checking")
    check_unique_ids(rows, faults)
    faults.refuse()
    write(session, acts(rows))
    support = check(rows, faults)
    faults.refuse()
    write(session, subjects(rows))
    return Loaded(counts, support)


def _load_table(session: Session, folder: Path, stem: str, faults: Faults) -> int:
    """Fill a table from its seed file, and return how many rows it has."""
    table = SEED_TABLES[stem]
    read = with_progress(read_table(folder, stem, faults), f"reading {stem}")
    values = (with_derived_columns(table, place, row) for place, (_, row) in enumerate(read))
    count = written = 0
    for batch in chunked(values):
        count += len(batch)
        columns = tuple(batch[0])
        rows = ([row[name] for name in columns] for row in batch)
        written += insert_of(table, columns, rows, only_new=True).run(session)
    if written < count:
        report_duplicates(folder, stem, faults)
        if not faults:
            left_out = f"{count - written} rows were left out; was the file altered while it was read?"
            faults.add(f"{stem}.csv", 0, "", left_out)
    return count


def write(session: Session, rows: Iterable[SQLModel]) -> None:
    """Write rows that no seed file has."""
    for batch in chunked(rows):
        for insert in inserts_of(batch):
            insert.run(session)


def chunked(items: Iterable[Item], size: Callable[[Item], int] = lambda _: 0) -> Iterator[list[Item]]:
    """Yield items by the batch.

    Args:
        items: the items.
        size: characters that an item has; a batch is full when it has `BATCH` items, or `LARGE` characters.
    """
    batch: list[Item] = []
    characters = 0
    for item in items:
        batch.append(item)
        characters += size(item)
        if len(batch) >= BATCH or characters >= LARGE:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def with_derived_columns(table: type[SQLModel], place: int, row: Values) -> Values:
    """Return the values of a row with those that are worked out from them.

    Args:
        table: its table.
        place: its place in the file, from 0.
        row: its values as the file has them.
    """
    work_out = _WORKED_OUT.get(table)
    return row | work_out(place, row) if work_out else row


def _of_source(_: int, row: Values) -> Values:
    bounds = parse_edtf(row["published_on"]) if row["published_on"] else None
    return {
        "published_earliest_on": bounds.earliest if bounds else None,
        "published_latest_on": bounds.latest if bounds else None,
        "folded_publisher": fold(row["publisher"]),
        "folded": _folded(row, "title", "publisher", "held_by", "note"),
    }


def _of_resolution(_: int, row: Values) -> Values:
    return {
        "adopted_on": row["voted_on"] if row["outcome"] == Outcome.ADOPTED else None,
        "folded": _folded(row, "symbol", "responds_to", "summary", "note"),
    }


def _of_request(_: int, row: Values) -> Values:
    bounds = parse_edtf(row["requested_on"]) if row["requested_on"] else None
    return {
        "requested_earliest_on": bounds.earliest if bounds else None,
        "requested_latest_on": bounds.latest if bounds else None,
    }


def _of_statement(place: int, row: Values) -> Values:
    return {
        "ordinal": place,
        "folded": _folded(row, "statement", "verdict_detail", "record_says"),
        "folded_attributed_to": fold(row["attributed_to"]),
    }


def _of_citation(place: int, row: Values) -> Values:
    where = json.dumps([row[name] for name in CITED_PLACE])
    return {"ordinal": place, "id": hashlib.sha256(where.encode()).hexdigest()[:16]}


def _of_birth_date(_: int, row: Values) -> Values:
    bounds = parse_edtf(row["born_on"])
    return {"born_earliest_on": bounds.earliest, "born_latest_on": bounds.latest, **_period(row)}


def _period(row: Values) -> Values:
    period = period_of(row["on_list_since"], row["on_list_until"])
    return {"possible_from_on": period.possible_from, "possible_until_on": period.possible_until}


def _held(row: Values) -> Values:
    period = held_period(row["on_since"], row["on_until"])
    days = {f"{name}_on": day for name, day in period._asdict().items()}
    return {**days, "is_dated": bool(row["on_since"] or row["on_until"])}


def _folded(row: Values, *columns: str) -> str:
    return fold(" ".join(row[name] for name in columns if row[name]))


_WORKED_OUT: dict[type[SQLModel], Callable[[int, Values], Values]] = {
    Source: _of_source,
    Resolution: _of_resolution,
    CommitteeDecision: lambda _, row: {"folded": _folded(row, "title", "symbol", "summary", "note")},
    Measure: lambda place, row: {
        "ordinal": place,
        "folded": _folded(row, "title", "summary", "exceptions", "earlier", "limits"),
    },
    DelistingRequest: _of_request,
    Statement: _of_statement,
    StatementRecord: lambda place, _: {"ordinal": place},
    Name: lambda _, row: {"folded": fold(row["name"]), **_period(row)},
    Position: lambda _, row: {"folded": fold(row["position"]), **_period(row)},
    **dict.fromkeys(
        (Nationality, BirthPlace, Document, Address, GenderEntry, Narrative),
        lambda _, row: _period(row),
    ),
    BirthDate: _of_birth_date,
    Relation: lambda _, row: {"folded": _folded(row, "from_name", "to_name"), **_held(row)},
    VesselParticular: lambda _, row: {"folded": fold(row["value"]), **_held(row)},
    Citation: _of_citation,
}
"""The columns of tables that are worked out from a row's own, and from its place in the file."""


def acts(rows: BatchReader) -> Iterator[Act]:
    """Yield resolutions and decisions of the Committee under one roof."""
    for resolution in rows.all(Resolution):
        adopted = resolution.outcome == Outcome.ADOPTED
        yield new_row(
            Act,
            id=resolution.id,
            kind="resolution" if adopted else "draft_resolution",
            number=resolution.number,
            title=f"Resolution {resolution.number} ({resolution.voted_on.year})" if adopted else resolution.symbol,
            acted_on=resolution.voted_on,
        )
    for decision in rows.all(CommitteeDecision):
        yield new_row(
            Act,
            id=decision.id,
            kind="committee_decision",
            number=None,
            title=decision.title,
            acted_on=decision.decided_on,
        )


def subjects(rows: BatchReader) -> Iterator[Subject]:
    """Yield individuals, entities and ships under one roof."""
    for party in rows.all(DesignatedParty):
        yield _subject(rows, party.id, SubjectKind(party.kind))
    for vessel in rows.all(Vessel):
        yield _subject(rows, vessel.id, SubjectKind.VESSEL)


def _subject(rows: BatchReader, id: str, kind: SubjectKind) -> Subject:
    primary = primary_name(rows.related(Name, Name.subject_id, id))
    return new_row(
        Subject,
        id=id,
        kind=kind,
        name=primary.name,
        folded_name=primary.folded,
        first_listed_on=min(listing.listed_on for listing in rows.related(Listing, Listing.subject_id, id)),
    )
