"""The Outlook: what a run found, and the questions that it answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from framsyn.errors import PlanError
from framsyn.outlook.gather import add_up_places
from framsyn.outlook.quantiles import ALL
from framsyn.quantities import Quantity, quantities, quantity
from framsyn.region import arrays

if TYPE_CHECKING:
    from framsyn.analyses.explain import Explanation
    from framsyn.region import Region
    from framsyn.scenario import Scenario

__all__ = ["Outlook"]

LEVELS_OF_SUMMARY = {"region": (), "trust": ("trust",), "area": ("area",)}


@dataclass(frozen=True)
class Outlook:
    """The result of a run.

    Attributes
    ----------
    region, scenario : Region, Scenario
        What was run.
    trusts : Dataset
        Every quantity with all its draws, at trust level or above.
    areas, places : Dataset
        Stored quantiles by municipality (quantile, year, area[, service_area]), and by hospital area and health community
        (``place``), whose municipalities are added up within each draw.
    central, central_areas : Dataset
        The run in which nothing is left to chance.
    manifest : dict
        ``id`` and the inputs behind it.
    control_factors : DataArray or None
        Factors that made the central run meet official totals.
    """

    region: Region
    scenario: Scenario
    trusts: xr.Dataset
    areas: xr.Dataset
    central: xr.Dataset
    central_areas: xr.Dataset
    manifest: dict[str, Any]
    control_factors: xr.DataArray | None = field(default=None)
    places: xr.Dataset | None = field(default=None)

    @property
    def id(self) -> str:
        """Address of the run: same id, same bytes."""
        return str(self.manifest["id"])

    @property
    def years(self) -> list[int]:
        """Years of the run."""
        return [int(year) for year in self.central["year"].values]

    @property
    def base_year(self) -> int:
        """First year, which is counted and not projected."""
        return self.years[0]

    def __repr__(self) -> str:
        """Show what was run in one line."""
        m = self.manifest
        return (
            f"<Outlook {self.id}: {m['region']}, scenario {m['scenario']}, {self.years[0]}–{self.years[-1]}, "
            f"{m['draws']} draws, seed {m['seed']}, control {m['control']}>"
        )

    def draws(
        self, name: str, by: Sequence[str] = ("year", "trust"), where: Mapping[str, Any] | None = None
    ) -> xr.DataArray:
        """Return a quantity's draws with every other dimension collapsed within the draw.

        Parameters
        ----------
        name : str
            Quantity from ``quantities.csv``.
        by : sequence of str
            Dimensions to keep beside ``draw``.
        where : mapping, optional
            Labels to select first, such as ``{"service_area": "SOM", "age": slice(65, None)}``. ``service_area`` selects
            services too.

        Returns
        -------
        DataArray, dims (draw, *by)
        """
        return collapse(self._select(self.trusts, name, where), quantity(name), ("draw", *by))

    def central_value(
        self, name: str, by: Sequence[str] = ("year", "trust"), where: Mapping[str, Any] | None = None
    ) -> xr.DataArray:
        """Return a quantity of the central run, dims ``by``; ``area`` or ``place`` among them gives municipalities."""
        if "area" in by:
            return self._local(self.central_areas, name, by, where)
        if "place" in by:
            return self._local(add_up_places(self.central_areas, self.region), name, by, where)
        return collapse(self._select(self.central, name, where), quantity(name), tuple(by))

    def quantiles(
        self,
        name: str,
        q: float | Sequence[float] = (0.1, 0.5, 0.9),
        by: Sequence[str] = ("year", "trust"),
        where: Mapping[str, Any] | None = None,
    ) -> xr.DataArray:
        """Return quantiles over the draws of a quantity.

        Parameters
        ----------
        name : str
        q : float or sequence of float
            Levels in 0–1. With ``area`` or ``place`` in ``by``, one of the stored levels.
        by : sequence of str
            Dimensions to keep; all others are added up within each draw by the quantity's own rule. ``area`` gives
            municipalities, ``place`` hospital areas and health communities.
        where : mapping, optional
            Labels to select first.

        Returns
        -------
        DataArray, dims (quantile, *by)

        Raises
        ------
        PlanError
            Unknown quantity, dimension or level; a sum that has no meaning.
        """
        levels = np.atleast_1d(np.asarray(q, dtype=float))
        if ((levels < 0) | (levels > 1)).any() or np.isnan(levels).any():
            message = f"quantile levels are {levels.tolist()}; a level lies in 0–1. Write 0.9 for the 90 % quantile."
            raise PlanError("quantile-out-of-range", message, got=levels.tolist())
        if "area" in by or "place" in by:
            held = self.areas if "area" in by else self._stored_places()
            stored = held["quantile"].values
            missing = [float(level) for level in levels if not np.isclose(stored, level).any()]
            if missing:
                message = (
                    f"quantiles {missing} are not stored for municipalities; stored are "
                    f"{', '.join(f'{x:g}' for x in stored)}. Ask for one of those, or for trusts."
                )
                raise PlanError("quantile-not-stored", message, got=missing, expected=stored.tolist())
            places = [int(np.flatnonzero(np.isclose(stored, level))[0]) for level in levels]
            found = self._local(held, name, ("quantile", *by), where)
            return found.isel(quantile=places).assign_attrs(found.attrs, **held.attrs)
        found = self.draws(name, by, where)
        return (
            found.quantile(levels, dim="draw")
            .transpose("quantile", *by)
            .assign_attrs(units=quantity(name).unit)
        )

    def _stored_places(self) -> xr.Dataset:
        if self.places is None:
            message = (
                "this outlook was kept without hospital areas and health communities. Run the scenario again."
            )
            raise PlanError("no-places", message)
        return self.places

    def _select(self, data: xr.Dataset, name: str, where: Mapping[str, Any] | None) -> xr.DataArray:
        quantity(name)
        return pick_where(data[name], where, self.region, name)

    def _local(
        self, data: xr.Dataset, name: str, by: Sequence[str], where: Mapping[str, Any] | None
    ) -> xr.DataArray:
        rule = quantity(name)
        if name not in data:
            message = f'"{name}" is not kept by municipality; kept are {", ".join(map(str, data.data_vars))}. Ask by trust.'
            raise PlanError("not-by-area", message, got=name, expected=list(map(str, data.data_vars)))
        values = data[name]
        chosen = dict(where or {})
        if "service_area" in values.dims and "service_area" not in by:
            label = chosen.pop("service_area", ALL)
            if label == ALL and rule.not_over:
                raise PlanError("not-additive", not_additive(rule, "service_area"), got=name)
            if label == ALL and ALL not in values["service_area"].values:
                values = values.sum("service_area")
            else:
                values = pick(values, "service_area", label, name)
        for dim, label in chosen.items():
            values = pick(values, dim, label, name)
        return collapse(values, rule, tuple(by)).assign_attrs(units=rule.unit)

    def summary(
        self, level: str = "trust", years: Iterable[int] | None = None, names: Sequence[str] | None = None
    ) -> pd.DataFrame:
        """Return the main results as one tidy table.

        Parameters
        ----------
        level : {"region", "trust", "area"}
        years : iterable of int, optional
            First, 2030 and last if left out.
        names : sequence of str, optional
            Quantities; all that exist at the level if left out.

        Returns
        -------
        DataFrame
            quantity, unit, [trust | area], year, central, p10, p50, p90, change (of the median since the base year).
        """
        if level not in LEVELS_OF_SUMMARY:
            message = f'level is "{level}"; expected "region", "trust" or "area".'
            raise PlanError("unknown-level", message, got=level, expected=list(LEVELS_OF_SUMMARY))
        extra = LEVELS_OF_SUMMARY[level]
        chosen = (
            sorted(set(years))
            if years is not None
            else sorted({self.years[0], min(2030, self.years[-1]), self.years[-1]})
        )
        self._known_years(chosen)
        for name in names or ():
            quantity(name)
        frames = []
        for rule in quantities().values():
            if names is not None and rule.name not in names:
                continue
            for part, where in self._parts(rule, level):
                by = ("year", *extra)
                table = self.quantiles(rule.name, (0.1, 0.5, 0.9), by, where)
                frame = pd.DataFrame({"p10": flat(table, 0), "p50": flat(table, 1), "p90": flat(table, 2)})
                index = pd.MultiIndex.from_product([table[dim].values for dim in by], names=by).to_frame(
                    index=False
                )
                frame = pd.concat([index, frame], axis=1)
                frame["central"] = self.central_value(rule.name, by, where).transpose(*by).values.ravel()
                base = (
                    frame[frame["year"] == self.base_year].set_index(list(extra))["p50"]
                    if extra
                    else frame["p50"].iloc[0]
                )
                start = frame[extra[0]].map(base).to_numpy() if extra else base
                # A quantity that may be negative, such as a gap, has no meaningful relative change.
                grown = np.asarray(start, dtype=float) * np.ones(len(frame))
                known = (grown > 0) & (rule.minimum is not None)
                frame["change"] = (
                    np.divide(frame["p50"], grown, out=np.full(len(frame), np.nan), where=known) - 1
                )
                frame.insert(0, "quantity", rule.name)
                frame.insert(1, "part", part)
                frame.insert(2, "unit", rule.unit)
                frames.append(frame[frame["year"].isin(chosen)])
        if not frames:
            message = f"none of {list(names or [])} exists at level {level}."
            raise PlanError("nothing-to-summarise", message, got=list(names or []))
        return pd.concat(frames, ignore_index=True)

    def _parts(self, rule: Quantity, level: str) -> list[tuple[str, dict[str, Any] | None]]:
        """Parts in which a quantity is summarised: by service area where there is one, else whole.

        By trust nothing is shown whose difference between trusts only an assumption made.
        """
        if level == "area":
            if rule.name not in self.areas:
                return []
            if "service_area" not in self.areas[rule.name].dims:
                return [("", None)]
            labels = [str(s) for s in self.areas["service_area"].values if not (rule.not_over and s == ALL)]
            return [(label, {"service_area": label}) for label in labels]
        if level == "trust" and "trust" not in rule.dims:
            return []
        if {"service", "service_area"} & set(rule.dims):
            # Unique patients of children's mental health and of substance use are not published.
            areas = ("SOM", "PHV") if rule.not_over else arrays.SERVICE_AREAS
            return [(label, {"service_area": label}) for label in areas]
        if level == "trust" and "profession" in rule.dims:
            return [(code, {"profession": code}) for code in arrays.PUBLISHED_PROFESSIONS]
        for dim in ("profession", "emission_source"):
            if dim in rule.dims:
                return [(str(label), {dim: str(label)}) for label in self.central[dim].values]
        return [("", None)]

    def _known_years(self, years: Sequence[int]) -> None:
        unknown = [year for year in years if year not in self.years]
        if unknown:
            span = f"{self.years[0]}–{self.years[-1]}"
            message = f"years {unknown} are outside the run, {span}. Run again with until={max(unknown)}."
            raise PlanError("year-outside-run", message, got=unknown, expected=self.years)

    def to_parquet(self, directory: str | Path) -> Path:
        """Write the results as tidy Parquet, all or nothing; see :func:`framsyn.outlook.store.write_parquet`."""
        from framsyn.outlook.store import write_parquet

        return write_parquet(self, Path(directory))

    def explain(
        self,
        other: Outlook,
        name: str = "need",
        year: int | None = None,
        where: Mapping[str, Any] | None = None,
    ) -> Explanation:
        """Say why another outlook differs from this one; see :func:`framsyn.analyses.explain.explain`."""
        from framsyn.analyses.explain import explain

        return explain(self, other, name=name, year=year, where=where)


def flat(table: xr.DataArray, index: int) -> np.ndarray:
    """Return one quantile of a table as a flat array."""
    return table.isel(quantile=index).values.ravel()


def pick_where(
    values: xr.DataArray, where: Mapping[str, Any] | None, region: Region, name: str
) -> xr.DataArray:
    """Select labels of several dimensions; ``service_area`` selects services where a quantity is kept by service."""
    for dim, label in (where or {}).items():
        if dim == "service_area" and dim not in values.dims and "service" in values.dims:
            wanted = [label] if isinstance(label, str) else list(label)
            known = list(dict.fromkeys(region.service_area_of.values()))
            unknown = [area for area in wanted if area not in known]
            if unknown or not wanted:
                message = f'"{name}" has no service_area {unknown}; it has {", ".join(known)}.'
                raise PlanError("unknown-label", message, got=unknown, expected=known)
            services = [s for s in region.services if region.service_area_of[s] in wanted]
            values = pick(values, "service", services, name)
        else:
            values = pick(values, dim, label, name)
    return values


def pick(values: xr.DataArray, dim: str, label: Any, name: str) -> xr.DataArray:
    """Select labels of a dimension, or say which there are."""
    if dim not in values.dims:
        message = f'"{name}" has no dimension "{dim}"; it has {", ".join(map(str, values.dims))}.'
        raise PlanError("unknown-dimension", message, got=dim, expected=list(map(str, values.dims)))
    try:
        return values.sel({dim: label})
    except KeyError as error:
        known = [str(x) for x in values[dim].values]
        message = f'"{name}" has no {dim} "{label}"; it has {", ".join(known[:30])}.'
        raise PlanError("unknown-label", message, got=label, expected=known) from error


def collapse(values: xr.DataArray, rule: Quantity, keep: tuple[str, ...]) -> xr.DataArray:
    """Collapse every dimension that is not kept by the quantity's own rule."""
    missing = [dim for dim in keep if dim not in values.dims]
    if missing:
        message = f'"{rule.name}" has no dimension {missing}; it has {", ".join(map(str, values.dims))}.'
        raise PlanError("unknown-dimension", message, got=missing, expected=list(map(str, values.dims)))
    others = [dim for dim in values.dims if dim not in keep]
    barred = [str(dim) for dim in others if dim in rule.not_over]
    if barred:
        raise PlanError("not-additive", not_additive(rule, barred[0]), got=rule.name)
    # A missing number stays missing: xarray would else count it as nought, and copy everything to do so.
    found = (
        values.mean(others, skipna=False) if rule.aggregation == "mean" else values.sum(others, skipna=False)
    )
    return found.transpose(*keep)


def not_additive(rule: Quantity, dim: str) -> str:
    """Say why a sum has no meaning."""
    return (
        f'"{rule.name}" cannot be added over {dim}: one person may count in several. Keep {dim} in by, or select one with '
        f'where={{"{dim}": …}}.'
    )
