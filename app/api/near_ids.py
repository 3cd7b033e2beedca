"""Ids one typing error away from a text, found by walking down the index of ids.

To try every text one error away would be thousands of look-ups for a long id. Here only those characters are tried that
some id really has behind the part read so far, and no further than some id begins as the text does.
"""

from functools import cache

from sqlalchemy import bindparam
from sqlmodel import col, select

from app.database import OpenDataset, PreparedQuery
from app.tables import Rendering

LONGEST = 80
"""Characters of the longest text that ids are looked up for; no id of a record is longer."""
MOST_LOOKUPS = 1000
_LAST = "\U0010ffff"


def has_id(dataset: OpenDataset, path: str, id: str) -> bool:
    """Say whether a resource has a record with an id, on whatever day."""
    return bool(dataset.run_prepared(_one(), {"resource": path, "id": id}))


def near_ids(dataset: OpenDataset, path: str, text: str) -> list[str]:
    """Return the ids of a resource one typing error away from a text, in order.

    An error is a character that is wrong, missing or extra, or two neighbours that are swapped.

    Args:
        dataset: the dataset.
        path: path of the resource.
        text: the text; no id is near to one that is longer than `LONGEST`.
    """
    if len(text) > LONGEST:
        return []
    lookups = _Lookups(dataset, path)
    candidates: set[str] = set()
    for place in range(len(text) + 1):
        start, rest = text[:place], text[place:]
        children = lookups.children(start)
        candidates |= {start + rest[1:], start + rest[1:2] + rest[:1] + rest[2:]}
        for char in children:
            candidates |= {start + char + rest, start + char + rest[1:]}
        if not children:  # nothing longer begins so
            break
    return sorted(candidate for candidate in candidates - {text, ""} if lookups.has(candidate))


class _Lookups:
    """Look-ups in the index of ids, at most `MOST_LOOKUPS`; beyond them nothing more is found."""

    def __init__(self, dataset: OpenDataset, path: str) -> None:
        self._dataset, self._path, self._left = dataset, path, MOST_LOOKUPS

    def next_after(self, text: str) -> str | None:
        """Return the first id after a text in the order of code points; None where there is none."""
        if self._left <= 0:
            return None
        self._left -= 1
        rows = self._dataset.run_prepared(_next(), {"resource": self._path, "id": text})
        return str(rows[0][0]) if rows else None

    def has(self, id: str) -> bool:
        """Say whether there is an id."""
        self._left -= 1
        return self._left > 0 and has_id(self._dataset, self._path, id)

    def children(self, start: str) -> list[str]:
        """Return the characters that ids have behind a beginning."""
        children: list[str] = []
        after = start
        while (id := self.next_after(after)) is not None and id.startswith(start):
            children.append(id[len(start)])
            after = start + id[len(start)] + _LAST
        return children


@cache
def _one() -> PreparedQuery:
    ids = col(Rendering.id)
    return PreparedQuery(
        select(ids).where(col(Rendering.resource) == bindparam("resource"), ids == bindparam("id")).limit(1)
    )


@cache
def _next() -> PreparedQuery:
    ids = col(Rendering.id)
    return PreparedQuery(
        select(ids)
        .where(col(Rendering.resource) == bindparam("resource"), ids > bindparam("id"))
        .order_by(ids)
        .limit(1)
    )
