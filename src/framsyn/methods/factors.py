"""Compiled inner loops of the change factors: combine them cell by cell for a run, and side by side for a desk.

The plain versions that serve as oracle in the tests are loops in Python. None keeps the interpreter lock.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from framsyn.methods.use import chance_of_count

__all__ = ["add_chance", "add_products", "combine_factors", "factor_rows", "set_back"]

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
def factor_rows(
    paths, conversion, length, kind, rows, route, order, touches, sources, out
):  # pragma: no cover - compiled
    """One row of each segment's matrix of factors, carried backwards through the assumptions, all draws side by side.

    The same rule as :func:`combine_factors`, for the one measure that is wanted.

    Parameters
    ----------
    paths : array [1], (assumption, year, draw)
    conversion : array [1], (assumption, draw)
    length : array [1], (assumption,)
    kind, rows, route : arrays of a FactorPlan
    order : array of int, (touching,)
        Assumptions that touch the cell, the last first.
    touches : array of bool, (touching, segment)
    sources : tuple of int
        Base-year measures that reach the one that is wanted, itself first.
    out : array [1], (segment, measure, year, draw)
        Filled for the sources; the second axis is the base-year measure that is read.
    """
    segments, size, years, draws = out.shape
    reaches = np.zeros(size, dtype=np.bool_)
    for g in range(segments):
        reaches[:] = False
        reaches[sources[0]] = True
        for m in sources:
            for t in range(years):
                for d in range(draws):
                    out[g, m, t, d] = 1.0 if m == sources[0] else 0.0
        for k in range(order.shape[0]):
            if not touches[k, g]:
                continue
            a = order[k]
            if kind[a] < 2:
                for m in range(size):
                    if rows[a, m] and reaches[m]:
                        for t in range(years):
                            for d in range(draws):
                                out[g, m, t, d] *= 1.0 + paths[a, t, d]
                continue
            source, target = route[a, 0], route[a, 1]
            if reaches[source]:
                for t in range(years):
                    for d in range(draws):
                        out[g, source, t, d] *= 1.0 - paths[a, t, d]
            if reaches[target]:
                for t in range(years):
                    for d in range(draws):
                        given = conversion[a, d] * paths[a, t, d] * out[g, target, t, d]
                        out[g, source, t, d] = given + (out[g, source, t, d] if reaches[source] else 0.0)
                reaches[source] = True
            if source == 0 and reaches[1]:
                for t in range(years):
                    for d in range(draws):
                        out[g, 1, t, d] *= 1.0 - paths[a, t, d] * length[a]


@njit(nogil=True, cache=True, error_model="numpy", fastmath=LANES)
def add_products(sums, factor, source, fresh, out):  # pragma: no cover - compiled
    """Multiply summed use with its factor and add the segments up, in place.

    Parameters
    ----------
    sums : array, (segment, trust, year, draw)
    factor : array [1], (segment, measure, year, draw)
        May hold more years.
    source : int
        The measure that is summed.
    fresh : bool
        Fill ``out`` instead of adding to it.
    out : array, (trust, year, draw)
    """
    segments, trusts, years, draws = sums.shape
    for h in range(trusts):
        for t in range(years):
            if fresh:
                for d in range(draws):
                    out[h, t, d] = sums[0, h, t, d] * factor[0, source, t, d]
            for g in range(1 if fresh else 0, segments):
                for d in range(draws):
                    out[h, t, d] += sums[g, h, t, d] * factor[g, source, t, d]


@njit(nogil=True, cache=True, error_model="numpy")
def add_chance(spread, normals, out):  # pragma: no cover - compiled
    """Add chance to expected counts, in place: not to the first year, which is counted, nor to the central run's lane.

    Parameters
    ----------
    spread : array [1], (trust, lane)
        Variance per unit of the mean.
    normals : array [1], (trust, year, draw)
    out : array, (trust, year, lane)
        Added to.
    """
    trusts, years, draws = normals.shape
    for h in range(trusts):
        for t in range(1, years):
            for d in range(draws):
                out[h, t, d] += chance_of_count(out[h, t, d], spread[h, d], normals[h, t, d])


@njit(nogil=True, cache=True, error_model="numpy", fastmath=LANES)
def set_back(people, effects, ramps, segment, first, out, used):  # pragma: no cover - compiled
    """Set people at the age whose rates they use, in place: the same sum as reading the rates at shifted ages.

    Parameters
    ----------
    people : array [person], (age, sex, draw)
    effects : array [year], (shift, draw)
        Sizes of the age shifts.
    ramps : array [1], (shift, age)
        How far each age takes part in a shift.
    segment : array of int, (age,)
    first : int
        First age to set.
    out : array [person], (segment, age, sex, draw)
        Added to.
    used : array of int, (segment, 2)
        Filled: the first age that is added to, and the age behind the last.
    """
    ages, sexes, draws = people.shape
    used[:, 0] = ages
    used[:, 1] = 0
    for a in range(first, ages):
        g = segment[a]
        for d in range(draws):
            x = float(a)
            for j in range(effects.shape[0]):
                x -= effects[j, d] * ramps[j, a]
            x = min(max(x, 0.0), ages - 1.0)  # no rate is younger than the first or older than the last
            b = min(int(x), ages - 2)
            f = x - b
            used[g, 0] = min(used[g, 0], b)
            used[g, 1] = max(used[g, 1], b + 2)
            for s in range(sexes):
                n = people[a, s, d]
                out[g, b, s, d] += n * (1.0 - f)
                out[g, b + 1, s, d] += n * f
