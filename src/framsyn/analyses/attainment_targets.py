"""What a goal demands, as numbers: the indicator of an outlook, and whether its draws meet the target."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from framsyn.errors import PlanError
from framsyn.stages.draws import Draws
from framsyn.stages.parameters import Parameters

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["REGION", "Answer", "Target", "distance", "values_of"]

REGION = "region"
_ROUNDING = 1e-9
TYPES = ("reach_at_least", "reach_at_most", "hold", "range")


class Answer(Protocol):
    """What answers: an outlook, or anything that gives the draws of a quantity as one does."""

    def draws(self, name: str, by: Sequence[str], where: Mapping[str, Any] | None = None) -> xr.DataArray:
        """Return a quantity, (draw, *by)."""


@dataclass(frozen=True)
class Target:
    """What is to be reached: a quantity of the outlook, in a place, by a year.

    Parameters
    ----------
    quantity : str
        Quantity of the outlook; with ``parameter``, one of the region's parameters.
    where : mapping
        Labels of the quantity that are taken.
    place : str
        "region", or a trust.
    year : int
        Year of the deadline.
    type : {"reach_at_least", "reach_at_most", "hold", "range"}
    value : float
        Target, or for "hold" the level that is kept; in the unit of the indicator.
    low, high : float
        Ends of a range.
    tolerance : float
        How far a level that is kept may move and still be kept.
    direction : {"", "up", "down"}
        The way in which a level that is kept may move as far as it likes.
    per, per_where : str, mapping
        Quantity that the first one is divided by.
    factor : float
        From the unit of the quantity to that of the indicator.
    parameter : bool
        The indicator is an input of the model, which assumes it and does not project it.

    Examples
    --------
    >>> Target("beds", {}, "region", 2030, "reach_at_most", 1200.0).met(np.array([1100.0, 1200.0, 1300.0]))
    array([ True,  True, False])
    >>> Target("beds", {}, "region", 2030, "hold", 1200.0, tolerance=10.0).met(np.array([1185.0, 1195.0, 1211.0]))
    array([False,  True, False])
    """

    quantity: str
    where: Mapping[str, Any]
    place: str
    year: int
    type: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    tolerance: float = 0.0
    direction: str = ""
    per: str = ""
    per_where: Mapping[str, Any] = field(default_factory=dict)
    factor: float = 1.0
    parameter: bool = False

    def __post_init__(self) -> None:
        if self.type not in TYPES:
            message = f'target of {self.quantity}: type is "{self.type}"; expected one of {", ".join(TYPES)}.'
            raise PlanError("target-type", message, got=self.type, expected=list(TYPES))
        needed = ("low", "high") if self.type == "range" else ("value",)
        for key in needed:
            got = getattr(self, key)
            if got is None or not math.isfinite(got):
                message = (
                    f"target of {self.quantity}: {key} is {got}; type {self.type} needs a number. Give one."
                )
                raise PlanError("target-value", message, key=key, got=got)

    @property
    def bounds(self) -> tuple[float, float]:
        """Least and greatest value that meets the target; infinite on an open side."""
        if self.type == "range":
            return float(self.low or 0.0), float(self.high or 0.0)
        value = float(self.value or 0.0)
        if self.type == "reach_at_least":
            return value, math.inf
        if self.type == "reach_at_most":
            return -math.inf, value
        low = -math.inf if self.direction == "down" else value - self.tolerance
        return low, math.inf if self.direction == "up" else value + self.tolerance

    def met(self, values: np.ndarray) -> np.ndarray:
        """Tell for each value whether it meets the target, by the rule that judges readings of the indicator."""
        low, high = self.bounds
        slack = _ROUNDING * np.maximum(1.0, np.abs(values)) if self.type == "hold" else 0.0
        return (values >= low - slack) & (values <= high + slack)


def values_of(outlook: Any, target: Target) -> tuple[list[int], np.ndarray]:
    """Return the years, and a target's indicator by draw and year in its own unit, (draw, year)."""
    if target.parameter:
        manifest = outlook.manifest
        draws = Draws.range(manifest["seed"], 0, manifest["draws"])
        years = np.asarray(outlook.years)
        values = Parameters(outlook.region, outlook.scenario, draws, years).value(
            target.quantity, **dict(target.where)
        )
        return [int(year) for year in years], values * target.factor
    found = drawn(outlook, target.quantity, target.where, target.place)
    values = np.asarray(found.values, dtype=float)
    if target.per:
        values = values / drawn(outlook, target.per, target.per_where, target.place).values
    return [int(year) for year in found["year"].values], values * target.factor


def drawn(outlook: Answer, name: str, where: Mapping[str, Any], place: str) -> xr.DataArray:
    """Return a quantity of a place, (draw, year)."""
    if place == REGION:
        return outlook.draws(name, ("year",), dict(where) or None)
    return outlook.draws(name, ("year", "trust"), dict(where) or None).sel(trust=place)


def distance(target: Target, values: np.ndarray) -> np.ndarray:
    """Return how far each value is from meeting a target, in its unit; on an open side it falls without end."""
    low, high = target.bounds
    if math.isinf(high):
        return low - values
    if math.isinf(low):
        return values - high
    return np.maximum(np.maximum(low - values, values - high), 0.0)
