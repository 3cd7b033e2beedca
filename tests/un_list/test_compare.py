"""The record held against a list, and the changes that would follow, tried both ways."""

import csv
import hashlib
import io
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest

from app.cli import main
from app.fields.dates import parse_day
from app.publish import checked_seed
from app.un_list.compare import parties_of_record
from app.un_list.xml import ListedDocument, ListedName, ListedParty, ListedPlace
from app.vocabularies import Gender, PartyKind
from tests.conftest import Client, edit, rows_of
from tests.un_list.un_list_file import list_element, party_element, put, reasons_for, write_list
from tests.work import publish_untraced

LATER = "2026-06-30"

Change = Callable[[Element], None]


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture
def known(seed: Path) -> Path:
    """A seed whose digests of reasons are those of the lists written here, and that explains nothing away."""

    def digests(rows: list[dict[str, str]]) -> None:
        for row in rows:
            if row["narrative_sha256"] and not row["on_list_until"]:
                row["narrative_sha256"] = digest(reasons_for(row["subject_id"]))

    edit(seed, "narratives", digests)
    path = seed / "explained_differences.csv"
    path.write_text(path.read_text(encoding="utf-8").splitlines(keepends=True)[0], encoding="utf-8")
    return seed


@pytest.fixture
def list_with(known: Path, tmp_path: Path) -> Callable[..., Path]:
    """Writes the list as the record has it, with a change."""

    def write(change: Change | None = None, generated_on: str = LATER) -> Path:
        parties = parties_of_record(checked_seed(known), parse_day(generated_on))
        root = list_element(list(parties.values()), generated_on)
        if change:
            change(root)
        return write_list(root, tmp_path / "list.xml")

    return write


def entry(root: Element, number: str) -> Element:
    return next(one for one in root.iter() if (one.findtext("REFERENCE_NUMBER") or "").strip() == number)


def remove(root: Element, number: str) -> None:
    for parent in root.findall("*"):
        for child in list(parent):
            if (child.findtext("REFERENCE_NUMBER") or "").strip() == number:
                parent.remove(child)


def delist(root: Element) -> None:
    remove(root, "KPi.014")


def amend_birth_date(root: Element) -> None:
    entry(root, "KPi.027").find("INDIVIDUAL_DATE_OF_BIRTH").find("DATE").text = "1965-08-09"  # type: ignore[union-attr]


def add_alias(root: Element) -> None:
    alias = put(entry(root, "KPe.024"), "ENTITY_ALIAS")
    put(alias, "QUALITY", "a.k.a.")
    put(alias, "ALIAS_NAME", "Hesong General Trading")


def rename(root: Element) -> None:
    element = entry(root, "KPe.031")
    element.find("FIRST_NAME").text = "GENERAL BUREAU OF RECONNAISSANCE"  # type: ignore[union-attr]


def rename_with_alias(root: Element) -> None:
    rename(root)
    alias = put(entry(root, "KPe.031"), "ENTITY_ALIAS")
    put(alias, "QUALITY", "a.k.a.")
    put(alias, "ALIAS_NAME", "RECONNAISSANCE GENERAL BUREAU")


def rename_with_former(root: Element) -> None:
    rename(root)
    alias = put(entry(root, "KPe.031"), "ENTITY_ALIAS")
    put(alias, "QUALITY", "f.k.a.")
    put(alias, "ALIAS_NAME", "RECONNAISSANCE GENERAL BUREAU")


def amend_entry(root: Element) -> None:
    put(entry(root, "KPi.013").find("LAST_DAY_UPDATED"), "VALUE", "2026-05-05")  # type: ignore[arg-type]
    entry(root, "KPi.013").find("COMMENTS1").text = "Other reasons."  # type: ignore[union-attr]
    entry(root, "KPi.013").find("GENDER").text = "Male"  # type: ignore[union-attr]


def forget_an_amendment(root: Element) -> None:
    updated = entry(root, "KPi.013").find("LAST_DAY_UPDATED")
    assert updated is not None
    updated.remove(updated[0])


def correct_the_day_of_listing(root: Element) -> None:
    entry(root, "KPi.058").find("LISTED_ON").text = "2017-08-06"  # type: ignore[union-attr]


def drop_a_position(root: Element) -> None:
    posts = entry(root, "KPi.013").find("DESIGNATION")
    assert posts is not None
    posts.remove(posts[1])


NEWCOMER = ListedParty(
    reference_number="KPi.081",
    kind=PartyKind.INDIVIDUAL,
    name="PAK NEW MAN",
    listed_on=parse_day("2026-06-15"),
    gender=Gender.MALE,
    aliases=(ListedName("Pak New-man", None, "alias", "low"),),  # type: ignore[arg-type]
    nationalities=("KP",),
    positions=("Representative, somewhere",),
    birth_dates=("1970~",),
    birth_places=(ListedPlace("Wonsan", "KP"),),
    documents=(ListedDocument("123456789", "2020-01-02", "2025-01-02", "KP"),),
    addresses=(ListedPlace("1, A Street", "KP"),),
    amended_on=(parse_day("2026-06-20"),),
    narrative_sha256=digest(reasons_for("KPi.081")),
)


