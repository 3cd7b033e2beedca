"""Values of a screening file as people and programs write them: States, kinds of subject, numbers, missing values.

Every parser here returns the normal form or raises ValueError with a message for the person whose file it is. None of
them guesses: where a text can mean two States or two kinds, it is not read. Dates are in `dates`.
"""

import csv
import gettext
import re
import unicodedata
from collections.abc import Callable, Iterable
from contextlib import suppress
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

import pycountry
from stdnum import imo

from app.fields.countries import country_code, country_name
from app.fields.text import fold
from app.vocabularies import SubjectKind

_MISSING = frozenset(
    # What pandas.read_csv takes for missing unless told otherwise (its parameter na_values) …
    [
        *("", "#n/a", "#n/a n/a", "#na", "-1.#ind", "-1.#qnan", "-nan", "1.#ind", "1.#qnan", "<na>", "n/a", "na"),
        *("null", "nan", "none"),
        # … what it writes for a missing day, what SQL exports write, what people write …
        *("nat", "\\n", "(null)", "[null]", "<null>", "nil", "n.a.", "n.a", "n/k", "n.k.", "(none)", "(blank)"),
        *("not available", "not applicable", "not known", "unknown", "not specified", "undefined", "not provided"),
        *("tbc", "tbd", "tba", "to be confirmed", "to be determined", "to be advised", "unk", "unk.", "n.n.", "nn"),
        *("no data", "not stated", "not given", "not disclosed", "not recorded", "not found", "missing", "empty"),
        *("blank", "unspecified", "unbekannt", "inconnu", "desconocido", "미상", "없음"),
        *("해당없음", "해당 없음"),
        # … and the errors of Excel (ECMA-376 Part 1, section 18.17.3), in place of a value that is lost.
        *("#ref!", "#value!", "#name?", "#div/0!", "#num!", "#null!", "#getting_data", "#spill!", "#calc!", "#field!"),
    ]
)
_NO_NAMES = frozenset({"0", "xx", "xxx", "xxxx", "true", "false", "inf", "-inf", "infinity"})
"""What marks a missing value, or another mistake, in a column of names only."""
LONGEST_MARKER = max(map(len, _MISSING | _NO_NAMES))
"""Characters of the longest marker of a missing value that has a letter."""


def is_missing(text: str) -> bool:
    """Say whether a text is a marker of a missing value: empty, NA, N/A, null, none, -, ? and the like, in any case."""
    folded = " ".join(text.split()).casefold()
    return folded in _MISSING or not any(map(str.isalnum, folded))


def is_missing_name(text: str) -> bool:
    """Say whether a text in a column of names is a marker of a missing value, or no name: xx, true, false.

    Na, with one capital, is a family name of Korea and not a marker.
    """
    return (is_missing(text) and text.strip() != "Na") or text.strip().casefold() in _NO_NAMES


_PROTECTED = re.compile(r'=\s*"(?P<quoted>.*)"|\'(?P<marked>.+)', re.DOTALL)
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−"), "-")


def unprotected(text: str) -> str:
    """Take away what makes a spreadsheet read a cell as text: ``="0123"``, or an apostrophe at its beginning."""
    match = _PROTECTED.fullmatch(text.strip())
    return (match["quoted"] or match["marked"] or "").replace('""', '"') if match else text


def plain(text: str) -> str:
    """Write a value in plain characters: as `unprotected`, with single blanks, and with compatible characters folded.

    Full-width digits and letters become ASCII (Unicode Standard, NFKC), every dash a hyphen, a backslash between
    numbers a slash; characters without width, such as marks of direction, are dropped.
    """
    if text.isascii() and text[:1] not in "='\"":
        return text.replace("\\", "/") if "\\" in text[1:] else text
    folded = unicodedata.normalize("NFKC", unprotected(text)).translate(_DASHES)
    shown = "".join(char for char in folded if unicodedata.category(char) != "Cf")
    return " ".join(shown.split()).strip('"').strip()


