"""Order statistics of many rows: the few that quantiles need, without sorting the rest.

The plain version that serves as oracle in the tests is ``np.sort``. The kernel keeps no interpreter lock.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit

__all__ = ["order_statistics"]

BUCKETS = 512


def order_statistics(rows: np.ndarray, ranks: Sequence[int] | np.ndarray) -> np.ndarray:
    """Return the numbers that stand at some places when each row is sorted.

    The range of a row is cut in buckets of one width; only the buckets in which a wanted place falls are sorted.

    Parameters
    ----------
    rows : array, (row, draw)
    ranks : sequence of int
        Places from 0, in any order.

    Returns
    -------
    array, (rank, row)
        NaN in rows that hold a NaN.

    Raises
    ------
    IndexError
        A place that is not in a row.

    Examples
    --------
    >>> order_statistics(np.array([[3.0, 1.0, 2.0], [5.0, 5.0, 4.0]]), [0, 2])
    array([[1., 4.],
           [3., 5.]])
    """
    wanted, draws = [int(rank) for rank in ranks], rows.shape[1]
    order = sorted(set(wanted))
    if order and not (order[0] >= 0 and order[-1] < draws):
        message = f"places {order[0]} to {order[-1]} are wanted of rows of {draws}; give 0 to {draws - 1}"
        raise IndexError(message)
    whole = np.ascontiguousarray(rows if rows.dtype.kind == "f" else rows.astype(float))
    found = np.empty((len(order), len(rows)), dtype=whole.dtype)
    if order:
        select(whole, np.array(order, dtype=np.int64), found)
    return found if wanted == order else found[[order.index(rank) for rank in wanted]]


@njit(nogil=True, cache=True, error_model="numpy")
def select(rows, ranks, out):  # pragma: no cover - compiled
    """Find order statistics, in place.

    Parameters
    ----------
    rows : array, (row, draw)
    ranks : array of int, (rank,)
        Rising.
    out : array, (rank, row)
        Filled.
    """
    count, draws = rows.shape
    bucket = np.empty(draws, dtype=np.int32)
    size = np.empty(BUCKETS, dtype=np.int32)
    start = np.empty(BUCKETS, dtype=np.int32)
    held = np.empty(draws, dtype=rows.dtype)
    at = np.empty(len(ranks), dtype=np.int64)
    for r in range(count):
        row = rows[r]
        low, high = row[0], row[0]
        for d in range(draws):
            low, high = min(low, row[d]), max(high, row[d])
        scale = BUCKETS / (high - low)
        if not (0.0 < scale < np.inf):  # all alike, or something that is no number
            sort_all(row, ranks, held, out[:, r])
            continue
        sound = True
        size[:] = 0
        for d in range(draws):
            x = (row[d] - low) * scale
            sound = sound and x >= 0.0
            bucket[d] = min(int(x) if x >= 0.0 else 0, BUCKETS - 1)
        if not sound:
            sort_all(row, ranks, held, out[:, r])
            continue
        for d in range(draws):
            size[bucket[d]] += 1
        below, kept, k = 0, 0, 0
        for b in range(BUCKETS):
            above = below + size[b]
            start[b] = -1
            if k < len(ranks) and ranks[k] < above:
                start[b] = kept
                while k < len(ranks) and ranks[k] < above:
                    at[k] = kept + ranks[k] - below
                    k += 1
                kept += size[b]
            below = above
        for d in range(draws):
            b = bucket[d]
            if start[b] >= 0:
                held[start[b]] = row[d]
                start[b] += 1
        for b in range(BUCKETS):
            if start[b] > 0:
                sort_run(held[start[b] - size[b] : start[b]])
        for k in range(len(ranks)):
            out[k, r] = held[at[k]]


@njit(nogil=True, cache=True, error_model="numpy")
def sort_run(values):  # pragma: no cover - compiled
    """Sort a few numbers in place; many are left to the general way."""
    if len(values) > 32:
        values.sort()
        return
    for d in range(1, len(values)):
        x, place = values[d], d
        while place > 0 and values[place - 1] > x:
            values[place] = values[place - 1]
            place -= 1
        values[place] = x


@njit(nogil=True, cache=True, error_model="numpy")
def sort_all(row, ranks, held, out):  # pragma: no cover - compiled
    """Find order statistics of one row by sorting it."""
    held[:] = row
    held.sort()
    missing = np.isnan(row).any()
    for k in range(len(ranks)):
        out[k] = np.nan if missing else held[ranks[k]]
