"""The services of deploy/compose.yaml as plain processes, each with the command and settings that the file gives it.

No container engine takes part. What images do is done here: an empty cluster of PostgreSQL with a password and the
scripts of its folder, as the image of PostgreSQL makes one, and the entry point of our Dockerfile. Only addresses and
paths of this machine take the places of those in the file.
"""

import itertools
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from app.settings import PREFIX, ROOT
from tests.conftest import server_process
from tests.nginx import free_port, needs_nginx, running_nginx
from tests.postgresql.conftest import Publish
from tests.postgresql.server import Server, folder_of_servers, programs, unprivileged

PASSWORDS = {
    "OWNER_PASSWORD": "owner%41/:@ secret",
    "SERVER_PASSWORD": "server%s\\n&?#secret",
    "REPLICATION_PASSWORD": "replication=secret",
}
"""The variables that compose.yaml asks for, with signs that a shell, printf, a URL or libpq may take for others."""

MARKER = re.compile('"marker":"([0-9a-f]{16})"')

pytestmark = needs_nginx


def interpolated(value: Any, variables: Mapping[str, str]) -> Any:
    """Replace the variables in a value of a file of Compose (its specification, "Interpolation").

    Raises:
        LookupError: a variable is required and not given.
    """
    if isinstance(value, dict):
        return {name: interpolated(one, variables) for name, one in value.items()}
    if isinstance(value, list):
        return [interpolated(one, variables) for one in value]
    if not isinstance(value, str):
        return value

    def replace(found: re.Match[str]) -> str:
        if found[0] == "$$":
            return "$"
        if found["rule"] == ":-":
            return variables.get(found["name"]) or found["default"]
        return variables[found["name"]]

    return re.sub(r"\$\$|\$\{(?P<name>\w+)(?P<rule>:-|:\?)?(?P<default>[^}]*)\}", replace, value)


def image_command() -> list[str]:
    """Return the words that our image runs where a service gives none."""
    text = (ROOT / "Dockerfile").read_text()
    found = [re.findall(rf"^{name} (\[.*\])$", text, re.MULTILINE) for name in ("ENTRYPOINT", "CMD")]
    return [word for (words,) in found for word in json.loads(words)]


@dataclass
class Topology:
    """The services that run.

    Attributes:
        primary: the primary, whose port every service knows.
        standby: its standby.
        servers: a client of each of our two servers.
        processes: their processes.
        proxy: a client of nginx in front of both.
    """

    primary: Server
    standby: Server
    servers: list[httpx.Client]
    processes: list["subprocess.Popen[bytes]"]
    proxy: httpx.Client


