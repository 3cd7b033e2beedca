"""Values of the UN's list on a day: those that it had, those that it may have had, and how they are asked for."""

import csv
import io
from datetime import date
from typing import Any

import pytest

from tests.conftest import Client

OLD = "Director of the Second Academy of Natural Sciences (SANS)"
NEW = "Former Director of the Second Academy of Natural Sciences (SANS)"


def party(client: Client, number: str, day: str) -> Any:
    return client.json(f"/designated-parties/{number}?as_of={day}")


def posts(client: Client, number: str, day: str) -> list[str]:
    return [one["position"] for one in party(client, number, day)["positions"]]


@pytest.mark.parametrize(
    ("number", "day", "expected"),
    [
        ("KPi.020", "2018-03-20", ["Korea Mining Development Trading Corporation (KOMID) Representative in Syria"]),
        ("KPi.020", "2023-08-15", ["Korea Mining Development Trading Corporation (KOMID) Representative in Syria"]),
        (
            "KPi.020",
            "2023-08-16",
            ["Former Korea Mining Development Trading Corporation (KOMID) Representative in Syria"],
        ),
        ("KPi.025", "2020-01-01", ["Tanchon Commercial Bank Representative"]),
        ("KPi.025", "2024-01-01", ["Tanchon Commercial Bank official"]),
    ],
)
def test_a_post_is_that_of_the_day(client: Client, number: str, day: str, expected: list[str]) -> None:
    assert posts(client, number, day) == expected


def test_an_address_a_name_and_a_summary_are_those_of_the_day(client: Client) -> None:
    def address(day: str) -> list[Any]:
        return [one["address"] for one in party(client, "KPe.050", day)["addresses"]]

    assert address("2018-01-01") == address("2022-07-25") == ["Pyongyang"]
    assert address("2022-07-26") == ["Yanggakdo International Hotel, RYUS, Pyongyang"]
    assert party(client, "KPe.029", "2024-04-14")["name"] == "NATIONAL AEROSPACE DEVELOPMENT ADMINISTRATION"
    assert party(client, "KPe.029", "2024-09-27")["name"] == "NATIONAL AEROSPACE TECHNOLOGY ADMINISTRATION"
    assert party(client, "KPi.020", "2018-03-20")["summary"] == "KOMID representative in Syria."
    assert party(client, "KPi.020", "2024-01-01")["summary"] == "Former KOMID representative in Syria."


@pytest.mark.parametrize("day", ["2022-07-26", "2023-01-01", "2023-08-15"])
def test_between_two_lists_neither_value_is_a_fact(client: Client, day: str) -> None:
    record = party(client, "KPi.013", day)
    assert not {OLD, NEW} & {one["position"] for one in record["positions"]}
    assert "/positions" in record["not_known"]
    possible = {
        one["value"]["position"]: place for place, one in enumerate(record["possible"]) if one["field"] == "/positions"
    }
    assert possible.keys() == {OLD, NEW}
    supported = {pointer for citation in record["citations"] for pointer in citation["supports"]}
    assert {f"/possible/{place}/value/position" for place in possible.values()} <= supported


@pytest.mark.parametrize(("day", "expected"), [("2022-07-25", OLD), ("2023-08-16", NEW)])
def test_on_the_days_around_it_one_is(client: Client, day: str, expected: str) -> None:
    record = party(client, "KPi.013", day)
    assert {one["position"] for one in record["positions"]} & {OLD, NEW} == {expected}
    assert record["possible"] == []
    assert "/positions" not in record["not_known"]


def test_before_the_first_list_an_entry_that_was_amended_is_only_possible(client: Client) -> None:
    record = party(client, "KPi.021", "2016-12-31")
    assert (record["nationalities"], record["positions"]) == ([], [])
    assert {"/nationalities", "/positions", "/summary"} <= set(record["not_known"])
    assert party(client, "KPi.021", "2017-06-01")["possible"] == []
    assert party(client, "KPi.020", "2016-03-02")["possible"] == [], "one that was not is known since its listing"


