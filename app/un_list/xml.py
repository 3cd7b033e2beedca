"""Reader of the UN's consolidated list as it is published: XML, parsed safely, into the parties of one regime.

A list of any day is read. A value that cannot be read, and an element that this reader does not know, are kept beside
what was read, each with its entry and its element, so that nothing of an entry is passed over in silence.

Peculiarities of the file: reference numbers have trailing blanks; DATAID is not stable; LISTED_ON sometimes has an
offset behind the day; elements are often there and empty; passports are repeated in other languages; names contain line
breaks; DESIGNATION is a person's post. No list seen has ships in it.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from app.fields.dates import parse_day, parse_edtf
from app.un_list.countries import un_country
from app.vocabularies import AliasQuality, DocumentKind, Gender, NameKind, PartyKind

REGIME = "DPRK"
"""What UN_LIST_TYPE says of the parties of the 1718 regime."""

MOST_BYTES = 16 * 1024 * 1024
"""Largest list that is read, in bytes; the UN's have two million. The parser is given all of it at once, as expat needs
quadratic time for a long token that comes in parts."""

LONGEST_VALUE = 5000
"""Longest value of an element that is read, in characters; the reasons in COMMENTS1 may be of any length."""

Value = TypeVar("Value")

_ROOT = "CONSOLIDATED_LIST"
_PARTS = {"INDIVIDUALS": "INDIVIDUAL", "ENTITIES": "ENTITY"}
_KINDS = {"INDIVIDUAL": PartyKind.INDIVIDUAL, "ENTITY": PartyKind.ENTITY}
_NUMBER = re.compile(r"KP[ie]\.[0-9]{3}")
_QUALITIES = {
    "good": (NameKind.ALIAS, AliasQuality.GOOD),
    "low": (NameKind.ALIAS, AliasQuality.LOW),
    "a.k.a.": (NameKind.ALIAS, None),
    "f.k.a.": (NameKind.FORMER, None),
}
_PAPERS = {
    **dict.fromkeys(
        (
            *("passport", "passport number", "passeport", "numero de passeport", "pasaporte", "numero de pasaporte"),
            *("паспорт", "номер паспорта", "护照", "护照号码", "جواز سفر", "رقم جواز السفر"),
        ),
        DocumentKind.PASSPORT,
    ),
    **dict.fromkeys(
        (
            *("diplomatic passport", "passeport diplomatique", "pasaporte diplomatico", "дипломатический паспорт"),
            *("外交护照", "جواز سفر دبلوماسي"),
        ),
        DocumentKind.DIPLOMATIC_PASSPORT,
    ),
}
"""Kinds of paper in the UN's six languages, in small letters and without Latin accents."""
_ACCENTS = str.maketrans("áàâäéèêëíîïóôöúûüñç", "aaaaeeeeiiiooouuunc")

_NOTHING = {"na", "n/a", "n.a.", "n.a", "-", "--", "none", "nil", "unknown", "not available", "not known"}
"""How the lists write that they have no value, in small letters."""

_CARRIES_NO_FACT = {"DATAID", "VERSIONNUM", "LIST_TYPE", "SORT_KEY", "SORT_KEY_LAST_MOD"}
"""Elements of an entry that number or sort it."""

