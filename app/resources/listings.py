"""Listings: each stay of a subject on the list under one measure, by what, since when and until when."""

from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import Annotated, Any, ClassVar

from fastapi import Path, Query, Request, Response
from pydantic import Field
from sqlalchemy import ColumnElement, Date, Select, SelectBase, and_, func, join, select, union_all
from sqlmodel import col

from app.api.collection import read_page
from app.api.detail import read_record
from app.api.filters import (
    ActIs,
    Bind,
    Conditions,
    Equals,
    From,
    SubjectIs,
    Until,
    Where,
    first_and_end,
    in_force,
    overlaps,
)
from app.api.items import ItemForm
from app.api.openapi_responses import PAGE_ANSWERS, RECORD_ANSWERS, answer_of
from app.api.query_models import PageQuery, RecordQuery
from app.api.query_types import ActName, PeriodOfDays, Sort, StrictBool, SubjectId
from app.api.resource import DAYS, TEXTS, Resource, SortKey
from app.api.routing import strict_router
from app.fields.dates import Day
from app.publishing.batch_reader import BatchReader
from app.publishing.rendering import (
    EncodedRecord,
    Evidence,
    ListingFacts,
    Record,
    Reference,
    RenderedRecord,
    by_interval,
    is_in_force,
    listing_fields,
    subject_reference,
)
from app.resources.subjects import subject_field, subject_kind_field
from app.tables import Listing, Subject
from app.vocabularies import ListingMeasure, SubjectKind

router = strict_router("listings")
ABOUT = "Each stay of a subject on the list under one measure."
"""Description of the tag in OpenAPI."""
HOME = ("/listings", "Listings: each stay on the list")
"""Link on the home page: path and title."""


class ListingRecord(ListingFacts, Record):
    """One stay of a subject on the list under one measure: from listed_on until the day before delisted_on."""

    EXPECTED: ClassVar[tuple[str, ...]] = ("basis", "paragraph")

    subject: Reference = Field(description="The individual, entity or ship.")
    listed: bool = Field(description="Whether this stay holds the day asked about.")

    def expected(self) -> tuple[str, ...]:
        """Return also, where the stay is over, the act that ended it."""
        return (*self.EXPECTED, *(("delisted_by",) if self.delisted_on else ()))


def _steps_of_stays() -> SelectBase:
    """Select how many stays begin on a day, and, as a number below nothing, how many end on one."""
    return union_all(_number_of(Listing.listed_on, 1), _number_of(Listing.delisted_on, -1))


def _steps_of_ends() -> SelectBase:
    """Select how many stays end on a day."""
    return _number_of(Listing.delisted_on, 1)


def _number_of(day: Any, sign: int) -> Select[*tuple[Any, ...]]:
    change: ColumnElement[int] = func.count() * sign
    return select(col(day).label("day"), change.label("change")).group_by(col(day))


def _listed(conditions: Conditions, bind: Bind, wanted: bool) -> None:
    del bind
    holds = in_force(Listing.listed_on, Listing.delisted_on, conditions.day)
    conditions.add(holds if wanted else ~holds)


def _delisted(conditions: Conditions, bind: Bind, wanted: bool) -> None:
    del bind
    over = and_(col(Listing.delisted_on).is_not(None), col(Listing.delisted_on) <= conditions.day)
    conditions.add(over if wanted else ~over)


def _during(conditions: Conditions, bind: Bind, _: int) -> None:
    conditions.add(overlaps(Listing.listed_on, Listing.delisted_on, bind("first", Date()), bind("end", Date())))


