"""The files to run the server with: each is accepted by its own program, and names settings that exist."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from app.settings import PREFIX, ROOT, Settings

DEPLOY = ROOT / "deploy"
BIN = Path(sys.executable).parent


def checked(*words: str | Path) -> str:
    """Run a program that checks a file and must find nothing; return its output."""
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_compose_agrees_with_its_specification() -> None:
    checked(BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", DEPLOY / "compose.yaml")


def test_kubernetes_accepts_every_resource() -> None:
    said = checked(BIN / "kubernetes-validate", "--strict", DEPLOY / "kubernetes.yaml")
    resources = list(yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text()))
    assert said.count("passed for resource") == len(resources)


def test_no_container_of_ours_may_write_or_be_root() -> None:
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    ours = [one for one in compose["services"].values() if one["image"] == "unlisted"]
    assert len(ours) == 3
    assert all(one["read_only"] and one["cap_drop"] == ["ALL"] for one in ours)
    pods = []
    for resource in yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text()):
        spec = resource["spec"].get("jobTemplate", resource)["spec"].get("template", {}).get("spec")
        for container in spec["containers"] if spec else ():
            pods.append(resource["kind"])
            assert container["securityContext"]["readOnlyRootFilesystem"]
            assert spec["securityContext"]["runAsNonRoot"]
            assert container["resources"]["limits"]["memory"]
    assert sorted(pods) == ["CronJob", "Deployment"]


def test_the_dockerfile_breaks_no_rule() -> None:
    if not (BIN / "hadolint").exists():
        pytest.skip("hadolint has no wheel for this machine")
    checked(BIN / "hadolint", ROOT / "Dockerfile")


def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed (Debian: apt-get install systemd)")
    text = (DEPLOY / "unlisted.service").read_text()
    assert "ExecStart=/opt/unlisted/bin/unlisted serve" in text
    unit = tmp_path / "unlisted.service"
    unit.write_text(text.replace("/opt/unlisted/bin/unlisted", sys.executable))
    assert not checked("systemd-analyze", "verify", "--man=no", unit)


def test_the_bill_of_materials_has_every_package_of_the_lock(tmp_path: Path) -> None:
    """With the words of `make sbom`."""
    words = re.search(r"cyclonedx-py (.*) --output-file sbom.json", (ROOT / "Makefile").read_text())
    assert words
    subprocess.run(
        [BIN / "cyclonedx-py", *words[1].split(), "--output-file", tmp_path / "sbom.json"],
        check=True,
        capture_output=True,
        cwd=ROOT,
    )
    found = json.loads((tmp_path / "sbom.json").read_text())
    assert found["bomFormat"] == "CycloneDX"
    locked = re.findall(r"^([a-z0-9-]+)(?:\[[^]]*\])?==(\S+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    assert {(one["name"], one["version"]) for one in found["components"]} == set(locked)


@pytest.mark.parametrize("path", sorted(DEPLOY.iterdir()), ids=lambda path: path.name)
def test_it_names_settings_that_exist(path: Path) -> None:
    named = set(re.findall(rf"{PREFIX}[A-Z_]+", path.read_text()))
    assert named
    assert named <= {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
