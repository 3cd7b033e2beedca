"""Relations as parts of records: what a subject is to others, and they to it, on a day."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal

from pydantic import Field

from app.publishing.batch_reader import BatchReader
from app.publishing.held import HeldSince, HeldUntil, HoldsField, held_on, holds_on
from app.publishing.rendering import Evidence, Part, partly_known, subject_reference, url
from app.tables import Relation, Subject
from app.vocabularies import RelationKind, SubjectKind

COLUMNS: Mapping[str, Sequence[str]] = {name: (name,) for name in ("kind", "on_since", "on_until", "note")}
"""The columns of a relation that its parts show, with the names of their fields."""


class RelatedParty(Part):
    """A party of a relation: a subject of the record, or a party outside it, of which there is a name alone."""

    id: str | None = Field(description="Its id in the record; null for a party outside it.")
    kind: SubjectKind | None = Field(description="individual, entity or vessel; null for a party outside the record.")
    name: str = Field(description="Its newest name in the record, or the name that the source of the relation prints.")
    url: str | None = Field(description="Absolute URL of its record; null for a party outside the record.")


class RelationFacts(Part):
    """What one party is to another, and when."""

    kind: RelationKind = Field(
        description=(
            "owner, manager, operator, director, officer, representative, subsidiary or branch (the first party is the "
            "… of the second), acts_for, commands or same_hull (the first acts for, commands, is one hull with it)."
        )
    )
    holds: HoldsField
    on_since: HeldSince
    on_until: HeldUntil
    note: str | None = Field(description="Remarks, such as the words of the source.")


class RelationPart(RelationFacts):
    """A relation of the subject to another party."""

    id: str = Field(description="Id of the relation.")
    direction: Literal["from", "to"] = Field(
        description="from: this subject is the … of the other party; to: the other party is the … of this subject."
    )
    other: RelatedParty = Field(description="The other party.")
    url: str = Field(description="Absolute URL of the relation's own record.")


def relations_of(rows: BatchReader, subject_id: str) -> list[Relation]:
    """Select the relations of a subject, of any day, by their ids."""
    found = rows.related(Relation, Relation.from_id, subject_id) + rows.related(Relation, Relation.to_id, subject_id)
    return sorted(found, key=lambda relation: relation.id)


def party(rows: BatchReader, id: str | None, name: str | None) -> RelatedParty:
    """Build a party of a relation, from its id or its name."""
    if id is None:
        return RelatedParty(id=None, kind=None, name=name or "", url=None)
    return RelatedParty(**subject_reference(rows.one_related(Subject, Subject.id, id)).model_dump())


def relation_parts(rows: BatchReader, subject_id: str, day: date, evidence: Evidence) -> list[RelationPart]:
    """Build the relations of a subject that hold, or may hold, on a day, and take in their citations."""
    parts = []
    for place, relation in enumerate(held_on(relations_of(rows, subject_id), day)):
        is_first = relation.from_id == subject_id
        end = "to" if is_first else "from"
        at = f"/relations/{place}"
        columns = {column: [f"{at}/{name}" for name in names] for column, names in COLUMNS.items()}
        columns |= {f"{end}_id": [f"{at}/other"], f"{end}_name": [f"{at}/other"]}
        evidence.support("relations", relation.id, columns)
        parts.append(
            RelationPart(
                id=relation.id,
                kind=relation.kind,
                direction="from" if is_first else "to",
                other=party(rows, getattr(relation, f"{end}_id"), getattr(relation, f"{end}_name")),
                holds=holds_on(relation, day),
                on_since=partly_known(relation.on_since),
                on_until=partly_known(relation.on_until),
                note=relation.note,
                url=url("relations", relation.id),
            )
        )
    return parts
