"""Answer models of the search: the hits, the reasons why they agree, and the texts that were compared."""

from datetime import date

from pydantic import Field

from app.api.envelope import Answer
from app.matching.index import MatchType
from app.publishing.rendering import Part, Reference
from app.resources.subjects import Status
from app.screening.screener import Corroboration
from app.vocabularies import SubjectKind


class ReasonPart(Part):
    """Why a part of the query and a part of the name agree or do not."""

    query: str | None = Field(description="The part of the query; null where the name has more.")
    name: str | None = Field(description="The part of the name; null where the query has more.")
    agrees: MatchType = Field(description="same, spelling, slip, different or missing.")
    why: str = Field(description="Why, in words.")
    points: float = Field(description="Its part of the score: all of them add up to it.")


class MatchedPart(Part):
    """The name that agrees best."""

    text: str = Field(description="The name, or the identifier, as its source prints it.")
    kind: str = Field(description="primary, alias, former, later, spelling; or imo_number, passport and the like.")
    quality: str | None = Field(description="How well the UN says that an alias identifies its subject.")


class FoundWithinPart(Part):
    """The part of a longer query that a name was found in."""

    text: str = Field(description="The part that was compared with the name.")
    left_over: list[str] = Field(description="The other words, but for those set aside as no part of a name.")


class HitPart(Part):
    """A subject compared with the query."""

    score: float = Field(description="From 0 to 1; 1 for an identifier, whatever date or State is given with it.")
    subject: Reference = Field(description="Who or what, by its name on the day.")
    listed: bool = Field(description="Whether it is on the list on the day.")
    status: Status = Field(description="Its status on the day.")
    matched: MatchedPart = Field(description="The name that agrees best.")
    birth_date: Corroboration = Field(
        description="How the birth date given compares: agrees, near (a year off, day and month swapped, one digit), "
        "contradicts or unknown."
    )
    nationality: Corroboration = Field(
        description="Whether the nationality given agrees; another one lowers the score a little and hides nothing."
    )
    found_within: FoundWithinPart | None = Field(
        description="The part of the query that the name was found in; null where it is all of the query."
    )
    because: list[ReasonPart] = Field(
        description="What agrees and what does not, syllable by syllable or word by word, the details last; the "
        "points add up to the score."
    )
    cleared_because: str | None = Field(
        description="Why a name that is alike is no hit: how far the birth date is from each one on record; null for "
        "a hit."
    )
    digest: str = Field(
        description="Digest of what is compared of the subject: its names, numbers, birth dates and nationalities."
    )


class NotComparedPart(Part):
    """A part of the query that was not compared as a name."""

    text: str = Field(description="The part.")
    why: str = Field(description="Why: a script that is not read; a title, a place or a date beside a name.")


class ComparedPart(Part):
    """What was compared with what."""

    names: int = Field(description="How many names and identifiers.")
    subjects: int = Field(description="Of how many subjects.")
    parts: list[str] = Field(description="The parts of the query that were compared as a name, all of it first.")
    not_compared: list[NotComparedPart] = Field(description="The parts that were not, each with the reason.")


class ClearedPart(Part):
    """The subjects of like name that the birth date cleared."""

    total: int = Field(description="How many.")
    ground: str | None = Field(description="On what ground; null where there are none.")
    items: list[HitPart] | None = Field(description="They, where `cleared=show` asks for them; else null.")


class UnderstoodDetails(Part):
    """What was given beside a name, as it was understood."""

    kind: list[SubjectKind] = Field(description="The kinds of subject; none for all.")
    listed: bool | None = Field(description="Whether only those on, or off, the list on the day were asked for.")
    birth_date: str | None = Field(description="The birth date, in EDTF.")
    nationality: str | None = Field(description="The State, ISO 3166-1 alpha-2.")


class UnderstoodPart(UnderstoodDetails):
    """The query as it was understood."""

    q: str = Field(description="The name, or the identifier.")


class SourcePart(Part):
    """What a kind of subject was last checked against."""

    kind: str = Field(description="The kind.")
    covers_until: date = Field(description="Last day until which it was checked.")
    url: str = Field(description="Absolute URL of the newest source.")


class SearchAnswer(Answer):
    """What a search found, and all that a note for the file needs."""

    total: int = Field(description="How many subjects score at the threshold or above.")
    items: list[HitPart] = Field(description="They, the best first.")
    next: str | None = Field(description="Absolute URL of the further ones; null where there are none.")
    query: UnderstoodPart = Field(description="The query as it was understood.")
    threshold: float = Field(description="Score from which on a subject is a hit.")
    matcher: str = Field(
        description="Version of the matcher: the same query, dataset and matcher give the same answer."
    )
    compared: ComparedPart = Field(description="What was compared with what.")
    cleared: ClearedPart = Field(
        description="Subjects of like name whose birth dates on record are all 10 years or more from the given one."
    )
    best_below: HitPart | None = Field(
        description="The best below the threshold; null where nothing is like the query."
    )
    statement: str = Field(description="The answer in words, for a note.")
    sources: list[SourcePart] = Field(description="What the list was checked against, and until when.")
