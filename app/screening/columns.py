"""Columns of a screening file: which is the name, the birth date, the State, and which only pass through."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from app.fields.text import fold
from app.problems import InvalidRequest


class Role(StrEnum):
    """What a column contains, as far as screening uses it."""

    NAME = "name"
    GIVEN_NAME = "given_name"
    FAMILY_NAME = "family_name"
    BIRTH_DATE = "birth_date"
    NATIONALITY = "nationality"
    KIND = "kind"
    IMO_NUMBER = "imo_number"
    DOCUMENT_NUMBER = "document_number"
    EXCLUDE = "exclude"


def normalize_header(header: str) -> str:
    """Fold a header: without case, accents, blanks and marks. ``Date_of-Birth`` is ``dateofbirth``."""
    return re.sub(r"[\W_]", "", fold(header))


_HEADERS: dict[Role, tuple[str, ...]] = {
    Role.NAME: (
        *("name", "full name", "name full", "complete name", "names", "person name", "entity name"),
        *(
            "company name",
            "vessel name",
            "ship name",
            "legal name",
            "name of person",
            "name of company",
            "name of ship",
        ),
        *("name of vessel", "name of entity", "성명", "이름", "회사명", "선박명"),
    ),
    Role.GIVEN_NAME: (
        *("given name", "given names", "first name", "first names", "forename", "forenames", "name given"),
        *("christian name",),
    ),
    Role.FAMILY_NAME: ("family name", "last name", "surname", "surnames", "name family", "last names", "성"),
    Role.BIRTH_DATE: (
        *("birth date", "date of birth", "dob", "birthday", "date birth", "born", "born on", "d o b"),
        *("year of birth", "birth year", "yob", "생년월일"),
    ),
    Role.NATIONALITY: (
        *("nationality", "citizenship", "country of nationality", "country of citizenship"),
        *("nationality code", "nationalities", "flag", "flag state", "country", "country code", "국적"),
    ),
    Role.KIND: (
        *("kind", "type", "entity type", "subject type", "party type", "customer type", "type of subject"),
        *("subject kind", "record type", "schema", "person type", "client type"),
    ),
    Role.IMO_NUMBER: ("imo number", "imo", "imo no", "imo nr", "imo num", "imo ship number", "vessel imo", "ship imo"),
    Role.DOCUMENT_NUMBER: (
        *("document number", "passport", "passport number", "passport no", "passport nr"),
        *("document", "document no", "document nr", "id document", "id document number", "identity document"),
        *("identity document number", "identity card", "identity card number", "id card", "id card number"),
        *("national id", "national id number", "national identification number", "travel document"),
        *("travel document number", "id number", "id no", "identification number", "여권번호"),
    ),
    Role.EXCLUDE: ("exclude", "exclude digests"),
}
"""Usual headers of each role, in English and Korean. The first is the most exact: of several, that is used."""

_RANKS = {
    normalize_header(header): (role, rank) for role, headers in _HEADERS.items() for rank, header in enumerate(headers)
}
_SEVERAL = frozenset({Role.DOCUMENT_NUMBER})
"""Roles that more than one column can have: a passport and an identity card."""
NAME_ROLES = frozenset({Role.NAME, Role.GIVEN_NAME, Role.FAMILY_NAME})


@dataclass(frozen=True)
class ColumnMap:
    """The role of each column of a table.

    Attributes:
        header: the headers as they are in the table.
        roles: for each role that a column has, the positions of those columns.
    """

    header: tuple[str, ...]
    roles: Mapping[Role, tuple[int, ...]]

    @cached_property
    def used(self) -> frozenset[int]:
        """Positions of the columns that screening uses; the others pass through only."""
        return frozenset(place for places in self.roles.values() for place in places)

    @cached_property
    def name_places(self) -> tuple[int, ...]:
        """Positions of the columns that the name comes from."""
        return tuple(sorted(place for role in NAME_ROLES for place in self.roles.get(role, ())))

    def values(self, cells: Sequence[str], role: Role) -> list[str]:
        """Select the cells of a row that have a role; a row that is too short has no cell there."""
        return [cells[place] for place in self.roles.get(role, ()) if place < len(cells)]

    def describe(self) -> str:
        """Describe in one line which columns are used and which pass through, for the summary."""
        used = [
            f"{role} from {' and '.join(repr(self.header[place]) for place in places)}"
            for role, places in self.roles.items()
        ]
        others = [repr(header) for place, header in enumerate(self.header) if place not in self.used]
        return ", ".join(used) + (f"; passed through: {', '.join(others)}" if others else "")


def map_columns(
    header: Sequence[str], wanted: Mapping[Role, str] | None = None, *, by_number: bool = False
) -> ColumnMap:
    """Find the role of each column by its header.

    Args:
        header: the headers, in the order of the columns.
        wanted: headers (or, in a table without any, numbers from 1) that were named for a role. They come before the
            usual ones.
        by_number: the table has no header: a wanted column is named by its number alone, and the first column is the
            name where none is named.

    Raises:
        InvalidRequest: no column is a name, a wanted column is not there, or two columns are the same role alike.
    """
    roles: dict[Role, tuple[int, ...]] = {}
    for role, name in (wanted or {}).items():
        roles[role] = (_place(header, name, by_number),)
    if by_number:
        roles.setdefault(Role.NAME, (next((n for n in range(len(header)) if (n,) not in roles.values()), 0),))
        return ColumnMap(tuple(header), roles)
    found = find_roles(header, roles).roles
    if wanted and Role.NAME in wanted:
        found = {role: places for role, places in found.items() if role not in (Role.GIVEN_NAME, Role.FAMILY_NAME)}
    if not NAME_ROLES & found.keys():
        columns = ", ".join(map(repr, header)) or "none"
        raise _refused(
            f"no column of names; its columns are {columns}. Usual headers are Name and Full name, or Given name and "
            "Family name"
        )
    return ColumnMap(tuple(header), found)


def find_roles(header: Sequence[str], named: Mapping[Role, tuple[int, ...]] | None = None) -> ColumnMap:
    """Find the roles of columns by their usual headers, whether or not one of them is a name.

    Args:
        header: the headers.
        named: roles of which it is known already which columns they are.

    Raises:
        InvalidRequest: two columns are the same role alike.
    """
    roles = dict(named or {})
    taken = {place for places in roles.values() for place in places}
    found: dict[Role, list[tuple[int, int]]] = {}
    for place, text in enumerate(header):
        role, rank = _RANKS.get(normalize_header(text), (None, 0))
        if role and place not in taken and role not in roles:
            found.setdefault(role, []).append((rank, place))
    for role, ranked in found.items():
        ranked.sort()
        if role in _SEVERAL:
            roles[role] = tuple(sorted(place for _, place in ranked))
            continue
        best = [place for rank, place in ranked if rank == ranked[0][0]]
        if len(best) > 1:
            names = " and ".join(f"column {place + 1}" for place in best)
            raise _refused(f"{names} are both {header[best[0]]!r}; there may be each once")
        roles[role] = (best[0],)
    return ColumnMap(tuple(header), {role: roles[role] for role in Role if role in roles})


def has_name_column(header: Iterable[str]) -> bool:
    """Say whether one of some headers is that of a column of names."""
    return any(_RANKS.get(normalize_header(text), (None, 0))[0] in NAME_ROLES for text in header)


def _place(header: Sequence[str], name: str, by_number: bool) -> int:
    """Find a column by its header, exactly or else folded, or by its number from 1."""
    if by_number:
        if name.isascii() and name.isdigit() and 1 <= int(name) <= len(header):
            return int(name) - 1
        raise _refused(f"there is no column {name!r}; without a header, columns are numbered from 1 to {len(header)}")
    for same in (lambda text: text == name, lambda text: normalize_header(text) == normalize_header(name)):
        places = [place for place, text in enumerate(header) if same(text)]
        if len(places) == 1:
            return places[0]
        if places:
            raise _refused(f"{len(places)} columns are {name!r}")
    raise _refused(f"no column is {name!r}; its columns are {', '.join(map(repr, header))}")


def parse_column_option(text: str) -> tuple[Role, str]:
    """Parse ``name=Customer name``: a role and the header of its column.

    Raises:
        ValueError: there is no such role, or no header.
    """
    role, equals, header = text.partition("=")
    known = [one.value for one in Role]
    if role.strip() not in known or not equals or not header.strip():
        raise ValueError(f"{text!r} is not of the form ROLE=HEADER, where ROLE is one of {', '.join(known)}")
    return Role(role.strip()), header.strip()


def _refused(message: str) -> InvalidRequest:
    return InvalidRequest.of("body", message, "body")
