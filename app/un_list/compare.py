"""Comparison of the record with the UN's consolidated list: what is missing, what is extra, and which values differ."""

import dataclasses
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from app.fields.dates import parse_day
from app.publishing.seed import Seed
from app.publishing.subjects import certain_on, possible_on, primary_name, value_on
from app.tables import (
    Address,
    Amendment,
    BirthDate,
    BirthPlace,
    DesignatedParty,
    Document,
    ExplainedDifference,
    GenderEntry,
    Listing,
    Name,
    Narrative,
    Nationality,
    Position,
    Source,
)
from app.un_list.xml import ConsolidatedList, ListedDocument, ListedName, ListedParty, ListedPlace, UnreadValue
from app.vocabularies import DocumentKind, GivenBy, NameKind, PartyKind, SourceKind

LARGEST_FALL = 0.1
"""Share of its parties by which a list may be shorter than the record before it is believed only with ``force``."""

UN = "United Nations"
"""The publisher of the consolidated list, as seed/sources.csv names it."""


class ShrunkListError(Exception):
    """The list is so much shorter than the record that it is more likely to be cut than to be true."""


@dataclass(frozen=True, order=True)
class ListDifference:
    """A value that the record and the list do not share.

    Attributes:
        reference_number: of the party; empty for what belongs to no entry of the list.
        field: the field; empty where one of the two does not have the party at all. Where a value of the list is not
            read, the path of its element below the entry.
        record_value: the value in the record; None where the record does not have it.
        list_value: the value in the list; None where the list does not have it.
        unread: why the value of the list is not read; None where it is.
    """

    reference_number: str
    field: str
    record_value: str | None
    list_value: str | None
    unread: str | None = dataclasses.field(default=None, compare=False)

    @property
    def kind(self) -> str:
        """``missing`` from the record, ``extra`` in the record, ``differs``, or ``unread`` in the list."""
        if self.unread is not None:
            return "unread"
        if self.record_value is None:
            return "missing"
        return "extra" if self.list_value is None else "differs"


@dataclass(frozen=True)
class Comparison:
    """The result of a comparison.

    Attributes:
        as_of: day as of which the record was compared.
        generated_on: day on which the list was generated; None where it does not say so.
        newest_list: day of the newest list that the record was made from; None where it has none.
        parties: how many parties of the regime the list has.
        unexplained: differences to look into, in the order of reference numbers.
        explained: differences for which seed/explained_differences.csv gives a reason.
        outdated: explanations of differences that are no longer there; empty for a list that is older than the newest.
        not_known: values of which the record does not know whether the list had them on the day: no differences.
    """

    as_of: date
    generated_on: date | None
    newest_list: date | None
    parties: int
    unexplained: list[ListDifference]
    explained: list[tuple[ListDifference, str]]
    outdated: list[ListDifference]
    not_known: list[ListDifference]

    @property
    def is_older(self) -> bool:
        """Whether the list is older than the newest one that the record was made from."""
        return self.newest_list is not None and self.as_of < self.newest_list


def days_of_lists(seed: Seed) -> list[date]:
    """Return the days of the UN's lists that the record was made from, in order."""
    days = [
        source.published_on
        for source in seed.all(Source)
        if source.publisher == UN and source.kind == SourceKind.OFFICIAL_DATA and source.published_on
    ]
    return sorted(parse_day(day) for day in days if len(day) == len("2026-02-27"))


def compare(seed: Seed, published: ConsolidatedList, *, as_of: date | None = None, force: bool = False) -> Comparison:
    """Compare the record, as it was on a day, with a list.

    Args:
        seed: the record.
        published: the list.
        as_of: the day; not given, the day on which the list says that it was generated.
        force: believe a list that is shorter than the record by more than a tenth.

    Raises:
        ShrunkListError: the list is that much shorter, and ``force`` is not given.
        ValueError: neither ``as_of`` nor the list gives a day.
    """
    day = as_of or published.generated_on
    if day is None:
        raise ValueError("the list says no day on which it was generated: give one with --as-of")
    record = parties_of_record(seed, day)
    if len(published.parties) < len(record) * (1 - LARGEST_FALL) and not force:
        raise ShrunkListError(
            f"the list has {len(published.parties)} parties where the record has {len(record)}: more than a tenth "
            "fewer. If that is so, say --force."
        )
    reasons = {
        ListDifference(row.reference_number, row.field, row.record_value, row.list_value): row.reason
        for row in seed.all(ExplainedDifference)
    }
    possible = possible_values(seed, day)
    not_known: list[ListDifference] = []
    found = sorted(_differences(record, published, possible, reasons.keys(), not_known), key=_order)
    newest = max(days_of_lists(seed), default=None)
    outdated = [one for one in reasons if one not in found] if newest is None or day >= newest else []
    return Comparison(
        day,
        published.generated_on,
        newest,
        len(published.parties),
        [difference for difference in found if difference not in reasons],
        [(difference, reasons[difference]) for difference in found if difference in reasons],
        outdated,
        sorted(not_known, key=_order),
    )


