"""The longest turn of the event loop while one dear request is answered: nobody else is answered in that time.

    python -m benchmarks.soak.loop

Prints the longest turn of each request in milliseconds of processor time: the best of five tries, since other
processes share the caches of the processor. ``tests/test_loop.py`` counts the same turns in calls.
"""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI

from app.main import create_app
from app.settings import Settings

TRIES = 5

NAMES = [
    "Kim Chol Song Ri Yong Pak Nam Choe Jong Kwang Chang Ho",
    "김철수 박남기 리용호",
    "Ким Чен Ын " * 20,
    "a" * 300,
]

WORST = {
    "a megabyte of numbers": ("POST", "/search", b"[" + b"1," * 499_000 + b"1]", "application/json"),
    "a megabyte of empty objects": ("POST", "/search", b"[" + b"{}," * 333_000 + b"{}]", "application/json"),
    "a megabyte of brackets": ("POST", "/search", b"[" * 1_000_000, "application/json"),
    "a megabyte of one text": ("POST", "/search", b'["' + b"a" * 999_000 + b'"]', "application/json"),
    "a megabyte of blanks": ("POST", "/search", b"[" + b" " * 999_000 + b"]", "application/json"),
    "a megabyte that is cut off": ("POST", "/search", b'[{"name": "' + b"\\u00e9" * 160_000, "application/json"),
    "a megabyte of lines": ("POST", "/search", b"name\n" + b"a\n" * 499_000, "text/csv"),
    "a megabyte of commas": ("POST", "/search", b"name" + b"," * 999_000, "text/csv"),
    "a megabyte in quotation marks": ("POST", "/search", b'name\n"' + b'""' * 499_000, "text/csv"),
    "500 long names": ("POST", "/search", json.dumps([NAMES[n % 4] for n in range(500)]).encode(), "application/json"),
    "500 longer names": ("POST", "/search", json.dumps([NAMES[2] * 9] * 500).encode(), "application/json"),
    "an id of 80 letters": ("GET", "/measures/" + "2270-asset-freeze-annexes-i-and-iii"[:34] + "x" * 46, b"", ""),
    "many unknown parameters": ("GET", "/vessels?" + "&".join(f"u{n}=1" for n in range(1000)), b"", ""),
    "one unknown parameter, long": ("GET", "/vessels?" + "u" * 7000 + "=1", b"", ""),
    "many subjects": ("GET", "/changes?" + "&".join(f"subject=KPi.{n:03}" for n in range(1, 81)), b"", ""),
    "a long text": ("GET", "/measures?text=" + "%25_" * 60, b"", ""),
    "a long name": ("GET", "/search?q=" + "Kim+Chol+" * 20, b"", ""),
    "a name of one letter": ("GET", "/search?q=" + "i" * 190, b"", ""),
    "a long cursor": ("GET", "/vessels?after=" + "W1sb" * 1900, b"", ""),
    "a long path": ("GET", "/" + "a/" * 3900, b"", ""),
}
"""Requests that are as dear as they can be: method, URL, body and the body's media type."""

WARMING = (
    ("GET", "/search?q=Kim", b"", ""),
    ("GET", "/search?q=%D0%9A%D0%B8%D0%BC", b"", ""),
    ("POST", "/search", b'["Kim"]', "application/json"),
)
"""Requests that are sent before the measurement: what a first request builds is built once."""


@dataclass(frozen=True)
class Turns:
    """The turns of the loop while a request was answered.

    Attributes:
        status: status code of the answer.
        longest: what the clock advanced in the longest turn, in its unit.
        count: number of turns.
    """

    status: int
    longest: float
    count: int


def turns(app: FastAPI, method: str, url: str, body: bytes, kind: str, clock: Callable[[], float]) -> Turns:
    """Measure the turns of the event loop while an application answers one request.

    Args:
        app: the application, called in this thread.
        method: HTTP method.
        url: path and query, percent-encoded.
        body: sent in parts of 64 KiB, as a server hands them on.
        kind: its media type.
        clock: gives a number that never falls: seconds, or calls.
    """
    path, _, query = url.partition("?")
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(b"host", b"a.example"), (b"content-type", kind.encode()), (b"cache-control", b"no-cache")],
        "server": ("a.example", 80),
        "scheme": "http",
        "root_path": "",
    }
    parts = [body[start : start + 65_536] for start in range(0, len(body), 65_536)] or [b""]
    statuses: list[int] = []
    taken: list[float] = []

    async def receive() -> Any:
        await asyncio.sleep(0)
        part = parts.pop(0) if parts else b""
        return {"type": "http.request", "body": part, "more_body": bool(parts)}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    async def watch() -> None:
        before = clock()
        while True:
            await asyncio.sleep(0)
            now = clock()
            taken.append(now - before)
            before = now

    async def measure() -> None:
        watching = asyncio.create_task(watch())
        await asyncio.sleep(0)
        await app(scope, receive, send)
        await asyncio.sleep(0)
        watching.cancel()

    asyncio.run(measure())
    return Turns(statuses[0], max(taken), len(taken))


def main() -> None:
    """Measure each request against the published dataset and print the longest turn."""
    app = create_app(Settings())
    for request in WARMING:
        turns(app, *request, time.thread_time)
    for name, request in WORST.items():
        best = min(turns(app, *request, time.thread_time).longest for _ in range(TRIES))
        print(f"{best * 1000:6.1f} ms  {name}")


if __name__ == "__main__":
    main()
