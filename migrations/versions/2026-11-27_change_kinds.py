"""An index of the changes of a kind in their order, in place of one of their kinds alone."""

from alembic import op

revision = "20261127_4"
down_revision = "20261127_3"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("change") as batch_op:
        batch_op.drop_index(batch_op.f("ix_change_kind"))
        batch_op.create_index("ix_change_kind_place", ["kind", "place"], unique=True)


def downgrade() -> None:
    with op.batch_alter_table("change") as batch_op:
        batch_op.drop_index("ix_change_kind_place")
        batch_op.create_index(batch_op.f("ix_change_kind"), ["kind"], unique=False)
