"""What the tests share: a published dataset, a client of the application, a server that really runs."""

import asyncio
import csv
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import hypothesis
import pytest
from filelock import FileLock
from pydantic_core import from_json
from sqlalchemy import Engine

from app.database import writing_engine
from app.main import create_app
from app.publishing.schema import migrate
from app.settings import ROOT, Settings
from tests import small_seed
from tests.work import publish_untraced

# An example that takes long on a busy machine is no fault.
hypothesis.settings.register_profile("untimed", hypothesis.settings(), deadline=None)
hypothesis.settings.load_profile("untimed")

SEED = ROOT / "seed"
BASE = "http://testserver"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add an option for CI, where everything that a test needs is installed."""
    parser.addoption("--no-skips", action="store_true", help="fail what would be skipped, as in CI")


NOT_TRACED = (
    "api/test_collection.py::test_every_csv_answer_links_to_its_columns",
    "api/test_openapi.py",
    "api/test_parameter_examples.py",
    "clients/",
    "matching/test_blocking.py",
    "matching/test_index.py",
    "pages/test_browser.py",
    "postgresql/test_answers.py",
    "postgresql/test_cluster.py",
    "postgresql/test_topology.py",
    "publishing/test_batch_reader.py",
    "publishing/test_history.py",
    "publishing/test_origins.py",
    "resources/test_subjects.py::test_on_any_day_the_filter",
    "resources/test_versions.py",
    "screening/test_dask.py",
    "server/test_protocol.py",
    "test_benchmarks.py",
    "test_fuzz.py",
    "test_house.py",
    "test_nginx.py",
    "test_packaging.py",
    "test_serve.py",
    "test_soak.py",
    "un_list/test_days.py",
)
"""Tests during which coverage is not measured, since that doubles their processor time: they run processes of their
own, which are not traced anyway, or the same code again with many other inputs."""


LONG = (
    "clients/",
    "pages/test_browser.py",
    "postgresql/",
    "publishing/test_history.py",
    "test_benchmarks.py",
    "test_packaging.py",
    "test_soak.py",
)
"""Tests of which single ones take long. They run first: at the end, one process would wait for another's."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that are not traced, by pytest-cov's own marker, and put the long ones first."""
    for item in items:
        if _place(item).startswith(NOT_TRACED):
            item.add_marker(pytest.mark.no_cover)
    items.sort(key=lambda item: not _place(item).startswith(LONG))


def _place(item: pytest.Item) -> str:
    return item.nodeid.removeprefix("tests/")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure where ``--no-skips`` is given."""
    report = yield
    if report.skipped and item.config.getoption("no_skips"):
        report.outcome = "failed"
        report.longrepr = f"--no-skips is given, and this would be skipped: {report.longrepr}"
    return report


class Client:
    """A client of the application in this process, over HTTP as httpx speaks it to ASGI."""

    def __init__(self, database: Path, **settings: Any) -> None:
        self.api = create_app(Settings(database=database, **settings))
        transport = httpx.ASGITransport(self.api, raise_app_exceptions=False)
        self._client = httpx.AsyncClient(transport=transport, base_url=BASE)
        self._loop = asyncio.new_event_loop()

    def request(self, method: str, url: str, **options: Any) -> httpx.Response:
        """Send one request."""
        return self._loop.run_until_complete(self._client.request(method, url, **options))

    def get(self, url: str, **options: Any) -> httpx.Response:
        """Send one GET."""
        return self.request("GET", url, **options)

    def json(self, url: str) -> Any:
        """Return the JSON of a GET that must succeed."""
        response = self.get(url)
        assert response.status_code == 200, response.text
        return from_json(response.content)  # in half the time of the standard library's

    def items(self, url: str) -> list[Any]:
        """Return all records that match a question, whole, from all of its pages."""
        found: list[Any] = []
        following: str | None = url + ("&" if "?" in url else "?") + "include=all"
        while following:
            page = self.json(following)
            found += page["items"]
            following = page["next"]
        assert len(found) == page["total"]
        return found

    def ids(self, url: str) -> list[str]:
        """Return the ids of all records that match a question, from all of its pages."""
        return [item["id"] for item in self.items(url)]

    def close(self) -> None:
        """Close the dataset, the client and its loop."""
        self._loop.run_until_complete(self.api.state.datasets.stop())
        self._loop.run_until_complete(self._client.aclose())
        self._loop.close()


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Make a folder once for all processes of a test session, and give its path.

    Args:
        factory: pytest's.
        name: name of the folder.
        make: fills a folder, which exists and is empty.
    """
    shared = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder = shared / name
    with FileLock(shared / f"{name}.lock"):
        if not folder.exists():
            draft = shared / f"{name}.draft"
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir()
            make(draft)
            draft.rename(folder)
    return folder


@pytest.fixture(scope="session", autouse=True)
def migrated_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Migrate one empty database, and copy it for each draft: migrating takes half the time of checking a small seed.

    A draft is a new file, so a copy of a migrated one is what migrating makes of it. Programs that tests start migrate.
    """
    migrated = tmp_path_factory.mktemp("migrated") / "empty.db"
    engine = writing_engine(migrated)
    migrate(engine)
    engine.dispose()

    def copy(engine: Engine) -> None:
        draft = Path(str(engine.url.database))
        assert not draft.exists()
        shutil.copyfile(migrated, draft)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.publish.migrate", copy)
        yield


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The record as the repository has it, published once a session. Tests only read it."""
    folder = made_once(tmp_path_factory, "record", lambda folder: publish_untraced(SEED, folder / "unlisted.db"))
    return folder / "unlisted.db"


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the small seed in ``seed`` and with what it was published as in ``data``. Tests only copy them."""

    def make(folder: Path) -> None:
        small_seed.write(SEED, folder / "seed")
        publish_untraced(folder / "seed", folder / "data" / "unlisted.db")

    return made_once(tmp_path_factory, "small", make)


