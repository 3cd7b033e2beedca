"""Which statements of the two articles speak of a record."""

from app.publishing.batch_reader import BatchReader
from app.publishing.rendering import Reference, url
from app.tables import Statement, StatementRecord


def statement_reference(statement: Statement) -> Reference:
    """Return a reference to a statement; its name is what the article says, in our words."""
    return Reference(id=statement.id, kind="statement", name=statement.statement, url=url("statements", statement.id))


def statements_on(rows: BatchReader, resource: str, id: str) -> list[Reference]:
    """Return references to the statements that speak of a record, in the order of the articles."""
    mentions = [row for row in rows.related(StatementRecord, StatementRecord.record_id, id) if row.resource == resource]
    statements = [rows.one_related(Statement, Statement.id, row.statement_id) for row in mentions]
    return [statement_reference(statement) for statement in sorted(statements, key=lambda row: row.ordinal)]
