"""Texts: how they are folded to be compared, and JSON."""

import json
import unicodedata
from typing import Any

_QUOTATION_MARKS = str.maketrans(dict.fromkeys("‘’ʼʻ`´′＇", "'") | dict.fromkeys("“”„«»″", '"'))

CACHED = 8192
"""Size of the caches of folded and parsed words: enough for the names of this list, bounded whatever is asked."""


def fold(text: str) -> str:
    """Fold a text for comparison: caseless, without accents, with plain quotation marks and single blanks.

    Follows Unicode's caseless matching (Unicode Standard, section 3.13): NFKD, casefold, and NFKD once more, since
    folding a letter can make new combining marks; the marks are then dropped.
    """
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text.translate(_QUOTATION_MARKS)).casefold())
    return " ".join("".join(char for char in folded if not unicodedata.combining(char)).split())


def dump_json(value: Any) -> bytes:
    """Encode a value as compact JSON in UTF-8 (RFC 8259)."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
