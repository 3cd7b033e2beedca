"""All sources of the record as a bibliography: BibTeX, and CSL-JSON, which Zotero and Pandoc read."""

from collections.abc import Iterator
from pathlib import Path

from sqlmodel import Session

from app.api.citations import Work, bibtex, csl_json
from app.publishing.batch_reader import BatchReader
from app.tables import Source


def works(session: Session) -> Iterator[Work]:
    """Yield every source as something to be cited, in the order of their keys."""
    for source in BatchReader(session, "citing").all(Source):
        kept = f"Kept by {source.held_by}." if source.held_by else None
        found = f"Found at: {source.locator}." if source.locator else None
        yield Work(
            id=source.key,
            kind="document",
            title=source.title,
            container=None,
            publisher=source.publisher,
            issued=source.published_on,
            url=source.url,
            version=None,
            note=" ".join(filter(None, [kept, found])) or None,
        )


def write_bibtex(session: Session, path: Path) -> None:
    """Write all sources as one BibTeX database."""
    with path.open("wb") as file:
        for place, work in enumerate(works(session)):
            file.write((b"\n" if place else b"") + bibtex(work))


def write_csl(session: Session, path: Path) -> None:
    """Write all sources as one array of CSL-JSON, one a line."""
    with path.open("wb") as file:
        file.write(b"[\n")
        for place, work in enumerate(works(session)):
            file.write((b",\n" if place else b"") + csl_json(work)[1:-1])
        file.write(b"\n]\n")
