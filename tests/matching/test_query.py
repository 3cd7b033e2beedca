"""Identifiers in the forms in which tables and papers have them; texts that cannot be searched for."""

import pytest

from app.matching.index import Index, IndexedName, Kind, identifier_forms
from app.matching.query import is_scientific, normalize_identifier, parse, unsearchable_reason


@pytest.mark.parametrize(
    ("written", "normalised"),
    [
        ("8909575.0", "8909575"),
        ("IMO 8909575", "8909575"),
        ("IMO890 9575", "8909575"),
        ("IM08909575", "8909575"),
        ("08909575", "8909575"),
        ("８９０９５７５", "8909575"),
        ("KPe.7", "kpe007"),
        ("KPE-007", "kpe007"),
        ("ABCDKPPYXXX", "abcdkppy"),
        ("SWIFT ABCDKPPY", "abcdkppy"),
        ("PS-472.330.208", "ps472330208"),
    ],
)
def test_identifiers_are_normalised(written: str, normalised: str) -> None:
    assert normalize_identifier(written) == normalised


@pytest.mark.parametrize(
    ("query", "identifier"),
    [
        ("vessel 8909575 of unknown name", "8909575"),
        ("pay to SWIFT ABCDKPPY", "abcdkppy"),
        ("passport PS472330208", "ps472330208"),
        ("89O9575", "8909575"),
        ("no. 89l9575", "8919575"),
    ],
)
def test_identifiers_are_found_beside_words(query: str, identifier: str) -> None:
    assert identifier in parse(query).identifiers


def test_a_number_is_found_without_its_letters_but_no_short_one() -> None:
    assert identifier_forms("PS472330208") == {"ps472330208", "472330208"}
    assert identifier_forms("KP12345") == {"kp12345"}
    index = Index([IndexedName(0, "PS472330208", Kind.IDENTIFIER)])
    assert index.scores(index.read("472330208")) == {0: 1.0}
    assert index.scores(index.read("472330209")) == {}


@pytest.mark.parametrize("text", ["9.163166E+06", "9,163166e6", "9E6"])
def test_scientific_notation_is_an_error_that_says_so(text: str) -> None:
    assert is_scientific(text)
    assert "scientific notation" in (unsearchable_reason(text) or "")


def test_line_breaks_separate_names_and_other_control_characters_are_refused() -> None:
    assert unsearchable_reason("SE PHO\nRA NAM 2") is None
    assert "control character" in (unsearchable_reason("SE\x00PHO") or "")


def test_what_was_not_compared_is_listed_with_the_reason() -> None:
    parsed = parse("Capt. Pak Han Se สมชาย")
    assert ("สมชาย", "a script that is not read") in parsed.not_compared
    assert any(text == "Capt" for text, _ in parsed.not_compared)
    assert parsed.parts[0] == "Capt. Pak Han Se สมชาย"


def test_a_persons_name_is_told_from_a_ships() -> None:
    assert parse("Pak Han Se").is_likely_person
    assert not parse("Alpha Star 7").is_likely_person
