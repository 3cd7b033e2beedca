"""Tasks that fail, in a module of their own that a new process imports quickly."""

import os
from collections.abc import Iterator
from typing import Any


def fail(_session: Any, share: Any, path: str) -> Iterator[str]:
    """Do nothing: one process raises an exception."""
    if share.place == 1:
        raise RuntimeError(f"no {path} today")
    yield from ()


def die(_session: Any, share: Any, _path: str) -> Iterator[str]:
    """Do nothing: one process ends as if it were killed."""
    if share.place == 1:
        os._exit(9)
    yield from ()


def places(share: Any, most: int) -> Iterator[int]:
    """Yield the numbers of the share that are less than a number."""
    yield from range(share.place, most, share.of)
