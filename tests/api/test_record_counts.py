"""Totals that were counted at publish are those of counting the records."""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest

from app.resources import RESOURCES
from tests.conftest import Client


@pytest.fixture(scope="module")
def of_small(small: Path) -> Iterator[Client]:
    """A client of the small seed."""
    client = Client(small / "data" / "unlisted.db", response_cache_bytes=0)
    yield client
    client.close()


@pytest.mark.parametrize("path", ["changes", "names"])
def test_a_total_by_days_is_that_of_the_rows(of_small: Client, small: Path, path: str) -> None:
    column, table = {"changes": ("substr(place, 1, 10)", "change"), "names": ("possible_from_on", "name")}[path]
    with closing(sqlite3.connect(small / "data" / "unlisted.db")) as connection:
        days = sorted(day for (day,) in connection.execute(f"SELECT {column} FROM {table}"))
    choice = random.Random(path)
    near = sorted(
        {date.fromisoformat(day) + timedelta(shift) for day in days if day > "0001-01-01" for shift in (-1, 0, 1)}
    )
    for _ in range(60):
        as_of, first, last = (str(choice.choice(near)) for _ in range(3))
        asked = {"as_of": as_of}
        if path == "changes":
            asked |= choice.choice(({}, {"from": first}, {"until": last}, {"from": min(first, last), "until": last}))
        expected = [day for day in days if asked.get("from", "") <= day <= min(as_of, asked.get("until", as_of))]
        total = of_small.json(f"/{path}?{urlencode(asked)}&limit=1")["total"]
        assert total == len(expected), asked


def test_a_total_without_a_question_is_that_of_all_pages(of_small: Client) -> None:
    for resource in RESOURCES:
        assert of_small.json(f"/{resource.path}?limit=1")["total"] == len(of_small.ids(f"/{resource.path}?limit=500"))


def test_a_total_by_days_reads_two_rows_however_many_there_are(of_small: Client) -> None:
    dataset = of_small.api.state.datasets.current()
    statements: list[str] = []
    dataset._driver.set_trace_callback(statements.append)
    of_small.json("/changes?from=2016-03-01&until=2017-03-02")
    dataset._driver.set_trace_callback(None)
    counting = [one for one in statements if "key_0" not in one and "change" in one]
    assert len(counting) == 2
    assert all("record_count" in one and "LIMIT 1" in one.replace("1 OFFSET 0", "1") for one in counting), counting
