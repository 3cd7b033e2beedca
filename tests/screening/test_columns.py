"""Which column of a table is what."""

import pytest

from app.problems import InvalidRequest
from app.screening.columns import _HEADERS, Role, find_roles, map_columns, parse_column_option
from app.screening.dates import DateOrder


@pytest.mark.parametrize(
    ("header", "role"),
    [
        ("Name", Role.NAME), ("FULL NAME", Role.NAME), ("full_name", Role.NAME), (" Name ", Role.NAME),
        ("DOB", Role.BIRTH_DATE), ("D.O.B.", Role.BIRTH_DATE), ("Date of birth", Role.BIRTH_DATE),
        ("birth_date", Role.BIRTH_DATE), ("Birthdate", Role.BIRTH_DATE), ("Nationality", Role.NATIONALITY),
        ("Country", Role.NATIONALITY), ("Type", Role.KIND), ("kind", Role.KIND), ("IMO", Role.IMO_NUMBER),
        ("IMO No.", Role.IMO_NUMBER), ("imo_number", Role.IMO_NUMBER), ("Passport", Role.DOCUMENT_NUMBER),
        ("Passport No", Role.DOCUMENT_NUMBER), ("Given name", Role.GIVEN_NAME), ("First name", Role.GIVEN_NAME),
        ("Surname", Role.FAMILY_NAME), ("Family Name", Role.FAMILY_NAME), ("성명", Role.NAME), (" 이름", Role.NAME),
        ("생년 월일", Role.BIRTH_DATE), ("국적", Role.NATIONALITY), ("여권번호", Role.DOCUMENT_NUMBER),
        ("Full\nName", Role.NAME), ("Name *", Role.NAME), ("Name of vessel", Role.NAME), ("Nom", Role.NAME),
        ("Vorname", Role.GIVEN_NAME), ("Apellidos", Role.FAMILY_NAME), ("Geburtsdatum", Role.BIRTH_DATE),
        ("Date de naissance", Role.BIRTH_DATE), ("Staatsangehörigkeit", Role.NATIONALITY), ("1. Name", Role.NAME),
        ("Date of Birth (dd/mm/yyyy)", Role.BIRTH_DATE), ("Nationality [ISO]", Role.NATIONALITY),
        ("Customer Type", Role.KIND), ("Numéro de passeport", Role.DOCUMENT_NUMBER),
    ],
)  # fmt: skip
def test_usual_headers_are_known_in_any_case(header: str, role: Role) -> None:
    assert find_roles(["id", header]).roles == {role: (1,)}


def test_other_columns_pass_through() -> None:
    columns = map_columns(["id", "Name", "Customer number", "DOB"])
    assert columns.used == {1, 3}
    assert columns.describe() == "name from 'Name', birth_date from 'DOB'; passed through: 'id', 'Customer number'"


def test_a_column_is_named_for_a_role() -> None:
    columns = map_columns(["Name", "Customer name"], {Role.NAME: "customer name"})
    assert columns.roles == {Role.NAME: (1,)}
    with pytest.raises(InvalidRequest, match=r"no column is 'x'; its columns are 'Name'"):
        map_columns(["Name"], {Role.NAME: "x"})


def test_a_named_column_of_names_comes_before_given_and_family_name() -> None:
    assert map_columns(["First name", "Surname", "Kunde"], {Role.NAME: "Kunde"}).name_places == (2,)


def test_a_table_without_names_is_refused_with_its_columns() -> None:
    with pytest.raises(InvalidRequest, match="its columns are 'id', 'Customer name'"):
        map_columns(["id", "Customer name"])


def test_two_columns_alike_are_refused_and_the_exacter_of_two_is_taken() -> None:
    with pytest.raises(InvalidRequest, match="column 1 and column 2 are both 'Name'"):
        map_columns(["Name", "name"])
    assert map_columns(["Country", "Nationality", "Name"]).roles[Role.NATIONALITY] == (1,)


def test_numbers_of_several_documents_are_all_used() -> None:
    assert map_columns(["Name", "Passport", "National ID"]).roles[Role.DOCUMENT_NUMBER] == (1, 2)


def test_a_header_has_one_role() -> None:
    headers = [find_roles([header]).roles for headers in _HEADERS.values() for header in headers]
    assert headers == [{role: (0,)} for role, headers in _HEADERS.items() for _ in headers]


def test_middle_and_other_names_are_names_too() -> None:
    columns = map_columns(["First name", "Middle name", "Last name", "Alias", "Former name"])
    assert columns.roles[Role.MIDDLE_NAME] == (1,)
    assert columns.roles[Role.OTHER_NAME] == (3, 4)
    assert map_columns(["Name (English)", "Name (Korean)"]).roles == {Role.NAME: (0,), Role.OTHER_NAME: (1,)}
    assert map_columns(["Company name", "Name"]).roles == {Role.NAME: (1,), Role.OTHER_NAME: (0,)}
    with pytest.raises(InvalidRequest, match="no column of names"):
        map_columns(["Middle name", "Alias"])


@pytest.mark.parametrize(
    ("header", "order"),
    [("Date of birth (dd/mm/yyyy)", DateOrder.DAY_FIRST), ("DOB [MM-DD-YY]", DateOrder.MONTH_FIRST), ("DOB", None),
     ("Geburtsdatum (TT.MM.JJJJ)", DateOrder.DAY_FIRST), ("DOB (yyyy-mm-dd)", None)],
)  # fmt: skip
def test_a_header_can_name_the_order_of_dates(header: str, order: DateOrder | None) -> None:
    assert map_columns(["Name", header]).date_order is order


def test_a_column_can_be_named_by_its_number() -> None:
    assert map_columns(["Kunde", "Kunde"], {Role.NAME: "2"}).roles == {Role.NAME: (1,)}
    with pytest.raises(InvalidRequest, match="by its number, from 1 to 2"):
        map_columns(["Kunde", "Kunde"], {Role.NAME: "Kunde"})


def test_without_a_header_columns_are_numbered() -> None:
    header = ["column 1", "column 2", "column 3"]
    assert map_columns(header, by_number=True).roles == {Role.NAME: (0,)}
    wanted = {Role.NAME: "2", Role.BIRTH_DATE: "3"}
    assert map_columns(header, wanted, by_number=True).roles == {Role.NAME: (1,), Role.BIRTH_DATE: (2,)}
    for wrong in ("0", "4", "x"):
        with pytest.raises(InvalidRequest, match="numbered from 1 to 3"):
            map_columns(header, {Role.NAME: wrong}, by_number=True)


def test_the_option_is_a_role_and_a_header() -> None:
    assert parse_column_option("name=Customer=name") == (Role.NAME, "Customer=name")
    for wrong in ("nom=x", "name", "name="):
        with pytest.raises(ValueError, match="ROLE=HEADER"):
            parse_column_option(wrong)
