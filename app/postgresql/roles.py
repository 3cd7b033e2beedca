"""The role that servers log in with: it may read what is published, and nothing else."""

from typing import Any, LiteralString

import psycopg
from psycopg import sql

from app.postgresql.hosts import parameters_of, writing
from app.postgresql.publication import grants
from app.postgresql.schema import CATALOGUE, KEPT, READERS, SETUP, publications


def make_reader(url: str, name: str, password: str | None = None) -> None:
    """Make a role that may log in and SELECT from every publication, those to come among them.

    Made once more, it keeps what it has and gets the password that is given.

    Args:
        url: the database URL, of a role that may create roles.
        name: the name of the role.
        password: its password; without one it logs in by what pg_hba.conf allows, such as a certificate.

    Raises:
        psycopg.Error: the database does not allow it.
    """
    with psycopg.connect(**writing(parameters_of(url)), autocommit=True) as connection, connection.transaction():
        for statement in SETUP:
            connection.execute(statement)
        _make_role(connection, READERS, "NOLOGIN")
        kept = publications(connection.execute(KEPT).fetchall())
        for schema in dict.fromkeys([CATALOGUE, *(one.schema for one in kept)]):
            for grant in grants(schema):
                connection.execute(grant)
        _make_role(connection, name, "LOGIN")
        role = sql.Identifier(name)
        connection.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(READERS), role))
        connection.execute(sql.SQL("ALTER ROLE {} SET default_transaction_read_only = on").format(role))
        if password is not None:
            # Only its SCRAM verifier is sent, so that no log of the server contains it.
            verifier = connection.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256").decode()
            connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(role, sql.Literal(verifier)))


def _make_role(connection: "psycopg.Connection[Any]", name: str, may: LiteralString) -> None:
    if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone():
        connection.execute(sql.SQL("CREATE ROLE {} " + may).format(sql.Identifier(name)))
