"""Progress of long loops, shown on a terminal."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")

SHOWN_AFTER = 1.0
"""Seconds after which a bar is shown."""


def with_progress(items: Iterable[Item], doing: str, total: int | None = None) -> Iterator[Item]:
    """Yield items, and show on the terminal, if standard error is one, how many of them are done.

    Args:
        items: the items.
        doing: what is done to them.
        total: how many there are; None where that is not known.
    """
    from tqdm import tqdm  # here, as the server shows no progress

    yield from tqdm(items, doing, total, unit="row", delay=SHOWN_AFTER, leave=False, disable=None)
