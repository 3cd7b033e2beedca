"""The enumerations of the record, in the terms of the UN's lists and resolutions."""

from enum import StrEnum


class Outcome(StrEnum):
    """What came of the vote on a draft resolution."""

    ADOPTED = "adopted"
    VETOED = "vetoed"


class PartyKind(StrEnum):
    """The two kinds of designated party."""

    INDIVIDUAL = "individual"
    ENTITY = "entity"


class SubjectKind(StrEnum):
    """The UN's three kinds of subject of a listing."""

    INDIVIDUAL = "individual"
    ENTITY = "entity"
    VESSEL = "vessel"


class RecordKind(StrEnum):
    """What a change can be a change of, or concern."""

    INDIVIDUAL = "individual"
    ENTITY = "entity"
    VESSEL = "vessel"
    RESOLUTION = "resolution"
    DRAFT_RESOLUTION = "draft_resolution"
    COMMITTEE_DECISION = "committee_decision"
    MEASURE = "measure"
    DELISTING_REQUEST = "delisting_request"


class ChangeKind(StrEnum):
    """Kinds of event; on one day they are listed in this order."""

    RESOLUTION_ADOPTED = "resolution_adopted"
    RESOLUTION_VETOED = "resolution_vetoed"
    REQUEST_MADE = "request_made"
    COMMITTEE_DECIDED = "committee_decided"
    REQUEST_DECIDED = "request_decided"
    DELISTED = "delisted"
    MEASURE_LIFTED = "measure_lifted"
    LISTED = "listed"
    MEASURE_ADDED = "measure_added"
    RENAMED = "renamed"
    AMENDED = "amended"
    RELATION_BEGAN = "relation_began"
    RELATION_ENDED = "relation_ended"
    DIED = "died"
    MEASURE_ENDED = "measure_ended"
    MEASURE_STARTED = "measure_started"


class ListingMeasure(StrEnum):
    """Measures that a subject on the list is under."""

    ASSET_FREEZE = "asset_freeze"
    TRAVEL_BAN = "travel_ban"
    PORT_ENTRY_BAN = "port_entry_ban"
    FLAG_WITHDRAWAL = "flag_withdrawal"


class MeasureCategory(StrEnum):
    """What a measure of a resolution is about."""

    ADMINISTRATION = "administration"
    ARMS = "arms"
    ASSET_FREEZE = "asset_freeze"
    AVIATION = "aviation"
    CARGO = "cargo"
    DIPLOMATIC = "diplomatic"
    FINANCE = "finance"
    HUMANITARIAN = "humanitarian"
    LABOUR = "labour"
    LUXURY_GOODS = "luxury_goods"
    POLITICS = "politics"
    PROGRAMME = "programme"
    REPORTING = "reporting"
    SECTOR = "sector"
    SHIPPING = "shipping"
    TRAVEL_BAN = "travel_ban"


class BoundParty(StrEnum):
    """Whom a measure binds."""

    ALL_STATES = "all_states"
    COMMITTEE = "committee"
    DPRK = "dprk"


class NameKind(StrEnum):
    """How a name belongs to its subject."""

    PRIMARY = "primary"
    ALIAS = "alias"
    FORMER = "former"
    LATER = "later"
    SPELLING = "spelling"


class AliasQuality(StrEnum):
    """How well the UN says that an alias identifies its subject."""

    GOOD = "good"
    LOW = "low"


class GivenBy(StrEnum):
    """Who gives a name or a detail: a field of the UN's list, the reasons it prints, or another source."""

    UN_LIST = "un_list"
    UN_NARRATIVE = "un_narrative"
    ELSEWHERE = "elsewhere"


class Vote(StrEnum):
    """How a member of the Council voted that did not vote in favour."""

    AGAINST = "against"
    ABSTAINED = "abstained"


class Gender(StrEnum):
    """What the UN's list gives as gender."""

    MALE = "male"
    FEMALE = "female"


class DocumentKind(StrEnum):
    """What kind of paper identifies an individual."""

    PASSPORT = "passport"
    DIPLOMATIC_PASSPORT = "diplomatic_passport"


class ExternalScheme(StrEnum):
    """Lists of others that number the subjects of the record."""

    OFAC_SDN = "ofac-sdn"
    EU = "eu"
    UK_OFSI = "uk-ofsi"
    CH_SECO = "ch-seco"
    OPENSANCTIONS = "opensanctions"
    WIKIDATA = "wikidata"


class IdentifierScheme(StrEnum):
    """Everything that gives identifiers: lists of others, papers, and the numbers of ships, companies and banks."""

    OFAC_SDN = "ofac-sdn"
    EU = "eu"
    UK_OFSI = "uk-ofsi"
    CH_SECO = "ch-seco"
    OPENSANCTIONS = "opensanctions"
    WIKIDATA = "wikidata"
    IMO = "imo"
    IMO_COMPANY = "imo-company"
    SWIFT = "swift"
    PASSPORT = "passport"
    DIPLOMATIC_PASSPORT = "diplomatic-passport"
    CALL_SIGN = "call-sign"
    MMSI = "mmsi"


class RelationKind(StrEnum):
    """What one party is to another: the first is the owner of the second, its manager, a branch of it or the like."""

    OWNER = "owner"
    MANAGER = "manager"
    OPERATOR = "operator"
    DIRECTOR = "director"
    OFFICER = "officer"
    REPRESENTATIVE = "representative"
    SUBSIDIARY = "subsidiary"
    BRANCH = "branch"
    ACTS_FOR = "acts_for"
    COMMANDS = "commands"
    SAME_HULL = "same_hull"


class ParticularKind(StrEnum):
    """Particulars of a ship."""

    VESSEL_TYPE = "vessel_type"
    CALL_SIGN = "call_sign"
    MMSI = "mmsi"
    GROSS_TONNAGE = "gross_tonnage"
    DEADWEIGHT_TONNAGE = "deadweight_tonnage"
    YEAR_BUILT = "year_built"


class RequestOutcome(StrEnum):
    """What came of a request to take a subject off the list."""

    GRANTED = "granted"
    REFUSED = "refused"
    PENDING = "pending"


class Verdict(StrEnum):
    """Verdict of the record on a statement of an article."""

    CONFIRMED = "confirmed"
    MORE_PRECISE = "more_precise"
    PARTLY = "partly"
    DIFFERS = "differs"
    NOT_IN_RECORD = "not_in_record"
    OPINION = "opinion"


class SourceKind(StrEnum):
    """What a source is, from the UN's own data down to a blog."""

    OFFICIAL_DATA = "official_data"
    OFFICIAL_TEXT = "official_text"
    OFFICIAL_RELEASE = "official_release"
    OFFICIAL_SUMMARY = "official_summary"
    NEWS_AGENCY = "news_agency"
    NEWS = "news"
    TRADE_PRESS = "trade_press"
    LEGAL_NOTE = "legal_note"
    RESEARCH = "research"
    ENCYCLOPAEDIA = "encyclopaedia"
    ARTICLE = "article"


class SourceForm(StrEnum):
    """Whether a source was read where its publisher keeps it."""

    ORIGINAL = "original"
    COPY = "copy"
    QUOTATION = "quotation"
