"""Protection of small counts: which cells of a table to hide so that nobody can work them out again.

A table is published with all its margins: along every axis the entries of a line add up to the line's total. Counts below
the threshold are hidden first (primary); then others, as small as possible, so that no line holds a single hidden entry
(complementary). An audit then does what an attacker would: it bounds every hidden entry by what is shown. An entry whose
bounds leave one whole number only is recomputed, and the protection is not enough.

References: Willenborg and de Waal, Elements of Statistical Disclosure Control, 2001, chapters 4–5; Hundepool et al.,
Statistical Disclosure Control, 2012, chapter 4.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array

from framsyn.errors import PlanError

__all__ = ["attacked_bounds", "recomputed", "rounded", "suppressed", "with_margins"]

EXACT = (
    300  # hidden entries up to which every bound is solved exactly; beyond, bounds are narrowed line by line
)
ROUNDS = 200
LARGEST = 1e9  # an entry of which nothing is known from above
Mask = NDArray[np.bool_]
Counts = NDArray[np.int64]


def with_margins(counts: Counts) -> Counts:
    """Return a table with its totals: one more entry, the last, along every axis.

    Parameters
    ----------
    counts : array of int, (n, m, …)

    Returns
    -------
    array of int, (n + 1, m + 1, …)

    >>> with_margins(np.array([[1, 2], [3, 4]])).tolist()
    [[1, 2, 3], [3, 4, 7], [4, 6, 10]]
    """
    full = np.asarray(counts)
    if (full < 0).any():
        message = f"a count is {full.min()}; counts are at least 0. Protect counts, not differences."
        raise PlanError("count-below-zero", message, got=int(full.min()))
    for axis in range(full.ndim):
        full = np.concatenate([full, full.sum(axis=axis, keepdims=True)], axis=axis)
    return full


def lines(shape: tuple[int, ...]) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Give for each axis the flat places of its lines, (line, entry); the last entry of a line is its total."""
    places = np.arange(int(np.prod(shape))).reshape(shape)
    for axis, size in enumerate(shape):
        yield axis, np.moveaxis(places, axis, -1).reshape(-1, size)


def suppressed(counts: Counts, threshold: int = 5, people: Counts | None = None) -> Mask:
    """Return which entries of the table and its margins to hide.

    Parameters
    ----------
    counts : array of int, (n, m, …)
        Without margins.
    threshold : int
        Smallest count that may be shown; zeros are shown.
    people : array of int, (n, m, …), optional
        Persons behind each count: an entry of fewer than the threshold is hidden, however often they came. A total is of at
        least as many as the largest of its parts, which is all that is used of them.

    Returns
    -------
    array of bool, (n + 1, m + 1, …)
        The audit of :func:`recomputed` finds nothing in it.

    >>> suppressed(np.array([[2, 9], [8, 7]])).tolist()
    [[True, True, False], [True, True, False], [False, False, False]]
    """
    full = with_margins(counts)
    hidden = (full > 0) & (full < threshold)
    if people is not None:
        behind = np.asarray(people)
        for axis in range(behind.ndim):
            behind = np.concatenate([behind, behind.max(axis=axis, keepdims=True)], axis=axis)
        hidden |= (full > 0) & (behind < threshold)
    for _ in range(ROUNDS):
        hidden = _completed(full, hidden)
        open_ones = recomputed(full, hidden)
        if not open_ones.any():
            return hidden
        hidden = _wider(full, hidden, open_ones)
    message = "the table cannot be protected by hiding entries. Publish it at a coarser level, or round it."
    raise PlanError("cannot-protect", message)


def _completed(full: Counts, hidden: Mask) -> Mask:
    """Hide more until no line holds a single hidden entry."""
    values, flat = full.ravel(), hidden.ravel().copy()
    while True:
        changed = False
        for _axis, places in lines(full.shape):
            alone = flat[places].sum(axis=1) == 1
            for line in places[alone]:
                if flat[line].sum() != 1:
                    continue
                free = line[~flat[line] & (values[line] > 0)]
                if not len(free):  # all others are zeros: a zero must be doubted too
                    free = line[~flat[line]]
                inner = free[free != line[-1]]
                chosen = inner if len(inner) else free
                flat[chosen[np.argmin(values[chosen])]] = True
                changed = True
        if not changed:
            return flat.reshape(full.shape)


def _wider(full: Counts, hidden: Mask, open_ones: Mask) -> Mask:
    """Hide one more entry on each line of the entries that can be recomputed."""
    values, flat, wanted = full.ravel(), hidden.ravel().copy(), open_ones.ravel()
    for _axis, places in lines(full.shape):
        for line in places[wanted[places].any(axis=1)]:
            free = line[~flat[line]]
            if len(free):
                filled = free[values[free] > 0]
                chosen = filled if len(filled) else free
                flat[chosen[np.argmin(values[chosen])]] = True
    if (flat == hidden.ravel()).all():
        message = (
            "the table cannot be protected by hiding entries. Publish it at a coarser level, or round it."
        )
        raise PlanError("cannot-protect", message)
    return flat.reshape(full.shape)


