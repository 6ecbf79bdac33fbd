"""Trends around breaks: exact where slope and jumps are known, plain least squares without breaks, and honest when few."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import linregress
from scipy.stats import t as student

from framsyn.errors import PlanError
from framsyn.methods.trend import NoTrend, SeriesBreak, Trend, fit_trend

YEARS = np.arange(2010, 2026)
NOISE = np.random.default_rng(4).normal(0, 3, len(YEARS))


def told(*arguments, **options) -> Trend:
    found = fit_trend(*arguments, **options)
    assert isinstance(found, Trend), found
    return found


def test_slope_and_jumps_are_found_exactly():
    values = 50 + 1.75 * (YEARS - 2010) + 30.0 * (YEARS >= 2015) - 12.5 * (YEARS >= 2021)
    trend = told(YEARS, values, [SeriesBreak(2021), SeriesBreak(2015)])
    assert trend.slope == pytest.approx(1.75, abs=1e-10)
    assert [(jump.at, round(jump.size, 9)) for jump in trend.jumps] == [(2015, 30.0), (2021, -12.5)]
    assert trend.low == pytest.approx(trend.high, abs=1e-8)
    assert trend.line(YEARS) == pytest.approx(values)
    assert trend.project(2030)[0] == pytest.approx(values[-1] + 5 * 1.75)


def test_a_line_through_the_break_would_have_been_wrong():
    values = 50.0 + 0 * YEARS + 40 * (YEARS >= 2020)
    assert told(YEARS, values, [SeriesBreak(2020)]).slope == pytest.approx(0, abs=1e-10)
    assert told(YEARS, values).slope > 3


def test_without_breaks_it_is_plain_least_squares():
    values = 7 - 0.4 * (YEARS - 2000) + NOISE
    trend, plain = told(YEARS, values, level=0.9), linregress(YEARS, values)
    width = student.ppf(0.95, len(YEARS) - 2) * plain.stderr
    assert (trend.slope, trend.low, trend.high) == pytest.approx(
        (plain.slope, plain.slope - width, plain.slope + width)
    )
    assert trend.line([2012.0])[0] == pytest.approx(plain.intercept + 2012 * plain.slope)
    assert trend.jumps == ()


def test_the_interval_around_a_break_is_that_of_the_normal_equations():
    values = 7 - 0.4 * (YEARS - 2000) + 9 * (YEARS >= 2018) + NOISE
    trend = told(YEARS, values, [SeriesBreak(2018)])
    design = np.column_stack([np.ones(16), YEARS, YEARS >= 2018]).astype(float)
    solved, rest, _, _ = np.linalg.lstsq(design, values, rcond=None)
    errors = np.sqrt(np.diag(np.linalg.inv(design.T @ design)) * rest[0] / 13)
    assert trend.slope == pytest.approx(solved[1])
    assert trend.high - trend.slope == pytest.approx(student.ppf(0.9, 13) * errors[1], rel=1e-5)
    assert trend.jumps[0].high - trend.jumps[0].size == pytest.approx(
        student.ppf(0.9, 13) * errors[2], rel=1e-5
    )


def test_the_projection_is_that_of_the_textbook():
    values = 7 - 0.4 * (YEARS - 2000) + NOISE
    middle, low, high = told(YEARS, values).project(2030)
    plain = linregress(YEARS, values)
    rest = values - plain.intercept - plain.slope * YEARS
    spread = np.sqrt((rest**2).sum() / 14)
    apart = (2030 - YEARS.mean()) ** 2 / ((YEARS - YEARS.mean()) ** 2).sum()
    width = student.ppf(0.9, 14) * spread * np.sqrt(1 + 1 / 16 + apart)
    assert (middle, low, high) == pytest.approx(
        (plain.intercept + 2030 * plain.slope, middle - width, middle + width)
    )


def test_eight_of_ten_intervals_hold_the_true_slope():
    draws = np.random.default_rng(1).normal(0, 1, (600, len(YEARS)))
    marks = [SeriesBreak(2019), SeriesBreak(2013, "faulty", 2014)]
    held = [
        trend.low <= 0.5 <= trend.high
        for trend in (told(YEARS, 0.5 * YEARS + 4 * (YEARS >= 2019) + draw, marks) for draw in draws)
    ]
    assert 0.76 < np.mean(held) < 0.84


def test_years_that_say_nothing_do_not_move_the_line():
    values = 2.0 * (YEARS - 2010)
    wild = np.where((YEARS >= 2020) & (YEARS <= 2022), -500, values)
    trend = told(YEARS, wild, [SeriesBreak(2020, "faulty", 2021), SeriesBreak(2022, "one_off")])
    assert trend.slope == pytest.approx(2)
    assert trend.left_out == (2020, 2021, 2022)
    assert trend.points == 13


def test_a_break_outside_the_series_or_at_its_first_year_changes_nothing():
    values = 3 * YEARS + NOISE
    plain = told(YEARS, values)
    for at in (1990, 2010, 2026, 2050):
        trend = told(YEARS, values, [SeriesBreak(at)])
        assert (trend.slope, trend.jumps) == (pytest.approx(plain.slope), ())


def test_two_changes_without_a_figure_between_are_one_jump():
    values = 3.0 * YEARS + 10 * (YEARS >= 2018)
    marks = [SeriesBreak(2016), SeriesBreak(2017, "faulty", 2017), SeriesBreak(2016.5), SeriesBreak(2018)]
    trend = told(YEARS[YEARS != 2016], values[YEARS != 2016], marks)
    assert [jump.at for jump in trend.jumps] == [2018]
    assert trend.slope == pytest.approx(3)


@pytest.mark.parametrize(
    ("years", "marks", "reason", "points", "needed"),
    [
        ([], [], "too-few-points", 0, 5),
        ([2021, 2022, 2023, 2024], [], "too-few-points", 4, 5),
        (list(range(2017, 2026)), [SeriesBreak(2018, "faulty", 2023)], "too-few-points", 3, 5),
        ([2018, 2019, 2020, 2021, 2025], [SeriesBreak(2020)], "too-few-points", 5, 6),
        (
            list(range(2018, 2026)),
            [SeriesBreak(year) for year in range(2019, 2026)],
            "too-few-points",
            8,
            12,
        ),
    ],
)
def test_too_few_points_give_no_number(years, marks, reason, points, needed):
    found = fit_trend(years, np.arange(len(years)), marks)
    assert isinstance(found, NoTrend)
    assert (found.reason, found.points, found.needed) == (reason, points, needed)


def test_one_point_after_a_break_moves_no_slope():
    values = 5 + 2.0 * (YEARS - 2010) + NOISE
    before = told(YEARS[:-1], values[:-1])
    after = told(YEARS, np.where(YEARS == 2025, 900, values), [SeriesBreak(2025)])
    assert after.slope == pytest.approx(before.slope)
    assert after.high - after.low == pytest.approx(before.high - before.low)


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: fit_trend([1, 2, 2, 3, 4], [1, 2, 3, 4, 5]), "double-time"),
        (lambda: fit_trend([1, 2], [1, np.nan]), "not-finite"),
        (lambda: fit_trend([1, 2, 3], [1, 2]), "shapes-differ"),
        (lambda: fit_trend([1, 2], [1, 2], level=1.0), "trend-level"),
        (lambda: SeriesBreak(2020, "pandemic"), "break-kind"),
        (lambda: SeriesBreak(2020, "faulty", 2019), "break-order"),
        (lambda: told(YEARS, YEARS * 1.0, [SeriesBreak(2020)]).project(2015), "projection-before-break"),
    ],
)
def test_input_without_sense_is_refused(call, code):
    with pytest.raises(PlanError) as error:
        call()
    assert error.value.code == code


SERIES = st.lists(st.floats(-100, 100), min_size=10, max_size=16)


@given(SERIES, st.integers(2011, 2025), st.floats(-1000, 1000))
def test_a_constant_added_after_a_break_changes_no_slope(values, at, size):
    years = YEARS[: len(values)]
    assume(at <= years[-1])
    plain, moved = (
        told(years, series, [SeriesBreak(at)])
        for series in (np.array(values), np.array(values) + size * (years >= at))
    )
    assert moved.slope == pytest.approx(plain.slope, abs=1e-6)
    assert moved.high - moved.low == pytest.approx(plain.high - plain.low, abs=1e-6)
    assert moved.jumps[0].size == pytest.approx(plain.jumps[0].size + size, abs=1e-6)


@given(SERIES, st.integers(2010, 2025), st.integers(0, 3), st.floats(-1e4, 1e4))
def test_what_a_faulty_year_holds_changes_nothing(values, first, length, wild):
    years = YEARS[: len(values)]
    mark = SeriesBreak(first, "faulty", first + length)
    other = np.where(mark.leaves_out(years.astype(float)), wild, values)
    plain, changed = (fit_trend(years, series, [mark]) for series in (values, other))
    assert type(plain) is type(changed)
    if isinstance(plain, Trend):
        assert isinstance(changed, Trend)
        assert (changed.slope, changed.low) == pytest.approx((plain.slope, plain.low), abs=1e-9)


@given(SERIES, st.permutations(range(10)))
def test_the_order_of_the_points_does_not_matter(values, order):
    years, series = YEARS[:10], np.array(values[:10])
    shuffled = list(order)
    marks = [SeriesBreak(2014)]
    assert told(years[shuffled], series[shuffled], marks).slope == told(years, series, marks).slope


@given(SERIES, st.floats(0.01, 100), st.floats(-1e5, 1e5))
def test_units_of_the_values_carry_over(values, factor, shift):
    years = YEARS[: len(values)]
    plain = told(years, values, [SeriesBreak(2016)])
    scaled = told(years, np.array(values) * factor + shift, [SeriesBreak(2016)])
    assert scaled.slope == pytest.approx(plain.slope * factor, rel=1e-6, abs=1e-6)
