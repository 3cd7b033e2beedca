"""The result of a comparison as text: a table to read, JSON or CSV."""

import csv
import io
import json
from typing import Any

from app.un_list.compare import Comparison, ListDifference

COLUMNS = ("kind", "reference_number", "field", "record_value", "list_value", "unread", "explanation")
NOT_KNOWN = "not_known"
"""The kind of a value of which the record does not know whether the list had it on the day: no difference."""


def report(comparison: Comparison, form: str) -> str:
    """Write a comparison as text.

    Args:
        comparison: the result.
        form: ``table``, ``json`` or ``csv``.
    """
    rows = [_row(difference.kind, difference) for difference in comparison.unexplained]
    rows += [_row(difference.kind, difference, reason) for difference, reason in comparison.explained]
    not_known = [_row(NOT_KNOWN, difference) for difference in comparison.not_known]
    return {"json": _as_json, "csv": _as_csv, "table": _as_table}[form](comparison, rows, not_known)


def warning(comparison: Comparison) -> str | None:
    """Return a warning where the list is older than the newest one that the record was made from."""
    if not comparison.is_older:
        return None
    return (
        f"This list, of {comparison.as_of}, is older than the newest one that the record was made from, of "
        f"{comparison.newest_list}: the record is compared as it was on that day."
    )


Row = dict[str, str | None]


def _row(kind: str, difference: ListDifference, explanation: str | None = None) -> Row:
    return {
        "kind": kind,
        "reference_number": difference.reference_number,
        "field": difference.field,
        "record_value": difference.record_value,
        "list_value": difference.list_value,
        "unread": difference.unread,
        "explanation": explanation,
    }


def _as_json(comparison: Comparison, rows: list[Row], not_known: list[Row]) -> str:
    document: dict[str, Any] = {
        "as_of": comparison.as_of.isoformat(),
        "generated_on": comparison.generated_on.isoformat() if comparison.generated_on else None,
        "newest_list": comparison.newest_list.isoformat() if comparison.newest_list else None,
        "is_older": comparison.is_older,
        "parties": comparison.parties,
        "unexplained": len(comparison.unexplained),
        "explained": len(comparison.explained),
        "outdated_explanations": len(comparison.outdated),
        "not_known_on_this_day": not_known,
        "differences": rows,
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _as_csv(_comparison: Comparison, rows: list[Row], not_known: list[Row]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    writer.writerows([*rows, *not_known])
    return out.getvalue()


def _as_table(comparison: Comparison, rows: list[Row], not_known: list[Row]) -> str:
    lines = []
    for row in rows:
        lines.append(f"{row['kind']:8}{row['reference_number'] or '(list)'}  {row['field'] or 'party'}")
        lines.append(f"        record: {row['record_value'] or '—'}")
        lines.append(f"        list:   {row['list_value'] or '—'}")
        lines += [f"        unread: {row['unread']}"] if row["unread"] else []
        lines += [f"        known:  {row['explanation']}"] if row["explanation"] else []
    for row in not_known:
        has_it = "the list has it" if row["list_value"] else "the list does not have it"
        lines.append(
            f"not known on this day: {row['reference_number']}  {row['field']}: {row['record_value']}; {has_it}"
        )
    for difference in comparison.outdated:
        lines.append(
            f"outdated explanation: {difference.reference_number}  {difference.field}; it no longer differs so"
        )
    day = comparison.generated_on or comparison.as_of
    as_of = "" if day == comparison.as_of else f", compared as of {comparison.as_of}"
    lines.append(
        f"List of {day}{as_of}: {comparison.parties} parties; {len(comparison.unexplained)} unexplained differences, "
        f"{len(comparison.explained)} explained." + (f" {len(not_known)} not known on this day." if not_known else "")
    )
    return "\n".join(lines) + "\n"
