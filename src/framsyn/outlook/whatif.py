"""One lever moved: the answer in milliseconds, from people who are projected once.

The people of every draw are kept by class of areas. For what is on view, use by age times people is summed once per
set of age shifts and age segments (:class:`View`); a multiplicative lever then only multiplies and adds. Chance is a
stored standard normal number that is rescaled to the new mean, so a moved lever shows its own effect and not new luck.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from framsyn.errors import PlanError
from framsyn.methods.factors import move_view, sum_over_age
from framsyn.outlook.executors import available_workers
from framsyn.outlook.run import Chain, chunk_size, prepare_chain
from framsyn.stages.activity import LEVEL_OF_MEASURE
from framsyn.stages.cells import (
    LEVELS,
    MEASURES,
    SERVICE_AREAS,
    FactorPlan,
    check_path,
    plan_factors,
    shift_ramp,
)
from framsyn.stages.draws import Draws
from framsyn.stages.population import project_population

if TYPE_CHECKING:
    from framsyn.region import Region
    from framsyn.scenario import Assumption, Scenario

__all__ = ["Ensemble", "View", "project_ensemble"]


@dataclass(frozen=True)
class Ensemble:
    """The people of every draw by class of areas, and the chance of activity.

    Attributes
    ----------
    chain : Chain
    draws : Draws
    years : array of int, (year,)
    people : array [person], (draw, year, class, 212)
    normals : array [1], (draw, year, service, level, trust)
    """

    chain: Chain
    draws: Draws
    years: np.ndarray
    people: np.ndarray
    normals: np.ndarray

    def view(self, measure: str, service_area: str, by_trust: bool = False) -> View:
        """Return a series that levers can move, by residence.

        Parameters
        ----------
        measure : {"stays", "bed_days", "day_treatments", "outpatient_contacts"}
        service_area : {"SOM", "PHV", "PHBU", "TSB"}
        by_trust : bool
        """
        if measure not in MEASURES or service_area not in SERVICE_AREAS:
            message = (
                f'no view of "{measure}" in "{service_area}"; expected one of {", ".join(MEASURES)} in one of '
                f"{', '.join(SERVICE_AREAS)}."
            )
            raise PlanError("unknown-view", message, got=[measure, service_area])
        return View(self, measure, service_area, by_trust)


def project_ensemble(
    region: Region,
    scenario: Scenario,
    draws: int = 1000,
    seed: int = 1,
    until: int = 2040,
    control: str = "none",
) -> Ensemble:
    """Project the people once and keep them for levers.

    Parameters
    ----------
    region : Region
    scenario : Scenario
        Its population assumptions and its targets by place are fixed in the ensemble.
    draws, seed, until, control
        As in :func:`framsyn.run`.

    Returns
    -------
    Ensemble
    """
    chain = prepare_chain(region, scenario, until, seed, control)
    every = Draws.range(seed, 0, draws)
    span = until - chain.people.base_year + 1
    classes = chain.use.class_trust.shape[1]
    people = np.zeros((draws, span, classes, 212))
    size = chunk_size(chain)

    def fill(first: int) -> None:
        part = Draws.range(seed, first, min(first + size, draws))
        found = project_population(chain.people, scenario, part, until, chain.control, region.areas)[
            "population"
        ].values
        flat = found.reshape(*found.shape[:3], -1)
        for area, group in enumerate(chain.use.area_class):
            people[first : first + len(part), :, group] += flat[:, :, area]

    with ThreadPoolExecutor(available_workers()) as pool:
        list(pool.map(fill, range(0, draws, size)))
    normals = every.normals(
        "activity, by trust", (span, len(region.services), len(LEVELS), len(region.trusts))
    )
    normals[:, 0] = 0.0
    years = np.arange(chain.people.base_year, until + 1)
    return Ensemble(chain, every, years, people, normals)


class View:
    """A series on view: one measure of one service area, for the region or by trust.

    Parameters
    ----------
    ensemble : Ensemble
    measure : str
    service_area : str
    by_trust : bool
    """

    def __init__(self, ensemble: Ensemble, measure: str, service_area: str, by_trust: bool) -> None:
        self.ensemble = ensemble
        self.measure = MEASURES.index(measure)
        self.service_area = service_area
        self.by_trust = by_trust
        region = ensemble.chain.region
        self.services = np.array(
            [i for i, s in enumerate(region.services) if region.service_area_of[s] == service_area]
        )
        self._structure: tuple | None = None
        self._sums: np.ndarray | None = None
        self._still: tuple[tuple, np.ndarray] | None = None  # sums over the ages that no shift moves
        self._order = np.arange(len(self.services))  # services as the columns of the sums have them
        self._variance: np.ndarray | None = None
        self._memory: dict[tuple[str, str], tuple[Assumption, np.ndarray]] = {}
        self._trust_of_class = ensemble.chain.use.class_trust[SERVICE_AREAS.index(service_area)]
        level = LEVEL_OF_MEASURE[self.measure]
        self._normals = np.ascontiguousarray(
            ensemble.normals[:, :, self.services, level].transpose(0, 1, 3, 2)
        )

    def move(self, scenario: Scenario) -> np.ndarray:
        """Return the series of every draw under a scenario, (draw, year) or (draw, year, trust).

        The age shifts, segments and levelling of the scenario may be new; the sums over age are then made anew.
        """
        ensemble = self.ensemble
        chain = ensemble.chain
        refuse_other_people(chain.scenario, scenario)
        plan = plan_factors(chain.region, scenario, {}, chain.use.class_trust.shape[1])
        if any(a.target.trust or a.target.area for a in plan.assumptions):
            message = (
                "levers cannot be viewed with assumptions limited to some places; run the chain instead."
            )
            raise PlanError("view-unfit", message)
        sources = reaching_measures(plan, self.measure)
        cells, cell_of_service = np.unique(plan.service_cell[self.services], return_inverse=True)
        touches = plan.touches[:, 0, cells]
        # Ages that every assumption treats alike in the services on view need not be kept apart.
        cut = np.append(True, (touches[:, :, 1:] != touches[:, :, :-1]).any(axis=(0, 1)))
        segment, touches = (np.cumsum(cut) - 1)[plan.segment], touches[:, :, cut]
        structure = (tuple(plan.shifts), segment.tobytes(), tuple(sources))
        if structure != self._structure:
            self._sums = self._sum_over_age(plan, segment, sources)
            self._structure = structure
        sums = self._sums
        assert sums is not None  # made above, or kept from the view before
        draws, years = sums.shape[:2]
        used = np.flatnonzero(touches.any(axis=(1, 2)))
        chosen = [plan.assumptions[i] for i in used]
        order, counts = touching_order(touches[used])
        paths = np.stack([self._path(a) for a in chosen]) if chosen else np.zeros((0, draws, years))
        conversion = np.stack([self._conversion(a) for a in chosen]) if chosen else np.zeros((0, draws))
        length = np.array([a.length_ratio for a in chosen], dtype=float)
        scale = self._levelling(plan)
        spread = np.ascontiguousarray(self._spread()[self._order].T)
        out = np.empty((draws, years, len(chain.region.trusts)))

        def fill(part: slice) -> None:
            move_view(
                paths[:, part],
                conversion[:, part],
                length,
                plan.kind[used],
                plan.rows[used],
                plan.route[used],
                order,
                counts,
                cell_of_service[self._order],
                sources,
                self.measure,
                sums[part],
                scale[part],
                spread,
                self._normals[part],
                out[part],
            )

        run_parts(fill, draws)
        return out if self.by_trust else out.sum(axis=2)

    def _levelling(self, plan: FactorPlan) -> np.ndarray:
        """What the trusts use against the region, after part of the distance is closed, (draw, year, trust)."""
        ensemble = self.ensemble
        place = SERVICE_AREAS.index(self.service_area)
        ratio = ensemble.chain.use.ratio[:, place]
        closing = np.zeros((len(ensemble.draws), len(ensemble.years)))
        for a, areas in plan.levellings:
            if areas[place]:
                closing = 1 - (1 - closing) * (1 - self._path(a))
        return (1 - closing[..., None]) * ratio + closing[..., None]

    def _path(self, assumption: Assumption) -> np.ndarray:
        """Effect by draw and year, remembered as long as the assumption stays the same."""
        key = (assumption.name, "path")
        if self._memory.get(key, (None,))[0] != assumption:
            path = self.ensemble.draws.effect(assumption, self.ensemble.years)
            check_path(assumption, path)
            self._memory[key] = (assumption, path)
        return self._memory[key][1]

    def _conversion(self, assumption: Assumption) -> np.ndarray:
        """Conversion by draw, remembered as long as the assumption stays the same."""
        if assumption.kind != "shift" or assumption.conversion is None:
            return np.ones(len(self.ensemble.draws))
        key = (assumption.name, "conversion")
        if self._memory.get(key, (None,))[0] != assumption:
            drawn = self.ensemble.draws.quantile(
                assumption.conversion, f"assumption/{assumption.name}/conversion"
            )
            self._memory[key] = (assumption, drawn)
        return self._memory[key][1]

    def _spread(self) -> np.ndarray:
        """Variance per unit of the mean by service and trust, as the run uses it."""
        if self._variance is None:
            use = self.ensemble.chain.use
            spread = use.overdispersion[LEVEL_OF_MEASURE[self.measure]]
            trusts = len(self.ensemble.chain.region.trusts)
            self._variance = np.full((len(self.services), trusts), spread)
            if self.measure == 1:
                self._variance = self._variance * 2 * self._length()
        return self._variance

    def _length(self) -> np.ndarray:
        """Mean length of stay in the base year by service and trust."""
        use = self.ensemble.chain.use
        totals = np.einsum("ca,sma->csm", self.ensemble.people[0, 0], use.use[self.services][:, :2])
        by_trust = np.zeros((len(self.services), 2, len(self.ensemble.chain.region.trusts)))
        for group, trust in enumerate(self._trust_of_class):
            by_trust[:, :, trust] += totals[group]
        return np.divide(
            by_trust[:, 1], by_trust[:, 0], out=np.ones_like(by_trust[:, 1]), where=by_trust[:, 0] > 0
        )

    def _sum_over_age(self, plan: FactorPlan, segment: np.ndarray, sources: np.ndarray) -> np.ndarray:
        """Sum use over people with rates read at shifted ages, (draw, year, trust, segment, service × source)."""
        ensemble = self.ensemble
        use, trusts = ensemble.chain.use, len(ensemble.chain.region.trusts)
        draws, years = ensemble.people.shape[:2]
        groups = plan.shift_group[self.services]
        width = len(sources)
        out = np.empty((draws, years, trusts, int(segment.max()) + 1, len(self.services) * width))
        jobs, first, ordered = [], 0, []
        for group in np.unique(groups):
            inside = np.flatnonzero(groups == group)
            ordered.append(inside)
            rates = use.use[self.services[inside]][:, sources].reshape(-1, 212).T.copy()
            shifts = [plan.shifts[i] for i in plan.shift_members[group]]
            effects = np.stack([self._path(a) for a in shifts]) if shifts else np.zeros((0, draws, years))
            ramps = np.stack([shift_ramp(a) for a in shifts]) if shifts else np.zeros((0, 106))
            jobs.append((effects, ramps, rates, first))
            first += rates.shape[1]
        self._set_order(np.concatenate(ordered))

        def add(jobs: list[tuple], ages: list[tuple[int, int]], part: slice, sums: np.ndarray) -> None:
            for (effects, ramps, rates, column), span in zip(jobs, ages, strict=True):
                moved = effects[:, part]
                sum_over_age(
                    ensemble.people[part],
                    moved,
                    ramps,
                    segment,
                    self._trust_of_class,
                    rates,
                    column,
                    span,
                    sums[part],
                )

        # Ages below the first that a shift moves are summed once, whatever the size of the shift.
        start = [int(ramps.any(axis=0).argmax()) if ramps.any() else 106 for _, ramps, _, _ in jobs]
        key = (segment.tobytes(), tuple(sources), groups.tobytes(), tuple(start))
        if self._still is None or self._still[0] != key:
            still = np.zeros(out.shape)
            plain = [
                (np.zeros((0, draws, years)), np.zeros((0, 106)), rates, column)
                for _, _, rates, column in jobs
            ]
            run_parts(lambda part: add(plain, [(0, age) for age in start], part, still), draws)
            self._still = key, still
        still = self._still[1]

        def fill(part: slice) -> None:
            out[part] = still[part]
            add(jobs, [(age, 106) for age in start], part, out)

        run_parts(fill, draws)
        return out

    def _set_order(self, order: np.ndarray) -> None:
        """Put the chance of services in the order that the columns of the sums have."""
        if (order != self._order).any():
            back = np.argsort(self._order)
            self._normals = np.ascontiguousarray(self._normals[..., back[order]])
            self._order = order


def refuse_other_people(known: Scenario, asked: Scenario) -> None:
    """Refuse population assumptions that are not the ensemble's, whose people are projected already."""
    ours, theirs = (
        {
            a.name: (a.effect, a.realisation, a.profile, a.target)
            for a in scenario.assumptions
            if a.kind == "population"
        }
        for scenario in (known, asked)
    )
    differing = sorted(name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name))
    if differing:
        message = (
            f"a view moves levers over people who are projected already, and the scenario's population assumptions are not "
            f"the ensemble's: {', '.join(differing)}. Build a new ensemble with project_ensemble(region, scenario), or give "
            "the view the assumptions that its ensemble was built with."
        )
        raise PlanError(
            "view-people-differ", message, got=sorted(theirs), expected=sorted(ours), assumptions=differing
        )


