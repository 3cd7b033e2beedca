"""Items of collections: short, what `include` adds, what `fields` chooses, and what is counted beside a page."""

from collections import Counter
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from app.api.items import GROUPS, check_names
from app.api.resource import Resource
from app.problems import InvalidRequest
from app.resources import RESOURCES
from tests.conftest import Client

COLLECTIONS = pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.path)


@pytest.fixture(scope="module")
def small_client(small: Path) -> Iterator[Client]:
    opened = Client(small / "data" / "unlisted.db")
    yield opened
    opened.close()


def test_a_page_of_fifty_ships_is_light(client: Client) -> None:
    response = client.get("/vessels", headers={"Accept-Encoding": "identity"})
    assert len(response.json()["items"]) == 50
    assert len(response.content) <= 40_000


@COLLECTIONS
def test_an_item_has_what_the_collection_declares(small_client: Client, resource: Resource) -> None:
    items = small_client.json(f"/{resource.path}?limit=5")["items"]
    assert items
    for item in items:
        assert tuple(item) == resource.items.members
    for group in resource.items.groups:
        assert group in GROUPS
        (item, *_) = small_client.json(f"/{resource.path}?limit=1&include={group}")["items"]
        assert tuple(item) == (*resource.items.members, *resource.items.groups[group])


def test_include_adds_what_the_record_has(small_client: Client) -> None:
    record = small_client.json("/vessels/9163166?as_of=2016-03-20")
    for value in ("citations,listings", "listings, citations", "listings,citations,listings"):
        url = f"/vessels?imo_number=9163166&as_of=2016-03-20&include={value}"
        (item,) = small_client.json(url)["items"]
        assert item["listings"] == record["listings"]
        assert item["citations"] == record["citations"]
        assert "names" not in item
        assert item["status"]["begun_by"] == ["2270"]
    (whole,) = small_client.json("/vessels?imo_number=9163166&as_of=2016-03-20&include=all")["items"]
    assert whole == {name: record[name] for name in whole}
    assert set(record) - set(whole) == {"as_of", "dataset", "cite_as"}


@pytest.mark.parametrize("path", ["/vessels", "/designated-parties", "/listings", "/names"])
def test_fields_are_those_asked_for_in_that_order(small_client: Client, path: str) -> None:
    item = small_client.json(f"{path}?limit=1")["items"][0]
    names = ["url", "id", "citations"]
    for value in (",".join(names), ", ".join(names)):
        (found,) = small_client.json(f"{path}?limit=1&fields={value}")["items"]
        assert list(found) == names
        assert found["id"] == item["id"]
    record = small_client.json(f"{item['url']}?fields=id,sources_count")
    assert list(record) == ["id", "sources_count", "as_of", "dataset", "cite_as"]


def test_fields_and_include_add_up(small_client: Client) -> None:
    (item,) = small_client.json("/vessels?limit=1&fields=name&include=listings")["items"]
    assert list(item) == ["name", "listings"]


@pytest.mark.parametrize(
    ("url", "parameter", "meant"),
    [
        ("/vessels?fields=imo", "fields", "did you mean imo_number?"),
        ("/vessels?fields=name,lised", "fields", "did you mean listed?"),
        ("/vessels/9163166?fields=nmae", "fields", "did you mean name?"),
        ("/vessels?format=csv&fields=flagg", "fields", "did you mean flag?"),
        ("/vessels?include=citation", "include", "did you mean citations?"),
        ("/vessels?include=everything", "include", "there are citations, listings, names, identifiers, relations, all"),
        ("/measures?include=names", "include", "there are citations, relations, all"),
        ("/vessels?facets=flags", "facets", "did you mean flag?"),
        ("/committee-decisions?facets=flag", "facets", "declares none"),
        ("/vessels?fields=", "fields", "no list of names"),
        ("/vessels?fields=name,,flag", "fields", "no list of names"),
        ("/vessels?format=csv&include=names", "include", "only items in json"),
        ("/vessels?format=csv&facets=flag", "facets", "only json"),
        ("/changes?format=atom&fields=id", "fields", "a feed has no members"),
        ("/changes?format=atom&limit=all", "limit", "a feed comes in pages"),
        ("/vessels/9163166?format=bibtex&fields=id", "fields", "a citation has no members"),
        ("/vessels?bom=true", "bom", "only csv"),
        ("/vessels/9163166?bom=true", "bom", "only csv"),
        ("/vessels?limit=ALL", "limit", "nor all"),
        ("/vessels?sort=name,name", "sort", "given twice"),
        ("/vessels?sort=name,flag", "sort", "no sort key"),
        ("/vessels?q=jin", "q", "/search?q="),
        ("/vessels?page=2", "page", "`next`"),
        ("/listings?offset=50", "offset", "`next`"),
        ("/measures?per_page=10", "per_page", "limit"),
        ("/measures?per-page=10", "per-page", "limit"),
        ("/names?pageSize=10", "pageSize", "limit"),
        ("/vessels/9163166?include=all", "include", "has everything"),
        ("/names?order_by=name", "order_by", "sort"),
    ],
)
def test_what_is_not_there_is_refused_with_what_was_meant(
    small_client: Client, url: str, parameter: str, meant: str
) -> None:
    response = small_client.get(url)
    assert response.status_code == 422, response.text
    (error,) = response.json()["errors"]
    assert error["parameter"] == parameter
    assert meant in error["message"]


