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
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import chain, dropwhile, islice, product
from pathlib import Path
from typing import IO, Any, BinaryIO

from app.problems import InvalidRequest
from app.screening.columns import has_name_column, normalize_header

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
        cells: its cells as text; a cell that is empty, or that the format has no value for, is "". They are as many as
            the headers; a row with values beyond those has more cells, and a fault.
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
        notes: what else there is to know of it.
        has_more: whether a part of the file that is not read has names too.
    """

    header: list[str]
    rows: Iterator[TableRow]
    total: int | None
    description: str
    encoding: str | None = None
    notes: list[str] = field(default_factory=list)
    has_more: bool = False


@dataclass(frozen=True)
class ReadOptions:
    """How a table is to be read, as far as that is asked for.

    Attributes:
        encoding: a codec of Python; None to recognise it.
        has_header: whether the first row has the headers.
        delimiter: None to recognise it.
        sheet: the sheet of a spreadsheet; None for the first with a column of names.
        named: headers that were named for a role, by which the row of headers is known as well.
        has_title: whether there may be lines before the headers.
    """

    encoding: str | None = None
    has_header: bool = True
    delimiter: str | None = None
    sheet: str | None = None
    named: tuple[str, ...] = ()
    has_title: bool = True

    def is_header(self, cells: Sequence[str]) -> bool:
        """Say whether a row has the headers: one of a column of names, or one that was named."""
        named = {normalize_header(text) for text in self.named}
        return has_name_column(cells) or any(normalize_header(cell) in named for cell in cells if cell)


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
        elif options.sheet is not None:
            raise InvalidRequest(f"it is no workbook, so it has no sheet {options.sheet!r}")
        else:
            _refuse_other_formats(file)
            found = _recognize(file, options.encoding)
            text = stack.enter_context(io.TextIOWrapper(file, encoding=found.name, errors=found.errors, newline=None))
            table = read_csv(text, options, encoding=found.name, total=found.lines)
            if found.damaged:
                places = f"{found.damaged} place{'s' * (found.damaged > 1)}"
                table.notes.append(
                    f"it is not {table.encoding} throughout (at {places}); names with such a place are marked, or name "
                    "another encoding with --encoding"
                )
            elif found.name == "latin-1" and options.encoding is None:
                table.notes.append("its encoding is not recognised with certainty; name it with --encoding")
            yield table


_OTHER_FORMATS = (
    (rb"\x1f\x8b", "compressed with gzip; unpack it first"),
    (rb"BZh[1-9]", "compressed with bzip2; unpack it first"),
    (rb"\xfd7zXZ\x00", "compressed with xz; unpack it first"),
    (rb"\x28\xb5\x2f\xfd", "compressed with Zstandard; unpack it first"),
    (rb"7z\xbc\xaf\x27\x1c|Rar!", "an archive; unpack it first"),
    (rb"%PDF-", "a PDF; export the table as CSV or XLSX"),
    (rb"\{\\rtf", "a text document; export the table as CSV or XLSX"),
    (
        rb"\s*<(?:!doctype|html|\?xml|table|workbook)",
        "HTML or XML; open it in a spreadsheet and save it as CSV or XLSX",
    ),
    (rb"\s*\[?\s*\{\s*\"", "JSON; POST /search reads JSON, and this command reads CSV, spreadsheets and Parquet"),
)
"""How files begin that are often taken for tables (their signatures), and what to say of them."""


def _refuse_other_formats(file: IO[bytes]) -> None:
    """Refuse a file that is no table of a format that is read; it is left at its beginning.

    Raises:
        InvalidRequest: it is such a file.
    """
    start = file.read(256).removeprefix(codecs.BOM_UTF8)
    file.seek(0)
    for form, named in _OTHER_FORMATS:
        if re.match(form, start, re.IGNORECASE):
            raise InvalidRequest(f"it is {named}")


# Encodings


@dataclass(frozen=True)
class Encoding:
    """The encoding of a text.

    Attributes:
        name: a codec of Python.
        lines: how many lines the text has.
        damaged: how many places of it are not in the encoding; they are read as U+FFFD.
    """

    name: str
    lines: int
    damaged: int = 0

    @property
    def errors(self) -> str:
        """How Python's decoders are to take what is not in the encoding."""
        return "replace" if self.damaged else "strict"


