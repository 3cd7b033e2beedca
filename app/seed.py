"""The seed: one CSV file a table, read into validated rows, with every fault named by file, line and column."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from sqlalchemy import Column
from sqlmodel import SQLModel

from app.links import BASE
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
    Flag,
    Listing,
    Measure,
    MeasureBinding,
    MeasureCap,
    MeasureHsCode,
    Name,
    Nationality,
    Position,
    Resolution,
    ResolutionDrafter,
    ResolutionVote,
    Source,
    Statement,
    StatementRecord,
    Vessel,
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
    "flags": Flag,
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


@dataclass
class Seed:
    """All rows of the seed, and where each stands."""

    tables: dict[str, list[SQLModel]] = field(default_factory=dict)
    lines: dict[int, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def all(self, table: type[Row]) -> list[Row]:
        """Return the rows of a table, in the order of the file."""
        return [row for row in self.tables[file_stem(table)] if isinstance(row, table)]

    def forget(self) -> None:
        """Let go of all rows: what was made of them needs the memory."""
        self.tables.clear()
        self.lines.clear()

    def fault(self, row: SQLModel, column: str, message: str) -> None:
        """Note something wrong in a cell."""
        name = f"{file_stem(type(row))}.csv"
        self.faults.append(Fault(name, self.lines[id(row)], column, message))


def file_stem(table: type[SQLModel]) -> str:
    """Return the name of a table's seed file without its ending."""
    return next(stem for stem, other in SEED_TABLES.items() if other is table)


def columns_of(table: type[SQLModel]) -> list[Column[Any]]:
    """Return the columns of a table that its seed file has, in order."""
    columns = table.__table__.columns  # type: ignore[attr-defined]  # set by SQLModel's metaclass
    return [column for column in columns if not column.info.get("derived")]


def fact_columns(table: type[SQLModel]) -> list[str]:
    """Return the columns of a table that hold facts: not its key, its owner, or how the record sees it."""
    exempt = ("parent", "editorial")
    return [
        column.name
        for column in columns_of(table)
        if not (column.primary_key or any(column.info.get(mark) for mark in exempt))
    ]


def key_of(row: SQLModel) -> str:
    """Return the id of a row."""
    (key,) = (column.name for column in type(row).__table__.primary_key)  # type: ignore[attr-defined]  # see above
    value: str = getattr(row, key)
    return value


def read_seed(folder: Path) -> Seed:
    """Read every seed file of a folder.

    The seed that is returned may have faults; only its rows without one are in its tables.
    """
    seed = Seed()
    strays = {path.stem for path in folder.glob("*.csv")} - SEED_TABLES.keys()
    seed.faults += [
        Fault(f"{stem}.csv", 0, "", "no table is filled from this file; is its name misspelt?") for stem in strays
    ]
    for stem, table in SEED_TABLES.items():
        path = folder / f"{stem}.csv"
        seed.tables[stem] = []
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            seed.faults.append(Fault(path.name, 0, "", "the file is missing"))
        except UnicodeDecodeError as error:
            seed.faults.append(Fault(path.name, 0, "", f"not UTF-8: {error}"))
        else:
            for line, row in _read_table(path.name, table, text, seed.faults):
                seed.tables[stem].append(row)
                seed.lines[id(row)] = line
    return seed


def _read_table(file: str, table: type[SQLModel], text: str, faults: list[Fault]) -> Iterator[tuple[int, SQLModel]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header = next(reader, [])
    if not _header_is_right(file, table, header, faults):
        return
    seen: dict[str, int] = {}
    try:
        for cells in reader:
            row = _read_row(file, reader.line_num, table, header, cells, faults)
            if row is None:
                continue
            if not isinstance(row, Citation):
                first = seen.setdefault(key_of(row), reader.line_num)
                if first != reader.line_num:
                    faults.append(
                        Fault(file, reader.line_num, header[0], f"{key_of(row)!r} already stands in line {first}")
                    )
                    continue
            yield reader.line_num, row
    except csv.Error as error:
        faults.append(Fault(file, reader.line_num, "", f"not CSV: {error}"))


def _header_is_right(file: str, table: type[SQLModel], header: list[str], faults: list[Fault]) -> bool:
    wanted = [column.name for column in columns_of(table)]
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
    faults.append(Fault(file, 1, column, f"wrong header ({reason}); it must be {','.join(wanted)}"))
    return False


def _read_row(
    file: str, line: int, table: type[SQLModel], header: list[str], cells: list[str], faults: list[Fault]
) -> SQLModel | None:
    if len(cells) != len(header):
        faults.append(Fault(file, line, "", f"{len(cells)} cells where the header has {len(header)}"))
        return None
    values = {name: cell if cell != "" else None for name, cell in zip(header, cells, strict=True)}
    marked = [name for name, cell in values.items() if cell and BASE in cell]
    faults.extend(Fault(file, line, name, "U+007F may not stand in a cell: links begin with it") for name in marked)
    try:
        return table.model_validate(values) if not marked else None
    except ValidationError as error:
        for found in error.errors():
            message = found["msg"].removeprefix("Value error, ")
            faults.append(Fault(file, line, str(found["loc"][0]), f"{message} (it is {found['input']!r})"))
        return None
