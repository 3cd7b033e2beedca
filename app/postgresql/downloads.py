"""The files to download in PostgreSQL: parts of them are rows of a table in the schema of their version.

So each server that has a version has its files too, a standby receives them as it receives everything else, and they
are dropped with the schema. The table is no part of the published file of SQLite: beside that one the files are in a
folder.
"""

import hashlib
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, LiteralString

from sqlalchemy import Column, Integer, LargeBinary, MetaData, Table, Text, func, select

from app.database import OpenDataset

if TYPE_CHECKING:  # the driver is an extra; files in a folder are served without it
    import psycopg

PART_BYTES = 2**20
"""Bytes of each row but the last of a file; so much is in memory for each download."""

TABLE = Table(
    "download",
    MetaData(),
    Column("name", Text, primary_key=True),
    Column("part", Integer, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)
"""Part ``part`` of file ``name``, counted from 0."""

# The files are compressed already, or are asked for by ranges: to compress a part would only delay its answer.
CREATE: tuple[LiteralString, ...] = (
    'CREATE TABLE download (name text COLLATE "C", part integer, content bytea NOT NULL, PRIMARY KEY (name, part))',
    "ALTER TABLE download ALTER content SET STORAGE EXTERNAL",
)
"""Create the table in the current schema."""


class PartError(Exception):
    """The parts that arrived are not those that were sent."""


def copy_files(connection: "psycopg.Connection[Any]", folder: Path | None) -> None:
    """Create the table in the current schema, copy the files of a folder into it, and compare what arrived.

    Args:
        connection: a connection with a transaction under way.
        folder: the files; None leaves the table empty.

    Raises:
        PartError: the digests of the parts are not those of what was sent.
    """
    for statement in CREATE:
        connection.execute(statement)
    if folder is None:
        return
    sent = []
    with connection.cursor() as cursor, cursor.copy("COPY download (name, part, content) FROM STDIN") as copy:
        for name, part, content in _parts(folder):
            copy.write_row((name, part, content))
            sent.append((name, part, hashlib.sha256(content).hexdigest()))
    arrived = connection.execute(
        "SELECT name, part, encode(sha256(content), 'hex') FROM download ORDER BY name, part"
    ).fetchall()
    if arrived != sent:
        raise PartError(f"download: {len(sent)} parts were sent, {len(arrived)} arrived, or their digests differ")


def _parts(folder: Path) -> Iterator[tuple[str, int, bytes]]:
    for path in sorted(folder.iterdir(), key=lambda path: path.name.encode()):
        with path.open("rb") as file:
            part = 0
            while content := file.read(PART_BYTES):
                yield path.name, part, content
                part += 1


def read_part(dataset: OpenDataset, name: str, part: int) -> bytes | None:
    """Read a part of a file; None where there is none."""
    query = select(TABLE.c.content).where(TABLE.c.name == name, TABLE.c.part == part)
    content: bytes | None = dataset.scalar(query)
    return None if content is None else bytes(content)


def whole_file(dataset: OpenDataset, name: str) -> Iterator[bytes]:
    """Yield a file part by part."""
    for number in count():
        part = read_part(dataset, name, number)
        if part is None:
            return
        yield part


def has_files(dataset: OpenDataset) -> bool:
    """Say whether a publication has the table; one of an earlier version of this software does not."""
    return bool(dataset.scalar(select(func.to_regclass(TABLE.name).is_not(None))))