_SINGLE = {
    *("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME"),
    *("UN_LIST_TYPE", "REFERENCE_NUMBER", "LISTED_ON", "GENDER", "COMMENTS1"),
}
_VALUES = {"DESIGNATION", "NATIONALITY", "LAST_DAY_UPDATED"}
_PLACE = {"STREET", "CITY", "STATE_PROVINCE", "ZIP_CODE", "NOTE", "COUNTRY"}
_CHILDREN = {
    "DATE_OF_BIRTH": {"TYPE_OF_DATE", "DATE", "YEAR", "FROM_YEAR", "TO_YEAR"},
    "PLACE_OF_BIRTH": _PLACE,
    "ADDRESS": _PLACE,
    "ALIAS": {"QUALITY", "ALIAS_NAME", "DATE_OF_BIRTH"},
    "DOCUMENT": {
        *("TYPE_OF_DOCUMENT", "NUMBER", "ISSUING_COUNTRY", "COUNTRY_OF_ISSUE", "DATE_OF_ISSUE", "NOTE"),
    },
}
"""What an entry's composite elements contain, each named without INDIVIDUAL_ or ENTITY_."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# Every repetition has an upper bound, so that a long text takes time in proportion to its length.
_DATE = re.compile(
    r"""(?P<iso>\d{4}-\d{2}-\d{2})
      | (?P<day>\d{1,2})\ (?P<month>[A-Za-z]{3})[a-z]{0,6}\.?\ (?P<year>\d{4})
      | (?P<month_us>[A-Za-z]{3})[a-z]{0,6}\.?\ (?P<day_us>\d{1,2}),?\ (?P<year_us>\d{4})""",
    re.VERBOSE,
)
_EXPIRY = re.compile(
    rf"expir(?:es|ed|y|ing|ation|ation\ of|e)?\ ?(?:date|on)?\ ?:?\ ?(?P<date>{_DATE.pattern})",
    re.IGNORECASE | re.VERBOSE,
)
_AROUND_EXPIRY = {"passport", "date", "number", "no", "of"}
"""Words beside the date in a note on expiry that say nothing of their own."""


class UnreadableListError(Exception):
    """The file is not a consolidated list, is cut off, too large, or contains what no list does."""


@dataclass(frozen=True, order=True)
class ListedName:
    """An alias or former name, in Latin and in original script, with the quality that the UN gives it, if any."""

    name: str
    original_script: str | None
    kind: NameKind
    quality: AliasQuality | None


@dataclass(frozen=True, order=True)
class ListedDocument:
    """A passport: number, days of issue and expiry in EDTF, country of issue as ISO 3166-1 alpha-2, and its kind."""

    number: str
    issued_on: str | None
    expires_on: str | None
    issued_by: str | None
    kind: DocumentKind = DocumentKind.PASSPORT


@dataclass(frozen=True, order=True)
class ListedPlace:
    """An address or a place of birth; the country as ISO 3166-1 alpha-2."""

    text: str | None
    country: str | None


@dataclass(frozen=True, order=True)
class UnreadValue:
    """A value of an entry that is not read.

    Attributes:
        reference_number: of the entry, as printed; empty where it has none.
        element: path of the element below the entry, such as ``INDIVIDUAL_DOCUMENT/TYPE_OF_DOCUMENT``.
        text: the value as printed, its white space folded.
        reason: why it is not read.
        field: the field of ``ListedParty`` that it would have been part of; empty where there is none.
    """

    reference_number: str
    element: str
    text: str
    reason: str
    field: str = ""


@dataclass(frozen=True)
class ListedParty:
    """One entry of the list, every value in the form that the record keeps it in.

    Attributes:
        reference_number: the permanent reference number, KPi.001 or KPe.001.
        listed_on: None where it cannot be read.
        birth_dates: in EDTF.
        amended_on: days on which the UN amended the entry.
        narrative_sha256: SHA-256 of the reasons printed, which the record does not copy; None where there are none.
    """

    reference_number: str
    kind: PartyKind
    name: str
    listed_on: date | None
    gender: Gender | None
    aliases: tuple[ListedName, ...]
    nationalities: tuple[str, ...]
    positions: tuple[str, ...]
    birth_dates: tuple[str, ...]
    birth_places: tuple[ListedPlace, ...]
    documents: tuple[ListedDocument, ...]
    addresses: tuple[ListedPlace, ...]
    amended_on: tuple[date, ...]
    narrative_sha256: str | None


@dataclass(frozen=True)
class ConsolidatedList:
    """A consolidated list.

    Attributes:
        generated_on: day on which it says that it was generated; None where it does not say so.
        parties: the parties of the regime, by reference number.
        parties_of_all_regimes: how many entries it has in all.
        unread: what of the regime's entries is not read.
    """

    generated_on: date | None
    parties: dict[str, ListedParty]
    parties_of_all_regimes: int
    unread: tuple[UnreadValue, ...] = ()


def read_list(path: Path) -> ConsolidatedList:
    """Read a consolidated list from a file.

    Raises:
        UnreadableListError: the file cannot be opened, or ``parse_list`` refuses it.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UnreadableListError(f"{path}: {error.strerror}") from None
    return parse_list(content, str(path))


def parse_list(content: bytes, name: str) -> ConsolidatedList:
    """Parse a consolidated list.

    Args:
        content: the XML.
        name: where it came from, for messages.

    Raises:
        UnreadableListError: it is empty, too large, cut off, malformed, has a DTD or entities of its own, is not a
            consolidated list, or has no party of the regime.
    """
    try:
        return _parse(content)
    except (ParseError, DefusedXmlException, ValueError, LookupError, RecursionError, UnreadableListError) as error:
        raise UnreadableListError(f"{name}: {error}") from None


