"""Other Latin orthographies: each is read by its own table, and only where its own spellings occur."""

from collections.abc import Callable

import pytest

from app.matching.romanization import GIVEN
from app.matching.scripts import syllable_readings
from app.matching.scripts.latin import systems
from tests.matching.scripts.agreeing import is_read_as
from tests.matching.scripts.transcribers import (
    CZECH_ONSETS,
    FRENCH_NUCLEI,
    FRENCH_ONSETS,
    GERMAN_NUCLEI,
    GERMAN_ONSETS,
    GLIDE_J,
    POLISH_ONSETS,
    european,
    icao,
    kontsevich,
    letters_of,
)


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(lambda name: " ".join(european(name, POLISH_ONSETS, GLIDE_J)), id="Polish"),
        pytest.param(lambda name: " ".join(european(name, CZECH_ONSETS, GLIDE_J)), id="Czech"),
        pytest.param(lambda name: " ".join(european(name, GERMAN_ONSETS, GERMAN_NUCLEI)), id="German"),
        pytest.param(lambda name: " ".join(european(name, FRENCH_ONSETS, FRENCH_NUCLEI)), id="French"),
        pytest.param(lambda name: icao(" ".join(kontsevich([one]) for one in letters_of(name))), id="ICAO"),
    ],
)
def test_every_common_syllable_is_read_back(write: Callable[[str], str]) -> None:
    for block in GIVEN:
        name = f"최{block}철"  # ㅊ and ㅊ: spelled in a way of its own in each orthography
        assert is_read_as(write(name), name), write(name)


@pytest.mark.parametrize(
    ("spelled", "hangul"),
    [
        ("Kim Dzong Un", "김정은"),
        ("Kim Dżong-un", "김정은"),
        ("Czhwe Hwi", "최휘"),
        ("Kim Čong-un", "김정은"),
        ("KIM ČONG-IL", "김정일"),
        ("Kim Džong Il", "김정일"),
        ("Kim Tschong Un", "김정은"),
        ("Kim Dschong-il", "김정일"),
        ("Ri Pjöng-tschöl", "리병철"),
        ("Ri Pjong-chol", "리병철"),
        ("Kim Djong-Oun", "김정은"),
        ("Tjoi Tjoun Sik", "최춘식"),
        ("Kim Dzsongun", "김정운"),
        ("Kim Tsjong-un", "김정은"),
        ("Kim Çong-ıl", "김정을"),
        ("Kim Chính Nhật", "김정일"),
        ("Kim Chính Ân", "김정은"),
        ("KIM CHEN IR", "김정일"),
        ("CHKHVE SON IR", "최성일"),
        ("TSOI SON IR", "최성일"),
        ("KIM IONG CHOL", "김영철"),
        ("Pak To Chkhun", "박도춘"),
        ("Khan Chzhan Su", "한장수"),
        ("PAK TCHKHOUN IL", "박춘일"),
        ("CHO CHKHULLEN", "조춘룡"),
        ("Ko Tä-hun", "고태훈"),
        ("Jöng Hun", "영훈"),
    ],
)
def test_spellings_agree(spelled: str, hangul: str) -> None:
    assert is_read_as(spelled, hangul)


@pytest.mark.parametrize(
    ("spelled", "hangul"),
    [("Kim Čong-nam", "김정은"), ("Pak Dzong Un", "김정은"), ("Khan Chzhan Su", "한정수"), ("Kim Chính Ân", "김정일")],
)
def test_other_names_do_not_agree(spelled: str, hangul: str) -> None:
    assert not is_read_as(spelled, hangul)


@pytest.mark.parametrize("name", ["Kim Jong Sik", "PAK TO CHUN", "Ri Hong Sop", "Choe Song Il", "John Smith", ""])
def test_english_spellings_are_left_to_romanization(name: str) -> None:
    assert systems(name) == ()


def test_sino_vietnamese_is_weak() -> None:
    assert {one.is_weak for one in syllable_readings("Kim Chính Nhật")} == {True}
    assert {one.is_weak for one in syllable_readings("Kim Čong-un")} == {False}
