"""Promise: cells give the distribution of a row method on 500 000 rows, at least 1 000 times faster per draw.

The row method is our own imitation of how the English demand model works, written from its public description and labelled
so wherever it is shown; none of its code is here. One row is one stay, day treatment or contact. In every draw each row
gets the product of its factors (tables joined by pandas), a Poisson number says how often it happens in the horizon year,
rows are multiplied out, and pandas adds them up. Framsyn gets the same rows added up once to rates by service, measure, sex
and age, the same people and factors in every draw, and variance equal to the mean, as a Poisson number has.

The row method is also measured as quick as we can make it, so that nobody takes the ratio for more than it is.
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
IMITATION = "row method (our imitation)"
KINDS = (
    0,
    2,
    3,
)  # stays, day treatments, outpatient contacts by their place among the measures; bed days are no rows
SEXES = ("male", "female")
SMALLEST = 2_000  # rows of a service from which its tails are compared: below, some hundred draws do not tell 1 % from luck


@dataclass(frozen=True)
class Case:
    """The same input for both methods.

    Attributes
    ----------
    rows : DataFrame
        service, measure, sex, age, area as whole numbers: one row per stay, day treatment or contact of the base year.
    labelled : DataFrame
        The same rows with labels, as they would be read from a file.
    services : list of str
    strategies : DataFrame
        Which assumption touches which row: index row, column name.
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
    labelled: Any
    services: list[str]
    strategies: Any
    people: np.ndarray
    base: np.ndarray
    touched: list[np.ndarray]
    paths: np.ndarray
    inputs: Any
    draws: Any


def measure(quick: bool = False) -> Iterator[Figure]:
    """Yield the figures."""
    count, draws, timed, until = (5_000, 20, 2, 2027) if quick else (500_000, 600, 7, HORIZON)
    case, chain = make_case(count, draws, until)
    by_cells, expected = cells(case, until)
    by_rows = np.stack([lean_row_draw(case, d) for d in range(draws)])
    for method, labels in ((row_draw, case.services), (tuned_row_draw, range(len(case.services)))):
        sums = method(case, 0)["service"].reindex(labels, fill_value=0).to_numpy()
        if (
            np.abs(sums - by_rows[0]).max() > 3
        ):  # another order of multiplying may move a Poisson number by one
            message = f"{method.__name__} and lean_row_draw take the same numbers and must give the same sums"
            raise AssertionError(message)
    yield from likeness(case, by_rows, by_cells, expected)

    def per_draw(method: Any) -> float:
        return median([seconds(lambda d=d: method(case, d)) for d in range(timed)])

    slow, tuned, lean = (per_draw(method) for method in (row_draw, tuned_row_draw, lean_row_draw))
    step = median([seconds(lambda: cells(case, until)) for _ in range(5)]) / draws
    what = (
        f"{count:,} rows, demography and {len(case.touched)} change factors, horizon year {until}, one thread"
    )
    yield Figure(
        f"{IMITATION}, per draw",
        1e3 * slow,
        "ms",
        note=f"{what}; factor tables joined by pandas, as published",
    )
    yield Figure(
        "rows tuned by us, per draw",
        1e3 * tuned,
        "ms",
        note="whole-number codes, rows of every factor found before",
    )
    yield Figure(
        "rows at their leanest, per draw",
        1e3 * lean,
        "ms",
        note="not multiplied out, no pandas, sums by service",
    )
    yield Figure(
        "cells, the same step, per draw",
        1e3 * step,
        "ms",
        note=f"Framsyn's own steps from people and factors to activity with chance by service, measure and trust, need, "
        f"patients, and expected activity by municipality; {draws} draws at once, one thread",
    )
    note = "time per draw over that of cells, the same step, both on one thread"
    yield Figure(f"{IMITATION} against cells", slow / step, "×", limit=TIMES, better="higher", note=note)
    yield Figure("rows tuned by us against cells", tuned / step, "×", better="higher", note=note)
    yield Figure("rows at their leanest against cells", lean / step, "×", better="higher", note=note)
    yield from whole_chain(chain, slow, draws, until)
    yield from moved_lever(chain, slow, tuned, draws, until)


