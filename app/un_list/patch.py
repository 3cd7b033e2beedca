"""A patch to the seed's CSV files after which the record agrees with a list, for a person to review."""

import csv
import difflib
import io
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import SQLModel

from app.publishing.batch_reader import key_of
from app.publishing.rules import SINGLE_VALUED
from app.publishing.seed import Seed, columns_of, fact_columns, file_stem
from app.publishing.subjects import on_list
from app.tables import (
    Address,
    Amendment,
    BirthDate,
    BirthPlace,
    Citation,
    CommitteeDecision,
    Coverage,
    DesignatedParty,
    Document,
    GenderEntry,
    Listing,
    Name,
    Narrative,
    Nationality,
    Position,
    Resolution,
    Source,
)
from app.un_list.compare import (
    DETAILS,
    UN,
    Comparison,
    ListDifference,
    days_of_lists,
    differences_of_party,
    listed_value,
    on_list_rows,
    party_of_record,
    written,
)
from app.un_list.xml import ConsolidatedList, ListedName, ListedParty
from app.vocabularies import GivenBy, ListingMeasure, NameKind, PartyKind, SourceForm, SourceKind

_LETTERS = {
    Name: "n",
    Nationality: "nat",
    Position: "p",
    BirthDate: "b",
    BirthPlace: "o",
    Document: "d",
    Address: "a",
    GenderEntry: "g",
    Narrative: "r",
    Amendment: "u",
}
"""What the ids of a table's rows have behind the reference number and before a number of their own."""

GONE = "Gone from the UN's list by this day; the act that took it off is still to be found."

ONE_DAY = timedelta(1)


@dataclass(frozen=True)
class Proposal:
    """Changes to the seed.

    Attributes:
        patch: the changes as a unified diff (``git apply -p1``); empty where there are none.
        held_back: differences that are not acted on, each with the reason.
    """

    patch: str
    held_back: list[str]


def propose(seed: Seed, folder: Path, published: ConsolidatedList, comparison: Comparison) -> Proposal:
    """Propose the changes to the seed after which the record compares clean.

    A value that the list no longer has is not removed: its row says until when it was on the list. A list that is older
    than the newest one moves the first and last days of the values that are there; it adds no second row for a value
    and deletes nothing that came later. First and last days are bounded by the lists that were seen, and by the days
    on which the UN says that it amended the entry.

    What the list cannot say is left for the reviewer: reasons have no summary, an act that the record does not have is
    called one that is still to be found, and only the asset freeze, under which all on the list are, becomes a measure.

    Args:
        seed: the record.
        folder: where the seed files are; the diff names them ``seed/…``.
        published: the list.
        comparison: the comparison of the two.
    """
    draft = _Draft(seed, published, comparison)
    draft.take_all()
    return Proposal(draft.as_diff(folder), draft.held_back)


def interval(first: date | None, last: date) -> str:
    """Write the days on one of which something happened in EDTF; without a first day, it happened by the last."""
    if first is None:
        return f"../{last}"
    return str(last) if first >= last else f"{first}/{last}"


