"""How a subject stands to the list on a day, and during a period."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.fields.dates import parse_period
from app.publishing.subjects import times_on_list
from app.tables import Listing
from app.vocabularies import ListingMeasure
from tests.conftest import Client


@pytest.mark.parametrize(
    ("day", "status", "since", "until", "begun_by", "ended_by", "measures"),
    [
        ("2016-03-01", "not_yet_listed", None, "2016-03-02", [], ["2270"], []),
        ("2016-03-02", "listed", "2016-03-02", "2016-12-17", ["2270"], ["committee-2016-12-17"], ["asset_freeze"]),
        ("2016-12-16", "listed", "2016-03-02", "2016-12-17", ["2270"], ["committee-2016-12-17"], ["asset_freeze"]),
        (
            "2016-12-17",
            "delisted",
            "2016-12-17",
            "2018-03-30",
            ["committee-2016-12-17"],
            ["committee-2018-03-30"],
            [],
        ),
        (
            "2018-03-30",
            "listed",
            "2018-03-30",
            None,
            ["committee-2018-03-30"],
            [],
            ["flag_withdrawal", "port_entry_ban"],
        ),
    ],
)
def test_a_hull_through_its_history(
    client: Client,
    day: str,
    status: str,
    since: str | None,
    until: str | None,
    begun_by: list[str],
    ended_by: list[str],
    measures: list[str],
) -> None:
    found = client.json(f"/vessels/8914934?as_of={day}")["status"]
    assert (found["status"], found["since"], found["until"]) == (status, since, until)
    assert [act["id"] for act in found["begun_by"]] == begun_by
    assert [act["id"] for act in found["ended_by"]] == ended_by
    assert found["measures"] == measures


def test_a_measure_added_later_does_not_begin_another_time(client: Client) -> None:
    found = client.json("/vessels/8628597?as_of=2018-03-30")["status"]
    assert (found["since"], found["measures"]) == ("2017-10-03", ["flag_withdrawal", "port_entry_ban"])
    assert client.json("/vessels/8628597?as_of=2018-03-29")["status"]["measures"] == ["port_entry_ban"]


def stay(first: int, end: int | None) -> Listing:
    epoch = date(2016, 1, 1)
    return Listing(
        id="L",
        subject_id="9163166",
        measure=ListingMeasure.ASSET_FREEZE,
        listed_on=epoch + timedelta(first),
        listed_by="2270",
        basis=None,
        paragraph=None,
        annex=None,
        delisted_on=None if end is None else epoch + timedelta(end),
        delisted_by=None,
        delisting_ground=None,
        note=None,
    )


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 30)), max_size=8))
def test_times_on_the_list_hold_exactly_the_days_of_the_stays(stays: list[tuple[int, int]]) -> None:
    times = times_on_list(stay(first, first + length) for first, length in stays)
    assert all(earlier[1] < later[0] for earlier, later in pairwise(times)), "they lie apart"
    for offset in range(100):
        day = date(2016, 1, 1) + timedelta(offset)
        on_list = any(first <= offset < first + length for first, length in stays)
        assert any(first <= day < end for first, end in times) is on_list


@pytest.mark.parametrize(
    ("period", "total"),
    [
        ("2016-02-01/2016-03-02", 0),
        ("2016-02-01/2016-03-03", 31),
        ("2016-03-01/2016-04-01", 31),
        ("2016-03-20/2016-03-21", 31),
        ("2016-03-21/2016-03-22", 27),
        ("2016-12-17/2017-10-03", 22),
        ("2016-12-16/2017-10-04", 31),
    ],
)
def test_a_voyage(client: Client, period: str, total: int) -> None:
    page = client.json(f"/vessels?listed_during={period}&limit=5")
    assert page["total"] == total
    if page["next"]:
        assert client.get(page["next"]).status_code == 200


@settings(max_examples=40)
@given(first=st.dates(date(2008, 1, 1), date(2026, 10, 1)), length=st.integers(1, 40))
def test_a_period_is_the_union_of_its_days(client: Client, first: date, length: int) -> None:
    end = first + timedelta(length)
    during = set(client.ids(f"/vessels?listed_during={first}/{end}&limit=500"))
    changes = {date(2016, 3, 2), date(2017, 10, 3), date(2017, 12, 28), date(2018, 3, 30), date(2018, 10, 16), first}
    days = [day for day in changes if first <= day < end]
    assert during == {id for day in days for id in client.ids(f"/vessels?listed=true&as_of={day}&limit=500")}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2016-03-01", "not a period"),
        ("2016-03-01/2016-03-01", "does not end after it begins"),
        ("2016-04-01/2016-03-01", "does not end after it begins"),
        ("2016-02-30/2016-03-01", "no day 2016-02-30"),
        ("2016-03-01/..", "not a day"),
    ],
)
def test_what_is_no_period_is_refused(client: Client, text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_period(text)
    response = client.get(f"/vessels?listed_during={text}")
    assert response.status_code == 422
    assert message in response.json()["detail"]
