"""Links begin with one byte: renderings made before begin theirs otherwise, and cannot be read by this software.

No table is altered; a dataset published with an older schema is refused, and is published anew.
"""

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
