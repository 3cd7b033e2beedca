"""Forms, chips and links of a question, made from its query model: what the API can ask, a form can."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlencode

from pydantic import BaseModel

from app.api.formats import Format
from app.api.html import day, sentence, words

Parameters = Sequence[tuple[str, str]]

MOVED = ("after", "skip")
"""Parameters of the position in a collection: another filter begins anew."""
FORM_OF_DATA = ("include", "fields", "facets", "bom")
"""Parameters of how data is written, which a page does not depend on."""
NO_FILTERS = ("as_of", "dataset", "format", "limit", "sort", *FORM_OF_DATA, *MOVED)
"""Parameters that choose no records; the day has a form of its own."""
MOST_CHOICES = 24
"""Members of the largest enumeration that is shown as boxes to tick."""

MOST_COUNTS = 12
"""Values of a filter that are shown with their counts."""

FORMAT_NAMES: Mapping[str, str] = {
    Format.JSON: "JSON",
    Format.CSV: "CSV",
    Format.NDJSON: "JSON lines",
    Format.XLSX: "Excel",
    Format.ATOM: "Atom feed",
    Format.JSON_FEED: "JSON feed",
    Format.CSL: "CSL-JSON",
    Format.BIBTEX: "BibTeX",
}
"""Names of formats, where they are not the values of the parameter ``format``."""

LABELS: Mapping[str, str] = {
    "q": "Name or number",
    "name": "Name contains",
    "name_ever": "Any name, of any day, contains",
    "text": "Text contains",
    "listed": "On the list on the day",
    "listed_during": "On the list during",
    "listed_from": "Put on the list from",
    "listed_until": "Put on the list until",
    "delisted_from": "Taken off from",
    "delisted_until": "Taken off until",
    "designated_by": "Put on the list by",
    "imo_number": "IMO number",
    "hs_code": "HS code of the goods",
    "in_force": "In force on the day",
    "from": "From",
    "until": "Until",
    "to": "To",
}
"""Labels of parameters whose name in words is none for a form."""

_YES_NO = {
    "listed": ("on the list on the day", "not on the list on the day"),
    "in_force": ("in force on the day", "not in force on the day"),
}
_PHRASES = {
    "q": "“{}”",
    "name": "name contains “{}”",
    "name_ever": "any name of any day contains “{}”",
    "text": "text contains “{}”",
    "listed_from": "put on the list on {} or later",
    "listed_until": "put on the list on {} or earlier",
    "delisted_from": "taken off on {} or later",
    "delisted_until": "taken off on {} or earlier",
    "from": "on {} or later",
    "until": "on {} or earlier",
    "designated_by": "put on the list by {}",
    "resolution": "by resolution {}",
}


@dataclass(frozen=True)
class Field:
    """A field of a form.

    Attributes:
        name: the parameter.
        label: its label.
        help: its description.
        kind: text, date, number, choice (one of some), boxes (several of some) or yes_no.
        several: whether it can be given several times.
        choices: the values of a choice, each with its words.
        example: a value to be shown in the empty field.
        required: whether a question has to give it.
    """

    name: str
    label: str
    help: str
    kind: str
    several: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    example: str = ""
    required: bool = False


@dataclass(frozen=True)
class Chip:
    """A filter that is chosen, in words, and the address without it."""

    text: str
    remove: str


@lru_cache(maxsize=64)
def fields_of(model: type[BaseModel]) -> tuple[Field, ...]:
    """Return the fields of a form for the filters of a query model, from its JSON Schema.

    Args:
        model: the query model.
    """
    schema = model.model_json_schema()
    defined = schema.get("$defs", {})
    required = schema.get("required", [])
    return tuple(
        _field(name, about, defined, name in required)
        for name, about in schema["properties"].items()
        if name not in NO_FILTERS
    )


@lru_cache(maxsize=64)
def choices_of(model: type[BaseModel], name: str) -> tuple[str, ...]:
    """Return the values that a parameter of a query model can have, such as its formats; empty for any other."""
    about = model.model_json_schema()["properties"].get(name, {})
    return tuple(about.get("enum") or _option(about, {}).get("enum") or ())


def _option(about: Mapping[str, Any], defined: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of a parameter that is given: without null, and with a reference followed."""
    options = [one for one in about.get("anyOf", [about]) if one.get("type") != "null"]
    found = dict(options[0]) if options else {}
    if "$ref" in found:
        found |= defined[found["$ref"].rpartition("/")[2]]
    return found


