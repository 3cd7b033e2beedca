"""Answers that are neither a page of a collection nor one record, in JSON or as a flat table."""

from collections.abc import Mapping, Sequence

from fastapi import Response

from app.api.envelope import Envelope, Link, described_by, file_headers
from app.api.formats import ENCODINGS, MARK, Content, Format, check_mark


def send_table(
    envelope: Envelope,
    content: Content,
    form: Format,
    name: str,
    bom: bool | None = None,
    headers: Mapping[str, str] | None = None,
    links: Sequence[Link] = (),
) -> Response:
    """Encode an answer; a flat table links to its columns, and has the name of a file that it is saved under.

    Args:
        envelope: what the answer is true of.
        content: the answer.
        form: the format to send it in.
        name: name of the table, in ``/table-schemas``.
        bom: whether CSV begins with a byte order mark; None where nothing is said of it.
        headers: further headers.
        links: further links.

    Raises:
        InvalidRequest: another format than CSV is to have a byte order mark.
    """
    check_mark(bom, form)
    described = [described_by(name)] if form is Format.CSV else []
    body = (MARK if bom else b"") + ENCODINGS[form].encode(content)
    return envelope.send(body, form, {**file_headers(name, envelope, form), **(headers or {})}, [*links, *described])
