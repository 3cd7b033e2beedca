"""The record held against the UN's consolidated list: what is missing, what is extra, and which values differ."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Protocol, TypeVar

from app.publishing.seed import Seed
from app.tables import (
    Address,
    Amendment,
    BirthDate,
    BirthPlace,
    DesignatedParty,
    Document,
    ExplainedDifference,
    Listing,
    Name,
    Nationality,
    Position,
)
from app.un_list.xml import ConsolidatedList, ListedDocument, ListedName, ListedParty, ListedPlace
from app.vocabularies import GivenBy, NameKind, PartyKind

LARGEST_FALL = 0.1
"""By which share of its parties a list may be shorter than the record before it is believed only when told to."""


class ShrunkListError(Exception):
    """The list is so much shorter than the record that it is more likely to be cut than to be true."""


@dataclass(frozen=True, order=True)
class Difference:
    """A value that the record and the list do not share.

    Attributes:
        reference_number: of the party.
        field: the field, or empty where the whole party is missing from one of the two.
        record_value: as the record has it, None where it does not.
        list_value: as the list has it, None where it does not.
    """

    reference_number: str
    field: str
    record_value: str | None
    list_value: str | None

    @property
    def kind(self) -> str:
        """``missing`` from the record, ``extra`` in the record, or ``differs``."""
        if self.record_value is None:
            return "missing"
        return "extra" if self.list_value is None else "differs"


@dataclass(frozen=True)
class Comparison:
    """What a comparison found.

    Attributes:
        generated_on: day on which the list was generated.
        parties: how many parties of the regime the list has.
        unexplained: differences to look into, in the order of reference numbers.
        explained: differences that seed/explained_differences.csv gives a reason for.
        outdated: explanations of differences that are no longer there.
    """

    generated_on: date
    parties: int
    unexplained: list[Difference]
    explained: list[tuple[Difference, str]]
    outdated: list[Difference]


def compare(seed: Seed, published: ConsolidatedList, *, force: bool = False) -> Comparison:
    """Hold the record, as it stood on the day on which a list was generated, against that list.

    Args:
        seed: the record.
        published: the list.
        force: believe a list that is shorter than the record by more than a tenth.

    Raises:
        ShrunkListError: it is, and ``force`` is not given.
    """
    record = parties_of_record(seed, published.generated_on)
    if len(published.parties) < len(record) * (1 - LARGEST_FALL) and not force:
        raise ShrunkListError(
            f"the list has {len(published.parties)} parties where the record has {len(record)}: more than a tenth "
            "fewer. If that is so, say --force."
        )
    reasons = {
        Difference(row.reference_number, row.field, row.record_value, row.list_value): row.reason
        for row in seed.all(ExplainedDifference)
    }
    found = sorted(_differences(record, published.parties, reasons.keys()), key=_order)
    return Comparison(
        published.generated_on,
        len(published.parties),
        [difference for difference in found if difference not in reasons],
        [(difference, reasons[difference]) for difference in found if difference in reasons],
        [difference for difference in reasons if difference not in found],
    )


def _order(difference: Difference) -> tuple[str, ...]:
    return (
        difference.reference_number,
        difference.field,
        difference.record_value or "",
        difference.list_value or "",
    )


def _differences(
    record: dict[str, ListedParty], published: dict[str, ListedParty], known: Collection[Difference]
) -> Iterator[Difference]:
    for number in sorted(record.keys() | published.keys()):
        ours, theirs = record.get(number), published.get(number)
        if ours is not None and theirs is not None:
            yield from differences_of_party(ours, theirs, known)
        else:
            yield Difference(number, "", ours.name if ours else None, theirs.name if theirs else None)


def differences_of_party(
    ours: ListedParty, theirs: ListedParty, known: Collection[Difference] = ()
) -> Iterator[Difference]:
    """Yield every value that two readings of one party do not share; a value left over on either side makes a pair.

    Args:
        ours: as the record has it.
        theirs: as the list has it.
        known: explained differences, which are paired as their explanation has them.
    """
    for field in fields(ListedParty):
        our_values, their_values = values_of(ours, field.name), values_of(theirs, field.name)
        extra = [value for value in our_values if value not in their_values]
        missing = [value for value in their_values if value not in our_values]
        for pair in known:
            same_place = (pair.reference_number, pair.field) == (ours.reference_number, field.name)
            if same_place and pair.record_value in extra and pair.list_value in missing:
                yield pair
                extra.remove(pair.record_value)
                missing.remove(pair.list_value)
        if len(extra) == len(missing) == 1:
            yield Difference(ours.reference_number, field.name, extra[0], missing[0])
        else:
            yield from (Difference(ours.reference_number, field.name, value, None) for value in extra)
            yield from (Difference(ours.reference_number, field.name, None, value) for value in missing)


def values_of(party: ListedParty, field: str) -> list[str]:
    """Return the values of a field of a party, each written out as one text."""
    value = getattr(party, field)
    values = value if isinstance(value, tuple) else () if value is None else (value,)
    return [written(one) for one in values]


def written(value: Any) -> str:
    """Return one value of the list written out as a person reads it."""
    match value:
        case ListedName():
            script = f" [{value.original_script}]" if value.original_script else ""
            about = ", ".join(filter(None, (str(value.kind), value.quality and str(value.quality))))
            return f"{value.name}{script} ({about})"
        case ListedDocument():
            dates = [
                f"issued {value.issued_on}" if value.issued_on else "",
                value.issued_by and f"by {value.issued_by}",
            ]
            about = ", ".join(filter(None, (*dates, f"expires {value.expires_on}" if value.expires_on else "")))
            return f"{value.number} ({about})" if about else value.number
        case ListedPlace():
            return ", ".join(filter(None, (value.text, value.country)))
        case _:
            return str(value)


DETAILS: tuple[Any, ...] = (Name, Nationality, Position, BirthDate, BirthPlace, Document, Address)
"""The tables of details that come onto the list and go."""


class _Detail(Protocol):
    subject_id: str
    given_by: GivenBy
    on_list_since: date | None
    on_list_until: date | None


Row = TypeVar("Row", bound=_Detail)


def on_list(rows: Iterable[Row], day: date) -> list[Row]:
    """Return the rows that a field of the UN's list held on a day."""
    return [
        row
        for row in rows
        if row.given_by == GivenBy.UN_LIST
        and (row.on_list_since is None or row.on_list_since <= day)
        and (row.on_list_until is None or day < row.on_list_until)
    ]


