"""Where the files of a version are: in a folder beside the published file, or in the database that has the version."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import BinaryIO

from sqlalchemy.util import greenlet_spawn

from app.database import OpenDataset
from app.downloads.files import INDEX, PART, Download, parse_index, read_index
from app.postgresql.downloads import PART_BYTES, has_files, read_part


class Store(ABC):
    """The files of one version."""

    @abstractmethod
    def index(self) -> Mapping[str, Download]:
        """Read the index of the files, by name; none where nothing was made for the version."""

    @abstractmethod
    def open(self, name: str, first: int, end: int) -> AsyncIterator[bytes]:
        """Open a file, and return an iterator over a half-open range of its bytes, part by part."""


class FolderStore(Store):
    """Files in a folder.

    Args:
        folder: the folder of a version.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def index(self) -> Mapping[str, Download]:
        """See ``Store.index``."""
        return read_index(self._folder)

    def open(self, name: str, first: int, end: int) -> AsyncIterator[bytes]:
        """See ``Store.open``: open before the answer begins, as a publication may drop the version meanwhile."""
        return _parts_of_file((self._folder / name).open("rb"), first, end)


async def _parts_of_file(source: BinaryIO, first: int, end: int) -> AsyncIterator[bytes]:
    """Yield bytes of a file part by part, read in a thread, and close it."""
    try:
        source.seek(first)
        while first < end and (part := await asyncio.to_thread(source.read, min(PART, end - first))):
            first += len(part)
            yield part
    finally:
        source.close()


class DatabaseStore(Store):
    """Files in the schema of a publication in PostgreSQL.

    Args:
        dataset: the publication.
    """

    def __init__(self, dataset: OpenDataset) -> None:
        self._dataset = dataset

    def index(self) -> Mapping[str, Download]:
        """See ``Store.index``."""
        content = read_part(self._dataset, INDEX, 0) if has_files(self._dataset) else None
        return {} if content is None else parse_index(content)

    async def open(self, name: str, first: int, end: int) -> AsyncIterator[bytes]:
        """See ``Store.open``: each part is a statement, which another server answers where one fails.

        Raises:
            NoDataset: no server has the file any longer; the client sees a broken answer, and asks for the rest.
        """
        while first < end:
            number, begin = divmod(first, PART_BYTES)
            # A greenlet of its own: the answer may be sent by another task than that of the request.
            part = await greenlet_spawn(read_part, self._dataset, name, number)
            if part is None:
                raise EOFError(f"{name}: part {number} is missing")
            wanted = part[begin : begin + end - first]
            first += len(wanted)
            yield wanted
