"""Types of query parameters: each parses strictly, and describes itself in OpenAPI."""

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    PlainSerializer,
    PlainValidator,
    StringConstraints,
    WithJsonSchema,
)
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, core_schema
from stdnum import imo

from app.fields.dates import Period, parse_day, parse_period
from app.fields.text import fold, letters_and_digits
from app.tables import HsCode, ImoNumber
from app.vocabularies import IdentifierScheme

_ACT = re.compile(r"[0-9]{1,4}|[0-9]{4}-[0-9]{2}-[0-9]{2}|committee-[0-9]{4}-[0-9]{2}-[0-9]{2}|S-[0-9]{4}-[0-9]{1,4}")

_CONTROL = re.compile("[\x00-\x1f\x7f\ufdd0-\ufdef\ufffe\uffff]")
"""Control characters, and those that Unicode keeps out of texts; XML has no way to write them."""


def _read_bool(value: Any) -> Any:
    if isinstance(value, str):
        if value.lower() not in ("true", "false"):
            raise ValueError(f"{value!r} is neither true nor false")
        return value.lower() == "true"
    return value


def _read_whole_number(value: Any) -> Any:
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{1,9}", value):
        raise ValueError(f"{value!r} is not a whole number")
    return value


_RESOLUTION_SYMBOL = re.compile(r"S/RES/([0-9]{1,4})(?: ?\(([0-9]{4})\))?", re.IGNORECASE)
_NUMBER_AND_YEAR = re.compile(r"([0-9]{1,4}) ?\(([0-9]{4})\)")
_DRAFT_SYMBOL = re.compile(r"S/([0-9]{4})/([0-9]{1,4})", re.IGNORECASE)


def id_of_symbol(text: str) -> str | None:
    """Convert the symbol of a UN document to the id of its resolution or draft; None where it is no such symbol.

    ``S/RES/2270 (2016)``, ``S/RES/2270(2016)``, ``S/RES/2270`` and ``2270 (2016)``, as the UN writes it within a
    sentence, are 2270; the draft ``S/2022/431`` is S-2022-431.
    """
    if found := _RESOLUTION_SYMBOL.fullmatch(text) or _NUMBER_AND_YEAR.fullmatch(text):
        return found[1].lstrip("0") or "0"
    if found := _DRAFT_SYMBOL.fullmatch(text):
        return f"S-{found[1]}-{found[2]}"
    return None


class ActOfYear(str):
    """The id of a resolution that is named with its year: ``2270 (2016)``. As a text it is the id alone.

    Attributes:
        year: the year of its adoption.
    """

    __slots__ = ("year",)

    year: int


def _check_act(value: str) -> str:
    if named := _RESOLUTION_SYMBOL.fullmatch(value) or _NUMBER_AND_YEAR.fullmatch(value):
        of_year = ActOfYear(id_of_symbol(value))
        of_year.year = int(named[2] or 0)
        return of_year if of_year.year else str(of_year)
    value = id_of_symbol(value) or value
    if not _ACT.fullmatch(value):
        raise ValueError(
            f"{value!r} names no act: give a resolution's number (2270) or symbol (S/RES/2270 (2016)), the day of an "
            "act (2016-03-02) or an id (committee-2016-03-21)"
        )
    if value[4:5] == "-":
        parse_day(value)
    return value


def canonical_subject(text: str) -> str:
    """Convert the id of a subject to the form in which it is stored.

    Raises:
        ValueError: it has the form of an IMO number, and its check digit is wrong.
    """
    if text[:2].upper() == "KP":
        return f"KP{text[2:].lower()}"
    compact: str = imo.compact(text) if text.upper().startswith("IMO") else text.lower()
    if compact.isdigit() and not imo.is_valid(compact):
        raise ValueError(f"{text!r} is not an IMO number: its check digit is wrong, or it has not seven digits")
    return compact


def _read_period(value: Any) -> Any:
    return parse_period(value) if isinstance(value, str) else value


PeriodOfDays = Annotated[
    Period,
    PlainValidator(_read_period),
    PlainSerializer(lambda period: f"{period.first}/{period.end}"),
    WithJsonSchema({"type": "string", "format": "period", "pattern": "^[0-9-]{10}/[0-9-]{10}$"}),
]
"""A half-open period of days, written as its first day, a slash, and the first day after it."""

