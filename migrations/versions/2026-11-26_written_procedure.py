"""Written procedure: a resolution adopted without a meeting says so."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("resolution") as batch:
        batch.add_column(sa.Column("written_procedure", sa.Boolean(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("resolution") as batch:
        batch.drop_column("written_procedure")
