"""Reading the UN's consolidated list: what it holds, and files that are refused."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from xml.etree.ElementTree import Element, tostring

import pytest

from app.publish import checked_seed
from app.publishing.seed import Seed
from app.settings import ROOT
from app.un_list.compare import parties_of_record
from app.un_list.countries import un_country
from app.un_list.xml import (
    MOST_BYTES,
    ConsolidatedList,
    ListedDocument,
    ListedName,
    ListedPlace,
    UnreadableListError,
    parse_list,
    read_date,
    read_list,
)
from app.vocabularies import AliasQuality, DocumentKind, NameKind
from tests.conftest import SEED
from tests.un_list.un_list_file import list_element, put, write_list
from tests.work import no_runaway

EXTRACT = ROOT / "tests" / "extracts" / "un_list.xml"
"""Five entries of the list that the UN generated on 27 February 2026, one of another regime, without their reasons."""

BIRTH, PAPER = "INDIVIDUAL_DATE_OF_BIRTH", "INDIVIDUAL_DOCUMENT"


@pytest.fixture(scope="session")
def record() -> Seed:
    return checked_seed(SEED)


@pytest.fixture
def file(record: Seed, tmp_path: Path) -> Path:
    parties = parties_of_record(record, date(2026, 2, 27))
    return write_list(list_element(list(parties.values())), tmp_path / "list.xml")


def test_what_is_written_is_read_back(file: Path, record: Seed) -> None:
    published = read_list(file)
    assert published.generated_on == date(2026, 2, 27)
    assert (len(published.parties), published.parties_of_all_regimes) == (155, 156)
    for number, party in parties_of_record(record, date(2026, 2, 27)).items():
        read = published.parties[number]
        assert (read.name, read.listed_on, read.kind) == (party.name, party.listed_on, party.kind)
        for field in ("aliases", "positions", "birth_dates", "documents", "addresses", "birth_places", "nationalities"):
            assert set(getattr(read, field)) == set(getattr(party, field)), (number, field)


def test_an_extract_of_the_uns_own_file() -> None:
    published = read_list(EXTRACT)
    assert published.generated_on == date(2026, 2, 27)
    assert (len(published.parties), published.parties_of_all_regimes) == (4, 5)
    assert published.parties["KPi.035"].aliases == (ListedName("Jin Tiesan", "金铁三", "alias", "good"),)  # type: ignore[arg-type]
    assert published.parties["KPi.006"].documents == (ListedDocument("381420754", "2011-12-07", "2016-12-07", None),)
    assert "1967/1969" in {born for party in published.parties.values() for born in party.birth_dates}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b" \n", "the file is empty"),
        (b"not XML", "syntax error"),
        (b'<CONSOLIDATED_LIST dateGenerated="2026-02-27"/>', "no party of the regime DPRK"),
        (b"<html><body/></html>", "no consolidated list"),
        (b"<CONSOLIDATED_LIST><INDIVIDUALS/></CONSOLIDATED_LIST>", "no party of the regime"),
        (b'<?xml version="1.0" encoding="no-such"?><CONSOLIDATED_LIST/>', "unknown encoding"),
        (b"<CONSOLIDATED_LIST>" + b" " * MOST_BYTES, "larger than"),
        (
            b'<!DOCTYPE x [<!ENTITY a "b">]><CONSOLIDATED_LIST dateGenerated="2026-02-27">&a;</CONSOLIDATED_LIST>',
            "refused",
        ),
        (b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><CONSOLIDATED_LIST dateGenerated="2026-02-27"/>', "refused"),
        (b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>', "refused"),
    ],
)
def test_what_is_no_list_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "list.xml"
    path.write_bytes(content)
    with pytest.raises(UnreadableListError, match=message):
        read_list(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UnreadableListError, match="No such file"):
        read_list(tmp_path / "none.xml")


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.999])
def test_a_truncated_list_never_reads_as_removals(file: Path, share: float) -> None:
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(UnreadableListError):
        read_list(file)


def entry_with(record: Seed, change: Callable[[Element], None], number: str = "KPi.014") -> ConsolidatedList:
    """Parse a list whose one entry of the regime is altered."""
    root = list_element([parties_of_record(record, date(2026, 2, 27))[number]])
    change(root.findall(".//REFERENCE_NUMBER/..")[-1])
    return parse_list(tostring(root), "list")


def put_text(path: str, text: str) -> Callable[[Element], None]:
    """Return a change that adds an element with a text to an entry, below the parents that its path names."""

    def change(entry: Element) -> None:
        *parents, tag = path.split("/")
        for parent in parents:
            entry = put(entry, parent)
        put(entry, tag, text)

    return change


def set_text(tag: str, text: str | None) -> Callable[[Element], None]:
    """Return a change that sets the text of an element that an entry has."""

    def change(entry: Element) -> None:
        entry.find(tag).text = text  # type: ignore[union-attr]

    return change


@pytest.mark.parametrize(
    ("change", "element", "text"),
    [
        (set_text("GENDER", "Robot"), "GENDER", "Robot"),
        (set_text("LISTED_ON", None), "LISTED_ON", ""),
        (set_text("LISTED_ON", "2 March 2016"), "LISTED_ON", "2 March 2016"),
        (set_text("UN_LIST_TYPE", "Other"), "UN_LIST_TYPE", "Other"),
        (put_text("LISTED_ON", "2016-03-03"), "LISTED_ON", "2016-03-03"),
        (put_text("NATIONALITY/VALUE", "Atlantis"), "NATIONALITY/VALUE", "Atlantis"),
        (put_text("NATIONALITY/VALUE", "KP"), "NATIONALITY/VALUE", "KP"),
        (put_text("LAST_DAY_UPDATED/VALUE", "soon"), "LAST_DAY_UPDATED/VALUE", "soon"),
        (put_text("LAST_DAY_UPDATED/VALUE", "2023-02-30"), "LAST_DAY_UPDATED/VALUE", "2023-02-30"),
        (put_text("INDIVIDUAL_ALIAS/QUALITY", "Fair"), "INDIVIDUAL_ALIAS/QUALITY", "Fair"),
        (put_text("INDIVIDUAL_ALIAS/DATE_OF_BIRTH", "11/10/70"), "INDIVIDUAL_ALIAS/DATE_OF_BIRTH", "11/10/70"),
        (put_text("INDIVIDUAL_ALIAS/CITY_OF_BIRTH", "Wonsan"), "INDIVIDUAL_ALIAS/CITY_OF_BIRTH", "Wonsan"),
        (put_text("INDIVIDUAL_ADDRESS/COUNTRY", "Ruritania"), "INDIVIDUAL_ADDRESS/COUNTRY", "Ruritania"),
        (put_text("INDIVIDUAL_ADDRESS/PLANET", "Mars"), "INDIVIDUAL_ADDRESS/PLANET", "Mars"),
        (put_text("INDIVIDUAL_DATE_OF_BIRTH/YEAR", "c. 1960"), "INDIVIDUAL_DATE_OF_BIRTH/YEAR", "c. 1960"),
        (put_text("INDIVIDUAL_DATE_OF_BIRTH/FROM_YEAR", "1960"), "INDIVIDUAL_DATE_OF_BIRTH/FROM_YEAR", "1960/"),
        (
            put_text("INDIVIDUAL_DATE_OF_BIRTH/TYPE_OF_DATE", "HEARSAY"),
            "INDIVIDUAL_DATE_OF_BIRTH/TYPE_OF_DATE",
            "HEARSAY",
        ),
        (
            put_text("INDIVIDUAL_DOCUMENT/TYPE_OF_DOCUMENT2", "Seaman's book"),
            "INDIVIDUAL_DOCUMENT/TYPE_OF_DOCUMENT2",
            None,
        ),
        (put_text("INDIVIDUAL_DOCUMENT/NOTE", "Expires some day"), "INDIVIDUAL_DOCUMENT/NUMBER", "Expires some day"),
        (put_text("DESIGNATION", "A post outside of VALUE"), "DESIGNATION", "A post outside of VALUE"),
        (put_text("TITLE/VALUE", "General"), "TITLE", "General"),
        (put_text("FIFTH_NAME", "Il"), "FIFTH_NAME", "Il"),
        (put_text("NAME_ORIGINAL_SCRIPT", "최성일"), "NAME_ORIGINAL_SCRIPT", "최성일"),
        (put_text("DELISTED_ON", "2026-02-01"), "DELISTED_ON", "2026-02-01"),
        (put_text("SOME/THING/DEEP", "down"), "SOME", "down"),
        (lambda entry: put(entry, "NEW").set("value", "in an attribute"), "NEW", "in an attribute"),
        (lambda entry: entry.find("LISTED_ON").set("by", "whom"), "LISTED_ON/@by", "whom"),
    ],
)
def test_what_is_not_read_is_kept_by_element_and_the_rest_is_read(
    record: Seed, change: Callable[[Element], None], element: str, text: str | None
) -> None:
    published = entry_with(record, change)
    assert [value.element for value in published.unread] == [element]
    (unread,) = published.unread
    assert unread.reference_number == "KPi.014"
    assert unread.reason
    assert text is None or unread.text == text
    party, ours = published.parties["KPi.014"], parties_of_record(record, date(2026, 2, 27))["KPi.014"]
    assert (party.name, set(party.documents)) == (ours.name, set(ours.documents))


@pytest.mark.parametrize("tag", ["TITLE", "NEW", "DESIGNATION", "INDIVIDUAL_ADDRESS", "SORT_KEY", "COMMENTS1"])
def test_an_empty_element_says_nothing(record: Seed, tag: str) -> None:
    assert entry_with(record, put_text(tag, " \n ")).unread == ()


@pytest.mark.parametrize("nothing", ["na", "N/A", "-", "Unknown", "not available"])
def test_how_the_lists_write_that_there_is_no_value(record: Seed, nothing: str) -> None:
    published = entry_with(record, set_text("GENDER", nothing))
    assert (published.parties["KPi.014"].gender, published.unread) == (None, ())
    published = entry_with(record, put_text("INDIVIDUAL_ADDRESS/COUNTRY", nothing))
    assert (published.parties["KPi.014"].addresses, published.unread) == ((), ()), "na is not Namibia"


def paper(entry: Element, type_: str, number: str, note: str | None = None) -> None:
    parent = put(entry, "INDIVIDUAL_DOCUMENT")
    put(parent, "TYPE_OF_DOCUMENT", type_)
    put(parent, "NUMBER", number)
    put(parent, "NOTE", note)


@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        ("Diplomatic passport", DocumentKind.DIPLOMATIC_PASSPORT),
        ("Passeport diplomatique", DocumentKind.DIPLOMATIC_PASSPORT),
        ("Pasaporte", DocumentKind.PASSPORT),
        ("Numéro de passeport", DocumentKind.PASSPORT),
        ("Library card", None),
        ("National identification number", None),
    ],
)
def test_kinds_of_papers(record: Seed, type_: str, kind: DocumentKind | None) -> None:
    published = entry_with(record, lambda entry: paper(entry, type_, "1"))
    found = [document.kind for document in published.parties["KPi.014"].documents if document.number == "1"]
    assert found == ([kind] if kind else [])
    assert [value.element for value in published.unread] == ([] if kind else ["INDIVIDUAL_DOCUMENT/TYPE_OF_DOCUMENT"])


@pytest.mark.parametrize(
    ("note", "expires_on"),
    [
        ("Expires 7 Dec. 2016", "2016-12-07"),
        ("expires on September 16, 2019", "2019-09-16"),
        ("Passport expiration date: March 22, 2018", "2018-03-22"),
        ("[Expiration date: 2023-06-04. ]", "2023-06-04"),
        ("expiration date 14 Feb. 2023", "2023-02-14"),
        ("Expired 29 Dec. 2014", "2014-12-29"),
        ("Expires 7 Dez. 2016", None),
        ("Expires some day", None),
        ("Expires 7 Dec. 2016, then stolen in Vienna", None),
        ("Seen in Vienna", None),
        ("expir" * 900, None),
    ],
)
def test_days_of_expiry(record: Seed, note: str, expires_on: str | None) -> None:
    published = entry_with(record, lambda entry: paper(entry, "Passport", "1", note))
    assert [one.expires_on for one in published.parties["KPi.014"].documents if one.number == "1"] == [expires_on]
    assert [value.element for value in published.unread] == ([] if expires_on else ["INDIVIDUAL_DOCUMENT/NOTE"])


@pytest.mark.parametrize(
    ("printed", "edtf"),
    [
        ("1957", "1957"),
        ("1957-04", "1957-04"),
        ("1957-04-15", "1957-04-15"),
        ("2016-03-02-05:00", "2016-03-02"),
        ("1957-04-15T00:00:00.000Z", "1957-04-15"),
        ("15 Apr. 1957", "1957-04-15"),
        ("April 15, 1957", "1957-04-15"),
        ("15/04/1957", None),
        ("1957-02-30", None),
        ("32 Jan 1957", None),
        ("0000", None),
        ("about 1957", None),
    ],
)
def test_dates_as_the_un_prints_them(printed: str, edtf: str | None) -> None:
    if edtf:
        assert read_date(printed) == edtf
    else:
        with pytest.raises(ValueError):  # noqa: PT011  each form has a message of its own
            read_date(printed)


def test_a_year_stands_for_a_date_of_birth(record: Seed) -> None:
    published = entry_with(record, put_text("INDIVIDUAL_DATE_OF_BIRTH/DATE", "1957"))
    assert "1957" in published.parties["KPi.014"].birth_dates
    published = entry_with(record, put_text("INDIVIDUAL_ALIAS/DATE_OF_BIRTH", "1965"))
    assert "1965" in published.parties["KPi.014"].birth_dates


def test_an_alias_whose_quality_is_not_read_is_still_an_alias(record: Seed) -> None:
    def change(entry: Element) -> None:
        alias = put(entry, "INDIVIDUAL_ALIAS")
        put(alias, "QUALITY", "Fair")
        put(alias, "ALIAS_NAME", "Choe Sung Il (최성일)")

    found = entry_with(record, change).parties["KPi.014"].aliases
    assert ListedName("Choe Sung Il", "최성일", NameKind.ALIAS, None) in found
    assert AliasQuality.LOW not in {alias.quality for alias in found}


def test_an_address_keeps_what_can_be_read_of_it(record: Seed) -> None:
    def change(entry: Element) -> None:
        address = put(entry, "INDIVIDUAL_ADDRESS")
        put(address, "CITY", "Zenda")
        put(address, "COUNTRY", "Ruritania")

    assert ListedPlace("Zenda", None) in entry_with(record, change).parties["KPi.014"].addresses


def test_entries_that_cannot_be_told_apart_are_kept_as_not_read(record: Seed) -> None:
    party = parties_of_record(record, date(2026, 2, 27))["KPi.014"]
    published = parse_list(tostring(list_element([party, party])), "list")
    assert list(published.parties) == ["KPi.014"]
    assert [(one.reference_number, one.element) for one in published.unread] == [("KPi.014", "REFERENCE_NUMBER")]
    published = entry_with(record, set_text("REFERENCE_NUMBER", "KPi 33"))
    assert published.parties == {}
    assert [(one.reference_number, one.element) for one in published.unread] == [("KPi 33", "REFERENCE_NUMBER")]


def test_a_part_of_the_list_that_is_new_is_kept_as_not_read(record: Seed) -> None:
    root = list_element([parties_of_record(record, date(2026, 2, 27))["KPi.014"]])
    vessels = put(root, "VESSELS")
    for regime, number in (("DPRK", "KPv.001"), ("Libya", "LYv.001")):
        vessel = put(vessels, "VESSEL")
        put(vessel, "UN_LIST_TYPE", regime)
        put(vessel, "REFERENCE_NUMBER", number)
        put(vessel, "NAME", "A SHIP")
    put(put(root, "AIRCRAFT"), "PLANE", "P-885")
    found = parse_list(tostring(root), "list").unread
    assert [(one.reference_number, one.element, one.text) for one in found] == [
        ("KPv.001", "VESSELS/VESSEL", "A SHIP"),
        ("", "AIRCRAFT/PLANE", "P-885"),
    ]


def test_the_day_of_generation_is_the_one_printed(record: Seed) -> None:
    root = list_element([parties_of_record(record, date(2026, 2, 27))["KPi.014"]])
    root.set("dateGenerated", "2020-11-30T20:31:19.923-05:00")
    assert parse_list(tostring(root), "list").generated_on == date(2020, 11, 30)
    del root.attrib["dateGenerated"]
    assert parse_list(tostring(root), "list").generated_on is None


@pytest.mark.parametrize(
    "hostile",
    [
        b"<X>" + b"expir" * 600_000 + b"</X>",
        b'<X a="' + b"a" * 8_000_000 + b'"/>',
        b"<!--" + b"expir" * 600_000 + b"-->",
        b"<INDIVIDUAL_DOCUMENT><NOTE>" + b"expires on " * 300_000 + b"</NOTE></INDIVIDUAL_DOCUMENT>",
        b"<NATIONALITY><VALUE>" + b"a (" * 300_000 + b" of)</VALUE></NATIONALITY>",
        b"<INDIVIDUAL_ALIAS><ALIAS_NAME>" + b"a (" * 300_000 + b")</ALIAS_NAME></INDIVIDUAL_ALIAS>",
        b"<a>" * 50_000 + b"</a>" * 50_000,
        b"<!--" + b"expires on " * 700_000 + b"-->",
        b'<X a="' + b"&#65;" * 1_600_000 + b'"/>',
        b"<INDIVIDUAL_DOCUMENT><NOTE>" + b"expir" * 1_600_000 + b"</NOTE></INDIVIDUAL_DOCUMENT>",
        b"<INDIVIDUAL_DOCUMENT><NOTE>" + b"expires on 1 January " * 380_000 + b"</NOTE></INDIVIDUAL_DOCUMENT>",
        b"<COMMENTS1>" + b"\n " * 4_000_000 + b"</COMMENTS1>",
    ],
)
def test_no_content_is_read_in_the_square_of_its_length(record: Seed, hostile: bytes) -> None:
    party = parties_of_record(record, date(2026, 2, 27))["KPi.014"]
    content = tostring(list_element([party])).replace(b"<UN_LIST_TYPE>DPRK", hostile + b"<UN_LIST_TYPE>DPRK")
    with no_runaway():
        assert list(parse_list(content, "list").parties) == ["KPi.014"]


def test_an_attribute_of_ten_megabytes_is_read_and_a_list_above_the_bound_is_not(record: Seed) -> None:
    party = parties_of_record(record, date(2026, 2, 27))["KPi.014"]
    entry = tostring(list_element([party]))

    def with_attribute(length: int) -> bytes:
        return entry.replace(b"<UN_LIST_TYPE>DPRK", b'<X a="' + b"a" * length + b'"/><UN_LIST_TYPE>DPRK')

    assert list(parse_list(with_attribute(10_000_000), "list").parties) == ["KPi.014"]
    with pytest.raises(UnreadableListError, match="larger than"):
        parse_list(with_attribute(MOST_BYTES), "list")


@pytest.mark.parametrize(
    ("printed", "code"),
    [
        ("Democratic People's Republic of Korea", "KP"),
        ("Iran (Islamic Republic of)", "IR"),
        ("China, Hong Kong Special Administrative Region", "HK"),
        ("Hong Kong Special Administrative Region", "HK"),
        ("Macao SAR", "MO"),
        ("Hong Kong Special Administrative Region of China", "HK"),
        ("British Virgin Islands", "VG"),
        ("Viet Nam", "VN"),
        ("Vietnam", "VN"),
        ("RPDC", "KP"),
        ("République populaire démocratique de Corée", "KP"),
        ("República Popular Democrática de Corea", "KP"),
        ("Корейская Народно-Демократическая Республика", "KP"),
        ("DPRK", "KP"),
        ("Iran", "IR"),
        ("Syria", "SY"),
        ("Turkey", "TR"),
        ("Türkiye", "TR"),
        ("Libyan Arab Jamahiriya", "LY"),
        ("Democratic Republic of the Congo", "CD"),
        ("Congo (Democratic Republic of the)", "CD"),
        ("Tanzania (United Republic of)", "TZ"),
        ("The Netherlands", "NL"),
        ("Palestinian Territories", "PS"),
    ],
)
def test_countries_as_the_un_prints_them(printed: str, code: str) -> None:
    assert un_country(printed) == code


@pytest.mark.parametrize("printed", ["na", "KP", "Atlantis", "Iran / unknown", "(of)", "a" * 300])
def test_what_is_no_country(printed: str) -> None:
    with pytest.raises(ValueError, match=r"country"):
        un_country(printed)
