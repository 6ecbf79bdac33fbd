"""Iterative proportional fitting: a table that keeps a seed's pattern and meets given margins.

References
----------
Deming, W. E. & Stephan, F. F. (1940). On a least squares adjustment of a sampled frequency table when the
expected marginal totals are known. Annals of Mathematical Statistics 11 (4), 427–444.
Bishop, Y., Fienberg, S. & Holland, P. (1975). Discrete Multivariate Analysis, section 3.5. MIT Press.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike

from framsyn.errors import PlanError
from framsyn.methods.checks import Floats, check_shape, finite_array, finite_number, whole_number

__all__ = ["ipf"]

Margin = tuple[tuple[int, ...], Floats]


def ipf(
    seed: ArrayLike,
    margins: Sequence[tuple[int | Sequence[int], ArrayLike]],
    tol: float = 1e-9,
    sweeps: int = 10_000,
) -> Floats:
    """The table nearest to a seed (in relative entropy) whose sums meet the given margins.

    x ← x · margin / Σ x over the axes that the margin does not name, for each margin in turn, until all hold
    at once.

    Parameters
    ----------
    seed : array_like
        Starting pattern; zero cells stay zero (structural zeros).
    margins : list of (axes, array)
        The axes of the table that the margin keeps, in the order of the margin's own axes, and the wanted
        sums.
    tol : float [1], default 1e-9
        Largest allowed deviation from a margin, relative to the margin's cell (absolute where the cell is 0).
    sweeps : int, default 10000
        Rounds over all margins before the search is given up.

    Returns
    -------
    ndarray
        Shape of ``seed``.

    Raises
    ------
    PlanError
        ``margin-axes``, ``wrong-shape``, ``out-of-bounds`` (negative), ``inconsistent-margins``,
        ``structural-zero``, ``no-convergence``.

    Examples
    --------
    >>> ipf([[1, 1], [1, 1]], [(0, [30, 70]), (1, [40, 60])])
    array([[12., 18.],
           [28., 42.]])
    """
    table = finite_array("seed", seed, low=0).copy()
    finite_number("tol", tol, low=0)
    whole_number("sweeps", sweeps, low=1)
    wanted = [_checked_margin(table, number, axes, margin) for number, (axes, margin) in enumerate(margins)]
    if not wanted:
        message = "ipf got no margins. Give at least one pair (axes, array)."
        raise PlanError("margin-axes", message)
    _check_consistent(wanted, max(tol, 1e-12))
    _check_reachable(table, wanted)
    deviation = np.inf
    for _ in range(sweeps):
        for axes, margin in wanted:
            present = _summed(table, axes)
            factor = np.divide(margin, present, out=np.zeros_like(margin), where=present > 0)
            table *= _expanded(factor, axes, table.ndim)
        # The last margin holds by construction; the others tell how far the sweep has come.
        deviation = max(_deviation(table, axes, margin) for axes, margin in wanted)
        if deviation <= tol:
            return table
    message = (
        f"ipf did not meet its margins after {sweeps} sweeps: the largest relative deviation is "
        f"{deviation:.3g}, "
        f"expected at most {tol:g}. The zeros of the seed probably forbid the margins; fill them with a "
        "small number "
        "or check the margins."
    )
    raise PlanError("no-convergence", message, deviation=deviation, tol=tol, sweeps=sweeps)


def _checked_margin(table: Floats, number: int, axes: int | Sequence[int], margin: ArrayLike) -> Margin:
    """Axes in rising order and the margin turned to match."""
    named = (axes,) if isinstance(axes, int | np.integer) else tuple(axes)
    kept = tuple(int(axis) + table.ndim if axis < 0 else int(axis) for axis in named)
    if len(set(kept)) != len(kept) or any(not 0 <= axis < table.ndim for axis in kept):
        message = (
            f"Margin {number} names axes {named}; the seed has axes 0 to {table.ndim - 1}, each named once."
        )
        raise PlanError("margin-axes", message, margin=number, got=named)
    array = finite_array(f"margin {number}", margin, low=0)
    check_shape(f"margin {number}", array.shape, tuple(table.shape[axis] for axis in kept))
    order = sorted(range(len(kept)), key=kept.__getitem__)
    return tuple(sorted(kept)), np.transpose(array, order)


def _check_consistent(wanted: list[Margin], tol: float) -> None:
    """Two margins must agree on every axis that they share, and so on the grand total."""
    for (first, (axes_a, a)), (second, (axes_b, b)) in combinations(enumerate(wanted), 2):
        shared = tuple(axis for axis in axes_a if axis in axes_b)
        sum_a = a.sum(axis=tuple(i for i, axis in enumerate(axes_a) if axis not in shared))
        sum_b = b.sum(axis=tuple(i for i, axis in enumerate(axes_b) if axis not in shared))
        # Sums of many cells carry rounding of their own, so the check is against the margins' size.
        gap = np.abs(sum_a - sum_b)
        if (gap > tol * np.maximum(np.maximum(sum_a, sum_b), 1e-300)).any():
            where = np.unravel_index(int(np.argmax(gap)), gap.shape)
            got, other = float(np.asarray(sum_a)[where]), float(np.asarray(sum_b)[where])
            message = (
                f"Margins {first} and {second} disagree on the axes {shared or 'total'} they share: "
                f"{got:.10g} against "
                f"{other:.10g}. Scale one of them to the other before raking."
            )
            raise PlanError("inconsistent-margins", message, margins=(first, second), got=got, expected=other)


def _check_reachable(table: Floats, wanted: list[Margin]) -> None:
    for number, (axes, margin) in enumerate(wanted):
        blocked = (margin > 0) & (_summed(table, axes) == 0)
        if blocked.any():
            where = tuple(int(i) for i in np.argwhere(blocked)[0])
            message = (
                f"Margin {number} wants {float(margin[where]):.10g} at {where} (axes {axes}), but every cell "
                "of the seed "
                "there is zero. Put a positive number in the seed where the total may go."
            )
            raise PlanError("structural-zero", message, margin=number, position=where)


def _summed(table: Floats, axes: tuple[int, ...]) -> Floats:
    return table.sum(axis=tuple(axis for axis in range(table.ndim) if axis not in axes))


def _expanded(factor: Floats, axes: tuple[int, ...], dims: int) -> Floats:
    return np.expand_dims(factor, tuple(axis for axis in range(dims) if axis not in axes))


def _deviation(table: Floats, axes: tuple[int, ...], margin: Floats) -> float:
    gap = np.abs(_summed(table, axes) - margin)
    return float((gap / np.where(margin > 0, margin, 1.0)).max(initial=0.0))
