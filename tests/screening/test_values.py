"""Values of a screening file as people and programs write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.screening.dates import parse_date
from app.screening.values import (
    in_full,
    is_missing,
    is_missing_name,
    is_no_number,
    parse_imo_numbers,
    parse_kind,
    parse_state,
    plain,
    without_fraction,
    wrong_check_digits,
)
from app.vocabularies import SubjectKind

INDIVIDUAL, ENTITY, VESSEL = SubjectKind


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    for parse in (parse_date, parse_state, parse_kind, parse_imo_numbers):
        try:
            parse(text)
        except ValueError as error:
            assert str(error)  # noqa: PT017  most texts are refused, some are not


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


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("KP", "KP"), ("kp", "KP"), ("PRK", "KP"), ("408", "KP"), ("North Korea", "KP"), ("D.P.R.K.", "KP"),
        ("Democratic People's Republic of Korea", "KP"), ("Democratic Peoples Republic of Korea", "KP"),
        ("KP - North Korea", "KP"), ("North Korea (KP)", "KP"), ("NAM", "NA"), ("Namibia", "NA"), ("namibia", "NA"),
        ("The Netherlands", "NL"), ("U.S.A.", "US"), ("Cote d'Ivoire", "CI"), ("Russia", "RU"), ("Viet Nam", "VN"),
        ("408.0", "KP"), ("36", "AU"), ("36.0", "AU"), ("004", "AF"), ("North Korean", "KP"), ("Korea (North)", "KP"),
        ("Korea, D.P.R.", "KP"), ("북한", "KP"), ("Corée du Nord", "KP"), ("KP (North Korea)", "KP"),
        ("[kp]", "KP"), ("KP;KP", "KP"), ("British", "GB"), ("Democratic Republic of the Congo", "CD"), ("中国", "CN"),
    ],
)  # fmt: skip
def test_a_state_is_read_by_code_and_name(text: str, code: str) -> None:
    assert parse_state(text) == code


@pytest.mark.parametrize(
    "text", ["NA", "na", "N.A.", "Korea", "XX", "KR / North Korea", "Atlantis", "KP; CN", "Korean", "0"]
)
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
        ("Vsl.", {VESSEL}), ("Chemical tanker", {VESSEL}), ("Politically exposed person", {INDIVIDUAL}),
        ("person/company", {INDIVIDUAL, ENTITY}), ("Person or Company", {INDIVIDUAL, ENTITY}),
        ("Natural person (individual)", {INDIVIDUAL}), ("Non-individual", {ENTITY, VESSEL}), ("법인", {ENTITY}),
        ("Ship management company", {ENTITY}), ("Private", {INDIVIDUAL, ENTITY}), ("Customer", set()),
        ("bulk carriers", {VESSEL}), ("LegalEntity", {INDIVIDUAL, ENTITY}),
    ],
)  # fmt: skip
def test_a_kind_is_read_in_the_words_of_people(text: str, kinds: set[SubjectKind]) -> None:
    assert set(parse_kind(text)) == kinds


@pytest.mark.parametrize("text", ["dog", "P", "C", "1", "master of vessel", "non-company"])
def test_a_word_that_is_no_kind_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=f"'{text}' is no kind"):
        parse_kind(text)


@pytest.mark.parametrize(
    "text", ["9163166", "9163166.0", "IMO9163166", "IMO 9163166", "imo no. 9163166", "IMO: 916 3166"]
)
def test_an_imo_number_is_read_with_its_label_and_as_a_float(text: str) -> None:
    assert parse_imo_numbers(text) == ("9163166",)


@pytest.mark.parametrize("text", ["916316", "91631660", "x", "9163166.5"])
def test_an_imo_number_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no IMO number"):
        parse_imo_numbers(text)


@pytest.mark.parametrize(
    "text", ["9163166/9163154", "9163166; IMO 9163154", "9163166 (ex 9163154)", "9163166, 9163154"]
)
def test_several_imo_numbers_are_all_read(text: str) -> None:
    assert parse_imo_numbers(text) == ("9163166", "9163154")


def test_a_wrong_check_digit_is_named() -> None:
    assert wrong_check_digits(("9163166", "9163167")) == "9163167 has a wrong check digit, so it may be mistyped"
    assert wrong_check_digits(("9163166",)) is None


def test_a_number_in_scientific_notation_is_read_if_it_has_all_its_digits() -> None:
    assert [in_full(text) for text in ("9.163166E+06", "8,36110034e8", "5", "x")] == ["9163166", "836110034", "5", "x"]
    with pytest.raises(ValueError, match="lost digits"):
        in_full("8.36E+08")


@pytest.mark.parametrize("text", ["0", "0000000", "IMO", "IMO: 0", "IMO N/A", "no"])
def test_a_number_of_noughts_is_not_known(text: str) -> None:
    assert is_no_number(text)
    assert not is_no_number(f"{text} 1")


@pytest.mark.parametrize(
    ("text", "shown"),
    [('="0123"', "0123"), ("'0123", "0123"), ("９１６３１６６", "9163166"), ("18‐02–1962", "18-02-1962"),
     ("\u200e1962\u200b", "1962"), ("18\\02\\1962", "18/02/1962"), ("\\N", "\\N"), ("K P", "K P")],
)  # fmt: skip
def test_a_value_is_written_in_plain_characters(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_only_a_fraction_of_noughts_is_left_out() -> None:
    assert [without_fraction(text) for text in ("5.0", "5,00", "5.1", "v5.0", "5.")] == ["5", "5", "5.1", "v5.0", "5."]
