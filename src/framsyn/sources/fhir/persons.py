"""Refusing what tells of single persons: figures come in as sums, and nothing else does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from framsyn.errors import PlanError
from framsyn.sources.fhir.elements import short
from framsyn.sources.fhir.terms import PERSONS

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["refuse_persons"]

_REFERENCE = re.compile(r"(?:^|[/#?])(" + "|".join(sorted(PERSONS)) + r")(?:[/?]|$)")
_ROWS = ("evaluatedResource", "subjectResults")
"""Elements of a report that list whom it counts."""


def refuse_persons(document: Mapping[str, Any]) -> None:
    """Refuse a document that holds a person, or points at one.

    Raises
    ------
    PlanError
        ``persons-in-report``. What the person is called is not told: a message ends in logs.

    Examples
    --------
    >>> refuse_persons({"subject": {"reference": "Location/hmn"}})
    >>> refuse_persons({"subject": {"reference": "Patient/1"}})
    Traceback (most recent call last):
    framsyn.errors.PlanError: document.subject: points at a Patient. Reports come in as sums...
    """
    waiting: list[tuple[Any, str]] = [(document, "document")]
    while waiting:
        value, where = waiting.pop()
        if isinstance(value, dict):
            _refuse(value, where)
            waiting += [(one, f"{where}.{short(name)}") for name, one in value.items()]
        elif isinstance(value, list):
            waiting += [(one, f"{where}[{number}]") for number, one in enumerate(value)]


def _refuse(value: Mapping[str, Any], where: str) -> None:
    kind = value.get("resourceType")
    if isinstance(kind, str) and kind in PERSONS:
        raise _refused("is a", kind, where)
    pointed = value.get("reference")
    found = _REFERENCE.search(pointed) if isinstance(pointed, str) else None
    if found:
        raise _refused("points at a", found[1], where)
    if ("reference" in value or "identifier" in value) and value.get("type") in sorted(PERSONS):
        raise _refused("points at a", value["type"], where)
    for name in _ROWS:
        if value.get(name):
            raise _refused("lists whom the figures count:", name, where)


def _refused(verb: str, what: str, where: str) -> PlanError:
    message = (
        f"{where}: {verb} {what}. Reports come in as sums by place and period, never with persons. Ask its sender "
        "for a MeasureReport of the type summary; nothing was read."
    )
    return PlanError("persons-in-report", message, where=where)
