"""What every route of a resource can answer, as OpenAPI has it."""

from typing import Any

from pydantic import create_model

from app.api.envelope import Answer
from app.api.formats import CITATIONS, DATA, FEEDS, MEDIA_TYPES, Format
from app.problems import (
    ContentTooLarge,
    InternalError,
    InvalidRequest,
    NoDataset,
    NotAcceptable,
    NotFound,
    Problem,
    UnsupportedMediaType,
    UrlTooLong,
    VersionGone,
    openapi_responses,
)
from app.publishing.rendering import Part

_ALWAYS = (NotAcceptable, VersionGone, UrlTooLong, InvalidRequest, InternalError, NoDataset)

_TEXT: dict[str, Any] = {"type": "string"}
_SCHEMAS: dict[Format, dict[str, Any]] = {
    Format.CSV: _TEXT,
    Format.ATOM: _TEXT,
    Format.JSON_FEED: {"type": "object"},
    Format.CSL: {"type": "array", "items": {"type": "object"}},
    Format.BIBTEX: _TEXT,
}
"""What OpenAPI says of the formats besides JSON, whose schemas are the answer models."""

_HEADERS = {
    "As-Of": "The day that the answer is true of.",
    "Dataset-Version": "Which dataset answered.",
    "Dataset-Covers-Until": "Last day until which the record was checked.",
    "ETag": "Names this answer; send it as If-None-Match.",
    "Link": "rel=cite-as: gives this answer again, from this dataset; rel=next: the next page, where there is one.",
}


def _answers(*formats: Format, problems: tuple[type[Problem], ...] = (), total: bool = False) -> dict[int | str, Any]:
    headers = {name: {"description": text, "schema": _TEXT} for name, text in _HEADERS.items()}
    if total:
        headers["Total-Count"] = {"description": "How many match, on all pages.", "schema": {"type": "integer"}}
    return {
        200: {
            "description": "The answer, true of the day in `as_of`.",
            "content": {MEDIA_TYPES[form]: {"schema": _SCHEMAS[form]} for form in formats if form in _SCHEMAS},
            "headers": headers,
        },
        304: {"description": "Not modified: the answer that If-None-Match names is still the answer."},
        **openapi_responses(*problems, *_ALWAYS),
    }


JSON_ANSWERS = _answers()
"""What a path can answer that has JSON only."""

TABLE_ANSWERS = _answers(*DATA)
"""What a path can answer that has JSON and CSV, and no pages."""

PAGE_ANSWERS = _answers(*DATA, total=True)
"""What a collection can answer."""

FEED_ANSWERS = _answers(*DATA, *FEEDS, total=True)
"""What a collection can answer that is a feed besides."""

RECORD_ANSWERS = _answers(*DATA, *CITATIONS, problems=(NotFound,))
"""What a single record's URL can answer."""

BATCH_ANSWERS = {
    status: answer
    for status, answer in _answers(Format.CSV, problems=(ContentTooLarge, UnsupportedMediaType)).items()
    if status != 304
}
"""What a batch of names can be answered with."""

DATASET_ANSWERS = _answers(*DATA, *CITATIONS)
"""What the record of the dataset itself can answer."""


def answer_of(model: type[Part]) -> Any:
    """Return the model of a single record's answer: the record, the day, the dataset, and how to cite it."""
    return create_model(f"{model.__name__}Answer", __base__=(model, Answer), __doc__=model.__doc__)
