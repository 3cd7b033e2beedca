"""From rows to records: what every record carries, and how it is put together at publish."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache, lru_cache
from operator import attrgetter
from typing import Any, ClassVar, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from pydantic_core import to_json
from sqlmodel import SQLModel

from app.fields.countries import country_name
from app.fields.dates import FIRST_DAY, LAST_DAY, includes, parse_edtf
from app.publishing.batch_reader import BatchReader
from app.tables import Act, Citation, Listing, Measure, Source, Subject
from app.vocabularies import ListingMeasure

BASE = "\x7f"
"""Stands in rendered records where an answer has the beginning of its absolute links.

One byte, as that is found in a page fifteen times as fast as a word; and a control character that JSON need not escape
and that no cell of the seed and no parameter may hold.
"""


CACHED = 4096
"""How many parts of each of some kinds, which many records share, are made once; nothing alters a part."""


class Part(BaseModel):
    """A part of an answer. Every field is always there; what is not known is null."""

    # Built when it is first used: the server renders nothing, and need not hold what would.
    model_config = ConfigDict(extra="forbid", defer_build=True)

    CELL: ClassVar[tuple[str, ...]] = ()
    """The members that are its text in the cell of a table, where it is one of a list; empty for all of them."""


class Reference(Part):
    """Another record, and where it is."""

    CELL: ClassVar[tuple[str, ...]] = ("id",)

    id: str = Field(description="Its id, unique within its resource.")
    kind: str = Field(description="What it is: resolution, committee_decision, individual, entity, vessel, …")
    name: str = Field(description="What it is called.")
    url: str = Field(description="Absolute URL of the record.")


class ActReference(Reference):
    """A resolution of the Council or a decision of its 1718 Committee."""

    CELL: ClassVar[tuple[str, ...]] = ("id", "acted_on")

    acted_on: date = Field(description="Day of the act.")


class CountryPart(Part):
    """A country."""

    CELL: ClassVar[tuple[str, ...]] = ("code",)

    code: str = Field(description="ISO 3166-1 alpha-2 code.", examples=["KP"])
    name: str = Field(description="English name.", examples=["Democratic People's Republic of Korea"])


class PartlyKnownDate(Part):
    """A date as far as it is known."""

    CELL: ClassVar[tuple[str, ...]] = ("edtf",)

    edtf: str = Field(description="As it is known, in EDTF (ISO 8601-2): 1965, 1965-03, 1964/1966, 1965~.")
    earliest: date | None = Field(description="First day that it can mean; null where that end is open.")
    latest: date | None = Field(description="Last day that it can mean; null where that end is open.")


class CitationPart(Part):
    """A place in a source, and what of the record it supports."""

    CELL: ClassVar[tuple[str, ...]] = ("source",)

    source: str = Field(description="Key of the source.")
    title: str = Field(description="Title of the source.")
    publisher: str = Field(description="Who published it.")
    published_on: str | None = Field(description="When, as far as known, in EDTF.")
    locator: str | None = Field(description="Where in the source: a paragraph, an annex, an entry's number.")
    supports: list[str] = Field(description="Fields of this record that it supports, as JSON Pointers (RFC 6901).")
    note: str | None = Field(description="What the source says otherwise, or what limits it.")
    url: str = Field(description="Absolute URL of the source's own record, which says where to find it.")


class ListingFacts(Part):
    """One stay on the list under one measure: from listed_on until the day before delisted_on."""

    measure: ListingMeasure = Field(description="What it is under: asset_freeze, travel_ban, port_entry_ban, …")
    listed_on: date = Field(description="First day on the list.")
    listed_by: ActReference = Field(description="The act that listed it.")
    basis: str | None = Field(description="The earlier paragraph that it rests on; null where no source shows it.")
    paragraph: str | None = Field(description="Paragraph of the act; null where no source shows the number.")
    annex: str | None = Field(description="Annex of the act; null where there is none or no source shows it.")
    delisted_on: date | None = Field(description="First day off the list; null while it is on it.")
    delisted_by: ActReference | None = Field(description="The act that took it off.")
    delisting_ground: str | None = Field(description="Why it was taken off, in our words.")
    note: str | None = Field(description="What else there is to say of this stay.")


class ListingPart(ListingFacts):
    """A stay on the list, as a part of the record of its subject."""

    CELL: ClassVar[tuple[str, ...]] = ("measure", "listed_on", "delisted_on")

    id: str = Field(description="Id of the listing.")
    url: str = Field(description="Absolute URL of the listing's own record.")


def dump_parts(value: Any) -> bytes:
    """Encode parts of answers, and texts, whole numbers, lists and mappings of them, as `dump_json` does."""
    return to_json(value, by_alias=False)


LAST_MEMBERS = ("not_known", "sources_count", "citations", "url")
"""The members of a record that follow those of its kind, in this order."""


class Record(Part):
    """What every record carries."""

    EXPECTED: ClassVar[tuple[str, ...]] = ()
    """Fields that a complete record would have: where one is null, ``not_known`` says that no source shows it."""

    id: str = Field(description="Stable id, unique within the resource; the UN's own where it has one.")
    not_known: list[str] = Field(
        default_factory=list,
        description=(
            "Fields that would have a value if a source had been found that shows it, by name; and, as JSON Pointers "
            "such as /positions, fields of which it is not known which of the values in `possible` they had on the day."
        ),
    )
    sources_count: int = Field(default=0, description="How many sources support it; `citations` names them.")
    citations: list[CitationPart] = Field(
        default_factory=list, description="Where the facts come from, and which source supports which."
    )
    url: str = Field(description="Absolute URL of this record.")

    def expected(self) -> tuple[str, ...]:
        """Return the fields that this record would have if it were complete."""
        return self.EXPECTED

    def complete(self, evidence: "Evidence | None" = None, unsettled: Iterable[str] = ()) -> "EncodedRecord":
        """Encode the record as JSON, with what is not known and the citations that support it.

        Args:
            evidence: the citations.
            unsettled: JSON Pointers of fields of which it is not known which of several values they had on the day.
        """
        values = self.__dict__
        citations = evidence.citations() if evidence else []
        not_known = [name for name in self.expected() if values[name] is None]
        last = {
            "not_known": [*not_known, *dict.fromkeys(unsettled)],
            "sources_count": len({citation.source for citation in citations}),
            "citations": citations,
        }
        model, values = type(self), self.__dict__ | last
        return EncodedRecord(model, {name: encode(values[name]) for name, encode in _encoders(model).items()})


class EncodedRecord(str):
    """A record as JSON, made of its members, which are encoded one by one.

    What differs between two days, and the item of a collection, is made of the same members: to encode them again
    took a third of the time of a publication.

    Attributes:
        model: the answer model of the record.
        members: each member as JSON, in the order of the record.
    """

    __slots__ = ("members", "model")

    model: type[Record]
    members: Mapping[str, bytes]

    def __new__(cls, model: type[Record], members: Mapping[str, bytes]) -> "EncodedRecord":
        """Encode a record of members that are encoded."""
        record = str.__new__(cls, join_members(_object_of(model), members.values()))
        record.model, record.members = model, members
        return record

    def altered(self, values: Mapping[str, Any]) -> "EncodedRecord":
        """Return the record with other values of some members."""
        encoders = _encoders(self.model)
        return EncodedRecord(
            self.model, {**self.members, **{name: encoders[name](value) for name, value in values.items()}}
        )


@cache
def _encoders(model: type[Record]) -> dict[str, Callable[[Any], bytes]]:
    """Return the functions that encode the members of a record, as their types say, in the order of its members."""
    first = [name for name in model.model_fields if name not in LAST_MEMBERS]
    adapters = {
        name: TypeAdapter[Any](model.model_fields[name].rebuild_annotation()) for name in (*first, *LAST_MEMBERS)
    }
    return {name: adapter.serializer.to_json for name, adapter in adapters.items()}


@cache
def _object_of(model: type[Record]) -> bytes:
    """Build the form of a record, for `join_members`."""
    return object_form(_encoders(model))


def object_form(names: Iterable[str]) -> bytes:
    """Build the form of a JSON object with the names given, for `join_members`."""
    return b"{%b}" % b",".join(b"%b:%%b" % to_json(name) for name in names)


def join_members(form: bytes, members: Iterable[bytes]) -> str:
    """Put members that are encoded together to a JSON object.

    Args:
        form: what `object_form` made of their names.
        members: the values as JSON, in the same order.
    """
    return (form % tuple(members)).decode()


_CITED_ROW, _SOURCE_KEY = Citation.row, Source.key
"""Columns that every record is asked by: to get one from its table takes as long as to find what is held by it."""


class Evidence:
    """Gathers, while a record is put together, which citation supports which part of it."""

    def __init__(self, rows: BatchReader) -> None:
        self._rows = rows
        self._supported: dict[tuple[str, str | None, str | None], dict[str, None]] = {}

    def add(
        self, table: str, row: str, at: str = "", renamed: Mapping[str, str] | None = None, absent: Sequence[str] = ()
    ) -> None:
        """Take in the citations of one row.

        Args:
            table: name of its seed file.
            row: its id.
            at: JSON Pointer of the object that the row became; empty for the record itself.
            renamed: where in that object a column went whose field has another name; empty where the object itself
                is the column's value.
            absent: columns that the record does not show on the day.
        """
        other_names = tuple(renamed.items()) if renamed else ()
        for citation in self._citations(table, row):
            self._support(citation, _pointers(citation.fields, at, other_names, tuple(absent)))

    def support(self, table: str, row: str, pointers: Mapping[str, Sequence[str]]) -> None:
        """Take in the citations of some columns of one row.

        Args:
            table: name of its seed file.
            row: its id.
            pointers: the columns, and the JSON Pointers that each of them supports.
        """
        for citation in self._citations(table, row):
            columns = citation.fields.split()
            self._support(citation, dict.fromkeys(one for column in columns for one in pointers.get(column, ())))

    def _citations(self, table: str, row: str) -> list[Citation]:
        found = self._rows.related(Citation, _CITED_ROW, row, table=table)
        return found if len(found) < 2 else sorted(found, key=attrgetter("ordinal"))

    def _support(self, citation: Citation, pointers: Mapping[str, None]) -> None:
        if pointers:
            self._supported.setdefault((citation.source, citation.locator, citation.note), {}).update(pointers)

    def citations(self) -> list[CitationPart]:
        """Return one citation for each place in a source."""
        return [
            _citation_part(self._rows.one_related(Source, _SOURCE_KEY, key), locator, note, tuple(pointers))
            for (key, locator, note), pointers in self._supported.items()
        ]


@lru_cache(maxsize=CACHED)
def _pointers(
    fields: str, at: str, renamed: tuple[tuple[str, str], ...], absent: tuple[str, ...]
) -> Mapping[str, None]:
    """Return the JSON Pointers that a citation supports, each once, in order; see `Evidence.add`."""
    other_names = dict(renamed)
    names = [other_names.get(column, column) for column in fields.split() if column not in absent]
    return dict.fromkeys(f"{at}/{name}" if name else at for name in names)


@lru_cache(maxsize=CACHED)
def _citation_part(source: Source, locator: str | None, note: str | None, supports: tuple[str, ...]) -> CitationPart:
    return CitationPart(
        source=source.key,
        title=source.title,
        publisher=source.publisher,
        published_on=source.published_on,
        locator=locator,
        supports=list(supports),
        note=note,
        url=url("sources", source.key),
    )


class RenderedRecord(NamedTuple):
    """A record as it reads from one day until, exclusively, another.

    Attributes:
        id: the record's id.
        from_on: first day on which it reads so.
        until_on: first day on which it no longer does.
        record: the record as JSON.
        lookup_rows: rows by which it is asked for, of tables that no seed file fills.
    """

    id: str
    from_on: date
    until_on: date
    record: str
    lookup_rows: Sequence[SQLModel] = ()


def constant(id: str, record: str) -> RenderedRecord:
    """Return a record that reads the same on every day."""
    return RenderedRecord(id, FIRST_DAY, LAST_DAY, record)


def by_interval(
    id: str,
    days: Iterable[date | None],
    record_on: Callable[[date], EncodedRecord],
    altering_days: Iterable[date | None] = (),
    altered_on: Callable[[date], Mapping[str, Any]] = lambda _: {},
) -> Iterator[RenderedRecord]:
    """Yield a record once for each half-open stretch of days on which it reads the same.

    Args:
        id: the record's id.
        days: the days on which any of its members may change; None among them means none.
        record_on: gives the record as it reads on a day.
        altering_days: further days, on which only some members may change.
        altered_on: gives those members as they read on a day.
    """
    anew = {FIRST_DAY, *filter(None, days)}
    starts = sorted(anew.union(filter(None, altering_days)))
    record = record_on(FIRST_DAY)
    for start, end in zip(starts, [*starts[1:], LAST_DAY], strict=True):
        if start != FIRST_DAY:
            record = record_on(start) if start in anew else record.altered(altered_on(start))
        yield RenderedRecord(id, start, end, record)


def url(resource: str, id: str) -> str:
    """Return the absolute URL of a record, its beginning still to be filled in."""
    return f"{BASE}/{resource}/{id}"


@lru_cache(maxsize=CACHED)
def country(code: str | None) -> CountryPart | None:
    """Return a country by its alpha-2 code."""
    return None if code is None else CountryPart(code=code, name=country_name(code))


@lru_cache(maxsize=CACHED)
def partly_known(edtf: str | None) -> PartlyKnownDate | None:
    """Return a date in EDTF with the days between which it lies."""
    if edtf is None:
        return None
    bounds = parse_edtf(edtf)
    return PartlyKnownDate(edtf=edtf, earliest=bounds.earliest, latest=bounds.latest)


@lru_cache(maxsize=CACHED)
def act_reference(act: Act) -> ActReference:
    """Return a reference to a resolution or a decision of the Committee."""
    resource = "committee-decisions" if act.kind == "committee_decision" else "resolutions"
    return ActReference(id=act.id, kind=act.kind, name=act.title, url=url(resource, act.id), acted_on=act.acted_on)


@lru_cache(maxsize=CACHED)
def subject_reference(subject: Subject, name: str | None = None) -> Reference:
    """Return a reference to an individual, an entity or a ship, by its newest name or by the one given."""
    resource = "vessels" if subject.kind == "vessel" else "designated-parties"
    return Reference(id=subject.id, kind=subject.kind, name=name or subject.name, url=url(resource, subject.id))


def measure_reference(measure: Measure) -> Reference:
    """Return a reference to a measure."""
    return Reference(id=measure.id, kind="measure", name=measure.title, url=url("measures", measure.id))


def listing_part(rows: BatchReader, listing: Listing) -> ListingPart:
    """Build a listing as a part of the record of its subject."""
    return ListingPart(**listing_fields(rows, listing))


def listing_fields(rows: BatchReader, listing: Listing) -> dict[str, Any]:
    """Return the fields of a listing, for the record of its subject or for its own."""
    return {
        **listing.model_dump(exclude={"subject_id"}),
        "listed_by": act_reference(rows.one_related(Act, Act.id, listing.listed_by)),
        "delisted_by": act_reference(rows.one_related(Act, Act.id, listing.delisted_by))
        if listing.delisted_by
        else None,
        "url": url("listings", listing.id),
    }


def is_in_force(listing: Listing, day: date) -> bool:
    """Say whether a listing is in force on a day."""
    return includes(listing.listed_on, listing.delisted_on, day)
