"""That tables are read in bounded memory, and that what is read does not depend on how."""

import io
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, col, select

from app.database import reading_engine
from app.publish import draft_database, publish
from app.publishing import batch_reader as rows
from app.publishing import loading, progress
from app.publishing.batch_reader import BatchReader, table_of
from app.resources.vessels import VESSELS
from app.tables import Act, Citation, Listing, Name, Subject, Vessel
from benchmarks.growth import synthetic
from tests.conftest import version_of


@pytest.fixture(scope="module")
def session(database: Path) -> Iterator[Session]:
    """A session on the record."""
    engine = reading_engine(database)
    with Session(engine) as session:
        yield session
    engine.dispose()


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounds so low that the real record does not fit within them."""
    monkeypatch.setattr(rows, "CHUNK", 7)
    monkeypatch.setattr(rows, "AT_ONCE", 20)
    monkeypatch.setattr(rows, "MOST_HELD", 60)
    monkeypatch.setattr(loading, "BATCH", 11)


@pytest.mark.usefixtures("narrow")
def test_the_dataset_is_the_same_however_little_is_held(small: Path, tmp_path: Path) -> None:
    assert publish(small / "seed", tmp_path / "unlisted.db").version == version_of(small / "data" / "unlisted.db")


@pytest.mark.usefixtures("narrow")
def test_rows_are_those_that_a_select_finds(session: Session) -> None:
    everything: list[tuple[Any, str]] = [
        (Name, "subject_id"),
        (Listing, "subject_id"),
        (Listing, "listed_by"),
        (Act, "id"),
        (Listing, "id"),
    ]
    choice, found = random.Random(7), BatchReader(session)
    subjects = list(found.all(Subject))
    assert [subject.id for subject in subjects] == sorted(subject.id for subject in subjects)
    values = [*(subject.id for subject in subjects), "2270", "committee-2016-03-21", "L0248", "nobody", None]
    for _ in range(600):
        table, column = choice.choice(everything)
        value = choice.choice(values)
        wanted = session.exec(select(table).where(col(getattr(table, column)) == value).order_by(table.id)).all()
        related = found.related(table, getattr(table, column), value)
        assert [row.model_dump() for row in related] == [row.model_dump() for row in wanted]
        assert all(table_of(row) is table for row in related)
    assert found.one_related(Vessel, Vessel.id, "9163166").imo_number == "9163166"
    with pytest.raises(ValueError, match="not enough values"):
        found.one_related(Vessel, Vessel.id, "nobody")


@pytest.mark.usefixtures("narrow")
def test_what_is_held_is_bounded(session: Session) -> None:
    found, most, seen = BatchReader(session), 0, 0
    for vessel in found.all(Vessel):
        for listing in found.related(Listing, Listing.subject_id, vessel.id):
            for citation in found.related(Citation, Citation.row, listing.id, table="listings"):
                assert citation.table == "listings"
                seen += 1
            for other in found.related(Listing, Listing.listed_by, listing.listed_by):
                assert found.one_related(Subject, Subject.id, other.subject_id)
                most = max(most, found.held)
    assert seen > 100
    # What one question finds is held whole, be it more than the bound: all that one act listed.
    largest = max(len(found.related(Listing, Listing.listed_by, act.id)) for act in found.all(Act))
    assert largest < most <= rows.MOST_HELD + max(rows.AT_ONCE, largest)


@pytest.mark.usefixtures("narrow")
def test_a_seed_ten_times_as_long_holds_no_more(tmp_path: Path) -> None:
    held: dict[int, int] = {}
    for size in (30, 300):
        synthetic.write(size, tmp_path / str(size))
        with draft_database(tmp_path / f"{size}.db") as session:
            loading.load(session, tmp_path / str(size))
            found = BatchReader(session)
            held[size] = max(found.held for _ in VESSELS.render(found))
    assert 0 < held[300] <= 1.2 * held[30]


def test_a_terminal_is_told_how_far_it_is(seed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(progress, "SHOWN_AFTER", 0)
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    publish(seed, tmp_path / "unlisted.db")
    shown = terminal.getvalue()
    for doing in ("reading vessels", "checking vessel", "rendering vessel", "hashing records"):
        assert f"{doing}: " in shown, doing
    assert "rendering vessel:   0%|" in shown
