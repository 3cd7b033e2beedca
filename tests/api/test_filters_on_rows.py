"""Filters on an empty database in memory: each word of a query model selects what it says, and nothing else."""

from datetime import date, timedelta
from typing import Annotated, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from sqlmodel import Session, col, select

from app.api.filters import (
    ActIs,
    Contains,
    Equals,
    From,
    SubjectIs,
    Until,
    Where,
    active_filters,
    conditions_of,
    first_and_end,
    listed_in_period,
    listed_on_day,
)
from app.fields.dates import Period, day_after
from app.fields.text import fold
from app.tables import Act, Flag, Listing, Subject
from app.vocabularies import SubjectKind
from tests.in_memory import tables_with

DAY_ZERO = date(2016, 1, 1)


class ShipQuery(BaseModel):
    """What these tests ask of ships; each word of app/api/filters.py once or more."""

    name: Annotated[str | None, Contains(Subject.folded_name)] = None
    kind: Annotated[list[str] | None, Equals(Subject.kind)] = None
    flag: Annotated[list[str] | None, Equals(Flag.country, via=Flag.vessel_id)] = None
    subject: Annotated[list[str] | None, SubjectIs(Subject.id)] = None
    measure: Annotated[list[str] | None, Equals(Listing.measure, via=Listing.subject_id)] = None
    listed_from: Annotated[date | None, From(Listing.listed_on, via=Listing.subject_id)] = None
    listed_until: Annotated[date | None, Until(Listing.listed_on, via=Listing.subject_id)] = None
    during: Annotated[Period | None, Where(listed_in_period, first_and_end)] = None
    designated_by: Annotated[list[str] | None, ActIs(Listing.listed_by, via=Listing.subject_id)] = None
    listed: Annotated[bool | None, Where(listed_on_day)] = None


def found(session: Session, day: date = DAY_ZERO, **given: Any) -> list[str]:
    """Return the ids of the subjects that a query finds on a day."""
    active = active_filters(ShipQuery(**given))
    clause = conditions_of(ShipQuery, active.cache_key, Subject.id).clause()
    ids = session.execute(
        select(Subject.id).where(clause).order_by(col(Subject.id)),
        active.values | {"day": day, "day_after": day_after(day)},
    )
    return list(ids.scalars())


def subject(id: str, name: str = "a ship", kind: SubjectKind = SubjectKind.VESSEL) -> Subject:
    return Subject(id=id, kind=kind, name=name, folded_name=name, first_listed_on=DAY_ZERO)


def on_list(id: str, subject_id: str, listed_on: date, delisted_on: date | None = None, **more: Any) -> Listing:
    values = {"measure": "asset_freeze", "listed_by": "2270"} | more
    return Listing(id=id, subject_id=subject_id, listed_on=listed_on, delisted_on=delisted_on, **values)


@pytest.mark.parametrize(
    ("part", "ids"),
    [
        ("jin", ["a", "b"]),
        ("JÌN", ["a", "b"]),
        ("jin teng", ["a"]),
        ("100%", ["c"]),
        ("10%sea", []),
        ("a_b", ["d"]),
        ("a%b", ["d"]),
        ("m/v x", ["e"]),
        ("jinteng", []),
    ],
)
def test_a_part_of_a_name_is_found_as_it_is_written(part: str, ids: list[str]) -> None:
    """Case, accents and punctuation do not count; a sign that SQL gives a meaning is no wildcard."""
    names = {"a": "jin teng", "b": "jin tai", "c": fold("100% sea"), "d": fold("a_b"), "e": fold("M/V X")}
    with tables_with(*(subject(id, name) for id, name in names.items())) as session:
        assert found(session, name=part) == ids


def test_no_filter_selects_everything() -> None:
    with tables_with(subject("a"), subject("b", kind=SubjectKind.ENTITY)) as session:
        assert found(session) == ["a", "b"]


def test_a_repeated_value_means_or_and_two_filters_mean_and() -> None:
    kinds = (SubjectKind.VESSEL, SubjectKind.ENTITY, SubjectKind.INDIVIDUAL)
    rows = [subject(id, kind=kind) for id, kind in zip("abc", kinds, strict=True)]
    flags = [
        Flag(id=f"f{id}", vessel_id=id, country=country, given_on="2016") for id, country in (("a", "KP"), ("b", "KH"))
    ]
    with tables_with(*rows, *flags) as session:
        assert found(session, kind=["vessel", "individual"]) == ["a", "c"]
        assert found(session, flag=["KP", "KH", "XX"]) == ["a", "b"]
        assert found(session, flag=["KP", "KH"], kind=["entity"]) == ["b"]
        assert found(session, subject=["a", "c", "nobody"]) == ["a", "c"]
        assert found(session, subject=["nobody"]) == []


