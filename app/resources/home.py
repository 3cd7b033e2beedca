"""The way in: links to all that the API serves."""

from functools import cache
from typing import Annotated

from fastapi import Query, Request, Response
from pydantic import Field, WithJsonSchema

from app.api.detail import send_record
from app.api.envelope import envelope_of
from app.api.formats import Format, choose_format
from app.api.openapi_responses import JSON_ANSWERS, answer_of
from app.api.query_models import DayQuery
from app.api.routing import strict_router
from app.publishing.rendering import BASE, Part

router = strict_router("home")


class LinkPart(Part):
    """Somewhere to go."""

    title: str = Field(description="What is there.")
    url: str = Field(description="Absolute URL.")


class HomeRecord(Part):
    """What this is and where everything is."""

    title: str = Field(description="What this is called.")
    description: str = Field(description="What it answers.")
    resources: list[LinkPart] = Field(description="The collections.")
    questions: list[LinkPart] = Field(description="Questions to begin with.")
    documentation: list[LinkPart] = Field(description="How to ask, and how refusals read.")


class HomeQuery(DayQuery):
    """What can be asked of the way in."""

    format: Annotated[str, WithJsonSchema({"type": "string", "enum": [Format.JSON]})] | None = Field(
        default=None, description="Representation: json, and no other.", examples=["json"]
    )


def _links(**titles: str) -> list[LinkPart]:
    return [LinkPart(title=title, url=BASE + path) for path, title in titles.items()]


@cache
def _home() -> bytes:
    """Return the way in, its links still to be filled in."""
    return (
        HomeRecord(
            title="unlisted",
            description=(
                "The United Nations' sanctions on North Korea, read-only: who and which ships were put on the Security "
                "Council's list, by what, when, under which measures; who asked for one to be taken off and what came "
                "of it. Every fact with its source, every answer true of a day."
            ),
            resources=_links(
                **{
                    "/resolutions": "Resolutions of the Security Council",
                    "/committee-decisions": "Decisions of its 1718 Committee",
                    "/measures": "Measures: what is banned or ordered",
                    "/designated-parties": "Designated individuals and entities",
                    "/vessels": "Designated ships",
                    "/search?q=Jin+Teng": "Search: any name, however it is spelled; POST for many",
                    "/listings": "Listings: each stay on the list",
                    "/delisting-requests": "Requests to take a subject off the list",
                    "/changes": "Changes: everything that happened, also as a feed",
                    "/diff?from=2016-03-02&to=2016-12-17": "What changed between two days",
                    "/timeline": "How many stood on the list, day by day",
                    "/sources": "Sources of the facts",
                    "/statements": "Statements of the two articles that this began with",
                    "/dataset": "The dataset: version, coverage, licence",
                    "/dataset/versions": "Its versions: what this record knew when",
                }
            ),
            questions=_links(
                **{
                    "/search?q=Choi+Sung-il": "Is someone of this name on the list, however it is spelled?",
                    "/vessels?listed=true": "Which ships are on the list today?",
                    "/vessels?listed=true&as_of=2016-03-20": "Which ships were on it on 20 March 2016?",
                    "/vessels?delisted_from=2016-03-21&delisted_until=2016-03-21": "Which came off on 21 March 2016?",
                    "/resolutions/2016-03-02": "What did the Council decide on 2 March 2016?",
                    "/delisting-requests?requested_by=China": "What did China ask for?",
                }
            ),
            documentation=_links(
                **{
                    "/docs": "Documentation to read and try",
                    "/openapi.json": "OpenAPI description",
                    "/problems": "Kinds of refusal",
                }
            ),
        )
        .model_dump_json()
        .encode()
    )


@router.get("/", summary="The way in", response_model=answer_of(HomeRecord), responses=JSON_ANSWERS)
async def read_home(request: Request, query: Annotated[HomeQuery, Query()]) -> Response:
    """Links to all that is here, and some questions to begin with. As JSON only."""
    form = choose_format(request, query.format, [Format.JSON])
    return send_record(envelope_of(request, query, "/"), _home(), form, [])
