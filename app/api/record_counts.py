"""How many records of a collection there are on a day: counted at publish, so that no question has to count them.

Counted are all records of a collection, and those that match a filter: values of facets, also of several facets
together; a day from or until which something holds; a condition that the day of the question decides. The key of a
count is the path of the collection with the filter as a query string: ``names``, ``vessels?listed_from``,
``vessels?flag=KP&measure=asset_freeze``.

A file without the counts of a filter, as an earlier version of this software published it, is counted record after
record, and so are other combinations of filters.
"""

import re
from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache, lru_cache
from typing import Any, cast
from urllib.parse import quote, unquote

from sqlalchemy import ColumnElement, Date, Select, String, bindparam, func, literal, select
from sqlmodel import Session, col

from app.api.filters import Equals, From, Lacks, Until, Where, filters_of
from app.api.resource import Resource
from app.database import OpenDataset, PreparedQuery
from app.fields.dates import FIRST_DAY, day_after, parse_day
from app.publishing.batch_reader import new_row
from app.tables import RecordCount

DAY_CHARACTERS = 10
"""Characters of a day with which a text may begin."""

MOST_SETS = 200
"""Combinations of sets of values of the facets that are counted each for itself.

Where records have more, each filter is counted alone; where of one they have more sets, each value is.
"""

EACH = "*"
"""In the place of values: the counts of a filter are those of single values, not of sets of them."""

LISTED = "listed"
"""The filter by whether a subject is on the list."""

Steps = Mapping[date, int]
"""By how many more records match from a day on; fewer, where it is less than nothing."""


# Count, at publish


def record_counts(session: Session, resource: Resource) -> Iterator[RecordCount]:
    """Yield, for each day on which their number changes, how many records of a collection there are from that day on.

    Args:
        session: the draft.
        resource: the collection; the records of one that has no first days are there from the first day of all.
    """
    day = _first_day(resource)
    query = select(day, func.count()).select_from(resource.tables_of(day)).group_by(day)
    yield from _rows(resource.path, {_day(begun_on): count for begun_on, count in session.execute(query)})
    for filter_key, steps in (
        *_steps_of_values(session, resource),
        *_steps_of_days(session, resource),
        *_steps_of_conditions(session, resource),
    ):
        # There is a row in any case: without one, the filter was not counted.
        yield from _rows(f"{resource.path}?{filter_key}", {FIRST_DAY: 0, **steps})


def _rows(key: str, steps: Steps) -> Iterator[RecordCount]:
    total = 0
    for begun_on in sorted(steps):
        total += steps[begun_on]
        yield new_row(RecordCount, resource=key, begun_on=begun_on, total=total)


def _first_day(resource: Resource) -> ColumnElement[str]:
    """Build the first day of a record, as a text."""
    if resource.visible_from is None:
        return literal(FIRST_DAY.isoformat())
    return func.substr(col(resource.visible_from), 1, DAY_CHARACTERS, type_=String())


def _day(value: date | str) -> date:
    return parse_day(value) if isinstance(value, str) else value


@cache
def _counted_by_values(resource: Resource) -> dict[str, tuple[str, Equals | Lacks]]:
    """Return the filters whose records are counted by their values: facets that do not look at the day, and lacks."""
    return {
        name: (parameter, mark)
        for name, (parameter, mark) in filters_of(resource.query).items()
        if (type(mark) is Equals and name in resource.facets) or isinstance(mark, Lacks)
    }


