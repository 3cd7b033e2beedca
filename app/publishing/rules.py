"""What must hold across the rows of a seed: references, stays that do not overlap, and a citation for every fact."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, inspect, or_
from sqlalchemy.orm import aliased
from sqlmodel import SQLModel, col

from app.fields.dates import LAST_DAY, parse_edtf
from app.fields.languages import is_han_alone, language_of_script
from app.publishing.batch_reader import BatchReader, key_column, key_of, table_of
from app.publishing.held import held_period
from app.publishing.seed import SEED_TABLES, Faults, fact_columns, file_stem
from app.publishing.subjects import on_list
from app.tables import (
    Act,
    Citation,
    CommitteeDecision,
    Coverage,
    DelistingRequest,
    DelistingRequestSubject,
    DesignatedParty,
    ExplainedDifference,
    ExternalIdentifier,
    Listing,
    Measure,
    MeasureCap,
    Name,
    Position,
    Relation,
    Resolution,
    Source,
    StatementRecord,
    Vessel,
    VesselParticular,
)
from app.vocabularies import (
    ExternalScheme,
    NameKind,
    Outcome,
    ParticularKind,
    PartyKind,
    RelationKind,
    RequestOutcome,
    SourceForm,
)

UNCITED: tuple[type[SQLModel], ...] = (Source, Citation, Coverage, StatementRecord, ExplainedDifference)
"""Tables that say where facts come from or point at records; they are not facts of the record themselves."""

PATHS: dict[str, tuple[type[SQLModel], ...]] = {
    "resolutions": (Resolution,),
    "committee-decisions": (CommitteeDecision,),
    "measures": (Measure,),
    "designated-parties": (DesignatedParty,),
    "vessels": (Vessel,),
    "listings": (Listing,),
    "delisting-requests": (DelistingRequest,),
}
"""What a statement can speak of: the path of a resource, and the tables of its ids."""


@dataclass
class OriginCount:
    """Number of values by the number of independent origins that support them."""

    values: int = 0
    one_origin: int = 0
    two_origins: int = 0
    more_origins: int = 0

    @property
    def cited(self) -> int:
        """Number of values with at least one origin."""
        return self.one_origin + self.twice_cited

    @property
    def twice_cited(self) -> int:
        """Number of values with at least two independent origins."""
        return self.two_origins + self.more_origins

    def count(self, origins: int) -> None:
        """Count a value that so many independent origins support."""
        self.values += 1
        self.one_origin += origins == 1
        self.two_origins += origins == 2
        self.more_origins += origins > 2

    def add(self, other: "OriginCount", times: int = 1) -> None:
        """Add the counts of another, as many times as said."""
        self.values += other.values * times
        self.one_origin += other.one_origin * times
        self.two_origins += other.two_origins * times
        self.more_origins += other.more_origins * times


CORE: dict[str, frozenset[str]] = {
    "names": frozenset({"name", "original_script"}),
    "birth_dates": frozenset({"born_on"}),
    "documents": frozenset({"kind", "number", "issued_on", "expires_on", "issued_by"}),
    "nationalities": frozenset({"country"}),
    "listings": frozenset({"listed_on", "measure", "delisted_on"}),
    "vessels": frozenset({"imo_number"}),
    "resolutions": frozenset({"votes_for", "votes_against", "abstentions"}),
    "resolution_votes": frozenset({"country", "vote"}),
    "measures": frozenset({"summary", "exceptions", "earlier", "limits", "starts_on", "ends_on", "replaced_by"}),
    "measure_bindings": frozenset({"bound"}),
    "measure_caps": frozenset({"goods", "amount", "unit", "period", "from_on", "until_on"}),
    "measure_hs_codes": frozenset({"code"}),
}
"""The core of the record, by seed file and column: names, birth dates, documents and nationalities of parties, names
and IMO numbers of ships, days and measures of listings, votes, and the content of measures."""


class Support:
    """How many values a seed has that need a source, and how many independent origins support each, by kind.

    Two sources are independent where different bodies speak in them: two copies of one Reuters report are one origin,
    and so are all that the United Nations publishes, wherever it is reprinted. A quotation repeats the words of another
    and is no origin beside one.

    Attributes:
        kinds: counts by name of the seed file.
        core: the counts of the core of the record alone, see `CORE`.
    """

    def __init__(self) -> None:
        self.kinds: dict[str, OriginCount] = defaultdict(OriginCount)
        self.core = OriginCount()

    @property
    def total(self) -> OriginCount:
        """The counts of all kinds together."""
        total = OriginCount()
        for kind in self.kinds.values():
            total.add(kind)
        return total

    def include(self, other: "Support", times: int = 1) -> None:
        """Add the counts of another part of the seed, as many times as said."""
        for kind, count in other.kinds.items():
            self.kinds[kind].add(count, times)
        self.core.add(other.core, times)

    def count(self, stem: str, column: str, origins: int) -> None:
        """Count a value of a column of a seed file that so many independent origins support."""
        self.kinds[stem].count(origins)
        if column in CORE.get(stem, ()):
            self.core.count(origins)


COVERED = PATHS.keys() - {"designated-parties"} | {"individuals", "entities"}
"""The kinds of record of which seed/coverage.csv says how many there are."""


def check(rows: BatchReader, faults: Faults) -> Support:
    """Check the rows of a seed against every rule, and count how well its values are supported.

    Args:
        rows: the tables as the seed's files filled them, and the acts.
        faults: takes in what is wrong.
    """
    for rule in RULES:
        rule(rows, faults)
    return citations(rows, faults)


def check_unique_ids(rows: BatchReader, faults: Faults) -> None:
    """No two of those that share the ids of acts, or of subjects, have the same one."""
    for first, second in (TARGETS["act"], TARGETS["subject"]):
        for row in rows.where(second, ~_names_none(getattr(second, key_column(second)), first)):
            faults.of(row, key_column(second), f"{key_of(row)!r} is already in {file_stem(first)}.csv")


TARGETS: dict[str, tuple[type[SQLModel], ...]] = {
    **{str(table.__tablename__): (table,) for table in SEED_TABLES.values()},
    "act": (Resolution, CommitteeDecision),
    "subject": (DesignatedParty, Vessel),
}
"""The tables whose ids a reference to a table may name."""


def references(rows: BatchReader, faults: Faults) -> None:
    """Every reference leads to a row."""
    for table in SEED_TABLES.values():
        for key in inspect(table).local_table.foreign_keys:
            name, target = key.parent.name, key.column.table.name
            strays = [_names_none(getattr(table, name), one) for one in TARGETS[target]]
            for row in rows.where(table, col(getattr(table, name)).is_not(None), *strays):
                faults.of(row, name, f"there is no {target} {getattr(row, name)!r}")
    for mention in rows.all(StatementRecord):
        tables = PATHS.get(mention.resource)
        if tables is None:
            faults.of(mention, "resource", f"{mention.resource!r} is none of {', '.join(PATHS)}")
        elif not any(rows.related(table, getattr(table, key_column(table)), mention.record_id) for table in tables):
            faults.of(mention, "record_id", f"there is no {mention.record_id!r} in {mention.resource}")


def _names_none(reference: Any, table: type[SQLModel]) -> ColumnElement[bool]:
    """Return the condition that a column names no row of a table."""
    return ~exists().where(_aliased_key(table) == reference)


@cache
def _aliased_key(table: type[SQLModel]) -> Any:
    """Return the key of an alias of a table; an alias takes SQLAlchemy longer to make than a rule takes to run."""
    return getattr(aliased(table), key_column(table))


def ids_tell_the_kind(rows: BatchReader, faults: Faults) -> None:
    """An id says what the rest of its row says."""
    for party in rows.all(DesignatedParty):
        kind = PartyKind.INDIVIDUAL if party.id[2] == "i" else PartyKind.ENTITY
        if party.kind != kind:
            faults.of(party, "kind", f"{party.id} is the number of an {kind}")
    for vessel in rows.all(Vessel):
        if vessel.imo_number is not None and vessel.imo_number != vessel.id:
            faults.of(vessel, "id", f"it must be the IMO number, {vessel.imo_number}")
    for decision in rows.all(CommitteeDecision):
        if decision.id != f"committee-{decision.decided_on}":
            faults.of(decision, "id", f"it must be committee-{decision.decided_on}")


def resolutions(rows: BatchReader, faults: Faults) -> None:
    """Adopted resolutions have a number and most of the votes; a draft that was vetoed has neither."""
    for row in rows.all(Resolution):
        if (row.outcome == Outcome.ADOPTED) != (row.number is not None):
            faults.of(row, "number", "a resolution has a number where it was adopted, and only there")
        if row.number is not None and row.id != str(row.number):
            faults.of(row, "id", f"it must be the number, {row.number}")
        votes = (row.votes_for, row.votes_against, row.abstentions)
        known = [vote for vote in votes if vote is not None]
        if sum(known) > 15:
            faults.of(row, "votes_for", f"the Council has fifteen members, not {sum(known)}")
        if row.written_procedure and row.meeting is not None:
            faults.of(row, "meeting", "what was adopted by written procedure was adopted at no meeting")


def intervals(rows: BatchReader, faults: Faults) -> None:
    """What ends has begun, was ended by something, and nothing is before the act that did it."""
    for measure in rows.all(Measure):
        if _is_before(rows, measure.starts_on, measure.resolution_id):
            faults.of(measure, "starts_on", f"{measure.starts_on} is before its resolution, {measure.resolution_id}")
        if measure.ends_on is not None and measure.ends_on <= measure.starts_on:
            faults.of(measure, "ends_on", f"{measure.ends_on} is not after starts_on, {measure.starts_on}")
    for listing in rows.all(Listing):
        if listing.delisted_on is not None and listing.delisted_on <= listing.listed_on:
            faults.of(listing, "delisted_on", f"{listing.delisted_on} is not after listed_on, {listing.listed_on}")
        if listing.delisted_on is None and listing.delisted_by is not None:
            faults.of(listing, "delisted_on", "what was taken off by an act was taken off on a day")
        for column, act in (("listed_on", listing.listed_by), ("delisted_on", listing.delisted_by)):
            day = getattr(listing, column)
            if day is not None and act is not None and _is_before(rows, day, act):
                faults.of(listing, column, f"{day} is before its act, {act}")


def _is_before(rows: BatchReader, day: date, act: str) -> bool:
    """Say whether a day is before an act; before one that is not known, none is."""
    return any(day < known.acted_on for known in rows.related(Act, Act.id, act))


def caps(rows: BatchReader, faults: Faults) -> None:
    """A cap lies within the days of its measure."""
    for cap in rows.all(MeasureCap):
        for measure in rows.related(Measure, Measure.id, cap.measure_id):
            if cap.from_on < measure.starts_on:
                faults.of(cap, "from_on", f"{cap.from_on} is before its measure begins, {measure.starts_on}")
            if (cap.until_on or LAST_DAY) > (measure.ends_on or LAST_DAY):
                faults.of(cap, "until_on", f"it outlives its measure, which ends on {measure.ends_on}")


VALUE_COLUMNS: dict[str, tuple[str, ...]] = {
    "names": ("name", "original_script", "kind", "quality"),
    "nationalities": ("country",),
    "positions": ("position",),
    "birth_dates": ("born_on",),
    "birth_places": ("place", "country"),
    "documents": ("kind", "number"),
    "addresses": ("address", "country"),
    "genders": ("gender",),
    "narratives": ("narrative_sha256",),
}
"""The tables of values that come onto the UN's list and go, and the columns that make two of their rows one value."""

