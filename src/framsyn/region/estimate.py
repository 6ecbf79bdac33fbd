"""Rates of the past, estimated from counts: net migration by the residual method and the level of fertility.

Counts are of 1 January, and a rate of a calendar year is read at the age a person has on 1 January at its start, the
way the cohort-component projection uses it:

    N[t+1, a+1] = N[t, a] · S[t, a] · (1 + m[t, a])
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "AGE_GROUPS",
    "MigrationResidual",
    "area_deviations",
    "autocorrelation",
    "fertility_levels",
    "migration_residual",
    "mother_age_pattern",
    "smooth_over_age",
    "survival",
    "variation_by_size",
]

Array = NDArray[np.float64]

AGE_GROUPS: tuple[tuple[int, int], ...] = (
    (0, 14),
    (15, 19),
    (20, 24),
    (25, 29),
    (30, 39),
    (40, 54),
    (55, 69),
    (70, 105),
)
NEWBORN_SHARE = 0.9
"""Share of the first year's mortality that a child born evenly over the calendar year meets before 1 January."""


def survival(qx: Array) -> tuple[Array, Array]:
    """Survival over a calendar year, from the life table of that year.

    S[a] = 1 − (q[a] + q[a+1]) / 2 for a person aged a on 1 January, S_newborn = 1 − 0.9 · q[0]

    Parameters
    ----------
    qx : array [1], dims (..., age)
        Probability of death between exact ages; the last age is open.

    Returns
    -------
    array [1], dims (..., age)
        Survival by age on 1 January; in the open group its own q is used.
    array [1], dims (...)
        Survival of children born in the year.

    >>> by_age, newborn = survival(np.array([0.010, 0.002, 0.4]))
    >>> by_age.round(4).tolist(), float(newborn.round(4))
    ([0.994, 0.799, 0.6], 0.991)
    """
    after = np.concatenate([qx[..., 1:], qx[..., -1:]], axis=-1)
    return 1 - (qx + after) / 2, 1 - NEWBORN_SHARE * qx[..., 0]


@dataclass(frozen=True)
class MigrationResidual:
    """Net migrants and survivors by year; ``used`` is 0 where a year's boundary change forbids a residual."""

    net: Array
    survivors: Array
    used: NDArray[np.bool_]


def migration_residual(
    counts: Array, survive: Array, valid: NDArray[np.bool_] | None = None
) -> MigrationResidual:
    """Net migration as what counts and deaths leave unexplained.

    net[t, a] = N[t+1, a+1] − N[t, a] · S[t, a]; the last two ages meet in the open group and share its rate

    Parameters
    ----------
    counts : array [person], dims (area, year, sex, age)
        Persons on 1 January of consecutive years.
    survive : array [1], dims (year − 1, sex, age)
        Survival over each calendar year.
    valid : array of bool, dims (area, year − 1), optional
        False where the two counts do not cover the same ground.

    Returns
    -------
    MigrationResidual
        Dims (area, year − 1, sex, age), age on 1 January at the start of the year.

    >>> counts = np.array([100.0, 50.0, 10.0, 98.0, 99.0, 55.0]).reshape(1, 2, 1, 3)
    >>> found = migration_residual(counts, np.full((1, 1, 3), 0.9))
    >>> found.net.round(3).ravel().tolist()
    [9.0, 0.833, 0.167]
    """
    survivors = counts[:, :-1] * survive[np.newaxis]
    net = np.zeros_like(survivors)
    net[..., :-2] = counts[:, 1:, :, 1:-1] - survivors[..., :-2]
    open_survivors = survivors[..., -2:].sum(axis=-1)
    open_net = counts[:, 1:, :, -1] - open_survivors
    share = np.divide(
        survivors[..., -2:],
        open_survivors[..., np.newaxis],
        out=np.full_like(survivors[..., -2:], 0.5),
        where=open_survivors[..., np.newaxis] > 0,
    )
    net[..., -2:] = open_net[..., np.newaxis] * share
    used = np.ones(survivors.shape[:2], dtype=bool) if valid is None else valid
    keep = used[:, :, np.newaxis, np.newaxis]
    return MigrationResidual(net=net * keep, survivors=survivors * keep, used=used)


