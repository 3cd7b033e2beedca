"""POST /search: a batch of 500 names, and other requests meanwhile."""

import csv
import io
import json
import shutil
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.publish import publish
from benchmarks.screening.generate import customers
from tests.conftest import Client, edit, serving


def post(client: Client, members: Any, query: str = "") -> Any:
    content, headers = json.dumps(members), {"Content-Type": "application/json"}
    response = client.request("POST", f"/search{query}", content=content, headers=headers)
    assert response.status_code == 200, response.text
    return response


def test_own_members_and_columns_come_back(client: Client) -> None:
    member = {"id": "C-17", "Name": "Kim Yong Chol", "DOB": "18 Feb 1962", "tags": ["a"]}
    (item,) = post(client, [member]).json()["items"]
    assert item["given"] == member
    assert (item["screened"], item["error"], item["answer"]["query"]["birth_date"]) == ("whole", None, "1962-02-18")
    (row,) = csv.DictReader(io.StringIO(post(client, [member], "?format=csv").text, newline=""))
    assert (row["id"], row["name"], row["tags"], row["subject.id"]) == ("C-17", "Kim Yong Chol", '["a"]', "KPi.024")


@pytest.mark.parametrize("date", ["18 Feb 1962", "19620218", "1962-02-18 00:00:00", "22695", "1962-00-00"])
def test_json_reads_dates_as_csv_does(client: Client, date: str) -> None:
    (item,) = post(client, [{"name": "Kim Yong Chol", "birth_date": date}]).json()["items"]
    assert item["answer"]["items"][0]["birth_date"] == "agrees"
    assert item["error"] is None


def test_dates_that_can_be_two_days_are_read_in_the_order_asked_for(client: Client) -> None:
    member = {"name": "x", "birth_date": "03/04/1968"}
    assert post(client, [member]).json()["items"][0]["screened"] == "part"
    assert post(client, [member], "?dates=mdy").json()["items"][0]["answer"]["query"]["birth_date"] == "1968-03-04"


def test_na_is_not_namibia(client: Client) -> None:
    (item,) = post(client, [{"name": "Lee Byung-chul", "nationality": "NA"}]).json()["items"]
    assert [hit["subject"]["id"] for hit in item["answer"]["items"]] == ["KPi.076"]
    assert item["error"] is None


def test_a_hit_that_was_cleared_is_left_out_by_its_digest(client: Client) -> None:
    (item,) = post(client, ["Kim Yong Chol"]).json()["items"]
    digest = item["answer"]["items"][0]["digest"]
    for exclude in (digest, [digest, "0" * 16]):
        (item,) = post(client, [{"name": "Kim Yong Chol", "exclude": exclude}]).json()["items"]
        assert (item["answer"]["total"], item["excluded"]) == (0, 1)
    (item,) = post(client, [{"name": "Kim Yong Chol", "exclude": "0" * 16}]).json()["items"]
    assert (item["answer"]["total"], item["excluded"]) == (1, 0)


def test_the_closest_below_is_looked_for_on_request(client: Client) -> None:
    (item,) = post(client, ["Kim Yong Chul"], "?threshold=1").json()["items"]
    assert item["answer"]["best_below"] is None
    (item,) = post(client, ["Kim Yong Chul"], "?threshold=1&closest=true").json()["items"]
    assert item["answer"]["best_below"]["subject"]["id"] == "KPi.024"


def test_the_size_is_checked_before_any_line(client: Client) -> None:
    lines = "name\n" + "Kim Yong Chol\n" * 501
    response = client.request("POST", "/search", content=lines, headers={"Content-Type": "text/csv"})
    assert response.status_code == 422
    assert "more than 500 names" in response.json()["detail"]
    response = client.request("POST", "/search", content=b"x" * 1_000_001, headers={"Content-Type": "text/csv"})
    assert response.status_code == 413


def test_others_are_answered_while_a_batch_is_under_way(server: str) -> None:
    """Every slice of a batch ends after a few milliseconds: a request that comes meanwhile is answered within it."""
    batch = json.dumps([cells[1] for cells in customers(500)])
    httpx.post(f"{server}/search", content=batch, headers={"Content-Type": "application/json"}, timeout=60)
    done = threading.Event()

    def send() -> None:
        httpx.post(f"{server}/search", content=batch, headers={"Content-Type": "application/json"}, timeout=60)
        done.set()

    sender = threading.Thread(target=send)
    answered = 0
    with httpx.Client(base_url=server) as other:
        other.get("/healthz")
        sender.start()
        while not done.is_set():
            assert other.get("/healthz").status_code == 200
            answered += 1
    sender.join()
    assert answered > 5, "requests were answered before the batch was"


def test_a_batch_under_way_finishes_on_the_dataset_that_it_began_with(
    database: Path, seed: Path, tmp_path: Path
) -> None:
    served, altered = tmp_path / "served.db", tmp_path / "altered.db"
    shutil.copy(database, served)
    edit(seed, "names", lambda names: names[0].update(name=names[0]["name"] + "X"))
    publish(seed, altered)
    body = json.dumps(["Kim Yong Chol"] * 500)
    with serving(served, tmp_path / "log", "app.cli", "serve", "--database", str(served)) as address:
        request = httpx.Request("POST", f"{address}/search", content=body, headers={"Content-Type": "application/json"})
        with httpx.Client(timeout=60) as client:
            response = client.send(request, stream=True)
            version = response.headers["dataset-version"]
            parts = response.iter_bytes(1000)
            received = next(parts)
            altered.replace(served)
            while httpx.get(f"{address}/dataset").json()["version"] == version:
                time.sleep(0.01)
            received += b"".join(parts)
            response.close()
    answer = json.loads(received)
    assert len(answer["items"]) == answer["total"] == 500
    assert all(item["answer"]["total"] == 1 for item in answer["items"])
    assert answer["dataset"]["version"] == version