# States

_DATA = Path(__file__).parent / "data"
_LANGUAGES = ("ko", "zh_CN", "zh_TW", "ja", "de", "fr", "es", "it", "pt", "nl", "ru")
"""Languages whose names of States are read, as Debian's iso-codes translate ISO 3166-1 (they come with pycountry)."""
_OTHER_NAMES = {
    "KP": "DPR Korea|Dem. People's Rep. of Korea|Korea, Dem. People's Rep.|N Korea|DPRK|북한|조선|북조선|北朝鲜|北朝鮮|"
    "朝鲜|朝鮮|北韓|КНДР|Corée, RPD",
    "KR": "Korea, Rep.|S Korea|ROK|한국|남한|韩国|韓国|南韓",
    "GB": "Great Britain|GB",
    "TR": "Turkey",
    "MM": "Burma",
    "CI": "Ivory Coast",
    "MO": "Macau",
    "LA": "Lao PDR",
    "CD": "DR Congo|DRC|Congo, Dem. Rep.",
    "HK": "Hong Kong SAR|Hong Kong, China|Hong Kong SAR, China",
    "PS": "Palestine",
    "AE": "UAE",
}
"""Names in use that ISO 3166-1 does not have, or not any more; Korea alone can be either of two."""


@lru_cache(maxsize=1)
def _codes() -> dict[str, str]:
    """Map ISO 3166-1's codes, and names folded by `squeeze` and by `_bag`, to alpha-2 codes.

    The names are ISO's in English and in `_LANGUAGES`, and the adjectives of nationalities.csv, which are those of the
    reference data of the United Kingdom's Department for Education (Register trainee teachers, nationality, v2025.0). A
    name of two States is left out.
    """
    codes: dict[str, str] = {}
    names: list[tuple[str, str]] = []
    for country in pycountry.countries:
        names.append((country_name(country.alpha_2), country.alpha_2))
        names += [(getattr(country, kind), country.alpha_2) for kind in _NAMES if hasattr(country, kind)]
        codes |= {country.alpha_3.casefold(): country.alpha_2, country.numeric: country.alpha_2}
    names += [(name, code) for code, in_use in _OTHER_NAMES.items() for name in in_use.split("|")]
    for fold_name in (squeeze, _bag):
        codes = _unambiguous(names, fold_name) | codes
    for fold_name in (squeeze, _bag):
        codes = _unambiguous([*_translated_names(), *_nationalities()], fold_name) | codes
    return codes


_NAMES = ("name", "common_name", "official_name")


def _unambiguous(names: Iterable[tuple[str, str]], fold_name: Callable[[str], str]) -> dict[str, str]:
    """Map folded names to the codes of their States, but for names of two States and single letters."""
    found: dict[str, set[str]] = {}
    for name, code in names:
        found.setdefault(fold_name(name), set()).add(code)
    return {name: codes.pop() for name, codes in found.items() if len(codes) == 1 and len(name) > 1}


def _bag(text: str) -> str:
    """Fold a name to its words in the order of the alphabet, without those that say nothing: Korea (North)."""
    words = ({"st": "saint", "dem": "democratic", "rep": "republic"}.get(word, word) for word in fold(text).split())
    return " ".join(sorted(set(words) - {"the", "of", "and"}))


def _translated_names() -> list[tuple[str, str]]:
    found = []
    for language in _LANGUAGES:
        words = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=[language], fallback=True)
        for country in pycountry.countries:
            names = [getattr(country, kind, None) for kind in _NAMES]
            found += [(words.gettext(name), country.alpha_2) for name in names if name]
    return found


def _nationalities() -> list[tuple[str, str]]:
    with (_DATA / "nationalities.csv").open(encoding="utf-8", newline="") as file:
        return [(row["nationality"], row["state"]) for row in csv.DictReader(file)]


