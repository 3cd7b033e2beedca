"""Asks a server through a client made by openapi-python-client, and prints the answers as JSON."""

import json
import sys
from datetime import date

from generated.api.search import read_search, screen_batch
from generated.api.vessels import read_vessel, read_vessels
from generated.client import Client
from generated.models.batch_row_query import BatchRowQuery
from generated.models.problem_document import ProblemDocument
from httpx import Timeout

DAY = date(2016, 3, 20)

with Client(base_url=sys.argv[1], timeout=Timeout(60)) as client:
    page = read_vessels.sync(client=client, listed=True, as_of=DAY, limit=2, sort="name")
    record = read_vessel.sync("9163166", client=client, as_of=DAY)
    search = read_search.sync(client=client, q="Jin Teng")
    rows = [BatchRowQuery(name="Jin Teng", kind="vessel"), BatchRowQuery(name="Nobody At All")]
    batch = screen_batch.sync(client=client, body=rows)
    refused = read_vessels.sync(client=client, limit=501)

answers = {
    "total": page.total,
    "names": [ship.name for ship in page.items],
    "listed": record.listed,
    "first": search.items[0].subject.id,
    "hits": [line.answer.total if line.answer else 0 for line in batch.items],
    "status": refused.status if isinstance(refused, ProblemDocument) else None,
}
json.dump(answers, sys.stdout)
