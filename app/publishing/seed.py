"""The seed: one CSV file a table, read into validated rows, with every fault named by file, line and column."""

import csv
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError, create_model
from sqlalchemy import Column, Integer, inspect
from sqlmodel import SQLModel

from app.publishing.batch_reader import key_column, key_of, table_of
from app.publishing.rendering import BASE
from app.tables import (
    Address,
    Amendment,
    BirthDate,
    BirthPlace,
    Citation,
    CommitteeDecision,
    Coverage,
    DelistingRequest,
    DelistingRequestSubject,
    DesignatedParty,
    Document,
    ExplainedDifference,
    ExternalIdentifier,
    Flag,
    GenderEntry,
    Listing,
    Measure,
    MeasureBinding,
    MeasureCap,
    MeasureHsCode,
    Name,
    Narrative,
    Nationality,
    Position,
    Relation,
    Resolution,
    ResolutionDrafter,
    ResolutionVote,
    Source,
    Statement,
    StatementRecord,
    Vessel,
    VesselParticular,
)

SEED_TABLES: dict[str, type[SQLModel]] = {
    "sources": Source,
    "resolutions": Resolution,
    "resolution_drafters": ResolutionDrafter,
    "resolution_votes": ResolutionVote,
    "committee_decisions": CommitteeDecision,
    "measures": Measure,
    "measure_bindings": MeasureBinding,
    "measure_caps": MeasureCap,
    "measure_hs_codes": MeasureHsCode,
    "designated_parties": DesignatedParty,
    "amendments": Amendment,
    "vessels": Vessel,
    "names": Name,
    "nationalities": Nationality,
    "positions": Position,
    "birth_dates": BirthDate,
    "birth_places": BirthPlace,
    "documents": Document,
    "addresses": Address,
    "genders": GenderEntry,
    "narratives": Narrative,
    "flags": Flag,
    "vessel_particulars": VesselParticular,
    "external_identifiers": ExternalIdentifier,
    "relations": Relation,
    "listings": Listing,
    "delisting_requests": DelistingRequest,
    "delisting_request_subjects": DelistingRequestSubject,
    "statements": Statement,
    "statement_records": StatementRecord,
    "explained_differences": ExplainedDifference,
    "coverage": Coverage,
    "citations": Citation,
}
"""Every seed file's name without its ending, and the table it fills."""

Row = TypeVar("Row", bound=SQLModel)


@dataclass(frozen=True, order=True)
class Fault:
    """Something wrong in a seed file.

    Attributes:
        file: name of the file.
        line: line in it, counted from 1, the header's; 0 for the file as a whole.
        column: name of the column, or empty for the line as a whole.
        message: what is wrong, and what would be right.
    """

    file: str
    line: int
    column: str
    message: str

    def __str__(self) -> str:
        place = f", column {self.column}" if self.column else ""
        return f"{self.file}, line {self.line}{place}: {self.message}"


class SeedError(Exception):
    """The seed is at fault, and nothing was published. ``faults`` has every fault found."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = sorted(faults)
        super().__init__("\n".join(map(str, self.faults)))


class Faults:
    """Collects the faults of a seed; the line of a row in its file is looked up when all are known.

    Args:
        folder: where the seed files are.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._found: set[Fault] = set()
        self._of_rows: dict[str, list[tuple[str, str, str]]] = defaultdict(list)

    def __bool__(self) -> bool:
        return bool(self._found or self._of_rows)

    def add(self, file: str, line: int, column: str, message: str) -> None:
        """Note something wrong in a line of a file; the line is 0 for the file as a whole."""
        self._found.add(Fault(file, line, column, message))

    def of(self, row: SQLModel, column: str, message: str) -> None:
        """Note something wrong in a cell of a row."""
        self._of_rows[file_stem(table_of(row))].append((_row_key(row), column, message))

    def refuse(self) -> None:
        """Raise what was found, if anything was.

        Raises:
            SeedError: with every fault.
        """
        for stem, found in self._of_rows.items():
            lines = _lines_of(self._folder, stem, {mark for mark, _, _ in found})
            self._found |= {
                Fault(f"{stem}.csv", lines.get(mark, 0), column, message) for mark, column, message in found
            }
        self._of_rows.clear()
        if self._found:
            raise SeedError(list(self._found))

    def include(self, other: "Faults") -> None:
        """Add what another process found of the same seed; what both found counts once."""
        self._found |= other._found
        for stem, found in other._of_rows.items():
            self._of_rows[stem] += found


