"""Hanja: the table is Unihan's, every form of a character is read, every reading of it counts."""

import pytest

from app.matching.romanization import reading_of_block
from app.matching.scripts import syllable_readings
from app.matching.scripts.hanja import hangul_of, readings_of, spelled
from app.matching.scripts.orthography import rows
from tests.matching.scripts.agreeing import is_read_as


@pytest.mark.parametrize(
    ("character", "readings"),
    [("金", "김금"), ("李", "리이"), ("林", "림임"), ("車", "차거"), ("朴", "박"), ("鐵", "철"), ("樂", "락낙악요")],
)
def test_samples_of_unihan(character: str, readings: str) -> None:
    assert set(hangul_of(character)) == set(readings)


def test_the_table_is_whole() -> None:
    characters = [character for _, members in rows("hanja.tsv") for character in members]
    assert len(set(characters)) > 7000
    assert len(characters) == len(set(zip(characters, [r for r, m in rows("hanja.tsv") for _ in m], strict=True)))


@pytest.mark.parametrize(
    ("spelled", "hangul"),
    [
        ("金英哲", "김영철"),
        ("金 英 哲", "김영철"),
        ("李炳哲", "리병철"),
        ("李炳哲", "이병철"),
        ("李炳鉄", "리병철"),
        ("赵春龙", "조춘룡"),
        ("趙春龍", "조춘용"),
        ("羅景洙", "나경수"),
        ("\uf90a正植", "김정식"),
        ("金正植副部長", "김정식"),
        ("朝鮮労働党書記 李炳鉄", "리병철"),
        ("盧光鐵", "로광철"),
        ("盧光鐵", "노광철"),
        ("李々", "리리"),
    ],
)
def test_names_agree(spelled: str, hangul: str) -> None:
    assert is_read_as(spelled, hangul)


@pytest.mark.parametrize(("spelled", "hangul"), [("金英哲", "김영남"), ("全日好", "윤호진"), ("李英哲", "김영철")])
def test_other_names_do_not_agree(spelled: str, hangul: str) -> None:
    assert not is_read_as(spelled, hangul)


def test_a_reading_of_another_form_costs_a_little() -> None:
    assert readings_of("云")[reading_of_block("운")] == 0
    assert readings_of("后")[reading_of_block("후")] == 0
    assert readings_of("干")[reading_of_block("건")] > 0


def test_a_name_is_written_in_its_commonest_readings() -> None:
    assert spelled("金鐵三") == "김철삼"
    assert [one.hangul for one in syllable_readings("金鐵三")] == ["김 철삼"]


def test_a_compound_family_name_is_one_word() -> None:
    (reading,) = syllable_readings("南宮哲")
    assert [len(word) for word in reading.words] == [2, 1]
