"""A file of names screened against a dataset, without a server: read, screened in one process or several, written."""

import gc
import json
import multiprocessing
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import xxhash
from tqdm import tqdm

from app.matching.index import MATCHER
from app.problems import InvalidRequest
from app.screening.batch import RowReader
from app.screening.bulk import AnswerTable, BulkScreener, Tally, screen_rows
from app.screening.columns import ColumnMap, Role, map_columns
from app.screening.dates import DateOrder
from app.screening.table_reader import ReadOptions, Table, TableRow, open_table
from app.screening.table_writer import (
    CsvWriter,
    Encoded,
    RowWriter,
    XlsxWriter,
    csv_bytes,
    is_workbook,
    keep_rows,
)
from app.server.memory import reduced_gc
from app.server.parent_process import end_with_parent

_CHUNK = 500
"""Rows that one process screens at a time."""
_CHECKPOINT_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Chunk:
    """Neighbouring rows, in the form that is quickest to hand to another process.

    Attributes:
        start: the number of the first.
        cells: the cells of each.
        faults: what is wrong with how a row is written, by its place in the chunk.
    """

    start: int
    cells: list[list[str]]
    faults: dict[int, str]


Answered = tuple[Encoded, Tally]
"""The answer to a chunk, ready to be written, and its counts."""


@dataclass(frozen=True)
class FileOptions:
    """How a file is read and its answer is written.

    Attributes:
        read: encoding, header, delimiter and sheet.
        columns: headers that were named for a role.
        dates: the order of day and month in dates that can be read as two days.
        excel: whether a CSV answer begins with a byte order mark.
        workers: how many processes screen.
        resume: whether to go on where an earlier run of the same file was broken off.
    """

    read: ReadOptions = field(default_factory=ReadOptions)
    columns: Mapping[Role, str] = field(default_factory=dict)
    dates: DateOrder | None = None
    excel: bool = False
    workers: int = 1
    resume: bool = False


@dataclass
class Summary:
    """What came of screening a file.

    Attributes:
        tally: the counts.
        description: how the file was read.
        columns: which of its columns were used.
        notes: what else there is to know of it.
        resumed: the row after which an earlier run was resumed; 0 where none was.
        has_more: whether a part of the file has names that were not screened, such as a second sheet.
    """

    tally: Tally
    description: str
    columns: str
    notes: list[str]
    resumed: int = 0
    has_more: bool = False

    @property
    def exit_status(self) -> int:
        """0: no hit; 1: hits; 2: no row was screened; 3: some rows were not screened whole, with hits or without."""
        if not self.tally.whole and not self.tally.part:
            return 2
        if self.tally.part or self.tally.none or self.has_more:
            return 3
        return 1 if self.tally.hits else 0

    def lines(self) -> Iterator[str]:
        """Write the summary for people, a line each."""
        tally = self.tally
        yield f"Read {_many(tally.lines, 'line')}: {self.description}. Columns: {self.columns}."
        for note in self.notes:
            yield f"Note: {note}."
        if self.resumed:
            yield f"Resumed after line {self.resumed} of an earlier run, whose lines are counted too."
        yield f"{tally.whole} screened whole, {tally.part} in part, {tally.none} not screened."
        if tally.faults:
            faults = ", ".join(f"{place} in {_many(number, 'line')}" for place, number in sorted(tally.faults.items()))
            yield f"Not read: {faults}; the first is {tally.first_fault}."
        left_out = f" {_many(tally.excluded, 'hit')} known before left out." if tally.excluded else ""
        yield f"{_many(tally.with_hits, 'line')} with hits, {_many(tally.hits, 'hit')} in all.{left_out}"


