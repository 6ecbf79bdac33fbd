"""Run charts and control charts: known limits, rules at their edge, phases, and that chance gives few signals."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framsyn.errors import PlanError
from framsyn.methods import spc

SERIES = st.lists(st.integers(-20, 20), min_size=1, max_size=40)


def test_run_limits_are_those_of_every_order_counted_one_by_one():
    orders = set(permutations([0] * 5 + [1] * 5))
    runs = np.array([1 + int(np.count_nonzero(np.diff(order))) for order in orders])
    low, high = spc.runs_limits(10)
    assert (low, high) == (3, 9)
    assert (runs < low).mean() <= 0.025 < (runs <= low).mean()
    assert (runs > high).mean() <= 0.025 < (runs >= high).mean()


@pytest.mark.parametrize("useful", [10, 11, 25, 60, 200])
def test_run_limits_grow_with_the_points_and_hold_the_mean(useful):
    low, high = spc.runs_limits(useful)
    first = useful // 2
    mean = 1 + 2 * first * (useful - first) / useful
    assert 2 <= low < mean < high <= useful


def test_run_limits_need_ten_points():
    with pytest.raises(PlanError, match="from 10 on") as error:
        spc.runs_limits(9)
    assert error.value.code == "too-few-points"


def test_six_on_one_side_are_a_shift_and_five_are_not():
    six = spc.run_chart([1, 1, 1, 1, 1, 1, 3, 3, 3, 3, 3, 9])
    assert six.shift.all()
    five = spc.run_chart([1, 1, 1, 1, 1, 3, 1, 3, 3, 3, 3, 3])
    assert not five.shift.any()


def test_a_point_on_the_median_neither_counts_nor_breaks_a_shift():
    values = [1, 2, 1, 5, 1, 0, 1, 9, 8, 9, 8, 9, 8]
    chart = spc.run_chart(values)
    assert chart.median == 5
    assert chart.shift.tolist() == [value != 5 for value in values]
    assert chart.useful == 12
    assert chart.runs == 2


def test_five_rising_points_are_a_trend_and_four_are_not():
    assert spc.run_chart([3, 1, 2, 3, 4, 5, 2]).trend.tolist() == [False, True, True, True, True, True, False]
    assert not spc.run_chart([3, 1, 2, 3, 4, 2]).trend.any()


def test_equal_neighbours_count_once_in_a_trend():
    assert spc.run_chart([1, 2, 2, 3, 4, 5]).trend.tolist() == [True, True, False, True, True, True]
    assert not spc.run_chart([1, 2, 2, 3, 4]).trend.any()


def test_a_falling_trend_that_follows_a_rising_one_has_its_turn_in_both():
    chart = spc.run_chart([1, 2, 3, 4, 5, 4, 3, 2, 1])
    assert chart.trend.all()


def test_a_seesaw_has_too_many_runs():
    chart = spc.run_chart([0, 1] * 8)
    assert chart.signals == ("too_many_runs",)
    assert chart.runs == 16


def test_few_points_say_nothing_about_runs():
    chart = spc.run_chart([1, 2, 3, 1])
    assert chart.runs_low is None
    assert chart.signals == ()


def test_a_flat_series_gives_no_signal():
    chart = spc.run_chart([4] * 20)
    assert (chart.runs, chart.useful, chart.signals) == (0, 0, ())
    assert spc.xmr_chart([4] * 20).signals == ()


@given(SERIES)
def test_run_chart_is_the_same_backwards_upside_down_and_on_another_scale(values):
    chart = spc.run_chart(values)
    other = spc.run_chart([7 - 3 * value for value in values])
    assert other.signals == chart.signals
    assert other.shift.tolist() == chart.shift.tolist()
    back = spc.run_chart(values[::-1])
    assert back.shift[::-1].tolist() == chart.shift.tolist()
    assert back.runs == chart.runs
    # Of equal neighbours the first carries the mark, so the marked points differ and the finding does not.
    assert back.trend.any() == chart.trend.any()


def test_chance_gives_few_signals():
    random = np.random.default_rng(4)
    charts = [spc.run_chart(random.normal(size=24)) for _ in range(400)]
    runs = np.mean([chart.too_few_runs or chart.too_many_runs for chart in charts])
    assert 0.005 < runs < 0.06
    outside = np.mean([spc.xmr_chart(random.normal(size=24)).outside.mean() for _ in range(400)])
    assert outside < 0.01


def test_xmr_limits_by_hand():
    # Moving ranges 2, 1, 2, 11: mean 4; mean 14; 2.66 · 4 = 10.64; 3.267 · 4 = 13.068.
    chart = spc.xmr_chart([10, 12, 11, 13, 24])
    assert chart.centre.tolist() == [14] * 5
    assert chart.low == pytest.approx(14 - 10.64)
    assert chart.high == pytest.approx(14 + 10.64)
    assert chart.moving_range.tolist()[1:] == [2, 1, 2, 11]
    assert np.isnan(chart.moving_range[0])
    assert chart.range_high[1:] == pytest.approx(13.068)


def test_a_point_outside_is_flagged_on_both_sides():
    calm = [10, 11, 10, 11, 10, 11, 10, 11]
    assert spc.xmr_chart([*calm, 30, *calm]).outside.nonzero()[0].tolist() == [8]
    assert spc.xmr_chart([*calm, -9, *calm]).outside.nonzero()[0].tolist() == [8]


def test_eight_on_one_side_are_flagged_and_seven_are_not():
    assert spc.xmr_chart([1] * 8 + [2] * 8).side.all()
    assert not spc.xmr_chart([1] * 7 + [2] * 7).side.any()


def test_a_break_starts_a_phase_with_its_own_limits():
    values = [10, 12, 11, 13, 24, 25, 24, 23]
    together, apart = spc.xmr_chart(values), spc.xmr_chart(values, breaks=[4])
    first, second = spc.xmr_chart(values[:4]), spc.xmr_chart(values[4:])
    for name in ("centre", "low", "high"):
        assert getattr(apart, name) == pytest.approx(np.r_[getattr(first, name), getattr(second, name)])
    assert np.isnan(apart.moving_range[4])
    assert not np.isnan(together.moving_range[4])


def test_eight_on_one_side_do_not_run_across_a_break():
    values = [*[1, 1, 3, 3, 3, 3], *[9, 9, 9, 9, 7, 7]]
    assert not spc.xmr_chart(values, breaks=[6]).side.any()


def test_a_phase_of_one_point_has_no_limits_and_no_signal():
    chart = spc.xmr_chart([1, 2, 1, 50], breaks=[3])
    assert np.isnan(chart.high[3])
    assert not chart.outside[3]


@given(st.lists(st.integers(-50, 50), min_size=2, max_size=30), st.integers(-9, 9), st.integers(1, 5))
def test_xmr_moves_with_its_values(values, shift, scale):
    chart = spc.xmr_chart(values)
    moved = spc.xmr_chart([shift + scale * value for value in values])
    assert moved.high == pytest.approx(shift + scale * chart.high)
    assert moved.low == pytest.approx(shift + scale * chart.low)
    assert (chart.low <= chart.centre).all()


def test_p_chart_limits_by_hand_and_within_nought_and_one():
    chart = spc.p_chart([10, 5, 0], [100, 25, 25])
    assert chart.centre == pytest.approx([0.1] * 3)
    assert chart.high == pytest.approx([0.19, 0.28, 0.28])
    assert chart.low == pytest.approx([0.01, 0, 0])


def test_p_chart_flags_a_share_that_its_count_does_not_explain():
    chart = spc.p_chart([10, 10, 10, 10, 35], [100] * 5)
    assert chart.outside.tolist() == [False, False, False, False, True]


def test_p_chart_of_all_or_nothing_has_no_signal():
    assert spc.p_chart([5] * 10, [5] * 10).signals == ()
    assert spc.p_chart([0] * 10, [5] * 10).signals == ()


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: spc.run_chart([]), "no-values"),
        (lambda: spc.run_chart([1, float("nan")]), "not-finite"),
        (lambda: spc.xmr_chart([[1, 2], [3, 4]]), "wrong-dimensions"),
        (lambda: spc.xmr_chart([1, 2, 3], breaks=[3]), "break-outside-series"),
        (lambda: spc.xmr_chart([1, 2, 3], breaks=[0]), "break-outside-series"),
        (lambda: spc.xmr_chart([1, 2, 3], breaks=[1, 1]), "break-outside-series"),
        (lambda: spc.p_chart([1, 2], [5, 0]), "nothing-counted"),
        (lambda: spc.p_chart([1, 6], [5, 5]), "share-above-one"),
        (lambda: spc.p_chart([1, 2], [5, 5, 5]), "shapes-differ"),
        (lambda: spc.p_chart([-1, 2], [5, 5]), "out-of-bounds"),
    ],
)
def test_refusals(call, code):
    with pytest.raises(PlanError) as error:
        call()
    assert error.value.code == code
