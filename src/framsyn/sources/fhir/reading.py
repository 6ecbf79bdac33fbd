"""Reading: MeasureReports of the type summary into figures, Measures into definitions; everything else is refused."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from framsyn.errors import PlanError
from framsyn.sources.fhir.elements import (
    day,
    extension_value,
    part,
    parts,
    short,
    text,
    wrong,
)
from framsyn.sources.fhir.figures import group_figures
from framsyn.sources.fhir.measures import read_measure
from framsyn.sources.fhir.model import Found, Indicator
from framsyn.sources.fhir.persons import refuse_persons
from framsyn.sources.fhir.terms import EXTENSION, INDICATOR_SYSTEM

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["read_measure", "read_reports"]

MOST_REPORTS = 5_000
_TYPES = ("Measure", "MeasureReport", "Organization", "Location", "OperationOutcome")
_OURS = re.compile(r"/indicators/([-a-zA-Z0-9_]+)/fhir/measure$")


def read_reports(
    document: Mapping[str, Any],
    units: Mapping[str, str] | None = None,
    place_of: Callable[[str], str | None] | None = None,
) -> Found:
    """Return the figures of a MeasureReport, or of all in a Bundle.

    Parameters
    ----------
    document : dict
        A MeasureReport, or a Bundle of MeasureReports, Measures and the organisations and locations that they name.
    units : dict, optional
        Unit of each indicator that is known, by id. Without it the Measures of the document are what is known.
    place_of : callable, optional
        Gives our place for a code or name of the document, None where there is none; without it a code is the place.

    Returns
    -------
    Found

    Raises
    ------
    PlanError
        ``persons-in-report``, ``not-a-report``, ``report-not-complete``, ``unknown-measure``, ``bad-period``,
        ``unknown-place``, ``unknown-unit``, ``figures-disagree``, ``figure-twice``, ``fhir-shape``.

    References
    ----------
    HL7 FHIR R4 (4.0.1), MeasureReport; Bundle.
    """
    refuse_persons(document)
    found = Found()
    resources = _resources(document)
    addresses: dict[str, str] = {}
    for resource, where in resources:
        if resource.get("resourceType") == "Measure":
            one = read_measure(resource, where)
            found.indicators.append(one)
            if text(resource, "url", where):
                addresses[text(resource, "url", where)] = one.id
    known = dict(units) if units is not None else {one.id: one.unit for one in found.indicators}
    _check_units(found.indicators, known)
    reports = [(one, where) for one, where in resources if one.get("resourceType") == "MeasureReport"]
    if not reports:
        message = "document: there is no MeasureReport in it, so there are no figures. Nothing was changed."
        raise PlanError("not-a-report", message, expected="MeasureReport")
    taken: dict[tuple[Any, ...], str] = {}
    for report, where in reports:
        _read_report(report, where, found, addresses, known, place_of or (lambda code: code or None), taken)
    return found


def _resources(document: Mapping[str, Any]) -> list[tuple[dict[str, Any], str]]:
    kind = document.get("resourceType")
    if kind in ("MeasureReport", "Measure"):
        return [(dict(document), str(kind))]
    if kind != "Bundle":
        raise wrong(kind, "MeasureReport, or a Bundle of them", "document.resourceType", "not-a-report")
    found = []
    for entry, where in parts(document, "entry", "Bundle"):
        resource = part(entry, "resource", where)
        one = resource.get("resourceType")
        if one not in _TYPES:
            raise wrong(one, ", ".join(_TYPES[:4]), f"{where}.resource.resourceType", "not-a-report")
        found.append((resource, f"{where}.resource"))
    if len(found) > MOST_REPORTS:
        message = (
            f"Bundle: {len(found)} entries, more than the {MOST_REPORTS} of one document. Send it in parts."
        )
        raise PlanError("too-large", message, got=len(found), expected=MOST_REPORTS)
    return found


def _check_units(indicators: list[Indicator], known: Mapping[str, str]) -> None:
    for one in indicators:
        if one.id in known and known[one.id] != one.unit:
            message = (
                f"Measure {short(one.id)}: counts in {short(one.unit)}, and the indicator here in {known[one.id]}. "
                "They are not the same thing; nothing was changed."
            )
            raise PlanError("unknown-unit", message, got=one.unit, expected=known[one.id])


def _read_report(
    report: Mapping[str, Any],
    where: str,
    found: Found,
    addresses: Mapping[str, str],
    known: Mapping[str, str],
    place_of: Callable[[str], str | None],
    taken: dict[tuple[Any, ...], str],
) -> None:
    kind = text(report, "type", where)
    if kind != "summary":
        message = (
            f'{where}.type: got "{short(kind)}", expected "summary". The other types tell of single persons, or '
            "hold no figures. Ask its sender for the summary; nothing was read."
        )
        code = "persons-in-report" if kind in ("individual", "subject-list") else "not-a-report"
        raise PlanError(code, message, where=f"{where}.type", got=short(kind), expected="summary")
    if text(report, "status", where) != "complete":
        raise wrong(report.get("status"), "complete", f"{where}.status", "report-not-complete")
    indicator = _measured(report, where, addresses, known)
    period = part(report, "period", where)
    start = day(period.get("start"), f"{where}.period.start", last=False)
    end = day(period.get("end"), f"{where}.period.end", last=True)
    if end < start:
        message = (
            f"{where}.period: begins {start} and ends {end}. Put the first day first; nothing was changed."
        )
        raise PlanError("bad-period", message, where=where, got=[start.isoformat(), end.isoformat()])
    groups = parts(report, "group", where)
    if len(groups) != 1:
        message = (
            f"{where}.group: {len(groups)} groups, expected 1: an indicator is one rate or count. Send each "
            "group as a report of its own; nothing was changed."
        )
        raise PlanError("several-groups", message, where=where, got=len(groups), expected=1)
    reporter = _place_named(report, where)
    for one, place in group_figures(
        groups[0], (start, end), known[indicator], lambda: reporter, place_of, found.notices
    ):
        key = (indicator, one.place, start, end)
        if key in taken:
            message = (
                f"{place}: there is a figure of {short(one.place)} for {start} to {end} at {taken[key]} already. "
                "Take one of them out; nothing was changed."
            )
            raise PlanError("figure-twice", message, where=place, other=taken[key])
        taken[key] = place
        found.figures.append((indicator, one, place))


def _measured(
    report: Mapping[str, Any], where: str, addresses: Mapping[str, str], known: Mapping[str, str]
) -> str:
    """Return the id of the indicator that a report is of."""
    address = text(report, "measure", where)
    plain = address.partition("|")[0]
    identifier = extension_value(report, f"{EXTENSION}indicator", "valueString", where)
    ours = _OURS.search(plain)
    tried = [
        addresses.get(address) or addresses.get(plain),
        identifier if isinstance(identifier, str) else None,
        ours[1] if ours else None,
        plain.removeprefix(f"{INDICATOR_SYSTEM}:"),
        plain.rstrip("/").rpartition("/")[2],
    ]
    for one in tried:
        if one and one in known:
            return one
    message = (
        f'{where}.measure: got "{short(address)}", which is no indicator here. Define the indicator first, or name '
        f"it as {INDICATOR_SYSTEM}:ID; nothing was changed."
    )
    raise PlanError("unknown-measure", message, where=f"{where}.measure", got=short(address))


def _place_named(report: Mapping[str, Any], where: str) -> tuple[list[str], str]:
    """Return what the place of a whole report may be known by: its subject's, else its reporter's names."""
    for name in ("subject", "reporter"):
        reference = part(report, name, where)
        if not reference:
            continue
        place = f"{where}.{name}"
        names = [text(part(reference, "identifier", place), "value", place)]
        pointed = text(reference, "reference", place)
        if pointed and not pointed.startswith("#"):
            kind, _slash, last = pointed.rstrip("/").rpartition("/")
            if kind and kind.rpartition("/")[2] not in ("Organization", "Location"):
                raise wrong(pointed, "an Organization or a Location", place, "not-a-report")
            names.append(last)
        return [one for one in names if one], place
    return [], f"{where}.reporter"
