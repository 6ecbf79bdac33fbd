"""Can a goal be reached? The probability under a scenario, what each measure adds, and the fewest measures that suffice.

The probability is the share of the draws that meet the target in the year of its deadline. Every set of measures is a
scenario of its own (:mod:`framsyn.analyses.attainment_sets`) over the same random numbers: a difference between two sets
is what the measures make, and never luck.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from framsyn.analyses.attainment_board import Board
from framsyn.analyses.attainment_sets import Chosen, Effect, Measure, shapley_shares, smallest_set
from framsyn.analyses.attainment_targets import Target, distance, values_of
from framsyn.errors import PlanError

if TYPE_CHECKING:
    from framsyn.scenario import Scenario

__all__ = [
    "LEVELS",
    "QUANTILES",
    "Attainment",
    "Effect",
    "Measure",
    "Part",
    "Smallest",
    "Target",
    "attain",
    "attainment",
    "values_of",
]

LEVELS = (0.5, 0.6, 0.7, 0.8, 0.9)
"""Probabilities over which the smallest set is looked for."""
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
DOTS = 20
BUDGET = 256
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Part:
    """What one measure makes of a target.

    Attributes
    ----------
    name : str
    alone : float [1]
        Probability with this measure alone, less the probability with none.
    last : float [1]
        Probability with all measures, less the probability with all others.
    share : float [1]
        Its Shapley share: the shares of all measures add up to what all of them make against none.
    moves_alone, moves_last, moves : float
        The same three for the mean of the indicator, in its unit.
    """

    name: str
    alone: float
    last: float
    share: float
    moves_alone: float
    moves_last: float
    moves: float


@dataclass(frozen=True)
class Smallest:
    """The fewest measures that lift a goal over a probability; the best set where none does.

    Attributes
    ----------
    over : float [1]
    names : tuple of str
    probability : float [1]
        With these measures.
    reached : bool
    method : {"all", "bounds", "greedy"}
        See :func:`framsyn.analyses.attainment_sets.smallest_set`.
    """

    over: float
    names: tuple[str, ...]
    probability: float
    reached: bool
    method: str


@dataclass(frozen=True)
class Attainment:
    """Whether a target is reached, and what moves it.

    Attributes
    ----------
    target : Target
    draws : int
    probability, trend, every : float [1]
        Under the scenario as it stands, without the measures, and with all of them and nothing else.
    start, centre : float
        Mean in the base year, and median at the deadline under the scenario.
    years : tuple of int
    bands, trend_bands, every_bands : tuple of tuple of float
        10, 25, 50, 75 and 90 % quantiles by year, for the same three.
    dots : tuple of float
        Twenty values that stand for the draws at the deadline, each for one in twenty.
    parts : tuple of Part
        Measures that move the indicator, the largest share first.
    idle : tuple of str
        Measures that do not move it.
    one_sided : bool
        No measure moved any draw away from the target, alone or last.
    exact : bool
        Whether the Shapley shares are over all sets.
    smallest : tuple of Smallest
        One for each of :data:`LEVELS`.
    """

    target: Target
    draws: int
    probability: float
    trend: float
    every: float
    start: float
    centre: float
    years: tuple[int, ...]
    bands: tuple[tuple[float, ...], ...]
    trend_bands: tuple[tuple[float, ...], ...]
    every_bands: tuple[tuple[float, ...], ...]
    dots: tuple[float, ...]
    parts: tuple[Part, ...]
    idle: tuple[str, ...]
    one_sided: bool
    exact: bool
    smallest: tuple[Smallest, ...]

    def error(self, probability: float | None = None) -> float:
        """Return the Monte Carlo standard error of a probability [1]: ``sqrt(p (1 − p) / draws)``."""
        p = self.probability if probability is None else probability
        return math.sqrt(p * (1 - p) / self.draws)

    def over(self, level: float) -> Smallest:
        """Return the smallest set for the least kept level that is not below the one asked for."""
        return next((one for one in self.smallest if one.over >= level - _ROUNDING), self.smallest[-1])

    def to_json(self) -> dict[str, Any]:
        """Return everything as what JSON can hold."""
        return asdict(self)

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Attainment:
        """Return what :meth:`to_json` gave."""
        lists = {key: tuple(map(tuple, said[key])) for key in ("bands", "trend_bands", "every_bands")}
        return cls(
            **{
                **said,
                **lists,
                "target": Target(**said["target"]),
                "years": tuple(said["years"]),
                "dots": tuple(said["dots"]),
                "idle": tuple(said["idle"]),
                "parts": tuple(Part(**one) for one in said["parts"]),
                "smallest": tuple(
                    Smallest(**{**one, "names": tuple(one["names"])}) for one in said["smallest"]
                ),
            }
        )


def attainment(
    answer: Callable[[Scenario], Any],
    target: Target,
    measures: Sequence[Measure],
    scenario: Scenario,
    *,
    template: Scenario | None = None,
    levels: Sequence[float] = LEVELS,
    budget: int = BUDGET,
    progress: Callable[[int, int], None] | None = None,
) -> Attainment:
    """Say whether one target is reached; see :func:`attain`."""
    return attain(
        answer,
        [target],
        measures,
        scenario,
        template=template,
        levels=levels,
        budget=budget,
        progress=progress,
    )[0]


def attain(
    answer: Callable[[Scenario], Any],
    targets: Sequence[Target],
    measures: Sequence[Measure],
    scenario: Scenario,
    *,
    template: Scenario | None = None,
    levels: Sequence[float] = LEVELS,
    budget: int = BUDGET,
    progress: Callable[[int, int], None] | None = None,
) -> list[Attainment]:
    """Say of several targets whether they are reached; a set of measures is answered once for all of them.

    Parameters
    ----------
    answer : callable
        Scenario → outlook, always with the same draws and seed: :meth:`framsyn.outlook.desk.Desk.answer`, for instance.
    targets : sequence of Target
    measures : sequence of Measure
    scenario : Scenario
        What the probability is asked for. Its assumptions that measures move are left out of the trend.
    template : Scenario, optional
        Gives the full effect of assumptions that the scenario lacks.
    levels : sequence of float
        Probabilities over which the smallest set is looked for.
    budget : int
        Most sets over which the Shapley shares of one target are taken.
    progress : callable, optional
        Called with (done, total) targets; an exception that it raises stops the work.

    Returns
    -------
    list of Attainment
    """
    ordered = sorted(measures, key=lambda one: one.name)
    if len({one.name for one in ordered}) < len(ordered):
        names = [one.name for one in ordered]
        message = f"measures share a name: {', '.join(names)}. Give each its own."
        raise PlanError("duplicate-measure", message, got=names)
    boards = {
        year: Board(answer, [t for t in targets if t.year == year], ordered, scenario, template, year)
        for year in sorted({target.year for target in targets})
    }
    for target in targets:
        boards[target.year].narrow(target, moving_of(boards[target.year], target))
    found = []
    for number, target in enumerate(targets):
        if progress is not None:
            progress(number, len(targets))
        found.append(judge(boards[target.year], target, levels, budget))
    if progress is not None:
        progress(len(targets), len(targets))
    return found


def judge(board: Board, target: Target, levels: Sequence[float], budget: int) -> Attainment:
    """Judge one target on a board."""
    everything = frozenset(board.measures)
    none: Chosen = frozenset()
    scenario = board.paths(None, target)
    trend, all_of_them = board.paths(none, target), board.paths(everything, target)

    def chance(chosen: Chosen) -> float:
        return float(target.met(board.values(chosen & moving, target)).mean())

    def mean(chosen: Chosen) -> float:
        return float(board.values(chosen & moving, target).mean())

    moving = moving_of(board, target)
    alone = {name: board.values(frozenset({name}), target) for name in board.measures}
    last = {name: board.values(everything - {name}, target) for name in board.measures}
    every = chance(everything)
    nothing = float(target.met(trend[:, -1]).mean())
    shares, exact = shapley_shares(chance, sorted(moving), budget)
    moves, _ = shapley_shares(mean, sorted(moving), budget)
    parts = [
        Part(
            name=name,
            alone=float(target.met(alone[name]).mean()) - nothing,
            last=every - float(target.met(last[name]).mean()),
            share=shares[name],
            moves_alone=float(alone[name].mean() - trend[:, -1].mean()),
            moves_last=float(all_of_them[:, -1].mean() - last[name].mean()),
            moves=moves[name],
        )
        for name in sorted(moving)
    ]
    one_sided = all(
        (distance(target, alone[name]) <= distance(target, trend[:, -1]) + slack(trend)).all()
        and (distance(target, all_of_them[:, -1]) <= distance(target, last[name]) + slack(trend)).all()
        for name in moving
    )
    relevant = {name: board.measures[name] for name in sorted(moving)}
    return Attainment(
        target=target,
        draws=len(scenario),
        probability=float(target.met(scenario[:, -1]).mean()),
        trend=nothing,
        every=every,
        start=float(scenario[:, 0].mean()),
        centre=float(np.median(scenario[:, -1])),
        years=board.years,
        bands=bands_of(scenario),
        trend_bands=bands_of(trend),
        every_bands=bands_of(all_of_them),
        dots=tuple(float(value) for value in np.quantile(scenario[:, -1], (np.arange(DOTS) + 0.5) / DOTS)),
        parts=tuple(sorted(parts, key=lambda one: (-abs(one.share), -abs(one.moves), one.name))),
        idle=tuple(sorted(everything - moving)),
        one_sided=one_sided,
        exact=exact,
        smallest=tuple(find(chance, relevant, level, one_sided=one_sided) for level in levels),
    )


def moving_of(board: Board, target: Target) -> Chosen:
    """Return the measures that move a target in any draw, alone or on top of all others."""
    everything = frozenset(board.measures)
    none, every = board.paths(frozenset(), target)[:, -1], board.paths(everything, target)[:, -1]
    return frozenset(
        name
        for name in board.measures
        if differ(board.values(frozenset({name}), target), none)
        or differ(board.values(everything - {name}, target), every)
    )


def find(
    chance: Callable[[Chosen], float], measures: Mapping[str, Measure], over: float, *, one_sided: bool
) -> Smallest:
    """Find the smallest set over a level, or the best that there is."""
    chosen, method = smallest_set(chance, measures, over, one_sided=one_sided)
    if chosen is not None:
        return Smallest(over, tuple(sorted(chosen)), chance(chosen), reached=True, method=method)
    # Without a set that reaches the level: the fewest measures that reach the most there is.
    if method == "all":
        best, _ = smallest_set(chance, measures, most_of(chance, measures), one_sided=False)
    elif method == "bounds":
        best, _ = smallest_set(chance, measures, chance(frozenset(measures)), one_sided=True)
    else:
        best = frozenset(measures)
    best = best if best is not None else frozenset(measures)
    return Smallest(over, tuple(sorted(best)), chance(best), reached=False, method=method)


def most_of(chance: Callable[[Chosen], float], measures: Mapping[str, Measure]) -> float:
    """Return the greatest probability of any set."""
    names = sorted(measures)
    return max(
        chance(frozenset(name for i, name in enumerate(names) if number >> i & 1))
        for number in range(2 ** len(names))
    )


def slack(values: np.ndarray) -> float:
    """Return what is rounding in values of this size."""
    return float(_ROUNDING * max(1.0, np.abs(values).max()))


def differ(one: np.ndarray, other: np.ndarray) -> bool:
    """Tell whether any draw differs by more than rounding."""
    return bool((np.abs(one - other) > slack(other)).any())


def bands_of(paths: np.ndarray) -> tuple[tuple[float, ...], ...]:
    """Return the quantiles of the draws by year."""
    return tuple(tuple(map(float, row)) for row in np.quantile(paths, QUANTILES, axis=0))
