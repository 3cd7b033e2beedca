"""Pages in Debian's Chromium: a visitor's way through them, without faults, for everyone.

Every page of these tests fails if it logs an error, is refused something by its Content-Security-Policy, sets a cookie
or asks another server for anything (`opened` in conftest.py). Screenshots go where UNLISTED_SCREENSHOTS says, for a
reviewer to look at.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from tests.pages.conftest import BROWSER, HOSTILE_SHIP, SCRIPT

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no chromium on this machine (Debian's package chromium)")

AXE = Path(__file__).with_name("axe") / "axe.min.js"
"""axe-core 4.14.1 by Deque Systems, under the Mozilla Public License 2.0 beside it: for these tests alone."""

OpenPage = Callable[..., "Page"]

KINDS = [
    *("/", "/vessels?listed=true&as_of=2016-03-10&limit=10", "/vessels/9163166", "/designated-parties/KPi.014"),
    *("/designated-parties/KPe.020/graph", "/relations?limit=5", "/identifiers?limit=5", "/downloads"),
    *("/resolutions/2270", "/measures?text=coal&limit=5", "/changes?limit=10", "/timeline", "/statements?limit=10"),
    *("/diff?from=2016-03-01&to=2016-03-21", "/dataset", "/delisting-requests/2016-03", "/search?q=Jin+Teng"),
    *("/problems", "/styleguide", f"/vessels/{HOSTILE_SHIP}"),
]
"""A page of every kind, with few rows: those of a table are alike."""
IN_DARK = (
    *("/", "/vessels/9163166", "/designated-parties/KPe.020/graph", "/resolutions/2270", "/search?q=Jin+Teng"),
    *("/statements?limit=10", "/styleguide"),
)
"""Pages that have all colours between them."""
NARROW, WIDE = 320, 2560
"""Widths of windows: that of WCAG 2.2, success criterion 1.4.10, and a very wide one."""


def test_a_visitor_learns_when_a_ship_was_listed_and_at_whose_request_it_was_taken_off(opened: OpenPage) -> None:
    page = opened("/")
    page.get_by_label("Find a name").fill("jin teng")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="JIN TENG", exact=True).click()
    assert page.title() == "JIN TENG (IMO 9163166) · unlisted"
    verdict = page.locator(".verdict").inner_text()
    assert "Not on the list on" in verdict
    assert "It was from 2 March 2016 until 21 March 2016." in verdict
    assert "Taken off by 1718 Committee decision of 21 March 2016, at the request of China." in verdict
    source = page.locator("#stays").locator("xpath=..").get_by_role("link", name="Source").first
    number = source.inner_text()
    source.click()
    assert page.url.endswith(f"#source-{number}")
    page.locator(f"#source-{number} a").first.click()
    assert "/sources/" in page.url
    page.go_back()
    page.get_by_label("The day", exact=True).fill("2016-03-10")
    page.get_by_role("button", name="Show this day").click()
    assert page.url.endswith("/vessels/9163166?as_of=2016-03-10")
    assert page.locator(".verdict-text").inner_text().startswith("On the list on 10 March 2016.")
    page.get_by_role("link", name="Go to today").click()
    assert page.url.endswith("/vessels/9163166")


def test_a_form_of_filters_goes_there_and_back(opened: OpenPage) -> None:
    page = opened("/vessels")
    page.get_by_text("Filter and day").click()
    page.locator("#f-as-of").fill("2016-03-10")
    page.get_by_label("On the list on the day").select_option("yes")
    page.get_by_label("Name contains").fill("jin")
    page.get_by_role("checkbox", name="asset freeze").check()
    page.get_by_role("button", name="Apply").click()
    chosen = {"as_of": "2016-03-10", "listed": "true", "name": "jin", "measure": "asset_freeze"}
    assert dict(parse_qsl(urlsplit(page.url).query)) == chosen
    chips = page.locator(".chip > span:first-child").all_inner_texts()
    assert sorted(chips) == ["measure: asset freeze", "name contains “jin”", "on the list on 10 March 2016"]
    page.get_by_text("Filter and day").click()
    assert page.get_by_label("Name contains").input_value() == "jin"
    assert page.get_by_role("checkbox", name="asset freeze").is_checked()
    page.get_by_role("link", name="name contains").click()
    assert dict(parse_qsl(urlsplit(page.url).query)) == {key: chosen[key] for key in chosen if key != "name"}


def test_without_javascript_everything_works(opened: OpenPage) -> None:
    page = opened("/measures", java_script_enabled=False)
    page.get_by_label("Goods, in words").fill("coal")
    page.get_by_role("button", name="Show what applied").click()
    assert "text=coal" in page.url
    assert "hs_code" not in page.url
    page = opened("/search", java_script_enabled=False)
    page.get_by_label("One name a line", exact=True).fill("Jin Teng\nNobody Likely")
    page.get_by_role("button", name="Compare all").click()
    assert page.url.endswith("/search")
    assert page.get_by_role("heading", level=1).inner_text() == "2 names compared"


def test_a_name_by_post_is_not_in_the_address(opened: OpenPage) -> None:
    page = opened("/search")
    page.get_by_label("Name, ship").fill("Jin Teng")
    page.get_by_role("button", name="Search without the address bar").click()
    assert page.url.endswith("/search")
    assert page.get_by_role("link", name="JIN TENG").first.is_visible()


def test_hostile_texts_stay_texts(opened: OpenPage) -> None:
    page = opened(f"/vessels/{HOSTILE_SHIP}")
    assert SCRIPT in page.get_by_role("heading", level=1).inner_text()
    assert "taken over" not in page.title().replace(SCRIPT, "")
    assert page.locator("main img").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@dataclass
class Walk:
    """Faults of pages: those that axe finds, in light and dark, and pages that are wider than a window."""

    faults: list[tuple[str, str, str]] = field(default_factory=list)
    wider: list[tuple[str, int]] = field(default_factory=list)


@pytest.fixture(scope="module")
def walk(browser: Any, site: str) -> Walk:
    """One way through a page of every kind, which is opened once for all that is looked at."""
    found, script = Walk(), AXE.read_text(encoding="utf-8")
    # axe's own style is inline, which the pages' policy would refuse.
    context = browser.new_context(base_url=site, bypass_csp=True, reduced_motion="reduce")
    page = context.new_page()
    for url in KINDS:
        answer = page.goto(url)
        assert answer.ok, url  # a page of a problem would have no fault either
        for width in (NARROW, WIDE):
            page.set_viewport_size({"width": width, "height": 800})
            if page.evaluate("document.documentElement.scrollWidth") > width:
                found.wider.append((url, width))
        page.set_viewport_size({"width": 1280, "height": 900})
        page.evaluate(script)
        faults = page.evaluate("axe.run({resultTypes: ['violations']}).then(found => found.violations)")
        if url in IN_DARK:
            page.emulate_media(color_scheme="dark")
            faults += page.evaluate("axe.run({runOnly: ['color-contrast']}).then(found => found.violations)")
            page.emulate_media(color_scheme="light")
        found.faults += [(url, fault["id"], fault["nodes"][0]["html"][:120]) for fault in faults]
    context.close()
    return found


def test_every_kind_of_page_has_no_fault_that_axe_finds_in_light_and_dark(walk: Walk) -> None:
    assert set(IN_DARK) <= set(KINDS)
    assert walk.faults == []


def test_no_page_is_wider_than_the_window(walk: Walk) -> None:
    assert walk.wider == []


def test_the_keyboard_reaches_the_content_and_every_point_of_the_chart(opened: OpenPage) -> None:
    page = opened("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    point = page.locator("a.point").last
    point.focus()
    assert point.locator(".point-text").evaluate("node => getComputedStyle(node).visibility") == "visible"


def tab_to(page: "Page", condition: str, most: int = 60) -> None:
    """Press Tab until the focused element fulfils a condition in JavaScript; at each stop the focus must be visible."""
    for _ in range(most):
        page.keyboard.press("Tab")
        reached, outline = page.evaluate(
            "() => { const it = document.activeElement, style = getComputedStyle(it);"
            " return [condition(it), style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2] }".replace(
                "condition(it)", condition
            )
        )
        assert outline, page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        if reached:
            return
    raise AssertionError(f"not reached with {most} steps: {condition}")


def test_the_keyboard_alone_searches_follows_a_hit_and_moves_the_day(opened: OpenPage) -> None:
    page = opened("/", locale="en-US")
    tab_to(page, "it.id === 'q'")
    page.keyboard.type("jin teng")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=jin+teng")
    tab_to(page, "it.localName === 'a' && it.textContent === 'JIN TENG'")
    page.keyboard.press("Enter")
    page.wait_for_url("**/vessels/9163166")
    tab_to(page, "it.id === 'as-of'", most=150)
    page.keyboard.type("03102016")
    tab_to(page, "it.textContent === 'Show this day'")
    page.keyboard.press("Enter")
    page.wait_for_url("**/vessels/9163166?as_of=2016-03-10")
    assert page.locator(".verdict-text").inner_text().startswith("On the list on 10 March 2016.")


RECORD = """
- banner:
  - link "unlisted"
  - navigation "Main"
  - search "Search all names"
