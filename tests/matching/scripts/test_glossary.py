"""Names of firms and offices: common words in English, own words by their Korean reading, persons left alone."""

import pytest

from app.matching.scripts import transcriptions
from app.matching.scripts.chinese import fold_characters
from app.matching.scripts.glossary import romanisations, translated
from app.matching.scripts.orthography import rows


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("조선금룡무역회사", "korea keumryong trading company"),
        ("朝鮮金龍貿易會社", "korea keumryong trading company"),
        ("朝鲜金龙贸易会社", "korea keumryong trading company"),
        ("朝鮮金竜貿易会社", "korea keumryong trading company"),
        ("조선 금룡 무역 회사", "korea keumryong trading company"),
        ("제2경제위원회", "2 economic committee"),
        ("로동당 39호실", "workers party office 39"),
        ("군수공업부", "munitions industry department"),
        ("압록강개발은행", "amnokgang development bank"),
        ("홍콩전자 (주)", "hong kong electronics ju"),
        ("万寿台海外開発会社グループ", "mansudae overseas development company group"),
        ("Ryonha 기계합영회사", "Ryonha machinery joint venture"),
    ],
)
def test_common_words_are_translated(name: str, words: str) -> None:
    assert any(set(words.split()) <= set(found.split()) for found in translated(name)), translated(name)


def test_all_words_are_romanised_too() -> None:
    assert "joseon taeseong eunhaeng" in translated("조선대성은행")


@pytest.mark.parametrize("name", ["김정식", "조선영", "평양", "金正植", "Kim", "", "조선", "박정성"])
def test_names_without_a_common_word_are_left_alone(name: str) -> None:
    assert translated(name) == ()


def test_a_ship_number_is_no_office() -> None:
    assert translated("천마산 1호") == ()


def test_consonants_are_written_as_they_sound_and_as_they_are() -> None:
    assert romanisations("압록강") == ["amnokgang", "aprokkang"]
    assert {"keumryong", "kimryong"} <= set(romanisations("金龍"))


def test_each_form_of_the_table_has_one_meaning() -> None:
    forms = [fold_characters(form) for _, *columns in rows("glossary.tsv") for form in " ".join(columns).split()]
    by_column = [form for form in forms if not form.startswith("end:")]
    assert len(by_column) == len(set(by_column)), sorted(form for form in set(by_column) if by_column.count(form) > 1)


def test_a_name_is_transcribed_with_its_system() -> None:
    found = transcriptions("조선대성은행")
    assert [one.system for one in found] == ["common words in English, own words romanised"] * len(found)
    assert all(one.cost > 0 for one in found)
