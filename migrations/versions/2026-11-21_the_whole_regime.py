"""The whole regime: amendments, votes, caps, codes, birth places, and who gives a detail from when until when."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "amendment",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("amended_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name=op.f("fk_amendment_subject_id")),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("amendment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_amendment_subject_id"), ["subject_id"], unique=False)

    op.create_table(
        "birth_place",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=True),
        sa.Column("country", sa.String(), nullable=True),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("on_list_since", sa.Date(), nullable=True),
        sa.Column("on_list_until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name=op.f("fk_birth_place_subject_id")),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("birth_place", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_birth_place_subject_id"), ["subject_id"], unique=False)

    op.create_table(
        "explained_difference",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("reference_number", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("record_value", sa.String(), nullable=True),
        sa.Column("list_value", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reference_number"], ["subject.id"], name=op.f("fk_explained_difference_reference_number")
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "resolution_vote",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("resolution_id", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("vote", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["resolution_id"], ["resolution.id"], name=op.f("fk_resolution_vote_resolution_id")),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("resolution_vote", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_resolution_vote_resolution_id"), ["resolution_id"], unique=False)

    op.create_table(
        "measure_cap",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("measure_id", sa.String(), nullable=False),
        sa.Column("goods", sa.String(), nullable=False),
        sa.Column("amount", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["measure_id"], ["measure.id"], name=op.f("fk_measure_cap_measure_id")),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("measure_cap", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_measure_cap_measure_id"), ["measure_id"], unique=False)

    op.create_table(
        "measure_hs_code",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("measure_id", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["measure_id"], ["measure.id"], name=op.f("fk_measure_hs_code_measure_id")),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("measure_hs_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_measure_hs_code_measure_id"), ["measure_id"], unique=False)

    with op.batch_alter_table("address", schema=None) as batch_op:
        batch_op.add_column(sa.Column("given_by", sa.Text(), nullable=False, server_default="elsewhere"))
        batch_op.add_column(sa.Column("on_list_until", sa.Date(), nullable=True))

    with op.batch_alter_table("birth_date", schema=None) as batch_op:
        batch_op.add_column(sa.Column("preferred", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("given_by", sa.Text(), nullable=False, server_default="elsewhere"))
        batch_op.add_column(sa.Column("on_list_until", sa.Date(), nullable=True))

    with op.batch_alter_table("designated_party", schema=None) as batch_op:
        batch_op.add_column(sa.Column("gender", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("narrative_sha256", sa.String(), nullable=True))
        batch_op.alter_column("summary", existing_type=sa.VARCHAR(), nullable=True)

    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.add_column(sa.Column("issued_on", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("issued_by", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("preferred", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("given_by", sa.Text(), nullable=False, server_default="elsewhere"))
        batch_op.add_column(sa.Column("on_list_until", sa.Date(), nullable=True))

    with op.batch_alter_table("listing", schema=None) as batch_op:
        batch_op.add_column(sa.Column("basis", sa.String(), nullable=True))

    with op.batch_alter_table("measure", schema=None) as batch_op:
        batch_op.add_column(sa.Column("replaced_by", sa.String(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_measure_replaced_by"), "measure", ["replaced_by"], ["id"])

    with op.batch_alter_table("name", schema=None) as batch_op:
        batch_op.add_column(sa.Column("original_script", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("given_by", sa.Text(), nullable=False, server_default="elsewhere"))
        batch_op.add_column(sa.Column("on_list_until", sa.Date(), nullable=True))

    with op.batch_alter_table("nationality", schema=None) as batch_op:
        batch_op.add_column(sa.Column("given_by", sa.Text(), nullable=False, server_default="elsewhere"))
        batch_op.add_column(sa.Column("on_list_until", sa.Date(), nullable=True))

    with op.batch_alter_table("position", schema=None) as batch_op:
        batch_op.add_column(sa.Column("given_by", sa.Text(), nullable=False, server_default="elsewhere"))
        batch_op.add_column(sa.Column("on_list_until", sa.Date(), nullable=True))
        batch_op.drop_column("kind")

    with op.batch_alter_table("resolution", schema=None) as batch_op:
        batch_op.drop_column("subject")


def downgrade() -> None:
    with op.batch_alter_table("resolution", schema=None) as batch_op:
        batch_op.add_column(sa.Column("subject", sa.String(), nullable=False, server_default=""))

    with op.batch_alter_table("position", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kind", sa.Text(), nullable=False, server_default="printed"))
        batch_op.drop_column("on_list_until")
        batch_op.drop_column("given_by")

    with op.batch_alter_table("nationality", schema=None) as batch_op:
        batch_op.drop_column("on_list_until")
        batch_op.drop_column("given_by")

    with op.batch_alter_table("name", schema=None) as batch_op:
        batch_op.drop_column("on_list_until")
        batch_op.drop_column("given_by")
        batch_op.drop_column("original_script")

    with op.batch_alter_table("measure", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_measure_replaced_by"), type_="foreignkey")
        batch_op.drop_column("replaced_by")

    with op.batch_alter_table("listing", schema=None) as batch_op:
        batch_op.drop_column("basis")

    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.drop_column("on_list_until")
        batch_op.drop_column("given_by")
        batch_op.drop_column("preferred")
        batch_op.drop_column("issued_by")
        batch_op.drop_column("issued_on")

    with op.batch_alter_table("designated_party", schema=None) as batch_op:
        batch_op.alter_column("summary", existing_type=sa.VARCHAR(), nullable=False)
        batch_op.drop_column("narrative_sha256")
        batch_op.drop_column("gender")

    with op.batch_alter_table("birth_date", schema=None) as batch_op:
        batch_op.drop_column("on_list_until")
        batch_op.drop_column("given_by")
        batch_op.drop_column("preferred")

    with op.batch_alter_table("address", schema=None) as batch_op:
        batch_op.drop_column("on_list_until")
        batch_op.drop_column("given_by")

    with op.batch_alter_table("measure_hs_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_measure_hs_code_measure_id"))

    op.drop_table("measure_hs_code")
    with op.batch_alter_table("measure_cap", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_measure_cap_measure_id"))

    op.drop_table("measure_cap")
    with op.batch_alter_table("resolution_vote", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_resolution_vote_resolution_id"))

    op.drop_table("resolution_vote")
    op.drop_table("explained_difference")
    with op.batch_alter_table("birth_place", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_birth_place_subject_id"))

    op.drop_table("birth_place")
    with op.batch_alter_table("amendment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_amendment_subject_id"))

    op.drop_table("amendment")
