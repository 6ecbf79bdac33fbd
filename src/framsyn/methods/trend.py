"""The trend of a series with breaks: one slope, a jump where counting changed, and years that say nothing left out.

A series that is counted in another way from a year on jumps there, and a line drawn straight through the jump takes it for
growth. Here every way of counting has a level of its own, and all of them share one slope.

References
----------
Wagner, A. K., Soumerai, S. B., Zhang, F. & Ross-Degnan, D. (2002). Segmented regression analysis of interrupted time series
studies in medication use research. Journal of Clinical Pharmacy and Therapeutics 27 (4), 299–309.
Draper, N. R. & Smith, H. (1998). Applied regression analysis, 3rd edition, sections 1.4 and 3.1. Wiley, New York.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from framsyn.errors import PlanError
from framsyn.methods.checks import Floats, check_same_shape, finite_array, finite_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

__all__ = ["KINDS", "LEAST_POINTS", "Jump", "NoTrend", "SeriesBreak", "Trend", "fit_trend"]

KINDS = ("level", "faulty", "one_off")
"""Counted in another way from then on; figures that their source warns of; an event that passes."""
LEAST_POINTS = 5
"""Points from which a trend is told."""
LEAST_FREE = 3
"""Points beyond the slope and the levels; with fewer the interval rests on next to nothing."""

_NEAR = 1e-9


@dataclass(frozen=True)
class SeriesBreak:
    """A break in a series.

    Parameters
    ----------
    at : float [year]
        First time that is counted in the new way, is faulty, or bears the event.
    kind : {"level", "faulty", "one_off"}
    until : float [year], optional
        Last time that is faulty or bears the event; ``at`` where left out. A change of level does not end.

    Raises
    ------
    PlanError
        ``break-kind`` or ``break-order``.
    """

    at: float
    kind: str = "level"
    until: float | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            message = f'a break at {self.at:g} has kind "{self.kind}"; expected one of {", ".join(KINDS)}.'
            raise PlanError("break-kind", message, got=self.kind, expected=list(KINDS))
        finite_number("break", self.at)
        if self.until is not None and self.until < self.at:
            message = f"a break goes from {self.at:g} to {self.until:g}; expected an end at or after the start. Mend one."
            raise PlanError("break-order", message, got=[self.at, self.until])

    def leaves_out(self, time: Floats) -> NDArray[np.bool_]:
        """Tell of each time whether its figure says nothing of the trend.

        >>> SeriesBreak(2022, "faulty", 2024).leaves_out(np.arange(2020.0, 2026.0)).tolist()
        [False, False, True, True, True, False]
        """
        if self.kind == "level":
            return np.zeros(time.shape, dtype=bool)
        last = self.at if self.until is None else self.until
        return (time >= self.at - _NEAR) & (time <= last + _NEAR)


@dataclass(frozen=True)
class Jump:
    """How far a change of the way of counting moved the level: first time of the new way, size, and its interval."""

    at: float
    size: float
    low: float
    high: float


@dataclass(frozen=True)
class NoTrend:
    """No trend can be told, and why.

    Attributes
    ----------
    reason : {"too-few-points", "no-time-passes"}
        ``no-time-passes``: no way of counting has two points at different times.
    points, needed : int
        Points that remain, and how many a trend takes.
    left_out : tuple of float [year]
        Times whose figures a break takes out.
    """

    reason: str
    points: int
    needed: int
    left_out: tuple[float, ...] = ()


@dataclass(frozen=True)
class Trend:
    """A trend around the breaks of a series.

    Attributes
    ----------
    slope, low, high : float [unit of the values per year]
        The slope that all ways of counting share, and its interval.
    level : float [1]
        Share of such intervals that hold the true slope.
    points : int
        Points that the line rests on.
    left_out : tuple of float [year]
        Times whose figures a break takes out.
    jumps : tuple of Jump
        Changes of level between points that remain.
    spread : float [unit of the values]
        Standard deviation of the points about the line.
    """

    slope: float
    low: float
    high: float
    level: float
    points: int
    left_out: tuple[float, ...]
    jumps: tuple[Jump, ...]
    spread: float
    _starts: tuple[float, ...] = field(repr=False)
    _middle: float = field(repr=False)
    _coefficients: Floats = field(repr=False)
    _inverse: Floats = field(repr=False)
    _quantile: float = field(repr=False)

    def line(self, time: ArrayLike) -> Floats:
        """Return the line at some times, each at the level of its own way of counting.

        Parameters
        ----------
        time : array_like of float [year], dims (time)
        """
        result: Floats = self._design(finite_array("time", time, dims=1)) @ self._coefficients
        return result

    def project(self, time: float) -> tuple[float, float, float]:
        """Return a coming figure with its interval: value, low, high, in the newest way of counting.

        The interval holds the doubt about the line and the spread of single figures about it, and nothing of what no
        earlier year has seen.

        Parameters
        ----------
        time : float [year]
            At or after the newest change of level.

        Examples
        --------
        >>> trend = fit_trend(range(2015, 2023), [10, 12, 14, 16, 18, 20, 22, 24])
        >>> [round(part, 6) for part in trend.project(2030)]
        [40.0, 40.0, 40.0]
        """
        at = finite_number("time", time)
        if self._starts and at < self._starts[-1]:
            message = (
                f"a projection to {at:g} lies before the newest change of level in {self._starts[-1]:g}; expected a time "
                "at or after it. Ask the line for earlier years."
            )
            raise PlanError("projection-before-break", message, got=at, expected=self._starts[-1])
        row = self._design(np.array([at]))[0]
        middle = float(row @ self._coefficients)
        width = self._quantile * self.spread * math.sqrt(1.0 + float(row @ self._inverse @ row))
        return middle, middle - width, middle + width

    def _design(self, time: Floats) -> Floats:
        return _design(time, self._middle, self._starts)


def fit_trend(
    time: ArrayLike, values: ArrayLike, breaks: Sequence[SeriesBreak] = (), *, level: float = 0.8
) -> Trend | NoTrend:
    """Fit one slope around the breaks of a series by least squares.

    y(t) = a + b·(t − t̄) + Σₖ dₖ·[t ≥ tₖ] + e over the points that no faulty or one-off break takes out, with one jump dₖ for
    each change of level that has points before and after it. interval = b ± t(level; n − p)·s·√(X'X)⁻¹ with p = 2 + jumps
    and s² = Σe²/(n − p) (Draper and Smith 1998; the jumps as in Wagner 2002). The deviations are taken as independent of
    each other; figures that swing over several years make the true interval wider.

    Parameters
    ----------
    time : array_like of float [year], dims (time)
        Different times, in any order.
    values : array_like of float [any], dims (time)
    breaks : sequence of SeriesBreak
    level : float [1]
        Of the intervals, over 0 and under 1.

    Returns
    -------
    Trend or NoTrend
        ``NoTrend`` where the points that remain do not carry one: under five, under three beyond the slope and the
        levels, or none that lie apart in time within one way of counting.

    Raises
    ------
    PlanError
        ``double-time``, or times and values that are not finite or not as many.

    Examples
    --------
    Two a year throughout, and ninety more from 2020 on because of a new form:

    >>> counted = [100, 102, 104, 106, 108, 200, 202, 204, 206, 208]
    >>> around = fit_trend(range(2015, 2025), counted, [SeriesBreak(2020)])
    >>> round(around.slope, 9), round(around.jumps[0].size, 9), around.points
    (2.0, 90.0, 10)
    >>> round(fit_trend(range(2015, 2025), counted).slope, 1)
    15.6
    >>> fit_trend([2024, 2025], [7, 9]).reason
    'too-few-points'
    """
    times = finite_array("time", time, dims=1)
    figures = finite_array("values", values, dims=1)
    check_same_shape(time=times, values=figures)
    if not 0 < finite_number("level", level) < 1:
        message = f"level is {level}; expected a share over 0 and under 1, such as 0.8."
        raise PlanError("trend-level", message, got=level)
    order = np.argsort(times, kind="stable")
    times, figures = times[order], figures[order]
    if (np.diff(times) <= _NEAR).any():
        twice = float(times[int(np.argmin(np.diff(times)))])
        message = f"time {twice:g} comes twice; a trend takes one figure for each time. Take one out, or add them up."
        raise PlanError("double-time", message, got=twice)
    out = np.zeros(len(times), dtype=bool)
    for one in breaks:
        out |= one.leaves_out(times)
    left_out = tuple(float(at) for at in times[out])
    times, figures = times[~out], figures[~out]
    starts = _starts(times, breaks)
    needed = max(LEAST_POINTS, 2 + len(starts) + LEAST_FREE)
    if len(times) < needed:
        return NoTrend("too-few-points", len(times), needed, left_out)
    middle = float(times.mean())
    design = _design(times, middle, starts)
    if np.linalg.matrix_rank(design) < design.shape[1]:
        return NoTrend("no-time-passes", len(times), needed, left_out)
    # Figures may lie far from zero; taking their mean off keeps the last digits of the residuals.
    ground = float(figures.mean())
    coefficients: Floats = np.asarray(
        np.linalg.lstsq(design, figures - ground, rcond=None)[0], dtype=np.float64
    )
    residuals = figures - ground - design @ coefficients
    coefficients[0] += ground
    free = len(times) - design.shape[1]
    spread = math.sqrt(float(residuals @ residuals) / free)
    inverse: Floats = np.asarray(np.linalg.inv(design.T @ design), dtype=np.float64)
    quantile = _quantile(level, free)
    widths = quantile * spread * np.sqrt(np.diag(inverse))
    slope = float(coefficients[1])
    jumps = tuple(
        Jump(at, float(size), float(size - width), float(size + width))
        for at, size, width in zip(starts, coefficients[2:], widths[2:], strict=True)
    )
    return Trend(
        slope=slope,
        low=slope - float(widths[1]),
        high=slope + float(widths[1]),
        level=level,
        points=len(times),
        left_out=left_out,
        jumps=jumps,
        spread=spread,
        _starts=starts,
        _middle=middle,
        _coefficients=coefficients,
        _inverse=inverse,
        _quantile=quantile,
    )


def _starts(times: Floats, breaks: Sequence[SeriesBreak]) -> tuple[float, ...]:
    """Times of the changes of level that part the points, one for each pair of neighbours that is parted."""
    found: dict[int, float] = {}
    for at in sorted(one.at for one in breaks if one.kind == "level"):
        before = int(np.count_nonzero(times < at - _NEAR))
        if 0 < before < len(times):
            # Two changes between the same two points cannot be told apart: the last one names the jump.
            found[before] = at
    return tuple(found[before] for before in sorted(found))


def _design(times: Floats, middle: float, starts: Sequence[float]) -> Floats:
    columns = [np.ones(len(times)), times - middle, *((times >= at - _NEAR).astype(float) for at in starts)]
    return np.column_stack(columns)


def _quantile(level: float, free: int) -> float:
    """Half width of an interval in standard errors: Student's t."""
    from scipy.special import stdtrit

    return float(stdtrit(free, (1 + level) / 2))
