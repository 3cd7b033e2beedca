"""Graphs: a subject, those it is related to, and those related to them, as nodes and edges."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any

from fastapi import Path, Query, Request, Response
from pydantic import Field
from sqlalchemy import Row, inspect, or_
from sqlmodel import col, select

from app.api.detail import require_record
from app.api.envelope import Answer, envelope_of
from app.api.filters import listed_subjects
from app.api.formats import ENCODINGS, GRAPHS, Content, choose_format, format_field
from app.api.openapi_responses import GRAPH_ANSWERS
from app.api.query_models import DayQuery
from app.api.query_types import StrictInt
from app.api.resource import Resource
from app.api.routing import strict_router
from app.database import OpenDataset
from app.publishing.held import HeldSince, HeldUntil, Holds, HoldsField, holds_on
from app.publishing.rendering import Part, partly_known, url
from app.resources.designated_parties import DESIGNATED_PARTIES
from app.resources.relations import holding
from app.resources.vessels import VESSELS
from app.tables import Listing, Relation, Subject
from app.vocabularies import RelationKind, SubjectKind

router = strict_router("relations")

MOST_NODES, MOST_EDGES = 200, 1000
"""Most nodes and edges of a graph; one that would have more is cut, and says so."""

MOST_STEPS = 3
"""Most relations between the subject of a graph and another node of it."""


class GraphNode(Part):
    """A party of the graph."""

    id: str = Field(description="Its id in the record; of a party outside it, that of the relation and the end there.")
    kind: SubjectKind | None = Field(description="individual, entity or vessel; null for a party outside the record.")
    name: str = Field(description="Its newest name in the record, or the name that the source of a relation prints.")
    listed: bool | None = Field(description="Whether it is on the list on the day; null for one outside the record.")
    distance: int = Field(description="How many relations it is away from the subject of the graph.")
    url: str | None = Field(description="Absolute URL of its record; null for a party outside the record.")


class GraphEdge(Part):
    """A relation between two nodes: the first is the owner of the second, its manager, a branch of it or the like."""

    id: str = Field(description="Id of the relation, whose record has its sources.")
    from_node: str = Field(description="Id of the first node.")
    to_node: str = Field(description="Id of the second node.")
    kind: RelationKind = Field(description="What the first is to the second.")
    holds: HoldsField
    on_since: HeldSince
    on_until: HeldUntil
    url: str = Field(description="Absolute URL of the relation.")


class Graph(Answer):
    """The parties that are related to a subject on a day, within some steps."""

    id: str = Field(description="Id of the node that the graph begins at.")
    depth: int = Field(description="Most relations between that node and another.")
    cut: bool = Field(description="Whether more lies within these steps than a graph may have, and was left out.")
    nodes: list[GraphNode] = Field(description="The parties, the nearest first.")
    edges: list[GraphEdge] = Field(description="The relations by which they were found.")


class GraphQuery(DayQuery):
    """Query parameters of a graph."""

    format: str | None = format_field(GRAPHS)
    depth: StrictInt = Field(
        default=1,
        ge=1,
        le=MOST_STEPS,
        description=f"Most relations between the subject and another party, from 1 to {MOST_STEPS}.",
        examples=[2],
    )


@dataclass(frozen=True)
class _Node:
    """A party that was found.

    Attributes:
        distance: how many relations it is away.
        name: its name where it is outside the record; None for a subject.
    """

    distance: int
    name: str | None = None


@dataclass
class _Found:
    """The nodes and edges that were found.

    Attributes:
        nodes: the parties, by id.
        edges: relations by their ids, each with the ids of its nodes.
        cut: whether something was left out.
    """

    nodes: dict[str, _Node]
    edges: dict[str, tuple[str, str, Row[Any]]] = field(default_factory=dict)
    cut: bool = False

    def add(self, relation: Row[Any], distance: int) -> None:
        """Take in a relation and the nodes that it leads to, as far as there is room.

        A name outside the record is a node of its own for each relation: people and firms of one name are not one.
        """
        if relation.id in self.edges:
            return
        first = relation.from_id or f"{relation.id}.from"
        second = relation.to_id or f"{relation.id}.to"
        named = {first: relation.from_name, second: relation.to_name}
        new = {id: _Node(distance, name) for id, name in named.items() if id not in self.nodes}
        if len(self.edges) >= MOST_EDGES or len(self.nodes) + len(new) > MOST_NODES:
            self.cut = True
            return
        self.nodes.update(new)
        self.edges[relation.id] = first, second, relation


def explore(dataset: OpenDataset, id: str, depth: int, day: date) -> _Found:
    """Find the parties related to a subject on a day, step by step, with one query a step.

    Args:
        dataset: the dataset.
        id: the subject.
        depth: how many steps.
        day: the day; relations that are over by then, or not begun, are left out.
    """
    found = _Found({id: _Node(0)})
    frontier = [id]
    for distance in range(1, depth + 1):
        for relation in _relations_at(dataset, frontier, day):
            found.add(relation, distance)
        frontier = [id for id, node in found.nodes.items() if node == _Node(distance)]
        if not frontier:
            break
    return found


def _relations_at(dataset: OpenDataset, ids: Sequence[str], day: date) -> list[Row[Any]]:
    """Select the relations with one of some subjects at either end, one more than a graph may have at most."""
    conditions = holding(day)
    holds = or_(*(conditions[one] for one in (Holds.YES, Holds.PERHAPS, Holds.UNDATED)))
    is_end = or_(col(Relation.from_id).in_(ids), col(Relation.to_id).in_(ids))
    query = select(*inspect(Relation).columns).where(is_end, holds)
    return dataset.query(query.order_by(col(Relation.id)).limit(MOST_EDGES + 1))


def _nodes(dataset: OpenDataset, nodes: Mapping[str, _Node], day: date) -> list[GraphNode]:
    """Build the nodes of a graph, the nearest first."""
    ids = [id for id, node in nodes.items() if node.name is None]
    columns = (col(Subject.id), col(Subject.kind), col(Subject.name))
    subjects = {row.id: row for row in dataset.query(select(*columns).where(col(Subject.id).in_(ids)))}
    listed = {row.subject_id for row in dataset.query(listed_subjects(day).where(col(Listing.subject_id).in_(ids)))}
    return [
        _outside(id, node) if node.name is not None else _subject(subjects[id], node, id in listed)
        for id, node in sorted(nodes.items(), key=lambda one: (one[1].distance, one[0]))
    ]


def _outside(id: str, node: _Node) -> GraphNode:
    return GraphNode(id=id, kind=None, name=node.name or "", listed=None, distance=node.distance, url=None)


def _subject(row: Row[Any], node: _Node, listed: bool) -> GraphNode:
    path = "vessels" if row.kind == SubjectKind.VESSEL else "designated-parties"
    return GraphNode(
        id=row.id, kind=row.kind, name=row.name, listed=listed, distance=node.distance, url=url(path, row.id)
    )


def _edge(first: str, second: str, relation: Row[Any], day: date) -> GraphEdge:
    return GraphEdge(
        id=relation.id,
        from_node=first,
        to_node=second,
        kind=relation.kind,
        holds=holds_on(relation, day),
        on_since=partly_known(relation.on_since),
        on_until=partly_known(relation.on_until),
        url=url("relations", relation.id),
    )


_SHAPES = {
    SubjectKind.INDIVIDUAL: "ellipse",
    SubjectKind.ENTITY: "box",
    SubjectKind.VESSEL: "hexagon",
    None: "plaintext",
}
"""Shapes of nodes in DOT, by the kind of subject; None is a party outside the record."""


def dot(graph: Graph) -> bytes:
    """Write a graph in the DOT language of Graphviz, in UTF-8.

    A relation that does not certainly hold on the day is dashed; a party outside the record has no frame.
    """
    lines = [f"digraph {_quoted(graph.id)} {{"]
    about = f"as of {graph.as_of}, dataset {graph.dataset.version}, depth {graph.depth}{', cut' if graph.cut else ''}"
    lines.append(f"  label={_quoted(about)};")
    for node in graph.nodes:
        text = node.name if node.kind is None else f"{node.name} ({node.id})"
        link = f", URL={_quoted(node.url)}" if node.url else ""
        style = ", style=bold" if node.listed else ""
        lines.append(f"  {_quoted(node.id)} [label={_quoted(text)}, shape={_SHAPES[node.kind]}{style}{link}];")
    for edge in graph.edges:
        style = "" if edge.holds is Holds.YES else ", style=dashed"
        ends = f"{_quoted(edge.from_node)} -> {_quoted(edge.to_node)}"
        lines.append(f"  {ends} [label={_quoted(edge.kind)}{style}, URL={_quoted(edge.url)}];")
    return "\n".join([*lines, "}", ""]).encode()


def _quoted(text: str) -> str:
    """Quote a text as an identifier of DOT; a backslash would begin an escape of a label."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _read_graph(request: Request, resource: Resource, id: str, query: GraphQuery) -> Response:
    form = choose_format(request, query.format, GRAPHS)
    canonical = resource.canonical(id)
    envelope = envelope_of(request, query, f"/{resource.path}/{canonical}/graph", tuple(resource.coverage))
    require_record(envelope, resource, id)
    found = explore(envelope.dataset, canonical, query.depth, envelope.day)
    graph = Graph(
        id=canonical,
        depth=query.depth,
        cut=found.cut,
        nodes=_nodes(envelope.dataset, found.nodes, envelope.day),
        edges=[_edge(*edge, envelope.day) for edge in found.edges.values()],
        **envelope.members(),
    )
    content = Content(document=lambda: graph.model_dump_json().encode(), dot=lambda: dot(graph))
    return envelope.send(ENCODINGS[form].encode(content), form)


