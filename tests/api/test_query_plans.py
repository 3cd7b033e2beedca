"""How SQLite finds a page: in the order of an index, or from the few rows that a filter leaves. Nothing is timed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url
from sqlmodel import col

from app.database import Unindexed
from app.tables import Change
from app.vocabularies import ChangeKind
from tests.conftest import Client

ENGINES = ("sqlite", "postgresql+psycopg")


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


def names_in(change: dict[str, Any]) -> set[str]:
    """Give the ids of all that a change concerns."""
    return {one["id"] for one in (change["subject"], *change["concerns"])}


@pytest.mark.parametrize("order", ["changed_on", "-changed_on"])
@pytest.mark.parametrize("days", ["", "&from=2016-03-02", "&until=2017-12-31"])
def test_a_page_of_one_kind_is_read_in_its_order(uncached: Client, order: str, days: str) -> None:
    found = steps(uncached, f"/changes?kind=listed&sort={order}{days}&limit=5")
    assert not any("ORDER BY" in step for step in found)
    (search,) = [step for step in found if step.startswith("SEARCH change ")]
    assert search.startswith("SEARCH change USING INDEX ix_change_kind_place (kind=? AND place")


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("subject=9163166", "SEARCH change USING INDEX sqlite_autoindex_change_1 (id=?)"),
        ("subject=9163166&from=2016-03-02", "SEARCH change USING INDEX sqlite_autoindex_change_1 (id=?)"),
        ("resolution=2270", "SEARCH change USING INDEX ix_change_act_id (act_id=?)"),
        ("resolution=2270&until=2016-12-31", "SEARCH change USING INDEX ix_change_act_id (act_id=?)"),
    ],
)
def test_a_page_of_few_changes_begins_with_them(uncached: Client, question: str, expected: str) -> None:
    """Whatever kinds are asked for: to SQLite one of many thousand changes is as rare as one of a single ship."""
    for kinds in ("", "kind=listed&", "kind=listed&kind=delisted&"):
        assert expected in steps(uncached, f"/changes?{kinds}{question}&limit=5"), kinds


def test_only_sqlite_is_told_to_use_no_index() -> None:
    column = Unindexed(col(Change.kind)).in_(["listed"])
    written = {engine: str(column.compile(dialect=make_url(f"{engine}://").get_dialect()())) for engine in ENGINES}
    assert written["sqlite"].startswith("+change.kind IN ")
    assert written["postgresql+psycopg"].startswith("change.kind IN ")


@pytest.mark.parametrize("order", ["changed_on", "-changed_on"])
def test_pages_of_kinds_are_those_of_all_changes_sifted(uncached: Client, order: str) -> None:
    everything = uncached.items(f"/changes?sort={order}&limit=500")
    for asked in (["listed"], ["delisted"], ["renamed", "listed"], ["amended", "delisted", "listed"], [*ChangeKind]):
        question = "&".join(f"kind={one}" for one in asked)
        expected = [one["id"] for one in everything if one["kind"] in asked]
        assert uncached.ids(f"/changes?{question}&sort={order}&limit=7") == expected
        of_the_ship = [one["id"] for one in everything if one["kind"] in asked and "9163166" in names_in(one)]
        assert uncached.ids(f"/changes?{question}&sort={order}&subject=9163166") == of_the_ship
