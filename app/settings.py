"""Every setting: default, environment name, description."""

import os
import re
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from platformdirs import user_data_path
from pydantic import AnyHttpUrl, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PACKAGE = Path(__file__).resolve().parent
ROOT = PACKAGE.parent
"""Top folder of the checkout; in an installed wheel, the folder that holds the package."""

IS_CHECKOUT = (ROOT / "pyproject.toml").is_file() and (ROOT / "migrations").is_dir()
"""Whether the package runs from its checkout. A wheel carries migrations/ and seed/ inside the package instead."""

_RESOURCES = ROOT if IS_CHECKOUT else PACKAGE
MIGRATIONS = _RESOURCES / "migrations"
SEED = _RESOURCES / "seed"


def default_database() -> Path:
    """Locate the published dataset: in data/ of a checkout, else in the user's data folder (XDG on Linux)."""
    folder = ROOT / "data" if IS_CHECKOUT else user_data_path("unlisted", appauthor=False)
    return folder / "unlisted.db"


POSTGRESQL_URL = re.compile(r"^postgresql(\+psycopg)?://")
"""The beginning of the URL of a database of PostgreSQL."""

ENCODED = "in a user name or password, @ is written %40, : %3A, / %2F, ? %3F and % %25; PGPASSWORD takes it as it is"
"""The usual cause of a database URL that cannot be parsed (RFC 3986, section 2.1)."""

PREFIX = "UNLISTED_"
"""What the name of every setting begins with in the environment."""
RENAMED = {"UNLISTED_KEPT_BYTES": "UNLISTED_RESPONSE_CACHE_BYTES"}
"""Former names of settings, each with the present one."""


class Settings(BaseSettings):
    """Every setting, read from the environment under its name in capitals behind ``UNLISTED_``.

    Raises:
        ValidationError: a setting has a value that cannot be used, or the environment has a name with the prefix that
            no setting has; the message names the setting that was probably meant.
    """

    # A database URL may have a password in it: errors do not quote their input, the command line quotes that of others.
    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, hide_input_in_errors=True)

    host: str = Field(default="127.0.0.1", description="Address that `unlisted serve` listens on.")
    port: int = Field(
        default=8000, ge=0, le=65535, description="Port that `unlisted serve` listens on; 0 takes any free one."
    )
    workers: int = Field(default=1, ge=1, le=64, description="How many processes `unlisted serve` answers with.")
    database: Path = Field(
        default_factory=default_database,
        description="File of the published dataset: written by `unlisted publish`, only read by the server.",
    )
    database_url: SecretStr | None = Field(
        default=None,
        description=(
            "PostgreSQL in the place of the file: postgresql+psycopg://user@host1,host2/database, with any parameter "
            "of libpq behind `?`. `unlisted publish` writes to the primary, the server only reads, from any host."
        ),
    )
    seed: Path = Field(default=SEED, description="Folder of the CSV files that a dataset is published from.")
    public_url: AnyHttpUrl | None = Field(
        default=None,
        description=(
            "Address that clients reach the API under, such as https://sanctions.example. Absolute links begin with "
            "it. Not set, they begin with the address of the listening socket; a Host header is never believed."
        ),
    )
    contact: str | None = Field(
        default=None,
        pattern=r"^(https://[^\s<>\"]+|[^\s<>\"@:/]+@[^\s<>\"@:/]+)$",
        description=(
            "Address to report faults to: an https URL or an address for mail. It is in the OpenAPI description and in "
            "/.well-known/security.txt; not set, there is neither."
        ),
    )
    keep_versions: int = Field(
        default=5,
        ge=1,
        le=100,
        description="How many published versions stay queryable by `dataset`, the current one among them.",
    )
    cache_seconds: int = Field(
        default=300, ge=0, le=31_536_000, description="How long any cache may use an answer without asking again, in s."
    )
    revalidate_seconds: int = Field(
        default=60,
        ge=0,
        le=31_536_000,
        description="How long after that a shared cache may use it while it revalidates, in s.",
    )
    stale_if_error_seconds: int = Field(
        default=86_400,
        ge=0,
        le=31_536_000,
        description="How long after that a shared cache may use it while this server fails, in s.",
    )
    response_cache_bytes: int = Field(
        default=16_777_216,
        ge=0,
        le=17_179_869_184,
        description="How many bytes of answers each process caches in memory; 0 caches none.",
    )
    max_url_bytes: int = Field(
        default=8192, ge=256, le=65536, description="Longest path with its query, in bytes; a longer one is a 414."
    )
    max_head_bytes: int = Field(
        default=32_768,
        ge=1024,
        le=1_048_576,
        description="Most bytes of request line and headers together; more are a 431.",
    )
    max_headers: int = Field(default=100, ge=8, le=1000, description="Most headers of a request; more are a 431.")
    connection_seconds: float = Field(
        default=15,
        ge=0.5,
        le=600,
        description=(
            "Seconds in which a connection must send the head of a request, and in which a body or the reading of a "
            "response must make progress; else it is ended."
        ),
    )
    max_connections: int = Field(
        default=4096,
        ge=1,
        le=100_000,
        description="Most connections of each process; more are answered 503. The limit of open files may lower it.",
    )
    max_requests: int = Field(
        default=1024, ge=1, le=100_000, description="Most requests under way in each process; more are answered 503."
    )
    max_wait_seconds: float = Field(
        default=1,
        ge=0.01,
        le=600,
        description="Longest time in s that a request waits until its turn comes; then it is answered 503.",
    )
    drain_seconds: int = Field(
        default=10,
        ge=0,
        le=600,
        description="For how long requests under way may go on once the server is told to end (SIGTERM), in s.",
    )
    query_seconds: float = Field(
        default=2,
        ge=0.01,
        le=600,
        description="Longest time in s that a query of the database takes; then it is a 503.",
    )

    access_log: bool = Field(default=False, description="Whether each request is logged: route, status, time, id.")
    log_format: Literal["text", "json"] = Field(default="text", description="How a line of the log is written.")
    metrics: bool = Field(default=False, description="Whether /metrics has counts for Prometheus.")

    @model_validator(mode="before")
    @classmethod
    def refuse_unknown_names(cls, values: Any) -> Any:
        """Refuse names in the environment that no setting has: a mistyped one would leave its default in force."""
        names = {f"{PREFIX}{name.upper()}" for name in cls.model_fields}
        given = sorted(name for name in os.environ if name.upper().startswith(PREFIX) and name.upper() not in names)
        if given:
            raise ValueError("; ".join(f"{name}: {_what_was_meant(name.upper(), names)}" for name in given))
        return values

    @field_validator("database_url")
    @classmethod
    def refuse_other_urls(cls, value: SecretStr | None) -> SecretStr | None:
        """Refuse the URL of another engine, and one that libpq cannot parse; an empty one is none."""
        if value is None or not value.get_secret_value():
            return None
        check_postgresql_url(value.get_secret_value())
        return value

    @field_validator("public_url")
    @classmethod
    def refuse_query(cls, value: AnyHttpUrl | None) -> AnyHttpUrl | None:
        """Refuse an address that paths cannot be written behind."""
        if value is not None and (value.query is not None or value.fragment is not None or value.username is not None):
            raise ValueError("links begin with it: it has no query, no fragment and no user")
        return value

    @cached_property
    def public_base(self) -> str:
        """The beginning of absolute links by the public URL, without a slash at the end; empty where none is set.

        An address made offline is then relative to whichever server its reader asks.
        """
        return str(self.public_url).rstrip("/") if self.public_url is not None else ""


