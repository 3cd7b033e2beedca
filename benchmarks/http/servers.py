"""Servers to measure: each in a process of its own on one processor, with the processor time that it has used."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

TICKS = os.sysconf("SC_CLK_TCK")
HERE = Path(__file__).parent
ROOT = HERE.parent.parent

NGINX = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; sendfile on; tcp_nopush on; open_file_cache max=10; keepalive_requests 10000000;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder}; uwsgi_temp_path {folder};
  scgi_temp_path {folder};
  server {{ listen 127.0.0.1:{port} backlog=1024; root {folder}; default_type application/json; }}
}}
"""


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@dataclass
class Server:
    """A server under measurement.

    Attributes:
        name: what it is called.
        command: starts it; ``{port}`` stands for the port.
        ready: a path that it answers with 200 once it is up.
        environment: what it finds in its environment besides ours.
        processor: the processors it may run on, as taskset has them.
    """

    name: str
    command: Sequence[str]
    ready: str
    environment: Mapping[str, str] = field(default_factory=dict)
    processor: str = "0"
    port: int = 0
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> float:
        """Start it, and return how many seconds passed until its first answer."""
        self.port = self.port or free_port()
        words = ["taskset", "-c", self.processor, *(word.format(port=self.port) for word in self.command)]
        began = time.perf_counter()
        self.process = subprocess.Popen(
            words,
            env={**os.environ, **self.environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            start_new_session=True,
        )
        while self.process.poll() is None and time.perf_counter() - began < 60:
            try:
                if httpx.get(self.url(self.ready), timeout=10).status_code == 200:
                    return time.perf_counter() - began
            except httpx.TransportError:
                time.sleep(0.005)
        raise RuntimeError(f"{self.name} did not start: {' '.join(words)}")

    def stop(self) -> None:
        """End it and all its processes."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()

    def url(self, path: str) -> str:
        """Return the URL of a path."""
        return f"http://127.0.0.1:{self.port}{path}"

    def cpu_seconds(self) -> float:
        """Return the processor time that all its processes have used so far."""
        return sum(
            sum(map(int, stat.rpartition(")")[2].split()[11:13])) / TICKS for stat in map(_stat, self._processes())
        )

    def resident_mebibytes(self) -> float:
        """Return the resident memory of its largest process."""
        page = os.sysconf("SC_PAGE_SIZE")
        sizes = [int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * page for pid in self._processes()]
        return max(sizes) / 2**20

    def _processes(self) -> list[int]:
        """Return the ids of its processes: those of the session that it leads."""
        assert self.process is not None
        pids = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
        return [pid for pid in pids if _session(pid) == self.process.pid]


def _stat(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:  # it has just ended
        return f"{pid} (gone)" + " 0" * 50


def _session(pid: int) -> int:
    return int(_stat(pid).rpartition(")")[2].split()[3])


def ours(name: str, database: Path, **settings: str) -> Server:
    """Return this API as a server, with some settings."""
    environment = {f"UNLISTED_{key.upper()}": value for key, value in settings.items()}
    command = [sys.executable, "-m", "app.cli", "serve", "--port", "{port}", "--database", str(database)]
    return Server(name, command, "/vessels", environment)


def bare(answers: Path) -> Server:
    """Return the bare function that sends the same bytes, under uvicorn set as ours is."""
    command = [sys.executable, "-m", "uvicorn", "benchmarks.http.bare:app", "--port", "{port}", "--no-access-log"]
    return Server("bare", [*command, "--no-server-header"], "/page", {"BARE_ANSWERS": str(answers)})


def nginx(folder: Path) -> Server:
    """Return nginx, serving the files of a folder."""
    port = free_port()
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port))
    return Server("nginx", ["nginx", "-c", str(folder / "nginx.conf"), "-p", str(folder)], "/page.body", port=port)


def tutorial(database: Path) -> Server:
    """Return the same ships as the tutorials would serve them."""
    command = [sys.executable, "-m", "uvicorn", "benchmarks.http.tutorial:app", "--port", "{port}", "--no-access-log"]
    return Server("tutorial", command, "/vessels", {"UNLISTED_DATABASE": str(database)})


def datasette(program: str, database: Path) -> Server:
    """Return Datasette over the same file: flat rows."""
    command = [program, "serve", "--immutable", str(database), "--port", "{port}", "--setting", "cache_size_kb", "0"]
    return Server("Datasette", command, f"/{database.stem}/vessel.json?_size=50")


def soul(program: str, database: Path) -> Server:
    """Return soul over the same file: flat rows."""
    return Server("soul", [program, "-d", str(database), "-p", "{port}"], "/api/tables/vessel/rows?_limit=50")


def save_answer(folder: Path, name: str, url: str, headers: Mapping[str, str]) -> None:
    """Keep an answer as files for the bare function and for nginx to send."""
    with httpx.Client() as client:
        client.headers.clear()
        with client.stream("GET", url, headers=dict(headers)) as response:
            body = b"".join(response.iter_raw())
    pairs = [(key, value) for key, value in response.headers.multi_items() if key != "date"]
    (folder / f"{name}.json").write_text(json.dumps([response.status_code, pairs]))
    (folder / f"{name}.body").write_bytes(body)


def found(program: str, *places: Path) -> str | None:
    """Return where a program is, if it is installed; it is looked for in some places first."""
    for place in places:
        if (place / program).exists():
            return str(place / program)
    return shutil.which(program)


Measured = dict[str, Any]


def load(server: Server, path: str, connections: int, seconds: int, headers: Mapping[str, str]) -> Measured:
    """Ask a server for one path as fast as it answers, and return what wrk measured, with the processor time.

    The load comes from one thread on the processor that the server does not use.
    """
    words = ["taskset", "-c", "1", "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "8s"]
    words += [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
    before = server.cpu_seconds()
    output = subprocess.run(
        [*words, "-s", str(HERE / "report.lua"), server.url(path)], capture_output=True, text=True, check=True
    ).stdout
    used = server.cpu_seconds() - before
    measured: Measured = json.loads(output.splitlines()[-1])
    answered = max(measured["requests"], 1)
    return measured | {"cpu": used / answered * 1e6, "rate": measured["requests"] / measured["seconds"]}