def test_a_word_of_a_longer_name_is_a_hint() -> None:
    with pytest.raises(InvalidRequest, match="did you mean permanent_reference_number"):
        check_names("fields", "reference", ["id", "permanent_reference_number"], "member is called")


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("/individuals", "/designated-parties?kind=individual"),
        ("/entities", "/designated-parties?kind=entity"),
        ("/ships", "/vessels"),
        ("/Ships/9163166", "/vessels/9163166"),
        ("/parties", "/designated-parties"),
        ("/individuals/KPi.014", "/designated-parties/KPi.014"),
        ("/redoc", "/docs"),
        ("/swagger/index.html", "/docs"),
        ("/openapi.yaml", "/openapi.json"),
        ("/vessels/jin-teng", "/search?q=jin+teng"),
        ("/designated-parties/Choe%20Hwi", "/search?q=choe+hwi"),
    ],
)
def test_another_word_for_an_address_leads_to_it(small_client: Client, path: str, leads_to: str) -> None:
    response = small_client.get(path)
    assert response.status_code == 404
    assert leads_to in response.json()["detail"]
    assert small_client.get(leads_to).status_code == 200


# Facets


def counted(items: list[dict[str, Any]], values: Any) -> dict[Any, int]:
    return dict(Counter(value for item in items for value in set(values(item))))


FACETS: dict[tuple[str, str], Any] = {
    ("vessels", "flag"): lambda one: [flag["country"]["code"] for flag in one["flags"]],
    ("vessels", "measure"): lambda one: [stay["measure"] for stay in one["listings"]],
    ("designated-parties", "kind"): lambda one: [one["kind"]],
    ("listings", "measure"): lambda one: [one["measure"]],
    ("names", "kind"): lambda one: [one["kind"]],
    ("measures", "binding_on"): lambda one: one["binding_on"],
    ("statements", "verdict"): lambda one: [one["verdict"]],
    ("changes", "kind"): lambda one: [one["kind"]],
}


@pytest.mark.parametrize(("path", "name"), FACETS)
def test_facets_count_what_matches(small_client: Client, path: str, name: str) -> None:
    page = small_client.json(f"/{path}?limit=1&facets={name}")
    counts = {one["value"]: one["count"] for one in page["facets"][name]}
    assert counts == counted(small_client.items(f"/{path}?limit=500"), FACETS[path, name])
    times = [one["count"] for one in page["facets"][name]]
    assert times == sorted(times, reverse=True)


@pytest.mark.parametrize(
    ("resource", "name"), [pytest.param(one, name, id=f"{one.path}-{name}") for one in RESOURCES for name in one.facets]
)
def test_each_value_of_a_facet_is_what_its_filter_finds(small_client: Client, resource: Resource, name: str) -> None:
    counts = small_client.json(f"/{resource.path}?limit=1&facets={name}")["facets"][name]
    assert counts
    for one in counts[:3]:
        found = small_client.json(f"/{resource.path}?limit=1&{name}={one['value']}")["total"]
        assert one["count"] == found


def test_a_facet_counts_the_stays_that_the_other_filters_describe(small_client: Client) -> None:
    page = small_client.json("/vessels?listed=true&as_of=2016-03-20&facets=measure,flag&limit=1")
    ships = small_client.items("/vessels?listed=true&as_of=2016-03-20&limit=500")
    assert {one["value"]: one["count"] for one in page["facets"]["measure"]} == counted(
        ships, lambda ship: ship["measures"]
    )
    unlisted = small_client.json("/vessels?listed=false&as_of=2016-03-20&facets=measure&limit=1")
    assert sum(one["count"] for one in unlisted["facets"]["measure"]) > 0
    assert "facets" not in small_client.json("/vessels?limit=1")


# Order


@pytest.mark.parametrize("signs", list(product(("", "-"), repeat=2)))
def test_several_sort_keys(small_client: Client, signs: tuple[str, str]) -> None:
    """One key after the other, on pages of three too; records without a value are last by each key."""
    sort = f"{signs[0]}listed_on,{signs[1]}name"
    rows = [
        (min(stay["listed_on"] for stay in ship["listings"]), ship["name"].casefold(), ship["id"])
        for ship in small_client.items(f"/vessels?sort={sort}&limit=500")
    ]
    wanted = sorted(rows, key=lambda row: row[2])
    wanted = sorted(wanted, key=lambda row: row[1], reverse=signs[1] == "-")
    wanted = sorted(wanted, key=lambda row: row[0], reverse=signs[0] == "-")
    assert rows == wanted
    assert small_client.ids(f"/vessels?sort={sort}&limit=3") == [row[2] for row in rows]
    assert small_client.get("/vessels?sort=listed_on,name,id&limit=3").status_code == 200
