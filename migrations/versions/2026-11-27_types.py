"""No index of trigrams of particulars: a type of ship is looked for in each distinct type, of which there are few."""

import sqlite3

import sqlalchemy as sa
from alembic import op

revision = "20261127_5"
down_revision = "20261127_4"
branch_labels = None
depends_on = None

INDEX = "vessel_particular_folded_trigrams"


def upgrade() -> None:
    kind = "TABLE" if op.get_bind().dialect.name == "sqlite" else "INDEX"
    op.execute(f"DROP {kind} IF EXISTS {INDEX}")


def downgrade() -> None:
    # As 20261127_2 makes it, where that does.
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        modules = connection.execute(sa.text("PRAGMA module_list")).scalars()
        if sqlite3.sqlite_version_info >= (3, 34) and "fts5" in set(modules):
            op.execute(
                f"CREATE VIRTUAL TABLE {INDEX} USING fts5("
                "id UNINDEXED, folded, tokenize='trigram', detail=none, columnsize=0)"
            )
    else:
        schema = connection.execute(
            sa.text(
                "SELECT quote_ident(nspname) FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace "
                "WHERE extname = 'pg_trgm'"
            )
        ).scalar()
        if schema:
            op.execute(f"CREATE INDEX {INDEX} ON vessel_particular USING gin (folded {schema}.gin_trgm_ops)")
