"""The database: every table, in the UN's own terms.

Most tables are written from a CSV file of the same name in ``seed/``; a column marked ``derived`` and the tables under
"Made at publish" are worked out from those. Columns of days end in ``_on``; a pair of them is half-open: the second is
the first day *off*. A partly known date is kept as EDTF text.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, StringConstraints
from sqlalchemy import CheckConstraint, Enum, Index, text
from sqlmodel import Field, SQLModel
from stdnum import imo

from app.fields.countries import CountryCode
from app.fields.dates import FIRST_DAY, LAST_DAY, Day, Edtf
from app.vocabularies import (
    AliasQuality,
    BoundParty,
    ChangeKind,
    DocumentKind,
    ExternalScheme,
    Gender,
    GivenBy,
    IdentifierScheme,
    ListingMeasure,
    MeasureCategory,
    NameKind,
    Outcome,
    ParticularKind,
    PartyKind,
    RecordKind,
    RelationKind,
    RequestOutcome,
    SourceForm,
    SourceKind,
    SubjectKind,
    Verdict,
    Vote,
)

SCHEMA = "20261127_5"
"""The newest migration, named by its day, and by a number where that day has another.

A dataset must be published with it to be read by this software.
"""


SQLModel.metadata.naming_convention = {"fk": "fk_%(table_name)s_%(column_0_name)s", "ix": "ix_%(column_0_label)s"}


def _check_imo_number(number: str) -> str:
    try:
        imo.validate(number)
    except Exception as error:
        raise ValueError(f"{number} is not an IMO number: {error}") from None
    return number


ImoNumber = Annotated[str, StringConstraints(pattern=r"^[0-9]{7}$"), AfterValidator(_check_imo_number)]
"""Seven digits, the last of which checks the six before it (IMO resolution A.1117(30))."""


def _check_imo_company_number(number: str) -> str:
    total = sum(int(digit) * weight for digit, weight in zip(number, (8, 6, 4, 2, 9, 7), strict=False))
    if (11 - total % 11) % 10 != int(number[6]):
        raise ValueError(f"{number} is not an IMO company number: its check digit is wrong")
    return number


ImoCompanyNumber = Annotated[str, StringConstraints(pattern=r"^[0-9]{7}$"), AfterValidator(_check_imo_company_number)]
"""Seven digits, the last of which checks the six before it, by the weights 8, 6, 4, 2, 9, 7 and modulo 11."""

ReferenceNumber = Annotated[str, StringConstraints(pattern=r"^KP[ie]\.[0-9]{3}$")]
"""The UN's permanent reference number: KPi.001 for an individual, KPe.001 for an entity."""

Slug = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]*$", max_length=80)]
"""An id that can stand in a URL as it is."""

Amount = Annotated[str, StringConstraints(pattern=r"^[0-9]+(\.[0-9]+)?$")]
"""A decimal number, kept as its digits."""

HsCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}([0-9]{2}){0,4}$")]
"""A chapter (2 digits), heading (4) or subheading (6) of the Harmonized System, or a national code of 8 or 10."""

Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/]+(/\S*)?$")]
"""The address of a page."""

Line = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""A text on one line; what is not known is null, never empty."""


LanguageTag = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$")]
"""A language tag (BCP 47, RFC 5646): a language, and where needed its script and region: ko, ko-Hani, zh-Hans."""


Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""A SHA-256 in hexadecimal."""


LONGEST_CHOICE = 32
"""Longest value of any enumeration, in characters: the length of their columns, so that a new value alters no table."""


def one_of(values: type[StrEnum]) -> Any:
    """Build the column type of an enumeration for SQLModel's ``sa_type``: its values, not its names, as text."""
    return Enum(
        values,
        values_callable=list,
        native_enum=False,
        create_constraint=False,
        length=LONGEST_CHOICE,
        validate_strings=True,
    )


DERIVED: dict[str, Any] = {"info": {"derived": True}}
"""Marks a column that ``publish`` works out and no seed file has."""

FOLDED: dict[str, Any] = {"info": {"derived": True, "trigrams": True}}
"""Marks a derived column of folded text of a table that grows with the record: an index of trigrams finds parts of it.

Where every text is read to find a part, a million ships take seconds. The texts of other tables are some hundred.
"""

EDITORIAL: dict[str, Any] = {"info": {"editorial": True}}
"""Marks a column that says how the record sees a fact: it orders facts, and needs no source of its own."""

