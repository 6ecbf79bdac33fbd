"""Promise: cells give the distribution of a row method on 500 000 rows, at least 1 000 times faster per draw.

The row method is our own imitation of how the English demand model works, written from its public description and labelled
so wherever it is shown; none of its code is here. One row is one stay, day treatment or contact. In every draw each row
gets the product of its factors, a Poisson number says how often it happens in the horizon year, rows are multiplied out,
and pandas adds them up. Framsyn gets the same rows added up once to rates by service, measure, sex and age, the same people
and the same factors in every draw, and variance equal to the mean, as a Poisson number has.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from benchmarks.measuring import Figure, median, seconds

__all__ = ["Case", "measure"]

TIMES, MEANS, TAILS = 1000.0, 0.005, 0.01
HORIZON = 2040
KINDS = {0: "stays", 2: "day_treatments", 3: "outpatient_contacts"}  # place among the measures; bed days are no rows
SMALLEST = 2_000  # rows of a service from which its tails are compared: below, 300 draws do not tell 1 % from luck


@dataclass(frozen=True)
class Case:
    """The same input for both methods.

    Attributes
    ----------
    rows : DataFrame
        service, measure, sex, age, area: one row per stay, day treatment or contact of the base year.
    people : array [person], (draw, area, sex, age)
        In the horizon year.
    base : array [person], (sex, age)
        In the base year.
    touched : list of array of int
        Rows that each assumption touches.
    paths : array [1], (assumption, draw)
        Effects in the horizon year.
    inputs, draws : ActivityInputs, Draws
        The same for Framsyn.
    """

    rows: Any
    people: np.ndarray
    base: np.ndarray
    touched: list[np.ndarray]
    paths: np.ndarray
    inputs: Any
    draws: Any


def measure(quick: bool = False) -> Iterator[Figure]:
    """Yield the figures."""
    count, draws, timed, until = (5_000, 20, 2, 2027) if quick else (500_000, 300, 9, HORIZON)
    case, chain = make_case(count, draws, until)
    by_cells, expected = cells(case, until)
    by_rows = np.stack([lean_row_draw(case, d) for d in range(draws)])
    multiplied = row_draw(case, 0)
    if not np.array_equal(multiplied["service"], by_rows[0]):
        message = "the row method with and without rows multiplied out must give the same numbers"
        raise AssertionError(message)
    yield from likeness(case, by_rows, by_cells, expected)

    slow = median([seconds(lambda d=d: row_draw(case, d)) for d in range(timed)])
    lean = median([seconds(lambda d=d: lean_row_draw(case, d)) for d in range(timed)])
    quick_step = median([seconds(lambda: cells(case, until)) for _ in range(3)]) / draws
    what = f"{count:,} rows, {len(case.touched)} change factors and one for demography, horizon year {until}, one thread"
    yield Figure("row method (our imitation), per draw", 1e3 * slow, "ms", note=what)
    yield Figure("row method without multiplying rows out, per draw", 1e3 * lean, "ms", note="the leanest that we can write")
    yield Figure(
        "cells, the same step, per draw",
        1e3 * quick_step,
        "ms",
        note=f"from people and factors to activity with chance by service and trust, and by municipality's means; {draws} draws",
    )
    yield Figure(
        "rows against cells, the same step",
        slow / quick_step,
        "×",
        limit=TIMES,
        better="higher",
        note="time per draw of the row method over that of cells, both on one thread",
    )
    yield Figure("lean rows against cells, the same step", lean / quick_step, "×", note="without rows multiplied out")
    yield from whole_chain(chain, slow, draws, until)


def make_case(count: int, draws: int, until: int) -> tuple[Case, Any]:
    """Draw rows from the region's own use, and put people and factors of every draw beside them."""
    import pandas as pd

    import framsyn
    from framsyn.outlook.run import prepare_chain
    from framsyn.stages.cells import matching_measures, matching_services
    from framsyn.stages.draws import Draws
    from framsyn.stages.population import project_population

    region = framsyn.Region.load("midt-norge")
    plan = framsyn.Scenario.load("plan", region=region)
    for assumption in plan.assumptions:
        if assumption.kind != "factor" or assumption.target.trust or assumption.target.area:
            plan = plan.without(assumption.name)
    chain = prepare_chain(region, plan, until)
    every = Draws.range(1, 0, draws)
    population = project_population(chain.people, plan, every, until, areas=region.areas)["population"].values

    real, measures = len(region.services), np.array(list(KINDS))
    shown = chain.use.use[:real][:, measures].reshape(real, len(KINDS), 1, 2, 106) * chain.people.base
    found = np.random.default_rng(500).multinomial(count, (shown / shown.sum()).ravel())
    index = np.unravel_index(np.repeat(np.arange(found.size), found), shown.shape)
    service, kind, area, sex, age = (column.astype(np.int64) for column in index)
    columns = {"service": service, "measure": measures[kind], "sex": sex, "age": age, "area": area}
    touched, paths = [], []
    for a in plan.assumptions:
        low, high = a.target.age or (0, 105)
        inside = np.isin(columns["measure"], matching_measures(a)) & (age >= low) & (age <= high)
        inside &= matching_services(region, a)[service]
        if inside.any():
            touched.append(np.flatnonzero(inside))
            paths.append(every.effect(a, np.array([until]))[:, 0])

    base = chain.people.base.sum(axis=0)
    use = np.zeros_like(chain.use.use)
    np.add.at(use, (service, columns["measure"], sex * 106 + age), 1.0)
    use = np.divide(use, base.ravel(), out=np.zeros_like(use), where=base.ravel() > 0)
    inputs = replace(chain.use, use=use, overdispersion=np.ones_like(chain.use.overdispersion))
    people = np.ascontiguousarray(population[:, -1])
    return Case(pd.DataFrame(columns), people, base, touched, np.stack(paths), inputs, every), chain


