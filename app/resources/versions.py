"""Versions of the dataset: what this record knew when, and what changed in it from one publication to the next."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import Annotated, Any

from fastapi import Path, Query, Request, Response
from pydantic import Field
from sqlalchemy import inspect
from sqlmodel import col, select

from app.api.citations import Work
from app.api.collection import read_page
from app.api.detail import read_record
from app.api.envelope import Envelope
from app.api.items import ItemForm
from app.api.openapi_responses import PAGE_ANSWERS, RECORD_ANSWERS, answer_of
from app.api.query_models import PageQuery, RecordQuery
from app.api.query_types import Sort
from app.api.resource import NUMBERS, Resource, SortKey
from app.api.routing import strict_router
from app.database import OpenDataset
from app.publishing.batch_reader import BatchReader
from app.publishing.rendering import BASE, Part, Record, RenderedRecord, constant, url
from app.resources.dataset import CountPart, dataset_work
from app.tables import Rendering, Version

router = strict_router("dataset")
HOME = ("/dataset/versions", "Its versions: what this record knew when")
"""Link on the home page: path and title."""

PATH = "dataset/versions"


class AlteredPart(Part):
    """A record that reads otherwise than in the version before."""

    id: str = Field(description="Its id.")
    fields: list[str] = Field(description="Its members that differ, on whatever day.")


class RevisionPart(Part):
    """What changed in one kind of record from the version before."""

    resource: str = Field(description="Path of the resource.")
    added: list[str] = Field(description="Ids of records that the version before had not.")
    removed: list[str] = Field(description="Ids of records that only the version before had.")
    altered: list[AlteredPart] = Field(description="Records that both have and that read otherwise.")


class VersionRecord(Record):
    """A version of the dataset that is kept."""

    published_on: date = Field(description="Day (UTC) on which it was first published here.")
    covers_until: date = Field(description="Last day until which all of the record was checked.")
    sha256: str = Field(description="SHA-256 of its content and of every record as it is answered.")
    counts: list[CountPart] = Field(description="Rows by table.")
    previous: str | None = Field(description="The version published before it; null for the first that is known.")
    revisions: list[RevisionPart] | None = Field(
        description="What changed in the data since then, by resource; empty where nothing did, null where not known."
    )
    dataset_url: str = Field(description="Absolute URL of /dataset as this version answers it.")


class VersionQuery(PageQuery):
    """Query parameters of the versions."""

    sort: Annotated[str | None, Sort("published_on")] = Field(
        default="-published_on",
        description="Order: -published_on (the default, the newest first) or published_on (the oldest first).",
        examples=["published_on"],
    )


@dataclass(frozen=True)
class KeptVersion:
    """A version as its own file and those after it keep it."""

    version: str
    ordinal: int
    published_on: date
    record: str


def kept_versions(dataset: OpenDataset) -> list[KeptVersion]:
    """Return the versions that a dataset knows of, itself among them, the oldest first."""
    rows = dataset.query(select(*inspect(Version).columns).order_by(col(Version.ordinal)))
    return [KeptVersion(row.version, row.ordinal, row.published_on, row.record) for row in rows]


def render(rows: BatchReader) -> Iterator[RenderedRecord]:
    """Yield every version as it was described when it was published."""
    for version in rows.all(Version):
        yield constant(version.version, version.record)


def describe(
    version: str,
    sha256: str,
    published_on: date,
    covers_until: date,
    counts: Mapping[str, int],
    previous: str | None,
    revisions: list[RevisionPart] | None,
) -> str:
    """Render the record of a version.

    Args:
        version: the version.
        sha256: the digest that the version is the beginning of.
        published_on: day (UTC) on which it was first published here.
        covers_until: last day until which all of the record was checked.
        counts: number of rows by table.
        previous: the version published before it.
        revisions: what changed since then; None where that is not known.
    """
    return VersionRecord(
        id=version,
        published_on=published_on,
        covers_until=covers_until,
        sha256=sha256,
        counts=[CountPart(table=table, rows=count) for table, count in counts.items()],
        previous=previous,
        revisions=revisions,
        dataset_url=f"{BASE}/dataset?dataset={version}",
        url=url(PATH, version),
    ).complete()


Reading = Sequence[tuple[date, date, str]]
"""A record as it reads over time: from a day, until another, and how."""

Readings = Iterable[tuple[tuple[str, str], Reading]]
"""Records as they read over time, in the order of their resources and ids."""


def readings(rendered: Iterable[Any]) -> Readings:
    """Yield every record as it reads over time, from the rows of renderings in order; versions are left out."""
    for key, rows in groupby(rendered, key=lambda row: (row.resource, row.id)):
        if key[0] != PATH:
            yield key, [(row.from_on, row.until_on, row.record) for row in rows]


def readings_of(dataset: OpenDataset) -> Readings:
    """Yield every record of a dataset as it reads over time."""
    mapper = inspect(Rendering)
    return readings(dataset.stream(select(*mapper.columns).order_by(*mapper.primary_key)))


def revisions(before: Readings, after: Readings) -> list[RevisionPart]:
    """Compare the records of two versions, by resource."""
    parts: dict[str, RevisionPart] = {}
    for (resource, id), old, new in _side_by_side(before, after):
        if old == new:
            continue
        part = parts.setdefault(resource, RevisionPart(resource=resource, added=[], removed=[], altered=[]))
        if old is None:
            part.added.append(id)
        elif new is None:
            part.removed.append(id)
        else:
            part.altered.append(AlteredPart(id=id, fields=_altered_fields(old, new)))
    return list(parts.values())


def _side_by_side(
    before: Readings, after: Readings
) -> Iterator[tuple[tuple[str, str], Reading | None, Reading | None]]:
    """Yield each record that one or both of two versions have, as it reads in each; None where there is none."""
    both = merge(
        ((key, "old", reading) for key, reading in before),
        ((key, "new", reading) for key, reading in after),
        key=itemgetter(0),
    )
    for key, sides in groupby(both, key=itemgetter(0)):
        found = {side: reading for _, side, reading in sides}
        yield key, found.get("old"), found.get("new")


def _altered_fields(old: Reading, new: Reading) -> list[str]:
    was, now = _by_field(old), _by_field(new)
    return [name for name in dict.fromkeys([*was, *now]) if was.get(name) != now.get(name)]


def _by_field(reading: Reading) -> dict[str, list[tuple[date, Any]]]:
    """Return, for each member of a record, the days on which its value changed, with the value."""
    fields: dict[str, list[tuple[date, Any]]] = defaultdict(list)
    for from_on, _, record in reading:
        for name, value in json.loads(record).items():
            if not fields[name] or fields[name][-1][1] != value:
                fields[name].append((from_on, value))
    return fields


def _cite(record: Mapping[str, Any], _: Envelope) -> Work:
    return dataset_work(record["id"], record["published_on"], record["covers_until"])


VERSIONS = Resource(
    path=PATH,
    name="version of the dataset",
    tables=Version,
    identity=Version.version,
    model=VersionRecord,
    query=VersionQuery,
    sorts={"published_on": SortKey(Version.ordinal, NUMBERS)},
    render=render,
    title=lambda record: record["id"],
    canonical=str.lower,
    citation=_cite,
    reproducible=False,
    form=ItemForm(
        ("id", "published_on", "covers_until", "sha256", "previous", "dataset_url"),
        groups={
            "citations": ("citations",),
        },
    ),
)


@router.get(
    "/dataset/versions",
    summary="Versions of the dataset that are kept",
    response_model=VERSIONS.page_model(),
    responses=PAGE_ANSWERS,
)
async def read_versions(request: Request, query: Annotated[VersionQuery, Query()]) -> Response:
    """What this record knew when: the last few published versions, each with what changed in it from the one before.

    `as_of` asks what the UN's list said on a day; `dataset`, on any URL, asks what this record knew of it in one
    version. An answer from a version that is kept is byte for byte what it was; from one that is not, a 410.
    """
    return await read_page(request, VERSIONS, query)


@router.get(
    "/dataset/versions/{version}",
    summary="One version of the dataset",
    response_model=answer_of(VersionRecord),
    responses=RECORD_ANSWERS,
)
async def read_version(
    request: Request,
    version: Annotated[
        str, Path(description="The version: sixteen hexadecimal digits.", examples=["0123456789abcdef"])
    ],
    query: Annotated[RecordQuery, Query()],
) -> Response:
    """One version: when it was published, how much it held, and what changed in it from the one before."""
    return read_record(request, VERSIONS, version, query)
