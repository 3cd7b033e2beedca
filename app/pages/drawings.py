"""Drawings made on the server: the geometry of the life line, the chart of the list, the bars and the seats.

Places along an axis are percentages of its length, so that a drawing is as wide as its page while its letters keep
their size; a template writes them as presentation attributes, which a strict Content-Security-Policy allows.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.api.html import day as in_words
from app.api.html import edtf, words
from app.fields.dates import parse_day

START = date(2006, 1, 1)
"""The beginning of every axis: the year of the first resolution with sanctions."""
YEARS_APART = 4
"""Years between two labels of an axis, so that they do not touch on the narrowest page."""
TURNED = 60
"""Percent of an axis from which on a text is to the left of what it names, so that it ends on the page."""
SEATS = 15
"""Members of the Security Council (UN Charter, Article 23)."""


@dataclass(frozen=True)
class Axis:
    """An axis of time, of the days from ``first`` until ``last``."""

    first: date
    last: date

    def at(self, day: date) -> float:
        """Return the place of a day, in percent of the axis."""
        days = (self.last - self.first).days
        return round(100 * min(max((day - self.first).days / days, 0), 1), 2)

    def years(self) -> list[tuple[float, str]]:
        """Return the places of the labels, each the first day of a year."""
        years = range(self.first.year, self.last.year + 1)
        return [(self.at(date(year, 1, 1)), str(year)) for year in years if (year - self.first.year) % YEARS_APART == 0]


def axis_until(*days: str | None) -> Axis:
    """Return the axis from `START` until the end of the year of the last of some ISO days."""
    last = max(parse_day(one) for one in days if one)
    return Axis(START, date(max(last.year, START.year) + 1, 1, 1))


@dataclass(frozen=True)
class Bar:
    """Something that lasted.

    Attributes:
        start: where it begins, in percent.
        width: how long it is, in percent; at least as much as can be seen.
        text: what it is, with its days, in words.
        is_open: whether it had not ended.
    """

    start: float
    width: float
    text: str
    is_open: bool


LEAST_WIDTH = 0.6


def bar(axis: Axis, label: str, first: str, end: str | None) -> Bar:
    """Return the bar of a half-open interval of ISO days; one without an end lasts until the end of the axis."""
    start = axis.at(parse_day(first))
    width = max(round((axis.at(parse_day(end)) if end else 100) - start, 2), LEAST_WIDTH)
    return Bar(min(start, 100 - LEAST_WIDTH), width, f"{label}, {_days(first, end)}", end is None)


def _days(first: str, end: str | None) -> str:
    return f"from {in_words(first)}" + (f" until {in_words(end)}" if end else "")


@dataclass(frozen=True)
class Mark:
    """A point of time: where it is, and what it is in words; ``turned`` if its text goes to the left of it."""

    at: float
    text: str
    turned: bool


def place(axis: Axis, day: str) -> float:
    """Return the place of an ISO day, in percent of an axis."""
    return axis.at(parse_day(day))


@dataclass(frozen=True)
class LifeLine:
    """The stays of a subject on the list and its names, along an axis.

    Attributes:
        years: the labels of the axis.
        lanes: for each measure its words and the stays under it.
        names: names of which a source says when the subject took them.
        day: the day that the record is of.
    """

    years: Sequence[tuple[float, str]]
    lanes: Sequence[tuple[str, Sequence[Bar]]]
    names: Sequence[Mark]
    day: Mark


MOST_NAMES = 6


def life_line(record: Mapping[str, Any]) -> LifeLine:
    """Lay out the life line of the record of a subject, with the day that it is of."""
    as_of = record["as_of"]
    ends = [one[end] for one in record["listings"] for end in ("listed_on", "delisted_on")]
    axis = axis_until(as_of, record["dataset"]["covers_until"], *ends)
    lanes: dict[str, list[Bar]] = defaultdict(list)
    for one in record["listings"]:
        label = words(one["measure"])
        lanes[label].append(bar(axis, label, one["listed_on"], one["delisted_on"]))
    marks = []
    for name in record["names"]:
        used = name["used_on"]
        if used and (known := used["earliest"] or used["latest"]) and parse_day(known) >= START:
            marks.append(_mark(axis, parse_day(known), f"{name['name']} ({edtf(used['edtf'])})"))
    return LifeLine(
        axis.years(), list(lanes.items()), marks[:MOST_NAMES], _mark(axis, parse_day(as_of), in_words(as_of))
    )


def _mark(axis: Axis, day: date, text: str) -> Mark:
    return Mark(at := axis.at(day), text, at > TURNED)


def times_on_list(listings: Iterable[Mapping[str, Any]]) -> list[tuple[str, str | None]]:
    """Join the stays of a subject that touch or overlap: the half-open times during which it was on the list."""
    times: list[tuple[str, str | None]] = []
    for first, end in sorted(((one["listed_on"], one["delisted_on"]) for one in listings), key=lambda one: one[0]):
        if times and (times[-1][1] is None or first <= times[-1][1]):
            before = times[-1][1]
            times[-1] = times[-1][0], None if before is None or end is None else max(before, end)
        else:
            times.append((first, end))
    return times


SERIES = ("individuals", "entities", "vessels")


@dataclass(frozen=True)
class Point:
    """A day on which the list changed.

    Attributes:
        at: where it is, in percent.
        width: how far it is to the next one, in percent.
        day: the ISO day.
        text: the numbers of the day in words.
        is_delisting: whether someone was taken off.
    """

    at: float
    width: float
    day: str
    text: str
    is_delisting: bool


@dataclass(frozen=True)
class Chart:
    """The list through time.

    Attributes:
        years: the labels of the axis of time.
        levels: the labels of the axis of numbers, each with its height in percent from the top.
        paths: for each series its name, its path in units of a thousand by a hundred, its last number and the height
            of that in percent from the top.
        points: the days on which the list changed.
        resolutions: the resolutions: number, place, day.
        delistings: days on which someone was taken off, each with how many.
    """

    years: Sequence[tuple[float, str]]
    levels: Sequence[tuple[int, float]]
    paths: Sequence[tuple[str, str, int, float]]
    points: Sequence[Point]
    resolutions: Sequence[Mark]
    delistings: Sequence[Mark]


def chart(timeline: Mapping[str, Any], changes: Sequence[Mapping[str, Any]]) -> Chart:
    """Lay out the chart of the numbers on the list.

    Args:
        timeline: the answer of ``/timeline``, with an item for each stretch of days between two changes.
        changes: the changes to mark: resolutions that were adopted, subjects that were taken off.
    """
    items = timeline["items"]
    axis = axis_until(timeline["as_of"])
    top = -(-max([one[name] for one in items for name in SERIES] or [1]) // 20) * 20
    off: dict[str, int] = defaultdict(int)
    for change in changes:
        if change["kind"] == "delisted":
            off[change["changed_on"]] += 1
    paths = []
    end = 10 * axis.at(parse_day(timeline["as_of"]))
    for name in SERIES:
        path, height = ["M0 100"], 100.0
        for one in items:
            at = 10 * axis.at(parse_day(one["from_on"]))
            height = round(100 - 100 * one[name] / top, 2)
            path.append(f"H{at:g}V{height:g}")
        paths.append((name, "".join([*path, f"H{end:g}"]), items[-1][name] if items else 0, height))
    points = []
    for following, one in enumerate(items, 1):
        at = axis.at(parse_day(one["from_on"]))
        until = axis.at(parse_day(items[following]["from_on"])) if following < len(items) else end / 10
        text = f"{in_words(one['from_on'])}: " + ", ".join(_count(one[name], name) for name in SERIES)
        points.append(Point(at, max(round(until - at, 2), 0.3), one["from_on"], text, one["from_on"] in off))
    adopted = [one for one in changes if one["kind"] == "resolution_adopted"]
    return Chart(
        years=axis.years(),
        levels=[(level, round(100 - 100 * level / top, 2)) for level in range(0, top + 1, 20)],
        paths=paths,
        points=points,
        resolutions=[_mark(axis, parse_day(one["changed_on"]), one["subject"]["id"]) for one in adopted],
        delistings=[
            _mark(axis, parse_day(day), f"{number} off, {in_words(day)}") for day, number in sorted(off.items())
        ],
    )


_ONE = {"individuals": "individual", "entities": "entity", "vessels": "ship"}
_MANY = {"individuals": "individuals", "entities": "entities", "vessels": "ships"}


def _count(number: int, name: str) -> str:
    return f"{number} {(_ONE if number == 1 else _MANY)[name]}"


@dataclass(frozen=True)
class Seat:
    """A seat of the Council: its place, how it voted, and whose it is where a source says so."""

    x: int
    y: int
    vote: str
    member: str


_ROWS = (8, 7)
"""Seats of the two rows of the drawing."""


def seats(vote: Mapping[str, Any]) -> list[Seat]:
    """Lay out the votes of the fifteen members in two rows: for, abstained, against; then those that are not known."""
    named = {kind: [one["name"] for one in vote[kind]] for kind in ("abstained", "against")}
    cast = [("for", "")] * (vote["votes_for"] or 0)
    for kind, number in (("abstained", vote["abstentions"]), ("against", vote["votes_against"])):
        members = named[kind] + [""] * max((number or 0) - len(named[kind]), 0)
        cast += [(kind, member) for member in members]
    cast = (cast + [("not known", "")] * SEATS)[:SEATS]
    places = [
        (20 + 36 * column + (18 if row else 0), 20 + 36 * row) for row, n in enumerate(_ROWS) for column in range(n)
    ]
    return [Seat(x, y, how, member) for (x, y), (how, member) in zip(places, cast, strict=True)]
