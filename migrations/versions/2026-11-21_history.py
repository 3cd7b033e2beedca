"""History: changes, and the versions of the dataset that are kept."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "version",
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("record", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("version"),
        sa.UniqueConstraint("ordinal"),
    )
    op.create_table(
        "change",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("changed_on", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("act_id", sa.String(), nullable=True),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("folded", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_change_act_id")),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("place"),
    )
    with op.batch_alter_table("change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_change_act_id"), ["act_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_change_changed_on"), ["changed_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_change_kind"), ["kind"], unique=False)

    op.create_table(
        "change_subject",
        sa.Column("change_id", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_change_subject_change_id")),
        sa.PrimaryKeyConstraint("change_id", "subject_id"),
    )
    with op.batch_alter_table("change_subject", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_change_subject_subject_id"), ["subject_id"], unique=False)

    with op.batch_alter_table("dataset", schema=None) as batch_op:
        batch_op.add_column(sa.Column("published_on", sa.Date(), nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("dataset", schema=None) as batch_op:
        batch_op.drop_column("published_on")

    with op.batch_alter_table("change_subject", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_change_subject_subject_id"))

    op.drop_table("change_subject")
    with op.batch_alter_table("change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_change_kind"))
        batch_op.drop_index(batch_op.f("ix_change_changed_on"))
        batch_op.drop_index(batch_op.f("ix_change_act_id"))

    op.drop_table("change")
    op.drop_table("version")