@pytest.fixture(scope="session")
def client(database: Path) -> Iterator[Client]:
    """A client of the record."""
    opened = Client(database)
    yield opened
    opened.close()


@pytest.fixture
def client_of() -> Iterator[Callable[..., Client]]:
    """Opens clients of other datasets, or with other settings."""
    opened: list[Client] = []

    def open_client(database: Path, **settings: Any) -> Client:
        opened.append(Client(database, **settings))
        return opened[-1]

    yield open_client
    for one in opened:
        one.close()


@pytest.fixture
def seed(small: Path, tmp_path: Path) -> Path:
    """A copy of the small seed, to be altered."""
    return Path(shutil.copytree(small / "seed", tmp_path / "seed"))


@pytest.fixture
def small_database(small: Path, tmp_path: Path) -> Path:
    """The published dataset of the small seed, a copy for one test to publish to."""
    shutil.copytree(small / "data", tmp_path / "data")
    return tmp_path / "data" / "unlisted.db"


@pytest.fixture
def whole_seed(tmp_path: Path) -> Path:
    """A copy of the seed of the whole record, to be altered."""
    return Path(shutil.copytree(SEED, tmp_path / "seed"))


def without_id(headers: Mapping[str, str]) -> dict[str, str]:
    """Return headers without the id of the request, which is another for each."""
    return {name: value for name, value in headers.items() if name != "x-request-id"}


def version_of(database: Path) -> str:
    """Return the version of a published dataset."""
    with closing(sqlite3.connect(database)) as connection:
        (version,) = connection.execute("SELECT version FROM dataset").fetchone()
    return str(version)


def rows_of(folder: Path, stem: str) -> list[dict[str, str]]:
    """Return the rows of a seed file."""
    with (folder / f"{stem}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def edit(folder: Path, stem: str, change: Callable[[list[dict[str, str]]], None]) -> None:
    """Alter the rows of a seed file."""
    path = folder / f"{stem}.csv"
    rows = rows_of(folder, stem)
    columns = list(rows[0])
    change(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def row_of(rows: list[dict[str, str]], id: str) -> dict[str, str]:
    """Return the row with an id."""
    for row in rows:
        if id in (row.get("id"), row.get("key")):
            return row
    raise LookupError(f"no row {id!r} here; is the record that it belongs to named in tests/small_seed.py?")


@pytest.fixture(scope="session")
def server(database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an `unlisted serve` that runs in a process of its own."""
    with serving(database, tmp_path_factory.mktemp("server") / "log") as address:
        yield address


@contextmanager
def serving(
    database: Path, log: Path, *command: str, folder: Path = ROOT, settings: Mapping[str, object] | None = None
) -> Iterator[str]:
    """Run a server on a free port for as long as the context lasts, and give its address.

    Args:
        database: the dataset that it serves.
        log: where its output goes.
        command: words behind `python -m`; not given, those of `unlisted serve`.
        folder: the folder that it runs in.
        settings: settings by their names in `Settings`.
    """
    with server_process(database, log, *command, folder=folder, settings=settings) as (_, address):
        yield address


@contextmanager
def server_process(
    database: Path, log: Path, *command: str, folder: Path = ROOT, settings: Mapping[str, object] | None = None
) -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
    """Run a server as `serving` does, and give its process and its address."""
    given = {f"UNLISTED_{name.upper()}": str(value) for name, value in (settings or {}).items()}
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *(command or ("app.cli", "serve")), "--port", "0"],
            env={**os.environ, "UNLISTED_DATABASE": str(database), **given},
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
        )
    try:
        yield process, _address(process, log)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise


def _address(process: "subprocess.Popen[bytes]", log: Path) -> str:
    for _ in range(600):
        if found := re.search(r"(http://127\.0\.0\.1:[0-9]+)", log.read_text()):
            return found[1]
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise AssertionError(f"the server did not start: {log.read_text()}")
