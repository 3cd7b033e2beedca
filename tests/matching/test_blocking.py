"""Blocking loses nothing: what it rejects has no hit when it is compared with every name in full."""

import csv
import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.database import open_dataset
from app.matching.blocking import Blocker
from app.matching.blocking.bitsets import bits_of, each_bit
from app.matching.index import Kind
from app.screening.screener import Screener, ScreeningQuery
from app.settings import ROOT
from benchmarks.names.spellings import slips
from benchmarks.screening.generate import customers

THRESHOLD = 0.88


@pytest.fixture(scope="module")
def screener(database: Path) -> Screener:
    dataset = open_dataset(database)
    opened = Screener(dataset)
    dataset.close()
    return opened


@pytest.fixture(scope="module")
def blocker(screener: Screener) -> Blocker:
    return screener.blocker(THRESHOLD)


def lost(screener: Screener, blocker: Blocker, texts: Iterator[str]) -> list[str]:
    """List the texts that are rejected, and have a hit in full."""
    rejected = [text for text in texts if text.strip() and not blocker.may_match(text)]
    return [text for text in rejected if screener.screen(ScreeningQuery(text), THRESHOLD, None, False).hits]


def altered(name: str, choice: random.Random) -> Iterator[str]:
    """Alter a name as typists, scanners and systems do, and put it beside other words."""
    yield name
    yield from (slipped for _, slipped in slips(name, 1))
    place = choice.randrange(1, max(2, len(name)))
    yield f"{name[:place]} {name[place:]}"
    yield from (name.replace(" ", "", 1), name.replace(" ", ""), " ".join(reversed(name.split())), name[:22])
    yield from (name.lower().replace("i", "1"), f"Mr {name}", f"{name}, Pyongyang", f"{name} and John Smith")
    yield from (f"payment to {name} for goods", f"{name} V.12", f"NORTH WIND prev. name {name}")
    yield from (f"Mountain View tanker {name}", name.replace(" ", " (Mountain) ", 1))


def test_no_listed_name_is_lost_however_it_is_altered(screener: Screener, blocker: Blocker) -> None:
    choice = random.Random(1718)
    names = choice.sample([one.text for one in screener.index.listed], 150)
    assert not lost(screener, blocker, (text for name in names for text in altered(name, choice)))


def test_no_listed_name_is_lost_whose_words_are_split_and_misspelt(screener: Screener, blocker: Blocker) -> None:
    """The slip can be in the first part of a word, in the second, or be the two letters beside the blank swapped."""
    choice = random.Random(17)
    texts: list[str] = []
    for name in choice.sample([one.text for one in screener.index.listed], 80):
        place = choice.randrange(1, max(2, len(name)))
        begin, end = name[:place], name[place:]
        texts += [f"{begin[:-2]}{begin[-1:]}{begin[-2:-1]} {end}", f"{begin} {end[1:2]}{end[:1]}{end[2:]}"]
        texts += [f"{begin[:-1]}{end[:1]} {begin[-1:]}{end[1:]}", f"{begin} {end}s", f"{end}, {begin}"]
    assert not lost(screener, blocker, iter(texts))


def test_no_listed_name_is_lost_that_is_cut_into_several_pieces_with_a_typo_in_one(
    screener: Screener, blocker: Blocker
) -> None:
    """What two neighbours can be the beginning of is remembered of them, and a typo can be in any of several pieces."""
    choice = random.Random(1960)
    texts: list[str] = []
    others = [one for one in screener.index.listed if not one.is_person and one.kind is Kind.NAME]
    for one in choice.sample(others, 100):
        text = one.text
        for _ in range(choice.choice([2, 3])):
            place = choice.randrange(1, max(2, len(text)))
            text = f"{text[:place]} {text[place:]}"
        place = choice.randrange(len(text))
        slipped = (text[:place] + text[place + 1 :], f"{text[:place]}{text[place]}{text[place:]}")
        beginning, _, rest = text.partition(" ")
        texts += [text, *slipped, f"{rest}, {beginning}", f"{text} ltd", f"{slipped[0]}, Hamburg"]
    assert not lost(screener, blocker, iter(texts))


def test_no_listed_name_is_lost_that_is_in_quotation_marks(screener: Screener, blocker: Blocker) -> None:
    choice = random.Random(1962)
    names = choice.sample([one.text for one in screener.index.listed], 60)
    around = ('"{}"', '"{}', '{}"', '" {} "', '"MT {}"', 'Hans "{}" Meyer', '"{}" "Meyer"', '"{}, Hamburg"')
    assert not lost(screener, blocker, (quoted.format(name) for name in names for quoted in around))


def test_no_reference_number_is_lost_that_has_blanks_within(screener: Screener, blocker: Blocker) -> None:
    references = [one.text for one in screener.index.listed if one.text.startswith("KP")]
    spaced = [f"{text[:place]} {text[place:]}" for text in references[::20] for place in range(1, len(text))]
    assert spaced
    assert not lost(screener, blocker, iter(spaced))


def test_an_ordinary_name_in_quotation_marks_is_rejected_as_it_is_without_them(blocker: Blocker) -> None:
    assert blocker.reject('"Katarzyna Kowalski"') == ()
    assert blocker.reject('"MT BLUE HARBOUR"') == blocker.reject("MT BLUE HARBOUR") != ()


_LATIN_BESIDE = ("s", "A", "7", "Mr", "kim", "Hans Meyer", "é", "(x)", "(주)")
_HANGUL_BESIDE = ("철", "김", "대사", "님", "(주)", "(홍길동)")
_SIGNS_BETWEEN = ("", " ", ".", ", ", "-", "/", " (", ") ")