def _parse(content: bytes) -> ConsolidatedList:
    if not content.strip():
        raise UnreadableListError("the file is empty")
    if len(content) > MOST_BYTES:
        raise UnreadableListError(f"the file is larger than {MOST_BYTES} bytes, which no list is")
    try:
        root: Element = fromstring(content, forbid_dtd=True)
    except DefusedXmlException:
        # A DTD could declare entities that grow without bound or read files.
        raise UnreadableListError("it declares a document type, which the list never does; refused") from None
    if root.tag != _ROOT:
        raise UnreadableListError(f"the file is no consolidated list: it begins with {root.tag[:80]}")
    found = _Entries()
    for part in root:
        found.read_part(part)
    if not found.parties and not found.unread:
        raise UnreadableListError(f"the file has no party of the regime {REGIME}; this never reads as all removed")
    return ConsolidatedList(_generated_on(root), found.parties, found.total, tuple(found.unread))


def _generated_on(root: Element) -> date | None:
    """Return the day that the list prints as that of its generation, in the offset in which it prints it."""
    try:
        return parse_day(root.get("dateGenerated", "")[:10])
    except ValueError:
        return None


class _Entries:
    """The regime's entries of a list, as far as they are read."""

    def __init__(self) -> None:
        self.parties: dict[str, ListedParty] = {}
        self.unread: list[UnreadValue] = []
        self.total = 0

    def read_part(self, part: Element) -> None:
        """Read a part of the list: INDIVIDUALS, ENTITIES, or one that no list seen has."""
        known = _PARTS.get(part.tag)
        for element in part:
            self.total += 1
            if not _is_of_regime(element, known is not None):
                continue
            if element.tag == known:
                self._read_entry(element)
            else:
                reason = "entries of this kind are not read"
                self.unread.append(_unread(element, f"{part.tag}/{element.tag}", _summary(element), reason))
        if text := _folded(part.text):
            self.unread.append(UnreadValue("", part.tag, text, "text that belongs to no entry"))

    def _read_entry(self, element: Element) -> None:
        number = _text(element, "REFERENCE_NUMBER") or ""
        entry = _Entry(element, number)
        if not _NUMBER.fullmatch(number):
            reason = "not a permanent reference number of this regime (KPi.001, KPe.001), so the entry is not compared"
            self.unread.append(_unread(element, "REFERENCE_NUMBER", f"{number} {_summary(element)}".strip(), reason))
        elif number in self.parties:
            reason = "the number of an entry before it, so this one is not compared"
            self.unread.append(_unread(element, "REFERENCE_NUMBER", f"{number} {_summary(element)}", reason))
        else:
            self.parties[number] = entry.party()
            self.unread += entry.unread


def _is_of_regime(element: Element, in_known_part: bool) -> bool:
    """Say whether an entry is of the regime, or may be: one in a part that is not known need not say of which it is."""
    regime, number = _text(element, "UN_LIST_TYPE"), _text(element, "REFERENCE_NUMBER") or ""
    return regime == REGIME or number.startswith("KP") or (regime is None and not in_known_part)


def _unread(element: Element, place: str, text: str, reason: str) -> UnreadValue:
    return UnreadValue((_text(element, "REFERENCE_NUMBER") or "")[:80], place, text[:LONGEST_VALUE], reason)


def _summary(element: Element) -> str:
    """Return the first texts of an entry, to recognise it by."""
    names = (_text(element, tag) for tag in ("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME", "NAME"))
    texts = " ".join(filter(None, names)) or " ".join(filter(None, map(_folded, element.itertext())))
    return texts[:200]


