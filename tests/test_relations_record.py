"""The relations in the seed agree with counts made by hand from the texts that they were taken from."""

import csv
from pathlib import Path

import pytest

SEED = Path(__file__).parents[1] / "seed"

BANK_REPRESENTATIVES = {
    "KPi.055", "KPi.064", "KPi.065", "KPi.067", "KPi.068", "KPi.069", "KPi.070", "KPi.074", "KPi.075",
}  # fmt: skip
"""Those whose post or reason in the UN's list names the Foreign Trade Bank, counted in the list of 29 October 2018."""

KOMID_OFFICIALS = {
    "KPi.010", "KPi.011", "KPi.017", "KPi.020", "KPi.022", "KPi.024", "KPi.027", "KPi.030", "KPi.031", "KPi.056",
}  # fmt: skip
"""Those whom the UN's list calls a representative, an officer or an official of KOMID."""

KOMID_HELPERS = {"KPi.029", "KPi.033", "KPi.034", "KPi.036", "KPe.005", "KPe.011", "KPe.014", "KPe.017", "KPe.041"}
"""Those of whom it says that they support KOMID or act for it, without a post in it."""

FIRMS_OF_30_MARCH_2018 = {
    ("KPe.055", "owner", "9020003"),
    ("KPe.055", "manager", "9020003"),
    ("KPe.056", "owner", "8712362"),
    ("KPe.057", "owner", "9066978"),
    ("KPe.058", "owner", "8122347"),
    ("KPe.058", "owner", "9066540"),
    ("KPe.059", "manager", "8916580"),
    ("KPe.061", "owner", "8660313"),
    ("KPe.062", "owner", "7303803"),
    ("KPe.063", "owner", "8605026"),
    ("KPe.064", "owner", "8405311"),
    ("KPe.064", "owner", "7408873"),
    ("KPe.065", "owner", "8106496"),
    ("KPe.066", "owner", "8604917"),
    ("KPe.067", "manager", "9417115"),
    ("KPe.068", "manager", "8691702"),
    ("KPe.069", "owner", "9066978"),
    ("KPe.070", "owner", "8898740"),
    ("KPe.070", "owner", "8503228"),
    ("KPe.070", "owner", "8408595"),
    ("KPe.072", "owner", "9008201"),
    ("KPe.072", "manager", "9008201"),
    ("KPe.073", "manager", "8747604"),
    ("KPe.073", "manager", "8628597"),
    ("KPe.074", "manager", "9004700"),
    ("KPe.075", "manager", "9030591"),
}
"""The 26 pairs that the reasons for the listings of KPe.055 to KPe.075 name: 19 firms and 23 ships.

KPe.060 and KPe.071 have no ship.
"""


def rows_of(stem: str) -> list[dict[str, str]]:
    with (SEED / f"{stem}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def relations() -> list[dict[str, str]]:
    return rows_of("relations")


def test_ocean_maritime_management_operates_the_31_ships_of_annex_iii(relations: list[dict[str, str]]) -> None:
    """Nine of them until the Committee took them off the list: four on 21 March 2016, five on 17 December 2016."""
    operated = [row for row in relations if (row["from_id"], row["kind"]) == ("KPe.020", "operator")]
    with (Path(__file__).parent / "extracts" / "annex_iii.csv").open(encoding="utf-8", newline="") as file:
        annex = {row["imo_number"]: row["delisted_on"] for row in csv.DictReader(file)}
    assert len(operated) == 31
    assert {row["to_id"]: row["on_until"] for row in operated} == annex
    ends = [row["on_until"] for row in operated]
    assert (ends.count(""), ends.count("2016-03-21"), ends.count("2016-12-17")) == (22, 4, 5)


def test_the_foreign_trade_bank_has_nine_listed_representatives(relations: list[dict[str, str]]) -> None:
    found = [row["from_id"] for row in relations if (row["kind"], row["to_id"]) == ("representative", "KPe.047")]
    assert sorted(id for id in found if id) == sorted(BANK_REPRESENTATIVES)
    assert found.count("") == 1, "and one whom the EU alone lists"


def test_komid_has_ten_listed_officials_and_nine_who_act_for_it(relations: list[dict[str, str]]) -> None:
    of_komid = [(row["from_id"], row["kind"]) for row in relations if row["to_id"] == "KPe.001" and row["from_id"]]
    posts = [id for id, kind in of_komid if kind in ("representative", "officer", "director")]
    assert sorted(posts) == sorted(KOMID_OFFICIALS)
    assert sorted(id for id, kind in of_komid if kind == "acts_for") == sorted(KOMID_HELPERS)
    assert {id for id, kind in of_komid if kind == "subsidiary"} == {"KPe.015", "KPe.024"}
    assert {id for id, kind in of_komid if kind == "commands"} == {"KPe.032", "KPi.049"}


def test_the_firms_of_30_march_2018_have_the_ships_that_their_reasons_name(relations: list[dict[str, str]]) -> None:
    firms = {f"KPe.{number:03}" for number in range(55, 76)}
    found = [(row["from_id"], row["kind"], row["to_id"]) for row in relations if row["from_id"] in firms]
    assert sorted(row for row in found if row[2].isdigit()) == sorted(FIRMS_OF_30_MARCH_2018)
    assert len({firm for firm, _, _ in FIRMS_OF_30_MARCH_2018}) == 19
    assert len({ship for _, _, ship in FIRMS_OF_30_MARCH_2018}) == 23


def test_every_subject_has_an_identifier_of_the_us_list_or_is_said_not_to_be_on_it() -> None:
    """The list of November 2022 lacks three parties and eight ships."""
    subjects = {row["id"] for stem in ("designated_parties", "vessels") for row in rows_of(stem)}
    given = {row["subject_id"]: row["value"] for row in rows_of("external_identifiers") if row["scheme"] == "ofac-sdn"}
    assert given.keys() == subjects
    lacking = {id for id, value in given.items() if not value}
    assert lacking == {
        "KPi.003", "KPi.005", "KPe.014", "9562233", "8937675", "8518780", "9191773", "8518572", "8791667", "8312497",
        "min-ning-de-you-078",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("subject", "scheme", "value"),
    [
        ("KPi.001", "ofac-sdn", "12218"),
        ("KPe.001", "uk-ofsi", "10892"),
        ("KPe.001", "eu", "EU.4187.20"),
        ("KPe.001", "ch-seco", "3563"),
        ("KPe.001", "opensanctions", "NK-YpXNUELE7iH3GVUSwM9S8T"),
        ("9163166", "ofac-sdn", "19577"),
        ("KPi.076", "uk-ofsi", "13572"),
        ("KPi.076", "uk-ofsi", "13546"),
        ("KPi.076", "wikidata", "Q5367054"),
    ],
)
def test_identifiers_of_other_lists_are_those_printed(subject: str, scheme: str, value: str) -> None:
    rows = rows_of("external_identifiers")
    assert (subject, scheme, value) in {(row["subject_id"], row["scheme"], row["value"]) for row in rows}
