"""Reconciliation Service API 0.2 (W3C community group): OpenRefine and its like match their rows with the list.

Names are scored by the search of this project, a batch within the bounds of POST /search. A candidate is a name alike,
not yet a person identified: ``match`` is true only where nothing else is as near.
"""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from html import escape
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import Query, Request, Response
from pydantic import Field
from sqlalchemy import case, or_, select
from sqlmodel import col

from app import __version__
from app.api.envelope import asked_dataset, base_url
from app.api.formats import cache_control, respond
from app.api.query_models import DayQuery
from app.api.resource import valid_on
from app.api.routing import strict_router
from app.database import OpenDataset
from app.fields.text import dump_json, fold
from app.matching.index import THRESHOLD
from app.problems import ContentTooLarge, InvalidRequest, NotFound, UnsupportedMediaType
from app.screening.batch import MOST_BYTES, MOST_QUERIES, BatchRow, Extent, read_json
from app.screening.bulk import BulkOptions, BulkScreener, ScreenedRow
from app.screening.prepared import Screeners
from app.tables import Name, Rendering, Subject
from app.vocabularies import ExternalScheme, ParticularKind, SubjectKind

router = strict_router()

CANDIDATE = 0.75
"""Score from which on a subject is a candidate; one from `THRESHOLD` on is a hit of the search."""
CERTAIN = 0.98
"""Score from which on a single candidate is a match, if no other is a hit."""
DEFAULT_LIMIT, MOST_CANDIDATES = 10, 50
"""Candidates of a query where it names no limit, and at most."""
MOST_SUGGESTIONS = 20
FORM = "application/x-www-form-urlencoded"

TYPES = {kind.value: f"{kind.value.capitalize()} on the UN's list" for kind in SubjectKind}
"""The types of entity: the UN's three kinds of subject."""

COMPARED = {
    "birth_date": "Birth date",
    "nationality": "Nationality",
    "imo_number": "IMO number",
    "document_number": "Number of a passport or another document",
}
"""The properties that a query can be refined by."""

EXTENDED = {
    "name": "Name",
    "listed": "On the list on the day",
    "since": "Since when it has this status",
    "listed_on": "Days of listing",
    "delisted_on": "Days of delisting",
    "measures": "Measures that it is under on the day",
    "names": "All names of the day",
    "imo_number": "IMO number",
    "flag": "Flag, ISO 3166-1",
    "nationalities": "Nationalities, ISO 3166-1",
    "birth_dates": "Birth dates, EDTF",
    "documents": "Numbers of documents",
    "swift_code": "SWIFT code",
    "imo_company_number": "IMO company number",
    "call_sign": "Call signs",
    "mmsi": "MMSI numbers",
    "identifiers": "Identifiers in other lists, each behind the name of its list",
    **{scheme.value: f"Identifier: {scheme.value}" for scheme in ExternalScheme},
    "url": "Address of the record",
}
"""The properties that rows can be extended by."""

_RADIO = frozenset({ParticularKind.CALL_SIGN.value, ParticularKind.MMSI.value})
_SCHEMES = frozenset(scheme.value for scheme in ExternalScheme)

FRAMED = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors *"
"""Content-Security-Policy of a preview, which is shown within another program's page."""


class ReconcileQuery(DayQuery):
    """Query parameters of the service; without `queries` and `extend` the answer is its manifest."""

    queries: str | None = Field(default=None, description="A batch of queries, as JSON.")
    query: str | None = Field(default=None, description="One query: a name, or an object as JSON.")
    extend: str | None = Field(default=None, description="A data extension query, as JSON.")


class PrefixQuery(DayQuery):
    """Query parameters of a suggest service."""

    prefix: str = Field(default="", max_length=200, description="What the user has typed.")
    cursor: int = Field(default=0, ge=0, le=10_000, description="How many suggestions to leave out.")


class IdQuery(DayQuery):
    """Query parameters of a preview."""

    id: str = Field(max_length=80, description="Id of the subject.")


