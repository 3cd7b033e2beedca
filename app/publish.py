"""seed/ → a new, checked database, swapped in whole.

Every row is validated, every reference followed, every fact held against its citations; each record is rendered; the
result is stamped with the SHA-256 of its content and takes the place of the old one by an atomic rename. Where anything
is wrong, every fault is named by file, line and column, and nothing is published.
"""

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path

from filelock import FileLock
from sqlalchemy import Engine, insert, select
from sqlmodel import Session, SQLModel
from tqdm import tqdm

from app.database import SEEN_AFTER, OpenDataset, newest_dataset, sync, version_file, writing_engine
from app.dates import parse_edtf, today
from app.fingerprint import fingerprint
from app.names import fold
from app.pages import Resource
from app.rendering import Rendered, Rows
from app.resources import dataset as dataset_resource
from app.resources import timeline
from app.resources.changes import CHANGES, change_rows
from app.resources.committee_decisions import COMMITTEE_DECISIONS
from app.resources.delisting_requests import DELISTING_REQUESTS
from app.resources.designated_parties import DESIGNATED_PARTIES
from app.resources.listings import LISTINGS
from app.resources.measures import MEASURES
from app.resources.resolutions import RESOLUTIONS
from app.resources.sources import SOURCES
from app.resources.statements import STATEMENTS
from app.resources.subjects import primary_name
from app.resources.versions import VERSIONS, Kept, describe, kept_versions, readings, readings_of, revisions
from app.resources.vessels import VESSELS
from app.schema import migrate
from app.seed import SEED_TABLES, Seed, SeedError, key_of, read_seed
from app.seed_rules import Support, check_seed, support
from app.settings import get_settings
from app.tables import (
    Act,
    Citation,
    CommitteeDecision,
    Coverage,
    Dataset,
    DelistingRequest,
    DesignatedParty,
    Listing,
    Measure,
    Name,
    Outcome,
    Position,
    Rendering,
    Resolution,
    Source,
    Statement,
    StatementRecord,
    Subject,
    SubjectKind,
    Version,
    Vessel,
)

RESOURCES: tuple[Resource, ...] = (
    RESOLUTIONS,
    COMMITTEE_DECISIONS,
    MEASURES,
    DESIGNATED_PARTIES,
    VESSELS,
    LISTINGS,
    DELISTING_REQUESTS,
    SOURCES,
    STATEMENTS,
    CHANGES,
)
"""Every kind of record that is rendered, and that the dataset's version depends on."""

VERSION_DIGITS = 16
"""Hexadecimal digits of a dataset's version, the beginning of its SHA-256."""


@dataclass(frozen=True)
class Published:
    """What was published.

    Attributes:
        version: the dataset's version.
        rows: how many rows the seed had.
        records: how many records were rendered.
        kept: the versions that can be asked for, this one last.
    """

    version: str
    rows: int
    records: int
    kept: tuple[str, ...]


def publish(folder: Path, database: Path) -> Published:
    """Publish a seed: write a new database and put it in the place of the one that is there.

    The last few versions stay in files of their own, to be asked for; `Settings.keep_versions` says how many.

    Args:
        folder: where the seed files are.
        database: the file to publish to; its folder is made where it is missing.

    Raises:
        SeedError: the seed is at fault; nothing was published, and what was published stays.
    """
    seed = checked_seed(folder)
    database.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(database.with_name(f".{database.name}.lock"))
    with lock, tempfile.TemporaryDirectory(prefix=".publishing-", dir=database.parent) as workshop:
        draft = Path(workshop) / "draft.db"
        engine, before = writing_engine(draft), newest_dataset(database)
        try:
            migrate(engine)
            published = _write(engine, seed, fingerprint(folder), before)
        finally:
            engine.dispose()
            if before:
                before.close()
        sync(draft)
        _keep(draft, version_file(database, published.version))
        draft.replace(database)
        # Whoever is told that it is published is answered from it.
        time.sleep(2 * SEEN_AFTER)
        # Only now: until here what was published lists the versions that it keeps.
        _drop_all_but({version_file(database, version) for version in published.kept})
    return published


def _keep(draft: Path, file: Path) -> None:
    """Keep a draft in the file of its version, too."""
    file.parent.mkdir(exist_ok=True)
    copy = draft.with_name("copy.db")
    try:
        copy.hardlink_to(draft)
    except OSError:  # a file system without hard links
        shutil.copyfile(draft, copy)
    copy.replace(file)


def _drop_all_but(files: set[Path]) -> None:
    for other in {path for file in files for path in file.parent.glob("*.db")} - files:
        other.unlink()