def _row_key(row: SQLModel) -> str:
    """Return the key of a row within its file: its id, or the row number for citations, which have none."""
    place: int | None = getattr(row, "ordinal", None)
    return str(place) if table_of(row) is Citation else key_of(row)


def _lines_of(folder: Path, stem: str, marks: Collection[str]) -> dict[str, int]:
    """Return the lines on which rows stand."""
    table = SEED_TABLES[stem]
    lines: dict[str, int] = {}
    with (folder / f"{stem}.csv").open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file, strict=True)
        header = next(reader)
        for place, cells in enumerate(reader):
            mark = str(place) if table is Citation else cells[header.index(key_column(table))]
            if mark in marks:
                lines.setdefault(mark, reader.line_num)
    return lines


@dataclass(frozen=True)
class Seed:
    """All rows of a seed without a fault, and the lines on which they stand, by what `id` gives of a row."""

    tables: dict[str, list[SQLModel]]
    lines: dict[int, int]

    def all(self, table: type[Row]) -> list[Row]:
        """Return the rows of a table, in the order of the file."""
        return [row for row in self.tables[file_stem(table)] if isinstance(row, table)]


@cache
def file_stem(table: type[SQLModel]) -> str:
    """Return the name of a table's seed file without its ending."""
    return next(stem for stem, other in SEED_TABLES.items() if other is table)


def columns_of(table: type[SQLModel]) -> list[Column[Any]]:
    """Return the columns of a table that its seed file has, in order."""
    return [column for column in inspect(table).local_table.columns if not column.info.get("derived")]


@cache
def fact_columns(table: type[SQLModel]) -> tuple[str, ...]:
    """Return the columns of a table that hold facts: not its key, its owner, or how the record sees it."""
    exempt = ("parent", "editorial")
    return tuple(
        column.name
        for column in columns_of(table)
        if not (column.primary_key or any(column.info.get(mark) for mark in exempt))
    )


def read_seed(folder: Path) -> Seed:
    """Read every file of a seed, which was checked against every rule before, into memory."""
    seed = Seed({}, {})
    for stem, table in SEED_TABLES.items():
        seed.tables[stem] = []
        for line, values in read_table(folder, stem, Faults(folder)):
            row = table(**values)
            seed.tables[stem].append(row)
            seed.lines[id(row)] = line
    return seed


def report_unknown_files(folder: Path, faults: Faults) -> None:
    """Name the files of a folder that no table is filled from."""
    for stem in {path.stem for path in folder.glob("*.csv")} - SEED_TABLES.keys():
        faults.add(f"{stem}.csv", 0, "", "no table is filled from this file; is its name misspelt?")


Values = dict[str, Any]
"""The values of a row, by column."""


def read_table(folder: Path, stem: str, faults: Faults) -> Iterator[tuple[int, Values]]:
    """Yield the rows of a seed file one by one, validated, each with its line; what is wrong with others is noted.

    Args:
        folder: where the seed files are.
        stem: name of the file without its ending.
        faults: takes in what is wrong.
    """
    for line, cells in read_cells(folder, stem, faults):
        row = read_row(stem, line, cells, faults)
        if row is not None:
            yield line, row


def read_cells(folder: Path, stem: str, faults: Faults) -> Iterator[tuple[int, list[str]]]:
    """Yield the cells of each row of a seed file whose header is right, each with its line.

    Args:
        folder: where the seed files are.
        stem: name of the file without its ending.
        faults: takes in what is wrong with the file as such.
    """
    file, line = f"{stem}.csv", 0
    try:
        with (folder / file).open(encoding="utf-8", newline="") as lines:
            reader = csv.reader(lines, strict=True)
            header = next(reader, [])
            if not _header_is_right(file, SEED_TABLES[stem], header, faults):
                return
            line = reader.line_num
            for cells in reader:
                line = reader.line_num
                yield line, cells
    except FileNotFoundError:
        faults.add(file, 0, "", "the file is missing")
    except UnicodeDecodeError:
        faults.add(file, *_undecodable(folder / file))
    except csv.Error as error:
        faults.add(file, line + 1, "", f"not CSV: {error}")