class _Draft:
    """Rows changed, rows added, rows dropped."""

    def __init__(self, seed: Seed, published: ConsolidatedList, comparison: Comparison) -> None:
        self.seed, self.published, self.comparison = seed, published, comparison
        self.day = comparison.as_of
        self.lists = days_of_lists(seed)
        self.source = self._source_of_the_day()
        self.changed: dict[int, SQLModel] = {}
        self.added: dict[str, list[SQLModel]] = defaultdict(list)
        self.dropped: set[int] = set()
        self.held_back: list[str] = []

    def take_all(self) -> None:
        """Take in every difference and every value that is not known, and the source that they rest on."""
        self._cover()
        self._take(self.comparison.unexplained)
        for difference in self.comparison.not_known:
            self._settle(difference)
        is_cited = bool(self.added or self.changed)
        if is_cited and all(source.key != self.source for source in self.seed.all(Source)):
            self.added["sources"].append(self._source())

    def _take(self, differences: Iterable[ListDifference]) -> None:
        unread = {(value.reference_number, value.field) for value in self.published.unread}
        for difference in differences:
            number, field = difference.reference_number, difference.field
            if difference.unread is not None:
                self._hold_back(difference, f"the list's value is not read: {difference.unread}")
            elif difference.list_value is None and (number, field) in unread:
                self._hold_back(difference, "a value of this field is not read in the list, and may be this one")
            elif field == "name":
                self._rename(self.published.parties[number], difference)
            elif field in DETAILS:
                self._amend(difference, self.published.parties[number])
            elif field == "amended_on" and (difference.list_value is not None or not self.comparison.is_older):
                self._amendment(difference)
            elif self.comparison.is_older:
                self._hold_back(difference, "an older list alters no listing, and deletes nothing")
            elif field == "" and difference.list_value is None:
                self._delist(number)
            elif field == "":
                self._list(self.published.parties[number])
            elif field == "listed_on":
                self._correct_listing(self.published.parties[number])
            else:
                self._hold_back(difference, "this is for a person to correct")

    def _hold_back(self, difference: ListDifference, reason: str) -> None:
        place = " ".join(filter(None, (difference.reference_number or "(list)", difference.field)))
        self.held_back.append(f"{place}: {difference.record_value or difference.list_value}: {reason}")

    def _source_of_the_day(self) -> str:
        """Return the key of the UN's list of the day: that of the record, where it has one."""
        known = (
            source.key
            for source in self.seed.all(Source)
            if source.publisher == UN
            and source.kind == SourceKind.OFFICIAL_DATA
            and source.published_on == str(self.day)
        )
        return next(known, f"un-xml-{self.day}")

    def _cover(self) -> None:
        """Let the record be covered until the day of the list, where the list is newer than its coverage."""
        kinds = {"individuals": PartyKind.INDIVIDUAL, "entities": PartyKind.ENTITY}
        for row in self.seed.all(Coverage):
            if row.resource in kinds and row.covers_until < self.day:
                count = sum(party.kind == kinds[row.resource] for party in self.published.parties.values())
                values = {"official_count": count, "covers_until": self.day, "source": self.source}
                self.changed[id(row)] = Coverage.model_validate({**row.model_dump(), **values})

    # One kind of difference each

    def _delist(self, number: str) -> None:
        for listing in self.seed.all(Listing):
            if listing.subject_id == number and listing.delisted_on is None:
                self._change(listing, delisted_on=self.day, note=listing.note or GONE)

    def _list(self, party: ListedParty) -> None:
        number = party.reference_number
        if party.listed_on is None:
            self.held_back.append(f"{number}: {party.name}: the list's day of listing is not read")
            return
        known = next((row for row in self.seed.all(DesignatedParty) if row.id == number), None)
        if known is not None:
            ours = party_of_record(self.seed, known, party.listed_on, self.day)
            self._take(differences_of_party(ours, party))
            earlier = [listing for listing in self.seed.all(Listing) if listing.subject_id == number]
            restored = [listing for listing in earlier if listing.listed_on == party.listed_on]
            for listing in restored:
                self._change(listing, delisted_on=None, delisted_by=None, delisting_ground=None)
            if restored:
                return
        else:
            self._add(DesignatedParty, number, id=number, kind=party.kind)
            self._detail(Name, number, None, name=party.name, kind=NameKind.PRIMARY)
            for field, table in DETAILS.items():
                value = getattr(party, field)
                for one in value if isinstance(value, tuple) else () if value is None else (value,):
                    self._detail(table, number, None, **_cells(table, one))
            for day in party.amended_on:
                self._add(Amendment, number, subject_id=number, amended_on=day)
        self._add(
            Listing,
            number,
            id=self._next_listing(),
            subject_id=number,
            measure=ListingMeasure.ASSET_FREEZE,
            listed_on=party.listed_on,
            listed_by=self._act_of(party.listed_on),
        )

    def _amend(self, difference: ListDifference, party: ListedParty) -> None:
        number, table = difference.reference_number, DETAILS[difference.field]
        rows = self._rows(table, number)
        if difference.record_value is not None:
            for row in rows:
                if on_list(row).is_certain(self.day) and _reads(row, difference.record_value):
                    self._absent(row, difference)
        if difference.list_value is not None:
            value = getattr(party, difference.field)
            values = value if isinstance(value, tuple) else (value,)
            found = next(one for one in values if written(one) == difference.list_value)
            if not (table is Name and self._is_older_primary(number, found)):
                same = [row for row in rows if _reads(row, difference.list_value)]
                self._present(table, number, same, difference, **_cells(table, found))

    def _settle(self, difference: ListDifference) -> None:
        """Narrow the days between which a value came or went, now that a list of one of them is seen."""
        table = Name if difference.field == "name" else DETAILS[difference.field]
        for row in self._rows(table, difference.reference_number):
            is_it = row.name == difference.record_value if difference.field == "name" else False
            if on_list(row).is_possible(self.day) and (is_it or _reads(row, difference.record_value or "")):
                self._narrow(row, is_there=difference.list_value is not None)

    def _rows(self, table: Any, number: str) -> list[Any]:
        """Return the rows of a party that fields of the list give and that no difference before has dropped."""
        rows = (row for row in on_list_rows(self.seed.all(table)) if row.subject_id == number)
        return [self.changed.get(id(row), row) for row in rows if id(row) not in self.dropped]

    # First and last days

    def _amended(self, number: str, after: date | None, until: date) -> list[date]:
        """Return the days on which the UN amended an entry, after a day and until another, as far as anyone says."""
        days = {row.amended_on for row in self.seed.all(Amendment) if row.subject_id == number}
        if number in self.published.parties:
            days |= set(self.published.parties[number].amended_on)
        return sorted(day for day in days if (after is None or after < day) and day <= until)

    def _between(self, number: str, before: date | None, by: date) -> str | None:
        """Write when an entry was amended, in EDTF: after a list of one day, and by one of another.

        Args:
            number: the entry.
            before: day of the last list that reads as before; None where no list was seen.
            by: day of the first list that reads as after.

        Returns:
            None where no list was seen before and the entry was never amended by then: it reads so since its listing.
        """
        amended = self._amended(number, before, by)
        if before is None:
            return interval(None, amended[-1]) if amended else None
        return interval(amended[0], amended[-1]) if amended else interval(before + ONE_DAY, by)

    def _list_before(self, day: date) -> date | None:
        return max((one for one in self.lists if one < day), default=None)

    def _list_after(self, day: date) -> date | None:
        return min((one for one in self.lists if one > day), default=None)

    def _narrow(self, row: Any, is_there: bool) -> None:
        period, number = on_list(row), row.subject_id
        if self.day < period.certain_from:
            first = None if row.on_list_since.startswith("..") else period.possible_from
            if is_there:
                amended = self._amended(number, first and first - ONE_DAY, self.day)
                last = amended[-1] if amended else self.day
                self._change(row, on_list_since=interval(first, last))
            else:
                self._change(row, on_list_since=self._between(number, self.day, period.certain_from))
        elif is_there:
            self._change(row, on_list_until=self._between(number, self.day, period.possible_until))
        else:
            before = period.certain_until - ONE_DAY
            self._change(row, on_list_until=self._between(number, before, self.day))

    def _absent(self, row: Any, difference: ListDifference) -> None:
        """Move the first or the last day of a value that the record has on the day and the list does not."""
        period, number = on_list(row), row.subject_id
        before = max((day for day in self.lists if period.certain_from <= day < self.day), default=None)
        after = min((day for day in self.lists if self.day < day < period.certain_until), default=None)
        if after is None and period.certain_from == self.day:
            self._drop(row)  # a list of the same day had it
        elif after is None:
            start = before if before is not None else max(period.certain_from, self.day - ONE_DAY)
            self._change(row, on_list_until=self._between(number, start, self.day))
        elif before is None and not self._is_first_primary(row):
            self._change(row, on_list_since=self._between(number, self.day, after))
        else:
            self._hold_back(difference, f"lists of {before or 'its listing'} and {after}, before and after, have it")

    def _is_first_primary(self, row: Any) -> bool:
        return isinstance(row, Name) and row.kind == NameKind.PRIMARY and row.on_list_since is None

    def _present(self, table: Any, number: str, same: list[Any], difference: ListDifference, /, **cells: Any) -> None:
        """Move the first or the last day of a value that the list has and the record does not have on the day.

        Args:
            table: the table of the value.
            number: the entry.
            same: the rows of the same value, on the list on other days.
            difference: the difference.
            cells: the value, for a new row where there is none.
        """
        before, after = self._list_before(self.day), self._list_after(self.day)
        later = min((row for row in same if on_list(row).possible_from > self.day), key=_begins, default=None)
        earlier = max((row for row in same if on_list(row).possible_until <= self.day), key=_begins, default=None)
        if later is not None and not self._contradicts(self.day, on_list(later).possible_from):
            self._change(later, on_list_since=self._between(number, before, self.day))
        elif earlier is not None and not self._contradicts(on_list(earlier).possible_until, self.day):
            until = self._between(number, self.day, after) if after is not None else None
            self._change(earlier, on_list_until=until)
        elif same and self.comparison.is_older:
            self._hold_back(difference, "lists between this one and the days on which the record has it do not have it")
        else:
            since = self._between(number, before, self.day)
            until = self._between(number, self.day, after) if after is not None else None
            if file_stem(table) in SINGLE_VALUED:
                self._end_others(table, number, since)
            self._detail(table, number, since, on_list_until=until, **cells)

    def _contradicts(self, first: date, end: date) -> bool:
        """Say whether a list was seen after a day and before another: it would contradict a value on it in between."""
        return any(first < day < end for day in self.lists)

    def _end_others(self, table: Any, number: str, since: str | None) -> None:
        """End the rows of a field of one value that no difference names: reasons that the list did not print."""
        for row in self._rows(table, number):
            if on_list(row).is_certain(self.day) and listed_value(row) is None:
                self._change(row, on_list_until=since)

    def _is_older_primary(self, number: str, alias: ListedName) -> bool:
        """Say whether a former name is a primary one of the record, which reads as former once there is a newer one."""
        return alias.kind == NameKind.FORMER and any(
            name.kind == NameKind.PRIMARY and name.name == alias.name and on_list(name).is_certain(self.day)
            for name in self._rows(Name, number)
        )

    def _amendment(self, difference: ListDifference) -> None:
        number = difference.reference_number
        if difference.list_value is not None:
            self._add(Amendment, number, subject_id=number, amended_on=date.fromisoformat(difference.list_value))
        for row in self.seed.all(Amendment):
            if row.subject_id == number and str(row.amended_on) == difference.record_value:
                self._drop(row)

    def _rename(self, party: ListedParty, difference: ListDifference) -> None:
        number = party.reference_number
        primary = [name for name in self._rows(Name, number) if name.kind == NameKind.PRIMARY]
        kept = {alias.name for alias in party.aliases if alias.kind == NameKind.FORMER}
        for name in primary:
            is_current = name.name == difference.record_value and on_list(name).is_certain(self.day)
            if is_current and name.name not in kept:
                self._absent(name, difference)
        same = [name for name in primary if name.name == party.name]
        self._present(Name, number, same, difference, name=party.name, kind=NameKind.PRIMARY)

    def _correct_listing(self, party: ListedParty) -> None:
        for listing in self.seed.all(Listing):
            if listing.subject_id == party.reference_number and listing.delisted_on is None and party.listed_on:
                self._change(listing, listed_on=party.listed_on, listed_by=self._act_of(party.listed_on))

    # Rows

    def _source(self) -> Source:
        return Source.model_validate(
            {
                **dict.fromkeys((column.name for column in columns_of(Source)), None),
                "key": self.source,
                "kind": SourceKind.OFFICIAL_DATA,
                "form": SourceForm.ORIGINAL,
                "publisher": UN,
                "title": f"UN Security Council Consolidated List XML, generated {self.day}",
                "published_on": str(self.day),
                "locator": "scsanctions.un.org, consolidated list, XML",
            }
        )

    def _act_of(self, day: date) -> str:
        """Return the act of a day; where the record has none, one that is still to be found."""
        acts = {row.voted_on: row.id for row in self.seed.all(Resolution)}
        acts |= {row.decided_on: row.id for row in self.seed.all(CommitteeDecision)}
        if day not in acts:
            id = f"committee-{day}"
            if all(key_of(row) != id for row in self.added["committee_decisions"]):
                title = f"Listing of {day.day} {day:%B} {day.year}"
                summary = "Puts parties on the list on the day that it gives for them; the act is still to be found."
                self._add(CommitteeDecision, "", id=id, decided_on=day, title=title, summary=summary)
            return id
        return acts[day]

    def _detail(self, table: Any, subject_id: str, since: str | None, /, **values: Any) -> None:
        self._add(table, subject_id, subject_id=subject_id, given_by=GivenBy.UN_LIST, on_list_since=since, **values)

    def _add(self, table: Any, reference: str, /, **values: Any) -> None:
        """Add a row with all that the list says, and the citation of the list for it."""
        empty = dict.fromkeys((column.name for column in columns_of(table)), None)
        if "id" not in values:
            values["id"] = self._next_id(table, reference)
        row = table.model_validate({**empty, **values})
        self.added[file_stem(table)].append(row)
        self._cite(row, [name for name in fact_columns(table) if getattr(row, name) is not None], reference)

    def _change(self, row: SQLModel, **values: Any) -> None:
        """Change cells of a row; what supported their old values no longer does, the list supports the new ones."""
        row = self._original(row)
        current = self.changed.get(id(row), row)
        values = {name: value for name, value in values.items() if getattr(current, name) != value}
        self.changed[id(row)] = type(row).model_validate({**current.model_dump(), **values})
        for citation in self.seed.all(Citation):
            if citation.table == file_stem(type(row)) and citation.row == key_of(row):
                self._withdraw(citation, values.keys())
        number = getattr(row, "subject_id", key_of(row))
        self._cite(row, [name for name, value in values.items() if value is not None], number)

    def _original(self, row: SQLModel) -> SQLModel:
        """Return the row of the seed that a changed one replaces."""
        known = (one for one in self.seed.tables[file_stem(type(row))] if self.changed.get(id(one)) is row)
        return next(known, row)

    def _drop(self, row: SQLModel) -> None:
        """Drop a row, and what supported it."""
        row = self._original(row)
        self.dropped.add(id(row))
        for citation in self.seed.all(Citation):
            if citation.table == file_stem(type(row)) and citation.row == key_of(row):
                self.dropped.add(id(citation))

    def _withdraw(self, citation: Citation, fields: Collection[str]) -> None:
        """Let a citation no longer support some fields, and drop it where nothing is left."""
        current = self.changed.get(id(citation), citation)
        supported = current.model_dump()["fields"].split()
        kept = [field for field in supported if field not in fields]
        if not kept:
            self.dropped.add(id(citation))
        elif kept != supported:
            self.changed[id(citation)] = current.model_copy(update={"fields": " ".join(kept)})

    def _cite(self, row: SQLModel, supported: list[str], number: str) -> None:
        table, row_id = file_stem(type(row)), key_of(row)
        locator = f"REFERENCE_NUMBER {number}" if number else None
        for citation in self.added["citations"]:
            if isinstance(citation, Citation) and (citation.table, citation.row) == (table, row_id):
                citation.fields = " ".join(dict.fromkeys([*citation.fields.split(), *supported]))
                return
        for citation in self.seed.all(Citation):
            place = (citation.table, citation.row, citation.source, citation.locator, citation.note)
            if place == (table, row_id, self.source, locator, None):
                current = self.changed.get(id(citation), citation).model_dump()["fields"].split()
                fields = " ".join(dict.fromkeys([*current, *supported]))
                self.changed[id(citation)] = citation.model_copy(update={"fields": fields})
                self.dropped.discard(id(citation))
                return
        if supported:
            self.added["citations"].append(
                Citation(
                    table=table,
                    row=row_id,
                    source=self.source,
                    locator=locator,
                    fields=" ".join(supported),
                    note=None,
                )
            )

    def _next_id(self, table: Any, number: str) -> str:
        beginning = f"{number}-{_LETTERS[table]}"
        rows = [*self.seed.all(table), *self.added[file_stem(table)]]
        behind = [key_of(row).removeprefix(beginning) for row in rows if key_of(row).startswith(beginning)]
        return f"{beginning}{max((int(place) for place in behind if place.isdigit()), default=0) + 1}"

    def _next_listing(self) -> str:
        rows = [*self.seed.all(Listing), *self.added["listings"]]
        return f"L{max(int(key_of(row)[1:]) for row in rows) + 1:04}"

    # The patch

    def as_diff(self, folder: Path) -> str:
        """Return all changes as one unified diff; lines that do not change stay as they are, to the letter."""
        diffs: list[str] = []
        for stem, rows in self.seed.tables.items():
            touched = self.changed.keys() | self.dropped
            if stem in self.added or any(id(row) in touched for row in rows):
                old = (folder / f"{stem}.csv").read_text(encoding="utf-8").splitlines(keepends=True)
                new = self._new_lines(stem, rows, list(old))
                diffs += difflib.unified_diff(old, new, f"a/seed/{stem}.csv", f"b/seed/{stem}.csv")
        return "".join(diffs)

    def _new_lines(self, stem: str, rows: list[SQLModel], lines: list[str]) -> list[str]:
        insertions: dict[int, list[str]] = defaultdict(list)
        for row in self.added[stem]:
            insertions[self._place(row, rows)].append(_line(row))
        new = []
        by_line = {self.seed.lines[id(row)]: row for row in rows}
        for number, line in enumerate(lines, start=1):
            current = by_line.get(number)
            if current is None or id(current) not in self.dropped:
                changed = self.changed.get(id(current)) if current is not None else None
                new.append(_line(changed) if changed is not None else line)
            new += insertions[number]
        return new

    def _place(self, row: SQLModel, rows: list[SQLModel]) -> int:
        """Return the line behind which a new row goes: the last of the same subject, else the last of all."""
        of_same = [self.seed.lines[id(other)] for other in rows if _owner(other) == _owner(row)]
        return max(of_same) if of_same else max((self.seed.lines[id(other)] for other in rows), default=1)


