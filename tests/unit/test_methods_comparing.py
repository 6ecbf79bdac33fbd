"""Variation between places, decomposition, scores and sensitivity."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from framsyn.errors import PlanError
from framsyn.methods import decomposition, scoring, sensitivity, variation


def test_byar_is_exact_under_ten():
    low, high = variation.byar([0, 4, 9])
    assert low == pytest.approx([0, stats.chi2.ppf(0.025, 8) / 2, stats.chi2.ppf(0.025, 18) / 2])
    assert high == pytest.approx(stats.chi2.ppf(0.975, 2 * np.array([0, 4, 9]) + 2) / 2)


def test_byar_is_near_exact_above_ten():
    low, high = variation.byar([10, 200], confidence=0.9)
    assert low == pytest.approx(stats.chi2.ppf(0.05, [20, 400]) / 2, rel=2e-3)
    assert high == pytest.approx(stats.chi2.ppf(0.95, [22, 402]) / 2, rel=2e-3)


def test_wilson_at_the_ends():
    low, high = variation.wilson([0, 20], [20, 20])
    assert low[0] == 0
    assert high[1] == 1
    assert 0 < high[0] < 0.2 < 0.8 < low[1] < 1


def test_direct_rate_of_many_places_and_of_none():
    cases = np.array([[20, 80], [0, 0]])
    many = variation.direct_rate(cases, [[1000, 2000]] * 2, [60, 40])
    one = variation.direct_rate(cases[0], [1000, 2000], [60, 40])
    assert [part[0] for part in many] == pytest.approx(list(one))
    assert many.rate[1] == many.low[1] == 0
    assert many.high[1] > 0


def test_direct_rate_with_the_own_population_as_standard_is_the_crude_rate():
    rate, low, high = variation.direct_rate([30, 70], [1000, 4000], [1000, 4000])
    assert rate == pytest.approx(2000)
    assert (low, high) == pytest.approx(np.array(variation.byar(100)) * 20)


def test_indirect_ratio_of_the_reference_itself_is_one():
    assert variation.indirect_ratio([20, 80], [1000, 900], [20, 80], [1000, 900]).ratio == 1


def test_systematic_component_is_near_the_truth():
    rng = np.random.default_rng(2)
    expected = rng.uniform(50, 400, 4000)
    observed = rng.poisson(expected * rng.gamma(25, 1 / 25, expected.size))
    assert variation.systematic_component(observed, expected) == pytest.approx(1 / 25, rel=0.1)


def test_empirical_bayes_finds_the_gamma_and_shrinks_small_places_most():
    rng = np.random.default_rng(2)
    expected = rng.uniform(5, 100, 3000)
    fit = variation.empirical_bayes(rng.poisson(expected * rng.gamma(10, 0.12, 3000)), expected)
    assert fit.nu / fit.alpha == pytest.approx(1.2, rel=0.02)
    assert fit.nu / fit.alpha**2 == pytest.approx(10 * 0.12**2, rel=0.15)
    pair = variation.empirical_bayes([4, 400, 50, 100, 20], [2, 200, 60, 90, 25])
    assert pair.shrunk[0] < pair.shrunk[1] < 2


def test_empirical_bayes_without_spread_gives_the_common_ratio():
    fit = variation.empirical_bayes([10, 20, 30], [20, 40, 60])
    assert np.isinf(fit.alpha)
    assert fit.shrunk == pytest.approx([0.5, 0.5, 0.5])
    even = variation.empirical_bayes([101, 99, 100, 100], [100.0] * 4)
    assert even.shrunk == pytest.approx(np.ones(4), abs=0.01)


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: variation.direct_rate([1, 2], [0, 10], [1, 1]), "zero-denominator"),
        (lambda: variation.direct_rate([1, 2], [10, 10], [0, 0]), "empty-standard"),
        (lambda: variation.direct_rate([1, 2], [10, 10, 10], [1, 1]), "shapes-differ"),
        (lambda: variation.indirect_ratio([1, 2], [1, 1], [0, 0], [5, 5]), "zero-denominator"),
        (lambda: variation.systematic_component([1, 2], [1, 0]), "zero-denominator"),
        (lambda: variation.empirical_bayes([1], [1]), "too-few-places"),
        (lambda: variation.empirical_bayes([0, 0], [1, 1]), "no-cases"),
        (lambda: variation.wilson(5, 4), "bad-share"),
        (lambda: variation.byar(5, confidence=95), "bad-confidence"),
        (lambda: variation.slope_index([1, 0], [1, 2]), "too-few-places"),
        (lambda: decomposition.das_gupta({"a": 1}, {"b": 1}, lambda f: 1.0), "factors-differ"),
        (lambda: decomposition.das_gupta({}, {}, lambda f: 1.0), "factors-differ"),
        (lambda: decomposition.das_gupta({"a": 1}, {"a": 2}, lambda f: np.nan), "not-finite"),
        (lambda: decomposition.das_gupta({"a": 1}, {"a": 2}, lambda f: np.ones(f["a"])), "wrong-shape"),
        (lambda: scoring.crps([], 1.0), "too-few-draws"),
        (lambda: scoring.crps([1.0], 1.0, fair=True), "too-few-draws"),
        (lambda: scoring.crps([[1.0, 2.0]], 1.0), "wrong-shape"),
        (lambda: scoring.interval_score(2, 1, 1, 0.1), "crossed-limits"),
        (lambda: scoring.interval_score(1, 2, 1, 80), "bad-alpha"),
        (lambda: scoring.weighted_interval_score([0.1, 0.9], [1, 2], 1), "bad-levels"),
        (lambda: scoring.weighted_interval_score([0.1, 0.5, 0.9], [1, 0, 2], 1), "crossed-limits"),
        (lambda: scoring.coverage([], [], []), "no-answers"),
        (lambda: sensitivity.sobol(lambda x: x["a"], {"a": stats.norm()}, n=1000), "bad-design"),
        (lambda: sensitivity.sobol(lambda x: 0 * x["a"], {"a": stats.norm()}, n=64), "constant-result"),
        (lambda: sensitivity.sobol(lambda x: 1.0, {"a": stats.norm()}, n=64), "wrong-shape"),
    ],
)
def test_refusals(call, code: str):
    with pytest.raises(PlanError) as refusal:
        call()
    assert refusal.value.code == code


def test_das_gupta_calls_the_function_once_per_set_and_takes_arrays():
    calls = []

    def product(factors: dict[str, float]) -> np.ndarray:
        calls.append(tuple(factors.values()))
        return np.prod(list(factors.values())) * np.array([[1.0, 2.0]])

    before = {name: 1.0 for name in "abcde"}
    after = {name: 1.0 + i / 10 for i, name in enumerate("abcde")}
    effects = decomposition.das_gupta(before, after, product)
    assert len(calls) == 32
    assert effects["e"].shape == (1, 2)
    assert effects["a"] == pytest.approx(np.zeros((1, 2)))
    assert effects["e"][0, 1] == pytest.approx(2 * effects["e"][0, 0])


def test_das_gupta_refuses_thirteen_factors():
    factors = {f"factor {i}": 1.0 for i in range(13)}
    with pytest.raises(PlanError, match="8192 times"):
        decomposition.das_gupta(factors, factors, lambda f: 0.0)


def test_crps_by_all_pairs_and_against_the_normal_formula():
    rng = np.random.default_rng(6)
    draws, actual = rng.normal(3, 2, (50, 4)), np.array([3.0, 0.0, 8.0, 3.5])
    pairs = np.abs(draws[:, None] - draws[None]).sum(axis=(0, 1))
    near = np.abs(draws - actual).mean(axis=0)
    assert scoring.crps(draws, actual) == pytest.approx(near - pairs / 2 / 50**2)
    assert scoring.crps(draws, actual, fair=True) == pytest.approx(near - pairs / 2 / (50 * 49))
    z = 0.25
    normal = 2 * (z * (2 * stats.norm.cdf(z) - 1) + 2 * stats.norm.pdf(z) - 1 / np.sqrt(np.pi))
    quantiles = stats.norm.ppf((np.arange(20_000) + 0.5) / 20_000, 3, 2)
    assert scoring.crps(quantiles, 3.5) == pytest.approx(normal, rel=1e-4)


def test_crps_keeps_its_digits_around_a_large_number():
    assert scoring.crps(np.array([1e9 + 1, 1e9 + 3]), 1e9 + 2) == 0.5


def test_weighted_interval_score_by_its_definition():
    levels = np.array([0.05, 0.25, 0.5, 0.75, 0.95])
    values = np.array([80.0, 95.0, 100.0, 104.0, 120.0])
    for actual in (60.0, 97.0, 130.0):
        inner = scoring.interval_score(95, 104, actual, 0.5)
        outer = scoring.interval_score(80, 120, actual, 0.1)
        wanted = (abs(actual - 100) / 2 + 0.25 * inner + 0.05 * outer) / 2.5
        assert scoring.weighted_interval_score(levels, values, actual) == pytest.approx(wanted)


def test_scores_of_arrays():
    assert scoring.interval_score([0, 0], [1, 1], [0.5, 2], 0.5) == pytest.approx([1, 5])
    assert scoring.bias(np.array([[1.0, 5.0], [2.0, 6.0]]), [3.0, 3.0]) == pytest.approx([-1, 1])


def test_sobol_of_several_results_and_its_repeatability():
    def results(x: dict[str, np.ndarray]) -> np.ndarray:
        return np.stack([x["a"] + 2 * x["b"], x["a"] * x["b"]])

    inputs = {"a": stats.norm(), "b": stats.norm()}
    found = sensitivity.sobol(results, inputs, n=4096, seed=3, resamples=20)
    assert found.names == ("a", "b")
    assert found.first == pytest.approx(np.array([[0.2, 0.8], [0, 0]]), abs=0.03)
    assert found.total == pytest.approx(np.array([[0.2, 0.8], [1, 1]]), abs=0.06)
    again = sensitivity.sobol(results, inputs, n=4096, seed=3, resamples=20)
    assert (again.total_high == found.total_high).all()