def _undecodable(path: Path) -> tuple[int, str, str]:
    """Return the first line of a file that is not UTF-8, no column, and what is wrong with it."""
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                line.decode()
            except UnicodeDecodeError as error:
                return number, "", f"not UTF-8: {error.reason} at byte {error.start + 1} of the line"
    return 0, "", "not UTF-8"


LARGEST_NUMBER = 2**63 - 1
"""Largest whole number that SQLite stores."""

CITED_PLACE = ("table", "row", "source", "locator", "note")
"""The columns of a citation that no other has the same values in."""


def report_duplicates(folder: Path, stem: str, faults: Faults) -> None:
    """Name the rows of a file that have what only one row may have: an id, a unique value, a place in a source."""
    if stem == file_stem(Citation):
        for line, first, _ in _repeated(folder, stem, CITED_PLACE):
            already = f"the same place in the same source is cited for this row already, in line {first}"
            faults.add(f"{stem}.csv", line, "source", already)
    for column in columns_of(SEED_TABLES[stem]):
        if column.primary_key or column.unique:
            for line, first, (value,) in _repeated(folder, stem, (column.name,)):
                if value is not None:
                    faults.add(f"{stem}.csv", line, column.name, f"{str(value)!r} is already in line {first}")


def _repeated(folder: Path, stem: str, columns: Sequence[str]) -> Iterator[tuple[int, int, tuple[Any, ...]]]:
    """Yield the line of each row that has in some columns what one before it has, the line of that, and what it is."""
    seen: dict[tuple[Any, ...], int] = {}
    for line, values in read_table(folder, stem, Faults(folder)):
        value = tuple(values[name] for name in columns)
        first = seen.setdefault(value, line)
        if first != line:
            yield line, first, value


def _header_is_right(file: str, table: type[SQLModel], header: list[str], faults: Faults) -> bool:
    wanted = list(_header_of(table))
    if header == wanted:
        return True
    odd = next((name for name in header if name not in wanted), None)
    lacking = next((name for name in wanted if name not in header), None)
    reason = (
        f"there is no column {odd!r}"
        if odd is not None
        else f"column {lacking!r} is missing"
        if lacking
        else "the order"
    )
    column = odd if odd is not None else lacking or ""
    faults.add(file, 1, column, f"wrong header ({reason}); it must be {','.join(wanted)}")
    return False


@cache
def _header_of(table: type[SQLModel]) -> tuple[str, ...]:
    return tuple(column.name for column in columns_of(table))


def read_row(stem: str, line: int, cells: list[str], faults: Faults) -> Values | None:
    """Validate a row of a seed file; None where something is wrong with it.

    Args:
        stem: name of the file without its ending.
        line: its line.
        cells: its cells.
        faults: takes in what is wrong.
    """
    file, table = f"{stem}.csv", SEED_TABLES[stem]
    header = _header_of(table)
    if len(cells) != len(header):
        faults.add(file, line, "", f"{len(cells)} cells where the header has {len(header)}")
        return None
    values = {name: cell if cell != "" else None for name, cell in zip(header, cells, strict=True)}
    marked = [name for name, cell in values.items() if cell and BASE in cell] if BASE in "".join(cells) else []
    for name in marked:
        faults.add(file, line, name, "U+007F may not stand in a cell: links begin with it")
    try:
        row: Values | None = vars(_validator(table).model_validate(values)) if not marked else None
        for name in _numbers(table):
            value = row[name] if row is not None else None
            if value is not None and not -LARGEST_NUMBER <= value <= LARGEST_NUMBER:
                faults.add(file, line, name, f"the number has more than 64 bits (it is {values[name]!r})")
                row = None
                break
        return row
    except ValidationError as error:
        for found in error.errors():
            message = found["msg"].removeprefix("Value error, ")
            faults.add(file, line, str(found["loc"][0]), f"{message} (it is {found['input']!r})")
        return None


@cache
def _numbers(table: type[SQLModel]) -> tuple[str, ...]:
    """Return the columns of a seed file that hold whole numbers."""
    return tuple(column.name for column in columns_of(table) if isinstance(column.type, Integer))


@cache
def _validator(table: type[SQLModel]) -> type[BaseModel]:
    """Return a model that validates a row of a seed file as its table would, without an object of the database."""
    columns = {column.name: table.model_fields[column.name] for column in columns_of(table)}
    fields: dict[str, Any] = {name: (field.annotation, field) for name, field in columns.items()}
    return create_model(table.__name__, **fields)
