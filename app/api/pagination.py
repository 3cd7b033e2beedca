"""Keyset pagination: parse a question to a collection, plan its SQL, fetch the rows, make the page."""

import base64
import hashlib
import json
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache, cached_property, lru_cache
from operator import itemgetter
from typing import Any

from fastapi import Request, Response
from pydantic import BaseModel
from sqlalchemy import ColumnElement, Date, Integer, Select, and_, bindparam, distinct, func, or_, select
from sqlmodel import col

from app.api.envelope import Envelope, Link, described_by, envelope_of, file_headers, query_string
from app.api.filters import (
    DAY,
    DAY_AFTER,
    NO_FILTERS,
    ActiveFilters,
    Conditions,
    Equals,
    FilterKey,
    From,
    Until,
    active_filters,
    conditions_of,
    filters_of,
    listed_subjects,
)
from app.api.flat import TableColumn, columns_from
from app.api.formats import (
    ENCODINGS,
    FEEDS,
    MARK,
    WHOLE,
    Content,
    Format,
    check_mark,
)
from app.api.items import ALL, SHOWN, check_names
from app.api.query_models import PageQuery
from app.api.record_counts import LISTED, count_between, count_of_filter, count_of_values, count_values
from app.api.resource import ITEM, RECORD, Resource, valid_on
from app.database import PreparedQuery
from app.fields.dates import LAST_DAY, day_after
from app.fields.text import dump_json
from app.problems import InvalidRequest
from app.publishing.rendering import BASE
from app.tables import STILL_VALID, RecordCount, Rendering

CURSOR_DIGEST_BYTES = 8
LOOKUP_COST_RATIO = 3
"""Cost of loading one listed subject by id, in units of testing one subject for being listed (measured)."""
PAGING = frozenset({"after", "limit", "format", "as_of", "dataset", "include", "fields", "facets", "bom"})
"""Parameters that a cursor is not tied to: they choose the page and its form, not the records that match."""
PAGE = 50
"""Records of a page where no limit is given."""
CHOOSING = frozenset({"include", "fields_", "facets", "bom"})
"""Fields of the query model that choose what of the records is sent, and how; most questions give none of them."""
ITEM_FORMATS = (Format.JSON, Format.NDJSON)
"""Formats that send the items of records, not whole records."""


@dataclass  # not frozen: to make a frozen one takes three times as long, and a first answer makes several
class PageResult:
    """One page of the records that match a question.

    Attributes:
        resource: the collection.
        envelope: the day and the dataset that the answer is true of.
        records: the records of the page, rendered as JSON.
        total: how many match on all pages together.
        next: absolute URL of the next page, its beginning still to be filled in; None on the last.
        facets: how many of all that match have which value, by filter; empty where that is not asked for.
    """

    resource: Resource
    envelope: Envelope
    records: Sequence[bytes]
    total: int
    next: str | None
    facets: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)

    def document(self) -> bytes:
        """Encode the page as JSON."""
        head, tail = self.around()
        if not self.records:
            return head + tail
        # Joined at once: a page is long, and each copy of it costs time.
        parts = list(self.records)
        parts[0] = head + parts[0]
        parts[-1] += tail
        return b",".join(parts)

    def around(self) -> tuple[bytes, bytes]:
        """Encode what is before and behind the records of the JSON document."""
        members = {"next": self.next} | ({"facets": self.facets} if self.facets else {}) | self.envelope.members()
        return b'{"total":%d,"items":[' % self.total, b"]," + dump_json(members)[1:]


def send_page(
    page: PageResult, content: Content, form: Format, links: Sequence[Link] = (), query: PageQuery | None = None
) -> Response:
    """Encode a page, with the total and the links of the page in its headers.

    Args:
        page: the page.
        content: its content for the encoder.
        form: the format.
        links: further links.
        query: the parameters of the question; None where it has none that concern its form.
    """
    bom, fields = (query.bom, query.fields_) if query else (False, None)
    following = [Link("next", page.next)] if page.next else []
    headers = {"Total-Count": str(page.total)}
    described: list[Link] = []
    if form in WHOLE:
        headers |= file_headers(page.resource.table, page.envelope, form)
        described = [described_by(page.resource.table, fields)] if form is Format.CSV else []
    body = (MARK if bom else b"") + ENCODINGS[form].encode(content)
    return page.envelope.send(body, form, headers, [*following, *links, *described])


