"""The names of each version of the dataset that is searched, prepared in a thread: no other request waits for it."""

import asyncio
import gc
import logging
from collections.abc import Callable
from datetime import date
from typing import TypeVar

from app.database import OpenDataset
from app.matching.index import THRESHOLD, Kind
from app.screening.bulk import Snapshot
from app.screening.screener import Screener, ScreeningQuery
from app.screening.values import parse_state
from app.server.memory import reduced_gc

MOST_SCREENERS = 3
"""Most versions whose names are held in memory."""
MOST_SNAPSHOTS = 4
"""Most pairs of a version and a day whose records are held for batches."""

Read = TypeVar("Read")

logger = logging.getLogger(__name__)


class Screeners:
    """The names of the versions that are searched, each prepared once, and held for as long as there is room."""

    def __init__(self) -> None:
        self._ready: dict[str, Screener] = {}
        self._under_way: dict[str, asyncio.Task[Screener]] = {}
        self._snapshots: dict[tuple[str, date], Snapshot] = {}

    async def get(self, dataset: OpenDataset) -> Screener:
        """Get the names of a dataset; they are prepared first if they were not before."""
        ready = self._ready.get(dataset.version)
        return ready if ready is not None else await asyncio.shield(self.prepare(dataset))

    def prepare(self, dataset: OpenDataset) -> "asyncio.Task[Screener]":
        """Begin to prepare the names of a dataset in a thread, for the first search."""
        version = dataset.version
        task = self._under_way.get(version)
        if task is None or task.get_loop() is not asyncio.get_running_loop():
            task = self._under_way[version] = asyncio.create_task(self._prepare(dataset))
        return task

    async def snapshot(self, dataset: OpenDataset, screener: Screener, day: date) -> Snapshot:
        """Read what a batch needs of a dataset on a day, in a thread; it is kept for the next batch.

        Args:
            dataset: the dataset.
            screener: its names.
            day: the day of the list.
        """
        key = dataset.version, day
        if key not in self._snapshots:
            found = await asyncio.to_thread(_with_dataset, dataset, lambda opened: Snapshot.of(opened, screener, day))
            while len(self._snapshots) >= MOST_SNAPSHOTS:
                del self._snapshots[next(iter(self._snapshots))]
            self._snapshots[key] = found or Snapshot.of(dataset, screener, day)
        return self._snapshots[key]

    async def _prepare(self, dataset: OpenDataset) -> Screener:
        try:
            screener = await asyncio.to_thread(_with_dataset, dataset, _warm_screener)
            if screener is None:
                logger.warning("the file of version %s is gone; its names are read from what is open", dataset.version)
                screener = _warm_screener(dataset)
            while len(self._ready) >= MOST_SCREENERS:
                del self._ready[next(iter(self._ready))]
            self._ready[dataset.version] = screener
            # It stays for long: looking through it for garbage took up to 0.1 s.
            gc.freeze()
            return screener
        finally:
            self._under_way.pop(dataset.version, None)


def _with_dataset(dataset: OpenDataset, read: Callable[[OpenDataset], Read]) -> Read | None:
    """Read something by a connection of this thread's own; None where the version is gone."""
    with reduced_gc():
        reopened = dataset.reopened()
        if reopened is None:
            return None
        try:
            return read(reopened)
        finally:
            reopened.close()


def _warm_screener(dataset: OpenDataset) -> Screener:
    screener = Screener(dataset)
    warm_up(screener)
    return screener


WARM_UP = 12
"""Names of the list that are screened before the first request."""

MOST_PAIRS = 4_000_000
"""Pairs of names of the list that are compared before the first request: all pairs of up to 2,000 names.

Of more names, every second, third, … one is compared with all.
"""


def warm_up(screener: Screener) -> None:
    """Build the blocker of the default threshold, and read every table that is read at its first use.

    Otherwise the first batch after a start would do so, between two turns of the event loop. The listed names are the
    texts: they have every script and kind of name that there are tables for.
    """
    parse_state("North Korea")
    blocker = screener.blocker(THRESHOLD)
    names = [one.text for one in screener.index.listed if one.kind is Kind.NAME]
    for name in names[:: max(1, -(-(len(names) ** 2) // MOST_PAIRS))]:
        blocker.reject(name)
    for name in names[:: max(1, len(names) // WARM_UP)]:
        screener.screen(ScreeningQuery(f"Mr {name}, Hamburg"), THRESHOLD)
        blocker.may_match(f"Mr {name[1:]}, Hamburg")
