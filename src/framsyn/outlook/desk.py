"""A desk for what-ifs: one region opened once, and an outlook for every scenario that is laid on it.

The people of every draw are projected when the desk is opened. A scenario is then answered from what its assumptions touch;
see docs/explanation/what-if.md.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from framsyn.errors import PlanError
from framsyn.outlook.desk_answer import Answer
from framsyn.outlook.desk_draws import LaneDraws, assumption_token
from framsyn.outlook.desk_memory import Memory
from framsyn.outlook.desk_people import DeskPeople, open_people, without_places
from framsyn.outlook.desk_shared import DeskUse
from framsyn.outlook.desk_stages import DeskStages, Stages
from framsyn.outlook.desk_use import Use
from framsyn.outlook.run import check_run, run

if TYPE_CHECKING:
    from framsyn.outlook.result import Outlook
    from framsyn.region import Region
    from framsyn.scenario import Assumption, Scenario

__all__ = ["Desk"]

SUMS = 125e6  # bytes of use summed over ages: those of one scenario, where a region is as large as Midt-Norge
REMEMBERED = 95e6  # bytes of services and stages of the scenarios that were asked for last
CHECKED = 4096  # assumptions that are known to fit the region


class Desk:
    """A region whose people are projected once, and the answers to moved levers.

    Several threads may ask one desk at once. Open one with :meth:`open`.

    Parameters
    ----------
    region : Region
    scenario : Scenario
        Its population assumptions are the desk's.
    draws, seed, until, control
        As in :func:`framsyn.run`.
    people : DeskPeople

    Examples
    --------
    >>> import framsyn
    >>> region = framsyn.Region.load("midt-norge")
    >>> plan = framsyn.Scenario.load("plan", region=region)
    >>> desk = Desk.open(region, plan, draws=4, until=2026)
    >>> less = desk.answer(plan.replace("home_hospital", effect=-0.2))
    >>> less.lines([("beds", {"service_area": "SOM"}, ("year",))], q=[0.5])[0].shape
    (1, 2)
    """

    def __init__(
        self,
        region: Region,
        scenario: Scenario,
        draws: int,
        seed: int,
        until: int,
        control: str,
        people: DeskPeople,
    ) -> None:
        self.region = region
        self.scenario = scenario
        self.draws = draws
        self.seed = seed
        self.until = until
        self.control = control
        self.people = people
        self.lock = threading.RLock()
        memory = Memory(REMEMBERED)
        use = DeskUse(people, LaneDraws(seed, draws, memory), memory, Memory(SUMS))
        self._stages = DeskStages(use)
        self._checked: set[bytes] = set()
        self._whole: OrderedDict[str, Outlook] = OrderedDict()
        # What the bands of municipalities were made with; nothing that a desk computes if some places differ.
        plain = without_places(scenario) is scenario
        self.own_use = Use(use, scenario, tokens_of(scenario)).token if plain else b""

    @classmethod
    def open(
        cls,
        region: Region,
        scenario: Scenario,
        draws: int = 1000,
        seed: int = 1,
        until: int = 2040,
        control: str = "none",
        progress: Callable[[int, int], None] | None = None,
    ) -> Desk:
        """Project the people of every draw; ``progress`` is called with (done, total) chunks.

        An exception that ``progress`` raises cancels the opening.
        """
        check_run(draws, until)
        people = open_people(region, scenario, draws, seed, until, control, progress)
        return cls(region, scenario, draws, seed, until, control, people)

    @property
    def memory(self) -> Memory:
        """What the desk remembers beside the sums over ages."""
        return self._stages.use.memory

    def each(self, work: Callable[[Any], None], items: Iterable[Any]) -> None:
        """Do some work for every item, on all processors."""
        self._stages.use.each(work, items)

    def fits(self, scenario: Scenario) -> bool:
        """Tell whether a scenario has the desk's population assumptions, so that the desk can answer it."""
        return population_of(scenario) == population_of(self.scenario)

    def answer(self, scenario: Scenario) -> Answer:
        """Return the outlook of a scenario: what :func:`framsyn.run` finds, made when it is asked for.

        Raises
        ------
        PlanError
            ``desk-people-differ`` where the scenario has other population assumptions; what :func:`framsyn.run` refuses.
        """
        if not self.fits(scenario):
            ours, theirs = population_of(self.scenario), population_of(scenario)
            differing = sorted(
                name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name)
            )
            message = (
                f"the scenario's population assumptions are not those that the desk's people were projected with: "
                f"{', '.join(differing)}. Open another desk with Desk.open(region, scenario), or give the scenario the "
                "assumptions of the desk."
            )
            raise PlanError(
                "desk-people-differ",
                message,
                got=sorted(theirs),
                expected=sorted(ours),
                assumptions=differing,
            )
        with self.lock:
            tokens = tokens_of(scenario)
            self._check(scenario, tokens)
            quick = without_places(scenario) is scenario
            return Answer(self, scenario, Stages(self._stages, scenario, tokens) if quick else None)

    def whole(self, scenario: Scenario) -> Outlook:
        """Run the whole chain for a scenario; the last one is kept."""
        with self.lock:
            key = scenario.digest()
            if key not in self._whole:
                self._whole.clear()
                self._whole[key] = run(self.region, scenario, self.draws, self.seed, self.until, self.control)
            return self._whole[key]

    def _check(self, scenario: Scenario, tokens: dict[str, bytes]) -> None:
        """Hold what is new in a scenario against the region."""
        unknown = [a for a in scenario.assumptions if tokens[a.name] not in self._checked]
        if unknown:
            check_some(scenario, unknown, self.region)
            if len(self._checked) > CHECKED:
                self._checked.clear()
            self._checked.update(tokens.values())


def check_some(scenario: Scenario, unknown: list[Assumption], region: Region) -> None:
    """Check some assumptions; where one does not fit, the whole scenario tells it as it always does."""
    try:
        scenario.model_copy(update={"assumptions": tuple(unknown)}).check(region)
    except PlanError:
        scenario.check(region)
        raise


def tokens_of(scenario: Scenario) -> dict[str, bytes]:
    """Return the token of each assumption by its name."""
    return {a.name: assumption_token(a) for a in scenario.assumptions}


def population_of(scenario: Scenario) -> dict[str, tuple[object, ...]]:
    """Return the population assumptions of a scenario by name: all that moves people."""
    return {
        a.name: (a.effect, a.realisation, a.profile, a.target)
        for a in scenario.assumptions
        if a.kind == "population"
    }
