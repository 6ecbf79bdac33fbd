"""Compiled inner loops of the projection: people one year older, and use by age times people.

The plain versions that serve as oracle in the tests are :func:`framsyn.methods.demography.project` (people) and the
NumPy expressions in ``tests/properties`` (use). Each kernel handles one draw at a time with loops of fixed shape, so that
the split of the draws into chunks or threads changes no rounding; none keeps the interpreter lock.
"""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["gather_people", "project_cohorts", "share_chance", "use_of_people"]

AGES = 106

# Sums may be taken in vector lanes: the lanes depend on the length of the age axis alone, never on how draws are split.
LANES = {"reassoc", "nsz", "contract"}
BED_DAYS = 2  # column of municipal use, behind need and stays


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
    for d in range(draws):
        for t in range(years):
            for r in range(areas):
                young = 0.0
                old = 0.0
                oldest = 0.0
                c = area_class[r]
                for s in range(2):
                    row = people[d, t, r, s]
                    to_class = class_people[d, t, c, s]
                    for a in range(AGES):
                        to_class[a] += row[a]
                    for a in range(65):
                        young += row[a]
                    for a in range(65, 80):
                        old += row[a]
                    for a in range(80, AGES):
                        oldest += row[a]
                area_groups[0, d, t, r] = young + old + oldest
                area_groups[1, d, t, r] = old + oldest
                area_groups[2, d, t, r] = oldest


@njit(nogil=True, cache=True, error_model="numpy", fastmath=LANES, inline="always")
def scale_run(row, rate, factor, first, stop, add):  # pragma: no cover - compiled
    """Write or add ``factor · rate`` over the ages ``first`` to ``stop − 1`` of both sexes."""
    if first == 0 and stop == AGES:
        if add:
            for a in range(2 * AGES):
                row[a] += factor * rate[a]
        else:
            for a in range(2 * AGES):
                row[a] = factor * rate[a]
    else:
        for s in range(2):
            if add:
                for a in range(s * AGES + first, s * AGES + stop):
                    row[a] += factor * rate[a]
            else:
                for a in range(s * AGES + first, s * AGES + stop):
                    row[a] = factor * rate[a]


@njit(nogil=True, cache=True, error_model="numpy", fastmath=LANES, inline="always")
def dot_of_four(row, people, first):  # pragma: no cover - compiled
    """Multiply a row of rates with four classes of people at once, so that the row is read once."""
    one, two, three, four = 0.0, 0.0, 0.0, 0.0
    p, q, r, s = people[first], people[first + 1], people[first + 2], people[first + 3]
    for a in range(2 * AGES):
        one += row[a] * p[a]
        two += row[a] * q[a]
        three += row[a] * r[a]
        four += row[a] * s[a]
    return one, two, three, four


