"""Candidate names within a text: several names in one field, a name in a payment line, words beside a name.

A text is split where people put several names (a.k.a., ex, or, brackets, commas, message tags); words that are no part
of a name are set aside (`app.matching.vocabulary`). The text is always compared as it is as well, so that nothing is
lost by what is set aside.
"""

import html
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, pairwise

from app.fields.text import APOSTROPHES, CACHED, fold
from app.matching.romanization import fold_letters, splits
from app.matching.vocabulary import COUNTRY_NAME, NATIVE_POSTS, NUMBER, SHIP, STATE_CODES, TITLE, set_aside

MAX_PARTS = 16
"""Most parts of a text that are each compared as a name."""
MAX_WINDOWS = 48
"""Most windows of words within a text that are each compared as a person's name."""
MAX_WINDOW_WORDS = 4
"""Most words of a window: a Korean name has two to four syllables."""
MIN_NUMBER_DIGITS = 6
"""Digits from which on a word is a number of something, and no part of a name."""
MAX_WORDS = 60
"""Most words of a text that are looked through for names within it."""


@dataclass(frozen=True)
class Segment:
    """A part of a text that can be a name.

    Attributes:
        text: the part.
        left_over: the other words of the text, but for those that were set aside as no part of a name.
        set_aside: what the words are that were set aside.
        beside: what those of them are that stand in its own part of the text.
        is_window: whether words stand beside it, in its own part of the text, that were not set aside.
        has_title_behind: whether a form of address or a post is behind it.
        is_before_ho: whether the word for a ship behind it can be the last syllable of a person's name: JO CHOL HO.
    """

    text: str
    left_over: tuple[str, ...] = ()
    set_aside: frozenset[str] = frozenset()
    beside: frozenset[str] = frozenset()
    is_window: bool = False
    has_title_behind: bool = False
    is_before_ho: bool = False


@dataclass(frozen=True)
class Segmented:
    """A text split into candidate names.

    Attributes:
        segments: the candidates, all of the text first.
        groups: the text between strong separators, where it has several words: names of bodies are looked for in them.
        set_aside: the words that are no part of a name, each with what it is.
    """

    segments: tuple[Segment, ...]
    groups: tuple[Segment, ...]
    set_aside: tuple[tuple[str, str], ...] = ()


_BYTE = "[\u0080-\u00bf€ŒœŠšŸŽžƒˆ˜–—‘’‚“”„†‡•…‰‹›™]"
_WRONG_BYTES = re.compile(f"(?:[ÂÃÄÅÐÑØÙ]{_BYTE}|[à-ï]{_BYTE}{{2}})+")
"""Characters in UTF-8 (Latin, Cyrillic, Arabic; those of three bytes) of which each byte was read as one character."""
_ESCAPED = re.compile(r"(?:%[0-9A-Fa-f]{2})+|\\u[0-9A-Fa-f]{4}|\\(?=['\"])")
"""Escapes of URLs (RFC 3986, section 2.1) and of programs: ``%27``, ``\\u2019``, ``\\'``."""
_LOST_APOSTROPHE = re.compile(rf"(?<=[^\W\d_])[?{APOSTROPHES}](?=[^\W\d_])")
_PADDING = re.compile(r"[@*#=~^]{2,}|[@\u200b]+$")
_MACHINE_READABLE = re.compile(r"(?:[PVIAC][A-Z<]([A-Z]{3}|D<<))?([A-Z]+(?:<[A-Z]+)*)<<([A-Z]+(?:<[A-Z]+)*)<*")
_QUOTED = re.compile(rf"""^[\s'"«»“”„{APOSTROPHES}]+|[\s'"«»“”„{APOSTROPHES}]+$""")
_OPENED = re.compile(rf"""(?<=\s)["“”„«{APOSTROPHES}](?=\S)[^"“”„«»{APOSTROPHES}]*$""")
_CONTROL = re.compile("[\x80-\x9f]")
"""Control characters of Latin-1, which are apostrophes and dashes in Windows-1252."""
SPACED = re.compile(r"(?:[^\W\d_] ){5,}[^\W\d_]")
"""Letters with a blank between each two, as letter-spaced print is read."""


