"""The rules of the house, held by tests: filters, descriptions, refusals, pages, read-only, formats, versions."""

import base64
import csv
import io
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import SQLModel, text

from app.api.flat import cell_text
from app.api.query_models import PageQuery
from app.api.query_types import parameter_name
from app.api.resource import Resource
from app.database import open_dataset
from app.fields.dates import today
from app.fields.text import escape_formula, fold
from app.problems import PROBLEMS
from app.publish import publish
from app.publishing.datapackage import data_package
from app.publishing.fingerprint import is_stale
from app.publishing.schema import differences
from app.publishing.seed import SEED_TABLES
from app.resources import RESOURCES
from app.settings import ROOT, Settings
from tests.conftest import BASE, SEED, Client, rows_of, without_id

COLLECTIONS = pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.path)


def filters_of(resource: Resource) -> Iterator[tuple[str, Any]]:
    """Yield the filters of a resource with the example of each."""
    for name, info in resource.query.model_fields.items():
        if name not in PageQuery.model_fields and name != "sort":
            assert info.examples, f"{resource.path}: {name} has no example"
            yield parameter_name(name, info), info.examples[0]


FILTERS = [
    pytest.param(resource, name, example, id=f"{resource.path}-{name}")
    for resource in RESOURCES
    for name, example in filters_of(resource)
]

ALIKE = {
    # Filters whose examples cannot tell records apart as long as the record holds what it holds.
    ("designated-parties", "listed"): "no individual and no entity was ever taken off",
    ("delisting-requests", "outcome"): "both requests were granted",
}

UNKNOWN = {
    # Filters on what no source seen gives of any record yet.
    ("vessels", "call_sign"): "no source that was seen gives a call sign",
}


NOBODY = {
    # Filters that no record of this dataset can match.
    ("designated-parties", name): "no individual and no entity was ever taken off"
    for name in ("delisted_by", "delisted_from", "delisted_until")
}


def as_query(example: Any) -> str:
    plain = [example] if not isinstance(example, list) else example
    return [str(value).lower() if isinstance(value, bool) else value for value in plain]  # type: ignore[return-value]


@COLLECTIONS
def test_the_examples_of_a_range_are_one_range(client: Client, resource: Resource) -> None:
    """The docs page fills in all of them at once."""
    days = {name: example for name, example in filters_of(resource) if name.endswith(("from", "until"))}
    days = {name: example for name, example in days.items() if isinstance(example, str)}  # `from` can be a party
    assert client.get(f"/{resource.path}?{urlencode(days)}").status_code == 200


@pytest.mark.parametrize(("resource", "name", "example"), FILTERS)
def test_every_filter_answers_some_but_not_all(client: Client, resource: Resource, name: str, example: Any) -> None:
    everything = client.json(f"/{resource.path}")["total"]
    found = client.json(f"/{resource.path}?{urlencode({name: as_query(example)}, doseq=True)}")["total"]
    if (resource.path, name) in NOBODY:
        assert found == 0, f"the example finds a record now: strike out {NOBODY[resource.path, name]!r}"
    elif (resource.path, name) in ALIKE:
        assert found == everything, f"the example tells records apart now: strike out {ALIKE[resource.path, name]!r}"
    elif (resource.path, name) in UNKNOWN:
        assert found == 0, f"a record has it now; give an example that finds it: {UNKNOWN[resource.path, name]!r}"
    else:
        assert 0 < found < everything


def test_everything_is_described(client: Client) -> None:
    document = client.json("/openapi.json")
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert operation["summary"], path
            assert len(operation["description"]) > 40, path
            for parameter in operation.get("parameters", []):
                assert parameter["description"], (path, parameter["name"])
                shown = "example" in parameter or "examples" in parameter["schema"]
                # A cursor and a version belong to one dataset: no example of theirs is true elsewhere.
                assert shown or parameter["name"] in {"after", "dataset"}, (path, parameter["name"])
    schemas = document["components"]["schemas"]
    for name, schema in schemas.items():
        for field, about in schema.get("properties", {}).items():
            meant = schemas[about["$ref"].rsplit("/", 1)[1]] if "$ref" in about else about
            assert meant.get("description"), (name, field)


