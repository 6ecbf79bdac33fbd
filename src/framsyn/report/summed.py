"""Draws of an outlook added up once to what a report asks for: by service area, trust, profession or source.

A report reads the same few quantities in hundreds of cuts. Each is cut from an array without services, levels, sexes and
ages, a fifth to a two-hundredth of what the outlook holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import xarray as xr

from framsyn.quantities import quantity

if TYPE_CHECKING:
    from framsyn.outlook.result import Outlook

__all__ = ["Summed"]

FINE = ("service", "level", "sex", "age")


class Cells(NamedTuple):
    """An array with the names of its dimensions and their labels."""

    values: np.ndarray
    labels: dict[str, list[Any]]


@dataclass(frozen=True)
class Summed:
    """Draws and central values of one outlook, with sums kept.

    Parameters
    ----------
    outlook : Outlook
    """

    outlook: Outlook
    _kept: dict[tuple[str, bool], Cells] = field(default_factory=dict, repr=False, compare=False)

    def draws(
        self, name: str, by: Sequence[str] = ("year",), where: Mapping[str, Any] | None = None
    ) -> xr.DataArray:
        """Return what :meth:`framsyn.outlook.result.Outlook.draws` does, (draw, *by)."""
        found = self._sum(name, ("draw", *by), where, central=False)
        return self.outlook.draws(name, by, where) if found is None else found

    def central_value(
        self, name: str, by: Sequence[str] = ("year",), where: Mapping[str, Any] | None = None
    ) -> xr.DataArray:
        """Return what :meth:`framsyn.outlook.result.Outlook.central_value` does for trusts and above, dims ``by``."""
        found = self._sum(name, tuple(by), where, central=True)
        return self.outlook.central_value(name, by, where) if found is None else found

    def _sum(
        self, name: str, keep: tuple[str, ...], where: Mapping[str, Any] | None, *, central: bool
    ) -> xr.DataArray | None:
        """Sum from what is kept; nothing where the outlook itself must answer, or refuse."""
        rule = quantity(name)
        if rule.aggregation != "sum" or rule.not_over or set(FINE) & {*keep, *(where or ())}:
            return None
        key = (name, central)
        if key not in self._kept:
            held = (self.outlook.central if central else self.outlook.trusts)[name]
            self._kept[key] = without_fine(held, self.outlook.region.service_area_of)
        return sum_of(self._kept[key], keep, where or {})


def without_fine(held: xr.DataArray, service_area_of: Mapping[str, str]) -> Cells:
    """Add services up to service areas, and every other fine dimension away; a missing number stays missing.

    >>> beds = xr.DataArray([[1.0, 2.0, 4.0]], dims=("year", "service"), coords={"service": ["a", "b", "c"]})
    >>> without_fine(beds, {"a": "SOM", "b": "PHV", "c": "SOM"}).values
    array([[5., 2.]])
    """
    labels = {str(dim): held[dim].values.tolist() for dim in held.dims}
    values = held.values
    gone = [dim for dim in labels if dim in FINE and dim != "service"]
    if gone:
        values = values.sum(axis=tuple(held.dims.index(dim) for dim in gone))
        labels = {dim: known for dim, known in labels.items() if dim not in gone}
    if "service" in labels:
        axis = list(labels).index("service")
        areas = np.array([service_area_of[service] for service in labels["service"]])
        names = list(dict.fromkeys(areas.tolist()))
        parts = [values.compress(areas == area, axis=axis).sum(axis=axis) for area in names]
        values = np.stack(parts, axis=axis)
        labels = {
            "service_area" if dim == "service" else dim: names if dim == "service" else known
            for dim, known in labels.items()
        }
    return Cells(values, labels)


def sum_of(cells: Cells, keep: tuple[str, ...], where: Mapping[str, Any]) -> xr.DataArray | None:
    """Select labels and add up what is not kept, dims ``keep``; nothing where a label or dimension is not there.

    >>> beds = Cells(np.array([[1.0, 2.0]]), {"year": [2025], "trust": ["sto", "hnt"]})
    >>> sum_of(beds, ("year",), {"trust": ["hnt"]}).values, sum_of(beds, ("year",), {"trust": "hmr"}) is None
    (array([2.]), True)
    """
    values, labels = cells.values, dict(cells.labels)
    if not {*where, *keep} <= set(labels):
        return None
    for dim, wanted in where.items():
        chosen = [wanted] if isinstance(wanted, str | int) else list(wanted)
        if not set(chosen) <= set(labels[dim]) or (chosen != wanted and dim in keep):
            return None
        values = values.take([labels[dim].index(label) for label in chosen], axis=list(labels).index(dim))
        labels[dim] = chosen
    dims = list(labels)
    values = values.sum(axis=tuple(place for place, dim in enumerate(dims) if dim not in keep))
    left = [dim for dim in dims if dim in keep]
    return xr.DataArray(
        values.transpose([left.index(dim) for dim in keep]),
        dims=keep,
        coords={dim: labels[dim] for dim in keep},
    )
