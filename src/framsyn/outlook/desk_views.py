"""What an answer of a desk reads: quantities by name, people by age, a run's draws, and municipalities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from framsyn.outlook.desk_lines import place_of_label
from framsyn.quantities import quantities
from framsyn.stages.activity import project_activity
from framsyn.stages.cells import build_factors
from framsyn.stages.draws import Draws
from framsyn.stages.expected import expected_use

if TYPE_CHECKING:
    from framsyn.outlook.desk import Desk
    from framsyn.outlook.desk_answer import Answer
    from framsyn.outlook.desk_stages import Stages
    from framsyn.outlook.result import Outlook

__all__ = ["Quantities", "central_areas_of", "lanes_of_run", "moved_bands", "people_of"]


class Quantities(Mapping[str, xr.DataArray]):
    """Quantities by name with draws, or of the central run; each is made when it is asked for."""

    def __init__(self, answer: Answer, central: bool) -> None:
        self._answer = answer
        self._central = central

    def __getitem__(self, name: str) -> xr.DataArray:
        if name in self._answer.labels:
            known = self._answer.labels[name]
            return xr.DataArray(known, dims=name, coords={name: known}, name=name)
        values, labels = self._answer.lanes_of(name)
        dims = list(labels)
        if self._central:
            return xr.DataArray(values[-1], dims=dims, coords=labels, name=name)
        coords = {"draw": np.arange(len(values) - 1), **labels}
        return xr.DataArray(values[:-1], dims=["draw", *dims], coords=coords, name=name)

    def __iter__(self) -> Iterator[str]:
        return iter(quantities())

    def __len__(self) -> int:
        return len(quantities())

    @property
    def data_vars(self) -> Mapping[str, xr.DataArray]:
        """The quantities themselves, as a Dataset has them."""
        return self


def people_of(
    desk: Desk, labels: Mapping[str, list[Any]], where: Mapping[str, Any]
) -> tuple[np.ndarray, dict[str, list[Any]]]:
    """People by trust, sex and age, (lane, year, trust, sex, age), of the years, sexes and ages that are asked for."""
    people = desk.people.people
    somatic = desk.people.chain.use.class_trust[0]
    names = {dim: list(labels[dim]) for dim in ("year", "trust", "sex", "age")}
    for dim, axis in (("year", 0), ("age", 2), ("sex", 3)):
        place = place_of_label(names[dim], where[dim]) if dim in where else None
        if place is not None and place != list(range(len(names[dim]))):
            chosen = [place] if isinstance(place, int) else place
            people = people.take(chosen, axis=axis)
            names[dim] = [names[dim][i] for i in chosen]
    out = np.zeros((len(names["trust"]), people.shape[0], *people.shape[2:]))
    for place, trust in enumerate(somatic):
        out[trust] += people[:, place]
    return out.transpose(4, 1, 0, 3, 2), names


def lanes_of_run(outlook: Outlook, name: str, dims: tuple[str, ...]) -> np.ndarray:
    """Lay a run's draws side by side, the central run last."""
    drawn = outlook.trusts[name].transpose("draw", *dims).values
    out = np.empty((len(drawn) + 1, *drawn.shape[1:]), order="F")
    out[:-1] = drawn
    out[-1] = outlook.central[name].transpose(*dims).values
    return out


def central_areas_of(desk: Desk, stages: Stages) -> xr.Dataset:
    """Municipalities in the central run of a scenario, over people who are projected already."""
    people = desk.people
    inputs = replace(people.chain.use, plan=stages.use.plan)
    central = Draws.central(desk.seed)
    grid = build_factors(inputs.plan, central, people.years)
    classes = people.people[..., -1].transpose(0, 1, 3, 2)[None]
    expected = expected_use(people.central, classes, inputs, grid)
    when = xr.Dataset(coords={"year": people.years})
    _, areas = project_activity(when, desk.region, people.chain.scenario, central, inputs, expected)
    names = ["population", "population_65_plus", "population_80_plus"]
    return people.central_areas[names].merge(areas.isel(draw=0, drop=True), join="exact")


def moved_bands(bands: xr.Dataset, own: xr.Dataset, moved: xr.Dataset) -> xr.Dataset:
    """Move stored quantiles by what the central run has moved."""
    data = {}
    for name, values in bands.data_vars.items():
        before, after = (found[name].values for found in (own, moved))
        if "service_area" in values.dims:
            before, after = (
                np.concatenate([x, x.sum(axis=-1, keepdims=True)], axis=-1) for x in (before, after)
            )
        ratio = np.divide(after, before, out=np.ones_like(after), where=before > 0)
        data[str(name)] = (values.dims, values.values * ratio)
    return xr.Dataset(data, coords=bands.coords, attrs={"band": "moved"})
