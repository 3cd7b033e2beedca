"""What the tests of the UN's list share."""

from pathlib import Path

import pytest

from app.publish import check_seed
from app.publishing.fingerprint import fingerprint
from app.publishing.seed import Seed, read_seed
from tests.work import untraced

CHECKED: dict[str, dict[str, int]] = {}
"""Seeds of this process that have no fault: the fingerprint of their files, and how many rows each has."""

READ: dict[str, Seed] = {}
"""The seeds of this process that were read last, by the fingerprint of their files. They are only read."""

MOST_READ = 4
"""How many seeds are kept in memory."""


@pytest.fixture(autouse=True)
def checked_and_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Check and read seeds of the same content once: nearly every test here begins with the same one, several times."""

    def check_new(folder: Path) -> dict[str, int]:
        content = fingerprint(folder)
        if content not in CHECKED:
            with untraced():
                CHECKED[content] = check_seed(folder)
        return CHECKED[content]

    def read_new(folder: Path) -> Seed:
        content = fingerprint(folder)
        READ[content] = READ.pop(content) if content in READ else read_seed(folder)
        while len(READ) > MOST_READ:
            del READ[next(iter(READ))]
        return READ[content]

    monkeypatch.setattr("app.publish.check_seed", check_new)
    monkeypatch.setattr("app.publish.read_seed", read_new)
