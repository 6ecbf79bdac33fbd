"""Rates, ratios and what of their spread is more than chance.

References
----------
Dobson, A. J. et al. (1991). Confidence intervals for weighted sums of Poisson parameters. Statistics in
Medicine 10, 457–462.
Breslow, N. E. & Day, N. E. (1987). Statistical Methods in Cancer Research II. IARC (Byar's limits, p. 69).
Wilson, E. B. (1927). Probable inference. Journal of the American Statistical Association 22, 209–212.
McPherson, K. et al. (1982). Small-area variations in the use of common surgical procedures. New England
Journal of Medicine 307, 1310–1314 (systematic component of variation).
Clayton, D. & Kaldor, J. (1987). Empirical Bayes estimates of age-standardized relative risks for use in
disease mapping. Biometrics 43, 671–681.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from framsyn.errors import PlanError
from framsyn.methods.checks import Floats, check_same_shape, check_shape, finite_array, finite_number

__all__ = [
    "DirectRate",
    "IndirectRatio",
    "Inequality",
    "Interval",
    "Shrinkage",
    "byar",
    "direct_rate",
    "empirical_bayes",
    "indirect_ratio",
    "slope_index",
    "systematic_component",
    "wilson",
]

PER = 100_000.0
NO_SPREAD = 1000.0
EXACT_BELOW = 10.0  # under this count Byar's approximation gives way to the exact Poisson limits


class Interval(NamedTuple):
    """Lower and upper limit."""

    low: Floats | float
    high: Floats | float


class DirectRate(NamedTuple):
    """Directly standardised rate per 100 000 with its limits."""

    rate: Floats | float
    low: Floats | float
    high: Floats | float


class IndirectRatio(NamedTuple):
    """Count expected at the reference's rates, and observed over expected."""

    expected: Floats | float
    ratio: Floats | float


class Shrinkage(NamedTuple):
    """Gamma distribution of the relative risks (rate alpha, shape nu) and each place's shrunk ratio."""

    alpha: float
    nu: float
    shrunk: Floats


class Inequality(NamedTuple):
    """Slope index (difference from bottom to top) and relative index (top over bottom) of inequality."""

    slope: float
    relative: float


def byar(count: ArrayLike, confidence: float = 0.95) -> Interval:
    """Limits of a Poisson count.

    low = x·(1 − 1/(9x) − z/(3√x))³, high = (x+1)·(1 − 1/(9(x+1)) + z/(3√(x+1)))³; under ten the exact limits,
    half the χ² quantiles with 2x and 2x + 2 degrees of freedom.

    Parameters
    ----------
    count : array_like [case]
    confidence : float [1]

    Returns
    -------
    Interval [case]

    Examples
    --------
    >>> low, high = byar(65)
    >>> round(low, 4), round(high, 4)
    (50.1632, 82.8491)
    """
    from scipy.special import chdtri

    x = finite_array("count", count, low=0)
    z, tail = _normal_quantile(confidence)
    safe = np.maximum(x, 1.0)
    low = safe * (1 - 1 / (9 * safe) - z / (3 * np.sqrt(safe))) ** 3
    high = (x + 1) * (1 - 1 / (9 * (x + 1)) + z / (3 * np.sqrt(x + 1))) ** 3
    few = x < EXACT_BELOW
    exact_low = np.where(x > 0, chdtri(2 * np.maximum(x, 1e-12), 1 - tail) / 2, 0.0)
    exact_high = chdtri(2 * x + 2, tail) / 2
    return Interval(_plain(np.where(few, exact_low, low)), _plain(np.where(few, exact_high, high)))


def wilson(count: ArrayLike, total: ArrayLike, confidence: float = 0.95) -> Interval:
    """Limits of a share.

    (2np + z² ∓ z·√(z² + 4np(1 − p))) / (2(n + z²))

    Parameters
    ----------
    count, total : array_like [case]
        Cases, and persons among whom they are counted.
    confidence : float [1]

    Returns
    -------
    Interval [1]

    Examples
    --------
    >>> low, high = wilson(65, 100)
    >>> round(low, 6), round(high, 6)
    (0.552544, 0.736358)
    """
    x, n = finite_array("count", count, low=0), finite_array("total", total, low=0)
    if (n == 0).any() or (x > n).any():
        message = (
            "A share needs a total above 0 and a count of at most the total. Check that count and total are "
            "not swapped."
        )
        raise PlanError("bad-share", message)
    z, _ = _normal_quantile(confidence)
    spread = z * np.sqrt(z * z + 4 * x * (1 - x / n))
    below = 2 * (n + z * z)
    low = np.maximum((2 * x + z * z - spread) / below, 0.0)
    return Interval(_plain(low), _plain(np.minimum((2 * x + z * z + spread) / below, 1.0)))


