"""Search: hits with reasons and a receipt; batches; the command line."""

import csv
import io
import json
import re
from typing import Any

import pytest

from app.screening.batch import MOST_QUERIES
from tests.conftest import BASE, SEED, Client, rows_of
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
    names = names_of_the_record()
    assert answer["compared"] == {"names": names, "subjects": 222, "parts": ["RI MYONG-CHUL"], "not_compared": []}
    assert answer["best_below"]["subject"]["id"] == "KPi.076"
    assert (answer["threshold"], answer["matcher"], answer["as_of"]) == (0.88, "2", "2020-01-01")
    assert f"{names} names and identifiers of 222 subjects, as the list was on 2020-01-01" in answer["statement"]
    assert "not a clearance" in answer["statement"]
    assert {source["kind"] for source in answer["sources"]} == {"individuals", "entities", "vessels"}
    assert "threshold=0.88" in answer["cite_as"]
    assert client.json(answer["cite_as"]) == answer, "the same answer again"


def names_of_the_record() -> int:
    """Count what a name is compared with, from the seed.

    A number of another list, or of a ship's radio, counts with its scheme and once more alone, where it is one
    subject's number in every scheme and not a word.
    """
    names = sum(1 + bool(row["original_script"]) for row in rows_of(SEED, "names"))
    parties = rows_of(SEED, "designated_parties")
    own = [(row["id"], row[kind]) for row in parties for kind in ("swift_code", "imo_company_number")]
    own += [(row["id"], row["imo_number"]) for row in rows_of(SEED, "vessels")]
    own += [(row["subject_id"], row["number"]) for row in rows_of(SEED, "documents")]
    others = [(row["subject_id"], row["value"]) for row in rows_of(SEED, "external_identifiers") if row["value"]]
    radio = [row for row in rows_of(SEED, "vessel_particulars") if row["kind"] in ("mmsi", "call_sign")]
    others += [(row["vessel_id"], row["value"]) for row in radio]
    bearers: dict[str, set[str]] = {}
    for id, number in (*own, *others):
        bearers.setdefault(re.sub(r"\W", "", number).upper(), set()).add(id)
    alone = [one for _, one in others if len(bearers[re.sub(r"\W", "", one).upper()]) == 1 and re.search("[0-9]", one)]
    return names + len(parties) + sum(bool(number) for _, number in own) + len(others) + len(alone)


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
        ("q=ofac-sdn:19577", ["9163166"]),
        ("q=OFAC-SDN:+19577", ["9163166"]),
        ("q=19577", ["9163166"]),
        ("q=mmsi:445539000", ["8937675"]),
        ("q=445539000", ["8937675"]),
        ("q=imo:9163166", ["9163166"]),
        ("q=eu:19577", []),
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
    assert (agrees["birth_date"], agrees["score"]) == ("agrees", pytest.approx(min(name + 0.01, 1)))
    against = found(client, "q=Kim+Yong-chul&birth_date=1901")
    assert against["items"] == []
    assert against["cleared"]["total"] == 1
    assert against["cleared"]["items"] is None
    (cleared,) = found(client, "q=Kim+Yong-chul&birth_date=1901&cleared=show")["cleared"]["items"]
    assert (cleared["subject"]["id"], cleared["birth_date"]) == ("KPi.024", "contradicts")
    assert "10 years or more" in against["statement"]
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
    if "kind=" not in query:  # to a person's name, which the first of them is, no ship is the nearest
        below = [hit for hit in below if hit["subject"]["kind"] == "individual"]
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
    assert [item["screened"] for item in answer["items"]] == ["whole", "whole", "part", "whole"]
    assert [item["answer"]["total"] for item in answer["items"]] == [1, 0, 0, 1]
    assert {name: value for name, value in answer["items"][0]["answer"].items() if name != "cleared"} == {
        name: value
        for name, value in found(client, "q=Kim+Yong-chul&kind=individual").items()
        if name not in ("sources", "as_of", "dataset", "cite_as", "cleared")
    } | {"next": None, "cite_as": answer["items"][0]["answer"]["cite_as"]}
    assert "cite_as" not in answer
    assert "link" not in response.headers
    again = client.json(answer["items"][0]["answer"]["cite_as"])
    assert again["items"] == answer["items"][0]["answer"]["items"]
    as_json = json.dumps([{"name": "Kim Yong-chul", "kind": "individual"}, "nobody at all", {"nam": "x"}, {"name": 5}])
    lines = post(client, as_json, "application/json").json()["items"]
    assert lines[0]["answer"] == answer["items"][0]["answer"]
    assert [bool(line["error"]) for line in lines] == [False, False, True, False], "a number can be an identifier"


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
        (b"nam\nx\n", "text/csv", 422, "'nam'"),
        (b"name,name\nx,y\n", "text/csv", 422, "each once"),
        ("name\nJosé\n".encode("latin-1"), "text/csv; charset=utf-8", 422, "not UTF-8"),
        (b"{}", "application/json", 422, "not a JSON array"),
        (b"[1,", "application/json", 422, "not JSON"),
        (b"[" * 100_000, "application/json", 422, "not JSON"),
        (b"[]", "application/json", 422, "0 names"),
        (json.dumps(["x"] * (MOST_QUERIES + 1)).encode(), "application/json", 422, "more than 500 names"),
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
        '{"name": "x", "kind": "dog"}',
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


