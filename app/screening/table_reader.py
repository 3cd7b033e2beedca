"""Tables read row by row: CSV in any usual encoding and delimiter, spreadsheets, Parquet.

CSV and Parquet are read as a stream, whatever their length; a spreadsheet is held in memory, which its format bounds
(1,048,576 rows).
"""

import codecs
import csv
import io
import json
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any, BinaryIO

from app.problems import InvalidRequest
from app.screening.columns import has_name_column

DELIMITERS = (",", ";", "\t", "|")
ONE_COLUMN = "\x1f"
"""The delimiter of a file that has one column: a character that no text has (ASCII's unit separator)."""
_BLANK = f'{"".join(DELIMITERS)}" \n'
"""What a line without any value may have."""
MOST_LINES_OF_A_CELL = 200
"""Lines after which a quotation mark that nothing closes is taken for a character of its cell."""
_CHUNK = 1 << 20


@dataclass(slots=True)
class TableRow:
    """One row of a table; not frozen, as one is made of every line.

    Attributes:
        cells: its cells as text; a cell that is empty, or that the format has no value for, is "".
        fault: what is wrong with how the row is written, or None; its cells are then those that could be read.
    """

    cells: list[str]
    fault: str | None = None


@dataclass
class Table:
    """A table, its header read and its rows still to come.

    Attributes:
        header: the headers; without any, ``column 1``, ``column 2`` and so on.
        rows: the rows after the header. Blank rows at the end are left out, those between others have no cells.
        total: how many rows there are at most, for a progress bar; None where that is not known.
        description: how the table was read, such as ``CSV, encoding utf-8, delimiter ';'``.
        encoding: the encoding of a text; None of other formats.
    """

    header: list[str]
    rows: Iterator[TableRow]
    total: int | None
    description: str
    encoding: str | None = None
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class ReadOptions:
    """How a table is to be read, as far as that is asked for.

    Attributes:
        encoding: a codec of Python; None to recognise it.
        has_header: whether the first row has the headers.
        delimiter: None to recognise it.
        sheet: the sheet of a spreadsheet; None for the first.
    """

    encoding: str | None = None
    has_header: bool = True
    delimiter: str | None = None
    sheet: str | None = None


@contextmanager
def open_table(source: Path | None, options: ReadOptions) -> Iterator[Table]:
    """Open a table for reading; its format is recognised by its first bytes.

    Args:
        source: the file; None for standard input, which is copied to a temporary file, since it is read twice.
        options: how it is to be read.

    Raises:
        InvalidRequest: it is no table of a format that is read, is not in the encoding asked for, or has no rows.
        OSError: it cannot be read.
    """
    with ExitStack() as stack:
        if source is None:
            file: BinaryIO = stack.enter_context(tempfile.TemporaryFile())
            shutil.copyfileobj(sys.stdin.buffer, file)
            file.seek(0)
        else:
            file = stack.enter_context(source.open("rb"))
        magic = file.read(8)
        file.seek(0)
        if magic.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
            yield _read_spreadsheet(file, options)
        elif magic.startswith(b"PAR1"):
            yield _read_parquet(file)
        else:
            encoding, lines = _recognize(file, options.encoding)
            text = stack.enter_context(io.TextIOWrapper(file, encoding=encoding, newline=None))
            yield read_csv(text, options, encoding=encoding, total=lines)


# Encodings


def _recognize(file: IO[bytes], wanted: str | None) -> tuple[str, int]:
    """Recognise the encoding of a text and count its lines, in one pass over it.

    Args:
        file: the text, at its beginning, where it is left.
        wanted: the encoding asked for; None to recognise it.

    Raises:
        InvalidRequest: the text is not in the encoding asked for, or there is no such encoding.
    """
    chunks = iter(lambda: file.read(_CHUNK), b"")
    try:
        if wanted is not None:
            return _checked_codec(wanted), _count_lines(chunks, _checked_codec(wanted))
        return detect_encoding(chunks)
    finally:
        file.seek(0)


def _checked_codec(name: str) -> str:
    try:
        found = codecs.lookup(name)
        "".encode(found.name)
        return {"utf-8": "utf-8-sig"}.get(found.name, found.name)
    except (LookupError, TypeError, ValueError):
        raise InvalidRequest(f"there is no encoding {name!r}; usual ones are utf-8, utf-16, cp1252 and cp949") from None


