"""Downloads over HTTP: whole, by ranges, with digests, for each version that is kept."""

import hashlib
import shutil
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from app.downloads.files import downloads_folder
from app.publish import publish
from tests.conftest import BASE, Client, edit, made_once, version_of


@pytest.fixture(scope="session")
def published(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small seed published with files to download; tests only read it."""

    def make(folder: Path) -> None:
        publish(small / "seed", folder / "unlisted.db", with_downloads=True)

    return made_once(tmp_path_factory, "published_with_downloads", make) / "unlisted.db"


@pytest.fixture
def names(published: Path, client_of: Any) -> tuple[Client, dict[str, Any]]:
    """A client, and the list's entry of the flat names."""
    client = client_of(published)
    return client, next(one for one in client.json("/downloads")["items"] if one["name"].endswith("names.csv"))


def test_every_file_is_what_the_list_says(published: Path, client_of: Any) -> None:
    client = client_of(published)
    answer = client.json("/downloads")
    assert answer["total"] == len(answer["items"]) > 5
    for file in answer["items"]:
        response = client.get(file["url"].removeprefix(BASE))
        assert response.status_code == 200
        assert hashlib.sha256(response.content).hexdigest() == file["sha256"]
        assert len(response.content) == file["bytes"] == int(response.headers["content-length"])
        digest = response.headers["repr-digest"].removeprefix("sha-256=:").removesuffix(":")
        assert b64decode(digest).hex() == file["sha256"]
        assert "immutable" in response.headers["cache-control"]
        assert response.headers["content-type"].partition(";")[0] == file["media_type"]
        assert version_of(published) in file["name"]
    distributions = client.json("/dataset?format=jsonld")["dcat:distribution"][1:]
    assert [one["schema:sha256"] for one in distributions] == [one["sha256"] for one in answer["items"]]
    assert client.get("/downloads?format=csv").text.count("\r\n") == answer["total"] + 1


@pytest.mark.parametrize(
    ("given", "first", "end"),
    [
        ("bytes=0-9", 0, 10),
        ("bytes=5-", 5, None),
        ("bytes=-7", -7, None),
        ("Bytes = 3-3", 3, 4),
        ("bytes=0-999999999", 0, None),
    ],
)
def test_a_range_is_answered(names: tuple[Client, dict[str, Any]], given: str, first: int, end: int | None) -> None:
    client, file = names
    path = file["url"].removeprefix(BASE)
    whole = client.get(path).content
    response = client.get(path, headers={"Range": given})
    assert response.status_code == 206
    assert response.content == whole[first:end]
    start = first % len(whole)
    assert response.headers["content-range"] == f"bytes {start}-{start + len(response.content) - 1}/{len(whole)}"


@pytest.mark.parametrize("given", ["bytes=9-3", "bytes=-", "lines=0-9", "bytes=0-1,4-5", "bytes=a-b", "bytes=٣-٤"])
def test_what_is_no_single_range_is_answered_whole(names: tuple[Client, dict[str, Any]], given: str) -> None:
    client, file = names
    response = client.get(file["url"].removeprefix(BASE), headers={"Range": given.encode()})
    assert response.status_code == 200
    assert len(response.content) == file["bytes"]


@pytest.mark.parametrize("given", ["bytes=999999999-", "bytes=-0"])
def test_a_range_behind_the_end_is_refused(names: tuple[Client, dict[str, Any]], given: str) -> None:
    client, file = names
    response = client.get(file["url"].removeprefix(BASE), headers={"Range": given})
    assert response.status_code == 416
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["content-range"] == f"bytes */{file['bytes']}"


def test_conditions_hold_for_files(names: tuple[Client, dict[str, Any]]) -> None:
    client, file = names
    path = file["url"].removeprefix(BASE)
    etag = client.get(path).headers["etag"]
    assert client.get(path, headers={"If-None-Match": etag}).status_code == 304
    assert client.get(path, headers={"Range": "bytes=0-1", "If-Range": etag}).status_code == 206
    assert client.get(path, headers={"Range": "bytes=0-1", "If-Range": '"another"'}).status_code == 200
    head = client.request("HEAD", path, headers={"Range": "bytes=0-1"})
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(file["bytes"]))


def test_the_manifest_for_yente_leads_to_the_entities(published: Path, client_of: Any) -> None:
    client = client_of(published)
    (dataset,) = client.json(f"/downloads/unlisted-{version_of(published)}-yente.json")["datasets"]
    assert dataset["version"].endswith(version_of(published))
    assert client.get(dataset["entities_url"].removeprefix(BASE)).status_code == 200
    current = client.get("/downloads/yente.json")
    assert current.json()["datasets"] == [dataset]
    assert current.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "name",
    ["index.json", "unlisted-0123456789abcdef-names.csv", "..%2Funlisted.db", "unlisted-{}-other.csv", "names.csv"],
)
def test_nothing_else_can_be_downloaded(published: Path, client_of: Any, name: str) -> None:
    client = client_of(published)
    assert client.get(f"/downloads/{name.format(version_of(published))}").status_code == 404


def test_files_are_there_as_long_as_their_version(seed: Path, published: Path, tmp_path: Path, client_of: Any) -> None:
    first = version_of(published)
    database = Path(shutil.copytree(published.parent, tmp_path / "data")) / "unlisted.db"
    client = client_of(database)
    edit(seed, "resolutions", lambda rows: rows[0].update(summary="Altered for this test."))
    publish(seed, database, keep_versions=2, with_downloads=True)
    second = version_of(database)
    manifests = [client.json(f"/downloads/{name}") for name in (f"unlisted-{first}-yente.json", "yente.json")]
    before, after = (one["datasets"][0]["version"] for one in manifests)
    assert before < after  # as texts, by which yente says what is newer
    assert client.get(f"/downloads/unlisted-{first}-names.csv").status_code == 200
    assert client.json(f"/downloads?dataset={first}")["total"] == client.json("/downloads")["total"]
    edit(seed, "resolutions", lambda rows: rows[0].update(summary="Altered once more."))
    publish(seed, database, keep_versions=2)
    assert client.get(f"/downloads/unlisted-{first}-names.csv").status_code == 404
    assert [path.name for path in downloads_folder(database, "").iterdir()] == [second]


def test_a_dataset_without_files_says_so(small_database: Path, client_of: Any) -> None:
    client = client_of(small_database)
    assert client.json("/downloads")["total"] == 0
    assert client.get("/downloads/yente.json").status_code == 404
