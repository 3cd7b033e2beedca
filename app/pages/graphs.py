"""The drawing of a graph of relations: a tree of rows, each a party, with lines that lead to it.

Each party has a row of its own, so that no text lies over another at any size; a relation between two parties that
both have a row already is a dotted line beside them. The list of relations below a drawing is its text alternative.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.vocabularies import RelationKind

MOST_ROWS = 40
"""Most parties that are drawn, the nearest first; the list has all of them."""
ROW, STEP, LEFT, TOP = 28, 132, 8, 16
"""Height of a row, indent of a step, and the place of the first party, in pixels of the drawing."""
LETTER, LONGEST = 10, 60
"""Width of a letter, generously, and most letters of a name in the drawing."""

PHRASES: Mapping[RelationKind, tuple[str, str]] = {
    RelationKind.OWNER: ("owner of", "owned by"),
    RelationKind.MANAGER: ("manager of", "managed by"),
    RelationKind.OPERATOR: ("operator of", "operated by"),
    RelationKind.DIRECTOR: ("director of", "directed by"),
    RelationKind.OFFICER: ("officer of", "has as officer"),
    RelationKind.REPRESENTATIVE: ("representative of", "represented by"),
    RelationKind.SUBSIDIARY: ("subsidiary of", "parent of"),
    RelationKind.BRANCH: ("branch of", "has as branch"),
    RelationKind.ACTS_FOR: ("acts for", "has acting for it"),
    RelationKind.COMMANDS: ("commands", "commanded by"),
    RelationKind.SAME_HULL: ("same hull as", "same hull as"),
}
"""What a party is to another, in words: read from the first party of a relation, and from the second."""


def relation_phrase(kind: str, is_first: bool) -> str:
    """Write what a party is to another.

    Args:
        kind: the kind of relation.
        is_first: whether the party is the first of the relation, such as the owner of the other.
    """
    return PHRASES[RelationKind(kind)][0 if is_first else 1]


def by_id(nodes: Sequence[Mapping[str, Any]]) -> Mapping[str, Mapping[str, Any]]:
    """Index the nodes of a graph by their ids."""
    return {node["id"]: node for node in nodes}


@dataclass(frozen=True)
class Row:
    """A party of a drawing.

    Attributes:
        node: the node of the graph.
        name: its name, cut where it is long.
        phrase: what the party that the line comes from is to it; empty for the party that the drawing begins at.
        is_labelled: whether the phrase is written: not where it is that of the row above it with the same beginning.
        is_certain: whether the relation certainly holds on the day.
        x: its place from the left.
        y: its place from the top.
        from_x: the place from the left of the party that the line comes from.
        from_y: the place from the top of that party.
        edge_url: the address of the relation; None for the party that the drawing begins at.
    """

    node: Mapping[str, Any]
    name: str
    phrase: str
    is_labelled: bool
    is_certain: bool
    x: int
    y: int
    from_x: int
    from_y: int
    edge_url: str | None


@dataclass(frozen=True)
class Drawing:
    """A drawing of a graph.

    Attributes:
        rows: the parties, each below the one that leads to it.
        links: lines between parties that both have a row already: two places from the top, how far to the right, and
            the relation in words.
        width: its width.
        height: its height.
        left_out: how many parties are not drawn.
    """

    rows: Sequence[Row]
    links: Sequence[tuple[int, int, int, str]]
    width: int
    height: int
    left_out: int


Lines = list[tuple[str, Mapping[str, Any], bool]]
"""The lines from a party: the other party, the relation, and whether the party is the first of it."""


def draw(graph: Mapping[str, Any]) -> Drawing:
    """Lay out a graph as a tree from the party that it begins at.

    Args:
        graph: the answer of ``/…/{id}/graph``: its nodes, the nearest first, and its edges.
    """
    nodes = {node["id"]: node for node in graph["nodes"][:MOST_ROWS]}
    near: dict[str, Lines] = defaultdict(list)
    for edge in graph["edges"]:
        first, second = edge["from_node"], edge["to_node"]
        if first in nodes and second in nodes:
            near[first].append((second, edge, True))
            near[second].append((first, edge, False))
    children, used = _tree(graph["id"], nodes, near)
    rows: list[Row] = []
    place: dict[str, Row] = {}

    def lay(id: str, line: tuple[Mapping[str, Any], bool] | None, above: Row | None, before: str) -> str:
        name = nodes[id]["name"]
        phrase = relation_phrase(line[0]["kind"], line[1]) if line else ""
        row = Row(
            node=nodes[id],
            name=name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…",
            phrase=phrase,
            is_labelled=phrase not in ("", before),
            is_certain=line is None or line[0]["holds"] == "yes",
            x=above.x + STEP if above else LEFT,
            y=TOP + ROW * len(rows),
            from_x=above.x if above else LEFT,
            from_y=above.y if above else TOP,
            edge_url=line[0]["url"] if line else None,
        )
        rows.append(row)
        place[id] = row
        last = ""
        for other, edge, is_first in children[id]:
            last = lay(other, (edge, is_first), row, last)
        return phrase

    lay(graph["id"], None, None, "")
    width = max(row.x + 16 + LETTER * _columns(row.name) for row in rows)
    links = _links(graph["edges"], used, place, width)
    return Drawing(
        rows=rows,
        links=links,
        width=width + (10 * len(links) + 12 if links else 0),
        height=TOP + ROW * len(rows),
        left_out=len(graph["nodes"]) - len(rows),
    )


def _tree(
    root: str, nodes: Mapping[str, Any], near: Mapping[str, Lines]
) -> tuple[defaultdict[str, Lines], frozenset[str]]:
    """Find the shortest way to each node: the lines that lead on from each, by kind, and the relations so used."""
    children: defaultdict[str, Lines] = defaultdict(list)
    reached, used, frontier = {root}, set(), [root]
    while frontier:
        following = []
        for id in frontier:
            lines = near.get(id, [])
            for other, edge, is_first in sorted(lines, key=lambda one: (one[1]["kind"], one[2], nodes[one[0]]["name"])):
                if other not in reached:
                    reached.add(other)
                    used.add(edge["id"])
                    children[id].append((other, edge, is_first))
                    following.append(other)
        frontier = following
    return children, frozenset(used)


def _links(
    edges: Sequence[Mapping[str, Any]], used: frozenset[str], place: Mapping[str, Row], width: int
) -> list[tuple[int, int, int, str]]:
    """Lay out the relations that are not lines of the tree, each a bracket to the right of the names."""
    drawn = [edge for edge in edges if edge["from_node"] in place and edge["to_node"] in place]
    rest = [edge for edge in drawn if edge["id"] not in used]
    links = []
    for number, edge in enumerate(rest):
        first, second = place[edge["from_node"]], place[edge["to_node"]]
        text = f"{first.node['name']}: {relation_phrase(edge['kind'], True)} {second.node['name']}"
        links.append((first.y, second.y, width + 10 * number + 8, text))
    return links


def _columns(text: str) -> int:
    """Count the widths of a letter that a text has at most: a Chinese character or Korean syllable has two."""
    return sum(2 if ord(char) >= 0x1100 else 1 for char in text)
