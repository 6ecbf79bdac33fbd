"""Checks that every method makes on its input before it calculates."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from framsyn.errors import PlanError

__all__ = ["Floats", "check_same_shape", "check_shape", "finite_array", "finite_number", "whole_number"]

Floats = NDArray[np.float64]


def finite_array(
    name: str,
    value: ArrayLike,
    *,
    low: float | None = None,
    high: float | None = None,
    dims: int | None = None,
) -> Floats:
    """Values as a float64 array, after a check that every one is finite and within its bounds.

    Parameters
    ----------
    name : str
        What the values are called in the message.
    value : array_like
        The values.
    low, high : float, optional
        Bounds, both allowed values themselves.
    dims : int, optional
        The number of dimensions that is needed.

    Returns
    -------
    ndarray of float64

    Raises
    ------
    PlanError
        ``not-numbers``, ``not-finite``, ``out-of-bounds`` or ``wrong-dimensions``.

    Examples
    --------
    >>> finite_array("load", [1, 2], low=0)
    array([1., 2.])
    """
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError) as fault:
        message = f"{name} holds something that is not a number. Give numbers in a regular array."
        raise PlanError("not-numbers", message, name=name) from fault
    if dims is not None and array.ndim != dims:
        message = f"{name} has {array.ndim} dimensions, expected {dims}. Reshape it or pick one slice."
        raise PlanError("wrong-dimensions", message, name=name, got=array.ndim, expected=dims)
    if not np.isfinite(array).all():
        where = _first(~np.isfinite(array))
        message = (
            f"{name} is {array[where]} at position {where}; every value must be finite. Fill or mask it "
            "first."
        )
        raise PlanError("not-finite", message, name=name, position=where)
    wrong = np.zeros(array.shape, dtype=bool)
    if low is not None:
        wrong |= array < low
    if high is not None:
        wrong |= array > high
    if wrong.any():
        where = _first(wrong)
        got = float(array[where])
        bounds = f"{'' if low is None else f'{low:g} ≤ '}value{'' if high is None else f' ≤ {high:g}'}"
        message = f"{name} is {got:g} at position {where}, expected {bounds}. Correct the value or its unit."
        raise PlanError("out-of-bounds", message, name=name, got=got, low=low, high=high, position=where)
    return array


def finite_number(name: str, value: float, *, low: float | None = None, high: float | None = None) -> float:
    """One finite number within its bounds.

    Raises
    ------
    PlanError
        As :func:`finite_array`.

    Examples
    --------
    >>> finite_number("rate", 0.024, low=0)
    0.024
    """
    return float(finite_array(name, value, low=low, high=high, dims=0))


def whole_number(name: str, value: Any, *, low: int = 0, high: int | None = None) -> int:
    """One whole number within its bounds.

    Raises
    ------
    PlanError
        ``not-whole``, or as :func:`finite_array`.

    Examples
    --------
    >>> whole_number("servers", 3.0)
    3
    """
    number = finite_number(name, value, low=low, high=high)
    if number != int(number):
        message = f"{name} is {number:g}, expected a whole number. Round it first, up or down on purpose."
        raise PlanError("not-whole", message, name=name, got=number)
    return int(value)


def check_shape(name: str, got: tuple[int, ...], expected: tuple[int, ...], dims: str = "") -> None:
    """Refuse an array whose shape is not the expected one.

    Raises
    ------
    PlanError
        ``wrong-shape``.

    Examples
    --------
    >>> check_shape("fertility", (106,), (106,))
    """
    if tuple(got) != tuple(expected):
        named = f" {dims}" if dims else ""
        message = (
            f"{name} has shape {tuple(got)}, expected {tuple(expected)}{named}. Check the order of the axes."
        )
        raise PlanError("wrong-shape", message, name=name, got=tuple(got), expected=tuple(expected))


def check_same_shape(**arrays: Floats) -> None:
    """Refuse arrays that should have one shape and do not.

    Raises
    ------
    PlanError
        ``shapes-differ``.

    Examples
    --------
    >>> check_same_shape(observed=np.zeros(3), expected=np.ones(3))
    """
    shapes = {name: array.shape for name, array in arrays.items()}
    if len(set(shapes.values())) > 1:
        told = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        message = f"The shapes differ: {told}. Give every array the same rows in the same order."
        raise PlanError("shapes-differ", message, shapes=shapes)


def _first(mask: NDArray[np.bool_]) -> tuple[int, ...]:
    return tuple(int(i) for i in np.argwhere(mask)[0]) if mask.ndim else ()
