"""Sort keys of a resource, without a dataset."""

from datetime import date

import pytest
from sqlalchemy import desc, select
from sqlmodel import col

from app.api.resource import DAYS, NUMBERS, TEXTS, SortKey
from app.tables import Listing, Measure, Resolution, Subject
from app.vocabularies import SubjectKind
from tests.in_memory import tables_with


@pytest.mark.parametrize(
    ("descending", "expected"), [(False, ["early", "late", "unknown"]), (True, ["late", "early", "unknown"])]
)
def test_what_has_no_value_comes_last_in_either_order(descending: bool, expected: list[str]) -> None:
    days = {"early": date(2009, 4, 24), "unknown": None, "late": date(2016, 3, 2)}
    subjects = [
        Subject(id=id, kind=SubjectKind.VESSEL, name=id, folded_name=id, first_listed_on=day)
        for id, day in days.items()
    ]
    with tables_with(*subjects) as session:
        key = SortKey(Subject.first_listed_on, DAYS).expression(descending)
        found = session.execute(select(col(Subject.id)).order_by(desc(key) if descending else key))
        assert list(found.scalars()) == expected


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        (SortKey(Listing.delisted_on, DAYS), "2016-03-02", date(2016, 3, 2)),
        (SortKey(Measure.ordinal, NUMBERS), "0", 0),
        (SortKey(Measure.ordinal, NUMBERS), "-1", -1),
        (SortKey(Resolution.number, NUMBERS), "999999999", 999_999_999),
        (SortKey(Subject.folded_name, TEXTS), "0", "0"),
        (SortKey(Subject.folded_name, TEXTS), "", ""),
    ],
)
def test_a_value_in_a_cursor_is_read_as_its_column_has_it(key: SortKey, text: str, value: object) -> None:
    assert key.read(text) == value
    assert type(key.read(text)) is type(value)


@pytest.mark.parametrize(
    ("key", "text"),
    [
        *((SortKey(Listing.delisted_on, DAYS), text) for text in ("", "2016-02-30", "20160302", "2016-03-02T00:00:00")),
        *((SortKey(Measure.ordinal, NUMBERS), text) for text in ("", "+1", "1.0", " 1", "1_0", "1" * 10, "\u0661")),
    ],
)
def test_what_is_no_value_of_the_column_is_refused(key: SortKey, text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        key.read(text)
