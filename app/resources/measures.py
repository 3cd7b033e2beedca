"""Measures: what each paragraph of a resolution bans or orders, whom it binds, and what is exempt."""

from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import Annotated, ClassVar

from fastapi import Path, Query, Request, Response
from pydantic import Field
from sqlalchemy import String, or_
from sqlmodel import col

from app.api.collection import read_page
from app.api.detail import read_record
from app.api.filters import ActIs, Bind, Conditions, Contains, Equals, Where, in_force, numbered
from app.api.items import ItemForm
from app.api.openapi_responses import PAGE_ANSWERS, RECORD_ANSWERS, answer_of
from app.api.query_models import PageQuery, RecordQuery
from app.api.query_types import ActName, HsCodeValue, Sort, StrictBool, Text
from app.api.resource import DAYS, NUMBERS, Resource, SortKey
from app.api.routing import strict_router
from app.fields.dates import includes
from app.publishing.batch_reader import BatchReader
from app.publishing.references import statements_on
from app.publishing.rendering import (
    ActReference,
    EncodedRecord,
    Evidence,
    Part,
    Record,
    Reference,
    RenderedRecord,
    act_reference,
    by_interval,
    measure_reference,
    url,
)
from app.tables import Act, Measure, MeasureBinding, MeasureCap, MeasureHsCode
from app.vocabularies import BoundParty, MeasureCategory

router = strict_router("measures")
ABOUT = "What the resolutions ban and order: whom it binds, what is exempt."
"""Description of the tag in OpenAPI."""
HOME = ("/measures", "Measures: what is banned or ordered")
"""Link on the home page: path and title."""


class CapPart(Part):
    """How much of something the measure allows."""

    CELL: ClassVar[tuple[str, ...]] = ("goods", "amount", "unit", "period", "from_on", "until_on")

    goods: str = Field(description="Of what.")
    amount: str = Field(description="How much: a decimal number, as its digits.")
    unit: str = Field(description="barrels, metric_tons, or an ISO 4217 code of a currency.")
    period: str = Field(description="For how long: year, twelve_months or whole_period.")
    from_on: date = Field(description="First day.")
    until_on: date | None = Field(description="First day that it no longer holds; null while it does.")
    note: str | None = Field(description="Remarks.")


class HsCodePart(Part):
    """A code of the Harmonized System."""

    CELL: ClassVar[tuple[str, ...]] = ("code",)

    code: str = Field(description="Chapter, heading, subheading or a national code: 2 to 10 digits.")
    note: str | None = Field(description="Where the code comes from, if not from the resolution.")


class MeasureRecord(Record):
    """What a paragraph of a resolution obliges someone to do or to leave."""

    EXPECTED: ClassVar[tuple[str, ...]] = ("paragraph",)

    title: str = Field(description="What it is about, in a few words.")
    category: MeasureCategory = Field(description="The kind of measure.")
    resolution: ActReference = Field(description="The resolution that decided it.")
    paragraph: str | None = Field(description="Its paragraph; null where no source shows the number.")
    summary: str = Field(description="What it bans or orders, in our words.")
    binding_on: list[BoundParty] = Field(description="Whom it binds: all_states, dprk, committee.")
    exceptions: str | None = Field(description="What is exempt, and on whose approval.")
    earlier: str | None = Field(description="Which earlier measure it widens, clarifies or replaces.")
    limits: str | None = Field(description="Deadlines, amounts and thresholds.")
    starts_on: date = Field(description="First day in force.")
    ends_on: date | None = Field(description="First day no longer in force; null while it is.")
    in_force: bool = Field(description="Whether it is in force on the day asked about.")
    caps: list[CapPart] = Field(description="How much it allows.")
    hs_codes: list[HsCodePart] = Field(description="Codes of the Harmonized System that it covers, where given.")
    replaced_by: Reference | None = Field(description="The measure that took its place.")
    statements: list[Reference] = Field(description="Statements of the two articles that speak of it.")


def _in_force(conditions: Conditions, bind: Bind, wanted: bool) -> None:
    del bind
    holds = in_force(Measure.starts_on, Measure.ends_on, conditions.day)
    conditions.add(holds if wanted else ~holds)


def _covers_code(conditions: Conditions, bind: Bind, count: int) -> None:
    code = col(MeasureHsCode.code)
    asked = [bind(str(place), String()) for place in range(count)]
    matches = [or_(code.startswith(one), one.startswith(code)) for one in asked]
    conditions.add(or_(*matches), via=MeasureHsCode.measure_id)


