"""Texts as offices hold them: several names in one field, words beside a name, marks that systems leave in names."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.matching.segments import MAX_PARTS, MAX_WINDOWS, repair, segment
from app.matching.vocabulary import GENERIC, set_aside


@pytest.mark.parametrize(
    ("written", "repaired"),
    [
        ("O&#39;Neil", "O'Neil"),
        ("A &amp;amp; B", "A & B"),
        ("Châ€™ang", "Ch'ang"),
        ("Pyongyang", "Pyongyang"),
        ("CH?ONG", "CH'ONG"),
        ("Ch´ang", "Ch'ang"),
        ("'SE PHO'", "SE PHO"),
        ('"RA NAM 2"', "RA NAM 2"),
        ("HU CHANG@@@@@@", "HU CHANG"),
        ("P<PRKPAK<<HAN<SE<<<<<<<<", "PAK HAN SE"),
        ("PAK<<HAN<SE", "PAK HAN SE"),
        ("Ch\u02bcang", "Ch'ang"),
        ("Ch\u02bfang", "Ch'ang"),
        ("Ch\ua78cang", "Ch'ang"),
        ("Ch\u1fbdang", "Ch'ang"),
        ("Ch\x92ang", "Ch'ang"),
        ("Ch\xe2\x80\x99ang", "Ch'ang"),
        ("Py\xc5\x8fngyang", "Py\u014fngyang"),
        ("\xd0\x9f\xd0\xb0\xd0\xba", "\u041f\u0430\u043a"),
        ("\xeb\xb0\x95", "\ubc15"),
        ("Ch%27ang%20Ho", "Ch'ang Ho"),
        ("Ch\\u2019ang", "Ch'ang"),
        ("Ch\\'ang", "Ch'ang"),
        ("100%25 COTTON", "100% COTTON"),
        ("50%AC", "50%AC"),
        ("P a k H a n", "PakHan"),
        ("박 한 세", "박 한 세"),
        ('ALPHA "SE PHO"', 'ALPHA "SE PHO"'),
        ("who?", "who?"),
    ],
)
def test_marks_that_systems_leave_are_undone(written: str, repaired: str) -> None:
    assert repair(written).strip() == repaired


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("ALPHA STAR (EX SE PHO)", "SE PHO"),
        ("ALPHA STAR EX-SE PHO", "SE PHO"),
        ("ALPHA STAR f.k.a. SE PHO", "SE PHO"),
        ("ALPHA STAR, formerly known as SE PHO", "SE PHO"),
        ("ALPHA STAR A/K/A SE PHO", "SE PHO"),
        ("ALPHA STAR alias SE PHO", "SE PHO"),
        ("ALPHA STAR or SE PHO", "SE PHO"),
        ("ALPHA STAR & SE PHO", "SE PHO"),
        ("ALPHA STAR / SE PHO", "SE PHO"),
        ("ALPHA STAR; SE PHO", "SE PHO"),
        ("ALPHA STAR | SE PHO", "SE PHO"),
        ("ALPHA STAR\nSE PHO", "SE PHO"),
        ("ALPHA STAR, SE PHO", "SE PHO"),
        ("ALPHA STAR [SE PHO]", "SE PHO"),
        ('ALPHA STAR "SE PHO"', "SE PHO"),
        ("ALPHA STAR 'SE PHO'", "SE PHO"),
        ("ALPHA STAR «SE PHO», KP", "SE PHO"),
        ("ALPHA STAR <SE PHO>", "SE PHO"),
        ("ALPHA STAR -> SE PHO", "SE PHO"),
        ("ALPHA STAR → SE PHO", "SE PHO"),
        ("ALPHA STAR \\ SE PHO", "SE PHO"),
        ("ALPHA STAR ／ SE PHO", "SE PHO"),
        ("ALPHA STAR；SE PHO", "SE PHO"),
        ("ALPHA STAR • SE PHO", "SE PHO"),
        ("ALPHA STAR ... SE PHO", "SE PHO"),
        ("ALPHA STAR: SE PHO", "SE PHO"),
        ("ALPHA STAR\u2028SE PHO", "SE PHO"),
        ("1. ALPHA STAR 2. SE PHO", "SE PHO"),
        ("#1 ALPHA STAR #2 SE PHO", "SE PHO"),
        ("① ALPHA STAR ② SE PHO", "SE PHO"),
        ("ALPHA STAR via SE PHO", "SE PHO"),
        ("ALPHA STAR c/o SE PHO", "SE PHO"),
        ("ALPHA STAR t/a SE PHO", "SE PHO"),
        ("ALPHA STAR, prior name: SE PHO", "SE PHO"),
        ("ALPHA STAR ehem. SE PHO", "SE PHO"),
        ("ALPHA STAR бывш. SE PHO", "SE PHO"),
        ("M.T.SE PHO", "SE PHO"),
        ("M/V.SE PHO", "SE PHO"),
        ("f.v.SEPHO", "SEPHO"),
        ("1/PAK HAN SE 2/KOREA ST 5", "PAK HAN SE"),
        (":50K:/123456 PAK HAN SE", "PAK HAN SE"),
        ("/98765432 PAK HAN SE", "PAK HAN SE"),
        ("Rear Admiral PAK HAN SE, OBE", "PAK HAN SE"),
        ("PAK HAN SE Jr.", "PAK HAN SE"),
        ("Mrs. PAK HAN SE (DPRK)", "PAK HAN SE"),
        ("PAK HAN SE, born in 1950", "PAK HAN SE"),
        ("PAK HAN SE 03/04/1950", "PAK HAN SE"),
        ("PAK HAN SE TEHRAN", "PAK HAN SE"),
        ("c/o PAK HAN SE", "PAK HAN SE"),
        ("SE, Pak Han", "Pak Han SE"),
        ("M.T. SE PHO", "SE PHO"),
        ("bulk carrier SE PHO", "SE PHO"),
        ("SE PHO, IR", "SE PHO"),
        ("박한세 부위원장", "박한세"),
        ("박한세부위원장", "박한세"),
        ("세포호", "세포"),
        ("so-called Alpha Bank", "Alpha Bank"),
        ("Alpha Bank Pyongyang branch", "Alpha Bank"),
        ("Alpha Bank of the DPRK", "Alpha Bank"),
    ],
)
def test_a_name_is_split_from_what_stands_beside_it(text: str, part: str) -> None:
    assert part in [one.text for one in segment(repair(text)).segments]


def test_a_name_broken_at_the_end_of_a_line_is_looked_for_as_one() -> None:
    groups = [one.text for one in segment("INV 5 ALPHA BETA\nTRADING LTD").groups]
    assert "INV 5 ALPHA BETA TRADING LTD" in groups


@pytest.mark.parametrize("text", ["NOWAK JAN", "WASIM VIAN", "THENARD PAUL"])
def test_a_word_that_begins_like_a_separator_is_none(text: str) -> None:
    assert [one.text for one in segment(text).segments] == [text]


def test_the_whole_text_comes_first_and_is_always_compared() -> None:
    found = segment("Captain Ho of the Alpha Star")
    assert found.segments[0].text == "Captain Ho of the Alpha Star"
    assert not found.segments[0].left_over


def test_what_is_left_over_and_what_was_set_aside_is_said() -> None:
    found = segment("Mr Pak Han Se and Alpha Trading, Cairo")
    (one,) = [one for one in found.segments if one.text == "Pak Han Se"]
    assert one.left_over == ("Alpha", "Trading")
    assert not one.is_window
    assert dict(found.set_aside)["Cairo"] == "a place"
    assert "Mr" in dict(found.set_aside)


def test_a_window_is_one_of_words_that_are_syllables() -> None:
    windows = [one.text for one in segment("INVOICE PAK HAN SE GOODS").segments if one.is_window]
    assert "PAK HAN SE" in windows
    assert not [one for one in windows if "GOODS" in one]


def test_a_name_with_such_a_word_in_it_is_not_cut() -> None:
    assert [one.text for one in segment("Kim Song-ho").segments] == ["Kim Song-ho"]


@given(st.text(alphabet="abkim ()[]/,;&ex1-|\n'", max_size=300))
@settings(max_examples=60)
def test_no_text_has_too_many_parts(text: str) -> None:
    assert len(segment(repair(text)).segments) <= 3 * MAX_PARTS + MAX_WINDOWS


def test_the_tables_are_in_the_form_in_which_texts_are_compared() -> None:
    for phrase in set_aside():
        assert all(word.isalnum() and word == word.lower() for word in phrase), phrase
    assert all(word.isalpha() and word == word.lower() for word in GENERIC)