PARENT: dict[str, Any] = {"info": {"parent": True}}
"""Marks the column that says which record a row belongs to: it places facts, and is none."""


class Source(SQLModel, table=True):
    """A document that a fact was taken from."""

    key: Slug = Field(primary_key=True)
    kind: SourceKind = Field(sa_type=one_of(SourceKind), index=True)
    form: SourceForm = Field(sa_type=one_of(SourceForm))
    publisher: Line
    held_by: Line | None = Field(description="Who keeps the copy that was read, where that is not the publisher.")
    title: Line
    published_on: Edtf | None
    locator: Line | None = Field(description="Where it is, where that is not a URL.")
    url: Url | None
    note: Line | None
    published_earliest_on: Day | None = Field(default=None, sa_column_kwargs=DERIVED, index=True)
    published_latest_on: Day | None = Field(default=None, sa_column_kwargs=DERIVED)
    folded: str = Field(default="", sa_column_kwargs=DERIVED)
    folded_publisher: str = Field(default="", sa_column_kwargs=DERIVED)


class Resolution(SQLModel, table=True):
    """A resolution of the Security Council, or a draft that a permanent member vetoed."""

    id: Slug = Field(primary_key=True, description="The number; for a draft its symbol, S-2022-431.")
    number: int | None = Field(unique=True)
    symbol: Line
    outcome: Outcome = Field(sa_type=one_of(Outcome), index=True)
    voted_on: Day = Field(index=True)
    votes_for: int | None = Field(ge=0, le=15)
    votes_against: int | None = Field(ge=0, le=15)
    abstentions: int | None = Field(ge=0, le=15)
    meeting: int | None
    written_procedure: bool | None = Field(description="True where members voted in writing, without a meeting.")
    press_release: Line | None
    responds_to: Line | None
    summary: Line
    note: Line | None
    adopted_on: Day | None = Field(default=None, sa_column_kwargs=DERIVED, description="Null for a vetoed draft.")
    folded: str = Field(default="", sa_column_kwargs=DERIVED)


class ResolutionDrafter(SQLModel, table=True):
    """A State that drafted a resolution."""

    __tablename__ = "resolution_drafter"

    id: Slug = Field(primary_key=True)
    resolution_id: str = Field(foreign_key="resolution.id", index=True, sa_column_kwargs=PARENT)
    country: CountryCode


class ResolutionVote(SQLModel, table=True):
    """A member of the Council that did not vote in favour."""

    __tablename__ = "resolution_vote"

    id: Slug = Field(primary_key=True)
    resolution_id: str = Field(foreign_key="resolution.id", index=True, sa_column_kwargs=PARENT)
    country: CountryCode
    vote: Vote = Field(sa_type=one_of(Vote))


class CommitteeDecision(SQLModel, table=True):
    """A decision of the Security Council's Committee established by resolution 1718."""

    __tablename__ = "committee_decision"

    id: Slug = Field(primary_key=True)
    decided_on: Day = Field(index=True)
    title: Line
    symbol: Line | None
    summary: Line
    note: Line | None
    folded: str = Field(default="", sa_column_kwargs=DERIVED)


class Measure(SQLModel, table=True):
    """What a paragraph of a resolution obliges someone to do or to leave."""

    id: Slug = Field(primary_key=True)
    resolution_id: str = Field(foreign_key="resolution.id", index=True, sa_column_kwargs=PARENT)
    paragraph: Line | None = Field(description="Null where no source shows the number.")
    title: Line
    category: MeasureCategory = Field(sa_type=one_of(MeasureCategory), index=True)
    summary: Line
    exceptions: Line | None
    earlier: Line | None = Field(description="What earlier measure it widens, clarifies or replaces.")
    limits: Line | None = Field(description="Deadlines, amounts and thresholds.")
    starts_on: Day
    ends_on: Day | None
    replaced_by: str | None = Field(foreign_key="measure.id", description="The measure that took its place.")
    ordinal: int = Field(default=0, sa_column_kwargs=DERIVED, index=True)
    folded: str = Field(default="", sa_column_kwargs=DERIVED)


class MeasureBinding(SQLModel, table=True):
    """One of those whom a measure binds."""

    __tablename__ = "measure_binding"

    id: Slug = Field(primary_key=True)
    measure_id: str = Field(foreign_key="measure.id", index=True, sa_column_kwargs=PARENT)
    bound: BoundParty = Field(sa_type=one_of(BoundParty))


