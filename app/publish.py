"""seed/ → a new, checked database, swapped in whole.

Every row is validated, every reference followed, every fact checked against its citations; each record is rendered; the
result is stamped with the SHA-256 of its content and takes the place of the old one by an atomic rename. Where anything
is wrong, every fault is named by file, line and column, and nothing is published.
"""

import hashlib
import logging
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import count
from json.encoder import encode_basestring
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

from filelock import FileLock, Timeout
from sqlalchemy import Boolean, Row, insert, inspect, select
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import Session, SQLModel, col

from app.api.record_counts import record_counts
from app.checksums import checksum_file, copy_and_hash, replace_with_checksum, sha256_of
from app.database import (
    POLL_INTERVAL,
    OpenDataset,
    check_file,
    newest_dataset,
    open_dataset,
    sync,
    version_file,
    writing_engine,
)
from app.downloads.files import INDEX, Download, downloads_folder
from app.downloads.follow_the_money import write_manifest
from app.downloads.make import make_downloads
from app.fields.dates import today
from app.problems import NoDataset
from app.publishing.batch_reader import WHOLE, BatchReader, Share
from app.publishing.bulk_insert import Insert, column_names, insert_of, inserts_of
from app.publishing.fingerprint import fingerprint, is_older
from app.publishing.loading import Loaded, chunked, load, run_all
from app.publishing.progress import with_progress
from app.publishing.rendering import RenderedRecord
from app.publishing.schema import migrate
from app.publishing.seed import SEED_TABLES, Fault, Seed, SeedError, read_seed
from app.publishing.trigrams import fill_trigrams
from app.publishing.workers import Pool, WorkerError, pool_of, processes_for
from app.resources import HELD, RESOURCES, timeline
from app.resources import dataset as dataset_resource
from app.resources.versions import VERSIONS, KeptVersion, describe, kept_versions, readings, readings_of, revisions
from app.server.memory import reduced_gc
from app.settings import Settings
from app.tables import Coverage, Dataset, Rendering, Version

KEEP_VERSIONS: int = Settings.model_fields["keep_versions"].default
"""How many published versions are kept where nothing else is said."""

HASHED_AT_ONCE = 200
"""How many rows are read at once to be hashed; one may have hundreds of kilobytes."""

VERSION_DIGITS = 16
"""Hexadecimal digits of a dataset's version, the beginning of its SHA-256."""

VERSION = re.compile(f"[0-9a-f]{{{VERSION_DIGITS}}}")

RECORD_PATHS = frozenset(resource.path for resource in RESOURCES)
"""The resources whose records can be downloaded."""

logger = logging.getLogger("unlisted")


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


def publish(
    folder: Path, database: Path, keep_versions: int = KEEP_VERSIONS, with_downloads: bool = False
) -> Published:
    """Publish a seed: write a new database and put it in the place of the one that is there.

    Args:
        folder: where the seed files are.
        database: the file to publish to; its folder is made where it is missing.
        keep_versions: how many published versions stay in files of their own, to be asked for, this one among them.
        with_downloads: whether to write the files that /downloads offers, too.

    Raises:
        SeedError: the seed is at fault; nothing was published, and what was published stays.
        PublishError: the machine does not allow it, such as a full disk; nothing was published either.
    """
    database = database.resolve()  # a symbolic link stays one
    with publication_of(database) as workshop:
        draft = workshop / "draft.db"
        downloads = workshop / "downloads" if with_downloads else None
        published = _build(draft, folder, newest_dataset(database), keep_versions, downloads)
        sync(draft)
        digest = _keep(draft, version_file(database, published.version))
        if downloads:
            _replace_folder(downloads, downloads_folder(database, published.version))
        _put(draft, database, digest)
        # Only now: until here what was published lists the versions that it keeps.
        _drop_all_but({version_file(database, version) for version in published.kept})
        _drop_downloads({downloads_folder(database, version) for version in published.kept})
    return published


