"""Routes that read every query parameter strictly, or refuse the request."""

import inspect
import re
from collections import Counter, deque
from collections.abc import Callable, Collection, Coroutine, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Annotated, Any, get_args, get_origin, get_type_hints
from urllib.parse import unquote_to_bytes

import fastapi.routing
from fastapi import APIRouter, Request, Response, params
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from fastapi.security import APIKeyQuery
from pydantic import BaseModel, ValidationError
from starlette.convertors import StringConvertor
from starlette.datastructures import URLPath
from starlette.routing import BaseRoute, Match, NoMatchFound
from starlette.types import Receive, Scope, Send

from app.api.query_types import parameter_name, parse_query_string
from app.problems import InvalidRequest, ParameterError

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class StrictRoute(APIRoute):
    """A FastAPI route that refuses a query parameter that nobody declares, and a single one that is given twice.

    An endpoint of the house's shape (`DirectCall`) has its query string read straight into its query model: FastAPI's
    own reading of a query model was measured at 175 µs a record and 320 µs a small page, as much as the answer itself.
    Every other endpoint is left to FastAPI, whose validation errors become problem documents too.

    Attributes:
        call: how the endpoint is called directly; None where the request is left to FastAPI.
        answer: calls it, for a request.
        declared: the query parameters, and whether each may be given more than once.
    """

    call: "DirectCall | None"
    answer: Handler
    declared: Mapping[str, bool]

    @cached_property
    def _beginning(self) -> str:
        """The path as far as it is the same for every request."""
        return self.path.partition("{")[0]

    def get_route_handler(self) -> Handler:
        """Build the handler of requests; the hook that FastAPI documents for custom routes."""
        dependant = _dependant_of(self)
        self.call = direct_call(self, dependant)
        self.declared = self.call.repeatable if self.call else declared_parameters(dependant)
        self.answer = (
            _checked(super().get_route_handler(), self.declared) if self.call is None else _read_directly(self.call)
        )
        return self.answer

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match a request. Comparing its beginning rejects most paths before the regular expression runs."""
        # Where the router was included into another, FastAPI matches by the included path, which it keeps in this key.
        if scope["type"] == "http" and "fastapi" not in scope:
            path, beginning = scope["path"].removeprefix(scope.get("root_path", "")), self._beginning
            if not path.startswith(beginning) or (beginning == self.path and path != beginning):
                return Match.NONE, {}
        return super().matches(scope)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that matches.

        An endpoint that is called directly has no dependencies, so it needs none of the contexts in which FastAPI
        closes them, and what it raises reaches the application's own handlers.
        """
        if self.call is None or "fastapi" in scope or scope["method"] not in (self.methods or ()):
            await super().handle(scope, receive, send)
            return
        response = await self.answer(Request(scope, receive, send))
        await response(scope, receive, send)


class FixedPaths(BaseRoute):
    """The strict routes whose paths have no parameters, found by their paths, where matching would try each in turn.

    It answers for routes that stay in the router behind it, for all that walks them.

    Args:
        routes: the routes of an application, in their order.
    """

    def __init__(self, routes: Iterable[BaseRoute]) -> None:
        self._routes: dict[tuple[str, str], StrictRoute] = {}
        for route in routes:
            if isinstance(route, StrictRoute) and not route.param_convertors:
                for method in route.methods or ():
                    self._routes.setdefault((method, route.path), route)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match a request; one that is not found here is left to the routes behind, also where they refuse it."""
        route = self._routes.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        return (Match.NONE, {}) if route is None else route.matches(scope)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that matched, by its route."""
        await scope["route"].handle(scope, receive, send)

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """Leave the addresses of names to the routes behind."""
        raise NoMatchFound(name, path_params)


@dataclass(frozen=True)
class DirectCall:
    """How to call an endpoint of the house's shape without FastAPI's reading of the request.

    Such an endpoint is a coroutine function that returns a ``Response`` and takes any of these and nothing else: the
    request, every part of its path as a plain text, and one query model.

    Attributes:
        endpoint: the endpoint.
        request_name: name of the parameter for the request; empty where there is none.
        query_name: name of the parameter for the query model; empty where there is none.
        model: the query model; one without fields where the endpoint takes none.
        repeatable: the query parameters, and whether each may be given more than once.
    """

    endpoint: Callable[..., Coroutine[Any, Any, Response]]
    request_name: str
    query_name: str
    model: type[BaseModel]
    repeatable: Mapping[str, bool]


class _NoParameters(BaseModel):
    """The query model of a path that takes no parameters."""


