"""Countries as the UN's lists have written them over the years, read as ISO 3166-1 alpha-2 codes."""

import gettext
import re
from functools import lru_cache

import pycountry

from app.fields.countries import country_code
from app.fields.text import fold

LONGEST = 200
"""Longest name of a country, in characters."""

UN_LANGUAGES = ("ar", "es", "fr", "ru", "zh_CN")
"""The UN's official languages besides English, as pycountry names its translations."""

_EARLIER_AND_SHORT = {
    "DPR of Korea": "KP",
    "DPRK": "KP",
    "RPDC": "KP",  # French and Spanish: République populaire démocratique de Corée
    "North Korea": "KP",
    "ROK": "KR",
    "South Korea": "KR",
    "PRC": "CN",
    "UAE": "AE",
    "Burma": "MM",
    "Byelorussia": "BY",
    "Cape Verde": "CV",
    "Czech Republic": "CZ",
    "Democratic Republic of the Congo": "CD",
    "DRC": "CD",
    "Great Britain": "GB",
    "Ivory Coast": "CI",
    "Laos": "LA",
    "Libyan Arab Jamahiriya": "LY",
    "Macau": "MO",
    "Occupied Palestinian Territory": "PS",
    "Palestinian Territories": "PS",
    "State of Palestine": "PS",
    "Swaziland": "SZ",
    "Syria": "SY",
    "The former Yugoslav Republic of Macedonia": "MK",
    "Turkey": "TR",
    "United Kingdom of Great Britain and Northern Ireland": "GB",
    "USSR": "RU",
    "Soviet Union": "RU",
    "Vietnam": "VN",
    "Zaire": "CD",
}
"""Names that a UN list used before a State changed its own, short forms, and forms that the ISO table has not."""

_INVERTED = re.compile(r"([^()]+) \(([^()]+ of(?: the)?)\)")
_REGION = re.compile(r"(?:china, ?)?(.+?),? (?:special administrative region|s\.?a\.?r\.?)(?:,? (?:of )?\(?china\)?)?")


@lru_cache(maxsize=1)
def _codes() -> dict[str, str]:
    """Map folded names in the UN's other languages, earlier names and short forms to alpha-2 codes."""
    codes: dict[str, str] = {}
    for language in UN_LANGUAGES:
        translation = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=[language], fallback=True)
        for country in pycountry.countries:
            for kind in ("name", "official_name", "common_name"):
                if english := getattr(country, kind, None):
                    translated = translation.gettext(english)
                    codes.setdefault(fold(translated), country.alpha_2)
                    head, comma, tail = translated.partition(", ")  # "Corée, République populaire démocratique de"
                    if comma:
                        codes.setdefault(fold(f"{tail} {head}"), country.alpha_2)
    return codes | {fold(name): code for name, code in _EARLIER_AND_SHORT.items()}


@lru_cache(maxsize=1024)
def un_country(name: str) -> str:
    """Parse a country as a UN list prints it.

    Args:
        name: in English or another official language of the UN, today's name or an earlier one, straight or inverted:
            "Iran (Islamic Republic of)", "Hong Kong Special Administrative Region", "RPDC". The lists do not print
            ISO codes, so two letters are not read as one: "na" means "not available", not Namibia.

    Returns:
        The ISO 3166-1 alpha-2 code.

    Raises:
        ValueError: no country has this name.
    """
    if len(name) > LONGEST:
        raise ValueError("this is too long for the name of a country")
    # Brackets and commas divide a name, so it is not folded before it is taken apart.
    plain = " ".join(name.casefold().split()).removeprefix("the ")
    if len(plain) <= 2:
        raise ValueError(f"{name!r} is not the name of a country")
    inverted, region = _INVERTED.fullmatch(plain), _REGION.fullmatch(plain)
    forms = [plain]
    if inverted:
        forms.append(f"{inverted[2]} {inverted[1]}")
    if region:
        forms.append(region[1])
    # English names first: a translation may be the English name of another country.
    for form in forms:
        try:
            return country_code(form)
        except ValueError:
            if fold(form) in _codes():
                return _codes()[fold(form)]
    return country_code(name)
