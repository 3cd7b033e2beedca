"""A subject of listings on a day: its primary name, its details, and whether it is listed."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Protocol, TypeVar

from app.fields.dates import LAST_DAY
from app.publishing.batch_reader import BatchReader
from app.publishing.rendering import Reference, country, is_in_force, url
from app.tables import DelistingRequest, Listing, Name
from app.vocabularies import NameKind


class OnList(Protocol):
    """A value with the day of the first list seen with it, where it came after the listing."""

    on_list_since: date | None


Held = TypeVar("Held", bound=OnList)


class _Dated(OnList, Protocol):
    on_list_until: date | None


def held_on(parts: Iterable[Held], day: date) -> list[Held]:
    """Return the rows that were known on a day: all but those that are known to have come onto the list later."""
    return [part for part in parts if part.on_list_since is None or part.on_list_since <= day]


def is_on_list(part: _Dated, day: date) -> bool:
    """Say whether a value stood on the list, or was given elsewhere, on a day."""
    begun = part.on_list_since is None or part.on_list_since <= day
    return begun and (part.on_list_until is None or day < part.on_list_until)


def name_on(rows: BatchReader, subject_id: str, day: date) -> str:
    """Return the name under which the UN listed a subject on a day."""
    return primary_name(held_on(rows.related(Name, Name.subject_id, subject_id), day)).name


def primary_name(names: Sequence[Name]) -> Name:
    """Return the name under which the UN lists a subject: the newest of its primary ones."""
    return max(
        (name for name in names if name.kind == NameKind.PRIMARY), key=lambda name: name.on_list_since or date.min
    )


def times_on_list(listings: Iterable[Listing]) -> list[tuple[date, date]]:
    """Return the half-open times during which a subject was on the list under any measure, in order and apart."""
    times: list[tuple[date, date]] = []
    for first, end in sorted((listing.listed_on, listing.delisted_on or LAST_DAY) for listing in listings):
        if times and first <= times[-1][1]:
            times[-1] = (times[-1][0], max(times[-1][1], end))
        else:
            times.append((first, end))
    return times


def is_listed(rows: BatchReader, subject_id: str, day: date) -> bool:
    """Say whether a subject stands on the list on a day, under any measure."""
    return any(is_in_force(listing, day) for listing in rows.related(Listing, Listing.subject_id, subject_id))


def request_reference(request: DelistingRequest, decided: bool = True) -> Reference:
    """Return a reference to a request; its name says who asked and, once it is decided, what came of it."""
    by = country(request.requested_by)
    asked = f"Request by {by.name}" if by else "Request by a State not known"
    return Reference(
        id=request.id,
        kind="delisting_request",
        name=f"{asked}, {request.outcome} {request.decided_on or ''}".rstrip() if decided else asked,
        url=url("delisting-requests", request.id),
    )
