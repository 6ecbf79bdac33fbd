"""Capacity: what carries the activity. Beds, day places, rooms, theatres, imaging, floor area, equipment.

Beds come in two ways: by occupancy, ``days / (365 · occupancy)``, and by service level, the smallest number of beds in each
ward pool that turns away no more than a stated share of patients (Erlang B). One occupancy for all wards is wrong in
small ones: at 85 % occupied, ten beds turn away every third patient.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from framsyn.methods import queueing
from framsyn.region import arrays
from framsyn.stages.cells import SERVICE_AREAS
from framsyn.stages.parameters import Parameters

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from framsyn.region import Region
    from framsyn.scenario import Scenario
    from framsyn.stages.draws import Draws

__all__ = [
    "beds_by_month",
    "beds_for_service_level",
    "consultation_rooms",
    "day_places",
    "equipment_due",
    "floor_area",
    "occupied_beds",
    "project_capacity",
    "renewal_of",
    "rooms_needed",
    "service_level_of",
    "theatres_and_imaging",
]

DAYS = 365.0


def occupied_beds(bed_days: np.ndarray, occupancy: np.ndarray | float) -> np.ndarray:
    """Beds that carry a number of bed days at a target occupancy.

    ``beds = bed_days / (365 · occupancy)``

    Parameters
    ----------
    bed_days : array [bed day per year], (...)
    occupancy : array or float [1], in (0, 1]

    Returns
    -------
    array [bed], (...)

    >>> float(np.round(occupied_beds(np.array(36_500.0), 0.85), 1))
    117.6
    """
    return bed_days / (DAYS * occupancy)


def rooms_needed(
    count: np.ndarray, minutes: np.ndarray | float, days: float, hours: float, use: np.ndarray | float
) -> np.ndarray:
    """Rooms that hold a yearly count of sessions.

    ``rooms = count · minutes / (days · hours · 60 · use)``

    Parameters
    ----------
    count : array [session per year], (...)
    minutes : float [minute per session]
    days : float [open day per year]
    hours : float [open hour per day]
    use : float [1], share of open time in use

    Returns
    -------
    array [room], (...)

    >>> float(rooms_needed(np.array(110_400.0), 45, 230, 8, 1.0))
    45.0
    """
    return count * (minutes / (days * hours * 60 * use))


def equipment_due(table: pd.DataFrame, years: np.ndarray) -> np.ndarray:
    """Replacement value of the equipment that reaches the end of its life in each year, [MNOK per year] (year,).

    Ages are spread evenly around the class's mean age; what is replaced starts at age zero, so the stock is renewed at
    value / life in the long run, and a backlog older than its life is worked off over the first five years.
    """
    due = np.zeros(len(years))
    for row in table.itertuples():
        value = row.units * row.replacement_value
        ages = np.linspace(0, 2 * row.mean_age, 41)
        weight = np.full(41, value / 41)
        left = row.life - ages
        backlog = weight[left <= 0].sum()
        due[: min(5, len(years))] += backlog / 5
        for rest, amount in zip(left[left > 0], weight[left > 0], strict=True):
            due += amount * replacements(rest, row.life, len(years))
        due += backlog * replacements(row.life + 2.5, row.life, len(years))
    return due


@lru_cache(maxsize=16)
def renewal_of(region: Region, years: tuple[int, ...]) -> np.ndarray:
    """Renewal of a region's equipment, computed once for all chunks of a run."""
    return equipment_due(region.table("equipment"), np.array(years))


def replacements(first: float, life: float, years: int) -> np.ndarray:
    """How often something falls due in each year when it is due after ``first`` years and every ``life`` years on.

    >>> replacements(1.5, 2.0, 4)
    array([0., 1., 0., 1.])
    """
    times = first + life * np.arange(int(years / life) + 2)
    found = np.zeros(years)
    for time in times[times < years]:
        found[int(time)] += 1
    return found


def project_capacity(activity: xr.Dataset, region: Region, scenario: Scenario, draws: Draws) -> xr.Dataset:
    """Turn activity at the trusts into capacity.

    Parameters
    ----------
    activity : Dataset
        ``treated_…`` quantities (draw, year, service_area, trust).
    region : Region
    scenario : Scenario
    draws : Draws

    Returns
    -------
    Dataset
        ``beds``, ``beds_service_level``, ``bed_gap``, ``day_places``, ``outpatient_rooms`` (draw, year, service_area,
        trust); ``theatres``, ``imaging_rooms``, ``floor_area`` (draw, year, trust); ``equipment_renewal`` (draw, year).
    """
    years = activity["year"].values
    p = Parameters(region, scenario, draws, years)
    order = ("draw", "year", "service_area", "trust")
    stays, days, day_treatments, contacts = (
        activity[f"treated_{name}"].transpose(*order).values
        for name in ("stays", "bed_days", "day_treatments", "outpatient_contacts")
    )
    beds = occupied_beds(days, p.by_service_area("occupancy")[..., None])
    rooms = consultation_rooms(contacts, p)
    places = day_places(day_treatments, p)
    somatic = np.s_[:, :, SERVICE_AREAS.index("SOM")]
    theatres, imaging = theatres_and_imaging(stays[somatic], day_treatments[somatic], contacts[somatic], p)
    space = floor_area(beds.sum(axis=2), rooms.sum(axis=2), places.sum(axis=2), theatres, imaging, p)
    by_trust = ("draw", "year", "trust")
    renewal = np.broadcast_to(renewal_of(region, tuple(years.tolist())), (len(draws), len(years)))
    return xr.Dataset(
        {
            "beds": (order, beds),
            "beds_service_level": (order, beds_for_service_level(days, p)),
            "bed_gap": (order, beds - arrays.beds_available(region).values),
            "day_places": (order, places),
            "outpatient_rooms": (order, rooms),
            "theatres": (by_trust, theatres),
            "imaging_rooms": (by_trust, imaging),
            "floor_area": (by_trust, space),
            "equipment_renewal": (("draw", "year"), renewal.copy()),
        },
        coords={name: activity[name] for name in order},
    )


