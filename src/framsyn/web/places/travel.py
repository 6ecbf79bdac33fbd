"""How far the people of a place have to each kind of site: an estimate from points, and said to be one.

A site carries the point of its municipality, so inside one municipality no distance is known; between two it is told in
steps of five kilometres and five minutes.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from framsyn.methods.access import DETOUR, great_circle, minutes_by_road, nearest, share_within

if TYPE_CHECKING:
    from framsyn.region import Region
    from framsyn.region.places import Place

__all__ = ["KINDS", "LIMITS", "Journey", "journeys"]

KINDS = {
    "acute": ("acute", "university"),
    "university": ("university",),
    "planned": ("planned", "acute", "university"),
}
"""What people travel to → the kinds of sites where they find it.

Of sites of mental health care the list of the region holds too few for the nearest to be told.
"""
LIMITS = (30, 60, 90)
STEP = 5


@dataclass(frozen=True)
class Journey:
    """The way to the nearest site of a kind.

    Attributes
    ----------
    kind : str
        Key of :data:`KINDS`.
    sites : tuple of str
        Names of the nearest sites; of a larger place, those that are nearest to any of its people, most people first.
    kilometres, minutes : int or None
        Rounded to five; the mean over the people. None where everybody has the site in the own municipality.
    here : float
        Share of the people who have a site in their own municipality [1].
    within : dict of int to float
        Minutes → share of the people; None of it for a single municipality.
    """

    kind: str
    sites: tuple[str, ...]
    kilometres: int | None
    minutes: int | None
    here: float
    within: dict[int, float] | None


@functools.lru_cache(maxsize=256)
def journeys(region: Region, place: Place) -> tuple[Journey, ...]:
    """Return the ways to each kind of site; a kind that the region has nowhere is left out."""
    areas = region.table("areas").set_index("area").loc[list(place.areas)]
    sites = region.table("sites")
    people = region.population(region.base_year).sum(("sex", "age")).sel(area=list(place.areas)).values
    lon, lat = areas["lon"].to_numpy(), areas["lat"].to_numpy()
    found = []
    for kind, held in KINDS.items():
        chosen = sites[sites["kind"].isin(held)]
        if chosen.empty:
            continue
        straight = great_circle(
            lon[:, None], lat[:, None], chosen["lon"].to_numpy()[None], chosen["lat"].to_numpy()[None]
        )
        number, minutes = nearest(minutes_by_road(straight))
        same = chosen["area"].to_numpy()[number] == areas.index.to_numpy()
        by_site = {
            str(chosen["name"].iloc[one]): float(people[number == one].sum()) for one in np.unique(number)
        }
        names = tuple(sorted(by_site, key=by_site.__getitem__, reverse=True))
        away = not same.all()
        mean = float(np.average(minutes, weights=people))
        road = float(np.average(straight[np.arange(len(number)), number], weights=people)) * DETOUR
        found.append(
            Journey(
                kind,
                names,
                rounded(road) if away else None,
                rounded(mean) if away else None,
                float(people[same].sum() / people.sum()),
                {limit: share_within(minutes, people, limit) for limit in LIMITS}
                if len(people) > 1
                else None,
            )
        )
    return tuple(found)


def rounded(value: float) -> int:
    """Return a value in steps of five, five at least.

    >>> rounded(48.0), rounded(1.0)
    (50, 5)
    """
    return max(STEP, int(STEP * round(value / STEP)))
