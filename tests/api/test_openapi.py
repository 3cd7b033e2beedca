"""The OpenAPI description: valid, and true of what a running server answers."""

import os
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from pydantic import ValidationError
from schemathesis.config import SchemathesisConfig
from stdnum import imo

from app.api.openapi_responses import OTHER_FORMATS
from app.fields.dates import today
from app.main import create_app
from app.publish import publish
from app.resources import RESOURCES
from app.settings import Settings
from tests.conftest import BASE, Client, edit

# What a format of ours means, so that schemathesis makes values that are right, not only of the right shape.
schemathesis.openapi.format("country", st.sampled_from(["KP", "China", "sierra leone", "fr"]))
schemathesis.openapi.format("act", st.sampled_from(["2270", "2016-03-02", "committee-2016-03-21"]))
schemathesis.openapi.format("subject", st.sampled_from(["9163166", "kpi.014", "KPe.020"]))
schemathesis.openapi.format(
    "identifier", st.sampled_from(["ofac-sdn:19577", "IMO:9163166", "passport:PS 12-3", "eu:x"])
)
schemathesis.openapi.format("period", st.sampled_from(["2016-03-01/2016-04-01", "1999-12-31/2000-01-01"]))
schemathesis.openapi.format("text", st.sampled_from(["jin teng", "Ri", "oil", "é", "50 %", "no such words"]))
schemathesis.openapi.format(
    "name", st.sampled_from(["jin teng", "Kim Yong-chul", "김영철", "9163166", "MI RIM 2", "x"])
)
schemathesis.openapi.format("field-names", st.sampled_from(["id,url", "url", "sources_count, id"]))
schemathesis.openapi.format("edtf", st.sampled_from(["1965", "1965-03", "1965-03-02", "1965~", "1964/1966"]))
schemathesis.openapi.format(
    "imo-number", st.from_regex(r"[0-9]{6}", fullmatch=True).map(lambda six: six + imo.calc_check_digit(six))
)


def test_the_description_is_valid(client: Client) -> None:
    document = client.json("/openapi.json")
    OpenAPIV31SpecValidator(document).validate()
    assert {tag["name"] for tag in document["tags"]} == {
        tag for path in document["paths"].values() for operation in path.values() for tag in operation["tags"]
    }


def test_every_operation_names_its_refusals(client: Client) -> None:
    for path, operations in client.json("/openapi.json")["paths"].items():
        for operation in operations.values():
            assert {"414", "422"} <= set(operation["responses"]), path
            for status, response in operation["responses"].items():
                if status >= "400":
                    assert list(response["content"]) == ["application/problem+json"], (path, status)


def test_clients_are_generated_with_names_that_can_be_read(client: Client) -> None:
    document = client.json("/openapi.json")
    assert document["security"] == []
    assert document["servers"] == [{"url": BASE}]
    assert all(" " not in tag["name"] for tag in document["tags"])
    assert [name for name in document["components"]["schemas"] if name.endswith(("_", "AnswerAnswer"))] == []
    for path, operations in document["paths"].items():
        for operation in operations.values():
            content = operation["responses"]["200"]["content"]
            # A client has a union of the types of all that is here.
            assert list(content) == ["application/json"], path
            assert content["application/json"]["schema"].keys() == {"$ref"}, path


def test_every_example_of_an_answer_is_the_answer(client: Client) -> None:
    compared = set()
    for path, operations in client.json("/openapi.json")["paths"].items():
        for method, operation in operations.items():
            example = operation["responses"]["200"]["content"]["application/json"]["example"]
            if method == "get" and "cite_as" in example:
                assert client.json(example["cite_as"].removeprefix(BASE)) == example, path
                compared.add(path)
    # A record's own path ends with the name of its id, which is `id` but for sources.
    assert {f"/{one.path}" for one in RESOURCES} <= compared
    assert {one.path for one in RESOURCES} <= {path[1:].rpartition("/{")[0] for path in compared}


def test_every_example_has_the_form_that_is_described(client: Client) -> None:
    document = client.json("/openapi.json")
    for operations in document["paths"].values():
        for operation in operations.values():
            content = operation["responses"]["200"]["content"]["application/json"]
            schema = {**content["schema"], "components": document["components"]}
            Draft202012Validator(schema).validate(content["example"])