def squeeze(text: str) -> str:
    """Fold a text to its letters and digits, without case, accents, blanks and marks."""
    return re.sub(r"[\W_]", "", fold(text))


_SEVERAL = re.compile(r"\s*(?:[;/|+&\n]|,|\band\b|\bor\b)\s*", re.IGNORECASE)
"""What is between two values in one cell."""


@lru_cache(maxsize=8192)
def parse_state(text: str) -> str:
    """Parse a State to its ISO 3166-1 alpha-2 code.

    Reads alpha-2, alpha-3 and numeric codes (also 408.0, and 4 for 004), names as ISO and the UN give them, in English
    and in the languages that offices here most often write, adjectives (North Korean), in any case, with or without
    points between initials (D.P.R.K.), an article before them, a code in brackets behind them, or a code and a name
    (``KP - North Korea``). NA is a marker of a missing value and never Namibia, which is NAM or Namibia.

    Raises:
        ValueError: it is no such code or name, or names two States.
    """
    bare = re.sub(r"^[\[({](.*)[\])}]$", r"\1", " ".join(text.split()))
    if squeeze(bare) == "na":
        raise ValueError("NA is read as not known; Namibia is NAM")
    number = without_fraction(bare)
    if number.isascii() and number.isdecimal() and len(number.lstrip("0")) <= 3:
        bare = number.lstrip("0").zfill(3)
    if found := _state(bare):
        return found
    if match := re.fullmatch(r"(?P<code>[A-Za-z]{2,3})\s*[-–:,/(\[]\s*(?P<name>.{4,}?)[)\]]?", bare):
        return _same_state(match["code"], match["name"])
    if match := re.fullmatch(r"(?P<name>.{4,}?)\s*(?:[-–:,/]\s*|[(\[])(?P<code>[A-Z]{2,3})[)\]]?", bare):
        return _same_state(match["code"], match["name"])
    several = [part for part in _SEVERAL.split(bare) if part]
    states = list(dict.fromkeys(map(_state, several)))
    if len(several) > 1 and all(states):
        if len(states) == 1 and states[0]:
            return states[0]
        raise ValueError(f"{text!r} names {len(states)} States, {' and '.join(map(str, states))}")
    return country_code(text)


def _state(bare: str) -> str | None:
    """Find the State of one code or name; None where there is none."""
    for candidate in (bare, bare.replace(".", ""), re.sub(r"(?i)^the\s+", "", bare)):
        with suppress(ValueError):
            return _codes().get(squeeze(candidate)) or country_code(candidate)
    return _codes().get(_bag(bare)) or _codes().get(_bag(bare.replace(".", "")))


def _same_state(code: str, name: str) -> str:
    by_code, by_name = (_codes().get(code.casefold()) or country_code(code)), parse_state(name)
    if by_code != by_name:
        raise ValueError(f"{code} and {name} are two States")
    return by_code


# Kinds

_PERSON, _ENTITY, _VESSEL = (SubjectKind.INDIVIDUAL,), (SubjectKind.ENTITY,), (SubjectKind.VESSEL,)
_ANY: tuple[SubjectKind, ...] = ()


def _spaced(text: str) -> str:
    """Fold an expression to its words, without marks and numbers."""
    return " ".join(re.sub(r"[\W\d_]+", " ", fold(text)).split())


def _words(text: str) -> tuple[str, ...]:
    return tuple(map(_spaced, text.split(",")))