class PropertiesQuery(DayQuery):
    """Query parameters of the properties to extend by."""

    type: str | None = Field(default=None, description="Type of the entities.")
    limit: int = Field(default=50, ge=1, le=500, description="Most properties.")


def manifest(base: str) -> dict[str, Any]:
    """Describe the service; ``base`` is the beginning of absolute links."""
    at = f"{base}/reconcile"
    return {
        "versions": ["0.2"],
        "name": "unlisted: the UN's sanctions on North Korea",
        "identifierSpace": f"{at}/view/",
        "schemaSpace": f"{at}/types/",
        "documentation": f"{base}/docs",
        "serviceVersion": __version__,
        "defaultTypes": [{"id": id, "name": name} for id, name in TYPES.items()],
        "view": {"url": f"{at}/view/{{{{id}}}}"},
        "preview": {"url": f"{at}/preview?id={{{{id}}}}", "width": 400, "height": 180},
        "suggest": {
            kind: {"service_url": base, "service_path": f"/reconcile/suggest/{kind}"}
            for kind in ("entity", "property", "type")
        },
        "extend": {
            "propose_properties": {"service_url": base, "service_path": "/reconcile/properties"},
            "property_settings": [],
        },
    }


async def read_service(request: Request, query: Annotated[ReconcileQuery, Query()]) -> Response:
    """The manifest of the service, or the answer to what is asked in the URL."""
    return await _answer(request, query, query.queries, query.query, query.extend)


async def ask_service(request: Request, query: Annotated[DayQuery, Query()]) -> Response:
    """The answer to what is asked in a form, as OpenRefine sends it."""
    form = await _form(request)
    return await _answer(request, query, form.get("queries"), form.get("query"), form.get("extend"))


# Not in the description: its own manifest describes the service, in the terms of its own specification.
router.add_api_route("/reconcile", read_service, methods=["GET"], include_in_schema=False)
router.add_api_route("/reconcile", ask_service, methods=["POST"], include_in_schema=False)