# ---------------------------------------------------------------- the row method
def row_factors(case: Case, draw: int) -> np.ndarray:
    """Multiply out the factors of every row: demography by sex and age, then each change factor on the rows it touches."""
    now = case.people[draw].sum(axis=0)
    growth = np.divide(now, case.base, out=np.zeros_like(now), where=case.base > 0)
    factor = growth[case.rows["sex"].to_numpy(), case.rows["age"].to_numpy()]
    for rows, effect in zip(case.touched, case.paths[:, draw], strict=True):
        factor[rows] *= 1.0 + effect
    return factor


def row_draw(case: Case, draw: int) -> dict[str, np.ndarray]:
    """Run one draw: factors, a Poisson number per row, rows multiplied out, added up by pandas in three ways."""
    times = np.random.default_rng([1, draw]).poisson(row_factors(case, draw))
    happened = case.rows.loc[case.rows.index.repeat(times)].reset_index(drop=True)
    by_service = happened.groupby(["service", "measure"], sort=True).size()
    return {
        "service": by_service.groupby(level="service").sum().reindex(range(services_of(case)), fill_value=0).to_numpy(),
        "area": happened.groupby(["area", "measure"], sort=True).size().to_numpy(),
        "age": happened.groupby(["sex", "age"], sort=True).size().to_numpy(),
    }


def lean_row_draw(case: Case, draw: int) -> np.ndarray:
    """Return the same numbers by service without multiplying rows out and without pandas."""
    times = np.random.default_rng([1, draw]).poisson(row_factors(case, draw))
    return np.bincount(case.rows["service"].to_numpy(), weights=times, minlength=services_of(case))


def services_of(case: Case) -> int:
    """Return how many services there are; the service areas' patients stand behind them and have no rows."""
    return len(case.inputs.use) - len(case.inputs.flows)


