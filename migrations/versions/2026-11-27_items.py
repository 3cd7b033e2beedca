"""Short items of collections beside whole records; the days between which a birth date lies; names in order."""

import sqlalchemy as sa
from alembic import op

revision = "20261127"
down_revision = "20261126_2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Before the record: SQLite follows a chain of pages to a column behind a long one.
    with op.batch_alter_table("rendering", recreate="always") as batch_op:
        batch_op.add_column(sa.Column("item", sa.String(), nullable=False), insert_before="record")
    with op.batch_alter_table("birth_date") as batch_op:
        batch_op.add_column(sa.Column("born_earliest_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("born_latest_on", sa.Date(), nullable=True))
    with op.batch_alter_table("name") as batch_op:
        batch_op.create_index(batch_op.f("ix_name_folded"), ["folded"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("name") as batch_op:
        batch_op.drop_index(batch_op.f("ix_name_folded"))
    with op.batch_alter_table("birth_date") as batch_op:
        batch_op.drop_column("born_latest_on")
        batch_op.drop_column("born_earliest_on")
    with op.batch_alter_table("rendering") as batch_op:
        batch_op.drop_column("item")
