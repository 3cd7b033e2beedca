"""Forms: every filter has a field, what a form sends is what was asked, and filters are put into words."""

import html
import re

import pytest

from app.pages.forms import FORM_OF_DATA, address, chips, curl_of, fields_of, phrase
from app.resources import COLLECTIONS, designated_parties, diff, measures, search, vessels
from tests.conftest import Client
from tests.pages.conftest import CHROME

AS_PAGE = {"Accept": CHROME}


@pytest.mark.parametrize("resource", COLLECTIONS, ids=lambda resource: resource.path)
def test_what_the_api_can_filter_the_form_can(pages: Client, resource: object) -> None:
    path = resource.path  # type: ignore[attr-defined]
    page = pages.get(f"/{path}", headers=AS_PAGE).text
    operation = pages.json("/openapi.json")["paths"][f"/{path}"]["get"]
    for parameter in operation["parameters"]:
        if parameter["name"] not in ("dataset", "format", "limit", "after", "sort", *FORM_OF_DATA):
            assert f'name="{parameter["name"]}"' in page, parameter["name"]


def test_fields_are_of_the_kind_of_their_values() -> None:
    kinds = {field.name: (field.kind, field.several) for field in fields_of(vessels.VesselQuery)}
    assert kinds["listed"] == ("yes_no", False)
    assert kinds["listed_from"] == ("date", False)
    assert kinds["measure"] == ("boxes", True)
    assert kinds["flag"] == ("text", True)
    assert kinds["name"] == ("text", False)
    assert {field.name: field.kind for field in fields_of(designated_parties.DesignatedPartyQuery)}["kind"] == "boxes"
    assert {field.name: field.required for field in fields_of(diff.DiffQuery)} == {"from": True, "to": False}
    assert {field.name: field.kind for field in fields_of(search.SearchQuery)}["cleared"] == "choice"
    assert all(field.help for field in fields_of(measures.MeasureQuery))


def test_a_form_leads_to_an_address_with_what_was_chosen_alone(pages: Client) -> None:
    sent = "/vessels?format=html&as_of=2016-03-10&listed=true&flag=KP&flag=&name=&delisted_from="
    response = pages.get(sent, headers=AS_PAGE)
    assert (response.status_code, response.headers["location"]) == (
        303,
        "/vessels?as_of=2016-03-10&listed=true&flag=KP",
    )
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["//evil.example", "///evil.example/a", "/\\evil.example", "//evil.example%0d%0aX: y"])
def test_a_form_leads_nowhere_else(pages: Client, path: str) -> None:
    response = pages.get(f"http://testserver{path}?format=html&x=", headers=AS_PAGE)
    assert response.headers.get("location", "/").startswith("/")
    assert not response.headers.get("location", "/").startswith(("//", "/\\"))
    assert "x" not in response.headers


def test_a_parameter_without_a_value_is_refused_as_ever_outside_of_a_form(pages: Client) -> None:
    assert pages.get("/vessels?flag=", headers=AS_PAGE).status_code == 422
    assert pages.get("/vessels?flag=").status_code == 422


def test_a_form_shows_what_was_chosen(pages: Client) -> None:
    page = pages.get("/vessels?listed=true&flag=KP&measure=asset_freeze&name=jin", headers=AS_PAGE).text
    assert '<option value="true" selected>' in page
    assert re.search(r'name="flag" value="KP"', page)
    assert 'name="measure" value="asset_freeze" checked' in page
    assert re.search(r'name="name" value="jin"', page)


def test_a_chip_takes_its_filter_away_and_begins_anew() -> None:
    found = chips("/vessels", [("listed", "true"), ("flag", "KP"), ("flag", "SL"), ("after", "x")], "2016-03-10")
    assert [(chip.text, chip.remove) for chip in found] == [
        ("on the list on 10 March 2016", "/vessels?flag=KP&flag=SL"),
        ("flag: KP", "/vessels?listed=true&flag=SL"),
        ("flag: SL", "/vessels?listed=true&flag=KP"),
    ]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("listed", "false", "not on the list on 10 March 2016"),
        ("in_force", "true", "in force on 10 March 2016"),
        ("listed_during", "2016-03-01/2016-04-01", "on the list on a day from 1 March 2016 until before 1 April 2016"),
        ("delisted_from", "2016-03-21", "taken off on 21 March 2016 or later"),
        ("measure", "asset_freeze", "measure: asset freeze"),
        ("name", "jin teng", "name contains “jin teng”"),
        ("hs_code", "2701", "HS code: 2701"),
    ],
)
def test_filters_in_words(name: str, value: str, words: str) -> None:
    assert phrase(name, value, "2016-03-10") == words


def test_addresses_and_commands() -> None:
    assert address("/vessels", [("flag", "KP"), ("sort", "id")], sort="-id", after=None) == "/vessels?flag=KP&sort=-id"
    assert address("/vessels", [("after", "x")], after=None) == "/vessels"
    assert curl_of("http://h/vessels?a=b&c='d'") == """curl 'http://h/vessels?a=b&c='"'"'d'"'"''"""


def test_headers_sort_by_what_the_api_sorts_by(pages: Client) -> None:
    page = pages.get("/vessels?sort=name", headers=AS_PAGE).text
    assert re.search(r'aria-sort="ascending"><a class="sort" href="/vessels\?sort=-name">', page)
    links = re.findall(r'class="sort" href="([^"]+)"', page)
    assert len(links) > 1
    for link in links:
        assert pages.get(html.unescape(link)).status_code == 200
