"""Chinese: forms of one character are one, and pinyin is weak evidence of a Korean name."""

import pytest

from app.matching.scripts import syllable_readings, transcriptions
from app.matching.scripts.chinese import fold_characters, pinyin_ways
from tests.matching.scripts.agreeing import is_read_as


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("長安海連技術有限公司", "长安海连技术有限公司"),
        ("廣州", "広州"),
        ("澤", "沢"),
        ("國際貿易會社", "国際貿易会社"),
        ("龍岳山", "竜岳山"),
        ("（香港）", "(香港)"),
    ],
)
def test_forms_are_one(one: str, other: str) -> None:
    assert fold_characters(one) == fold_characters(other)
    assert transcriptions(one)[0] == transcriptions(other)[0]


def test_other_characters_stay_others() -> None:
    assert fold_characters("長安") != fold_characters("長江")


@pytest.mark.parametrize(
    ("spelled", "hangul"),
    [
        ("Jin Zhengzhi", "김정식"),
        ("JIN ZHENG ZHI", "김정식"),
        ("Jīn Zhèngzhí", "김정식"),
        ("Jin Zheng-zhi", "김정식"),
        ("Zhengzhi Jin", "김정식"),
        ("Cui Hui", "최휘"),
        ("Li Bingzhe", "리병철"),
        ("Lü Guangzhe", "려광철"),
        ("Piao Chunri", "박춘일"),
    ],
)
def test_pinyin_is_read(spelled: str, hangul: str) -> None:
    assert is_read_as(spelled, hangul)


def test_pinyin_is_weak() -> None:
    found = [one for one in syllable_readings("Jin Zhengzhi") if one.system == "Hanyu Pinyin"]
    assert found
    assert all(one.is_weak and one.cost > 0 for one in found)


@pytest.mark.parametrize(
    "name",
    [
        "Wang Wei Ming Hua",
        "Kim Jong Sik",
        "John Smith",
        "Deng Xiaoping Street",
        "Zhengzhi",
        "Deng Ying",
        "Wu Zheng Smith",
        "",
    ],
)
def test_what_is_no_pinyin_of_a_korean_name(name: str) -> None:
    assert pinyin_ways(name) == ()


@pytest.mark.parametrize("name", ["Xi Jinping", "Han Zheng", "Yao Ming", "Jin Yong", "Wang Wei", "Ren Zhengfei"])
def test_chinese_names_are_no_listed_ones(name: str) -> None:
    for hangul in ("김정식", "리병철", "김영철", "김철", "리강", "윤호진"):
        assert not is_read_as(name, hangul)
