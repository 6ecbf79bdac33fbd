"""What each factor did to the change between two runs, adding up exactly.

References
----------
Das Gupta, P. (1993). Standardization and Decomposition of Rates: A User's Manual. U.S. Bureau of the Census,
P23-186. Shapley, L. S. (1953). A value for n-person games. Contributions to the Theory of Games II, 307–317.
Kitagawa, E. M. (1955). Components of a difference between two rates. Journal of the American Statistical
Association 50, 1168–1194.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import factorial
from typing import Any

import numpy as np

from framsyn.errors import PlanError
from framsyn.methods.checks import Floats, check_shape, finite_array

__all__ = ["das_gupta"]

MOST_FACTORS = 12


def das_gupta(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    function: Callable[[dict[str, Any]], Any],
) -> dict[str, Any]:
    """Effect of each factor on the change of a result, averaged over every order of change.

    effect_i = Σ_S |S|!·(n − |S| − 1)!/n! · (f(S ∪ i after) − f(S after)) over the sets S of other factors.
    The effects sum to f(after) − f(before). The function is called once per set of factors, 2ⁿ times.

    Parameters
    ----------
    before, after : mapping of str to factor
        The same factors in both, numbers or arrays of any kind that ``function`` takes.
    function : callable
        Takes a dict of factors and returns a number or an array, always of one shape.

    Returns
    -------
    dict of str to float or ndarray
        Effect by factor in the order of ``before`` and the unit of the result.

    Raises
    ------
    PlanError
        ``factors-differ``, ``too-many-factors`` (more than 12), ``wrong-shape``, ``not-finite``.

    Examples
    --------
    >>> before, after = {"persons": 100, "rate": 0.1}, {"persons": 120, "rate": 0.2}
    >>> effects = das_gupta(before, after, lambda f: f["persons"] * f["rate"])
    >>> {name: round(effect, 9) for name, effect in effects.items()}
    {'persons': 3.0, 'rate': 11.0}
    """
    names = list(before)
    if set(names) != set(after) or not names:
        message = (
            f"The factors differ: before {sorted(before)}, after {sorted(after)}. Give both the same "
            "factors, at least one."
        )
        raise PlanError("factors-differ", message, before=sorted(before), after=sorted(after))
    n = len(names)
    if n > MOST_FACTORS:
        message = (
            f"das_gupta got {n} factors and would call the function {2**n} times; at most {MOST_FACTORS} are "
            "taken. "
            "Join factors that belong together into groups."
        )
        raise PlanError("too-many-factors", message, got=n, expected=MOST_FACTORS)
    results = _results(names, before, after, function)
    sets = np.arange(2**n)
    sizes = np.array([int(s).bit_count() for s in sets])
    weights = np.array([factorial(k) * factorial(n - k - 1) / factorial(n) for k in range(n)])
    effects = {}
    for position, name in enumerate(names):
        without = sets[(sets >> position) & 1 == 0]
        gains = results[without | (1 << position)] - results[without]
        effect = np.tensordot(weights[sizes[without]], gains, axes=1)
        effects[name] = float(effect) if np.ndim(effect) == 0 else effect
    return effects


def _results(
    names: list[str],
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    function: Callable[[dict[str, Any]], Any],
) -> Floats:
    """Function value per set of factors that have changed; bit i of the row number is factor i."""
    rows: list[Floats] = []
    for chosen in range(2 ** len(names)):
        factors = {name: (after if chosen >> i & 1 else before)[name] for i, name in enumerate(names)}
        told = ", ".join(name for i, name in enumerate(names) if chosen >> i & 1) or "no factor"
        value = finite_array(f"the result with {told} changed", function(factors))
        if rows:
            check_shape(f"the result with {told} changed", value.shape, rows[0].shape)
        rows.append(value)
    return np.stack(rows)