def make_case(count: int, draws: int, until: int) -> tuple[Case, Any]:
    """Draw rows from the region's own use, and put people and factors of every draw beside them."""
    import pandas as pd

    import framsyn
    from framsyn.outlook.run import prepare_chain
    from framsyn.stages.cells import MEASURES, matching_measures, matching_services
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

    real, measures = len(region.services), np.array(KINDS)
    shown = chain.use.use[:real][:, measures].reshape(real, len(KINDS), 1, 2, 106) * chain.people.base
    found = np.random.default_rng(500).multinomial(count, (shown / shown.sum()).ravel())
    index = np.unravel_index(np.repeat(np.arange(found.size), found), shown.shape)
    service, kind, area, sex, age = (column.astype(np.int64) for column in index)
    columns = {"service": service, "measure": measures[kind], "sex": sex, "age": age, "area": area}
    touched, paths, names = [], [], []
    for a in plan.assumptions:
        low, high = a.target.age or (0, 105)
        inside = np.isin(columns["measure"], matching_measures(a)) & (age >= low) & (age <= high)
        inside &= matching_services(region, a)[service]
        if inside.any():
            names.append(a.name)
            touched.append(np.flatnonzero(inside))
            paths.append(every.effect(a, np.array([until]))[:, 0])
    labels = {"service": region.services, "measure": MEASURES, "sex": SEXES, "area": region.areas}
    labelled = {
        key: np.array(labels[key])[column] if key in labels else column for key, column in columns.items()
    }
    long = [pd.DataFrame({"name": name}, index=rows) for name, rows in zip(names, touched, strict=True)]

    base = chain.people.base.sum(axis=0)
    use = np.zeros_like(chain.use.use)
    np.add.at(use, (service, columns["measure"], sex * 106 + age), 1.0)
    use = np.divide(use, base.ravel(), out=np.zeros_like(use), where=base.ravel() > 0)
    case = Case(
        rows=pd.DataFrame(columns),
        labelled=pd.DataFrame(labelled),
        services=region.services,
        strategies=pd.concat(long),
        people=np.ascontiguousarray(population[:, -1]),
        base=base,
        touched=touched,
        paths=np.stack(paths),
        inputs=replace(chain.use, use=use, overdispersion=np.ones_like(chain.use.overdispersion)),
        draws=every,
    )
    return case, chain


# ---------------------------------------------------------------- the row method
def growth_of(case: Case, draw: int) -> np.ndarray:
    """People of the horizon year against those of the base year, (sex, age)."""
    now = case.people[draw].sum(axis=0)
    return np.divide(now, case.base, out=np.zeros_like(now), where=case.base > 0)


def row_draw(case: Case, draw: int) -> dict[str, Any]:
    """Run one draw as it is described: factors joined, a Poisson number per row, rows multiplied out, added up."""
    import pandas as pd

    rows, strategies = case.labelled, case.strategies
    index = pd.MultiIndex.from_product([SEXES, range(106)], names=["sex", "age"])
    growth = pd.Series(growth_of(case, draw).ravel(), index=index, name="growth")
    demography = rows.merge(growth, how="left", left_on=["sex", "age"], right_index=True)["growth"]
    size = pd.Series(1.0 + case.paths[:, draw], index=strategies["name"].unique(), name="size")
    change = strategies.join(size, on="name")["size"].groupby(level=0).prod()
    factor = demography * change.reindex(rows.index, fill_value=1.0)
    return add_up(rows, np.random.default_rng([1, draw]).poisson(factor.to_numpy()))


def tuned_row_draw(case: Case, draw: int) -> dict[str, Any]:
    """Run one draw with whole-number codes and with the rows of every factor found once, before the draws."""
    return add_up(case.rows, np.random.default_rng([1, draw]).poisson(row_factors(case, draw)))


def add_up(rows: Any, times: np.ndarray) -> dict[str, Any]:
    """Multiply rows out and add them up by service, municipality and age."""
    happened = rows.loc[rows.index.repeat(times)].reset_index(drop=True)
    keys = {"service": ["service", "measure"], "area": ["area", "measure"], "age": ["sex", "age"]}
    sums = {name: happened.groupby(key, sort=True).size() for name, key in keys.items()}
    sums["service"] = sums["service"].groupby(level="service").sum()
    return sums


