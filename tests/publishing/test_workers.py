"""Processes that share the work of a publication publish the same version as one does, and find the same faults."""

import shutil
from collections.abc import Callable, Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

import app.publish as publishing
from app.database import reading_engine
from app.publish import (
    Rendered,
    counts_share,
    draft_database,
    publish,
    render_share,
    rendering_lines,
    seed_lines,
)
from app.publishing import batch_reader, loading, workers
from app.publishing.batch_reader import WHOLE, Share
from app.publishing.loading import check_share, read_share, subjects_share
from app.publishing.rules import Support
from app.publishing.seed import SeedError
from app.publishing.workers import WorkerError, pool_of, processes_for
from tests.conftest import version_of
from tests.publishing.failing_workers import die, fail, places


@pytest.fixture
def published(small: Path) -> Iterator[Session]:
    """Give a session on the published small seed."""
    engine = reading_engine(small / "data" / "unlisted.db")
    with Session(engine) as session:
        yield session
    engine.dispose()


def in_turn(shares: list[list[Any]]) -> list[Any]:
    """Return the results of shares as a pool yields them."""
    nothing = object()
    return [one for turn in zip_longest(*shares, fillvalue=nothing) for one in turn if one is not nothing]


def test_rendered_shares_are_the_whole(published: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_reader, "CHUNK", 5)
    for path in ("vessels", "changes", "identifiers"):
        shares = [[*render_share(published, Share(place, 3), [path])] for place in range(3)]
        whole = [*render_share(published, WHOLE, [path])]
        assert rows_of([one for share in shares for one in share]) == rows_of(whole), path
        assert sum(one.records for share in shares for one in share) == sum(one.records for one in whole)
        assert all(shares), path


def rows_of(rendered: list[Rendered]) -> list[str]:
    """Return the rows of some records, in an order of their own."""
    return sorted(repr((insert.statement, row)) for one in rendered for insert in one.inserts for row in insert.rows)


@pytest.mark.parametrize("lines", [seed_lines, rendering_lines])
def test_shares_of_what_is_hashed_come_in_order(
    lines: Any, published: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = b"".join(lines(published, WHOLE))
    monkeypatch.setattr(publishing, "HASHED_AT_ONCE", 7)
    for of in (2, 3):
        shares = [[*lines(published, Share(place, of))] for place in range(of)]
        assert b"".join(in_turn(shares)) == whole


def test_shares_of_the_seed_are_its_rows_in_order(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def rows(batches: list[Any]) -> list[str]:
        return [repr((one.stem, row)) for one in batches if one.insert for row in one.insert.rows]

    whole = rows([*read_share(WHOLE, small / "seed")])
    monkeypatch.setattr(loading, "BATCH", 7)
    shares = [[*read_share(Share(place, 3), small / "seed")] for place in range(3)]
    assert rows(in_turn(shares)) == whole


def test_shares_of_what_is_checked_are_the_whole(
    small: Path, published: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_reader, "CHUNK", 5)
    ((whole, none),) = check_share(published, WHOLE, small / "seed")
    assert not none
    added = Support()
    for place in range(3):
        ((part, none),) = check_share(published, Share(place, 3), small / "seed")
        assert part.total.values < whole.total.values
        assert not none
        added.include(part)
    assert (added.kinds, added.core) == (whole.kinds, whole.core)
    subjects = [repr(row) for one in subjects_share(published, WHOLE) for insert in one for row in insert.rows]
    shares = [
        repr(row)
        for place in range(3)
        for one in subjects_share(published, Share(place, 3))
        for insert in one
        for row in insert.rows
    ]
    assert sorted(shares) == sorted(subjects)


def test_shares_of_the_counts_are_the_whole(published: Session) -> None:
    whole, *shares = (
        [row for inserts in counts_share(published, share) for insert in inserts for row in insert.rows]
        for share in (WHOLE, *(Share(place, 3) for place in range(3)))
    )
    assert all(shares)
    assert sorted(row for share in shares for row in share) == sorted(whole)


def test_two_processes_publish_the_same_version(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "processes_for", lambda _: 2)
    published = publish(small / "seed", tmp_path / "unlisted.db")
    assert published.version == version_of(small / "data" / "unlisted.db")
    assert {path.name for path in tmp_path.iterdir()} >= {"unlisted.db", "unlisted-versions"}


def break_files(seed: Path) -> set[str]:
    """Damage files as such, and rows on their own; return which are at fault."""
    replace(seed / "flags.csv", ",KP,", ",ZZ,")
    (seed / "relations.csv").unlink()
    with (seed / "names.csv").open("ab") as names:
        names.write(b"\xff\n")
    return {"flags.csv", "names.csv", "relations.csv"}


def break_rules(seed: Path) -> set[str]:
    """Break rules across rows: cite rows of a file that is not there, list ships by an act that is not there."""
    replace(seed / "citations.csv", "vessel_particulars,", "vessel_particular,")
    replace(seed / "listings.csv", ",2270,", ",1,")
    return {"citations.csv", "listings.csv", "vessel_particulars.csv"}


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize("damage", [break_files, break_rules])
def test_two_processes_find_the_same_faults(
    damage: Callable[[Path], set[str]], small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = tmp_path / "seed"
    shutil.copytree(small / "seed", seed)
    at_fault = damage(seed)

    def faults() -> list[str]:
        with pytest.raises(SeedError) as raised:
            publish(seed, tmp_path / "unlisted.db")
        return list(map(str, raised.value.faults))

    alone = faults()
    assert {one.partition(",")[0] for one in alone} == at_fault
    monkeypatch.setattr(publishing, "processes_for", lambda _: 2)
    assert faults() == alone


def test_a_small_seed_is_published_by_this_process_alone(tmp_path: Path) -> None:
    file = tmp_path / "names.csv"
    file.write_bytes(b"n" * (workers.FEWEST_BYTES - 1))
    assert processes_for(tmp_path) == 1
    file.write_bytes(b"n" * workers.FEWEST_BYTES)
    assert 1 <= processes_for(tmp_path) <= workers.MOST_PROCESSES


def test_results_come_in_turn_from_processes_that_do_several_tasks() -> None:
    with pool_of(2) as pool:
        assert [*pool.run("counting", places, 7)] == [0, 1, 2, 3, 4, 5, 6]
        assert [*pool.run("counting", places, 1)] == [0]
        assert [*pool.run("counting", places, 4)] == [0, 1, 2, 3]
    with pool_of(1) as pool:
        assert [*pool.run("counting", places, 3)] == [0, 1, 2]


@pytest.mark.parametrize(("task", "message"), [(fail, "no vessels today"), (die, "ended with 9")])
def test_a_process_that_fails_ends_the_publication(
    task: workers.Task, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "LOOK_EVERY", 0.1)
    with (
        draft_database(tmp_path / "draft.db") as session,
        pool_of(2) as pool,
        pytest.raises(WorkerError, match=message),
    ):
        list(pool.run_on_draft("failing", session, task, "vessels", is_copied=True))
    assert not list(tmp_path.glob("*copy*"))
