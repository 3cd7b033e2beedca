"""The seed held against the working tables of facts, on a machine that has them."""

import csv

import pytest

from tests.conftest import SEED, SHARED, Client

FACTS = SHARED / "facts"

pytestmark = pytest.mark.skipif(
    not FACTS.is_dir(), reason="the working tables of facts stand beside the repository, and only where it was made"
)


def facts(name: str) -> list[dict[str, str]]:
    with (FACTS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_ship_of_the_annex_stands_as_the_facts_have_it(client: Client) -> None:
    ships = [row for row in facts("vessels") if row["group"] == "2270 Annex III"]
    assert len(ships) == 31
    for row in ships:
        ship = client.json(f"/vessels/{row['imo']}?as_of=2016-03-02")
        assert ship["name"] == row["name_un"]
        (stay,) = [listing for listing in ship["listings"] if listing["listed_on"] == "2016-03-02"]
        assert stay["delisted_on"] == (row["un_removed_on"] or None)


def test_no_former_name_known_from_memory_alone_is_published(client: Client) -> None:
    for name in ("J STAR", "BENEVOLENCE 2", "RICHOCEAN"):
        assert client.json(f"/vessels?name={name}")["total"] == 0


def test_every_statement_has_the_verdict_of_the_facts(client: Client) -> None:
    statements = {item["id"]: item for item in client.json("/statements?limit=500")["items"]}
    for row in facts("claims"):
        word = row["verdict"].split(" (")[0].replace("more precise", "more_precise")
        word = word.replace("not in the UN record", "not_in_record").replace("mostly confirmed", "partly")
        assert statements[row["claim_id"]]["verdict"] == word, row["claim_id"]


def test_nothing_rests_on_memory() -> None:
    assert "memory" not in {line.split(",")[0] for line in (SEED / "sources.csv").read_text().splitlines()}


def test_paragraphs_known_from_memory_alone_are_empty(client: Client) -> None:
    unknown = {row["paragraph"] for row in facts("measures_2270") if row["verified_paragraph"] == "memory only"}
    published = {item["paragraph"] for item in client.json("/measures?resolution=2270&limit=500")["items"]}
    assert unknown
    assert not unknown & published


def test_every_listing_stands_as_the_facts_have_it(client: Client) -> None:
    published = {item["id"]: item for item in client.json("/listings?limit=500")["items"]}
    assert len(published) == 331
    for row in facts("listings"):
        stay = published[row["listing_id"]]
        assert (stay["listed_on"], stay["delisted_on"] or "") == (row["listed_on"], row["removed_on"])
        measure = row["measure"].replace("port-entry", "port_entry").replace(" ", "_")
        assert stay["measure"] == measure


def test_every_party_has_the_names_and_days_of_the_facts(client: Client) -> None:
    parties = {item["id"]: item for item in client.json("/designated-parties?limit=500")["items"]}
    for row in facts("parties"):
        party = parties[row["un_ref"]]
        assert party["name"] == row["name"]
        assert party["listings"][0]["listed_on"] == row["listed_on"]
        # A third death was found later, in the reasons that the list prints since 2023.
        died = row["deceased_on"] or {"KPi.050": "2022-07-27"}.get(row["un_ref"], "")
        assert (party["deceased_on"] or {"edtf": ""})["edtf"] == died
