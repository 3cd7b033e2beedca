"""Relations: what one party is to another, each end a subject of the record or a name, each with its days."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Annotated, Any

from fastapi import Path, Query, Request, Response
from pydantic import Field
from sqlalchemy import ColumnElement, and_, not_, or_
from sqlmodel import col

from app.api.collection import read_page
from app.api.detail import read_record
from app.api.filters import Bind, Conditions, Contains, Equals, SubjectIs
from app.api.items import ItemForm
from app.api.openapi_responses import PAGE_ANSWERS, RECORD_ANSWERS, answer_of
from app.api.query_models import PageQuery, RecordQuery
from app.api.query_types import Sort, SubjectId, Text
from app.api.resource import TEXTS, Resource, SortKey
from app.api.routing import strict_router
from app.publishing.batch_reader import BatchReader
from app.publishing.held import Holds, days_of, holds_on
from app.publishing.relations import RelatedParty, RelationFacts, party
from app.publishing.rendering import EncodedRecord, Evidence, Record, RenderedRecord, by_interval, partly_known, url
from app.publishing.sentences import related
from app.tables import Relation
from app.vocabularies import RelationKind

router = strict_router("relations")
ABOUT = "Who owns, manages, directs and acts for whom, as the sources say."
"""Description of the tag in OpenAPI."""
HOME = ("/relations", "Relations: who owns, manages, directs whom")
"""Link on the home page: path and title."""


class RelationRecord(RelationFacts, Record):
    """What one party is to another: the first is the owner of the second, its manager, a branch of it or the like."""

    from_party: RelatedParty = Field(description="The first party: it is the owner, the manager, … of the second.")
    to_party: RelatedParty = Field(description="The second party.")
    sentence: str = Field(description="The relation, to be read.")


@dataclass(frozen=True)
class _EndIs(SubjectIs):
    """One of the subjects given is at either end."""

    other: Any = None

    def apply(self, where: Conditions, bind: Bind, cache_key: int) -> None:
        """See ``Filter.apply``."""
        ends: list[Any] = [col(self.column), col(self.other)]
        ids = [bind(str(place), ends[0].type) for place in range(cache_key)]
        where.add(or_(*(end.in_(ids) for end in ends)))


@dataclass(frozen=True)
class HoldsIs:
    """A filter by whether the relation holds on the day of the question: one of the values given."""

    def cache_key(self, value: list[Holds]) -> tuple[Holds, ...]:
        """See ``Filter.cache_key``."""
        return tuple(value)

    def values(self, value: list[Holds]) -> Mapping[str, Any]:
        """See ``Filter.values``."""
        del value
        return {}

    def apply(self, where: Conditions, bind: Bind, cache_key: tuple[Holds, ...]) -> None:
        """See ``Filter.apply``."""
        del bind
        conditions = holding(where.day)
        where.add(or_(*(conditions[one] for one in cache_key)))


def holding(day: Any) -> Mapping[Holds, ColumnElement[bool]]:
    """Build for each member of `Holds` the condition that a relation has it on a day."""
    is_dated = col(Relation.is_dated).is_(True)
    certain = and_(col(Relation.certain_from_on) <= day, col(Relation.certain_until_on) > day)
    possible = and_(col(Relation.possible_from_on) <= day, col(Relation.possible_until_on) > day)
    return {
        Holds.YES: and_(is_dated, certain),
        Holds.PERHAPS: and_(is_dated, not_(certain), possible),
        Holds.UNDATED: not_(is_dated),
        Holds.NO: and_(is_dated, not_(certain), not_(possible)),
    }


class RelationQuery(PageQuery):
    """Query parameters of the relations."""

    subject: Annotated[list[SubjectId] | None, _EndIs(Relation.from_id, other=Relation.to_id)] = Field(
        default=None,
        description=(
            "Individual, entity or ship at either end: permanent reference number, in any case, or IMO number. Repeat "
            "it for several."
        ),
        examples=[["KPe.020"]],
    )
    from_id: Annotated[list[SubjectId] | None, SubjectIs(Relation.from_id)] = Field(
        default=None,
        alias="from",
        description="The first party, which is the owner, manager, … of the second. Repeat it for several.",
        examples=[["KPe.020"]],
    )
    to_id: Annotated[list[SubjectId] | None, SubjectIs(Relation.to_id)] = Field(
        default=None, alias="to", description="The second party. Repeat it for several.", examples=[["9163166"]]
    )
    kind: Annotated[list[RelationKind] | None, Equals(Relation.kind)] = Field(
        default=None, description="What the first party is to the second. Repeat it for several.", examples=[["owner"]]
    )
    holds: Annotated[list[Holds] | None, HoldsIs()] = Field(
        default=None,
        description=(
            "Whether it holds on the day asked about: yes, perhaps, undated or no. Repeat it for several; not given: "
            "all, whenever they hold."
        ),
        examples=[["yes"]],
    )
    name: Annotated[Text | None, Contains(Relation.folded)] = Field(
        default=None,
        description="Part of the name of a party outside the record; case and accents do not count.",
        examples=["yongbyon"],
    )
    sort: Annotated[str | None, Sort("id", "kind")] = Field(
        default=None,
        description="Order: id (the default) or kind; prefix with `-` for descending order.",
        examples=["kind"],
    )


def render(rows: BatchReader) -> Iterator[RenderedRecord]:
    """Yield every relation for each stretch of days on which it reads the same."""
    for relation in rows.all(Relation):
        yield from by_interval(relation.id, days_of([relation]), partial(_record_on, rows, relation))


def _record_on(rows: BatchReader, relation: Relation, day: date) -> EncodedRecord:
    evidence = Evidence(rows)
    renamed = {"from_id": "from_party", "from_name": "from_party", "to_id": "to_party", "to_name": "to_party"}
    evidence.add("relations", relation.id, renamed=renamed)
    first, second = party(rows, relation.from_id, relation.from_name), party(rows, relation.to_id, relation.to_name)
    record = RelationRecord(
        id=relation.id,
        kind=relation.kind,
        holds=holds_on(relation, day),
        on_since=partly_known(relation.on_since),
        on_until=partly_known(relation.on_until),
        note=relation.note,
        from_party=first,
        to_party=second,
        sentence=related(relation.kind, first, second),
        url=url("relations", relation.id),
    )
    return record.complete(evidence)


RELATIONS = Resource(
    path="relations",
    name="relation",
    tables=Relation,
    identity=Relation.id,
    model=RelationRecord,
    query=RelationQuery,
    sorts={"id": SortKey(Relation.id, TEXTS), "kind": SortKey(Relation.kind, TEXTS)},
    render=render,
    title=lambda record: record["sentence"],
    canonical=str.lower,
    form=ItemForm(
        ("id", "from_party", "kind", "to_party", "holds", "on_since", "on_until"),
        groups={"citations": ("citations",)},
    ),
    facets=("kind",),
)


@router.get(
    "/relations",
    summary="Who owns, manages, directs whom",
    response_model=RELATIONS.page_model(),
    responses=PAGE_ANSWERS,
)
async def read_relations(request: Request, query: Annotated[RelationQuery, Query()]) -> Response:
    """What parties are to one another: owner, manager, operator, director, branch, and so on.

    Each end is a subject of the record, or the name of a party outside it as its source prints it. A relation that is
    over is still here: `holds` says whether it held on the day asked about, and `holds=yes` asks for those alone. What
    sources say otherwise is a relation beside it.
    """
    return await read_page(request, RELATIONS, query)


@router.get(
    "/relations/{id}", summary="One relation", response_model=answer_of(RelationRecord), responses=RECORD_ANSWERS
)
async def read_relation(
    request: Request,
    id: Annotated[str, Path(description="Id of the relation.", examples=["rel-0001"])],
    query: Annotated[RecordQuery, Query()],
) -> Response:
    """What one party is to another, since when and until when, with the sources that say so."""
    return read_record(request, RELATIONS, id, query)
