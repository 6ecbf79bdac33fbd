"""Which lever does most: each one moved alone to both ends of the range behind it, and what that does to one result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from framsyn.scenario.levers import lever_range, move_levers, read_levers, shown_value

if TYPE_CHECKING:
    from collections.abc import Callable

    from framsyn.outlook.desk import Desk
    from framsyn.outlook.result import Outlook
    from framsyn.scenario import Scenario
    from framsyn.scenario.levers import Lever

__all__ = ["Pull", "strongest_levers"]


@dataclass(frozen=True)
class Pull:
    """What one lever does alone.

    Attributes
    ----------
    lever : Lever
    value : float
        Where the scenario has it [shown unit].
    ends : tuple of float
        The two ends that it was moved to: the 80 % range behind it, within what the lever allows [shown unit].
    effects : tuple of float
        What changes at each end [unit of the result].
    """

    lever: Lever
    value: float
    ends: tuple[float, float]
    effects: tuple[float, float]

    @property
    def least(self) -> tuple[float, float]:
        """The end at which the result is smallest, and the change there."""
        change, end = min(zip(self.effects, self.ends, strict=True))
        return end, change


def strongest_levers(
    desk: Desk, scenario: Scenario, result: Callable[[Outlook], float]
) -> tuple[list[Pull], list[Lever]]:
    """Move every lever alone, and tell what happens in the central run.

    ``effect = result(lever at an end of its range) − result(scenario)``, all other levers where the scenario has them. The
    range of a lever is how far planners think that it may go, so levers of different units are moved equally far in that
    sense. Effects of several levers do not add up.

    Parameters
    ----------
    desk : Desk
        Open on the scenario's people.
    scenario : Scenario
    result : callable
        Takes a number out of an answer.

    Returns
    -------
    pulls : list of Pull
        In the order of the levers.
    left_out : list of Lever
        Those that change the people, which the desk would have to project anew.
    """
    base = result(desk.answer(scenario))
    pulls, left_out = [], []
    for lever in read_levers(desk.region):
        low, high = (min(max(end, lever.low), lever.high) for end in lever_range(lever, scenario))
        moved = [move_levers(scenario, desk.region, {lever.name: end}) for end in (low, high)]
        if not all(desk.fits(one) for one in moved):
            left_out.append(lever)
            continue
        low_effect, high_effect = (result(desk.answer(one)) - base for one in moved)
        pulls.append(Pull(lever, shown_value(lever, scenario), (low, high), (low_effect, high_effect)))
    return pulls, left_out
