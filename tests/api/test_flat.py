"""Flat tables: which columns a record has, and what is in their cells, written by hand from the record."""

import csv
import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import Field

from app.api.flat import cell_text, columns_of, rows_of
from app.api.formats import csv_body
from app.fields.text import dump_json
from app.publishing.rendering import CountryPart, Part, PartlyKnownDate
from app.resources import RESOURCES
from tests.conftest import Client


class Stay(Part):
    """An object within a record, whose cell in a list has two of its members."""

    CELL: ClassVar[tuple[str, ...]] = ("began_on", "ended_on")

    id: str
    began_on: date
    ended_on: date | None


class Ship(Part):
    """A record with a value of each kind."""

    name: str
    built: int | None
    listed: bool
    flag: CountryPart | None
    launched_on: PartlyKnownDate | None = Field(description="The day of its launch.")
    current: Stay | None
    names: list[str]
    stays: list[Stay]


KP = {"code": "KP", "name": "Korea, Democratic People's Republic of"}
FULL: dict[str, Any] = {
    "name": 'A "ship", ü',
    "built": 1985,
    "listed": True,
    "flag": KP,
    "launched_on": {"edtf": "1984~", "earliest": "1984-01-01", "latest": "1984-12-31"},
    "current": {"id": "L2", "began_on": "2018-03-30", "ended_on": None},
    "names": ["A", "B; C"],
    "stays": [
        {"id": "L1", "began_on": "2016-03-02", "ended_on": "2016-12-17"},
        {"id": "L2", "began_on": "2018-03-30", "ended_on": None},
    ],
}
BARE = dict.fromkeys(FULL) | {"name": "B", "listed": False, "names": [], "stays": []}


def test_each_kind_of_value_has_its_columns_and_cells() -> None:
    columns = columns_of(Ship)
    full, bare = ([cell_text(cell) for cell in row] for row in rows_of(columns, [dump_json(FULL), dump_json(BARE)]))
    assert dict(zip((column.name for column in columns), full, strict=True)) == {
        "name": 'A "ship", ü',
        "built": "1985",
        "listed": "true",
        "flag": "KP",
        "flag_name": "Korea, Democratic People's Republic of",
        "launched_on": "1984~",
        "launched_on_earliest": "1984-01-01",
        "launched_on_latest": "1984-12-31",
        "current_id": "L2",
        "current_began_on": "2018-03-30",
        "current_ended_on": "",
        "names": "A; B; C",
        "stays": "2016-03-02 2016-12-17; 2018-03-30",
    }
    assert bare == ["B", "", "false", *[""] * 10]
    assert [column.name for column in columns_of(Ship, ("listed",))][:2] == ["listed", "name"]


def test_csv_quotes_what_must_be_quoted() -> None:
    body = csv_body(columns_of(Ship)[:2], [dump_json(FULL)])
    assert body == 'name,built\r\n"A ""ship"", ü",1985\r\n'.encode()


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.path)
def test_every_member_of_a_record_has_a_column_and_each_column_a_name_of_its_own(resource: Any) -> None:
    assert {column.member for column in resource.columns} == set(resource.model.model_fields)
    names = [column.name for column in resource.columns]
    assert len(set(names)) == len(names)


@pytest.fixture(scope="module")
def small_client(small: Path) -> Iterator[Client]:
    opened = Client(small / "data" / "unlisted.db")
    yield opened
    opened.close()


def test_a_ship_in_a_row(small_client: Client) -> None:
    record = small_client.json("/vessels/9163166?as_of=2016-03-20")
    (row,) = csv.DictReader(io.StringIO(small_client.get("/vessels/9163166?as_of=2016-03-20&format=csv").text))
    assert row["imo_number"] == "9163166"
    assert row["listed"] == "true"
    assert (row["flag"], row["flag_name"]) == (record["flag"]["code"], record["flag"]["name"])
    assert row["names"].split("; ") == [one["name"] for one in record["names"]]
    assert row["sources"].split("; ") == list(dict.fromkeys(one["source"] for one in record["citations"]))
