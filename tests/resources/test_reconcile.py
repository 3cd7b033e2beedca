"""The reconciliation service: its protocol, its bounds, and a client that others wrote."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from reconciler import reconcile

from app.resources.reconcile import COMPARED, EXTENDED, TYPES
from app.screening.batch import MOST_QUERIES
from app.vocabularies import ExternalScheme
from tests.conftest import BASE, Client, rows_of

Answer = dict[str, Any]


def ask(client: Client, path: str = "/reconcile", **fields: Any) -> Answer:
    sent = {name: value if isinstance(value, str) else json.dumps(value) for name, value in fields.items()}
    response = client.request("POST", path, data=sent)
    assert response.status_code == 200, response.text
    answer: Answer = response.json()
    return answer


def test_the_manifest_leads_to_everything(client: Client) -> None:
    manifest = client.json("/reconcile")
    assert "0.2" in manifest["versions"]
    assert {"name", "identifierSpace", "schemaSpace"} <= manifest.keys()
    assert {one["id"] for one in manifest["defaultTypes"]} == set(TYPES)
    for kind in ("entity", "property", "type"):
        place = manifest["suggest"][kind]
        assert place["service_url"] == BASE
        assert "result" in client.json(f"{place['service_path']}?prefix=a")
    view = manifest["view"]["url"].replace("{{id}}", "9163166").removeprefix(BASE)
    assert client.get(view).headers["location"] == f"{BASE}/vessels/9163166"
    preview = client.get(manifest["preview"]["url"].replace("{{id}}", "KPi.014").removeprefix(BASE))
    assert "CHOE SONG IL" in preview.text
    assert "frame-ancestors *" in preview.headers["content-security-policy"]


def test_a_batch_is_answered_query_by_query(client: Client) -> None:
    queries = {
        "a": {"query": "Jin Teng", "type": "vessel", "limit": 1},
        "b": {"query": "Choi Sung-il", "type": ["individual"], "properties": [{"pid": "nationality", "v": "KP"}]},
        "c": {"query": "", "properties": [{"pid": "imo_number", "v": {"id": "x", "name": "9163166"}}]},
        "d": {"query": "Nobody Atall"},
        "e": {"query": "Jin Teng", "type": "individual"},
    }
    answers = ask(client, queries=queries)
    assert answers.keys() == queries.keys()
    assert answers["a"]["result"][0]["id"] == answers["c"]["result"][0]["id"] == "9163166"
    assert answers["b"]["result"][0]["id"] == "KPi.014"
    assert answers["d"] == {"result": []}
    assert "9163166" not in [one["id"] for one in answers["e"]["result"]]
    for answer in answers.values():
        scores = [one["score"] for one in answer["result"]]
        assert scores == sorted(scores, reverse=True)
        for candidate in answer["result"]:
            assert {type(candidate[name]) for name in ("id", "name", "description")} == {str}
            assert 0 <= candidate["score"] <= 100
            assert candidate["type"][0]["id"] in TYPES
    assert client.get("/reconcile", params={"queries": json.dumps(queries)}).json() == answers
    assert client.get("/reconcile", params={"query": "Jin Teng"}).json()["result"][0]["id"] == "9163166"


def test_those_called_so_are_suggested_before_those_with_such_a_name(client: Client) -> None:
    found = [one["name"] for one in client.json("/reconcile/suggest/entity?prefix=jin")["result"]]
    called_so = [name for name in found if name.startswith("JIN ")]
    assert {"JIN HYE", "JIN TAI", "JIN TENG"} <= set(called_so)
    assert found[: len(called_so)] == called_so
    assert len(found) > len(called_so)


def test_a_cell_without_a_name_does_not_refuse_the_rows_beside_it(client: Client) -> None:
    unread = {"query": "Jin Teng", "properties": [{"pid": "birth_date", "v": "spring"}]}
    asked = {"a": {"query": "-"}, "b": {"query": "Jin Teng"}, "c": {"query": " "}, "d": {}, "e": unread}
    answers = ask(client, queries=asked)
    assert answers["b"]["result"][0]["id"] == "9163166"
    assert "error" not in answers["b"]
    for key, fault in (("a", "'-' marks a missing value"), ("c", "empty"), ("d", "empty")):
        assert answers[key]["result"] == []
        assert fault in answers[key]["error"]
    assert "'spring' cannot be read" in answers["e"]["error"]
    assert answers["e"]["result"][0]["match"] is False


def test_a_name_alike_is_no_match_by_itself(client: Client) -> None:
    answers = ask(client, queries={"a": {"query": "Jin Teng"}, "b": {"query": "Kim"}})
    assert answers["a"]["result"][0]["match"] is True
    assert not any(one["match"] for one in answers["b"]["result"])
    unread = ask(client, queries={"a": {"query": "Jin Teng", "properties": [{"pid": "birth_date", "v": "spring"}]}})
    assert unread["a"]["result"][0]["match"] is False
    assert {"id": "compared_whole", "value": False} in unread["a"]["result"][0]["features"]


def test_rows_are_extended_as_of_a_day(client: Client) -> None:
    properties = [{"id": name} for name in EXTENDED]
    answer = ask(
        client, "/reconcile?as_of=2016-03-20", extend={"ids": ["9163166", "KPi.014", "no"], "properties": properties}
    )
    assert [one["id"] for one in answer["meta"]] == list(EXTENDED)
    assert answer["rows"]["9163166"]["listed"] == [{"str": "true"}]
    assert answer["rows"]["9163166"]["delisted_on"] == [{"str": "2016-03-21"}]
    # On that day it is not known whether the UN's list had the nationality already.
    assert answer["rows"]["KPi.014"]["nationalities"] == []
    now = ask(client, extend={"ids": ["KPi.014"], "properties": [{"id": "nationalities"}]})
    assert now["rows"]["KPi.014"]["nationalities"] == [{"str": "KP"}]
    assert set(map(str, answer["rows"]["no"].values())) == {"[]"}
    proposed = client.json("/reconcile/properties?type=vessel&limit=3")
    assert proposed["properties"] == [{"id": id, "name": EXTENDED[id]} for id in list(EXTENDED)[:3]]


def test_rows_are_extended_by_identifiers(client: Client, small: Path) -> None:
    """Each identifier that the record has: in lists of others, of ships, of companies and of banks."""
    others = [row for row in rows_of(small / "seed", "external_identifiers") if row["value"]]
    radio = [row for row in rows_of(small / "seed", "vessel_particulars") if row["kind"] in ("mmsi", "call_sign")]
    own = [
        (row["id"], kind, row[kind])
        for row in rows_of(small / "seed", "designated_parties")
        for kind in ("swift_code", "imo_company_number")
        if row[kind]
    ]
    kinds = sorted({scheme.value for scheme in ExternalScheme} | {"mmsi", "call_sign", "identifiers"})
    kinds += ["swift_code", "imo_company_number", "mmsi"]  # one is asked for twice
    expected = {(row["subject_id"], row["scheme"], row["value"]) for row in others}
    expected |= {(row["subject_id"], "identifiers", f"{row['scheme']}: {row['value']}") for row in others}
    expected |= {(row["vessel_id"], row["kind"], row["value"]) for row in radio} | set(own)
    assert {one[1] for one in expected} >= {"ofac-sdn", "mmsi", "imo_company_number", "identifiers"}
    ids = sorted({one[0] for one in expected})
    answer = ask(client, extend={"ids": ids, "properties": [{"id": kind} for kind in kinds]})
    assert len(answer["meta"]) == len(set(kinds))
    cells = ((id, kind, values) for id, row in answer["rows"].items() for kind, values in row.items())
    got = {(id, kind, value["str"]) for id, kind, values in cells for value in values}
    assert got == expected


def test_suggestions_are_for_what_was_typed(client: Client) -> None:
    def ids(path: str) -> list[str]:
        return [one["id"] for one in client.json(f"/reconcile/suggest/{path}")["result"]]

    assert "9163166" in ids("entity?prefix=jin+teng")
    assert ids("entity?prefix=KPi.014") == ["KPi.014"]
    assert ids("entity?prefix=%25") == ids("entity?prefix=_") == ids("entity") == []
    first = ids("entity?prefix=kim")
    assert first
    assert not set(first) & set(ids(f"entity?prefix=kim&cursor={len(first)}"))
    assert ids("type?prefix=vess") == ["vessel"]
    assert ids("property") == list(COMPARED)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"queries": "nope"}, "not JSON"),
        ({"queries": "[" * 5000}, "not JSON"),
        ({"queries": "[]"}, "no JSON object"),
        ({"queries": '{"a": 1}'}, "no JSON object"),
        ({"query": ""}, "empty"),
        ({"query": "n/a"}, "missing value"),
        ({"queries": '{"a": {"query": "x", "type": "Q5"}}'}, "unknown type"),
        ({"queries": '{"a": {"query": "x", "nearby": 1}}'}, "unknown member"),
        ({"queries": '{"a": {"query": "x", "limit": "all"}}'}, "no number"),
        ({"queries": '{"a": {"query": "x", "properties": [{"pid": "colour", "v": "red"}]}}'}, "no property"),
        ({"queries": '{"a": {"query": "x", "properties": 7}}'}, "a list of objects"),
        ({"queries": json.dumps({str(n): {"query": "x"} for n in range(MOST_QUERIES + 1)})}, str(MOST_QUERIES)),
        ({"extend": '{"ids": "9163166"}'}, "a list of"),
        ({"extend": '{"ids": [], "properties": [{"id": "colour"}]}'}, "no property"),
        ({"queries": "{}", "extend": "{}"}, "one at a time"),
        ({"colour": "red"}, "no such field"),
    ],
)
def test_what_cannot_be_understood_is_refused(client: Client, fields: dict[str, str], message: str) -> None:
    response = client.request("POST", "/reconcile", data=fields)
    assert response.status_code == 422
    assert message in response.json()["detail"]


def test_bodies_have_bounds(client: Client) -> None:
    assert client.request("POST", "/reconcile", content=b"{}").status_code == 415
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert client.request("POST", "/reconcile", content=b"x" * 1_000_001, headers=form).status_code == 413
    assert client.request("POST", "/reconcile", content=b"queries=%ff", headers=form).status_code == 422
    assert client.request("PUT", "/reconcile").headers["allow"] == "GET, HEAD, OPTIONS, POST"
    assert client.get("/reconcile/view/nobody").status_code == 404


# The client still drops a column in place, against which pandas 3.1 warns.
@pytest.mark.filterwarnings("ignore:The inplace keyword")
def test_a_client_that_others_wrote_reconciles_a_column(server: str) -> None:
    names = pd.Series(["Jin Teng", "Choi Sung-il", "Korea Kwangson Banking Corp"])
    found = reconcile(names, top_res=1, reconciliation_endpoint=f"{server}/reconcile")
    by_name = dict(zip(found["input_value"], found["id"], strict=True))
    assert by_name["Jin Teng"] == "9163166"
    assert by_name["Choi Sung-il"] == "KPi.014"
    assert by_name["Korea Kwangson Banking Corp"] == "KPe.025"
