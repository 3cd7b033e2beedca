"""Answers written as CSV or XLSX, row by row."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from app.fields.text import escape_formula
from app.problems import InvalidRequest

_NOT_WRITTEN = (".parquet", ".xls", ".xlsb", ".xlsm", ".ods", ".json")
_LONGEST_CELL, _MOST_ROWS = 32_767, 1_048_576
"""Characters of a cell and rows of a sheet of an XLSX workbook (ECMA-376 as Excel bounds it)."""


def csv_bytes(rows: Iterable[Sequence[str]]) -> bytes:
    """Encode rows as CSV (RFC 4180) in UTF-8; cells that a spreadsheet would run as formulas are escaped."""
    out = io.StringIO()
    csv.writer(out).writerows(
        [
            # Nearly every cell is empty or begins with a letter or a digit: those are no formulas.
            [cell if not cell or cell[0].isalnum() else escape_formula(cell) for cell in row]
            for row in rows
        ]
    )
    return out.getvalue().encode("utf-8", "replace")


Encoded = bytes | Sequence[Sequence[str]]
"""Rows as they are handed to a writer: CSV as bytes, so that the process that screens them encodes them too."""


def keep_rows(rows: Sequence[Sequence[str]]) -> Encoded:
    """Leave rows to be encoded by the writer of a workbook."""
    return rows


class RowWriter(Protocol):
    """Writes rows of text, which were encoded by the function that goes with the format."""

    def write(self, rows: Encoded) -> None:
        """Write rows."""

    def close(self) -> None:
        """Complete the file."""


class CsvWriter:
    """Writes CSV to an open file.

    Args:
        file: open for writing bytes; the caller closes it.
        with_mark: whether to begin with a byte order mark, by which Excel knows that a CSV file is UTF-8.
    """

    def __init__(self, file: BinaryIO, with_mark: bool = False) -> None:
        self._file = file
        if with_mark:
            file.write(b"\xef\xbb\xbf")

    def write(self, rows: Encoded) -> None:
        """Write rows."""
        self._file.write(rows if isinstance(rows, bytes) else csv_bytes(rows))

    def close(self) -> None:
        """Write everything through to the file."""
        self._file.flush()


class XlsxWriter:
    """Writes an XLSX workbook to a path: cells as text, a further sheet where one is full.

    Args:
        path: the file.
        header: the first row of every sheet.
    """

    def __init__(self, path: Path, header: Sequence[str]) -> None:
        import xlsxwriter  # only a spreadsheet needs it

        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._book = xlsxwriter.Workbook(str(path), options)
        self._header = list(header)
        self._bold: Any = self._book.add_format({"bold": True})
        self._begin_sheet()

    def _begin_sheet(self) -> None:
        self._sheet: Any = self._book.add_worksheet()
        self._sheet.freeze_panes(1, 0)
        self._sheet.write_row(0, 0, self._header, self._bold)
        self._row = 1

    def write(self, rows: Encoded) -> None:
        """Write rows; a text longer than a cell can be is cut, and ends in a sign of that.

        Raises:
            TypeError: the rows were encoded as CSV.
        """
        if isinstance(rows, bytes):
            raise TypeError("rows of a workbook are not CSV")
        for row in rows:
            if self._row == _MOST_ROWS:
                self._begin_sheet()
            for place, text in enumerate(row):
                cut = text if len(text) <= _LONGEST_CELL else f"{text[: _LONGEST_CELL - 8]} … (cut)"
                if text:
                    self._sheet.write_string(self._row, place, cut)
            self._row += 1

    def close(self) -> None:
        """Complete the workbook."""
        self._book.close()


def is_workbook(target: Path | None) -> bool:
    """Say whether a file is written as XLSX, by its name; anything else is CSV.

    Raises:
        InvalidRequest: its name is that of a format that is not written.
    """
    suffix = target.suffix.lower() if target else ""
    if suffix in _NOT_WRITTEN:
        raise InvalidRequest(f"{suffix} is not written; name a .csv or an .xlsx file for the answers")
    return suffix == ".xlsx"
