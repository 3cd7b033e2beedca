"""Memory of a process that answers: what was loaded is not looked through, and what is freed stays at hand."""

import ctypes
import gc

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
