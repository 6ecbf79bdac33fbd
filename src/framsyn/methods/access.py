"""Travel without a road network: great-circle distance × detour factor, and what a set of places has to a set of sites.

An estimate, and poor over fjords and ferries: a road round a fjord is several times the straight line, and a ferry keeps
its timetable. A measured matrix of minutes, where there is one, takes its place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "DETOUR",
    "EARTH_RADIUS",
    "ROAD_SPEED",
    "great_circle",
    "minutes_by_road",
    "nearest",
    "share_within",
    "weighted_quantile",
]

EARTH_RADIUS = 6371.0088
"""Mean radius of the Earth [km] (IUGG)."""
DETOUR = 1.4
"""Road length over straight line [1]; about the mean that studies of road networks find. An assumption."""
ROAD_SPEED = 65.0
"""Mean speed door to door on a country road [km/h]. An assumption."""


def great_circle(lon: ArrayLike, lat: ArrayLike, to_lon: ArrayLike, to_lat: ArrayLike) -> NDArray[np.float64]:
    """Return the shortest distance on the sphere between points, by the haversine formula; arrays broadcast.

    h = sin²(Δφ/2) + cos φ₁ · cos φ₂ · sin²(Δλ/2);  d = 2 R · arcsin √h

    Parameters
    ----------
    lon, lat, to_lon, to_lat : array_like [degree]

    Returns
    -------
    array [km]

    References
    ----------
    Sinnott, R. W. (1984), Virtues of the haversine, Sky and Telescope 68 (2), p. 159.

    Examples
    --------
    From the equator to the pole is a quarter of the circumference:

    >>> round(float(great_circle(10.0, 0.0, 10.0, 90.0)), 1)
    10007.6
    >>> float(great_circle(10.4, 63.4, 10.4, 63.4))
    0.0
    """
    east, north, to_east, to_north = (
        np.radians(np.asarray(x, dtype=np.float64)) for x in (lon, lat, to_lon, to_lat)
    )
    h = (
        np.sin((to_north - north) / 2) ** 2
        + np.cos(north) * np.cos(to_north) * np.sin((to_east - east) / 2) ** 2
    )
    return np.asarray(2 * EARTH_RADIUS * np.arcsin(np.sqrt(np.clip(h, 0.0, 1.0))))


def minutes_by_road(
    kilometres: ArrayLike, detour: float = DETOUR, speed: float = ROAD_SPEED
) -> NDArray[np.float64]:
    """Return the estimated minutes by road for straight-line distances: km × detour / speed × 60.

    Parameters
    ----------
    kilometres : array_like [km]
        Straight line.
    detour : float [1]
    speed : float [km/h]

    Returns
    -------
    array [min]

    Examples
    --------
    >>> float(minutes_by_road(50.0, detour=1.2, speed=60.0))
    60.0
    """
    return np.asarray(kilometres, dtype=np.float64) * detour / speed * 60.0


def nearest(cost: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the number of the nearest site for each place, and what it costs to get there; the first of equals.

    Parameters
    ----------
    cost : array_like, (place, site) [min or km]

    Examples
    --------
    >>> site, minutes = nearest([[10.0, 30.0], [50.0, 20.0]])
    >>> site.tolist(), minutes.tolist()
    ([0, 1], [10.0, 20.0])
    """
    values = np.asarray(cost, dtype=np.float64)
    site = values.argmin(axis=1)
    return site.astype(np.int64), values[np.arange(len(values)), site]


def share_within(minutes: ArrayLike, people: ArrayLike, limit: float) -> float:
    """Return the share of the people who have at most so many minutes [1].

    Examples
    --------
    >>> share_within([10, 40, 90], [50, 30, 20], 60)
    0.8
    """
    weights = np.asarray(people, dtype=np.float64)
    return float(weights[np.asarray(minutes, dtype=np.float64) <= limit].sum() / weights.sum())


def weighted_quantile(minutes: ArrayLike, people: ArrayLike, level: float) -> float:
    """Return the least number of minutes that at least this share of the people has.

    Examples
    --------
    >>> weighted_quantile([10, 40, 90], [50, 30, 20], 0.9)
    90.0
    """
    values, weights = np.asarray(minutes, dtype=np.float64), np.asarray(people, dtype=np.float64)
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order]) / weights.sum()
    return float(values[order][np.searchsorted(reached, level - 1e-12)])
