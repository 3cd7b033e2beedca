"""The rules of relations, particulars, identifiers of other lists and languages of names."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from sqlmodel import SQLModel

from app.publishing import rules
from app.publishing.batch_reader import BatchReader
from app.publishing.loading import with_derived_columns
from app.tables import DesignatedParty, ExternalIdentifier, Name, Position, Relation, Vessel, VesselParticular
from tests.in_memory import tables_with
from tests.publishing.test_rules import NotedFaults, filled

SHIP, OTHER_SHIP = "9163166", "9163154"


@pytest.fixture
def faults_of() -> Iterator[Callable[..., list[str]]]:
    """Gives the columns at fault that a rule finds in some rows, beside two ships and two entities."""
    with ExitStack() as opened:

        def check(rule: Any, *rows: SQLModel) -> list[str]:
            subjects = [filled(Vessel, id=id, imo_number=id) for id in (SHIP, OTHER_SHIP)]
            subjects += [filled(DesignatedParty, id=id, kind="entity") for id in ("KPe.001", "KPe.020")]
            faults = NotedFaults()
            rule(BatchReader(opened.enter_context(tables_with(*subjects, *rows))), faults)
            return sorted(column for column, _ in faults.noted)

        yield check


def derived(table: Any, **values: Any) -> Any:
    columns = SQLModel.metadata.tables[str(table.__tablename__)].columns
    blank = {column.name: None if column.nullable else "x" for column in columns if not column.info.get("derived")}
    return table(**with_derived_columns(table, 0, blank | values))


def relation(**values: Any) -> Any:
    usual = {"id": "rel-1", "kind": "owner", "from_id": "KPe.020", "to_id": SHIP}
    return derived(Relation, **(usual | values))


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ({}, []),
        ({"from_id": None, "from_name": "A firm"}, []),
        ({"from_name": "A firm"}, ["relation.from_id"]),
        ({"to_id": None}, ["relation.to_id"]),
        ({"from_id": None, "from_name": "A", "to_id": None, "to_name": "B"}, ["relation.from_id"]),
        ({"to_id": "KPe.020"}, ["relation.to_id"]),
        ({"kind": "same_hull"}, ["relation.kind"]),
        ({"kind": "same_hull", "from_id": OTHER_SHIP}, []),
        ({"from_id": OTHER_SHIP}, ["relation.from_id"]),
        ({"on_since": "2016-03-02/.."}, ["relation.on_since"]),
        ({"on_until": "../2016"}, ["relation.on_until"]),
        ({"on_since": "2016-03-02", "on_until": "2016-03-02"}, ["relation.on_until"]),
        ({"on_since": "2016-03-02", "on_until": "2016"}, ["relation.on_until"]),
        ({"on_since": "../2016-03-02", "on_until": "2016-03-21"}, []),
    ],
)
def test_a_relation_has_two_ends_and_days_in_order(faults_of: Any, row: dict[str, Any], found: list[str]) -> None:
    assert faults_of(rules.relations, relation(**row)) == found


@pytest.mark.parametrize(
    ("first", "second", "is_twice"),
    [
        ({}, {}, True),
        ({}, {"kind": "manager"}, False),
        ({"on_until": "2016-03-02"}, {"on_since": "2016-03-02"}, False),
        ({"on_since": "2015", "on_until": "2016-03-02"}, {"on_since": "2016-03-01"}, True),
        ({"to_id": None, "to_name": "A"}, {"to_id": None, "to_name": "A"}, True),
        ({"to_id": None, "to_name": "A"}, {"to_id": None, "to_name": "B"}, False),
    ],
)
def test_a_relation_is_given_once_for_a_day(faults_of: Any, first: Any, second: Any, is_twice: bool) -> None:
    rows = relation(**first), relation(**{"id": "rel-2", **second})
    assert faults_of(rules.relations, *rows) == (["relation.on_since"] if is_twice else [])


def test_a_post_with_an_organisation_goes_with_a_relation(faults_of: Any) -> None:
    about = {"position": "Director", "given_by": "un_list", "organisation_id": "KPe.001"}
    post = derived(Position, id="KPi.001-p1", subject_id="KPi.001", **about)
    assert faults_of(rules.relations, post) == ["position.organisation_id"]
    assert faults_of(rules.relations, post, relation(from_id="KPi.001", to_id="KPe.001", kind="director")) == []


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("mmsi", "445539000", "44553900"),
        ("call_sign", "HMYX8", "hmyx 8"),
        ("gross_tonnage", "6558", "6,558"),
        ("deadweight_tonnage", "12850", "0"),
        ("year_built", "1985", "85"),
        ("vessel_type", "oil tanker", None),
    ],
)
def test_a_particular_has_the_form_of_its_kind(faults_of: Any, kind: str, good: str, bad: str | None) -> None:
    row = {"id": "9163166-p1", "vessel_id": SHIP, "kind": kind}
    assert faults_of(rules.particulars, derived(VesselParticular, **row, value=good)) == []
    if bad is not None:
        assert faults_of(rules.particulars, derived(VesselParticular, **row, value=bad)) == ["vessel_particular.value"]


def test_a_particular_is_given_once_for_a_day(faults_of: Any) -> None:
    first = derived(VesselParticular, id="a", vessel_id=SHIP, kind="mmsi", value="445539000", on_since="../2018")
    again = derived(VesselParticular, id="b", vessel_id=SHIP, kind="mmsi", value="445539000", on_since="../2019")
    other = derived(VesselParticular, id="b", vessel_id=SHIP, kind="mmsi", value="445539001", on_since="../2019")
    assert faults_of(rules.particulars, first, again) == ["vessel_particular.on_since"]
    assert faults_of(rules.particulars, first, other) == []


def identifier(id: str, value: str | None, scheme: str = "ofac-sdn") -> Any:
    return filled(ExternalIdentifier, id=id, subject_id=SHIP, scheme=scheme, value=value)


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([("a", "19577", "ofac-sdn"), ("b", "19578", "ofac-sdn")], []),
        ([("a", "19577", "ofac-sdn"), ("b", "19577", "ofac-sdn")], ["external_identifier.value"] * 2),
        ([("a", "19577", "ofac-sdn"), ("b", None, "ofac-sdn")], ["external_identifier.value"]),
        ([("a", "19577", "ofac-sdn"), ("b", None, "eu")], []),
        ([("a", "ent 19577", "ofac-sdn")], ["external_identifier.value"]),
        ([("a", "q42", "wikidata")], ["external_identifier.value"]),
        ([("a", "Q42", "wikidata"), ("b", "13143", "uk-ofsi"), ("c", "DPR0001", "uk-ofsi")], []),
    ],
)
def test_an_identifier_has_its_form_and_is_given_once(faults_of: Any, rows: list[Any], found: list[str]) -> None:
    assert faults_of(rules.identifiers, *(identifier(*row) for row in rows)) == found


@pytest.mark.parametrize(
    ("name", "script", "lang", "found"),
    [
        ("Pak Chun Il", "朴春日", None, ["name.lang"]),
        ("Pak Chun Il", "朴春日", "ko-Hani", []),
        ("朴春日", None, None, ["name.lang"]),
        ("박춘일", None, None, []),
        ("박춘일", None, "zh-Hans", ["name.lang"]),
        ("Pak Chun Il", None, None, []),
    ],
)
def test_han_characters_alone_need_a_language(
    faults_of: Any, name: str, script: str | None, lang: str | None, found: list[str]
) -> None:
    about = {"kind": "alias", "given_by": "un_list", "original_script": script, "lang": lang}
    row = filled(Name, id="n1", subject_id="KPi.029", name=name, **about)
    assert faults_of(rules.languages, row) == found
