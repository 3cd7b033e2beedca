"""The files beside the code: citation, licences, workflow, documentation index."""

import json
import re
import tomllib

import pytest
import yaml

from app import __version__
from app.settings import ROOT


def test_the_version_is_in_one_place_and_the_citation_has_it() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "version" not in project
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))["version"] == __version__


def test_code_and_data_have_licences_of_their_own() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["license"] == "MIT AND CC0-1.0"
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith("MIT License")
    assert "CC0-1.0" in (ROOT / "seed" / "LICENSE").read_text(encoding="utf-8")
    package = json.loads((ROOT / "seed" / "datapackage.json").read_text(encoding="utf-8"))
    assert [one["name"] for one in package["licenses"]] == ["CC0-1.0"]


def test_the_workflow_runs_the_same_script_on_every_python_that_is_supported() -> None:
    job = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))["jobs"]["test"]
    assert any(step.get("run") == "bash .ci/run" for step in job["steps"])
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = {found[1] for line in project["classifiers"] if (found := re.search(r":: (3\.[0-9]+)$", line))}
    assert set(job["strategy"]["matrix"]["python"]) == named


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "docs/README.md", "SECURITY.md", "ARCHITECTURE.md"])
def test_links_between_the_documents_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    targets = [target.partition("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", text)]
    files = [target for target in targets if target and not target.startswith("http")]
    missing = [target for target in files if not ((ROOT / page).parent / target).exists()]
    assert not missing


def test_the_index_of_the_documentation_has_every_page() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    pages = [path.name for path in (ROOT / "docs").glob("*.md") if path.name != "README.md"]
    assert [name for name in pages if f"({name})" not in index] == []


def test_no_file_has_the_address_of_a_package_index() -> None:
    for name in ("requirements.txt", "requirements-dev.txt", "pyproject.toml", "Makefile", "Dockerfile", ".ci/run"):
        assert not re.search(r"https?://\S*/(simple|packages)/", (ROOT / name).read_text(encoding="utf-8")), name