def _many(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def screen_file(source: Path | None, target: Path | None, screener: BulkScreener, options: FileOptions) -> Summary:
    """Screen every row of a file, and write the answers to another.

    Nothing takes the place of the target before it is complete. Until then the answers are in a file beside it, which
    stays where the run is broken off, and which a later run with ``resume`` completes.

    Args:
        source: the file; None for standard input.
        target: the answers, XLSX where it is called so, CSV otherwise; None for standard output.
        screener: what the names are compared with.
        options: how it is read and written.

    Raises:
        InvalidRequest: the file is no table with a column of names, has no names, both are one file, or the options
            do not go together.
        OSError: it cannot be read, or the other cannot be written.
    """
    workbook = is_workbook(target)
    if source and target and target.exists() and target.samefile(source):
        raise InvalidRequest("the answers would take the place of the names; name another file for them")
    target = _checked_target(target)
    is_stream = target is None or _is_device(target)
    if options.resume and (source is None or is_stream or workbook):
        raise InvalidRequest("only a run from a file to a CSV file can be resumed")
    with open_table(source, replace(options.read, named=tuple(options.columns.values()))) as table:
        columns = map_columns(table.header, options.columns, by_number=not options.read.has_header)
        answers = AnswerTable(columns, screener.options.closest)
        job = _Job(screener, columns, answers, options.dates, keep_rows if workbook else csv_bytes)
        can_resume = source and target and not is_stream and not workbook
        checkpoint = _Checkpoint.of(source, target, screener, options) if source and target and can_resume else None
        start = checkpoint.load() if checkpoint and options.resume else None
        summary = Summary(start.tally if start else Tally(), table.description, columns.describe(), table.notes)
        summary.has_more = table.has_more
        if start:
            summary.resumed = start.tally.lines
        elif options.resume:
            summary.notes.append("there was no run to resume; this one is from the beginning")
        if checkpoint and not start:
            checkpoint.path.unlink(missing_ok=True)
        with _opened(target, answers.header, options.excel, start.length if start else 0) as output:
            with reduced_gc():
                _run(job, table, output, summary, checkpoint, options.workers)
            if not summary.tally.lines:
                raise InvalidRequest("it has no names")
        if checkpoint:
            checkpoint.path.unlink(missing_ok=True)
    return summary


def _checked_target(target: Path | None) -> Path | None:
    """Check that answers can be written to a file, before any name is screened; a link is followed.

    Raises:
        InvalidRequest: it is a folder, or there is no folder for it.
    """
    if target is None or _is_device(target):
        return target
    target = target.resolve()
    if target.is_dir():
        raise InvalidRequest(f"{target} is a folder; name a file for the answers")
    if not target.parent.is_dir():
        raise InvalidRequest(f"there is no folder {target.parent} for the answers")
    return target


def _is_device(target: Path) -> bool:
    """Say whether a path is a pipe or a device, such as /dev/null: answers go into it, and nothing takes its place."""
    return target.exists() and not target.is_file() and not target.is_dir()


def _run(
    job: "_Job", table: Table, output: "_Output", summary: Summary, checkpoint: "_Checkpoint | None", workers: int
) -> None:
    """Screen the rows of a table from where the summary is, and write the answers as they come."""
    done = summary.tally.lines
    for _ in islice(table.rows, done):
        pass
    saved = time.monotonic()
    with (
        tqdm(total=table.total, initial=done, unit=" lines", unit_scale=False, disable=None) as progress,
        _screened(job, _chunks(table.rows, done + 1), workers) as parts,
    ):
        for rows, tally in parts:
            output.writer.write(rows)
            summary.tally.add(tally)
            progress.update(tally.lines)
            if checkpoint and output.file and time.monotonic() - saved > _CHECKPOINT_SECONDS:
                checkpoint.save(output.file, summary.tally)
                saved = time.monotonic()


def _chunks(rows: Iterator[TableRow], start: int) -> Iterator[Chunk]:
    while taken := list(islice(rows, _CHUNK)):
        faults = {place: row.fault for place, row in enumerate(taken) if row.fault}
        yield Chunk(start, [row.cells for row in taken], faults)
        start += len(taken)


# In one process or several


@dataclass
class _Job:
    """What a process needs to screen the rows of a file."""

    screener: BulkScreener
    columns: ColumnMap
    answers: AnswerTable
    dates: DateOrder | None
    encode: Callable[[Sequence[Sequence[str]]], Encoded]

    @cached_property
    def reader(self) -> RowReader:
        """Reads the rows; it remembers their values from one chunk to the next."""
        return RowReader(self.columns, self.dates)

    def __call__(self, chunk: Chunk) -> Answered:
        faults, reader = chunk.faults, self.reader
        rows = ((chunk.start + place, reader.read(cells, faults.get(place))) for place, cells in enumerate(chunk.cells))
        answers, tally = screen_rows(self.screener, self.answers, rows)
        return self.encode(answers), tally


@contextmanager
def _screened(job: _Job, chunks: Iterator[Chunk], workers: int) -> Iterator[Iterable[Answered]]:
    """Screen chunks, and give the answers in their order."""
    if workers == 1:
        yield map(job, chunks)
        return
    # Processes that are forked share the names with this one; elsewhere each gets a copy, once.
    method = "fork" if "fork" in multiprocessing.get_all_start_methods() and sys.platform != "darwin" else "spawn"
    context = multiprocessing.get_context(method)
    # What is forked stays shared only as long as no collection of garbage writes to it.
    was_frozen = gc.get_freeze_count()
    gc.freeze()
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_keep_job, initargs=(job,)) as pool:
        try:
            yield _in_order(lambda chunk: pool.submit(_do_job, chunk), chunks, 2 * workers + 1)
        finally:
            pool.shutdown(cancel_futures=True)
            if not was_frozen:
                gc.unfreeze()


