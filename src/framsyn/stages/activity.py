"""Need and activity: base-year use per inhabitant × people × change factors, by residence and by treating trust.

``A[d,t,g,l,r] = Σ_{a,s} u[g,l,a,s] · N[d,t,a,s,r] · Π_f F_f[d,t,g,l,a]``. Need takes the need factors alone and weighs by
base-year cost; activity takes all factors. Chance is drawn on trust × service × level × year and on municipality totals,
the latter so that the municipalities of a trust add up to it in every draw.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from framsyn.methods.use import chance_of_count
from framsyn.methods.use import share_chance as share_among_areas
from framsyn.region import arrays
from framsyn.stages.cells import (
    LEVELS,
    MEASURES,
    SERVICE_AREAS,
    FactorGrid,
    FactorPlan,
    build_factors,
    plan_factors,
)
from framsyn.stages.expected import AREA_COLUMNS, ExpectedUse, expected_use, group_people
from framsyn.stages.flows import guest_share, treated_activity
from framsyn.stages.places import class_areas, limited_cells

if TYPE_CHECKING:
    from framsyn.region import Region
    from framsyn.scenario import Scenario
    from framsyn.stages.draws import Draws

__all__ = ["ActivityInputs", "group_people", "prepare_activity", "project_activity"]

LEVEL_OF_MEASURE = (0, 0, 1, 2)
PATIENTS_LEVEL = 2  # nearly every patient has an outpatient contact, so patients share its chance


@dataclass(frozen=True)
class ActivityInputs:
    """What the region knows about use, as plain arrays (see :func:`prepare_activity`)."""

    use: (
        np.ndarray
    )  # [per person and year] (service + service_area, measure, 212); the last four rows are patients
    cost: np.ndarray  # [MNOK per activity] (service + service_area, measure)
    service_area: np.ndarray  # of int (service + service_area,)
    area_class: np.ndarray  # of int (area,): classes of areas that share their trusts
    area_part: (
        np.ndarray
    )  # of int (area,): classes that assumptions limited to some places tell apart, behind those
    class_trust: np.ndarray  # of int (service_area, class)
    limited: (
        np.ndarray
    )  # of bool (2, service + service_area, measure): activity and need that such assumptions move
    area_trust: np.ndarray  # of int (service_area, area)
    plan: FactorPlan
    ratio: np.ndarray  # [1] (trust, service_area)
    overdispersion: np.ndarray  # [1] (level,)
    flows: np.ndarray  # [1] (service_area, trust, provider)
    providers: list[str]
    guests: np.ndarray  # [1] (service_area, trust)
    trust_count: (
        np.ndarray
    )  # [per year] (service_area, measure, trust): the base year in the trusts' own count


def prepare_activity(region: Region, scenario: Scenario) -> ActivityInputs:
    """Collect use, costs, catchments and flows of a region for one scenario's targets."""
    known = inputs_of(region)
    places = class_areas(region, scenario, known["area_trust"])
    plan = plan_factors(region, scenario, places.members, places.class_trust.shape[1])
    return ActivityInputs(
        **known,
        area_class=places.area_class,
        area_part=places.area_part,
        class_trust=places.class_trust,
        limited=limited_cells(plan, set(places.members)),
        plan=plan,
    )


@lru_cache(maxsize=4)
def inputs_of(region: Region) -> dict[str, Any]:
    """Collect once what a region knows whatever the scenario; nobody writes in it."""
    measures = (
        region.use()
        .sel(measure=list(MEASURES), sex=["male", "female"])
        .transpose("service", "measure", "sex", "age")
    )
    services = measures.sel(service=region.services).values.reshape(len(region.services), len(MEASURES), -1)
    patients = np.zeros((len(SERVICE_AREAS), len(MEASURES), services.shape[2]))
    patients[:, 0] = (
        arrays.patients_per_person(region).sel(sex=["male", "female"]).values.reshape(len(SERVICE_AREAS), -1)
    )
    cost = np.zeros((len(region.services) + len(SERVICE_AREAS), len(MEASURES)))
    for i, service in enumerate(region.services):
        area = region.service_area_of[service]
        for measure, level in ((1, "inpatient"), (2, "day"), (3, "outpatient")):
            cost[i, measure] = region.parameter("unit_cost", service_area=area, level=level) / 1e6
    area_of = [SERVICE_AREAS.index(region.service_area_of[s]) for s in region.services]
    flows = [region.flows(area) for area in SERVICE_AREAS]
    counts = arrays.trust_count(region)
    return {
        "use": np.concatenate([services, patients]),
        "cost": cost,
        "service_area": np.array([*area_of, *range(len(SERVICE_AREAS))]),
        "area_trust": np.stack([region.area_trust(area) for area in SERVICE_AREAS]),
        "ratio": arrays.use_ratio(region).sel(service_area=list(SERVICE_AREAS)).values,
        "overdispersion": np.array([region.parameter("overdispersion", level=level) for level in LEVELS]),
        "flows": np.stack([flow.values for flow in flows]),
        "providers": [str(p) for p in flows[0].provider.values],
        "guests": np.stack([guest_share(region, area) for area in SERVICE_AREAS]),
        "trust_count": counts.sel(service_area=list(SERVICE_AREAS), measure=list(MEASURES)).values,
    }


