"""Everything that happened, worked out from the tables: who did what to whom, when, and because of what."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from sqlmodel import SQLModel

from app.fields.countries import country_name
from app.fields.dates import latest_possible_day, parse_edtf
from app.publishing import sentences
from app.publishing.batch_reader import BatchReader, key_of, table_of
from app.publishing.relations import party as related_party
from app.publishing.relations import relations_of
from app.publishing.rendering import Reference, act_reference, is_in_force, measure_reference, subject_reference
from app.publishing.seed import SEED_TABLES
from app.publishing.subjects import name_on, on_list, request_reference
from app.tables import (
    Act,
    Address,
    Amendment,
    BirthDate,
    BirthPlace,
    CommitteeDecision,
    DelistingRequest,
    DelistingRequestSubject,
    DesignatedParty,
    Document,
    GenderEntry,
    Listing,
    Measure,
    Name,
    Narrative,
    Nationality,
    Position,
    Resolution,
    ResolutionVote,
    Subject,
)
from app.vocabularies import ChangeKind, GivenBy, ListingMeasure, NameKind, Outcome, RequestOutcome, Vote

Support = tuple[str, str, Mapping[str, Sequence[str]]]
"""A row that supports an event: its seed file, its id, and the JSON Pointers that each of its columns supports."""

DAY: Sequence[str] = ("/changed_on", "/happened_on", "/kind")
KIND: Sequence[str] = ("/kind",)
ACT: Sequence[str] = ("/caused_by/act",)
REQUEST: Sequence[str] = ("/caused_by/request",)
"""What the columns of the day, the outcome, the act and the request support."""


class Event(NamedTuple):
    """Something that happened.

    Attributes:
        kind: what happened.
        subject: to whom or what.
        happened_on: when, as far as known, in EDTF.
        sentence: the whole of it, to be read.
        key: distinguishes it from others of its kind and subject; may be empty.
        concerns: whom and what a request is about.
        measures: the measures that the subject came under or is no longer under.
        field: the field of the subject's entry that was amended; None where that is not known, or nothing was.
        before: its values before; None where they are not known.
        after: its values after.
        given_by: who gives those values.
        act: the act that caused it.
        request: the request that led to it.
        support: the rows that it rests on.
    """

    kind: ChangeKind
    subject: Reference
    happened_on: str
    sentence: str
    key: str = ""
    concerns: Sequence[Reference] = ()
    measures: Sequence[ListingMeasure] = ()
    field: str | None = None
    before: Sequence[str] | None = None
    after: Sequence[str] | None = None
    given_by: GivenBy | None = None
    act: Act | None = None
    request: DelistingRequest | None = None
    support: Sequence[Support] = ()
    id: str = ""

    @property
    def changed_on(self) -> date:
        """The day that it is filed under: the last one on which it can have happened."""
        return latest_possible_day(self.happened_on)

    @property
    def place(self) -> str:
        """Its place in the order of all, as a text that sorts so."""
        return f"{self.changed_on}.{_ORDER[self.kind]:02}.{self.subject.id}.{self.id}"


_ORDER = {kind: place for place, kind in enumerate(ChangeKind)}
"""The order of changes of one day."""


def events(rows: BatchReader) -> Iterator[Event]:
    """Yield every event of the record, each with an id that it keeps from one version to the next."""
    for table, sources in _EVENT_SOURCES.items():
        for row in rows.all(table):
            for source in sources:
                yield from _identified(source(rows, row))


def _identified(explained: Iterable[Event]) -> Iterable[Event]:
    """Give events of one subject and of the same few kinds their ids, unique among all events."""
    found: dict[str, Event] = {}
    for event in sorted(explained, key=lambda event: event.place + event.key):
        id = ".".join(filter(None, [event.kind.replace("_", "-"), event.subject.id, event.key]))
        if id in found:  # one act that did the same to the same subject on another day
            id = f"{id}.{event.changed_on}"
        found[id] = event._replace(id=id)
    return found.values()


def _named(rows: BatchReader, subject: Subject, day: date) -> Reference:
    """Return a reference to a subject by the name under which the UN listed it on a day."""
    return subject_reference(subject, name_on(rows, subject.id, day))


def _votes(rows: BatchReader, resolution: Resolution) -> Iterator[Event]:
    act = rows.one_related(Act, Act.id, resolution.id)
    against = [
        cast.country
        for cast in rows.related(ResolutionVote, ResolutionVote.resolution_id, resolution.id)
        if cast.vote == Vote.AGAINST
    ]
    adopted = resolution.outcome == Outcome.ADOPTED
    columns = {"voted_on": DAY, "outcome": KIND, "symbol": ACT}
    yield Event(
        kind=ChangeKind.RESOLUTION_ADOPTED if adopted else ChangeKind.RESOLUTION_VETOED,
        subject=act_reference(act),
        happened_on=resolution.voted_on.isoformat(),
        sentence=sentences.adopted(act, resolution) if adopted else sentences.vetoed(resolution, against),
        act=act,
        support=[("resolutions", resolution.id, columns)],
    )


def _decisions(rows: BatchReader, decision: CommitteeDecision) -> Iterator[Event]:
    act = rows.one_related(Act, Act.id, decision.id)
    columns = {"decided_on": DAY, "title": ACT, "summary": ACT}
    yield Event(
        kind=ChangeKind.COMMITTEE_DECIDED,
        subject=act_reference(act),
        happened_on=decision.decided_on.isoformat(),
        sentence=sentences.decided(decision),
        act=act,
        support=[("committee_decisions", decision.id, columns)],
    )


def _requests(rows: BatchReader, request: DelistingRequest) -> Iterator[Event]:
    subjects = rows.related(DelistingRequestSubject, DelistingRequestSubject.request_id, request.id)
    about = [rows.one_related(Subject, Subject.id, row.subject_id) for row in subjects]
    named = [
        ("delisting_request_subjects", row.id, {"subject_id": [f"/concerns/{place}"]})
        for place, row in enumerate(subjects)
    ]
    # By the names that they bore while it was asked for.
    day = request.decided_on - timedelta(1) if request.decided_on else date.max
    concerned = [_named(rows, subject, day) for subject in about]
    names = [one.name for one in concerned]
    common: dict[str, Any] = {"concerns": concerned, "request": request}
    if request.requested_on:
        columns: dict[str, Sequence[str]] = {
            "requested_on": DAY,
            "requested_by": REQUEST,
            "addressed_to": REQUEST,
            "outcome": REQUEST,
        }
        yield Event(
            kind=ChangeKind.REQUEST_MADE,
            subject=request_reference(request, decided=False),
            happened_on=request.requested_on,
            sentence=sentences.asked(request, names),
            support=[("delisting_requests", request.id, columns), *named],
            **common,
        )
    if request.decided_on:
        columns = {"decided_on": DAY, "decided_by": ACT, "outcome": REQUEST, "requested_by": REQUEST}
        yield Event(
            kind=ChangeKind.REQUEST_DECIDED,
            subject=request_reference(request),
            happened_on=request.decided_on.isoformat(),
            sentence=sentences.answered(request, names),
            act=rows.one_related(Act, Act.id, request.decided_by) if request.decided_by else None,
            support=[("delisting_requests", request.id, columns), *named],
            **common,
        )


def _stays(rows: BatchReader, subject: Subject) -> Iterator[Event]:
    """Yield what put a subject on the list, took it off, or altered the measures that it is under there.

    It comes onto the list, and leaves it, where no other stay holds the day before, or the day itself.
    """
    listings = rows.related(Listing, Listing.subject_id, subject.id)
    for day in sorted({day for one in listings for day in (one.listed_on, one.delisted_on) if day}):
        was_on_list = any(is_in_force(listing, day - timedelta(1)) for listing in listings)
        is_on_list = any(is_in_force(listing, day) for listing in listings)
        # What ends and begins anew on one day goes on.
        goes_on = {
            one.measure for one in listings if is_in_force(one, day) and stands_before(listings, one.measure, day)
        }
        moved = [one for one in listings if one.measure not in goes_on]
        again = not was_on_list and any(listing.listed_on < day for listing in listings)
        for act, group in _by(moved, "delisted_on", "delisted_by", day):
            kind = ChangeKind.MEASURE_LIFTED if is_on_list else ChangeKind.DELISTED
            request = _granted(rows, subject.id, act) if act else None
            yield _stay_event(rows, subject, kind, day, act, group, request=request)
        for act, group in _by(moved, "listed_on", "listed_by", day):
            kind = ChangeKind.MEASURE_ADDED if was_on_list else ChangeKind.LISTED
            yield _stay_event(rows, subject, kind, day, act, group, again=again)


def stands_before(listings: Iterable[Listing], measure: ListingMeasure, day: date) -> bool:
    """Say whether a subject was under a measure on the day before another."""
    return any(one.measure == measure and is_in_force(one, day - timedelta(1)) for one in listings)


def _by(
    listings: Iterable[Listing], day_column: str, act_column: str, day: date
) -> list[tuple[str | None, list[Listing]]]:
    """Return the listings that begin, or end, on a day, by the act that did it; None where no source names that."""
    groups: dict[str | None, list[Listing]] = defaultdict(list)
    for listing in listings:
        if getattr(listing, day_column) == day:
            groups[getattr(listing, act_column)].append(listing)
    return sorted(groups.items(), key=lambda group: group[0] or "")


def _stay_event(
    rows: BatchReader,
    subject: Subject,
    kind: ChangeKind,
    day: date,
    act_id: str | None,
    listings: Sequence[Listing],
    request: DelistingRequest | None = None,
    again: bool = False,
) -> Event:
    act = rows.one_related(Act, Act.id, act_id) if act_id else None
    listings = sorted(listings, key=lambda listing: listing.measure)
    ends = kind in (ChangeKind.DELISTED, ChangeKind.MEASURE_LIFTED)
    columns = ("delisted_on", "delisted_by") if ends else ("listed_on", "listed_by")
    who = _named(rows, subject, day - timedelta(1) if ends else day)
    measures = [listing.measure for listing in listings]
    support: list[Support] = [
        ("listings", one.id, {columns[0]: DAY, columns[1]: ACT, "measure": [f"/measures/{place}"]})
        for place, one in enumerate(listings)
    ]
    if request:
        support.append(("delisting_requests", request.id, {"decided_by": REQUEST}))
    return Event(
        kind=kind,
        subject=who,
        happened_on=day.isoformat(),
        sentence=sentences.listing(kind, sentences.label(who), act, measures, request, again),
        key=act_id or day.isoformat(),
        measures=measures,
        act=act,
        request=request,
        support=support,
    )


def _granted(rows: BatchReader, subject_id: str, act_id: str) -> DelistingRequest | None:
    """Return the request for a subject that an act granted."""
    for row in rows.related(DelistingRequestSubject, DelistingRequestSubject.subject_id, subject_id):
        request = rows.one_related(DelistingRequest, DelistingRequest.id, row.request_id)
        if request.decided_by == act_id and request.outcome == RequestOutcome.GRANTED:
            return request
    return None


def _measures(rows: BatchReader, measure: Measure) -> Iterator[Event]:
    act = rows.one_related(Act, Act.id, measure.resolution_id)
    yield Event(
        kind=ChangeKind.MEASURE_STARTED,
        subject=measure_reference(measure),
        happened_on=measure.starts_on.isoformat(),
        sentence=sentences.began(measure, act),
        act=act,
        support=[("measures", measure.id, {"starts_on": DAY, "summary": ACT})],
    )
    if measure.ends_on:
        heir = rows.one_related(Measure, Measure.id, measure.replaced_by) if measure.replaced_by else None
        cause = rows.one_related(Act, Act.id, heir.resolution_id) if heir else None
        yield Event(
            kind=ChangeKind.MEASURE_ENDED,
            subject=measure_reference(measure),
            happened_on=measure.ends_on.isoformat(),
            sentence=sentences.ended(measure, act, heir, cause),
            act=cause,
            support=[("measures", measure.id, {"ends_on": DAY, "replaced_by": ACT})],
        )


def _deaths(rows: BatchReader, subject: Subject) -> Iterator[Event]:
    for party in rows.related(DesignatedParty, DesignatedParty.id, subject.id):
        if party.deceased_on:
            who = _named(rows, subject, latest_possible_day(party.deceased_on))
            yield Event(
                kind=ChangeKind.DIED,
                subject=who,
                happened_on=party.deceased_on,
                sentence=sentences.died(sentences.label(who)),
                field="deceased_on",
                before=[],
                after=[party.deceased_on],
                support=[("designated_parties", party.id, {"deceased_on": [*DAY, "/after/0"]})],
            )


def _relations(rows: BatchReader, subject: Subject) -> Iterator[Event]:
    """Yield when a relation of a subject began or ended, where a source gives the day or the days between which.

    What held on a day and may have held before did not begin then: nothing is known to have happened. The event is of
    the first party that is in the record; the other one is concerned.
    """
    for relation in relations_of(rows, subject.id):
        if subject.id != (relation.from_id or relation.to_id):
            continue
        others = [relation.to_id] if relation.from_id and relation.to_id else []
        moments = ((ChangeKind.RELATION_BEGAN, "on_since"), (ChangeKind.RELATION_ENDED, "on_until"))
        for kind, column in moments:
            when: str | None = getattr(relation, column)
            if when is None or when.startswith(".."):
                continue
            # By the names of the last day before it ended, or of the first on which it held.
            day = latest_possible_day(when) - timedelta(kind == ChangeKind.RELATION_ENDED)
            first = _party_on(rows, relation.from_id, relation.from_name, day)
            second = _party_on(rows, relation.to_id, relation.to_name, day)
            sentence = sentences.related(relation.kind, first, second)
            columns: dict[str, Sequence[str]] = {column: DAY, "kind": ["/sentence"], "note": ["/sentence"]}
            columns |= {end: ["/sentence"] for end in ("from_id", "from_name", "to_id", "to_name")}
            columns |= {"to_id": ["/sentence", "/concerns/0"]} if others else {}
            yield Event(
                kind=kind,
                subject=_named(rows, subject, day),
                happened_on=when,
                sentence=sentences.relation_moved(kind, sentence, relation.note, when),
                key=relation.id,
                concerns=[_named(rows, rows.one_related(Subject, Subject.id, id), day) for id in others],
                support=[("relations", relation.id, columns)],
            )


def _party_on(rows: BatchReader, id: str | None, name: str | None, day: date) -> sentences.Party:
    """Return a party of a relation by its name on a day."""
    if id is None:
        return related_party(rows, None, name)
    return _named(rows, rows.one_related(Subject, Subject.id, id), day)


def _renamings(rows: BatchReader, subject: Subject) -> Iterator[Event]:
    """Yield each primary name that took the place of another, and each that a ship took after it was listed."""
    names = rows.related(Name, Name.subject_id, subject.id)
    primary = [name for name in names if name.kind == NameKind.PRIMARY]
    primary.sort(key=lambda name: on_list(name).certain_from)
    for old, new in pairwise(primary):
        if new.on_list_since:
            yield _renaming(subject, old, new, "name", new.on_list_since, {"name": ["/after/0"], "on_list_since": DAY})
    for new in (name for name in names if name.kind == NameKind.LATER and name.used_on):
        used_on = str(new.used_on)
        yield _renaming(subject, primary[-1], new, "names", used_on, {"used_on": DAY, "name": ["/after/0"]})


def _renaming(
    subject: Subject, old: Name, new: Name, field: str, happened_on: str, columns: Mapping[str, Sequence[str]]
) -> Event:
    return Event(
        kind=ChangeKind.RENAMED,
        subject=subject_reference(subject, new.name if field == "name" else old.name),
        happened_on=happened_on,
        sentence=sentences.renamed(sentences.label(subject_reference(subject, old.name)), new, happened_on),
        key=new.id.rpartition("-")[2],
        field=field,
        before=[old.name],
        after=[new.name],
        given_by=new.given_by,
        support=[("names", new.id, columns), ("names", old.id, {"name": ["/before/0"]})],
    )


def _place(row: BirthPlace | Address) -> str:
    where: str | None = getattr(row, "place" if table_of(row) is BirthPlace else "address")
    return ", ".join(filter(None, [where, country_name(row.country) if row.country else None]))


def _reasons(row: Narrative) -> str:
    """Return the reasons in our words, with the beginning of their digest: texts may differ where our words do not."""
    digest = f"(text {row.narrative_sha256[:8]})" if row.narrative_sha256 else "(no text)"
    return f"{row.summary or 'Reasons'} {digest}"


FIELDS: dict[str, tuple[type[Any], Callable[[Any], str], str]] = {
    "names": (Name, lambda row: row.name, "name"),
    "nationalities": (Nationality, lambda row: country_name(row.country), "country"),
    "positions": (Position, lambda row: row.position, "position"),
    "birth_dates": (BirthDate, lambda row: row.born_on, "born_on"),
    "birth_places": (BirthPlace, _place, "place"),
    "documents": (Document, lambda row: f"{row.kind.replace('_', ' ')} {row.number}", "number"),
    "addresses": (Address, _place, "address"),
    "gender": (GenderEntry, lambda row: str(row.gender), "gender"),
    "summary": (Narrative, _reasons, "summary"),
}
"""The fields of an entry that are amended: their table, a value as text, and the column of the value."""


def _amendments(rows: BatchReader, subject: Subject) -> Iterator[Event]:
    """Yield each amendment of an entry: by field where it is known what changed, else as a day alone."""
    amended = {row.amended_on: row for row in rows.related(Amendment, Amendment.subject_id, subject.id)}
    known = [event for name in FIELDS for event in _field_events(rows, subject, name)]
    for event in known:
        days = vars(parse_edtf(event.happened_on)).values() if event.given_by != GivenBy.ELSEWHERE else ()
        said = [amended[day] for day in dict.fromkeys(days) if day in amended]
        support: list[Support] = [("amendments", row.id, {"amended_on": DAY}) for row in said]
        yield event._replace(support=[*event.support, *support])
    explained = {event.happened_on for event in known if event.given_by != GivenBy.ELSEWHERE}
    explained |= _days_of_renaming(rows.related(Name, Name.subject_id, subject.id))
    for day, row in amended.items():
        if day.isoformat() not in explained:
            who = _named(rows, subject, day)
            yield Event(
                kind=ChangeKind.AMENDED,
                subject=who,
                happened_on=day.isoformat(),
                sentence=sentences.amended_somehow(sentences.label(who)),
                key=day.isoformat(),
                support=[("amendments", row.id, {"amended_on": DAY})],
            )


def _days_of_renaming(names: Iterable[Name]) -> set[str]:
    """Return when, in EDTF, the UN's list came to name a subject otherwise: those are events of their own."""
    primary = [name for name in names if name.kind == NameKind.PRIMARY and name.given_by != GivenBy.ELSEWHERE]
    return {name.on_list_since for name in primary if name.on_list_since}


