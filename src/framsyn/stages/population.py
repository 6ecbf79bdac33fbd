"""Population: one year older, one year's births, deaths and moves, by municipality, sex and single year of age.

``N[t+1, a+1] = N[t, a] · S[t, a] · (1 + m[t, a])``. Mortality follows Lee and Carter (1992) on Norwegian period life tables;
total fertility and net migration follow AR(1) processes around their long-run means, net migration with one part that all
areas share and one of the area's own, whose size is what the area's past years show.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from framsyn.errors import PlanError
from framsyn.methods import cohort, demography
from framsyn.region import arrays
from framsyn.stages.paths import JUMP_OFF_TABLES, autoregressive, population_paths

if TYPE_CHECKING:
    from framsyn.region import Region
    from framsyn.scenario import Scenario
    from framsyn.stages.draws import Draws

__all__ = [
    "PopulationInputs",
    "autoregressive",
    "control_factors",
    "count_people",
    "name_people",
    "prepare_population",
    "project_population",
]

AGES = np.arange(106)
FLOWS = ("births", "deaths", "net_migration", "control_adjustment")
BOY_SHARE = 0.514  # methods.md, section 1; Norway 2005–2023 lies between 0.512 and 0.516 (UN WPP 2024)


@dataclass(frozen=True)
class PopulationInputs:
    """What the region knows about its people, as plain arrays (see :func:`prepare_population`)."""

    base_year: int
    base: np.ndarray  # [person] (area, sex, age)
    log_mortality: np.ndarray  # [log 1/year] (sex, age)
    mortality_slope: np.ndarray  # [1] (sex, age)
    mortality_drift: np.ndarray  # [1 per year] (sex,)
    mortality_drift_se: np.ndarray  # [1 per year] (sex,)
    mortality_sigma: np.ndarray  # [1] (sex,)
    fertility_pattern: np.ndarray  # [1] (age,)
    fertility_level: np.ndarray  # [1] (area,)
    fertility: dict[str, float]
    migration: np.ndarray  # [1 per year] (area, sex, age)
    migration_sd: np.ndarray  # [1 per year] (area,)
    migration_autocorrelation: float
    national: dict[str, float]
    mobility: np.ndarray  # [1] (age,), mean one over the base year's people


def prepare_population(region: Region, base_year: int = 2025, period: str = "2015-2025") -> PopulationInputs:
    """Fit the parts of the projection to what was known on 1 January of the base year.

    Parameters
    ----------
    region : Region
    base_year : int
        Year of the count from which the projection starts; nothing later is used.
    period : str
        Years behind the migration and fertility levels, as in the region's tables.

    Returns
    -------
    PopulationInputs
    """
    tables = region.life_tables()
    tables = (
        tables.sel(year=tables.year < base_year).transpose("sex", "age", "year").sel(sex=["male", "female"])
    )
    rates = log_rates(tables.values)
    fits = [demography.lee_carter(rates[sex]) for sex in range(2)]
    fertility = region.fertility_total()
    known = fertility.sel(year=fertility.year < base_year)
    sd, autocorrelation = region.migration_variation(period)
    base = region.population(base_year).transpose("area", "sex", "age").sel(sex=["male", "female"]).values
    mobility = mobility_profile(AGES)
    first, stop = (int(year) for year in period.split("-"))
    migration = region.migration_national()
    migration = migration.sel(year=migration.year < base_year)
    recent = migration.sel(year=migration.year >= base_year - int(region.parameter("migration_level_years")))
    behind = migration.sel(year=(migration.year >= first) & (migration.year < stop))
    return PopulationInputs(
        base_year=base_year,
        # One order in memory: a kernel compiled for another order sums in another order, as after a trip to a process.
        base=np.ascontiguousarray(base),
        log_mortality=rates[:, :, -JUMP_OFF_TABLES:].mean(axis=2),
        mortality_slope=np.stack([fit.b for fit in fits]),
        mortality_drift=np.array([fit.drift for fit in fits]),
        mortality_drift_se=np.array([fit.drift_se for fit in fits]),
        mortality_sigma=np.array([fit.sigma for fit in fits]),
        fertility_pattern=region.fertility_pattern().values,
        fertility_level=region.fertility_level(period).values,
        fertility={
            "start": float(known.values[-1]),
            "long_run": region.parameter("tfr_long_run")
            if base_year >= 2025
            else float(known.values[-10:].mean()),
            "sd": region.parameter("tfr_sd"),
            "autocorrelation": region.parameter("tfr_autocorrelation"),
        },
        migration=np.ascontiguousarray(
            region.migration_rates(period).transpose("area", "sex", "age").sel(sex=["male", "female"]).values
        ),
        migration_sd=sd.values,
        migration_autocorrelation=autocorrelation,
        national={
            "sd": region.parameter("migration_sd_national"),
            "autocorrelation": region.parameter("migration_autocorrelation"),
            "long_run": float(recent.mean()),
            "last": float(migration.values[-1]),
            "behind_rates": float(behind.mean()),
        },
        mobility=mobility / mean_over_people(region, base_year, mobility),
    )


def log_rates(qx: np.ndarray) -> np.ndarray:
    """Logarithm of central death rates from probabilities, along the last axis (year).

    A child's age without a death in some year gets half the smallest probability seen at that age: its logarithm exists, and
    the people it concerns are too few to matter.
    """
    positive = np.where(qx > 0, qx, np.nan)
    smallest = np.nanmin(positive, axis=-1, keepdims=True)
    filled = np.where(qx > 0, qx, smallest / 2)
    return np.log(filled / (1 - filled / 2))


def mean_over_people(region: Region, base_year: int, profile: np.ndarray) -> float:
    """Mean of an age profile over the people of the region with every switch on.

    A switched-off municipality must not move the numbers of the others.
    """
    full = region.with_switches(**dict.fromkeys(region.switches, True))
    people = full.population(base_year).sum(("area", "sex")).values
    return float((people * profile).sum() / people.sum())


def mobility_profile(ages: np.ndarray) -> np.ndarray:
    """How strongly each age takes part in a swing of net migration, mean one over ages 0–80, (age,).

    The standard schedule of Rogers and Castro (1981): children move with their parents, young adults most.

    >>> int(mobility_profile(np.arange(106)).argmax())
    23
    """
    children = 0.02 * np.exp(-0.1 * ages)
    adults = 0.06 * np.exp(-0.1 * (ages - 20) - np.exp(-0.4 * (ages - 20)))
    rate = children + adults + 0.003
    return rate / rate[:81].mean()


def project_population(
    inputs: PopulationInputs,
    scenario: Scenario | None,
    draws: Draws,
    until: int,
    control: xr.DataArray | None = None,
    areas: list[str] | None = None,
    out: np.ndarray | None = None,
) -> xr.Dataset:
    """Project the people of every area to 1 January of a year.

    Parameters
    ----------
    inputs : PopulationInputs
    scenario : Scenario or None
        Its assumptions of kind ``population`` change fertility, net migration or the fall of mortality.
    draws : Draws
    until : int
        Last 1 January.
    control : DataArray [1], (year, area), optional
        Factors that make the central run meet official totals, applied to every draw.
    areas : list of str, optional
        Labels of the areas.
    out : array [person], (draw, year + 1, area, sex, age), optional
        Memory to fill instead of new memory, at least as many draws; the result then lives as long as the caller keeps it.

    Returns
    -------
    Dataset
        ``population`` [person] (draw, year, area, sex, age), ``births``, ``deaths``, ``net_migration`` [person per year] and
        ``control_adjustment`` [person] (draw, year, area).
    """
    check_horizon(inputs, until)
    # One step beyond the horizon gives the births, deaths and moves of the last calendar year.
    paths = population_paths(inputs, scenario, draws, until + 1)
    n, span, count = paths["shock"].shape
    people = np.empty((n, span + 1, count, 2, len(AGES))) if out is None else out[:n]
    flows = np.zeros((len(FLOWS), n, span, count))
    count_people(inputs, paths, slice(0, n), control, people, flows)
    found = name_people(flows, inputs, draws, areas)
    found["population"] = (("draw", "year", "area", "sex", "age"), people[:, :span])
    return found.assign_coords(sex=["male", "female"], age=AGES)


def count_people(
    inputs: PopulationInputs,
    paths: dict[str, np.ndarray],
    part: slice,
    control: xr.DataArray | None,
    people: np.ndarray,
    flows: np.ndarray,
) -> None:
    """Project the people of some draws, in place.

    Parameters
    ----------
    inputs : PopulationInputs
    paths : dict
        Of all draws, from :func:`framsyn.stages.paths.population_paths`.
    part : slice
        Draws to project.
    control : DataArray [1], (year, area), or None
    people : array [person], (draw in part, year + 1, area, sex, age)
        Filled; the year behind the horizon is without control.
    flows : array [person per year], (flow, draw, year, area)
        Filled for the draws in ``part``: births, deaths, net migration, control adjustment.
    """
    births, deaths, moves, adjustment = flows[:, part]
    cohort.project_cohorts(
        inputs.base,
        paths["survival"][part],
        paths["newborn_survival"][part],
        inputs.migration,
        np.ascontiguousarray(inputs.migration[:, :, 0]),
        paths["shock"][part],
        inputs.mobility,
        paths["fertility"][part],
        inputs.fertility_level,
        BOY_SHARE,
        people,
        births,
        deaths,
        moves,
    )
    if control is not None:
        counted = people[:, :-1]
        factor = control.values[None, :, :]
        adjustment[:] = counted.sum(axis=(3, 4)) * (factor - 1)
        counted *= factor[..., None, None]


def name_people(
    flows: np.ndarray, inputs: PopulationInputs, draws: Draws, areas: list[str] | None = None
) -> xr.Dataset:
    """Name what changes the number of people, with draws, years and areas as labels."""
    _, _, span, count = flows.shape
    coords = {
        "draw": draws.index,
        "year": np.arange(inputs.base_year, inputs.base_year + span),
        "area": areas if areas is not None else np.arange(count),
    }
    data = {name: (("draw", "year", "area"), values) for name, values in zip(FLOWS, flows, strict=True)}
    return xr.Dataset(data, coords=coords)


def check_horizon(inputs: PopulationInputs, until: int) -> None:
    """Refuse a year before the count from which the projection starts."""
    if until < inputs.base_year:
        first = inputs.base_year
        message = f"until is {until}; the projection starts on 1 January {first}. Give {first} or later."
        raise PlanError("horizon-before-base-year", message, got=until, expected=inputs.base_year)


def control_factors(region: Region, control: str, until: int) -> xr.DataArray | None:
    """Factors by year and area that make the central run meet official totals.

    Between the years that are given the factor is interpolated, after the last it is held. The factor is found with every
    switch as in the published totals (Bindal included) and applied to the areas that are in use.

    Parameters
    ----------
    region : Region
    control : {"none", "trust", "county"}
        ``trust``: the plan's own table (2025, 2040). ``county``: growth from 2025 in SSB's table 14288, main variant.
    until : int

    Returns
    -------
    DataArray [1], (year, area), or None
    """
    from framsyn.stages.draws import Draws

    if control == "none":
        return None
    if control not in ("trust", "county"):
        message = f'control is "{control}"; expected "none", "county" or "trust".'
        raise PlanError("unknown-control", message, got=control, expected=["none", "county", "trust"])
    full = region.with_switches(**dict.fromkeys(region.switches, True))
    table = full.controls(control)
    inputs = prepare_population(full)
    horizon = max(until, int(table["year"].max()))
    central = project_population(inputs, None, Draws.central(), horizon, areas=full.areas)
    totals = central["population"].sum(("sex", "age")).isel(draw=0)
    if control == "trust":
        place = np.array(full.trusts)[full.area_trust("SOM")]
    else:
        place = arrays.area_county(full)
    factor = np.ones((totals.sizes["year"], totals.sizes["area"]))
    years = totals.year.values
    for name, rows in table.groupby("place"):
        member = place == name
        if not member.any():
            continue
        ours = totals.values[:, member].sum(axis=1)
        wanted = dict(zip(rows["year"], rows["persons"], strict=True))
        if control == "county":
            # SSB's projection starts in 2024; its growth from 2025 is applied to the count of 2025.
            start = wanted[inputs.base_year]
            wanted = {year: persons / start * ours[0] for year, persons in wanted.items()}
        given = [year for year in sorted(wanted) if year >= inputs.base_year]
        points = [wanted[year] / ours[year - inputs.base_year] for year in given]
        factor[:, member] = np.interp(years, given, points)[:, None]
    used = [full.areas.index(area) for area in region.areas]
    span = until - inputs.base_year + 1
    return xr.DataArray(
        factor[:span, used], dims=("year", "area"), coords={"year": years[:span], "area": region.areas}
    )
