"""Filters: their bind values have names, and the SQL of a combination is that of its names."""

from datetime import date
from typing import Annotated, Any

import pytest
from pydantic import BaseModel
from sqlalchemy.dialects.sqlite import dialect

from app.api.filters import (
    ActIs,
    Contains,
    Equals,
    From,
    Until,
    Where,
    active_filters,
    conditions_of,
    first_and_end,
    in_force,
    listed_in_period,
    overlaps,
)
from app.fields.dates import Period, includes, parse_day, parse_period
from app.tables import Listing, Rendering, Subject, Vessel


class Query(BaseModel):
    """One filter of each kind."""

    kind: Annotated[list[str] | None, Equals(Subject.kind)] = None
    name: Annotated[str | None, Contains(Subject.folded_name)] = None
    listed_from: Annotated[date | None, From(Listing.listed_on, via=Listing.subject_id)] = None
    listed_until: Annotated[date | None, Until(Listing.listed_on, via=Listing.subject_id)] = None
    designated_by: Annotated[list[str] | None, ActIs(Listing.listed_by, via=Listing.subject_id)] = None
    during: Annotated[Any, Where(listed_in_period, first_and_end)] = None


@pytest.mark.parametrize(
    ("given", "values"),
    [
        ({"kind": ["vessel", "entity"]}, {"kind_0": "vessel", "kind_1": "entity"}),
        ({"name": "100%_Ri/x"}, {"name_value": "%100 ri x%"}),
        ({"listed_from": date(2016, 3, 2)}, {"listed_from_value": date(2016, 3, 2)}),
        ({"listed_until": date(2016, 3, 2)}, {"listed_until_value": date(2016, 3, 3)}),
        (
            {"designated_by": ["2270", "2016-03-21"]},
            {
                "designated_by_id_0": "2270",
                "designated_by_day_0": None,
                "designated_by_id_1": None,
                "designated_by_day_1": date(2016, 3, 21),
            },
        ),
        (
            {"during": parse_period("2016-03-01/2016-04-01")},
            {"during_first": date(2016, 3, 1), "during_end": date(2016, 4, 1)},
        ),
    ],
    ids=lambda value: next(iter(value)),
)
def test_each_value_is_bound_under_a_name_of_its_own(given: dict[str, Any], values: dict[str, Any]) -> None:
    active = active_filters(Query(**given))
    assert active.values == values
    compiled = conditions_of(Query, active.cache_key, Vessel.id).clause().compile(dialect=dialect())
    assert set(values) <= set(compiled.params)


def test_the_order_of_the_filters_is_no_part_of_their_values() -> None:
    one = active_filters(Query(kind=["vessel"], name="ri", listed_from=date(2016, 3, 2)))
    two = active_filters(Query(listed_from=date(2016, 3, 2), name="ri", kind=["vessel"]))
    assert one == two
    assert len(one.values) == 3


def test_filters_via_one_column_must_hold_for_one_row() -> None:
    active = active_filters(Query(listed_from=date(2016, 3, 2), listed_until=date(2016, 3, 2), designated_by=["2270"]))
    sql = str(conditions_of(Query, active.cache_key, Vessel.id).clause().compile(dialect=dialect()))
    assert (sql.count("EXISTS"), sql.count("IN (SELECT listing.subject_id")) == (0, 1)
    active = active_filters(Query(listed_from=date(2016, 3, 2), listed_until=date(2016, 3, 2)))
    sql = str(conditions_of(Query, active.cache_key, Vessel.id).clause().compile(dialect=dialect()))
    assert sql.count("EXISTS") == 1


def test_an_end_that_is_never_null_is_not_tested_for_null() -> None:
    assert "IS NULL" in str(in_force(Listing.listed_on, Listing.delisted_on, date(2016, 3, 2)))
    assert "IS NULL" not in str(in_force(Rendering.from_on, Rendering.until_on, date(2016, 3, 2)))


@pytest.mark.parametrize(
    ("first", "end", "day", "expected"),
    [
        ("2016-03-02", "2016-03-21", "2016-03-01", False),
        ("2016-03-02", "2016-03-21", "2016-03-02", True),
        ("2016-03-02", "2016-03-21", "2016-03-20", True),
        ("2016-03-02", "2016-03-21", "2016-03-21", False),
        ("2016-03-02", None, "2026-01-01", True),
        (None, "2016-03-21", "0001-01-01", True),
        (None, None, "2016-03-21", True),
    ],
)
def test_a_half_open_interval_includes_its_first_day_and_not_its_end(
    first: str | None, end: str | None, day: str, expected: bool
) -> None:
    days = [parse_day(text) if text else None for text in (first, end)]
    assert includes(days[0], days[1], parse_day(day)) == expected


def test_overlapping_is_half_open_at_both_ends() -> None:
    period = Period(date(2016, 3, 1), date(2016, 4, 1))
    sql = str(overlaps(Listing.listed_on, Listing.delisted_on, period.first, period.end))
    assert "listing.listed_on < " in sql
    assert "listing.delisted_on > " in sql
