"""The cells of use: which service, measure and age a change factor touches, and how factors combine.

The factors of a scenario become, for each year, service and age segment, one small matrix that turns base-year measures
(stays, bed days, day treatments, outpatient contacts) into the scenario's: the diagonal holds plain factors, the rest holds
activity that moves from one care level to another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from framsyn.errors import PlanError
from framsyn.methods.factors import combine_factors

if TYPE_CHECKING:
    from framsyn.region import Region
    from framsyn.scenario import Assumption, Scenario
    from framsyn.stages.draws import Draws

__all__ = [
    "LEVELS",
    "MEASURES",
    "SERVICE_AREAS",
    "FactorGrid",
    "FactorPlan",
    "age_segments",
    "build_factors",
    "matching_services",
    "plan_factors",
]

SERVICE_AREAS = ("SOM", "PHV", "PHBU", "TSB")
MEASURES = ("stays", "bed_days", "day_treatments", "outpatient_contacts")
LEVELS = ("inpatient", "day", "outpatient")
LEVEL_MEASURES = {"inpatient": (0, 1), "day": (2,), "outpatient": (3,)}
COUNTED = {"inpatient": 0, "day": 2, "outpatient": 3}  # the measure that a level's activity is counted in
RAMP_YEARS = (
    10  # healthier ageing sets in over ten years of age, so that no age stands beside a jump in rates
)


@dataclass(frozen=True)
class FactorPlan:
    """Which assumption touches which cells, without any sizes; the same for every draw.

    A cell is a set of services that every assumption treats alike, in one age segment and one variant of places. The
    service areas' patients are services of their own behind the real ones.

    Attributes
    ----------
    assumptions : list of Assumption
        Those of kind factor and shift, in the scenario's order.
    kind : array of int, (assumption,)
        0 need factor, 1 practice factor, 2 shift.
    rows : array of bool, (assumption, measure)
        Measures that a factor multiplies.
    route : array of int, (assumption, 2)
        Counted measure that a shift takes from and gives to.
    touches : array of bool, (assumption, variant, cell, segment)
    service_cell : array of int, (service + service_area,)
    segment : array of int, (age,)
    variant_of_class : array of int, (class,)
    shifts : list of Assumption
        Those of kind age_shift.
    shift_group : array of int, (service + service_area,)
    shift_members : list of list of int
        For each group the places of its assumptions in ``shifts``; group 0 is empty.
    levellings : list of (Assumption, array of bool (service_area,))
    """

    assumptions: list[Assumption]
    kind: np.ndarray
    rows: np.ndarray
    route: np.ndarray
    touches: np.ndarray
    service_cell: np.ndarray
    segment: np.ndarray
    variant_of_class: np.ndarray
    shifts: list[Assumption]
    shift_group: np.ndarray
    shift_members: list[list[int]]
    levellings: list[tuple[Assumption, np.ndarray]]


@dataclass(frozen=True)
class FactorGrid:
    """Change factors of a scenario for some draws.

    Attributes
    ----------
    plan : FactorPlan
    need : array [1], (draw, year, variant, cell, segment, measure)
        Product of the need factors.
    operator : array [1], (draw, year, variant, cell, segment, measure, measure)
        All factors; the last axis is the base-year measure that is read.
    shift : array [year], (draw, year, group, age)
        How many years younger a rate is read; group 0 is zero.
    levelling : array [1], (draw, year, service_area)
        Share of the distance to the region's mean that is closed.
    """

    plan: FactorPlan
    need: np.ndarray
    operator: np.ndarray
    shift: np.ndarray
    levelling: np.ndarray


def age_segments(assumptions: list[Assumption]) -> np.ndarray:
    """Return the segment of each age: ages that every factor treats alike share one.

    >>> age_segments([]).max()
    np.int64(0)
    """
    cuts = {0}
    for assumption in assumptions:
        if assumption.kind in ("factor", "shift") and assumption.target.age is not None:
            low, high = assumption.target.age
            cuts |= {low, high + 1}
    return np.searchsorted(sorted(cuts), np.arange(106), side="right") - 1


def matching_services(region: Region, assumption: Assumption) -> np.ndarray:
    """Return which services an assumption's target covers, (service,) of bool; an empty match is an error."""
    target = assumption.target
    areas = target.service_area or SERVICE_AREAS
    found = np.array(
        [
            region.service_area_of[service] in areas and (not target.service or service in target.service)
            for service in region.services
        ]
    )
    if not found.any():
        message = (
            f'scenario assumption "{assumption.name}" matches no service: service_area {list(areas)}, service '
            f"{list(target.service or [])}. Write a service of that area, or leave service out."
        )
        raise PlanError("target-matches-nothing", message, assumption=assumption.name)
    return found


