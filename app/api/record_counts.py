"""How many records of a collection there are on a day: counted at publish, so that no question has to count them."""

from collections.abc import Iterator
from datetime import date
from functools import cache

from sqlalchemy import ColumnElement, Date, String, bindparam, func, literal, select
from sqlmodel import Session, col

from app.api.resource import Resource
from app.database import OpenDataset, PreparedQuery
from app.fields.dates import FIRST_DAY, parse_day
from app.publishing.batch_reader import new_row
from app.tables import RecordCount

DAY_CHARACTERS = 10
"""Characters of a day with which a text may begin."""


def record_counts(session: Session, resource: Resource) -> Iterator[RecordCount]:
    """Yield, for each day on which records of a collection begin, how many there are from that day on.

    Args:
        session: the draft.
        resource: the collection; the records of one that has no first days are there from the first day of all.
    """
    day: ColumnElement[str] = literal(FIRST_DAY.isoformat())
    if resource.visible_from is not None:
        day = func.substr(col(resource.visible_from), 1, DAY_CHARACTERS, type_=String())
    query = select(day, func.count()).select_from(resource.tables).group_by(day).order_by(day)
    total = 0
    for begun_on, count in session.execute(query):
        total += count
        yield new_row(RecordCount, resource=resource.path, begun_on=parse_day(begun_on), total=total)


def count_between(dataset: OpenDataset, resource: Resource, first: date | None, end: date) -> int:
    """Return how many records of a collection begin on some days.

    Args:
        dataset: the dataset.
        resource: the collection.
        first: the first of the days; None where any day before the end is one.
        end: the first day after them.
    """
    if first is None:
        return _count_before(dataset, resource, end)
    return max(0, _count_before(dataset, resource, end) - _count_before(dataset, resource, first))


def _count_before(dataset: OpenDataset, resource: Resource, day: date) -> int:
    return dataset.cached_scalar(_last_count(), {"resource": resource.path, "day": day}) or 0


@cache
def _last_count() -> PreparedQuery:
    found = select(col(RecordCount.total)).where(
        col(RecordCount.resource) == bindparam("resource", type_=String()),
        col(RecordCount.begun_on) < bindparam("day", type_=Date()),
    )
    return PreparedQuery(found.order_by(col(RecordCount.begun_on).desc()).limit(1))
