"""Words of pages: whether a subject is on the list, what supports a value, what agrees in a name, names of keys."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

from app.api.html import day, sentence, words
from app.matching.romanization import is_hangul
from app.pages.drawings import times_on_list

Sentences = tuple[str, str]


def verdict(record: Mapping[str, Any]) -> Sentences:
    """Say whether a subject is on the list on the day of its record, and when it was.

    Args:
        record: the record of an individual, an entity or a ship.

    Returns:
        The answer, and what has to be read with it.
    """
    as_of = day(record["as_of"])
    who = str(record["name"]) if record.get("kind") == "individual" else "It"
    times = times_on_list(record["listings"])
    past = [one for one in times if one[1] is not None and one[1] <= record["as_of"]]
    current = [one for one in times if one[0] <= record["as_of"] and (one[1] is None or record["as_of"] < one[1])]
    coming = [one for one in times if record["as_of"] < one[0]]
    was = join_with_and([_span(first, end) for first, end in past])
    later = join_with_and([day(first) for first, _ in coming])
    if current:
        first, end = current[0]
        more = [f"{who} has been since {day(first)}." if end is None else f"{who} was {_span(first, end)}."]
        more += [f"Before, {_small(who)} was on it {was}."] if past else []
        return f"On the list on {as_of}.", " ".join(more)
    more = []
    if past:
        more.append(f"{who} was {was}.")
    if coming:
        more.append(f"{who} was put on it {'again ' if past else ''}later, on {later}.")
    return f"Not on the list on {as_of}.", " ".join(more) or f"{who} was on it on no other day of this record."


def _span(first: str, end: str | None) -> str:
    return f"from {day(first)} until {day(end)}" if end else f"from {day(first)}"


def _small(who: str) -> str:
    return "it" if who == "It" else who


def join_with_and(texts: Sequence[str]) -> str:
    """Join texts as a list in a sentence: a, b and c."""
    return f"{', '.join(texts[:-1])} and {texts[-1]}" if len(texts) > 1 else "".join(texts)


class Sources:
    """The citations of a record, found by the values that they support, with their numbers on the page.

    Args:
        record: the record.
    """

    def __init__(self, record: Mapping[str, Any]) -> None:
        self.citations: Sequence[Mapping[str, Any]] = record.get("citations") or []
        self._numbers: dict[str, set[int]] = {}
        for number, citation in enumerate(self.citations, 1):
            for pointer in citation["supports"]:
                end = len(pointer)
                while end > 0:
                    self._numbers.setdefault(pointer[:end], set()).add(number)
                    end = pointer.rfind("/", 0, end)

    def of(self, *pointers: str) -> list[tuple[int, str]]:
        """Return the citations that support some values: number and title.

        Args:
            pointers: JSON Pointers (RFC 6901); a pointer takes in what is below it.
        """
        found = set().union(*(self._numbers.get(one, ()) for one in pointers))
        return [(number, _title(self.citations[number - 1])) for number in sorted(found)]


def _title(citation: Mapping[str, Any]) -> str:
    place = f", {citation['locator']}" if citation["locator"] else ""
    return f"{citation['publisher']}: {citation['title']}{place}"


def field_names(pointers: Iterable[str]) -> list[str]:
    """Name the fields of a record that some JSON Pointers (RFC 6901) lead into, in words, each once."""
    return list(dict.fromkeys(words(pointer.strip("/").partition("/")[0]) for pointer in pointers))


def marked(text: str, reasons: Iterable[Mapping[str, Any]]) -> Markup:
    """Mark the parts of a name that agree with a query.

    Args:
        text: the name.
        reasons: the reasons of a hit, each with the part of the name that it is about.
    """
    agreeing = [one["name"] for one in reasons if one["name"] and one["agrees"] in ("same", "spelling", "slip")]
    if not agreeing:
        return escape(text)
    letters, places = _without_accents(text)
    # Parts of a name are folded: compare letters and digits only, and take the longest first.
    patterns = filter(None, map(_pattern, agreeing))
    pattern = re.compile("|".join(sorted(patterns, key=len, reverse=True)) or r"(?!)", re.IGNORECASE)
    parts, end = [], 0
    for match in pattern.finditer(letters):
        first, after = places[match.start()], places[match.end() - 1] + 1
        if first < end:
            continue  # one character of the name, such as a ligature, has letters of two parts
        parts.append(escape(text[end:first]) + Markup("<mark>{}</mark>").format(text[first:after]))
        end = after
    return Markup("").join([*parts, escape(text[end:])])


def _without_accents(text: str) -> tuple[str, list[int]]:
    """Return the letters of a text without their accents, blocks of Hangul whole, and the place of each in the text."""
    letters, places = [], []
    for place, char in enumerate(text):
        for letter in char if is_hangul(char) else unicodedata.normalize("NFKD", char):
            if not unicodedata.combining(letter):
                letters.append(letter)
                places.append(place)
    return "".join(letters), places


def _pattern(part: str) -> str:
    """Return a pattern for a part of a name; an aspirate is folded to its letter and an h (``K'im`` to ``khim``)."""
    letters = [char for char in _without_accents(part)[0] if char.isalnum()]
    return r"[^\w]?".join(
        re.escape(char) + ("?" if char == "h" and before in ("k", "t", "p") else "")
        for before, char in zip(["", *letters], letters, strict=False)
    )


SCHEMES: Mapping[str, str] = {
    "ofac-sdn": "United States, OFAC: Specially Designated Nationals",
    "eu": "European Union: consolidated list",
    "uk-ofsi": "United Kingdom, OFSI: consolidated list (group id)",
    "ch-seco": "Switzerland, SECO",
    "opensanctions": "OpenSanctions",
    "wikidata": "Wikidata",
    "imo": "IMO number",
    "imo-company": "IMO company number",
    "swift": "SWIFT code",
    "mmsi": "MMSI",
}
"""Names of schemes of identifiers, where they are not the words of their keys."""


def scheme_name(key: str) -> str:
    """Write the name of a scheme of identifiers."""
    return SCHEMES.get(key, words(key))


_PARTICULARS = {"vessel_type": "Type", "mmsi": "MMSI"}


def particular_name(kind: str) -> str:
    """Write the name of a kind of particular of a ship."""
    return _PARTICULARS.get(kind) or sentence(words(kind))
