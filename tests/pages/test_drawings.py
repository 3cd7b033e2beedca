"""Drawings and sentences: places on an axis, times on the list, seats, marks."""

from typing import Any

import pytest

from app.api.html import amount, edtf, scripts, since
from app.pages.drawings import SEATS, axis_until, bar, chart, place, seats, times_on_list
from app.pages.words import Sources, marked, verdict


def stay(first: str, end: str | None, measure: str = "asset_freeze") -> dict[str, Any]:
    return {"listed_on": first, "delisted_on": end, "measure": measure}


def test_an_axis_ends_with_the_year_of_the_last_day() -> None:
    axis = axis_until("2016-03-21", None, "2017-06-01")
    assert (axis.first.isoformat(), axis.last.isoformat()) == ("2006-01-01", "2018-01-01")
    assert (place(axis, "2006-01-01"), place(axis, "2012-01-01"), place(axis, "2018-01-01")) == (0, 49.99, 100)
    assert place(axis, "1990-01-01") == 0
    assert [year for _, year in axis.years()] == ["2006", "2010", "2014", "2018"]


def test_a_bar_is_never_too_short_to_be_seen_nor_beyond_the_axis() -> None:
    axis = axis_until("2016-12-31")
    for first, end in (
        ("2016-03-02", "2016-03-21"),
        ("2016-12-31", None),
        ("2006-01-01", None),
        ("2016-12-30", "2016-12-31"),
    ):
        found = bar(axis, "freeze", first, end)
        assert found.width >= 0.6
        assert 0 <= found.start <= 100
        assert found.is_open == (end is None)
    assert bar(axis, "freeze", "2016-03-02", "2016-03-21").text == "freeze, from 2 March 2016 until 21 March 2016"


@pytest.mark.parametrize(
    ("stays", "times"),
    [
        ([stay("2016-01-01", "2016-02-01"), stay("2016-02-01", None)], [("2016-01-01", None)]),
        ([stay("2016-01-01", "2016-03-01"), stay("2016-02-01", "2016-02-15")], [("2016-01-01", "2016-03-01")]),
        ([stay("2016-01-01", None), stay("2016-02-01", "2017-01-01")], [("2016-01-01", None)]),
        (
            [stay("2017-01-01", None), stay("2016-01-01", "2016-02-01")],
            [("2016-01-01", "2016-02-01"), ("2017-01-01", None)],
        ),
        ([], []),
    ],
)
def test_stays_that_touch_are_one_time_on_the_list(stays: list[dict[str, Any]], times: list[Any]) -> None:
    assert times_on_list(stays) == times


@pytest.mark.parametrize(
    ("stays", "day", "sentence"),
    [
        ([], "2016-03-10", "Not on the list on 10 March 2016. It was on it on no other day of this record."),
        ([stay("2016-03-10", None)], "2016-03-10", "On the list on 10 March 2016. It has been since 10 March 2016."),
        (
            [stay("2015-01-01", "2015-02-01"), stay("2016-01-01", "2016-03-10"), stay("2017-01-01", None)],
            "2016-03-10",
            "Not on the list on 10 March 2016. It was from 1 January 2015 until 1 February 2015 and from "
            "1 January 2016 until 10 March 2016. It was put on it again later, on 1 January 2017.",
        ),
        (
            [stay("2015-01-01", "2015-02-01"), stay("2016-01-01", None)],
            "2016-03-10",
            "On the list on 10 March 2016. It has been since 1 January 2016. Before, it was on it from "
            "1 January 2015 until 1 February 2015.",
        ),
    ],
)
def test_the_sentence_of_a_record(stays: list[dict[str, Any]], day: str, sentence: str) -> None:
    record = {"name": "X", "as_of": day, "listings": stays}
    assert " ".join(verdict(record)) == sentence
    assert " ".join(verdict(record | {"kind": "individual"})).count("X ") >= 1


@pytest.mark.parametrize(
    ("votes", "counts"),
    [
        ((15, 0, 0), (15, 0, 0, 0)),
        ((13, 1, 1), (13, 1, 1, 0)),
        ((None, None, None), (0, 0, 0, 15)),
        ((14, 0, None), (14, 0, 0, 1)),
    ],
)
def test_fifteen_seats_whatever_is_known(votes: tuple[Any, ...], counts: tuple[int, ...]) -> None:
    vote = dict(zip(("votes_for", "votes_against", "abstentions"), votes, strict=True)) | {
        "against": [],
        "abstained": [],
    }
    if votes[1]:
        vote["against"] = [{"name": "Russian Federation"}]
    drawn = seats(vote)
    assert len({(seat.x, seat.y) for seat in drawn}) == SEATS
    kinds = ("for", "against", "abstained", "not known")
    assert tuple(sum(seat.vote == kind for seat in drawn) for kind in kinds) == counts
    assert [seat.member for seat in drawn if seat.vote == "against"] == ["Russian Federation"][: counts[1]]


