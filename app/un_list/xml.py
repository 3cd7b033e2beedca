"""The UN's consolidated list as it is published: XML, read as a stream, safely, into the parties of one regime.

What to know of the file: reference numbers have trailing blanks; DATAID is not stable; LISTED_ON sometimes has an
offset behind it; elements are often there and empty; passports are repeated in other languages; names have line breaks
in them; DESIGNATION is a person's post. Ships are not in it.
"""

import hashlib
import re
import xml.sax
import xml.sax.handler
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO, TypeVar
from xml.etree.ElementTree import Element, TreeBuilder
from xml.sax.expatreader import ExpatParser
from xml.sax.xmlreader import AttributesImpl

from app.fields.countries import country_code
from app.fields.dates import parse_day
from app.vocabularies import AliasQuality, Gender, NameKind, PartyKind

REGIME = "DPRK"
"""What UN_LIST_TYPE says of the parties of the 1718 regime."""

CHUNK_BYTES = 65536

Value = TypeVar("Value")

_PARTIES = {"INDIVIDUAL": PartyKind.INDIVIDUAL, "ENTITY": PartyKind.ENTITY}
_ROOT = "CONSOLIDATED_LIST"
_QUALITIES = {"Good": AliasQuality.GOOD, "Low": AliasQuality.LOW}
_PASSPORTS = {"passport", "numéro de passeport", "número de pasaporte", "номер паспорта"}
_MONTHS = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], start=1
    )
}
_EXPIRY = re.compile(
    r"""expir\w* (?:\ date|\ on)? :? \s*
        (?: (?P<iso>\d{4}-\d{2}-\d{2})
          | (?P<day>\d{1,2})\ (?P<month>[A-Za-z]{3})\w*\.?\ (?P<year>\d{4})
          | (?P<month_us>[A-Za-z]{3})\w*\.?\ (?P<day_us>\d{1,2}),?\ (?P<year_us>\d{4}) )""",
    re.IGNORECASE | re.VERBOSE,
)


class UnreadableListError(Exception):
    """The file is not a consolidated list, is cut off, or holds what no list holds."""


@dataclass(frozen=True, order=True)
class ListedName:
    """An alias or former name, in Latin and in original script, with the quality that the UN gives it, if any."""

    name: str
    original_script: str | None
    kind: NameKind
    quality: AliasQuality | None


@dataclass(frozen=True, order=True)
class ListedDocument:
    """A passport: number, day of issue and of expiry as known, country of issue as ISO 3166-1 alpha-2."""

    number: str
    issued_on: str | None
    expires_on: str | None
    issued_by: str | None


@dataclass(frozen=True, order=True)
class ListedPlace:
    """An address or a place of birth; the country as ISO 3166-1 alpha-2."""

    text: str | None
    country: str | None


@dataclass(frozen=True)
class ListedParty:
    """One entry of the list, every value in the form that the record keeps it in.

    Attributes:
        reference_number: the permanent reference number, KPi.001 or KPe.001.
        birth_dates: in EDTF.
        amended_on: days on which the UN amended the entry.
        narrative_sha256: of the reasons printed, which the record does not copy; None where there are none.
    """

    reference_number: str
    kind: PartyKind
    name: str
    listed_on: date
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
    """A consolidated list: the day it was generated, the parties of the regime, and how many of all regimes."""

    generated_on: date
    parties: dict[str, ListedParty]
    parties_of_all_regimes: int


def read_list(path: Path) -> ConsolidatedList:
    """Read a consolidated list.

    Raises:
        UnreadableListError: the file is missing, empty, cut off, malformed, has a DTD or entities of its own, is no
            consolidated list, or has no party of the regime.
    """
    try:
        with path.open("rb") as file:
            return _read(file)
    except OSError as error:
        raise UnreadableListError(f"{path}: {error.strerror}") from None
    except (xml.sax.SAXException, ValueError, LookupError, UnreadableListError) as error:
        raise UnreadableListError(f"{path}: {error}") from None


def _read(file: BinaryIO) -> ConsolidatedList:
    handler = _ListHandler()
    reader = ExpatParser()
    reader.setFeature(xml.sax.handler.feature_external_ges, False)
    reader.setFeature(xml.sax.handler.feature_external_pes, False)
    reader.setProperty(xml.sax.handler.property_lexical_handler, _RefuseDoctype())
    reader.setContentHandler(handler)
    parties: dict[str, ListedParty] = {}
    total = 0
    while chunk := file.read(CHUNK_BYTES):
        reader.feed(chunk)
        for element in handler.take():
            total += 1
            if _text(element, "UN_LIST_TYPE") == REGIME:
                party = _named_party(element)
                if party.reference_number in parties:
                    raise UnreadableListError(f"{party.reference_number} stands in the file twice")
                parties[party.reference_number] = party
    reader.close()
    if file.tell() == 0:
        raise UnreadableListError("the file is empty")
    if handler.generated_on is None:
        raise UnreadableListError("the file is no consolidated list: it says no day on which it was generated")
    if not parties:
        raise UnreadableListError(f"the file has no party of the regime {REGIME}; this never reads as all removed")
    return ConsolidatedList(handler.generated_on, parties, total)


