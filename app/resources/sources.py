"""Sources: the documents that the facts were taken from, and where to find them."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from fastapi import Path, Query, Request, Response
from pydantic import Field
from sqlmodel import col

from app.api.citations import Work
from app.api.collection import read_page
from app.api.detail import read_record
from app.api.envelope import Envelope
from app.api.filters import Contains, Equals, From, Until
from app.api.items import ItemForm
from app.api.openapi_responses import PAGE_ANSWERS, RECORD_ANSWERS, answer_of
from app.api.query_models import PageQuery, RecordQuery
from app.api.query_types import Sort, Text
from app.api.resource import DAYS, TEXTS, Resource, SortKey
from app.api.routing import strict_router
from app.fields.dates import Day
from app.publishing.batch_reader import BatchReader
from app.publishing.rendering import PartlyKnownDate, Record, RenderedRecord, constant, partly_known, url
from app.tables import Citation, Source
from app.vocabularies import SourceForm, SourceKind

router = strict_router("sources")
ABOUT = "The documents that the facts were taken from."
"""Description of the tag in OpenAPI."""
HOME = ("/sources", "Sources of the facts")
"""Link on the home page: path and title."""


class SourceRecord(Record):
    """A document that facts were taken from."""

    kind: SourceKind = Field(description="What it is, from the UN's own data down to a newspaper.")
    form: SourceForm = Field(description="original, a copy that someone else keeps, or a quotation.")
    publisher: str = Field(description="Who published it.")
    held_by: str | None = Field(description="Who keeps the copy that was read, where that is not the publisher.")
    title: str = Field(description="Its title.")
    published_on: PartlyKnownDate | None = Field(description="When, as far as known; null where it bears no date.")
    locator: str | None = Field(description="Where it is, where that is not a URL.")
    source_url: str | None = Field(description="Where it is.")
    note: str | None = Field(description="What it shows, or what limits it.")
    cited: int = Field(description="How many places in the record rest on it.")


class SourceQuery(PageQuery):
    """Query parameters of the sources."""

    kind: Annotated[list[SourceKind] | None, Equals(Source.kind)] = Field(
        default=None, description="What kind of source. Repeat it for several.", examples=[["official_data"]]
    )
    publisher: Annotated[Text | None, Contains(Source.folded_publisher)] = Field(
        default=None,
        description="Part of the publisher's name; case and accents do not count.",
        examples=["United Nations"],
    )
    text: Annotated[Text | None, Contains(Source.folded)] = Field(
        default=None,
        description="Words in its title, publisher or note; case and accents do not count.",
        examples=["blacklist"],
    )
    published_from: Annotated[Day | None, From(Source.published_latest_on)] = Field(
        default=None, description="Published on this day or later, as far as known.", examples=["2016-03-01"]
    )
    published_until: Annotated[Day | None, Until(Source.published_earliest_on)] = Field(
        default=None, description="Published on this day or earlier, as far as known.", examples=["2016-03-31"]
    )
    sort: Annotated[str | None, Sort("key", "published_on", "publisher")] = Field(
        default=None,
        description="Order: key (the default), published_on or publisher; prefix with `-` for descending order.",
        examples=["-published_on"],
    )


def render(rows: BatchReader) -> Iterator[RenderedRecord]:
    """Yield every source; none changes with the day asked about."""
    for source in rows.all(Source):
        record = SourceRecord(
            **source.model_dump(include={"kind", "form", "publisher", "held_by", "title", "locator", "note"}),
            id=source.key,
            published_on=partly_known(source.published_on),
            source_url=source.url,
            cited=rows.count(Citation, col(Citation.source) == source.key),
            url=url("sources", source.key),
        )
        yield constant(source.key, record.complete())


def _work(record: Mapping[str, Any], envelope: Envelope) -> Work:
    """Return the document itself as what is cited; where it is on no page, the record of it."""
    day = record["published_on"]
    kept = f"Kept by {record['held_by']}." if record["held_by"] else None
    found = f"Found at: {record['locator']}." if record["locator"] else None
    return Work(
        id=record["id"],
        kind="document",
        title=record["title"],
        container=None,
        publisher=record["publisher"],
        issued=day["edtf"] if day else None,
        url=record["source_url"] or envelope.cite_as,
        version=None,
        note=" ".join(filter(None, [kept, found])) or None,
    )


SOURCES = Resource(
    path="sources",
    name="source",
    tables=Source,
    identity=Source.key,
    model=SourceRecord,
    query=SourceQuery,
    sorts={
        "key": SortKey(Source.key, TEXTS),
        "published_on": SortKey(Source.published_earliest_on, DAYS),
        "publisher": SortKey(Source.folded_publisher, TEXTS),
    },
    render=render,
    title=lambda record: record["title"],
    citation=_work,
    canonical=str.lower,
    form=ItemForm(
        ("id", "kind", "form", "publisher", "title", "published_on", "source_url", "cited"),
        groups={
            "citations": ("citations",),
        },
    ),
    facets=("kind",),
)


@router.get("/sources", summary="Sources of the facts", response_model=SOURCES.page_model(), responses=PAGE_ANSWERS)
async def read_sources(request: Request, query: Annotated[SourceQuery, Query()]) -> Response:
    """The documents that the facts were taken from: the UN's own, those of States, the press.

    Each says whether it was read where its publisher keeps it, or as a copy that someone else keeps.
    """
    return await read_page(request, SOURCES, query)


@router.get("/sources/{key}", summary="One source", response_model=answer_of(SourceRecord), responses=RECORD_ANSWERS)
async def read_source(
    request: Request,
    key: Annotated[str, Path(description="Key of the source, as citations give it.", examples=["un-2270-page"])],
    query: Annotated[RecordQuery, Query()],
) -> Response:
    """One source: what it is, who published it and when, where it is."""
    return read_record(request, SOURCES, key, query)
