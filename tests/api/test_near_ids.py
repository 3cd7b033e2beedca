"""Ids one typing error away: those that a plain search of all ids finds, by few look-ups."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.api import near_ids as module
from app.api.near_ids import LONGEST, has_id, near_ids
from app.database import OpenDataset, open_dataset


@pytest.fixture(scope="module")
def dataset(small: Path) -> Iterator[OpenDataset]:
    opened = open_dataset(small / "data" / "unlisted.db")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def ids(small: Path) -> dict[str, list[str]]:
    """All ids by the path of their resource."""
    with closing(sqlite3.connect(small / "data" / "unlisted.db")) as connection:
        rows = connection.execute("SELECT DISTINCT resource, id FROM rendering").fetchall()
    return {path: sorted(id for other, id in rows if other == path) for path, _ in rows}


def one_error_away(text: str, id: str) -> bool:
    """Compare two texts letter by letter: the definition, and slow."""
    if text == id or abs(len(text) - len(id)) > 1:
        return False
    if len(text) == len(id):
        different = [place for place in range(len(text)) if text[place] != id[place]]
        is_swapped = (
            len(different) == 2
            and different[1] == different[0] + 1
            and text[different[0]] == id[different[1]]
            and text[different[1]] == id[different[0]]
        )
        return len(different) == 1 or is_swapped
    longer, shorter = sorted((text, id), key=len, reverse=True)
    return any(longer[:place] + longer[place + 1 :] == shorter for place in range(len(longer)))


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_it_finds_what_the_definition_finds(dataset: OpenDataset, ids: dict[str, list[str]], data: Any) -> None:
    path = data.draw(st.sampled_from(sorted(ids)))
    text = list(data.draw(st.sampled_from(ids[path])))
    for _ in range(data.draw(st.integers(0, 2))):
        place = data.draw(st.integers(0, len(text)))
        text[place : place + data.draw(st.integers(0, 2))] = data.draw(
            st.lists(st.sampled_from("0129aKPe.-é\U0010ffff"), max_size=2)
        )
    given_text = "".join(text)
    expected = [id for id in ids[path] if one_error_away(given_text, id)] if len(given_text) <= LONGEST else []
    assert near_ids(dataset, path, given_text) == expected


def test_the_worst_texts_take_few_look_ups(
    dataset: OpenDataset, ids: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    longest = max((id for found in ids.values() for id in found), key=len)
    path = next(path for path, found in ids.items() if longest in found)
    texts = ["a" * 80, "1" * 80, longest[:-1] + "~", longest + "x", "", "a" * 5000, "\ud7ff" * 80]
    most = 0
    for text in texts:
        lookups = module._Lookups(dataset, path)
        monkeypatch.setattr(module, "_Lookups", lambda *_, made=lookups: made)
        near_ids(dataset, path, text)
        most = max(most, module.MOST_LOOKUPS - lookups._left)
    assert 0 < most < module.MOST_LOOKUPS


def test_an_id_that_is_there(dataset: OpenDataset) -> None:
    assert has_id(dataset, "vessels", "9163166")
    assert not has_id(dataset, "measures", "9163166")
