"""Korean names in Arabic letters, as the Arabic press spells them after their English spelling.

Consonants and long vowels are written, short vowels mostly are not: كيم is Kim, جونغ and جونج are Jong. Arabic has no p
(ب), no ch (تش, or ش), no hard g but in some countries (غ, ج), and writes o, u, eo and eu all as و.
"""

import re
import unicodedata

from app.matching.scripts.orthography import APART, Orthography, Way, names, spellings

_ONSETS = spellings("""
    - ع: -
    ك ق: k ~kh *kk
    گ غ: k
    ج: j *jj *k
    دج ژ ز دز: j *jj
    تش چ: j ch *jj
    ش: s *ch *j
    س ص: s ~ss
    سش: s
    ت ط: t ~th *tt
    د ض: t
    ث: *th
    ن: n
    ر ل: r
    م: m
    ب: p ~ph *pp
    پ ف: p ph
    ه ح: h
    خ: *kh *h
""")
_NUCLEI = spellings("""
    -: *eo *eu *i *o *u *a
    ا: a ~ae
    ي يي: i e ~ae ~ui *eu
    اي: i ae *e
    و: o u eo eu *oe *wo
    وو: wo u eo o
    يو: yeo yo yu *u
    يا: ya
    ييو ياو: yeo
    وا: wa
    واي: wae
    وي: wi oe ui ~we *wo
    وه: *oe
    ويه: oe
    يه ييه: e ye ae
    او: o u eo eu
""")
_CODAS = spellings("""
    -: -
    ك ق رك: k
    ن: n *ng
    نغ نج نق نك نڠ نگ: ng
    ت د س: t
    ل: l
    ر: *l
    م: m
    ب پ: p
""")

PRESS = Orthography(_ONSETS, _NUCLEI, _CODAS)
"""Korean syllables in Arabic letters."""

_SAME = str.maketrans({"أ": "ا", "آ": "ا", "ى": "ي", "ی": "ي", "ئ": "ي", "ؤ": "و", "ک": "ك", "ة": "ه", "ء": ""})


def letters(text: str) -> str:
    """Fold a text in Arabic letters: without marks of short vowels and the stretching line, one form of each letter."""
    kept = re.sub("[\u064b-\u065f\u0670ـ\u200c\u200d]", "", unicodedata.normalize("NFKC", text))
    return re.sub("إي?", "اي", kept).translate(_SAME)


def ways(text: str) -> tuple[Way, ...]:
    """Read a name in Arabic letters as Korean: the ways to take each word apart; empty if a word is not Korean."""
    words = [word for word in APART.split(letters(text)) if word]
    return names(PRESS.words(word) for word in words)
