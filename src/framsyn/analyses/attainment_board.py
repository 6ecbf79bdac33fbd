"""The answers to sets of measures, each asked for once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from framsyn.analyses.attainment_sets import Chosen, Measure, scenario_of, trend_of
from framsyn.analyses.attainment_targets import values_of
from framsyn.errors import PlanError

if TYPE_CHECKING:
    from framsyn.analyses.attainment_targets import Target
    from framsyn.scenario import Scenario

__all__ = ["Board"]


class Board:
    """Answers to sets of measures, each asked for once, for the targets of one year.

    Parameters
    ----------
    answer : callable
    targets : sequence of Target
    measures : sequence of Measure
        In the order of their names.
    scenario, template : Scenario
    year : int
    """

    def __init__(
        self,
        answer: Callable[[Scenario], Any],
        targets: Sequence[Target],
        measures: Sequence[Measure],
        scenario: Scenario,
        template: Scenario | None,
        year: int,
    ) -> None:
        self.answer = answer
        self.targets = list(targets)
        self.measures = {one.name: one for one in measures}
        self.year = year
        self._scenario = scenario
        self._template = template
        self._paths: dict[Chosen | None, dict[int, np.ndarray]] = {}
        self._values: dict[str, dict[int, np.ndarray]] = {}
        self._same: dict[Chosen | None, dict[int, np.ndarray]] = {}
        self._moving: dict[int, Chosen] = {}
        self.years: tuple[int, ...] = ()

    def narrow(self, target: Target, moving: Chosen) -> None:
        """Note which measures move a target: of larger sets it is not read any more."""
        self._moving[self.targets.index(target)] = moving

    def paths(self, chosen: Chosen | None, target: Target) -> np.ndarray:
        """Return the indicator of every draw until the year that is judged, (draw, year); None is the scenario itself."""
        if chosen not in self._paths:
            self._paths[chosen] = self._read(self._of(chosen), list(range(len(self.targets))), whole=True)
        return self._paths[chosen][self.targets.index(target)]

    def values(self, chosen: Chosen | None, target: Target) -> np.ndarray:
        """Return the indicator of every draw in the year that is judged, (draw,)."""
        number = self.targets.index(target)
        if chosen in self._paths:
            return self._paths[chosen][number][:, -1]
        if chosen not in self._same:  # sets that come to one scenario are read once
            self._same[chosen] = self._values.setdefault(self._of(chosen).digest(), {})
        known = self._same[chosen]
        if number not in known:
            asked = [i for i in range(len(self.targets)) if i not in known and self._concerns(i, chosen)]
            known.update(self._read(self._of(chosen), sorted({*asked, number}), whole=False))
        return known[number]

    def _concerns(self, number: int, chosen: Chosen | None) -> bool:
        moving = self._moving.get(number)
        return moving is None or chosen is None or chosen <= moving

    def _of(self, chosen: Chosen | None) -> Scenario:
        if chosen is None:
            return self._scenario
        if not chosen:
            return trend_of(self._scenario, self.measures.values())
        return scenario_of(
            self._scenario, list(self.measures.values()), chosen, self.year, template=self._template
        )

    def _read(self, scenario: Scenario, numbers: Sequence[int], *, whole: bool) -> dict[int, np.ndarray]:
        outlook = self.answer(scenario)
        read = {}
        for number in numbers:
            years, values = values_of(outlook, self.targets[number])
            if self.year not in years:
                message = (
                    f"the deadline of {self.targets[number].quantity} is {self.year}, and the outlook ends in {years[-1]}. "
                    f"Open the desk with until={self.year}."
                )
                raise PlanError("year-outside-run", message, got=self.year, expected=list(years))
            last = years.index(self.year)
            self.years = tuple(years[: last + 1])
            read[number] = values[:, : last + 1] if whole else values[:, last]
        return read
