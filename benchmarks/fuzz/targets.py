"""Targets of fuzzing: each gives any bytes to a parser, which reads or refuses them, and never fails otherwise.

`make fuzz` runs them under atheris, which looks for bytes that reach code not reached before; `make test` gives each a
few hundred inputs that Hypothesis makes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from app.api.pagination import _cursor, _position_of, _read_cursor
from app.api.query_models import PageQuery
from app.fields.dates import latest_possible_day, parse_day, parse_edtf, parse_period
from app.problems import InvalidRequest, Problem
from app.resources.vessels import VESSELS
from app.screening.batch import read_batch
from app.settings import ROOT
from app.un_list.xml import UnreadableListError, parse_list

Parsed = TypeVar("Parsed")

DAY = date(2016, 3, 21)
CONTENT_TYPES = (
    "application/json",
    "text/csv",
    "text/csv; charset=utf-16",
    "text/csv; charset=shift_jis",
    "text/csv; charset=no-such",
)
UN_LIST = ROOT / "tests" / "extracts" / "un_list.xml"


def cursor(content: bytes) -> bool:
    """Read bytes as a cursor; then encode them as a position, and decode that again."""
    text = content.decode(errors="replace")
    key, _, id = text.partition("\n")
    encoded = _cursor(PageQuery(), VESSELS, "name", DAY.isoformat(), [key, id])
    assert _position_of(encoded) == [key, id]
    assert _read_cursor(PageQuery(after=encoded), VESSELS, "name", DAY) == (key, id)
    try:
        _read_cursor(PageQuery(after=text), VESSELS, "name", DAY)
    except InvalidRequest:
        return False
    return True


def edtf(content: bytes) -> bool:
    """Read bytes as a day, a period and a date in EDTF; what is read has its ends in order."""
    text = content.decode(errors="replace")
    if (day := _read(parse_day, text)) is not None:
        assert day.isoformat() == text
    if (period := _read(parse_period, text)) is not None:
        assert f"{period.first}/{period.end}" == text
        assert period.first < period.end
    if (bounds := _read(parse_edtf, text)) is not None:
        ends = [end for end in (bounds.earliest, bounds.latest) if end is not None]
        assert ends
        assert ends == sorted(ends)
        assert latest_possible_day(text) == ends[-1]
    return any(found is not None for found in (day, period, bounds))


def _read(parse: Callable[[str], Parsed], text: str) -> Parsed | None:
    try:
        return parse(text)
    except ValueError:
        return None


def un_list(content: bytes) -> bool:
    """Read bytes as the UN's consolidated list; one that is read has something of the regime."""
    try:
        found = parse_list(content, "fuzzed")
    except UnreadableListError:
        return False
    assert found.parties or found.unread
    assert all(number == party.reference_number for number, party in found.parties.items())
    return True


def batch(content: bytes) -> bool:
    """Read bytes as a batch of names; the first byte chooses its Content-Type."""
    content_type = CONTENT_TYPES[content[0] % len(CONTENT_TYPES)] if content else CONTENT_TYPES[0]
    try:
        rows = list(read_batch(content_type, content[1:]).rows)
    except Problem:
        return False
    assert rows
    return True


@dataclass(frozen=True)
class Target:
    """A parser that is fuzzed.

    Attributes:
        run: gives it some bytes, and returns whether they were read; raises where it does anything but read or
            refuse them.
        seeds: inputs to begin with.
        longest: bytes of the longest input that is tried.
    """

    run: Callable[[bytes], bool]
    seeds: tuple[bytes, ...]
    longest: int


TARGETS: Mapping[str, Target] = {
    "cursor": Target(
        cursor,
        (
            b"Jin Teng\n9163166",
            _cursor(PageQuery(), VESSELS, "name", DAY.isoformat(), ["Jin Teng", "9163166"]).encode(),
        ),
        512,
    ),
    "edtf": Target(
        edtf,
        (b"1965", b"1965-03~", b"2016-03-02", b"1964/1966?", b"../2016-07", b"2016-07/..", b"2016-03-01/2016-04-01"),
        64,
    ),
    "un-list": Target(un_list, (UN_LIST.read_bytes(),), 65_536),
    "batch": Target(
        batch,
        (
            b'\x00[{"name": "Jin Teng", "kind": "vessel"}, "Kim"]',
            b"\x01name;kind\nJin Teng;vessel\n",
            b'\x01\xef\xbb\xbfname,birth_date\n"Ri, Hong-sop",1940\n',
            b"\x02" + "name\nJin Teng\n".encode("utf-16"),
            b"\x03" + "name\n金\n".encode("shift_jis"),
        ),
        4096,
    ),
}
