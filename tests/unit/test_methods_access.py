"""Travel estimates: known distances, the triangle inequality, shares and quantiles of people."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framsyn.methods.access import (
    EARTH_RADIUS,
    great_circle,
    minutes_by_road,
    nearest,
    share_within,
    weighted_quantile,
)

LON, LAT = st.floats(-180, 180), st.floats(-90, 90)


def test_distances_that_geometry_gives():
    """Along a meridian, along the equator, half-way round, and along a parallel by the cosine of half its chord."""
    assert float(great_circle(0, 0, 0, 90)) == pytest.approx(np.pi / 2 * EARTH_RADIUS, rel=1e-12)
    assert float(great_circle(0, 0, 1, 0)) == pytest.approx(np.pi / 180 * EARTH_RADIUS, rel=1e-12)
    assert float(great_circle(0, 0, 180, 0)) == pytest.approx(np.pi * EARTH_RADIUS, rel=1e-12)
    chord = 2 * np.arcsin(np.cos(np.radians(60)) * np.sin(np.radians(30 / 2)))
    assert float(great_circle(0, 60, 30, 60)) == pytest.approx(chord * EARTH_RADIUS, rel=1e-12)


def test_a_known_distance_between_airports():
    """Nashville to Los Angeles, the worked example that haversine programs are held against: 2887.26 km at R = 6372.8."""
    found = float(great_circle(-86.67, 36.12, -118.40, 33.94)) * 6372.8 / EARTH_RADIUS
    assert found == pytest.approx(2887.2599506, abs=1e-6)


@given(LON, LAT, LON, LAT, LON, LAT)
def test_distance_is_a_distance(a, b, c, d, e, f):
    there, back = float(great_circle(a, b, c, d)), float(great_circle(c, d, a, b))
    assert there == pytest.approx(back, abs=1e-6)
    assert 0 <= there <= np.pi * EARTH_RADIUS + 1e-6
    assert float(great_circle(a, b, e, f)) <= there + float(great_circle(c, d, e, f)) + 1e-3


def test_minutes_grow_with_detour_and_fall_with_speed():
    assert minutes_by_road([0.0, 30.0], 1.5, 90.0).tolist() == [0.0, 30.0]
    assert (minutes_by_road(40.0, 1.4, 80.0) < minutes_by_road(40.0, 1.4, 60.0)).all()


def test_nearest_share_and_quantile():
    site, minutes = nearest([[30.0, 30.0, 40.0], [90.0, 10.0, 5.0]])
    assert site.tolist() == [0, 2]
    assert minutes.tolist() == [30.0, 5.0]
    assert share_within(minutes, [1, 3], 10) == 0.75
    assert share_within(minutes, [1, 3], 30) == 1.0
    assert weighted_quantile(minutes, [1, 3], 0.5) == 5.0
    assert weighted_quantile(minutes, [1, 3], 0.9) == 30.0
