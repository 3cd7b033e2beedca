"""Content codings: the choice of the one that a client prefers, and compression."""

import gzip
from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache

import brotli
import zstandard
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header


class Coding(StrEnum):
    """A content coding, in the order of our preference among those that a client prefers equally."""

    BR = "br"
    ZSTD = "zstd"
    GZIP = "gzip"


SMALLEST_COMPRESSED = 860
"""Bytes below which compressing a body costs more than it saves (it fits one packet either way)."""

_COMPRESSORS: dict[Coding, Callable[[bytes], bytes]] = {
    # The last levels before time rises faster than size falls: under 1 ms for a page of 170 kB.
    Coding.BR: lambda body: brotli.compress(body, quality=5),
    Coding.ZSTD: lambda body: zstandard.ZstdCompressor(level=6).compress(body),
    Coding.GZIP: lambda body: gzip.compress(body, compresslevel=6, mtime=0),
}


def compress(body: bytes, coding: Coding) -> bytes:
    """Compress a body."""
    return _COMPRESSORS[coding](body)


LONGEST_ACCEPT_ENCODING = 512
"""Characters of the longest Accept-Encoding that is parsed; to a client that sends more, no coding is applied."""


def choose_coding(accept_encoding: str) -> Coding | None:
    """Choose the coding that a client prefers; None for no coding (RFC 9110, section 12.5.3).

    Args:
        accept_encoding: its header Accept-Encoding; empty where it sent none.
    """
    return _chosen(accept_encoding) if len(accept_encoding) <= LONGEST_ACCEPT_ENCODING else None


@lru_cache(maxsize=256)
def _chosen(accept_encoding: str) -> Coding | None:
    # "x-gzip" is gzip (RFC 9110, section 8.4.1.3).
    accepted = parse_accept_header(accept_encoding.replace("x-gzip", "gzip"), Accept)
    # No coding ("identity") is acceptable without being named; it is preferred only if it is named.
    as_it_is = accepted.quality("identity") if accepted.find("identity") >= 0 else 0
    best = max(Coding, key=accepted.quality)
    return best if accepted.quality(best) > 0 and accepted.quality(best) >= as_it_is else None