class MeasureCap(SQLModel, table=True):
    """How much of something a measure allows."""

    __tablename__ = "measure_cap"

    id: Slug = Field(primary_key=True)
    measure_id: str = Field(foreign_key="measure.id", index=True, sa_column_kwargs=PARENT)
    goods: Line
    amount: Amount
    unit: Line = Field(description="barrels, metric_tons, or an ISO 4217 code of a currency.")
    period: Line = Field(description="What the amount is for: year, twelve_months, whole_period or item.")
    from_on: Day
    until_on: Day | None = Field(description="First day that the cap no longer holds.")
    note: Line | None


class MeasureHsCode(SQLModel, table=True):
    """A code of the Harmonized System that a measure covers."""

    __tablename__ = "measure_hs_code"

    id: Slug = Field(primary_key=True)
    measure_id: str = Field(foreign_key="measure.id", index=True, sa_column_kwargs=PARENT)
    code: HsCode
    note: Line | None


class DesignatedParty(SQLModel, table=True):
    """An individual or entity that the Council or its Committee designated."""

    __tablename__ = "designated_party"

    id: ReferenceNumber = Field(primary_key=True)
    kind: PartyKind = Field(sa_type=one_of(PartyKind), index=True)
    swift_code: Line | None
    imo_company_number: ImoCompanyNumber | None
    deceased_on: Edtf | None
    note: Line | None


class Amendment(SQLModel, table=True):
    """A day on which the UN amended the entry of a designated party."""

    id: Slug = Field(primary_key=True)
    subject_id: str = Field(foreign_key="subject.id", index=True, sa_column_kwargs=PARENT)
    amended_on: Day


class Vessel(SQLModel, table=True):
    """A ship that the Council or its Committee designated."""

    id: Slug = Field(primary_key=True, description="The IMO number, or a slug for a ship without one.")
    imo_number: ImoNumber | None = Field(unique=True)
    note: Line | None


SINCE = (
    "First day on which the UN's list has the value, in EDTF: a day; an interval, where it came on one of those days; "
    "../DAY, where it was there by that day and may have been before. Null: since its subject was listed."
)
UNTIL = (
    "First day on which the UN's list no longer has the value, in EDTF: a day, or an interval, where it went on one of "
    "those days. Null: the newest list has it."
)


class OnListPeriod(SQLModel):
    """The days on which the UN's list may have a value, half-open; derived, for questions about a day."""

    possible_from_on: Day = Field(default=FIRST_DAY, sa_column_kwargs=DERIVED)
    possible_until_on: Day = Field(default=LAST_DAY, sa_column_kwargs=DERIVED)


class Name(OnListPeriod, table=True):
    """A name that a subject has or had."""

    id: Slug = Field(primary_key=True)
    subject_id: str = Field(foreign_key="subject.id", index=True, sa_column_kwargs=PARENT)
    name: Line
    original_script: Line | None = Field(description="The same name in its original script, where the list gives it.")
    lang: LanguageTag | None = Field(
        sa_column_kwargs=EDITORIAL,
        description=(
            "BCP 47 tag of the text in its own script: original_script, or the name where there is none. Empty where "
            "the script says it; it must be given for Han characters alone."
        ),
    )
    kind: NameKind = Field(sa_type=one_of(NameKind))
    quality: AliasQuality | None = Field(sa_type=one_of(AliasQuality))
    used_on: Edtf | None = Field(description="When it bore the name, as far as known.")
    given_by: GivenBy = Field(sa_type=one_of(GivenBy), sa_column_kwargs=EDITORIAL)
    on_list_since: Edtf | None = Field(description=SINCE)
    on_list_until: Edtf | None = Field(description=UNTIL)
    note: Line | None
    folded: str = Field(default="", sa_column_kwargs=FOLDED, index=True)


class Nationality(OnListPeriod, table=True):
    """A State whose national an individual is."""

    id: Slug = Field(primary_key=True)
    subject_id: str = Field(foreign_key="subject.id", index=True, sa_column_kwargs=PARENT)
    country: CountryCode
    given_by: GivenBy = Field(sa_type=one_of(GivenBy), sa_column_kwargs=EDITORIAL)
    on_list_since: Edtf | None = Field(description=SINCE)
    on_list_until: Edtf | None = Field(description=UNTIL)


