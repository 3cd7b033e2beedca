"""How long answers take as the record grows: the real one beside synthetic ones, published and asked over HTTP.

    python -m benchmarks.growth.run --sizes 30000 --write docs/benchmarks.md

Nothing is kept, so each answer is made anew. The questions of a kind differ from one another (other days, other places,
other ships), each asked once, the sizes in turn.
"""

import argparse
import http.client
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import httpx
from tqdm import tqdm

from app.settings import ROOT, get_settings
from benchmarks.growth import synthetic
from benchmarks.http.run import BEGIN_GROWTH, END_GROWTH, heading, write_between
from benchmarks.http.servers import Server, ours

ASKED = 300
"""How many questions of each kind."""

Question = Callable[[random.Random], str]


def questions(ids: list[str], pages: list[str]) -> dict[str, Question]:
    """Return the kinds of question.

    Args:
        ids: ids of ships.
        pages: URLs of pages far into the list, of 50 each.
    """

    def day(choice: random.Random, first: date = date(2015, 1, 5), days: int = 2800) -> date:
        return first + timedelta(choice.randrange(days))

    def words(choice: random.Random) -> str:
        return f"{choice.choice(synthetic.FIRST)} {choice.choice(synthetic.SECOND)}".replace(" ", "+")

    few, none = (date(2007, 1, 15), 60), (date(2000, 1, 1), 2000)
    flags = ("KP", "SL", "KH")
    return {
        "one record": lambda choice: f"/vessels/{choice.choice(ids)}?as_of={day(choice)}",
        "list": lambda choice: f"/vessels?as_of={day(choice)}",
        "page 1,000, or one of the last": lambda choice: choice.choice(pages),
        "listed, a day with many": lambda choice: f"/vessels?listed=true&as_of={day(choice)}",
        "listed, a day with few": lambda choice: f"/vessels?listed=true&as_of={day(choice, *few)}",
        "listed, a day with none": lambda choice: f"/vessels?listed=true&as_of={day(choice, *none)}",
        "flag": lambda choice: f"/vessels?flag={choice.choice(flags)}&as_of={day(choice)}",
        "flag and measure": lambda choice: f"/vessels?flag=KP&measure=port_entry_ban&as_of={day(choice)}",
        "by an act": lambda choice: f"/vessels?designated_by=2270&as_of={day(choice)}",
        "text in a name": lambda choice: f"/vessels?name={words(choice)}+{choice.randrange(1, 1000)}",
        "changes": lambda choice: f"/changes?until={day(choice)}",
        "changes of one ship": lambda choice: f"/changes?subject={choice.choice(ids)}",
        "search": lambda choice: f"/search?q={words(choice)}",
    }


def publish(size: int, folder: Path) -> tuple[float, float, float]:
    """Publish the real record with so many synthetic ships, and return seconds, megabytes of memory and of the file."""
    seed, database = folder / "seed", folder / "unlisted.db"
    synthetic.write(size, seed)
    began = time.perf_counter()
    command = [sys.executable, "-m", "app.cli", "publish", "--seed", str(seed), "--database", str(database)]
    subprocess.run(command, check=True, cwd=ROOT, stdout=sys.stderr)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return seconds, peak, database.stat().st_size / 2**20


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
    return questions(ids, [page for page in deep if page.startswith("/")] or ["/vessels"])


def times(server: Server, kind: Question, count: int) -> list[float]:
    """Return how many milliseconds each of many questions of a kind took, in rising order."""
    choice = random.Random(1718)
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    taken = []
    for _ in range(count):
        url = kind(choice)
        began = time.perf_counter()
        connection.request("GET", url)
        response = connection.getresponse()
        body = response.read()
        taken.append((time.perf_counter() - began) * 1000)
        if response.status != 200:
            raise RuntimeError(f"{url}: {body.decode()}")
    connection.close()
    return sorted(taken)


def main(arguments: list[str] | None = None) -> int:
    """Publish, ask, and print or write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[30_000], help="how many synthetic ships")
    parser.add_argument("--asked", type=int, default=ASKED, help="how many questions of each kind")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()), help="where the datasets are made")
    parser.add_argument("--write", type=Path, help="file to write to, between the marks that it has")
    options = parser.parse_args(arguments)
    sizes = " ".join(map(str, options.sizes))
    lines = list(heading(f"python -m benchmarks.growth.run --sizes {sizes} --asked {options.asked}"))
    with tempfile.TemporaryDirectory(dir=options.folder) as place:
        databases, published = {0: get_settings().database}, []
        for size in options.sizes:
            folder = Path(place) / str(size)
            seconds, peak, megabytes = publish(size, folder)
            databases[size] = folder / "unlisted.db"
            published.append(f"| {size:,} | {seconds / 60:.1f} | {peak:,.0f} | {megabytes:,.0f} |")
        lines += ["| synthetic ships | published in, min | memory, MiB | dataset, MiB |", "|---:|---:|---:|---:|"]
        lines += [*published, "", *table(databases, options.asked), ""]
    write_between(options.write, BEGIN_GROWTH, END_GROWTH, "\n".join(lines))
    return 0


def table(databases: dict[int, Path], count: int) -> Iterator[str]:
    """Yield a table in Markdown of what each kind of question took of each dataset, in milliseconds."""
    servers = {size: ours("this API", path, kept_bytes="0") for size, path in databases.items()}
    try:
        for server in servers.values():
            server.start()
        kinds = {size: asked(server) for size, server in servers.items()}
        heads = [f"{size:,} more: p50 / p99" if size else "real record: p50 / p99" for size in servers]
        yield f"| ms | {' | '.join(heads)} | times, p50 | p99 |"
        yield "|---|" + "---:|" * (len(servers) + 2)
        for kind in tqdm(kinds[0], disable=None):
            taken = {size: times(server, kinds[size][kind], count) for size, server in servers.items()}
            figures = {size: (statistics.median(each), each[int(len(each) * 0.99)]) for size, each in taken.items()}
            cells = [f"{p50:.2f} / {p99:.2f}" for p50, p99 in figures.values()]
            first, last = figures[0], figures[max(figures)]
            yield f"| {kind} | {' | '.join(cells)} | {last[0] / first[0]:.2f} | {last[1] / first[1]:.2f} |"
    finally:
        for server in servers.values():
            server.stop()


if __name__ == "__main__":
    sys.exit(main())