def direct_call(route: APIRoute, dependant: Dependant) -> DirectCall | None:
    """Return how to call an endpoint without FastAPI's reading of the request; None where it needs that.

    Args:
        route: the route.
        dependant: its parameters and dependencies as FastAPI resolved them.
    """
    if dependant.dependencies or not inspect.iscoroutinefunction(route.endpoint):
        return None
    hints = get_type_hints(route.endpoint, include_extras=True)
    returned = hints.pop("return", None)
    if not (inspect.isclass(returned) and issubclass(returned, Response)):
        return None
    signature = inspect.signature(route.endpoint).parameters
    if any(parameter.default is not parameter.empty for parameter in signature.values()):
        return None
    parts = {name for name, convertor in route.param_convertors.items() if type(convertor) is StringConvertor}
    requests = [name for name, hint in hints.items() if hint is Request]
    queries = [name for name, hint in hints.items() if _is_query_model(hint)]
    texts = {name for name, hint in hints.items() if name in parts and _is_plain_text(hint)}
    understood = {*requests, *queries, *texts}
    if understood != set(signature) or texts != set(route.param_convertors) or max(len(requests), len(queries)) > 1:
        return None
    model = get_args(hints[queries[0]])[0] if queries else _NoParameters
    return DirectCall(route.endpoint, "".join(requests), "".join(queries), model, repeatable_of(model))


def _is_query_model(hint: Any) -> bool:
    """Say whether a parameter is ``Annotated[Model, Query()]``, with nothing else said of it."""
    model, *marks = get_args(hint) if get_origin(hint) is Annotated else (hint,)
    is_model = inspect.isclass(model) and issubclass(model, BaseModel)
    return is_model and len(marks) == 1 and type(marks[0]) is params.Query and not marks[0].alias


def _is_plain_text(hint: Any) -> bool:
    """Say whether a part of a path is ``str``, described by ``Path`` or not, but under no constraint."""
    kind, *marks = get_args(hint) if get_origin(hint) is Annotated else (hint,)
    return kind is str and all(type(mark) is params.Path and not mark.metadata and not mark.alias for mark in marks)


def _dependant_of(route: APIRoute) -> Dependant:
    """Return the parameters and dependencies of a route, with the dependencies of a router that includes it.

    FastAPI keeps what an including router adds in a context variable while it builds the handler, and says that it has
    no public way to it yet.
    """
    variable = getattr(fastapi.routing, "_effective_route_context_var", None)
    context = variable.get() if variable is not None else None
    if context is None or context.original_route is not route:
        return route.dependant
    dependant: Dependant = context.dependant
    return dependant


def _read_directly(call: DirectCall) -> Handler:
    endpoint, request_name, query_name, model, repeatable = (
        call.endpoint,
        call.request_name,
        call.query_name,
        call.model,
        call.repeatable,
    )

    async def read_and_answer(request: Request) -> Response:
        arguments: dict[str, Any] = dict(request.path_params)
        if request_name:
            arguments[request_name] = request
        query = read_query(request.scope["query_string"], model, repeatable)
        if query_name:
            arguments[query_name] = query
        return await endpoint(**arguments)

    return read_and_answer


def _checked(handler: Handler, declared: Mapping[str, bool]) -> Handler:
    """Wrap a handler of FastAPI's so that it refuses what a directly read query would be refused for.

    Args:
        handler: reads and answers a request.
        declared: the query parameters, and whether each may be given more than once.
    """

    async def check_and_answer(request: Request) -> Response:
        parse_query(request.scope["query_string"], declared)
        try:
            return await handler(request)
        except RequestValidationError as error:
            raise _refusal(
                ParameterError(
                    parameter=(_path_of(found["loc"][1:]) or str(found["loc"][0]))[:200],
                    location=str(found["loc"][0]),
                    message=found["msg"].removeprefix("Value error, "),
                )
                for found in error.errors()
            ) from None

    return check_and_answer


def declared_parameters(dependant: Dependant) -> dict[str, bool]:
    """Return the query parameters that FastAPI reads, and whether each may be given more than once.

    Args:
        dependant: the parameters and dependencies of a route as FastAPI resolved them.
    """
    declared: dict[str, bool] = {}
    for one in _with_dependencies(dependant):
        if isinstance(one.call, APIKeyQuery):
            declared[one.call.model.name] = False
        for field in one.query_params:
            annotation = field.field_info.annotation
            if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
                declared |= repeatable_of(annotation)
            else:
                declared[field.validation_alias or field.alias] = _is_list(annotation)
    return declared


