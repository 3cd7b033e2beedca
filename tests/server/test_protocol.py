"""Bounds on a connection: sizes, times, numbers; what is refused is refused with a problem document."""

import contextlib
import json
import os
import re
import resource
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from app.server.run import listen
from tests.conftest import server_process, serving

HOST = b"Host: unlisted.example\r\n"
SECONDS = 1.0


@pytest.fixture(scope="module")
def bounded(database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that waits for one second where it would wait for fifteen."""
    log = tmp_path_factory.mktemp("bounded") / "log"
    with serving(database, log, settings={"connection_seconds": SECONDS}) as address:
        yield address


def connect(address: str) -> socket.socket:
    parts = urlsplit(address)
    assert parts.hostname
    assert parts.port
    return socket.create_connection((parts.hostname, parts.port), timeout=20)


def received(connection: socket.socket) -> bytes:
    """Return all that the server sends until it closes the connection."""
    parts = []
    with contextlib.suppress(ConnectionResetError):
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts)


def exchange(address: str, *parts: bytes) -> tuple[int, dict[str, str], bytes]:
    """Send parts, and return the status, the headers and the body of the answer."""
    with connect(address) as connection:
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            for part in parts:
                connection.sendall(part)
        return parsed(received(connection))


def parsed(response: bytes) -> tuple[int, dict[str, str], bytes]:
    head, _, body = response.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    return int(first.split()[1]), {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}, body


def refusal(address: str, *parts: bytes) -> tuple[int, str]:
    status, headers, body = exchange(address, *parts)
    assert headers["content-type"] == "application/problem+json"
    assert headers["connection"] == "close"
    problem = json.loads(body)
    assert problem["status"] == status
    assert problem["type"].startswith(address)
    return status, problem["detail"]


def memory(process: int) -> int:
    """Return the resident memory of a process in bytes."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param([b"GET / HTTP/1.1\r\n" + HOST, b"Accept-Encoding: " + b"a" * 1_000_000 + b"\r\n\r\n"], id="one"),
        pytest.param([b"GET / HTTP/1.1\r\n" + HOST, *[b"A: b\r\n" * 1000] * 20], id="many"),
        pytest.param([b"GET /" + b"a" * 1_000_000], id="target"),
        pytest.param([b"GET / HTTP/1.1\r\n" + HOST + b"Accept: ", *[b"a" * 1000] * 100], id="unfinished"),
        pytest.param([b"GET / HTTP/1.1\r\n" + HOST + b"".join(b"X-%d: 1\r\n" % n for n in range(101))], id="101"),
    ],
)
def test_a_head_that_is_too_large(bounded: str, parts: list[bytes]) -> None:
    status, detail = refusal(bounded, *parts)
    assert status == 431
    assert "100 headers" in detail
    assert "32768 bytes" in detail


def test_a_head_within_the_bounds(bounded: str) -> None:
    headers = {f"X-{number}": "a" * 250 for number in range(90)}
    assert httpx.get(f"{bounded}/healthz", headers=headers).status_code == 200


def test_trailers_are_counted_too(bounded: str) -> None:
    head = b"POST /search HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n1\r\n[\r\n0\r\n"
    assert refusal(bounded, head, *[b"X: y\r\n" * 100] * 10)[0] == 431


def raw(address: str, *parts: bytes) -> bytes:
    with connect(address) as connection:
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            for part in parts:
                connection.sendall(part)
        return received(connection)


def test_endless_headers_take_no_memory(database: Path, tmp_path: Path) -> None:
    with server_process(database, tmp_path / "log") as (process, address):
        httpx.get(f"{address}/vessels")
        httpx.post(f"{address}/search", json=["Kim"], timeout=60)  # waits for what is prepared in a thread
        before = memory(process.pid)
        for number in range(64):
            line = b"Accept-Encoding: gzip;q=0.%d, " % number
            raw(address, b"GET /healthz HTTP/1.1\r\n" + HOST + line + b"b" * 1_000_000 + b"\r\n\r\n")
        assert memory(process.pid) - before < 16 * 2**20


