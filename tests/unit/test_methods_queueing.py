"""Servers, census, pooling, waiting lists and the final size of an epidemic."""

from __future__ import annotations

import math

import numpy as np
import pytest

from framsyn.errors import PlanError
from framsyn.methods import epidemic, queueing, waiting


def test_erlang_b_at_the_ends():
    assert queueing.erlang_b(0, 0) == 1
    assert queueing.erlang_b(0, 3) == 0
    assert queueing.erlang_b(5, 0) == 1
    assert queueing.erlang_b(1e6, 10) == pytest.approx(1 - 10 / 1e6, rel=1e-6)


def test_erlang_c_of_one_server_is_its_load_and_of_too_few_is_one():
    assert queueing.erlang_c(0.7, 1) == pytest.approx(0.7)
    assert queueing.erlang_c(3, 3) == 1
    assert queueing.erlang_c(0, 3) == 0


def test_servers_for_loss_of_an_array_equals_one_by_one():
    loads = np.r_[0, np.geomspace(0.01, 2000, 60)]
    for target in (0.001, 0.05, 0.5):
        many = queueing.servers_for_loss(loads, target)
        assert many.tolist() == [queueing.servers_for_loss(float(load), target) for load in loads]
    assert queueing.servers_for_loss(loads.reshape(1, -1), 0.05).shape == (1, 61)


def test_servers_for_loss_is_the_smallest():
    servers = queueing.servers_for_loss(37.5, 0.02)
    assert queueing.erlang_b(37.5, servers) <= 0.02 < queueing.erlang_b(37.5, servers - 1)


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: queueing.erlang_b(-1, 2), "out-of-bounds"),
        (lambda: queueing.erlang_b(1, 2.5), "not-whole"),
        (lambda: queueing.erlang_b(math.nan, 2), "not-finite"),
        (lambda: queueing.servers_for_loss(3, 0), "bad-target"),
        (lambda: queueing.servers_for_loss([3, -1], 0.1), "out-of-bounds"),
        (lambda: queueing.load_at_occupancy(10, 1), "bad-target"),
        (lambda: queueing.load_at_occupancy(0, 0.8), "out-of-bounds"),
        (lambda: queueing.census_quantile(100, 1), "bad-target"),
        (lambda: queueing.sinusoidal_census_mean(10, 0.5, 0, 3, 0), "out-of-bounds"),
        (lambda: queueing.census_mean([1, 2], [0.5, 0.6]), "rising-survival"),
        (lambda: waiting.target_queue(30, 52, factor=0), "zero-denominator"),
        (lambda: waiting.relief_capacity(30, 1200, 390, 0), "zero-denominator"),
        (lambda: waiting.load(30, 0), "zero-denominator"),
        (lambda: epidemic.final_size(-1), "out-of-bounds"),
    ],
)
def test_refusals(call, code: str):
    with pytest.raises(PlanError) as refusal:
        call()
    assert refusal.value.code == code


def test_census_mean_is_arrivals_times_stay_when_nothing_swings():
    still_in = 0.8 ** np.arange(200)
    census = queueing.census_mean(np.full(7, 10.0), still_in)
    assert census == pytest.approx(np.full(7, 10 * still_in.sum()))


def test_census_mean_by_a_plain_sum():
    arrivals, still_in = np.array([9.0, 1.0, 4.0]), np.array([1.0, 0.7, 0.4, 0.2])
    plain = [sum(arrivals[(t - u) % 3] * s for u, s in enumerate(still_in)) for t in range(3)]
    assert queueing.census_mean(arrivals, still_in) == pytest.approx(plain)


def test_census_mean_comes_close_to_the_formula_for_a_sine():
    steps = 700  # a week in hundredths of a day
    days = np.arange(steps) / 100
    arrivals = 10 * (1 + 0.5 * np.sin(2 * np.pi * days / 7)) / 100
    census = queueing.census_mean(arrivals, np.exp(-np.arange(9000) / 300))
    assert census[300] == pytest.approx(queueing.sinusoidal_census_mean(10, 0.5, 7, 3, 3.0), rel=5e-3)


def test_queue_at_target_capacity():
    assert waiting.target_capacity(30, 52, 4, 1, 1) == pytest.approx(30 + 4 / 52)
    assert waiting.target_queue(30, 7, factor=1) == 210


@pytest.mark.parametrize("r0", [1.0001, 1.2, 2.5, 6, 50])
def test_final_size_solves_its_equation(r0: float):
    share = epidemic.final_size(r0)
    assert share > 0
    assert share == pytest.approx(1 - math.exp(-r0 * share), rel=1e-9)


def test_no_epidemic_below_one():
    assert epidemic.final_size(1) == 0
    assert epidemic.final_size(0.3) == 0
