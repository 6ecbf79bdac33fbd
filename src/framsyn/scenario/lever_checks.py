"""Hold the levers of a region against its parameters, its quantities and the scenarios that it ships."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from framsyn.errors import PlanError
from framsyn.quantities import quantities
from framsyn.scenario.assumption import Assumption
from framsyn.scenario.checking import check_against_region
from framsyn.scenario.faults import nearest
from framsyn.scenario.levers import Lever, held, lever_value, move_levers, read_levers
from framsyn.scenario.scenario import Scenario

__all__ = ["lever_faults"]


def lever_faults(region: Any, limits: Mapping[str, Any]) -> Iterator[str]:
    """Find what is wrong with a region's levers; a file that cannot be read is the first and only fault.

    Every lever is moved to both ends in every scenario that the region ships: each end must make a scenario that can be run,
    and leave each parameter within the limits that the chain calculates with.

    Parameters
    ----------
    region : Region
    limits : mapping
        What :func:`framsyn.region.schema.parameters` declares: unit, limits, and whether a scenario may change it.

    Yields
    ------
    str
        Lever, got, expected, way out.
    """
    if not _shipped(region):
        return  # levers take what they move from scenarios; that there are none is told by itself
    try:
        levers = read_levers(region)
    except PlanError as error:
        yield error.message
        return
    if not levers:
        return
    for mismatch in check_against_region([lever.template for lever in levers], region):
        way_out = f" {mismatch.way_out}" if mismatch.way_out else ""
        yield (
            f'lever "{mismatch.assumption}", {mismatch.key}: got {mismatch.got}; {mismatch.expected}.{way_out}'
        )
    scenarios = [
        Scenario.load(Path(region.folder) / "scenarios" / f"{name}.toml") for name in _shipped(region)
    ]
    for lever in levers:
        yield from _words(lever)
        parameter = limits.get(str(lever.template.target.parameter))
        if lever.template.kind == "parameter" and parameter is not None and not parameter.in_scenario:
            yield (
                f'lever "{lever.name}" moves {parameter.name}, which holds for a whole run. '
                "Move a parameter that region/parameters.csv lets scenarios change, or take the lever out."
            )
            continue
        for scenario in scenarios:
            yield from _ends(lever, scenario, region, parameter)


def _shipped(region: Any) -> list[str]:
    return Scenario.shipped(region) if (Path(region.folder) / "scenarios").is_dir() else []


def _words(lever: Lever) -> Iterator[str]:
    known = quantities()
    for name in lever.moves:
        if name not in known:
            yield f'lever "{lever.name}": moves {name}, which is no quantity. {nearest(name, known)}'.rstrip()


def _ends(lever: Lever, scenario: Scenario, region: Any, parameter: Any) -> Iterator[str]:
    where = f'lever "{lever.name}" in scenario {scenario.name}'
    value = lever_value(lever, scenario)
    if held(lever, scenario) is not None and not lever.low <= value <= lever.high:
        yield f"{where}: stands at {value:g}, beyond {lever.low:g} to {lever.high:g}. Move an end of the lever."
    for end in (lever.low, lever.high):
        try:
            moved = held(lever, move_levers(scenario, region, {lever.name: end}))
        except PlanError as error:
            yield f"{where} at {end:g}: {error.message} Move that end of the lever."
            continue
        if moved is not None and parameter is not None and moved.kind == "parameter":
            for low, high in _values(moved, region):
                if low < parameter.minimum or high > parameter.maximum:
                    yield (
                        f"{where} at {end:g}: {parameter.name} lies in {low:g} to {high:g}; expected "
                        f"{parameter.minimum:g} to {parameter.maximum:g} [{parameter.unit}]. Move that end inward."
                    )


def _values(assumption: Assumption, region: Any) -> Iterator[tuple[float, float]]:
    """Smallest and largest value of each row of the parameter that the assumption can reach."""
    frame, target = region.table("parameters"), assumption.target
    shares = assumption.realisation.reach
    reached = [effect * share for effect in assumption.effect.reach for share in shares]
    for row in frame[frame["parameter"] == target.parameter].to_dict("records"):
        keys = ("service_area", "level", "profession")
        if any(
            getattr(target, key) and str(row[key] or "") not in (*getattr(target, key), "") for key in keys
        ):
            continue
        base = float(row["value"])
        ends = [base + x if assumption.mode == "absolute" else base * (1 + x) for x in reached]
        yield min(ends), max(ends)
