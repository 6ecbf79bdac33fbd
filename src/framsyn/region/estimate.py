"""Rates of the past, estimated from counts: net migration by the residual method and the level of fertility.

Counts are of 1 January, and a rate of a calendar year is read at the age a person has on 1 January at its start, the
way the cohort-component projection uses it:

    N[t+1, a+1] = N[t, a] · S[t, a] · (1 + m[t, a])
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from framsyn.methods.vital import MigrationResidual, migration_residual, mother_age_pattern, survival

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
