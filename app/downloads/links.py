"""The relations of the record, and the organisations of posts, as entities of FollowTheMoney that link two others."""

import hashlib
from collections.abc import Iterator

from sqlalchemy import select
from sqlmodel import Session, col

from app.downloads.entity import PREFIX, Entity, dates_of, source_urls
from app.publishing.batch_reader import BatchReader
from app.tables import Position, Relation, Subject
from app.vocabularies import RelationKind, SubjectKind

_UNKNOWN = ("UnknownLink", "subject", "object")
_CLOSER = {
    (RelationKind.OWNER, SubjectKind.VESSEL): ("Ownership", "owner", "asset"),
    (RelationKind.DIRECTOR, SubjectKind.ENTITY): ("Directorship", "director", "organization"),
    (RelationKind.REPRESENTATIVE, SubjectKind.ENTITY): ("Representation", "agent", "client"),
}
"""The schema of a link and its two properties, by the kind of relation and that of its second end.

Every other relation is an ``UnknownLink`` whose role is the word of the record. An asset in FollowTheMoney is a ship or
a company, and the record does not say which entities are companies; an officer need not be employed; and
FollowTheMoney has no schema for who operates, manages or commands.
"""

_OUTSIDE_SCHEMATA = {RelationKind.DIRECTOR: "Organization", RelationKind.SAME_HULL: "Vessel"}
"""The schema of the second end of a relation that is a name alone, where the kind of relation says what it is."""


def links(session: Session) -> Iterator[Entity]:
    """Yield each party outside the record that a relation names, each relation, and each post at an organisation.

    Args:
        session: the published tables.
    """
    yield from _outside(session)
    rows = BatchReader(session, "links of")
    for relation in rows.all(Relation):
        yield _link(rows, relation)
    for position in rows.all(Position):
        if position.organisation_id:
            yield _post(position, position.organisation_id)


def _outside(session: Session) -> Iterator[Entity]:
    """Yield an entity for each name of a party that is not in the record, once however many relations name it.

    One that is called an organisation by one relation is one in all.
    """
    named: dict[str, str] = {}
    for end in ("from_name", "to_name"):
        column = col(getattr(Relation, end))
        for name, kind in session.execute(select(column, col(Relation.kind)).where(column.is_not(None)).distinct()):
            is_known = end == "to_name" or kind is RelationKind.SAME_HULL
            schema = _OUTSIDE_SCHEMATA.get(kind) if is_known else None
            named[name] = schema or named.get(name, "LegalEntity")
    for name, schema in sorted(named.items()):
        entity = Entity(_outside_id(name), schema)
        entity.add("name", name)
        entity.add("notes", "Not on the list; a source names it as a party of a relation.")
        yield entity


def _outside_id(name: str) -> str:
    """Build the id of a party that is not in the record, from its name, which is all that is known of it."""
    return f"{PREFIX}party-{hashlib.sha256(name.encode()).hexdigest()[:16]}"


def _end(id: str | None, name: str | None) -> str:
    return PREFIX + id if id else _outside_id(name or "")


def _link(rows: BatchReader, relation: Relation) -> Entity:
    second = rows.one_related(Subject, Subject.id, relation.to_id).kind if relation.to_id else None
    if second is None and relation.kind is RelationKind.DIRECTOR:
        second = SubjectKind.ENTITY
    schema, of_first, of_second = _CLOSER.get((relation.kind, second), _UNKNOWN) if second else _UNKNOWN
    link = Entity(f"{PREFIX}relation-{relation.id}", schema)
    link.add(of_first, _end(relation.from_id, relation.from_name))
    link.add(of_second, _end(relation.to_id, relation.to_name))
    link.add("role", relation.kind.value)
    link.add("recordId", relation.id)
    _add_days(link, relation.on_since, relation.on_until)
    link.add("summary", relation.note)
    link.add("sourceUrl", *source_urls(rows, "relations", relation.id))
    return link


def _add_days(link: Entity, since: str | None, until: str | None) -> None:
    """Add the days of a relation: a day from which, or at which, it held, and the whole in EDTF where it is more."""
    if since and since.startswith("../"):
        link.add("date", since.removeprefix("../"))
    elif since and "/" not in since:
        link.add("startDate", *dates_of(since))
    if until and "/" not in until:
        link.add("endDate", *dates_of(until))
    if until:
        link.add("status", "ended")
    known = [f"{word} {days}" for word, days in (("since", since), ("until", until)) if days]
    if any("/" in days for days in known):
        link.add("description", f"Held {', '.join(known)} (EDTF)")


def _post(position: Position, organisation: str) -> Entity:
    """Link an individual with the organisation that the text of a post names."""
    link = Entity(f"{PREFIX}position-{position.id}", "UnknownLink")
    link.add("subject", PREFIX + position.subject_id)
    link.add("object", PREFIX + organisation)
    link.add("role", position.position)
    link.add("recordId", position.id)
    days = {"since": position.on_list_since, "until": position.on_list_until}
    if known := [f"{word} {day}" for word, day in days.items() if day]:
        link.add("description", f"On the list {', '.join(known)} (EDTF)")
    return link
