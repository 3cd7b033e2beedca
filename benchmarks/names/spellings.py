"""Spellings made from a listed name: four romanisations of its Hangul, and slips of one letter by class."""

import random
from collections.abc import Iterator

ONSETS = {
    "north": "k kk n t tt r m p pp s ss - j jj ch kh th ph h",
    "mccune": "k kk n t tt r m p pp s ss - ch tch ch' k' t' p' h",
    "plain": "k kk n t tt r m p pp s ss - ch tch ch k t p h",
    "revised": "g kk n d tt r m b pp s ss - j jj ch k t p h",
}
NUCLEI = {
    "north": "a ae ya yae o e yo ye o wa wae oe yo u wo we wi yu u ui i",
    "mccune": "a ae ya yae ŏ e yŏ ye o wa wae oe yo u wŏ we wi yu ŭ ŭi i",
    "plain": "a ae ya yae o e yo ye o wa wae oe yo u wo we wi yu u ui i",
    "revised": "a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i",
}
CODAS = "- k k k n n n t l k m l l l p l m p p t t ng t t k t p t"
"""Letters by their place in a Hangul block, as Unicode orders them: the DPRK's rules, McCune-Reischauer with its signs
and without, and the Revised Romanization, syllable by syllable as names are written."""

KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def romanised(hangul: str, system: str) -> str:
    """Return a name of Hangul blocks, romanised, the family name first and each syllable apart.

    Args:
        hangul: the name.
        system: north, mccune, plain or revised.
    """
    return " ".join(_syllable(block, system) for block in hangul).upper()


def _syllable(block: str, system: str) -> str:
    onset, rest = divmod(ord(block) - 0xAC00, 588)
    nucleus, coda = divmod(rest, 28)
    parts = (ONSETS[system].split()[onset], NUCLEI[system].split()[nucleus], CODAS.split()[coda])
    return "".join(part for part in parts if part != "-")


def slips(name: str, seed: int) -> Iterator[tuple[str, str]]:
    """Yield one slip of each class in a name, with its class: swap, drop, double, neighbour.

    Args:
        name: the name; letters alone are slipped on.
        seed: of the choice of the letter.
    """
    choice = random.Random(f"{name} {seed}")
    places = [place for place, char in enumerate(name) if char.isalpha() and char.isascii()]
    swaps = [place for place in places if place + 1 in places and name[place] != name[place + 1]]
    if swaps:
        at = choice.choice(swaps)
        yield "swap", name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    drops = [place for place in places if place - 1 in places or place + 1 in places]
    if drops:
        at = choice.choice(drops)
        yield "drop", name[:at] + name[at + 1 :]
    if places:
        at = choice.choice(places)
        yield "double", name[:at] + name[at] + name[at:]
        at = choice.choice(places)
        yield "neighbour", name[:at] + choice.choice(neighbours(name[at])) + name[at + 1 :]


def neighbours(char: str) -> list[str]:
    """Return the keys beside a letter on the keyboard, in its row and the rows above and below."""
    row = next(number for number, keys in enumerate(KEYBOARD) if char.lower() in keys)
    column = KEYBOARD[row].index(char.lower())
    near = [
        KEYBOARD[other][place]
        for other in (row - 1, row, row + 1)
        if 0 <= other < len(KEYBOARD)
        for place in (column - 1, column, column + 1)
        if 0 <= place < len(KEYBOARD[other]) and (other, place) != (row, column)
    ]
    return [key.upper() if char.isupper() else key for key in near]
