"""The example of screening on many machines, on a cluster of this one."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from distributed import Client, LocalCluster

from app.database import open_dataset
from app.fields.dates import today
from app.screening.bulk import BulkOptions, BulkScreener, Snapshot, Tally
from app.screening.screener import Screener
from examples.screen_with_dask import exit_status, main, screen_parts


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with (
        LocalCluster(2, threads_per_worker=1, processes=False, dashboard_address=":0") as cluster,
        Client(cluster) as opened,
    ):
        yield opened


@pytest.fixture
def parts(tmp_path: Path) -> list[Path]:
    """A file of four names in two parts, and one that is no file of names."""
    texts = ["id,name\n1,Kim Yong Chol\n2,John Smith\n", "id,name\n3,Jin Teng\n4,-\n", "id\n5\n"]
    found = [tmp_path / f"part-{number}.csv" for number in range(3)]
    for path, text in zip(found, texts, strict=True):
        path.write_text(text, encoding="utf-8")
    return found


def test_parts_are_screened_on_a_cluster(client: Client, parts: list[Path], database: Path, tmp_path: Path) -> None:
    dataset = open_dataset(database)
    snapshot = Snapshot.of(dataset, Screener(dataset), today())
    dataset.close()
    screener = BulkScreener(snapshot, BulkOptions(0.88, 20))
    folder = tmp_path / "answers"
    total, faults = screen_parts(parts, folder, screener, client)
    assert (total.lines, total.whole, total.none, total.with_hits) == (4, 3, 1, 2)
    assert [fault.partition(": ")[0] for fault in faults] == [str(parts[2])]
    with (folder / "part-1.csv").open(encoding="utf-8", newline="") as file:
        assert [(row["id"], row["subject.id"]) for row in csv.DictReader(file)] == [("3", "9163166"), ("4", "")]
    answered = (folder / "part-0.csv").stat().st_mtime_ns
    assert screen_parts(parts[:2], folder, screener, client) == (total, []), "the counts of an earlier run are added"
    assert (folder / "part-0.csv").stat().st_mtime_ns == answered, "answers that are there are kept"
    later = BulkScreener(replace(snapshot, day=snapshot.day - timedelta(1)), BulkOptions(0.88, 20))
    assert screen_parts(parts[:1], folder, later, client)[0].lines == 2
    assert (folder / "part-0.csv").stat().st_mtime_ns > answered, "those of another day are not"
    with pytest.raises(ValueError, match="several parts are called part-0"):
        screen_parts([parts[0], parts[0].with_suffix(".xlsx")], folder, screener, client)


@pytest.mark.parametrize(
    ("total", "faults", "status"),
    [(Tally(), [], 2), (Tally(none=1), [], 2), (Tally(whole=1), [], 0), (Tally(whole=1, hits=1), [], 1),
     (Tally(whole=1, part=1), [], 3), (Tally(whole=1, hits=1), ["x"], 3)],
)  # fmt: skip
def test_the_exit_status_is_that_of_the_command(total: Tally, faults: list[str], status: int) -> None:
    assert exit_status(total, faults) == status


@pytest.mark.usefixtures("parts")
def test_the_example_runs_with_processes_of_its_own(
    database: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [str(tmp_path / "part-[01].csv"), str(tmp_path / "answers"), "--database", str(database), "--workers", "1"]
    assert main(words) == 3
    assert "4 lines in 2 parts: 3 screened whole, 0 in part, 1 not; 2 with hits." in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main([str(tmp_path / "none-*.csv"), *words[1:]])
