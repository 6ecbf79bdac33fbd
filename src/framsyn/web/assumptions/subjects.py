"""What a card is about: an assumption of a scenario, or one that the scenario lacks and a lever would bring in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from framsyn.errors import PlanError
from framsyn.report.numbers import decimals_for, number, percent, value_range
from framsyn.report.sections.common import unit_word
from framsyn.report.words import word
from framsyn.scenario.levers import LEVER_GROUPS, held, lever_range, lever_value, unsourced
from framsyn.scenario.sizes import product_range
from framsyn.web.explorer.known import known_levers
from framsyn.web.scenarios.queries import shipped, shipped_scenario

if TYPE_CHECKING:
    from framsyn.scenario import Assumption, Scenario
    from framsyn.scenario.levers import Lever

__all__ = ["Subject", "anywhere", "known_names", "said", "said_range", "subject_of", "subjects", "unit_words"]

# Where an assumption stands that no lever moves.
_GROUP = {
    "need": "health",
    "practice": "work_processes",
    "population": "population",
    "capacity": "buildings",
    "workforce": "staff",
    "economy": "economy",
    "climate": "buildings",
}


@dataclass(frozen=True)
class Subject:
    """An assumption as a card tells it.

    Parameters
    ----------
    name : str
    group : str
        One of the groups of levers.
    unit : str
        As of a lever, or the parameter's own.
    factor : float
        Shown unit per unit of the assumption.
    assumption : Assumption
        The scenario's; the lever's own where the scenario has none.
    held : bool
        Whether the scenario has it.
    value, low, high : float
        Central value and the ends of eight in ten draws [shown unit].
    lever : Lever or None
    """

    name: str
    group: str
    unit: str
    factor: float
    assumption: Assumption
    held: bool
    value: float
    low: float
    high: float
    lever: Lever | None

    @property
    def sourced(self) -> bool:
        """Whether its size rests on more than the planners' own judgement."""
        return not unsourced(self.assumption)

    @property
    def is_sure(self) -> bool:
        """Whether it has one value."""
        return self.low == self.high

    @property
    def is_weak(self) -> bool:
        """Whether the ground that it stands on is weak: no source, or a judgement."""
        return not self.sourced or self.assumption.quality in ("assumption", "synthetic")

    def label(self, lang: str) -> str:
        """Name in everyday words."""
        return self.lever.label[lang] if self.lever is not None else self.assumption.label[lang]


def subject_of(name: str, scenario: Scenario) -> Subject:
    """Return an assumption of a scenario, or of a lever.

    Raises
    ------
    PlanError
        ``unknown-assumption``: neither the scenario nor a lever has it.
    """
    lever = known_levers().get(name)
    if lever is not None:
        own = held(lever, scenario)
        if own is None or (own.kind, own.mode, own.unit) == _kind(lever.template):
            low, high = lever_range(lever, scenario)
            return Subject(
                name, lever.group, lever.unit, lever.factor, own or lever.template, own is not None,
                lever_value(lever, scenario), low, high, lever,
            )  # fmt: skip
    assumption = scenario.assumption(name)
    unit, factor = _unit(assumption)
    low, high = product_range(assumption.effect, assumption.realisation)
    value = assumption.effect.central * assumption.realisation.central
    return Subject(
        name, _GROUP[assumption.group], unit, factor, assumption, True,
        value * factor, low * factor, high * factor, None,
    )  # fmt: skip


def subjects(scenario: Scenario) -> list[Subject]:
    """Return all that a list shows: the levers in their order, and the scenario's assumptions that no lever moves."""
    names = list(dict.fromkeys([*known_levers(), *(a.name for a in scenario.assumptions)]))
    found = [subject_of(name, scenario) for name in names]
    return sorted(found, key=lambda one: LEVER_GROUPS.index(one.group))


def known_names() -> frozenset[str]:
    """Return the names of all assumptions that a lever or a shipped scenario has."""
    own = (a.name for name in shipped() for a in shipped_scenario(name).assumptions)
    return frozenset([*known_levers(), *own])


def anywhere(name: str) -> Subject:
    """Return an assumption as the first shipped scenario has it that does, for a page about one that has not."""
    for scenario in map(shipped_scenario, shipped()):
        if any(a.name == name for a in scenario.assumptions):
            return replace(subject_of(name, scenario), held=False)
    message = f'no scenario has an assumption "{name[:60]}".'
    raise PlanError("unknown-assumption", message, got=name[:60])


def _kind(assumption: Assumption) -> tuple[str, str | None, str]:
    return assumption.kind, assumption.mode, assumption.unit


def _unit(assumption: Assumption) -> tuple[str, float]:
    if assumption.unit == "year":
        return "years", 1.0
    if assumption.kind == "parameter" and assumption.mode == "absolute":
        units = {"1": ("percentage_points", 100.0), "1/year": ("percentage_points_per_year", 100.0)}
        return units.get(assumption.unit, (assumption.unit, 1.0))
    return "percent", 100.0


def decimals(one: Subject) -> int:
    """Decimals that a size is written with: at least those that its range justifies, at most two."""
    if one.is_sure:
        return one.lever.decimals if one.lever is not None else 1
    return min(max(decimals_for(one.low, one.high, one.value), 0), 2)


def said(one: Subject, value: float, lang: str) -> str:
    """Write a size with its unit, as a reader speaks of it."""
    return in_unit(number(value, lang, decimals(one), signed=True), one.unit, lang)


def said_range(one: Subject, lang: str) -> str:
    """Write the range of eight in ten draws; empty where the size is sure."""
    if one.is_sure:
        return ""
    ends = [number(value, lang, decimals(one), signed=True) for value in (one.low, one.high)]
    return in_unit(value_range(ends[0], ends[1], lang), one.unit, lang)


def in_unit(text: str, unit: str, lang: str) -> str:
    """Put a written number, or two, into its unit.

    >>> in_unit("−3.7", "percent", "en"), in_unit("0.2", "percentage_points_per_year", "en")
    ('−3.7%', '0.2 percentage points a year')
    """
    if unit == "percent":
        return text + percent(0.0, lang).removeprefix("0")
    keys = {"percentage_points": "points_size", "percentage_points_per_year": "a_year", "years": "years"}
    if unit in keys:
        return word(f"assumption.{keys[unit]}", lang, value=text)
    return f"{text} {unit_word(unit, lang)}" if unit != "number" else text


def unit_words(unit: str, lang: str) -> str:
    """Return the unit alone, for the words of a chart.

    >>> unit_words("percent", "nb"), unit_words("years", "nn")
    ('%', 'år')
    """
    return "%" if unit == "percent" else in_unit("", unit, lang).strip()
