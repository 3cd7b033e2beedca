"""Korean names in Latin orthographies other than the English one, each read only where a spelling of its own occurs.

- Polish, Czech (with Slovak, Serbo-Croatian and Finnish), German, Hungarian and Dutch: j is a glide (Pjong is 병), the
  affricates are cz and dz, č and dž, tsch and dsch, cs and dzs, tsj.
- French: ou is the vowel u, the affricates are tch, dj and, as French missionaries wrote, tj (Tjoi is 최).
- Turkish: the affricates are c and ç, the vowel ㅡ is an i without its dot.
- Vietnamese: Sino-Vietnamese readings of the characters of a name (Kim Chính Ân), from Unihan's kVietnamese and
  kHangul, Unicode Standard Annex #38, in ``vietnamese.tsv``. Weak evidence, as pinyin is.
- Russian passports and visas: Cyrillic letters transliterated by ICAO Doc 9303, part 3, section 6 (PAK TO CHKHUN is
  박도춘), and in the English and French manners of older passports (PAK DO TCHKHOUN).
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import product

from app.fields.text import CACHED
from app.matching.romanization import UNMARKED_COST, Readings, reading_of_block
from app.matching.scripts import cyrillic
from app.matching.scripts.orthography import (
    APART,
    Orthography,
    Spellings,
    Syllable,
    Way,
    Word,
    assimilated,
    names,
    rows,
    spellings,
)

_ONSETS = spellings("""
    -: -
    k: k ~kh ~kk
    g: k
    kk gg: kk ~k
    kh kch: kh
    n ň ń: n
    t: t ~th ~tt
    d: t
    tt dd: tt ~t
    th tch: th
    r l rj ł: r
    m: m
    p: p ~ph ~pp
    b: p
    pp bb: pp ~p
    ph pch f: ph
    s ss: s ~ss
    h: h
""")
_NUCLEI = spellings("""
    a á: a
    ja ia ya: ya
    ä ae ai aj: ae e
    e é: e ae
    jä jae: yae ye
    je ie ye: ye ~e *yeo
    o ó ŏ ô: eo o
    eo: eo
    ö ő: eo oe
    jo io yo jŏ jó jeo: yeo yo
    jö jő: yeo
    u ú ů: u eu *eo
    ju iu yu jú: yu *yeo
    ü ű ŭ y ý eu: eu
    i í ii: i *ui
    wa va ua oa: wa
    wae vae wä vä: wae we
    we ve ue oe hwe: oe we wae
    oi oj oy: oe
    wo vo uo wŏ vŏ wö vö: wo
    wi vi vy wy: wi ui
    ui yi ij ŭi eui: ui wi
""")
_CODAS = spellings("""
    -: -
    k g kk ck: k
    n ń ň: n *ng
    ng nk: ng
    t d s: t
    l r ľ ł: l
    m: m
    p b: p
""")
_PALATAL = {"yo": "o", "yeo": "eo", "ya": "a", "yu": "u", "ye": "e"}


def _orthography(onsets: str, nuclei: str = "", codas: str = "") -> Orthography:
    return Orthography(_ONSETS | spellings(onsets), _NUCLEI | spellings(nuclei), _CODAS | spellings(codas), _PALATAL)


POLISH = _orthography("""
    cz: j ch ~jj
    czh: ch
    dz dż dź dzi dži: j
    dżdż czcz: jj
    c ć ci: *j *ch
    sz ś si: s ~ss
    ch: h
""")
CZECH = _orthography(
    """
    č ć ťš tš tsh: j ch ~jj
    čch čh ćh: ch
    dž đ ď dj: j
    čč: jj
    c ts ž: *j *ch
    š ś: s ~ss
    ch: h
""",
    "ö: oe eo",
)
GERMAN = _orthography("""
    tsch: j ch ~jj
    tschh: ch
    dsch: j
    z: *j *ch
    sch: s ~ss
    ch: *j *ch
