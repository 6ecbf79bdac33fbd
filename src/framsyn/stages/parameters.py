"""The region's parameters as the scenario sets them, by draw and year.

A parameter has a value in the region's table; an assumption of kind ``parameter`` changes it, relatively or absolutely,
along a time profile. Stages never hold a number of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from framsyn.errors import PlanError
from framsyn.region.schema import parameters
from framsyn.stages.cells import SERVICE_AREAS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from framsyn.region import Region
    from framsyn.scenario import Assumption, Scenario
    from framsyn.stages.draws import Draws

__all__ = ["Parameters", "side_by_side"]


class Parameters:
    """Values of the region's parameters in some draws and years.

    Parameters
    ----------
    region : Region
    scenario : Scenario
    draws : Draws
    years : array of int, (year,)
    """

    def __init__(self, region: Region, scenario: Scenario, draws: Draws, years: np.ndarray) -> None:
        self.region = region
        self.draws = draws
        self.years = years
        changing = [a for a in scenario.assumptions if a.kind == "parameter"]
        for a in changing:
            refuse_fixed(a)
        self._changes: list[tuple[Assumption, np.ndarray]] = [(a, draws.effect(a, years)) for a in changing]

    def value(
        self,
        name: str,
        service_area: str | None = None,
        level: str | None = None,
        profession: str | None = None,
    ) -> np.ndarray:
        """Return a parameter, (draw, year), in the unit of the region's table."""
        if not parameters()[name].in_scenario:
            message = f"a stage lets scenarios change {name}, and region/parameters.csv says they may not. Write 1 there."
            raise PlanError("parameter-undeclared", message, parameter=name)
        base = self.region.parameter(name, service_area=service_area, level=level, profession=profession)
        out = np.full((len(self.draws), len(self.years)), base)
        asked = {"service_area": service_area, "level": level, "profession": profession}
        for assumption, effect in self._changes:
            target = assumption.target
            if target.parameter != name:
                continue
            if any(
                getattr(target, key) and value not in getattr(target, key) for key, value in asked.items()
            ):
                continue
            out = out + effect if assumption.mode == "absolute" else out * (1 + effect)
        return out

    def constant(
        self,
        name: str,
        service_area: str | None = None,
        level: str | None = None,
        profession: str | None = None,
    ) -> float:
        """Return a parameter of the base year that no scenario changes."""
        return float(
            self.region.parameter(name, service_area=service_area, level=level, profession=profession)
        )

    def by_profession(self, name: str, professions: list[str]) -> np.ndarray:
        """Return a parameter for each profession, (draw, year, profession)."""
        return side_by_side([self.value(name, profession=p) for p in professions])

    def by_service_area(self, name: str, areas: Sequence[str] = SERVICE_AREAS) -> np.ndarray:
        """Return a parameter for some service areas, (draw, year, service_area)."""
        return side_by_side([self.value(name, service_area=area) for area in areas])


def side_by_side(parts: Sequence[np.ndarray]) -> np.ndarray:
    """Stack arrays along a new last axis, in the order of memory that the first of them has.

    A run holds draws first, a desk (:mod:`framsyn.outlook.desk`) holds each series' draws side by side.

    >>> side_by_side([np.zeros((3, 2), order="F")] * 4).flags.f_contiguous
    True
    """
    out = np.empty((*parts[0].shape, len(parts)), order="F" if parts[0].flags.fnc else "C")
    for place, part in enumerate(parts):
        out[..., place] = part
    return out


def refuse_fixed(assumption: Assumption) -> None:
    """Refuse to change a parameter that no stage reads year by year: the change would move nothing, and nobody would see."""
    name = assumption.target.parameter
    known = parameters()
    if name in known and not known[name].in_scenario:
        free = ", ".join(sorted(key for key, parameter in known.items() if parameter.in_scenario))
        message = (
            f'scenario assumption "{assumption.name}" changes {name}, which holds for a whole run. Change its value in the '
            f"region's table parameters.csv; a scenario may change {free}."
        )
        raise PlanError("parameter-fixed", message, assumption=assumption.name, got=name)
