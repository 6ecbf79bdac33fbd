"""Laws of attainment: the trend, the whole, the order, the overlap and the shares, on small cases and on the region."""

from __future__ import annotations

import itertools
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from framsyn.analyses.attainment import Effect, Measure, Target, attain, attainment
from framsyn.analyses.attainment_sets import combine, scenario_of, shapley_shares, smallest_set, trend_of
from framsyn.scenario import Scenario
from framsyn.stages.draws import Draws

YEARS = np.arange(2025, 2031)
DRAWS, SEED = 40, 7
NAMES = ("home_hospital", "work_processes", "less_overtreatment")  # each lowers, in every draw
PLAN = Scenario.load("plan")
SMALL = PLAN.model_copy(update={"assumptions": tuple(PLAN.assumption(name) for name in NAMES)})
CASES = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


class SmallOutlook:
    """An outlook of one quantity that every assumption multiplies, with the engine's own random streams."""

    def __init__(self, scenario: Scenario) -> None:
        draws = Draws.range(SEED, 0, DRAWS)
        values = 100.0 * np.exp(0.03 * draws.normals("chance", (len(YEARS),)))
        for assumption in scenario.assumptions:
            values = values * (1 + draws.effect(assumption, YEARS))
        self.values = values

    def draws(self, name: str, by: Any, where: Any = None) -> xr.DataArray:
        """Return the one quantity."""
        return xr.DataArray(self.values, dims=("draw", "year"), coords={"year": YEARS})


def target(value: float, kind: str = "reach_at_most") -> Target:
    """Return what is to be reached in 2030."""
    return Target("beds", {}, "region", 2030, kind, value)


def shares() -> st.SearchStrategy[tuple[float, float, float]]:
    """Return three shares in their order, the last above nothing."""
    share = st.floats(0, 1, allow_nan=False).map(lambda x: round(x, 3))
    return st.tuples(share, share, share.map(lambda x: max(x, 0.01))).map(
        lambda found: tuple(sorted(found))  # type: ignore[return-value]
    )


@st.composite
def effects(draw: Any, name: str | None = None) -> Effect:
    """Return what a measure gives of an assumption."""
    low, mode, high = draw(shares())
    start = draw(st.integers(2022, 2029))
    assumption = name or draw(st.sampled_from(NAMES))
    return Effect(assumption, low, mode, high, start, start + draw(st.integers(1, 7)))


@st.composite
def plans(draw: Any, most: int = 4) -> list[Measure]:
    """Return measures, each with one or two effects."""
    found = []
    for number in range(draw(st.integers(1, most))):
        names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=2, unique=True))
        found.append(
            Measure(
                f"m{number}",
                tuple(draw(effects(name)) for name in names),
                draw(st.integers(0, 3)),
                draw(st.integers(0, 2)),
            )
        )
    return found


targets = st.floats(75, 105).map(lambda x: target(round(x, 1)))


@CASES
@given(plans(), targets)
def test_without_a_measure_the_chance_is_the_trends(measures: list[Measure], goal: Target) -> None:
    moved = {effect.assumption for one in measures for effect in one.effects}
    left = SMALL
    for name in moved:
        left = left.without(name)
    trend = goal.met(SmallOutlook(left).values[:, -1]).mean()
    assert attainment(SmallOutlook, goal, measures, SMALL).trend == trend
    assert scenario_of(SMALL, measures, (), 2030).digest() == trend_of(SMALL, measures).digest()
    assert (
        attainment(SmallOutlook, goal, [], SMALL).trend
        == attainment(SmallOutlook, goal, [], SMALL).probability
    )


@CASES
@given(plans(), targets)
def test_with_all_measures_no_draw_is_behind_any_part_of_them(measures: list[Measure], goal: Target) -> None:
    names = [one.name for one in measures]
    every = SmallOutlook(scenario_of(SMALL, measures, names, 2030)).values
    found = attainment(SmallOutlook, goal, measures, SMALL)
    assert found.one_sided
    for size in range(len(names)):
        for some in itertools.combinations(names, size):
            part = SmallOutlook(scenario_of(SMALL, measures, some, 2030)).values
            assert (every <= part + 1e-9).all()  # in every draw and every year
            assert found.every >= goal.met(part[:, -1]).mean()