def list_a_newcomer(root: Element) -> None:
    root.findall("INDIVIDUALS")[0].append(party_element(NEWCOMER))


CHANGES: list[tuple[Change, list[tuple[str, str, str, str]]]] = [
    (delist, [("extra", "KPi.014", "", "CHOE SONG IL|")]),
    (amend_birth_date, [("differs", "KPi.027", "birth_dates", "1965-08-07|1965-08-09")]),
    (add_alias, [("missing", "KPe.024", "aliases", "|Hesong General Trading (alias)")]),
    (rename, [("differs", "KPe.031", "name", "RECONNAISSANCE GENERAL BUREAU|GENERAL BUREAU OF RECONNAISSANCE")]),
    (
        rename_with_former,
        [
            ("missing", "KPe.031", "aliases", "|RECONNAISSANCE GENERAL BUREAU (former)"),
            ("differs", "KPe.031", "name", "RECONNAISSANCE GENERAL BUREAU|GENERAL BUREAU OF RECONNAISSANCE"),
        ],
    ),
    (
        rename_with_alias,
        [
            ("missing", "KPe.031", "aliases", "|RECONNAISSANCE GENERAL BUREAU (alias)"),
            ("differs", "KPe.031", "name", "RECONNAISSANCE GENERAL BUREAU|GENERAL BUREAU OF RECONNAISSANCE"),
        ],
    ),
    (
        amend_entry,
        [
            ("missing", "KPi.013", "amended_on", "|2026-05-05"),
            ("missing", "KPi.013", "gender", "|male"),
            (
                "differs",
                "KPi.013",
                "narrative_sha256",
                "|".join(
                    hashlib.sha256(text.encode()).hexdigest() for text in (reasons_for("KPi.013"), "Other reasons.")
                ),
            ),
        ],
    ),
    (forget_an_amendment, [("extra", "KPi.013", "amended_on", "2022-07-26|")]),
    (correct_the_day_of_listing, [("differs", "KPi.058", "listed_on", "2017-08-05|2017-08-06")]),
    (
        drop_a_position,
        [("extra", "KPi.013", "positions", "Former head of the DPRK’s long-range missile program|")],
    ),
    (list_a_newcomer, [("missing", "KPi.081", "", "|PAK NEW MAN")]),
]
each_change = pytest.mark.parametrize(
    ("change", "differences"), [pytest.param(*case, id=case[0].__name__) for case in CHANGES]
)


def found_by(words: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, list[tuple[str, str, str, str]]]:
    status = main(["compare", *words, "--format", "json"])
    document = json.loads(capsys.readouterr().out)
    return status, [
        (
            one["kind"],
            one["reference_number"],
            one["field"],
            f"{one['record_value'] or ''}|{one['list_value'] or ''}",
        )
        for one in document["differences"]
        if one["explanation"] is None
    ]


