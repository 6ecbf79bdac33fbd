"""Which uncertain input drives a result: Sobol's indices of variance.

References
----------
Sobol', I. M. (2001). Global sensitivity indices for nonlinear mathematical models. Mathematics and Computers
in Simulation 55, 271–280.
Saltelli, A. et al. (2010). Variance based sensitivity analysis of model output. Computer Physics
Communications 181, 259–270.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike

from framsyn.errors import PlanError
from framsyn.methods.checks import Floats, finite_array, whole_number

__all__ = ["HasPpf", "SobolIndices", "sobol"]


class HasPpf(Protocol):
    """A distribution that can turn uniform numbers into its own."""

    def ppf(self, u: Floats, /) -> ArrayLike:
        """Inverse of the distribution function."""
        ...


class SobolIndices(NamedTuple):
    """Share of the variance by input, dims (input) or (output, input), with bootstrap limits.

    ``first`` is what an input does alone, ``total`` what it does alone and together with others.
    """

    names: tuple[str, ...]
    first: Floats
    first_low: Floats
    first_high: Floats
    total: Floats
    total_low: Floats
    total_high: Floats


def sobol(
    function: Callable[[dict[str, Floats]], ArrayLike],
    dists: Mapping[str, HasPpf],
    n: int = 1024,
    seed: int = 1,
    *,
    resamples: int = 200,
    confidence: float = 0.95,
) -> SobolIndices:
    """First-order and total Sobol indices of a vectorised function.

    S1_i = Var(E[y | x_i]) / Var(y), ST_i = E[Var(y | all but x_i)] / Var(y), by Saltelli's 2010 design on a
    scrambled Sobol sequence; n·(inputs + 2) values are calculated.

    Parameters
    ----------
    function : callable
        Takes a dict of input name to n values, and returns n values, or (output, n).
    dists : mapping of str to distribution
        Independent inputs, each with ``ppf``.
    n : int
        Size of the design, a power of two.
    seed : int
    resamples : int
        Bootstrap resamples behind the limits.
    confidence : float [1]

    Returns
    -------
    SobolIndices

    Raises
    ------
    PlanError
        ``bad-design``, ``constant-result``, ``wrong-shape``, or as for any array.

    Examples
    --------
    >>> from scipy.stats import uniform
    >>> inputs = {"large": uniform(0, 2), "small": uniform(0, 1)}
    >>> sobol(lambda x: x["large"] + x["small"], inputs, n=4096).first.round(2)
    array([0.8, 0.2])
    """
    from scipy.stats import qmc, sobol_indices

    names = tuple(dists)
    size, repeats = whole_number("n", n, low=2), whole_number("resamples", resamples, low=2)
    if not names or size & (size - 1) or not 0 < confidence < 1:
        message = (
            f"sobol got {len(names)} inputs, n = {size} and confidence {confidence:g}; it needs at least one "
            "input, "
            "a power of two such as 1024, and a confidence in (0, 1)."
        )
        raise PlanError("bad-design", message, inputs=len(names), n=size, confidence=confidence)
    generator = np.random.default_rng(whole_number("seed", seed))
    uniforms = qmc.Sobol(2 * len(names), rng=generator).random(size)
    # The sequence may hold an exact 0, whose ppf is minus infinity for unbounded inputs.
    uniforms = np.clip(uniforms, 2.0**-53, 1 - 2.0**-53)
    a, b = uniforms[:, : len(names)], uniforms[:, len(names) :]
    values_a, values_b = _evaluate(function, dists, a), _evaluate(function, dists, b)
    mixed = []
    for i in range(len(names)):
        swapped = a.copy()
        swapped[:, i] = b[:, i]
        mixed.append(_evaluate(function, dists, swapped))
    values_ab = np.stack(mixed)
    if (np.var(values_a, axis=1) == 0).any():
        message = (
            "The result does not vary over the inputs, so nothing can be divided among them. Check the "
            "distributions."
        )
        raise PlanError("constant-result", message)

    def indices(rows: np.ndarray | slice) -> Floats:
        if len(names) == 1:  # one input carries all variance there is
            return np.ones((2, len(values_a), 1))
        parts = {"f_A": values_a[:, rows], "f_B": values_b[:, rows], "f_AB": values_ab[:, :, rows]}
        found = sobol_indices(func=parts, n=size)
        return np.stack([np.atleast_2d(found.first_order), np.atleast_2d(found.total_order)])

    central = indices(slice(None))
    again = np.stack([indices(generator.integers(0, size, size)) for _ in range(repeats)])
    tail = (1 - confidence) / 2
    low, high = np.quantile(again, [tail, 1 - tail], axis=0)
    single = np.ndim(function(_inputs(dists, a[:2]))) == 1
    first, total = (_shaped(part, single) for part in central)
    return SobolIndices(
        names,
        first,
        _shaped(low[0], single),
        _shaped(high[0], single),
        total,
        _shaped(low[1], single),
        _shaped(high[1], single),
    )


def _inputs(dists: Mapping[str, HasPpf], uniforms: Floats) -> dict[str, Floats]:
    columns = ((name, dist.ppf(uniforms[:, i])) for i, (name, dist) in enumerate(dists.items()))
    return {name: finite_array(f"input {name}", values) for name, values in columns}


def _evaluate(
    function: Callable[[dict[str, Floats]], ArrayLike], dists: Mapping[str, HasPpf], uniforms: Floats
) -> Floats:
    values = finite_array("the result of the function", function(_inputs(dists, uniforms)))
    if values.ndim not in (1, 2) or values.shape[-1] != uniforms.shape[0]:
        message = (
            f"The function returned shape {values.shape} for {uniforms.shape[0]} values of each input; "
            "expected (n) or "
            "(output, n). Write it for whole arrays."
        )
        raise PlanError("wrong-shape", message, got=values.shape)
    return np.atleast_2d(values)


def _shaped(values: Floats, single: bool) -> Floats:
    return values[0] if single else values
