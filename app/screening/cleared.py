"""What was cleared before: pairs of a query and a subject, each with a digest of what was compared of the subject.

A pair is left out only as long as the digest is the same: once a name, birth date, nationality or identifier of the
subject is added, changed or taken away, it is a hit again.
"""

from collections.abc import Iterable
from pathlib import Path

from app.fields.text import fold
from app.problems import InvalidRequest
from app.screening.columns import normalize_header
from app.screening.table_reader import ReadOptions, open_table

Pair = tuple[str, str, str]
"""A query as `BatchRow.query_text` writes it, folded; the id of a subject; the digest."""

_HEADERS = (("query", "name"), ("subjectid", "subject"), ("digest",))
"""Headers of the three columns, the first of each those that `unlisted screen` writes."""


def pair_of(query: str, subject_id: str, digest: str) -> Pair:
    """Make the key of a pair."""
    return fold(query), subject_id.strip(), digest.strip().lower()


def read_pairs(path: Path) -> frozenset[Pair]:
    """Read the pairs of an answer of ``unlisted screen``, or of any table with columns query, subject.id and digest.

    Rows without a subject, which answer a name without a hit, are no pairs.

    Raises:
        InvalidRequest: it is no table with these columns, or a row has a subject and no digest.
        OSError: it cannot be read.
    """
    with open_table(path, ReadOptions()) as table:
        folded = [normalize_header(header) for header in table.header]
        places = [next((folded.index(name) for name in names if name in folded), None) for names in _HEADERS]
        if None in places:
            raise InvalidRequest(
                f"{path}: it has no columns query, subject.id and digest; its columns are "
                f"{', '.join(map(repr, table.header))}"
            )
        rows = ([row.cells[place] for place in places if place is not None] for row in table.rows if row.cells)
        return frozenset(_pairs(path, rows))


def _pairs(path: Path, rows: Iterable[list[str]]) -> Iterable[Pair]:
    for number, (query, subject_id, digest) in enumerate(rows, 1):
        if not subject_id.strip():
            continue
        if not digest.strip():
            raise InvalidRequest(f"{path}: row {number} has a subject, {subject_id}, and no digest")
        # An answer in CSV has an apostrophe before what a spreadsheet would run.
        yield pair_of(query[1:] if query[:2] in ("'=", "'+", "'-", "'@") else query, subject_id, digest)
