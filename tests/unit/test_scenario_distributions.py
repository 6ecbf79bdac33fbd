"""Distributions and time profiles against what can be worked out by hand or by SciPy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy import stats

from framsyn.errors import PlanError
from framsyn.scenario import Fixed, Linear, Logistic, Lognormal, Normal, Points, Step, Triangular, Uniform

U = np.array([0.001, 0.1, 0.25, 0.5, 0.77, 0.9, 0.999])


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (Normal(mean=0.1, sd=0.02), stats.norm(0.1, 0.02)),
        (Normal(mean=0.1, sd=0.2, low=0.0, high=0.3), stats.truncnorm(-0.5, 1.0, 0.1, 0.2)),
        (Normal(mean=0.1, sd=0.2, low=0.0), stats.truncnorm(-0.5, np.inf, 0.1, 0.2)),
        (Triangular(low=-2.0, mode=1.0, high=3.0), stats.triang(0.6, -2.0, 5.0)),
        (Triangular(low=0.0, mode=0.0, high=3.0), stats.triang(0.0, 0.0, 3.0)),
        (Triangular(low=0.0, mode=3.0, high=3.0), stats.triang(1.0, 0.0, 3.0)),
        (Uniform(low=0.2, high=0.6), stats.uniform(0.2, 0.4)),
        (Lognormal(median=3.0, sigma=0.4), stats.lognorm(0.4, scale=3.0)),
    ],
)
def test_inverse_equals_scipys(ours, theirs):
    np.testing.assert_allclose(ours.ppf(U), theirs.ppf(U), rtol=1e-12, atol=1e-14)
    assert ours.central == pytest.approx(theirs.median(), rel=1e-12)
    assert (ours.p10, ours.p90) == pytest.approx((theirs.ppf(0.1), theirs.ppf(0.9)), rel=1e-12)


@given(st.floats(2**-54, 1 - 2**-53))
def test_no_draw_leaves_the_reach(u):
    for size in (
        Normal(mean=0.1, sd=0.2),
        Normal(mean=0.1, sd=0.2, low=-0.1, high=0.15),
        Triangular(low=-1.0, mode=0.2, high=0.3),
        Uniform(low=-1.0, high=1.0),
        Lognormal(median=1.5, sigma=0.7),
        Fixed(value=0.4),
    ):
        low, high = size.reach
        assert low <= float(size.ppf(u)) <= high


@pytest.mark.parametrize("u", [0.0, 1.0, -0.1, np.nan])
def test_a_number_that_is_not_uniform_is_refused(u):
    with pytest.raises(PlanError, match="strictly within 0–1"):
        Normal(mean=0.0, sd=1.0).ppf(u)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Normal(mean=0.0, sd=0.0),
        lambda: Normal(mean=0.0, sd=1.0, low=1.0, high=2.0),
        lambda: Normal(mean=np.nan, sd=1.0),
        lambda: Triangular(low=0.0, mode=2.0, high=1.0),
        lambda: Triangular(low=1.0, mode=1.0, high=1.0),
        lambda: Uniform(low=1.0, high=0.0),
        lambda: Lognormal(median=-1.0, sigma=0.1),
        lambda: Fixed(value=True),
        lambda: Fixed(value=np.inf),
        lambda: Linear(start=2030, end=2030),
        lambda: Logistic(start=2025, end=2035, midpoint=2050.0),
        lambda: Logistic(start=2025, end=2035, steepness=0.0),
        lambda: Points(years=(2025, 2025), shares=(0.0, 1.0)),
        lambda: Points(years=(2025, 2030), shares=(0.0, 1.1)),
        lambda: Points(years=(2025, 2030), shares=(0.0,)),
        lambda: Step(year=205),
    ],
)
def test_what_makes_no_sense_is_refused(make):
    with pytest.raises(ValidationError):
        make()


@given(
    start=st.integers(2000, 2050),
    length=st.integers(1, 40),
    steepness=st.floats(0.01, 5.0),
    where=st.floats(0.0, 1.0),
)
def test_profiles_rise_from_nothing_to_all_and_stay(start, length, steepness, where):
    end = start + length
    years = np.arange(start - 10, end + 10)
    for profile in (
        Linear(start=start, end=end),
        Logistic(start=start, end=end),
        Logistic(start=start, end=end, midpoint=start + where * length, steepness=steepness),
        Step(year=end),
    ):
        shares = profile.at(years)
        assert np.all(shares[years <= start] == 0.0)
        assert np.all(shares[years >= end] == 1.0)
        assert np.all(np.diff(shares) >= 0.0)
        assert np.all((shares >= 0.0) & (shares <= 1.0))


def test_logistic_is_fastest_at_its_midpoint():
    shares = Logistic(start=2025, end=2040, midpoint=2030.0).at(np.arange(2025, 2041))
    assert np.arange(2025, 2040)[np.argmax(np.diff(shares))] in (2029, 2030)


def test_points_before_the_first_year_are_nothing_even_when_the_first_share_is_not():
    assert Points(years=(2025,), shares=(0.4,)).at([2024, 2025, 2099]).tolist() == [0.0, 0.4, 0.4]
