"""That the benchmarks run; not how fast anything is."""

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from app.main import create_app
from app.publish import publish
from app.settings import Settings
from benchmarks import path
from benchmarks.growth import run as growth
from benchmarks.growth import synthetic
from benchmarks.http import run
from tests.conftest import Client


@pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk, which makes the load, is not installed")
def test_the_servers_are_measured(database: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("UNLISTED_DATABASE", str(database))
    page = tmp_path / "page.md"
    page.write_text(f"before\n{run.BEGIN_HTTP}\nold\n{run.END_HTTP}\nafter\n")
    assert run.main(["--smoke", "--write", str(page)]) == 0
    text = page.read_text()
    assert "old" not in text
    assert text.startswith("before")
    assert text.endswith("after\n")
    rows = [line for line in text.splitlines() if line.startswith(("| kept: ", "| first: ", "| bare: "))]
    assert len(rows) == 13
    assert all(row.endswith("| 0 | 0 |") for row in rows)  # nothing refused, nothing lost


def test_a_synthetic_seed_is_published_as_any_other(tmp_path: Path, client_of: Callable[[Path], Client]) -> None:
    for name in ("one", "two"):
        synthetic.write(40, tmp_path / name)
    for file in (tmp_path / "one").glob("*.csv"):
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()
    with (tmp_path / "one" / "vessels.csv").open(encoding="utf-8", newline="") as lines:
        assert len(list(csv.DictReader(lines))) == 67 + 40
    publish(tmp_path / "one", tmp_path / "unlisted.db")
    client = client_of(tmp_path / "unlisted.db")
    assert client.json("/vessels")["total"] == 107
    (ship,) = client.items("/vessels?imo_number=0000012")
    assert ship["listings"][0]["listed_by"]["kind"] == "committee_decision"
    assert len(ship["citations"]) == 1  # one place in one source speaks for all of it


@pytest.mark.skipif(
    shutil.which("taskset") is None, reason="taskset, which gives servers a processor, is not installed"
)
def test_growth_is_measured_and_what_was_published_is_measured_once_more(
    database: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("UNLISTED_DATABASE", str(database))
    page = tmp_path / "page.md"
    page.write_text(f"{run.BEGIN_GROWTH}\nold\n{run.END_GROWTH}\n")
    arguments = ["--sizes", "60", "--asked", "2", "--folder", str(tmp_path), "--write", str(page)]
    assert growth.main(arguments) == 0
    first = page.read_text()
    assert growth.main(arguments) == 0
    assert "old" not in first
    (published,) = [line for line in first.splitlines() if line.startswith("| 60 | 0.")][:1]
    assert published in page.read_text().splitlines()
    for kind in ("one record", "listed, a day with none", "search"):
        (row,) = [line for line in first.splitlines() if line.startswith(f"| {kind} |")]
        assert row.count("|") == 6


def test_a_first_page_crosses_few_files_and_functions(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = path.follow(create_app(Settings(database=database)), "/vessels")
    assert len(found.entries) <= 15, found.entries
    assert found.functions <= 85, sorted(set(found.calls))
    assert path.main(["--calls", "--database", str(database), "/vessels"]) == 0
    shown = capsys.readouterr().out
    assert "api/collection.py read_page" in shown
    assert shown.splitlines()[-1].startswith("/vessels: ")


def test_a_path_that_is_refused_is_no_path(database: Path) -> None:
    with pytest.raises(ValueError, match="was answered with 422"):
        path.follow(create_app(Settings(database=database)), "/vessels?lsted=true")
