"""The small parts of resources, written and read: texts in three languages, codes, extensions, days, numbers."""

from __future__ import annotations

import calendar
import datetime
import math
import re
from typing import TYPE_CHECKING, Any

from framsyn.errors import PlanError
from framsyn.sources.fhir.terms import TRANSLATION

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "LANGUAGES",
    "concept",
    "day",
    "extension_value",
    "extensions",
    "number",
    "of_kind",
    "part",
    "parts",
    "put_words",
    "short",
    "take_words",
    "text",
    "wrong",
]

LANGUAGES = ("nb", "nn", "en")
_DAY = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(T.*)?)?)?")
_CLOCK = re.compile(r"T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


# ---------------------------------------------------------------- written
def put_words(target: dict[str, Any], name: str, words: Mapping[str, str]) -> None:
    """Put a text into an element, with all its language forms beside it.

    >>> found = {}
    >>> put_words(found, "title", {"nb": "Senger", "en": "Beds"})
    >>> found["title"], [one["extension"][1]["valueString"] for one in found["_title"]["extension"]]
    ('Senger', ['Senger', 'Beds'])
    """
    forms = [(code, words[code]) for code in LANGUAGES if words.get(code, "").strip()]
    if not forms:
        return
    target[name] = forms[0][1]
    target[f"_{name}"] = {
        "extension": [
            {
                "url": TRANSLATION,
                "extension": [
                    {"url": "lang", "valueCode": code},
                    {"url": "content", "valueString": said},
                ],
            }
            for code, said in forms
        ]
    }


def concept(system: str, code: str, words: str = "") -> dict[str, Any]:
    """Return a concept with one code."""
    coding = {"system": system, "code": code}
    return {"coding": [{**coding, "display": words} if words.strip() else coding]}


# ---------------------------------------------------------------- read
def short(value: Any) -> str:
    """Return a value as it is told in a message."""
    words = " ".join(str(value).split())
    return words if len(words) <= 60 else f"{words[:59]}…"


def wrong(got: Any, expected: str, where: str, code: str = "fhir-shape") -> PlanError:
    """Return the refusal of an element that is not as FHIR R4 has it."""
    told = "nothing" if got is None else f'"{short(got)}"'
    message = f"{where}: got {told}, expected {expected}. Mend it and send it again; nothing was changed."
    return PlanError(code, message, where=where, got=short(got), expected=expected)


def of_kind(value: Any, kind: type, where: str, expected: str) -> Any:
    """Return a value of a kind, or refuse it; truth values are no numbers."""
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise wrong(value, expected, where)
    return value


def part(value: Mapping[str, Any], name: str, where: str) -> dict[str, Any]:
    """Return an element that is an object; an empty one where it is not there."""
    found = value.get(name)
    return {} if found is None else of_kind(found, dict, f"{where}.{name}", "an object")


def parts(value: Mapping[str, Any], name: str, where: str) -> list[tuple[dict[str, Any], str]]:
    """Return the objects of an element that repeats, each with its place in the document."""
    found = value.get(name)
    if found is None:
        return []
    of_kind(found, list, f"{where}.{name}", "a list")
    return [
        (of_kind(one, dict, f"{where}.{name}[{number}]", "an object"), f"{where}.{name}[{number}]")
        for number, one in enumerate(found)
    ]


def text(value: Mapping[str, Any], name: str, where: str) -> str:
    """Return a text; an empty one where it is not there."""
    found = value.get(name)
    if found is None:
        return ""
    words = of_kind(found, str, f"{where}.{name}", "a text")
    if _CONTROL.search(words):
        raise wrong(words, "a text without control characters", f"{where}.{name}")
    return str(words)


def number(value: Mapping[str, Any], name: str, where: str) -> float | None:
    """Return a number; None where it is not there."""
    found = value.get(name)
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise wrong(found, "a number with a decimal point", f"{where}.{name}")
    try:
        size = float(found)
    except OverflowError:
        size = math.inf
    if not math.isfinite(size):
        raise wrong(found, "a number that can be reckoned with", f"{where}.{name}")
    return size


def take_words(value: Mapping[str, Any], name: str, where: str, language: str = "nb") -> dict[str, str]:
    """Return a text with its language forms; without any it is in the language of the resource.

    >>> take_words({"title": "Beds"}, "title", "Measure", "en-GB")
    {'en': 'Beds'}
    """
    said = text(value, name, where)
    found: dict[str, str] = {}
    for one, place in parts(part(value, f"_{name}", where), "extension", f"{where}._{name}"):
        if one.get("url") == TRANSLATION:
            told = dict(extensions(one, place))
            code = text(told.get("lang", {}), "valueCode", place)[:2]
            words = text(told.get("content", {}), "valueString", place)
            if code in LANGUAGES and words:
                found[code] = words
    code = "nb" if language[:2] == "no" else language[:2]
    if said and not found:
        found[code if code in LANGUAGES else "nb"] = said
    return found


def extensions(value: Mapping[str, Any], where: str) -> list[tuple[str, dict[str, Any]]]:
    """Return the extensions of an element with their addresses."""
    return [(text(one, "url", place), one) for one, place in parts(value, "extension", where)]


def extension_value(value: Mapping[str, Any], url: str, name: str, where: str) -> Any:
    """Return what the extension of an address holds, such as its ``valueCode``; None where it is not there."""
    for address, one in extensions(value, where):
        if address == url:
            return one.get(name)
    return None


def day(value: Any, where: str, *, last: bool) -> datetime.date:
    """Return a day; of a year or a month alone its first or its last day, as FHIR reads the ends of a period.

    >>> day("2024", "period.end", last=True), day("2024-02", "period.end", last=True)
    (datetime.date(2024, 12, 31), datetime.date(2024, 2, 29))
    """
    found = _DAY.fullmatch(value) if isinstance(value, str) else None
    expected = "a day such as 2024-12-31, a month or a year"
    if found is None or (found[4] and not _CLOCK.fullmatch(found[4])):
        raise wrong(value, expected, where, "bad-period")
    year, month = int(found[1]), int(found[2] or (12 if last else 1))
    if not (1900 <= year <= 9999 and 1 <= month <= 12):
        raise wrong(value, expected, where, "bad-period")
    length = calendar.monthrange(year, month)[1]
    number = int(found[3] or (length if last else 1))
    if not 1 <= number <= length:
        raise wrong(value, expected, where, "bad-period")
    return datetime.date(year, month, number)