class _Entry:
    """One entry while it is read: the values, and what is not read."""

    def __init__(self, element: Element, number: str) -> None:
        self.element, self.number = element, number
        self.prefix = f"{element.tag}_"
        self.unread: list[UnreadValue] = []

    def party(self) -> ListedParty:
        """Read the entry."""
        self._name_unknown_elements()
        element, number = self.element, self.number
        kind = _KINDS[element.tag]
        if kind != {"i": PartyKind.INDIVIDUAL, "e": PartyKind.ENTITY}[number[2]]:
            self._miss("REFERENCE_NUMBER", number, f"the number of another kind than {kind}", "kind")
        if (regime := _text(element, "UN_LIST_TYPE")) != REGIME:
            self._miss("UN_LIST_TYPE", regime or "", f"not {REGIME}, which the reference number says")
        narrative = _text(element, "COMMENTS1")
        parts = (_value(element, f"{place}_NAME") for place in ("FIRST", "SECOND", "THIRD", "FOURTH"))
        listed_on = self._one("LISTED_ON", "listed_on", lambda text: parse_day(text[:10]))
        if listed_on is None and not _text(element, "LISTED_ON"):
            self._miss("LISTED_ON", "", "it is missing or empty", "listed_on")
        return ListedParty(
            reference_number=number,
            kind=kind,
            name=" ".join(filter(None, parts)),
            listed_on=listed_on,
            gender=self._one("GENDER", "gender", lambda text: Gender(text.lower())),
            aliases=_unique(self._aliases()),
            nationalities=_unique(self._several("NATIONALITY", "nationalities", un_country)),
            positions=_unique(self._several("DESIGNATION", "positions", str)),
            birth_dates=_unique(self._birth_dates()),
            birth_places=_unique(self._places("PLACE_OF_BIRTH", "birth_places")),
            documents=_unique(self._documents()),
            addresses=_unique(self._places("ADDRESS", "addresses")),
            amended_on=_unique(self._several("LAST_DAY_UPDATED", "amended_on", lambda text: parse_day(text[:10]))),
            narrative_sha256=hashlib.sha256(narrative.encode()).hexdigest() if narrative else None,
        )

    # What is not read

    def _miss(self, element: str, text: str, reason: str, field: str = "") -> None:
        self.unread.append(UnreadValue(self.number, element, text[:LONGEST_VALUE], reason, field))

    def _read(self, element: str, field: str, text: str, parse: Callable[[str], Value]) -> Value | None:
        """Parse a text; one that cannot be is noted, and None is returned."""
        try:
            if len(text) > LONGEST_VALUE:
                raise ValueError(f"longer than {LONGEST_VALUE} characters")
            return parse(text)
        except (ValueError, LookupError) as error:
            self._miss(element, text, str(error), field)
            return None

    def _one(self, tag: str, field: str, parse: Callable[[str], Value]) -> Value | None:
        text = _value(self.element, tag)
        return None if text is None else self._read(tag, field, text, parse)

    def _several(self, tag: str, field: str, parse: Callable[[str], Value]) -> Iterator[Value]:
        for text in _texts(self.element, f"{tag}/VALUE"):
            value = self._read(f"{tag}/VALUE", field, text, parse)
            if value is not None:
                yield value

    def _name_unknown_elements(self) -> None:
        """Note every element with content that this reader does not know, and each that is there once too often."""
        composite = {f"{self.prefix}{name}": children for name, children in _CHILDREN.items()}
        seen: set[str] = set()
        for part in self.element:
            if part.tag in _CARRIES_NO_FACT:
                continue
            if part.tag in _SINGLE:
                self._name_strays(part, part.tag, set(), holds_text=True)
                if part.tag in seen and _folded(part.text):
                    self._miss(part.tag, _folded(part.text), "there is another one before it")
                seen.add(part.tag)
            elif part.tag in _VALUES:
                self._name_strays(part, part.tag, {"VALUE"})
            elif part.tag in composite:
                self._name_strays(part, part.tag, composite[part.tag])
            elif _has_content(part):
                self._miss(part.tag, _all_text(part), "an element that this reader does not know")

    def _name_strays(self, part: Element, path: str, known: set[str], holds_text: bool = False) -> None:
        """Note what an element contains beside what is read of it: text, attributes, children that are not known."""
        if not holds_text and _folded(part.text):
            self._miss(path, _folded(part.text), "text where only elements are known")
        for name, value in part.attrib.items():
            if not name.startswith("{http://www.w3.org/2001/XMLSchema-instance}"):
                self._miss(f"{path}/@{name[:80]}", value, "an attribute that this reader does not know")
        met: set[str] = set()
        for child in part:
            if child.tag not in known:
                if _has_content(child):
                    self._miss(f"{path}/{child.tag}", _all_text(child), "an element that this reader does not know")
            else:
                self._name_strays(child, f"{path}/{child.tag}", set(), holds_text=True)
                if child.tag != "VALUE" and child.tag in met and _folded(child.text):
                    self._miss(f"{path}/{child.tag}", _folded(child.text), "there is another one before it")
                met.add(child.tag)
            if _folded(child.tail):
                self._miss(path, _folded(child.tail), "text where only elements are known")

    # Composite elements

    def _parts(self, name: str) -> Iterator[tuple[str, Element]]:
        tag = f"{self.prefix}{name}"
        return ((tag, element) for element in self.element.findall(tag))

    def _aliases(self) -> Iterator[ListedName]:
        for tag, element in self._parts("ALIAS"):
            kind, quality = NameKind.ALIAS, None
            if printed := _value(element, "QUALITY"):
                if printed.lower() in _QUALITIES:
                    kind, quality = _QUALITIES[printed.lower()]
                else:
                    self._miss(f"{tag}/QUALITY", printed, "a quality that this reader does not know", "aliases")
            if name := _value(element, "ALIAS_NAME"):
                scripts = self._read(f"{tag}/ALIAS_NAME", "aliases", name, _scripts)
                if scripts is not None:
                    yield ListedName(*scripts, kind, quality)

    def _birth_dates(self) -> Iterator[str]:
        """Yield birth dates in EDTF; one that belongs to another name is within its alias."""
        for tag, element in self._parts("DATE_OF_BIRTH"):
            about = ""
            if printed := _value(element, "TYPE_OF_DATE"):
                if printed.upper() == "APPROXIMATELY":
                    about = "~"
                elif printed.upper() not in ("EXACT", "BETWEEN"):
                    self._miss(f"{tag}/TYPE_OF_DATE", printed, "a kind of date not known here", "birth_dates")
            exact = {name: _value(element, name) for name in ("DATE", "YEAR")}
            if exact["DATE"] and exact["YEAR"] and exact["YEAR"] not in exact["DATE"]:
                self._miss(f"{tag}/YEAR", exact["YEAR"], f"not the year of DATE, {exact['DATE']}", "birth_dates")
            first, last = _value(element, "FROM_YEAR"), _value(element, "TO_YEAR")
            name, text = next(((name, text) for name, text in exact.items() if text), ("", None))
            if text:
                born_on = self._read(f"{tag}/{name}", "birth_dates", text, read_date)
                if born_on is not None:
                    yield born_on + about
            if first or last:
                if not text:
                    between = self._read(f"{tag}/FROM_YEAR", "birth_dates", f"{first or ''}/{last or ''}", _between)
                    if between is not None:
                        yield between
                else:
                    self._miss(f"{tag}/FROM_YEAR", f"{first or ''}/{last or ''}", "beside an exact date", "birth_dates")
        for tag, element in self._parts("ALIAS"):
            if text := _value(element, "DATE_OF_BIRTH"):
                born_on = self._read(f"{tag}/DATE_OF_BIRTH", "birth_dates", text, read_date)
                if born_on is not None:
                    yield born_on

    def _places(self, name: str, field: str) -> Iterator[ListedPlace]:
        for tag, element in self._parts(name):
            tags = ("STREET", "CITY", "STATE_PROVINCE", "ZIP_CODE", "NOTE")
            text = ", ".join(filter(None, (_value(element, one) for one in tags)))
            printed = _value(element, "COUNTRY")
            country = self._read(f"{tag}/COUNTRY", field, printed, un_country) if printed else None
            if text or country:
                yield ListedPlace(text or None, country)

    def _documents(self) -> Iterator[ListedDocument]:
        """Yield papers, each once: the list repeats some in other languages, with more or with less."""
        by_number: dict[str, list[ListedDocument]] = {}
        for tag, element in self._parts("DOCUMENT"):
            printed, type_ = _value(element, "NUMBER"), _value(element, "TYPE_OF_DOCUMENT")
            note = _value(element, "NOTE")
            if not printed:
                if type_ or note:
                    self._miss(f"{tag}/NUMBER", " ".join(filter(None, (type_, note))), "it is empty", "documents")
                continue
            kind = self._read(f"{tag}/TYPE_OF_DOCUMENT", "documents", type_ or "", _paper)
            if kind is None:
                continue
            number, _, behind = printed.partition(" (")
            expires_on = self._read(f"{tag}/NUMBER", "documents", behind.rstrip(")"), _expiry) if behind else None
            if note:
                expires_on = self._read(f"{tag}/NOTE", "documents", note, _expiry) or expires_on
            issued_on = _value(element, "DATE_OF_ISSUE")
            place = "COUNTRY_OF_ISSUE" if _value(element, "COUNTRY_OF_ISSUE") else "ISSUING_COUNTRY"
            issuer = _value(element, place)
            document = ListedDocument(
                number=number,
                issued_on=self._read(f"{tag}/DATE_OF_ISSUE", "documents", issued_on, read_date) if issued_on else None,
                expires_on=expires_on,
                issued_by=self._read(f"{tag}/{place}", "documents", issuer, un_country) if issuer else None,
                kind=kind,
            )
            by_number.setdefault(number, []).append(document)
        for number, repeated in by_number.items():
            yield ListedDocument(
                number=number,
                issued_on=next((one.issued_on for one in repeated if one.issued_on), None),
                expires_on=next((one.expires_on for one in repeated if one.expires_on), None),
                issued_by=next((one.issued_by for one in repeated if one.issued_by), None),
                kind=repeated[0].kind,
            )