StrictBool = Annotated[bool, BeforeValidator(_read_bool)]
"""``true`` or ``false`` in any case, as Python and R write them too, and no other spelling."""

StrictInt = Annotated[int, BeforeValidator(_read_whole_number)]
"""Digits, and nothing but digits."""


def _check_text(value: str) -> str:
    if _CONTROL.search(value):
        raise ValueError("it contains a control character")
    if not fold(value):
        raise ValueError("nothing is left to search for: blanks, accents and punctuation do not count")
    return value


Text = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200),
    AfterValidator(_check_text),
    WithJsonSchema({"type": "string", "format": "text", "minLength": 1, "maxLength": 200}),
]
"""A text to search for, without control characters, and with more than blanks and accents."""

MOST_ON_A_PAGE = 500
"""Records of the longest page."""


def _read_limit(value: Any) -> int | str:
    if value == "all":
        return "all"
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{1,9}", value):
        raise ValueError(f"{value!r} is neither a whole number from 1 to {MOST_ON_A_PAGE} nor all")
    if not 1 <= int(value) <= MOST_ON_A_PAGE:
        raise ValueError(f"a page has from 1 to {MOST_ON_A_PAGE} records; limit=all sends all that match")
    return int(value)


PageLimit = Annotated[
    int | Literal["all"],
    PlainValidator(_read_limit),
    WithJsonSchema(
        {"oneOf": [{"type": "integer", "minimum": 1, "maximum": MOST_ON_A_PAGE}, {"type": "string", "const": "all"}]}
    ),
]
"""Records of a page, or ``all``."""


def _check_names(value: str) -> str:
    names = [name.strip() for name in value.split(",")]
    if not all(re.fullmatch(r"[A-Za-z0-9_.-]{1,80}", name) for name in names):
        raise ValueError(f"{value[:200]!r} is no list of names with commas between them")
    return ",".join(dict.fromkeys(names))


def _names_schema(format: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "format": format, "maxLength": 1000})


FieldNames = Annotated[
    str, StringConstraints(max_length=1000), AfterValidator(_check_names), _names_schema("field-names")
]
"""Members of a record, with commas between them."""

IncludeNames = Annotated[
    str, StringConstraints(max_length=1000), AfterValidator(_check_names), _names_schema("include")
]
"""Parts of an item, with commas between them."""

FacetNames = Annotated[str, StringConstraints(max_length=1000), AfterValidator(_check_names), _names_schema("facets")]
"""Filters of a collection, with commas between them."""

ResolutionNumber = Annotated[int, Field(ge=1, le=9999), BeforeValidator(_read_whole_number)]
"""The number of a resolution."""

ActName = Annotated[
    str,
    AfterValidator(_check_act),
    WithJsonSchema(
        {"type": "string", "format": "act", "description": "Number or symbol of a resolution, day or id of an act"}
    ),
]
"""A resolution or a decision of the Committee, by number, day or id."""

IMO_PATTERN = "^([Ii][Mm][Oo][ -]?)?[0-9]{7}$"


def _without_imo(value: Any) -> Any:
    return value[-7:] if isinstance(value, str) and re.fullmatch(IMO_PATTERN, value) else value


Imo = Annotated[
    ImoNumber,
    BeforeValidator(_without_imo),
    WithJsonSchema({"type": "string", "format": "imo-number", "pattern": IMO_PATTERN}),
]
"""An IMO number, with or without its letters (``IMO9163166``, ``IMO 9163166``), and with a right check digit, so that a
typing error is refused rather than answered with no records."""


HS_CODE_PATTERN = "^[0-9]{2}([.]?[0-9]{2}){0,4}$"


def _without_dots(value: Any) -> Any:
    if isinstance(value, str) and not re.fullmatch(HS_CODE_PATTERN, value):
        raise ValueError(f"{value!r} is no code of the Harmonized System: 2, 4, 6, 8 or 10 digits, such as 2701.11")
    return value.replace(".", "") if isinstance(value, str) else value


HsCodeValue = Annotated[
    HsCode, BeforeValidator(_without_dots), WithJsonSchema({"type": "string", "pattern": HS_CODE_PATTERN})
]
"""A code of the Harmonized System, 2 to 10 digits, with or without the dots between pairs of them (``2701.11``)."""

