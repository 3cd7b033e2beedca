"""What every answer carries, whatever it is, and what absolute links begin with."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from app.api.envelope import base_url
from app.middleware.security_headers import SecurityHeadersMiddleware
from app.settings import Settings
from tests.conftest import Client

EVERYWHERE = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "access-control-allow-origin": "*",
}


@pytest.mark.parametrize(
    "url", ["/", "/vessels", "/vessels?x=1", "/nowhere", "/docs", "/problems", "/openapi.json", "/healthz"]
)
def test_security_headers_are_on_every_answer(client: Client, url: str) -> None:
    headers = client.get(url).headers
    assert {name: headers[name] for name in EVERYWHERE} == EVERYWHERE
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "access-control-allow-credentials" not in headers


def test_a_preflight_is_answered(client: Client) -> None:
    asked = {"Origin": "https://client.example", "Access-Control-Request-Method": "GET"}
    response = client.request("OPTIONS", "/vessels", headers=asked)
    assert response.status_code == 204
    assert response.headers["access-control-allow-methods"] == "GET, HEAD, OPTIONS"
    assert response.headers["access-control-allow-headers"] == "*, Authorization"
    exposed = client.get("/vessels").headers["access-control-expose-headers"].split(", ")
    assert {"Link", "ETag", "Dataset-Version", "Total-Count"} <= set(exposed)
    assert client.request("OPTIONS", "/nowhere").status_code == 404


def test_a_forged_host_is_not_believed(client: Client) -> None:
    forged = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher"}
    for url in ("/vessels?limit=1", "/vessels/9163166", "/vessels?x=1", "/"):
        response = client.get(url, headers=forged)
        assert "evil.example" not in response.text
        assert "gopher" not in response.text


@pytest.mark.parametrize(
    ("server", "base"),
    [
        (("127.0.0.1", 8123), "http://127.0.0.1:8123"),
        (("::1", 8123), "http://[::1]:8123"),
        (("testserver", None), "http://testserver"),
        (("/run/unlisted.sock", None), "http://127.0.0.1:8000"),
        (None, "http://127.0.0.1:8000"),
    ],
)
def test_links_begin_with_the_listening_socket(server: tuple[str, int | None] | None, base: str) -> None:
    app = SimpleNamespace(state=SimpleNamespace(settings=Settings()))
    assert base_url({"server": server, "app": app}) == base


def test_links_begin_with_the_public_url_where_it_is_set(database: Path, client_of: Callable[..., Client]) -> None:
    record = client_of(database, public_url="https://sanctions.example/api/").json("/vessels/9163166")
    assert record["url"] == "https://sanctions.example/api/vessels/9163166"


def test_a_failure_shows_nothing_of_the_inside(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("the secret cause")

    monkeypatch.setattr("app.resources.vessels.read_page", fail)
    response = client.get("/vessels?limit=7")  # nobody asked this yet
    assert response.status_code == 500
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "secret" not in response.text
    assert response.json()["type"].endswith("/problems/internal-error")


def test_what_is_no_request_passes_through() -> None:
    seen: list[str] = []

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        del receive, send
        seen.append(scope["type"])

    asyncio.run(SecurityHeadersMiddleware(inner, 8192)({"type": "lifespan"}, None, None))  # type: ignore[arg-type]
    assert seen == ["lifespan"]
