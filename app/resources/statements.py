"""Statements: what the two articles of March 2016 say, each compared with the record."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated

from fastapi import Path, Query, Request, Response
from pydantic import Field

from app.api.collection import read_page
from app.api.detail import read_record
from app.api.filters import Contains, Equals
from app.api.items import ItemForm
from app.api.openapi_responses import PAGE_ANSWERS, RECORD_ANSWERS, answer_of
from app.api.query_models import PageQuery, RecordQuery
from app.api.query_types import Sort, Text
from app.api.resource import NUMBERS, Resource, SortKey
from app.api.routing import strict_router
from app.publishing.batch_reader import BatchReader
from app.publishing.rendering import (
    Evidence,
    Record,
    Reference,
    RenderedRecord,
    act_reference,
    constant,
    measure_reference,
    subject_reference,
    url,
)
from app.publishing.subjects import request_reference
from app.tables import Act, DelistingRequest, Measure, Source, Statement, StatementRecord, Subject
from app.vocabularies import Verdict

router = strict_router("statements")
ABOUT = "What the two articles of March 2016 say, compared with the record."
"""Description of the tag in OpenAPI."""
HOME = ("/statements", "Statements of the two articles that this began with")
"""Link on the home page: path and title."""


class ArticleStatementRecord(Record):
    """Something one of the two articles says, in our words. A statement is not a fact of the record."""

    article: Reference = Field(description="The article that says it.")
    statement: str = Field(description="What it says, in our words.")
    attributed_to: str = Field(description="Whom the article gives as its source: its author, Reuters, its editor.")
    verdict: Verdict = Field(description="How it compares with the record.")
    verdict_detail: str | None = Field(description="In what respect.")
    record_says: str | None = Field(description="What the record says, in our words; null where it says nothing.")
    records: list[Reference] = Field(description="The records that it speaks of.")


class Article(StrEnum):
    """The two articles, by their keys as sources."""

    AMERICAN_INTEREST = "article-american-interest"
    CHAUDRY = "article-chaudry"


class StatementQuery(PageQuery):
    """Query parameters of the statements."""

    article: Annotated[list[Article] | None, Equals(Statement.article)] = Field(
        default=None,
        description="Key of the article: article-american-interest or article-chaudry. Repeat it for both.",
        examples=[["article-chaudry"]],
    )
    verdict: Annotated[list[Verdict] | None, Equals(Statement.verdict)] = Field(
        default=None,
        description=(
            "How it compares with the record: confirmed, more_precise, partly, differs, not_in_record, opinion. "
            "Repeat it for several."
        ),
        examples=[["differs"]],
    )
    attributed_to: Annotated[Text | None, Contains(Statement.folded_attributed_to)] = Field(
        default=None,
        description="Whom the article gives as its source; case and accents do not count.",
        examples=["Reuters"],
    )
    text: Annotated[Text | None, Contains(Statement.folded)] = Field(
        default=None,
        description="Words in the statement or in what the record says; case and accents do not count.",
        examples=["iron ore"],
    )
    sort: Annotated[str | None, Sort("order")] = Field(
        default=None,
        description="Order: order (the default), that of the articles; prefix with `-` for descending order.",
        examples=["-order"],
    )


def render(rows: BatchReader) -> Iterator[RenderedRecord]:
    """Yield every statement; none changes with the day asked about."""
    for statement in rows.all(Statement):
        evidence = Evidence(rows)
        evidence.add("statements", statement.id)
        article = rows.one_related(Source, Source.key, statement.article)
        mentions = sorted(
            rows.related(StatementRecord, StatementRecord.statement_id, statement.id),
            key=lambda row: row.ordinal,
        )
        record = ArticleStatementRecord(
            **statement.model_dump(exclude={"article", "ordinal", "folded", "folded_attributed_to"}),
            article=Reference(id=article.key, kind="source", name=article.title, url=url("sources", article.key)),
            records=[_mentioned(rows, mention) for mention in mentions],
            url=url("statements", statement.id),
        )
        yield constant(statement.id, record.complete(evidence))


def _mentioned(rows: BatchReader, mention: StatementRecord) -> Reference:
    id = mention.record_id
    if mention.resource == "measures":
        return measure_reference(rows.one_related(Measure, Measure.id, id))
    if mention.resource == "delisting-requests":
        return request_reference(rows.one_related(DelistingRequest, DelistingRequest.id, id))
    if mention.resource in ("resolutions", "committee-decisions"):
        return act_reference(rows.one_related(Act, Act.id, id))
    return subject_reference(rows.one_related(Subject, Subject.id, id))


STATEMENTS = Resource(
    path="statements",
    name="statement",
    tables=Statement,
    identity=Statement.id,
    model=ArticleStatementRecord,
    query=StatementQuery,
    sorts={"order": SortKey(Statement.ordinal, NUMBERS)},
    render=render,
    title=lambda record: record["statement"],
    canonical=str.upper,
    form=ItemForm(
        ("id", "article", "statement", "attributed_to", "verdict"),
        groups={
            "citations": ("citations",),
            "relations": ("records",),
        },
    ),
    facets=("article", "verdict"),
)


@router.get(
    "/statements",
    summary="What the two articles say, and what the record says",
    response_model=STATEMENTS.page_model(),
    responses=PAGE_ANSWERS,
)
async def read_statements(request: Request, query: Annotated[StatementQuery, Query()]) -> Response:
    """The statements of the two newspaper articles of March 2016 that this record began with.

    Each says in `verdict` how it compares with the record: `/statements?verdict=differs` shows where an article
    errs, and what the record says.
    """
    return await read_page(request, STATEMENTS, query)


@router.get(
    "/statements/{id}",
    summary="One statement",
    response_model=answer_of(ArticleStatementRecord),
    responses=RECORD_ANSWERS,
)
async def read_statement(
    request: Request,
    id: Annotated[str, Path(description="Id of the statement.", examples=["B17"])],
    query: Annotated[RecordQuery, Query()],
) -> Response:
    """One statement of an article, what the record says of it, and the records it speaks of."""
    return read_record(request, STATEMENTS, id, query)
