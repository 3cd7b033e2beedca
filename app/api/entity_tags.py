"""Entity tags of responses, and the conditions that name them (RFC 9110, sections 8.8.3 and 13.1.2)."""

import xxhash
from werkzeug.http import parse_etags


def entity_tag(content: bytes) -> str:
    """Build the strong entity tag of some content, with its quotation marks."""
    return f'"{xxhash.xxh3_128_hexdigest(content)}"'


def is_named(etag: str, condition: str) -> bool:
    """Say whether a header If-None-Match names an entity tag, by weak comparison.

    Args:
        etag: the entity tag, with its quotation marks.
        condition: the value of the header; empty where there is none.
    """
    return bool(condition) and parse_etags(condition).contains_weak(etag.strip('"'))
