"""Changes: what happened, in order, because of what; and the feeds of it."""

import csv
import io
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl
from xml.etree import ElementTree as ET

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.fields.dates import latest_possible_day, long_date
from app.publish import publish
from app.publishing.rendering import Reference
from app.publishing.sentences import label
from app.vocabularies import ChangeKind
from tests.conftest import BASE, Client, edit, row_of, rows_of
from tests.test_house import assert_problem

ATOM = "{http://www.w3.org/2005/Atom}"


def changes(client: Client, query: str) -> list[Any]:
    return client.items(f"/changes?limit=500&{query}")


@pytest.mark.parametrize(
    ("query", "sentences"),
    [
        (
            "subject=9163166&sort=changed_on",
            [
                "JIN TENG (IMO 9163166) was put on the list by resolution 2270 (2016): asset freeze.",
                "China asked that GRAND KARO, JH 86, JIN TAI and JIN TENG be taken off the list.",
                "China had asked that GRAND KARO, JH 86, JIN TAI and JIN TENG be taken off the list; this was granted.",
                "JIN TENG (IMO 9163166) was taken off the list by the 1718 Committee, at China's request.",
                "Ended: OCEAN MARITIME MANAGEMENT COMPANY, LIMITED (OMM) (KPe.020) is the operator of JIN TENG (IMO "
                "9163166). The resolution says: controlled or operated. The Committee took the ship off the list as it "
                "is not.",
                "JIN TENG (IMO 9163166) took the name SHENG DA 8.",
            ],
        ),
        (
            "subject=8914934&sort=changed_on",
            [
                "EVER BRIGHT 88 (IMO 8914934) was put on the list by resolution 2270 (2016): asset freeze.",
                "A State that no source names had asked that GOLD STAR 3, EVER BRIGHT 88, DAWNLIGHT, SOUTH HILL 5 and "
                "ORION STAR be taken off the list; this was granted.",
                "EVER BRIGHT 88 (IMO 8914934) was taken off the list by the 1718 Committee, on a request.",
                "Ended: OCEAN MARITIME MANAGEMENT COMPANY, LIMITED (OMM) (KPe.020) is the operator of EVER BRIGHT 88 "
                "(IMO 8914934). The resolution says: controlled or operated. The Committee took the ship off the list "
                "as it is not.",
                "FAN KE (IMO 8914934) was put on the list again by the 1718 Committee: withdrawal of its flag and "
                "port entry ban.",
                "EVER BRIGHT 88 (IMO 8914934) is listed as FAN KE.",
            ],
        ),
        (
            "subject=8628597&kind=measure_added",
            [
                "HAO FAN 6 (IMO 8628597), on the list already, came under withdrawal of its flag too, by the 1718 "
                "Committee."
            ],
        ),
        (
            "kind=resolution_vetoed&sort=changed_on",
            [
                "A draft resolution, S/2022/431, was vetoed by China and the Russian Federation.",
                "A draft resolution, S/2024/255, was vetoed by the Russian Federation.",
            ],
        ),
        (
            "kind=resolution_adopted&resolution=2270",
            ["The Security Council adopted resolution 2270 (2016) by 15 votes to 0."],
        ),
        (
            "kind=measure_ended&text=coal",
            [
                "No longer in force: Coal, iron and iron ore, coal for livelihood capped (resolution 2321 (2016), "
                "paragraph 26); in its place: Coal, iron and iron ore, in full (resolution 2371 (2017), paragraph 8).",
                "No longer in force: Coal, iron and iron ore (resolution 2270 (2016), paragraph 29); in its place: "
                "Coal, iron and iron ore, coal for livelihood capped (resolution 2321 (2016), paragraph 26).",
            ],
        ),
        (
            "kind=died&sort=changed_on",
            ["RI JAE IL (KPi.051) died.", "RI YONG MU (KPi.053) died.", "PAK TO CHUN (KPi.050) died."],
        ),
        (
            "subject=kpe.029&kind=renamed",
            [
                "NATIONAL AEROSPACE DEVELOPMENT ADMINISTRATION (KPe.029) is listed as NATIONAL AEROSPACE TECHNOLOGY "
                "ADMINISTRATION."
            ],
        ),
        (
            "subject=KPi.004&kind=amended&text=birth",
            [
                "The entry of RI HONG-SOP (KPi.004) was amended, on one of the days from 26 July 2022 to 29 June "
                "2023: birth dates: added 1940-02-26; removed 1940."
            ],
        ),
    ],
)
def test_what_happened_can_be_read(client: Client, query: str, sentences: list[str]) -> None:
    assert [change["sentence"] for change in changes(client, query)] == sentences


