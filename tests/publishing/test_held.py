"""Relations and particulars on a day: certain, possible, undated or over."""

from datetime import date
from typing import Any

import pytest

from app.publishing.held import Holds, days_of, held_on, held_period, holds_on
from app.publishing.loading import with_derived_columns
from app.tables import Relation


def relation(since: str | None, until: str | None) -> Any:
    row = {"id": "rel-1", "kind": "owner", "from_name": "A", "to_name": "B", "on_since": since, "on_until": until}
    return Relation(**with_derived_columns(Relation, 0, row))


@pytest.mark.parametrize(
    ("since", "until", "answers"),
    [
        (None, None, {"2000-01-01": "undated", "2020-01-01": "undated"}),
        ("2016-03-02", None, {"2016-03-01": "no", "2016-03-02": "yes", "2030-01-01": "yes"}),
        ("../2016-03-02", None, {"1990-01-01": "perhaps", "2016-03-01": "perhaps", "2016-03-02": "yes"}),
        ("../2016-03-02", "2016-03-21", {"2016-03-20": "yes", "2016-03-21": "no"}),
        ("2016", None, {"2015-12-31": "no", "2016-06-01": "perhaps", "2016-12-31": "yes"}),
        ("2016-03-02", "2018/2019", {"2017-12-31": "yes", "2018-01-01": "perhaps", "2019-12-31": "no"}),
        (None, "2022-06", {"2000-01-01": "perhaps", "2022-06-15": "perhaps", "2022-06-30": "no"}),
    ],
)
def test_what_holds_on_a_day(since: str | None, until: str | None, answers: dict[str, str]) -> None:
    row = relation(since, until)
    assert {day: str(holds_on(row, date.fromisoformat(day))) for day in answers} == answers
    for day, answer in answers.items():
        assert bool(held_on([row], date.fromisoformat(day))) == (answer != Holds.NO)


def test_what_is_known_changes_on_its_days_alone() -> None:
    assert sorted(days_of([relation("2016-03-02", "2018/2019")])) == [
        *[date(2016, 3, 2)] * 2,
        date(2018, 1, 1),
        date(2019, 12, 31),
    ]
    assert list(days_of([relation(None, None)])) == []
    assert held_period(None, "2022-06").certain_from == held_period(None, "2022-06").certain_until