def _count_lines(chunks: Iterable[bytes], encoding: str) -> int:
    decoder, lines = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)(), translate=True), 0
    place = 0
    try:
        for chunk in chunks:
            lines += decoder.decode(chunk).count("\n")
            place += len(chunk)
        decoder.decode(b"", final=True)
    except UnicodeError as error:
        raise InvalidRequest(f"it is not {encoding}: {error} (of the part from byte {place} on)") from None
    return lines + 1


_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def detect_encoding(chunks: Iterable[bytes]) -> tuple[str, int]:
    """Recognise the encoding of a text and count its lines.

    A byte order mark decides. Without one, a text with a NUL in every other byte of its beginning is UTF-16; one that
    is UTF-8 throughout is UTF-8; one that is CP949 throughout (Korean, a superset of EUC-KR) and in which most of what
    is not ASCII is a syllable of KS X 1001 is that; any other is CP1252, or where it has bytes that CP1252 has not,
    Latin-1. West European texts fail the test of CP949: their letters beyond ASCII seldom come in pairs.

    Args:
        chunks: the bytes, in parts.

    Returns:
        A codec of Python, and the number of lines.
    """
    chunks = iter(chunks)
    first = next(chunks, b"")
    marked = next((encoding for mark, encoding in _BOMS if first.startswith(mark)), None)
    if encoding := marked or _utf_16_without_mark(first[:4096]):
        return encoding, _count_lines(chain([first], chunks), encoding)
    tests = {name: _DecodingTest(name) for name in ("utf-8", "cp949", "cp1252")}
    hangul = beyond = lines = 0
    ascii_only = True
    last = b""
    for chunk in chain([first], chunks):
        ascii_only = ascii_only and chunk.isascii()
        if not ascii_only:
            for test in tests.values():
                test.feed(chunk)
        if not chunk.isascii():
            syllables, others = _korean_pairs(last + chunk)
            hangul, beyond = hangul + syllables, beyond + others
        lines += chunk.count(b"\n") + chunk.count(b"\r") - chunk.count(b"\r\n") - (last + chunk[:1] == b"\r\n")
        last = chunk[-1:]
    if tests["utf-8"].passed():
        return "utf-8-sig", lines + 1
    if tests["cp949"].passed() and 2 * hangul > beyond:
        return "cp949", lines + 1
    return "cp1252" if tests["cp1252"].passed() else "latin-1", lines + 1


class _DecodingTest:
    """Whether bytes that come in parts are all of an encoding."""

    def __init__(self, encoding: str) -> None:
        self._decoder: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder(encoding)()

    def feed(self, chunk: bytes, final: bool = False) -> None:
        if self._decoder is not None:
            try:
                self._decoder.decode(chunk, final)
            except UnicodeError:
                self._decoder = None

    def passed(self) -> bool:
        self.feed(b"", final=True)
        return self._decoder is not None


_KS_X_1001 = re.compile(rb"[\xb0-\xc8][\xa1-\xfe]")
"""A syllable of KS X 1001, as EUC-KR and CP949 encode it."""


def _korean_pairs(chunk: bytes) -> tuple[int, int]:
    """Count the bytes of Hangul syllables, if the chunk is CP949, and all bytes beyond ASCII."""
    return 2 * len(_KS_X_1001.findall(chunk)), len(chunk) - len(chunk.translate(None, bytes(range(128, 256))))


def _utf_16_without_mark(start: bytes) -> str | None:
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if max(even, odd) < 2 or 4 * max(even, odd) < len(start) // 2 or min(even, odd) > max(even, odd) // 4:
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


# CSV