def _in_order(submit: Callable[[Chunk], "Future[Answered]"], chunks: Iterator[Chunk], ahead: int) -> Iterator[Answered]:
    """Yield the answers of chunks in their order, with no more than `ahead` of them under way."""
    waiting = deque(submit(chunk) for chunk in islice(chunks, ahead))
    while waiting:
        yield waiting.popleft().result()
        waiting.extend(submit(chunk) for chunk in islice(chunks, 1))


_jobs: list[_Job] = []
"""The job of this process, if it is one of several."""


def _keep_job(job: _Job) -> None:
    _jobs[:] = [job]
    end_with_parent()


def _do_job(chunk: Chunk) -> Answered:
    return _jobs[0](chunk)


# Output


@dataclass
class _Output:
    """Where answers are written."""

    writer: RowWriter
    file: BinaryIO | None


@contextmanager
def _opened(target: Path | None, header: Sequence[str], excel: bool, length: int) -> Iterator[_Output]:
    """Open the draft of the answers with their header, and put it in the place of the target once all is written.

    Args:
        target: the file; None for standard output.
        header: the first row.
        excel: whether CSV begins with a byte order mark.
        length: bytes of the draft of an earlier run to go on after; 0 to begin anew.
    """
    if target is None:
        writer = CsvWriter(sys.stdout.buffer, excel)
        writer.write([header])
        yield _Output(writer, None)
        writer.close()
        return
    if _is_device(target):
        with target.open("wb") as stream:
            writer = CsvWriter(stream, excel)
            writer.write([header])
            yield _Output(writer, None)
            writer.close()
        return
    draft = _draft_of(target)
    try:
        if is_workbook(target):
            book = XlsxWriter(draft, header)
            yield _Output(book, None)
            book.close()
        else:
            with draft.open("r+b" if length else "wb") as file:
                if length:
                    file.truncate(length)
                    file.seek(length)
                writer = CsvWriter(file, excel and not length)
                if not length:
                    writer.write([header])
                yield _Output(writer, file)
                writer.close()
    except InvalidRequest:
        draft.unlink(missing_ok=True)
        raise
    draft.replace(target)


def _draft_of(target: Path) -> Path:
    return target.with_name(f".{target.name}.part")


# Resuming


@dataclass(frozen=True)
class _Start:
    """How far an earlier run was: its counts, and the length of its answers in bytes."""

    tally: Tally
    length: int


@dataclass(frozen=True)
class _Checkpoint:
    """How far a run is: the counts, and the length of the answers until there, in a file beside the draft.

    Attributes:
        path: the file.
        draft: the answers until now.
        identity: of the run: the content of the file of names, the dataset, the matcher and the options.
    """

    path: Path
    draft: Path
    identity: str

    @classmethod
    def of(cls, source: Path, target: Path, screener: BulkScreener, options: FileOptions) -> "_Checkpoint":
        """Compute the identity of a run."""
        content = xxhash.xxh3_128()
        with source.open("rb") as file:
            while part := file.read(1 << 20):
                content.update(part)
        compared = vars(screener.options).copy()
        pairs = [sorted(compared.pop(name) or ()) for name in ("exclude", "earlier")]
        parts: list[Any] = [
            content.hexdigest(),
            screener.snapshot.version,
            MATCHER,
            str(screener.snapshot.day),
            sorted(compared.items()),
            pairs,
        ]
        parts += [asdict(options.read), sorted(options.columns.items()), options.dates, options.excel]
        identity = xxhash.xxh3_128_hexdigest(json.dumps(parts, default=str).encode())
        return cls(target.with_name(f".{target.name}.resume.json"), _draft_of(target), identity)

    def save(self, draft: BinaryIO, tally: Tally) -> None:
        """Write down how far the run is, once all answers until there are in the draft."""
        draft.flush()
        state = {"identity": self.identity, "length": draft.tell(), "tally": asdict(tally)}
        beside = self.path.with_suffix(".new")
        beside.write_text(json.dumps(state), encoding="utf-8")
        beside.replace(self.path)

    def load(self) -> _Start | None:
        """Read how far an earlier run was; None where there is none.

        Raises:
            InvalidRequest: the earlier run was of another file, dataset or with other options.
        """
        try:
            state = json.loads(self.path.read_text(encoding="utf-8"))
            length = self.draft.stat().st_size
        except (FileNotFoundError, ValueError):
            return None
        if state["length"] > length:
            return None
        if state["identity"] != self.identity:
            raise InvalidRequest(
                "the run that was broken off was of another file, dataset or with other options; without --resume it "
                "is begun anew"
            )
        return _Start(Tally(**state["tally"]), state["length"])
