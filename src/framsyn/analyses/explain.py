"""Why a number changes: from the base year to the horizon, or from one outlook to another, adding up exactly.

The central run is made once for every set of factors that may have changed, all sets side by side on the draw axis, and the
change is shared out by Das Gupta's rule (the Shapley value of the factors). The effects add up to the whole change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from framsyn.analyses.sets import MaskedDraws, evaluate, pause, stage_of
from framsyn.errors import PlanError
from framsyn.methods.decomposition import das_gupta
from framsyn.outlook.run import Chain, prepare_chain
from framsyn.quantities import quantity

if TYPE_CHECKING:
    from framsyn.outlook.result import Outlook
    from framsyn.scenario import Assumption, Scenario

__all__ = ["Explanation", "explain", "explain_change"]

MOST_FACTORS = 10  # 2¹⁰ central runs cost about as much as one run of 1 000 draws
OTHER = "other_assumptions"
NUMBER, COMPOSITION = "people_number", "people_age"
RELEVANT = {
    "population": ("population",),
    "need": ("population", "need"),
    "activity": ("population", "need", "practice"),
    "capacity": ("population", "need", "practice", "capacity"),
    "workforce": ("population", "need", "practice", "workforce"),
    "economy": ("population", "need", "practice", "capacity", "workforce", "economy"),
    "climate": ("population", "need", "practice", "capacity", "workforce", "economy", "climate"),
}


@dataclass(frozen=True)
class Explanation:
    """A change shared out over its causes.

    Attributes
    ----------
    name : str
        Quantity.
    unit : str
    year : int
    before, after : float
        Value without and with all changes (central run).
    effects : dict of str to float
        Effect by factor; their sum is ``after − before``.
    labels : dict of str to dict of str to str
        Wording of each factor by language.
    start, end : str
        What ``before`` and ``after`` are.
    """

    name: str
    unit: str
    year: int
    before: float
    after: float
    effects: dict[str, float]
    labels: dict[str, dict[str, str]]
    start: str
    end: str

    def table(self, language: str = "en") -> pd.DataFrame:
        """Return factor, effect [unit], share of before [1]; largest effect first after people."""
        rows = [
            {
                "factor": key,
                "label": self.labels[key][language],
                "effect": effect,
                "share": effect / self.before,
            }
            for key, effect in self.effects.items()
        ]
        return pd.DataFrame(rows)


def explain_change(
    outlook: Outlook,
    name: str = "need",
    year: int | None = None,
    where: Mapping[str, Any] | None = None,
    most: int | None = None,
) -> Explanation:
    """Say why a quantity changes from the base year to a year in the central run of one outlook.

    Parameters
    ----------
    outlook : Outlook
    name : str
        Quantity of the stages population, activity or capacity.
    year : int, optional
        The horizon if left out.
    where : mapping, optional
        Labels to select, such as ``{"service_area": "SOM"}``.
    most : int, optional
        Factors that are told apart, the rest together as one; each more doubles the work.

    Returns
    -------
    Explanation
        Factors: the number of people, their age and sex, and each assumption.
    """
    year = year or outlook.years[-1]
    stage = stage_of(name)
    if stage in ("workforce", "economy", "climate"):
        message = (
            f'"{name}" depends on every year up to {year}; compare two outlooks instead (Outlook.explain).'
        )
        raise PlanError("not-explained-over-time", message, got=name)
    control = outlook.manifest["control"]
    pause.get()()
    chain = prepare_chain(outlook.region, outlook.scenario, year, control=control, checked=True)
    factors = [NUMBER, COMPOSITION]
    assumptions = relevant(outlook.scenario, stage)
    grouped = join_smallest(chain, assumptions, (most or MOST_FACTORS) - len(factors), name, year, where)
    names = [*factors, *grouped]
    switch = switches(len(names))
    masks = spread_masks(chain.scenario, grouped, switch[:, len(factors) :])
    values = evaluate(
        chain, MaskedDraws(masks), name, year, where, number=switch[:, 0], composition=switch[:, 1]
    )
    effects = without_idle(share_out(names, values), grouped)
    ends = str(outlook.base_year), str(year)
    return explanation(name, year, values, effects, wordings(outlook.scenario, names), ends)


def explain(
    outlook: Outlook,
    other: Outlook,
    name: str = "need",
    year: int | None = None,
    where: Mapping[str, Any] | None = None,
    most: int | None = None,
) -> Explanation:
    """Say why a quantity differs between two outlooks of one region in a year (central runs).

    Parameters
    ----------
    outlook, other : Outlook
        From and to. They must be of one region with the same switches and control.
    name : str
    year : int, optional
    where : mapping, optional
    most : int, optional
        Factors that are told apart, the rest together as one; each more doubles the work.

    Returns
    -------
    Explanation
        One factor per assumption that differs; an assumption in both with other values counts once.
    """
    for key in ("region_digest", "switches", "control"):
        if outlook.manifest[key] != other.manifest[key]:
            message = (
                f"the outlooks differ in {key}: {outlook.manifest[key]} and {other.manifest[key]}. Run both on one region "
                "with one control, then explain."
            )
            raise PlanError("outlooks-not-comparable", message, key=key)
    year = year or min(outlook.years[-1], other.years[-1])
    merged, sides = merge_scenarios(outlook.scenario, other.scenario)
    stage = stage_of(name)
    pause.get()()
    chain = prepare_chain(outlook.region, merged, year, control=outlook.manifest["control"], checked=True)
    differing = [a for a in relevant(merged, stage) if sides[a.name] != "both"]
    keys = list(dict.fromkeys(root(a.name) for a in differing))
    if not keys:
        value = evaluate(
            chain,
            MaskedDraws({a.name: np.ones(1) for a in merged.assumptions} or {"": np.ones(1)}),
            name,
            year,
            where,
        )[0]
        return Explanation(
            name,
            quantity(name).unit,
            year,
            float(value),
            float(value),
            {},
            {},
            outlook.scenario.name,
            other.scenario.name,
        )
    members = {key: [a for a in differing if root(a.name) == key] for key in keys}
    most = most or MOST_FACTORS
    if len(keys) > most:
        members = join_keys(chain, members, sides, name, year, where, most)
    switch = switches(len(members))
    masks = {a.name: np.ones(len(switch)) for a in merged.assumptions}
    for column, (_, group) in enumerate(members.items()):
        for a in group:
            on = switch[:, column]
            masks[a.name] = on if sides[a.name] == "after" else 1 - on
    values = evaluate(chain, MaskedDraws(masks), name, year, where)
    effects = without_idle(share_out(list(members), values), members)
    ends = outlook.scenario.name, other.scenario.name
    return explanation(name, year, values, effects, wordings(merged, list(members)), ends)


def explanation(
    name: str,
    year: int,
    values: np.ndarray,
    effects: dict[str, float],
    labels: dict[str, dict[str, str]],
    ends: tuple[str, str],
) -> Explanation:
    """Put a change and its shares together; the first value has no factor changed and the last has all."""
    before, after = float(values[0]), float(values[-1])
    return Explanation(name, quantity(name).unit, year, before, after, effects, labels, *ends)


def root(name: str) -> str:
    """Name of an assumption without the mark that tells its two versions apart."""
    return name.removesuffix("__before").removesuffix("__after")


def relevant(scenario: Scenario, stage: str) -> list[Assumption]:
    """Assumptions that can move a quantity of a stage.

    A parameter may be read by more stages than the group it is told in: contacts by video need no room, and travel nowhere.
    """
    beyond = stage not in ("population", "need", "activity")
    return [
        a for a in scenario.assumptions if a.group in RELEVANT[stage] or (beyond and a.kind == "parameter")
    ]


def merge_scenarios(before: Scenario, after: Scenario) -> tuple[Scenario, dict[str, str]]:
    """Put two scenarios into one, each assumption marked by the side it is on.

    The order of ``after`` leads; what only ``before`` has keeps its place behind the one it followed, for a shift
    moves what the factors before it have made.
    """
    mine = {a.name: a for a in before.assumptions}
    theirs = {a.name: a for a in after.assumptions}
    order = list(after.assumptions)
    names = [a.name for a in order]
    place = 0
    for b in before.assumptions:
        if b.name in names:
            place = names.index(b.name) + 1
        else:
            order.insert(place, b)
            names.insert(place, b.name)
            place += 1
    held: list[Assumption] = []
    sides: dict[str, str] = {}
    for name in names:
        if mine.get(name) == theirs.get(name):
            held.append(mine[name])
            sides[name] = "both"
            continue
        for version, side in ((mine.get(name), "before"), (theirs.get(name), "after")):
            if version is not None:
                named = version.model_copy(update={"name": f"{name}__{side}"})
                held.append(named)
                sides[named.name] = side
    return before.holding(held), sides


def switches(count: int) -> np.ndarray:
    """Every set of ``count`` factors, one row each; bit i of the row number is factor i."""
    return ((np.arange(2**count)[:, None] >> np.arange(count)) & 1).astype(float)


def share_out(names: Sequence[str], values: np.ndarray) -> dict[str, float]:
    """Share a change out by Das Gupta's rule from the values of all sets."""
    place = {name: 1 << i for i, name in enumerate(names)}

    def lookup(state: dict[str, bool]) -> float:
        return float(values[sum(place[name] for name, on in state.items() if on)])

    return das_gupta(dict.fromkeys(names, False), dict.fromkeys(names, True), lookup)


