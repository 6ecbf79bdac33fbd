"""The region's tables of care, staff and money as labelled arrays, in the order that the stages compute in.

Each function reads one table of a region and gives it back with dimensions and units; a cell that the table lacks is an
error, never a zero.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from framsyn.errors import PlanError
from framsyn.methods.smoothing import ungroup

if TYPE_CHECKING:
    import pandas as pd

    from framsyn.region.region import Region

__all__ = [
    "SERVICE_AREAS",
    "area_county",
    "beds_available",
    "income",
    "patients_per_person",
    "professions",
    "season",
    "staff",
    "trust_count",
    "use_ratio",
]

SERVICE_AREAS = ("SOM", "PHV", "PHBU", "TSB")
BASE_YEAR = 2025


def area_county(region: Region) -> np.ndarray:
    """County code of each area, (area,); the first two digits of the municipality's code."""
    return np.array([area[:2] for area in region.areas])


@lru_cache(maxsize=16)
def patients_per_person(region: Region) -> xr.DataArray:
    """Unique patients per inhabitant and year in the base year, [patient per person and year] (service_area, sex, age).

    Patients do not add over diagnoses, so the published total of each service area is read.
    """
    table = region.table("use_total")
    table = table[table["measure"] == "patients"]
    # The statistics count the official region, so municipalities behind a switch are left out, as in Region.use.
    official = region.with_switches(**dict.fromkeys(region.switches, False))
    people = official.population(BASE_YEAR).sum("area").sel(sex=["male", "female"]).transpose("sex", "age")
    both = people.sum("sex").values
    out = np.zeros((len(SERVICE_AREAS), 2, both.size))
    for i, area in enumerate(SERVICE_AREAS):
        rows = table[table["service_area"] == area].sort_values("age_from")
        if rows.empty:
            continue
        rate = ungroup(
            rows["value"].to_numpy(float), rows["age_from"].to_numpy(), rows["age_to"].to_numpy(), both
        )
        out[i] = rate
    return xr.DataArray(
        out,
        dims=("service_area", "sex", "age"),
        coords={"service_area": list(SERVICE_AREAS), "sex": ["male", "female"], "age": people["age"].values},
        attrs={"units": "patient/person/year"},
    )


def trust_count(region: Region, year: int = BASE_YEAR) -> xr.DataArray:
    """Activity in the trusts' own count, [per year] (service_area, measure, trust); zero where there is no such care."""
    measures = ("stays", "bed_days", "day_treatments", "outpatient_contacts")
    table = region.table("trust_activity")
    return pivot(
        table[table["year"] == year],
        ("service_area", "measure", "trust"),
        (SERVICE_AREAS, measures, tuple(region.trusts)),
        "value",
        missing=0.0,
    )


def use_ratio(region: Region) -> xr.DataArray:
    """Use by the residents of a trust against the region at the same age and sex, [1] (trust, service_area)."""
    return pivot(
        region.table("use_ratio"), ("trust", "service_area"), (tuple(region.trusts), SERVICE_AREAS), "ratio"
    )


@lru_cache(maxsize=16)
def beds_available(region: Region, year: int = BASE_YEAR) -> xr.DataArray:
    """Average beds in use, [bed] (service_area, trust)."""
    table = region.table("beds")
    return pivot(
        table[table["year"] == year], ("service_area", "trust"), (SERVICE_AREAS, tuple(region.trusts)), "beds"
    )


def season(region: Region) -> xr.DataArray:
    """Bed days of a month against the mean month, [1] (service_area, month)."""
    return pivot(
        region.table("season"), ("service_area", "month"), (SERVICE_AREAS, tuple(range(1, 13))), "factor"
    )


PUBLISHED_PROFESSIONS = ("specialist_doctor", "specialist_nurse", "nurse")
"""Professions whose FTE are published for every trust; of the others only the region's sum is shown."""


@lru_cache(maxsize=16)
def professions(region: Region) -> list[str]:
    """Professions of the staff table, in the order of the first rows' codes as declared in the package."""
    order = (
        "specialist_doctor",
        "other_doctor",
        "specialist_nurse",
        "nurse",
        "psychologist",
        "other_health",
        "administration",
        "support",
    )
    found = set(region.table("staff")["profession"])
    return [name for name in order if name in found]


@lru_cache(maxsize=16)
def staff(region: Region, year: int = BASE_YEAR) -> xr.DataArray:
    """Contract full-time equivalents, [FTE] (profession, trust)."""
    table = region.table("staff")
    return pivot(
        table[table["year"] == year],
        ("profession", "trust"),
        (tuple(professions(region)), tuple(region.trusts)),
        "fte",
    )


@lru_cache(maxsize=128)
def income(region: Region, item: str, place: str, year: int) -> float:
    """One figure of the income table, in its own unit."""
    table = region.table("income")
    rows = table[(table["item"] == item) & (table["place"] == place) & (table["year"] == year)]
    if len(rows) != 1:
        message = (
            f"income.csv of region {region.name}: {len(rows)} rows for item {item}, place {place}, year {year}; "
            "expected one. Add the row, or remove the double."
        )
        raise PlanError("figure-missing", message, item=item, place=place, year=year)
    return float(rows["value"].iloc[0])


def pivot(
    table: pd.DataFrame,
    keys: tuple[str, ...],
    labels: tuple[tuple, ...],
    column: str,
    missing: float | None = None,
) -> xr.DataArray:
    """Put rows into an array; a missing cell is ``missing`` or an error."""
    out = np.full([len(group) for group in labels], np.nan)
    places = [{label: i for i, label in enumerate(group)} for group in labels]
    columns = [table[key].tolist() for key in keys]
    for *codes, value in zip(*columns, table[column].tolist(), strict=True):
        if all(code in place for code, place in zip(codes, places, strict=True)):
            out[tuple(place[code] for code, place in zip(codes, places, strict=True))] = value
    empty = np.argwhere(np.isnan(out))
    if len(empty) and missing is None:
        cell = ", ".join(f"{key} {group[i]}" for key, group, i in zip(keys, labels, empty[0], strict=True))
        message = f"no {column} for {cell}. Add the row to the region's table."
        raise PlanError("figure-missing", message, cell=cell)
    filled = np.where(np.isnan(out), 0.0 if missing is None else missing, out)
    return xr.DataArray(
        filled, dims=keys, coords={key: list(group) for key, group in zip(keys, labels, strict=True)}
    )
