"""Alembic's way to the database: the connection that ``publish`` hands over, or an empty one in memory."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection
from sqlmodel import AutoString, SQLModel

from app.database import scratch_engine
from app.tables import Choice  # with it come the tables, which the metadata then has


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our text types as SQLAlchemy's, so that a migration keeps its meaning when app/tables.py moves on."""
    if kind == "type" and isinstance(item, AutoString):
        return "sa.String()"
    return "sa.Text()" if kind == "type" and isinstance(item, Choice) else False


def migrate(connection: Connection) -> None:
    """Run the migrations on a connection."""
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_item=render_item,
        render_as_batch=True,
    )
    with context.begin_transaction():
        context.run_migrations()


if (given := context.config.attributes.get("connection")) is not None:
    migrate(given)
else:
    with scratch_engine().begin() as empty:
        migrate(empty)