def read_csv(
    lines: Iterable[str], options: ReadOptions, *, encoding: str | None = None, total: int | None = None
) -> Table:
    r"""Read a table from the lines of a CSV text.

    A first line ``sep=;``, as Excel writes it, names the delimiter. Where nothing does, it is the one of `DELIMITERS`
    that gives a column of names, and of those the one that gives the most columns. A cell in quotation marks may have
    line breaks; a quotation mark that nothing closes is a character of its cell, and the row is marked.

    Args:
        lines: the text, each line with its end as ``\n``, if it has one.
        options: how it is to be read.
        encoding: its encoding, for the description.
        total: its number of lines.

    Raises:
        InvalidRequest: there is no row.
    """
    lines = iter(lines)
    beginning = list(islice(lines, MOST_LINES_OF_A_CELL))
    delimiter = options.delimiter
    if beginning and (separator := re.fullmatch(r'"?sep=(.)"?[;,\t| ]*\n?', beginning[0], re.IGNORECASE)):
        delimiter, beginning = delimiter or separator[1], beginning[1:]
    while beginning and not beginning[0].strip(_BLANK):
        del beginning[0]
    if not beginning:
        raise InvalidRequest("it has no names and no header: it is empty")
    delimiter = delimiter or _sniff(beginning, options.has_header)
    records = _records(chain(beginning, lines), delimiter)
    if options.has_header:
        header = [cell.strip() for cell in next(records).cells]
        # A delimiter at the end of every line makes a last column without a name.
        while len(header) > 1 and not header[-1]:
            del header[-1]
    else:
        first = next(records)
        header = [f"column {number}" for number in range(1, len(first.cells) + 1)]
        records = chain([first], records)
    named = {ONE_COLUMN: "one column", "\t": "delimiter tab"}.get(delimiter, f"delimiter {delimiter!r}")
    spoken = {"utf-8-sig": "utf-8"}.get(encoding or "", encoding)
    description = ", ".join(["CSV", *([f"encoding {spoken}"] if spoken else []), named])
    return Table(header, _without_trailing_blanks(_of_width(records, len(header))), total, description, spoken)


def _sniff(beginning: Sequence[str], has_header: bool) -> str:
    """Recognise the delimiter by the first row, or without a header by which one gives all rows as many cells."""

    def quality(delimiter: str) -> tuple[int, int]:
        if has_header:
            header = next(_records(iter(beginning), delimiter)).cells
            return has_name_column(header), len(header)
        widths = [len(row.cells) for row in islice(_records(iter(beginning), delimiter), 50) if any(row.cells)]
        usual = max(set(widths), key=widths.count)
        return (widths.count(usual), usual) if usual > 1 else (0, 1)

    found = {delimiter: quality(delimiter) for delimiter in DELIMITERS}
    best = max(DELIMITERS, key=lambda delimiter: found[delimiter])
    if found[best][1] > 1:
        return best
    # One column: a comma in "Kim, Yong Chol" is a part of the name.
    return ONE_COLUMN


def _records(lines: Iterator[str], delimiter: str) -> Iterator[TableRow]:
    """Split lines into rows; a row goes on over the lines of a cell in quotation marks."""
    waiting: list[str] = []
    while True:
        line = waiting.pop(0) if waiting else next(lines, None)
        if line is None:
            return
        if '"' not in line:
            yield TableRow(line.removesuffix("\n").split(delimiter))
            continue
        taken, row = [line], None
        try:
            row = _parse(taken, delimiter)
            while row is None and len(taken) < MOST_LINES_OF_A_CELL:
                following = waiting.pop(0) if waiting else next(lines, None)
                if following is None:
                    break
                taken.append(following)
                # Only a line with a quotation mark can close a cell.
                row = _parse(taken, delimiter) if '"' in following else None
        except csv.Error:
            row = None
        if row is None:
            waiting = taken[1:] + waiting
            cells = taken[0].removesuffix("\n").split(delimiter)
            row = TableRow([cell.strip('"') for cell in cells], "a quotation mark is not closed")
        yield row


def _parse(lines: Sequence[str], delimiter: str) -> TableRow | None:
    """Parse one row; None where a cell in quotation marks is still open at its end.

    Raises:
        csv.Error: a cell goes on behind the quotation mark that closes it, on a later line than that which opens it.
    """
    text = "".join(lines).removesuffix("\n")
    try:
        rows = list(csv.reader([text], delimiter=delimiter, strict=True))
    except csv.Error as error:
        if "unexpected end" in str(error):
            return None
        if len(lines) > 1:
            raise
        # A nickname, most often: "Kim" Yong Chol.
        return TableRow(next(csv.reader([text], delimiter=delimiter)), "a quotation mark is out of place")
    return TableRow(rows[0] if rows else [])


