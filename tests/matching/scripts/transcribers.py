"""Hangul written in other scripts by the published tables, to be read back: independent of the tables that read."""

from collections.abc import Iterator
from itertools import pairwise

Sound = tuple[str, str, str]


def parts(text: str) -> list[str]:
    """Take apart the cells of a line of a table."""
    return text.split()


ONSETS = parts("k kk n t tt r m p pp s ss - j jj ch kh th ph h")
NUCLEI = parts("a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i")
CODAS = parts("- k k k n n n t l k m l l l p l m p p t t ng t t k t p t")


def letters_of(hangul: str) -> list[Sound]:
    """Take blocks apart into onset, nucleus and coda."""
    found: list[Sound] = []
    for block in hangul:
        onset, rest = divmod(ord(block) - 0xAC00, 588)
        cells = (ONSETS[onset], NUCLEI[rest // 28], CODAS[rest % 28])
        first, second, third = (cell.replace("-", "") for cell in cells)
        found.append((first, second, third))
    return found


def sounded(hangul: str) -> list[Sound]:
    """Apply the rules of Standard Pronunciation within a word: liaison, nasals, laterals."""
    found = [list(one) for one in letters_of(hangul)]
    for left, right in pairwise(found):
        coda, onset = left[2], right[0]
        if onset == "" and coda not in ("", "ng"):
            left[2], right[0] = "", {"l": "r"}.get(coda, coda)
        elif onset == "r" and coda in ("k", "t", "p", "m", "ng"):
            right[0] = "n"
        elif (coda, onset) in (("l", "n"), ("n", "r")):
            left[2], right[0] = "l", "r"
        if right[0] in ("n", "m") and left[2] in ("k", "t", "p"):
            left[2] = {"k": "ng", "t": "n", "p": "m"}[left[2]]
    return [(onset, nucleus, coda) for onset, nucleus, coda in found]


VOICED = ("", "n", "m", "ng", "l")
"""What ends a syllable behind which a plain consonant sounds voiced."""

KONTSEVICH_ONSETS = dict(zip(ONSETS, parts("к кк н т тт р м п пп с сс - ч чч чх кх тх пх х"), strict=True))
KONTSEVICH_VOICED = {"k": "г", "t": "д", "p": "б", "j": "чж"}
KONTSEVICH_NUCLEI = dict(zip(NUCLEI, parts("а э я йя о е ё йе о ва вэ ве ё у во ве ви ю ы ый и"), strict=True))
KONTSEVICH_CODAS = {"": "", "k": "к", "n": "н", "t": "т", "l": "ль", "m": "м", "p": "п", "ng": "н"}


def kontsevich(word: list[Sound]) -> str:
    """Write a word in Cyrillic letters by Kontsevich's system."""
    found, before = "", None
    for onset, nucleus, coda in word:
        voiced = KONTSEVICH_VOICED.get(onset) if before in VOICED else None
        spelled = "л" if onset == "r" and before == "l" else voiced or KONTSEVICH_ONSETS[onset or "-"].replace("-", "")
        vowel = KONTSEVICH_NUCLEI[nucleus]
        if nucleus == "e" and not onset:
            vowel = "э" if before is None else "е"
        if nucleus == "ye" and onset:
            vowel = "е"
        if nucleus == "ui" and onset:
            vowel = "и"
        if before == "l" and onset == "r":
            found = found.removesuffix("ль") + "л"
        found += spelled + vowel + KONTSEVICH_CODAS[coda]
        before = coda
    return found


KANA_ROWS = {
    "": "アイウエオ", "k": "カキクケコ", "g": "ガギグゲゴ", "s": "サシスセソ", "j": "ジジジジジ", "ch": "チチチチチ",
    "t": "タティトゥテト", "d": "ダディドゥデド", "n": "ナニヌネノ", "h": "ハヒフヘホ", "b": "バビブベボ",
    "p": "パピプペポ", "m": "マミムメモ", "r": "ラリルレロ",
}  # fmt: skip
KANA_ONSETS = {"kk": "k", "kh": "k", "tt": "t", "th": "t", "pp": "p", "ph": "p", "ss": "s", "jj": "ch", "j": "ch"}
KANA_VOICED = {"k": "g", "t": "d", "p": "b", "j": "j"}
KANA_CODAS = {"": "", "k": "ク", "n": "ン", "t": "ッ", "l": "ル", "m": "ム", "p": "プ", "ng": "ン"}
SMALL = dict(zip("aiueo", "ァィゥェォ", strict=True))


def _row(onset: str) -> dict[str, str]:
    row = KANA_ROWS[onset]
    if onset == "t":
        return {"a": "タ", "i": "ティ", "u": "トゥ", "e": "テ", "o": "ト"}
    if onset == "d":
        return {"a": "ダ", "i": "ディ", "u": "ドゥ", "e": "デ", "o": "ド"}
    if onset in ("j", "ch"):
        return {"a": row[0] + "ャ", "i": row[0], "u": row[0] + "ュ", "e": row[0] + "ェ", "o": row[0] + "ョ"}
    return dict(zip("aiueo", row, strict=True))


def kana(word: list[Sound]) -> str:
    """Write a word in katakana as the Japanese press does."""
    found, before = "", None
    for onset, nucleus, coda in word:
        is_voiced = before in VOICED and onset in KANA_VOICED
        spelled = KANA_VOICED[onset] if is_voiced else KANA_ONSETS.get(onset, onset)
        found += _kana(spelled, nucleus) + KANA_CODAS[coda]
        before = coda
    return found


def _kana(onset: str, nucleus: str) -> str:
    row = _row(onset)
    glide, vowel = {
        "a": ("", "a"), "ae": ("", "e"), "ya": ("y", "a"), "yae": ("y", "e"), "eo": ("", "o"), "e": ("", "e"),
        "yeo": ("y", "o"), "ye": ("y", "e"), "o": ("", "o"), "wa": ("w", "a"), "wae": ("w", "e"), "oe": ("w", "e"),
        "yo": ("y", "o"), "u": ("", "u"), "wo": ("w", "o"), "we": ("w", "e"), "wi": ("w", "i"), "yu": ("y", "u"),
        "eu": ("", "u"), "ui": ("w", "i"), "i": ("", "i"),
    }[nucleus]  # fmt: skip
    if not glide:
        return row[vowel]
    if onset in ("j", "ch") and (glide == "y" or nucleus == "oe"):
        return row[vowel]
    if nucleus == "ui" and onset:
        return row["i"]
    if glide == "y":
        if not onset:
            return {"a": "ヤ", "e": "イェ", "o": "ヨ", "u": "ユ"}[vowel]
        return row["e"] if vowel == "e" else row["i"] + {"a": "ャ", "o": "ョ", "u": "ュ"}[vowel]
    if not onset and vowel == "a":
        return "ワ"
    return row["u"] + SMALL[vowel]


ICAO = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        parts("A B V G D E E ZH Z I I K L M N O P R S T U F KH TS CH SH SHCH IE Y - E IU IA"),
        strict=True,
    )
)


