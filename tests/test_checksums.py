"""Checksums of published files, whatever moment a publication is killed at."""

import hashlib
import subprocess
from pathlib import Path

import pytest

from app import checksums
from app.checksums import checksum_file, copy_and_hash, is_intact, listed_checksums, replace_with_checksum, sha256_of


def draft(folder: Path, content: bytes) -> Path:
    path = folder / "draft"
    path.write_bytes(content)
    return path


def replace(new: Path, path: Path) -> None:
    replace_with_checksum(new, path, sha256_of(new))


def test_a_copy_is_hashed(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    assert copy_and_hash(draft(tmp_path, b"one"), copy) == hashlib.sha256(b"one").hexdigest()
    assert copy.read_bytes() == b"one"
    with pytest.raises(FileNotFoundError):
        copy_and_hash(tmp_path / "missing", copy)


def test_a_file_is_replaced_with_its_checksum(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    assert is_intact(draft(tmp_path, b"x")) is None
    for content in (b"one", b"two"):
        replace(draft(tmp_path, content), path)
        assert (path.read_bytes(), is_intact(path)) == (content, True)
        assert len(listed_checksums(path)) == 1
    subprocess.run(["sha256sum", "--check", "--quiet", checksum_file(path).name], cwd=tmp_path, check=True)
    path.write_bytes(b"twp")
    assert is_intact(path) is False


def test_killed_between_two_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.db"
    replace(draft(tmp_path, b"one"), path)
    write = checksums._write
    for survived in (1, 2):
        calls = 0

        def write_until(*arguments: object, survived: int = survived) -> None:
            nonlocal calls
            calls += 1
            if calls > survived - 1:
                raise KeyboardInterrupt
            write(*arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(checksums, "_write", write_until)
        with pytest.raises(KeyboardInterrupt):
            replace(draft(tmp_path, b"two"), path)
        assert is_intact(path), survived
    assert path.read_bytes() == b"two"
