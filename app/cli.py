"""The commands: unlisted publish, export, rollback, verify, reader, serve, mcp, screen, compare and check."""

import argparse
import logging.config
import os
import re
import sys
import time
import traceback
from collections.abc import Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from app import __version__
from app.fields.dates import check_has_begun, parse_day, today
from app.server.logs import log_config
from app.settings import PREFIX, Settings

if TYPE_CHECKING:
    from fastapi import FastAPI
    from pydantic_core import ErrorDetails


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: the words behind the program's name; not given, those of the process.

    Returns:
        The exit status: 0 done; 1 the seed or the migrations are at fault, the list differs, or a name has a hit; 2 the
        words make no command, or a file cannot be read; 3 some lines of a file of names were not screened whole.
    """
    try:
        settings = Settings()
    except ValidationError as error:
        for found in error.errors():
            print(_setting_fault(found), file=sys.stderr)
        return 2
    options = _parser(settings).parse_args(arguments)
    options.settings = settings
    if not logging.getLogger().handlers:  # else another program runs this one, and has configured them
        logging.config.dictConfig(log_config(settings.log_format))
    status: int = options.run(options)
    return status


def _setting_fault(found: "ErrorDetails") -> str:
    """Return the message for a setting that cannot be used, or for names in the environment that are no settings."""
    if found["loc"]:
        name = str(found["loc"][0])
        # A database URL may have a password in it.
        given = "" if name == "database_url" else f" (it is {found['input']!r})"
        return f"{PREFIX}{name.upper()}: {found['msg'].removeprefix('Value error, ')}{given}"
    return found["msg"].removeprefix("Value error, ")


def _parser(settings: Settings) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="unlisted",
        description="A read-only API of the United Nations' sanctions on North Korea.",
        epilog="Every default can be set in the environment: see Settings in the README.",
    )
    parser.add_argument("--version", action="version", version=f"unlisted {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    publishing = commands.add_parser(
        "publish",
        help="build the dataset from the seed",
        description="Check the seed and publish it as a dataset. If there is any fault, nothing is published.",
    )
    _add_paths(publishing, settings)
    publishing.add_argument("--no-downloads", action="store_true", help="do not write the files that /downloads offers")
    publishing.set_defaults(run=_publish)

    exporting = commands.add_parser(
        "export",
        help="write the whole record to files for other programs",
        description=(
            "Write what /downloads offers of the published dataset to a folder: data package, SQLite, NDJSON, flat "
            "lists, bibliography, FollowTheMoney with a manifest for yente. Needs no server. Exit status: 0 done, 2 it "
            "cannot be done."
        ),
    )
    exporting.add_argument("folder", metavar="DIR", type=Path, help="folder to write to; made where it is missing")
    _add_database(exporting, settings)
    exporting.set_defaults(run=_export)

    rolling = commands.add_parser(
        "rollback",
        help="publish a version that is kept once more",
        description="Publish a version that is kept once more, as it was. Exit status: 0 done, 2 it cannot be done.",
    )
    rolling.add_argument("version", metavar="VERSION", help="sixteen hexadecimal digits; /dataset/versions lists them")
    _add_database(rolling, settings)
    rolling.set_defaults(run=_rollback)

    verifying = commands.add_parser(
        "verify",
        help="compare the published files with their checksums",
        description=(
            "Compare the published file and every version that is kept with their checksums, and open each. Exit "
            "status: 0 all can be served, 1 some cannot."
        ),
    )
    _add_database(verifying, settings)
    verifying.set_defaults(run=_verify)

    reading = commands.add_parser(
        "reader",
        help="make a role of PostgreSQL that may only read",
        description=(
            "Make a role of PostgreSQL that may log in and SELECT from every publication, for servers to log in with. "
            f"{PREFIX}DATABASE_URL gives the database, and a role that may create roles. Exit status: 0 done, 2 it "
            "cannot be done."
        ),
    )
    reading.add_argument("name", metavar="ROLE", help="name of the role")
    reading.add_argument(
        "--password-file", type=Path, metavar="FILE", help="file whose first line is its password (default: none)"
    )
    reading.set_defaults(run=_reader)

    serving = commands.add_parser(
        "serve", help="serve the API", description="Serve the published dataset until interrupted."
    )
    serving.add_argument("--host", default=settings.host, help="address to listen on (default: %(default)s)")
    serving.add_argument(
        "--port", type=_port, default=settings.port, help="port to listen on, 0 for any (default: %(default)s)"
    )
    serving.add_argument(
        "--workers",
        type=_workers,
        default=settings.workers,
        help="how many processes answer; each holds its own copy of everything (default: %(default)s)",
    )
    _add_paths(serving, settings)
    serving.add_argument(
        "--publish", action="store_true", help="publish first if the dataset is older than the seed or the software"
    )
    serving.add_argument("--access-log", action="store_true", help="log every request")
    serving.set_defaults(run=_serve, no_downloads=False)

    comparing = commands.add_parser(
        "compare",
        help="compare the record with the UN's consolidated list",
        description=(
            "Compare the record, as of the day of a UN consolidated list, with that list (XML, as published). Exit "
            "status: 0 no unexplained difference, 1 differences, 2 the list cannot be read or believed."
        ),
    )
    comparing.add_argument("list", metavar="FILE|URL", help="the list: a file, or an http or https URL")
    comparing.add_argument(
        "--as-of",
        type=_day,
        metavar="DAY",
        help="day as of which the record is compared (default: the day on which the list says it was generated)",
    )
    comparing.add_argument(
        "--seed", type=Path, default=settings.seed, help="folder of the CSV files (default: %(default)s)"
    )
    comparing.add_argument("--format", choices=["table", "json", "csv"], default="table", help="how to print it")
    comparing.add_argument(
        "--force", action="store_true", help="accept a list that has lost more than a tenth of its entries"
    )
    comparing.add_argument(
        "--propose", action="store_true", help="print the changes to the seed that would follow, as a patch to review"
    )
    comparing.set_defaults(run=_compare)

    assisting = commands.add_parser(
        "mcp",
        help="serve the list to assistants (Model Context Protocol)",
        description=(
            "Serve the published dataset over the Model Context Protocol on standard input and output. Needs the extra "
            "mcp: pip install 'unlisted[mcp]'. Exit status: 0 the client has gone, 2 it cannot be served."
        ),
    )
    _add_database(assisting, settings)
    assisting.set_defaults(run=_mcp)

    _add_screen(commands, settings)

    checking = commands.add_parser(
        "check",
        help="check the seed and the migrations",
        description="Check the seed by every rule, and compare the migrations with the tables. Publishes nothing.",
    )
    _add_paths(checking, settings)
    checking.set_defaults(run=_check)
    return parser


def _add_screen(commands: "argparse._SubParsersAction[argparse.ArgumentParser]", settings: Settings) -> None:
    screening = commands.add_parser(
        "screen",
        help="screen a file of names against the list",
        description=(
            "Screen every name of a file (CSV in any usual encoding and delimiter, XLSX, XLS, ODS, Parquet) against "
            "the published dataset, and write what agrees and why beside the file's own columns. Needs no server."
        ),
        epilog=(
            "Exit status: 0 no hit, 1 hits, 2 nothing could be read, 3 some lines were not screened whole, whether or "
            "not there are hits. The summary goes to standard output; to standard error where the answers go there."
        ),
    )
    screening.add_argument("file", help="the names: a file, or - for standard input")
    screening.add_argument(
        "-o", "--output", required=True, help="file for the answers, .csv or .xlsx, or - for standard output"
    )
    screening.add_argument(
        "--as-of", type=_past_day, default=today(), metavar="DAY", help="day of the list (default: today, UTC)"
    )
    screening.add_argument("--threshold", type=_score, help="score of a hit (default: that of the search)")
    screening.add_argument(
        "--limit", type=_limit, default=20, help="most hits to write for a name (default: %(default)s)"
    )
    screening.add_argument("--closest", action="store_true", help="write the closest subject of a name without hits")
    reading = screening.add_argument_group("how the file is read")
    reading.add_argument(
        "--column",
        type=_column,
        action="append",
        default=[],
        metavar="ROLE=HEADER",
        help='column of a role, such as name="Customer name"; without a header its number, as name=2',
    )
    reading.add_argument("--no-header", action="store_true", help="the first row is a name, not the headers")
    reading.add_argument("--encoding", help="encoding of a CSV file, such as cp949 (default: recognised)")
    reading.add_argument("--sheet", help="sheet of a workbook (default: the first)")
    reading.add_argument(
        "--dates", choices=["dmy", "mdy"], help="order of day and month in dates that can be two days, as 03/04/1968"
    )
    known = screening.add_argument_group("what is known already")
    known.add_argument(
        "--exclude",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="leave out the hits in FILE (an earlier answer, or its rows that were cleared) as long as nothing that "
        "was compared of their subjects changes",
    )
    known.add_argument("--since", type=Path, metavar="RUN", help="write only what is new against an earlier answer")
    running = screening.add_argument_group("how it runs")
    running.add_argument("--excel", action="store_true", help="begin a CSV answer with a byte order mark, for Excel")
    running.add_argument("--workers", type=_workers, default=1, help="how many processes screen (default: %(default)s)")
    running.add_argument("--resume", action="store_true", help="go on where the same run was broken off")
    running.add_argument("--database", type=Path, default=settings.database, help="the dataset (default: %(default)s)")
    screening.set_defaults(run=_screen)


def _day(text: str) -> date:
    try:
        return parse_day(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _column(text: str) -> tuple[str, str]:
    from app.screening.columns import parse_column_option  # here, so that `serve` starts without it

    try:
        role, header = parse_column_option(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return role, header


def _past_day(text: str) -> date:
    try:
        return check_has_begun(parse_day(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _score(text: str) -> float:
    if not re.fullmatch(r"[01](\.[0-9]+)?", text) or not 0.5 <= float(text) <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no score from 0.5 to 1")
    return float(text)


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 on")
    return int(text)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} is no port; one is a number from 0 to 65535")
    return int(text)


def _workers(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 64):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of processes, 1 to 64")
    return int(text)


def _add_paths(parser: argparse.ArgumentParser, settings: Settings) -> None:
    parser.add_argument(
        "--seed", type=Path, default=settings.seed, help="folder of the CSV files (default: %(default)s)"
    )
    parser.add_argument(
        "--database", type=Path, default=settings.database, help="file to publish to (default: %(default)s)"
    )


def _add_database(parser: argparse.ArgumentParser, settings: Settings) -> None:
    parser.add_argument(
        "--database", type=Path, default=settings.database, help="the published file (default: %(default)s)"
    )


def _database_url(options: argparse.Namespace) -> str | None:
    """Return the URL of PostgreSQL; None where none is set, or where --database names a file in its place."""
    settings: Settings = options.settings
    if settings.database_url is None or options.database != settings.database:
        return None
    return settings.database_url.get_secret_value()


def _place(options: argparse.Namespace) -> str:
    """Name the place of the published dataset in a message: a URL may have a password in it."""
    return "PostgreSQL" if _database_url(options) else str(options.database)


def _reader(options: argparse.Namespace) -> int:
    from app.publish import PublishError, make_reader

    url = options.settings.database_url
    if url is None:
        print(f"No role made: {PREFIX}DATABASE_URL is not set", file=sys.stderr)
        return 2
    try:
        file: Path | None = options.password_file
        password = file.read_text(encoding="utf-8").partition("\n")[0].removesuffix("\r") if file else None
        make_reader(url.get_secret_value(), options.name, password)
    except (PublishError, OSError, UnicodeDecodeError) as error:
        print(f"No role made: {error}", file=sys.stderr)
        return 2
    print(f"The role {options.name} may log in and read every publication, and nothing else.")
    return 0


def _publish(options: argparse.Namespace) -> int:
    from app.publish import PublishError, publish, publish_to_postgresql  # here, so that `serve` starts without it
    from app.publishing.seed import SeedError

    began = time.perf_counter()
    url = _database_url(options)
    try:
        if url:
            published = publish_to_postgresql(
                options.seed, url, options.settings.keep_versions, with_downloads=not options.no_downloads
            )
        else:
            published = publish(
                options.seed, options.database, options.settings.keep_versions, with_downloads=not options.no_downloads
            )
    except SeedError as error:
        return _report(error)
    except PublishError as error:
        print(f"Not published: {error}", file=sys.stderr)
        return 2
    print(
        f"Published dataset {published.version} to {_place(options)}: {published.rows} rows, "
        f"{published.records} records, {time.perf_counter() - began:.1f} s."
    )
    return 0


def _export(options: argparse.Namespace) -> int:
    from app.problems import NoDataset
    from app.publish import PublishError, export, export_from_postgresql

    url = _database_url(options)
    try:
        written = export_from_postgresql(url, options.folder) if url else export(options.database, options.folder)
    except (NoDataset, PublishError) as error:
        print(f"Not exported: {error}", file=sys.stderr)
        return 2
    for one in written:
        print(f"{one.sha256}  {one.name}")
    print(f"Wrote {len(written)} files and a manifest for yente to {options.folder}.", file=sys.stderr)
    return 0


def _mcp(options: argparse.Namespace) -> int:
    try:
        from app.mcp_server import build
    except ModuleNotFoundError as error:
        print(f"Not served: {error}; install the extra: pip install 'unlisted[mcp]'", file=sys.stderr)
        return 2
    build(_make_app(options.settings.model_copy(update={"database": options.database}))).run("stdio")
    return 0


def _rollback(options: argparse.Namespace) -> int:
    from app.publish import PublishError, rollback, rollback_in_postgresql

    url = _database_url(options)
    try:
        if url:
            rollback_in_postgresql(url, options.version)
        else:
            rollback(options.database, options.version)
    except PublishError as error:
        print(f"Not rolled back: {error}", file=sys.stderr)
        return 2
    print(f"Published dataset {options.version} once more, to {_place(options)}.")
    return 0


def _verify(options: argparse.Namespace) -> int:
    from app.publish import PublishError, verify, verify_postgresql

    url = _database_url(options)
    try:
        found = verify_postgresql(url) if url else verify(options.database)
    except PublishError as error:
        print(f"Not verified: {error}", file=sys.stderr)
        return 1
    for one in found:
        print(f"{one.path}: {one.state}")
    return 0 if all(one.is_good for one in found) else 1


def _check(options: argparse.Namespace) -> int:
    from app.publish import check_seed
    from app.publishing.schema import differences
    from app.publishing.seed import SeedError

    try:
        counts = check_seed(options.seed)
    except SeedError as error:
        return _report(error)
    print(f"Seed: {sum(counts.values())} rows in {len(counts)} files, no fault.")
    found = differences()
    for difference in found:
        print(f"Migrations: {difference}", file=sys.stderr)
    if not found:
        print("Migrations: they make the tables as app/tables.py defines them.")
    return 1 if found else 0


def _compare(options: argparse.Namespace) -> int:
    from app.publish import checked_seed
    from app.publishing.seed import SeedError
    from app.un_list.compare import ShrunkListError, compare
    from app.un_list.fetch import fetch_list, is_url
    from app.un_list.patch import propose
    from app.un_list.report import report, warning
    from app.un_list.xml import UnreadableListError, read_list

    try:
        seed = checked_seed(options.seed)
        published = fetch_list(options.list) if is_url(options.list) else read_list(Path(options.list))
        comparison = compare(seed, published, as_of=options.as_of, force=options.force)
    except SeedError as error:
        print(f"Not compared, the seed is at fault:\n{error}", file=sys.stderr)
        return 2
    except (UnreadableListError, ShrunkListError, ValueError) as error:
        print(f"Not compared: {error}", file=sys.stderr)
        return 2
    if message := warning(comparison):
        print(f"Warning: {message}", file=sys.stderr)
    if options.propose:
        proposal = propose(seed, options.seed, published, comparison)
        print(proposal.patch, end="")
        for held_back in proposal.held_back:
            print(f"Not proposed: {held_back}", file=sys.stderr)
        if proposal.patch:
            print("To review; then: git apply, make datapackage, unlisted check.", file=sys.stderr)
    else:
        print(report(comparison, options.format), end="")
    return 1 if comparison.unexplained else 0


def _screen(options: argparse.Namespace) -> int:
    """Screen a file; every way in which it ends has a message and an exit status of its own."""
    from concurrent.futures.process import BrokenProcessPool

    from app.problems import Problem

    resumable = "" if "-" in (options.file, options.output) else "; --resume goes on from there"
    try:
        return _screen_file(options)
    except Problem as problem:
        detail = problem.detail.removeprefix("body: ")
        hint = ""
        if detail.startswith("no column of names"):
            hint = '; name it with --column name="…", or if these are no headers say --no-header'
        print(f"Not screened: {detail}{hint}", file=sys.stderr)
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123  the interpreter flushes it at its end
        print("Not screened to the end: nobody reads the answers any more", file=sys.stderr)
    except OSError as error:
        print(f"Not screened: {error}", file=sys.stderr)
    except BrokenProcessPool:
        print(f"Not screened to the end: one of the processes was ended{resumable}", file=sys.stderr)
    except KeyboardInterrupt:
        print(f"Not screened to the end: interrupted{resumable}", file=sys.stderr)
    except Exception:
        # The interpreter would end with status 1, which says that there are hits.
        traceback.print_exc()
        print(f"Not screened to the end: a fault of this program{resumable}", file=sys.stderr)
    return 2


def _screen_file(options: argparse.Namespace) -> int:
    from app.database import OpenDataset, open_dataset
    from app.matching.index import THRESHOLD
    from app.screening.bulk import BulkOptions, BulkScreener, Snapshot
    from app.screening.cleared import read_pairs
    from app.screening.dates import DateOrder
    from app.screening.file import FileOptions, screen_file
    from app.screening.screener import Screener
    from app.screening.table_reader import ReadOptions

    base = options.settings.public_base
    dataset: OpenDataset
    if url := _database_url(options):
        from app.postgresql.datasets import open_newest

        dataset = open_newest(url)
    else:
        dataset = open_dataset(options.database)
    try:
        compared = BulkOptions(
            threshold=options.threshold or THRESHOLD,
            limit=options.limit,
            closest=options.closest,
            exclude=frozenset().union(*map(read_pairs, options.exclude)),
            earlier=read_pairs(options.since) if options.since else None,
            base=base,
        )
        snapshot = Snapshot.of(dataset, Screener(dataset), options.as_of, base)
    finally:
        dataset.close()
    screener = BulkScreener(snapshot, compared)
    source, target = (None if path == "-" else Path(path) for path in (options.file, options.output))
    files = FileOptions(
        read=ReadOptions(options.encoding, has_header=not options.no_header, sheet=options.sheet),
        columns=dict(options.column),
        dates=DateOrder(options.dates) if options.dates else None,
        excel=options.excel,
        workers=options.workers,
        resume=options.resume,
    )
    summary = screen_file(source, target, screener, files)
    out = sys.stdout if target else sys.stderr
    for line in summary.lines():
        print(line, file=out)
    written = f" Written to {target}." if target else ""
    print(f"Dataset {snapshot.version} as of {options.as_of}.{written}", file=out)
    return summary.exit_status


def _report(error: Exception) -> int:
    print(error, file=sys.stderr)
    print(f"{len(str(error).splitlines())} fault(s) in the seed; nothing was published.", file=sys.stderr)
    return 1


def _serve(options: argparse.Namespace) -> int:
    from app.server.run import serve

    if options.publish and _is_stale(options) and (status := _publish(options)):
        return status
    given = {name: getattr(options, name) for name in ("host", "port", "workers", "database")}
    given["access_log"] = options.access_log or options.settings.access_log
    if not _database_url(options):
        given["database_url"] = None
    settings = options.settings.model_copy(update=given)
    serve(partial(_make_app, settings), settings)
    return 0


def _is_stale(options: argparse.Namespace) -> bool:
    if url := _database_url(options):
        from app.publish import is_older_in_postgresql

        return is_older_in_postgresql(options.seed, url)
    from app.publishing.fingerprint import is_stale

    return is_stale(options.seed, options.database)


def _make_app(settings: Settings) -> "FastAPI":
    """Build the application in the process that serves it."""
    from app.main import create_app  # here, so that commands that do not serve start without it

    return create_app(settings)


if __name__ == "__main__":
    sys.exit(main())
