"""Korean names in other Latin orthographies."""

from collections.abc import Iterator

from app.matching.scripts.orthography import Way

WEAK = frozenset[str]()


def systems(text: str) -> Iterator[tuple[str, tuple[Way, ...], float]]:
    """Read."""
    yield from ()