def smooth_over_age(net: Array, survivors: Array, own_share: float = 0.75) -> Array:
    """Rates by single age, smoothed as a ratio of kernel sums and drawn a little toward both sexes together.

    m[a] = Σ_x K_a(x) · net[x] / Σ_x K_a(x) · survivors[x], K_a normal with a spread that grows with the distance from
    the ages at which people leave home, so that the student peak stays

    Parameters
    ----------
    net, survivors : array [person], dims (sex, age)
        Sums over the years of the period.
    own_share : float [1]
        Weight of the own sex; the rest is the rate of both.

    Returns
    -------
    array [1/year], dims (sex, age)

    >>> flat = smooth_over_age(np.full((2, 106), 1.0), np.full((2, 106), 100.0))
    >>> bool(np.allclose(flat, 0.01))
    True
    """
    ages = np.arange(net.shape[-1])
    distance = np.maximum(np.maximum(16 - ages, ages - 30), 0)
    spread = np.clip(0.6 + 0.12 * distance, 0.6, 4.0)
    kernel = np.exp(-0.5 * ((ages[:, np.newaxis] - ages) / spread[:, np.newaxis]) ** 2)
    above, below = net @ kernel.T, survivors @ kernel.T
    both = _ratio(above.sum(axis=0), below.sum(axis=0))
    return own_share * _ratio(above, below) + (1 - own_share) * both


def _ratio(above: Array, below: Array) -> Array:
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)


def area_deviations(
    residual: MigrationResidual, trust_rate: Array, trust: NDArray[np.int64], pooled: NDArray[np.bool_]
) -> tuple[Array, Array]:
    """How far each area's migration lies from its trust's, by broad age group, shrunk by empirical Bayes.

    d = (net − m_trust · survivors) / survivors; weight = τ² / (τ² + φ / survivors), where φ is the observed
    year-to-year variance times survivors, pooled over areas, and τ² the variance between areas that is left when
    φ is taken out (method of moments); afterwards the mean of a trust is taken out so that its own rate stands.

    Parameters
    ----------
    residual : MigrationResidual, dims (area, year, sex, age)
    trust_rate : array [1/year], dims (trust, sex, age)
    trust : array of int, dims (area)
        Index of the trust.
    pooled : array of bool, dims (area)
        False keeps an area out of the pooled variances and of the trust's mean.

    Returns
    -------
    array [1/year], dims (area, group)
        Deviation, both sexes alike.
    array [1], dims (area, group)
        Weight of the area's own experience.
    """
    deviation = np.zeros((len(trust), len(AGE_GROUPS)))
    weight = np.zeros_like(deviation)
    excess = residual.net - trust_rate[trust][:, np.newaxis] * residual.survivors
    years = residual.used.sum(axis=1)
    for group, (first, last) in enumerate(AGE_GROUPS):
        ages = slice(first, last + 1)
        over = excess[..., ages].sum(axis=(2, 3))
        people = residual.survivors[..., ages].sum(axis=(2, 3))
        total = people.sum(axis=1)
        raw = _ratio(over.sum(axis=1), total)
        yearly = _ratio(over, people) - raw[:, np.newaxis]
        squares = (people * yearly**2 * residual.used).sum(axis=1)
        noise = squares[pooled].sum() / (years[pooled] - 1).sum() / np.maximum(total, 1.0)
        for index in range(trust_rate.shape[0]):
            members = trust == index
            sample = members & pooled
            if not sample.any():
                continue
            between = np.average(raw[sample] ** 2 - noise[sample], weights=np.sqrt(total[sample]))
            variance = max(float(between), 0.0)
            weight[members, group] = variance / (variance + noise[members])
            shrunk = weight[:, group] * raw
            centre = np.average(shrunk[sample], weights=total[sample])
            deviation[members, group] = shrunk[members] - centre
    return deviation, weight


def variation_by_size(residual: MigrationResidual, size: Array) -> tuple[Array, Array]:
    """Year-to-year spread of each area's net migration rate, as counted and shrunk toward its relation with size.

    log sd = α + β · log size, least squares over the areas; the spread of an area is drawn toward that line with the
    weight that the sampling error of a standard deviation from few years gives it

    Parameters
    ----------
    residual : MigrationResidual, dims (area, year, sex, age)
    size : array [person], dims (area)

    Returns
    -------
    array [1/year], dims (area)
        Shrunk.
    array [1/year], dims (area)
        As counted.
    """
    net, people = residual.net.sum(axis=(2, 3)), residual.survivors.sum(axis=(2, 3))
    rate = _ratio(net, people)
    years = residual.used.sum(axis=1)
    mean = (rate * residual.used).sum(axis=1) / years
    observed = np.sqrt((((rate - mean[:, np.newaxis]) * residual.used) ** 2).sum(axis=1) / (years - 1))
    slope, intercept = np.polyfit(np.log(size), np.log(observed), 1)
    line = intercept + slope * np.log(size)
    sampling = 1 / (2 * (years - 1))  # variance of the log of a normal sample's standard deviation
    spread = max(float(np.mean((np.log(observed) - line) ** 2 - sampling)), 0.0)
    weight = spread / (spread + sampling)
    return np.exp(line + weight * (np.log(observed) - line)), observed


