"""Indexes of trigrams, filled at publish: SQLite keeps each in a table of its own."""

from sqlalchemy import column as sql_column
from sqlalchemy import insert, select, table, text
from sqlmodel import Session

from app.database import TRIGRAM_COLUMNS, knows_trigrams, trigram_table

HASHED_BYTES = 64 * 2**20
"""Memory in which FTS5 gathers entries before it writes them; with its default of 1 MiB it merges many small parts."""


def fill_trigrams(session: Session) -> None:
    """Fill the indexes of trigrams of a draft; none, where this SQLite knows none: then filters read every text."""
    if not knows_trigrams(session.connection()):
        return
    for column in TRIGRAM_COLUMNS:
        name = trigram_table(column)
        (key,) = column.table.primary_key
        index = table(name, sql_column("id"), sql_column(column.name))
        options = {"option": "hashsize", "bytes": HASHED_BYTES}
        session.execute(text(f"INSERT INTO {name}({name}, rank) VALUES (:option, :bytes)"), options)  # noqa: S608  # ours
        session.execute(insert(index).from_select(["id", column.name], select(key, column)))