def test_every_setting_stands_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name, info in Settings.model_fields.items():
        assert info.description, name
        assert f"`UNLISTED_{name.upper()}`" in readme, name


@pytest.mark.parametrize(
    ("url", "status", "named"),
    [
        ("/vessels?lsted=true", 422, "lsted"),
        ("/vessels?listed=yes", 422, "listed"),
        ("/vessels?listed=", 422, "listed"),
        ("/vessels?flag=", 422, "flag"),
        ("/vessels?flag=Atlantis", 422, "flag"),
        ("/vessels?listed=true&listed=false", 422, "listed"),
        ("/vessels?limit=0", 422, "limit"),
        ("/vessels?limit=501", 422, "limit"),
        ("/vessels?limit=1.5", 422, "limit"),
        ("/vessels?limit=1_0", 422, "limit"),
        ("/vessels?limit=10&limit=20", 422, "limit"),
        ("/vessels?as_of=2999-01-01", 422, "as_of"),
        ("/vessels?as_of=2016-02-30", 422, "as_of"),
        ("/vessels?as_of=1456876800", 422, "as_of"),
        ("/vessels?as_of=2016-03-02T00:00:00", 422, "as_of"),
        ("/vessels?after=bm9uc2Vuc2U", 422, "after"),
        ("/vessels?after=%C3%A9", 422, "after"),
        ("/vessels?sort=flag", 422, "sort"),
        ("/vessels?identifier=19577", 422, "identifier"),
        ("/vessels?identifier=ofac:19577", 422, "identifier"),
        ("/vessels?identifier=ofac-sdn:", 422, "identifier"),
        ("/vessels?identifier=ofac-sdn:--", 422, "identifier"),
        ("/vessels?without_identifier=ofac", 422, "without_identifier"),
        ("/relations?from=9163167", 422, "from"),
        ("/relations?subject=KPe.999", 422, "subject"),
        ("/relations?holds=maybe", 422, "holds"),
        ("/vessels/9163166/graph?depth=4", 422, "depth"),
        ("/vessels/9163166/graph?depth=0", 422, "depth"),
        ("/vessels/9163166/graph?format=csv", 406, "format"),
        ("/vessels?imo_number=9163167", 422, "imo_number"),
        ("/vessels?imo_number=916316", 422, "imo_number"),
        ("/vessels?name=%00", 422, "name"),
        ("/vessels?name=%20", 422, "name"),
        ("/vessels?name=%CC%81", 422, "name"),
        ("/sources?publisher=%20%20", 422, "publisher"),
        ("/vessels?name=%ff", 422, "name"),
        ("/vessels?listed_from=2016-03-02&listed_until=2016-03-01", 422, "listed_until"),
        ("/listings?subject=9163167", 422, "subject"),
        ("/statements?article=article-unknown", 422, "article"),
        ("/vessels?designated_by=9999", 422, "designated_by"),
        ("/vessels?designated_by=2016-03-03", 422, "designated_by"),
        ("/measures?hs_code=270", 422, "hs_code"),
        ("/openapi.json?x=1", 422, "x"),
        ("/search", 422, "q"),
        ("/search?q=", 422, "q"),
        ("/search?q=%20%E2%80%8B", 422, "q"),
        ("/search?q=---", 422, "q"),
        ("/search?q=%25", 422, "q"),
        ("/search?q=%F0%9F%98%80", 422, "q"),
        ("/search?q=a%7Fb", 422, "q"),
        ("/search?q=a%00b", 422, "q"),
        ("/search?q=%ED%A0%80", 422, "q"),
        ("/search?q=" + "x" * 301, 422, "q"),
        ("/search?q=x&threshold=0.2", 422, "threshold"),
        ("/search?q=x&threshold=nan", 422, "threshold"),
        ("/search?q=x&kind=person", 422, "kind"),
        ("/search?q=x&birth_date=yesterday", 422, "birth_date"),
        ("/search?q=x&nationality=Atlantis", 422, "nationality"),
        ("/search?q=x&limit=0", 422, "limit"),
        ("/search?name=x&q=y", 422, "name"),
        ("/vessels?designated_by=two", 422, "designated_by"),
        ("/vessels?designated_by=2016-13-01", 422, "designated_by"),
        ("/vessels/9163166?limit=1", 422, "limit"),
        ("/?colour=red", 422, "colour"),
        ("/healthz?deep=1", 422, "deep"),
        ("/docs?x=1", 422, "x"),
        ("/resolutions?number=two", 422, "number"),
        ("/vessels?format=xml", 406, "format"),
    ],
)
def test_what_cannot_be_understood_is_refused(client: Client, url: str, status: int, named: str) -> None:
    response = client.get(url)
    assert response.status_code == status, response.text
    problem = assert_problem(response)
    assert [error["parameter"] for error in problem["errors"]] == [named]
    assert all(error["message"] for error in problem["errors"])


