"""Keyset pages, and single records: how a question becomes an answer."""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Generic, Self, TypeVar
from urllib.parse import urlencode

from fastapi import Request, Response
from pydantic import BaseModel, Field, WithJsonSchema, model_validator
from sqlalchemy import ColumnElement, FromClause, Select, and_, func, or_, select
from sqlmodel import col

from app.database import Datasets, OpenDataset
from app.dates import FIRST_DAY, LAST_DAY, PastDay, parse_day, today
from app.errors import InvalidRequest, NotFound
from app.filters import Column, Conditions, conditions_of, is_act
from app.formats import MEDIA_TYPES, Format, choose_format, csv_body, respond
from app.links import BASE, base_url
from app.parameters import WholeNumber
from app.rendering import Part, Record, Reference, Rendered, Rows
from app.settings import get_settings
from app.tables import Act, Rendering

Item = TypeVar("Item", bound=BaseModel)

CURSOR_DIGEST_BYTES = 8
MAX_ID = 80
"""Longest id of a record, in characters."""

FormatName = Annotated[str, WithJsonSchema({"type": "string", "enum": list(MEDIA_TYPES)})]
"""A format, checked where it is chosen, so that one that is not offered is a 406."""

Cursor = Annotated[str, WithJsonSchema({"type": "string", "format": "cursor"})]
"""An opaque place in a collection."""


class RecordQuery(BaseModel):
    """What can be asked of a single record."""

    as_of: PastDay | None = Field(
        default=None,
        description="The day that the answer is true of, YYYY-MM-DD, not after today (UTC). Not given: today.",
        examples=["2016-03-21"],
    )
    format: FormatName | None = Field(
        default=None,
        description="Representation: json or csv. Not given: what the Accept header prefers, else json.",
        examples=["json"],
    )


class PageQuery(RecordQuery):
    """What can be asked of every collection."""

    limit: WholeNumber = Field(
        default=50, ge=1, le=500, description="Most records on one page, from 1 to 500.", examples=[10]
    )
    after: Cursor | None = Field(
        default=None,
        description="Where the page begins: the cursor that the answer before gave in `next`. Not made by hand.",
    )

    @model_validator(mode="after")
    def refuse_reversed_days(self) -> Self:
        """Refuse days ``…_from`` one that lies after ``…_until``: a slip that would be answered with nothing.

        Raises:
            InvalidRequest: naming the parameter of the last day.
        """
        for name in (name for name in type(self).model_fields if name.endswith("_from")):
            until = f"{name.removesuffix('_from')}_until"
            first, last = getattr(self, name), getattr(self, until)
            if first and last and last < first:
                raise InvalidRequest.of(until, f"{last} lies before {name}, {first}")
        return self


class DatasetPart(BaseModel):
    """Which dataset answered."""

    version: str = Field(description="Version of the dataset: the same content has the same version anywhere.")
    covers_until: date = Field(
        description="Last day until which records of this kind were checked against their sources."
    )


class Page(BaseModel, Generic[Item]):
    """A page of a collection."""

    total: int = Field(description="How many records match the question, on all pages together.")
    items: list[Item] = Field(description="The records of this page.")
    next: str | None = Field(description="Absolute URL of the next page; null on the last, and only there.")
    as_of: date = Field(description="The day that the answer is true of.")
    dataset: DatasetPart = Field(description="Which dataset answered.")


class Answer(Part):
    """What a single record's answer says besides the record."""

    as_of: date = Field(description="The day that the answer is true of.")
    dataset: DatasetPart = Field(description="Which dataset answered.")


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


