"""Metrics in the text format of Prometheus: requests by route template, the dataset, of all workers together."""

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from app.database import DatasetSource
from app.problems import NoDataset

DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
"""Environment variable of prometheus-client: the folder in which several processes keep their counts."""

_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST"})
_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)


class Metrics:
    """Counts the requests of a process.

    Args:
        datasets: the dataset, whose version and age are among the metrics.
    """

    def __init__(self, datasets: DatasetSource) -> None:
        self._own = CollectorRegistry()
        self._datasets = datasets
        labels = ("method", "route", "status", "cache")
        self._requests = Counter("unlisted_requests", "Requests answered.", labels, registry=self._own)
        self._seconds = Histogram(
            "unlisted_request_seconds", "Seconds until answered.", ("route",), registry=self._own, buckets=_BUCKETS
        )

    def observe(self, method: str, route: str, status: int, seconds: float, cache: str) -> None:
        """Count a request that was answered."""
        self._requests.labels(method if method in _METHODS else "other", route, str(status), cache).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        """Return the metrics of all processes in the text format of Prometheus."""
        registry = CollectorRegistry()
        folder = os.environ.get(DIRECTORY)
        if folder:
            MultiProcessCollector(registry, folder)  # type: ignore[no-untyped-call]  # published without types
        dataset = generate_latest(_of_dataset(self._datasets))
        return generate_latest(registry if folder else self._own) + dataset


class _DatasetCollector(Collector):
    """Collects the version and the age of the dataset that answers."""

    def __init__(self, datasets: DatasetSource) -> None:
        self._datasets = datasets

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics of the dataset; only that there is none, where none is published."""
        try:
            opened, served = self._datasets.current(), self._datasets.served()
        except NoDataset:
            yield GaugeMetricFamily("unlisted_dataset_available", "Whether a dataset answers.", 0)
            return
        yield GaugeMetricFamily("unlisted_dataset_available", "Whether a dataset answers.", 1)
        yield GaugeMetricFamily(
            "unlisted_dataset_fallback",
            "Whether an earlier version answers for the published one.",
            bool(served.fallback),
        )
        yield InfoMetricFamily("unlisted_dataset", "The dataset that answers.", {"version": opened.version})
        for name, day in (("published", opened.published_on), ("covers_until", opened.checked_until())):
            yield GaugeMetricFamily(f"unlisted_dataset_{name}_age_seconds", f"Seconds since {name}.", _age(day))


def _of_dataset(datasets: DatasetSource) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(_DatasetCollector(datasets))
    return registry


def _age(day: date) -> float:
    return (datetime.now(UTC) - datetime(day.year, day.month, day.day, tzinfo=UTC)).total_seconds()