def checked_seed(folder: Path) -> Seed:
    """Read a seed and hold it against every rule.

    Raises:
        SeedError: with every fault found.
    """
    seed = read_seed(folder)
    if not seed.faults:
        check_seed(seed)
    if seed.faults:
        raise SeedError(seed.faults)
    return seed


@dataclass(frozen=True)
class _Content:
    """What is remembered of a seed once its rows are written.

    Attributes:
        digest: SHA-256 of its rows, to go on with.
        counts: number of rows by table.
        covers_until: last day until which all of it was checked.
        support: how well its values are supported.
    """

    digest: "hashlib._Hash"
    counts: dict[str, int]
    covers_until: date
    support: Support


def _write(engine: Engine, seed: Seed, made_from: str, before: OpenDataset | None) -> Published:
    derive(seed)
    content = _content(seed)
    with Session(engine) as session:
        _insert(session, seed)
        seed.forget()
        rows = Rows(session)
        for changes in change_rows(rows):
            session.add_all(changes)
        session.flush()
        resources = tqdm(RESOURCES, desc="rendering", unit="resource", disable=None, leave=False)
        records = sum(_render(session, resource.path, resource.render(rows)) for resource in resources)
        _render(session, timeline.PATH, timeline.render(rows))
        sha256 = _digest(session, content, rows)
        versions = _versions(session, content, sha256, before)
        session.add(_dataset(content, rows, sha256, made_from, versions[-1].published_on))
        session.execute(insert(Version), [vars(version) for version in versions])
        _render(session, VERSIONS.path, VERSIONS.render(rows))
        session.commit()
        kept = tuple(version.version for version in versions)
    return Published(kept[-1], sum(content.counts.values()), records, kept)


def _content(seed: Seed) -> _Content:
    """Return what is remembered of a seed.

    The order of a seed file's lines counts only where the answers follow it, by a column ``ordinal``.
    """
    digest = hashlib.sha256()
    for stem in sorted(seed.tables):
        for row in sorted(seed.tables[stem], key=key_of):
            line = json.dumps([stem, row.model_dump(mode="json")], ensure_ascii=False, sort_keys=True)
            digest.update(line.encode() + b"\n")
    counts = {stem: len(table) for stem, table in seed.tables.items()}
    covers_until = min((coverage.covers_until for coverage in seed.all(Coverage)), default=date.min)
    return _Content(digest, counts, covers_until, support(seed))


def _insert(session: Session, seed: Seed) -> None:
    tables: dict[str, list[SQLModel]] = {
        str(SEED_TABLES[stem].__tablename__): rows for stem, rows in seed.tables.items()
    }
    tables |= {"act": list(acts(seed)), "subject": list(subjects(seed))}
    for table in SQLModel.metadata.sorted_tables:
        rows = iter(tables.get(table.name, []))
        while batch := [row.model_dump() for row in islice(rows, BATCH)]:
            session.execute(insert(table), batch)


def _render(session: Session, path: str, records: Iterable[Rendered]) -> int:
    """Write records, each as it reads over time, and return how many there are."""
    count, last = 0, None
    readings = iter(records)
    while batch := list(islice(readings, BATCH)):
        session.execute(insert(Rendering), [{"resource": path, **vars(rendered)} for rendered in batch])
        # The readings of a record follow one another.
        for rendered in batch:
            count, last = count + (rendered.id != last), rendered.id
    return count


BATCH = 1000
"""How many rows are written at once."""


def _digest(session: Session, content: _Content, rows: Rows) -> str:
    """Return the SHA-256 of what is published: the seed's content, however its cells are quoted, and every record."""
    digest = content.digest
    digest.update(_dataset_record(content, rows, "", "").encode() + b"\n")
    for rendering in session.execute(_RENDERINGS):
        digest.update(json.dumps([*map(str, rendering)], ensure_ascii=False).encode() + b"\n")
    return digest.hexdigest()


_RENDERINGS = select(*Rendering.__table__.columns).order_by(*Rendering.__table__.primary_key)  # type: ignore[attr-defined]  # set by SQLModel's metaclass


def _dataset(content: _Content, rows: Rows, sha256: str, made_from: str, published_on: date) -> Dataset:
    version = sha256[:VERSION_DIGITS]
    return Dataset(
        version=version,
        sha256=sha256,
        covers_until=content.covers_until,
        published_on=published_on,
        fingerprint=made_from,
        record=_dataset_record(content, rows, sha256, version),
    )


def _dataset_record(content: _Content, rows: Rows, sha256: str, version: str) -> str:
    return dataset_resource.render(rows, sha256, version, content.covers_until, content.counts, content.support)