def parties_of_record(seed: Seed, day: date) -> dict[str, ListedParty]:
    """Return the parties that the record has on the list on a day, each as the list would have it."""
    listed_on = {
        listing.subject_id: listing.listed_on
        for listing in seed.all(Listing)
        if listing.listed_on <= day and (listing.delisted_on is None or day < listing.delisted_on)
    }
    details = _Details(seed, day)
    return {
        party.id: details.party(party, listed_on[party.id])
        for party in seed.all(DesignatedParty)
        if party.id in listed_on
    }


def party_of_record(seed: Seed, party: DesignatedParty, listed_on: date, day: date) -> ListedParty:
    """Return a party as the list would have had it on a day, whether it was listed then or not."""
    return _Details(seed, day).party(party, listed_on)


class _Details:
    """The details of all parties on a day, by party."""

    def __init__(self, seed: Seed, day: date) -> None:
        self._rows: dict[type, dict[str, list[Any]]] = {}
        for table in DETAILS:
            for row in on_list(seed.all(table), day):
                self._rows.setdefault(table, {}).setdefault(row.subject_id, []).append(row)
        for amendment in seed.all(Amendment):
            self._rows.setdefault(Amendment, {}).setdefault(amendment.subject_id, []).append(amendment)

    def party(self, party: DesignatedParty, listed_on: date) -> ListedParty:
        """Return a party as the list would have it."""

        def of(table: type) -> list[Any]:
            return self._rows.get(table, {}).get(party.id, [])

        primary = [name for name in of(Name) if name.kind == NameKind.PRIMARY]
        newest = max(primary, key=lambda name: name.on_list_since or date.min)
        return ListedParty(
            reference_number=party.id,
            kind=PartyKind(party.kind),
            name=newest.name,
            listed_on=listed_on,
            gender=party.gender,
            aliases=tuple(listed_value(name) for name in of(Name) if name is not newest),
            nationalities=tuple(map(listed_value, of(Nationality))),
            positions=tuple(map(listed_value, of(Position))),
            birth_dates=tuple(map(listed_value, of(BirthDate))),
            birth_places=tuple(map(listed_value, of(BirthPlace))),
            documents=tuple(map(listed_value, of(Document))),
            addresses=tuple(map(listed_value, of(Address))),
            amended_on=tuple(row.amended_on for row in of(Amendment)),
            narrative_sha256=party.narrative_sha256,
        )


def listed_value(row: Any) -> Any:
    """Return a detail as the list would have it; an older primary name is one that it prints as former (f.k.a.)."""
    match row:
        case Name():
            kind = NameKind.FORMER if row.kind == NameKind.PRIMARY else NameKind(row.kind)
            return ListedName(row.name, row.original_script, kind, row.quality)
        case Nationality():
            return row.country
        case Position():
            return row.position
        case BirthDate():
            return row.born_on
        case Document():
            return ListedDocument(row.number, row.issued_on, row.expires_on, row.issued_by)
        case BirthPlace():
            return ListedPlace(row.place, row.country)
        case Address():
            return ListedPlace(row.address, row.country)
    raise TypeError(f"no detail of the list: {row!r}")
