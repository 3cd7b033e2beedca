"""Cyrillic: Kontsevich's syllables are read back, freer spellings agree, other words are written in Latin letters."""

import pytest

from app.matching.romanization import GIVEN, SURNAMES
from app.matching.scripts import syllable_readings, transcriptions
from app.matching.scripts.cyrillic import latin
from tests.matching.scripts.agreeing import cost_of, is_read_as
from tests.matching.scripts.transcribers import kontsevich, letters_of, sounded


def test_every_common_syllable_is_read_back() -> None:
    for surname in SURNAMES:
        for block in GIVEN:
            name = f"{kontsevich(letters_of(surname))} {kontsevich(letters_of(block))}"
            cost = cost_of(name, surname + block)
            assert cost is not None, name
            assert cost <= 0.02, name


def test_given_names_of_one_word_are_read_as_they_sound() -> None:
    for first in GIVEN:
        for second in GIVEN:
            name = f"Ким {kontsevich(sounded(first + second))}"
            assert is_read_as(name, f"김{first}{second}"), name


@pytest.mark.parametrize(
    ("spelled", "hangul"),
    [
        ("Ким Ён Чхоль", "김영철"),
        ("Ким Енчхоль", "김영철"),
        ("КИМ ЁНЧХОЛЬ", "김영철"),
        ("Ким Йон Чхоль", "김용철"),
        ("Ким Чен Ир", "김정일"),
        ("Ким Ир Сен", "김일성"),
        ("Цой Рён Хэ", "최룡해"),
        ("Чой Сон Ир", "최성일"),
        ("Чхве Хви", "최휘"),
        ("И Пён Чхоль", "리병철"),
        ("Ли Пён-чхоль", "이병철"),
        ("Чжон Чжин Хак", "정진학"),
        ("Джон Джин Хак", "정진학"),
        ("Пак Мунир", "박문일"),
        ("Пак Гван Хо", "박광호"),
        ("Кім Чен Ин", "김정은"),
        ("Лі Пьон Чхоль", "리병철"),
        ("О\u0301 Гык Рёль", "오극렬"),
        ("О Гын Нёль", "오극렬"),
    ],
)
def test_spellings_agree(spelled: str, hangul: str) -> None:
    assert is_read_as(spelled, hangul)


@pytest.mark.parametrize(
    ("spelled", "hangul"),
    [("Ким Ён Нам", "김영철"), ("Пак Ён Чхоль", "김영철"), ("Ким Чан Су", "김정수"), ("Ким Чен Ын", "김정일")],
)
def test_other_names_do_not_agree(spelled: str, hangul: str) -> None:
    assert not is_read_as(spelled, hangul)


def test_a_russian_name_is_no_korean_one() -> None:
    assert syllable_readings("Владимир Владимирович Путин") == ()


def test_a_name_among_other_words_is_found() -> None:
    (reading,) = [one for one in syllable_readings("заместитель министра Ким Ён Чхоль") if len(one.syllables) == 3]
    assert (reading.source, reading.hangul) == ("Ким Ён Чхоль", "김 영 철")


def test_other_words_are_written_in_latin_letters() -> None:
    assert latin("Банк внешней торговли") == "bank vneshney torgovli"
    assert latin("Ельцин, подъезд") == "yeltsin, podyezd"
    assert any(one.text == "bank razvitiya" for one in transcriptions("Банк развития"))
