"""The documentation page, opened in a browser: it draws the operations and loads nothing from elsewhere."""

import json
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

needs_browser = pytest.mark.skipif(BROWSER is None, reason="no chromium on this machine (Debian's package chromium)")


def browse(url: str, profile: Path, *options: str) -> subprocess.CompletedProcess[str]:
    assert BROWSER is not None
    command = [
        BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        f"--user-data-dir={profile}", "--virtual-time-budget=10000", *options, url,
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, timeout=90, check=True)


def urls_asked_by_pages(net_log: Path) -> set[str]:
    """List the requests of pages; requests of the browser itself have no page as their initiator."""
    events = json.loads(net_log.read_text(encoding="utf-8"))["events"]
    requests = [event["params"] for event in events if "initiator" in event.get("params", {})]
    return {request["url"] for request in requests if request["initiator"].startswith("http")}


@needs_browser
def test_the_page_draws_every_operation_and_asks_no_other_server(server: str, tmp_path: Path) -> None:
    net_log = tmp_path / "net.json"
    page = browse(
        f"{server}/docs", tmp_path / "profile", "--dump-dom", f"--log-net-log={net_log}", "--enable-logging=stderr"
    )
    description = httpx.get(f"{server}/openapi.json").json()
    operations = sum(len(path) for path in description["paths"].values())
    drawn = sum(page.stdout.count(f'class="opblock opblock-{method}') for method in ("get", "post"))
    assert drawn == operations
    assert "Content Security Policy" not in page.stderr
    asked = urls_asked_by_pages(net_log)
    assert f"{server}/openapi.json" in asked
    assert {url for url in asked if not url.startswith((f"{server}/", "data:"))} == set()


def test_the_page_names_only_what_is_served_here(server: str) -> None:
    page = httpx.get(f"{server}/docs")
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert "http://" not in page.text.replace('lang="en"', "")
    assert "https://" not in page.text
    for name in ("swagger-ui-bundle.js", "swagger-ui.css", "docs.js", "site.css", "site.js", "icon.svg"):
        asset = httpx.get(f"{server}/static/{name}")
        assert asset.status_code == 200
        assert len(asset.content) > 100
