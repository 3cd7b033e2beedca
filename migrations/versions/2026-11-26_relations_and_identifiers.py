"""Relations, identifiers of other lists, particulars of ships, languages of names, organisations of posts."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_2"
down_revision = "20261126"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "external_identifier",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("scheme", sa.String(length=32), nullable=False),
        sa.Column("value", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name=op.f("fk_external_identifier_subject_id")),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("external_identifier", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_external_identifier_scheme"), ["scheme"], unique=False)
        batch_op.create_index(batch_op.f("ix_external_identifier_subject_id"), ["subject_id"], unique=False)

    op.create_table(
        "identifier",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("subject_kind", sa.String(length=32), nullable=False),
        sa.Column("scheme", sa.String(length=32), nullable=False),
        sa.Column("value", sa.String(), nullable=True),
        sa.Column("compared", sa.String(), nullable=True),
        sa.Column("possible_from_on", sa.Date(), nullable=False),
        sa.Column("possible_until_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name=op.f("fk_identifier_subject_id")),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("identifier", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_identifier_compared"), ["compared"], unique=False)
        batch_op.create_index(batch_op.f("ix_identifier_scheme"), ["scheme"], unique=False)
        batch_op.create_index(batch_op.f("ix_identifier_subject_id"), ["subject_id"], unique=False)

    op.create_table(
        "relation",
        sa.Column("possible_from_on", sa.Date(), nullable=False),
        sa.Column("certain_from_on", sa.Date(), nullable=False),
        sa.Column("certain_until_on", sa.Date(), nullable=False),
        sa.Column("possible_until_on", sa.Date(), nullable=False),
        sa.Column("is_dated", sa.Boolean(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("from_id", sa.String(), nullable=True),
        sa.Column("from_name", sa.String(), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("to_id", sa.String(), nullable=True),
        sa.Column("to_name", sa.String(), nullable=True),
        sa.Column("on_since", sa.String(), nullable=True),
        sa.Column("on_until", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("folded", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["from_id"], ["subject.id"], name=op.f("fk_relation_from_id")),
        sa.ForeignKeyConstraint(["to_id"], ["subject.id"], name=op.f("fk_relation_to_id")),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("relation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_relation_from_id"), ["from_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_relation_kind"), ["kind"], unique=False)
        batch_op.create_index(batch_op.f("ix_relation_to_id"), ["to_id"], unique=False)

    op.create_table(
        "vessel_particular",
        sa.Column("possible_from_on", sa.Date(), nullable=False),
        sa.Column("certain_from_on", sa.Date(), nullable=False),
        sa.Column("certain_until_on", sa.Date(), nullable=False),
        sa.Column("possible_until_on", sa.Date(), nullable=False),
        sa.Column("is_dated", sa.Boolean(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("vessel_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("on_since", sa.String(), nullable=True),
        sa.Column("on_until", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("folded", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["vessel_id"], ["vessel.id"], name=op.f("fk_vessel_particular_vessel_id")),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("vessel_particular", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_vessel_particular_kind"), ["kind"], unique=False)
        batch_op.create_index(batch_op.f("ix_vessel_particular_vessel_id"), ["vessel_id"], unique=False)

    with op.batch_alter_table("name", schema=None) as batch_op:
        batch_op.add_column(sa.Column("lang", sa.String(), nullable=True))

    with op.batch_alter_table("position", schema=None) as batch_op:
        batch_op.add_column(sa.Column("organisation_id", sa.String(), nullable=True))
        batch_op.create_index(batch_op.f("ix_position_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_position_organisation_id"), "designated_party", ["organisation_id"], ["id"]
        )

    with op.batch_alter_table("vessel", schema=None) as batch_op:
        batch_op.drop_column("vessel_type")


def downgrade() -> None:
    with op.batch_alter_table("vessel", schema=None) as batch_op:
        batch_op.add_column(sa.Column("vessel_type", sa.VARCHAR(), nullable=True))

    with op.batch_alter_table("position", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_position_organisation_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_position_organisation_id"))
        batch_op.drop_column("organisation_id")

    with op.batch_alter_table("name", schema=None) as batch_op:
        batch_op.drop_column("lang")

    with op.batch_alter_table("vessel_particular", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_vessel_particular_vessel_id"))
        batch_op.drop_index(batch_op.f("ix_vessel_particular_kind"))

    op.drop_table("vessel_particular")
    with op.batch_alter_table("relation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_relation_to_id"))
        batch_op.drop_index(batch_op.f("ix_relation_kind"))
        batch_op.drop_index(batch_op.f("ix_relation_from_id"))

    op.drop_table("relation")
    with op.batch_alter_table("identifier", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_identifier_subject_id"))
        batch_op.drop_index(batch_op.f("ix_identifier_scheme"))
        batch_op.drop_index(batch_op.f("ix_identifier_compared"))

    op.drop_table("identifier")
    with op.batch_alter_table("external_identifier", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_external_identifier_subject_id"))
        batch_op.drop_index(batch_op.f("ix_external_identifier_scheme"))

    op.drop_table("external_identifier")
