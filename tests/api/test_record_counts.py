"""Totals that were counted at publish are those of counting the records."""

import random
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from fastapi import Request
from sqlalchemy import Enum, delete
from sqlmodel import Session, col

import app.api.record_counts
from app.api.filters import Equals, From, Lacks, Until, filters_of
from app.api.formats import Format
from app.api.pagination import Question, _facet, count, parse
from app.api.record_counts import record_counts
from app.api.resource import Resource
from app.database import writing_engine
from app.publishing.loading import write
from app.resources import COLLECTIONS, RESOURCES
from app.resources.vessels import VESSELS
from app.tables import RecordCount
from tests.conftest import Client


@pytest.fixture(scope="module")
def of_small(small: Path) -> Iterator[Client]:
    """A client of the small seed."""
    client = Client(small / "data" / "unlisted.db", response_cache_bytes=0)
    yield client
    client.close()


@pytest.mark.parametrize("path", ["changes", "names"])
def test_a_total_by_days_is_that_of_the_rows(of_small: Client, small: Path, path: str) -> None:
    column, table = {"changes": ("substr(place, 1, 10)", "change"), "names": ("possible_from_on", "name")}[path]
    with closing(sqlite3.connect(small / "data" / "unlisted.db")) as connection:
        days = sorted(day for (day,) in connection.execute(f"SELECT {column} FROM {table}"))
    choice = random.Random(path)
    near = sorted(
        {date.fromisoformat(day) + timedelta(shift) for day in days if day > "0001-01-01" for shift in (-1, 0, 1)}
    )
    for _ in range(60):
        as_of, first, last = (str(choice.choice(near)) for _ in range(3))
        asked = {"as_of": as_of}
        if path == "changes":
            asked |= choice.choice(({}, {"from": first}, {"until": last}, {"from": min(first, last), "until": last}))
        expected = [day for day in days if asked.get("from", "") <= day <= min(as_of, asked.get("until", as_of))]
        total = of_small.json(f"/{path}?{urlencode(asked)}&limit=1")["total"]
        assert total == len(expected), asked


def test_a_total_without_a_question_is_that_of_all_pages(of_small: Client) -> None:
    for resource in RESOURCES:
        assert of_small.json(f"/{resource.path}?limit=1")["total"] == len(of_small.ids(f"/{resource.path}?limit=500"))


def test_a_total_by_days_reads_two_rows_however_many_there_are(of_small: Client) -> None:
    dataset = of_small.api.state.datasets.current()
    statements: list[str] = []
    dataset._driver.set_trace_callback(statements.append)
    of_small.json("/changes?from=2016-03-01&until=2017-03-02")
    dataset._driver.set_trace_callback(None)
    counting = [one for one in statements if "key_0" not in one and "change" in one]
    assert len(counting) == 2
    assert all("record_count" in one and "LIMIT 1" in one.replace("1 OFFSET 0", "1") for one in counting), counting


DAYS = (*map(date.fromisoformat, ("2006-10-14", "2009-07-15", "2016-03-02", "2016-03-21", "2017-10-03")), None)
"""Days on which subjects were listed or taken off, and today."""


def choices(resource: Resource, name: str, choice: random.Random) -> list[dict[str, Any]]:
    """List values of a filter: its example, each of an enumeration, pairs of these, both answers, days, a period."""
    parameter, mark = filters_of(resource.query)[name]
    (example,) = resource.query.model_fields[name].examples or [None]
    found = [example]
    column: Any = col(mark.column) if isinstance(mark, Equals | Lacks) else None
    if column is not None and isinstance(column.type, Enum):
        values = sorted(map(str, column.type.enums))
        found += [[value] for value in values] + [choice.sample(values, 2) for _ in range(4)]
    elif name == "flag":
        found += [["KP"], ["SL"], ["KP", "SL", "KH"], ["CH"], ["KP", "CH"]]
    elif isinstance(example, bool):
        found = [True, False]
    elif isinstance(mark, From | Until):
        found += ["0001-01-01", "2006-10-14", "2016-03-21", "2016-12-17", "9999-12-31"]
    elif name == "listed_during":
        found += ["2016-03-02/2016-03-21", "2016-03-21/2016-03-22", "0001-01-01/9999-12-31", "2030-01-01/2031-01-01"]
    return [{parameter: value} for value in found]


