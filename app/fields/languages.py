"""Languages of names, as far as the script that they are written in says which."""

import re

_HANGUL = re.compile("[\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff]")
_KANA = re.compile("[\u3041-\u30ff\u31f0-\u31ff]")
_CYRILLIC = re.compile("[\u0400-\u052f]")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")


def language_of_script(text: str) -> str | None:
    """Return the BCP 47 tag of the language that the script of a name is used for; None where it is not certain.

    Hangul is Korean, kana Japanese, and Cyrillic, in the sources of this record, Russian. Han characters alone can be
    Korean, Chinese or Japanese; Latin letters can be any language.
    """
    for script, language in ((_HANGUL, "ko"), (_KANA, "ja"), (_CYRILLIC, "ru")):
        if script.search(text):
            return language
    return None


def is_han_alone(text: str) -> bool:
    """Say whether a name has Han characters and no script beside them that says which language it is."""
    return bool(_HAN.search(text)) and language_of_script(text) is None
