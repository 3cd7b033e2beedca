"""Names of bodies in other languages, put into English word by word: 조선무역은행 is Korea Trading Bank.

The words that firms, banks, ministries and party organs are called by are looked up, the longest first, in Korean,
Chinese characters (Chinese and Japanese), kana, Russian, Ukrainian, Arabic, Spanish, French, German, Italian and
Portuguese. What is left is a name: of Chinese characters its Korean reading, of other scripts its transcription.
"""

import re
from functools import lru_cache
from itertools import product

from app.fields.text import CACHED, fold
from app.matching.scripts import Script, scripts_of, transcriptions
from app.matching.scripts.chinese import fold_characters
from app.matching.scripts.hanja import spelled
from app.matching.vocabulary import table_lines

MAX_TRANSLATIONS = 4
"""Most English wordings of one name."""


@lru_cache(maxsize=2)
def _entries(section: str) -> dict[str, tuple[str, ...]]:
    """Read a section of the table: each word with its English wordings."""
    found: dict[str, tuple[str, ...]] = {}
    for name, line in table_lines("bodies.tsv"):
        if name == section:
            word, _, english = line.partition("\t")
            found[word] = tuple(map(str.strip, english.split("|")))
    return found


@lru_cache(maxsize=1)
def _compounds() -> tuple[dict[str, tuple[str, ...]], "re.Pattern[str]"]:
    """Collect the words of languages that are written without blanks, and a pattern that finds the longest first."""
    known = {fold_characters(word): english for word, english in _entries("compounds").items()}
    longest_first = sorted(known, key=len, reverse=True)
    # A word of one syllable, such as 성, a ministry, is one at the end of a name only: 광성 is a name.
    patterns = (re.escape(word) + ("$" if "가" <= word <= "힣" and len(word) == 1 else "") for word in longest_first)
    return known, re.compile(f"({'|'.join(patterns)}|[0-9]+)")


@lru_cache(maxsize=1)
def _words() -> dict[str, tuple[str, ...]]:
    return {fold(word): english for word, english in _entries("words").items()}


@lru_cache(maxsize=CACHED)
def english_wordings(text: str) -> tuple[str, ...]:
    """Put the name of a body into English, word by word, in at most four wordings.

    Args:
        text: a name in any of the languages read here.

    Returns:
        None where no word of it is known: it is then no name of a body, or in English already.
    """
    scripts = {part.script for part in scripts_of(text)}
    if not scripts & {Script.HANGUL, Script.HAN, Script.KANA}:
        return _by_words(text)
    known, pattern = _compounds()
    parts: list[tuple[str, ...]] = []
    is_known = False
    for piece in filter(str.strip, pattern.split(fold_characters(text))):
        is_known |= piece in known and len(piece) > 1
        parts.append(known[piece] if piece in known else (_transcribed(piece),))
    if not is_known:
        return ()
    wordings = (" ".join(wording) for wording in product(*parts[:16]))
    return tuple(wording for wording, _ in zip(wordings, range(MAX_TRANSLATIONS), strict=False))


def _transcribed(piece: str) -> str:
    """Transcribe what is left of a name: Chinese characters by their Korean reading."""
    if not any(part.script == Script.HAN for part in scripts_of(piece)):
        return piece
    return spelled(piece) or piece


def _by_words(text: str) -> tuple[str, ...]:
    words = fold(text).split()
    known = _words()
    if not words or sum(word in known for word in words) < min(2, len(words)):
        return ()
    if all(known.get(word, ("",))[0] in (word, "") for word in words):
        return ()
    latin = {word: _latin(word) for word in words if word not in known}
    return (" ".join(known[word][0] if word in known else latin[word] for word in words),)


def _latin(word: str) -> str:
    return next((one.text for one in transcriptions(word) if not one.is_weak), word)
