"""What every route of a resource can answer, as OpenAPI has it."""

from typing import Any

from pydantic import create_model

from app.errors import InternalError, InvalidRequest, NoDataset, NotAcceptable, NotFound, UrlTooLong, documented
from app.formats import MEDIA_TYPES, Format
from app.pages import Answer
from app.rendering import Part

_ALWAYS = (NotAcceptable, UrlTooLong, InvalidRequest, InternalError, NoDataset)

_SUCCESS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The answer, true of the day in `as_of`.",
        "content": {MEDIA_TYPES[Format.CSV]: {"schema": {"type": "string"}}},
        "headers": {
            "As-Of": {"description": "The day that the answer is true of.", "schema": {"type": "string"}},
            "Dataset-Version": {"description": "Which dataset answered.", "schema": {"type": "string"}},
            "Dataset-Covers-Until": {
                "description": "Last day until which the record was checked.",
                "schema": {"type": "string"},
            },
            "ETag": {"description": "Names this answer; send it as If-None-Match.", "schema": {"type": "string"}},
        },
    },
    304: {"description": "Not modified: the answer that If-None-Match names is still the answer."},
}

JSON_ANSWERS = _SUCCESS | {200: {**_SUCCESS[200], "content": {}}} | documented(*_ALWAYS)
"""What a path can answer that has JSON only."""

_PAGE_HEADERS = {
    "Link": {"description": "The next page, as rel=next; not on the last.", "schema": {"type": "string"}},
    "Total-Count": {"description": "How many records match, on all pages.", "schema": {"type": "integer"}},
}
_PAGE: dict[int | str, dict[str, Any]] = {
    200: {**_SUCCESS[200], "headers": {**_SUCCESS[200]["headers"], **_PAGE_HEADERS}}
}

PAGE_ANSWERS = _SUCCESS | _PAGE | documented(*_ALWAYS)
"""What a collection can answer."""

RECORD_ANSWERS = _SUCCESS | documented(NotFound, *_ALWAYS)
"""What a single record's URL can answer."""


def answer_of(model: type[Part]) -> Any:
    """Return the model of a single record's answer: the record, the day and the dataset."""
    return create_model(f"{model.__name__}Answer", __base__=(model, Answer), __doc__=model.__doc__)