SINGLE_VALUED = ("genders", "narratives")
"""Those of them of which an entry has one value at most."""


def details(rows: BatchReader, faults: Faults) -> None:
    """A value that has gone from the list had come onto it; no value is on it twice on one day."""
    for stem in VALUE_COLUMNS:
        for row in rows.all(SEED_TABLES[stem]):
            _period_of_detail(row, faults)
    for parent, stems in ((DesignatedParty, tuple(VALUE_COLUMNS)), (Vessel, ("names",))):
        for subject in rows.all(parent):
            for stem in stems:
                columns = VALUE_COLUMNS[stem]
                table: Any = SEED_TABLES[stem]
                of_subject = rows.related(table, table.subject_id, key_of(subject))
                _report_overlaps(of_subject, () if stem in SINGLE_VALUED else columns, faults)


def _period_of_detail(row: Any, faults: Faults) -> None:
    period = on_list(row)
    if row.on_list_since and parse_edtf(row.on_list_since).latest is None:
        faults.of(row, "on_list_since", f"{row.on_list_since} says no day by which the list had the value")
    if row.on_list_until and None in vars(parse_edtf(row.on_list_until)).values():
        faults.of(row, "on_list_until", f"{row.on_list_until} is open; it must have a first and a last day")
    elif period.possible_until <= period.certain_from or period.certain_until <= period.possible_from:
        since = row.on_list_since or "its listing"
        faults.of(row, "on_list_until", f"{row.on_list_until} is not after on_list_since, {since}")


