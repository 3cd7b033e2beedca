"""Routes that read every query parameter into one query model, or refuse the request."""

import inspect
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from difflib import get_close_matches
from typing import Any, get_args, get_origin, get_type_hints
from urllib.parse import unquote_to_bytes

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from starlette.routing import Match, Route
from starlette.types import Scope

from app.api.query_types import parameter_name, parse_query_string
from app.problems import InvalidRequest, ParameterError


class StrictRoute(Route):
    """A route whose endpoint takes the request, the parts of its path, and one query model: each only where it asks.

    FastAPI describes it (`described`), when somebody asks for the description; a request is read here, since FastAPI's
    way of looking up each field costs more than the answer, and its models of every answer more memory than the data.

    Attributes:
        query_model: the query model; None where the path takes no parameters.
    """

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Coroutine[Any, Any, Response]],
        *,
        methods: Any = None,
        include_in_schema: bool = True,
        **declared: Any,
    ) -> None:
        self._answer, self._declared, self._begins = endpoint, declared, path.partition("{")[0]
        hints = get_type_hints(endpoint)
        models = {name: hint for name, hint in hints.items() if inspect.isclass(hint) and issubclass(hint, BaseModel)}
        self._query_name = next(iter(models), "")
        self.query_model: type[BaseModel] | None = models.get(self._query_name)
        self._repeatable = repeatable_of(self.query_model) if self.query_model else {}
        self._takes_request = "request" in hints
        super().__init__(
            path, self._read_and_answer, methods=methods, name=endpoint.__name__, include_in_schema=include_in_schema
        )

    def described(self) -> APIRoute:
        """Return the route as FastAPI describes it."""
        methods = (self.methods or set()) - {"HEAD"}
        return APIRoute(
            self.path, self._answer, methods=methods, include_in_schema=self.include_in_schema, **self._declared
        )

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return whether a request is for this route; most are told to be not by how their path begins."""
        path = scope["path"].removeprefix(scope.get("root_path", "")) if scope["type"] == "http" else self._begins
        if not path.startswith(self._begins):
            return Match.NONE, {}
        return super().matches(scope)

    async def _read_and_answer(self, request: Request) -> Response:
        arguments: dict[str, Any] = dict(request.path_params)
        if self._takes_request:
            arguments["request"] = request
        query = read_query(request.scope["query_string"], self.query_model or _Nothing, self._repeatable)
        if self._query_name:
            arguments[self._query_name] = query
        return await self._answer(**arguments)


class _Nothing(BaseModel):
    """What can be asked of a path that takes no parameters."""


def strict_router(tag: str | None = None) -> APIRouter:
    """Return a router of strict routes.

    Args:
        tag: where the description has them; None where it leaves them out.
    """
    return APIRouter(
        tags=[tag] if tag else None,
        route_class=StrictRoute,  # type: ignore[arg-type]  # made as an APIRoute is, and described as one
        include_in_schema=tag is not None,
        generate_unique_id_function=lambda route: route.name,
    )


def read_query(query_string: bytes, model: type[BaseModel], repeatable: Mapping[str, bool]) -> BaseModel:
    """Read a query string into a query model.

    Args:
        query_string: as it stands in the URL, in UTF-8, percent-encoded or not.
        model: the query model.
        repeatable: its parameters, and whether each may be given more than once.

    Raises:
        InvalidRequest: naming every parameter at fault, and the declared one that an unknown one is near to.
    """
    try:
        pairs = parse_query_string(query_string)
    except UnicodeDecodeError:
        raise _refusal([_error(name, "not UTF-8") for name in _not_utf8(query_string)]) from None
    given: dict[str, Any] = {}
    for name, value in pairs:
        if repeatable.get(name):
            given.setdefault(name, []).append(value)
        else:
            given[name] = value
    if faults := _faults(Counter(name for name, _ in pairs), repeatable):
        raise _refusal(faults)
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise _refusal(
            _error(
                ".".join(part for part in found["loc"] if isinstance(part, str)),
                found["msg"].removeprefix("Value error, "),
            )
            for found in error.errors(include_url=False)
        ) from None


def _faults(times: Mapping[str, int], repeatable: Mapping[str, bool]) -> list[ParameterError]:
    faults = []
    for name, count in times.items():
        if name not in repeatable:
            faults.append(_error(name, f"no such parameter here{_hint(name, repeatable)}"))
        elif count > 1 and not repeatable[name]:
            faults.append(_error(name, f"given {count} times; it can be given once"))
    return faults


def _refusal(errors: Any) -> InvalidRequest:
    found = list(errors)
    return InvalidRequest("; ".join(f"{error.parameter}: {error.message}" for error in found), found)


def _not_utf8(query_string: bytes) -> list[str]:
    """Return the names of the parameters whose name or value is not UTF-8."""
    names = []
    for pair in query_string.split(b"&"):
        try:
            unquote_to_bytes(pair).decode()
        except UnicodeDecodeError:
            names.append(unquote_to_bytes(pair.partition(b"=")[0]).decode(errors="replace"))
    return names


def _error(name: str, message: str) -> ParameterError:
    return ParameterError(parameter=name[:200], location="query", message=message)


def _hint(name: str, declared: Mapping[str, bool]) -> str:
    near = get_close_matches(name[:80], declared, n=1)
    if near:
        return f"; did you mean {near[0]}?"
    return f"; there are {', '.join(declared)}" if declared else "; this path takes none"


def repeatable_of(model: type[BaseModel]) -> dict[str, bool]:
    """Return the parameters of a query model, and whether each may be given more than once."""
    return {parameter_name(name, info): _is_list(info) for name, info in model.model_fields.items()}


def _is_list(info: FieldInfo) -> bool:
    return any(get_origin(option) is list for option in (info.annotation, *get_args(info.annotation)))
