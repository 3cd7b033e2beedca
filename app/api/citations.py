"""How a record, a dataset or a source is cited: as CSL-JSON and as BibTeX."""

import re
from dataclasses import dataclass

from app.fields.text import dump_json

NAME = "unlisted: the United Nations' sanctions on North Korea"
"""Title of the work that a cited record is a part of."""

LICENCE = (
    "The facts are free to use, for any purpose and without asking; please name the source that a record cites. "
    "The code is under the MIT licence."
)
"""What may be done with the answers."""

_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?[~?%]?$")
# Braces by name: BibTeX counts them even behind a backslash.
_LATEX = {char: f"\\{char}" for char in "&%$#_"} | {
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


@dataclass(frozen=True)
class Work:
    """Something to be cited.

    Attributes:
        id: its key in a bibliography: letters, digits, dots and hyphens.
        kind: its type in CSL 1.0.2: entry, dataset or document.
        title: its title.
        container: title of the work that it is a part of; None for a work of its own.
        publisher: its publisher.
        issued: date of publication in EDTF; None where it is not known.
        url: its address.
        version: version of the dataset, where it is a part of one.
        note: anything else a reader must know.
    """

    id: str
    kind: str
    title: str
    container: str | None
    publisher: str
    issued: str | None
    url: str | None
    version: str | None
    note: str | None


def csl_json(work: Work) -> bytes:
    """Encode a work as CSL-JSON: an array of one item, valid against the schema csl-data.json of CSL 1.0.2."""
    item = {
        "id": work.id,
        "type": work.kind,
        "title": work.title,
        "container-title": work.container,
        "publisher": work.publisher,
        "author": [{"literal": work.publisher}],
        "issued": _date_parts(work.issued),
        "URL": work.url,
        "version": work.version,
        "note": work.note,
    }
    given = {name: value for name, value in item.items() if value is not None}
    return dump_json([given])


def _date_parts(edtf: str | None) -> dict[str, object] | None:
    """Return a date in CSL: its parts as numbers; an interval or an open end as literal text."""
    if edtf is None:
        return None
    if match := _DATE.match(edtf):
        parts: dict[str, object] = {"date-parts": [[int(part) for part in match.groups() if part]]}
        return parts | ({"circa": True} if edtf[-1] in "~%" else {})
    return {"literal": edtf}


def bibtex(work: Work) -> bytes:
    """Encode a work as one BibTeX entry in UTF-8, with the fields ``url``, ``date`` and ``version`` of BibLaTeX."""
    year = _DATE.match(work.issued) if work.issued else None
    fields = {
        "title": f"{{{_escaped(work.title)}}}",
        "author": f"{{{_escaped(work.publisher)}}}",
        "howpublished": _escaped(work.container) if work.container else None,
        "year": year[1] if year else None,
        "date": work.issued,
        "version": work.version,
        "url": work.url,
        "note": _escaped(work.note) if work.note else None,
    }
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value is not None]
    return ",\n".join([f"@misc{{{work.id}", *lines]).encode() + b"\n}\n"


def _escaped(text: str) -> str:
    return "".join(_LATEX.get(char, char) for char in text)
