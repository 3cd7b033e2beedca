"""The command that screens a file: what comes in, what goes out, what a script can trust."""

import csv
import io
import json
import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from app.cli import main
from app.database import open_dataset
from app.fields.dates import today
from app.problems import InvalidRequest
from app.publish import publish
from app.screening import file as screening_file
from app.screening.bulk import BulkOptions, BulkScreener, Snapshot, screen_rows
from app.screening.file import FileOptions, screen_file
from app.screening.screener import Screener
from app.screening.table_reader import ReadOptions, open_table
from app.server.parent_process import end_with_parent
from tests.conftest import edit

Rows = list[dict[str, str]]
CUSTOMERS = "id,name,birth_date\nC-17,Kim Yong Chol,1962\nC-18,John Smith,\nC-19,Jin Teng,\n"


@pytest.fixture(scope="module")
def screener(database: Path) -> BulkScreener:
    dataset = open_dataset(database)
    snapshot = Snapshot.of(dataset, Screener(dataset), today(), "http://testserver")
    dataset.close()
    return BulkScreener(snapshot, BulkOptions(0.88, 20))


@pytest.fixture
def run(database: Path, tmp_path: Path) -> Callable[..., tuple[int, Rows]]:
    """Screen a text by the command line, and give the exit status and the rows of the answer."""

    def screened(text: str | bytes, *words: str, output: str = "out.csv") -> tuple[int, Rows]:
        source = tmp_path / "in.csv"
        source.write_bytes(text.encode() if isinstance(text, str) else text)
        target = tmp_path / output
        status = main(["screen", str(source), "-o", str(target), "--database", str(database), *words])
        return status, rows_of(target) if status != 2 else []

    return screened


def rows_of(path: Path) -> Rows:
    with open_table(path, ReadOptions()) as table:
        return [dict(zip(table.header, row.cells, strict=True)) for row in table.rows]


# What comes out


def test_own_columns_pass_through_in_their_place(run: Callable[..., tuple[int, Rows]]) -> None:
    status, rows = run("No.;Name;Birth_date;statement\r\n7;Kim Yong Chol;1962;s\r\n8;John Smith;;t\r\n")
    assert status == 1
    assert list(rows[0])[:5] == ["line", "No.", "name", "Birth_date", "input.statement"]
    assert [(row["No."], row["name"], row["Birth_date"], row["hits"]) for row in rows] == [
        ("7", "Kim Yong Chol", "1962", "1"),
        ("8", "John Smith", "", "0"),
    ]
    assert (rows[0]["input.statement"], rows[0]["subject.id"], rows[0]["birth_date"]) == ("s", "KPi.024", "agrees")
    assert rows[0]["subject.url"] == "/designated-parties/KPi.024", (
        "no server answers here, so no address of one is given"
    )


def test_a_name_that_is_not_screened_is_still_in_the_answer(run: Callable[..., tuple[int, Rows]]) -> None:
    status, (row, _) = run("id,name\n1,...\n2,John Smith\n")
    assert (status, row["id"], row["name"], row["screened"], row["hits"]) == (3, "1", "...", "no", "")
    assert row["error"].startswith("name: ")


def test_cells_that_a_spreadsheet_would_run_are_escaped(run: Callable[..., tuple[int, Rows]]) -> None:
    _, (row,) = run("tel,name,x\n+49 40 1234,=cmd|calc,@SUM(1)\n")
    assert (row["tel"], row["name"], row["x"]) == ("+49 40 1234", "'=cmd|calc", "'@SUM(1)")


def test_the_byte_order_mark_is_written_on_request(run: Callable[..., tuple[int, Rows]], tmp_path: Path) -> None:
    run(CUSTOMERS)
    assert (tmp_path / "out.csv").read_bytes().startswith(b"line,")
    run(CUSTOMERS, "--excel")
    assert (tmp_path / "out.csv").read_bytes().startswith(b"\xef\xbb\xbfline,")