@pytest.mark.parametrize(
    ("head", "detail"),
    [
        (b"GET /healthz HTTP/1.1\r\n\r\n", "this one has 0"),
        (b"GET /healthz HTTP/1.1\r\n" + HOST + HOST + b"\r\n", "this one has 2"),
        (b"GET /healthz HTTP/1.0\r\n" + HOST + HOST + b"\r\n", "this one has 2"),
        (b"GET /healthz HTTP/1.1\r\nHost: a b\r\n\r\n", "no host with a port"),
        (b"GET /healthz HTTP/1.1\r\nHost: a/b\r\n\r\n", "no host with a port"),
        (b"not HTTP at all\r\n\r\n", "no HTTP/1.1 request"),
    ],
)
def test_a_request_that_breaks_the_rules(bounded: str, head: bytes, detail: str) -> None:
    status, told = refusal(bounded, head)
    assert (status, detail in told) == (400, True)


@pytest.mark.parametrize("host", [b"", b"[::1]:8000", b"a.example", b"127.0.0.1:80"])
def test_a_host_that_may_be(bounded: str, host: bytes) -> None:
    head = b"GET /healthz HTTP/1.1\r\nHost: " + host + b"\r\nConnection: close\r\n\r\n"
    assert exchange(bounded, head)[0] == 200
    assert exchange(bounded, b"GET /healthz HTTP/1.0\r\n\r\n")[0] == 200


def test_slow_clients_are_cut_and_others_answered(bounded: str) -> None:
    heads = [
        b"",
        b"GET / HTTP/1.1\r\n" + HOST,
        b"POST /search HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\nContent-Length: 900000\r\n\r\n[",
    ]
    connections = [connect(bounded) for _ in range(200)]
    for number, connection in enumerate(connections):
        connection.sendall(heads[number % 3])
    answers: list[bytes] = []
    for number, connection in enumerate(connections):
        if number % 10 == 0:
            assert httpx.get(f"{bounded}/healthz").status_code == 200
        if number % 3 == 1:  # a byte now and then does not help
            with contextlib.suppress(OSError):
                connection.sendall(b"X")
        answers.append(received(connection))
        connection.close()
    assert {answer.split(b"\r\n")[0] for answer in answers[1::3]} <= {b"HTTP/1.1 408 Request Timeout", b""}
    assert b"HTTP/1.1 408 Request Timeout" in {answer.split(b"\r\n")[0] for answer in answers[1::3]}
    assert set(answers[0::3]) == {b""}


def test_a_client_that_never_reads_is_cut(database: Path, tmp_path: Path) -> None:
    settings = {"connection_seconds": SECONDS}
    with server_process(database, tmp_path / "log", settings=settings) as (process, address):
        httpx.get(f"{address}/vessels")
        time.sleep(1)  # until that connection is closed
        before = sockets_of(process.pid)
        with connect(address) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            request = b"GET /designated-parties?limit=500 HTTP/1.1\r\n" + HOST + b"\r\n"
            with contextlib.suppress(OSError):
                connection.sendall(request * 40)
            time.sleep(0.3)
            assert sockets_of(process.pid) == before + 1
            deadline = time.monotonic() + 20
            while sockets_of(process.pid) > before and time.monotonic() < deadline:
                time.sleep(0.1)
            assert sockets_of(process.pid) == before


def test_pipelined_requests_are_answered_in_order(bounded: str) -> None:
    first = b"GET /vessels?limit=3 HTTP/1.1\r\n" + HOST + b"\r\n"
    second = b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n"
    with connect(bounded) as connection:
        connection.sendall(first + second + b"GET / HTTP/1.1\r\n\r\n")
        answers = received(connection)
    assert re.findall(rb"HTTP/1.1 ([0-9]+)", answers) == [b"200", b"200", b"400"]
    assert answers.index(b'"items"') < answers.index(b'"status":"ok"') < answers.index(b"bad-request")


def test_too_many_connections(database: Path, tmp_path: Path) -> None:
    settings = {"max_connections": 4, "connection_seconds": 15}
    with serving(database, tmp_path / "log", settings=settings) as address:
        kept = []
        for _ in range(4):
            kept.append(connect(address))
            kept[-1].sendall(b"POST /search HTTP/1.1\r\n" + HOST + b"Content-Length: 9\r\n\r\n")
        time.sleep(0.2)
        response = httpx.get(f"{address}/healthz")
        assert (response.status_code, response.headers["retry-after"]) == (503, "1")
        assert response.json()["title"] == "The server is busy"
        for connection in kept:
            connection.close()
        time.sleep(0.3)
        assert httpx.get(f"{address}/healthz").status_code == 200