def _report_overlaps(rows: Sequence[Any], columns: Sequence[str], faults: Faults) -> None:
    """Report rows of one subject and one value whose days overlap: the value would be on the list twice.

    Rows whose intervals of possible days touch in a gap between two lists do not overlap; they would if both were
    certain on a day.
    """
    same: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
    for row in rows:
        same[row.given_by, *(getattr(row, column) for column in columns)].append(row)
    for group in same.values():
        group.sort(key=lambda row: (on_list(row).certain_from, row.id))
        for first, second in pairwise(group):
            if on_list(second).certain_from < _end_of(first, rows):
                already = f"{first.id} has the same value on the list on some of the same days"
                faults.of(second, "on_list_since", already)


def _end_of(row: Any, rows: Sequence[Any]) -> date:
    """Return the first day on which a value is no longer certain; a primary name ends where a newer one begins."""
    period = on_list(row)
    newer = [
        on_list(other).certain_from
        for other in rows
        if table_of(other) is Name and row.kind == other.kind == NameKind.PRIMARY
    ]
    return min([period.certain_until, *(day for day in newer if day > period.certain_from)])


def coverage(rows: BatchReader, faults: Faults) -> None:
    """What is covered is a kind of record that the dataset counts."""
    for row in rows.all(Coverage):
        if row.resource not in COVERED:
            faults.of(row, "resource", f"{row.resource!r} is none of {', '.join(sorted(COVERED))}")