def _order(difference: ListDifference) -> tuple[str, ...]:
    return (
        difference.reference_number,
        difference.field,
        difference.record_value or "",
        difference.list_value or "",
    )


PossibleValues = dict[tuple[str, str], list[str]]
"""By reference number and field: values, written out, that the list may have had on a day."""

_SCALARS = ("name", "listed_on", "gender", "narrative_sha256")


def _differences(
    record: dict[str, ListedParty],
    published: ConsolidatedList,
    possible: PossibleValues,
    known: Collection[ListDifference],
    not_known: list[ListDifference],
) -> Iterator[ListDifference]:
    unread: dict[str, list[UnreadValue]] = {}
    for value in published.unread:
        unread.setdefault(value.reference_number, []).append(value)
        yield _unread_difference(value, record.get(value.reference_number))
    parties = published.parties
    for number in sorted(record.keys() | parties.keys()):
        ours, theirs = record.get(number), parties.get(number)
        if ours is not None and theirs is not None:
            skipped = {value.field for value in unread.get(number, ()) if value.field in _SCALARS}
            yield from differences_of_party(ours, theirs, known, possible, not_known, skipped)
        elif theirs is not None or number not in unread:
            yield ListDifference(number, "", ours.name if ours else None, theirs.name if theirs else None)


def _unread_difference(value: UnreadValue, ours: ListedParty | None) -> ListDifference:
    record_value = next(iter(values_of(ours, value.field)), None) if ours and value.field in _SCALARS else None
    return ListDifference(value.reference_number, value.element, record_value, value.text, value.reason)


def differences_of_party(
    ours: ListedParty,
    theirs: ListedParty,
    known: Collection[ListDifference] = (),
    possible: PossibleValues | None = None,
    not_known: list[ListDifference] | None = None,
    skipped: Collection[str] = (),
) -> Iterator[ListDifference]:
    """Yield every value that two readings of one party do not share; a value left over on either side makes a pair.

    Args:
        ours: the party in the record.
        theirs: the party in the list.
        known: explained differences, which are paired as in their explanation.
        possible: values of which the record does not know whether the list had them: no differences.
        not_known: takes in those values, with the list's where it has them.
        skipped: fields that are not compared.
    """
    number = ours.reference_number
    for name in (one.name for one in fields(ListedParty) if one.name not in skipped):
        our_values, their_values = values_of(ours, name), values_of(theirs, name)
        extra = [value for value in our_values if value not in their_values]
        missing = [value for value in their_values if value not in our_values]
        for value in (possible or {}).get((number, name), ()):
            has_it = value in missing
            if has_it:
                missing.remove(value)
            if not_known is not None:
                not_known.append(ListDifference(number, name, value, value if has_it else None))
        for pair in known:
            same_place = (pair.reference_number, pair.field) == (number, name)
            if same_place and _removed(pair.record_value, extra) and _removed(pair.list_value, missing):
                yield pair
                _remove(pair.record_value, extra)
                _remove(pair.list_value, missing)
        if len(extra) == len(missing) == 1:
            yield ListDifference(number, name, extra[0], missing[0])
        else:
            yield from (ListDifference(number, name, value, None) for value in extra)
            yield from (ListDifference(number, name, None, value) for value in missing)


def _removed(value: str | None, values: list[str]) -> bool:
    return value is None or value in values


def _remove(value: str | None, values: list[str]) -> None:
    if value is not None:
        values.remove(value)


def values_of(party: ListedParty, name: str) -> list[str]:
    """Return the values of a field of a party, each written out as one text."""
    value = getattr(party, name)
    values = value if isinstance(value, tuple) else () if value is None else (value,)
    return [written(one) for one in values]


def written(value: Any) -> str:
    """Write out one value of the list for a person to read."""
    match value:
        case ListedName():
            script = f" [{value.original_script}]" if value.original_script else ""
            about = ", ".join(filter(None, (str(value.kind), value.quality and str(value.quality))))
            return f"{value.name}{script} ({about})"
        case ListedDocument():
            about = ", ".join(
                filter(
                    None,
                    (
                        "diplomatic" if value.kind == DocumentKind.DIPLOMATIC_PASSPORT else "",
                        f"issued {value.issued_on}" if value.issued_on else "",
                        value.issued_by and f"by {value.issued_by}",
                        f"expires {value.expires_on}" if value.expires_on else "",
                    ),
                )
            )
            return f"{value.number} ({about})" if about else value.number
        case ListedPlace():
            return ", ".join(filter(None, (value.text, value.country)))
        case _:
            return str(value)