def check_postgresql_url(url: str) -> None:
    """Refuse a database URL before anything connects by it. No message quotes what may be a part of a password.

    Raises:
        ValueError: libpq cannot parse it (PostgreSQL 15 manual, section 34.1.1.2), or takes the end of an unencoded
            password for a host or a port; or the driver is missing.
    """
    if not POSTGRESQL_URL.match(url):
        raise ValueError("it begins with postgresql+psycopg://")
    try:
        import psycopg  # here, as a file of SQLite needs no driver
        from psycopg.conninfo import conninfo_to_dict
    except ImportError as error:
        raise ValueError(f"it needs the extra: pip install 'unlisted[postgresql]' ({error})") from None
    try:
        parameters = conninfo_to_dict(POSTGRESQL_URL.sub("postgresql://", url, count=1))
    except psycopg.ProgrammingError as error:
        message = str(error).strip()
        if re.search(r"://[^@]*:[^@]*@|password", url):
            message = re.sub('".*"', "(not shown)", message)
        raise ValueError(f"libpq cannot parse it: {message}; {ENCODED}") from None
    hosts, ports = (str(parameters.get(name) or "").split(",") for name in ("host", "port"))
    if any("@" in host for host in hosts):
        raise ValueError(f"a host has an @; {ENCODED}")
    if not all(re.fullmatch("[0-9]{0,5}", port) and int(port or 1) in range(1, 65536) for port in ports):
        raise ValueError(f"a port is no number from 1 to 65535; {ENCODED}")
    hosts = max(hosts, str(parameters.get("hostaddr") or "").split(","), key=len)
    if len(ports) not in (1, len(hosts)):
        raise ValueError(f"it has {len(hosts)} hosts and {len(ports)} ports")


def _what_was_meant(name: str, names: set[str]) -> str:
    if name in RENAMED:
        return f"this setting is now called {RENAMED[name]}"
    near = get_close_matches(name, names, n=1, cutoff=0.75)
    return (
        f"no such setting; did you mean {near[0]}?"
        if near
        else f"no such setting; there are {', '.join(sorted(names))}"
    )
