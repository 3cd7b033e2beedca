"""The path of a first answer through app/: the files and functions it crosses, and how often it comes back to a file.

    python -m benchmarks.path [--calls] [URL …]

A file is entered when a function of it is called after a function of another file of app/. What is built once a process
(models, SQL, the name index) is built before, by a question that differs in ``as_of`` alone.
"""

import argparse
import asyncio
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from types import FrameType
from typing import Any

from starlette.types import Message, Scope

from app.main import create_app
from app.settings import ROOT, Settings

APP = ROOT / "app"
QUESTIONS = (
    "/vessels",
    "/search?q=Choi+Sung-il",
    "/vessels/9163166",
    "/changes",
    "/vessels?listed=true&flag=KP&limit=5",
)


@dataclass(frozen=True)
class AnswerPath:
    """The functions of app/ that were called for one answer, in order.

    Attributes:
        calls: each call as its file, relative to app/, and the qualified name of the function.
    """

    calls: Sequence[tuple[str, str]]

    @property
    def functions(self) -> int:
        """How many distinct functions were called."""
        return len(set(self.calls))

    @property
    def entries(self) -> Counter[str]:
        """How many times each file was entered."""
        return Counter(file for file, _ in groupby(file for file, _ in self.calls))


def follow(app: Any, url: str) -> AnswerPath:
    """Ask a question for the first time, and return the path of its answer.

    Args:
        app: the application.
        url: path and query of a question that may give ``as_of``.
    """
    apart = "&" if "?" in url else "?"
    asyncio.run(_ask(app, f"{url}{apart}as_of=2020-01-01"))
    calls: list[tuple[str, str]] = []
    beginning = f"{APP}/"

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(beginning):
            calls.append((frame.f_code.co_filename.removeprefix(beginning), frame.f_code.co_qualname))

    sys.setprofile(note)
    try:
        asyncio.run(_ask(app, url))
    finally:
        sys.setprofile(None)
    return AnswerPath(calls)


async def _ask(app: Any, url: str) -> None:
    path, _, query = url.partition("?")
    scope: Scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(b"host", b"127.0.0.1:8000"), (b"accept", b"application/json")],
        "server": ("127.0.0.1", 8000),
    }
    status = 0

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status
        status = message.get("status", status)

    await app(scope, receive, send)
    if status != 200:
        raise ValueError(f"{url} was answered with {status}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print how many files and functions the first answer to each question crosses."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", nargs="*", default=QUESTIONS, help="path and query of a question")
    parser.add_argument("--database", type=Path, default=Settings().database, help="the dataset")
    parser.add_argument("--calls", action="store_true", help="print every call too")
    options = parser.parse_args(arguments)
    for url in options.url:
        path = follow(create_app(Settings(database=options.database)), url)
        if options.calls:
            print("\n".join(f"{file} {function}" for file, function in path.calls))
        most = ", ".join(f"{file} {times}" for file, times in path.entries.most_common(3))
        print(f"{url}: {len(path.entries)} files, {path.functions} functions; entered most often: {most}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
