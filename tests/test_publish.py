"""Publishing: every fault of a seed is named by file, line and column, and nothing is published then."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlmodel import Session

from app.publish import checked_seed, publish
from app.publishing.fingerprint import is_stale
from app.publishing.loading import Loaded, load
from app.publishing.rules import COVERED
from app.publishing.seed import Fault, SeedError
from app.publishing.workers import Pool
from app.resources import HELD
from app.settings import ROOT
from tests.conftest import Client, edit, row_of, rows_of, version_of
from tests.work import publish_untraced

Rows = list[dict[str, str]]


def faults_of(seed: Path, tmp_path: Path) -> list[Fault]:
    """Return the faults that publishing a seed finds; nothing may be published."""
    database = tmp_path / "data" / "unlisted.db"
    with pytest.raises(SeedError) as refused:
        publish(seed, database)
    assert not database.exists()
    assert [str(fault) for fault in refused.value.faults] == str(refused.value).splitlines()
    return refused.value.faults


def line_of(seed: Path, stem: str, beginning: str) -> int:
    lines = (seed / f"{stem}.csv").read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if line.startswith(beginning))


def change(id: str, **cells: str) -> Callable[[Rows], None]:
    return lambda rows: row_of(rows, id).update(cells)


CELLS = [
    ("vessels", "9163166", {"imo_number": "9163167"}, "imo_number", "not an IMO number"),
    ("vessels", "9163166", {"imo_number": "91631"}, "imo_number", "pattern"),
    ("listings", "L0248", {"delisted_on": "2016-03-01"}, "delisted_on", "not after listed_on"),
    ("listings", "L0248", {"delisted_on": "2016-02-30"}, "delisted_on", "no day 2016-02-30"),
    ("listings", "L0248", {"delisted_on": ""}, "delisted_on", "taken off on a day"),
    ("listings", "L0248", {"delisted_on": "2016-03-20"}, "delisted_on", "before its act"),
    ("listings", "L0248", {"delisted_by": "committee-1999-01-01"}, "delisted_by", "there is no act"),
    ("listings", "L0248", {"listed_by": "9999"}, "listed_by", "there is no act"),
    ("listings", "L0248", {"listed_on": "2016-03-01"}, "listed_on", "before its act"),
    ("listings", "L0248", {"subject_id": "9999999"}, "subject_id", "there is no subject"),
    ("listings", "L0248", {"measure": "frown"}, "measure", "asset_freeze"),
    ("birth_dates", "KPi.013-b1", {"born_on": "1954-13-01"}, "born_on", "no date"),
    ("birth_dates", "KPi.013-b1", {"born_on": "about 1954"}, "born_on", "EDTF"),
    ("nationalities", "KPi.013-nat1", {"country": "XX"}, "country", "no country"),
    ("designated_parties", "KPi.013", {"kind": "entity"}, "kind", "number of an individual"),
    ("narratives", "KPi.013-r1", {"summary": "see \x7f/x"}, "summary", "may not stand"),
    ("resolutions", "2270", {"votes_for": "16"}, "votes_for", "less than or equal to 15"),
    ("resolutions", "2270", {"votes_against": "3"}, "votes_for", "fifteen members"),
    ("measures", "2270-aviation-fuel", {"starts_on": "2016-03-01"}, "starts_on", "before its resolution"),
    ("delisting_requests", "2016-03", {"decided_on": "2016-03-22"}, "decided_on", "is of 2016-03-21"),
    ("delisting_requests", "2016-03", {"requested_on": "2016-04"}, "requested_on", "after the decision"),
    ("delisting_request_subjects", "2016-03-8602531", {"subject_id": "9191773"}, "subject_id", "took no listing"),
    ("sources", "un-2270-page", {"url": "not a url"}, "url", "pattern"),
    ("designated_parties", "KPe.020", {"imo_company_number": "1790184"}, "imo_company_number", "check digit"),
    ("measure_caps", "2397-crude-oil-cap-1", {"amount": "4 million"}, "amount", "pattern"),
    ("measure_caps", "2321-coal-cap-1", {"from_on": "2016-11-29"}, "from_on", "before its measure begins"),
    ("measure_caps", "2321-coal-cap-1", {"until_on": ""}, "until_on", "outlives its measure"),
    ("positions", "KPi.002-p1", {"on_list_until": "2023-06-29"}, "on_list_until", "not after on_list_since"),
    ("positions", "KPi.002-p1", {"on_list_until": "2023-06-01/2023-06-29"}, "on_list_until", "not after on_list_since"),
    ("positions", "KPi.002-p1", {"on_list_until": "../2024-06-29"}, "on_list_until", "is open"),
    ("positions", "KPi.002-p1", {"on_list_since": "2023-06-29/.."}, "on_list_since", "no day by which"),
    ("positions", "KPi.002-p1", {"on_list_since": "some day"}, "on_list_since", "not a date in EDTF"),
    (
        "positions",
        "KPi.020-p2",
        {
            "position": "Former Korea Mining Development Trading Corporation (KOMID) Representative in Syria",
            "on_list_until": "",
        },
        "on_list_since",
        "same value",
    ),
    ("genders", "KPi.042-g1", {"subject_id": "KPi.062"}, "on_list_since", "same value"),
    ("narratives", "KPi.002-r1", {"on_list_until": "2023-07-01"}, "on_list_since", "same value"),
    ("delisting_request_subjects", "2016-03-9163154", {"subject_id": "8602531"}, "subject_id", "is about 8602531"),
    ("vessels", "9163166", {"imo_number": "9163154"}, "imo_number", "is already in line"),
    ("measure_hs_codes", "2397-crude-oil-cap-2709", {"code": "270"}, "code", "pattern"),
    ("resolutions", "2270", {"number": ""}, "number", "where it was adopted"),
    ("resolutions", "2270", {"number": "2271"}, "id", "must be the number"),
    ("committee_decisions", "committee-2016-03-21", {"decided_on": "2016-03-22"}, "id", "committee-2016-03-22"),
    ("measures", "2270-aviation-fuel", {"ends_on": "2016-03-02"}, "ends_on", "not after starts_on"),
    ("delisting_requests", "2016-03", {"outcome": "pending"}, "decided_on", "pending"),
    ("delisting_requests", "2016-03", {"decided_by": ""}, "decided_by", "go together"),
    ("names", "9163166-n1", {"kind": "alias"}, "id", "no primary name"),
    ("names", "9163166-n2", {"kind": "primary"}, "kind", "another primary name"),
    ("statement_records", "A5-1", {"resource": "ships"}, "resource", "none of"),
    ("statement_records", "A5-1", {"record_id": "2099-01"}, "record_id", "there is no"),
    ("statements", "A5", {"article": "article-unknown"}, "article", "there is no source"),
]


LATER_ROWS = {"KPi.020-p2": "KPi.020-p1", "KPi.042-g1": "KPi.062-g1", "KPi.002-r1": "KPi.002-r2"}
"""Where two rows have one value on the same days, the one that begins later is at fault."""


@pytest.mark.parametrize(("stem", "id", "cells", "column", "message"), CELLS)
def test_a_fault_in_a_cell_names_its_place(
    seed: Path, tmp_path: Path, stem: str, id: str, cells: dict[str, str], column: str, message: str
) -> None:
    edit(seed, stem, change(id, **cells))
    found = [fault for fault in faults_of(seed, tmp_path) if fault.column == column and message in fault.message]
    assert found, "the fault was not named"
    file, place = (stem, id) if message != "no primary name" else ("vessels", "9163166")
    place = LATER_ROWS.get(id, id) if message == "same value" else place
    assert (found[0].file, found[0].line) == (f"{file}.csv", line_of(seed, file, place))


def test_an_unknown_source(seed: Path, tmp_path: Path) -> None:
    edit(seed, "citations", lambda rows: rows[3].update(source="hearsay"))
    (fault, *_) = [fault for fault in faults_of(seed, tmp_path) if fault.column == "source"]
    assert (fault.file, fault.line) == ("citations.csv", 5)
    assert "'hearsay'" in fault.message


def test_every_kind_that_may_be_covered_is_counted() -> None:
    assert HELD.keys() == COVERED


def test_an_unknown_kind_is_covered(seed: Path, tmp_path: Path) -> None:
    edit(seed, "coverage", lambda rows: rows[1].update(resource="yachts"))
    (fault,) = faults_of(seed, tmp_path)
    assert (fault.file, fault.line, fault.column) == ("coverage.csv", 3, "resource")
    assert fault.message.startswith("'yachts' is none of committee-decisions, ")


def test_stays_that_overlap(seed: Path, tmp_path: Path) -> None:
    def double(rows: Rows) -> None:
        stay = row_of(rows, "L0248")
        rows.append({**stay, "id": "L9001", "listed_on": "2016-03-10", "delisted_on": "", "delisted_by": ""})

    edit(seed, "listings", double)
    (fault,) = [fault for fault in faults_of(seed, tmp_path) if "overlaps" in fault.message]
    assert (fault.file, fault.column) == ("listings.csv", "listed_on")
    assert "L0248" in fault.message


def test_a_stay_may_begin_on_the_day_another_ended(small: Path, seed: Path) -> None:
    def again(rows: Rows) -> None:
        stay = row_of(rows, "L0248")
        rows.append({**stay, "id": "L9001", "listed_on": "2016-03-21", "delisted_on": "2016-04-01"})

    edit(seed, "listings", again)
    edit(
        seed,
        "citations",
        lambda rows: rows.extend([{**row, "row": "L9001"} for row in rows if row["row"] == "L0248"]),
    )
    assert len(checked_seed(seed).tables["listings"]) == len(rows_of(small / "seed", "listings")) + 1


def test_a_duplicate_id(seed: Path, tmp_path: Path) -> None:
    edit(seed, "vessels", lambda rows: rows.append(dict(rows[0])))
    (fault, *_) = faults_of(seed, tmp_path)
    assert (fault.file, fault.line, fault.column) == ("vessels.csv", len(rows_of(seed, "vessels")) + 1, "id")
    assert "is already in line 2" in fault.message


@pytest.mark.parametrize(
    ("stem", "like", "id", "other"),
    [
        ("vessels", "9163166", "KPi.001", "designated_parties"),
        ("committee_decisions", "committee-2016-03-21", "2270", "resolutions"),
    ],
)
def test_an_id_that_another_kind_has(seed: Path, tmp_path: Path, stem: str, like: str, id: str, other: str) -> None:
    edit(
        seed,
        stem,
        lambda rows: rows.append(
            {name: cell for name, cell in row_of(rows, like).items() if name != "imo_number"} | {"id": id}
        ),
    )
    (fault,) = faults_of(seed, tmp_path)
    assert (fault.file, fault.line, fault.column) == (f"{stem}.csv", line_of(seed, stem, id), "id")
    assert fault.message == f"{id!r} is already in {other}.csv"


@pytest.mark.parametrize(
    ("header", "column", "message"),
    [
        ("id,imo_number,notes", "notes", "no column 'notes'"),
        ("id,imo_number", "note", "'note' is missing"),
        ("imo_number,id,note", "", "the order"),
        ("", "id", "'id' is missing"),
    ],
)
def test_a_wrong_header(seed: Path, tmp_path: Path, header: str, column: str, message: str) -> None:
    path = seed / "vessels.csv"
    _, *rest = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text(header + "\n" + "".join(rest), encoding="utf-8")
    (fault,) = faults_of(seed, tmp_path)
    assert (fault.file, fault.line, fault.column) == ("vessels.csv", 1, column)
    assert message in fault.message
    assert "id,imo_number,note" in fault.message


def test_a_row_of_another_length(seed: Path, tmp_path: Path) -> None:
    with (seed / "vessels.csv").open("a", encoding="utf-8") as file:
        file.write("9999999,9999999\n")
    (fault,) = faults_of(seed, tmp_path)
    assert str(fault) == f"vessels.csv, line {len(rows_of(seed, 'vessels')) + 1}: 2 cells where the header has 3"


def test_what_is_no_csv(seed: Path, tmp_path: Path) -> None:
    with (seed / "vessels.csv").open("a", encoding="utf-8") as file:
        file.write('"9999999"x,9999999,,\n')
    (fault,) = faults_of(seed, tmp_path)
    assert (fault.file, fault.line) == ("vessels.csv", len(rows_of(seed, "vessels")) + 1)
    assert "not CSV" in fault.message


def test_what_is_no_utf_8_and_what_is_not_there(seed: Path, tmp_path: Path) -> None:
    (seed / "vessels.csv").write_bytes(b"\xff\xfe")
    (seed / "flags.csv").rename(seed / "flgas.csv")
    missing, stray, other = faults_of(seed, tmp_path)
    assert (missing.file, missing.message) == ("flags.csv", "the file is missing")
    assert (stray.file, stray.message) == ("flgas.csv", "no table is filled from this file; is its name misspelt?")
    assert (other.file, other.message[:9]) == ("vessels.csv", "not UTF-8")


def test_the_line_that_is_no_utf_8(seed: Path, tmp_path: Path) -> None:
    content = (seed / "citations.csv").read_bytes().splitlines(keepends=True)
    content[1000] = content[1000].replace(b",", b",\xe9", 1)
    (seed / "citations.csv").write_bytes(b"".join(content))
    (fault,) = faults_of(seed, tmp_path)
    assert (fault.file, fault.line) == ("citations.csv", 1001)
    assert fault.message.startswith("not UTF-8: invalid continuation byte at byte ")


def test_a_seed_that_is_altered_while_it_is_published(
    seed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load_and_alter(session: Session, folder: Path, pool: Pool) -> Loaded:
        loaded = load(session, folder, pool)
        edit(folder, "vessels", change("9163166", note="Something else."))
        return loaded

    monkeypatch.setattr("app.publish.load", load_and_alter)
    (fault,) = faults_of(seed, tmp_path)
    assert fault.message == "it, or this software, was altered while it was published; publish once more"


def test_a_row_that_is_left_out_is_not_passed_over(seed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edit(seed, "vessels", lambda rows: rows.append(dict(rows[0])))
    # As if the file had been mended before it was looked through for what is repeated.
    monkeypatch.setattr("app.publishing.loading.report_duplicates", lambda *_: None)
    (fault,) = faults_of(seed, tmp_path)
    assert (fault.file, fault.message[:22]) == ("vessels.csv", "1 rows were left out; ")


def test_the_draft_of_a_publication_that_was_killed_is_removed(seed: Path, tmp_path: Path) -> None:
    left, another = tmp_path / ".publishing-unlisted.db-x", tmp_path / ".publishing-other.db-x"
    for folder in (left, another):
        folder.mkdir()
        (folder / "draft.db").touch()
    publish(seed, tmp_path / "unlisted.db")
    assert [path.name for path in tmp_path.glob(".publishing-*")] == [another.name]


def test_a_value_without_a_citation_is_not_published(seed: Path, tmp_path: Path) -> None:
    def uncite(rows: Rows) -> None:
        for row in rows:
            if row["table"] == "vessel_particulars":
                row["fields"] = row["fields"].replace(" value", "")

    edit(seed, "citations", uncite)
    faults = faults_of(seed, tmp_path)
    assert {(fault.file, fault.column, fault.message) for fault in faults} == {
        ("vessel_particulars.csv", "value", "no citation in citations.csv supports this value")
    }
    assert faults[0].line == line_of(seed, "vessel_particulars", rows_of(seed, "vessel_particulars")[0]["id"])


@pytest.mark.parametrize(
    ("cells", "column", "message"),
    [
        ({"row": "9999999"}, "row", "there is no row"),
        ({"table": "sources"}, "row", "there is no row"),
        ({"fields": "colour"}, "fields", "no fact of"),
        ({"fields": "id"}, "fields", "no fact of"),
        ({"fields": "ends_on"}, "fields", "is empty in row"),
    ],
)
def test_a_citation_supports_what_is_there(
    seed: Path, tmp_path: Path, cells: dict[str, str], column: str, message: str
) -> None:
    edit(
        seed,
        "citations",
        lambda rows: next(row for row in rows if row["row"] == "2270-aviation-fuel").update(cells),
    )
    found = [fault for fault in faults_of(seed, tmp_path) if fault.file == "citations.csv"]
    assert found[0].column == column
    assert message in found[0].message


def test_a_place_is_cited_once_for_a_row(seed: Path, tmp_path: Path) -> None:
    edit(seed, "citations", lambda rows: rows.append(dict(rows[0])))
    (fault,) = faults_of(seed, tmp_path)
    assert "cited for this row already" in fault.message


def test_every_fault_is_named_at_once(seed: Path, tmp_path: Path) -> None:
    edit(seed, "vessels", change("9163166", imo_number="9163167"))
    edit(seed, "listings", change("L0248", measure="frown"))
    assert [fault.file for fault in faults_of(seed, tmp_path)] == ["listings.csv", "vessels.csv"]


def test_a_fault_leaves_what_was_published(
    seed: Path, small_database: Path, client_of: Callable[[Path], Client]
) -> None:
    database, version = small_database, version_of(small_database)
    client = client_of(database)
    edit(seed, "listings", change("L0248", delisted_on="2016-03-01"))
    with pytest.raises(SeedError):
        publish(seed, database)
    assert client.json("/dataset")["version"] == version
    assert [path.name for path in database.parent.iterdir() if path.name.startswith(".publishing")] == []


def test_a_new_dataset_takes_the_place_of_the_old_one_at_once(
    seed: Path, small_database: Path, client_of: Callable[[Path], Client]
) -> None:
    database = small_database
    client = client_of(database)
    old = client.get("/vessels")
    edit(seed, "measures", change("2270-aviation-fuel", title="Fuel for aircraft"))
    publish(seed, database)
    assert client.json("/measures/2270-aviation-fuel")["title"] == "Fuel for aircraft"
    assert client.get("/vessels", headers={"If-None-Match": old.headers["etag"]}).status_code == 200


def test_staleness_is_of_content(seed: Path, tmp_path: Path) -> None:
    database = tmp_path / "unlisted.db"
    assert is_stale(seed, database)
    publish_untraced(seed, database)
    assert not is_stale(seed, database)
    (seed / "vessels.csv").touch()
    assert not is_stale(seed, database)
    edit(seed, "vessels", change("9163166", note=""))
    edit(seed, "measures", change("2270-aviation-fuel", title="Fuel"))
    assert is_stale(seed, database)
    with closing(sqlite3.connect(tmp_path / "empty.db")) as empty:
        empty.execute("CREATE TABLE dataset (fingerprint)")
    assert is_stale(seed, tmp_path / "empty.db")


def test_the_version_is_of_content_not_of_form(small: Path, seed: Path, tmp_path: Path) -> None:
    first = version_of(small / "data" / "unlisted.db")
    for path in seed.glob("*.csv"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    edit(seed, "vessels", lambda rows: rows.reverse())
    assert publish_untraced(seed, tmp_path / "second.db").version == first
    edit(seed, "vessels", change("9163166", note="Something else."))
    assert publish_untraced(seed, tmp_path / "third.db").version != first


def test_a_subject_without_a_listing(seed: Path, tmp_path: Path) -> None:
    edit(seed, "listings", lambda rows: rows.remove(row_of(rows, "L0180")))
    found = [fault for fault in faults_of(seed, tmp_path) if fault.file == "designated_parties.csv"]
    assert [(fault.column, fault.message) for fault in found] == [("id", "it has no listing in listings.csv")]


@pytest.mark.parametrize("name", ["with blanks", "a#b", "a%41b", "a?b", "ünïcode"])
def test_any_path_will_do(seed: Path, tmp_path: Path, client_of: Callable[[Path], Client], name: str) -> None:
    database = tmp_path / name / "unlisted.db"
    publish_untraced(seed, database)
    assert not is_stale(seed, database)
    assert client_of(database).json("/vessels")["total"] == len(rows_of(seed, "vessels"))


def test_the_same_seed_gives_the_same_dataset_anywhere(small: Path, tmp_path: Path) -> None:
    """In another folder, time zone and locale, with another hash seed: the version and every rendered byte."""
    elsewhere = tmp_path / "elsewhere" / "unlisted.db"
    shutil.copytree(small / "seed", tmp_path / "seed")
    words = [sys.executable, "-m", "app.cli", "publish", "--seed", str(tmp_path / "seed"), "--database", str(elsewhere)]
    odd = {**os.environ, "TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "7", "PYTHONUTF8": "0"}
    subprocess.run(words, cwd=ROOT, env=odd, check=True, capture_output=True)
    contents = []
    for path in (small / "data" / "unlisted.db", elsewhere):
        with closing(sqlite3.connect(path)) as connection:
            rendered = connection.execute("SELECT * FROM rendering ORDER BY resource, id, from_on").fetchall()
            contents.append((connection.execute("SELECT version, record FROM dataset").fetchone(), rendered))
    assert contents[0] == contents[1]
    assert len(contents[0][1]) > 200
