"""Keyset pages: how a question to a collection becomes an answer."""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property, lru_cache
from typing import Any, Generic, TypeVar

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    LargeBinary,
    String,
    and_,
    bindparam,
    cast,
    func,
    or_,
    select,
)
from sqlmodel import col

from app.api.citations import Work
from app.api.envelope import CITE_AS, DatasetPart, Envelope, Link, dump, envelope_of, query_string
from app.api.filters import (
    DAY,
    DAY_AFTER,
    ActiveFilters,
    Column,
    FilterKey,
    active_filters,
    conditions_of,
    listed_subjects,
)
from app.api.formats import DATA, Format, choose_format, csv_body
from app.api.query_models import PageQuery
from app.database import OpenDataset, PreparedQuery
from app.fields.dates import FIRST_DAY, LAST_DAY, day_after, parse_day
from app.problems import InvalidRequest
from app.publishing.batch_reader import BatchReader
from app.publishing.rendering import BASE, Record, RenderedRecord
from app.tables import Rendering

Item = TypeVar("Item", bound=BaseModel)

CURSOR_DIGEST_BYTES = 8
LOOKUP_COST_RATIO = 3
"""How many subjects are asked whether they are on the list in the time in which one that is on it is looked up."""
PAGING = frozenset({"after", "limit", "format", "as_of", "dataset"})
"""Parameters that decide which page of what is found is sent, and how: a cursor is not tied to them."""


class Page(BaseModel, Generic[Item]):
    """A page of a collection."""

    model_config = ConfigDict(defer_build=True)

    total: int = Field(description="How many records match the question, on all pages together.")
    items: list[Item] = Field(description="The records of this page.")
    next: str | None = Field(description="Absolute URL of the next page; null on the last, and only there.")
    as_of: date = Field(description="The day that the answer is true of.")
    dataset: DatasetPart = Field(description="Which dataset answered.")
    cite_as: str = Field(description=CITE_AS)


@dataclass(frozen=True)
class SortKey:
    """What a collection can be sorted by. Records without a value come last, whichever way round.

    Attributes:
        column: the column; records with the same value follow in the order of their ids.
        unknown: stands for null in rising and in falling order: above and below every value.
    """

    column: Column
    unknown: tuple[Any, Any]

    def expression(self, descending: bool) -> ColumnElement[Any]:
        """Return the column, with what stands for null."""
        column: ColumnElement[Any] = self.column.expression
        return func.coalesce(column, self.unknown[descending], type_=column.type) if self.column.nullable else column

    def read(self, text: str) -> date | int | str:
        """Read a value of the column from a cursor.

        Raises:
            ValueError: the text is no such value.
        """
        if isinstance(self.unknown[0], date):
            return parse_day(text)
        if isinstance(self.unknown[0], int):
            if not re.fullmatch(r"-?[0-9]{1,9}", text):
                raise ValueError(f"{text!r} is no number of the record")
            return int(text)
        return text


DAYS = (LAST_DAY, FIRST_DAY)
NUMBERS = (999_999_999, -1)
TEXTS = ("\U0010ffff", "")
"""What stands for null where days, numbers and texts are sorted."""


