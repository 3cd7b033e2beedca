"""Lists of other days: what is not known on a day, and what an older list proposes."""

import hashlib
import json
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest

from app.cli import main
from app.publish import checked_seed
from app.un_list.compare import Comparison, compare, parties_of_record, values_of
from app.un_list.patch import Proposal, propose
from app.un_list.xml import ConsolidatedList, read_list
from tests.conftest import edit, rows_of
from tests.un_list.un_list_file import list_element, party_element, put, reasons_for, write_list

IN_GAP = "2023-01-01"
"""A day between the lists of 2020 and 2024, and between two amendments of KPi.013."""


NEW_POST = "Former Director of the Second Academy of Natural Sciences (SANS)"
OLD_POST = "Director of the Second Academy of Natural Sciences (SANS)"


@pytest.fixture
def known(seed: Path) -> Path:
    """A seed whose digests of reasons are those of the lists written here, and that explains nothing away."""

    def digests(rows: list[dict[str, str]]) -> None:
        for row in rows:
            if row["narrative_sha256"]:
                row["narrative_sha256"] = hashlib.sha256(reasons_for(row["subject_id"]).encode()).hexdigest()

    edit(seed, "narratives", digests)
    path = seed / "explained_differences.csv"
    path.write_text(path.read_text(encoding="utf-8").splitlines(keepends=True)[0], encoding="utf-8")
    return seed


def listed(known: Path, folder: Path, day: str, change: Callable[[Element], None] | None = None) -> Path:
    """Write the list that the record has on a day, with a change."""
    root = list_element(list(parties_of_record(checked_seed(known), date.fromisoformat(day)).values()), day)
    if change:
        change(root)
    return write_list(root, folder / f"list-{day}.xml")


def entry(root: Element, number: str) -> Element:
    return next(one for one in root.iter() if (one.findtext("REFERENCE_NUMBER") or "").strip() == number)


def add_post(number: str, post: str) -> Callable[[Element], None]:
    def change(root: Element) -> None:
        posts = entry(root, number).find("DESIGNATION")
        assert posts is not None
        put(posts, "VALUE", post)

    return change


def drop_post(number: str, place: int) -> Callable[[Element], None]:
    def change(root: Element) -> None:
        posts = entry(root, number).find("DESIGNATION")
        assert posts is not None
        posts.remove(posts[place])

    return change


def compared(known: Path, file: Path) -> tuple[Comparison, ConsolidatedList]:
    published = read_list(file)
    return compare(checked_seed(known), published), published


def posts_of(known: Path, number: str) -> list[tuple[str, str, str]]:
    rows = [row for row in rows_of(known, "positions") if row["subject_id"] == number and row["given_by"] == "un_list"]
    return sorted((row["position"], row["on_list_since"], row["on_list_until"]) for row in rows)


def taken(known: Path, file: Path, folder: Path) -> Proposal:
    """Apply what is proposed, and see that the record agrees afterwards."""
    comparison, published = compared(known, file)
    proposal = propose(checked_seed(known), known, published, comparison)
    subprocess.run(
        ["git", "apply", "-p1", "--unsafe-paths", "-"], input=proposal.patch.encode(), cwd=folder, check=True
    )
    again, _ = compared(known, file)
    assert again.unexplained == []
    return proposal