# Parse


@dataclass  # not frozen: to make a frozen one takes three times as long, and a first answer makes several
class Question:
    """A question to a collection.

    Attributes:
        resource: the collection.
        query: the parameters.
        envelope: the dataset that answers, and the day.
        filters: the filters that are given.
        sort: the sort keys with commas between them, each with a minus before it for descending order.
        after: values of the order of the last record of the page before; None on the first page.
        listed: how many records are of subjects that are listed on the day, if only those are asked for; else None.
        limit: how many records a page has at most; None for all that match.
        members: the members of a record to answer with; None for those that `is_whole` says.
        is_whole: whether records are needed, or their items are enough.
        columns: the columns of the flat table.
        facets: the filters whose values are to be counted.
    """

    resource: Resource
    query: PageQuery
    envelope: Envelope
    filters: ActiveFilters
    sort: str
    after: tuple[Any, ...] | None
    listed: int | None
    limit: int | None
    members: tuple[str, ...] | None
    is_whole: bool
    columns: Sequence[TableColumn]
    facets: tuple[str, ...]

    @cached_property
    def plan(self) -> "_Plan":
        """The SQL of the question."""
        few = self.listed is not None and _are_few(self.listed, self)
        key = self.filters.cache_key
        # Only a question without filters is answered from the renderings alone.
        is_last = not key and _is_last(self)
        are_rare = self._are_rare() if key else None
        return _plan(self.resource, key, self.sort, self.after is not None, few, self.is_whole, is_last, are_rare)

    def _are_rare(self) -> bool | None:
        """Say whether few records have the values that are asked for; None where none are, or it was not counted."""
        filters = filters_of(self.resource.query)
        given = [one for one in self.filters.cache_key if isinstance(filters[one[0]][1], Equals)]
        dataset, end = self.envelope.dataset, day_after(self.envelope.day)
        number = count_of_values(dataset, self.resource, given, self.filters.values, None, end)
        return None if number is None else _are_few(number, self)

    def shown(self, record: bytes) -> bytes:
        """Encode a rendered record or item with the members that are asked for."""
        return record if self.members is None else self.resource.items.cut(record, self.members, self.is_whole)

    def counted(self) -> dict[str, list[dict[str, Any]]]:
        """Count the values of the facets that are asked for."""
        values, dataset = self.values, self.envelope.dataset
        counts = {}
        for name in self.facets:
            found: Iterable[Sequence[Any]] | None = None
            if not self.filters.cache_key:
                found = count_values(dataset, self.resource, name, self.envelope.day)
            if found is None:
                found = dataset.run_prepared(_facet(self.resource, self.filters.cache_key, name), values)
            counts[name] = [{"value": value, "count": count} for value, count in found if value is not None]
        return counts

    @cached_property
    def values(self) -> dict[str, Any]:
        """The bind values of its filters and of its day."""
        day = self.envelope.day
        return self.filters.values | {DAY: day, DAY_AFTER: day_after(day)}