def repair(text: str) -> str:
    """Undo what systems do to a name on its way: escapes, bytes read in a wrong encoding, lost apostrophes.

    References of HTML and escapes of URLs and programs are read; UTF-8 that was read as Windows-1252 or Latin-1
    (``Châ€™oe``) is read again; a question mark, or whatever serves as an apostrophe, between two letters is one;
    quotation marks around, padding (``@@@``, as in AIS), blanks between all letters and the filler of machine-readable
    zones (ICAO Doc 9303, part 4) are removed.
    """
    if "&" in text:
        text = html.unescape(html.unescape(text))
    if "%" in text or "\\" in text:
        text = _ESCAPED.sub(_unescaped, text)
    if not text.isascii():
        text = _WRONG_BYTES.sub(_decoded_again, text)
        text = _CONTROL.sub(lambda found: found[0].encode("latin-1").decode("cp1252", "replace"), text)
    text = _LOST_APOSTROPHE.sub("'", text)
    text = _PADDING.sub(" ", text)
    if "<" in text:
        text = _machine_readable(text)
    if SPACED.fullmatch(text):
        text = text.replace(" ", "")
    bare = _QUOTED.sub("", text)
    return text.strip() if _OPENED.search(bare) else bare


def _unescaped(found: re.Match[str]) -> str:
    """Read an escape; one that is no printable text is left as it is."""
    escape = found[0]
    if escape[0] == "%":
        try:
            text = bytes.fromhex(escape.replace("%", "")).decode()
        except UnicodeDecodeError:
            return escape
    else:
        text = chr(int(escape[2:], 16)) if len(escape) > 1 else ""
    return text if not text or text.isprintable() else escape


def _decoded_again(found: re.Match[str]) -> str:
    """Read the bytes of a character or more as UTF-8 that were read as Windows-1252, or as Latin-1 in its gaps."""
    encoded = bytearray()
    for char in found[0]:
        try:
            encoded += char.encode("cp1252")
        except UnicodeEncodeError:
            encoded.append(ord(char))
    try:
        return encoded.decode("utf-8")
    except UnicodeDecodeError:
        return found[0]


def _machine_readable(text: str) -> str:
    found = _MACHINE_READABLE.search(text.replace(" ", "").upper())
    if found:
        return f"{found[2]} {found[3]}".replace("<", " ")
    return text if ">" in text else text.replace("<", " ")


