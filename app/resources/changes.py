"""Changes: everything that happened, in order of day, with what caused it; also as Atom and JSON Feed."""

import json
from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import Annotated, Any
from urllib.parse import unquote_plus

from fastapi import Path, Query, Request, Response
from pydantic import Field

from app.api.citations import LICENCE
from app.api.collection import read_page
from app.api.detail import read_record
from app.api.envelope import Link, query_string
from app.api.feeds import Entry, Feed
from app.api.filters import ActIs, Contains, Equals, From, SubjectIs, Until
from app.api.formats import COLLECTION, FEEDS, MEDIA_TYPES, Content, Format, choose_format, format_field
from app.api.items import ItemForm
from app.api.openapi_responses import FEED_ANSWERS, RECORD_ANSWERS, answer_of
from app.api.pagination import PAGE, PageResult, Question, count, fetch, followed, next_url, parse, send_page
from app.api.query_models import PageQuery, RecordQuery
from app.api.query_types import MOST_ON_A_PAGE, ActName, Sort, SubjectId, Text
from app.api.resource import TEXTS, Resource, SortKey
from app.api.routing import strict_router
from app.fields.dates import LAST_DAY, Day
from app.fields.text import fold
from app.problems import InvalidRequest
from app.publishing.batch_reader import BatchReader, new_row
from app.publishing.history import Event, events
from app.publishing.rendering import (
    BASE,
    ActReference,
    Evidence,
    Part,
    PartlyKnownDate,
    Record,
    Reference,
    RenderedRecord,
    act_reference,
    partly_known,
    url,
)
from app.publishing.subjects import request_reference
from app.tables import Change, ChangeSubject
from app.vocabularies import ChangeKind, GivenBy, ListingMeasure, RecordKind

router = strict_router("changes")
ABOUT = "Everything that happened, in order of day; what differs; how many there were."
"""Description of the tag in OpenAPI."""
HOME = ("/changes", "Changes: everything that happened, also as a feed")
"""Link on the home page: path and title."""


class CausePart(Part):
    """What caused a change."""

    act: ActReference | None = Field(description="The act that made it; null where none did or no source says which.")
    request: Reference | None = Field(description="The request that it goes back to, where there was one.")


class ChangeRecord(Record):
    """Something that happened."""

    changed_on: date = Field(
        description="The day that it is filed under: its day, or the last one on which it can have happened."
    )
    happened_on: PartlyKnownDate = Field(description="When it happened, as far as known.")
    kind: ChangeKind = Field(description="What happened: resolution_adopted, listed, delisted, renamed, amended, …")
    subject: Reference = Field(description="To whom or what.")
    concerns: list[Reference] = Field(description="Whom and what a request is about; of other changes, nobody.")
    measures: list[ListingMeasure] = Field(
        description="Measures that the subject came under, or is no longer under, by this change."
    )
    field: str | None = Field(description="Field of the subject's record that was amended; null where not known.")
    before: list[str] | None = Field(description="The field's values before; null where not known.")
    after: list[str] | None = Field(description="The field's values after; null where not known.")
    given_by: GivenBy | None = Field(description="Who gives those values: the UN's list, its reasons, or elsewhere.")
    caused_by: CausePart = Field(description="What caused it.")
    sentence: str = Field(description="The whole of it, to be read.")


