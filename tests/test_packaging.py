"""The wheel, built and run in an empty folder without the checkout."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from urllib.request import urlopen

import pytest

from app import __version__
from app.settings import ROOT
from tests.conftest import serving


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of this checkout, built without network."""
    folder = tmp_path_factory.mktemp("wheel")
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check"]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options, "--wheel-dir", str(folder), str(ROOT)], check=True)
    (built,) = folder.glob("*.whl")
    return built


class Installation:
    """A wheel installed beside the locked packages, and an empty folder to run it in.

    Args:
        wheel: the wheel.
        folder: an empty folder.
    """

    def __init__(self, wheel: Path, folder: Path) -> None:
        self.site, self.empty, self.data = folder / "site", folder / "empty", folder / "data"
        self.empty.mkdir()
        options = ["--quiet", "--no-deps", "--no-index", "--disable-pip-version-check", "--target", str(self.site)]
        subprocess.run([sys.executable, "-m", "pip", "install", *options, str(wheel)], check=True)
        # Searched before the path of the editable checkout, so that `app` is the wheel's.
        own = {"PYTHONPATH": str(self.site), "XDG_DATA_HOME": str(self.data)}
        self.environment = {name: value for name, value in os.environ.items() if "UNLISTED" not in name} | own

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run `unlisted` with some words in the empty folder."""
        command = [sys.executable, str(self.site / "bin" / "unlisted"), *words]
        return subprocess.run(
            command, cwd=self.empty, env=self.environment, capture_output=True, text=True, check=False
        )


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """The wheel, installed, with its dataset published."""
    installation = Installation(wheel, tmp_path_factory.mktemp("installed"))
    published = installation.run("publish")
    assert published.returncode == 0, published.stderr
    return installation


def test_a_wheel_carries_the_seed_and_the_migrations_and_says_that_it_is_typed(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as content:
        names = set(content.namelist())
    wanted = {f"app/seed/{path.name}" for path in (ROOT / "seed").iterdir()}
    wanted |= {f"app/{path.relative_to(ROOT)}" for path in (ROOT / "migrations").rglob("*.py")}
    assert wanted | {"app/py.typed"} <= names
    assert not any(name.startswith(("tests/", "benchmarks/", "seed/", "migrations/")) for name in names)


def test_a_wheel_says_its_version(installed: Installation) -> None:
    assert installed.run("--version").stdout == f"unlisted {__version__}\n"


def test_without_a_checkout_the_dataset_goes_to_the_data_folder_of_the_user(installed: Installation) -> None:
    assert (installed.data / "unlisted" / "unlisted.db").is_file()
    assert not list(installed.empty.iterdir())


def test_a_wheel_checks_its_own_seed_and_migrations(installed: Installation) -> None:
    checked = installed.run("check")
    assert checked.returncode == 0, checked.stderr
    assert "no fault" in checked.stdout


def test_a_wheel_screens_a_file(installed: Installation, tmp_path: Path) -> None:
    names = tmp_path / "crew.csv"
    names.write_text("name\nKim Yong-chul\nNobody Inparticular\n", encoding="utf-8")
    screened = installed.run("screen", str(names), "-o", str(tmp_path / "answers.csv"))
    assert screened.returncode == 1, screened.stderr
    assert "KPi.024" in (tmp_path / "answers.csv").read_text(encoding="utf-8")


def test_a_wheel_serves(installed: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in installed.environment.items():
        monkeypatch.setenv(name, value)
    database = installed.data / "unlisted" / "unlisted.db"
    with serving(database, tmp_path / "log", folder=installed.empty) as address:
        with urlopen(f"{address}/vessels/9163166?as_of=2016-03-20") as answer:
            assert json.load(answer)["listed"] is True
        with urlopen(f"{address}/docs") as page:
            assert "swagger" in page.read().decode().lower()