def requests(rows: BatchReader, faults: Faults) -> None:
    """A request is decided, or it is pending; what was granted was done."""
    for request in rows.all(DelistingRequest):
        if (request.outcome == RequestOutcome.PENDING) != (request.decided_on is None):
            faults.of(request, "decided_on", "a request has a day of decision unless it is pending")
        if (request.decided_on is None) != (request.decided_by is None):
            faults.of(request, "decided_by", "decided_on and decided_by go together")
        for act in rows.related(Act, Act.id, request.decided_by):
            if act.acted_on != request.decided_on:
                faults.of(request, "decided_on", f"{act.id} is of {act.acted_on}")
        asked = parse_edtf(request.requested_on).earliest if request.requested_on else None
        if asked and request.decided_on and asked > request.decided_on:
            faults.of(request, "requested_on", f"{request.requested_on} is after the decision, {request.decided_on}")
        _subjects_of_request(rows, faults, request)


def _subjects_of_request(rows: BatchReader, faults: Faults, request: DelistingRequest) -> None:
    about: set[str] = set()
    for row in rows.related(DelistingRequestSubject, DelistingRequestSubject.request_id, request.id):
        if row.subject_id in about:
            faults.of(row, "subject_id", f"{request.id} is about {row.subject_id} already")
        about.add(row.subject_id)
        taken_off_by = {listing.delisted_by for listing in rows.related(Listing, Listing.subject_id, row.subject_id)}
        if request.outcome == RequestOutcome.GRANTED and request.decided_by not in taken_off_by:
            faults.of(row, "subject_id", f"{request.decided_by} took no listing of it off the list")


def subjects(rows: BatchReader, faults: Faults) -> None:
    """Every subject was listed, under exactly one primary name; later ones say since when; its stays are apart."""
    for table in (DesignatedParty, Vessel):
        for subject in rows.all(table):
            names = rows.related(Name, Name.subject_id, key_of(subject))
            primary = [name for name in names if name.kind == NameKind.PRIMARY and name.on_list_since is None]
            if not primary:
                faults.of(subject, "id", "it has no primary name in names.csv that it had when it was listed")
            for other in primary[1:]:
                already = f"{other.subject_id} has another primary name, {primary[0].name!r}, since its listing"
                faults.of(other, "kind", already)
            listings = rows.related(Listing, Listing.subject_id, key_of(subject))
            if not listings:
                faults.of(subject, "id", "it has no listing in listings.csv")
            for first, second in _neighbouring_stays(listings):
                if second.listed_on < (first.delisted_on or LAST_DAY):
                    overlap = f"this stay overlaps {first.id}, of the same subject and measure"
                    faults.of(second, "listed_on", overlap)