def test_silent_connections_make_room_where_many_are_open(database: Path, tmp_path: Path) -> None:
    settings = {"max_connections": 20, "connection_seconds": 60}
    with serving(database, tmp_path / "log", settings=settings) as address:
        idle = [connect(address) for _ in range(20)]
        time.sleep(2)
        assert httpx.get(f"{address}/healthz").status_code == 200
        for connection in idle:
            connection.close()


def test_too_many_requests_under_way(database: Path, tmp_path: Path) -> None:
    with serving(database, tmp_path / "log", settings={"max_requests": 2}) as address:
        kept = []
        for _ in range(2):
            kept.append(connect(address))
            kept[-1].sendall(
                b"POST /search HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\nContent-Length: 9\r\n\r\n["
            )
        time.sleep(0.2)
        response = httpx.get(f"{address}/vessels")
        assert (response.status_code, response.headers["retry-after"]) == (503, "1")
        assert "2 requests are under way" in response.json()["detail"]
        for connection in kept:
            connection.close()
        time.sleep(0.2)
        assert httpx.get(f"{address}/vessels").status_code == 200


def test_it_ends_though_a_body_is_unfinished(database: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with server_process(database, log, settings={"drain_seconds": 1}) as (process, address), connect(address) as kept:
        kept.sendall(b"POST /search HTTP/1.1\r\n" + HOST + b"Content-Length: 9\r\n\r\n[")
        time.sleep(0.2)
        process.send_signal(signal.SIGTERM)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=0.5)
        process.wait(timeout=10)


def test_a_request_under_way_is_finished_before_the_end(database: Path, tmp_path: Path) -> None:
    with server_process(database, tmp_path / "log") as (process, address), connect(address) as kept:
        body = b'["Choi Sung-il"]'
        head = b"POST /search HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        kept.sendall(head % len(body) + body[:5])
        time.sleep(0.2)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        kept.sendall(body[5:])
        assert parsed(received(kept))[0] == 200
        process.wait(timeout=10)


def test_a_lack_of_files_is_logged_and_overcome(database: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with server_process(database, log, settings={"connection_seconds": 60}) as (process, address):
        assert httpx.get(f"{address}/vessels").status_code == 200
        used = len(os.listdir(f"/proc/{process.pid}/fd"))  # noqa: PTH208
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (used + 5, used + 5))
        many = [connect(address) for _ in range(40)]
        time.sleep(1)
        assert log.read_text().count("no new connection can be accepted: Too many open files") == 1
        for connection in many:
            connection.close()
        assert httpx.get(f"{address}/healthz", timeout=20).status_code == 200


def test_a_body_that_is_too_long_closes_the_connection(bounded: str) -> None:
    head = b"POST /search HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\nContent-Length: 9000000\r\n\r\n"
    status, headers, body = exchange(bounded, head, b"[" + b" " * 3_000_000)
    assert (status, headers["connection"]) == (413, "close")
    assert json.loads(body)["status"] == 413


def test_new_connections_are_spread_over_the_workers(database: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with serving(database, log, "app.cli", "serve", "--workers", "2") as address:
        deadline = time.monotonic() + 60
        while log.read_text().count("Application startup complete") < 2 and time.monotonic() < deadline:
            time.sleep(0.1)
        workers = [int(pid) for pid in re.findall(r"Started server process \[([0-9]+)\]", log.read_text())]
        before = [sockets_of(worker) for worker in workers]
        with contextlib.ExitStack() as kept:
            for _ in range(64):
                kept.enter_context(connect(address))
            given = [0, 0]
            while sum(given) < 64 and time.monotonic() < deadline:
                time.sleep(0.1)
                given = [sockets_of(worker) - count for worker, count in zip(workers, before, strict=True)]
            assert sum(given) == 64
            assert max(given) <= 0.6 * 64


def sockets_of(process: int) -> int:
    """Return how many sockets a process has open."""
    count = 0
    for file in Path(f"/proc/{process}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            count += str(file.readlink()).startswith("socket:")
    return count


def test_a_port_that_is_taken(bounded: str) -> None:
    port = urlsplit(bounded).port
    assert port
    with pytest.raises(SystemExit, match=f"Cannot listen on 127.0.0.1, port {port}: Address already in use"):
        listen("127.0.0.1", port)
