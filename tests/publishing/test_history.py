"""History holds together: the list of a day, the changes, the difference of two days and the timeline say the same."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func
from sqlmodel import col, select

from app.fields.dates import LAST_DAY, today
from app.publish import publish
from app.resources.diff import SHOWN
from app.tables import Listing, Subject
from tests.conftest import BASE, Client, edit, row_of, rows_of
from tests.test_house import assert_problem

BEGINNING = date(2006, 10, 14)
"""Resolution 1718 established the Committee and its list."""

TURNS = [
    date(2009, 4, 24), date(2013, 1, 22), date(2016, 3, 2), date(2016, 3, 21), date(2016, 12, 17), date(2017, 8, 5),
    date(2017, 10, 3), date(2018, 3, 30), date(2020, 11, 30), date(2025, 12, 17), date(2026, 2, 27),
]  # fmt: skip
"""Days on which much changed; the days beside them are where a slip would show."""

a_day = st.one_of(
    st.dates(BEGINNING, date(2026, 11, 1)),
    st.builds(lambda day, off: day + timedelta(off), st.sampled_from(TURNS), st.integers(-1, 1)),
)
two_days = st.tuples(a_day, a_day).map(sorted)

DETAILS: dict[str, Callable[[Any], str]] = {
    "nationalities": lambda part: part["country"]["name"],
    "positions": lambda part: part["position"],
    "birth_dates": lambda part: part["born_on"]["edtf"],
    "birth_places": lambda part: ", ".join(filter(None, [part["place"], part["country"] and part["country"]["name"]])),
    "documents": lambda part: f"{part['kind'].replace('_', ' ')} {part['number']}",
    "addresses": lambda part: ", ".join(filter(None, [part["address"], part["country"] and part["country"]["name"]])),
}


def standing(part: dict[str, Any], day: date) -> bool:
    """Say whether a value is there on a day, where each change is filed under the last day that it can have."""
    since, until = part["on_list_since"], part["on_list_until"]
    came = since is None or since["earliest"] is None or since["latest"] <= day.isoformat()
    return came and (until is None or day.isoformat() < until["latest"])


State = dict[Any, Any]


def of_the_list(state: State) -> State:
    """Return a state without what another source than the UN's list gives."""
    return {field: value for field, value in state.items() if field[1] != "elsewhere"}


def state_on(client: Client, day: date) -> dict[str, State]:
    """Return every subject as the list, asked for a day, has it: its measures, its name and what is in its entry."""
    subjects = [
        one for path in ("vessels", "designated-parties") for one in client.items(f"/{path}?as_of={day}&limit=500")
    ]
    return {one["id"]: state_of(one, day) for one in subjects}


def state_of(record: dict[str, Any], day: date) -> State:
    state: State = {"measures": set(record["status"]["measures"]), "name": record["name"]}
    for field, text in DETAILS.items():
        possible = [one["value"] for one in record.get("possible", []) if one["field"] == f"/{field}"]
        for part in [*record.get(field, []), *possible]:
            if standing(part, day):
                state.setdefault((field, part["given_by"]), []).append(text(part))
    return {field: sorted(value) if isinstance(value, list) else value for field, value in state.items()}


def changes_between(client: Client, first: date, last: date) -> list[dict[str, Any]]:
    """List the events after one day and until another, in order."""
    if first == last:
        return []
    return client.items(f"/changes?from={first + timedelta(1)}&until={last}&sort=changed_on&limit=500")


def apply(state: dict[str, State], change: dict[str, Any]) -> None:
    """Bring a state of the list forward by one change."""
    subject = state.get(change["subject"]["id"])
    if subject is None:
        assert change["subject"]["kind"] not in ("individual", "entity", "vessel")
        return
    match change["kind"]:
        case "listed" | "measure_added":
            assert change["kind"] == "listed" or subject["measures"]
            subject["measures"] |= set(change["measures"])
        case "delisted" | "measure_lifted":
            assert set(change["measures"]) <= subject["measures"]
            subject["measures"] -= set(change["measures"])
        case "renamed" if change["field"] == "name":
            assert [subject["name"]] == change["before"]
            (subject["name"],) = change["after"]
        case "amended" if change["field"] in DETAILS:
            key = (change["field"], change["given_by"])
            assert subject.pop(key, []) == sorted(change["before"])
            subject |= {key: sorted(change["after"])} if change["after"] else {}