def direct_rate(
    cases: ArrayLike, population: ArrayLike, standard: ArrayLike, confidence: float = 0.95
) -> DirectRate:
    """Directly standardised rate with Dobson's limits.

    rate = Σ w·x/n / Σ w; low = rate + √(V/X)·(X_low − X), V = Σ (w/n)²·x / (Σ w)², X = Σ x with limits by
    :func:`byar`

    Parameters
    ----------
    cases : array_like [case], dims (..., age)
    population : array_like [person], dims as ``cases``, above 0
    standard : array_like [person], dims (age)
        Standard population, such as ESP2013.
    confidence : float [1]

    Returns
    -------
    DirectRate [per 100 000], dims (...)

    Examples
    --------
    >>> [round(x, 1) for x in direct_rate([20, 80], [1000, 2000], [60, 40])]
    [2800.0, 2198.9, 3497.5]
    """
    x, n = finite_array("cases", cases, low=0), finite_array("population", population, low=0)
    check_same_shape(cases=x, population=n)
    weight = finite_array("standard", standard, low=0, dims=1)
    check_shape("standard", weight.shape, x.shape[-1:], "(age)")
    _refuse_zero("population", n)
    if weight.sum() == 0:
        message = "The standard population is empty. Give its persons by age group, such as ESP2013."
        raise PlanError("empty-standard", message)
    share = weight / weight.sum()
    rate = (share * x / n).sum(axis=-1)
    variance = ((share / n) ** 2 * x).sum(axis=-1)
    total = x.sum(axis=-1)
    low, high = byar(total, confidence)
    # Without a single case V/X is 0/0; its limit when every age has the same rate takes its place.
    same_rate = (share**2 / n).sum(axis=-1) / n.sum(axis=-1)
    scale = np.sqrt(np.where(total > 0, variance / np.where(total > 0, total, 1.0), same_rate))
    return DirectRate(
        _plain(rate * PER),
        _plain((rate + scale * (np.asarray(low) - total)) * PER),
        _plain((rate + scale * (np.asarray(high) - total)) * PER),
    )


def indirect_ratio(
    cases: ArrayLike, population: ArrayLike, ref_cases: ArrayLike, ref_population: ArrayLike
) -> IndirectRatio:
    """Observed cases over those expected at the reference's rates by age.

    expected = Σ n·(ref cases / ref population), ratio = Σ cases / expected

    Parameters
    ----------
    cases : array_like [case], dims (..., age)
    population : array_like [person], dims as ``cases``
    ref_cases, ref_population : array_like [case], [person], dims (age)

    Returns
    -------
    IndirectRatio
        ``expected`` [case] and ``ratio`` [1], dims (...).

    Examples
    --------
    >>> indirect_ratio([3, 9], [100, 100], [20, 80], [1000, 1000])
    IndirectRatio(expected=10.0, ratio=1.2)
    """
    x, n = finite_array("cases", cases, low=0), finite_array("population", population, low=0)
    check_same_shape(cases=x, population=n)
    reference = finite_array("ref_cases", ref_cases, low=0, dims=1)
    persons = finite_array("ref_population", ref_population, low=0, dims=1)
    check_same_shape(ref_cases=reference, ref_population=persons)
    check_shape("ref_cases", reference.shape, x.shape[-1:], "(age)")
    _refuse_zero("ref_population", persons)
    expected = (n * (reference / persons)).sum(axis=-1)
    _refuse_zero("expected cases", expected)
    return IndirectRatio(_plain(expected), _plain(x.sum(axis=-1) / expected))


def systematic_component(observed: ArrayLike, expected: ArrayLike) -> float:
    """Variance between places of the relative rate beyond chance.

    (Σ (y − e)²/e² − Σ 1/e) / k over k places; published values are often multiplied by 100. It may be
    negative where the places differ less than chance would make them.

    Parameters
    ----------
    observed, expected : array_like [case], dims (place)

    Returns
    -------
    float [1]

    Examples
    --------
    >>> round(systematic_component([80, 120], [100, 100]), 6)
    0.03
    """
    y, e = _places(observed, expected)
    return float((((y - e) / e) ** 2 - 1 / e).mean())


