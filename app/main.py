"""The application, put together."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from difflib import get_close_matches
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from app import __version__
from app.api import docs
from app.api.envelope import base_url
from app.api.openapi import DESCRIPTION, openapi_of
from app.api.routing import FixedPaths, StrictRoute, repeatable_parameters
from app.database import Datasets, DatasetSource
from app.middleware.request_guard import RequestGuardMiddleware
from app.middleware.response_cache import ResponseCacheMiddleware
from app.middleware.security_headers import SecurityHeadersMiddleware, preflight_headers
from app.pages.middleware import PagesMiddleware
from app.problems import (
    MEDIA_TYPE,
    ContentTooLarge,
    InternalError,
    MethodNotAllowed,
    NoDataset,
    NotFound,
    Problem,
    allowed_methods,
)
from app.resources import BODIES, COLLECTIONS, REGISTRY, TABLES, TAGS
from app.screening.prepared import Screeners
from app.server.logs import hide_queries
from app.server.memory import tune_gc_and_malloc
from app.settings import Settings

logger = logging.getLogger("unlisted")


class Application(FastAPI):
    """FastAPI with the response cache as its outermost middleware, and the description that is true of this API."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request from the response cache, or through FastAPI.

        Straight to the middleware: two calls fewer for each answer that is kept.
        """
        if scope["type"] != "http" or self.root_path:
            await super().__call__(scope, receive, send)
            return
        scope["app"] = self
        if self.middleware_stack is None:
            self.middleware_stack = self.build_middleware_stack()
        await self.middleware_stack(scope, receive, send)

    def build_middleware_stack(self) -> ASGIApp:
        """Put the pages, the security headers and the response cache around FastAPI's own middleware.

        ``add_middleware`` would put them inside of what answers failures, whose answers need these headers too.
        """
        settings: Settings = self.state.settings
        is_https = settings.public_url is not None and settings.public_url.scheme == "https"
        cached = ResponseCacheMiddleware(
            SecurityHeadersMiddleware(
                PagesMiddleware(self._bridged(super().build_middleware_stack())), settings.max_url_bytes, is_https
            ),
            self.state.datasets,
            settings.response_cache_bytes,
            repeatable_parameters(self.routes),
            settings.max_url_bytes,
        )
        return RequestGuardMiddleware(cached, settings, self.state.metrics.observe if settings.metrics else None)

    def _bridged(self, app: ASGIApp) -> ASGIApp:
        """Let requests wait for PostgreSQL without blocking the loop; SQLite answers in this process, at once."""
        if self.state.settings.database_url is None:
            return app
        from app.postgresql.bridge import GreenletMiddleware  # here, as SQLite needs neither it nor a driver

        return GreenletMiddleware(app)

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI description of the routes, made once."""
        if self.openapi_schema is None:
            self.openapi_schema = openapi_of(self, BODIES, COLLECTIONS)
        return self.openapi_schema


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Log at the start whether there is a dataset to answer from, and close it at the end."""
    opened = None
    await app.state.datasets.start()
    try:
        opened = app.state.datasets.current()
        logger.info("dataset %s, checked until %s", opened.version, opened.checked_until())
    except NoDataset as problem:
        logger.warning("%s", problem.detail)
    tune_gc_and_malloc()
    if opened:
        app.state.screeners.prepare(opened)
    yield
    await app.state.datasets.stop()


def datasets_of(settings: Settings) -> DatasetSource:
    """Return the datasets of the settings: those of PostgreSQL where a URL is given, else those of the file."""
    if settings.database_url is None:
        return Datasets(settings.database, settings.query_seconds)
    from app.postgresql.datasets import PostgresqlDatasets

    return PostgresqlDatasets(settings.database_url.get_secret_value(), settings.query_seconds)


def create_app(settings: Settings) -> FastAPI:
    """Build the application, complete with its middleware.

    Args:
        settings: every setting; nothing else is read from the environment, neither here nor by a request.
    """
    app = Application(
        title="unlisted",
        version=__version__,
        summary="The United Nations' sanctions on North Korea, read-only and cited.",
        description=DESCRIPTION,
        license_info={"name": "MIT (code), CC0-1.0 (facts)", "identifier": "MIT AND CC0-1.0"},
        openapi_tags=TAGS,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        redirect_slashes=False,
    )
    app.state.settings = settings
    app.state.datasets = datasets_of(settings)
    app.state.screeners = Screeners()
    app.state.tables = TABLES
    app.state.descriptions = {}
    # For routes that are added to the application itself.
    app.router.route_class = StrictRoute
    routers = [*(one.router for one in REGISTRY), docs.router]
    if settings.metrics:
        from app.middleware.metrics import Metrics  # here, as most servers start without it
        from app.resources import metrics

        app.state.metrics = Metrics(app.state.datasets)
        routers.append(metrics.router)
    # Not include_router: FastAPI would build each route a second time and match router by router, which was measured
    # at 0.13 ms a request (the first answer of a record: 0.32 ms instead of 0.19).
    routes = [route for router in routers for route in router.routes]
    app.router.routes += [FixedPaths(routes), *routes]
    app.exception_handler(Problem)(answer_problem)
    app.exception_handler(HTTPException)(answer_http_error)
    app.exception_handler(ClientDisconnect)(note_disconnect)
    app.exception_handler(Exception)(answer_failure)
    hide_queries()
    return app


async def note_disconnect(request: Request, error: Exception) -> Response:
    """Log a client that went away while it sent its request, in one line; nobody gets the response."""
    del error
    logger.info("the client went away before its request was complete: %s", request.url.path)
    return Response(status_code=400, headers={"Connection": "close"})


async def answer_problem(request: Request, problem: Problem) -> Response:
    """Answer with a problem document."""
    body = problem.body(base_url(request.scope))
    headers = {"Cache-Control": "no-store"} | problem.headers
    if isinstance(problem, ContentTooLarge):
        headers["Connection"] = "close"  # the rest of the body is not read
    return Response(body, problem.status, headers, media_type=MEDIA_TYPE)


async def answer_http_error(request: Request, error: HTTPException) -> Response:
    """Answer a path or a method that the router does not know; an OPTIONS request gets the allowed methods."""
    if error.status_code == 405:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=preflight_headers(request.url.path))
        methods = allowed_methods(request.url.path)
        detail = f"{request.method} is not allowed here; allowed are {methods}."
        return await answer_problem(request, MethodNotAllowed(detail, headers={"Allow": methods}))
    routes = [route for route in request.app.routes if isinstance(route, APIRoute) and route.include_in_schema]
    paths = [route.path for route in routes if "{" not in route.path]
    near = known_elsewhere(request.url.path) or get_close_matches(request.url.path[:80], paths, n=1)
    hint = f" Did you mean {near[0]}?" if near else " The home page is /, the documentation is /docs."
    return await answer_problem(request, NotFound(f"There is nothing at {request.url.path!r}.{hint}"))


ELSEWHERE: dict[str, str] = {
    **dict.fromkeys(
        ("individual", "individuals", "people", "person", "persons"), "/designated-parties?kind=individual"
    ),
    **dict.fromkeys(
        ("companies", "company", "entities", "entity", "organisations", "organizations"),
        "/designated-parties?kind=entity",
    ),
    **dict.fromkeys(("parties", "party", "designations", "designated-party", "subjects"), "/designated-parties"),
    **dict.fromkeys(("ship", "ships", "vessel", "imo"), "/vessels"),
    **dict.fromkeys(("decisions", "committee", "committee-decision"), "/committee-decisions"),
    **dict.fromkeys(("events", "feed", "history"), "/changes"),
}
"""Where other words for what is here lead, by the first part of a path."""
DOCUMENTATION = {
    **dict.fromkeys(("api-docs", "documentation", "redoc", "swagger", "swagger-ui"), "/docs"),
    **dict.fromkeys(("openapi", "openapi.yaml", "openapi.yml", "swagger.json", "swagger.yaml"), "/openapi.json"),
}
"""Where other servers have their documentation, by the first part of a path, and where it is here."""


def known_elsewhere(path: str) -> list[str]:
    """Return the address that is meant by a path that begins with another word for what is here.

    Args:
        path: the path. What follows its first part is the id of a record.
    """
    word, _, id = path.strip("/").partition("/")
    if documentation := DOCUMENTATION.get(word.lower()):
        return [documentation]
    address = ELSEWHERE.get(word.lower())
    if address is None:
        return []
    return [f"{address.partition('?')[0]}/{id[:80]}" if id else address]


async def answer_failure(request: Request, error: Exception) -> Response:
    """Answer a failure of ours: log all of it, show none of it to the client."""
    logger.error("failed at %s", request.url.path, exc_info=error)
    return await answer_problem(request, InternalError("The server failed. The cause is in its log."))


def __getattr__(name: str) -> Any:
    """Build `app.main.app`, for servers that import it, at the first access (PEP 562).

    Only this reads the settings from the environment; importing the module does not.
    """
    if name != "app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    app = globals()["app"] = create_app(Settings())
    return app
