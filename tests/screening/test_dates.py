"""Birth dates of a screening file as people and programs write them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.fields.dates import today
from app.screening.dates import EXCEL_EPOCH, DateOrder, is_zero_date, parse_date


@pytest.mark.parametrize(
    ("text", "edtf"),
    [
        # EDTF, as the record has it
        ("1962", "1962"), ("1962-02", "1962-02"), ("1962-02-18", "1962-02-18"), ("1964/1966", "1964/1966"),
        ("1968~", "1968~"), ("1968?", "1968?"), ("../1966", "../1966"),
        # spreadsheets, data frames, databases
        ("19680326", "1968-03-26"), ("19680326.0", "1968-03-26"), ("1962-02-18 00:00:00", "1962-02-18"),
        ("1962-02-18T00:00:00Z", "1962-02-18"), ("1962-02-18 00:00:00.000000", "1962-02-18"),
        ("1962-02-18 00:00:00+00:00", "1962-02-18"), ("22695", "1962-02-18"), ("22695.0", "1962-02-18"),
        ("1962.0", "1962"), ("2/18/1962 12:00:00 AM", "1962-02-18"),
        # parts that are not known
        ("1968-00-00", "1968"), ("1968-03-00", "1968-03"), ("00/00/1968", "1968"), ("00/03/1968", "1968-03"),
        ("1968-XX-XX", "1968"), ("xx.03.1968", "1968-03"), ("03/1968", "1968-03"), ("1968/03", "1968-03"),
        # by hand
        ("18 Feb 1962", "1962-02-18"), ("18-FEB-1962", "1962-02-18"), ("18FEB1962", "1962-02-18"),
        ("18th of February 1962", "1962-02-18"), ("February 18, 1962", "1962-02-18"), ("Feb. 18 1962", "1962-02-18"),
        ("Sept 5, 1950", "1950-09-05"), ("Sunday, 18 February 1962", "1962-02-18"), ("February 1962", "1962-02"),
        ("1962 Feb 18", "1962-02-18"), ("26/03/1968", "1968-03-26"), ("03/26/1968", "1968-03-26"),
        ("26.3.1968", "1968-03-26"), ("26-03-1968", "1968-03-26"), ("05/05/1968", "1968-05-05"),
        ("1968.3.26.", "1968-03-26"), ("1968/3/26", "1968-03-26"), (" 18  Feb 1962 ", "1962-02-18"),
        ("1962년 2월 18일", "1962-02-18"), ("1962年2月18日", "1962-02-18"), ("1962년", "1962"),
        # about and between
        ("c. 1968", "1968~"), ("circa March 1968", "1968-03~"), ("about 1968", "1968~"),
        ("1960s", "1960/1969"), ("c1968", "1968~"), ("1968 (approx.)", "1968~"), ("DOB: 18 Feb 1962", "1962-02-18"),
        # where only one reading has such a day
        ("26031968", "1968-03-26"), ("03261968", "1968-03-26"), ("2181962", "1962-02-18"), ("620218", "1962-02-18"),
        ("196802", "1968-02"), ("62-02-18", "1962-02-18"), ("Feb-62", "1962-02"),
        # other spreadsheets and languages
        ("1962. 2. 18.", "1962-02-18"), ("22,695", "1962-02-18"), ("1.962", "1962"), ("--/--/1968", "1968"),
        ("18. März 1962", "1962-03-18"), ("18-OKT-1962", "1962-10-18"), ("18 de febrero de 1962", "1962-02-18"),
        ("1er août 1962", "1962-08-01"), ("18 мая 1962", "1962-05-18"), ("1962-02-18 오전 12:00:00", "1962-02-18"),
        ("between 1964 and 1966", "1964/1966"), ("1964-1966", "1964/1966"), ("1964 to 1966", "1964/1966"),
    ],
)  # fmt: skip
def test_a_date_is_read_as_people_and_programs_write_it(text: str, edtf: str) -> None:
    assert parse_date(text) == edtf


def test_a_date_that_can_be_two_days_is_read_only_in_the_order_asked_for() -> None:
    with pytest.raises(ValueError, match="1968-04-03 or 1968-03-04"):
        parse_date("03/04/1968")
    assert parse_date("03/04/1968", DateOrder.DAY_FIRST) == "1968-04-03"
    assert parse_date("03/04/1968", DateOrder.MONTH_FIRST) == "1968-03-04"
    # One day only, whatever the order that was asked for.
    assert parse_date("26/03/1968", DateOrder.MONTH_FIRST) == parse_date("03/26/1968", DateOrder.DAY_FIRST)


def test_a_year_of_two_digits_is_read_where_one_century_makes_a_person_alive() -> None:
    assert parse_date("26/03/68") == "1968-03-26"
    with pytest.raises(ValueError, match="1920 or 2020"):
        parse_date("26/03/20")


@pytest.mark.parametrize(
    "text",
    ["x", "1962-02-30", "30/02/1968", "13/13/1962", "1968-13-01", "18 Foo 1962", "2999", "2999-01-01", "99999", "1",
     "196813", "18121962 x", "01021968", "Feb-18", "18 ara 1962 x",
     "0000-00-00", "18", "1966/1964", "between 1966 and 1964", "-5", "1e5", "1962-02-18 foo"],
)  # fmt: skip
def test_a_date_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        parse_date(text)


@given(st.dates(min_value=date(1928, 1, 1), max_value=today()))
def test_a_day_is_the_same_in_every_form(day: date) -> None:
    months = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October"]
    month = [*months, "November", "December"][day.month - 1]
    forms = [f"{day:%Y%m%d}", f"{day} 00:00:00", f"{day.day} {month} {day.year}", f"{month} {day.day}, {day.year}"]
    forms += [str((day - EXCEL_EPOCH).days), f"{day.day} {month[:3].upper()} {day.year}"]
    assert {parse_date(form) for form in forms} == {day.isoformat()}
    assert parse_date(f"{day.day}/{day.month}/{day.year}", DateOrder.DAY_FIRST) == day.isoformat()
    assert parse_date(f"{day.month}/{day.day}/{day.year}", DateOrder.MONTH_FIRST) == day.isoformat()


def test_a_day_to_come_is_no_birth_date() -> None:
    assert parse_date(today().isoformat()) == today().isoformat()
    with pytest.raises(ValueError, match="after today"):
        parse_date((today() + timedelta(1)).isoformat())


@pytest.mark.parametrize("text", ["0001-01-01", "1753-01-01", "1899-12-30", "1900-01-01", "01.01.1900", "1111-11-11"])
def test_a_placeholder_of_a_program_clears_nobody(text: str) -> None:
    with pytest.raises(ValueError, match="more than 120 years ago"):
        parse_date(text)


def test_digits_that_can_be_two_days_are_read_in_the_order_asked_for() -> None:
    with pytest.raises(ValueError, match="1962-01-02 or 1962-02-01"):
        parse_date("01021962")
    assert parse_date("01021962", DateOrder.DAY_FIRST) == "1962-02-01"
    assert parse_date("1021962", DateOrder.MONTH_FIRST) == "1962-01-02"


def test_a_date_of_noughts_is_no_date() -> None:
    assert is_zero_date("0000-00-00")
    assert is_zero_date("0000-00-00 00:00:00")
    assert is_zero_date("0")
    assert is_zero_date("00:00:00")
    assert not is_zero_date("1968-00-00")
    assert not is_zero_date("0.5")