def without_idle(
    effects: Mapping[str, float], members: Mapping[str, Sequence[Assumption]]
) -> dict[str, float]:
    """Leave out parameters that the quantity does not read: they move nothing, to the bit."""
    return {
        name: effect
        for name, effect in effects.items()
        if effect != 0 or name not in members or any(a.kind != "parameter" for a in members[name])
    }


def spread_masks(
    scenario: Scenario, grouped: Mapping[str, list[Assumption]], switch: np.ndarray
) -> dict[str, np.ndarray]:
    """Turn switches of factors into masks of assumptions; what is in no factor stays on."""
    masks = {a.name: np.ones(len(switch)) for a in scenario.assumptions}
    for column, group in enumerate(grouped.values()):
        for a in group:
            masks[a.name] = switch[:, column]
    return masks or {"": np.ones(len(switch))}


def join_smallest(
    chain: Chain,
    assumptions: list[Assumption],
    room: int,
    name: str,
    year: int,
    where: Mapping[str, Any] | None,
) -> dict[str, list[Assumption]]:
    """Keep the assumptions that matter most as factors of their own and join the rest."""
    if len(assumptions) <= room:
        return {a.name: [a] for a in assumptions}
    each = np.concatenate([np.zeros((1, len(assumptions))), np.eye(len(assumptions))])
    masks = {a.name: np.zeros(len(each)) for a in chain.scenario.assumptions}
    masks |= {a.name: each[:, i] for i, a in enumerate(assumptions)}
    values = evaluate(chain, MaskedDraws(masks), name, year, where)
    order = np.argsort(-np.abs(values[1:] - values[0]), kind="stable")
    kept = set(order[: room - 1].tolist())
    grouped = {a.name: [a] for i, a in enumerate(assumptions) if i in kept}
    grouped[OTHER] = [a for i, a in enumerate(assumptions) if i not in kept]
    return grouped


