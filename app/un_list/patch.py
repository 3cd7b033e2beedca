"""What the seed would have to become to agree with a list: a patch to its CSV files, for a person to review."""

import csv
import difflib
import io
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from pathlib import Path
from typing import Any

from sqlmodel import SQLModel

from app.publishing.batch_reader import key_of
from app.publishing.seed import Seed, columns_of, fact_columns, file_stem
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
    Listing,
    Name,
    Nationality,
    Position,
    Resolution,
    Source,
)
from app.un_list.compare import (
    Comparison,
    Difference,
    differences_of_party,
    listed_value,
    on_list,
    party_of_record,
    written,
)
from app.un_list.xml import ConsolidatedList, ListedName, ListedParty
from app.vocabularies import DocumentKind, GivenBy, ListingMeasure, NameKind, PartyKind, SourceForm, SourceKind

_LETTERS = {
    Name: "n",
    Nationality: "nat",
    Position: "p",
    BirthDate: "b",
    BirthPlace: "o",
    Document: "d",
    Address: "a",
    Amendment: "u",
}
_TABLES = {
    "aliases": Name,
    "nationalities": Nationality,
    "positions": Position,
    "birth_dates": BirthDate,
    "birth_places": BirthPlace,
    "documents": Document,
    "addresses": Address,
}

GONE = "Gone from the UN's list by this day; the act that took it off is still to be found."


def propose(seed: Seed, folder: Path, published: ConsolidatedList, comparison: Comparison) -> str:
    """Return the changes to the seed after which the record compares clean, as a unified diff (``git apply -p1``).

    A value that the list has dropped is not removed: it says until when it was on the list; single values and days of
    amendment are corrected in place. What the list cannot say is left for the reviewer: a party's description stays
    empty, an act that the record does not have is called one that is still to be found, and only the asset freeze,
    under which all on the list are, is put down as a measure.

    Args:
        seed: the record.
        folder: where the seed files are; the diff names them ``seed/…``.
        published: the list.
        comparison: the two held against each other.
    """
    return _Proposal(seed, published).of(comparison.unexplained).as_diff(folder)


