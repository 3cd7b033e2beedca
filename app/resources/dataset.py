"""The dataset: which version answers, until when it was checked, how much it holds, and what it leaves out."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from fastapi import Query, Request, Response
from pydantic import Field
from sqlalchemy import not_
from sqlmodel import col, func, select

from app.api.citations import LICENCE, NAME, Work
from app.api.detail import send_record
from app.api.envelope import Envelope, envelope_of
from app.api.flat import columns_of
from app.api.formats import CITATIONS, DATA, LINKED, choose_format, format_field
from app.api.openapi_responses import DATASET_ANSWERS, answer_of
from app.api.query_models import RecordQuery
from app.api.routing import strict_router
from app.publishing.batch_reader import BatchReader
from app.publishing.rendering import BASE, Part, url
from app.publishing.rules import VALUE_COLUMNS, Support
from app.publishing.seed import SEED_TABLES
from app.publishing.subjects import on_list
from app.resources.discovery import SERVICE_LINKS
from app.resources.downloads import listed
from app.resources.linked_data import linked_data
from app.tables import Change, Coverage, ExternalIdentifier, Subject
from app.vocabularies import ExternalScheme, GivenBy, SubjectKind

router = strict_router("dataset")
ABOUT = "Which version answers, how far it goes, what it leaves out."
"""Description of the tag in OpenAPI."""
HOME = ("/dataset", "The dataset: version, coverage, licence")
"""Link on the home page: path and title."""


class CoveragePart(Part):
    """How much of one kind of record the dataset holds."""

    kind: str = Field(description="The kind of record.")
    official_count: int | None = Field(description="How many there officially are; null where nobody says.")
    held: int = Field(description="How many this dataset holds: of the list's kinds, how many are on it.")
    covers_until: date = Field(description="Last day until which they were checked.")
    source: str = Field(description="URL of the newest source they were checked against.")
    left_out: str | None = Field(description="What is not covered.")
    values_known_every_day: int | None = Field(
        description=(
            "How many values of fields of the UN's list are known for every day: on which day they came, and on which "
            "they went. Null for kinds that are not on that list."
        )
    )
    values_known_between_lists: int | None = Field(
        description="How many came or went between two lists, on a day that no source says. Null likewise."
    )


class IdentifierCoveragePart(Part):
    """How many subjects of a kind have an identifier in a list of others."""

    scheme: ExternalScheme = Field(description="The list.")
    kind: SubjectKind = Field(description="individual, entity or vessel.")
    subjects: int = Field(description="How many subjects of the kind the dataset has, on the UN's list or off it.")
    found: int = Field(description="How many of them have an identifier of that list.")
    absent: int = Field(description="How many that list does not have, as a source shows that has all of it.")
    not_known: int = Field(description="The others: no source was seen that says.")
    found_url: str = Field(description="Absolute URL of the identifiers.")
    absent_url: str = Field(description="Absolute URL of the rows that say that the list lacks a subject.")
    without_url: str = Field(description="Absolute URL of the subjects without an identifier: absent and not known.")


class KindEvidencePart(Part):
    """How well the values of one kind are supported."""

    kind: str = Field(description="The kind, named as its seed file.")
    values: int = Field(description="How many values of it need a source.")
    one_origin: int = Field(description="How many have citations of one origin.")
    two_origins: int = Field(description="How many have citations of two independent origins.")
    more_origins: int = Field(description="How many have citations of three independent origins or more.")
    twice_cited_share: float = Field(description="Share of those with two or more, to four places.")


class EvidencePart(Part):
    """How well the values of the record are supported.

    Origins are independent where different bodies speak: a reprint of the UN's list is no second origin, nor is a
    quotation of a resolution.
    """

    values: int = Field(description="How many values there are that need a source.")
    cited: int = Field(description="How many have at least one citation.")
    cited_share: float = Field(description="The same as a share of all, to four places.")
    twice_cited: int = Field(description="How many have citations of two independent origins or more.")
    twice_cited_share: float = Field(description="The same as a share of all, to four places.")
    core_values: int = Field(
        description=(
            "How many values the core of the record has: names, birth dates, documents and nationalities of parties, "
            "names and IMO numbers of ships, days and measures of listings, votes, and the content of measures."
        )
    )
    core_twice_cited: int = Field(description="How many of those have citations of two independent origins or more.")
    core_twice_cited_share: float = Field(description="The same as a share of the core, to four places.")
    kinds: list[KindEvidencePart] = Field(description="The same by kind.")


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
    identifiers: list[IdentifierCoveragePart] = Field(
        description="How many subjects have identifiers in lists of others, by list and kind."
    )
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
        support: how many values there are, by kind and by the number of origins that support them.
    """
    return DatasetRecord(
        version=version,
        sha256=sha256,
        covers_until=covers_until,
        counts=[CountPart(table=table, rows=count) for table, count in counts.items()],
        coverage=[_coverage_part(rows, held, coverage) for coverage in rows.all(Coverage)],
        identifiers=[_identifier_coverage(rows, scheme, kind) for scheme in ExternalScheme for kind in SubjectKind],
        evidence=_evidence_part(support),
        licence=LICENCE,
        url=f"{BASE}/dataset",
    ).model_dump_json()