def publish_to_postgresql(
    folder: Path, url: str, keep_versions: int = KEEP_VERSIONS, with_downloads: bool = False
) -> Published:
    """Publish a seed to PostgreSQL: build the same draft as for a file, and copy it into a schema of its own.

    Args:
        folder: where the seed files are.
        url: the database URL, of a role that may create schemas.
        keep_versions: how many published versions stay, to be asked for, this one among them.
        with_downloads: whether to make the files that /downloads offers, too; they are copied into the schema.

    Raises:
        SeedError: the seed is at fault; nothing was published, and what was published stays.
        PublishError: the machine or the database does not allow it; nothing was published either.
    """
    from app.postgresql.publication import publication_to  # here, as SQLite needs no driver

    with _database_errors(), publication_to(url) as target, tempfile.TemporaryDirectory() as workshop:
        draft = Path(workshop) / "draft.db"
        downloads = Path(workshop) / "downloads" if with_downloads else None
        published = _build(draft, folder, target.newest(), keep_versions, downloads)
        target.publish(draft, published.version, downloads)
        target.wait_for_readers()
        target.drop_all_but(published.kept)
    return published


def rollback_in_postgresql(url: str, version: str) -> None:
    """Publish a version that PostgreSQL keeps once more, as it was.

    Args:
        url: the database URL, of a role that may publish.
        version: sixteen hexadecimal digits.

    Raises:
        PublishError: the version is not kept, or the database does not allow it.
    """
    from app.postgresql.publication import publication_to

    with _database_errors(), publication_to(url) as target:
        if target.publish_again(version) is None:
            known = ", ".join(sorted({one.version for one in target.kept()})) or "none"
            raise PublishError(f"version {version!r} is not kept; kept are: {known}")
        target.wait_for_readers()


def verify_postgresql(url: str) -> "list[Verified]":
    """Open every version that PostgreSQL keeps.

    Raises:
        PublishError: the database does not allow it.
    """
    from app.postgresql.publication import reading_of

    with _database_errors(), reading_of(url) as target:
        found = target.verify()
    if not found:
        return [Verified(Path("PostgreSQL"), "nothing has been published yet", is_good=False)]
    return [
        Verified(Path(name), problem or "can be served", is_good=problem is None) for name, problem in found.items()
    ]


def make_reader(url: str, name: str, password: str | None) -> None:
    """Make a role of PostgreSQL that may only read what is published.

    Args:
        url: the database URL, of a role that may create roles.
        name: the name of the role.
        password: its password, or None.

    Raises:
        PublishError: the database does not allow it.
    """
    from app.postgresql import roles

    with _database_errors():
        roles.make_reader(url, name, password)


def is_older_in_postgresql(folder: Path, url: str) -> bool:
    """Say whether what PostgreSQL has is missing, or was made from another seed or by other software."""
    from app.postgresql.datasets import open_newest

    try:
        dataset = open_newest(url)
    except NoDataset:
        return True
    try:
        return is_older(dataset.scalar(select(col(Dataset.fingerprint))), folder)
    finally:
        dataset.close()


@contextmanager
def _database_errors() -> Iterator[None]:
    """Say what the database or the machine did not allow.

    Raises:
        PublishError: it did not.
    """
    import psycopg

    from app.postgresql.hosts import message_of
    from app.postgresql.publication import CopyError
    from app.postgresql.roles import RoleError

    try:
        yield
    except RoleError as error:
        raise PublishError(str(error)) from error
    except (psycopg.Error, DBAPIError, CopyError) as error:
        raise PublishError(f"the database does not allow it: {message_of(error)}") from error
    except OSError as error:
        raise PublishError(f"{error.filename or 'the draft'}: {error.strerror or error}") from error


