"""Table Schemas: the columns of each flat table, with their types, for software that reads CSV."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from app.api.docs import PAGE_SECONDS
from app.api.flat import TableColumn, columns_from, table_schema
from app.api.formats import cache_control, respond
from app.api.items import check_names
from app.api.openapi_responses import SCHEMA_ANSWERS
from app.api.query_types import FieldNames
from app.api.resource import FlatTable
from app.api.routing import strict_router
from app.fields.text import dump_json
from app.problems import NotFound

router = strict_router("table-schemas")
ABOUT = "The columns of each flat table, for software that reads CSV."
"""Description of the tag in OpenAPI."""


class TableSchemaQuery(BaseModel):
    """Query parameters of a Table Schema."""

    model_config = ConfigDict(defer_build=True)

    fields_: FieldNames | None = Field(
        default=None,
        alias="fields",
        description="Members that the table was limited to by its own parameter `fields`.",
        examples=["name,listed,status"],
    )


class TableSchema(BaseModel):
    """A Table Schema (Frictionless Data), with the arguments of ``pandas.read_csv`` that keep every value."""

    name: str = Field(description="Name of the table.")
    title: str = Field(description="What it holds.")
    fields_: list[dict[str, Any]] = Field(alias="fields", description="The columns: name, type and description.")
    primary_key: list[str] = Field(
        default_factory=list, alias="primaryKey", description="The columns that identify a row."
    )
    missing_values: list[str] = Field(alias="missingValues", description="What an empty cell is written as.")
    pandas: dict[str, Any] = Field(description="Arguments of `pandas.read_csv` by which identifiers stay texts.")


@router.get(
    "/table-schemas/{table}",
    summary="The columns of a flat table",
    response_model=TableSchema,
    responses=SCHEMA_ANSWERS,
)
async def read_table_schema(
    request: Request,
    table: Annotated[str, Path(description="Name of the table: that of its collection.", examples=["vessels"])],
    query: Annotated[TableSchemaQuery, Query()],
) -> Response:
    """Every column of the CSV and XLSX form of a collection: its name, type and meaning.

    A Table Schema of the Frictionless Data project, to which a CSV answer links as `describedby`. Its member `pandas`
    has the arguments of `pandas.read_csv` by which an IMO number stays a text and Namibia's code NA is no gap.
    """
    tables: Mapping[str, FlatTable] = request.app.state.tables
    if table not in tables:
        raise NotFound(f"There is no table {table[:80]!r}; there are {', '.join(tables)}.")
    found = tables[table]
    columns: Sequence[TableColumn] = found.columns
    if query.fields_ is not None:
        known = dict.fromkeys(column.member for column in columns)
        names = check_names("fields", query.fields_, known, "member of these records is called")
        columns = columns_from(columns, names)
    body = dump_json(table_schema(table, found.title, columns))
    directives = cache_control(request.app.state.settings, PAGE_SECONDS)
    return respond(body, "application/json", {}, directives)