@settings(max_examples=20)
@given(days=two_days)
@example(days=[BEGINNING, date(2026, 11, 1)])
@example(days=[date(2016, 12, 16), date(2018, 3, 30)])
def test_the_changes_between_two_days_make_of_one_list_the_other(client: Client, days: list[date]) -> None:
    first, last = days
    state = state_on(client, first)
    for change in changes_between(client, first, last):
        apply(state, change)
    assert state == state_on(client, last)


def listed_on(client: Client, day: date) -> dict[str, set[str]]:
    """Return the state of a day by kind: subjects on the list, measures in force, resolutions adopted."""
    parties = f"/designated-parties?listed=true&as_of={day}&limit=500&kind="
    return {
        "individual": set(client.ids(f"{parties}individual")),
        "entity": set(client.ids(f"{parties}entity")),
        "vessel": set(client.ids(f"/vessels?listed=true&as_of={day}&limit=500")),
        "measure": set(client.ids(f"/measures?in_force=true&as_of={day}&limit=500")),
        "resolution": set(client.ids(f"/resolutions?outcome=adopted&adopted_until={day}&limit=500")),
        "committee_decision": set(client.ids(f"/committee-decisions?decided_until={day}&limit=500")),
    }


@settings(max_examples=40)
@given(days=two_days)
@example(days=[date(2016, 3, 1), date(2016, 3, 22)])
@example(days=[date(2016, 12, 16), date(2018, 3, 30)])
def test_the_difference_is_that_of_the_two_lists(client: Client, days: list[date]) -> None:
    first, last = days
    diff = client.json(f"/diff?from={first}&to={last}")
    before, after = listed_on(client, first), listed_on(client, last)
    for kind in SHOWN:
        told = {
            how: [item["subject"]["id"] for item in diff["items"] if (item["kind"], item["difference"]) == (kind, how)]
            for how in ("added", "removed", "amended")
        }
        assert sorted(told["added"]) == sorted(after[kind] - before[kind])
        assert sorted(told["removed"]) == sorted(before[kind] - after[kind])
        assert set(told["amended"]) <= before[kind] & after[kind]
        assert diff["counts"][kind] == {how: len(ids) for how, ids in told.items()}
    assert diff["total"] == len(diff["items"])


@settings(max_examples=20)
@given(days=two_days)
@example(days=[BEGINNING, date(2026, 11, 1)])
def test_the_difference_agrees_with_the_changes(client: Client, days: list[date]) -> None:
    first, last = days
    diff = client.json(f"/diff?from={first}&to={last}")
    by_subject: dict[str, list[dict[str, Any]]] = {}
    for change in changes_between(client, first, last):
        by_subject.setdefault(change["subject"]["id"], []).append(change)
    states = state_on(client, first), state_on(client, last)
    for item in diff["items"]:
        own = by_subject[item["subject"]["id"]]
        assert item["changes"] == [change["url"] for change in own]
        if item["kind"] in ("individual", "entity", "vessel"):
            was, now = (state[item["subject"]["id"]] for state in states)
            assert set(item["measures_added"]) == now["measures"] - was["measures"]
            assert set(item["measures_lifted"]) == was["measures"] - now["measures"]
            names = [one for one in item["amendments"] if one["field"] == "name"]
            if item["difference"] == "amended":
                assert bool(names) is (was["name"] != now["name"])
                assert all((one["before"], one["after"]) == ([was["name"]], [now["name"]]) for one in names)
    told = {item["subject"]["id"] for item in diff["items"]}
    for id, (was, now) in {id: (states[0][id], states[1][id]) for id in states[0]}.items():
        if was["measures"] and now["measures"] and of_the_list(was) != of_the_list(now):
            assert id in told, "an entry that reads otherwise is told of"


@pytest.mark.parametrize("day", ["2016-03-02", "2006-10-14", "2026-11-01"])
def test_one_day_does_not_differ_from_itself(client: Client, day: str) -> None:
    diff = client.json(f"/diff?from={day}&to={day}")
    assert (diff["items"], diff["total"]) == ([], 0)
    assert all(number == 0 for counts in diff["counts"].values() for number in counts.values())
    assert client.get(f"/diff?from={day}&to={day}&format=csv").text.count("\r\n") == 1


def test_the_difference_of_the_two_articles_days(client: Client) -> None:
    diff = client.json("/diff?from=2016-03-02&to=2016-12-17")
    assert diff["counts"]["vessel"] == {"added": 0, "removed": 9, "amended": 0}
    assert diff["counts"]["individual"] == {"added": 11, "removed": 0, "amended": 0}
    assert diff["counts"]["entity"] == {"added": 10, "removed": 0, "amended": 0}
    assert (diff["from"], diff["to"], diff["as_of"]) == ("2016-03-02", "2016-12-17", "2016-12-17")
    assert diff["cite_as"].startswith(f"{BASE}/diff?from=2016-03-02&to=2016-12-17&dataset=")
    jin_teng = next(item for item in diff["items"] if item["subject"]["id"] == "9163166")
    assert jin_teng["changes"] == [
        f"{BASE}/changes/delisted.9163166.committee-2016-03-21",
        f"{BASE}/changes/renamed.9163166.n2",
    ]


