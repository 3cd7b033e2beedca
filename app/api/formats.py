"""The formats of an answer: their media types and encoders, the choice among them, and the entity tags of answers."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from operator import methodcaller
from typing import Any

import xxhash
from fastapi import Request, Response
from pydantic import Field
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header, parse_etags

from app.api.citations import Work, bibtex, csl_json
from app.api.feeds import Feed, atom, json_feed
from app.api.flat import TableColumn, cell_text, rows_of
from app.fields.text import dump_json, escape_formula
from app.problems import HeadTooLarge, InvalidRequest, NotAcceptable, ParameterError
from app.settings import Settings


class Format(StrEnum):
    """A representation of an answer: the value of the parameter ``format``."""

    JSON = "json"
    CSV = "csv"
    NDJSON = "ndjson"
    XLSX = "xlsx"
    ATOM = "atom"
    JSON_FEED = "jsonfeed"
    CSL = "csl"
    BIBTEX = "bibtex"
    DOT = "dot"
    JSON_LD = "jsonld"


def _not_offered(*_: Any) -> Any:
    raise NotImplementedError("the path offers a format for which it gives no content")


@dataclass(frozen=True)
class Content:
    """The content of an answer, for the encoder of any format that its path offers.

    Attributes:
        document: encodes all of it as one JSON document.
        columns: the columns of its records as a flat table, the same on every page.
        records: its records, each rendered as JSON.
        feed: returns it as a page of a feed, given the format.
        work: returns it as a work to be cited.
        dot: encodes it as a graph in the DOT language.
        linked: returns it as linked data, a document of JSON-LD.
    """

    document: Callable[[], bytes]
    columns: Sequence[TableColumn] = ()
    records: Iterable[bytes] = ()
    feed: Callable[[Format], Feed] = _not_offered
    work: Callable[[], Work] = _not_offered
    dot: Callable[[], bytes] = _not_offered
    linked: Callable[[], Mapping[str, Any]] = _not_offered


MARK = "\ufeff".encode()
"""The byte order mark, by which Excel knows that a CSV file is in UTF-8."""


def check_mark(bom: bool | None, form: Format) -> None:
    """Check that the parameter ``bom`` is given with CSV alone.

    Raises:
        InvalidRequest: it is given with another format.
    """
    if bom is not None and form is not Format.CSV:
        raise InvalidRequest.of("bom", "only csv has a byte order mark; leave it out, or ask for format=csv")


def csv_body(columns: Sequence[TableColumn], records: Iterable[bytes]) -> bytes:
    """Encode rendered records as CSV (RFC 4180), with a header line.

    Args:
        columns: the columns of the flat table.
        records: the records, rendered as JSON.
    """
    return csv_header(columns) + csv_lines(columns, records)


def csv_header(columns: Sequence[TableColumn]) -> bytes:
    """Encode the header line of a flat table."""
    return _encoded([[column.name for column in columns]])


def csv_lines(columns: Sequence[TableColumn], records: Iterable[bytes]) -> bytes:
    """Encode the lines of rendered records; a text that a spreadsheet would run as a formula is guarded."""
    return _encoded([[escape_formula(cell_text(cell)) for cell in row] for row in rows_of(columns, records)])


def _encoded(rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def ndjson_lines(records: Iterable[bytes]) -> bytes:
    """Encode rendered records as newline-delimited JSON: one object a line."""
    return b"".join(record + b"\n" for record in records)


class Offer(StrEnum):
    """The kind of answer that offers a format."""

    DATA = "data"
    """Every collection and record."""
    TABLE = "table"
    """Every collection: the whole of what matches, unless a page is asked for."""
    FEED = "feed"
    """Changes."""
    CITATION = "citation"
    """A single record, to be cited."""
    GRAPH = "graph"
    """A graph of relations."""
    LINKED = "linked"
    """The dataset, to be found by catalogues."""


@dataclass(frozen=True)
class Encoding:
    """How an answer is sent in a format.

    Attributes:
        media_type: as registered with IANA; for CSL-JSON and BibTeX, the one by which DOIs are resolved to citations.
        encode: encodes the content of an answer.
        offer: the kind of answer that offers the format.
        about: what the format is, for the description of the parameter ``format``.
        schema: its schema in OpenAPI; None for JSON, whose schemas are the answer models.
    """

    media_type: str
    encode: Callable[[Content], bytes]
    offer: Offer
    about: str = ""
    schema: Mapping[str, Any] | None = None


_TEXT: Mapping[str, Any] = {"type": "string"}
_OBJECT: Mapping[str, Any] = {"type": "object"}
_OBJECTS: Mapping[str, Any] = {"type": "array", "items": _OBJECT}

ENCODINGS: Mapping[Format, Encoding] = {
    Format.JSON: Encoding("application/json", methodcaller("document"), Offer.DATA),
    Format.CSV: Encoding(
        "text/csv",
        lambda content: csv_body(content.columns, content.records),
        Offer.DATA,
        "a flat table",
        _TEXT,
    ),
    Format.NDJSON: Encoding(
        "application/x-ndjson",
        lambda content: ndjson_lines(content.records),
        Offer.TABLE,
        "one JSON object a line",
        _TEXT,
    ),
    Format.XLSX: Encoding(
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        _not_offered,
        Offer.TABLE,
        "a workbook",
        {"type": "string", "contentEncoding": "binary"},
    ),
    Format.ATOM: Encoding(
        "application/atom+xml", lambda content: atom(content.feed(Format.ATOM)), Offer.FEED, "a feed, RFC 4287", _TEXT
    ),
    Format.JSON_FEED: Encoding(
        "application/feed+json",
        lambda content: json_feed(content.feed(Format.JSON_FEED)),
        Offer.FEED,
        "a feed, JSON Feed 1.1",
        _OBJECT,
    ),
    Format.CSL: Encoding(
        "application/vnd.citationstyles.csl+json",
        lambda content: csl_json(content.work()),
        Offer.CITATION,
        "CSL-JSON, to cite the record by",
        _OBJECTS,
    ),
    Format.BIBTEX: Encoding(
        "application/x-bibtex",
        lambda content: bibtex(content.work()),
        Offer.CITATION,
        "a BibTeX entry, to cite the record by",
        _TEXT,
    ),
    Format.DOT: Encoding(
        "text/vnd.graphviz", methodcaller("dot"), Offer.GRAPH, "a graph in the DOT language of Graphviz", _TEXT
    ),
    Format.JSON_LD: Encoding(
        "application/ld+json",
        lambda content: dump_json(content.linked()),
        Offer.LINKED,
        "DCAT 3 and schema.org, as JSON-LD",
        _OBJECT,
    ),
}
"""Every format: a new one is a member of ``Format`` and a line here."""

MEDIA_TYPES: Mapping[Format, str] = {form: encoding.media_type for form, encoding in ENCODINGS.items()}
DATA = tuple(form for form, encoding in ENCODINGS.items() if encoding.offer == Offer.DATA)
TABLES = tuple(form for form, encoding in ENCODINGS.items() if encoding.offer == Offer.TABLE)
COLLECTION = DATA + TABLES
"""The formats of every collection."""
WHOLE = (Format.CSV, *TABLES)
"""The formats in which a collection is sent whole where no `limit` is given: a file does not show that it is cut."""
FEEDS = tuple(form for form, encoding in ENCODINGS.items() if encoding.offer == Offer.FEED)
LINKED = tuple(form for form, encoding in ENCODINGS.items() if encoding.offer == Offer.LINKED)
CITATIONS = tuple(form for form, encoding in ENCODINGS.items() if encoding.offer == Offer.CITATION)
GRAPHS = (Format.JSON, *(form for form, encoding in ENCODINGS.items() if encoding.offer == Offer.GRAPH))


def format_field(offered: Sequence[Format]) -> Any:
    """Return the field ``format`` of a query model.

    Its value is checked by `choose_format`, so that a format that is not offered is a 406 and no 422.

    Args:
        offered: the formats that the path offers, the default first.
    """
    names = [f"{form} ({ENCODINGS[form].about})" if ENCODINGS[form].about else str(form) for form in offered]
    choices = f"{', '.join(names[:-1])} or {names[-1]}" if names[1:] else f"{names[0]}, and no other"
    return Field(
        default=None,
        description=f"Representation: {choices}. Not given: the one that the Accept header prefers, else {offered[0]}.",
        examples=[str(offered[0])],
        json_schema_extra={"enum": [str(form) for form in offered]},
    )


def choose_format(request: Request, wanted: str | None, offered: tuple[Format, ...]) -> Format:
    """Choose the format of an answer: the parameter ``format``, else what Accept prefers (RFC 9110, section 12.5.1).

    Args:
        request: the request, for its Accept header.
        wanted: the parameter ``format``; None where it is not given.
        offered: the formats that the path has.

    Raises:
        NotAcceptable: neither names a format that is offered.
    """
    if wanted is not None:
        if wanted not in offered:
            raise _not_acceptable("format", "query", f"{wanted!r} is not offered", offered)
        return Format(wanted)
    # The lines of a header are one list (RFC 9110, section 5.3).
    accept = ", ".join([value.decode("latin-1") for name, value in request.scope["headers"] if name == b"accept"])
    if len(accept) > LONGEST_ACCEPT:
        raise HeadTooLarge(f"The header Accept may be {LONGEST_ACCEPT} characters long.")
    chosen = _preferred(accept, offered) if accept else offered[0]
    if chosen is None:
        raise _not_acceptable("Accept", "header", f"no format that {accept!r} accepts is offered", offered)
    return chosen


LONGEST_ACCEPT = 1024
"""Characters of the longest Accept that is parsed; those of browsers have about a hundred."""


@lru_cache(maxsize=256)
def _preferred(accept: str, offered: tuple[Format, ...]) -> Format | None:
    by_media_type = {MEDIA_TYPES[form]: form for form in offered}
    best = media_ranges(accept).best_match(by_media_type)
    return None if best is None else by_media_type[best]


def media_ranges(accept: str) -> MIMEAccept:
    """Parse an Accept header; parameters of a media type, such as its charset, do not make another format here."""
    return MIMEAccept([(one.partition(";")[0].strip(), q) for one, q in parse_accept_header(accept, MIMEAccept)])


def _not_acceptable(parameter: str, location: str, fault: str, offered: Sequence[Format]) -> NotAcceptable:
    message = f"{fault}; offered is {', '.join(f'{form} ({MEDIA_TYPES[form]})' for form in offered)}"
    return NotAcceptable(message, [ParameterError(parameter=parameter, location=location, message=message)])


def entity_tag(content: bytes) -> str:
    """Build the strong entity tag of some content, with its quotation marks (RFC 9110, section 8.8.3)."""
    return f'"{xxhash.xxh3_128_hexdigest(content)}"'


def is_named(etag: str, condition: str) -> bool:
    """Say whether a header If-None-Match names an entity tag, by weak comparison (RFC 9110, section 13.1.2).

    Args:
        etag: the entity tag, with its quotation marks.
        condition: the value of the header; empty where there is none.
    """
    return bool(condition) and parse_etags(condition).contains_weak(etag.strip('"'))


def respond(body: bytes, media_type: str, headers: Mapping[str, str], directives: str) -> Response:
    """Return a successful response, not compressed, with its entity tag.

    Args:
        body: the body.
        media_type: its media type.
        headers: further headers.
        directives: the value of Cache-Control.
    """
    named = {
        "ETag": entity_tag(body),
        "Cache-Control": directives,
        "Vary": "Accept, Accept-Encoding",
    }
    return Response(body, headers={**headers, **named}, media_type=media_type)


def cache_control(settings: Settings, seconds: int, until: int | None = None) -> str:
    """Return the Cache-Control of a response that any cache may keep for some time (RFC 9111, RFC 5861).

    Args:
        settings: for how long a shared cache may give it after that.
        seconds: for how long it is fresh.
        until: seconds after which no cache may give it; None where it may always.
    """
    fresh = seconds if until is None else min(seconds, until)
    revalidate, if_error = settings.revalidate_seconds, settings.stale_if_error_seconds
    if until is not None:
        revalidate, if_error = min(revalidate, until - fresh), min(if_error, until - fresh)
    return f"public, max-age={fresh}, stale-while-revalidate={revalidate}, stale-if-error={if_error}"


IMMUTABLE = "public, max-age=604800, immutable"
"""Cache-Control of a response whose URL pins the day and the version of the dataset (RFC 8246): a week, as another
release of this software may correct how it is made."""
