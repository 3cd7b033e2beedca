"""Tables as offices have them: encodings, delimiters, line ends, spreadsheets, Parquet."""

import io
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from app.problems import InvalidRequest
from app.screening.table_reader import ReadOptions, cell_text, detect_encoding, open_table, read_csv


def rows_of(text: str, **options: Any) -> tuple[list[str], list[list[str]]]:
    table = read_csv(io.StringIO(text, newline=None), ReadOptions(**options))
    return table.header, [row.cells for row in table.rows]


def faults_of(text: str) -> list[str | None]:
    return [row.fault for row in read_csv(io.StringIO(text, newline=None), ReadOptions()).rows]


def read_file(path: Path | None, **options: Any) -> tuple[list[str], list[list[str]], str]:
    with open_table(path, ReadOptions(**options)) as table:
        return table.header, [row.cells for row in table.rows], table.description


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_usual_delimiter_and_line_end_is_recognised(delimiter: str, end: str) -> None:
    text = end.join([f"id{delimiter}Name", f"1{delimiter}Kim Yong Chol", f"2{delimiter}John Smith", ""])
    assert rows_of(text) == (["id", "Name"], [["1", "Kim Yong Chol"], ["2", "John Smith"]])


@pytest.mark.parametrize("first", ["sep=;", "SEP=;", '"sep=;"', "sep=;;"])
def test_a_line_that_names_the_delimiter_is_no_header(first: str) -> None:
    assert rows_of(f"{first}\nName;a,b\nKim;1,2\n") == (["Name", "a,b"], [["Kim", "1,2"]])


def test_a_delimiter_within_a_header_or_a_name_is_no_delimiter() -> None:
    assert rows_of("Name;Amount, in EUR\nKim;1,5\n") == (["Name", "Amount, in EUR"], [["Kim", "1,5"]])
    assert rows_of("name\nKim, Yong Chol\n") == (["name"], [["Kim, Yong Chol"]])


def test_the_headers_are_found_below_a_title() -> None:
    text = "Report of 27.11.2026\n\n----------\n|No |Name |DOB |\n|1 |Kim |1962|\n"
    table = read_csv(io.StringIO(text), ReadOptions())
    assert table.header == ["", "No", "Name", "DOB"]
    assert [row.cells[2] for row in table.rows] == ["Kim "]
    assert table.notes == ["not read, before the headers: 'Report of 27.11.2026'; '----------'"]
    assert rows_of("x\nKunde;y\nKim;1\n", named=("kunde",)) == (["Kunde", "y"], [["Kim", "1"]])
    assert rows_of("x\nName\nKim\n", has_title=False)[0] == ["x"]


def test_a_blank_before_a_quotation_mark_is_no_part_of_the_cell() -> None:
    assert rows_of('name, dob\n"Kim, Yong Chol", "1962"\n') == (["name", "dob"], [["Kim, Yong Chol", "1962"]])
    assert rows_of('name,x\n"Kim",  1 \n')[1] == [["Kim", "  1 "]], "any other is"


def test_a_cell_can_have_line_breaks_delimiters_and_quotation_marks() -> None:
    text = 'name,x\n"Kim\nYong ""Y"" Chol","a,b"\nRi,2\n'
    assert rows_of(text) == (["name", "x"], [['Kim\nYong "Y" Chol', "a,b"], ["Ri", "2"]])


def test_a_quotation_mark_behind_a_backslash_closes_no_cell() -> None:
    assert rows_of('name,x\n"Kim \\"Y, Y\\" Chol",1\n"C:\\",2\n')[1] == [['Kim "Y, Y" Chol', "1"], ["C:\\", "2"]]


def test_a_quotation_mark_that_nothing_closes_loses_no_line() -> None:
    text = 'name,x\n"Kim,1\n' + "".join(f"N{number},2\n" for number in range(500))
    _, rows = rows_of(text)
    assert [row[0] for row in rows] == ["Kim", *(f"N{number}" for number in range(500))]
    assert faults_of(text)[:2] == ["a quotation mark is not closed", None]


def test_a_quotation_mark_out_of_place_is_marked() -> None:
    assert rows_of('name,x\n"Kim" Yong,1\nRi "R" Ju,2\n')[1] == [["Kim Yong", "1"], ['Ri "R" Ju', "2"]]
    assert faults_of('name,x\n"Kim" Yong,1\nRi "R" Ju,2\n') == ["a quotation mark is out of place", None]


def test_blank_lines_at_the_end_are_no_rows_and_those_between_are() -> None:
    assert rows_of("name,x\nKim,1\n\nRi,2\n\n , \n,,\n\n")[1] == [["Kim", "1"], [], ["Ri", "2"]]
    assert rows_of("\n\nname\nKim\n\n")[1] == [["Kim"]]


