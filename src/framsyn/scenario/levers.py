"""Levers in a scenario: what it says of each, and the scenario that a moved lever makes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from framsyn.errors import PlanError
from framsyn.scenario.assumption import _RULES, Assumption
from framsyn.scenario.distributions import Distribution, Fixed
from framsyn.scenario.faults import Origin
from framsyn.scenario.lever_file import LEVER_GROUPS, LEVER_UNITS, Lever, read_lever, read_levers
from framsyn.scenario.scenario import Scenario
from framsyn.scenario.sizes import moved, narrowed, product_range

__all__ = [
    "LEVER_GROUPS",
    "LEVER_UNITS",
    "Lever",
    "held",
    "lever_range",
    "lever_value",
    "move_levers",
    "read_lever",
    "read_levers",
    "shown_value",
    "unsourced",
]

_SAME = 1e-9
_SET_BY_HAND = "Set with a lever; the size before rests on: "


# ------------------------------------------------------------------ looking


def held(lever: Lever, scenario: Scenario) -> Assumption | None:
    """Return the scenario's assumption that a lever moves; None where the scenario has none."""
    return next((a for a in scenario.assumptions if a.name == lever.name), None)


def lever_value(lever: Lever, scenario: Scenario) -> float:
    """Tell what a scenario says of a lever when the whole effect has come, in the shown unit.

    ``value = median effect · median realisation · factor``; the neutral position where the scenario lacks it.

    Examples
    --------
    >>> from framsyn import Region, Scenario
    >>> region = Region.load("midt-norge")
    >>> round(lever_value(read_lever(region, "energy_use"), Scenario.load("plan")), 6)
    -15.0
    """
    assumption = held(lever, scenario)
    if assumption is None:
        return lever.neutral
    return assumption.effect.central * assumption.realisation.central * lever.factor


def shown_value(lever: Lever, scenario: Scenario) -> float:
    """Round the scenario's value to the decimals of the step: what a number field shows."""
    return round(lever_value(lever, scenario), lever.decimals) + 0.0


def lever_range(lever: Lever, scenario: Scenario) -> tuple[float, float]:
    """Tell between which values a lever's size lies with a probability of 80 %, in the shown unit.

    The scenario's own distribution where it has one that spreads; else the range that the lever knows.

    Returns
    -------
    tuple of float
        10th and 90th percentile of effect × realisation [shown unit].
    """
    assumption = held(lever, scenario)
    if assumption is None or (_sure(assumption.effect) and _sure(assumption.realisation)):
        low, high = product_range(lever.behind, lever.template.realisation)
    else:
        low, high = product_range(assumption.effect, assumption.realisation)
    return low * lever.factor, high * lever.factor


def unsourced(assumption: Assumption) -> bool:
    """Say whether an assumption's size rests on no source but the planners' own judgement.

    Examples
    --------
    >>> from framsyn import Scenario
    >>> plan = Scenario.load("plan")
    >>> unsourced(plan.assumption("prevention")), unsourced(plan.assumption("healthier_ageing"))
    (True, False)
    """
    words = assumption.source.casefold()
    return not words.strip(" .–-") or "own size" in words or words.startswith(_SET_BY_HAND.casefold())


def _sure(size: Distribution) -> bool:
    return size.reach[0] == size.reach[1]


# ------------------------------------------------------------------ moving


def move_levers(scenario: Scenario, region: Any, moves: Mapping[str, float]) -> Scenario:
    """Make the scenario in which some levers stand elsewhere.

    A lever at the scenario's own value, also as it is shown, changes nothing: without another the very same scenario
    is returned. A moved size keeps its distribution: multiplied where its median is not nought, else shifted, and always
    shifted for parameters and people. Where that would pass what its kind allows, the distribution is narrowed. A
    scenario without the assumption is given the lever's. The order of the moves does not matter.

    Parameters
    ----------
    scenario : Scenario
    region : Region
    moves : mapping of str to float
        Value by name of the lever [shown unit].

    Raises
    ------
    PlanError
        No such lever, no finite number, or a value beyond the lever's ends.

    Examples
    --------
    >>> from framsyn import Region, Scenario
    >>> region, plan = Region.load("midt-norge"), Scenario.load("plan")
    >>> shorter = move_levers(plan, region, {"work_processes": -10})
    >>> round(lever_value(read_lever(region, "work_processes"), shorter), 9)
    -10.0
    >>> move_levers(plan, region, {"work_processes": shown_value(read_lever(region, "work_processes"), plan)}) is plan
    True
    """
    for name in moves:
        read_lever(region, name)
    for lever in read_levers(region):
        if lever.name in moves:
            value = _number(lever, moves[lever.name])
            if not _stands(lever, scenario, value):
                scenario = _moved(lever, scenario, _within(lever, value))
    return scenario


