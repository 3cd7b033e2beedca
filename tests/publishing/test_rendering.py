"""That a record is encoded member by member as a whole, and reads over time as its days say."""

import json
from datetime import date
from typing import Any, ClassVar

from pydantic import Field

from app.api.items import ItemForm
from app.fields.dates import FIRST_DAY, LAST_DAY
from app.publishing.rendering import ActReference, EncodedRecord, Record, Reference, by_interval, dump_parts

FIRST, SECOND, THIRD = date(2016, 3, 2), date(2016, 12, 17), date(2017, 8, 5)


class ShipRecord(Record):
    """A ship."""

    EXPECTED: ClassVar[tuple[str, ...]] = ("flag",)

    name: str = Field(description="Its name.")
    flag: str | None = Field(description="Its flag.")
    listed: bool = Field(description="Whether it is on the list.")
    status: dict[str, Any] = Field(description="Its status.")
    listed_by: Reference = Field(description="What listed it.")


ACT = ActReference(id="2270", kind="resolution", name="100 % “sure”", url="\x7f/resolutions/2270", acted_on=FIRST)
SHIP = ShipRecord(
    id="9163166", name="JIN TENG", flag=None, listed=True, status={"since": FIRST}, listed_by=ACT, url="\x7f/vessels/1"
)
FORM = ItemForm(("id", "listed", "status"), shorten={"status": lambda status: status["since"]})


def test_a_record_is_encoded_as_its_model_says() -> None:
    record = json.loads(SHIP.complete(unsettled=["/name"]))
    assert list(record) == [
        *("id", "name", "flag", "listed", "status", "listed_by"),
        *("not_known", "sources_count", "citations", "url"),
    ]
    assert record["not_known"] == ["flag", "/name"]
    assert record["listed_by"] == {"id": "2270", "kind": "resolution", "name": "100 % “sure”", "url": ACT.url}


def test_an_altered_record_is_that_of_the_other_values() -> None:
    other = SHIP.model_copy(update={"listed": False, "status": {"since": SECOND}})
    altered = SHIP.complete().altered({"status": {"since": SECOND}, "listed": False})
    assert altered == other.complete() != SHIP.complete()
    assert altered.members["listed"] == b"false"


def test_an_item_of_encoded_members_is_that_of_the_text() -> None:
    record = SHIP.complete()
    assert FORM.item(record) == FORM.item(str(record)) == dump_parts(json.loads(FORM.item(record))).decode()
    assert json.loads(FORM.item(record))["status"] == "2016-03-02"


def test_a_record_is_made_anew_only_where_more_than_the_altering_members_may_change() -> None:
    made: list[date] = []

    def record_on(day: date) -> EncodedRecord:
        made.append(day)
        return SHIP.model_copy(update={"name": f"Name of {day.year}", "listed": day >= FIRST}).complete()

    readings = list(
        by_interval("9163166", [SECOND, None], record_on, [FIRST, THIRD, None], lambda day: {"listed": day < THIRD})
    )
    assert made == [FIRST_DAY, SECOND]
    assert [(one.from_on, one.until_on) for one in readings] == [
        *((FIRST_DAY, FIRST), (FIRST, SECOND), (SECOND, THIRD), (THIRD, LAST_DAY)),
    ]
    read = [json.loads(one.record) for one in readings]
    assert [one["name"] for one in read] == ["Name of 1", "Name of 1", "Name of 2016", "Name of 2016"]
    assert [one["listed"] for one in read] == [False, True, True, False]
