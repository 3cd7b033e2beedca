"""Many rows screened one after another, without the dataset: all that it needs is in memory, and can be sent on.

A `BulkScreener` has no open file and no connection. It can be pickled to another process or machine, and goes on when
another dataset is published.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from sqlmodel import col, select

from app.api.filters import in_force
from app.api.resource import valid_on
from app.database import OpenDataset
from app.matching.index import MATCHER, IndexedName, Kind
from app.matching.query import ParsedQuery
from app.publishing.rendering import BASE
from app.screening.batch import LONGEST_NAME, BatchRow, Extent
from app.screening.cleared import Pair, pair_of
from app.screening.columns import ColumnMap, Role
from app.screening.results import (
    ComparedWith,
    Outcome,
    checked_until,
    cleared_part,
    common_parameters,
    compared_part,
    hit_item,
    own_parameters,
    statement,
)
from app.screening.screener import Hit, NameInfo, Screener, ScreeningQuery, ScreeningResult
from app.screening.table_reader import cell_text
from app.tables import Listing, Rendering
from app.vocabularies import ExternalScheme, SubjectKind

ANSWER_COLUMNS = (
    *(
        "screened",
        "error",
        "hits",
        "excluded",
        "cleared",
        "query",
        "score",
        "subject.id",
        "subject.kind",
        "subject.name",
    ),
    *("subject.url", "listed", "status", "matched.text", "matched.kind", "matched.quality", "birth_date"),
    *("nationality", "found_within", "left_over", "because", "digest", "not_compared", "statement", "cite_as"),
)
"""The columns of an answer as a table, behind the line, the name and the columns that the file has itself."""
CLOSEST_COLUMNS = ("closest.score", "closest.subject.id", "closest.subject.name", "closest.matched.text")
"""Columns of the best subject below the threshold, where it is asked for."""


_MOST_ANSWERS = 20_000
"""Names of which it is kept whether they were rejected; then all are forgotten."""
_MOST_STATEMENTS = 1024
"""Statements that are kept: most rows without a hit have the same."""


@dataclass(frozen=True)
class BulkOptions:
    """How rows are compared, and which hits are left out.

    Attributes:
        threshold: score from which on a subject is a hit.
        limit: most hits to give of a row.
        listed: whether only subjects on the list on the day count, or only those off it; None for all.
        closest: whether to look for the best subject below the threshold of a row without hits.
        exclude: pairs that are left out and counted.
        earlier: pairs of an earlier run, None without one; only hits that it has not are given, and rows without such
            hits are left out, unless they were not screened whole.
        base: what URLs begin with.
    """

    threshold: float
    limit: int
    listed: bool | None = None
    closest: bool = False
    exclude: frozenset[Pair] = frozenset()
    earlier: frozenset[Pair] | None = None
    base: str = BASE


@dataclass(slots=True)
class ScreenedRow:
    """A row, screened; not frozen, as one is made of every line.

    Attributes:
        number: which row of the file or batch it is, from 1.
        row: the row.
        hits: the first hits, the best first, each as it is answered.
        total: how many hits there are, without those left out.
        excluded: how many were left out because they were cleared before or are in an earlier run.
        closest: the best subject below the threshold; None where it was not looked for or there is none.
        cleared: subjects whose names are alike, but whose birth dates on record are all far from the given one.
        off_list: how many of the hits are off the list on the day.
        parsed: the parts of the name as they were read; none of those that were rejected without being compared.
        not_compared: the words that were not compared as a name, each with the reason.
    """

    number: int
    row: BatchRow
    hits: Sequence[Mapping[str, Any]]
    total: int
    excluded: int = 0
    closest: Mapping[str, Any] | None = None
    cleared: Sequence[Mapping[str, Any]] = ()
    off_list: int = 0
    parsed: Sequence[ParsedQuery] = ()
    not_compared: tuple[tuple[str, str], ...] = ()


@dataclass
class Tally:
    """Counts of rows, which add up over the parts of a file.

    Attributes:
        whole, part, none: rows screened whole, in part, and not at all.
        with_hits: rows with a hit.
        hits: hits.
        excluded: hits left out because they were cleared before or are in an earlier run.
        faults: how many rows have a fault in each column that is read, or in how they are written.
        first_fault: the first row with a fault, and what it is.
    """

    whole: int = 0
    part: int = 0
    none: int = 0
    with_hits: int = 0
    hits: int = 0
    excluded: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    first_fault: str | None = None

    @property
    def lines(self) -> int:
        """All rows."""
        return self.whole + self.part + self.none

    def count(self, screened: ScreenedRow) -> None:
        """Count one row."""
        row = screened.row
        if row.name is not None and not (row.faults or screened.total or screened.excluded):
            self.whole += 1
            return
        extent = row.extent
        self.whole += extent is Extent.WHOLE
        self.part += extent is Extent.PART
        self.none += extent is Extent.NONE
        self.with_hits += screened.total > 0
        self.hits += screened.total
        self.excluded += screened.excluded
        if row.faults:
            self.first_fault = self.first_fault or f"line {screened.number}: {row.error}"
            for place in {_place_of(fault) for fault in row.faults}:
                self.faults[place] = self.faults.get(place, 0) + 1

    def add(self, other: "Tally") -> None:
        """Add the counts of a later part."""
        for name in ("whole", "part", "none", "with_hits", "hits", "excluded"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for place, number in other.faults.items():
            self.faults[place] = self.faults.get(place, 0) + number
        self.first_fault = self.first_fault or other.first_fault


def _place_of(fault: str) -> str:
    role = fault.partition(":")[0]
    return role if role in {str(one) for one in Role} else "line"


@dataclass(frozen=True)
class Snapshot:
    """All of a dataset that screening needs, as of a day: it has no open file and can be kept and sent on.

    Attributes:
        screener: the names.
        records: by the id of a subject, what is answered of it: a part of its record on the day.
        on_list: ids of the subjects that are on the list on the day.
        version: the version of the dataset.
        day: the day of the list.
        covers_until: last day until which each kind of record was checked.
    """

    screener: Screener
    records: Mapping[str, Mapping[str, Any]]
    on_list: frozenset[str]
    version: str
    day: date
    covers_until: Mapping[str, date]

    @classmethod
    def of(cls, dataset: OpenDataset, screener: Screener, day: date, base: str = BASE) -> "Snapshot":
        """Read a snapshot from a dataset, which may be closed afterwards.

        Args:
            dataset: the dataset.
            screener: its names.
            day: the day of the list.
            base: what URLs begin with.
        """
        rows = dataset.query(
            select(col(Rendering.id), col(Rendering.record)).where(
                col(Rendering.resource).in_(["designated-parties", "vessels"]), valid_on(day)
            )
        )
        records = {row.id: _kept(json.loads(row.record.replace(BASE, base))) for row in rows}
        is_in_force = in_force(Listing.listed_on, Listing.delisted_on, day)
        listed = dataset.query(select(col(Listing.subject_id)).where(is_in_force).distinct())
        on_list = frozenset(row.subject_id for row in listed)
        return cls(screener, records, on_list, dataset.version, day, dict(dataset.covers_until))


class BulkScreener:
    """Screens rows against a snapshot.

    Args:
        snapshot: what rows are compared with.
        options: how they are compared.
    """

    def __init__(self, snapshot: Snapshot, options: BulkOptions) -> None:
        self.snapshot, self.options = snapshot, options
        self._screener = snapshot.screener
        self._candidate_ids: set[str] | None = None
        if options.listed is not None:
            everyone = set(self._screener.ids)
            self._candidate_ids = everyone & snapshot.on_list if options.listed else everyone - snapshot.on_list
        self._counts: dict[tuple[SubjectKind, ...], tuple[int, int]] = {}
        self._answers: dict[str, tuple[tuple[str, str], ...] | None] = {}
        self._statements: dict[tuple[tuple[SubjectKind, ...], tuple[tuple[str, str], ...]], str] = {}
        self._blocker = self._screener.blocker(options.threshold)

    def screen(self, number: int, row: BatchRow) -> ScreenedRow:
        """Screen one row: its name, in parts where it is long, and its identifiers."""
        if row.name is None and not row.identifiers:
            return ScreenedRow(number, row, (), 0)
        if row.name is not None and not row.identifiers and not self.options.closest and len(row.name) <= LONGEST_NAME:
            aside_alone = self._rejected(row.name)
            if aside_alone is not None:
                return ScreenedRow(number, row, (), 0, not_compared=aside_alone)
        found: dict[str, Hit] = {}
        below: list[Hit] = []
        cleared: dict[str, Hit] = {}
        parsed: list[ParsedQuery] = []
        aside: dict[tuple[str, str], None] = {}
        for query in self._queries(row):
            rejected = None if self.options.closest else self._rejected(query.name)
            if rejected is not None:
                aside |= dict.fromkeys(rejected)
                continue
            result = self._compare(query, self.options.closest)
            aside |= dict.fromkeys(result.parsed.not_compared)
            _keep_best(found, result.hits)
            _keep_best(cleared, result.cleared)
            parsed.append(result.parsed)
            below += [result.best_below] if result.best_below else []
        for identifier in row.identifiers:
            # Whatever kind the row has: the number is of that subject.
            result = self._compare(ScreeningQuery(identifier), with_best_below=False)
            _keep_best(found, [hit for hit in result.hits if _is_own_number(hit.match.listed)])
        hits = sorted(found.values(), key=lambda hit: (-hit.score, hit.subject_id))
        left = [hit for hit in hits if not self._is_left_out(row, hit.subject_id)]
        best = max((hit for hit in below if hit.subject_id not in found), key=lambda hit: hit.score, default=None)
        return ScreenedRow(
            number,
            row,
            [self._item(hit) for hit in left[: self.options.limit]],
            len(left),
            len(hits) - len(left),
            self._item(best) if best else None,
            [self._item(hit) for id, hit in cleared.items() if id not in found],
            sum(hit.subject_id not in self.snapshot.on_list for hit in left),
            parsed,
            tuple(aside),
        )

    def _rejected(self, name: str) -> tuple[tuple[str, str], ...] | None:
        """Reject a name that cannot be a hit, with the words that are no part of it; None where it is to be compared.

        Names come again: answers are kept, so many that memory is bounded.
        """
        if name not in self._answers:
            if len(self._answers) >= _MOST_ANSWERS:
                self._answers.clear()
            self._answers[name] = self._blocker.reject(name)
        return self._answers[name]

    def _compare(self, query: ScreeningQuery, with_best_below: bool) -> ScreeningResult:
        return self._screener.screen(query, self.options.threshold, self._candidate_ids, with_best_below)

    def _queries(self, row: BatchRow) -> Iterator[ScreeningQuery]:
        for part in row.name_parts():
            yield ScreeningQuery(part, row.kind, row.birth_date, row.nationality)

    def _is_left_out(self, row: BatchRow, subject_id: str) -> bool:
        digest = self._screener.digests[subject_id]
        if digest in row.exclude:
            return True
        if not self.options.exclude and not self.options.earlier:
            return False
        pair = pair_of(row.query_text(), subject_id, digest)
        return pair in self.options.exclude or pair in (self.options.earlier or ())

    def _item(self, hit: Hit) -> dict[str, Any]:
        return hit_item(hit, self.snapshot.records[hit.subject_id], self._screener.digests[hit.subject_id])

    def compared(self, kind: tuple[SubjectKind, ...]) -> tuple[int, int]:
        """Count the names and identifiers that a query of some kinds is compared with, and their subjects."""
        if kind not in self._counts:
            self._counts[kind] = self._screener.compared(ScreeningQuery("", kind), self._candidate_ids)
        return self._counts[kind]

    def statement(self, screened: ScreenedRow) -> str:
        """Write the answer to a row in words, for a note."""
        if screened.total or screened.excluded or screened.closest or screened.cleared:
            return self._statement(screened)
        key = (screened.row.kind, screened.not_compared)
        found = self._statements.get(key)
        if found is None:
            if len(self._statements) >= _MOST_STATEMENTS:
                self._statements.clear()
            found = self._statements[key] = self._statement(screened)
        return found

    def _statement(self, screened: ScreenedRow) -> str:
        outcome = Outcome(
            screened.total,
            screened.off_list,
            screened.closest["score"] if screened.closest else None,
            screened.excluded,
            len(screened.cleared),
            tuple(screened.not_compared),
        )
        until = checked_until(self.snapshot.covers_until, screened.row.kind)
        compared = ComparedWith(*self.compared(screened.row.kind), self.snapshot.day, until)
        return statement(outcome, self.options.threshold, compared)

    def address(self, row: BatchRow, skip: int = 0) -> str:
        """Write the URL that gives the answer to a row again, from this dataset and for this day.

        It has the first part of a long name, and identifiers only where there is no name.
        """
        name = row.name if row.name and len(row.name) <= LONGEST_NAME else (*row.name_parts(), *row.identifiers)[0]
        given = own_parameters(name, row.kind, row.birth_date, row.nationality)
        common = self._common if not skip else self._common_parameters(skip)
        return f"{self.options.base}/search?{given}&{common}"

    @cached_property
    def _common(self) -> str:
        """The parameters of the first page, which the addresses of all rows have in common."""
        return self._common_parameters(0)

    def _common_parameters(self, skip: int) -> str:
        options, snapshot = self.options, self.snapshot
        return common_parameters(snapshot.version, snapshot.day, options.threshold, options.listed, options.limit, skip)

    def answer(self, screened: ScreenedRow) -> dict[str, Any]:
        """Write the answer to a row for JSON, with the row as it was given."""
        row = screened.row
        about = {
            "line": screened.number,
            "given": dict(zip(row.header, row.given, strict=False)),
            "screened": row.extent,
            "error": row.error,
            "identifiers": row.identifiers,
            "excluded": screened.excluded,
        }
        if row.extent is Extent.NONE:
            return about | {"answer": None}
        names, subjects = self.compared(row.kind)
        limit = self.options.limit
        return about | {
            "answer": {
                "total": screened.total,
                "items": screened.hits,
                "query": {
                    "q": row.name,
                    "kind": row.kind,
                    "listed": self.options.listed,
                    "birth_date": row.birth_date,
                    "nationality": row.nationality,
                },
                "threshold": self.options.threshold,
                "matcher": MATCHER,
                "compared": compared_part(names, subjects, screened.parsed)
                | ({} if screened.parsed else {"parts": row.name_parts()}),
                "cleared": cleared_part(screened.cleared, is_shown=True),
                "best_below": screened.closest,
                "statement": self.statement(screened),
                "next": self.address(row, limit) if screened.total > limit else None,
                "cite_as": self.address(row),
            }
        }


def _is_own_number(listed: IndexedName) -> bool:
    """Say whether it is a number of a ship or a paper: one that another list gave is no number of a document."""
    about: NameInfo = listed.about
    return listed.kind is Kind.IDENTIFIER and about.kind not in list(ExternalScheme)


def _keep_best(found: dict[str, Hit], hits: Iterable[Hit]) -> None:
    """Add hits by subject, of each the one with the highest score."""
    for hit in hits:
        if hit.subject_id not in found or hit.score > found[hit.subject_id].score:
            found[hit.subject_id] = hit


def _kept(record: Mapping[str, Any]) -> dict[str, Any]:
    """Select what `hit_item` needs of a record: the records of a million subjects would not fit otherwise."""
    kept = {name: record[name] for name in ("name", "url", "listed", "status")}
    return kept | ({"kind": record["kind"]} if "kind" in record else {})


class AnswerTable:
    """The columns of an answer as a table, and its rows.

    The columns of the file keep their order and headers; where one is called as a column of the answer, ``input.`` is
    written before it. The name, as it was screened, is in the place of the file's column of names.

    Args:
        columns: the columns of the file.
        closest: whether the best subject below the threshold has columns.
    """

    def __init__(self, columns: ColumnMap, closest: bool) -> None:
        self._answer = (*ANSWER_COLUMNS, *(CLOSEST_COLUMNS if closest else ()))
        taken = {"line", "name", *self._answer}
        replaced = columns.name_places[0] if len(columns.name_places) == 1 else None
        self._names = columns.name_places
        self._header = columns.header
        self._own: list[int | None] = []
        header: list[str] = ["line"]
        for place, text in enumerate(columns.header):
            if place == (columns.name_places or (0,))[0]:
                header.append("name")
                self._own.append(None)
            if place == replaced:
                continue
            own = f"input.{text}" if text in taken else text or f"column {place + 1}"
            taken.add(own)
            header.append(own)
            self._own.append(place)
        self.header = (*header, *self._answer)

    def rows(self, screener: BulkScreener, screened: ScreenedRow) -> list[list[str]]:
        """Write the rows that answer one row of the file: one for each hit, or one without."""
        row = screened.row
        cells = self._cells(row)
        name = row.name or " ".join(cells[place] for place in self._names)
        given = [name if place is None else cells[place] for place in self._own]
        extent = row.extent
        start = [str(screened.number), *given, extent.value, row.error or ""]
        if extent is Extent.NONE:
            return [[*start, *[""] * (len(self._answer) - 2)]]
        cleared = not_compared = ""
        if screened.cleared:
            cleared = "; ".join(f"{hit['subject']['id']}: {hit['cleared_because']}" for hit in screened.cleared)
        if screened.not_compared:
            not_compared = "; ".join(f"{text}: {why}" for text, why in screened.not_compared)
        start += [str(screened.total), str(screened.excluded), cleared, row.query_text()]
        end = [not_compared, screener.statement(screened), screener.address(row)]
        if len(self._answer) > len(ANSWER_COLUMNS):
            end += _closest_cells(screened.closest)
        return [[*start, *_hit_cells(hit), *end] for hit in screened.hits] or [[*start, *_NO_HIT, *end]]

    def _cells(self, row: BatchRow) -> Sequence[str]:
        """Give the cells of a row in the order of the columns: an object of JSON has its members in one of its own."""
        if row.header is self._header:
            return row.given
        members = dict(zip(row.header, row.given, strict=False))
        return [cell_text(members.get(header)) for header in self._header]


_NO_HIT = [""] * (ANSWER_COLUMNS.index("not_compared") - ANSWER_COLUMNS.index("score"))


def _hit_cells(hit: Mapping[str, Any]) -> list[str]:
    subject, matched = hit["subject"], hit["matched"]
    return [
        str(hit["score"]),
        *(subject["id"], str(subject["kind"]), subject["name"], subject["url"]),
        *(json.dumps(hit["listed"]), hit["status"], matched["text"], matched["kind"], matched["quality"] or ""),
        *(str(hit["birth_date"]), str(hit["nationality"])),
        *((within["text"], " ".join(within["left_over"])) if (within := hit["found_within"]) else ("", "")),
        json.dumps(hit["because"], ensure_ascii=False),
        hit["digest"],
    ]


def _closest_cells(closest: Mapping[str, Any] | None) -> list[str]:
    if closest is None:
        return [""] * len(CLOSEST_COLUMNS)
    subject = closest["subject"]
    return [str(closest["score"]), subject["id"], subject["name"], closest["matched"]["text"]]


def is_answered(screened: ScreenedRow, options: BulkOptions) -> bool:
    """Say whether a row is in the answer: against an earlier run, only with what is new or was not screened whole."""
    return options.earlier is None or screened.total > 0 or screened.row.extent is not Extent.WHOLE


def screen_rows(
    screener: BulkScreener, table: AnswerTable, rows: Iterable[tuple[int, BatchRow]]
) -> tuple[list[list[str]], Tally]:
    """Screen rows and write their answers as rows of a table. Several processes or machines can each do a part.

    Args:
        screener: the names.
        table: the columns of the answer.
        rows: the rows with their numbers.

    Returns:
        The rows of the answer, and the counts.
    """
    answers: list[list[str]] = []
    tally = Tally()
    for number, row in rows:
        screened = screener.screen(number, row)
        tally.count(screened)
        if is_answered(screened, screener.options):
            answers += table.rows(screener, screened)
    return answers, tally
