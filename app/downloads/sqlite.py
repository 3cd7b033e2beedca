"""The record as a SQLite database for other programs: plain tables, foreign keys, views in plain words, a search.

It is not the published dataset, whose renderings and derived columns serve this API alone.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Boolean, Column, Integer, inspect, select
from sqlmodel import Session, SQLModel, col

from app.downloads.tables import AT_ONCE, cell, seed_rows
from app.publishing.seed import SEED_TABLES, columns_of
from app.tables import Act, Subject
from app.vocabularies import RelationKind

_EXTRA_KEYS = {("vessels", "id"): ("subjects", "id"), ("designated_parties", "id"): ("subjects", "id")}
"""Ships and parties are subjects of listings: their ids are those of subjects."""
_TABLES = {
    **{str(table.__tablename__): stem for stem, table in SEED_TABLES.items()},
    "act": "acts",
    "subject": "subjects",
}
"""The tables of this database, by the names of those of the published dataset."""

_SUBJECTS = ("id", "kind", "name", "first_listed_on")
_ACTS = ("id", "kind", "number", "title", "acted_on")

PHRASES = {
    RelationKind.OWNER: "is owner of",
    RelationKind.MANAGER: "is manager of",
    RelationKind.OPERATOR: "is operator of",
    RelationKind.DIRECTOR: "is director of",
    RelationKind.OFFICER: "is officer of",
    RelationKind.REPRESENTATIVE: "is representative of",
    RelationKind.SUBSIDIARY: "is subsidiary of",
    RelationKind.BRANCH: "is branch of",
    RelationKind.ACTS_FOR: "acts for",
    RelationKind.COMMANDS: "commands",
    RelationKind.SAME_HULL: "is the same hull as",
}
"""What the first party of a relation is to the second, in words."""
_PHRASE = " ".join(f"WHEN '{kind.value}' THEN '{phrase}'" for kind, phrase in PHRASES.items())

VIEWS: dict[str, tuple[str, str]] = {
    "stays": (
        "Every stay on the list, with the name of its subject and the titles of the acts.",
        """
        SELECT listings.id, subjects.kind, subjects.id AS subject_id, subjects.name, listings.measure,
               listings.listed_on, listing_act.title AS listed_by, listings.delisted_on,
               delisting_act.title AS delisted_by, listings.delisting_ground
        FROM listings
        JOIN subjects ON subjects.id = listings.subject_id
        JOIN acts AS listing_act ON listing_act.id = listings.listed_by
        LEFT JOIN acts AS delisting_act ON delisting_act.id = listings.delisted_by
        """,
    ),
    "vessels_listed": (
        "Ships that are on the list, with their newest flag and the measures that they are under.",
        """
        SELECT vessels.id, subjects.name, vessels.imo_number,
               (SELECT group_concat(value, '; ') FROM (SELECT DISTINCT value FROM vessel_particulars
                WHERE vessel_id = vessels.id AND kind = 'vessel_type' ORDER BY value)) AS vessel_type,
               (SELECT country FROM flags WHERE flags.vessel_id = vessels.id
                ORDER BY given_on DESC, flags.id DESC LIMIT 1) AS flag,
               min(listings.listed_on) AS listed_on, group_concat(DISTINCT listings.measure) AS measures
        FROM vessels JOIN subjects ON subjects.id = vessels.id
        JOIN listings ON listings.subject_id = vessels.id AND listings.delisted_on IS NULL
        GROUP BY vessels.id
        """,
    ),
    "vessels_delisted": (
        "Ships that were on the list and are no longer, with the day on which they came off it.",
        """
        SELECT vessels.id, subjects.name, vessels.imo_number, min(listings.listed_on) AS listed_on,
               max(listings.delisted_on) AS delisted_on
        FROM vessels JOIN subjects ON subjects.id = vessels.id
        JOIN listings ON listings.subject_id = vessels.id
        GROUP BY vessels.id HAVING count(*) = count(listings.delisted_on)
        """,
    ),
    "individuals_listed": (
        "Individuals that are on the list, with their nationalities and birth dates.",
        """
        SELECT subjects.id, subjects.name,
               (SELECT group_concat(DISTINCT country) FROM nationalities
                WHERE nationalities.subject_id = subjects.id AND on_list_until IS NULL) AS nationalities,
               (SELECT group_concat(DISTINCT born_on) FROM birth_dates
                WHERE birth_dates.subject_id = subjects.id AND on_list_until IS NULL) AS birth_dates,
               min(listings.listed_on) AS listed_on
        FROM subjects JOIN listings ON listings.subject_id = subjects.id AND listings.delisted_on IS NULL
        WHERE subjects.kind = 'individual' GROUP BY subjects.id
        """,
    ),
    "entities_listed": (
        "Entities that are on the list.",
        """
        SELECT subjects.id, subjects.name, designated_parties.swift_code, designated_parties.imo_company_number,
               min(listings.listed_on) AS listed_on
        FROM subjects JOIN designated_parties ON designated_parties.id = subjects.id
        JOIN listings ON listings.subject_id = subjects.id AND listings.delisted_on IS NULL
        WHERE subjects.kind = 'entity' GROUP BY subjects.id
        """,
    ),
    "relations_in_words": (
        "Every relation as a sentence, with both parties; one outside the record has a name and no id.",
        f"""
        SELECT relations.id, coalesce(first.name, from_name) || ' ' || CASE relations.kind {_PHRASE} END || ' '
               || coalesce(second.name, to_name) AS sentence,
               from_id, coalesce(first.name, from_name) AS from_name, first.kind AS from_kind, relations.kind,
               to_id, coalesce(second.name, to_name) AS to_name, second.kind AS to_kind, on_since, on_until, note
        FROM relations
        LEFT JOIN subjects AS first ON first.id = relations.from_id
        LEFT JOIN subjects AS second ON second.id = relations.to_id
        """,  # noqa: S608  # words of our own
    ),
    "owners_and_managers": (
        "Owners, managers and operators of each ship, of any day: on_until says which of them no longer are.",
        """
        SELECT relations.id, vessels.id AS vessel_id, vessels.imo_number, ship.name AS vessel_name, relations.kind,
               from_id AS party_id, coalesce(party.name, from_name) AS party_name, on_since, on_until, relations.note
        FROM relations
        JOIN vessels ON vessels.id = relations.to_id
        JOIN subjects AS ship ON ship.id = vessels.id
        LEFT JOIN subjects AS party ON party.id = relations.from_id
        WHERE relations.kind IN ('owner', 'manager', 'operator')
        """,
    ),
    "identifiers_in_other_lists": (
        "What lists of others call each subject; one without a value was looked for in the list, which lacks it.",
        """
        SELECT external_identifiers.id, subjects.id AS subject_id, subjects.kind, subjects.name, scheme, value, note
        FROM external_identifiers JOIN subjects ON subjects.id = external_identifiers.subject_id
        """,
    ),
}
"""The views: what each shows, and its SQL. "Listed" means that no day of delisting is on record."""


def write_database(session: Session, path: Path, about: dict[str, str]) -> None:
    """Write the database.

    Args:
        session: the published tables.
        path: the file to write, which does not exist yet.
        about: what the table ``about`` says: version, licence and the like, by name.
    """
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("PRAGMA synchronous = OFF")
        database.execute("BEGIN")
        for create, insert, rows in _contents(session):
            database.execute(create)
            database.executemany(insert, rows)
        database.execute("CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL)")
        database.executemany("INSERT INTO about VALUES (?, ?)", sorted(about.items()))
        for name, (_, query) in VIEWS.items():
            database.execute(f"CREATE VIEW {name} AS {query}")
        _index(database)
        database.execute(
            "CREATE VIRTUAL TABLE names_fts USING fts5(name, original_script, content='names', "
            "tokenize='unicode61 remove_diacritics 2')"
        )
        database.execute("INSERT INTO names_fts(names_fts) VALUES ('rebuild')")
        database.execute("COMMIT")
        if broken := database.execute("PRAGMA foreign_key_check").fetchall():
            raise ValueError(f"rows of the record refer to rows that it does not have: {broken[:5]}")
        database.execute("VACUUM")


def _contents(session: Session) -> Iterator[tuple[str, str, Iterator[tuple[Any, ...]]]]:
    """Yield each table: the SQL that creates it, the SQL that fills it, and its rows, referred to before referring."""
    for name, table, columns in (("subjects", Subject, _SUBJECTS), ("acts", Act, _ACTS)):
        chosen: list[Any] = [inspect(table).local_table.columns[one] for one in columns]
        ordered = select(*chosen).order_by(col(table.id)).execution_options(yield_per=AT_ONCE)
        yield _create(name, chosen), _insert(name, len(columns)), map(_values, session.execute(ordered))
    for stem, seed_table in SEED_TABLES.items():
        seed_columns = columns_of(seed_table)
        rows = map(_values, seed_rows(session, seed_table))
        yield _create(stem, seed_columns), _insert(stem, len(seed_columns)), rows


def _create(name: str, columns: list[Column[Any]]) -> str:
    lines = [_column(column) for column in columns]
    for column in columns:
        targets = [(_TABLES[key.column.table.name], key.column.name) for key in column.foreign_keys]
        if extra := _EXTRA_KEYS.get((name, column.name)):
            targets.append(extra)
        lines += [f'FOREIGN KEY ("{column.name}") REFERENCES "{table}" ("{other}")' for table, other in targets]
    return f'CREATE TABLE "{name}" ({", ".join(lines)})'


def _column(column: Column[Any]) -> str:
    kind = "INTEGER" if isinstance(column.type, Integer | Boolean) else "TEXT"
    key = " PRIMARY KEY" if column.primary_key else " NOT NULL" if not column.nullable else ""
    return f'"{column.name}" {kind}{key}'


def _insert(name: str, count: int) -> str:
    return f'INSERT INTO "{name}" VALUES ({", ".join("?" * count)})'  # noqa: S608  names of our own tables


def _values(row: Any) -> tuple[Any, ...]:
    """Write numbers as numbers, everything else as the text that its CSV file has."""
    return tuple(value if value is None or isinstance(value, int) else cell(value) for value in row)


def _index(database: sqlite3.Connection) -> None:
    """Index every column that refers to another table, and the citations of a row."""
    for name in (*SEED_TABLES, "subjects"):
        for key in database.execute(f'PRAGMA foreign_key_list("{name}")').fetchall():
            database.execute(f'CREATE INDEX IF NOT EXISTS "{name}_{key[3]}" ON "{name}" ("{key[3]}")')
    database.execute('CREATE INDEX "citations_row" ON "citations" ("table", "row")')


_FACETS = {
    "vessel_particulars": ["kind"],
    "designated_parties": ["kind"],
    "subjects": ["kind"],
    "names": ["kind", "quality"],
    "listings": ["measure", "listed_by"],
    "measures": ["category"],
    "sources": ["kind", "publisher"],
    "stays": ["kind", "measure"],
    "vessels_listed": ["flag"],
    "relations": ["kind"],
    "relations_in_words": ["kind", "from_kind", "to_kind"],
    "owners_and_managers": ["kind"],
    "external_identifiers": ["scheme"],
    "identifiers_in_other_lists": ["scheme", "kind"],
}
_LABELS = {"subjects": "name", "acts": "title", "sources": "title", "measures": "title", "resolutions": "symbol"}
"""The column by which Datasette names a row that another refers to."""


def datasette_metadata(stem: str, about: dict[str, str]) -> bytes:
    """Describe the database for Datasette: titles, licence, labels, facets and the search in names.

    Args:
        stem: name of the database file without its ending, by which Datasette calls it.
        about: title, description and licence of the dataset.
    """
    described: dict[str, dict[str, Any]] = {name: {"description": text} for name, (text, _) in VIEWS.items()}
    tables: dict[str, type[SQLModel]] = {**SEED_TABLES, "subjects": Subject, "acts": Act}
    for name, table in tables.items():
        described[name] = {"description": _first_line(table), "columns": _described_columns(table)}
    for name, facets in _FACETS.items():
        described[name]["facets"] = facets
    for name, label in _LABELS.items():
        described[name]["label_column"] = label
    described["names"] |= {"fts_table": "names_fts", "fts_pk": "rowid"}
    metadata = {
        "title": about["title"],
        "description": about["description"],
        "license": about["licence"],
        "license_url": "https://creativecommons.org/publicdomain/zero/1.0/",
        "databases": {stem: {"tables": described}},
    }
    return json.dumps(metadata, indent=1, ensure_ascii=False).encode() + b"\n"


def _first_line(table: type[SQLModel]) -> str:
    return (table.__doc__ or "").strip().splitlines()[0]


def _described_columns(table: type[SQLModel]) -> dict[str, str]:
    fields = table.model_fields.items()
    return {name: field.description for name, field in fields if field.description}
