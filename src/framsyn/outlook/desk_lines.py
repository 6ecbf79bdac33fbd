"""Cuts of a quantity whose draws lie side by side, and quantiles of many series at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from framsyn.methods.ranks import order_statistics

__all__ = ["cut", "place_of_label", "quantiles_of_lanes"]

PARTS = 4  # of the rows, side by side


def place_of_label(labels: Sequence[Any], wanted: Any) -> int | list[int] | None:
    """Return where a label or some labels stand; None where one is not there.

    >>> place_of_label([2025, 2026], 2026), place_of_label(["a", "b", "c"], slice("b", None))
    (1, [1, 2])
    >>> place_of_label(["a"], "x") is None
    True
    """
    known = list(labels)
    if isinstance(wanted, slice):
        ends = [known.index(end) if end in known else None for end in (wanted.start, wanted.stop)]
        missing = [
            end is None and given is not None
            for end, given in zip(ends, (wanted.start, wanted.stop), strict=True)
        ]
        if any(missing) or wanted.step is not None:
            return None
        first, last = ends[0] or 0, len(known) - 1 if ends[1] is None else ends[1]
        return list(range(first, last + 1))
    if isinstance(wanted, str | int | np.integer):
        return known.index(wanted) if wanted in known else None
    try:
        return [known.index(label) for label in wanted]
    except (ValueError, TypeError):
        return None


def cut(
    values: np.ndarray,
    labels: Mapping[str, Sequence[Any]],
    by: Sequence[str],
    where: Mapping[str, Any],
    mean: bool = False,
) -> np.ndarray | None:
    """Select labels and collapse every dimension that is not kept, (lane, *by).

    Parameters
    ----------
    values : array, (lane, *labels)
    labels : mapping of str to sequence
        Labels of each dimension behind the lanes.
    by : sequence of str
    where : mapping
    mean : bool
        Collapse by the mean instead of the sum.

    Returns
    -------
    array or None
        None where a label or dimension is not there.

    Examples
    --------
    >>> beds = np.arange(8.0).reshape(2, 2, 2)
    >>> cut(beds, {"year": [2025, 2026], "trust": ["a", "b"]}, ("trust",), {"year": 2026})
    array([[2., 3.],
           [6., 7.]])
    """
    dims = list(labels)
    if not set(by) <= set(dims) or not set(where) <= set(dims):
        return None
    for dim, wanted in where.items():
        place = place_of_label(labels[dim], wanted)
        if place is None or (isinstance(place, int) and dim in by):
            return None
        axis = 1 + dims.index(dim)
        if isinstance(place, int):
            values = values[(slice(None),) * axis + (place,)]
            dims.remove(dim)
        else:
            values = np.take(values, place, axis=axis) if place != list(range(len(labels[dim]))) else values
    others = tuple(1 + place for place, dim in enumerate(dims) if dim not in by)
    if others:
        values = values.mean(axis=others) if mean else values.sum(axis=others)
    left = [dim for dim in dims if dim in by]
    return values.transpose(0, *(1 + left.index(dim) for dim in by))


def quantiles_of_lanes(
    series: Sequence[np.ndarray],
    q: Sequence[float],
    each: Callable[[Callable[[slice], None], list[slice]], object],
) -> list[np.ndarray]:
    """Quantiles over the draws of many series, equal to ``np.quantile``.

    Parameters
    ----------
    series : sequence of array, (draw, ...)
    q : sequence of float
    each : callable
        Does some work for every part of the rows, like ``map``.

    Returns
    -------
    list of array, (quantile, ...)

    Examples
    --------
    >>> quantiles_of_lanes([np.array([[3.0], [1.0], [2.0]])], [0.5], lambda work, parts: list(map(work, parts)))
    [array([[2.]])]
    """
    draws = len(series[0])
    sizes = [values[0].size for values in series]
    edges = np.cumsum([0, *sizes]).tolist()
    rows = np.empty((edges[-1], draws))
    levels = np.asarray(q, dtype=float)
    at = (draws - 1) * levels
    below = np.floor(at).astype(np.intp)
    above = np.minimum(below + 1, draws - 1)
    weight = at - below
    found = np.empty((len(levels), len(rows)))

    def find(part: slice) -> None:
        low, high = np.split(order_statistics(rows[part], [*below, *above]), 2)
        rise, share = high - low, weight[:, None]
        found[:, part] = np.where(share >= 0.5, high - rise * (1 - share), low + rise * share)

    for (first, stop), values in zip(pairwise(edges), series, strict=True):
        # The last dimension of the rows runs over the draws, which lie side by side already.
        rows[first:stop] = values.T.reshape(-1, draws)
    bounds = np.linspace(0, len(rows), PARTS + 1).astype(int).tolist()
    each(find, [slice(a, b) for a, b in pairwise(bounds)])
    return [
        found[:, first:stop]
        .reshape(len(levels), *values.shape[:0:-1])
        .transpose(0, *range(values.ndim - 1, 0, -1))
        for (first, stop), values in zip(pairwise(edges), series, strict=True)
    ]
