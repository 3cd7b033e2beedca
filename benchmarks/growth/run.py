"""How long answers take as the record grows: the real one beside synthetic ones, published and asked over HTTP.

    python -m benchmarks.growth.run --sizes 30000 --write docs/benchmarks.md
    python -m benchmarks.growth.run --sizes 30000 --postgresql postgresql+psycopg://owner@127.0.0.1/postgres

With a server of PostgreSQL, what was published is copied to it, too, each size into a database of its own, and is asked
there as well. Nothing is kept, so each answer is made anew. The questions of a kind differ from one another (other
days, other places, other ships), each asked once, the sizes in turn.
"""

import argparse
import http.client
import json
import os
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import make_url
from tqdm import tqdm

from app.settings import ROOT, Settings
from benchmarks.growth import synthetic
from benchmarks.http.run import BEGIN_GROWTH, END_GROWTH, heading, write_between
from benchmarks.http.servers import Server, ours

ASKED = 300
"""How many questions of each kind."""
PATIENCE, FEWEST = 30, 10
"""Seconds that the questions of a kind may take together, and how many are asked all the same."""

SETTINGS = {"response_cache_bytes": "0", "query_seconds": "60"}
"""Each answer is made anew, and none is refused because its query took longer than the 2 s that it is given else."""

Question = Callable[[random.Random], str]

Stretches = list[tuple[date, date, int]]
"""Half-open stretches of days, and how many ships were on the list on each."""


def questions(ids: list[str], pages: list[str], stretches: Stretches) -> dict[str, Question]:
    """Return the kinds of question.

    Args:
        ids: ids of ships.
        pages: URLs of pages far into the list, of 50 each.
        stretches: how many ships stood on the list when.
    """
    most = max(number for _, _, number in stretches)

    def day(choice: random.Random, least: int = most // 2, most: int = most) -> date:
        """Return a day on which so many ships were on the list, or, where there is none, about as many as ever."""
        days = [(first, end) for first, end, number in stretches if least <= number <= most]
        first, end = choice.choice(days or [stretches[-1][:2]])
        return first + timedelta(choice.randrange((end - first).days))

    def words(choice: random.Random) -> str:
        return f"{choice.choice(synthetic.FIRST)} {choice.choice(synthetic.SECOND)}".replace(" ", "+")

    flags = ("KP", "SL", "KH")
    return {
        "one record": lambda choice: f"/vessels/{choice.choice(ids)}?as_of={day(choice)}",
        "list": lambda choice: f"/vessels?as_of={day(choice)}",
        "page 1,000, or one of the last": lambda choice: choice.choice(pages),
        "listed, a day with many": lambda choice: f"/vessels?listed=true&as_of={day(choice)}",
        "listed, a day with 20 to 100": lambda choice: f"/vessels?listed=true&as_of={day(choice, 20, 100)}",
        "listed, a day with 1,000 to 5,000": lambda choice: f"/vessels?listed=true&as_of={day(choice, 1000, 5000)}",
        "listed, a day with none": lambda choice: f"/vessels?listed=true&as_of={day(choice, 0, 0)}",
        "flag": lambda choice: f"/vessels?flag={choice.choice(flags)}&as_of={day(choice)}",
        "flag and measure": lambda choice: f"/vessels?flag=KP&measure=port_entry_ban&as_of={day(choice)}",
        "by an act": lambda choice: f"/vessels?designated_by=2270&as_of={day(choice)}",
        "text in a name": lambda choice: f"/vessels?name={words(choice)}+{choice.randrange(1, 1000)}",
        "type that all have": lambda choice: f"/vessels?vessel_type=general+cargo&as_of={day(choice)}",
        "changes": lambda choice: f"/changes?until={day(choice)}",
        "changes of a kind": lambda choice: f"/changes?kind=listed&until={day(choice)}",
        "changes of one ship": lambda choice: f"/changes?subject={choice.choice(ids)}",
        "search": lambda choice: f"/search?q={words(choice)}",
    }


@dataclass(frozen=True)
class Published:
    """What publishing a synthetic record took: seconds, of them processor time, memory at most and the file in MiB."""

    seconds: float
    processor: float
    memory: float
    file: float


def publish(size: int, folder: Path) -> Published:
    """Publish the real record with so many synthetic ships; what a folder has from an earlier run is taken as it is."""
    seed, database, figures = folder / "seed", folder / "unlisted.db", folder / "published.json"
    if figures.exists():
        return Published(**json.loads(figures.read_text()))
    if not seed.exists():
        unfinished = folder / "unfinished"
        synthetic.write(size, unfinished)
        unfinished.rename(seed)
    began = time.perf_counter()
    command = [sys.executable, "-m", "app.cli", "publish", "--no-downloads"]
    command += ["--seed", str(seed), "--database", str(database)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=sys.stderr)
    _, status, used = os.wait4(
        process.pid, 0
    )  # for it alone: what other processes used at most is not taken for its own
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} failed")
    published = Published(
        time.perf_counter() - began,
        used.ru_utime + used.ru_stime,
        used.ru_maxrss / 1024,
        database.stat().st_size / 2**20,
    )
    figures.write_text(json.dumps(vars(published)))
    return published


