"""The region as the chain reads it: codes in a fixed order, tables, and labelled arrays made from them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from framsyn.errors import PlanError
from framsyn.region.codes import find_parameter, find_region, labels, unknown
from framsyn.region.read import read_descriptor, read_tables
from framsyn.region.schema import SERVICE_AREAS, tables

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from numpy.typing import NDArray

    from framsyn.region.check import Finding

__all__ = ["AGES", "SEXES", "Region"]

AGES = np.arange(106)
SEXES = ("male", "female")
LANGUAGES = ("nb", "nn", "en")


class Region:
    """What is known about a region; made by :meth:`load`.

    Attributes
    ----------
    name : str
        Key of the region, such as ``midt-norge``.
    label : dict of str to str
        Name in nb, nn and en.
    folder : Path
        Where its tables are.
    switches : dict of str to bool
        Settings that take municipalities in or out.
    areas, trusts, services : list of str
        Codes in a fixed order; a switched-off municipality is not among the areas.

    Examples
    --------
    >>> region = Region.load("midt-norge")
    >>> region.trusts, len(region.areas)
    (['hmr', 'hnt', 'sto'], 66)
    >>> int(region.population(2025).sum())
    760602
    """

    def __init__(
        self,
        folder: Path,
        descriptor: dict[str, Any],
        frames: dict[str, pd.DataFrame],
        switches: dict[str, bool],
    ) -> None:
        self.folder = folder
        self.descriptor = descriptor
        self.name: str = descriptor["name"]
        self.label: dict[str, str] = dict(descriptor["framsyn"]["label"])
        self.base_year: int = int(descriptor["framsyn"]["baseYear"])
        self.periods: list[str] = list(descriptor["framsyn"]["periods"])
        self.switches = switches
        self.frames = frames
        self._made: dict[Any, Any] = {}
        listed = frames["areas"]
        off = [name for name, on in switches.items() if not on]
        self.areas: list[str] = list(listed.loc[~listed["switch"].isin(off), "area"])
        self.trusts: list[str] = list(frames["trusts"]["trust"])
        self.services: list[str] = list(frames["services"]["service"])

    @classmethod
    def load(cls, name_or_path: str | Path = "midt-norge", **switches: bool) -> Region:
        """Read a region strictly.

        Parameters
        ----------
        name_or_path : str or Path
            Name of a region that comes with the package, or a folder.
        **switches : bool
            Settings of the region file, such as ``bindal=False``.

        Raises
        ------
        PlanError
            No such region or switch, or a table that does not hold what it should.
        """
        folder = find_region(name_or_path)
        descriptor = read_descriptor(folder)
        declared = descriptor["framsyn"]["switches"]
        for name, on in switches.items():
            if name not in declared:
                raise PlanError(
                    "unknown-switch",
                    f"region {descriptor['name']}: no switch {name!r}; expected one of "
                    f"{', '.join(sorted(declared)) or 'none'}. Take it out or mend its name.",
                    got=name,
                    expected=sorted(declared),
                )
            if not isinstance(on, bool):
                raise PlanError(
                    "bad-switch",
                    f"region {descriptor['name']}: switch {name!r} is {on!r}; expected True or False.",
                    got=on,
                )
        settings = {
            name: bool(switches.get(name, said["default"])) for name, said in sorted(declared.items())
        }
        from framsyn.region.check import check_sums_or_raise

        region = cls(folder, descriptor, read_tables(folder, descriptor), settings)
        check_sums_or_raise(region)
        return region

    def with_switches(self, **switches: bool) -> Region:
        """Return the same region with other settings; tables are shared, not read again."""
        strange = sorted(set(switches) - set(self.switches))
        if strange:
            raise unknown("switch", strange[0], tuple(self.switches))
        return type(self)(self.folder, self.descriptor, self.frames, {**self.switches, **switches})

    def table(self, name: str) -> pd.DataFrame:
        """A table as it stands in the file; do not change it."""
        if name not in self.frames:
            raise PlanError(
                "unknown-table",
                f"region {self.name}: no table {name!r}; expected one of {', '.join(self.frames)}.",
                got=name,
                expected=list(self.frames),
            )
        return self.frames[name]

    @property
    def sources(self) -> dict[str, dict[str, Any]]:
        """Title, licence and address of every source by its key."""
        return {source["name"]: source for source in self.descriptor["sources"]}

    def digest(self) -> str:
        """SHA-256 over the tables and the switches: the part of a run's address that the region is."""
        if "digest" not in self._made:
            sums = hashlib.sha256()
            for name in tables():
                content = (self.folder / "tables" / f"{name}.csv").read_bytes().replace(b"\r\n", b"\n")
                sums.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
            sums.update(json.dumps(self.switches, sort_keys=True).encode())
            self._made["digest"] = sums.hexdigest()
        return str(self._made["digest"])

    def check(self) -> list[Finding]:
        """Findings on the tables: sums, shares, ages, files that were changed by hand. Empty when all is well."""
        from framsyn.region.check import check_region

        return check_region(self)

    def borders(self) -> dict[str, Any]:
        """GeoJSON of the municipalities that the switches leave in; read once, so do not change it."""
        path = self.folder / "borders.geojson"
        if "borders" in self._made:
            return dict(self._made["borders"])
        if not path.is_file():
            raise PlanError(
                "no-borders",
                f"{path}: the file is missing; a map needs it. Build the region with borders.",
                file=path.name,
            )
        drawn, held = json.loads(path.read_text(encoding="utf-8")), set(self.areas)
        drawn["features"] = [part for part in drawn["features"] if part["properties"]["area"] in held]
        return dict(self._made.setdefault("borders", drawn))

    # --- codes -------------------------------------------------------------------------------------------------------

    @property
    def service_area_of(self) -> dict[str, str]:
        """Service area of every service."""
        if "service_area_of" not in self._made:
            frame = self.frames["services"]
            self._made["service_area_of"] = dict(zip(frame["service"], frame["service_area"], strict=True))
        return dict(self._made["service_area_of"])

    def area_trust(self, service_area: str = "SOM") -> NDArray[np.int64]:
        """Index into :attr:`trusts` for every area; somatic and psychiatric catchments differ."""
        if service_area not in SERVICE_AREAS:
            raise unknown("service area", service_area, SERVICE_AREAS)
        column = "somatic_trust" if service_area == "SOM" else "psychiatric_trust"
        if column not in self._made:
            named = self.frames["areas"].set_index("area").loc[self.areas, column]
            self._made[column] = np.array([self.trusts.index(trust) for trust in named], dtype=np.int64)
        return np.array(self._made[column])

    def label_of(self, kind: str, code: str, lang: str = "nb") -> str:
        """Name of a code in one language form, for people to read.

        >>> Region.load("midt-norge").label_of("level", "day", "nn")
        'Dag'
        """
        if lang not in LANGUAGES:
            raise unknown("language", lang, LANGUAGES)
        frames = self.frames
        if kind == "service":
            names = dict(zip(frames["services"]["service"], frames["services"][f"name_{lang}"], strict=True))
        elif kind in {"trust", "area", "site"}:
            frame = frames[f"{kind}s"]
            names = dict(zip(frame[kind], frame["short_name" if kind == "trust" else "name"], strict=True))
        else:
            names = {row["code"]: row[lang] for row in labels() if row["kind"] == kind}
        if code not in names:
            raise unknown(kind, code, tuple(names))
        return str(names[code])

    # --- population --------------------------------------------------------------------------------------------------

    def population(self, year: int) -> xr.DataArray:
        """Persons on 1 January, dims (area, sex, age) [person]; for the years that the table holds."""
        return self._array(("population", year), lambda: self.population_of(year))

    def life_tables(self) -> xr.DataArray:
        """Probability of death before the next birthday, dims (year, sex, age) [1]."""

        def make() -> xr.DataArray:
            frame = self.frames["life_tables"]
            years = sorted(set(frame["year"]))
            values = frame.pivot_table(index="year", columns=["sex", "age"], values="qx")
            grid = np.stack([values[sex].to_numpy() for sex in SEXES], axis=1)
            return self.labelled(grid, ("year", "sex", "age"), {"year": years}, "1")

        return self._array("life_tables", make)

    def fertility_pattern(self) -> xr.DataArray:
        """Share of total fertility at each age, dims (age) [1]; zero outside the table's ages, sum 1."""

        def make() -> xr.DataArray:
            frame = self.frames["fertility_pattern"]
            values = np.zeros(len(AGES))
            values[frame["age"].to_numpy()] = frame["share"].to_numpy()
            return self.labelled(values / values.sum(), ("age",), {}, "1")

        return self._array("fertility_pattern", make)

    def fertility_total(self) -> xr.DataArray:
        """National total fertility rate, dims (year) [child per woman]."""

        def make() -> xr.DataArray:
            frame = self.frames["fertility_total"].sort_values("year")
            return self.labelled(
                frame["rate"].to_numpy(), ("year",), {"year": list(frame["year"])}, "child per woman"
            )

        return self._array("fertility_total", make)

    def migration_national(self) -> xr.DataArray:
        """Net migrants per inhabitant of the country, dims (year) [1/year]."""

        def make() -> xr.DataArray:
            frame = self.frames["migration_national"].sort_values("year")
            return self.labelled(frame["rate"].to_numpy(), ("year",), {"year": list(frame["year"])}, "1/year")

        return self._array("migration_national", make)

    def fertility_level(self, period: str) -> xr.DataArray:
        """Births over expected, shrunk, dims (area) [1]."""
        frame = self.of_period("fertility_area", period).set_index("area")
        return self.labelled(frame.loc[self.areas, "level"].to_numpy(), ("area",), {}, "1")

    def migration_rates(self, period: str) -> xr.DataArray:
        """Net migrants per survivor and year by age on 1 January, dims (area, sex, age) [1/year].

        rate = rate of the somatic trust + deviation of the area
        """
        from framsyn.region.derive import migration_rates

        return self._array(("migration_rates", period), lambda: migration_rates(self, period))

    def migration_variation(self, period: str) -> tuple[xr.DataArray, float]:
        """Yearly standard deviation of the net migration rate, dims (area) [1/year], and its autocorrelation [1]."""
        frame = self.of_period("migration_variation", period).set_index("area")
        sd = self.labelled(frame.loc[self.areas, "sd"].to_numpy(), ("area",), {}, "1/year")
        return sd, float(frame["autocorrelation"].iloc[0])

    # --- care --------------------------------------------------------------------------------------------------------

    def use(self) -> xr.DataArray:
        """Use per inhabitant in the base year by single age, dims (service, measure, sex, age) [count/year].

        Ungrouped so that Σ use · population over a group gives the table's figure. The figures count the residents of
        the official region, so the population is that of the municipalities without a switch; a switched-in
        municipality uses care at the same rates. Where the table does not split by sex, both sexes have one rate; a
        row for one sex alone leaves the other at zero.
        """
        from framsyn.region.derive import use_per_person

        return self._array("use", lambda: use_per_person(self))

    def parameter(
        self,
        name: str,
        service_area: str | None = None,
        level: str | None = None,
        profession: str | None = None,
    ) -> float:
        """Value of a parameter; the row that says most about the place asked for wins.

        >>> 0.5 < Region.load("midt-norge").parameter("occupancy", service_area="SOM") < 1
        True
        """
        key = ("parameter", name, service_area, level, profession)
        if key not in self._made:
            self._made[key] = float(self.parameter_row(name, service_area, level, profession)["value"])
        return float(self._made[key])

    def parameter_row(
        self,
        name: str,
        service_area: str | None = None,
        level: str | None = None,
        profession: str | None = None,
    ) -> pd.Series:
        """The row that :meth:`parameter` takes its value from, with unit, source and reason.

        Raises
        ------
        PlanError
            No row fits, or two fit equally well.
        """
        key = ("parameter", name, service_area, level, profession)
        if key not in self._made:
            asked = {"service_area": service_area, "level": level, "profession": profession}
            self._made[key] = find_parameter(self.frames["parameters"], name, asked)
        return self._made[key]

    def flows(self, service_area: str) -> xr.DataArray:
        """Where residents are treated, dims (trust, provider) [1]; each trust's shares sum to 1."""
        from framsyn.region.derive import flow_shares

        return self._array(("flows", service_area), lambda: flow_shares(self, service_area)[0])

    def guests(self, service_area: str) -> xr.DataArray:
        """Guests from outside against the provider's treatment of residents, dims (provider) [1]."""
        from framsyn.region.derive import flow_shares

        return self._array(("guests", service_area), lambda: flow_shares(self, service_area)[1])

    def controls(self, control_set: str, variant: str = "MMMM") -> pd.DataFrame:
        """Published totals of a control set; a set with one variant alone needs no variant."""
        frame = self.frames["controls"]
        chosen = frame[frame["control_set"] == control_set]
        if chosen.empty:
            raise unknown("control set", control_set, tuple(sorted(set(frame["control_set"]))))
        variants = sorted(set(chosen["variant"]))
        if len(variants) > 1:
            if variant not in variants:
                raise unknown("variant", variant, tuple(variants))
            chosen = chosen[chosen["variant"] == variant]
        return chosen.reset_index(drop=True)

    # --- inner -------------------------------------------------------------------------------------------------------

    def _array(self, key: Any, make: Any) -> xr.DataArray:
        if key not in self._made:
            made = make()
            made.values.setflags(write=False)
            self._made[key] = made
        return self._made[key]

    def labelled(
        self, values: NDArray[np.float64], dims: tuple[str, ...], coords: dict[str, Any], units: str
    ) -> xr.DataArray:
        """Values with labels and unit; areas, sexes and ages need no labels of their own."""
        import xarray as xr

        known: dict[str, Any] = {"area": self.areas, "sex": list(SEXES), "age": AGES}
        labels = {dim: coords.get(dim, known.get(dim)) for dim in dims}
        return xr.DataArray(
            np.asarray(values, dtype=np.float64), dims=dims, coords=labels, attrs={"units": units}
        )

    def of_period(self, table: str, period: str) -> pd.DataFrame:
        """Rows of a table for one of the region's periods."""
        if period not in self.periods:
            raise unknown("period", period, tuple(self.periods))
        frame = self.frames[table]
        return frame[frame["period"] == period]

    def population_of(self, year: int, areas: list[str] | None = None) -> xr.DataArray:
        """Persons of some areas, dims (area, sex, age)."""
        frame = self.frames["population"]
        chosen = frame[frame["year"] == year]
        if chosen.empty:
            raise unknown("population year", year, tuple(sorted(set(frame["year"]))))
        order = self.areas if areas is None else areas
        ordered = chosen.set_index(["area", "age"])[list(SEXES)].sort_index()
        grid = ordered.to_numpy(dtype=np.float64).reshape(-1, len(AGES), 2).transpose(0, 2, 1)
        present = list(ordered.index.get_level_values(0)[:: len(AGES)])
        values = grid[[present.index(area) for area in order]]
        return self.labelled(values, ("area", "sex", "age"), {"area": order}, "person")
