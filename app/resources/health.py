"""Health: whether the process is up, and whether it has a dataset to answer from."""

from typing import Literal

from fastapi import Request, Response
from pydantic import BaseModel, Field

from app.api.routing import strict_router
from app.database import CheckState, DatasetSource, FileFault
from app.problems import InvalidRequest, NoDataset, UrlTooLong, openapi_responses

router = strict_router("health")
ABOUT = "Whether the server is up and has a dataset."
"""Description of the tag in OpenAPI."""


class Health(BaseModel):
    """The server is well; where it is not, the answer is a problem document."""

    status: Literal["ok"] = Field(description="ok")


class Readiness(BaseModel):
    """The dataset that answers, and whether its file was checked; where none does, the answer is a problem document."""

    status: Literal["ok", "fallback"] = Field(
        description="ok; fallback where the published file cannot be served and an earlier version answers."
    )
    dataset: str = Field(description="Version of the dataset that answers.")
    check: CheckState = Field(
        description=(
            "checked: its file has the SHA-256 that was written when it was published. checking: the file is large and "
            "is being compared in the background. no checksum: none was written."
        )
    )
    fault: FileFault | None = Field(description="What is wrong with the published file; null where nothing is.")


@router.get(
    "/healthz",
    summary="Is the process up?",
    response_model=Health,
    responses=openapi_responses(UrlTooLong, InvalidRequest),
)
async def read_health() -> Response:
    """Answer 200 as long as the process runs, whether a dataset is published or not."""
    return _send(Health(status="ok"))


@router.get(
    "/readyz",
    summary="Can it answer?",
    response_model=Readiness,
    responses=openapi_responses(UrlTooLong, InvalidRequest, NoDataset),
)
async def read_readiness(request: Request) -> Response:
    """Answer 200 where a dataset is published and open, else 503; say which, and whether its file was checked."""
    datasets: DatasetSource = request.app.state.datasets
    served = datasets.served()
    status: Literal["ok", "fallback"] = "fallback" if served.fallback else "ok"
    return _send(Readiness(status=status, dataset=served.version, check=served.check, fault=served.fallback))


def _send(answer: BaseModel) -> Response:
    return Response(answer.model_dump_json(), headers={"Cache-Control": "no-store"}, media_type="application/json")
