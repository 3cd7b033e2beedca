"""The commands: unlisted publish, serve, screen, compare and check."""

import argparse
import logging
import re
import sys
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from pydantic import ValidationError

from app.fields.dates import not_after_today, parse_day, today
from app.settings import Settings, get_settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: the words behind the program's name; not given, those of the process.

    Returns:
        The exit status: 0 done; 1 the seed or the migrations are at fault, the list differs, or a name has a hit; 2 the
        words make no command, or a file cannot be read.
    """
    try:
        settings = get_settings()
    except ValidationError as error:
        for found in error.errors():
            print(
                f"UNLISTED_{str(found['loc'][0]).upper()}: {found['msg']} (it is {found['input']!r})", file=sys.stderr
            )
        return 2
    options = _parser(settings).parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    status: int = options.run(options)
    return status


def _parser(settings: Settings) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="unlisted",
        description="A read-only API of the United Nations' sanctions on North Korea.",
        epilog="Every default can be set in the environment: see Settings in the README.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    publishing = commands.add_parser(
        "publish",
        help="make the dataset from the seed",
        description="Check the seed and publish it as a dataset. Where anything is at fault, nothing is published.",
    )
    _add_paths(publishing, settings)
    publishing.set_defaults(run=_publish)

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
        "--publish", action="store_true", help="publish first, where the dataset is older than seed or software"
    )
    serving.add_argument("--access-log", action="store_true", help="log every request")
    serving.set_defaults(run=_serve)

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
    comparing.add_argument("--seed", type=Path, default=settings.seed, help="folder of the CSV files (default: seed/)")
    comparing.add_argument("--format", choices=["table", "json", "csv"], default="table", help="how to print it")
    comparing.add_argument("--force", action="store_true", help="believe a list that has lost more than a tenth")
    comparing.add_argument(
        "--propose", action="store_true", help="print the changes to the seed that would follow, as a patch to review"
    )
    comparing.set_defaults(run=_compare)

    _add_screen(commands, settings)

    checking = commands.add_parser(
        "check",
        help="check the seed and the migrations",
        description="Check the seed against every rule, and compare the migrations with the tables. Publishes nothing.",
    )
    _add_paths(checking, settings)
    checking.set_defaults(run=_check)
    return parser


def _add_screen(commands: "argparse._SubParsersAction[argparse.ArgumentParser]", settings: Settings) -> None:
    screening = commands.add_parser(
        "screen",
        help="hold a file of names against the list",
        description=(
            "Hold every name of a CSV file (columns name and, where known, birth_date, nationality, kind) against the "
            "published dataset, and write what agrees and why. Needs no server. Exit status: 0 no hit, 1 hits or lines "
            "that cannot be read, 2 the file or the dataset cannot be read."
        ),
    )
    screening.add_argument("file", type=Path, help="the names")
    screening.add_argument("-o", "--output", type=Path, required=True, help="CSV file to write the answers to")
    screening.add_argument(
        "--as-of", type=_past_day, default=today(), metavar="DAY", help="day of the list (default: today, UTC)"
    )
    screening.add_argument("--threshold", type=_score, help="score of a hit (default: that of the search)")
    screening.add_argument(
        "--limit", type=_limit, default=20, help="most hits to write for a name (default: %(default)s)"
    )
    screening.add_argument(
        "--database", type=Path, default=settings.database, help="the dataset (default: data/unlisted.db)"
    )
    screening.set_defaults(run=_screen)


def _day(text: str) -> date:
    try:
        return parse_day(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _past_day(text: str) -> date:
    try:
        return not_after_today(parse_day(text))
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
    parser.add_argument("--seed", type=Path, default=settings.seed, help="folder of the CSV files (default: seed/)")
    parser.add_argument(
        "--database", type=Path, default=settings.database, help="file to publish to (default: data/unlisted.db)"
    )


def _publish(options: argparse.Namespace) -> int:
    from app.publish import publish  # here, so that `serve` starts without it
    from app.publishing.seed import SeedError

    began = time.perf_counter()
    try:
        published = publish(options.seed, options.database)
    except SeedError as error:
        return _report(error)
    print(
        f"Published dataset {published.version} to {options.database}: {published.rows} rows, "
        f"{published.records} records, {time.perf_counter() - began:.1f} s."
    )
    return 0


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
        print("Migrations: they make the tables as app/tables.py has them.")
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
    from app.database import open_dataset
    from app.matching.index import THRESHOLD
    from app.problems import Problem
    from app.screening.file import screen_file

    try:
        dataset = open_dataset(options.database)
        screened = screen_file(
            options.file, options.output, dataset, options.as_of, options.threshold or THRESHOLD, options.limit
        )
    except Problem as problem:
        print(f"Not screened: {problem.detail}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"Not screened: {error}", file=sys.stderr)
        return 2
    print(
        f"{screened.names} names held against dataset {dataset.version} as of {options.as_of}: "
        f"{screened.hits} with hits, {screened.unread} that cannot be read. Written to {options.output}."
    )
    dataset.close()
    return 1 if screened.hits or screened.unread else 0


def _report(error: Exception) -> int:
    print(error, file=sys.stderr)
    print(f"{len(str(error).splitlines())} fault(s) in the seed; nothing was published.", file=sys.stderr)
    return 1


def _serve(options: argparse.Namespace) -> int:
    from app.publishing.fingerprint import is_stale
    from app.server import serve

    if options.publish and is_stale(options.seed, options.database) and (status := _publish(options)):
        return status
    serve(options.host, options.port, options.database, options.access_log, options.workers)
    return 0


if __name__ == "__main__":
    sys.exit(main())
