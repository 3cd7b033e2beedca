"""A small seed: some thirty subjects and twenty measures of seed/ with all that they refer to, and no others.

It is cut from seed/ each time the tests run, so it cannot fall behind. It is complete (every reference leads to a row,
every value keeps a citation), and it has every oddity: each column that is filled in some row of seed/ and empty in
another is both here, and each value of an enumeration occurs.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, get_args

from app.publishing.seed import SEED_TABLES

Oddity = tuple[str, str, bool | str]
Row = dict[str, str]
Tables = dict[str, list[Row]]

NAMED = {
    "designated_parties": [
        *("KPe.001", "KPe.018", "KPe.020", "KPe.021", "KPe.024", "KPe.027", "KPe.029", "KPe.031"),
        *("KPi.001", "KPi.002", "KPi.004", "KPi.006", "KPi.013", "KPi.014", "KPi.016"),
        *("KPi.020", "KPi.025", "KPi.027", "KPi.042", "KPi.058", "KPi.062"),
    ],
    "vessels": [
        *("8405402", "8511823", "8602531", "8606173", "8628597", "8914934", "9163154", "9163166", "9191773"),
    ],
    "measures": [
        *("2270-asset-freeze-annexes-i-and-ii", "2270-aviation-fuel", "2270-coal-iron-iron-ore"),
        *("2321-coal-cap", "2397-crude-oil-cap"),
    ],
}
"""The records that tests name, by seed file. Of these files only such records are kept, and some that have an oddity.

A test that alters another one adds its id here.
"""

STEMS: dict[str, tuple[str, ...]] = {
    **{str(table.__tablename__): (stem,) for stem, table in SEED_TABLES.items()},
    "act": ("resolutions", "committee_decisions"),
    "subject": ("designated_parties", "vessels"),
}
"""The seed files that a reference to a table leads to."""


def write(whole: Path, folder: Path) -> None:
    """Write the small seed.

    Args:
        whole: the seed that it is cut from.
        folder: where it is written; made where it is missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tables = read(whole)
    for stem, rows in cut(tables).items():
        with (folder / f"{stem}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(tables[stem][0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def read(folder: Path) -> Tables:
    """Read every file of a seed."""
    tables = {}
    for stem in SEED_TABLES:
        with (folder / f"{stem}.csv").open(encoding="utf-8", newline="") as file:
            tables[stem] = list(csv.DictReader(file))
    return tables


def cut(tables: Tables) -> Tables:
    """Select the rows of the small seed.

    A row is left out where it was not chosen, or refers to a row that is left out; a source, where no row refers to it.
    """
    chosen = {stem: choose(tables, stem, named) for stem, named in NAMED.items()}
    odd = choose(tables, "relations", [])
    for row in (row for row in tables["relations"] if row["id"] in odd):
        for stems, id in references("relations", row):
            for stem in stems:  # of the files that subjects are in, one has it
                chosen[stem].add(id)
    kept: Tables = {}
    ids: dict[str, set[str]] = {}
    for stem in SEED_TABLES:  # a file comes after those that it refers to
        rows = [row for row in tables[stem] if stem not in chosen or row["id"] in chosen[stem]]
        if stem == "names":
            rows = list(_without_alike(rows))
        if stem == "citations":
            rows = list(_first_of_each_value(rows))
        ids[stem] = {_id(row) for row in rows}
        kept[stem] = [row for row in rows if all(_is_one_of(ids, *one) for one in references(stem, row))]
        ids[stem] = {_id(row) for row in kept[stem]}
    every = (one for stem, rows in kept.items() for row in rows for one in references(stem, row))
    used = {id for stems, id in every if "sources" in stems}
    return kept | {"sources": [row for row in tables["sources"] if row["key"] in used]}


def _without_alike(names: Iterable[Row]) -> Iterator[Row]:
    """Yield the names of no given language, and of the many others those with an oddity which those before lack."""
    seen: set[Oddity] = set()
    for name in names:
        found = set(oddities("names", name))
        if name["lang"] == "" or found - seen:
            yield name
        seen |= found


def _first_of_each_value(citations: Iterable[Row]) -> Iterator[Row]:
    """Yield the citations that support a value which those before do not: most of seed/ is cited several times."""
    cited: set[tuple[str, str, str]] = set()
    for citation in citations:
        values = {(citation["table"], citation["row"], field) for field in citation["fields"].split()}
        if values - cited:
            yield citation
        cited |= values


def _id(row: Row) -> str:
    return row.get("id") or row.get("key") or ""


def _is_one_of(ids: dict[str, set[str]], stems: tuple[str, ...], id: str) -> bool:
    return any(id in ids.get(stem, set()) for stem in stems)


def choose(tables: Tables, stem: str, named: list[str]) -> set[str]:
    """Choose records of a file: those named, the first with each oddity that those lack, and what these refer to."""
    families: dict[str, set[Oddity]] = defaultdict(set)
    for other, rows in tables.items():
        for row in rows:
            for owner in _owners(other, row, stem):
                families[owner] |= set(oddities(other, row))
    chosen = set(named)
    if strangers := chosen - families.keys():
        raise KeyError(f"no row of seed/{stem}.csv has the id {', '.join(sorted(strangers))}")
    missing = set().union(*families.values()) - set().union(*(families[id] for id in chosen))
    for id, found in families.items():
        if found & missing:
            chosen.add(id)
            missing -= found
    beside = chosen
    while beside:
        rows = [row for row in tables[stem] if row["id"] in beside]
        beside = {id for row in rows for stems, id in references(stem, row) if stem in stems} - chosen
        chosen |= beside
    return chosen


def _owners(other: str, row: Row, stem: str) -> Iterator[str]:
    """Yield the ids of the records of a file that a row is, or is a part of."""
    if other == stem:
        yield row["id"]
    columns = SEED_TABLES[other].__table__.columns  # type: ignore[attr-defined]  # set by SQLModel's metaclass
    for stems, id in references(other, row, [column for column in columns if column.info.get("parent")]):
        if stem in stems:
            yield id


def oddities(stem: str, row: Row) -> Iterator[Oddity]:
    """Yield what a row has that another may lack: a cell that is filled, or empty, and a value of an enumeration."""
    for name, cell in row.items():
        yield (stem, name, cell != "")
        if cell and _is_enumerated(SEED_TABLES[stem].model_fields[name].annotation):
            yield (stem, name, cell)


def _is_enumerated(annotation: Any) -> bool:
    return any(isinstance(one, type) and issubclass(one, StrEnum) for one in (annotation, *get_args(annotation)))


def references(stem: str, row: Row, columns: Iterable[Any] | None = None) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the references of a row: the seed files that one of them may lead to, and the id."""
    if columns is None:
        columns = SEED_TABLES[stem].__table__.columns  # type: ignore[attr-defined]  # set by SQLModel's metaclass
    for column in columns:
        for key in column.foreign_keys:
            if row.get(column.name):
                yield STEMS[key.column.table.name], row[column.name]
    if stem == "statement_records":
        yield (row["resource"].replace("-", "_"),), row["record_id"]
    if stem == "citations":
        yield (row["table"],), row["row"]
