"""Paths of mortality, fertility and net migration: what the draws of a projection of people differ in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from framsyn.errors import PlanError
from framsyn.methods import demography

if TYPE_CHECKING:
    from framsyn.scenario import Scenario
    from framsyn.stages.draws import Draws
    from framsyn.stages.population import PopulationInputs

__all__ = ["autoregressive", "population_paths"]

YEARS_BEHIND_RATES = 10
JUMP_OFF_TABLES = (
    3  # the mean of three life tables is the level from which mortality moves: one year's is noisy
)


def expected_swing(national: dict[str, float], span: int) -> np.ndarray:
    """Expected deviation of national net migration from the years behind the areas' rates, [1 per year] (year,).

    ``x(t) = L + (x_last − L) · φ^t − x_behind``: from the last year known back to the long-run level L. Every area's net
    migration swings with the country's, so a projection that starts in a boom does not take the boom for the normal.

    >>> expected_swing({"long_run": 0.004, "last": 0.008, "behind_rates": 0.008, "autocorrelation": 0.5}, 2)
    array([-0.002, -0.003])
    """
    decay = national["autocorrelation"] ** np.arange(1, span + 1)
    return national["long_run"] + (national["last"] - national["long_run"]) * decay - national["behind_rates"]


def autoregressive(normals: np.ndarray, sd: np.ndarray | float, autocorrelation: float) -> np.ndarray:
    """Return a stationary AR(1) path along axis 1 that starts at zero, (draw, year, ...).

    The innovations have the standard deviation that gives the stationary one, so early years spread less than late ones.

    >>> autoregressive(np.ones((1, 2, 1)), 1.0, 0.0)[0, :, 0]
    array([1., 1.])
    """
    path = np.empty_like(normals)
    step = np.sqrt(1 - autocorrelation**2)
    value = np.zeros_like(normals[:, 0])
    for year in range(normals.shape[1]):
        value = autocorrelation * value + step * normals[:, year]
        path[:, year] = value
    return path * sd


def population_paths(
    inputs: PopulationInputs, scenario: Scenario | None, draws: Draws, until: int
) -> dict[str, np.ndarray]:
    """Draw the paths of mortality, fertility and migration.

    Returns
    -------
    dict
        ``survival`` (draw, year, sex, age), ``newborn_survival`` (draw, year, sex), ``fertility`` (draw, year, age),
        ``shock`` (draw, year, area), ``migration_scale`` (draw, year).
    """
    years = np.arange(inputs.base_year, until)
    n, span = len(draws), len(years)
    changes = {name: np.zeros((n, span)) for name in ("fertility", "net_migration", "mortality_improvement")}
    for assumption in scenario.assumptions if scenario else ():
        if assumption.kind == "population":
            if assumption.target.trust or assumption.target.area:
                message = (
                    f'scenario assumption "{assumption.name}" limits {assumption.target.parameter} to some places; kind '
                    "population holds for the whole region. Remove trust and area from its target."
                )
                raise PlanError("target-unfit", message, assumption=assumption.name)
            changes[str(assumption.target.parameter)] += draws.effect(assumption, years)

    # Mortality: random walk with drift, one shock a year that both sexes share, and a drift that is itself uncertain.
    steps = draws.normals("mortality", (span, 1))
    doubt = draws.normals("mortality drift", (1, 1))
    drift = (
        inputs.mortality_drift * (1 + changes["mortality_improvement"])[..., None]
        + inputs.mortality_drift_se * doubt
    )
    index = np.cumsum(drift + inputs.mortality_sigma * steps, axis=1)
    # The mean of the last tables stands in the middle of them, one year before the newest.
    index += inputs.mortality_drift * (JUMP_OFF_TABLES - 1) / 2
    rate = np.exp(inputs.log_mortality + inputs.mortality_slope * index[..., None])
    probability = np.minimum(rate / (1 + rate / 2), 1.0)
    survival, newborn = demography.calendar_year_survival(probability)

    f = inputs.fertility
    decay = f["autocorrelation"] ** np.arange(1, span + 1)
    total = f["long_run"] + (f["start"] - f["long_run"]) * decay
    # The region's table gives the spread of one year's shock; a path takes the spread that it leads to in the long run.
    spread = f["sd"] / np.sqrt(1 - f["autocorrelation"] ** 2)
    wave = autoregressive(draws.normals("fertility", (span,)), spread, f["autocorrelation"])
    total = np.maximum(total * (1 + changes["fertility"]) + wave, 0.5)

    areas = inputs.base.shape[0]
    shared = autoregressive(
        draws.normals("migration, all areas", (span, 1)),
        inputs.national["sd"],
        inputs.national["autocorrelation"],
    )
    own = autoregressive(
        draws.normals("migration, by area", (span, areas)),
        inputs.migration_sd,
        inputs.migration_autocorrelation,
    )
    # The long-run mean itself is known from ten autocorrelated years only.
    r = inputs.migration_autocorrelation
    doubt = np.sqrt((1 + r) / (1 - r) / YEARS_BEHIND_RATES)
    level = draws.normals("migration level, by area", (1, areas)) * inputs.migration_sd * doubt
    weight = inputs.base.sum(axis=(1, 2))
    mean_rate = (inputs.base * inputs.migration).sum(axis=(1, 2)) / weight
    wanted = changes["net_migration"][..., None] * mean_rate
    return {
        "survival": survival,
        "newborn_survival": newborn,
        "fertility": total[..., None] * inputs.fertility_pattern,
        "shock": expected_swing(inputs.national, span)[:, None] + shared + own + level + wanted,
    }
