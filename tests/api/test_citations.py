"""Citing: every record as CSL-JSON and BibTeX, read by independent readers, under an address that is pinned."""

import json
import re
from typing import Any

import pytest
from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
from citeproc.source.json import CiteProcJSON
from hypothesis import given
from hypothesis import strategies as st
from pybtex.database import parse_string

from app.api.citations import Work, bibtex, csl_json
from app.api.resource import Resource
from app.resources import RESOURCES
from app.resources.versions import VERSIONS
from tests.conftest import BASE, Client

CSL, BIBTEX = "application/vnd.citationstyles.csl+json", "application/x-bibtex"
CITED = pytest.mark.parametrize("resource", [*RESOURCES, VERSIONS], ids=lambda resource: resource.path)

STYLE = """<?xml version="1.0" encoding="utf-8"?>
<style xmlns="http://purl.org/net/xbiblio/csl" class="in-text" version="1.0">
  <info><title>All of it</title><id>all-of-it</id><updated>2026-01-01T00:00:00+00:00</updated></info>
  <citation><layout><text variable="title"/></layout></citation>
  <bibliography><layout delimiter="; ">
    <group delimiter=". ">
      <names variable="author"/><text variable="title"/><text variable="container-title"/><text variable="version"/>
      <date variable="issued" form="numeric" date-parts="year-month-day"/><text variable="URL"/>
    </group>
  </layout></bibliography>
</style>
"""


@pytest.fixture(scope="module")
def style(tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("style") / "all.csl"
    path.write_text(STYLE, encoding="utf-8")
    return CitationStylesStyle(str(path), validate=False)


@CITED
def test_a_processor_of_styles_reads_the_csl(client: Client, resource: Resource, style: Any) -> None:
    url = client.json(f"/{resource.path}?limit=1")["items"][0]["url"]
    response = client.get(f"{url}?format=csl&as_of=2026-03-20")
    assert response.headers["content-type"] == CSL
    (item,) = response.json()
    assert None not in item.values()
    bibliography = CitationStylesBibliography(style, CiteProcJSON([item]), formatter.plain)
    bibliography.register(Citation([CitationItem(item["id"].lower())]))
    (entry,) = [str(line) for line in bibliography.bibliography()]
    plain = item["title"].replace("'", "’")
    assert plain[:20] in entry.replace("'", "’"), entry
    assert item.get("version", "") in entry


@CITED
def test_a_reader_of_bibtex_reads_the_entry(client: Client, resource: Resource) -> None:
    url = client.json(f"/{resource.path}?limit=1")["items"][0]["url"]
    (item,) = client.json(f"{url}?format=csl&as_of=2026-03-20")
    response = client.get(f"{url}?format=bibtex&as_of=2026-03-20")
    assert response.headers["content-type"].partition(";")[0] == BIBTEX
    ((key, entry),) = parse_string(response.text, "bibtex").entries.items()
    assert (key, entry.type) == (item["id"], "misc")
    assert entry.fields["url"] == item["URL"]
    assert plain_of(entry.fields["title"]) == item["title"]
    assert entry.fields.get("version") == item.get("version")


def plain_of(latex: str) -> str:
    """Decode a text with LaTeX's escapes."""
    chars = {"backslash": "\\", "asciitilde": "~", "asciicircum": "^", "braceleft": "{", "braceright": "}"}
    latex = latex.removeprefix("{").removesuffix("}")
    return re.sub(r"\\text([a-z]+)\{\}|\\([&%$#_])", lambda found: chars.get(found[1]) or found[2], latex)


@given(st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), min_size=1).map(str.strip))
def test_any_title_survives_bibtex(title: str) -> None:
    title = " ".join(title.split()) or "x"
    work = Work("key", "entry", title, None, "unlisted", "2016", "https://example.org/?a=b&c=d", None, None)
    ((_, entry),) = parse_string(bibtex(work).decode(), "bibtex").entries.items()
    assert plain_of(entry.fields["title"]) == title
    assert entry.fields["url"] == work.url
    assert json.loads(csl_json(work))[0]["title"] == title


