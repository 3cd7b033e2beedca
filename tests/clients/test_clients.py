"""Programs that others wrote read the OpenAPI description, and those that are clients ask a server by it.

`make clients` installs them into an environment of their own, from locks of their own.
"""

import json
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.settings import ROOT
from tests.conftest import serving

HERE = ROOT / "tests" / "clients"
INSTALLED = ROOT / ".clients"

pytestmark = pytest.mark.skipif(
    not (INSTALLED / "installed").exists(), reason="the clients of others are not installed: make clients"
)

DAY = "2016-03-20"
PATIENCE = 60
"""Seconds that a first answer may take on a machine that is busy with other tests."""


@pytest.fixture(scope="session")
def address(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of the small seed for all of these programs."""
    folder = tmp_path_factory.mktemp("clients")
    shutil.copytree(small / "data", folder / "data")
    # With a contact, since a linter asks for one.
    settings = {"contact": "https://example.org/report"}
    with serving(folder / "data" / "unlisted.db", folder / "log", settings=settings) as address:
        yield address


@pytest.fixture
def folder(address: str, tmp_path: Path) -> Path:
    """A folder with the description of the server, and with what npm installed."""
    (tmp_path / "openapi.json").write_bytes(httpx.get(f"{address}/openapi.json", timeout=PATIENCE).content)
    (tmp_path / "node_modules").symlink_to(INSTALLED / "node_modules", target_is_directory=True)
    for path in HERE.iterdir():
        if path.is_file():
            shutil.copy(path, tmp_path)
    return tmp_path


def run(folder: Path, *command: str, succeeds: bool = True) -> str:
    """Run a program of the environment in a folder, and give what it prints on standard output."""
    environment = {
        "PATH": f"{INSTALLED / 'bin'}:{folder / 'node_modules' / '.bin'}:{os.environ['PATH']}",
        "HOME": str(folder),
        "NO_COLOR": "1",
        "REDOCLY_TELEMETRY": "off",
        "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true",
    }
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)
    assert (done.returncode == 0) is succeeds, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture
def expected(address: str) -> dict[str, Any]:
    """What ask.ts and ask.py must print, asked without any client of theirs."""

    def get(path: str) -> Any:
        return httpx.get(address + path, timeout=PATIENCE).raise_for_status().json()

    page = get(f"/vessels?listed=true&as_of={DAY}&limit=2&sort=name")
    rows = [{"name": "Jin Teng", "kind": "vessel"}, {"name": "Nobody At All"}]
    batch = httpx.post(f"{address}/search", json=rows, timeout=PATIENCE).raise_for_status().json()
    found = {
        "total": page["total"],
        "names": [ship["name"] for ship in page["items"]],
        "listed": get(f"/vessels/9163166?as_of={DAY}")["listed"],
        "first": get("/search?q=Jin+Teng")["items"][0]["subject"]["id"],
        "hits": [line["answer"]["total"] for line in batch["items"]],
        "status": 422,
    }
    assert found["total"] > 2
    assert found["listed"] is True
    assert found["hits"] == [1, 0]
    return found


def test_redocly_finds_no_fault(folder: Path) -> None:
    found = json.loads(run(folder, "redocly", "lint", "openapi.json", "--extends", "recommended", "--format", "json"))
    assert found["problems"] == []


def test_spectral_finds_no_fault_of_any_severity(folder: Path) -> None:
    faulty = {"openapi": "3.1.0", "info": {"title": "Without a version"}, "paths": {}}
    (folder / "faulty.json").write_text(json.dumps(faulty))
    command = ("spectral", "lint", "openapi.json", "faulty.json", "--ruleset", "spectral.yaml", "--format", "json")
    found = json.loads(run(folder, *command, "--quiet", succeeds=False))
    assert {Path(one["source"]).name for one in found} == {"faulty.json"}


def test_typescript_compiles_in_strict_mode_and_asks(folder: Path, address: str, expected: dict[str, Any]) -> None:
    run(folder, "openapi-typescript", "openapi.json", "--output", "schema.ts")
    run(folder, "tsc", "--project", ".")
    assert json.loads(run(folder, "node", "made/ask.js", address)) == expected


def test_a_generated_python_client_asks(folder: Path, address: str, expected: dict[str, Any]) -> None:
    (folder / "config.yaml").write_text("post_hooks: []\n")  # nobody reads the code: it need not be formatted
    options = ("--path", "openapi.json", "--output-path", "generated", "--meta", "none", "--config", "config.yaml")
    # A warning names what the generator leaves out.
    run(folder, "openapi-python-client", "generate", *options, "--fail-on-warning")
    assert json.loads(run(folder, "python", "ask.py", address)) == expected


def _operations(folder: Path) -> int:
    paths = json.loads((folder / "openapi.json").read_text())["paths"]
    return sum(len(operations) for operations in paths.values())


def _newman(folder: Path, *options: str, succeeds: bool = True) -> list[dict[str, Any]]:
    """Convert the description to a collection of Postman, and send every request of it."""
    run(folder, "openapi2postmanv2", "-s", "openapi.json", "-o", "collection.json", *options)
    sending = ("newman", "run", "collection.json", "--reporters", "json", "--reporter-json-export", "run.json")
    run(folder, *sending, succeeds=succeeds)
    executions: list[dict[str, Any]] = json.loads((folder / "run.json").read_text())["run"]["executions"]
    assert len(executions) == _operations(folder)
    return executions


def test_every_request_of_a_collection_of_postman_is_answered(folder: Path) -> None:
    sent = _newman(folder, "-O", "parametersResolution=Example,enableOptionalParameters=false")
    refused = [(one["item"]["name"], one["response"]["code"]) for one in sent if one["response"]["code"] != 200]
    assert refused == []


def test_the_placeholders_of_postman_are_refused_by_name(folder: Path) -> None:
    """By its defaults the converter writes `<date>` and the like as the values of all parameters at once."""
    codes: Counter[int] = Counter()
    for one in _newman(folder):
        code = one["response"]["code"]
        codes[code] += 1
        if code != 200:
            problem = json.loads(bytes(one["response"]["stream"]["data"]))
            named = [error["parameter"] for error in problem["errors"]]
            assert code == 410 or named, one["item"]["name"]
    assert codes.keys() <= {200, 410, 422}
