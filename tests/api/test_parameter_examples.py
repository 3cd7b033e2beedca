"""The examples of parameters: an imported collection, such as Postman's, sends them as they are."""

from urllib.parse import quote

from app.resources import RESOURCES
from tests.conftest import Client

COMPANIONS = {"bom": {"format": "csv"}}
"""What else must be asked with a parameter: only CSV has a byte order mark."""
DECLARED = {f"/{one.path}": "measure" in one.facets for one in RESOURCES}
"""Whether a collection declares the facet of the example, which is one for all."""


def test_every_example_of_a_parameter_is_answered(client: Client) -> None:
    description = client.json("/openapi.json")
    refused, count = [], 0
    for path, operations in description["paths"].items():
        if "get" not in operations:
            continue
        parameters = operations["get"].get("parameters", [])
        asked = path
        for parameter in parameters:
            if parameter["in"] == "path":
                asked = asked.replace(f"{{{parameter['name']}}}", quote(str(parameter["example"])))
        examples = {
            parameter["name"]: parameter["schema"]["examples"][0]
            for parameter in parameters
            if parameter["in"] == "query" and "examples" in parameter["schema"]
        }
        required = {one["name"] for one in parameters if one["in"] == "query" and one.get("required")}
        assert required <= examples.keys(), path
        mandatory = {name: examples[name] for name in required}
        for name, value in examples.items():
            if name == "facets" and not DECLARED.get(path):
                continue
            question = mandatory | {name: value} | COMPANIONS.get(name, {})
            count += 1
            response = client.get(asked, params={one: _written(of) for one, of in question.items()})
            if response.status_code != 200:
                refused.append((path, question, response.status_code, response.json()["detail"]))
    assert refused == []
    assert count > 30


def _written(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value