def empirical_bayes(observed: ArrayLike, expected: ArrayLike, tol: float = 1e-8) -> Shrinkage:
    """Ratios of small places pulled toward the common mean as far as chance explains them.

    y ~ Poisson(e·θ), θ ~ gamma(shape ν, rate α); θ̂ = (y + ν)/(e + α), with ν/α = mean θ̂ and
    ν/α² = Σ (1 + α/e)(θ̂ − mean)²/(k − 1), iterated until they hold together.

    Parameters
    ----------
    observed, expected : array_like [case], dims (place)
    tol : float [1]
        Largest relative change of α and ν at the end.

    Returns
    -------
    Shrinkage
        Where the places differ no more than by chance, α and ν are infinite and every shrunk ratio is Σ y / Σ
        e.

    References
    ----------
    Clayton & Kaldor (1987), section 3.1, equations (8) and (9).

    Examples
    --------
    >>> fit = empirical_bayes([30, 5, 90, 60], [50, 10, 60, 50])
    >>> fit.shrunk.round(2)
    array([0.64, 0.66, 1.46, 1.18])
    """
    y, e = _places(observed, expected)
    if y.size < 2:
        message = f"empirical_bayes got {y.size} place; the spread between places needs at least two."
        raise PlanError("too-few-places", message, got=y.size)
    finite_number("tol", tol, low=0)
    common = Shrinkage(np.inf, np.inf, np.full(y.size, y.sum() / e.sum()))
    ratio = y / e
    if ratio.var(ddof=1) == 0:
        return common
    alpha, nu = _moments(ratio, np.zeros_like(e))
    for _ in range(100_000):
        shrunk = (y + nu) / (e + alpha)
        new_alpha, new_nu = _moments(shrunk, alpha / e)
        # Such a weight of the common mean leaves less than a thousandth of any place's own deviation.
        if not np.isfinite(new_alpha) or new_alpha > NO_SPREAD * e.max():
            return common
        moved = max(abs(new_alpha - alpha) / new_alpha, abs(new_nu - nu) / max(new_nu, 1e-300))
        alpha, nu = new_alpha, new_nu
        if moved <= tol:
            return Shrinkage(float(alpha), float(nu), (y + nu) / (e + alpha))
    message = (
        f"empirical_bayes did not settle: the last relative change was {moved:.3g}, expected {tol:g}. Raise "
        "tol."
    )
    raise PlanError("no-convergence", message, change=moved, tol=tol)


def slope_index(weights: ArrayLike, values: ArrayLike) -> Inequality:
    """Slope and relative index of inequality over ordered groups.

    Weighted regression of the value on the group's mid rank x (0–1): slope = b, relative = (a + b)/a.

    Parameters
    ----------
    weights : array_like [person], dims (group)
        Size of each group, from the most deprived to the least.
    values : array_like, dims (group)

    Returns
    -------
    Inequality
        ``slope`` in the unit of the values, ``relative`` [1].

    Examples
    --------
    >>> slope, relative = slope_index([1, 1], [70, 80])
    >>> round(slope, 6), round(relative, 6)
    (20.0, 1.307692)
    """
    w, v = finite_array("weights", weights, low=0, dims=1), finite_array("values", values, dims=1)
    check_same_shape(weights=w, values=v)
    if (w > 0).sum() < 2:
        message = "slope_index needs two or more groups with persons in them."
        raise PlanError("too-few-places", message, got=int((w > 0).sum()))
    share = w / w.sum()
    rank = np.cumsum(share) - share / 2
    centre, mean = (share * rank).sum(), (share * v).sum()
    slope = (share * (rank - centre) * (v - mean)).sum() / (share * (rank - centre) ** 2).sum()
    foot = mean - slope * centre
    _refuse_zero("the value at the bottom rank", np.asarray(foot))
    return Inequality(float(slope), float((foot + slope) / foot))


def _moments(ratio: Floats, factor: Floats) -> tuple[float, float]:
    mean = float(ratio.mean())
    variance = float(((1 + factor) * (ratio - mean) ** 2).sum() / (ratio.size - 1))
    if variance <= 0:
        return np.inf, np.inf
    return mean / variance, mean * mean / variance


def _places(observed: ArrayLike, expected: ArrayLike) -> tuple[Floats, Floats]:
    y = finite_array("observed", observed, low=0, dims=1)
    e = finite_array("expected", expected, low=0, dims=1)
    check_same_shape(observed=y, expected=e)
    _refuse_zero("expected", e)
    if y.size == 0 or y.sum() == 0:
        message = "observed holds no case at all; nothing can be compared between the places."
        raise PlanError("no-cases", message)
    return y, e


def _refuse_zero(name: str, values: Floats) -> None:
    if (values == 0).any():
        message = f"{name} is 0 somewhere and is divided by. Pool that group or place with a neighbour."
        raise PlanError("zero-denominator", message, name=name)


def _normal_quantile(confidence: float) -> tuple[float, float]:
    from scipy.special import ndtri

    share = finite_number("confidence", confidence)
    if not 0 < share < 1:
        message = f"confidence is {share:g}, expected a share in (0, 1). Write 0.95 for 95 %."
        raise PlanError("bad-confidence", message, got=share)
    tail = (1 - share) / 2
    return float(-ndtri(tail)), tail


def _plain(values: Floats) -> Floats | float:
    return float(values) if np.ndim(values) == 0 else values
