"""The choice between a page and data: the parameter ``format``, else what Accept prefers (RFC 9110, section 12.5.1)."""

from collections.abc import Sequence
from functools import lru_cache

from app.api.formats import LONGEST_ACCEPT, MEDIA_TYPES, media_ranges
from app.problems import MEDIA_TYPE as PROBLEM

HTML = "text/html"
PAGE_FORMAT = ("format", "html")
"""The parameter that asks for a page whatever Accept prefers, as name and value."""


def accept_of(headers: Sequence[tuple[bytes, bytes]]) -> str:
    """Return the header Accept; its lines are one list (RFC 9110, section 5.3)."""
    return ", ".join(value.decode("latin-1") for name, value in headers if name == b"accept")


@lru_cache(maxsize=256)
def prefers_page(accept: str) -> bool:
    """Say whether an Accept header prefers HTML to every format of data.

    Where it likes both the same, it is data: ``*/*``, an absent header and ``application/json, text/html`` are asked
    by programs. One that names HTML itself and data only by a wildcard of the same quality gets HTML, as of two media
    ranges with the same quality the more specific one is the preferred one.

    Args:
        accept: the value of the header; empty where there is none.
    """
    if "html" not in accept.lower() or len(accept) > LONGEST_ACCEPT:
        return False
    return media_ranges(accept).best_match([*dict.fromkeys(MEDIA_TYPES.values()), HTML]) == HTML


@lru_cache(maxsize=256)
def accepts_page(accept: str) -> bool:
    """Say whether an Accept header names HTML as acceptable at all."""
    return "html" in accept.lower() and len(accept) <= LONGEST_ACCEPT and media_ranges(accept)[HTML] > 0


@lru_cache(maxsize=256)
def prefers_page_to(accept: str, media_type: str) -> bool:
    """Say whether an Accept header prefers HTML to the format that was answered, or to the problem that none was.

    Args:
        accept: the value of the header.
        media_type: the media type of the answer.
    """
    if not accepts_page(accept):
        return False
    accepted = media_ranges(accept)
    return accepted[HTML] > (0 if media_type == PROBLEM else accepted[media_type])