def test_a_delisting_says_which_act_and_which_request(client: Client) -> None:
    change = client.json("/changes/delisted.9163166.committee-2016-03-21")
    assert change["caused_by"]["act"]["url"] == f"{BASE}/committee-decisions/committee-2016-03-21"
    assert change["caused_by"]["request"]["url"] == f"{BASE}/delisting-requests/2016-03"
    assert change["subject"]["url"] == f"{BASE}/vessels/9163166"
    assert (change["changed_on"], change["kind"], change["measures"]) == ("2016-03-21", "delisted", ["asset_freeze"])
    assert change["citations"]
    assert client.json("/vessels/9163166")["changes_url"] == f"{BASE}/changes?subject=9163166"


def test_an_amendment_says_the_field_before_and_after(client: Client) -> None:
    (change,) = changes(client, "subject=KPi.016&kind=amended&text=Jang Hyon U")
    assert (change["field"], change["given_by"]) == ("names", "un_list")
    assert "Jang Hyon U" in change["after"]
    assert "Jang Hyon U" not in change["before"]
    assert change["happened_on"]["edtf"] == "2017-08-05", "the UN says that it amended the entry that day"
    (between,) = changes(client, "subject=KPi.004&kind=amended&text=birth")
    assert (between["before"], between["after"]) == (["1940"], ["1940-02-26"])
    assert between["happened_on"] == {
        "edtf": "2022-07-26/2023-06-29",
        "earliest": "2022-07-26",
        "latest": "2023-06-29",
    }
    (elsewhere,) = changes(client, "subject=KPi.026&kind=amended&from=2025-12-17&until=2025-12-17")
    assert (elsewhere["given_by"], elsewhere["after"]) == ("elsewhere", ["passport P0381230469"])
    assert elsewhere["sentence"].startswith("Not by the UN's list, but by another source of 17 December 2025")


def test_an_amendment_whose_content_no_source_shows_says_so(client: Client) -> None:
    (change,) = changes(client, "subject=KPi.002&from=2014-07-30&until=2014-07-30")
    assert change["sentence"].endswith("no source seen says what changed.")
    assert change["field"] is change["before"] is change["after"] is None


def test_every_listing_and_every_stay_is_told_once_a_subject_and_act(client: Client) -> None:
    listings = client.items("/listings?limit=500")
    listed = {(one["subject"]["id"], one["listed_by"]["id"]) for one in listings}
    told = [
        (one["subject"]["id"], one["caused_by"]["act"]["id"])
        for one in changes(client, "kind=listed&kind=measure_added")
    ]
    assert sorted(told) == sorted(listed)
    delisted = {(one["subject"]["id"], one["delisted_by"]["id"]) for one in listings if one["delisted_by"]}
    told = [(one["subject"]["id"], one["caused_by"]["act"]["id"]) for one in changes(client, "kind=delisted")]
    assert sorted(told) == sorted(delisted)
    assert client.json("/changes?kind=listed&subject_kind=vessel")["total"] == 68, "one ship was listed twice"