class MeasureQuery(PageQuery):
    """Query parameters of the measures."""

    resolution: Annotated[list[ActName] | None, ActIs(Measure.resolution_id)] = Field(
        default=None,
        description="Resolution that decided it, by number or by date. Repeat it for several.",
        examples=[["2270"]],
    )
    category: Annotated[list[MeasureCategory] | None, Equals(Measure.category)] = Field(
        default=None, description="The kind of measure. Repeat it for several.", examples=[["sector"]]
    )
    binding_on: Annotated[list[BoundParty] | None, Equals(MeasureBinding.bound, via=MeasureBinding.measure_id)] = Field(
        default=None,
        description="Whom it binds: all_states, dprk, committee. Repeat it for several.",
        examples=[["dprk"]],
    )
    text: Annotated[Text | None, Contains(Measure.folded)] = Field(
        default=None,
        description="Words in its title, summary, exceptions or limits; case and accents do not count.",
        examples=["aviation fuel"],
    )
    hs_code: Annotated[list[HsCodeValue] | None, Where(_covers_code, numbered)] = Field(
        default=None,
        description=(
            "Code of the Harmonized System, 2 to 10 digits, with or without dots (2701.11): finds the measures that "
            "name it, its chapter or heading, or a code below it. Many resolutions name goods without codes. Repeat it "
            "for several."
        ),
        examples=[["2701"]],
    )
    in_force: Annotated[StrictBool | None, Where(_in_force)] = Field(
        default=None, description="Whether it is in force on the day asked about.", examples=[True]
    )
    sort: Annotated[str | None, Sort("order", "starts_on")] = Field(
        default=None,
        description=(
            "Order: order (the default; that of the resolutions and, as far as known, of their paragraphs) or "
            "starts_on; prefix with `-` for descending order."
        ),
        examples=["starts_on"],
    )


def render(rows: BatchReader) -> Iterator[RenderedRecord]:
    """Yield every measure before, during and after the days on which it is in force."""
    for measure in rows.all(Measure):
        evidence = Evidence(rows)
        evidence.add("measures", measure.id)
        bindings = rows.related(MeasureBinding, MeasureBinding.measure_id, measure.id)
        for place, binding in enumerate(bindings):
            evidence.add("measure_bindings", binding.id, f"/binding_on/{place}", {"bound": ""})
        caps = rows.related(MeasureCap, MeasureCap.measure_id, measure.id)
        codes = rows.related(MeasureHsCode, MeasureHsCode.measure_id, measure.id)
        for place, cap in enumerate(caps):
            evidence.add("measure_caps", cap.id, f"/caps/{place}")
        for place, code in enumerate(codes):
            evidence.add("measure_hs_codes", code.id, f"/hs_codes/{place}")
        record = MeasureRecord(
            **measure.model_dump(exclude={"resolution_id", "replaced_by", "ordinal", "folded"}),
            caps=[CapPart(**cap.model_dump(include=set(CapPart.model_fields))) for cap in caps],
            hs_codes=[HsCodePart(code=code.code, note=code.note) for code in codes],
            replaced_by=measure_reference(rows.one_related(Measure, Measure.id, measure.replaced_by))
            if measure.replaced_by
            else None,
            resolution=act_reference(rows.one_related(Act, Act.id, measure.resolution_id)),
            binding_on=[binding.bound for binding in bindings],
            in_force=False,
            statements=statements_on(rows, "measures", measure.id),
            url=url("measures", measure.id),
        )
        yield from by_interval(measure.id, [measure.starts_on, measure.ends_on], partial(_record_on, record, evidence))


def _record_on(record: MeasureRecord, evidence: Evidence, day: date) -> EncodedRecord:
    record.in_force = includes(record.starts_on, record.ends_on, day)
    return record.complete(evidence)


MEASURES = Resource(
    path="measures",
    name="measure",
    tables=Measure,
    identity=Measure.id,
    model=MeasureRecord,
    query=MeasureQuery,
    sorts={"order": SortKey(Measure.ordinal, NUMBERS), "starts_on": SortKey(Measure.starts_on, DAYS)},
    render=render,
    title=lambda record: f"{record['title']} ({record['resolution']['name']})",
    coverage={"measures": (Measure,)},
    canonical=str.lower,
    form=ItemForm(
        ("id", "title", "category", "resolution", "paragraph", "binding_on", "starts_on", "ends_on", "in_force"),
        groups={
            "citations": ("citations",),
            "relations": ("replaced_by", "statements"),
        },
    ),
    facets=("category", "binding_on"),
)


@router.get(
    "/measures", summary="Measures of the resolutions", response_model=MEASURES.page_model(), responses=PAGE_ANSWERS
)
async def read_measures(request: Request, query: Annotated[MeasureQuery, Query()]) -> Response:
    """What the resolutions ban and order, one record a measure.

    Each says whom it binds, what is exempt, since when it holds and, where a source shows it, its paragraph. Ask
    `in_force=true` with `as_of` for what applied on a day.
    """
    return await read_page(request, MEASURES, query)


@router.get(
    "/measures/{id}",
    summary="One measure",
    response_model=answer_of(MeasureRecord),
    responses=RECORD_ANSWERS,
)
async def read_measure(
    request: Request,
    id: Annotated[str, Path(description="Id of the measure.", examples=["2270-aviation-fuel"])],
    query: Annotated[RecordQuery, Query()],
) -> Response:
    """One measure, with its resolution, its exceptions and the statements that speak of it."""
    return read_record(request, MEASURES, id, query)
