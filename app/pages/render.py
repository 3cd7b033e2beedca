"""Pages rendered from answers: the template of each route, and the further answers that its page shows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from starlette.types import Scope

from app.api.envelope import base_url
from app.api.html import path_prefix, render_page, sentence, site_values
from app.api.html import words as words_of
from app.pages import drawings, forms, graphs, words
from app.pages.acts import acts_named
from app.pages.answer import Answer, Ask
from app.screening.batch import MOST_BYTES, MOST_QUERIES
from app.vocabularies import ChangeKind

FOLDER = Path(__file__).parent

Parameters = Sequence[tuple[str, str]]
Questions = Mapping[str, tuple[str, Parameters]]
"""Further questions by the name that a template has for their answers: each a path and its parameters."""


@dataclass(frozen=True)
class Request:
    """A request for a page.

    Attributes:
        scope: its ASGI scope.
        parameters: its parameters, without the one that asks for a page.
        ask: asks the application further questions.
    """

    scope: Scope
    parameters: Parameters
    ask: Ask

    @property
    def path(self) -> str:
        """Its path."""
        return str(self.scope["path"])

    @cached_property
    def base(self) -> str:
        """The beginning of absolute links."""
        return base_url(self.scope)

    def given(self, name: str) -> str | None:
        """Return a parameter; None where it is not given."""
        return next((value for key, value in self.parameters if key == name), None)


def _subject(record: Mapping[str, Any]) -> Questions:
    asked: dict[str, tuple[str, Parameters]] = {
        "history": ("/changes", [("subject", record["id"]), ("sort", "changed_on"), ("limit", "60")])
    }
    for request in record.get("delisting_requests", [])[:1]:
        asked["request"] = (f"/delisting-requests/{request['id']}", [])
    if any(one["holds"] != "no" for one in record["relations"]):
        asked["graph"] = (f"/{'vessels' if 'imo_number' in record else 'designated-parties'}/{record['id']}/graph", [])
    return asked


def _resolution(record: Mapping[str, Any]) -> Questions:
    by_it = ("resolution", record["id"])
    asked: dict[str, tuple[str, Parameters]] = {"history": ("/changes", [by_it, ("limit", "1")])}
    if record["measures"]:
        asked["decided"] = ("/measures", [by_it, ("limit", "100")])
    return asked


_BESIDE_THE_LIST = (ChangeKind.RELATION_BEGAN, ChangeKind.RELATION_ENDED)
"""Changes that the home page does not begin with: there are many of them, and none is of the list itself."""


def _home(record: Mapping[str, Any]) -> Questions:
    latest = [("kind", kind) for kind in ChangeKind if kind not in _BESIDE_THE_LIST]
    return {**_timeline(record), "timeline": ("/timeline", []), "latest": ("/changes", [*latest, ("limit", "6")])}


def _timeline(answer: Mapping[str, Any]) -> Questions:
    del answer
    return {"marks": ("/changes", [("kind", "resolution_adopted"), ("kind", "delisted"), ("limit", "300")])}


def _search(answer: Mapping[str, Any]) -> Questions:
    return acts_named(answer["query"]["q"])


RELATED: Mapping[str, Callable[[Mapping[str, Any]], Questions]] = {
    "/": _home,
    "/search": _search,
    "/timeline": _timeline,
    "/vessels/{id}": _subject,
    "/designated-parties/{id}": _subject,
    "/resolutions/{id}": _resolution,
}
"""Builds the further questions of a page from its answer, by route."""


async def render_answer(request: Request, answer: Answer) -> bytes:
    """Render a successful answer.

    Args:
        request: the request.
        answer: the answer as JSON.
    """
    data = answer.json()
    route = getattr(answer.route, "path", request.path)
    return _rendered(request, _template(route, data), data, answer.route, await _related(request, route, data))


async def _related(request: Request, route: str, data: Any) -> dict[str, Any]:
    """Ask for what the page of a route shows besides its answer."""
    questions = RELATED[route](data) if route in RELATED else {}
    return {name: await _asked(request, data, *question) for name, question in questions.items()}


async def _asked(request: Request, data: Mapping[str, Any], path: str, parameters: Parameters) -> Any:
    """Ask for the answer of the same day and the same dataset; None where there is none."""
    day = "until" if path == "/timeline" else "as_of"
    pinned = [(day, data["as_of"]), ("dataset", data["dataset"]["version"])]
    return await request.ask(path, [*parameters, *pinned])


def _template(route: str, data: Any) -> str:
    """Return the template of a route: that of its resource, else the one for any collection or record."""
    parts = route.strip("/").replace("-", "_").split("/")
    folder = "_".join(part for part in parts if not part.startswith("{"))
    is_record = parts[-1].startswith("{")
    is_collection = isinstance(data, list) or (not is_record and "items" in data)
    kind = "collection" if is_collection else "record" if is_record else "page"
    if not is_collection and parts[-1] == "graph":
        return "graph.html"
    own = f"{folder or 'home'}/{kind}.html"
    return own if (FOLDER / own).is_file() else ("collection.html" if is_collection else "record.html")


def _rendered(
    request: Request, template: str, data: Any, route: Any, more: Mapping[str, Any], by_post: bool = False
) -> bytes:
    model = model_of(route)
    path, parameters = path_prefix(request.base) + request.path, request.parameters
    as_of = data.get("as_of") if isinstance(data, dict) else None
    given = [pair for pair in parameters if pair[0] not in ("as_of", "dataset")]
    values = site_values(
        request.base,
        request.path,
        data=data,
        more=_Further(more),
        parameters=parameters,
        given={name: [value for key, value in parameters if key == name] for name, _ in parameters},
        fields=forms.fields_of(model) if model else (),
        chips=forms.chips(path, parameters, as_of),
        formats=[form for form in forms.choices_of(model, "format") if form != "html"] if model else [],
        counts=forms.counts(data.get("facets") or {}) if isinstance(data, dict) else (),
        data_alone=dict.fromkeys(forms.FORM_OF_DATA),
        sorts=forms.choices_of(model, "sort") if model else (),
        has_day=model is not None and "as_of" in model.model_fields,
        noindex=bool(parameters) or by_post,
        next_links=not by_post,
        asked_day=request.given("as_of"),
        asked_dataset=request.given("dataset"),
        today_url=forms.address(path, given),
        link=_linker(request),
        address=lambda **replaced: forms.address(path, parameters, **replaced),
        curl=forms.curl_of(request.base + forms.address(request.path, parameters)),
        sources=words.Sources(data) if isinstance(data, dict) else None,
        q=request.given("q") or "",
        **_TOOLS,
    )
    return render_page([FOLDER], template, values)


class _Further(dict[str, Any]):
    """The answers to further questions; None for one that was not asked or not answered."""

    def __missing__(self, name: str) -> None:
        return None


def title_of(record: Mapping[str, Any], path: str) -> str:
    """Return the title of a record of any kind: its name, its title or its id, else the end of its path."""
    if "edges" in record:
        return f"Relations of {record['nodes'][0]['name']}"
    named = (record[key] for key in ("name", "title", "sentence", "symbol", "id") if record.get(key))
    return str(next(named, sentence(words_of(path.strip("/").rpartition("/")[2]))))


_TOOLS: Mapping[str, Any] = {
    "title_of": title_of,
    "drawings": drawings,
    "graphs": graphs,
    "verdict": words.verdict,
    "marked": words.marked,
    "field_names": words.field_names,
    "scheme_name": words.scheme_name,
    "particular_name": words.particular_name,
    "format_names": forms.FORMAT_NAMES,
    "most_names": MOST_QUERIES,
    "most_bytes": MOST_BYTES,
}


def model_of(route: Any) -> type[BaseModel] | None:
    """Return the query model of a route; None where it has none."""
    call = getattr(route, "call", None)
    return call.model if call is not None and call.query_name else None


def _dated_paths(routes: Sequence[Any]) -> frozenset[str]:
    """Return the first parts of the paths that answer for a day."""
    models = ((route.path.split("/")[1], model_of(route)) for route in routes if hasattr(route, "call"))
    return frozenset(part for part, model in models if model is not None and "as_of" in model.model_fields)


def _linker(request: Request) -> Callable[[str], str]:
    """Build the function that makes absolute links of an answer local ones, of the same day and dataset as the page."""
    kept = [pair for pair in request.parameters if pair[0] in ("as_of", "dataset")]
    prefix = path_prefix(request.base)
    dated = _dated_paths(request.scope["app"].routes) if kept else frozenset()

    @cache  # a record cites the same sources, and names the same parties, in many places
    def link(url: str) -> str:
        path = url.removeprefix(request.base)
        if not path.startswith("/"):
            return url
        path, _, query = path.partition("?")
        pairs = forms.parse(query) if query else []
        if path.split("/")[1] in dated:
            pairs = [*(pair for pair in pairs if pair[0] not in ("as_of", "dataset")), *kept]
        return forms.address(prefix + path, pairs)

    return link


def render_form(request: Request) -> bytes:
    """Render the form of a path that cannot answer without a question."""
    route = next((one for one in request.scope["app"].routes if getattr(one, "path", None) == request.path), None)
    name = request.path.strip("/").replace("-", "_")
    return _rendered(request, f"{name}/collection.html", {}, route, {})


def render_problem(request: Request, answer: Answer) -> bytes:
    """Render a problem document, with everything that it says."""
    path = path_prefix(request.base) + request.path
    values = site_values(
        request.base,
        request.path,
        data=answer.json(),
        noindex=True,
        given=[(name, value) for name, value in request.parameters],
        link=_linker(request),
        without=lambda name: forms.address(path, [pair for pair in request.parameters if pair[0] != name]),
    )
    return render_page([FOLDER], "problem.html", values)


async def render_search(request: Request, answer: Answer) -> bytes:
    """Render the answer to one name that was posted: without an address that names it."""
    data = answer.json()
    more = await _related(request, "/search", data)
    return _rendered(request, "search/collection.html", data, None, more, by_post=True)


async def render_batch(request: Request, answer: Answer) -> bytes:
    """Render the answers to a list of names as a table."""
    return _rendered(request, "search/batch.html", answer.json(), None, {}, by_post=True)
