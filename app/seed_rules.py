"""What must hold across the rows of a seed: references, stays that do not overlap, and a citation for every fact."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from sqlmodel import SQLModel

from app.dates import LAST_DAY, parse_edtf
from app.seed import SEED_TABLES, Seed, fact_columns, file_stem, key_of
from app.tables import (
    Citation,
    CommitteeDecision,
    Coverage,
    DelistingRequest,
    DelistingRequestSubject,
    DesignatedParty,
    ExplainedDifference,
    Listing,
    Measure,
    MeasureCap,
    Name,
    NameKind,
    Outcome,
    PartyKind,
    RequestOutcome,
    Resolution,
    Source,
    StatementRecord,
    Vessel,
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


def check_seed(seed: Seed) -> None:
    """Hold a seed against every rule; what is wrong is added to its faults."""
    for rule in RULES:
        rule(seed)


def references(seed: Seed) -> None:
    """Every reference leads to a row."""
    ids = {stem: {key_of(row) for row in rows if not isinstance(row, Citation)} for stem, rows in seed.tables.items()}
    targets: dict[str, set[str]] = {
        **{str(table.__tablename__): ids[stem] for stem, table in SEED_TABLES.items()},
        "act": ids["resolutions"] | ids["committee_decisions"],
        "subject": ids["designated_parties"] | ids["vessels"],
    }
    for table in SEED_TABLES.values():
        for key in table.__table__.foreign_keys:  # type: ignore[attr-defined]  # set by SQLModel's metaclass
            known = targets[key.column.table.name]
            for row in seed.all(table):
                value = getattr(row, key.parent.name)
                if value is not None and value not in known:
                    seed.fault(row, key.parent.name, f"there is no {key.column.table.name} {value!r}")
    for mention in seed.all(StatementRecord):
        tables = PATHS.get(mention.resource)
        if tables is None:
            seed.fault(mention, "resource", f"{mention.resource!r} is none of {', '.join(PATHS)}")
        elif not any(mention.record_id in ids[file_stem(table)] for table in tables):
            seed.fault(mention, "record_id", f"there is no {mention.record_id!r} in {mention.resource}")


def ids_tell_the_kind(seed: Seed) -> None:
    """An id says what the rest of its row says."""
    for party in seed.all(DesignatedParty):
        kind = PartyKind.INDIVIDUAL if party.id[2] == "i" else PartyKind.ENTITY
        if party.kind != kind:
            seed.fault(party, "kind", f"{party.id} is the number of an {kind}")
    for vessel in seed.all(Vessel):
        if vessel.imo_number is not None and vessel.imo_number != vessel.id:
            seed.fault(vessel, "id", f"it must be the IMO number, {vessel.imo_number}")
    for decision in seed.all(CommitteeDecision):
        if decision.id != f"committee-{decision.decided_on}":
            seed.fault(decision, "id", f"it must be committee-{decision.decided_on}")


def resolutions(seed: Seed) -> None:
    """Adopted resolutions have a number and most of the votes; a draft that was vetoed has neither."""
    for row in seed.all(Resolution):
        if (row.outcome == Outcome.ADOPTED) != (row.number is not None):
            seed.fault(row, "number", "a resolution has a number where it was adopted, and only there")
        if row.number is not None and row.id != str(row.number):
            seed.fault(row, "id", f"it must be the number, {row.number}")
        votes = (row.votes_for, row.votes_against, row.abstentions)
        known = [vote for vote in votes if vote is not None]
        if sum(known) > 15:
            seed.fault(row, "votes_for", f"the Council has fifteen members, not {sum(known)}")


def intervals(seed: Seed) -> None:
    """What ends has begun, was ended by something, and does not overlap another stay under the same measure."""
    acts = _days_of_acts(seed)
    for measure in seed.all(Measure):
        if measure.starts_on < acts.get(measure.resolution_id, date.min):
            seed.fault(measure, "starts_on", f"{measure.starts_on} is before its resolution, {measure.resolution_id}")
        if measure.ends_on is not None and measure.ends_on <= measure.starts_on:
            seed.fault(measure, "ends_on", f"{measure.ends_on} is not after starts_on, {measure.starts_on}")
    for listing in seed.all(Listing):
        if listing.delisted_on is not None and listing.delisted_on <= listing.listed_on:
            seed.fault(listing, "delisted_on", f"{listing.delisted_on} is not after listed_on, {listing.listed_on}")
        if listing.delisted_on is None and listing.delisted_by is not None:
            seed.fault(listing, "delisted_on", "what was taken off by an act was taken off on a day")
        for column, act in (("listed_on", listing.listed_by), ("delisted_on", listing.delisted_by)):
            day = getattr(listing, column)
            if day is not None and act is not None and day < acts.get(act, date.min):
                seed.fault(listing, column, f"{day} is before its act, {act}")
    for first, second in _neighbouring_stays(seed):
        if second.listed_on < (first.delisted_on or LAST_DAY):
            seed.fault(second, "listed_on", f"this stay overlaps {first.id}, of the same subject and measure")


def _days_of_acts(seed: Seed) -> dict[str, date]:
    days = {resolution.id: resolution.voted_on for resolution in seed.all(Resolution)}
    return days | {decision.id: decision.decided_on for decision in seed.all(CommitteeDecision)}


def _neighbouring_stays(seed: Seed) -> Iterator[tuple[Listing, Listing]]:
    stays: dict[tuple[str, str], list[Listing]] = defaultdict(list)
    for listing in seed.all(Listing):
        stays[listing.subject_id, listing.measure].append(listing)
    for same in stays.values():
        same.sort(key=lambda listing: listing.listed_on)
        yield from pairwise(same)


def caps(seed: Seed) -> None:
    """A cap lies within the days of its measure."""
    measures = {measure.id: measure for measure in seed.all(Measure)}
    for cap in seed.all(MeasureCap):
        measure = measures.get(cap.measure_id)
        if measure is None:
            continue
        if cap.from_on < measure.starts_on:
            seed.fault(cap, "from_on", f"{cap.from_on} is before its measure begins, {measure.starts_on}")
        if (cap.until_on or LAST_DAY) > (measure.ends_on or LAST_DAY):
            seed.fault(cap, "until_on", f"it outlives its measure, which ends on {measure.ends_on}")


def details(seed: Seed) -> None:
    """What has gone from the list had come onto it."""
    for stem in ("names", "nationalities", "positions", "birth_dates", "birth_places", "documents", "addresses"):
        for row in seed.tables[stem]:
            since, until = (getattr(row, name) for name in ("on_list_since", "on_list_until"))
            if since and until and until <= since:
                seed.fault(row, "on_list_until", f"{until} is not after on_list_since, {since}")


def requests(seed: Seed) -> None:
    """A request is decided, or it is pending; what was granted was done."""
    acts = _days_of_acts(seed)
    for request in seed.all(DelistingRequest):
        if (request.outcome == RequestOutcome.PENDING) != (request.decided_on is None):
            seed.fault(request, "decided_on", "a request has a day of decision unless it is pending")
        if (request.decided_on is None) != (request.decided_by is None):
            seed.fault(request, "decided_by", "decided_on and decided_by go together")
        if request.decided_by is not None and acts.get(request.decided_by, request.decided_on) != request.decided_on:
            seed.fault(request, "decided_on", f"{request.decided_by} is of {acts[request.decided_by]}")
        asked = parse_edtf(request.requested_on).earliest if request.requested_on else None
        if asked and request.decided_on and asked > request.decided_on:
            seed.fault(request, "requested_on", f"{request.requested_on} is after the decision, {request.decided_on}")
    about: set[tuple[str, str]] = set()
    for row in seed.all(DelistingRequestSubject):
        if (row.request_id, row.subject_id) in about:
            seed.fault(row, "subject_id", f"{row.request_id} is about {row.subject_id} already")
        about.add((row.request_id, row.subject_id))
    _granted_requests(seed)


def _granted_requests(seed: Seed) -> None:
    taken_off = {(listing.subject_id, listing.delisted_by) for listing in seed.all(Listing)}
    granted = {one.id: one.decided_by for one in seed.all(DelistingRequest) if one.outcome == RequestOutcome.GRANTED}
    for row in seed.all(DelistingRequestSubject):
        if row.request_id in granted and (row.subject_id, granted[row.request_id]) not in taken_off:
            seed.fault(row, "subject_id", f"{granted[row.request_id]} took no listing of it off the list")


def primary_names(seed: Seed) -> None:
    """Every subject was listed, under exactly one primary name; later ones say since when."""
    listed = {listing.subject_id for listing in seed.all(Listing)}
    first_names: dict[str, list[Name]] = defaultdict(list)
    for name in seed.all(Name):
        if name.kind == NameKind.PRIMARY and name.on_list_since is None:
            first_names[name.subject_id].append(name)
    for table in (DesignatedParty, Vessel):
        for subject in seed.all(table):
            if not first_names[key_of(subject)]:
                seed.fault(subject, "id", "it has no primary name in names.csv that it had when it was listed")
            if key_of(subject) not in listed:
                seed.fault(subject, "id", "it has no listing in listings.csv")
    for names in first_names.values():
        for other in names[1:]:
            seed.fault(
                other, "kind", f"{other.subject_id} has another primary name, {names[0].name!r}, since its listing"
            )


@dataclass(frozen=True)
class Support:
    """How many values a seed has that need a source, and how many have one, and two independent ones."""

    values: int
    cited: int
    twice_cited: int


def support(seed: Seed) -> Support:
    """Count how well the values of a seed are supported.

    Two sources are independent where their publishers are: two copies of one Reuters report are one origin, and so are
    all that the United Nations publishes.
    """
    origins = {source.key: _origin(source) for source in seed.all(Source)}
    found: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for citation in seed.all(Citation):
        for name in citation.fields.split():
            found[citation.table, citation.row, name].add(origins[citation.source])
    values = [
        (stem, key_of(row), name)
        for stem, table in SEED_TABLES.items()
        if table not in UNCITED
        for row in seed.tables[stem]
        for name in fact_columns(table)
        if getattr(row, name) is not None
    ]
    counts = [len(found[value]) for value in values]
    return Support(len(values), sum(count >= 1 for count in counts), sum(count >= 2 for count in counts))


ORIGINS = ("United Nations", "European Union", "United States")
"""Bodies whose many offices speak with one voice."""


def _origin(source: Source) -> str:
    """Return who speaks in a source: its publisher without what stands in brackets; all offices of a body as one."""
    name = source.publisher.partition(" (")[0]
    return next((body for body in ORIGINS if name.startswith(body)), name)


def citations(seed: Seed) -> None:
    """Every citation supports something that is there, and every fact has one."""
    rows = {
        (stem, key_of(row)): row
        for stem, table in SEED_TABLES.items()
        if table not in UNCITED
        for row in seed.tables[stem]
    }
    cited: dict[tuple[str, str], set[str]] = defaultdict(set)
    seen: dict[tuple[Any, ...], Citation] = {}
    for citation in seed.all(Citation):
        row = rows.get((citation.table, citation.row))
        place = (citation.table, citation.row, citation.source, citation.locator, citation.note)
        if seen.setdefault(place, citation) is not citation:
            seed.fault(citation, "source", "the same place in the same source is cited for this row already")
        if row is None:
            seed.fault(
                citation, "row", f"there is no row {citation.row!r} in {citation.table}.csv that can be cited for"
            )
            continue
        for name in citation.fields.split():
            if name not in fact_columns(type(row)):
                seed.fault(citation, "fields", f"{name!r} is no fact of {citation.table}.csv")
            elif getattr(row, name) is None:
                seed.fault(citation, "fields", f"{name!r} is empty in row {citation.row!r} of {citation.table}.csv")
        cited[citation.table, citation.row].update(citation.fields.split())
    for place_of_row, row in rows.items():
        for name in fact_columns(type(row)):
            if getattr(row, name) is not None and name not in cited[place_of_row]:
                seed.fault(row, name, "no citation in citations.csv supports this value")


RULES: tuple[Callable[[Seed], None], ...] = (
    references,
    ids_tell_the_kind,
    resolutions,
    intervals,
    caps,
    details,
    requests,
    primary_names,
    citations,
)