def test_a_value_that_is_not_known_is_no_difference(
    known: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(listed(known, tmp_path, IN_GAP, add_post("KPi.013", OLD_POST)))
    assert main(["compare", file, "--seed", str(known), "--format", "json"]) == 0
    told = capsys.readouterr()
    document = json.loads(told.out)
    assert "older than the newest" in told.err
    assert document["differences"] == []
    posts = [
        (one["kind"], one["record_value"], one["list_value"])
        for one in document["not_known_on_this_day"]
        if (one["reference_number"], one["field"]) == ("KPi.013", "positions")
    ]
    assert posts == [("not_known", OLD_POST, OLD_POST), ("not_known", NEW_POST, None)]
    assert main(["compare", file, "--seed", str(known)]) == 0
    assert (
        f"not known on this day: KPi.013  positions: {NEW_POST}; the list does not have it" in capsys.readouterr().out
    )


def test_a_third_value_in_a_gap_is_a_difference(known: Path, tmp_path: Path) -> None:
    comparison, _ = compared(known, listed(known, tmp_path, IN_GAP, add_post("KPi.013", "A third post")))
    assert [(one.kind, one.list_value) for one in comparison.unexplained] == [("missing", "A third post")]


@pytest.mark.parametrize(
    ("day", "post", "since", "until"),
    [
        (IN_GAP, OLD_POST, "2023-08-16", "2023-08-16"),
        (IN_GAP, NEW_POST, "2022-07-26", "2022-07-26"),
    ],
)
def test_a_list_from_a_gap_narrows_it(known: Path, tmp_path: Path, day: str, post: str, since: str, until: str) -> None:
    before = len(rows_of(known, "positions"))
    taken(known, listed(known, tmp_path, day, add_post("KPi.013", post)), tmp_path)
    posts = {position: (first, end) for position, first, end in posts_of(known, "KPi.013")}
    assert (posts[OLD_POST][1], posts[NEW_POST][0]) == (until, since)
    assert len(rows_of(known, "positions")) == before, "no second row for a value"


def test_an_older_list_moves_the_first_day_of_a_value(known: Path, tmp_path: Path) -> None:
    """KPi.025 is called an official since 2023: a list of 2021 that says so already puts that between 2020 and 2021."""
    post = "Tanchon Commercial Bank official"
    file = listed(known, tmp_path, "2021-06-01", add_post("KPi.025", post))
    taken(known, file, tmp_path)
    assert (post, "2020-12-01/2021-06-01", "") in posts_of(known, "KPi.025")
    assert len(posts_of(known, "KPi.025")) == 2


def test_an_older_list_moves_the_last_day_of_a_value(known: Path, tmp_path: Path) -> None:
    file = listed(known, tmp_path, "2021-06-01", drop_post("KPi.025", 0))
    taken(known, file, tmp_path)
    assert ("Tanchon Commercial Bank Representative", "", "2020-12-01/2021-06-01") in posts_of(known, "KPi.025")


def test_an_older_list_adds_a_value_that_only_it_has_between_its_neighbours(known: Path, tmp_path: Path) -> None:
    taken(known, listed(known, tmp_path, "2021-06-01", add_post("KPi.025", "A post of 2021")), tmp_path)
    assert ("A post of 2021", "2020-12-01/2021-06-01", "2023-06-29") in posts_of(known, "KPi.025")


def test_an_older_list_deletes_nothing_and_alters_no_listing(known: Path, tmp_path: Path) -> None:
    def change(root: Element) -> None:
        for parent in root:
            for one in [one for one in parent if one.findtext("REFERENCE_NUMBER") == "KPi.025 "]:
                parent.remove(one)

    comparison, published = compared(known, listed(known, tmp_path, "2021-06-01", change))
    assert [one.kind for one in comparison.unexplained] == ["extra"]
    proposal = propose(checked_seed(known), known, published, comparison)
    assert "-L" not in proposal.patch
    assert any(line.startswith("KPi.025") for line in proposal.held_back)


def test_lists_that_contradict_one_another_are_left_to_a_person(known: Path, tmp_path: Path) -> None:
    """The list of 2025-04-19 and those before and after it have the post; one in between has not."""
    comparison, published = compared(known, listed(known, tmp_path, "2025-01-01", drop_post("KPi.025", 0)))
    proposal = propose(checked_seed(known), known, published, comparison)
    assert "positions.csv" not in proposal.patch
    assert any("before and after, have it" in line for line in proposal.held_back)


def test_a_newer_list_gives_the_days_that_the_un_says(known: Path, tmp_path: Path) -> None:
    def change(root: Element) -> None:
        add_post("KPi.025", "A new post")(root)
        put(entry(root, "KPi.025").find("LAST_DAY_UPDATED"), "VALUE", "2026-05-05")  # type: ignore[arg-type]

    taken(known, listed(known, tmp_path, "2026-06-30", change), tmp_path)
    assert ("A new post", "2026-05-05", "") in posts_of(known, "KPi.025")


def test_what_is_not_read_is_not_acted_on(known: Path, tmp_path: Path) -> None:
    def change(root: Element) -> None:
        country = entry(root, "KPi.025").find("NATIONALITY/VALUE")
        assert country is not None
        country.text = "Atlantis"

    comparison, published = compared(known, listed(known, tmp_path, "2026-06-30", change))
    assert sorted((one.kind, one.field) for one in comparison.unexplained) == [
        ("extra", "nationalities"),
        ("unread", "NATIONALITY/VALUE"),
    ]
    proposal = propose(checked_seed(known), known, published, comparison)
    assert "nationalities.csv" not in proposal.patch
    assert len(proposal.held_back) == 2


def test_as_of_another_day(known: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = list_element(list(parties_of_record(checked_seed(known), date(2026, 2, 27)).values()))
    del root.attrib["dateGenerated"]
    words = ["compare", str(write_list(root, tmp_path / "undated.xml")), "--seed", str(known)]
    assert main(words) == 2
    assert "--as-of" in capsys.readouterr().err
    assert main([*words, "--as-of", "2026-02-27"]) == 0
    assert main([*words, "--as-of", "2018-10-29"]) == 1
    capsys.readouterr()
    with pytest.raises(SystemExit):
        main([*words, "--as-of", "yesterday"])


def test_an_older_list_is_told_nothing_about_later_amendments(known: Path) -> None:
    parties = parties_of_record(checked_seed(known), date(2021, 1, 1))
    assert values_of(parties["KPi.013"], "amended_on") == []
    assert party_element(parties["KPi.013"]).findtext("DESIGNATION/VALUE") is not None