_KINDS: dict[str, tuple[SubjectKind, ...]] = {
    **dict.fromkeys(
        _words(
            "individual, person, natural person, physical person, private individual, private person, human, people, "
            "ind, indiv, pers, man, woman, natural, physical, private customer, private client, "
            "natürliche Person, Privatperson, personne physique, particulier, persona física, persona natural, "
            "pessoa física, 개인, 자연인, 个人, 個人, 自然人, физическое лицо"
        ),
        _PERSON,
    ),
    **dict.fromkeys(
        _words(
            "entity, company, organisation, organization, corporation, corporate, firm, business, bank, legal person, "
            "juridical person, juridical, legal, association, enterprise, institution, group, org, partnership, "
            "public body, corp, foundation, ngo, body corporate, corporate body, corporate customer, corporate client, "
            "charity, trust, fund, government, university, "
            "juristische Person, Unternehmen, Firma, Gesellschaft, personne morale, société, entreprise, "
            "persona jurídica, empresa, sociedad, pessoa jurídica, 법인, 회사, 기업, 단체, 法人, 公司, 企业, "
            "юридическое лицо, организация, компания"
        ),
        _ENTITY,
    ),
    # FollowTheMoney's LegalEntity is a person or an organisation.
    **dict.fromkeys(_words("legal entity, LegalEntity, private, sole trader, sole proprietor"), (*_PERSON, *_ENTITY)),
    **dict.fromkeys(_words("non-individual, nonindividual"), (*_ENTITY, *_VESSEL)),
    **dict.fromkeys(
        _words(
            "vessel, ship, boat, mv, mt, ms, ss, vsl, motor vessel, motor tanker, tanker, cargo ship, bulker, "
            "bulk carrier, gas carrier, ore carrier, LNG carrier, LPG carrier, vehicle carrier, container ship, "
            "merchant ship, merchant vessel, oil tanker, tug, cargo vessel, barge, yacht, ferry, trawler, dredger, "
            "general cargo ship, general cargo, fishing vessel, ro-ro, Schiff, navire, buque, nave, navio, 선박, 船舶, "
            "船, судно"
        ),
        _VESSEL,
    ),
    # What somebody is to the office whose file it is: of any kind.
    **dict.fromkeys(
        _words(
            "party, customer, client, supplier, vendor, counterparty, third party, beneficiary, beneficial owner, "
            "owner, director, shareholder, employee, crew, other, others, all, any"
        ),
        _ANY,
    ),
}
_HEADS = {
    **dict.fromkeys(_words("person, individual"), _PERSON),
    **dict.fromkeys(
        _words("company, corporation, organisation, organization, institution, firm, partnership, entity"), _ENTITY
    ),
    **dict.fromkeys(_words("ship, vessel, tanker, barge, tug, ferry, yacht, trawler, dredger"), _VESSEL),
}
"""Nouns by whose kind a longer expression is read that ends in them: politically exposed person, chemical tanker."""
_NO_HEAD = re.compile(r"\b(?:non|not|no|of|on|for|by|to|in|at|with|from|ex|former)\b")
"""With such a word, what the expression is about is not its last word: master of vessel."""


@lru_cache(maxsize=1024)
def parse_kind(text: str) -> tuple[SubjectKind, ...]:
    """Parse a kind of subject: person, company, ship, M/V and the like, in the singular or plural, in any case.

    Reads several (person / company), a word and its explanation (Natural person (individual)), and longer expressions
    by their last word (chemical tanker). Single letters and numbers are codes of somebody's own and are not read.

    Returns:
        The kinds that it can be: more than one where the word leaves it open, such as legal entity; none where it says
        nothing of the kind, such as customer.

    Raises:
        ValueError: it is no such word.
    """
    if (found := _exactly(text)) is not None:
        return found
    parts = [part for part in re.split(r"[;/,|+&()\n]|\band\b|\bor\b", text, flags=re.IGNORECASE) if part.strip()]
    kinds = [_kind(part) for part in parts]
    if len(kinds) == 1 and kinds[0] is not None:
        return kinds[0]
    if len(kinds) > 1 and all(kinds):
        return tuple(kind for kind in SubjectKind if any(kind in one for one in kinds if one))
    raise ValueError(f"{text!r} is no kind of subject; write individual (person), entity (company) or vessel (ship)")


