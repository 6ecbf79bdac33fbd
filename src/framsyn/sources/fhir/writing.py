"""Writing: the definition of an indicator as a Measure, its figures of one period as a MeasureReport, all as a Bundle."""

from __future__ import annotations

import hashlib
import itertools
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from framsyn.errors import PlanError
from framsyn.sources.fhir.elements import LANGUAGES, concept, put_words
from framsyn.sources.fhir.terms import (
    ABSENT,
    BETTER,
    EXTENSION,
    IMPROVEMENT,
    INDICATOR_SYSTEM,
    PLACE_SYSTEM,
    POPULATION,
    RESOURCE_TYPES,
    SCORING,
    STRATIFIER_SYSTEM,
    UCUM,
    UCUM_OF,
)

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Mapping, Sequence

    from framsyn.sources.fhir.model import Figure, Indicator

__all__ = ["bundle", "measure", "measure_report"]

_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
_MOST_COUNT = 2**31 - 1  # a FHIR integer has 32 bits
_WHERE = "place"


def fhir_id(words: str) -> str:
    """Return a name that a resource can have: itself where the standard allows it, else with a check sum.

    >>> fhir_id("waiting-time"), fhir_id("x" * 80)[-11:]
    ('waiting-time', '-d929cdeea7')
    """
    if _ID.fullmatch(words):
        return words
    stem = re.sub(r"[^A-Za-z0-9.-]", "-", words)[:53]
    return f"{stem}-{hashlib.sha256(words.encode()).hexdigest()[:10]}"


def measure(indicator: Indicator, address: str) -> dict[str, Any]:
    """Return the Measure of an indicator.

    Parameters
    ----------
    indicator : Indicator
    address : str
        The permanent address of the definition; reports name it.

    Returns
    -------
    dict
        A FHIR R4 Measure.

    References
    ----------
    HL7 FHIR R4 (4.0.1), Measure.
    """
    found: dict[str, Any] = {
        "resourceType": "Measure",
        "id": fhir_id(indicator.id),
        "language": "nb",
        "extension": _own_definition(indicator),
        "url": address,
        "identifier": [{"system": INDICATOR_SYSTEM, "value": indicator.id}],
        "name": _computer_name(indicator.id),
    }
    put_words(found, "title", indicator.name)
    found["status"] = "active"
    # Without a subject FHIR takes the patient for it: what is measured here are places.
    found["subjectCodeableConcept"] = concept(RESOURCE_TYPES, "Location")
    if indicator.responsible_name.strip():
        found["publisher"] = indicator.responsible_name
    put_words(found, "description", indicator.definition)
    if indicator.licence.strip():
        found["copyright"] = indicator.licence
    source: dict[str, Any] = {"type": "documentation"}
    put_words(source, "display", indicator.source)
    if "display" in source:
        found["relatedArtifact"] = [source]
    found["scoring"] = concept(SCORING, indicator.scoring)
    if indicator.direction in BETTER:
        found["improvementNotation"] = concept(IMPROVEMENT, BETTER[indicator.direction])
    group: dict[str, Any] = {}
    populations = [
        _population_defined(code, words)
        for code, words in (("numerator", indicator.numerator), ("denominator", indicator.denominator))
        if any(said.strip() for said in words.values())
    ]
    if populations:
        group["population"] = populations
    group["stratifier"] = [{"code": concept(STRATIFIER_SYSTEM, _WHERE)}]
    found["group"] = [group]
    return found


def _own_definition(indicator: Indicator) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"url": f"{EXTENSION}unit", "valueCode": indicator.unit},
        {"url": f"{EXTENSION}decimals", "valueUnsignedInt": indicator.decimals},
        {"url": f"{EXTENSION}frequency", "valueCode": indicator.frequency},
        {"url": f"{EXTENSION}direction", "valueCode": indicator.direction},
        {
            "url": f"{EXTENSION}responsible",
            "valueIdentifier": {"system": PLACE_SYSTEM, "value": indicator.responsible},
        },
    ]
    if indicator.small_number is not None:
        found.append({"url": f"{EXTENSION}small-number", "valueUnsignedInt": indicator.small_number})
    return found


def _computer_name(words: str) -> str:
    stem = re.sub(r"[^A-Za-z0-9]+", "_", words).strip("_")
    return f"Indicator_{stem}"[:255]


