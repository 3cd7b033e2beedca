"""How fast the API answers, beside a bare function, nginx, a tutorial's version, Datasette and soul.

    python -m benchmarks.http.run --write docs/benchmarks.md
    python -m benchmarks.http.run --smoke        # that it runs, not how fast

Every server has processor 0, the load (wrk) processor 1. Targets are measured in turn, round after round; ratios are
taken inside a round, and the median of the rounds is printed.
"""

import argparse
import platform
import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
from tqdm import tqdm

from app.settings import Settings
from benchmarks.http.servers import (
    ROOT,
    Measured,
    Server,
    bare,
    datasette,
    found,
    load,
    nginx,
    ours,
    save_answer,
    soul,
    tutorial,
)

CONNECTIONS = (1, 32, 128)
PAGE, RECORD, CHANGES, SEARCH = "/vessels", "/vessels/9163166", "/changes", "/search?q=Choi+Sung-il"
RIVALS = ROOT / ".bench"


@dataclass(frozen=True)
class Target:
    """Something to ask of a server.

    Attributes:
        name: what it is called in the table.
        server: the name of the server.
        path: the path to ask for.
        against: the target of the bare function that it is set against.
        tutorial: the target of the tutorial's version that it is set against; None where it has no such.
        headers: headers to send.
    """

    name: str
    server: str
    path: str
    against: str
    tutorial: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def targets(tag: str) -> list[Target]:
    """Return the targets that are measured.

    Args:
        tag: the ETag of the page, to be sent back.
    """
    known = {"If-None-Match": tag}
    return [
        Target("bare: page", "bare", "/page", "bare: page", "tutorial: page"),
        Target("bare: record", "bare", "/record", "bare: record", "tutorial: record"),
        Target("bare: 304", "bare", "/not-modified", "bare: 304"),
        Target("nginx: page", "nginx", "/page.body", "bare: page", "tutorial: page"),
        Target("nginx: record", "nginx", "/record.body", "bare: record", "tutorial: record"),
        Target("kept: page", "kept", PAGE, "bare: page", "tutorial: page"),
        Target("kept: page, br", "kept", PAGE, "bare: page", "tutorial: page", {"Accept-Encoding": "br"}),
        Target("kept: 304", "kept", PAGE, "bare: 304", None, known),
        Target("kept: record", "kept", RECORD, "bare: record", "tutorial: record"),
        Target("kept: changes", "kept", CHANGES, "bare: page"),
        Target("kept: search", "kept", SEARCH, "bare: page"),
        Target("first: page", "first", PAGE, "bare: page", "tutorial: page"),
        Target("first: record", "first", RECORD, "bare: record", "tutorial: record"),
        Target("first: changes", "first", CHANGES, "bare: page"),
        Target("first: search", "first", SEARCH, "bare: page"),
        Target("tutorial: page", "tutorial", "/vessels", "bare: page", "tutorial: page"),
        Target("tutorial: record", "tutorial", RECORD, "bare: record", "tutorial: record"),
        Target("Datasette: flat page", "Datasette", "", "bare: page", "tutorial: page"),
        Target("soul: flat page", "soul", "", "bare: page", "tutorial: page"),
    ]


Results = dict[tuple[str, int], list[Measured]]


def measure(
    servers: Mapping[str, Server], asked: list[Target], connections: tuple[int, ...], rounds: int, seconds: int
) -> Results:
    """Return the times of each target, by its name and the number of connections, round by round."""
    results: Results = {}
    with tqdm(total=rounds * len(connections) * len(asked), disable=None) as bar:
        for _ in range(rounds):
            for number in connections:
                for target in asked:
                    server = servers[target.server]
                    taken = load(server, target.path or server.ready, number, seconds, target.headers)
                    results.setdefault((target.name, number), []).append(taken)
                    if taken["requests"] == 0:  # it stalls, and would for good
                        server.stop()
                        server.start()
                    bar.update()
    return results


def ratio(results: Results, one: str, other: str, number: int, figure: str) -> float:
    """Return how many times another target's figure one target's is: the median of the rounds."""
    pairs = zip(results[one, number], results[other, number], strict=True)
    middle: float = statistics.median(mine[figure] / max(theirs[figure], 1e-9) for mine, theirs in pairs)
    return middle


def table(results: Results, asked: list[Target], number: int) -> Iterator[str]:
    """Yield a table in Markdown of what was measured with a number of connections."""
    yield f"### {number} connection{'s' if number > 1 else ''}"
    yield ""
    yield (
        "| | requests/s | p50 ms | p99 ms | CPU µs a request | of bare, by CPU | of bare, by requests/s | "
        "times the tutorial, by CPU | not 200 | lost |"
    )
    yield "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
    for target in asked:
        rounds = results[target.name, number]
        middle = {name: statistics.median(one[name] for one in rounds) for name in ("rate", "p50", "p99", "cpu")}
        by_cpu = ratio(results, target.against, target.name, number, "cpu")
        by_rate = ratio(results, target.name, target.against, number, "rate")
        times = f"{ratio(results, target.tutorial, target.name, number, 'cpu'):.3g}" if target.tutorial else ""
        # wrk counts a 304 among what succeeded.
        yield (
            f"| {target.name} | {middle['rate']:,.0f} | {middle['p50']:.2f} | {middle['p99']:.2f} | "
            f"{middle['cpu']:,.0f} | {by_cpu:.2f} | {by_rate:.2f} | {times} | "
            f"{sum(one['refused'] for one in rounds)} | {sum(one['failed'] for one in rounds)} |"
        )
    yield ""


