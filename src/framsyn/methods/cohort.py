"""Compiled inner loops of the projection: people one year older, and added up.

The plain version that serves as oracle in the tests is :func:`framsyn.methods.demography.project`. Each kernel handles one
draw at a time with loops of fixed shape, so that the split of the draws into chunks or threads changes no rounding; none
keeps the interpreter lock.
"""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["gather_people", "project_cohorts"]

AGES = 106

# Sums may be taken in vector lanes: the lanes depend on the length of the age axis alone, never on how draws are split.
LANES = {"reassoc", "nsz", "contract"}


@njit(nogil=True, cache=True, error_model="numpy", fastmath=LANES)
def project_cohorts(
    base,
    survival,
    newborn_survival,
    migration,
    newborn_migration,
    shock,
    mobility,
    fertility,
    level,
    boy_share,
    people,
    births,
    deaths,
    moves,
):  # pragma: no cover - compiled
    """Project people by area, sex and single year of age for some draws, in place.

    ``people[d, t+1, r, s, a+1] = people[d, t, r, s, a] · survival · (1 + migration + shock · mobility)``; births of the
    calendar year come from the mean of the women at its start and at its end.

    Parameters
    ----------
    base : array [person], (area, sex, age)
        Count on 1 January of the first year.
    survival : array [1], (draw, year, sex, age)
        Share that survives the calendar year, by age on 1 January.
    newborn_survival : array [1], (draw, year, sex)
        Share of the children born in the year that live at its end.
    migration : array [1 per year], (area, sex, age)
        Net migration rate by age on 1 January.
    newborn_migration : array [1 per year], (area, sex)
        Net migration rate of the children born in the year.
    shock : array [1 per year], (draw, year, area)
        Deviation of the area's net migration rate.
    mobility : array [1], (age,)
        How strongly an age takes part in the deviation.
    fertility : array [1 per year], (draw, year, age)
        National births per woman and year by age.
    level : array [1], (area,)
        The area's fertility against the national one.
    boy_share : float [1]
    people : array [person], (draw, year + 1, area, sex, age)
        Filled; ``year + 1`` counts 1 Januaries.
    births, deaths, moves : array [person per year], (draw, year, area)
        Filled.
    """
    draws, years, areas = shock.shape
    last = AGES - 1
    for d in range(draws):
        for r in range(areas):
            for s in range(2):
                for a in range(AGES):
                    people[d, 0, r, s, a] = base[r, s, a]
        for t in range(years):
            for r in range(areas):
                dead = 0.0
                moved = 0.0
                for s in range(2):
                    start = people[d, t, r, s]
                    end = people[d, t + 1, r, s]
                    alive = survival[d, t, s]
                    rate = migration[r, s]
                    deviation = shock[d, t, r]
                    end[0] = 0.0
                    for a in range(last):
                        stay = start[a] * alive[a]
                        factor = max(0.0, 1.0 + rate[a] + deviation * mobility[a])
                        end[a + 1] = stay * factor
                        dead += start[a] - stay
                        moved += end[a + 1] - stay
                    stay = start[last] * alive[last]
                    grown = stay * max(0.0, 1.0 + rate[last] + deviation * mobility[last])
                    end[last] += grown
                    dead += start[last] - stay
                    moved += grown - stay
                born = 0.0
                before = people[d, t, r, 1]
                after = people[d, t + 1, r, 1]
                for a in range(15, 50):
                    born += fertility[d, t, a] * 0.5 * (before[a] + after[a])
                born *= level[r]
                for s in range(2):
                    share = boy_share if s == 0 else 1.0 - boy_share
                    stay = born * share * newborn_survival[d, t, s]
                    factor = max(0.0, 1.0 + newborn_migration[r, s] + shock[d, t, r] * mobility[0])
                    people[d, t + 1, r, s, 0] = stay * factor
                    dead += born * share - stay
                    moved += stay * factor - stay
                births[d, t, r] = born
                deaths[d, t, r] = dead
                moves[d, t, r] = moved


@njit(nogil=True, cache=True, error_model="numpy", fastmath=LANES)
def gather_people(people, area_class, class_people, area_groups):  # pragma: no cover - compiled
    """Add municipalities up to classes, and ages up to the groups shown by municipality, in one pass.

    Parameters
    ----------
    people : array [person], (draw, year, area, sex, age)
    area_class : array of int, (area,)
    class_people : array [person], (draw, year, class, sex, age)
        Added to.
    area_groups : array [person], (group, draw, year, area)
        Filled: all ages, 65 and over, 80 and over.
    """
    draws, years, areas = people.shape[:3]
    row = np.empty(AGES)
    for d in range(draws):
        for t in range(years):
            for r in range(areas):
                c = area_class[r]
                for a in range(AGES):
                    row[a] = people[d, t, r, 0, a] + people[d, t, r, 1, a]
                for s in range(2):
                    for a in range(AGES):
                        class_people[d, t, c, s, a] += people[d, t, r, s, a]
                young = 0.0
                old = 0.0
                oldest = 0.0
                for a in range(65):
                    young += row[a]
                for a in range(65, 80):
                    old += row[a]
                for a in range(80, AGES):
                    oldest += row[a]
                area_groups[0, d, t, r] = young + old + oldest
                area_groups[1, d, t, r] = old + oldest
                area_groups[2, d, t, r] = oldest
