"""Climate: tonnes of CO2 equivalents from energy, travel and purchases.

``energy = area · kWh per m² · g per kWh``, ``travel = Σ contacts at the hospital · km · g per km``, ``purchases = goods ·
kg per MNOK``. Contacts by video or phone travel nowhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from framsyn.stages.parameters import Parameters, side_by_side

if TYPE_CHECKING:
    from collections.abc import Mapping

    from framsyn.region import Region
    from framsyn.scenario import Scenario
    from framsyn.stages.draws import Draws

__all__ = ["emissions", "project_climate"]

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
    total = {
        name: activity[f"treated_{name}"].sum(("service_area", "trust")).transpose("draw", "year").values
        for name in ("stays", "day_treatments", "outpatient_contacts")
    }
    bought = (economy["cost_goods"] + economy["cost_drugs"]).transpose("draw", "year").values
    values = emissions(total, bought, Parameters(region, scenario, draws, years))
    return xr.Dataset(
        {"emissions": (("draw", "year", "emission_source"), values)},
        coords={"draw": draws.index, "year": years, "emission_source": list(SOURCES)},
    )


def emissions(total: Mapping[str, np.ndarray], bought: np.ndarray, p: Parameters) -> np.ndarray:
    """Emissions by source, [t CO2e per year] (draw, year, emission_source).

    Parameters
    ----------
    total : mapping of str to array [activity per year], (draw, year)
        Stays, day treatments and outpatient contacts at the trusts of the authority.
    bought : array [MNOK (2025) per year], (draw, year)
        Goods and drugs.
    p : Parameters
    """
    power = p.value("electricity_share")
    intensity = power * p.constant("electricity_g_per_kwh") + (1 - power) * p.constant("heat_g_per_kwh")
    energy = p.value("building_stock_m2") * p.value("energy_kwh_per_m2") * intensity / 1e6
    kilometres = (
        total["outpatient_contacts"]
        * (1 - p.value("remote_share"))
        * p.constant("km_per_contact", level="outpatient")
        + total["day_treatments"] * p.constant("km_per_contact", level="day")
        + total["stays"] * p.constant("km_per_stay", level="inpatient")
    )
    elapsed = p.years - p.years[0]
    travel = kilometres * p.value("car_g_per_km") * (1 - p.value("car_improvement")) ** elapsed / 1e6
    purchases = (
        bought * p.value("purchases_kg_per_mnok") * (1 - p.value("purchases_improvement")) ** elapsed / 1e3
    )
    return side_by_side([energy, travel, purchases])
