"""A customer file in parts, screened on many machines with Dask.

python examples/screen_with_dask.py --database data/unlisted.db 'parts/*.csv' answers/

The names of the list are sent once to each worker; each part is then one task: read, screened and written by
`app.screening.file.screen_file`, the function that `unlisted screen` calls. Parts and answers are in a folder that all
workers see. Without --scheduler the workers are processes of this machine. A part whose answer is there already is not
screened again, so that a run that was broken off goes on when it is started again.

Needs Dask: pip install distributed.
"""

import argparse
import glob
import sys
from collections.abc import Sequence
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
    """Screen one part into a file of its own in a folder.

    Returns:
        The counts; or, for a part that cannot be read, what is wrong with it.
    """
    try:
        return screen_file(source, folder / f"{source.stem}.csv", screener, FileOptions()).tally
    except (Problem, OSError) as error:
        return f"{source}: {error}"


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
        The counts of the parts that were screened, and what is wrong with those that could not be read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    waiting = [part for part in parts if not (folder / f"{part.stem}.csv").exists()]
    sent = client.scatter(screener, broadcast=True)
    total, faults = Tally(), []
    for future in as_completed(client.map(screen_part, waiting, folder=folder, screener=sent, pure=False)):
        result = future.result()
        if isinstance(result, str):
            faults.append(result)
        else:
            total.add(result)
    return total, sorted(faults)


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
    if faults or not total.lines:
        return 2 if not total.lines else 3
    return 3 if total.part or total.none else int(total.hits > 0)


if __name__ == "__main__":
    sys.exit(main())
