"""Texts: how they are folded to be compared (case, accents and punctuation do not count), and JSON."""

import json
import re
import unicodedata
from typing import Any

APOSTROPHES = "'‘’‛`´′‵＇ʹʻʼʽʾʿˈˊˋ՚΄᾽᾿῾Ꞌꞌ"
"""What serves as an apostrophe in the romanizations of libraries, on keyboards and in damaged texts."""
_APOSTROPHES = str.maketrans(dict.fromkeys(APOSTROPHES))
_PUNCTUATION = re.compile(r"[\W_]+")

CACHED = 32768
"""Size of the caches of folded and parsed words: enough for the names of this list, bounded whatever is asked."""


def fold(text: str) -> str:
    """Fold a text to the form in which it is compared: caseless, without accents, words apart by single blanks.

    An apostrophe is part of its word and is dropped (``Ch'ŏl`` is ``chol``); other punctuation separates words, so that
    ``RI HONG-SOP`` contains ``ri hong sop``, and ``BILLIONS NO. 18`` contains ``billions no 18``. Follows Unicode's
    caseless matching (Unicode Standard, section 3.13): NFKD, casefold, and NFKD once more, since folding a letter can
    make new combining marks; the marks are then dropped.
    """
    if text.isascii():  # which the normal form leaves alone
        return _PUNCTUATION.sub(" ", text.replace("'", "").replace("`", "").lower()).strip()
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text.translate(_APOSTROPHES)).casefold())
    letters = "".join(char for char in folded if not unicodedata.combining(char))
    return _PUNCTUATION.sub(" ", letters).strip()


def letters_and_digits(text: str) -> str:
    """Fold an identifier to the form in which it is compared: ``EU.4567.89`` is ``eu456789``; empty where none are."""
    return fold(text).replace(" ", "")


_NUMBER = re.compile(r"[-+]?[0-9][0-9 .,/-]*")
_SIGNS = frozenset("=+-@\N{MINUS SIGN}")


def escape_formula(text: str) -> str:
    """Write an apostrophe before a cell that a spreadsheet would run as a formula (OWASP, CSV Injection).

    A spreadsheet may drop blanks and characters without width before the sign, and takes the full-width and small forms
    of the signs for the signs. Numbers with a sign, and a lone sign, are left as they are.
    """
    if not text or text[0].isalnum() or _NUMBER.fullmatch(text):
        return text
    start = next((place for place, char in enumerate(text) if unicodedata.category(char)[0] not in "CZ"), len(text))
    bare = text[start:]
    if text[0] in "\t\r\n" or (len(bare) > 1 and unicodedata.normalize("NFKC", bare[0]) in _SIGNS):
        return f"'{text}"
    return text


_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
"""Made once: `json.dumps` makes one for each value that it does not encode by its defaults."""


def dump_json(value: Any) -> bytes:
    """Encode a value as compact JSON in UTF-8 (RFC 8259)."""
    return _COMPACT.encode(value).encode()
