"""The home page: links to all that the API serves."""

from functools import cache
from typing import Annotated

from fastapi import Query, Request, Response
from pydantic import Field

from app.api.detail import document_of
from app.api.envelope import envelope_of
from app.api.formats import Format, choose_format, format_field
from app.api.openapi_responses import JSON_ANSWERS, answer_of
from app.api.query_models import DayQuery
from app.api.routing import strict_router
from app.publishing.rendering import BASE, Part
from app.resources.discovery import SERVICE_LINKS

router = strict_router("home")
ABOUT = "Links to all that is here."
"""Description of the tag in OpenAPI."""


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
    """Query parameters of the home page."""

    format: str | None = format_field([Format.JSON])


def _links(**titles: str) -> list[LinkPart]:
    return [LinkPart(title=title, url=BASE + path) for path, title in titles.items()]


@cache
def _home() -> bytes:
    """Render the home page, its links still to be filled in."""
    from app.resources import LINKS  # here, as the registry imports this module

    return (
        HomeRecord(
            title="unlisted",
            description=(
                "The United Nations' sanctions on North Korea, read-only: who and which ships were put on the Security "
                "Council's list, by what, when, under which measures; who asked for one to be taken off and what came "
                "of it. Every fact with its source, every answer true of a day."
            ),
            resources=_links(**LINKS),
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


@router.get("/", summary="Home page", response_model=answer_of(HomeRecord), responses=JSON_ANSWERS)
async def read_home(request: Request, query: Annotated[HomeQuery, Query()]) -> Response:
    """Links to all that is here, and some questions to begin with. As JSON only."""
    form = choose_format(request, query.format, (Format.JSON,))
    envelope = envelope_of(request, query, "/")
    return envelope.send(document_of(envelope, _home()), form, links=SERVICE_LINKS)
