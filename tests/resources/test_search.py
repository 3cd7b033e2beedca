"""Search: hits with reasons and a receipt; batches; the command line."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from app.cli import main
from app.screening.batch import MOST_QUERIES
from tests.conftest import BASE, Client
from tests.test_house import assert_problem


def found(client: Client, query: str) -> Any:
    return client.json(f"/search?{query}")


def test_a_hit_says_who_why_and_how_it_stands_to_the_list(client: Client) -> None:
    answer = found(client, "q=Choi+Sung-il&as_of=2016-03-01")
    (hit,) = answer["items"]
    assert (hit["subject"]["id"], hit["listed"], hit["status"]) == ("KPi.014", False, "not_yet_listed")
    assert hit["subject"]["url"] == f"{BASE}/designated-parties/KPi.014"
    assert (hit["matched"]["text"], hit["matched"]["kind"]) == ("CHOE SONG IL", "primary")
    assert [reason["agrees"] for reason in hit["because"]] == ["spelling", "spelling", "same"]
    assert found(client, "q=Choi+Sung-il&as_of=2016-03-02")["items"][0]["status"] == "listed"


def test_a_receipt_has_all_that_a_note_needs(client: Client) -> None:
    answer = found(client, "q=RI+MYONG-CHUL&as_of=2020-01-01")
    assert answer["items"] == []
    assert answer["compared"] == {"names": 754, "subjects": 222}
    assert answer["best_below"]["subject"]["id"] == "KPi.076"
    assert (answer["threshold"], answer["matcher"], answer["as_of"]) == (0.88, "1", "2020-01-01")
    assert "754 names and identifiers of 222 subjects, as the list stood on 2020-01-01" in answer["statement"]
    assert "not a clearance" in answer["statement"]
    assert {source["kind"] for source in answer["sources"]} == {"individuals", "entities", "vessels"}
    assert "threshold=0.88" in answer["cite_as"]
    assert client.json(answer["cite_as"]) == answer, "the same answer again"


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("q=IMO+No.+8713471", ["8713471"]),
        ("q=8713471+IMO", ["8713471"]),
        ("q=87l3471", ["8713471"]),
        ("q=MI+RIM+8713471", ["8713471"]),
        ("q=DPRK+passport+472320665", ["KPi.014"]),
        ("q=KPi.33", ["KPi.033"]),
        ("q=kpi-33", ["KPi.033"]),
        ("q=Dallas+County+Bank+(DCB)", []),
        ("q=National+Curriculum+Group+(NCG)", []),
        ("q=KIM+YONGC+HOL", ["KPi.024"]),
        ("q=LeaderInternational+Trading+Limited", ["KPe.017"]),
        ("q=AN+SA+N1", ["7303803"]),
        ("q=Kim,+Yong+Chol+(김영철)", ["KPi.024"]),
        ("q=김영철+Kim+Yong+Chol", ["KPi.024"]),
        ("q=KIM+YONG_CHOL", ["KPi.024"]),
        ("q=General+Kim+Yong+Chol+b.+1946", ["KPi.024"]),
        ("q=Kim+Yong+Chol+a.k.a.+Nobody+Else", ["KPi.024"]),
        ("q=(a)(b)(c)(d)(e)+김영철", ["KPi.024"]),
        ("q=K0MID", ["KPe.001"]),
        ("q=BILLIONS+N0.+18", ["9191773"]),
        ("q=9163166", ["9163166"]),
        ("q=IMO9163166", ["9163166"]),
        ("q=kpi.014", ["KPi.014"]),
        ("q=472320665", ["KPi.014"]),
        ("q=Jin+Teng&listed=true", []),
        ("q=Jin+Teng&listed=false", ["9163166"]),
        ("q=Jin+Teng&listed=true&as_of=2016-03-20", ["9163166"]),
        ("q=Kim+Yong-chul&kind=vessel", []),
        ("q=Kim+Yong-chul&kind=individual&kind=entity", ["KPi.024"]),
        ("q=Kim+Yong-chul&threshold=1", []),
        ("q=%EA%B9%80%EC%98%81%EC%B2%A0", ["KPi.024"]),
        ("q=%E9%87%91%E9%93%81%E4%B8%89", ["KPi.035"]),
        ("q=%E2%80%8FJin%E2%80%8E+Teng", ["9163166"]),
        ("q=%25x_", []),
    ],
)
def test_who_is_found(client: Client, query: str, ids: list[str]) -> None:
    assert [hit["subject"]["id"] for hit in found(client, query)["items"]] == ids


def test_a_birth_date_moves_the_score_and_says_so(client: Client) -> None:
    record = client.json("/designated-parties/KPi.024")
    year = record["birth_dates"][0]["born_on"]["edtf"][:4]
    name = found(client, "q=Kim+Yong-chul")["items"][0]["score"]
    (agrees,) = found(client, f"q=Kim+Yong-chul&birth_date={year}")["items"]
    assert (agrees["birth_date"], agrees["score"]) == ("agrees", pytest.approx(name + 0.02))
    against = found(client, "q=Kim+Yong-chul&birth_date=1901")
    assert against["items"] == []
    assert (against["best_below"]["birth_date"], against["best_below"]["score"]) == (
        "contradicts",
        pytest.approx(name - 0.1),
    )
    (unknown,) = found(client, "q=Choe+Hwi&kind=individual&nationality=KP")["items"]
    assert unknown["birth_date"] == "unknown"
    contradicted = found(client, "q=Kim+Yong-chul&nationality=FR&threshold=0.8")["items"]
    assert [(hit["subject"]["id"], hit["nationality"]) for hit in contradicted] == [("KPi.024", "contradicts")]


def test_hits_are_walked_to_the_end(client: Client) -> None:
    whole = found(client, "q=South+Hill&threshold=0.5&limit=500")
    assert whole["next"] is None
    walked, url = [], "/search?q=South+Hill&threshold=0.5&limit=1"
    while url:
        page = client.json(url)
        walked += page["items"]
        url = page["next"]
    assert walked == whole["items"]
    assert len(walked) == whole["total"] > 1
    scores = [hit["score"] for hit in walked]
    assert scores == sorted(scores, reverse=True)
    as_csv = client.get("/search?q=South+Hill&threshold=0.5&limit=1&format=csv")
    assert as_csv.headers["total-count"] == str(whole["total"])
    assert client.json(as_csv.links["next"]["url"].replace("format=csv", ""))["items"] == whole["items"][1:2]
    (line,) = post(client, '["South Hill"]', "application/json", "?threshold=0.5&limit=1").json()["items"]
    assert client.json(line["answer"]["next"])["items"] == whole["items"][1:2]


@pytest.mark.parametrize("query", ["Kim+Chol+Nam&birth_date=1970&nationality=US", "Kang+Chol+Su&kind=entity", "zzz"])
def test_the_best_below_is_the_best(client: Client, query: str) -> None:
    answer = found(client, f"q={query}&limit=500")
    low = found(client, f"q={query}&threshold=0.5&limit=500")
    below = [hit for hit in [*low["items"], low["best_below"]] if hit and hit["score"] < answer["threshold"]]
    best = max((hit["score"] for hit in below), default=None)
    assert (answer["best_below"]["score"] if answer["best_below"] else None) == best


def test_a_pinned_search_answers_from_its_version(client: Client) -> None:
    assert client.get("/search?q=x&dataset=0123456789abcdef").status_code == 410


def post(client: Client, body: bytes | str, content_type: str, query: str = "") -> Any:
    return client.request("POST", f"/search{query}", content=body, headers={"Content-Type": content_type})


BATCH = "name,birth_date,nationality,kind\nKim Yong-chul,,,individual\nnobody at all,,,\nx,yesterday,,\n김영철,,KP,\n"


def test_a_batch_is_answered_in_order_with_what_cannot_be_read_in_its_place(client: Client) -> None:
    response = post(client, BATCH, "text/csv; charset=utf-8")
    assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
    answer = response.json()
    assert [item["line"] for item in answer["items"]] == [1, 2, 3, 4]
    assert answer["total"] == 4
    assert "birth_date" in answer["items"][2]["error"]
    assert answer["items"][2]["answer"] is None
    totals = [item["answer"]["total"] for item in answer["items"] if item["answer"]]
    assert totals == [1, 0, 1]
    assert answer["items"][0]["answer"] | {"next": None} == {
        name: value
        for name, value in found(client, "q=Kim+Yong-chul&kind=individual").items()
        if name not in ("sources", "as_of", "dataset", "cite_as")
    } | {"cite_as": answer["items"][0]["answer"]["cite_as"]}
    assert "cite_as" not in answer
    assert "link" not in response.headers
    again = client.json(answer["items"][0]["answer"]["cite_as"])
    assert again["items"] == answer["items"][0]["answer"]["items"]
    as_json = json.dumps([{"name": "Kim Yong-chul", "kind": "individual"}, "nobody at all", {"nam": "x"}, {"name": 5}])
    lines = post(client, as_json, "application/json").json()["items"]
    assert lines[0] == answer["items"][0]
    assert [bool(line["error"]) for line in lines] == [False, False, True, True]


def test_a_batch_as_csv_has_a_line_for_each_hit_and_each_name_without(client: Client) -> None:
    response = post(client, "\ufeff" + BATCH, "text/csv", "?format=csv")
    rows = list(csv.DictReader(io.StringIO(response.text, newline="")))
    assert [(row["line"], row["subject.id"], bool(row["error"])) for row in rows] == [
        ("1", "KPi.024", False),
        ("2", "", False),
        ("3", "", True),
        ("4", "KPi.024", False),
    ]
    assert rows[0]["subject.url"] == f"{BASE}/designated-parties/KPi.024"


@pytest.mark.parametrize(
    ("body", "content_type", "status", "message"),
    [
        (b"", "text/csv", 422, "header"),
        (b"name\n", "text/csv", 422, "0 names"),
        (b"nom\nx\n", "text/csv", 422, "'nom'"),
        (b"name,name\nx,y\n", "text/csv", 422, "each once"),
        ('name\n"x\n', "text/csv", 422, "not CSV"),
        ("name\nJosé\n".encode("latin-1"), "text/csv", 422, "not UTF-8"),
        (b"{}", "application/json", 422, "not a JSON array"),
        (b"[1,", "application/json", 422, "not JSON"),
        (b"[" * 100_000, "application/json", 422, "not JSON"),
        (b"[]", "application/json", 422, "0 names"),
        (json.dumps(["x"] * (MOST_QUERIES + 1)).encode(), "application/json", 422, "501 names"),
        (b"x" * 1_000_001, "text/csv", 413, "several"),
        (b"<names/>", "application/xml", 415, "text/csv"),
        (b"name\nx\n", "", 415, "text/csv"),
    ],
)  # fmt: skip
def test_a_batch_that_cannot_be_read_is_refused(
    client: Client, body: bytes | str, content_type: str, status: int, message: str
) -> None:
    response = post(client, body, content_type)
    assert response.status_code == status, response.text
    assert message in assert_problem(response)["detail"]


@pytest.mark.parametrize(
    "line",
    [
        '{"name": "\\u0000"}', '{"name": "\\ud800"}', '{"name": ""}', '{"name": "..."}', '{"name": null}', "null", "[]",
        '{"name": "x", "kind": "dog"}', '{"name": "' + "x" * 301 + '"}',
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_read_says_why(client: Client, line: str) -> None:
    answer = post(client, f'[{line}, "Jin Teng"]', "application/json").json()
    assert answer["items"][0]["error"]
    assert answer["items"][1]["answer"]["total"] == 1


def test_a_row_of_another_length_is_named_in_its_place(client: Client) -> None:
    answer = post(client, "name,kind\nx\nJin Teng,vessel\n", "text/csv").json()
    assert answer["items"][0]["error"] == "1 cells where the header has 2"
    assert answer["items"][1]["answer"]["total"] == 1


def test_an_empty_line_is_answered_in_its_place_and_a_formula_is_none(client: Client) -> None:
    answer = post(client, "name\n\nJin Teng\n", "text/csv").json()
    assert [item["error"] for item in answer["items"]] == ["the line is empty", None]
    response = post(client, "name\n=HYPERLINK(1)\n", "text/csv", "?format=csv")
    (row,) = csv.DictReader(io.StringIO(response.text, newline=""))
    assert row["name"] == "'=HYPERLINK(1)"


def test_a_batch_is_read_and_nothing_else_is_posted(client: Client) -> None:
    assert client.request("PUT", "/search").headers["allow"] == "GET, HEAD, OPTIONS, POST"
    assert client.request("OPTIONS", "/search").headers["access-control-allow-methods"] == "GET, HEAD, OPTIONS, POST"
    assert client.request("POST", "/vessels").status_code == 405
    unknown = post(client, "name\nx\n", "text/csv", "?treshold=0.9")
    assert unknown.status_code == 422
    assert "threshold" in unknown.json()["detail"]


# The command line


def test_a_file_is_screened_without_a_server(
    database: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names, answers = tmp_path / "in.csv", tmp_path / "out.csv"
    names.write_text(BATCH, encoding="utf-8")
    words = ["screen", str(names), "-o", str(answers), "--database", str(database)]
    assert main(words) == 1
    assert "2 with hits, 1 that cannot be read" in capsys.readouterr().out
    rows = list(csv.DictReader(io.StringIO(answers.read_text(encoding="utf-8"), newline="")))
    assert [row["subject.id"] for row in rows] == ["KPi.024", "", "", "KPi.024"]
    names.write_text("name\nnobody at all\n", encoding="utf-8")
    assert main([*words, "--as-of", "2016-03-20", "--threshold", "0.95", "--limit", "1"]) == 0


def test_what_cannot_be_screened_is_said(database: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names, answers = tmp_path / "in.csv", str(tmp_path / "out.csv")
    words = ["screen", str(names), "-o", answers, "--database", str(database)]
    assert main(words) == 2
    names.write_bytes(b"\xff\xfe")
    assert main(words) == 2
    names.write_text("nom\nx\n", encoding="utf-8")
    assert main(words) == 2
    names.write_text("name\n", encoding="utf-8")
    assert main(words) == 2
    names.write_text("name\nx\n", encoding="utf-8")
    assert main(["screen", str(names), "-o", str(names), "--database", str(database)]) == 2
    assert names.read_text(encoding="utf-8") == "name\nx\n", "the names are still there"
    assert main([*words[:-1], str(tmp_path / "none.db")]) == 2
    told = capsys.readouterr().err
    assert "No such file" in told
    assert "not UTF-8" in told
    assert "'nom'" in told
    assert "no names" in told
    assert "take the place" in told
    for wrong in (
        ["--threshold", "2"],
        ["--threshold", "x"],
        ["--limit", "0"],
        ["--as-of", "2999-01-01"],
        ["--as-of", "x"],
    ):
        with pytest.raises(SystemExit):
            main([*words, *wrong])
