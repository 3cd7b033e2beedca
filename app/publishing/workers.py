"""Processes that share the work of a publication: each does every so many chunks of it."""

import multiprocessing
import os
import queue
import shutil
import signal
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, NamedTuple

from sqlmodel import Session

from app.database import reading_engine
from app.publishing.batch_reader import WHOLE, Share
from app.publishing.progress import with_progress
from app.server.memory import reduced_gc
from app.server.parent_process import end_with_parent

FEWEST_BYTES = 10_000_000
"""Bytes of the smallest seed that several processes publish; for a smaller one they take longer to start."""

MOST_PROCESSES = 8
"""More gain nothing: one process writes what all of them make."""

AHEAD = 4
"""How many results a process may have ready that are not taken yet."""

LOOK_EVERY = 1.0
"""Seconds between two looks whether a process that sends nothing still runs."""

Task = Callable[..., Iterator[Any]]
"""Yields the results of a share of some work, none of them None.

Its first argument is the share; before it, where it reads a draft, a session on that. It is a function of a module, as
other processes import it.
"""


class WorkerError(Exception):
    """A process that does a share of the work failed, or was killed."""


def processes_for(folder: Path) -> int:
    """Return how many processes are to publish a seed: one for each processor, at most some; one for a small seed."""
    if sum(path.stat().st_size for path in folder.glob("*.csv")) < FEWEST_BYTES:
        return 1
    # Those that this process may use; not every system says which.
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(processors, MOST_PROCESSES)


class _Failure(NamedTuple):
    """What a process reports before it ends."""

    report: str


class _Worker(NamedTuple):
    process: BaseProcess
    tasks: Any
    results: Any

    def receive(self) -> Any:
        """Return the next result of the task under way; None after the last.

        Raises:
            WorkerError: the process failed.
        """
        while True:
            try:
                found = self.results.get(timeout=LOOK_EVERY)
            except queue.Empty:
                if not self.process.is_alive():
                    raise WorkerError(f"a process that publishes ended with {self.process.exitcode}") from None
                continue
            if isinstance(found, _Failure):
                raise WorkerError(f"a process that publishes failed:\n{found.report}")
            return found


class Pool:
    """Does tasks, in this process or in several others.

    Args:
        workers: the other processes; none, where this one does all.
    """

    def __init__(self, workers: tuple[_Worker, ...] = ()) -> None:
        self._workers = workers

    def run(self, doing: str, task: Task, *arguments: Any) -> Iterator[Any]:
        """Yield the results of a task: the first of each process, then the second of each, and so on.

        So chunks come in their order where each process yields one result for each of its chunks.

        Args:
            doing: what is done, to be shown where several processes do it; one alone shows it row by row.
            task: the task.
            arguments: its arguments after the share.

        Raises:
            WorkerError: a process failed.
        """
        if not self._workers:
            yield from task(WHOLE, *arguments)
            return
        for place, worker in enumerate(self._workers):
            worker.tasks.put(partial(task, Share(place, len(self._workers)), *arguments))
        yield from with_progress(self._results(), doing)

    def _results(self) -> Iterator[Any]:
        working = list(self._workers)
        while working:
            for worker in list(working):
                result = worker.receive()
                if result is None:
                    working.remove(worker)
                else:
                    yield result

    def run_on_draft(
        self, doing: str, session: Session, task: Task, *arguments: Any, is_copied: bool = False
    ) -> Iterator[Any]:
        """Yield the results of a task that reads a draft.

        Args:
            doing: what is done, to be shown where several processes do it.
            session: the draft; other processes read what is committed, so it is.
            task: the task.
            arguments: its arguments after the session and the share.
            is_copied: whether other processes read a copy of the file. They must where the results are written to the
                draft before the last of them has come: of a file that is written to, no other process can read.

        Raises:
            WorkerError: a process failed.
        """
        if not self._workers:
            yield from task(session, WHOLE, *arguments)
            return
        session.commit()
        draft = Path(str(session.get_bind().engine.url.database))
        with _copied(draft) if is_copied else nullcontext(draft) as path:
            yield from self.run(doing, _on_file, path, task, *arguments)


@contextmanager
def _copied(draft: Path) -> Iterator[Path]:
    """Give a copy of a draft, for as long as it is read."""
    copy = draft.with_name(f"{draft.stem}-copy.db")
    try:
        shutil.copyfile(draft, copy)
        yield copy
    finally:
        copy.unlink(missing_ok=True)


ALONE = Pool()
"""This process alone."""


@contextmanager
def pool_of(processes: int) -> Iterator[Pool]:
    """Start processes, and end them; where one is enough, this one does all."""
    if processes == 1:
        yield ALONE
        return
    # A fork would share the open draft, and the locks of whatever threads there are.
    context = multiprocessing.get_context("spawn")
    workers: list[_Worker] = []
    try:
        for _ in range(processes):
            tasks, results = context.Queue(), context.Queue(AHEAD)
            process = context.Process(target=_work, args=(tasks, results), daemon=True)
            process.start()
            workers.append(_Worker(process, tasks, results))
        yield Pool(tuple(workers))
    finally:
        for worker in workers:
            worker.process.terminate()
            worker.process.join()
            worker.tasks.close()
            worker.results.close()


def _on_file(share: Share, path: Path, task: Task, *arguments: Any) -> Iterator[Any]:
    """Yield the results of a share of a task that reads a draft."""
    engine = reading_engine(path)
    try:
        with Session(engine) as session:
            yield from task(session, share, *arguments)
    finally:
        engine.dispose()  # else the space of a copy would be taken until this process ends


def _work(tasks: Any, results: Any) -> None:
    """Do the shares of tasks that this process is given, and send the results."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that is interrupted ends this one
    end_with_parent()
    try:
        with reduced_gc():
            while True:
                with closing(tasks.get()()) as found:
                    for result in found:
                        results.put(result)
                results.put(None)
    except Exception:
        results.put(_Failure(traceback.format_exc()))
    # What is sent is waited for when this process ends.
