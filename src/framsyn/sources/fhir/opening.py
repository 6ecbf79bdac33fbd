"""Opening a document that somebody sends: JSON, read strictly, so that no two readers can read it in two ways."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from framsyn.errors import PlanError

__all__ = ["LARGEST", "read_json"]

LARGEST = 20 * 2**20
"""Bytes of a document; a year of all indicators of a region takes a hundredth of it."""
_DEEPEST = 60


def read_json(content: bytes, name: str = "document") -> dict[str, Any]:
    r"""Return the object that a document holds.

    Parameters
    ----------
    content : bytes
        UTF-8, with a byte order mark or without.
    name : str
        Of the file, for messages.

    Raises
    ------
    PlanError
        ``too-large``, ``not-utf8``, ``not-json`` (also for a key that stands twice, NaN, and what is nested too deep),
        ``not-an-object``.

    Examples
    --------
    >>> read_json(b'{"resourceType": "Bundle"}')
    {'resourceType': 'Bundle'}
    >>> read_json(b'{"a": 1, "a": 2}')
    Traceback (most recent call last):
    framsyn.errors.PlanError: document: the key "a" stands twice in one object; take one of them out. Nothing was read.
    """
    if len(content) > LARGEST:
        message = (
            f"{name}: more than {LARGEST // 2**20} megabytes; send fewer reports at a time. Nothing was read."
        )
        raise PlanError("too-large", message, file=name, got=len(content), expected=LARGEST)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = (
            f"{name}: byte {error.start} is not UTF-8, which FHIR documents are in. Save it as UTF-8. "
            "Nothing was read."
        )
        raise PlanError("not-utf8", message, file=name, got=error.start) from error

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                message = (
                    f'{name}: the key "{_short(key)}" stands twice in one object; take one of them out. '
                    "Nothing was read."
                )
                raise PlanError("not-json", message, file=name, got=_short(key))
            found[key] = value
        return found

    def no_constant(word: str) -> NoReturn:
        message = f"{name}: {word} is no number of JSON; leave the value out. Nothing was read."
        raise PlanError("not-json", message, file=name, got=word)

    try:
        document = json.loads(text, object_pairs_hook=once, parse_constant=no_constant)
    except PlanError:
        raise
    except (ValueError, RecursionError) as error:
        why = "nested too deep" if isinstance(error, RecursionError) else str(error).splitlines()[0]
        message = f"{name}: no JSON ({why}). Is the file whole? Nothing was read."
        raise PlanError("not-json", message, file=name, got=why) from error
    if not isinstance(document, dict):
        message = f"{name}: expected one object with a resourceType, got {_kind(document)}. Nothing was read."
        raise PlanError("not-an-object", message, file=name, got=_kind(document))
    _check_depth(document, name)
    return document


def _check_depth(document: dict[str, Any], name: str) -> None:
    """Refuse what no FHIR document needs: a nest that later steps would have to climb, and broken letters."""
    waiting: list[tuple[Any, int]] = [(document, 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > _DEEPEST:
            message = f"{name}: nested more than {_DEEPEST} deep. Nothing was read."
            raise PlanError("not-json", message, file=name, expected=_DEEPEST)
        if isinstance(value, dict):
            waiting += [(key, depth) for key in value]
            waiting += [(one, depth + 1) for one in value.values()]
        elif isinstance(value, list):
            waiting += [(one, depth + 1) for one in value]
        elif isinstance(value, str) and (
            "\x00" in value or any("\ud800" <= letter <= "\udfff" for letter in value)
        ):
            message = f"{name}: a text holds half a letter or a zero byte. Nothing was read."
            raise PlanError("not-json", message, file=name)


def _short(words: str) -> str:
    kept = words.encode("utf-8", "replace").decode()
    return kept if len(kept) <= 60 else f"{kept[:59]}…"


def _kind(value: Any) -> str:
    return {"list": "a list", "str": "a text", "NoneType": "nothing"}.get(
        type(value).__name__, type(value).__name__
    )