def icao(cyrillic: str) -> str:
    """Write Russian letters in those of the machine readable zone, by ICAO Doc 9303, part 3, section 6."""
    return "".join(ICAO.get(char, char) for char in cyrillic.lower()).replace("-", "")


CZECH_ONSETS = dict(zip(ONSETS, parts("k kk n t tt r m p pp s ss - č čč čch kch tch pch h"), strict=True))
POLISH_ONSETS = dict(zip(ONSETS, parts("k kk n t tt r m p pp s ss - cz cz cz' k' t' p' h"), strict=True))
GERMAN_ONSETS = dict(zip(ONSETS, parts("k kk n t tt r m p pp s ss - tsch tsch tsch k t p h"), strict=True))
FRENCH_ONSETS = dict(zip(ONSETS, parts("k kk n t tt r m p pp s ss - tj tj tch k t p h"), strict=True))
GLIDE_J = dict(zip(NUCLEI, parts("a e ja je o e jo je o wa we we jo u wo we wi ju u ui i"), strict=True))
GERMAN_NUCLEI = dict(zip(NUCLEI, parts("a ä ja jä ö e jö je o wa wä oe jo u wo we wi ju ü ui i"), strict=True))
FRENCH_NUCLEI = dict(
    zip(NUCLEI, parts("a ai ya yai o e yo ye o oua oue oi yo ou ouo oue oui you eu eui i"), strict=True)
)


def european(hangul: str, onsets: dict[str, str], nuclei: dict[str, str]) -> Iterator[str]:
    """Write each syllable of a name in a European orthography."""
    for onset, nucleus, coda in letters_of(hangul):
        yield onsets[onset or "-"].replace("-", "") + nuclei[nucleus] + coda
