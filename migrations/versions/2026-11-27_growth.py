"""Indexes of trigrams, counts of records by day, and an index of particulars by their text."""

import sqlite3

import sqlalchemy as sa
from alembic import op

revision = "20261127_2"
down_revision = "20261127"
branch_labels = None
depends_on = None

COLUMNS = (("change", "folded"), ("name", "folded"), ("position", "folded"), ("vessel_particular", "folded"))


def upgrade() -> None:
    op.create_table(
        "record_count",
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("begun_on", sa.Date(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("resource", "begun_on"),
    )
    with op.batch_alter_table("vessel_particular") as batch_op:
        batch_op.drop_index(batch_op.f("ix_vessel_particular_kind"))
        batch_op.create_index("ix_vessel_particular_kind_folded", ["kind", "folded"], unique=False)
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        modules = connection.execute(sa.text("PRAGMA module_list")).scalars()
        if sqlite3.sqlite_version_info >= (3, 34) and "fts5" in set(modules):
            for table, column in COLUMNS:
                # Which trigrams a text has is enough, not where: half the size, and LIKE tests what is found.
                op.execute(
                    f"CREATE VIRTUAL TABLE {table}_{column}_trigrams USING fts5("
                    f"id UNINDEXED, {column}, tokenize='trigram', detail=none, columnsize=0)"
                )
    else:
        schema = connection.execute(
            sa.text(
                "SELECT quote_ident(nspname) FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace "
                "WHERE extname = 'pg_trgm'"
            )
        ).scalar()
        if schema:
            for table, column in COLUMNS:
                op.execute(
                    f"CREATE INDEX {table}_{column}_trigrams ON {table} USING gin ({column} {schema}.gin_trgm_ops)"
                )


def downgrade() -> None:
    for table, column in COLUMNS:
        kind = "TABLE" if op.get_bind().dialect.name == "sqlite" else "INDEX"
        op.execute(f"DROP {kind} IF EXISTS {table}_{column}_trigrams")
    with op.batch_alter_table("vessel_particular") as batch_op:
        batch_op.drop_index("ix_vessel_particular_kind_folded")
        batch_op.create_index(batch_op.f("ix_vessel_particular_kind"), ["kind"], unique=False)
    op.drop_table("record_count")
