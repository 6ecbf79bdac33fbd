"""Draws put in their place as the chunks come, so that a run holds each number once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import xarray as xr

from framsyn.errors import PlanError
from framsyn.outlook.executors import available_workers
from framsyn.outlook.quantiles import ALL, QUANTILES, quantiles_of_rows
from framsyn.quantities import quantity

__all__ = ["GatheredDraws"]


class GatheredDraws:
    """All draws of a run: trusts in full, municipalities as rows that are sorted for their quantiles.

    A municipality's draws are kept in single precision: seven digits are more than an interval shows, and counts below
    sixteen million are exact.

    Parameters
    ----------
    draws : int
        Number of draws that will come.
    """

    def __init__(self, draws: int) -> None:
        self._draws = draws
        self._index = np.zeros(draws, dtype=np.int64)
        self._at = 0
        self._labels: tuple[xr.Dataset, xr.Dataset] | None = None  # of the first chunk, without draws
        self._whole: dict[str, np.ndarray] = {}
        self._rows: dict[str, np.ndarray] = {}

    def add(self, part: tuple[xr.Dataset, xr.Dataset]) -> None:
        """Put the next chunk behind those that came before."""
        trusts, areas = part
        if self._labels is None:
            self._labels = trusts.isel(draw=0, drop=True), areas.isel(draw=0, drop=True)
            self._ask_for_memory(trusts, areas)
        here = slice(self._at, self._at + trusts.sizes["draw"])
        self._index[here] = trusts["draw"].values
        for name, values in trusts.data_vars.items():
            self._whole[str(name)][here] = values.values
        for name, values in areas.data_vars.items():
            rows = self._rows[str(name)]
            flat = values.values.reshape(values.sizes["draw"], rows.shape[0], -1)
            rows[:, : flat.shape[2], here] = flat.transpose(1, 2, 0)
        self._at = here.stop

    def _ask_for_memory(self, trusts: xr.Dataset, areas: xr.Dataset) -> None:
        """Make room for the whole run once."""
        for name, values in trusts.data_vars.items():
            self._whole[str(name)] = np.empty((self._draws, *values.shape[1:]))
        for name, values in areas.data_vars.items():
            sizes = [values.sizes[dim] for dim in values.dims[1:]]
            by_area = values.dims[-1] == "service_area"
            cells = int(np.prod(sizes[:-1] if by_area else sizes))
            width = sizes[-1] + 1 if by_area else 1
            self._rows[str(name)] = np.empty((cells, width, self._draws), dtype=np.float32)

    def _known(self) -> tuple[xr.Dataset, xr.Dataset]:
        if self._labels is None:
            message = "no draws have come. Ask for at least one chunk."
            raise PlanError("no-draws", message)
        return self._labels

    def trusts(self) -> xr.Dataset:
        """Return every quantity with its draws."""
        labels = self._known()[0]
        data = {name: (("draw", *labels[name].dims), values) for name, values in self._whole.items()}
        return xr.Dataset(data, coords={**labels.coords, "draw": self._index})

    def areas(self) -> xr.Dataset:
        """Return the stored quantiles of the municipalities, with the sum over service areas."""
        labels = self._known()[1]

        def reduce(name: str) -> tuple[tuple[str, ...], np.ndarray]:
            rows = self._rows.pop(name)
            dims = tuple(map(str, labels[name].dims))
            sizes = [labels[name].sizes[dim] for dim in dims]
            if dims[-1] == "service_area":
                sizes[-1] += 1
                rows[:, -1] = np.nan if quantity(name).not_over else rows[:, :-1].sum(axis=1)
            found = quantiles_of_rows(rows.reshape(-1, self._draws)).astype(float)
            return ("quantile", *dims), found.reshape(len(QUANTILES), *sizes)

        names = [str(name) for name in labels.data_vars]
        with ThreadPoolExecutor(available_workers()) as pool:
            data = dict(zip(names, pool.map(reduce, names), strict=True))
        coords = {str(k): v.values for k, v in labels.coords.items()}
        coords["service_area"] = np.array([*coords["service_area"], ALL])
        return xr.Dataset(data, coords={"quantile": list(QUANTILES), **coords})
