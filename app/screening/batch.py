"""Batches of names to be screened: read from JSON or CSV, each line that cannot be read named in its place."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.fields.countries import Country
from app.fields.dates import Edtf
from app.matching.query import unsearchable_reason
from app.problems import InvalidRequest, UnsupportedMediaType
from app.screening.screener import ScreeningQuery
from app.vocabularies import SubjectKind

MOST_QUERIES, MOST_BYTES = 500, 1_000_000
"""How many names one batch may have, and how many bytes."""
COLUMNS = ("name", "birth_date", "nationality", "kind")


class Line(BaseModel):
    """One line of a batch."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    name: str = Field(min_length=1, max_length=300)
    birth_date: Edtf | None = None
    nationality: Country | None = None
    kind: SubjectKind | None = None


@dataclass(frozen=True)
class BadLine:
    """A line that cannot be read, and why."""

    message: str


def read_batch(content_type: str, body: bytes) -> list[ScreeningQuery | BadLine]:
    """Read a batch as it was sent.

    Args:
        content_type: what the header says that it is: application/json or text/csv.
        body: the batch, in UTF-8.

    Raises:
        UnsupportedMediaType: it is neither.
        InvalidRequest: it is no JSON array or no CSV with these columns, not UTF-8, empty or too long.
    """
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type not in ("application/json", "text/csv"):
        raise UnsupportedMediaType(f"{content_type!r} is not read here; application/json and text/csv are.")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refused(f"it is not UTF-8: {error.reason} at byte {error.start}") from None
    lines = read_json(text) if media_type == "application/json" else read_csv(io.StringIO(text, newline=""))
    if not 0 < len(lines) <= MOST_QUERIES:
        raise _refused(f"it has {len(lines)} names; there may be from 1 to {MOST_QUERIES}")
    return lines


def read_json(text: str) -> list[ScreeningQuery | BadLine]:
    """Read a batch from a JSON array of objects, or of names.

    Raises:
        InvalidRequest: it is no JSON array.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _refused(f"it is not JSON: {error}") from None
    if not isinstance(found, list):
        raise _refused("it is not a JSON array")
    return [_read(one if isinstance(one, dict) else {"name": one}) for one in found]


def read_csv(lines: Iterable[str]) -> list[ScreeningQuery | BadLine]:
    """Read a batch from CSV with a header.

    Raises:
        InvalidRequest: it is no CSV, or its header has not the column name, or has one that is not known.
    """
    reader = csv.reader(lines, strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        _check_header(header)
        return [_read_cells(header, cells) for cells in reader]
    except csv.Error as error:
        raise _refused(f"line {reader.line_num} is not CSV: {error}") from None


def _check_header(header: list[str]) -> None:
    unknown = [name for name in header if name not in COLUMNS]
    if "name" not in header or unknown or len(set(header)) < len(header):
        raise _refused(
            f"its header is {','.join(header)!r}; it has name and may have {', '.join(COLUMNS[1:])}, each once"
        )


def _read_cells(header: list[str], cells: list[str]) -> ScreeningQuery | BadLine:
    if not cells:
        return BadLine("the line is empty")
    if len(cells) != len(header):
        return BadLine(f"{len(cells)} cells where the header has {len(header)}")
    return _read({name: cell or None for name, cell in zip(header, cells, strict=True)})


def _read(given: Mapping[str, Any]) -> ScreeningQuery | BadLine:
    try:
        line = Line.model_validate(given)
    except ValidationError as error:
        faults = [
            f"{'.'.join(map(str, one['loc']))}: {one['msg'].removeprefix('Value error, ')}" for one in error.errors()
        ]
        return BadLine("; ".join(faults))
    if fault := unsearchable_reason(line.name):
        return BadLine(f"name: {fault}")
    return ScreeningQuery(line.name, (line.kind,) if line.kind else (), line.birth_date, line.nationality)


def _refused(message: str) -> InvalidRequest:
    return InvalidRequest.of("body", message, "body")
