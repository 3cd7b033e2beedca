"""Two times, told apart: what the list said on a day, and what this record knew of it in one version."""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from app.database import version_file
from app.publish import PublishError, publish
from app.settings import ROOT
from tests.conftest import BASE, Client, edit, row_of, rows_of, version_of, without_id
from tests.test_house import assert_problem

URLS = [
    "/vessels?listed=true&as_of=2016-03-20&limit=7",
    "/vessels/9163166?as_of=2016-03-20",
    "/vessels/9163166?as_of=2016-03-20&format=csv",
    "/vessels/9163166?as_of=2016-03-20&format=bibtex",
    "/resolutions/2016-03-02?as_of=2026-01-01",
    "/measures?text=fuel&as_of=2026-01-01",
    "/sources/un-2270-page?as_of=2026-01-01",
    "/changes?subject=9163166&as_of=2026-01-01",
    "/changes?format=atom&limit=3&as_of=2026-01-01",
    "/changes?format=jsonfeed&limit=3&as_of=2026-01-01",
    "/diff?from=2016-03-02&to=2016-12-17",
    "/timeline?step=month&until=2026-01-01",
    "/search?q=Kim+Yong-chul&as_of=2026-01-01",
    "/dataset?as_of=2026-01-01",
    "/dataset/versions?as_of=2026-01-01",
    "/?as_of=2026-01-01",
]


def retitle(seed: Path, title: str) -> None:
    edit(seed, "measures", lambda rows: row_of(rows, "2270-aviation-fuel").update(title=title))


@pytest.fixture
def published(seed: Path, small_database: Path) -> tuple[Path, str, str]:
    """A database with two versions of the record, the second with one measure named otherwise."""
    first = version_of(small_database)
    retitle(seed, "Fuel for aircraft")
    return small_database, first, publish(seed, small_database).version


def pin(url: str, version: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}dataset={version}"


def test_a_version_answers_byte_for_byte_as_it_did(
    seed: Path, small_database: Path, client_of: Callable[[Path], Client]
) -> None:
    database, version = small_database, version_of(small_database)
    client = client_of(database)
    before = {url: client.get(pin(url, version)) for url in URLS}
    now = {url: client.get(url) for url in URLS}
    retitle(seed, "Fuel for aircraft")
    assert publish(seed, database).version != version
    for url in URLS:
        again = client.get(pin(url, version))
        assert (again.status_code, again.content) == (200, before[url].content)
        assert without_id(again.headers) == without_id(before[url].headers)
        assert again.headers["dataset-version"] == version
        assert now[url].headers["dataset-version"] == version, "not pinned, it answered from the same version"
    assert client.json(pin("/measures/2270-aviation-fuel", version))["title"] != "Fuel for aircraft"
    assert client.json("/measures/2270-aviation-fuel")["title"] == "Fuel for aircraft"


def test_a_walk_stays_in_the_version_that_it_began_in(
    seed: Path, small_database: Path, client_of: Callable[[Path], Client]
) -> None:
    database, version = small_database, version_of(small_database)
    client = client_of(database)
    whole = client.ids("/measures?limit=500")
    page = client.json("/measures?limit=12")
    edit(seed, "measures", lambda rows: row_of(rows, "2270-aviation-fuel").update(title="Fuel for aircraft"))
    publish(seed, database)
    rest = client.json(page["next"])
    assert rest["dataset"]["version"] == version
    assert [item["id"] for item in [*page["items"], *rest["items"]]] == whole


def test_the_versions_and_what_changed(
    published: tuple[Path, str, str], seed: Path, client_of: Callable[[Path], Client]
) -> None:
    database, first, second = published
    client = client_of(database)
    newest, oldest = client.json("/dataset/versions?include=all")["items"]
    assert (newest["id"], oldest["id"]) == (second, first)
    assert newest["previous"] == first
    assert oldest["previous"] is oldest["revisions"] is None
    revisions = {revision.pop("resource"): revision for revision in newest["revisions"]}
    assert revisions["measures"] == {
        "added": [],
        "removed": [],
        "altered": [{"id": "2270-aviation-fuel", "fields": ["title"]}],
    }
    assert revisions["resolutions"]["altered"] == [{"id": "2270", "fields": ["measures"]}]
    assert client.json(newest["dataset_url"])["version"] == second
    assert client.json(oldest["dataset_url"])["version"] == first
    assert [item["id"] for item in client.json("/dataset/versions?sort=published_on")["items"]] == [first, second]
    assert {count["table"]: count["rows"] for count in newest["counts"]}["vessels"] == len(rows_of(seed, "vessels"))
    assert client.json(newest["url"])["id"] == second
    assert [item["id"] for item in client.json(pin("/dataset/versions", first))["items"]] == [first]


