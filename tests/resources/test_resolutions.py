"""Resolutions: by number, by date, and what a draft that was vetoed looks like."""

from collections.abc import Callable
from pathlib import Path

import pytest

from app.publish import publish
from tests.conftest import BASE, Client, edit, row_of


@pytest.fixture
def two_on_a_day(seed: Path, tmp_path: Path, client_of: Callable[[Path], Client]) -> Client:
    """A record in which the Council voted twice on 2 March 2016, the second time in vain."""

    def veto(rows: list[dict[str, str]]) -> None:
        draft = {**row_of(rows, "2270"), "id": "S-2016-1", "number": "", "symbol": "S/2016/1", "outcome": "vetoed"}
        rows.append({**draft, "votes_for": "13", "votes_against": "2", "abstentions": "0"})

    edit(seed, "resolutions", veto)
    edit(
        seed,
        "citations",
        lambda rows: rows.extend(
            {**row, "row": "S-2016-1", "fields": row["fields"].removeprefix("number ")}
            for row in list(rows)
            if row["table"] == "resolutions" and row["row"] == "2270"
        ),
    )
    publish(seed, tmp_path / "unlisted.db")
    return client_of(tmp_path / "unlisted.db")


def test_two_on_one_date_are_a_choice(two_on_a_day: Client) -> None:
    response = two_on_a_day.get("/resolutions/2016-03-02")
    assert response.status_code == 300
    assert response.links["cite-as"]["url"].startswith(f"{BASE}/resolutions/2016-03-02?")
    choices = response.json()
    assert {choice["id"] for choice in choices} == {"2270", "S-2016-1"}
    assert response.headers["dataset-version"]
    assert "S-2016-1" in two_on_a_day.get("/resolutions/2016-03-02?format=csv").text
    assert two_on_a_day.get("/resolutions/2016-03-02?format=xml").status_code == 406
    for choice in choices:
        assert two_on_a_day.json(choice["url"])["id"] == choice["id"]


def test_a_vetoed_draft_was_voted_on_and_not_adopted(two_on_a_day: Client) -> None:
    draft = two_on_a_day.json("/resolutions/S-2016-1")
    assert (draft["adopted_on"], draft["voted_on"], draft["number"]) == (None, "2016-03-02", None)
    assert two_on_a_day.ids("/resolutions?outcome=vetoed")[0] == "S-2016-1"
    assert two_on_a_day.ids("/resolutions?adopted_from=2016-03-02&adopted_until=2016-03-02") == ["2270"]
    for sort in ("number", "-number"):
        assert "S-2016-1" in two_on_a_day.ids(f"/resolutions?sort={sort}")[-3:], "what has no number comes last"


def test_designations_and_measures_hang_together(client: Client) -> None:
    resolution = client.json("/resolutions/2270")
    assert len(resolution["measures"]) == client.json("/measures?resolution=2270")["total"]
    designated = resolution["designated"]
    assert [len(designated[kind]) for kind in ("individuals", "entities", "vessels")] == [16, 12, 31]


def test_filters_join_by_and_and_repeat_by_or(client: Client) -> None:
    assert client.ids("/resolutions?number=1718&number=2270") == ["1718", "2270"]
    assert client.ids("/resolutions?number=1718&number=2270&drafted_by=cn") == ["2270"]
    assert client.ids("/resolutions?text=NUCLEAR TEST OF 6 JANUARY") == ["2270"]
    assert client.ids("/resolutions?adopted_until=2009-06-12") == ["825", "1695", "1718", "1874"]


def test_those_who_did_not_vote_in_favour(client: Client) -> None:
    vote = client.json("/resolutions/S-2022-431")["vote"]
    assert vote["tally"] == "13-2-0"
    assert [member["code"] for member in vote["against"]] == ["CN", "RU"]
    vote = client.json("/resolutions/2664")["vote"]
    assert (vote["tally"], [member["code"] for member in vote["abstained"]]) == ("14-0-1", ["IN"])


def test_a_day_without_a_vote_and_a_day_that_does_not_exist(client: Client) -> None:
    assert "adopted_from=2016-03-03" in client.get("/resolutions/2016-03-03").json()["detail"]
    response = client.get("/resolutions/2016-02-30")
    assert response.status_code == 404
    assert "There is no day 2016-02-30" in response.json()["detail"]
