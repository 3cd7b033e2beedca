"""Countries by code and by name."""

import pytest

from app.fields.countries import country_code, country_name


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("KP", "KP"),
        ("kp", "KP"),
        ("DPRK", "KP"),
        ("North Korea", "KP"),
        ("Democratic People's Republic of Korea", "KP"),
        ("Democratic People’s Republic of Korea", "KP"),
        ("China", "CN"),
        ("united states", "US"),
        ("Vietnam", "VN"),
        ("Viet Nam", "VN"),
        ("Côte d'Ivoire", "CI"),
        ("cote d’ivoire", "CI"),
        ("Russia", "RU"),
    ],
)
def test_a_country_is_found_by_code_and_name(asked: str, code: str) -> None:
    assert country_code(asked) == code


def test_a_slip_is_refused_with_what_is_near() -> None:
    with pytest.raises(ValueError, match=r"did you mean KH \(Cambodia\)"):
        country_code("Camboda")
    with pytest.raises(ValueError, match="neither") as refused:
        country_code("Atlantis of the deep")
    assert "did you mean" not in str(refused.value)


def test_names_stand_the_right_way_round() -> None:
    assert country_name("KP") == "Democratic People's Republic of Korea"
    assert country_name("SL") == "Sierra Leone"
    assert country_name("VG") == "Virgin Islands, British"
    with pytest.raises(LookupError):
        country_name("XX")
