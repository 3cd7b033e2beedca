"""Garbage collection and memory allocation of a process that runs for long, or that publishes."""

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""Parameters of glibc's mallopt(3)."""
MEBIBYTE = 2**20


def tune_gc_and_malloc() -> None:
    """Tune a long-running process once everything is loaded.

    Exclude everything loaded so far from garbage collection: it stays for good. There is no collection before that,
    as there is next to nothing to collect, and finding that out takes longer than the rest of the start. Let glibc
    reuse freed blocks of up to 4 MiB for the bodies of pages, some 170 kB each: mapping memory anew for each takes a
    tenth of the time of a page. With another C library nothing is set.
    """
    gc.freeze()
    gc.enable()
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, 4 * MEBIBYTE)
        mallopt(M_TRIM_THRESHOLD, 16 * MEBIBYTE)


@contextmanager
def reduced_gc() -> Iterator[None]:
    """Collect garbage less often while publishing or screening creates many short-lived objects without cycles.

    What is loaded already is left out of the collections.
    """
    before, was_frozen = gc.get_threshold(), gc.get_freeze_count()
    gc.freeze()
    gc.set_threshold(100_000, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        if not was_frozen:
            gc.unfreeze()
