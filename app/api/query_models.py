"""Query models of every URL, every record and every collection: the day, the dataset, the format, the page."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, WithJsonSchema, field_validator, model_validator

from app.api.formats import CITATIONS, COLLECTION, DATA, format_field
from app.api.query_types import (
    MOST_VALUES,
    FacetNames,
    FieldNames,
    IncludeNames,
    PageLimit,
    StrictBool,
    parameter_name,
)
from app.fields.dates import PastDay, today
from app.problems import InvalidRequest

DatasetVersion = Annotated[
    str,
    StringConstraints(pattern="^[0-9a-f]{16}$"),
    WithJsonSchema({"type": "string", "format": "dataset-version", "pattern": "^[0-9a-f]{16}$"}),
]
"""A version of the dataset: sixteen hexadecimal digits in small letters."""

Cursor = Annotated[str, WithJsonSchema({"type": "string", "format": "cursor", "pattern": "^[A-Za-z0-9_-]{20,}$"})]
"""An opaque position in a collection."""


class VersionQuery(BaseModel):
    """Query parameters of every URL."""

    # Pydantic builds it at the first request to its path.
    model_config = ConfigDict(defer_build=True)

    DAY: ClassVar[str | None] = None
    """The parameter for the day that the answer is true of; None where the answer is the same on every day."""

    dataset: DatasetVersion | None = Field(
        default=None,
        description=(
            "Version of the dataset to answer from: what this record knew then, not what the list said. "
            "`/dataset/versions` lists those that are kept; any other is a 410. Not given: the current one."
        ),
    )

    @field_validator("*")
    @classmethod
    def sort_and_deduplicate(cls, value: Any) -> Any:
        """Sort and deduplicate the values of a repeated parameter, so that every order of them is one question."""
        if not isinstance(value, list):
            return value
        if len(value) > MOST_VALUES:
            raise ValueError(f"given {len(value)} times; it can be given {MOST_VALUES} times")
        return sorted(set(value))

    def day(self) -> date:
        """Return the day that the answer is true of."""
        return today()

    def is_pinned(self) -> bool:
        """Say whether both day and dataset are given: then the answer to the URL is immutable."""
        if "dataset" not in self.model_fields_set:
            return False
        given = [parameter_name(field, type(self).model_fields[field]) for field in self.model_fields_set]
        return self.DAY in given


class DayQuery(VersionQuery):
    """Query parameters of every URL whose answer depends on the day."""

    DAY = "as_of"

    as_of: PastDay | None = Field(
        default=None,
        description="The day that the answer is true of, YYYY-MM-DD, begun somewhere on earth (UTC+14). Not given: "
        "today (UTC).",
        examples=["2016-03-21"],
    )

    def day(self) -> date:
        """Return the day asked for, else today."""
        return self.as_of or today()


def byte_order_mark() -> Any:
    """Return the field of a query model by which CSV begins with a byte order mark."""
    about = (
        "Whether CSV begins with a byte order mark, by which Excel knows that it is in UTF-8. Not given: it does not."
    )
    return Field(default=None, description=about, examples=[True])


class RecordQuery(DayQuery):
    """Query parameters of a single record."""

    format: str | None = format_field(DATA + CITATIONS)
    fields_: FieldNames | None = Field(
        default=None,
        alias="fields",
        description=(
            "Members of the record to answer with, with commas between them, and no others, also of those that the "
            "schema calls required; of a CSV table the columns that are made from them."
        ),
        examples=["url"],
    )
    bom: StrictBool | None = byte_order_mark()


class PageQuery(DayQuery):
    """Query parameters of every collection."""

    format: str | None = format_field(COLLECTION)
    limit: PageLimit | None = Field(
        default=None,
        description=(
            "Most records on one page, from 1 to 500, or `all`: everything that matches in one answer. Not given: 50 "
            "in JSON, all in csv, ndjson and xlsx, since a file does not show that it is cut."
        ),
        examples=[10],
    )
    after: Cursor | None = Field(
        default=None,
        description="Where the page begins: the cursor that the answer before gave in `next`. Not made by hand.",
    )

    include: IncludeNames | None = Field(
        default=None,
        description=(
            "What to add to each item in JSON, with commas between: `citations`, `identifiers`, `listings`, "
            "`names`, `relations` (to others, and other records), as far as the collection has them, or `all`: the "
            "whole record, as its own URL gives it."
        ),
        examples=["citations"],
    )
    fields_: FieldNames | None = Field(
        default=None,
        alias="fields",
        description=(
            "Members of a record to answer with, with commas between them, and no others, also of those that the "
            "schema calls required; of a CSV or XLSX table the columns that are made from them."
        ),
        examples=["id,url"],
    )
    facets: FacetNames | None = Field(
        default=None,
        description=(
            "Filters of this collection, with commas between them, for which the answer counts how many of the records "
            "that match have which value. Only in JSON, and of those that the collection declares."
        ),
        examples=["measure"],
    )
    bom: StrictBool | None = byte_order_mark()

    @model_validator(mode="after")
    def refuse_reversed_days(self) -> Self:
        """Refuse days ``…_from`` one that lies after ``…_until``: a slip that would be answered with nothing."""
        if len(self.model_fields_set) > 1:
            fields = type(self).model_fields.items()
            check_range_order(
                {parameter_name(field, info): getattr(self, field) for field, info in fields}, "from", "until"
            )
        return self


def check_range_order(given: Mapping[str, Any], first: str, last: str) -> None:
    """Refuse ranges of days whose last day lies before their first.

    Args:
        given: the parameters with their values; None for those that are not given.
        first: how the names of parameters for a first day end, such as ``from``.
        last: how those for a last day end.

    Raises:
        InvalidRequest: naming the parameter of the last day.
    """
    for name in (name for name in given if name == first or name.endswith(f"_{first}")):
        other = name.removesuffix(first) + last
        # A parameter `from` can be a party, too: then it has no counterpart.
        if given[name] and given.get(other) and given[other] < given[name]:
            raise InvalidRequest.of(other, f"{given[other]} lies before {name}, {given[name]}")
