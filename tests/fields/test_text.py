"""How names are compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.fields.text import fold


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("KIM TONG MY’ONG", "kim tong myong"),
        ("Ch’oe  Ch‘un Sik", "choe chun sik"),
        ("Pyŏngyang", "pyongyang"),
        ("ＪＩＮ ＴＥＮＧ", "jin teng"),
        ("Straße", "strasse"),
        ("RI HONG-SOP", "ri hong sop"),
        ("BILLIONS NO. 18", "billions no 18"),
        ("WORKERS’ PARTY OF KOREA (WPK)", "workers party of korea wpk"),
        ("  JH\t86 ", "jh 86"),
        ("조선", fold("조선")),
    ],
)
def test_case_accents_and_punctuation_do_not_count(written: str, compared: str) -> None:
    assert fold(written) == compared


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)
