"""Indexes of the renderings that no other follows, for pages of today."""

import sqlalchemy as sa
from alembic import op

revision = "20261127_3"
down_revision = "20261127_2"
branch_labels = None
depends_on = None


COLUMNS = {"ix_rendering_still_valid": ["resource", "id"], "ix_rendering_last": ["resource", "from_on"]}


def upgrade() -> None:
    still_valid = sa.text("until_on = '9999-12-31'")
    for name, columns in COLUMNS.items():
        op.create_index(name, "rendering", columns, sqlite_where=still_valid, postgresql_where=still_valid)


def downgrade() -> None:
    for name in COLUMNS:
        op.drop_index(name, table_name="rendering")