def _identifier_coverage(rows: BatchReader, scheme: ExternalScheme, kind: SubjectKind) -> IdentifierCoveragePart:
    of_kind = col(Subject.kind) == kind
    given = select(col(ExternalIdentifier.subject_id)).where(col(ExternalIdentifier.scheme) == scheme)
    has_value = col(ExternalIdentifier.value).is_not(None)
    subjects = rows.count(Subject, of_kind)
    found = rows.count(Subject, of_kind, col(Subject.id).in_(given.where(has_value)))
    absent = rows.count(Subject, of_kind, col(Subject.id).in_(given.where(not_(has_value))))
    collection = "vessels" if kind == SubjectKind.VESSEL else f"designated-parties?kind={kind}"
    glue = "&" if "?" in collection else "?"
    identifiers = f"{BASE}/identifiers?scheme={scheme}&subject_kind={kind}&has_value="
    return IdentifierCoveragePart(
        scheme=scheme,
        kind=kind,
        subjects=subjects,
        found=found,
        absent=absent,
        not_known=subjects - found - absent,
        found_url=f"{identifiers}true",
        absent_url=f"{identifiers}false",
        without_url=f"{BASE}/{collection}{glue}without_identifier={scheme}",
    )


def _evidence_part(support: Support) -> EvidencePart:
    total, core = support.total, support.core
    return EvidencePart(
        values=total.values,
        cited=total.cited,
        cited_share=_share(total.cited, total.values),
        twice_cited=total.twice_cited,
        twice_cited_share=_share(total.twice_cited, total.values),
        core_values=core.values,
        core_twice_cited=core.twice_cited,
        core_twice_cited_share=_share(core.twice_cited, core.values),
        kinds=[
            KindEvidencePart(kind=kind, **vars(count), twice_cited_share=_share(count.twice_cited, count.values))
            for kind, count in support.kinds.items()
        ],
    )


def _share(part: int, whole: int) -> float:
    return round(part / max(whole, 1), 4)


def _coverage_part(rows: BatchReader, held: Mapping[str, tuple[Any, ...]], coverage: Coverage) -> CoveragePart:
    table, *conditions = held[coverage.resource]
    kind = _ON_UN_LIST.get(coverage.resource)
    every_day, between = _values_known(rows, kind) if kind else (None, None)
    return CoveragePart(
        **coverage.model_dump(exclude={"resource", "source"}),
        held=rows.count(table, *conditions),
        source=url("sources", coverage.source),
        values_known_every_day=every_day,
        values_known_between_lists=between,
    )


_ON_UN_LIST = {"individuals": SubjectKind.INDIVIDUAL, "entities": SubjectKind.ENTITY}
"""The kinds of which the UN's consolidated list prints entries; ships are not in it."""


def _values_known(rows: BatchReader, kind: SubjectKind) -> tuple[int, int]:
    """Count the values that the UN's list gives parties of a kind: those with known days, and the others."""
    of_kind = select(col(Subject.id)).where(col(Subject.kind) == kind)
    every_day = between = 0
    for stem in VALUE_COLUMNS:
        table: Any = SEED_TABLES[stem]
        for row in rows.where(table, col(table.given_by) == GivenBy.UN_LIST, col(table.subject_id).in_(of_kind)):
            period = on_list(row)
            is_exact = period.possible_from == period.certain_from and period.certain_until == period.possible_until
            every_day, between = every_day + is_exact, between + (not is_exact)
    return every_day, between


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


def _linked(record: Mapping[str, Any], envelope: Envelope) -> Mapping[str, Any]:
    first = envelope.dataset.scalar(select(func.min(col(Change.changed_on))))
    files = listed(envelope.request, record["version"]).values()
    return linked_data(record, envelope.dataset.published_on, first, files)


class DatasetQuery(RecordQuery):
    """Query parameters of the dataset."""

    format: str | None = format_field(DATA + CITATIONS + LINKED)


@router.get(
    "/dataset",
    summary="What was published, and what it covers",
    response_model=answer_of(DatasetRecord),
    responses=DATASET_ANSWERS,
)
async def read_dataset(request: Request, query: Annotated[DatasetQuery, Query()]) -> Response:
    """Which version of the record answers, until when it was checked, how much it holds and what it leaves out.

    With `format=jsonld` as catalogues of data read it: DCAT 3 and schema.org.
    """
    form = choose_format(request, query.format, DATA + CITATIONS + LINKED)
    envelope = envelope_of(request, query, "/dataset")
    record = envelope.dataset.record.encode()
    columns = columns_of(DatasetRecord)
    return send_record(envelope, record, form, columns, _cite, query, "dataset", _linked, SERVICE_LINKS)
