"""Pages: of every path, with the records of the data, escaped, small, and with problems as pages too."""

import html
import re
from urllib.parse import urlsplit

import pytest

from app.api.html import PAGE_POLICY
from app.problems import PROBLEMS
from app.resources import COLLECTIONS
from tests.conftest import BASE, Client
from tests.pages.conftest import BIDI, CHROME, HOSTILE_SHIP, LONG, SCRIPT

AS_PAGE = {"Accept": CHROME}
MOST_BYTES = 100_000


def page_of(pages: Client, url: str, status: int = 200) -> str:
    response = pages.get(url, headers=AS_PAGE)
    assert response.status_code == status, response.text[:500]
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["content-security-policy"] == PAGE_POLICY
    return response.text


def links_of(page: str) -> set[str]:
    return {html.unescape(link) for link in re.findall(r'href="([^"]+)"', page)}


def local(url: str) -> str:
    return url.removeprefix(BASE)


@pytest.mark.parametrize("resource", COLLECTIONS, ids=lambda resource: resource.path)
def test_a_collection_has_the_records_of_its_data_and_each_record_a_page(pages: Client, resource: object) -> None:
    path = f"/{resource.path}"  # type: ignore[attr-defined]
    data, page = pages.json(f"{path}?include=all"), page_of(pages, path)
    links = links_of(page)
    assert data["items"]
    for item in data["items"]:
        assert local(item["url"]) in links
    assert f"<strong>{data['total']}</strong>" in page
    assert (data["next"] is None) == ("Next page" not in page)
    for item in {tuple(sorted(key for key in one if one[key])): one for one in data["items"]}.values():
        record = page_of(pages, local(item["url"]))
        assert len(record) < MOST_BYTES
        for citation in item["citations"]:
            assert local(citation["url"]) in links_of(record)


@pytest.mark.parametrize(
    "url", ["/", "/timeline", "/diff", "/diff?from=2016-03-01&to=2016-12-31", "/dataset", "/search"]
)
def test_every_other_path_is_a_page(pages: Client, url: str) -> None:
    page = page_of(pages, url)
    assert len(page) < MOST_BYTES
    assert page.count("<h1") == 1


def test_the_next_page_goes_on_where_the_data_does(pages: Client) -> None:
    page = page_of(pages, "/listings?limit=5")
    following = next(link for link in links_of(page) if "after=" in link)
    assert following == local(pages.json("/listings?limit=5")["next"])
    assert local(pages.json(following)["items"][0]["url"]) in {
        urlsplit(link).path for link in links_of(page_of(pages, following))
    }


@pytest.mark.parametrize(
    ("day", "answer"),
    [
        ("2016-03-01", "<strong>Not on the list on 1 March 2016.</strong> It was put on it later, on 2 March 2016."),
        (
            "2016-03-02",
            "<strong>On the list on 2 March 2016.</strong> It was from 2 March 2016 until 21 March",
        ),
        ("2016-03-20", "<strong>On the list on 20 March 2016.</strong>"),
        (
            "2016-03-21",
            "<strong>Not on the list on 21 March 2016.</strong> It was from 2 March 2016 until 21 March 2016.",
        ),
    ],
)
def test_a_record_says_first_whether_it_is_listed(pages: Client, day: str, answer: str) -> None:
    page = page_of(pages, f"/vessels/9163166?as_of={day}")
    assert answer in page
    assert page.index(answer) < page.index("At a glance")


def test_links_of_a_page_of_another_day_stay_on_that_day(pages: Client) -> None:
    links = links_of(page_of(pages, "/vessels/9163166?as_of=2016-03-10"))
    assert "/resolutions/2270?as_of=2016-03-10" in links
    assert "/vessels/9163166" in links  # the way back to today


def test_what_the_record_does_not_know_is_said(pages: Client) -> None:
    item = next(one for one in pages.json("/vessels")["items"] if "vessel_type" in one["not_known"])
    page = page_of(pages, local(item["url"]))
    assert "vessel type" in page[page.index("<h2>Not known</h2>") :]


def test_an_earlier_value_is_in_words(pages: Client) -> None:
    records = (
        pages.json(local(item["url"])) for item in pages.json("/designated-parties?kind=individual&limit=100")["items"]
    )
    record = next(one for one in records if any(was["field"] == "/summary" for was in one["earlier_values"]))
    page = page_of(pages, local(record["url"]))
    (earlier,) = re.findall(r'<h2 id="earlier">.*?</section>', page, re.DOTALL)
    for one in record["earlier_values"]:
        if one["field"] == "/summary":
            assert html.escape(one["value"]["summary"], quote=False).replace("'", "&#39;") in earlier
            assert one["value"]["narrative_sha256"] not in earlier
    assert "by the UN&#39;s list" in earlier or "by the UN's list" in earlier
    assert "un_list" not in earlier
    assert "UN list" not in earlier


def test_nothing_of_the_data_is_markup(pages: Client) -> None:
    for url in (f"/vessels/{HOSTILE_SHIP}", "/vessels", f"/changes?subject={HOSTILE_SHIP}", "/search?q=script"):
        page = page_of(pages, url)
        assert SCRIPT not in page
        assert "<img" not in page
    page = page_of(pages, f"/vessels/{HOSTILE_SHIP}")
    assert f"<bdi>{html.escape(SCRIPT, quote=False).replace(chr(39), '&#39;')} {BIDI} " in page
    assert LONG in page
    assert '" onmouseover' not in page


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", '" onfocus=alert(1) autofocus="', "{{ 12345 * 67891 }}", "\u202eabc"]
)
def test_nothing_of_the_address_is_markup(pages: Client, text: str) -> None:
    for response in (
        pages.get("/vessels", params={"name": text}, headers=AS_PAGE),
        pages.get("/vessels", params={text: "x"}, headers=AS_PAGE),
        pages.get("/search", params={"q": f"jin {text}"}, headers=AS_PAGE),
        pages.get(f"/vessels/{text.replace('/', '')}", headers=AS_PAGE),
    ):
        assert response.headers["content-type"].startswith("text/html")
        assert "<script>alert" not in response.text
        assert ' autofocus="' not in response.text
        assert str(12345 * 67891) not in response.text


