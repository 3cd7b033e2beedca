"""The soak: its arithmetic, and that it runs against a server."""

import asyncio
from pathlib import Path

import pytest

from benchmarks.soak import run


def test_the_slope_of_memory() -> None:
    assert run.slope([(minute, 100 + 3 * minute) for minute in range(10)]) == pytest.approx(3)
    # The first half, in which caches fill, does not count.
    assert run.slope([(n, 10 * n) for n in range(10)] + [(n, 90) for n in range(10, 20)]) == pytest.approx(0)


def test_quantiles() -> None:
    measured = run.Measured([n / 1000 for n in range(100)])
    assert (measured.quantile(0.5), measured.quantile(0.99)) == (50, 99)


def test_it_runs(database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["200 heads sent byte by byte", "4 that send a megabyte of numbers"]
    monkeypatch.setattr(run, "HOSTILE", {name: run.HOSTILE[name] for name in names})
    page = tmp_path / "page.md"
    page.write_text(f"before\n\n{run.MARK}\nold\n")
    words = ["soak", "--seconds", "3", "--database", str(database), "--write", str(page)]
    monkeypatch.setattr("sys.argv", words)
    run.main()
    text = page.read_text()
    assert text.startswith("before\n")
    assert "old" not in text
    rows = [line.split("|")[1:-1] for line in text.splitlines() if line.startswith("| ") and "p50" not in line]
    assert len(rows) == 9
    assert {row[6].strip() for row in rows} == {"0"}, "connections failed"


def test_both_kinds_of_body_are_read() -> None:
    async def status_of(response: bytes) -> int:
        reader = asyncio.StreamReader()
        reader.feed_data(response)
        reader.feed_eof()
        found = await run.answer(reader)
        assert await reader.read() == b""
        return found

    assert asyncio.run(status_of(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nab")) == 200
    chunked = b"HTTP/1.1 503 No\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"
    assert asyncio.run(status_of(chunked)) == 503
