"""Arabic letters: consonants and long vowels are read, short vowels are left open."""

import pytest

from app.matching.scripts import syllable_readings
from app.matching.scripts.arabic import letters
from tests.matching.scripts.agreeing import is_read_as


@pytest.mark.parametrize(
    ("spelled", "hangul"),
    [
        ("كيم يونغ تشول", "김영철"),
        ("كيم يونج تشول", "김영철"),
        ("كِيم يُونغ تشُول", "김영철"),
        ("کیم جونگ سیک", "김정식"),
        ("كيم جونغ أون", "김정은"),
        ("باك تشون إيل", "박춘일"),
        ("ري بيونغ تشول", "리병철"),
        ("تشوي هوي", "최휘"),
        ("جانغ تشانغ-ها", "장창하"),
        ("هوانغ سوك هوا", "황석화"),
        ("كيـم جونغ سيك", "김정식"),
        ("يون هو جين", "윤호진"),
    ],
)
def test_spellings_agree(spelled: str, hangul: str) -> None:
    assert is_read_as(spelled, hangul)


@pytest.mark.parametrize(("spelled", "hangul"), [("كيم يونغ نام", "김영철"), ("باك يونغ تشول", "김영철")])
def test_other_names_do_not_agree(spelled: str, hangul: str) -> None:
    assert not is_read_as(spelled, hangul)


def test_an_arabic_name_is_no_korean_one() -> None:
    for name in ("محمد بن سلمان", "بشار الأسد", "عبد الفتاح السيسي"):
        for reading in syllable_readings(name):
            assert (
                all(min(syllable.readings.values()) > 0 for syllable in reading.syllables[:1]) or reading.source != name
            )


def test_letters_have_one_form() -> None:
    assert letters("کیم") == letters("كيم") == "كيم"
