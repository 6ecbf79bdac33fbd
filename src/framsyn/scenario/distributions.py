"""Distributions of an uncertain size: what a planner writes, and how a uniform number becomes a drawn size.

Every distribution is drawn by its inverse, ``value = ppf(u)`` with one uniform number per draw. So two
scenarios with the same seed move together, and a wider distribution moves the same draw further out.
"""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import BeforeValidator, Field, model_validator
from scipy.special import ndtr, ndtri

from framsyn.errors import PlanError
from framsyn.scenario.model import FrozenModel, Number, refuse

__all__ = ["DISTRIBUTIONS", "Distribution", "Fixed", "Lognormal", "Normal", "Triangular", "Uniform"]

TAIL = 8.3
"""Standard deviations that a 53-bit uniform number in (0, 1) can reach: ndtri(2**-54) = -8.29."""


class _Distribution(FrozenModel):
    """What all distributions share: median, 10th and 90th percentile, reach, and the inverse."""

    def _inverse(self, u: NDArray[np.float64]) -> NDArray[np.float64]:
        raise NotImplementedError

    @property
    def reach(self) -> tuple[float, float]:
        """Smallest and largest value that a draw can take, in the unit of the assumption."""
        raise NotImplementedError

    def ppf(self, u: ArrayLike) -> NDArray[np.float64]:
        """Value below which a share ``u`` of the draws lies.

        Parameters
        ----------
        u : array_like [1], any shape
            Uniform numbers strictly between 0 and 1.

        Returns
        -------
        ndarray, shape of u, in the unit of the assumption
        """
        uniform = np.asarray(u, dtype=np.float64)
        if not np.all((uniform > 0.0) & (uniform < 1.0)):
            message = (
                "A uniform number lies strictly within 0–1; got one outside. Draw it with streams.uniform."
            )
            raise PlanError("uniform-out-of-range", message)
        return self._inverse(uniform)

    @property
    def central(self) -> float:
        """Median, the value of the central run."""
        return float(self._inverse(np.array(0.5)))

    @property
    def p10(self) -> float:
        """10th percentile."""
        return float(self._inverse(np.array(0.1)))

    @property
    def p90(self) -> float:
        """90th percentile."""
        return float(self._inverse(np.array(0.9)))