class ChangeQuery(PageQuery):
    """Query parameters of the changes."""

    format: str | None = format_field(COLLECTION + FEEDS)
    first_on: Annotated[Day | None, From(Change.place)] = Field(
        default=None, alias="from", description="On this day or later.", examples=["2016-03-02"]
    )
    last_on: Annotated[Day | None, Until(Change.place)] = Field(
        default=None, alias="until", description="On this day or earlier.", examples=["2016-12-17"]
    )
    kind: Annotated[list[ChangeKind] | None, Equals(Change.kind)] = Field(
        default=None, description="What happened. Repeat it for several.", examples=[["delisted"]]
    )
    subject: Annotated[list[SubjectId] | None, SubjectIs(ChangeSubject.subject_id, via=ChangeSubject.change_id)] = (
        Field(
            default=None,
            description=(
                "Individual, entity or ship that it happened to, or that the request is about: permanent reference "
                "number, in any case, or IMO number. Repeat it for several."
            ),
            examples=[["9163166"]],
        )
    )
    subject_kind: Annotated[list[RecordKind] | None, Equals(ChangeSubject.kind, via=ChangeSubject.change_id)] = Field(
        default=None,
        description="What it happened to, or what the request is about. Repeat it for several.",
        examples=[["vessel"]],
    )
    resolution: Annotated[list[ActName] | None, ActIs(Change.act_id)] = Field(
        default=None,
        description=(
            "Act that caused it, a resolution or a decision of the Committee: number, day or id. Repeat it for several."
        ),
        examples=[["2270"]],
    )
    text: Annotated[Text | None, Contains(Change.folded)] = Field(
        default=None, description="Words in the sentence; case and accents do not count.", examples=["jin teng"]
    )
    sort: Annotated[str | None, Sort("changed_on")] = Field(
        default="-changed_on",
        description="Order: -changed_on (the default, the newest first) or changed_on (the oldest first).",
        examples=["changed_on"],
    )


def render(rows: BatchReader) -> Iterator[RenderedRecord]:
    """Yield every change; each exists from its day on."""
    for event in events(rows):
        yield RenderedRecord(event.id, event.changed_on, LAST_DAY, _record(rows, event), [*_asked_by(event)])


def _asked_by(event: Event) -> Iterator[Change | ChangeSubject]:
    """Yield the rows by which the change is found."""
    yield new_row(
        Change,
        id=event.id,
        changed_on=event.changed_on,
        kind=event.kind,
        act_id=event.act.id if event.act else None,
        place=event.place,
        folded=fold(event.sentence),
    )
    for one in (event.subject, *event.concerns):
        yield new_row(ChangeSubject, change_id=event.id, subject_id=one.id, kind=RecordKind(one.kind))


def _record(rows: BatchReader, event: Event) -> str:
    evidence = Evidence(rows)
    for table, row, pointers in event.support:
        evidence.support(table, row, pointers)
    record = ChangeRecord(
        id=event.id,
        changed_on=event.changed_on,
        happened_on=partly_known(event.happened_on),
        kind=event.kind,
        subject=event.subject,
        concerns=list(event.concerns),
        measures=list(event.measures),
        field=event.field,
        before=event.before,
        after=event.after,
        given_by=event.given_by,
        caused_by=CausePart(
            act=act_reference(event.act) if event.act else None,
            request=request_reference(event.request, event.kind != ChangeKind.REQUEST_MADE) if event.request else None,
        ),
        sentence=event.sentence,
        url=url("changes", event.id),
    )
    return record.complete(evidence)


CHANGES = Resource(
    path="changes",
    name="change",
    tables=Change,
    identity=Change.id,
    model=ChangeRecord,
    query=ChangeQuery,
    sorts={"changed_on": SortKey(Change.place, TEXTS)},
    render=render,
    title=lambda record: record["sentence"],
    visible_from=Change.place,
    formats=COLLECTION + FEEDS,
    form=ItemForm(
        (
            "id",
            "changed_on",
            "happened_on",
            "kind",
            "subject",
            "concerns",
            "measures",
            "field",
            "before",
            "after",
            "given_by",
            "caused_by",
            "sentence",
        ),
        groups={
            "citations": ("citations",),
        },
    ),
    facets=("kind", "subject_kind"),
)


@router.get("/changes", summary="Everything that happened", response_model=CHANGES.page_model(), responses=FEED_ANSWERS)
async def read_changes(request: Request, query: Annotated[ChangeQuery, Query()]) -> Response:
    """Every event of the record, the newest first: what was decided, who was listed and delisted, what was amended.

    Each says what caused it, an act or a request, and has a sentence to be read. What happened on a day that is known
    only in part is filed under the last day that it can mean. With `format=atom` or `format=jsonfeed` the same
    question is a feed to follow: the changes to one ship, what one resolution did, every delisting. A page of a feed
    has whole days: `limit` changes, and the others of the last of their days.
    """
    form = choose_format(request, query.format, CHANGES.formats)
    if form not in FEEDS:
        feeds = [Link("alternate", _feed_url(query, other), MEDIA_TYPES[other]) for other in FEEDS]
        return await read_page(request, CHANGES, query, feeds)
    if query.limit == "all":
        raise InvalidRequest.of("limit", "a feed comes in pages; ask for json, ndjson, csv or xlsx to have all at once")
    page = fetch_days(parse(request, CHANGES, query, form))
    return send_page(
        page, Content(page.document, CHANGES.columns, page.records, feed=partial(_feed, page, query)), form
    )


