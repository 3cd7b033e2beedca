"""Identifiers: every number by which a subject is known, to the UN and to the lists of others, as one long table."""

from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import Annotated

from fastapi import Path, Query, Request, Response
from pydantic import Field
from sqlmodel import col

from app.api.collection import read_page
from app.api.detail import read_record
from app.api.filters import Bind, Conditions, Equals, SubjectIs, Where
from app.api.items import ItemForm
from app.api.openapi_responses import PAGE_ANSWERS, RECORD_ANSWERS, answer_of
from app.api.query_models import PageQuery, RecordQuery
from app.api.query_types import IdentifierName, Sort, StrictBool, SubjectId
from app.api.resource import TEXTS, Resource, SortKey
from app.api.routing import strict_router
from app.publishing.batch_reader import BatchReader
from app.publishing.held import HeldSince, HeldUntil, Holds, HoldsField, holds_in
from app.publishing.identifiers import FoundIdentifier, identifiers_of
from app.publishing.rendering import (
    EncodedRecord,
    Evidence,
    Record,
    Reference,
    RenderedRecord,
    by_interval,
    partly_known,
    subject_reference,
    url,
)
from app.resources.subjects import IdentifierIs, subject_field, subject_kind_field
from app.tables import Identifier, Subject
from app.vocabularies import IdentifierScheme, SubjectKind

router = strict_router("identifiers")
ABOUT = "Numbers of subjects: in lists of others, of papers, ships, companies and banks."
"""Description of the tag in OpenAPI."""
HOME = ("/identifiers", "Identifiers: OFAC, EU, IMO, passports, as one table")
"""Link on the home page: path and title."""


class IdentifierRecord(Record):
    """A number by which a subject is known, or that a list does not have the subject."""

    subject: Reference = Field(description="The individual, entity or ship.")
    scheme: IdentifierScheme = Field(
        description=(
            "What gives it: ofac-sdn, eu, uk-ofsi, ch-seco, opensanctions, wikidata; imo, imo-company, swift, "
            "passport, diplomatic-passport, call-sign, mmsi."
        )
    )
    value: str | None = Field(
        description="As its source prints it; null where a list was read whole and does not have the subject."
    )
    holds: HoldsField
    on_since: HeldSince
    on_until: HeldUntil
    note: str | None = Field(description="Remarks.")


def _has_value(conditions: Conditions, bind: Bind, wanted: bool) -> None:
    del bind
    value = col(Identifier.value)
    conditions.add(value.is_not(None) if wanted else value.is_(None))


class IdentifierQuery(PageQuery):
    """Query parameters of the identifiers."""

    subject: Annotated[list[SubjectId] | None, SubjectIs(Identifier.subject_id)] = subject_field()
    subject_kind: Annotated[list[SubjectKind] | None, Equals(Identifier.subject_kind)] = subject_kind_field()
    scheme: Annotated[list[IdentifierScheme] | None, Equals(Identifier.scheme)] = Field(
        default=None, description="What gives it. Repeat it for several.", examples=[["ofac-sdn"]]
    )
    identifier: Annotated[list[IdentifierName] | None, IdentifierIs()] = Field(
        default=None,
        description=(
            "Scheme, a colon and the value; blanks, case and punctuation in the value do not count. Repeat it for "
            "several."
        ),
        examples=[["imo:9163166"]],
    )
    has_value: Annotated[StrictBool | None, Where(_has_value)] = Field(
        default=None,
        description="false: that a list does not have a subject, which a source shows; true: all others.",
        examples=[False],
    )
    sort: Annotated[str | None, Sort("id", "scheme", "value")] = Field(
        default=None,
        description="Order: id (the default), scheme or value; prefix with `-` for descending order.",
        examples=["scheme"],
    )


def render(rows: BatchReader) -> Iterator[RenderedRecord]:
    """Yield every identifier for each stretch of days on which it reads the same."""
    for subject in rows.all(Subject):
        for found in identifiers_of(rows, subject):
            days = found.period.changes()
            record_on = partial(_record_on, rows, subject, found)
            first, *others = by_interval(found.row.id, [], record_on, days, partial(_holds_on, found))
            yield first._replace(lookup_rows=[found.row])
            yield from others


def _holds_on(found: FoundIdentifier, day: date) -> dict[str, Holds]:
    """Return the member that differs from day to day, as it reads on a day."""
    return {"holds": holds_in(found.period, found.is_dated, day)}


def _record_on(rows: BatchReader, subject: Subject, found: FoundIdentifier, day: date) -> EncodedRecord:
    evidence = Evidence(rows)
    evidence.support(*found.support)
    record = IdentifierRecord(
        id=found.row.id,
        subject=subject_reference(subject),
        scheme=found.row.scheme,
        value=found.row.value,
        **_holds_on(found, day),
        on_since=partly_known(found.since),
        on_until=partly_known(found.until),
        note=found.note,
        url=url("identifiers", found.row.id),
    )
    return record.complete(evidence)


IDENTIFIERS = Resource(
    path="identifiers",
    name="identifier",
    tables=Identifier,
    identity=Identifier.id,
    model=IdentifierRecord,
    query=IdentifierQuery,
    sorts={
        "id": SortKey(Identifier.id, TEXTS),
        "scheme": SortKey(Identifier.scheme, TEXTS),
        "value": SortKey(Identifier.value, TEXTS),
    },
    render=render,
    title=lambda record: f"{record['scheme']} {record['value'] or 'none'}: {record['subject']['name']}",
    form=ItemForm(
        ("id", "subject", "scheme", "value", "holds", "on_since", "on_until"),
        groups={"citations": ("citations",)},
    ),
    facets=("subject_kind", "scheme"),
)


@router.get(
    "/identifiers",
    summary="Identifiers of every subject, as one table",
    response_model=IDENTIFIERS.page_model(),
    responses=PAGE_ANSWERS,
)
async def read_identifiers(request: Request, query: Annotated[IdentifierQuery, Query()]) -> Response:
    """The numbers by which individuals, entities and ships are known, one a row, to join the record with other lists.

    Those of the US, EU, UK and Swiss lists, of OpenSanctions and Wikidata; IMO, company and SWIFT numbers; passports,
    call signs and MMSI. A subject without a row of a scheme is one of which no source was seen; a row without a value
    says that the list does not have it. A passport that the UN's list no longer gives is still here, with its days.
    """
    return await read_page(request, IDENTIFIERS, query)


@router.get(
    "/identifiers/{id}",
    summary="One identifier",
    response_model=answer_of(IdentifierRecord),
    responses=RECORD_ANSWERS,
)
async def read_identifier(
    request: Request,
    id: Annotated[str, Path(description="Id of the identifier.", examples=["9163166-imo"])],
    query: Annotated[RecordQuery, Query()],
) -> Response:
    """One identifier of one subject, with its days and its sources."""
    return read_record(request, IDENTIFIERS, id, query)