# Values


def read_date(text: str) -> str:
    """Parse a date as the UN prints it: an ISO day with or without a time, 1957, 1957-04, 7 Dec. 2016, March 22, 2018.

    Returns:
        The date in EDTF.

    Raises:
        ValueError: it has another form, or no calendar has it.
    """
    if re.fullmatch(r"\d{4}(-\d{2})?", text):
        parse_edtf(text)
        return text
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}(T[\d:.]{1,20})?(Z|[+-]\d{2}:\d{2})?", text):
        return parse_day(text[:10]).isoformat()
    found = _DATE.fullmatch(text)
    if found is None:
        raise ValueError("not a date in a form that this reader knows")
    return _day_of(found)


def _day_of(found: re.Match[str]) -> str:
    if found["iso"]:
        return parse_day(found["iso"]).isoformat()
    month = (found["month"] or found["month_us"]).lower()
    if month not in _MONTHS:
        raise ValueError(f"{month!r} is no month in English")
    year, day = int(found["year"] or found["year_us"]), int(found["day"] or found["day_us"])
    return date(year, _MONTHS.index(month) + 1, day).isoformat()


def _between(text: str) -> str:
    if not re.fullmatch(r"\d{4}/\d{4}", text):
        raise ValueError("not two years")
    parse_edtf(text)
    return text


