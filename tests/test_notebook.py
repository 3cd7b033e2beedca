"""The notebook of three questions, executed against a server: what it finds is what the record has."""

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from app.settings import ROOT
from tests.conftest import Client

NOTEBOOK = ROOT / "examples" / "three_questions.ipynb"


def _read() -> Any:
    return nbformat.reads(NOTEBOOK.read_text(encoding="utf-8"), as_version=4)  # type: ignore[no-untyped-call]  # without types


def _output(cell: Any, kind: str) -> str:
    return "\n".join(str(one.get("data", {}).get(kind) or one.get("text", "")) for one in cell["outputs"])


def test_the_notebook_runs_and_its_answers_are_those_of_the_record(
    server: str, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SANCTIONS_API", server)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    monkeypatch.setenv("MPLCONFIGDIR", str(tmp_path))
    monkeypatch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    notebook = _read()
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    gone = _output(cells[1], "text/plain")
    delisted = client.ids("/vessels?delisted_from=2016-03-21&delisted_until=2016-03-21")
    assert delisted
    assert all(id in gone for id in delisted)
    assert any(output.get("data", {}).get("image/png") for output in cells[3]["outputs"])
    twice = _output(cells[4], "text/plain")
    stays = client.items("/listings?subject_kind=vessel&limit=500")
    days: dict[str, set[str]] = {}
    for stay in stays:
        days.setdefault(stay["subject"]["id"], set()).add(stay["listed_on"])
    found = [id for id, of_hull in days.items() if len(of_hull) > 1]
    assert found
    assert all(id in twice for id in found)


def test_the_notebook_is_committed_without_its_output() -> None:
    notebook = _read()
    nbformat.validate(notebook)
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in notebook.cells)