@dataclass(frozen=True)
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
        canonical: brings an id as given in a URL into the form it is kept in.
        covered: the kinds in seed/coverage.csv that say until when its records were checked; none for all of them.
    """

    path: str
    name: str
    tables: FromClause | Any
    identity: Column
    model: type[Record]
    query: type[PageQuery]
    sorts: Mapping[str, SortKey]
    render: Callable[[Rows], Iterator[Rendered]]
    canonical: Callable[[str], str] = field(default=str)
    covered: tuple[str, ...] = ()

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


def read_page(request: Request, resource: Resource, query: PageQuery) -> Response:
    """Answer a question to a collection with one page.

    Raises:
        InvalidRequest: the cursor was not given by this collection for this question.
        NotAcceptable: no format that is offered is accepted.
        NoDataset: nothing is published.
    """
    form = choose_format(request, query.format)
    dataset = _datasets(request).current()
    question = _Question(resource, query, query.as_of or today())
    _refuse_unknown_acts(dataset, question.conditions)
    rows = dataset.rows(question.select().limit(query.limit + 1))
    total = dataset.value(question.count())
    base = base_url(request.scope)
    shown, more = rows[: query.limit], len(rows) > query.limit
    next_url = f"{base}/{resource.path}?{question.next_query(shown[-1])}" if more else None
    records = [row.record.encode() for row in shown]
    headers = _headers(dataset, question.day, resource.covered) | {"Total-Count": str(total)}
    if next_url:
        headers["Link"] = f'<{next_url}>; rel="next"'
    if form is Format.CSV:
        body = csv_body(resource.columns, records)
    else:
        tail = {
            "next": next_url,
            "as_of": question.day.isoformat(),
            "dataset": _dataset_part(dataset, resource.covered),
        }
        body = b'{"total":%d,"items":[%s],%s' % (total, b",".join(records), _dump(tail)[1:])
    return _send(request, body, form, headers)


def _refuse_unknown_acts(dataset: OpenDataset, conditions: Conditions) -> None:
    """Refuse an act that the record does not have: it would be answered with nothing, which reads as "none"."""
    for parameter, names in conditions.acts.items():
        for name in names:
            if dataset.value(select(col(Act.id)).where(is_act(name)).limit(1)) is None:
                message = f"the record has no act {name}; /resolutions and /committee-decisions list those it has"
                raise InvalidRequest.of(parameter, message)


def read_record(request: Request, resource: Resource, id: str, query: RecordQuery) -> Response:
    """Answer a question for one record.

    Raises:
        NotFound: no record of the resource has this id; the message names one that is a slip away.
        NotAcceptable: no format that is offered is accepted.
        NoDataset: nothing is published.
    """
    form = choose_format(request, query.format)
    dataset = _datasets(request).current()
    day = query.as_of or today()
    canonical = resource.canonical(id)
    record = find_record(dataset, resource.path, canonical, day)
    if record is None:
        raise NotFound(f"No {resource.name} has the id {id!r}.{_near(dataset, resource, canonical)}")
    return send_record(request, dataset, record.encode(), form, day, resource.columns, resource.covered)


def send_record(
    request: Request,
    dataset: OpenDataset,
    record: bytes,
    form: Format,
    day: date,
    columns: Sequence[str],
    covered: Sequence[str] = (),
) -> Response:
    """Send a rendered record, with the day and the dataset that it is true of.

    Args:
        request: the request that is answered.
        dataset: the dataset that the record is from.
        record: the record as JSON.
        form: the format to send it in.
        day: the day asked about.
        columns: the record's columns as CSV; empty where the record is not offered as CSV.
        covered: the kinds of record that say until when it was checked.
    """
    if form is Format.CSV:
        body = csv_body(columns, [record])
    else:
        tail = {"as_of": day.isoformat(), "dataset": _dataset_part(dataset, covered)}
        body = record[:-1] + b"," + _dump(tail)[1:]
    return _send(request, body, form, _headers(dataset, day, covered))


def send_choices(request: Request, choices: Sequence[Reference], query: RecordQuery) -> Response:
    """Answer 300: several records are meant by the URL, and each has one of its own (RFC 9110, section 15.4.1)."""
    form = choose_format(request, query.format)
    dataset = _datasets(request).current()
    records = [choice.model_dump_json().encode() for choice in choices]
    body = csv_body(list(Reference.model_fields), records) if form is Format.CSV else b"[%s]" % b",".join(records)
    response = _send(request, body, form, _headers(dataset, query.as_of or today(), ("resolutions",)))
    if response.status_code == 200:
        response.status_code = 300
    return response


def find_record(dataset: OpenDataset, path: str, id: str, day: date) -> str | None:
    """Return a record as it reads on a day, or None where there is none with this id."""
    record: str | None = dataset.value(
        select(col(Rendering.record)).where(col(Rendering.resource) == path, col(Rendering.id) == id, _reads_on(day))
    )
    return record


def current_dataset(request: Request) -> OpenDataset:
    """Return the dataset that answers a request.

    Raises:
        NoDataset: nothing is published.
    """
    return _datasets(request).current()


class _Question:
    """A question to a collection, as SQL and as a cursor."""

    def __init__(self, resource: Resource, query: PageQuery, day: date) -> None:
        self.resource, self.query, self.day = resource, query, day
        sort: str = getattr(query, "sort", None) or next(iter(resource.sorts))
        self.descending = sort.startswith("-")
        self.key = resource.sorts[sort.removeprefix("-")]
        self.conditions: Conditions = conditions_of(query, resource.identity, day)

    def select(self) -> Select[Any]:
        """Return the SELECT of the rendered records that match, from the cursor on."""
        identity, key = col(self.resource.identity), self.key.expression(self.descending)
        query: Select[Any] = (
            select(col(Rendering.record), key.label("sort_key"), identity.label("record_id"))
            .select_from(self.resource.tables)
            .join(Rendering, and_(col(Rendering.resource) == self.resource.path, col(Rendering.id) == identity))
            .where(_reads_on(self.day), self.conditions.clause())
            .order_by(key.desc() if self.descending else key.asc(), identity.asc())
        )
        if self.query.after is None:
            return query
        value, last_id = self._read_cursor(self.query.after)
        beyond = key < value if self.descending else key > value
        return query.where(or_(beyond, and_(key == value, identity > last_id)))

    def count(self) -> Select[Any]:
        """Return the SELECT of how many records match."""
        return select(func.count()).select_from(self.resource.tables).where(self.conditions.clause())

    def next_query(self, last: Any) -> str:
        """Return the query string of the page that follows a row."""
        given = self.query.model_dump(mode="json", exclude_defaults=True, exclude={"after", "as_of"})
        given = {name: json.dumps(value) if isinstance(value, bool) else value for name, value in given.items()}
        after = self._cursor(str(last.sort_key), last.record_id)
        return urlencode({**given, "as_of": self.day.isoformat(), "after": after}, doseq=True)

    def _cursor(self, value: str, id: str) -> str:
        """Return the place behind a row, tied to the question and the place by a digest."""
        filters = self.query.model_dump_json(exclude={"after", "limit", "format", "as_of"}, exclude_none=True)
        question = json.dumps([self.resource.path, self.day.isoformat(), filters, value, id]).encode()
        place = json.dumps([value, id], ensure_ascii=False, separators=(",", ":")).encode()
        digest = hashlib.blake2s(question, digest_size=CURSOR_DIGEST_BYTES).digest()
        return base64.urlsafe_b64encode(digest + place).decode().rstrip("=")

    def _read_cursor(self, cursor: str) -> tuple[Any, str]:
        try:
            value, id = _place_of(cursor)
            key = self.key.read(value)
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


def _reads_on(day: date) -> ColumnElement[bool]:
    return and_(col(Rendering.from_on) <= day, col(Rendering.until_on) > day)


def _near(dataset: OpenDataset, resource: Resource, id: str) -> str:
    """Return a sentence that names ids one slip away: a character wrong, missing, extra, or two swapped."""
    ids = col(Rendering.id)
    near = select(ids).where(col(Rendering.resource) == resource.path, ids.in_(_slips(id[:MAX_ID])))
    found = sorted({row.id for row in dataset.rows(near.limit(50))})
    return f" Did you mean {', '.join(found[:5])}?" if found else ""


def _slips(id: str) -> list[str]:
    alphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-"
    splits = [(id[:place], id[place:]) for place in range(len(id) + 1)]
    missing = [left + char + right for left, right in splits for char in alphabet]
    wrong = [left + char + right[1:] for left, right in splits if right for char in alphabet]
    extra = [left + right[1:] for left, right in splits if right]
    swapped = [left + right[1] + right[0] + right[2:] for left, right in splits if len(right) > 1]
    return [*missing, *wrong, *extra, *swapped]


def _datasets(request: Request) -> Datasets:
    datasets: Datasets = request.app.state.datasets
    return datasets


def _dataset_part(dataset: OpenDataset, covered: Sequence[str]) -> dict[str, str]:
    return {"version": dataset.version, "covers_until": dataset.checked_until(*covered).isoformat()}


def _headers(dataset: OpenDataset, day: date, covered: Sequence[str]) -> dict[str, str]:
    """Return the headers that say of every answer, in any format, what it is true of."""
    return {
        "As-Of": day.isoformat(),
        "Dataset-Version": dataset.version,
        "Dataset-Covers-Until": dataset.checked_until(*covered).isoformat(),
    }


def _send(request: Request, body: bytes, form: Format, headers: dict[str, str]) -> Response:
    body = body.replace(BASE.encode(), base_url(request.scope).encode())
    return respond(request, body, MEDIA_TYPES[form], headers, get_settings().cache_seconds)


def _dump(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
