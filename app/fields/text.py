"""How names and texts are compared: case, accents and the shape of a quotation mark do not count."""

import unicodedata

_QUOTATION_MARKS = str.maketrans(dict.fromkeys("‘’ʼʻ`´′＇", "'") | dict.fromkeys("“”„«»″", '"'))

CACHED = 8192
"""How many readings of words are remembered: enough for the names of this list, and bounded whatever is asked."""


def fold(text: str) -> str:
    """Return the text as it is compared: caseless, without accents, with plain quotation marks and single blanks.

    Follows Unicode's caseless matching (Unicode Standard, section 3.13): NFKD, casefold, and NFKD once more, since
    folding a letter can make new combining marks; the marks are then dropped.
    """
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text.translate(_QUOTATION_MARKS)).casefold())
    return " ".join("".join(char for char in folded if not unicodedata.combining(char)).split())
