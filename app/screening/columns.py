"""Columns of a screening file: which is the name, the birth date, the State, and which only pass through."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from app.fields.text import fold
from app.problems import InvalidRequest
from app.screening.dates import DateOrder


class Role(StrEnum):
    """What a column contains, as far as screening uses it."""

    NAME = "name"
    GIVEN_NAME = "given_name"
    MIDDLE_NAME = "middle_name"
    FAMILY_NAME = "family_name"
    OTHER_NAME = "other_name"
    BIRTH_DATE = "birth_date"
    NATIONALITY = "nationality"
    KIND = "kind"
    IMO_NUMBER = "imo_number"
    DOCUMENT_NUMBER = "document_number"
    EXCLUDE = "exclude"


def normalize_header(header: str) -> str:
    """Fold a header: without case, accents, blanks and marks. ``Date_of-Birth`` is ``dateofbirth``."""
    return re.sub(r"[\W_]", "", fold(header))


_EXPLANATION = re.compile(r"\s*(?:\([^()]*\)|\[[^\[\]]*\])[\s*:]*$|^\s*\(?[0-9]{1,2}[.)]\s")
"""What is in brackets behind a header, and a number before it: ``Date of birth (dd/mm/yyyy)``, ``2. Name``."""


def _spellings(header: str) -> tuple[str, ...]:
    """Give a header folded, and then without the explanation behind it."""
    whole, bare = normalize_header(header), normalize_header(_EXPLANATION.sub("", header))
    return (whole,) if bare in (whole, "") else (whole, bare)


_ORDERS = {
    DateOrder.DAY_FIRST: re.compile(r"(?:^|[^a-z])(?:d{1,2}|tt|jj)\W{0,2}m{1,3}\W{0,2}(?:y|j|a){2,4}(?:[^a-z]|$)"),
    DateOrder.MONTH_FIRST: re.compile(r"(?:^|[^a-z])m{1,3}\W{0,2}d{1,2}\W{0,2}y{2,4}(?:[^a-z]|$)"),
}
"""A form of dates in a header: dd/mm/yyyy, mm-dd-yy, TT.MM.JJJJ (German), jj/mm/aaaa (French), dd/mm/aaaa (Spanish)."""


def _headers(text: str) -> tuple[str, ...]:
    return tuple(header.strip() for header in text.split(","))


_HEADERS: dict[Role, tuple[str, ...]] = {
    Role.NAME: _headers(
        "name, full name, name full, name 1, complete name, names, full names, name in full, person name, entity name, "
        "company name, vessel name, ship name, legal name, registered name, organisation name, organization name, "
        "name of person, name of company, name of ship, name of vessel, name of entity, name of individual, "
        "name of organisation, name of organization, name and address, individual name, name english, english name, "
        "성명, 이름, 영문명, 영문 성명, 영문 이름, 한글명, 한글 성명, 회사명, 상호, 법인명, 선박명, 선명, "
        "姓名, 名称, 名稱, 公司名称, 公司名稱, 船名, 氏名, 名前, 会社名, "
        "vollstandiger name, vor und nachname, name vorname, firma, firmenname, firmenbezeichnung, schiffsname, "
        "nom, nom complet, nom et prenom, nom et prenoms, nom prenom, denomination, denomination sociale, "
        "raison sociale, nom de la societe, nom du navire, "
        "nombre, nombre completo, nombre y apellido, nombre y apellidos, apellidos y nombre, razon social, "
        "denominacion, nombre del buque, "
        "nome, nome completo, nome e cognome, cognome e nome, ragione sociale, denominazione, nome e sobrenome, "
        "razao social, naam, volledige naam, bedrijfsnaam, имя, фио, полное имя, наименование, название"
    ),
    Role.GIVEN_NAME: _headers(
        "given name, given names, first name, first names, forename, forenames, name given, christian name, fname, "
        "first given name, given, first, 名, vorname, vornamen, rufname, prenom, prenoms, primer nombre, "
        "nombres, nombre de pila, prenome, voornaam, voornamen, имя собственное"
    ),
    Role.MIDDLE_NAME: _headers(
        "middle name, middle names, second name, second given name, additional name, additional names, middle, "
        "mname, middle initial, patronymic, zweiter vorname, weitere vornamen, "
        "deuxieme prenom, segundo nombre, отчество"
    ),
    Role.FAMILY_NAME: _headers(
        "family name, last name, surname, surnames, name family, last names, family names, lname, family, last, "
        "성, 성씨, 姓, 姓氏, nachname, familienname, zuname, nom de famille, apellido, apellidos, cognome, "
        "sobrenome, apelido, achternaam, фамилия"
    ),
    Role.OTHER_NAME: _headers(
        "alias, aliases, aka, also known as, other name, other names, alternative name, alternative names, "
        "alternate name, alternate names, former name, former names, formerly known as, fka, previous name, "
        "previous names, maiden name, ex name, ex names, previous vessel name, former vessel name, trading name, "
        "trade name, trading as, doing business as, dba, nickname, known as, native name, original name, "
        "name original script, name in original script, korean name, chinese name, name in korean, name in chinese, "
        "local name, name 2, name 3, name 4, 별명, 가명, 이명, 구명, 别名, 別名, 曾用名, aliasname, aliasnamen, "
        "geburtsname, fruherer name, pseudonyme, nom de naissance, nom d usage, nom de jeune fille, autre nom, "
        "autres noms, otro nombre, otros nombres, псевдоним"
    ),
    Role.BIRTH_DATE: _headers(
        "birth date, date of birth, dob, birthday, date birth, born, born on, year of birth, "
        "birth year, yob, birth dt, bdate, 생년월일, 출생일, 生年月日, 出生日期, geburtsdatum, geb datum, "
        "gebdat, geburtstag, geboren am, geburtsjahr, date de naissance, date naissance, ne le, nee le, "
        "annee de naissance, fecha de nacimiento, fecha nacimiento, fec nacimiento, ano de nacimiento, "
        "data di nascita, data nascita, data de nascimento, data nascimento, geboortedatum, дата рождения"
    ),
    Role.NATIONALITY: _headers(
        "nationality, citizenship, country of nationality, country of citizenship, nationality code, nationalities, "
        "flag, flag state, flag country, vessel flag, ship flag, country, country code, country name, "
        "nationality country, 국적, 국가, 国籍, 國籍, 国家, 船籍, staatsangehorigkeit, nationalitat, "
        "staatsburgerschaft, land, land 1, landercode, flagge, flaggenstaat, nationalite, pays, pavillon, code pays, "
        "nacionalidad, pais, bandera, nazionalita, cittadinanza, paese, bandiera, nacionalidade, bandeira, "
        "nationaliteit, vlag, гражданство, страна, флаг"
    ),
    Role.KIND: _headers(
        "kind, type, entity type, subject type, party type, customer type, type of subject, subject kind, "
        "record type, schema, person type, client type, type of customer, type of client, type of party, "
        "type of person, type of entity, customer category, 유형, 고객유형, 类型, 類型, kundentyp, "
        "kundenart, personentyp, type de client, type de personne, tipo, tipo de cliente, tipo de persona"
    ),
    Role.IMO_NUMBER: _headers(
        "imo number, imo, imo no, imo nr, imo num, imo ship number, vessel imo, ship imo, imo id, imo code, "
        "imo number of vessel, ship imo number, vessel imo number, imo ship identification number, imo 번호, "
        "imo nummer, numero imo, n imo, no imo"
    ),
    Role.DOCUMENT_NUMBER: _headers(
        "document number, passport, passport number, passport no, passport nr, passport num, passports, document, "
        "document no, document nr, id document, id document number, identity document, identity document number, "
        "identity card, identity card number, id card, id card number, national id, national id number, "
        "national id no, national identification number, travel document, travel document number, "
        "travel document no, id number, id no, identification number, identity number, passport id, "
        "passport or id number, 여권번호, 신분증번호, 护照号码, 護照號碼, 护照号, 旅券番号, reisepass, "
        "reisepassnummer, passnummer, pass nr, ausweisnummer, passeport, numero de passeport, no de passeport, "
        "n passeport, pasaporte, numero de pasaporte, n de pasaporte, passaporto, numero passaporto, passaporte, "
        "numero do passaporte, paspoort, paspoortnummer, паспорт, номер паспорта"
    ),
    Role.EXCLUDE: ("exclude", "exclude digests"),
}
"""Usual headers of each role, in English, Korean, and languages that offices write. The first is the most exact: of
several, that is used."""

_RANKS = {
    normalize_header(header): (role, rank) for role, headers in _HEADERS.items() for rank, header in enumerate(headers)
}
_SEVERAL = frozenset({Role.DOCUMENT_NUMBER, Role.IMO_NUMBER, Role.OTHER_NAME, Role.MIDDLE_NAME})
"""Roles that more than one column can have: a passport and an identity card, an alias and a former name."""
NAME_ROLES = frozenset({Role.NAME, Role.GIVEN_NAME, Role.FAMILY_NAME})
"""Roles of which a table has one at least."""
_BEHIND_EXACT = 1000
"""What is added to the rank of a header that is a usual one only without the explanation behind it."""
NAME_PARTS = NAME_ROLES | {Role.MIDDLE_NAME, Role.OTHER_NAME}
"""Roles whose values are names or parts of one."""


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
        return tuple(sorted(place for role in NAME_PARTS for place in self.roles.get(role, ())))

    @cached_property
    def date_order(self) -> DateOrder | None:
        """The order of day and month that the header of the birth date names: ``Date of birth (dd/mm/yyyy)``."""
        headers = " ".join(self.header[place] for place in self.roles.get(Role.BIRTH_DATE, ())).casefold()
        found = [order for order, form in _ORDERS.items() if form.search(headers)]
        return found[0] if len(found) == 1 else None

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
        role, rank = _rank(text)
        if role and place not in taken and role not in roles:
            found.setdefault(role, []).append((rank, place))
    for role, ranked in found.items():
        ranked.sort()
        if role in _SEVERAL:
            roles[role] = (*roles.get(role, ()), *sorted(place for _, place in ranked))
            continue
        best = [place for rank, place in ranked if rank == ranked[0][0]]
        are_same = len({normalize_header(header[place]) for place in best}) < len(best)
        if are_same or (len(best) > 1 and role is not Role.NAME):
            names = " and ".join(f"column {place + 1}" for place in best)
            raise _refused(f"{names} are both {header[best[0]]!r}; there may be each once")
        if role is Role.NAME and len(ranked) > 1:
            # Name (English) and Name (Korean), or Name and Company name: all are screened.
            roles[Role.OTHER_NAME] = (*roles.get(Role.OTHER_NAME, ()), *(place for _, place in ranked[1:]))
        roles[role] = (best[0],)
    return ColumnMap(tuple(header), {role: roles[role] for role in Role if role in roles})


def has_name_column(header: Iterable[str]) -> bool:
    """Say whether one of some headers is that of a column of names."""
    return any(_rank(text)[0] in NAME_ROLES for text in header)


def _rank(header: str) -> tuple[Role | None, int]:
    """Find the role of a header, and how exact it is for that role, the smaller the exacter."""
    whole, *bare = _spellings(header)
    if whole in _RANKS or not bare:
        return _RANKS.get(whole, (None, 0))
    role, rank = _RANKS.get(bare[0], (None, 0))
    return role, rank + _BEHIND_EXACT


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
            raise _refused(f"{len(places)} columns are {name!r}; name one by its number, from 1 to {len(header)}")
    if name.isascii() and name.isdigit() and 1 <= int(name) <= len(header):
        return int(name) - 1
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
