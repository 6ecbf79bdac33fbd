"""Published or analytic answers that the methods must meet; each test writes out its inputs and names its source."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from framsyn.methods import (
    decomposition,
    demography,
    epidemic,
    finance,
    leslie,
    queueing,
    sensitivity,
    stocks,
    variation,
    waiting,
)

# Preston, Heuveline & Guillot (2001), Demography, p. 125: Sweden, females, 1 January 1993, in groups of five years:
# population, L(x) per 100 000 born, births of both sexes per woman and year.
SWEDEN_1993 = np.array(
    [
        [293395, 497487, 0],
        [248369, 497138, 0],
        [240012, 496901, 0],
        [261346, 496531, 0.0120],
        [285209, 495902, 0.0908],
        [314388, 495168, 0.1499],
        [281290, 494213, 0.1125],
        [286923, 492760, 0.0441],
        [304108, 490447, 0.0074],
        [324946, 486613, 0.0003],
        [247613, 480665, 0],
        [211351, 471786, 0],
        [215140, 457852, 0],
        [221764, 436153, 0],
        [223506, 402775, 0],
        [183654, 350358, 0],
        [141990, 271512, 0],
        [112424, 291707, 0],
    ]
)
SWEDEN_1998 = [
    *(293574, 293189, 248251, 239833, 261015, 284787, 313782, 280463, 285576),
    *(301731, 320974, 243039, 205109, 204944, 204793, 194419, 142324, 131768),
]


def test_swedish_women_from_1993_to_1998():
    """Preston, Heuveline & Guillot (2001), p. 125: 18 groups, one step of five years."""
    people, person_years, births = SWEDEN_1993.T
    matrix = leslie.leslie_matrix(person_years / 1e5, births / 2.05)
    assert matrix @ people == pytest.approx(SWEDEN_1998, abs=1)
    assert leslie.growth_rate(matrix, width=5) == pytest.approx(0.000223, abs=1e-6)


def test_life_table_of_twenty_bands():
    """PHEindicatormethods (Public Health England), test data of phe_life_expectancy: ages 0, 1, 5, 10 … 90+."""
    population = [
        *(7060, 35059, 46974, 48489, 43219, 38561, 46009, 57208, 61435, 55601),
        *(50209, 56416, 46411, 39820, 37978, 37039, 33288, 23306, 11936, 11936),
    ]
    deaths = [17, 9, 4, 8, 20, 15, 24, 33, 50, 71, 100, 163, 263, 304, 536, 872, 1390, 1605, 1936, 1937]
    ages = [0, 1, *range(5, 95, 5)]
    table = demography.life_table(np.divide(deaths, population), ages)
    assert table.ex[0] == pytest.approx(80.16960813, abs=1e-8)
    assert table.ex[ages.index(65)] == pytest.approx(18.76856852, abs=1e-8)


def test_erlang_b():
    """Three trauma bays at 2/3 erlang lose 2.55 % (worked note on trauma bays; Erlang 1917)."""
    assert queueing.erlang_b(2 / 3, 3) == pytest.approx(0.0255, abs=5e-5)


def test_erlang_c():
    """Documentation of the package pyworkforce: 10 erlang on 14 positions."""
    assert queueing.erlang_c(10, 14) == pytest.approx(0.1741319336, abs=1e-10)


def test_two_pools_against_one():
    """Analytic: two pools of 10 beds with 8 erlang each, and one of 20 with 16."""
    separate, pooled = queueing.erlang_b(8, 10), queueing.erlang_b(16, 20)
    assert separate == pytest.approx(0.121661, abs=1e-6)
    assert pooled == pytest.approx(0.064411, abs=1e-6)


def test_census_without_limit():
    """Analytic: a Poisson census with mean 100 (M/G/∞)."""
    assert queueing.census_quantile(100, [0.95, 0.99, 0.999]).tolist() == [117, 124, 132]


def test_census_with_weekly_swing():
    """Analytic (Eick, Massey & Whitt 1993): λ = 10·(1 + 0.5·sin 2πt/7), mean stay three days."""
    census = queueing.sinusoidal_census_mean(10, 0.5, 7, 3, [0, 3])
    assert census == pytest.approx([25.1047, 35.1993], abs=1e-4)


@pytest.mark.parametrize(("beds", "percent"), [(10, 33), (30, 11), (100, 1.5)])
def test_85_percent_is_not_one_rule(beds: int, percent: float):
    """Analytic: share turned away at exactly 85 % carried occupancy."""
    assert 100 * queueing.turned_away(beds, 0.85) == pytest.approx(percent, abs=0.5 if percent > 5 else 0.05)


def test_dutch_general_practitioners():
    """Van Greuningen et al. (2012), Human Resources for Health 10:21: 10 215 GPs and ten years' flows make 12 246."""
    retired, left, inflows = 2341, 785, [93, 1320, 1054, 2690]
    step = stocks.step_stock([10215, 0], [retired / 10215, 0], [left / 10215, 0], [0, sum(inflows)])
    assert step.stock.sum() == pytest.approx(12246, abs=1e-9)
    assert (step.retired.sum(), step.left.sum()) == pytest.approx((2341, 785))