def test_every_act_measure_and_request_is_told(client: Client) -> None:
    for kind, url in [
        ("resolution_adopted", "/resolutions?outcome=adopted"),
        ("resolution_vetoed", "/resolutions?outcome=vetoed"),
        ("committee_decided", "/committee-decisions?"),
        ("measure_started", "/measures?"),
        ("request_decided", "/delisting-requests?"),
    ]:
        told = [change["subject"]["id"] for change in changes(client, f"kind={kind}")]
        assert sorted(told) == sorted(client.ids(f"{url}&limit=500")), kind
    ended = {one["id"] for one in client.items("/measures?limit=500") if one["ends_on"]}
    assert {change["subject"]["id"] for change in changes(client, "kind=measure_ended")} == ended
    assert [change["subject"]["id"] for change in changes(client, "kind=request_made")] == ["2016-03"]
    days = {one["id"]: one["amended_on"] for one in client.items("/designated-parties?limit=500")}
    told_on = {(change["subject"]["id"], change["changed_on"]) for change in changes(client, "kind=amended")}
    assert {(id, day) for id, amended in days.items() for day in amended} <= told_on


def test_they_are_in_order_of_day_and_a_cause_comes_before_what_it_did(client: Client) -> None:
    oldest_first = changes(client, "sort=changed_on")
    days = [change["changed_on"] for change in oldest_first]
    assert days == sorted(days)
    assert changes(client, "") == oldest_first[::-1], "the newest first, if nothing is said"
    assert len({change["id"] for change in oldest_first}) == len(oldest_first)
    on_the_day = [change["kind"] for change in oldest_first if change["changed_on"] == "2016-03-21"]
    assert on_the_day == ["committee_decided", "request_decided", *["delisted"] * 4, *["relation_ended"] * 4]
    assert {change["kind"] for change in oldest_first} == set(ChangeKind) - {"measure_lifted"}


def test_a_question_of_a_day_knows_nothing_of_what_came_later(client: Client) -> None:
    page = client.json("/changes?as_of=2016-03-20&limit=1")
    assert page["items"][0]["id"] == "request-made.2016-03"
    assert page["total"] == client.json("/changes?until=2016-03-20")["total"]
    early = client.get("/changes/delisted.9163166.committee-2016-03-21?as_of=2016-03-20")
    assert early.status_code == 404
    assert early.json()["detail"].endswith("It is later than the day asked about.")
    assert page["items"][0]["subject"]["name"] == "Request by China", "nobody knew yet what would come of it"
    assert page["items"][0]["caused_by"]["request"]["name"] == "Request by China"
    before = client.items("/changes?subject=8914934&as_of=2016-12-16")
    assert {change["subject"]["name"] for change in before} == {"EVER BRIGHT 88"}
    assert client.get("/changes/delisted.9163166.committee-2016-03-21?as_of=2016-03-21").status_code == 200


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("from=2016-03-02&until=2016-03-01", "until"),
        ("from=yesterday", "from"),
        ("kind=vanished", "kind"),
        ("subject=9163167", "subject"),
        ("subject=9999993", "subject"),
        ("subject=KPi.999", "subject"),
        ("resolution=9999", "resolution"),
        ("subject_kind=person", "subject_kind"),
        ("text=%20", "text"),
        ("first_on=2016-03-02", "first_on"),
        ("sort=kind", "sort"),
    ],
)
def test_what_cannot_be_asked_is_refused(client: Client, query: str, named: str) -> None:
    for form in ("json", "atom"):
        response = client.get(f"/changes?{query}&format={form}")
        assert response.status_code == 422
        assert [error["parameter"] for error in assert_problem(response)["errors"]] == [named]


def test_a_page_that_is_followed_keeps_its_filters(client: Client) -> None:
    page = client.json("/changes?from=2016-03-02&until=2016-12-17&kind=delisted&limit=4")
    assert page["total"] == 9
    assert "from=2016-03-02" in page["next"]
    assert len(client.items("/changes?from=2016-03-02&until=2016-12-17&kind=delisted&limit=4")) == 9