def project_activity(
    population: xr.Dataset,
    region: Region,
    scenario: Scenario,
    draws: Draws,
    inputs: ActivityInputs | None = None,
    expected: ExpectedUse | None = None,
) -> tuple[xr.Dataset, xr.Dataset]:
    """Project need and activity of the draws in a population.

    Parameters
    ----------
    population : Dataset
        ``population`` [person] (draw, year, area, sex, age); its years alone where ``expected`` is given.
    region : Region
    scenario : Scenario
    draws : Draws
    inputs : ActivityInputs, optional
        From :func:`prepare_activity`.
    expected : ExpectedUse, optional
        From :func:`framsyn.stages.expected.project_people_and_use`, when it is at hand.

    Returns
    -------
    trusts : Dataset
        Quantities by residence (``need``, ``patients``, ``stays`` …) and by treating trust (``treated_…``).
    areas : Dataset
        ``need``, measures and ``patients`` by municipality (draw, year, area, service_area).
    """
    inputs = inputs or prepare_activity(region, scenario)
    years = population["year"].values
    if expected is None:
        people = population["population"].values
        grid = build_factors(inputs.plan, draws, years)
        expected = expected_use(people, group_people(people, inputs)[0], inputs, grid)
    raw, need, area_use = level_use(*expected[:3], inputs, expected.grid)
    trust_measures, patients, trust_need = gather_trusts(raw, need, inputs, len(region.trusts))
    noise = add_chance(trust_measures, patients, inputs, draws, base=0)
    area_measures = share_chance(area_use, noise, inputs, draws)
    coords = {
        "draw": draws.index,
        "year": years,
        "trust": region.trusts,
        "service": region.services,
        "service_area": list(SERVICE_AREAS),
        "level": list(LEVELS),
        "area": region.areas,
    }
    quantity = ("draw", "year", "service", "trust")
    by_area = ("draw", "year", "service_area", "trust")
    trusts: dict[str, tuple[tuple[str, ...], np.ndarray]] = {
        name: (quantity, trust_measures[:, :, :, i]) for i, name in enumerate(MEASURES)
    }
    trusts["patients"] = (by_area, patients)
    trusts["need"] = (("draw", "year", "service", "level", "trust"), trust_need)
    treated = treated_activity(trust_measures, inputs, region)
    trusts |= {f"treated_{name}": (by_area, treated[:, :, :, i]) for i, name in enumerate(MEASURES)}
    areas = {
        name: (("draw", "year", "area", "service_area"), area_measures[..., i])
        for i, name in enumerate(AREA_COLUMNS)
    }
    used = {k: v for k, v in coords.items() if k != "area"}
    local = {k: coords[k] for k in ("draw", "year", "area", "service_area")}
    return xr.Dataset(trusts, coords=used), xr.Dataset(areas, coords=local)