def _field(name: str, about: Mapping[str, Any], defined: Mapping[str, Any], required: bool) -> Field:
    schema = _option(about, defined)
    several = schema.get("type") == "array"
    item = _option(schema["items"], defined) if several else schema
    values = item.get("enum") or ([item["const"]] if "const" in item else [])
    kind = "text"
    if schema.get("type") == "boolean":
        kind = "yes_no"
    elif values and len(values) <= MOST_CHOICES:
        kind = "boxes" if several else "choice"
    elif item.get("format") == "date":
        kind = "date"
    elif item.get("type") in ("integer", "number"):
        kind = "number"
    return Field(
        name=name,
        label=LABELS.get(name, sentence(words(name))),
        help=str(about.get("description", "")),
        kind=kind,
        several=several,
        choices=tuple((str(value), words(value)) for value in values),
        example=_example(about.get("examples") or item.get("examples")),
        required=required,
    )


def _example(examples: Sequence[Any] | None) -> str:
    value = examples[0] if examples else ""
    value = value[0] if isinstance(value, list) else value
    return "" if isinstance(value, bool) else str(value)


@dataclass(frozen=True)
class CountedValue:
    """A value of a filter: as the filter takes it, in words, and how many records that match have it."""

    key: str
    text: str
    count: int


@dataclass(frozen=True)
class Counts:
    """How many of the records that match have which value of a filter.

    Attributes:
        name: the parameter.
        label: its label.
        values: the most frequent values.
        others: how many further values there are.
    """

    name: str
    label: str
    values: tuple[CountedValue, ...]
    others: int


def counts(facets: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[Counts]:
    """Put the facets of an answer into words.

    Args:
        facets: the counted values by filter, the most frequent first.
    """
    return [
        Counts(
            name,
            LABELS.get(name, sentence(words(name))),
            tuple(
                CountedValue(_key(one["value"]), _words_of(one["value"]), one["count"]) for one in found[:MOST_COUNTS]
            ),
            max(len(found) - MOST_COUNTS, 0),
        )
        for name, found in facets.items()
        if len(found) > 1
    ]


def _key(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _words_of(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return words(value) if isinstance(value, str) and "_" in value else str(value)


def given_values(parameters: Parameters) -> list[tuple[str, str]]:
    """Leave out the fields of a form that were left empty."""
    return [(name, value) for name, value in parameters if value.strip()]


def address(path: str, parameters: Parameters, **replaced: str | None) -> str:
    """Return a path with parameters, some of them replaced, or left out where their value is None.

    Args:
        path: the path.
        parameters: the parameters of the question.
        replaced: new values.
    """
    kept = [pair for pair in parameters if pair[0] not in replaced]
    query = urlencode([*kept, *((name, value) for name, value in replaced.items() if value is not None)])
    return f"{path}?{query}" if query else path


def parse(query: str) -> list[tuple[str, str]]:
    """Parse the query of a link that this API made."""
    return parse_qsl(query, keep_blank_values=True)


def chips(path: str, parameters: Parameters, as_of: str | None) -> list[Chip]:
    """Put the filters of a question into words, each with the address without it.

    Args:
        path: the path that is linked to.
        parameters: the parameters of the question.
        as_of: the day that the answer is true of; None for an answer without one.
    """
    found = []
    for place, (name, value) in enumerate(parameters):
        if name not in NO_FILTERS:
            others = [pair for at, pair in enumerate(parameters) if at != place and pair[0] not in MOVED]
            found.append(Chip(phrase(name, value, as_of), address(path, others)))
    return found


def phrase(name: str, value: str, as_of: str | None) -> str:
    """Put one filter into words: "on the list on 10 March 2016"."""
    shown = _shown(value)
    if value in ("true", "false"):
        yes, no = _YES_NO.get(name, (words(name), f"not {words(name)}"))
        text = yes if value == "true" else no
        return text.replace("the day", day(as_of)) if as_of else text
    if name == "listed_during" and value.count("/") == 1:
        first, end = value.split("/")
        return f"on the list on a day from {_shown(first)} until before {_shown(end)}"
    if name in _PHRASES:
        return _PHRASES[name].format(shown)
    return f"{words(name)}: {shown}"


def _shown(value: str) -> str:
    try:
        return day(value)
    except ValueError:
        return words(value) if "_" in value else value


def curl_of(url: str) -> str:
    """Return the command that gets an address as JSON."""
    return f"curl {shlex.quote(url)}"