_ABBREVIATED = re.compile(r"(?i)(?<!\w)([a-z]|lpg|lng)/([a-z])(?:/([a-z]))?(?!\w)")
_BETWEEN_NAMES = re.compile(r"(?i)(?<!\w)[ct]/[oa](?!\w)")
"""Care of, trading as."""
QUOTED_WITHIN = re.compile(
    rf"""(?<!\S)["“”„«‚{APOSTROPHES}](?P<name>[^"“”„«»‚{APOSTROPHES}]{{2,}})["“”»{APOSTROPHES}](?!\w)"""
)
"""A name in quotation marks within a text, as people put a former or a second one."""
FIRST_NUMBER = re.compile(r"\s*(?:(?:[#(]1[.)]?|1[.)]|[(]?a[.)])\s|①)")
_ENUMERATED = re.compile(r"(?<!\S)(?:[#(]\d{1,2}[.)]?|\d{1,2}[.)]|[(]?[a-h][.)])\s|[①-⑳]\s?")
"""The numbers of a list, where a text begins with the first of them."""
_GLUED_PREFIX = re.compile(r"(?i)(?<![\w.])(?:(?:[a-z]\.){2,3}|(?:mv|mt|ms|ss|st|fv|mtv|my|rv)\.)(?=[^\W\d_]{2})")
"""The prefix of a ship, or initials, with a full stop and without a blank before the name: M.V.SE PHO, MT.SE PHO."""
_TAGS = re.compile(
    r"(?:^|(?<=\s))(?::\d\d[A-Z]?:|//?(?=\w*\d)[\w-]+(?=\s|$)|[1-8]/(?=\S))|:\d\d[A-Z]:",
)
_DATES = re.compile(
    r"(?i)\b(?:born|b\.|dob:?|d\.o\.b\.?:?|date of birth:?|birth date:?)?\s*(?:on |in |c\. ?|ca\.? ?)?"
    r"(?:\d{1,2}(?:st|nd|rd|th)?[ ./-]+(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?[ ,./-]+\d{2,4}"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4}"
    r"|\d{1,2}[./-]\d{1,2}[./-](?:19|20)?\d\d|(?:19|20)\d\d[./-]\d{1,2}[./-]\d{1,2}|\b(?:19|20)\d\d년생?)\b"
    r"|\b(?:born|b\.|dob:?|d\.o\.b\.?:?)\s*(?:in |c\. ?|ca\.? ?)?(?:19|20)\d\d\b"
)
_STRONG = re.compile(
    r"(?i)[;；|｜／\n\r\t\v\f\u2028\u2029()\[\]{}（）「」『』【】《》〈〉〔〕+\\→⇒➔➜►…]|[-=]*[<>]|\.{3,}|:(?=\s)|\s[-–—]{1,2}\s|\s[=*•·∙▪●]\s"
    r"|\s?/\s?|\s&\s"
    r"|(?<!\w)(?:a\.?\s?k\.?\s?a\b\.?:?|f\.?\s?k\.?\s?a\b\.?:?|n\.?\s?k\.?\s?a\b\.?:?|d\.?\s?b\.?\s?a\b\.?:?|f\.?\s?n\.?(?=\s)"
    r"|(?:prev(?:ious)?|prior|old|late|former|earlier|original|other|alternative)\.?\s+names?\b"
    r"|prev\.(?=\s)|formerly named"
    r"|alias|also known as|formerly known as|now known as|previously known as|known as|formerly|previously|ex[\s-]name"
    r"|otherwise|trading as|doing business as|renamed|now|then|was|via"
    r"|ehem(?:als|\.)|vormals|anciennement|anc\.|antes|anteriormente|бывш(?:ий|ая|ее|\.)|ранее"
    r"|구명|옛이름|옛 이름|이전 이름|原名|曾用名|旧名|舊名|旧船名|ex(?=[\s\-:.]))(?!\w)[\s:.-]*"
    r"|\s(?:or|and|und|et|y|oder|и|или|및|또는|與|与|和)\s"
)
_DIGIT = re.compile(r"\d")
"""What every date and every tag of a message has."""
_COMMA = re.compile(r"\s*[,，、،]\s*")
NATIVE_POSTS_END = re.compile(rf"(?<=[가-힣\u4e00-\u9fff])(?:{'|'.join(NATIVE_POSTS)})$")
NATIVE_POST = re.compile(rf"(?:{'|'.join(NATIVE_POSTS)})+")
SHIP_SUFFIX = re.compile(r"(?<=[가-힣\u4e00-\u9fff]{2})(?:호|号|號|丸|轮|輪)$")
VOYAGE = re.compile(r"(?i)(?:v|voy|voyage)\.?\d{1,4}[a-z]?")
VOYAGE_LABELS = frozenset(["v", "voy", "voyage"])
_VOYAGE_NUMBER = re.compile(r"(?i)\d{1,4}[a-z]?")
"""The number of a voyage behind the name of a ship: V.23, VOY 12E."""
_SYLLABLES = frozenset(["ho", "hao", "son", "jun", "sen"])
"""Words that are a label as well as a syllable of names."""
CONNECTING = frozenset(
    ["of", "the", "and", "in", "at", "to", "from", "for", "by", "with", "is", "was", "on", "&", "und", "de"]
)
"""Words that a name neither begins nor ends with in a longer text."""


@dataclass(frozen=True)
class _Word:
    """A word of a text: as typed, the number of its group and of its part of the group, and what it is if set aside."""

    text: str
    group: int
    part: int
    kind: str | None


def segment(text: str) -> Segmented:
    """Split a text into what can be a name.

    Args:
        text: the text, repaired (``repair``).
    """
    words = _words(text)
    whole = Segment(text)
    found = {text: whole}
    for first, last in _ranges(words):
        part = " ".join(word.text for word in words[first:last])
        if part not in found and len(found) < MAX_PARTS:
            found[part] = _segment(part, words, first, last)
        if (bare := SHIP_SUFFIX.sub("", NATIVE_POSTS_END.sub("", part))) != part and len(bare) > 1:
            found.setdefault(bare, _segment(bare, words, first, last))
    for turned, first, last in _turned(words):
        found.setdefault(turned, _segment(turned, words, first, last))
    for first, last in _windows(words):
        part = " ".join(word.text for word in words[first:last])
        if part not in found and len(found) < MAX_PARTS + MAX_WINDOWS:
            found[part] = _segment(part, words, first, last)
    groups = [
        _segment(" ".join(word.text for word in words[first:last]), words, first, last)
        for first, last in _stretches(words, lambda word: word.group)
        if last - first > 2
    ]
    if "\n" in text and len(words) > 2:
        # A field of several lines can have a name that is broken at their end.
        groups.append(_segment(" ".join(word.text for word in words), words, 0, len(words)))
    return Segmented(tuple(found.values()), tuple(groups), _set_aside_of(words))


def words_set_aside(text: str) -> tuple[tuple[str, str], ...]:
    """List the words of a text that are no part of a name, each with what it is, as `segment` does.

    Args:
        text: the text, repaired (``repair``).
    """
    found = ((word, kind) for _, _, typed in _parts(text) for word, kind in zip(typed, _kinds(typed), strict=True))
    return tuple((word, kind) for word, kind in islice(found, MAX_WORDS) if kind)