class Compose:
    """The services of compose.yaml, to be run as processes.

    Args:
        folder: a folder for files of ours.
        primary: where the primary runs.
        standby: where the standby runs.
    """

    def __init__(self, folder: Path, primary: Server, standby: Server) -> None:
        self.file = interpolated(yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text()), PASSWORDS)
        self.services: dict[str, Any] = self.file["services"]
        self.folder, self.primary, self.standby = folder, primary, standby

    def here(self, text: str) -> str:
        """Replace addresses and paths."""
        text = text.replace("--host=primary", f"--host=127.0.0.1 --port={self.primary.port}")
        text = text.replace("/tmp/password", str(self.folder / "password"))
        if text.startswith("postgresql"):
            text = text.replace("@primary", f"@{self.primary.address}").replace(",standby", f",{self.standby.address}")
        return text

    def environment(self, name: str, **more: object) -> dict[str, str]:
        """Return the environment of a service."""
        path = os.pathsep.join((str(programs()), str(Path(sys.executable).parent), os.environ["PATH"]))
        base = {name: value for name, value in os.environ.items() if not name.startswith((PREFIX, "PG"))}
        given = {name: self.here(str(value)) for name, value in self.services[name]["environment"].items()}
        return {
            **base,
            "PATH": path,
            "PYTHONPATH": str(ROOT),
            **given,
            **{name: str(value) for name, value in more.items()},
        }

    def words(self, name: str) -> list[str]:
        """Return the words of a service's process."""
        service = self.services[name]
        return [self.here(word) for word in (*service.get("entrypoint", ()), *service.get("command", ()))]

    def postgresql(self, server: Server, name: str) -> None:
        """Start a server of PostgreSQL by the command of its service, and wait until its health is good."""
        environment = self.environment(name, PGDATA=server.folder, PGPORT=server.port)
        server.start_by(self.words(name), environment)
        _, *check = self.services["primary"]["healthcheck"]["test"]
        for _ in range(200):
            if subprocess.run(check, env=environment, capture_output=True, check=False).returncode == 0:
                return
            time.sleep(0.05)
        raise AssertionError(f"{name} is not healthy")

    def make_primary(self) -> None:
        """Do what the image of PostgreSQL does with an empty volume."""
        environment = self.environment("primary", PGDATA=self.primary.folder, PGPORT=self.primary.port)
        password = self.folder / "owner"
        password.write_text(environment["POSTGRES_PASSWORD"])
        self.primary.own(password)
        self.primary.run(
            *("initdb", "--pgdata", str(self.primary.folder), "--username", environment["POSTGRES_USER"]),
            *("--pwfile", str(password), "--auth-host", "scram-sha-256", "--encoding", "UTF8", "--no-sync"),
        )
        with (self.primary.folder / "postgresql.conf").open("a") as file:
            file.write("listen_addresses = '127.0.0.1'\nunix_socket_directories = ''\nfsync = off\n")
        self.postgresql(self.primary, "primary")
        self.primary.execute(f"CREATE DATABASE {environment['POSTGRES_DB']}")
        script = self.folder / "replication.sh"
        script.write_text(self.file["configs"]["replication"]["content"])
        self.primary.own(script)
        local = {"PGHOST": "127.0.0.1", "PGPASSWORD": environment["POSTGRES_PASSWORD"]}
        subprocess.run(["bash", script], env=environment | local, check=True, capture_output=True, **unprivileged())
        self.primary.stop()

    def publish(self, seed: Path) -> None:
        """Run the service that publishes, to its end."""
        environment = self.environment("publish", UNLISTED_SEED=seed)
        done = subprocess.run(
            self.words("publish"), env=environment, capture_output=True, text=True, check=False, cwd=ROOT
        )
        assert done.returncode == 0, done.stdout + done.stderr

    @contextmanager
    def proxy(self, addresses: list[str]) -> Iterator[httpx.Client]:
        """Run nginx with the configuration of its service, in front of our servers."""
        (config,) = self.services["proxy"]["configs"]
        port, folder = free_port(), self.folder / "nginx"
        folder.mkdir()
        replaced = {
            "listen 8080;": f"listen 127.0.0.1:{port};",
            "/var/cache/nginx/unlisted": f"{folder}/cache",
            "server one:8000;": f"server {addresses[0]};",
            "server two:8000;": f"server {addresses[1]};",
        }
        shipped = self.file["configs"][config["source"]]["content"]
        with (
            running_nginx(shipped, replaced, port, folder),
            httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client,
        ):
            yield client


@pytest.fixture
def topology(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Topology]:
    """Every service of compose.yaml, in the order of its conditions."""
    programs()
    with folder_of_servers() as data, pytest.MonkeyPatch.context() as patch, ExitStack() as stack:
        patch.setenv("PGPASSWORD", PASSWORDS["OWNER_PASSWORD"])  # of what the test itself asks the servers
        folder = tmp_path_factory.mktemp("topology")
        primary, standby = Server(data / "primary"), Server(data / "standby")
        stack.callback(primary.kill)
        stack.callback(standby.kill)
        compose = Compose(data, primary, standby)
        compose.make_primary()
        compose.postgresql(primary, "primary")
        compose.postgresql(standby, "standby")
        compose.publish(small / "seed")
        clients, processes = [], []
        for name in ("one", "two"):
            settings = {
                key.removeprefix(PREFIX).lower(): compose.here(value)
                for key, value in compose.services[name]["environment"].items()
                if key.startswith(PREFIX)
            }
            program, *words = image_command()
            assert program == "unlisted"
            patch.setenv("PGPASSWORD", compose.services[name]["environment"]["PGPASSWORD"])
            process, address = stack.enter_context(
                server_process(folder / "none.db", folder / f"{name}.log", "app.cli", *words, settings=settings)
            )
            processes.append(process)
            clients.append(stack.enter_context(httpx.Client(base_url=address, timeout=30)))
        patch.setenv("PGPASSWORD", PASSWORDS["OWNER_PASSWORD"])
        proxy = stack.enter_context(compose.proxy([client.base_url.netloc.decode() for client in clients]))
        yield Topology(primary, standby, clients, processes, proxy)


