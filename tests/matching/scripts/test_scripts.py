"""Scripts of a text: each part is found, read or named as unread, in bounded time, and always alike."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.matching import scripts
from app.matching.scripts import Script, scripts_of, syllable_readings, transcriptions, unread
from app.matching.scripts.glossary import translated
from app.matching.scripts.hanja import hangul_of
from tests.matching.scripts.agreeing import is_read_as
from tests.work import calls_of


def test_parts_of_several_scripts() -> None:
    found = scripts_of("장창하 Jang Chang Ha 張昌河 (チャン・チャンハ) Чан Чхан Ха สมชาย")
    assert [(part.script, part.text) for part in found] == [
        (Script.HANGUL, "장창하"),
        (Script.LATIN, "Jang Chang Ha"),
        (Script.HAN, "張昌河"),
        (Script.KANA, "チャン・チャンハ"),
        (Script.CYRILLIC, "Чан Чхан Ха"),
        (Script.OTHER, "สมชาย"),
    ]


def test_each_part_is_read() -> None:
    assert is_read_as("李炳鉄(リ・ビョンチョル)", "리병철")
    systems = {one.system for one in syllable_readings("張昌河 (チャン・チャンハ) Чан Чхан Ха")}
    assert systems == {"hanja, Korean reading", "kana", "Kontsevich (Cyrillic)"}


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("สมชาย", ["สมชาย"]),
        ("Kim Jong Sik קים ג'ונג", ["קים ג'ונג"]),
        ("김정식 金正植 Ким キム كيم", []),
        (" ".join(["Ким"] * 14), ["Ким Ким"]),
        ("", []),
    ],
)
def test_parts_that_are_not_read_are_named(text: str, left: list[str]) -> None:
    assert unread(text) == left


def test_what_is_behind_the_longest_text_is_named() -> None:
    assert unread("a " * 200 + "Ким Ён Чхоль") == ["Ким Ён Чхоль"]
    assert syllable_readings("a " * 200 + "Ким Ён Чхоль") == ()


@pytest.mark.parametrize("text", ["Kim Jong Sik", "김정식", "KOREA MINING", "", "123", "(-)"])
def test_plain_english_and_hangul_need_no_transcription(text: str) -> None:
    assert transcriptions(text) == ()


@given(st.text(max_size=80))
def test_any_text_is_read_alike_within_bounds(text: str) -> None:
    found = syllable_readings(text)
    assert found == syllable_readings.__wrapped__(text)
    assert len(found) <= 24
    assert len(transcriptions(text)) <= 24
    for reading in found:
        assert 1 <= len(reading.syllables) <= 4
        assert all(syllable.readings for syllable in reading.syllables)
        assert reading.hangul
    for part in scripts_of(text):
        assert text[part.start : part.start + len(part.text)] == part.text


MOST = 5_000
"""Calls that the reading of one text may take."""


@pytest.mark.parametrize(
    "text", ["ニョ" * 120, "тхитхи" * 40, "кккк " * 60, "金" * 250, "كيمو" * 60, "kh" * 120, "čjöng" * 50]
)
def test_long_repetitions_cost_little(text: str) -> None:
    syllable_readings(text[:20])
    assert calls_of(lambda: syllable_readings.__wrapped__(text)) < MOST


def test_tables_are_readable_text_and_name_their_source() -> None:
    tables = sorted(Path(scripts.__file__).parent.glob("*.tsv"))
    assert {table.stem for table in tables} == {"glossary", "hanja", "pinyin", "variants", "vietnamese"}
    for table in tables:
        comments = [line for line in table.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
        assert any(source in line for line in comments for source in ("Unihan", "OpenCC", "dictionary")), table


def test_prepared_tables_are_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    scripts.prepare()
    for cached in (syllable_readings, transcriptions, hangul_of, translated):
        cached.cache_clear()
    monkeypatch.setattr(Path, "read_text", lambda *_args, **_kwargs: pytest.fail("a table was read again"))
    for text in ("李炳鉄", "조선대성은행", "Cui Hui", "Kim Chính Ân", "长安", "Пак Мунир", "リ・ビョンチョル"):
        assert transcriptions(text)


@pytest.mark.parametrize(("text", "count"), [("ศรีสุดา", 1), ("เกาหลี ใต้", 1), ("שָׁלוֹם", 1), ("हिन्दी", 1)])
def test_marks_do_not_divide_a_word(text: str, count: int) -> None:
    assert unread(text) == [text]
    assert len(scripts_of(text)) == count
