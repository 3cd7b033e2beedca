"""Downloads: the whole record in one file, in the formats that other programs read, whole or by ranges of bytes."""

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated

from fastapi import Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from app.api.envelope import Answer, base_url, envelope_of
from app.api.flat import columns_of
from app.api.formats import DATA, IMMUTABLE, Content, choose_format, format_field, is_named
from app.api.openapi_responses import TABLE_ANSWERS
from app.api.query_models import VersionQuery, byte_order_mark
from app.api.query_types import StrictBool
from app.api.routing import strict_router
from app.api.table import send_table
from app.database import Datasets, DatasetSource, OpenDataset
from app.downloads.files import Download, downloads_folder
from app.downloads.follow_the_money import SUFFIX, manifest
from app.downloads.stores import DatabaseStore, FolderStore, Store
from app.fields.text import dump_json
from app.problems import NotFound, UnsatisfiableRange, VersionGone
from app.publishing.rendering import BASE, Part

router = strict_router("downloads")
ABOUT = "The whole record in one file."
"""Description of the tag in OpenAPI."""
HOME = ("/downloads", "Downloads: the whole record in one file")
"""Link on the home page: path and title."""

YENTE = "yente.json"
"""The manifest of the current version for yente; behind a version, that of the version."""

_NAME = re.compile(r"unlisted-([0-9a-f]{16})-[a-z.]+")


class DownloadPart(Part):
    """A file."""

    name: str = Field(description="Its name, which contains the version of the dataset.")
    title: str = Field(description="What it is.")
    description: str = Field(description="What is in it and what reads it.")
    media_type: str = Field(description="Its media type.")
    bytes: int = Field(description="Its size.")
    sha256: str = Field(description="SHA-256 of its bytes, in hexadecimal digits.")
    url: str = Field(description="Absolute URL of the file.")


class Downloads(Answer):
    """The files of one version of the dataset."""

    total: int = Field(description="How many there are; none where the dataset was published without them.")
    items: list[DownloadPart] = Field(description="The files.")
    next: None = Field(description="Null: all of them are here.")


class DownloadsQuery(VersionQuery):
    """Query parameters of the downloads."""

    format: str | None = format_field(DATA)
    bom: StrictBool | None = byte_order_mark()


@router.get("/downloads", summary="The whole record in one file", response_model=Downloads, responses=TABLE_ANSWERS)
async def read_downloads(request: Request, query: Annotated[DownloadsQuery, Query()]) -> Response:
    """The whole record in files that other programs read, each with its size and SHA-256.

    A data package of CSV tables, a SQLite database, a flat list of names and identifiers (CSV, Parquet), every record
    as NDJSON, all sources as BibTeX and CSL-JSON, entities of FollowTheMoney. A file never changes: its name has the
    version of the dataset. Ranges of bytes are answered (RFC 9110); `Repr-Digest` (RFC 9530) is the digest of the
    whole file.
    """
    form = choose_format(request, query.format, DATA)
    envelope = envelope_of(request, query, "/downloads")
    records = [
        dump_json(asdict(one) | {"url": f"{BASE}/downloads/{one.name}"})
        for one in listed(request, envelope.dataset.version).values()
    ]
    content = Content(
        document=lambda: (
            b'{"total":%d,"items":[%b],"next":null,' % (len(records), b",".join(records))
            + dump_json(envelope.members())[1:]
        ),
        columns=columns_of(DownloadPart),
        records=records,
    )
    return send_table(envelope, content, form, "downloads", query.bom)


def listed(request: Request, version: str) -> Mapping[str, Download]:
    """Return the files of a version by name; none where it was published without them, or is not kept."""
    try:
        return _store(request, version).index()
    except VersionGone:
        return {}


def _store(request: Request, version: str) -> Store:
    """Find the files of a version.

    Raises:
        VersionGone: the database has no such version.
    """
    datasets: DatasetSource = request.app.state.datasets
    if isinstance(datasets, Datasets):
        return FolderStore(downloads_folder(datasets.path.resolve(), version))
    return DatabaseStore(datasets.version(version))


async def read_download(request: Request, name: str) -> Response:
    """One file, or a range of its bytes."""
    datasets: DatasetSource = request.app.state.datasets
    if name == YENTE:
        # The one name without a version: yente reads it again and again, and loads what is newer.
        return _manifest(request, datasets.current(), "no-cache")
    found = _NAME.fullmatch(name)
    version = found[1] if found else ""
    files = listed(request, version) if version else {}
    if files and name == f"unlisted-{version}-{YENTE}":
        return _manifest(request, datasets.version(version), IMMUTABLE)
    if name not in files:
        raise NotFound(f"There is no file {name[:120]!r}; /downloads lists those of this version of the dataset.")
    return _send(request, files[name], _store(request, version))


def _manifest(request: Request, dataset: OpenDataset, cache_control: str) -> Response:
    """Answer with the manifest of a version for yente.

    Raises:
        NotFound: the version was published without files.
    """
    name = f"unlisted-{dataset.version}-{SUFFIX}"
    if name not in listed(request, dataset.version):
        raise NotFound(f"Version {dataset.version} of the dataset was published without files to download.")
    body = manifest(dataset, f"{base_url(request.scope)}/downloads/{name}")
    return Response(body, media_type="application/json", headers={"Cache-Control": cache_control})


# Not in the description, which has no way to say that the media type depends on the name. Past the response cache,
# which answers HEAD itself: so HEAD is a method of this route.
router.add_api_route("/downloads/{name}", read_download, methods=["GET", "HEAD"], include_in_schema=False)


def _send(request: Request, file: Download, store: Store) -> Response:
    etag = f'"{file.sha256[:32]}"'
    headers = {
        "ETag": etag,
        "Cache-Control": IMMUTABLE,
        "Accept-Ranges": "bytes",
        "Repr-Digest": f"sha-256=:{b64encode(bytes.fromhex(file.sha256)).decode()}:",
        "Content-Disposition": f'attachment; filename="{file.name}"',
    }
    condition = ", ".join(request.headers.getlist("if-none-match"))
    if is_named(etag, condition):
        return Response(status_code=304, headers=headers)
    wanted = _range(request.headers, etag, file.bytes) if request.method == "GET" else None
    first, end = wanted or (0, file.bytes)
    headers["Content-Length"] = str(end - first)
    if wanted:
        headers["Content-Range"] = f"bytes {first}-{end - 1}/{file.bytes}"
    status = 206 if wanted else 200
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type=file.media_type)
    return StreamingResponse(store.open(file.name, first, end), status, headers, media_type=file.media_type)


_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII | re.IGNORECASE)


def _range(headers: Mapping[str, str], etag: str, size: int) -> tuple[int, int] | None:
    """Parse the header Range into a half-open range of bytes; None where the whole file is to be sent.

    As RFC 9110 allows (section 14.2), what cannot be read and several ranges at once are answered with the whole file;
    so is a range under an If-Range that names another file.

    Raises:
        UnsatisfiableRange: it begins behind the end of the file, or is empty.
    """
    given = _RANGE.fullmatch(headers.get("range", "").replace(" ", ""))
    if given is None or given.groups() == ("", "") or headers.get("if-range", etag) != etag:
        return None
    if not given[1]:
        first, end = max(size - int(given[2]), 0), size
    else:
        first, end = int(given[1]), min(int(given[2]) + 1, size) if given[2] else size
        if given[2] and int(given[2]) < first:
            return None
    if first >= end:
        raise UnsatisfiableRange(f"The file has {size} bytes.", headers={"Content-Range": f"bytes */{size}"})
    return first, end
