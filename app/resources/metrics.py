"""Metrics for Prometheus, where the setting asks for them."""

from fastapi import Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from app.api.routing import strict_router
from app.middleware.metrics import Metrics

router = strict_router()


@router.get("/metrics")
async def read_metrics(request: Request) -> Response:
    """Send the metrics of all worker processes."""
    metrics: Metrics = request.app.state.metrics
    return Response(metrics.text(), headers={"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "no-store"})
