"""Sets of measures as scenarios: what measures give together of an assumption, and how a whole is shared out over them.

A measure brings a share of an assumption's full effect. Measures on one assumption leave each other only what is not
done yet, ``s = 1 − ∏ (1 − s_i)``, so that no share is counted twice; a set of measures is then a scenario like any
other, which can be written down and run.
"""

from __future__ import annotations

import itertools
import math
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from framsyn.errors import PlanError
from framsyn.scenario.distributions import Distribution, Fixed, Triangular
from framsyn.scenario.profiles import Points

if TYPE_CHECKING:
    from framsyn.scenario import Assumption, Scenario

__all__ = ["Effect", "Measure", "combine", "scenario_of", "shapley_shares", "smallest_set", "trend_of"]

Chosen = frozenset[str]
Value = Callable[[Chosen], float]


@dataclass(frozen=True)
class Effect:
    """What a measure gives of an assumption's full effect.

    Parameters
    ----------
    assumption : str
    low, mode, high : float [1]
        Share of the full effect once the measure is in place: least, most likely and most; 0–1, in this order.
    start, end : int
        Last year without effect, and first year with all of it; a straight line between them.

    Examples
    --------
    >>> Effect("home_hospital", 0.1, 0.2, 0.4, 2026, 2030).at(2028)
    (0.05, 0.1, 0.2)
    """

    assumption: str
    low: float
    mode: float
    high: float
    start: int
    end: int

    def __post_init__(self) -> None:
        got = [self.low, self.mode, self.high]
        if not all(map(math.isfinite, got)) or not 0 <= self.low <= self.mode <= self.high <= 1:
            message = (
                f'effect on "{self.assumption}": low {self.low:g}, mode {self.mode:g}, high {self.high:g}; a share of the '
                "full effect lies in 0–1, in this order. Write 0.3 for 30 %."
            )
            raise PlanError("effect-share", message, assumption=self.assumption, got=got, expected=[0, 1])
        if not self.start < self.end:
            message = (
                f'effect on "{self.assumption}": from {self.start} to {self.end}; the first year with the whole effect '
                "comes after the last year without any. Write for instance start = 2026 and end = 2029."
            )
            raise PlanError(
                "effect-years", message, assumption=self.assumption, got=[self.start, self.end], expected="start < end"
            )  # fmt: skip

    def ramp(self, year: int) -> float:
        """Return how much of the measure's share has come by a year [1]."""
        return min(max((year - self.start) / (self.end - self.start), 0.0), 1.0)

    def at(self, year: int) -> tuple[float, float, float]:
        """Return low, mode and high of the share that has come by a year [1]."""
        come = self.ramp(year)
        return self.low * come, self.mode * come, self.high * come


@dataclass(frozen=True)
class Measure:
    """A measure with what it moves and what it takes.

    Parameters
    ----------
    name : str
    effects : tuple of Effect
    cost : float [MNOK]
        0 where nothing is told.
    fte : float [FTE]
    """

    name: str
    effects: tuple[Effect, ...] = ()
    cost: float = 0.0
    fte: float = 0.0


def combine(shares: Iterable[float]) -> float:
    """Return what several shares of one whole make together [1]: overlap counts once.

    ``s = 1 − ∏ (1 − s_i)``

    >>> combine([0.5, 0.5]), combine([0.3]), combine([])
    (0.75, 0.3, 0.0)
    """
    shares = sorted(shares)  # the same product to the last digit, whatever the order
    return shares[0] if len(shares) == 1 else 1.0 - math.prod(1.0 - share for share in shares)


def trend_of(scenario: Scenario, measures: Iterable[Measure]) -> Scenario:
    """Return the scenario without the assumptions that the measures move."""
    moved = {effect.assumption for measure in measures for effect in measure.effects}
    return kept(scenario, [a for a in scenario.assumptions if a.name not in moved])


def scenario_of(
    scenario: Scenario,
    measures: Sequence[Measure],
    chosen: Iterable[str],
    year: int,
    template: Scenario | None = None,
) -> Scenario:
    """Return the scenario in which a set of measures, and nothing else, moves the assumptions that measures move.

    At ``year`` the realisation of an assumption is what the chosen measures give together. Before it, the effect grows
    as that of all measures together does: one course for every set, so that a larger set is nowhere behind a smaller
    one. After it the effect stays.

    Parameters
    ----------
    scenario : Scenario
    measures : sequence of Measure
        All measures that are weighed.
    chosen : iterable of str
        Names of those that are carried out.
    year : int
        Year that is judged.
    template : Scenario, optional
        Gives the full effect of an assumption that the scenario lacks.

    Returns
    -------
    Scenario
    """
    names = frozenset(chosen)
    known = {a.name for a in scenario.assumptions}
    more = [] if template is None else [a for a in template.assumptions if a.name not in known]
    moved = {effect.assumption for measure in measures for effect in measure.effects}
    own: list[Assumption] = []
    for a in (*scenario.assumptions, *more):
        if a.name not in moved:
            if a.name in known:
                own.append(a)
            continue
        every = [e for m in measures for e in m.effects if e.assumption == a.name]
        active = [e for m in measures if m.name in names for e in m.effects if e.assumption == a.name]
        size = realisation(active, year)
        if size is not None:
            own.append(a.model_copy(update={"realisation": size, "profile": course(every, year)}))
    return kept(scenario, own)