_DESCRIPTION = (
    "The parties that {} is related to on a day, and those related to them, as nodes and edges.\n\n"
    "As JSON, or as DOT to be drawn. A party outside the record is a node of its own for each relation, as people and\n"
    f"firms of one name are not one. A graph has at most {MOST_NODES} nodes and {MOST_EDGES:,} edges; `cut` says "
    "whether some were left out."
)
"""Description of the routes of graphs in OpenAPI, but for whose graph it is."""


@router.get(
    "/designated-parties/{id}/graph",
    summary="Those related to an individual or entity",
    description=_DESCRIPTION.format("an individual or entity"),
    response_model=Graph,
    responses=GRAPH_ANSWERS,
)
async def read_party_graph(
    request: Request,
    id: Annotated[str, Path(description="Permanent reference number, in any case.", examples=["KPe.020"])],
    query: Annotated[GraphQuery, Query()],
) -> Response:
    """The graph of an individual or entity."""
    return _read_graph(request, DESIGNATED_PARTIES, id, query)


@router.get(
    "/vessels/{id}/graph",
    summary="Those related to a ship",
    description=_DESCRIPTION.format("a ship"),
    response_model=Graph,
    responses=GRAPH_ANSWERS,
)
async def read_vessel_graph(
    request: Request,
    id: Annotated[str, Path(description="IMO number, or the slug of a ship without one.", examples=["9163166"])],
    query: Annotated[GraphQuery, Query()],
) -> Response:
    """The graph of a ship."""
    return _read_graph(request, VESSELS, id, query)