def _build(
    draft: Path, folder: Path, before: OpenDataset | None, keep_versions: int, downloads: Path | None = None
) -> Published:
    """Build a draft from a seed.

    Args:
        draft: the file to write it to.
        folder: where the seed files are.
        before: the dataset that was published last; it is closed.
        keep_versions: how many published versions stay.
        downloads: a new folder for the files that /downloads offers; None writes none.

    Raises:
        SeedError: the seed is at fault.
        PublishError: the environment is wrong.
    """
    try:
        if folder.is_file():
            raise SeedError([Fault(folder.name, 0, "", "it is a file; a seed is a folder of CSV files")])
        published_on = _day_of_publication()
        with draft_database(draft) as session, reduced_gc(), pool_of(processes_for(folder)) as pool:
            made_from = fingerprint(folder)
            published = _write(session, folder, pool, made_from, before, keep_versions, published_on)
            if downloads:
                downloads.mkdir()
                make_downloads(session, downloads, RECORD_PATHS)
        check_unchanged(folder, made_from)
        return published
    except WorkerError as error:
        raise PublishError(str(error)) from error
    finally:
        if before:
            before.close()


class PublishError(Exception):
    """The machine does not allow to publish: a full disk, a folder that cannot be written, a wrong environment."""


def rollback(database: Path, version: str) -> None:
    """Publish a version that is kept once more, as it was.

    Args:
        database: the file that is published to.
        version: sixteen hexadecimal digits.

    Raises:
        PublishError: the version is not kept, its file is damaged, or the machine does not allow it.
    """
    database = database.resolve()
    with publication_of(database) as workshop:
        kept = version_file(database, version)
        if not VERSION.fullmatch(version) or not kept.is_file():
            known = ", ".join(sorted(path.stem for path in kept.parent.glob("*.db"))) or "none"
            raise PublishError(f"version {version!r} is not kept; kept are: {known}")
        try:
            check_file(kept)
            open_dataset(kept).close()
        except NoDataset as problem:
            raise PublishError(f"version {version} cannot be published: {problem.detail}") from None
        draft = workshop / "draft.db"
        digest = copy_and_hash(kept, draft)
        sync(draft)
        _put(draft, database, digest)


@dataclass(frozen=True)
class Verified:
    """The state of a published file.

    Attributes:
        path: the file.
        state: ``checked``, ``no checksum``, or what is wrong with it.
        is_good: whether it can be served.
    """

    path: Path
    state: str
    is_good: bool


def verify(database: Path) -> list[Verified]:
    """Compare the published file and every version that is kept with their checksums, and open each."""
    database = database.resolve()
    kept = sorted(version_file(database, "").parent.glob("*.db"))
    return [_verified(path) for path in (database, *kept)]


def _verified(path: Path) -> Verified:
    if not path.exists():
        return Verified(path, "missing", is_good=False)
    try:
        state = check_file(path)
        open_dataset(path).close()
    except NoDataset as problem:
        return Verified(path, problem.detail, is_good=False)
    return Verified(path, state, is_good=True)


@contextmanager
def publication_of(database: Path) -> Iterator[Path]:
    """Lock a database against other publications, and give an empty folder beside it.

    Raises:
        PublishError: the machine does not allow it, or what is done in the meantime.
    """
    try:
        database.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(database.with_name(f".{database.name}.lock"))
        try:
            lock.acquire(timeout=0)
        except Timeout:
            logger.warning("another publication of %s is under way; waiting until it is done", database)
            lock.acquire()
        try:
            with staging_directory(database) as workshop:
                yield workshop
        finally:
            lock.release()
    except OperationalError as error:
        raise PublishError(f"the database {database} cannot be written: {error.orig}") from error
    except OSError as error:
        raise _not_allowed(error) from error


def _not_allowed(error: OSError) -> PublishError:
    """Say what the machine does not allow."""
    place = f"{error.filename}: " if error.filename else ""
    return PublishError(f"{place}{error.strerror or error}")


def _put(draft: Path, database: Path, digest: str) -> None:
    """Put a draft in the place of the published file, and wait until every server has noticed it.

    Args:
        draft: the draft.
        database: the published file.
        digest: the SHA-256 of the draft.
    """
    replace_with_checksum(draft, database, digest)
    time.sleep(2 * POLL_INTERVAL)


