"""The OpenAPI description: its introduction, and corrections of what FastAPI generates."""

import json
import re
import warnings
from collections.abc import Iterable
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.warnings import UnsupportedFieldAttributeWarning

from app.api.openapi_choices import describe_choices
from app.api.openapi_responses import OTHER_FORMATS
from app.api.query_types import MOST_VALUES
from app.api.resource import Resource
from app.problems import ProblemDocument
from app.settings import Settings

DESCRIPTION = """\
**Who and which ships were put on the Security Council's list for North Korea, by what, when and under which measures;
who asked for one to be taken off and what came of it.** Every fact comes with its source, every answer is true of a
day.

* Ask for a day with `as_of=2016-03-20`; without it the answer is for today (UTC). A day that has begun nowhere
  on earth yet (UTC+14) is refused.
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
* A value has one meaning however it is written: `listed=True` is `listed=true`, `imo_number=IMO9163166` the seven
  digits, `hs_code=2701.11` the code 270111, `flag=PRK` KP, `/resolutions/S/RES/2270(2016)` resolution 2270, and a path
  with a slash at its end the path without it. `cite_as` has the plain form.
* Every address is a page too: for a browser, whose `Accept` prefers `text/html`, and with `format=html`.
* A parameter that is unknown or malformed is refused with a problem document (RFC 9457), never ignored.
* `covers_until` in every answer is the last day until which the record was checked against its sources. That a name is
  not found here is not a clearance: `/dataset` says what is covered.
"""


def openapi_of(
    app: FastAPI, bodies: Iterable[type[BaseModel]] = (), collections: Iterable[Resource] = ()
) -> dict[str, Any]:
    """Generate the OpenAPI description of an application, put right where FastAPI's is not what the API does.

    Args:
        app: the application; its public URL is in its settings.
        bodies: models of bodies that routes refer to by their names.
        collections: the collections of the application.
    """
    settings: Settings = app.state.settings
    schema = _generated(app)
    schema["servers"] = [{"url": settings.public_base or "/"}]
    schema["security"] = []  # anybody may ask anything
    if settings.contact:
        schema["info"]["contact"] = {"name": "unlisted", **contact_field(settings.contact)}
    models: list[type[BaseModel]] = [ProblemDocument, *bodies]
    for model in models:
        schema["components"]["schemas"][model.__name__] = _schema_of(model, schema)
    describe_choices(schema["paths"], collections)
    for path in schema["paths"].values():
        for operation in path.values():
            _describe_parameters(operation)
            _drop_fastapi_errors(operation)
            _name_other_formats(operation)
    for name in ("HTTPValidationError", "ValidationError"):
        schema["components"]["schemas"].pop(name, None)
    return _with_readable_names(schema)


_GENERIC_PAGE = re.compile(r"\bPage[_[](\w+?)(?:Record)?[_\]](?=\")")


def _with_readable_names(schema: dict[str, Any]) -> dict[str, Any]:
    """Name the schemas of pages as their models are: VesselPage, where Pydantic writes Page_VesselRecord_."""
    renamed: dict[str, Any] = json.loads(_GENERIC_PAGE.sub(r"\1Page", json.dumps(schema)))
    return renamed


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


def contact_field(contact: str) -> dict[str, str]:
    """Return the contact of a server's setting in the form of OpenAPI: a URL or an address for mail."""
    return {"url": contact} if contact.startswith("https:") else {"email": contact}


def _schema_of(model: type[BaseModel], schema: dict[str, Any]) -> dict[str, Any]:
    found = model.model_json_schema(ref_template="#/components/schemas/{model}")
    schema["components"]["schemas"] |= found.pop("$defs", {})
    for member in found.get("properties", {}).values():
        # A member with a default is always there, to a generated client; these are left out where they are null.
        member.pop("default", None)
    return found


def _name_other_formats(operation: dict[str, Any]) -> None:
    """Say in words which media types a success has besides JSON, which the extension lists."""
    response = operation["responses"]["200"]
    if others := response.get(OTHER_FORMATS):
        response["description"] += f" As JSON; by `format` or Accept also as {', '.join(others)}."
    else:
        response.pop(OTHER_FORMATS, None)


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
