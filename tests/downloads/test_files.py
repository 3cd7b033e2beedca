"""The files to download: complete, deterministic, and read by software that others wrote."""

import csv
import hashlib
import json
import sqlite3
import zipfile
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import frictionless
import pyarrow.parquet as pq
import pytest
from pybtex.database import parse_bytes
from sqlmodel import Session

from app.database import reading_engine
from app.downloads.entity import dates_of
from app.downloads.files import INDEX, Download, read_index
from app.downloads.make import make_downloads
from app.downloads.sqlite import PHRASES
from app.publish import RECORD_PATHS
from app.publishing.seed import SEED_TABLES
from app.vocabularies import RelationKind
from tests.conftest import made_once, rows_of, version_of

Find = Callable[[str], Path]


def _make(database: Path, folder: Path) -> list[Download]:
    with Session(reading_engine(database)) as session:
        return make_downloads(session, folder, RECORD_PATHS)


@pytest.fixture(scope="session")
def files(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the files of the small seed, made once."""
    return made_once(tmp_path_factory, "downloads", lambda folder: _make(small / "data" / "unlisted.db", folder))


@pytest.fixture
def find(files: Path) -> Find:
    """Find the file whose name ends in some way."""

    def one(suffix: str) -> Path:
        (found,) = files.glob(f"unlisted-*-{suffix}")
        return found

    return one


def test_the_index_is_right_and_names_the_version(files: Path, small: Path) -> None:
    index = read_index(files)
    assert {path.name for path in files.iterdir()} == {*index, "index.json"}
    for name, file in index.items():
        content = (files / name).read_bytes()
        assert (file.bytes, file.sha256) == (len(content), hashlib.sha256(content).hexdigest()), name
        assert version_of(small / "data" / "unlisted.db") in name


def test_the_same_record_gives_the_same_bytes(files: Path, small: Path, tmp_path: Path) -> None:
    _make(small / "data" / "unlisted.db", tmp_path)
    assert read_index(tmp_path) == read_index(files)


def test_the_data_package_is_valid_and_has_every_row(find: Find, small: Path, tmp_path: Path) -> None:
    report = frictionless.validate(str(find("datapackage.zip")))
    assert report.valid, report.flatten(["title", "note"])
    with zipfile.ZipFile(find("datapackage.zip")) as archive:
        archive.extractall(tmp_path)
    for stem in SEED_TABLES:
        if stem != "citations":  # in the order of the file, as that is a column
            assert sorted(map(str, rows_of(tmp_path, stem))) == sorted(map(str, rows_of(small / "seed", stem))), stem
    assert rows_of(tmp_path, "citations") == rows_of(small / "seed", "citations")


def test_the_flat_list_has_every_name_and_every_identifier(find: Find, small: Path) -> None:
    with find("names.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    counts = Counter(row["entry"] for row in rows)
    assert counts["name"] == len(rows_of(small / "seed", "names"))
    vessels, parties = rows_of(small / "seed", "vessels"), rows_of(small / "seed", "designated_parties")
    numbers = len(parties) + sum(bool(one[key]) for one in parties for key in ("swift_code", "imo_company_number"))
    numbers += sum(bool(one["imo_number"]) for one in vessels) + len(rows_of(small / "seed", "documents"))
    seed = small / "seed"
    numbers += sum(row["kind"] in ("mmsi", "call_sign") for row in rows_of(seed, "vessel_particulars"))
    others = {(row["subject_id"], row["scheme"], row["value"]) for row in rows_of(seed, "external_identifiers")}
    others = {one for one in others if one[2]}
    assert others
    assert others <= {(row["subject_id"], row["kind"], row["value"]) for row in rows}
    assert counts["identifier"] == numbers + len(others)
    called = next(row for row in rows_of(seed, "vessel_particulars") if row["kind"] == "mmsi")
    (found,) = [row for row in rows if row["kind"] == "mmsi" and row["value"] == called["value"]]
    assert (found["subject_id"], found["on_since"]) == (called["vessel_id"], called["on_since"])
    (imo,) = [row for row in rows if row["kind"] == "imo_number" and row["subject_id"] == "9163166"]
    assert imo["value"] == "9163166"


def test_every_record_is_a_line(find: Find, small: Path) -> None:
    lines = [json.loads(line) for line in find("records.ndjson").read_text(encoding="utf-8").splitlines()]
    with closing(sqlite3.connect(small / "data" / "unlisted.db")) as database:
        marks = ", ".join("?" * len(RECORD_PATHS))
        query = f"SELECT count(*) FROM rendering WHERE resource IN ({marks})"
        assert database.execute(query, sorted(RECORD_PATHS)).fetchone() == (len(lines),)
    assert {line["resource"] for line in lines} == RECORD_PATHS
    for line in lines:
        assert line["until_on"] is None or line["from_on"] < line["until_on"]
        assert line["record"]["url"].startswith("/")
    assert "\x7f" not in find("records.ndjson").read_text(encoding="utf-8")


def test_the_database_is_whole_and_has_no_table_of_ours(find: Find, small: Path) -> None:
    with closing(sqlite3.connect(find("database.sqlite"))) as database:
        names = {row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        plain = {name for name in names if not name.startswith("names_fts")}
        assert plain == {*SEED_TABLES, "subjects", "acts", "about"}
        for stem in SEED_TABLES:
            count = len(rows_of(small / "seed", stem))
            assert database.execute(f'SELECT count(*) FROM "{stem}"').fetchone() == (count,), stem
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        keys = {(key[2], key[3]) for key in database.execute("PRAGMA foreign_key_list(vessels)")}
        assert ("subjects", "id") in keys
        found = database.execute(
            "SELECT names.subject_id FROM names_fts JOIN names ON names.rowid = names_fts.rowid "
            "WHERE names_fts MATCH 'jin teng'"
        ).fetchall()
        assert ("9163166",) in found


def test_the_views_agree_with_the_listings(find: Find, small: Path) -> None:
    open_stays = {row["subject_id"] for row in rows_of(small / "seed", "listings") if not row["delisted_on"]}
    all_stays = {row["subject_id"] for row in rows_of(small / "seed", "listings")}
    ships = {row["id"] for row in rows_of(small / "seed", "vessels")}
    with closing(sqlite3.connect(find("database.sqlite"))) as database:

        def ids(view: str) -> set[str]:
            found = [row[0] for row in database.execute(f"SELECT id FROM {view}")]
            assert len(found) == len(set(found))
            return set(found)

        assert ids("vessels_listed") == open_stays & ships
        assert ids("vessels_delisted") == (all_stays - open_stays) & ships
        assert ids("vessels_delisted")
        assert ids("individuals_listed") | ids("entities_listed") == open_stays - ships
        assert ids("stays") == {row["id"] for row in rows_of(small / "seed", "listings")}


def test_the_views_say_relations_in_words(find: Find, small: Path) -> None:
    assert set(PHRASES) == set(RelationKind)
    seed = small / "seed"
    relations = {row["id"]: row for row in rows_of(seed, "relations")}
    ships = {row["id"] for row in rows_of(seed, "vessels")}
    with closing(sqlite3.connect(find("database.sqlite"))) as database:
        names = dict(database.execute("SELECT id, name FROM subjects").fetchall())
        sentences = dict(database.execute("SELECT id, sentence FROM relations_in_words").fetchall())
        assert sentences == {
            id: " ".join(
                (
                    row["from_name"] or names[row["from_id"]],
                    PHRASES[RelationKind(row["kind"])],
                    row["to_name"] or names[row["to_id"]],
                )
            )
            for id, row in relations.items()
        }
        of_ships = {id for id, row in relations.items() if row["to_id"] in ships and row["kind"] != "same_hull"}
        assert {row[0] for row in database.execute("SELECT id FROM owners_and_managers")} == of_ships != set()
        keys = {(key[2], key[3]) for key in database.execute("PRAGMA foreign_key_list(relations)")}
        assert keys == {("subjects", "from_id"), ("subjects", "to_id")}
        found = database.execute("SELECT id FROM identifiers_in_other_lists").fetchall()
        assert {row[0] for row in found} == {row["id"] for row in rows_of(seed, "external_identifiers")}


def test_datasettes_metadata_names_only_what_is_there(find: Find) -> None:
    metadata = json.loads(find("datasette.json").read_text(encoding="utf-8"))
    ((name, described),) = metadata["databases"].items()
    assert find("database.sqlite").stem == name
    with closing(sqlite3.connect(find("database.sqlite"))) as database:
        assert {"vessels", "names", "relations"} <= described["tables"].keys()
        for table, about in described["tables"].items():
            columns = {row[1] for row in database.execute(f'PRAGMA table_info("{table}")')}
            assert columns, table
            assert set(about.get("facets", [])) <= columns, table
            assert {about["label_column"]} <= columns if "label_column" in about else True, table


def test_the_bibliographies_have_every_source(find: Find, small: Path) -> None:
    keys = {row["key"] for row in rows_of(small / "seed", "sources")}
    assert {item["id"] for item in json.loads(find("sources.csl.json").read_text(encoding="utf-8"))} == keys
    assert set(parse_bytes(find("sources.bib").read_bytes(), "bibtex").entries) == keys


def test_parquet_has_days_as_days_and_identifiers_as_texts(find: Find, small: Path) -> None:
    table = pq.read_table(find("names.parquet"))
    assert str(table.schema.field("first_listed_on").type) == "date32[day]"
    assert str(table.schema.field("value").type) == "string"
    listings = pq.read_table(find("listings.parquet"))
    assert listings.num_rows == len(rows_of(small / "seed", "listings"))


def test_follow_the_money_has_every_subject_stay_and_paper(find: Find, small: Path) -> None:
    lines = [json.loads(line) for line in find("entities.ftm.json").read_text(encoding="utf-8").splitlines()]
    # Parties of relations that are not in the record have entities, too.
    counts = Counter(line["schema"] for line in lines if not line["id"].startswith("unlisted-party-"))
    seed = small / "seed"
    assert counts["Vessel"] == len(rows_of(seed, "vessels"))
    assert counts["Person"] + counts["Organization"] == len(rows_of(seed, "designated_parties"))
    assert counts["Sanction"] == len(rows_of(seed, "listings"))
    assert counts["Passport"] + counts["Identification"] == len(rows_of(seed, "documents"))
    ids = [line["id"] for line in lines]
    assert len(ids) == len(set(ids))
    by_id = {line["id"]: line for line in lines}
    for line in lines:
        for name in ("entity", "holder", *LINKED):
            assert set(line["properties"].get(name, [])) <= by_id.keys()
        for values in line["properties"].values():
            assert values
            assert all(isinstance(value, str) and value.strip() == value for value in values)
    delisted = by_id["unlisted-9163166"]["properties"]
    assert "topics" not in delisted
    ended = [line for line in lines if line["properties"].get("entity") == ["unlisted-9163166"]]
    assert {tuple(line["properties"]["endDate"]) for line in ended} == {("2016-03-21",)}
    every_name = {row["name"] for row in rows_of(seed, "names")}
    fields = ("name", "alias", "weakAlias", "previousName")
    assert every_name <= {value for line in lines for name in fields for value in line["properties"].get(name, [])}


LINKED = ("owner", "asset", "director", "organization", "agent", "client", "subject", "object")
"""FollowTheMoney's properties for the two ends of a link."""


def test_follow_the_money_has_every_relation_and_post(find: Find, small: Path) -> None:
    lines = [json.loads(line) for line in find("entities.ftm.json").read_text(encoding="utf-8").splitlines()]
    by_id = {line["id"]: line for line in lines}
    relations = rows_of(small / "seed", "relations")
    assert {row["kind"] for row in relations} >= {"owner", "director", "representative", "operator"}
    schemata = {"owner": "Ownership", "director": "Directorship", "representative": "Representation"}
    for row in relations:
        link = by_id[f"unlisted-relation-{row['id']}"]
        properties = link["properties"]
        (first,), (second,) = (properties[name] for name in LINKED if name in properties)
        assert properties["role"] == [row["kind"]]
        for end, (id, name) in ((first, (row["from_id"], row["from_name"])), (second, (row["to_id"], row["to_name"]))):
            assert end == f"unlisted-{id}" if id else by_id[end]["properties"]["name"] == [name]
        closer = {schemata.get(row["kind"], "UnknownLink")}
        is_asset = by_id[second]["schema"] == "Vessel"
        is_closer = (row["kind"] != "owner" or is_asset) and (row["kind"] != "representative" or row["to_id"])
        assert link["schema"] in (closer if is_closer else {"UnknownLink"}), row
        if row["on_since"].startswith("../"):  # it held on that day; when it began no source says
            assert properties["date"] == [row["on_since"][3:]]
            assert "startDate" not in properties
        assert set(properties.get("summary", [])) == ({row["note"]} if row["note"] else set())
        if row["on_until"]:
            assert properties["status"] == ["ended"]
            assert row["on_until"] in str(properties)
    posts = [row for row in rows_of(small / "seed", "positions") if row["organisation_id"]]
    assert posts
    for row in posts:
        properties = by_id[f"unlisted-position-{row['id']}"]["properties"]
        assert properties["object"] == [f"unlisted-{row['organisation_id']}"]
        assert properties["role"] == [row["position"]]


def test_follow_the_money_has_identifiers_of_others_and_amendments(find: Find, small: Path) -> None:
    lines = [json.loads(line) for line in find("entities.ftm.json").read_text(encoding="utf-8").splitlines()]
    by_id = {line["id"]: line["properties"] for line in lines}
    rows = rows_of(small / "seed", "external_identifiers")
    assert rows
    for row in rows:
        properties = by_id[f"unlisted-{row['subject_id']}"]
        noted = f"{row['scheme']}: {row['value'] or 'has no entry'}"
        assert any(note.startswith(noted) and row["note"] in note for note in properties["notes"]), row
        if row["scheme"] == "wikidata" and row["value"]:
            assert row["value"] in properties["wikidataId"]
    amendments = rows_of(small / "seed", "amendments")
    assert amendments
    for row in amendments:
        assert row["amended_on"] in by_id[f"unlisted-{row['subject_id']}"]["modifiedAt"]


@pytest.mark.parametrize(
    ("edtf", "dates"),
    [
        ("1965", ["1965"]),
        ("1965-03~", ["1965-03"]),
        ("1965-03-02?", ["1965-03-02"]),
        ("1964/1966", ["1964", "1965", "1966"]),
        ("1930/1960", ["1930", "1960"]),
        ("1965-03/1965-05", ["1965-03", "1965-04", "1965-05"]),
        ("../1965", ["1965"]),
        ("1965-03-02/..", ["1965"]),
    ],
)
def test_dates_are_written_as_far_as_they_are_known(edtf: str, dates: list[str]) -> None:
    assert dates_of(edtf) == dates


def test_the_manifest_for_yente_names_the_exported_file(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from app.cli import main

    monkeypatch.setattr("app.cli.logging.config.dictConfig", lambda _: None)
    assert main(["export", str(tmp_path / "out"), "--database", str(small / "data" / "unlisted.db")]) == 0
    told = capsys.readouterr().out.splitlines()
    digests = {name: digest for digest, name in (line.split("  ") for line in told)}
    for name, digest in digests.items():
        assert hashlib.sha256((tmp_path / "out" / name).read_bytes()).hexdigest() == digest
    (path,) = (tmp_path / "out").glob("*-yente.json")
    assert {one.name for one in (tmp_path / "out").iterdir()} == {*digests, path.name, INDEX}
    (dataset,) = json.loads(path.read_text(encoding="utf-8"))["datasets"]
    assert Path(dataset["entities_url"].removeprefix("file://")).is_file()


@pytest.mark.parametrize("kind", ["no dataset", "no folder"])
def test_an_export_that_cannot_be_done_says_why(
    kind: str, small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from app.cli import main

    database: Any = small / "data" / "unlisted.db" if kind == "no folder" else tmp_path / "none.db"
    (tmp_path / "file").write_text("")
    assert main(["export", str(tmp_path / "file" / "out"), "--database", str(database)]) == 2
    assert "Not exported: " in capsys.readouterr().err
