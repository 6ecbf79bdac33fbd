"""One text for what an entry says, whichever database it was read from.

PostgreSQL's ``jsonb`` orders keys anew and writes numbers out (1e22 comes back as 10000000000000000000000, -0.0 as 0.0);
SQLite keeps the text as it was written. The canonical text sorts keys and writes a number without a fraction as a whole one,
so that both give the same bytes. It is ASCII on one line, so that no setting of a database can touch a letter.
"""

from __future__ import annotations

import datetime
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.dateparse import parse_datetime

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FIELDS", "FORM", "canonical_json", "facts_of"]

FORM = 1  # of the canonical text and of the seals; another one gets the next number
# What an entry says, in the order in which the digests of its fields stand in a seal.
FIELDS = (
    "at",
    "actor_id",
    "actor_name",
    "organisation_id",
    "action",
    "object_type",
    "object_id",
    "object_label",
    "before",
    "after",
    "reason",
    "request_id",
)
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False).encode
_other = DjangoJSONEncoder().default  # dates and the like, as the columns store them


def facts_of(entry: Any) -> dict[str, str]:
    """Return the canonical text of every field of an entry, be it about to be written or read back.

    Parameters
    ----------
    entry : Entry
    """
    return {name: _READ[name](getattr(entry, name)) for name in FIELDS}


def _time(value: Any) -> str:
    at = parse_datetime(value) if isinstance(value, str) else value
    return at.astimezone(datetime.UTC).isoformat(timespec="microseconds")


def _words(value: Any) -> str:
    return "null" if value is None else _encode(str(value))


def canonical_json(value: Any) -> str:
    r"""Return JSON that depends on what is said alone: keys sorted, no blanks, numbers by their value, ASCII.

    >>> canonical_json({"b": [1.0, -0.0, 1e22, 0.1], "a": "ø", "c": {"y": None, "x": True}})
    '{"a":"\\u00f8","b":[1,0,10000000000000000000000,0.1],"c":{"x":true,"y":null}}'
    >>> canonical_json(10**22) == canonical_json(1e22), canonical_json({1: datetime.date(2027, 1, 2)})
    (True, '{"1":"2027-01-02"}')
    """
    return _encode(_plain(value))


def _plain(value: Any) -> Any:
    """Return a value as it will be read back from whatever database."""
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, float):
        return int(Decimal(repr(value))) if value.is_integer() else value
    if isinstance(value, dict):
        return {key if isinstance(key, str) else _key(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return _plain(_other(value))


def _key(key: Any) -> str:
    """Return a key as JSON writes it: numbers, true, false and null become text."""
    (found,) = json.loads(json.dumps({key: 0}))
    return str(found)


_READ: dict[str, Callable[[Any], str]] = {
    **dict.fromkeys(FIELDS, _words),
    **dict.fromkeys(("object_label", "before", "after"), canonical_json),
    "at": _time,
    "actor_id": lambda value: "null" if value is None else str(int(value)),
}