def test_a_ship_that_came_and_went_is_no_difference(client: Client) -> None:
    diff = client.json("/diff?from=2016-03-01&to=2016-03-21")
    assert "9163166" not in {item["subject"]["id"] for item in diff["items"]}
    assert diff["counts"]["vessel"] == {"added": 27, "removed": 0, "amended": 0}


def test_an_entry_that_was_amended_twice_is_told_once(client: Client) -> None:
    diff = client.json("/diff?from=2020-01-01&to=2026-11-01")
    (item,) = [item for item in diff["items"] if item["subject"]["id"] == "KPi.004"]
    assert item["difference"] == "amended"
    fields = {one["field"]: one for one in item["amendments"] if one["field"]}
    assert fields["birth_dates"] == {
        "field": "birth_dates",
        "given_by": "un_list",
        "before": ["1940"],
        "after": ["1940-02-26"],
        "changed_on": "2023-06-29",
    }
    unknown = [one["changed_on"] for one in item["amendments"] if one["field"] is None]
    assert unknown == ["2022-07-26", "2023-06-29"]


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("/diff", "from"),
        ("/diff?to=2016-03-02", "from"),
        ("/diff?from=2016-12-17&to=2016-03-02", "to"),
        ("/diff?from=2016-12-17&to=2999-01-01", "to"),
        ("/diff?from=2016-02-30", "from"),
        ("/diff?from=2016-03-02&as_of=2016-03-02", "as_of"),
        ("/diff?from=2016-03-02&first_on=2016-03-02", "first_on"),
        ("/timeline?step=week", "step"),
        ("/timeline?from=2016-12-17&until=2016-03-02", "until"),
        ("/timeline?from=2999-01-01", "from"),
        ("/timeline?as_of=2016-03-02", "as_of"),
        ("/timeline?limit=5", "limit"),
    ],
)
def test_what_cannot_be_asked_is_refused(client: Client, url: str, named: str) -> None:
    response = client.get(url)
    assert response.status_code == 422
    assert [error["parameter"] for error in assert_problem(response)["errors"]] == [named]


# The timeline


def levels(client: Client, first: date, last: date) -> Iterator[tuple[date, dict[str, Any]]]:
    """Yield every day from one until another with the timeline's numbers for it."""
    by_interval = client.json("/timeline")["items"]
    nobody = {"individuals": 0, "entities": 0, "vessels": 0, "vessels_by_measure": Counter()}
    for offset in range((last - first).days + 1):
        day = first + timedelta(offset)
        here = [one for one in by_interval if one["from_on"] <= day.isoformat() < (one["until_on"] or "9999")]
        assert len(here) <= 1, "stretches do not overlap"
        yield day, here[0] if here else nobody


def total(client: Client, question: str) -> int:
    number: int = client.json(f"{question}&limit=1")["total"]
    return number


@pytest.mark.parametrize(
    ("first", "last"),
    [(BEGINNING, date(2013, 1, 1)), (date(2013, 1, 1), date(2020, 1, 1)), (date(2020, 1, 1), today())],
    ids=["until 2013", "until 2020", "until today"],
)
def test_the_timeline_is_the_total_of_the_list_on_every_day(client: Client, first: date, last: date) -> None:
    """On every day since 2006: all parties and all ships, as a page's `total` counts them.

    Over HTTP, and apart by kind and measure, on the days on which the numbers change and on those before them.
    """
    dataset = client.api.state.datasets.current()
    before: Any = None
    for day, level in levels(client, first, last):
        listed = dataset.query(
            select(col(Subject.kind), func.count(col(Listing.subject_id).distinct()))
            .join(Listing, col(Listing.subject_id) == col(Subject.id))
            .where(col(Listing.listed_on) <= day, func.coalesce(col(Listing.delisted_on), LAST_DAY) > day)
            .group_by(col(Subject.kind))
        )
        counts = {"individual": 0, "entity": 0, "vessel": 0} | {str(kind): count for kind, count in listed}
        assert [level["individuals"], level["entities"], level["vessels"]] == list(counts.values()), day
        if level != before:
            for beside in (day - timedelta(1), day):
                numbers = level if beside == day else before
                if numbers:
                    check_apart(client, beside, numbers)
        before = level