def reaching_measures(plan: FactorPlan, measure: int) -> np.ndarray:
    """Base-year measures that reach the one on view through shifts of care level, the measure itself first."""
    found = [measure]
    for source, target in [
        tuple(route) for route, kind in zip(plan.route.tolist(), plan.kind, strict=True) if kind == 2
    ][::-1]:
        if target in found and source not in found:
            found.append(source)
    return np.array(found, dtype=np.int64)


def touching_order(touches: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which assumptions touch each cell and segment, the last first, and how many there are.

    Parameters
    ----------
    touches : array of bool, (assumption, cell, segment)

    Returns
    -------
    order : array of int, (cell, segment, assumption)
    counts : array of int, (cell, segment)
    """
    count, cells, parts = touches.shape
    order = np.zeros((cells, parts, max(count, 1)), dtype=np.int64)
    counts = touches.sum(axis=0)
    for c in range(cells):
        for g in range(parts):
            found = np.flatnonzero(touches[:, c, g])[::-1]
            order[c, g, : len(found)] = found
    return order, counts


def run_parts(fill: Callable[[slice], None], draws: int) -> None:
    """Fill the draws in as many parts as there are workers."""
    workers = available_workers()
    edges = np.linspace(0, draws, workers + 1).astype(int)
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(fill, [slice(int(a), int(b)) for a, b in pairwise(edges)]))
