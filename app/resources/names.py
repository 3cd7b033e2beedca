"""Names: every name that an individual, an entity or a ship has or had, one record a name."""

from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import Annotated

from fastapi import Path, Query, Request, Response
from pydantic import Field
from sqlalchemy import Date, SelectBase, exists, func, join, select, union_all
from sqlmodel import col

from app.api.collection import read_page
from app.api.detail import read_record
from app.api.filters import Bind, Conditions, Contains, Equals, SubjectIs, Where, in_force
from app.api.items import ItemForm
from app.api.openapi_responses import PAGE_ANSWERS, RECORD_ANSWERS, answer_of
from app.api.query_models import PageQuery, RecordQuery
from app.api.query_types import Sort, StrictBool, SubjectId, Text
from app.api.resource import TEXTS, Resource, SortKey
from app.api.routing import strict_router
from app.fields.dates import FIRST_DAY, LAST_DAY
from app.publishing.batch_reader import BatchReader
from app.publishing.rendering import (
    EncodedRecord,
    Evidence,
    PartlyKnownDate,
    Record,
    Reference,
    RenderedRecord,
    by_interval,
    partly_known,
    subject_reference,
    url,
)
from app.publishing.subjects import is_listed, on_list
from app.resources.subjects import (
    GivenByField,
    OnListSince,
    OnListUntil,
    OriginalScriptField,
    QualityField,
    days_on_list,
    listing_days,
    subject_field,
    subject_kind_field,
)
from app.tables import Listing, Name, Subject
from app.vocabularies import NameKind, SubjectKind

router = strict_router("names")
ABOUT = "Every name that a subject has or had, one record a name."
"""Description of the tag in OpenAPI."""
HOME = ("/names", "Names: every name of every subject, one a row")
"""Link on the home page: path and title."""


class NameRecord(Record):
    """A name that an individual, an entity or a ship has or had."""

    subject: Reference = Field(description="Whose name it is, by the newest of its names.")
    name: str = Field(description="The name, spelled as its source prints it.")
    kind: NameKind = Field(
        description=(
            "primary (one under which the UN lists or listed it), alias, former, later (taken after the listing) or "
            "spelling (another list's)."
        )
    )
    quality: QualityField
    current: bool | None = Field(
        description=(
            "Whether it is a name of the day asked about; null where it is not known whether the UN's list had it."
        )
    )
    listed: bool = Field(description="Whether the subject is on the list on the day asked about.")
    original_script: OriginalScriptField
    used_on: PartlyKnownDate | None = Field(description="When the subject bore it, as far as known.")
    given_by: GivenByField
    on_list_since: OnListSince
    on_list_until: OnListUntil
    note: str | None = Field(description="Remarks on the name.")


def _is_listed(conditions: Conditions, bind: Bind, wanted: bool) -> None:
    del bind
    is_in_force = in_force(Listing.listed_on, Listing.delisted_on, conditions.day)
    is_one = exists().where(col(Listing.subject_id) == col(Name.subject_id), is_in_force)
    conditions.add(is_one if wanted else ~is_one)


def _steps_of_listed() -> SelectBase:
    """Select the days from which on names are here and their subjects listed, each one more, and the days of their end.

    Of a subject with several stays, each counts from the day on which those that began before it are over.
    """
    subject, begun_on = col(Listing.subject_id), col(Listing.listed_on)
    end = func.coalesce(col(Listing.delisted_on), LAST_DAY, type_=Date())
    order = begun_on, col(Listing.delisted_on)
    earlier = func.max(end).over(partition_by=subject, order_by=order, rows=(None, -1))
    stays = select(subject, begun_on, end.label("end"), func.coalesce(earlier, FIRST_DAY).label("earlier")).subquery()
    # A draft is a file of SQLite, whose `max` is also the greatest of several values.
    begins = func.max(stays.c.listed_on, stays.c.earlier, col(Name.possible_from_on), type_=Date())
    names = join(stays, Name, stays.c.subject_id == col(Name.subject_id))
    each = select(begins.label("begins"), stays.c.end, func.count().label("number")).select_from(names)
    counted = each.where(begins < stays.c.end).group_by(begins, stays.c.end).cte()
    return union_all(
        select(counted.c.begins.label("day"), counted.c.number.label("change")),
        select(counted.c.end, -counted.c.number),
    )


