"""Beds, rooms and teams as servers: loss, waiting, census and pooling.

References
----------
Erlang, A. K. (1917). Løsning af nogle Problemer fra Sandsynlighedsregningen af Betydning for de automatiske
Telefoncentraler. Elektroteknikeren 13.
Green, L. V. (2006). Queueing analysis in healthcare. In Hall, R. W. (ed.), Patient Flow. Springer.
Eick, S. G., Massey, W. A. & Whitt, W. (1993). The physics of the M_t/G/∞ queue. Operations Research 41 (4),
731–742.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from framsyn.errors import PlanError
from framsyn.methods.checks import Floats, finite_array, finite_number, whole_number

__all__ = [
    "PoolingGain",
    "census_mean",
    "census_quantile",
    "erlang_b",
    "erlang_c",
    "load_at_occupancy",
    "pooling_gain",
    "servers_for_loss",
    "sinusoidal_census_mean",
    "turned_away",
]


class PoolingGain(NamedTuple):
    """Servers that separate pools need, that one common pool needs, and the difference."""

    separate: int
    pooled: int
    saved: int


def erlang_b(load: float, servers: int) -> float:
    """Share of arrivals that find every server taken and are lost (M/G/c/c).

    B(0) = 1, B(k) = load·B(k−1) / (k + load·B(k−1))

    Parameters
    ----------
    load : float [erlang]
        Offered load: arrivals per unit of time × mean stay.
    servers : int [server]

    Returns
    -------
    float [1]

    Raises
    ------
    PlanError
        ``out-of-bounds``, ``not-finite``, ``not-whole``.

    Examples
    --------
    >>> erlang_b(1, 1)
    0.5
    >>> round(erlang_b(8, 10), 6)
    0.121661
    """
    offered = finite_number("load", load, low=0)
    lost = 1.0
    for server in range(1, whole_number("servers", servers) + 1):
        lost = offered * lost / (server + offered * lost)
    return lost


def erlang_c(load: float, servers: int) -> float:
    """Share of arrivals that must wait where everyone waits (M/M/c).

    C = B / (1 − ρ·(1 − B)), ρ = load/servers, B by :func:`erlang_b`

    Parameters
    ----------
    load : float [erlang]
    servers : int [server]

    Returns
    -------
    float [1]
        1 where the load is as large as the servers or larger: the queue grows without end.

    Examples
    --------
    >>> round(erlang_c(10, 14), 10)
    0.1741319336
    """
    lost = erlang_b(load, servers)
    if load >= servers:
        return 1.0
    return lost / (1 - load / servers * (1 - lost))


def servers_for_loss(load: ArrayLike, target: float) -> int | NDArray[np.int64]:
    """Smallest number of servers that loses at most a share of the arrivals.

    min n with B(load, n) ≤ target. An array is looked up among the largest loads that 0, 1, 2 … servers carry
    within the target, so that a million cells cost no more than one sorted search.

    Parameters
    ----------
    load : float or array_like [erlang]
    target : float [1]
        Accepted share of lost arrivals, in (0, 1).

    Returns
    -------
    int, or ndarray of int64 of the shape of ``load`` [server]

    Raises
    ------
    PlanError
        ``bad-target``, ``out-of-bounds``, ``not-finite``.

    Examples
    --------
    >>> servers_for_loss(8, 0.05)
    13
    >>> servers_for_loss([0, 8, 16, 2000], 0.05)
    array([   0,   13,   21, 1917])
    """
    accepted = _checked_share("target", target)
    offered = finite_array("load", load, low=0)
    if offered.ndim == 0:
        lost, servers = (1.0, 0) if offered > 0 else (0.0, 0)
        while lost > accepted:
            servers += 1
            lost = float(offered) * lost / (servers + float(offered) * lost)
        return servers
    size = 256
    limits = _largest_loads(size, accepted)
    while offered.size and limits[-1] < offered.max():
        size *= 2
        limits = _largest_loads(size, accepted)
    return np.searchsorted(limits, offered, side="left").astype(np.int64)


@lru_cache(maxsize=64)
def _largest_loads(size: int, target: float) -> Floats:
    """Load at which n = 0 … size servers lose exactly the target, by bisection on the closed form of B."""
    from scipy.special import gammaincc, gammaln

    servers = np.arange(1.0, size + 1)
    low, high = np.zeros(size), servers / (1 - target)
    # B = Poisson(n; a) / P(Poisson(a) ≤ n), and the cumulative Poisson is the upper incomplete gamma ratio.
    for _ in range(80):
        middle = (low + high) / 2
        # A subnormal start cannot occur: the halves of n/(1 − target) stay far above zero.
        density = np.exp(servers * np.log(middle) - middle - gammaln(servers + 1))
        too_much = density > target * gammaincc(servers + 1, middle)
        high = np.where(too_much, middle, high)
        low = np.where(too_much, low, middle)
    limits = np.concatenate([[0.0], high])
    limits.setflags(write=False)
    return limits


def load_at_occupancy(servers: int, occupancy: float) -> float:
    """Offered load at which a share of the servers is taken on average.

    load·(1 − B(load, servers)) = occupancy·servers: occupancy counts the carried load, after losses.

    Parameters
    ----------
    servers : int [server]
    occupancy : float [1]
        In (0, 1).

    Returns
    -------
    float [erlang]

    Examples
    --------
    >>> load = load_at_occupancy(10, 0.85)
    >>> round(load * (1 - erlang_b(load, 10)), 9)
    8.5
    """
    beds = whole_number("servers", servers, low=1)
    wanted = _checked_share("occupancy", occupancy) * beds
    low, high = 0.0, float(beds)
    while high * (1 - erlang_b(high, beds)) < wanted:
        high *= 2
    # Halving stops where two neighbouring numbers are left.
    while low < (middle := (low + high) / 2) < high:
        if middle * (1 - erlang_b(middle, beds)) < wanted:
            low = middle
        else:
            high = middle
    return high


def turned_away(servers: int, occupancy: float) -> float:
    """Share of arrivals that a unit turns away at a given average occupancy.

    B(load, servers) at the load of :func:`load_at_occupancy`. Small units turn away many at an occupancy that
    large ones carry with ease.

    Parameters
    ----------
    servers : int [server]
    occupancy : float [1]
        In (0, 1).

    Returns
    -------
    float [1]

    Examples
    --------
    >>> [round(turned_away(beds, 0.85), 3) for beds in (10, 30, 100)]
    [0.327, 0.108, 0.015]
    """
    return erlang_b(load_at_occupancy(servers, occupancy), servers)


def pooling_gain(loads: ArrayLike, target: float) -> PoolingGain:
    """Servers saved when several pools become one at the same accepted loss.

    Σ n(load_i) against n(Σ load_i), n by :func:`servers_for_loss`

    Parameters
    ----------
    loads : array_like [erlang], dims (pool)
    target : float [1]

    Returns
    -------
    PoolingGain [server]

    Examples
    --------
    >>> pooling_gain([8, 8], 0.05)
    PoolingGain(separate=26, pooled=21, saved=5)
    """
    offered = finite_array("loads", loads, low=0, dims=1)
    separate = int(np.sum(servers_for_loss(offered, target)))
    pooled = int(servers_for_loss(float(offered.sum()), target))
    return PoolingGain(separate, pooled, separate - pooled)


def census_quantile(mean: ArrayLike, probability: ArrayLike) -> int | NDArray[np.int64]:
    """Beds that hold everyone with a given probability where nobody is turned away (M/G/∞).

    The census is Poisson with mean arrivals × stay; the smallest n with P(census ≤ n) ≥ probability.

    Parameters
    ----------
    mean : float or array_like [patient]
    probability : float or array_like [1]
        In (0, 1).

    Returns
    -------
    int or ndarray of int64 [bed]

    Examples
    --------
    >>> census_quantile(100, [0.95, 0.99, 0.999])
    array([117, 124, 132])
    """
    from scipy.stats import poisson

    patients = finite_array("mean", mean, low=0)
    shares = finite_array("probability", probability)
    if (shares <= 0).any() or (shares >= 1).any():
        message = "probability lies in (0, 1), both ends excluded. Write 0.95 for 95 %."
        raise PlanError("bad-target", message, name="probability")
    beds = poisson.ppf(shares, patients)
    return int(beds) if np.ndim(beds) == 0 else np.asarray(beds).astype(np.int64)


def sinusoidal_census_mean(
    arrivals: float, amplitude: float, period: float, stay: float, time: ArrayLike
) -> Floats:
    """Mean census when arrivals swing like a sine and stays are exponential (M_t/M/∞).

    With λ(t) = λ·(1 + α·sin γt), γ = 2π/period, μ = 1/stay:
    m(t) = λ/μ · (1 + α·(μ²·sin γt − γμ·cos γt)/(γ² + μ²)). The census lags behind the arrivals.

    Parameters
    ----------
    arrivals : float [patient per day]
        Mean arrivals λ.
    amplitude : float [1]
        Relative swing α, in [0, 1].
    period : float [day]
    stay : float [day]
        Mean stay.
    time : array_like [day]

    Returns
    -------
    ndarray [patient], shape of ``time``

    References
    ----------
    Eick, Massey & Whitt (1993), section 4.

    Examples
    --------
    >>> sinusoidal_census_mean(10, 0.5, 7, 3, [0, 3]).round(4)
    array([25.1047, 35.1993])
    """
    mean = finite_number("arrivals", arrivals, low=0)
    swing = finite_number("amplitude", amplitude, low=0, high=1)
    length, days = finite_number("period", period), finite_number("stay", stay)
    if length <= 0 or days <= 0:
        message = f"period is {length:g} and stay {days:g}; both must be above 0 days."
        raise PlanError("out-of-bounds", message, period=length, stay=days)
    t = finite_array("time", time)
    ending, angle = 1 / days, 2 * np.pi / length
    wave = ending * ending * np.sin(angle * t) - angle * ending * np.cos(angle * t)
    return mean * days * (1 + swing * wave / (angle * angle + ending * ending))


def census_mean(arrivals: ArrayLike, still_in: ArrayLike) -> Floats:
    """Mean census at the end of each period when a pattern of arrivals repeats (M_t/G/∞).

    m[t] = Σ_u arrivals[t − u]·still_in[u], t − u taken round the repeating pattern

    Parameters
    ----------
    arrivals : array_like [patient per period], dims (..., period)
        Mean arrivals of a pattern that repeats, such as the seven days of a week or the 365 days of a year.
    still_in : array_like [1], dims (lag)
        Share of those who arrived 0, 1, 2 … periods ago that is still in at the end of the period; not
        rising. For arrivals spread evenly over the period, give the mean over the period.

    Returns
    -------
    ndarray [patient], dims (..., period)

    Examples
    --------
    >>> census_mean([7, 0, 0], [1.0, 0.5])
    array([7. , 3.5, 0. ])
    """
    pattern = finite_array("arrivals", arrivals, low=0)
    remain = finite_array("still_in", still_in, low=0, high=1, dims=1)
    if pattern.ndim == 0 or pattern.shape[-1] == 0 or remain.size == 0:
        message = "arrivals needs at least one period and still_in at least one lag."
        raise PlanError("wrong-shape", message, arrivals=pattern.shape, still_in=remain.shape)
    if (np.diff(remain) > 0).any():
        message = (
            "still_in rises with the lag; a share of patients that is still in can only fall. Check its "
            "order."
        )
        raise PlanError("rising-survival", message)
    period = pattern.shape[-1]
    folded = np.bincount(np.arange(remain.size) % period, weights=remain, minlength=period)
    turned = np.stack([np.roll(folded[::-1], t + 1) for t in range(period)])
    return pattern @ turned.T


def _checked_share(name: str, value: float) -> float:
    share = finite_number(name, value)
    if not 0 < share < 1:
        message = f"{name} is {share:g}, expected a share in (0, 1). Write 0.05 for 5 %."
        raise PlanError("bad-target", message, name=name, got=share)
    return share