@contextmanager
def staging_directory(database: Path) -> Iterator[Path]:
    """Give an empty folder beside a database; one that a publication left which was killed is removed.

    The lock is held, so that no other publication of the database is at work in one.
    """
    prefix = f".publishing-{database.name}-"
    for left in database.parent.glob(f"{prefix}*"):
        shutil.rmtree(left)
    with tempfile.TemporaryDirectory(prefix=prefix, dir=database.parent) as folder:
        yield Path(folder)


def check_unchanged(folder: Path, made_from: str) -> None:
    """Refuse what was altered while it was published: what was read early may not agree with what came late.

    Raises:
        SeedError: a file of the seed, or of this software, was altered.
    """
    if fingerprint(folder) != made_from:
        raise SeedError(
            [Fault(folder.name, 0, "", "it, or this software, was altered while it was published; publish once more")]
        )


def _keep(draft: Path, file: Path) -> str:
    """Keep a draft in the file of its version, too, and return the SHA-256 of both."""
    file.parent.mkdir(exist_ok=True)
    copy = draft.with_name("copy.db")
    # A copy and no hard link, which would share the damage of the published file.
    digest = copy_and_hash(draft, copy)
    sync(copy)
    replace_with_checksum(copy, file, digest)
    return digest


def _replace_folder(draft: Path, folder: Path) -> None:
    """Put a folder of downloads in the place of what is there."""
    folder.parent.mkdir(exist_ok=True)
    for path in draft.iterdir():
        sync(path)
    if folder.exists():
        folder.rename(draft.with_name("replaced"))
    draft.rename(folder)


def _drop_downloads(kept: set[Path]) -> None:
    for other in {path for folder in kept for path in folder.parent.glob("*")} - kept:
        shutil.rmtree(other)


def export(database: Path, folder: Path) -> list[Download]:
    """Write the files that /downloads offers of the published dataset to a folder, and a manifest for yente.

    Args:
        database: the published file.
        folder: where they are written; made where it is missing. Files of other versions stay.

    Raises:
        NoDataset: nothing is published, or it cannot be read.
        PublishError: the folder cannot be written.
    """
    if not database.is_file():
        raise NoDataset(f"there is no published dataset at {database}; run: unlisted publish")
    check_file(database)
    with closing(open_dataset(database)) as opened, Session(opened.engine) as session:
        return _export(opened, folder, lambda workshop: make_downloads(session, workshop, RECORD_PATHS))


def export_from_postgresql(url: str, folder: Path) -> list[Download]:
    """Write the files that PostgreSQL has of its current version to a folder, and a manifest for yente.

    They are those that were made when it was published.

    Args:
        url: the database URL.
        folder: where they are written; made where it is missing. Files of other versions stay.

    Raises:
        NoDataset: nothing is published, the database does not answer, or it was published without files.
        PublishError: the folder cannot be written, or a file is not what its digest says.
    """
    from app.downloads.stores import DatabaseStore
    from app.postgresql.datasets import open_newest
    from app.postgresql.downloads import whole_file

    with closing(open_newest(url)) as opened:
        downloads = list(DatabaseStore(opened).index().values())
        if not downloads:
            raise NoDataset(f"version {opened.version} was published without files to download")

        def copy(workshop: Path) -> list[Download]:
            for name in _file_names(downloads):
                with (workshop / name).open("wb") as file:
                    file.writelines(whole_file(opened, name))
            if any(sha256_of(workshop / one.name) != one.sha256 for one in downloads):
                raise PublishError("a file in the database is not what its digest says")
            return downloads

        return _export(opened, folder, copy)


