"""Statistical process control: run charts and control charts, with rules that tell a signal from chance.

References
----------
Perla, R. J., Provost, L. P. & Murray, S. K. (2011). The run chart: a simple analytical tool for learning from variation in
healthcare processes. BMJ Quality & Safety 20 (1), 46–51.
Swed, F. S. & Eisenhart, C. (1943). Tables for testing randomness of grouping in a sequence of alternatives. Annals of
Mathematical Statistics 14 (1), 66–87.
Wheeler, D. J. (2000). Understanding variation: the key to managing chaos, 2nd edition. SPC Press, Knoxville.
Montgomery, D. C. (2013). Introduction to statistical quality control, 7th edition, chapters 6 and 7. Wiley, New York.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import comb
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from framsyn.errors import PlanError
from framsyn.methods.checks import Floats, check_same_shape, finite_array

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

__all__ = ["ControlChart", "RunChart", "p_chart", "run_chart", "runs_limits", "xmr_chart"]

Flags = NDArray[np.bool_]

SHIFT = 6
"""Points in a row on one side of the median (Perla 2011, rule 1)."""
TREND = 5
"""Points in a row all rising or all falling (Perla 2011, rule 2)."""
SIDE = 8
"""Points in a row on one side of the mean (Wheeler 2000; Montgomery 2013, Western Electric rule 4)."""
MIN_USEFUL = 10
"""Points off the median below which the number of runs says nothing (Perla 2011, table 1 starts at ten)."""

_RUNS_ERROR = 0.025
# 3 / d2 and D4 of two points (Montgomery 2013, appendix VI: d2 = 1.128, D4 = 3.267).
_LIMIT_FACTOR = 2.66
_RANGE_FACTOR = 3.267
_SIGMAS = 3.0


@dataclass(frozen=True)
class RunChart:
    """A run chart and what it says.

    Attributes
    ----------
    values : ndarray of float [any]
    median : float [any]
    shift, trend : ndarray of bool
        Points that belong to a shift or a trend.
    runs : int
        Runs above and below the median, points on it left out.
    useful : int
        Points that are not on the median.
    runs_low, runs_high : int or None
        Fewest and most runs that chance gives; None with under ten useful points.
    """

    values: Floats
    median: float
    shift: Flags
    trend: Flags
    runs: int
    useful: int
    runs_low: int | None
    runs_high: int | None

    @property
    def too_few_runs(self) -> bool:
        """Fewer runs than chance gives: the level has moved."""
        return self.runs_low is not None and self.runs < self.runs_low

    @property
    def too_many_runs(self) -> bool:
        """More runs than chance gives: two processes are mixed, or figures over-corrected."""
        return self.runs_high is not None and self.runs > self.runs_high

    @property
    def signals(self) -> tuple[str, ...]:
        """Rules that are broken, of ``shift``, ``trend``, ``too_few_runs`` and ``too_many_runs``."""
        names = ("shift", "trend", "too_few_runs", "too_many_runs")
        return tuple(name for name in names if np.any(getattr(self, name)))


@dataclass(frozen=True)
class ControlChart:
    """A control chart: centre and limits at every point, and the points that are no chance.

    Attributes
    ----------
    values : ndarray of float [any]
    centre, low, high : ndarray of float [any]
        Of the phase that the point belongs to.
    phase : ndarray of int
        Number of the phase, from 0; a new one begins at each break.
    outside : ndarray of bool
        Points beyond a limit.
    side : ndarray of bool
        Points of eight or more in a row on one side of the centre, within a phase.
    moving_range, range_high : ndarray of float [any]
        Distance to the point before, and its upper limit; NaN at the first point of a phase. Of an XmR chart alone.
    """

    values: Floats
    centre: Floats
    low: Floats
    high: Floats
    phase: NDArray[np.int64]
    outside: Flags
    side: Flags
    moving_range: Floats | None = None
    range_high: Floats | None = None

    @property
    def signals(self) -> tuple[str, ...]:
        """Rules that are broken, of ``outside`` and ``side``."""
        return tuple(name for name in ("outside", "side") if getattr(self, name).any())


def run_chart(values: ArrayLike) -> RunChart:
    """Run chart with the four rules for a signal.

    A shift is six or more points in a row on one side of the median, points on the median neither counted nor breaking
    it. A trend is five or more in a row rising or falling, equal neighbours counted once. Runs outside the limits of
    :func:`runs_limits` are too few or too many.

    Parameters
    ----------
    values : array_like of float [any]
        In order of time, without gaps.

    Returns
    -------
    RunChart

    Raises
    ------
    PlanError
        No values, or one that is not a finite number.

    Examples
    --------
    >>> chart = run_chart([5, 4, 6, 5, 4, 6, 8, 9, 8, 9, 8, 9])
    >>> chart.median, chart.runs, chart.signals
    (7.0, 2, ('shift', 'too_few_runs'))
    """
    series = _series(values)
    median = float(np.median(series))
    sides = np.sign(series - median)
    useful = int(np.count_nonzero(sides))
    off = sides[sides != 0]
    runs = int(np.count_nonzero(np.diff(off))) + 1 if useful else 0
    low, high = (None, None) if useful < MIN_USEFUL else runs_limits(useful)
    return RunChart(
        values=series,
        median=median,
        shift=_same_side(sides, SHIFT),
        trend=_trend(series),
        runs=runs,
        useful=useful,
        runs_low=low,
        runs_high=high,
    )


@cache
def runs_limits(useful: int) -> tuple[int, int]:
    """Fewest and most runs about the median that chance gives in 95 of 100 series.

    With n useful points, m = n // 2 on one side and n − m on the other, every order equally likely:
    P(R = 2k) = 2·C(m−1, k−1)·C(n−m−1, k−1)/C(n, m) and
    P(R = 2k+1) = [C(m−1, k)·C(n−m−1, k−1) + C(m−1, k−1)·C(n−m−1, k)]/C(n, m).
    The lowest is the largest r with P(R < r) ≤ 0.025, the highest the smallest r with P(R > r) ≤ 0.025. Swed and
    Eisenhart (1943) give the law; printed tables made from it differ by a run here and there.

    Parameters
    ----------
    useful : int [point]
        Points that are not on the median; at least ten.

    Returns
    -------
    tuple of int

    Examples
    --------
    >>> runs_limits(10), runs_limits(20)
    ((3, 9), (7, 15))
    """
    if useful < MIN_USEFUL:
        message = (
            f"{useful} points are off the median; the number of runs says something from {MIN_USEFUL} on."
        )
        raise PlanError("too-few-points", message, got=useful, expected=MIN_USEFUL)
    first = useful // 2
    second = useful - first
    chances = [_chance_of_runs(runs, first, second) for runs in range(useful + 1)]
    below = np.cumsum([0.0, *chances])
    low = int(np.flatnonzero(below <= _RUNS_ERROR)[-1])
    above = 1.0 - below[1:]
    high = int(np.flatnonzero(above <= _RUNS_ERROR)[0])
    return low, high


def xmr_chart(values: ArrayLike, breaks: Sequence[int] = ()) -> ControlChart:
    """Control chart of individual values (XmR), with phases.

    centre = mean of the phase; limits = centre ± 2.66 · mean moving range of the phase, the moving range being the
    distance between neighbours within the phase (Wheeler 2000; Montgomery 2013, section 6.4). A phase of one point
    has no limits (NaN) and gives no signal.

    Parameters
    ----------
    values : array_like of float [any]
        In order of time.
    breaks : sequence of int
        Positions of the first point of each new phase, from 1 to the last.

    Returns
    -------
    ControlChart

    Raises
    ------
    PlanError
        Values that are not finite, or a break that is not a position.

    Examples
    --------
    >>> chart = xmr_chart([10, 12, 11, 13, 24])
    >>> float(chart.centre[0]), round(float(chart.high[0]), 2), chart.outside.tolist()
    (14.0, 24.64, [False, False, False, False, False])
    >>> two = xmr_chart([10, 12, 11, 13, 24, 25, 24, 23], breaks=[4])
    >>> two.centre.tolist()[3:5], two.phase.tolist()
    ([11.5, 24.0], [0, 0, 0, 0, 1, 1, 1, 1])
    """
    series = _series(values)
    phase = _phases(len(series), breaks)
    moving = np.full(len(series), np.nan)
    inside = np.flatnonzero(np.diff(phase) == 0) + 1
    moving[inside] = np.abs(series[inside] - series[inside - 1])
    centre, width, top = (np.empty(len(series)) for _ in range(3))
    for number in range(int(phase[-1]) + 1):
        here = phase == number
        ranges = moving[here][1:]
        mean_range = float(ranges.mean()) if len(ranges) else np.nan
        centre[here] = series[here].mean()
        width[here] = _LIMIT_FACTOR * mean_range
        top[here] = _RANGE_FACTOR * mean_range
    top[np.isnan(moving)] = np.nan
    return _chart(series, centre, centre - width, centre + width, phase, moving, top)


def p_chart(numerator: ArrayLike, denominator: ArrayLike, breaks: Sequence[int] = ()) -> ControlChart:
    """Control chart of shares (p chart), its limits wider where fewer are counted.

    centre p̄ = Σ numerator / Σ denominator of the phase; limits = p̄ ± 3·√(p̄·(1 − p̄)/n), kept within
    0 and 1 (Montgomery 2013, section 7.2).

    Parameters
    ----------
    numerator, denominator : array_like of float [person or event], dims (time)
        Each numerator at most its denominator; every denominator above 0.
    breaks : sequence of int
        As in :func:`xmr_chart`.

    Returns
    -------
    ControlChart
        ``values`` are the shares [1].

    Raises
    ------
    PlanError
        ``share-above-one``, ``nothing-counted``, or values that are not finite.

    Examples
    --------
    >>> chart = p_chart([12, 8, 10, 10], [100, 100, 100, 100])
    >>> float(chart.centre[0]), float(chart.low[0].round(3)), float(chart.high[0].round(3))
    (0.1, 0.01, 0.19)
    """
    above = _series(numerator, "numerator", low=0)
    below = _series(denominator, "denominator", low=0)
    check_same_shape(numerator=above, denominator=below)
    if (below == 0).any():
        where = int(np.flatnonzero(below == 0)[0])
        message = f"denominator is 0 at position {where}: a share of nothing. Leave the period out."
        raise PlanError("nothing-counted", message, position=where)
    if (above > below).any():
        where = int(np.flatnonzero(above > below)[0])
        message = (
            f"numerator {above[where]:g} is above denominator {below[where]:g} at position {where}; a part is at most "
            "the whole. Mend the counts, or chart the values with xmr_chart."
        )
        raise PlanError("share-above-one", message, position=where)
    phase = _phases(len(above), breaks)
    centre = (np.bincount(phase, above) / np.bincount(phase, below))[phase]
    width = _SIGMAS * np.sqrt(centre * (1 - centre) / below)
    low, high = np.maximum(centre - width, 0.0), np.minimum(centre + width, 1.0)
    return _chart(above / below, centre, low, high, phase)


def _series(values: ArrayLike, name: str = "values", low: float | None = None) -> Floats:
    series = finite_array(name, values, dims=1, low=low)
    if not len(series):
        message = f"{name} is empty. A chart needs at least one point."
        raise PlanError("no-values", message, name=name)
    return series


def _phases(length: int, breaks: Sequence[int]) -> NDArray[np.int64]:
    """Number of the phase at every point."""
    starts = sorted(set(breaks))
    wrong = [place for place in starts if not 0 < place < length]
    if wrong or len(starts) != len(breaks):
        message = (
            f"breaks are {list(breaks)}; expected different positions from 1 to {length - 1}, each the first point of a "
            "new phase. Leave out what lies outside the series."
        )
        raise PlanError("break-outside-series", message, got=list(breaks), expected=[1, length - 1])
    marks = np.zeros(length, dtype=np.int64)
    marks[np.array(starts, dtype=np.int64)] = 1
    return np.cumsum(marks)


def _chart(
    series: Floats,
    centre: Floats,
    low: Floats,
    high: Floats,
    phase: NDArray[np.int64],
    moving: Floats | None = None,
    top: Floats | None = None,
) -> ControlChart:
    """Apply the rules to a chart with its limits."""
    # A share that equals its limit to the last bit of rounding is on it, not beyond.
    slack = 1e-12 * np.maximum(np.abs(centre), 1e-300)
    outside = (series > high + slack) | (series < low - slack)
    sides = np.sign(np.where(np.abs(series - centre) <= slack, 0.0, series - centre))
    side = np.zeros(len(series), dtype=bool)
    for number in range(int(phase[-1]) + 1):
        here = phase == number
        side[here] = _same_side(sides[here], SIDE, skip_centre=False)
    return ControlChart(series, centre, low, high, phase, outside, side, moving, top)


def _same_side(sides: Floats, least: int, *, skip_centre: bool = True) -> Flags:
    """Points of at least so many in a row on one side; a point on the line is passed over, or ends the row."""
    found = np.zeros(len(sides), dtype=bool)
    row: list[int] = []
    for place, side in enumerate(sides):
        if side == 0 and skip_centre:
            continue
        if row and side != sides[row[-1]]:
            row = []
        if side != 0:
            row.append(place)
        if len(row) >= least:
            found[row] = True
    return found


def _trend(series: Floats) -> Flags:
    """Points of at least five in a row rising or falling, equal neighbours counted once."""
    found = np.zeros(len(series), dtype=bool)
    keep = np.flatnonzero(np.r_[True, np.diff(series) != 0])
    ways = np.sign(np.diff(series[keep]))
    begin = 0
    for place in range(1, len(keep)):
        if place > 1 and ways[place - 1] != ways[place - 2]:
            begin = place - 1
        if place - begin + 1 >= TREND:
            found[keep[begin : place + 1]] = True
    return found


def _chance_of_runs(runs: int, first: int, second: int) -> float:
    """Probability of a number of runs when so many points lie on each side of the median."""
    if runs < 2:
        return 0.0
    half, odd = divmod(runs, 2)
    if odd:
        ways = comb(first - 1, half) * comb(second - 1, half - 1)
        ways += comb(first - 1, half - 1) * comb(second - 1, half)
    else:
        ways = 2 * comb(first - 1, half - 1) * comb(second - 1, half - 1)
    return ways / comb(first + second, first)
