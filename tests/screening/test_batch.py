"""Rows of JSON and CSV, read alike: what is known, what is not, and what cannot be read."""

import csv
import io
import json
from typing import Any

import pytest

from app.problems import InvalidRequest, UnsupportedMediaType
from app.screening.batch import (
    LONGEST_NAME,
    LONGEST_ROW,
    BatchRow,
    Extent,
    RowReader,
    read_batch,
    read_cells,
    split_long,
)
from app.screening.columns import map_columns
from app.screening.dates import DateOrder
from app.vocabularies import SubjectKind


def from_json(*members: Any, dates: DateOrder | None = None) -> list[BatchRow]:
    return list(read_batch("application/json", json.dumps(members).encode(), dates).rows)


def from_csv(text: str) -> list[BatchRow]:
    return list(read_batch("text/csv", text.encode()).rows)


def both(**values: str) -> BatchRow:
    """Read a row from JSON and from CSV, which give the same."""
    out = io.StringIO()
    csv.writer(out).writerows([values.keys(), values.values()])
    (one,), (other,) = from_json(values), from_csv(out.getvalue())
    assert one == other
    return one


def test_a_detail_that_cannot_be_read_leaves_the_name_screened_and_the_line_marked() -> None:
    row = both(name="Kim Yong Chol", DOB="yesterday", Nationality="Atlantis", Type="dog", IMO="12")
    assert (row.name, row.birth_date, row.nationality, row.kind) == ("Kim Yong Chol", None, None, ())
    assert row.identifiers == ("12",), "an IMO number is compared as it is written"
    assert row.extent is Extent.PART
    assert [fault.partition(":")[0] for fault in row.faults] == ["birth_date", "nationality", "kind", "imo_number"]


@pytest.mark.parametrize("marker", ["", "NA", "N/A", "null", "none", "-", "nan", "Na"])
def test_a_marker_of_a_missing_value_is_not_known_in_every_column_but_the_name(marker: str) -> None:
    row = both(name="Lee Byung-chul", birth_date=marker, nationality=marker, kind=marker, imo=marker, passport=marker)
    assert row == BatchRow(row.given, row.header, "Lee Byung-chul")
    assert row.extent is Extent.WHOLE


@pytest.mark.parametrize(
    ("marker", "extent"),
    [("", Extent.NONE), ("-", Extent.NONE), ("NA", Extent.PART), ("null", Extent.PART), ("Na", Extent.WHOLE)],
)
def test_a_marker_of_a_missing_value_for_a_name_marks_the_line(marker: str, extent: Extent) -> None:
    row = both(name=marker, id="1")
    assert row.extent is extent
    assert bool(row.error) is (extent is not Extent.WHOLE)


def test_namibia_is_written_in_three_letters_or_in_words() -> None:
    assert both(name="x", nationality="NAM").nationality == both(name="x", country="Namibia").nationality == "NA"


def test_json_values_that_are_no_texts_are_read_as_a_table_has_them() -> None:
    numbers = {"name": "x", "DOB": 19680326, "imo": 9163166}
    one, two, three = from_json(9163166.0, numbers, {"name": None, "dob": None})
    assert one.name == "9163166"
    assert (two.birth_date, two.identifiers) == ("1968-03-26", ("9163166",))
    assert three.extent is Extent.NONE
    row, nested = from_json({"name": "x", "passport": ["1", 2]}, {"name": "x", "dob": ["1962", "1963"]})
    assert row.identifiers == ("1", "2")
    assert nested.extent is Extent.PART
    assert nested.error == from_csv("name,dob\nx,1962; 1963\n")[0].error


@pytest.mark.parametrize("member", [[], True, {"nam": "x"}, {"name": {}}, {}, {"name": []}])
def test_a_member_without_a_name_says_so_in_its_place(member: Any) -> None:
    row, other = from_json(member, "Jin Teng")
    assert row.extent is Extent.NONE
    assert row.error
    assert other.extent is Extent.WHOLE