async def _form(request: Request) -> dict[str, str]:
    """Read the body of a form.

    Raises:
        UnsupportedMediaType: it is no form, or is compressed.
        ContentTooLarge: it is longer than a batch may be.
        InvalidRequest: it is not UTF-8, or has other fields than the service knows.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != FORM or request.headers.get("content-encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType(f"Send a form without Content-Encoding: {FORM}.")
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            raise ContentTooLarge(f"A batch may be {MOST_BYTES} bytes long; send several.")
    try:
        fields = dict(parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=10))
    except ValueError as error:
        raise InvalidRequest.of("body", f"it is no form of at most 10 fields in UTF-8: {error}", "body") from None
    if unknown := fields.keys() - {"queries", "query", "extend"}:
        raise InvalidRequest.of(min(unknown), "no such field here; there are queries, query, extend", "body")
    return fields


async def _answer(
    request: Request, query: DayQuery, queries: str | None, single: str | None, extend: str | None
) -> Response:
    given = [name for name, value in (("queries", queries), ("query", single), ("extend", extend)) if value is not None]
    if len(given) > 1:
        raise InvalidRequest.of(given[1], f"{given[0]} is given too; ask one at a time")
    base = base_url(request.scope)
    if extend is not None:
        return _send(request, _extended(asked_dataset(request, query), query.day(), _object("extend", extend), base))
    if queries is not None:
        return _send(request, await _reconciled(request, query, _object("queries", queries)))
    if single is not None:
        asked = _object("query", single) if single.lstrip().startswith("{") else {"query": single}
        answer = (await _reconciled(request, query, {"q0": asked}))["q0"]
        if "error" in answer and not answer["result"]:
            raise InvalidRequest.of("query", answer["error"])
        return _send(request, answer)
    return _send(request, manifest(base))


def _send(request: Request, document: Any) -> Response:
    settings = request.app.state.settings
    return respond(dump_json(document), "application/json", {}, cache_control(settings, settings.cache_seconds))


def _object(name: str, text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidRequest.of(name, f"it is not JSON: {error}") from None
    if not isinstance(document, dict):
        raise InvalidRequest.of(name, "it is no JSON object")
    return document


# Queries


async def _reconciled(request: Request, query: DayQuery, queries: Mapping[str, Any]) -> dict[str, Any]:
    """Answer a batch of queries, each by its key; between two of them other requests get their turn."""
    if len(queries) > MOST_QUERIES:
        raise InvalidRequest.of("queries", f"a batch may have {MOST_QUERIES} queries, this one has {len(queries)}")
    rows = {key: _row(key, one) for key, one in queries.items()}
    dataset = asked_dataset(request, query)
    screeners: Screeners = request.app.state.screeners
    screener = await screeners.get(dataset)
    await asyncio.to_thread(screener.blocker, CANDIDATE)
    snapshot = await screeners.snapshot(dataset, screener, query.day())
    bulk = BulkScreener(snapshot, BulkOptions(CANDIDATE, MOST_CANDIDATES))
    answers: dict[str, Any] = {}
    for number, (key, row) in enumerate(rows.items(), 1):
        limit = _limit(queries[key])
        is_comparable = row.name is not None or bool(row.identifiers)
        answers[key] = {"result": _candidates(bulk.screen(number, row), limit) if is_comparable else []}
        # A cell such as "-" is no reason to refuse the rows beside it. The specification has no place for such a fault,
        # but allows further members.
        if fault := row.error or (None if is_comparable else "there is nothing to be compared"):
            answers[key]["error"] = fault
        await asyncio.sleep(0)
    return answers


def _row(key: str, query: Any) -> BatchRow:
    """Read one query as a row of a batch.

    Raises:
        InvalidRequest: it has not the form of a query, or names an unknown type or property.
    """
    at = f"queries.{key[:80]}"
    if not isinstance(query, dict):
        raise InvalidRequest.of(at, "it is no JSON object")
    if unknown := query.keys() - {"query", "type", "limit", "properties", "type_strict"}:
        raise InvalidRequest.of(at, f"it has an unknown member {min(unknown)[:80]!r}")
    given: dict[str, Any] = {"name": query.get("query", "")}
    for refined in _properties(at, query.get("properties") or []):
        given |= refined
    (row,) = read_json(json.dumps([given])).rows
    return replace(row, kind=_kinds(at, query.get("type")))


def _kinds(at: str, types: Any) -> tuple[SubjectKind, ...]:
    named = types if isinstance(types, list) else [types] if types else []
    if unknown := [one for one in named if one not in TYPES]:
        raise InvalidRequest.of(at, f"unknown type {str(unknown[0])[:80]!r}; there are {', '.join(TYPES)}")
    return tuple(SubjectKind(one) for one in dict.fromkeys(named))


def _properties(at: str, properties: Any) -> list[dict[str, Any]]:
    mapped = isinstance(properties, list) and all(isinstance(one, dict) for one in properties)
    if not mapped or not all({"pid", "v"} <= one.keys() for one in properties):
        raise InvalidRequest.of(at, "properties: a list of objects with pid and v")
    found = []
    for one in properties:
        if one["pid"] not in COMPARED:
            known = ", ".join(COMPARED)
            raise InvalidRequest.of(at, f"no property {str(one['pid'])[:80]!r} can be compared; there are {known}")
        values = one["v"] if isinstance(one["v"], list) else [one["v"]]
        texts = [str(value.get("name", value.get("id", ""))) if isinstance(value, dict) else value for value in values]
        found.append({one["pid"]: texts[0] if len(texts) == 1 else texts})
    return found


def _limit(query: Mapping[str, Any]) -> int:
    limit = query.get("limit", DEFAULT_LIMIT)
    if isinstance(limit, bool) or not isinstance(limit, int | float) or limit < 1:
        raise InvalidRequest.of("queries", f"limit: {str(limit)[:80]!r} is no number from 1 on")
    return min(int(limit), MOST_CANDIDATES)


def _candidates(screened: ScreenedRow, limit: int) -> list[dict[str, Any]]:
    hits = list(screened.hits)
    near = [hit for hit in hits if hit["score"] >= THRESHOLD]
    is_whole = screened.row.extent is Extent.WHOLE
    is_certain = is_whole and len(near) == 1 and near[0]["score"] >= CERTAIN
    return [
        {
            "id": hit["subject"]["id"],
            "name": hit["subject"]["name"],
            "description": _described(hit["subject"]["kind"], hit["status"]),
            "type": [{"id": hit["subject"]["kind"], "name": TYPES[hit["subject"]["kind"]]}],
            "score": round(100 * hit["score"], 2),
            "match": is_certain and hit is near[0],
            "features": [
                {"id": "score", "value": hit["score"]},
                {"id": "listed", "value": hit["listed"]},
                # False: a value beside the name could not be read, and was not compared.
                {"id": "compared_whole", "value": is_whole},
            ],
        }
        for hit in hits[:limit]
    ]


def _described(kind: str, status: str) -> str:
    return f"{kind}, {status.replace('_', ' ')}"


# Records


def _records(dataset: OpenDataset, ids: Sequence[str], day: date) -> dict[str, dict[str, Any]]:
    rows = dataset.query(
        select(col(Rendering.id), col(Rendering.record)).where(
            col(Rendering.resource).in_(["designated-parties", "vessels"]), col(Rendering.id).in_(ids), valid_on(day)
        )
    )
    return {row.id: json.loads(row.record) for row in rows}


def _extended(dataset: OpenDataset, day: date, extend: Mapping[str, Any], base: str) -> dict[str, Any]:
    """Answer a data extension query: the values of some properties of some subjects."""
    ids, properties = extend.get("ids"), extend.get("properties")
    if not isinstance(ids, list) or not all(isinstance(id, str) for id in ids) or len(ids) > MOST_QUERIES:
        raise InvalidRequest.of("extend", f"ids: a list of at most {MOST_QUERIES} texts")
    if not isinstance(properties, list) or not all(isinstance(one, dict) and "id" in one for one in properties):
        raise InvalidRequest.of("extend", "properties: a list of objects with id")
    wanted = list(dict.fromkeys(str(one["id"]) for one in properties))
    if unknown := [one for one in wanted if one not in EXTENDED]:
        raise InvalidRequest.of("extend", f"no property {unknown[0][:80]!r}; there are {', '.join(EXTENDED)}")
    records = _records(dataset, ids, day)
    rows = {id: {one: _values(records.get(id), one, base) for one in wanted} for id in ids}
    return {"meta": [{"id": one, "name": EXTENDED[one]} for one in wanted], "rows": rows}


def _values(record: Mapping[str, Any] | None, name: str, base: str) -> list[dict[str, str]]:
    texts = [] if record is None else _texts_of(record, name, base)
    return [{"str": text} for text in dict.fromkeys(texts) if text]


def _texts_of(record: Mapping[str, Any], name: str, base: str) -> list[Any]:
    """Return the values of a property of a record as texts; none where records of its kind do not have it."""
    listed: dict[str, Callable[[], list[Any]]] = {
        "names": lambda: [one["name"] for one in record["names"]],
        "listed": lambda: [json.dumps(record["listed"])],
        "since": lambda: [record["status"]["since"]],
        "measures": lambda: record["status"]["measures"],
        "listed_on": lambda: [one["listed_on"] for one in record["listings"]],
        "delisted_on": lambda: [one["delisted_on"] for one in record["listings"]],
        "flag": lambda: [record["flag"]["code"]] if record.get("flag") else [],
        "nationalities": lambda: [one["country"]["code"] for one in record.get("nationalities", [])],
        "birth_dates": lambda: [one["born_on"]["edtf"] for one in record.get("birth_dates", [])],
        "documents": lambda: [one["number"] for one in record.get("documents", [])],
        "url": lambda: [base + record["url"][1:]],
        "identifiers": lambda: [f"{one['scheme']}: {one['value']}" for one in record["identifiers"] if one["value"]],
    }
    if name in _RADIO:
        return [one["value"] for one in record.get("particulars", []) if one["kind"] == name]
    if name in _SCHEMES:
        return [one["value"] for one in record["identifiers"] if one["scheme"] == name]
    return listed[name]() if name in listed else [record.get(name)]


@router.get("/reconcile/view/{id}")
async def read_view(request: Request, id: str, query: Annotated[DayQuery, Query()]) -> Response:
    """Send a reader on to the record of a subject."""
    record = _record(request, id, query)
    return Response(status_code=303, headers={"Location": base_url(request.scope) + record["url"][1:]})


@router.get("/reconcile/preview")
async def read_preview(request: Request, query: Annotated[IdQuery, Query()]) -> Response:
    """A few lines about a subject, to be shown within another program's page."""
    record = _record(request, query.id, query)
    status = record["status"]
    told = f"{record['id']} · {status['status'].replace('_', ' ')} {status['since'] or ''}".rstrip()
    lines = [
        f"<strong>{escape(record['name'])}</strong>",
        escape(told),
        escape(", ".join(one["name"] for one in record["names"][1:6])),
        escape(", ".join(status["measures"]).replace("_", " ")),
    ]
    head = f"<!doctype html><html lang=en><meta charset=utf-8><title>{escape(record['name'])}</title>"
    body = f"{head}<body style='font:14px sans-serif'>{'<br>'.join(filter(None, lines))}</body></html>".encode()
    directives = cache_control(request.app.state.settings, request.app.state.settings.cache_seconds)
    return respond(body, "text/html", {"Content-Security-Policy": FRAMED}, directives)


