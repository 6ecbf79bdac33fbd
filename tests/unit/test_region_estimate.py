"""Estimation from counts: identities that must hold, and a made-up world whose rates are known."""

from __future__ import annotations

import numpy as np
import pytest

from framsyn.region import estimate


def world(rate: np.ndarray, years: int = 10, areas: int = 6, seed: int = 3, noise: float = 0.0):
    """Counts that follow N[t+1, a+1] = N[t, a] S (1 + m) from a known m, dims (area, year, sex, age)."""
    random = np.random.default_rng(seed)
    survive = np.linspace(1, 0.7, 106)[np.newaxis, np.newaxis].repeat(2, axis=1).repeat(years, axis=0)
    counts = np.zeros((areas, years + 1, 2, 106))
    counts[:, 0] = random.uniform(80, 120, (areas, 2, 106))
    for year in range(years):
        moved = counts[:, year] * survive[year] * (1 + rate + noise * random.standard_normal((areas, 1, 1)))
        counts[:, year + 1, :, 1:] = moved[..., :-1]
        counts[:, year + 1, :, -1] += moved[..., -1]
        counts[:, year + 1, :, 0] = 100
    return counts, survive


def test_residual_finds_the_rate_that_made_the_counts():
    rate = np.linspace(-0.02, 0.03, 106)[np.newaxis, np.newaxis].repeat(2, axis=1)
    counts, survive = world(rate)
    found = estimate.migration_residual(counts, survive)
    assert np.allclose((found.net / found.survivors)[..., :104], rate[..., :104])


def test_residual_conserves_people():
    counts, survive = world(np.zeros((1, 2, 106)), noise=0.05)
    found = estimate.migration_residual(counts, survive)
    grown = counts[:, 1:, :, 1:].sum(axis=(2, 3))
    assert np.allclose(found.survivors.sum(axis=(2, 3)) + found.net.sum(axis=(2, 3)), grown)


def test_smoothing_keeps_the_student_peak_and_the_level():
    ages = np.arange(106)
    rate = np.where((ages >= 18) & (ages <= 21), 0.10, 0.0)
    survivors = np.full((2, 106), 1000.0)
    smooth = estimate.smooth_over_age(rate * survivors, survivors)
    assert smooth[0, 19] > 0.09
    assert abs(smooth.sum() / (2 * rate.sum()) - 1) < 0.01
    assert np.abs(smooth[:, 26:]).max() < 1e-4


def test_deviations_leave_the_trusts_total_alone():
    rate = np.full((1, 2, 106), 0.01)
    counts, survive = world(rate, areas=8, noise=0.02)
    counts[0] *= np.linspace(1, 1.6, 11)[:, np.newaxis, np.newaxis]  # one area that grows
    residual = estimate.migration_residual(counts, survive)
    trust = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    pooled = np.array([True] * 7 + [False])
    sums = [
        [x[(trust == i) & pooled].sum(axis=(0, 1)) for x in (residual.net, residual.survivors)]
        for i in range(2)
    ]
    rates = np.stack([estimate.smooth_over_age(*pair) for pair in sums])
    deviation, weight = estimate.area_deviations(residual, rates, trust, pooled)
    assert ((weight >= 0) & (weight <= 1)).all()
    assert (deviation[0] > deviation[1:4].max(axis=0)).all()
    for group, (first, last) in enumerate(estimate.AGE_GROUPS):
        people = residual.survivors[..., first : last + 1].sum(axis=(1, 2, 3))
        for i in range(2):
            members = (trust == i) & pooled
            assert abs((deviation[members, group] * people[members]).sum()) < 1e-6 * people[members].sum()


def test_shrinkage_is_stronger_for_the_small():
    rate = np.full((1, 2, 106), 0.0)
    counts, survive = world(rate, areas=10, noise=0.03)
    counts[:5] *= 0.01
    residual = estimate.migration_residual(counts, survive)
    _, weight = estimate.area_deviations(
        residual, np.zeros((1, 2, 106)), np.zeros(10, dtype=int), np.ones(10, dtype=bool)
    )
    assert (weight[:5].mean(axis=0) <= weight[5:].mean(axis=0)).all()


def test_a_year_left_out_is_left_out():
    counts, survive = world(np.full((1, 2, 106), 0.01))
    counts[0, 5:] *= 2  # a boundary change between years 4 and 5
    valid = np.ones((6, 10), dtype=bool)
    valid[0, 4] = False
    found = estimate.migration_residual(counts, survive, valid)
    assert np.allclose(
        found.net[0].sum(axis=(1, 2))[[3, 5]], 0.01 * found.survivors[0].sum(axis=(1, 2))[[3, 5]], rtol=0.01
    )
    assert found.net[0, 4].sum() == 0


def test_variation_recovers_a_known_spread():
    counts, survive = world(np.zeros((1, 2, 106)), years=40, areas=60, noise=0.02)
    residual = estimate.migration_residual(counts, survive)
    size = np.random.default_rng(1).uniform(1e3, 1e5, 60)
    shrunk, observed = estimate.variation_by_size(residual, size)
    assert observed.mean() == pytest.approx(0.02, rel=0.05)
    assert shrunk.std() < observed.std()
    assert abs(estimate.autocorrelation(residual)) < 0.1


def test_fertility_is_drawn_toward_the_trust():
    random = np.random.default_rng(5)
    expected = np.r_[np.full(20, 20.0), np.full(20, 2000.0)][:, np.newaxis]
    truth = random.normal(1.05, 0.1, 40)
    births = random.poisson(truth[:, np.newaxis] * expected).astype(float)
    level, seen, due = estimate.fertility_levels(
        births, expected, np.zeros(40, dtype=int), np.ones(40, dtype=bool), np.ones((40, 1), dtype=bool)
    )
    centre = seen.sum() / due.sum()
    raw = seen / due
    assert np.all(np.abs(level - centre) <= np.abs(raw - centre) + 1e-12)
    assert np.abs(level[20:] - raw[20:]).max() < 0.1 * np.abs(raw[20:] - centre).max()
    assert np.mean((level - truth) ** 2) < np.mean((raw - truth) ** 2)
