"""What a desk makes once: the people of every draw by class of areas, and the bands of municipalities and places."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from framsyn.outlook.executors import map_chunks
from framsyn.outlook.gather import GatheredDraws
from framsyn.outlook.run import Chain, people_by_trust, prepare_chain
from framsyn.stages.activity import ActivityInputs, prepare_activity, project_activity
from framsyn.stages.draws import Draws
from framsyn.stages.expected import PeopleAndUse, project_people_and_use
from framsyn.stages.population import FLOWS

if TYPE_CHECKING:
    from framsyn.region import Region
    from framsyn.scenario import Scenario

__all__ = ["DeskPeople", "open_people", "without_places"]

CHUNK = 84  # draws at once: half a run's chunk, since the people of all draws are kept beside it


@dataclass(frozen=True)
class DeskPeople:
    """People that no lever of a desk moves.

    Attributes
    ----------
    chain : Chain
        Of the opening scenario without its assumptions limited to some places.
    years : array of int, (year,)
    people : array [person], (year, class, age, sex, lane)
        The last lane is the central run.
    flows : dict of str to array [person per year], (trust, year, lane)
        Births, deaths, net migration, control adjustment.
    central : array [person], (1, year, area, sex, age)
    central_groups : Dataset
        People by municipality in the central run.
    areas, places : Dataset
        Stored quantiles of the opening scenario.
    """

    chain: Chain
    years: np.ndarray
    people: np.ndarray
    flows: dict[str, np.ndarray]
    central: np.ndarray
    central_areas: xr.Dataset
    areas: xr.Dataset
    places: xr.Dataset


def without_places(scenario: Scenario) -> Scenario:
    """Return a scenario without the assumptions that are limited to some places."""
    whole = [a for a in scenario.assumptions if not (a.target.trust or a.target.area)]
    return (
        scenario
        if len(whole) == len(scenario.assumptions)
        else scenario.model_copy(update={"assumptions": tuple(whole)})
    )


def open_people(
    region: Region,
    scenario: Scenario,
    draws: int,
    seed: int,
    until: int,
    control: str,
    progress: Callable[[int, int], None] | None = None,
) -> DeskPeople:
    """Project the people of every draw and what the opening scenario's municipalities use.

    Parameters
    ----------
    region, scenario, draws, seed, until, control
        As in :func:`framsyn.run`.
    progress : callable, optional
        Called with (done, total) chunks.
    """
    chain = prepare_chain(region, scenario, until, seed, control)
    plain = without_places(scenario)
    kept = chain if plain is scenario else replace(chain, scenario=plain, use=prepare_activity(region, plain))
    span = until - chain.people.base_year + 1
    classes = kept.use.class_trust.shape[1]
    people = np.empty((span, classes, 106, 2, draws + 1))
    flows = {name: np.empty((len(region.trusts), span, draws + 1)) for name in FLOWS}

    def fill(part: Draws, memory: np.ndarray | None = None) -> tuple[xr.Dataset, xr.Dataset]:
        found = project_people_and_use(
            chain.people, chain.use, scenario, part, until, chain.control, region.areas, memory
        )
        lanes = (
            slice(draws, draws + 1) if part.is_central else slice(int(part.index[0]), int(part.index[-1]) + 1)
        )
        people[..., lanes] = found.class_people[:, :, :classes].transpose(1, 2, 4, 3, 0)
        _, areas = project_activity(found.flows, region, scenario, part, chain.use, found.use)
        local = keep_flows(found, region, chain.use, flows, lanes)
        return xr.Dataset(coords={"draw": part.index}), xr.merge([local, areas], join="exact")

    central = np.empty((1, span + 1, *chain.people.base.shape))
    _, central_areas = fill(Draws.central(seed), central)
    gathered = GatheredDraws(draws, region)
    map_chunks(fill, Draws.chunks(seed, draws, CHUNK), progress=progress, consume=gathered.add)
    return DeskPeople(
        kept,
        np.arange(chain.people.base_year, until + 1),
        people,
        flows,
        central[:, :span],
        central_areas.isel(draw=0, drop=True),
        gathered.areas(),
        gathered.places(),
    )


def keep_flows(
    found: PeopleAndUse, region: Region, use: ActivityInputs, flows: dict[str, np.ndarray], lanes: slice
) -> xr.Dataset:
    """Keep births, deaths and moves by trust in their lanes; return people by municipality."""
    by_trust, local = people_by_trust(found.flows, region, use, found.class_people, found.area_groups)
    for name, values in flows.items():
        values[..., lanes] = by_trust[name].values.T
    return local
