"""The configuration of nginx that is shipped: it runs, limits rates, closes /metrics to others, and logs no query."""

import re
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from app.settings import ROOT
from tests.conftest import serving
from tests.nginx import free_port, needs_nginx, running_nginx

SHIPPED = ROOT / "deploy" / "nginx.conf"

pytestmark = needs_nginx


@dataclass(frozen=True)
class Proxy:
    """A running nginx.

    Attributes:
        client: a client of its TLS port.
        plain: the address of its plain port.
        folder: its folder, with its logs.
    """

    client: httpx.Client
    plain: str
    folder: Path

    def logged(self) -> str:
        return "".join(path.read_text() for path in self.folder.glob("*.log"))


@pytest.fixture
def proxy(database: Path, tmp_path: Path) -> Iterator[Proxy]:
    """The shipped configuration with the addresses and files of this machine in place of those of a server."""
    public = {"public_url": "https://sanctions.example", "metrics": "true"}
    with serving(database, tmp_path / "server.txt", settings=public) as address:
        plain, tls = free_port(), free_port()
        key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
        words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=127.0.0.1"]
        subprocess.run([*words, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
        replaced = {
            "127.0.0.1:8000": address.removeprefix("http://"),
            "listen 80;": f"listen 127.0.0.1:{plain};",
            "listen 443 ssl;": f"listen 127.0.0.1:{tls} ssl;",
            "/etc/ssl/certs/sanctions.example.pem": str(certificate),
            "/etc/ssl/private/sanctions.example.key": str(key),
            "/var/log/nginx/": f"{tmp_path}/",
            "/var/cache/nginx/unlisted": f"{tmp_path}/cache",
        }
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with (
            running_nginx(SHIPPED.read_text(), replaced, tls, tmp_path),
            httpx.Client(base_url=f"https://127.0.0.1:{tls}", verify=context, timeout=30) as client,
        ):
            yield Proxy(client, f"http://127.0.0.1:{plain}", tmp_path)


def test_it_passes_answers_on_and_logs_no_query(proxy: Proxy) -> None:
    response = proxy.client.get("/search?q=Xyzzyname")
    assert response.status_code == 200
    assert response.json()["cite_as"].startswith("https://sanctions.example/search?")
    assert response.headers["strict-transport-security"] == "max-age=31536000"
    assert proxy.client.post("/search", json=["Xyzzyname"]).status_code == 200
    assert proxy.client.get("/vessels?name=Xyzzyname").status_code == 200
    moved = httpx.get(f"{proxy.plain}/search?q=Xyzzyname")
    assert (moved.status_code, moved.headers["location"]) == (308, "https://sanctions.example/search?q=Xyzzyname")
    for _ in range(60):
        proxy.client.get("/search?q=Xyzzyname")  # beyond the limit, which nginx may log as an error
    logged = proxy.logged()
    assert '"GET /search" 200' in logged
    assert '"GET /search" 429' in logged
    assert "Xyzzyname" not in logged


def test_it_limits_rates(proxy: Proxy) -> None:
    statuses = [proxy.client.get("/search?q=Kim").status_code for _ in range(40)]
    assert statuses[:5] == [200] * 5
    assert 429 in statuses
    assert {proxy.client.get("/healthz").status_code for _ in range(10)} == {200}


def test_it_keeps_answers_by_their_format(proxy: Proxy) -> None:
    url = "/vessels?as_of=2016-03-20"
    for accept, kind in (
        ("application/json", "application/json"),
        ("text/csv", "text/csv"),
        ("*/*", "application/json"),
    ):
        for _ in range(2):
            assert proxy.client.get(url, headers={"Accept": accept}).headers["content-type"].startswith(kind)
    assert re.search(r'"GET /vessels" 200 [0-9]+ [0-9.]+ HIT', proxy.logged())


def test_the_longest_head_of_an_answer_passes(proxy: Proxy) -> None:
    ids = [item["id"] for item in proxy.client.get("/designated-parties?limit=500").json()["items"]][:100]
    many = "&".join(f"subject={id}" for id in ids)
    assert proxy.client.get(f"/changes?limit=1&{many}").status_code == 200


def test_metrics_are_for_the_machine_itself(proxy: Proxy) -> None:
    assert "unlisted_requests_total" in proxy.client.get("/metrics").text
    assert "deny all" in SHIPPED.read_text().partition("location = /metrics")[2].partition("}")[0]
