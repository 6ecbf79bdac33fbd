"""Log lines as JSON, one object a line, with the request id that also stands in the audit log; or as plain text."""

from __future__ import annotations

import datetime
import json
import logging
from typing import Any

__all__ = ["JsonFormatter", "TextFormatter"]

_STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def extras(record: logging.LogRecord) -> dict[str, Any]:
    """Return what the caller added as ``extra``; of a request its id alone, which Django adds as the whole object."""
    found = {key: value for key, value in vars(record).items() if key not in _STANDARD}
    request = found.pop("request", None)
    if hasattr(request, "request_id"):
        found.setdefault("request_id", request.request_id)
    return found


class JsonFormatter(logging.Formatter):
    """One JSON object per record: time, level, logger, message and whatever the caller adds as ``extra``."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line."""
        at = datetime.datetime.fromtimestamp(record.created, datetime.UTC)
        line = {
            "time": at.isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line.update(extras(record))
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class TextFormatter(logging.Formatter):
    """The same for people: ``14:05:01 GET /plan/ 200 12.5 ms`` for a request, else level, message and extras."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line, and the trace of an error below it."""
        time = datetime.datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S")
        more = extras(record)
        if "milliseconds" in more:
            line = f"{time} {more['method']} {more['path']} {more['status']} {more['milliseconds']} ms"
        else:
            rest = "".join(f" {key}={value}" for key, value in more.items() if value)
            level = "" if record.levelno == logging.INFO else f"{record.levelname} "
            line = f"{time} {level}{record.getMessage()}{rest}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line
