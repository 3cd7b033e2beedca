"""One answer in several formats: what is offered, what was asked for, and for how long it may be kept."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

import xxhash
from fastapi import Request, Response
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from app.problems import NotAcceptable, ParameterError
from app.settings import Settings


class Format(StrEnum):
    """A representation of an answer."""

    JSON = "json"
    CSV = "csv"
    ATOM = "atom"
    JSON_FEED = "jsonfeed"
    CSL = "csl"
    BIBTEX = "bibtex"


MEDIA_TYPES: dict[Format, str] = {
    Format.JSON: "application/json",
    Format.CSV: "text/csv",
    Format.ATOM: "application/atom+xml",
    Format.JSON_FEED: "application/feed+json",
    Format.CSL: "application/vnd.citationstyles.csl+json",
    Format.BIBTEX: "application/x-bibtex",
}
"""The media type of each: as registered, or as DOIs are asked for citations where there is no registration."""

DATA = (Format.JSON, Format.CSV)
"""What every collection and record is offered in."""
FEEDS = (Format.ATOM, Format.JSON_FEED)
"""What changes are offered in besides."""
CITATIONS = (Format.CSL, Format.BIBTEX)
"""What a record is offered in besides, to be cited."""


def choose_format(request: Request, wanted: str | None, offered: Sequence[Format]) -> Format:
    """Return the format of an answer: the parameter ``format``, else what Accept prefers (RFC 9110, section 12.5.1).

    Args:
        request: the request, for its Accept header.
        wanted: what the parameter ``format`` says; None where it is not given.
        offered: the formats that the path has.

    Raises:
        NotAcceptable: neither names a format that is offered.
    """
    choices = ", ".join(f"{name} ({MEDIA_TYPES[name]})" for name in offered)
    if wanted is not None:
        if wanted not in offered:
            message = f"{wanted!r} is not offered; offered is {choices}"
            raise NotAcceptable(message, [ParameterError(parameter="format", location="query", message=message)])
        return Format(wanted)
    accept = _header(request, "accept")
    if not accept:
        return offered[0]
    by_media_type = {MEDIA_TYPES[name]: name for name in offered}
    # Parameters of a media type, such as its charset, do not make another format here.
    ranges = [(one.partition(";")[0].strip(), quality) for one, quality in parse_accept_header(accept, MIMEAccept)]
    best = MIMEAccept(ranges).best_match(by_media_type)
    if best is None:
        message = f"no format that {accept!r} accepts is offered; offered is {choices}"
        raise NotAcceptable(message, [ParameterError(parameter="Accept", location="header", message=message)])
    return by_media_type[best]


def csv_cells(record: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Return a record as the cells of one CSV row, by column.

    A nested object becomes columns with a dot in their name (``flag.code``), a list becomes JSON, null an empty cell.
    """
    cells: dict[str, str] = {}
    for name, value in record.items():
        if isinstance(value, dict):
            cells |= csv_cells(value, f"{prefix}{name}.")
        elif value is None:
            cells[prefix + name] = ""
        elif isinstance(value, str):
            cells[prefix + name] = value
        else:
            cells[prefix + name] = json.dumps(value, ensure_ascii=False)
    return cells


def csv_body(columns: Sequence[str], records: Iterable[bytes]) -> bytes:
    """Return rendered records as CSV (RFC 4180), with a header line.

    Args:
        columns: the columns that ``csv_cells`` can give for the resource, so that every page has the same header.
        records: the records, rendered as JSON.
    """
    return b"".join(csv_lines(columns, records))


def csv_lines(columns: Sequence[str], records: Iterable[bytes]) -> Iterator[bytes]:
    """Yield rendered records as CSV line by line, the header first; the arguments are those of ``csv_body``."""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="", extrasaction="ignore")
    writer.writeheader()
    for record in records:
        yield _taken(out)
        writer.writerow(csv_cells(json.loads(record)))
    yield _taken(out)


def _taken(out: io.StringIO) -> bytes:
    """Return what was written, and begin anew."""
    text = out.getvalue()
    out.seek(0)
    out.truncate()
    return text.encode()


def _header(request: Request, name: str) -> str:
    """Return a header whose lines, where it has several, are one list (RFC 9110, section 5.3)."""
    return ", ".join(request.headers.getlist(name))


def respond(body: bytes, media_type: str, headers: Mapping[str, str], directives: str) -> Response:
    """Return a successful answer, not compressed, with the tag that names it.

    Args:
        body: the answer.
        media_type: its media type.
        headers: further headers.
        directives: for how long it may be kept: the value of Cache-Control.
    """
    named = {
        "ETag": f'"{xxhash.xxh3_128_hexdigest(body)}"',
        "Cache-Control": directives,
        "Vary": "Accept, Accept-Encoding",
    }
    return Response(body, headers={**headers, **named}, media_type=media_type)


def cache_control(settings: Settings, seconds: int) -> str:
    """Return the Cache-Control of an answer that may be kept for some time, by anyone (RFC 9111, RFC 5861).

    Args:
        settings: for how long a shared cache may give it after that.
        seconds: for how long it is fresh.
    """
    return (
        f"public, max-age={seconds}, stale-while-revalidate={settings.revalidate_seconds}, "
        f"stale-if-error={settings.stale_if_error_seconds}"
    )


IMMUTABLE = "public, max-age=604800, immutable"
"""Cache-Control of an answer that its URL pins to a day and a version of the dataset (RFC 8246): for a week, as another
release of this software may put right how it is made."""
