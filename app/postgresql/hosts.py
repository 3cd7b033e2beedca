"""The hosts of a database URL, and connections to them: libpq parses the URL, chooses the host and speaks TLS."""

import os
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import Engine, NullPool, create_engine

from app.settings import POSTGRESQL_URL

DEFAULTS: dict[str, Any] = {
    "application_name": "unlisted",
    "connect_timeout": 2,
    # What was sent and not acknowledged for so long ends the connection: the host is cut off.
    "tcp_user_timeout": 3000,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
}
"""Parameters of libpq (PostgreSQL 15 manual, section 34.1.2) where the URL does not give them."""

DEFAULT_PORT = 5432
"""The port of a server of PostgreSQL where none is given."""

Parameters = dict[str, Any]
"""Parameters of libpq, by their keywords."""


def parameters_of(url: str) -> Parameters:
    """Parse a database URL into the parameters of libpq.

    Args:
        url: ``postgresql+psycopg://`` or ``postgresql://``, then as in libpq: several hosts with commas between them,
            and any parameter of libpq.

    Raises:
        psycopg.ProgrammingError: libpq cannot parse it.
    """
    return DEFAULTS | conninfo_to_dict(POSTGRESQL_URL.sub("postgresql://", url, count=1))


def each_host(parameters: Parameters) -> list[Parameters]:
    """Return the parameters of a connection to each host alone, in their order."""
    hosts, ports = _list(parameters, "host"), _list(parameters, "port")
    addresses = _list(parameters, "hostaddr")
    count = max(len(hosts), len(addresses), 1)
    single = {name: value for name, value in parameters.items() if name not in ("target_session_attrs", *_PLACES)}
    found = []
    for place in range(count):
        own = dict(single)
        for name, values in (("host", hosts), ("hostaddr", addresses), ("port", ports)):
            if values:
                own[name] = values[place if len(values) > 1 else 0]
        found.append(own)
    return found


def place_of(parameters: Parameters) -> tuple[str | None, int]:
    """Return the host (a name, an address or a folder of sockets; None for libpq's default) and port of one host.

    In a URL of several hosts a port that is not given is empty, and is libpq's default; of one host it is that of the
    environment.
    """
    port = parameters.get("port", os.environ.get("PGPORT"))
    return parameters.get("host") or parameters.get("hostaddr"), int(port or DEFAULT_PORT)


def only(parameters: Parameters, hosts: list[Parameters]) -> Parameters:
    """Return the parameters of a connection to one of some of the hosts, chosen as the URL asks."""
    places = {name: ",".join(str(host[name]) for host in hosts if name in host) for name in _PLACES}
    return parameters | {name: value for name, value in places.items() if value}


_PLACES = ("host", "hostaddr", "port")


def _list(parameters: Parameters, name: str) -> list[str]:
    return str(parameters[name]).split(",") if parameters.get(name) else []


def reading(parameters: Parameters, query_seconds: float | None) -> Parameters:
    """Return the parameters of a session that refuses to write and ends a statement that takes too long.

    Args:
        parameters: those of the URL; its own ``options`` come last, so that they prevail.
        query_seconds: how long a statement may take; None sets no limit.
    """
    options = "-c default_transaction_read_only=on"
    if query_seconds is not None:
        options += f" -c statement_timeout={max(1, round(query_seconds * 1000))}"
    return parameters | {"options": f"{options} {parameters.get('options') or ''}".rstrip()}


def writing(parameters: Parameters) -> Parameters:
    """Return the parameters of a session on the primary, whichever of the hosts that is."""
    return parameters | {"target_session_attrs": "primary", "load_balance_hosts": "disable"}


def engine_of(parameters: Parameters) -> Engine:
    """Return an engine for one thread, each of whose connections is opened when it is needed, and closed after it."""
    return create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(**parameters), poolclass=NullPool)


def message_of(error: BaseException) -> str:
    """Return the message of an error of the driver or the server on one line, without the statement."""
    cause = getattr(error, "orig", None) or error
    if not isinstance(cause, psycopg.Error):
        return str(cause).strip()
    if isinstance(cause, psycopg.errors.ReadOnlySqlTransaction):
        return "the role may only read"
    return " ".join((cause.diag.message_primary or str(cause)).split())
