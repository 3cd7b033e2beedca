"""Keyset pagination: parse a question to a collection, plan its SQL, fetch the rows, encode the page."""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import Any, Generic, TypeVar

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, Integer, String, and_, bindparam, func, or_, select
from sqlmodel import col

from app.api.envelope import CITE_AS, DatasetPart, Envelope, Link, envelope_of, query_string
from app.api.filters import (
    DAY,
    DAY_AFTER,
    NO_FILTERS,
    ActiveFilters,
    FilterKey,
    active_filters,
    conditions_of,
    listed_subjects,
)
from app.api.formats import ENCODINGS, Content, Format, choose_format
from app.api.query_models import PageQuery
from app.api.resource import RECORD, Resource, valid_on
from app.database import OpenDataset, PreparedQuery
from app.fields.dates import day_after
from app.fields.text import dump_json
from app.problems import InvalidRequest
from app.publishing.rendering import BASE
from app.tables import Rendering

Item = TypeVar("Item", bound=BaseModel)

CURSOR_DIGEST_BYTES = 8
LOOKUP_COST_RATIO = 3
"""Cost of loading one listed subject by id, in units of testing one subject for being listed (measured)."""
PAGING = frozenset({"after", "limit", "format", "as_of", "dataset"})
"""Parameters that a cursor is not tied to: they choose the page and its form, not the records that match."""


class Page(BaseModel, Generic[Item]):
    """A page of a collection."""

    model_config = ConfigDict(defer_build=True)

    total: int = Field(description="How many records match the question, on all pages together.")
    items: list[Item] = Field(description="The records of this page.")
    next: str | None = Field(description="Absolute URL of the next page; null on the last, and only there.")
    as_of: date = Field(description="The day that the answer is true of.")
    dataset: DatasetPart = Field(description="The dataset that answered.")
    cite_as: str = Field(description=CITE_AS)


@dataclass(frozen=True)
class PageResult:
    """One page of the records that match a question.

    Attributes:
        resource: the collection.
        envelope: the day and the dataset that the answer is true of.
        records: the records of the page, rendered as JSON.
        total: how many match on all pages together.
        next: absolute URL of the next page, its beginning still to be filled in; None on the last.
    """

    resource: Resource
    envelope: Envelope
    records: Sequence[bytes]
    total: int
    next: str | None

    def document(self) -> bytes:
        """Encode the page as JSON."""
        head = b'{"total":%d,"items":[' % self.total
        tail = b"]," + dump_json({"next": self.next} | self.envelope.members())[1:]
        if not self.records:
            return head + tail
        # Joined at once: a page is long, and each copy of it costs time.
        parts = list(self.records)
        parts[0] = head + parts[0]
        parts[-1] += tail
        return b",".join(parts)


def read_page(request: Request, resource: Resource, query: PageQuery) -> Response:
    """Answer a question to a collection with one page.

    Raises:
        InvalidRequest: the cursor was not given by this collection for this question, or the question names a record
            that the dataset does not have.
        NotAcceptable: no format that is offered is accepted.
        VersionGone: the version of the dataset that is asked for is not kept.
        NoDataset: nothing is published.
    """
    form = choose_format(request, query.format, resource.formats)
    page = fetch_page(request, resource, query)
    return send_page(page, Content(page.document, resource.columns, page.records), form)


def fetch_page(request: Request, resource: Resource, query: PageQuery) -> PageResult:
    """Fetch the page of records that answers a question; raises as ``read_page`` does."""
    question = _parse(request, resource, query)
    rows, total = _fetch(question, _plan(*question.shape()))
    return _page(question, rows, total)


def send_page(page: PageResult, content: Content, form: Format, links: Sequence[Link] = ()) -> Response:
    """Encode a page, with the total and the links of the page in its headers.

    Args:
        page: the page.
        content: its content for the encoder.
        form: the format.
        links: further links.
    """
    following = [Link("next", page.next)] if page.next else []
    total = {"Total-Count": str(page.total)}
    return page.envelope.send(ENCODINGS[form].encode(content), form, total, [*following, *links])


# Parse


