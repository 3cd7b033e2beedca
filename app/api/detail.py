"""Single records: found by id, sent in a format, and cited."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache, partial
from typing import Any
from urllib.parse import quote_plus

from fastapi import Request, Response
from sqlalchemy import Date, bindparam
from sqlmodel import col, select

from app.api.citations import NAME, Work
from app.api.envelope import Envelope, Link, described_by, envelope_of, file_headers
from app.api.flat import TableColumn, columns_from, columns_of
from app.api.formats import CITATIONS, DATA, ENCODINGS, MARK, Content, Format, check_mark, choose_format
from app.api.items import SHOWN, check_names
from app.api.near_ids import has_id, near_ids
from app.api.query_models import RecordQuery
from app.api.resource import RECORD, Resource, valid_on
from app.database import OpenDataset, PreparedQuery
from app.fields.text import dump_json, fold
from app.problems import InvalidRequest, NotFound
from app.publishing.rendering import Reference
from app.tables import Rendering

Cite = Callable[[Mapping[str, Any], Envelope], Work]
"""Returns the work to cite for a record."""
Linked = Callable[[Mapping[str, Any], Envelope], Mapping[str, Any]]
"""Returns a record as JSON-LD."""


def read_record(request: Request, resource: Resource, id: str, query: RecordQuery) -> Response:
    """Answer with one record.

    Raises:
        NotFound: no record of the resource has this id; the message names those that are one typing error away.
        NotAcceptable: no format that is offered is accepted.
        VersionGone: the version of the dataset that is asked for is not kept.
        NoDataset: nothing is published.
    """
    form = choose_format(request, query.format, DATA + CITATIONS)
    canonical = resource.canonical(id)
    envelope = envelope_of(
        request, query, f"/{resource.path}/{canonical}", tuple(resource.coverage), resource.reproducible
    )
    record = require_record(envelope, resource, id)
    cite = resource.citation or partial(cite_record, resource.path, resource.title)
    return send_record(envelope, record, form, resource.columns, cite, query, resource.table)


def require_record(envelope: Envelope, resource: Resource, id: str) -> bytes:
    """Find the record of a resource that a URL names, as it reads on the day of an answer.

    Raises:
        NotFound: no record of the resource has this id; the message names those that are one typing error away.
    """
    canonical = resource.canonical(id)
    record = find_record(envelope.dataset, resource.path, canonical, envelope.day)
    if record is None:
        raise NotFound(f"No {resource.name} has the id {id[:200]!r}.{_near(envelope.dataset, resource, canonical)}")
    return record


def send_record(
    envelope: Envelope,
    record: bytes,
    form: Format,
    columns: Sequence[TableColumn],
    cite: Cite,
    query: RecordQuery,
    table: str,
    linked: Linked | None = None,
    links: Sequence[Link] = (),
) -> Response:
    """Encode a rendered record, with the day and the dataset that it is true of.

    Args:
        envelope: what the answer is true of.
        record: the record as JSON.
        form: the format to send it in.
        columns: the columns of its flat table.
        cite: returns the work to cite.
        query: the parameters: which members to answer with.
        table: the name of its flat table.
        linked: returns linked data; None where the record is not offered as such.
        links: links in the header.

    Raises:
        InvalidRequest: it has no such member, or the format has none to choose from, or no byte order mark.
    """
    check_mark(query.bom, form)
    shown = record
    if query.fields_ is not None:
        if form not in DATA:
            raise InvalidRequest.of("fields", "a citation has no members to choose from; ask for json or csv")
        values = json.loads(record)
        names = check_names("fields", query.fields_, values, "member of this record is called")
        columns = columns_from(columns, names)
        if SHOWN not in envelope.request.scope:
            shown = dump_json({name: values[name] for name in names})
    content = Content(
        document=lambda: document_of(envelope, shown),
        columns=columns,
        records=[record],
        work=partial(_work, cite, record, envelope),
        linked=partial(_linked, linked, record, envelope),
    )
    body = (MARK if query.bom else b"") + ENCODINGS[form].encode(content)
    if form is not Format.CSV:
        return envelope.send(body, form, links=links)
    name = f"{table}-{envelope.request.path_params.get('id', '')}".rstrip("-")
    described = described_by(table, query.fields_)
    return envelope.send(body, form, file_headers(name, envelope, form), [*links, described])


def document_of(envelope: Envelope, record: bytes) -> bytes:
    """Encode a record with the day and the dataset that it is true of."""
    return record[:-1] + b"," + dump_json(envelope.members())[1:]


def _work(cite: Cite, record: bytes, envelope: Envelope) -> Work:
    return cite(json.loads(record), envelope)


def _linked(linked: "Linked | None", record: bytes, envelope: Envelope) -> Mapping[str, Any]:
    if linked is None:
        raise NotImplementedError("a record that is not linked data was offered as such")
    return linked(json.loads(record), envelope)


def cite_record(
    path: str, title: Callable[[Mapping[str, Any]], str], record: Mapping[str, Any], envelope: Envelope
) -> Work:
    """Return the citation of a record as it reads on a day, in one version of the dataset.

    Args:
        path: path of its resource.
        title: returns its title.
        record: the record.
        envelope: the day and the dataset.
    """
    sources = "; ".join(dict.fromkeys(citation["title"] for citation in record["citations"]))
    return Work(
        id=f"unlisted-{path.replace('/', '-')}-{record['id']}-{envelope.day}-{envelope.dataset.version}",
        kind="entry",
        title=title(record),
        container=NAME,
        publisher="unlisted",
        issued=envelope.dataset.published_on.isoformat(),
        url=envelope.cite_as,
        version=envelope.dataset.version,
        note=f"As it read on {envelope.day}." + (f" Its sources: {sources}" if sources else ""),
    )


def send_choices(request: Request, resource: Resource, choices: Sequence[Reference], query: RecordQuery) -> Response:
    """Answer 300 with links to the records that a URL may mean (RFC 9110, section 15.4.1)."""
    form = choose_format(request, query.format, DATA)
    envelope = envelope_of(request, query, request.url.path, tuple(resource.coverage))
    records = [choice.model_dump_json().encode() for choice in choices]
    content = Content(lambda: b"[%s]" % b",".join(records), columns_of(Reference), records)
    response = envelope.send(ENCODINGS[form].encode(content), form)
    response.status_code = 300
    return response


def find_record(dataset: OpenDataset, path: str, id: str, day: date) -> bytes | None:
    """Find a record as it reads on a day; None where there is none with this id."""
    rows = dataset.run_prepared(_one_record(), {"resource": path, "id": id, "day": day})
    return rows[0][0] if rows else None


@cache
def _one_record() -> PreparedQuery:
    is_it = [col(Rendering.resource) == bindparam("resource"), col(Rendering.id) == bindparam("id")]
    return PreparedQuery(select(RECORD).where(*is_it, valid_on(bindparam("day", type_=Date))))


def _near(dataset: OpenDataset, resource: Resource, id: str) -> str:
    """Return a sentence with the ids one typing error away: a character wrong, missing, extra, or two swapped."""
    if has_id(dataset, resource.path, id):
        return " It is later than the day asked about."
    found = near_ids(dataset, resource.path, id)
    if found:
        return f" Did you mean {', '.join(found[:5])}?"
    words = fold(id)
    if resource.listed_count and words:
        return f" To find it by its name: /search?q={quote_plus(words)}"
    return ""
