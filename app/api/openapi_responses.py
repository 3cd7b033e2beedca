"""The responses of every route of a resource in OpenAPI."""

from typing import Any

from pydantic import create_model

from app.api.envelope import Answer
from app.api.formats import CITATIONS, COLLECTION, DATA, ENCODINGS, FEEDS, GRAPHS, LINKED, Format
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

OTHER_FORMATS = "x-other-formats"
"""Extension of a response in OpenAPI: the media types besides JSON, in the form of ``content``."""

_HEADERS = {
    "As-Of": "The day that the answer is true of.",
    "Dataset-Version": "The dataset that answered.",
    "Dataset-Covers-Until": "Last day until which the record was checked.",
    "ETag": "The entity tag of this answer; send it as If-None-Match.",
    "Link": "rel=cite-as: gives this answer again, from this dataset; rel=next: the next page, where there is one.",
}


def _answers(*formats: Format, problems: tuple[type[Problem], ...] = (), total: bool = False) -> dict[int | str, Any]:
    headers = {name: {"description": text, "schema": _TEXT} for name, text in _HEADERS.items()}
    if total:
        headers["Total-Count"] = {
            "description": "How many match, on all pages together.",
            "schema": {"type": "integer"},
        }
    encodings = [ENCODINGS[form] for form in formats]
    return {
        200: {
            "description": "The answer, true of the day in `as_of`.",
            # Beside JSON: a client generated from several media types of one status has a union of their types.
            OTHER_FORMATS: {one.media_type: {"schema": dict(one.schema)} for one in encodings if one.schema},
            "headers": headers,
        },
        304: {"description": "Not modified: the answer that If-None-Match names is still current."},
        **openapi_responses(*problems, *_ALWAYS),
    }


JSON_ANSWERS = _answers()
"""Responses of a path with JSON only."""

TABLE_ANSWERS = _answers(*DATA)
"""Responses of a path with JSON and CSV, and no pages."""

PAGE_ANSWERS = _answers(*COLLECTION, total=True)
"""Responses of a collection."""

FEED_ANSWERS = _answers(*COLLECTION, *FEEDS, total=True)
"""Responses of a collection that is a feed too."""

RECORD_ANSWERS = _answers(*DATA, *CITATIONS, problems=(NotFound,))
"""Responses of a single record."""

SCHEMA_ANSWERS: dict[int | str, Any] = {
    200: {"description": "The Table Schema."},
    **openapi_responses(NotFound, UrlTooLong, InvalidRequest, InternalError),
}
"""Responses of a Table Schema."""

GRAPH_ANSWERS = _answers(*GRAPHS, problems=(NotFound,))
"""Responses of a graph of relations."""

BATCH_ANSWERS = {
    status: answer
    for status, answer in _answers(Format.CSV, problems=(ContentTooLarge, UnsupportedMediaType)).items()
    if status != 304
}
"""Responses to a batch of names."""

DATASET_ANSWERS = _answers(*DATA, *CITATIONS, *LINKED)
"""Responses of the record of the dataset itself."""


def answer_of(model: type[Part]) -> Any:
    """Build the model of a single record's answer: the record, the day, the dataset, and how to cite it."""
    name = f"{model.__name__.removesuffix('Record')}Answer"
    return create_model(name, __base__=(model, Answer), __doc__=model.__doc__)