def check_apart(client: Client, day: date, level: dict[str, Any]) -> None:
    parties = total(client, f"/designated-parties?listed=true&as_of={day}")
    assert level["individuals"] + level["entities"] == parties, day
    assert level["vessels"] == total(client, f"/vessels?listed=true&as_of={day}"), day
    for kind, plural in (("individual", "individuals"), ("entity", "entities")):
        assert level[plural] == total(client, f"/designated-parties?listed=true&kind={kind}&as_of={day}"), day
    for measure in ("asset_freeze", "travel_ban", "port_entry_ban", "flag_withdrawal"):
        found = total(client, f"/vessels?listed=true&measure={measure}&as_of={day}")
        assert level["vessels_by_measure"][measure] == found, (day, measure)


@settings(max_examples=40)
@given(days=two_days, step=st.sampled_from(["month", "year"]))
@example(days=[BEGINNING, date(2026, 11, 1)], step="month")
@example(days=[date(2016, 3, 2), date(2016, 3, 2)], step="month")
def test_months_and_years_are_the_list_of_their_last_day(client: Client, days: list[date], step: str) -> None:
    first, last = days
    items = client.json(f"/timeline?from={first}&until={last}&step={step}")["items"]
    digits = 7 if step == "month" else 4
    expected = [
        day.isoformat()[:digits]
        for day in (first + timedelta(offset) for offset in range((last - first).days + 1))
        if day.isoformat()[:digits] >= "2009-04-24"[:digits]
    ]
    if last < date(2009, 4, 24):
        assert items == []
        return
    assert [item["from_on"][:digits] for item in items] == list(dict.fromkeys(expected))
    for item, following in pairwise(items):
        assert item["until_on"] == following["from_on"]
    by_day = client.json("/timeline")["items"]
    for item in items:
        assert item["counted_on"] == min(last, date.fromisoformat(item["until_on"]) - timedelta(1)).isoformat()
        (then,) = [one for one in by_day if one["from_on"] <= item["counted_on"] < (one["until_on"] or "9999")]
        assert all(item[name] == then[name] for name in ("individuals", "entities", "vessels", "vessels_by_measure"))


@settings(max_examples=40)
@given(days=two_days)
def test_a_part_of_the_timeline_is_a_part_of_the_whole(client: Client, days: list[date]) -> None:
    first, last = (day.isoformat() for day in days)
    answer = client.json(f"/timeline?from={first}&until={last}")
    whole = client.json("/timeline")["items"]
    assert answer["items"] == [one for one in whole if one["from_on"] <= last and first < (one["until_on"] or "9999")]
    assert answer["total"] == len(answer["items"])
    assert answer["as_of"] == last


def test_the_timeline_as_csv(client: Client) -> None:
    lines = client.get("/timeline?format=csv&from=2016-03-02&until=2016-03-20").text.splitlines()
    assert lines[0].startswith(
        "from_on,until_on,counted_on,individuals,entities,vessels,vessels_by_measure_asset_freeze"
    )
    assert lines[1:] == ["2016-03-02,2016-03-21,2016-03-02,28,32,31,31,0,0,0"]


# Stays


def test_a_stay_holds_its_first_day_and_not_the_day_off(client: Client) -> None:
    """For every stay, of its subject and of the listing itself."""
    for listing in client.items("/listings?limit=500"):
        path = listing["subject"]["url"].removeprefix(BASE)
        for day, is_in_force in stay_days(listing):
            assert client.json(f"/listings/{listing['id']}?as_of={day}")["listed"] is is_in_force, (listing["id"], day)
            subject = client.json(f"{path}?as_of={day}")
            assert (listing["measure"] in subject["status"]["measures"]) is is_in_force
            assert subject["listed"] is (is_in_force or bool(subject["status"]["measures"]))


def stay_days(listing: dict[str, Any]) -> Iterator[tuple[date, bool]]:
    first = date.fromisoformat(listing["listed_on"])
    yield first - timedelta(1), False
    yield first, True
    if listing["delisted_on"]:
        off = date.fromisoformat(listing["delisted_on"])
        yield off - timedelta(1), True
        yield off, False


# What the record has not seen yet, on altered copies of it


def cited_like(rows: list[dict[str, str]], table: str, row: str, new: str, **cells: str) -> None:
    """Give a new row of a seed file the citations of another."""
    rows.extend([{**one, "row": new, **cells} for one in rows if (one["table"], one["row"]) == (table, row)])


