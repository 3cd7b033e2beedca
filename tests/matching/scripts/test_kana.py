"""Kana: the press's spellings are read back, in every width and with small kana written large."""

import unicodedata

import pytest

from app.matching.romanization import GIVEN, SURNAMES
from app.matching.scripts import syllable_readings
from app.matching.scripts.kana import katakana, letters
from tests.matching.scripts.agreeing import cost_of, is_read_as
from tests.matching.scripts.transcribers import kana, letters_of, sounded


def test_every_common_syllable_is_read_back() -> None:
    for surname in SURNAMES:
        for block in GIVEN:
            name = f"{kana(letters_of(surname))}・{kana(letters_of(block))}"
            cost = cost_of(name, surname + block)
            assert cost is not None, name
            assert cost <= 0.04, name


def test_given_names_are_read_as_they_sound() -> None:
    for first in GIVEN:
        for second in GIVEN:
            name = f"キム・{kana(sounded(first + second))}"
            assert is_read_as(name, f"김{first}{second}"), name


LARGE = str.maketrans("ァィゥェォャュョッ", "アイウエオヤユヨツ")


def test_small_kana_written_large_are_read() -> None:
    for first in GIVEN:
        name = f"キム {kana(sounded(first + '철'))}".translate(LARGE)
        assert is_read_as(name, f"김{first}철"), name


@pytest.mark.parametrize(
    ("spelled", "hangul"),
    [
        ("リ・ビョンチョル", "리병철"),
        ("イ・ビョンチョル", "리병철"),
        ("ﾘ ﾋﾞﾖﾝﾁﾖﾙ", "리병철"),
        ("り・びょんちょる", "리병철"),
        ("リ　ビョンチョル", "리병철"),
        ("リ=ビョンチョル", "리병철"),
        ("チョー・ヨンウォン", "조용원"),
        ("パク・チュニル", "박춘일"),
        ("チェ・フィ", "최휘"),
        ("キム・チョルナム", "김철남"),
        ("キム・チョルラム", "김철남"),
        ("クォン・ソンホ", "권성호"),
        ("クオン ソンホ", "권성호"),
        ("ペク・セボン", "백세봉"),
    ],
)
def test_spellings_agree(spelled: str, hangul: str) -> None:
    assert is_read_as(spelled, hangul)


@pytest.mark.parametrize(
    ("spelled", "hangul"),
    [("キム・ヨンナム", "김영철"), ("パク・ビョンチョル", "리병철"), ("キム・ジャンチョル", "김정철")],
)
def test_other_names_do_not_agree(spelled: str, hangul: str) -> None:
    assert not is_read_as(spelled, hangul)


def test_a_japanese_name_is_no_korean_one() -> None:
    assert syllable_readings("トヨタジドウシャカブシキガイシャ") == ()


def test_widths_are_one() -> None:
    assert katakana("ｷﾑ ｼﾞﾖﾝ") == katakana("きむ じよん") == "キム ジヨン"
    assert letters("ファン") == "hwaN"
    assert unicodedata.is_normalized("NFKC", katakana("ﾊﾟｸ"))