def row_factors(case: Case, draw: int) -> np.ndarray:
    """Return the product of every row's factors: demography by sex and age, then each change factor on its rows."""
    factor = growth_of(case, draw)[case.rows["sex"].to_numpy(), case.rows["age"].to_numpy()]
    for rows, effect in zip(case.touched, case.paths[:, draw], strict=True):
        factor[rows] *= 1.0 + effect
    return factor


def lean_row_draw(case: Case, draw: int) -> np.ndarray:
    """Return the same sums by service, (service,), without multiplying rows out and without pandas."""
    times = np.random.default_rng([1, draw]).poisson(row_factors(case, draw))
    return np.bincount(case.rows["service"].to_numpy(), weights=times, minlength=len(case.services))


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
        raw, need, *_ = activity.expected_use(people, class_people, case.inputs, grid)
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
    exact = [
        np.bincount(service, row_factors(case, d), minlength=len(case.services))
        for d in range(min(draws, 10))
    ]
    some = np.array(exact)
    apart = np.abs(np.divide(means[: len(some)], some, out=np.ones_like(some), where=some > 0) - 1).max()
    yield Figure(
        "rows and cells: expected activity given the factors",
        float(apart),
        "1",
        limit=1e-9,
        note=f"largest relative difference over {len(some)} draws and {some.shape[1]} services",
    )
    rows = np.bincount(service, minlength=len(case.services))
    large = rows >= min(SMALLEST, len(service) // 100)
    left = np.column_stack([by_rows[:, large], by_rows.sum(axis=1)])
    right = np.column_stack([by_cells[:, large], by_cells.sum(axis=1)])
    what = (
        f"{draws} draws with the same people and factors; {large.sum()} of {len(rows)} services and their sum"
    )
    mean = np.abs(right.mean(axis=0) / left.mean(axis=0) - 1)
    tails = np.abs(np.quantile(right, (0.1, 0.9), axis=0) / np.quantile(left, (0.1, 0.9), axis=0) - 1)
    yield Figure(
        "rows and cells: means", 100 * float(mean.max()), "%", limit=100 * MEANS, note=f"largest, {what}"
    )
    yield Figure(
        "rows and cells: p10 and p90",
        100 * float(tails.max()),
        "%",
        limit=100 * TAILS,
        note=f"largest, {what}",
    )
    yield Figure(
        "rows and cells: p10 and p90 of the sum", 100 * float(tails[:, -1].max()), "%", limit=100 * TAILS
    )
    yield Figure(
        "rows and cells: spread",
        100 * float(np.abs(right.std(0) / left.std(0) - 1).max()),
        "%",
        note="largest",
    )


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


def moved_lever(chain: Any, slow: float, tuned: float, draws: int, until: int) -> Iterator[Figure]:
    """Yield what a moved lever costs per draw on cached draws; rows have to be run again."""
    from framsyn.outlook.desk import Desk

    desk = Desk.open(chain.region, chain.scenario, draws=draws, until=until)
    name = "digital_follow_up"
    effect = chain.scenario.assumption(name).effect.model_dump(mode="json")
    moved = [
        chain.scenario.replace(name, effect={**effect, "low": effect["low"] - 0.001 * step})
        for step in range(8)
    ]
    series = [("outpatient_contacts", {"service_area": "SOM"}, ("year",))]
    desk.answer(moved[0]).lines(series)
    times = [seconds(lambda scenario=scenario: desk.answer(scenario).lines(series)) for scenario in moved[1:]]
    lever = median(times) / draws
    years = len(desk.people.years)
    note = f"per draw; rows run again for one year, over Desk.answer(…).lines of one series in {years} years on all cores"
    yield Figure(f"{IMITATION} against a moved lever", slow / lever, "×", better="higher", note=note)
    yield Figure("rows tuned by us against a moved lever", tuned / lever, "×", better="higher", note=note)
