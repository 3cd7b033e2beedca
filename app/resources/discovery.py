"""Documents at addresses that machines know: the API catalogue, robots.txt, the site map and security.txt."""

from datetime import timedelta
from functools import cache
from math import ceil
from typing import Any
from xml.sax.saxutils import escape

from fastapi import Request, Response
from sqlalchemy import bindparam, func, select
from sqlmodel import col

from app.api.envelope import Link, base_url
from app.api.formats import cache_control, respond
from app.api.openapi import contact_field
from app.api.routing import strict_router
from app.database import DatasetSource, OpenDataset, PreparedQuery
from app.fields.dates import LAST_DAY, today
from app.fields.text import dump_json
from app.problems import NotFound
from app.publishing.rendering import BASE
from app.settings import Settings
from app.tables import Rendering

router = strict_router()

SECONDS = 3600
"""How long a client may keep these documents."""
LINKSET = 'application/linkset+json; profile="https://www.rfc-editor.org/info/rfc9727"'
MOST_URLS = 20_000
"""Addresses in one site map; its protocol allows 50,000."""
IN_NO_SITE_MAP = ("timeline", "dataset/versions")
"""Renderings that are no records of the list: the steps of the timeline; versions, which come and go."""


SERVICE_LINKS = (
    Link("service-desc", f"{BASE}/openapi.json", "application/json"),
    Link("service-doc", f"{BASE}/docs", "text/html"),
    Link("describedby", f"{BASE}/dataset?format=jsonld", "application/ld+json"),
    Link("api-catalog", f"{BASE}/.well-known/api-catalog", "application/linkset+json"),
)
"""Links of the home page and of /dataset (RFC 8631, RFC 9727)."""


def _respond(request: Request, text: str | bytes, media_type: str, **headers: str) -> Response:
    body = text.encode() if isinstance(text, str) else text
    body = body.replace(BASE.encode(), base_url(request.scope).encode())
    return respond(body, media_type, headers, cache_control(request.app.state.settings, SECONDS))


@router.get("/.well-known/api-catalog")
async def read_api_catalog(request: Request) -> Response:
    """The catalogue of this server's APIs (RFC 9727): a set of links (RFC 9264) with one API in it."""
    api = {
        "anchor": f"{BASE}/",
        "service-desc": [{"href": f"{BASE}/openapi.json", "type": "application/json"}],
        "service-doc": [{"href": f"{BASE}/docs", "type": "text/html"}],
        "service-meta": [{"href": f"{BASE}/dataset?format=jsonld", "type": "application/ld+json"}],
        "status": [{"href": f"{BASE}/readyz", "type": "application/json"}],
        "license": [{"href": "https://creativecommons.org/publicdomain/zero/1.0/"}],
    }
    catalog = {"anchor": f"{BASE}/.well-known/api-catalog", "item": [{"href": f"{BASE}/"}]}
    link = str(Link("api-catalog", f"{base_url(request.scope)}/.well-known/api-catalog"))
    return _respond(request, dump_json({"linkset": [catalog, api]}), LINKSET, Link=link)


@router.get("/robots.txt")
async def read_robots(request: Request) -> Response:
    """What crawlers may read (RFC 9309): all but the search, which compares names at every request."""
    return _respond(
        request, f"User-agent: *\nDisallow: /search\nAllow: /\n\nSitemap: {BASE}/sitemap.xml\n", "text/plain"
    )


@router.get("/.well-known/security.txt")
async def read_security(request: Request) -> Response:
    """Whom to tell of a weakness (RFC 9116), where the operator has set a contact."""
    settings: Settings = request.app.state.settings
    if not settings.contact:
        raise NotFound("The operator of this server has set no contact.")
    ((kind, address),) = contact_field(settings.contact).items()
    uri = f"mailto:{address}" if kind == "email" else address
    expires = f"{today() + timedelta(days=30)}T00:00:00Z"
    lines = [f"Contact: {uri}", f"Expires: {expires}", "Preferred-Languages: en"]
    if settings.public_url is not None:
        lines.append(f"Canonical: {BASE}/.well-known/security.txt")
    return _respond(request, "\n".join(lines) + "\n", "text/plain")


@router.get("/sitemap.xml")
async def read_site_maps(request: Request) -> Response:
    """The index of the site maps: each has some thousands of addresses."""
    numbers = range(1, _number_of_maps(_dataset(request)) + 1)
    maps = "".join(f"<sitemap><loc>{BASE}/sitemaps/{number}</loc></sitemap>" for number in numbers)
    return _xml(request, f'<sitemapindex xmlns="{_NAMESPACE}">{maps}</sitemapindex>')


@router.get("/sitemaps/{number}")
async def read_site_map(request: Request, number: str) -> Response:
    """One site map: the addresses of records as they read now, the first with those of the collections before them."""
    dataset = _dataset(request)
    last = _number_of_maps(dataset)
    if not (number.isascii() and number.isdigit() and len(number) < 9 and 1 <= int(number) <= last):
        raise NotFound(f"There is no site map {number[:20]!r}; /sitemap.xml lists them.")
    rows = dataset.run_prepared(_some(), {"most": MOST_URLS, "before": (int(number) - 1) * MOST_URLS})
    paths = [*(_collections() if int(number) == 1 else ()), *(f"/{resource}/{id}" for resource, id in rows)]
    urls = "".join(f"<url><loc>{BASE}{escape(path)}</loc></url>" for path in paths)
    return _xml(request, f'<urlset xmlns="{_NAMESPACE}">{urls}</urlset>')


_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


def _xml(request: Request, root: str) -> Response:
    return _respond(request, f'<?xml version="1.0" encoding="UTF-8"?>\n{root}\n', "application/xml")


def _dataset(request: Request) -> OpenDataset:
    datasets: DatasetSource = request.app.state.datasets
    return datasets.current()


def _number_of_maps(dataset: OpenDataset) -> int:
    count: int = dataset.cached_column(_count(), {})[0]
    return max(1, ceil(count / MOST_URLS))


def _collections() -> list[str]:
    from app.resources import LINKS  # here, as the registry imports this module

    return ["/", "/docs", *(path for path in LINKS if "?" not in path)]


def _is_record() -> list[Any]:
    """Return the conditions on renderings that one address each is made of: the last reading of each record."""
    return [*(col(Rendering.resource) != one for one in IN_NO_SITE_MAP), col(Rendering.until_on) == LAST_DAY]


@cache
def _count() -> PreparedQuery:
    return PreparedQuery(select(func.count()).select_from(Rendering).where(*_is_record()))


@cache
def _some() -> PreparedQuery:
    found = select(col(Rendering.resource), col(Rendering.id)).where(*_is_record())
    ordered = found.order_by(col(Rendering.resource), col(Rendering.id))
    return PreparedQuery(ordered.limit(bindparam("most")).offset(bindparam("before")))