DETAILS: dict[str, Any] = {
    "aliases": Name,
    "nationalities": Nationality,
    "positions": Position,
    "birth_dates": BirthDate,
    "birth_places": BirthPlace,
    "documents": Document,
    "addresses": Address,
    "gender": GenderEntry,
    "narrative_sha256": Narrative,
}
"""The tables of details that come onto the list and go, by the field of ``ListedParty`` that they fill."""


def parties_of_record(seed: Seed, day: date) -> dict[str, ListedParty]:
    """Return the parties that the record has on the list on a day, each in the form in which the list is read."""
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


def party_of_record(seed: Seed, party: DesignatedParty, listed_on: date | None, day: date) -> ListedParty:
    """Return a party in the form in which the list is read, as of a day, whether it was listed then or not."""
    return _Details(seed, day).party(party, listed_on)


def possible_values(seed: Seed, day: date) -> PossibleValues:
    """Return the values, written out, of which it is not known whether the list had them on a day."""
    found: PossibleValues = {}
    for name, table in DETAILS.items():
        rows = on_list_rows(seed.all(table))
        column = {"gender": "gender", "narrative_sha256": "narrative_sha256"}.get(name)
        by_party: dict[str, list[Any]] = {}
        for row in rows if column else ():
            by_party.setdefault(row.subject_id, []).append(row)
        for row in possible_on(rows, day):
            if column and value_on(by_party[row.subject_id], day, column)[1]:
                continue
            if (value := listed_value(row)) is not None:
                is_primary = isinstance(row, Name) and row.kind == NameKind.PRIMARY
                if is_primary:
                    found.setdefault((row.subject_id, "name"), []).append(row.name)
                found.setdefault((row.subject_id, name), []).append(written(value))
    return found


def on_list_rows(rows: Iterable[Any]) -> list[Any]:
    """Return the rows that a field of the UN's list gives."""
    return [row for row in rows if row.given_by == GivenBy.UN_LIST]


class _Details:
    """The details of all parties on a day, by party."""

    def __init__(self, seed: Seed, day: date) -> None:
        self._day = day
        self._names: dict[str, list[Name]] = {}
        self._single: dict[type, dict[str, list[Any]]] = {GenderEntry: {}, Narrative: {}}
        self._rows: dict[type, dict[str, list[Any]]] = {}
        for name in on_list_rows(seed.all(Name)):
            self._names.setdefault(name.subject_id, []).append(name)
        for table, by_party in self._single.items():
            for row in on_list_rows(seed.all(table)):
                by_party.setdefault(row.subject_id, []).append(row)
        for table in DETAILS.values():
            for row in certain_on(on_list_rows(seed.all(table)), day):
                self._rows.setdefault(table, {}).setdefault(row.subject_id, []).append(row)
        for amendment in seed.all(Amendment):
            if amendment.amended_on <= day:
                self._rows.setdefault(Amendment, {}).setdefault(amendment.subject_id, []).append(amendment)

    def party(self, party: DesignatedParty, listed_on: date | None) -> ListedParty:
        """Return a party in the form in which the list is read."""

        def of(table: type) -> tuple[Any, ...]:
            values = (listed_value(row) for row in self._rows.get(table, {}).get(party.id, ()))
            return tuple(value for value in values if value is not None)

        newest = primary_name(self._names.get(party.id, ()), self._day)
        aliases = [name for name in self._rows.get(Name, {}).get(party.id, ()) if name is not newest]
        return ListedParty(
            reference_number=party.id,
            kind=PartyKind(party.kind),
            name=newest.name,
            listed_on=listed_on,
            gender=self._value(GenderEntry, party.id, "gender"),
            aliases=tuple(listed_value(name) for name in aliases),
            nationalities=of(Nationality),
            positions=of(Position),
            birth_dates=of(BirthDate),
            birth_places=of(BirthPlace),
            documents=of(Document),
            addresses=of(Address),
            amended_on=of(Amendment),
            narrative_sha256=self._value(Narrative, party.id, "narrative_sha256"),
        )

    def _value(self, table: type, number: str, column: str) -> Any:
        return value_on(self._single[table].get(number, ()), self._day, column)[0]


def listed_value(row: Any) -> Any:
    """Return a detail in the form in which the list is read; an older primary name is one printed as former (f.k.a.).

    None where the list has no value: reasons that we know, but that the list does not print.
    """
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
            return ListedDocument(row.number, row.issued_on, row.expires_on, row.issued_by, DocumentKind(row.kind))
        case BirthPlace():
            return ListedPlace(row.place, row.country)
        case Address():
            return ListedPlace(row.address, row.country)
        case GenderEntry():
            return row.gender
        case Narrative():
            return row.narrative_sha256
        case Amendment():
            return row.amended_on
    raise TypeError(f"no detail of the list: {row!r}")
