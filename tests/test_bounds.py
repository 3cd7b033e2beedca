"""Bounds on answers, and what headers say: refusals, links, caches until midnight, logs without names."""

import asyncio
import gc
import gzip
import json
import logging
import re
import weakref
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.api.formats import cache_control
from app.fields import dates
from app.fields.text import escape_formula
from app.middleware.content_encoding import Coding, choose_coding
from app.problems import MOST_BYTES, InvalidRequest, ParameterError
from app.settings import Settings
from tests.conftest import Client, serving

MANY = "&".join(f"unknown{number}=1" for number in range(1200))


@pytest.mark.parametrize(
    "url",
    [
        f"/vessels?{MANY[:7900]}",
        "/vessels?" + "&".join(["as_of=2016-03-20"] * 400),
        "/vessels?" + "&".join(f"%ff{number}=1" for number in range(700)),
        "/vessels?subject=" + "9" * 7000,
        "/vessels/" + "x" * 7000,
        "/" + "é" * 1300,
        "/vessels?sort=" + "%00" * 2000,
        f"/search?q=Kim&{MANY[:7000]}",
    ],
)
def test_a_refusal_is_short(client: Client, url: str) -> None:
    response = client.get(url)
    assert 400 <= response.status_code < 500
    assert len(response.content) <= 16_384
    assert response.json()["detail"]


def test_a_long_refusal_says_how_much_it_leaves_out() -> None:
    faults = [ParameterError(parameter=f"p{n}", location="query", message="é" * 300) for n in range(1200)]
    body = InvalidRequest("; ".join(fault.message for fault in faults), faults).body("http://a.example")
    assert len(body) <= MOST_BYTES
    document = json.loads(body)
    assert document["errors"] == [fault.model_dump() for fault in faults[: len(document["errors"])]]
    left = re.search(r"\(([0-9]+) more parameters are at fault\)", document["detail"])
    assert left
    assert int(left[1]) == 1200 - len(document["errors"]) > 0


@given(st.text(max_size=9000), st.lists(st.text(max_size=3000), max_size=40))
def test_no_refusal_is_longer_than_the_bound(detail: str, messages: list[str]) -> None:
    faults = [ParameterError(parameter=text[:200], location="query", message=text) for text in messages]
    assert len(InvalidRequest(detail, faults).body("http://a.example")) <= MOST_BYTES


def subjects(client: Client) -> str:
    ids = [item["id"] for item in client.items("/designated-parties?limit=500")][:80]
    return "&".join(f"subject={id}" for id in ids)


def test_links_stay_in_bounds(client: Client) -> None:
    few = client.get("/changes?subject=KPi.001&limit=1")
    assert 'rel="cite-as"' in few.headers["link"]
    response = client.get(f"/changes?limit=1&{subjects(client)}")
    assert response.status_code == 200
    assert len(response.headers.get("link", "")) <= 3000
    assert sum(len(name) + len(value) + 4 for name, value in response.headers.items()) < 4096
    assert response.json()["cite_as"].count("subject=") == 80
    assert response.json()["next"].count("subject=") == 80


def test_csv_never_loses_its_next_page(client: Client, database: Path, client_of: Callable[..., Client]) -> None:
    far = client_of(database, public_url="https://a.example/" + "x" * 2000)
    response = far.get(f"/changes?limit=1&format=csv&{subjects(client)}")
    assert response.status_code == 414
    assert "next page" in response.json()["detail"]
    assert far.get(f"/changes?limit=1&{subjects(client)}").json()["next"].startswith("https://a.example/xxx")
    whole = far.get(f"/changes?limit=500&format=csv&{subjects(client)}")
    assert whole.status_code == 200
    near = far.get("/changes?limit=1&format=csv")
    assert 'rel="next"' in near.headers["link"]
    assert 'rel="cite-as"' not in near.headers["link"]


def at(monkeypatch: pytest.MonkeyPatch, hour: int, minute: int, second: int) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> "Clock":
            day = datetime.now(UTC)
            return cls(day.year, day.month, day.day, hour, minute, second, tzinfo=tz)

    monkeypatch.setattr(dates, "datetime", Clock)


def test_today_is_not_cached_beyond_midnight(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, 23, 59, 0)
    directives = client.get("/vessels?limit=7").headers["cache-control"]
    assert directives == "public, max-age=59, stale-while-revalidate=0, stale-if-error=0"
    at(monkeypatch, 23, 57, 0)
    total = sum(map(int, re.findall(r"[0-9]+", client.get("/vessels?limit=8").headers["cache-control"])[:2]))
    assert total == 179
    at(monkeypatch, 12, 0, 0)
    assert "max-age=300, stale-while-revalidate=60," in client.get("/vessels?limit=9").headers["cache-control"]