def _steps_of_values(session: Session, resource: Resource) -> Iterator[tuple[str, Steps]]:
    """Yield the counts of each combination of the sets of values that records have of filters.

    A record with several flags is in the count of their set alone, so that the counts of sets can be added: for
    ``flag=KP&flag=SL`` those of all sets with either, and for ``flag=KP&measure=asset_freeze`` those with both.
    """
    filters = _counted_by_values(resource)
    if not filters:
        return
    parameters, marks = [parameter for parameter, _ in filters.values()], [mark for _, mark in filters.values()]
    columns: list[ColumnElement[Any]] = [_first_day(resource), *(_values(resource, mark) for mark in marks)]
    each = select(*(column.label(f"part_{place}") for place, column in enumerate(columns)))
    of_records = each.select_from(resource.tables_of(*columns)).subquery()
    rows = session.execute(select(*of_records.c, func.count()).group_by(*of_records.c)).all()
    sets = [(_day(row[0]), [*map(_values_of, row[1:-1], marks)], row[-1]) for row in rows]
    facets = [place for place, mark in enumerate(marks) if isinstance(mark, Equals)]
    together = _steps_of_sets(sets, parameters, facets)
    yield from together or ()
    for place, mark in enumerate(marks):
        if isinstance(mark, Lacks) or together is None:
            alone = _steps_of_sets(sets, parameters, [place])
            yield from _steps_of_each(sets, parameters[place], place) if alone is None else alone


Sets = Sequence[tuple[date, Sequence[frozenset[str]], int]]
"""How many records begin on a day and have such sets of values of some filters."""


def _steps_of_sets(sets: Sets, parameters: Sequence[str], places: Sequence[int]) -> list[tuple[str, Steps]] | None:
    """Count the records of each combination of sets of values of some filters; None where these are too many.

    Args:
        sets: how many records have which sets of values of all filters.
        parameters: the parameters of all filters.
        places: the places of the filters among them.
    """
    steps: dict[str, Counter[date]] = {"&".join(_set_key(parameters[place], ()) for place in places): Counter()}
    for day, values, count in sets:
        key = "&".join(_set_key(parameters[place], values[place]) for place in places)
        steps.setdefault(key, Counter())[day] += count
    return [*steps.items()] if places and len(steps) <= MOST_SETS else None


def _steps_of_each(sets: Sets, parameter: str, place: int) -> list[tuple[str, Steps]]:
    """Count the records that have a value of a filter, for each value."""
    steps: dict[str, Counter[date]] = {_set_key(parameter, [EACH]): Counter()}
    for day, values, count in sets:
        for value in values[place]:
            steps.setdefault(_set_key(parameter, [value]), Counter())[day] += count
    return [*steps.items()]


def _values(resource: Resource, mark: Equals | Lacks) -> ColumnElement[Any]:
    """Build the values that a record has of a filter, with commas between them."""
    column: Any = col(mark.column)
    if mark.via is None:
        return cast("ColumnElement[Any]", column)
    # A draft is a file of SQLite, which puts commas between the values; enumerations and codes have none.
    found = select(func.group_concat(column, type_=String())).where(col(mark.via) == col(resource.identity))
    return (found.where(mark.counts()) if isinstance(mark, Lacks) else found).scalar_subquery()


def _values_of(found: Any, mark: Equals | Lacks) -> frozenset[str]:
    """Return the values that a record has of a filter."""
    if found is None:
        return frozenset()
    return frozenset([str(found)] if mark.via is None else found.split(","))


def _set_key(parameter: str, values: Iterable[str]) -> str:
    """Encode a set of values of a filter as a query string: ``flag=KP&flag=SL``; that of none as ``flag=``."""
    return "&".join(f"{parameter}={quote(value, safe=EACH)}" for value in sorted(values)) or f"{parameter}="


@lru_cache(maxsize=10 * MOST_SETS)
def _sets_of(key: str) -> Mapping[str, frozenset[str]]:
    """Decode the sets of values that a key has, by their parameters."""
    sets: dict[str, frozenset[str]] = {}
    for part in key.partition("?")[2].split("&"):
        parameter, _, value = part.partition("=")
        sets[parameter] = sets.get(parameter, frozenset()) | ({unquote(value)} if value else set())
    return sets


def _steps_of_days(session: Session, resource: Resource) -> Iterator[tuple[str, Steps]]:
    """Yield the counts of a day from which, or until which, something of a record holds.

    Of a record with several such days, such as stays on the list, the last decides whether any is on a day or later,
    and the first whether any is on a day or earlier.
    """
    for parameter, mark in _counted_by_days(resource).values():
        column: Any = col(mark.column)
        if mark.via is not None:
            nearest = func.max(column) if isinstance(mark, From) else func.min(column)
            column = select(nearest).where(col(mark.via) == col(resource.identity)).scalar_subquery()
        days = select(column.label("day")).select_from(resource.tables_of(column)).subquery()
        counts = select(days.c.day, func.count()).where(days.c.day.is_not(None)).group_by(days.c.day)
        yield parameter, {_day(day): count for day, count in session.execute(counts)}


