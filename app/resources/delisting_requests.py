"""Delisting requests: who asked for a subject to be taken off the list, when, and what came of it."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any, ClassVar

from fastapi import Path, Query, Request, Response
from pydantic import Field

from app.api.collection import read_page
from app.api.detail import read_record
from app.api.filters import Equals, From, Until
from app.api.items import ItemForm
from app.api.openapi_responses import PAGE_ANSWERS, RECORD_ANSWERS, answer_of
from app.api.query_models import PageQuery, RecordQuery
from app.api.query_types import Imo, Sort
from app.api.resource import DAYS, Resource, SortKey
from app.api.routing import strict_router
from app.fields.countries import Country
from app.fields.dates import Day
from app.publishing.batch_reader import BatchReader
from app.publishing.references import statements_on
from app.publishing.rendering import (
    ActReference,
    CountryPart,
    Evidence,
    PartlyKnownDate,
    Record,
    Reference,
    RenderedRecord,
    act_reference,
    constant,
    country,
    partly_known,
    subject_reference,
    url,
)
from app.publishing.subjects import request_reference
from app.tables import Act, DelistingRequest, DelistingRequestSubject, Subject
from app.vocabularies import RequestOutcome

router = strict_router("delisting-requests")
ABOUT = "Who asked for a subject to be taken off, and what came of it."
"""Description of the tag in OpenAPI."""
HOME = ("/delisting-requests", "Requests to take a subject off the list")
"""Link on the home page: path and title."""


class DelistingRequestRecord(Record):
    """A request to take subjects off the list, and what came of it."""

    EXPECTED: ClassVar[tuple[str, ...]] = ("requested_by", "addressed_to", "requested_on", "condition")

    requested_by: CountryPart | None = Field(description="State that asked; null where no source says.")
    addressed_to: str | None = Field(description="Whom it asked.")
    requested_on: PartlyKnownDate | None = Field(description="When it asked; null where no source says.")
    subjects: list[Reference] = Field(description="Whom and what it asked to take off.")
    outcome: RequestOutcome = Field(description="granted, refused or pending.")
    decided_on: date | None = Field(description="Day of the decision.")
    decided_by: ActReference | None = Field(description="The decision.")
    grounds: str | None = Field(description="Why it was decided so, in our words.")
    condition: str | None = Field(description="What was promised or asked in return.")
    condition_reported_by: str | None = Field(description="Who reported the condition.")
    note: str | None = Field(description="Remarks.")
    statements: list[Reference] = Field(description="Statements of the two articles that speak of it.")


class DelistingRequestQuery(PageQuery):
    """Query parameters of the delisting requests."""

    requested_by: Annotated[list[Country] | None, Equals(DelistingRequest.requested_by)] = Field(
        default=None,
        description="State that asked: ISO 3166-1 code (KP, PRK) or English name. Repeat it for several.",
        examples=[["China"]],
    )
    outcome: Annotated[list[RequestOutcome] | None, Equals(DelistingRequest.outcome)] = Field(
        default=None, description="granted, refused or pending. Repeat it for several.", examples=[["granted"]]
    )
    requested_from: Annotated[Day | None, From(DelistingRequest.requested_latest_on)] = Field(
        default=None, description="Asked on this day or later, as far as known.", examples=["2016-03-01"]
    )
    requested_until: Annotated[Day | None, Until(DelistingRequest.requested_earliest_on)] = Field(
        default=None, description="Asked on this day or earlier, as far as known.", examples=["2016-03-31"]
    )
    decided_from: Annotated[Day | None, From(DelistingRequest.decided_on)] = Field(
        default=None, description="Decided on this day or later.", examples=["2016-04-01"]
    )
    decided_until: Annotated[Day | None, Until(DelistingRequest.decided_on)] = Field(
        default=None, description="Decided on this day or earlier.", examples=["2016-11-30"]
    )
    vessel: Annotated[
        list[Imo] | None, Equals(DelistingRequestSubject.subject_id, via=DelistingRequestSubject.request_id)
    ] = Field(
        default=None,
        description="IMO number of a ship that it is about. Repeat it for several.",
        examples=[["9163166"]],
    )
    sort: Annotated[str | None, Sort("decided_on", "requested_on")] = Field(
        default=None,
        description="Order: decided_on (the default) or requested_on; prefix with `-` for descending order.",
        examples=["-decided_on"],
    )


def request_references(rows: BatchReader, subject_id: str) -> list[Reference]:
    """Return references to the requests that are about a subject."""
    ids = [
        row.request_id for row in rows.related(DelistingRequestSubject, DelistingRequestSubject.subject_id, subject_id)
    ]
    return [request_reference(rows.one_related(DelistingRequest, DelistingRequest.id, id)) for id in ids]


def render(rows: BatchReader) -> Iterator[RenderedRecord]:
    """Yield every request; none changes with the day asked about."""
    for request in rows.all(DelistingRequest):
        evidence = Evidence(rows)
        evidence.add("delisting_requests", request.id)
        subjects = rows.related(DelistingRequestSubject, DelistingRequestSubject.request_id, request.id)
        for place, subject in enumerate(subjects):
            evidence.add("delisting_request_subjects", subject.id, f"/subjects/{place}", {"subject_id": ""})
        record = DelistingRequestRecord(
            **request.model_dump(
                exclude={
                    "requested_by",
                    "requested_on",
                    "decided_by",
                    "requested_earliest_on",
                    "requested_latest_on",
                }
            ),
            requested_by=country(request.requested_by),
            requested_on=partly_known(request.requested_on),
            subjects=[
                subject_reference(rows.one_related(Subject, Subject.id, subject.subject_id)) for subject in subjects
            ],
            decided_by=act_reference(rows.one_related(Act, Act.id, request.decided_by)) if request.decided_by else None,
            statements=statements_on(rows, "delisting-requests", request.id),
            url=url("delisting-requests", request.id),
        )
        yield constant(request.id, record.complete(evidence))


def _title(record: Mapping[str, Any]) -> str:
    by = record["requested_by"]["name"] if record["requested_by"] else "a State not known"
    return f"Request by {by} to take {', '.join(one['name'] for one in record['subjects'])} off the list"


DELISTING_REQUESTS = Resource(
    path="delisting-requests",
    name="delisting request",
    tables=DelistingRequest,
    identity=DelistingRequest.id,
    model=DelistingRequestRecord,
    query=DelistingRequestQuery,
    sorts={
        "decided_on": SortKey(DelistingRequest.decided_on, DAYS),
        "requested_on": SortKey(DelistingRequest.requested_earliest_on, DAYS),
    },
    render=render,
    title=_title,
    coverage={"delisting-requests": (DelistingRequest,)},
    form=ItemForm(
        ("id", "requested_by", "requested_on", "subjects", "outcome", "decided_on", "decided_by"),
        groups={
            "citations": ("citations",),
            "relations": ("statements",),
        },
    ),
    facets=("requested_by", "outcome"),
)


@router.get(
    "/delisting-requests",
    summary="Requests to take subjects off the list",
    response_model=DELISTING_REQUESTS.page_model(),
    responses=PAGE_ANSWERS,
)
async def read_delisting_requests(request: Request, query: Annotated[DelistingRequestQuery, Query()]) -> Response:
    """Who asked for a ship to be taken off the list, when, on what ground and condition, and what came of it.

    The Committee does not publish the requests it gets: these are the ones that became public.
    """
    return await read_page(request, DELISTING_REQUESTS, query)


@router.get(
    "/delisting-requests/{id}",
    summary="One delisting request",
    response_model=answer_of(DelistingRequestRecord),
    responses=RECORD_ANSWERS,
)
async def read_delisting_request(
    request: Request,
    id: Annotated[str, Path(description="Id of the request: year and month of its decision.", examples=["2016-03"])],
    query: Annotated[RecordQuery, Query()],
) -> Response:
    """One request, with the ships it is about, the decision, the condition and who reported that."""
    return read_record(request, DELISTING_REQUESTS, id, query)
