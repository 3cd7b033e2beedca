"""A dataset with hostile texts, a server of it, and pages of a browser that watch over what a page does."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.publish import publish
from tests.conftest import Client, edit, made_once, row_of, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
]
CHROME = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
"""An Accept header of a browser."""

HOSTILE_SHIP = "8914934"
SCRIPT = "<script>document.title='taken over'</script><img src=x onerror=alert(1)>"
BIDI = "\u202eDEREVER\u202c \u2066apart\u2069"
LONG = "A" * 10_000
"""What names and notes of the hostile ship hold."""


def _hostile(folder: Path, small: Path) -> None:
    seed = Path(shutil.copytree(small / "seed", folder / "seed"))

    def names(rows: list[dict[str, str]]) -> None:
        for place, row in enumerate(row for row in rows if row["subject_id"] == HOSTILE_SHIP):
            row["name"] = f"{SCRIPT} {BIDI} {place}"

    def notes(rows: list[dict[str, str]]) -> None:
        row_of(rows, HOSTILE_SHIP)["note"] = f"{LONG} {SCRIPT} \"' onmouseover=alert(1) "

    edit(seed, "names", names)
    edit(seed, "vessels", notes)
    publish(seed, folder / "unlisted.db")


@pytest.fixture(scope="session")
def hostile(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small seed with a ship whose name and note are hostile, published."""
    return made_once(tmp_path_factory, "hostile", lambda folder: _hostile(folder, small)) / "unlisted.db"


@pytest.fixture(scope="session")
def pages(hostile: Path) -> Iterator[Client]:
    """A client of that dataset in this process."""
    opened = Client(hostile)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def site(hostile: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of that dataset."""
    with serving(hostile, tmp_path_factory.mktemp("site") / "log") as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    """Debian's Chromium, started once a module: while Playwright runs, no other event loop can in its thread."""
    if BROWSER is None:
        pytest.skip("no chromium on this machine (Debian's package chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=BROWSER, args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture
def opened(browser: "Browser", site: str) -> "Iterator[Callable[..., Page]]":
    """Opens pages of the site; fails if one of them logs an error or asks another server for anything."""
    contexts, faults = [], []

    def open_page(path: str, **options: object) -> "Page":
        context = browser.new_context(base_url=site, **{"viewport": {"width": 1280, "height": 900}, **options})  # type: ignore[arg-type]  # options of Playwright's
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on(
            "console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda request: None if request.url.startswith(site) else faults.append(request.url))
        page.goto(path)
        return page

    yield open_page
    cookies = [cookie for context in contexts for cookie in context.cookies()]
    for context in contexts:
        context.close()
    assert cookies == []
    assert faults == []
