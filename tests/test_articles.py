"""Every fact of the two articles of March 2016 that is a fact of the record, asked of the API."""

import pytest

from tests.conftest import Client

FOUR = ["8511823", "8602531", "9163154", "9163166"]
FIVE = ["8405402", "8914934", "9110236", "9138680", "9333589"]


@pytest.mark.parametrize(
    ("day", "total"),
    [
        ("2016-03-01", 0),
        ("2016-03-02", 31),
        ("2016-03-20", 31),
        ("2016-03-21", 27),
        ("2016-12-16", 27),
        ("2016-12-17", 22),
    ],
)
def test_ships_on_the_list_on_a_day(client: Client, day: str, total: int) -> None:
    page = client.json(f"/vessels?listed=true&as_of={day}")
    assert page["total"] == total
    assert page["as_of"] == day
    assert all(item["listed"] for item in page["items"])
    assert client.json(f"/vessels?listed=false&as_of={day}")["total"] == client.json("/vessels")["total"] - total


def test_the_four_ships_that_china_asked_for(client: Client) -> None:
    page = client.json("/vessels?delisted_from=2016-03-21&delisted_until=2016-03-21&include=all")
    assert {item["name"]: item["imo_number"] for item in page["items"]} == {
        "JH 86": "8602531",
        "JIN TAI": "9163154",
        "JIN TENG": "9163166",
        "GRAND KARO": "8511823",
    }
    for item in page["items"]:
        (listing,) = item["listings"]
        assert listing["delisted_by"]["id"] == "committee-2016-03-21"
        assert "not an economic resource" in listing["delisting_ground"].lower()


def test_the_five_ships_of_december(client: Client) -> None:
    assert client.ids("/vessels?delisted_from=2016-12-01&delisted_until=2016-12-31") == FIVE


def test_31_ships_were_blacklisted_by_the_resolution(client: Client) -> None:
    assert client.json("/vessels?designated_by=2270&include=all")["total"] == 31
    assert client.json("/vessels?designated_by=2016-03-02&include=all")["total"] == 31
    assert client.json("/listings?listed_by=2270&subject_kind=vessel&measure=asset_freeze&include=all")["total"] == 31


def test_sixteen_individuals_and_twelve_entities(client: Client) -> None:
    individuals = client.ids("/designated-parties?designated_by=2270&kind=individual")
    entities = client.ids("/designated-parties?designated_by=2270&kind=entity")
    assert individuals == [f"KPi.{number:03}" for number in range(13, 29)]
    assert entities == [f"KPe.{number:03}" for number in range(21, 33)]


@pytest.mark.parametrize(
    ("position", "parties"),
    [
        ("Syria", ["KPi.016", "KPi.018", "KPi.020", "KPi.027"]),
        ("Viet", ["KPi.014", "KPi.021"]),
        ("Vietnam", ["KPi.014", "KPi.021"]),
        ("iran", ["KPi.017", "KPi.024"]),
    ],
)
def test_representatives_abroad(client: Client, position: str, parties: list[str]) -> None:
    assert client.ids(f"/designated-parties?position={position}&designated_by=2270") == parties


def test_china_asked_and_was_granted(client: Client) -> None:
    (request,) = client.json("/delisting-requests?requested_by=China&include=all")["items"]
    assert request["requested_by"] == {"code": "CN", "name": "China"}
    assert request["requested_on"]["edtf"] == "2016-03-16"
    assert request["outcome"] == "granted"
    assert request["decided_on"] == "2016-03-21"
    assert [subject["id"] for subject in request["subjects"]] == FOUR
    assert "crews" in request["condition"]
    assert "Reuters" in request["condition_reported_by"]
    assert request["not_known"] == []


def test_the_december_request_says_what_is_not_known(client: Client) -> None:
    request = client.json("/delisting-requests/2016-12")
    assert request["requested_by"] is None
    assert request["requested_on"] is None
    assert {"requested_by", "requested_on"} <= set(request["not_known"])
    assert sorted(subject["id"] for subject in request["subjects"]) == FIVE


def test_the_resolution_of_2_march(client: Client) -> None:
    resolution = client.json("/resolutions/2016-03-02")
    assert resolution["number"] == 2270
    assert resolution["vote"]["tally"] == "15-0-0"
    assert resolution["meeting"] == 7638
    assert {country["name"] for country in resolution["drafted_by"]} == {"United States", "China"}
    assert len(resolution["designated"]["vessels"]) == 31
    assert client.json("/resolutions/2270")["id"] == resolution["id"]


def test_its_aviation_fuel_and_its_coal(client: Client) -> None:
    (fuel,) = client.json("/measures?resolution=2270&text=aviation fuel&include=all")["items"]
    assert fuel["paragraph"] == "31"
    (coal,) = client.json("/measures?resolution=2016-03-02&text=coal, iron&include=all")["items"]
    assert coal["paragraph"] == "29"
    assert coal["not_known"] == []
    assert "livelihood" in coal["exceptions"]


def test_inspection_is_every_states_duty(client: Client) -> None:
    inspection = client.json("/measures/2270-cargo-inspection")
    assert inspection["paragraph"] == "18"
    assert inspection["binding_on"] == ["all_states"]


def test_omm_was_listed_in_2014_by_the_committee(client: Client) -> None:
    omm = client.json("/designated-parties/KPe.020")
    assert omm["name"] == "OCEAN MARITIME MANAGEMENT COMPANY, LIMITED (OMM)"
    (listing,) = omm["listings"]
    assert listing["listed_on"] == "2014-07-28"
    assert listing["listed_by"]["kind"] == "committee_decision"


def test_where_the_articles_err(client: Client) -> None:
    differing = {item["id"]: item for item in client.json("/statements?verdict=differs&include=all")["items"]}
    assert "eight weeks" in differing["B4"]["record_says"]
    assert "controlled or operated" in differing["B20"]["record_says"]
    assert "bans exports of coal" in differing["B17"]["record_says"]
    assert client.json("/statements")["total"] == 47
    verdicts = {item["verdict"] for item in client.json("/statements?limit=500&include=all")["items"]}
    assert verdicts == {"confirmed", "more_precise", "partly", "differs", "not_in_record", "opinion"}


def test_a_hull_that_was_listed_twice(client: Client) -> None:
    before = client.json("/vessels/8914934?as_of=2018-03-29")
    assert (before["name"], before["listed"]) == ("EVER BRIGHT 88", False)
    after = client.json("/vessels/8914934?as_of=2018-03-30")
    assert (after["name"], after["listed"]) == ("FAN KE", True)
    assert [name["kind"] for name in after["names"] if name["name"] == "EVER BRIGHT 88"] == ["former"]
    # On the list today, but not by 2270: each answer is right for what it was asked.
    assert "8914934" in client.ids("/vessels?listed=true")
    assert "8914934" not in client.ids("/vessels?listed=true&designated_by=2270")
    assert "8914934" not in client.ids("/vessels?listed=true&measure=asset_freeze")


def test_kin_are_linked_both_ways(client: Client) -> None:
    ship = client.json("/vessels/9163166")
    for url in [
        ship["listings"][0]["listed_by"]["url"],
        ship["delisting_requests"][0]["url"],
        ship["statements"][0]["url"],
        *(citation["url"] for citation in ship["citations"]),
    ]:
        assert client.get(url).status_code == 200, url
    resolution = client.json(ship["listings"][0]["listed_by"]["url"])
    assert ship["url"] in [vessel["url"] for vessel in resolution["designated"]["vessels"]]
    statement = client.json(ship["statements"][0]["url"])
    assert ship["url"] in [record["url"] for record in statement["records"]]