@pytest.mark.parametrize(
    ("url", "hint"),
    [
        ("/nowhere", "/docs"),
        ("/vessel", "/vessels"),
        ("/vessels/9163167", "9163166"),
        ("/vessels/916316", "9163166"),
        ("/designated-parties/KPi.0014", "KPi.014"),
        ("/designated-parties/KPi.0014/graph", "KPi.014"),
        ("/vessels/9163167/graph", "9163166"),
        ("/relations/rel-001", "rel-0001"),
        ("/designated-parties/kpi.0014", "KPi.014"),
        ("/resolutions/2271", "2270"),
        ("/measures/2270-AVIATION-FUELL", "2270-aviation-fuel"),
        ("/measures/2270-asset-freeze-annexes-i-and-iii", "2270-asset-freeze-annexes-i-and-ii"),
        ("/committee-decisions/2016-03-22", "committee-2016-03-21"),
        ("/problems/unheard-of", "/problems lists them all"),
        ("/static/secret", "There is no file"),
    ],
)
def test_what_is_not_there_is_a_404_with_a_hint(client: Client, url: str, hint: str) -> None:
    response = client.get(url)
    assert response.status_code == 404
    assert hint in assert_problem(response)["detail"]


@pytest.mark.parametrize("path", ["/", "/vessels", "/vessels/9163166", "/docs", "/healthz", "/openapi.json"])
def test_other_methods_are_refused_and_options_answers(client: Client, path: str) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE", "TRACE"):
        response = client.request(method, path)
        assert response.status_code == 405
        assert response.headers["allow"] == "GET, HEAD, OPTIONS"
        assert_problem(response)
    options = client.request("OPTIONS", path)
    assert (options.status_code, options.headers["allow"], options.content) == (204, "GET, HEAD, OPTIONS", b"")
    head, get = client.request("HEAD", path), client.get(path)
    assert (head.status_code, head.content) == (200, b"")
    assert without_id(head.headers) == without_id(get.headers)


def test_too_long_a_url(client: Client) -> None:
    response = client.get("/vessels?name=" + "x" * 9000)
    assert response.status_code == 414
    assert_problem(response)


def test_a_format_that_is_not_offered(client: Client) -> None:
    response = client.get("/vessels", headers={"Accept": "application/xml"})
    assert response.status_code == 406
    assert assert_problem(response)["errors"][0] == {
        "parameter": "Accept",
        "location": "header",
        "message": "no format that 'application/xml' accepts is offered; "
        "offered is json (application/json), csv (text/csv), ndjson (application/x-ndjson), "
        "xlsx (application/vnd.openxmlformats-officedocument.spreadsheetml.sheet)",
    }


def assert_problem(response: Any) -> dict[str, Any]:
    """Hold a refusal against RFC 9457 and the house: its type leads to a page, it shows no inside."""
    assert response.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert set(problem) == {"type", "title", "status", "detail", "errors"}
    assert problem["status"] == response.status_code
    assert problem["type"].startswith(f"{BASE}/problems/")
    assert not any(word in response.text for word in ("Traceback", "SELECT", "sqlite", ".py"))
    return problem


def test_types_of_problems_lead_to_pages(client: Client) -> None:
    for url in ("/vessels?x=1", "/nowhere", "/vessels?format=xml"):
        page = client.get(client.get(url).json()["type"])
        assert page.status_code == 200
        assert page.headers["content-type"].startswith("text/html")
    assert client.get("/problems").text.count("<h2>") == len(PROBLEMS)
    assert client.json("/committee-decisions/2016-03-21")["id"] == "committee-2016-03-21"