DAY_CHARACTERS = 10
"""Characters of the day with which the place of a change begins."""


def fetch_days(question: Question) -> PageResult:
    """Fetch a page of whole days: as many changes as the limit says, and those that are left of the last day.

    A reader of a feed sees its first page, and next time the days since then; of a day that is cut it never sees the
    rest.
    """
    limit = question.limit or PAGE
    rows = fetch(question, limit)
    is_last, is_cut = len(rows) < limit, len(rows) == limit
    while is_cut:
        behind = fetch(followed(question, rows[-1]), MOST_ON_A_PAGE)
        of_the_day = [row for row in behind if _day_of(row) == _day_of(rows[-1])]
        is_cut = len(of_the_day) == MOST_ON_A_PAGE
        is_last = not is_cut and len(of_the_day) == len(behind)
        rows += of_the_day
    following = None if is_last else next_url(question, rows[-1])
    return PageResult(CHANGES, question.envelope, [row[0] for row in rows], count(question), following)


def _day_of(row: tuple[Any, ...]) -> str:
    place: str = row[1]
    return place[:DAY_CHARACTERS]


def _feed_url(query: ChangeQuery, form: Format) -> str:
    """Return the URL of the feed of a question: its first page, for the current day and dataset."""
    asked = query_string(query, {"format": form}, without=("as_of", "dataset", "after"))
    return f"{BASE}/changes?{asked}"


def _feed(page: PageResult, query: ChangeQuery, form: Format) -> Feed:
    # On a page that is followed, day and dataset are those that the page before gave it.
    followed = ("as_of", "dataset", "after") if query.after else ()
    asked = query_string(query, {}, without=(*followed, "format", "limit"))
    entries = [_entry(json.loads(record)) for record in page.records]
    first = None if query.after else f"{BASE}/changes?{query_string(query, {'format': form})}"
    updated_on = max([page.envelope.dataset.published_on, *(entry.happened_on for entry in entries)])
    return Feed(
        key=asked,
        media_type=MEDIA_TYPES[form],
        title="unlisted: changes to the UN's sanctions on North Korea" + (f" ({unquote_plus(asked)})" if asked else ""),
        home=f"{BASE}/docs",
        self=f"{BASE}/changes?{query_string(query, {'format': form})}",
        first=first,
        next=f"{page.next}&format={form}" if page.next and query.format is None else page.next,
        updated_on=updated_on,
        rights=LICENCE,
        entries=entries,
    )


def _entry(record: dict[str, Any]) -> Entry:
    sources = dict.fromkeys(citation["title"] for citation in record["citations"])
    causes = [cause for cause in record["caused_by"].values() if cause]
    return Entry(
        key=record["id"],
        title=record["sentence"],
        text="\n".join([record["sentence"], "Sources:", *(f"- {source}" for source in sources)]),
        url=record["url"],
        happened_on=date.fromisoformat(record["changed_on"]),
        related=list(dict.fromkeys(one["url"] for one in [record["subject"], *record["concerns"], *causes])),
        tags=[record["kind"], record["subject"]["kind"]],
    )


@router.get("/changes/{id}", summary="One change", response_model=answer_of(ChangeRecord), responses=RECORD_ANSWERS)
async def read_change(
    request: Request,
    id: Annotated[str, Path(description="Id of the change.", examples=["delisted.9163166.committee-2016-03-21"])],
    query: Annotated[RecordQuery, Query()],
) -> Response:
    """One change, with what caused it and where that is found."""
    return read_record(request, CHANGES, id, query)