@pytest.mark.parametrize(
    ("url", "status"),
    [("/vessels?nmae=x", 422), ("/vessels?as_of=x&flag=QQ", 422), ("/vessels/9163165", 404), ("/vesels", 404),
     ("/vessels?dataset=0123456789abcdef", 410), ("/vessels?format=xml", 406),
     ("/vessels?name=%FF", 422), ("/search?q=%FF", 422), ("/vessels?%FF=x", 422), ("/?%FF", 422)],
)  # fmt: skip
def test_a_problem_is_a_page_with_everything_that_its_document_says(pages: Client, url: str, status: int) -> None:
    problem, page = pages.get(url).json(), html.unescape(page_of(pages, url, status))
    for text in (problem["title"], problem["detail"], str(problem["status"])):
        assert text in page
    for error in problem["errors"]:
        assert error["parameter"] in page
        assert error["message"] in page
    assert urlsplit(problem["type"]).path in links_of(page)
    assert 'content="noindex' in page
    assert "Accept" in pages.get(url, headers=AS_PAGE).headers["vary"]


def test_kinds_of_problem_are_pages(pages: Client) -> None:
    for slug, problem in PROBLEMS.items():
        assert html.escape(problem.title, quote=False) in page_of_problem(pages, slug)


def page_of_problem(pages: Client, slug: str) -> str:
    return pages.get(f"/problems/{slug}").text


def test_a_page_that_cannot_be_made_says_so(pages: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> str:
        raise ValueError("no template")

    monkeypatch.setattr("app.pages.render._template", fail)
    response = pages.get("/listings?limit=7", headers=AS_PAGE)
    assert (response.status_code, response.headers["cache-control"]) == (500, "no-store")
    assert "format=json" in response.text
    assert "no template" not in response.text


def test_filtered_views_are_not_indexed_and_every_page_names_its_address(pages: Client) -> None:
    whole, filtered = page_of(pages, "/vessels"), page_of(pages, "/vessels?listed=true")
    assert "noindex" not in whole
    assert 'content="noindex, follow"' in filtered
    for page in (whole, filtered):
        assert f'<link rel="canonical" href="{BASE}/vessels">' in page
        assert '<meta property="og:title"' in page
        assert 'type="application/atom+xml"' in page


def test_texts_in_other_scripts_say_their_language(pages: Client) -> None:
    item = next(
        one
        for one in pages.json("/designated-parties?limit=200&include=names")["items"]
        if any(n["original_script"] for n in one["names"])
    )
    assert re.search(r'<span lang="(ko|zh)">', page_of(pages, local(item["url"])))


def test_a_collection_counts_its_values_and_links_to_each(pages: Client) -> None:
    page = page_of(pages, "/vessels?as_of=2016-03-20")
    counted = pages.json("/vessels?as_of=2016-03-20&limit=1&facets=flag,measure")["facets"]
    for name in ("flag", "measure"):
        found = counted[name][0]
        link = f"/vessels?as_of=2016-03-20&{name}={found['value']}"
        assert link in links_of(page)
        assert f"<strong>{found['count']}</strong>" in page_of(pages, link)


@pytest.mark.parametrize("query", ["fields=name", "include=citations", "facets=flag"])
def test_a_page_does_not_depend_on_how_data_is_written(pages: Client, query: str) -> None:
    assert page_of(pages, f"/vessels?{query}").count("<tr>") == page_of(pages, "/vessels").count("<tr>")
    assert "/vessels?format=csv" in links_of(page_of(pages, f"/vessels?{query}"))


def test_a_page_refuses_what_the_data_refuses(pages: Client) -> None:
    assert "did you mean name?" in html.unescape(page_of(pages, "/vessels?fields=naem", 422))
    assert "did you mean name?" in html.unescape(page_of(pages, "/vessels/9163166?fields=naem", 422))
    assert "9163166" in page_of(pages, "/vessels/9163166?fields=name")


def test_the_page_of_all_that_matches_has_all_of_it(pages: Client) -> None:
    total = pages.json("/names?limit=1")["total"]
    page = page_of(pages, "/names?limit=all")
    assert page.count('<th scope="row">') == total
    head = pages.request("HEAD", "/names?limit=all", headers=AS_PAGE)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == pages.get("/names?limit=all", headers=AS_PAGE).headers["etag"]


def test_a_browser_gets_a_long_file_as_it_is_made(pages: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.api.collection.MOST_BUFFERED", 3)
    url = "/names?format=csv&sort=-id"
    asked, by_browser = pages.get(url), pages.get(url, headers=AS_PAGE)
    assert "content-length" not in by_browser.headers
    assert by_browser.content == asked.content
    assert by_browser.headers["content-disposition"] == asked.headers["content-disposition"]
    page = page_of(pages, "/names?limit=all&sort=-id")
    assert page.count('<th scope="row">') == pages.json("/names?limit=1")["total"]
    assert pages.request("HEAD", "/names?limit=all&sort=-id", headers=AS_PAGE).status_code == 200
