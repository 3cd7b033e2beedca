"""What the tests of the UN's list share."""

from pathlib import Path

import pytest

import app.publish
from app.publishing.fingerprint import fingerprint
from tests.work import untraced

CHECKED: dict[str, dict[str, int]] = {}
"""Seeds of this process that have no fault: the fingerprint of their files, and how many rows each has."""


@pytest.fixture(autouse=True)
def checked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Check seeds of the same content once: nearly every test here begins with the same one, and checks it again."""
    check = app.publish.check_seed

    def check_new(folder: Path) -> dict[str, int]:
        content = fingerprint(folder)
        if content not in CHECKED:
            with untraced():
                CHECKED[content] = check(folder)
        return CHECKED[content]

    monkeypatch.setattr(app.publish, "check_seed", check_new)
