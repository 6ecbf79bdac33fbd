"""One lever moved: the answer in milliseconds, from people who are projected once.

The people of every draw are kept by class of areas. For what is on view, use by age times people is summed once per
set of age shifts and age segments (:class:`View`); a multiplicative lever then only multiplies and adds. Chance is a
stored standard normal number that is rescaled to the new mean, so a moved lever shows its own effect and not new luck.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from framsyn.errors import PlanError
from framsyn.methods.factors import move_people, move_view
from framsyn.outlook.executors import available_workers, single_threaded_blas
from framsyn.outlook.run import CHUNK, Chain, prepare_chain
from framsyn.stages.activity import LEVEL_OF_MEASURE
from framsyn.stages.cells import (
    LEVELS,
    MEASURES,
    SERVICE_AREAS,
    FactorPlan,
    check_path,
    plan_factors,
    shift_path,
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

    def fill(first: int) -> None:
        part = Draws.range(seed, first, min(first + CHUNK, draws))
        found = project_population(chain.people, scenario, part, until, chain.control, region.areas)[
            "population"
        ].values
        flat = found.reshape(*found.shape[:3], -1)
        for area, group in enumerate(chain.use.area_class):
            people[first : first + len(part), :, group] += flat[:, :, area]

    with ThreadPoolExecutor(available_workers()) as pool:
        list(pool.map(fill, range(0, draws, CHUNK)))
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
        self._variance: np.ndarray | None = None
        self._memory: dict[tuple[str, str], tuple[Assumption, np.ndarray]] = {}
        self._trust_of_class = ensemble.chain.use.class_trust[SERVICE_AREAS.index(service_area)]
        level = LEVEL_OF_MEASURE[self.measure]
        self._normals = np.ascontiguousarray(ensemble.normals[:, :, self.services, level])

    def move(self, scenario: Scenario) -> np.ndarray:
        """Return the series of every draw under a scenario, (draw, year) or (draw, year, trust).

        The age shifts, segments and levelling of the scenario may be new; the sums over age are then made anew.
        """
        ensemble = self.ensemble
        chain = ensemble.chain
        plan = plan_factors(chain.region, scenario, {}, chain.use.class_trust.shape[1])
        if any(a.target.trust or a.target.area for a in plan.assumptions):
            message = (
                "levers cannot be viewed with assumptions limited to some places; run the chain instead."
            )
            raise PlanError("view-unfit", message)
        structure = (tuple(plan.shifts), tuple(a for a, _ in plan.levellings), plan.segment.tobytes())
        if structure != self._structure:
            self._sums = self._sum_over_age(plan)
            self._structure = structure
        paths = (
            np.stack([self._path(a) for a in plan.assumptions])
            if plan.assumptions
            else np.zeros((0, *self._sums.shape[:2]))
        )
        conversion = (
            np.stack([self._conversion(a) for a in plan.assumptions])
            if plan.assumptions
            else np.zeros((0, len(paths)))
        )
        length = np.array([getattr(a, "length_ratio", None) or 1.0 for a in plan.assumptions])
        out = np.empty((*self._sums.shape[:2], len(chain.region.trusts)))
        cell = plan.service_cell[self.services]
        used = np.flatnonzero(plan.touches[:, 0][:, np.unique(cell)].any(axis=(1, 2)))
        spread = self._spread()

        def fill(part: slice) -> None:
            move_view(
                paths[used, part],
                conversion[used, part],
                length[used],
                plan.kind[used],
                plan.rows[used],
                plan.route[used],
                plan.touches[used, 0],
                cell,
                self.measure,
                self._sums[part],
                spread,
                self._normals[part],
                out[part],
            )

        workers = available_workers()
        edges = np.linspace(0, len(out), workers + 1).astype(int)
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(fill, [slice(int(a), int(b)) for a, b in pairwise(edges)]))
        return out if self.by_trust else out.sum(axis=2)

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
        if assumption.kind != "shift":
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

    def _sum_over_age(self, plan: FactorPlan) -> np.ndarray:
        """Sum use over people with rates read at shifted ages, (draw, year, trust, service, segment, measure)."""
        ensemble = self.ensemble
        use, trusts = ensemble.chain.use, len(ensemble.chain.region.trusts)
        draws, years = ensemble.people.shape[:2]
        parts = int(plan.segment.max()) + 1
        out = np.zeros((draws, years, trusts, len(self.services), parts, len(MEASURES)))
        segment = np.concatenate([plan.segment, plan.segment])
        groups = plan.shift_group[self.services]
        ramps = [shift_path(a, ensemble.draws, ensemble.years) for a in plan.shifts]
        still = np.zeros((draws, years, 106))

        def fill(part: slice) -> None:
            for group in np.unique(groups):
                inside = np.flatnonzero(groups == group)
                rates = use.use[self.services[inside]].reshape(-1, 212).T.copy()
                moved = np.zeros((part.stop - part.start, years, trusts, parts, 212))
                shift = sum((ramps[i][part] for i in plan.shift_members[group]), start=still[part])
                move_people(ensemble.people[part], shift, segment, self._trust_of_class, moved)
                sums = moved.reshape(-1, 212) @ rates
                sums = sums.reshape(*moved.shape[:4], len(inside), len(MEASURES))
                out[part][:, :, :, inside] = sums.transpose(0, 1, 2, 4, 3, 5)

        steps = [slice(first, min(first + CHUNK, draws)) for first in range(0, draws, CHUNK)]
        with single_threaded_blas(), ThreadPoolExecutor(available_workers()) as pool:
            list(pool.map(fill, steps))
        if not (use.ratio == 1).all():
            place = SERVICE_AREAS.index(self.service_area)
            closing = np.zeros((draws, years))
            for a, areas in plan.levellings:
                if areas[place]:
                    closing = 1 - (1 - closing) * (1 - ensemble.draws.effect(a, ensemble.years))
            closing = closing[..., None]
            out *= ((1 - closing) * use.ratio[None, None, :, place] + closing)[..., None, None, None]
        return out
