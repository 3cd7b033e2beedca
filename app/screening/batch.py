"""Rows to be screened, from a file, a CSV body or a JSON body: one normaliser, whatever they came in.

A row is screened by its name and its identifiers. A birth date, State or kind that cannot be read is left out of the
comparison and the row is marked; it never keeps a name from being screened.
"""

import io
import json
import re
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import islice
from typing import Any

from app.matching.query import unsearchable_reason
from app.matching.scripts import unread
from app.matching.segments import repair
from app.problems import InvalidRequest, UnsupportedMediaType
from app.screening.columns import NAME_PARTS, ColumnMap, Role, has_name_column, map_columns
from app.screening.dates import DateOrder, is_zero_date, parse_date
from app.screening.table_reader import Encoding, ReadOptions, cell_text, detect_encoding, read_csv
from app.screening.values import (
    LONGEST_MARKER,
    in_full,
    is_missing,
    is_missing_name,
    is_no_number,
    parse_imo_numbers,
    parse_kind,
    parse_state,
    plain,
    unprotected,
    without_fraction,
    wrong_check_digits,
)
from app.vocabularies import SubjectKind

MOST_QUERIES, MOST_BYTES = 500, 1_000_000
"""How many names one batch may have, and how many bytes."""
LONGEST_NAME = 300
"""Characters of a name that is compared as one; a longer text is read in parts."""
_OVERLAP = 120
"""Characters that two parts of a long text share, so that a name is whole in one of them."""


class Extent(StrEnum):
    """How much of a row was screened."""

    WHOLE = "whole"
    PART = "part"
    NONE = "no"


@dataclass(slots=True)
class BatchRow:
    """One row to be screened, with its values in their normal forms; not frozen, as one is made of every line.

    Attributes:
        given: the cells as they came, in the order of `header`.
        header: the headers of the cells.
        name: the name, with single blanks; None where there is none that can be compared.
        birth_date: in EDTF; None where it is not known.
        nationality: ISO 3166-1 alpha-2 code; None where it is not known.
        kind: the kinds of subject that it can be; none for any.
        identifiers: IMO number and document numbers.
        exclude: digests of what was compared of subjects that were cleared for this row before.
        faults: what of the row could not be read, each with the role of its column.
    """

    given: tuple[Any, ...]
    header: tuple[str, ...]
    name: str | None
    birth_date: str | None = None
    nationality: str | None = None
    kind: tuple[SubjectKind, ...] = ()
    identifiers: tuple[str, ...] = ()
    exclude: frozenset[str] = frozenset()
    faults: tuple[str, ...] = ()

    @property
    def extent(self) -> Extent:
        """How much of the row can be screened."""
        if self.name is None and not self.identifiers:
            return Extent.NONE
        return Extent.PART if self.faults else Extent.WHOLE

    @property
    def error(self) -> str | None:
        """The faults in one line; None where there are none."""
        return "; ".join(self.faults) or None

    def name_parts(self) -> list[str]:
        """Split the name into parts that are each compared as one; a usual name is one part."""
        return split_long(self.name) if self.name else []

    def query_text(self) -> str:
        """Write what was screened in one line: the name, and in brackets whatever else was compared.

        The same query is the same text in every run; it is the key of what was cleared.
        """
        details = [f"born {self.birth_date}"] if self.birth_date else []
        if self.nationality:
            details.append(f"State {self.nationality}")
        if self.kind:
            details.append("kind " + "/".join(self.kind))
        if self.identifiers:
            details.append("number " + ", ".join(self.identifiers))
        return (self.name or "") + (f" [{'; '.join(details)}]" if details else "")