@njit(nogil=True, cache=True, error_model="numpy", fastmath=LANES)
def use_of_people(
    class_people,
    use,
    present,
    shift,
    group,
    cell,
    bounds,
    need_factor,
    operator,
    cost,
    measure_output,
    need_output,
    variant_of_class,
    activity,
    need,
    columns,
):  # pragma: no cover - compiled
    """Sum use by age over people, for one draw, in place.

    The rate of service *i*, measure *m* at age *a* is ``Σ_n operator[m, n] · u[n](a − shift)``, read on the straight line
    between two single ages; activity is the sum of rate times people, need is the same with the need factors alone times
    cost. Sex and age are one axis of 212 (men first).

    Parameters
    ----------
    class_people : array [person], (year, class, 212)
        People by class of areas (areas that share trusts and factors), with empty classes up to a multiple of four.
    use : array [activity per person and year], (service, measure, 212)
    present : array of bool, (service, measure)
        Where there is any use.
    shift : array [year], (year, group, age)
        How many years younger a rate is read; zero below some age.
    group : array of int, (service,)
        Row of ``shift`` that a service follows.
    cell : array of int, (service,)
        Row of ``need_factor`` and ``operator`` that a service follows.
    bounds : array of int, (segment + 1,)
        First age of each segment, and 106.
    need_factor : array [1], (year, variant, cell, segment, measure)
    operator : array [1], (year, variant, cell, segment, measure, measure)
    cost : array [money per activity], (service, measure)
    measure_output : array of int, (service, measure)
        Row of ``columns`` that takes a measure; −1 for none.
    need_output : array of int, (service,)
        Row of ``columns`` that takes a service's need; −1 for none.
    variant_of_class : array of int, (class,)
    activity : array [activity per year], (year, class, service, measure)
        Filled.
    need : array [money per year], (year, class, service, measure)
        Filled.
    columns : array [per person and year], (year, variant, column, 212)
        Filled: rates added up over services, to be multiplied with the people of each municipality.
    """
    years = class_people.shape[0]
    classes = variant_of_class.shape[0]
    services, measures, ages = use.shape
    variants = need_factor.shape[1]
    parts = bounds.shape[0] - 1
    groups = shift.shape[1]
    shifted = np.empty((measures, ages))
    row = np.empty(ages)
    from_age = np.empty(groups, dtype=np.int64)
    even_from = np.empty(groups, dtype=np.int64)  # from here up every age is read equally much younger
    lower = np.empty((groups, AGES), dtype=np.int64)
    weight = np.empty((groups, AGES))
    for t in range(years):
        for k in range(groups):
            from_age[k] = AGES
            for a in range(AGES - 1, -1, -1):
                if shift[t, k, a] != 0.0:
                    from_age[k] = a
                x = min(max(a - shift[t, k, a], 0.0), AGES - 1.0)
                lower[k, a] = min(int(x), AGES - 2)
                weight[k, a] = x - lower[k, a]
            even_from[k] = AGES
            most = shift[t, k, AGES - 1]
            # Where a rate would be read before the first or beyond the last age it is held there, so those stay one by one.
            while (
                most >= 0.0
                and even_from[k] - 1 >= max(from_age[k], most)
                and shift[t, k, even_from[k] - 1] == most
            ):
                even_from[k] -= 1
        for v in range(variants):
            gathered = columns[t, v]
            gathered[:, :] = 0.0
            for i in range(services):
                below = lower[group[i]]
                upper_weight = weight[group[i]]
                first_shifted, even = from_age[group[i]], even_from[group[i]]
                back, same_weight = AGES - 1 - below[AGES - 1], upper_weight[AGES - 1]
                for m in range(measures):
                    if present[i, m]:
                        for s in range(2):
                            rate = use[i, m, s * AGES : (s + 1) * AGES]
                            read = shifted[m, s * AGES : (s + 1) * AGES]
                            for a in range(first_shifted):
                                read[a] = rate[a]
                            for a in range(first_shifted, even):
                                b = below[a]
                                read[a] = rate[b] + upper_weight[a] * (rate[b + 1] - rate[b])
                            for a in range(even, AGES):
                                b = a - back
                                read[a] = rate[b] + same_weight * (rate[b + 1] - rate[b])
                for m in range(measures):
                    live = False
                    for n in range(measures):
                        if not present[i, n]:
                            continue
                        used = False
                        for g in range(parts):
                            if operator[t, v, cell[i], g, m, n] != 0.0:
                                used = True
                        if not used:
                            continue
                        g = 0
                        while g < parts:
                            # Segments that share a factor are one run: long runs fill the vector lanes.
                            first = g
                            factor = operator[t, v, cell[i], g, m, n]
                            while g + 1 < parts and operator[t, v, cell[i], g + 1, m, n] == factor:
                                g += 1
                            g += 1
                            scale_run(row, shifted[n], factor, bounds[first], bounds[g], live)
                        live = True
                    if live:
                        for c in range(0, classes, 4):
                            four = dot_of_four(row, class_people[t], c)
                            for k in range(4):
                                if c + k < classes and variant_of_class[c + k] == v:
                                    activity[t, c + k, i, m] = four[k]
                        column = measure_output[i, m]
                        if column >= 0:
                            for a in range(ages):
                                gathered[column, a] += row[a]
                    if cost[i, m] > 0.0 and present[i, m]:
                        g = 0
                        while g < parts:
                            first = g
                            factor = need_factor[t, v, cell[i], g, m]
                            while g + 1 < parts and need_factor[t, v, cell[i], g + 1, m] == factor:
                                g += 1
                            g += 1
                            scale_run(row, shifted[m], factor * cost[i, m], bounds[first], bounds[g], False)
                        for c in range(0, classes, 4):
                            four = dot_of_four(row, class_people[t], c)
                            for k in range(4):
                                if c + k < classes and variant_of_class[c + k] == v:
                                    need[t, c + k, i, m] = four[k]
                        column = need_output[i]
                        if column >= 0:
                            for a in range(ages):
                                gathered[column, a] += row[a]


@njit(nogil=True, cache=True, error_model="numpy")
def share_chance(
    area_use, normals, by_measure, by_patients, area_trust, spread, level
):  # pragma: no cover - compiled
    """Give municipalities their part of the trusts' chance and one of their own that cancels within the trust, in place.

    Each draws a count of its own, ``w_r = max(0, λ_r + √(φ λ_r) z_r + φ (z_r² − 1)/6)``, and shares the trust's count by
    it, ``A_r = A · w_r / Σ w``: never less than nothing, and in sum the trust's. φ of bed days is that of stays times
    twice the mean length of stay of the base year, as for the trusts.

    Parameters
    ----------
    area_use : array, (draw, year, area, service_area, column)
        Columns: need (left alone), the measures, patients. Changed.
    normals : array [1], (draw, year, area, service_area, level)
    by_measure : array, (draw, year, service_area, measure, trust)
        Chance of the trusts.
    by_patients : array, (draw, year, service_area, trust)
    area_trust : array of int, (service_area, area)
    spread : array [1], (level,)
        Overdispersion φ.
    level : array of int, (column,)
        Level whose chance a column takes; −1 for none.
    """
    draws, years, areas, service_areas, columns = area_use.shape
    trusts = by_patients.shape[3]
    total = np.empty(trusts)
    drawn = np.empty(trusts)
    own = np.empty(areas)
    for d in range(draws):
        for t in range(1, years):
            for i in range(service_areas):
                for k in range(columns):
                    if level[k] < 0:
                        continue
                    total[:] = 0.0
                    drawn[:] = 0.0
                    for r in range(areas):
                        mean = area_use[d, t, r, i, k]
                        total[area_trust[i, r]] += mean
                        phi = spread[level[k]]
                        if k == BED_DAYS and area_use[d, 0, r, i, k - 1] > 0.0:
                            phi *= 2.0 * area_use[d, 0, r, i, k] / area_use[d, 0, r, i, k - 1]
                        z = normals[d, t, r, i, level[k]]
                        own[r] = 0.0  # no use, no chance
                        if mean > 0.0:
                            own[r] = max(mean + np.sqrt(phi * mean) * z + phi * (z * z - 1.0) / 6.0, 0.0)
                        drawn[area_trust[i, r]] += own[r]
                    for r in range(areas):
                        h = area_trust[i, r]
                        if total[h] > 0.0:
                            extra = (
                                by_patients[d, t, i, h] if k == columns - 1 else by_measure[d, t, i, k - 1, h]
                            )
                            part = own[r] / drawn[h] if drawn[h] > 0.0 else area_use[d, t, r, i, k] / total[h]
                            area_use[d, t, r, i, k] = part * max(total[h] + extra, 0.0)
