"""Ungrouping, Whittaker's smoother and raking."""

from __future__ import annotations

import numpy as np
import pytest

from framsyn.errors import PlanError
from framsyn.methods.raking import ipf
from framsyn.methods.smoothing import ungroup, whittaker

FIRST = [0, 10, 20, 40, 60, 80]
LAST = [9, 19, 39, 59, 79, 105]
PEOPLE = np.r_[np.full(60, 9000.0), np.linspace(9000, 10, 46)]


def test_ungroup_finds_known_curves_again():
    age = np.arange(106)
    for curve, error in (
        (1 + 0.02 * age, 0.02),
        (0.5 + ((age - 30) / 40) ** 2, 0.05),
        (np.exp(0.04 * age), 0.08),
    ):
        rate = ungroup(np.add.reduceat(curve * PEOPLE, FIRST), FIRST, LAST, PEOPLE)
        flat = np.repeat(
            np.add.reduceat(curve * PEOPLE, FIRST) / np.add.reduceat(PEOPLE, FIRST), [10, 10, 20, 20, 20, 26]
        )
        missed = np.abs(rate - curve) @ PEOPLE / (curve @ PEOPLE)
        assert missed < error
        assert missed < 0.5 * np.abs(flat - curve) @ PEOPLE / (curve @ PEOPLE)


def test_ungroup_keeps_a_constant_rate_constant():
    rate = ungroup(0.3 * np.add.reduceat(PEOPLE, FIRST), FIRST, LAST, PEOPLE)
    assert rate == pytest.approx(np.full(106, 0.3))


def test_ungroup_of_one_group_is_flat():
    assert ungroup([50], [0], [105], np.full(106, 10.0)) == pytest.approx(np.full(106, 50 / 1060))


def test_ungroup_may_jump_at_a_break():
    totals = np.array([100.0, 200.0, 0.0])
    smooth = ungroup(totals, [0, 10, 18], [9, 17, 105], np.full(106, 10.0))
    broken = ungroup(totals, [0, 10, 18], [9, 17, 105], np.full(106, 10.0), breaks=[18])
    assert broken[17] > broken[10] > broken[0]
    assert smooth[17] < smooth[14]
    assert (broken[18:] == 0).all()
    assert broken[:10].sum() * 10 == pytest.approx(100)


def test_ungroup_leaves_ages_outside_at_zero():
    rate = ungroup([30.0, 60.0], [15, 30], [29, 49], np.full(106, 10.0))
    assert (rate[:15] == 0).all()
    assert (rate[50:] == 0).all()
    assert rate[15:50].sum() * 10 == pytest.approx(90)


def test_ungroup_open_last_group_and_ages_without_people():
    people = PEOPLE.copy()
    people[[15, 100, 105]] = 0
    totals = [900, 300, 4000, 6000, 90000 / 10, 7000]
    rate = ungroup(totals, FIRST, [9, 19, 39, 59, 79, 120], people)
    assert np.isfinite(rate).all()
    assert rate[100] > 0
    assert np.add.reduceat(rate * people, FIRST) == pytest.approx(totals, rel=1e-12)


@pytest.mark.parametrize(
    ("first", "last", "totals", "code"),
    [
        ([0, 11], [9, 105], [1, 1], "bad-age-groups"),
        ([0, 9], [9, 105], [1, 1], "bad-age-groups"),
        ([0, 10], [9, 8], [1, 1], "bad-age-groups"),
        ([0, 106], [105, 110], [1, 1], "bad-age-groups"),
        ([0, 9.5], [9, 105], [1, 1], "bad-age-groups"),
        ([0, 10], [9, 105], [1, -1], "out-of-bounds"),
        ([0, 10], [9, 105], [1, np.nan], "not-finite"),
        ([0, 10], [9, 105], [1, 1, 1], "wrong-shape"),
    ],
)
def test_ungroup_refuses(first: list[float], last: list[float], totals: list[float], code: str):
    with pytest.raises(PlanError) as refusal:
        ungroup(totals, first, last, PEOPLE)
    assert refusal.value.code == code


def test_ungroup_refuses_a_total_without_people_and_an_unknown_break():
    with pytest.raises(PlanError, match="100–105 has a total of 3"):
        ungroup([1, 3], [0, 100], [99, 105], np.r_[np.ones(100), np.zeros(6)])
    with pytest.raises(PlanError, match="breaks names age 18"):
        ungroup([1, 3], [0, 100], [99, 105], PEOPLE, breaks=[18])