def parse(request: Request, resource: Resource, query: PageQuery, form: Format) -> Question:
    """Parse a question to a collection; raises as ``read_page`` does.

    Args:
        request: the request.
        resource: the collection.
        query: its parameters.
        form: the format of the answer.
    """
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
    if resource.subject is not None and (LISTED, True) in filters.cache_key:
        listed = count_of_filter(envelope.dataset, resource, (LISTED, True), filters.values, envelope.day)
    members: tuple[str, ...] | None = None
    is_whole = resource.form is None or form not in ITEM_FORMATS
    columns: Sequence[TableColumn] = resource.columns
    facets: tuple[str, ...] = ()
    if not CHOOSING.isdisjoint(query.model_fields_set):
        members, is_whole = _members(resource, query, form)
        columns = chosen_columns(columns, resource.model, query.fields_)
        facets = _facets(resource, query, form)
    shown: tuple[str, ...] | None = request.scope.get(SHOWN)
    if shown is not None:
        members = tuple(dict.fromkeys((*resource.items.members, *shown)))
        is_whole, facets = not set(shown) <= set(resource.items.members), resource.facets
    limit = query.limit or ("all" if form in WHOLE else PAGE)
    return Question(
        resource,
        query,
        envelope,
        filters,
        sort,
        after,
        listed,
        None if limit == "all" else limit,
        members,
        is_whole,
        columns,
        facets,
    )


def chosen_columns(columns: Sequence[TableColumn], model: type[BaseModel], names: str | None) -> Sequence[TableColumn]:
    """Choose the columns of a flat table that are made from the members that ``fields`` names.

    Args:
        columns: the columns.
        model: the answer model of the records.
        names: the value of ``fields``; None for all columns.

    Raises:
        InvalidRequest: a record has no such member.
    """
    if names is None:
        return columns
    chosen = check_names("fields", names, model.model_fields, "member of these records is called")
    return columns_from(columns, chosen)


def _members(resource: Resource, query: PageQuery, form: Format) -> tuple[tuple[str, ...] | None, bool]:
    """Return the members of a record to answer with, None for all, and whether the whole record is needed."""
    check_mark(query.bom, form)
    if form not in ITEM_FORMATS:
        if query.include is not None:
            message = (
                "only items in json and ndjson have parts to add; a table has all its columns, and `fields` chooses"
            )
            raise InvalidRequest.of("include", message)
        if query.fields_ is not None and form in FEEDS:
            raise InvalidRequest.of("fields", "a feed has no members to choose from; ask for json, ndjson, csv or xlsx")
        return None, True
    groups: tuple[str, ...] = ()
    items = resource.items
    if query.include is not None:
        groups = check_names("include", query.include, [*items.groups, ALL], "part of these items is called")
    chosen: tuple[str, ...] = ()
    if query.fields_ is not None:
        chosen = check_names("fields", query.fields_, resource.model.model_fields, "member of these records is called")
    if ALL in groups or (resource.form is None and not chosen):
        return None, True
    added = [member for group in groups for member in items.groups[group]]
    if not chosen and not added:
        return None, False
    members = tuple(dict.fromkeys([*(chosen or items.members), *added]))
    return members, not set(members) <= set(items.members)


def _facets(resource: Resource, query: PageQuery, form: Format) -> tuple[str, ...]:
    if query.facets is None:
        return ()
    if form is not Format.JSON:
        raise InvalidRequest.of("facets", "only json has room for counts beside the records")
    if not resource.facets:
        raise InvalidRequest.of("facets", "this collection declares none")
    return check_names("facets", query.facets, resource.facets, "facet here is called")


def _are_few(listed: int, question: Question) -> bool:
    """Say whether loading all listed subjects by id is cheaper than testing subjects in the order of the page."""
    everybody = count_between(question.envelope.dataset, question.resource, None, LAST_DAY)
    return LOOKUP_COST_RATIO * listed**2 <= (question.limit or everybody) * everybody


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


def _is_last(question: Question) -> bool:
    """Say whether the day is one on which the last rendering of each record is valid, as today mostly is."""
    begins = question.envelope.dataset.cached_column(_last_change(question.resource), {})
    return bool(begins) and begins[0] <= question.envelope.day.isoformat()