class Position(OnListPeriod, table=True):
    """A post that an individual holds or held; the UN's list calls it DESIGNATION."""

    id: Slug = Field(primary_key=True)
    subject_id: str = Field(foreign_key="subject.id", index=True, sa_column_kwargs=PARENT)
    position: Line
    given_by: GivenBy = Field(sa_type=one_of(GivenBy), sa_column_kwargs=EDITORIAL)
    on_list_since: Edtf | None = Field(description=SINCE)
    on_list_until: Edtf | None = Field(description=UNTIL)
    organisation_id: str | None = Field(
        foreign_key="designated_party.id",
        index=True,
        sa_column_kwargs=EDITORIAL,
        description="The designated entity that the post names.",
    )
    folded: str = Field(default="", sa_column_kwargs=FOLDED)


class BirthDate(OnListPeriod, table=True):
    """A birth date that a source gives for an individual."""

    __tablename__ = "birth_date"

    id: Slug = Field(primary_key=True)
    subject_id: str = Field(foreign_key="subject.id", index=True, sa_column_kwargs=PARENT)
    born_on: Edtf
    preferred: bool | None = Field(
        sa_column_kwargs=EDITORIAL, description="Where sources disagree: whether this is the date held to be right."
    )
    given_by: GivenBy = Field(sa_type=one_of(GivenBy), sa_column_kwargs=EDITORIAL)
    on_list_since: Edtf | None = Field(description=SINCE)
    on_list_until: Edtf | None = Field(description=UNTIL)
    note: Line | None
    born_earliest_on: Day | None = Field(default=None, sa_column_kwargs=DERIVED)
    born_latest_on: Day | None = Field(default=None, sa_column_kwargs=DERIVED)


class BirthPlace(OnListPeriod, table=True):
    """Where an individual is said to be born."""

    __tablename__ = "birth_place"

    id: Slug = Field(primary_key=True)
    subject_id: str = Field(foreign_key="subject.id", index=True, sa_column_kwargs=PARENT)
    place: Line | None
    country: CountryCode | None
    given_by: GivenBy = Field(sa_type=one_of(GivenBy), sa_column_kwargs=EDITORIAL)
    on_list_since: Edtf | None = Field(description=SINCE)
    on_list_until: Edtf | None = Field(description=UNTIL)


class Document(OnListPeriod, table=True):
    """A paper that identifies an individual."""

    id: Slug = Field(primary_key=True)
    subject_id: str = Field(foreign_key="subject.id", index=True, sa_column_kwargs=PARENT)
    kind: DocumentKind = Field(sa_type=one_of(DocumentKind))
    number: Line
    issued_on: Edtf | None
    expires_on: Edtf | None
    issued_by: CountryCode | None
    preferred: bool | None = Field(
        sa_column_kwargs=EDITORIAL, description="Where sources disagree: whether this is the number held to be right."
    )
    given_by: GivenBy = Field(sa_type=one_of(GivenBy), sa_column_kwargs=EDITORIAL)
    on_list_since: Edtf | None = Field(description=SINCE)
    on_list_until: Edtf | None = Field(description=UNTIL)
    note: Line | None


class Address(OnListPeriod, table=True):
    """Where a designated party is said to be."""

    id: Slug = Field(primary_key=True)
    subject_id: str = Field(foreign_key="subject.id", index=True, sa_column_kwargs=PARENT)
    address: Line | None
    country: CountryCode | None
    given_by: GivenBy = Field(sa_type=one_of(GivenBy), sa_column_kwargs=EDITORIAL)
    on_list_since: Edtf | None = Field(description=SINCE)
    on_list_until: Edtf | None = Field(description=UNTIL)


class GenderEntry(OnListPeriod, table=True):
    """A gender that the UN's list gives an individual."""

    __tablename__ = "gender"

    id: Slug = Field(primary_key=True)
    subject_id: str = Field(foreign_key="subject.id", index=True, sa_column_kwargs=PARENT)
    gender: Gender = Field(sa_type=one_of(Gender))
    given_by: GivenBy = Field(sa_type=one_of(GivenBy), sa_column_kwargs=EDITORIAL)
    on_list_since: Edtf | None = Field(description=SINCE)
    on_list_until: Edtf | None = Field(description=UNTIL)