@CASES
@given(plans(), targets, st.randoms(use_true_random=False))
def test_the_order_of_measures_does_not_matter(measures: list[Measure], goal: Target, random: Any) -> None:
    other = list(measures)
    random.shuffle(other)
    assert attainment(SmallOutlook, goal, other, SMALL) == attainment(SmallOutlook, goal, measures, SMALL)


@CASES
@given(st.lists(shares(), min_size=2, max_size=4), st.integers(2025, 2028), st.integers(1, 5))
def test_overlap_counts_once(given_shares: list[Any], start: int, length: int) -> None:
    measures = [
        Measure(f"m{i}", (Effect("home_hospital", *one, start, start + length),))
        for i, one in enumerate(given_shares)
    ]
    names = [one.name for one in measures]
    together = scenario_of(SMALL, measures, names, 2030)
    ramp = min((2030 - start) / length, 1.0)
    joint = [1 - np.prod([1 - one[i] * ramp for one in given_shares]) for i in range(3)]
    reach = together.assumption("home_hospital").realisation.reach
    assert reach == pytest.approx((joint[0], joint[2]))
    alone = [scenario_of(SMALL, measures, [name], 2030).assumption("home_hospital") for name in names]
    assert reach[1] <= min(1.0, sum(one.realisation.reach[1] for one in alone)) + 1e-12
    assert all(reach[1] >= one.realisation.reach[1] - 1e-12 for one in alone)


@given(st.lists(st.floats(0, 1), max_size=6), st.floats(0, 1))
def test_what_is_combined_is_a_share_that_more_does_not_lower(parts: list[float], more: float) -> None:
    assert 0 <= combine(parts) <= 1
    assert combine([*parts, more]) >= combine(parts) - 1e-12
    assert combine(parts) == combine(parts[::-1])
    assert combine(parts) <= sum(parts) + 1e-12


@CASES
@given(plans(), targets, st.sampled_from([2, 16, 256]))
def test_fair_shares_add_up(measures: list[Measure], goal: Target, budget: int) -> None:
    found = attainment(SmallOutlook, goal, measures, SMALL, budget=budget)
    assert sum(part.share for part in found.parts) == pytest.approx(found.every - found.trend, abs=1e-12)
    means = [
        SmallOutlook(scenario_of(SMALL, measures, chosen, 2030)).values[:, -1].mean()
        for chosen in ([one.name for one in measures], [])
    ]
    assert sum(part.moves for part in found.parts) == pytest.approx(means[0] - means[1], abs=1e-9)
    assert {part.name for part in found.parts} | set(found.idle) == {one.name for one in measures}


values = st.dictionaries(st.integers(0, 15), st.integers(0, 20), min_size=16, max_size=16)
prices = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=4, max_size=4)


@given(values, st.integers(0, 21), prices)
def test_the_smallest_set_is_the_smallest_then_the_cheapest(
    known: dict[int, int], over: int, costs: list[tuple[int, int]]
) -> None:
    names = "abcd"
    measures = {name: Measure(name, (), *cost) for name, cost in zip(names, costs, strict=True)}

    def value(chosen: frozenset[str]) -> float:
        return known[sum(1 << names.index(name) for name in chosen)]

    every = [frozenset(some) for size in range(5) for some in itertools.combinations(names, size)]
    found, method = smallest_set(value, measures, over, one_sided=False)
    fit = [one for one in every if value(one) >= over]
    assert method == "all"
    if not fit:
        assert found is None
        return
    assert found is not None

    def price(one: frozenset[str]) -> tuple[int, float, float]:
        return len(one), sum(measures[n].cost for n in one), sum(measures[n].fte for n in one)

    assert price(found) == min(map(price, fit))


@given(st.lists(st.integers(0, 6), min_size=4, max_size=4), st.integers(0, 20), prices)
def test_bounds_leave_out_nothing_that_could_win(
    weights: list[int], over: int, costs: list[tuple[int, int]]
) -> None:
    names = "abcd"
    measures = {name: Measure(name, (), *cost) for name, cost in zip(names, costs, strict=True)}

    def value(chosen: frozenset[str]) -> float:
        return sum(weights[names.index(name)] for name in chosen)

    bounded = smallest_set(value, measures, over, one_sided=True)
    assert bounded == (smallest_set(value, measures, over, one_sided=False)[0], "bounds")
    greedy, method = smallest_set(value, measures, over, one_sided=True, most=3)
    assert method == "greedy"
    assert (greedy is None) == (bounded[0] is None)
    assert greedy is None or value(greedy) >= over


