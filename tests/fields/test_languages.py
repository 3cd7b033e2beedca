"""Languages of names by their script."""

import pytest

from app.fields.languages import is_han_alone, language_of_script


@pytest.mark.parametrize(
    ("text", "language", "han"),
    [
        ("최성일", "ko", False),
        ("조선民族보험", "ko", False),
        ("Пак Чхун Ир", "ru", False),
        ("パク・チュンイル", "ja", False),
        ("朴春日", None, True),
        ("華信船務(香港)有限公司", None, True),
        ("Jin Teng 8", None, False),
        ("12", None, False),
    ],
)
def test_a_language_is_said_where_the_script_is_certain(text: str, language: str | None, han: bool) -> None:
    assert (language_of_script(text), is_han_alone(text)) == (language, han)
