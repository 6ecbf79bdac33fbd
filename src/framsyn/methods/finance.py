"""Loans, price bases and liquidity.

References
----------
Brealey, R., Myers, S. & Allen, F. (2020). Principles of Corporate Finance, 13th ed., chapter 2 (annuities).
McGraw-Hill.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from framsyn.errors import PlanError
from framsyn.methods.checks import Floats, finite_array, finite_number, whole_number

__all__ = ["LoanSchedule", "annuity", "liquidity", "loan_schedule", "reprice"]


class LoanSchedule(NamedTuple):
    """A loan year by year; balance is what is owed at the end of the year. Dims (year)."""

    interest: Floats
    instalment: Floats
    payment: Floats
    balance: Floats


def annuity(principal: float, rate: float, years: int) -> float:
    """Equal yearly payment that pays a loan with its interest.

    principal · rate / (1 − (1 + rate)^(−years)); principal/years where the rate is 0

    Parameters
    ----------
    principal : float [money]
    rate : float [1 per year]
        0.024 for 2.4 %; above −1.
    years : int [year]

    Returns
    -------
    float [money per year]

    Raises
    ------
    PlanError
        ``out-of-bounds``, ``not-finite``, ``not-whole``, ``bad-rate``.

    Examples
    --------
    >>> round(annuity(1000, 0.024, 25), 4)
    53.657
    """
    owed = finite_number("principal", principal, low=0)
    terms = whole_number("years", years, low=1)
    interest = finite_number("rate", rate)
    if interest <= -1:
        message = f"rate is {interest:g}, expected above −1. Write 0.024 for 2.4 %."
        raise PlanError("bad-rate", message, got=interest)
    if interest == 0:
        return owed / terms
    # expm1 and log1p keep the digits of very small rates, where the plain formula cancels.
    return float(owed * interest / -np.expm1(-terms * np.log1p(interest)))


def loan_schedule(
    principal: float,
    rate: float,
    years: int,
    kind: Literal["annuity", "serial"] = "annuity",
    *,
    free_years: int = 0,
) -> LoanSchedule:
    """Interest, instalments and balance of a loan year by year, paid at the end of each year.

    annuity: equal payments; serial: equal instalments of principal/(years − free years).

    Parameters
    ----------
    principal : float [money]
    rate : float [1 per year]
    years : int [year]
        Whole running time.
    kind : "annuity" or "serial"
    free_years : int [year]
        First years with interest only.

    Returns
    -------
    LoanSchedule [money per year]

    Raises
    ------
    PlanError
        ``bad-loan``, or as :func:`annuity`.

    Examples
    --------
    >>> loan = loan_schedule(1000, 0.05, 4, "serial")
    >>> loan.payment, loan.balance
    (array([300. , 287.5, 275. , 262.5]), array([750., 500., 250.,   0.]))
    """
    terms, free = whole_number("years", years, low=1), whole_number("free_years", free_years)
    if free >= terms or kind not in ("annuity", "serial"):
        message = (
            f"A loan of kind {kind!r} over {terms} years with {free} years free of instalments cannot be "
            "paid. "
            "Take 'annuity' or 'serial' and fewer free years than years."
        )
        raise PlanError("bad-loan", message, kind=kind, years=terms, free_years=free)
    paying = terms - free
    level = annuity(principal, rate, paying)
    owed = float(principal)
    interest, instalment, balance = np.empty(terms), np.zeros(terms), np.empty(terms)
    for t in range(terms):
        interest[t] = owed * rate
        if t >= free:
            instalment[t] = principal / paying if kind == "serial" else level - interest[t]
        # The last instalment clears what rounding has left.
        instalment[t] = owed if t == terms - 1 else instalment[t]
        owed -= instalment[t]
        balance[t] = owed
    return LoanSchedule(interest, instalment, interest + instalment, balance)


def reprice(amount: ArrayLike, index_from: ArrayLike, index_to: ArrayLike) -> Floats | float:
    """Amount moved from one year's prices to another's.

    amount · index_to / index_from

    Parameters
    ----------
    amount : float or array_like [money in prices of the first year]
    index_from, index_to : float or array_like
        The price or wage index of the two years, from one and the same series; above 0.

    Returns
    -------
    float or ndarray [money in prices of the second year]

    Examples
    --------
    >>> reprice(200, 100, 110)
    220.0
    """
    first, second = finite_array("index_from", index_from, low=0), finite_array("index_to", index_to, low=0)
    if (first == 0).any() or (second == 0).any():
        message = "A price index is 0. Take the index of a year that the series covers."
        raise PlanError("zero-denominator", message)
    moved = finite_array("amount", amount) * second / first
    return float(moved) if np.ndim(moved) == 0 else moved


def liquidity(
    opening: ArrayLike,
    result: ArrayLike,
    depreciation: ArrayLike,
    investment: ArrayLike,
    borrowing: ArrayLike = 0.0,
    instalments: ArrayLike = 0.0,
) -> Floats:
    """Cash at the end of each year.

    cash[t] = cash[t−1] + result + depreciation − investment + borrowing − instalments; depreciation is a cost
    in the result that takes no cash, interest is already in the result.

    Parameters
    ----------
    opening : array_like [money], dims (...)
        Cash before the first year.
    result, depreciation, investment, borrowing, instalments : array_like [money per year], dims (..., year)

    Returns
    -------
    ndarray [money], dims (..., year)
        Negative where the cash does not suffice.

    Examples
    --------
    >>> liquidity(100, [10, -20], [30, 30], [0, 200], borrowing=[0, 100], instalments=[0, 10])
    array([140.,  40.])
    """
    flows = (
        finite_array("result", result)
        + finite_array("depreciation", depreciation, low=0)
        - finite_array("investment", investment, low=0)
        + finite_array("borrowing", borrowing, low=0)
        - finite_array("instalments", instalments, low=0)
    )
    if flows.ndim == 0:
        message = "The yearly flows are single numbers; give at least one with a year axis, the last one."
        raise PlanError("wrong-shape", message, got=())
    return finite_array("opening", opening)[..., None] + np.cumsum(flows, axis=-1)
