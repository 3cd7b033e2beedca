"""Lines per CPU second, memory, hits and false hits over a generated file, ours beside other matchers, in one run.

python -m benchmarks.screening.run --lines 100000 --rival-lines 2000 --database data/unlisted.db

Each matcher runs in a process of its own, so that its memory is its own. WRatio is the bare loop that offices write:
the best score of rapidfuzz over all names, from 85 on. Matchers that are not installed are left out and named. A false
hit is a line that was not made of a name of the list; of the Koreans among them some bear a listed name by chance.
"""

import argparse
import csv
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from multiprocessing.connection import Connection
from pathlib import Path

from app.database import open_dataset
from app.fields.dates import today
from app.matching.index import THRESHOLD, Kind
from app.screening.bulk import BulkOptions, BulkScreener, Snapshot
from app.screening.file import FileOptions, screen_file
from app.screening.screener import Screener
from app.settings import Settings
from benchmarks.screening.generate import write

WRATIO_THRESHOLD = 85

Matcher = Callable[[Path, Path], "Measured"]
"""Screens a file against a dataset."""


@dataclass(frozen=True)
class Measured:
    """What a matcher took and found.

    Attributes:
        lines: how many lines it screened.
        cpu: CPU seconds.
        seconds: by the clock.
        megabytes: the most memory of its process, in MiB.
        found: lines made of a listed name for which it has a hit.
        listed: lines made of a listed name.
        false: other lines for which it has a hit.
    """

    lines: int
    cpu: float
    seconds: float
    megabytes: int
    found: int
    listed: int
    false: int

    def cells(self, name: str) -> list[str]:
        """Write a line of the table."""
        speed = f"{self.lines / self.cpu:,.0f}"
        return [
            name,
            f"{self.lines:,}",
            speed,
            f"{self.seconds:.1f}",
            str(self.megabytes),
            f"{self.found} of {self.listed}",
            f"{self.false:,}",
        ]


def ours(path: Path, database: Path, workers: int = 1) -> Measured:
    """Screen the file as ``unlisted screen`` does, reading and writing included."""
    dataset = open_dataset(database)
    base = Settings().public_base
    snapshot = Snapshot.of(dataset, Screener(dataset), today(), base)
    screener = BulkScreener(snapshot, BulkOptions(THRESHOLD, 20, base=base))
    dataset.close()
    answers = path.with_suffix(".answers.csv")
    began = _times()
    screen_file(path, answers, screener, FileOptions(workers=workers))
    ended = _times()
    with answers.open(encoding="utf-8", newline="") as file:
        rows = {row["line"]: (row["expect"], row["hits"] != "0") for row in csv.DictReader(file)}
    return _measured(rows.values(), began, ended)


def wratio(path: Path, database: Path) -> Measured:
    """Compare each line with every name by rapidfuzz's WRatio, lower case."""
    import rapidfuzz

    dataset = open_dataset(database)
    names = [one.text.lower() for one in Screener(dataset).index.listed if one.kind == Kind.NAME]
    dataset.close()
    found: list[tuple[str, bool]] = []
    began = _times()
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            best = rapidfuzz.process.extractOne(
                row["name"].lower(), names, scorer=rapidfuzz.fuzz.WRatio, score_cutoff=WRATIO_THRESHOLD
            )
            found.append((row["expect"], best is not None))
    return _measured(found, began, _times())


def logic(path: Path, database: Path, algorithm: str) -> Measured:
    """Compare each line with every subject by an algorithm of nomenklatura, at yente's threshold."""
    from benchmarks.names.rivals import Listed, rivals

    dataset = open_dataset(database)
    screener = Screener(dataset)
    dataset.close()
    names: dict[str, list[str]] = {}
    for one in screener.index.listed:
        if one.kind == Kind.NAME:
            names.setdefault(screener.ids[one.subject], []).append(one.text)
    kinds = dict(zip(screener.ids, screener.kinds, strict=True))
    listed = [Listed(id, str(kinds[id]), tuple(texts)) for id, texts in names.items()]
    rival = next(one for one in rivals() if algorithm in one.name)
    found: list[tuple[str, bool]] = []
    began = _times()
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            best = max(rival.scores(row["name"], row["kind"] or None, listed), default=0.0)
            found.append((row["expect"], best >= rival.threshold))
    return _measured(found, began, _times())


def _times() -> tuple[float, float]:
    """Read the CPU seconds of this process and its children, and the clock."""
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime, time.monotonic()


def _measured(rows: Iterable[tuple[str, bool]], began: tuple[float, float], ended: tuple[float, float]) -> Measured:
    found = list(rows)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    hits = [bool(expect) for expect, is_hit in found if is_hit]
    listed = sum(bool(expect) for expect, _ in found)
    return Measured(
        len(found), ended[0] - began[0], ended[1] - began[1], memory, sum(hits), listed, len(hits) - sum(hits)
    )


def _apart(matcher: Matcher, path: Path, database: Path) -> Measured:
    """Run a matcher in a process of its own, which may have processes of its own: those of a Pool may not."""
    context = multiprocessing.get_context("spawn")
    receiving, sending = context.Pipe(duplex=False)
    process = context.Process(target=_send, args=(sending, matcher, path, database))
    process.start()
    sending.close()
    measured: Measured = receiving.recv()
    process.join()
    return measured


def _send(sending: Connection, matcher: Matcher, path: Path, database: Path) -> None:
    sending.send(matcher(path, database))


def main() -> None:
    """Measure each matcher in a process of its own, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=100_000, help="lines for ours (default: %(default)s)")
    parser.add_argument("--rival-lines", type=int, default=2_000, help="lines for the others (default: %(default)s)")
    parser.add_argument("--workers", type=int, nargs="*", default=[], help="also time ours in so many processes")
    parser.add_argument("--database", type=Path, default=Path("data/unlisted.db"), help="the dataset")
    options = parser.parse_args()
    matchers: list[tuple[str, int, Matcher]] = [("unlisted screen", options.lines, ours)]
    matchers += [
        (f"unlisted screen, {workers} processes", options.lines, partial(ours, workers=workers))
        for workers in options.workers
    ]
    others: dict[str, list[tuple[str, int, Matcher]]] = {
        "rapidfuzz": [("rapidfuzz WRatio, 85", options.rival_lines, wratio)],
        "nomenklatura": [
            (f"nomenklatura {algorithm}", options.rival_lines, partial(logic, algorithm=algorithm))
            for algorithm in ("logic-v2", "logic-v1")
        ],
    }
    for package, compared in others.items():
        if find_spec(package):
            matchers += compared
        else:
            print(f"{package} is not installed: not measured", file=sys.stderr)
    head = ["matcher", "lines", "lines per CPU second", "seconds", "memory, MiB", "listed names found", "false hits"]
    print(f"| {' | '.join(head)} |\n|{'---|' * len(head)}")
    with tempfile.TemporaryDirectory() as folder:
        for name, lines, matcher in matchers:
            path = Path(folder) / f"{lines}.csv"
            if not path.exists():
                write(path, lines)
            measured = _apart(matcher, path, options.database)
            print(f"| {' | '.join(measured.cells(name))} |", flush=True)
    print(f"\nCPU time of process and children; {time.strftime('%Y-%m-%d')}.")


if __name__ == "__main__":
    main()