def join_keys(
    chain: Chain,
    members: dict[str, list[Assumption]],
    sides: Mapping[str, str],
    name: str,
    year: int,
    where: Mapping[str, Any] | None,
    most: int,
) -> dict[str, list[Assumption]]:
    """Join the differences that matter least into one factor, so that there are ``most`` of them."""
    keys = list(members)
    each = np.concatenate([np.zeros((1, len(keys))), np.eye(len(keys))])
    masks = {a.name: np.ones(len(each)) for a in chain.scenario.assumptions}
    for i, key in enumerate(keys):
        for a in members[key]:
            masks[a.name] = each[:, i] if sides[a.name] == "after" else 1 - each[:, i]
    values = evaluate(chain, MaskedDraws(masks), name, year, where)
    order = np.argsort(-np.abs(values[1:] - values[0]), kind="stable")
    kept = {keys[i] for i in order[: most - 1]}
    joined = {key: group for key, group in members.items() if key in kept}
    joined[OTHER] = [a for key, group in members.items() if key not in kept for a in group]
    return joined


def wordings(scenario: Scenario, names: Sequence[str]) -> dict[str, dict[str, str]]:
    """Wording of factors in the three language forms."""
    fixed = {
        NUMBER: {
            "nb": "Flere eller færre innbyggere",
            "nn": "Fleire eller færre innbyggjarar",
            "en": "Number of people",
        },
        COMPOSITION: {"nb": "Alder og kjønn", "nn": "Alder og kjønn", "en": "Age and sex"},
        OTHER: {"nb": "Andre forutsetninger", "nn": "Andre føresetnader", "en": "Other assumptions"},
    }
    found = {}
    for name in names:
        if name in fixed:
            found[name] = fixed[name]
            continue
        match = next(a for a in scenario.assumptions if root(a.name) == root(name))
        found[name] = {lang: match.label[lang] for lang in ("nb", "nn", "en")}
    return found