@pytest.mark.parametrize(
    ("edtf", "issued", "year"),
    [
        ("2016-03-02", {"date-parts": [[2016, 3, 2]]}, "2016"),
        ("2016-03", {"date-parts": [[2016, 3]]}, "2016"),
        ("2016~", {"date-parts": [[2016]], "circa": True}, "2016"),
        ("2016?", {"date-parts": [[2016]]}, "2016"),
        ("2016/2017", {"literal": "2016/2017"}, None),
        (None, None, None),
    ],
)
def test_when_as_far_as_known(edtf: str | None, issued: Any, year: str | None) -> None:
    work = Work("key", "document", "A title", None, "Someone", edtf, None, None, None)
    assert json.loads(csl_json(work))[0].get("issued") == issued
    assert parse_string(bibtex(work).decode(), "bibtex").entries["key"].fields.get("year") == year


def test_what_is_cited_of_a_record(client: Client) -> None:
    version = client.json("/dataset")["version"]
    (item,) = client.json("/vessels/9163166?as_of=2016-03-20&format=csl")
    assert item["title"] == "JIN TENG (IMO 9163166)"
    assert item["URL"] == f"{BASE}/vessels/9163166?as_of=2016-03-20&dataset={version}"
    assert item["note"].startswith("As it read on 2016-03-20. Its sources: ")
    assert item["version"] == version
    assert client.json(item["URL"])["listed"] is True
    (whole,) = client.json("/dataset?format=csl")
    assert (whole["type"], whole["version"]) == ("dataset", version)
    assert client.json(f"/dataset/versions/{version}?format=csl") == [whole]


def test_a_source_is_cited_as_itself(client: Client) -> None:
    source = client.json("/sources/un-2270-page")
    (item,) = client.json("/sources/un-2270-page?format=csl")
    assert (item["title"], item["publisher"], item["URL"]) == (
        source["title"],
        source["publisher"],
        source["source_url"],
    )
    assert "container-title" not in item


@pytest.mark.parametrize(
    "url",
    [
        "/vessels/imo9163166?as_of=2016-03-20",
        "/resolutions/2016-03-02",
        "/vessels?listed=true&flag=KP&flag=SL&limit=3&as_of=2016-03-20",
        "/changes?from=2016-03-02&until=2016-04-01&subject=9163166",
        "/dataset",
        "/diff?from=2016-03-02",
        "/timeline?step=month",
        "/",
    ],
)
def test_the_address_to_cite_gives_the_answer_again(client: Client, url: str) -> None:
    first = client.get(url)
    address = first.json()["cite_as"]
    assert first.links["cite-as"]["url"] == address
    version = first.headers["dataset-version"]
    assert f"dataset={version}" in address
    again = client.get(address)
    assert again.json() == first.json()
    assert again.json()["cite_as"] == address
    csv = client.get(url, headers={"Accept": "text/csv, application/json;q=0.1"})
    assert csv.links["cite-as"]["url"] == address, "in every format"


def test_the_address_of_a_day_not_given_is_pinned_to_today(client: Client) -> None:
    assert re.search(r"as_of=20[0-9]{2}-[0-9]{2}-[0-9]{2}&", client.json("/vessels/9163166")["cite_as"])
    assert re.search(r"to=20[0-9]{2}-[0-9]{2}-[0-9]{2}&", client.json("/diff?from=2016-03-02")["cite_as"])


@pytest.mark.parametrize(("accept", "media_type"), [(CSL, CSL), (BIBTEX, BIBTEX)])
def test_citations_are_negotiated_as_for_a_doi(client: Client, accept: str, media_type: str) -> None:
    response = client.get("/vessels/9163166", headers={"Accept": accept})
    assert response.headers["content-type"].partition(";")[0] == media_type


@pytest.mark.parametrize("url", ["/vessels?format=csl", "/changes?format=bibtex", "/diff?from=2016-03-02&format=csl"])
def test_collections_are_not_cited_as_records(client: Client, url: str) -> None:
    assert client.get(url).status_code == 406
