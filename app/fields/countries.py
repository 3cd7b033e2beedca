"""Countries by their ISO 3166-1 alpha-2 code, with an English name beside it."""

import re
from difflib import get_close_matches
from functools import lru_cache
from typing import Annotated

import pycountry
from pydantic import AfterValidator, WithJsonSchema

from app.fields.text import fold

_INVERTED = re.compile(r"(?P<head>.+), (?P<tail>.+ of(?: the)?)")


def country_name(code: str) -> str:
    """Return the English name of a country, with ISO's inverted names set right ("Korea, Republic of").

    Raises:
        LookupError: no country has this alpha-2 code.
    """
    country = pycountry.countries.get(alpha_2=code)
    if country is None:
        raise LookupError(f"no country has the code {code!r}")
    name: str = country.name
    inverted = _INVERTED.fullmatch(name)
    return f"{inverted['tail']} {inverted['head']}" if inverted else name


@lru_cache(maxsize=1)
def _codes_by_name() -> dict[str, str]:
    """Map every folded code and name that ISO or the UN gives a country to its alpha-2 code."""
    codes: dict[str, str] = {}
    for country in pycountry.countries:
        names = [country.alpha_2, country.name, country_name(country.alpha_2)]
        names += [getattr(country, kind) for kind in ("common_name", "official_name") if hasattr(country, kind)]
        codes |= dict.fromkeys(map(fold, names), country.alpha_2)
    # Names in daily and in UN use that the ISO table has only in a longer form.
    return codes | {fold("DPRK"): "KP", fold("Russia"): "RU", fold("USA"): "US", fold("UK"): "GB"}


def every_country_name() -> frozenset[str]:
    """Return every name that ISO or the UN gives a country, folded, without the codes of two letters."""
    return frozenset(name for name in _codes_by_name() if len(name) > 2)


def country_code(text: str) -> str:
    """Return the alpha-2 code of a country given by its alpha-2 or alpha-3 code or its English name, in any case.

    Raises:
        ValueError: no country is called so; the message names the nearest one.
    """
    codes = _codes_by_name()
    wanted = fold(text)
    if wanted in codes:
        return codes[wanted]
    # Not among the names, as some codes are words (AND, ARE, CAN).
    if by_alpha_3 := pycountry.countries.get(alpha_3=text.strip().upper()):
        code: str = by_alpha_3.alpha_2
        return code
    near = get_close_matches(wanted[:80], codes, n=1, cutoff=0.75)
    hint = f"; did you mean {codes[near[0]]} ({country_name(codes[near[0]])})?" if near else ""
    raise ValueError(
        f"{text!r} is neither a code of ISO 3166-1 (alpha-2 or alpha-3) nor the English name of a country{hint}"
    )


def _known_code(code: str) -> str:
    try:
        country_name(code)
    except LookupError as error:
        raise ValueError(str(error)) from None
    return code


CountryCode = Annotated[str, AfterValidator(_known_code)]
"""An ISO 3166-1 alpha-2 code in capitals, as the seed writes it."""

Country = Annotated[
    str,
    AfterValidator(country_code),
    WithJsonSchema({"type": "string", "format": "country", "minLength": 2, "maxLength": 80}),
]
"""A country in a request: alpha-2 or alpha-3 code or English name, parsed to the alpha-2 code."""
