"""Search: a name, however it is spelled, compared with every name of the record, with reasons and a receipt."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import Field, WithJsonSchema

from app.api.envelope import Envelope, Link, envelope_of
from app.api.flat import columns_of
from app.api.formats import DATA, MEDIA_TYPES, Content, Format, choose_format, format_field
from app.api.openapi_responses import BATCH_ANSWERS, TABLE_ANSWERS
from app.api.query_models import DayQuery, byte_order_mark
from app.api.query_types import StrictBool, StrictInt
from app.api.routing import strict_router
from app.api.table import send_table
from app.fields.countries import Country
from app.fields.dates import Edtf
from app.fields.text import dump_json
from app.matching.index import THRESHOLD
from app.matching.query import unsearchable_reason
from app.problems import ContentTooLarge, InvalidRequest, UnsupportedMediaType
from app.resources.batch_models import BATCH_BODY, BatchAnswer
from app.resources.search_models import HitPart, SearchAnswer
from app.screening.batch import MOST_BYTES, Batch, BatchRow, Steps, batch_steps
from app.screening.bulk import AnswerTable, BulkOptions, BulkScreener, ScreenedRow
from app.screening.dates import DateOrder
from app.screening.prepared import Screeners
from app.screening.results import LISTS, ScreeningService
from app.screening.screener import ScreeningQuery
from app.screening.table_writer import csv_bytes
from app.vocabularies import SubjectKind

router = strict_router("search")
ABOUT = "Find anyone, however the name is spelled, and say why; one name or five hundred."
"""Description of the tag in OpenAPI."""
HOME = ("/search?q=Jin+Teng", "Search: any name, however it is spelled; POST for many")
"""Link on the home page: path and title."""


Threshold = Annotated[float, Field(ge=0.5, le=1)]


class ScreenQuery(DayQuery):
    """What can be asked of one query and of many."""

    format: str | None = format_field(DATA)
    listed: StrictBool | None = Field(
        default=None,
        description="true: only subjects on the list on the day; false: only those that are not. Not given: all.",
        examples=[True],
    )
    threshold: Threshold = Field(
        default=THRESHOLD, description="Score from 0.5 to 1 from which on a subject is a hit.", examples=[0.9]
    )
    limit: StrictInt = Field(
        default=20, ge=1, le=500, description="Most hits in one answer, from 1 to 500.", examples=[5]
    )


class BatchQuery(ScreenQuery):
    """What can be asked of a batch."""

    dates: Literal["dmy", "mdy"] | None = Field(
        default=None,
        description="Order of day and month in dates that can be two days, such as 03/04/1968. Not given: those are "
        "not compared.",
        examples=["dmy"],
    )
    closest: StrictBool | None = Field(
        default=None,
        description="true: look for the best subject below the threshold of every name too, which takes longer.",
        examples=[True],
    )


_EXAMPLE = "Choi Sung-il"


class SearchQuery(ScreenQuery):
    """What can be asked of the search."""

    q: Annotated[
        str,
        WithJsonSchema({"type": "string", "format": "name", "minLength": 1, "maxLength": 300, "examples": [_EXAMPLE]}),
    ] = Field(
        min_length=1,
        max_length=300,
        description=(
            "A name in any romanisation or in Hangul, the name of a ship or a company, an IMO number, a permanent "
            "reference number or the number of a passport."
        ),
    )
    kind: list[SubjectKind] | None = Field(
        default=None, description="individual, entity or vessel. Repeat it for several.", examples=[["individual"]]
    )
    birth_date: Edtf | None = Field(
        default=None,
        description="Birth date as far as known, in EDTF. One that is 10 years or more from each on record clears a "
        "name, which `cleared` counts.",
        examples=["1970"],
    )
    nationality: Country | None = Field(
        default=None,
        description="State: ISO 3166-1 code (KP, PRK) or English name. Another one lowers the score, and clears "
        "nobody.",
        examples=["KP"],
    )
    cleared: Literal["count", "show"] = Field(
        default="count",
        description="Whether to count the subjects of like name that the birth date cleared, or to list them too.",
        examples=["show"],
    )
    skip: StrictInt = Field(default=0, ge=0, le=100_000, description="Hits to leave out, as `next` does.", examples=[0])
    bom: StrictBool | None = byte_order_mark()


@router.get(
    "/search",
    summary="Find anyone, however the name is spelled",
    response_model=SearchAnswer,
    responses=TABLE_ANSWERS,
)
async def read_search(request: Request, query: Annotated[SearchQuery, Query()]) -> Response:
    """Compare a name with every name that every individual, entity and ship ever had, and say why it agrees.

    Korean names are compared syllable by syllable across romanisations and scripts, others word by word. A longer text
    is split into the names in it, and the words beside them are set aside. The answer is a receipt: the query as
    understood, the day, the dataset, the matcher, the threshold, what was compared and what was not, what a birth date
    cleared, the best below the threshold, and `cite_as`, which gives it again. It is not a clearance.
    """
    form = choose_format(request, query.format, DATA)
    _check_name(query.q)
    envelope, service = await _service(request, query)
    person = ScreeningQuery(query.q, tuple(query.kind or ()), query.birth_date, query.nationality)
    show_cleared = query.cleared == "show"
    receipt = service.screen(person, query.limit, query.skip, show_cleared)
    # Not pinned, whatever the URL says: another release may match names otherwise.
    envelope = replace(envelope, cite_as=service.address(person, query.limit, query.skip, show_cleared), pinned=False)
    last = query.skip + query.limit
    following = service.address(person, query.limit, last, show_cleared) if receipt["total"] > last else None
    total, links = {"Total-Count": str(receipt["total"])}, [Link("next", following)] if following else []
    content = Content(
        document=lambda: dump_json(receipt | {"next": following, "sources": service.sources()} | envelope.members()),
        columns=columns_of(HitPart),
        records=map(dump_json, receipt["items"]),
    )
    return send_table(envelope, content, form, "search", query.bom, total, links)


async def _service(request: Request, query: ScreenQuery) -> tuple[Envelope, ScreeningService]:
    """Return the screening service for the requested dataset, whose names are prepared once per version."""
    envelope = envelope_of(request, query, "/search", LISTS)
    screeners: Screeners = request.app.state.screeners
    screener = await screeners.get(envelope.dataset)
    return envelope, ScreeningService(envelope.dataset, screener, envelope.day, query.threshold, query.listed)


def _check_name(name: str) -> None:
    """Refuse a query that holds nothing to be compared."""
    if fault := unsearchable_reason(name):
        raise InvalidRequest.of("q", fault)


@router.post(
    "/search",
    summary="Screen up to 500 names",
    response_model=BatchAnswer,
    responses=BATCH_ANSWERS,
    openapi_extra=BATCH_BODY,
)
async def screen_batch(request: Request, query: Annotated[BatchQuery, Query()]) -> Response:
    """Screen up to 500 names: a JSON array of objects or names, or CSV with a column of names.

    Columns of birth dates, nationalities, kinds, IMO numbers and numbers of documents are found by their usual headers;
    all others come back with the answer. A value that cannot be read is named in `error`, and the name is screened
    without it. Hits whose digests are in the column `exclude` are left out and counted in `excluded`. Nothing is
    stored. The answers come in the order of the lines. As CSV there is a line for each hit, and one for each name
    without.
    """
    form = choose_format(request, query.format, DATA)
    body = await _body(request)
    order = DateOrder(query.dates) if query.dates else None
    batch = await _in_turns(batch_steps(request.headers.get("content-type", ""), body, order))
    envelope, service = await _service(request, query)
    # All of the dataset that the answers need: another can be published before they are done.
    options = BulkOptions(query.threshold, query.limit, query.listed, closest=bool(query.closest))
    if not query.closest:
        # The blocker of a threshold is built once, in a thread: no other request waits for it.
        await asyncio.to_thread(service.screener.blocker, query.threshold)
    screeners: Screeners = request.app.state.screeners
    snapshot = await screeners.snapshot(envelope.dataset, service.screener, envelope.day)
    screener = BulkScreener(snapshot, options)
    answers = (screener.screen(number, row) for number, row in enumerate(map(_of_usual_length, batch.rows), 1))
    parts = (
        _as_csv(AnswerTable(batch.columns, closest=False), screener, answers)
        if form is Format.CSV
        else _as_json(envelope, service.sources(), batch.length, map(screener.answer, answers))
    )
    headers = {**envelope.headers(), "Cache-Control": "no-store"}
    headers.pop("Link", None)  # each answer has an address of its own
    return StreamingResponse(_sent(envelope, parts), headers=headers, media_type=MEDIA_TYPES[form])


async def _body(request: Request) -> bytes:
    """Read a body.

    Raises:
        UnsupportedMediaType: it is compressed (RFC 9110, section 15.5.16): a small body could be very large.
        ContentTooLarge: it is longer than `MOST_BYTES`; said at once where its length is given.
    """
    coding = request.headers.get("content-encoding", "").strip().lower()
    if coding not in ("", "identity"):
        message = f"A body in the coding {coding[:80]!r} is not read here; send it without Content-Encoding."
        raise UnsupportedMediaType(message, headers={"Accept-Encoding": "identity"})
    too_long = ContentTooLarge(f"A batch may be {MOST_BYTES} bytes long; send several.")
    length = request.headers.get("content-length", "")
    if length.isdecimal() and (len(length) > 9 or int(length) > MOST_BYTES):
        raise too_long
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            raise too_long
    return body


async def _sent(envelope: Envelope, parts: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Yield an answer in parts that each took a few milliseconds; between them other requests get their turn."""
    buffer: list[bytes] = []
    began = time.perf_counter()
    for part in parts:
        buffer.append(part)
        if time.perf_counter() - began > _SLICE_SECONDS:
            yield envelope.filled(b"".join(buffer))
            buffer.clear()
            await asyncio.sleep(0)
            began = time.perf_counter()
    yield envelope.filled(b"".join(buffer))


