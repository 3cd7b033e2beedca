"""Slips of the finger: two letters swapped, one missing, one doubled, or the key beside the right one."""

from enum import StrEnum
from functools import lru_cache

from app.fields.text import CACHED

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


class Typo(StrEnum):
    """What slipped."""

    SWAP = "two letters swapped"
    DOUBLE = "a letter doubled"
    DROP = "a letter missing"
    NEIGHBOUR = "the key beside"


@lru_cache(maxsize=CACHED)
def single_typo(typed: str, meant: str) -> Typo | None:
    """Classify the one typo that turns the meant text into the typed one; None where there is no such one."""
    if not is_one_edit(typed, meant):
        return None
    if len(typed) == len(meant):
        at = next(place for place, char in enumerate(typed) if char != meant[place])
        if sorted(typed) == sorted(meant):
            return Typo.SWAP
        return Typo.NEIGHBOUR if typed[at] in neighbouring_keys(meant[at]) else None
    if len(typed) < len(meant):
        return Typo.DROP
    doubled = any(typed == meant[:at] + meant[at] + meant[at:] for at in range(len(meant)))
    return Typo.DOUBLE if doubled else None


def is_one_edit(one: str, other: str) -> bool:
    """Check whether two texts are one edit apart: a letter more, less or another, or two neighbours swapped.

    This is an optimal string alignment distance of 1 (Damerau-Levenshtein, restricted).
    """
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    shorter, longer = sorted((one, other), key=len)
    at = next((place for place, char in enumerate(shorter) if char != longer[place]), len(shorter))
    if len(one) != len(other):
        return shorter[at:] == longer[at + 1 :]
    is_swapped = one[at : at + 2] == other[at : at + 2][::-1] and one[at + 2 :] == other[at + 2 :]
    return is_swapped or one[at + 1 :] == other[at + 1 :]


@lru_cache(maxsize=64)
def neighbouring_keys(key: str) -> frozenset[str]:
    """Return the keys around a key of an English keyboard; none for what is no letter of it."""
    for row, keys in enumerate(_ROWS):
        if key in keys:
            column = keys.index(key)
            around = [near[max(column - 1, 0) : column + 2] for near in _ROWS[max(row - 1, 0) : row + 2]]
            return frozenset("".join(around)) - {key}
    return frozenset()