def _neighbouring_stays(listings: Iterable[Listing]) -> Iterator[tuple[Listing, Listing]]:
    """Yield each stay of a subject with the one that follows it under the same measure."""
    stays: dict[str, list[Listing]] = defaultdict(list)
    for listing in sorted(listings, key=lambda listing: listing.listed_on):
        stays[listing.measure].append(listing)
    for same in stays.values():
        yield from pairwise(same)


def languages(rows: BatchReader, faults: Faults) -> None:
    """A name in Han characters alone says which language it is; another says nothing that its script contradicts."""
    for name in rows.all(Name):
        text = name.original_script or name.name
        known = language_of_script(text)
        if name.lang is None and is_han_alone(text):
            faults.of(
                name, "lang", f"{text} can be Korean, Chinese or Japanese; say which: ko-Hani, zh-Hans, zh-Hant, ja"
            )
        if name.lang is not None and known in ("ko", "ja") and name.lang.partition("-")[0] != known:
            faults.of(name, "lang", f"{text} is written in the script of another language, {known}")


def relations(rows: BatchReader, faults: Faults) -> None:
    """Each end of a relation is a subject or a name, one is a subject; no relation is given twice for one day."""
    for row in rows.all(Relation):
        for end in ("from", "to"):
            if (getattr(row, f"{end}_id") is None) == (getattr(row, f"{end}_name") is None):
                faults.of(row, f"{end}_id", f"give either {end}_id or {end}_name")
        if row.from_id is None and row.to_id is None:
            faults.of(row, "from_id", "one of both must be a subject of the record")
        if row.from_id is not None and row.from_id == row.to_id:
            faults.of(row, "to_id", f"{row.to_id} is at both ends")
        ends = [id for id in (row.from_id, row.to_id) if id is not None]
        if row.kind == RelationKind.SAME_HULL and not all(rows.related(Vessel, Vessel.id, id) for id in ends):
            faults.of(row, "kind", "only ships share a hull")
        if row.kind != RelationKind.SAME_HULL and rows.related(Vessel, Vessel.id, row.from_id):
            faults.of(row, "from_id", f"{row.from_id} is a ship, which is the {row.kind} of nothing")
        _held_period(row, faults)
    other: Any = aliased(Relation)
    same: list[Any] = [
        getattr(other, name).is_not_distinct_from(getattr(Relation, name))
        for name in ("from_id", "from_name", "kind", "to_id", "to_name")
    ]
    for row in rows.where(Relation, exists().where(other.id < Relation.id, *same, _both_certain(other, Relation))):
        faults.of(row, "on_since", "another row says the same of some of the same days")
    for post in rows.where(Position, col(Position.organisation_id).is_not(None)):
        both = (post.subject_id, post.organisation_id)
        if not any(rows.related(Relation, Relation.from_id, one, to_id=other) for one, other in (both, both[::-1])):
            faults.of(post, "organisation_id", f"no row of relations.csv relates it to {post.subject_id}")


def _both_certain(first: Any, second: Any) -> ColumnElement[bool]:
    """Return the condition that two rows certainly hold on one day."""
    begun = col(first.certain_from_on) < second.certain_until_on
    return and_(begun, col(second.certain_from_on) < first.certain_until_on)


def _held_period(row: Relation | VesselParticular, faults: Faults) -> None:
    period = held_period(row.on_since, row.on_until)
    if row.on_since and parse_edtf(row.on_since).latest is None:
        faults.of(row, "on_since", f"{row.on_since} says no day on which it held")
    if row.on_until and None in vars(parse_edtf(row.on_until)).values():
        faults.of(row, "on_until", f"{row.on_until} is open; it must have a first and a last day")
    elif (
        row.on_since
        and row.on_until
        and (period.possible_until <= period.certain_from or period.certain_until <= period.possible_from)
    ):
        faults.of(row, "on_until", f"{row.on_until} is not after on_since, {row.on_since}")


