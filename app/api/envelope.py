"""The envelope of an answer: the day and the dataset that it is true of, and how to cite it."""

import json
import re
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response
from pydantic import BaseModel, Field

from app import __version__
from app.api.formats import COLLECTION, IMMUTABLE, MEDIA_TYPES, WHOLE, Format, cache_control, entity_tag, respond
from app.api.query_models import VersionQuery
from app.api.query_types import parameter_name
from app.api.streaming import StreamedResponse
from app.database import DatasetSource, OpenDataset
from app.fields.dates import seconds_of_today, today
from app.problems import UrlTooLong
from app.publishing.rendering import BASE, Part
from app.settings import Settings


class DatasetPart(BaseModel):
    """The dataset that answered."""

    version: str = Field(description="Version of the dataset: the same content has the same version anywhere.")
    covers_until: date = Field(
        description="Last day until which records of this kind were checked against their sources."
    )


MOST_LINK_BYTES = 2400
"""Bytes of the longest header Link: a proxy may answer 502 to a head of more than 4 kB (nginx: proxy_buffer_size)."""

CITE_AS = "Absolute URL that gives this answer again, from this dataset and for this day, while the dataset is kept."


class Answer(Part):
    """The members that every answer has besides its records."""

    as_of: date = Field(description="The day that the answer is true of.")
    dataset: DatasetPart = Field(description="The dataset that answered.")
    cite_as: str = Field(description=CITE_AS)


@dataclass(frozen=True)
class Link:
    """A link in the header of an answer (RFC 8288)."""

    rel: str
    url: str
    media_type: str | None = None

    def __str__(self) -> str:
        of_type = f'; type="{self.media_type}"' if self.media_type else ""
        return f'<{self.url}>; rel="{self.rel}"{of_type}'


@dataclass  # not frozen: to make a frozen one takes three times as long, and a first answer makes several
class Envelope:
    """The day and the dataset that an answer is true of.

    Attributes:
        request: the request that is answered.
        dataset: the dataset that answers it.
        day: the day that the answer is true of.
        cite_as: absolute URL that gives the answer again, its beginning still to be filled in.
        covers_until: ISO day until which its kinds of record were checked against their sources.
        pinned: whether the URL that was asked gives the day and the dataset, so that its answer is immutable.
        has_day: whether that URL gives the day, so that its answer is the same tomorrow.
    """

    request: Request
    dataset: OpenDataset
    day: date
    cite_as: str
    covers_until: str
    pinned: bool = False
    has_day: bool = False

    def members(self) -> dict[str, Any]:
        """Return the last members of the answer: the day, the dataset and the address to cite."""
        return {
            "as_of": self.day.isoformat(),
            "dataset": {"version": self.dataset.version, "covers_until": self.covers_until},
            "cite_as": self.cite_as,
        }

    def send(
        self,
        body: bytes,
        form: Format,
        headers: Mapping[str, str] | None = None,
        links: Sequence[Link] = (),
    ) -> Response:
        """Respond with the answer, with the day and the dataset in its headers whatever its format.

        Args:
            body: the answer, in which absolute links still begin with ``BASE``.
            form: its format.
            headers: further headers.
            links: further links.
        """
        about = {**self.headers(links, form), **(headers or {})}
        # Feeds and citations contain the day of publication, which changes if the version is published once more.
        settings = self.request.app.state.settings
        immutable = self.pinned and form in COLLECTION
        until = None if self.has_day else seconds_of_today()
        directives = IMMUTABLE if immutable else cache_control(settings, settings.cache_seconds, until)
        filled = body if form is Format.XLSX else self.filled(body)  # its cells were filled in before they were zipped
        return respond(filled, MEDIA_TYPES[form], about, directives)

    def stream(
        self, parts: AsyncIterator[bytes], form: Format, headers: Mapping[str, str], links: Sequence[Link]
    ) -> Response:
        """Respond with an answer that is sent as it is made, past the response cache.

        Its entity tag follows from the question, the dataset and this software, so that it is known before the body.

        Args:
            parts: yields the body, its absolute links filled in.
            form: its format.
            headers: further headers.
            links: further links.
        """
        asked = f"{__version__} {base_url(self.request.scope)} {form} {self.cite_as}"
        settings = self.request.app.state.settings
        until = None if self.has_day else seconds_of_today()
        named = {
            "ETag": entity_tag(asked.encode()),
            "Cache-Control": IMMUTABLE if self.pinned else cache_control(settings, settings.cache_seconds, until),
            "Vary": "Accept, Accept-Encoding",
        }
        return StreamedResponse(parts, MEDIA_TYPES[form], {**self.headers(links, form), **headers, **named})

    def headers(self, links: Sequence[Link] = (), form: Format = Format.JSON) -> dict[str, str]:
        """Return the headers with the day, the dataset and the links of the answer.

        Args:
            links: links, besides the address to cite; those that come first are kept where there is no room for all.
            form: the format of the answer.

        Raises:
            UrlTooLong: the answer is CSV, in which the next page is in no other place, and its address is too long.
        """
        about = {
            "As-Of": self.day.isoformat(),
            "Dataset-Version": self.dataset.version,
            "Dataset-Covers-Until": self.covers_until,
        }
        datasets: DatasetSource = self.request.app.state.datasets
        if datasets.fallback:
            about["Dataset-Fallback"] = str(datasets.fallback)
        base, room, kept = base_url(self.request.scope), MOST_LINK_BYTES, []
        for link in (*links, Link("cite-as", self.cite_as)):
            text = str(link).replace(BASE, base)
            if len(text) + 2 <= room:
                kept.append(text)
                room -= len(text) + 2
            elif link.rel == "next" and form is Format.CSV:
                raise UrlTooLong(
                    "The address of the next page would be too long for a header, which is where CSV has it. Ask for "
                    "JSON, or in several smaller questions."
                )
        return about | ({"Link": ", ".join(kept)} if kept else {})

    def filled(self, body: bytes) -> bytes:
        """Fill in the beginning of the absolute links of a body."""
        return body.replace(BASE.encode(), base_url(self.request.scope).encode())