def test_a_workbook_is_written_and_read_again(run: Callable[..., tuple[int, Rows]]) -> None:
    status, rows = run("id,name\n=1+1,Kim Yong Chol\n", output="out.xlsx")
    assert (status, rows[0]["id"], rows[0]["subject.id"]) == (1, "=1+1", "KPi.024")
    assert run("name\nx\n", output="out.ods")[0] == 2


def test_the_closest_non_hit_is_given_only_on_request(run: Callable[..., tuple[int, Rows]]) -> None:
    _, (row,) = run("name\nKim Yong Chun Ho\n", "--threshold", "1")
    assert "closest.score" not in row
    _, (row,) = run("name\nKim Yong Chul\n", "--threshold", "1", "--closest")
    assert row["hits"] == "0"
    assert row["closest.subject.id"] == "KPi.024"
    assert 0.5 < float(row["closest.score"]) < 1


# Columns and values


def test_a_number_in_a_column_of_its_own_is_used(run: Callable[..., tuple[int, Rows]]) -> None:
    status, rows = run("name,IMO\nSomething Else,9163166.0\nOther,\n")
    assert status == 1
    assert [(row["hits"], row["subject.id"]) for row in rows] == [("1", "9163166"), ("0", "")]
    assert run("name,Passport,Type\nSomebody Else,381420397,company\n")[1][0]["subject.id"] == "KPi.009"


def test_floats_of_a_data_frame_are_found(run: Callable[..., tuple[int, Rows]]) -> None:
    assert run("name\n9163166.0\n")[0] == 1


def test_columns_are_named_on_the_command_line(
    run: Callable[..., tuple[int, Rows]], capsys: pytest.CaptureFixture[str]
) -> None:
    text = "Kunde;geb.\nKim Yong Chol;18 Feb 1962\n"
    assert run(text)[0] == 2
    assert "its columns are 'Kunde', 'geb.'" in capsys.readouterr().err
    status, (row,) = run(text, "--column", "name=Kunde", "--column", "birth_date=geb.")
    assert (status, row["subject.id"], row["birth_date"]) == (1, "KPi.024", "agrees")
    assert run("Kim Yong Chol;x\nJin Teng;y\n", "--no-header")[1][1]["subject.id"] == "9163166"
    assert run("x;Jin Teng\n", "--no-header", "--column", "name=2")[1][0]["column 1"] == "x"


def test_an_encoding_is_asked_for(run: Callable[..., tuple[int, Rows]], capsys: pytest.CaptureFixture[str]) -> None:
    assert run("name\n김영철\n".encode("cp949"))[0] == 1
    assert "encoding cp949" in capsys.readouterr().out
    assert run("name\n김영철\n".encode("cp949"), "--encoding", "utf-8")[0] == 2
    assert run("name\n김영철\n".encode("johab"), "--encoding", "johab")[0] == 1


def test_dates_are_read_in_the_order_asked_for(run: Callable[..., tuple[int, Rows]]) -> None:
    text = "name,dob\nKim Yong Chol,03/04/1968\n"
    status, (row,) = run(text)
    assert (status, row["screened"]) == (3, "part")
    status, (row,) = run(text, "--dates", "dmy")
    assert (status, row["screened"]) == (1, "whole")


# Exit status and summary


@pytest.mark.parametrize(
    ("text", "status", "said"),
    [
        ("name\nJohn Smith\n\n", 0, "1 screened whole, 0 in part, 0 not screened."),
        ("name\nKim Yong Chol\n", 1, "1 line with hits, 1 hit in all."),
        ("name,dob\nJohn Smith,x\n", 3, "0 screened whole, 1 in part, 0 not screened."),
        ("name,dob\nKim Yong Chol,x\n", 3, "birth_date in 1 line; the first is line 1: birth_date: 'x'"),
        ("name\nJohn Smith\n-\n", 3, "1 screened whole, 0 in part, 1 not screened."),
        ("name\n-\n...\n", 2, "0 screened whole, 0 in part, 2 not screened."),
    ],
)
def test_the_exit_status_and_the_summary_can_be_trusted(
    run: Callable[..., tuple[int, Rows]], capsys: pytest.CaptureFixture[str], text: str, status: int, said: str
) -> None:
    assert run(text)[0] == status
    assert said in capsys.readouterr().out