def test_a_row_of_another_length_keeps_its_cells_and_is_marked() -> None:
    text = "name,x\nKim\nRi,1,2\nPak,1,\n"
    assert rows_of(text)[1] == [["Kim", ""], ["Ri", "1", "2"], ["Pak", "1"]]
    assert faults_of(text) == ["1 cells where the header has 2", "3 cells where the header has 2", None]


def test_without_a_header_columns_are_numbered() -> None:
    assert rows_of("1;Kim\n2;Ri\n", has_header=False) == (["column 1", "column 2"], [["1", "Kim"], ["2", "Ri"]])
    assert rows_of("Kim, Yong\nRi\n", has_header=False)[0] == ["column 1"]


@pytest.mark.parametrize("text", ["", "\n\n", ",,\n"])
def test_a_text_without_rows_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest, match="empty"):
        rows_of(text)


@pytest.mark.parametrize(
    ("text", "encoding", "said"),
    [
        ("name\nKim\n", "ascii", "utf-8"),
        ("name\nJosé Müller\n김영철\n", "utf-8", "utf-8"),
        ("name\nJosé\n", "utf-8-sig", "utf-8"),
        ("name\n김영철\n", "utf-16", "utf-16"),
        ("name\n김영철\nKim Yong Chol\nJohn\n", "utf-16-le", "utf-16-le"),
        ("name\nKim Yong Chol\n", "utf-16-be", "utf-16-be"),
        ("name\n김영철\n", "utf-32", "utf-32"),
        ("name\nJosé Müller\nÄrzte\nGarçon & Søn\n", "latin-1", "cp1252"),
        ("name\nŠkoda – “Œuvre”\n", "cp1252", "cp1252"),
        ("이름,name\n김영철,Kim Yong Chol\n박도춘,Pak To-chun\n", "cp949", "cp949"),
        ("name\n리설주\n" + "John Smith\n" * 50, "euc-kr", "cp949"),
    ],
)
def test_the_encoding_is_recognised_and_said(tmp_path: Path, text: str, encoding: str, said: str) -> None:
    path = tmp_path / "names.csv"
    path.write_bytes(text.encode(encoding))
    header, rows, description = read_file(path)
    assert [header, *rows] == [line.split(",") for line in text.splitlines()]
    assert f"encoding {said}" in description


