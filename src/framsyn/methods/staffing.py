"""Compiled inner loop of staff by age: those who are there grow a year older, leave or retire, and others come.

The plain version that serves as oracle in the tests is the NumPy expression in ``tests/properties``. The kernel handles one
draw and profession at a time with loops of fixed shape, so that the split of the draws changes no rounding, and keeps no
interpreter lock.
"""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["age_staff", "one_year"]


@njit(nogil=True, cache=True, error_model="numpy")
def one_year(stock, leave, staying, older):  # pragma: no cover - compiled
    """Make a stock a year older without entrants: of those who stay beyond retirement a share leaves.

    Parameters
    ----------
    stock : array [person], (age,)
    leave : float [1]
    staying : array [1], (age,)
        Share of each age that has not reached retirement.
    older : array [person], (age,)
        Filled.
    """
    older[0] = 0.0
    for a in range(1, len(stock)):
        older[a] = stock[a - 1] * (1.0 - leave) * staying[a]


@njit(nogil=True, cache=True, error_model="numpy")
def add_ages(values):  # pragma: no cover - compiled
    """Add ages up eight side by side, as NumPy does."""
    size = len(values)
    lanes = values[:8].copy()
    whole = size - size % 8
    for first in range(8, whole, 8):
        for k in range(8):
            lanes[k] += values[first + k]
    low = (lanes[0] + lanes[1]) + (lanes[2] + lanes[3])
    total = low + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]))
    for a in range(whole, size):
        total += values[a]
    return total


@njit(nogil=True, cache=True, error_model="numpy")
def age_staff(
    start, shape, leave, retirement, intake, entry, first_age, stayers, heads, carried
):  # pragma: no cover - compiled
    """Age today's staff, those who come, and those who would come at one entrant a year, in place.

    Nobody stays beyond the retirement age; one between two whole years lets the fraction of that age group stay.

    Parameters
    ----------
    start : array [person], (draw, profession)
        Staff of the base year.
    shape : array [1], (profession, age)
        Their shares by age.
    leave : array [1 per year], (draw, year, profession)
    retirement : array [year], (draw, year, profession)
    intake : array [person per year], (draw, year, profession)
    entry : array [1], (profession, age)
        Shares of entrants by age.
    first_age : float [year]
    stayers, heads, carried : array [person], (draw, year, profession)
        Filled.
    """
    draws, years, professions = leave.shape
    ages = shape.shape[1]
    here, come, unit = np.empty(ages), np.empty(ages), np.empty(ages)
    older, staying = np.empty(ages), np.empty(ages)
    for p in range(professions):
        for d in range(draws):
            # Draws that say the same of a profession, as most do, are counted once.
            same = d > 0 and start[d, p] == start[d - 1, p]
            for t in range(years):
                if not same:
                    break
                same = (
                    leave[d, t, p] == leave[d - 1, t, p]
                    and retirement[d, t, p] == retirement[d - 1, t, p]
                    and intake[d, t, p] == intake[d - 1, t, p]
                )
            if same:
                for t in range(years):
                    stayers[d, t, p] = stayers[d - 1, t, p]
                    heads[d, t, p] = heads[d - 1, t, p]
                    carried[d, t, p] = carried[d - 1, t, p]
                continue
            for a in range(ages):
                here[a] = start[d, p] * shape[p, a]
                come[a] = 0.0
                unit[a] = 0.0
            for t in range(years):
                if t:
                    gone, limit, entrants = leave[d, t - 1, p], retirement[d, t - 1, p], intake[d, t - 1, p]
                    if t == 1 or limit != retirement[d, t - 2, p]:
                        for a in range(ages):
                            staying[a] = min(max(limit - (first_age + a), 0.0), 1.0)
                    one_year(here, gone, staying, older)
                    here, older = older, here
                    one_year(come, gone, staying, older)
                    for a in range(ages):
                        older[a] += entrants * entry[p, a]
                    come, older = older, come
                    one_year(unit, gone, staying, older)
                    for a in range(ages):
                        older[a] += entry[p, a]
                    unit, older = older, unit
                stayers[d, t, p] = add_ages(here)
                heads[d, t, p] = stayers[d, t, p] + add_ages(come)
                carried[d, t, p] = add_ages(unit)
