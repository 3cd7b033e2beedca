"""The README: what it shows is what the API answers."""

import json
import re

import pytest

from app.settings import ROOT
from tests.conftest import Client

README = (ROOT / "README.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"^\$ curl -s 'http://127\.0\.0\.1:8000(.+?)' \| jq -c '\{(.+?)\}'\n(.+)$", README, re.MULTILINE)
ASKED = re.findall(r"\| `(/[^`]*)` \|$", README, re.MULTILINE)


@pytest.mark.parametrize(("url", "fields", "answer"), SHOWN)
def test_answers_shown_are_true(client: Client, url: str, fields: str, answer: str) -> None:
    record = client.json(url)
    assert json.loads(answer) == {name: record[name] for name in fields.split(", ")}


@pytest.mark.parametrize("url", ASKED)
def test_questions_to_begin_with_have_answers(client: Client, url: str) -> None:
    answer = client.json(url)
    assert answer.get("total", 1) > 0


def test_the_search_shown_is_true(client: Client) -> None:
    ((url, answer),) = re.findall(r"8000(/search\S+)' \| jq -c .+\n(.+)$", README, re.MULTILINE)
    hit = client.json(url)["items"][0]
    shown = {"score": hit["score"], "listed": hit["listed"], "matched": hit["matched"]["text"]}
    assert json.loads(answer) == shown


def test_there_is_something_to_check() -> None:
    assert len(SHOWN) == 2
    assert len(ASKED) >= 10
