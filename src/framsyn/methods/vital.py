"""What a count of 1 January tells of the year before it: survival, net migration by the residual method, mothers' ages.

Counts are of 1 January, and a rate of a calendar year is read at the age a person has on 1 January at its start.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["MigrationResidual", "migration_residual", "mother_age_pattern", "survival"]

Array = NDArray[np.float64]

NEWBORN_SHARE = 0.9
"""Share of the first year's mortality that a child born evenly over the calendar year meets before 1 January."""


def survival(qx: Array) -> tuple[Array, Array]:
    """Survival over a calendar year, from the life table of that year.

    S[a] = 1 − (q[a] + q[a+1]) / 2 for a person aged a on 1 January, S_newborn = 1 − 0.9 · q[0]

    Parameters
    ----------
    qx : array [1], dims (..., age)
        Probability of death between exact ages; the last age is open.

    Returns
    -------
    array [1], dims (..., age)
        Survival by age on 1 January; in the open group its own q is used.
    array [1], dims (...)
        Survival of children born in the year.

    >>> by_age, newborn = survival(np.array([0.010, 0.002, 0.4]))
    >>> by_age.round(4).tolist(), float(newborn.round(4))
    ([0.994, 0.799, 0.6], 0.991)
    """
    after = np.concatenate([qx[..., 1:], qx[..., -1:]], axis=-1)
    return 1 - (qx + after) / 2, 1 - NEWBORN_SHARE * qx[..., 0]


@dataclass(frozen=True)
class MigrationResidual:
    """Net migrants and survivors by year; ``used`` is 0 where a year's boundary change forbids a residual."""

    net: Array
    survivors: Array
    used: NDArray[np.bool_]


def migration_residual(
    counts: Array, survive: Array, valid: NDArray[np.bool_] | None = None
) -> MigrationResidual:
    """Net migration as what counts and deaths leave unexplained.

    net[t, a] = N[t+1, a+1] − N[t, a] · S[t, a]; the last two ages meet in the open group and share its rate

    Parameters
    ----------
    counts : array [person], dims (area, year, sex, age)
        Persons on 1 January of consecutive years.
    survive : array [1], dims (year − 1, sex, age)
        Survival over each calendar year.
    valid : array of bool, dims (area, year − 1), optional
        False where the two counts do not cover the same ground.

    Returns
    -------
    MigrationResidual
        Dims (area, year − 1, sex, age), age on 1 January at the start of the year.

    >>> counts = np.array([100.0, 50.0, 10.0, 98.0, 99.0, 55.0]).reshape(1, 2, 1, 3)
    >>> found = migration_residual(counts, np.full((1, 1, 3), 0.9))
    >>> found.net.round(3).ravel().tolist()
    [9.0, 0.833, 0.167]
    """
    survivors = counts[:, :-1] * survive[np.newaxis]
    net = np.zeros_like(survivors)
    net[..., :-2] = counts[:, 1:, :, 1:-1] - survivors[..., :-2]
    open_survivors = survivors[..., -2:].sum(axis=-1)
    open_net = counts[:, 1:, :, -1] - open_survivors
    share = np.divide(
        survivors[..., -2:],
        open_survivors[..., np.newaxis],
        out=np.full_like(survivors[..., -2:], 0.5),
        where=open_survivors[..., np.newaxis] > 0,
    )
    net[..., -2:] = open_net[..., np.newaxis] * share
    used = np.ones(survivors.shape[:2], dtype=bool) if valid is None else valid
    keep = used[:, :, np.newaxis, np.newaxis]
    return MigrationResidual(net=net * keep, survivors=survivors * keep, used=used)


def mother_age_pattern(five_year_percent: Array) -> Array:
    """National age pattern of fertility by single year, 15 to 49, from the shares of seven five-year groups.

    Beers-like: the cumulative share is interpolated by a monotone cubic (Fritsch and Carlson), so that every group
    keeps its share and no age is negative.

    Parameters
    ----------
    five_year_percent : array [1], dims (group)
        Shares of 15–19, 20–24 … 45–49 in any common unit.

    Returns
    -------
    array [1], dims (age 15–49)
        Sums to 1.

    >>> pattern = mother_age_pattern(np.array([0.5, 7.7, 30.1, 37.9, 19.3, 4.2, 0.3]))
    >>> len(pattern), round(float(pattern.sum()), 12), round(float(pattern[10:15].sum()), 3)
    (35, 1.0, 0.301)
    """
    from scipy.interpolate import PchipInterpolator

    share = five_year_percent / five_year_percent.sum()
    cumulated = np.concatenate([[0.0], np.cumsum(share)])
    curve = PchipInterpolator(np.arange(15, 51, 5), cumulated)
    pattern = np.diff(curve(np.arange(15, 51)))
    return np.maximum(pattern, 0.0) / np.maximum(pattern, 0.0).sum()
