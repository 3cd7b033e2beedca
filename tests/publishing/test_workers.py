"""Processes that share the rendering of records write the same records as one does."""

from pathlib import Path

import pytest
from sqlmodel import Session

from app import publish as publishing
from app.database import reading_engine
from app.publish import draft_database, publish, render_share
from app.publishing import batch_reader, workers
from app.publishing.batch_reader import Share
from app.publishing.workers import Rendered, WorkerError, processes_for, render_in_processes
from tests.conftest import version_of
from tests.publishing.failing_workers import die, fail


def test_shares_are_the_whole(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_reader, "CHUNK", 5)
    engine = reading_engine(small / "data" / "unlisted.db")
    with Session(engine) as session:
        for path in ("vessels", "changes", "identifiers"):
            shares = [[*render_share(session, path, Share(place, 3))] for place in range(3)]
            whole = [*render_share(session, path)]
            assert rows_of([one for share in shares for one in share]) == rows_of(whole), path
            assert sum(one.records for share in shares for one in share) == sum(one.records for one in whole)
            assert all(shares), path
    engine.dispose()


def rows_of(rendered: list[Rendered]) -> list[str]:
    """Return the rows of some records, in an order of their own."""
    return sorted(repr((insert.statement, row)) for one in rendered for insert in one.inserts for row in insert.rows)


def test_two_processes_publish_the_same_version(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "processes_for", lambda _: 2)
    published = publish(small / "seed", tmp_path / "unlisted.db")
    assert published.version == version_of(small / "data" / "unlisted.db")
    assert {path.name for path in tmp_path.iterdir()} >= {"unlisted.db", "unlisted-versions"}
    assert not list(tmp_path.glob("**/*to-render*"))


def test_a_small_seed_is_rendered_by_this_process_alone() -> None:
    assert processes_for(workers.FEWEST_ROWS - 1) == 1
    assert 1 <= processes_for(workers.FEWEST_ROWS) <= workers.MOST_PROCESSES


@pytest.mark.parametrize(("render", "message"), [(fail, "no vessels today"), (die, "ended with 9")])
def test_a_process_that_fails_ends_the_publication(
    render: workers.Render, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "LOOK_EVERY", 0.1)
    with (
        draft_database(tmp_path / "draft.db") as session,
        pytest.raises(WorkerError, match=message),
    ):
        list(render_in_processes(session, render, ["vessels"], 2))
    assert not list(tmp_path.glob("*to-render*"))
