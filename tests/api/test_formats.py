"""Formats, compression and conditional requests."""

import gzip

import pytest

from tests.conftest import Client

CSV, JSON = "text/csv; charset=utf-8", "application/json"


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", JSON),
        ("", JSON),
        ("text/csv", CSV),
        ("text/*", CSV),
        ("application/json;q=0.5, text/csv", CSV),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html; charset=utf-8"),
        ("application/xml, text/csv;q=0.1", CSV),
        ("application/json;charset=utf-8", JSON),
        ("text/csv; charset=utf-8; header=present", CSV),
    ],
)
def test_accept_decides_where_format_does_not(client: Client, accept: str, media_type: str) -> None:
    response = client.get("/vessels?limit=1", headers={"Accept": accept})
    assert response.headers["content-type"] == media_type
    assert "Accept" in response.headers["vary"]
    assert client.get("/vessels?limit=1&format=json", headers={"Accept": accept}).headers["content-type"] == JSON


@pytest.mark.parametrize("accept", ["application/xml", "application/json;q=0, text/csv;q=0", "image/png"])
def test_what_is_not_offered_is_a_406(client: Client, accept: str) -> None:
    for url in ("/vessels", "/vessels/9163166", "/dataset", "/"):
        assert client.get(url, headers={"Accept": accept}).status_code == 406


def test_the_way_in_is_json_only(client: Client) -> None:
    response = client.get("/?format=csv")
    assert response.status_code == 406
    assert "json" in response.json()["detail"]


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip", "gzip"),
        ("br, gzip;q=0.5", "br"),
        ("br;q=0.5, gzip", "gzip"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, zstd", "zstd"),
        ("deflate, compress", None),
        ("*", "br"),
        ("br;q=0, *", "zstd"),
        ("gzip;q=0", None),
        ("identity;q=1, gzip;q=0.1", None),
        ("identity;q=0.5, gzip;q=0.5", "gzip"),
        ("identity", None),
        ("br;q=x", None),
        ("x-gzip", "gzip"),
        ("", None),
    ],
)
def test_compression_is_negotiated(client: Client, accepted: str, coding: str | None) -> None:
    response = client.get("/vessels", headers={"Accept-Encoding": accepted})
    assert response.headers.get("content-encoding") == coding
    assert response.json()["total"] == 67


def test_small_answers_are_not_compressed(client: Client) -> None:
    response = client.get("/vessels?name=nobody", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in response.headers


def test_each_coding_and_format_has_a_tag_of_its_own(client: Client) -> None:
    tags = {
        client.get(url, headers={"Accept-Encoding": coding}).headers["etag"]
        for url in ("/vessels?format=json", "/vessels?format=csv")
        for coding in ("gzip", "br", "zstd", "identity")
    }
    assert len(tags) == 8
    assert all(tag.startswith('"') for tag in tags)


@pytest.mark.parametrize("form", ['"{}"', 'W/"{}"', '"other", "{}"', "*"])
def test_a_condition_that_holds_is_a_304(client: Client, form: str) -> None:
    first = client.get("/vessels", headers={"Accept-Encoding": "identity"})
    condition = form.format(first.headers["etag"].strip('"'))
    again = client.get("/vessels", headers={"Accept-Encoding": "identity", "If-None-Match": condition})
    assert (again.status_code, again.content) == (304, b"")
    for name in ("etag", "cache-control", "vary"):
        assert again.headers[name] == first.headers[name]


def test_a_condition_that_does_not_hold_is_answered(client: Client) -> None:
    zipped = client.get("/vessels", headers={"Accept-Encoding": "gzip"}).headers["etag"]
    plain = client.get("/vessels", headers={"Accept-Encoding": "identity", "If-None-Match": zipped})
    assert plain.status_code == 200
    assert client.get("/vessels", headers={"If-None-Match": '"other"'}).status_code == 200


def test_the_body_that_is_sent_is_the_body_compressed(client: Client) -> None:
    plain = client.get("/sources", headers={"Accept-Encoding": "identity"}).content
    assert len(gzip.compress(plain)) < len(plain) / 3
    assert client.get("/sources", headers={"Accept-Encoding": "gzip"}).content == plain


def test_answers_may_be_kept(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.api.envelope.seconds_of_today", lambda: 86_400 + 360)  # tests/test_bounds.py has less
    for_a_while = "public, max-age=300, stale-while-revalidate=60, stale-if-error=86400"
    pinned = client.json("/vessels?limit=1")
    assert client.get("/vessels?limit=47").headers["cache-control"] == for_a_while
    assert (
        client.get(f"/vessels?limit=47&dataset={pinned['dataset']['version']}").headers["cache-control"] == for_a_while
    )
    assert client.get("/vessels?as_of=2016-03-20").headers["cache-control"] == for_a_while
    for url in (pinned["cite_as"], pinned["next"]):
        assert client.get(url).headers["cache-control"] == "public, max-age=604800, immutable"
    for url in ("/dataset/versions", "/vessels/9163166?format=csl", "/changes?format=atom"):
        given = f"{url}{'&' if '?' in url else '?'}as_of=2016-03-20&dataset={pinned['dataset']['version']}"
        assert client.get(given).headers["cache-control"] == for_a_while
    # Another release may match names otherwise.
    assert client.get(client.json("/search?q=jin+teng")["cite_as"]).headers["cache-control"] == for_a_while
    assert client.get("/vessels?x=1").headers["cache-control"] == "no-store"


def test_header_lines_that_repeat_are_one_list(client: Client) -> None:
    tag = client.get("/vessels", headers={"Accept-Encoding": "identity"}).headers["etag"]
    lines = [("If-None-Match", '"other"'), ("If-None-Match", tag), ("Accept-Encoding", "identity")]
    assert client.get("/vessels", headers=lines).status_code == 304
    accepted = client.get("/vessels", headers=[("Accept", "text/html"), ("Accept", "text/csv")])
    assert accepted.headers["content-type"] == CSV
    zipped = client.get("/vessels", headers=[("Accept-Encoding", "deflate"), ("Accept-Encoding", "gzip")])
    assert zipped.headers["content-encoding"] == "gzip"


def test_the_description_and_the_files_of_pages_are_kept_and_compressed(client: Client) -> None:
    for url in ("/openapi.json", "/static/swagger-ui.css", "/docs", "/problems"):
        first = client.get(url, headers={"Accept-Encoding": "gzip"})
        again = client.get(url, headers={"Accept-Encoding": "gzip", "If-None-Match": first.headers["etag"]})
        assert again.status_code == 304
        assert first.headers["cache-control"].startswith("public, max-age=")
    assert client.get("/openapi.json", headers={"Accept-Encoding": "gzip"}).headers["content-encoding"] == "gzip"
