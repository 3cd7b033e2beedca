"""How SQLite finds a page: in the order of an index, or from the few rows that a filter leaves. Nothing is timed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest
from sqlalchemy import make_url
from sqlmodel import col

from app.database import Unindexed
from app.fields.text import fold
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


def plan_of_total(client: Client, question: str) -> list[str]:
    """List the steps by which SQLite counts the records that match a question."""
    dataset = client.api.state.datasets.current()
    dataset._kept.clear()
    statements: list[str] = []
    dataset._driver.set_trace_callback(statements.append)
    client.json(question)
    dataset._driver.set_trace_callback(None)
    (total,) = [one for one in statements if "count(*)" in one]
    return [row[3] for row in dataset._driver.execute(f"EXPLAIN QUERY PLAN {total}")]


def test_a_type_of_ship_is_looked_for_in_each_type_once(uncached: Client) -> None:
    """The index of types gives each of them by one step, and then the ships of those that have the text."""
    found = plan_of_total(uncached, "/vessels?vessel_type=tanker&limit=1")
    index = "vessel_particular_1 USING COVERING INDEX ix_vessel_particular_kind_folded (kind=? AND folded>?)"
    assert f"SEARCH {index}" in found
    assert "SEARCH vessel_particular USING INDEX ix_vessel_particular_kind_folded (kind=? AND folded=?)" in found
    assert not any(step.startswith("SCAN vessel") for step in found)


def test_ships_of_a_type_are_those_that_have_or_may_have_it(uncached: Client) -> None:
    for day in ("2016-03-20", "2018-06-30", "2026-01-01"):
        ships = [uncached.json(f"/vessels/{id}?as_of={day}") for id in uncached.ids(f"/vessels?as_of={day}&limit=500")]
        types = {
            ship["id"]: [fold(one["value"]) for one in ship["particulars"] if one["kind"] == "vessel_type"]
            for ship in ships
        }
        whole = {one for of_ship in types.values() for one in of_ship}
        for part in {*whole, *(one[2:6].strip() for one in whole), *(one[:1] for one in whole), "zeppelin"}:
            expected = [id for id, of_ship in types.items() if any(part in one for one in of_ship)]
            url = f"/vessels?vessel_type={quote_plus(part)}&as_of={day}&limit=500"
            assert uncached.ids(url) == expected, url


def test_a_record_is_counted_without_the_table_that_no_condition_is_on(uncached: Client) -> None:
    found = plan_of_total(uncached, "/listings?listed_from=2016-01-01&measure=travel_ban&limit=1")
    assert not any("subject" in step for step in found), found
    found = plan_of_total(uncached, "/listings?listed_from=2016-01-01&subject_kind=entity&limit=1")
    assert any("subject" in step for step in found), found


def test_changes_of_a_kind_with_a_text_begin_with_the_text(uncached: Client) -> None:
    for kinds in ("", "kind=listed&", "kind=listed&kind=delisted&"):
        found = steps(uncached, f"/changes?{kinds}text=jin+teng&limit=5")
        assert "SEARCH change USING INDEX sqlite_autoindex_change_1 (id=?)" in found, found


def test_names_of_the_listed_are_found_in_the_order_of_the_page(uncached: Client) -> None:
    found = steps(uncached, "/names?listed=true&as_of=2017-12-01&limit=1")
    assert not any("LIST SUBQUERY" in step or "ORDER BY" in step for step in found), found


def test_names_of_the_few_listed_are_found_from_them(uncached: Client) -> None:
    """On a day with few of them on the list, the names of all others are not read."""
    day = "2009-07-20"
    found = steps(uncached, f"/names?listed=true&as_of={day}&limit=500")
    assert any("SEARCH name USING INDEX ix_name_subject_id (subject_id=?)" in step for step in found), found


def test_a_page_of_many_with_a_value_is_read_in_its_order(uncached: Client) -> None:
    """Most names are of ships here, so the first in the order of the page are soon found."""
    many = max(("individual", "entity", "vessel"), key=lambda kind: total_of(uncached, f"/names?subject_kind={kind}"))
    for question in (f"/names?subject_kind={many}&limit=1", f"/listings?subject_kind={many}&limit=1"):
        found = steps(uncached, question)
        assert not any("ix_subject_kind" in step or "ORDER BY" in step for step in found), found


def test_a_page_of_few_with_a_value_begins_with_them(uncached: Client) -> None:
    assert total_of(uncached, "/changes?subject_kind=draft_resolution") > 0
    found = steps(uncached, "/changes?subject_kind=draft_resolution&limit=500")
    assert "SEARCH change USING INDEX sqlite_autoindex_change_1 (id=?)" in found, found
    found = steps(uncached, "/changes?subject_kind=vessel&limit=1")
    assert not any("LIST SUBQUERY" in step or "ORDER BY" in step for step in found), found


def total_of(client: Client, question: str) -> int:
    """Give the total of a question."""
    total: int = client.json(f"{question}&limit=1")["total"]
    return total


def test_pages_are_those_of_all_records_sifted_however_they_are_found(uncached: Client) -> None:
    """Of few or of many, with the first, a middle and the last page."""
    everything = uncached.items("/names?limit=500")
    kinds = dict.fromkeys(uncached.ids("/vessels?limit=500"), "vessel")
    kinds |= {one["id"]: one["kind"] for one in uncached.items("/designated-parties?limit=500")}
    for kind in ("individual", "entity", "vessel"):
        for name_kind in ("", "alias", "former", "primary"):
            expected = [
                one["id"]
                for one in everything
                if kinds[one["subject"]["id"]] == kind and name_kind in ("", one["kind"])
            ]
            asked = f"/names?subject_kind={kind}" + (f"&kind={name_kind}" if name_kind else "")
            assert uncached.ids(f"{asked}&limit=7") == expected, asked
            assert total_of(uncached, asked) == len(expected)