def _set_aside_of(words: Sequence[_Word]) -> tuple[tuple[str, str], ...]:
    return tuple((word.text, word.kind) for word in words if word.kind)


def _words(text: str) -> list[_Word]:
    """Split a text into words, the separators and dates left out."""
    words = (
        _Word(word, group, part, kind)
        for group, part, typed in _parts(text)
        for word, kind in zip(typed, _kinds(typed), strict=True)
    )
    return list(islice(words, MAX_WORDS))


def _parts(text: str) -> Iterator[tuple[int, int, list[str]]]:
    """Split a text into its parts: for each the numbers of its group and of the part, and its words as typed."""
    has_slash = "/" in text
    bare = QUOTED_WITHIN.sub(r" ; \g<name> ; ", _BETWEEN_NAMES.sub(" ; ", text) if has_slash else text)
    if FIRST_NUMBER.match(bare):
        bare = _ENUMERATED.sub(" ; ", bare)
    if has_slash:
        bare = _ABBREVIATED.sub(lambda match: "".join(filter(None, match.groups())), bare)
    if _DIGIT.search(bare):
        bare = _TAGS.sub(" ; ", _DATES.sub(" ; ", bare))
    if "." in bare:
        bare = _GLUED_PREFIX.sub(r"\g<0> ", bare)
    part = 0
    for group, stretch in enumerate(_STRONG.split(bare)):
        for between in _COMMA.split(stretch):
            yield group, part, [word for word in map(_trimmed, between.split()) if word]
            part += 1


def _kinds(typed: Sequence[str]) -> list[str | None]:
    """Say of each word of a part what it is, where it is no part of a name."""
    pieces = [(piece, place) for place, word in enumerate(typed) for piece in _folded(word)]
    kinds: list[str | None] = [None] * len(typed)
    known, at = _set_aside(), 0
    if len(typed) == 1 and typed[0] in STATE_CODES:
        return [COUNTRY_NAME]
    while at < len(pieces):
        for phrase, kind in known.get(pieces[at][0], ()):
            if tuple(piece for piece, _ in pieces[at : at + len(phrase)]) == phrase:
                covered = {place for _, place in pieces[at : at + len(phrase)]}
                for place in covered:
                    kinds[place] = kind
                at += len(phrase) - 1
                break
        at += 1
    for place, word in enumerate(typed):
        if kinds[place] and "-" in word and _folded(word) not in set_aside():
            kinds[place] = None  # Song-ho is a name, ho a ship
        if kinds[place] is not None:
            continue
        if not word.isascii() and NATIVE_POST.fullmatch(word):
            kinds[place] = TITLE
        elif word in STATE_CODES and place == len(typed) - 1:
            kinds[place] = COUNTRY_NAME
        elif len(word) >= MIN_NUMBER_DIGITS and sum(map(str.isdigit, word)) >= MIN_NUMBER_DIGITS:
            kinds[place] = NUMBER
    for place, word in enumerate(typed[1:], 1):
        if VOYAGE.fullmatch(word):
            kinds[place] = SHIP
        elif _VOYAGE_NUMBER.fullmatch(word) and place > 1 and typed[place - 1].lower() in VOYAGE_LABELS:
            kinds[place - 1] = kinds[place] = SHIP
    return kinds


@lru_cache(maxsize=1)
def _set_aside() -> dict[str, tuple[tuple[tuple[str, ...], str], ...]]:
    """Map the first word of each phrase that is no part of a name to those phrases, the longest first."""
    found: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for phrase, kind in set_aside().items():
        found.setdefault(phrase[0], []).append((phrase, kind))
    return {first: tuple(sorted(phrases, key=lambda one: -len(one[0]))) for first, phrases in found.items()}


@lru_cache(maxsize=CACHED)
def _folded(word: str) -> tuple[str, ...]:
    return tuple(fold(word).split())


def _stretches(words: Sequence[_Word], key: Callable[[_Word], int]) -> Iterator[tuple[int, int]]:
    """Yield the first and the last place (exclusive) of each stretch of words that have a key in common."""
    first = 0
    for place in range(1, len(words) + 1):
        if place == len(words) or key(words[place]) != key(words[first]):
            yield first, place
            first = place