def question(client: Client, resource: Resource, asked: dict[str, Any], day: date | None) -> Question:
    """Parse a question to a collection without the ways of HTTP."""
    query = resource.query.model_validate({**asked, **({"as_of": day} if day else {})})
    scope = {"type": "http", "method": "GET", "path": f"/{resource.path}", "query_string": b"", "headers": []}
    return parse(Request({**scope, "app": client.api}), resource, query, Format.JSON)


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: str(resource.path))
def test_a_total_of_a_filter_alone_is_that_of_testing_each_record(of_small: Client, resource: Resource) -> None:
    choice = random.Random(resource.path)
    for name in filters_of(resource.query):
        for asked in choices(resource, name, choice):
            for day in choice.sample(DAYS, 2):
                one = question(of_small, resource, asked, day)
                (tested,) = one.envelope.dataset.run_prepared(one.plan.total, one.values)[0]
                assert count(one) == tested, (asked, day)


def test_filters_that_grow_are_counted_at_publish(of_small: Client) -> None:
    """None of them is counted by reading the records, whatever the value."""
    for path, names in COUNTED.items():
        (resource,) = (one for one in RESOURCES if one.path == path)
        for name in names:
            for asked in choices(resource, name, random.Random(name)):
                if asked not in ({"listed_from": "0001-01-01"}, {"delisted_from": "0001-01-01"}):
                    statements = traced(of_small, partial(count, question(of_small, resource, asked, None)))
                    read = {word for one in statements for word in re.findall(r"(?:FROM|JOIN) (\w+)", one)}
                    assert read <= {"record_count", "rendering"}, (path, asked, statements)


COUNTED = {
    "vessels": (
        *("flag", "measure", "listed", "listed_from", "listed_until", "delisted_from", "delisted_until"),
        "without_identifier",
    ),
    "names": ("subject_kind", "kind", "listed"),
    "listings": (
        *("subject_kind", "measure", "listed", "delisted", "listed_during"),
        *("listed_from", "listed_until", "delisted_from", "delisted_until"),
    ),
    "identifiers": ("subject_kind", "scheme"),
    "changes": ("kind", "subject_kind"),
    "relations": ("kind",),
}
"""Filters of collections that grow with the ships, whose totals are read from what was counted."""


def traced(client: Client, act: Callable[[], Any]) -> list[str]:
    """List the statements that an act runs on the file."""
    dataset = client.api.state.datasets.current()
    dataset._kept.clear()
    statements: list[str] = []
    dataset._driver.set_trace_callback(statements.append)
    act()
    dataset._driver.set_trace_callback(None)
    return statements


@pytest.mark.parametrize("day", ["2012-06-30", "2016-03-20", "2016-03-21", "2017-12-01"])
def test_names_of_the_listed_are_those_that_say_so(of_small: Client, day: str) -> None:
    everything = of_small.items(f"/names?as_of={day}&limit=500")
    for listed in (True, False):
        expected = sum(one["listed"] is listed for one in everything)
        assert of_small.json(f"/names?listed={listed}&as_of={day}&limit=1")["total"] == expected


def test_facets_of_all_records_are_those_of_reading_them(of_small: Client) -> None:
    for resource in RESOURCES:
        for day in (None, date(2016, 3, 21)):
            one = question(of_small, resource, {}, day)
            for name in resource.facets:
                found = one.envelope.dataset.run_prepared(_facet(resource, (), name), one.values)
                expected = [{"value": value, "count": number} for value, number in found if value is not None]
                assert replace(one, facets=(name,)).counted()[name] == expected, (resource.path, name)


