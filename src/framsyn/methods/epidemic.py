"""How far an epidemic goes.

References
----------
Kermack, W. O. & McKendrick, A. G. (1927). A contribution to the mathematical theory of epidemics. Proceedings
of the Royal Society A 115, 700–721.
"""

from __future__ import annotations

import math

from framsyn.methods.checks import finite_number

__all__ = ["final_size"]


def final_size(r0: float) -> float:
    """Share of a fully susceptible, evenly mixed population that is infected in the end.

    The positive root of z = 1 − exp(−R0·z); 0 where R0 is 1 or less.

    Parameters
    ----------
    r0 : float [1]
        New infections by one case at the start.

    Returns
    -------
    float [1]

    Examples
    --------
    >>> round(final_size(1.75), 6)
    0.712698
    """
    reproduction = finite_number("r0", r0, low=0)
    if reproduction <= 1:
        return 0.0
    # −ln(1 − z)/z rises from 1, so the root is single; halving stops where two neighbouring numbers are left.
    low, high = 0.0, 1.0
    while low < (middle := (low + high) / 2) < high:
        if -math.expm1(-reproduction * middle) > middle:
            low = middle
        else:
            high = middle
    return high