def _exactly(text: str) -> tuple[SubjectKind, ...] | None:
    spaced = _spaced(text)
    words = (spaced, spaced.replace(" ", ""), *_singulars(spaced))
    return next((_KINDS[word] for word in words if word in _KINDS), None)


def _kind(text: str) -> tuple[SubjectKind, ...] | None:
    """Find the kinds of one expression, of a longer one by its last word; None where it is no such word."""
    if (found := _exactly(text)) is not None:
        return found
    spaced = _spaced(text)
    if " " not in spaced or _NO_HEAD.search(spaced):
        return None
    last = spaced.split()[-1]
    return next((_HEADS[word] for word in (last, *_singulars(last)) if word in _HEADS), None)


def _singulars(word: str) -> list[str]:
    found = [word[:-3] + "y"] if word.endswith("ies") else []
    return [*found, word[:-1]] if word.endswith("s") else found


# Identifiers

_AS_FLOAT = re.compile(r"([0-9]+)[.,]0+")
_SCIENTIFIC = re.compile(r"[0-9](?:[.,](?P<fraction>[0-9]+))?e\+?(?P<exponent>[0-9]{1,2})", re.IGNORECASE)


def without_fraction(text: str) -> str:
    """Write a number that a spreadsheet or a data frame made a float of (9163166.0) without its noughts."""
    match = _AS_FLOAT.fullmatch(text.strip())
    return match[1] if match else text


def in_full(text: str) -> str:
    """Write a number in scientific notation with all its digits: 9.163166E+06 is 9163166.

    Raises:
        ValueError: it has lost digits (9.16E+06).
    """
    match = _SCIENTIFIC.fullmatch(text.strip())
    if not match:
        return text
    if len(match["fraction"] or "") < int(match["exponent"]):
        raise ValueError(
            f"{text!r} is a number in scientific notation, which has lost digits; format the column as text"
        )
    return str(int(Decimal(text.strip().replace(",", "."))))


_BETWEEN_NUMBERS = re.compile(r"[;/|&\n]|,(?=\s)|\b(?:and|ex)\b|[()]", re.IGNORECASE)
_IMO_NUMBER = re.compile(r"[^0-9]{0,20}?(?P<digits>[0-9](?:[ .,-]?[0-9]){6})(?![0-9a-z])[^0-9]{0,20}", re.IGNORECASE)
_NO_NUMBER = re.compile(r"(?i)(?:imo)?(?:no|nr|number)?[0\W]*")


def is_no_number(text: str) -> bool:
    """Say whether a number is only noughts or its label, as is written for a number that is not known."""
    return bool(_NO_NUMBER.fullmatch(text)) or is_missing(re.sub(r"(?i)^imo\b\W*", "", text))


@lru_cache(maxsize=8192)
def parse_imo_numbers(text: str) -> tuple[str, ...]:
    """Parse IMO ship identification numbers: each seven digits, with or without a label before them, also as a float.

    Args:
        text: one number, or several in one cell.

    Raises:
        ValueError: a part of it has not seven digits. The check digit is not required: see `wrong_check_digits`.
    """
    parts = [part for part in _BETWEEN_NUMBERS.split(text) if re.search("[0-9]", part)]
    matches = [_IMO_NUMBER.fullmatch(in_full(without_fraction(part))) for part in parts]
    numbers = [re.sub("[^0-9]", "", match["digits"]) for match in matches if match]
    if not numbers or len(numbers) < len(parts):
        raise ValueError(f"{text!r} is no IMO number, which has seven digits")
    return tuple(dict.fromkeys(numbers))


def wrong_check_digits(numbers: tuple[str, ...]) -> str | None:
    """Name the IMO numbers whose last digit does not follow from the others (IMO resolution A.1117(30)), or None.

    A mistyped number finds nothing, so the line that has it is marked.
    """
    wrong = [number for number in numbers if not imo.is_valid(number)]
    return f"{' and '.join(wrong)} has a wrong check digit, so it may be mistyped" if wrong else None
