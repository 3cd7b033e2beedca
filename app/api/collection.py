"""Answers to a collection: one page, or all that matches, in any format."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

from fastapi import Request, Response

from app.api.citations import LICENCE, NAME
from app.api.envelope import Envelope, Link, described_by, file_headers
from app.api.flat import rows_of
from app.api.formats import (
    MARK,
    Content,
    Format,
    choose_format,
    csv_header,
    csv_lines,
    ndjson_lines,
)
from app.api.pagination import PageResult, Question, count, fetch, followed, make_page, parse, send_page
from app.api.query_models import PageQuery
from app.api.resource import Resource
from app.api.workbook import Workbook, check_size

SLICE = 100
"""Records that are fetched and encoded at once; between two slices other requests are answered."""

MOST_BUFFERED = 1000
"""Records of the largest result that is an answer like any other: with its length and tag, compressed and cached."""


async def read_page(request: Request, resource: Resource, query: PageQuery, links: Sequence[Link] = ()) -> Response:
    """Answer a question to a collection with one page, or with all that matches.

    Args:
        request: the request.
        resource: the collection.
        query: its parameters.
        links: further links.

    Raises:
        InvalidRequest: the cursor was not given by this collection for this question; the question names a record that
            the dataset does not have, or a member, a group or a facet that the collection does not have.
        NotAcceptable: no format that is offered is accepted.
        VersionGone: the version of the dataset that is asked for is not kept.
        NoDataset: nothing is published.
    """
    form = choose_format(request, query.format, resource.formats)
    question = parse(request, resource, query, form)
    if question.limit is None or form is Format.XLSX:
        return await send_whole(question, form, links)
    page = make_page(question)
    return send_page(page, Content(page.document, question.columns, page.records), form, links, query)


async def send_whole(question: Question, form: Format, links: Sequence[Link] = ()) -> Response:
    """Answer with all that matches: at once where it is small, else sent as it is made.

    Args:
        question: the question.
        form: the format.
        links: further links.

    Raises:
        InvalidRequest: it is a workbook with more rows than one has, or a page of one.
    """
    total = 0 if question.listed == 0 else count(question)
    envelope, resource = question.envelope, question.resource
    headers = {"Total-Count": str(total)} | file_headers(resource.table, envelope, form)
    described = [] if form in (Format.JSON, Format.NDJSON) else [described_by(resource.table, question.query.fields_)]
    links = [*links, *described]
    if form is Format.XLSX:
        most = total if question.limit is None else min(total, question.limit)
        check_size(most, len(question.columns))
        body = await _workbook(question)
        return envelope.send(body, form, headers, links)
    parts = _whole_parts(question, form, total)
    if total <= MOST_BUFFERED:
        body = b""
        async for part in parts:
            body += part
        return envelope.send(body, form, headers, links)
    return envelope.stream(parts, form, headers, links)


async def _whole_parts(question: Question, form: Format, total: int) -> AsyncIterator[bytes]:
    """Yield the body of a whole result in parts; the dataset that it begins with is the one that it ends with."""
    envelope = question.envelope
    head, tail = b"", b""
    if form is Format.JSON:
        head, tail = PageResult(question.resource, envelope, (), total, None, question.counted()).around()
    elif form is Format.CSV:
        head = (MARK if question.query.bom else b"") + csv_header(question.columns)
    yield envelope.filled(head)
    is_first = True
    for rows in _slices(question):
        await asyncio.sleep(0)
        records = [question.shown(row[0]) for row in rows]
        if form is Format.CSV:
            yield envelope.filled(csv_lines(question.columns, records))
        elif form is Format.NDJSON:
            yield envelope.filled(ndjson_lines(records))
        else:
            yield envelope.filled((b"" if is_first else b",") + b",".join(records))
        is_first = False
    yield envelope.filled(tail)


def _slices(question: Question) -> Iterator[list[tuple[Any, ...]]]:
    """Yield all rows that match, `SLICE` at a time; of a page, those of the page."""
    left = question.limit
    while left is None or left > 0:
        wanted = SLICE if left is None else min(SLICE, left)
        rows = fetch(question, wanted)
        if rows:
            yield rows
        if len(rows) < wanted:
            return
        left = None if left is None else left - len(rows)
        question = followed(question, rows[-1])


_one_workbook_at_a_time = asyncio.Semaphore(1)


async def _workbook(question: Question) -> bytes:
    """Write a workbook of all that matches, or of a page."""
    envelope = question.envelope
    async with _one_workbook_at_a_time:
        book = Workbook(question.columns, about(envelope, question.resource), envelope.dataset.published_on)
        for rows in _slices(question):
            await asyncio.sleep(0)
            book.write(rows_of(question.columns, [envelope.filled(row[0]) for row in rows]))
        return await asyncio.to_thread(book.close)


def about(envelope: Envelope, resource: Resource) -> dict[str, str]:
    """Describe a result for the sheet ``About`` of its workbook: question, day, dataset, licence, citation."""
    cite_as = envelope.filled(envelope.cite_as.encode()).decode()
    return {
        "Question": f"/{resource.path}?{envelope.request.scope['query_string'].decode('utf-8', 'replace')}".rstrip("?"),
        "True of the day": envelope.day.isoformat(),
        "Dataset": envelope.dataset.version,
        "First published here on": envelope.dataset.published_on.isoformat(),
        "Checked until": envelope.covers_until,
        "Licence": f"Facts: CC0-1.0. {LICENCE}",
        "How to cite": f"{NAME}, dataset {envelope.dataset.version}, as of {envelope.day}. {cite_as}",
        "Not a clearance": "That a name is not found here is not a clearance; /dataset says what is covered.",
    }
