"""Ships, individuals and entities: what a record says of a day, and how the filters on listings combine."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.fields.dates import today
from tests.conftest import Client


@pytest.mark.parametrize("id", ["KPi.014", "kpi.014", "KPI.014"])
def test_a_permanent_reference_number_in_any_case(client: Client, id: str) -> None:
    assert client.json(f"/designated-parties/{id}")["permanent_reference_number"] == "KPi.014"


@pytest.mark.parametrize("id", ["9163166", "IMO9163166", "imo 9163166"])
def test_an_imo_number_with_its_letters(client: Client, id: str) -> None:
    assert client.json(f"/vessels/{id}")["id"] == "9163166"


def test_what_the_list_did_not_hold_yet_is_not_shown(client: Client) -> None:
    then = client.json("/designated-parties/KPi.016?as_of=2016-03-10")
    on_list = [name["name"] for name in then["names"] if name["given_by"] == "un_list"]
    assert on_list == ["JANG BOM SU", "Jang Pom Su"]
    assert then["documents"] == []
    assert [birth["born_on"]["edtf"] for birth in then["birth_dates"]] == ["1957-04-15"]
    now = client.json("/designated-parties/KPi.016?as_of=2017-08-05")
    assert "Jang Hyon U" in [name["name"] for name in now["names"]]
    assert [document["kind"] for document in now["documents"]] == ["diplomatic_passport"]


def test_a_party_that_changed_its_name(client: Client) -> None:
    then = client.json("/designated-parties/KPe.029?as_of=2016-03-10")
    assert then["name"] == "NATIONAL AEROSPACE DEVELOPMENT ADMINISTRATION"
    now = client.json("/designated-parties/KPe.029")
    assert now["name"] == "NATIONAL AEROSPACE TECHNOLOGY ADMINISTRATION"
    assert {name["name"]: name["kind"] for name in now["names"]}[then["name"]] == "former"
    for name in ("aerospace development", "aerospace technology"):
        assert client.ids(f"/designated-parties?name={name}") == ["KPe.029"]


@pytest.mark.parametrize("name", ["tong my'ong", "TONG MY’ONG", "kim tong my‘ong", "Kim Hyok Chol"])
def test_names_are_found_without_regard_to_case_and_marks(client: Client, name: str) -> None:
    assert client.ids(f"/designated-parties?name={name}") == ["KPi.023"]


@pytest.mark.parametrize("name", ["hwang gum san 2", "sheng da 8", "fan ke", "grand caro"])
def test_a_ship_is_found_by_any_name_it_had(client: Client, name: str) -> None:
    assert client.json(f"/vessels?name={name}")["total"] == 1


@pytest.mark.parametrize("name", ["100%", "J_86", "J%86"])
def test_signs_of_the_query_language_stand_for_nothing_else(client: Client, name: str) -> None:
    response = client.get("/vessels", params={"name": name})
    assert (response.status_code, response.json()["total"]) == (200, 0)


@pytest.mark.parametrize("name", ["%", "_", "\\"])
def test_signs_alone_are_nothing_to_look_for(client: Client, name: str) -> None:
    assert client.get("/vessels", params={"name": name}).status_code == 422


def test_filters_on_a_listing_hold_for_one_stay(client: Client) -> None:
    # EVER BRIGHT 88 was listed in 2016 and, as FAN KE, in 2018: never in between.
    assert "8914934" in client.ids("/vessels?listed_from=2018-01-01&listed_until=2018-12-31")
    assert "8914934" not in client.ids("/vessels?listed_from=2017-01-01&listed_until=2017-12-31")
    assert client.ids("/vessels?measure=port_entry_ban&delisted_from=2016-01-01") == []


def test_equality_repeats_as_or(client: Client) -> None:
    sierra_leone, cambodia = client.ids("/vessels?flag=SL"), client.ids("/vessels?flag=Cambodia")
    assert sorted(sierra_leone + cambodia) == client.ids("/vessels?flag=SL&flag=KH")


def test_what_is_not_known_comes_last_whichever_way_round(client: Client) -> None:
    for sort in ("delisted_on", "-delisted_on"):
        page = client.json(f"/listings?sort={sort}&limit=500&include=all")["items"]
        delisted = [item["delisted_on"] is not None for item in page]
        assert delisted == sorted(delisted, reverse=True)
        assert any(delisted)


@pytest.mark.parametrize("subject", ["9163166", "IMO9163166", "imo 9163166"])
def test_a_listing_is_found_by_its_subject_in_any_form(client: Client, subject: str) -> None:
    assert client.ids(f"/listings?subject={subject}") == ["L0248"]


def test_dates_that_sources_give_differently_are_both_kept(client: Client) -> None:
    dates = {
        birth["born_on"]["edtf"]: (birth["preferred"], birth["note"], birth["on_list_until"])
        for birth in client.json("/designated-parties/KPi.055")["birth_dates"]
    }
    assert dates["1969-11-08"][0] is True
    assert dates["1969-11-07"][0] is False
    assert "slip" in dates["1969-11-07"][1]
    assert dates["1969-11-08"][2]["edtf"] == "2023-06-29"
    numbers = {paper["number"]: paper["preferred"] for paper in client.json("/designated-parties/KPi.026")["documents"]}
    assert numbers == {"PO381230469": True, "P0381230469": False}


def test_names_in_their_original_script_and_in_brackets(client: Client) -> None:
    names = {name["name"]: name["original_script"] for name in client.json("/designated-parties/KPi.035")["names"]}
    assert names["Jin Tiesan"] == "金铁三"
    assert client.json("/designated-parties/KPi.051")["deceased_on"]["edtf"] == "2021-02-04"
    assert client.json("/designated-parties/KPi.063")["amended_on"] == ["2022-07-26", "2023-05-30", "2023-06-29"]


def test_a_ship_without_an_imo_number_has_a_slug(client: Client) -> None:
    unnumbered = [ship for ship in client.json("/vessels?limit=500&include=all")["items"] if ship["imo_number"] is None]
    assert len(unnumbered) == 1
    assert client.json(f"/vessels/{unnumbered[0]['id'].upper()}")["name"] == unnumbered[0]["name"]
    assert "imo_number" in unnumbered[0]["not_known"]


def test_every_order_and_its_reverse(client: Client) -> None:
    for sort in ("name", "listed_on", "id"):
        forward = [
            item["name"] for item in client.json(f"/designated-parties?sort={sort}&limit=500&include=all")["items"]
        ]
        backward = [
            item["name"] for item in client.json(f"/designated-parties?sort=-{sort}&limit=500&include=all")["items"]
        ]
        assert sorted(forward) == sorted(backward)
        assert forward[0] != backward[0]
    assert client.ids("/designated-parties?sort=listed_on")[:3] == ["KPe.001", "KPe.002", "KPe.003"]


@settings(max_examples=30)
@given(day=st.dates(date(2013, 1, 1), date(2026, 11, 20)))
def test_on_any_day_the_filter_the_records_and_the_listings_agree(client: Client, day: date) -> None:
    for path, kinds in (("vessels", "vessel"), ("designated-parties", "individual&subject_kind=entity")):
        listed = set(client.ids(f"/{path}?listed=true&as_of={day}&limit=500"))
        everything = client.json(f"/{path}?as_of={day}&limit=500&include=all")["items"]
        assert listed == {item["id"] for item in everything if item["listed"]}
        stays = client.json(f"/listings?listed=true&subject_kind={kinds}&as_of={day}&limit=500&include=all")["items"]
        assert listed == {stay["subject"]["id"] for stay in stays}


def test_first_and_last_day_of_a_stay(client: Client) -> None:
    """A stay is half-open: its first day is on the list, the day it was taken off is not."""
    for stay in client.json("/listings?delisted=true&limit=500&include=all")["items"]:
        first, off = date.fromisoformat(stay["listed_on"]), date.fromisoformat(stay["delisted_on"])
        for day, listed in [(first - timedelta(1), False), (first, True), (off - timedelta(1), True), (off, False)]:
            assert client.json(f"/listings/{stay['id']}?as_of={day}")["listed"] is listed


def test_today_is_the_default_and_may_be_asked_for(client: Client) -> None:
    assert client.json("/vessels")["as_of"] == today().isoformat()
    assert client.get(f"/vessels?as_of={today()}").status_code == 200
    assert client.get(f"/vessels?as_of={today() + timedelta(2)}").status_code == 422  # tomorrow has begun at UTC+14


def test_a_page_begun_yesterday_ends_on_yesterdays_list(client: Client) -> None:
    following = client.json("/vessels?listed=true&as_of=2016-03-20&limit=30")["next"]
    assert "as_of=2016-03-20" in following
    assert client.json(following)["total"] == 31


@pytest.mark.parametrize("day", ["2009-08-01", "2013-03-08", "2016-03-10", "2020-01-01"])
@pytest.mark.parametrize("path", ["/vessels?sort=-name", "/designated-parties?kind=entity"])
def test_who_is_listed_does_not_depend_on_how_they_are_found(client: Client, path: str, day: str) -> None:
    """Long pages of few are looked up, short pages of many are come upon."""
    long, short = (client.ids(f"{path}&listed=true&as_of={day}&limit={limit}") for limit in (200, 2))
    everybody = client.items(f"{path}&as_of={day}&limit=200")
    assert long == short == [one["id"] for one in everybody if one["listed"]]
