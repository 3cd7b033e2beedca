"""The commands: what they print, and what they return to the shell."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from app.cli import main
from tests.conftest import edit, row_of


def test_publish(seed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["publish", "--seed", str(seed), "--database", str(tmp_path / "new" / "unlisted.db")]
    assert main(words) == 0
    assert capsys.readouterr().out.startswith("Published dataset ")
    assert (tmp_path / "new" / "unlisted.db").exists()


def test_faults_are_told_and_nothing_is_published(
    seed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(seed, "vessels", lambda rows: row_of(rows, "9163166").update(imo_number="9163167"))
    words = ["--seed", str(seed), "--database", str(tmp_path / "unlisted.db")]
    for command in ("publish", "check"):
        assert main([command, *words]) == 1
        told = capsys.readouterr()
        assert re.match(r"vessels\.csv, line [0-9]+, column imo_number: 9163167 is not an IMO number", told.err)
        assert "1 fault(s) in the seed; nothing was published." in told.err
        assert told.out == ""
    assert not (tmp_path / "unlisted.db").exists()


def test_check(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 0
    told = capsys.readouterr().out
    assert "no fault" in told
    assert "Migrations: they make the tables" in told


def test_check_tells_of_migrations_that_lag_behind(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("app.publishing.schema.SCHEMA", "9999")
    assert main(["check"]) == 1
    assert "SCHEMA in app/tables.py says 9999" in capsys.readouterr().err


@pytest.mark.parametrize("words", [[], ["sing"], ["serve", "--port", "many"], ["serve", "--port", "99999"]])
def test_words_that_make_no_command(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(words)
    assert stopped.value.code == 2
    assert "usage: unlisted" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["", "publish", "serve", "check"])
def test_help_helps(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([*command.split(), "--help"])
    assert stopped.value.code == 0
    assert len(capsys.readouterr().out) > 200


def test_serve_publishes_first_where_the_dataset_is_stale(
    seed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    calls: list[tuple[Any, ...]] = []
    monkeypatch.setattr("app.server.run.serve", lambda *options: calls.append(options))
    database = tmp_path / "unlisted.db"
    words = ["serve", "--port", "8123", "--access-log", "--seed", str(seed), "--database", str(database)]
    assert main(words) == 0
    assert not database.exists()
    for told in ("Published dataset", ""):
        assert main([*words, "--publish"]) == 0
        assert capsys.readouterr().out[: len("Published dataset")] == told
    for make_app, settings in calls:
        assert (settings.host, settings.port, settings.workers, settings.database) == ("127.0.0.1", 8123, 1, database)
        assert settings.access_log
        assert make_app().state.settings == settings
    edit(seed, "vessels", lambda rows: row_of(rows, "9163166").update(imo_number="9163167"))
    assert main([*words, "--publish"]) == 1
    assert len(calls) == 3


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("UNLISTED_PORT", "abc", "UNLISTED_PORT: Input should be a valid integer"),
        ("UNLISTED_KEPT_BYTES", "0", "UNLISTED_KEPT_BYTES: this setting is now called UNLISTED_RESPONSE_CACHE_BYTES"),
        ("UNLISTED_DATABSE", "x.db", "UNLISTED_DATABSE: no such setting; did you mean UNLISTED_DATABASE?"),
        ("UNLISTED_COLOUR_OF_MONEY", "red", "UNLISTED_COLOUR_OF_MONEY: no such setting; there are UNLISTED_ACCESS_"),
    ],
)
def test_a_setting_that_cannot_be_used_is_refused(
    name: str, value: str, message: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(name, value)
    assert main(["check"]) == 2
    assert capsys.readouterr().err.startswith(message)


def test_a_seed_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(tmp_path / "seed", ignore_errors=True)
    assert main(["check", "--seed", str(tmp_path / "seed")]) == 1
    assert "the file is missing" in capsys.readouterr().err
