"""Compiled kernels against plain expressions of the same sums, for random inputs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framsyn.methods import cohort, demography
from framsyn.methods import use as use_kernels
from framsyn.methods.factors import combine_factors, set_back
from framsyn.methods.staffing import age_staff

AGES = 106
seeds = st.integers(0, 2**32 - 1)


def random(seed):
    return np.random.default_rng(seed)


# ---------------------------------------------------------------- people
@settings(max_examples=25)
@given(seeds, st.integers(1, 3), st.integers(1, 4), st.integers(1, 3))
def test_cohorts_equal_the_plain_projection(seed, draws, years, areas):
    rng = random(seed)
    base = rng.uniform(0, 500, (areas, 2, AGES)) * (rng.random((areas, 2, AGES)) > 0.2)
    survival = rng.uniform(0.3, 1, (draws, years, 2, AGES))
    newborn = rng.uniform(0.9, 1, (draws, years, 2))
    migration = rng.normal(0, 0.05, (areas, 2, AGES))
    shock = rng.normal(0, 0.05, (draws, years, areas))
    mobility = rng.uniform(0, 3, AGES)
    fertility = rng.uniform(0, 0.2, (draws, years, AGES))
    level = rng.uniform(0.5, 1.5, areas)
    people = np.full((draws, years + 1, areas, 2, AGES), np.nan)
    births, deaths, moves = (np.full((draws, years, areas), np.nan) for _ in range(3))
    cohort.project_cohorts(
        base,
        survival,
        newborn,
        migration,
        np.ascontiguousarray(migration[:, :, 0]),
        shock,
        mobility,
        fertility,
        level,
        0.514,
        people,
        births,
        deaths,
        moves,
    )
    for d in range(draws):
        rate = np.maximum(migration[None] + (shock[d][:, :, None] * mobility)[:, :, None, :], -1.0)
        plain = demography.project(
            base,
            np.broadcast_to(survival[d][:, None], (years, areas, 2, AGES)),
            fertility[d][:, None] * level[None, :, None],
            rate,
            newborn=np.broadcast_to(newborn[d][:, None], (years, areas, 2)),
            steps=years,
        )
        np.testing.assert_allclose(people[d], plain.population, rtol=1e-11, atol=1e-9)
        np.testing.assert_allclose(births[d], plain.births.sum(axis=-1), rtol=1e-11)
        np.testing.assert_allclose(deaths[d], plain.deaths.sum(axis=-1), rtol=1e-9, atol=1e-8)
        np.testing.assert_allclose(moves[d], plain.net_migration.sum(axis=-1), rtol=1e-8, atol=1e-8)


def test_nobody_is_negative_when_everyone_leaves():
    base = np.full((1, 2, AGES), 10.0)
    people = np.empty((1, 2, 1, 2, AGES))
    births, deaths, moves = (np.empty((1, 1, 1)) for _ in range(3))
    cohort.project_cohorts(
        base,
        np.ones((1, 1, 2, AGES)),
        np.ones((1, 1, 2)),
        np.zeros((1, 2, AGES)),
        np.zeros((1, 2)),
        np.full((1, 1, 1), -5.0),
        np.ones(AGES),
        np.zeros((1, 1, AGES)),
        np.ones(1),
        0.514,
        people,
        births,
        deaths,
        moves,
    )
    assert (people[0, 1] == 0).all()
    assert moves[0, 0, 0] == -base.sum()


@settings(max_examples=25)
@given(seeds, st.integers(1, 2), st.integers(1, 3), st.integers(1, 6), st.integers(1, 3))
def test_people_are_gathered_by_class_and_age(seed, draws, years, areas, classes):
    rng = random(seed)
    people = rng.uniform(0, 100, (draws, years, areas, 2, AGES))
    member = rng.integers(0, classes, areas)
    by_class = np.zeros((draws, years, classes, 2, AGES))
    groups = np.empty((3, draws, years, areas))
    cohort.gather_people(people, member, by_class, groups)
    for c in range(classes):
        np.testing.assert_allclose(by_class[:, :, c], people[:, :, member == c].sum(axis=2), rtol=1e-13)
    for i, first in enumerate((0, 65, 80)):
        np.testing.assert_allclose(groups[i], people[..., first:].sum(axis=(3, 4)), rtol=1e-12)


# ---------------------------------------------------------------- use
def read_at(rates, shift):
    """Rates (212) read ``shift`` (106) years younger, on straight lines between single ages; none is older than the last."""
    at = np.clip(np.arange(AGES) - shift, 0.0, AGES - 1)
    return np.concatenate(
        [np.interp(at, np.arange(AGES), rates[s * AGES : (s + 1) * AGES]) for s in range(2)]
    )


def plain_use(grouped, k):
    """``Σ_n operator[m, n] · u[n](a − shift)`` times people, the same with need factors times cost, and the rates."""
    years, classes = grouped.shape[:2]
    services, measures, _ = k["use"].shape
    variants = k["need"].shape[1]
    activity = np.zeros((years, classes, services, measures))
    need = np.zeros_like(activity)
    columns = np.zeros((years, variants, k["columns"], 212))
    segment = np.zeros(AGES, int)
    for g, first in enumerate(k["bounds"][:-1]):
        segment[first:] = g
    segment = np.concatenate([segment, segment])
    for t in range(years):
        for i in range(services):
            read = np.stack([read_at(k["use"][i, m], k["shift"][t, k["group"][i]]) for m in range(measures)])
            for v in range(variants):
                operator = k["operator"][t, v, k["cell"][i]][segment]  # (212, measure, measure)
                rates = np.einsum("amn,na->ma", operator, read)
                priced = k["need"][t, v, k["cell"][i]][segment].T * read * k["cost"][i][:, None]
                for c in np.flatnonzero(k["variant_of_class"] == v):
                    activity[t, c, i] = rates @ grouped[t, c]
                    need[t, c, i] = priced @ grouped[t, c]
                for m in range(measures):
                    if k["measure_output"][i, m] >= 0:
                        columns[t, v, k["measure_output"][i, m]] += rates[m]
                if k["need_output"][i] >= 0:
                    columns[t, v, k["need_output"][i]] += priced.sum(axis=0)
    return activity, need, columns


@settings(max_examples=40)
@given(
    seed=seeds,
    years=st.integers(1, 3),
    classes=st.integers(1, 3),
    services=st.integers(1, 4),
    variants=st.integers(1, 2),
    parts=st.integers(1, 4),
    absent=st.booleans(),
    size=st.sampled_from([1.5, -1.5, 8.0, -8.0, 0.0]),
)
def test_use_equals_the_plain_expression(seed, years, classes, services, variants, parts, absent, size):
    rng = random(seed)
    measures, cells, groups, outputs = 4, 2, 3, 6
    use = rng.uniform(0, 2, (services, measures, 212))
    if absent:
        use[rng.random((services, measures)) < 0.4] = 0.0
    shift = np.zeros((years, groups, AGES))
    for g in (1, 2):  # the third group is moved by two assumptions with their own first ages
        for _ in range(g):
            ramp = np.clip((np.arange(AGES) - rng.integers(0, 100)) / 10, 0, 1)
            shift[:, g] += ramp * size * rng.uniform(0.2, 1, (years, 1))
    operator = np.zeros((years, variants, cells, parts, measures, measures))
    operator[..., range(measures), range(measures)] = rng.uniform(
        0.2, 2, (years, variants, cells, parts, measures)
    )
    operator[..., 3, 0] = rng.uniform(0, 1, (years, variants, cells, parts)) * (rng.random(parts) > 0.5)
    operator[..., 2, 0] = rng.uniform(0, 1, (years, variants, cells, parts))
    k = {
        "use": use,
        "shift": shift,
        "group": rng.integers(0, groups, services),
        "cell": rng.integers(0, cells, services),
        "bounds": np.array([0, *np.sort(rng.choice(np.arange(1, 105), parts - 1, replace=False)), AGES]),
        "need": rng.uniform(0.5, 2, (years, variants, cells, parts, measures)),
        "operator": operator,
        "cost": rng.uniform(0, 1, (services, measures)) * (rng.random((services, measures)) > 0.3),
        "measure_output": rng.integers(-1, outputs - 1, (services, measures)),
        "need_output": np.full(services, outputs - 1),
        "variant_of_class": rng.integers(0, variants, classes),
        "columns": outputs,
    }
    grouped = rng.uniform(0, 50, (years, classes, 212))
    activity, need = (
        np.zeros((years, classes, services, measures)),
        np.zeros((years, classes, services, measures)),
    )
    columns = np.full((variants, 1, years, 212, outputs), np.nan)
    # The kernel takes classes four at a time; those beyond the last are empty.
    padded = np.concatenate([grouped, np.zeros((years, -classes % 4, 212))], axis=1)
    use_kernels.use_of_people(
        padded[None],
        use,
        use.any(axis=2),
        shift[None],
        k["group"],
        k["cell"],
        k["bounds"],
        k["need"][None],
        operator[None],
        k["cost"],
        k["measure_output"],
        k["need_output"],
        k["variant_of_class"],
        activity[None],
        need[None],
        columns,
    )
    by_column = columns[:, 0].transpose(1, 0, 3, 2)
    for found, expected in zip((activity, need, by_column), plain_use(grouped, k), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-9)


# ---------------------------------------------------------------- factors
def plain_factors(paths, conversion, length, kind, rows, route, touches):
    """Need factors and the matrix of measures by the words of the method, one cell at a time."""
    count, draws, years = paths.shape
    size = rows.shape[1]
    need = np.ones((draws, years, *touches.shape[1:], size))
    operator = np.zeros((*need.shape, size))
    operator[...] = np.eye(size)
    for a in range(count):
        where = touches[a]
        for d in range(draws):
            for t in range(years):
                x = paths[a, d, t]
                if kind[a] < 2:
                    grow = np.where(rows[a], 1 + x, 1.0)
                    operator[d, t][where] *= grow[:, None]
                    if kind[a] == 0:
                        need[d, t][where] *= grow
                else:
                    step = np.eye(size)
                    source, target = route[a]
                    step[target, source] += conversion[a, d] * x
                    step[source, source] -= x
                    if source == 0:
                        step[1, 1] -= x * length[a]
                    operator[d, t][where] = step @ operator[d, t][where]
    return need, operator


@settings(max_examples=40)
@given(
    seed=seeds,
    count=st.integers(0, 6),
    draws=st.integers(1, 3),
    years=st.integers(1, 3),
    parts=st.integers(1, 3),
)
def test_factors_combine_as_the_method_says(seed, count, draws, years, parts):
    rng = random(seed)
    variants, cells, size = 2, 3, 4
    kind = rng.integers(0, 3, count)
    paths = rng.uniform(0, 0.6, (count, draws, years)) - np.where(kind < 2, 0.3, 0)[:, None, None]
    routes = np.array([(0, 2), (0, 3), (2, 3), (3, 2), (2, 0)])
    arguments = (
        paths,
        rng.uniform(0.5, 2, (count, draws)),
        rng.uniform(0.2, 1, count),
        kind,
        rng.random((count, size)) > 0.5,
        routes[rng.integers(0, len(routes), count)].reshape(count, 2),
        rng.random((count, variants, cells, parts)) > 0.4,
    )
    need = np.full((draws, years, variants, cells, parts, size), np.nan)
    operator = np.full((*need.shape, size), np.nan)
    combine_factors(*arguments, need, operator)
    expected_need, expected_operator = plain_factors(*arguments)
    np.testing.assert_allclose(need, expected_need, rtol=1e-12)
    np.testing.assert_allclose(operator, expected_operator, rtol=1e-11, atol=1e-13)


@settings(max_examples=25)
@given(seeds, st.lists(st.floats(-6, 6), max_size=2), st.integers(1, 3))
def test_moving_people_and_reading_rates_younger_come_to_the_same_sum(seed, sizes, parts):
    rng = random(seed)
    draws, columns = 2, 3
    people = rng.uniform(0, 50, (AGES, 2, draws))
    rates = rng.uniform(0, 2, (212, columns))
    effects = np.zeros((len(sizes), draws))
    effects[:, 1] = sizes
    ramps = np.array([np.clip((np.arange(AGES) - rng.integers(0, 100)) / 10, 0, 1) for _ in sizes]).reshape(
        len(sizes), AGES
    )
    segment = np.sort(rng.integers(0, parts, AGES))
    first = int(rng.integers(0, 60))
    moved, used = np.zeros((parts, AGES, 2, draws)), np.zeros((parts, 2), dtype=np.int64)
    set_back(people, effects, ramps, segment, first, moved, used)
    for d in range(draws):
        shift = (effects[:, d, None] * ramps).sum(axis=0)
        for g in range(parts):
            inside = np.concatenate([(segment == g) & (np.arange(AGES) >= first)] * 2)
            low, high = used[g]
            assert not moved[g, :low].any() and not moved[g, high:].any()
            for k in range(columns):
                read = read_at(rates[:, k], shift)
                expected = people[:, :, d].T.reshape(-1)[inside] @ read[inside]
                found = moved[g, :, :, d].T.reshape(-1) @ rates[:, k]
                assert found == pytest.approx(expected, rel=1e-11, abs=1e-12)


@settings(max_examples=25)
@given(seeds, st.integers(1, 4), st.integers(1, 5), st.booleans())
def test_staff_age_as_the_method_says(seed, draws, years, alike):
    rng = random(seed)
    professions, ages = 2, np.arange(20, 76)
    start = np.repeat(rng.uniform(50, 90, (1, professions)), draws, axis=0)
    shape, entry = (rng.uniform(0, 1, (professions, len(ages))) for _ in range(2))
    leave, retirement, intake = (
        np.repeat(rng.uniform(low, high, (1, years, professions)), draws, axis=0)
        for low, high in ((0, 0.2), (60, 75), (0, 9))
    )
    if not alike:
        leave[:, :, 0] = rng.uniform(0, 0.2, (draws, years))
    found = [np.empty((draws, years, professions)) for _ in range(3)]
    age_staff(start, shape, leave, retirement, intake, entry, 20.0, *found)
    here = start[..., None] * shape
    come, unit = np.zeros_like(here), np.zeros_like(here)
    for t in range(years):
        if t:
            staying = np.clip(retirement[:, t - 1, :, None] - ages, 0, 1)
            aged = []
            for stock in (here, come, unit):
                older = np.zeros_like(stock)
                older[..., 1:] = stock[..., :-1] * (1 - leave[:, t - 1])[..., None]
                aged.append(older * staying)
            here, come, unit = aged[0], aged[1] + intake[:, t - 1, :, None] * entry, aged[2] + entry
        assert np.array_equal(found[0][:, t], here.sum(axis=-1))
        assert np.array_equal(found[1][:, t], here.sum(axis=-1) + come.sum(axis=-1))
        assert np.array_equal(found[2][:, t], unit.sum(axis=-1))
