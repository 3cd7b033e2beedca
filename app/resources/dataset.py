"""The dataset: which version answers, until when it was checked, how much it holds, and what it leaves out."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from fastapi import Query, Request, Response
from pydantic import Field

from app.api.citations import NAME, Work
from app.api.detail import send_record
from app.api.envelope import Envelope, envelope_of
from app.api.formats import CITATIONS, DATA, choose_format
from app.api.openapi_responses import DATASET_ANSWERS, answer_of
from app.api.query_models import RecordQuery
from app.api.resource import csv_columns
from app.api.routing import strict_router
from app.publishing.batch_reader import BatchReader
from app.publishing.rendering import BASE, Part, url
from app.publishing.rules import Support
from app.tables import Coverage

router = strict_router("dataset")
ABOUT = "Which version answers, how far it goes, what it leaves out."
"""Description of the tag in OpenAPI."""
HOME = ("/dataset", "The dataset: version, coverage, licence")
"""Link on the home page: path and title."""

LICENCE = (
    "The facts are free to use, for any purpose and without asking; please name the source that a record cites. "
    "The code is under the MIT licence."
)


class CoveragePart(Part):
    """How much of one kind of record the dataset holds."""

    kind: str = Field(description="The kind of record.")
    official_count: int | None = Field(description="How many there officially are; null where nobody says.")
    held: int = Field(description="How many this dataset holds: of the list's kinds, how many that are on it.")
    covers_until: date = Field(description="Last day until which they were checked.")
    source: str = Field(description="URL of the newest source they were checked against.")
    left_out: str | None = Field(description="What is not covered.")


class EvidencePart(Part):
    """How well the values of the record are supported."""

    values: int = Field(description="How many values there are that need a source.")
    cited: int = Field(description="How many have at least one citation.")
    cited_share: float = Field(description="The same as a share of all, to four places.")
    twice_cited: int = Field(description="How many have citations of two independent origins.")
    twice_cited_share: float = Field(description="The same as a share of all, to four places.")


class CountPart(Part):
    """How many rows a table has."""

    table: str = Field(description="The table, named as its seed file.")
    rows: int = Field(description="How many rows it has.")


class DatasetRecord(Part):
    """What was published."""

    version: str = Field(description="Version of the dataset: the same content has the same version anywhere.")
    sha256: str = Field(
        description="SHA-256 of the content and of every record as it is answered; the version is its beginning."
    )
    covers_until: date = Field(description="Last day until which all of the record was checked.")
    counts: list[CountPart] = Field(description="Rows by table.")
    coverage: list[CoveragePart] = Field(description="What is covered and what is not, by kind of record.")
    evidence: EvidencePart = Field(description="How well the values are supported.")
    licence: str = Field(description="What may be done with it.")
    url: str = Field(description="Absolute URL of this record.")


def render(
    rows: BatchReader,
    held: Mapping[str, tuple[Any, ...]],
    sha256: str,
    version: str,
    covers_until: date,
    counts: Mapping[str, int],
    support: Support,
) -> str:
    """Render the record of the dataset, which /dataset answers with.

    Args:
        rows: the tables.
        held: the rows that the dataset has of each kind of record: a table, and conditions on it.
        sha256: of the content and of every record, in hexadecimal.
        version: the beginning of that.
        covers_until: last day until which all of the record was checked.
        counts: number of rows by table.
        support: how many values there are, and how many have one source, and two independent ones.
    """
    return DatasetRecord(
        version=version,
        sha256=sha256,
        covers_until=covers_until,
        counts=[CountPart(table=table, rows=count) for table, count in counts.items()],
        coverage=[_coverage_part(rows, held, coverage) for coverage in rows.all(Coverage)],
        evidence=EvidencePart(
            **vars(support),
            cited_share=round(support.cited / max(support.values, 1), 4),
            twice_cited_share=round(support.twice_cited / max(support.values, 1), 4),
        ),
        licence=LICENCE,
        url=f"{BASE}/dataset",
    ).model_dump_json()


def _coverage_part(rows: BatchReader, held: Mapping[str, tuple[Any, ...]], coverage: Coverage) -> CoveragePart:
    table, *conditions = held[coverage.resource]
    return CoveragePart(
        **coverage.model_dump(exclude={"resource", "source"}),
        held=rows.count(table, *conditions),
        source=url("sources", coverage.source),
    )


def dataset_work(version: str, published_on: str, covers_until: str) -> Work:
    """Return the whole dataset, in one version, as something to be cited.

    Args:
        version: the version.
        published_on: ISO day on which it was first published here.
        covers_until: ISO day until which all of the record was checked.
    """
    return Work(
        id=f"unlisted-{version}",
        kind="dataset",
        title=NAME,
        container=None,
        publisher="unlisted",
        issued=published_on,
        url=f"{BASE}/dataset?dataset={version}",
        version=version,
        note=f"Checked until {covers_until}.",
    )


def _cite(record: Mapping[str, Any], envelope: Envelope) -> Work:
    return dataset_work(record["version"], envelope.dataset.published_on.isoformat(), record["covers_until"])


@router.get(
    "/dataset",
    summary="What was published, and what it covers",
    response_model=answer_of(DatasetRecord),
    responses=DATASET_ANSWERS,
)
async def read_dataset(request: Request, query: Annotated[RecordQuery, Query()]) -> Response:
    """Which version of the record answers, until when it was checked, how much it holds and what it leaves out."""
    form = choose_format(request, query.format, DATA + CITATIONS)
    envelope = envelope_of(request, query, "/dataset")
    record = envelope.dataset.record.encode()
    return send_record(envelope, record, form, list(csv_columns(DatasetRecord)), _cite)
