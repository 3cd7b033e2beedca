"""Resolutions of the Security Council: what was decided, by which vote, and whom and what it put on the list."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, ClassVar

from fastapi import Path, Query, Request, Response
from pydantic import Field
from sqlalchemy import select
from sqlmodel import col

from app.api.collection import read_page
from app.api.detail import read_record, send_choices
from app.api.envelope import asked_dataset, base_url
from app.api.filters import Contains, Equals, From, Until
from app.api.items import ItemForm
from app.api.openapi_responses import PAGE_ANSWERS, RECORD_ANSWERS, answer_of
from app.api.query_models import PageQuery, RecordQuery
from app.api.query_types import ResolutionNumber, Sort, Text, id_of_symbol
from app.api.resource import DAYS, NUMBERS, Resource, SortKey
from app.api.routing import strict_router
from app.database import OpenDataset
from app.fields.countries import Country
from app.fields.dates import Day, parse_day
from app.problems import NotFound
from app.publishing.batch_reader import BatchReader
from app.publishing.references import statements_on
from app.publishing.rendering import (
    CountryPart,
    Evidence,
    Part,
    Record,
    Reference,
    RenderedRecord,
    constant,
    country,
    measure_reference,
    subject_reference,
    url,
)
from app.tables import Listing, Measure, Resolution, ResolutionDrafter, ResolutionVote, Subject
from app.vocabularies import Outcome

router = strict_router("resolutions")
ABOUT = "What the Security Council decided, and by which vote."
"""Description of the tag in OpenAPI."""
HOME = ("/resolutions", "Resolutions of the Security Council")
"""Link on the home page: path and title."""


class VotePart(Part):
    """How the Council's fifteen members voted; null where no source shows it."""

    tally: str | None = Field(description="Votes in favour, against and abstentions.", examples=["15-0-0"])
    votes_for: int | None = Field(description="Votes in favour.")
    votes_against: int | None = Field(description="Votes against.")
    abstentions: int | None = Field(description="Abstentions.")
    against: list[CountryPart] = Field(description="Members that voted against.")
    abstained: list[CountryPart] = Field(description="Members that abstained.")


class Designations(Part):
    """Whom and what a resolution put on the list, whether still on it or not."""

    individuals: list[Reference] = Field(description="Individuals, by permanent reference number.")
    entities: list[Reference] = Field(description="Entities, by permanent reference number.")
    vessels: list[Reference] = Field(description="Ships, by IMO number.")


class ResolutionRecord(Record):
    """A resolution, or a draft that a permanent member vetoed."""

    EXPECTED: ClassVar[tuple[str, ...]] = ("meeting", "press_release", "responds_to")

    number: int | None = Field(description="Its number; null for a draft that was not adopted.")
    symbol: str = Field(description="Its symbol as a UN document.", examples=["S/RES/2270 (2016)"])
    outcome: Outcome = Field(description="adopted or vetoed.")
    adopted_on: date | None = Field(description="Day of adoption; null where it was vetoed.")
    voted_on: date = Field(description="Day of the vote.")
    vote: VotePart = Field(description="The vote.")
    meeting: int | None = Field(
        description="Number of the Council's meeting; null where there was none, or no source shows the number."
    )
    written_procedure: bool | None = Field(
        description="True where members voted in writing, without a meeting; null where they met."
    )
    press_release: str | None = Field(description="Symbol of the UN press release.")
    drafted_by: list[CountryPart] = Field(description="States that drafted it, where a source names them.")
    responds_to: str | None = Field(description="What it answers to, in our words.")
    summary: str = Field(description="What it decides, in our words.")
    note: str | None = Field(description="Remarks.")
    measures: list[Reference] = Field(description="Its measures, in its own order as far as known.")
    designated: Designations = Field(description="Whom and what it put on the list.")
    statements: list[Reference] = Field(description="Statements of the two articles that speak of it.")

    def expected(self) -> tuple[str, ...]:
        """Return the fields that this record would have if it were complete: no meeting, where there was none."""
        return tuple(name for name in self.EXPECTED if not (name == "meeting" and self.written_procedure))


