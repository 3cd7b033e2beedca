"""A customer file in parts, screened on many machines with Dask.

python examples/screen_with_dask.py --database data/unlisted.db 'parts/*.csv' answers/

The names of the list are sent once to each worker; each part is then one task: read, screened and written by
`app.screening.file.screen_file`, the function that `unlisted screen` calls. Parts and answers are in a folder that all
workers see. Without --scheduler the workers are processes of this machine. A part whose answer is there already, from
the same dataset and day, is not screened again, so that a run that was broken off goes on when it is started again; its
counts, in a file beside its answer, are added to those of the others.

Needs Dask: pip install distributed.
"""

import argparse
import glob
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from distributed import Client, LocalCluster, as_completed

from app.database import open_dataset
from app.fields.dates import today
from app.matching.index import THRESHOLD
from app.problems import Problem
from app.screening.bulk import BulkOptions, BulkScreener, Snapshot, Tally
from app.screening.file import FileOptions, screen_file
from app.screening.screener import Screener
from app.settings import Settings


def screen_part(source: Path, folder: Path, screener: BulkScreener) -> Tally | str:
    """Screen one part into a file of its own in a folder, and write its counts beside it.

    Returns:
        The counts; or, for a part that cannot be read, what is wrong with it.
    """
    try:
        summary = screen_file(source, folder / f"{source.stem}.csv", screener, FileOptions())
        if summary.has_more:
            return f"{source}: {'; '.join(summary.notes)}"
        counts = _state(screener) | {"tally": asdict(summary.tally)}
        _counts_of(source, folder).write_text(json.dumps(counts), encoding="utf-8")
        return summary.tally
    except (Problem, OSError) as error:
        return f"{source}: {error}"


def _state(screener: BulkScreener) -> dict[str, str]:
    """Describe what names were compared with; answers of another dataset or day are made anew."""
    return {"dataset": screener.snapshot.version, "day": screener.snapshot.day.isoformat()}


def _counts_of(source: Path, folder: Path) -> Path:
    return folder / f"{source.stem}.json"


def _screened_before(source: Path, folder: Path, screener: BulkScreener) -> Tally | None:
    """Read the counts of a part that was screened by an earlier run; None where it is still to be screened."""
    try:
        counts = json.loads(_counts_of(source, folder).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    is_same = counts | _state(screener) == counts and (folder / f"{source.stem}.csv").exists()
    return Tally(**counts["tally"]) if is_same else None


def _check_names(parts: Sequence[Path]) -> None:
    stems = [part.stem for part in parts]
    if same := sorted({stem for stem in stems if stems.count(stem) > 1}):
        raise ValueError(f"several parts are called {', '.join(same)}; each needs a name of its own")


def screen_parts(
    parts: Sequence[Path], folder: Path, screener: BulkScreener, client: Client
) -> tuple[Tally, list[str]]:
    """Screen every part whose answer is not there yet.

    Args:
        parts: the files of names.
        folder: where the answers are written.
        screener: what the names are compared with.
        client: of the cluster.

    Returns:
        The counts of all parts, and what is wrong with those that could not be read.

    Raises:
        ValueError: two parts would have the same answer.
    """
    _check_names(parts)
    folder.mkdir(parents=True, exist_ok=True)
    before = {part: _screened_before(part, folder, screener) for part in parts}
    waiting = [part for part, tally in before.items() if tally is None]
    sent = client.scatter(screener, broadcast=True)
    total, faults = Tally(), []
    for tally in filter(None, before.values()):
        total.add(tally)
    for future in as_completed(client.map(screen_part, waiting, folder=folder, screener=sent, pure=False)):
        result = future.result()
        if isinstance(result, str):
            faults.append(result)
        else:
            total.add(result)
    return total, sorted(faults)


def exit_status(total: Tally, faults: Sequence[str]) -> int:
    """Give the exit status of ``unlisted screen`` for all parts together."""
    if not total.whole and not total.part:
        return 2
    return 3 if faults or total.part or total.none else int(total.hits > 0)


def main(arguments: Sequence[str] | None = None) -> int:
    """Screen the parts that the command line names, with the exit status of ``unlisted screen``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", help="the files of names, as a pattern such as 'parts/*.csv'")
    parser.add_argument("answers", type=Path, help="folder for the answers")
    parser.add_argument("--database", type=Path, default=Path("data/unlisted.db"), help="the dataset")
    parser.add_argument("--scheduler", help="address of a Dask scheduler (default: workers on this machine)")
    parser.add_argument("--workers", type=int, default=2, help="workers on this machine (default: %(default)s)")
    options = parser.parse_args(arguments)
    dataset = open_dataset(options.database)
    snapshot = Snapshot.of(dataset, Screener(dataset), today(), Settings().public_base)
    dataset.close()
    screener = BulkScreener(snapshot, BulkOptions(THRESHOLD, limit=20))
    parts = [Path(path) for path in sorted(glob.glob(options.parts))]  # noqa: PTH207  a pattern with folders in it
    if not parts:
        parser.error(f"no file is called {options.parts}")
    try:
        _check_names(parts)
    except ValueError as error:
        parser.error(str(error))
    if options.scheduler:
        with Client(options.scheduler) as client:
            total, faults = screen_parts(parts, options.answers, screener, client)
    else:
        with (
            LocalCluster(options.workers, threads_per_worker=1, dashboard_address=":0") as cluster,
            Client(cluster) as client,
        ):
            total, faults = screen_parts(parts, options.answers, screener, client)
    for fault in faults:
        print(f"Not screened: {fault}", file=sys.stderr)
    print(
        f"{total.lines} lines in {len(parts)} parts: {total.whole} screened whole, {total.part} in part, "
        f"{total.none} not; {total.with_hits} with hits."
    )
    return exit_status(total, faults)


if __name__ == "__main__":
    sys.exit(main())
