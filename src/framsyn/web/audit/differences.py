"""What an entry changed, field by field, for people to read."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from framsyn.web.plan.compare import word_difference
from framsyn.web.templatetags.texts import date as in_words

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

__all__ = ["Line", "lines_of", "short_of"]

MOST = 200  # lines that a page shows
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
LONG = 20_000  # characters; longer texts are not compared word by word


@dataclass(frozen=True)
class Line:
    """One field of what stood there before and after.

    Parameters
    ----------
    name : str
        Parts of the way to it, joined by dots.
    before, after : str
        Empty where it was not there.
    difference : str
        The later text with what came and what went marked; empty where only one of them is there.
    """

    name: str
    before: str
    after: str
    difference: SafeString | str


def lines_of(before: Any, after: Any) -> list[Line]:
    """Return the fields that differ, in the order of their names.

    >>> [(one.name, str(one.difference)) for one in lines_of({"end": 2030, "fte": 1}, {"end": 2031, "fte": 1})]
    [('end', '<del>2030</del><ins>2031</ins>')]
    >>> lines_of(None, {"title": {"nb": "Mål"}})[0].name
    'title.nb'
    """
    was, now = dict(_flat("", before)), dict(_flat("", after))
    found = []
    for name in sorted({*was, *now}):
        old, new = was.get(name, ""), now.get(name, "")
        if old == new and name in was and name in now:
            continue
        both = old and new and len(old) + len(new) < LONG
        found.append(Line(name, old, new, word_difference(old, new) if both else ""))
    return found


def short_of(before: Any, after: Any, most: int = 3) -> list[Line]:
    """Return the first lines, for a list."""
    return lines_of(before, after)[:most]


def _flat(name: str, value: Any) -> list[tuple[str, str]]:
    if isinstance(value, dict) and value:
        return [line for key in value for line in _flat(f"{name}.{key}" if name else str(key), value[key])]
    if isinstance(value, list) and value and any(isinstance(part, dict | list) for part in value):
        return [
            line
            for place, part in enumerate(value, start=1)
            for line in _flat(f"{name}.{place}".lstrip("."), part)
        ]
    if value is None or value in ({}, [], ""):
        return []
    if isinstance(value, list):
        return [(name, ", ".join(map(_said, value)))]
    return [(name, _said(value))]


def _said(value: Any) -> str:
    """Return a value as people read it; the csv has it as it was written.

    >>> _said("2027-03-01"), _said("2027-03"), _said([2027])
    ('1. mars 2027', '2027-03', '[2027]')
    """
    if isinstance(value, str):
        return in_words(value) if _DAY.fullmatch(value) else value
    return json.dumps(value, ensure_ascii=False)
