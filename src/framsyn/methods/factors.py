"""Compiled inner loops of the change factors: combine them cell by cell, and answer a moved lever in one pass.

The plain versions that serve as oracle in the tests are loops in Python. None keeps the interpreter lock.
"""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["combine_factors", "move_view", "sum_over_age"]

LANES = {"reassoc", "nsz", "contract"}


@njit(nogil=True, cache=True, error_model="numpy")
def combine_factors(
    paths, conversion, length, kind, rows, route, touches, need, operator
):  # pragma: no cover - compiled
    """Multiply factors and apply shifts, cell by cell, in order.

    A shift books what it moves in the receiving level: ``to += conversion · share · from``, then ``from *= 1 − share``; bed
    days leave with their stays, ``bed_days *= 1 − share · length``.

    Parameters
    ----------
    paths : array [1], (assumption, draw, year)
    conversion : array [1], (assumption, draw)
    length : array [1], (assumption,)
    kind, rows, route, touches : arrays of a FactorPlan
    need : array [1], (draw, year, variant, cell, segment, measure)
        Filled.
    operator : array [1], (draw, year, variant, cell, segment, measure, measure)
        Filled.
    """
    count, draws, years = paths.shape
    variants, cells, parts = touches.shape[1:]
    size = rows.shape[1]
    for d in range(draws):
        for t in range(years):
            for v in range(variants):
                for c in range(cells):
                    for g in range(parts):
                        wanted = need[d, t, v, c, g]
                        matrix = operator[d, t, v, c, g]
                        for m in range(size):
                            wanted[m] = 1.0
                            for n in range(size):
                                matrix[m, n] = 1.0 if m == n else 0.0
                        for a in range(count):
                            if not touches[a, v, c, g]:
                                continue
                            x = paths[a, d, t]
                            if kind[a] < 2:
                                for m in range(size):
                                    if rows[a, m]:
                                        if kind[a] == 0:
                                            wanted[m] *= 1.0 + x
                                        for n in range(size):
                                            matrix[m, n] *= 1.0 + x
                            else:
                                source, target = route[a, 0], route[a, 1]
                                for n in range(size):
                                    matrix[target, n] += conversion[a, d] * x * matrix[source, n]
                                    matrix[source, n] *= 1.0 - x
                                    if source == 0:
                                        matrix[1, n] *= 1.0 - x * length[a]


@njit(nogil=True, cache=True, error_model="numpy", fastmath=LANES)
def sum_over_age(
    people, effects, ramps, segment, trust_of_class, rates, first, ages, out
):  # pragma: no cover - compiled
    """Add up use by age over people whose rates are read at shifted ages.

    People are set at the age whose rate they use, which comes to the same sum as reading the rates at shifted ages, and is
    done once for all services that share the shift.

    Parameters
    ----------
    people : array [person], (draw, year, class, 212)
    effects : array [year], (shift, draw, year)
        Sizes of the age shifts.
    ramps : array [1], (shift, 106)
        How far each age takes part in a shift.
    segment : array of int, (106,)
    trust_of_class : array of int, (class,)
    rates : array [activity per person and year], (212, column)
    first : int
        Place in ``out`` of the first column.
    ages : tuple of int
        First age to sum, and the age behind the last.
    out : array [activity per year], (draw, year, trust, segment, column)
        Added to from ``first`` on.
    """
    draws, years, trusts, parts = out.shape[:4]
    columns = rates.shape[1]
    moved = np.zeros((parts, 212))
    total = np.empty(columns)
    lower = np.empty(106, dtype=np.int64)
    weight = np.empty(106)
    lowest = np.empty(parts, dtype=np.int64)
    highest = np.empty(parts, dtype=np.int64)
    for d in range(draws):
        for t in range(years):
            lowest[:] = 106
            highest[:] = -1
            for a in range(ages[0], ages[1]):
                x = float(a)
                for j in range(effects.shape[0]):
                    x -= effects[j, d, t] * ramps[j, a]
                x = min(max(x, 0.0), 105.0)  # no rate is younger than the first or older than the last
                b = int(x)
                g = segment[a]
                lower[a], weight[a] = b, x - b
                lowest[g] = min(lowest[g], b)
                highest[g] = max(highest[g], min(b + 1, 105))
            for h in range(trusts):
                for c in range(people.shape[2]):
                    if trust_of_class[c] == h:
                        for s in range(2):
                            for a in range(ages[0], ages[1]):
                                n = people[d, t, c, s * 106 + a]
                                at, f = s * 106 + lower[a], weight[a]
                                moved[segment[a], at] += n * (1.0 - f)
                                if f > 0.0:
                                    moved[segment[a], at + 1] += n * f
                for g in range(parts):
                    total[:] = 0.0
                    for s in range(2):
                        for b in range(s * 106 + lowest[g], s * 106 + highest[g] + 1):
                            n = moved[g, b]
                            moved[g, b] = 0.0
                            for k in range(columns):
                                total[k] += n * rates[b, k]
                    for k in range(columns):
                        out[d, t, h, g, first + k] += total[k]


