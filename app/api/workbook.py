"""A flat table as an XLSX workbook: typed cells, a frozen header, and a sheet that says what question it answers."""

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from app.api.flat import Cell, ColumnType, TableColumn
from app.problems import InvalidRequest

MOST_ROWS = 1_048_575
"""Rows of a sheet of an XLSX workbook below its header (ECMA-376 as Excel bounds it)."""
MOST_CELLS = 250_000
"""Cells of the largest table that is written as a workbook: it is in memory until it is complete, about 400 bytes a
cell, while CSV and NDJSON are sent as they are made."""
LONGEST_CELL = 32_767
"""Characters of the longest text that a cell can have (ECMA-376 as Excel bounds it)."""
CUT = " … (cut)"
"""The end of a text that is longer."""
_FIRST_DAY_OF_A_SHEET = date(1900, 3, 1)
"""The first day that every spreadsheet counts alike; an earlier one is written as text."""
_NARROWEST, _WIDEST = 8, 48
_EPOCH = datetime(1980, 1, 1, tzinfo=UTC).replace(tzinfo=None)


def check_size(rows: int, columns: int) -> None:
    """Refuse a table that is too large for a workbook.

    Raises:
        InvalidRequest: it has more rows than a sheet can have, or more cells than are held in memory.
    """
    most = min(MOST_ROWS, MOST_CELLS // max(columns, 1))
    if rows > most:
        raise InvalidRequest.of(
            "format",
            f"{rows} records are more than the {most} rows that a workbook is written with here; ask for csv or "
            "ndjson, which have no such bound, or in several smaller questions",
        )


class Workbook:
    """A workbook in memory: the sheet ``Records``, then the sheet ``About``. The same content has the same bytes.

    Args:
        columns: the columns of the table.
        about: what the table is, by heading.
        made_on: day of the dataset, which the properties of the file bear.
    """

    def __init__(self, columns: Sequence[TableColumn], about: Mapping[str, str], made_on: date) -> None:
        import xlsxwriter  # only a spreadsheet needs it

        self._out = io.BytesIO()
        as_text = dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False)
        # In memory: nothing is written on a system that is read-only.
        self._book = xlsxwriter.Workbook(self._out, {"in_memory": True, **as_text})
        created = datetime(made_on.year, made_on.month, made_on.day) if made_on.year >= _EPOCH.year else _EPOCH
        self._book.set_properties({"created": created, "author": "unlisted", "title": about.get("Question", "")})
        self._columns, self._about = columns, about
        self._bold: Any = self._book.add_format({"bold": True})
        self._day: Any = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._sheet: Any = self._book.add_worksheet("Records")
        self._sheet.freeze_panes(1, 1)
        self._sheet.write_row(0, 0, [column.name for column in columns], self._bold)
        self._widths = [len(column.name) for column in columns]
        self._row = 1

    def write(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Write rows. A text is a text whatever it begins with, so no cell is run as a formula."""
        for row in rows:
            for place, (column, value) in enumerate(zip(self._columns, row, strict=True)):
                if value is not None:
                    self._write_cell(place, column.type, value)
            self._row += 1

    def _write_cell(self, place: int, kind: ColumnType, value: Cell) -> None:
        if isinstance(value, bool):
            self._sheet.write_boolean(self._row, place, value)
        elif isinstance(value, int | float):
            self._sheet.write_number(self._row, place, value)
        elif kind == ColumnType.DATE and (day := date.fromisoformat(str(value))) >= _FIRST_DAY_OF_A_SHEET:
            self._sheet.write_datetime(self._row, place, datetime(day.year, day.month, day.day), self._day)
            self._widths[place] = max(self._widths[place], 10)
        else:
            text = str(value)
            cut = text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - len(CUT)] + CUT
            self._sheet.write_string(self._row, place, cut)
            self._widths[place] = max(self._widths[place], len(text))

    def close(self) -> bytes:
        """Complete the workbook and return its bytes."""
        for place, width in enumerate(self._widths):
            self._sheet.set_column(place, place, min(max(width + 1, _NARROWEST), _WIDEST))
        if self._row > 1:
            self._sheet.autofilter(0, 0, self._row - 1, len(self._columns) - 1)
        about: Any = self._book.add_worksheet("About")
        about.set_column(0, 0, 24)
        about.set_column(1, 2, 60)
        row = 0
        for heading, text in self._about.items():
            about.write_string(row, 0, heading, self._bold)
            about.write_string(row, 1, text)
            row += 1
        about.write_row(row + 1, 0, ["Column", "What it holds", "Type"], self._bold)
        for place, column in enumerate(self._columns):
            for at, text in enumerate((column.name, column.description, str(column.type))):
                about.write_string(row + 2 + place, at, text)
        self._book.close()
        return self._out.getvalue()
