"""Draws put in their place as the chunks come, so that a run holds each number once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import xarray as xr

from framsyn.errors import PlanError
from framsyn.outlook.executors import available_workers
from framsyn.outlook.quantiles import ALL, QUANTILES, quantiles_of_rows
from framsyn.quantities import quantity
from framsyn.region.places import places

if TYPE_CHECKING:
    from framsyn.region import Region

__all__ = ["GatheredDraws", "add_up_places"]

Held = TypeVar("Held")


def add_up_places(areas: xr.Dataset, region: Region) -> xr.Dataset:
    """Add municipalities up to hospital areas and health communities.

    Parameters
    ----------
    areas : Dataset
        Quantities with a dimension ``area``.
    region : Region

    Returns
    -------
    Dataset
        The same with ``place`` in its stead.
    """
    found = [place for place in places(region) if place.kind in ("hospital_area", "health_community")]
    at = {area: i for i, area in enumerate(region.areas)}
    belongs = np.zeros((len(found), len(region.areas)))
    for row, place in enumerate(found):
        belongs[row, [at[area] for area in place.areas]] = 1.0
    data = {}
    for name, values in areas.data_vars.items():
        dims = tuple(map(str, values.dims))
        axis = dims.index("area")
        shape = values.shape
        # One product for each draw and year, the same however the draws are parted.
        flat = values.values.reshape(int(np.prod(shape[:axis])), shape[axis], -1)
        data[str(name)] = (
            tuple("place" if dim == "area" else dim for dim in dims),
            np.matmul(belongs, flat).reshape(*shape[:axis], len(found), *shape[axis + 1 :]),
        )
    coords = {str(key): value for key, value in areas.coords.items() if key != "area"}
    return xr.Dataset(data, coords={**coords, "place": [place.code for place in found]})


class GatheredRows:
    """Draws of municipalities or places as rows that are sorted for their quantiles.

    They are kept in single precision: seven digits are more than an interval shows, and counts below sixteen million are
    exact.

    Parameters
    ----------
    labels : Dataset
        Of the first chunk, without draws.
    draws : int
        Number of draws that will come.
    """

    def __init__(self, labels: xr.Dataset, draws: int) -> None:
        self._labels = labels
        self._draws = draws
        self._rows: dict[str, np.ndarray] = {}
        for name, values in labels.data_vars.items():
            sizes = list(values.shape)
            by_area = values.dims[-1] == "service_area"
            cells = int(np.prod(sizes[:-1] if by_area else sizes))
            width = sizes[-1] + 1 if by_area else 1
            self._rows[str(name)] = np.empty((cells, width, draws), dtype=np.float32)

    def add(self, part: xr.Dataset, here: slice) -> None:
        """Put a chunk in its place."""
        for name, values in part.data_vars.items():
            rows = self._rows[str(name)]
            last = ("service_area",) if "service_area" in values.dims else ()
            ordered = values.transpose("draw", ..., *last).values
            flat = ordered.reshape(len(ordered), rows.shape[0], -1)
            rows[:, : flat.shape[2], here] = flat.transpose(1, 2, 0)

    def quantiles(self) -> xr.Dataset:
        """Return the stored quantiles, with the sum over service areas; the draws are then gone."""

        def reduce(name: str) -> tuple[tuple[str, ...], np.ndarray]:
            rows = self._rows.pop(name)
            dims = tuple(map(str, self._labels[name].dims))
            sizes = [self._labels[name].sizes[dim] for dim in dims]
            if dims[-1] == "service_area":
                sizes[-1] += 1
                rows[:, -1] = np.nan if quantity(name).not_over else rows[:, :-1].sum(axis=1)
            found = quantiles_of_rows(rows.reshape(-1, self._draws)).astype(float)
            return ("quantile", *dims), found.reshape(len(QUANTILES), *sizes)

        names = [str(name) for name in self._labels.data_vars]
        with ThreadPoolExecutor(available_workers()) as pool:
            data = dict(zip(names, pool.map(reduce, names), strict=True))
        coords = {str(k): v.values for k, v in self._labels.coords.items()}
        coords["service_area"] = np.array([*coords["service_area"], ALL])
        return xr.Dataset(data, coords={"quantile": list(QUANTILES), **coords})


class GatheredDraws:
    """All draws of a run: trusts in full, municipalities and places as rows.

    Parameters
    ----------
    draws : int
        Number of draws that will come.
    region : Region
        Its places are added up from municipalities within each draw.
    """

    def __init__(self, draws: int, region: Region) -> None:
        self._draws = draws
        self._region = region
        self._index = np.zeros(draws, dtype=np.int64)
        self._at = 0
        self._labels: xr.Dataset | None = None  # of the first chunk, without draws
        self._whole: dict[str, np.ndarray] = {}
        self._areas: GatheredRows | None = None
        self._places: GatheredRows | None = None

    def add(self, part: tuple[xr.Dataset, xr.Dataset]) -> None:
        """Put the next chunk behind those that came before."""
        trusts, areas = part
        places_too = add_up_places(areas, self._region)
        if self._labels is None or self._areas is None or self._places is None:
            self._labels = trusts.isel(draw=0, drop=True)
            for name, values in trusts.data_vars.items():
                self._whole[str(name)] = np.empty((self._draws, *values.shape[1:]))
            self._areas = GatheredRows(areas.isel(draw=0, drop=True), self._draws)
            self._places = GatheredRows(places_too.isel(draw=0, drop=True), self._draws)
        here = slice(self._at, self._at + trusts.sizes["draw"])
        self._index[here] = trusts["draw"].values
        for name, values in trusts.data_vars.items():
            self._whole[str(name)][here] = values.values
        self._areas.add(areas, here)
        self._places.add(places_too, here)
        self._at = here.stop

    def trusts(self) -> xr.Dataset:
        """Return every quantity with its draws."""
        labels = known(self._labels)
        data = {name: (("draw", *labels[name].dims), values) for name, values in self._whole.items()}
        return xr.Dataset(data, coords={**labels.coords, "draw": self._index})

    def areas(self) -> xr.Dataset:
        """Return the stored quantiles of the municipalities, with the sum over service areas."""
        return known(self._areas).quantiles()

    def places(self) -> xr.Dataset:
        """Return the stored quantiles of hospital areas and health communities, with the sum over service areas."""
        return known(self._places).quantiles()


def known(value: Held | None) -> Held:
    """Return what the first chunk made."""
    if value is None:
        message = "no draws have come. Ask for at least one chunk."
        raise PlanError("no-draws", message)
    return value
