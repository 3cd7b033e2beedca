"""The ships as FastAPI's and SQLModel's tutorials would serve them: objects, relationships, response models.

It answers less than the API does: no day, no status, the citations of the ship's own row only.
"""

import os
from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Query
from sqlalchemy import and_
from sqlalchemy.orm import registry, selectinload
from sqlmodel import Field, Relationship, Session, SQLModel, create_engine, select


class Table(SQLModel, registry=registry()):
    """Tables of this application alone."""


class ActPublic(SQLModel):
    """A resolution or a decision."""

    id: str = Field(primary_key=True)
    kind: str
    title: str
    acted_on: str


class Act(ActPublic, Table, table=True):
    """A resolution or a decision, in the database."""


class SourcePublic(SQLModel):
    """A source."""

    key: str = Field(primary_key=True)
    title: str
    publisher: str
    published_on: str | None


class Source(SourcePublic, Table, table=True):
    """A source, in the database."""


class CitationBase(SQLModel):
    """A place in a source."""

    id: str = Field(primary_key=True)
    fields: str
    locator: str | None
    note: str | None


class Citation(CitationBase, Table, table=True):
    """A place in a source, in the database."""

    table: str
    row: str
    source_key: str = Field(foreign_key="source.key", sa_column_kwargs={"name": "source"})
    source: Source = Relationship()


class CitationPublic(CitationBase):
    """A place in a source, with the source."""

    source: SourcePublic


class NameBase(SQLModel):
    """A name."""

    id: str = Field(primary_key=True)
    name: str
    kind: str
    given_by: str


class Name(NameBase, Table, table=True):
    """A name, in the database."""

    subject_id: str = Field(foreign_key="vessel.id")


class FlagBase(SQLModel):
    """A flag."""

    id: str = Field(primary_key=True)
    country: str
    given_on: str


class Flag(FlagBase, Table, table=True):
    """A flag, in the database."""

    vessel_id: str = Field(foreign_key="vessel.id")


class ListingBase(SQLModel):
    """A stay on the list."""

    id: str = Field(primary_key=True)
    measure: str
    listed_on: str
    delisted_on: str | None
    paragraph: str | None
    annex: str | None


class Listing(ListingBase, Table, table=True):
    """A stay on the list, in the database."""

    subject_id: str = Field(foreign_key="vessel.id")
    listed_by: str = Field(foreign_key="act.id")
    act: Act = Relationship()


class ListingPublic(ListingBase):
    """A stay on the list, with what began it."""

    act: ActPublic


class VesselBase(SQLModel):
    """A ship."""

    id: str = Field(primary_key=True)
    imo_number: str | None
    note: str | None


class Vessel(VesselBase, Table, table=True):
    """A ship, in the database."""

    names: list[Name] = Relationship()
    flags: list[Flag] = Relationship()
    listings: list[Listing] = Relationship()
    citations: list[Citation] = Relationship(
        sa_relationship_kwargs={
            "primaryjoin": lambda: and_(Vessel.id == Citation.row, Citation.table == "vessels"),  # type: ignore[arg-type]
            "foreign_keys": lambda: Citation.row,
            "viewonly": True,
        }
    )


class VesselPublic(VesselBase):
    """A ship, with all that belongs to it."""

    names: list[NameBase]
    flags: list[FlagBase]
    listings: list[ListingPublic]
    citations: list[CitationPublic]


engine = create_engine(f"sqlite:///{os.environ['UNLISTED_DATABASE']}", connect_args={"check_same_thread": False})
app = FastAPI()


def get_session() -> Iterator[Session]:
    """Give a session for the time of a request."""
    with Session(engine) as session:
        yield session


LOADED = (
    selectinload(Vessel.names),  # type: ignore[arg-type]  # a relationship, to mypy a list
    selectinload(Vessel.flags),  # type: ignore[arg-type]
    selectinload(Vessel.listings).selectinload(Listing.act),  # type: ignore[arg-type]
    selectinload(Vessel.citations).selectinload(Citation.source),  # type: ignore[arg-type]
)


@app.get("/vessels", response_model=list[VesselPublic])
def read_vessels(
    session: Annotated[Session, Depends(get_session)], offset: int = 0, limit: Annotated[int, Query(le=500)] = 50
) -> object:
    """Return a page of ships."""
    return session.exec(select(Vessel).options(*LOADED).order_by(Vessel.id).offset(offset).limit(limit)).all()


@app.get("/vessels/{id}", response_model=VesselPublic)
def read_vessel(id: str, session: Annotated[Session, Depends(get_session)]) -> object:
    """Return one ship."""
    found = session.exec(select(Vessel).options(*LOADED).where(Vessel.id == id)).first()
    if found is None:
        raise HTTPException(404)
    return found
