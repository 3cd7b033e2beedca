"""Opening a dataset: what is none is said to be none."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from app.database import Datasets
from app.problems import NoDataset


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(NoDataset, match="unlisted publish"):
        Datasets(tmp_path / "none.db").current()


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "text.db"
    path.write_text("not a database, whatever its name says" * 100)
    with pytest.raises(NoDataset, match="cannot be read"):
        Datasets(path).current()


def test_a_dataset_of_another_version_of_the_software(database: Path, tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    shutil.copy(database, path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
    with pytest.raises(NoDataset, match="published with schema 0000"):
        Datasets(path).current()


def test_the_open_dataset_is_kept_until_another_takes_its_place(database: Path, tmp_path: Path) -> None:
    path = tmp_path / "unlisted.db"
    shutil.copy(database, path)
    datasets = Datasets(path)
    first = datasets.current()
    assert datasets.current() is first
    shutil.copy(database, tmp_path / "next.db")
    (tmp_path / "next.db").replace(path)
    assert datasets.current() is not first
    datasets.close()
    datasets.close()