def test_a_name_in_two_columns_is_one() -> None:
    assert both(**{"Given name": "Yong Chol", "Family name": "KIM"}).name == "KIM Yong Chol"
    assert both(**{"First name": "Yong Chol", "Name": "Kim"}).name == "Kim Yong Chol"
    assert both(**{"First name": "Yong Chol", "Name": "Kim Yong Chol"}).name == "Kim Yong Chol"
    assert both(**{"First name": "", "Surname": "Ocean Trading"}).name == "Ocean Trading"
    row = both(**{"First name": "Yong Chol", "Surname": "N/A"})
    assert (row.name, row.extent) == ("Yong Chol", Extent.PART)


def test_a_company_beside_a_person_is_screened_too() -> None:
    names = {"First name": "Yong Chol", "Last name": "Kim"}
    assert both(**names, **{"Company name": "Ocean Co"}).name == "Ocean Co\nKim Yong Chol"
    assert both(**names, **{"Full name": "Kim Yong Chol", "Middle name": "Yong"}).name == "Kim Yong Chol"
    assert both(**names, **{"Company name": "-"}).name == "Kim Yong Chol"


def test_middle_and_other_names_are_screened_too() -> None:
    assert both(**{"First name": "Yong", "Middle name": "Chol", "Last name": "Kim"}).name == "Kim Yong Chol"
    row = both(name="A Co", alias="Kim Yong Chol", **{"Former name": "N/A"})
    assert (row.name, row.extent) == ("A Co\nKim Yong Chol", Extent.WHOLE)
    row = both(name="", alias="Kim Yong Chol")
    assert (row.name, row.error) == ("Kim Yong Chol", "name: it is empty; screened by its other names")


def test_a_part_of_a_name_that_marks_a_missing_value_is_read_both_ways() -> None:
    assert both(**{"Given name": "N/A", "Family name": "NA"}).extent is Extent.NONE
    row = both(**{"Given name": "KYONG SU", "Family name": "NA"})
    assert (row.name, row.extent) == ("NA KYONG SU\nKYONG SU", Extent.PART)


@pytest.mark.parametrize("name", ["#REF!", "TBC", "true", "0", "xx", "n.n."])
def test_what_is_hardly_a_name_is_screened_and_marked(name: str) -> None:
    assert (both(name=name).name, both(name=name).extent) == (name, Extent.PART)


def test_a_line_with_more_cells_than_headers_is_screened_as_a_whole() -> None:
    (row,) = from_csv("name,dob\nKim, Yong Chol,1962\n")
    assert (row.name, row.birth_date, row.extent) == ("Kim\nKim, Yong Chol, 1962", None, Extent.PART)


@pytest.mark.parametrize("name", ["½ðÕý¶÷", "Êèì ×õîëü", "Ji\ufffdn Teng"])
def test_a_name_in_a_wrong_encoding_is_screened_and_marked(name: str) -> None:
    row = both(name=name)
    assert row.extent is Extent.PART
    assert "another encoding" in (row.error or "")
    assert both(name="Jörg Müller-Øst").extent is Extent.WHOLE


def test_no_value_of_a_member_is_lost() -> None:
    (row,) = read_batch("application/json", b'[{"name": "Jin Teng", "id": 1, "name": "Kim Yong Chol"}]').rows
    assert (row.name, row.error) == ("Jin Teng\nKim Yong Chol", "name: it is there 2 times")
    names, kinds, nested, array = from_json(
        {"name": ["Jin Teng", "Kim Yong Chol"]},
        {"name": "Ri Song", "kind": ["person", "company"], "imo": [9163166, "9163154"]},
        {"name": {"first": "Yong Chol", "last": "Kim"}},
        ["Jin Teng", None, 5],
    )
    assert (names.name, names.extent) == ("Jin Teng\nKim Yong Chol", Extent.WHOLE)
    assert kinds.kind == (SubjectKind.INDIVIDUAL, SubjectKind.ENTITY)
    assert kinds.identifiers == ("9163166", "9163154")
    assert (nested.name, nested.extent) == ("Yong Chol\nKim", Extent.PART)
    assert (array.name, array.extent) == ("Jin Teng\n5", Extent.PART)


