"""Compiled inner loops of use: rates by age times people, and chance shared among municipalities.

The plain versions that serve as oracle in the tests are the NumPy expressions in ``tests/properties``. Each kernel handles
one draw at a time with loops of fixed shape, so that the split of the draws into chunks or threads changes no rounding;
none keeps the interpreter lock.
"""

from __future__ import annotations

import numpy as np
from numba import njit, vectorize

__all__ = ["chance_of_count", "share_chance", "use_of_people"]

AGES = 106

# Sums may be taken in vector lanes: the lanes depend on the length of the age axis alone, never on how draws are split.
LANES = {"reassoc", "nsz", "contract"}
BED_DAYS = 2  # column of municipal use, behind need and stays


@vectorize(["float64(float64, float64, float64)"], cache=True)
def chance_of_count(mean, spread, z):  # pragma: no cover - compiled
    """Chance part of a count: ``√(φ m) z + φ (z² − 1)/6``, never taking more than the mean m; no use, no chance."""
    if mean > 0.0:
        return max(np.sqrt(spread * mean) * z + spread * (z * z - 1.0) / 6.0, -mean)
    return 0.0


@njit(nogil=True, cache=True, error_model="numpy", fastmath=LANES, inline="always")
def dot_of_four(rate, people, d, t, c, start, length):  # pragma: no cover - compiled
    """Multiply a run of rates with four classes of people at once, so that the rates are read once.

    Whole numbers without sign need no look for negative places, so the loops fill the vector lanes.
    """
    one, two, three, four = 0.0, 0.0, 0.0, 0.0
    for k in range(length):
        a = start + k
        one += rate[a] * people[d, t, c, a]
        two += rate[a] * people[d, t, c + 1, a]
        three += rate[a] * people[d, t, c + 2, a]
        four += rate[a] * people[d, t, c + 3, a]
    return one, two, three, four


