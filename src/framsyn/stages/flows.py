"""Where people are treated: from trust of residence to provider, and in the trusts' own count."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from framsyn.stages.cells import SERVICE_AREAS

if TYPE_CHECKING:
    from framsyn.region import Region
    from framsyn.stages.activity import ActivityInputs

__all__ = ["grow_at_trusts", "guest_share", "place_activity", "treated_activity"]


def guest_share(region: Region, service_area: str) -> np.ndarray:
    """Share of each trust's activity that comes from outside the region, (trust,)."""
    against = region.guests(service_area).sel(provider=region.trusts).values
    return against / (1 + against)


def place_activity(by_residence: np.ndarray, flows: np.ndarray) -> np.ndarray:
    """Send activity from where people live to where they are treated; nothing is lost.

    Parameters
    ----------
    by_residence : array [activity per year], (..., trust)
    flows : array [1], (trust, provider)
        Shares of each trust's residents by provider; each row sums to one.

    Returns
    -------
    array [activity per year], (..., provider)

    >>> place_activity(np.array([100.0, 50.0]), np.array([[0.9, 0.1], [0.2, 0.8]]))
    array([100.,  50.])
    """
    return by_residence @ flows


def treated_activity(measures: np.ndarray, inputs: ActivityInputs, region: Region) -> np.ndarray:
    """Activity by treating trust in the trusts' own count, (draw, year, service_area, measure, trust).

    The statistics by residence and by trust count differently, so one is never divided by the other: the trusts' count of
    the base year is moved by the growth of the residents whom the flow matrix sends there. Guests from outside the region
    stay at the base year's number.
    """
    n, span, services, size, trusts = measures.shape
    out = np.zeros((n, span, len(SERVICE_AREAS), size, trusts))
    for i in range(len(SERVICE_AREAS)):
        own = np.flatnonzero(inputs.service_area[:services] == i)
        by_residence = measures[:, :, own].sum(axis=2)
        placed = place_activity(by_residence, inputs.flows[i])[..., :trusts]
        out[:, :, i] = grow_at_trusts(placed, inputs.trust_count[i], inputs.guests[i])
    return out


def grow_at_trusts(placed: np.ndarray, count: np.ndarray, guests: np.ndarray) -> np.ndarray:
    """Move the trusts' own count by the growth of the residents whom the flow matrix sends there.

    Parameters
    ----------
    placed : array [activity per year], (draw, year, ..., trust)
        Activity of the region's residents at each trust.
    count : array [activity per year], (..., trust)
        Base year in the trusts' own count.
    guests : array [1], (trust,)
        Share of each trust's activity that comes from outside the region.

    Returns
    -------
    array [activity per year], dims of ``placed``
    """
    start = placed[:, :1]
    # count · (placed / start · (1 − guests) + guests), the year's own number read and written once.
    known = start > 0
    follows = np.divide(count * (1 - guests), start, out=np.zeros_like(start), where=known)
    moved = placed * follows
    moved += np.where(known, count * guests, count)
    return moved