def test_a_name_that_comes_back_is_no_difference(
    seed: Path, tmp_path: Path, client_of: Callable[[Path], Client]
) -> None:
    def rename(rows: list[dict[str, str]]) -> None:
        fan_ke = row_of(rows, "8914934-n2")
        rows.append({**fan_ke, "id": "8914934-n91", "name": "THIRD NAME", "on_list_since": "2019-01-01"})
        rows.append({**fan_ke, "id": "8914934-n92", "on_list_since": "2020-01-01"})

    edit(seed, "names", rename)
    for new in ("8914934-n91", "8914934-n92"):
        edit(seed, "citations", lambda rows, new=new: cited_like(rows, "names", "8914934-n2", new))  # type: ignore[misc]
    publish(seed, tmp_path / "unlisted.db")
    client = client_of(tmp_path / "unlisted.db")
    assert client.json("/diff?from=2018-06-01&to=2020-06-01")["counts"]["vessel"]["amended"] == 0
    items = client.json("/diff?from=2018-06-01&to=2019-06-01")["items"]
    (item,) = [one for one in items if one["subject"]["id"] == "8914934"]
    assert [(one["before"], one["after"]) for one in item["amendments"]] == [(["FAN KE"], ["THIRD NAME"])]


def test_what_another_source_gives_amends_no_entry(client: Client) -> None:
    diff = client.json("/diff?from=2025-12-16&to=2025-12-17")
    assert diff["counts"]["individual"] == {"added": 0, "removed": 0, "amended": 0}


def test_a_stay_that_ends_and_begins_anew_on_one_day_goes_on(
    seed: Path, tmp_path: Path, client_of: Callable[[Path], Client]
) -> None:
    def again(rows: list[dict[str, str]]) -> None:
        stay = row_of(rows, "L0002")
        rows.append({**stay, "id": "L9001", "listed_on": "2013-03-07", "listed_by": "2094"})
        stay.update(delisted_on="2013-03-07", delisted_by="2094")

    def cite(rows: list[dict[str, str]]) -> None:
        cited_like(rows, "listings", "L0002", "L9001")
        for row in rows:
            if row["row"] == "L0002" and "listed_on" in row["fields"]:
                row["fields"] += " delisted_on delisted_by"

    edit(seed, "listings", again)
    edit(seed, "citations", cite)
    publish(seed, tmp_path / "unlisted.db")
    client = client_of(tmp_path / "unlisted.db")
    assert client.items("/changes?subject=KPi.001&from=2013-03-07&until=2013-03-07") == []
    assert client.json("/vessels?limit=1")["total"] == len(rows_of(seed, "vessels"))


def test_a_request_that_was_refused_caused_nothing(
    seed: Path, tmp_path: Path, client_of: Callable[[Path], Client]
) -> None:
    edit(seed, "delisting_requests", lambda rows: row_of(rows, "2016-03").update(outcome="refused"))
    publish(seed, tmp_path / "unlisted.db")
    client = client_of(tmp_path / "unlisted.db")
    change = client.json("/changes/delisted.9163166.committee-2016-03-21")
    assert change["caused_by"]["request"] is None
    assert change["sentence"] == "JIN TENG (IMO 9163166) was taken off the list by the 1718 Committee."
    assert client.json("/changes/request-decided.2016-03")["sentence"].endswith("this was refused.")


def test_a_day_of_amendment_that_brought_another_name_is_told_as_that(client: Client) -> None:
    told = client.items("/changes?subject=KPe.029&from=2024-04-15&until=2024-04-15")
    assert sorted((change["kind"], change["field"]) for change in told) == [
        ("amended", "names"),
        ("amended", "summary"),
        ("renamed", "name"),
    ]
    assert all(change["happened_on"]["edtf"] == "2024-04-15" for change in told)


def test_a_change_between_two_lists_says_between_which_days(client: Client) -> None:
    told = client.items("/changes?subject=KPi.013&from=2023-08-16&until=2023-08-16")
    (change,) = [one for one in told if one["field"] == "positions"]
    assert change["happened_on"] == {
        "edtf": "2022-07-26/2023-08-16",
        "earliest": "2022-07-26",
        "latest": "2023-08-16",
    }
    assert "on one of the days from 26 July 2022 to 16 August 2023" in change["sentence"]
    pointers = {pointer for citation in change["citations"] for pointer in citation["supports"]}
    assert {"/changed_on", "/before/1", "/after/0"} <= pointers


def test_what_was_there_when_the_list_was_first_seen_is_no_amendment(client: Client) -> None:
    assert [one["field"] for one in client.items("/changes?subject=KPi.014&until=2018-01-01&kind=amended")] == [
        "documents"
    ]
