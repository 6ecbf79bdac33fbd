"""Quantiles over the draws: which are stored, and how they are found."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import xarray as xr

from framsyn.outlook.executors import available_workers
from framsyn.quantities import quantity

__all__ = ["ALL", "QUANTILES", "area_quantiles", "quantiles_of_rows", "sorted_quantiles"]

QUANTILES = (0.01, 0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95, 0.99)
ALL = "ALL"


def area_quantiles(parts: list[xr.Dataset]) -> xr.Dataset:
    """Reduce the municipalities' draws to the stored quantiles, and add the sum over service areas.

    Parameters
    ----------
    parts : list of Dataset
        Chunks of draws (draw, year, area[, service_area]).

    Returns
    -------
    Dataset
        (quantile, year, area[, service_area + ALL]).
    """
    first = parts[0]

    def reduce(name: str) -> tuple[tuple[str, ...], np.ndarray]:
        dims = first[name].transpose("draw", ...).dims
        summed = "service_area" in dims
        additive = summed and not quantity(name).not_over
        shape = [first[name].sizes[dim] for dim in dims[1:]]
        cells = int(np.prod(shape)) // (shape[-1] if summed else 1)
        width = shape[-1] + 1 if summed else 1
        # One contiguous row of draws per cell, so that each is sorted where it lies.
        rows = np.empty((cells, width, sum(part.sizes["draw"] for part in parts)))
        at = 0
        for part in parts:
            values = part[name].transpose("draw", ...).values
            values = values.reshape(len(values), cells, -1)
            rows[:, : values.shape[2], at : at + len(values)] = values.transpose(1, 2, 0)
            at += len(values)
        if summed:
            rows[:, -1] = rows[:, :-1].sum(axis=1) if additive else np.nan
        found = quantiles_of_rows(rows.reshape(cells * width, -1))
        full = [*shape[:-1], width] if summed else shape
        return ("quantile", *map(str, dims[1:])), found.reshape(len(QUANTILES), *full)

    names = [str(name) for name in first.data_vars]
    with ThreadPoolExecutor(available_workers()) as pool:
        data = dict(zip(names, pool.map(reduce, names), strict=True))
    coords = {str(k): v.values for k, v in first.coords.items() if k != "draw"}
    if "service_area" in coords:
        coords["service_area"] = np.array([*coords["service_area"], ALL])
    return xr.Dataset(data, coords={"quantile": list(QUANTILES), **coords})


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
