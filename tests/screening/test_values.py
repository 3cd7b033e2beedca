"""Values of a screening file as people and programs write them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.fields.dates import today
from app.screening.values import (
    EXCEL_EPOCH,
    DateOrder,
    is_missing,
    is_missing_name,
    is_zero_date,
    parse_date,
    parse_imo_number,
    parse_kind,
    parse_state,
    without_fraction,
)
from app.vocabularies import SubjectKind

INDIVIDUAL, ENTITY, VESSEL = SubjectKind


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
     "196803", "26031968", "0000-00-00", "18", "1966/1964", "between 1966 and 1964", "-5", "1e5", "1962-02-18 foo"],
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


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    for parse in (parse_date, parse_state, parse_kind, parse_imo_number):
        try:
            parse(text)
        except ValueError as error:
            assert str(error)  # noqa: PT017  most texts are refused, some are not


def test_a_day_to_come_is_no_birth_date() -> None:
    assert parse_date(today().isoformat()) == today().isoformat()
    with pytest.raises(ValueError, match="after today"):
        parse_date((today() + timedelta(1)).isoformat())


@pytest.mark.parametrize(
    "text",
    ["", " ", "NA", "na", "Na", "N/A", "n/a", "n.a.", "#N/A", "null", "NULL", "None", "nan", "NaN", "NaT", "<NA>", "-",
     "--", "—", "?", ".", "\\N", "unknown", "not known", "not applicable"],
)  # fmt: skip
def test_a_marker_of_a_missing_value_is_none(text: str) -> None:
    assert is_missing(text)


@pytest.mark.parametrize("text", ["Nam", "NAM", "Anna", "0", "no", "nullarbor", "Nonet", "N A Kim"])
def test_a_value_is_no_marker(text: str) -> None:
    assert not is_missing(text)


def test_a_family_name_is_no_marker() -> None:
    assert is_missing("Na")
    assert not is_missing_name("Na")
    assert is_missing_name("NA")


def test_a_date_of_noughts_is_no_date() -> None:
    assert is_zero_date("0000-00-00")
    assert is_zero_date("0000-00-00 00:00:00")
    assert not is_zero_date("1968-00-00")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("KP", "KP"), ("kp", "KP"), ("PRK", "KP"), ("408", "KP"), ("North Korea", "KP"), ("D.P.R.K.", "KP"),
        ("Democratic People's Republic of Korea", "KP"), ("Democratic Peoples Republic of Korea", "KP"),
        ("KP - North Korea", "KP"), ("North Korea (KP)", "KP"), ("NAM", "NA"), ("Namibia", "NA"), ("namibia", "NA"),
        ("The Netherlands", "NL"), ("U.S.A.", "US"), ("Cote d'Ivoire", "CI"), ("Russia", "RU"), ("Viet Nam", "VN"),
    ],
)  # fmt: skip
def test_a_state_is_read_by_code_and_name(text: str, code: str) -> None:
    assert parse_state(text) == code


@pytest.mark.parametrize("text", ["NA", "na", "N.A.", "Korea", "XX", "KR / North Korea", "Atlantis", "KP; CN"])
def test_a_state_that_is_none_or_two_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        parse_state(text)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("individual", {INDIVIDUAL}), ("Person", {INDIVIDUAL}), ("persons", {INDIVIDUAL}),
        ("natural person", {INDIVIDUAL}),
        ("entity", {ENTITY}), ("Company", {ENTITY}), ("COMPANIES", {ENTITY}), ("Organisation", {ENTITY}),
        ("vessel", {VESSEL}), ("Ship", {VESSEL}), ("M/V", {VESSEL}), ("m.v.", {VESSEL}), ("MV", {VESSEL}),
        ("bulk carriers", {VESSEL}), ("LegalEntity", {INDIVIDUAL, ENTITY}),
    ],
)  # fmt: skip
def test_a_kind_is_read_in_the_words_of_people(text: str, kinds: set[SubjectKind]) -> None:
    assert set(parse_kind(text)) == kinds


def test_a_word_that_is_no_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="'dog' is no kind"):
        parse_kind("dog")


@pytest.mark.parametrize(
    "text", ["9163166", "9163166.0", "IMO9163166", "IMO 9163166", "imo no. 9163166", "IMO: 916 3166"]
)
def test_an_imo_number_is_read_with_its_label_and_as_a_float(text: str) -> None:
    assert parse_imo_number(text) == "9163166"


@pytest.mark.parametrize("text", ["916316", "91631660", "x", "9163166.5"])
def test_an_imo_number_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no IMO number"):
        parse_imo_number(text)


def test_only_a_fraction_of_noughts_is_left_out() -> None:
    assert [without_fraction(text) for text in ("5.0", "5,00", "5.1", "v5.0", "5.")] == ["5", "5", "5.1", "v5.0", "5."]