def test_what_all_possible_values_agree_on_is_known(client: Client) -> None:
    record = party(client, "KPi.050", "2023-01-01")
    assert record["summary"] is not None
    assert record["narrative_sha256"] is None
    assert "/narrative_sha256" in record["not_known"]
    assert "/summary" not in record["not_known"]


def test_a_gender_goes_from_the_list(client: Client) -> None:
    assert party(client, "KPi.006", "2020-11-30")["gender"] == "male"
    assert party(client, "KPi.006", "2024-09-26")["gender"] is None
    between = party(client, "KPi.006", "2022-01-01")
    assert between["gender"] is None
    assert between["not_known"] == ["/gender"]


def test_what_the_list_had_before_is_kept_apart(client: Client) -> None:
    record = party(client, "KPi.020", "2024-01-01")
    (earlier,) = [one for one in record["earlier_values"] if one["field"] == "/positions"]
    assert earlier["value"]["on_list_until"] == {
        "edtf": "2023-08-16",
        "earliest": "2023-08-16",
        "latest": "2023-08-16",
    }
    assert record["earlier_values"] != []
    assert party(client, "KPi.020", "2018-03-20")["earlier_values"] == []


def test_a_filter_looks_at_the_values_of_the_day(client: Client) -> None:
    asked = "/designated-parties?position=minister of atomic energy industry since"
    assert client.ids(f"{asked}&as_of=2018-03-20") == ["KPi.002"]
    assert client.ids(f"{asked}&as_of=2023-06-29") == []
    assert client.ids(asked.replace("position", "position_ever") + "&as_of=2023-06-29") == ["KPi.002"]
    assert client.ids("/designated-parties?name=NADA&as_of=2023-01-01") == ["KPe.029"]
    assert client.ids("/designated-parties?name=national aerospace technology&as_of=2023-01-01") == []
    assert client.ids("/designated-parties?name_ever=national aerospace technology&as_of=2023-01-01") == ["KPe.029"]
    assert client.ids("/vessels?name=fan ke&as_of=2016-03-03") == []
    assert client.ids("/vessels?name=fan ke") == client.ids("/vessels?name_ever=fan ke&as_of=2016-03-03") != []


def test_a_filter_matches_a_possible_value_and_the_item_says_so(client: Client) -> None:
    for words in ("director of the second academy", "former director of the second academy"):
        (item,) = client.items(f"/designated-parties?position={words}&as_of=2023-01-01")
        assert "/positions" in item["not_known"]
    asked = "/designated-parties?nationality=KP&as_of=2016-12-31"
    (item,) = [one for one in client.items(f"{asked}&limit=500") if one["id"] == "KPi.021"]
    assert "/nationalities" in item["not_known"]


def test_filters_of_the_day_and_of_any_day_may_differ_in_the_value(client: Client) -> None:
    both = "/designated-parties?position=former ambassador&position_ever=acted as the dprk&as_of=2026-01-01"
    assert client.ids(both.replace("former ambassador", "former dprk ambassador")) == ["KPi.036"]


def test_dataset_counts_what_is_known_for_every_day(client: Client) -> None:
    coverage = {one["kind"]: one for one in client.json("/dataset")["coverage"]}
    on_list = [one for one in coverage.values() if one["values_known_every_day"] is not None]
    assert len(on_list) == 2
    for one in on_list:
        assert one["values_known_every_day"] > one["values_known_between_lists"] > 0
        assert one["held"] == one["official_count"]


def test_as_csv_a_record_has_them_too(client: Client) -> None:
    (row,) = csv.DictReader(io.StringIO(client.get("/designated-parties/KPi.013?as_of=2023-01-01&format=csv").text))
    assert OLD in row["possible"]
    assert "/positions" in row["not_known"]


def test_a_death_is_known(client: Client) -> None:
    for number, day in (("KPi.050", "2022-07-27"), ("KPi.051", "2021-02-04"), ("KPi.053", "2022-01-27")):
        assert party(client, number, day)["deceased_on"]["edtf"] == day
        the_day_before = str(date.fromordinal(date.fromisoformat(day).toordinal() - 1))
        assert party(client, number, the_day_before)["deceased_on"] is None
