"""Flat tables: one row a record, one value a cell, for spreadsheets and data frames.

The columns follow from the answer model of a record, so that every collection has a table, and every member of a record
is in it:

* a text, a number, a day, true or false: one column of its name;
* a partly known date: ``born_on`` (EDTF), ``born_on_earliest`` and ``born_on_latest``;
* a country: ``flag`` (ISO 3166-1 alpha-2 code) and ``flag_name``;
* another record: ``subject`` (its id) and ``subject_name``; of an act also its day, ``listed_by_on``;
* any other object: a column for each of its members, ``status_since``;
* a list: one column, its values joined by ``; `` in the order of the record: an act as number and day, a name as the
  name, a citation as the key of its source, in the column ``sources``.

Where a cell of text could be run as a formula, `app.fields.text.escape_formula` guards it as it is written.
"""

import json
import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum, StrEnum
from functools import cache, partial
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from app.publishing.rendering import LAST_MEMBERS, ActReference, CountryPart, Part, PartlyKnownDate, Record, Reference

SEPARATOR = "; "
"""What is between the values of a list in a cell."""

Cell = str | int | float | bool | None
"""The value of a cell; a day is a text of the form YYYY-MM-DD, and what is not known is None."""


class ColumnType(StrEnum):
    """The type of a column, named as in Table Schema (Frictionless Data)."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"


@dataclass(frozen=True)
class TableColumn:
    """A column of a flat table.

    Attributes:
        name: its name.
        type: its type.
        description: what it holds.
        member: the member of the record that it is made from: `fields` chooses columns by it.
        take: returns its cell, given the record.
    """

    name: str
    type: ColumnType
    description: str
    member: str
    take: Callable[[Mapping[str, Any]], Cell]


@cache
def columns_of(model: type[BaseModel], first: tuple[str, ...] = ()) -> tuple[TableColumn, ...]:
    """Build the columns of the flat table of an answer model.

    Args:
        model: the answer model of a record.
        first: members whose columns come first, in this order; the others follow in the order of the model, those
            that every record ends with (what is not known, sources, address) last.
    """
    fields = model.model_fields
    last = [name for name in LAST_MEMBERS if issubclass(model, Record) and name in fields]
    head = [name for name in first if name not in last]
    order = [*head, *(name for name in fields if name not in {*head, *last}), *last]
    return tuple(
        column for name in order for column in _columns(_Place((name,)), fields[name].annotation, fields[name])
    )


def columns_from(columns: Sequence[TableColumn], members: Iterable[str]) -> list[TableColumn]:
    """Select the columns that are made from some members of a record, in the order of the members."""
    return [column for name in members for column in columns if column.member == name]


def rows_of(columns: Sequence[TableColumn], records: Iterable[bytes]) -> Iterator[list[Cell]]:
    """Yield the row of each record.

    Args:
        columns: the columns.
        records: the records, rendered as JSON.
    """
    for record in records:
        values = json.loads(record)
        yield [column.take(values) for column in columns]


def cell_text(value: Cell) -> str:
    """Write the value of a cell as text: true and false in small letters, what is not known as an empty text."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True)
class _Place:
    """A place within a record: the names of the members that lead to it."""

    path: tuple[str, ...]

    def within(self, name: str) -> "_Place":
        return _Place((*self.path, name))

    @property
    def column(self) -> str:
        """The name of its column: the members joined by ``_``; a member of the same name as its owner adds nothing."""
        names: list[str] = []
        for name in self.path:
            if name not in names[-1:]:
                names.append(name)
        return "_".join(names)

    def value(self, record: Mapping[str, Any]) -> Any:
        value: Any = record
        for name in self.path:
            if value is None:
                return None
            value = value[name]
        return value


def _columns(place: _Place, annotation: Any, info: Any) -> Iterator[TableColumn]:
    kind, about = _bare(annotation), info.description or ""
    if get_origin(kind) is list:
        (inner,) = get_args(kind)
        name = "sources" if place.path == ("citations",) else place.column
        described = (
            f"{about} Joined by `{SEPARATOR.strip()}`."
            if name != "sources"
            else ("Keys of the sources that support it, joined by `;`: /sources/KEY says where to find each.")
        )
        yield _column(place, name, ColumnType.STRING, described, partial(_joined, place, _writer_of(inner)))
    elif not _is_part(kind):
        yield _column(place, place.column, _type_of(kind), about, place.value)
    elif issubclass(kind, PartlyKnownDate):
        yield _text(place, "edtf", "", f"{about} In EDTF (ISO 8601-2).")
        yield _day(place, "earliest", "First day that it can mean.")
        yield _day(place, "latest", "Last day that it can mean.")
    elif issubclass(kind, CountryPart):
        yield _text(place, "code", "", f"{about} ISO 3166-1 alpha-2 code.")
        yield _text(place, "name", "_name", f"{about} English name.")
    elif issubclass(kind, Reference):
        yield _text(place, "id", "", f"{about} Its id.")
        yield _text(place, "name", "_name", f"{about} What it is called.")
        if issubclass(kind, ActReference):
            on = place.within("acted_on")
            yield _column(place, f"{place.column}_on", ColumnType.DATE, f"{about} Its day.", on.value)
    else:
        for name, inner_info in kind.model_fields.items():
            yield from _columns(place.within(name), inner_info.annotation, inner_info)