def _population_defined(code: str, words: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {"code": concept(POPULATION, code)}
    put_words(found, "description", words)
    # The standard asks for an expression in one of three languages that machines run; ours are words for people, so the
    # language is said to be none of them.
    found["criteria"] = {
        "_language": {"extension": [{"url": ABSENT, "valueCode": "not-applicable"}]},
        "expression": found["description"],
    }
    return found


# ---------------------------------------------------------------- figures
def measure_report(
    indicator: Indicator, figures: Sequence[Figure], address: str, names: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return the figures of one period as a MeasureReport of the type summary, parted by place.

    Parameters
    ----------
    indicator : Indicator
    figures : sequence of Figure
        All of the same period, one a place. A hidden one is told as masked, without a number.
    address : str
        Address of the Measure.
    names : dict, optional
        Place → words.

    Returns
    -------
    dict
        A FHIR R4 MeasureReport.

    Raises
    ------
    PlanError
        ``no-figures``; ``several-periods``; ``place-twice``.

    References
    ----------
    HL7 FHIR R4 (4.0.1), MeasureReport.
    """
    names = names or {}
    start, end = _period(indicator, figures)
    ordered = sorted(figures, key=lambda one: one.place)
    for one, other in itertools.pairwise(ordered):
        if one.place == other.place:
            message = f"{indicator.id}: two figures of {one.place} for {start} to {end}; a report holds one a place."
            raise PlanError("place-twice", message, got=one.place)
    found: dict[str, Any] = {
        "resourceType": "MeasureReport",
        "id": fhir_id(f"{indicator.id}-{start}-{end}"),
        "language": "nb",
        "status": "complete",
        "type": "summary",
        "measure": address,
        "reporter": {"identifier": {"system": PLACE_SYSTEM, "value": indicator.responsible}},
        "period": {"start": start.isoformat(), "end": end.isoformat()},
    }
    if indicator.responsible_name.strip():
        found["reporter"]["display"] = indicator.responsible_name
    if indicator.direction in BETTER:
        found["improvementNotation"] = concept(IMPROVEMENT, BETTER[indicator.direction])
    own = next((one for one in ordered if one.place == indicator.responsible), None)
    group = _numbers(indicator, own) if own is not None else {}
    group["stratifier"] = [
        {
            "code": [concept(STRATIFIER_SYSTEM, _WHERE)],
            "stratum": [_stratum(indicator, one, names.get(one.place, "")) for one in ordered],
        }
    ]
    found["group"] = [group]
    return found


def _period(indicator: Indicator, figures: Sequence[Figure]) -> tuple[datetime.date, datetime.date]:
    periods = sorted({(one.period_start, one.period_end) for one in figures})
    if not periods:
        message = (
            f"{indicator.id}: there is no figure, so there is nothing to report. Ask for another period."
        )
        raise PlanError("no-figures", message, got=indicator.id)
    if len(periods) > 1:
        message = f"{indicator.id}: figures of {len(periods)} periods; a report is of one. Write a bundle."
        raise PlanError("several-periods", message, got=len(periods))
    return periods[0]


def _stratum(indicator: Indicator, figure: Figure, words: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    about = _about(figure)
    if about:
        found["extension"] = [{"url": f"{EXTENSION}figure", "extension": about}]
    found["value"] = concept(PLACE_SYSTEM, figure.place, words)
    return {**found, **_numbers(indicator, figure)}


def _about(figure: Figure) -> list[dict[str, Any]]:
    """Return what the standard has no element for."""
    found: list[dict[str, Any]] = []
    if figure.data_through is not None:
        found.append({"url": "data-through", "valueDate": figure.data_through.isoformat()})
    if figure.coverage is not None:
        found.append({"url": "coverage", "valueDecimal": figure.coverage})
    if figure.provisional is not None:
        found.append({"url": "state", "valueCode": "provisional" if figure.provisional else "final"})
    if figure.quality:
        found.append({"url": "quality", "valueCode": figure.quality})
    for name in ("source", "licence"):
        if getattr(figure, name):
            found.append({"url": name, "valueString": getattr(figure, name)})
    if figure.revision is not None:
        found.append({"url": "revision", "valuePositiveInt": figure.revision})
    note = [
        {"url": code, "valueString": figure.note[code]}
        for code in LANGUAGES
        if figure.note.get(code, "").strip()
    ]
    if note:
        found.append({"url": "note", "extension": note})
    return found


def _numbers(indicator: Indicator, figure: Figure) -> dict[str, Any]:
    """Return counts and score; of a hidden figure no count, and a score that says that it is masked."""
    if figure.hidden:
        return {"measureScore": {"extension": [{"url": ABSENT, "valueCode": "masked"}]}}
    found: dict[str, Any] = {}
    counts = [
        _population(code, count)
        for code, count in (("numerator", figure.numerator), ("denominator", figure.denominator))
        if count is not None
    ]
    if counts:
        found["population"] = counts
    if figure.value is not None:
        found["measureScore"] = {
            "value": figure.value,
            "unit": indicator.unit,
            "system": UCUM,
            "code": UCUM_OF.get(indicator.unit, f"{{{indicator.unit}}}"),
        }
    return found


def _population(code: str, count: float) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if count == int(count) and abs(count) <= _MOST_COUNT:
        return {"code": concept(POPULATION, code), "count": int(count)}
    # A count of FHIR is a whole number of 32 bits; estimates and sums of kroner are not.
    found["extension"] = [{"url": f"{EXTENSION}count", "valueDecimal": count}]
    return {**found, "code": concept(POPULATION, code)}


def bundle(
    indicator: Indicator, figures: Iterable[Figure], address: str, names: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return the Measure of an indicator and a MeasureReport for each period, oldest first, in one Bundle.

    Parameters
    ----------
    indicator : Indicator
    figures : iterable of Figure
    address : str
        Address of the Measure.
    names : dict, optional
        Place → words.
    """
    by_period: defaultdict[tuple[datetime.date, datetime.date], list[Figure]] = defaultdict(list)
    for one in figures:
        by_period[one.period_end, one.period_start].append(one)
    reports = [measure_report(indicator, by_period[period], address, names) for period in sorted(by_period)]
    return {
        "resourceType": "Bundle",
        "id": fhir_id(indicator.id),
        "language": "nb",
        "type": "collection",
        "entry": [
            {"fullUrl": address, "resource": measure(indicator, address)},
            *(
                {
                    "fullUrl": f"{address}-report/{one['period']['start']}/{one['period']['end']}",
                    "resource": one,
                }
                for one in reports
            ),
        ],
    }
