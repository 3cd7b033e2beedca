"""Routes that refuse what they do not declare: an unknown parameter, or one given twice where once is meant."""

from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from difflib import get_close_matches
from typing import Any, get_args, get_origin
from urllib.parse import unquote_to_bytes

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from app.errors import InvalidRequest, ParameterError
from app.parameters import parameter_name


class StrictRoute(APIRoute):
    """A route that reads every query parameter or refuses the request."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return FastAPI's handler with the check before it."""
        handle = super().get_route_handler()
        repeatable = _declared(self)

        async def check_and_handle(request: Request) -> Response:
            if request.url.query:
                refuse_undeclared(request, repeatable)
            return await handle(request)

        return check_and_handle


def refuse_undeclared(request: Request, repeatable: dict[str, bool]) -> None:
    """Refuse a request with an unknown parameter or one that is repeated without being repeatable.

    Args:
        request: the request.
        repeatable: the parameters declared, and whether each may be given more than once.

    Raises:
        InvalidRequest: naming every parameter at fault, and the declared one that an unknown one is near to.
    """
    errors = [_error(name, "not UTF-8") for name in _not_utf8(request.scope["query_string"])]
    for name, times in Counter(name for name, _ in request.query_params.multi_items()).items():
        if name not in repeatable:
            errors.append(_error(name, f"no such parameter here{_hint(name, repeatable)}"))
        elif times > 1 and not repeatable[name]:
            errors.append(_error(name, f"given {times} times; it can be given once"))
    if errors:
        raise InvalidRequest("; ".join(f"{error.parameter}: {error.message}" for error in errors), errors)


def _not_utf8(query: bytes) -> Iterator[str]:
    """Yield the names of the parameters whose name or value is not UTF-8."""
    for pair in query.split(b"&"):
        try:
            unquote_to_bytes(pair).decode()
        except UnicodeDecodeError:
            yield unquote_to_bytes(pair.partition(b"=")[0]).decode(errors="replace")


def _error(name: str, message: str) -> ParameterError:
    return ParameterError(parameter=name[:200], location="query", message=message)


def _hint(name: str, declared: dict[str, bool]) -> str:
    near = get_close_matches(name[:80], declared, n=1)
    if near:
        return f"; did you mean {near[0]}?"
    return f"; there are {', '.join(declared)}" if declared else "; this path takes none"


def _declared(route: APIRoute) -> dict[str, bool]:
    """Return the query parameters of a route, and whether each may be repeated."""
    declared: dict[str, bool] = {}
    for parameter in route.dependant.query_params:
        model = parameter.field_info.annotation
        if isinstance(model, type) and issubclass(model, BaseModel):
            declared |= {parameter_name(name, info): _is_list(info) for name, info in model.model_fields.items()}
    return declared


def _is_list(info: FieldInfo) -> bool:
    return any(get_origin(option) is list for option in (info.annotation, *get_args(info.annotation)))