class Narrative(OnListPeriod, table=True):
    """The reasons that the UN's list prints for a designation: in our words, and a digest of the text itself."""

    id: Slug = Field(primary_key=True)
    subject_id: str = Field(foreign_key="subject.id", index=True, sa_column_kwargs=PARENT)
    summary: Line | None = Field(description="Who or what it is and why it was designated, in our words.")
    narrative_sha256: Sha256 | None = Field(
        description="SHA-256 of the text as the list prints it, white space folded; null where the list has none."
    )
    given_by: GivenBy = Field(sa_type=one_of(GivenBy), sa_column_kwargs=EDITORIAL)
    on_list_since: Edtf | None = Field(description=SINCE)
    on_list_until: Edtf | None = Field(description=UNTIL)


class Flag(SQLModel, table=True):
    """The State whose flag a list gave a ship, and when it gave it."""

    id: Slug = Field(primary_key=True)
    vessel_id: str = Field(foreign_key="vessel.id", index=True, sa_column_kwargs=PARENT)
    country: CountryCode
    given_on: Edtf = Field(description="State of the list that gives it.")


class ExternalIdentifier(SQLModel, table=True):
    """An identifier of a subject in a list of others, or that such a list does not have the subject."""

    __tablename__ = "external_identifier"

    id: Slug = Field(primary_key=True)
    subject_id: str = Field(foreign_key="subject.id", index=True, sa_column_kwargs=PARENT)
    scheme: ExternalScheme = Field(sa_type=one_of(ExternalScheme), index=True)
    value: Line | None = Field(
        description="The identifier; empty where the list was read whole and does not have the subject."
    )
    note: Line | None


HELD_SINCE = (
    "First day on which it holds, in EDTF: a day; an interval, where it began on one of those days; ../DAY, where a "
    "source says that it held on that day, and it may have held before. Null: no source says."
)
HELD_UNTIL = (
    "First day on which it no longer holds, in EDTF: a day, or an interval, where it ended on one of those days. Null: "
    "no source says that it ended."
)


class HeldPeriod(SQLModel):
    """The days on which something holds, or may hold, as two half-open intervals, one within the other; derived."""

    possible_from_on: Day = Field(default=FIRST_DAY, sa_column_kwargs=DERIVED)
    certain_from_on: Day = Field(default=FIRST_DAY, sa_column_kwargs=DERIVED)
    certain_until_on: Day = Field(default=LAST_DAY, sa_column_kwargs=DERIVED)
    possible_until_on: Day = Field(default=LAST_DAY, sa_column_kwargs=DERIVED)
    is_dated: bool = Field(default=False, sa_column_kwargs=DERIVED, description="Whether a source gives any day.")


class Relation(HeldPeriod, table=True):
    """What one party is to another, read as FROM is the KIND of TO; an end outside the record is a name alone."""

    id: Slug = Field(primary_key=True)
    from_id: str | None = Field(foreign_key="subject.id", index=True)
    from_name: Line | None = Field(description="Name of a party that is not in the record.")
    kind: RelationKind = Field(sa_type=one_of(RelationKind), index=True)
    to_id: str | None = Field(foreign_key="subject.id", index=True)
    to_name: Line | None = Field(description="Name of a party that is not in the record.")
    on_since: Edtf | None = Field(description=HELD_SINCE)
    on_until: Edtf | None = Field(description=HELD_UNTIL)
    note: Line | None
    folded: str = Field(default="", sa_column_kwargs=DERIVED, description="The names outside the record.")


class VesselParticular(HeldPeriod, table=True):
    """A particular of a ship, as a source prints it: its type, call sign or tonnage."""

    __tablename__ = "vessel_particular"
    __table_args__ = (Index("ix_vessel_particular_kind_folded", "kind", "folded"),)

    id: Slug = Field(primary_key=True)
    vessel_id: str = Field(foreign_key="vessel.id", index=True, sa_column_kwargs=PARENT)
    kind: ParticularKind = Field(sa_type=one_of(ParticularKind))
    value: Line
    on_since: Edtf | None = Field(description=HELD_SINCE)
    on_until: Edtf | None = Field(description=HELD_UNTIL)
    note: Line | None
    folded: str = Field(default="", sa_column_kwargs=DERIVED)


