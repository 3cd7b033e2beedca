"""Details beside a name: birth dates in grades, States, what clears a name and what does not."""

import pytest

from app.fields.dates import parse_edtf
from app.screening.screener import (
    AGREES,
    CONTRADICTS,
    SAME_YEAR,
    Corroboration,
    compare_dates,
    compare_states,
)


@pytest.mark.parametrize(
    ("given", "known", "result", "why"),
    [
        ("1960-03-04", ["1960-03-04"], Corroboration.AGREES, "the same day"),
        ("1960", ["1960-03-04"], Corroboration.AGREES, "1960-03-04"),
        ("1960-03-04", ["1960"], Corroboration.AGREES, "1960"),
        ("1960-03-04", ["1960-04-03"], Corroboration.NEAR, "day and month swapped"),
        ("1960-03-04", ["1963-03-04"], Corroboration.NEAR, "one digit differs"),
        ("1960-03-04", ["1960-11-28"], Corroboration.NEAR, "the same year"),
        ("1961-12-28", ["1960-03-04"], Corroboration.NEAR, "a year off"),
        ("1961", ["1960"], Corroboration.NEAR, "a year off"),
        ("1959", ["1960/1962"], Corroboration.NEAR, "1960 to 1962"),
        ("1966-11-28", ["1960-03-04"], Corroboration.CONTRADICTS, "1960-03-04"),
        ("1960-03-04", ["1990", "1961"], Corroboration.NEAR, "a year off"),
    ],
)
def test_birth_dates_are_compared_in_grades(given: str, known: list[str], result: Corroboration, why: str) -> None:
    found = compare_dates(given, list(map(parse_edtf, known)))
    assert found.result is result
    assert why in found.why
    assert not found.is_far


@pytest.mark.parametrize(
    ("given", "known", "is_far"),
    [
        ("1970-03-04", ["1960-03-04"], True),
        ("1970-03-03", ["1960-03-04"], False),
        ("1970", ["1960"], True),
        ("1969", ["1960"], False),
        ("1945", ["1960-03-04", "1955"], True),
        ("1945", ["1960-03-04", "1954"], False),
        ("1990", ["1970/1985"], False),
        ("1990", ["1960/1980"], True),
        ("../1950", ["1965"], True),
        ("1950/..", ["1965"], False),
        ("1965", ["1950/.."], False),
    ],
)
def test_a_date_clears_only_ten_years_or_more_from_each_on_record(given: str, known: list[str], is_far: bool) -> None:
    assert compare_dates(given, list(map(parse_edtf, known))).is_far is is_far


def test_the_grades_weigh_less_the_farther_the_date_is() -> None:
    assert AGREES > SAME_YEAR > 0 > CONTRADICTS


def test_nothing_is_compared_with_nothing() -> None:
    assert compare_dates(None, [parse_edtf("1960")]).result is Corroboration.UNKNOWN
    assert compare_dates("1960", []).result is Corroboration.UNKNOWN
    assert compare_states("KP", []).result is Corroboration.UNKNOWN


def test_a_state_weighs_little_and_clears_nobody() -> None:
    found = compare_states("SY", ["KP"])
    assert found.result is Corroboration.CONTRADICTS
    assert not found.is_far
    assert 0 > found.points > CONTRADICTS
    assert compare_states("KP", ["SY", "KP"]).points > 0
