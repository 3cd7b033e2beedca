"""Health: whether the process is up, and whether it has a dataset to answer from."""

from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from app.envelope import asked_dataset
from app.errors import InvalidRequest, NoDataset, UrlTooLong, documented
from app.queries import VersionQuery
from app.routing import StrictRoute

router = APIRouter(tags=["health"], route_class=StrictRoute)


class Health(BaseModel):
    """The server is well; where it is not, the answer is a problem document."""

    status: Literal["ok"] = Field(description="ok")


@router.get("/healthz", summary="Is the process up?", responses=documented(UrlTooLong, InvalidRequest))
async def read_health() -> Health:
    """Answer 200 as long as the process runs, whether a dataset is published or not."""
    return Health(status="ok")


@router.get("/readyz", summary="Can it answer?", responses=documented(UrlTooLong, InvalidRequest, NoDataset))
async def read_readiness(request: Request) -> Health:
    """Answer 200 where a dataset is published and open, else 503."""
    asked_dataset(request, VersionQuery())
    return Health(status="ok")
