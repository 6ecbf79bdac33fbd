"""Compiled inner loops of the projection: people one year older, and use by age times people.

The plain versions that serve as oracle in the tests are :func:`framsyn.methods.demography.project` (people) and the
NumPy expressions in ``tests/properties`` (use). Each kernel handles one draw at a time with loops of fixed shape, so that
the split of the draws into chunks or threads changes no rounding; none keeps the interpreter lock.
"""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["project_cohorts", "use_of_people"]

AGES = 106


@njit(nogil=True, cache=True, error_model="numpy")
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


# Sums may be taken in vector lanes: the lanes depend on the length of the age axis alone, never on how draws are split.
LANES = {"reassoc", "nsz", "contract"}


@njit(nogil=True, cache=True, error_model="numpy", fastmath=LANES)
def use_of_people(people, class_people, use, lower, fraction, group, cell, segment, need_factor, operator, cost, measure_output,
                  need_output, variant_of_class, variant_of_area, activity, need, area_use):  # pragma: no cover - compiled
    """Sum use by age over people, for one draw, in place.

    The rate of service *i*, measure *m* at age *a* is ``Σ_n operator[m, n] · u[n](a − shift)``, read on the straight line
    between two single ages; activity is the sum of rate times people, need is the same with the need factors alone times
    cost. Sex and age are one axis of 212 (men first).

    Parameters
    ----------
    people : array [person], (year, area, 212)
    class_people : array [person], (year, class, 212)
        People by class of areas (areas that share trusts and factors).
    use : array [activity per person and year], (service, measure, 212)
    lower : array of int, (year, group, 212)
        Place on the 212 axis of the lower single age that a rate is read at.
    fraction : array [1], (year, group, 212)
        Weight of the next single age.
    group : array of int, (service,)
        Row of ``lower`` and ``fraction`` that a service follows.
    cell : array of int, (service,)
        Row of ``need_factor`` and ``operator`` that a service follows.
    segment : array of int, (212,)
    need_factor : array [1], (year, variant, cell, segment, measure)
    operator : array [1], (year, variant, cell, segment, measure, measure)
    cost : array [money per activity], (service, measure)
    measure_output : array of int, (service, measure)
        Column of ``area_use`` that takes a measure; −1 for none.
    need_output : array of int, (service,)
        Column of ``area_use`` that takes a service's need; −1 for none.
    variant_of_class, variant_of_area : array of int
    activity : array [activity per year], (year, class, service, measure)
        Filled.
    need : array [money per year], (year, class, service, measure)
        Filled.
    area_use : array, (year, area, column)
        Filled.
    """
    years, classes = class_people.shape[:2]
    areas, outputs = area_use.shape[1:]
    services, measures, ages = use.shape
    variants = need_factor.shape[1]
    shifted = np.empty((measures, ages))
    present = np.empty(measures, dtype=np.bool_)
    row = np.empty(ages)
    gathered = np.empty((outputs, ages))
    for t in range(years):
        for v in range(variants):
            gathered[:, :] = 0.0
            for i in range(services):
                below = lower[t, group[i]]
                weight = fraction[t, group[i]]
                for m in range(measures):
                    rate = use[i, m]
                    present[m] = False
                    for a in range(ages):
                        if rate[a] != 0.0:
                            present[m] = True
                            break
                    if present[m]:
                        for a in range(ages):
                            b = below[a]
                            shifted[m, a] = rate[b] + weight[a] * (rate[b + 1] - rate[b]) if weight[a] > 0.0 else rate[b]
                for m in range(measures):
                    for a in range(ages):
                        row[a] = 0.0
                    live = False
                    for n in range(measures):
                        if not present[n]:
                            continue
                        used = False
                        for g in range(operator.shape[3]):
                            if operator[t, v, cell[i], g, m, n] != 0.0:
                                used = True
                                break
                        if used:
                            live = True
                            for a in range(ages):
                                row[a] += operator[t, v, cell[i], segment[a], m, n] * shifted[n, a]
                    if live:
                        for c in range(classes):
                            if variant_of_class[c] == v:
                                total = 0.0
                                for a in range(ages):
                                    total += row[a] * class_people[t, c, a]
                                activity[t, c, i, m] = total
                        column = measure_output[i, m]
                        if column >= 0:
                            for a in range(ages):
                                gathered[column, a] += row[a]
                    if cost[i, m] > 0.0 and present[m]:
                        for a in range(ages):
                            row[a] = need_factor[t, v, cell[i], segment[a], m] * shifted[m, a] * cost[i, m]
                        for c in range(classes):
                            if variant_of_class[c] == v:
                                total = 0.0
                                for a in range(ages):
                                    total += row[a] * class_people[t, c, a]
                                need[t, c, i, m] = total
                        column = need_output[i]
                        if column >= 0:
                            for a in range(ages):
                                gathered[column, a] += row[a]
            for r in range(areas):
                if variant_of_area[r] == v:
                    for o in range(outputs):
                        total = 0.0
                        for a in range(ages):
                            total += gathered[o, a] * people[t, r, a]
                        area_use[t, r, o] = total
