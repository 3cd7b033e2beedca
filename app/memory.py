"""Memory of a process that answers or publishes: what is there to stay is not looked through again and again."""

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""What glibc's mallopt(3) sets."""
MEBIBYTE = 2**20


def settle() -> None:
    """Settle down once everything is loaded.

    The collector is not to look through what was made until now: it stays. Nor is it run first, as there is next to
    nothing to collect, and to find that takes longer than the rest of the start. The bodies of pages, some 170 kB, are
    to come from memory that was freed before: glibc would get it from the system anew for each, which takes a tenth of
    the time of a page. Where the C library is another one, nothing is set.
    """
    gc.freeze()
    gc.enable()
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, 4 * MEBIBYTE)
        mallopt(M_TRIM_THRESHOLD, 16 * MEBIBYTE)


@contextmanager
def seldom_collecting() -> Iterator[None]:
    """Look for what can be freed seldom, while very many small things are made that are freed without looking."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
