"""Distributions moved and multiplied: what a lever does to a size that is uncertain."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from framsyn.errors import PlanError
from framsyn.scenario.distributions import (
    Distribution,
    Fixed,
    Lognormal,
    Normal,
    Triangular,
    Uniform,
)

__all__ = ["moved", "narrowed", "product_range", "product_values"]

GRID = 400
"""Points per distribution when two are multiplied; the percentiles then hold to about a thousandth of the width."""


def moved(size: Distribution, scale: float = 1.0, shift: float = 0.0) -> Distribution:
    """Make the distribution of ``scale * x + shift``, where ``x`` has the distribution given.

    The kind stays, so that the same uniform number gives the moved draw of the same draw. A scale of nought leaves one
    value.

    Parameters
    ----------
    size : Distribution
    scale : float [1]
    shift : float [unit of the size]

    Raises
    ------
    PlanError
        A lognormal is above nought in every draw: it can be multiplied by a number above nought and nothing else.

    Examples
    --------
    >>> moved(Triangular(low=-0.10, mode=-0.05, high=-0.01), scale=2).reach
    (-0.2, -0.02)
    >>> moved(Triangular(low=-0.10, mode=-0.05, high=-0.01), scale=-1).reach
    (0.01, 0.1)
    >>> moved(Normal(mean=0.0, sd=0.002, low=-0.006, high=0.006), shift=0.01).central
    0.01
    """
    if scale == 0:
        return Fixed(value=shift)

    def at(x: float) -> float:
        return scale * x + shift

    if isinstance(size, Fixed):
        return Fixed(value=at(size.value))
    if isinstance(size, Normal):
        cuts = [None if cut is None else at(cut) for cut in (size.low, size.high)]
        low, high = cuts if scale > 0 else cuts[::-1]
        return Normal(mean=at(size.mean), sd=abs(scale) * size.sd, low=low, high=high)
    if isinstance(size, Lognormal):
        if scale < 0 or shift != 0:
            message = (
                f"a lognormal size with median {size.median:g} can only be multiplied by a number above 0; got "
                f"{scale:g} times the size plus {shift:g}. Write the size as normal or triangular."
            )
            raise PlanError("lever-cannot-turn", message, got=[scale, shift])
        return Lognormal(median=at(size.median), sigma=size.sigma)
    low, high = sorted((at(size.low), at(size.high)))
    if isinstance(size, Triangular):
        # Rounding may put the mode a last digit outside an end that it coincides with.
        return Triangular(low=low, mode=min(max(at(size.mode), low), high), high=high)
    return Uniform(low=low, high=high)


def narrowed(size: Distribution, low: float, high: float) -> Distribution:
    """Draw a distribution toward its median as far as its reach must shrink to lie in ``low`` to ``high``.

    Examples
    --------
    >>> [round(end, 6) for end in narrowed(Uniform(low=0.6, high=1.2), 0.0, 1.0).reach]
    [0.8, 1.0]
    """
    first, last = size.reach
    if first >= low and last <= high:
        return size
    centre = size.central
    if not low <= centre <= high:
        return size
    room = [(centre - low) / (centre - first)] if first < low else []
    room += [(high - centre) / (last - centre)] if last > high else []
    share = max(min(room), 0.0)
    if share == 0:
        return Fixed(value=centre)
    # A hair inside, so that rounding does not put the end back over the limit.
    share *= 1 - 1e-12
    return moved(size, share, centre - share * centre)


def product_values(effect: Distribution, realisation: Distribution) -> np.ndarray:
    """Give equally likely values of the product of two independent sizes, for drawing it.

    Returns
    -------
    ndarray, (value,), in rising order [unit of the effect]

    Examples
    --------
    >>> values = product_values(Uniform(low=0.0, high=0.1), Fixed(value=0.5))
    >>> round(float(values.mean()), 6), bool((values[1:] >= values[:-1]).all())
    (0.025, True)
    """
    points = (np.arange(GRID) + 0.5) / GRID
    return np.sort(np.multiply.outer(effect.ppf(points), realisation.ppf(points)), axis=None)


@lru_cache(maxsize=4096)
def product_range(
    effect: Any, realisation: Any, quantiles: tuple[float, ...] = (0.1, 0.9)
) -> tuple[float, ...]:
    """Percentiles of the product of two independent sizes, such as full effect × realisation share.

    Parameters
    ----------
    effect, realisation : Distribution
    quantiles : tuple of float [1]

    Returns
    -------
    tuple of float [unit of the effect]

    Examples
    --------
    >>> [round(value, 6) for value in product_range(Uniform(low=0.0, high=0.1), Fixed(value=0.5))]
    [0.005, 0.045]
    """
    if isinstance(realisation, Fixed):
        return tuple(float(value) for value in effect.ppf(np.array(quantiles)) * realisation.value)
    return tuple(float(value) for value in np.quantile(product_values(effect, realisation), quantiles))
