"""Pages about the API: the documentation to try it in, and one for each kind of problem."""

from importlib.resources import files
from typing import Any

from fastapi import Request, Response

from app.api.envelope import base_url
from app.api.formats import IMMUTABLE, cache_control, respond
from app.api.html import PAGE_POLICY, STATIC, hashed_assets, render_page, site_values
from app.api.openapi_examples import with_examples
from app.api.routing import strict_router
from app.database import DatasetSource
from app.fields.text import dump_json
from app.problems import PROBLEMS, NotFound

router = strict_router()

PAGE_SECONDS, ASSET_SECONDS = 300, 86400
"""How long a client may keep a page, and a file that comes with it."""
DOCS_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Swagger UI sets style attributes and has its icons in data URLs; nothing is loaded from elsewhere."""

MOST_DESCRIPTIONS = 4
"""Most descriptions that are kept: one for each address of a listening socket, and each dataset that was published."""

_SWAGGER = files("fastapi_swagger") / "resources"
_ASSETS = {
    "swagger-ui-bundle.js": (_SWAGGER, "text/javascript"),
    "swagger-ui.css": (_SWAGGER, "text/css"),
    "docs.js": (STATIC, "text/javascript"),
    "site.css": (STATIC, "text/css"),
    "site.js": (STATIC, "text/javascript"),
    "icon.svg": (STATIC, "image/svg+xml"),
}


@router.get("/docs")
async def read_docs(request: Request) -> Response:
    """The documentation, to read and to try: Swagger UI, served from here."""
    return _page(request, "docs.html", DOCS_POLICY)


@router.get("/openapi.json")
async def read_description(request: Request) -> Response:
    """What the API answers to what, as OpenAPI."""
    base = base_url(request.scope)
    datasets: DatasetSource = request.app.state.datasets
    key = base, datasets.identity()
    described: dict[Any, bytes] = request.app.state.descriptions
    if key not in described:
        description = {**request.app.openapi(), "servers": [{"url": base}]}
        body = dump_json(await with_examples(request.app, description, request.scope))
        if len(described) >= MOST_DESCRIPTIONS:
            described.clear()
        described[key] = body
    return respond(described[key], "application/json", {}, cache_control(request.app.state.settings, PAGE_SECONDS))


@router.get("/problems")
async def read_problems(request: Request) -> Response:
    """Every kind of problem."""
    return _page(request, "problems.html", PAGE_POLICY, problems=list(PROBLEMS.values()))


@router.get("/problems/{slug}")
async def read_problem(request: Request, slug: str) -> Response:
    """One kind of problem: where the ``type`` of a problem document leads."""
    if slug not in PROBLEMS:
        raise NotFound(f"There is no kind of problem {slug!r}; /problems lists them all.")
    return _page(request, "problems.html", PAGE_POLICY, problems=[PROBLEMS[slug]])


@router.get("/styleguide")
async def read_styleguide(request: Request) -> Response:
    """How the pages look: type, colours, status, controls, space."""
    return _page(request, "styleguide.html", PAGE_POLICY)


@router.get("/static/{name}")
async def read_asset(request: Request, name: str) -> Response:
    """A style sheet, a script or an icon of these pages; one with a digest in its name never changes."""
    plain = hashed_assets().get(name, name)
    if plain not in _ASSETS:
        raise NotFound(f"There is no file {name!r} here.")
    folder, media_type = _ASSETS[plain]
    content = (folder / plain).read_bytes()
    kept = IMMUTABLE if plain != name else cache_control(request.app.state.settings, ASSET_SECONDS)
    return respond(content, media_type, {}, kept)


def _page(request: Request, template: str, policy: str, **values: object) -> Response:
    body = render_page((), template, site_values(base_url(request.scope), request.url.path, **values))
    return respond(
        body, "text/html", {"Content-Security-Policy": policy}, cache_control(request.app.state.settings, PAGE_SECONDS)
    )
