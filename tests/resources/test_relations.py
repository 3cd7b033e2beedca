"""Relations: hand-counted cases, days, both ends, changes; graphs as JSON and DOT."""

import json
import re
from collections import Counter
from typing import Any

import pytest

from app.resources import graph
from tests.conftest import BASE, SEED, Client, rows_of

OMM, FTB, KOMID = "KPe.020", "KPe.047", "KPe.001"

FIRMS_OF_MARCH_2018 = {
    "KPe.055": ["9020003"],
    "KPe.056": ["8712362"],
    "KPe.058": ["8122347", "9066540"],
    "KPe.059": ["8916580"],
    "KPe.061": ["8660313"],
    "KPe.062": ["7303803"],
    "KPe.063": ["8605026"],
    "KPe.064": ["7408873", "8405311"],
    "KPe.065": ["8106496"],
    "KPe.066": ["8604917"],
    "KPe.067": ["9417115"],
    "KPe.068": ["8691702"],
    "KPe.069": ["9066978"],
    "KPe.070": ["8408595", "8503228", "8898740"],
    "KPe.072": ["9008201"],
    "KPe.073": ["8747604"],
    "KPe.074": ["9004700"],
    "KPe.075": ["9030591"],
}
"""The ships that the reasons for listing a firm name, read from the reasons by hand."""


def ends(client: Client, question: str, end: str) -> list[str]:
    return sorted({item[end]["id"] for item in client.items(f"/relations?limit=500&{question}") if item[end]["id"]})


def test_every_ship_of_annex_iii_was_under_omm_and_nine_left(client: Client) -> None:
    on_annex = {row["subject_id"] for row in rows_of(SEED, "listings") if row["annex"] == "III"}
    assert len(on_annex) == 31
    assert ends(client, f"from={OMM}&kind=operator", "to_party") == sorted(on_annex)
    for day, count in (("2016-03-02", 31), ("2016-03-21", 27), ("2016-12-16", 27), ("2016-12-17", 22)):
        assert client.json(f"/relations?from={OMM}&kind=operator&holds=yes&as_of={day}")["total"] == count, day
    assert client.json(f"/relations?from={OMM}&kind=operator&holds=no&as_of=2016-03-21")["total"] == 4


def test_the_foreign_trade_bank_and_its_representatives(client: Client) -> None:
    listed = ["KPi.055", "KPi.064", "KPi.065", "KPi.067", "KPi.068", "KPi.069", "KPi.070", "KPi.074", "KPi.075"]
    assert ends(client, f"to={FTB}&kind=representative", "from_party") == listed


def test_komid_and_its_officials(client: Client) -> None:
    people = [f"KPi.{number:03}" for number in (10, 11, 17, 20, 22, 24, 27, 29, 30, 31, 33, 34, 36, 49, 56)]
    found = ends(client, f"to={KOMID}", "from_party")
    assert [id for id in found if id.startswith("KPi")] == people
    posts = [f"KPi.{number:03}" for number in (10, 11, 17, 20, 22, 24, 27, 30, 31, 56)]
    held = ends(client, f"to={KOMID}&kind=representative&kind=officer", "from_party")
    assert [id for id in held if id.startswith("KPi")] == posts


@pytest.mark.parametrize("firm", FIRMS_OF_MARCH_2018)
def test_the_firms_of_30_march_2018_and_their_ships(client: Client, firm: str) -> None:
    ships = ends(client, f"from={firm}&kind=owner&kind=manager&kind=operator", "to_party")
    assert set(FIRMS_OF_MARCH_2018[firm]) <= set(ships)


def test_both_records_show_a_relation_that_holds_on_the_day(client: Client) -> None:
    for day, shown in (("2016-03-20", True), ("2016-03-21", False)):
        ship, firm = (client.json(f"/{path}?as_of={day}") for path in ("vessels/9163166", f"designated-parties/{OMM}"))
        of_ship = [one for one in ship["relations"] if one["other"]["id"] == OMM]
        of_firm = [one for one in firm["relations"] if one["other"]["id"] == "9163166"]
        assert (len(of_ship), len(of_firm)) == (shown, shown)
        if shown:
            assert (of_ship[0]["direction"], of_firm[0]["direction"]) == ("to", "from")
            assert of_ship[0]["id"] == of_firm[0]["id"]
            assert of_ship[0]["holds"] == "yes"
            assert of_ship[0]["other"]["url"] == f"{BASE}/designated-parties/{OMM}"


def test_a_party_outside_the_record_is_a_name(client: Client) -> None:
    items = client.items("/relations?name=yongbyon")
    assert items
    for item in items:
        (outside,) = (item[end] for end in ("from_party", "to_party") if item[end]["id"] is None)
        assert (outside["kind"], outside["url"]) == (None, None)
        assert "Yongbyon" in outside["name"]
        assert outside["name"] in item["sentence"]


def test_what_holds_divides_the_relations(client: Client) -> None:
    for day in ("2010-01-01", "2016-03-10", "2023-07-01"):
        everything = client.json(f"/relations?as_of={day}&limit=1")["total"]
        totals = [
            client.json(f"/relations?as_of={day}&limit=1&holds={one}")["total"]
            for one in ("yes", "perhaps", "undated", "no")
        ]
        assert sum(totals) == everything
        assert all(totals), day
        assert client.json(f"/relations?as_of={day}&limit=1&holds=yes&holds=no")["total"] == totals[0] + totals[3]
        for item in client.items(f"/relations?as_of={day}&limit=500&holds=perhaps"):
            assert item["holds"] == "perhaps"