def _recognize(file: IO[bytes], wanted: str | None) -> Encoding:
    """Recognise the encoding of a text and count its lines, in one pass over it.

    Args:
        file: the text, at its beginning, where it is left.
        wanted: the encoding asked for; None to recognise it.

    Raises:
        InvalidRequest: the text is not in the encoding asked for, or there is no such encoding.
    """
    try:
        if wanted is not None:
            return Encoding(_checked_codec(wanted), _count_lines(_Chunks(file), _checked_codec(wanted)))
        return detect_encoding(_Chunks(file))
    finally:
        file.seek(0)


class _Chunks:
    """The parts of a file, from its beginning each time that they are read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def __iter__(self) -> Iterator[bytes]:
        self._file.seek(0)
        return iter(lambda: self._file.read(_CHUNK), b"")


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


def detect_encoding(chunks: Iterable[bytes]) -> Encoding:
    """Recognise the encoding of a text and count its lines.

    A byte order mark decides. Without one, a text with a NUL in every other byte of its beginning is UTF-16; one that
    is UTF-8 throughout is UTF-8; one that is CP949 throughout (Korean, a superset of EUC-KR) and in which most of what
    is not ASCII is a syllable of KS X 1001, with few Chinese characters between syllables, is that. A text of which at
    least a half of what is not ASCII is UTF-8, or else four fifths are CP949 as above, is that too, and damaged. Any
    other is CP1252, or where it has bytes that CP1252 has not, Latin-1. West European texts fail the test of CP949:
    their letters beyond ASCII seldom come in pairs.

    Args:
        chunks: the bytes, in parts, which are read twice where they are not UTF-8.
    """
    first = next(iter(chunks), b"")
    marked = next((encoding for mark, encoding in _BOMS if first.startswith(mark)), None)
    if marked != "utf-8-sig" and (encoding := marked or _utf_16_without_mark(first[:4096])):
        return Encoding(encoding, _count_lines(chunks, encoding))
    utf_8 = _DecodingTest("utf-8")
    lines, ascii_only, last = 1, True, b""
    for chunk in chunks:
        ascii_only = ascii_only and chunk.isascii()
        if not ascii_only:
            utf_8.feed(chunk)
        lines += chunk.count(b"\n") + chunk.count(b"\r") - chunk.count(b"\r\n") - (last + chunk[:1] == b"\r\n")
        last = chunk[-1:]
    if not utf_8.damaged():
        return Encoding("utf-8-sig", lines)
    cp949, cp1252 = _KoreanTest(), _DecodingTest("cp1252")
    for chunk in chunks:
        cp949.feed(chunk)
        cp1252.feed(chunk)
    is_korean = cp949.passed() and marked is None
    if is_korean and not cp949.damaged():
        return Encoding("cp949", lines)
    if marked or utf_8.decoded >= utf_8.damaged():
        return Encoding("utf-8-sig", lines, utf_8.damaged())
    if is_korean and cp949.decoded >= 4 * cp949.damaged():
        return Encoding("cp949", lines, cp949.damaged())
    return Encoding("latin-1" if cp1252.damaged() else "cp1252", lines)


class _DecodingTest:
    """How much of bytes that come in parts is of an encoding."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.decoded = 0
        self._replaced = 0
        self._decoder = codecs.getincrementaldecoder(name)("replace")

    def feed(self, chunk: bytes, final: bool = False) -> None:
        """Decode a part, and count the characters beyond ASCII and the places that have none."""
        text = self._decoder.decode(chunk, final)
        # A replacement character that is in the text itself is none of its encoding's faults.
        replaced = text.count("\ufffd") - (chunk.count(b"\xef\xbf\xbd") if self.name == "utf-8" else 0)
        self._replaced += replaced
        self.decoded += len(text) - replaced - len(text.encode("ascii", "ignore"))
        self.count(text)

    def count(self, text: str) -> None:
        """Count signs of an encoding in the decoded text; most encodings have none."""

    def damaged(self) -> int:
        """Count the places that are not in the encoding; after the last part."""
        self.feed(b"", final=True)
        return self._replaced


