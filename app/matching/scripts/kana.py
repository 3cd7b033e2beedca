"""Korean names in Japanese kana.

The spellings are those of the Japanese press and of Japan's ministries (リ・ビョンチョル is 리병철): ㅓ and ㅗ are
both オ, ㅡ and ㅜ both ウ, ㄴ and ㅇ both ン; a final ㄱ, ㄹ, ㅁ, ㅂ is ク, ル, ム, プ; a plain consonant is voiced
where it sounds voiced. Syllables that sound run together are read apart (チュニル is 춘일).

Full and half width are one (NFKC), hiragana is read as katakana. Names in Japanese bank transfers (the Zengin format)
have no small kana: ジヨン is read as 지용 and, as ジョン is, as 종 and 정.
"""

import unicodedata
from itertools import islice, product

from app.matching.scripts.orthography import APART, Orthography, Way, assimilated, names, spellings

_ROWS = {
    "": "アイウエオ",
    "k": "カキクケコ",
    "g": "ガギグゲゴ",
    "s": "サシスセソ",
    "z": "ザジズゼゾ",
    "t": "タ--テト",
    "c": "-チツ--",
    "d": "ダ--デド",
    "z ": "-ヂヅ--",
    "n": "ナニヌネノ",
    "h": "ハヒフヘホ",
    "b": "バビブベボ",
    "p": "パピプペポ",
    "m": "マミムメモ",
    "y": "ヤ-ユ-ヨ",
    "r": "ラリルレロ",
    "w": "ワヰ-ヱヲ",
}
_KANA = {
    **{kana: onset.strip() + vowel for onset, row in _ROWS.items() for kana, vowel in zip(row, "aiueo", strict=True)},
    "ン": "N",
    "ッ": "Q",
    "ヴ": "bu",
}
"""Kana in letters of this module, one or two each: c for チ and ツ, z for ジ and ズ, N for ン, Q for ッ."""
_SMALL = {"ァ": "a", "ィ": "i", "ゥ": "u", "ェ": "e", "ォ": "o", "ャ": "ya", "ュ": "yu", "ョ": "yo", "ヮ": "wa"}

_ONSETS = spellings("""
    -: -
    k: k kh *kk
    Qk: kk ~k ~kh
    g: k *kk
    s: s *ss
    Qs: ss ~s
    z: j
    t: t th *tt
    Qt: tt ~t ~th
    d: t *tt
    c: j ch *jj
    Qc: jj ~j ~ch
    n: n
    h: h
    b: p *pp
    p: p ph *pp
    Qp: pp ~p ~ph
    m: m
    r: r
""")
_NUCLEI = spellings("""
    a aa: a
    ya yaa: ya
    ae: *ae
    e ei ee: e ae oe ~ye *we
    ye iye: ye yae ~e
    o oo ou: eo o
    yo yoo you: yeo yo
    oe: oe
    u uu: u eu
    yu yuu: yu
    i ii: i ~ui
    wa uwa ua oa: wa
    we uwe ue: we wae oe
    wo uwo uo: wo
    wi ui uwi: wi ui
    wii uii: ui
""")
_CODAS = spellings("""
    -: -
    N: n ng *m
    ku gu Qku: k
    k g: ~k
    Q: k t p
    n: ~n
    to su cu Qto: t
    t d: ~t
    ru: l
    r: ~l
    mu: m
    m: ~m
    pu bu Qpu: p
    p b: ~p
""")

PRESS = Orthography(_ONSETS, _NUCLEI, _CODAS, {"yo": "o", "yeo": "eo", "ya": "a", "yu": "u", "ye": "e"})
"""Korean syllables in kana, in the letters of ``_KANA``; チョ and ジョ stand for 조 and 저, チェ for 최 and 체."""

_LARGE = {
    **dict.fromkeys("ヤユヨ", "キギシジチヂニヒビピミリ"),
    **dict.fromkeys("アオ", "ウクグフ"),
    "イ": "フ",
    "エ": "ウクグフチシジ",
}
"""Kana that can be small ones written large, with those behind which they can."""
_STOPS = "カキクケコタチツテトパピプペポサシスセソ"
"""Kana before which ツ can be a small one written large."""
_AS_SMALL = str.maketrans("アイエオヤユヨツ", "ァィェォャュョッ")
MOST_SHRUNK = 4
"""Kana that are each tried as small ones."""


def katakana(text: str) -> str:
    """Write kana as full-width katakana (NFKC): hiragana and half width too."""
    text = unicodedata.normalize("NFKC", text)
    return "".join(chr(ord(char) + 0x60) if "ぁ" <= char <= "ゖ" else char for char in text)


def _with_small(text: str) -> list[str]:
    """List a text and what it can be where small kana are written large; itself alone where it has small ones."""
    if any(char in "ァィゥェォャュョヮッ" for char in text):
        return [text]
    places = list(islice((place for place in range(1, len(text)) if _can_be_small(text, place)), MOST_SHRUNK))
    found = []
    for shrunk in product((False, True), repeat=len(places)):
        small = {place for place, is_small in zip(places, shrunk, strict=True) if is_small}
        found.append("".join(char.translate(_AS_SMALL) if i in small else char for i, char in enumerate(text)))
    return found


def _can_be_small(text: str, place: int) -> bool:
    return text[place - 1] in _LARGE.get(text[place], "") or (
        text[place] == "ツ" and text[place + 1 : place + 2] in tuple(_STOPS)
    )


def letters(word: str) -> str:
    """Write katakana in the letters that ``PRESS`` is spelled in: チョル is coru, ファン is hwaN."""
    found = ""
    for char in word.replace("ー", ""):
        if char not in _SMALL:
            found += _KANA.get(char, "?")
            continue
        vowel = _SMALL[char]
        before, last = found[:-1], found[-1:]
        if vowel[0] in "yw":
            found = before + vowel if last in tuple("iu") else found + vowel
        elif last == "u":
            # フ, ク, ウ before a small vowel are a glide (ファ, クォ, ウォ); ト and ド below are none (トゥ).
            found = before + ("w" if before[-1:] not in tuple("ct") else "") + vowel
        elif last == "i" and vowel == "e":
            found = before + ("e" if before[-1:] in tuple("csz") else "ye")
        else:
            found = before + vowel if last in tuple("aieo") and len(before) else found + vowel
    return found.replace("iye", "ye") if found.startswith("iye") else found


def ways(text: str) -> tuple[Way, ...]:
    """Read a name in kana as Korean: the ways to take each word apart; empty if a word is not Korean."""
    found: dict[Way, None] = {}
    for spelled in _with_small(katakana(text)):
        words = [letters(word) for word in APART.split(spelled) if word]
        found |= dict.fromkeys(names(map(PRESS.words, words)))
    return tuple(assimilated(way, loses_h=True) for way in list(found)[:24])