def test_an_entity_of_followthemoney_is_read() -> None:
    (row,) = from_json({"id": "a", "schema": "Vessel", "properties": {"name": ["Jin Teng"], "imoNumber": ["9163166"]}})
    assert (row.name, row.kind, row.identifiers) == ("Jin Teng", (SubjectKind.VESSEL,), ("9163166",))


def test_numbers_are_read_as_spreadsheets_have_them() -> None:
    row = both(name='="Ri Song"', imo="9163166/9163154", passport="'836110034", dob='="1962"')
    assert (row.name, row.identifiers, row.birth_date) == ("Ri Song", ("9163166", "9163154", "836110034"), "1962")
    row = both(name="Ri Song", imo="0", passport="0.0")
    assert (row.identifiers, row.extent) == ((), Extent.WHOLE)
    row = both(name="Ri Song", imo="9163167", passport="none yet")
    assert (row.identifiers, row.extent) == (("9163167", "none yet"), Extent.PART)


def test_the_order_of_dates_is_that_of_the_header_unless_another_is_asked_for() -> None:
    values = {"name": "Ri Song", "DOB (dd/mm/yyyy)": "03/04/1968"}
    assert both(**values).birth_date == "1968-04-03"
    assert from_json(values, dates=DateOrder.MONTH_FIRST)[0].birth_date == "1968-03-04"


def test_a_row_without_a_name_is_screened_by_its_number() -> None:
    row = both(name="", imo="IMO 9163166", passport="-")
    assert (row.identifiers, row.extent) == (("9163166",), Extent.PART)
    assert row.error == "name: it is empty; screened by its number alone"


def test_the_lines_of_a_name_are_kept_apart_and_control_characters_are_marked() -> None:
    assert both(name="Kim Yong Chol\n\n  Ri   Song ").name == "Kim Yong Chol\nRi Song"
    (row,) = from_json("Kim\x01Yong")
    assert (row.name, row.extent) == ("Kim Yong", Extent.PART)


@pytest.mark.parametrize("mark", ["\u02bc", "\u02bb", "\u02bf", "\u02c8", "\ua78c", "\u1fbd"])
def test_an_apostrophe_of_another_alphabet_is_no_script_that_is_not_read(mark: str) -> None:
    row = both(name=f"Ch{mark}oe Song")
    assert (row.error, row.extent) == (None, Extent.WHOLE)


def test_kinds_are_read_in_the_words_of_people() -> None:
    assert both(name="x", type="Ship").kind == (SubjectKind.VESSEL,)
    assert both(name="x", Kind="company").kind == (SubjectKind.ENTITY,)


def test_dates_that_can_be_two_days_are_read_in_the_order_asked_for() -> None:
    (row,) = from_json({"name": "x", "dob": "03/04/1968"}, dates=DateOrder.DAY_FIRST)
    assert row.birth_date == "1968-04-03"
    (row,) = from_json({"name": "x", "dob": "03/04/1968"})
    assert (row.birth_date, row.extent) == (None, Extent.PART)


def test_a_long_text_is_read_in_parts_that_overlap() -> None:
    words = [f"word{number}" for number in range(200)]
    parts = split_long(" ".join(words))
    assert all(len(part) <= LONGEST_NAME for part in parts)
    for place in range(len(words) - 8):
        assert any(" ".join(words[place : place + 8]) in part for part in parts), "a name of eight words is whole"
    assert split_long("x" * 700)
    assert "".join(dict.fromkeys(split_long("Kim"))) == "Kim"


@pytest.mark.parametrize("charset", ["", "; charset=utf-8", "; charset=cp949", '; charset="EUC-KR"'])
def test_a_body_of_csv_is_in_its_charset_or_one_that_is_recognised(charset: str) -> None:
    encoding = charset.partition("=")[2].strip('"') or "cp949"
    (row,) = read_batch(f"text/csv{charset}", "name\n김영철\n".encode(encoding)).rows
    assert row.name == "김영철"


