"""The parameters of collections by which one chooses, in OpenAPI: each collection has its own facets and parts."""

import re
from collections.abc import Iterable
from typing import Any

from app.api.items import ALL
from app.api.resource import Resource


def describe_choices(paths: dict[str, Any], collections: Iterable[Resource]) -> None:
    """Describe `facets` and `include` of each collection by the names that it knows, and leave out what it refuses.

    The query models share both parameters; which names a collection knows is in its `Resource`.

    Args:
        paths: the paths of a description, to be altered.
        collections: the collections.
    """
    for resource in collections:
        operation = paths[f"/{resource.path}"]["get"]
        choices = {"facets": resource.facets, "include": (*resource.items.groups, ALL) if resource.form else ()}
        operation["parameters"] = [one for one in operation["parameters"] if choices.get(one["name"], ...) != ()]
        for parameter in operation["parameters"]:
            if names := choices.get(parameter["name"]):
                _describe(parameter, names)


def _describe(parameter: dict[str, Any], names: tuple[str, ...]) -> None:
    one = "|".join(re.escape(name) for name in names)
    schema = {name: value for name, value in parameter["schema"].items() if name != "format"}
    # Blanks beside a comma do not count.
    parameter["schema"] = schema | {"pattern": f"^ *({one}) *(, *({one}) *)*$", "examples": [",".join(names[:2])]}
    parameter["description"] += f" Here: {', '.join(f'`{name}`' for name in names)}."
