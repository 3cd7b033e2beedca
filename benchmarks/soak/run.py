"""A server under a realistic mix, under more than it can do, and beside hostile clients.

    python -m benchmarks.soak.run                      # about a minute
    python -m benchmarks.soak.run --seconds 600        # ten minutes
    python -m benchmarks.soak.run --write docs/reliability.md

Each phase takes its share of the time. While clients are hostile, eight others ask ordinary questions at a steady rate,
and their latency is measured: from the moment at which a request should have been sent, so that waiting counts too.
"""

import argparse
import asyncio
import contextlib
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from app.settings import ROOT, default_database

MIX = (
    *("/vessels?listed=true", "/vessels/9163166", "/designated-parties?limit=20", "/search?q=Choi+Sung-il"),
    *(
        "/changes?limit=50",
        "/measures?resolution=2270",
        "/listings?limit=100&format=csv",
        "/dataset",
        "/resolutions/2270",
    ),
)
"""What is asked, each with a day of its own now and then, so that some of it is in no cache."""
MARK = "<!-- soak: written by benchmarks/soak/run.py -->"
PROBE_RATE = 80.0
"""Requests a second of the ordinary clients beside hostile ones."""


@dataclass
class Measured:
    """What a phase measured.

    Attributes:
        seconds: latencies of answers, refusals among them.
        statuses: how many answers had a status; 0 counts connections that failed.
        duration: how long it was measured, in seconds.
    """

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    duration: float = 0.0

    def quantile(self, share: float) -> float:
        """Return the latency in milliseconds below which a share of the answers are."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000 if ordered else float("nan")


@dataclass(frozen=True)
class Target:
    """The server: its host, its port, its process."""

    host: str
    port: int
    process: int

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Open a connection."""
        return await asyncio.open_connection(self.host, self.port)

    def memory(self) -> float:
        """Return the resident memory of the server in MiB."""
        pages = int(Path(f"/proc/{self.process}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def request(path: str, method: str = "GET", body: bytes = b"") -> bytes:
    """Write a request of HTTP/1.1."""
    length = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
    return f"{method} {path} HTTP/1.1\r\nHost: soak.example\r\n{length}\r\n".encode() + body


async def answer(reader: asyncio.StreamReader) -> int:
    """Read one response and return its status."""
    head = await reader.readuntil(b"\r\n\r\n")
    if length := re.search(rb"content-length: ([0-9]+)", head):
        await reader.readexactly(int(length[1]))
    else:
        while (size := int(await reader.readline(), 16)) > 0:
            await reader.readexactly(size + 2)
        await reader.readline()
    return int(head.split(b" ", 2)[1])


def question(chance: random.Random) -> str:
    """Choose a question of the mix; one in ten is as of a random day, which no cache has."""
    path = chance.choice(MIX)
    if chance.random() < 0.1 and path != "/dataset":
        day = f"20{chance.randint(16, 25)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
        path += ("&" if "?" in path else "?") + f"as_of={day}"
    return path


async def ask(target: Target, until: float, measured: Measured, seed: int, rate: float | None = None) -> None:
    """Ask question after question on one connection until a time.

    Args:
        target: the server.
        until: time of the loop.
        measured: takes in what comes.
        seed: of the questions.
        rate: requests a second; None asks again as soon as it is answered.
    """
    loop, chance = asyncio.get_running_loop(), random.Random(seed)
    planned = loop.time() + (chance.random() / rate if rate else 0)
    reader: asyncio.StreamReader | None = None
    writer: asyncio.StreamWriter | None = None
    while loop.time() < until:
        if rate:
            await asyncio.sleep(max(0.0, planned - loop.time()))
        began, planned = (planned, planned + 1 / rate) if rate else (loop.time(), 0.0)
        try:
            if reader is None or writer is None or reader.at_eof():
                reader, writer = await target.connect()
            writer.write(request(question(chance)))
            measured.statuses[await asyncio.wait_for(answer(reader), 30)] += 1
            measured.seconds.append(loop.time() - began)
        except (TimeoutError, OSError, asyncio.IncompleteReadError, ValueError):
            measured.statuses[0] += 1
            if writer is not None:
                writer.close()
            reader = writer = None
            await asyncio.sleep(0.05)
    if writer is not None:
        writer.close()


async def load(target: Target, connections: int, seconds: float) -> Measured:
    """Ask on many connections, each as fast as it is answered."""
    measured, until = Measured(duration=seconds), asyncio.get_running_loop().time() + seconds
    await asyncio.gather(*(ask(target, until, measured, seed) for seed in range(connections)))
    return measured


async def probe(target: Target, seconds: float) -> Measured:
    """Ask on eight connections at a steady rate."""
    measured, until = Measured(duration=seconds), asyncio.get_running_loop().time() + seconds
    await asyncio.gather(*(ask(target, until, measured, seed, PROBE_RATE / 8) for seed in range(8)))
    return measured


async def repeat(
    target: Target, until: float, act: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
) -> None:
    """Connect and act until a time, again whenever the connection ends."""
    loop = asyncio.get_running_loop()
    while loop.time() < until:
        writer = None
        try:
            reader, writer = await target.connect()
            await asyncio.wait_for(act(reader, writer), max(0.01, until - loop.time()))
        except (TimeoutError, OSError, asyncio.IncompleteReadError, ValueError):
            await asyncio.sleep(0.05)
        finally:
            if writer is not None:
                writer.transport.abort()


async def slowloris(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send a head byte by byte."""
    writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n")
    while not reader.at_eof():
        writer.write(b"X: y\r\n")
        await writer.drain()
        await asyncio.sleep(1)


async def slow_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send a body byte by byte."""
    writer.write(request("/search", "POST", b"[").replace(b"Length: 1", b"Length: 900000"))
    while not reader.at_eof():
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.5)


async def never_read(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Ask for much, and read nothing."""
    writer.transport.pause_reading()  # type: ignore[attr-defined]  # a transport that reads
    writer.write(request("/designated-parties?limit=500") * 50)
    while not reader.at_eof():
        await asyncio.sleep(0.5)


async def idle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send nothing."""
    del writer
    await reader.read()


async def pipeline(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send a hundred requests at once, again and again."""
    while True:
        writer.write(request("/vessels/9163166") * 100)
        for _ in range(100):
            await answer(reader)


async def worst_batch(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send the longest batch of names that are all alike to many."""
    names = ",".join('{"name":"Kim Chol Kim Song Ri Yong Pak Nam","kind":"individual"}' for _ in range(500))
    while True:
        writer.write(request("/search?limit=1", "POST", f"[{names}]".encode()))
        await answer(reader)


async def many_ones(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send a megabyte of numbers where names should be."""
    while True:
        writer.write(request("/search", "POST", b"[" + b"1," * 499_000 + b"1]"))
        await answer(reader)
        await asyncio.sleep(0.05)


HOSTILE: dict[str, tuple[int, Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]]] = {
    "200 heads sent byte by byte": (200, slowloris),
    "200 bodies sent byte by byte": (200, slow_body),
    "50 that ask for much and never read": (50, never_read),
    "2,000 connections that send nothing": (2000, idle),
    "4 that pipeline a hundred requests": (4, pipeline),
    "1 that sends the longest batch, again and again": (1, worst_batch),
    "4 that send a megabyte of numbers": (4, many_ones),
}


async def beside(target: Target, name: str, seconds: float) -> Measured:
    """Measure ordinary clients while others are hostile."""
    count, act = HOSTILE[name]
    until = asyncio.get_running_loop().time() + seconds
    hostile = [asyncio.create_task(repeat(target, until, act)) for _ in range(count)]
    await asyncio.sleep(min(2.0, seconds / 4))
    measured = await probe(target, max(1.0, until - asyncio.get_running_loop().time() - 0.2))
    for task in hostile:
        task.cancel()
    await asyncio.gather(*hostile, return_exceptions=True)
    return measured


async def sample_memory(target: Target, samples: list[tuple[float, float]]) -> None:
    """Note the time in minutes and the memory in MiB, twice a second."""
    began = time.monotonic()
    while True:
        samples.append(((time.monotonic() - began) / 60, target.memory()))
        await asyncio.sleep(0.5)


def slope(samples: Sequence[tuple[float, float]]) -> float:
    """Return the slope of the line of least squares through the second half of the samples, in MiB a minute."""
    half = samples[len(samples) // 2 :]
    mean_x, mean_y = (sum(values) / len(half) for values in zip(*half, strict=True))
    spread = sum((x - mean_x) ** 2 for x, _ in half)
    return sum((x - mean_x) * (y - mean_y) for x, y in half) / spread if spread else 0.0


def row(name: str, measured: Measured) -> str:
    """Write a line of the table."""
    statuses = measured.statuses
    ok, busy, failed = statuses[200], statuses[503], statuses[0]
    others = sum(statuses.values()) - ok - busy - failed
    median, slowest = measured.quantile(0.5), measured.quantile(0.99)
    rate = ok / measured.duration
    return f"| {name} | {rate:,.0f} | {median:.1f} | {slowest:.1f} | {busy:,} | {others:,} | {failed:,} |"


async def soak(target: Target, seconds: float) -> AsyncIterator[str]:
    """Run every phase, and yield the lines of the report."""
    share = seconds / (4 + len(HOSTILE))
    yield "| phase | answered a second | p50 (ms) | p99 (ms) | 503 | others | failed |\n|---|---|---|---|---|---|---|"
    await probe(target, 1)  # so that what is loaded at the first request is there
    yield row("eight clients, 80 requests a second", await probe(target, share))
    samples: list[tuple[float, float]] = []
    sampling = asyncio.create_task(sample_memory(target, samples))
    yield row("64 connections, as fast as they can", await load(target, 64, share))
    sampling.cancel()
    for connections in (512, 2000):
        yield row(f"{connections:,} connections, as fast as they can", await load(target, connections, share))
        yield row("afterwards: eight clients", await probe(target, 2))
    for name in HOSTILE:
        yield row(f"eight clients beside {name}", await beside(target, name, share))
    yield row("afterwards: eight clients", await probe(target, 2))
    memory = [mebibytes for _, mebibytes in samples]
    yield (
        f"\nMemory of the server with 64 connections: {memory[0]:.0f} MiB at first, {memory[-1]:.0f} at last, slope of "
        f"the second half {slope(samples):+.1f} MiB a minute. After all phases: {target.memory():.0f} MiB."
    )


@contextlib.contextmanager
def serving(database: Path, workers: int) -> Iterator[Target]:
    """Run a server for as long as the context lasts."""
    with tempfile.TemporaryDirectory() as folder, (log := Path(folder) / "log").open("w") as output:
        words = [sys.executable, "-m", "app.cli", "serve", "--port", "0", "--workers", str(workers)]
        process = subprocess.Popen(
            [*words, "--database", str(database)], stdout=output, stderr=subprocess.STDOUT, cwd=ROOT
        )
        try:
            for _ in range(600):
                if found := re.search(r"(http://[0-9.]+:[0-9]+)/docs", log.read_text()):
                    parts = urlsplit(found[1])
                    assert parts.hostname
                    assert parts.port
                    httpx.get(f"{found[1]}/vessels", timeout=60)
                    yield Target(parts.hostname, parts.port, process.pid)
                    return
                time.sleep(0.1)
            raise SystemExit(f"the server did not start: {log.read_text()}")
        finally:
            process.terminate()
            process.wait(timeout=30)


async def report(target: Target, seconds: float) -> list[str]:
    """Run every phase, print each line as it comes, and return them."""
    lines = []
    async for line in soak(target, seconds):
        print(line, flush=True)
        lines.append(line)
    return lines


def write(path: Path, text: str) -> None:
    """Replace what a document has behind the mark."""
    before, _, _ = path.read_text(encoding="utf-8").partition(MARK)
    path.write_text(f"{before}{MARK}\n\n{text}\n", encoding="utf-8")


def main() -> None:
    """Run the soak."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="how long all phases take together")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--database", type=Path, default=default_database())
    parser.add_argument("--write", type=Path, help="document to write the report into")
    options = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(8192, hard)), hard))
    load_before = os.getloadavg()[0]
    with serving(options.database, options.workers) as target:
        lines = asyncio.run(report(target, options.seconds))
    about = (
        f"`python -m benchmarks.soak.run --seconds {options.seconds:g}`, {options.workers} worker, clients on the same "
        f'machine with {os.cpu_count()} cores, whose load average was {load_before:.1f} before. "503" counts answers '
        'of an overloaded server, "failed" connections that ended without one.\n'
    )
    if options.write:
        write(options.write, "\n".join([about, *lines]))


if __name__ == "__main__":
    main()