PARTICULAR_FORMS: dict[ParticularKind, tuple[str, str]] = {
    ParticularKind.CALL_SIGN: (r"[A-Z0-9]{3,7}", "three to seven capital letters and digits"),
    ParticularKind.MMSI: (r"[0-9]{9}", "nine digits"),
    ParticularKind.GROSS_TONNAGE: (r"[1-9][0-9]{0,5}", "a whole number without separators"),
    ParticularKind.DEADWEIGHT_TONNAGE: (r"[1-9][0-9]{0,5}", "a whole number without separators"),
    ParticularKind.YEAR_BUILT: (r"(18|19|20)[0-9]{2}", "a year of four digits"),
}
"""The form of a value, as a regular expression and in words. Call signs and MMSI: ITU Radio Regulations, article 19."""


def particulars(rows: BatchReader, faults: Faults) -> None:
    """A particular has the form of its kind, and is given once for one day."""
    for row in rows.all(VesselParticular):
        form, words = PARTICULAR_FORMS.get(row.kind, ("", ""))
        if form and not re.fullmatch(form, row.value):
            faults.of(row, "value", f"{row.value!r} is no {row.kind.replace('_', ' ')}; it must be {words}")
        _held_period(row, faults)
    other: Any = aliased(VesselParticular)
    same: list[Any] = [
        getattr(other, name) == getattr(VesselParticular, name) for name in ("vessel_id", "kind", "value")
    ]
    overlap = _both_certain(other, VesselParticular)
    for row in rows.where(VesselParticular, exists().where(other.id < VesselParticular.id, *same, overlap)):
        faults.of(row, "on_since", "another row gives the same value for some of the same days")


IDENTIFIER_FORMS: dict[ExternalScheme, tuple[str, str]] = {
    ExternalScheme.OFAC_SDN: (r"[0-9]{1,6}", "digits, its ent_num"),
    ExternalScheme.UK_OFSI: (r"[0-9]{4,6}|[A-Z]{3}[0-9]{4}", "a group id of digits, or an id such as DPR0001"),
    ExternalScheme.WIKIDATA: (r"Q[1-9][0-9]*", "Q and digits"),
}
"""The form of an identifier, as a regular expression and in words, of the lists that have one."""


def identifiers(rows: BatchReader, faults: Faults) -> None:
    """An identifier has the form of its list, and is given once; a list that lacks a subject gives it no identifier."""
    for row in rows.all(ExternalIdentifier):
        form, words = IDENTIFIER_FORMS.get(row.scheme, ("", ""))
        if form and row.value is not None and not re.fullmatch(form, row.value):
            faults.of(row, "value", f"{row.value!r} is no identifier of {row.scheme}; it must be {words}")
    other: Any = aliased(ExternalIdentifier)
    same: list[Any] = [getattr(other, name) == getattr(ExternalIdentifier, name) for name in ("subject_id", "scheme")]
    same.append(or_(col(other.value) == ExternalIdentifier.value, col(other.value).is_(None)))
    for row in rows.where(ExternalIdentifier, exists().where(other.id != ExternalIdentifier.id, *same)):
        faults.of(row, "value", f"another row has the same of {row.subject_id}, or says that {row.scheme} lacks it")


BODIES: dict[str, tuple[str, ...]] = {
    "United Nations": ("United Nations",),
    "European Union": ("European Union",),
    "United States": ("United States",),
    "Canada": ("Canada", "Government of Canada"),
    "Switzerland": ("SECO, Switzerland", "Swiss Federal Council"),
    "China": ("Ministry of Foreign Affairs, China", "Ministry of Commerce, China", "Ministry of Commerce and Customs"),
}
"""Bodies whose many offices speak with one voice, and how the names of their offices begin as publishers."""


@lru_cache(maxsize=4096)
def _origin(publisher: str) -> str:
    """Return the origin of a source: its publisher without brackets; all offices of a body are one origin."""
    name = publisher.partition(" (")[0]
    return next((body for body, offices in BODIES.items() if name.startswith(offices)), name)


