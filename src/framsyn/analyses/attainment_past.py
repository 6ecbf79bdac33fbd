"""How the model foresaw an indicator before: the projection from 2015 held against what came."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from framsyn.analyses.hindcast import BASE, TARGET

if TYPE_CHECKING:
    from framsyn.analyses.attainment_targets import Target
    from framsyn.analyses.hindcast import Hindcast

__all__ = ["Backtest", "backtest"]


@dataclass(frozen=True)
class Backtest:
    """An indicator as a projection from the past has it, beside what was counted.

    Attributes
    ----------
    made, year : int
        What was known until, and what was foreseen.
    before, projected, actual : float
        Counted when the projection was made, foreseen, and counted then in the same way; in the unit of the indicator.
    """

    made: int
    year: int
    before: float
    projected: float
    actual: float

    @property
    def error(self) -> float:
        """Projected over counted, less one [1]."""
        return self.projected / self.actual - 1

    @property
    def naive_error(self) -> float:
        """The error of saying that nothing changes [1]."""
        return self.before / self.actual - 1


def backtest(past: Hindcast, target: Target) -> Backtest | None:
    """Return how a target's indicator was foreseen; None where the projection of the past does not hold it.

    It holds people, and some measures of use as demography alone would have moved them, for the region.

    Parameters
    ----------
    past : Hindcast
    target : Target
    """
    if target.parameter or target.place != "region":
        return None
    found = figures(past, target.quantity, target.where)
    below = figures(past, target.per, target.per_where) if target.per else (1.0, 1.0, 1.0)
    if found is None or below is None:
        return None
    before, projected, actual = (target.factor * one / other for one, other in zip(found, below, strict=True))
    return Backtest(BASE, TARGET, before, projected, actual)


def figures(past: Hindcast, name: str, where: Mapping[str, Any]) -> tuple[float, float, float] | None:
    """Return what was counted before, what was projected, and what was counted then."""
    if name == "population" and not where:
        total = past.totals.set_index("place").loc["region"]
        return float(past.areas["count_2015"].sum()), float(total["median"]), float(total["actual"])
    rows = past.activity
    if set(where) != {"service_area"}:
        return None
    rows = rows[(rows["measure"] == name) & (rows["service_area"] == where["service_area"])]
    if rows.empty:
        return None
    row = rows.iloc[0]
    if math.isnan(row["comparable"]):
        return None  # a break parts the two years, and nothing tells how far it moved the count
    return float(row["actual_2015"]), float(row["projected"]), float(row["comparable"])
