"""Korean names in Cyrillic letters, Russian and Ukrainian; and other names in them, in Latin letters.

Korean syllables are read by Kontsevich's system (система Концевича, the transcription of Korean that the Russian press
and Russian maps use) and by the freer spellings beside it: those of the Soviet press (Ким Ир Сен, Ким Чен Ир), of
Soviet Koreans (Цой for 최, Ли, Пак), those through English (Ким Джон Ын), Ченчхоль without the diaeresis, words written
together, and the Ukrainian letters (Кім Чен Ин).

Other words are written in Latin letters by the BGN/PCGN system for Russian (1947), without its apostrophes, with the
Ukrainian letters by the BGN/PCGN system for Ukrainian (1965).
"""

import re
import unicodedata

from app.matching.scripts.orthography import APART, Orthography, Way, assimilated, names, spellings

_ONSETS = spellings("""
    -: -
    к: k ~kh ~kk
    кк: kk ~k
    г ґ: k *h
    кх: kh
    н: n
    т: t ~th ~tt
    д: t
    тт: tt ~t
    тх: th
    р л рр: r
    м: m
    п: p ~ph ~pp
    б: p
    пп: pp ~p
    пх ф: ph
    с ш щ: s ~ss
    сс: ss ~s
    ч: j ch ~jj
    чж дж чз: j
    ж дз з: *j
    ц: j *ch
    чч тч: jj ~j
    чх: ch
    цх цч: *ch
    х: h
""")
_NUCLEI = spellings("""
    а: a
    я иа йа ья: ya
    ай: *ae
    э: ae e
    йя яэ: yae
    о: eo o
    ео: eo
    ё йо ьо ио иё йё ьё: yeo yo
    е: e ye ~yeo ~yo *eo *ae
    є: ye e ~yeo
    эй ей: *e
    йе ье йэ ие: ye *yae *yeo
    ва уа: wa
    вэ уэ: wae oe we
    ве уе: oe we ~wae *wo
    вае: wae
    ой ое оэ: oe
    у: u eu
    оу: *u *eo
    во уо: wo
    ви уи вы: wi ui
    ві уі вї: wi ui
    уй: wi *ui
    ю иу йу ью: yu *yeo
    ы: eu *ui
    еу: *eu *eo
    ый ыи ий уы иы: ui
    и: i ~ui
    і ї йи иі: i ~ui
""")
_CODAS = spellings("""
    -: -
    к г кк рк: k
    н: n ng
    нь: n
    нг нъ нк: ng
    т д с ть: t
    ль л р рь лль: l
    м: m
    п б: p
""")

_PALATAL = {"yo": "o", "yeo": "eo", "ya": "a", "yu": "u", "ye": "e"}
KONTSEVICH = Orthography(_ONSETS, _NUCLEI, _CODAS, _PALATAL)
"""Korean syllables in Cyrillic letters; behind ч and дж the vowels ё, я, ю stand for о, а, у (Чёль is 철)."""
UKRAINIAN = Orthography(_ONSETS, _NUCLEI | spellings("и: i eu ui"), _CODAS, _PALATAL)
"""Likewise in Ukrainian, where и is the vowel ㅡ as well: Ин is 은."""
_OF_UKRAINIAN = re.compile("[іїєґ]")

_LATIN = {
    **dict(zip("абвгдеёзийклмнопрстуфъыьэіґў", [*"abvgdeeziyklmnoprstuf", "", "y", "", *"eigw"], strict=True)),
    "ж": "zh",
    "х": "kh",
    "ц": "ts",
    "ч": "ch",
    "ш": "sh",
    "щ": "shch",
    "ю": "yu",
    "я": "ya",
    "ї": "yi",
    "є": "ye",
}
"""Letters in Latin ones: BGN/PCGN 1947 for Russian; і ї є ґ as in Ukrainian, ў as in Belarusian."""

_HARD = re.compile(r"(?<=[аеёиоуыэюяьъй])[е](?=\w)|\bе")


def letters(text: str) -> str:
    """Fold a text to small Cyrillic letters, in composed form (NFKC): accents that mark stress are dropped."""
    small = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).lower().replace("’", "'"))
    kept = re.sub("(?<![иеі])[\u0300-\u036f]|[\u0300-\u0305\u0307\u0309-\u036f]", "", small)
    kept = kept.replace("и\u0306", "й")
    return unicodedata.normalize("NFC", kept)


def ways(text: str) -> tuple[Way, ...]:
    """Read a name in Cyrillic letters as Korean: the ways to take each word apart; empty if a word is not Korean."""
    small = letters(text).replace("'", "")
    orthography = UKRAINIAN if _OF_UKRAINIAN.search(small) else KONTSEVICH
    words = [word for word in APART.split(small) if word]
    return tuple(assimilated(way, joins_words=True) for way in names(map(orthography.words, words)))


def latin(text: str) -> str:
    """Write a text in Cyrillic letters in Latin ones (BGN/PCGN): внешней торговли is vneshney torgovli."""
    return "".join(_LATIN.get(char, char) for char in _HARD.sub("є", letters(text)))