@COLLECTIONS
def test_a_page_takes_no_more_statements_for_a_hundred_records_than_for_one(client: Client, resource: Resource) -> None:
    driver = client.api.state.datasets.current().connection.connection.driver_connection
    client.json(f"/{resource.path}?limit=1")  # reads what is read once of a dataset
    counts = []
    for limit in (1, 100):
        statements: list[str] = []
        driver.set_trace_callback(statements.append)
        # On a day that nobody asked about yet: neither the answer is kept nor, where it depends on the day, the total.
        client.json(f"/{resource.path}?limit={limit}&as_of={today() - timedelta(limit)}")
        driver.set_trace_callback(None)
        counts.append(len(statements))
    assert 1 <= counts[1] <= counts[0] <= 2


def sorts_of(resource: Resource) -> list[str]:
    return [sign + key for key in resource.sorts for sign in ("", "-")]


@cache
def place_in_seed(stem: str, id: str) -> int:
    return [row["id"] for row in rows_of(SEED, stem)].index(id)


SORTED_BY: dict[tuple[str, str], Callable[[dict[str, Any]], Any]] = {
    ("resolutions", "adopted_on"): lambda record: record["voted_on"],
    ("resolutions", "number"): lambda record: record["number"],
    ("committee-decisions", "decided_on"): lambda record: record["decided_on"],
    ("measures", "order"): lambda record: place_in_seed("measures", record["id"]),
    ("measures", "starts_on"): lambda record: record["starts_on"],
    ("designated-parties", "id"): lambda record: record["id"],
    ("designated-parties", "name"): lambda record: fold(record["name"]),
    ("designated-parties", "listed_on"): lambda record: min(one["listed_on"] for one in record["listings"]),
    ("vessels", "id"): lambda record: record["id"],
    ("vessels", "name"): lambda record: fold(record["name"]),
    ("vessels", "listed_on"): lambda record: min(one["listed_on"] for one in record["listings"]),
    ("names", "id"): lambda record: record["id"],
    ("names", "subject"): lambda record: record["subject"]["id"],
    ("names", "name"): lambda record: fold(record["name"]),
    ("relations", "id"): lambda record: record["id"],
    ("relations", "kind"): lambda record: record["kind"],
    ("identifiers", "id"): lambda record: record["id"],
    ("identifiers", "scheme"): lambda record: record["scheme"],
    ("identifiers", "value"): lambda record: record["value"],
    ("listings", "id"): lambda record: record["id"],
    ("listings", "listed_on"): lambda record: record["listed_on"],
    ("listings", "delisted_on"): lambda record: record["delisted_on"],
    ("delisting-requests", "decided_on"): lambda record: record["decided_on"],
    ("delisting-requests", "requested_on"): lambda record: (record["requested_on"] or {"earliest": None})["earliest"],
    ("sources", "key"): lambda record: record["id"],
    ("sources", "published_on"): lambda record: (record["published_on"] or {"earliest": None})["earliest"],
    ("sources", "publisher"): lambda record: fold(record["publisher"]),
    ("statements", "order"): lambda record: place_in_seed("statements", record["id"]),
    ("changes", "changed_on"): lambda record: record["changed_on"],
}
"""The value of a record, as an answer shows it, by which a sort key of a resource puts it in order."""

ORDERED_WITHIN_A_DAY = {("changes", "changed_on")}
"""Sort keys that put records with the same value in an order of their own, not in that of their ids."""


@pytest.mark.parametrize(
    ("resource", "key"),
    [pytest.param(resource, key, id=f"{resource.path}-{key}") for resource in RESOURCES for key in resource.sorts],
)
def test_every_sort_key_puts_records_in_order(client: Client, resource: Resource, key: str) -> None:
    """Values never fall; with a minus they never rise; records without a value are last; equal ones follow by id."""
    value = SORTED_BY[resource.path, key]
    for sign in ("", "-"):
        records = client.items(f"/{resource.path}?sort={sign}{key}&limit=500")
        values = [value(record) for record in records]
        known = [one for one in values if one is not None]
        assert len(set(known)) > 1 or len(values) < 3, "this record cannot show the order"
        assert values == sorted(known, reverse=sign == "-") + [None] * (len(values) - len(known))
        if (resource.path, key) not in ORDERED_WITHIN_A_DAY:
            pairs = [(value(record), record["id"]) for record in records]
            assert all(first[1] < second[1] for first, second in pairwise(pairs) if first[0] == second[0])