class ResolutionQuery(PageQuery):
    """Query parameters of the resolutions."""

    number: Annotated[list[ResolutionNumber] | None, Equals(Resolution.number)] = Field(
        default=None, description="Number of the resolution. Repeat it for several.", examples=[[2270]]
    )
    adopted_from: Annotated[Day | None, From(Resolution.adopted_on)] = Field(
        default=None, description="Adopted on this day or later.", examples=["2016-01-01"]
    )
    adopted_until: Annotated[Day | None, Until(Resolution.adopted_on)] = Field(
        default=None, description="Adopted on this day or earlier.", examples=["2016-12-31"]
    )
    text: Annotated[Text | None, Contains(Resolution.folded)] = Field(
        default=None,
        description="Words in its symbol, summary or cause; case and accents do not count.",
        examples=["aviation fuel"],
    )
    drafted_by: Annotated[
        list[Country] | None, Equals(ResolutionDrafter.country, via=ResolutionDrafter.resolution_id)
    ] = Field(
        default=None,
        description="State that drafted it: ISO 3166-1 code (KP, PRK) or English name. Repeat it for several.",
        examples=[["China"]],
    )
    outcome: Annotated[list[Outcome] | None, Equals(Resolution.outcome)] = Field(
        default=None, description="adopted or vetoed. Repeat it for both.", examples=[["adopted"]]
    )
    sort: Annotated[str | None, Sort("adopted_on", "number")] = Field(
        default=None,
        description="Order: adopted_on (the default) or number; prefix with `-` for descending order.",
        examples=["-adopted_on"],
    )


def render(rows: BatchReader) -> Iterator[RenderedRecord]:
    """Yield every resolution; none changes with the day asked about."""
    for resolution in rows.all(Resolution):
        yield constant(resolution.id, _record(rows, resolution))


def _record(rows: BatchReader, resolution: Resolution) -> str:
    evidence = Evidence(rows)
    evidence.add("resolutions", resolution.id, renamed={name: f"vote/{name}" for name in _COUNTS})
    drafters = rows.related(ResolutionDrafter, ResolutionDrafter.resolution_id, resolution.id)
    for place, drafter in enumerate(drafters):
        evidence.add("resolution_drafters", drafter.id, f"/drafted_by/{place}", {"country": ""})
    measures = sorted(rows.related(Measure, Measure.resolution_id, resolution.id), key=lambda measure: measure.ordinal)
    record = ResolutionRecord(
        **resolution.model_dump(exclude={"folded", *_COUNTS}),
        vote=_vote(rows, resolution, evidence),
        drafted_by=[country(drafter.country) for drafter in drafters],
        measures=[measure_reference(measure) for measure in measures],
        designated=_designations(rows, resolution.id),
        statements=statements_on(rows, "resolutions", resolution.id),
        url=url("resolutions", resolution.id),
    )
    return record.complete(evidence)


_COUNTS = ("votes_for", "votes_against", "abstentions")


def _vote(rows: BatchReader, resolution: Resolution, evidence: Evidence) -> VotePart:
    members: dict[str, list[CountryPart | None]] = {"against": [], "abstained": []}
    for cast in rows.related(ResolutionVote, ResolutionVote.resolution_id, resolution.id):
        place = f"/vote/{cast.vote}/{len(members[cast.vote])}"
        evidence.add("resolution_votes", cast.id, place, {"country": "", "vote": ""})
        members[cast.vote].append(country(cast.country))
    counts = resolution.model_dump(include=set(_COUNTS))
    tally = "-".join(str(counts[name]) for name in _COUNTS) if None not in counts.values() else None
    return VotePart(tally=tally, **counts, **members)


def _designations(rows: BatchReader, act: str) -> Designations:
    ids = sorted({listing.subject_id for listing in rows.related(Listing, Listing.listed_by, act)})
    subjects = [rows.one_related(Subject, Subject.id, id) for id in ids]
    kinds = {"individuals": "individual", "entities": "entity", "vessels": "vessel"}
    return Designations(
        **{
            name: [subject_reference(subject) for subject in subjects if subject.kind == kind]
            for name, kind in kinds.items()
        }
    )


RESOLUTIONS = Resource(
    path="resolutions",
    name="resolution",
    tables=Resolution,
    identity=Resolution.id,
    model=ResolutionRecord,
    query=ResolutionQuery,
    sorts={
        "adopted_on": SortKey(Resolution.voted_on, DAYS),
        "number": SortKey(Resolution.number, NUMBERS),
    },
    render=render,
    title=lambda record: record["symbol"],
    coverage={"resolutions": (Resolution,)},
    form=ItemForm(
        ("id", "number", "symbol", "outcome", "adopted_on", "voted_on"),
        groups={
            "citations": ("citations",),
            "relations": ("measures", "designated", "statements"),
        },
    ),
    facets=("outcome", "drafted_by"),
)


