"""Items of a collection: the short form of a record, what `include` adds to it, and the members that `fields` names."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property, lru_cache
from typing import Any

from pydantic import Field, create_model
from pydantic_core import from_json

from app.problems import InvalidRequest
from app.publishing.rendering import CACHED, EncodedRecord, Part, dump_parts, join_members, object_form

ALL = "all"
"""The value of ``include`` by which an item is the whole record."""

GROUPS = ("citations", "identifiers", "listings", "names", "relations")
"""What ``include`` can add to an item, besides `ALL`."""


SHOWN = "unlisted.shown"
"""Key of the ASGI scope of a request that is answered to make a page of it: the members that the page needs besides
those of an item. `fields` and `include` are checked there, but do not choose what a page shows."""

LAST_OF_ITEM = ("not_known", "sources_count", "url")
"""The members that every item ends with."""


@dataclass(frozen=True)
class ItemForm:
    """The short form in which a collection shows its records.

    Attributes:
        leading: the members of a record that an item has, besides those that every item ends with; those that
            identify it first.
        groups: the members that each group adds: the keys of `GROUPS` that the collection has.
        shorten: members whose value is shorter in an item, each with the function that makes it of the record's.
        models: the type that such a value has, by member.
    """

    leading: tuple[str, ...]
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    shorten: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    models: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def members(self) -> tuple[str, ...]:
        """All members of an item, in its order."""
        return (*self.leading, *LAST_OF_ITEM)

    @cached_property
    def _object(self) -> bytes:
        return object_form(self.members)

    def item(self, record: str) -> str:
        """Encode the item of a record as JSON.

        Args:
            record: the whole record as JSON.
        """
        if not isinstance(record, EncodedRecord):
            return self.cut(record, self.members).decode()
        members = record.members
        if self.shorten:
            members = {**members, **{name: _shortened(how, members[name]) for name, how in self.shorten.items()}}
        return join_members(self._object, map(members.__getitem__, self.members))

    def cut(self, record: str | bytes, names: Iterable[str], is_whole: bool = True) -> bytes:
        """Encode some members of a record or of an item as JSON, in the order given.

        Args:
            record: the whole record as JSON, or its item.
            names: the members.
            is_whole: whether it is the whole record.
        """
        # Two to four times as fast as the standard library's, and most of what a page of a collection costs.
        values = from_json(record.encode() if isinstance(record, str) else record)
        shorten = self.shorten if is_whole else {}
        return dump_parts({name: shorten[name](values[name]) if name in shorten else values[name] for name in names})

    def model(self, record: type[Part], name: str) -> type[Part]:
        """Build the answer model of an item: its members, and those that `include` may add, which may be absent.

        Args:
            record: the answer model of the record.
            name: name of the model.
        """
        fields: dict[str, Any] = {}
        for member in (*self.members, *(other for other in record.model_fields if other not in self.members)):
            info = record.model_fields[member]
            annotation = info.annotation
            if member in self.models:
                annotation = self.models[member] | annotation
            examples = info.examples
            if member in self.members:
                fields[member] = (annotation, Field(description=info.description, examples=examples))
            else:
                absent = Field(default_factory=_absent, description=info.description, examples=examples)
                fields[member] = (annotation, absent)
        about = f"{(record.__doc__ or '').strip()} In short; what `include` did not ask for is absent."
        model: type[Part] = create_model(name, __base__=Part, __doc__=about, **fields)
        return model


@lru_cache(maxsize=CACHED)
def _shortened(shorten: Callable[[Any], Any], member: bytes) -> bytes:
    """Shorten a member that is encoded: many records have the same."""
    return dump_parts(shorten(from_json(member)))


def _absent() -> Any:
    """Return the default of a member that an item need not have."""
    return None


def parse_names(text: str) -> tuple[str, ...]:
    """Parse names with commas between them; blanks beside a comma, and a name that is repeated, do not count."""
    return tuple(dict.fromkeys(name.strip() for name in text.split(",")))


def check_names(parameter: str, text: str, known: Iterable[str], noun: str) -> tuple[str, ...]:
    """Parse names with commas between them, each of which must be known.

    Args:
        parameter: the parameter that has them.
        text: its value.
        known: the names that there are.
        noun: what they are the names of.

    Raises:
        InvalidRequest: naming each that is not known, with what was probably meant.
    """
    known = list(known)
    names = parse_names(text)
    if unknown := [name for name in names if name not in known]:
        raise InvalidRequest.of(parameter, "; ".join(_unknown(name, known, noun) for name in unknown[:5]))
    return names


def _unknown(name: str, known: list[str], noun: str) -> str:
    close = get_close_matches(name[:80], known, n=1)
    within = [one for one in known if name and (name in one.split("_") or one in name.split("_"))]
    if near := close or within[:1]:
        return f"no {noun} {name[:80]!r}; did you mean {near[0]}?"
    return f"no {noun} {name[:80]!r}; there are {', '.join(known)}"
