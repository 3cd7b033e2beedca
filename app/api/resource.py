"""Resources: what one kind of record is selected from, sorted by, rendered as and sent in."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from pydantic import BaseModel
from sqlalchemy import ColumnElement, FromClause, func
from sqlmodel import col

from app.api.citations import Work
from app.api.envelope import Envelope
from app.api.filters import Column, in_force
from app.api.formats import DATA, Format
from app.api.query_models import PageQuery
from app.database import AsBytes, OpenDataset
from app.fields.dates import FIRST_DAY, LAST_DAY, parse_day
from app.publishing.batch_reader import BatchReader
from app.publishing.rendering import Record, RenderedRecord
from app.tables import Rendering


@dataclass(frozen=True)
class SortKey:
    """A key that a collection can be sorted by. Records without a value come last in either order.

    Attributes:
        column: the column; records with the same value are ordered by id.
        unknown: replaces null in ascending and in descending order: above and below every value.
    """

    column: Column
    unknown: tuple[Any, Any]

    def expression(self, descending: bool) -> ColumnElement[Any]:
        """Return the column, with null replaced."""
        column: ColumnElement[Any] = self.column.expression
        return func.coalesce(column, self.unknown[descending], type_=column.type) if self.column.nullable else column

    def read(self, text: str) -> date | int | str:
        """Parse a value of the column from a cursor.

        Raises:
            ValueError: the text is no value of the column's type.
        """
        if isinstance(self.unknown[0], date):
            return parse_day(text)
        if isinstance(self.unknown[0], int):
            if not re.fullmatch(r"-?[0-9]{1,9}", text):
                raise ValueError(f"{text!r} is not a number of the dataset")
            return int(text)
        return text


DAYS = (LAST_DAY, FIRST_DAY)
NUMBERS = (999_999_999, -1)
TEXTS = ("\U0010ffff", "")
"""The values that replace null in columns of days, numbers and texts, in ascending and in descending order."""


@dataclass(frozen=True, eq=False)
class Resource:
    """One kind of record that the API serves.

    Attributes:
        path: its path without the first slash, such as ``vessels``.
        name: the name of one of its records in a message.
        tables: the tables to select from; the first is the resource's own.
        identity: the column of the id.
        model: the answer model of a record.
        query: the query model of the collection.
        sorts: the sort keys; the first is the default.
        render: yields every record for each interval of days on which it reads the same, from the tables.
        title: returns the title of a record in a citation.
        canonical: converts an id from a URL to the form in which it is stored.
        coverage: the kinds in seed/coverage.csv that its records are of, each with the rows that the dataset has of
            it: a table, and conditions on it. Empty for a resource whose records are of all kinds.
        visible_from: the column of the first day of a record, or of texts that begin with that day; on an earlier
            day the collection does not contain it.
        formats: the formats that the collection is offered in.
        citation: returns the work to cite for a record; by default the record as a part of this dataset.
        listed_count: counts its subjects that are listed on a day, from counts made at publish; None for a resource
            whose records are no subjects of listings.
        reproducible: whether its records are the same wherever the same version of the dataset was published.
    """

    path: str
    name: str
    tables: FromClause | Any
    identity: Column
    model: type[Record]
    query: type[PageQuery]
    sorts: Mapping[str, SortKey]
    render: Callable[[BatchReader], Iterator[RenderedRecord]]
    title: Callable[[Mapping[str, Any]], str]
    canonical: Callable[[str], str] = field(default=str)
    coverage: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    visible_from: Column | None = None
    formats: tuple[Format, ...] = DATA
    citation: Callable[[Mapping[str, Any], Envelope], Work] | None = None
    listed_count: Callable[[OpenDataset, date], int] | None = None
    reproducible: bool = True

    @cached_property
    def columns(self) -> list[str]:
        """The columns of the resource as CSV."""
        return list(csv_columns(self.model))


def csv_columns(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Yield the CSV columns of an answer model, in the order of a rendered record.

    A nested object takes several columns, whether it is null or not.
    """
    last = ("not_known", "citations", "url") if issubclass(model, Record) else ()
    fields = model.model_fields
    for name in [*(name for name in fields if name not in last), *last]:
        nested = _nested_model(fields[name].annotation)
        if nested is None:
            yield prefix + name
        else:
            yield from csv_columns(nested, f"{prefix}{name}.")


def _nested_model(annotation: Any) -> type[BaseModel] | None:
    options = getattr(annotation, "__args__", ()) if getattr(annotation, "__origin__", None) is not list else ()
    for option in (annotation, *options):
        if isinstance(option, type) and issubclass(option, BaseModel):
            return option
    return None


RECORD = AsBytes(col(Rendering.record)).label("record")
"""A rendered record as bytes."""


def valid_on(day: Any) -> ColumnElement[bool]:
    """Return the condition that a rendering is valid on a day."""
    return in_force(Rendering.from_on, Rendering.until_on, day)
