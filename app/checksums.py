"""SHA-256 of a published file, in a file beside it that `sha256sum --check` reads too.

A publication replaces two files, which cannot be done in one step. So the new checksum is added before the dataset is
replaced, and the old one is removed after it: a publication that is killed leaves a file whose checksum is listed.
"""

import hashlib
import os
import re
import shutil
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PART = 2**20
"""Bytes that are read at once."""

_LINE = re.compile(r"^([0-9a-f]{64}) [ *]", re.MULTILINE)


def checksum_file(path: Path) -> Path:
    """Return the file with the checksum of a file: ``unlisted.db.sha256`` beside ``unlisted.db``."""
    return path.with_name(f"{path.name}.sha256")


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(PART):
            digest.update(part)
    return digest.hexdigest()


def listed_checksums(path: Path) -> frozenset[str]:
    """Return the checksums that a file may have; none where they were never written, or cannot be read."""
    try:
        return frozenset(_LINE.findall(checksum_file(path).read_text(encoding="ascii", errors="replace")))
    except OSError:
        return frozenset()


def is_intact(path: Path) -> bool | None:
    """Say whether a file has the checksum that is listed for it; None where none is listed.

    Raises:
        OSError: the file cannot be read.
    """
    listed = listed_checksums(path)
    return sha256_of(path) in listed if listed else None


def copy_and_hash(path: Path, copy: Path) -> str:
    """Copy a file, and return the SHA-256 of its bytes, which is worked out at the same time."""
    with ThreadPoolExecutor(1) as threads:
        digest = threads.submit(sha256_of, path)
        shutil.copyfile(path, copy)
        return digest.result()


def replace_with_checksum(draft: Path, path: Path, digest: str) -> None:
    """Put a file in the place of another, with its checksum.

    Args:
        draft: the new file, on the disk already; it is moved.
        path: the file that is replaced, or that is new.
        digest: the SHA-256 of the new file.
    """
    _write(path, sorted({*listed_checksums(path), digest}), draft.with_name(f"{draft.name}.sha256"))
    draft.replace(path)
    _write(path, [digest], draft.with_name(f"{draft.name}.sha256"))


def _write(path: Path, digests: Iterable[str], draft: Path) -> None:
    with draft.open("w", encoding="ascii") as file:
        file.writelines(f"{digest}  {path.name}\n" for digest in digests)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(checksum_file(path))
