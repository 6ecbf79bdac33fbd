"""Loans, prices, liquidity, and the stock and flow of professionals."""

from __future__ import annotations

import numpy as np
import pytest

from framsyn.errors import PlanError
from framsyn.methods import finance, stocks


@pytest.mark.parametrize("kind", ["annuity", "serial"])
@pytest.mark.parametrize("free_years", [0, 5])
def test_a_loan_is_paid_in_full(kind: str, free_years: int):
    loan = finance.loan_schedule(4000, 0.03, 25, kind, free_years=free_years)
    assert loan.instalment.sum() == pytest.approx(4000)
    assert loan.balance[-1] == 0
    assert loan.payment == pytest.approx(loan.interest + loan.instalment)
    assert (loan.payment / 1.03 ** np.arange(1, 26)).sum() == pytest.approx(4000)
    assert loan.instalment[:free_years] == pytest.approx(np.zeros(free_years))


def test_annuity_payments_are_equal_and_serial_instalments_are():
    assert np.ptp(finance.loan_schedule(1000, 0.024, 25).payment) == pytest.approx(0, abs=1e-9)
    assert np.ptp(finance.loan_schedule(1000, 0.024, 25, "serial").instalment) == pytest.approx(0, abs=1e-9)


def test_annuity_without_and_with_next_to_no_interest():
    assert finance.annuity(1000, 0, 4) == 250
    assert finance.annuity(1000, 1e-13, 4) == pytest.approx(250, rel=1e-12)


def test_reprice_there_and_back():
    assert finance.reprice(finance.reprice(123.4, 100, 117), 117, 100) == pytest.approx(123.4)


def test_liquidity_over_draws():
    cash = finance.liquidity([100, 0], [[10, 10], [0, 5]], 20, [0, 50])
    assert cash == pytest.approx(np.array([[130, 110], [20, -5]]))


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: finance.annuity(1000, -1, 5), "bad-rate"),
        (lambda: finance.annuity(1000, 0.02, 0), "out-of-bounds"),
        (lambda: finance.annuity(-1, 0.02, 5), "out-of-bounds"),
        (lambda: finance.loan_schedule(1, 0.02, 5, free_years=5), "bad-loan"),
        (lambda: finance.loan_schedule(1, 0.02, 5, "bullet"), "bad-loan"),
        (lambda: finance.reprice(1, 0, 100), "zero-denominator"),
        (lambda: finance.liquidity(1, 2, 3, 4), "wrong-shape"),
        (lambda: stocks.step_stock(5, 0, 0), "wrong-shape"),
        (lambda: stocks.step_stock([5, 5], 0.6, 0.6), "shares-above-one"),
        (lambda: stocks.step_stock([5, 5], 0, 0, [0, -6]), "negative-stock"),
        (lambda: stocks.step_stock([5, 5], [0, 0, 0], 0), "wrong-shape"),
        (lambda: stocks.required_intake([5, 0], 0, 0, [1, 0], 9, 3, delay=3), "intake-too-late"),
        (lambda: stocks.required_intake([5, 0], 0, 0, [0, 0], 9, 3), "intake-too-late"),
        (lambda: stocks.heads_for_fte(10, 0), "nobody-at-work"),
    ],
)
def test_refusals(call, code: str):
    with pytest.raises(PlanError) as refusal:
        call()
    assert refusal.value.code == code


def a_profession() -> dict[str, np.ndarray]:
    ages = np.arange(20, 76)
    return {
        "stock": np.where((ages > 26) & (ages < 67), 30.0, 0.0),
        "retire": np.clip((ages - 60) / 12, 0, 1) * 0.6,
        "leave": np.full(ages.size, 0.02),
        "profile": 0.85 * np.where((ages >= 27) & (ages <= 31), 0.2, 0.0),
    }


def test_the_required_intake_closes_the_gap():
    group = a_profession()
    migration = np.where(np.arange(56) == 10, 4.0, 0.0)
    weight = np.linspace(0.9, 0.7, 56)
    plan = stocks.required_intake(
        **group, target=1100.0, steps=15, entrants=migration, weight=weight, delay=6
    )
    coming = np.tile(migration, (15, 1))
    coming[6:] += plan.intake * group["profile"]
    path = stocks.project_stock(group["stock"], group["retire"], group["leave"], coming, 15)
    assert (path.stock[-1] * weight).sum() == pytest.approx(1100)
    assert plan.baseline + plan.intake * plan.response == pytest.approx(1100)


def test_a_surplus_gives_a_negative_intake_and_trusts_are_solved_together():
    group = a_profession()
    group["stock"] = np.stack([group["stock"], 10 * group["stock"]])
    plan = stocks.required_intake(**group, target=[1100.0, 1100.0], steps=10)
    assert plan.intake[0] > 0 > plan.intake[1]


def test_headcount_contract_and_available_are_kept_apart():
    assert stocks.contract_fte(np.array([10, 20]), 0.5) == pytest.approx([5, 10])
    assert stocks.heads_for_fte(stocks.available_fte(100, 0.8, 0.2), 0.8, 0.2) == pytest.approx(100)
