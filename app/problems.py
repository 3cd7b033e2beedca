"""Every way to refuse, each a problem document (RFC 9457).

Problem
├── InvalidRequest       422  a parameter is unknown, malformed, repeated or out of bounds
├── NotFound             404  no such path, or no record with that id
├── MethodNotAllowed     405  something other than GET, HEAD or OPTIONS, and POST to /search
├── NotAcceptable        406  a format that is not offered
├── VersionGone          410  a version of the dataset that is not kept, or never was published here
├── ContentTooLarge      413  a body that is longer than is read
├── UrlTooLong           414  a path with a query that is longer than is read
├── UnsupportedMediaType 415  a body that is neither JSON nor CSV
├── InternalError        500  a fault of ours; nothing of it leaves but this
└── NoDataset            503  nothing has been published yet
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pydantic import BaseModel, Field

METHODS = "GET, HEAD, OPTIONS"
"""What every path of this API answers to."""


def allowed_methods(path: str) -> str:
    """Return what a path answers to: a batch of names is sent to be read, by POST."""
    return f"{METHODS}, POST" if path == "/search" else METHODS


MEDIA_TYPE = "application/problem+json"


class ParameterError(BaseModel):
    """What is wrong with one parameter."""

    parameter: str = Field(description="Name of the parameter, or of the header, at fault.")
    location: str = Field(description="Where it stands: query, path or header.")
    message: str = Field(description="What is wrong, and what would be right.")


class ProblemDocument(BaseModel):
    """A refusal, as RFC 9457 describes it."""

    type: str = Field(description="URL of the page that explains this kind of problem.")
    title: str = Field(description="The kind of problem, in a few words.")
    status: int = Field(description="The HTTP status code, once more.")
    detail: str = Field(description="What went wrong this time, and what would help.")
    errors: list[ParameterError] = Field(description="One entry for each parameter at fault; may be empty.")


class Problem(Exception):  # noqa: N818  RFC 9457 calls it a problem
    """A refusal. ``slug`` ends its type's URL; ``meaning`` is what that page says."""

    slug: ClassVar[str]
    status: ClassVar[int]
    title: ClassVar[str]
    meaning: ClassVar[str]

    def __init__(
        self, detail: str, errors: Sequence[ParameterError] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = list(errors)
        self.headers = dict(headers or {})

    def body(self, base: str) -> bytes:
        """Return the problem document; ``base`` is what absolute links begin with."""
        document = ProblemDocument(
            type=f"{base}/problems/{self.slug}",
            title=self.title,
            status=self.status,
            detail=self.detail,
            errors=self.errors,
        )
        return document.model_dump_json().encode()


class InvalidRequest(Problem):
    """A parameter is unknown, malformed, repeated or out of bounds."""

    slug = "invalid-request"
    status = 422
    title = "The question cannot be understood"
    meaning = (
        "A parameter is unknown to this path, has a value that cannot be read, is given twice where once is meant, "
        "or lies outside its bounds. Nothing is ever ignored, clamped or guessed: on a sanctions list a mistyped "
        "filter that quietly answers everything would be the worst answer. The member errors names each parameter "
        "at fault and says what would be right."
    )

    @classmethod
    def of(cls, parameter: str, message: str, location: str = "query") -> "InvalidRequest":
        """Return the refusal of one parameter."""
        error = ParameterError(parameter=parameter, location=location, message=message)
        return cls(f"{parameter}: {message}", [error])


class NotFound(Problem):
    """No such path, or no record with that id."""

    slug = "not-found"
    status = 404
    title = "Nothing is here"
    meaning = (
        "The path is none of this API's, or no record has this id. Where an id or a path one slip away exists, the "
        "detail names it. That a subject is not found here is not a clearance: /dataset says what the record covers."
    )


class MethodNotAllowed(Problem):
    """A method that the path does not answer to."""

    slug = "method-not-allowed"
    status = 405
    title = "This API is only read"
    meaning = (
        "Every path answers to GET, HEAD and OPTIONS, and /search to POST, which reads a batch of names and stores "
        "nothing. Nothing else is answered; the Allow header says what the path answers to."
    )


class NotAcceptable(Problem):
    """A format that is not offered."""

    slug = "not-acceptable"
    status = 406
    title = "No such format"
    meaning = (
        "The parameter format, or where it is not given the Accept header, asks only for representations that this "
        "path does not have. The detail names those it has."
    )


class VersionGone(Problem):
    """A version of the dataset that is no longer kept, or never was published here."""

    slug = "version-gone"
    status = 410
    title = "That version of the dataset is not kept"
    meaning = (
        "The parameter dataset names a version that this server keeps no longer, or never published. It keeps the last "
        "few: /dataset/versions lists them. It never answers from another version than the one asked for; without the "
        "parameter it answers from the current one, which the message names."
    )


class ContentTooLarge(Problem):
    """A body that is longer than will be read."""

    slug = "content-too-large"
    status = 413
    title = "The body is too long"
    meaning = (
        "More was sent than the server reads at once. The message says how much it reads; send several smaller bodies."
    )


class UrlTooLong(Problem):
    """The path with its query is longer than this server reads."""

    slug = "url-too-long"
    status = 414
    title = "The URL is too long"
    meaning = "The path with its query is longer than this server reads. Ask in several smaller questions."


class UnsupportedMediaType(Problem):
    """A body of another kind than is read."""

    slug = "unsupported-media-type"
    status = 415
    title = "The body is of a kind that is not read here"
    meaning = "The header Content-Type names a format that is not read here. The message names those that are."


class InternalError(Problem):
    """A fault of ours."""

    slug = "internal-error"
    status = 500
    title = "The server failed"
    meaning = (
        "A fault of the server, not of the question. It is in the server's log; nothing of it is shown here. "
        "Asking again may help; if it does not, please report the URL."
    )


class NoDataset(Problem):
    """Nothing has been published yet."""

    slug = "no-dataset"
    status = 503
    title = "No dataset is published"
    meaning = (
        "The server runs, but no dataset has been published where it looks for one, or it was published by another "
        "version of the software. Whoever runs the server mends this with the command: unlisted publish"
    )


PROBLEMS: dict[str, type[Problem]] = {problem.slug: problem for problem in Problem.__subclasses__()}
"""Every kind of problem by the end of its type's URL."""


def openapi_responses(*problems: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI responses of these problems, as FastAPI takes them."""
    schema = {"$ref": "#/components/schemas/ProblemDocument"}
    return {
        problem.status: {"description": problem.meaning, "content": {MEDIA_TYPE: {"schema": schema}}}
        for problem in problems
    }
