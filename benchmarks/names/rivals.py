"""Other matchers of names behind one interface, so that ours can be held beside them on the same pairs."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from followthemoney import EntityProxy

LOGGER = logging.getLogger(__name__)

SCHEMAS = {"individual": "Person", "entity": "Organization", "vessel": "Vessel"}
"""The FollowTheMoney schema of each kind of subject."""

UNKNOWN_KIND_SCHEMAS = {"individual": "LegalEntity", "entity": "LegalEntity", "vessel": "Vessel"}
"""The schema of a query of unknown kind, by the kind of the subject that it is compared with.

LegalEntity is what FollowTheMoney calls a person or an organisation of which it is not known which. nomenklatura
compares it with both but with no vessel, and a vessel only with a vessel.
"""

# nomenklatura itself sets no threshold. yente, the matching service that its authors built on it, counts a score from
# 0.70 as a match, whichever algorithm gave it (SCORE_THRESHOLD in yente/settings.py).
YENTE_THRESHOLD = 0.70

# OFAC's own search, which the algorithm emulates, shows scores from 100 on unless its user moves the slider (OFAC's FAQ
# 247: "The slider bar defaults to a score of 100"), and OFAC recommends no other score. yente would take its 0.70.
OFAC_THRESHOLD = 1.0

# rapidfuzz sets none; 85 of 100 is what tutorials on matching names commonly take.
RAPIDFUZZ_THRESHOLD = 0.85

# The default of `--threshold` on the package's command line, and of its function ssb.benchmark.score.
SSB_THRESHOLD = 0.85

# nomenklatura caches the names of an entity by its id in the whole process, so no two entities may ever share one.
ENTITY_IDS = count()

_WHOLE_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")


@dataclass(frozen=True)
class Listed:
    """A subject of the list, with every name that it has.

    Attributes:
        id: of the subject.
        kind: "individual", "entity" or "vessel".
        names: every name, in no order that means anything.
        births: birth dates on record, in EDTF.
        countries: nationalities on record, as alpha-2 codes.
    """

    id: str
    kind: str
    names: tuple[str, ...]
    births: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()


@dataclass(frozen=True)
class Details:
    """Details beside a name: the birth date, in EDTF, and the nationality, as alpha-2 code; None where not given."""

    birth_date: str | None = None
    nationality: str | None = None


NO_DETAILS = Details()


class Rival(Protocol):
    """A matcher of names made by others.

    Attributes:
        name: what to call it in a table.
        threshold: the score from which the method by default counts a match.
    """

    name: str
    threshold: float

    def scores(
        self, query: str, kind: str | None, listed: Sequence[Listed], details: Details = NO_DETAILS
    ) -> list[float]:
        """Return the score of each subject, from 0 to 1: the best over its names.

        Args:
            query: the name to look for.
            kind: what the query is known to name, "individual", "entity" or "vessel"; subjects of another kind score 0.
                None if that is not known.
            listed: the subjects to compare it with, not changed between calls.
            details: the birth date and the nationality given with it; a matcher of strings leaves them out.
        """
        ...


class Nomenklatura:
    """An algorithm of nomenklatura, which compares entities and chooses among their names itself.

    Args:
        name: what to call it in a table.
        algorithm: its name in nomenklatura, such as "logic-v2".
        threshold: the score from which it counts a match.
    """

    def __init__(self, name: str, algorithm: str, threshold: float) -> None:
        from followthemoney import model
        from nomenklatura.matching import get_algorithm

        found = get_algorithm(algorithm)
        if found is None:
            raise ImportError(f"This nomenklatura has no algorithm {algorithm}.")
        self.name = name
        self.threshold = threshold
        self._compare = partial(found.compare, config=found.default_config())
        self._make_entity = model.make_entity
        self._listed: Sequence[Listed] | None = None
        self._entities: list[EntityProxy] = []

    def scores(
        self, query: str, kind: str | None, listed: Sequence[Listed], details: Details = NO_DETAILS
    ) -> list[float]:
        """Return the score of each subject, comparing entity with entity; see Rival."""
        schemas = UNKNOWN_KIND_SCHEMAS if kind is None else dict.fromkeys(SCHEMAS, SCHEMAS[kind])
        queries = {
            schema: self._entity(schema, [query], [details.birth_date], [details.nationality])
            for schema in set(schemas.values())
        }
        pairs = zip(listed, self._entities_of(listed), strict=True)
        return [self._compare(queries[schemas[subject.kind]], entity).score for subject, entity in pairs]

    def _entities_of(self, listed: Sequence[Listed]) -> list[EntityProxy]:
        # The sequence is held, not its id(), which Python gives to another object when the sequence is gone.
        if self._listed is not listed:
            self._entities = [
                self._entity(SCHEMAS[subject.kind], subject.names, subject.births, subject.countries)
                for subject in listed
            ]
            self._listed = listed
        return self._entities

    def _entity(
        self, schema: str, names: Iterable[str], births: Iterable[str | None], countries: Iterable[str | None]
    ) -> EntityProxy:
        entity = self._make_entity(schema)
        entity.id = str(next(ENTITY_IDS))
        entity.add("name", names)
        if schema == "Person":
            # It knows years, months and days, no spans.
            entity.add("birthDate", [one for one in births if one and _WHOLE_DATE.fullmatch(one)])
            entity.add("nationality", [one for one in countries if one])
        return entity


class StringMatcher:
    """A function that compares two names as strings; it knows no kinds, so it is spared subjects of another kind.

    Args:
        name: what to call it in a table.
        threshold: the score from which it counts a match.
        compare: returns the score of a query and a name, from 0 to 1.
    """

    def __init__(self, name: str, threshold: float, compare: Callable[[str, str], float]) -> None:
        self.name = name
        self.threshold = threshold
        self._compare = compare

    def scores(
        self, query: str, kind: str | None, listed: Sequence[Listed], details: Details = NO_DETAILS
    ) -> list[float]:
        """Return the score of each subject, the best over its names; see Rival."""
        del details
        return [self._best(query, subject.names) if kind in (None, subject.kind) else 0.0 for subject in listed]

    def _best(self, query: str, names: Iterable[str]) -> float:
        return max((self._compare(query, name) for name in names), default=0.0)


def weighted_ratio(name: str) -> StringMatcher:
    """Return rapidfuzz's WRatio of names in lower case and without punctuation.

    Args:
        name: what to call it in a table.
    """
    from rapidfuzz.fuzz import WRatio
    from rapidfuzz.utils import default_process

    def compare(query: str, listed_name: str) -> float:
        return WRatio(query, listed_name, processor=default_process) / 100

    return StringMatcher(name, RAPIDFUZZ_THRESHOLD, compare)


def reference_matcher(name: str) -> StringMatcher:
    """Return the reference matcher of sanctions-screening-benchmark, Jaro-Winkler over the best pairs of words.

    Args:
        name: what to call it in a table.
    """
    from ssb.matching import BaselineMatcher

    return StringMatcher(name, SSB_THRESHOLD, BaselineMatcher())


RIVALS: dict[str, Callable[[str], Rival]] = {
    "nomenklatura logic-v2": partial(Nomenklatura, algorithm="logic-v2", threshold=YENTE_THRESHOLD),
    "nomenklatura logic-v1": partial(Nomenklatura, algorithm="logic-v1", threshold=YENTE_THRESHOLD),
    "nomenklatura ofac": partial(Nomenklatura, algorithm="ofac", threshold=OFAC_THRESHOLD),
    "rapidfuzz WRatio": weighted_ratio,
    "sanctions-screening-benchmark baseline": reference_matcher,
}


def rivals() -> list[Rival]:
    """Return every rival whose package is installed, and log a warning for each that is not."""
    return [rival for name, make in RIVALS.items() if (rival := _made(name, make)) is not None]


def _made(name: str, make: Callable[[str], Rival]) -> Rival | None:
    try:
        return make(name)
    except ImportError as error:
        LOGGER.warning("%s is left out: %s", name, error)
        return None
