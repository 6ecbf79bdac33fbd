"""The central run for many sets of factors side by side on the draw axis: what the explanation and the ranking stand on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from framsyn.outlook.executors import map_chunks
from framsyn.outlook.result import collapse, pick_where
from framsyn.outlook.run import Chain, people_by_trust
from framsyn.quantities import quantity
from framsyn.stages.activity import project_activity
from framsyn.stages.capacity import project_capacity
from framsyn.stages.cells import build_factors
from framsyn.stages.climate import project_climate
from framsyn.stages.draws import Draws
from framsyn.stages.economy import project_economy
from framsyn.stages.expected import group_people, use_of_classes
from framsyn.stages.population import project_population
from framsyn.stages.workforce import project_workforce

if TYPE_CHECKING:
    from framsyn.scenario import Assumption
    from framsyn.scenario.distributions import Distribution

__all__ = ["MaskedDraws", "evaluate", "pause", "stage_of"]

BATCH = 64
pause: ContextVar[Callable[[], None]] = ContextVar("pause", default=lambda: None)
"""Called where an explanation may stop for a while: between its runs. A site lets it give way to who is in a hurry."""


class MaskedDraws(Draws):
    """Central draws in which each assumption is on or off by draw."""

    masks: dict[str, np.ndarray]

    def __init__(self, masks: Mapping[str, np.ndarray]) -> None:
        size = len(next(iter(masks.values())))
        super().__init__(seed=0, index=np.full(size, -1))
        object.__setattr__(self, "masks", dict(masks))

    @property
    def is_central(self) -> bool:
        """Chance is left out."""
        return True

    def normals(self, name: str, shape: tuple[int, ...]) -> np.ndarray:
        """Return zeros, (draw, *shape)."""
        return np.zeros((len(self), *shape))

    def uniform(self, name: str) -> np.ndarray:
        """Return one half per draw."""
        return np.full(len(self), 0.5)

    def quantile(self, distribution: float | Distribution, stream: str) -> np.ndarray:
        """Return the median in each draw."""
        central = distribution if isinstance(distribution, int | float) else distribution.central
        return np.full(len(self), float(central))

    def effect(self, assumption: Assumption, years: np.ndarray) -> np.ndarray:
        """Return the central effect where the assumption is on, else zero, (draw, year)."""
        path = Draws.central().effect(assumption, years)
        return path * self.masks[assumption.name][:, None]


def stage_of(name: str) -> str:
    """Return the stage whose assumptions may move a quantity."""
    return "need" if name == "need" else quantity(name).stage.rpartition(".")[2]


def evaluate(
    chain: Chain,
    draws: MaskedDraws,
    name: str,
    year: int,
    where: Mapping[str, Any] | None,
    number: np.ndarray | None = None,
    composition: np.ndarray | None = None,
) -> np.ndarray:
    """Value of a quantity in a year for every set of factors, (set,).

    ``number`` and ``composition`` tell for each set whether the people have grown in number and changed in age and sex.
    """
    pause.get()()
    stage = stage_of(name)
    moved = any(a.kind == "population" for a in chain.scenario.assumptions)
    fixed = (
        None
        if moved
        else project_population(chain.people, None, Draws.central(), year, chain.control, chain.region.areas)
    )

    def part_of(first: int) -> np.ndarray:
        part = slice(first, first + BATCH)
        masks = MaskedDraws({key: mask[part] for key, mask in draws.masks.items()})
        switched = None if number is None or composition is None else (number[part], composition[part])
        return evaluate_part(chain, masks, name, stage, year, where, switched, fixed)

    return np.concatenate(map_chunks(part_of, range(0, len(draws), BATCH)))


def evaluate_part(
    chain: Chain,
    draws: MaskedDraws,
    name: str,
    stage: str,
    year: int,
    where: Mapping[str, Any] | None,
    switched: tuple[np.ndarray, np.ndarray] | None,
    fixed: xr.Dataset | None,
) -> np.ndarray:
    """Run the stages that a quantity needs for some sets of factors."""
    region, scenario, use = chain.region, chain.scenario, chain.use
    two_years = stage in ("need", "activity", "capacity")
    population, member = population_of(chain, draws, switched, fixed, year, two_years)
    classes, groups = group_people(population["population"].values, use)
    years = population["year"].values
    if stage == "population":
        alike = population.isel(draw=member)
        results = people_by_trust(alike, region, use, classes[member], groups[:, member])[0]
    else:
        expected = use_of_classes(classes[member], use, build_factors(use.plan, draws, years))
        results, _ = project_activity(population, region, scenario, draws, use, expected)
        if stage in ("capacity", "workforce", "economy", "climate"):
            activity = results
            results = capacity = project_capacity(activity, region, scenario, draws)
            if stage != "capacity":
                results = workforce = project_workforce(activity, region, scenario, draws)
            if stage in ("economy", "climate"):
                results = economy = project_economy(
                    activity, activity["need"], capacity, workforce, region, scenario, draws
                )
            if stage == "climate":
                results = project_climate(activity, economy, region, scenario, draws)
    values = pick_where(results[name].sel(year=year), where, region, name)
    return collapse(values, quantity(name), ("draw",)).values


def population_of(
    chain: Chain,
    draws: MaskedDraws,
    switched: tuple[np.ndarray, np.ndarray] | None,
    fixed: xr.Dataset | None,
    year: int,
    two_years: bool,
) -> tuple[xr.Dataset, np.ndarray]:
    """People that the sets of factors have, each once, and which of them each set has.

    Projected, or held at the base year in number, in composition, or in both: where no assumption moves people, the
    sets share four of them at most.
    """
    people = fixed
    if people is None:
        people = project_population(
            chain.people, chain.scenario, draws, year, chain.control, chain.region.areas
        )
    if two_years:
        people = people.sel(year=[int(people["year"][0]), year])
    member = np.arange(len(draws)) if fixed is None else np.zeros(len(draws), dtype=int)
    if switched is None:
        return people, member
    pairs, which = np.unique(np.column_stack([member, *switched]), axis=0, return_inverse=True)
    people = people.isel(draw=pairs[:, 0].astype(int))
    values = people["population"].values
    base = values[:, :1]
    total = values.sum(axis=(2, 3, 4), keepdims=True)
    start = base.sum(axis=(2, 3, 4), keepdims=True)
    grown, on = (pairs[:, column, None, None, None, None] for column in (1, 2))
    shares = on * values / total + (1 - on) * base / start
    size = grown * total + (1 - grown) * start
    changed = people.assign(population=(people["population"].dims, np.ascontiguousarray(shares * size)))
    return changed, which.reshape(-1)