def _ranges(words: Sequence[_Word]) -> Iterator[tuple[int, int]]:
    """Yield the stretches of words that can be a name: groups and parts, whole and trimmed, and runs within them."""
    groups = list(_stretches(words, lambda word: word.group))
    parts = list(_stretches(words, lambda word: word.part))
    stretches = list(dict.fromkeys([*([(0, len(words))] if words else []), *groups, *parts]))
    for first, last in stretches:
        if last - first < len(words):
            yield first, last
        yield from _trims(words, first, last)
    for first, last in parts:
        yield from _runs(words, first, last)
    for first, last in stretches:
        yield from _partial_trims(words, first, last)


def _trims(words: Sequence[_Word], first: int, last: int) -> Iterator[tuple[int, int]]:
    """Yield a stretch without the words at its end, at its beginning, and at both, that are no part of a name."""
    begin, end = first, last
    while end > begin and _is_beside(words[end - 1]):
        end -= 1
    while begin < end and _is_beside(words[begin]):
        begin += 1
    for start, stop in dict.fromkeys([(first, end), (begin, last), (begin, end)]):
        if start < stop and stop - start < last - first:
            yield start, stop


def _partial_trims(words: Sequence[_Word], first: int, last: int) -> Iterator[tuple[int, int]]:
    """Yield a stretch without some of those words only, where one can be a syllable: PAEK MA | HO."""
    begin, end = first, last
    while end > first and _is_beside(words[end - 1]):
        end -= 1
    while begin < end and _is_beside(words[begin]):
        begin += 1
    for stop in range(end + 1, last):
        if _syllable_count(words[stop - 1].text):
            yield begin, stop
    for start in range(first + 1, begin):
        if _syllable_count(words[start].text):
            yield start, end


def _is_beside(word: _Word) -> bool:
    return word.kind is not None or word.text.lower() in CONNECTING


def _runs(words: Sequence[_Word], first: int, last: int) -> Iterator[tuple[int, int]]:
    begin = None
    for place in range(first, last + 1):
        if place < last and (words[place].kind is None or words[place].text.lower() in _SYLLABLES):
            begin = place if begin is None else begin
        elif begin is not None:
            yield begin, place
            yield from _trims(words, begin, place)
            begin = None


def _turned(words: Sequence[_Word]) -> Iterator[tuple[str, int, int]]:
    """Yield the words before a comma put behind it: ``CHOL, Ri Pyong`` as Ri Pyong CHOL."""
    parts = list(_stretches(words, lambda word: word.part))
    for (first, middle), (second, last) in islice(pairwise(parts), MAX_PARTS):
        if words[first].group == words[second].group and middle - first < MAX_WINDOW_WORDS:
            after = [word.text for word in words[second:last] if word.kind is None]
            if after and len(after) < MAX_WINDOW_WORDS:
                yield " ".join([*after, *(word.text for word in words[first:middle] if word.kind is None)]), first, last


def _windows(words: Sequence[_Word]) -> Iterator[tuple[int, int]]:
    """Yield the windows of words within each run of words that can be a person's name."""
    for first, last in _stretches(words, lambda word: word.part):
        for begin, end in _runs(words, first, last):
            sizes = [_syllable_count(word.text) for word in words[begin:end]]
            for start in range(end - begin):
                for stop in range(min(len(sizes), start + MAX_WINDOW_WORDS), start, -1):
                    window = sizes[start:stop]
                    if len(window) < len(sizes) and all(window) and 3 <= sum(window) <= MAX_WINDOW_WORDS:
                        yield begin + start, begin + stop


@lru_cache(maxsize=CACHED)
def _syllable_count(word: str) -> int:
    """Count the syllables of a word in the shortest way to split it; 0 where it is no Korean word."""
    ways = [splits(part, MAX_WINDOW_WORDS) for part in re.split(r"[-‐']", fold_letters(word)) if part]
    return sum(len(way[0]) for way in ways) if all(ways) else 0


def _segment(text: str, words: Sequence[_Word], first: int, last: int) -> Segment:
    others = [*words[:first], *words[last:]]
    left = tuple(word.text for word in others if not _is_beside(word))
    beside = [words[place] for place in (first - 1, last) if 0 <= place < len(words)]
    is_window = any(word.part == words[first].part and not _is_beside(word) for word in beside)
    aside = [word for word in others if word.kind]
    near = frozenset(word.kind for word in aside if word.kind and word.part == words[first].part)
    has_title_behind = any(word.kind == TITLE for word in words[last:])
    kinds = frozenset(word.kind for word in aside if word.kind)
    is_before_ho = last < len(words) and words[last].part == words[first].part and words[last].text.lower() == "ho"
    return Segment(text, left, kinds, near, is_window, has_title_behind, is_before_ho)


def _trimmed(text: str) -> str:
    return text.strip(" \t\n\r,.;:-–—\"'“”!«»")
