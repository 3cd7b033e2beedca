"""Writes consolidated lists as the UN publishes them, quirks and all, from what the record has on a day."""

from pathlib import Path
from xml.etree.ElementTree import Element, ElementTree, SubElement

from app.fields.countries import country_name
from app.un_list.xml import ListedParty, ListedPlace
from app.vocabularies import AliasQuality, NameKind

QUALITIES = {AliasQuality.GOOD: "Good", AliasQuality.LOW: "Low"}


def reasons_for(number: str) -> str:
    """Return the reasons that a list written here prints for a party."""
    return f"Reasons for listing {number}."


def list_element(parties: list[ListedParty], generated_on: str = "2026-02-27") -> Element:
    """Return a whole list, with a party of another regime in it."""
    root = Element("CONSOLIDATED_LIST", dateGenerated=f"{generated_on}T00:00:09.554Z")
    individuals, entities = SubElement(root, "INDIVIDUALS"), SubElement(root, "ENTITIES")
    other = SubElement(individuals, "INDIVIDUAL")
    put(other, "UN_LIST_TYPE", "Al-Qaida")
    put(other, "REFERENCE_NUMBER", "QDi.001")
    for party in parties:
        parent = individuals if party.kind == "individual" else entities
        parent.append(party_element(party))
    return root


def write_list(root: Element, path: Path) -> Path:
    """Write a list to a file."""
    ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)
    return path


def put(parent: Element, tag: str, text: str | None = None) -> Element:
    """Add a part; one without text is there and empty, as in the UN's file."""
    element = SubElement(parent, tag)
    element.text = text
    return element


def party_element(party: ListedParty) -> Element:
    """Return one entry."""
    tag = party.kind.upper()
    element = Element(tag)
    first, _, second = party.name.partition(" ")
    put(element, "DATAID", "6908500")
    put(element, "FIRST_NAME", first if party.kind == "individual" else party.name.replace(" ", "\n  ", 1))
    put(element, "SECOND_NAME", second if party.kind == "individual" else None)
    put(element, "UN_LIST_TYPE", "DPRK")
    put(element, "REFERENCE_NUMBER", f"{party.reference_number} ")
    put(element, "LISTED_ON", f"{party.listed_on}-05:00")
    put(element, "GENDER", party.gender.capitalize() if party.gender else None)
    put(element, "COMMENTS1", reasons_for(party.reference_number) if party.narrative_sha256 else None)
    for name, values in (
        ("DESIGNATION", party.positions),
        ("NATIONALITY", ["Democratic People's Republic of Korea" for _ in party.nationalities]),
        ("LAST_DAY_UPDATED", [str(day) for day in party.amended_on]),
    ):
        parent = put(element, name)
        for value in values:
            put(parent, "VALUE", f"{value} ")
    add_aliases(element, tag, party)
    for born_on in party.birth_dates:
        birth = put(element, "INDIVIDUAL_DATE_OF_BIRTH")
        between = "/" in born_on
        put(birth, "TYPE_OF_DATE", "BETWEEN" if between else "APPROXIMATELY" if born_on.endswith("~") else "EXACT")
        if between:
            put(birth, "FROM_YEAR", born_on.partition("/")[0])
            put(birth, "TO_YEAR", born_on.partition("/")[2])
        else:
            put(birth, "YEAR" if len(born_on.rstrip("~")) == 4 else "DATE", born_on.rstrip("~"))
    for place in party.birth_places:
        put_place(put(element, "INDIVIDUAL_PLACE_OF_BIRTH"), place)
    put_place(put(element, f"{tag}_ADDRESS"), None)
    for place in party.addresses:
        put_place(put(element, f"{tag}_ADDRESS"), place)
    for document in party.documents:
        for kind in ("Passport", "Numéro de passeport"):
            paper = put(element, "INDIVIDUAL_DOCUMENT")
            put(paper, "TYPE_OF_DOCUMENT", kind)
            put(paper, "NUMBER", f"{document.number} ")
            put(paper, "DATE_OF_ISSUE", document.issued_on)
            put(paper, "ISSUING_COUNTRY", document.issued_by and "Democratic People's Republic of Korea")
            put(paper, "NOTE", document.expires_on and f"[Expiration date: {document.expires_on}.]")
    return element


def add_aliases(element: Element, tag: str, party: ListedParty) -> None:
    """Add aliases, and an empty one."""
    put(put(element, f"{tag}_ALIAS"), "ALIAS_NAME")
    for alias in party.aliases:
        parent = put(element, f"{tag}_ALIAS")
        former = "f.k.a." if alias.kind == NameKind.FORMER else "a.k.a." if tag == "ENTITY" else None
        put(parent, "QUALITY", QUALITIES[alias.quality] if alias.quality else former)
        put(parent, "ALIAS_NAME", alias.name + (f" ({alias.original_script})" if alias.original_script else ""))


def put_place(parent: Element, place: ListedPlace | None) -> None:
    """Add the parts of an address; the UN names Hong Kong and Iran in ways of its own."""
    names = {
        "KP": "Democratic People's Republic of Korea",
        "IR": "Iran (Islamic Republic of)",
        "HK": "China, Hong Kong Special Administrative Region",
    }
    put(parent, "STREET", place.text if place else None)
    put(parent, "COUNTRY", names.get(place.country) or country_name(place.country) if place and place.country else None)
