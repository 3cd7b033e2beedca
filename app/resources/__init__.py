"""The registry of resources, one line each: the application, publishing, OpenAPI and the home page read it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from app.api.flat import columns_of
from app.api.resource import FlatTable, Resource
from app.resources import (
    changes,
    committee_decisions,
    dataset,
    delisting_requests,
    designated_parties,
    diff,
    discovery,
    downloads,
    graph,
    health,
    home,
    identifiers,
    listings,
    measures,
    names,
    reconcile,
    relations,
    resolutions,
    search,
    sources,
    statements,
    table_schemas,
    timeline,
    versions,
    vessels,
)
from app.resources.batch_models import BatchRowQuery
from app.resources.search_models import HitPart


@dataclass(frozen=True)
class Registered:
    """A resource of the API.

    Attributes:
        module: its module, with its ``router`` and, where it has them, ``ABOUT`` and ``HOME``: the description of its
            tag in OpenAPI, and path and title of its link on the home page.
        collection: its collection of records; None where it has none.
    """

    module: ModuleType
    collection: Resource | None = None

    @property
    def router(self) -> APIRouter:
        """Its routes."""
        router: APIRouter = self.module.router
        return router


REGISTRY: tuple[Registered, ...] = (
    Registered(home),
    Registered(resolutions, resolutions.RESOLUTIONS),
    Registered(committee_decisions, committee_decisions.COMMITTEE_DECISIONS),
    Registered(measures, measures.MEASURES),
    Registered(designated_parties, designated_parties.DESIGNATED_PARTIES),
    Registered(vessels, vessels.VESSELS),
    Registered(relations, relations.RELATIONS),
    Registered(graph),
    Registered(identifiers, identifiers.IDENTIFIERS),
    Registered(search),
    Registered(listings, listings.LISTINGS),
    Registered(names, names.NAMES),
    Registered(delisting_requests, delisting_requests.DELISTING_REQUESTS),
    Registered(changes, changes.CHANGES),
    Registered(diff),
    Registered(timeline),
    Registered(sources, sources.SOURCES),
    Registered(statements, statements.STATEMENTS),
    Registered(dataset),
    Registered(versions, versions.VERSIONS),
    Registered(table_schemas),
    Registered(downloads),
    Registered(reconcile),
    Registered(health),
    Registered(discovery),
)
"""Every resource, in the order of the documentation."""

COLLECTIONS: tuple[Resource, ...] = tuple(one.collection for one in REGISTRY if one.collection)
"""Every collection."""

RESOURCES: tuple[Resource, ...] = tuple(one for one in COLLECTIONS if one.reproducible)
"""The collections that the version of a dataset depends on."""

HELD: Mapping[str, tuple[Any, ...]] = {kind: held for one in COLLECTIONS for kind, held in one.coverage.items()}
"""The rows that a dataset has of each kind of record in seed/coverage.csv: a table, and conditions on it."""

TAGS: list[dict[str, Any]] = [
    {"name": one.router.tags[0], "description": one.module.ABOUT} for one in REGISTRY if hasattr(one.module, "ABOUT")
]
"""The tags of OpenAPI."""

BODIES: tuple[type[BaseModel], ...] = (BatchRowQuery,)
"""The models of what is sent to the API, for OpenAPI."""

LINKS: Mapping[str, str] = dict(one.module.HOME for one in REGISTRY if hasattr(one.module, "HOME"))
"""The links of the home page to the resources, by path."""

TABLES: Mapping[str, FlatTable] = {
    **{one.table: FlatTable(f"{one.name.capitalize()}, one a row.", one.columns) for one in COLLECTIONS},
    "dataset": FlatTable("The dataset, in one row.", columns_of(dataset.DatasetRecord)),
    "diff": FlatTable("What differs between two days, one a row.", columns_of(diff.DiffItem)),
    "downloads": FlatTable("Files of the whole record, one a row.", columns_of(downloads.DownloadPart)),
    "search": FlatTable("Hits of a search, one a row.", columns_of(HitPart)),
    "timeline": FlatTable("How many were listed, a stretch of days a row.", columns_of(timeline.TimelineItem)),
}
"""The flat tables, by name."""
