"""Small counts: no attacker who sees the rest works out a hidden one."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from framsyn.errors import PlanError
from framsyn.methods.disclosure import attacked_bounds, recomputed, rounded, suppressed, with_margins

tables = arrays(
    np.int64, array_shapes(min_dims=1, max_dims=3, min_side=2, max_side=4), elements=st.integers(0, 30)
)
small_tables = arrays(np.int64, st.tuples(st.integers(2, 3), st.integers(2, 3)), elements=st.integers(0, 6))


def all_tables(full: np.ndarray, hidden: np.ndarray, most: int) -> list[np.ndarray]:
    """Every table of whole numbers that agrees with what is shown: the plain attack."""
    inner = tuple(slice(0, size - 1) for size in full.shape)
    free = np.argwhere(hidden[inner])
    found = []
    for values in itertools.product(range(most + 1), repeat=len(free)):
        guess = full[inner].copy()
        guess[tuple(free.T)] = values
        whole = with_margins(guess)
        if (whole[~hidden] == full[~hidden]).all():
            found.append(whole)
    return found


@settings(max_examples=60, deadline=None)
@given(tables)
def test_nothing_small_is_shown_and_nothing_hidden_is_recomputed(counts):
    full = with_margins(counts)
    try:
        hidden = suppressed(counts)
    except PlanError as error:
        assert error.code == "cannot-protect"
        return
    assert hidden[(full > 0) & (full < 5)].all()
    assert not recomputed(full, hidden).any()


@settings(max_examples=40, deadline=None)
@given(small_tables)
def test_the_plain_attack_finds_more_than_one_value_for_every_small_count(counts):
    try:
        hidden = suppressed(counts, threshold=3)
    except PlanError:
        return
    full = with_margins(counts)
    if hidden[tuple(slice(0, size - 1) for size in full.shape)].sum() > 5:
        return
    possible = np.stack(all_tables(full, hidden, int(full.max())))
    small = (full > 0) & (full < 3)
    assert (possible.max(axis=0)[small] > possible.min(axis=0)[small]).all()


@settings(max_examples=40, deadline=None)
@given(tables, st.integers(0, 10**6))
def test_bounds_hold_the_truth(counts, seed):
    full = with_margins(counts)
    hidden = np.random.default_rng(seed).random(full.shape) < 0.4
    low, high = attacked_bounds(np.where(hidden, 0, full), np.where(hidden, np.inf, full))
    assert (low <= full + 1e-6).all()
    assert (high >= full - 1e-6).all()


def test_one_hidden_entry_of_a_line_is_recomputed_and_so_is_a_chain_of_them():
    full = with_margins(np.array([[2, 9, 4], [8, 7, 6], [5, 5, 5]]))
    hidden = np.zeros(full.shape, bool)
    hidden[0, 0] = hidden[0, 1] = hidden[1, 1] = (
        True  # the last gives the one before it, which gives the first
    )
    assert (recomputed(full, hidden) == hidden).all()
    hidden[1, 0] = True  # a rectangle keeps its secret
    assert not recomputed(full, hidden).any()


def test_zeros_of_the_others_give_a_count_away():
    full = with_margins(np.array([[3, 0], [0, 9]]))
    hidden = np.zeros(full.shape, bool)
    hidden[0, 0] = hidden[0, 2] = hidden[2, 0] = True
    assert recomputed(full, hidden).sum() >= 1  # 12 − 9 = 3
    assert not recomputed(full, suppressed(np.array([[3, 0], [0, 9]]))).any()


@settings(max_examples=40, deadline=None)
@given(arrays(np.int64, st.tuples(st.integers(2, 5), st.integers(2, 5)), elements=st.integers(0, 200)))
def test_rounding_is_to_the_base_near_and_safe(counts):
    full = with_margins(counts)
    out = rounded(counts)
    assert (out % 5 == 0).all()
    assert (np.abs(out - full) < 5).all()
    low, high = attacked_bounds(np.maximum(out - 4, 0), out + 4)
    small = (full > 0) & (full < 5)
    assert (np.floor(high[small] + 1e-6) > np.ceil(low[small] - 1e-6)).all()


def test_rounding_has_no_bias():
    counts = np.full((400, 50), 12)
    assert rounded(counts)[:-1, :-1].mean() == pytest.approx(12, abs=0.1)


def test_counts_below_zero_are_refused():
    with pytest.raises(PlanError) as caught:
        suppressed(np.array([[1, -1], [2, 3]]))
    assert caught.value.code == "count-below-zero"
