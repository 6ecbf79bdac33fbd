"""The series that a view needs, read out of an answer in one go.

At the region and at a trust, capacity and staff are those of the trusts. Below a trust everything is what the residents
use, and only what is known of them is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from framsyn.quantities import quantity
from framsyn.region.arrays import PUBLISHED_PROFESSIONS, SERVICE_AREAS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from framsyn.outlook.result import Outlook
    from framsyn.region.places import Place

__all__ = [
    "LOCAL",
    "QUANTILES",
    "Series",
    "Want",
    "ask_of",
    "bands_of",
    "beds_per_day",
    "central_of",
    "read_series",
]

QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
LOW, MEDIAN, HIGH = 0, 2, 4
LOCAL = ("need", "bed_days", "stays", "day_treatments", "outpatient_contacts")
"""Quantities that are known of the residents of a place below a trust."""
_DIM = {"municipality": "area", "hospital_area": "place", "health_community": "place"}

_NOTHING = 1e-9

Ask = tuple[str, dict[str, Any] | None, tuple[str, ...]]


@dataclass(frozen=True)
class Want:
    """One series over the years: a quantity, and the service area or profession that it is of ("" is the whole)."""

    name: str
    part: str = ""


Series = dict[Want, np.ndarray]
"""Bands by what was wanted, each (quantile, year)."""


def ask_of(want: Want, place: Place) -> Ask | None:
    """Say a want as an answer takes it; None where the place has no such figure."""
    dims = quantity(want.name).dims
    where: dict[str, Any] = {}
    if want.part in SERVICE_AREAS:
        where["service_area"] = want.part
    elif want.part:
        where["profession"] = want.part
    if place.kind in _DIM:
        if want.name not in LOCAL:
            return None
        dim = _DIM[place.kind]
        return want.name, {**where, dim: [place.code]}, ("year", dim)
    if place.kind == "trust":
        if "trust" not in dims:
            return None
        where["trust"] = place.code
        if "profession" in dims and not want.part:
            # The others are parted between two of the trusts by an assumption alone.
            where["profession"] = list(PUBLISHED_PROFESSIONS)
    return want.name, where or None, ("year",)


def bands_of(answer: Outlook, asks: Sequence[Ask], q: Sequence[float] = QUANTILES) -> list[np.ndarray]:
    """Return the quantiles of many series, each (quantile, *by)."""
    lines = getattr(answer, "lines", None)
    if lines is not None:
        return list(lines(list(asks), tuple(q)))
    return [answer.quantiles(name, q, by, where).values for name, where, by in asks]


def central_of(answer: Outlook, asks: Sequence[Ask]) -> list[np.ndarray]:
    """Return the central run of many series, each (*by)."""
    lines = getattr(answer, "central_lines", None)
    if lines is not None:
        return list(lines(list(asks)))
    return [answer.central_value(name, by, where).transpose(*by).values for name, where, by in asks]


def beds_per_day(answer: Outlook, place: Place, service: str) -> np.ndarray:
    """Return the beds that one bed day of a place's residents takes up, (year): 1 / (365 · occupancy), in the central run.

    The occupancy is the one planned for, as the scenario has it; over several service areas it is weighed by where the
    residents' bed days are.

    Parameters
    ----------
    answer : Outlook
    place : Place
        Below a trust.
    service : str
        Service area, "" for all.
    """
    dim = _DIM[place.kind]
    days, beds, treated = central_of(
        answer,
        [
            ("bed_days", {dim: [place.code]}, ("year", dim, "service_area")),
            ("beds", None, ("year", "service_area")),
            ("treated_bed_days", None, ("year", "service_area")),
        ],
    )
    per_day = beds / treated
    if service:
        return per_day[:, SERVICE_AREAS.index(service)]
    own = days[:, 0, : len(SERVICE_AREAS)]
    return (own * per_day).sum(axis=1) / own.sum(axis=1)


def read_series(answer: Outlook, place: Place, wants: Iterable[Want]) -> Series:
    """Read what is wanted at a place; what the place does not have is left out."""
    asks = {want: ask for want in wants if (ask := ask_of(want, place)) is not None}
    found = bands_of(answer, list(asks.values()))
    years = len(answer.years)
    return {
        want: cleaned(np.reshape(bands, (len(QUANTILES), years)))
        for want, bands in zip(asks, found, strict=True)
    }


def cleaned(bands: np.ndarray) -> np.ndarray:
    """Return numbers without what only the rounding of sums left over; no quantity is measured as finely.

    >>> cleaned(np.array([1e-12, -2e-13, 0.25])).tolist()
    [0.0, 0.0, 0.25]
    """
    return np.where(np.abs(bands) < _NOTHING, 0.0, bands)
