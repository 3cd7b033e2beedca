"""Every file of a version, made from its published tables."""

import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import inspect, select
from sqlmodel import Session

from app.downloads import follow_the_money, parquet
from app.downloads.bibliography import write_bibtex, write_csl
from app.downloads.files import ABOUT, Download, Kind, describe, write_index
from app.downloads.package import write_package
from app.downloads.records import write_records
from app.downloads.sqlite import datasette_metadata, write_database
from app.downloads.tables import LISTING_COLUMNS, NAME_COLUMNS, listing_rows, name_rows, write_csv
from app.tables import Dataset

logger = logging.getLogger("unlisted")

PACKAGE = Kind(
    "datapackage.zip",
    "Data package",
    "The record itself: its CSV tables with their types and keys (Data Package 2).",
    "application/zip",
)
NAMES = Kind(
    "names.csv",
    "Names and identifiers",
    "A flat list: a row for each name and each identifier of everyone who was ever listed.",
    "text/csv",
)
RECORDS = Kind(
    "records.ndjson",
    "All records",
    "Every record as the API answers it, a JSON object a line, for each stretch of days on which it reads the same.",
    "application/x-ndjson",
)
DATABASE = Kind(
    "database.sqlite",
    "SQLite database",
    "The tables with foreign keys, views in plain words and a search in names; opens in Datasette.",
    "application/vnd.sqlite3",
)
DATASETTE = Kind(
    "datasette.json",
    "Metadata for Datasette",
    "Titles, labels, facets and descriptions of the SQLite database.",
    "application/json",
)
NAMES_PARQUET = Kind(
    "names.parquet",
    "Names and identifiers as Parquet",
    "The flat list of names and identifiers, for data frames.",
    "application/vnd.apache.parquet",
)
LISTINGS_PARQUET = Kind(
    "listings.parquet",
    "Stays on the list as Parquet",
    "A row for each stay, for data frames.",
    "application/vnd.apache.parquet",
)
BIBTEX = Kind("sources.bib", "Sources as BibTeX", "All sources as a bibliography.", "application/x-bibtex")
CSL = Kind(
    "sources.csl.json",
    "Sources as CSL-JSON",
    "All sources as a bibliography for Zotero, Pandoc and citation processors.",
    "application/vnd.citationstyles.csl+json",
)
ENTITIES = Kind(
    follow_the_money.SUFFIX,
    "FollowTheMoney entities",
    "Persons, organizations, ships, their stays on the list and their papers, an entity a line.",
    "application/x-ndjson",
)


def make_downloads(session: Session, folder: Path, resources: frozenset[str]) -> list[Download]:
    """Write every file of a version, and the index of them.

    Args:
        session: the published tables.
        folder: an empty folder to write them to.
        resources: the paths of the resources whose records are written.
    """
    dataset = session.execute(select(*inspect(Dataset).columns)).one()
    version: str = dataset.version
    kinds = list(_write(session, folder, version, dataset.covers_until.isoformat(), resources))
    downloads = [describe(kind, version, folder) for kind in kinds]
    write_index(folder, downloads)
    return downloads


def _write(
    session: Session, folder: Path, version: str, covers_until: str, resources: frozenset[str]
) -> Iterator[Kind]:
    with tempfile.TemporaryDirectory(dir=folder) as workshop:
        write_package(session, folder / PACKAGE.name(version), version, Path(workshop))
    yield PACKAGE
    rows = ([row[name] for name in NAME_COLUMNS] for row in name_rows(session))
    write_csv(folder / NAMES.name(version), NAME_COLUMNS, rows)
    yield NAMES
    write_records(session, folder / RECORDS.name(version), resources)
    yield RECORDS
    database = folder / DATABASE.name(version)
    write_database(session, database, ABOUT | {"version": version, "covers_until": covers_until})
    yield DATABASE
    (folder / DATASETTE.name(version)).write_bytes(datasette_metadata(database.stem, ABOUT))
    yield DATASETTE
    if parquet.can_write():
        days = ("first_listed_on", "delisted_on")
        parquet.write_parquet(folder / NAMES_PARQUET.name(version), NAME_COLUMNS, days, name_rows(session))
        yield NAMES_PARQUET
        days = ("listed_on", "delisted_on")
        parquet.write_parquet(folder / LISTINGS_PARQUET.name(version), LISTING_COLUMNS, days, listing_rows(session))
        yield LISTINGS_PARQUET
    else:
        logger.info("no Parquet files among the downloads: pyarrow is not installed (pip install unlisted[parquet])")
    write_bibtex(session, folder / BIBTEX.name(version))
    yield BIBTEX
    write_csl(session, folder / CSL.name(version))
    yield CSL
    follow_the_money.write_entities(session, folder / ENTITIES.name(version))
    yield ENTITIES
