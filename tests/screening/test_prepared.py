"""The names of a version are prepared once, in a thread, and no other task waits for it."""

import asyncio
import shutil
import threading
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.database import open_dataset
from app.matching.index import THRESHOLD, Kind
from app.screening import prepared
from app.screening.bulk import Snapshot
from app.screening.prepared import MOST_SCREENERS, MOST_SNAPSHOTS, Screeners
from app.screening.screener import Screener


def test_names_are_prepared_once_for_searches_at_the_same_time(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[int] = []

    def counted(*given: Any) -> Screener:
        threads.append(threading.get_ident())
        return Screener(*given)

    monkeypatch.setattr(prepared, "Screener", counted)

    async def searches() -> list[Screener]:
        dataset, screeners = open_dataset(database), Screeners()
        found = await asyncio.gather(*(screeners.get(dataset) for _ in range(3)))
        found.append(await screeners.get(dataset))
        dataset.close()
        return found

    found = asyncio.run(searches())
    assert len(threads) == 1
    assert threads[0] != threading.get_ident(), "the thread of the event loop has other requests to answer"
    assert all(one is found[0] for one in found)


@pytest.mark.parametrize(("most", "least"), [(4_000_000, 500), (15_000, 10)])
def test_however_many_names_there_are_a_bounded_number_is_compared_first(
    most: int, least: int, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = open_dataset(database)
    screener = Screener(dataset)
    blocker = screener.blocker(THRESHOLD)
    compared: list[str] = []

    class Counting:
        def reject(self, name: str) -> None:
            compared.append(name)

        def may_match(self, name: str) -> bool:
            return blocker.may_match(name)

    monkeypatch.setattr(prepared, "MOST_PAIRS", most)
    monkeypatch.setattr(screener, "blocker", lambda _: Counting())
    prepared.warm_up(screener)
    names = [one for one in screener.index.listed if one.kind is Kind.NAME]
    assert least <= len(compared) <= most // len(names) + 1
    dataset.close()


def test_another_task_goes_on_while_names_are_prepared(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    may_go_on = threading.Event()

    def waiting(*given: Any) -> Screener:
        assert may_go_on.wait(30)
        return Screener(*given)

    monkeypatch.setattr(prepared, "Screener", waiting)

    async def search() -> None:
        dataset, screeners = open_dataset(database), Screeners()
        task = screeners.prepare(dataset)
        await asyncio.sleep(0)
        may_go_on.set()  # had the preparation blocked the event loop, nobody would come here
        assert (await task).ids
        dataset.close()

    asyncio.run(search())


def test_names_are_read_from_an_open_dataset_whose_file_is_gone(database: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    shutil.copy(database, copy)

    async def search() -> int:
        dataset = open_dataset(copy)
        copy.unlink()
        found = await Screeners().get(dataset)
        dataset.close()
        return len(found.ids)

    assert asyncio.run(search()) > 0


def test_a_failed_preparation_is_tried_again(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_given: Any) -> Screener:
        raise OSError("no memory")

    async def search() -> None:
        dataset, screeners = open_dataset(database), Screeners()
        with monkeypatch.context() as patch:
            patch.setattr(prepared, "Screener", failing)
            with pytest.raises(OSError, match="no memory"):
                await screeners.get(dataset)
        assert (await screeners.get(dataset)).ids
        dataset.close()

    asyncio.run(search())


def test_no_more_versions_are_held_than_there_is_room_for(database: Path) -> None:
    async def search() -> int:
        dataset, screeners = open_dataset(database), Screeners()
        screener = await screeners.get(dataset)
        screeners._ready = {str(number): screener for number in range(MOST_SCREENERS)}
        await screeners.get(dataset)
        dataset.close()
        return len(screeners._ready)

    assert asyncio.run(search()) == MOST_SCREENERS


def test_what_a_batch_needs_is_read_once_for_a_day_and_not_by_the_event_loop(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[int] = []
    read = Snapshot.of

    def noted(*given: Any) -> Snapshot:
        threads.append(threading.get_ident())
        return read(*given)

    monkeypatch.setattr(Snapshot, "of", noted)

    async def batches() -> None:
        dataset, screeners, day = open_dataset(database), Screeners(), date(2026, 1, 1)
        screener = Screener(dataset)
        first = await screeners.snapshot(dataset, screener, day)
        assert await screeners.snapshot(dataset, screener, day) is first
        assert len(threads) == 1
        for days in range(1, MOST_SNAPSHOTS + 2):
            assert (await screeners.snapshot(dataset, screener, day + timedelta(days))).day == day + timedelta(days)
        assert len(screeners._snapshots) == MOST_SNAPSHOTS
        assert await screeners.snapshot(dataset, screener, day) is not first
        dataset.close()

    asyncio.run(batches())
    assert threading.get_ident() not in threads, "the thread of the event loop has other requests to answer"


def test_what_rejects_names_is_built_before_the_first_batch(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def prepared_screener() -> Screener:
        dataset, screeners = open_dataset(database), Screeners()
        found = await screeners.get(dataset)
        dataset.close()
        return found

    screener = asyncio.run(prepared_screener())
    monkeypatch.setattr("app.screening.screener.Blocker", None)
    assert not screener.blocker(THRESHOLD).may_match("Katarzyna Kowalski")
