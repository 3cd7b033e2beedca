"""seed/ → tables: every row validated, completed with derived columns, and checked against the rules.

Nothing is held but a batch of rows, however long the files are; only to name ids that are repeated is one held whole.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from json.encoder import encode_basestring_ascii
from pathlib import Path
from typing import NamedTuple, TypeVar

from sqlmodel import Session, SQLModel

from app.fields.dates import parse_edtf
from app.fields.text import fold
from app.publishing.batch_reader import WHOLE, BatchReader, Share, new_row
from app.publishing.bulk_insert import Insert, insert_of, inserts_of
from app.publishing.held import held_period
from app.publishing.progress import with_progress
from app.publishing.rules import Support, check, check_unique_ids
from app.publishing.seed import (
    CITED_PLACE,
    SEED_TABLES,
    Faults,
    Values,
    read_cells,
    read_row,
    report_duplicates,
    report_unknown_files,
)
from app.publishing.subjects import period_of, primary_name
from app.publishing.workers import ALONE, Pool
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


def load(session: Session, folder: Path, pool: Pool = ALONE) -> Loaded:
    """Fill the tables of an empty database from a seed, and hold them against every rule.

    Args:
        session: the database.
        folder: where the seed files are.
        pool: the processes that share the work.

    Raises:
        SeedError: with every fault found; rules across rows are tried where no row alone has one.
        WorkerError: one of the processes failed.
    """
    faults = Faults(folder)
    report_unknown_files(folder, faults)
    counts = _load_tables(session, folder, pool, faults)
    faults.refuse()
    rows = BatchReader(session, "checking")
    check_unique_ids(rows, faults)
    faults.refuse()
    write(session, acts(rows))
    support = Support()
    for checked, found in pool.run_on_draft("checking", session, check_share, folder):
        support.include(checked)
        faults.include(found)
    faults.refuse()
    for inserts in pool.run_on_draft("naming subjects", session, subjects_share, is_copied=True):
        run_all(session, inserts)
    return Loaded(counts, support)


class ReadBatch(NamedTuple):
    """Rows that one after another were read from a seed file.

    Attributes:
        stem: name of the file without its ending; empty after the last file.
        insert: the rows without a fault; None where there is none.
        faults: what was found since the batch before.
    """

    stem: str
    insert: Insert | None
    faults: Faults


def _load_tables(session: Session, folder: Path, pool: Pool, faults: Faults) -> dict[str, int]:
    """Fill the tables from their seed files, and return how many rows each has."""
    counts, written = (dict.fromkeys(SEED_TABLES, 0) for _ in range(2))
    for batch in pool.run("reading", read_share, folder):
        faults.include(batch.faults)
        if batch.insert:
            counts[batch.stem] += len(batch.insert.rows)
            written[batch.stem] += batch.insert.run(session)
    for stem, count in counts.items():
        if written[stem] < count:
            _report_left_out(folder, stem, count - written[stem], faults)
    return counts


def _report_left_out(folder: Path, stem: str, left_out: int, faults: Faults) -> None:
    repeated = Faults(folder)
    report_duplicates(folder, stem, repeated)
    if not repeated:
        repeated.add(f"{stem}.csv", 0, "", f"{left_out} rows were left out; was the file altered while it was read?")
    faults.include(repeated)


def read_share(share: Share, folder: Path) -> Iterator[ReadBatch]:
    """Read a share of the rows of a seed, the files one after another.

    Each process parses all files, which is quick, and validates its share of the rows.

    Args:
        share: which of the batches are read.
        folder: where the seed files are.
    """
    faults, number = Faults(folder), 0
    for stem, table in SEED_TABLES.items():
        read: Iterable[tuple[int, list[str]]] = read_cells(folder, stem, faults)
        if share is WHOLE:
            read = with_progress(read, f"reading {stem}")
        places = enumerate(read)
        while batch := list(islice(places, BATCH)):
            if number % share.of == share.place:
                rows = ((place, read_row(stem, line, cells, faults)) for place, (line, cells) in batch)
                values = [with_derived_columns(table, place, row) for place, row in rows if row is not None]
                insert = None
                if values:
                    cells_of = ([*row.values()] for row in values)
                    insert = insert_of(table, tuple(values[0]), cells_of, only_new=True)
                yield ReadBatch(stem, insert, faults)
                faults = Faults(folder)
            number += 1
    yield ReadBatch("", None, faults)


def check_share(session: Session, share: Share, folder: Path) -> Iterator[tuple[Support, Faults]]:
    """Check a share of the rows of a draft against every rule.

    Args:
        session: the draft.
        share: which of the rows are gone through.
        folder: where the seed files are.
    """
    faults = Faults(folder)
    support = check(BatchReader(session, "checking", share), faults)
    yield support, faults


def subjects_share(session: Session, share: Share) -> Iterator[list[Insert]]:
    """Make the rows of a share of the subjects."""
    for batch in chunked(subjects(BatchReader(session, "checking", share))):
        yield list(inserts_of(batch))


def write(session: Session, rows: Iterable[SQLModel]) -> None:
    """Write rows that no seed file has."""
    for batch in chunked(rows):
        run_all(session, inserts_of(batch))


def run_all(session: Session, inserts: Iterable[Insert]) -> None:
    """Insert rows of several tables into a draft."""
    for insert in inserts:
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
    cells = (row[name] for name in CITED_PLACE)
    where = ", ".join(["null" if cell is None else encode_basestring_ascii(cell) for cell in cells])
    return {"ordinal": place, "id": hashlib.sha256(f"[{where}]".encode()).hexdigest()[:16]}


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
