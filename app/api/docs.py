"""Pages about the API: the documentation to try it in, and one for each kind of problem."""

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import Request, Response

from app.api.envelope import base_url
from app.api.formats import cache_control, respond
from app.api.openapi_examples import with_examples
from app.api.routing import strict_router
from app.database import Datasets
from app.fields.text import dump_json
from app.problems import PROBLEMS, NotFound

if TYPE_CHECKING:
    from fastapi.templating import Jinja2Templates

router = strict_router()

PAGE_SECONDS, ASSET_SECONDS = 300, 86400
"""How long a client may keep a page, and a file that comes with it."""
PAGE_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
DOCS_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Swagger UI sets style attributes and has its icons in data URLs; nothing is loaded from elsewhere."""

MOST_DESCRIPTIONS = 4
"""Descriptions that are kept: one for each address of a listening socket, and each dataset that was published."""

_STATIC = Path(__file__).with_name("static")
_SWAGGER = files("fastapi_swagger") / "resources"
_ASSETS = {
    "swagger-ui-bundle.js": (_SWAGGER, "text/javascript"),
    "swagger-ui.css": (_SWAGGER, "text/css"),
    "favicon-32x32.png": (_SWAGGER, "image/png"),
    "docs.js": (_STATIC, "text/javascript"),
    "page.css": (_STATIC, "text/css"),
}


@router.get("/docs")
async def read_docs(request: Request) -> Response:
    """The documentation, to read and to try: Swagger UI, served from here."""
    return _page(request, "docs.html", DOCS_POLICY)


@router.get("/openapi.json")
async def read_description(request: Request) -> Response:
    """What the API answers to what, as OpenAPI."""
    base = base_url(request.scope)
    datasets: Datasets = request.app.state.datasets
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


@router.get("/static/{name}")
async def read_asset(request: Request, name: str) -> Response:
    """A style sheet, a script or an icon of these pages."""
    if name not in _ASSETS:
        raise NotFound(f"There is no file {name!r} here.")
    folder, media_type = _ASSETS[name]
    content = (folder / name).read_bytes()
    return respond(content, media_type, {}, cache_control(request.app.state.settings, ASSET_SECONDS))


@cache
def _templates() -> "Jinja2Templates":
    from fastapi.templating import Jinja2Templates  # here, so that a server whose pages nobody reads is without it

    return Jinja2Templates(Path(__file__).with_name("templates"))


def _page(request: Request, template: str, policy: str, **values: object) -> Response:
    values["base"] = request.app.state.settings.public_path
    body = _templates().get_template(template).render(values).encode()
    return respond(
        body, "text/html", {"Content-Security-Policy": policy}, cache_control(request.app.state.settings, PAGE_SECONDS)
    )