_SLICE_SECONDS = 0.003


async def _in_turns(steps: Steps) -> Batch:
    """Read a batch; every few milliseconds other requests get their turn."""
    began = time.perf_counter()
    while True:
        try:
            next(steps)
        except StopIteration as done:
            batch: Batch = done.value
            return batch
        if time.perf_counter() - began > _SLICE_SECONDS:
            await asyncio.sleep(0)
            began = time.perf_counter()


LONGEST_TEXT = 3000
"""Characters of the longest text that is screened for one row of a batch, so that nobody waits for it."""


def _of_usual_length(row: BatchRow) -> BatchRow:
    """Mark a row whose name is longer than a server screens."""
    if row.name is None or len(row.name) <= LONGEST_TEXT:
        return row
    fault = f"the name has more than {LONGEST_TEXT} characters and was not screened; `unlisted screen` screens it"
    return replace(row, name=None, faults=(*row.faults, fault))


def _as_json(
    envelope: Envelope, sources: list[dict[str, str]], total: int, answers: Iterator[dict[str, Any]]
) -> Iterator[bytes]:
    yield b'{"total":%d,"items":[' % total
    for place, answer in enumerate(answers):
        yield (b"," if place else b"") + dump_json(answer)
    about = {name: value for name, value in envelope.members().items() if name != "cite_as"}
    yield b"]," + dump_json({"sources": sources} | about)[1:]


def _as_csv(table: AnswerTable, screener: BulkScreener, answers: Iterator[ScreenedRow]) -> Iterator[bytes]:
    yield csv_bytes([table.header])
    for screened in answers:
        yield csv_bytes(table.rows(screener, screened))
