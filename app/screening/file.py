"""unlisted screen: a file of names held against the published dataset, without a server."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from tqdm import tqdm

from app.api.envelope import dump
from app.api.formats import csv_lines
from app.api.urls import base_url
from app.database import OpenDataset
from app.problems import InvalidRequest
from app.publishing.rendering import BASE
from app.screening.batch import read_csv
from app.screening.results import BATCH_COLUMNS, ScreeningService, csv_rows
from app.screening.screener import Screener


@dataclass(frozen=True)
class Screened:
    """What came of screening a file.

    Attributes:
        names: how many lines it has.
        hits: how many of them have a hit.
        unread: how many of them cannot be read.
    """

    names: int
    hits: int
    unread: int


def screen_file(source: Path, target: Path, dataset: OpenDataset, day: date, threshold: float, limit: int) -> Screened:
    """Hold every name of a CSV file against a dataset, and write the answers to another.

    Args:
        source: the names, in UTF-8: columns name and, where known, birth_date, nationality, kind.
        target: the answers, a line for each hit and one for each name without.
        dataset: the dataset.
        day: the day whose list they are held against.
        threshold: score from which on a subject is a hit.
        limit: most hits to write for a name.

    Raises:
        InvalidRequest: the file is no such CSV, or both are one file.
        OSError: it cannot be read, or the other cannot be written.
    """
    try:
        with source.open(encoding="utf-8-sig", newline="") as file:
            lines = read_csv(file)
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"it is not UTF-8: {error.reason} at byte {error.start}") from None
    if not lines:
        raise InvalidRequest("it has no names")
    if target.exists() and target.samefile(source):
        raise InvalidRequest("the answers would take the place of the names; name another file for them")
    service = ScreeningService(dataset, Screener(dataset), day, threshold)
    draft = target.with_name(f".{target.name}.part")
    with tqdm(total=len(lines), unit=" names", disable=None) as progress, draft.open("wb") as out:
        counted = _Counted(service.screen_batch(lines, limit), progress)
        for line in csv_lines(BATCH_COLUMNS, (dump(row) for answer in counted for row in csv_rows(answer))):
            out.write(line.replace(BASE.encode(), base_url({}).encode()))
    draft.replace(target)
    return Screened(len(lines), counted.hits, counted.unread)


class _Counted:
    """Answers as they pass, counted."""

    def __init__(self, answers: Iterable[dict[str, Any]], progress: "tqdm[Any]") -> None:
        self.answers, self.progress = answers, progress
        self.hits = self.unread = 0

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for answer in self.answers:
            self.unread += answer["answer"] is None
            self.hits += bool(answer["answer"] and answer["answer"]["total"])
            self.progress.update()
            yield answer
