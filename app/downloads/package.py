"""The record as a Data Package in one ZIP file: the CSV tables and their descriptor."""

import json
import zipfile
from pathlib import Path

from sqlmodel import Session

from app.downloads.tables import seed_rows, write_csv
from app.publishing.datapackage import data_package
from app.publishing.seed import SEED_TABLES, columns_of

FIRST_TIME = (1980, 1, 1, 0, 0, 0)
"""The first time that ZIP can write: the files in it have no time of their own."""


def write_package(session: Session, path: Path, version: str, workshop: Path) -> None:
    """Write the data package of the record.

    Args:
        session: the published tables.
        path: the ZIP file to write.
        version: the version of the dataset, which becomes that of the package.
        workshop: an empty folder for the tables, before they are compressed.
    """
    names = []
    for stem, table in SEED_TABLES.items():
        names.append(f"{stem}.csv")
        header = [column.name for column in columns_of(table)]
        write_csv(workshop / names[-1], header, seed_rows(session, table))
    described = data_package(workshop) | {"version": version}
    descriptor = json.dumps(described, indent=2, ensure_ascii=False) + "\n"
    (workshop / "datapackage.json").write_text(descriptor, encoding="utf-8")
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("datapackage.json", *names):
            entry = zipfile.ZipInfo(name, FIRST_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            with archive.open(entry, "w", force_zip64=False) as target, (workshop / name).open("rb") as source:
                while part := source.read(2**20):
                    target.write(part)
