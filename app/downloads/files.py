"""The files of one version: where they are, what each is, and the index that lists them."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from app.api.citations import NAME
from app.checksums import sha256_of

INDEX = "index.json"
"""The file that lists the others, with their sizes and digests."""
PART = 2**20
"""Bytes that are read at once."""


LICENCE = "CC0-1.0"
ABOUT = {
    "title": NAME,
    "description": "Who and what was listed, by what and when; each fact with its source.",
    "licence": LICENCE,
}
"""Title, description and licence of the dataset, for the formats that have a place for them."""


@dataclass(frozen=True)
class Download:
    """A file that can be downloaded.

    Attributes:
        name: its name, which contains the version of the dataset.
        title: what it is, in a few words.
        description: what is in it and what reads it.
        media_type: its media type.
        bytes: its size.
        sha256: SHA-256 of its bytes, in hexadecimal digits.
    """

    name: str
    title: str
    description: str
    media_type: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Kind:
    """A kind of file, of which each version has one.

    Attributes:
        suffix: the end of its name, behind the version.
        title: what it is, in a few words.
        description: what is in it and what reads it.
        media_type: its media type.
    """

    suffix: str
    title: str
    description: str
    media_type: str

    def name(self, version: str) -> str:
        """Name the file of a version."""
        return f"unlisted-{version}-{self.suffix}"


def downloads_folder(database: Path, version: str) -> Path:
    """Return the folder with the files of a version, beside the file that is published now.

    Args:
        database: the file that is published now, such as ``data/unlisted.db``.
        version: the version; its folder is ``data/unlisted-downloads/<version>``.
    """
    return database.with_name(f"{database.stem}-downloads") / version


def describe(kind: Kind, version: str, folder: Path) -> Download:
    """Measure a file that was written to a folder."""
    path = folder / kind.name(version)
    return Download(path.name, kind.title, kind.description, kind.media_type, path.stat().st_size, sha256_of(path))


def write_index(folder: Path, downloads: Iterable[Download]) -> None:
    """Write the index of a folder's files."""
    listed = json.dumps([asdict(one) for one in downloads], indent=1, ensure_ascii=False)
    (folder / INDEX).write_text(listed + "\n", encoding="utf-8")


def read_index(folder: Path) -> Mapping[str, Download]:
    """Read the index of a folder: its files by name, none where nothing was made for the version."""
    try:
        return parse_index((folder / INDEX).read_bytes())
    except FileNotFoundError:
        return {}


def parse_index(content: bytes) -> Mapping[str, Download]:
    """Parse the content of an index: the files by name."""
    return {one["name"]: Download(**one) for one in json.loads(content)}
