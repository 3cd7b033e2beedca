"""What a comparison found, printed: as a table to read, as JSON or as CSV."""

import csv
import io
import json
from dataclasses import asdict

from app.un_list.compare import Comparison, Difference

COLUMNS = ("kind", "reference_number", "field", "record_value", "list_value", "explanation")


def report(comparison: Comparison, form: str) -> str:
    """Return a comparison as text.

    Args:
        comparison: what was found.
        form: ``table``, ``json`` or ``csv``.
    """
    rows = [_row(difference, None) for difference in comparison.unexplained]
    rows += [_row(difference, reason) for difference, reason in comparison.explained]
    return {"json": _as_json, "csv": _as_csv, "table": _as_table}[form](comparison, rows)


def _row(difference: Difference, explanation: str | None) -> dict[str, str | None]:
    return {"kind": difference.kind, **asdict(difference), "explanation": explanation}


def _as_json(comparison: Comparison, rows: list[dict[str, str | None]]) -> str:
    document = {
        "generated_on": comparison.generated_on.isoformat(),
        "parties": comparison.parties,
        "unexplained": len(comparison.unexplained),
        "explained": len(comparison.explained),
        "outdated_explanations": len(comparison.outdated),
        "differences": rows,
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _as_csv(_comparison: Comparison, rows: list[dict[str, str | None]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _as_table(comparison: Comparison, rows: list[dict[str, str | None]]) -> str:
    lines = []
    for row in rows:
        what = f"{row['reference_number']}  {row['field'] or 'party'}"
        lines.append(f"{row['kind']:8}{what}")
        lines.append(f"        record: {row['record_value'] or '—'}")
        lines.append(f"        list:   {row['list_value'] or '—'}")
        lines += [f"        known:  {row['explanation']}"] if row["explanation"] else []
    for difference in comparison.outdated:
        lines.append(
            f"outdated explanation: {difference.reference_number}  {difference.field}; it no longer differs so"
        )
    lines.append(
        f"List of {comparison.generated_on}: {comparison.parties} parties; "
        f"{len(comparison.unexplained)} unexplained differences, {len(comparison.explained)} explained."
    )
    return "\n".join(lines) + "\n"
