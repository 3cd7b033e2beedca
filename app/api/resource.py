"""Resources: what one kind of record is selected from, sorted by, rendered as and sent in."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, create_model
from sqlalchemy import ColumnElement, FromClause, Join, func, select
from sqlalchemy.sql.util import find_tables
from sqlmodel import col

from app.api.citations import Work
from app.api.envelope import CITE_AS, DatasetPart, Envelope
from app.api.filters import Column, in_force
from app.api.flat import TableColumn, columns_of
from app.api.formats import COLLECTION, Format
from app.api.items import ItemForm
from app.api.query_models import PageQuery
from app.database import AsBytes, OpenDataset
from app.fields.dates import FIRST_DAY, LAST_DAY, parse_day
from app.publishing.batch_reader import BatchReader
from app.publishing.rendering import LAST_MEMBERS, Record, RenderedRecord
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


Item = TypeVar("Item", bound=BaseModel)


class FacetCount(BaseModel):
    """How many records have a value."""

    value: str | int | bool = Field(description="The value, as the filter takes it.")
    count: int = Field(description="How many of the records that match have it.")


class Page(BaseModel, Generic[Item]):
    """A page of a collection."""

    model_config = ConfigDict(defer_build=True)

    total: int = Field(description="How many records match the question, on all pages together.")
    items: list[Item] = Field(description="The records of this page.")
    next: str | None = Field(description="Absolute URL of the next page; null on the last, and only there.")
    as_of: date = Field(description="The day that the answer is true of.")
    dataset: DatasetPart = Field(description="The dataset that answered.")
    cite_as: str = Field(description=CITE_AS)
    facets: dict[str, list[FacetCount]] = Field(
        default_factory=dict, description="How many of all that match have which value, where `facets` asks for it."
    )


@dataclass(frozen=True)
class FlatTable:
    """A table that CSV is sent as.

    Attributes:
        title: what it holds.
        columns: its columns.
    """

    title: str
    columns: tuple[TableColumn, ...]


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
        subject: the column of the subject of a record, where the filter ``listed`` asks about its subject.
        listed_count: counts its subjects that are listed on a day, from counts made at publish; None for a resource
            whose records are no subjects of listings.
        reproducible: whether its records are the same wherever the same version of the dataset was published.
        form: the short form of its records as items of the collection; None where an item is the whole record.
        facets: the filters whose values can be counted, each an ``Equals``.
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
    formats: tuple[Format, ...] = COLLECTION
    citation: Callable[[Mapping[str, Any], Envelope], Work] | None = None
    subject: Column | None = None
    listed_count: Callable[[OpenDataset, date], int] | None = None
    reproducible: bool = True
    form: ItemForm | None = None
    facets: tuple[str, ...] = ()

    @cached_property
    def items(self) -> ItemForm:
        """The form of its items; without one of its own, an item is the whole record."""
        return self.form or ItemForm(tuple(name for name in self.model.model_fields if name not in LAST_MEMBERS))

    def item(self, record: str) -> str:
        """Encode the item of a rendered record."""
        return self.form.item(record) if self.form else record

    @cached_property
    def columns(self) -> tuple[TableColumn, ...]:
        """The columns of its flat table, those of its items first."""
        return columns_of(self.model, self.items.members)

    @property
    def table(self) -> str:
        """The name of its flat table."""
        return self.path.replace("/", "-")

    def tables_of(self, *expressions: ColumnElement[Any]) -> Any:
        """Return its own table, joined to another where an expression needs that, to count its records.

        Each record has one row of the joined table, which is found by a reference: to join it changes no count.

        Args:
            expressions: what is selected, and on what conditions.
        """
        if not isinstance(self.tables, Join):
            return self.tables
        named = find_tables(select(*expressions), check_columns=True)
        is_needed = self.tables.right.description in {one.description for one in named if one is not None}
        return self.tables if is_needed else self.tables.left

    def page_model(self) -> Any:
        """Build the answer model of a page."""
        name = re.sub("(Record|Answer)$", "", self.model.__name__)
        item: Any = self.items.model(self.model, f"{name}Item") if self.form else self.model
        return create_model(f"{name}Page", __base__=Page[item])


RECORD = AsBytes(col(Rendering.record)).label("record")
"""A rendered record as bytes."""

ITEM = AsBytes(col(Rendering.item)).label("record")
"""A rendered item as bytes."""


def valid_on(day: Any) -> ColumnElement[bool]:
    """Return the condition that a rendering is valid on a day."""
    return in_force(Rendering.from_on, Rendering.until_on, day)
