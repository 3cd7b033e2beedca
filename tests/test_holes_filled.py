"""What later sources filled in: paragraphs, annexes, votes, drafters, flags, and measures that were missing."""

import pytest

from tests.conftest import Client


@pytest.mark.parametrize(
    ("id", "paragraph"),
    [
        ("1718-exemptions", "9-10"),
        ("2094-financial-services", "11"),
        ("2094-travel-ban-on-agents", "10"),
        ("2094-information-on-evasion", "19"),
        ("2270-flag-class-insurance", "20"),
        ("2321-conventional-items", "7"),
        ("2321-flag-class-insurance", "9"),
        ("2321-scientific-cooperation", "11"),
        ("2321-deregistration", "24"),
        ("2321-coal-cap", "26"),
        ("2321-midterm-reports", "43"),
        ("2345-panel-of-experts", "1"),
        ("2371-listings", "3"),
        ("2371-programme-items", "4"),
        ("2371-conventional-items", "5"),
        ("2371-chartering", "7"),
        ("2371-seafood", "9"),
        ("2371-lead", "10"),
        ("2371-workers-abroad", "11"),
        ("2371-joint-ventures", "12"),
        ("2371-clearing", "13"),
        ("2371-financial-firms", "14"),
        ("2371-chemical-weapons", "15"),
        ("2371-vienna-conventions", "16"),
        ("2371-reports", "18"),
        ("2371-committee-and-panel", "20"),
        ("2371-seize-and-dispose", "21"),
        ("2371-no-claims", "22"),
        ("2371-interpol", "23"),
        ("2371-humanitarian-clause", "26"),
        ("2371-banks-for-missions", "26"),
        ("2371-six-party-talks", "27"),
        ("2397-deregistration", "12"),
        ("2270-repair-and-service", "7"),
        ("2270-training-by-dprk-personnel", "9"),
        ("2270-flight-denial", "21"),
        ("2270-port-denial", "22"),
        ("2270-coal-iron-iron-ore", "29"),
        ("2270-gold-and-rare-minerals", "30"),
        ("2270-dprk-banks-abroad", "33"),
        ("2270-foreign-banks-in-the-dprk", "34"),
        ("2270-trade-support", "36"),
        ("2270-luxury-goods", "39"),
        ("2094-listings", "8-9"),
        ("2321-insurance-of-ships", "22"),
        ("2321-statues", "29"),
        ("2321-expel-bank-staff", "33"),
        ("2375-refined-oil-cap", "14"),
        ("2375-textiles", "16"),
        ("2397-industrial-machinery-and-metals", "7"),
        ("2397-further-tests", "28"),
        ("2094-dprk-banks-abroad", "12"),
        ("2094-foreign-banks-in-the-dprk", "13"),
        ("2094-trade-support", "15"),
        ("2270-chemical-and-biological-weapons", "24"),
        ("2321-workers-abroad", "34"),
        ("2321-bulk-cash", "35"),
        ("2375-programme-items", "4"),
        ("2375-conventional-items", "5"),
        ("2397-information-on-cargo", "10"),
    ],
)
def test_a_paragraph_is_given_with_its_source(client: Client, id: str, paragraph: str) -> None:
    measure = client.json(f"/measures/{id}")
    assert measure["paragraph"] == paragraph
    assert "paragraph" not in measure["not_known"]
    assert any("/paragraph" in citation["supports"] for citation in measure["citations"])


def test_numbers_of_the_press_release_are_explained_where_they_differ(client: Client) -> None:
    for measure in client.items("/measures?resolution=2371"):
        for citation in measure["citations"]:
            if citation["source"] == "sc12945" and "/paragraph" in citation["supports"]:
                number = int(measure["paragraph"])
                assert (citation["note"] is not None and "numbers" in citation["note"]) is (number > 7), measure["id"]


def test_every_measure_has_its_paragraph(client: Client) -> None:
    for measure in client.items("/measures?limit=100"):
        assert measure["paragraph"] is not None, measure["id"]
        assert any("/paragraph" in citation["supports"] for citation in measure["citations"]), measure["id"]


@pytest.mark.parametrize(
    ("id", "days"),
    [("2321-reports", "28 February 2017"), ("2375-reports", "10 December 2017"), ("2397-reports", "22 March 2018")],
)
def test_the_duties_to_report_are_measures(client: Client, id: str, days: str) -> None:
    measure = client.json(f"/measures/{id}")
    assert measure["category"] == "reporting"
    assert days in measure["limits"]


def test_the_report_on_existing_work_permits_has_its_day(client: Client) -> None:
    measure = client.json("/measures/2375-work-permits")
    assert "15 December 2017" in measure["limits"]
    cited = {citation["source"] for citation in measure["citations"] if "/limits" in citation["supports"]}
    assert cited == {"jiji-2375"}


def test_the_listings_of_2371_have_their_paragraph_and_annex(client: Client) -> None:
    stays = client.items("/listings?listed_by=2371")
    assert len(stays) == 22
    for stay in stays:
        individual = stay["subject"]["kind"] == "individual"
        assert (stay["paragraph"], stay["annex"]) == ("3", "I" if individual else "II")


def test_no_measure_is_in_force_before_its_resolution(client: Client) -> None:
    for measure in client.items("/measures?limit=100"):
        assert measure["starts_on"] >= measure["resolution"]["acted_on"], measure["id"]


def test_votes_and_drafters(client: Client) -> None:
    assert client.json("/resolutions/2345")["vote"]["tally"] == "15-0-0"
    drafted = {item["id"] for item in client.items("/resolutions?drafted_by=US")}
    assert {"2270", "2321", "2371", "2375", "2397", "2680", "S-2024-255"} <= drafted
    assert {item["id"] for item in client.items("/resolutions?drafted_by=CN")} == {"2270", "2321"}


def test_flags_of_the_ships_of_2017_and_2018(client: Client) -> None:
    ships = client.items("/vessels?limit=100")
    flags = {ship["id"]: ship["flag"] and ship["flag"]["code"] for ship in ships}
    assert flags["9008201"] == "TZ"
    assert flags["8126070"] == flags["8312497"] == "PA"
    assert flags["9114555"] == flags["9066540"] == "KP"
    assert sum(flag is not None for flag in flags.values()) >= 55
