"""Slips of the finger: two letters swapped, one missing, one doubled, or the key beside the right one."""

from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from app.fields.text import CACHED
from app.lazily import lazily

if TYPE_CHECKING:
    import rapidfuzz
else:
    rapidfuzz = lazily("rapidfuzz")


_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


class Typo(StrEnum):
    """What slipped."""

    SWAP = "two letters swapped"
    DOUBLE = "a letter doubled"
    DROP = "a letter missing"
    NEIGHBOUR = "the key beside"


@lru_cache(maxsize=CACHED)
def single_typo(typed: str, meant: str) -> Typo | None:
    """Return the one slip of the finger that makes one text of another, or None where there is no such one."""
    if rapidfuzz.distance.OSA.distance(typed, meant, score_cutoff=1) != 1:
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


@lru_cache(maxsize=64)
def neighbouring_keys(key: str) -> frozenset[str]:
    """Return the keys around a key of an English keyboard; none for what is no letter of it."""
    for row, keys in enumerate(_ROWS):
        if key in keys:
            column = keys.index(key)
            around = [near[max(column - 1, 0) : column + 2] for near in _ROWS[max(row - 1, 0) : row + 2]]
            return frozenset("".join(around)) - {key}
    return frozenset()