def _field_events(rows: BatchReader, subject: Subject, name: str) -> Iterator[Event]:
    """Yield the amendments of one field of an entry, for each that gives its values apart.

    What came and went at one time, be it a day or the days between two lists, is one amendment.
    """
    table, text, column = FIELDS[name]
    of_subject = rows.related(table, table.subject_id, subject.id)
    if all(row.on_list_since is None and row.on_list_until is None for row in of_subject):
        return
    stem = next(stem for stem, one in SEED_TABLES.items() if one is table)
    for giver in GivenBy:
        # Primary names are renamings.
        given = [row for row in of_subject if row.given_by == giver and getattr(row, "kind", None) != NameKind.PRIMARY]
        # What was there by a day, perhaps from the beginning, did not come: nothing is known to have happened.
        standing = [row for row in given if row.on_list_since is None or row.on_list_since.startswith("..")]
        moments = {when for row in given for when in (row.on_list_since, row.on_list_until) if when}
        for when in sorted(moments, key=lambda when: (latest_possible_day(when), when)):
            if when.startswith(".."):
                continue
            before = [row for row in given if row in standing]
            went = [row for row in given if row.on_list_until == when]
            came = [row for row in given if row.on_list_since == when]
            after = [row for row in given if row in came or (row in standing and row not in went)]
            standing = after
            day = latest_possible_day(when)
            happened_on = when if giver != GivenBy.ELSEWHERE else f"../{day}"
            who = _named(rows, subject, day)
            was, now = list(map(text, before)), list(map(text, after))
            givers = [] if giver == GivenBy.UN_LIST else [giver.replace("_", "-")]
            yield Event(
                kind=ChangeKind.AMENDED,
                subject=who,
                happened_on=happened_on,
                sentence=sentences.amended(sentences.label(who), name, was, now, happened_on, giver),
                key=".".join([when.replace("/", "."), name, *givers]),
                field=name,
                before=was,
                after=now,
                given_by=giver,
                support=[
                    *_supported(stem, column, before, "/before", "on_list_until", when),
                    *_supported(stem, column, after, "/after", "on_list_since", when),
                ],
            )


def _supported(table: str, column: str, values: Sequence[Any], pointer: str, end: str, when: str) -> Iterator[Support]:
    """Yield the support of the values before or after an amendment, and of its day.

    Args:
        table: their seed file.
        column: the column of the value.
        values: the rows.
        pointer: JSON Pointer of the list that they are in.
        end: the column of the day on which they came or went.
        when: the time of the amendment, in EDTF; a source of a value that came or went then supports it.
    """
    for place, row in enumerate(values):
        pointers = [f"{pointer}/{place}"]
        columns: dict[str, Sequence[str]] = {column: pointers, "country": pointers, "narrative_sha256": pointers}
        yield table, key_of(row), columns | ({end: DAY} if getattr(row, end) == when else {})


_EVENT_SOURCES: dict[type[SQLModel], tuple[Callable[[BatchReader, Any], Iterable[Event]], ...]] = {
    Resolution: (_votes,),
    CommitteeDecision: (_decisions,),
    DelistingRequest: (_requests,),
    Measure: (_measures,),
    Subject: (_stays, _renamings, _amendments, _relations, _deaths),
}
"""The functions that yield the events of a row of a table; each has kinds of event of its own."""
