"""Projection of one sex in equal age groups by a matrix, and the growth that it settles on.

The engine projects by single years; this abridged form meets the textbook's published example.

References
----------
Preston, S. H., Heuveline, P. & Guillot, M. (2001). Demography: Measuring and Modeling Population Processes.
Blackwell. Section 6.3.
Leslie, P. H. (1945). On the use of matrices in certain population mathematics. Biometrika 33 (3), 183–212.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from framsyn.errors import PlanError
from framsyn.methods.checks import Floats, check_shape, finite_array, finite_number

__all__ = ["growth_rate", "leslie_matrix"]


def leslie_matrix(person_years: ArrayLike, maternity: ArrayLike) -> Floats:
    """Projection matrix of one sex in equal age groups, one step of the groups' width.

    n[i+1] = n[i]·L[i+1]/L[i]; the open last group gains by L[ω]/(L[ω−1] + L[ω]); the first row is
    L[0]·(f[i] + f[i+1]·L[i+1]/L[i])/2, births of the mean population that survive.

    Parameters
    ----------
    person_years : array_like [person-year], dims (age)
        L of the life table per newborn (radix 1), summed over each group.
    maternity : array_like [1 per year], dims (age)
        Births of the same sex per woman and year.

    Returns
    -------
    ndarray [1], dims (age after, age before)

    References
    ----------
    Preston, Heuveline & Guillot (2001), section 6.3.

    Examples
    --------
    >>> leslie_matrix([5.0, 4.0, 4.0], [0.0, 0.1, 0.0]).round(3)
    array([[0.2 , 0.25, 0.  ],
           [0.8 , 0.  , 0.  ],
           [0.  , 0.5 , 0.5 ]])
    """
    years = finite_array("person_years", person_years, low=0, dims=1)
    births = finite_array("maternity", maternity, low=0, dims=1)
    check_shape("maternity", births.shape, years.shape, "(age)")
    if years.size < 2 or (years[:-1] <= 0).any():
        message = (
            "person_years needs two or more groups, each above 0 but the last. Join empty groups at the top."
        )
        raise PlanError("bad-ages", message, got=years.tolist())
    groups = np.arange(years.size - 1)
    matrix = np.zeros((years.size, years.size))
    passed = years[1:] / years[:-1]
    matrix[groups + 1, groups] = passed
    matrix[0, :-1] = years[0] * (births[:-1] + births[1:] * passed) / 2
    last = years[-1] / (years[-2] + years[-1])
    matrix[-1, -2] = matrix[-1, -1] = last
    matrix[0, -1] = years[0] * births[-1] * (1 + last) / 2
    return matrix


def growth_rate(matrix: ArrayLike, width: float = 1.0) -> float:
    """Yearly growth of the stable population of a projection matrix.

    r = ln(largest eigenvalue)/width.

    Parameters
    ----------
    matrix : array_like [1], dims (age after, age before)
    width : float [year]
        Years of one step.

    Returns
    -------
    float [1 per year]

    Examples
    --------
    >>> round(growth_rate([[0.0, 2.0], [0.5, 0.0]], width=5), 9)
    0.0
    """
    step = finite_array("matrix", matrix, low=0, dims=2)
    check_shape("matrix", step.shape, (step.shape[0], step.shape[0]), "(age after, age before)")
    years = finite_number("width", width)
    largest = float(np.linalg.eigvals(step).real.max())
    if largest <= 0 or years <= 0:
        message = f"The matrix has the growth factor {largest:g} over {years:g} years; both must be above 0."
        raise PlanError("no-growth-rate", message, factor=largest, width=years)
    return float(np.log(largest)) / years
