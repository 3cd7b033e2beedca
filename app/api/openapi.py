"""The OpenAPI description: its introduction, and corrections of what FastAPI generates."""

import json
import warnings
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.warnings import UnsupportedFieldAttributeWarning

from app.api.query_types import MOST_VALUES
from app.problems import ProblemDocument

DESCRIPTION = """\
**Who and which ships were put on the Security Council's list for North Korea, by what, when and under which measures;
who asked for one to be taken off and what came of it.** Every fact comes with its source, every answer is true of a
day.

* Ask for a day with `as_of=2016-03-20`; without it the answer is for today (UTC). A day after today is refused.
* `listed=true` asks for those listed on that day. A stay on the list is half-open: `listed_on` is its first day,
  `delisted_on` the first day *off* it.
* Repeat a filter for "or" (`flag=KP&flag=SL`); different filters are joined by "and". Texts ignore case and accents.
* Follow `next` (also in the `Link` header) until it is null. `total` counts what matches on all pages together.
* Every path answers GET, HEAD and OPTIONS, and `/search` POST, which stores nothing; anything else is a 405.
* Every value is that of the day. Where the UN's list changed between two lists that were seen, neither value is stated
  as a fact: `possible` has both, and `not_known` names the field. A filter looks at the values of the day, `…_ever` at
  those of any day. A name, a flag or a passport that comes from elsewhere is shown with its own dates.
* `…_from` and `…_until` name the first and the last day of a range; one that ends before it begins is refused.
* Two times: `as_of` is what the UN's list said on a day, `dataset` what this record knew in one published version.
  `/dataset/versions` lists those that are kept; they answer byte for byte as they did; any other is a 410.
* `cite_as` in every answer, and `Link` with `rel="cite-as"`, is the address to cite: it pins the day and the dataset. A
  record comes as CSL-JSON (`format=csl`) and BibTeX (`format=bibtex`) too.
* `/search` finds a name however it is spelled, and says why; POST it a file of names. A hit is a name alike, not yet a
  person identified, and no hit is no clearance.
* `/changes` lists everything that happened, and is a feed with `format=atom` or `format=jsonfeed`; `/diff` takes the
  changes between two days together; `/timeline` counts those that were listed.
* Every address is a page too: for a browser, whose `Accept` prefers `text/html`, and with `format=html`.
* A parameter that is unknown or malformed is refused with a problem document (RFC 9457), never ignored.
* `covers_until` in every answer is the last day until which the record was checked against its sources. That a name is
  not found here is not a clearance: `/dataset` says what is covered.
"""


def openapi_of(app: FastAPI) -> dict[str, Any]:
    """Generate the OpenAPI description of an application, put right where FastAPI's is not what the API does."""
    schema = _generated(app)
    schema["components"]["schemas"]["ProblemDocument"] = _schema_of_problems(schema)
    for path in schema["paths"].values():
        for operation in path.values():
            _describe_parameters(operation)
            _drop_fastapi_errors(operation)
    for name in ("HTTPValidationError", "ValidationError"):
        schema["components"]["schemas"].pop(name, None)
    return schema


def _generated(app: FastAPI) -> dict[str, Any]:
    """Generate FastAPI's own description of an application."""
    with warnings.catch_warnings():
        # FastAPI gives each field of a query model to Pydantic as a type of its own, where an alias says nothing.
        warnings.simplefilter("ignore", UnsupportedFieldAttributeWarning)
        return get_openapi(
            title=app.title,
            version=app.version,
            summary=app.summary,
            description=app.description,
            license_info=app.license_info,
            tags=app.openapi_tags,
            routes=app.routes,
        )


def _schema_of_problems(schema: dict[str, Any]) -> dict[str, Any]:
    problem = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
    schema["components"]["schemas"] |= problem.pop("$defs")
    return problem


def _describe_parameters(operation: dict[str, Any]) -> None:
    """A query parameter is given or left out; the null that Python has for "left out" cannot be sent."""
    for parameter in operation.get("parameters", []):
        schema = parameter["schema"]
        options = [option for option in schema.pop("anyOf", []) if option != {"type": "null"}]
        if len(options) == 1:
            schema |= {key: value for key, value in options[0].items() if key not in schema}
        schema.pop("default", None) if schema.get("default", ...) is None else None
        for said_by_parameter in ("title", "description"):
            schema.pop(said_by_parameter, None)
        if schema.get("type") == "array":
            schema["maxItems"] = MOST_VALUES
        if parameter["in"] == "path":
            # Swagger UI fills in this form, which a path needs; the other, in the schema, it leaves to the reader,
            # as a request with every filter at once would find no records.
            parameter["example"] = schema.pop("examples")[0]
        elif examples := schema.get("examples"):
            parameter["description"] += f" For example `{_as_written(examples[0])}`."


def _as_written(example: Any) -> str:
    """Return an example as it is written in a URL."""
    value = example[0] if isinstance(example, list) else example
    return json.dumps(value) if isinstance(value, bool) else str(value)


def _drop_fastapi_errors(operation: dict[str, Any]) -> None:
    """FastAPI documents an error body of its own for 422, which this API never sends."""
    content = operation["responses"].get("422", {}).get("content", {})
    content.pop("application/json", None)
