"""Types of query parameters: what each reads, and what each refuses rather than guesses."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from app.api.query_types import (
    ActName,
    HsCodeValue,
    Imo,
    PeriodOfDays,
    ResolutionNumber,
    StrictBool,
    StrictInt,
    SubjectId,
    Text,
    parse_query_string,
)
from app.fields.dates import Period

TYPES: dict[str, TypeAdapter[Any]] = {
    "bool": TypeAdapter(StrictBool),
    "int": TypeAdapter(StrictInt),
    "text": TypeAdapter(Text),
    "resolution": TypeAdapter(ResolutionNumber),
    "act": TypeAdapter(ActName),
    "imo": TypeAdapter(Imo),
    "hs_code": TypeAdapter(HsCodeValue),
    "subject": TypeAdapter(SubjectId),
    "period": TypeAdapter(PeriodOfDays),
}


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("bool", "true", True),
        ("bool", "false", False),
        ("int", "0", 0),
        ("int", "007", 7),
        ("int", "999999999", 999_999_999),
        ("text", "x" * 200, "x" * 200),
        ("text", "조선", "조선"),
        ("resolution", "1", 1),
        ("resolution", "9999", 9999),
        ("act", "2270", "2270"),
        ("act", "2016-03-02", "2016-03-02"),
        ("act", "committee-2016-03-21", "committee-2016-03-21"),
        ("act", "S-2022-431", "S-2022-431"),
        ("imo", "9163166", "9163166"),
        ("imo", "IMO9163166", "9163166"),
        ("imo", "imo 9163166", "9163166"),
        ("bool", "True", True),
        ("bool", "FALSE", False),
        ("hs_code", "2701.11", "270111"),
        ("hs_code", "27.01", "2701"),
        ("act", "S/RES/2270 (2016)", "2270"),
        ("act", "2270 (2016)", "2270"),
        ("act", "1718(2006)", "1718"),
        ("act", "s/res/2270(2016)", "2270"),
        ("act", "S/2022/431", "S-2022-431"),
        ("subject", "kPI.001", "KPi.001"),
        ("subject", "IMO 9163166", "9163166"),
        ("subject", "imo9163166", "9163166"),
        ("subject", "Min-Ning-De-You-078", "min-ning-de-you-078"),
        ("period", "2016-03-01/2016-03-02", Period(date(2016, 3, 1), date(2016, 3, 2))),
    ],
)
def test_what_is_read(kind: str, text: str, value: object) -> None:
    assert TYPES[kind].validate_python(text) == value


@pytest.mark.parametrize(
    ("kind", "text", "message"),
    [
        ("bool", "yes", "neither true nor false"),
        ("bool", "1", "neither true nor false"),
        ("bool", "", "neither true nor false"),
        ("int", "", "not a whole number"),
        ("int", "-1", "not a whole number"),
        ("int", "+1", "not a whole number"),
        ("int", "1e3", "not a whole number"),
        ("int", "1 ", "not a whole number"),
        ("int", "1\n", "not a whole number"),
        ("int", "\u0661", "not a whole number"),
        ("int", "1" * 10, "not a whole number"),
        ("text", "", "at least 1"),
        ("text", "x" * 201, "at most 200"),
        ("text", " \u0301", "nothing is left"),
        ("text", "a\x1fb", "control character"),
        ("text", "a\x7fb", "control character"),
        ("text", "a\uffffb", "control character"),
        ("resolution", "0", "greater than or equal to 1"),
        ("resolution", "10000", "less than or equal to 9999"),
        ("act", "22700", "names no act"),
        ("act", "resolution 2270", "names no act"),
        ("act", "2016-02-30", "there is no day"),
        ("act", "2016-3-2", "names no act"),
        ("imo", "9163167", "not an IMO number"),
        ("imo", "IMO-NO 9163166", "pattern"),
        ("imo", "IMO9163167", "not an IMO number"),
        ("hs_code", "2701.1", "2, 4, 6, 8 or 10 digits"),
        ("hs_code", "27..01", "2, 4, 6, 8 or 10 digits"),
        ("act", "S/RES/22700", "names no act"),
        ("subject", "9163167", "check digit"),
        ("subject", "916316", "check digit"),
        ("subject", "-x", "pattern"),
        ("subject", "x" * 81, "at most 80"),
        ("period", "2016-03-01", "not a period"),
        ("period", "2016-03-02/2016-03-02", "does not end after"),
        ("period", "2016-03-02/2016-03-01", "does not end after"),
    ],
)
def test_what_is_refused(kind: str, text: str, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        TYPES[kind].validate_python(text)


@given(st.lists(st.tuples(st.text(min_size=1), st.text())))
def test_a_query_string_is_read_as_it_was_written(parameters: list[tuple[str, str]]) -> None:
    written = [(name, value) for name, value in parameters if not _has_surrogate(name + value)]
    assert parse_query_string(urlencode(written).encode()) == written


def _has_surrogate(text: str) -> bool:
    return any("\ud800" <= letter <= "\udfff" for letter in text)


@pytest.mark.parametrize("query_string", [b"\xff", b"name=%FF", b"name=%ED%A0%80"])
def test_what_is_no_utf_8_is_not_guessed(query_string: bytes) -> None:
    with pytest.raises(UnicodeDecodeError):
        parse_query_string(query_string)


def test_a_parameter_without_a_value_is_empty() -> None:
    assert parse_query_string(b"a&b=&a=1") == [("a", ""), ("b", ""), ("a", "1")]
    assert parse_query_string(b"") == []