@COLLECTIONS
def test_pages_of_one_give_what_one_page_gives(client: Client, resource: Resource) -> None:
    for sort in sorts_of(resource):
        whole = client.ids(f"/{resource.path}?limit=500&sort={sort}")
        walked = client.ids(f"/{resource.path}?limit={1 if len(whole) < 60 else 7}&sort={sort}")
        assert walked == whole
        assert len(set(walked)) == len(walked)


def pages_of(client: Client, url: str) -> Iterator[httpx.Response]:
    following: str | None = url
    while following:
        yield (page := client.get(following))
        following = page.json()["next"]


@COLLECTIONS
def test_the_link_header_is_next(client: Client, resource: Resource) -> None:
    response = client.get(f"/{resource.path}?limit=1")
    assert response.links["next"]["url"] == response.json()["next"]
    last = next(page for page in pages_of(client, f"/{resource.path}?limit=500") if page.json()["next"] is None)
    assert "next" not in last.links


def test_a_cursor_is_for_its_own_question(client: Client) -> None:
    following = client.json("/vessels?flag=KP&limit=1")["next"]
    assert client.get(following + "&listed=true").status_code == 422
    assert client.get(following.replace("/vessels", "/listings").replace("flag=KP&", "")).status_code == 422
    assert client.get(following.replace("limit=1", "limit=5")).status_code == 200


def forged(content: bytes, cursor: str = "A" * 11) -> str:
    """Return a cursor with another content, behind the digest of a true one."""
    digest = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))[:8]
    return base64.urlsafe_b64encode(digest + content).decode().rstrip("=")


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 1400,
        b'["\\ud800","x"]',
        b'["99999999999999999999","x"]',
        b'["\\u0000","x"]',
        b'["a","b"] ',
        b'["1_0","x"]',
        b'[" 5 ","x"]',
        b'["1","x","y"]',
        b'{"a":1}',
        b"\xff",
        b"",
    ],
)
@pytest.mark.parametrize("path", ["measures", "vessels", "listings"])
def test_a_forged_cursor_is_refused(client: Client, path: str, content: bytes) -> None:
    (given,) = parse_qs(urlsplit(client.json(f"/{path}?limit=1")["next"]).query)["after"]
    for cursor in (forged(content), forged(content, given)):
        response = client.get(f"/{path}?limit=1&after={cursor}")
        assert response.status_code == 422, cursor
        assert assert_problem(response)["errors"][0]["parameter"] == "after"
    assert client.get(f"/{path}?limit=1&after={given}=").status_code == 422


def test_no_engine_writes(database: Path) -> None:
    """The file is opened for reading only, and the connection refuses writes besides: each holds without the other."""
    dataset = open_dataset(database)
    assert dataset.connection.execute(text("PRAGMA query_only")).scalar() == 1
    for query_only in (1, 0):
        dataset.connection.execute(text(f"PRAGMA query_only = {query_only}"))
        for statement in ("DELETE FROM vessel", "CREATE TABLE more (x)", "PRAGMA user_version = 7"):
            with pytest.raises(OperationalError, match="readonly"):
                dataset.connection.execute(text(statement))
    dataset.connection.close()
    dataset.engine.dispose()


@COLLECTIONS
def test_all_formats_hold_the_same_records(client: Client, resource: Resource) -> None:
    whole = client.json(f"/{resource.path}?limit=all&include=all")["items"]
    as_json = client.json(f"/{resource.path}?limit=all")["items"]
    response = client.get(f"/{resource.path}", headers={"Accept": "text/csv"})
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    header, *rows = csv.reader(io.StringIO(response.text, newline=""))
    assert header == [column.name for column in resource.columns]
    assert rows == [[escape_formula(cell_text(column.take(one))) for column in resource.columns] for one in whole]
    assert client.get(f"/{resource.path}?format=csv").content == response.content
    lines = client.get(f"/{resource.path}?format=ndjson").text.splitlines()
    assert [json.loads(line) for line in lines] == as_json


