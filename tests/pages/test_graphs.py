"""The drawing of a graph of relations: every party once, bounded, with the words and links of the data."""

import html
import re
from typing import Any

import pytest

from app.pages.graphs import LONGEST, MOST_ROWS, PHRASES, draw, relation_phrase
from app.pages.words import scheme_name
from app.vocabularies import IdentifierScheme, RelationKind
from tests.conftest import Client
from tests.pages.test_pages import links_of, local, page_of


def node(id: str, distance: int, name: str | None = None) -> dict[str, Any]:
    return {"id": id, "kind": "entity", "name": name or id, "listed": True, "distance": distance, "url": f"/{id}"}


def edge(first: str, second: str, kind: str = "owner", holds: str = "yes") -> dict[str, Any]:
    id = f"{first}-{second}-{kind}"
    return {"id": id, "from_node": first, "to_node": second, "kind": kind, "holds": holds, "url": f"/relations/{id}"}


def graph(*edges: dict[str, Any], name: str | None = None) -> dict[str, Any]:
    ids = dict.fromkeys(end for one in edges for end in (one["from_node"], one["to_node"]))
    return {"id": "a", "nodes": [node(id, 0 if id == "a" else 1, name) for id in ids], "edges": list(edges)}


def test_every_party_has_a_row_of_its_own_below_the_one_that_leads_to_it() -> None:
    drawing = draw(graph(edge("a", "b"), edge("a", "c"), edge("d", "b", "operator")))
    assert [row.node["id"] for row in drawing.rows] == ["a", "b", "d", "c"]
    assert [row.phrase for row in drawing.rows] == ["", "owner of", "operated by", "owner of"]
    assert len({row.y for row in drawing.rows}) == 4
    places = {row.node["id"]: row for row in drawing.rows}
    assert places["d"].from_y == places["b"].y
    assert places["d"].x > places["b"].x > places["a"].x
    assert all(row.y < drawing.height and row.x < drawing.width for row in drawing.rows)


def test_a_phrase_is_written_once_for_those_that_have_it_in_common() -> None:
    drawing = draw(graph(edge("a", "b"), edge("a", "c"), edge("e", "a", "manager")))
    assert [(row.node["id"], row.is_labelled) for row in drawing.rows[1:]] == [("e", True), ("b", True), ("c", False)]


def test_a_relation_between_two_that_have_rows_is_a_link() -> None:
    drawing = draw(graph(edge("a", "b"), edge("a", "c"), edge("b", "c", "same_hull"), edge("a", "b", "manager")))
    assert sorted(text for *_, text in drawing.links) == ["a: owner of b", "b: same hull as c"]
    assert all(right < drawing.width for _, _, right, _ in drawing.links)


def test_a_relation_to_itself_and_a_circle_end() -> None:
    drawing = draw(graph(edge("a", "a"), edge("a", "b"), edge("b", "c"), edge("c", "a")))
    assert sorted(row.node["id"] for row in drawing.rows) == ["a", "b", "c"]
    assert len(drawing.links) == 2


def test_a_drawing_is_bounded_and_says_what_it_leaves_out() -> None:
    drawing = draw(graph(*(edge("a", f"n{number:03}") for number in range(150)), name="x" * 500))
    assert (len(drawing.rows), drawing.left_out) == (MOST_ROWS, 151 - MOST_ROWS)
    assert {len(row.name) for row in drawing.rows} == {LONGEST}


@pytest.mark.parametrize("holds", ["perhaps", "undated"])
def test_what_does_not_certainly_hold_is_marked(holds: str) -> None:
    assert [row.is_certain for row in draw(graph(edge("a", "b", holds=holds), edge("a", "c"))).rows] == [
        True, False, True
    ]  # fmt: skip


def test_every_kind_and_scheme_has_words() -> None:
    assert set(PHRASES) == set(RelationKind)
    assert all(relation_phrase(kind, first) for kind in RelationKind for first in (True, False))
    assert not any("_" in scheme_name(scheme) for scheme in IdentifierScheme)


def test_a_graph_is_a_page_with_each_party_and_relation_in_words(pages: Client) -> None:
    path = "/designated-parties/KPe.020/graph?depth=2"
    data, page = pages.json(path), page_of(pages, path)
    assert data["edges"]
    links = links_of(page)
    assert {local(one["url"]) for one in (*data["nodes"], *data["edges"]) if one["url"]} <= links
    assert page.count('<tr><th scope="row">') == len(data["edges"])
    drawn = page[page.index("<svg") : page.index("</svg>")]
    assert len(re.findall(r'class="node-text"', drawn)) == min(len(data["nodes"]), MOST_ROWS)
    assert 'style="' not in page


def test_a_record_has_its_relations_identifiers_and_particulars(pages: Client) -> None:
    for path in ("/vessels", "/designated-parties"):
        items = pages.json(f"{path}?limit=100")["items"]
        item = max(items, key=lambda one: len(pages.json(local(one["url"]))["relations"]))
        record, page = pages.json(local(item["url"])), html.unescape(page_of(pages, local(item["url"])))
        assert record["relations"]
        for one in record["relations"]:
            assert local(one["url"]) in links_of(page)
            assert one["other"]["name"] in page
        for one in (*record["identifiers"], *record.get("particulars", [])):
            assert one["value"] is None or one["value"] in page.replace(",", "")


def test_a_subject_without_relations_on_a_day_says_so(pages: Client) -> None:
    says = "No relation is known for this day"
    ships = pages.json("/vessels?limit=all&include=relations")["items"]
    alone = next(one for one in ships if not one["relations"])
    assert says in page_of(pages, f"{local(alone['url'])}/graph")
    assert says not in page_of(pages, "/designated-parties/KPe.020/graph?as_of=2016-03-10")


def test_a_relation_and_an_identifier_say_when_they_hold(pages: Client) -> None:
    relation = pages.json("/relations?limit=1")["items"][0]
    page = page_of(pages, local(relation["url"]))
    assert f"<dd>{relation_phrase(relation['kind'], True)}<sup" in page
    assert relation["on_since"]["edtf"] in page
    identifier = pages.json("/identifiers?scheme=ofac-sdn&limit=1")["items"][0]
    assert "Specially Designated Nationals" in page_of(pages, local(identifier["url"]))