@pytest.mark.parametrize(
    ("content_type", "body", "message"),
    [
        ("text/csv", b"", "header"),
        ("text/csv", b"name\n", "0 names"),
        ("text/csv", b"nam\nx\n", "'nam'"),
        ("text/csv", b"name,name\nx,y\n", "each once"),
        ("text/csv; charset=utf-8", b"name\nJos\xe9\n", "not UTF-8"),
        ("text/csv; charset=klingon", b"name\nx\n", "no encoding 'klingon'"),
        ("text/csv", b"name\n" + b"x\n" * 501, "more than 500 names"),
        ("application/json", b"\xff", "not UTF-8"),
        ("application/json", b"{}", "not a JSON array"),
        ("application/json", b"[1,", "not JSON"),
        ("application/json", b"[" * 100_000, "not JSON"),
        ("application/json", b"[]", "0 names"),
        ("application/json", json.dumps(["x"] * 501).encode(), "more than 500 names"),
    ],
)
def test_a_body_that_is_no_batch_is_refused(content_type: str, body: bytes, message: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        read_batch(content_type, body)
    assert message in refusal.value.detail


def test_a_body_of_another_kind_is_refused() -> None:
    with pytest.raises(UnsupportedMediaType):
        read_batch("application/xml", b"<names/>")


def test_half_of_a_surrogate_pair_is_replaced() -> None:
    (row,) = read_batch("application/json", b'[{"name": "Kim \\ud800", "id": "\\udfff"}]').rows
    json.dumps([row.given, row.name], ensure_ascii=False).encode()
    assert row.extent is not Extent.NONE


def test_the_query_is_written_with_all_that_is_compared() -> None:
    row = both(name="Kim Yong Chol", dob="1962", nationality="KP", kind="person", imo="9163166")
    assert row.query_text() == "Kim Yong Chol [born 1962; State KP; kind individual; number 9163166]"
    assert both(name="Kim Yong Chol", id="1").query_text() == "Kim Yong Chol"


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
@pytest.mark.parametrize("before", [0, 1, LONGEST_ROW - 1, LONGEST_ROW, 2 * LONGEST_ROW])
def test_a_line_of_a_csv_batch_has_a_longest_length(before: int, end: str) -> None:
    lines = ["name,note", *("Kim,x" for _ in range(before // 100))]
    longest = "Kim," + "x" * (LONGEST_ROW - 4)
    batch = read_batch("text/csv", end.join([*lines, longest, "Ri,y"]).encode())
    assert len(list(batch.rows)) == len(lines) + 1
    with pytest.raises(InvalidRequest, match="line of more than"):
        read_batch("text/csv", end.join([*lines, longest + "x", "Ri,y"]).encode())


_NAMES = (
    "Kim Yong Chol",
    "  Kim   Yong Chol ",
    "Na",
    "NA",
    "n/a",
    "",
    "김영철",
    "Ким Ен Чхоль",
    "9163166.0",
    "a\x00b",
    "x",
)
_DETAILS = (
    ("", "", ""),
    ("1962-02-18", "KR", "person"),
    (" 18 Feb 1962 ", "North  Korea", "Ships"),
    ("03/04/1968", "", ""),
    ("1962-02-30", "NA", "thing"),
    ("0000-00-00", "Namibia", "-"),
    ("", "XX", "company"),
)


@pytest.mark.parametrize(
    "header",
    [
        ("name", "born", "nationality", "kind", "own"),
        ("own", "kind", "born", "nationality", "name"),
        ("name", "own", "more", "passport", "kind"),
        ("family name", "given name", "born", "nationality", "kind"),
    ],
)
@pytest.mark.parametrize("dates", [None, DateOrder.DAY_FIRST])
def test_a_row_is_the_same_however_usual_it_is_and_whatever_was_read_before(
    header: tuple[str, ...], dates: DateOrder | None
) -> None:
    columns = map_columns(header)
    reader = RowReader(columns, dates)
    for _ in range(2):
        for name in _NAMES:
            for born, state, kind in _DETAILS:
                values = {"name": name, "family name": name, "born": born, "nationality": state, "kind": kind}
                cells = [values.get(one, "x") for one in header]
                for fault in (None, "a quotation mark is out of place"):
                    assert reader.read(cells, fault) == read_cells(columns, cells, fault, dates)
    assert reader.read([]) == read_cells(columns, [])