@dataclass
class Load:
    """Requests through nginx, each for an answer that is in no cache.

    Attributes:
        client: the client of nginx.
        numbers: a number for each request, which makes it another one.
        names: whether names are searched for, too: by a POST, whose answer begins before it is complete.
        statuses: how many answers had each status.
        versions: how many pages of records came from each version.
        mixed: pages with a record of another version than the one in their header.
    """

    client: httpx.Client
    numbers: Iterator[int]
    names: bool = True
    statuses: Counter[int] = field(default_factory=Counter)
    versions: Counter[str] = field(default_factory=Counter)
    mixed: list[str] = field(default_factory=list)

    def ask(self) -> None:
        """Ask for a page, and for a name."""
        number = next(self.numbers)
        path = f"/vessels?limit=5&as_of={date(2016, 3, 2) + timedelta(days=number)}"
        page = self.client.get(path)
        self.statuses[page.status_code] += 1
        if page.status_code == 200:
            version = page.headers["dataset-version"]
            self.versions[version] += 1
            markers = MARKER.findall(page.text)
            if set(markers) not in (set(), {version}) or len(markers) not in (0, len(page.json()["items"])):
                self.mixed.append(path)
        if self.names:
            self.statuses[self.client.post("/search", json=[f"Ri Won Ho {number}"]).status_code] += 1


@contextmanager
def loaded(client: httpx.Client, numbers: Iterator[int], names: bool = True) -> Iterator[Load]:
    """Ask all the time, with three clients, for as long as the context lasts; every request must be answered."""
    load, over = Load(client, numbers, names), threading.Event()

    def ask() -> None:
        while not over.is_set():
            load.ask()

    with ThreadPoolExecutor(3) as pool:
        clients = [pool.submit(ask) for _ in range(3)]
        try:
            yield load
        finally:
            over.set()
    for one in clients:
        one.result()
    assert set(load.statuses) == {200}, load.statuses
    assert not load.mixed


def test_the_services_work_together(topology: Topology, publish_marked: Publish) -> None:
    one, two = topology.servers
    proxy, numbers = topology.proxy, itertools.count()

    # Our servers log in as the role that may only read, to the standby as long as there is one.
    sessions = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'unlisted_server' AND datname = 'unlisted'"
    assert [proxy.get(path).status_code for path in ("/readyz", "/vessels", "/search?q=kim")] == [200] * 3
    ((on_standby,),) = topology.standby.execute(sessions)
    assert on_standby > 2  # one of each process only asks for the newest publication

    for path in (
        "/vessels?limit=5",
        "/designated-parties?format=csv",
        "/search?q=ri+won+ho",
        "/vessels?limit=0",
        "/no",
    ):
        answers = [client.get(path) for client in (one, two, proxy)]
        assert len({(answer.status_code, answer.content, answer.headers.get("etag")) for answer in answers}) == 1, path
    assert "http://localhost:8080/vessels/" in proxy.get("/vessels?limit=5").text

    # The second answer is nginx's own: it has the id of the first request.
    first, second = (proxy.get("/resolutions?limit=3") for _ in range(2))
    assert first.headers["x-request-id"] == second.headers["x-request-id"]
    assert first.content == second.content
    as_csv = proxy.get("/resolutions?limit=3", headers={"Accept": "text/csv"})
    assert as_csv.headers["content-type"].startswith("text/csv")
    assert proxy.get("/resolutions?limit=3").content == first.content

    # nginx keeps the key of its cache, which has the URL, in the buffer of the head of an answer.
    parties = one.get("/designated-parties?limit=80").json()["items"]
    longest = "&".join(f"subject={party['id']}" for party in parties)
    assert len(longest) > 500
    assert [client.get(f"/changes?limit=1&{longest}").status_code for client in (one, proxy)] == [200, 200]

    with loaded(proxy, numbers) as load:
        version = publish_marked(topology.primary.url("unlisted"), 1)
    before = first.headers["dataset-version"]
    assert set(load.versions) <= {before, version}
    for client in (one, two):
        page = client.get("/vessels?limit=5")
        assert page.headers["dataset-version"] == version
        assert {item["marker"] for item in page.json()["items"]} == {version}
    assert one.get("/vessels?limit=5").content == two.get("/vessels?limit=5").content

    # An answer that has begun cannot be asked for anew. The head of a page and its body are one write: a server that is
    # killed has sent all of it or nothing, where the buffer of the socket has room for it. An answer to a POST is sent
    # name by name.
    with loaded(proxy, numbers, names=False) as load:
        while sum(load.statuses.values()) < 20:
            time.sleep(0.01)
        topology.processes[0].kill()
        asked = sum(load.statuses.values())
        while sum(load.statuses.values()) < asked + 40:
            time.sleep(0.01)
    assert set(load.versions) == {version}

    # Without the standby, the primary answers.
    topology.standby.kill()
    with loaded(proxy, numbers) as load:
        while sum(load.statuses.values()) < 20:
            time.sleep(0.01)