def split_long(name: str) -> list[str]:
    """Split a text that is longer than a name at blanks, into parts that overlap, so that no name is cut in all."""
    if len(name) <= LONGEST_NAME:
        return [name]
    parts, start = [], 0
    while len(name) - start > LONGEST_NAME:
        end = max(name.rfind(blank, start + LONGEST_NAME // 2, start + LONGEST_NAME + 1) for blank in " \n")
        end = end if end > 0 else start + LONGEST_NAME
        parts.append(name[start:end].strip())
        back = name.find(" ", end - _OVERLAP, end)
        start = back + 1 if back >= 0 else end - _OVERLAP
    return [*parts, name[start:].strip()]


_USUAL_NAME = re.compile(r"(?=.*(?:[A-Za-z]{2}|[가-힣]))[ -~\u00c0-\u017f가-힣’]+")
"""A name with two letters that is no number, and whose letters are all compared: it needs no further checks."""
_LINE_BREAK = re.compile("[\n\r\t\v\f\u2028\u2029]+")
"""Line breaks and tabulators, between which a cell or a field of a message has a name a line."""
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def normalize_row(
    columns: ColumnMap,
    values: Mapping[Role, Sequence[str]],
    given: Sequence[Any],
    fault: str | None = None,
    dates: DateOrder | None = None,
) -> BatchRow:
    """Read the values of a row; those that cannot be read are named in its faults.

    Args:
        columns: the roles of the columns.
        values: the texts of each role that the row has.
        given: the row as it came.
        fault: what is wrong with how the row is written, or None.
        dates: the order of day and month in dates that can be read as two days; None for the one that the header
            of the birth date names, if any.
    """
    faults = [fault] if fault else []
    name = _name(values, faults)
    birth_date = nationality = None
    kind: tuple[SubjectKind, ...] = ()
    known: tuple[str, ...] = ()
    exclude: frozenset[str] = frozenset()
    if any(values.get(Role.BIRTH_DATE, ())):
        birth_date = _detail(values[Role.BIRTH_DATE], Role.BIRTH_DATE, dates or columns.date_order, faults)
    if any(values.get(Role.NATIONALITY, ())):
        nationality = _detail(values[Role.NATIONALITY], Role.NATIONALITY, dates, faults)
    if any(values.get(Role.KIND, ())):
        kind = _detail(values[Role.KIND], Role.KIND, dates, faults) or ()
    if Role.IMO_NUMBER in values or Role.DOCUMENT_NUMBER in values:
        known = tuple(dict.fromkeys(_identifiers(values, faults)))
    if name is None and known:
        faults = [f"{one}; screened by its number alone" if one.startswith("name: ") else one for one in faults]
    if Role.EXCLUDE in values:
        exclude = frozenset(" ".join(values[Role.EXCLUDE]).replace(",", " ").replace(";", " ").split())
    return BatchRow(tuple(given), columns.header, name, birth_date, nationality, kind, known, exclude, tuple(faults))


def _name(values: Mapping[Role, Sequence[str]], faults: list[str]) -> str | None:
    """Read the name, and the other names each as a line; add to `faults` what is wrong with it."""
    if Role.FAMILY_NAME in values or Role.GIVEN_NAME in values:
        text = _joined_name(values, faults)
    else:
        text = " ".join(values.get(Role.NAME, ()))
        if Role.MIDDLE_NAME in values:
            text = " ".join([text, *_without_missing(values[Role.MIDDLE_NAME])])
    name = _clean_name(text, faults)
    if Role.OTHER_NAME not in values:
        return name
    others = [one for one in _without_missing(values[Role.OTHER_NAME]) if one.strip() != text.strip()]
    if not others:
        return name
    if name is None:
        faults[-1] += "; screened by its other names"
    lines = [name, *(_clean_name(other, faults) for other in others)]
    return "\n".join(filter(None, lines)) or None


def _without_missing(texts: Iterable[str]) -> list[str]:
    return [text for text in texts if not is_missing_name(text)]


def _usual_name(text: str) -> str | None:
    """Read a name in which nothing is unusual; None for any other text."""
    if not _USUAL_NAME.fullmatch(text) or text[0] == "=":
        return None
    name = " ".join(text.split())
    if len(name) <= LONGEST_MARKER and is_missing_name(text):
        return None
    return name if name.isascii() or not _GARBLED.search(name) else None


def _clean_name(text: str, faults: list[str]) -> str | None:
    """Read one name; None where there is nothing in it to be compared, which is added to `faults`."""
    if (name := _usual_name(text)) is not None:
        return name
    text = unprotected(text) if text[:1] == "=" else text
    clean = _CONTROL.sub(" ", text)
    if clean != text:
        faults.append("name: it has control characters; screened without them")
    # A line may be a name of its own, or a part of one.
    lines = (" ".join(line.split()) for line in _LINE_BREAK.split(clean))
    clean = without_fraction("\n".join(filter(None, lines)))
    if not clean:
        faults.append("name: it is empty")
        return None
    with suppress(ValueError):
        clean = in_full(clean)
    if is_missing_name(clean):
        if unsearchable_reason(clean):
            faults.append(f"name: {clean!r} marks a missing value")
            return None
        faults.append(f"name: {clean!r} usually marks a missing value; screened as it is written")
    if reason := unsearchable_reason(clean):
        faults.append(f"name: {reason}")
        return None
    repaired = repair(clean)
    if garbled := _GARBLED.search(repaired):
        faults.append(f"name: {garbled[0]!r} comes of a text in another encoding; screened as it is written")
    faults += [f"name: {part!r} is in a script that is not read, and was not compared" for part in unread(repaired)]
    return clean


_GARBLED = re.compile(
    "\ufffd|[\u00a1-\u00ff\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u2020-\u2022\u2030\u2039\u203a]{3,}"
)
"""Characters that were lost, or three together of those that bytes beyond ASCII are in CP1252: no names have such."""


def _joined_name(values: Mapping[Role, Sequence[str]], faults: list[str]) -> str:
    """Join the columns that the name is made of, the family name first.

    Where a table has a column Name and only one of given and family name, Name is the other one, unless it has both. A
    Name that is another one than given and family name together, as of a company, is a line of its own. A part that
    usually marks a missing value can be a name (Null, Na, None): both readings are lines of the name.
    """
    roles = (Role.NAME, Role.FAMILY_NAME, Role.GIVEN_NAME)
    name, family, given = (" ".join(values.get(role, ())) for role in roles)
    known = [one for one in (family, given) if one.strip() and not is_missing_name(one)]
    middle = _without_missing(values.get(Role.MIDDLE_NAME, ()))
    if name.strip() and not is_missing_name(name):
        present = name.casefold().split()
        if all(word in present for one in (*known, *middle) for word in one.casefold().split()):
            return name
        if len(known) != 1 or known[0].casefold().split()[0] in present:
            return "\n".join([name, " ".join([*known, *middle])])
        return " ".join([*known, name, *middle] if known[0] is family else [name, *known, *middle])
    marked = [one for one in (family, given) if one.strip() and is_missing_name(one)]
    faults += [
        f"name: {one.strip()!r} usually marks a missing value; screened without it{' and with it' * one.isalpha()}"
        for one in marked
    ]
    text = " ".join([*known, *middle]) or name
    spoken = [one for one in marked if one.isalpha()]
    return "\n".join([" ".join([*spoken, text]), text]) if spoken and known else text


def _detail(texts: Sequence[str], role: Role, dates: DateOrder | None, faults: list[str]) -> Any:
    """Parse the one value of a role; None where it is missing or, which is added to `faults`, cannot be read.

    Args:
        texts: the texts of the role.
        role: the role.
        dates: the order of day and month in dates that can be read as two days.
        faults: where to say so.
    """
    value, error = _parsed(" ".join(" ".join(texts).split()), role, dates)
    if error is not None:
        faults.append(f"{role}: {error}; not compared")
    return value


_NUMBERS = (Role.IMO_NUMBER, Role.DOCUMENT_NUMBER)
"""Roles of identifiers."""


def _identifiers(values: Mapping[Role, Sequence[str]], faults: list[str]) -> Iterator[str]:
    """Parse IMO numbers and numbers of documents; what is none of these is compared as it is written, and a fault."""
    for role in _NUMBERS:
        for text in values.get(role, ()):
            numbers, error = _parsed(" ".join(text.split()), role, None)
            if error is not None:
                faults.append(f"{role}: {error}; compared as it is written")
                numbers = (plain(text)[:LONGEST_NAME],)
            elif role is Role.IMO_NUMBER and numbers and (error := wrong_check_digits(numbers)):
                faults.append(f"{role}: {error}; compared as it is written")
            yield from numbers or ()


@lru_cache(maxsize=16384)
def _parsed(text: str, role: Role, dates: DateOrder | None) -> tuple[Any, str | None]:
    """Parse the value of a role, as it comes again and again in a file: the value, and why it cannot be read."""
    text = plain(text)
    if is_missing(text) or (role is Role.BIRTH_DATE and is_zero_date(text)):
        return None, None
    if role in _NUMBERS and is_no_number(text):
        return None, None
    try:
        return (parse_date(text, dates) if role is Role.BIRTH_DATE else _PARSERS[role](text)), None
    except (ValueError, OverflowError) as error:
        return None, str(error)


def _document_numbers(text: str) -> tuple[str, ...]:
    number = in_full(without_fraction(text))
    if not any(map(str.isdigit, number)):
        raise ValueError(f"{text!r} is no number of a document: it has no digit")
    return (number[:LONGEST_NAME],)


_PARSERS: Mapping[Role, Callable[[str], Any]] = {
    Role.NATIONALITY: parse_state,
    Role.KIND: parse_kind,
    Role.IMO_NUMBER: parse_imo_numbers,
    Role.DOCUMENT_NUMBER: _document_numbers,
}


@dataclass(frozen=True)
class Batch:
    """The rows of a body, its size checked; each is read when its turn comes.

    Attributes:
        columns: the columns: of CSV those of the body; of JSON the members of all of its objects, with the first that
            has names.
        length: how many rows there are.
        rows: the rows, to be read once.
    """

    columns: ColumnMap
    length: int
    rows: Iterator[BatchRow]


Steps = Generator[None, None, "Batch"]
"""Reads a batch in steps of at most a few milliseconds and returns it: others can be answered between two."""


def read_batch(content_type: str, body: bytes, dates: DateOrder | None = None) -> Batch:
    """Read a batch as it was sent; arguments and errors are those of `batch_steps`."""
    steps = batch_steps(content_type, body, dates)
    while True:
        try:
            next(steps)
        except StopIteration as done:
            batch: Batch = done.value
            return batch


def batch_steps(content_type: str, body: bytes, dates: DateOrder | None = None) -> Steps:
    """Read a batch as it was sent, step by step.

    Args:
        content_type: what the header says that it is: application/json or text/csv, with a charset or without.
        body: the batch. JSON is UTF-8 (RFC 8259); CSV is in the charset, or its encoding is recognised.
        dates: the order of day and month in dates that can be read as two days.

    Raises:
        UnsupportedMediaType: it is neither.
        InvalidRequest: it is no JSON array or no CSV with a column of names, is in another encoding than it says, empty
            or too long, or has a member or a line that is too long.
    """
    media_type, _, parameters = content_type.partition(";")
    media_type = media_type.strip().lower()
    if media_type not in ("application/json", "text/csv"):
        raise UnsupportedMediaType(f"{content_type!r} is not read here; application/json and text/csv are.")
    charset = re.search(r'charset\s*=\s*"?([^\s";]+)', parameters, re.IGNORECASE)
    if media_type == "application/json":
        return (yield from _json_steps(_decoded(body, "utf-8-sig"), dates))
    found = Encoding(charset[1], 0) if charset else detect_encoding([body])
    yield
    text = _decoded(body, found.name, found.errors)
    yield
    return read_csv_batch(text, dates)


def _decoded(body: bytes, encoding: str, errors: str = "strict") -> str:
    try:
        return body.decode("utf-8-sig" if encoding.lower().replace("_", "-") in ("utf-8", "utf8") else encoding, errors)
    except UnicodeDecodeError as error:
        named = encoding.removesuffix("-sig").upper()
        raise _refused(f"it is not {named}: {error.reason} at byte {error.start}") from None
    except (LookupError, ValueError):
        raise _refused(f"there is no encoding {encoding!r}") from None


def read_json(text: str, dates: DateOrder | None = None) -> Batch:
    """Read a batch from a JSON array of objects, or of names.

    Raises:
        InvalidRequest: it is no JSON array, is empty or has too many members or one that is too long.
    """
    return read_batch("application/json", text.encode("utf-8", "surrogatepass"), dates)


def _json_steps(text: str, dates: DateOrder | None) -> Steps:
    members: list[Any] = []
    try:
        for member in _json_members(text):
            members.append(_as_object(member))
            if len(members) > MOST_QUERIES:
                raise _too_many()
            yield
    except (ValueError, RecursionError) as error:
        raise _refused(f"it is not JSON: {error}") from None
    _check_length(len(members))
    header = tuple(dict.fromkeys(name for member in members if isinstance(member, dict) for name in member))
    maps: dict[tuple[str, ...], ColumnMap] = {}
    rows = (_read_member(member, maps, dates) for member in members)
    named = next((place for place, text in enumerate(header) if has_name_column([text])), None)
    return Batch(ColumnMap(header, {} if named is None else {Role.NAME: (named,)}), len(members), rows)


def _json_members(text: str) -> Iterator[Any]:
    """Parse the members of a JSON array one by one.

    Raises:
        ValueError: it is not JSON.
        InvalidRequest: it is no array, or has a member that is too long.
    """
    place = _after_blanks(text, 0)
    if text[place : place + 1] != "[":
        _json_value(text, place)
        raise _refused("it is not a JSON array")
    place = _after_blanks(text, place + 1)
    closing = place if text[place : place + 1] == "]" else -1
    while closing < 0:
        member, place = _json_value(text, place)
        yield member
        place = _after_blanks(text, place)
        if text[place : place + 1] == "]":
            closing = place
        elif text[place : place + 1] == ",":
            place = _after_blanks(text, place + 1)
        else:
            raise json.JSONDecodeError("Expecting ',' delimiter", text, place)
    if (place := _after_blanks(text, closing + 1)) < len(text):
        raise json.JSONDecodeError("Extra data", text, place)


def _json_value(text: str, place: int) -> tuple[Any, int]:
    """Parse the JSON value that begins at a place; return it and the place behind it."""
    part = text[place : place + LONGEST_ROW]
    is_cut = place + LONGEST_ROW < len(text)
    try:
        value, length = _DECODER.raw_decode(part)
    except json.JSONDecodeError as error:
        if is_cut and (error.pos >= len(part) - 6 or error.msg.startswith("Unterminated")):
            raise _refused(f"it has a member of more than {LONGEST_ROW} characters") from None
        raise json.JSONDecodeError(error.msg, text, place + error.pos) from None
    if "\\u" in part[:length]:
        # A half of a surrogate pair has no encoding; it becomes a question mark.
        value = json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
    return value, place + length


def _after_blanks(text: str, place: int) -> int:
    found = _BLANKS.match(text, place)
    return found.end() if found else place


class _Repeated(list[Any]):
    """The values of a member of a JSON object that is there more than once."""


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Make a JSON object of its members; none is lost where two are called alike (RFC 8259, section 4)."""
    members = dict(pairs)
    if len(members) < len(pairs):
        for name in members:
            values = [value for one, value in pairs if one == name]
            members[name] = values[0] if len(values) == 1 else _Repeated(values)
    return members


_DECODER = json.JSONDecoder(object_pairs_hook=_object)
_BLANKS = re.compile(r"[ \t\n\r]*")
LONGEST_ROW = 20_000
"""Characters of the longest member of a JSON batch, or line of a CSV batch."""
MOST_HEADERS = 1000
"""Columns of the widest CSV batch."""


def _has_long_line(text: str) -> bool:
    """Decide whether a line is longer than a row may be, looking at each ``LONGEST_ROW`` characters once."""
    start = 0
    while len(text) - start > LONGEST_ROW:
        end = start + LONGEST_ROW + 1
        line_end = max(text.rfind("\n", start, end), text.rfind("\r", start, end))
        if line_end < 0:
            return True
        start = line_end + 1
    return False


def _as_object(member: Any) -> Any:
    """Make an object of a name alone; null is a name that is missing.

    An entity of FollowTheMoney has its values in a member ``properties``: those are taken for members.
    """
    if member is None:
        return {"name": ""}
    if isinstance(member, dict) and isinstance(properties := member.get("properties"), dict):
        return {name: value for name, value in member.items() if name != "properties"} | properties
    return {"name": member} if isinstance(member, str | int | float) and not isinstance(member, bool) else member


def _read_member(member: Any, maps: dict[tuple[str, ...], ColumnMap], dates: DateOrder | None) -> BatchRow:
    if isinstance(member, list) and (texts := list(_scalars(member))):
        return normalize_row(
            ColumnMap(("value",), {}),
            {Role.NAME: ["\n".join(texts)]},
            (member,),
            "it is a list and no object; all of its texts are screened as names",
        )
    if not isinstance(member, dict):
        return BatchRow((member,), ("value",), None, faults=("it is neither an object nor a name",))
    header = tuple(member)
    try:
        if header not in maps:
            maps[header] = map_columns(header)
    except InvalidRequest as problem:
        return BatchRow(tuple(member.values()), header, None, faults=(problem.errors[0].message,))
    columns, given = maps[header], tuple(member.values())
    faults: list[str] = []
    values = {role: _texts(given, role, places, faults) for role, places in columns.roles.items()}
    return normalize_row(columns, values, given, "; ".join(faults) or None, dates)


def _texts(given: Sequence[Any], role: Role, places: Sequence[int], faults: list[str]) -> list[str]:
    """Write the JSON values of a role as texts, a list as one cell with several values; an object is a fault."""
    between = "\n" if role in (Role.NAME, Role.OTHER_NAME) else " " if role in NAME_PARTS else "; "
    found: list[str] = []
    for place in places:
        value = given[place]
        if isinstance(value, _Repeated):
            faults.append(f"{role}: it is there {len(value)} times")
        if isinstance(value, dict) or (isinstance(value, list) and any(isinstance(one, dict | list) for one in value)):
            if role not in NAME_PARTS:
                faults.append(f"{role}: it is not one text; not compared")
                continue
            faults.append(f"{role}: it is not one text; all of its texts are screened")
        texts = list(_scalars(value))
        found += texts if role in _NUMBERS else [between.join(texts)]
    return found


def _scalars(value: Any) -> Iterator[str]:
    """Write the texts and numbers in a JSON value, however deep, as texts."""
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _scalars(one)
    elif value is not None:
        yield cell_text(value)


def read_csv_batch(text: str, dates: DateOrder | None = None) -> Batch:
    """Read a batch from CSV with a header.

    Raises:
        InvalidRequest: it has no column of names, is empty or has too many rows.
    """
    if _has_long_line(text):
        raise _refused(f"it has a line of more than {LONGEST_ROW} characters")
    table = read_csv(io.StringIO(text, newline=None), ReadOptions(has_title=False))
    if len(table.header) > MOST_HEADERS:
        raise _refused(f"it has {len(table.header)} columns; there may be {MOST_HEADERS}")
    columns = map_columns(table.header)
    rows = list(islice(table.rows, MOST_QUERIES + 1))
    if len(rows) > MOST_QUERIES:
        raise _too_many()
    _check_length(len(rows))
    reader = RowReader(columns, dates)
    return Batch(columns, len(rows), (reader.read(row.cells, row.fault) for row in rows))


def read_cells(
    columns: ColumnMap, cells: Sequence[str], fault: str | None = None, dates: DateOrder | None = None
) -> BatchRow:
    """Read a row of a table from its cells."""
    if not cells:
        return BatchRow(("",) * len(columns.header), columns.header, None, faults=("the line is empty",))
    values = {role: [cells[place] for place in places] for role, places in columns.roles.items()}
    if len(cells) > len(columns.header):
        # Which cell is in which column is not known, as where a comma in a name is not in quotation marks.
        values = {role: texts for role, texts in values.items() if role not in _DETAILS}
        values[Role.OTHER_NAME] = [*values.get(Role.OTHER_NAME, ()), ", ".join(filter(str.strip, cells))]
        fault = f"{fault}; all of the line is screened as names, without details"
    return normalize_row(columns, values, cells, fault, dates)


_DETAILS = frozenset({Role.BIRTH_DATE, Role.NATIONALITY, Role.KIND})
"""Roles of what is compared beside a name."""


class RowReader:
    """Reads the rows of a table, each as `read_cells` does; most are quick to read, as nothing in them is unusual.

    Args:
        columns: the roles of the columns.
        dates: the order of day and month in dates that can be read as two days.
    """

    def __init__(self, columns: ColumnMap, dates: DateOrder | None = None) -> None:
        self._columns, self._dates = columns, dates or columns.date_order
        places = {role: found[0] for role, found in columns.roles.items() if len(found) == 1}
        self._is_usual = Role.NAME in places and places.keys() == columns.roles.keys() <= _USUAL_ROLES
        self._name = places.get(Role.NAME, 0)
        details = (Role.BIRTH_DATE, Role.NATIONALITY, Role.KIND)
        self._details: list[tuple[Role, int | None, dict[str, Any]]] = [
            (role, places.get(role), {"": None}) for role in details
        ]

    def read(self, cells: Sequence[str], fault: str | None = None) -> BatchRow:
        """Read a row from its cells.

        Args:
            cells: as many as there are columns, or none.
            fault: what is wrong with how the row is written, or None.
        """
        if self._is_usual and cells and not fault:
            name = _usual_name(cells[self._name])
            if name is not None:
                details = [
                    None if place is None else known.get(cells[place], _NEW) for _, place, known in self._details
                ]
                if _NEW in details:
                    details = [self._detail(cells, *about) for about in self._details]
                if _UNREAD not in details:
                    birth_date, nationality, kind = details
                    return BatchRow(tuple(cells), self._columns.header, name, birth_date, nationality, kind or ())
        return read_cells(self._columns, cells, fault, self._dates)

    def _detail(self, cells: Sequence[str], role: Role, place: int | None, known: dict[str, Any]) -> Any:
        """Parse a value and remember it, as values come again; `_UNREAD` where it cannot be read."""
        if place is None:
            return None
        if len(known) >= _MOST_VALUES:
            known.clear()
        text = cells[place]
        value, error = _parsed(" ".join(text.split()), role, self._dates)
        known[text] = value if error is None else _UNREAD
        return known[text]


_USUAL_ROLES = frozenset({Role.NAME, Role.BIRTH_DATE, Role.NATIONALITY, Role.KIND})
_MOST_VALUES = 16384
"""Values of a role that are kept; then all are forgotten."""
_NEW, _UNREAD = object(), object()
"""Marks of a value that was not parsed yet, and of one that cannot be read."""


def _check_length(length: int) -> None:
    if not 0 < length <= MOST_QUERIES:
        raise _refused(f"it has {length} names; there may be from 1 to {MOST_QUERIES}")


def _too_many() -> InvalidRequest:
    return _refused(f"it has more than {MOST_QUERIES} names; there may be from 1 to {MOST_QUERIES}")


def _refused(message: str) -> InvalidRequest:
    return InvalidRequest.of("body", message, "body")
