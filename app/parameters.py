"""What a query parameter may be: types that read one strictly and describe it in OpenAPI."""

import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, GetCoreSchemaHandler, StringConstraints, WithJsonSchema
from pydantic_core import CoreSchema, core_schema

from app.dates import parse_day
from app.tables import ImoNumber

_ACT = re.compile(r"[0-9]{1,4}|[0-9]{4}-[0-9]{2}-[0-9]{2}|committee-[0-9]{4}-[0-9]{2}-[0-9]{2}|S-[0-9]{4}-[0-9]{1,4}")


def _read_bool(value: Any) -> Any:
    if isinstance(value, str):
        if value not in ("true", "false"):
            raise ValueError(f"{value!r} is neither true nor false")
        return value == "true"
    return value


def _read_whole_number(value: Any) -> Any:
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{1,9}", value):
        raise ValueError(f"{value!r} is not a whole number")
    return value


def _check_act(value: str) -> str:
    if not _ACT.fullmatch(value):
        raise ValueError(
            f"{value!r} names no act: give a resolution's number (2270), the day of an act (2016-03-02) or an id "
            "(committee-2016-03-21)"
        )
    if value[4:5] == "-":
        parse_day(value)
    return value


YesNo = Annotated[bool, BeforeValidator(_read_bool)]
"""``true`` or ``false``, and no other spelling."""

WholeNumber = Annotated[int, BeforeValidator(_read_whole_number)]
"""Digits, and nothing but digits."""

Text = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""A text to look for, without control characters."""

ActName = Annotated[
    str,
    AfterValidator(_check_act),
    WithJsonSchema({"type": "string", "format": "act", "description": "Resolution number, day or id of an act"}),
]
"""A resolution or a decision of the Committee, by number, day or id."""

Imo = Annotated[ImoNumber, WithJsonSchema({"type": "string", "format": "imo-number", "pattern": "^[0-9]{7}$"})]
"""An IMO number whose check digit is right, so that a slip is refused rather than answered with nothing."""

Id = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]*$")]
"""An id of a record, as it stands in its URL."""


@dataclass(frozen=True)
class Sort:
    """Annotates a ``sort`` parameter: it is one of the keys, with a minus before it to turn the order round."""

    keys: tuple[str, ...]

    def __init__(self, *keys: str) -> None:
        object.__setattr__(self, "keys", keys)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return Pydantic's schema: a text out of a closed list, or null."""
        del source, handler  # the annotated type is always str | None
        choices = [sign + key for key in self.keys for sign in ("", "-")]
        return core_schema.nullable_schema(core_schema.literal_schema(choices))
