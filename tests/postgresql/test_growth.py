"""The growth benchmark measures PostgreSQL beside SQLite."""

from pathlib import Path

from app.postgresql.publication import publication_to
from benchmarks.growth import run
from tests.conftest import version_of
from tests.postgresql.server import Server


def test_what_is_measured_is_copied_once(postgresql: Server, small: Path) -> None:
    file = small / "data" / "unlisted.db"
    url, _ = run.copy_to_postgresql(postgresql.url(), 7, file)
    assert url == postgresql.url("unlisted_growth_7")
    assert run.copy_to_postgresql(postgresql.url(), 7, file)[0] == url
    with publication_to(url) as target:
        assert [one.version for one in target.kept()] == [version_of(file)]
    server = run.beside(url)
    assert server.environment["UNLISTED_DATABASE_URL"] == url
    assert "--database" not in server.command
