"""Fuzzing: whatever comes, it is read or refused, and never fails. `make fuzz` tries a hundred times as many cases."""

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, quote_from_bytes

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.fields.dates import parse_day, parse_edtf, parse_period
from app.problems import Problem
from app.screening.batch import read_batch
from app.un_list.xml import UnreadableListError, read_list
from benchmarks.fuzz import run
from benchmarks.fuzz.targets import TARGETS
from tests.conftest import Client

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "200"))
LONG = settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))

PATHS = st.sampled_from(
    [
        "/vessels",
        "/changes",
        "/designated-parties",
        "/measures",
        "/listings",
        "/search",
        "/diff",
        "/timeline",
        "/statements",
    ]
)
NAMES = st.sampled_from(
    [
        "after",
        "as_of",
        "listed",
        "listed_during",
        "sort",
        "limit",
        "name",
        "q",
        "from",
        "to",
        "subject",
        "dataset",
        "format",
    ]
)
NEAR = st.sampled_from(
    [
        "2016-03-20",
        "2016-02-30",
        "0000-00-00",
        "9999-12-31",
        "2016-03-01/2016-04-01",
        "true",
        "-listed_on",
        "WyJhIiwiYiJd",
        "%",
    ]
)
VALUES = st.one_of(NEAR, st.text(max_size=40).map(quote), st.binary(max_size=40).map(quote_from_bytes))


@pytest.fixture(scope="module")
def small_client(small: Path) -> Iterator[Client]:
    opened = Client(small / "data" / "unlisted.db")
    yield opened
    opened.close()


def answered(client: Client, url: str) -> None:
    response = client.get(url)
    assert response.status_code < 500, url
    if response.status_code >= 400:
        assert len(response.content) <= 16_384
        assert response.headers["content-type"] == "application/problem+json"


@LONG
@given(PATHS, st.lists(st.tuples(NAMES, VALUES), max_size=5))
def test_queries(small_client: Client, path: str, given_pairs: list[tuple[str, str]]) -> None:
    answered(small_client, f"{path}?{'&'.join(f'{name}={value}' for name, value in given_pairs)}")


@LONG
@given(PATHS, st.integers(0, 200), st.integers(0, 255))
def test_cursors_with_a_byte_that_is_wrong(small_client: Client, path: str, place: int, byte: int) -> None:
    url = f"{path}?limit=1" + (
        "&q=Kim" if path == "/search" else "&from=2016-03-02&to=2016-12-17" if path == "/diff" else ""
    )
    following = small_client.get(url).json().get("next")
    if following is None or "after=" not in following:
        return
    start, _, cursor = following.rpartition("after=")
    raw = bytearray(cursor.encode())
    raw[place % len(raw)] = byte
    answered(small_client, start.removeprefix("http://testserver") + "after=" + quote_from_bytes(bytes(raw)))


@LONG
@given(st.one_of(NEAR, st.text(max_size=30), st.text("0123456789-/.~?%XuU[]{}", max_size=24)))
def test_days_and_dates(text: str) -> None:
    for parse in (parse_day, parse_edtf, parse_period):
        try:
            parse(text)
        except ValueError:  # refused, which is no failure
            continue


@LONG
@given(
    st.sampled_from(["application/json", "text/csv", "text/csv; charset=utf-16", "text/csv; charset=\x00"]),
    st.one_of(
        st.binary(max_size=400),
        st.text("[]{}\",:\\u0 name\n\r\t=;'1e", max_size=200).map(str.encode),
        st.lists(st.text(max_size=20), max_size=9).map(
            lambda rows: ("name\n" + "\n".join(rows)).encode(errors="replace")
        ),
    ),
)
def test_batches(content_type: str, body: bytes) -> None:
    try:
        rows = list(read_batch(content_type, body).rows)
    except Problem:  # refused, which is no failure
        return
    assert rows


@LONG
@given(
    st.one_of(
        st.binary(max_size=300),
        st.text("<>/&;![]-\"'= INDIVIDUALSCONSOLIDATED_LIST\n", max_size=300).map(str.encode),
        st.binary(max_size=200).map(lambda inner: b"<CONSOLIDATED_LIST><INDIVIDUALS>" + inner),
    )
)
def test_lists_of_the_un(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / f"list-{os.getpid()}.xml"
    path.write_bytes(content)
    with pytest.raises(UnreadableListError):
        read_list(path)


@pytest.mark.parametrize("name", TARGETS)
@LONG
@given(data=st.data())
def test_targets_of_atheris(name: str, data: st.DataObject) -> None:
    target = TARGETS[name]
    near = st.tuples(st.sampled_from(target.seeds), st.integers(0, 8192), st.binary(max_size=8)).map(
        lambda drawn: drawn[0][: drawn[1] % (len(drawn[0]) + 1)] + drawn[2] + drawn[0][drawn[1] % (len(drawn[0]) + 1) :]
    )
    target.run(data.draw(st.one_of(st.binary(max_size=200), near)))


@pytest.mark.parametrize("name", TARGETS)
def test_fuzzing_begins_with_what_is_read(name: str) -> None:
    target = TARGETS[name]
    assert True in [target.run(seed) for seed in target.seeds]
    assert max(map(len, target.seeds)) <= target.longest


def test_an_input_is_tried_again(tmp_path: Path) -> None:
    assert tuple(TARGETS) == run.NAMES
    (tmp_path / "input").write_bytes(b"1965")
    assert run.main(["--try", str(tmp_path / "input"), "edtf"]) == 0


def test_atheris_is_named_where_it_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    assert run.main(["edtf"]) == 1
    assert "pip install" in capsys.readouterr().err
