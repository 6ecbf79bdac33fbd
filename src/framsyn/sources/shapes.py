"""What a JSON answer is made of, taken out step by step: the wrong shape is a clear error and never a crash.

The clients of the statistics services read with these, so that a layout that has changed is said in the same way
everywhere: which service, what was looked for, what stood there, what to do.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from framsyn.errors import PlanError

__all__ = ["as_date", "changed", "list_in", "object_of", "text_in"]

SHOWN = 60


def changed(where: str, problem: str, **data: Any) -> PlanError:
    """Return the error that the layout of an answer is not as documented.

    >>> changed("klass: codes of 131", 'there is no "codes"').code
    'source-changed'
    """
    message = f"{where}: {problem}. The service has changed its layout; nothing was read, and what you had is untouched."
    return PlanError("source-changed", message, source=where, problem=problem, **data)


def object_of(value: Any, where: str) -> dict[str, Any]:
    """Return a JSON object, or raise ``source-changed``."""
    if isinstance(value, dict):
        return value
    raise changed(where, f"expected an object, got {_shown(value)}")


def list_in(value: Any, key: str, where: str) -> list[Any]:
    """Return the list under a key of a JSON object, or raise ``source-changed``.

    >>> list_in({"codes": [1]}, "codes", "a test")
    [1]
    """
    found = object_of(value, where).get(key)
    if isinstance(found, list):
        return found
    problem = f'expected a list "{key}", got {_shown(found)}'
    if key not in value:
        problem = f'there is no "{key}" among {", ".join(map(repr, list(value)[:8])) or "nothing"}'
    raise changed(where, problem, expected=key)


def text_in(value: Any, keys: str | Sequence[str], where: str, *, needed: bool = True) -> str:
    """Return the text under the first of some keys that has one; blank if none is needed.

    A number is not taken for a text: a code that lost its leading zero is another code.

    >>> text_in({"name": " Roan "}, "name", "a test")
    'Roan'
    >>> text_in({"parentCode": None}, "parentCode", "a test", needed=False)
    ''
    """
    row = object_of(value, where)
    wanted = (keys,) if isinstance(keys, str) else tuple(keys)
    for key in wanted:
        found = row.get(key)
        if found is None or found == "":
            continue
        if not isinstance(found, str):
            raise changed(where, f'"{key}" is {_shown(found)}; expected a text', expected="text")
        if found.strip():
            return found.strip()
    if needed:
        raise changed(where, f'"{wanted[0]}" is missing or blank', expected=wanted[0])
    return ""


def as_date(value: dt.date | str | int, what: str = "date") -> dt.date:
    """Return a date from a date, a text as 2024-01-01, or a year (its first day).

    Raises
    ------
    PlanError
        ``date-unfit``

    >>> as_date(2024), as_date("2024-07-01")
    (datetime.date(2024, 1, 1), datetime.date(2024, 7, 1))
    """
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    text = str(value).strip()
    try:
        return dt.date(int(text), 1, 1) if len(text) == 4 and text.isdigit() else dt.date.fromisoformat(text)
    except ValueError:
        message = f"{what}: {_shown(text)} is no date. Write it as 2024-01-01, or a year as 2024."
        raise PlanError("date-unfit", message, got=text, expected="2024-01-01") from None


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
