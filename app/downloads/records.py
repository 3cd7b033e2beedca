"""Every record as this API answers it, one JSON object a line (NDJSON)."""

import json
from pathlib import Path

from sqlalchemy import select
from sqlmodel import Session, col

from app.fields.dates import LAST_DAY
from app.publishing.rendering import BASE
from app.tables import Rendering

AT_ONCE = 100
"""Records that are read at once; one may have hundreds of kilobytes."""


def write_records(session: Session, path: Path, resources: frozenset[str]) -> None:
    """Write the records of some resources, each once for every half-open stretch of days on which it reads the same.

    A line has ``resource``, ``id``, ``from_on``, ``until_on`` (null: it still reads so) and ``record``. Links in a
    record are paths (``/vessels/9163166``), the same wherever the record is served.

    Args:
        session: the published tables.
        path: the file to write.
        resources: the paths of the resources.
    """
    columns = (Rendering.resource, Rendering.id, Rendering.from_on, Rendering.until_on, Rendering.record)
    query = select(*map(col, columns)).where(col(Rendering.resource).in_(sorted(resources)))
    ordered = query.order_by(*map(col, columns[:3])).execution_options(yield_per=AT_ONCE)
    with path.open("wb") as file:
        for resource, id, from_on, until_on, record in session.execute(ordered):
            until = None if until_on == LAST_DAY else until_on.isoformat()
            about = {"resource": resource, "id": id, "from_on": from_on.isoformat(), "until_on": until}
            start = json.dumps(about, ensure_ascii=False)[:-1]
            file.write(f'{start}, "record": {record.replace(BASE, "")}}}\n'.encode())
