"""From age groups to single years, and from rough rates to smooth ones.

References
----------
Schumaker, L. L. (1983). On shape preserving quadratic spline interpolation. SIAM Journal on Numerical
Analysis 20 (4), 854–864 (the spline of :func:`ungroup`).
Fritsch, F. N. & Butland, J. (1984). A method for constructing local monotone piecewise cubic interpolants.
SIAM Journal on Scientific and Statistical Computing 5 (2), 300–304 (its harmonic mean at the edges).
Whittaker, E. T. (1923). On a new method of graduation. Proceedings of the Edinburgh Mathematical Society 41,
63–75. Eilers, P. H. C. (2003). A perfect smoother. Analytical Chemistry 75 (14), 3631–3636.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from framsyn.errors import PlanError
from framsyn.methods.checks import (
    Floats,
    check_same_shape,
    check_shape,
    finite_array,
    finite_number,
    whole_number,
)

__all__ = ["ungroup", "whittaker"]

Ints = NDArray[np.int64]


def ungroup(
    totals: ArrayLike,
    age_from: ArrayLike,
    age_to: ArrayLike,
    exposure: ArrayLike,
    breaks: Sequence[int] = (),
) -> Floats:
    """Rates per single year of age from totals per age group, every total kept.

    The cumulative count is interpolated against the cumulative exposure by a quadratic spline that preserves
    shape; its slope, the rate, is a broken line. rate(a) = (C(E[a+1]) − C(E[a])) / exposure(a), so
    Σ rate · exposure over a group is the group's total. Rates are never negative, and rise (fall) through
    every stretch where the group rates rise (fall). Growth is linear in exposure, so an open last group
    levels off with the numbers of the very old. The line is continuous but where a group's rate equals its
    neighbour's and must not pass it: there it may step.

    Parameters
    ----------
    totals : array_like [count per year], dims (group)
        Counts of the groups, in order of age.
    age_from, age_to : array_like of int [year], dims (group)
        First and last single age of each group, both included; the groups follow each other without a gap.
        The last group may end above the last single age (open group).
    exposure : array_like [person-year], dims (age)
        Persons at each single age from 0 upward.
    breaks : sequence of int [year]
        First ages of groups where the rate may jump, such as 18 where the care of children ends.

    Returns
    -------
    ndarray [1 per person and year], dims (age)
        Ages outside the groups have rate 0: the service is not given there.

    Raises
    ------
    PlanError
        ``bad-age-groups``, ``group-without-exposure``, or as for any array.

    Examples
    --------
    >>> rate = ungroup([10, 30, 60], [0, 2, 4], [1, 3, 5], [50.0] * 6)
    >>> rate.round(4)
    array([0.075 , 0.125 , 0.2375, 0.3625, 0.5   , 0.7   ])
    >>> (rate * 50).reshape(3, 2).sum(axis=1).round(9)
    array([10., 30., 60.])
    """
    people = finite_array("exposure", exposure, low=0, dims=1)
    counts = finite_array("totals", totals, low=0, dims=1)
    first, last = _checked_groups(age_from, age_to, counts.size, people.size)
    unknown = sorted(set(breaks) - set(first.tolist()))
    if unknown:
        message = (
            f"breaks names age {unknown[0]}, where no group starts; the groups start at {first.tolist()}."
        )
        raise PlanError("bad-age-groups", message, got=unknown, expected=first.tolist())
    rate = np.zeros(people.size)
    starts = [0, *(i for i in range(1, counts.size) if int(first[i]) in set(breaks)), counts.size]
    for begin, end in pairwise(starts):
        ages = slice(int(first[begin]), int(last[end - 1]) + 1)
        edges = np.append(first[begin:end], last[end - 1] + 1) - first[begin]
        rate[ages] = _ungroup_stretch(counts[begin:end], edges, people[ages], int(first[begin]))
    return rate


def whittaker(values: ArrayLike, weights: ArrayLike, smoothness: float, order: int = 2) -> Floats:
    """Penalised least squares: values smoothed along the last axis.

    z minimises Σ w (y − z)² + λ Σ (Δᵏ z)², that is (W + λ DᵀD) z = W y. The weighted sum and, with order 2 or
    more, the weighted mean age of the values are kept.

    Parameters
    ----------
    values : array_like, dims (..., age)
        Values to smooth. Where the weight is 0 the value does not count (write 0) and the smoother fills it
        in.
    weights : array_like, dims (..., age)
        Weight of each value, such as its exposure; broadcast to ``values``.
    smoothness : float
        λ, in the unit of the weights; 0 returns the values.
    order : int, default 2
        Order k of the differences: 1 pulls toward a constant, 2 toward a line, 3 toward a parabola.

    Returns
    -------
    ndarray, shape of ``values``

    Raises
    ------
    PlanError
        ``too-few-weights`` where fewer than ``order`` values have weight (or any is 0 with smoothness 0).

    Examples
    --------
    >>> whittaker([0.0, 2.0, 0.0, 2.0], 1.0, smoothness=1e6).round(3)
    array([0.4, 0.8, 1.2, 1.6])
    """
    rough = finite_array("values", values)
    penalty = finite_number("smoothness", smoothness, low=0)
    k = whole_number("order", order, low=1)
    if rough.ndim == 0 or rough.shape[-1] <= k:
        message = (
            f"values has shape {rough.shape}; differences of order {k} need more than {k} values on the last "
            "axis."
        )
        raise PlanError("wrong-shape", message, got=rough.shape, order=k)
    weight = np.broadcast_to(finite_array("weights", weights, low=0), rough.shape)
    needed = k if penalty > 0 else rough.shape[-1]
    if ((weight > 0).sum(axis=-1) < needed).any():
        message = (
            f"Some row has fewer than {needed} values with weight. Give weights above 0 or pool the row with "
            "another."
        )
        raise PlanError("too-few-weights", message, needed=needed)
    # Scaling each row by its mean weight keeps the system well conditioned for weights of any unit.
    scale = weight.mean(axis=-1, keepdims=True)
    differences = np.diff(np.eye(rough.shape[-1]), n=k, axis=0)
    system = (penalty / scale)[..., None] * (differences.T @ differences)
    diagonal = np.arange(rough.shape[-1])
    system[..., diagonal, diagonal] += weight / scale
    return np.linalg.solve(system, (weight / scale * rough)[..., None])[..., 0]


def _checked_groups(age_from: ArrayLike, age_to: ArrayLike, groups: int, ages: int) -> tuple[Ints, Ints]:
    first, last = _whole_ages("age_from", age_from), _whole_ages("age_to", age_to)
    check_shape("age_from", first.shape, (groups,), "(group)")
    check_same_shape(age_from=first.astype(float), age_to=last.astype(float))
    if groups == 0 or (last < first).any() or first[-1] >= ages or (last[:-1] >= ages).any():
        message = (
            f"Age groups {_told(first, last)} do not fit single ages 0–{ages - 1}. Each group needs from ≤ "
            "to, within them."
        )
        raise PlanError("bad-age-groups", message, age_from=first.tolist(), age_to=last.tolist())
    apart = first[1:] != last[:-1] + 1
    if apart.any():
        at = int(np.argmax(apart))
        message = (
            f"Age group {first[at + 1]}–{last[at + 1]} does not follow {first[at]}–{last[at]}. Sort the "
            "groups and give an "
            "empty stretch its own group with total 0."
        )
        raise PlanError("bad-age-groups", message, age_from=first.tolist(), age_to=last.tolist())
    return first, np.minimum(last, ages - 1)


def _whole_ages(name: str, ages: ArrayLike) -> Ints:
    given = finite_array(name, ages, low=0, dims=1)
    if (given != np.floor(given)).any():
        message = (
            f"{name} holds {given[given != np.floor(given)][0]:g}; ages are whole years. Round them on "
            "purpose."
        )
        raise PlanError("bad-age-groups", message, name=name)
    return given.astype(np.int64)


def _told(first: Ints, last: Ints) -> str:
    return ", ".join(f"{a}–{b}" for a, b in zip(first.tolist(), last.tolist(), strict=True)) or "(none)"


def _ungroup_stretch(counts: Floats, edges: Ints, people: Floats, offset: int) -> Floats:
    """Rates of one stretch of groups without a break; ``edges`` are ages counted from the stretch's first."""
    reached = np.concatenate([[0.0], np.cumsum(people)])
    width = np.diff(reached[edges])
    if ((width == 0) & (counts > 0)).any():
        at = int(np.argmax((width == 0) & (counts > 0)))
        group = f"{edges[at] + offset}–{edges[at + 1] - 1 + offset}"
        message = f"Group {group} has a total of {counts[at]:g} and no exposure. Pool it with a neighbour."
        raise PlanError("group-without-exposure", message, group=group, total=float(counts[at]))
    if not width.any():
        return np.zeros(people.size)
    filled = width > 0
    start, stop, left, right = _lines(
        counts[filled] / width[filled], np.append(0.0, reached[edges[1:]][filled])
    )
    points = np.union1d(reached, stop)
    middle = (points[1:] + points[:-1]) / 2
    line = np.minimum(np.searchsorted(stop, middle), stop.size - 1)
    # A straight line's integral is its value in the middle times the width.
    slope = (right - left) / (stop - start)
    pieces = np.maximum(left[line] + slope[line] * (middle - start[line]), 0.0) * np.diff(points)
    age = np.searchsorted(reached, points[:-1], side="right") - 1
    share = np.bincount(age, weights=pieces, minlength=people.size)[: people.size]
    here = np.minimum(np.searchsorted(stop, reached[:-1]), stop.size - 1)
    level = left[here] + slope[here] * (reached[:-1] - start[here])
    rate = np.divide(share, people, out=np.maximum(level, 0.0), where=people > 0)
    # Rounding in the long cumulative sums is taken out group by group, so that the totals hold to the last
    # digits.
    for start, stop, count in zip(edges[:-1], edges[1:], counts, strict=True):
        present = float((rate[start:stop] * people[start:stop]).sum())
        if present > 0:
            rate[start:stop] *= count / present
    return rate


