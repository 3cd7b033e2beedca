"""The seed described as a Data Package (Frictionless, version 1), so that other tools read it with its types."""

import inspect
import json
from typing import Any

from sqlalchemy import Column, Date, Integer
from sqlmodel import SQLModel

from app.seed import SEED_TABLES, columns_of, file_stem
from app.tables import Choice


def data_package() -> dict[str, Any]:
    """Return the descriptor of the seed: a resource a file, a field a column."""
    return {
        "profile": "tabular-data-package",
        "name": "unlisted",
        "title": "The United Nations' sanctions on North Korea",
        "description": "Who and what was listed, by what and when; each fact is cited in citations.csv.",
        "licenses": [{"name": "other-open", "title": "Free to use; please name the source that a record cites"}],
        "resources": [_resource(stem, table) for stem, table in SEED_TABLES.items()],
    }


def _resource(stem: str, table: type[SQLModel]) -> dict[str, Any]:
    columns = columns_of(table)
    schema: dict[str, Any] = {
        "fields": [_field(column, table.model_fields[column.name].description) for column in columns],
        "missingValues": [""],
    }
    if keys := [column.name for column in columns if column.primary_key]:
        schema["primaryKey"] = keys
    if links := [link for column in columns if (link := _link(column))]:
        schema["foreignKeys"] = links
    return {
        "profile": "tabular-data-resource",
        "name": stem.replace("_", "-"),
        "path": f"{stem}.csv",
        "description": inspect.getdoc(table),
        "encoding": "utf-8",
        "schema": schema,
    }


def _field(column: Column[Any], description: str | None) -> dict[str, Any]:
    kinds: dict[type[Any], str] = {Date: "date", Integer: "integer"}
    constraints: dict[str, Any] = {"required": True} if not column.nullable else {}
    if isinstance(column.type, Choice):
        constraints["enum"] = [value.value for value in column.type.values]
    field: dict[str, Any] = {"name": column.name, "type": kinds.get(type(column.type), "string")}
    field |= {"description": description} if description else {}
    return field | ({"constraints": constraints} if constraints else {})


def _link(column: Column[Any]) -> dict[str, Any] | None:
    """Return the foreign key of a column, where the table it leads to is a file of the seed."""
    for key in column.foreign_keys:
        for table in SEED_TABLES.values():
            if table.__tablename__ == key.column.table.name:
                reference = {"resource": file_stem(table).replace("_", "-"), "fields": key.column.name}
                return {"fields": column.name, "reference": reference}
    return None


if __name__ == "__main__":
    print(json.dumps(data_package(), indent=2, ensure_ascii=False))