def test_a_measure_that_is_lifted_while_the_subject_stays(
    seed: Path, tmp_path: Path, client_of: Callable[[Path], Client]
) -> None:
    """No such thing happened yet: HAO FAN 6 loses the port entry ban and stays without a flag."""

    def lift(rows: list[dict[str, str]]) -> None:
        row = next(row for row in rows if row["subject_id"] == "8628597" and row["measure"] == "port_entry_ban")
        row.update(delisted_on="2018-10-16", delisted_by="committee-2018-10-16", delisting_ground="")

    def cite(rows: list[dict[str, str]]) -> None:
        for row in rows:
            if row["table"] == "listings" and "listed_by" in row["fields"]:
                row["fields"] += " delisted_on delisted_by" if row["row"] == lifted else ""

    lifted = next(
        row["id"]
        for row in rows_of(seed, "listings")
        if row["subject_id"] == "8628597" and row["measure"] == "port_entry_ban"
    )
    edit(seed, "listings", lift)
    edit(seed, "citations", cite)
    publish(seed, tmp_path / "unlisted.db")
    client = client_of(tmp_path / "unlisted.db")
    (change,) = changes(client, "kind=measure_lifted")
    assert change["sentence"] == (
        "HAO FAN 6 (IMO 8628597) stays on the list and is no longer under port entry ban, by the 1718 Committee."
    )
    assert client.json("/vessels/8628597")["listed"] is True


def test_a_request_that_is_known_to_the_month_is_filed_under_its_last_day(
    seed: Path, tmp_path: Path, client_of: Callable[[Path], Client]
) -> None:
    edit(seed, "delisting_requests", lambda rows: row_of(rows, "2016-12").update(requested_on="2016-12"))
    edit(
        seed,
        "citations",
        lambda rows: rows.extend(
            {**row, "fields": "requested_on", "note": "x"}
            for row in [row for row in rows if row["table"] == "delisting_requests" and row["row"] == "2016-12"][:1]
        ),
    )
    publish(seed, tmp_path / "unlisted.db")
    client = client_of(tmp_path / "unlisted.db")
    made = client.json("/changes/request-made.2016-12")
    assert (made["changed_on"], made["happened_on"]["edtf"]) == ("2016-12-31", "2016-12")
    assert made["sentence"].startswith("A State that no source names asked that")


def test_a_ship_without_a_number_goes_by_its_name() -> None:
    assert label(Reference(id="a-ship", kind="vessel", name="A SHIP", url="")) == "A SHIP"


@pytest.mark.parametrize(
    ("edtf", "day"),
    [("2016-03-02", "2016-03-02"), ("2016-07", "2016-07-31"), ("1965~", "1965-12-31"), ("2016-07/..", "2016-07-01")],
)
def test_the_day_by_which_it_had_happened(edtf: str, day: str) -> None:
    assert latest_possible_day(edtf).isoformat() == day


def test_when_is_not_said_at_all() -> None:
    with pytest.raises(ValueError, match="says nothing of when"):
        latest_possible_day("../..")


@given(st.dates())
def test_a_day_in_words_is_the_day(day: date) -> None:
    assert re.fullmatch(r"[1-9][0-9]? [A-Z][a-z]+ [0-9]+", long_date(day))
    assert long_date(day + timedelta(1) if day < date.max else day - timedelta(1)) != long_date(day)


# Feeds


def atom_of(client: Client, query: str = "") -> ET.Element:
    response = client.get(f"/changes?format=atom{query}")
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/atom+xml"
    return ET.fromstring(response.content)


