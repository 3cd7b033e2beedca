"""Servers of PostgreSQL for tests: a primary, and standbys that stream from it, each in a folder of its own."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

FOLDERS = (*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True), *map(Path, os.get_exec_path()))
"""Where Debian, and others, have the programs of PostgreSQL."""

QUICK = ("fsync=off", "full_page_writes=off", "shared_buffers=32MB", "max_connections=60")
"""Settings of a server whose data need not outlive the machine."""


def programs() -> Path:
    """Return the folder of the programs; skip the test where there is none."""
    for folder in FOLDERS:
        if (folder / "initdb").exists() and (folder / "pg_basebackup").exists():
            return folder
    pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")


def unprivileged() -> dict[str, Any]:
    """Return the arguments of a process that runs as a user that is not root, as PostgreSQL asks."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            user = pwd.getpwnam(name)
            return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    pytest.skip("PostgreSQL does not run as root, and there is no user postgres or nobody")


class Server:
    """A server of PostgreSQL on a port of its own.

    Args:
        folder: where its data are.
        settings: its settings, as ``name=value``.
    """

    def __init__(self, folder: Path, settings: Sequence[str] = QUICK) -> None:
        self.folder, self._settings = folder, settings
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Its host and port."""
        return f"127.0.0.1:{self.port}"

    def url(self, database: str = "postgres", user: str = "owner") -> str:
        """Return the URL of a database of it."""
        return f"postgresql+psycopg://{user}@{self.address}/{database}"

    def make(self) -> None:
        """Make an empty cluster whose locale orders texts otherwise than SQLite does, where the machine has one."""
        self.run(
            *("initdb", "--pgdata", str(self.folder), "--username", "owner", "--auth", "trust", "--no-sync"),
            *("--encoding", "UTF8", "--locale-provider", "icu", "--icu-locale", "en-US"),
        )

    def copy(self, primary: "Server") -> None:
        """Copy a primary, to stream from it."""
        self.run(
            *("pg_basebackup", "--pgdata", str(self.folder), "--write-recovery-conf", "--checkpoint", "fast"),
            *("--wal-method", "stream", "--no-sync", "--host", "127.0.0.1", "--port", str(primary.port)),
            *("--username", "owner"),
        )

    def follow(self, primary: "Server") -> None:
        """Stream from another primary from the next start on."""
        line = f"primary_conninfo = 'host=127.0.0.1 port={primary.port} user=owner'\n"
        with (self.folder / "postgresql.auto.conf").open("a") as file:
            file.write(line)

    def own(self, *paths: Path) -> None:
        """Give files to the user of the server."""
        if given := unprivileged():
            for path in paths:
                os.chown(path, given["user"], given["group"])

    def run(self, program: str, *arguments: str) -> None:
        """Run a program of PostgreSQL to its end."""
        done = subprocess.run(
            [programs() / program, *arguments], capture_output=True, text=True, cwd="/", check=False, **unprivileged()
        )
        assert done.returncode == 0, done.stderr

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        given = {"port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": ""}
        options = [f"{name}={value}" for name, value in given.items()] + list(self._settings)
        arguments = [part for one in options for part in ("-c", one)]
        self.start_by([str(programs() / "postgres"), "-D", str(self.folder), *arguments])
        for _ in range(400):
            with suppress(psycopg.OperationalError):
                self.execute("SELECT 1")
                return
            assert self._process is not None
            assert self._process.poll() is None, (self.folder.parent / f"{self.folder.name}.log").read_text()
            time.sleep(0.05)
        raise AssertionError("the server did not start")

    def start_by(self, words: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        """Start the server by a command of its own, and do not wait.

        Args:
            words: the command.
            environment: its environment; not given, that of this process.
        """
        with (self.folder.parent / f"{self.folder.name}.log").open("ab") as log:
            self._process = subprocess.Popen(words, stdout=log, stderr=log, cwd="/", env=environment, **unprivileged())

    def execute(self, statement: Any, database: str = "postgres") -> list[Any]:
        """Run a statement and return its rows, if it has any."""
        with psycopg.connect(
            host="127.0.0.1", port=self.port, user="owner", dbname=database, connect_timeout=2, autocommit=True
        ) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def kill(self) -> None:
        """End the server and its processes at once, if it runs, as a machine does that loses its power."""
        if self._process is None:
            return
        children = _children(self._process.pid)
        for pid in (self._process.pid, *children):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()
        self._process = None
        (self.folder / "postmaster.pid").unlink(missing_ok=True)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the server and its processes, such as one that freezes them."""
        assert self._process is not None
        for pid in (*_children(self._process.pid), self._process.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def stop(self) -> None:
        """End the server, if it runs."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.kill()
            self._process = None


def _children(parent: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = status.read_text().rpartition(")")[2].split()
            if int(fields[1]) == parent:
                found.append(int(status.parent.name))
    return found


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


@contextmanager
def folder_of_servers() -> Iterator[Path]:
    """Make a folder that the user of the servers may write, and remove it at the end."""
    folder = Path(tempfile.mkdtemp(prefix="unlisted-postgresql-"))
    try:
        if given := unprivileged():
            os.chown(folder, given["user"], given["group"])
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running_server() -> Iterator[Server]:
    """Run one server for as long as the context lasts."""
    programs()
    with folder_of_servers() as folder:
        server = Server(folder / "primary")
        server.make()
        server.start()
        try:
            yield server
        finally:
            server.kill()
