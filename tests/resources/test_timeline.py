"""The timeline compared with a count of the listings, in SQL that the application does not use."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from app.publish import publish
from tests.conftest import Client, edit, row_of, rows_of

COUNT = """
    SELECT count(*) FROM subject WHERE kind = :kind AND EXISTS (
        SELECT 1 FROM listing
        WHERE subject_id = subject.id AND (:measure IS NULL OR measure = :measure)
        AND listed_on <= :day AND coalesce(delisted_on, '9999-12-31') > :day)
"""
COUNTED = {"individuals": "individual", "entities": "entity", "vessels": "vessel"}
MEASURES = ("asset_freeze", "travel_ban", "port_entry_ban", "flag_withdrawal")


def numbers_on(connection: sqlite3.Connection, day: str) -> dict[str, Any]:
    """Count who is listed on a day."""

    def count(kind: str, measure: str | None = None) -> int:
        (number,) = connection.execute(COUNT, {"kind": kind, "measure": measure, "day": day}).fetchone()
        return int(number)

    by_measure = {measure: count("vessel", measure) for measure in MEASURES}
    return {name: count(kind) for name, kind in COUNTED.items()} | {"vessels_by_measure": by_measure}


def days_of_change(connection: sqlite3.Connection) -> Iterator[str]:
    """Yield the days on which a listing begins or ends, with the day before and the day after each."""
    days = connection.execute("SELECT listed_on FROM listing UNION SELECT delisted_on FROM listing")
    for (day,) in days.fetchall():
        if day is not None:
            yield from ((date.fromisoformat(day) + timedelta(offset)).isoformat() for offset in (-1, 0, 1))


def check(client: Client, database: Path) -> None:
    """Compare the timeline of a dataset with its listings, and the totals of the collections with both."""
    items = client.json("/timeline")["items"]
    assert all(first["until_on"] == second["from_on"] for first, second in pairwise(items))
    nobody = dict.fromkeys(COUNTED, 0) | {"vessels_by_measure": dict.fromkeys(MEASURES, 0)}
    with closing(sqlite3.connect(database)) as connection:
        days = sorted(set(days_of_change(connection)))
        assert len(days) > 10
        for day in days:
            expected = numbers_on(connection, day)
            here = [one for one in items if one["from_on"] <= day < (one["until_on"] or "9999-12-31")]
            shown = {name: here[0][name] for name in nobody} if here else nobody
            assert shown == expected, day
            ships = client.json(f"/vessels?listed=true&as_of={day}&limit=1")["total"]
            parties = client.json(f"/designated-parties?listed=true&as_of={day}&limit=1")["total"]
            assert (ships, parties) == (expected["vessels"], expected["individuals"] + expected["entities"]), day


def test_the_timeline_counts_the_listings_of_every_day(client: Client, database: Path) -> None:
    check(client, database)


@pytest.mark.parametrize("begins", ["2016-03-10", "2016-03-21", "2016-04-01"])
def test_a_ship_under_two_measures_at_once_is_one_ship(
    seed: Path, small_database: Path, client_of: Any, begins: str
) -> None:
    """A second measure begins before the first ends, on the day it ends, or later."""

    def ban_from_ports(rows: list[dict[str, str]]) -> None:
        rows.append({**row_of(rows, "L0248"), "id": "L9001", "measure": "port_entry_ban", "listed_on": begins})
        rows[-1].update(delisted_on="2018-01-01", delisted_by="", delisting_ground="")

    def cite(rows: list[dict[str, str]]) -> None:
        of_the_other = [row for row in rows if (row["table"], row["row"]) == ("listings", "L0248")]
        supported = [(row, " ".join(sorted(set(row["fields"].split()) & filled))) for row in of_the_other]
        rows += [{**row, "row": "L9001", "fields": fields} for row, fields in supported if fields]

    edit(seed, "listings", ban_from_ports)
    filled = {name for name, cell in row_of(rows_of(seed, "listings"), "L9001").items() if cell}
    edit(seed, "citations", cite)
    publish(seed, small_database)
    check(client_of(small_database), small_database)
