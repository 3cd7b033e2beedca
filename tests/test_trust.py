"""A dataset that can be believed: checked when it is opened; the last good version answers for one that is not good."""

import logging
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from filelock import FileLock
from sqlalchemy import text

from app import database as database_module
from app.checksums import checksum_file
from app.cli import main
from app.database import Datasets, FileFault, open_dataset, version_file
from app.problems import NoDataset, QueryTimeout
from app.publish import publish, rollback, verify
from app.settings import ROOT
from tests.conftest import Client, edit, version_of
from tests.work import publish_untraced


def damage(path: Path) -> None:
    """Flip bytes in the middle of a file, which stays the same file."""
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        found = file.read(4096)
        file.seek(-len(found), os.SEEK_CUR)
        file.write(bytes(byte ^ 0xFF for byte in found))


def delete(path: Path) -> None:
    path.unlink()


def change_schema(path: Path) -> None:
    """Publish, as another version of the software would, a dataset of another schema."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
    checksum_file(path).unlink()


def empty_dataset(path: Path) -> None:
    """Take away the row of the dataset, with a checksum that is right."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM dataset")
    checksum_file(path).unlink()


def truncate(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


def replace_by_text(path: Path) -> None:
    path.write_text("no database" * 1000)


HARM = pytest.mark.parametrize(
    ("harm", "fault"),
    [
        (damage, FileFault.DAMAGED),
        (truncate, FileFault.DAMAGED),
        (replace_by_text, FileFault.DAMAGED),
        (delete, FileFault.MISSING),
        (change_schema, FileFault.OTHER_SCHEMA),
        (empty_dataset, FileFault.UNREADABLE),
    ],
)


@HARM
@pytest.mark.parametrize("running", [True, False], ids=["while-it-serves", "before-it-starts"])
def test_the_last_good_version_answers(
    small_database: Path,
    client_of: Callable[[Path], Client],
    caplog: pytest.LogCaptureFixture,
    harm: Callable[[Path], None],
    fault: FileFault,
    running: bool,
) -> None:
    version = version_of(small_database)
    client = client_of(small_database)
    if running:
        assert client.json("/readyz") == {"status": "ok", "dataset": version, "check": "checked", "fault": None}
        assert "dataset-fallback" not in client.get("/vessels").headers
    harm(small_database)
    time.sleep(0.01)
    for _ in range(2):
        response = client.get("/vessels")
        assert (response.status_code, response.headers["dataset-fallback"]) == (200, fault)
        assert response.json()["dataset"]["version"] == response.headers["dataset-version"] == version
    assert client.json("/readyz") == {"status": "fallback", "dataset": version, "check": "checked", "fault": fault}
    said = [record.message for record in caplog.records if "answers in its place" in record.message]
    assert len(said) == 1
    assert version in said[0]
    assert fault in said[0]


@HARM
def test_publishing_mends_it(
    seed: Path,
    small_database: Path,
    client_of: Callable[[Path], Client],
    harm: Callable[[Path], None],
    fault: FileFault,
) -> None:
    del fault
    client = client_of(small_database)
    first = version_of(small_database)
    harm(small_database)
    edit(seed, "measures", lambda rows: rows[0].update(title="Something else"))
    second = publish_untraced(seed, small_database).version
    assert client.json("/readyz") == {"status": "ok", "dataset": second, "check": "checked", "fault": None}
    assert {item["id"] for item in client.items("/dataset/versions")} == {first, second}


def test_nothing_is_left_that_is_good(small_database: Path, client_of: Callable[[Path], Client]) -> None:
    damage(small_database)
    damage(version_file(small_database, version_of(small_database)))
    response = client_of(small_database).get("/vessels")
    assert response.status_code == 503
    assert "damaged" in response.json()["detail"]


def test_a_version_shares_no_damage(small_database: Path) -> None:
    kept = version_file(small_database, version_of(small_database))
    assert kept.stat().st_ino != small_database.stat().st_ino
    assert kept.read_bytes() == small_database.read_bytes()


def test_damage_that_is_found_while_it_is_read(small_database: Path) -> None:
    """The bytes change and the time of the file does not, as with a failing disk."""
    datasets = Datasets(small_database)
    opened = datasets.current()
    before = small_database.stat()
    with small_database.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (before.st_size - 4096))
    os.utime(small_database, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(NoDataset, match="Ask again"):
        opened.query(text("SELECT sum(length(record)) FROM rendering"))  # type: ignore[arg-type]
    assert datasets.current().query(text("SELECT count(*) FROM rendering"))  # type: ignore[arg-type]
    assert datasets.fallback is FileFault.DAMAGED
    datasets.close()


def test_a_large_file_is_checked_in_the_background(
    small_database: Path, monkeypatch: pytest.MonkeyPatch, client_of: Callable[[Path], Client]
) -> None:
    monkeypatch.setattr(database_module, "CHECKED_BEFORE_SERVING", 1)
    go = threading.Event()
    check = database_module.check_file

    def check_later(path: Path) -> database_module.CheckState:
        go.wait(10)
        return check(path)

    monkeypatch.setattr(database_module, "check_file", check_later)
    damage(small_database)
    client = client_of(small_database)
    assert client.json("/readyz")["check"] == "checking"
    go.set()
    deadline = time.monotonic() + 10
    while client.json("/readyz")["status"] == "ok" and time.monotonic() < deadline:
        time.sleep(0.01)
    assert client.json("/readyz")["fault"] == "damaged"


def test_a_file_without_a_checksum(small_database: Path, client_of: Callable[[Path], Client]) -> None:
    checksum_file(small_database).unlink()
    assert client_of(small_database).json("/readyz")["check"] == "no checksum"


def test_a_dataset_is_closed_when_the_last_answer_is_done(seed: Path, small_database: Path) -> None:
    datasets = Datasets(small_database)
    leased = datasets.current()
    edit(seed, "measures", lambda rows: rows[0].update(title="Something else"))
    second = publish_untraced(seed, small_database).version
    assert datasets.current().version == second
    assert leased.query(text("SELECT count(*) FROM rendering"))[0][0] > 0  # type: ignore[arg-type]
    files = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    del leased
    assert len(os.listdir("/proc/self/fd")) < files  # noqa: PTH208
    datasets.close()


def test_a_query_has_a_time_limit(small_database: Path) -> None:
    endless = text("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n")
    datasets = Datasets(small_database, query_seconds=0.05)
    with pytest.raises(QueryTimeout, match=r"longer than 0\.05 s"):
        datasets.current().query(endless)  # type: ignore[arg-type]
    assert datasets.current().query(text("SELECT 1"))  # type: ignore[arg-type]
    datasets.close()


def test_a_symbolic_link_is_followed(seed: Path, small_database: Path, tmp_path: Path) -> None:
    link = tmp_path / "current.db"
    link.symlink_to(small_database)
    edit(seed, "measures", lambda rows: rows[0].update(title="Something else"))
    published = publish_untraced(seed, link)
    assert link.is_symlink()
    assert version_of(small_database) == published.version
    datasets = Datasets(link)
    assert datasets.version(published.kept[0]).version == published.kept[0]
    datasets.close()


def test_rollback(seed: Path, small_database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = version_of(small_database)
    edit(seed, "measures", lambda rows: rows[0].update(title="Something else"))
    second = publish_untraced(seed, small_database).version
    assert main(["rollback", first, "--database", str(small_database)]) == 0
    assert version_of(small_database) == first
    assert first in capsys.readouterr().out
    for version, message in (("0" * 16, f"kept are: {', '.join(sorted((first, second)))}"), ("../x", "is not kept")):
        assert main(["rollback", version, "--database", str(small_database)]) == 2
        assert message in capsys.readouterr().err
    damage(version_file(small_database, second))
    assert main(["rollback", second, "--database", str(small_database)]) == 2
    assert "damaged" in capsys.readouterr().err
    assert version_of(small_database) == first
    assert verify(small_database)[0].is_good
    rollback(small_database, first)


def test_verify(small_database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["verify", "--database", str(small_database)]
    assert main(words) == 0
    assert capsys.readouterr().out.count(": checked") == 2
    damage(small_database)
    assert main(words) == 1
    assert "is damaged" in capsys.readouterr().out
    small_database.unlink()
    assert main(words) == 1
    assert "unlisted.db: missing" in capsys.readouterr().out


def test_what_a_machine_does_not_allow(
    seed: Path, small_database: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = small_database.read_bytes()

    def run(**options: Path) -> str:
        words = {"seed": seed, "database": small_database} | options
        status = main(["publish", "--seed", str(words["seed"]), "--database", str(words["database"])])
        message = capsys.readouterr().err
        assert status in (1, 2)
        assert "Traceback" not in message
        assert small_database.read_bytes() == before
        return message

    assert "it is a file; a seed is a folder" in run(seed=seed / "vessels.csv")
    assert "Not published: " in run(database=small_database / "x" / "unlisted.db")
    for epoch in ("yesterday", "9" * 30):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
        assert "SOURCE_DATE_EPOCH" in run()
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    edit(seed, "resolutions", lambda rows: rows[0].update(meeting=str(2**63)))
    assert "column meeting: the number has more than 64 bits" in run()


@pytest.mark.parametrize("limit", ["full", "read-only"])
def test_no_room_and_no_permission(small: Path, small_database: Path, limit: str) -> None:
    """A file-size limit stands for a full disk: to write beyond either fails in the same place."""
    before = small_database.read_bytes()
    words = [sys.executable, "-m", "app.cli", "publish", "--seed", str(small / "seed"), "--database", "PATH"]
    if limit == "full":
        words[-1] = str(small_database)
        words = ["bash", "-c", "trap '' XFSZ; ulimit -f 200; exec \"$@\"", "-", *words]
    else:
        words[-1] = "/proc/unlisted/unlisted.db"
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stderr
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("Not published")]
    assert "Traceback" not in done.stderr
    assert line
    assert small_database.read_bytes() == before
    assert not list(small_database.parent.glob(".publishing-*"))


def test_a_second_publisher_says_that_it_waits(
    seed: Path, small_database: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with FileLock(small_database.with_name(f".{small_database.name}.lock")):
        waiting = threading.Thread(target=publish, args=(seed, small_database))
        waiting.start()
        deadline = time.monotonic() + 10
        while "waiting until it is done" not in caplog.text and time.monotonic() < deadline:
            time.sleep(0.01)
        assert waiting.is_alive()
    waiting.join(60)
    assert not waiting.is_alive()
    assert "waiting until it is done" in caplog.text


def test_serving_publishes_again_what_is_damaged(seed: Path, small_database: Path) -> None:
    from app.publishing.fingerprint import is_stale

    publish_untraced(seed, small_database)
    assert not is_stale(seed, small_database)
    damage(small_database)
    assert is_stale(seed, small_database)


def test_a_copy_of_a_dataset_opens(small_database: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    shutil.copy(small_database, tmp_path / "copy.db")
    with caplog.at_level(logging.ERROR):
        open_dataset(tmp_path / "copy.db").close()
    assert not caplog.records