def _paper(text: str) -> DocumentKind:
    kind = _PAPERS.get(text.lower().translate(_ACCENTS))
    if kind is None:
        raise ValueError("a kind of document that this reader does not know")
    return kind


def _expiry(note: str) -> str | None:
    """Parse the day of expiry in a note; None where the note has no words at all.

    Raises:
        ValueError: the note says something else, or something more: neither must be lost in silence.
    """
    found = _EXPIRY.search(note)
    rest = f"{note[: found.start()]} {note[found.end() :]}" if found else note
    words = re.findall(r"\w{1,40}", rest.lower())
    if found is None:
        if words:
            raise ValueError("a note without a day of expiry that can be read")
        return None
    day = _day_of(found)
    if not _AROUND_EXPIRY.issuperset(words):
        raise ValueError(f"a note that says more than its day of expiry, {day}")
    return day


def _scripts(name: str) -> tuple[str, str | None]:
    """Split a name from the same name in its original script, where that follows in brackets."""
    latin, bracket, original = name.removesuffix(")").rpartition(" (")
    is_other = not any("A" <= char.upper() <= "Z" or char.isdigit() or char in "()" for char in original)
    if name.endswith(")") and bracket and latin and original and is_other:
        return latin, original
    return name, None


# Elements


def _unique(values: Iterable[Value]) -> tuple[Value, ...]:
    """Return the values in order, each once."""
    return tuple(dict.fromkeys(values))


def _folded(text: str | None) -> str:
    return " ".join((text or "").split())


def _text(element: Element, tag: str) -> str | None:
    """Return the text of a child, its white space folded; None where it is missing or empty."""
    return _folded(element.findtext(tag)) or None


def _value(element: Element, tag: str) -> str | None:
    """Return the text of a child as `_text` does; None, too, where it says that there is no value."""
    text = _text(element, tag)
    return None if text is None or text.lower() in _NOTHING else text


def _texts(element: Element, path: str) -> Iterator[str]:
    for part in element.findall(path):
        text = _folded(part.text)
        if text and text.lower() not in _NOTHING:
            yield text


def _has_content(element: Element) -> bool:
    return any(_folded(one.text) or one.attrib for one in element.iter())


def _all_text(element: Element) -> str:
    texts = [*element.itertext(), *(value for one in element.iter() for value in one.attrib.values())]
    return " ".join(filter(None, map(_folded, texts)))
