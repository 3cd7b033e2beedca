"""The schemas of a database: one of ours with the list of publications, and one for each publication, never altered."""

from dataclasses import dataclass
from typing import Any, LiteralString

CATALOGUE = "unlisted"
"""The schema with the list of publications."""

READERS = "unlisted_reader"
"""The role, without a login, that may read every publication; the roles that servers log in with are its members."""

LOCK = 0x756E6C6973746564
"""Key of the advisory lock that a publication holds: "unlisted" in ASCII."""

SETUP: tuple[LiteralString, ...] = (
    "CREATE SCHEMA IF NOT EXISTS unlisted",
    # `number` is the time of the publication in milliseconds and rises from one to the next: also over one that was
    # lost with a primary whose standbys had not received it.
    "CREATE TABLE IF NOT EXISTS unlisted.publication (number bigint PRIMARY KEY, version text NOT NULL, "
    "schema_name text NOT NULL, migration text NOT NULL)",
)

KEPT: LiteralString = "SELECT number, version, schema_name, migration FROM unlisted.publication ORDER BY number"
"""Selects the publications that can be asked for, the current one last."""


@dataclass(frozen=True)
class Publication:
    """A publication of a version; the same version may be published again.

    Attributes:
        number: rises from one publication to the next.
        version: version of the dataset.
        schema: the schema with its tables.
        migration: the newest migration of its tables.
    """

    number: int
    version: str
    schema: str
    migration: str


def publications(rows: Any) -> tuple[Publication, ...]:
    """Read the rows that `KEPT` selects."""
    return tuple(Publication(*row) for row in rows)
