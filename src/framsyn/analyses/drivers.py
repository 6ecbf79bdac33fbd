"""Which uncertainty matters most: Sobol's shares of variance for a result, assumption by assumption.

The people are one input: their draws are ordered by what demography alone gives, so that its share is that of all births,
deaths and moves together. Chance from year to year is left out; the shares are of what knowledge could narrow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from framsyn.analyses.explain import relevant
from framsyn.analyses.sets import MaskedDraws, stage_of
from framsyn.errors import PlanError
from framsyn.methods.sensitivity import sobol
from framsyn.outlook.result import collapse, pick_where
from framsyn.outlook.run import prepare_chain
from framsyn.quantities import quantity
from framsyn.stages.activity import project_activity
from framsyn.stages.capacity import project_capacity
from framsyn.stages.cells import SERVICE_AREAS, matching_services
from framsyn.stages.draws import Draws
from framsyn.stages.population import project_population

if TYPE_CHECKING:
    from framsyn.outlook.result import Outlook
    from framsyn.region import Region
    from framsyn.scenario import Assumption
    from framsyn.scenario.distributions import Distribution

__all__ = ["rank_drivers"]

PEOPLE = "people"
ENSEMBLE = 200
BATCH = 64


@dataclass(frozen=True)
class Uniform:
    """Uniform numbers as they are: the assumption turns them into its own distribution."""

    def ppf(self, u: np.ndarray) -> np.ndarray:
        """Return the numbers."""
        return u


class GivenDraws(MaskedDraws):
    """Draws whose uniform numbers are given by stream, for a designed experiment."""

    given: dict[str, np.ndarray]

    def __init__(self, given: Mapping[str, np.ndarray], size: int) -> None:
        super().__init__({"": np.ones(size)})
        object.__setattr__(self, "given", dict(given))

    def uniform(self, name: str) -> np.ndarray:
        """Return the given numbers of a stream; one half where none are given."""
        return self.given.get(name, np.full(len(self), 0.5))

    def quantile(self, distribution: float | Distribution | Uniform, stream: str) -> np.ndarray:
        """Return a distribution at the given numbers."""
        if isinstance(distribution, int | float):
            return np.full(len(self), float(distribution))
        return np.asarray(distribution.ppf(self.uniform(stream)), dtype=float)

    def effect(self, assumption: Assumption, years: np.ndarray) -> np.ndarray:
        """Return effect × realisation × profile at the given numbers, (draw, year)."""
        return Draws.effect(self, assumption, years)


def reaches(region: Region, assumption: Assumption, where: Mapping[str, Any] | None) -> bool:
    """Say whether an assumption on use can reach the service areas asked for; what cannot only costs evaluations."""
    asked = np.atleast_1d((where or {}).get("service_area", list(SERVICE_AREAS)))
    if assumption.kind not in ("factor", "shift", "age_shift", "levelling"):
        return True
    covered = matching_services(region, assumption)
    return any(
        yes and region.service_area_of[s] in asked for s, yes in zip(region.services, covered, strict=True)
    )


def rank_drivers(
    outlook: Outlook,
    name: str = "bed_days",
    year: int | None = None,
    where: Mapping[str, Any] | None = None,
    n: int = 64,
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Rank the uncertain inputs of a quantity of the stages activity or capacity by their share of its variance.

    Parameters
    ----------
    outlook : Outlook
    name : str
    year : int, optional
        The horizon if left out.
    where : mapping, optional
    n : int
        Base size of Saltelli's design, a power of two; the chain is evaluated n · (inputs + 2) times.
    progress : callable, optional

    Returns
    -------
    DataFrame
        input, part ("effect" or "realisation"), first, first_low, first_high, total, total_low, total_high [1], the largest
        total first; ``attrs`` tells quantity, year and where.
    """
    year = year or outlook.years[-1]
    stage = stage_of(name)
    if stage not in ("need", "activity", "capacity"):
        message = f'drivers are ranked for need, activity and capacity; "{name}" belongs to {stage}.'
        raise PlanError("not-ranked", message, got=name)
    region, scenario = outlook.region, outlook.scenario
    chain = prepare_chain(region, scenario, year, control=outlook.manifest["control"])
    people = project_population(
        chain.people,
        scenario,
        Draws.range(outlook.manifest["seed"], 0, ENSEMBLE),
        year,
        chain.control,
        region.areas,
    )
    people = people[["population"]].sel(year=[outlook.base_year, year])

    def value(population: xr.Dataset, draws: Draws) -> np.ndarray:
        results, _ = project_activity(population, region, scenario, draws, chain.use)
        if stage == "capacity":
            results = project_capacity(results, region, scenario, draws)
        values = pick_where(results[name].sel(year=year), where, region, name)
        return collapse(values, quantity(name), ("draw",)).values

    alone = np.concatenate(
        [
            value(people.isel(draw=slice(i, i + BATCH)), GivenDraws({}, min(BATCH, ENSEMBLE - i)))
            for i in range(0, ENSEMBLE, BATCH)
        ]
    )
    order = np.argsort(alone, kind="stable")
    inputs: dict[str, tuple[str, str]] = {PEOPLE: (PEOPLE, "")}
    for a in relevant(scenario, stage):
        if not reaches(region, a, where):
            continue
        stream = f"assumption/{a.name}"
        parts = {"effect": (stream, a.effect), "realisation": (f"{stream}/realisation", a.realisation)}
        parts |= {"conversion": (f"{stream}/conversion", a.conversion)} if a.conversion is not None else {}
        for part, (key, distribution) in parts.items():
            low, high = distribution.reach if hasattr(distribution, "reach") else (0, 0)
            if low != high:
                inputs[key] = (a.name, part)
    total = n * (len(inputs) + 2)
    done = 0

    def model(given: dict[str, np.ndarray]) -> np.ndarray:
        nonlocal done
        size = len(given[PEOPLE])
        out = np.empty(size)
        for first in range(0, size, BATCH):
            part = slice(first, min(first + BATCH, size))
            streams = {key: values[part] for key, values in given.items() if key != PEOPLE}
            place = order[np.minimum((given[PEOPLE][part] * ENSEMBLE).astype(int), ENSEMBLE - 1)]
            out[part] = value(people.isel(draw=place), GivenDraws(streams, part.stop - part.start))
            done += part.stop - part.start
            if progress:
                progress(min(done, total), total)
        return out

    found = sobol(model, {key: Uniform() for key in inputs}, n, seed=1)
    frame = pd.DataFrame(
        {
            "input": [inputs[key][0] for key in found.names],
            "part": [inputs[key][1] for key in found.names],
            "first": found.first,
            "first_low": found.first_low,
            "first_high": found.first_high,
            "total": found.total,
            "total_low": found.total_low,
            "total_high": found.total_high,
        }
    )
    # Inputs that cannot reach the quantity have no share at all and would only fill the table.
    frame = frame[frame["total"].abs() > 1e-12]
    frame = frame.sort_values("total", ascending=False, ignore_index=True)
    frame.attrs = {"quantity": name, "year": year, "where": dict(where or {})}
    return frame
