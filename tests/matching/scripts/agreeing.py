"""How a text in another script agrees with a name in Hangul: what the tests of each script ask."""

from app.matching.romanization import agreement, readings
from app.matching.scripts import syllable_readings

ALLOWED = 0.12
"""Most that a name may cost and still be a hit at the default threshold of 0.88."""


def cost_of(text: str, hangul: str) -> float | None:
    """Add up the cost at which a text can be read as a name; None where it cannot."""
    found = []
    for reading in syllable_readings(text):
        if len(reading.syllables) == len(hangul):
            pairs = zip(reading.syllables, hangul, strict=True)
            costs = [agreement(syllable.readings, readings(block)).cost for syllable, block in pairs]
            if None not in costs:
                found.append(reading.cost + sum(cost for cost in costs if cost is not None))
    return min(found, default=None)


def is_read_as(text: str, hangul: str) -> bool:
    """Say whether a text is read as a name at a cost that a hit may have."""
    cost = cost_of(text, hangul)
    return cost is not None and cost <= ALLOWED
