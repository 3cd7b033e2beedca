"""Reading the UN's consolidated list: what it holds, and files that are refused."""

from datetime import date
from pathlib import Path

import pytest

from app.publish import checked_seed
from app.publishing.seed import Seed
from app.settings import ROOT
from app.un_list.compare import parties_of_record
from app.un_list.xml import ListedDocument, ListedName, UnreadableListError, read_list, un_country
from tests.conftest import SEED
from tests.un_list.un_list_file import list_element, put, write_list

EXTRACT = ROOT / "tests" / "extracts" / "un_list.xml"
"""Five entries of the list that the UN generated on 27 February 2026, one of another regime, without their reasons."""


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
        (b"not XML", "syntax error"),
        (b'<CONSOLIDATED_LIST dateGenerated="2026-02-27"/>', "no party of the regime DPRK"),
        (b"<html><body/></html>", "no consolidated list"),
        (b"<CONSOLIDATED_LIST><INDIVIDUALS/></CONSOLIDATED_LIST>", "not a day"),
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


def test_entries_that_are_new_to_the_reader(record: Seed, tmp_path: Path) -> None:
    parties = parties_of_record(record, date(2026, 2, 27))
    root = list_element([parties["KPi.014"], parties["KPi.014"]])
    with pytest.raises(UnreadableListError, match=r"KPi\.014 stands in the file twice"):
        read_list(write_list(root, tmp_path / "twice.xml"))
    root = list_element([parties["KPi.014"]])
    paper = put(root.findall(".//INDIVIDUAL")[1], "INDIVIDUAL_DOCUMENT")
    put(paper, "TYPE_OF_DOCUMENT", "Library card")
    put(paper, "NUMBER", "1")
    with pytest.raises(UnreadableListError, match="Library card"):
        read_list(write_list(root, tmp_path / "card.xml"))
    put(paper, "NOTE", "Expires some day")
    paper[0].text = "Passport"
    with pytest.raises(
        UnreadableListError, match=r"KPi\.014: the day of expiry cannot be read from 'Expires some day'"
    ):
        read_list(write_list(root, tmp_path / "expiry.xml"))
    paper[-1].text = "Expires 7 Dez. 2016"
    with pytest.raises(UnreadableListError, match=r"KPi\.014: the day of expiry"):
        read_list(write_list(root, tmp_path / "month.xml"))
    for tag, text, message in (
        ("GENDER", "Unknown", "Gender"),
        ("REFERENCE_NUMBER", "KPi 33", "no permanent reference"),
    ):
        root = list_element([parties["KPi.014"]])
        root.findall(".//LISTED_ON/..")[-1].find(tag).text = text  # type: ignore[union-attr]
        with pytest.raises(UnreadableListError, match=message):
            read_list(write_list(root, tmp_path / "odd.xml"))
    root = list_element([parties["KPi.014"]])
    root.findall(".//LISTED_ON")[0].text = None
    with pytest.raises(UnreadableListError, match=r"KPi\.014: it has no LISTED_ON"):
        read_list(write_list(root, tmp_path / "undated.xml"))


@pytest.mark.parametrize(
    ("printed", "code"),
    [
        ("Democratic People's Republic of Korea", "KP"),
        ("Iran (Islamic Republic of)", "IR"),
        ("China, Hong Kong Special Administrative Region", "HK"),
        ("British Virgin Islands", "VG"),
        ("Viet Nam", "VN"),
    ],
)
def test_countries_as_the_un_prints_them(printed: str, code: str) -> None:
    assert un_country(printed) == code