class _Proposal:
    """Rows changed, rows added, rows dropped."""

    def __init__(self, seed: Seed, published: ConsolidatedList) -> None:
        self.seed, self.published = seed, published
        self.day = published.generated_on
        self.source = self._source_of_the_day()
        self.changed: dict[int, SQLModel] = {}
        self.added: dict[str, list[SQLModel]] = defaultdict(list)
        self.dropped: set[int] = set()

    def of(self, differences: list[Difference]) -> "_Proposal":
        """Take in every difference, and what they rest on."""
        self._cover()
        self._take(differences)
        is_cited = bool(self.added or self.changed)
        if is_cited and all(source.key != self.source for source in self.seed.all(Source)):
            self.added["sources"].append(self._source())
        return self

    def _take(self, differences: Iterable[Difference]) -> None:
        for difference in differences:
            number = difference.reference_number
            if difference.field == "" and difference.list_value is None:
                self._delist(number)
            elif difference.field == "":
                self._list(self.published.parties[number])
            elif difference.field in _TABLES:
                self._amend(difference, _TABLES[difference.field], self.published.parties[number])
            elif difference.field == "amended_on":
                self._amendment(difference)
            elif difference.field == "name":
                self._rename(self.published.parties[number])
            else:
                self._correct(difference, self.published.parties[number])

    def _source_of_the_day(self) -> str:
        """Return the key of the UN's list of the day: that of the record, where it has one."""
        known = (
            source.key
            for source in self.seed.all(Source)
            if source.publisher == "United Nations"
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
        values = {"kind": party.kind, "gender": party.gender, "narrative_sha256": party.narrative_sha256}
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
            self._add(DesignatedParty, number, id=number, **values)
            self._detail(Name, number, None, name=party.name, kind=NameKind.PRIMARY)
            for alias in party.aliases:
                self._detail(Name, number, None, **vars(alias))
            for field, table in _TABLES.items():
                if table is not Name:
                    for value in getattr(party, field):
                        self._detail(table, number, None, **_cells(table, value))
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

    def _amend(self, difference: Difference, table: Any, party: ListedParty) -> None:
        number = difference.reference_number
        if difference.record_value is not None:
            for row in on_list(self.seed.all(table), self.day):
                if row.subject_id == number and _reads(row, difference.record_value):
                    self._end(row)
        if difference.list_value is not None:
            value = next(one for one in getattr(party, difference.field) if written(one) == difference.list_value)
            if not (table is Name and self._is_older_primary(number, value)):
                self._detail(table, number, self.day, **_cells(table, value))

    def _end(self, row: Any) -> None:
        """Let a detail end on the day of the list; one that began only then is dropped."""
        if row.on_list_since == self.day:
            self._drop(row)
        else:
            self._change(row, on_list_until=self.day)

    def _is_older_primary(self, number: str, alias: ListedName) -> bool:
        """Say whether a former name is a primary one of the record, which reads as former once there is a newer one."""
        return alias.kind == NameKind.FORMER and any(
            name.subject_id == number and name.kind == NameKind.PRIMARY and name.name == alias.name
            for name in on_list(self.seed.all(Name), self.day)
        )

    def _amendment(self, difference: Difference) -> None:
        number = difference.reference_number
        if difference.list_value is not None:
            self._add(Amendment, number, subject_id=number, amended_on=date.fromisoformat(difference.list_value))
        for row in self.seed.all(Amendment):
            if row.subject_id == number and str(row.amended_on) == difference.record_value:
                self._drop(row)

    def _rename(self, party: ListedParty) -> None:
        self._detail(Name, party.reference_number, self.day, name=party.name, kind=NameKind.PRIMARY)
        kept = {alias.name for alias in party.aliases if alias.kind == NameKind.FORMER}
        for name in on_list(self.seed.all(Name), self.day):
            if name.subject_id == party.reference_number and name.kind == NameKind.PRIMARY and name.name not in kept:
                self._end(name)

    def _correct(self, difference: Difference, party: ListedParty) -> None:
        number, field = difference.reference_number, difference.field
        if field == "listed_on":
            for listing in self.seed.all(Listing):
                if listing.subject_id == number and listing.delisted_on is None:
                    self._change(listing, listed_on=party.listed_on, listed_by=self._act_of(party.listed_on))
        else:
            row = next(known for known in self.seed.all(DesignatedParty) if known.id == number)
            self._change(row, **{field: getattr(party, field)})

    # Rows

    def _source(self) -> Source:
        return Source.model_validate(
            {
                **dict.fromkeys((column.name for column in columns_of(Source)), None),
                "key": self.source,
                "kind": SourceKind.OFFICIAL_DATA,
                "form": SourceForm.ORIGINAL,
                "publisher": "United Nations",
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

    def _detail(self, table: Any, subject_id: str, since: date | None, /, **values: Any) -> None:
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
        values = {name: value for name, value in values.items() if getattr(row, name) != value}
        current = self.changed.get(id(row), row)
        self.changed[id(row)] = type(row).model_validate({**current.model_dump(), **values})
        for citation in self.seed.all(Citation):
            if citation.table == file_stem(type(row)) and citation.row == key_of(row):
                self._withdraw(citation, values.keys())
        number = getattr(row, "subject_id", key_of(row))
        self._cite(row, [name for name, value in values.items() if value is not None], number)

    def _drop(self, row: SQLModel) -> None:
        """Drop a row, and what supported it."""
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
    """Return a value of the list as the cells that its table has for it."""
    if table is Name:
        return dict(vars(value))
    if table is Document:
        return {"kind": DocumentKind.PASSPORT, **vars(value)}
    if table is BirthPlace:
        return {"place": value.text, "country": value.country}
    if table is Address:
        return {"address": value.text, "country": value.country}
    column = {Nationality: "country", Position: "position", BirthDate: "born_on"}[table]
    return {column: value}


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