class ListingQuery(PageQuery):
    """Query parameters of the listings."""

    subject: Annotated[list[SubjectId] | None, SubjectIs(Listing.subject_id)] = subject_field()
    subject_kind: Annotated[list[SubjectKind] | None, Equals(Subject.kind)] = subject_kind_field()
    measure: Annotated[list[ListingMeasure] | None, Equals(Listing.measure)] = Field(
        default=None, description="The measure it is under. Repeat it for several.", examples=[["travel_ban"]]
    )
    listed_by: Annotated[list[ActName] | None, ActIs(Listing.listed_by)] = Field(
        default=None,
        description="Act that listed it: a resolution's number, the act's day or its id. Repeat it for several.",
        examples=[["2270"]],
    )
    delisted_by: Annotated[list[ActName] | None, ActIs(Listing.delisted_by)] = Field(
        default=None,
        description="Act that took it off: a resolution's number, the act's day or its id. Repeat it for several.",
        examples=[["2016-03-21"]],
    )
    listed_from: Annotated[Day | None, From(Listing.listed_on)] = Field(
        default=None, description="Stays that began on this day or later.", examples=["2016-01-01"]
    )
    listed_until: Annotated[Day | None, Until(Listing.listed_on)] = Field(
        default=None, description="Stays that began on this day or earlier.", examples=["2016-12-31"]
    )
    delisted_from: Annotated[Day | None, From(Listing.delisted_on)] = Field(
        default=None, description="Stays that ended on this day or later: the first day off.", examples=["2016-03-21"]
    )
    delisted_until: Annotated[Day | None, Until(Listing.delisted_on)] = Field(
        default=None, description="Stays that ended on this day or earlier.", examples=["2016-12-31"]
    )
    listed_during: Annotated[
        PeriodOfDays | None,
        Where(_during, first_and_end, begun_until="listed_until", ended_until="delisted_until"),
    ] = Field(
        default=None,
        description="Stays of at least one day of a period: its first day, a slash, and the first day after it.",
        examples=["2016-03-01/2016-04-01"],
    )
    listed: Annotated[StrictBool | None, Where(_listed, steps=_steps_of_stays)] = Field(
        default=None, description="Whether the stay holds the day asked about.", examples=[True]
    )
    delisted: Annotated[StrictBool | None, Where(_delisted, steps=_steps_of_ends)] = Field(
        default=None, description="Whether the stay was over on the day asked about.", examples=[True]
    )
    sort: Annotated[str | None, Sort("id", "listed_on", "delisted_on")] = Field(
        default=None,
        description="Order: id (the default), listed_on or delisted_on; prefix with `-` for descending order.",
        examples=["-delisted_on"],
    )


def render(rows: BatchReader) -> Iterator[RenderedRecord]:
    """Yield every listing before, during and after the stay."""
    for listing in rows.all(Listing):
        days = [listing.listed_on, listing.delisted_on]
        yield from by_interval(listing.id, [], partial(_record_on, rows, listing), days, partial(_listed_on, listing))


def _listed_on(listing: Listing, day: date) -> dict[str, bool]:
    """Return the member that differs from day to day, as it reads on a day."""
    return {"listed": is_in_force(listing, day)}


def _record_on(rows: BatchReader, listing: Listing, day: date) -> EncodedRecord:
    evidence = Evidence(rows)
    evidence.add("listings", listing.id)
    record = ListingRecord(
        **listing_fields(rows, listing),
        subject=subject_reference(rows.one_related(Subject, Subject.id, listing.subject_id)),
        **_listed_on(listing, day),
    )
    return record.complete(evidence)


LISTINGS = Resource(
    path="listings",
    name="listing",
    tables=join(Listing, Subject, Listing.subject_id == Subject.id),  # type: ignore[arg-type]  # a column, to mypy a text
    identity=Listing.id,
    model=ListingRecord,
    query=ListingQuery,
    sorts={
        "id": SortKey(Listing.id, TEXTS),
        "listed_on": SortKey(Listing.listed_on, DAYS),
        "delisted_on": SortKey(Listing.delisted_on, DAYS),
    },
    render=render,
    title=lambda record: f"Listing {record['id']}: {record['subject']['name']}, {record['measure']}",
    coverage={"listings": (Listing,)},
    canonical=str.upper,
    form=ItemForm(
        ("id", "subject", "measure", "listed", "listed_on", "listed_by", "delisted_on", "delisted_by"),
        groups={
            "citations": ("citations",),
        },
    ),
    facets=("subject_kind", "measure"),
)


@router.get("/listings", summary="Stays on the list", response_model=LISTINGS.page_model(), responses=PAGE_ANSWERS)
async def read_listings(request: Request, query: Annotated[ListingQuery, Query()]) -> Response:
    """Every stay on the list: who or what, under which measure, by which act, from when until when.

    A subject under two measures has two listings; a ship that came off and was listed again has one for each stay.
    """
    return await read_page(request, LISTINGS, query)


@router.get(
    "/listings/{id}", summary="One stay on the list", response_model=answer_of(ListingRecord), responses=RECORD_ANSWERS
)
async def read_listing(
    request: Request,
    id: Annotated[str, Path(description="Id of the listing.", examples=["L0248"])],
    query: Annotated[RecordQuery, Query()],
) -> Response:
    """One stay of one subject on the list under one measure, with what began and what ended it."""
    return read_record(request, LISTINGS, id, query)
