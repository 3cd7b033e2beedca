"""The schema: migrations applied to a database, and compared with the tables."""

import sys
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine
from sqlmodel import SQLModel

from app.database import has_trigrams, is_table_of_ours, knows_trigrams, scratch_engine
from app.settings import MIGRATIONS
from app.tables import SCHEMA


def alembic_config(connection: Connection) -> Config:
    """Return Alembic's configuration for a connection that is open."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("file_template", "%%(year)d-%%(month).2d-%%(day).2d_%%(slug)s")
    config.attributes["connection"] = connection
    return config


def migrate(engine: Engine) -> None:
    """Bring an empty database to the newest schema."""
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), "head")


def differences() -> list[str]:
    """List the differences between the migrated schema and app/tables.py; empty where they agree."""
    engine = scratch_engine()
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), "head")
        options = {"compare_type": True, "include_name": is_table_of_ours}
        context = MigrationContext.configure(connection, opts=options)
        found: list[Any] = compare_metadata(context, SQLModel.metadata)
        newest = context.get_current_revision()
        if knows_trigrams(connection) and not has_trigrams(connection):
            found.append("the migrations do not make an index of trigrams for each column that app/tables.py marks so")
    if newest != SCHEMA:
        found.append(f"the newest migration is {newest}, SCHEMA in app/tables.py says {SCHEMA}")
    return [str(difference) for difference in found]


def write_migration(revision: str, about: str) -> None:
    """Write the migration that makes of the newest schema the tables as app/tables.py has them.

    Args:
        revision: its id, the day it is written: 20261126
        about: what changes, in a few words; they become part of the file's name.
    """
    with scratch_engine().begin() as connection:
        config = alembic_config(connection)
        command.upgrade(config, "head")
        command.revision(config, message=about, autogenerate=True, rev_id=revision)


if __name__ == "__main__":
    write_migration(*sys.argv[1:])