@njit(nogil=True, cache=True, error_model="numpy", fastmath=LANES, inline="always")
def add_run(rows, row, rate, factor, start, length):  # pragma: no cover - compiled
    """Add ``factor · rate`` to a row over a run of ages."""
    for k in range(length):
        a = start + k
        rows[row, a] += factor * rate[a]


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
    """Sum use by age over people, in place.

    The rate of service *i*, measure *m* at age *a* is ``Σ_n operator[m, n] · u[n](a − shift)``, read on the straight line
    between two single ages; activity is the sum of rate times people, need is the same with the need factors alone times
    cost. Sex and age are one axis of 212 (men first). Rates times people are summed once per run of segments with one
    factor, and serve activity, what moves to other measures, and need.

    Parameters
    ----------
    class_people : array [person], (draw, year, class, 212)
        People by class of areas (areas that share trusts and factors), with empty classes up to a multiple of four.
    use : array [activity per person and year], (service, measure, 212)
    present : array of bool, (service, measure)
        Where there is any use.
    shift : array [year], (draw, year, group, age)
        How many years younger a rate is read; zero below some age.
    group : array of int, (service,)
        Row of ``shift`` that a service follows.
    cell : array of int, (service,)
        Row of ``need_factor`` and ``operator`` that a service follows.
    bounds : array of int, (segment + 1,)
        First age of each segment, and 106.
    need_factor : array [1], (draw, year, variant, cell, segment, measure)
    operator : array [1], (draw, year, variant, cell, segment, measure, measure)
    cost : array [money per activity], (service, measure)
    measure_output : array of int, (service, measure)
        Column that takes a measure; −1 for none.
    need_output : array of int, (service,)
        Column that takes a service's need; −1 for none.
    variant_of_class : array of int, (class,)
    activity : array [activity per year], (draw, year, class, service, measure)
        Added to.
    need : array [money per year], (draw, year, class, service, measure)
        Added to.
    columns : array [per person and year], (variant, draw, year, 212, column)
        Filled: rates added up over services, to be multiplied with the people of each municipality.
    """
    draws, years = class_people.shape[:2]
    classes = variant_of_class.shape[0]
    services, measures, ages = use.shape
    variants = need_factor.shape[2]
    parts = bounds.shape[0] - 1
    groups = shift.shape[2]
    one = np.uint64(1)
    factor = np.empty(parts)
    known = np.empty((parts, parts + 1), dtype=np.bool_)
    summed = np.empty(
        (parts, parts + 1, class_people.shape[2])
    )  # rates times people by run: first and stop segment
    shifted = np.empty(ages)
    gathered = np.empty((columns.shape[4], ages))
    from_age = np.empty(groups, dtype=np.int64)
    even_from = np.empty(groups, dtype=np.int64)  # from here up every age is read equally much younger
    lower = np.empty((groups, AGES), dtype=np.int64)
    weight = np.empty((groups, AGES))
    for d in range(draws):
        for t in range(years):
            for k in range(groups):
                younger = shift[d, t, k]
                from_age[k] = AGES
                for a in range(AGES - 1, -1, -1):
                    if younger[a] != 0.0:
                        from_age[k] = a
                    x = min(max(a - younger[a], 0.0), AGES - 1.0)
                    lower[k, a] = min(int(x), AGES - 2)
                    weight[k, a] = x - lower[k, a]
                even_from[k] = AGES
                most = younger[AGES - 1]
                # Where a rate would be read before the first or beyond the last age it is held there: those one by one.
                while (
                    most >= 0.0
                    and even_from[k] - 1 >= max(from_age[k], most)
                    and younger[even_from[k] - 1] == most
                ):
                    even_from[k] -= 1
            for v in range(variants):
                gathered[:, :] = 0.0
                for i in range(services):
                    below = lower[group[i]]
                    upper_weight = weight[group[i]]
                    first_shifted, even = from_age[group[i]], even_from[group[i]]
                    plain = np.uint64(first_shifted)
                    back, same_weight = AGES - 1 - below[AGES - 1], upper_weight[AGES - 1]
                    wanted = need_factor[d, t, v, cell[i]]
                    matrix = operator[d, t, v, cell[i]]
                    for n in range(measures):
                        if not present[i, n]:
                            continue
                        for s in range(2):
                            zero = np.uint64(s * AGES)
                            for k in range(plain):
                                shifted[zero + k] = use[i, n, zero + k]
                            for a in range(first_shifted, even):
                                b = s * AGES + below[a]
                                rise = use[i, n, b + 1] - use[i, n, b]
                                shifted[s * AGES + a] = use[i, n, b] + upper_weight[a] * rise
                            to, source = zero + np.uint64(even), zero + np.uint64(even - back)
                            for k in range(np.uint64(AGES - even)):
                                rise = use[i, n, source + k + one] - use[i, n, source + k]
                                shifted[to + k] = use[i, n, source + k] + same_weight * rise
                        known[:, :] = False
                        for m in range(measures + 1):
                            is_need = m == measures
                            column = need_output[i] if is_need else measure_output[i, m]
                            for g in range(parts):
                                if is_need:
                                    factor[g] = wanted[g, n] * cost[i, n]
                                else:
                                    factor[g] = matrix[g, m, n]
                            g = 0
                            while g < parts:
                                # Segments that share a factor are one run, whatever other factors do: long runs fill
                                # the vector lanes, and an assumption more leaves what it does not touch to the bit.
                                first = g
                                while g + 1 < parts and factor[g + 1] == factor[first]:
                                    g += 1
                                g += 1
                                if factor[first] == 0.0:
                                    continue
                                whole = first == 0 and g == parts
                                length = np.uint64(ages if whole else bounds[g] - bounds[first])
                                for s in range(1 if whole else 2):
                                    start = np.uint64(s * AGES + bounds[first])
                                    if column >= 0:
                                        add_run(gathered, column, shifted, factor[first], start, length)
                                    if known[first, g]:
                                        continue
                                    for c in range(0, classes, 4):
                                        four = dot_of_four(shifted, class_people, d, t, c, start, length)
                                        for k in range(4):
                                            summed[first, g, c + k] = four[k] + (
                                                summed[first, g, c + k] if s else 0.0
                                            )
                                known[first, g] = True
                                for c in range(classes):
                                    if variant_of_class[c] == v:
                                        if is_need:
                                            need[d, t, c, i, n] += factor[first] * summed[first, g, c]
                                        else:
                                            activity[d, t, c, i, m] += factor[first] * summed[first, g, c]
                turned = columns[v, d, t]
                for a in range(ages):
                    for column in range(gathered.shape[0]):
                        turned[a, column] = gathered[column, a]


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
    mean = np.empty(areas)
    phi = np.empty(areas)
    z = np.empty(areas)
    for d in range(draws):
        for i in range(service_areas):
            for k in range(columns):
                if level[k] < 0:
                    continue
                for r in range(areas):
                    phi[r] = spread[level[k]]
                    if k == BED_DAYS and area_use[d, 0, r, i, k - 1] > 0.0:
                        phi[r] *= 2.0 * area_use[d, 0, r, i, k] / area_use[d, 0, r, i, k - 1]
                for t in range(1, years):
                    for r in range(areas):
                        mean[r] = area_use[d, t, r, i, k]
                        z[r] = normals[d, t, r, i, level[k]]
                    for r in range(areas):
                        count = (
                            mean[r] + np.sqrt(phi[r] * mean[r]) * z[r] + phi[r] * (z[r] * z[r] - 1.0) / 6.0
                        )
                        own[r] = max(count, 0.0) if mean[r] > 0.0 else 0.0  # no use, no chance
                    total[:] = 0.0
                    drawn[:] = 0.0
                    for r in range(areas):
                        total[area_trust[i, r]] += mean[r]
                        drawn[area_trust[i, r]] += own[r]
                    for r in range(areas):
                        h = area_trust[i, r]
                        if total[h] > 0.0:
                            extra = (
                                by_patients[d, t, i, h] if k == columns - 1 else by_measure[d, t, i, k - 1, h]
                            )
                            part = own[r] / drawn[h] if drawn[h] > 0.0 else mean[r] / total[h]
                            area_use[d, t, r, i, k] = part * max(total[h] + extra, 0.0)
