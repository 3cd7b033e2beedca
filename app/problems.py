"""Every refusal, each a problem document (RFC 9457).

Problem
├── BadRequest           400  the request breaks a rule of HTTP/1.1
├── InvalidRequest       422  a parameter is unknown, malformed, repeated or out of bounds
├── NotFound             404  no such path, or no record with that id
├── MethodNotAllowed     405  something other than GET, HEAD or OPTIONS, and POST to /search
├── NotAcceptable        406  a format that is not offered
├── RequestTimeout       408  the request did not arrive in time
├── VersionGone          410  a version of the dataset that is not kept, or never was published here
├── ContentTooLarge      413  a body that is longer than is read
├── UrlTooLong           414  a path with a query that is longer than is read
├── UnsupportedMediaType 415  a body that is neither JSON nor CSV
├── UnsatisfiableRange   416  a range of bytes that lies behind the end of a file
├── HeadTooLarge         431  request line and headers that are longer or more than are read
├── InternalError        500  a fault of ours; nothing of it leaves but this
├── NoDataset            503  nothing has been published yet
├── ServerBusy           503  more connections or requests than are allowed
└── QueryTimeout         503  a query took longer than is allowed
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pydantic import BaseModel, Field

METHODS = "GET, HEAD, OPTIONS"
"""The methods that every path of this API allows."""


def allowed_methods(path: str) -> str:
    """Return the methods that a path allows: /search and /reconcile also take a batch of names by POST."""
    return f"{METHODS}, POST" if path in ("/search", "/reconcile") else METHODS


MEDIA_TYPE = "application/problem+json"

MOST_BYTES = 16_000
"""Bytes of the longest problem document; of a longer one the detail is cut, and the first errors are kept."""
MOST_CHARACTERS = 1000
"""Characters that are kept of a detail or of a message in a document that would be longer."""


class ParameterError(BaseModel):
    """The fault of one parameter."""

    parameter: str = Field(description="Name of the parameter, or of the header, at fault.")
    location: str = Field(description="Where it is: query, path, header or body.")
    message: str = Field(description="What is wrong, and what would be right.")


class ProblemDocument(BaseModel):
    """A refusal, as RFC 9457 describes it."""

    type: str = Field(description="URL of the page that explains this kind of problem.")
    title: str = Field(description="The kind of problem, in a few words.")
    status: int = Field(description="The HTTP status code, once more.")
    detail: str = Field(description="What went wrong this time, and what would help.")
    errors: list[ParameterError] = Field(description="One entry for each parameter at fault; may be empty.")


class Problem(Exception):  # noqa: N818  RFC 9457 calls it a problem
    """A refusal. ``slug`` is the end of its type's URL; ``meaning`` is the text of that page."""

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
        """Encode the problem document; ``base`` is the beginning of absolute links."""
        body = self._encoded(base, self.detail, self.errors)
        if len(body) <= MOST_BYTES:
            return body
        errors: list[ParameterError] = []
        room = MOST_BYTES // 2
        for error in self.errors:
            shorter = error.model_copy(update={"message": error.message[:MOST_CHARACTERS]})
            room -= len(shorter.model_dump_json().encode()) + 1
            if room < 0:
                break
            errors.append(shorter)
        left = len(self.errors) - len(errors)
        more = f" … ({left} more parameters are at fault)" if left else " …"
        return self._encoded(base, self.detail[:MOST_CHARACTERS] + more, errors)

    def _encoded(self, base: str, detail: str, errors: list[ParameterError]) -> bytes:
        document = ProblemDocument(
            type=f"{base}/problems/{self.slug}", title=self.title, status=self.status, detail=detail, errors=errors
        )
        return document.model_dump_json().encode()


class BadRequest(Problem):
    """The request breaks a rule of HTTP/1.1."""

    slug = "bad-request"
    status = 400
    title = "This is no valid HTTP request"
    meaning = (
        "The request breaks a rule of HTTP/1.1 (RFC 9112), such as that it has exactly one header Host. The detail "
        "says which. The connection is closed."
    )


class RequestTimeout(Problem):
    """The request did not arrive in time."""

    slug = "request-timeout"
    status = 408
    title = "The request did not arrive in time"
    meaning = "The head of the request was not complete in the time that is allowed. The connection is closed."


class HeadTooLarge(Problem):
    """The request line and the headers are longer, or more, than are read."""

    slug = "head-too-large"
    status = 431
    title = "The headers are too large"
    meaning = (
        "The request line and the headers together are longer than this server reads, or there are too many headers. "
        "The detail gives the limits. Nothing of the request was read."
    )


class InvalidRequest(Problem):
    """A parameter is unknown, malformed, repeated or out of bounds."""

    slug = "invalid-request"
    status = 422
    title = "Invalid query parameters"
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
    title = "Not found"
    meaning = (
        "The path is none of this API's, or no record has this id. The detail names ids and paths a typing error away, "
        "if there are any. That a subject is not found here is not a clearance: /dataset says what the record covers."
    )


class MethodNotAllowed(Problem):
    """A method that the path does not answer to."""

    slug = "method-not-allowed"
    status = 405
    title = "This API is read-only"
    meaning = (
        "Every path answers to GET, HEAD and OPTIONS, and /search and /reconcile to POST, which reads a batch of names "
        "and stores nothing. Nothing else is answered; the Allow header says what the path answers to."
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
    meaning = "The path with its query is longer than this server reads. Send several smaller requests."


class UnsupportedMediaType(Problem):
    """A body of a media type that is not read."""

    slug = "unsupported-media-type"
    status = 415
    title = "Unsupported media type"
    meaning = "The header Content-Type names a format that is not read here. The message names those that are."


class UnsatisfiableRange(Problem):
    """A range of bytes that lies behind the end of a file."""

    slug = "unsatisfiable-range"
    status = 416
    title = "The file has no such bytes"
    meaning = (
        "The header Range asks for bytes behind the end of the file (RFC 9110, section 15.5.17). The header "
        "Content-Range says how long the file is."
    )


class InternalError(Problem):
    """A fault of ours."""

    slug = "internal-error"
    status = 500
    title = "The server failed"
    meaning = (
        "A fault of the server, not of the request. It is in the server's log; nothing of it is shown here. "
        "Asking again may help; if it does not, please report the URL."
    )


class NoDataset(Problem):
    """Nothing has been published yet."""

    slug = "no-dataset"
    status = 503
    title = "No dataset is published"
    meaning = (
        "The server runs, but no dataset has been published where it looks for one, or it was published by another "
        "version of the software. On the server, run: unlisted publish"
    )


class ServerBusy(Problem):
    """More connections or requests than are allowed."""

    slug = "server-busy"
    status = 503
    title = "The server is busy"
    meaning = (
        "The server has as many connections or requests under way as it allows, or the request waited too long for its "
        "turn. It was not looked at. Ask again after the seconds that the header Retry-After gives."
    )


class QueryTimeout(Problem):
    """A query took longer than is allowed."""

    slug = "query-timeout"
    status = 503
    title = "The query took too long"
    meaning = (
        "The query of the database took longer than the server allows, and was ended. Ask a narrower question, or ask "
        "again later."
    )


PROBLEMS: dict[str, type[Problem]] = {problem.slug: problem for problem in Problem.__subclasses__()}
"""Every kind of problem, by the end of its type's URL."""


def openapi_responses(*problems: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI responses of problems, in the form that FastAPI takes."""
    schema = {"$ref": "#/components/schemas/ProblemDocument"}
    return {
        problem.status: {"description": problem.meaning, "content": {MEDIA_TYPE: {"schema": schema}}}
        for problem in problems
    }
