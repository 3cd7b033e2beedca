"""Days and partly known dates."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.fields.dates import DateRange, parse_day, parse_edtf


@pytest.mark.parametrize(
    ("edtf", "earliest", "latest"),
    [
        ("1965", "1965-01-01", "1965-12-31"),
        ("1965~", "1965-01-01", "1965-12-31"),
        ("1965-02", "1965-02-01", "1965-02-28"),
        ("1964-02?", "1964-02-01", "1964-02-29"),
        ("2016-03-16", "2016-03-16", "2016-03-16"),
        ("2016-03-16%", "2016-03-16", "2016-03-16"),
        ("1964/1966", "1964-01-01", "1966-12-31"),
        ("../2016-07", None, "2016-07-31"),
        ("2016-07/..", "2016-07-01", None),
    ],
)
def test_bounds_of_a_partly_known_date(edtf: str, earliest: str | None, latest: str | None) -> None:
    bounds = parse_edtf(edtf)
    assert bounds == DateRange(earliest and date.fromisoformat(earliest), latest and date.fromisoformat(latest))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    ["", "65", "1965-13", "1965-02-30", "0000", "1966/1964", "1965-2-3", "1965/", "/", "about 1965", "1965-00", "١٩٦٥"],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"EDTF|no date|before it begins|year 0"):
        parse_edtf(text)


@given(st.dates())
def test_every_day_is_read_back(day: date) -> None:
    assert parse_day(day.isoformat()) == day
    assert parse_edtf(day.isoformat()) == DateRange(day, day)


@given(st.text(max_size=12))
def test_no_text_breaks_the_parser(text: str) -> None:
    try:
        bounds = parse_edtf(text)
    except ValueError:
        return
    assert (bounds.earliest or date.min) <= (bounds.latest or date.max)


@pytest.mark.parametrize(
    "text", ["2016-3-2", "20160302", "2016-03-02T00:00", "2016-02-30", " 2016-03-02", "２０１６-03-02"]
)
def test_a_day_has_one_form(text: str) -> None:
    with pytest.raises(ValueError, match="day"):
        parse_day(text)