@lru_cache(maxsize=1024)
def _plan(
    resource: Resource,
    filters: FilterKey,
    sort: str,
    follows: bool,
    few: bool,
    is_whole: bool,
    is_last: bool,
    are_rare: bool | None = None,
) -> _Plan:
    """Build the SQL of a shape of question.

    Args:
        resource: the collection.
        filters: the filters that are given.
        sort: the sort keys, each with a minus before it for descending order.
        follows: whether the page begins at a cursor.
        few: whether only few subjects are listed on the day: then select those ids first, instead of testing every
            subject in page order.
        is_whole: whether to select whole records, not their items.
        is_last: whether the last rendering of each record is valid on the day.
        are_rare: whether few records have the values that are asked for: then begin with those, instead of testing
            every record in page order; None where that is not known.
    """
    is_of_all = not filters and resource.visible_from is None
    # Where its records are there on every day, all of a collection were counted at publish.
    all_of_it = select(col(RecordCount.total)).where(col(RecordCount.resource) == resource.path)
    if is_of_all and _is_by_id(resource, sort):
        page = _select_all(resource, sort, follows, is_whole, is_last)
        return _Plan(PreparedQuery(page), PreparedQuery(all_of_it))
    conditions = _conditions(resource, filters)
    clause = conditions.clause(begin_with_values=True)
    matching = select(func.count()).select_from(resource.tables_of(clause)).where(clause)
    total = all_of_it if is_of_all else matching
    if few:
        conditions.add(col(resource.subject).in_(listed_subjects(conditions.day)))
    identity = col(resource.identity)
    keys = sort_order(resource, sort)
    order = [key.desc() if descending else key.asc() for key, descending in keys]
    found = select(*(key.label(f"key_{place}") for place, (key, _) in enumerate(keys)), identity.label("id"))
    found = found.select_from(resource.tables).where(conditions.clause(are_rare))
    if follows:
        found = found.where(_after_cursor(keys))
    chosen = found.order_by(*order).limit(bindparam("most", type_=Integer())).subquery("chosen")
    reading = select(RECORD if is_whole else ITEM).where(
        col(Rendering.resource) == resource.path, col(Rendering.id) == chosen.c.id, valid_on(conditions.day)
    )
    # The records are looked up for the rows of the page only, not for all rows that are tested.
    columns = [chosen.c[f"key_{place}"] for place in range(len(keys))]
    page = select(reading.scalar_subquery(), *columns)
    page = page.order_by(*(column.desc() if keys[place][1] else column.asc() for place, column in enumerate(columns)))
    return _Plan(PreparedQuery(page), PreparedQuery(total))


def _is_by_id(resource: Resource, sort: str) -> bool:
    """Say whether the order of a collection is that of its ids."""
    return resource.sorts[sort.partition(",")[0].removeprefix("-")].column is resource.identity


def _select_all(resource: Resource, sort: str, follows: bool, is_whole: bool, is_last: bool) -> Select[Any]:
    """Select the records of a question without filters in the order of their ids: that of the renderings themselves.

    This is the first page of most collections; it takes half the time of looking up each record of a page.
    """
    identity, descending = col(Rendering.id), sort.startswith("-")
    key: ColumnElement[Any] = identity.expression  # type: ignore[attr-defined]  # mypy sees a mapped column
    found = select(RECORD if is_whole else ITEM, key)
    valid = STILL_VALID if is_last else valid_on(bindparam(DAY, type_=Date))
    found = found.where(col(Rendering.resource) == resource.path, valid)
    if follows:
        found = found.where(_after_cursor([(key, descending)]))
    return found.order_by(key.desc() if descending else key.asc()).limit(bindparam("most", type_=Integer()))


def _conditions(resource: Resource, filters: FilterKey) -> Conditions:
    conditions = conditions_of(resource.query, filters, resource.identity)
    if resource.visible_from is not None:
        conditions.add(conditions.begun(resource.visible_from))
    return conditions


def sort_order(resource: Resource, sort: str) -> list[tuple[ColumnElement[Any], bool]]:
    """Return the expressions that a collection is ordered by, each with whether it descends; the id is the last.

    Args:
        resource: the collection.
        sort: the sort keys with commas between them.
    """
    keys: list[tuple[ColumnElement[Any], bool]] = []
    for name in sort.split(","):
        sort_key, descending = resource.sorts[name.removeprefix("-")], name.startswith("-")
        keys.append((sort_key.expression(descending), descending))
        if sort_key.column is resource.identity:  # no two records have the same
            return keys
    identity: Any = col(resource.identity)
    return [*keys, (identity, False)]


