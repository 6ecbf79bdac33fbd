"""Waiting lists in the long run: the queue that fits a target, and the capacity that reaches and keeps it.

References
----------
Fong, K. J., Mushtaq, Y., House, T., Gordon, D., Chen, Y., Griffths, D., Ahmad, S. & Walton, N. (2022).
Understanding waiting lists pressures. medRxiv 2022.08.23.22279117.
Little, J. D. C. (1961). A proof for the queuing formula L = λW. Operations Research 9 (3), 383–387.
"""

from __future__ import annotations

from framsyn.errors import PlanError
from framsyn.methods.checks import finite_number

__all__ = ["load", "relief_capacity", "target_capacity", "target_queue"]


def load(demand: float, capacity: float) -> float:
    """Referrals over treatments; above 1 the queue grows without end.

    Parameters
    ----------
    demand, capacity : float [patient per week]

    Returns
    -------
    float [1]

    Examples
    --------
    >>> round(load(30, 27), 4)
    1.1111
    """
    return finite_number("demand", demand, low=0) / _above_zero("capacity", capacity)


def target_queue(demand: float, target: float, factor: float = 4) -> float:
    """Queue at which a target for the wait is met.

    demand·target/factor. Factor 4 is for a target that nearly everyone must meet, as the English maximum;
    factor 1 is for a target for the mean wait, as the Norwegian 50, 40, 35 and 30 days (Little's law).

    Parameters
    ----------
    demand : float [patient per week]
    target : float [week]
    factor : float [1]

    Returns
    -------
    float [patient]

    Examples
    --------
    >>> target_queue(30, 52), round(target_queue(30, 50 / 7, factor=1), 3)
    (390.0, 214.286)
    """
    wait = finite_number("target", target, low=0)
    return finite_number("demand", demand, low=0) * wait / _above_zero("factor", factor)


def relief_capacity(demand: float, queue: float, target_queue: float, weeks: float) -> float:
    """Capacity that brings a queue to its target in a given time.

    demand + (queue − target queue)/weeks

    Parameters
    ----------
    demand : float [patient per week]
    queue, target_queue : float [patient]
    weeks : float [week]

    Returns
    -------
    float [patient per week]

    Examples
    --------
    >>> round(relief_capacity(30, 1200, 390, 26), 6)
    61.153846
    """
    excess = finite_number("queue", queue, low=0) - finite_number("target_queue", target_queue, low=0)
    return finite_number("demand", demand, low=0) + excess / _above_zero("weeks", weeks)


def target_capacity(
    demand: float, target: float, factor: float = 4, cv_demand: float = 1.0, cv_capacity: float = 1.0
) -> float:
    """Capacity that keeps the wait at its target once the queue is there.

    demand + ((cv_d² + cv_c²)/2)·factor/target: capacity must lie a little above demand, for both vary.

    Parameters
    ----------
    demand : float [patient per week]
    target : float [week]
    factor : float [1]
        As in :func:`target_queue`.
    cv_demand, cv_capacity : float [1]
        Coefficients of variation of the referrals and of the treatments.

    Returns
    -------
    float [patient per week]

    Examples
    --------
    >>> round(target_capacity(30, 52), 6)
    30.076923
    """
    coefficients = {"cv_demand": cv_demand, "cv_capacity": cv_capacity}
    variances = sum(finite_number(name, cv, low=0) ** 2 for name, cv in coefficients.items())
    margin = variances / 2 * _above_zero("factor", factor) / _above_zero("target", target)
    return finite_number("demand", demand, low=0) + margin


def _above_zero(name: str, value: float) -> float:
    number = finite_number(name, value, low=0)
    if number == 0:
        message = f"{name} is 0 and is divided by. Give a number above 0."
        raise PlanError("zero-denominator", message, name=name)
    return number