_SYLLABLE = f"[{bytes(chain(*product(range(0xB0, 0xC9), range(0xA1, 0xFF)))).decode('euc-kr')}]"
"""A Hangul syllable of KS X 1001: CP949 has more, as which other texts decode too."""
_SYLLABLES = re.compile(_SYLLABLE)
_CHANGES = re.compile(f"{_SYLLABLE}(?=[\u4e00-\u9fff])|[\u4e00-\u9fff](?={_SYLLABLE})")


class _KoreanTest(_DecodingTest):
    """Whether bytes are Korean in CP949: Chinese in GB 2312, and some of other texts, decodes as that too."""

    def __init__(self) -> None:
        super().__init__("cp949")
        self._syllables = self._changes = 0

    def count(self, text: str) -> None:
        """Count the syllables, and where one is next to a Chinese character."""
        self._syllables += len(_SYLLABLES.findall(text))
        self._changes += len(_CHANGES.findall(text))

    def passed(self) -> bool:
        """Decide after the last part: most characters are syllables, and few are next to a Chinese one."""
        return 2 * self._syllables > self.decoded + self.damaged() and 10 * self._changes < self._syllables


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
    that gives a column of names, and of those the one that gives the most columns. The headers are in the first row, or
    where that has no column of names in the first of the `MOST_LINES_OF_A_TITLE` lines that has one; what is before it,
    such as the title of a report, is named in the notes. A cell in quotation marks may have line breaks; a quotation
    mark that nothing closes is a character of its cell, and the row is marked.

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
    delimiter = delimiter or _sniff(beginning, options)
    title = beginning[: _header_line(beginning, delimiter, options)]
    records = _records(chain(beginning[len(title) :], lines), delimiter)
    if options.has_header:
        header = [cell.strip("\ufeff").strip() for cell in next(records).cells]
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
    table = Table(header, _without_trailing_blanks(_of_width(records, len(header))), total, description, spoken)
    _note_title(table, title)
    return table


MOST_LINES_OF_A_TITLE = 20
"""Lines in which the headers are looked for."""


def _header_line(beginning: Sequence[str], delimiter: str, options: ReadOptions) -> int:
    """Find the line with the headers: 0, or the first of a few with a column of names where the first has none."""
    if not options.has_header or options.is_header(next(_records(iter(beginning), delimiter)).cells):
        return 0
    for place in range(1, min(len(beginning), MOST_LINES_OF_A_TITLE) if options.has_title else 1):
        if options.is_header(next(_records(iter(beginning[place:]), delimiter)).cells):
            return place
    return 0


def _note_title(table: Table, title: Iterable[str]) -> None:
    """Note what is before the row of headers."""
    texts = [shown for line in title if (shown := " ".join(line.split()))]
    if texts:
        table.notes.append(f"not read, before the headers: {'; '.join(repr(text[:60]) for text in texts)}")


def _sniff(beginning: Sequence[str], options: ReadOptions) -> str:
    """Recognise the delimiter by the headers, or without any by which one gives all rows as many cells."""

    def quality(delimiter: str) -> tuple[int, int]:
        if options.has_header:
            place = _header_line(beginning, delimiter, options)
            header = next(_records(iter(beginning[place:]), delimiter)).cells
            return options.is_header(header), len(header)
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
    # A blank before a quotation mark is none of the cell's; any other is.
    skips = f'{delimiter} "' in text
    try:
        rows = list(csv.reader([text], delimiter=delimiter, skipinitialspace=skips, strict=True))
    except csv.Error as error:
        if '\\"' in text:
            # MySQL and others write a quotation mark in a cell so.
            with suppress(csv.Error):
                escaped = csv.reader([text], delimiter=delimiter, escapechar="\\", skipinitialspace=skips, strict=True)
                return TableRow(next(escaped))
        if "unexpected end" in str(error):
            return None
        if len(lines) > 1:
            raise
        # A nickname, most often: "Kim" Yong Chol.
        cells = next(csv.reader([text], delimiter=delimiter, skipinitialspace=skips))
        return TableRow(cells, "a quotation mark is out of place")
    return TableRow(rows[0] if rows else [])


