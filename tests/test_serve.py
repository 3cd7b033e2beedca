"""A real server: `unlisted serve` in a process of its own, asked over a socket."""

import os
import re
import subprocess
import sys
from pathlib import Path

import httpx

from app.publish import publish
from app.settings import ROOT
from tests.conftest import edit, serving


def test_it_answers_over_a_socket(server: str) -> None:
    response = httpx.get(f"{server}/vessels?listed=true&as_of=2016-03-20", headers={"Host": "evil.example"})
    assert response.status_code == 200
    assert response.json()["total"] == 31
    assert response.json()["items"][0]["url"].startswith(f"{server}/vessels/")
    assert "evil.example" not in response.text
    assert "server" not in response.headers


def test_head_and_a_condition(server: str) -> None:
    with httpx.Client(base_url=server) as client:
        first = client.head("/vessels/9163166")
        assert (first.status_code, first.content) == (200, b"")
        again = client.get("/vessels/9163166", headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_without_a_dataset_it_says_what_to_do(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with serving(tmp_path / "none.db", log) as address:
        assert "run: unlisted publish" in log.read_text()
        assert httpx.get(f"{address}/healthz").status_code == 200
        for path in ("/readyz", "/vessels", "/vessels/9163166", "/dataset", "/"):
            response = httpx.get(f"{address}{path}")
            assert response.status_code == 503, path
            assert "unlisted publish" in response.json()["detail"]


def test_a_new_dataset_is_answered_from_at_once(tmp_path: Path, seed: Path) -> None:
    database = tmp_path / "unlisted.db"
    first = publish(seed, database)
    with serving(database, tmp_path / "log") as address:
        assert httpx.get(f"{address}/dataset").json()["version"] == first.version
        edit(seed, "measures", lambda rows: rows[0].update(title="Something else"))
        second = publish(seed, database)
        assert second.version != first.version
        assert httpx.get(f"{address}/dataset").json()["version"] == second.version


def test_plain_uvicorn_serves_it_too(database: Path, tmp_path: Path) -> None:
    with serving(database, tmp_path / "log", "uvicorn", "app.main:app") as address:
        assert httpx.get(f"{address}/vessels?listed=true&as_of=2016-03-02").json()["total"] == 31


def test_several_processes_answer(database: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with serving(database, log, "app.cli", "serve", "--workers", "2") as address:
        for _ in range(20):  # the address is said before the processes have started
            assert httpx.get(f"{address}/vessels?listed=true&as_of=2016-03-02", timeout=30).json()["total"] == 31
    said = log.read_text()
    assert len(set(re.findall(r"Started server process \[([0-9]+)\]", said))) == 2
    assert said.count("/docs") == 1


def test_it_says_where_the_documentation_is(database: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with serving(database, log) as address:
        httpx.get(f"{address}/healthz")
        assert f"{address}/docs" in log.read_text()


def test_metrics_of_several_workers_need_a_folder(tmp_path: Path) -> None:
    """As in a container whose root is read-only: one line says so."""
    program = "import tempfile; tempfile.tempdir = '/nonexistent'; from app.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, "serve", "--port", "0", "--workers", "2"],
        env={**os.environ, "UNLISTED_DATABASE": str(tmp_path / "none.db"), "UNLISTED_METRICS": "true"},
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 1
    assert "Metrics of several workers need a folder for temporary files" in done.stderr
    assert "Traceback" not in done.stderr