def copy_to_postgresql(url: str, size: int, database: Path) -> tuple[str, float]:
    """Copy a published file to a database of its own on a server of PostgreSQL, unless it is there already.

    Args:
        url: the URL of a database of that server, of a role that may create databases.
        size: how many synthetic ships it has.
        database: the file.

    Returns:
        The URL of the database, and how many seconds that took.
    """
    import psycopg

    from app.postgresql.hosts import parameters_of
    from app.postgresql.publication import publication_to

    name = f"unlisted_growth_{size}"
    with psycopg.connect(**parameters_of(url), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            connection.execute(f"CREATE DATABASE {name}")
    ours = make_url(url).set(database=name).render_as_string(hide_password=False)
    with closing(sqlite3.connect(database)) as connection:
        (version,) = connection.execute("SELECT version FROM dataset").fetchone()
    with publication_to(ours) as target:
        began = time.perf_counter()
        if version not in {one.version for one in target.kept()}:
            target.publish(database, version)
        return ours, time.perf_counter() - began


def asked(server: Server) -> dict[str, Question]:
    """Return the kinds of question, of ships and pages that a server's dataset has."""
    with httpx.Client(base_url=server.url("")) as client:
        total = client.get("/vessels?limit=1").json()["total"]
        ids, url, deep = [], "/vessels", []
        for page in range(min(1000, total // 50)):
            answer = client.get(url).json()
            ids += [item["id"] for item in answer["items"]]
            url = answer["next"] or url
            if page >= min(990, total // 50 - 10):
                deep.append(url.removeprefix(server.url("")))
        steps = client.get("/timeline").json()["items"]
    return questions(ids, [page for page in deep if page.startswith("/")] or ["/vessels"], _stretches(steps))


def _stretches(steps: list[dict[str, Any]]) -> Stretches:
    """Return the stretches of a timeline, those before anybody was listed and the last one cut to some years."""
    days = [date.fromisoformat(step["from_on"]) for step in steps]
    ends = [*days[1:], days[-1] + timedelta(days=365)]
    before = (days[0] - timedelta(days=2000), days[0], 0)
    return [before, *zip(days, ends, (step["vessels"] for step in steps), strict=True)]


Dataset = tuple[int, str]
"""How many synthetic ships a dataset has, and the engine that has it."""

SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"


def times(
    servers: Mapping[Dataset, Server], kind: Mapping[Dataset, Question], count: int
) -> dict[Dataset, list[float]]:
    """Return how many milliseconds each of many questions of a kind took, in rising order, by dataset.

    The datasets are asked in turn. One whose answers have taken `PATIENCE` seconds together is asked no more, but for
    `FEWEST`.
    """
    choices = {size: random.Random(1718) for size in servers}
    taken: dict[Dataset, list[float]] = {size: [] for size in servers}
    for place in range(count):
        for size, server in servers.items():
            if place < FEWEST or sum(taken[size]) < PATIENCE * 1000:
                taken[size].append(ask(server, kind[size](choices[size])))
    return {size: sorted(each) for size, each in taken.items()}


def ask(server: Server, url: str) -> float:
    """Ask a question on a connection that stays open if it can, and return how many milliseconds the answer took."""
    connection = _connection(server.port)
    try:
        return _ask(connection, url)
    except ConnectionError:  # closed, as another server took long meanwhile
        connection.close()
        return _ask(connection, url)


def _ask(connection: http.client.HTTPConnection, url: str) -> float:
    began = time.perf_counter()
    connection.request("GET", url)
    response = connection.getresponse()
    body = response.read()
    taken = (time.perf_counter() - began) * 1000
    if response.status != 200:
        raise RuntimeError(f"{url}: {body.decode()}")
    return taken


@cache
def _connection(port: int) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", port)


def main(arguments: list[str] | None = None) -> int:
    """Publish, ask, and print or write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[30_000], help="how many synthetic ships")
    parser.add_argument("--asked", type=int, default=ASKED, help="how many questions of each kind")
    parser.add_argument("--folder", type=Path, help="where the datasets are made and stay, to be measured once more")
    parser.add_argument("--postgresql", metavar="URL", help="a server of PostgreSQL, to be measured beside SQLite")
    parser.add_argument("--write", type=Path, help="file to write to, between the marks that it has")
    options = parser.parse_args(arguments)
    sizes = " ".join(map(str, options.sizes))
    lines = list(heading(f"python -m benchmarks.growth.run --sizes {sizes} --asked {options.asked}"))
    with tempfile.TemporaryDirectory() as place:
        folder = options.folder or Path(place)
        published = {size: publish(size, folder / str(size)) for size in options.sizes}
        lines += [
            "| synthetic ships | published in, min | processor time, min | memory at most, MiB | dataset, MiB |",
            "|---:|---:|---:|---:|---:|",
        ]
        lines += [
            f"| {size:,} | {each.seconds / 60:.1f} | {each.processor / 60:.1f} "
            f"| {each.memory:,.0f} | {each.file:,.0f} |"
            for size, each in published.items()
        ]
        files = {0: Settings().database} | {size: folder / str(size) / "unlisted.db" for size in published}
        servers = {(size, SQLITE): ours("this API", file, **SETTINGS) for size, file in files.items()}
        if options.postgresql:
            copies = {size: copy_to_postgresql(options.postgresql, size, file) for size, file in files.items()}
            servers |= {(size, POSTGRESQL): beside(url) for size, (url, _) in copies.items()}
            lines += ["", "| ships | copied to PostgreSQL in, s |", "|---:|---:|"]
            lines += [f"| {size:,} | {seconds:,.1f} |" for size, (_, seconds) in copies.items()]
        lines += ["", *table(servers, options.asked), ""]
    write_between(options.write, BEGIN_GROWTH, END_GROWTH, "\n".join(lines))
    return 0


def beside(url: str) -> Server:
    """Return this API as a server of a database of PostgreSQL."""
    server = ours("this API", Settings.model_fields["database"].default, **SETTINGS, database_url=url)
    return replace(server, command=server.command[: server.command.index("--database")])


def table(servers: Mapping[Dataset, Server], count: int) -> Iterator[str]:
    """Yield tables in Markdown of what each kind of question took of each dataset, and what its server needs.

    Beside the times is the processor time of our process an answer, which other work on the machine disturbs least;
    that of the server of PostgreSQL is not part of it.
    """
    try:
        needs = {size: Needs(server.start(), server.resident_mebibytes()) for size, server in servers.items()}
        kinds = {size: asked(server) for size, server in servers.items()}
        # Before all else: a server reads the names in the background, and other answers would take longer meanwhile.
        for size, server in servers.items():
            needs[size].search(server, kinds[size]["search"](random.Random(2270)))
        engines = {engine for _, engine in servers}
        heads = [
            (f"{size:,} more" if size else "real record")
            + (f", {engine}" if len(engines) > 1 else "")
            + ": p50 / p99 / processor"
            for size, engine in servers
        ]
        yield f"| ms | {' | '.join(heads)} | times, p50 | p99 |"
        yield "|---|" + "---:|" * (len(servers) + 2)
        ends = (0, SQLITE), max(one for one in servers if one[1] == SQLITE)
        for kind in tqdm(kinds[ends[0]], disable=None):
            used = {size: server.cpu_seconds() for size, server in servers.items()}
            taken = times(servers, {size: each[kind] for size, each in kinds.items()}, count)
            used = {size: server.cpu_seconds() - used[size] for size, server in servers.items()}
            figures = {size: (statistics.median(each), each[int(len(each) * 0.99)]) for size, each in taken.items()}
            cells = [
                f"{p50:,.2f} / {p99:,.2f} / {used[size] / len(taken[size]) * 1000:,.1f}"
                + (f" ({len(taken[size])})" if len(taken[size]) < count else "")
                for size, (p50, p99) in figures.items()
            ]
            first, last = (figures[end] for end in ends)
            yield f"| {kind} | {' | '.join(cells)} | {last[0] / first[0]:.2f} | {last[1] / first[1]:.2f} |"
    finally:
        for server in servers.values():
            server.stop()
    yield ""
    yield (
        "| synthetic ships | engine | start to first page, s | memory, MiB | before a search | first search, s "
        "| memory then |"
    )
    yield "|---:|---|" + "---:|" * 5
    for dataset, need in needs.items():
        yield need.row(*dataset)


@dataclass
class Needs:
    """What a server needs: seconds to its first page and its first search, and mebibytes of memory at times."""

    start: float
    memory: float
    asked: float = 0
    first_search: float = 0
    searched: float = 0

    def search(self, server: Server, url: str) -> None:
        """Ask for the first search, for which all names are read."""
        self.asked = server.resident_mebibytes()
        self.first_search, self.searched = ask(server, url) / 1000, server.resident_mebibytes()

    def row(self, size: int, engine: str) -> str:
        """Return it as a row in Markdown."""
        figures = f"{self.start:.2f} | {self.memory:,.0f} | {self.asked:,.0f} | {self.first_search:.2f}"
        return f"| {size:,} | {engine} | {figures} | {self.searched:,.0f} |"


if __name__ == "__main__":
    sys.exit(main())