class Listing(SQLModel, table=True):
    """One stay of a subject on the list under one measure, from ``listed_on`` until the day before ``delisted_on``."""

    __table_args__ = (
        CheckConstraint("delisted_on > listed_on", name="listing_ends_after_it_begins"),
        Index("ix_listing_subject_stay", "subject_id", "listed_on", "delisted_on"),
    )

    id: Slug = Field(primary_key=True)
    subject_id: str = Field(foreign_key="subject.id", sa_column_kwargs=PARENT)
    measure: ListingMeasure = Field(sa_type=one_of(ListingMeasure), index=True)
    listed_on: Day = Field(index=True)
    listed_by: str = Field(foreign_key="act.id", index=True)
    basis: Line | None = Field(description="Paragraph that the listing rests on; null where no source shows it.")
    paragraph: Line | None = Field(description="Null where no source shows the number.")
    annex: Line | None
    delisted_on: Day | None = Field(index=True)
    delisted_by: str | None = Field(foreign_key="act.id")
    delisting_ground: Line | None
    note: Line | None


class DelistingRequest(SQLModel, table=True):
    """A request to take subjects off the list, and what came of it."""

    __tablename__ = "delisting_request"

    id: Slug = Field(primary_key=True)
    requested_by: CountryCode | None
    addressed_to: Line | None
    requested_on: Edtf | None
    outcome: RequestOutcome = Field(sa_type=one_of(RequestOutcome), index=True)
    decided_on: Day | None = Field(index=True)
    decided_by: str | None = Field(foreign_key="act.id")
    grounds: Line | None
    condition: Line | None
    condition_reported_by: Line | None
    note: Line | None
    requested_earliest_on: Day | None = Field(default=None, sa_column_kwargs=DERIVED)
    requested_latest_on: Day | None = Field(default=None, sa_column_kwargs=DERIVED)


class DelistingRequestSubject(SQLModel, table=True):
    """A subject that a delisting request is about."""

    __tablename__ = "delisting_request_subject"

    id: Slug = Field(primary_key=True)
    request_id: str = Field(foreign_key="delisting_request.id", index=True, sa_column_kwargs=PARENT)
    subject_id: str = Field(foreign_key="subject.id", index=True)


class Statement(SQLModel, table=True):
    """Something one of the two articles says, in our words, and how it compares with the record."""

    id: Slug = Field(primary_key=True)
    article: str = Field(foreign_key="source.key", index=True)
    statement: Line
    attributed_to: Line
    verdict: Verdict = Field(sa_type=one_of(Verdict), index=True)
    verdict_detail: Line | None
    record_says: Line | None
    ordinal: int = Field(default=0, sa_column_kwargs=DERIVED, index=True)
    folded: str = Field(default="", sa_column_kwargs=DERIVED)
    folded_attributed_to: str = Field(default="", sa_column_kwargs=DERIVED)


class StatementRecord(SQLModel, table=True):
    """A record that a statement speaks of."""

    __tablename__ = "statement_record"

    id: Slug = Field(primary_key=True)
    statement_id: str = Field(foreign_key="statement.id", index=True, sa_column_kwargs=PARENT)
    resource: Line = Field(description="The resource's path, such as vessels.")
    record_id: str
    ordinal: int = Field(default=0, sa_column_kwargs=DERIVED)


class Citation(SQLModel, table=True):
    """A place in a source that supports some fields of one row."""

    id: str = Field(default="", primary_key=True, sa_column_kwargs=DERIVED)
    table: Line = Field(description="The seed file's name, such as vessels.")
    row: str
    source: str = Field(foreign_key="source.key", index=True)
    locator: Line | None
    fields: Line = Field(description="Names of the columns supported, with blanks between them.")
    note: Line | None = Field(description="What the source says otherwise, or what limits it.")
    ordinal: int = Field(default=0, sa_column_kwargs=DERIVED)

    __table_args__ = (Index("ix_citation_table_row", "table", "row"),)


class ExplainedDifference(SQLModel, table=True):
    """A value that the record has otherwise than the UN's list, on purpose, and why."""

    __tablename__ = "explained_difference"

    id: Slug = Field(primary_key=True)
    reference_number: str = Field(foreign_key="subject.id")
    field: Line
    record_value: Line | None
    list_value: Line | None
    reason: Line


