"""Publishing to PostgreSQL: versions that are kept, a switch in one transaction, roles, refusals."""

import asyncio
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import select
from sqlalchemy.util import greenlet_spawn
from sqlmodel import col

from app.cli import main
from app.database import TRIGRAM_COLUMNS, DatasetSource, trigram_table
from app.postgresql import datasets, downloads, publication
from app.postgresql.datasets import PostgresqlDatasets
from app.postgresql.publication import publication_to
from app.problems import NoDataset
from app.publish import PublishError, publish_to_postgresql, rollback_in_postgresql, verify_postgresql
from app.tables import Dataset
from tests.conftest import Client, edit
from tests.postgresql.conftest import Publish
from tests.postgresql.server import QUICK, Server, folder_of_servers


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have processes look every 50 ms."""
    monkeypatch.setattr(datasets, "LOOK_EVERY", 0.05)
    monkeypatch.setattr(publication, "LOOK_EVERY", 0.05)
    monkeypatch.setattr(datasets, "HOST_SECONDS", 0.4)


@pytest.fixture
def url(postgresql: Server, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of an empty database."""
    name = f"test_{abs(hash(request.node.name)) % 10**8}"
    postgresql.execute(f"CREATE DATABASE {name}")
    yield postgresql.url(name)
    postgresql.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_versions_are_kept_asked_for_and_dropped(url: str, publish_marked: Publish, tmp_path: Path) -> None:
    client = Client(tmp_path / "none.db", database_url=url, response_cache_bytes=0)
    try:
        assert client.get("/vessels").status_code == 503
        first, second = (publish_marked(url, number, 2) for number in (1, 2))
        looked(client)
        assert client.get("/vessels").headers["dataset-version"] == second
        old = client.get(f"/resolutions?dataset={first}&limit=1&sort=number")
        assert (old.status_code, old.headers["dataset-version"]) == (200, first)
        # The driver prepares a statement that it has run five times; it must not go on reading the schema it read then.
        for _ in range(8):
            for version in (first, second):
                page = client.json(f"/vessels?limit=3&dataset={version}")
                assert {item["marker"] for item in page["items"]} == {version}
        third = publish_marked(url, 3, 2)
        looked(client)
        assert client.get(f"/resolutions?dataset={first}").status_code == 410
        assert client.get(f"/resolutions?dataset={second}").status_code == 200
        assert {item["marker"] for item in client.json(f"/vessels?dataset={second}")["items"]} == {second}
        assert schemas(url) == {second, third}
        rollback_in_postgresql(url, second)
        looked(client)
        assert client.get("/vessels").headers["dataset-version"] == second
        with pytest.raises(PublishError, match=f"version '{first}' is not kept; kept are: .*{second}"):
            rollback_in_postgresql(url, first)
        assert all(one.is_good for one in verify_postgresql(url))
    finally:
        client.close()


def test_a_version_that_is_dropped_is_gone(url: str, publish_marked: Publish, tmp_path: Path) -> None:
    """Also for a process that had looked before it was dropped, and for a request that was reading it."""
    first, second = (publish_marked(url, number) for number in (1, 2))
    client = Client(tmp_path / "none.db", database_url=url, response_cache_bytes=0)
    try:
        looked(client)
        assert client.get(f"/vessels?limit=1&dataset={first}").headers["dataset-version"] == first
        source = client.api.state.datasets
        dataset = client._loop.run_until_complete(greenlet_spawn(source.version, first))
        with publication_to(url) as target:
            target.drop_all_but([second])
        looked(client)
        with pytest.raises(NoDataset, match="dropped while it was read"):
            client._loop.run_until_complete(greenlet_spawn(dataset.scalar, select(col(Dataset.version))))
        assert client.get(f"/vessels?limit=1&dataset={first}").status_code == 410
        assert client.get("/vessels?limit=1").headers["dataset-version"] == second
    finally:
        client.close()


def test_a_second_publication_knows_the_first(url: str, seed: Path, tmp_path: Path) -> None:
    first = publish_to_postgresql(seed, url, 2)
    edit(seed, "resolutions", lambda rows: rows[0].update(summary="Another summary."))
    second = publish_to_postgresql(seed, url, 2)
    assert second.kept == (first.version, second.version)
    client = Client(tmp_path / "none.db", database_url=url)
    try:
        newest, oldest = client.json("/dataset/versions?include=all")["items"]
        assert (newest["id"], newest["previous"], oldest["id"]) == (second.version, first.version, first.version)
        assert "resolutions" in {one["resource"] for one in newest["revisions"]}
    finally:
        client.close()


