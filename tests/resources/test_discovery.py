"""What machines look for: the catalogue of the API, the description of the dataset, site maps, security.txt."""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from app.fields.dates import newest_day, today
from app.resources import COLLECTIONS, discovery
from tests.conftest import BASE, Client, version_of

SITE_MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def test_the_catalogue_leads_to_the_api_its_description_and_its_documentation(client: Client) -> None:
    response = client.get("/.well-known/api-catalog")
    assert response.headers["content-type"].startswith("application/linkset+json")
    assert 'rel="api-catalog"' in response.headers["link"]
    by_anchor = {one["anchor"]: one for one in response.json()["linkset"]}
    (item,) = by_anchor[f"{BASE}/.well-known/api-catalog"]["item"]
    api = by_anchor[item["href"]]
    for relation in ("service-desc", "service-doc", "service-meta", "status"):
        (link,) = api[relation]
        found = client.get(link["href"].removeprefix(BASE))
        assert found.status_code == 200
        assert found.headers["content-type"].startswith(link["type"])


@pytest.mark.parametrize("path", ["/", "/dataset"])
def test_home_and_dataset_link_to_them(client: Client, path: str) -> None:
    links = client.get(path).links
    for relation in ("service-desc", "service-doc", "describedby", "api-catalog"):
        assert client.get(links[relation]["url"].removeprefix(BASE)).status_code == 200, relation


def test_the_dataset_is_described_for_catalogues(client: Client, database: Path) -> None:
    response = client.get("/dataset", headers={"Accept": "application/ld+json"})
    assert response.headers["content-type"] == "application/ld+json"
    described = response.json()
    assert described["@type"] == ["dcat:Dataset", "schema:Dataset"]
    assert described["schema:version"] == described["dcat:version"] == version_of(database)
    assert described["@id"] == f"{BASE}/dataset?dataset={version_of(database)}"
    prefixes = {name.partition(":")[0] for name in described if ":" in name}
    assert prefixes <= described["@context"].keys()


def test_the_site_maps_have_every_record_once(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def addresses(path: str) -> list[str]:
        root = ET.fromstring(client.get(path).content)
        return [str(one.findtext(f"{SITE_MAP}loc")).removeprefix(BASE) for one in root]

    monkeypatch.setattr(discovery, "MOST_URLS", 700)
    maps = addresses("/sitemap.xml")
    assert len(maps) > 2
    found = [address for one in maps for address in addresses(one)]
    assert len(found) == len(set(found))
    assert {"/", "/docs", "/vessels", "/vessels/9163166", "/designated-parties/KPi.014"} <= set(found)
    for resource in COLLECTIONS:
        if resource.reproducible:
            held = client.json(f"/{resource.path}?limit=1")["total"]
            assert len([one for one in found if one.startswith(f"/{resource.path}/")]) == held, resource.path
    assert client.get(f"/sitemaps/{len(maps) + 1}").status_code == 404
    assert client.get("/sitemaps/one").status_code == 404


def test_robots_are_told_where_the_site_map_is(client: Client) -> None:
    assert client.get("/robots.txt").text.endswith(f"Sitemap: {BASE}/sitemap.xml\n")


@pytest.mark.parametrize(
    ("contact", "line"),
    [
        ("list@example.org", "Contact: mailto:list@example.org"),
        ("https://example.org/x", "Contact: https://example.org/x"),
    ],
)
def test_security_txt_is_there_where_a_contact_is_set(
    small_database: Path, client_of: Any, client: Client, contact: str, line: str
) -> None:
    found = client_of(small_database, contact=contact).get("/.well-known/security.txt")
    assert found.headers["content-type"].startswith("text/plain")
    assert line in found.text.splitlines()
    assert any(one.startswith("Expires: ") for one in found.text.splitlines())
    assert client.get("/.well-known/security.txt").status_code == 404


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("/vessels?listed=True", "/vessels?listed=true"),
        ("/vessels?imo_number=IMO%209163166", "/vessels?imo_number=9163166"),
        ("/measures?hs_code=2701.11", "/measures?hs_code=270111"),
        ("/vessels?flag=PRK", "/vessels?flag=KP"),
        ("/vessels?flag=prk&flag=SLE", "/vessels?flag=KP&flag=SL"),
        ("/measures?resolution=S/RES/2270(2016)", "/measures?resolution=2270"),
        ("/resolutions/S/RES/2270(2016)", "/resolutions/2270"),
        ("/resolutions/S/RES/2270%20(2016)", "/resolutions/2270"),
        ("/resolutions/s/res/2270", "/resolutions/2270"),
        ("/resolutions/2270%20(2016)", "/resolutions/2270"),
        ("/designated-parties?designated_by=2270(2016)&limit=1", "/designated-parties?designated_by=2270&limit=1"),
        ("/resolutions/S/2022/431", "/resolutions/S-2022-431"),
        ("/resolutions/2270/", "/resolutions/2270"),
        ("/vessels/", "/vessels"),
        ("/vessels/?listed=true", "/vessels?listed=true"),
    ],
)
def test_a_value_has_one_meaning_however_it_is_written(client: Client, written: str, plain: str) -> None:
    assert client.get(written).content == client.get(plain).content


def test_a_symbol_of_another_year_is_not_found(client: Client) -> None:
    response = client.get("/resolutions/S/RES/2270(2017)")
    assert response.status_code == 404
    assert "S/RES/2270 (2016)" in response.json()["detail"]
    assert client.get("/resolutions/A/RES/70(1)").status_code == 404
    assert client.get("/resolutions/2270%20(2015)").status_code == 404
    for question in ("/measures?resolution=S/RES/2270(2015)", "/vessels?delisted_by=2270%20(2017)&designated_by=2270"):
        refused = client.get(question)
        assert refused.status_code == 422
        assert "no act 2270 (201" in refused.json()["detail"]
    assert client.get("/vessels//").status_code == 404


def test_a_day_that_has_begun_east_of_here_is_answered_and_never_immutable(
    client: Client, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pinned = f"dataset={version_of(database)}"
    yesterday = today().replace(year=today().year - 1)
    monkeypatch.setattr("app.api.envelope.today", lambda: yesterday)  # so that today is a day to come
    response = client.get(f"/vessels?as_of={newest_day()}&limit=2&{pinned}")
    assert response.status_code == 200
    assert "immutable" not in response.headers["cache-control"]
    assert "immutable" in client.get(f"/vessels?as_of=2016-03-02&limit=2&{pinned}").headers["cache-control"]


def test_the_documentation_works_under_a_path(small_database: Path, client_of: Any) -> None:
    client = client_of(small_database, public_url="https://sanctions.example/un")
    page = client.get("/docs").text
    links = [part.split('"')[0] for word in ("href=", "src=") for part in page.split(f'{word}"')[1:]]
    assert links
    assert all(link.startswith("/un/") for link in links)
    assert client.json("/openapi.json")["servers"] == [{"url": "https://sanctions.example/un"}]