""")
HUNGARIAN = _orthography("""
    cs: j ch ~jj
    csh: ch
    dzs: j
    ty gy: *j
    c: *ch
    sz: s ~ss
""")
DUTCH = _orthography(
    """
    tsj: j ch ~jj
    tsjh: ch
    dzj dj: j
    sj: s ~ss
""",
    """
    oe: u eu oe
    joe: yu
    ie: i
    oei: ui
""",
)
GLIDE = _orthography("""
    j ch tj: *j *ch
""")
TURKISH = _orthography(
    """
    c: j
    ç: j ch ~jj
    j: j
    ş: s ~ss
""",
    """
    ı: eu
    y: eu
""",
)
FRENCH = _orthography(
    """
    tch tj tcj ttj: j ch ~jj
    tchh: ch
    dj j: j
    ch: s j ch
    gu: k
""",
    """
    é è ê: e ae
    ou: u eu *eo
    you iou: yu yeo *yo
    eu: eu eo
    eou: eo eu
    oua: wa
    oue oué ouè: oe we wae
    ouo: wo
    oui: wi ui
    aï: ae
    oï oi oe: oe
    hié ié yé iè yè: ye yeo
""",
    """
    ne nne: n
    gn: ng
    que c: k
""",
)

_ICAO = {
    **dict(zip("абвгдеёзийклмнопрстуфыьэіґ", [*"abvgdeeziiklmnoprstufy", "", *"eig"], strict=True)),
    "ж": "zh",
    "х": "kh",
    "ц": "ts",
    "ч": "ch",
    "ш": "sh",
    "щ": "shch",
    "ъ": "ie",
    "ю": "iu",
    "я": "ia",
    "ї": "i",
    "є": "ie",
}
"""Cyrillic letters in Latin ones, by ICAO Doc 9303, part 3, section 6: transliteration of Cyrillic characters."""
_OLDER: dict[str, tuple[str, ...]] = {
    "ё": ("io", "yo", "ye"),
    "е": ("ye",),
    "й": ("y",),
    "ю": ("yu", "iou"),
    "я": ("ya",),
    "у": ("ou",),
    "ч": ("tch",),
    "ж": ("j",),
    "ь": ("'",),
}
"""Other spellings: of passports in the English manner (1997) and in the French one (before 1997)."""


def _latin_of(table: Spellings) -> dict[str, dict[str, float]]:
    """Rewrite the spellings of a table in Latin letters; those that become one stand for the sounds of all."""
    found: dict[str, dict[str, float]] = {}
    for spelling, sounds in table.items():
        for letters in product(*((_ICAO[letter], *_OLDER.get(letter, ())) for letter in spelling)):
            merged = found.setdefault("".join(letters), {})
            for sound, cost in sounds.items():
                merged[sound] = min(cost, merged.get(sound, cost))
    return found


def _latin_tables() -> tuple[Spellings, Spellings, Spellings]:
    onsets, nuclei, codas = cyrillic.KONTSEVICH.tables
    return _latin_of(onsets), _latin_of(nuclei), _latin_of(codas)


RUSSIAN = Orthography(*_latin_tables(), _PALATAL)
"""Kontsevich's spellings in Latin letters."""

_VIETNAMESE = "Sino-Vietnamese"
WEAK = frozenset([_VIETNAMESE])
"""Systems whose readings are weak evidence."""