def _export(dataset: OpenDataset, folder: Path, write: Callable[[Path], list[Download]]) -> list[Download]:
    """Export the files of a dataset to a folder, and a manifest for yente.

    Args:
        dataset: the dataset.
        folder: where the files are put once all of them are written; made where it is missing.
        write: writes the files and their index to an empty folder.

    Raises:
        PublishError: the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".export-", dir=folder) as workshop:
            downloads = write(Path(workshop))
            for name in _file_names(downloads):
                (Path(workshop) / name).replace(folder / name)
        write_manifest(folder, downloads, dataset)
    except OSError as error:
        raise _not_allowed(error) from error
    return downloads


def _file_names(downloads: Iterable[Download]) -> list[str]:
    """Return the names of some files, and of their index."""
    return [*(one.name for one in downloads), INDEX]


def _drop_all_but(files: set[Path]) -> None:
    for other in {path for file in files for path in file.parent.glob("*.db")} - files:
        other.unlink()
        checksum_file(other).unlink(missing_ok=True)


def check_seed(folder: Path) -> dict[str, int]:
    """Check a seed against every rule, and return how many rows each of its files has.

    Raises:
        SeedError: with every fault found.
    """
    with tempfile.TemporaryDirectory() as workshop, draft_database(Path(workshop) / "draft.db") as session:
        return load(session, folder).counts


def checked_seed(folder: Path) -> Seed:
    """Check a seed against every rule, and read it into memory.

    Raises:
        SeedError: with every fault found.
    """
    check_seed(folder)
    return read_seed(folder)


@contextmanager
def draft_database(path: Path) -> Iterator[Session]:
    """Make a new database with the newest schema, and give a session on it."""
    engine = writing_engine(path)
    try:
        migrate(engine)
        with Session(engine) as session:
            yield session
    finally:
        engine.dispose()


def _write(
    session: Session,
    folder: Path,
    pool: Pool,
    made_from: str,
    before: OpenDataset | None,
    keep_versions: int,
    today: date,
) -> Published:
    loaded = load(session, folder, pool)
    paths = [resource.path for resource in RESOURCES]
    records = 0
    for rendered in pool.run_on_draft("rendering", session, render_share, paths, is_copied=True):
        records += _insert(session, rendered)
    rows = BatchReader(session, "rendering")
    _render(session, timeline.PATH, timeline.render(rows))
    sha256 = _digest(session, pool, loaded, rows)
    versions = _versions(session, loaded, rows, sha256, before, keep_versions, today)
    session.add(_dataset(loaded, rows, sha256, made_from, versions[-1].published_on))
    session.execute(insert(Version), [vars(version) for version in versions])
    _render(session, VERSIONS.path, VERSIONS.render(rows), VERSIONS.item)
    # Few rows, which are written once all of them have come: then no process reads the draft any more.
    for inserts in [*pool.run_on_draft("counting", session, counts_share)]:
        run_all(session, inserts)
    fill_trigrams(session)
    session.commit()
    kept = tuple(version.version for version in versions)
    return Published(kept[-1], sum(loaded.counts.values()), records, kept)


class Rendered(NamedTuple):
    """Some records that were rendered.

    Attributes:
        records: how many they are.
        inserts: the rows to write.
    """

    records: int
    inserts: list[Insert]


def render_share(session: Session, share: Share, paths: Sequence[str]) -> Iterator[Rendered]:
    """Render a share of the records of resources.

    Args:
        session: the draft, whose tables are filled.
        share: the part of the tables that they are rendered from.
        paths: the paths of the resources.
    """
    by_path = {resource.path: resource for resource in RESOURCES}
    for path in paths:
        resource = by_path[path]
        yield from _prepare(path, resource.render(BatchReader(session, "rendering", share)), resource.item)


def _render(
    session: Session, path: str, readings: Iterable[RenderedRecord], item: Callable[[str], str] = lambda _: ""
) -> None:
    """Write records, each as it reads over time.

    Args:
        session: the draft.
        path: path of the resource.
        readings: its records.
        item: encodes the item of a record; without it the records are in no collection.
    """
    for rendered in _prepare(path, readings, item):
        _insert(session, rendered)


def _prepare(path: str, readings: Iterable[RenderedRecord], item: Callable[[str], str]) -> Iterator[Rendered]:
    """Prepare records to be written, with the rows by which they are asked for."""
    last = None
    for batch in chunked(readings, lambda rendered: len(rendered.record)):
        inserts = list(inserts_of(row for rendered in batch for row in rendered.lookup_rows))
        rows = [(path, one.id, one.from_on, one.until_on, item(one.record), str(one.record)) for one in batch]
        inserts.append(insert_of(Rendering, column_names(Rendering), rows))
        count = 0
        # The readings of a record follow one another.
        for rendered in batch:
            count, last = count + (rendered.id != last), rendered.id
        yield Rendered(count, inserts)


def counts_share(session: Session, share: Share) -> Iterator[list[Insert]]:
    """Count the records of a share of the collections, by day and by filter."""
    for place, resource in enumerate((*RESOURCES, VERSIONS)):
        if place % share.of == share.place:
            for batch in chunked(record_counts(session, resource)):
                yield list(inserts_of(batch))


def _insert(session: Session, rendered: Rendered) -> int:
    run_all(session, rendered.inserts)
    return rendered.records


def _digest(session: Session, pool: Pool, loaded: Loaded, rows: BatchReader) -> str:
    """Return the SHA-256 of what is published: the seed's content, however its cells are quoted, and every record.

    The order of a seed file's lines counts only where the answers follow it, by a column ``ordinal``.
    """
    digest = hashlib.sha256()
    for lines in pool.run_on_draft("hashing the seed", session, seed_lines):
        digest.update(lines)
    digest.update(_dataset_record(loaded, rows, "", "").encode() + b"\n")
    for lines in pool.run_on_draft("hashing the records", session, rendering_lines):
        digest.update(lines)
    return digest.hexdigest()


def seed_lines(session: Session, share: Share) -> Iterator[bytes]:
    """Yield a share of the lines that are hashed of the rows of the seed: of each its file and its values by column."""
    number = count()
    for stem in sorted(SEED_TABLES):
        columns = sorted(inspect(SEED_TABLES[stem]).local_table.columns, key=attrgetter("name"))
        names = [column.name for column in columns]
        members = ", ".join(f'"{name}": %s' for name in names)
        line = f'["{stem}", {{{members}}}]\n'
        encoders = [_json_booleans if isinstance(column.type, Boolean) else _json for column in columns]
        for chunk in _shown(_chunks_in_order(session, SEED_TABLES[stem], share, number, names), stem, share):
            by_column = zip(encoders, zip(*chunk, strict=True), strict=False)  # of no row no columns are made
            encoded = map(line.__mod__, zip(*(encode(values) for encode, values in by_column), strict=True))
            yield "".join(encoded).encode()


def rendering_lines(session: Session, share: Share) -> Iterator[bytes]:
    """Yield a share of the lines that are hashed of the records: of each the values of its columns."""
    chunks = _chunks_in_order(session, Rendering, share, count(), column_names(Rendering))
    for chunk in _shown(chunks, "records", share):
        yield "".join([f"[{', '.join(map(encode_basestring, row))}]\n" for row in chunk]).encode()


def _shown(chunks: Iterator[Sequence[Any]], name: str, share: Share) -> Iterator[Sequence[Any]]:
    """Show how many chunks are hashed, where this process does all of them."""
    return with_progress(chunks, f"hashing {name}") if share is WHOLE else chunks


def _json(values: Sequence[Any]) -> Iterable[str]:
    """Encode the values of a column as JSON: texts, whole numbers and nulls. Most columns have one kind of them."""
    kinds = set(map(type, values))
    if kinds == {str}:
        return map(encode_basestring, values)
    if kinds == {int}:
        return map(str, values)
    return ["null" if one is None else encode_basestring(one) if isinstance(one, str) else str(one) for one in values]


def _json_booleans(values: Sequence[int | None]) -> Iterable[str]:
    """Encode truth values as JSON, of which SQLite makes 0 or 1."""
    return map({None: "null", 0: "false", 1: "true"}.__getitem__, values)


def _chunks_in_order(
    session: Session, table: type[SQLModel], share: Share, number: Iterator[int], columns: Sequence[str]
) -> Iterator[Sequence[tuple[Any, ...]]]:
    """Yield a share of the rows of a table by the chunk, in the order of its primary key, as the draft has them.

    Args:
        session: the draft.
        table: the table.
        share: which chunks are yielded.
        number: the numbers of the chunks, which go on from one table to the next.
        columns: the columns of the table that are read, those of the key among them.
    """
    driver: Any = session.connection().connection.driver_connection
    places = [columns.index(key.name) for key in inspect(table).primary_key]
    read = ", ".join(f'"{name}"' for name in columns)
    key = ", ".join(f'"{columns[place]}"' for place in places)
    after, last = "", ()
    while True:
        rest = f'FROM "{table.__tablename__}" {after} ORDER BY {key} LIMIT ?'
        if next(number) % share.of == share.place:
            chunk = driver.execute(f"SELECT {read} {rest}", (*last, HASHED_AT_ONCE)).fetchall()  # ours
            yield chunk
            last = tuple(chunk[-1][place] for place in places) if len(chunk) == HASHED_AT_ONCE else ()
        else:
            end = f"SELECT {key} {rest} OFFSET ?"  # ours
            last = driver.execute(end, (*last, 1, HASHED_AT_ONCE - 1)).fetchone() or ()
        if not last:
            return
        after = f"WHERE ({key}) > ({', '.join('?' * len(places))})"


def _in_order(session: Session, table: type[SQLModel]) -> Iterator[Row[Any]]:
    """Yield the rows of a table in the order of its primary key."""
    mapper = inspect(table)
    query = select(*mapper.local_table.columns).order_by(*mapper.primary_key)
    yield from session.execute(query.execution_options(yield_per=HASHED_AT_ONCE))


def _dataset(loaded: Loaded, rows: BatchReader, sha256: str, made_from: str, published_on: date) -> Dataset:
    version = sha256[:VERSION_DIGITS]
    return Dataset(
        version=version,
        sha256=sha256,
        covers_until=_covers_until(rows),
        published_on=published_on,
        fingerprint=made_from,
        record=_dataset_record(loaded, rows, sha256, version),
    )


def _dataset_record(loaded: Loaded, rows: BatchReader, sha256: str, version: str) -> str:
    return dataset_resource.render(rows, HELD, sha256, version, _covers_until(rows), loaded.counts, loaded.support)


def _covers_until(rows: BatchReader) -> date:
    """Return the last day until which all of the record was checked."""
    return min((coverage.covers_until for coverage in rows.all(Coverage)), default=date.min)


def _versions(
    session: Session, loaded: Loaded, rows: BatchReader, sha256: str, before: OpenDataset | None, most: int, today: date
) -> list[KeptVersion]:
    """Return the versions to keep, this one last: a version that is published once more keeps its first day."""
    version = sha256[:VERSION_DIGITS]
    known = kept_versions(before) if before else []
    same = next((one for one in known if one.version == version), None)
    if known and same is known[-1]:
        return known
    published_on = same.published_on if same else today
    record = describe(
        version=version,
        sha256=sha256,
        published_on=published_on,
        covers_until=_covers_until(rows),
        counts=loaded.counts,
        previous=known[-1].version if known else None,
        revisions=revisions(readings_of(before), readings(_in_order(session, Rendering))) if before else None,
    )
    ordinal = known[-1].ordinal + 1 if known else 1
    others = [one for one in known if one is not same]
    return [*others, KeptVersion(version, ordinal, published_on, record)][-most:]


def _day_of_publication() -> date:
    """Return today (UTC), or the day that SOURCE_DATE_EPOCH gives, as reproducible builds ask.

    Raises:
        PublishError: SOURCE_DATE_EPOCH is no number of seconds since 1970.
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if not epoch:
        return today()
    try:
        return datetime.fromtimestamp(int(epoch), UTC).date()
    except (ValueError, OverflowError, OSError):
        raise PublishError(f"SOURCE_DATE_EPOCH is {epoch!r}; it must be a number of seconds since 1970") from None