def test_an_encoding_is_recognised_wherever_its_first_letter_beyond_ascii_is(tmp_path: Path) -> None:
    path = tmp_path / "names.csv"
    path.write_bytes(b"name\n" + b"John Smith\n" * 250_000 + "김영철\n".encode("cp949"))
    assert read_file(path)[1][-1] == ["김영철"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_a_broken_byte_costs_its_own_line_and_no_other(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "names.csv"
    path.write_bytes("name\n김영철\n리설주\n".encode(encoding) + b"Ji\xffn Teng\n")
    with open_table(path, ReadOptions()) as table:
        assert [row.cells for row in table.rows] == [["김영철"], ["리설주"], ["Ji\ufffdn Teng"]]
        assert "at 1 place)" in table.notes[0]


@pytest.mark.parametrize("encoding", ["gb18030", "big5", "cp932"])
def test_chinese_and_japanese_are_not_taken_for_korean(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "names.csv"
    path.write_bytes("name\n金正恩\n李永浩\n張成民\n".encode(encoding))
    assert "cp949" not in read_file(path)[2]
    assert read_file(path, encoding=encoding)[1][0] == ["金正恩"]


@pytest.mark.parametrize(
    ("start", "named"),
    [(b"\x1f\x8b\x08\0", "gzip"), (b"%PDF-1.4\n", "PDF"), (b"<html><table>", "HTML"), (b'[{"name": "x"}]', "JSON"),
     (b'\xef\xbb\xbf<?xml version="1.0"?>', "XML"), (b"7z\xbc\xaf\x27\x1c", "archive")],
)  # fmt: skip
def test_another_format_is_named_and_refused(tmp_path: Path, start: bytes, named: str) -> None:
    path = tmp_path / "names.csv"
    path.write_bytes(start)
    with pytest.raises(InvalidRequest, match=named):
        read_file(path)


def test_an_encoding_is_asked_for_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "names.csv"
    path.write_bytes("name\nJosé\n".encode("latin-1"))
    assert read_file(path, encoding="cp850")[1] == [["JosÚ"]]
    with pytest.raises(InvalidRequest, match="not utf-8"):
        read_file(path, encoding="utf-8")
    with pytest.raises(InvalidRequest, match="no workbook"):
        read_file(path, sheet="x")
    for wrong in ("klingon", "base64", "a\0b"):
        with pytest.raises(InvalidRequest, match="there is no encoding"):
            read_file(path, encoding=wrong)


@given(st.lists(st.binary(max_size=50)))
def test_every_text_has_an_encoding_that_reads_it(chunks: list[bytes]) -> None:
    text = b"".join(chunks)
    if text.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in text:
        return
    found = detect_encoding(chunks)
    decoded = text.decode(found.name, found.errors)
    assert found.damaged == decoded.count("\ufffd") == 0 or found.name in ("utf-8-sig", "cp949")
    assert found.lines == len(
        io.IncrementalNewlineDecoder(None, translate=True).decode(decoded, final=True).split("\n")
    )


def workbook(path: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    book = xlsxwriter.Workbook(str(path))
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            for place, value in enumerate(row):
                if isinstance(value, date):
                    sheet.write_datetime(number, place, value, day)
                elif value is not None:
                    sheet.write(number, place, value)
    book.close()
    return path


def test_a_workbook_is_read_with_its_types(tmp_path: Path) -> None:
    sheet: list[list[Any]] = [
        ["Name", "DOB", "IMO", "x"],
        ["Kim", datetime(1962, 2, 18), 9163166.0, None],
        [None] * 4,
        ["Ri", 1962, 1.5, "y"],
    ]
    path = workbook(tmp_path / "names.xlsx", {"People": sheet, "Other": [["Name"], ["Pak"]]})
    header, rows, description = read_file(path)
    assert header == ["Name", "DOB", "IMO", "x"]
    assert rows == [["Kim", "1962-02-18", "9163166", ""], [], ["Ri", "1962", "1.5", "y"]]
    assert description == "spreadsheet, sheet 'People'"
    with open_table(path, ReadOptions()) as table:
        assert table.notes[0] == "sheets not read: 'Other'; name one with --sheet"
    assert read_file(path, sheet="Other")[1] == [["Pak"]]
    with pytest.raises(InvalidRequest, match="no sheet 'x'; its sheets are 'People', 'Other'"):
        read_file(path, sheet="x")


def test_the_sheet_with_names_is_read_and_another_one_is_told_of(tmp_path: Path) -> None:
    title: list[list[Any]] = [["Customers"], [], ["No", "Name"], [1, "Kim"]]
    path = workbook(tmp_path / "names.xlsx", {"Cover": [["See below"]], "Data": title, "Notes": [["x"]]})
    with open_table(path, ReadOptions()) as table:
        assert (table.header, [row.cells for row in table.rows]) == (["No", "Name"], [["1", "Kim"]])
        assert not table.has_more
        assert table.notes[0] == "not read, before the headers: 'Customers'"
    path = workbook(tmp_path / "two.xlsx", {"Data": title, "More": [["Name"], ["Ri"]]})
    with open_table(path, ReadOptions()) as table:
        assert table.has_more
    with open_table(path, ReadOptions(sheet="Data")) as table:
        assert not table.has_more


def test_a_workbook_is_known_by_its_content(tmp_path: Path) -> None:
    path = workbook(tmp_path / "names.csv", {"S": [["Name"], ["Kim"]]})
    assert read_file(path)[1] == [["Kim"]]
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(path.read_bytes()[:500])
    with pytest.raises(InvalidRequest, match="no workbook that can be read"):
        read_file(broken)
    with pytest.raises(InvalidRequest, match="empty"):
        read_file(workbook(tmp_path / "empty.xlsx", {"S": []}))


def test_parquet_is_read_with_its_types(tmp_path: Path) -> None:
    import pyarrow
    import pyarrow.parquet

    path = tmp_path / "names.parquet"
    columns = {"name": ["Kim", None], "dob": [date(1962, 2, 18), None], "imo": [9163166.0, float("nan")]}
    pyarrow.parquet.write_table(pyarrow.table(columns), path)
    header, rows, description = read_file(path)
    assert (header, rows) == (["name", "dob", "imo"], [["Kim", "1962-02-18", "9163166"]])
    assert description == "Parquet"
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(InvalidRequest, match="no Parquet file that can be read"):
        read_file(path)


def test_parquet_without_its_reader_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "names.parquet"
    path.write_bytes(b"PAR1")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InvalidRequest, match=r"pip install 'unlisted\[parquet\]'"):
        read_file(path)


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("name\n김영철\n".encode("cp949"))))
    assert read_file(None)[1] == [["김영철"]]


def test_cells_are_written_as_people_would() -> None:
    values: list[Any] = [
        None,
        5.0,
        5.5,
        float("nan"),
        True,
        date(1962, 2, 18),
        datetime(1962, 2, 18, 12),
        1e20,
        [1],
        "x",
    ]
    assert [cell_text(value) for value in values] == [
        *("", "5", "5.5", "", "true", "1962-02-18", "1962-02-18 12:00:00", "1e+20", "[1]", "x")
    ]