@dataclass(frozen=True)
class _Question:
    """A question to a collection.

    Attributes:
        resource: the collection.
        query: the parameters.
        envelope: the dataset that answers, and the day.
        filters: the filters that are given.
        sort: the sort key, with a minus before it for descending order.
        after: sort key and id of the last record of the page before; None on the first page.
        listed: how many subjects are listed on the day, if only those are asked for; else None.
    """

    resource: Resource
    query: PageQuery
    envelope: Envelope
    filters: ActiveFilters
    sort: str
    after: tuple[Any, str] | None
    listed: int | None

    def shape(self) -> "tuple[Resource, FilterKey, str, bool, bool]":
        """Return the part of the question that its SQL depends on: the arguments of ``_plan``."""
        few = self.listed is not None and _are_few(self.listed, self)
        return self.resource, self.filters.cache_key, self.sort, self.after is not None, few


def _parse(request: Request, resource: Resource, query: PageQuery) -> _Question:
    envelope = envelope_of(request, query, f"/{resource.path}", tuple(resource.coverage), resource.reproducible)
    filters = active_filters(query) if query.model_fields_set else NO_FILTERS
    for parameter, reference in filters.named:
        # It would be answered with no records, which reads as "none".
        if envelope.dataset.scalar(reference.found) is None:
            message = f"the record has no {reference.kind} {reference.name}; {reference.where} list those it has"
            raise InvalidRequest.of(parameter, message)
    sort: str = getattr(query, "sort", None) or next(iter(resource.sorts))
    after = None if query.after is None else _read_cursor(query, resource, sort, envelope.day)
    listed = None
    if resource.listed_count and ("listed", True) in filters.cache_key:
        listed = resource.listed_count(envelope.dataset, envelope.day)
    return _Question(resource, query, envelope, filters, sort, after, listed)


def _are_few(listed: int, question: _Question) -> bool:
    """Say whether loading all listed subjects by id is cheaper than testing subjects in the order of the page."""
    everybody: int = question.envelope.dataset.cached_scalar(_count_all(question.resource), {})
    return LOOKUP_COST_RATIO * listed**2 <= question.query.limit * everybody


# Plan


@dataclass(frozen=True)
class _Plan:
    """The SQL of all questions of one shape to a collection, with bind parameters for their values.

    Attributes:
        page: selects the rendered records that match, from the cursor on, each with its sort key and its id.
        total: counts those that match.
    """

    page: PreparedQuery
    total: PreparedQuery


@lru_cache(maxsize=1024)
def _plan(resource: Resource, filters: FilterKey, sort: str, follows: bool, few: bool) -> _Plan:
    """Build the SQL of a shape of question.

    Args:
        resource: the collection.
        filters: the filters that are given.
        sort: the sort key, with a minus before it for descending order.
        follows: whether the page begins at a cursor.
        few: whether only few subjects are listed on the day: then select those ids first, instead of testing every
            subject in page order.
    """
    conditions = conditions_of(resource.query, filters, resource.identity)
    if resource.visible_from is not None:
        conditions.add(conditions.begun(resource.visible_from))
    if few:
        conditions.add(col(resource.identity).in_(listed_subjects(conditions.day)))
    descending, sort_key = sort.startswith("-"), resource.sorts[sort.removeprefix("-")]
    identity, key = col(resource.identity), sort_key.expression(descending)
    order = [key.desc() if descending else key.asc()]
    if sort_key.column is not resource.identity:
        order.append(identity.asc())
    found = select(key.label("key"), identity.label("id")).select_from(resource.tables).where(conditions.clause())
    if follows:
        found = found.where(_after_cursor(sort_key.column is resource.identity, key, identity, descending))
    chosen = found.order_by(*order).limit(bindparam("most", type_=Integer())).subquery("chosen")
    reading = select(RECORD).where(
        col(Rendering.resource) == resource.path, col(Rendering.id) == chosen.c.id, valid_on(conditions.day)
    )
    # The records are looked up for the rows of the page only, not for all rows that are tested.
    page = select(reading.scalar_subquery(), chosen.c.key, chosen.c.id)
    page = page.order_by(chosen.c.key.desc() if descending else chosen.c.key.asc(), chosen.c.id.asc())
    total = select(func.count()).select_from(resource.tables).where(conditions.clause())
    return _Plan(PreparedQuery(page), PreparedQuery(total))


