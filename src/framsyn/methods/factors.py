"""Compiled inner loops of the change factors: combine them cell by cell, and answer a moved lever in one pass.

The plain versions that serve as oracle in the tests are loops in Python. None keeps the interpreter lock.
"""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["combine_factors", "move_people", "move_view"]

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


@njit(nogil=True, cache=True, error_model="numpy")
def move_people(people, shift, segment, trust_of_class, out):  # pragma: no cover - compiled
    """Set people at the age whose rate they use: reading rates at shifted ages and moving people come to the same sum.

    Parameters
    ----------
    people : array [person], (draw, year, class, 212)
    shift : array [year], (draw, year, 106)
    segment : array of int, (212,)
    trust_of_class : array of int, (class,)
    out : array [person], (draw, year, trust, segment, 212)
        Added to.
    """
    for d in range(people.shape[0]):
        for t in range(people.shape[1]):
            for c in range(people.shape[2]):
                h = trust_of_class[c]
                for s in range(2):
                    for a in range(106):
                        x = a - shift[d, t, a]
                        x = min(max(x, 0.0), 105.0)
                        b = int(x)
                        f = x - b
                        n = people[d, t, c, s * 106 + a]
                        g = segment[a]
                        out[d, t, h, g, s * 106 + b] += n * (1.0 - f)
                        if f > 0.0:
                            out[d, t, h, g, s * 106 + b + 1] += n * f


@njit(nogil=True, cache=True, error_model="numpy", fastmath=LANES)
def move_view(
    paths, conversion, length, kind, rows, route, touches, cell, measure, sums, spread, normals, out
):  # pragma: no cover
    """Combine the factors, multiply, add chance, add services up: one pass over the draws.

    Parameters
    ----------
    paths : array [1], (assumption, draw, year)
    conversion : array [1], (assumption, draw)
    length : array [1], (assumption,)
    kind, rows, route : arrays of a FactorPlan
    touches : array of bool, (assumption, cell, segment)
    cell : array of int, (service,)
    measure : int
    sums : array, (draw, year, trust, service, segment, measure)
    spread : array [1], (service, trust)
    normals : array [1], (draw, year, service, trust)
    out : array, (draw, year, trust)
        Filled.
    """
    draws, years, trusts, services, parts, size = sums.shape
    cells = touches.shape[1]
    factors = np.zeros((cells, parts, size))
    matrix = np.zeros((size, size))
    for d in range(draws):
        for t in range(years):
            for c in range(cells):
                for g in range(parts):
                    for m in range(size):
                        for n in range(size):
                            matrix[m, n] = 1.0 if m == n else 0.0
                    for a in range(len(kind)):
                        if not touches[a, c, g]:
                            continue
                        x = paths[a, d, t]
                        if kind[a] < 2:
                            for m in range(size):
                                if rows[a, m]:
                                    for n in range(size):
                                        matrix[m, n] *= 1.0 + x
                        else:
                            source, target = route[a, 0], route[a, 1]
                            for n in range(size):
                                matrix[target, n] += conversion[a, d] * x * matrix[source, n]
                                matrix[source, n] *= 1.0 - x
                                if source == 0:
                                    matrix[1, n] *= 1.0 - x * length[a]
                    for n in range(size):
                        factors[c, g, n] = matrix[measure, n]
            for h in range(trusts):
                total = 0.0
                for i in range(services):
                    mean = 0.0
                    for g in range(parts):
                        for m in range(size):
                            mean += sums[d, t, h, i, g, m] * factors[cell[i], g, m]
                    if t > 0 and mean > 0.0:
                        z = normals[d, t, i, h]
                        change = np.sqrt(spread[i, h] * mean) * z + spread[i, h] * (z * z - 1.0) / 6.0
                        mean += max(change, -mean)
                    total += mean
                out[d, t, h] = total