def test_what_was_added_and_removed(seed: Path, small_database: Path, client_of: Callable[[Path], Client]) -> None:
    database = small_database
    edit(seed, "explained_differences", lambda rows: rows.clear())
    edit(seed, "sources", lambda rows: rows.append({**rows[0], "key": "a-new-source"}))
    publish(seed, database)
    (revision,) = client_of(database).json("/dataset/versions?include=all")["items"][0]["revisions"]
    assert revision == {"resource": "sources", "added": ["a-new-source"], "removed": [], "altered": []}
    edit(seed, "sources", lambda rows: rows.remove(row_of(rows, "a-new-source")))
    publish(seed, database)
    (revision,) = client_of(database).json("/dataset/versions?include=all")["items"][0]["revisions"]
    assert revision["removed"] == ["a-new-source"]


@pytest.mark.parametrize("url", ["/vessels", "/vessels/9163166", "/dataset", "/dataset/versions", "/resolutions/2270"])
def test_a_version_that_is_not_kept_is_a_410_that_names_the_current_one(client: Client, url: str) -> None:
    response = client.get(pin(url, "0123456789abcdef"))
    assert response.status_code == 410
    problem = assert_problem(response)
    assert client.json("/dataset")["version"] in problem["detail"]
    assert problem["type"] == f"{BASE}/problems/version-gone"


@pytest.mark.parametrize("version", ["", "x", "0123456789ABCDEF", "0123456789abcde", "../../etc/passwd", "%00"])
def test_what_is_no_version_is_refused(client: Client, version: str) -> None:
    response = client.get(f"/vessels?dataset={version}")
    assert response.status_code == 422
    assert assert_problem(response)["errors"][0]["parameter"] == "dataset"


def test_only_the_last_few_are_kept(seed: Path, tmp_path: Path, client_of: Callable[[Path], Client]) -> None:
    database = tmp_path / "unlisted.db"
    versions = []
    client = client_of(database)
    for title in ("Fuel", "Fuel of aircraft", "Fuel for aircraft"):
        retitle(seed, title)
        versions.append(publish(seed, database, keep_versions=2).version)
        assert client.get(pin("/vessels?limit=1", versions[0])).status_code == (200 if len(versions) < 3 else 410)
    listed = [item["id"] for item in client.json("/dataset/versions?include=all")["items"]]
    assert listed == [versions[2], versions[1]]
    files = {path.name for path in version_file(database, "x").parent.iterdir()}
    assert files == {f"{version}{ending}" for version in listed for ending in (".db", ".db.sha256")}


