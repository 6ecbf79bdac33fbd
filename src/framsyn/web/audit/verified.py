"""What the last check of the log found, kept in the data folder and shown on the log's page."""

from __future__ import annotations

import datetime
import json
import os
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone

if TYPE_CHECKING:
    from framsyn.web.audit.verifying import Report

__all__ = ["facts", "last", "remember"]

FILE = "audit-verified.json"


def facts(report: Report) -> dict[str, Any]:
    """Return a report as it goes into JSON."""
    return {
        "whole": report.whole,
        "entries": report.entries,
        "older_than_seals": report.late,
        "waiting": report.waiting,
        "heads_that_agree": report.held,
        "heads": [vars(head) for head in report.heads.values()],
        "count": dict(report.count),
        "faults": [fault.facts() for fault in report.faults],
    }


def remember(report: Report) -> None:
    """Keep when the log was checked and whether it was whole."""
    path = settings.DATA / FILE
    kept = {"at": timezone.now().isoformat(), "whole": report.whole, "entries": report.entries}
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_text(json.dumps({**kept, "count": dict(report.count)}), encoding="utf-8")
    fresh.replace(path)


def last() -> dict[str, Any] | None:
    """Return when the log was checked last, and what was found; None if it never was."""
    try:
        kept = json.loads((settings.DATA / FILE).read_text(encoding="utf-8"))
        return {**kept, "at": datetime.datetime.fromisoformat(kept["at"])}
    except (FileNotFoundError, ValueError, KeyError):
        return None