@cache
def _counted_by_days(resource: Resource) -> dict[str, tuple[str, From | Until]]:
    """Return the filters whose records are counted by a day.

    Those of a collection whose records have first days are none: its filters are on these days (`count_between`).
    """
    return {
        name: (parameter, mark)
        for name, (parameter, mark) in filters_of(resource.query).items()
        if isinstance(mark, From | Until) and type(mark) in (From, Until) and resource.visible_from is None
    }


def _steps_of_conditions(session: Session, resource: Resource) -> Iterator[tuple[str, Steps]]:
    """Yield the counts of a condition that the day of the question decides."""
    for parameter, mark in filters_of(resource.query).values():
        if isinstance(mark, Where) and mark.steps is not None:
            steps = mark.steps().subquery()
            day, change = steps.c
            counts = select(day, func.sum(change)).where(day.is_not(None)).group_by(day)
            yield f"{parameter}=true", {_day(begun_on): total for begun_on, total in session.execute(counts)}


# Look up


def count_between(dataset: OpenDataset, resource: Resource, first: date | None, end: date) -> int:
    """Return how many records of a collection begin on some days.

    Args:
        dataset: the dataset.
        resource: the collection.
        first: the first of the days; None where any day before the end is one.
        end: the first day after them.
    """
    before_end = _count_before(dataset, resource.path, end) or 0
    if first is None:
        return before_end
    return max(0, before_end - (_count_before(dataset, resource.path, first) or 0))


def count_of_filter(
    dataset: OpenDataset, resource: Resource, given: tuple[str, Hashable], values: Mapping[str, Any], day: date
) -> int | None:
    """Return how many records match a filter that is given alone; None where that was not counted at publish.

    Args:
        dataset: the dataset.
        resource: the collection.
        given: the field of the filter in the query model, and the cache key of its value.
        values: the bind values of the question.
        day: the day that the question is about.
    """
    name, cache_key = given
    parameter, mark = filters_of(resource.query)[name]
    key = f"{resource.path}?{parameter}"
    if isinstance(mark, Lacks):
        having = count_of_values(dataset, resource, [given], values, None, day_after(day))
        return None if having is None else count_between(dataset, resource, None, day_after(day)) - having
    if name in _counted_by_days(resource):
        before = _count_before(dataset, key, values[f"{name}_value"])
        return before if before is None or type(mark) is Until else _count_of_key(dataset, key) - before
    if isinstance(mark, Where) and mark.begun_until is not None:
        begun = _count_before(dataset, f"{resource.path}?{mark.begun_until}", values[f"{name}_end"])
        ended = _count_before(dataset, f"{resource.path}?{mark.ended_until}", day_after(values[f"{name}_first"]))
        return None if begun is None or ended is None else begun - ended
    of_true: int | None = None
    if name == LISTED and resource.listed_count is not None:
        of_true = resource.listed_count(dataset, day)
    elif isinstance(mark, Where) and mark.steps is not None:
        of_true = _count_before(dataset, f"{key}=true", day_after(day))
    if of_true is None or cache_key is True:
        return of_true
    return count_between(dataset, resource, None, day_after(day)) - of_true