def test_waiting_list():
    """Package NHSRwaitinglist (Fong et al. 2022): demand 30, capacity 27, target 52 weeks, 1 200 waiting, 26 weeks."""
    assert waiting.load(30, 27) == pytest.approx(1.1111, abs=5e-5)
    assert waiting.target_queue(30, 52) == 390
    assert waiting.relief_capacity(30, 1200, 390, 26) == pytest.approx(61.153846, abs=1e-6)


def test_final_size_of_an_epidemic():
    """Analytic (Kermack & McKendrick 1927): R0 = 1.75."""
    assert epidemic.final_size(1.75) == pytest.approx(0.712698, abs=1e-6)


def test_directly_standardised_rate():
    """PHEindicatormethods, test data of phe_dsr: 19 bands, ESP2013, Dobson's limits."""
    cases = [127, 25, 18, 21, 12, 27, 48, 27, 29, 32, 32, 34, 45, 65, 38, 68, 74, 82, 91]
    population = [
        *(636, 558, 609, 543, 384, 594, 669, 843, 660, 576),
        *(606, 522, 426, 273, 300, 288, 153, 123, 207),
    ]
    esp_2013 = [
        *(5000, 5500, 5500, 5500, 6000, 6000, 6500, 7000, 7000, 7000),
        *(7000, 6500, 6000, 5500, 5000, 4000, 2500, 1500, 1000),
    ]
    found = variation.direct_rate(cases, population, esp_2013)
    assert found == pytest.approx((10430.248, 9717.709, 11178.941), abs=1e-3)


def test_byar_and_wilson():
    """PHEindicatormethods, test data of phe_rate and phe_proportion: 65 cases; 65 of 100."""
    assert variation.byar(65) == pytest.approx((50.1632, 82.8491), abs=5e-5)
    assert variation.wilson(65, 100) == pytest.approx((0.552544, 0.736358), abs=5e-7)


def test_slope_and_relative_index_of_inequality():
    """PHEindicatormethods, test data of phe_sii: ten deprivation groups, life expectancy."""
    weights = [7291, 7997, 6105, 7666, 5790, 6934, 5918, 5974, 7147, 7534]
    values = [
        *(75.9334590103081, 78.3442382727843, 83.8360631041654, 83.6375399664931, 80.4655031529559),
        *(81.1156759857022, 81.6930835718562, 84.1900062060987, 80.5955641081472, 86.2894349578624),
    ]
    assert variation.slope_index(weights, values) == pytest.approx((6.934616, 1.088818), abs=1e-6)


def test_das_gupta_with_three_factors():
    """Das Gupta (1993), P23-186, product of three factors."""
    before = {"a": 51.78746, "b": 0.45919, "c": 0.52638}
    after = {"a": 84.90502, "b": 0.75756, "c": 0.51065}
    effects = decomposition.das_gupta(before, after, lambda f: math.prod(f.values()))
    assert list(effects.values()) == pytest.approx([10.4340333, 10.5608476, -0.6670084], abs=1e-6)


