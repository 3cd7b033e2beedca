"""Korean names: spellings of one syllable agree in every romanisation, different syllables do not blur."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.matching.romanization import (
    agreement,
    block_of,
    fold_letters,
    initial_readings,
    is_hangul,
    reading_of_block,
    readings,
    splits,
)
from benchmarks.names.spellings import romanised

blocks = st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3)


def agree(one: str, other: str, surname: bool = False) -> bool:
    asked = initial_readings(fold_letters(one), True) if surname else readings(fold_letters(one))
    return agreement(asked, readings(fold_letters(other))).cost is not None


@pytest.mark.parametrize(
    "spellings",
    [
        ["정", "Jong", "Jeong", "Jung", "Chong", "Chŏng", "CHO'NG", "Cheong", "Joung"],
        ["철", "Chol", "Cheol", "Chul", "Ch'ol", "CH'O'L", "Ch’ŏl", "Chull"],
        ["영", "Yong", "Young", "Yeong", "Yŏng", "Yung"],
        ["은", "Un", "Eun", "Ŭn", "U'n"],
        ["혁", "Hyok", "Hyuk", "Hyeok", "Hyŏk", "Hyuck"],
        ["국", "Kuk", "Guk", "Kook", "Gook"],
        ["우", "U", "Woo", "Wu"],
        ["희", "Hui", "Hi", "Hŭi"],
        ["배", "Pae", "Bae", "Pai"],
        ["권", "Kwon", "Gwon", "Kweon", "Kwŏn"],
    ],
)
def test_spellings_of_one_syllable_agree_with_it(spellings: list[str]) -> None:
    for spelling in spellings:
        assert agree(spelling, spellings[0]), spelling


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Chol", "Chun"), ("Bong", "Jang"), ("Myong", "Pyong"), ("Il", "Ik"), ("Su", "Se"), ("Jong", "Jang"),
        ("정", "중"), ("철", "출"), ("선", "순"), ("호", "후"), ("Song", "Sang"), ("Nam", "Man"), ("Kum", "Kim"),
    ],
)  # fmt: skip
def test_different_syllables_do_not_blur(one: str, other: str) -> None:
    assert not agree(one, other)


@pytest.mark.parametrize(
    "names",
    [
        ["Ri", "Lee", "Yi", "Rhee", "Li", "이", "리"],
        ["Pak", "Park", "Bak", "박"],
        ["Choe", "Choi", "Ch'oe", "최"],
        ["Jang", "Chang", "장"],
        ["Ro", "No", "Roh", "노", "로"],
        ["Paek", "Baek", "백"],
        ["Ryu", "Yu", "Yoo", "류", "유"],
        ["Rim", "Im", "Lim", "임", "림"],
        ["Hwang", "Whang", "황"],
    ],
)
def test_family_names_agree_across_two_orthographies(names: list[str]) -> None:
    for one in names:
        for other in names:
            assert agree(one, other, surname=True), (one, other)


@given(blocks)
def test_every_block_agrees_with_its_romanisations(block: str) -> None:
    """Where a romanisation tells its letters apart: a final ㅎ and the like sound, and are spelled, as others do."""
    for system in ("north", "mccune", "plain", "revised"):
        spelled = fold_letters(romanised(block, system))
        assert reading_of_block(block) in readings(spelled), (block, spelled)


@given(blocks)
def test_a_block_is_read_as_itself(block: str) -> None:
    (reading,) = readings(block)
    assert reading_of_block(block_of(reading)) == reading
    assert is_hangul(block)


@given(st.text(max_size=12))
def test_any_text_can_be_folded_and_taken_apart(text: str) -> None:
    folded = fold_letters(text)
    for way in splits(folded):
        assert "".join(way) == folded
        assert all(readings(syllable) for syllable in way)


def test_words_run_together_are_taken_apart() -> None:
    assert ("yong", "won") in splits("yongwon")
    assert ("kim", "jong", "un") in splits("kimjongun")
    assert splits("xyz") == ()
    assert splits("김정은") == (("김", "정", "은"),)
