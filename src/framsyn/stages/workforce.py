"""Workforce: people in a profession one year older, those who leave, those who come, and what the activity calls for.

``stock[t+1, a+1] = stock[t, a] · (1 − leave) + intake``; nobody stays beyond the retirement age. Contract FTE are heads ×
position share; available FTE are those less sick leave and other leave. The two are never mixed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from framsyn.region import arrays
from framsyn.stages.cells import SERVICE_AREAS
from framsyn.stages.parameters import Parameters

if TYPE_CHECKING:
    from framsyn.region import Region
    from framsyn.scenario import Scenario
    from framsyn.stages.draws import Draws

__all__ = ["activity_index", "project_workforce"]

AGES = np.arange(20, 76)


def activity_index(activity: xr.Dataset, p: Parameters) -> np.ndarray:
    """Growth of the work at each trust since the base year, (draw, year, trust).

    Bed days, day treatments and contacts are weighed by the staff each takes.
    """
    total: Any = 0.0
    for measure, level in (
        ("bed_days", "inpatient"),
        ("day_treatments", "day"),
        ("outpatient_contacts", "outpatient"),
    ):
        values = activity[f"treated_{measure}"].transpose("draw", "year", "service_area", "trust").values
        weight = np.array(
            [p.constant("staff_per_unit", service_area=area, level=level) for area in SERVICE_AREAS]
        )
        total = total + (values * weight[:, None]).sum(axis=2)
    return total / total[:, :1]


def age_distribution(mean: float, sd: float, retirement: float) -> np.ndarray:
    """Share of staff by single age: a bell cut at working ages, (age,).

    >>> bool(np.isclose(age_distribution(43, 12, 66).sum(), 1))
    True
    """
    weight = np.exp(-0.5 * ((AGES - mean) / sd) ** 2)
    weight[AGES >= retirement] = 0.0
    return weight / weight.sum()


def entry_ages(mean: float) -> np.ndarray:
    """Share of entrants by single age: evenly over seven years around the mean, (age,).

    >>> float(entry_ages(30)[7:14].sum().round(9))
    1.0
    """
    inside = np.abs(AGES - mean) <= 3
    return inside / inside.sum()


def one_year(stock: np.ndarray, leave: np.ndarray, retirement: np.ndarray) -> np.ndarray:
    """Return the stock a year older without entrants, (draw, profession, age).

    Those who reach the retirement age go; of the others a share leaves. A retirement age between two whole years lets the
    fraction of that age group stay.
    """
    older = np.zeros_like(stock)
    older[..., 1:] = stock[..., :-1] * (1 - leave)[..., None]
    staying = np.clip(retirement[..., None] - AGES, 0.0, 1.0)
    return older * staying


def project_workforce(activity: xr.Dataset, region: Region, scenario: Scenario, draws: Draws) -> xr.Dataset:
    """Project staff needed, staff expected, the gap, and the intake that would close it.

    The intake needed by year T is closed form because heads are linear in a constant intake:
    ``(heads wanted(T) − survivors of today's staff(T)) / survivors per yearly entrant(T)``.

    Parameters
    ----------
    activity : Dataset
        ``treated_…`` quantities (draw, year, service_area, trust).
    region : Region
    scenario : Scenario
    draws : Draws

    Returns
    -------
    Dataset
        ``staff_demand``, ``staff_supply``, ``staff_gap``, ``staff_available`` [FTE] (draw, year, profession, trust),
        ``staff_intake``, ``staff_intake_required`` [person per year] (draw, year, profession).
    """
    years = activity["year"].values
    p = Parameters(region, scenario, draws, years)
    professions = arrays.professions(region)
    base = arrays.staff(region, int(years[0])).values  # (profession, trust) FTE
    variable = np.array([p.constant("staff_share_variable", profession=name) for name in professions])[
        :, None
    ]
    index = activity_index(activity, p)[:, :, None, :]
    growth = p.by_profession("productivity_growth", professions)
    lean = np.cumprod(np.concatenate([np.ones_like(growth[:, :1]), 1 - growth[:, 1:]], axis=1), axis=1)
    demand = base * (1 - variable + variable * index) * lean[..., None]

    position = p.by_profession("position_share", professions)
    intake = p.by_profession("graduates_per_year", professions)
    leave = p.by_profession("leave_rate", professions)
    retirement = p.by_profession("retirement_age", professions)
    shape = np.stack(
        [
            age_distribution(
                p.constant("staff_mean_age", profession=name),
                p.constant("staff_age_sd", profession=name),
                p.constant("retirement_age", profession=name),
            )
            for name in professions
        ]
    )
    entry = np.stack([entry_ages(p.constant("graduate_age", profession=name)) for name in professions])
    here = (base.sum(axis=1) / position[:, 0])[..., None] * shape  # today's staff, as they leave
    come = np.zeros_like(here)  # those who come at the expected intake
    unit = np.zeros_like(here)  # those who would come at one entrant a year
    stayers, heads, carried = (np.empty((len(draws), len(years), len(professions))) for _ in range(3))
    for t in range(len(years)):
        if t:
            here = one_year(here, leave[:, t - 1], retirement[:, t - 1])
            come = one_year(come, leave[:, t - 1], retirement[:, t - 1]) + intake[:, t - 1, :, None] * entry
            unit = one_year(unit, leave[:, t - 1], retirement[:, t - 1]) + entry
        stayers[:, t] = here.sum(axis=-1)
        heads[:, t] = stayers[:, t] + come.sum(axis=-1)
        carried[:, t] = unit.sum(axis=-1)
    # No open source gives staff ages by trust: stocks are the region's, and each trust keeps its share of the base year.
    supply = (heads * position)[..., None] * (base / base.sum(axis=1, keepdims=True))
    absent = p.value("sick_leave") + p.value("other_leave")
    wanted = demand.sum(axis=-1) / position
    required = np.where(carried > 0, (wanted - stayers) / np.where(carried > 0, carried, 1.0), intake)
    four, three = ("draw", "year", "profession", "trust"), ("draw", "year", "profession")
    return xr.Dataset(
        {
            "staff_demand": (four, demand),
            "staff_supply": (four, supply),
            "staff_gap": (four, demand - supply),
            "staff_available": (four, supply * (1 - absent)[..., None, None]),
            "staff_intake": (three, intake),
            "staff_intake_required": (three, required),
        },
        coords={
            "draw": draws.index,
            "year": years,
            "profession": professions,
            "trust": activity["trust"].values,
        },
    )