@cache
def _count_all(resource: Resource) -> PreparedQuery:
    """Build the SQL that counts all records of a collection."""
    return PreparedQuery(select(func.count(col(resource.identity))))


def _after_cursor(by_id: bool, key: ColumnElement[Any], identity: Any, descending: bool) -> ColumnElement[bool]:
    """Return the condition that a row comes after the cursor, in a form that an index of the order can follow."""
    last_key, last_id = bindparam("last_key", type_=key.type), bindparam("last_id", type_=String())
    if by_id:
        return key < last_id if descending else key > last_id
    beyond, not_before = (key < last_key, key <= last_key) if descending else (key > last_key, key >= last_key)
    return and_(not_before, or_(beyond, identity > last_id))


# Fetch


def _fetch(question: _Question, plan: _Plan) -> tuple[list[tuple[Any, ...]], int]:
    """Select the rows of the page (record, sort key, id), one more if another page follows, and count all matches."""
    if question.listed == 0:
        return [], 0
    dataset: OpenDataset = question.envelope.dataset
    day = question.envelope.day
    values: Mapping[str, Any] = question.filters.values | {DAY: day, DAY_AFTER: day_after(day)}
    last_key, last_id = question.after or (None, None)
    paging = {"most": question.query.limit + 1, "last_key": last_key, "last_id": last_id}
    rows = dataset.run_prepared(plan.page, {**values, **paging})
    if question.listed is not None and len(question.filters.cache_key) == 1:
        return rows, question.listed
    total: int = dataset.cached_scalar(plan.total, values)
    return rows, total


def _page(question: _Question, rows: list[tuple[Any, ...]], total: int) -> PageResult:
    shown, following = rows[: question.query.limit], None
    if len(rows) > len(shown):
        _, last_key, last_id = shown[-1]
        day, version = question.envelope.day.isoformat(), question.envelope.dataset.version
        after = _cursor(question.query, question.resource, question.sort, day, str(last_key), last_id)
        pinned = {"as_of": day, "dataset": version, "after": after}
        following = f"{BASE}/{question.resource.path}?{query_string(question.query, pinned)}"
    return PageResult(question.resource, question.envelope, [row[0] for row in shown], total, following)


# Cursors


def _cursor(query: PageQuery, resource: Resource, sort: str, day: str, key: str, id: str) -> str:
    """Encode the position after a record, tied to the question by a digest."""
    filters = query_string(query, {}, without=PAGING)
    question = json.dumps([resource.path, sort, day, filters, key, id]).encode()
    digest = hashlib.blake2s(question, digest_size=CURSOR_DIGEST_BYTES).digest()
    return base64.urlsafe_b64encode(digest + dump_json([key, id])).decode().rstrip("=")


def _read_cursor(query: PageQuery, resource: Resource, sort: str, day: date) -> tuple[Any, str]:
    """Decode a cursor into the sort key and the id of the last record before it.

    Raises:
        InvalidRequest: it is no cursor, or was given for another question.
    """
    cursor = query.after or ""
    try:
        value, id = _position_of(cursor)
        key = resource.sorts[sort.removeprefix("-")].read(value)
        is_ours = cursor == _cursor(query, resource, sort, day.isoformat(), value, id)
    except ValueError:
        raise InvalidRequest.of("after", "this is no cursor of this API; take it from `next`") from None
    if is_ours:
        return key, id
    raise InvalidRequest.of(
        "after", "this cursor was given for another question; keep its filters, sort and as_of, or begin anew"
    )


def _position_of(cursor: str) -> tuple[str, str]:
    """Decode the sort key and the id that a cursor contains.

    Raises:
        ValueError: it does not have the form of a cursor.
    """
    content = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    try:
        position = json.loads(content[CURSOR_DIGEST_BYTES:].decode())
    except RecursionError:
        raise ValueError("a cursor is flat") from None
    if not (isinstance(position, list) and len(position) == 2 and all(isinstance(part, str) for part in position)):
        raise ValueError("a cursor holds two texts")
    return position[0], position[1]
