"""Processes that render records side by side, each from every so many chunks of the tables."""

import multiprocessing
import os
import queue
import shutil
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, NamedTuple

from sqlmodel import Session

from app.database import reading_engine
from app.publishing.batch_reader import Share
from app.publishing.bulk_insert import Insert
from app.server.memory import reduced_gc

FEWEST_ROWS = 200_000
"""Rows of the smallest seed whose records several processes render; for a smaller one they take longer to start."""

MOST_PROCESSES = 8
"""More gain nothing: one process writes what all of them render."""

AHEAD = 4
"""How many batches a process may have ready that are not written yet."""

LOOK_EVERY = 1.0
"""Seconds between two looks whether a process that sends nothing still runs."""


class Rendered(NamedTuple):
    """Some records that were rendered.

    Attributes:
        records: how many they are.
        inserts: the rows to write.
    """

    records: int
    inserts: list[Insert]


Render = Callable[[Session, str, Share], Iterator[Rendered]]
"""Renders the records of a resource, given by its path; a function of a module, as other processes import it."""


class WorkerError(Exception):
    """A process that renders records failed, or was killed."""


def processes_for(rows: int) -> int:
    """Return how many processes are to render the records of so many rows: one for each processor, at most some."""
    if rows < FEWEST_ROWS:
        return 1
    # Those that this process may use; not every system says which.
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(processors, MOST_PROCESSES)


def render_in_processes(session: Session, render: Render, paths: Sequence[str], processes: int) -> Iterator[Rendered]:
    """Yield the records of resources, which several processes render from a copy of a draft.

    Args:
        session: the draft, whose tables are filled; it is committed.
        render: renders the records of a resource.
        paths: the paths of the resources.
        processes: how many processes share each of them.

    Raises:
        WorkerError: a process failed.
    """
    session.commit()
    draft = Path(str(session.connection().engine.url.database))
    # Of a file that another process writes nothing can be read.
    copy = draft.with_name(f"{draft.stem}-to-render.db")
    shutil.copyfile(draft, copy)
    try:
        with _workers(copy, render, paths, processes) as workers:
            for _ in paths:
                working = list(workers)
                while working:
                    for worker in list(working):
                        rendered = worker.receive()
                        if rendered is None:
                            working.remove(worker)
                        else:
                            yield rendered
    finally:
        copy.unlink()


class _Worker(NamedTuple):
    process: BaseProcess
    results: Any

    def receive(self) -> Rendered | None:
        """Return the next records of a resource; None after the last."""
        while True:
            try:
                found = self.results.get(timeout=LOOK_EVERY)
            except queue.Empty:
                if not self.process.is_alive():
                    raise WorkerError(f"a process that rendered records ended with {self.process.exitcode}") from None
                continue
            if isinstance(found, str):
                raise WorkerError(f"a process that rendered records failed:\n{found}")
            rendered: Rendered | None = found
            return rendered


@contextmanager
def _workers(copy: Path, render: Render, paths: Sequence[str], processes: int) -> Iterator[list[_Worker]]:
    # A fork would share the open draft, and the locks of whatever threads there are.
    context = multiprocessing.get_context("spawn")
    workers: list[_Worker] = []
    try:
        for place in range(processes):
            results = context.Queue(AHEAD)
            arguments = (copy, render, tuple(paths), Share(place, processes), results)
            process = context.Process(target=_work, args=arguments, daemon=True)
            process.start()
            workers.append(_Worker(process, results))
        yield workers
    finally:
        for worker in workers:
            worker.process.terminate()
            worker.process.join()
            worker.results.close()


def _work(copy: Path, render: Render, paths: Sequence[str], share: Share, results: Any) -> None:
    """Render one share of the records of resources, and send them."""
    try:
        with Session(reading_engine(copy)) as session, reduced_gc():
            for path in paths:
                for rendered in render(session, path, share):
                    results.put(rendered)
                results.put(None)
    except Exception:
        results.put(traceback.format_exc())
    # What is sent is waited for when this process ends.