def test_the_chart_has_every_change_of_the_series() -> None:
    numbers = {"individuals": 5, "entities": 3, "vessels": 40}
    timeline = {
        "as_of": "2016-12-31",
        "items": [{"from_on": "2009-07-16", **numbers}, {"from_on": "2016-03-21", **numbers, "vessels": 36}],
    }
    changes = [
        {"kind": "delisted", "changed_on": "2016-03-21", "subject": {"id": "1"}},
        {"kind": "delisted", "changed_on": "2016-03-21", "subject": {"id": "2"}},
        {"kind": "resolution_adopted", "changed_on": "2006-07-15", "subject": {"id": "1695"}},
    ]
    drawn = chart(timeline, changes)
    assert [(point.day, point.is_delisting) for point in drawn.points] == [("2009-07-16", False), ("2016-03-21", True)]
    assert [mark.text for mark in drawn.delistings] == ["2 off, 21 March 2016"]
    assert [mark.text for mark in drawn.resolutions] == ["1695"]
    assert [(name, number) for name, _, number, _ in drawn.paths] == [
        ("individuals", 5),
        ("entities", 3),
        ("vessels", 36),
    ]
    assert drawn.points[1].text == "21 March 2016: 5 individuals, 3 entities, 36 ships"
    assert chart({"as_of": "2016-12-31", "items": []}, []).points == []


def test_sources_are_those_of_a_value_and_of_what_is_below_it() -> None:
    citations = [
        {"supports": ["/names/1/name", "/name"], "publisher": "A", "title": "a", "locator": None},
        {"supports": ["/names/10"], "publisher": "B", "title": "b", "locator": "p. 1"},
    ]
    sources = Sources({"citations": citations})
    assert sources.of("/names/1") == [(1, "A: a")]
    assert sources.of("/names/10") == [(2, "B: b, p. 1")]
    assert sources.of("/names") == [(1, "A: a"), (2, "B: b, p. 1")]
    assert sources.of("/flag") == []


def test_marks_are_around_what_agrees_and_everything_is_escaped() -> None:
    same = [
        {"name": "jin", "agrees": "same"},
        {"name": "teng", "agrees": "spelling"},
        {"name": "no", "agrees": "different"},
    ]
    assert marked("JIN-TENG <NO>", same) == "<mark>JIN</mark>-<mark>TENG</mark> &lt;NO&gt;"
    assert marked("<b>", []) == "&lt;b&gt;"
    assert marked("a(b", [{"name": "(", "agrees": "same"}]) == "a(b"


@pytest.mark.parametrize(
    ("text", "parts", "shown"),
    [
        ("Ri Pyo’ng-ch’o’l", ["ri", "pyŏng", "ch'ŏl"], "<mark>Ri</mark> <mark>Pyo’ng</mark>-<mark>ch’o’l</mark>"),
        ("K'im Ch'ŏl", ["khim", "ch'ŏl"], "<mark>K&#39;im</mark> <mark>Ch&#39;ŏl</mark>"),
        ("Société KHIM", ["societe", "khim"], "<mark>Société</mark> <mark>KHIM</mark>"),
        ("리병철", ["병", "철"], "리<mark>병</mark><mark>철</mark>"),
        ("<Pyŏng>", ["pyŏng"], "&lt;<mark>Pyŏng</mark>&gt;"),
        ("ＪＩＮ TENG", ["jin"], "<mark>ＪＩＮ</mark> TENG"),
        ("각 ﬁn", ["가", "f", "in"], "각 <mark>ﬁ</mark>n"),
    ],
)
def test_marks_know_accents_and_apostrophes(text: str, parts: list[str], shown: str) -> None:
    assert marked(text, [{"name": part, "agrees": "spelling"} for part in parts]) == shown


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2016", "2016"), ("2016-07", "July 2016"), ("2016-07-04", "4 July 2016"), ("1965~", "about 1965"),
        ("1964/1966", "between 1964 and 1966"), ("../2017-06-01", "by 1 June 2017"),
        ("2017-06-01/..", "1 June 2017 or later"),
        ("1965?", "perhaps 1965"), (None, "not known"), ("2017-06%", "perhaps about June 2017"),
    ],
)  # fmt: skip
def test_partly_known_dates_in_words(text: str | None, words: str) -> None:
    assert edtf(text) == words


def test_since_and_amounts() -> None:
    assert (since("../2017-06-01"), since("2017-06-01")) == ("by 1 June 2017", "since 1 June 2017")
    assert (amount("400870018"), amount("1000.50"), amount("about 5")) == ("400,870,018", "1,000.50", "about 5")


def test_languages_are_marked_by_script() -> None:
    assert scripts("Pak 박한세 <b>") == 'Pak <span lang="ko">박한세</span> &lt;b&gt;'
    assert scripts("朴韓世") == '<span lang="zh">朴韓世</span>'
    assert scripts("ОАО & Co") == "ОАО &amp; Co"