def count_of_values(
    dataset: OpenDataset,
    resource: Resource,
    given: Sequence[tuple[str, Hashable]],
    values: Mapping[str, Any],
    first: date | None,
    end: date,
) -> int | None:
    """Return how many records have values of filters; None where that was not counted at publish.

    Args:
        dataset: the dataset.
        resource: the collection.
        given: the fields of the filters in the query model, each with how many values it has.
        values: the bind values of the question.
        first: the first of the days on which the records begin; None where any day before the end is one.
        end: the first day after them.
    """
    counted = _counted_by_values(resource)
    if not given or any(name not in counted for name, _ in given):
        return None
    wanted = {
        counted[name][0]: {str(value) for part, value in values.items() if re.fullmatch(rf"{name}_[0-9]+", part)}
        for name, _ in given
    }
    keys = _keys_of_values(dataset, resource, wanted)
    if not keys or (
        any({EACH} in sets.values() for sets in keys.values()) and any(len(one) > 1 for one in wanted.values())
    ):
        return None
    matching = [key for key, sets in keys.items() if all(one & sets[name] for name, one in wanted.items())]
    total = sum(_count_before(dataset, key, end) or 0 for key in matching)
    return total if first is None else max(0, total - sum(_count_before(dataset, key, first) or 0 for key in matching))


def count_values(dataset: OpenDataset, resource: Resource, name: str, day: date) -> list[tuple[str, int]] | None:
    """Return how many records of a collection have which value of a facet, the most frequent value first.

    Args:
        dataset: the dataset.
        resource: the collection.
        name: the facet.
        day: the day that the question is about.

    Returns:
        The values with their counts; None where they were not counted at publish.
    """
    if name not in _counted_by_values(resource):
        return None
    parameter, _ = _counted_by_values(resource)[name]
    counts: Counter[str] = Counter()
    keys = _keys_of_values(dataset, resource, [parameter])
    for key, sets in keys.items():
        for value in sets[parameter] - {EACH}:
            counts[value] += _count_before(dataset, key, day_after(day)) or 0
    return sorted(((value, count) for value, count in counts.items() if count), key=_most_first) if keys else None


def _most_first(counted: tuple[str, int]) -> tuple[int, str]:
    return -counted[1], counted[0]


def _keys_of_values(
    dataset: OpenDataset, resource: Resource, wanted: Collection[str]
) -> dict[str, Mapping[str, frozenset[str]]]:
    """Return the keys of counts by which some filters are counted, each with its sets of values; none where none are.

    Args:
        dataset: the dataset.
        resource: the collection.
        wanted: the parameters of the filters.
    """
    facets = [parameter for parameter, mark in _counted_by_values(resource).values() if isinstance(mark, Equals)]
    if {*wanted} <= {*facets}:
        together = _keys_from(dataset, resource, facets[0])
        if together and all(len(sets) == len(facets) for sets in together.values()):
            return together
    return _keys_from(dataset, resource, *wanted) if len(wanted) == 1 else {}


def _keys_from(dataset: OpenDataset, resource: Resource, parameter: str) -> dict[str, Mapping[str, frozenset[str]]]:
    """Return the keys that begin with a parameter, each with its sets of values."""
    key = f"{resource.path}?{parameter}"
    return {one: _sets_of(one) for one in dataset.cached_column(_keys(), {"first": f"{key}=", "end": f"{key}>"})}


def _count_before(dataset: OpenDataset, key: str, day: date) -> int | None:
    """Return the count of a key before a day; None where it has none."""
    counts = dataset.cached_column(_last_count(), {"resource": key, "day": day})
    return counts[0] if counts else None


def _count_of_key(dataset: OpenDataset, key: str) -> int:
    """Return the count of a key on its last day, be that the last day of all."""
    count: int = dataset.cached_column(_count_of_any_day(), {"resource": key})[0]
    return count


@cache
def _last_count() -> PreparedQuery:
    return PreparedQuery(_last().where(col(RecordCount.begun_on) < bindparam("day", type_=Date())))


@cache
def _count_of_any_day() -> PreparedQuery:
    return PreparedQuery(_last())


def _last() -> Select[Any]:
    """Select the last count of a key."""
    of_key = select(col(RecordCount.total)).where(col(RecordCount.resource) == bindparam("resource", type_=String()))
    return of_key.order_by(col(RecordCount.begun_on).desc()).limit(1)


@cache
def _keys() -> PreparedQuery:
    key = col(RecordCount.resource)
    in_range = key >= bindparam("first", type_=String()), key < bindparam("end", type_=String())
    return PreparedQuery(select(key).where(*in_range).distinct())