def _column(
    place: _Place, name: str, kind: ColumnType, about: str, take: Callable[[Mapping[str, Any]], Cell]
) -> TableColumn:
    return TableColumn(name, kind, about, place.path[0], take)


def _text(place: _Place, member: str, ending: str, about: str) -> TableColumn:
    return _column(place, place.column + ending, ColumnType.STRING, about, place.within(member).value)


def _day(place: _Place, member: str, about: str) -> TableColumn:
    inner = place.within(member)
    return _column(place, f"{place.column}_{member}", ColumnType.DATE, about, inner.value)


def _joined(place: _Place, write: Callable[[Any], str], record: Mapping[str, Any]) -> str | None:
    values = place.value(record)
    if values is None:
        return None
    texts = map(write, values)
    return SEPARATOR.join(dict.fromkeys(texts) if place.path == ("citations",) else texts)


@cache
def _writer_of(annotation: Any) -> Callable[[Any], str]:
    """Build the function that writes a value of a list as text.

    Of an object it writes the members that its model names in ``CELL``, with blanks between them; which of several
    models an object has is known by its members.
    """
    kind = _bare(annotation)
    if get_origin(kind) is list:
        write = _writer_of(get_args(kind)[0])
        return lambda values: "" if values is None else ", ".join(map(write, values))
    by_members = {frozenset(model.model_fields): _writer_of_part(model) for model in _parts_of(kind)}
    if not by_members:
        return cell_text
    if len(by_members) == 1:
        (only,) = by_members.values()
        return lambda value: "" if value is None else only(value)
    return lambda value: "" if value is None else by_members[frozenset(value)](value)


def _writer_of_part(model: type[Part]) -> Callable[[Mapping[str, Any]], str]:
    names = model.CELL or tuple(model.model_fields)
    annotations: dict[str, Any] = {name: model.model_fields[name].annotation for name in names}
    writers = [(name, _writer_of(annotation)) for name, annotation in annotations.items()]
    if len(writers) == 1:
        ((name, write),) = writers
        return lambda value: write(value[name])
    return lambda value: " ".join(filter(None, (write(value[name]) for name, write in writers)))


@cache
def _parts_of(annotation: Any) -> tuple[type[Part], ...]:
    """Return the models that an annotation is or has as options."""
    if _is_part(annotation):
        return (annotation,)
    return tuple(part for one in get_args(annotation) for part in _parts_of(one))


def _is_part(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _bare(annotation: Any) -> Any:
    """Return a type without what is annotated, and without the option None."""
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        options = [option for option in get_args(annotation) if option is not type(None)]
        return _bare(options[0]) if len(options) == 1 else annotation
    return annotation


def _type_of(kind: Any) -> ColumnType:
    if isinstance(kind, type) and not issubclass(kind, Enum):
        for base, name in ((bool, "BOOLEAN"), (int, "INTEGER"), (float, "NUMBER"), (date, "DATE")):
            if issubclass(kind, base):
                return ColumnType[name]
    return ColumnType.STRING


PANDAS_DTYPES: Mapping[ColumnType, str] = {
    ColumnType.STRING: "string",
    ColumnType.INTEGER: "Int64",
    ColumnType.NUMBER: "Float64",
    ColumnType.BOOLEAN: "boolean",
    ColumnType.DATE: "string",
}
"""The type of a column in pandas: texts stay texts, so that an IMO number is never ``9163166.0``."""


def table_schema(name: str, title: str, columns: Sequence[TableColumn]) -> dict[str, Any]:
    """Describe a flat table as a Table Schema (Frictionless Data, version 1).

    Args:
        name: its name.
        title: its title.
        columns: its columns.

    Returns:
        The schema, with the member ``pandas`` besides: the arguments by which ``pandas.read_csv`` keeps every value as
        it is, ``dtype`` among them.
    """
    fields = []
    for column in columns:
        field: dict[str, Any] = {"name": column.name, "type": str(column.type), "description": column.description}
        if column.type == ColumnType.BOOLEAN:
            field |= {"trueValues": ["true"], "falseValues": ["false"]}
        fields.append(field)
    return {
        "name": name,
        "title": title,
        "fields": fields,
        **({"primaryKey": ["id"]} if any(column.name == "id" for column in columns) else {}),
        "missingValues": [""],
        "pandas": {
            "dtype": {column.name: PANDAS_DTYPES[column.type] for column in columns},
            "keep_default_na": False,
            "na_values": [""],
        },
    }