def _number(lever: Lever, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        got = value if isinstance(value, str) else repr(value)
        message = (
            f'lever "{lever.name}": got {str(got)[:40]}; expected a number within {lever.low:g} to {lever.high:g}. '
            "Write it with digits, such as -10."
        )
        raise PlanError("not-a-number", message, lever=lever.name, got=str(got)[:40])
    return float(value)


def _within(lever: Lever, value: float) -> float:
    if not lever.low <= value <= lever.high:
        message = (
            f'lever "{lever.name}" ({lever.label["en"]}): got {value:g}; expected {lever.low:g} to {lever.high:g} '
            f"[{lever.unit.replace('_', ' ')}]. Choose a value in that range, or write the size in a scenario file."
        )
        raise PlanError(
            "lever-out-of-range", message, lever=lever.name, got=value, expected=[lever.low, lever.high]
        )
    return value


def _stands(lever: Lever, scenario: Scenario, value: float) -> bool:
    own = lever_value(lever, scenario)
    return abs(value - own) <= _SAME * max(1.0, abs(own)) or value == shown_value(lever, scenario)


def _moved(lever: Lever, scenario: Scenario, value: float) -> Scenario:
    old = held(lever, scenario)
    if old is not None:
        _refuse_other(lever, scenario, old)
    assumption = old or lever.template
    share = assumption.realisation.central
    changes: dict[str, Any] = {"quality": "assumption", "source": _by_hand(assumption.source)}
    if share == 0:  # what never comes true cannot reach a value; a lever that is moved does come true
        changes["realisation"], share = 1.0, 1.0
    if assumption.set_to_meet is not None:
        changes["set_to_meet"] = None  # a size that was moved meets the published figure no longer
    changes["effect"] = _sized(lever, assumption, value / lever.factor / share)
    return _put(scenario, assumption, changes)


def _put(scenario: Scenario, assumption: Assumption, changes: dict[str, Any]) -> Scenario:
    """Lay a changed assumption in a scenario; only what changed is validated, since a hand is on the lever."""
    document = assumption.model_dump(by_alias=True, exclude_none=True)
    new = {key: value for key, value in {**document, **changes}.items() if value is not None}
    known = [kept.name for kept in scenario.assumptions]
    try:
        made = Assumption.model_validate(new, by_alias=True, by_name=True)
    except ValidationError:
        # The whole scenario's reader words the fault; it meets the same one.
        kept = scenario if assumption.name in known else scenario.with_assumption(assumption)
        return kept.replace(assumption.name, **changes)
    others = scenario.assumptions
    together = (
        tuple(made if kept.name == made.name else kept for kept in others)
        if made.name in known
        else (*others, made)
    )
    laid = scenario.model_copy(update={"assumptions": together})
    laid._origin = Origin()  # the lines of the file it was read from are no longer its own
    return laid


def _sized(lever: Lever, assumption: Assumption, wanted: float) -> dict[str, Any]:
    effect = assumption.effect
    if effect == Fixed(value=0.0):  # says nothing about the shape
        effect = lever.template.effect
    centre = effect.central
    if centre == 0 or assumption.kind in ("parameter", "population"):
        size = moved(effect, shift=wanted - centre)
    else:
        size = moved(effect, scale=wanted / centre)
    low, high = _RULES[assumption.kind][1]
    return narrowed(size, low, high).model_dump(exclude_none=True)


def _by_hand(source: str) -> str:
    return source if source.startswith(_SET_BY_HAND) else _SET_BY_HAND + source


def _refuse_other(lever: Lever, scenario: Scenario, old: Assumption) -> None:
    """A scenario of somebody's own may give the name to another kind of assumption; its numbers mean something else."""
    for key in ("kind", "mode", "unit"):
        ours, theirs = getattr(lever.template, key), getattr(old, key)
        if ours != theirs:
            message = (
                f'scenario "{scenario.name}", assumption "{old.name}": {key} is {theirs}; the lever of that name moves '
                f"{key} {ours}. Rename the assumption in the scenario, or change it there."
            )
            raise PlanError("lever-unfit", message, lever=lever.name, got=theirs, expected=ours)
