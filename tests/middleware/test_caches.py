"""An independent HTTP cache (RFC 9111) in front of a running server."""

import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from hishel import SqliteStorage
from hishel.httpx import CacheTransport

from tests.conftest import serving


@pytest.fixture
def cached() -> Iterator[httpx.Client]:
    """A client that keeps what it is told that it may."""
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    storage = SqliteStorage(connection=connection)
    with httpx.Client(transport=CacheTransport(httpx.HTTPTransport(), storage=storage, rfc=True)) as client:
        yield client
    connection.close()


def how(response: httpx.Response) -> tuple[bool, bool]:
    """Say whether an answer came from the cache, and whether the server was asked if it still holds."""
    status = response.extensions["caching"]
    return status["from_cache"], status["revalidated"]


def test_an_answer_is_taken_from_a_cache_while_it_is_fresh(server: str, cached: httpx.Client) -> None:
    for url in (f"{server}/vessels?limit=2", httpx.get(f"{server}/vessels?limit=2").json()["cite_as"]):
        first, second = cached.get(url), cached.get(url)
        assert how(first) == (False, False)
        assert how(second) == (True, False)
        assert second.content == first.content


def test_a_refusal_is_not_kept(server: str, cached: httpx.Client) -> None:
    for _ in range(2):
        response = cached.get(f"{server}/vessels?lsted=true")
        assert (response.status_code, how(response)) == (422, (False, False))


def test_each_representation_is_kept_for_itself(server: str, cached: httpx.Client) -> None:
    for accept, content_type in (("application/json", "application/json"), ("text/csv", "text/csv; charset=utf-8")):
        for _ in range(2):
            assert cached.get(f"{server}/sources", headers={"Accept": accept}).headers["content-type"] == content_type


def test_what_is_stale_is_asked_about_and_still_holds(
    database: Path, tmp_path: Path, cached: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "UNLISTED_CACHE_SECONDS", "1")
    monkeypatch.setitem(os.environ, "UNLISTED_REVALIDATE_SECONDS", "0")
    with serving(database, tmp_path / "log") as address:
        first = cached.get(f"{address}/vessels?limit=2")
        time.sleep(2.1)  # ages are whole seconds
        again = cached.get(f"{address}/vessels?limit=2")
        assert how(again) == (True, True)
        assert again.content == first.content