class Coverage(SQLModel, table=True):
    """How much of one kind of record the dataset holds, against what officially exists."""

    resource: Slug = Field(primary_key=True)
    kind: Line
    official_count: int | None
    covers_until: Day
    source: str = Field(foreign_key="source.key")
    left_out: Line | None


# Made at publish


class Act(SQLModel, table=True):
    """A decision that lists, delists or orders: a resolution or a decision of the Committee."""

    id: str = Field(primary_key=True)
    kind: str
    number: int | None
    title: str
    acted_on: date = Field(index=True)


class Subject(SQLModel, table=True):
    """A subject of listings: individual, entity or vessel."""

    id: str = Field(primary_key=True)
    kind: SubjectKind = Field(sa_type=one_of(SubjectKind), index=True)
    name: str
    folded_name: str = Field(index=True)
    first_listed_on: date | None = Field(index=True)


class Identifier(SQLModel, table=True):
    """An identifier of a subject, as it is asked for: of a list of others, of a paper, of a ship, a company, a bank."""

    id: str = Field(primary_key=True)
    subject_id: str = Field(foreign_key="subject.id", index=True)
    subject_kind: SubjectKind = Field(sa_type=one_of(SubjectKind))
    scheme: IdentifierScheme = Field(sa_type=one_of(IdentifierScheme), index=True)
    value: str | None = Field(description="As its source prints it; null where a list does not have the subject.")
    compared: str | None = Field(index=True, description="The value as it is compared: letters and digits alone.")
    possible_from_on: date
    possible_until_on: date


class Change(SQLModel, table=True):
    """Something that happened, as it is asked for."""

    __table_args__ = (
        # By it a page of one kind is read in its order, as far as the page goes. It is unique as the place is: SQLite
        # needs to know that, to sort no further and to read of several kinds only what the page may have.
        Index("ix_change_kind_place", "kind", "place", unique=True),
    )

    id: str = Field(primary_key=True)
    changed_on: date = Field(index=True)
    kind: ChangeKind = Field(sa_type=one_of(ChangeKind))
    act_id: str | None = Field(foreign_key="act.id", index=True)
    place: str = Field(unique=True, description="Its place in the order of all: the day, and the order on that day.")
    folded: str = Field(sa_column_kwargs=FOLDED)


class ChangeSubject(SQLModel, table=True):
    """Whom or what a change concerns."""

    __tablename__ = "change_subject"

    change_id: str = Field(primary_key=True, foreign_key="change.id")
    subject_id: str = Field(primary_key=True, index=True)
    kind: RecordKind = Field(sa_type=one_of(RecordKind))


class RecordCount(SQLModel, table=True):
    """How many records of a collection exist on a day and from then on, until the next day that is here.

    Also, how many of them match a filter, or several facets together.
    """

    __tablename__ = "record_count"

    resource: str = Field(primary_key=True, description="Its path, with a filter as a query string: names?kind=former.")
    begun_on: date = Field(
        primary_key=True,
        description="A day on which the number changes; the first day of all for records that are always there.",
    )
    total: int


STILL_VALID = text(f"until_on = '{LAST_DAY}'")
"""The condition of the renderings that no other follows: one of each record, the last. An index of these rows serves a
query only where it has the condition in the same words."""


class Rendering(SQLModel, table=True):
    """A record as it is answered, for each half-open stretch of days on which it reads the same."""

    __table_args__ = (
        # By it a page of today passes over no rendering of the past, of which there are twice as many.
        Index("ix_rendering_still_valid", "resource", "id", sqlite_where=STILL_VALID, postgresql_where=STILL_VALID),
        Index("ix_rendering_last", "resource", "from_on", sqlite_where=STILL_VALID, postgresql_where=STILL_VALID),
    )

    resource: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    from_on: date = Field(primary_key=True)
    until_on: date
    item: str = Field(description="The record as an item of its collection.")
    record: str


class Version(SQLModel, table=True):
    """A published version of the dataset that was still kept when this one was published, or this one."""

    version: str = Field(primary_key=True)
    ordinal: int = Field(unique=True, description="Rises from one publication to the next.")
    published_on: date
    record: str = Field(description="What /dataset/versions says of it.")


class Dataset(SQLModel, table=True):
    """What was published: one row."""

    version: str = Field(primary_key=True)
    sha256: str
    covers_until: date
    published_on: date
    fingerprint: str = Field(description="SHA-256 of the files it was made from; if it differs, the dataset is stale.")
    record: str