def recomputed(full: Counts, hidden: Mask) -> Mask:
    """Return which hidden entries an attacker can work out from what is shown.

    Parameters
    ----------
    full : array of int, (n + 1, m + 1, …)
        With margins.
    hidden : array of bool, same shape

    Returns
    -------
    array of bool, same shape

    >>> table = with_margins(np.array([[2, 9], [8, 7]]))
    >>> hidden = np.zeros(table.shape, bool)
    >>> hidden[0, 0] = True
    >>> recomputed(table, hidden)[0, 0]
    np.True_
    """
    low, high = attacked_bounds(np.where(hidden, 0, full), np.where(hidden, np.inf, full))
    return hidden & (np.floor(high + 1e-6) <= np.ceil(low - 1e-6))


def attacked_bounds(
    low: NDArray[np.float64] | Counts, high: NDArray[np.float64] | Counts
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Narrow what is known of each entry of a table with margins by the lines that it lies on.

    Parameters
    ----------
    low, high : array [count], (n + 1, m + 1, …)
        What is shown of each entry; equal where the entry itself is shown.

    Returns
    -------
    low, high : array [count], same shape
        Exact where at most :data:`EXACT` entries are unknown; else narrowed line by line, and at least as wide.
    """
    shape = np.shape(low)
    flat_low: NDArray[np.float64] = np.array(low, dtype=np.float64).ravel()
    flat_high: NDArray[np.float64] = np.minimum(np.array(high, dtype=np.float64).ravel(), LARGEST)
    for _ in range(ROUNDS):
        before = flat_low.copy(), flat_high.copy()
        for _axis, places in lines(shape):
            a, b = flat_low[places], flat_high[places]
            inner_low, inner_high = a[:, :-1].sum(axis=1), b[:, :-1].sum(axis=1)
            a[:, -1], b[:, -1] = np.maximum(a[:, -1], inner_low), np.minimum(b[:, -1], inner_high)
            others_high = inner_high[:, None] - b[:, :-1]
            b_new = np.minimum(b[:, :-1], b[:, -1:] - (inner_low[:, None] - a[:, :-1]))
            a_new = np.maximum(a[:, :-1], a[:, -1:] - others_high)
            a[:, :-1], b[:, :-1] = a_new, b_new
            flat_low[places], flat_high[places] = a, b
        if np.array_equal(before[0], flat_low) and np.array_equal(before[1], flat_high):
            break
    unknown = np.flatnonzero(flat_high - flat_low > 1e-9)
    if 0 < len(unknown) <= EXACT:
        _solve(flat_low, flat_high, unknown, shape)
    return flat_low.reshape(shape), flat_high.reshape(shape)


def _solve(
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    unknown: NDArray[np.int64],
    shape: tuple[int, ...],
) -> None:
    """Bound the unknown entries exactly, in place, by two linear programmes each."""
    column = np.full(low.size, -1)
    column[unknown] = np.arange(len(unknown))
    rows: list[int] = []
    columns: list[int] = []
    signs: list[float] = []
    right: list[float] = []
    for _axis, places in lines(shape):
        for line in places:
            inside = column[line]
            if (inside < 0).all():
                continue
            sign = np.append(np.ones(len(line) - 1), -1.0)
            known = inside < 0
            right.append(-float((sign[known] * low[line[known]]).sum()))
            rows += [len(right) - 1] * int((~known).sum())
            columns += inside[~known].tolist()
            signs += sign[~known].tolist()
    matrix = csr_array((signs, (rows, columns)), shape=(len(right), len(unknown)))
    bounds = np.column_stack([low[unknown], high[unknown]])
    for number, place in enumerate(unknown):
        cost = np.zeros(len(unknown))
        for direction in (1.0, -1.0):
            cost[number] = direction
            found = linprog(cost, A_eq=matrix, b_eq=np.array(right), bounds=bounds, method="highs")
            if found.status == 0:
                value = direction * found.fun
                if direction > 0:
                    low[place] = max(low[place], value)
                else:
                    high[place] = min(high[place], value)


def rounded(counts: Counts, base: int = 5, seed: int = 1) -> Counts:
    """Round every entry of a table and its margins to a multiple of a base, up or down by chance, without bias.

    Totals are rounded on their own and need not add up; the audit takes each entry for what it may have been.

    Parameters
    ----------
    counts : array of int, (n, m, …)
    base : int
    seed : int

    Returns
    -------
    array of int, (n + 1, m + 1, …)

    >>> rounded(np.array([[5, 10], [0, 15]])).tolist()
    [[5, 10, 15], [0, 15, 15], [5, 25, 30]]
    """
    full = with_margins(counts)
    for attempt in range(ROUNDS):
        random = np.random.default_rng([seed, attempt])
        rest = full % base
        out = full - rest + base * (random.random(full.shape) < rest / base)
        low, high = attacked_bounds(np.maximum(out - (base - 1), 0), out + (base - 1))
        small = (full > 0) & (full < base)
        if not (small & (np.floor(high + 1e-6) <= np.ceil(low - 1e-6))).any():
            return out
    message = (
        f"no rounding to {base} protects the table. Publish it at a coarser level, or with a larger base."
    )
    raise PlanError("cannot-protect", message)
