"""Decisions of the 1718 Committee: what it put on the list and what it took off."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, ClassVar

from fastapi import Path, Query, Request, Response
from pydantic import Field

from app.api.collection import read_page
from app.api.detail import read_record
from app.api.filters import Contains, From, Until
from app.api.items import ItemForm
from app.api.openapi_responses import PAGE_ANSWERS, RECORD_ANSWERS, answer_of
from app.api.query_models import PageQuery, RecordQuery
from app.api.query_types import Sort, Text
from app.api.resource import DAYS, Resource, SortKey
from app.api.routing import strict_router
from app.fields.dates import Day
from app.publishing.batch_reader import BatchReader
from app.publishing.references import statements_on
from app.publishing.rendering import Evidence, Record, Reference, RenderedRecord, constant, subject_reference, url
from app.tables import CommitteeDecision, Listing, Subject

router = strict_router("committee-decisions")
ABOUT = "What the Council's 1718 Committee put on the list and took off."
"""Description of the tag in OpenAPI."""
HOME = ("/committee-decisions", "Decisions of its 1718 Committee")
"""Link on the home page: path and title."""


class CommitteeDecisionRecord(Record):
    """A decision of the Security Council's Committee established by resolution 1718."""

    EXPECTED: ClassVar[tuple[str, ...]] = ("symbol",)

    decided_on: date = Field(description="Day of the decision.")
    title: str = Field(description="What it is called here; the Committee's decisions bear no names.")
    symbol: str | None = Field(description="Symbol of the UN document that made it public.")
    summary: str = Field(description="What it decided, in our words.")
    note: str | None = Field(description="Remarks.")
    designated: list[Reference] = Field(description="Whom and what it put on the list, as far as this record goes.")
    delisted: list[Reference] = Field(description="Whom and what it took off the list.")
    statements: list[Reference] = Field(description="Statements of the two articles that speak of it.")


class CommitteeDecisionQuery(PageQuery):
    """Query parameters of the Committee's decisions."""

    decided_from: Annotated[Day | None, From(CommitteeDecision.decided_on)] = Field(
        default=None, description="Decided on this day or later.", examples=["2016-01-01"]
    )
    decided_until: Annotated[Day | None, Until(CommitteeDecision.decided_on)] = Field(
        default=None, description="Decided on this day or earlier.", examples=["2016-12-31"]
    )
    text: Annotated[Text | None, Contains(CommitteeDecision.folded)] = Field(
        default=None,
        description="Words in its title or summary; case and accents do not count.",
        examples=["JIN TENG"],
    )
    sort: Annotated[str | None, Sort("decided_on")] = Field(
        default=None,
        description="Order: decided_on (the default); prefix with `-` for descending order.",
        examples=["-decided_on"],
    )


def render(rows: BatchReader) -> Iterator[RenderedRecord]:
    """Yield every decision; none changes with the day asked about."""
    for decision in rows.all(CommitteeDecision):
        evidence = Evidence(rows)
        evidence.add("committee_decisions", decision.id)
        record = CommitteeDecisionRecord(
            **decision.model_dump(exclude={"folded"}),
            designated=_subjects(rows, rows.related(Listing, Listing.listed_by, decision.id)),
            delisted=_subjects(rows, rows.related(Listing, Listing.delisted_by, decision.id)),
            statements=statements_on(rows, "committee-decisions", decision.id),
            url=url("committee-decisions", decision.id),
        )
        yield constant(decision.id, record.complete(evidence))


def _subjects(rows: BatchReader, listings: list[Listing]) -> list[Reference]:
    ids = sorted({listing.subject_id for listing in listings})
    return [subject_reference(rows.one_related(Subject, Subject.id, id)) for id in ids]


COMMITTEE_DECISIONS = Resource(
    path="committee-decisions",
    name="decision of the Committee",
    tables=CommitteeDecision,
    identity=CommitteeDecision.id,
    model=CommitteeDecisionRecord,
    query=CommitteeDecisionQuery,
    sorts={"decided_on": SortKey(CommitteeDecision.decided_on, DAYS)},
    render=render,
    title=lambda record: record["title"],
    coverage={"committee-decisions": (CommitteeDecision,)},
    canonical=lambda name: f"committee-{name.lower().removeprefix('committee-')}",
    form=ItemForm(
        ("id", "decided_on", "title", "symbol"),
        groups={
            "citations": ("citations",),
            "relations": ("designated", "delisted", "statements"),
        },
    ),
)


@router.get(
    "/committee-decisions",
    summary="Decisions of the 1718 Committee",
    response_model=COMMITTEE_DECISIONS.page_model(),
    responses=PAGE_ANSWERS,
)
async def read_committee_decisions(request: Request, query: Annotated[CommitteeDecisionQuery, Query()]) -> Response:
    """What the Committee decided that changed the list.

    The Council itself decides resolutions; its 1718 Committee can put subjects on the list and take them off. It was
    the Committee that took four ships off on 21 March 2016.
    """
    return await read_page(request, COMMITTEE_DECISIONS, query)


@router.get(
    "/committee-decisions/{id}",
    summary="One decision of the 1718 Committee",
    response_model=answer_of(CommitteeDecisionRecord),
    responses=RECORD_ANSWERS,
)
async def read_committee_decision(
    request: Request,
    id: Annotated[str, Path(description="Id of the decision, or its day.", examples=["committee-2016-03-21"])],
    query: Annotated[RecordQuery, Query()],
) -> Response:
    """One decision of the Committee, with all it put on the list and took off."""
    return read_record(request, COMMITTEE_DECISIONS, id, query)
