"""Order statistics are those of sorted rows, whatever the numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from framsyn.methods.ranks import order_statistics

ANY = st.floats(allow_nan=False, width=64)


@given(
    rows=hnp.arrays(float, hnp.array_shapes(min_dims=2, max_dims=2, max_side=40), elements=ANY),
    data=st.data(),
)
def test_any_numbers_stand_where_sorting_puts_them(rows, data):
    ranks = data.draw(st.lists(st.integers(0, rows.shape[1] - 1), max_size=6))
    before = rows.copy()
    np.testing.assert_array_equal(order_statistics(rows, ranks), np.sort(rows, axis=1)[:, ranks].T)
    np.testing.assert_array_equal(rows, before)


@pytest.mark.parametrize(
    "draw",
    [
        lambda dice: dice.standard_normal((30, 1000)),
        lambda dice: np.exp(4 * dice.standard_normal((30, 1000))),  # nearly all in the first bucket
        lambda dice: dice.integers(0, 3, (30, 1000)).astype(float),
        lambda dice: np.where(dice.random((30, 1000)) < 0.01, np.inf, dice.random((30, 1000))),
        lambda dice: np.where(dice.random((30, 1000)) < 0.01, -1e300, dice.random((30, 1000))),
        lambda dice: np.full((30, 1000), 7.0),
    ],
    ids=["normal", "long tail", "few values", "without end", "far out", "all alike"],
)
@pytest.mark.parametrize("precision", [np.float64, np.float32])
@pytest.mark.filterwarnings("ignore:overflow encountered in cast")
def test_a_thousand_draws_of_any_shape(draw, precision):
    rows = draw(np.random.default_rng(5)).astype(precision)
    ranks = [0, 99, 100, 499, 500, 899, 900, 999]
    found = order_statistics(rows, ranks)
    assert found.dtype == precision
    np.testing.assert_array_equal(found, np.sort(rows, axis=1)[:, ranks].T)


def test_a_row_with_a_missing_number_has_no_quantiles():
    rows = np.array([[1.0, np.nan, 3.0], [3.0, 2.0, 1.0], [np.nan, 1.0, np.inf]])
    np.testing.assert_array_equal(order_statistics(rows, [0, 1]), [[np.nan, 1, np.nan], [np.nan, 2, np.nan]])


def test_a_place_outside_a_row_is_refused():
    with pytest.raises(IndexError, match="rows of 3"):
        order_statistics(np.zeros((1, 3)), [3])
