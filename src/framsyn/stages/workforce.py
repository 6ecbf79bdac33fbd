"""Workforce: people in a profession one year older, those who leave, those who come, and what the activity calls for.

``stock[t+1, a+1] = stock[t, a] · (1 − leave) + intake``; nobody stays beyond the retirement age. Contract FTE are heads ×
position share; available FTE are those less sick leave and other leave. The two are never mixed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import xarray as xr

from framsyn.methods.staffing import age_staff
from framsyn.region import arrays
from framsyn.stages.cells import SERVICE_AREAS
from framsyn.stages.parameters import Parameters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from framsyn.region import Region
    from framsyn.scenario import Scenario
    from framsyn.stages.draws import Draws

__all__ = [
    "StaffStocks",
    "lean_index",
    "project_workforce",
    "required_intake",
    "staff_available",
    "staff_demand",
    "staff_stocks",
    "staff_supply",
    "staff_work",
    "total_staff_demand",
]

AGES = np.arange(20, 76)


WORK = (("bed_days", "inpatient"), ("day_treatments", "day"), ("outpatient_contacts", "outpatient"))


def staff_work(
    treated: Sequence[np.ndarray], p: Parameters, areas: Sequence[str] = SERVICE_AREAS
) -> np.ndarray:
    """Work at each trust in some service areas, in units of staff, (draw, year, trust).

    Bed days, day treatments and contacts at the trusts, each (draw, year, service_area, trust), are weighed by the staff
    each takes.
    """
    total: Any = 0.0
    for values, (_, level) in zip(treated, WORK, strict=True):
        weight = np.array([p.constant("staff_per_unit", service_area=area, level=level) for area in areas])
        total = total + (values * weight[:, None]).sum(axis=2)
    return np.asarray(total)


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
    order = ("draw", "year", "service_area", "trust")
    treated = [activity[f"treated_{measure}"].transpose(*order).values for measure, _ in WORK]
    demand = staff_demand(staff_work(treated, p), lean_index(p), p)
    stocks = staff_stocks(p)
    supply = staff_supply(stocks, p)
    four, three = ("draw", "year", "profession", "trust"), ("draw", "year", "profession")
    return xr.Dataset(
        {
            "staff_demand": (four, demand),
            "staff_supply": (four, supply),
            "staff_gap": (four, demand - supply),
            "staff_available": (four, staff_available(supply, p)),
            "staff_intake": (three, p.by_profession("graduates_per_year", arrays.professions(region))),
            "staff_intake_required": (three, required_intake(demand, stocks, p)),
        },
        coords={
            "draw": draws.index,
            "year": years,
            "profession": arrays.professions(region),
            "trust": activity["trust"].values,
        },
    )


class StaffStocks(NamedTuple):
    """Heads by profession, whatever the activity, [person] (draw, year, profession).

    Attributes
    ----------
    stayers : array
        Today's staff, as they leave.
    heads : array
        They and those who come at the expected intake.
    carried : array
        Those who would be there if one came each year.
    """

    stayers: np.ndarray
    heads: np.ndarray
    carried: np.ndarray


def staff_today(p: Parameters) -> np.ndarray:
    """Contract FTE of the base year, (profession, trust)."""
    return np.asarray(arrays.staff(p.region, int(p.years[0])).values)


def lean_index(p: Parameters) -> np.ndarray:
    """Staff that a unit of work takes against the base year, (draw, year, profession)."""
    growth = p.by_profession("productivity_growth", arrays.professions(p.region))
    return np.cumprod(np.concatenate([np.ones_like(growth[:, :1]), 1 - growth[:, 1:]], axis=1), axis=1)


def staff_demand(work: np.ndarray, lean: np.ndarray, p: Parameters) -> np.ndarray:
    """Staff that the activity calls for, [FTE] (draw, year, profession, trust).

    Parameters
    ----------
    work : array, (draw, year, trust)
        From :func:`staff_work`.
    lean : array [1], (draw, year, profession)
        From :func:`lean_index`.
    p : Parameters
    """
    variable = share_variable(p)[:, None]
    index = (work / work[:, :1])[:, :, None, :]
    return staff_today(p) * (1 - variable + variable * index) * lean[..., None]


def total_staff_demand(work: np.ndarray, lean: np.ndarray, p: Parameters) -> np.ndarray:
    """Staff that the activity calls for at all trusts, [FTE] (draw, year, profession).

    The sum of :func:`staff_demand` over trusts, several times faster.
    """
    today, variable, index = staff_today(p), share_variable(p), work / work[:, :1]
    follows = np.tensordot(today * variable[:, None], index.T, axes=1).T
    return (follows + today.sum(axis=1) * (1 - variable)) * lean


def share_variable(p: Parameters) -> np.ndarray:
    """Share of each profession that follows the activity, (profession,)."""
    professions = arrays.professions(p.region)
    return np.array([p.constant("staff_share_variable", profession=name) for name in professions])


def staff_stocks(p: Parameters) -> StaffStocks:
    """Age today's staff and those who come; the activity has no part in it."""
    professions, base = arrays.professions(p.region), staff_today(p)
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
    start = base.sum(axis=1) / position[:, 0]
    found = StaffStocks(*(np.empty_like(position) for _ in range(3)))
    age_staff(start, shape, leave, retirement, intake, entry, float(AGES[0]), *found)
    return found


def staff_supply(stocks: StaffStocks, p: Parameters) -> np.ndarray:
    """Staff expected, [FTE] (draw, year, profession, trust).

    No open source gives staff ages by trust: stocks are the region's, and each trust keeps its share of the base year.
    """
    base = staff_today(p)
    position = p.by_profession("position_share", arrays.professions(p.region))
    return (stocks.heads * position)[..., None] * (base / base.sum(axis=1, keepdims=True))


def staff_available(supply: np.ndarray, p: Parameters) -> np.ndarray:
    """Staff expected less sick leave and other leave, [FTE] (draw, year, profession, trust)."""
    absent = p.value("sick_leave") + p.value("other_leave")
    return supply * (1 - absent)[..., None, None]


def required_intake(demand: np.ndarray, stocks: StaffStocks, p: Parameters) -> np.ndarray:
    """Constant yearly intake that closes the gap in each year, [person per year] (draw, year, profession)."""
    professions = arrays.professions(p.region)
    wanted = demand.sum(axis=-1) / p.by_profession("position_share", professions)
    carried = stocks.carried
    return np.where(
        carried > 0,
        (wanted - stocks.stayers) / np.where(carried > 0, carried, 1.0),
        p.by_profession("graduates_per_year", professions),
    )