@COLLECTIONS
def test_one_record_is_what_its_collection_shows(client: Client, resource: Resource) -> None:
    for item in client.json(f"/{resource.path}?limit=3")["items"]:
        record = client.json(item["url"])
        shorten = resource.items.shorten
        assert item == {name: shorten.get(name, lambda value: value)(record[name]) for name in resource.items.members}
        (whole,) = [
            one for one in client.json(f"/{resource.path}?limit=3&include=all")["items"] if one["id"] == item["id"]
        ]
        assert whole == {name: record[name] for name in whole}
        assert set(record) - set(whole) == {"as_of", "dataset", "cite_as"}
        row = client.get(f"{item['url']}?format=csv").text
        assert len(list(csv.reader(io.StringIO(row)))) == 2


@pytest.mark.parametrize(
    "resource", [resource for resource in RESOURCES if resource.path != "sources"], ids=lambda resource: resource.path
)
def test_every_published_fact_is_cited(client: Client, resource: Resource) -> None:
    """Each value of each record lies under a JSON Pointer of one of its citations; a source is what others cite."""
    for item in client.items(f"/{resource.path}?limit=500"):
        supported = {pointer for citation in item["citations"] for pointer in citation["supports"]}
        for pointer in facts_of(item):
            assert any(pointer == one or pointer.startswith(f"{one}/") for one in supported), (item["id"], pointer)
        for pointer in supported:
            assert resolves(item, pointer), (item["id"], pointer)


# Worked out from other values, naming the record, or its kin, which carry citations of their own.
NOT_FACTS = {
    "id", "url", "not_known", "citations", "listed", "in_force", "measures", "designated", "delisted", "statements",
    "records", "delisting_requests", "permanent_reference_number", "earliest", "latest", "adopted_on", "on_list_since",
    "resolution", "subject", "article", "tally", "replaced_by", "status", "given_by", "preferred",
    "changes_url", "field", "sentence", "sources_count", "nationality", "posts", "birth_years",
    "current", "holds", "direction", "lang", "organisation_id",
}  # fmt: skip


def facts_of(value: Any, pointer: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, part in value.items():
            is_subject_line = name == "subject" and isinstance(part, str)
            if name not in NOT_FACTS or is_subject_line:
                yield from facts_of(part, f"{pointer}/{name}")
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from facts_of(part, f"{pointer}/{place}")
    elif value is not None:
        yield pointer


def resolves(record: Any, pointer: str) -> bool:
    for step in pointer.split("/")[1:]:
        try:
            record = record[int(step)] if isinstance(record, list) else record[step]
        except (KeyError, IndexError):
            return False
    return record is not None


def test_publishing_twice_gives_the_same_version(seed: Path, tmp_path: Path) -> None:
    first = publish(seed, tmp_path / "first.db")
    second = publish(seed, tmp_path / "second.db")
    assert first == second
    assert not is_stale(seed, tmp_path / "first.db")


def test_migrations_make_the_tables() -> None:
    assert differences() == []


MADE_AT_PUBLISH = {
    *("act", "subject", "identifier", "change", "change_subject", "record_count", "rendering", "version", "dataset"),
}


def test_every_table_is_filled_by_a_seed_file_or_made_at_publish() -> None:
    filled = {table.__tablename__ for table in SEED_TABLES.values()}
    assert set(SQLModel.metadata.tables) - filled == MADE_AT_PUBLISH


def test_the_data_package_describes_the_seed() -> None:
    written = json.loads((SEED / "datapackage.json").read_text(encoding="utf-8"))
    assert written == data_package(SEED), "make datapackage"
    assert {path.name for path in SEED.glob("*.csv")} == {resource["path"] for resource in written["resources"]}


def test_modules_open_with_one_sentence_and_are_named_for_what_they_hold() -> None:
    modules = [path for path in (ROOT / "app").rglob("*.py") if path.name != "__init__.py"]
    for path in modules:
        first = path.read_text(encoding="utf-8").splitlines()[0]
        assert first.startswith('"""'), path
        assert first.rstrip('"').endswith("."), path
        assert path.stem not in {"utils", "common", "core", "helpers", "base"}