# ---------------------------------------------------------------- Framsyn on the same input
def cells(case: Case, until: int) -> tuple[np.ndarray, np.ndarray]:
    """Run the activity of the horizon year through Framsyn's own steps, all draws.

    Returns
    -------
    counts, means : array [activity per year], (draw, service)
        With and without chance.
    """
    from framsyn.outlook.executors import single_threaded_blas
    from framsyn.stages import activity
    from framsyn.stages.cells import build_factors

    people = case.people[:, None]
    trusts = case.inputs.trust_count.shape[-1]
    with single_threaded_blas():
        grid = build_factors(case.inputs.plan, case.draws, np.array([until]))
        class_people, _ = activity.group_people(people, case.inputs)
        raw, need, _ = activity.expected_use(people, class_people, case.inputs, grid)
    measures, patients, _ = activity.gather_trusts(raw, need, case.inputs, trusts)
    means = measures.sum(axis=(1, 3, 4))
    # No year of this slice is the counted one: every year has chance.
    activity.add_chance(measures, patients, case.inputs, case.draws, base=slice(0, 0))
    return measures.sum(axis=(1, 3, 4)), means


# ---------------------------------------------------------------- beside each other
def likeness(case: Case, by_rows: np.ndarray, by_cells: np.ndarray, means: np.ndarray) -> Iterator[Figure]:
    """Yield how far the two distributions are apart."""
    draws = len(by_rows)
    service = case.rows["service"].to_numpy()
    exact = [np.bincount(service, row_factors(case, d), minlength=services_of(case)) for d in range(min(draws, 10))]
    some = np.array(exact)
    apart = np.abs(np.divide(means[: len(some)], some, out=np.ones_like(some), where=some > 0) - 1).max()
    yield Figure(
        "rows and cells: expected activity given the factors",
        float(apart),
        "1",
        limit=1e-9,
        note=f"largest relative difference over {len(some)} draws and {some.shape[1]} services: the same sum in another order",
    )
    rows = np.bincount(service, minlength=services_of(case))
    large = rows >= min(SMALLEST, len(service) // 100)
    left = np.column_stack([by_rows[:, large], by_rows.sum(axis=1)])
    right = np.column_stack([by_cells[:, large], by_cells.sum(axis=1)])
    what = f"{draws} draws with the same people and factors; {large.sum()} of {len(rows)} services and their sum"
    mean = np.abs(right.mean(axis=0) / left.mean(axis=0) - 1)
    tails = np.abs(np.quantile(right, (0.1, 0.9), axis=0) / np.quantile(left, (0.1, 0.9), axis=0) - 1)
    yield Figure("rows and cells: means", 100 * float(mean.max()), "%", limit=100 * MEANS, note=f"largest, {what}")
    yield Figure("rows and cells: p10 and p90", 100 * float(tails.max()), "%", limit=100 * TAILS, note=f"largest, {what}")
    yield Figure("rows and cells: p10 and p90 of the sum", 100 * float(tails[:, -1].max()), "%", limit=100 * TAILS)
    yield Figure("rows and cells: spread", 100 * float(np.abs(right.std(0) / left.std(0) - 1).max()), "%", note="largest")


def whole_chain(chain: Any, slow: float, draws: int, until: int) -> Iterator[Figure]:
    """Yield what the whole chain costs per draw against one draw of rows."""
    from framsyn.outlook.run import run

    def once() -> None:
        run(chain.region, chain.scenario, draws=draws, until=until, workers=1)

    once()
    whole = seconds(once) / draws
    years = until - chain.people.base_year + 1
    yield Figure(
        "rows against the whole chain",
        slow / whole,
        "×",
        note=f"one draw of rows (one year's activity) over one draw of people, activity, capacity, staff, money and climate "
        f"in all {years} years, one thread",
    )
    yield Figure(
        "rows against the whole chain, per year",
        slow / whole * years,
        "×",
        note="the same, if rows were run for every year",
    )