def beds_for_service_level(days: np.ndarray, p: Parameters) -> np.ndarray:
    """Beds that turn away no more than the target share, in pools of each service area's usual size, dims of ``days``."""
    found = np.empty_like(days)
    for i, area in enumerate(SERVICE_AREAS):
        found[:, :, i] = service_level_of(days[:, :, i], area, p)
    return found


def service_level_of(days: np.ndarray, area: str, p: Parameters) -> np.ndarray:
    """Beds by service level of one service area, dims of ``days`` (draw, year, trust)."""
    pool = p.constant("ward_pool_beds", service_area=area)
    target = p.constant("loss_target", service_area=area)
    return pooled_beds(days / DAYS, pool, target, p.constant("occupancy", service_area=area))


def consultation_rooms(
    contacts: np.ndarray, p: Parameters, areas: Sequence[str] = SERVICE_AREAS
) -> np.ndarray:
    """Rooms for outpatient contacts in some service areas, dims of ``contacts`` (draw, year, service_area, trust).

    Contacts by video and phone need no consultation room of this kind.
    """
    physical = contacts * (1 - p.value("remote_share"))[..., None, None]
    return rooms_needed(
        physical,
        p.by_service_area("contact_minutes", areas)[..., None],
        p.constant("room_days"),
        p.constant("room_hours"),
        p.value("room_utilisation")[..., None, None],
    )


def day_places(day_treatments: np.ndarray, p: Parameters, areas: Sequence[str] = SERVICE_AREAS) -> np.ndarray:
    """Places for day treatment in some service areas, dims of ``day_treatments`` (draw, year, service_area, trust)."""
    return rooms_needed(
        day_treatments,
        p.by_service_area("day_hours", areas)[..., None] * 60,
        p.constant("day_open_days"),
        p.constant("day_open_hours"),
        p.value("day_utilisation")[..., None, None],
    )


def theatres_and_imaging(
    stays: np.ndarray, day_treatments: np.ndarray, contacts: np.ndarray, p: Parameters
) -> tuple[np.ndarray, np.ndarray]:
    """Operating theatres and imaging rooms of somatic care, (draw, year, trust) each.

    Parameters
    ----------
    stays, day_treatments, contacts : array [activity per year], (draw, year, trust)
        Of somatic care.
    p : Parameters
    """
    operating: Any = 0.0  # minutes a year
    imaged: Any = 0.0  # examinations a year
    for level, count in (("inpatient", stays), ("day", day_treatments), ("outpatient", contacts)):
        share = p.constant("surgery_share", service_area="SOM", level=level)
        operating = operating + count * (
            share * p.constant("theatre_minutes", service_area="SOM", level=level)
        )
        imaged = imaged + count * p.constant("imaging_per_activity", service_area="SOM", level=level)
    theatres = rooms_needed(
        operating,
        1.0,
        p.constant("theatre_days"),
        p.constant("theatre_hours"),
        p.value("theatre_utilisation")[..., None],
    )
    imaging = rooms_needed(
        imaged,
        p.constant("imaging_minutes"),
        p.constant("imaging_days"),
        p.constant("imaging_hours"),
        p.value("imaging_utilisation")[..., None],
    )
    return theatres, imaging


def floor_area(
    beds: np.ndarray,
    rooms: np.ndarray,
    places: np.ndarray,
    theatres: np.ndarray,
    imaging: np.ndarray,
    p: Parameters,
) -> np.ndarray:
    """Gross floor area of the rooms counted here, [m²] (draw, year, trust).

    Parameters
    ----------
    beds, rooms, places : array, (draw, year, trust)
        Of all service areas.
    theatres, imaging : array, (draw, year, trust)
    p : Parameters
    """
    net = (
        beds * p.constant("net_area_bed")
        + rooms * p.constant("net_area_outpatient_room")
        + places * p.constant("net_area_day_place")
        + theatres * p.constant("net_area_theatre")
        + imaging * p.constant("net_area_imaging_room")
    )
    return net * p.constant("gross_factor")


def pooled_beds(load: np.ndarray, pool: float, target: float, occupancy: float) -> np.ndarray:
    """Beds by service level when the load is spread over ward pools of about one size.

    Parameters
    ----------
    load : array [erlang], (...)
        Mean number of patients present.
    pool : float [bed]
        Usual size of a ward pool.
    target : float [1]
        Largest share that a full pool may turn away.
    occupancy : float [1]
        Planned occupancy, which tells how many pools there are in the base year.

    Returns
    -------
    array [bed], (...)
    """
    start = load[:1, :1]
    pools = np.maximum(np.round(start / occupancy / pool), 1.0)
    return pools * queueing.servers_for_loss(load / pools, target)


def beds_by_month(beds: xr.DataArray, region: Region) -> xr.DataArray:
    """Spread yearly beds over the months by the region's seasonal profile.

    Parameters
    ----------
    beds : DataArray [bed], (..., service_area, ...)
    region : Region

    Returns
    -------
    DataArray [bed], dims of ``beds`` and ``month``
        The mean over the months weighted by their length is the yearly number.
    """
    return beds * arrays.season(region)
