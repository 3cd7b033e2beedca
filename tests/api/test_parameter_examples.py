"""The examples of parameters: an imported collection, such as Postman's, sends them as they are."""

import re
from urllib.parse import quote

from app.api.items import GROUPS
from app.resources import COLLECTIONS
from tests.conftest import Client

COMPANIONS = {"bom": {"format": "csv"}}
"""What else must be asked with a parameter: only CSV has a byte order mark."""


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
            question = mandatory | {name: value} | COMPANIONS.get(name, {})
            count += 1
            response = client.get(asked, params={one: _written(of) for one, of in question.items()})
            if response.status_code != 200:
                refused.append((path, question, response.status_code, response.json()["detail"]))
    assert refused == []
    assert count > 30


def test_each_collection_offers_its_own_facets_and_parts(client: Client) -> None:
    paths = client.json("/openapi.json")["paths"]
    for resource in COLLECTIONS:
        offered = {one["name"]: one["schema"] for one in paths[f"/{resource.path}"]["get"]["parameters"]}
        assert ("facets" in offered) is bool(resource.facets)
        if resource.facets:
            every = ", ".join(reversed(resource.facets))
            assert re.search(offered["facets"]["pattern"], every)
            assert client.json(f"/{resource.path}?limit=1&facets={quote(every)}")["facets"].keys() == {*resource.facets}
            assert not re.search(offered["facets"]["pattern"], "id")
        parts = [part for part in GROUPS if re.search(offered["include"]["pattern"], part)]
        assert parts == sorted(resource.items.groups)
        assert client.get(f"/{resource.path}?limit=1&include=all,{','.join(parts)}").status_code == 200
        refused = [part for part in GROUPS if part not in parts]
        assert all(client.get(f"/{resource.path}?include={part}").status_code == 422 for part in refused)


def _written(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value