def test_a_day_that_is_given_is_cached_as_long_as_ever(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, 23, 59, 59)
    assert "max-age=300" in client.get("/vessels?as_of=2016-03-20&limit=7").headers["cache-control"]


@given(st.integers(0, 86_399), st.integers(0, 10_000))
def test_no_cache_gives_it_after_the_end_of_the_day(until: int, seconds: int) -> None:
    fresh, revalidate, if_error = map(int, re.findall(r"=([0-9]+)", cache_control(Settings(), seconds, until)))
    assert fresh <= seconds
    assert fresh + max(revalidate, if_error) <= until


def test_a_body_in_a_coding(client: Client) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    response = client.request("POST", "/search", content=gzip.compress(b'["Kim"]'), headers=headers)
    assert (response.status_code, response.headers["accept-encoding"]) == (415, "identity")
    assert "'gzip'" in response.json()["detail"]


def test_long_headers_take_no_room_in_caches(client: Client) -> None:
    assert choose_coding("gzip") is Coding.GZIP
    assert choose_coding("gzip, " * 200) is None
    assert client.get("/vessels", headers={"Accept": "text/csv, " * 200}).status_code == 431


def test_headers_of_every_answer(client: Client, database: Path, client_of: Callable[..., Client]) -> None:
    for url in ("/vessels", "/nowhere", "/readyz", "/docs"):
        headers = client.get(url).headers
        assert "camera=()" in headers["permissions-policy"]
        assert "strict-transport-security" not in headers
    secure = client_of(database, public_url="https://sanctions.example")
    assert secure.get("/vessels").headers["strict-transport-security"] == "max-age=31536000"
    assert "strict-transport-security" not in client_of(database, public_url="http://a.example").get("/").headers
    for url in ("/readyz", "/healthz"):
        assert client.get(url).headers["cache-control"] == "no-store"


@pytest.mark.parametrize("url", ["https://a.example/?b=c", "https://a.example/#b", "https://a:b@a.example", "ftp://a"])
def test_a_public_address_that_paths_cannot_follow(url: str) -> None:
    with pytest.raises(ValidationError, match="public_url"):
        Settings(public_url=url)


@pytest.mark.parametrize(
    ("cell", "escaped"),
    [
        ("=1+1", True),
        ("＝1+1", True),
        ("＋cmd", True),
        ("－cmd", True),
        ("＠SUM(A1)", True),
        ("\u200b=1+1", True),
        ("\ufeff@x", True),
        ("\u2060\u00ad+x", True),
        (" \t=x", True),
        ("\tx", True),
        ("﹣x", True),
        ("-1", False),
        ("+44 20 1234", False),
        ("-", False),
        ("", False),
        ("Kim=Chol", False),
        ("\u200bKim", False),
    ],
)
def test_formulas_are_escaped(cell: str, escaped: bool) -> None:
    assert escape_formula(cell) == (f"'{cell}" if escaped else cell)


def test_formulas_in_a_batch_are_escaped_in_every_column(client: Client) -> None:
    body = 'name,birth_date\n＝1+1 Kim,"=cmd|x"\n'.encode()
    response = client.request("POST", "/search?format=csv", content=body, headers={"Content-Type": "text/csv"})
    assert response.status_code == 200
    for sign in ("=", "＝"):
        assert not re.search(rf'(^|[,\n])"?{sign}', response.text)


def test_names_reach_no_log(database: Path, tmp_path: Path) -> None:
    for name, command in (("ours", ("app.cli", "serve", "--access-log")), ("plain", ("uvicorn", "app.main:app"))):
        log = tmp_path / name
        with serving(database, log, *command) as address:
            assert httpx.get(f"{address}/search?q=Xyzzyname").status_code == 200
            assert httpx.get(f"{address}/vessels?name=Xyzzyname").status_code == 200
            assert httpx.get(f"{address}/search?q=Xyzzyname&unknown=1").status_code == 422
        said = log.read_text()
        assert "Xyzzyname" not in said
        assert "/search" in said