def test_kitagawa_structure_and_rate():
    """Vignette of the package DasGuptR: a rate of 44.7268 becomes 47.6940, by age structure and by age's own rates."""
    before = {
        "structure": np.array([12.9, 10.9, 9.5, 8, 7.8, 8.4, 8.6, 7.8, 7, 5.9, 4.7, 3.6, 4.9]) / 100,
        "rate": np.array([1.9, 25.8, 45.7, 49.6, 51.2, 51.6, 51.8, 54.9, 58.7, 60.4, 62.8, 66.6, 66.8]),
    }
    after = {
        "structure": np.array([10.1, 11.2, 11.6, 10.9, 9.4, 7.7, 6.3, 6, 6.3, 5.9, 5.1, 4, 5.5]) / 100,
        "rate": np.array([2.2, 24.3, 45.8, 52.5, 56.1, 55.6, 56.0, 57.4, 57.2, 61.2, 63.9, 68.6, 72.2]),
    }

    def crude(factors: dict[str, np.ndarray]) -> float:
        return float((factors["structure"] * factors["rate"]).sum())

    assert (crude(before), crude(after)) == pytest.approx((44.7268, 47.6940), abs=1e-4)
    effects = decomposition.das_gupta(before, after, crude)
    assert effects == pytest.approx({"structure": 1.2269, "rate": 1.7403}, abs=1e-4)


def test_ishigami():
    """Analytic (Ishigami & Homma 1990), a = 7, b = 0.1: S1 0.313905, 0.442411, 0; ST 0.557589, 0.442411, 0.243684."""

    def ishigami(x: dict[str, np.ndarray]) -> np.ndarray:
        return np.sin(x["x1"]) + 7 * np.sin(x["x2"]) ** 2 + 0.1 * x["x3"] ** 4 * np.sin(x["x1"])

    angle = stats.uniform(-np.pi, 2 * np.pi)
    found = sensitivity.sobol(
        ishigami, {"x1": angle, "x2": angle, "x3": angle}, n=2**14, seed=4, resamples=50
    )
    assert found.first == pytest.approx([0.313905, 0.442411, 0], abs=0.01)
    assert found.total == pytest.approx([0.557589, 0.442411, 0.243684], abs=0.01)
    assert (found.first_low <= found.first).all()
    assert (found.first <= found.first_high).all()


def test_annuity():
    """Analytic: 1 000 at 2.4 % over 25 years."""
    assert finance.annuity(1000, 0.024, 25) == pytest.approx(53.6570, abs=5e-5)


def test_relative_risks_of_lip_cancer():
    """Clayton & Kaldor (1987): Scottish districts' lip cancer 1975–1980; the moment equations hold at the answer."""
    observed = [
        *(9, 39, 11, 9, 15, 8, 26, 7, 6, 20, 13, 5, 3, 8, 17, 9, 2, 7, 9, 7, 16, 31, 11, 7, 19, 15, 7, 10),
        *(16, 11, 5, 3, 7, 8, 11, 9, 11, 8, 6, 4, 10, 8, 2, 6, 19, 3, 2, 3, 28, 6, 1, 1, 1, 1, 0, 0),
    ]
    expected = np.array(
        [
            *(1.4, 8.7, 3.0, 2.5, 4.3, 2.4, 8.1, 2.3, 2.0, 6.6, 4.4, 1.8, 1.1, 3.3, 7.8, 4.6, 1.1, 4.2, 5.5),
            *(4.4, 10.5, 22.7, 8.8, 5.6, 15.5, 12.5, 6.0, 9.0, 14.4, 10.2, 4.8, 2.9, 7.0, 8.5, 12.3, 10.1),
            *(12.7, 9.4, 7.2, 5.3, 18.8, 15.8, 4.3, 14.6, 50.7, 8.2, 5.6, 9.3, 88.7, 19.6, 3.4, 3.6, 5.7),
            *(7.0, 4.2, 1.8),
        ]
    )
    alpha, nu, shrunk = variation.empirical_bayes(observed, expected)
    spread = ((1 + alpha / expected) * (shrunk - shrunk.mean()) ** 2).sum() / (len(observed) - 1)
    assert nu / alpha == pytest.approx(shrunk.mean(), rel=1e-6)
    assert nu / alpha**2 == pytest.approx(spread, rel=1e-6)
    # The first district has 9 cases where 1.4 are expected: 6.43 raw, pulled well toward the mean but still high.
    assert 4.0 < shrunk[0] < 4.5