def matching_measures(assumption: Assumption) -> list[int]:
    """Return the measures that an assumption's target covers, by place in :data:`MEASURES`."""
    target = assumption.target
    chosen = set(range(len(MEASURES)))
    if target.level:
        chosen &= {m for level in target.level for m in LEVEL_MEASURES[level]}
    if target.measure:
        chosen &= {MEASURES.index(measure) for measure in target.measure if measure in MEASURES}
    if not chosen:
        message = (
            f'scenario assumption "{assumption.name}" matches no measure: level {list(target.level or [])}, measure '
            f"{list(target.measure or [])}. Stays and bed days are inpatient, day_treatments day, "
            "outpatient_contacts outpatient."
        )
        raise PlanError("target-matches-nothing", message, assumption=assumption.name)
    return sorted(chosen)


def plan_factors(
    region: Region, scenario: Scenario, members: dict[str, np.ndarray], classes: int
) -> FactorPlan:
    """Find which cells each assumption touches.

    Parameters
    ----------
    region : Region
    scenario : Scenario
    members : dict of str to array of bool, (class, 2)
        For each assumption that names trusts or areas: which classes of areas it holds for, in somatic care and elsewhere.
    classes : int
        Number of classes of areas.

    Returns
    -------
    FactorPlan
    """
    for a in scenario.assumptions:
        refuse_unused_target(a)
    assumptions = [a for a in scenario.assumptions if a.kind in ("factor", "shift")]
    shifts = [a for a in scenario.assumptions if a.kind == "age_shift"]
    segment = age_segments(assumptions)
    first_ages = np.array([np.flatnonzero(segment == part)[0] for part in range(segment.max() + 1)])
    signatures = np.concatenate(list(members.values()), axis=1) if members else np.zeros((classes, 0), bool)
    variants, variant_of_class = np.unique(signatures, axis=0, return_inverse=True)
    held = {name: variants[:, 2 * i : 2 * i + 2] for i, name in enumerate(members)}
    real = len(region.services)
    covered = np.zeros((len(assumptions), real + len(SERVICE_AREAS)), bool)
    rows = np.zeros((len(assumptions), len(MEASURES)), bool)
    route = np.zeros((len(assumptions), 2), np.int64)
    kind = np.zeros(len(assumptions), np.int64)
    for i, a in enumerate(assumptions):
        covered[i, :real] = matching_services(region, a)
        if a.kind == "factor":
            kind[i] = 0 if a.group == "need" else 1
            rows[i, matching_measures(a)] = True
            if a.group == "need" and covers_whole_area(a):
                covered[i, real:] = [
                    area in (a.target.service_area or SERVICE_AREAS) for area in SERVICE_AREAS
                ]
        else:
            kind[i] = 2
            route[i] = COUNTED[str(a.from_level)], COUNTED[str(a.to_level)]
    # Catchments of somatic care and of the other services differ, so a cell holds one of them alone when places matter.
    real_somatic = [region.service_area_of[service] == "SOM" for service in region.services]
    somatic = np.array([*real_somatic, *(area == "SOM" for area in SERVICE_AREAS)]) & bool(members)
    cells, service_cell = np.unique(np.concatenate([covered, somatic[None]]), axis=1, return_inverse=True)
    touches = np.zeros((len(assumptions), len(variants), cells.shape[1], len(first_ages)), bool)
    for i, a in enumerate(assumptions):
        low, high = a.target.age or (0, 105)
        part = (first_ages >= low) & (first_ages <= high)
        places = held.get(a.name, np.ones((len(variants), 2), bool))
        inside = np.where(cells[-1], places[:, :1], places[:, 1:])
        touches[i] = inside[:, :, None] & cells[i][:, None] & part
    moved = np.zeros((len(shifts), real + len(SERVICE_AREAS)), bool)
    for i, a in enumerate(shifts):
        moved[i, :real] = matching_services(region, a)
        if covers_whole_area(a):
            moved[i, real:] = [area in (a.target.service_area or SERVICE_AREAS) for area in SERVICE_AREAS]
    groups, shift_group = np.unique(moved.T, axis=0, return_inverse=True)
    order = np.argsort(groups.any(axis=1), kind="stable")
    if groups[order[0]].any():  # every service is shifted: group 0 must still be the unshifted one
        groups = np.concatenate([np.zeros((1, len(shifts)), bool), groups])
        shift_group = shift_group + 1
    else:
        groups, shift_group = groups[order], np.argsort(order)[shift_group.reshape(-1)]
    levellings = []
    for a in scenario.assumptions:
        if a.kind == "levelling":
            hit = matching_services(region, a)
            reached = {region.service_area_of[s] for s, yes in zip(region.services, hit, strict=True) if yes}
            levellings.append((a, np.array([area in reached for area in SERVICE_AREAS])))
    return FactorPlan(
        assumptions,
        kind,
        rows,
        route,
        touches,
        service_cell.reshape(-1),
        segment,
        variant_of_class.reshape(-1),
        shifts,
        shift_group.reshape(-1),
        [np.flatnonzero(g).tolist() for g in groups],
        levellings,
    )


