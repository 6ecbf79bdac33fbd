"""Climate: tonnes of CO2 equivalents from energy, travel and purchases.

``energy = area · kWh per m² · g per kWh``, ``travel = Σ contacts at the hospital · km · g per km``, ``purchases = goods ·
kg per MNOK``. Contacts by video or phone travel nowhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from framsyn.stages.parameters import Parameters

if TYPE_CHECKING:
    from framsyn.region import Region
    from framsyn.scenario import Scenario
    from framsyn.stages.draws import Draws

__all__ = ["project_climate"]

SOURCES = ("energy", "travel", "purchases")


def project_climate(
    activity: xr.Dataset, economy: xr.Dataset, region: Region, scenario: Scenario, draws: Draws
) -> xr.Dataset:
    """Project emissions of the authority.

    Floor area in use is the trusts' building stock of the base year (it changes with building decisions, not with beds
    needed), so energy moves with energy use per m² alone.

    Parameters
    ----------
    activity, economy : Dataset
    region : Region
    scenario : Scenario
    draws : Draws

    Returns
    -------
    Dataset
        ``emissions`` [t CO2e per year] (draw, year, emission_source).
    """
    years = activity["year"].values
    p = Parameters(region, scenario, draws, years)
    power = p.value("electricity_share")
    intensity = power * p.constant("electricity_g_per_kwh") + (1 - power) * p.constant("heat_g_per_kwh")
    energy = p.value("building_stock_m2") * p.value("energy_kwh_per_m2") * intensity / 1e6
    total = {
        name: activity[f"treated_{name}"].sum(("service_area", "trust")).transpose("draw", "year").values
        for name in ("stays", "day_treatments", "outpatient_contacts")
    }
    kilometres = (
        total["outpatient_contacts"]
        * (1 - p.value("remote_share"))
        * p.constant("km_per_contact", level="outpatient")
        + total["day_treatments"] * p.constant("km_per_contact", level="day")
        + total["stays"] * p.constant("km_per_stay", level="inpatient")
    )
    elapsed = years - years[0]
    travel = kilometres * p.value("car_g_per_km") * (1 - p.value("car_improvement")) ** elapsed / 1e6
    bought = (economy["cost_goods"] + economy["cost_drugs"]).transpose("draw", "year").values
    purchases = (
        bought * p.value("purchases_kg_per_mnok") * (1 - p.value("purchases_improvement")) ** elapsed / 1e3
    )
    values = np.stack([np.broadcast_to(x, purchases.shape) for x in (energy, travel, purchases)], axis=-1)
    return xr.Dataset(
        {"emissions": (("draw", "year", "emission_source"), values)},
        coords={"draw": draws.index, "year": years, "emission_source": list(SOURCES)},
    )
