"""What a report is made from: an outlook, its baseline, and the tables that charts and sentences are read off.

Every number is computed once, without words, and shared by the three languages. Ratios and shares are taken within each
draw before quantiles are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from framsyn.outlook.result import collapse
from framsyn.quantities import quantity
from framsyn.region import arrays
from framsyn.report.numbers import Style, decimals_for, display_factor, number, shown, value_range
from framsyn.report.summed import Summed

if TYPE_CHECKING:
    from framsyn.analyses.explain import Explanation
    from framsyn.analyses.hindcast import Hindcast
    from framsyn.outlook.result import Outlook

__all__ = ["OTHER_SERVICES", "PUBLISHED_PROFESSIONS", "Evidence", "Triple", "spell"]

LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9)
COLUMNS = ("q10", "q25", "q50", "q75", "q90")
OTHER_SERVICES = ("PHV", "PHBU", "TSB")
"""Shown together by trust: how their activity divides there is an estimate."""
PUBLISHED_PROFESSIONS = ("specialist_doctor", "specialist_nurse", "nurse")
"""Professions with published figures in every trust; the others are split by an assumption."""
NEGLIGIBLE = 1e-9  # a gap of the base year is zero up to rounding


class Triple(NamedTuple):
    """Median with the ends of its 80 % interval, in the stored unit."""

    low: float
    median: float
    high: float

    @property
    def certain(self) -> bool:
        """Whether it is one number, as a count is."""
        return self.high - self.low <= NEGLIGIBLE * max(abs(self.median), 1.0)


def spell(
    triples: Sequence[Triple], lang: str, style: Style = "number", *, signed: bool = False, most: int = 9
) -> list[str]:
    """Write numbers that stand beside each other with the digits that the widest interval justifies.

    ``most`` caps the decimals.

    >>> spell([Triple(0, 0, 0), Triple(0.11, 0.13, 0.16)], "en", "percent", signed=True)
    ['0%', '+13% (+11 to +16)']
    """
    factor = display_factor(style)
    scaled = [Triple(*(value * factor for value in triple)) for triple in triples]
    uncertain = [decimals_for(t.low, t.high, t.median) for t in scaled if not t.certain]
    decimals = (
        min(uncertain) if uncertain else max((decimals_for(*t[::2], t.median) for t in scaled), default=0)
    )
    decimals = min(decimals, most)
    texts = []
    for triple in scaled:
        text = shown(triple.median, lang, style, decimals, signed=signed)
        if not triple.certain:
            ends = [number(end, lang, decimals, signed=signed) for end in (triple.low, triple.high)]
            text += f" ({value_range(ends[0], ends[1], lang)})"
        texts.append(text)
    return texts


@dataclass
class Evidence:
    """An outlook with what is told about it.

    Parameters
    ----------
    outlook, baseline : Outlook
        The run, and the one that it is compared with.
    explanation : Explanation
        Why the need of somatic care changes.
    hindcast : Hindcast, optional
    drivers : DataFrame, optional
        From :func:`framsyn.analyses.drivers.rank_drivers`.
    """

    outlook: Outlook
    baseline: Outlook
    explanation: Explanation
    hindcast: Hindcast | None = None
    drivers: pd.DataFrame | None = None
    _known: dict[Any, Any] = field(default_factory=dict, repr=False)
    _quantiles: dict[int, Any] = field(default_factory=dict, repr=False)

    @cached_property
    def first(self) -> int:
        """Base year."""
        return self.outlook.base_year

    @cached_property
    def last(self) -> int:
        """Horizon."""
        return self.outlook.years[-1]

    @cached_property
    def years(self) -> list[int]:
        """Years of tables: the base year, 2030 where it lies between, the horizon."""
        return sorted({self.first, min(max(2030, self.first), self.last), self.last})

    @cached_property
    def summed(self) -> Summed:
        """The outlook's draws as a report cuts them."""
        return Summed(self.outlook)

    @cached_property
    def summed_baseline(self) -> Summed:
        """The baseline's draws as a report cuts them."""
        return Summed(self.baseline)

    @property
    def manifest(self) -> dict[str, Any]:
        """Inputs of the run."""
        return self.outlook.manifest

    def once(self, key: Any, make: Callable[[], Any]) -> Any:
        """Compute a value once for all languages."""
        if key not in self._known:
            self._known[key] = make()
        return self._known[key]

    # --- draws -------------------------------------------------------------------------------------------------------

    def draws(
        self,
        name: str,
        where: Mapping[str, Any] | None = None,
        by: Sequence[str] = (),
        *,
        baseline: bool = False,
    ) -> xr.DataArray:
        """Draws of a quantity by year and ``by``."""
        summed = self.summed_baseline if baseline else self.summed
        key = ("draws", name, _frozen(where), tuple(by), baseline)
        return self.once(key, lambda: summed.draws(name, ("year", *by), where))

    def growth(
        self, name: str, where: Mapping[str, Any] | None = None, by: Sequence[str] = ()
    ) -> xr.DataArray:
        """Change since the base year, within each draw, as a share."""

        def make() -> xr.DataArray:
            values = self.draws(name, where, by)
            return values / values.sel(year=self.first) - 1

        return self.once(("growth", name, _frozen(where), tuple(by)), make)

    def share(self, part: str, whole: str = "population", by: Sequence[str] = ()) -> xr.DataArray:
        """One quantity over another, within each draw."""
        return self.once(
            ("share", part, whole, tuple(by)), lambda: self.draws(part, by=by) / self.draws(whole, by=by)
        )

    def quantiles(
        self, values: xr.DataArray
    ) -> tuple[tuple[str, ...], dict[str, dict[Any, int]], np.ndarray]:
        """Dimensions, places of labels, and the 10, 50 and 90 % quantiles of draws, computed once per array."""
        # The array is kept with its quantiles, so that its identity stays its own.
        held = self._quantiles.get(id(values))
        if held is None or held[0] is not values:
            axis = values.dims.index("draw")
            found = np.quantile(values.values, (0.1, 0.5, 0.9), axis=axis)
            dims = tuple(str(dim) for dim in values.dims if dim != "draw")
            places = {dim: {label: i for i, label in enumerate(values[dim].values.tolist())} for dim in dims}
            held = self._quantiles[id(values)] = (values, dims, places, found)
        return held[1:]

    def triple(self, values: xr.DataArray, year: int | None = None, **at: str) -> Triple:
        """Median and 80 % interval of draws in a year."""
        dims, places, found = self.quantiles(values)
        wanted = {"year": year or self.last, **at}
        at_place: tuple[Any, ...] = (slice(None), *(places[dim][wanted[dim]] for dim in dims))
        low, median, high = found[at_place]
        return Triple(float(low), float(median), float(high))

    def triples(self, values: xr.DataArray, **at: str) -> list[Triple]:
        """Median and 80 % interval in each year of :attr:`years`."""
        return [self.triple(values, year, **at) for year in self.years]

    def fan(self, values: xr.DataArray, by: str = "") -> pd.DataFrame:
        """Quantiles as charts want them: [group,] year, q10 … q90."""
        ordered = values.transpose("draw", *([by] if by else []), "year")
        found = np.quantile(ordered.values, LEVELS, axis=0)
        years = ordered["year"].values
        groups = ordered[by].values if by else [""]
        flat = found.reshape(len(LEVELS), -1)
        frame = pd.DataFrame(dict(zip(COLUMNS, flat, strict=True)))
        frame.insert(0, "year", np.tile(years, len(groups)))
        frame.insert(0, "group", np.repeat([str(group) for group in groups], len(years)))
        return frame if by else frame.drop(columns="group")

    # --- frames ------------------------------------------------------------------------------------------------------

    def by_service(self, name: str, by: Sequence[str] = ()) -> xr.DataArray:
        """Draws of a quantity for each service area."""

        def make() -> xr.DataArray:
            parts = [self.draws(name, {"service_area": area}, by) for area in arrays.SERVICE_AREAS]
            return xr.concat(parts, pd.Index(arrays.SERVICE_AREAS, name="service_area"))

        return self.once(("by_service", name, tuple(by)), make)

    def other_services(self, name: str, by: Sequence[str] = ()) -> xr.DataArray:
        """Draws of mental health and substance use care together."""
        return self.draws(name, {"service_area": list(OTHER_SERVICES)}, by)

    def population_history(self) -> pd.DataFrame:
        """Counted persons of the region by year, for the years in which every municipality has a count."""

        def make() -> pd.DataFrame:
            table = self.outlook.region.table("population_history")
            table = table[table["area"].isin(self.outlook.region.areas)]
            whole = table.groupby("year")["area"].nunique() == len(self.outlook.region.areas)
            sums = table.groupby("year")["total"].sum()[whole]
            return sums.rename("value").reset_index()

        return self.once("population_history", make)

    def pyramid(self) -> pd.DataFrame:
        """People by sex and five-year age in the base year and at the horizon, quantiles of the groups."""

        def make() -> pd.DataFrame:
            people = self.outlook.trusts["population"].sel(year=[self.first, self.last]).sum("trust")
            groups = np.minimum(people["age"].values // 5 * 5, 95)
            summed = people.groupby(xr.DataArray(groups, dims="age", name="group")).sum()
            found = np.quantile(
                summed.transpose("draw", "year", "sex", "group").values, (0.1, 0.5, 0.9), axis=0
            )
            index = pd.MultiIndex.from_product(
                [summed["year"].values, summed["sex"].values, summed["group"].values],
                names=["year", "sex", "age"],
            )
            flat = found.reshape(3, -1)
            return pd.DataFrame({"q10": flat[0], "q50": flat[1], "q90": flat[2]}, index=index).reset_index()

        return self.once("pyramid", make)

    def need_growth_by_area(self) -> pd.DataFrame:
        """Growth of somatic need by municipality in the central run: area, value [1]."""

        def make() -> pd.DataFrame:
            need = self.outlook.central_value("need", ("year", "area"), {"service_area": "SOM"})
            growth = need.sel(year=self.last) / need.sel(year=self.first) - 1
            return pd.DataFrame({"area": growth["area"].values.astype(str), "value": growth.values})

        return self.once("need_growth_by_area", make)

    def central_growth(self, name: str, areas: Sequence[str]) -> float:
        """Growth to the horizon in the central run."""
        values = self.summed.central_value(name, ("year",), {"service_area": list(areas)})
        return float(values.sel(year=self.last) / values.sel(year=self.first) - 1)

    def beds_today(self) -> xr.DataArray:
        """Available beds of the base year, (service_area, trust)."""
        return self.once("beds_today", lambda: arrays.beds_available(self.outlook.region))

    def published_population(self) -> pd.DataFrame:
        """The plan's own table as it was published: place, year, persons, share_65_plus."""

        def make() -> pd.DataFrame:
            table = self.outlook.region.controls("trust")[["place", "year", "persons", "share_65_plus"]]
            return table.set_index(["place", "year"])

        return self.once("published_population", make)

    def breach(self) -> pd.Series:
        """Probability of being under the liquidity floor, by year."""
        values = self.draws("liquidity_breach").mean("draw")
        return pd.Series(values.values, index=values["year"].values)

    def parameter(self, name: str, **where: str) -> float:
        """Parameter of the region."""
        return self.outlook.region.parameter(name, **where)

    def central_at(self, name: str, year: int, where: Mapping[str, Any] | None = None) -> float:
        """Value of the central run for the whole region."""
        values = self.summed.central_value(name, ("year",), where)
        return float(collapse(values, quantity(name), ("year",)).sel(year=year))


def _frozen(where: Mapping[str, Any] | None) -> tuple[tuple[str, Any], ...]:
    return tuple(
        (key, tuple(value) if isinstance(value, list) else value) for key, value in (where or {}).items()
    )