@lru_cache(maxsize=256)
def _facet(resource: Resource, filters: FilterKey, name: str) -> PreparedQuery:
    """Build the SQL that counts the records that match by their values of a filter, the most frequent first.

    Where the filter looks at rows of another table, only the rows are counted that the other filters on it describe.
    """
    conditions = _conditions(resource, filters)
    mark = filters_of(resource.query)[name][1]
    if not isinstance(mark, Equals):
        raise TypeError(f"{name} of {resource.path} is no filter by values, and so no facet")
    column: Any = col(mark.column)
    identity = col(resource.identity if mark.via is None else mark.via)
    times = func.count(distinct(identity))
    found = select(column, times)
    if mark.via is None:
        found = found.select_from(resource.tables).where(conditions.clause())
    else:
        matching = select(col(resource.identity)).select_from(resource.tables).where(conditions.clause())
        found = found.where(identity.in_(matching), *conditions.related.get(mark.via, ()))
    return PreparedQuery(found.group_by(column).order_by(times.desc(), column))


@cache
def _last_change(resource: Resource) -> PreparedQuery:
    """Build the SQL that selects the day from which on the last rendering of each record of a collection is valid."""
    begins = col(Rendering.from_on)
    last = select(begins).where(col(Rendering.resource) == resource.path, STILL_VALID)
    return PreparedQuery(last.order_by(begins.desc()).limit(1))


def _after_cursor(keys: Sequence[tuple[ColumnElement[Any], bool]], place: int = 0) -> ColumnElement[bool]:
    """Return the condition that a row comes after the cursor, in a form that an index of the order can follow.

    Args:
        keys: the expressions of the order, each with whether it descends.
        place: the one from which on the order is compared.
    """
    key, descending = keys[place]
    last = bindparam(f"last_{place}", type_=key.type)
    beyond, not_before = (key < last, key <= last) if descending else (key > last, key >= last)
    return beyond if place == len(keys) - 1 else and_(not_before, or_(beyond, _after_cursor(keys, place + 1)))


# Fetch


def fetch(question: Question, most: int) -> list[tuple[Any, ...]]:
    """Select rows of the answer in its order, from the cursor on: record or item, then the values of `sort_order`.

    Args:
        question: the question.
        most: how many.
    """
    if question.listed == 0:
        return []
    values = {**question.values, "most": most}
    if question.after is not None:
        values |= {f"last_{place}": value for place, value in enumerate(question.after)}
    return question.envelope.dataset.run_prepared(question.plan.page, values)


def count(question: Question) -> int:
    """Count all records that match a question."""
    if question.listed is not None and len(question.filters.cache_key) == 1:
        return question.listed
    if question.filters.cache_key or question.resource.visible_from is not None:
        counted = _counted_at_publish(question)
        if counted is not None:
            return counted
    total: int = question.envelope.dataset.cached_column(question.plan.total, question.values)[0]
    return total


def _counted_at_publish(question: Question) -> int | None:
    """Return how many records match, where that was counted at publish; else None."""
    dataset, resource = question.envelope.dataset, question.resource
    given, values, day = question.filters.cache_key, question.filters.values, question.envelope.day
    others, first, end = _days_asked_for(question)
    if not others:
        return count_between(dataset, resource, first, end) if resource.visible_from is not None else None
    if all(isinstance(filters_of(resource.query)[name][1], Equals) for name, _ in others):
        return count_of_values(dataset, resource, others, values, first, end)
    return count_of_filter(dataset, resource, given[0], values, day) if len(given) == 1 else None