def test_a_list_that_is_the_record_compares_clean(
    known: Path, list_with: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert found_by([str(list_with()), "--seed", str(known)], capsys) == (0, [])
    same_day = str(list_with(generated_on="2026-02-27"))
    assert main(["compare", same_day, "--seed", str(known), "--propose"]) == 0
    assert capsys.readouterr().out == ""


def test_a_newer_list_that_is_the_record_moves_the_coverage_alone(
    known: Path,
    list_with: Callable[..., Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    client_of: Callable[[Path], Client],
) -> None:
    words = ["compare", str(list_with()), "--seed", str(known), "--propose"]
    assert main(words) == 0
    patch = capsys.readouterr().out
    assert re.findall(r"^\+\+\+ b/seed/(.+)$", patch, re.MULTILINE) == ["sources.csv", "coverage.csv"]
    apply(patch, tmp_path)
    assert main(words) == 0
    assert capsys.readouterr().out == ""
    publish_untraced(known, tmp_path / "unlisted.db")
    client = client_of(tmp_path / "unlisted.db")
    assert client.json("/designated-parties/KPi.001")["dataset"]["covers_until"] == LATER


@each_change
def test_exactly_what_was_changed_is_found(
    known: Path,
    list_with: Callable[..., Path],
    capsys: pytest.CaptureFixture[str],
    change: Change,
    differences: list[tuple[str, str, str, str]],
) -> None:
    assert found_by([str(list_with(change)), "--seed", str(known)], capsys) == (1, differences)


@each_change
def test_what_is_proposed_makes_the_record_agree(
    known: Path,
    list_with: Callable[..., Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    change: Change,
    differences: list[tuple[str, str, str, str]],
) -> None:
    file = list_with(change)
    words = ["compare", str(file), "--seed", str(known)]
    assert main([*words, "--propose"]) == 1
    patch = capsys.readouterr().out
    apply(patch, tmp_path)
    assert found_by([str(file), "--seed", str(known)], capsys) == (0, [])
    added = [line for line in patch.splitlines() if line.startswith("+") and not line.startswith("+++")]
    assert any(line.startswith(f"+un-xml-{LATER},official_data,") for line in added)
    if any(kind != "extra" or field != "amended_on" for kind, _, field, _ in differences):
        assert any(f",un-xml-{LATER},REFERENCE_NUMBER {differences[0][1]}," in line for line in added)


def test_all_that_is_proposed_at_once_can_be_published(
    known: Path, list_with: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each change, but of the three that rename one party only one, and of the two of one amendment only one."""

    def change(root: Element) -> None:
        for one, _ in CHANGES:
            if one not in (rename, rename_with_alias, forget_an_amendment):
                one(root)

    round_of(list_with(change), known, tmp_path, capsys)
    publish_untraced(known, tmp_path / "unlisted.db")


def apply(patch: str, folder: Path) -> None:
    """Apply a patch to the folder that holds seed/, as a reviewer would."""
    subprocess.run(["git", "apply", "-p1", "--unsafe-paths", "-"], input=patch.encode(), cwd=folder, check=True)


def test_what_is_proposed_touches_nothing_else(
    known: Path, list_with: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    main(["compare", str(list_with(amend_birth_date)), "--seed", str(known), "--propose"])
    patch = capsys.readouterr().out
    assert re.findall(r"^\+\+\+ b/seed/(.+)$", patch, re.MULTILINE) == [
        "sources.csv",
        "birth_dates.csv",
        "coverage.csv",
        "citations.csv",
    ]
    changed = [line for line in patch.splitlines() if re.match(r"[+-](?![+-])", line)]
    assert len(changed) == 10, "a source; the old date, ended; the new date; the citation of each; coverage, twice"
    assert "-KPi.027-b1,KPi.027,1965-08-07,,un_list,,," in changed
    assert f"+KPi.027-b1,KPi.027,1965-08-07,,un_list,,2026-02-28/{LATER}," in changed
    assert f"+KPi.027-b2,KPi.027,1965-08-09,,un_list,2026-02-28/{LATER},," in changed


def test_a_delisting_keeps_the_past(
    known: Path,
    list_with: Callable[..., Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    client_of: Callable[[Path], Client],
) -> None:
    main(["compare", str(list_with(delist)), "--seed", str(known), "--propose"])
    apply(capsys.readouterr().out, tmp_path)
    publish_untraced(known, tmp_path / "unlisted.db")
    client = client_of(tmp_path / "unlisted.db")
    assert client.json("/designated-parties/KPi.014?as_of=2026-06-29")["listed"] is True
    assert client.json("/designated-parties/KPi.014?as_of=2026-06-30")["listed"] is False
    listing = client.json("/listings/L0027")
    assert listing["delisted_by"] is None
    assert "delisted_by" in listing["not_known"]


def test_known_differences_are_counted_apart(
    known: Path, list_with: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    with (known / "explained_differences.csv").open("a", encoding="utf-8") as file:
        file.write("KPe.024-1,KPe.024,aliases,,Hesong General Trading (alias),Under review.\n")
    file_with_alias = list_with(add_alias)
    assert main(["compare", str(file_with_alias), "--seed", str(known)]) == 0
    told = capsys.readouterr().out
    assert "known:  Under review." in told
    assert "0 unexplained differences, 1 explained." in told


def test_formats(known: Path, list_with: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    file = str(list_with(add_alias))
    assert main(["compare", file, "--seed", str(known), "--format", "csv"]) == 1
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert (row["kind"], row["record_value"], row["list_value"]) == ("missing", "", "Hesong General Trading (alias)")
    assert main(["compare", file, "--seed", str(known)]) == 1
    assert "missing KPe.024  aliases\n        record: —\n" in capsys.readouterr().out


def test_a_list_that_lost_a_tenth_is_not_believed(
    known: Path, list_with: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    def lose(root: Element) -> None:
        for number in range(1, 21):
            remove(root, f"KPi.{number:03}")

    words = ["compare", str(list_with(lose)), "--seed", str(known)]
    assert main(words) == 2
    assert "say --force" in capsys.readouterr().err
    assert main([*words, "--force"]) == 1
    lost = sum(row["id"] <= "KPi.020" for row in rows_of(known, "designated_parties") if row["kind"] == "individual")
    assert lost > 1
    assert f"{lost} unexplained differences" in capsys.readouterr().out


def test_files_that_cannot_be_read(tmp_path: Path, seed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = tmp_path / "empty.xml"
    empty.touch()
    for path in (empty, tmp_path / "none.xml"):
        assert main(["compare", str(path), "--seed", str(seed)]) == 2
        assert capsys.readouterr().err.startswith("Not compared: ")


def test_a_record_with_faults_is_not_compared(
    known: Path, list_with: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(list_with())
    edit(known, "vessels", lambda rows: rows[0].update(imo_number="1"))
    assert main(["compare", file, "--seed", str(known)]) == 2
    assert "vessels.csv, line 2, column imo_number" in capsys.readouterr().err


def round_of(file: Path, known: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Compare, apply what is proposed, and see that the record then is without fault and agrees."""
    assert main(["compare", str(file), "--seed", str(known), "--propose"]) == 1
    apply(capsys.readouterr().out, folder)
    assert found_by([str(file), "--seed", str(known)], capsys) == (0, [])


def all_names_of(client: Client, number: str) -> list[str]:
    return [name["name"] for name in client.json(f"/designated-parties/{number}")["names"]]


def test_an_old_name_kept_as_former_stands_once(
    known: Path,
    list_with: Callable[..., Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    client_of: Callable[[Path], Client],
) -> None:
    round_of(list_with(rename_with_former), known, tmp_path, capsys)
    publish_untraced(known, tmp_path / "unlisted.db")
    assert all_names_of(client_of(tmp_path / "unlisted.db"), "KPe.031").count("RECONNAISSANCE GENERAL BUREAU") == 1


@pytest.mark.parametrize("restored", [True, False])
def test_a_party_that_is_listed_again_with_other_details(
    known: Path, list_with: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], restored: bool
) -> None:
    before = parties_of_record(checked_seed(known), parse_day(LATER))
    round_of(list_with(delist), known, tmp_path, capsys)

    def again(root: Element) -> None:
        element = party_element(before["KPi.014"])
        if not restored:
            element.find("LISTED_ON").text = "2026-07-15"  # type: ignore[union-attr]
        put(put(element, "INDIVIDUAL_ALIAS"), "ALIAS_NAME", "Choe Song-il")
        root.findall("INDIVIDUALS")[0].append(element)

    round_of(list_with(again, "2026-08-01"), known, tmp_path, capsys)
    stays = [row for row in rows_of(known, "listings") if row["subject_id"] == "KPi.014"]
    assert [row["delisted_on"] for row in stays if row["listed_on"] == "2016-03-02"] == ["" if restored else LATER] * 2
    assert len(stays) == (2 if restored else 3)


def test_a_second_change_by_a_list_of_the_same_day(
    known: Path, list_with: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    round_of(list_with(amend_birth_date), known, tmp_path, capsys)

    def amend_again(root: Element) -> None:
        entry(root, "KPi.027").find("INDIVIDUAL_DATE_OF_BIRTH").find("DATE").text = "1965-08-10"  # type: ignore[union-attr]

    round_of(list_with(amend_again), known, tmp_path, capsys)
    dates = [row for row in rows_of(known, "birth_dates") if row["subject_id"] == "KPi.027"]
    assert [(row["born_on"], row["on_list_since"], row["on_list_until"]) for row in dates] == [
        ("1965-08-07", "", f"2026-02-28/{LATER}"),
        ("1965-08-10", f"2026-02-28/{LATER}", ""),
    ]
    sources = [row["key"] for row in rows_of(known, "sources")]
    assert sources.count(f"un-xml-{LATER}") == 1


def test_a_list_of_a_day_that_the_record_has_is_that_source(
    known: Path, list_with: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    round_of(list_with(add_alias, "2026-02-27"), known, tmp_path, capsys)
    assert "un-xml-2026-02-27" not in (known / "citations.csv").read_text(encoding="utf-8")


def test_an_explanation_holds_beside_other_changes_and_is_told_when_outdated(
    known: Path, list_with: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    with (known / "explained_differences.csv").open("a", encoding="utf-8") as file:
        file.write(
            "KPe.021-1,KPe.021,aliases,SECOND ACADEMY OF NATURAL SCIENCES (alias),SANS (KPE.018) (alias),Ours.\n"
        )

    def number_within_and_another(root: Element) -> None:
        element = entry(root, "KPe.021")
        element.findall("ENTITY_ALIAS/ALIAS_NAME")[1].text = "SANS (KPE.018)"
        put(put(element, "ENTITY_ALIAS"), "ALIAS_NAME", "Academy, the other")

    words = ["compare", str(list_with(number_within_and_another)), "--seed", str(known)]
    assert main(words) == 1
    assert "1 unexplained differences, 1 explained." in capsys.readouterr().out
    assert main(["compare", str(list_with()), "--seed", str(known)]) == 0
    assert "outdated explanation: KPe.021  aliases" in capsys.readouterr().out