def test_the_description_is_made_anew_for_another_dataset(small_database: Path, seed: Path, client_of: Any) -> None:
    client = client_of(small_database)
    before = client.json("/openapi.json")["paths"]["/dataset"]["get"]["responses"]["200"]["content"]
    edit(seed, "resolutions", lambda rows: rows[0].update(summary="Altered for this test."))
    publish(seed, small_database)
    after = client.json("/openapi.json")["paths"]["/dataset"]["get"]["responses"]["200"]["content"]
    assert before["application/json"]["example"]["version"] != after["application/json"]["example"]["version"]


def test_without_a_dataset_there_is_a_description_without_examples(tmp_path: Path, client_of: Any) -> None:
    document = client_of(tmp_path / "none.db").json("/openapi.json")
    content = document["paths"]["/vessels"]["get"]["responses"]["200"]["content"]["application/json"]
    assert content.keys() == {"schema"}


def test_a_contact_is_in_the_description_where_one_is_set(tmp_path: Path) -> None:
    def contact(**settings: Any) -> Any:
        return create_app(Settings(database=tmp_path / "x.db", **settings)).openapi()["info"].get("contact")

    assert contact() is None
    assert contact(contact="list@example.org")["email"] == "list@example.org"
    assert contact(contact="https://example.org/report")["url"] == "https://example.org/report"
    with pytest.raises(ValidationError):
        contact(contact="call me")


@schemathesis.hook
def before_call(context: Any, case: schemathesis.Case[Any], kwargs: dict[str, Any]) -> None:
    """Keep valid cases to what the description says in words only.

    A cursor was given, a version is kept, no day is to come, no range of days ends before it begins.
    """
    del context, kwargs
    if case.meta is not None and case.meta.generation.mode.is_positive and case.media_type == "text/csv":
        case.body = "name,kind\nJin Teng,vessel\n"
    if case.meta is not None and case.meta.generation.mode.is_positive and case.query:
        case.query.pop("after", None)
        case.query.pop("dataset", None)
        # What they mean depends on the format.
        case.query.pop("bom", None)
        if case.query.get("format", "json") != "json":
            case.query.pop("facets", None)
        # The schema is that of a whole item; a table, a feed and a citation have nothing to add or to choose from.
        case.query.pop("fields", None)
        if case.query.get("format", "json") not in ("json", "ndjson"):
            case.query.pop("include", None)
        if case.query.get("format") in ("atom", "jsonfeed"):
            case.query.pop("limit", None)
        if "sort" in case.query:
            case.query["sort"] = str(case.query["sort"]).partition(",")[0]
        for name in {"as_of", "from", "until", "to"} & case.query.keys():
            if not isinstance(case.query[name], list):  # the parties of a relation can be several
                case.query[name] = min(str(case.query[name]), today().isoformat())
        for name in [name for name in case.query if name.endswith("from")]:
            until = name.removesuffix("from") + ("to" if "to" in case.query else "until")
            if until in case.query and not isinstance(case.query[name], list):
                case.query[name], case.query[until] = sorted([case.query[name], case.query[until]], key=str)


# A question too long to be read is refused too, whatever it says.
REFUSALS = ["404", "406", "410", "413", "414", "415", "422"]
config = SchemathesisConfig.from_dict({"checks": {"negative_data_rejection": {"expected-statuses": REFUSALS}}})
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "25"))
"""Cases of each operation."""


def _as_answered() -> dict[str, Any]:
    """Return the description with what generated clients must not see: the other formats, and rows of any form."""
    document: dict[str, Any] = create_app(Settings()).openapi()
    for operations in document["paths"].values():
        for operation in operations.values():
            response = operation["responses"]["200"]
            response["content"] |= response.get(OTHER_FORMATS, {})
    body = document["paths"]["/search"]["post"]["requestBody"]
    body["content"] |= body[OTHER_FORMATS]
    batch = body["content"]["application/json"]["schema"]
    batch["items"] = {}  # any element of the array is answered in its place, if only with its fault
    return document


described = schemathesis.openapi.from_dict(_as_answered(), config=config)


@described.parametrize()
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
def test_the_server_answers_as_described(case: schemathesis.Case[Any], server: str) -> None:
    case.call_and_validate(base_url=server)