def _owner(row: SQLModel) -> tuple[str, ...]:
    if isinstance(row, Citation):
        return (row.table, row.row)
    return (getattr(row, "subject_id", key_of(row)),)


def _cells(table: Any, value: Any) -> dict[str, Any]:
    """Return the cells of a row for a value of the list."""
    if table is Name:
        return dict(vars(value))
    if table is Document:
        return dict(vars(value))
    if table is BirthPlace:
        return {"place": value.text, "country": value.country}
    if table is Address:
        return {"address": value.text, "country": value.country}
    columns = {Nationality: "country", Position: "position", BirthDate: "born_on", GenderEntry: "gender"}
    return {columns.get(table, "narrative_sha256"): value}


def _begins(row: Any) -> date:
    return on_list(row).possible_from


def _reads(row: Any, text: str) -> bool:
    """Say whether a row is the value that a difference writes out."""
    return written(listed_value(row)) == text


def _line(row: SQLModel) -> str:
    """Return a row as a line of its seed file."""
    out = io.StringIO()
    values = row.model_dump(mode="json")
    cells = [values[column.name] for column in columns_of(type(row))]
    csv.writer(out, lineterminator="\n").writerow(
        [str(cell).lower() if isinstance(cell, bool) else "" if cell is None else cell for cell in cells]
    )
    return out.getvalue()
