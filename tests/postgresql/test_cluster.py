"""A cluster of three servers under load, of which some are killed, replaced, and left behind."""

import asyncio
import re
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count, cycle
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from app.main import create_app
from app.postgresql import datasets, publication
from app.postgresql.hosts import each_host, only, parameters_of, place_of
from app.settings import Settings
from tests.conftest import BASE
from tests.postgresql.conftest import Publish
from tests.postgresql.server import QUICK, Server, folder_of_servers, programs

STREAMING = (*QUICK, "wal_level=replica", "max_wal_senders=8", "hot_standby=on", "wal_keep_size=256MB")

PATHS = ("/vessels?limit=5", "/vessels/9163166", "/changes?limit=3", "/resolutions?sort=-number&limit=4")
"""Requests of the load; each reads several tables, in several statements."""

MARKER = re.compile('"marker":"([0-9a-f]{16})"')


@dataclass
class Load:
    """What was asked, and how it was answered.

    Attributes:
        statuses: how many answers had each status.
        versions: the versions that answered, in the order of the ends of their requests.
        longest: the longest time of an answer, in seconds.
        mixed: answers with a record of another version than the one in their header.
    """

    statuses: Counter[int] = field(default_factory=Counter)
    versions: list[str] = field(default_factory=list)
    longest: float = 0
    mixed: list[str] = field(default_factory=list)

    @property
    def failed(self) -> int:
        """How many requests were not answered."""
        return sum(number for status, number in self.statuses.items() if status != 200)

    def note(self, path: str, response: httpx.Response, seconds: float) -> None:
        """Count an answer."""
        self.statuses[response.status_code] += 1
        self.longest = max(self.longest, seconds)
        if response.status_code == 200:
            version = response.headers["dataset-version"]
            self.versions.append(version)
            if set(MARKER.findall(response.text)) != {version}:
                self.mixed.append(f"{path} of {version}")

    def describe(self, phase: str) -> str:
        """Write a line of the table in docs/reliability.md."""
        asked, stall = sum(self.statuses.values()), f"{self.longest * 1000:.0f} ms"
        return f"| {phase} | {asked} | {self.failed} | {stall} | {len(self.mixed)} |"


