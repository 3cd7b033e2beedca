"""Staleness: a dataset is as new as the bytes of the seed and of the software that it was made from."""

import shutil
from pathlib import Path

import pytest

from app.publishing import fingerprint as module
from app.publishing.fingerprint import fingerprint, is_stale
from app.settings import ROOT


def test_a_dataset_is_new_until_a_byte_of_its_seed_changes(seed: Path, small_database: Path) -> None:
    assert not is_stale(seed, small_database)
    with (seed / "vessels.csv").open("ab") as file:
        file.write(b"\n")
    assert is_stale(seed, small_database)


def test_a_dataset_is_stale_where_a_file_is_added_renamed_or_lost(seed: Path, small_database: Path) -> None:
    (seed / "more.csv").touch()
    assert is_stale(seed, small_database)
    (seed / "more.csv").unlink()
    assert not is_stale(seed, small_database)
    (seed / "flags.csv").rename(seed / "flgas.csv")
    assert is_stale(seed, small_database)


def test_where_there_is_no_dataset_it_is_stale(seed: Path, tmp_path: Path) -> None:
    assert is_stale(seed, tmp_path / "none.db")
    (tmp_path / "none.db").write_bytes(b"no database")
    assert is_stale(seed, tmp_path / "none.db")


def test_cells_that_move_from_one_file_to_the_next_count(seed: Path) -> None:
    before = fingerprint(seed)
    first, second = sorted(seed.glob("*.csv"))[:2]
    content = first.read_bytes()
    first.write_bytes(content[:-9])
    second.write_bytes(content[-9:] + second.read_bytes())
    assert fingerprint(seed) != before


def test_software_that_changed_makes_it_stale(
    seed: Path, small_database: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    app = tmp_path / "checkout" / "app"
    shutil.copytree(ROOT / "app", app, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(module, "ROOT", app.parent)
    assert not is_stale(seed, small_database)
    with (app / "publish.py").open("a", encoding="utf-8") as file:
        file.write("# one more line\n")
    assert is_stale(seed, small_database)
