"""Names of bodies in languages other than English, put into English word by word.

Banco de Comercio Exterior is bank foreign trade. The words that firms, banks, ministries and party organs are called
by are looked up (``data/bodies.tsv``) in Russian, Ukrainian, Arabic, Spanish, French, German, Italian and Portuguese;
names in Hangul and Chinese characters are translated by `app.matching.scripts.glossary`.
"""

import re
from functools import lru_cache

from app.fields.text import CACHED, fold
from app.matching.scripts import transcriptions
from app.matching.scripts.glossary import translated
from app.matching.vocabulary import table_lines

_LITTLE = frozenset(
    [
        *("de", "del", "la", "el", "los", "las", "du", "des", "le", "les", "et", "y", "e"),
        *("von", "der", "und", "da", "do"),
    ]
)


_PARTY = re.compile("(?:korea )?workers party(?: of korea)?")
"""The party that most bodies of the DPRK are of: as "of the DPRK", it says nothing of a body."""


@lru_cache(maxsize=1)
def known_words() -> dict[str, str]:
    """Read the table: each word, folded, with its English."""
    pairs = (line.partition("\t") for _, line in table_lines("bodies.tsv"))
    return {fold(word): english for word, _, english in pairs}


@lru_cache(maxsize=CACHED)
def english_wordings(text: str) -> tuple[str, ...]:
    """Put the name of a body into English, word by word.

    Args:
        text: a name in any of the languages read here.

    Returns:
        None where no words of it are known: it is then no name of a body, or in English already.
    """
    if not text.isascii() and (found := translated(text)):
        return tuple(dict.fromkeys(_PARTY.sub(r"korea", wording) for wording in found))
    words = fold(text).split()
    known = known_words()
    found_words = [word for word in words if word in known]
    if len(found_words) < min(2, len(words)) or all(known[word] == word for word in found_words):
        return ()
    kept = [word for word in words if word not in _LITTLE]
    return (" ".join(known[word] if word in known else _latin(word) for word in kept),)


def _latin(word: str) -> str:
    return next((one.text for one in transcriptions(word) if not one.is_weak), word) if not word.isascii() else word