@dataclass
class Cluster:
    """A primary and two standbys that stream from it, and a process that reads from all three."""

    primary: Server
    standbys: list[Server]

    @property
    def url(self) -> str:
        """The URL with all three hosts."""
        hosts = ",".join(one.address for one in (self.primary, *self.standbys))
        return f"postgresql+psycopg://owner@{hosts}/postgres?load_balance_hosts=random"


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    programs()
    with folder_of_servers() as folder:
        servers = [Server(folder / name, STREAMING) for name in ("primary", "one", "two")]
        primary, *standbys = servers
        try:
            primary.make()
            primary.start()
            for standby in standbys:
                standby.copy(primary)
                standby.start()
            yield Cluster(primary, standbys)
        finally:
            for server in servers:
                server.kill()


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have processes look every 100 ms."""
    monkeypatch.setattr(datasets, "LOOK_EVERY", 0.1)
    monkeypatch.setattr(publication, "LOOK_EVERY", 0.1)
    monkeypatch.setattr(datasets, "HOST_SECONDS", 0.5)


def test_it_answers_while_one_server_stands(cluster: Cluster, publish_marked: Publish, tmp_path: Path) -> None:
    """The figures in docs/reliability.md are those of a run of this test: it writes them to cluster.md."""
    asyncio.run(_break(cluster, publish_marked, tmp_path / "cluster.md"))


async def _break(cluster: Cluster, publish_marked: Publish, figures: Path) -> None:
    numbers = count(1)

    async def publish() -> str:
        return await asyncio.to_thread(publish_marked, cluster.url, next(numbers))

    async def run(action: Callable[[], Any]) -> Any:
        return await asyncio.to_thread(action)

    primary, (one, two) = cluster.primary, cluster.standbys
    first = await publish()
    async with client_of(cluster.url) as client:
        async with loaded(client, figures, "nothing happens") as load:
            await asyncio.sleep(1)
        assert set(load.versions) == {first}

        async with loaded(client, figures, "a publication") as load:
            second = await publish()
        assert in_order(load.versions, [first, second])

        async with loaded(client, figures, "a standby is killed (SIGKILL)"):
            await run(one.kill)
            await asyncio.sleep(1)

        async with loaded(client, figures, "it comes back"):
            await run(one.start)
            await asyncio.sleep(1)

        async with loaded(client, figures, "a standby hangs (SIGSTOP)"):
            two.signal(signal.SIGSTOP)
            await asyncio.sleep(2)
        two.signal(signal.SIGCONT)

        # A standby that no longer replays has the second version, and is not asked for the third.
        two.execute("SELECT pg_wal_replay_pause()")
        async with loaded(client, figures, "a publication while the replay of a standby is paused") as load:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(publication, "WAIT_SECONDS", 0.5)
                third = await publish()
        assert in_order(load.versions, [second, third])
        async with loaded(client, figures, "the standby still lags") as load:
            await asyncio.sleep(0.5)
        assert set(load.versions) == {third}
        # The names are read in a thread, over a connection of its own.
        assert (await client.get("/search?q=jin+teng")).headers["dataset-version"] == third
        two.execute("SELECT pg_wal_replay_resume()")

        async with loaded(client, figures, "the primary is killed (SIGKILL)"):
            await run(primary.kill)
            await asyncio.sleep(1)

        async with loaded(client, figures, "a standby is promoted, the other follows it") as load:
            one.execute("SELECT pg_promote()")
            await run(two.stop)
            two.follow(one)
            await run(two.start)
            await asyncio.sleep(0.5)

        async with loaded(client, figures, "a publication to the new primary") as load:
            fourth = await publish()
        assert in_order(load.versions, [third, fourth])
        assert [row[0] for row in one.execute("SELECT pg_is_in_recovery()")] == [False]

        async with loaded(client, figures, "the new primary is killed, one server is left") as load:
            await run(one.kill)
            await asyncio.sleep(1)
        assert set(load.versions) == {fourth}

        # Nobody is taken back: the first primary comes back with the third version, and is not asked.
        async with loaded(client, figures, "the first primary comes back, which lacks the last publication") as load:
            await run(primary.start)
            await asyncio.sleep(0.5)
        assert set(load.versions) == {fourth}
        await run(two.kill)
        await asyncio.sleep(1.5)
        ready = await client.get("/readyz")
        assert ready.status_code == 503


def in_order(versions: list[str], expected: list[str]) -> bool:
    """Say whether the answers of one client came from one version, then from the next."""
    return list(dict.fromkeys(versions)) == expected


@asynccontextmanager
async def client_of(url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application whose answers are not cached."""
    api = create_app(Settings(database_url=url, response_cache_bytes=0))
    await api.state.datasets.start()
    transport = httpx.ASGITransport(api, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        try:
            yield client
        finally:
            await api.state.datasets.stop()


@asynccontextmanager
async def loaded(client: httpx.AsyncClient, figures: Path, phase: str) -> AsyncIterator[Load]:
    """Ask all the time, with four clients, for as long as the context lasts; every request must be answered."""
    load, over = Load(), asyncio.Event()

    async def ask(start: int) -> None:
        paths = cycle(PATHS[start:] + PATHS[:start])
        while not over.is_set():
            path, began = next(paths), time.perf_counter()
            response = await client.get(path)
            load.note(path, response, time.perf_counter() - began)
            await asyncio.sleep(0.005)

    clients = [asyncio.create_task(ask(start)) for start in range(4)]
    try:
        yield load
    finally:
        over.set()
        await asyncio.gather(*clients)
    with figures.open("a") as file:
        file.write(load.describe(phase) + "\n")
    assert load.failed == 0, f"{phase}: {load.statuses}"
    assert not load.mixed, phase
    assert sum(load.statuses.values()) > 0, phase


def test_hosts_are_taken_from_the_url() -> None:
    url = "postgresql+psycopg://me@a:1,b:2,c:3/x?target_session_attrs=prefer-standby&sslmode=verify-full"
    parameters = parameters_of(url)
    hosts = each_host(parameters)
    assert [(one["host"], one["port"], one["sslmode"]) for one in hosts] == [
        ("a", "1", "verify-full"),
        ("b", "2", "verify-full"),
        ("c", "3", "verify-full"),
    ]
    assert all("target_session_attrs" not in one for one in hosts)
    chosen = only(parameters, hosts[1:])
    assert (chosen["host"], chosen["port"], chosen["target_session_attrs"]) == ("b,c", "2,3", "prefer-standby")


@pytest.mark.parametrize(
    ("url", "environment", "places"),
    [
        ("postgresql://me@a,b/x", "5555", [("a", 5432), ("b", 5432)]),
        ("postgresql://me@a:1,b/x", None, [("a", 1), ("b", 5432)]),
        ("postgresql://me@a/x", None, [("a", 5432)]),
        ("postgresql://me@a/x", "5555", [("a", 5555)]),
        ("postgresql://me@/x?hostaddr=127.0.0.1", None, [("127.0.0.1", 5432)]),
        ("postgresql:///x", None, [(None, 5432)]),
    ],
)
def test_a_host_without_a_port_has_that_of_libpq(
    url: str, environment: str | None, places: list[tuple[str | None, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the connections to a host that hangs would not be recognised, and never be ended."""
    monkeypatch.delenv("PGPORT", raising=False)
    if environment:
        monkeypatch.setenv("PGPORT", environment)
    assert [place_of(one) for one in each_host(parameters_of(url))] == places


def test_a_connection_leads_to_its_host(postgresql: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the URL leaves its port to libpq."""
    monkeypatch.setenv("PGPORT", str(postgresql.port))
    for url in ("postgresql://owner@127.0.0.1/postgres", postgresql.url()):
        (parameters,) = each_host(parameters_of(url))
        with psycopg.connect(**parameters) as connection:
            assert datasets._Host(parameters).is_at_other_end_of(connection)
            assert not datasets._Host(parameters | {"port": "1"}).is_at_other_end_of(connection)
