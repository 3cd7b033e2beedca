"""Models of a batch of names and of its answers in the OpenAPI description; `app.screening.batch` reads the body."""

from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from app.api.envelope import DatasetPart
from app.api.openapi_responses import OTHER_FORMATS
from app.publishing.rendering import Part
from app.resources.search_models import (
    ClearedPart,
    ComparedPart,
    HitPart,
    SourcePart,
    UnderstoodDetails,
)
from app.screening.batch import MOST_QUERIES, Extent


class BatchRowQuery(BaseModel):
    """One row to be screened. Other members are not compared; they come back in `given`."""

    model_config = ConfigDict(extra="allow")

    name: str = Field(description="The name, in any romanisation or script.")
    kind: str | None = Field(default=None, description="individual, entity or vessel.")
    birth_date: str | None = Field(default=None, description="Birth date, in EDTF or as usual files write it.")
    nationality: str | None = Field(default=None, description="State: ISO 3166-1 code or English name.")
    imo_number: str | None = Field(default=None, description="IMO number.")
    document_number: str | None = Field(default=None, description="Number of a passport or another document.")
    exclude: str | None = Field(default=None, description="Digests of hits that were cleared before, with blanks.")


class BatchUnderstoodPart(UnderstoodDetails):
    """A row as it was understood."""

    q: str | None = Field(description="The name; null where only identifiers could be compared.")


class BatchRowResult(Part):
    """What was found for one row."""

    total: int = Field(description="How many subjects score at the threshold or above.")
    items: list[HitPart] = Field(description="They, the best first.")
    query: BatchUnderstoodPart = Field(description="The row as it was understood.")
    threshold: float = Field(description="Score from which on a subject is a hit.")
    matcher: str = Field(description="Version of the matcher.")
    compared: ComparedPart = Field(description="What was compared with what.")
    cleared: ClearedPart = Field(description="Subjects of like name that the birth date cleared.")
    best_below: HitPart | None = Field(description="The best below the threshold, where `closest` asks for it.")
    statement: str = Field(description="The answer in words, for a note.")
    next: str | None = Field(description="Absolute URL of the further hits; null where there are none.")
    cite_as: str = Field(description="Absolute URL that gives the answer to this row again.")


class BatchRowAnswer(Part):
    """The answer to one row."""

    line: int = Field(description="Place of the row in the batch, from 1.")
    given: dict[str, Any] = Field(description="The row as it was given.")
    screened: Extent = Field(description="How much of it was screened: whole, part or no.")
    error: str | None = Field(description="What of it could not be read; null where all could.")
    identifiers: list[str] = Field(description="The numbers in it that were compared.")
    excluded: int = Field(description="How many hits were left out because their digests are in `exclude`.")
    answer: BatchRowResult | None = Field(description="What was found; null where nothing could be screened.")


class BatchAnswer(BaseModel):
    """The answers to a batch, in the order of its rows."""

    total: int = Field(description="How many rows there are.")
    items: list[BatchRowAnswer] = Field(description="The answer to each.")
    sources: list[SourcePart] = Field(description="What the list was checked against, and until when.")
    as_of: date = Field(description="The day that the answer is true of.")
    dataset: DatasetPart = Field(description="The dataset that answered.")


_ROW = {"$ref": "#/components/schemas/BatchRowQuery"}
BATCH_BODY: dict[str, Any] = {
    "requestBody": {
        "description": "The names, as JSON or text/csv. An element of the array of another form gets its fault.",
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": MOST_QUERIES,
                    "items": {"anyOf": [_ROW, {"type": "string"}]},
                },
                "example": [{"name": "Kim Yong-chul", "kind": "individual"}, {"name": "Jin Teng"}],
            },
        },
        # Beside JSON, as a generator that meets a body it does not know leaves the operation out.
        OTHER_FORMATS: {"text/csv": {"schema": {"type": "string"}, "example": "name,kind\nJin Teng,vessel\n"}},
    }
}
"""The body of a batch in OpenAPI."""
