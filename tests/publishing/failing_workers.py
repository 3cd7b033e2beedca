"""Renderers that fail, in a module of their own that a new process imports quickly."""

import os
from collections.abc import Iterator
from typing import Any

from app.publishing.workers import Rendered


def fail(_session: Any, path: str, share: Any) -> Iterator[Rendered]:
    """Render nothing: one process raises an exception."""
    if share.place == 1:
        raise RuntimeError(f"no {path} today")
    yield from ()


def die(_session: Any, _path: str, share: Any) -> Iterator[Rendered]:
    """Render nothing: one process ends as if it were killed."""
    if share.place == 1:
        os._exit(9)
    yield from ()