@router.get(
    "/resolutions",
    summary="Resolutions of the Security Council",
    response_model=RESOLUTIONS.page_model(),
    responses=PAGE_ANSWERS,
)
async def read_resolutions(request: Request, query: Annotated[ResolutionQuery, Query()]) -> Response:
    """What the Security Council decided on North Korea.

    Each resolution comes with its vote, what it answered to, its measures and all that it put on the list. Filter by
    number, day, words, drafting State or outcome.
    """
    return await read_page(request, RESOLUTIONS, query)


@router.get(
    "/resolutions/{id}",
    summary="One resolution, by number or by date",
    response_model=answer_of(ResolutionRecord),
    responses=RECORD_ANSWERS
    | {300: {"description": "Several resolutions were voted on that day: links to each.", "model": list[Reference]}},
)
async def read_resolution(
    request: Request,
    id: Annotated[
        str, Path(description="Number of the resolution, or the day of the vote.", examples=["2270", "2016-03-02"])
    ],
    query: Annotated[RecordQuery, Query()],
) -> Response:
    """One resolution: `/resolutions/2270`, or by the day of its vote `/resolutions/2016-03-02`.

    By its symbol too, as UN documents write it: `/resolutions/S/RES/2270(2016)`.

    Where the Council voted on several that day, the answer is 300 with a link to each.
    """
    if "(" in id:
        return _read_by_symbol(request, id, query)
    if not DAY.fullmatch(id):
        return read_record(request, RESOLUTIONS, id, query)
    voted = _voted_on(asked_dataset(request, query), _existing_day(id))
    if len(voted) > 1:
        base = base_url(request.scope)
        choices = [
            Reference(id=row.id, kind="resolution", name=row.symbol, url=f"{base}/resolutions/{row.id}")
            for row in voted
        ]
        return send_choices(request, RESOLUTIONS, choices, query)
    if not voted:
        raise NotFound(
            f"No resolution of this record was voted on {id}. /resolutions?adopted_from={id} has later ones."
        )
    return read_record(request, RESOLUTIONS, voted[0].id, query)


async def read_resolution_by_symbol(
    request: Request, body: str, series: str, symbol: str, query: Annotated[RecordQuery, Query()]
) -> Response:
    """One resolution or vetoed draft by its symbol as a UN document: `/resolutions/S/RES/2270(2016)`."""
    return _read_by_symbol(request, "/".join([body, series, symbol]), query)


def _read_by_symbol(request: Request, text: str, query: RecordQuery) -> Response:
    """Answer with the resolution or draft of a symbol; its year must be right where it is given.

    Raises:
        NotFound: it is no symbol, or the symbol of none of the record.
    """
    id = id_of_symbol(text)
    if id is None:
        raise NotFound(f"{text[:200]!r} is no symbol of a resolution, such as S/RES/2270 (2016), or of a draft.")
    dataset = asked_dataset(request, query)
    found = dataset.scalar(select(col(Resolution.symbol)).where(col(Resolution.id) == id))
    if found is not None and "(" in text and not _plain(found).endswith(_plain(text)):
        raise NotFound(f"{text[:200]!r} is no symbol of a resolution; {id} has the symbol {found}.")
    return read_record(request, RESOLUTIONS, id, query)


# Not in the description: OpenAPI has no parameter of several parts of a path.
router.add_api_route("/resolutions/{body}/{series}/{symbol}", read_resolution_by_symbol, include_in_schema=False)


def _plain(symbol: str) -> str:
    return symbol.replace(" ", "").upper()


DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _voted_on(dataset: OpenDataset, day: date) -> list[Any]:
    return dataset.query(
        select(col(Resolution.id), col(Resolution.symbol))
        .where(col(Resolution.voted_on) == day)
        .order_by(col(Resolution.number))
    )


def _existing_day(id: str) -> date:
    try:
        return parse_day(id)
    except ValueError as error:
        raise NotFound(f"{str(error).capitalize()}.") from None