def _independent_origins(sources: Iterable[Source]) -> int:
    """Return the number of independent origins among sources; quotations count as one, and only where all are."""
    origins = {_origin(source.publisher) for source in sources if source.form != SourceForm.QUOTATION}
    return len(origins) or 1


def citations(rows: BatchReader, faults: Faults) -> Support:
    """Every citation supports something that is there, and every fact has one; return how well all are supported."""
    support = Support()
    cited = {stem: table for stem, table in SEED_TABLES.items() if table not in UNCITED}
    for stem, table in cited.items():
        _check_support(rows, faults, stem, table, support)
        for citation in rows.where(Citation, col(Citation.table) == stem, _names_none(Citation.row, table)):
            _names_no_row(faults, citation)
    for citation in rows.where(Citation, col(Citation.table).not_in(cited)):
        _names_no_row(faults, citation)
    return support


def _names_no_row(faults: Faults, citation: Citation) -> None:
    what = f"there is no row {citation.row!r} in {citation.table}.csv that can be cited for"
    faults.of(citation, "row", what)


MOST_PATTERNS = 4096
"""How many patterns of citations of the rows of a table are remembered at once."""


def _check_support(rows: BatchReader, faults: Faults, stem: str, table: type[SQLModel], support: Support) -> None:
    """Check the rows of a table against their citations, and count how well their values are supported.

    Most rows have a pattern that others have, too: the same columns, cited by the same sources. Where nothing is wrong
    with the first of them, the others are only counted.
    """
    facts = fact_columns(table)
    right: dict[Any, Support] = {}
    rows_of: Counter[Any] = Counter()
    for row in rows.all(table):
        given = tuple([name for name in facts if getattr(row, name) is not None])
        found = rows.related(Citation, Citation.row, key_of(row), table=stem)
        pattern = given, tuple([(citation.fields, citation.source) for citation in found])
        if pattern not in right:
            of_row, wrong = _support_of(rows, stem, row, given, found)
            if wrong:
                support.include(of_row)
                for place, column, message in wrong:
                    faults.of(place, column, message)
                continue
            if len(right) == MOST_PATTERNS:
                _include_all(support, right, rows_of)
            right[pattern] = of_row
        rows_of[pattern] += 1
    _include_all(support, right, rows_of)


def _include_all(support: Support, right: dict[Any, Support], rows_of: Counter[Any]) -> None:
    """Include the support of all rows of some patterns, and forget these."""
    for pattern, of_row in right.items():
        support.include(of_row, rows_of[pattern])
    right.clear()
    rows_of.clear()


def _support_of(
    rows: BatchReader, stem: str, row: SQLModel, given: Sequence[str], found: Sequence[Citation]
) -> tuple[Support, list[tuple[SQLModel, str, str]]]:
    """Return how well each value of a row is supported, and what is wrong: the row, its column and what it is.

    Args:
        rows: the tables.
        stem: name of the row's seed file.
        row: the row.
        given: the columns of facts that have a value.
        found: the citations of the row.
    """
    support = Support()
    wrong: list[tuple[SQLModel, str, str]] = []
    sources: dict[str, list[Source]] = {}
    for citation in found:
        # A source that is not known is a fault of its own.
        speaking = rows.related(Source, Source.key, citation.source)
        for name in citation.fields.split():
            if name in given:
                sources.setdefault(name, []).extend(speaking)
            elif name in fact_columns(table_of(row)):
                wrong.append((citation, "fields", f"{name!r} is empty in row {citation.row!r} of {stem}.csv"))
            else:
                wrong.append((citation, "fields", f"{name!r} is no fact of {stem}.csv"))
    for name in given:
        support.count(stem, name, _independent_origins(sources[name]) if name in sources else 0)
        if name not in sources:
            wrong.append((row, name, "no citation in citations.csv supports this value"))
    return support, wrong


RULES: tuple[Callable[[BatchReader, Faults], None], ...] = (
    references,
    ids_tell_the_kind,
    resolutions,
    intervals,
    caps,
    details,
    coverage,
    requests,
    subjects,
    languages,
    relations,
    particulars,
    identifiers,
)
"""All rules but the last and longest, that of the citations."""
