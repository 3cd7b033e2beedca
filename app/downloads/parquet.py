"""The flat lists as Parquet, for data frames and data warehouses; needs the extra ``parquet`` (pyarrow)."""

from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any

AT_ONCE = 10_000
"""Rows of one row group."""


def can_write() -> bool:
    """Say whether pyarrow is installed."""
    return find_spec("pyarrow") is not None


def write_parquet(path: Path, columns: Sequence[str], days: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write a flat table: texts, and days as days.

    Args:
        path: the file to write.
        columns: its columns, in order.
        days: those of them that have days.
        rows: its rows.
    """
    import pyarrow as pa  # here, as it is an extra, and large
    import pyarrow.parquet as pq

    schema = pa.schema([(name, pa.date32() if name in days else pa.string()) for name in columns])
    left = iter(rows)
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        while chunk := [dict(row) for row in islice(left, AT_ONCE)]:
            writer.write_table(pa.Table.from_pylist(chunk, schema=schema))