def test_of_many_sets_of_values_each_value_is_counted(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A single flag is read from the counts; of several the ships are tested, since one may have both."""
    monkeypatch.setattr(app.api.record_counts, "MOST_SETS", 2)
    database = counted_anew(copied(small, tmp_path))
    with closing(Client(database, response_cache_bytes=0)) as client:
        for flags, tables in (
            (["KP"], {"record_count"}),
            (["CH"], {"record_count"}),
            (["KP", "SL"], {"record_count", "vessel", "flag"}),
        ):
            one = question(client, VESSELS, {"flag": flags}, None)
            (tested,) = one.envelope.dataset.run_prepared(one.plan.total, one.values)[0]
            assert count(one) == tested
            statements = traced(client, partial(count, one))
            assert set(re.findall(r"FROM (\w+)", " ".join(statements))) == tables


def test_a_file_without_counts_of_filters_is_answered_alike(small: Path, tmp_path: Path, of_small: Client) -> None:
    database = copied(small, tmp_path)
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("DELETE FROM record_count WHERE resource LIKE '%?%'")
    with closing(Client(database, response_cache_bytes=0)) as client:
        for asked in (
            *("vessels?flag=KP&facets=flag", "vessels?listed=false", "vessels?listed_from=2016-03-02"),
            *("names?listed=true", "names?kind=former", "listings?listed_during=2016-03-01/2016-04-01"),
            *("listings?delisted=false", "vessels?without_identifier=ofac-sdn", "changes?subject_kind=vessel"),
        ):
            assert client.json(f"/{asked}") == of_small.json(f"/{asked}"), asked


def copied(small: Path, folder: Path) -> Path:
    """Copy a published file, to be altered."""
    database = folder / "unlisted.db"
    shutil.copy(small / "data" / "unlisted.db", database)
    return database


def counted_anew(database: Path) -> Path:
    """Count the records of a file anew."""
    engine = writing_engine(database)
    with Session(engine) as session:
        session.execute(delete(RecordCount))
        for resource in COLLECTIONS:
            write(session, record_counts(session, resource))
        session.commit()
    engine.dispose()
    return database


def test_stays_that_overlap_are_one_time_on_the_list(small: Path, tmp_path: Path) -> None:
    """Names of a subject with stays that overlap, touch, lie within another, or lie apart."""
    database = copied(small, tmp_path)
    choice = random.Random(17)
    with closing(sqlite3.connect(database)) as connection, connection:
        for (listing,) in connection.execute("SELECT id FROM listing ORDER BY id").fetchall():
            first = date(2016, 1, 1) + timedelta(choice.randrange(20))
            end = choice.choice([None, str(first + timedelta(choice.randrange(1, 12)))])
            connection.execute(
                "UPDATE listing SET listed_on = ?, delisted_on = ?, subject_id = ? WHERE id = ?",
                [str(first), end, choice.choice(["9163166", "9163154", "KPi.001", "KPe.001"]), listing],
            )
        connection.execute("UPDATE name SET possible_from_on = '2016-01-09' WHERE id LIKE '%n1'")
    with closing(Client(counted_anew(database), response_cache_bytes=0)) as client:
        for day in (date(2015, 12, 31) + timedelta(shift) for shift in range(36)):
            for path, name in ("names", "listed"), ("listings", "listed"), ("listings", "delisted"):
                (resource,) = (one for one in RESOURCES if one.path == path)
                for value in (True, False):
                    one = question(client, resource, {name: value}, day)
                    (tested,) = one.envelope.dataset.run_prepared(one.plan.total, one.values)[0]
                    assert count(one) == tested, (path, name, value, day)


@pytest.mark.parametrize("most", [1, 9, 200])
def test_a_total_of_values_of_several_filters_is_that_of_testing_each_record(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """However few combinations are counted: all, those of one filter, or single values alone."""
    monkeypatch.setattr(app.api.record_counts, "MOST_SETS", most)
    choice, days = random.Random(most), ("2006-10-14", "2016-03-02", "2016-03-21", "2017-10-03")
    with closing(Client(counted_anew(copied(small, tmp_path)), response_cache_bytes=0)) as client:
        for resource in RESOURCES:
            names = [name for name in resource.facets if type(filters_of(resource.query)[name][1]) is Equals]
            for _ in range(25 if names else 0):
                asked: dict[str, Any] = {}
                for name in choice.sample(names, choice.randint(1, len(names))):
                    asked |= choice.choice(choices(resource, name, choice))
                if resource.path == "changes" and choice.random() < 0.5:
                    asked |= {choice.choice(("from", "until")): choice.choice(days)}
                one = question(client, resource, asked, choice.choice(DAYS))
                (tested,) = one.envelope.dataset.run_prepared(one.plan.total, one.values)[0]
                assert count(one) == tested, (resource.path, asked)


def test_flags_and_measures_together_are_counted_at_publish(of_small: Client) -> None:
    for path, asked in (
        ("vessels", {"flag": ["KP", "SL"], "measure": ["asset_freeze"]}),
        ("names", {"kind": ["former", "alias"], "subject_kind": ["vessel"], "as_of": "2016-03-21"}),
        ("changes", {"kind": ["listed"], "subject_kind": ["vessel"], "until": "2017-01-01"}),
    ):
        (resource,) = (one for one in RESOURCES if one.path == path)
        statements = traced(of_small, partial(count, question(of_small, resource, asked, None)))
        assert all("FROM record_count" in one for one in statements), statements
        assert count(question(of_small, resource, asked, None)) > 0
