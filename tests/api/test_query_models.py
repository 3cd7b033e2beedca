"""Query models: which day an answer is of, when it can be kept for good, and ranges that are given the wrong way."""

from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import Field, ValidationError

from app.api.query_models import DayQuery, PageQuery, VersionQuery, check_range_order
from app.fields.dates import PastDay, newest_day, today
from app.problems import InvalidRequest

VERSION = "0123456789abcdef"


class Dated(PageQuery):
    """A collection with a range of days and a parameter that can be repeated."""

    listed_from: PastDay | None = None
    listed_until: PastDay | None = None
    flag: list[str] | None = None


class Spanning(VersionQuery):
    """Something asked of two days, whose answer is of the later one."""

    DAY = "until"

    last_on: PastDay | None = Field(default=None, alias="until")


def test_the_day_is_the_one_asked_for_else_today() -> None:
    assert DayQuery(as_of="2016-03-02").day() == date(2016, 3, 2)
    assert DayQuery().day() == today()
    assert VersionQuery().day() == today()


def test_a_day_to_come_is_refused_and_today_is_not() -> None:
    assert DayQuery(as_of=today().isoformat()).day() == today()
    assert DayQuery(as_of=newest_day().isoformat()).day() == newest_day()
    with pytest.raises(ValidationError, match="has not begun anywhere"):
        DayQuery(as_of=(newest_day() + timedelta(1)).isoformat())


@pytest.mark.parametrize(
    ("query", "pinned"),
    [
        (DayQuery(as_of="2016-03-02", dataset=VERSION), True),
        (DayQuery(as_of="2016-03-02"), False),
        (DayQuery(dataset=VERSION), False),
        (DayQuery(), False),
        (Spanning(until="2016-03-02", dataset=VERSION), True),
        (Spanning(dataset=VERSION), False),
        (VersionQuery(dataset=VERSION), False),
    ],
)
def test_an_answer_is_final_where_day_and_dataset_are_given(query: VersionQuery, pinned: bool) -> None:
    assert query.is_pinned() is pinned


def test_the_order_and_number_of_repetitions_make_no_other_question() -> None:
    assert Dated(flag=["KP", "CN", "KP"]) == Dated(flag=["CN", "KP"])
    assert Dated(flag=[str(number) for number in range(100)]).flag
    with pytest.raises(ValidationError, match="given 101 times; it can be given 100 times"):
        Dated(flag=["KP"] * 101)


@pytest.mark.parametrize(("limit", "allowed"), [("0", False), ("1", True), ("500", True), ("501", False)])
def test_a_page_has_from_1_to_500_records(limit: str, allowed: bool) -> None:
    if allowed:
        assert PageQuery(limit=limit).limit == int(limit)
    else:
        with pytest.raises(ValidationError):
            PageQuery(limit=limit)


@pytest.mark.parametrize(
    "version", ["", VERSION[:-1], VERSION + "0", VERSION.upper(), f"{VERSION}\n", "ghijklmnopqrstuv"]
)
def test_what_is_no_version_is_refused(version: str) -> None:
    with pytest.raises(ValidationError):
        VersionQuery(dataset=version)


def test_a_range_is_refused_only_where_it_is_reversed() -> None:
    assert Dated(listed_from="2016-03-02", listed_until="2016-03-02").listed_until == date(2016, 3, 2)
    assert Dated(listed_until="2016-03-02").listed_from is None
    with pytest.raises(InvalidRequest) as refused:
        Dated(listed_from="2016-03-02", listed_until="2016-03-01")
    (error,) = refused.value.errors
    assert error.parameter == "listed_until"


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"from": date(2016, 3, 2), "until": date(2016, 3, 1)}, "until"),
        ({"born_from": date(2016, 3, 2), "born_until": date(2016, 3, 1), "until": None, "from": None}, "born_until"),
    ],
)
def test_the_last_day_of_a_reversed_range_is_named(given: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        check_range_order(given, "from", "until")
    assert [error.parameter for error in refused.value.errors] == [named]