class _RefuseDoctype:
    """The list has no DTD. One that came with it could declare entities that grow without bound or read files."""

    def startDTD(self, name: str, *_ids: str | None) -> None:  # noqa: N802  SAX's name
        raise UnreadableListError(f"a document type ({name}) is declared, which the list never has; refused")

    def endDTD(self) -> None:  # noqa: N802  SAX's name
        """End of what was refused."""

    def comment(self, content: str) -> None:
        """Comments say nothing."""

    def startCDATA(self) -> None:  # noqa: N802  SAX's name
        """Character data is character data."""

    def endCDATA(self) -> None:  # noqa: N802  SAX's name
        """Character data is character data."""


class _ListHandler(xml.sax.handler.ContentHandler):
    """Builds an element for each party, and keeps nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self.generated_on: date | None = None
        self._builder: TreeBuilder | None = None
        self._depth = 0
        self._built: list[Element] = []

    def take(self) -> Iterator[Element]:
        """Yield the parties that are complete, and forget them."""
        built, self._built = self._built, []
        yield from built

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802  SAX's name
        """Begin a party, or a part of one."""
        if name == _ROOT:
            self.generated_on = parse_day(str(attrs.get("dateGenerated", ""))[:10])
        if self._builder is None and name in _PARTIES:
            self._builder = TreeBuilder()
        if self._builder is not None:
            self._builder.start(name, {})
            self._depth += 1

    def characters(self, content: str) -> None:
        """Take in text."""
        if self._builder is not None:
            self._builder.data(content)

    def endElement(self, name: str) -> None:  # noqa: N802  SAX's name
        """End a party, or a part of one."""
        if self._builder is not None:
            self._builder.end(name)
            self._depth -= 1
            if self._depth == 0:
                self._built.append(self._builder.close())
                self._builder = None


def _named_party(element: Element) -> ListedParty:
    """Read one entry; what cannot be read in it is said to be of it."""
    try:
        return _party(element)
    except (ValueError, LookupError, UnreadableListError) as error:
        raise UnreadableListError(f"{_text(element, 'REFERENCE_NUMBER') or 'an entry'}: {error}") from None


def _party(element: Element) -> ListedParty:
    kind = _PARTIES[element.tag]
    prefix = element.tag
    narrative = _text(element, "COMMENTS1")
    return ListedParty(
        reference_number=_reference(_needed(element, "REFERENCE_NUMBER")),
        kind=kind,
        name=" ".join(
            filter(None, (_text(element, f"{place}_NAME") for place in ("FIRST", "SECOND", "THIRD", "FOURTH")))
        ),
        listed_on=parse_day(_needed(element, "LISTED_ON")[:10]),
        gender=Gender(gender.lower()) if (gender := _text(element, "GENDER")) else None,
        aliases=_unique(_aliases(element.findall(f"{prefix}_ALIAS"))),
        nationalities=_unique(map(un_country, _values(element, "NATIONALITY/VALUE"))),
        positions=_unique(_values(element, "DESIGNATION/VALUE")),
        birth_dates=_unique(_birth_dates(element)),
        birth_places=_unique(_places(element.findall(f"{prefix}_PLACE_OF_BIRTH"))),
        documents=_unique(_documents(element.findall(f"{prefix}_DOCUMENT"))),
        addresses=_unique(_places(element.findall(f"{prefix}_ADDRESS"))),
        amended_on=_unique(parse_day(day[:10]) for day in _values(element, "LAST_DAY_UPDATED/VALUE")),
        narrative_sha256=hashlib.sha256(narrative.encode()).hexdigest() if narrative else None,
    )


def _reference(text: str) -> str:
    if not re.fullmatch(r"KP[ie]\.[0-9]{3}", text):
        raise ValueError("it has no permanent reference number of this regime (KPi.001, KPe.001)")
    return text


def _aliases(elements: Iterable[Element]) -> Iterator[ListedName]:
    for element in elements:
        if name := _text(element, "ALIAS_NAME"):
            quality = _text(element, "QUALITY")
            kind = NameKind.FORMER if quality == "f.k.a." else NameKind.ALIAS
            latin, original = _scripts(name)
            yield ListedName(latin, original, kind, _QUALITIES.get(quality or ""))


def _scripts(name: str) -> tuple[str, str | None]:
    """Return a name and, where it stands behind it in brackets, the same in its original script."""
    found = re.fullmatch(r"(.+?) \(([^()]+)\)", name)
    if found and not any("A" <= char.upper() <= "Z" or char.isdigit() for char in found[2]):
        return found[1], found[2]
    return name, None


def _birth_dates(element: Element) -> Iterator[str]:
    """Yield birth dates in EDTF; that of another name stands within its alias."""
    for birth in element.findall("INDIVIDUAL_DATE_OF_BIRTH"):
        about = "~" if _text(birth, "TYPE_OF_DATE") == "APPROXIMATELY" else ""
        if day := _text(birth, "DATE"):
            yield parse_day(day[:10]).isoformat() + about
        elif year := _text(birth, "YEAR"):
            yield year + about
        elif first := _text(birth, "FROM_YEAR"):
            yield f"{first}/{_needed(birth, 'TO_YEAR')}"
    for day in _values(element, "INDIVIDUAL_ALIAS/DATE_OF_BIRTH"):
        yield parse_day(day[:10]).isoformat()


def _places(elements: Iterable[Element]) -> Iterator[ListedPlace]:
    for element in elements:
        parts = [_text(element, tag) for tag in ("STREET", "CITY", "STATE_PROVINCE", "ZIP_CODE", "NOTE")]
        country = _text(element, "COUNTRY")
        text = ", ".join(filter(None, parts))
        if text or country:
            yield ListedPlace(text or None, un_country(country) if country else None)


def _documents(elements: Iterable[Element]) -> Iterator[ListedDocument]:
    """Yield passports, each once: the list repeats some in other languages, with more or with less."""
    by_number: dict[str, list[ListedDocument]] = {}
    for element in elements:
        printed, kind = _text(element, "NUMBER"), _text(element, "TYPE_OF_DOCUMENT")
        if not printed:
            continue
        if (kind or "").lower() not in _PASSPORTS:
            raise UnreadableListError(f"a document of a kind that is new to this reader: {kind!r}")
        number, _, behind = printed.partition(" (")
        issuer = _text(element, "COUNTRY_OF_ISSUE") or _text(element, "ISSUING_COUNTRY")
        document = ListedDocument(
            number=number,
            issued_on=_text(element, "DATE_OF_ISSUE"),
            expires_on=_expiry(f"{behind} {_text(element, 'NOTE') or ''}"),
            issued_by=un_country(issuer) if issuer else None,
        )
        by_number.setdefault(number, []).append(document)
    for number, repeated in by_number.items():
        yield ListedDocument(
            number=number,
            issued_on=next((one.issued_on for one in repeated if one.issued_on), None),
            expires_on=next((one.expires_on for one in repeated if one.expires_on), None),
            issued_by=next((one.issued_by for one in repeated if one.issued_by), None),
        )


def _expiry(note: str) -> str | None:
    """Return the day of expiry that a note gives.

    Raises:
        ValueError: it speaks of one and it cannot be read; a date must not be lost in silence.
    """
    if "expir" not in note.lower():
        return None
    found = _EXPIRY.search(note)
    month = found and (found["month"] or found["month_us"])
    if found is None or (month and month.lower() not in _MONTHS):
        raise ValueError(f"the day of expiry cannot be read from {note.strip()!r}")
    if not month:
        return str(found["iso"])
    year, day = found["year"] or found["year_us"], found["day"] or found["day_us"]
    return date(int(year), _MONTHS[month.lower()], int(day)).isoformat()


def un_country(name: str) -> str:
    """Return the ISO 3166-1 alpha-2 code of a country as the UN prints it.

    Raises:
        ValueError: no country is called so.
    """
    inverted = re.fullmatch(r"(.+) \((.+ of)\)", name)
    region = re.fullmatch(r"China, (.+) Special Administrative Region", name)
    return country_code(f"{inverted[2]} {inverted[1]}" if inverted else region[1] if region else name)


def _unique(values: Iterable[Value]) -> tuple[Value, ...]:
    """Return the values in order, each once."""
    return tuple(dict.fromkeys(values))


def _text(element: Element, tag: str) -> str | None:
    """Return the text of a part, its white space folded; None where it is missing or empty."""
    return " ".join((element.findtext(tag) or "").split()) or None


def _needed(element: Element, tag: str) -> str:
    text = _text(element, tag)
    if text is None:
        raise UnreadableListError(f"it has no {tag}")
    return text


def _values(element: Element, path: str) -> Iterator[str]:
    for part in element.findall(path):
        if text := " ".join((part.text or "").split()):
            yield text
