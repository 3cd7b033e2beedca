"""How names and texts are compared: case, accents and punctuation do not count."""

import re
import unicodedata

_APOSTROPHES = str.maketrans(dict.fromkeys("'‘’ʼʻ`´′＇"))
_PUNCTUATION = re.compile(r"[\W_]+")

CACHED = 32768
"""How many readings of words are remembered: enough for the names of this list, and bounded whatever is asked."""


def fold(text: str) -> str:
    """Fold a text to the form in which it is compared: caseless, without accents, words apart by single blanks.

    An apostrophe is part of its word and is dropped (``Ch'ŏl`` is ``chol``); other punctuation separates words, so that
    ``RI HONG-SOP`` contains ``ri hong sop``, and ``BILLIONS NO. 18`` contains ``billions no 18``. Follows Unicode's
    caseless matching (Unicode Standard, section 3.13): NFKD, casefold, and NFKD once more, since folding a letter can
    make new combining marks; the marks are then dropped.
    """
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text.translate(_APOSTROPHES)).casefold())
    letters = "".join(char for char in folded if not unicodedata.combining(char))
    return _PUNCTUATION.sub(" ", letters).strip()
