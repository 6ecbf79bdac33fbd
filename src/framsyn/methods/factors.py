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
    people, effects, ramps, segment, trust_of_class, rates, first, out
):  # pragma: no cover - compiled
    """Sum use by age over people whose rates are read at shifted ages.

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
    out : array [activity per year], (draw, year, trust, segment, column)
        Filled from ``first`` on.
    """
    draws, years, trusts, parts = out.shape[:4]
    columns = rates.shape[1]
    moved = np.empty((parts, 212))
    for d in range(draws):
        for t in range(years):
            for h in range(trusts):
                moved[:, :] = 0.0
                for a in range(106):
                    x = float(a)
                    for j in range(effects.shape[0]):
                        x -= effects[j, d, t] * ramps[j, a]
                    x = min(max(x, 0.0), 105.0)  # no rate is younger than the first or older than the last
                    b = int(x)
                    f = x - b
                    g = segment[a]
                    for c in range(people.shape[2]):
                        if trust_of_class[c] == h:
                            for s in range(2):
                                n = people[d, t, c, s * 106 + a]
                                moved[g, s * 106 + b] += n * (1.0 - f)
                                if f > 0.0:
                                    moved[g, s * 106 + b + 1] += n * f
                for g in range(parts):
                    total = out[d, t, h, g, first : first + columns]
                    for k in range(columns):
                        total[k] = 0.0
                    for b in range(212):
                        n = moved[g, b]
                        if n != 0.0:
                            for k in range(columns):
                                total[k] += n * rates[b, k]


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
    place,
    sources,
    measure,
    sums,
    scale,
    spread,
    normals,
    out,
):  # pragma: no cover - compiled
    """Combine the factors, multiply, add chance, add services up: one pass over the draws.

    Only one row of each cell's matrix of factors is on view, so it is carried backwards through the assumptions.

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
    place : array of int, (service,)
        Column of ``sums`` where a service begins.
    sources : array of int, (source,)
        Base-year measures that reach the one on view.
    measure : int
    sums : array, (draw, year, trust, segment, column)
    scale : array [1], (draw, year, trust)
        Levelling.
    spread : array [1], (service, trust)
    normals : array [1], (draw, year, service, trust)
    out : array, (draw, year, trust)
        Filled.
    """
    draws, years, trusts, parts = sums.shape[:4]
    services, width = cell.shape[0], sources.shape[0]
    cells, size = counts.shape[0], rows.shape[1]
    factors = np.zeros((cells, parts, width))
    row = np.zeros(size)
    mean = np.zeros(services)
    for d in range(draws):
        for t in range(years):
            for c in range(cells):
                for g in range(parts):
                    for m in range(size):
                        row[m] = 1.0 if m == measure else 0.0
                    for k in range(counts[c, g]):
                        a = order[c, g, k]
                        x = paths[a, d, t]
                        if kind[a] < 2:
                            for m in range(size):
                                if rows[a, m]:
                                    row[m] *= 1.0 + x
                        else:
                            source, target = route[a, 0], route[a, 1]
                            row[source] = row[source] * (1.0 - x) + row[target] * conversion[a, d] * x
                            if source == 0:
                                row[1] *= 1.0 - x * length[a]
                    for j in range(width):
                        factors[c, g, j] = row[sources[j]]
            for h in range(trusts):
                mean[:] = 0.0
                for g in range(parts):
                    for i in range(services):
                        for j in range(width):
                            mean[i] += sums[d, t, h, g, place[i] + j] * factors[cell[i], g, j]
                total = 0.0
                for i in range(services):
                    expected = mean[i] * scale[d, t, h]
                    if t > 0 and expected > 0.0:  # no use, no chance
                        z = normals[d, t, i, h]
                        change = np.sqrt(spread[i, h] * expected) * z + spread[i, h] * (z * z - 1.0) / 6.0
                        expected += max(change, -expected)
                    total += expected
                out[d, t, h] = total
