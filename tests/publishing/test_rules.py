"""Rules across rows, each on a few rows in memory: what is at fault, and the neighbouring case that is not."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import SQLModel

from app.publishing import rules
from app.publishing.batch_reader import BatchReader, table_of
from app.publishing.seed import Faults
from app.tables import (
    Act,
    Citation,
    CommitteeDecision,
    Coverage,
    DelistingRequest,
    DelistingRequestSubject,
    DesignatedParty,
    Flag,
    Listing,
    Measure,
    MeasureCap,
    Resolution,
    Source,
    StatementRecord,
    Vessel,
)
from tests.in_memory import tables_with

MARCH_1, MARCH_2, MARCH_3 = date(2016, 3, 1), date(2016, 3, 2), date(2016, 3, 3)


class NotedFaults(Faults):
    """Faults as they are noted, without the files that they are in."""

    def __init__(self) -> None:
        super().__init__(Path())
        self.noted: list[tuple[str, str]] = []

    def of(self, row: SQLModel, column: str, message: str) -> None:
        self.noted.append((f"{table_of(row).__tablename__}.{column}", message))


@pytest.fixture
def reader_of() -> Iterator[Callable[..., BatchReader]]:
    """Gives readers of databases in memory that hold some rows."""
    with ExitStack() as opened:
        yield lambda *rows: BatchReader(opened.enter_context(tables_with(*rows)))


@pytest.fixture
def faults_of(reader_of: Callable[..., BatchReader]) -> Callable[..., list[str]]:
    """Gives the columns at fault that a rule finds in some rows."""

    def check(rule: Callable[[BatchReader, Faults], Any], *rows: SQLModel) -> list[str]:
        faults = NotedFaults()
        rule(reader_of(*rows), faults)
        assert all(message for _, message in faults.noted)
        return sorted(column for column, _ in faults.noted)

    return check


def filled(table: type[SQLModel], /, **values: Any) -> Any:
    """Make a row; every column that is not given is empty, or a text where it has to have one."""
    columns = SQLModel.metadata.tables[str(table.__tablename__)].columns
    blank = {column.name: None if column.nullable else "x" for column in columns if not column.info.get("derived")}
    return table(**(blank | values))


def resolution(**values: Any) -> Any:
    usual = {"id": "2270", "number": 2270, "outcome": "adopted", "voted_on": MARCH_2}
    return filled(Resolution, **(usual | values))


def measure(**values: Any) -> Any:
    return filled(Measure, **({"id": "m", "resolution_id": "2270", "category": "arms", "starts_on": MARCH_2} | values))


def listing(**values: Any) -> Any:
    usual = {"id": "L1", "subject_id": "s", "measure": "asset_freeze", "listed_on": MARCH_2, "listed_by": "2270"}
    return filled(Listing, **(usual | values))


def act(id: str = "2270", acted_on: date = MARCH_2) -> Act:
    return Act(id=id, kind="resolution", number=None, title="", acted_on=acted_on)


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({}, []),
        ({"votes_for": 15, "votes_against": 0, "abstentions": 0}, []),
        ({"votes_for": 13, "votes_against": 2, "abstentions": 1}, ["resolution.votes_for"]),
        ({"votes_for": 15}, []),
        ({"votes_for": 15, "abstentions": 1}, ["resolution.votes_for"]),
        ({"outcome": "vetoed"}, ["resolution.number"]),
        ({"number": None}, ["resolution.number"]),
        ({"number": None, "outcome": "vetoed", "id": "S-2016-1"}, []),
        ({"number": 2271}, ["resolution.id"]),
    ],
)
def test_an_adopted_resolution_has_a_number_and_no_more_than_fifteen_votes(
    faults_of: Any, values: dict[str, Any], found: list[str]
) -> None:
    assert faults_of(rules.resolutions, resolution(**values)) == found


@pytest.mark.parametrize(
    ("row", "found"),
    [
        (measure(), []),
        (measure(starts_on=MARCH_1), ["measure.starts_on"]),
        (measure(starts_on=MARCH_3), []),
        (measure(ends_on=MARCH_2), ["measure.ends_on"]),
        (measure(ends_on=MARCH_3), []),
        (measure(resolution_id="unknown", starts_on=MARCH_1), []),
        (listing(), []),
        (listing(listed_on=MARCH_1), ["listing.listed_on"]),
        (listing(delisted_on=MARCH_3), []),
        (listing(delisted_on=MARCH_3, delisted_by="2270"), []),
        (listing(delisted_by="2270"), ["listing.delisted_on"]),
        (listing(delisted_on=MARCH_3, delisted_by="later"), ["listing.delisted_on"]),
    ],
)
def test_nothing_ends_before_it_begins_or_begins_before_its_act(
    faults_of: Any, row: SQLModel, found: list[str]
) -> None:
    later = act("later", date(2016, 3, 4))
    assert faults_of(rules.intervals, row, act(), later) == found


@pytest.mark.parametrize(
    ("values", "ends_on", "found"),
    [
        ({}, None, []),
        ({"from_on": MARCH_1}, None, ["measure_cap.from_on"]),
        ({"from_on": MARCH_3}, None, []),
        ({}, MARCH_3, ["measure_cap.until_on"]),
        ({"until_on": MARCH_3}, MARCH_3, []),
        ({"until_on": date(2016, 3, 4)}, MARCH_3, ["measure_cap.until_on"]),
        ({"until_on": date(2016, 3, 4)}, None, []),
    ],
)
def test_a_cap_is_within_the_days_of_its_measure(
    faults_of: Any, values: dict[str, Any], ends_on: date | None, found: list[str]
) -> None:
    cap = filled(MeasureCap, **({"id": "c", "measure_id": "m", "from_on": MARCH_2} | values))
    assert faults_of(rules.caps, cap, measure(ends_on=ends_on)) == found


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({}, []),
        ({"outcome": "pending"}, ["delisting_request.decided_on"]),
        ({"outcome": "pending", "decided_on": None, "decided_by": None}, []),
        (
            {"decided_on": None, "decided_by": None},
            ["delisting_request.decided_on", "delisting_request_subject.subject_id"],
        ),
        ({"decided_by": None, "outcome": "refused"}, ["delisting_request.decided_by"]),
        ({"decided_on": MARCH_1}, ["delisting_request.decided_on"]),
        ({"requested_on": "2016-03-02"}, []),
        ({"requested_on": "2016-03"}, []),
        ({"requested_on": "2016-03-03"}, ["delisting_request.requested_on"]),
        ({"requested_on": "../2016-03-03"}, []),
        ({"decided_by": "other", "outcome": "refused"}, []),
        ({"decided_by": "other"}, ["delisting_request_subject.subject_id"]),
    ],
)
def test_a_request_is_decided_or_pending_and_what_was_granted_was_done(
    faults_of: Any, values: dict[str, Any], found: list[str]
) -> None:
    usual = {"id": "r", "outcome": "granted", "decided_on": MARCH_2, "decided_by": "committee"}
    about = DelistingRequestSubject(id="rs", request_id="r", subject_id="s")
    stay = listing(listed_on=MARCH_1, delisted_on=MARCH_2, delisted_by="committee")
    request = filled(DelistingRequest, **(usual | values))
    assert faults_of(rules.requests, request, about, stay, act("committee"), act("other")) == found


def test_a_request_is_about_a_subject_once(faults_of: Any) -> None:
    request = filled(DelistingRequest, id="r", outcome="pending")
    about = [DelistingRequestSubject(id=id, request_id="r", subject_id="s") for id in "ab"]
    assert faults_of(rules.requests, request, *about) == ["delisting_request_subject.subject_id"]


@pytest.mark.parametrize(
    ("row", "found"),
    [
        (filled(DesignatedParty, id="KPi.001", kind="individual"), []),
        (filled(DesignatedParty, id="KPi.001", kind="entity"), ["designated_party.kind"]),
        (filled(DesignatedParty, id="KPe.001", kind="individual"), ["designated_party.kind"]),
        (filled(Vessel, id="9163166", imo_number="9163166"), []),
        (filled(Vessel, id="9163154", imo_number="9163166"), ["vessel.id"]),
        (filled(Vessel, id="a-ship"), []),
        (filled(CommitteeDecision, id="committee-2016-03-02", decided_on=MARCH_2), []),
        (filled(CommitteeDecision, id="committee-2016-03-03", decided_on=MARCH_2), ["committee_decision.id"]),
    ],
)
def test_an_id_agrees_with_its_row(faults_of: Any, row: SQLModel, found: list[str]) -> None:
    assert faults_of(rules.ids_tell_the_kind, row) == found


def test_a_reference_leads_to_a_row_of_the_right_kind(faults_of: Any) -> None:
    assert faults_of(rules.references, filled(Flag, id="f", vessel_id="9163166", country="KP", given_on="2016")) == [
        "flag.vessel_id"
    ]

    def ship() -> Any:
        return filled(Vessel, id="9163166", imo_number="9163166")

    flag = filled(Flag, id="f", vessel_id="9163166", country="KP", given_on="2016")
    assert faults_of(rules.references, ship(), flag) == []
    assert faults_of(rules.references, ship(), listing(subject_id="9163166"), resolution()) == []
    assert faults_of(rules.references, ship(), listing(subject_id="9163166", delisted_by="other"), resolution()) == [
        "listing.delisted_by"
    ]
    for resource, id, found in [
        ("vessels", "9163166", []),
        ("resolutions", "9163166", ["statement_record.record_id"]),
        ("ships", "9163166", ["statement_record.resource"]),
    ]:
        mention = StatementRecord(id="r", statement_id="A1", resource=resource, record_id=id)
        columns = [
            column
            for column in faults_of(rules.references, ship(), mention)
            if column != "statement_record.statement_id"
        ]
        assert columns == found


def test_only_kinds_that_are_counted_are_covered(faults_of: Any) -> None:
    covered = {"kind": "x", "covers_until": MARCH_2, "source": "s"}
    for resource in rules.COVERED:
        assert faults_of(rules.coverage, filled(Coverage, resource=resource, **covered)) == []
    assert faults_of(rules.coverage, filled(Coverage, resource="designated-parties", **covered)) == [
        "coverage.resource"
    ]


def source(key: str, publisher: str) -> Any:
    return filled(
        Source, key=key, publisher=publisher, kind="official_text", form="original", folded="", folded_publisher=""
    )


def citation(source: str, fields: str, row: str = "KPe.001", table: str = "designated_parties") -> Citation:
    given = {"table": table, "row": row, "source": source, "fields": fields}
    cited: Citation = filled(Citation, id=" ".join(given.values()), **given)
    return cited


BANK = {"id": "KPe.001", "kind": "entity", "swift_code": "DCBKKPPY"}


@pytest.mark.parametrize(
    ("citations", "support", "found"),
    [
        ([citation("un", "kind swift_code")], (2, 2, 0), []),
        ([citation("un", "kind swift_code"), citation("un-press", "kind")], (2, 2, 0), []),
        ([citation("un", "kind swift_code"), citation("reuters", "kind")], (2, 2, 1), []),
        ([citation("reuters", "kind swift_code"), citation("copy", "swift_code")], (2, 2, 0), []),
        ([citation("un", "kind")], (2, 1, 0), ["designated_party.swift_code"]),
        ([citation("un", "kind swift_code note")], (2, 2, 0), ["citation.fields"]),
        ([citation("un", "kind swift_code colour")], (2, 2, 0), ["citation.fields"]),
        ([citation("un", "kind swift_code id")], (2, 2, 0), ["citation.fields"]),
        (
            [citation("un", "kind swift_code"), citation("un", "note", row="x")],
            (2, 2, 0),
            ["citation.row"],
        ),
        (
            [citation("un", "kind swift_code"), citation("un", "title", row="un", table="sources")],
            (2, 2, 0),
            ["citation.row"],
        ),
    ],
)
def test_every_value_is_cited_and_offices_of_one_body_are_one_origin(
    reader_of: Any, citations: list[Citation], support: tuple[int, int, int], found: list[str]
) -> None:
    sources = [
        source("un", "United Nations Security Council"),
        source("un-press", "United Nations Press"),
        source("reuters", "Reuters"),
        source("copy", "Reuters (copy kept by a library)"),
    ]
    faults = NotedFaults()
    copies = [Citation(**one.model_dump()) for one in citations]
    total = rules.citations(reader_of(filled(DesignatedParty, **BANK), *sources, *copies), faults).total
    assert (total.values, total.cited, total.twice_cited) == support
    assert [column for column, _ in faults.noted] == found


@pytest.mark.parametrize("remembered", [1, 2, 4096])
def test_rows_that_are_cited_alike_count_each_and_are_at_fault_each(
    reader_of: Any, monkeypatch: pytest.MonkeyPatch, remembered: int
) -> None:
    monkeypatch.setattr(rules, "MOST_PATTERNS", remembered)
    fields = ["kind swift_code", "kind", "kind swift_code note"] * 3
    parties = [filled(DesignatedParty, **BANK | {"id": f"KPe.{place:03}"}) for place in range(len(fields))]
    cited = [citation("un", named, row=party.id) for party, named in zip(parties, fields, strict=True)]
    faults = NotedFaults()
    support = rules.citations(reader_of(*parties, source("un", "United Nations"), *cited), faults)
    counts = support.kinds["designated_parties"]
    assert (counts.values, counts.cited, counts.one_origin, support.core.values) == (18, 15, 15, 0)
    assert sorted(column for column, _ in faults.noted) == [
        *["citation.fields"] * 3,
        *["designated_party.swift_code"] * 3,
    ]


def test_support_of_rows_that_are_cited_alike_counts_for_the_core(reader_of: Any) -> None:
    listings = [
        filled(Listing, id=f"L{place}", subject_id="x", measure="asset_freeze", listed_on=MARCH_1, listed_by="2270")
        for place in range(5)
    ]
    cited = [citation("un", "measure listed_on listed_by", row=one.id, table="listings") for one in listings]
    support = rules.citations(reader_of(*listings, source("un", "United Nations"), *cited), NotedFaults())
    assert (support.core.values, support.core.one_origin, support.total.values) == (10, 10, 15)
