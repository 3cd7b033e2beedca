"""What happened, as a sentence that a person can read."""

from collections.abc import Sequence
from typing import Protocol

from app.fields.countries import country_name
from app.fields.dates import latest_possible_day, long_date, parse_edtf
from app.publishing.rendering import Reference
from app.tables import Act, CommitteeDecision, DelistingRequest, Measure, Name, Resolution
from app.vocabularies import ChangeKind, GivenBy, ListingMeasure, NameKind, RelationKind, SubjectKind

UNDER = {
    ListingMeasure.ASSET_FREEZE: "asset freeze",
    ListingMeasure.TRAVEL_BAN: "travel ban",
    ListingMeasure.PORT_ENTRY_BAN: "port entry ban",
    ListingMeasure.FLAG_WITHDRAWAL: "withdrawal of its flag",
}


RELATED = {
    RelationKind.OWNER: "is the owner of",
    RelationKind.MANAGER: "is the manager of",
    RelationKind.OPERATOR: "is the operator of",
    RelationKind.DIRECTOR: "is a director of",
    RelationKind.OFFICER: "is an officer of",
    RelationKind.REPRESENTATIVE: "is a representative of",
    RelationKind.SUBSIDIARY: "is a subsidiary of",
    RelationKind.BRANCH: "is a branch of",
    RelationKind.ACTS_FOR: "acts for",
    RelationKind.COMMANDS: "commands",
    RelationKind.SAME_HULL: "is the same hull as",
}


class Party(Protocol):
    """A party of a relation: ``id`` and ``kind`` are None where it is not in the record."""

    @property
    def id(self) -> str | None:
        """Its id."""

    @property
    def kind(self) -> str | None:
        """individual, entity or vessel."""

    @property
    def name(self) -> str:
        """Its name."""


def related(kind: RelationKind, first: Party, second: Party) -> str:
    """Describe a relation between two parties."""
    return f"{_party(first)} {RELATED[kind]} {_party(second)}."


def relation_moved(kind: ChangeKind, sentence: str, note: str | None, happened_on: str) -> str:
    """Describe a relation that began or ended.

    Args:
        kind: which of both.
        sentence: the relation.
        note: remarks on it.
        happened_on: when, as far as known, in EDTF.
    """
    verb = "Began" if kind == ChangeKind.RELATION_BEGAN else "Ended"
    return f"{verb}{_first_seen(happened_on)}: {sentence}{f' {note}' if note else ''}"


def _party(party: Party) -> str:
    if party.id is None or party.kind is None:
        return party.name
    return label(Reference(id=party.id, kind=party.kind, name=party.name, url=""))


def label(subject: Reference) -> str:
    """Write a subject as a sentence names it: JIN TENG (IMO 9163166), CHOE SONG IL (KPi.014)."""
    if subject.kind != SubjectKind.VESSEL:
        return f"{subject.name} ({subject.id})"
    return f"{subject.name} (IMO {subject.id})" if subject.id.isdigit() else subject.name