@njit(nogil=True, cache=True, error_model="numpy", fastmath=LANES)
def move_view(
    paths,
    conversion,
    length,
    kind,
    rows,
    route,
    order,
    counts,
    cell,
    sources,
    measure,
    sums,
    scale,
    spread,
    normals,
    out,
):  # pragma: no cover - compiled
    """Combine the factors, multiply, add chance, add services up: one pass over the draws.

    Only one row of each cell's matrix of factors is on view, so it is carried backwards through the assumptions, all years
    of a draw side by side.

    Parameters
    ----------
    paths : array [1], (assumption, draw, year)
    conversion : array [1], (assumption, draw)
    length : array [1], (assumption,)
    kind, rows, route : arrays of a FactorPlan
    order : array of int, (cell, segment, assumption)
        Assumptions that touch a cell, the last first.
    counts : array of int, (cell, segment)
        How many of them there are.
    cell : array of int, (service,)
    sources : array of int, (source,)
        Base-year measures that reach the one on view.
    measure : int
    sums : array, (draw, year, trust, segment, service × source)
    scale : array [1], (draw, year, trust)
        Levelling.
    spread : array [1], (trust, service)
    normals : array [1], (draw, year, trust, service)
    out : array, (draw, year, trust)
        Filled.
    """
    draws, years, trusts, parts, columns = sums.shape
    services, width = cell.shape[0], sources.shape[0]
    cells, size = counts.shape[0], rows.shape[1]
    row = np.zeros((size, years))
    factors = np.zeros((years, parts, columns))
    product = np.zeros(columns)
    mean = np.zeros(services)
    reaches = np.zeros(size, dtype=np.bool_)
    for j in range(width):
        reaches[sources[j]] = True
    for d in range(draws):
        for c in range(cells):
            for g in range(parts):
                for m in range(size):
                    for t in range(years):
                        row[m, t] = 1.0 if m == measure else 0.0
                for k in range(counts[c, g]):
                    a = order[c, g, k]
                    if kind[a] < 2:
                        for m in range(size):
                            if rows[a, m] and reaches[m]:
                                for t in range(years):
                                    row[m, t] *= 1.0 + paths[a, d, t]
                    else:
                        source, target = route[a, 0], route[a, 1]
                        if reaches[source]:
                            given = conversion[a, d]
                            for t in range(years):
                                x = paths[a, d, t]
                                row[source, t] = row[source, t] * (1.0 - x) + row[target, t] * given * x
                        if source == 0 and reaches[1]:
                            for t in range(years):
                                row[1, t] *= 1.0 - paths[a, d, t] * length[a]
                for i in range(services):
                    if cell[i] == c:
                        for j in range(width):
                            for t in range(years):
                                factors[t, g, i * width + j] = row[sources[j], t]
        for t in range(years):
            for h in range(trusts):
                product[:] = 0.0
                for g in range(parts):
                    for k in range(columns):
                        product[k] += sums[d, t, h, g, k] * factors[t, g, k]
                level = scale[d, t, h]
                for i in range(services):
                    mean[i] = product[i * width]
                    for j in range(1, width):
                        mean[i] += product[i * width + j]
                total = 0.0
                if t == 0:  # the base year is counted
                    for i in range(services):
                        total += mean[i] * level
                else:
                    for i in range(services):
                        expected = mean[i] * level
                        z = normals[d, t, h, i]
                        change = np.sqrt(spread[h, i] * expected) * z + spread[h, i] * (z * z - 1.0) / 6.0
                        # No use, no chance.
                        total += max(change + expected, 0.0) if expected > 0.0 else expected
                out[d, t, h] = total