def _days_asked_for(question: Question) -> tuple[Sequence[tuple[str, Hashable]], date | None, date]:
    """Return the filters that are given without those on the first day of a record, and its days.

    These are half-open: the first of the days is None where any day before the end is one.
    """
    first, end = None, day_after(question.envelope.day)
    others = []
    for name, cache_key in question.filters.cache_key:
        mark = filters_of(question.resource.query)[name][1]
        if not isinstance(mark, From | Until) or mark.column is not question.resource.visible_from:
            others.append((name, cache_key))
            continue
        day: date = question.filters.values[f"{name}_value"]
        first, end = (day, end) if isinstance(mark, From) else (first, min(day, end))
    return others, first, end


def followed(question: Question, row: Sequence[Any]) -> Question:
    """Return the question for the records behind a row that `fetch` gave."""
    return replace(question, after=_position_of_row(question.resource, question.sort, [str(one) for one in row[1:]]))


def make_page(question: Question) -> PageResult:
    """Fetch the page of records that answers a question, and count what it asks to count."""
    limit = question.limit or PAGE
    rows = fetch(question, limit + 1)
    total = 0 if question.listed == 0 else count(question)
    shown = rows[:limit]
    following = next_url(question, shown[-1]) if len(rows) > limit else None
    records = list(map(itemgetter(0), shown))
    if question.members is not None:
        records = list(map(question.shown, records))
    facets = question.counted() if question.facets else {}
    return PageResult(question.resource, question.envelope, records, total, following, facets)


def next_url(question: Question, row: Sequence[Any]) -> str:
    """Return the absolute URL of the page that follows a row, its beginning still to be filled in."""
    day, version = question.envelope.day.isoformat(), question.envelope.dataset.version
    after = _cursor(question.query, question.resource, question.sort, day, list(map(str, row[1:])))
    pinned = {"as_of": day, "dataset": version, "after": after}
    return f"{BASE}/{question.resource.path}?{query_string(question.query, pinned)}"


# Cursors


def _cursor(query: PageQuery, resource: Resource, sort: str, day: str, position: Sequence[str]) -> str:
    """Encode the position after a record, tied to the question by a digest."""
    filters = query_string(query, {}, without=PAGING)
    question = json.dumps([resource.path, sort, day, filters, *position]).encode()
    digest = hashlib.blake2s(question, digest_size=CURSOR_DIGEST_BYTES).digest()
    return base64.urlsafe_b64encode(digest + dump_json(list(position))).decode().rstrip("=")


def _read_cursor(query: PageQuery, resource: Resource, sort: str, day: date) -> tuple[Any, ...]:
    """Decode a cursor into the values of the order of the last record before it.

    Raises:
        InvalidRequest: it is no cursor, or was given for another question.
    """
    cursor = query.after or ""
    try:
        position = _position_of(cursor)
        after = _position_of_row(resource, sort, position)
        is_ours = cursor == _cursor(query, resource, sort, day.isoformat(), position)
    except ValueError:
        raise InvalidRequest.of("after", "this is no cursor of this API; take it from `next`") from None
    if is_ours:
        return after
    raise InvalidRequest.of(
        "after", "this cursor was given for another question; keep its filters, sort and as_of, or begin anew"
    )


def _position_of_row(resource: Resource, sort: str, texts: Sequence[str]) -> tuple[Any, ...]:
    """Parse the values by which a row is ordered: those of `sort_order`.

    Raises:
        ValueError: they are not as many, or one is no value of its column.
    """
    names = [name.removeprefix("-") for name in sort.split(",")]
    if len(texts) != len(sort_order(resource, sort)):
        raise ValueError("these are not the values of the order")
    # The last value is the id where no sort key is, and is a text as it is.
    return tuple(
        resource.sorts[names[place]].read(text) if place < len(names) else text for place, text in enumerate(texts)
    )


def _position_of(cursor: str) -> list[str]:
    """Decode the values of the order that a cursor contains.

    Raises:
        ValueError: it does not have the form of a cursor.
    """
    content = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    try:
        position = json.loads(content[CURSOR_DIGEST_BYTES:].decode())
    except RecursionError:
        raise ValueError("a cursor is flat") from None
    if not (isinstance(position, list) and position and all(isinstance(part, str) for part in position)):
        raise ValueError("a cursor holds texts")
    return position
