"""Both engines answer every request with the same bytes and the same headers."""

import random
from collections.abc import Iterator
from itertools import islice
from urllib.parse import quote, urlencode, urlsplit

import httpx
import pytest

from app.api import envelope
from app.api.formats import Format
from app.api.resource import Resource
from app.postgresql.downloads import PART_BYTES
from app.resources import RESOURCES
from tests.conftest import BASE, Client
from tests.test_house import filters_of

DAYS = ("1990-01-01", "2006-10-14", "2016-03-02", "2016-03-20", "2017-08-05", "2024-02-29")

ODD = (
    "%",
    "_",
    "\\",
    "\\x41",
    "'",
    '"',
    "\0",
    "a\0b",
    "\1",
    "é",
    "İ",
    "ß",
    "金",
    "\U0010ffff",
    "￿",
    "A",
    "z",
    "%s",
    "%%",
)
"""Texts that an engine may take for something else."""

NAMES = ("kim", "jin teng", "ri won ho", "korea mining development", "KPi.001", "9163166", "김", "ocean maritime")


def test_they_answer_alike(ours: Client, theirs: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    # Until the day ends, a shared cache may use an answer: it would depend on the second of the request.
    monkeypatch.setattr(envelope, "seconds_of_today", lambda: 3600)
    urls = list(dict.fromkeys(corpus(theirs)))
    different = [url for url in urls if answer(ours.get(url)) != answer(theirs.get(url))]
    assert not different, f"{len(different)} of {len(urls)}: {different[:20]}"
    assert len(urls) > 800


def test_they_answer_a_batch_alike(ours: Client, theirs: Client) -> None:
    body = "name,birth_date\n" + "".join(f"{name},\n" for name in NAMES)
    options = {"content": body.encode(), "headers": {"Content-Type": "text/csv"}}
    mine, other = (client.request("POST", "/search?as_of=2018-01-01", **options) for client in (ours, theirs))
    assert mine.status_code == 200
    assert answer(mine) == answer(other)


def test_they_send_the_same_files(ours: Client, theirs: Client) -> None:
    assert ours.get("/downloads").content == theirs.get("/downloads").content
    files = {file["name"].partition("-")[2][17:]: file for file in ours.json("/downloads")["items"]}
    assert len(files) > 5
    for name in ("names.csv", "datapackage.zip", "entities.ftm.json", "database.sqlite"):
        path, size = files[name]["url"].removeprefix(BASE), files[name]["bytes"]
        edge = min(size, PART_BYTES)
        given = ("", "bytes=0-9", f"bytes={edge - 3}-{edge + 4}", "bytes=-7", f"bytes={size}-")
        for one in given:
            headers = {"Range": one} if one else {}
            mine, other = (client.get(path, headers=headers) for client in (ours, theirs))
            assert answer(mine) == answer(other), (name, one)
        assert answer(ours.request("HEAD", path)) == answer(theirs.request("HEAD", path))
    assert max(file["bytes"] for file in files.values()) > PART_BYTES  # one is in several parts
    for path in ("/downloads/unlisted-0123456789abcdef-names.csv", "/downloads?dataset=0123456789abcdef"):
        assert answer(ours.get(path)) == answer(theirs.get(path))


def test_they_answer_a_browser_alike(ours: Client, theirs: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(envelope, "seconds_of_today", lambda: 3600)
    as_page = {"headers": {"Accept": "text/html"}}
    urls = list(pages_for_a_browser(theirs))
    mine, others = ([client.get(url, **as_page) for url in urls] for client in (ours, theirs))
    assert {one.headers["content-type"] for one in mine} == {"text/html; charset=utf-8"}
    different = [url for url, one, other in zip(urls, mine, others, strict=True) if answer(one) != answer(other)]
    assert not different


def pages_for_a_browser(client: Client) -> Iterator[str]:
    """Yield the addresses of a page of every collection, of a record of each, and of refusals."""
    yield from ("/", "/timeline", "/dataset", "/diff?from=2016-03-01&to=2016-03-21", "/search?q=jin+teng", "/search")
    for resource in RESOURCES:
        items = client.json(f"/{resource.path}?limit=1")["items"]
        yield f"/{resource.path}?limit=5"
        yield from (f"/{resource.path}/{quote(one['id'])}" for one in items)
        yield f"/{resource.path}/nothing"
    yield from ("/vessels/9163166?as_of=2016-03-10", "/vessels?listed=true&as_of=2016-03-10", "/vessels?nonsense=1")
    yield from ("/designated-parties/KPe.020", "/designated-parties/KPe.020/graph?depth=2", "/downloads")


def answer(response: httpx.Response) -> tuple[int, bytes, list[tuple[str, str]]]:
    """Reduce an answer to the parts that both engines share: status, body and headers but for the id of the request."""
    headers = [pair for pair in sorted(response.headers.items()) if pair[0] != "x-request-id"]
    return response.status_code, response.content, headers


def corpus(client: Client) -> Iterator[str]:
    """Yield the paths and queries of requests of every kind."""
    for resource in RESOURCES:
        yield from collection(client, resource)
        yield from records(client, resource)
        yield from refusals(resource)
    for day in DAYS:
        yield f"/diff?from=2006-10-14&to={day}"
        yield f"/timeline?to={day}"
        yield f"/vessels/9163166/as-of?as_of={day}"
        for name in NAMES:
            yield f"/search?{urlencode({'q': name, 'as_of': day})}"
    for form in Format:
        for path in ("/dataset", "/dataset/versions", "/diff?from=2016-01-01", "/timeline", "/search?q=kim"):
            yield f"{path}{'&' if '?' in path else '?'}format={form}"
    for step in ("day", "month", "year"):
        yield f"/timeline?step={step}&format=csv"
    yield from ("/", "/dataset", "/readyz", "/healthz", "/openapi.json", "/dataset/versions?sort=published_on")
    yield from ("/diff?from=2020-01-01&to=2019-01-01", "/search", "/search?q=", "/nothing", "/resolutions/2016-03-02")
    for text in ODD:
        yield f"/search?q={quote(text)}"


def collection(client: Client, resource: Resource) -> Iterator[str]:
    """Yield requests to a collection: orders, filters and two of them together, days, formats, pages."""
    path = f"/{resource.path}"
    yield path
    filters = list(filters_of(resource))
    orders = [f"{sign}{sort}" for sort in resource.sorts for sign in ("", "-")]
    for order in orders:
        yield from islice(pages(client, f"{path}?limit=4&sort={order}"), 3)
        yield f"{path}?sort={order}&as_of=2016-03-20"
    for day in DAYS[::2]:
        yield f"{path}?limit=7&as_of={day}"
    for form in Format:
        yield f"{path}?limit=3&format={form}"
        yield f"{path}?limit=all&as_of=2017-08-05&format={form}"
    yield f"{path}?limit=all"
    yield f"{path}?format=csv&bom=true"
    for group in (*resource.items.groups, "all"):
        yield f"{path}?include={group}"
    for facet in resource.facets:
        yield f"{path}?limit=1&facets={facet}&as_of=2016-03-20"
    named = list(resource.model.model_fields)
    yield f"{path}?limit=3&fields={','.join(named[-3:])}"
    yield f"{path}?format=ndjson&fields={','.join(reversed(named[:3]))}"
    both = list(resource.sorts)[:2]
    yield from islice(pages(client, f"{path}?limit=5&sort=-{',-'.join(reversed(both))}"), 3)
    chosen = random.Random(resource.path)  # the same ones each time
    for name, example in filters:
        yield f"{path}?{encoded({name: example})}"
        yield f"{path}?{encoded({name: example, 'as_of': '2017-08-05', 'sort': chosen.choice(orders)})}"
        other, also = chosen.choice(filters)
        yield f"{path}?{encoded({name: example, other: also})}"
        for text in chosen.sample(ODD, 2):
            yield f"{path}?{encoded({name: text})}"


def records(client: Client, resource: Resource) -> Iterator[str]:
    """Yield requests to records, by day and in each format, and to records that are not there."""
    path = f"/{resource.path}"
    ids = [item["id"] for item in client.json(f"{path}?limit=100")["items"]]
    for id in (*ids[:3], *ids[-2:]):
        yield f"{path}/{quote(id)}"
        yield f"{path}/{quote(id[:-1])}"
        yield f"{path}/{quote(id.swapcase())}"
        for day in DAYS[::2]:
            yield f"{path}/{quote(id)}?as_of={day}"
    for form in Format:
        yield f"{path}/{quote(ids[0])}?format={form}"
    yield f"{path}/{quote(ids[0])}?fields=url,id"
    yield f"{path}/{quote(ids[0])}?format=csv&fields=id&bom=true"
    for text in ODD[:: 1 if resource is RESOURCES[0] else 6]:
        yield f"{path}/{quote(text, safe='')}"
        yield f"{path}/{quote(ids[0] + text, safe='')}"


def refusals(resource: Resource) -> Iterator[str]:
    """Yield requests to a collection that are refused."""
    path = f"/{resource.path}"
    for query in (
        "nonsense=1",
        "sort=nonsense",
        "limit=0",
        "limit=x",
        "as_of=2016-02-30",
        "after=AAAA",
        "format=gif",
        "include=nonsense",
        "fields=nonsense",
        "facets=nonsense",
    ):
        yield f"{path}?{query}"
    yield f"{path}?dataset=0123456789abcdef"
    yield f"{path}?dataset=x"


def pages(client: Client, url: str) -> Iterator[str]:
    """Yield the pages of a question, each by the address that the one before gives."""
    following: str | None = url
    while following:
        yield following
        found = client.json(following)["next"]
        following = found and urlsplit(found)._replace(scheme="", netloc="").geturl().removeprefix(BASE)


def encoded(parameters: dict[str, object]) -> str:
    return urlencode({name: text_of(value) for name, value in parameters.items()}, doseq=True)


def text_of(value: object) -> object:
    """Write an example as it is written in a query."""
    if isinstance(value, bool):
        return str(value).lower()
    return [text_of(one) for one in value] if isinstance(value, list) else value