def test_json_logs(database: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with serving(database, log, settings={"log_format": "json", "access_log": "true"}) as address:
        for _ in range(2):
            assert httpx.get(
                f"{address}/vessels/9163166?as_of=2016-03-20", headers={"X-Request-ID": "abc-1"}
            ).is_success
        httpx.get(f"{address}/nowhere")
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    assert len(lines) == len([line for line in log.read_text().splitlines() if not line.startswith("Documentation")])
    requests = [line for line in lines if "route" in line]
    assert [(one["route"], one["status"], one["cache"]) for one in requests] == [
        ("/vessels/{id}", 200, "miss"),
        ("/vessels/{id}", 200, "hit"),
        ("(none)", 404, "miss"),
    ]
    assert requests[0]["request_id"] == "abc-1"
    assert requests[0]["milliseconds"] > 0
    assert "2016" not in json.dumps([one["message"] for one in requests])


def test_request_ids(client: Client) -> None:
    first, second = (client.get("/vessels").headers["x-request-id"] for _ in range(2))
    assert first != second
    assert client.get("/vessels", headers={"X-Request-ID": "ab.c_1-2"}).headers["x-request-id"] == "ab.c_1-2"
    for id in ("a" * 65, "a b", "é", ""):
        answered = client.get("/vessels", headers={"X-Request-ID": id.encode()}).headers["x-request-id"]
        assert re.fullmatch("[0-9a-f]{16}", answered)


def test_metrics(database: Path, client_of: Callable[..., Client]) -> None:
    assert client_of(database).get("/metrics").status_code == 404
    client = client_of(database, metrics=True)
    for url in ("/vessels/9163166", "/vessels/9163166", "/vessels/none", "/nowhere", "/nowhere-else"):
        client.get(url)
    response = client.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain")
    said = response.text
    for line in (
        'unlisted_requests_total{cache="miss",method="GET",route="/vessels/{id}",status="200"} 1.0',
        'unlisted_requests_total{cache="hit",method="GET",route="/vessels/{id}",status="200"} 1.0',
        'unlisted_requests_total{cache="miss",method="GET",route="(none)",status="404"} 2.0',
        'unlisted_request_seconds_count{route="/vessels/{id}"} 3.0',
        f'unlisted_dataset_info{{version="{client.json("/dataset")["version"]}"}} 1.0',
        "unlisted_dataset_fallback 0.0",
        "unlisted_dataset_available 1.0",
    ):
        assert line in said, line
    assert "unlisted_dataset_published_age_seconds" in said
    assert "nowhere" not in said


def test_metrics_of_all_workers_together(database: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    words = ("app.cli", "serve", "--workers", "2")
    with serving(database, log, *words, settings={"metrics": "true"}) as address:
        for _ in range(40):
            assert httpx.get(f"{address}/healthz", timeout=60).is_success
        counts = {total(httpx.get(f"{address}/metrics").text) for _ in range(4)}
    assert counts == {40}


def total(metrics: str) -> int:
    found = re.findall(r'unlisted_requests_total\{[^}]*route="/healthz"[^}]*\} ([0-9.]+)', metrics)
    return int(sum(map(float, found)))


def test_a_client_that_goes_away_is_one_line(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    messages = iter([{"type": "http.request", "body": b"[", "more_body": True}, {"type": "http.disconnect"}])

    async def receive() -> Any:
        return next(messages)

    async def send(_message: Any) -> None:
        return

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "path": "/search",
        "raw_path": b"/search",
        "query_string": b"",
        "headers": [(b"host", b"a.example"), (b"content-type", b"application/json")],
        "server": ("a.example", 80),
        "scheme": "http",
        "root_path": "",
    }
    with caplog.at_level(logging.INFO):
        asyncio.run(client.api(scope, receive, send))
    assert [record.message for record in caplog.records] == [
        "the client went away before its request was complete: /search"
    ]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([(b"host", b"a"), (b"host", b"a")], 400),
        ([], 400),
        ([(b"host", b"a"), (b"x", b"y" * 40_000)], 431),
        ([(b"host", b"a"), *[(b"x", b"y")] * 100], 431),
        ([(b"host", b"a")], 200),
    ],
)
def test_heads_are_bounded_whatever_server_runs_it(
    client: Client, headers: list[tuple[bytes, bytes]], status: int
) -> None:
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "path": "/healthz",
        "raw_path": b"/healthz",
        "query_string": b"",
        "headers": headers,
        "server": ("a.example", 80),
        "scheme": "http",
        "root_path": "",
    }
    asyncio.run(client.api(scope, receive, send))
    assert sent[0]["status"] == status


def test_the_body_of_a_response_is_counted_once(database: Path, client_of: Callable[..., Client]) -> None:
    client = client_of(database)
    body = client.get("/vessels?limit=500", headers={"Accept-Encoding": "identity"}).content
    stack: Any = client.api.middleware_stack
    cache = stack.app
    assert len(body) < cache._generation._bytes < 2 * len(body)


def test_a_dropped_response_is_freed_without_the_garbage_collector(
    database: Path, client_of: Callable[..., Client]
) -> None:
    client = client_of(database, response_cache_bytes=600_000)
    client.get("/vessels?limit=5", headers={"Accept-Encoding": "gzip"})
    stack: Any = client.api.middleware_stack
    (first,) = map(weakref.ref, stack.app._generation.responses.values())
    gc.collect()
    gc.disable()
    try:
        for limit in range(6, 40):
            client.get(f"/vessels?limit={limit}&include=all")
        assert first() is None
    finally:
        gc.enable()