def _with_dependencies(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for dependency in dependant.dependencies:
        yield from _with_dependencies(dependency)


def strict_router(tag: str | None = None) -> APIRouter:
    """Return a router of strict routes.

    Args:
        tag: the tag of its routes in the OpenAPI description; None leaves them out of it.
    """
    return APIRouter(
        tags=[tag] if tag else None,
        route_class=StrictRoute,
        include_in_schema=tag is not None,
        generate_unique_id_function=lambda route: route.name,
    )


def read_query(query_string: bytes, model: type[BaseModel], repeatable: Mapping[str, bool]) -> BaseModel:
    """Read a query string into a query model.

    Args:
        query_string: the query of the URL, in UTF-8, percent-encoded or not.
        model: the query model.
        repeatable: its parameters, and whether each may be given more than once.

    Raises:
        InvalidRequest: naming every parameter at fault, and the declared one that an unknown one is near to.
    """
    given = parse_query(query_string, repeatable) if query_string else {}
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise _refusal(
            _error(_path_of(found["loc"]), found["msg"].removeprefix("Value error, "))
            for found in error.errors(include_url=False)
        ) from None


def parse_query(query_string: bytes, repeatable: Mapping[str, bool]) -> dict[str, Any]:
    """Parse a query string: a text for each single parameter, a list of texts for each repeatable one.

    Args:
        query_string: the query of the URL, in UTF-8, percent-encoded or not.
        repeatable: the declared parameters, and whether each may be given more than once.

    Raises:
        InvalidRequest: naming every parameter that is not declared, is given too often or is not UTF-8.
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
    return given


MOST_HINTS = 5
"""Unknown parameters of which it is said what was probably meant."""


def _faults(times: Mapping[str, int], repeatable: Mapping[str, bool]) -> list[ParameterError]:
    faults = []
    hints = 0
    for name, count in times.items():
        if name not in repeatable:
            hints += 1
            # To look for what was meant takes a millisecond.
            hint = _hint(name, repeatable) if hints <= MOST_HINTS else ""
            faults.append(_error(name, f"no such parameter here{hint}"))
        elif count > 1 and not repeatable[name]:
            faults.append(_error(name, f"given {count} times; it can be given once"))
    return faults


def _refusal(errors: Iterable[ParameterError]) -> InvalidRequest:
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


def _path_of(location: Sequence[str | int]) -> str:
    return ".".join(part for part in location if isinstance(part, str))


_INSTEAD = {
    **dict.fromkeys(
        ("q", "query", "search"),
        "names are searched at /search?q=…, and filters such as name=… look within this collection",
    ),
    **dict.fromkeys(
        ("page", "offset", "skip", "start", "cursor", "page_number"), "pages follow `next` (also in the Link header)"
    ),
    **dict.fromkeys(
        ("per_page", "page_size", "pagesize", "size", "count", "rows", "top"), "use limit, from 1 to 500 or all"
    ),
    **dict.fromkeys(("order", "order_by", "orderby", "sort_by", "ordering"), "use sort, with - for descending order"),
}
"""What a collection has in the place of parameters that other APIs have."""
_OF_ITEMS = ("include", "expand", "embed")
"""Parameters that add to the items of a collection, here or in other APIs."""


def _hint(name: str, declared: Collection[str]) -> str:
    # per-page and perPage are per_page.
    plain = re.sub("(?<=[a-z])(?=[A-Z])|-", "_", name).lower()
    if "after" in declared and plain in _INSTEAD:
        return f"; {_INSTEAD[plain]}"
    if plain in _OF_ITEMS and "fields" in declared:
        return "; a record by its own address has everything, and `fields` chooses from it"
    near = get_close_matches(name[:80], declared, n=1)
    if near:
        return f"; did you mean {near[0]}?"
    return f"; there are {', '.join(declared)}" if declared else "; this path takes none"


def repeatable_of(model: type[BaseModel]) -> dict[str, bool]:
    """Return the parameters of a query model, and whether each may be given more than once."""
    return {parameter_name(name, info): _is_list(info.annotation) for name, info in model.model_fields.items()}


def repeatable_parameters(routes: Iterable[Any]) -> set[str]:
    """Return the names of the parameters whose order and repetition mean nothing, on any route that has them.

    A directly read query model sorts its lists and drops what is given twice; what FastAPI reads may count both.
    """
    repeatable: set[str] = set()
    others: set[str] = set()
    for route in routes:
        if isinstance(route, StrictRoute):
            for name, is_repeatable in route.declared.items():
                (repeatable if is_repeatable and route.call else others).add(name)
    return repeatable - others


_COLLECTIONS = (list, set, frozenset, tuple, deque, Sequence)


def _is_list(annotation: Any) -> bool:
    """Say whether a type, or an option of a union, is a list or another collection of values."""
    if (get_origin(annotation) or annotation) in _COLLECTIONS:
        return True
    options = get_args(annotation)
    return any(map(_is_list, options[:1] if get_origin(annotation) is Annotated else options))
