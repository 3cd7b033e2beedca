"""Pages that an index gives in their order: how SQLite finds a page, not how long that takes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.vocabularies import ChangeKind
from tests.conftest import Client


@pytest.fixture(scope="module")
def uncached(small: Path) -> Iterator[Client]:
    """A client of the small seed that keeps no answer, so that each is found."""
    client = Client(small / "data" / "unlisted.db", response_cache_bytes=0)
    yield client
    client.close()


def steps(client: Client, question: str) -> list[str]:
    """List the steps by which SQLite finds the rows of a page, without those that look up their records."""
    dataset = client.api.state.datasets.current()
    statements: list[str] = []
    dataset._driver.set_trace_callback(statements.append)
    client.json(question)
    dataset._driver.set_trace_callback(None)
    (page,) = [one for one in statements if "key_0" in one]
    found = [row[3] for row in dataset._driver.execute(f"EXPLAIN QUERY PLAN {page}")]
    return found[: found.index("SCAN chosen")]


@pytest.mark.parametrize("order", ["changed_on", "-changed_on"])
@pytest.mark.parametrize("days", ["", "&from=2016-03-02", "&until=2017-12-31"])
def test_a_page_of_one_kind_is_read_in_its_order(uncached: Client, order: str, days: str) -> None:
    found = steps(uncached, f"/changes?kind=listed&sort={order}{days}&limit=5")
    assert not any("ORDER BY" in step for step in found)
    (search,) = [step for step in found if step.startswith("SEARCH change ")]
    assert search.startswith("SEARCH change USING INDEX ix_change_kind_place (kind=? AND place")


@pytest.mark.parametrize("order", ["changed_on", "-changed_on"])
def test_pages_of_kinds_are_those_of_all_changes_sifted(uncached: Client, order: str) -> None:
    everything = uncached.items(f"/changes?sort={order}&limit=500")
    for asked in (["listed"], ["delisted"], ["renamed", "listed"], ["amended", "delisted", "listed"], [*ChangeKind]):
        question = "&".join(f"kind={one}" for one in asked)
        expected = [one["id"] for one in everything if one["kind"] in asked]
        assert uncached.ids(f"/changes?{question}&sort={order}&limit=7") == expected
