"""The application, put together."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from difflib import get_close_matches
from pathlib import Path

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from app import __version__
from app.api import docs
from app.api.openapi import DESCRIPTION, TAGS, describe
from app.api.routing import StrictRoute, repeatable_of
from app.api.urls import base_url
from app.database import Datasets
from app.middleware.response_cache import ResponseCacheMiddleware
from app.middleware.security_headers import SecurityHeadersMiddleware, preflight_headers
from app.problems import (
    MEDIA_TYPE,
    InternalError,
    MethodNotAllowed,
    NoDataset,
    NotFound,
    Problem,
    allowed_methods,
)
from app.resources import (
    changes,
    committee_decisions,
    dataset,
    delisting_requests,
    designated_parties,
    diff,
    health,
    home,
    listings,
    measures,
    resolutions,
    search,
    sources,
    statements,
    timeline,
    versions,
    vessels,
)
from app.server import tune_gc_and_malloc
from app.settings import get_settings

logger = logging.getLogger("unlisted")

ROUTERS = [
    module.router
    for module in (
        home,
        resolutions,
        committee_decisions,
        measures,
        designated_parties,
        vessels,
        search,
        listings,
        delisting_requests,
        changes,
        diff,
        timeline,
        sources,
        statements,
        dataset,
        versions,
        health,
        docs,
    )
]


@asynccontextmanager
async def lifespan(api: FastAPI) -> AsyncIterator[None]:
    """Say at the start whether there is a dataset to answer from, and close it at the end."""
    try:
        opened = api.state.datasets.current()
        logger.info("dataset %s, checked until %s", opened.version, opened.checked_until())
    except NoDataset as problem:
        logger.warning("%s", problem.detail)
    tune_gc_and_malloc()
    yield
    api.state.datasets.close()


def create_api(database: Path) -> FastAPI:
    """Return the FastAPI application, without the layer around it.

    Args:
        database: file of the published dataset.
    """
    api = FastAPI(
        title="unlisted",
        version=__version__,
        summary="The United Nations' sanctions on North Korea, read-only and cited.",
        description=DESCRIPTION,
        license_info={"name": "MIT (code); the facts are free to use", "identifier": "MIT"},
        openapi_tags=TAGS,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        redirect_slashes=False,
    )
    api.state.datasets = Datasets(database)
    api.state.screeners = {}
    # Not include_router, which FastAPI searches router by router, each route built anew.
    api.router.routes += [route for router in ROUTERS for route in router.routes]
    api.exception_handler(Problem)(answer_problem)
    api.exception_handler(HTTPException)(answer_http_error)
    api.exception_handler(Exception)(answer_failure)
    describe(api)
    return api


async def answer_problem(request: Request, problem: Problem) -> Response:
    """Answer with a problem document."""
    body = problem.body(base_url(request.scope))
    headers = {"Cache-Control": "no-store"} | problem.headers
    return Response(body, problem.status, headers, media_type=MEDIA_TYPE)


async def answer_http_error(request: Request, error: HTTPException) -> Response:
    """Answer what the router refused: an unknown path or another method. OPTIONS is told what is allowed."""
    if error.status_code == 405:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=preflight_headers(request.url.path))
        methods = allowed_methods(request.url.path)
        detail = f"{request.method} is not answered here; {methods} are."
        return await answer_problem(request, MethodNotAllowed(detail, headers={"Allow": methods}))
    routes = [route for route in request.app.routes if isinstance(route, StrictRoute) and route.include_in_schema]
    paths = [route.path for route in routes if "{" not in route.path]
    near = get_close_matches(request.url.path[:80], paths, n=1)
    hint = f" Did you mean {near[0]}?" if near else " The way in is /, the documentation is /docs."
    return await answer_problem(request, NotFound(f"There is nothing at {request.url.path!r}.{hint}"))


async def answer_failure(request: Request, error: Exception) -> Response:
    """Answer a fault of ours: all of it goes to the log, none of it to the client."""
    logger.error("failed at %s", request.url.path, exc_info=error)
    return await answer_problem(request, InternalError("The server failed. The cause is in its log."))


def with_layers(api: FastAPI) -> ResponseCacheMiddleware:
    """Return an application as a server runs it, in the layers that its answers pass through."""
    settings = get_settings()
    routes = [route for route in api.routes if isinstance(route, StrictRoute)]
    queries = [repeatable_of(route.query_model) for route in routes if route.query_model]
    names = {name for query in queries for name in query}
    repeatable = {name for name in names if all(query.get(name, True) for query in queries)}
    return ResponseCacheMiddleware(
        SecurityHeadersMiddleware(api),
        api.state.datasets,
        settings.response_cache_bytes,
        repeatable,
        settings.max_url_bytes,
    )


app = with_layers(create_api(get_settings().database))
"""What a server runs."""
