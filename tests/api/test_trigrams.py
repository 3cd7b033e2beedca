"""Texts that an index of trigrams finds are those that reading every text finds."""

import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote_plus

import pytest
from sqlalchemy import text

from app import database as database_module
from app.api.filters import Contains, filters_of, is_indexed
from app.database import TRIGRAM_COLUMNS, has_trigrams, open_dataset, scratch_engine, trigram_table
from app.fields.text import fold
from app.publishing.schema import differences, migrate
from app.resources import RESOURCES
from tests.conftest import Client

QUESTIONS = {
    "names?name": ("name", "name"),
    "vessels?name": ("name", "name"),
    "vessels?name_ever": ("name", "name"),
    "designated-parties?name": ("name", "name"),
    "designated-parties?name_ever": ("name", "name"),
    "designated-parties?position": ("position", "position"),
    "designated-parties?position_ever": ("position", "position"),
    "changes?text": ("change", "folded"),
}
"""The filters whose columns have an index, each with the table and the column that its texts are taken from."""

ODD = (
    "%",
    "a%b",
    "_",
    "\\",
    "'",
    '"',
    "AND",
    "a OR b",
    "-x",
    "x*",
    "ß",
    "İ",
    "KIM",
    "É",
    "金",
    "김정은",
    "o'",
    "NEAR(a b)",
)
"""Texts that LIKE, or the query language of FTS5, may take for something else."""


@pytest.fixture(scope="module")
def small_file(small: Path) -> Path:
    """The published small seed; tests only read it."""
    return small / "data" / "unlisted.db"


@pytest.fixture(scope="module")
def indexed(small_file: Path) -> Iterator[Client]:
    """A client whose dataset uses the indexes."""
    client = Client(small_file, response_cache_bytes=0)
    yield client
    client.close()


@pytest.fixture(scope="module")
def scanning(small_file: Path) -> Iterator[Client]:
    """A client whose dataset reads every text."""
    client = Client(small_file, response_cache_bytes=0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database_module, "has_trigrams", lambda _: False)
        client.get("/names")
    yield client
    client.close()


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_index_finds_what_reading_every_text_finds(
    indexed: Client, scanning: Client, small_file: Path, question: str
) -> None:
    table, column = QUESTIONS[question]
    choice = random.Random(question)
    with closing(sqlite3.connect(small_file)) as connection:
        texts = [str(value) for (value,) in connection.execute(f'SELECT "{column}" FROM "{table}"')]
    found = 0
    for _ in range(40):
        whole = choice.choice(texts)
        start = choice.randrange(len(whole))
        part = whole[start : start + choice.choice((1, 2, 3, 4, 6, 12))]
        found += compare(indexed, scanning, question, choice.choice((part, part.upper(), part.lower())))
    assert found > 10
    for odd in ODD:
        compare(indexed, scanning, question, odd)


def compare(indexed: Client, scanning: Client, question: str, part: str) -> int:
    """Compare the answers of both to one text; return how many records were found."""
    day = "2018-05-01" if len(part) % 2 else "2024-01-01"
    url = f"/{question}={quote_plus(part)}&limit=500&as_of={day}"
    one, other = indexed.get(url), scanning.get(url)
    assert (one.status_code, one.content) == (other.status_code, other.content), url
    assert one.status_code in (200, 422) or not fold(part), url
    return int(one.json()["total"] > 0) if one.status_code == 200 else 0


def test_both_ways_are_taken(indexed: Client, scanning: Client) -> None:
    states = [client.api.state.datasets.current().has_trigrams for client in (indexed, scanning)]
    assert states == [True, False]


def test_every_filter_of_an_indexed_column_is_compared() -> None:
    marked = {
        f"{resource.path}?{parameter}"
        for resource in RESOURCES
        for parameter, mark in filters_of(resource.query).values()
        if isinstance(mark, Contains) and is_indexed(mark.column)
    }
    assert marked == set(QUESTIONS)


def test_a_file_without_the_indexes_is_read_through(small_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "plain.db"
    shutil.copy(small_file, path)
    with closing(sqlite3.connect(path)) as connection, connection:
        for column in TRIGRAM_COLUMNS:
            connection.execute(f"DROP TABLE {trigram_table(column)}")
    client = Client(path, response_cache_bytes=0)
    try:
        assert [item["id"] for item in client.json("/vessels?name=jin+teng")["items"]] == ["9163166"]
        assert client.json("/changes?text=jin+teng")["total"] > 1
    finally:
        client.close()


def test_an_older_sqlite_publishes_without_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 33, 0))
    engine = scratch_engine()
    migrate(engine)
    with engine.connect() as connection:
        assert not has_trigrams(connection)
        names = set(connection.execute(text("SELECT name FROM sqlite_master")).scalars())
    assert "name" in names
    assert not any("trigrams" in name for name in names)
    assert differences() == []


def test_the_query_planner_begins_with_the_index(small_file: Path) -> None:
    dataset = open_dataset(small_file)
    try:
        client = Client(small_file, response_cache_bytes=0)
        statements: list[str] = []
        held = client.api.state.datasets.current()
        held._driver.set_trace_callback(statements.append)
        client.json("/vessels?name=jin+teng&designated_by=2270")
        held._driver.set_trace_callback(None)
        client.close()
        (page,) = [one for one in statements if "key_0" in one]
        steps = [row[3] for row in dataset._driver.execute(f"EXPLAIN QUERY PLAN {page}")]
        assert any("VIRTUAL TABLE INDEX" in step for step in steps)
        assert any("listing USING INDEX ix_listing_listed_by" in step for step in steps)
        assert {step for step in steps if step.startswith("SCAN ")} == {
            "SCAN chosen",
            "SCAN name_folded_trigrams VIRTUAL TABLE INDEX 0:L1",
        }
    finally:
        dataset.close()
