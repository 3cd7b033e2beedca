"""What stands around the records of an answer: the day, the dataset, and how to cite it."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response
from pydantic import BaseModel, Field

from app.api.formats import DATA, IMMUTABLE, MEDIA_TYPES, Format, cache_control, respond
from app.api.query_models import VersionQuery
from app.api.query_types import parameter_name
from app.api.urls import base_url
from app.database import Datasets, OpenDataset
from app.publishing.rendering import BASE, Part


class DatasetPart(BaseModel):
    """Which dataset answered."""

    version: str = Field(description="Version of the dataset: the same content has the same version anywhere.")
    covers_until: date = Field(
        description="Last day until which records of this kind were checked against their sources."
    )


CITE_AS = "Absolute URL that gives this answer again, from this dataset and for this day, while the dataset is kept."


class Answer(Part):
    """What an answer says besides its records."""

    as_of: date = Field(description="The day that the answer is true of.")
    dataset: DatasetPart = Field(description="Which dataset answered.")
    cite_as: str = Field(description=CITE_AS)


@dataclass(frozen=True)
class Link:
    """Somewhere that an answer leads to, as a header says it (RFC 8288)."""

    rel: str
    url: str
    media_type: str | None = None

    def __str__(self) -> str:
        of_type = f'; type="{self.media_type}"' if self.media_type else ""
        return f'<{self.url}>; rel="{self.rel}"{of_type}'


@dataclass(frozen=True)
class Envelope:
    """What an answer is true of.

    Attributes:
        request: the request that is answered.
        dataset: the dataset that answers it.
        day: the day that the answer is true of.
        cite_as: absolute URL that gives the answer again, its beginning still to be filled in.
        covered: the kinds of record that say until when it was checked; none for all of them.
        pinned: whether the URL that was asked says the day and the dataset, so that its answer stays.
    """

    request: Request
    dataset: OpenDataset
    day: date
    cite_as: str
    covered: Sequence[str] = ()
    pinned: bool = False

    def members(self) -> dict[str, Any]:
        """Return what the answer says of itself, as its last members."""
        return {
            "as_of": self.day.isoformat(),
            "dataset": {"version": self.dataset.version, "covers_until": self._checked_until()},
            "cite_as": self.cite_as,
        }

    def send(
        self,
        body: bytes,
        form: Format,
        headers: Mapping[str, str] | None = None,
        links: Sequence[Link] = (),
    ) -> Response:
        """Return the answer, with the headers that say of it in any format what it is true of.

        Args:
            body: the answer, in which absolute links still begin with ``{base}``.
            form: the format that it is in.
            headers: further headers.
            links: further links.
        """
        about = {**self.headers(links), **(headers or {})}
        # Feeds and citations name the day of publication, which is another where the version is published once more.
        stays = self.pinned and form in DATA
        settings = self.request.app.state.settings
        directives = IMMUTABLE if stays else cache_control(settings, settings.cache_seconds)
        return respond(self.filled(body), MEDIA_TYPES[form], about, directives)

    def headers(self, links: Sequence[Link] = ()) -> dict[str, str]:
        """Return the headers that say of an answer, in any format, what it is true of."""
        targets = ", ".join(map(str, [*links, Link("cite-as", self.cite_as)]))
        return {
            "As-Of": self.day.isoformat(),
            "Dataset-Version": self.dataset.version,
            "Dataset-Covers-Until": self._checked_until(),
            "Link": targets.replace(BASE, base_url(self.request.scope)),
        }

    def filled(self, body: bytes) -> bytes:
        """Return a body with the beginning of its absolute links filled in."""
        return body.replace(BASE.encode(), base_url(self.request.scope).encode())

    def _checked_until(self) -> str:
        return self.dataset.checked_until(*self.covered).isoformat()


def asked_dataset(request: Request, query: VersionQuery) -> OpenDataset:
    """Return the dataset that a question asks for: the version it names, else the current one.

    Raises:
        VersionGone: the version is not kept.
        NoDataset: nothing is published.
    """
    datasets: Datasets = request.app.state.datasets
    return datasets.current() if query.dataset is None else datasets.version(query.dataset)


def envelope_of(
    request: Request, query: VersionQuery, path: str, covered: Sequence[str] = (), stays: bool = True
) -> Envelope:
    """Return the envelope of the answer to a question.

    Args:
        request: the request.
        query: its parameters.
        path: the path that the answer is cited under.
        covered: the kinds of record that say until when the answer was checked.
        stays: whether the answer stays the same once its URL says the day and the dataset.

    Raises:
        VersionGone: the version is not kept.
        NoDataset: nothing is published.
    """
    dataset = asked_dataset(request, query)
    pinned = {query.DAY: query.day().isoformat()} if query.DAY else {}
    asked = query_string(query, pinned | {"dataset": dataset.version}, without=("format",))
    return Envelope(request, dataset, query.day(), f"{BASE}{path}?{asked}", covered, stays and query.is_pinned())


def query_string(query: VersionQuery, pinned: Mapping[str, str], without: Collection[str] = ()) -> str:
    """Return the parameters given in a question as a query string, some of them pinned.

    Args:
        query: the question.
        pinned: parameters, with values that need no quoting, that take the place of what was given, at the end.
        without: parameters to leave out.
    """
    given: list[tuple[str, Any]] = []
    if query.model_fields_set:
        fields = type(query).model_fields
        values = query.model_dump(mode="json", include=query.model_fields_set, exclude_defaults=True)
        for field, info in fields.items():
            name = parameter_name(field, info)
            if field in values and name not in pinned and name not in without:
                value = values[field]
                given.append((name, json.dumps(value) if isinstance(value, bool) else value))
    return "&".join([urlencode(given, doseq=True)] * bool(given) + [f"{name}={pinned[name]}" for name in pinned])


def dump(value: Mapping[str, Any]) -> bytes:
    """Return an object as JSON, without blanks."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