def _of_width(rows: Iterable[TableRow], width: int) -> Iterator[TableRow]:
    """Give each row as many cells as the header has; a row is marked where it is short, or loses cells with a value."""
    for row in rows:
        cells, fault = row.cells, row.fault
        if not any(map(str.strip, cells)) or (width == 1 and not cells[0].strip(_BLANK)):
            yield TableRow([])
            continue
        if len(cells) != width:
            if len(cells) < width or any(map(str.strip, cells[width:])):
                beyond = f"; not read: {', '.join(map(repr, cells[width:]))}" if len(cells) > width else ""
                fault = "; ".join(filter(None, [fault, f"{len(cells)} cells where the header has {width}{beyond}"]))
            row = TableRow([*cells[:width], *[""] * (width - len(cells))], fault)
        yield row


def _without_trailing_blanks(rows: Iterable[TableRow]) -> Iterator[TableRow]:
    blanks = 0
    for row in rows:
        if not row.cells:
            blanks += 1
            continue
        yield from (TableRow([]) for _ in range(blanks))
        blanks = 0
        yield row


# Spreadsheets and Parquet


def cell_text(value: Any) -> str:
    """Write a typed cell as text: whole floats without a point, days in ISO 8601, nothing as ""."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return "" if value != value else str(int(value)) if value.is_integer() and abs(value) < 1e15 else str(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time(0) else value.isoformat(" ")
    if isinstance(value, date | time | timedelta):
        return str(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)


def _read_spreadsheet(file: BinaryIO, options: ReadOptions) -> Table:
    """Read a sheet of an XLSX, XLSM, XLSB, XLS or ODS workbook."""
    import python_calamine as calamine  # only a spreadsheet needs it

    try:
        workbook = calamine.load_workbook(file)
        names = workbook.sheet_names
        if options.sheet is not None and options.sheet not in names:
            raise InvalidRequest(f"it has no sheet {options.sheet!r}; its sheets are {', '.join(map(repr, names))}")
        chosen = options.sheet if options.sheet is not None else names[0]
        sheet = workbook.get_sheet_by_name(chosen)
    except (calamine.CalamineError, IndexError, OSError) as error:
        raise InvalidRequest(f"it is no workbook that can be read: {error}") from None
    others = [name for name in names if name != chosen]
    rows = ([cell_text(cell) for cell in row] for row in sheet.iter_rows())
    table = _typed_table(rows, options.has_header, sheet.height, f"spreadsheet, sheet {chosen!r}")
    if others:
        table.notes.append(f"sheets not read: {', '.join(map(repr, others))}; name one with --sheet")
    return table


def _read_parquet(file: BinaryIO) -> Table:
    try:
        import pyarrow
        import pyarrow.parquet
    except ModuleNotFoundError:
        raise InvalidRequest(
            "it is Parquet, which needs pyarrow: install it with pip install 'unlisted[parquet]'"
        ) from None
    try:
        parquet = pyarrow.parquet.ParquetFile(file)
        names: list[str] = parquet.schema_arrow.names
    except (pyarrow.ArrowException, OSError) as error:
        raise InvalidRequest(f"it is no Parquet file that can be read: {error}") from None
    rows = (
        [cell_text(cell) for cell in row]
        for batch in parquet.iter_batches(batch_size=4096)
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True)
    )
    header = (name for name in [names])
    return _typed_table(chain(header, rows), True, parquet.metadata.num_rows, "Parquet")


def _typed_table(rows: Iterable[list[str]], has_header: bool, total: int, description: str) -> Table:
    rows = iter(rows)
    first = next((row for row in rows if any(map(str.strip, row))), None)
    if first is None:
        raise InvalidRequest("it has no names: it is empty")
    if has_header:
        header = [cell.strip() for cell in first]
    else:
        header, rows = [f"column {number}" for number in range(1, len(first) + 1)], chain([first], rows)
    width = len(header)
    return Table(
        header, _without_trailing_blanks(_of_width(map(TableRow, rows), width)), max(total - has_header, 0), description
    )
