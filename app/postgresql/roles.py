"""The role that servers log in with: it may read what is published, and nothing else."""

from typing import Any, LiteralString

import psycopg
from psycopg import sql

from app.postgresql.hosts import parameters_of, writing
from app.postgresql.publication import grants
from app.postgresql.schema import CATALOGUE, KEPT, READERS, SETUP, publications

MOST_NAME_BYTES = 63
"""Bytes of the name of a role; PostgreSQL cuts longer ones off (its manual, section 4.1.1)."""

_MORE: LiteralString = """
    SELECT rolname IN (session_user, current_user, %(readers)s) OR rolsuper OR rolcreaterole OR rolcreatedb
        OR rolreplication OR rolbypassrls
        OR EXISTS (SELECT FROM pg_shdepend WHERE refclassid = 'pg_authid'::regclass AND refobjid = role.oid
            AND deptype = 'o')
        OR EXISTS (SELECT FROM pg_auth_members JOIN pg_roles given ON given.oid = roleid
            WHERE member = role.oid AND given.rolname <> %(readers)s)
    FROM pg_roles role WHERE rolname = %(name)s
"""
"""Selects whether a role may do more than read: by its attributes, as an owner, or as a member of another role."""


class RoleError(Exception):
    """The role that is asked for cannot be one that only reads."""


def make_reader(url: str, name: str, password: str | None = None) -> None:
    """Make a role that may log in and SELECT from every publication, those to come among them.

    Made once more, it keeps what it has and gets the password that is given.

    Args:
        url: the database URL, of a role that may create roles.
        name: the name of the role.
        password: its password; without one it logs in by what pg_hba.conf allows, such as a certificate.

    Raises:
        RoleError: the name or the password cannot be one, or a role of that name may do more than read: it would be
            said to be harmless, and could no longer write.
        psycopg.Error: the database does not allow it.
    """
    if not 1 <= len(name.encode()) <= MOST_NAME_BYTES or "\0" in name:
        raise RoleError(f"the name of a role has 1 to {MOST_NAME_BYTES} bytes")
    if password is not None and (not password or "\0" in password):
        raise RoleError("the password is empty, or has U+0000 in it")
    with psycopg.connect(**writing(parameters_of(url)), autocommit=True) as connection, connection.transaction():
        if connection.execute(_MORE, {"readers": READERS, "name": name}).fetchone() == (True,):
            raise RoleError(f"the role {name!r} may do more than read; choose another name")
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
