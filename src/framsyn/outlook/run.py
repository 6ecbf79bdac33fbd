"""The chain: population, then activity, then capacity, then workforce, then economy, then climate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import xarray as xr

from framsyn.errors import PlanError
from framsyn.outlook.cluster import check_address, map_on_cluster
from framsyn.outlook.executors import available_workers, map_chunks
from framsyn.outlook.gather import GatheredDraws
from framsyn.outlook.manifest import make_manifest
from framsyn.outlook.result import Outlook
from framsyn.region import Region
from framsyn.scenario import Scenario
from framsyn.stages.activity import ActivityInputs, prepare_activity, project_activity
from framsyn.stages.capacity import project_capacity
from framsyn.stages.climate import project_climate
from framsyn.stages.draws import Draws
from framsyn.stages.economy import project_economy
from framsyn.stages.expected import BLOCK, project_people_and_use
from framsyn.stages.population import AGES, PopulationInputs, control_factors, prepare_population
from framsyn.stages.workforce import project_workforce

__all__ = ["CHUNK", "Chain", "prepare_chain", "run", "run_chain"]

# Draws at once: enough to hide the overhead of a chunk, and no more memory for municipal use than regions of many
# municipalities can bear.
CHUNK = 168
CHUNK_BYTES = 330e6
LATEST = 2060
# Memory for people that no chunk uses now: asking for it anew costs more than filling it.
_IDLE: list[np.ndarray] = []


@dataclass(frozen=True)
class Chain:
    """Everything that the draws of a run share."""

    region: Region
    scenario: Scenario
    until: int
    seed: int
    people: PopulationInputs
    use: ActivityInputs
    control: xr.DataArray | None


def prepare_chain(
    region: Region,
    scenario: Scenario,
    until: int = 2040,
    seed: int = 1,
    control: str = "none",
    *,
    checked: bool = False,
) -> Chain:
    """Read and fit what the draws share; ``checked`` where every assumption has been held against this region."""
    if not checked:
        scenario.check(region)
    return Chain(
        region=region,
        scenario=scenario,
        until=until,
        seed=seed,
        people=prepare_people(region),
        use=prepare_activity(region, scenario),
        control=control_factors(region, control, until),
    )


@lru_cache(maxsize=4)
def prepare_people(region: Region) -> PopulationInputs:
    """Fit the projection of people once per region object."""
    return prepare_population(region)


def run_chain(chain: Chain, draws: Draws, memory: np.ndarray | None = None) -> tuple[xr.Dataset, xr.Dataset]:
    """Run all stages for some draws.

    Parameters
    ----------
    chain : Chain
    draws : Draws
    memory : array, optional
        Memory for the people, used again by each chunk of a worker; no result refers to it.

    Returns
    -------
    trusts : Dataset
        Every quantity of ``quantities.csv`` with its draws.
    areas : Dataset
        People, need and activity by municipality.
    """
    region, scenario = chain.region, chain.scenario
    with xr.set_options(arithmetic_join="exact"):
        found = project_people_and_use(
            chain.people, chain.use, scenario, draws, chain.until, chain.control, region.areas, memory
        )
        population = found.flows
        activity, areas = project_activity(population, region, scenario, draws, chain.use, found.use)
        capacity = project_capacity(activity, region, scenario, draws)
        workforce = project_workforce(activity, region, scenario, draws)
        economy = project_economy(activity, activity["need"], capacity, workforce, region, scenario, draws)
        climate = project_climate(activity, economy, region, scenario, draws)
        people, local = people_by_trust(population, region, chain.use, found.class_people, found.area_groups)
        return xr.merge([people, activity, capacity, workforce, economy, climate], join="exact"), xr.merge(
            [local, areas], join="exact"
        )


def people_by_trust(
    population: xr.Dataset, region: Region, use: ActivityInputs, class_people: np.ndarray, groups: np.ndarray
) -> tuple[xr.Dataset, xr.Dataset]:
    """Add classes of municipalities up to trusts by their somatic catchment, and name the groups kept by municipality."""
    somatic = use.class_trust[0]
    n, span = class_people.shape[:2]
    by_trust = np.zeros((n, span, len(region.trusts), *class_people.shape[3:]))
    for group in np.unique(use.area_class):
        by_trust[:, :, somatic[group]] += class_people[:, :, group]
    member = region.area_trust("SOM")
    flows = {}
    for name in ("births", "deaths", "net_migration", "control_adjustment"):
        values = population[name].values
        flows[name] = np.stack(
            [values[:, :, member == i].sum(axis=2) for i in range(len(region.trusts))], axis=2
        )
    coords = {"draw": population["draw"], "year": population["year"]}
    three = ("draw", "year", "trust")
    trust_data = xr.Dataset(
        {
            "population": (("draw", "year", "trust", "sex", "age"), by_trust),
            "population_65_plus": (three, by_trust[..., 65:].sum(axis=(3, 4))),
            "population_80_plus": (three, by_trust[..., 80:].sum(axis=(3, 4))),
            **{name: (three, values) for name, values in flows.items()},
        },
        coords={**coords, "trust": region.trusts, "sex": ["male", "female"], "age": AGES},
    )
    local = ("draw", "year", "area")
    names = ("population", "population_65_plus", "population_80_plus")
    area_data = xr.Dataset(
        {name: (local, values) for name, values in zip(names, groups, strict=True)},
        coords={**coords, "area": region.areas},
    )
    return trust_data, area_data


def run(
    region: Region | str,
    scenario: Scenario | str,
    draws: int = 1000,
    seed: int = 1,
    until: int = 2040,
    control: str = "none",
    workers: int | None = None,
    executor: str = "threads",
    progress: Callable[[int, int], None] | None = None,
    cluster: str | None = None,
) -> Outlook:
    """Run the chain for a region and a scenario.

    Parameters
    ----------
    region : Region or str
        Region, or the name or folder of one.
    scenario : Scenario or str
        Scenario, or the name or file of one.
    draws : int
        Number of draws; the central run is always made beside them.
    seed : int
        Two runs with one seed share their random numbers.
    until : int
        Last year, at most 2060.
    control : {"none", "trust", "county"}
        Official totals that the central run is made to meet.
    workers : int, optional
        Chunks computed at once; all processors if left out. Does not change a byte of the result.
    executor : {"threads", "processes", "serial"}
    progress : callable, optional
        Called with (done, total) chunks; an exception that it raises cancels the run.
    cluster : str, optional
        Address of a Dask scheduler, such as ``tcp://10.0.0.5:8786``: its workers compute the chunks, in the place of
        ``workers`` and ``executor``. Does not change a byte of the result either.

    Returns
    -------
    Outlook

    Raises
    ------
    PlanError
        Bad input, told with the way out.
    """
    region = Region.load(region) if isinstance(region, str) else region
    scenario = Scenario.load(scenario, region=region) if isinstance(scenario, str) else scenario
    check_run(draws, until)
    if cluster is not None:
        check_cluster(cluster, workers)
    chain = prepare_chain(region, scenario, until, seed, control)
    central, central_areas = run_chain(chain, Draws.central(seed))
    chunks = Draws.chunks(seed, draws, chunk_size(chain))
    gathered = GatheredDraws(draws, region)
    if cluster is None:
        map_chunks(_ChunkRunner(chain), chunks, workers, executor, progress, gathered.add)
    else:
        recipe = _ChunkRecipe(region.with_switches(), scenario, until, seed, control)
        alone = [replace(chunk, whole=None) for chunk in chunks]
        map_on_cluster(recipe, alone, cluster, progress, gathered.add)
    manifest = make_manifest(region, scenario, draws, seed, until, control)
    return Outlook(
        region=region,
        scenario=scenario,
        trusts=gathered.trusts(),
        areas=gathered.areas(),
        places=gathered.places(),
        central=central.isel(draw=0, drop=True),
        central_areas=central_areas.isel(draw=0, drop=True),
        manifest=manifest,
        control_factors=chain.control,
    )


def check_run(draws: int, until: int) -> None:
    """Refuse a run that cannot be made."""
    if draws < 2:
        message = f"draws is {draws}; give at least 2, and 1000 for intervals to be shown."
        raise PlanError("too-few-draws", message, got=draws, expected=2)
    if not 2025 <= until <= LATEST:
        message = f"until is {until}; the projection runs from 2025 to at most {LATEST}."
        raise PlanError("horizon-out-of-range", message, got=until, expected=[2025, LATEST])


def check_cluster(address: str, workers: int | None) -> None:
    """Refuse a cluster that cannot be meant, before anything is computed."""
    check_address(address)
    if workers is not None:
        message = (
            f"workers is {workers}, but the workers of the cluster {address} compute this run. Leave workers out; "
            "a cluster has as many as were started with `dask worker`."
        )
        raise PlanError("cluster-and-workers", message, got=workers)


def chunk_size(chain: Chain) -> int:
    """Draws that are computed at once; no number depends on it."""
    per_draw = 8 * (chain.until - chain.people.base_year + 2) * chain.people.base.size
    return int(max(1, min(CHUNK, CHUNK_BYTES // per_draw)))


def borrow(shape: tuple[int, ...]) -> np.ndarray:
    """Return idle memory of a shape, or new memory; a list changes in one step, so threads need no lock."""
    while _IDLE:
        memory = _IDLE.pop()
        if memory.shape == shape:
            return memory
    return np.empty(shape)


@dataclass(frozen=True)
class _ChunkRecipe:
    """Picklable way to the function of a chunk, for machines that share nothing with this one.

    What is fitted is fitted there again: it is quicker than the network, and the same numbers.
    """

    region: Region
    scenario: Scenario
    until: int
    seed: int
    control: str

    def __call__(self) -> _ChunkRunner:
        return _ChunkRunner(prepare_chain(self.region, self.scenario, self.until, self.seed, self.control))


@dataclass(frozen=True)
class _ChunkRunner:
    """Picklable function of a chunk."""

    chain: Chain

    def __call__(self, draws: Draws) -> tuple[xr.Dataset, xr.Dataset]:
        span = self.chain.until - self.chain.people.base_year + 2
        shape = (BLOCK, span, *self.chain.people.base.shape)
        memory = borrow(shape)
        try:
            return run_chain(self.chain, draws, memory)
        finally:
            _IDLE.append(memory)
            del _IDLE[: -available_workers()]