def _versions(session: Session, content: _Content, sha256: str, before: OpenDataset | None) -> list[Kept]:
    """Return the versions to keep, this one last: a version that is published once more keeps its first day."""
    version = sha256[:VERSION_DIGITS]
    known = kept_versions(before) if before else []
    same = next((one for one in known if one.version == version), None)
    if known and same is known[-1]:
        return known
    published_on = same.published_on if same else _day_of_publication()
    record = describe(
        version=version,
        sha256=sha256,
        published_on=published_on,
        covers_until=content.covers_until,
        counts=content.counts,
        previous=known[-1].version if known else None,
        revisions=revisions(readings_of(before), readings(session.execute(_RENDERINGS))) if before else None,
    )
    ordinal = known[-1].ordinal + 1 if known else 1
    others = [one for one in known if one is not same]
    return [*others, Kept(version, ordinal, published_on, record)][-get_settings().keep_versions :]


def _day_of_publication() -> date:
    """Return today (UTC), or the day that SOURCE_DATE_EPOCH says, as reproducible builds ask."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    return datetime.fromtimestamp(int(epoch), UTC).date() if epoch else today()


def derive(seed: Seed) -> None:
    """Fill the columns that are worked out from the seed's own."""
    for source in seed.all(Source):
        bounds = parse_edtf(source.published_on) if source.published_on else None
        source.published_earliest_on = bounds.earliest if bounds else None
        source.published_latest_on = bounds.latest if bounds else None
        source.folded_publisher = fold(source.publisher)
        source.folded = _folded(source.title, source.publisher, source.held_by, source.note)
    for resolution in seed.all(Resolution):
        resolution.adopted_on = resolution.voted_on if resolution.outcome == Outcome.ADOPTED else None
        resolution.folded = _folded(resolution.symbol, resolution.responds_to, resolution.summary, resolution.note)
    for decision in seed.all(CommitteeDecision):
        decision.folded = _folded(decision.title, decision.symbol, decision.summary, decision.note)
    for ordinal, measure in enumerate(seed.all(Measure)):
        measure.ordinal = ordinal
        measure.folded = _folded(measure.title, measure.summary, measure.exceptions, measure.earlier, measure.limits)
    for request in seed.all(DelistingRequest):
        bounds = parse_edtf(request.requested_on) if request.requested_on else None
        request.requested_earliest_on = bounds.earliest if bounds else None
        request.requested_latest_on = bounds.latest if bounds else None
    for ordinal, statement in enumerate(seed.all(Statement)):
        statement.ordinal = ordinal
        statement.folded = _folded(statement.statement, statement.verdict_detail, statement.record_says)
        statement.folded_attributed_to = fold(statement.attributed_to)
    for ordinal, mention in enumerate(seed.all(StatementRecord)):
        mention.ordinal = ordinal
    for name in seed.all(Name):
        name.folded = fold(name.name)
    for position in seed.all(Position):
        position.folded = fold(position.position)
    for ordinal, citation in enumerate(seed.all(Citation)):
        citation.ordinal = ordinal
        place = (citation.table, citation.row, citation.source, citation.locator, citation.note)
        citation.id = hashlib.sha256(json.dumps(place).encode()).hexdigest()[:16]


def _folded(*texts: str | None) -> str:
    return fold(" ".join(text for text in texts if text))


def acts(seed: Seed) -> Iterator[Act]:
    """Yield resolutions and decisions of the Committee under one roof."""
    for resolution in seed.all(Resolution):
        adopted = resolution.outcome == Outcome.ADOPTED
        yield Act(
            id=resolution.id,
            kind="resolution" if adopted else "draft_resolution",
            number=resolution.number,
            title=f"Resolution {resolution.number} ({resolution.voted_on.year})" if adopted else resolution.symbol,
            acted_on=resolution.voted_on,
        )
    for decision in seed.all(CommitteeDecision):
        yield Act(
            id=decision.id,
            kind="committee_decision",
            number=None,
            title=decision.title,
            acted_on=decision.decided_on,
        )


def subjects(seed: Seed) -> Iterator[Subject]:
    """Yield individuals, entities and ships under one roof."""
    names: dict[str, list[Name]] = {}
    for name in seed.all(Name):
        names.setdefault(name.subject_id, []).append(name)
    first_days: dict[str, date] = {}
    for listing in seed.all(Listing):
        first_days[listing.subject_id] = min(first_days.get(listing.subject_id, date.max), listing.listed_on)
    kinds = {party.id: SubjectKind(party.kind) for party in seed.all(DesignatedParty)}
    kinds |= {vessel.id: SubjectKind.VESSEL for vessel in seed.all(Vessel)}
    for id, kind in kinds.items():
        primary = primary_name(names[id])
        yield Subject(
            id=id,
            kind=kind,
            name=primary.name,
            folded_name=primary.folded,
            first_listed_on=first_days.get(id),
        )