def autocorrelation(residual: MigrationResidual) -> float:
    """Correlation of a year's net migration rate with the next, pooled over areas, corrected for short series.

    r = Σ Δ[t] Δ[t+1] / Σ Δ[t]², r* = r + (1 + 3 r) / n (Kendall's first-order correction for n years), within ±0.95

    References
    ----------
    Kendall, M. G. (1954), Note on bias in the estimation of autocorrelation, Biometrika 41.
    """
    net, people = residual.net.sum(axis=(2, 3)), residual.survivors.sum(axis=(2, 3))
    rate = _ratio(net, people)
    years = residual.used.sum(axis=1, keepdims=True)
    step = np.where(residual.used, rate - (rate * residual.used).sum(axis=1, keepdims=True) / years, 0.0)
    # A large area says more about the correlation than a small one.
    scale = people.mean(axis=1, keepdims=True)
    above = (scale * step[:, 1:] * step[:, :-1]).sum()
    below = (scale * step**2).sum()
    found = float(above / below) if below > 0 else 0.0
    count = float(years.mean())
    return float(np.clip(found + (1 + 3 * found) / count, -0.95, 0.95))


def mother_age_pattern(five_year_percent: Array) -> Array:
    """National age pattern of fertility by single year, 15 to 49, from the shares of seven five-year groups.

    Beers-like: the cumulative share is interpolated by a monotone cubic (Fritsch and Carlson), so that every group
    keeps its share and no age is negative.

    Parameters
    ----------
    five_year_percent : array [1], dims (group)
        Shares of 15–19, 20–24 … 45–49 in any common unit.

    Returns
    -------
    array [1], dims (age 15–49)
        Sums to 1.

    >>> pattern = mother_age_pattern(np.array([0.5, 7.7, 30.1, 37.9, 19.3, 4.2, 0.3]))
    >>> len(pattern), round(float(pattern.sum()), 12), round(float(pattern[10:15].sum()), 3)
    (35, 1.0, 0.301)
    """
    from scipy.interpolate import PchipInterpolator

    share = five_year_percent / five_year_percent.sum()
    cumulated = np.concatenate([[0.0], np.cumsum(share)])
    curve = PchipInterpolator(np.arange(15, 51, 5), cumulated)
    pattern = np.diff(curve(np.arange(15, 51)))
    return np.maximum(pattern, 0.0) / np.maximum(pattern, 0.0).sum()


def fertility_levels(
    births: Array,
    expected: Array,
    trust: NDArray[np.int64],
    pooled: NDArray[np.bool_],
    valid: NDArray[np.bool_],
) -> tuple[Array, Array, Array]:
    """Level of fertility of each area against the nation, shrunk toward its trust (gamma–Poisson).

    level = (births + k · trust level) / (expected + k), where k is the strength in expected births that the variance
    of the areas' levels around their trust, less the Poisson part, implies

    Parameters
    ----------
    births, expected : array [birth], dims (area, year)
    trust : array of int, dims (area)
        Index of the trust.
    pooled : array of bool, dims (area)
        False keeps an area out of the trust's level and of the pooled variance.
    valid : array of bool, dims (area, year)
        False leaves a year out.

    Returns
    -------
    array [1], dims (area)
        Level.
    array [birth], dims (area)
        Births of the years used.
    array [birth], dims (area)
        Expected births of the years used.

    >>> level, _, _ = fertility_levels(np.array([[100.0], [110.0]]), np.array([[100.0], [100.0]]),
    ...     np.array([0, 0]), np.ones(2, dtype=bool), np.ones((2, 1), dtype=bool))
    >>> level.round(2).tolist()
    [1.05, 1.05]
    """
    observed = (births * valid).sum(axis=1)
    fitted = (expected * valid).sum(axis=1)
    centre = np.ones(len(trust))
    for index in np.unique(trust):
        sample = (trust == index) & pooled
        centre[trust == index] = observed[sample].sum() / fitted[sample].sum()
    error = (observed - centre * fitted)[pooled]
    excess = (error**2).sum() - (centre * fitted)[pooled].sum()
    scale = (fitted[pooled] ** 2).sum()
    between = max(float(excess / scale), 0.0)
    if between == 0.0:
        return centre, observed, fitted
    strength = centre / between
    return (observed + strength * centre) / (fitted + strength), observed, fitted
