"""A bare ASGI function that sends bytes read at the start: the most that uvicorn can do.

The folder that ``BARE_ANSWERS`` names has a file of headers (JSON) and a file of body for each path.
"""

import json
import os
from pathlib import Path
from typing import Any

ANSWERS: dict[str, tuple[Any, Any]] = {}
for _headers in Path(os.environ["BARE_ANSWERS"]).glob("*.json"):
    _status, _pairs = json.loads(_headers.read_text())
    ANSWERS[f"/{_headers.stem}"] = (
        {
            "type": "http.response.start",
            "status": _status,
            "headers": [(name.encode(), value.encode()) for name, value in _pairs],
        },
        {"type": "http.response.body", "body": _headers.with_suffix(".body").read_bytes()},
    )


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Send the answer of a path."""
    del receive
    if scope["type"] != "http":
        return
    start, body = ANSWERS[scope["path"]]
    await send(start)
    await send(body)
