"""How good a forecast with its uncertainty was, once the answer is known.

All scores are in the unit of the quantity; lower is better.

References
----------
Gneiting, T. & Raftery, A. E. (2007). Strictly proper scoring rules, prediction, and estimation. Journal of
the American Statistical Association 102, 359–378.
Bracher, J. et al. (2021). Evaluating epidemic forecasts in an interval format. PLOS Computational Biology 17
(2), e1008618.
Ferro, C. A. T. (2014). Fair scores for ensemble forecasts. Quarterly Journal of the Royal Meteorological
Society 140.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from framsyn.errors import PlanError
from framsyn.methods.checks import Floats, check_shape, finite_array, finite_number

__all__ = ["bias", "coverage", "crps", "interval_score", "weighted_interval_score"]


def crps(draws: ArrayLike, actual: ArrayLike, *, fair: bool = False) -> Floats | float:
    """Continuous ranked probability score of a set of draws.

    mean |x − y| − ½·mean |x − x′|. The standard form takes the second mean over all m² pairs of draws, and is
    the exact score of the draws' own step distribution. ``fair=True`` takes the m(m − 1) pairs of different
    draws, and is unbiased for the distribution that the draws come from. Sorting makes the cost m·log m.

    Parameters
    ----------
    draws : array_like, dims (draw, ...)
    actual : array_like, dims (...)
    fair : bool, default False

    Returns
    -------
    float or ndarray, dims (...)

    Raises
    ------
    PlanError
        ``wrong-shape``, ``too-few-draws``, or as for any array.

    Examples
    --------
    >>> crps([1.0, 3.0], 2.0), crps([1.0, 3.0], 2.0, fair=True)
    (0.5, 0.0)
    """
    ensemble, truth = finite_array("draws", draws), finite_array("actual", actual)
    needed = 2 if fair else 1
    if ensemble.ndim == 0 or ensemble.shape[0] < needed:
        message = f"draws has shape {ensemble.shape}, expected at least {needed} on the first axis (draw)."
        raise PlanError("too-few-draws", message, got=ensemble.shape, expected=needed)
    check_shape("actual", truth.shape, ensemble.shape[1:], "(the axes of draws after the first)")
    m = ensemble.shape[0]
    # Measured from the truth, so that a small spread around a large number keeps its digits.
    ordered = np.sort(ensemble - truth, axis=0)
    weights = (2 * np.arange(1, m + 1) - m - 1).reshape(-1, *[1] * truth.ndim)
    half_spread = (weights * ordered).sum(axis=0) / (m * (m - 1) if fair else m * m)
    return _plain(np.abs(ordered).mean(axis=0) - half_spread)


def interval_score(low: ArrayLike, high: ArrayLike, actual: ArrayLike, alpha: float) -> Floats | float:
    """Score of a central interval.

    (high − low) + 2/α·(low − y)₊ + 2/α·(y − high)₊

    Parameters
    ----------
    low, high : array_like
        Limits that leave α/2 on each side.
    actual : array_like
    alpha : float [1]
        Share outside, 0.2 for an interval of 80 %.

    Returns
    -------
    float or ndarray
        One score per element of the broadcast inputs.

    Examples
    --------
    >>> interval_score(90, 110, 115, alpha=0.2)
    70.0
    """
    below, above = finite_array("low", low), finite_array("high", high)
    truth = finite_array("actual", actual)
    outside = finite_number("alpha", alpha)
    if not 0 < outside < 1:
        message = f"alpha is {outside:g}, expected a share in (0, 1). Write 0.2 for an interval of 80 %."
        raise PlanError("bad-alpha", message, got=outside)
    if (below > above).any():
        message = "low is above high somewhere. Swap the limits."
        raise PlanError("crossed-limits", message)
    misses = np.maximum(below - truth, 0) + np.maximum(truth - above, 0)
    return _plain(above - below + 2 / outside * misses)


def coverage(low: ArrayLike, high: ArrayLike, actual: ArrayLike) -> float:
    """Share of the answers that fell inside their interval, limits included.

    Parameters
    ----------
    low, high, actual : array_like

    Returns
    -------
    float [1]

    Examples
    --------
    >>> coverage([0, 0, 0, 0], [1, 1, 1, 1], [0.5, 1, 2, 0])
    0.75
    """
    below, above = finite_array("low", low), finite_array("high", high)
    truth = finite_array("actual", actual)
    inside = (below <= truth) & (truth <= above)
    if inside.size == 0:
        message = "coverage got no answers to compare. Give at least one."
        raise PlanError("no-answers", message)
    return float(inside.mean())


def weighted_interval_score(levels: ArrayLike, quantiles: ArrayLike, actual: ArrayLike) -> Floats | float:
    """Weighted interval score of a set of quantiles.

    1/(K + ½) · (½·|y − median| + Σ_k α_k/2 · interval score_k), which equals the mean over the 2K + 1
    quantiles of twice the pinball loss, (1{y ≤ q} − level)·(q − y).

    Parameters
    ----------
    levels : array_like [1], dims (quantile)
        Rising levels in (0, 1), in pairs p and 1 − p round the median 0.5.
    quantiles : array_like, dims (quantile, ...)
        Not falling along the first axis.
    actual : array_like, dims (...)

    Returns
    -------
    float or ndarray, dims (...)

    References
    ----------
    Bracher et al. (2021), equations (1) to (3).

    Examples
    --------
    >>> round(weighted_interval_score([0.1, 0.5, 0.9], [90, 100, 110], 115), 9)
    9.666666667
    """
    p = finite_array("levels", levels, low=0, high=1, dims=1)
    values, truth = finite_array("quantiles", quantiles), finite_array("actual", actual)
    paired = p.size % 2 == 1 and np.allclose(p + p[::-1], 1, atol=1e-9) and (np.diff(p) > 0).all()
    if not paired or p[0] <= 0:
        message = (
            f"levels are {p.tolist()}, expected rising pairs p and 1 − p in (0, 1) round 0.5, such as 0.1, "
            "0.5, 0.9."
        )
        raise PlanError("bad-levels", message, got=p.tolist())
    check_shape("quantiles", values.shape, (p.size, *truth.shape), "(quantile, then the axes of actual)")
    if (np.diff(values, axis=0) < 0).any():
        message = "A quantile is below the one before it. Sort the quantiles with their levels."
        raise PlanError("crossed-limits", message)
    level = p.reshape(-1, *[1] * truth.ndim)
    loss = ((truth <= values).astype(float) - level) * (values - truth)
    return _plain(2 * loss.mean(axis=0))


def bias(draws: ArrayLike, actual: ArrayLike) -> Floats | float:
    """Lean of a set of draws, from −1 (all below the answer) to 1 (all above it).

    P(x > y) − P(x < y)

    Parameters
    ----------
    draws : array_like, dims (draw, ...)
    actual : array_like, dims (...)

    Returns
    -------
    float or ndarray [1], dims (...)

    Examples
    --------
    >>> bias([1.0, 2.0, 3.0, 4.0], 2.0)
    0.25
    """
    ensemble, truth = finite_array("draws", draws), finite_array("actual", actual)
    if ensemble.ndim == 0 or ensemble.shape[0] == 0:
        message = "draws needs at least one draw on its first axis."
        raise PlanError("too-few-draws", message, got=ensemble.shape, expected=1)
    check_shape("actual", truth.shape, ensemble.shape[1:], "(the axes of draws after the first)")
    return _plain((ensemble > truth).mean(axis=0) - (ensemble < truth).mean(axis=0))


def _plain(values: Floats) -> Floats | float:
    return float(values) if np.ndim(values) == 0 else values
