"""Errors that a fact check found in the record, each asked of the API as it was corrected."""

from datetime import date, timedelta

import pytest

from tests.conftest import Client

COAL = [
    ("2270-coal-iron-iron-ore", date(2016, 3, 2), date(2016, 11, 30)),
    ("2321-coal-cap", date(2016, 11, 30), date(2017, 8, 5)),
    ("2371-coal-iron-iron-ore", date(2017, 8, 5), date.max),
]
"""The three rules on coal, iron and iron ore, each with its first day and the first day no longer in force."""


def days_to_ask() -> list[date]:
    """Every 23rd day of 2016 to 2018, and the days around each change."""
    spread = [date(2016, 1, 1) + timedelta(days=23 * step) for step in range(48)]
    changes = [date(2016, 3, 2), date(2016, 11, 30), date(2017, 1, 1), date(2017, 8, 5)]
    return sorted({*spread, *(day + timedelta(days=step) for day in changes for step in (-1, 0, 1)), date(2024, 2, 29)})


@pytest.mark.parametrize("code", ["2701", "2702", "2601"])
def test_one_rule_applies_to_coal_and_iron_ore_on_any_day(client: Client, code: str) -> None:
    for day in days_to_ask():
        in_force = client.ids(f"/measures?hs_code={code}&in_force=true&as_of={day}")
        assert in_force == [id for id, first, end in COAL if first <= day < end], day


def test_the_rules_on_coal_name_their_successors(client: Client) -> None:
    rules = [client.json(f"/measures/{id}") for id, _, _ in COAL]
    assert [rule["replaced_by"] and rule["replaced_by"]["id"] for rule in rules] == [
        "2321-coal-cap",
        "2371-coal-iron-iron-ore",
        None,
    ]
    assert [rule["paragraph"] for rule in rules[1:]] == ["26", "8"]
    assert [rule["resolution"]["id"] for rule in rules] == ["2270", "2321", "2371"]
    assert all("iron" in rule["title"] for rule in rules)


@pytest.mark.parametrize(
    ("first", "last", "amounts"),
    [
        ("2016-11-30", "2017-01-01", {("1000866", "metric_tons"), ("53495894", "USD")}),
        ("2017-01-01", "2017-08-05", {("7500000", "metric_tons"), ("400870018", "USD")}),
    ],
)
def test_coal_was_capped_from_the_day_of_the_resolution(
    client: Client, first: str, last: str, amounts: set[tuple[str, str]]
) -> None:
    caps = [cap for cap in client.json("/measures/2321-coal-cap")["caps"] if cap["from_on"] == first]
    assert {(cap["amount"], cap["unit"]) for cap in caps} == amounts
    assert {cap["until_on"] for cap in caps} == {last}
    assert all(cap["note"] is None for cap in caps), "every amount is the resolution's own"
    assert client.ids("/measures?hs_code=2701&in_force=true&as_of=2016-12-15") == ["2321-coal-cap"]


def test_three_of_the_individuals_are_known_to_be_dead(client: Client) -> None:
    individuals = client.items("/designated-parties?kind=individual&limit=100")
    dead = {party["id"]: party["deceased_on"]["edtf"] for party in individuals if party["deceased_on"]}
    assert dead == {"KPi.050": "2022-07-27", "KPi.051": "2021-02-04", "KPi.053": dead["KPi.053"]}
    assert client.json("/designated-parties/KPi.050?as_of=2022-07-26")["deceased_on"] is None


def test_a_forecast_that_nothing_contradicts_is_an_opinion(client: Client) -> None:
    statement = client.json("/statements/B26")
    assert statement["verdict"] == "opinion"
    assert "change of regime" in statement["statement"]
    assert "B26" not in client.ids("/statements?verdict=differs")


def test_the_series_of_tests_names_the_launches_of_march(client: Client) -> None:
    said = client.json("/statements/A15")["record_says"]
    for day in ("6 January 2016", "7 February 2016", "10 and 18 March 2016"):
        assert day in said


def test_the_flexibility_is_told_after_reuters(client: Client) -> None:
    assert client.json("/statements/A5")["attributed_to"] == "the author, after Reuters"
    assert "A5" in client.ids("/statements?attributed_to=Reuters")


def test_hao_fan_6_was_named_for_the_port_ban_twice(client: Client) -> None:
    stays = {stay["measure"]: stay for stay in client.items("/listings?subject=8628597")}
    assert set(stays) == {"port_entry_ban", "flag_withdrawal"}
    assert "30 March 2018" in stays["port_entry_ban"]["note"]
    assert "port entry ban" in stays["flag_withdrawal"]["note"]
    decision = client.json("/committee-decisions/2018-03-30")
    assert "25 port entry bans" in decision["note"]
    assert client.json("/listings?listed_by=2018-03-30&measure=port_entry_ban")["total"] == 24


@pytest.mark.parametrize("id", ["2371-seafood", "2371-lead", "2371-coal-iron-iron-ore"])
def test_earlier_contracts_end_on_the_days_that_the_text_gives(client: Client, id: str) -> None:
    measure = client.json(f"/measures/{id}")
    assert "4 September 2017" in measure["limits"]
    assert "19 September 2017" in measure["limits"]
    for days, word in ((30, "4 September 2017"), (45, "19 September 2017")):
        last = date(2017, 8, 5) + timedelta(days=days)
        assert f"{last.day} {last:%B %Y}" == word


def test_flights_are_only_called_upon_to_be_denied_until_2270(client: Client) -> None:
    assert client.json("/measures/2094-flight-denial")["summary"].startswith("Calls upon")


def test_the_coverage_names_what_is_left_out(client: Client) -> None:
    (measures,) = [part for part in client.json("/dataset")["coverage"] if part["kind"] == "Measures"]
    assert measures["covers_until"] >= "2024-03-28"
    for listed in ("2356", "2371", "2375", "2397", "2321", "2094", "2087", "2270"):
        listing_measures = client.json(f"/measures?resolution={listed}&category=asset_freeze")
        assert listing_measures["total"] >= 1, f"{listed} listed parties, and some measure says so"
    assert "paragraphs 41 to 47" in measures["left_out"]


@pytest.mark.parametrize("id", ["B27", "B28", "B29"])
def test_every_checkable_claim_of_the_second_article_is_a_statement(client: Client, id: str) -> None:
    statement = client.json(f"/statements/{id}")
    assert statement["article"]["id"] == "article-chaudry"
    assert "China" in statement["statement"]
