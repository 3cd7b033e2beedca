"""How far along something is that takes long, shown on a terminal."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")

SHOWN_AFTER = 1.0
"""Seconds after which a bar is shown: what takes less needs none."""


def with_progress(items: Iterable[Item], doing: str, total: int | None = None) -> Iterator[Item]:
    """Yield items, and show on the terminal, if standard error is one, how many of them are done.

    Args:
        items: the items.
        doing: what is done to them.
        total: how many they are; None where that is not known.
    """
    import tqdm  # here, since only publishing needs it, and it takes a while

    yield from tqdm.tqdm(items, doing, total, unit="row", delay=SHOWN_AFTER, leave=False, disable=None)