def test_what_cannot_be_screened_is_said(
    run: Callable[..., tuple[int, Rows]], database: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["screen", str(tmp_path / "none.csv"), "-o", str(tmp_path / "o.csv"), "--database", str(database)]) == 2
    for text in (b"", b"\xff\xfe", b"nam\nx\n", b"name\n"):
        assert run(text)[0] == 2
    assert not list(tmp_path.glob(".*")), "nothing is left behind"
    names = tmp_path / "in.csv"
    names.write_text("name\nx\n", encoding="utf-8")
    assert main(["screen", str(names), "-o", str(names), "--database", str(database)]) == 2
    assert names.read_text(encoding="utf-8") == "name\nx\n", "the names are still there"
    assert run("name\nx\n", "--database", str(tmp_path / "none.db"))[0] == 2
    said = capsys.readouterr().err
    for part in ("No such file", "it is empty", "'nam'", "no names", "take the place"):
        assert part in said
    for wrong in (["--threshold", "2"], ["--limit", "0"], ["--as-of", "2999-01-01"], ["--column", "x"],
                  ["--dates", "ymd"], ["--workers", "0"]):  # fmt: skip
        with pytest.raises(SystemExit):
            run("name\nx\n", *wrong)


def test_a_second_sheet_with_names_is_no_clearance(
    database: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "in.xlsx"))
    for name in ("John Smith", "Jin Teng"):
        book.add_worksheet().write_column(0, 0, ["Name", name])
    book.close()
    words = ["screen", str(tmp_path / "in.xlsx"), "-o", str(tmp_path / "o.csv"), "--database", str(database)]
    assert main(words) == 3
    assert "there are names in 'Sheet2' too" in capsys.readouterr().out
    assert main([*words, "--sheet", "Sheet1"]) == 0


