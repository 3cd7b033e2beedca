"""Identifiers of subjects: the table, the filters, the coverage; particulars of ships; languages of names."""

from collections import Counter
from typing import Any

import pytest

from tests.conftest import SEED, Client, rows_of


def test_the_table_has_every_identifier_of_the_seed(client: Client) -> None:
    found = Counter(item["scheme"] for item in client.items("/identifiers?limit=500"))
    expected = Counter(row["scheme"] for row in rows_of(SEED, "external_identifiers"))
    expected["imo"] = sum(bool(row["imo_number"]) for row in rows_of(SEED, "vessels"))
    expected += Counter(row["kind"].replace("_", "-") for row in rows_of(SEED, "documents"))
    parties = rows_of(SEED, "designated_parties")
    expected["swift"] = sum(bool(row["swift_code"]) for row in parties)
    expected["imo-company"] = sum(bool(row["imo_company_number"]) for row in parties)
    for row in rows_of(SEED, "vessel_particulars"):
        expected[row["kind"].replace("_", "-")] += row["kind"] in ("mmsi", "call_sign")
    assert found == +expected


@pytest.mark.parametrize(
    ("identifier", "path", "ids"),
    [
        ("ofac-sdn:19577", "vessels", ["9163166"]),
        ("OFAC-SDN:19577", "vessels", ["9163166"]),
        ("eu:19577", "vessels", []),
        ("imo:IMO 9163166", "vessels", ["9163166"]),
        ("imo:imo9163166", "vessels", ["9163166"]),
        ("IMO: 9163 166", "vessels", ["9163166"]),
        ("mmsi:445-539-000", "vessels", ["8937675"]),
        ("imo:9163166", "vessels", ["9163166"]),
        ("mmsi:445 539 000", "vessels", ["8937675"]),
        ("eu:eu-4196-56", "designated-parties", ["KPe.020"]),
        ("passport:472320665", "designated-parties", ["KPi.014"]),
        ("ofac-sdn:19577", "designated-parties", []),
    ],
)
def test_a_subject_is_found_by_its_identifier(client: Client, identifier: str, path: str, ids: list[str]) -> None:
    response = client.get(f"/{path}", params={"identifier": identifier})
    assert [item["id"] for item in response.json()["items"]] == ids


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("identifier", "imo:9163165"),
        ("identifier", "imo:916316"),
        ("identifier", "imo:KPe.020"),
        ("identifier", "imo:IMO 91631666"),
        ("identifier", "mmsi:44553900"),
        ("identifier", "mmsi:MMSI 445539000"),
        ("mmsi", "12"),
        ("mmsi", "4455390000"),
        ("mmsi", "abcdefghi"),
    ],
)
def test_a_mistyped_number_of_a_ship_is_refused_and_not_answered_with_no_records(
    client: Client, parameter: str, value: str
) -> None:
    response = client.get("/vessels", params={parameter: value})
    assert response.status_code == 422
    (error,) = response.json()["errors"]
    assert error["parameter"] == parameter
    assert value.rpartition(":")[2] in error["message"]


def test_several_identifiers_find_the_subjects_of_each(client: Client) -> None:
    assert client.ids("/vessels?identifier=ofac-sdn:19577&identifier=imo:9163154") == ["9163154", "9163166"]


def test_a_passport_is_one_of_the_days_on_which_the_list_has_it(client: Client) -> None:
    question = "/designated-parties?identifier=passport:472320665&as_of="
    assert client.ids(f"{question}2017-06-01") == ["KPi.014"]
    assert client.ids(f"{question}2017-05-31") == []
    (row,) = client.items("/identifiers?identifier=passport:472320665&as_of=2017-05-31")
    assert (row["holds"], row["on_since"]["edtf"]) == ("no", "2017-06-01")
    assert client.json(f"{row['url']}?as_of=2017-06-01")["holds"] == "yes"


def test_a_list_that_lacks_a_subject_is_said_with_its_source(client: Client) -> None:
    lacking = client.items("/identifiers?has_value=false&limit=500")
    assert lacking
    for item in lacking[:20]:
        assert item["value"] is None
        assert any("/scheme" in citation["supports"] for citation in item["citations"])
    (one,) = (item for item in lacking if item["subject"]["id"] == "KPi.003" and item["scheme"] == "ofac-sdn")
    record = client.json("/designated-parties/KPi.003")
    assert {"scheme": "ofac-sdn", "value": None, "note": one["note"]} in record["identifiers"]
    assert "KPi.003" in client.ids("/designated-parties?without_identifier=ofac-sdn&limit=500")
    assert "KPi.001" not in client.ids("/designated-parties?without_identifier=ofac-sdn&limit=500")


def test_the_dataset_says_how_many_each_list_covers(client: Client) -> None:
    parts = client.json("/dataset")["identifiers"]
    sizes = {"individual": 80, "entity": 75, "vessel": 67}
    schemes = {"ofac-sdn", "eu", "uk-ofsi", "ch-seco", "opensanctions", "wikidata"}
    assert {(part["scheme"], part["kind"]) for part in parts} == {(one, kind) for one in schemes for kind in sizes}
    for part in parts:
        assert part["subjects"] == sizes[part["kind"]]
        assert part["found"] + part["absent"] + part["not_known"] == part["subjects"]
        without = part["absent"] + part["not_known"]
        assert client.json(f"{part['without_url']}&limit=1")["total"] == without
        for name in ("found", "absent"):
            rows = client.items(f"{part[f'{name}_url']}&limit=500")
            assert len({row["subject"]["id"] for row in rows}) == part[name]


def test_a_type_of_ship_is_of_a_day_and_others_stay_beside_it(client: Client) -> None:
    ship = client.json("/vessels/8405311")
    types = [(one["value"], one["holds"]) for one in ship["particulars"] if one["kind"] == "vessel_type"]
    assert types == [("merchant vessel", "yes"), ("tanker", "yes")]
    assert ship["vessel_type"] == "merchant vessel"
    earlier = client.json("/vessels/8405311?as_of=2020-01-01")
    assert earlier["vessel_type"] == "tanker"
    assert [one["holds"] for one in earlier["particulars"]] == ["perhaps", "yes"]


@pytest.mark.parametrize(
    ("question", "ids"),
    [
        ("mmsi=445539000", ["8937675"]),
        ("mmsi=445539001", []),
        ("mmsi=445539000&as_of=2010-01-01", ["8937675"]),
        ("vessel_type=crude+oil", ["8122347"]),
        ("vessel_type=CRUDE+Oil&mmsi=445539000", []),
        ("call_sign=445539000", []),
    ],
)
def test_ships_are_found_by_their_particulars(client: Client, question: str, ids: list[str]) -> None:
    assert client.ids(f"/vessels?{question}") == ids


def test_names_say_their_language(client: Client) -> None:
    def langs(record: Any) -> dict[str, str | None]:
        return {name["original_script"] or name["name"]: name["lang"] for name in record["names"]}

    assert langs(client.json("/designated-parties/KPi.035"))["金铁三"] == "zh-Hans"
    assert langs(client.json("/vessels/9163166"))["JIN TENG"] is None


def test_a_number_of_another_list_is_no_number_of_a_passport(client: Client) -> None:
    body = "name,passport number\nofac-sdn:19577,\n19577,\nNobody Whatever,19577\nNobody Whatever,472320665\n"
    answer = client.request("POST", "/search", content=body, headers={"Content-Type": "text/csv"}).json()
    found = [[hit["subject"]["id"] for hit in item["answer"]["items"]] for item in answer["items"]]
    assert found == [["9163166"], ["9163166"], [], ["KPi.014"]]