def test_whittaker_keeps_a_line_and_the_sum():
    line = 3.0 + 0.5 * np.arange(30)
    assert whittaker(line, 2.0, smoothness=1e4) == pytest.approx(line)
    rng = np.random.default_rng(0)
    rough, weights = rng.normal(size=(4, 30)), rng.uniform(1, 100, size=(4, 30))
    smooth = whittaker(rough, weights, smoothness=500.0)
    assert (weights * smooth).sum(axis=1) == pytest.approx((weights * rough).sum(axis=1))
    assert (np.abs(np.diff(smooth, n=2)) ** 2).sum() < (np.abs(np.diff(rough, n=2)) ** 2).sum() / 10
    assert whittaker(rough[2], weights[2], smoothness=500.0) == pytest.approx(smooth[2])


def test_whittaker_without_penalty_and_with_gaps():
    values = np.array([1.0, 5.0, 2.0, 8.0])
    assert whittaker(values, 1.0, smoothness=0) == pytest.approx(values)
    filled = whittaker([1.0, 0.0, 3.0, 0.0, 5.0], [1, 0, 1, 0, 1], smoothness=1.0)
    assert filled == pytest.approx([1, 2, 3, 4, 5])
    with pytest.raises(PlanError, match="fewer than 2"):
        whittaker(values, [0, 0, 1, 0], smoothness=1.0)
    with pytest.raises(PlanError, match="wrong|more than"):
        whittaker([1.0, 2.0], 1.0, smoothness=1.0)


def test_ipf_keeps_the_seeds_odds_ratio():
    seed = np.array([[1.0, 2.0], [3.0, 4.0]])
    table = ipf(seed, [(0, [30, 70]), (1, [40, 60])])
    assert table.sum(axis=1) == pytest.approx([30, 70])
    assert table.sum(axis=0) == pytest.approx([40, 60])
    ratio = table[0, 0] * table[1, 1] / (table[0, 1] * table[1, 0])
    assert ratio == pytest.approx(4 / 6)
    assert (seed == [[1, 2], [3, 4]]).all()


def test_ipf_axes_in_any_order_and_from_the_end():
    truth = np.random.default_rng(3).uniform(1, 9, (3, 4, 2))
    margins = [((2, 0), truth.sum(axis=1).T), ((-2,), truth.sum(axis=(0, 2)))]
    table = ipf(np.ones((3, 4, 2)), margins)
    assert table.sum(axis=1) == pytest.approx(truth.sum(axis=1))
    assert table.sum(axis=(0, 2)) == pytest.approx(truth.sum(axis=(0, 2)))


def test_ipf_structural_zeros_stay():
    table = ipf([[0, 1], [1, 1]], [(0, [10, 20]), (1, [12, 18])])
    assert table == pytest.approx(np.array([[0, 10], [12, 8]]))


@pytest.mark.parametrize(
    ("seed", "margins", "code"),
    [
        ([[1, 1], [1, 1]], [(0, [30, 70]), (1, [40, 61])], "inconsistent-margins"),
        ([[1, 1], [1, 1]], [(0, [30, -70]), (1, [40, 60])], "out-of-bounds"),
        ([[-1, 1], [1, 1]], [(0, [30, 70])], "out-of-bounds"),
        ([[0, 0], [1, 1]], [(0, [30, 70]), (1, [40, 60])], "structural-zero"),
        ([[1, 0], [0, 1]], [(0, [30, 70]), (1, [40, 60])], "no-convergence"),
        ([[1, 1], [1, 1]], [(0, [30, 70, 1])], "wrong-shape"),
        ([[1, 1], [1, 1]], [(2, [30, 70])], "margin-axes"),
        ([[1, 1], [1, 1]], [((0, 0), [[30, 70], [1, 1]])], "margin-axes"),
        ([[1, 1], [1, 1]], [], "margin-axes"),
        ([[1, np.nan], [1, 1]], [(0, [30, 70])], "not-finite"),
    ],
)
def test_ipf_refuses(seed: list[list[float]], margins: list, code: str):
    with pytest.raises(PlanError) as refusal:
        ipf(seed, margins, sweeps=200)
    assert refusal.value.code == code


def test_ipf_margins_that_disagree_only_on_a_shared_axis():
    # The grand totals agree; the sums over the shared axis 1 do not.
    with pytest.raises(PlanError, match="share") as refusal:
        ipf(np.ones((2, 2, 2)), [((0, 1), [[1, 2], [3, 4]]), ((1, 2), [[3, 3], [2, 2]])])
    assert refusal.value.code == "inconsistent-margins"