def test_nothing_is_published_by_halves(url: str, publish_marked: Publish, monkeypatch: pytest.MonkeyPatch) -> None:
    """A publication that ends before its transaction does leaves the version before, and its rest is dropped."""
    first = publish_marked(url, 1)
    with monkeypatch.context() as patch:
        patch.setattr(publication.Target, "_list", fail)
        with pytest.raises(publication.CopyError):
            publish_marked(url, 2)
    with publication_to(url) as target:
        assert [one.version for one in target.kept()] == [first]
    third = publish_marked(url, 3)
    assert schemas(url) == {first, third}


def test_what_arrives_is_compared(url: str, publish_marked: Publish, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = publication._rows
    monkeypatch.setattr(
        publication, "_rows", lambda source, table, *rest: list(rows(source, table, *rest))[table == "name" :]
    )
    with pytest.raises(publication.CopyError, match=r"name: [0-9]+ rows were sent, [0-9]+ arrived"):
        publish_marked(url, 1)


def test_files_that_arrive_are_compared(url: str, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "one.csv").write_text("some,cells\n")
    # A trigger stores another content than what is sent.
    corrupt = (
        "CREATE FUNCTION corrupt() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.content = ''x''; RETURN NEW; END'",
        "CREATE TRIGGER corrupt BEFORE INSERT ON download FOR EACH ROW EXECUTE FUNCTION corrupt()",
    )
    monkeypatch.setattr(downloads, "CREATE", (*downloads.CREATE, *corrupt))
    with (
        publication_to(url) as target,
        pytest.raises(publication.CopyError, match="1 parts were sent, 1 arrived, or their digests differ"),
    ):
        target.publish(small / "data" / "unlisted.db", "0" * 16, tmp_path)


def test_files_are_exported(
    published: str, small_with_files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNLISTED_DATABASE_URL", published)
    monkeypatch.setattr("app.cli.logging.config.dictConfig", lambda _: None)
    assert main(["export", str(tmp_path / "out")]) == 0
    (made,) = small_with_files.with_name("unlisted-downloads").iterdir()
    for path in made.iterdir():
        assert (tmp_path / "out" / path.name).read_bytes() == path.read_bytes(), path.name
    assert len(list((tmp_path / "out").iterdir())) == len(list(made.iterdir())) + 1  # the manifest for yente


def test_an_export_without_files_says_so(
    url: str,
    publish_marked: Publish,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    publish_marked(url, 1)
    monkeypatch.setenv("UNLISTED_DATABASE_URL", url)
    assert main(["export", str(tmp_path / "out")]) == 2
    assert "published without files" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_publication_without_files_lists_none(url: str, publish_marked: Publish, tmp_path: Path) -> None:
    """Nor does one that earlier software made, which has no table of them."""
    version = publish_marked(url, 1)
    client = Client(tmp_path / "none.db", database_url=url, response_cache_bytes=0)
    try:
        assert client.json("/downloads")["total"] == 0
        assert client.get(f"/downloads/unlisted-{version}-names.csv").status_code == 404
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
            row = connection.execute("SELECT schema_name FROM unlisted.publication").fetchone()
            assert row
            connection.execute(f"DROP TABLE {row[0]}.download")
        assert client.json("/downloads")["total"] == 0
    finally:
        client.close()


def test_publications_wait_for_each_other(url: str, publish_marked: Publish, caplog: pytest.LogCaptureFixture) -> None:
    done: list[Any] = []
    with publication_to(url):
        other = threading.Thread(target=lambda: done.append(publish_marked(url, 1)))
        other.start()
        other.join(0.5)
        assert not done
    other.join()
    assert len(done) == 1
    assert "another publication to the database is under way" in caplog.text


def test_a_reader_reads_and_nothing_else(
    url: str, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("UNLISTED_DATABASE_URL", url)
    password = tmp_path / "password"
    password.write_text("correct horse\n")
    role = f"server_{url.rpartition('_')[2]}"
    for _ in range(2):
        assert main(["reader", role, "--password-file", str(password)]) == 0
    assert main(["publish", "--seed", str(small / "seed")]) == 0
    assert "to PostgreSQL: " in capsys.readouterr().out
    reading = url.replace("owner@", f"{role}@").replace("+psycopg", "")
    with psycopg.connect(reading, autocommit=True) as connection:
        row = connection.execute("SELECT schema_name FROM unlisted.publication").fetchone()
        assert row
        assert connection.execute(f"SELECT count(*) FROM {row[0]}.rendering").fetchone() != (0,)
        # Without the default of the session, too: the role has no right to write.
        connection.execute("SET default_transaction_read_only = off")
        for statement in (
            f"DELETE FROM {row[0]}.rendering",
            "INSERT INTO unlisted.publication VALUES (1, '', '', '')",
            "CREATE TABLE public.mine (a int)",
            "CREATE SCHEMA mine",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
    client = Client(tmp_path / "none.db", database_url=reading)
    try:
        assert client.get("/vessels").status_code == 200
    finally:
        client.close()
    with psycopg.connect(url.replace("+psycopg", "")) as owner:
        verifier = owner.execute("SELECT rolpassword FROM pg_authid WHERE rolname = %s", [role]).fetchone()
    assert verifier
    assert verifier[0].startswith("SCRAM-SHA-256$")
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as owner:
        owner.execute(f"DROP OWNED BY {role}")
        owner.execute(f"DROP ROLE {role}")


def test_the_role_of_a_server_may_do_nothing_more(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Where a role of the name may do more, nothing is made of it: the owner could no longer publish."""
    monkeypatch.setenv("UNLISTED_DATABASE_URL", url)
    empty = tmp_path / "password"
    empty.write_text("\n")
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as owner:
        owner.execute("CREATE ROLE makes_roles CREATEROLE")
        owner.execute("CREATE ROLE owns")
        owner.execute("CREATE ROLE is_member IN ROLE pg_read_all_settings")
        owner.execute("CREATE SCHEMA owned AUTHORIZATION owns")
        try:
            for name in ("owner", "makes_roles", "owns", "is_member", "unlisted_reader"):
                assert main(["reader", name]) == 2
                assert "may do more than read; choose another name" in capsys.readouterr().err
            for words, message in (
                (["n" * 64], "the name of a role has 1 to 63 bytes"),
                ([""], "the name of a role has 1 to 63 bytes"),
                (["new", "--password-file", str(empty)], "the password is empty"),
                (["pg_new"], 'role name "pg_new" is reserved'),
            ):
                assert main(["reader", *words]) == 2
                assert message in capsys.readouterr().err
            assert owner.execute("SELECT rolconfig FROM pg_roles WHERE rolname = 'owner'").fetchone() == (None,)
        finally:
            owner.execute("DROP OWNED BY owns")
            owner.execute("DROP ROLE makes_roles, owns, is_member")


def test_messages_to_a_role_that_may_not(
    url: str, publish_marked: Publish, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], seed: Path
) -> None:
    monkeypatch.setenv("UNLISTED_DATABASE_URL", url)
    assert main(["verify"]) == 1
    assert "PostgreSQL: nothing has been published yet" in capsys.readouterr().out
    roles = f"only_reads_{url.rpartition('_')[2]}", f"may_nothing_{url.rpartition('_')[2]}"
    assert main(["reader", roles[0]]) == 0
    version = publish_marked(url, 1)
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as owner:
        owner.execute(f"CREATE ROLE {roles[1]} LOGIN")
        try:
            monkeypatch.setenv("UNLISTED_DATABASE_URL", url.replace("owner@", f"{roles[0]}@"))
            assert main(["verify"]) == 0
            assert f"v_{version}_" in capsys.readouterr().out
            assert main(["publish", "--seed", str(seed)]) == 2
            assert "Not published: the database does not allow it: the role may only read" in capsys.readouterr().err
            monkeypatch.setenv("UNLISTED_DATABASE_URL", url.replace("owner@", f"{roles[1]}@"))
            for words in (["verify"], ["publish", "--seed", str(seed)], ["export", str(seed / "out")]):
                assert main(words) == (1 if words == ["verify"] else 2)
                assert capsys.readouterr().err.count("permission denied for ") == 1
        finally:
            for role in roles:
                owner.execute(f"DROP OWNED BY {role}")
                owner.execute(f"DROP ROLE {role}")


def test_no_session_can_write(published: str) -> None:
    def write(dataset: Any) -> None:
        dataset.servers.run(dataset.publication, lambda one: one.exec_driver_sql("DELETE FROM rendering"))

    dataset = datasets.open_newest(published)
    try:
        with pytest.raises(Exception, match="read-only transaction"):
            write(dataset)
    finally:
        dataset.close()


def test_a_query_that_takes_too_long_is_ended(published: str) -> None:
    async def ask() -> None:
        source = PostgresqlDatasets(published, query_seconds=0.05)
        await source.start()
        try:
            await datasets_run(source, "SELECT pg_sleep(20)")
        finally:
            await source.stop()

    with pytest.raises(Exception, match=r"The query took longer than 0\.05 s and was ended"):
        asyncio.run(ask())


def test_tls_is_that_of_libpq(publish_marked: Publish, tmp_path: Path) -> None:
    """With ``sslmode=verify-full`` nothing is read from a server whose certificate is not one of those trusted."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    with folder_of_servers() as folder:
        server = Server(folder / "primary", (*QUICK, "ssl=on"))
        server.make()
        key, certificate = server.folder / "server.key", server.folder / "server.crt"
        subprocess.run(
            [
                *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=127.0.0.1"),
                *("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)),
            ],
            check=True,
            capture_output=True,
        )
        key.chmod(0o600)
        trusted, other = tmp_path / "trusted.crt", tmp_path / "other.crt"
        shutil.copyfile(certificate, trusted)
        server.own(key, certificate)
        server.start()
        try:
            publish_marked(server.url(), 1)
            url = f"{server.url()}?sslmode=verify-full&sslrootcert="
            dataset = datasets.open_newest(f"{url}{trusted}")
            rows = dataset.servers.run(
                dataset.publication,
                lambda one: one.exec_driver_sql("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").all(),
            )
            dataset.close()
            assert [tuple(row) for row in rows] == [(True,)]
            other.write_text("")
            with pytest.raises(NoDataset, match="does not answer"):
                datasets.open_newest(f"{url}{other}")
        finally:
            server.kill()


def test_the_loop_is_not_blocked(published: str) -> None:
    """While one statement waits for the server, others of the same process are answered."""

    async def ask() -> list[str]:
        source, order = PostgresqlDatasets(published), list[str]()

        async def one(seconds: float) -> None:
            await datasets_run(source, f"SELECT pg_sleep({seconds})")
            order.append(str(seconds))

        await source.start()
        try:
            await asyncio.gather(*map(one, (1, 0.5, 0)))
        finally:
            await source.stop()
        return order

    assert asyncio.run(ask()) == ["0", "0.5", "1"]


async def datasets_run(source: PostgresqlDatasets, statement: str) -> Any:
    """Run a statement as a request does."""
    dataset = source.current()
    return await greenlet_spawn(
        dataset.servers.run, dataset.publication, lambda one: one.exec_driver_sql(statement).all()
    )


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("sqlite:///x.db", "UNLISTED_DATABASE_URL: it begins with postgresql"),
        (
            "postgresql+psycopg://me:secret@127.0.0.1:1/none",
            "Not published: the database does not allow it: connection",
        ),
        ("postgresql+psycopg://me:%secret@127.0.0.1:1/none", "libpq cannot parse it: invalid percent-encoded token"),
        ("postgresql+psycopg://me:a@secret@127.0.0.1:1/none", "a host has an @; in a user name or password, @ is"),
        ("postgresql+psycopg://me:secret/b@127.0.0.1:1/none", "a port is no number from 1 to 65535; in a user name"),
        ("postgresql+psycopg://me@a:70000/none", "a port is no number from 1 to 65535"),
        ("postgresql+psycopg://me@a,b,c/none?port=1,2", "it has 3 hosts and 2 ports"),
        ("postgresql+psycopg://me@a/none?nosuch=1", 'libpq cannot parse it: invalid URI query parameter: "nosuch"'),
        ("postgresql+psycopg://me@a/none?password=x&secret", "libpq cannot parse it: missing key/value separator"),
    ],
)
def test_a_url_that_cannot_be_used(
    url: str, message: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("UNLISTED_DATABASE_URL", url)
    assert main(["publish"]) == 2
    printed = capsys.readouterr().err
    assert message in printed
    assert "secret" not in printed


def fail(*_: object) -> None:
    raise publication.CopyError("no more")


def looked(client: Client) -> None:
    """Let a client look at its hosts, which a server does by itself."""
    source: DatasetSource = client.api.state.datasets
    assert isinstance(source, PostgresqlDatasets)
    client._loop.run_until_complete(source.look())


def schemas(url: str) -> set[str]:
    """Return the versions of which the database has a schema."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        rows = connection.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'v\\_%'").fetchall()
    return {name.split("_")[1] for (name,) in rows}


def test_an_index_of_trigrams_finds_parts_of_names(published: str) -> None:
    with psycopg.connect(published.replace("+psycopg", "")) as connection:
        (schema,) = connection.execute("SELECT schema_name FROM unlisted.publication").fetchone() or ("",)
        found = connection.execute(
            "SELECT indexname FROM pg_indexes WHERE schemaname = %s AND indexdef LIKE '%%gin_trgm_ops%%'", [schema]
        ).fetchall()
        assert {name for (name,) in found} == set(map(trigram_table, TRIGRAM_COLUMNS))
        connection.execute(f"SET search_path TO {schema}")
        connection.execute("SET enable_seqscan = off")
        plan = connection.execute("EXPLAIN SELECT id FROM name WHERE folded LIKE '%jin teng%'").fetchall()
        assert any("name_folded_trigrams" in step for (step,) in plan), plan


def test_a_server_without_the_extension_reads_texts_through(
    url: str, publish_marked: Publish, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(publication, "TRIGRAMS", "pg_of_another_server")
    publish_marked(url, 1)
    assert "no index finds parts of names" in caplog.text
    client = Client(tmp_path / "none.db", database_url=url, response_cache_bytes=0)
    try:
        assert [item["id"] for item in client.json("/vessels?name=jin+teng")["items"]] == ["9163166"]
    finally:
        client.close()
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        assert connection.execute("SELECT 1 FROM pg_indexes WHERE indexdef LIKE '%trgm%'").fetchall() == []
