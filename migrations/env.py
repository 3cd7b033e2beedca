"""Alembic's way to the database: the connection that ``publish`` hands over, or an empty one in memory."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection, Enum
from sqlmodel import AutoString, SQLModel

from app.database import is_table_of_ours, scratch_engine
from app.tables import LONGEST_CHOICE  # with it come the tables, which the metadata then has


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write text types without their enumerations: a migration keeps its meaning when app/tables.py changes."""
    if kind == "type" and isinstance(item, AutoString):
        return "sa.String()"
    return f"sa.String(length={LONGEST_CHOICE})" if kind == "type" and isinstance(item, Enum) else False


def migrate(connection: Connection) -> None:
    """Run the migrations on a connection."""
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_item=render_item,
        render_as_batch=True,
        include_name=is_table_of_ours,
    )
    with context.begin_transaction():
        context.run_migrations()


if (given := context.config.attributes.get("connection")) is not None:
    migrate(given)
else:
    with scratch_engine().begin() as empty:
        migrate(empty)