def file_headers(name: str, envelope: Envelope, form: Format) -> dict[str, str]:
    """Return the headers of an answer that is saved as a file: the name that it is saved under (RFC 6266).

    Args:
        name: what is in it, such as ``vessels``.
        envelope: the day that it is true of.
        form: its format; a browser shows JSON, feeds and citations, which have no such header.
    """
    if form not in WHOLE:
        return {}
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name)
    return {"Content-Disposition": f'attachment; filename="unlisted-{plain}-{envelope.day}.{form}"'}


def described_by(table: str, fields: str | None = None) -> Link:
    """Return the link to the Table Schema of a flat table.

    Args:
        table: name of the table.
        fields: the members that its columns are limited to; None for all.
    """
    chosen = f"?fields={fields}" if fields else ""
    return Link("describedby", f"{BASE}/table-schemas/{table}{chosen}", "application/json")


def base_url(scope: Mapping[str, Any]) -> str:
    """Return the beginning of this server's absolute links, without a slash at the end.

    It comes from the settings or the listening socket, never from a Host header.

    Args:
        scope: the ASGI scope of the request, for the settings of its application and the address of its socket.
    """
    settings: Settings = scope["app"].state.settings
    if settings.public_base:
        return settings.public_base
    host, port = scope.get("server") or (settings.host, settings.port)
    if port is None:
        return f"http://{host}" if host and "/" not in host else f"http://{settings.host}:{settings.port}"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def asked_dataset(request: Request, query: VersionQuery) -> OpenDataset:
    """Open the dataset that a question asks for: the version it names, else the current one.

    Raises:
        VersionGone: the version is not kept.
        NoDataset: nothing is published.
    """
    datasets: DatasetSource = request.app.state.datasets
    return datasets.current() if query.dataset is None else datasets.version(query.dataset)


def envelope_of(
    request: Request, query: VersionQuery, path: str, covered: Sequence[str] = (), reproducible: bool = True
) -> Envelope:
    """Build the envelope of the answer to a question.

    Args:
        request: the request.
        query: its parameters.
        path: the path that the answer is cited under.
        covered: the kinds of record in the answer, in seed/coverage.csv; empty for all kinds.
        reproducible: whether the answer is immutable once its URL gives the day and the dataset.

    Raises:
        VersionGone: the version is not kept.
        NoDataset: nothing is published.
    """
    dataset, day = asked_dataset(request, query), query.day()
    pinned = {query.DAY: day.isoformat()} if query.DAY else {}
    asked = query_string(query, pinned | {"dataset": dataset.version}, without=("format",))
    return Envelope(
        request=request,
        dataset=dataset,
        day=day,
        cite_as=f"{BASE}{path}?{asked}",
        covers_until=dataset.checked_until(*covered).isoformat(),
        # A day that has begun only east of here is not over anywhere: its answer may still be corrected.
        pinned=reproducible and query.is_pinned() and day <= today(),
        has_day=query.DAY in query.model_fields_set,
    )


def query_string(query: VersionQuery, pinned: Mapping[str, str], without: Collection[str] = ()) -> str:
    """Encode the parameters of a question as a query string, some of them pinned.

    Args:
        query: the question.
        pinned: parameters, with values that need no quoting, that replace those given and come last.
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
    parts = [urlencode(given, doseq=True)] if given else []
    return "&".join([*parts, *map("=".join, pinned.items())])
