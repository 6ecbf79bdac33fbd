"""Quantiles over the draws: which are stored, and how they are found."""

from __future__ import annotations

import numpy as np

from framsyn.methods.ranks import order_statistics

__all__ = ["ALL", "QUANTILES", "quantiles_of_rows", "sorted_quantiles"]

QUANTILES = (0.01, 0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95, 0.99)
ALL = "ALL"


def sorted_quantiles(values: np.ndarray) -> np.ndarray:
    """Stored quantiles along axis 0, by linear interpolation between sorted draws.

    Equal to ``np.quantile`` and several times faster.
    """
    rows = np.ascontiguousarray(values.reshape(values.shape[0], -1).T)
    return quantiles_of_rows(rows).reshape(len(QUANTILES), *values.shape[1:])


def quantiles_of_rows(rows: np.ndarray) -> np.ndarray:
    """Stored quantiles of each row, (quantile, row)."""
    n = rows.shape[1]
    at = np.array(QUANTILES) * (n - 1)
    below = np.floor(at).astype(int)
    low, high = np.split(order_statistics(rows, [*below, *np.minimum(below + 1, n - 1)]), 2)
    return low + (at - below)[:, None] * (high - low)
