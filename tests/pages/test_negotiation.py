"""Who gets a page and who gets data: by real Accept headers, by ``format``, and in every cache."""

import re

import pytest

from tests.conftest import Client
from tests.pages.conftest import CHROME

HTML, JSON, CSV = "text/html; charset=utf-8", "application/json", "text/csv; charset=utf-8"

BROWSERS = {
    "Chrome": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,"
    "application/signed-exchange;v=b3;q=0.7",
    "Firefox": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Firefox before 132": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
    "Safari": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Internet Explorer": "text/html, application/xhtml+xml, */*",
    "Lynx": "text/html, text/plain, text/sgml, text/css, application/xhtml+xml, */*;q=0.01",
    "HTML alone": "text/html",
}
PROGRAMS = {
    "curl, requests, httpx, wget, Excel's Power Query": "*/*",
    "no header": "",
    "axios": "application/json, text/plain, */*",
    "jQuery": "application/json, text/javascript, */*; q=0.01",
    "fetch of a browser": "*/*",
    "both alike, JSON named": "application/json, text/html",
    "JSON preferred": "text/html;q=0.5, application/json",
    "HTML refused": "text/html;q=0, */*",
}


@pytest.mark.parametrize("accept", BROWSERS.values(), ids=BROWSERS)
def test_browsers_get_pages(pages: Client, accept: str) -> None:
    for url in ("/", "/vessels", "/vessels/9163166", "/search?q=jin"):
        response = pages.get(url, headers={"Accept": accept})
        assert (response.status_code, response.headers["content-type"]) == (200, HTML), url
        assert "Accept" in response.headers["vary"]


@pytest.mark.parametrize("accept", PROGRAMS.values(), ids=PROGRAMS)
def test_programs_get_data(pages: Client, accept: str) -> None:
    for url in ("/", "/vessels", "/vessels/9163166", "/search?q=jin"):
        response = pages.get(url, headers={"Accept": accept})
        assert (response.status_code, response.headers["content-type"]) == (200, JSON), url
        assert "Accept" in response.headers["vary"]


@pytest.mark.parametrize(
    "accept",
    [
        "application/atom+xml, application/rss+xml, application/xml;q=0.8, text/html;q=0.7, */*;q=0.5",
        "application/feed+json, application/atom+xml;q=0.9, text/html;q=0.5",
    ],
    ids=["a reader of Atom", "a reader of JSON Feed"],
)
def test_feed_readers_get_feeds_where_there_are_any_and_else_what_they_like_second(pages: Client, accept: str) -> None:
    assert pages.get("/changes", headers={"Accept": accept}).headers["content-type"].startswith("application/")
    assert pages.get("/vessels", headers={"Accept": accept}).headers["content-type"] == HTML


def test_format_decides_before_accept(pages: Client) -> None:
    assert pages.get("/vessels?format=html", headers={"Accept": "application/json"}).headers["content-type"] == HTML
    assert pages.get("/vessels?format=csv", headers={"Accept": CHROME}).headers["content-type"] == CSV
    assert pages.get("/vessels?format=json", headers={"Accept": CHROME}).headers["content-type"] == JSON


def test_what_is_no_record_is_the_same_for_everybody(pages: Client) -> None:
    for url in ("/openapi.json", "/docs", "/problems", "/static/site.css", "/styleguide"):
        page, data = (pages.get(url, headers={"Accept": accept}) for accept in (CHROME, "*/*"))
        assert (page.status_code, page.content) == (200, data.content), url


def test_answers_that_are_no_records_are_pages_too(pages: Client) -> None:
    """The service of reconciliation answers in the terms of its own specification, without a day or a dataset."""
    for url in (
        "/reconcile",
        "/reconcile?query=jin+teng",
        "/reconcile/suggest/entity?prefix=jin",
        "/reconcile/suggest/type?as_of=2016-03-20",
        "/reconcile/properties",
    ):
        response = pages.get(url, headers={"Accept": CHROME})
        assert (response.status_code, response.headers["content-type"]) == (200, HTML), url


def test_a_page_is_of_the_same_day_and_dataset_and_kept_as_long_as_its_data(pages: Client) -> None:
    version = pages.json("/dataset")["version"]
    for url in ("/vessels", "/vessels?as_of=2016-03-10", f"/vessels/9163166?as_of=2016-03-10&dataset={version}"):
        page, data = (pages.get(url, headers={"Accept": accept}) for accept in (CHROME, "*/*"))
        for header in ("cache-control", "as-of", "dataset-version", "dataset-covers-until", "link"):
            # Seconds until the end of the day are fewer with each request.
            assert re.sub(r"[0-9]+", "n", page.headers[header]) == re.sub(r"[0-9]+", "n", data.headers[header])
        assert page.headers["etag"] != data.headers["etag"]
    assert "immutable" in page.headers["cache-control"]


def test_a_page_is_not_sent_twice(pages: Client) -> None:
    first = pages.get("/vessels", headers={"Accept": CHROME})
    known = {"Accept": CHROME, "If-None-Match": first.headers["etag"]}
    assert pages.get("/vessels", headers=known).status_code == 304
    assert pages.get("/vessels", headers=known | {"Accept": "*/*"}).status_code == 200
    head = pages.request("HEAD", "/vessels", headers={"Accept": CHROME})
    assert (head.content, head.headers["etag"]) == (b"", first.headers["etag"])


def test_pages_and_data_do_not_mix_in_the_response_cache(pages: Client) -> None:
    for _ in range(2):
        for accept, media_type in ((CHROME, HTML), ("*/*", JSON), ("text/csv", CSV)):
            assert pages.get("/listings?limit=3", headers={"Accept": accept}).headers["content-type"] == media_type
