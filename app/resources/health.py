"""Health: whether the process is up, and whether it has a dataset to answer from."""

from typing import Literal

from fastapi import Request, Response
from pydantic import BaseModel, Field

from app.api.envelope import asked_dataset
from app.api.query_models import VersionQuery
from app.api.routing import strict_router
from app.problems import InvalidRequest, NoDataset, UrlTooLong, openapi_responses

router = strict_router("health")
ABOUT = "Whether the server is up and has a dataset."
"""Description of the tag in OpenAPI."""


class Health(BaseModel):
    """The server is well; where it is not, the answer is a problem document."""

    status: Literal["ok"] = Field(description="ok")


@router.get(
    "/healthz",
    summary="Is the process up?",
    response_model=Health,
    responses=openapi_responses(UrlTooLong, InvalidRequest),
)
async def read_health() -> Response:
    """Answer 200 as long as the process runs, whether a dataset is published or not."""
    return _well()


@router.get(
    "/readyz",
    summary="Can it answer?",
    response_model=Health,
    responses=openapi_responses(UrlTooLong, InvalidRequest, NoDataset),
)
async def read_readiness(request: Request) -> Response:
    """Answer 200 where a dataset is published and open, else 503."""
    asked_dataset(request, VersionQuery())
    return _well()


def _well() -> Response:
    return Response(Health(status="ok").model_dump_json(), media_type="application/json")