@given(values)
def test_sampled_orders_add_up_too(known: dict[int, int]) -> None:
    names = "abcd"

    def value(chosen: frozenset[str]) -> float:
        return known[sum(1 << names.index(name) for name in chosen)]

    for budget in (8, 16):
        shares_found, exact = shapley_shares(value, names, budget)
        assert exact == (budget == 16)
        assert sum(shares_found.values()) == pytest.approx(value(frozenset(names)) - value(frozenset()))


# ---------------------------------------------------------------- the region that comes along
SOM = {"service_area": "SOM"}
PER_1000 = Target(
    "bed_days", SOM, "region", 2030, "reach_at_most", 683.0, per="population", factor=1000.0
)  # fmt: skip
RESULT = Target("result", {}, "region", 2030, "reach_at_least", 0.0)


@pytest.fixture(scope="module")
def shipped_plan(midt: Any) -> Any:
    """Return the region's desk, its plan, and the plan's measures."""
    from framsyn.outlook.desk import Desk
    from framsyn.web.plan.content import read_content

    content = read_content(midt.folder / "plan")
    by_name = {one.id: one for one in content.measures}
    measures: dict[str, list[Effect]] = {}
    for one in content.effects:
        effect = Effect(one.assumption, one.low, one.mode, one.high, one.start, one.end)
        measures.setdefault(one.measure, []).append(effect)
    plan = Scenario.load("plan", region=midt)
    desk = Desk.open(midt, plan, draws=30, seed=1, until=2030)
    return SimpleNamespace(
        desk=desk,
        plan=plan,
        measures=[
            Measure(name, tuple(found), by_name[name].cost_mnok or 0, by_name[name].fte or 0)
            for name, found in measures.items()
        ],
    )


def test_the_region_keeps_the_same_laws(shipped_plan: Any) -> None:
    chosen = [
        one
        for one in shipped_plan.measures
        if one.name in ("home-hospital", "same-day-chest-pain", "low-value-care")
    ]
    per_1000, result = attain(shipped_plan.desk.answer, [PER_1000, RESULT], chosen, shipped_plan.plan)
    left = shipped_plan.plan
    for name in ("home_hospital", "work_processes", "less_overtreatment"):
        left = left.without(name)
    answer = shipped_plan.desk.answer(left)
    days = answer.draws("bed_days", ("year",), SOM).sel(year=2030).values
    people = answer.draws("population", ("year",)).sel(year=2030).values
    assert per_1000.trend == PER_1000.met(1000 * days / people).mean()
    assert result.trend == RESULT.met(answer.draws("result", ("year",)).sel(year=2030).values).mean()
    assert per_1000.one_sided  # fewer bed days in every draw, whichever measure comes first
    names = [one.name for one in chosen]
    for size in range(3):
        for some in itertools.combinations(names, size):
            part = shipped_plan.desk.answer(scenario_of(shipped_plan.plan, chosen, some, 2030))
            values = 1000 * part.draws("bed_days", ("year",), SOM).sel(year=2030).values / people
            assert per_1000.every >= PER_1000.met(values).mean()
    again = attain(shipped_plan.desk.answer, [RESULT, PER_1000], chosen[::-1], shipped_plan.plan)
    assert again == [result, per_1000]
    for found in (per_1000, result):
        assert sum(part.share for part in found.parts) == pytest.approx(found.every - found.trend, abs=1e-12)


def test_in_the_region_two_measures_on_one_assumption_overlap_once(shipped_plan: Any) -> None:
    both = [one for one in shipped_plan.measures if one.name in ("task-sharing", "imaging-ai")]
    assert {effect.assumption for one in both for effect in one.effects} == {"productivity_growth"}
    found = attainment(shipped_plan.desk.answer, RESULT, both, shipped_plan.plan)
    alone = sum(part.moves_alone for part in found.parts)
    together = sum(part.moves for part in found.parts)
    assert 0 < together < alone
