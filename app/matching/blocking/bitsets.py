"""Bit sets: a set of numbers as an int whose bit n is the number n."""

from collections.abc import Iterable, Iterator, Sequence


def count_syllables(words: Iterable[tuple[int, int, int, int]]) -> tuple[int, int, int, int]:
    """Count syllables over words: the names of which at least one, two, three and four are covered."""
    one = two = three = four = 0
    for first, second, third, fourth in words:
        four |= fourth | one & third | two & second | three & first
        three |= third | one & second | two & first
        two |= second | one & first
        one |= first
    return one, two, three, four


def map_beginnings(words: Sequence[str]) -> dict[str, int]:
    """Map each beginning of some words, the whole word and nothing among them, to those words as a bit set."""
    found: dict[str, int] = {}
    for number, word in enumerate(words):
        for end in range(len(word) + 1):
            found[word[:end]] = found.get(word[:end], 0) | 1 << number
    return found


def map_endings(words: Sequence[str]) -> dict[str, int]:
    """Map each ending of some words, the whole word and nothing among them, to those words as a bit set."""
    found: dict[str, int] = {}
    for number, word in enumerate(words):
        for start in range(len(word) + 1):
            found[word[start:]] = found.get(word[start:], 0) | 1 << number
    return found


def words_about_as_long(words: Sequence[str]) -> list[int]:
    """List for each length the words, as a bit set, that are as long but for one letter."""
    found = [0] * (max(map(len, words), default=0) + 2)
    for number, word in enumerate(words):
        for length in (len(word) - 1, len(word), len(word) + 1):
            found[length] |= 1 << number
    return found


def each_bit(bits: int) -> Iterator[int]:
    """Yield each number of a set as a set of its own, the least first."""
    while bits:
        yield bits & -bits
        bits &= bits - 1


def bits_of(numbers: Iterable[int]) -> int:
    """Make a set of some numbers, in a time that grows with how many and how large they are, not with the product."""
    numbers = tuple(numbers)
    found = bytearray(max(numbers, default=0) // 8 + 1)
    for number in numbers:
        found[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(found, "little")
