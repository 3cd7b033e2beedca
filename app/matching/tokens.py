"""Tokens of the names of ships and companies: their spellings, and how distinctive each is."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.fields.text import CACHED
from app.matching.romanization import (
    GIVEN_READINGS,
    SURNAME_READINGS,
    agreement,
    fold_letters,
    initial_readings,
    is_common,
    readings,
    splits,
)
from app.matching.scripts.chinese import fold_characters
from app.matching.typos import Typo, is_one_edit, single_typo
from app.matching.vocabulary import GENERIC, LEGAL_FORMS, PLACES

LEGAL = {
    **{form: kind for kind, forms in LEGAL_FORMS.items() for form in forms.split()},
    **dict.fromkeys(["the", "of", "and", "for", "a", "s", "mv", "ms", "mt", "de", "del", "la", "du", "et", "y"], ""),
}
"""Legal forms in one spelling, and words without meaning for a comparison."""

SHORT = {
    "intl": "international",
    "int": "international",
    "dev": "development",
    "mgmt": "management",
    "jt": "joint",
    "shpg": "shipping",
    "ship": "shipping",
    "dept": "department",
    "gen": "general",
    "natl": "national",
    "tech": "technology",
    "trdg": "trading",
    "tdg": "trading",
    "ind": "industry",
    "mach": "machinery",
    "defense": "defence",
    "centre": "center",
    "korean": "korea",
    "kor": "korea",
    "chosun": "korea",
    "choson": "korea",
    "dprk": "korea",
    "kpa": "korea",
    "kwp": "korea",
    "wpk": "korea",
    "dprkn": "korea",
    "jv": "venture",
    "exp": "export",
    "imp": "import",
    "insce": "insurance",
    "insur": "insurance",
    "commission": "committee",
    "comm": "committee",
    "room": "office",
    "bureau": "office",
    "division": "office",
    "admin": "administration",
    "administ": "administration",
    "organisation": "organization",
    "org": "organization",
    "acad": "academy",
    "inst": "institute",
    "sci": "science",
    "tec": "technology",
    "techn": "technology",
    "comml": "commercial",
    "coml": "commercial",
    "commerce": "commercial",
    "mfg": "manufacturing",
    "mgt": "management",
    "mngmt": "management",
    "mngt": "management",
    "svc": "service",
    "svcs": "service",
    "trade": "trading",
    "trad": "trading",
    "trd": "trading",
    "invest": "investment",
    "fin": "finance",
    "chem": "chemical",
    "elec": "electronics",
    "eqpt": "equipment",
    "equip": "equipment",
    "equipt": "equipment",
    "engg": "engineering",
    "govt": "government",
    "assn": "association",
    "assoc": "associated",
    "ent": "enterprise",
    "ents": "enterprise",
    "enterprises": "enterprise",
    "expt": "export",
    "impt": "import",
    "marit": "maritime",
    "bk": "bank",
    "bkg": "banking",
    "banking": "bank",
    "cr": "credit",
    "cttee": "committee",
    "cmte": "committee",
}
"""Abbreviations and other spellings of common words."""

COMMON = frozenset(
    {
        *("trading", "trade", "general", "bank", "shipping", "international", "development", "technology", "industry"),
        *("industrial", "management", "joint", "venture", "operation", "national", "foreign", "united", "import"),
        *("export", "department", "ministry", "committee", "bureau", "office", "insurance", "credit", "finance"),
        *("investment", "maritime", "marine", "overseas", "association", "enterprise", "agency", "center", "service"),
        *("technical", "machinery", "equipment", "resources", "natural", "economic", "commercial", "oil", "energy"),
    }
)
"""Tokens common to many names: each weighs less than a distinctive one."""

NUMBERS = {
    "zero": "0",
    "one": "1",
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "six": "6",
    "seven": "7",
    "eight": "8",
    "nine": "9",
    "ten": "10",
    "first": "1",
    "second": "2",
    "third": "3",
    "fourth": "4",
    "fifth": "5",
    "sixth": "6",
    "seventh": "7",
    "eighth": "8",
    "ninth": "9",
    "tenth": "10",
    "1st": "1",
    "2nd": "2",
    "3rd": "3",
    "4th": "4",
    "5th": "5",
    "6th": "6",
    "7th": "7",
    "8th": "8",
    "9th": "9",
    "10th": "10",
    "ii": "2",
    "iii": "3",
    "iv": "4",
    "vi": "6",
    "vii": "7",
    "viii": "8",
    "ix": "9",
}
"""Number words, ordinals and Roman numerals up to ten, as digits."""

LOOK_ALIKE = str.maketrans(
    "аеорсухіѕјԁһкмтвнАЕОРСУХІЅЈКМТВНαορνιτκΑΒΕΗΙΚΜΝΟΡΤΧΥΖ‐‑‒–—―",
    "aeopcyxisjdhkmtbhAEOPCYXISJKMTBHaopvitkABEHIKMNOPTXYZ------",
)
"""Letters of Cyrillic and Greek that look like Latin ones (a part of Unicode's confusables), and dashes."""

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
_APART = re.compile(r"[^0-9a-z가-힣\u3400-\u9fffŏŭ]+")

COUNTRY = "korea"
FULL, COMMON_WEIGHT, LEGAL_WEIGHT = 1.0, 0.4, 0.1
"""Weights of a distinctive token, of a common one, and of a legal form or the country."""


def clean(text: str) -> str:
    """Return a text without invisible characters, with letters of other scripts that look like Latin ones as those."""
    if text.isascii():
        return " ".join(text.split())
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    return " ".join(word.translate(LOOK_ALIKE) for word in text.split())


@lru_cache(maxsize=CACHED)
def ocr_variants(text: str) -> tuple[str, ...]:
    """Return a text, and what it can be where a scanner took letters for others: 0 for o, 1 for i or l, rn for m.

    The text itself is the first of what is returned: Petrel8 is PETREL 8 as well.
    """
    cleaned = clean(text).lower()
    if not _MISREAD.search(cleaned):
        return (text,)
    found = [text]
    for one in "il":
        digits = str.maketrans("0158|", f"o{one}sb{one}")
        read = "".join(part.translate(digits) if _SCANNED.fullmatch(part) else part for part in _WORDS.split(cleaned))
        found += [read, read.replace("rn", "m").replace("vv", "w")]
    return tuple(dict.fromkeys([text, *(other for other in found if other != cleaned)]))


_MISREAD = re.compile("[0158|]|rn|vv")
_WORDS = re.compile(r"(\w+)")
_SCANNED = re.compile(r"(?=\d*[^\W\d_])[^\W2-4679_]+", re.ASCII)
"""A word of letters and of digits that look like letters."""


@lru_cache(maxsize=CACHED)
def fold_romanized(text: str) -> str:
    """Return a text in small letters: accents dropped, the signs of McCune-Reischauer kept as letters."""
    return fold_letters(clean(text))


def tokenize(text: str) -> tuple[str, ...]:
    """Split a name into its tokens, each in one spelling; words that say nothing, such as "of", are left out."""
    return tuple(token for token, _ in tokens_as_typed(text))


@lru_cache(maxsize=CACHED)
def tokens_as_typed(text: str) -> tuple[tuple[str, str], ...]:
    """Split a name into its tokens, each with the word that it was made of, folded."""
    if text.isascii() and text.isalpha():
        parts = _parts(text.lower())
    else:
        text = _INITIALS.sub(lambda found: re.sub("[./]", "", found[0]), text.replace("&", " and ").replace("#", " "))
        folded = fold_romanized(_CLIPPED.sub(r"\1l ", fold_characters(text) if _HAN.search(text) else text))
        parts = [part for word in _APART.split(folded) for part in _parts(word)]
    found = ((NUMBERS.get(part, part), part) for part in parts)
    spelled = ((SHORT.get(word, LEGAL.get(word, word)), part) for word, part in found)
    kept = [(re.sub("^0+(?=[0-9])", "", word), part) for word, part in spelled if word]
    words = [word for word, _ in kept]
    return tuple(one for place, one in enumerate(kept) if not _is_number_sign(words, place))


@lru_cache(maxsize=CACHED)
def is_own(token: str) -> bool:
    """Check whether a token can be a name's own: it is no generic word, no number, no legal form and no place."""
    return (
        len(token) > 1
        and not token.isdigit()
        and token not in GENERIC
        and token not in _NOT_OWN
        and (token,) not in PLACES
    )


_NOT_OWN = frozenset([*LEGAL.values(), *SHORT.values(), *COMMON])


_HAN = re.compile("[\u3400-\u9fff]")
_INITIALS = re.compile(r"\b(?:[A-Za-z]\.){2,}|\b[A-Za-z]/[A-Za-z]\b")
_CLIPPED = re.compile(r"(?i)\b(int|nat)['’]l\b")
"""J.V., M/V and Int'l."""


def _parts(word: str) -> list[str]:
    """Return a word apart from the digits that it runs together with: petrel8 as petrel and 8, but 2nd as it is."""
    if word in NUMBERS:
        return [word]
    return [part for found in re.findall("[0-9]+|[^0-9]+", word) for part in _GLUED.sub(r"\1 \2", found).split()]


_GLUED = re.compile("^(.*(?:company|corporation|corp|co|trading|group|inc))(limited|ltd|llc|inc|gmbh)$")
"""Legal forms run together, such as CompanyLimited."""


def _is_number_sign(words: list[str], place: int) -> bool:
    return words[place] in {"no", "nr", "number"} and place + 1 < len(words) and words[place + 1].isdigit()


@lru_cache(maxsize=CACHED)
def corrected(word: str) -> str:
    """Correct a typo of a common word, a legal form or a number word; any other word is returned as it is."""
    near = dict.fromkeys(known for variant in deletion_variants(word) for known in _meant_by_variant().get(variant, ()))
    meant = next((known for known in near if single_typo(word, known)), None)
    return _MEANT[meant] if meant is not None else word


_SHORT_FORMS = frozenset(["ltd", "inc", "plc", "llc", "coy", "cie", "cos", "pte", "pty", "ltda", "corp"])
_MEANT = {
    **{word: word for word in COMMON if len(word) > 3},
    **{word: meant for word, meant in {**SHORT, **NUMBERS}.items() if len(word) > 4},
    **{word: meant for word, meant in LEGAL.items() if word in _SHORT_FORMS or len(word) > 4},
    "of": "",
    "the": "",
    "and": "",
    "for": "",
}
"""Words that a typo is most likely to be of, with what they are."""


def correctable() -> list[str]:
    """List the words that typos are corrected to."""
    return list(_MEANT)


@lru_cache(maxsize=1)
def _meant_by_variant() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for word in _MEANT:
        for variant in deletion_variants(word):
            found.setdefault(variant, []).append(word)
    return found


def deletion_variants(word: str) -> set[str]:
    """Make the deletion variants of a word: the word, and what is left of it without one of its letters.

    Two words that are one letter off, or that have two letters swapped, share one of these (the symmetric delete of
    SymSpell), so that nothing that is that near is missed.
    """
    return {word, *[word[:place] + word[place + 1 :] for place in range(len(word))]}


_LEGAL_TOKENS = frozenset(LEGAL.values())


def token_weights(words: Sequence[str], is_listed: bool) -> list[float]:
    """Return the weight of each token: without a distinctive token, common ones weigh 1.0.

    Args:
        words: the words.
        is_listed: whether they are of a listed name: there, the country weighs 1.0 where no other token does.
    """
    found = [weight(word) for word in words]
    if FULL in found:
        return found
    telling = COMMON | ({COUNTRY} if is_listed else set())
    return [FULL if word in telling else own for word, own in zip(words, found, strict=True)]


def weight(word: str) -> float:
    """Return the weight of a token (0.1, 0.4 or 1.0)."""
    if word == COUNTRY or word in _LEGAL_TOKENS:
        return LEGAL_WEIGHT
    return COMMON_WEIGHT if word in COMMON else FULL


@dataclass(frozen=True)
class Similarity:
    """How alike two words are: from 0 to 1, and why."""

    score: float
    why: str


ANOTHER_LETTER = 8
"""Letters from which on a word is alike one that has any other letter in one place."""

ROMANISED = "the same syllables in another romanisation"
SAME = Similarity(1.0, "same")
PLURAL = Similarity(0.98, "one and several")
OTHER = Similarity(0.0, "another word")


@lru_cache(maxsize=CACHED)
def similarity(one: str, other: str) -> Similarity:
    """Return how alike two words are.

    Numbers are alike only where they are the same. Two words of common syllables of Korean names are alike only
    where those agree, or a letter is doubled or swapped; others are where one slipped, or in a long word is another.
    """
    if one == other:
        return SAME
    if one.isdigit() or other.isdigit() or min(len(one), len(other)) < 2:
        return OTHER
    if one in (f"{other}s", f"{other}es") or other in (f"{one}s", f"{one}es"):
        return PLURAL if min(len(one), len(other)) > 3 else OTHER
    ways = [(first, second) for first in splits(one) for second in splits(other) if len(first) == len(second)]
    costs = [sum(cost for cost in found if cost is not None) for found in map(_costs, ways) if None not in found]
    if costs:
        return Similarity(max(0.9, 0.99 - min(costs)), ROMANISED)
    found, longest = single_typo(one, other), max(len(one), len(other))
    if found is None and (longest < ANOTHER_LETTER or not is_one_edit(one, other)):
        return OTHER
    if found not in (Typo.SWAP, Typo.DOUBLE) and longest < 9 and is_name_word(one) and is_name_word(other):
        return OTHER
    return Similarity(max(0.8, 1 - 0.4 / min(len(one), len(other))), str(found or "another letter"))


PINYIN = frozenset(
    {
        *("an", "bao", "bei", "bin", "bo", "chang", "cheng", "chun", "da", "de", "dong", "fa", "fan", "fei", "feng"),
        *("fu", "gang", "guang", "guo", "hai", "hang", "hao", "he", "heng", "hong", "hua", "hui", "jia", "jiang"),
        *("jie", "jin", "jing", "jun", "kai", "ke", "li", "lian", "lin", "ling", "long", "lu", "mei", "min", "ming"),
        *("nan", "ning", "peng", "ping", "qiang", "qing", "ren", "rong", "rui", "run", "sen", "sha", "shan", "shang"),
        *("sheng", "shi", "shun", "tai", "teng", "tian", "tong", "wan", "wei", "wen", "wu", "xi", "xiang", "xin"),
        *("xing", "xu", "ya", "yang", "yi", "yong", "you", "yu", "yuan", "yun", "zhen", "zhi", "zhong", "zhou"),
    }
)
"""Common syllables of the names of Chinese ships and companies, in pinyin."""


def is_name_word(word: str) -> bool:
    """Say whether a word is made of common syllables of Korean names, or is a common one of Chinese names."""
    if _CHINESE.fullmatch(word):
        return True
    return any(all(is_common(readings(syllable), _COMMON_SYLLABLES) for syllable in way) for way in splits(word))


_CHINESE = re.compile(f"(?:{'|'.join(sorted(PINYIN))})+")


_COMMON_SYLLABLES = GIVEN_READINGS | SURNAME_READINGS


def _costs(way: tuple[tuple[str, ...], tuple[str, ...]]) -> list[float | None]:
    """Return the cost of each syllable, allowing for initial ㄹ, which the North writes and the South does not."""
    first, second = way
    asked = [initial_readings(first[0], False), *map(readings, first[1:])]
    return [agreement(one, readings(other)).cost for one, other in zip(asked, second, strict=True)]
