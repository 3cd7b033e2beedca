"""Whether a published dataset is as new as the seed and the software that it is made from."""

import hashlib
from pathlib import Path

from app.database import published_fingerprint
from app.settings import MIGRATIONS, PACKAGE


def is_stale(folder: Path, database: Path) -> bool:
    """Say whether a dataset is missing, or was made from another seed or by other software than is here now.

    Args:
        folder: where the seed files are.
        database: the file of the dataset.
    """
    return is_older(published_fingerprint(database), folder)


def is_older(made_from: str | None, folder: Path) -> bool:
    """Say whether a dataset was made from another seed or by other software than is here now.

    Args:
        made_from: the fingerprint that it was published with; None where there is none.
        folder: where the seed files are.
    """
    return made_from != fingerprint(folder)


def fingerprint(folder: Path) -> str:
    """Return a SHA-256 of the bytes that a dataset is made from: seed files, migrations and this software."""
    digest = hashlib.sha256()
    files = {*folder.glob("*.csv"), *MIGRATIONS.rglob("*.py"), *PACKAGE.rglob("*.py")}
    for path in sorted(files, key=lambda path: (path.parent.name, path.name)):
        digest.update(f"{path.parent.name}/{path.name} {path.stat().st_size}\n".encode())
        with path.open("rb") as file:
            while part := file.read(PART):
                digest.update(part)
    return digest.hexdigest()


PART = 2**20
"""Bytes of a file that are read at once."""