class Fixed(_Distribution):
    """One value without uncertainty. In a file the number alone is enough.

    Examples
    --------
    >>> Fixed(value=0.05).ppf([0.1, 0.9])
    array([0.05, 0.05])
    """

    kind: Literal["fixed"] = "fixed"
    value: Number
    """The value in every draw."""

    def _inverse(self, u: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.full(np.shape(u), self.value)

    @property
    def reach(self) -> tuple[float, float]:
        """Smallest and largest value that a draw can take."""
        return self.value, self.value


class Normal(_Distribution):
    """Normal distribution, cut at ``low`` and ``high`` where they are given.

    ``value = mean + sd * ndtri(F(low) + u * (F(high) - F(low)))``

    Examples
    --------
    >>> round(Normal(mean=0.02, sd=0.01).p90, 4)
    0.0328
    >>> Normal(mean=0.0, sd=1.0, low=0.0).reach[0]
    0.0
    """

    kind: Literal["normal"] = "normal"
    mean: Number
    """Mean of the uncut distribution."""
    sd: Number
    """Standard deviation of the uncut distribution, above 0."""
    low: Number | None = None
    """No draw lies below this value."""
    high: Number | None = None
    """No draw lies above this value."""

    @model_validator(mode="after")
    def _ordered(self) -> Normal:
        if self.sd <= 0:
            raise refuse(
                "sd-not-positive",
                "sd",
                self.sd,
                "a standard deviation is above 0",
                "Write the number alone for a value without uncertainty.",
            )
        low, high = self._cuts()
        if not low < high or not low <= self.mean <= high:
            raise refuse(
                "bounds-unordered",
                "low",
                f"low {low:g}, mean {self.mean:g}, high {high:g}",
                "low, mean and high stand in this order with low below high",
            )
        return self

    def _cuts(self) -> tuple[float, float]:
        return (-math.inf if self.low is None else self.low), (math.inf if self.high is None else self.high)

    def _inverse(self, u: NDArray[np.float64]) -> NDArray[np.float64]:
        low, high = self._cuts()
        below, under = ndtr((low - self.mean) / self.sd), ndtr((high - self.mean) / self.sd)
        return np.clip(self.mean + self.sd * ndtri(below + u * (under - below)), low, high)

    @property
    def reach(self) -> tuple[float, float]:
        """Smallest and largest value that a draw can take."""
        low, high = self._cuts()
        return max(low, self.mean - TAIL * self.sd), min(high, self.mean + TAIL * self.sd)


class Triangular(_Distribution):
    """Triangular distribution: lowest, most likely and highest value.

    ``value = low + sqrt(u (high - low)(mode - low))`` below the mode, mirrored above it.

    Examples
    --------
    >>> Triangular(low=-2.0, mode=0.0, high=2.0).central
    0.0
    >>> float(Triangular(low=0.0, mode=0.0, high=1.0).ppf(0.75))
    0.5
    """

    kind: Literal["triangular"] = "triangular"
    low: Number
    """Lowest value."""
    mode: Number
    """Most likely value; the median lies toward the longer side."""
    high: Number
    """Highest value."""

    @model_validator(mode="after")
    def _ordered(self) -> Triangular:
        if not (self.low <= self.mode <= self.high and self.low < self.high):
            raise refuse(
                "bounds-unordered",
                "low",
                f"low {self.low:g}, mode {self.mode:g}, high {self.high:g}",
                "low, mode and high stand in this order with low below high",
                "For a fall the largest fall is `low`.",
            )
        return self

    def _inverse(self, u: NDArray[np.float64]) -> NDArray[np.float64]:
        width = self.high - self.low
        left = self.low + np.sqrt(u * width * (self.mode - self.low))
        right = self.high - np.sqrt((1.0 - u) * width * (self.high - self.mode))
        return np.where(u < (self.mode - self.low) / width, left, right)

    @property
    def reach(self) -> tuple[float, float]:
        """Smallest and largest value that a draw can take."""
        return self.low, self.high


class Uniform(_Distribution):
    """Every value between two bounds is equally likely.

    Examples
    --------
    >>> Uniform(low=0.5, high=1.0).central
    0.75
    """

    kind: Literal["uniform"] = "uniform"
    low: Number
    """Lower bound."""
    high: Number
    """Upper bound."""

    @model_validator(mode="after")
    def _ordered(self) -> Uniform:
        if not self.low < self.high:
            raise refuse(
                "bounds-unordered",
                "low",
                f"low {self.low:g}, high {self.high:g}",
                "low lies below high",
                "Write the number alone for a value without uncertainty.",
            )
        return self

    def _inverse(self, u: NDArray[np.float64]) -> NDArray[np.float64]:
        return self.low + u * (self.high - self.low)

    @property
    def reach(self) -> tuple[float, float]:
        """Smallest and largest value that a draw can take."""
        return self.low, self.high


class Lognormal(_Distribution):
    """A value above 0 whose logarithm is normal: as likely twice too small as twice too large.

    ``value = median * exp(sigma * ndtri(u))``

    Examples
    --------
    >>> Lognormal(median=2.0, sigma=0.3).central
    2.0
    """

    kind: Literal["lognormal"] = "lognormal"
    median: Number
    """Median, above 0."""
    sigma: Number
    """Standard deviation of the natural logarithm, above 0."""

    @model_validator(mode="after")
    def _positive(self) -> Lognormal:
        for key in ("median", "sigma"):
            if getattr(self, key) <= 0:
                raise refuse(
                    "not-positive",
                    key,
                    getattr(self, key),
                    f"the {key} of a lognormal is above 0",
                    "Use normal or triangular for a size that may be negative.",
                )
        return self

    def _inverse(self, u: NDArray[np.float64]) -> NDArray[np.float64]:
        return self.median * np.exp(self.sigma * ndtri(u))

    @property
    def reach(self) -> tuple[float, float]:
        """Smallest and largest value that a draw can take."""
        return self.median * math.exp(-TAIL * self.sigma), self.median * math.exp(TAIL * self.sigma)


DISTRIBUTIONS: dict[str, type[_Distribution]] = {
    "fixed": Fixed,
    "normal": Normal,
    "triangular": Triangular,
    "uniform": Uniform,
    "lognormal": Lognormal,
}

_Written = Annotated[Fixed | Normal | Triangular | Uniform | Lognormal, Field(discriminator="kind")]


def _number_alone(value: Any) -> Any:
    """Read a bare number as a fixed value."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return {"kind": "fixed", "value": value}
    return value


Distribution = Annotated[_Written, BeforeValidator(_number_alone, json_schema_input_type=float | _Written)]
"""A number alone, or a table with ``kind`` and the numbers of that kind."""