def _record(request: Request, id: str, query: DayQuery) -> dict[str, Any]:
    found = _records(asked_dataset(request, query), [id], query.day())
    if id not in found:
        raise NotFound(f"No subject has the id {id[:80]!r}.")
    return found[id]


# Suggestions


@router.get("/reconcile/suggest/entity")
async def suggest_entity(request: Request, query: Annotated[PrefixQuery, Query()]) -> Response:
    """Subjects one of whose names contains what was typed, or whose id begins with it; first those called so."""
    text = fold(query.prefix)
    by_id = col(Subject.id).ilike(f"{_escaped(query.prefix)}%", escape="\\")
    by_name = col(Subject.id).in_(select(col(Name.subject_id)).where(col(Name.folded).contains(text, autoescape=True)))
    matches = or_(by_id, by_name) if text else by_id
    is_called_so = col(Subject.folded_name).startswith(text, autoescape=True)
    chosen = select(col(Subject.id), col(Subject.name), col(Subject.kind)).where(matches)
    chosen = chosen.order_by(case((is_called_so, 0), else_=1), col(Subject.id))
    rows = asked_dataset(request, query).query(chosen.offset(query.cursor).limit(MOST_SUGGESTIONS))
    found = [
        {"id": row.id, "name": row.name, "notable": [{"id": row.kind.value, "name": TYPES[row.kind.value]}]}
        for row in (rows if query.prefix else [])
    ]
    return _send(request, {"result": found})


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


@router.get("/reconcile/suggest/property")
async def suggest_property(request: Request, query: Annotated[PrefixQuery, Query()]) -> Response:
    """Properties that a query can be refined by."""
    return _send(request, {"result": _suggested(COMPARED, query)})


@router.get("/reconcile/suggest/type")
async def suggest_type(request: Request, query: Annotated[PrefixQuery, Query()]) -> Response:
    """Types of entity."""
    return _send(request, {"result": _suggested(TYPES, query)})


def _suggested(known: Mapping[str, str], query: PrefixQuery) -> list[dict[str, str]]:
    typed = query.prefix.casefold()
    found = [{"id": id, "name": name} for id, name in known.items() if typed in id or typed in name.casefold()]
    return found[query.cursor :]


@router.get("/reconcile/properties")
async def propose_properties(request: Request, query: Annotated[PropertiesQuery, Query()]) -> Response:
    """Properties that rows can be extended by."""
    proposed = [{"id": id, "name": name} for id, name in EXTENDED.items()]
    return _send(request, {"type": query.type, "limit": query.limit, "properties": proposed[: query.limit]})