def test_where_answers_cannot_go_is_said_before_any_name_is_screened(
    screener: BulkScreener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "in.csv"
    source.write_text(CUSTOMERS, encoding="utf-8")
    monkeypatch.setattr(screening_file, "open_table", None)
    with pytest.raises(InvalidRequest, match="is a folder"):
        screen_file(source, tmp_path, screener, FileOptions())
    with pytest.raises(InvalidRequest, match="there is no folder"):
        screen_file(source, tmp_path / "none" / "o.csv", screener, FileOptions())


def test_answers_go_into_a_pipe_and_through_a_link(screener: BulkScreener, tmp_path: Path) -> None:
    source, target, link, pipe = (tmp_path / name for name in ("in.csv", "o.csv", "link.csv", "pipe"))
    source.write_text(CUSTOMERS, encoding="utf-8")
    link.symlink_to(target)
    screen_file(source, link, screener, FileOptions())
    assert link.is_symlink()
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    screen_file(source, pipe, screener, FileOptions())
    reader.join()
    assert read == [target.read_bytes()]
    assert pipe.is_fifo()
    with pytest.raises(InvalidRequest, match="can be resumed"):
        screen_file(source, pipe, screener, FileOptions(resume=True))


def test_a_process_ends_with_the_one_that_started_it() -> None:
    context = multiprocessing.get_context("fork")
    receiving, sending = context.Pipe(duplex=False)

    def start() -> None:
        worker = context.Process(target=end_with_parent)
        worker.start()
        sending.send(worker.pid)
        os._exit(0)  # without waiting for it, as when it is killed

    starter = context.Process(target=start)
    starter.start()
    pid = receiving.recv()
    starter.join()
    for _ in range(500):
        if not Path(f"/proc/{pid}").exists() or "(zombie)" in Path(f"/proc/{pid}/status").read_text(encoding="utf-8"):
            return
        time.sleep(0.01)
    pytest.fail("it is still there")


def test_a_fault_of_the_program_is_not_taken_for_hits(
    run: Callable[..., tuple[int, Rows]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(BulkScreener, "screen", fail)
    assert run(CUSTOMERS)[0] == 2
    assert "boom" in capsys.readouterr().err


def test_standard_input_and_output_are_a_dash(
    database: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(CUSTOMERS.encode())))
    assert main(["screen", "-", "-o", "-", "--database", str(database)]) == 1
    out, err = capfdbinary.readouterr()
    rows = list(csv.DictReader(io.StringIO(out.decode(), newline="")))
    assert [row["hits"] for row in rows] == ["1", "0", "1"]
    assert b"3 screened whole" in err


# What was cleared before


def test_what_was_cleared_is_left_out_until_the_subject_changes(
    run: Callable[..., tuple[int, Rows]], whole_seed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, rows = run(CUSTOMERS)
    assert (status, [row["hits"] for row in rows]) == (1, ["1", "0", "1"])
    cleared = tmp_path / "cleared.csv"
    cleared.write_bytes((tmp_path / "out.csv").read_bytes())
    status, rows = run(CUSTOMERS, "--exclude", str(cleared))
    assert (status, [(row["hits"], row["excluded"]) for row in rows]) == (0, [("0", "1"), ("0", "0"), ("0", "1")])
    assert "2 hits known before left out" in capsys.readouterr().out
    # Another customer of the same name, and the same one with another birth date, are no such pair.
    assert run("name,dob\nKim Yong Chol,1963\n", "--exclude", str(cleared))[0] == 1
    edit(whole_seed, "names", lambda names: names[0].update(name=names[0]["name"] + "X"))
    edit(whole_seed, "birth_dates", _of_another_day)
    altered = tmp_path / "altered.db"
    publish(whole_seed, altered)
    status, rows = run(CUSTOMERS, "--exclude", str(cleared), "--database", str(altered))
    assert (status, [(row["hits"], row["excluded"]) for row in rows]) == (1, [("1", "0"), ("0", "0"), ("0", "1")])


def _of_another_day(rows: list[dict[str, str]]) -> None:
    for row in rows:
        if row["subject_id"] == "KPi.024":
            row["born_on"] = "1962-02"


def test_only_what_is_new_against_an_earlier_run_is_written(
    run: Callable[..., tuple[int, Rows]], tmp_path: Path
) -> None:
    run(CUSTOMERS)
    earlier = tmp_path / "earlier.csv"
    (tmp_path / "out.csv").rename(earlier)
    assert run(CUSTOMERS, "--since", str(earlier)) == (0, [])
    status, rows = run(CUSTOMERS + "C-20,Ri Pyong Chol,\n", "--since", str(earlier))
    assert status == 1
    assert {row["id"] for row in rows} == {"C-20"}
    assert run(CUSTOMERS + "C-21,-,\n", "--since", str(earlier))[1][0]["screened"] == "no"


def test_a_file_of_pairs_needs_their_columns(
    run: Callable[..., tuple[int, Rows]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("name,subject\nx,y\n")
    assert run(CUSTOMERS, "--exclude", str(pairs))[0] == 2
    pairs.write_text("query,subject.id,digest\nx,y,\n")
    assert run(CUSTOMERS, "--since", str(pairs))[0] == 2
    said = capsys.readouterr().err
    assert "no columns query, subject.id and digest" in said
    assert "row 1 has a subject, y, and no digest" in said


# How it runs


def test_several_processes_give_the_same_answer(screener: BulkScreener, tmp_path: Path) -> None:
    source, one, two = tmp_path / "in.csv", tmp_path / "one.csv", tmp_path / "two.csv"
    lines = [f"{name},{number}" for number in range(800) for name in ("Kim Yong Chol", "John Smith")]
    # What is wrong with a line goes with it, in whichever part of the file it is.
    lines[7] = lines[1203] = '"Kim" Yong Chol,x'
    source.write_text("\n".join(["name,number", *lines]), encoding="utf-8")
    first = screen_file(source, one, screener, FileOptions())
    second = screen_file(source, two, screener, FileOptions(workers=2))
    assert one.read_bytes() == two.read_bytes()
    assert first == second
    assert [row["line"] for row in rows_of(one) if row["error"]] == ["8", "1204"]


@pytest.fixture
def broken_off(screener: BulkScreener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path, bytes]:
    """A run that was broken off after its second part, and the answer that it should have had."""
    source, target, whole = tmp_path / "in.csv", tmp_path / "out.csv", tmp_path / "whole.csv"
    source.write_text("name,dob\n" + "Kim Yong Chol,\nJohn Smith,x\n" * 100, encoding="utf-8")
    monkeypatch.setattr(screening_file, "_CHUNK", 30)
    monkeypatch.setattr(screening_file, "_CHECKPOINT_SECONDS", 0.0)
    screen_file(source, whole, screener, FileOptions())
    rows = screen_rows
    calls = iter(range(100))

    def interrupted(*arguments: Any) -> Any:
        if next(calls) == 3:
            raise KeyboardInterrupt
        return rows(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(screening_file, "screen_rows", interrupted)
        with pytest.raises(KeyboardInterrupt):
            screen_file(source, target, screener, FileOptions())
    assert not target.exists()
    # What was written after the last checkpoint, and a row that was cut.
    with (tmp_path / ".out.csv.part").open("ab") as draft:
        draft.write(b"91,Kim Yong")
    return source, target, whole.read_bytes()


def test_a_run_that_was_broken_off_is_resumed(
    screener: BulkScreener, broken_off: tuple[Path, Path, bytes], tmp_path: Path
) -> None:
    source, target, whole = broken_off
    summary = screen_file(source, target, screener, FileOptions(resume=True))
    assert target.read_bytes() == whole
    assert (summary.resumed, summary.tally.lines, summary.tally.part, summary.exit_status) == (90, 200, 100, 3)
    assert not list(tmp_path.glob(".*"))


def test_a_run_of_something_else_is_not_resumed(screener: BulkScreener, broken_off: tuple[Path, Path, bytes]) -> None:
    source, target, whole = broken_off
    with pytest.raises(InvalidRequest, match="other options"):
        screen_file(source, target, screener, FileOptions(resume=True, excel=True))
    content = source.read_text(encoding="utf-8")
    source.write_text(content + "x,\n", encoding="utf-8")
    with pytest.raises(InvalidRequest, match="another file"):
        screen_file(source, target, screener, FileOptions(resume=True))
    source.write_text(content, encoding="utf-8")
    assert screen_file(source, target, screener, FileOptions(resume=True)).resumed == 90
    assert target.read_bytes() == whole


def test_a_run_without_resume_begins_anew(screener: BulkScreener, broken_off: tuple[Path, Path, bytes]) -> None:
    source, target, whole = broken_off
    assert screen_file(source, target, screener, FileOptions()).resumed == 0
    assert target.read_bytes() == whole
    summary = screen_file(source, target, screener, FileOptions(resume=True))
    assert summary.notes == ["there was no run to resume; this one is from the beginning"]
    assert target.read_bytes() == whole


def test_only_a_run_between_files_is_resumed(screener: BulkScreener, tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("name\nx\n", encoding="utf-8")
    for one, other in ((None, tmp_path / "o.csv"), (source, None), (source, tmp_path / "o.xlsx")):
        with pytest.raises(InvalidRequest, match="can be resumed"):
            screen_file(one, other, screener, FileOptions(resume=True))


def test_memory_is_flat_in_the_length_of_the_file(screener: BulkScreener, tmp_path: Path) -> None:
    import tracemalloc

    peaks = []
    for lines in (3_000, 12_000):
        source = tmp_path / "in.csv"
        source.write_text("id,name\n" + "".join(f"{number},-\n" for number in range(lines)), encoding="utf-8")
        tracemalloc.start()
        screen_file(source, tmp_path / "out.csv", screener, FileOptions())
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.2


def test_a_screener_can_be_sent_to_another_process(screener: BulkScreener) -> None:
    import pickle

    from app.screening.batch import read_json

    again = pickle.loads(pickle.dumps(screener))
    (row,) = read_json(json.dumps(["Kim Yong Chol"])).rows
    assert again.answer(again.screen(1, row)) == screener.answer(screener.screen(1, row))