def starts(servers: Mapping[str, Server], times: int) -> Iterator[str]:
    """Yield a table in Markdown of how soon each server answers first; each is started anew."""
    yield "### Start and memory"
    yield ""
    yield "| | first answer after start, s (median) | shortest | resident after load, MiB |"
    yield "|---|---:|---:|---:|"
    for server in servers.values():
        memory = server.resident_mebibytes()
        server.stop()
        taken = []
        for _ in range(times):
            taken.append(server.start())
            server.stop()
        yield f"| {server.name} | {statistics.median(taken):.2f} | {min(taken):.2f} | {memory:.0f} |"
    yield ""


def workers(database: Path, rounds: int, seconds: int) -> Iterator[str]:
    """Yield a table in Markdown of what two processes answer beside one; the load has the same two processors."""
    several = [ours(f"{count}", database, workers=str(count), response_cache_bytes="0") for count in (1, 2)]
    yield "### Workers"
    yield ""
    yield "| answers made anew, 32 connections | requests/s of 1 process | of 2 | times as many |"
    yield "|---|---:|---:|---:|"
    try:
        for server in several:
            server.processor = "0,1"
            server.start()
        for path in (PAGE, RECORD):
            taken = [[load(server, path, 32, seconds, {})["rate"] for server in several] for _ in range(rounds)]
            one, two = (statistics.median(rates) for rates in zip(*taken, strict=True))
            times = statistics.median(rates[1] / rates[0] for rates in taken)
            yield f"| {path} | {one:,.0f} | {two:,.0f} | {times:.2f} |"
    finally:
        for server in several:
            server.stop()
    yield ""


@contextmanager
def running(database: Path, rivals: bool) -> Iterator[dict[str, Server]]:
    """Run all servers that are installed for as long as the context lasts.

    Args:
        database: file of the dataset.
        rivals: whether those of others are run too.
    """
    servers = {
        "kept": ours("this API", database),
        "first": ours("this API, nothing kept", database, response_cache_bytes="0"),
        "tutorial": tutorial(database),
    }
    with tempfile.TemporaryDirectory() as folder:
        answers = Path(folder)
        answers.chmod(0o755)
        servers["bare"] = bare(answers)
        if rivals:
            servers |= _others(answers, database)
        started: list[Server] = []
        try:
            servers["kept"].start()
            started.append(servers["kept"])
            _save_answers(answers, servers["kept"])
            for server in servers.values():
                if server is not servers["kept"]:
                    server.start()
                    started.append(server)
            yield servers
        finally:
            for server in started:
                server.stop()


def _others(answers: Path, database: Path) -> dict[str, Server]:
    """Return the servers of others that are installed; says of the rest that they are left out."""
    programs = {
        "nginx": found("nginx", Path("/usr/sbin")),
        "Datasette": found("datasette", RIVALS / "bin"),
        "soul": found("soul", RIVALS / "node_modules" / ".bin"),
    }
    for name in (name for name, program in programs.items() if program is None):
        print(f"{name} is not installed (see benchmarks/http/README.md); it is left out.", file=sys.stderr)
    return {
        name: nginx(answers) if name == "nginx" else (datasette if name == "Datasette" else soul)(program, database)
        for name, program in programs.items()
        if program
    }


def _save_answers(folder: Path, api: Server) -> None:
    save_answer(folder, "page", api.url(PAGE), {})
    save_answer(folder, "record", api.url(RECORD), {})
    save_answer(folder, "not-modified", api.url(PAGE), {"If-None-Match": _tag(api)})


def _tag(api: Server) -> str:
    return httpx.get(api.url(PAGE), headers={"Accept-Encoding": "identity"}).headers["etag"]


def heading(command: str) -> Iterator[str]:
    """Yield where, when and how the figures were made."""
    about = Path("/proc/cpuinfo").read_text().splitlines()
    models = (line.partition(":")[2].strip() for line in about if line.startswith("model name"))
    model = next(models, platform.machine())
    yield f"Measured on {datetime.now(UTC).date()}, {model}, 2 processors, Python {platform.python_version()}:"
    yield f"`{command}`"
    yield ""


def main(arguments: list[str] | None = None) -> int:
    """Measure, and print or write the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--smoke", action="store_true", help="one short round of the servers that are always there")
    parser.add_argument("--write", type=Path, help="file to write to, between the marks that it has")
    options = parser.parse_args(arguments)
    rounds, seconds = (1, 1) if options.smoke else (options.rounds, options.seconds)
    database = Settings().database
    with running(database, rivals=not options.smoke) as servers:
        asked = [target for target in targets(_tag(servers["kept"])) if target.server in servers]
        connections = (32,) if options.smoke else CONNECTIONS
        results = measure(servers, asked, connections, rounds, seconds)
        lines = [*heading(f"python -m benchmarks.http.run --rounds {rounds} --seconds {seconds}")]
        for number in connections:
            lines += table(results, asked, number)
        lines += starts(servers, 1 if options.smoke else 5)
    lines += workers(database, rounds, seconds)
    write_between(options.write, BEGIN_HTTP, END_HTTP, "\n".join(lines))
    return 0


BEGIN_HTTP, END_HTTP = "<!-- begin: http -->", "<!-- end: http -->"
BEGIN_GROWTH, END_GROWTH = "<!-- begin: growth -->", "<!-- end: growth -->"
"""Marks between which a page of figures is written anew."""


def write_between(page: Path | None, begin: str, end: str, text: str) -> None:
    """Write a text between two marks of a page, in place of what stood there; without a page, print it."""
    if page is None:
        print(text)
        return
    before, mark, rest = page.read_text().partition(begin)
    page.write_text(f"{before}{mark}\n\n{text}\n{end}{rest.partition(end)[2]}")


if __name__ == "__main__":
    sys.exit(main())
