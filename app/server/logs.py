"""Logging: one line a record, as text or as JSON; the query of a URL is never in one."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any, Literal, TextIO


class StderrHandler(logging.StreamHandler[TextIO]):
    """Writes to the standard error of the moment, which a test may have replaced."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]  # it is looked up and never set
        """The standard error."""
        return sys.stderr


LogFormat = Literal["text", "json"]

FIELDS = ("request_id", "method", "route", "status", "milliseconds", "cache")
"""Attributes of a record of a request."""


class JsonFormatter(logging.Formatter):
    """Formats a record as a JSON object: time (RFC 3339, UTC), level, logger, message and the fields of a request."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class WithoutQuery(logging.Filter):
    """Takes the query out of the access lines of uvicorn: names that were searched for are not logged."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Shorten the third argument, the path with its query; every record passes."""
        if isinstance(record.args, tuple) and len(record.args) == 5:
            client, method, path, *rest = record.args
            record.args = (client, method, str(path).partition("?")[0], *rest)
        return True


def hide_queries() -> None:
    """Take the query out of uvicorn's access lines, whoever runs the application."""
    access = logging.getLogger("uvicorn.access")
    if not any(isinstance(found, WithoutQuery) for found in access.filters):
        access.addFilter(WithoutQuery())


def log_config(form: LogFormat) -> dict[str, Any]:
    """Return the configuration of logging, as `logging.config.dictConfig` takes it.

    Args:
        form: ``text`` or ``json``.
    """
    formatter: dict[str, Any] = (
        {"()": f"{__name__}.{JsonFormatter.__name__}"}
        if form == "json"
        else {"format": "%(levelname)s %(name)s: %(message)s"}
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": formatter},
        "handlers": {"stderr": {"()": f"{__name__}.{StderrHandler.__name__}", "formatter": "line"}},
        "root": {"level": "INFO", "handlers": ["stderr"]},
        "loggers": {"alembic": {"level": "WARNING"}},
    }
