"""The whole 1718 regime: the numbers that must hold, and questions of the desks that use it."""

import pytest

from tests.conftest import Client


@pytest.mark.parametrize(
    ("url", "total"),
    [
        ("/designated-parties?kind=individual", 80),
        ("/designated-parties?kind=entity", 75),
        ("/vessels", 67),
        ("/designated-parties?kind=individual&listed=true", 80),
        ("/designated-parties?kind=entity&listed=true", 75),
        ("/vessels?listed=true", 59),
        ("/vessels?listed=true&as_of=2017-10-02", 22),
        ("/vessels?listed=true&as_of=2017-10-03", 26),
        ("/vessels?listed=true&as_of=2017-12-28", 30),
        ("/vessels?listed=true&as_of=2018-03-30", 56),
        ("/vessels?listed=true&as_of=2018-10-16", 59),
        ("/designated-parties?kind=individual&listed=true&as_of=2016-03-01", 12),
        ("/designated-parties?kind=entity&listed=true&as_of=2016-03-01", 20),
        ("/designated-parties?kind=individual&listed=true&as_of=2016-03-02", 28),
        ("/designated-parties?kind=entity&listed=true&as_of=2016-03-02", 32),
        ("/designated-parties?designated_by=2321&kind=individual", 11),
        ("/resolutions?outcome=vetoed", 2),
        ("/resolutions", 29),
        ("/committee-decisions", 10),
        ("/listings", 331),
    ],
)
def test_numbers_that_must_hold(client: Client, url: str, total: int) -> None:
    assert client.json(url)["total"] == total


def test_the_resolution_of_22_december_2017(client: Client) -> None:
    assert client.json("/resolutions/2017-12-22")["number"] == 2397


def test_one_hull_two_names_two_stays(client: Client) -> None:
    ship = client.json("/vessels/8914934")
    assert [name["name"] for name in ship["names"] if name["kind"] != "spelling"] == ["FAN KE", "EVER BRIGHT 88"]
    stays = {(stay["listed_on"], stay["delisted_on"]) for stay in ship["listings"]}
    assert stays == {("2016-03-02", "2016-12-17"), ("2018-03-30", None)}


def test_every_listing_says_what_listed_it_under_which_measure(client: Client) -> None:
    for stay in client.json("/listings?limit=500&include=all")["items"]:
        assert stay["listed_by"]["url"]
        assert stay["measure"]
        assert (stay["paragraph"] is None) == ("paragraph" in stay["not_known"])
        assert (stay["basis"] is None) == ("basis" in stay["not_known"])
    (ban,) = client.json("/listings?subject=9562233&include=all")["items"]
    assert (ban["measure"], ban["basis"]) == (
        "port_entry_ban",
        "Resolution 2371 (2017), paragraph 6; resolution 2375 (2017), paragraph 6",
    )
    individuals = client.json("/listings?subject_kind=individual&measure=travel_ban&limit=500&include=all")
    assert individuals["total"] == 80, "every travel ban has a source"


@pytest.mark.parametrize(
    ("day", "measures"),
    [
        ("2016-01-01", []),
        ("2016-03-02", ["2270-coal-iron-iron-ore"]),
        ("2017-03-01", ["2321-coal-cap"]),
        ("2017-09-15", ["2371-coal-iron-iron-ore"]),
    ],
)
def test_what_applied_to_coal_on_a_day(client: Client, day: str, measures: list[str]) -> None:
    assert client.ids(f"/measures?hs_code=2701&in_force=true&as_of={day}") == measures


def test_a_code_matches_its_chapter_and_what_is_below_it(client: Client) -> None:
    seafood_or_food = "2397-food-machinery-wood-vessels"
    assert seafood_or_food in client.ids("/measures?hs_code=070190")
    assert client.ids("/measures?hs_code=27") == client.ids(
        "/measures?hs_code=2701&hs_code=2709&hs_code=2710&hs_code=2711"
    )
    assert client.ids("/measures?hs_code=9999") == []


def test_caps_as_data(client: Client) -> None:
    caps = client.json("/measures/2397-crude-oil-cap")["caps"]
    assert {(cap["amount"], cap["unit"], cap["period"]) for cap in caps} == {
        ("4000000", "barrels", "twelve_months"),
        ("525000", "metric_tons", "twelve_months"),
    }
    capped = client.json("/measures/2321-coal-cap")
    assert capped["ends_on"] == "2017-08-05"
    assert capped["replaced_by"]["id"] == "2371-coal-iron-iron-ore"
    assert client.json("/measures/2321-coal-cap?as_of=2017-08-04")["in_force"] is True
    assert client.json("/measures/2321-coal-cap?as_of=2017-08-05")["in_force"] is False


def test_the_dataset_says_what_it_covers_and_on_what_it_rests(client: Client) -> None:
    dataset = client.json("/dataset")
    evidence = dataset["evidence"]
    assert evidence["cited_share"] == 1
    assert evidence["cited"] == evidence["values"] > 5000
    assert 0.2 < evidence["twice_cited_share"] < 1
    coverage = {part["kind"]: part for part in dataset["coverage"]}
    for kind, count in (("Individuals", 80), ("Entities", 75), ("Ships", 59)):
        part = coverage[f"{kind} on the list"]
        assert (part["official_count"], part["held"], part["left_out"]) == (count, count, None)
        assert part["covers_until"]
    assert client.json("/vessels?limit=1")["dataset"]["covers_until"] == "2025-12-17"
    assert client.json("/designated-parties/KPi.001")["dataset"]["covers_until"] == "2026-02-27"
    assert dataset["covers_until"] == min(part["covers_until"] for part in dataset["coverage"])


@pytest.mark.parametrize("day", ["2017-10-01", "2017-12-21", "2017-12-25", "2017-12-31", "2018-01-01", "2020-01-01"])
def test_refined_oil_is_capped_without_a_gap(client: Client, day: str) -> None:
    assert client.json(f"/measures?hs_code=2710&in_force=true&as_of={day}")["total"] == 1


def test_what_happened_later_is_not_shown_on_an_earlier_day(client: Client) -> None:
    then = client.json("/designated-parties/KPi.051?as_of=2018-01-01")
    assert then["deceased_on"] is None
    assert then["amended_on"] == []
    assert client.json("/designated-parties/KPi.051?as_of=2021-02-04")["deceased_on"]["edtf"] == "2021-02-04"
    assert client.json("/designated-parties/KPi.026?as_of=2016-03-10")["documents"] == []
