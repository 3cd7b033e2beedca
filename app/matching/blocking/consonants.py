"""Consonants of a word by class: words whose syllables agree in sound have the same."""

import re
from functools import lru_cache

from app.fields.text import CACHED

_CONSONANTS = str.maketrans(
    {
        **dict.fromkeys("aeiouywhxŏŭ'", ""),
        "g": "k",
        "q": "k",
        "d": "t",
        "b": "p",
        "f": "p",
        "v": "p",
        "l": "r",
        "c": "j",
    }
    | {"z": "j"}
)
_CONSONANTS_AND_VOWELS = _CONSONANTS | {ord(letter): "V" for letter in "aeiouywhxŏŭ"}
_DOUBLED = re.compile(r"(.)\1+")


def flat_consonants(word: str) -> str:
    """Fold a word to its consonants by class: two words whose syllables agree in sound have the same."""
    return consonants_of(word).lstrip("rn")


def consonants_of(word: str) -> str:
    """Fold a word to its consonants by class, and a V for the vowels between two of them."""
    return fold_classes(sounds_of(word))


def sounds_of(word: str) -> str:
    """Write the classes of the consonants of a word, and a V for each vowel: what `fold_classes` folds."""
    return word.translate(_CONSONANTS_AND_VOWELS)


def consonant_skeleton(word: str) -> str:
    """Fold a word to its consonants by class, without those that come and go at the beginning of a syllable."""
    return fold_classes(classes_of(word))


def classes_of(word: str) -> str:
    """Write the classes of the consonants of a word, without those that come and go at the beginning of a syllable."""
    return word.translate(_CONSONANTS).translate(_SOFT)


@lru_cache(maxsize=CACHED)
def fold_classes(classes: str) -> str:
    """Fold classes of consonants: doubled ones become one, and so do a t before a j or an s."""
    return _DOUBLED.sub(r"\1", classes.replace("tj", "j").replace("ts", "j"))


_SOFT = str.maketrans("", "", "rn")