SubjectId = Annotated[
    str,
    StringConstraints(min_length=1, max_length=80, pattern=r"^[A-Za-z0-9][A-Za-z0-9. -]*$"),
    AfterValidator(canonical_subject),
    WithJsonSchema({"type": "string", "format": "subject"}),
]
"""A permanent reference number in any case, an IMO number with or without its letters, or the slug of a ship."""


MMSI_PATTERN = "^[0-9]([ .-]?[0-9]){8}$"


def _check_mmsi(value: str) -> str:
    value = value.strip()
    if not re.fullmatch(MMSI_PATTERN, value):
        raise ValueError(f"{value!r} is not an MMSI: it has not nine digits")
    return value


Mmsi = Annotated[
    str,
    StringConstraints(max_length=200),
    AfterValidator(_check_mmsi),
    WithJsonSchema({"type": "string", "pattern": MMSI_PATTERN}),
]
"""A Maritime Mobile Service Identity: nine digits (ITU-R M.585); a blank, a point or a hyphen may be between two."""


def _check_identifier(text: str) -> str:
    scheme, colon, value = text.partition(":")
    scheme = scheme.lower()
    if not colon or scheme not in list(IdentifierScheme):
        known = ", ".join(IdentifierScheme)
        raise ValueError(f"{text!r} must be a scheme, a colon and a value, such as ofac-sdn:19577; schemes are {known}")
    if _CONTROL.search(value) or not letters_and_digits(value):
        raise ValueError(f"{text!r} has no value behind its colon")
    value = value.strip()
    # A typing error in the number of a ship is refused, as in its own filter, rather than answered with no records.
    if scheme == IdentifierScheme.MMSI:
        _check_mmsi(value)
    if scheme == IdentifierScheme.IMO:
        value = letters_and_digits(value).removeprefix("imo")
        if not imo.is_valid(value):
            raise ValueError(f"{text!r} is not an IMO number: its check digit is wrong, or it has not seven digits")
    return f"{scheme}:{value}"


IdentifierName = Annotated[
    str,
    StringConstraints(min_length=3, max_length=120),
    AfterValidator(_check_identifier),
    WithJsonSchema({"type": "string", "format": "identifier", "minLength": 3, "maxLength": 120}),
]
"""An identifier: its scheme, a colon and its value, ``ofac-sdn:19577``."""

MOST_VALUES = 100
"""How many times a repeatable parameter can be given."""


def parse_query_string(query_string: bytes) -> list[tuple[str, str]]:
    """Parse a query string into its parameters and values, in the order given; one without a value is empty.

    Raises:
        UnicodeDecodeError: it is not UTF-8, or what is percent-encoded in it is not.
    """
    return parse_qsl(query_string.decode(), keep_blank_values=True, errors="strict") if query_string else []


def parameter_name(field: str, info: FieldInfo) -> str:
    """Return the name of a field of a query model in a URL, which may be a keyword of Python, such as ``from``."""
    return info.alias or field


@dataclass(frozen=True)
class Sort:
    """Annotates a ``sort`` parameter: one or several keys with commas between, each descending behind ``-``."""

    keys: tuple[str, ...]

    def __init__(self, *keys: str) -> None:
        object.__setattr__(self, "keys", keys)

    def read(self, value: Any) -> str:
        """Parse sort keys.

        Raises:
            ValueError: one is not a key of the collection, or is given twice.
        """
        given = [key.strip() for key in str(value).split(",")]
        names = [key.removeprefix("-") for key in given]
        for name in names:
            if name not in self.keys:
                raise ValueError(f"{name[:80]!r} is no sort key; there are {', '.join(self.keys)}, each also behind -")
            if names.count(name) > 1:
                raise ValueError(f"{name} is given twice")
        return ",".join(given)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return Pydantic's schema: a text, with a pattern of the keys for OpenAPI, or null."""
        del source, handler  # the annotated type is always str | None
        key = f"-?({'|'.join(self.keys)})"
        # That no key is given twice a pattern cannot say.
        pattern = f"^{key}(,{key})*$" if len(self.keys) > 1 else f"^{key}$"
        text = core_schema.str_schema(pattern=pattern)
        return core_schema.nullable_schema(core_schema.no_info_before_validator_function(self.read, text))