def test_the_same_version_published_again_is_one_version(
    seed: Path, tmp_path: Path, client_of: Callable[[Path], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    database = tmp_path / "unlisted.db"
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1456876800")
    version = publish(seed, database).version
    client = client_of(database)
    first = client.get(pin("/dataset/versions?as_of=2026-01-01", version))
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    publish(seed, database)
    assert client.get(pin("/dataset/versions?as_of=2026-01-01", version)).content == first.content
    (only,) = first.json()["items"]
    assert only["published_on"] == "2016-03-02"


def test_a_version_that_comes_back_keeps_its_first_day_and_is_the_newest(
    seed: Path, tmp_path: Path, client_of: Callable[[Path], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    database = tmp_path / "unlisted.db"
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1456876800")
    first = publish(seed, database).version
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    title = row_of(rows_of(seed, "measures"), "2270-aviation-fuel")["title"]
    retitle(seed, "Fuel for aircraft")
    second = publish(seed, database).version
    retitle(seed, title)
    assert publish(seed, database).version == first
    client = client_of(database)
    items = client.json("/dataset/versions?include=all")["items"]
    assert [item["id"] for item in items] == [first, second]
    assert items[0]["published_on"] == "2016-03-02"
    assert items[0]["previous"] == second


def test_never_another_version_in_silence(
    published: tuple[Path, str, str], client_of: Callable[[Path], Client]
) -> None:
    """A file under another version's name, or of another schema, is not believed."""
    database, first, second = published
    client = client_of(database)
    assert client.get(pin("/vessels?limit=1", first)).status_code == 200
    kept = version_file(database, first)
    kept.unlink()
    shutil.copy(version_file(database, second), kept)
    assert client.get(pin("/vessels?limit=1", first)).status_code == 410
    with closing(sqlite3.connect(kept)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
    assert client.get(pin("/vessels?limit=1", first)).status_code == 410
    kept.write_bytes(b"no database")
    assert client.get(pin("/vessels?limit=1", first)).status_code == 410
    kept.unlink()
    assert client.get(pin("/vessels?limit=1", first)).status_code == 410
    assert client.get(pin("/vessels?limit=1", second)).status_code == 200


def test_a_database_that_cannot_be_read_does_not_keep_a_new_one_from_being_published(
    seed: Path, tmp_path: Path, client_of: Callable[[Path], Client]
) -> None:
    database = tmp_path / "unlisted.db"
    database.write_bytes(b"no database")
    version = publish(seed, database).version
    (only,) = client_of(database).json("/dataset/versions?include=all")["items"]
    assert (only["id"], only["revisions"]) == (version, None)


def test_where_there_are_no_hard_links_the_file_is_copied(
    seed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, client_of: Callable[[Path], Client]
) -> None:
    def refuse(*_: object) -> None:
        raise OSError("no hard links here")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    database = tmp_path / "unlisted.db"
    version = publish(seed, database).version
    assert version_file(database, version).stat().st_ino != database.stat().st_ino
    assert client_of(database).json(pin("/vessels?limit=1", version))["total"] == len(rows_of(seed, "vessels"))


def test_two_publications_at_once_lose_nothing(seed: Path, tmp_path: Path, client_of: Callable[[Path], Client]) -> None:
    other = tmp_path / "other"
    shutil.copytree(seed, other)
    retitle(other, "Fuel for aircraft")
    database = tmp_path / "unlisted.db"
    words = [sys.executable, "-m", "app.cli", "publish", "--database", str(database), "--seed"]
    running = [subprocess.Popen([*words, str(folder)], cwd=ROOT, stdout=subprocess.PIPE) for folder in (seed, other)]
    told = [process.communicate(timeout=60)[0].decode() for process in running]
    versions = {line.split()[2] for line in told}
    client = client_of(database)
    assert {item["id"] for item in client.json("/dataset/versions?include=all")["items"]} == versions
    assert all(client.get(pin("/vessels?limit=1", version)).status_code == 200 for version in versions)


def test_a_crash_before_the_swap_leaves_what_was_published(
    seed: Path, small_database: Path, client_of: Callable[[Path], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    database, first = small_database, version_of(small_database)
    retitle(seed, "Fuel for aircraft")
    swap = Path.replace

    def crash(self: Path, target: Path) -> Path:
        if target == database:
            raise OSError("the machine went down")
        return swap(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", crash)
        with pytest.raises(PublishError, match="went down"):
            publish(seed, database)
    client = client_of(database)
    assert [item["id"] for item in client.json("/dataset/versions?include=all")["items"]] == [first]
    assert client.get(pin("/vessels?limit=1", first)).status_code == 200
    second = publish(seed, database).version
    assert [item["id"] for item in client.json("/dataset/versions?include=all")["items"]] == [second, first]


def test_where_the_published_file_is_lost_the_versions_are_not(
    seed: Path, small_database: Path, client_of: Callable[[Path], Client]
) -> None:
    database, first = small_database, version_of(small_database)
    database.unlink()
    retitle(seed, "Fuel for aircraft")
    second = publish(seed, database).version
    client = client_of(database)
    assert [item["id"] for item in client.json("/dataset/versions?include=all")["items"]] == [second, first]
    assert client.get(pin("/vessels?limit=1", first)).status_code == 200


def test_software_that_answers_otherwise_makes_another_version(
    seed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = publish(seed, tmp_path / "unlisted.db").version
    monkeypatch.setattr("app.resources.dataset.LICENCE", "Ask first.")
    assert publish(seed, tmp_path / "unlisted.db").version != first


def test_keeping_fewer_does_not_alter_what_a_version_answers(
    published: tuple[Path, str, str], seed: Path, client_of: Callable[[Path], Client]
) -> None:
    database, _, second = published
    client = client_of(database)
    url = pin("/dataset/versions?as_of=2026-01-01", second)
    before = client.get(url).content
    publish(seed, database, keep_versions=1)
    assert client.get(url).content == before
