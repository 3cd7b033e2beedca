"""The record agrees with an extract that was made apart from it, and lacks what no source was found for."""

import csv
from pathlib import Path

from tests.conftest import Client

EXTRACTS = Path(__file__).parent / "extracts"


def test_every_ship_of_annex_iii_is_listed_under_its_name_for_its_days(client: Client) -> None:
    """The 31 ships of Annex III of resolution 2270, and the days on which the Committee took nine of them off."""
    with (EXTRACTS / "annex_iii.csv").open(encoding="utf-8", newline="") as file:
        ships = list(csv.DictReader(file))
    assert len(ships) == 31
    for row in ships:
        ship = client.json(f"/vessels/{row['imo_number']}?as_of=2016-03-02")
        assert ship["name"] == row["name"]
        (stay,) = [listing for listing in ship["listings"] if listing["listed_on"] == "2016-03-02"]
        assert stay["delisted_on"] == (row["delisted_on"] or None)
    on_the_day = {ship["id"] for ship in client.items("/vessels?listed=true&as_of=2016-03-02")}
    assert on_the_day == {row["imo_number"] for row in ships}


def test_names_for_which_no_source_was_found_are_not_published(client: Client) -> None:
    for name in ("J STAR", "BENEVOLENCE 2", "RICHOCEAN"):
        assert client.json(f"/vessels?name={name}")["total"] == 0
