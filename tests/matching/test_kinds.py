"""Names as the world writes them, by kind: records, payment lines, short and cut names, other scripts and languages."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.matching.bodies import english_wordings
from app.matching.index import THRESHOLD, Index, IndexedName, MatchType
from app.matching.typos import is_one_edit
from tests.conftest import SEED, rows_of
from tests.work import calls_of


@pytest.fixture(scope="module")
def index() -> Index:
    rows = list(rows_of(SEED, "names"))
    numbers = {subject: number for number, subject in enumerate(dict.fromkeys(row["subject_id"] for row in rows))}
    return Index(
        [
            IndexedName(
                numbers[row["subject_id"]],
                row["name"],
                is_person=row["subject_id"].startswith("KPi"),
                is_body=row["subject_id"].startswith("KPe"),
                about=row["subject_id"],
            )
            for row in rows
        ]
    )


def found(index: Index, query: str) -> list[str]:
    """List the subjects of the hits, the best first."""
    scores = index.scores(index.read(query), THRESHOLD)
    best = sorted(scores.items(), key=lambda one: -one[1])
    return list(dict.fromkeys(str(index.listed[number].about) for number, score in best if score >= THRESHOLD))


@pytest.mark.parametrize(
    ("query", "subject"),
    [
        ("PAYMENT TO KOREA MINING DEVELOPMENT TRADING CORP", "KPe.001"),
        ("INVOICE 2231 KOREA MINING DEV TRDG CO LTD CONTRACT 77-16", "KPe.001"),
        ("ACME LTD\nKOREA UNITED DEVELOPMENT BANK\nPYONGYANG", "KPe.033"),
        ("PREMIUM KOREA NATIONAL INSURANCE CORP HAMBURG", "KPe.048"),
        ("NORTH WIND\nPAEK MA", "9066978"),
        ("M.V.PAEKMA", "9066978"),
        ('NORTH WIND "PAEK MA"', "9066978"),
        ("1. NORTH WIND 2. PAEK MA", "9066978"),
        ("K a n g M u n K i l", "KPi.019"),
        ("Maj. Gen. Kang Mun Kil", "KPi.019"),
        ("KANG MUN KIL, MBA", "KPi.019"),
        ("kang mun kil DPRK CITIZEN SINGAPORE", "KPi.019"),
        ("Husband of Kang Mun Kil", "KPi.019"),
        ("Kang Mun Kil & Hong Gildong", "KPi.019"),
        ("BENEFICIARY KANG MUN KIL KUALA LUMPUR", "KPi.019"),
        ("ORDER FROM KANG MUN KIL FOR GOODS", "KPi.019"),
        ("강문길 대사", "KPi.019"),
        ("Кан Мун Гиль", "KPi.019"),
        ("カン・ムンギル", "KPi.019"),
        ("V<PRKKANG<<MUN<KIL<<<<<<<<<<<<<", "KPi.019"),
        ("KANGMUNKIL", "KPi.019"),
        ("Kang Mun Kil (姜文吉)", "KPi.019"),
        ("OIL PRODUCTS TANKER PAEK MA", "9066978"),
        ("LPG/C PAEK MA", "9066978"),
        ("PAEK MA HO", "9066978"),
        ("백마호", "9066978"),
        ("PAEK MA ex NORTH WIND", "9066978"),
        ("NORTH WIND (f/n PAEK MA)", "9066978"),
        ("/445566 DAEDONG CREDIT BANK PYONGYANG", "KPe.023"),
        ("KOREA DAESONG BANK SEGORI-DONG POTONGGANG DISTRICT", "KPe.035"),
        ("Koryo Bank of North Korea", "KPe.045"),
        ("so-called Koryo Bank", "KPe.045"),
        ("Haeyang Crew Management CompanyLimited", "KPe.020"),
        ("KOREA FOREIGN TECHNICAL TRADE CENTE", "KPe.037"),
        ("KUKPANG KWAHAK WON", "KPe.018"),
        ("Amnokkang Bank", "KPe.009"),
        ("Hapjanggang", "KPe.058"),
        ("Ministry of Atomic Energy Industry, Pyongyang", "KPe.027"),
        ("금산무역", "KPe.044"),
        ("일심국제은행", "KPe.034"),
        ("朝鲜国家保险公司", "KPe.048"),
        ("Compañía de Comercio Kangbong", "KPe.043"),
    ],
)
def test_a_listed_name_is_found_first(index: Index, query: str, subject: str) -> None:
    assert found(index, query)[:1] == [subject]


@pytest.mark.parametrize(
    "query",
    [
        "MINISTRY OF DEFENCE, RIGA",
        "Ministry of National Defense of Singapore",
        "SECOND ECONOMIC COMMITTEE, PARIS",
        "THIRD FLOOR, PLAZA TOWER",
        "OFFICE 39 SUPPLIES",
        "Bureau 39 GmbH",
        "CENTRAL MILITARY COMMISSION HANOI",
        "FOREIGN TRADE BANK OF VIETNAM",
        "Republic of Korea Ministry of National Defence",
        "대한민국 국방부",
        "GREEN PINE HOTELS",
        "Yuk Tung Restaurant",
        "MV YUK TUNG 9",
        "LEADER",
        "rocket",
        "KANG MUN IL SEOUL",
        "PAYMENT TO KIM CHUL SOO BUSAN",
        "Trader Greenlight Supplies",
        "GENERAL TRADING COMPANY LIMITED",
        "PAYMENT TO SOUTH KOREA UNITED DEVELOPMENT BANK LTD",
        "ZAMBIA MINING DEVELOPMENT TRADING CORP INVOICE 12",
        "KOREA MINING DEVELOPMENT TRADING HOTELS CORP",
        "JO CHOL HO",
        "Choe Hwi Ho",
    ],
)
def test_a_stranger_is_left_alone(index: Index, query: str) -> None:
    assert found(index, query) == []


def test_points_add_up_to_the_score(index: Index) -> None:
    for query in ("Capt Kang Mun Gil", "Korea Ryonha Machnery JV", "gil Kang Mun", "KOREA SAMJONG SHIPPING CO NAMPO"):
        parsed = index.read(query)
        for number, (_, source) in index.find(parsed, 0.5).items():
            match = index.explain(parsed, number, source)
            assert round(sum(reason.points for reason in match.because), 4) == match.score, (query, match)


def test_a_misspelt_common_word_is_shown_as_typed(index: Index) -> None:
    parsed = index.read("Koryo Bnk")
    (number,) = [number for number in index.scores(parsed) if index.listed[number].text == "KORYO BANK"]
    (reason,) = [reason for reason in index.explain(parsed, number).because if reason.name == "bank"]
    assert (reason.query, reason.agrees) == ("bnk", MatchType.SLIP)
    assert reason.why.startswith("bank: ")


def test_a_reading_is_explained_in_english(index: Index) -> None:
    parsed = index.read("강문길")
    number = next(number for number, one in enumerate(index.listed) if one.text == "KANG MUN KIL")
    because = index.explain(parsed, number).because
    assert [reason.why for reason in because] == ["강 is written kang", "문 is written mun", "길 is written kil"]


def test_a_name_within_a_longer_text_says_so(index: Index) -> None:
    parsed = index.read("ORDER FROM KANG MUN KIL FOR GOODS")
    number = next(number for number, one in enumerate(index.listed) if one.text == "KANG MUN KIL")
    match = index.explain(parsed, number)
    assert match.segment is not None
    assert match.segment.text == "KANG MUN KIL"
    assert "GOODS" in match.segment.left_over


@pytest.mark.parametrize(
    ("text", "wording"),
    [
        ("Banque du Commerce Extérieur", "bank commercial foreign"),
        ("Комитет космических технологий", "committee space technology"),
        ("Alpha Trading Company", None),
        ("Pak Han Se", None),
    ],
)
def test_names_of_bodies_are_put_into_english(text: str, wording: str | None) -> None:
    assert english_wordings(text) == ((wording,) if wording else ())


@pytest.mark.parametrize(
    ("query", "subject"),
    [
        ("Mr. PAEK MA", "9066978"),
        ("Mrs GOLDEN STAR 3", None),
        ("NORTH WIND (prev. name PAEK MA)", "9066978"),
        ("NORTH WIND, previous name: PAEK MA", "9066978"),
        ("NORTH WIND old name PAEK MA", "9066978"),
        ("NORTH WIND (late name PAEK MA)", "9066978"),
        ("NORTH WIND prev. PAEK MA", "9066978"),
        ("PAEK MA V.7", "9066978"),
        ("PAEK MA V012W", "9066978"),
        ("PAEK MA VOY 3E", "9066978"),
        ("MV PAEK MA VOYAGE 118", "9066978"),
        ("Mr. PAEK MA CHOL", None),
        ("PAEK MA TRADER", None),
        ("FOREIGN TRADE BANK (FTB); the account is closed, letters are to be sent to the second floor", "KPe.047"),
        ("FOREIGN TRADE BANK (VTB); the account is closed, letters are to be sent to the second floor", None),
    ],
)
def test_what_is_filled_in_beside_a_name_hides_none(index: Index, query: str, subject: str | None) -> None:
    assert found(index, query)[:1] == ([subject] if subject else [])


def test_the_number_of_a_voyage_is_named_as_set_aside(index: Index) -> None:
    assert [text for text, _ in index.read("JIN TENG VOY 3E").not_compared] == ["VOY", "3E"]
    assert [text for text, _ in index.read("JIN TENG V.7").not_compared] == ["V.7"]
    assert not index.read("SAM JONG 2").not_compared


@given(st.text("abc", max_size=5), st.text("abc", max_size=5))
@settings(max_examples=300)
def test_one_edit_is_a_restricted_damerau_levenshtein_distance_of_one(one: str, other: str) -> None:
    edits = {one[:at] + one[at + 1 :] for at in range(len(one))}
    edits |= {one[:at] + char + one[at + gap :] for at in range(len(one) + 1) for char in "abc" for gap in (0, 1)}
    edits |= {one[:at] + one[at + 1] + one[at] + one[at + 2 :] for at in range(len(one) - 1)}
    assert is_one_edit(one, other) == (other in edits - {one})


MOST = 30_000
"""Calls that one query may take."""

LONG = [
    "(a) (b) (c) (d) (e) " * 15,
    "kim yong chol " * 21,
    "kim,yong,chol," * 21,
    "trading bank general company " * 10,
    "kimyongcholpaksonghojinnamgang" * 10,
    "김영철 金正植 Ким リ " * 20,
    "0158 i1l0o rn vv " * 18,
    "aka ex or & / ; | " * 16,
    "P<PRK" + "KIM<" * 70,
]


@pytest.mark.parametrize("query", LONG, ids=lambda one: one[:12])
def test_no_query_costs_more_than_a_bound(index: Index, query: str) -> None:
    assert _cost(index, query[:300]) < MOST


def test_cost_does_not_explode_with_the_length(index: Index) -> None:
    short, long = ("kim yong chol trading " * times for times in (3, 13))
    assert _cost(index, long[:300]) < 10 * _cost(index, short)


def _cost(index: Index, query: str) -> int:
    index.find(index.read(query), THRESHOLD, 0.5)  # what is worked out once and kept is not counted
    return calls_of(lambda: index.find(index.read(query), THRESHOLD, 0.5))