def join_with_and(words: Sequence[str]) -> str:
    """Return words as a list in a sentence: a, b and c."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def _by(act: Act | None) -> str:
    if act is None:
        return "an act that no source names"
    return "the 1718 Committee" if act.kind == "committee_decision" else act.title.replace("Resolution", "resolution")


def _state(code: str) -> str:
    name = country_name(code)
    return f"the {name}" if name.startswith(("Democratic", "Russian", "United")) else name


def _asker(request: DelistingRequest) -> str:
    name = _state(request.requested_by) if request.requested_by else "a State that no source names"
    return name[0].upper() + name[1:]


def adopted(act: Act, resolution: Resolution) -> str:
    """Describe a resolution that was adopted."""
    votes = f" by {resolution.votes_for} votes to {resolution.votes_against}" if resolution.votes_for else ""
    abstentions = "abstention" if resolution.abstentions == 1 else "abstentions"
    abstained = f", with {resolution.abstentions} {abstentions}" if resolution.abstentions else ""
    return f"The Security Council adopted {_by(act)}{votes}{abstained}."


def vetoed(resolution: Resolution, against: Sequence[str]) -> str:
    """Describe a draft that was vetoed; ``against`` has the ISO codes of those that voted against it."""
    return f"A draft resolution, {resolution.symbol}, was vetoed by {join_with_and(list(map(_state, against)))}."


def decided(decision: CommitteeDecision) -> str:
    """Describe a decision of the Committee."""
    return f"The 1718 Committee decided: {decision.summary}"


def asked(request: DelistingRequest, names: Sequence[str]) -> str:
    """Describe a request to take subjects off the list; ``names`` are theirs."""
    return f"{_asker(request)} asked that {join_with_and(names)} be taken off the list."


def answered(request: DelistingRequest, names: Sequence[str]) -> str:
    """Describe the decision on a request; ``names`` are those of whom it is about."""
    return f"{_asker(request)} had asked that {join_with_and(names)} be taken off the list; this was {request.outcome}."


def listing(
    kind: ChangeKind,
    label: str,
    act: Act | None,
    measures: Sequence[ListingMeasure],
    request: DelistingRequest | None,
    again: bool,
) -> str:
    """Describe a subject that comes onto the list, leaves it, or comes under other measures there.

    Args:
        kind: which of these.
        label: the subject.
        act: what did it; None where no source names it.
        measures: the measures that begin or end.
        request: the request that led to it.
        again: whether the subject had been on the list before.
    """
    under = join_with_and([UNDER[measure] for measure in measures])
    if kind == ChangeKind.DELISTED:
        return f"{label} was taken off the list by {_by(act)}{_at_request(request)}."
    if kind == ChangeKind.MEASURE_LIFTED:
        return f"{label} stays on the list and is no longer under {under}, by {_by(act)}{_at_request(request)}."
    if kind == ChangeKind.MEASURE_ADDED:
        return f"{label}, on the list already, came under {under} too, by {_by(act)}."
    return f"{label} was put on the list{' again' if again else ''} by {_by(act)}: {under}."


def _at_request(request: DelistingRequest | None) -> str:
    if request is None:
        return ""
    return f", at {_state(request.requested_by)}'s request" if request.requested_by else ", on a request"


def began(measure: Measure, act: Act) -> str:
    """Describe a measure that comes into force."""
    return f"In force: {measure.title} ({_place(measure, act)})."


def ended(measure: Measure, act: Act, heir: Measure | None, cause: Act | None) -> str:
    """Describe a measure that is no longer in force; ``heir`` takes its place, by the act ``cause``."""
    instead = f"; in its place: {heir.title} ({_place(heir, cause)})" if heir and cause else ""
    return f"No longer in force: {measure.title} ({_place(measure, act)}){instead}."


def _place(measure: Measure, act: Act) -> str:
    return _by(act) + (f", paragraph {measure.paragraph}" if measure.paragraph else "")


def died(label: str) -> str:
    """Describe the death of an individual."""
    return f"{label} died."


def renamed(label: str, new: Name, happened_on: str) -> str:
    """Describe a subject with another name; ``happened_on`` says in EDTF when, as far as known."""
    if new.kind == NameKind.LATER:
        return f"{label} took the name {new.name}."
    return f"{label} is listed as {new.name}{_first_seen(happened_on)}."


def amended(
    label: str, field: str, before: Sequence[str], after: Sequence[str], happened_on: str, given_by: GivenBy
) -> str:
    """Describe values of one field of an entry that came or went.

    Args:
        label: the subject.
        field: the field.
        before: its values before.
        after: its values after.
        happened_on: when, as far as known, in EDTF.
        given_by: who gives the values.
    """
    came = [value for value in after if value not in before]
    went = [value for value in before if value not in after]
    parts = [f"{verb} {', '.join(values)}" for verb, values in (("added", came), ("removed", went)) if values]
    what = f"{field.replace('_', ' ')}: {'; '.join(parts)}".removesuffix(".")
    if given_by == GivenBy.ELSEWHERE:
        day = long_date(latest_possible_day(happened_on))
        return f"Not by the UN's list, but by another source of {day}, {label}: {what}."
    return f"The entry of {label} was amended{_first_seen(happened_on)}: {what}."


def amended_somehow(label: str) -> str:
    """Describe an amendment whose content is not known."""
    return f"The UN amended the entry of {label}; no source seen says what changed."


def _first_seen(happened_on: str) -> str:
    """Return a clause that limits a day that is not known: between which days it lies, or by which it was over."""
    bounds = parse_edtf(happened_on)
    if bounds.earliest == bounds.latest or bounds.latest is None:
        return ""
    if bounds.earliest is None:
        return f", by {long_date(bounds.latest)}"
    return f", on one of the days from {long_date(bounds.earliest)} to {long_date(bounds.latest)}"
