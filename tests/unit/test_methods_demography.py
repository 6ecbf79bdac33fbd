"""Life table, survival, Lee–Carter and the plain projection."""

from __future__ import annotations

import numpy as np
import pytest

from framsyn.errors import PlanError
from framsyn.methods import demography, leslie

AGES = 106


def a_region(areas: int = 2) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(11)
    qx = np.clip(0.0001 * np.exp(0.09 * np.arange(AGES)) * np.array([[1.2], [0.9]]), 0, 0.6)
    survival, newborn = demography.calendar_year_survival(qx)
    fertility = np.zeros(AGES)
    fertility[15:50] = 0.05
    return {
        "population": rng.uniform(0, 200, (areas, 2, AGES)),
        "survival": survival,
        "newborn": newborn,
        "fertility": fertility,
        "migration": rng.uniform(-0.05, 0.05, (areas, 2, AGES)),
    }


def test_life_table_of_a_constant_rate_is_exponential():
    table = demography.life_table(np.full(1001, 0.02), np.arange(1001) / 10)
    assert table.ex[0] == pytest.approx(50, rel=1e-4)


def test_life_table_over_leading_axes_and_back_from_probabilities():
    rates = np.array([[0.01, 0.02, 0.3], [0.02, 0.01, 0.5]])
    both = demography.life_table(rates, [0, 1, 2])
    assert both.ex[1] == pytest.approx(demography.life_table(rates[1], [0, 1, 2]).ex)
    assert demography.central_rates(both.qx[:, :2]) == pytest.approx(rates[:, :2])


@pytest.mark.parametrize(
    ("rates", "ages", "code"),
    [
        ([0.1, 0.0], [0, 1], "open-group-without-deaths"),
        ([0.1, 0.2], [1, 0], "bad-ages"),
        ([0.1], [0], "bad-ages"),
        ([0.1, 0.2, 0.3], [0, 1], "wrong-shape"),
        ([-0.1, 0.2], [0, 1], "out-of-bounds"),
    ],
)
def test_life_table_refuses(rates: list[float], ages: list[float], code: str):
    with pytest.raises(PlanError) as refusal:
        demography.life_table(rates, ages)
    assert refusal.value.code == code


def test_calendar_year_survival():
    qx = np.linspace(0.001, 0.5, AGES)
    survival, newborn = demography.calendar_year_survival(np.stack([qx, qx / 2]))
    assert survival.shape == (2, AGES)
    assert survival[0, 40] == pytest.approx(1 - (qx[40] + qx[41]) / 2)
    assert survival[0, 105] == pytest.approx(1 - qx[105])
    assert newborn == pytest.approx([1 - 0.9 * 0.001, 1 - 0.9 * 0.0005])


def test_lee_carter_finds_the_index_again():
    rng = np.random.default_rng(5)
    index = np.cumsum(np.r_[0, -1.5 + 0.4 * rng.standard_normal(24)])
    index -= index.mean()
    response = rng.uniform(0.5, 1.5, 50)
    response /= response.sum()
    level = np.linspace(-9, -1, 50)
    fit = demography.lee_carter(level[:, None] + response[:, None] * index)
    assert fit.b == pytest.approx(response)
    assert fit.k == pytest.approx(index)
    assert fit.a == pytest.approx(level)
    assert fit.drift == pytest.approx((index[-1] - index[0]) / 24)
    assert fit.sigma == pytest.approx(np.diff(index).std(ddof=1))
    assert fit.drift_se == pytest.approx(fit.sigma / np.sqrt(24))
    assert fit.explained == pytest.approx(1)


def test_lee_carter_refuses_flat_or_short_series():
    with pytest.raises(PlanError, match="does not change"):
        demography.lee_carter(np.full((10, 5), -3.0))
    with pytest.raises(PlanError, match="at least three"):
        demography.lee_carter(np.zeros((10, 2)))


def test_project_one_year_by_hand():
    people = np.zeros((1, 2, AGES))
    people[0, 1, 29], people[0, 0, 104], people[0, 0, 105] = 1000.0, 10.0, 6.0
    survival = np.full((2, AGES), 0.9)
    fertility = np.zeros(AGES)
    fertility[29], fertility[30] = 0.1, 0.2
    migration = np.zeros((2, AGES))
    migration[1, 29], migration[:, 0] = 0.05, 0.5
    run = demography.project(people, survival, fertility, migration, newborn=[0.99, 0.98], boy_share=0.5)
    births = 0.1 * 1000 / 2 + 0.2 * (1000 * 0.9 * 1.05) / 2
    assert run.births[0, 0] == pytest.approx([births / 2, births / 2])
    assert run.population[1, 0, 1, 30] == pytest.approx(945)
    assert run.population[1, 0, 0, 105] == pytest.approx(16 * 0.9)
    assert run.population[1, 0, :, 0] == pytest.approx([births / 2 * 0.99 * 1.5, births / 2 * 0.98 * 1.5])
    assert run.deaths[0, 0] == pytest.approx([1.6 + births / 2 * 0.01, 100 + births / 2 * 0.02])


def test_project_takes_rates_with_and_without_area_and_year():
    region = a_region()
    plain = demography.project(**region, steps=3)
    full = dict(region)
    full["survival"] = np.broadcast_to(region["survival"], (3, 2, 2, AGES))
    full["newborn"] = np.broadcast_to(region["newborn"], (3, 2, 2))
    full["fertility"] = np.broadcast_to(region["fertility"], (3, 2, AGES))
    full["migration"] = np.broadcast_to(region["migration"], (3, 2, 2, AGES))
    assert (demography.project(**full, steps=3).population == plain.population).all()


def test_project_without_steps_returns_the_start():
    region = a_region()
    run = demography.project(**region, steps=0)
    assert (run.population[0] == region["population"]).all()
    assert run.births.shape == (0, 2, 2)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"survival": np.full((2, AGES), 1.1)}, "out-of-bounds"),
        ({"survival": np.full((2, 100), 0.9)}, "wrong-shape"),
        ({"migration": np.full((2, AGES), -1.1)}, "out-of-bounds"),
        ({"fertility": np.full(AGES, -0.1)}, "out-of-bounds"),
        ({"newborn": 0.99}, "wrong-shape"),
        ({"population": np.zeros((2, 3, AGES))}, "wrong-shape"),
        ({"population": np.zeros((2, AGES))}, "wrong-dimensions"),
    ],
)
def test_project_refuses(change: dict[str, np.ndarray], code: str):
    with pytest.raises(PlanError) as refusal:
        demography.project(**{**a_region(), **change})
    assert refusal.value.code == code


def test_growth_rate_refuses_a_dying_matrix():
    with pytest.raises(PlanError, match="above 0"):
        leslie.growth_rate([[0.0, 0.0], [0.5, 0.0]])
