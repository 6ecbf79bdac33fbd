"""Stock and flow of professionals by single year of age, and the intake that closes a gap.

Heads and full-time equivalents are kept apart: contract FTE = heads × position share; available FTE =
contract FTE × (1 − absence).

References
----------
van Greuningen, M., Batenburg, R. S. & Van der Velden, L. F. J. (2012). Ten years of health workforce planning
in the Netherlands. Human Resources for Health 10:21.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from framsyn.errors import PlanError
from framsyn.methods.checks import Floats, check_shape, finite_array, whole_number

__all__ = [
    "RequiredIntake",
    "StockPath",
    "StockStep",
    "available_fte",
    "contract_fte",
    "heads_for_fte",
    "project_stock",
    "required_intake",
    "step_stock",
]


class StockStep(NamedTuple):
    """Heads a year later, and those who retired, left or passed the last age; dims (..., age)."""

    stock: Floats
    retired: Floats
    left: Floats


class StockPath(NamedTuple):
    """Heads on 1 January of each year, and the flows of each year.

    ``stock`` has dims (year, ..., age), one year more than the flows, which have dims (year, ...).
    """

    stock: Floats
    retired: Floats
    left: Floats
    entered: Floats


class RequiredIntake(NamedTuple):
    """Yearly intake for zero gap, the stock at the end without any, and what one place a year adds to it."""

    intake: Floats | float
    baseline: Floats | float
    response: Floats | float


def step_stock(stock: ArrayLike, retire: ArrayLike, leave: ArrayLike, entrants: ArrayLike = 0.0) -> StockStep:
    """Professionals one year later.

    stock[t+1, a+1] = stock[t, a]·(1 − retire[a] − leave[a]) + entrants[a+1]; those who pass the last age
    retire.

    Parameters
    ----------
    stock : array_like [head], dims (..., age)
    retire, leave : array_like [1 per year], broadcast to ``stock``
        Shares by age on 1 January; together at most 1.
    entrants : array_like [head per year], broadcast to ``stock``
        Graduates and net migration by age at the end of the year; negative where more move out than in.

    Returns
    -------
    StockStep [head]

    Raises
    ------
    PlanError
        ``shares-above-one``, ``negative-stock``, ``wrong-shape``, or as for any array.

    Examples
    --------
    >>> step_stock([100, 50, 10], retire=[0, 0, 0.5], leave=0.1, entrants=[20, 0, 0])
    StockStep(stock=array([20., 90., 45.]), retired=array([0., 0., 9.]), left=array([10.,  5.,  1.]))
    """
    heads = finite_array("stock", stock, low=0)
    if heads.ndim == 0:
        message = "stock is a single number; it needs an age axis, the last one."
        raise PlanError("wrong-shape", message, got=())
    retiring = _broadcast("retire", finite_array("retire", retire, low=0, high=1), heads.shape)
    leaving = _broadcast("leave", finite_array("leave", leave, low=0, high=1), heads.shape)
    if (retiring + leaving > 1 + 1e-12).any():
        highest = float((retiring + leaving).max())
        message = (
            f"retire and leave add up to {highest:g} at some age, expected at most 1. Lower one of them."
        )
        raise PlanError("shares-above-one", message, got=highest)
    coming = _broadcast("entrants", finite_array("entrants", entrants), heads.shape)
    retired, left = heads * retiring, heads * leaving
    stayed = np.maximum(heads - retired - left, 0.0)
    later = np.zeros_like(heads)
    later[..., 1:] = stayed[..., :-1]
    retired[..., -1] += stayed[..., -1]
    later += coming
    if (later < -1e-9).any():
        message = (
            f"More move out than there are: the stock falls to {float(later.min()):g} heads. Check the "
            "entrants."
        )
        raise PlanError("negative-stock", message, got=float(later.min()))
    return StockStep(np.maximum(later, 0.0), retired, left)


def project_stock(
    stock: ArrayLike, retire: ArrayLike, leave: ArrayLike, entrants: ArrayLike, steps: int
) -> StockPath:
    """Professionals year by year.

    Parameters
    ----------
    stock : array_like [head], dims (..., age)
        Heads on the first 1 January.
    retire, leave : array_like [1 per year], broadcast to (year, ..., age)
    entrants : array_like [head per year], broadcast to (year, ..., age)
    steps : int [year]

    Returns
    -------
    StockPath
        Start + entered − retired − left = end, in every year.

    Examples
    --------
    >>> path = project_stock([10.0, 0.0, 0.0], retire=0, leave=0.1, entrants=[5.0, 0.0, 0.0], steps=2)
    >>> path.stock.round(2)
    array([[10. ,  0. ,  0. ],
           [ 5. ,  9. ,  0. ],
           [ 5. ,  4.5,  8.1]])
    """
    start = finite_array("stock", stock, low=0)
    years = whole_number("steps", steps, low=0)
    full = (years, *start.shape)
    retiring = _broadcast("retire", finite_array("retire", retire), full)
    leaving = _broadcast("leave", finite_array("leave", leave), full)
    coming = _broadcast("entrants", finite_array("entrants", entrants), full)
    heads = np.empty((years + 1, *start.shape))
    heads[0] = start
    retired, left = np.empty((years, *start.shape[:-1])), np.empty((years, *start.shape[:-1]))
    for t in range(years):
        step = step_stock(heads[t], retiring[t], leaving[t], coming[t])
        heads[t + 1] = step.stock
        retired[t], left[t] = step.retired.sum(axis=-1), step.left.sum(axis=-1)
    return StockPath(heads, retired, left, coming.sum(axis=-1))


def required_intake(
    stock: ArrayLike,
    retire: ArrayLike,
    leave: ArrayLike,
    profile: ArrayLike,
    target: ArrayLike,
    steps: int,
    *,
    entrants: ArrayLike = 0.0,
    weight: ArrayLike = 1.0,
    delay: int = 0,
) -> RequiredIntake:
    """Yearly training intake that gives zero gap at the end, in closed form.

    The stock is linear in the intake, so intake = (target − baseline)/response, where baseline is the
    weighted stock at the end with no intake, and response what one place a year adds to it.

    Parameters
    ----------
    stock, retire, leave : as in :func:`project_stock`
    profile : array_like [head per place], dims (age)
        Graduates who take up work, by age, per place; the sum is the share that completes and enters.
    target : float or array_like, dims (...)
        Needed at the end, in the unit of heads × ``weight``.
    steps : int [year]
    entrants : array_like [head per year], broadcast to (year, ..., age)
        Flows that come whatever the intake, such as migration and students already admitted.
    weight : array_like, broadcast to (..., age)
        FTE per head by age; 1 counts heads.
    delay : int [year]
        Years from intake to work: the first intake enters at the end of year ``delay`` + 1.

    Returns
    -------
    RequiredIntake
        ``intake`` [place per year] is negative where the stock is above the target without any.

    Raises
    ------
    PlanError
        ``intake-too-late`` where no intake can reach the target year, or as :func:`step_stock`.

    Examples
    --------
    >>> plan = required_intake([90.0, 0, 0, 0], 0, 0, profile=[1, 0, 0, 0], target=120, steps=3)
    >>> plan
    RequiredIntake(intake=10.0, baseline=90.0, response=3.0)
    """
    start = finite_array("stock", stock, low=0)
    years, wait = whole_number("steps", steps, low=1), whole_number("delay", delay)
    per_place = finite_array("profile", profile, low=0, dims=1)
    check_shape("profile", per_place.shape, start.shape[-1:], "(age)")
    factor = _broadcast("weight", finite_array("weight", weight, low=0), start.shape)
    arriving = np.zeros((years, *start.shape))
    arriving[wait:] = per_place
    without = project_stock(start, retire, leave, entrants, years).stock[-1]
    one_place = project_stock(np.zeros_like(start), retire, leave, arriving, years).stock[-1]
    baseline, response = (factor * without).sum(axis=-1), (factor * one_place).sum(axis=-1)
    if (response <= 0).any():
        message = (
            f"No intake reaches work within {years} years: it takes {wait} years of training and the profile "
            "holds "
            f"{per_place.sum():g} heads per place. Choose a later year or a shorter training."
        )
        raise PlanError("intake-too-late", message, steps=years, delay=wait)
    wanted = finite_array("target", target, low=0)
    return RequiredIntake(_plain((wanted - baseline) / response), _plain(baseline), _plain(response))


def contract_fte(heads: ArrayLike, position_share: ArrayLike) -> Floats | float:
    """Full-time equivalents by contract: heads × position share.

    Examples
    --------
    >>> contract_fte(100, 0.8)
    80.0
    """
    share = finite_array("position_share", position_share, low=0, high=1)
    return _plain(finite_array("heads", heads, low=0) * share)


def available_fte(heads: ArrayLike, position_share: ArrayLike, absence: ArrayLike) -> Floats | float:
    """Full-time equivalents at work: heads × position share × (1 − sick leave and other leave).

    Examples
    --------
    >>> round(available_fte(100, 0.8, 0.089), 6)
    72.88
    """
    away = finite_array("absence", absence, low=0, high=1)
    return _plain(np.asarray(contract_fte(heads, position_share)) * (1 - away))


def heads_for_fte(fte: ArrayLike, position_share: ArrayLike, absence: ArrayLike = 0.0) -> Floats | float:
    """Heads that give a number of full-time equivalents at work; the inverse of :func:`available_fte`.

    Raises
    ------
    PlanError
        ``nobody-at-work`` where the position share is 0 or the absence 1.

    Examples
    --------
    >>> round(heads_for_fte(72.88, 0.8, 0.089), 6)
    100.0
    """
    per_head = np.asarray(available_fte(1.0, position_share, absence))
    if (per_head == 0).any():
        message = "A head gives no FTE: the position share is 0 or the absence 1. Correct one of them."
        raise PlanError("nobody-at-work", message)
    return _plain(finite_array("fte", fte, low=0) / per_head)


def _broadcast(name: str, array: Floats, shape: tuple[int, ...]) -> Floats:
    try:
        return np.broadcast_to(array, shape)
    except ValueError as fault:
        message = (
            f"{name} has shape {array.shape}, which does not broadcast to {shape}. Check the order of its "
            "axes."
        )
        raise PlanError("wrong-shape", message, name=name, got=array.shape, expected=shape) from fault


def _plain(values: Floats) -> Floats | float:
    return float(values) if np.ndim(values) == 0 else values
