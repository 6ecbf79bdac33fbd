"""Keeping a run: the figures that pages show are taken out of the draws once, so that no page computes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from framsyn.analyses.explain import explain_change
from framsyn.outlook.quantiles import ALL
from framsyn.quantities import quantities
from framsyn.region.arrays import PUBLISHED_PROFESSIONS, SERVICE_AREAS
from framsyn.region.places import place_of
from framsyn.web.actions import Act, action
from framsyn.web.outlooks.models import Explanation, Run, Series
from framsyn.web.outlooks.names import CHANGE, REGION, SHARE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from framsyn.outlook.result import Outlook
    from framsyn.quantities import Quantity
    from framsyn.web.actions import Actor

__all__ = ["LEVELS", "store_run"]

LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9)
NAMES = ("p10", "p25", "p50", "p75", "p90")
EXPLAINED = tuple(("need", code) for code in SERVICE_AREAS)
BATCH = 500
NOTHING = 1e-9  # no quantity is measured as finely
DIGITS = 7  # significant digits kept: far more than any interval justifies

Where = dict[str, Any]


def store_run(actor: Actor, outlook: Outlook, *, main: bool = False, baseline: str | None = None) -> Run:
    """Keep the figures of a run; a run that is kept already stays as it is.

    The figures are taken out of the draws before the database is touched, so that nobody who writes has to wait.

    Parameters
    ----------
    actor : Actor
    outlook : Outlook
    main : bool
        Whether home, goals and indicators show this run from now on. Only such a run is explained.
    baseline : str, optional
        Id of the kept run that it is held against.

    Returns
    -------
    Run
    """
    new = not Run.objects.filter(pk=outlook.id).exists()
    told = Explanation.objects.filter(run=outlook.id).exists()
    allowed = actor.may("outlook.store")  # the action says so with its reasons; the long work is spared
    lines = list(series(outlook)) if new and allowed else []
    reasons = list(explanations(outlook)) if main and not told and allowed else []
    return _keep(actor, outlook, lines, reasons, main=main, baseline=baseline)


@action("outlook.store")
def _keep(
    act: Act,
    outlook: Outlook,
    lines: Sequence[Series],
    reasons: Sequence[Explanation],
    *,
    main: bool,
    baseline: str | None,
) -> Run:
    act.require(None)
    scenario = outlook.scenario
    run, new = Run.objects.get_or_create(
        id=outlook.id,
        defaults={
            "region": outlook.region.name,
            "scenario": scenario.name,
            "label": dict(scenario.label),
            "description": dict(scenario.description),
            "draws": outlook.manifest["draws"],
            "manifest": outlook.manifest,
            "stored_at": act.at,
        },
    )
    if new:
        Series.objects.bulk_create(lines, batch_size=BATCH)
    Explanation.objects.bulk_create(reasons, ignore_conflicts=True)
    before = {"main": Run.objects.filter(is_main=True).values_list("id", flat=True).first()}
    if main:
        Run.objects.exclude(id=run.id).update(is_main=False)
        run.is_main, run.baseline_id = True, baseline
        run.save(update_fields=("is_main", "baseline"))
    after = {"main": run.id if main else before["main"], "new": new}
    act.record(run, before=before, after=after, label=dict(run.label))
    return run


def series(outlook: Outlook) -> Iterator[Series]:
    """Give every quantity by region, trust and municipality in the parts in which it may be shown."""
    for rule in quantities().values():
        for part, where in parts(rule, outlook):
            yield from by_trust(outlook, rule, part, where, whole=True)
            if "trust" in rule.dims and may_show_by_trust(rule, part):
                yield from by_trust(outlook, rule, part, where, whole=False)
        if rule.name in outlook.areas:
            for part, where in area_parts(rule, outlook):
                yield from by_area(outlook, rule, part, where)
                if outlook.places is not None:
                    yield from by_area(outlook, rule, part, where, "place")
    yield from shares(outlook)


def parts(rule: Quantity, outlook: Outlook) -> list[tuple[str, Where | None]]:
    """Return the whole where it has a meaning, and each part."""
    found: list[tuple[str, Where | None]] = []
    if not rule.not_over:
        found.append(("", None))
    if {"service", "service_area"} & set(rule.dims):
        codes = ("SOM", "PHV") if rule.not_over else SERVICE_AREAS  # the other patients are not published
        found += [(code, {"service_area": code}) for code in codes]
    for dim in ("profession", "emission_source"):
        if dim in rule.dims:
            found += [(str(label), {dim: str(label)}) for label in outlook.central[dim].values]
    return found


def may_show_by_trust(rule: Quantity, part: str) -> bool:
    """Tell whether a difference between trusts is more than an assumption made it."""
    return "profession" not in rule.dims or part in ("", *PUBLISHED_PROFESSIONS)


def area_parts(rule: Quantity, outlook: Outlook) -> list[tuple[str, Where | None]]:
    """Return the parts of a quantity that are kept by municipality."""
    if "service_area" not in outlook.areas[rule.name].dims:
        return [("", None)]
    labels = [str(label) for label in outlook.areas["service_area"].values]
    return [
        ("" if label == ALL else label, {"service_area": label})
        for label in labels
        if not (rule.not_over and label == ALL)
    ]


def by_trust(
    outlook: Outlook, rule: Quantity, part: str, where: Where | None, *, whole: bool
) -> Iterator[Series]:
    """Give the region, or each trust: the level, and the change since the base year within each draw."""
    by = ("year",) if whole else ("year", "trust")
    draws = outlook.draws(rule.name, by, where).transpose("draw", ..., "year")
    central = outlook.central_value(rule.name, by, where).transpose(..., "year")
    places = [REGION] if whole else [str(trust) for trust in draws["trust"].values]
    values = draws.values.reshape(draws.sizes["draw"], len(places), -1)
    middle = central.values.reshape(len(places), -1)
    for number, place in enumerate(places):
        lines, line = values[:, number], middle[number]
        yield row(rule.name, place, part, outlook, bands(lines), line)
        if rule.minimum == 0 and (lines[:, 0] > 0).all() and line[0] > 0:
            change = bands(lines / lines[:, :1] - 1)
            yield row(f"{rule.name}{CHANGE}", place, part, outlook, change, line / line[0] - 1)


def shares(outlook: Outlook) -> Iterator[Series]:
    """Give the shares of the old, within each draw, by region and trust."""
    for name in ("population_65_plus", "population_80_plus"):
        for by in (("year",), ("year", "trust")):
            draws = outlook.draws(name, by) / outlook.draws("population", by)
            central = outlook.central_value(name, by) / outlook.central_value("population", by)
            places = [str(trust) for trust in draws["trust"].values] if "trust" in by else [REGION]
            for place in places:
                chosen = {"trust": place} if "trust" in by else {}
                lines = draws.sel(chosen).transpose("draw", "year").values
                yield row(f"{name}{SHARE}", place, "", outlook, bands(lines), central.sel(chosen).values)


def bands(draws: np.ndarray) -> dict[str, np.ndarray]:
    """Return the quantiles of draws, (draw, year) → (year)."""
    return dict(zip(NAMES, np.quantile(draws, LEVELS, axis=0), strict=True))


def by_area(
    outlook: Outlook, rule: Quantity, part: str, where: Where | None, dim: str = "area"
) -> Iterator[Series]:
    """Give each municipality, or each hospital area; a health community has the municipalities of its trust."""
    by = ("year", dim)
    found = outlook.quantiles(rule.name, LEVELS, by, where).transpose("quantile", dim, "year")
    central = outlook.central_value(rule.name, by, where).transpose(dim, "year").values
    for number, area in enumerate(found[dim].values):
        if dim == "place" and place_of(outlook.region, str(area)).kind != "hospital_area":
            continue
        levels = dict(zip(NAMES, found.values[:, number], strict=True))
        yield row(rule.name, str(area), part, outlook, levels, central[number])


def row(
    quantity: str,
    place: str,
    part: str,
    outlook: Outlook,
    levels: Mapping[str, np.ndarray],
    central: np.ndarray,
) -> Series:
    """Return one row."""
    values = {name: rounded(line) for name, line in {**levels, "central": central}.items()}
    years = [int(year) for year in outlook.years]
    return Series(run_id=outlook.id, quantity=quantity, place=place, part=part, years=years, values=values)


def rounded(values: np.ndarray) -> list[float]:
    """Return numbers at :data:`DIGITS` significant digits; what only rounding of sums left over is nothing.

    >>> rounded(np.array([0.123456789, 123456.789, 2e-13]))
    [0.1234568, 123456.8, 0.0]
    """
    return [
        float(f"{value:.{DIGITS}g}") if abs(value) > NOTHING else 0.0
        for value in np.asarray(values, dtype=float).tolist()
    ]


def explanations(outlook: Outlook) -> Iterator[Explanation]:
    """Give the causes of the changes that pages explain."""
    for name, part in EXPLAINED:
        found = explain_change(outlook, name, where={"service_area": part})
        yield Explanation(
            run_id=outlook.id,
            quantity=name,
            part=part,
            year=found.year,
            before=found.before,
            after=found.after,
            effects=[
                {"name": key, "label": dict(found.labels[key]), "effect": effect}
                for key, effect in found.effects.items()
            ],
        )