def realisation(effects: Sequence[Effect], year: int) -> Distribution | None:
    """Return what effects on one assumption give together in a year; None for nothing."""
    ends = [effect.at(year) for effect in effects]
    low, mode, high = (combine(end[i] for end in ends) for i in range(3))
    if high <= 0:
        return None
    return (
        Fixed(value=mode) if low == high else Triangular(low=low, mode=min(max(mode, low), high), high=high)
    )


def course(effects: Sequence[Effect], year: int) -> Points:
    """Return how the joint effect of all measures on an assumption grows until a year, at which it counts as whole."""
    first = min(effect.start for effect in effects)
    years = list(range(min(first, year - 1), year + 1))
    heights = [combine(e.mode * e.ramp(t) if e.mode else e.ramp(t) for e in effects) for t in years]
    whole = heights[-1]
    shares = [min(height / whole, 1.0) if whole > 0 else 0.0 for height in heights]
    return Points(years=tuple(years), shares=(*shares[:-1], 1.0))


def kept(scenario: Scenario, assumptions: Sequence[Assumption]) -> Scenario:
    """Return a scenario with other assumptions; each of them is sound already."""
    return scenario.model_copy(update={"assumptions": tuple(assumptions)})


def shapley_shares(value: Value, names: Sequence[str], budget: int) -> tuple[dict[str, float], bool]:
    """Share out what all measures make together against none, so that the shares add up to it.

    Exact over all sets while there are at most ``budget`` of them; else over orders drawn with a seed of the names' own
    and their mirror images, each of which adds up as well.

    Parameters
    ----------
    value : callable
        Set of names → value.
    names : sequence of str
    budget : int
        Most sets that are evaluated.

    Returns
    -------
    shares : dict of str to float
    exact : bool

    Examples
    --------
    >>> value = {frozenset(): 0.0, frozenset("a"): 3.0, frozenset("b"): 1.0, frozenset("ab"): 3.0}
    >>> shapley_shares(value.__getitem__, ["a", "b"], 16)
    ({'a': 2.5, 'b': 0.5}, True)
    """
    ordered = sorted(names)
    count = len(ordered)
    if 2**count <= budget:
        shares = dict.fromkeys(ordered, 0.0)
        for name in ordered:
            others = [other for other in ordered if other != name]
            for size in range(count):
                weight = math.factorial(size) * math.factorial(count - size - 1) / math.factorial(count)
                for some in itertools.combinations(others, size):
                    before = frozenset(some)
                    shares[name] += weight * (value(before | {name}) - value(before))
        return shares, True
    generator = np.random.default_rng(zlib.crc32("\n".join(ordered).encode()))
    pairs = max(1, budget // (2 * count))
    total = dict.fromkeys(ordered, 0.0)
    for _ in range(pairs):
        order = [ordered[i] for i in generator.permutation(count)]
        for way in (order, order[::-1]):
            before = frozenset[str]()
            for name in way:
                total[name] += value(before | {name}) - value(before)
                before = before | {name}
    return {name: found / (2 * pairs) for name, found in total.items()}, False


def smallest_set(
    value: Value,
    measures: Mapping[str, Measure],
    over: float,
    *,
    one_sided: bool,
    most: int = 12,
) -> tuple[Chosen | None, str]:
    """Find the fewest measures whose value reaches a level; of several such sets the cheapest, then that of least FTE.

    Parameters
    ----------
    value : callable
        Set of names → value.
    measures : mapping of str to Measure
    over : float
        Level that is to be reached.
    one_sided : bool
        No measure lowers the value. What a set does not reach, no part of it reaches, and those parts are not tried.
    most : int
        Up to so many measures sets are enumerated; with more, measures are added one at a time.

    Returns
    -------
    chosen : frozenset of str or None
        None when no set reaches the level.
    method : {"all", "bounds", "greedy"}
        Every set tried; sets left out that the bound excludes; one measure added at a time, perhaps not the fewest.
    """
    ordered = sorted(measures)
    if len(ordered) > most:
        return greedy_set(value, measures, over), "greedy"
    everything = frozenset(ordered)
    failing: list[Chosen] = []
    if one_sided:
        if value(everything) < over:
            return None, "bounds"
        if value(frozenset()) < over:
            failing = [part for name in ordered if value(part := everything - {name}) < over]
    for size in range(len(ordered) + 1):
        winners = []
        for some in itertools.combinations(ordered, size):
            chosen = frozenset(some)
            if one_sided and any(chosen <= part for part in failing):
                continue
            if value(chosen) >= over:
                winners.append(chosen)
        if winners:
            return min(winners, key=lambda one: price(one, measures)), "bounds" if one_sided else "all"
    return None, "bounds" if one_sided else "all"


def greedy_set(value: Value, measures: Mapping[str, Measure], over: float) -> Chosen | None:
    """Add the measure that helps most until the level is reached, then take out what is not needed."""
    chosen = frozenset[str]()
    while value(chosen) < over:
        left = [chosen | {name} for name in sorted(measures.keys() - chosen)]
        if not left:
            return None
        chosen = min(left, key=lambda one: (-value(one), price(one, measures)))
    for name in sorted(chosen, key=lambda one: (-measures[one].cost, -measures[one].fte, one)):
        if value(chosen - {name}) >= over:
            chosen = chosen - {name}
    return chosen


def price(chosen: Chosen, measures: Mapping[str, Measure]) -> tuple[float, float, tuple[str, ...]]:
    """Return what a set costs [MNOK], what it takes [FTE], and its names, to break ties by."""
    ordered = sorted(chosen)
    return (
        math.fsum(measures[name].cost for name in ordered),
        math.fsum(measures[name].fte for name in ordered),
        tuple(ordered),
    )
