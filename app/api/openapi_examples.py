"""The examples of the OpenAPI description: answers of this server to the questions that the description gives.

They are asked of the application itself when the description is first read, and again once another dataset was
published, so an example cannot be untrue.
"""

import asyncio
import json
from copy import deepcopy
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import FastAPI
from starlette.types import Message, Scope

from app.api.internal_request import one_body
from app.problems import Problem

DAY = "2016-03-21"
"""The day that the examples are of: four ships came off the list, on which the two articles disagree."""
JSON = "application/json"
_RANGES = ("from", "until", "to", "step")


async def with_examples(app: FastAPI, description: dict[str, Any], scope: Scope) -> dict[str, Any]:
    """Return a copy of a description with an example beside each JSON answer that the server can give now.

    Args:
        app: the application.
        description: its description.
        scope: the request for the description, for the address that links begin with.
    """
    described = deepcopy(description)
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            try:
                answer = await _answer(app, scope, method.upper(), path, operation)
            except Problem:  # such as where no dataset is published
                continue
            if answer is not None:
                operation["responses"]["200"]["content"][JSON]["example"] = answer
            await asyncio.sleep(0)  # thirty answers take as many milliseconds, between which others get their turn
    return described


async def _answer(app: FastAPI, scope: Scope, method: str, path: str, operation: dict[str, Any]) -> Any:
    """Ask one operation with its own examples; None where the answer is no success.

    Raises:
        Problem: it refuses.
    """
    sent = operation.get("requestBody", {}).get("content", {}).get(JSON, {}).get("example")
    asked: list[tuple[str, str]] = []
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "path":
            if parameter["name"] == "version":  # no version is kept everywhere
                parameter["example"] = app.state.datasets.current().version
            path = path.replace(f"{{{parameter['name']}}}", quote(str(parameter["example"])))
        else:
            asked += _asked(parameter)
    body = b"" if sent is None else json.dumps(sent).encode()
    return await _asgi(app, {**scope, **_request(method, path, urlencode(asked).encode())}, body)


def _asked(parameter: dict[str, Any]) -> list[tuple[str, str]]:
    """Choose the value of a query parameter in an example: few records of one day, and whatever must be given."""
    name, examples = parameter["name"], parameter["schema"].get("examples", [])
    if name == "as_of":
        return [(name, DAY)]
    if name == "limit":
        return [(name, "1")]
    # A parameter that can be repeated is a filter, also where it is called `from`.
    is_range = name in _RANGES and parameter["schema"].get("type") != "array"
    if parameter.get("required") or (is_range and examples):
        return [(name, str(examples[0]))]
    return []


def _request(method: str, path: str, query: bytes) -> dict[str, Any]:
    headers = [(b"content-type", JSON.encode()), (b"accept", JSON.encode())]
    return {
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query,
        "headers": headers,
        "path_params": {},
        "root_path": "",
    }


async def _asgi(app: FastAPI, scope: Scope, body: bytes) -> Any:
    """Send a request to the routes of the application, past its middleware: nobody's request is logged or cached."""
    status, parts = 0, []

    async def collect(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
        else:
            parts.append(message.get("body", b""))

    await app.router(scope, one_body(body), collect)
    return json.loads(b"".join(parts)) if status == 200 else None