- main:
  - article:
    - paragraph:
      - link "Ships"
    - heading /JIN TENG/ [level=1]
    - paragraph:
      - strong: /Not on the list on/
      - text: It was from 2 March 2016 until 21 March 2016.
    - region "At a glance"
    - region "What listed it, what took it off"
    - region "The request behind that"
    - region "Names"
    - region "Relations"
    - region "In other lists"
    - region "What happened"
    - region "Sources"
    - complementary "About this page"
- contentinfo
"""
COLLECTION = """
- main:
  - heading "Ships" [level=1]
  - group: Filter and day
  - group "Ships":
    - table:
      - rowgroup:
        - row /Name/:
          - columnheader "Name"
          - columnheader "IMO number"
          - columnheader "On the list?"
"""


def test_the_accessibility_tree_of_the_main_pages(opened: OpenPage) -> None:
    from playwright.sync_api import expect

    expect(opened("/vessels/9163166").locator("body")).to_match_aria_snapshot(RECORD)
    expect(opened("/vessels").locator("body")).to_match_aria_snapshot(COLLECTION)
    answer = opened("/search?q=jin+teng").get_by_role("main")
    expect(answer).to_match_aria_snapshot('- heading "1 subject is alike. Not a clearance." [level=2]')


def test_print_shows_the_answer_and_not_the_way_around(opened: OpenPage) -> None:
    page = opened("/search?q=Jin+Teng")
    page.emulate_media(media="print")
    assert page.get_by_text("Not a clearance").first.is_visible()
    for hidden in (".menu", ".no-print", ".goods"):
        assert not page.locator(hidden).first.is_visible()


def test_what_a_page_loads_is_small_and_kept(site: str) -> None:
    page = httpx.get(f"{site}/", headers={"Accept": "text/html"})
    assert len(page.content) < 100_000
    style = page.text.split('rel="stylesheet" href="')[1].split('"')[0]
    asset = httpx.get(f"{site}{style}")
    assert "immutable" in asset.headers["cache-control"]
    assert httpx.get(f"{site}/static/site.css").content == asset.content
    assert httpx.get(f"{site}/static/site.00000000.css").status_code == 404


@pytest.mark.parametrize(
    ("name", "options", "media"),
    [
        ("phone", {"viewport": {"width": 390, "height": 844}}, "screen"),
        ("desktop", {}, "screen"),
        ("dark", {"color_scheme": "dark"}, "screen"),
        ("print", {}, "print"),
    ],
)
def test_screenshots_for_a_reviewer(
    opened: OpenPage, name: str, options: dict[str, Any], media: Any, tmp_path: Path
) -> None:
    kept = os.environ.get("UNLISTED_SCREENSHOTS")
    page = opened("/", **options)
    page.emulate_media(media=media)
    for url in KINDS if kept else KINDS[:1]:
        page.goto(url)
        stem = url.strip("/").replace("/", "-").partition("?")[0] or "home"
        picture = Path(kept or tmp_path) / f"{stem}-{name}.png"
        page.screenshot(path=picture, full_page=True)
        assert picture.stat().st_size > 1000