def test_a_subject_is_found_at_either_end(client: Client) -> None:
    both = set(client.ids("/relations?subject=KPe.003&limit=500"))
    first, second = (set(client.ids(f"/relations?{end}=KPe.003&limit=500")) for end in ("from", "to"))
    assert both == first | second
    assert first
    assert second


def test_changes_tell_of_relations_whose_day_is_known(client: Client) -> None:
    known = {
        (kind, row["id"])
        for row in rows_of(SEED, "relations")
        for kind, day in (("relation_began", row["on_since"]), ("relation_ended", row["on_until"]))
        if day and not day.startswith("..")
    }
    found = client.items("/changes?kind=relation_began&kind=relation_ended&limit=500")
    assert {(item["kind"], item["id"].rpartition(".")[2]) for item in found} == known
    (left,) = client.items("/changes?subject=9163166&kind=relation_ended")
    assert (left["changed_on"], left["subject"]["id"]) == ("2016-03-21", OMM)
    assert [one["id"] for one in left["concerns"]] == ["9163166"]
    assert left["sentence"].startswith("Ended: OCEAN MARITIME MANAGEMENT COMPANY")


def test_a_graph_has_each_relation_once_and_its_ends(client: Client) -> None:
    found = client.json(f"/designated-parties/{OMM.lower()}/graph?depth=2&as_of=2016-03-10")
    nodes = {node["id"]: node for node in found["nodes"]}
    assert len(nodes) == len(found["nodes"])
    assert (found["id"], nodes[OMM]["distance"], found["cut"]) == (OMM, 0, False)
    assert len({edge["id"] for edge in found["edges"]}) == len(found["edges"])
    for edge in found["edges"]:
        assert {edge["from_node"], edge["to_node"]} <= nodes.keys()
        assert edge["holds"] != "no"
    assert sum(node["kind"] == "vessel" and node["distance"] == 1 for node in nodes.values()) == 31
    assert all(node["listed"] for node in nodes.values() if node["kind"] == "vessel" and node["distance"] == 1)
    near = client.json(f"/designated-parties/{OMM}/graph?as_of=2016-03-10")
    assert {node["id"] for node in near["nodes"]} == {id for id, node in nodes.items() if node["distance"] <= 1}


def test_a_graph_is_of_a_day(client: Client) -> None:
    def edges(day: str) -> list[Any]:
        return [
            edge for edge in client.json(f"/vessels/9163166/graph?as_of={day}")["edges"] if edge["from_node"] == OMM
        ]

    assert len(edges("2016-03-20")) == 1
    assert edges("2016-03-21") == []


def test_names_outside_the_record_are_not_taken_for_one_party(client: Client) -> None:
    nodes = client.json(f"/designated-parties/{FTB}/graph?depth=1")["nodes"]
    (outside,) = (node for node in nodes if node["kind"] is None)
    assert re.fullmatch(r"rel-[0-9]+\.from", outside["id"])
    assert outside["name"] == "KIM Kyong Nam"


def test_a_graph_is_bounded_and_says_when_it_is_cut(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph, "MOST_NODES", 5)
    found = client.json(f"/designated-parties/{OMM}/graph?depth=3&as_of=2016-03-11")
    assert found["cut"]
    assert len(found["nodes"]) == 5
    monkeypatch.setattr(graph, "MOST_EDGES", 2)
    found = client.json(f"/designated-parties/{OMM}/graph?depth=3&as_of=2016-03-12")
    assert found["cut"]
    assert len(found["edges"]) == 2
    assert b", cut" in client.get(f"/designated-parties/{OMM}/graph?as_of=2016-03-12&depth=3&format=dot").content


def test_a_graph_takes_a_statement_a_step(client: Client) -> None:
    driver = client.api.state.datasets.current().connection.connection.driver_connection
    statements: list[str] = []
    driver.set_trace_callback(statements.append)
    client.json("/designated-parties/KPe.001/graph?depth=3&as_of=2021-05-05")
    driver.set_trace_callback(None)
    assert 3 <= len(statements) <= 6


def test_a_graph_as_dot_has_the_same_nodes_and_edges(client: Client) -> None:
    url = f"/designated-parties/{KOMID}/graph?depth=2"
    found = client.json(url)
    for response in (client.get(f"{url}&format=dot"), client.get(url, headers={"Accept": "text/vnd.graphviz"})):
        assert response.headers["content-type"] == "text/vnd.graphviz; charset=utf-8"
        lines = response.text.splitlines()
        assert (lines[0], lines[-1]) == (f'digraph "{KOMID}" {{', "}")
        assert sum(" -> " in line for line in lines) == len(found["edges"])
        assert sum("shape=" in line for line in lines) == len(found["nodes"])
        assert Counter(response.text)['"'] % 2 == 0


@pytest.mark.parametrize(("text", "quoted"), [('A "B"', '"A \\"B\\""'), ("C:\\N", '"C:\\\\N"'), ("새", '"새"')])
def test_texts_are_quoted_in_dot(text: str, quoted: str) -> None:
    assert graph._quoted(text) == quoted
    assert json.loads(quoted) == text
