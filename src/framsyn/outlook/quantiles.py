"""Quantiles over the draws: which are stored, and how they are found."""

from __future__ import annotations

import numpy as np

__all__ = ["ALL", "QUANTILES", "quantiles_of_rows", "sorted_quantiles"]

QUANTILES = (0.01, 0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95, 0.99)
ALL = "ALL"


def sorted_quantiles(values: np.ndarray) -> np.ndarray:
    """Stored quantiles along axis 0, by linear interpolation between sorted draws.

    Equal to ``np.quantile`` and several times faster, since each series is sorted once in contiguous memory.
    """
    rows = np.ascontiguousarray(values.reshape(values.shape[0], -1).T)
    return quantiles_of_rows(rows).reshape(len(QUANTILES), *values.shape[1:])


def quantiles_of_rows(rows: np.ndarray) -> np.ndarray:
    """Stored quantiles of each row, (quantile, row); the rows are sorted in place."""
    n = rows.shape[1]
    rows.sort(axis=1)
    at = np.array(QUANTILES) * (n - 1)
    below = np.floor(at).astype(int)
    above = np.minimum(below + 1, n - 1)
    return (rows[:, below] + (at - below) * (rows[:, above] - rows[:, below])).T