def build_factors(plan: FactorPlan, draws: Draws, years: np.ndarray) -> FactorGrid:
    """Size the factors of a plan for some draws and combine them in the scenario's order.

    Parameters
    ----------
    plan : FactorPlan
    draws : Draws
    years : array of int, (year,)

    Returns
    -------
    FactorGrid
    """
    paths, conversion, length = factor_paths(plan, draws, years)
    n, span = len(draws), len(years)
    size = len(MEASURES)
    shape = (n, span, *plan.touches.shape[1:])
    need = np.empty((*shape, size))
    operator = np.empty((*shape, size, size))
    combine_factors(paths, conversion, length, plan.kind, plan.rows, plan.route, plan.touches, need, operator)
    shift = np.zeros((n, span, len(plan.shift_members), 106))
    ramps = [shift_path(a, draws, years) for a in plan.shifts]
    for group, inside in enumerate(plan.shift_members):
        for i in inside:
            shift[:, :, group] += ramps[i]
    levelling = np.zeros((n, span, len(SERVICE_AREAS)))
    for a, areas in plan.levellings:
        levelling[..., areas] = 1 - (1 - levelling[..., areas]) * (1 - draws.effect(a, years))[..., None]
    return FactorGrid(plan, need, operator, shift, levelling)


def shift_ramp(assumption: Assumption) -> np.ndarray:
    """How far each age takes part in healthier ageing, (age,): it sets in over ten years of age."""
    start = assumption.target.age[0] if assumption.target.age else 0
    return np.clip((np.arange(106) - start) / RAMP_YEARS, 0, 1)


def shift_path(assumption: Assumption, draws: Draws, years: np.ndarray) -> np.ndarray:
    """How many years younger each age is read under healthier ageing, (draw, year, age)."""
    return draws.effect(assumption, years)[..., None] * shift_ramp(assumption)


def factor_paths(
    plan: FactorPlan, draws: Draws, years: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sizes: effect (assumption, draw, year), conversion (assumption, draw), length ratio (assumption,)."""
    count = len(plan.assumptions)
    paths = np.zeros((count, len(draws), len(years)))
    conversion = np.ones((count, len(draws)))
    length = np.ones(count)
    for i, a in enumerate(plan.assumptions):
        paths[i] = draws.effect(a, years)
        check_path(a, paths[i])
        if a.kind == "shift" and a.conversion is not None:  # a checked shift has one
            conversion[i] = draws.quantile(a.conversion, f"assumption/{a.name}/conversion")
            length[i] = getattr(a, "length_ratio", None) or 1.0
    return paths, conversion, length


def check_path(assumption: Assumption, path: np.ndarray) -> None:
    """Refuse sizes that would make use negative."""
    if assumption.kind == "factor" and (path < -1).any():
        message = (
            f'scenario assumption "{assumption.name}" takes away more than all use ({path.min():.2f}); effect × realisation '
            "must stay above −1. Cut the distribution with low."
        )
        raise PlanError("factor-below-zero", message, assumption=assumption.name)
    if assumption.kind == "shift" and ((path < 0) | (path > 1)).any():
        message = (
            f'scenario assumption "{assumption.name}" moves a share of {path.min():.2f} to {path.max():.2f}; '
            "a share lies in 0–1. Write 0.1 for 10 %."
        )
        raise PlanError("share-out-of-range", message, assumption=assumption.name)


def refuse_unused_target(assumption: Assumption) -> None:
    """Refuse a target that names what the kind cannot tell apart, rather than move more than was asked for."""
    unused = {"age_shift": ("level", "measure", "trust", "area"), "levelling": ("trust", "area")}
    for key in unused.get(assumption.kind, ()):
        if getattr(assumption.target, key):
            message = (
                f'scenario assumption "{assumption.name}" of kind {assumption.kind} names {key} in its target; it moves '
                f"whole services everywhere. Remove {key}, or write a factor."
            )
            raise PlanError("target-unfit", message, assumption=assumption.name, key=key)


def covers_whole_area(assumption: Assumption) -> bool:
    """Whether an assumption speaks of all use in its service areas."""
    target = assumption.target
    return not (target.service or target.level or target.measure)