def level_use(
    activity: np.ndarray, need: np.ndarray, area_use: np.ndarray, inputs: ActivityInputs, grid: FactorGrid
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scale by what residents of a trust use against the region, and close part of that distance.

    ``u' = (1 − λ) · u_trust + λ · u_region``: the factor on the region's rate is ``(1 − λ) · ratio + λ``.
    """
    if (inputs.ratio == 1).all():
        return activity, need, area_use
    closing = grid.levelling[:, :, None, :]
    factor = (1 - closing) * inputs.ratio[None, None] + closing
    by_class = np.stack([factor[:, :, inputs.class_trust[i], i] for i in range(len(SERVICE_AREAS))], axis=-1)
    by_area = np.stack([factor[:, :, inputs.area_trust[i], i] for i in range(len(SERVICE_AREAS))], axis=-1)
    wide = by_class[:, :, :, inputs.service_area, None]
    return activity * wide, need * wide, area_use * by_area[..., None]


def gather_trusts(
    activity: np.ndarray, need: np.ndarray, inputs: ActivityInputs, trusts: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Add classes of areas up to trusts, by each service area's own catchments.

    Returns measures (draw, year, service, measure, trust), patients (draw, year, service_area, trust) and need
    (draw, year, service, level, trust).
    """
    n, span, _, services, size = activity.shape
    areas = len(SERVICE_AREAS)
    real = services - areas
    measures = np.zeros((n, span, real, size, trusts))
    patients = np.zeros((n, span, areas, trusts))
    weighed = np.zeros((n, span, real, len(LEVELS), trusts))
    groups = {False: np.unique(inputs.area_class), True: np.unique(inputs.area_part)}
    limited = np.asarray(inputs.limited.any(axis=(0, 2)))
    for area in range(areas):
        trust = inputs.class_trust[area]
        own = np.flatnonzero((inputs.service_area[:real] == area) & ~limited[:real])
        # Neighbours are added at once.
        runs = [
            slice(run[0], run[-1] + 1)
            for run in np.split(own, np.flatnonzero(np.diff(own) > 1) + 1)
            if len(run)
        ]
        for c in groups[False]:
            for run in runs:
                measures[:, :, run, :, trust[c]] += activity[:, :, c, run]
                weighed[:, :, run, :, trust[c]] += need[:, :, c, run, 1:]
            if not limited[real + area]:
                patients[:, :, area, trust[c]] += activity[:, :, c, real + area, 0]
    for i in np.flatnonzero(limited):
        trust = inputs.class_trust[inputs.service_area[i]]
        for m in range(size):
            for c in groups[inputs.limited[0, i, m]]:
                if i < real:
                    measures[:, :, i, m, trust[c]] += activity[:, :, c, i, m]
                elif m == 0:
                    patients[:, :, i - real, trust[c]] += activity[:, :, c, i, m]
            for c in groups[inputs.limited[1, i, m]]:
                if i < real and m > 0:
                    weighed[:, :, i, m - 1, trust[c]] += need[:, :, c, i, m]
    return measures, patients, weighed


def add_chance(
    measures: np.ndarray, patients: np.ndarray, inputs: ActivityInputs, draws: Draws, base: int
) -> dict[str, np.ndarray]:
    """Add chance to trusts' activity in place and return what was added, by service area.

    A count with mean m and overdispersion φ becomes ``m + √(φ m) z + φ (z² − 1)/6``, the second-order expansion of its
    quantile function (Cornish and Fisher 1938), never below zero. The base year is counted, so it has no chance.
    """
    n, span, services, size, trusts = measures.shape
    areas = len(SERVICE_AREAS)
    added = {
        "measures": np.zeros((n, span, areas, size, trusts)),
        "patients": np.zeros((n, span, areas, trusts)),
    }
    if draws.is_central:
        return added
    normals = draws.normals("activity, by trust", (span, services, len(LEVELS), trusts))
    normals[:, base] = 0.0
    length = np.divide(
        measures[:, :1, :, 1],
        measures[:, :1, :, 0],
        out=np.ones_like(measures[:, :1, :, 1]),
        where=measures[:, :1, :, 0] > 0,
    )
    for m, level in enumerate(LEVEL_OF_MEASURE):
        spread = inputs.overdispersion[level]
        # Days come in stays: a compound count with roughly exponential length has 2 × mean length as much variance.
        spread = spread * 2 * length if m == 1 else spread
        change = chance(measures[:, :, :, m], spread, normals[:, :, :, level], base)
        measures[:, :, :, m] += change
        for i in range(services):
            added["measures"][:, :, inputs.service_area[i], m] += change[:, :, i]
    first = [int(np.flatnonzero(inputs.service_area == i)[0]) for i in range(areas)]
    change = chance(patients, 1.0, normals[:, :, first, PATIENTS_LEVEL], base)
    patients += change
    added["patients"] += change
    return added


def chance(mean: np.ndarray, spread: np.ndarray | float, normals: np.ndarray, base: int) -> np.ndarray:
    """Return the chance part of counts, never taking more than the mean; where there is no use there is no chance."""
    change = chance_of_count(mean, spread, normals)
    change[:, base] = 0.0
    return change


def share_chance(
    area_use: np.ndarray, added: dict[str, np.ndarray], inputs: ActivityInputs, draws: Draws
) -> np.ndarray:
    """Give municipalities their part of the trusts' chance and a chance of their own that cancels within the trust.

    The municipalities of a trust add up to it in every draw. Need has no chance; the base year is counted.
    """
    if draws.is_central:
        return area_use
    _, span, count, areas, _ = area_use.shape
    normals = draws.normals("activity, by area", (span, count, areas, len(LEVELS)))
    level = np.array([-1, *LEVEL_OF_MEASURE, PATIENTS_LEVEL])
    share_among_areas(
        area_use,
        normals,
        added["measures"],
        added["patients"],
        inputs.area_trust,
        inputs.overdispersion,
        level,
    )
    return area_use