def _of_width(rows: Iterable[TableRow], width: int) -> Iterator[TableRow]:
    """Give each row at least as many cells as the header has, and no more without a value; another width is marked."""
    for row in rows:
        cells, fault = row.cells, row.fault
        if not any(map(str.strip, cells)) or (width == 1 and not cells[0].strip(_BLANK)):
            yield TableRow([])
            continue
        if len(cells) != width:
            if len(cells) < width or any(map(str.strip, cells[width:])):
                fault = "; ".join(filter(None, [fault, f"{len(cells)} cells where the header has {width}"]))
                row = TableRow([*cells, *[""] * (width - len(cells))], fault)
            else:
                row = TableRow(cells[:width], fault)
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
        sheets = {name: workbook.get_sheet_by_name(name) for name in _worksheets(workbook)}
    except (calamine.CalamineError, IndexError, OSError) as error:
        raise InvalidRequest(f"it is no workbook that can be read: {error}") from None
    with_names = [name for name, sheet in sheets.items() if _has_names(sheet, options)]
    chosen = options.sheet or (with_names or list(sheets) or names)[0]
    sheet = sheets.get(chosen) or workbook.get_sheet_by_name(chosen)
    rows = ([cell_text(cell) for cell in row] for row in sheet.iter_rows())
    table = _typed_table(rows, options, sheet.height, f"spreadsheet, sheet {chosen!r}")
    if others := [name for name in names if name != chosen]:
        table.notes.append(f"sheets not read: {', '.join(map(repr, others))}; name one with --sheet")
    more = [name for name in with_names if name != chosen]
    if more and options.sheet is None:
        table.has_more = True
        table.notes.append(f"there are names in {', '.join(map(repr, more))} too, which were not screened")
    return table


def _worksheets(workbook: Any) -> list[str]:
    """List the sheets of a workbook that are shown and have cells; all, where none is shown."""
    import python_calamine as calamine

    kinds = {one.name: (one.typ, one.visible) for one in workbook.sheets_metadata}
    sheets = [name for name, (kind, _) in kinds.items() if kind is calamine.SheetTypeEnum.WorkSheet]
    return [name for name in sheets if kinds[name][1] is calamine.SheetVisibleEnum.Visible] or sheets


def _has_names(sheet: Any, options: ReadOptions) -> bool:
    """Say whether one of the first rows of a sheet has the headers; without headers, whether there is a row."""
    rows = islice(sheet.iter_rows(), MOST_LINES_OF_A_TITLE)
    if not options.has_header:
        return any(True for _ in rows)
    return any(options.is_header([cell_text(cell) for cell in row]) for row in rows)


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
    body = _of_width(map(TableRow, rows), len(names))
    return Table(names, _without_trailing_blanks(body), parquet.metadata.num_rows, "Parquet")


def _typed_table(rows: Iterable[list[str]], options: ReadOptions, total: int, description: str) -> Table:
    """Make a table of the rows of a sheet; its headers are found as those of a CSV text are."""
    rows = dropwhile(lambda row: not any(map(str.strip, row)), rows)
    beginning = list(islice(rows, MOST_LINES_OF_A_TITLE))
    if not beginning:
        raise InvalidRequest("it has no names: it is empty")
    title: list[list[str]] = []
    if options.has_header:
        place = next((place for place, row in enumerate(beginning) if options.is_header(row)), 0)
        title, first, beginning = beginning[:place], beginning[place], beginning[place + 1 :]
        header = [cell.strip() for cell in first]
    else:
        header = [f"column {number}" for number in range(1, len(beginning[0]) + 1)]
    body = map(TableRow, chain(beginning, rows))
    table = Table(
        header, _without_trailing_blanks(_of_width(body, len(header))), max(total - options.has_header, 0), description
    )
    _note_title(table, (" ".join(filter(None, row)) for row in title))
    return table
