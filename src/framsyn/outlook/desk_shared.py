"""What the scenarios of a desk share: chance, layouts, threads, and the ages at which use is cut."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from framsyn.outlook.desk_layout import AGES, Layout
from framsyn.outlook.desk_memory import Memory, join_tokens, token_of
from framsyn.outlook.executors import available_workers
from framsyn.scenario import Scenario
from framsyn.stages.cells import LEVELS, SERVICE_AREAS, plan_factors
from framsyn.stages.draws import Draws

if TYPE_CHECKING:
    from framsyn.outlook.desk_draws import LaneDraws
    from framsyn.outlook.desk_people import DeskPeople
    from framsyn.region import Region
    from framsyn.scenario import Assumption

__all__ = ["DeskUse"]

LAYOUTS = 32
SHAPES = 4096
MOVING = ("factor", "shift", "age_shift", "levelling")  # kinds that move need or activity


class DeskUse:
    """What the scenarios of a desk share: people, chance, rates and memory.

    Parameters
    ----------
    people : DeskPeople
    draws : LaneDraws
    memory, sums : Memory
        Of what is quickly made again, and of use summed over ages, which is not: neither may push out the other.
    """

    def __init__(self, people: DeskPeople, draws: LaneDraws, memory: Memory, sums: Memory) -> None:
        self.people = people
        self.draws = draws
        self.memory = memory
        self.sums = sums
        self.region = people.chain.region
        self.inputs = people.chain.use
        self.real = len(self.region.services)
        self.service_area = self.inputs.service_area.tolist()
        self.pool = ThreadPoolExecutor(available_workers(), thread_name_prefix="framsyn-desk")
        self.cuts = usual_cuts(self.region, people.chain.scenario)
        self.checked: set[bytes] = set()  # assumptions whose sizes are known to be possible
        self._shapes: dict[bytes, bytes] = {}
        self._layouts: OrderedDict[bytes, Layout] = OrderedDict()
        shape = (len(people.years), self.real, len(LEVELS), len(self.region.trusts))
        self.normals = np.empty((self.real, len(LEVELS), shape[3], shape[0], len(draws) - 1))
        step = 128
        for first in range(0, len(draws) - 1, step):
            index = draws.index[:-1][first : first + step]
            drawn = Draws(draws.seed, index).normals("activity, by trust", shape)
            self.normals[..., first : first + step] = drawn.transpose(2, 3, 4, 1, 0)

    def each(self, work: Callable[[Any], object], items: Iterable[Any]) -> None:
        """Do some work for every item, on all processors."""
        waiting = deque(items)
        helpers = min(available_workers(), len(waiting)) - 1
        others = [self.pool.submit(do_all, work, waiting) for _ in range(helpers)]
        do_all(work, waiting)
        for other in others:
            other.result()

    def _shape(self, assumption: Assumption, token: bytes) -> bytes:
        """Return all of an assumption but its sizes."""
        if token not in self._shapes:
            a = assumption
            self._shapes[token] = token_of(
                a.kind, a.group, a.target.model_dump_json(), a.from_level, a.to_level
            )
        return self._shapes[token]

    def layout(self, scenario: Scenario, tokens: Mapping[str, bytes]) -> Layout:
        """Return which assumptions touch what, found once for all scenarios that differ in sizes alone."""
        if len(self._shapes) > SHAPES:
            self._shapes.clear()
            self.checked.clear()
        key = join_tokens(self._shape(a, tokens[a.name]) for a in scenario.assumptions if a.kind in MOVING)
        if key in self._layouts:
            self._layouts.move_to_end(key)
        else:
            plan = plan_factors(self.region, scenario, {}, int(self.inputs.class_trust.shape[1]))
            self._layouts[key] = Layout(plan, self.cuts, self.service_area)
            if len(self._layouts) > LAYOUTS:
                self._layouts.popitem(last=False)
        return self._layouts[key]


def do_all(work: Callable[[Any], object], waiting: deque[Any]) -> None:
    """Do some work for every item that still waits; several threads may take from one queue."""
    while True:
        try:
            item = waiting.popleft()
        except IndexError:
            return
        work(item)


def usual_cuts(region: Region, opening: Scenario) -> list[np.ndarray]:
    """Ages at which the region's own scenarios, and the one that opens a desk, cut the use of each service area.

    They are kept apart from the start, so that a lever that such a scenario has needs no new sums.
    """
    shipped = [Scenario.load(path) for path in sorted((Path(region.folder) / "scenarios").glob("*.toml"))]
    found = [np.arange(AGES) == 0 for _ in SERVICE_AREAS]
    for scenario in [*shipped, opening]:
        for a in scenario.assumptions:
            if a.kind in MOVING and a.target.age is not None:
                low, high = a.target.age
                # A shift begins to be felt a year above the age that it names.
                begins = (low + 1, AGES) if a.kind == "age_shift" else (low, high + 1)
                for i, area in enumerate(SERVICE_AREAS):
                    if not a.target.service_area or area in a.target.service_area:
                        found[i][[age for age in begins if age < AGES]] = True
    return found