def put_in(name: str, others: Sequence[str], choice: random.Random) -> str:
    """Put a word at any place of a name, with any sign before and behind it."""
    place = choice.randrange(len(name) + 1)
    before, behind = choice.choice(_SIGNS_BETWEEN), choice.choice(_SIGNS_BETWEEN)
    return f"{name[:place]}{before}{choice.choice(others)}{behind}{name[place:]}"


def test_no_listed_name_is_lost_in_which_hangul_and_latin_letters_are_mixed(
    screener: Screener, blocker: Blocker
) -> None:
    """Hangul names, split, joined or neither, with Latin letters at any place; Latin names with Hangul at any place."""
    choice = random.Random(1950)
    in_hangul = [one.text for one in screener.index.listed if re.search("[가-힣]", one.text)]
    in_latin = [one.text for one in screener.index.listed if one.text.isascii() and one.is_person]
    texts: list[str] = []
    for _ in range(1_500):
        name = choice.choice(in_hangul)
        place = choice.randrange(len(name))
        spaced = choice.choice([name, f"{name[:place]} {name[place:]}", name.replace(" ", "")])
        texts += [put_in(spaced, _LATIN_BESIDE, choice), put_in(choice.choice(in_latin), _HANGUL_BESIDE, choice)]
    assert not lost(screener, blocker, iter(texts))


def test_no_listed_name_is_lost_that_signs_without_blanks_set_apart(screener: Screener, blocker: Blocker) -> None:
    choice = random.Random(1953)
    texts = []
    for one in choice.sample(screener.index.listed, 150):
        for sign in ("/", ",", ";", ":", "+", "(", ") ", '"', "#"):
            texts += [f"Hans Meyer{sign}{one.text}", f"{one.text}{sign}E Meyer", f"E Meyer aka{sign}{one.text}"]
    assert not lost(screener, blocker, iter(texts))


def test_no_listed_name_is_lost_that_brackets_divide(screener: Screener, blocker: Blocker) -> None:
    choice = random.Random(1955)
    texts = []
    for one in choice.sample(screener.index.listed, 150):
        place = choice.randrange(1, max(2, len(one.text)))
        texts += [f"{one.text[:place]} ({other}) {one.text[place:]}" for other in ("x", "Mr", "Hans Meyer", "주")]
    assert not lost(screener, blocker, iter(texts))


def test_texts_in_two_scripts_or_with_signs_within_are_rejected_where_nothing_in_them_is_a_name(
    blocker: Blocker,
) -> None:
    texts = ("Katarzyna/Nowak", "Katarzyna (Anna) Kowalski", "Kowalski 서울 Anna", "c/o Katarzyna Kowalski")
    assert not [text for text in texts if blocker.may_match(text)]


@pytest.mark.parametrize(("file", "column"), [("press", "spelling"), ("entities", "spelling"), ("hangul", "hangul")])
def test_no_spelling_that_is_in_use_is_lost(screener: Screener, blocker: Blocker, file: str, column: str) -> None:
    with (ROOT / f"benchmarks/names/{file}.csv").open(encoding="utf-8", newline="") as opened:
        assert not lost(screener, blocker, (row[column] for row in csv.DictReader(opened)))


def test_no_customer_is_lost_and_most_are_rejected(screener: Screener, blocker: Blocker) -> None:
    names = [cells[1] for cells in customers(1_500)]
    assert not lost(screener, blocker, iter(names))
    assert sum(map(blocker.may_match, names)) < len(names) / 8


@settings(max_examples=100)
@given(st.data())
def test_no_mixture_of_listed_words_is_lost(screener: Screener, blocker: Blocker, data: st.DataObject) -> None:
    words = sorted({word for one in screener.index.listed for word in one.text.split()})
    text = data.draw(st.lists(st.sampled_from(words), min_size=1, max_size=4))
    between = data.draw(st.sampled_from([" ", "-", "", ", ", "'"]))
    assert not lost(screener, blocker, iter([between.join(text), between.join(text).lower()]))


def test_what_is_set_aside_of_a_rejected_text_is_what_is_set_aside_of_it_in_full(
    screener: Screener, blocker: Blocker
) -> None:
    texts = [cells[1].strip() for cells in customers(1_000)] + [
        *("John Smith V.12", "LEE Voy 7", "이순신 대사", "c/o Hans Meyer", "C/O Hans", "M/V Blue Sky", "M.V. Blue Sky"),
        *("The Hon. Hans Meyer", "Meyer, Hon Consul", "Hans Meyer, South Africa", "Hans Meyer South", "Ho Son Trading"),
        *("Hans Meyer, Hong Kong", "Hong Meyer Kong", "S.A. Meyer", "Hans & Sons Co., Ltd.", "Tel. 12345 Hans"),
    ]
    rejected = [text for text in texts if not blocker.may_match(text)]
    assert len(rejected) > len(texts) / 2
    for text in rejected:
        assert blocker.reject(text) == screener.index.read(text).not_compared


def test_other_scripts_and_numbers_are_left_to_the_comparison_in_full(blocker: Blocker) -> None:
    for text in ("Ким Ен Чхоль", "金英哲", "9163166", "IMO 9163166", "KPi.024", "Kim&nbsp;Yong"):
        assert blocker.may_match(text)
    assert not blocker.may_match("Katarzyna Kowalski")


@pytest.mark.parametrize("numbers", [[], [0], [7, 8, 9, 9], [1000, 3, 64]])
def test_a_set_of_numbers_has_their_bits(numbers: list[int]) -> None:
    assert [bit.bit_length() - 1 for bit in each_bit(bits_of(numbers))] == sorted(set(numbers))