def _lines(mean: Floats, knots: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Straight lines, two to a group, with the given mean over each group (the slope of Schumaker's spline).

    Returns where each line starts and stops, and its height at both ends.
    """
    edge = _edge_heights(mean, np.diff(knots))
    lines = []
    for i, m in enumerate(mean):
        left, right = edge[i] - m, edge[i + 1] - m
        share = 0.5
        if left * right > 0:
            # A peak or a dip: the first line's share of the group that keeps it as small as both edges allow.
            share = right / (left + right)
        elif left != right:
            # Rising or falling: the share that keeps the direction, half of the group where that is possible.
            share = min(max(share, (left + right) / (right - left)), 2 * right / (right - left))
        middle = m - share * left - (1 - share) * right
        inner = knots[i] + share * (knots[i + 1] - knots[i])
        if inner > knots[i]:
            lines.append((knots[i], inner, edge[i], middle))
        if inner < knots[i + 1]:
            lines.append((inner, knots[i + 1], middle, edge[i + 1]))
    start, stop, first, last = np.array(lines).T
    return start, stop, first, last


def _edge_heights(mean: Floats, width: Floats) -> Floats:
    """Heights at the groups' edges: between the neighbours' means, at most twice the smaller of them."""
    if mean.size == 1:
        return np.array([mean[0], mean[0]])
    before, after = mean[:-1], mean[1:]
    # The harmonic mean, with the nearer (narrower) group counting most: rates that grow with age do so by a
    # factor, and it is 0 beside a group with rate 0.
    weighted = before * width[:-1] + after * width[1:]
    both = (width[:-1] + width[1:]) * before * after
    inner = np.divide(both, weighted, out=np.zeros_like(both), where=weighted > 0)
    # Twice the mean is what a line that falls to zero starts from: above it some rate would be negative.
    lower = np.minimum(before, after)
    inner = np.clip(inner, lower, np.minimum(np.maximum(before, after), 2 * lower))
    return np.concatenate([[2 * mean[0] - inner[0]], inner, [2 * mean[-1] - inner[-1]]])
