"""Time profiles: how large a share of a full effect has come in a year.

A profile is 0 up to its first year, rises to 1 (or to the shares given) and is held after its last year.
"""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import Field, model_validator

from framsyn.scenario.model import FrozenModel, Number, Year, refuse

__all__ = ["PROFILES", "Linear", "Logistic", "Points", "Profile", "Step"]


def _years(years: ArrayLike) -> NDArray[np.float64]:
    return np.asarray(years, dtype=np.float64)


class _Span(FrozenModel):
    """A profile that runs from one year to a later one."""

    start: Annotated[Year, Field(alias="from")]
    """Last year without effect."""
    end: Annotated[Year, Field(alias="to")]
    """First year with the full effect."""

    @model_validator(mode="after")
    def _ordered(self) -> _Span:
        if not self.start < self.end:
            raise refuse(
                "years-unordered",
                "from",
                f"from {self.start} to {self.end}",
                "a profile starts before it ends",
                'Use kind = "step" for a change in one year.',
            )
        return self


class Linear(_Span):
    """Equal steps from one year to another.

    ``share(t) = (t - from) / (to - from)``, cut at 0 and 1

    Examples
    --------
    >>> Linear(start=2025, end=2035).at([2024, 2025, 2030, 2040])
    array([0. , 0. , 0.5, 1. ])
    """

    kind: Literal["linear"] = "linear"

    def at(self, years: ArrayLike) -> NDArray[np.float64]:
        """Share of the full effect [1] that has come by each year."""
        return np.clip((_years(years) - self.start) / (self.end - self.start), 0.0, 1.0)


class Logistic(_Span):
    """Slow, then fast, then slow: the course of a new practice that spreads.

    ``share(t) = (L(t) - L(from)) / (L(to) - L(from))`` with
    ``L(t) = 1 / (1 + exp(-steepness (t - midpoint)))``, so that it is exactly 0 at first and 1 at last.

    Examples
    --------
    >>> Logistic(start=2025, end=2035).at([2025, 2030, 2035])
    array([0. , 0.5, 1. ])
    """

    kind: Literal["logistic"] = "logistic"
    midpoint: Number | None = None
    """Year of the fastest change; without it half way."""
    steepness: Number | None = None
    """Rate at the midpoint [1/year], above 0; without it 8 over the number of years."""

    @model_validator(mode="after")
    def _within(self) -> Logistic:
        if self.midpoint is not None and not self.start <= self.midpoint <= self.end:
            raise refuse(
                "midpoint-outside",
                "midpoint",
                self.midpoint,
                f"the midpoint lies between {self.start} and {self.end}",
            )
        if self.steepness is not None and self.steepness <= 0:
            raise refuse(
                "not-positive",
                "steepness",
                self.steepness,
                "a steepness is above 0",
                "Leave it out for the default.",
            )
        return self

    def at(self, years: ArrayLike) -> NDArray[np.float64]:
        """Share of the full effect [1] that has come by each year."""
        middle = (self.start + self.end) / 2 if self.midpoint is None else self.midpoint
        rate = 8.0 / (self.end - self.start) if self.steepness is None else self.steepness

        def curve(year: NDArray[np.float64]) -> NDArray[np.float64]:
            return 0.5 * (1.0 + np.tanh(0.5 * rate * (year - middle)))

        first, last = curve(_years(self.start)), curve(_years(self.end))
        inside = np.clip(_years(years), self.start, self.end)
        return np.clip((curve(inside) - first) / (last - first), 0.0, 1.0)


class Step(FrozenModel):
    """All at once in one year.

    Examples
    --------
    >>> Step(year=2030).at([2029, 2030, 2031])
    array([0., 1., 1.])
    """

    kind: Literal["step"] = "step"
    year: Year
    """First year with the full effect."""

    def at(self, years: ArrayLike) -> NDArray[np.float64]:
        """Share of the full effect [1] that has come by each year."""
        return (_years(years) >= self.year).astype(np.float64)


class Points(FrozenModel):
    """Shares given for some years, straight lines between them, held after the last, 0 before the first.

    Examples
    --------
    >>> Points(years=(2025, 2030, 2040), shares=(0.0, 0.6, 1.0)).at([2020, 2025, 2030, 2035, 2050])
    array([0. , 0. , 0.6, 0.8, 1. ])
    """

    kind: Literal["points"] = "points"
    years: Annotated[tuple[Year, ...], Field(min_length=1)]
    """Years in rising order."""
    shares: Annotated[tuple[Number, ...], Field(min_length=1)]
    """Share of the full effect in each of the years, 0–1."""

    @model_validator(mode="after")
    def _ordered(self) -> Points:
        if len(self.years) != len(self.shares):
            raise refuse(
                "lengths-differ",
                "shares",
                f"{len(self.years)} years and {len(self.shares)} shares",
                "every year has one share",
            )
        for before, after in zip(self.years, self.years[1:], strict=False):
            if not before < after:
                raise refuse(
                    "years-unordered",
                    "years",
                    f"{before} before {after}",
                    "years stand in rising order, each once",
                )
        for share in self.shares:
            if not 0.0 <= share <= 1.0:
                raise refuse(
                    "share-out-of-range", "shares", share, "a share lies in 0–1", share_way_out(share)
                )
        return self

    def at(self, years: ArrayLike) -> NDArray[np.float64]:
        """Share of the full effect [1] that has come by each year."""
        return np.interp(_years(years), self.years, self.shares, left=0.0)


def share_way_out(value: float) -> str:
    """Say how a share is written, for a value that was meant as a percentage or has the wrong sign."""
    if 1.0 < value <= 100.0:
        return f"Write {value / 100:g} for {value:g} %." if value > 2.0 else "Write 0.3 for 30 %."
    return "Write 0.3 for 30 %; the direction belongs to the effect."


PROFILES: dict[str, type[FrozenModel]] = {
    "linear": Linear,
    "logistic": Logistic,
    "step": Step,
    "points": Points,
}

Profile = Annotated[Linear | Logistic | Step | Points, Field(discriminator="kind")]
"""A table with ``kind`` and the keys of that kind."""
