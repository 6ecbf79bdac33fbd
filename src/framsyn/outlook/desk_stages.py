"""The stages after use, on a desk: each quantity is made when it is asked for, and again only if what it is made of moved.

What a quantity is made of is known by its inputs' tokens and by the parameters that its function was seen to read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from framsyn.outlook.desk_draws import LaneParameters
from framsyn.outlook.desk_layout import Block
from framsyn.outlook.desk_memory import Ref, token_of
from framsyn.outlook.desk_recipes import Recipes
from framsyn.outlook.desk_shared import DeskUse
from framsyn.outlook.desk_use import Use
from framsyn.stages.cells import MEASURES, SERVICE_AREAS

if TYPE_CHECKING:
    from framsyn.scenario import Scenario

__all__ = ["DeskStages", "Stages"]


class DeskStages:
    """What the scenarios of a desk share beyond use: who reads which parameter.

    Parameters
    ----------
    use : DeskUse
    """

    def __init__(self, use: DeskUse) -> None:
        self.use = use
        self.reads: dict[str, tuple[str, ...]] = {}


class Stages:
    """Every quantity of one scenario, (lane, year, ...), the last lane the central run.

    Parameters
    ----------
    desk : DeskStages
    scenario : Scenario
        Without assumptions limited to some places.
    tokens : mapping of str to bytes
        Token of each assumption by name.
    """

    def __init__(self, desk: DeskStages, scenario: Scenario, tokens: Mapping[str, bytes]) -> None:
        self.desk = desk
        self.memory = desk.use.memory
        self.use = Use(desk.use, scenario, tokens)
        years = desk.use.people.years
        self.p = LaneParameters(desk.use.region, scenario, desk.use.draws, years, tokens)
        self.recipes = Recipes(self.use, self.p, self.ref)
        self._refs: dict[str, Ref] = {}

    # ------------------------------------------------------------------ the graph

    def ref(self, name: str) -> Ref:
        """Return a quantity, or what some quantities are made of, to be made when it is asked for."""
        if name not in self._refs:
            make, inputs = self.recipes.of(name)
            self._refs[name] = self._node(name, make, inputs)
        return self._refs[name]

    def array(self, name: str) -> np.ndarray:
        """Return a quantity with its lanes, (lane, year, ...)."""
        return np.asarray(self.ref(name).value())

    def _node(self, name: str, make: Callable[..., Any], inputs: list[Ref]) -> Ref:
        """Return a node; the parameters that its function reads are learned when it is made for the first time."""
        made: list[Any] = []
        if name not in self.desk.reads:
            made.append(self._make(name, make, inputs))
        tokens = [ref.token for ref in inputs]
        token = token_of(name, tokens, self.p.signature(self.desk.reads[name]))
        if made:
            self.memory.put(token, made[0])

        def value() -> Any:
            found = self.memory.get(token)
            if found is None:
                found = self._make(name, make, inputs)
                self.memory.put(token, found)
            return found

        return Ref(token, value)

    def _make(self, name: str, make: Callable[..., Any], inputs: list[Ref]) -> Any:
        """Make a value and learn which parameters are read for it."""
        values = [ref.value() for ref in inputs]
        with self.p.reading() as names:
            found = make(*values)
        known = self.desk.reads.get(name, ())
        self.desk.reads[name] = (*known, *sorted(names - set(known)))
        return in_lanes(found)

    def make_use(self) -> None:
        """Make all use that is not there at once, so that all processors are busy: for who asks for most of it."""
        missing: list[list[Block]] = []
        for area in SERVICE_AREAS:
            names = [f"residence:{area},{measure}" for measure in MEASURES]
            if any(
                name in self.desk.reads and self.memory.get(self.ref(name).token) is None for name in names
            ):
                services = self.recipes.services_of(area)
                missing += [[((i, m, False),) for i in services] for m in range(len(MEASURES))]
        self.use.make(missing)


def in_lanes(value: Any) -> Any:
    """Lay arrays so that the draws of a series lie side by side."""
    if isinstance(value, np.ndarray):
        return np.asfortranarray(value)
    if isinstance(value, dict):
        return {key: in_lanes(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return (
            type(value)(*map(in_lanes, value)) if hasattr(value, "_fields") else tuple(map(in_lanes, value))
        )
    return value
