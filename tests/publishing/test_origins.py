"""Independent origins: how many support each value, by kind of record, and what is no origin of its own."""

from collections.abc import Callable
from pathlib import Path

import pytest

from app.publish import check_seed, draft_database, publish
from app.publishing.loading import load
from app.publishing.rules import CORE
from app.publishing.seed import SEED_TABLES, SeedError, fact_columns
from tests.conftest import Client, edit, row_of


def add_source(seed: Path, key: str, **cells: str) -> None:
    """Add a source to a seed: one as any other of the UN's press, but for the cells given."""
    edit(seed, "sources", lambda rows: rows.append({**row_of(rows, "sc8853"), "key": key, **cells}))


def cite_only(seed: Path, *keys: str) -> None:
    """Let these sources be all that is cited for one ship: its IMO number, and a note."""

    def change(rows: list[dict[str, str]]) -> None:
        for row in [row for row in rows if (row["table"], row["row"]) == ("vessels", "9163166")]:
            rows.remove(row)
        cell = {"table": "vessels", "row": "9163166", "locator": "", "note": "", "fields": "imo_number note"}
        rows.extend({**cell, "source": key} for key in keys)

    edit(seed, "citations", change)


def twice_cited(seed: Path, tmp_path: Path, *keys: str) -> int:
    """Load a seed in which these sources are all that is cited for a ship; count the core's twice cited values."""
    cite_only(seed, *keys)
    with draft_database(tmp_path / f"{'-'.join(keys)}.db") as session:
        return load(session, seed).support.core.twice_cited


@pytest.mark.parametrize(
    ("cells", "independent"),
    [
        ({"publisher": "Lloyd's List"}, 1),
        ({"publisher": "European Union"}, 1),
        ({"publisher": "United Nations Press", "form": "copy", "held_by": "a newspaper"}, 0),
        ({"publisher": "United Nations, 1718 Committee"}, 0),
        ({"publisher": "A quoter", "form": "quotation"}, 0),
    ],
)
def test_a_reprint_or_a_quotation_is_no_second_origin(
    seed: Path, tmp_path: Path, cells: dict[str, str], independent: int
) -> None:
    add_source(seed, "another", **cells)
    alone = twice_cited(seed, tmp_path, "un-2270-page")
    assert twice_cited(seed, tmp_path, "un-2270-page", "another") - alone == independent


def test_offices_of_one_body_are_one_origin(seed: Path, tmp_path: Path) -> None:
    add_source(seed, "first", publisher="Ministry of Commerce, China")
    add_source(seed, "second", publisher="Ministry of Foreign Affairs, China")
    alone = twice_cited(seed, tmp_path, "first")
    assert twice_cited(seed, tmp_path, "first", "second") == alone
    assert twice_cited(seed, tmp_path, "first", "un-2270-page") == alone + 1


def test_the_kinds_add_up(client: Client) -> None:
    evidence = client.json("/dataset")["evidence"]
    kinds = {kind["kind"]: kind for kind in evidence["kinds"]}
    assert sum(kind["values"] for kind in kinds.values()) == evidence["values"]
    assert sum(kind["two_origins"] + kind["more_origins"] for kind in kinds.values()) == evidence["twice_cited"]
    for kind in kinds.values():
        assert kind["one_origin"] + kind["two_origins"] + kind["more_origins"] == kind["values"], kind
        assert kind["twice_cited_share"] == round(
            (kind["two_origins"] + kind["more_origins"]) / max(kind["values"], 1), 4
        )
    assert CORE.keys() <= kinds.keys()
    assert 0 < evidence["core_values"] < evidence["values"]


def test_three_quarters_of_the_core_have_two_origins(client: Client) -> None:
    assert client.json("/dataset")["evidence"]["core_twice_cited_share"] >= 0.75


def test_the_core_names_columns_that_are_there() -> None:
    for stem, columns in CORE.items():
        assert columns <= set(fact_columns(SEED_TABLES[stem])), stem


def test_what_was_adopted_in_writing_has_no_meeting(seed: Path) -> None:
    edit(seed, "resolutions", lambda rows: row_of(rows, "2515").update(meeting="8999"))
    with pytest.raises(SeedError) as refused:
        check_seed(seed)
    assert any(fault.column == "meeting" and "no meeting" in fault.message for fault in refused.value.faults)


def test_a_meeting_that_there_was_not_is_not_unknown(client: Client) -> None:
    for number, in_writing in (("2515", True), ("2569", True), ("2276", None), ("2087", None)):
        resolution = client.json(f"/resolutions/{number}")
        assert resolution["written_procedure"] is in_writing
        known = resolution["meeting"] is not None or in_writing is True
        assert ("meeting" in resolution["not_known"]) is not known
    assert client.json("/resolutions/2087")["meeting"] == 6904


def test_another_resolution_may_be_adopted_in_writing(
    seed: Path, tmp_path: Path, client_of: Callable[[Path], Client]
) -> None:
    edit(seed, "resolutions", lambda rows: row_of(rows, "2276").update(written_procedure="true"))

    def cite(rows: list[dict[str, str]]) -> None:
        for row in rows:
            if (row["table"], row["row"]) == ("resolutions", "2276"):
                row["fields"] += " written_procedure"

    edit(seed, "citations", cite)
    publish(seed, tmp_path / "unlisted.db")
    resolution = client_of(tmp_path / "unlisted.db").json("/resolutions/2276")
    assert resolution["written_procedure"] is True
    assert "meeting" not in resolution["not_known"]
