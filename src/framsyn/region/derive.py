"""Use by single age and patient flows, made from the region's tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from framsyn.methods.smoothing import ungroup
from framsyn.region.codes import unknown
from framsyn.region.region import AGES, SEXES
from framsyn.region.schema import MEASURES, SERVICE_AREAS

if TYPE_CHECKING:
    import xarray as xr

    from framsyn.region.region import Region

__all__ = ["flow_shares", "migration_rates", "use_per_person"]


def use_per_person(region: Region) -> xr.DataArray:
    """Use per inhabitant by single age, (service, measure, sex, age); see :meth:`Region.use`."""
    listed = region.frames["areas"]
    official = list(listed.loc[listed["switch"] == "", "area"])
    people = region.population_of(region.base_year, official).values.sum(axis=0)
    exposures = {"all": people.sum(axis=0), "male": people[0], "female": people[1]}
    values = np.zeros((len(region.services), len(MEASURES), 2, len(AGES)))
    for (service, measure, sex), rows in region.frames["use"].groupby(
        ["service", "measure", "sex"], sort=False
    ):
        ordered = rows.sort_values("age_from")
        rate = ungroup(
            ordered["value"].to_numpy(),
            ordered["age_from"].to_numpy(),
            ordered["age_to"].to_numpy(),
            exposures[sex],
        )
        sexes = slice(None) if sex == "all" else slice(SEXES.index(sex), SEXES.index(sex) + 1)
        values[region.services.index(service), MEASURES.index(measure), sexes] = rate
    coords = {"service": region.services, "measure": list(MEASURES)}
    return region.labelled(values, ("service", "measure", "sex", "age"), coords, "count/year")


def flow_shares(region: Region, service_area: str) -> tuple[xr.DataArray, xr.DataArray]:
    """Shares of residents by provider (trust, provider), and guests against residents (provider)."""
    if service_area not in SERVICE_AREAS:
        raise unknown("service area", service_area, SERVICE_AREAS)
    frame = region.frames["flows"]
    frame = frame[frame["service_area"] == service_area]
    providers = [*region.trusts, "private", "elsewhere"]
    values = np.zeros((len(region.trusts), len(providers)))
    guests = np.zeros(len(providers))
    for origin, provider, share in zip(frame["origin"], frame["provider"], frame["share"], strict=True):
        if origin == "guests":
            guests[providers.index(provider)] = share
        else:
            values[region.trusts.index(origin), providers.index(provider)] = share
    coords = {"trust": region.trusts, "provider": providers}
    return (
        region.labelled(values, ("trust", "provider"), coords, "1"),
        region.labelled(guests, ("provider",), coords, "1"),
    )


def migration_rates(region: Region, period: str) -> xr.DataArray:
    """Net migration by area, sex and single age: the trust's rate and the area's own deviation, (area, sex, age)."""
    frame = region.of_period("migration", period).sort_values(["trust", "age"])
    rates = np.stack(
        [
            [frame.loc[(frame["trust"] == trust) & (frame["sex"] == sex), "rate"].to_numpy() for sex in SEXES]
            for trust in region.trusts
        ]
    )
    values = rates[region.area_trust("SOM")].copy()
    own = region.of_period("migration_area", period)
    own = own[own["area"].isin(region.areas)]
    position = {area: index for index, area in enumerate(region.areas)}
    for area, sex, first, last, deviation in zip(
        own["area"], own["sex"], own["age_from"], own["age_to"], own["deviation"], strict=True
    ):
        sexes = slice(None) if sex == "all" else slice(SEXES.index(sex), SEXES.index(sex) + 1)
        values[position[area], sexes, first : last + 1] += deviation
    return region.labelled(values, ("area", "sex", "age"), {}, "1/year")
