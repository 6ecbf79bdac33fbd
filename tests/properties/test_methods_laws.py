"""Laws that the methods keep whatever the input."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from framsyn.methods import (
    decomposition,
    demography,
    finance,
    queueing,
    raking,
    scoring,
    smoothing,
    stocks,
    streams,
    variation,
)

SEEDS = st.integers(0, 2**64 - 1)
NAMES = st.text(min_size=1, max_size=20)


def floats(low: float, high: float, shape: tuple[int, ...]) -> st.SearchStrategy[np.ndarray]:
    return arrays(np.float64, shape, elements=st.floats(low, high, allow_subnormal=False))


@st.composite
def age_groups(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    widths = np.array(draw(st.lists(st.integers(1, 20), min_size=1, max_size=12)))
    first = np.concatenate([[0], np.cumsum(widths)[:-1]])
    people = draw(
        arrays(np.float64, int(widths.sum()), elements=st.one_of(st.just(0.0), st.floats(0.1, 1e5)))
    )
    return first, first + widths - 1, people


@given(SEEDS, NAMES, st.integers(1, 50), st.integers(0, 50))
def test_more_draws_leave_the_first_as_they_were(seed: int, name: str, few: int, extra: int):
    many = streams.uniform(seed, name, np.arange(few + extra))
    assert (streams.uniform(seed, name, np.arange(few)) == many[:few]).all()
    assert (streams.uniform(seed, name, np.arange(few)[::-1]) == many[:few][::-1]).all()
    assert ((many > 0) & (many < 1)).all()


@given(SEEDS, NAMES, st.integers(0, 2**64 - 1))
def test_uniform_is_numpys_own_hash(seed: int, name: str, draw: int):
    words = np.random.SeedSequence([seed, streams.key(name), draw]).generate_state(1, np.uint64)
    assert (
        streams.uniform(seed, name, np.array([draw], dtype=np.uint64))[0]
        == max(int(words[0]) >> 11, 0.5) / 2**53
    )


@given(SEEDS, NAMES, NAMES, st.integers(1, 8), st.integers(0, 8))
def test_a_longer_horizon_and_other_names_leave_the_normals(
    seed: int, name: str, other: str, years: int, extra: int
):
    short = streams.normals(seed, name, [0, 7], (years, 3))
    streams.normals(seed, other, [0, 1, 2], 5)
    long = streams.normals(seed, name, np.arange(8), (years + extra, 3))
    assert (long[[0, 7], :years] == short).all()


@given(age_groups(), st.data())
def test_ungroup_keeps_totals_and_is_never_negative(groups, data: st.DataObject):
    first, last, people = groups
    exposed = np.add.reduceat(people, first)
    counts = st.one_of(st.just(0.0), st.floats(1e-6, 1e6))
    totals = data.draw(arrays(np.float64, first.shape, elements=counts)) * (exposed > 0)
    rate = smoothing.ungroup(totals, first, last, people)
    assert (rate >= 0).all()
    assert np.isfinite(rate).all()
    assert np.add.reduceat(rate * people, first) == pytest.approx(totals, rel=1e-9, abs=0)


@given(age_groups(), st.data(), st.booleans())
def test_ungroup_rises_where_the_groups_rise(groups, data: st.DataObject, falling: bool):
    first, last, people = groups
    rates = st.one_of(st.integers(0, 3).map(float), st.floats(1e-6, 10))
    level = np.sort(data.draw(arrays(np.float64, first.shape, elements=rates)))[:: -1 if falling else 1]
    totals = level * np.add.reduceat(people, first)
    change = np.diff(smoothing.ungroup(totals, first, last, people))
    assert ((-change if falling else change) >= -1e-7).all()


@given(floats(0.2, 5, (3, 4, 2)), floats(0.2, 5, (3, 4, 2)))
def test_raking_meets_its_margins(seed: np.ndarray, truth: np.ndarray):
    margins = [((0, 2), truth.sum(axis=1)), (1, truth.sum(axis=(0, 2)))]
    table = raking.ipf(seed, margins)
    assert table.sum(axis=1) == pytest.approx(truth.sum(axis=1), rel=2e-9)
    assert table.sum(axis=(0, 2)) == pytest.approx(truth.sum(axis=(0, 2)), rel=2e-9)
    assert raking.ipf(table, margins) == pytest.approx(table, rel=1e-7)


@given(
    floats(0, 1e4, (2, 2, 60)),
    floats(0, 1, (2, 2, 60)),
    floats(0, 0.3, (2, 60)),
    floats(-1, 0.5, (2, 2, 60)),
    floats(0, 1, (2, 2)),
    st.floats(0, 1),
)
def test_people_are_conserved(people, survival, fertility, migration, newborn, boys):
    run = demography.project(people, survival, fertility, migration, newborn=newborn, steps=4, boy_share=boys)
    count = run.population.sum(axis=-1)
    assert (run.population >= 0).all()
    assert (run.deaths >= -1e-9).all()
    balance = count[:-1] + run.births - run.deaths + run.net_migration
    assert count[1:] == pytest.approx(balance, rel=1e-9, abs=1e-6)


@given(floats(0, 1e4, (3, 2, 106)), floats(0, 1, (2, 106)))
def test_areas_add_up_to_the_region(people, survival):
    fertility = np.full(106, 0.05)
    apart = demography.project(people, survival, fertility, newborn=[0.99, 0.98], steps=3)
    region = demography.project(people.sum(axis=0)[None], survival, fertility, newborn=[0.99, 0.98], steps=3)
    assert apart.population.sum(axis=1) == pytest.approx(region.population[:, 0], rel=1e-9, abs=1e-9)


@given(floats(1e-5, 2, (12,)), st.integers(0, 11), st.floats(1.01, 3))
def test_higher_death_rates_shorten_lives(rates, where: int, factor: float):
    ages = [0, 1, *range(5, 55, 5)]
    raised = rates.copy()
    raised[where] *= factor
    assert demography.life_table(raised, ages).ex[0] <= demography.life_table(rates, ages).ex[0] * (1 + 1e-12)


@given(st.floats(0, 300), st.floats(0, 50), st.integers(0, 200))
def test_erlang_b_rises_with_load_and_falls_with_servers(load: float, more: float, servers: int):
    lost = queueing.erlang_b(load, servers)
    assert 0 <= lost <= 1
    assert queueing.erlang_b(load + more, servers) >= lost - 1e-12
    assert queueing.erlang_b(load, servers + 1) <= lost
    assert queueing.erlang_c(load, servers) >= lost - 1e-12


@given(arrays(np.float64, 5, elements=st.floats(0.01, 400)), st.floats(0.001, 0.5))
def test_servers_for_loss_is_smallest_and_pooling_never_costs(loads: np.ndarray, target: float):
    servers = queueing.servers_for_loss(loads, target)
    for load, n in zip(loads.tolist(), servers.tolist(), strict=True):
        assert queueing.erlang_b(load, n) <= target * (1 + 1e-9)
        assert queueing.erlang_b(load, n - 1) >= target * (1 - 1e-9)
    assert queueing.pooling_gain(loads, target).saved >= 0


@given(floats(-5, 5, (2, 5)), floats(-5, 5, (5, 5)), floats(-5, 5, (3,)))
def test_effects_add_up_to_the_change(ends, pairs, shift):
    names = "abcde"

    def function(factors: dict[str, float]) -> np.ndarray:
        x = np.array([factors[name] for name in names])
        return x @ pairs @ x + np.prod(x) + shift * x[0]

    before, after = (dict(zip(names, end.tolist(), strict=True)) for end in ends)
    effects = decomposition.das_gupta(before, after, function)
    change = function(after) - function(before)
    assert sum(effects.values()) == pytest.approx(change, rel=1e-9, abs=1e-8)


@given(floats(-1e3, 1e3, (30,)), st.floats(-1e3, 1e3), st.floats(-1e3, 1e3))
def test_crps_is_a_distance(draws, actual: float, shift: float):
    score = scoring.crps(draws, actual)
    assert score >= -1e-9
    assert score <= np.abs(draws - actual).mean() + 1e-9
    assert scoring.crps(draws + shift, actual + shift) == pytest.approx(score, rel=1e-6, abs=1e-6)
    assert scoring.crps(np.full(5, draws[0]), actual) == pytest.approx(abs(draws[0] - actual), abs=1e-9)


@given(arrays(np.int64, 8, elements=st.integers(0, 200)), floats(0.5, 200, (8,)))
def test_shrunk_ratios_lie_between_the_raw_ones(observed, expected):
    assume(observed.sum() > 0)
    raw = observed / expected
    shrunk = variation.empirical_bayes(observed, expected).shrunk
    assert (shrunk >= raw.min() - 1e-6 * raw.max()).all()
    assert (shrunk <= raw.max() * (1 + 1e-6)).all()


@given(floats(0, 500, (2, 30)), floats(0, 0.5, (30,)), floats(0, 0.5, (30,)), floats(0, 50, (6, 2, 30)))
def test_professionals_are_conserved(stock, retire, leave, entrants):
    path = stocks.project_stock(stock, retire, leave, entrants, 6)
    heads = path.stock.sum(axis=-1)
    balance = heads[:-1] + path.entered - path.retired - path.left
    assert heads[1:] == pytest.approx(balance, rel=1e-9, abs=1e-7)


@given(st.floats(0, 1e5), st.floats(-0.05, 0.3), st.integers(1, 40), st.integers(0, 39), st.booleans())
def test_money_of_a_loan_is_conserved(principal: float, rate: float, years: int, free: int, serial: bool):
    assume(free < years)
    loan = finance.loan_schedule(principal, rate, years, "serial" if serial else "annuity", free_years=free)
    assert loan.instalment.sum() == pytest.approx(principal, rel=1e-9, abs=1e-6)
    owed = np.concatenate([[principal], loan.balance[:-1]])
    assert loan.balance == pytest.approx(owed * (1 + rate) - loan.payment, rel=1e-7, abs=1e-5)
