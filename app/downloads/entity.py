"""An entity of FollowTheMoney, written without its library: an id, a schema, and properties, each a list of texts."""

import json
from collections import defaultdict
from collections.abc import Iterator

from app.fields.dates import parse_edtf
from app.publishing.batch_reader import BatchReader
from app.tables import Citation, Source

DATASET = "unlisted"
"""Name of the dataset in FollowTheMoney."""
PREFIX = "unlisted-"
"""The beginning of every id."""
LONGEST_RANGE = 10
"""Years of the longest interval of which each year is written; of a longer one, the first and the last."""


class Entity:
    """An entity of FollowTheMoney as it is made up: each property has its values once, in the order added."""

    def __init__(self, id: str, schema: str) -> None:
        self.id, self.schema = id, schema
        self.properties: dict[str, dict[str, None]] = defaultdict(dict)

    def add(self, name: str, *values: object) -> None:
        """Add values to a property; None adds nothing."""
        for value in values:
            if value is not None and str(value):
                self.properties[name][str(value)] = None

    def line(self) -> bytes:
        """Encode it as a line of JSON."""
        properties = {name: list(values) for name, values in sorted(self.properties.items())}
        document = {"id": self.id, "schema": self.schema, "properties": properties, "datasets": [DATASET]}
        return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def dates_of(edtf: str) -> list[str]:
    """Write a partly known date as FollowTheMoney has dates: a day, a month or a year; several, where it may be each.

    Args:
        edtf: the date: ``1965``, ``1965-03~``, ``1964/1966``; of an interval each year, or the ends of a long one.
    """
    bounds = parse_edtf(edtf)
    if "/" not in edtf:
        return [edtf.rstrip("~?%")]
    if bounds.earliest is None or bounds.latest is None:
        return [str(one.year) for one in (bounds.earliest, bounds.latest) if one]
    years = range(bounds.earliest.year, bounds.latest.year + 1)
    if len(years) == 1:
        months = range(bounds.earliest.month, bounds.latest.month + 1)
        return [f"{years[0]}-{month:02}" for month in months]
    return [str(year) for year in (years if len(years) <= LONGEST_RANGE else (years[0], years[-1]))]


def source_urls(rows: BatchReader, table: str, *ids: str) -> Iterator[str | None]:
    """Yield the addresses of the sources of some rows; None of one that has no address.

    Args:
        rows: the published tables.
        table: the seed file of the rows.
        ids: their ids.
    """
    for id in ids:
        for citation in rows.related(Citation, Citation.row, id, table=table):
            yield rows.one_related(Source, Source.key, citation.source).url
