"""Reading a Measure: the definition of an indicator, with what stands in our own extensions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from framsyn.errors import PlanError
from framsyn.sources.fhir.elements import extension_value, number, part, parts, take_words, text, wrong
from framsyn.sources.fhir.model import Indicator
from framsyn.sources.fhir.terms import BETTER, EXTENSION, INDICATOR_SYSTEM

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["codes_of", "indicator_id", "read_measure"]

_DIRECTION_OF = {code: direction for direction, code in BETTER.items()}
_UNIT_OF_SCORING = {"proportion": "share", "ratio": "ratio", "cohort": "count"}


def codes_of(concept: Mapping[str, Any], where: str) -> list[tuple[str, str]]:
    """Return the codes of a concept with their systems."""
    return [
        (text(coding, "system", place), text(coding, "code", place))
        for coding, place in parts(concept, "coding", where)
    ]


def indicator_id(resource: Mapping[str, Any], where: str) -> str:
    """Return the id of the indicator that a Measure defines: our identifier, else its name in the system."""
    for one, place in parts(resource, "identifier", where):
        if text(one, "system", place) == INDICATOR_SYSTEM and text(one, "value", place):
            return text(one, "value", place)
    return text(resource, "id", where)


def read_measure(resource: Mapping[str, Any], where: str = "Measure") -> Indicator:
    """Return the indicator that a Measure defines.

    Raises
    ------
    PlanError
        ``fhir-shape``, ``not-a-report``; ``no-name`` where nothing names it.
    """
    if resource.get("resourceType") != "Measure":
        raise wrong(resource.get("resourceType"), "Measure", f"{where}.resourceType", "not-a-report")
    name = indicator_id(resource, where)
    if not name:
        message = f"{where}: neither an id nor an identifier; give it one. Nothing was changed."
        raise PlanError("no-name", message, where=where)
    language = text(resource, "language", where) or "nb"
    texts: dict[str, dict[str, str]] = {"numerator": {}, "denominator": {}}
    groups = parts(resource, "group", where)
    for group, group_where in groups[:1]:
        for one, place in parts(group, "population", group_where):
            for _system, code in codes_of(part(one, "code", place), place):
                if code in texts:
                    texts[code] = take_words(one, "description", place, language)
    source: dict[str, str] = {}
    for one, place in parts(resource, "relatedArtifact", where):
        if text(one, "type", place) == "documentation" and not source:
            source = take_words(one, "display", place, language)
    small = _own(resource, "small-number", "valueUnsignedInt", where)
    scoring = [code for _system, code in codes_of(part(resource, "scoring", where), where)]
    better = [code for _system, code in codes_of(part(resource, "improvementNotation", where), where)]
    return Indicator(
        id=name,
        name=take_words(resource, "title", where, language),
        definition=take_words(resource, "description", where, language),
        unit=_word(resource, "unit", where) or _UNIT_OF_SCORING.get(next(iter(scoring), ""), "index"),
        frequency=_word(resource, "frequency", where) or "year",
        direction=_word(resource, "direction", where) or _DIRECTION_OF.get(next(iter(better), ""), "none"),
        source=source,
        responsible=_responsible(resource, where),
        responsible_name=text(resource, "publisher", where),
        numerator=texts["numerator"],
        denominator=texts["denominator"],
        decimals=int(_own(resource, "decimals", "valueUnsignedInt", where) or 0),
        licence=text(resource, "copyright", where),
        small_number=None if small is None else int(small),
    )


def _own(resource: Mapping[str, Any], name: str, kind: str, where: str) -> float | None:
    value = extension_value(resource, f"{EXTENSION}{name}", kind, where)
    found = number({kind: value}, kind, f"{where}.extension[{name}]")
    if found is not None and (found < 0 or found != int(found)):
        raise wrong(value, "a whole number from 0 upwards", f"{where}.extension[{name}]")
    return found


def _word(resource: Mapping[str, Any], name: str, where: str) -> str:
    value = extension_value(resource, f"{EXTENSION}{name}", "valueCode", where)
    return text({"valueCode": value}, "valueCode", f"{where}.extension[{name}]")


def _responsible(resource: Mapping[str, Any], where: str) -> str:
    value = extension_value(resource, f"{EXTENSION}responsible", "valueIdentifier", where)
    return text(part({"v": value}, "v", where), "value", f"{where}.extension[responsible]")