# What was compared, what was found within a longer text, what a detail does


def test_parts_of_a_record_are_compared_and_the_rest_is_listed_with_the_reason(client: Client) -> None:
    answer = found(client, "q=Captain+Choe+Song+Il+Hanoi+สมชาย")
    assert [hit["subject"]["id"] for hit in answer["items"]] == ["KPi.014"]
    assert "Choe Song Il" in answer["items"][0]["found_within"]["text"]
    reasons = {one["text"]: one["why"] for one in answer["compared"]["not_compared"]}
    assert reasons["สมชาย"] == "a script that is not read"
    assert reasons["Hanoi"] == "a place"
    assert "สมชาย" in answer["statement"]
    assert found(client, "q=Choe+Song+Il")["items"][0]["found_within"] is None


def test_a_script_that_is_not_read_is_no_clearance(client: Client) -> None:
    answer = found(client, "q=สมชาย")
    assert answer["total"] == 0
    assert "Not compared as a name: “สมชาย” (a script that is not read)" in answer["statement"]


@pytest.mark.parametrize(
    "query", ["q=Choi+Sung-il&birth_date=1970&nationality=KP", "q=Mr+Choe+Song+Il&nationality=FR", "q=TANCHON+BNK"]
)
def test_every_part_of_the_score_is_in_the_reasons(client: Client, query: str) -> None:
    answer = found(client, f"{query}&threshold=0.5")
    assert answer["items"]
    for hit in answer["items"]:
        assert sum(reason["points"] for reason in hit["because"]) == pytest.approx(hit["score"], abs=1e-9)


def test_a_near_date_and_another_state_take_no_hit_away(client: Client) -> None:
    record = client.json("/designated-parties/KPi.024")
    year = int(record["birth_dates"][0]["born_on"]["edtf"][:4])
    for query in (f"birth_date={year + 1}", f"birth_date={year - 4}", "nationality=BR", f"birth_date={year + 5}"):
        answer = found(client, f"q=Kim+Yong-chul&{query}")
        assert [hit["subject"]["id"] for hit in answer["items"]] == ["KPi.024"], query
        assert answer["cleared"]["total"] == 0


def test_a_date_clears_no_identifier_and_nobody_without_one_on_record(client: Client) -> None:
    assert found(client, "q=KPi.024&birth_date=1901")["total"] == 1
    without = client.json("/designated-parties?kind=individual&limit=500")["items"]
    nameless = next(one for one in without if not client.json(f"/designated-parties/{one['id']}")["birth_dates"])
    query = nameless["name"].replace(" ", "+")
    answer = found(client, f"q={query}&birth_date=1901")
    assert nameless["id"] in [hit["subject"]["id"] for hit in answer["items"]]


def test_the_statement_says_what_is_off_the_list_and_until_when_it_was_checked(client: Client) -> None:
    answer = found(client, "q=Jin+Teng&kind=vessel")
    assert "off the list on" in answer["statement"]
    until = {source["kind"]: source["covers_until"] for source in answer["sources"]}
    assert f"checked until {until['vessels']}" in answer["statement"]
    people = found(client, "q=Hong+Gildong&kind=individual")
    assert f"checked until {until['individuals']}" in people["statement"]


def test_no_ship_is_the_nearest_to_a_person(client: Client) -> None:
    nearest = found(client, "q=Ri+Yong+Chol")["best_below"]
    assert nearest is None or nearest["subject"]["kind"] == "individual"


@pytest.mark.parametrize(
    ("url", "id"),
    [
        ("/designated-parties?name=RI+HONG+SOP", "KPi.004"),
        ("/designated-parties?name=yun+ho+jin", "KPi.001"),
        ("/designated-parties?name=workers+party+of+korea", "KPe.051"),
        ("/vessels?name=BILLIONS+NO+18", "9191773"),
        ("/designated-parties?name=CHO`NGSONG", "KPe.010"),
    ],
)
def test_the_filters_of_names_fold_punctuation_as_the_search_does(client: Client, url: str, id: str) -> None:
    assert id in [one["id"] for one in client.json(url)["items"]]
    assert client.json("/changes?text=ri+hong+sop")["total"] == client.json("/changes?text=RI+HONG-SOP")["total"] > 0
