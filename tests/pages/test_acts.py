"""Acts that a text names: by number, symbol and day, in several languages; names of people and firms name none."""

import pytest

from app.pages.acts import acts_named
from tests.conftest import Client
from tests.pages.conftest import CHROME


def numbers(text: str) -> list[str]:
    path, parameters = acts_named(text).get("resolutions", ("", []))
    assert path in ("/resolutions", "")
    return [value for name, value in parameters if name == "number"]


@pytest.mark.parametrize(
    "text",
    [
        *("2270", " 2270 ", "2270 (2016)", "S/RES/2270", "s/res/2270(2016)", "S/RES/2270 (2016)", "UNSCR 2270"),
        *("UN Security Council resolution 2270, Annex III", "Res. 2270", "SCR 2270", "résolution 2270 du Conseil"),
        *(
            "la resolución 2270",
            "резолюция 2270",
            "القرار 2270",
            "第2270号决议",
            "第2270號決議",
            "유엔 안보리 결의 2270호",
        ),
    ],
)
def test_a_resolution_is_named_by_its_number_or_symbol(text: str) -> None:
    assert numbers(text) == ["2270"]


def test_several_resolutions_are_named_each_once_and_no_more_than_some() -> None:
    assert numbers("resolutions 1718, 1874 and 1718") == ["1718", "1874"]
    assert len(numbers(f"resolutions {' '.join(str(1000 + place) for place in range(60))}")) == 10


@pytest.mark.parametrize("text", ["2016-03-21", "21 March 2016", "March 21, 2016", "1718 Committee, 21 Mar 2016"])
def test_an_act_is_named_by_its_day(text: str) -> None:
    assert acts_named(text) == {
        "resolutions": ("/resolutions", [("adopted_from", "2016-03-21"), ("adopted_until", "2016-03-21")]),
        "decisions": ("/committee-decisions", [("decided_from", "2016-03-21"), ("decided_until", "2016-03-21")]),
    }


def test_a_draft_is_named_by_its_symbol() -> None:
    assert acts_named("draft S/2022/431, vetoed") == {"resolutions": ("/resolutions", [("text", "S/2022/431")])}


@pytest.mark.parametrize(
    "text",
    [
        *("Jin Teng", "JH 86", "9163166", "IMO 9163166", "KPe.020", "ofac-sdn:19577", "1718 Committee", "Resolute 105"),
        *("RI 2270", "Gold Star 3", "31 February 2016", "2016-02-30", "새날", "", "Res", "Orion Star 3000", "12"),
    ],
)
def test_other_texts_name_no_act(text: str) -> None:
    assert acts_named(text) == {}


@pytest.mark.parametrize(
    ("question", "link"),
    [
        ("2270", "/resolutions/2270"),
        ("Council+decision+of+21+March+2016", "/committee-decisions/committee-2016-03-21"),
        ("S/2022/431", "/resolutions/S-2022-431"),
    ],
)
def test_the_search_leads_to_an_act(pages: Client, question: str, link: str) -> None:
    page = pages.get(f"/search?q={question}&as_of=2020-01-01", headers={"Accept": CHROME}).text
    assert f'href="{link}?as_of=2020-01-01"' in page
    assert page.index("of the Council or its Committee</h2>") < page.index("Not a clearance.")


def test_the_search_by_post_leads_to_an_act(pages: Client) -> None:
    page = pages.request("POST", "/search", data={"q": "Resolution 2270"}, headers={"Accept": CHROME}).text
    assert 'href="/resolutions/2270"' in page


@pytest.mark.parametrize("question", ["jin+teng", "resolution+9999", "1999-12-31"])
def test_a_search_that_names_no_act_of_the_record_shows_none(pages: Client, question: str) -> None:
    page = pages.get(f"/search?q={question}", headers={"Accept": CHROME}).text
    assert "of the Council or its Committee" not in page