_SYSTEMS: tuple[tuple[str, re.Pattern[str], Orthography, float], ...] = (
    ("Polish spelling", re.compile(r"cz|d[zżź]|\bsz"), POLISH, 0.0),
    ("Czech spelling", re.compile("[čćđďžšů]"), CZECH, 0.0),
    ("German spelling", re.compile(r"tsch|dsch|ä|\bjö"), GERMAN, 0.0),
    ("Hungarian spelling", re.compile(r"cs|dzs|[őű]"), HUNGARIAN, 0.0),
    ("spelling with j as a glide", re.compile("(?<=[bghkmnpr])j[aeiouöőüŏ]"), GLIDE, 0.0),
    ("Dutch spelling", re.compile("tsj|dzj"), DUTCH, 0.0),
    ("Turkish spelling", re.compile("[çşı]"), TURKISH, 0.0),
    ("French spelling", re.compile(r"tj|tch|dj|[éèêëïœ]|(?<!y)oun(?!g)|oune|iou|ou[aeo]"), FRENCH, 0.0),
    (
        "Russian passport spelling (ICAO Doc 9303)",
        re.compile(r"[kh]v[aeiy]|kh|zh|ts|dj|tch|i[aou]|y[oe]n\b|(?<=[\W_])(?:[cpsrkml]?h?en|ir)\b"),
        RUSSIAN,
        UNMARKED_COST,
    ),
)
_SIGNS = re.compile("[ăâđêôơư\u1ea0-\u1ef9àáãèéìíòóõùúýĩũ]")
"""Letters of Vietnamese beyond the English ones."""


@lru_cache(maxsize=1)
def _vietnamese() -> dict[str, Readings]:
    found: dict[str, Readings] = {}
    for syllable, block, _ in rows("vietnamese.tsv"):
        found.setdefault(syllable, {})[reading_of_block(block)] = UNMARKED_COST
    return found


def _without_tones(word: str) -> str:
    return re.sub("[\u0300-\u036f]", "", unicodedata.normalize("NFD", word.replace("đ", "d")))


def _vietnamese_words(word: str) -> tuple[Word, ...]:
    read = _vietnamese().get(_without_tones(word))
    return ((Syllable(word, read),),) if read else ()


@lru_cache(maxsize=CACHED)
def systems(text: str) -> tuple[tuple[str, tuple[Way, ...], float], ...]:
    """Read a name as Korean in each orthography whose own spellings occur in it.

    Args:
        text: a name in Latin letters, accents kept.

    Returns:
        For each orthography its short name, the ways to read the name, and the cost of the system.
    """
    return tuple(_systems(text))


def _small(text: str) -> str:
    if text.isascii():
        return text.lower().replace("'", "").replace("`", "")
    return re.sub("['’ʼ`´]", "", unicodedata.normalize("NFC", text.replace("I\u0307", "i").lower()))


def own_systems(word: str) -> tuple[str, ...]:
    """List the orthographies whose own spellings occur in a word, and that read it as Korean syllables."""
    small = _small(f" {word}")
    found = [system for system, own, _, _ in _SYSTEMS if own.search(small)]
    if _SIGNS.search(small):
        found.append(_VIETNAMESE)
    return tuple(system for system in found if can_read(system, word))


@lru_cache(maxsize=CACHED)
def can_read(system: str, word: str) -> bool:
    """Check whether an orthography reads a word as Korean syllables, whether or not its own spellings occur in it.

    Args:
        system: the short name of the orthography, as `systems` gives it.
        word: a word in Latin letters, accents kept.
    """
    read = _READERS[system]
    return all(read(part) for part in APART.split(_small(word)) if part)


def _systems(text: str) -> Iterator[tuple[str, tuple[Way, ...], float]]:
    small = _small(text)
    words = [word for word in APART.split(small) if word]
    if not 0 < len(words) <= 4:
        return
    for system, own, orthography, cost in _SYSTEMS:
        if own.search(small):
            ways = names(map(orthography.words, words))
            # Kontsevich's system alone writes names as they sound.
            heard = tuple(assimilated(way, joins_words=True) for way in ways) if orthography is RUSSIAN else ways
            if heard:
                yield system, heard, cost
    if _SIGNS.search(small) and (ways := names(map(_vietnamese_words, words))):
        yield _VIETNAMESE, ways, UNMARKED_COST


_READERS: dict[str, Callable[[str], tuple[Word, ...]]] = {
    **{system: orthography.words for system, _, orthography, _ in _SYSTEMS},
    _VIETNAMESE: _vietnamese_words,
}
"""By the short name of each orthography, what reads a word in it."""