@pytest.mark.parametrize("query", ["", "&subject=9163166", "&kind=listed&limit=500", "&text=no such words"])
def test_feedparser_reads_what_the_changes_say(client: Client, query: str) -> None:
    page = client.json(f"/changes?{query.removeprefix('&')}")
    response = client.get(f"/changes?format=atom{query}")
    feed = feedparser.parse(response.content, response_headers=dict(response.headers))
    assert feed.bozo is False
    assert feed.version == "atom10"
    assert len(feed.entries) >= len(page["items"])
    # The feed goes on to the end of the day at which the page ends.
    items = client.json(f"/changes?{query.removeprefix('&').replace('limit=500', '')}&limit=500")["items"]
    items = items[: len(feed.entries)]
    assert [entry.title for entry in feed.entries] == [item["sentence"] for item in items]
    assert [entry.link for entry in feed.entries] == [item["url"] for item in items]
    assert [entry.published[:10] for entry in feed.entries] == [item["changed_on"] for item in items]
    assert all(entry.tags and entry.content[0].value.startswith(entry.title) for entry in feed.entries)
    assert feed.feed.author == "unlisted"


@pytest.mark.parametrize("query", ["", "&subject=9163166", "&text=no such words", "&sort=changed_on&limit=3"])
def test_an_atom_feed_keeps_the_rules_of_the_rfc(client: Client, query: str) -> None:
    """RFC 4287, section 4: what a feed and an entry must have, once, and what must be unique."""
    feed = atom_of(client, query)
    for element in (feed, *feed.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{name}")) == 1, name
        assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", element.findtext(f"{ATOM}id") or "")
        assert re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T00:00:00Z", element.findtext(f"{ATOM}updated") or "")
        links = [(link.get("rel"), link.get("type"), link.get("href")) for link in element.findall(f"{ATOM}link")]
        assert len(set(links)) == len(links)
        assert sum(rel == "alternate" for rel, *_ in links) == 1
        assert all(href and href.startswith(f"{BASE}/") for *_, href in links)
    assert feed.find(f"{ATOM}author/{ATOM}name") is not None
    ids = [entry.findtext(f"{ATOM}id") for entry in feed.iter(f"{ATOM}entry")]
    assert len(set(ids)) == len(ids)
    (here,) = [link.get("href") for link in feed.findall(f"{ATOM}link") if link.get("rel") == "self"]
    assert here is not None
    assert sorted(parse_qsl(here.removeprefix(f"{BASE}/changes?"))) == sorted(parse_qsl(f"{query}&format=atom"))
    newest = max([entry.findtext(f"{ATOM}updated") or "" for entry in feed.iter(f"{ATOM}entry")], default="")
    assert (feed.findtext(f"{ATOM}updated") or "") >= newest


def test_entries_keep_their_ids_and_feeds_theirs(client: Client) -> None:
    one = {entry.findtext(f"{ATOM}title"): entry.findtext(f"{ATOM}id") for entry in atom_of(client, "&subject=9163166")}
    all_of_them = atom_of(client, "&limit=500&kind=delisted")
    for entry in all_of_them.findall(f"{ATOM}entry"):
        title = entry.findtext(f"{ATOM}title")
        assert one.get(title, entry.findtext(f"{ATOM}id")) == entry.findtext(f"{ATOM}id")
    ids = {query: atom_of(client, query).findtext(f"{ATOM}id") for query in ("", "&limit=3", "&subject=9163166")}
    assert ids[""] == ids["&limit=3"] != ids["&subject=9163166"]


@pytest.mark.parametrize("form", ["atom", "jsonfeed"])
@pytest.mark.parametrize("by_header", [False, True])
def test_a_feed_is_walked_to_its_end(client: Client, form: str, by_header: bool) -> None:
    accept = {"atom": "application/atom+xml", "jsonfeed": "application/feed+json"}[form]
    url: str | None = f"{BASE}/changes?limit=100&kind=listed" + ("" if by_header else f"&format={form}")
    titles: list[str] = []
    first = set()
    while url:
        response = client.get(url, headers={"Accept": accept} if by_header and not titles else {})
        assert response.headers["content-type"] == accept
        feed = feedparser.parse(response.content) if form == "atom" else response.json()
        titles += [entry["title"] for entry in (feed.entries if form == "atom" else feed["items"])]
        links = {link["rel"]: link["href"] for link in feed.feed.links} if form == "atom" else {}
        first.add(links.get("first"))
        url = links.get("next") if form == "atom" else feed.get("next_url")
    assert titles == [change["sentence"] for change in changes(client, "kind=listed")]
    assert len(first - {None}) == (form == "atom"), "the first page alone knows the first page"


def test_a_json_feed_keeps_the_rules_of_its_version(client: Client) -> None:
    feed = client.json("/changes?format=jsonfeed&subject=9163166")
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == f"{BASE}/changes?subject=9163166&format=jsonfeed"
    assert feed["home_page_url"] == f"{BASE}/docs"
    assert feed["authors"] == [{"name": "unlisted"}]
    assert "next_url" not in feed
    assert len({item["id"] for item in feed["items"]}) == len(feed["items"]) == 6
    for item in feed["items"]:
        assert item["content_text"]
        assert item["date_published"].endswith("T00:00:00Z")
        assert all(isinstance(tag, str) for tag in item["tags"])
        assert client.get(item["url"]).status_code == 200


def test_feeds_are_found(client: Client) -> None:
    response = client.get("/changes?subject=9163166")
    feeds = re.findall(r'<([^>]+)>; rel="alternate"; type="([^"]+)"', response.headers["link"])
    assert [media_type for _, media_type in feeds] == ["application/atom+xml", "application/feed+json"]
    for url, media_type in feeds:
        found = client.get(url)
        assert found.headers["content-type"] == media_type
        assert "subject=9163166" in url
    for page in ("/docs", "/problems"):
        assert '<link rel="alternate" type="application/atom+xml"' in client.get(page).text


def test_a_feed_of_an_unpinned_question_is_not_pinned(client: Client) -> None:
    feed = atom_of(client)
    urls = {link.get("rel"): link.get("href") or "" for link in feed.findall(f"{ATOM}link")}
    assert "dataset=" not in urls["self"] + urls["first"]
    assert "dataset=" in urls["next"]


@settings(max_examples=40)
@given(text=st.text(st.characters(codec="utf-8", exclude_categories=[]), min_size=1, max_size=20))
def test_any_text_makes_a_feed_that_can_be_read(client: Client, text: str) -> None:
    response = client.request("GET", "/changes", params={"text": text, "format": "atom", "limit": "3"})
    assert response.status_code in (200, 422)
    if response.status_code == 200:
        assert feedparser.parse(response.content).bozo is False


def test_csv_holds_them_too(client: Client) -> None:
    rows = list(csv.DictReader(io.StringIO(client.get("/changes?subject=9163166&format=csv").text, newline="")))
    assert rows[0]["caused_by_act"] == ""
    assert [row["kind"] for row in rows].count("delisted") == 1


def test_a_text_of_the_clients_is_not_taken_for_a_link(client: Client) -> None:
    for query in ("text=%7Bbase%7D", "text={base}"):
        feed = atom_of(client, f"&{query}")
        assert "testserver" not in (feed.findtext(f"{ATOM}title") or "")
        (here,) = [link.get("href") for link in feed.findall(f"{ATOM}link") if link.get("rel") == "self"]
        assert here == f"{BASE}/changes?text=%7Bbase%7D&format=atom"


@pytest.mark.parametrize("text", ["%EF%BF%BE", "%EF%BF%BF", "%EF%B7%90"])
def test_what_xml_cannot_write_is_refused(client: Client, text: str) -> None:
    assert client.get(f"/changes?format=atom&text={text}").status_code == 422


def test_a_feed_of_a_pinned_question_stays_pinned(client: Client) -> None:
    version = client.json("/dataset")["version"]
    pinned = atom_of(client, f"&limit=2&as_of=2016-03-20&dataset={version}")
    urls = {link.get("rel"): link.get("href") or "" for link in pinned.findall(f"{ATOM}link")}
    for rel in ("self", "first", "next"):
        assert "as_of=2016-03-20" in urls[rel]
        assert f"dataset={version}" in urls[rel]
    assert pinned.findtext(f"{ATOM}id") != atom_of(client).findtext(f"{ATOM}id")
