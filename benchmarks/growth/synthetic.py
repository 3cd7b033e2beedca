"""A synthetic seed of any size: the real one, and ships that never were, with names, flags, listings and citations.

    python -m benchmarks.growth.synthetic 30000 /tmp/seed-30000

Made from a fixed seed, so that the same number always makes the same files. It is written row by row, and never held.
Few ships are listed in the first year after 2006, most later; a fifth come off again.
"""

import csv
import random
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from stdnum import imo

from app.publishing.seed import SEED_TABLES, columns_of
from app.settings import ROOT

FIRST_DAY, LAST_DAY = date(2007, 1, 8), date(2022, 12, 31)
"""The days between which synthetic decisions are made, one a week."""
LISTED = ("asset_freeze", "port_entry_ban", "flag_withdrawal")
FLAGS = ("KP", "KP", "SL", "KH", "TG", "PA", "TZ", "MN", "HK", "CN")
FIRST = ("MI", "CHON", "JIN", "HWANG", "GOLDEN", "OCEAN", "EAST", "SUN", "SILVER", "PO", "TAE", "RYONG", "SAM", "KUM")
SECOND = ("RIM", "MA SAN", "TENG", "GUM SAN", "STAR", "PEACE", "MOUNT", "RIVER", "TONG GANG", "PYONG", "DAWN", "HAE")

BatchReader = Iterator[tuple[str, dict[str, Any]]]


def rows_of(size: int) -> BatchReader:
    """Yield the rows of so many ships, each with the name of its seed file."""
    choice = random.Random(1718)
    yield "sources", _source()
    days = [FIRST_DAY + timedelta(weeks=week) for week in range((LAST_DAY - FIRST_DAY).days // 7)]
    for day in days:
        yield from _decision(day)
    for number in range(size):
        yield from _ship(number, days, choice)


def _source() -> dict[str, Any]:
    return {
        "key": "synthetic",
        "kind": "research",
        "form": "original",
        "publisher": "Nobody",
        "title": "What a program made up",
        "url": "https://example.org/synthetic",
        "note": "Synthetic",
    }


def _decision(day: date) -> BatchReader:
    id = f"committee-{day}"
    yield "committee_decisions", {"id": id, "decided_on": day, "title": f"Decision of {day}", "summary": "Lists ships."}
    yield "citations", _citation("committee_decisions", id, "decided_on title summary")


def _ship(number: int, days: list[date], choice: random.Random) -> BatchReader:
    six = f"{number:06}"
    id = six + imo.calc_check_digit(six)
    yield "vessels", {"id": id, "imo_number": id}
    yield "citations", _citation("vessels", id, "imo_number")
    yield "vessel_particulars", {"id": f"{id}-p1", "vessel_id": id, "kind": "vessel_type", "value": "General Cargo"}
    yield "citations", _citation("vessel_particulars", f"{id}-p1", "kind value")
    for place, kind in enumerate(("primary", "alias"), 1):
        name = f"{choice.choice(FIRST)} {choice.choice(SECOND)} {choice.randrange(1, 1000)}"
        yield "names", {"id": f"{id}-n{place}", "subject_id": id, "name": name, "kind": kind, "given_by": "un_list"}
        yield "citations", _citation("names", f"{id}-n{place}", "name kind")
    yield "flags", {"id": f"{id}-f1", "vessel_id": id, "country": choice.choice(FLAGS), "given_on": "2019"}
    yield "citations", _citation("flags", f"{id}-f1", "country given_on")
    # One in a thousand in the first year, the rest after it.
    first = choice.randrange(52) if choice.random() < 0.001 else choice.randrange(52, len(days) - 1)
    day = days[first]
    listing = {"id": f"{id}-l1", "subject_id": id, "measure": choice.choice(LISTED), "listed_on": day}
    listing |= {"listed_by": f"committee-{day}"}
    fields = "measure listed_on listed_by"
    if choice.random() < 0.2:
        off = days[choice.randrange(first + 1, len(days))]
        listing |= {"delisted_on": off, "delisted_by": f"committee-{off}"}
        fields += " delisted_on delisted_by"
    yield "listings", listing
    yield "citations", _citation("listings", f"{id}-l1", fields)


def _citation(table: str, row: str, fields: str) -> dict[str, Any]:
    return {"table": table, "row": row, "source": "synthetic", "fields": fields}


def write(size: int, folder: Path) -> None:
    """Write a seed of so many synthetic ships, and the real record, to a folder; what was there is replaced."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "seed", folder)
    known = {line.partition(",")[0] for line in (folder / "vessels.csv").read_text(encoding="utf-8").splitlines()}
    known |= {
        line.partition(",")[0] for line in (folder / "committee_decisions.csv").read_text(encoding="utf-8").splitlines()
    }
    with ExitStack() as stack:
        writers = {}
        for stem, table in SEED_TABLES.items():
            file = stack.enter_context((folder / f"{stem}.csv").open("a", encoding="utf-8", newline=""))
            names = [column.name for column in columns_of(table)]
            writers[stem] = csv.DictWriter(file, names, restval="", lineterminator="\n")
        for stem, row in rows_of(size):
            if not _is_known(row, known):
                writers[stem].writerow(row)


def _is_known(row: dict[str, Any], known: set[str]) -> bool:
    """Say whether a row is of a ship or a decision that the real record has."""
    owners = (row.get(name, "") for name in ("id", "subject_id", "vessel_id", "row"))
    return any(owner in known or owner.partition("-")[0] in known for owner in owners if owner)


if __name__ == "__main__":
    write(int(sys.argv[1]), Path(sys.argv[2]))
