"""Strict routes: what is read directly, what is left to FastAPI, and what is refused on both."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, BackgroundTasks, Depends, FastAPI, Header, Path, Query, Request, Response
from fastapi.openapi.utils import get_openapi
from fastapi.security import APIKeyQuery
from pydantic import BaseModel, Field
from starlette.routing import Match

from app.api.routing import FixedPaths, StrictRoute, repeatable_parameters, strict_router
from app.main import Application, create_app
from app.problems import Problem
from app.settings import ROOT, Settings
from tests.conftest import Client


class Colours(BaseModel):
    """A query model with a single parameter and one that may be repeated."""

    size: Annotated[int, Field(ge=1, le=9)] = 5
    colour: list[str] | None = None


class Body(BaseModel):
    """A body."""

    name: str


async def read_directly(request: Request, id: str, query: Annotated[Colours, Query()]) -> Response:
    return Response(f"{request.method} {id} {query.size} {query.colour}")


async def read_nothing() -> Response:
    return Response("nothing")


def who(name: str = "nobody") -> str:
    return name


async def read_dependency(name: Annotated[str, Depends(who)]) -> Response:
    return Response(name)


def read_plainly(request: Request, size: int = 1) -> Response:
    return Response(f"{request.method} {size}")


async def read_constrained(number: Annotated[int, Path(ge=5)]) -> Response:
    return Response(str(number))


async def read_long_text(id: Annotated[str, Path(min_length=3)]) -> Response:
    return Response(id)


async def read_header(x_token: Annotated[str, Header()]) -> Response:
    return Response(x_token)


async def read_body(body: Body) -> Response:
    return Response(body.name)


async def read_scalars(size: int, colour: Annotated[list[str] | None, Query()] = None) -> Response:
    return Response(f"{size} {colour}")


async def read_model(query: Annotated[Colours, Query()]) -> dict[str, Any]:
    return query.model_dump()


async def read_key(key: Annotated[str, Depends(APIKeyQuery(name="api_key"))]) -> Response:
    return Response(key)


done: list[str] = []


async def read_background(tasks: BackgroundTasks) -> Response:
    tasks.add_task(done.append, "done")
    return Response("begun")


def application(*routes: tuple[str, Callable[..., Any]], method: str = "GET") -> FastAPI:
    """An application of strict routes that answers problems as ours does."""
    app = FastAPI()
    app.router.route_class = StrictRoute
    for path, endpoint in routes:
        app.add_api_route(path, endpoint, methods=[method])

    @app.exception_handler(Problem)
    async def answer(_: Request, problem: Problem) -> Response:
        return Response(problem.body(""), problem.status, media_type="application/problem+json")

    return app


def ask(app: FastAPI, url: str, method: str = "GET", **options: Any) -> httpx.Response:
    async def send() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            return await client.request(method, url, **options)

    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(send())
    finally:
        loop.close()


def faults(response: httpx.Response) -> list[tuple[str, str]]:
    assert response.status_code == 422, response.text
    assert response.headers["content-type"] == "application/problem+json"
    return [(error["location"], error["parameter"]) for error in response.json()["errors"]]


def is_direct(path: str, endpoint: Callable[..., Any]) -> bool:
    (route,) = [route for route in application((path, endpoint)).routes if isinstance(route, StrictRoute)]
    return route.call is not None


@pytest.mark.parametrize(
    ("path", "endpoint", "direct"),
    [
        ("/x/{id}", read_directly, True),
        ("/x", read_nothing, True),
        ("/x/{id}", read_nothing, False),
        ("/x/{id:path}", read_directly, False),
        ("/x", read_dependency, False),
        ("/x", read_plainly, False),
        ("/x/{number}", read_constrained, False),
        ("/x/{id}", read_long_text, False),
        ("/x", read_header, False),
        ("/x", read_scalars, False),
        ("/x", read_model, False),
        ("/x", read_background, False),
    ],
)
def test_only_endpoints_of_the_house_s_shape_are_read_directly(
    path: str, endpoint: Callable[..., Any], direct: bool
) -> None:
    assert is_direct(path, endpoint) == direct


def test_every_endpoint_of_ours_is_read_directly() -> None:
    routes = [route for route in create_app(Settings()).routes if isinstance(route, StrictRoute)]
    assert len(routes) > 30
    assert [route.path for route in routes if route.call is None] == []


def test_a_direct_endpoint_gets_the_request_the_path_and_the_query() -> None:
    app = application(("/x/{id}", read_directly))
    assert ask(app, "/x/7?colour=red&colour=blue&size=3").text == "GET 7 3 ['red', 'blue']"
    assert ask(app, "/x/7").text == "GET 7 5 None"
    assert faults(ask(app, "/x/7?size=10")) == [("query", "size")]


def test_dependencies_are_resolved() -> None:
    app = application(("/x", read_dependency))
    assert ask(app, "/x?name=Ri").text == "Ri"
    assert ask(app, "/x").text == "nobody"


def test_a_plain_function_is_answered() -> None:
    assert ask(application(("/x", read_plainly)), "/x?size=4").text == "GET 4"


def test_constraints_on_a_part_of_a_path_hold() -> None:
    app = application(("/x/{number}", read_constrained), ("/y/{id}", read_long_text))
    assert ask(app, "/x/5").text == "5"
    assert faults(ask(app, "/x/4")) == [("path", "number")]
    assert faults(ask(app, "/x/five")) == [("path", "number")]
    assert ask(app, "/y/abc").text == "abc"
    assert faults(ask(app, "/y/ab")) == [("path", "id")]


def test_headers_bodies_models_and_background_tasks_are_fastapi_s() -> None:
    assert ask(application(("/x", read_header)), "/x", headers={"X-Token": "t"}).text == "t"
    assert faults(ask(application(("/x", read_header)), "/x")) == [("header", "x-token")]
    posting = application(("/x", read_body), method="POST")
    assert ask(posting, "/x", "POST", json={"name": "Ri"}).text == "Ri"
    assert faults(ask(posting, "/x", "POST", json={})) == [("body", "name")]
    assert faults(ask(posting, "/x", "POST", content="{", headers={"Content-Type": "application/json"}))[0][0] == "body"
    assert ask(application(("/x", read_model)), "/x?size=2&colour=red").json() == {"size": 2, "colour": ["red"]}
    done.clear()
    assert ask(application(("/x", read_background)), "/x").text == "begun"
    assert done == ["done"]


@pytest.mark.parametrize(
    ("path", "endpoint", "url"),
    [
        ("/x/{id}", read_directly, "/x/7?lsize=1"),
        ("/x", read_nothing, "/x?lsize=1"),
        ("/x", read_dependency, "/x?name=Ri&lsize=1"),
        ("/x", read_plainly, "/x?lsize=1"),
        ("/x/{number}", read_constrained, "/x/5?lsize=1"),
        ("/x", read_scalars, "/x?size=1&lsize=1"),
        ("/x", read_model, "/x?lsize=1"),
        ("/x", read_key, "/x?api_key=k&lsize=1"),
        ("/x", read_background, "/x?lsize="),
    ],
)
def test_a_parameter_that_nobody_declares_is_refused(path: str, endpoint: Callable[..., Any], url: str) -> None:
    assert faults(ask(application((path, endpoint)), url)) == [("query", "lsize")]


@pytest.mark.parametrize("endpoint", [read_plainly, read_scalars, read_model])
def test_a_single_parameter_given_twice_is_refused_and_the_nearest_name_is_given(endpoint: Callable[..., Any]) -> None:
    app = application(("/x", endpoint))
    assert faults(ask(app, "/x?size=1&size=2")) == [("query", "size")]
    assert "did you mean size?" in ask(app, "/x?sise=1").text
    assert faults(ask(app, "/x?size=%FF")) == [("query", "size")]


def test_a_repeatable_parameter_may_be_given_twice() -> None:
    assert ask(application(("/x", read_scalars)), "/x?size=1&colour=a&colour=b").text == "1 ['a', 'b']"
    assert ask(application(("/x", read_key)), "/x?api_key=k").text == "k"


def refuse_everybody() -> None:
    raise NotImplementedError("the dependency ran")


@pytest.mark.parametrize("where", ["route", "router", "inclusion", "nested"])
def test_dependencies_of_a_router_or_of_its_inclusion_are_not_left_out(where: str) -> None:
    refused = [Depends(refuse_everybody)]
    app = application()
    router = strict_router("x")
    if where == "router":
        router = APIRouter(route_class=StrictRoute, dependencies=refused)
    router.add_api_route("/x/{id}", read_directly, dependencies=refused if where == "route" else None)
    if where == "nested":
        outer = APIRouter(prefix="/b")
        outer.include_router(router, prefix="/a")
        app.include_router(outer, dependencies=refused)
    else:
        app.include_router(router, prefix="/b/a", dependencies=refused if where == "inclusion" else None)
    with pytest.raises(NotImplementedError, match="the dependency ran"):
        ask(app, "/b/a/x/7")


def test_an_included_router_is_matched_under_its_prefix() -> None:
    app, router = application(), strict_router("x")
    router.add_api_route("/x/{id}", read_directly)
    app.include_router(router, prefix="/v2")
    assert ask(app, "/v2/x/7").text == "GET 7 5 None"
    assert ask(app, "/x/7").status_code == 404
    assert faults(ask(app, "/v2/x/7?b=1")) == [("query", "b")]


def test_tools_can_walk_the_application() -> None:
    app = create_app(Settings())
    assert isinstance(app, FastAPI)
    described = get_openapi(title="x", version="1", routes=app.routes)["paths"]
    assert set(described) == set(app.openapi()["paths"])
    assert len(described) > 25
    assert app.url_path_for("read_vessel", id="9163166") == "/vessels/9163166"


def test_a_path_without_parameters_is_found_at_once(client: Client) -> None:
    routes = client.api.routes
    fixed = next(route for route in routes if isinstance(route, FixedPaths))
    paths = [route.path for route in routes if isinstance(route, StrictRoute) and not route.param_convertors]
    assert len(paths) > 15
    for path in paths:
        scope = {"type": "http", "path": path, "method": "GET", "root_path": ""}
        match, found = fixed.matches(scope)
        assert match == Match.FULL
        # The same that would be found by trying each route in turn.
        assert found["route"] is next(
            route for route in routes if isinstance(route, StrictRoute) and route.matches(scope)[0] == Match.FULL
        )
    for scope in (
        {"type": "http", "path": "/vessels/9163166", "method": "GET"},
        {"type": "http", "path": "/vessels", "method": "DELETE"},
        {"type": "lifespan"},
    ):
        assert fixed.matches(scope)[0] == Match.NONE
    assert client.request("DELETE", "/vessels").status_code == 405


def test_a_route_added_to_the_application_is_strict() -> None:
    app = create_app(Settings(response_cache_bytes=0))

    @app.get("/more")
    async def more(size: int = 1) -> dict[str, int]:
        return {"size": size}

    assert ask(app, "/more?size=2").json() == {"size": 2}
    response = ask(app, "/more?sise=2")
    assert faults(response) == [("query", "sise")]
    assert response.headers["x-content-type-options"] == "nosniff"


def test_middleware_added_to_the_application_runs_inside_the_response_cache() -> None:
    app = create_app(Settings())
    seen: list[str] = []

    @app.middleware("http")
    async def note(request: Request, call_next: Any) -> Response:
        seen.append(request.url.path)
        response: Response = await call_next(request)
        return response

    for _ in range(2):
        assert ask(app, "/docs").status_code == 200
    assert seen == ["/docs"]


def test_only_lists_of_directly_read_models_are_repeatable_for_the_cache() -> None:
    direct = application(("/x/{id}", read_directly))
    assert repeatable_parameters(direct.routes) == {"colour"}
    both = application(("/x/{id}", read_directly), ("/y", read_scalars))
    assert repeatable_parameters(both.routes) == set()


@pytest.fixture
def environment() -> dict[str, str]:
    """The environment of a process that imports the checkout."""
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def test_importing_a_module_reads_no_environment(environment: dict[str, str]) -> None:
    """A setting that cannot be used is no fault until `app.main.app` is asked for."""
    environment["UNLISTED_PORT"] = "many"
    code = "import app.main, app.cli, app.publish, app.server.run; print('imported'); app.main.app"
    run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, cwd=ROOT)
    assert run.stdout == "imported\n"
    assert "Input should be a valid integer" in run.stderr


def test_the_settings_of_the_application_are_those_it_was_built_with(
    environment: dict[str, str], tmp_path: Any
) -> None:
    environment["UNLISTED_DATABASE"] = str(tmp_path / "x.db")
    code = (
        "import os, app.main\n"
        "before = dict(os.environ)\n"
        "app = app.main.app\n"
        "assert app is __import__('app.main').main.app\n"
        "assert dict(os.environ) == before\n"
        "print(app.state.settings.database, type(app).__name__)"
    )
    run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, cwd=ROOT)
    assert run.stdout.split() == [str(tmp_path / "x.db"), Application.__name__], run.stderr
