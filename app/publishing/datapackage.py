"""The seed described as a Data Package (version 2), so that other tools read it with its types and check it."""

import hashlib
import inspect
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, get_args

from pydantic import StringConstraints
from pydantic.fields import FieldInfo
from sqlalchemy import Boolean, Column, Date, Enum, Integer
from sqlmodel import SQLModel

from app.publishing.seed import SEED_TABLES, columns_of, file_stem
from app.settings import Settings


def data_package(folder: Path) -> dict[str, Any]:
    """Return the descriptor of a seed: a resource a file, with its hash; a field a column.

    Args:
        folder: where the seed files are.
    """
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "unlisted",
        "title": "The United Nations' sanctions on North Korea",
        "description": "Who and what was listed, by what and when; each fact is cited in citations.csv.",
        "licenses": [
            {"name": "CC0-1.0", "path": "https://creativecommons.org/publicdomain/zero/1.0/", "title": "CC0 1.0"}
        ],
        "sources": [
            {"title": "The source of each fact is in citations.csv; the documents themselves are in sources.csv."}
        ],
        "resources": [_resource(folder, stem, table) for stem, table in SEED_TABLES.items()],
    }


def _resource(folder: Path, stem: str, table: type[SQLModel]) -> dict[str, Any]:
    content = (folder / f"{stem}.csv").read_bytes()
    columns = columns_of(table)
    schema: dict[str, Any] = {
        "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
        "fields": [_field(column, table.model_fields[column.name]) for column in columns],
        "missingValues": [""],
    }
    if keys := [column.name for column in columns if column.primary_key]:
        schema["primaryKey"] = keys
    if links := [link for column in columns if (link := _link(column))]:
        schema["foreignKeys"] = links
    return {
        "$schema": "https://datapackage.org/profiles/2.0/dataresource.json",
        "type": "table",
        "name": stem.replace("_", "-"),
        "path": f"{stem}.csv",
        "description": inspect.getdoc(table),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "schema": schema,
    }


def _field(column: Column[Any], info: FieldInfo) -> dict[str, Any]:
    kinds: dict[type[Any], str] = {Date: "date", Integer: "integer", Boolean: "boolean"}
    constraints: dict[str, Any] = {"required": True} if not column.nullable else {}
    if isinstance(column.type, Enum):
        constraints["enum"] = column.type.enums
    if pattern := _pattern(info.annotation, info.metadata):
        constraints["pattern"] = pattern
    field: dict[str, Any] = {"name": column.name, "type": kinds.get(type(column.type), "string")}
    field |= {"description": info.description} if info.description else {}
    return field | ({"constraints": constraints} if constraints else {})


def _pattern(annotation: Any, metadata: Iterable[Any]) -> str | None:
    """Return the regular expression that a column's type asks for, if it asks for one."""
    for part in metadata:
        if isinstance(part, StringConstraints) and isinstance(part.pattern, str) and r"\x" not in part.pattern:
            return part.pattern
    for option in get_args(annotation):
        if found := _pattern(get_args(option)[:1] and get_args(option)[0], getattr(option, "__metadata__", ())):
            return found
    return None


def _link(column: Column[Any]) -> dict[str, Any] | None:
    """Return the foreign key of a column, where the table it leads to is a file of the seed."""
    for key in column.foreign_keys:
        for table in SEED_TABLES.values():
            if table.__tablename__ == key.column.table.name:
                reference = {"resource": file_stem(table).replace("_", "-"), "fields": key.column.name}
                return {"fields": column.name, "reference": reference}
    return None


if __name__ == "__main__":
    print(json.dumps(data_package(Settings().seed), indent=2, ensure_ascii=False))
