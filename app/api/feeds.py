"""Changes as a feed: Atom (RFC 4287) and JSON Feed 1.1, in pages (RFC 5005, section 3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid5
from xml.etree import ElementTree as ET

from app.fields.text import dump_json

ATOM = "http://www.w3.org/2005/Atom"
_NAMES = UUID("5d0f5c9e-9c3a-4d0e-8a35-5b7c8f0d2e61")
"""UUID namespace of the ids of feeds and entries: they are the same wherever the record is served."""

ET.register_namespace("", ATOM)


@dataclass(frozen=True)
class Entry:
    """One entry of a feed.

    Attributes:
        key: its permanent id.
        title: its title.
        text: its content, as plain text.
        url: absolute URL of the change.
        happened_on: the day that it is filed under.
        related: absolute URLs of the records that it concerns.
        tags: its categories.
    """

    key: str
    title: str
    text: str
    url: str
    happened_on: date
    related: Sequence[str]
    tags: Sequence[str]


@dataclass(frozen=True)
class Feed:
    """One page of a feed.

    Attributes:
        key: the question that it answers; identifies the feed.
        media_type: the media type that this page is sent as.
        title: its title.
        home: absolute URL of the page that explains it.
        self: absolute URL of this page.
        first: absolute URL of its first page; None where that is not known.
        next: absolute URL of the page with older entries; None on the last.
        updated_on: day on which it last changed.
        rights: what may be done with it.
        entries: the entries of this page.
    """

    key: str
    media_type: str
    title: str
    home: str
    self: str
    first: str | None
    next: str | None
    updated_on: date
    rights: str
    entries: Sequence[Entry]


def atom(feed: Feed) -> bytes:
    """Encode a page of a feed as an Atom document (RFC 4287)."""
    root = ET.Element(f"{{{ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": "en"})
    _add(root, "id", _id(f"feed {feed.key}"))
    _add(root, "title", feed.title)
    _add(root, "updated", _instant(feed.updated_on))
    _add(_add(root, "author"), "name", "unlisted")
    _add(root, "rights", feed.rights)
    links = {"self": feed.self, "first": feed.first, "next": feed.next}
    _add(root, "link", rel="alternate", type="text/html", href=feed.home)
    for rel, href in links.items():
        if href:
            _add(root, "link", rel=rel, type=feed.media_type, href=href)
    for entry in feed.entries:
        _add_entry(root, entry)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _add_entry(root: ET.Element, entry: Entry) -> None:
    element = _add(root, "entry")
    _add(element, "id", _id(f"entry {entry.key}"))
    _add(element, "title", entry.title)
    _add(element, "published", _instant(entry.happened_on))
    _add(element, "updated", _instant(entry.happened_on))
    # Without a type: feed readers show the link of an entry only if its type is HTML or is not given.
    _add(element, "link", rel="alternate", href=entry.url)
    for href in entry.related:
        _add(element, "link", rel="related", href=href)
    for tag in entry.tags:
        _add(element, "category", term=tag)
    _add(element, "content", entry.text, type="text")


def _add(parent: ET.Element, name: str, text: str | None = None, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, f"{{{ATOM}}}{name}", attributes)
    element.text = text
    return element


def json_feed(feed: Feed) -> bytes:
    """Encode a page of a feed as a JSON Feed 1.1."""
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.home,
        "feed_url": feed.self,
        **({"next_url": feed.next} if feed.next else {}),
        "description": feed.rights,
        "language": "en",
        "authors": [{"name": "unlisted"}],
        "items": [
            {
                "id": _id(f"entry {entry.key}"),
                "url": entry.url,
                "title": entry.title,
                "content_text": entry.text,
                "date_published": _instant(entry.happened_on),
                "tags": list(entry.tags),
            }
            for entry in feed.entries
        ],
    }
    return dump_json(document)


def _id(name: str) -> str:
    return uuid5(_NAMES, name).urn


def _instant(day: date) -> str:
    """Return the first instant of a day in RFC 3339; the record knows no hours."""
    return f"{day}T00:00:00Z"