class NameQuery(PageQuery):
    """Query parameters of the names."""

    subject: Annotated[list[SubjectId] | None, SubjectIs(Name.subject_id)] = subject_field()
    subject_kind: Annotated[list[SubjectKind] | None, Equals(Subject.kind)] = subject_kind_field()
    kind: Annotated[list[NameKind] | None, Equals(Name.kind)] = Field(
        default=None,
        description="primary, alias, former, later or spelling. Repeat it for several.",
        examples=[["former"]],
    )
    name: Annotated[Text | None, Contains(Name.folded)] = Field(
        default=None, description="Part of the name; case and accents do not count.", examples=["jin teng"]
    )
    listed: Annotated[StrictBool | None, Where(_is_listed, steps=_steps_of_listed)] = Field(
        default=None, description="Whether the subject is on the list on the day asked about.", examples=[True]
    )
    sort: Annotated[str | None, Sort("id", "subject", "name")] = Field(
        default=None,
        description=(
            "Order: id (the default), subject (its id) or name, or several with commas between; prefix with `-` for "
            "descending order."
        ),
        examples=["name"],
    )


def render(rows: BatchReader) -> Iterator[RenderedRecord]:
    """Yield every name for each stretch of days on which its record reads the same."""
    for name in rows.all(Name):
        yield from by_interval(
            name.id,
            days_on_list([name]),
            partial(_record_on, rows, name),
            listing_days(rows, name.subject_id),
            partial(_listed_on, rows, name),
        )


def _listed_on(rows: BatchReader, name: Name, day: date) -> dict[str, bool]:
    """Return the member that the listings alone change, as it reads on a day."""
    return {"listed": is_listed(rows, name.subject_id, day)}


def _record_on(rows: BatchReader, name: Name, day: date) -> EncodedRecord:
    evidence = Evidence(rows)
    evidence.add("names", name.id)
    period = on_list(name)
    record = NameRecord(
        id=name.id,
        subject=subject_reference(rows.one_related(Subject, Subject.id, name.subject_id)),
        name=name.name,
        kind=name.kind,
        quality=name.quality,
        current=None if period.is_possible(day) else period.is_certain(day),
        **_listed_on(rows, name, day),
        original_script=name.original_script,
        used_on=partly_known(name.used_on),
        given_by=name.given_by,
        on_list_since=partly_known(name.on_list_since),
        on_list_until=partly_known(name.on_list_until),
        note=name.note,
        url=url("names", name.id),
    )
    return record.complete(evidence)


NAMES = Resource(
    path="names",
    name="name",
    tables=join(Name, Subject, Name.subject_id == Subject.id),  # type: ignore[arg-type]  # a column, to mypy a text
    identity=Name.id,
    model=NameRecord,
    query=NameQuery,
    sorts={
        "id": SortKey(Name.id, TEXTS),
        "subject": SortKey(Name.subject_id, TEXTS),
        "name": SortKey(Name.folded, TEXTS),
    },
    render=render,
    title=lambda record: f"{record['name']} ({record['kind']} name of {record['subject']['id']})",
    visible_from=Name.possible_from_on,
    subject=Name.subject_id,
    form=ItemForm(
        ("id", "subject", "name", "kind", "quality", "current", "listed", "given_by"),
        groups={"citations": ("citations",)},
    ),
    facets=("subject_kind", "kind"),
)


@router.get("/names", summary="Names, one record each", response_model=NAMES.page_model(), responses=PAGE_ANSWERS)
async def read_names(request: Request, query: Annotated[NameQuery, Query()]) -> Response:
    """Every name of every individual, entity and ship: a long table, one row a name, for matching elsewhere.

    A name is here from the first day on which the UN's list may have had it, and stays when it is no longer there:
    `current` says whether it is a name of the day asked about. Here names are compared letter by letter; `/search`
    finds them however they are spelled.
    """
    return await read_page(request, NAMES, query)


@router.get("/names/{id}", summary="One name", response_model=answer_of(NameRecord), responses=RECORD_ANSWERS)
async def read_name(
    request: Request,
    id: Annotated[str, Path(description="Id of the name.", examples=["9163166-n1"])],
    query: Annotated[RecordQuery, Query()],
) -> Response:
    """One name, whose it is, since when the UN's list has it, and where that is found."""
    return read_record(request, NAMES, id, query)