@dataclass(frozen=True, eq=False)
class Resource:
    """One kind of record that the API serves.

    Attributes:
        path: its path without slashes, such as ``vessels``.
        name: what one of its records is called in a message.
        tables: what is selected from; the first is the resource's own table.
        identity: the column of the id.
        model: the answer model of a record.
        query: the query model of the collection.
        sorts: what it can be sorted by; the first is the default.
        render: yields every record as it reads over time, from the tables.
        title: what a record is called where it is cited.
        canonical: brings an id as given in a URL into the form it is kept in.
        coverage_kinds: the kinds in seed/coverage.csv that say until when its records were checked; none for
            all of them.
        visible_from: the column of the day from which on a record exists, or of texts that begin with that day;
            before, the collection is without it.
        formats: what the collection is offered in.
        citation: what is cited where a record is; not given, the record as a part of this dataset.
        listed_count: counts those of its subjects that were on the list on a day, from what was counted at publish;
            None where its records are no subjects of listings.
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
    coverage_kinds: tuple[str, ...] = ()
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

    An object in a record is spread over several columns, whether it is there or null.
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


@dataclass(frozen=True)
class PageResult:
    """The records that answer one question to a collection, on one page.

    Attributes:
        envelope: what the answer is true of.
        records: the records of the page, rendered as JSON.
        total: how many match on all pages together.
        next: absolute URL of the next page, its beginning still to be filled in; None on the last.
    """

    envelope: Envelope
    records: list[bytes]
    total: int
    next: str | None

    def send(self, body: bytes, form: Format, links: Sequence[Link] = ()) -> Response:
        """Return the answer, with the total and the links of the page in its headers.

        Args:
            body: the page in a format.
            form: the format.
            links: further links.
        """
        following = [Link("next", self.next)] if self.next else []
        return self.envelope.send(body, form, {"Total-Count": str(self.total)}, [*following, *links])


def read_page(request: Request, resource: Resource, query: PageQuery) -> Response:
    """Answer a question to a collection with one page.

    Raises:
        InvalidRequest: the cursor was not given by this collection for this question.
        NotAcceptable: no format that is offered is accepted.
        VersionGone: the version of the dataset that is asked for is not kept.
        NoDataset: nothing is published.
    """
    form = choose_format(request, query.format, resource.formats)
    return send_page(fetch_page(request, resource, query), resource, form)


def fetch_page(request: Request, resource: Resource, query: PageQuery) -> PageResult:
    """Return the records that answer a question to a collection; raises as ``read_page`` does."""
    envelope = envelope_of(request, query, f"/{resource.path}", resource.coverage_kinds, resource.reproducible)
    question = _Question(envelope.dataset, resource, query, envelope.day)
    _refuse_unknown(envelope.dataset, question.given)
    rows = question.rows()
    shown, more = rows[: query.limit], len(rows) > query.limit
    _, last_key, last_id = shown[-1] if more else (None, None, "")
    following = question.next_query(last_key, last_id, envelope.dataset.version) if more else None
    return PageResult(
        envelope=envelope,
        records=[record for record, _, _ in shown],
        total=question.total(),
        next=f"{BASE}/{resource.path}?{following}" if following else None,
    )


def total_of(dataset: OpenDataset, resource: Resource, query: PageQuery, day: date) -> int:
    """Return how many records answer a question to a collection on a day, on all pages together."""
    return _Question(dataset, resource, query, day).total()


def send_page(page: PageResult, resource: Resource, form: Format, links: Sequence[Link] = ()) -> Response:
    """Send a page as JSON or CSV.

    Args:
        page: what answers the question.
        resource: the collection.
        form: the format.
        links: further links.
    """
    if form is Format.CSV:
        return page.send(csv_body(resource.columns, page.records), form, links)
    tail = {"next": page.next} | page.envelope.members()
    # Joined at once: a page is long, and each copy of it costs.
    first, rest = b'{"total":%d,"items":[' % page.total, b"]," + dump(tail)[1:]
    records = [part for record in page.records for part in (b",", record)][1:]
    return page.send(b"".join([first, *records, rest]), form, links)


def _refuse_unknown(dataset: OpenDataset, given: ActiveFilters) -> None:
    """Refuse what the record does not have: it would be answered with nothing, which reads as "none"."""
    for parameter, named in given.named:
        if dataset.scalar(named.found) is None:
            message = f"the record has no {named.kind} {named.name}; {named.where} list those it has"
            raise InvalidRequest.of(parameter, message)


@dataclass(frozen=True)
class _Plan:
    """The SQL of all questions of a shape to a collection, with places for their values.

    Attributes:
        page: selects the rendered records that match, from the cursor on, each with its sort key and its id.
        total: selects how many match.
    """

    page: PreparedQuery
    total: PreparedQuery


@lru_cache(maxsize=1024)
def _plan(resource: Resource, shape: FilterKey, sort: str, follows: bool, few: bool) -> _Plan:
    """Return the SQL of a shape of question.

    Args:
        resource: the collection.
        shape: the filters that are given.
        sort: the sort key, with a minus before it where the order is turned round.
        follows: whether the page begins at a cursor.
        few: whether only few subjects are on the list on the day: then it is looked for those first, and not for each
            subject in the order of the page whether it is one of them.
    """
    conditions = conditions_of(resource.query, shape, resource.identity)
    if resource.visible_from is not None:
        conditions.add(col(resource.visible_from) < conditions.day_after)
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
    # The records are looked up for what the page shows, not for all that is looked through.
    page = select(reading.scalar_subquery(), chosen.c.key, chosen.c.id)
    page = page.order_by(chosen.c.key.desc() if descending else chosen.c.key.asc(), chosen.c.id.asc())
    total = select(func.count()).select_from(resource.tables).where(conditions.clause())
    return _Plan(PreparedQuery(page), PreparedQuery(total))


@cache
def _count_all(resource: Resource) -> PreparedQuery:
    """Return the SQL that counts all records of a collection."""
    return PreparedQuery(select(func.count(col(resource.identity))))


def _after_cursor(by_id: bool, key: ColumnElement[Any], identity: Any, descending: bool) -> ColumnElement[bool]:
    """Return the condition that a row comes after the cursor, in a form that an index of the order can follow."""
    last_key, last_id = bindparam("last_key", type_=key.type), bindparam("last_id", type_=String())
    if by_id:
        return key < last_id if descending else key > last_id
    beyond, not_before = (key < last_key, key <= last_key) if descending else (key > last_key, key >= last_key)
    return and_(not_before, or_(beyond, identity > last_id))


RECORD = cast(col(Rendering.record), LargeBinary).label("record")
"""A rendered record as bytes: to read it as a text only to write it as bytes would cost more than to find it."""


class _Question:
    """A question to a collection, as SQL and as a cursor."""

    def __init__(self, dataset: OpenDataset, resource: Resource, query: PageQuery, day: date) -> None:
        self.dataset, self.resource, self.query, self.day = dataset, resource, query, day
        self.given = active_filters(query)
        asks_for_listed = resource.listed_count and ("listed", True) in self.given.cache_key
        self._on_list = resource.listed_count(dataset, day) if resource.listed_count and asks_for_listed else None
        self.sort: str = getattr(query, "sort", None) or next(iter(resource.sorts))

    def rows(self) -> list[tuple[Any, ...]]:
        """Return the rows of the page, and one more where there is another: record, sort key, id."""
        values = self._values() | {"most": self.query.limit + 1}
        if self.query.after is not None:
            values["last_key"], values["last_id"] = self._read_cursor(self.query.after)
        return [] if self._on_list == 0 else self.dataset.run_prepared(self._plan().page, values)

    def total(self) -> int:
        """Return how many records match."""
        if self._on_list is not None and (self._on_list == 0 or len(self.given.cache_key) == 1):
            return self._on_list
        total: int = self.dataset.cached_scalar(self._plan().total, self._values())
        return total

    def _plan(self) -> _Plan:
        return _plan(
            self.resource, self.given.cache_key, self.sort, self.query.after is not None, self._prefer_id_lookup()
        )

    def _prefer_id_lookup(self) -> bool:
        """Say whether so few are on the list that it takes longer to come upon a page of them than to look up all."""
        if self._on_list is None:
            return False
        everybody: int = self.dataset.cached_scalar(_count_all(self.resource), {})
        return LOOKUP_COST_RATIO * self._on_list**2 <= self.query.limit * everybody

    def _values(self) -> dict[str, Any]:
        return self.given.values | {DAY: self.day, DAY_AFTER: day_after(self.day)}

    def next_query(self, last_key: Any, last_id: str, version: str) -> str:
        """Return the query string of the page that follows a row, for the same day and from the same dataset."""
        after = self._cursor(str(last_key), last_id)
        pinned = {"as_of": self.day.isoformat(), "dataset": version, "after": after}
        return query_string(self.query, pinned)

    def _cursor(self, value: str, id: str) -> str:
        """Return the place behind a row, tied to the question and the place by a digest."""
        filters = query_string(self.query, {}, without=PAGING)
        question = json.dumps([self.resource.path, self.sort, self.day.isoformat(), filters, value, id]).encode()
        place = json.dumps([value, id], ensure_ascii=False, separators=(",", ":")).encode()
        digest = hashlib.blake2s(question, digest_size=CURSOR_DIGEST_BYTES).digest()
        return base64.urlsafe_b64encode(digest + place).decode().rstrip("=")

    def _read_cursor(self, cursor: str) -> tuple[Any, str]:
        try:
            value, id = _place_of(cursor)
            key = self.resource.sorts[self.sort.removeprefix("-")].read(value)
            is_ours = cursor == self._cursor(value, id)
        except ValueError:
            raise InvalidRequest.of("after", "this is no cursor of this API; take it from `next`") from None
        if is_ours:
            return key, id
        raise InvalidRequest.of(
            "after", "this cursor was given for another question; keep its filters, sort and as_of, or begin anew"
        )


def _place_of(cursor: str) -> tuple[str, str]:
    """Return the value and the id that a cursor holds.

    Raises:
        ValueError: it has not the form of a cursor.
    """
    content = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    try:
        place = json.loads(content[CURSOR_DIGEST_BYTES:].decode())
    except RecursionError:
        raise ValueError("a cursor is flat") from None
    if not (isinstance(place, list) and len(place) == 2 and all(isinstance(part, str) for part in place)):
        raise ValueError("a cursor holds two texts")
    return place[0], place[1]


def valid_on(day: Any) -> ColumnElement[bool]:
    """Return the condition that a rendering is the one that holds on a day."""
    return and_(col(Rendering.from_on) <= day, col(Rendering.until_on) > day)