def test_filters_of_one_table_are_about_one_of_its_rows() -> None:
    """Listed in January and again in May: neither stay began in March, though one began before and one after."""
    january, march, may = date(2016, 1, 5), date(2016, 3, 1), date(2016, 5, 5)
    rows = [subject("a"), on_list("1", "a", january, march), on_list("2", "a", may, measure="travel_ban")]
    with tables_with(*rows) as session:
        assert found(session, listed_from=january, listed_until=january) == ["a"]
        assert found(session, listed_from=date(2016, 2, 1), listed_until=date(2016, 4, 1)) == []
        assert found(session, measure=["travel_ban"], listed_until=march) == []
        assert found(session, measure=["travel_ban"], listed_from=march) == ["a"]


@pytest.mark.parametrize(
    ("name", "ids"), [("2270", ["a"]), ("2016-03-02", ["a"]), ("2321", ["b"]), ("committee-2016-12-17", ["c"])]
)
def test_an_act_is_named_by_its_id_or_its_day(name: str, ids: list[str]) -> None:
    acts = {"2270": date(2016, 3, 2), "2321": date(2016, 11, 30), "committee-2016-12-17": date(2016, 12, 17)}
    rows = [Act(id=id, kind="resolution", number=None, title=id, acted_on=day) for id, day in acts.items()]
    stays = [on_list(id, id, DAY_ZERO, listed_by=act) for id, act in zip("abc", acts, strict=True)]
    with tables_with(*rows, *map(subject, "abc"), *stays) as session:
        assert found(session, designated_by=[name]) == ids
        assert found(session, designated_by=[name, "2321"]) == sorted({*ids, "b"})


offsets = st.integers(0, 9)
stays = st.lists(st.tuples(st.sampled_from("abc"), offsets, st.none() | st.integers(1, 5)), max_size=5)


@settings(max_examples=60)
@given(stays=stays, asked=offsets, first=offsets, length=st.integers(1, 4))
@example(stays=[("a", 2, 3)], asked=2, first=5, length=1)
@example(stays=[("a", 2, 3)], asked=5, first=0, length=2)
@example(stays=[("a", 2, None)], asked=1, first=2, length=1)
def test_days_of_stays_are_half_open(
    stays: list[tuple[str, int, int | None]], asked: int, first: int, length: int
) -> None:
    """On the list from the first day until the day before the last; compared with the same said in Python."""
    listings = [
        on_list(
            str(number), id, DAY_ZERO + timedelta(begin), None if days is None else DAY_ZERO + timedelta(begin + days)
        )
        for number, (id, begin, days) in enumerate(stays)
    ]
    day = DAY_ZERO + timedelta(asked)
    period = Period(DAY_ZERO + timedelta(first), DAY_ZERO + timedelta(first + length))

    def among(kept: Any) -> list[str]:
        return sorted({one.subject_id for one in listings if kept(one)})

    def days_of(one: Listing) -> set[date]:
        end = one.delisted_on or DAY_ZERO + timedelta(99)
        return {one.listed_on + timedelta(offset) for offset in range((end - one.listed_on).days)}

    of_period = {period.first + timedelta(offset) for offset in range(length)}
    expected_on = among(lambda one: day in days_of(one))
    expected_during = among(lambda one: days_of(one) & of_period)
    expected_from = among(lambda one: one.listed_on >= day)
    expected_until = among(lambda one: one.listed_on <= day)
    with tables_with(*map(subject, "abc"), *listings) as session:
        assert found(session, day, listed=True) == expected_on
        assert found(session, day, listed=False) == sorted(set("abc") - set(expected_on))
        assert found(session, day, during=period) == expected_during
        assert found(session, day, listed_from=day) == expected_from
        assert found(session, day, listed_until=day) == expected_until


def test_the_sql_of_a_query_depends_on_which_filters_are_given_and_not_on_their_values() -> None:
    one, other = ShipQuery(flag=["KP"], name="jin"), ShipQuery(flag=["KH"], name="tai")
    assert active_filters(one).cache_key == active_filters(other).cache_key
    assert active_filters(one).values != active_filters(other).values
    assert active_filters(ShipQuery(flag=["KP", "KH"], name="jin")).cache_key != active_filters(one).cache_key
    assert active_filters(ShipQuery(listed=True)).cache_key != active_filters(ShipQuery(listed=False)).cache_key


def test_what_a_question_names_must_be_in_the_record() -> None:
    named = active_filters(ShipQuery(subject=["a"], designated_by=["2270", "2016-03-02"])).named
    assert [(parameter, one.kind, one.name) for parameter, one in named] == [
        ("subject", "subject", "a"),
        ("designated_by", "act", "2270"),
        ("designated_by", "act", "2016-03-02"),
    ]
    with tables_with(
        subject("a"), Act(id="2270", kind="resolution", number=2270, title="", acted_on=date(2016, 3, 2))
    ) as session:
        assert all(session.execute(one.found).scalar() for _, one in named)
    with tables_with() as session:
        assert not any(session.execute(one.found).scalar() for _, one in named)
