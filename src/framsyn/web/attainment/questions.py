"""The questions that the analysis answers, from the content files of a plan or from the site; nothing of Django here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from framsyn.analyses.attainment import BUDGET, Effect, Measure, Target, attain
from framsyn.analyses.attainment_past import backtest
from framsyn.analyses.attainment_sets import combine
from framsyn.analyses.hindcast import hindcast
from framsyn.errors import PlanError
from framsyn.outlook.desk import Desk
from framsyn.scenario import Scenario

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from framsyn.analyses.attainment import Attainment
    from framsyn.analyses.attainment_past import Backtest
    from framsyn.region import Region

__all__ = [
    "DRAWS", "Answers", "Question", "answer_all", "measures_of", "questions_of_files", "shares_of", "target_from",
]  # fmt: skip

DRAWS = 400  # a probability of one half is then known to 2.5 percentage points
PAST_DRAWS = 200
TEMPLATE = "plan"
REGION = "region"


@dataclass(frozen=True)
class Question:
    """What a decision of a goal demands of the outlook.

    Attributes
    ----------
    key : object
        Whatever tells the decision apart.
    goal, place, indicator : str
    standing : str
    target : Target
    """

    key: Any
    goal: str
    place: str
    indicator: str
    standing: str
    target: Target


@dataclass(frozen=True)
class Answers:
    """Answers to questions under one scenario."""

    scenario: Scenario
    run: str
    draws: int
    seed: int
    measures: Sequence[Measure]
    found: Sequence[tuple[Question, Attainment]]
    shares: Sequence[dict[str, Any]]
    past: Sequence[Backtest | None]


def target_from(
    decision: Any, direction: str, place: str, reading: Any, outlook: Any, trusts: Sequence[str]
) -> Target | None:
    """Return what a decision demands of the outlook; None where it has no number or no model reaches it.

    Parameters
    ----------
    decision : object
        With type, baseline, target, target_low, target_high, tolerance and deadline.
    direction : str
        The way in which a level that is kept may move freely: "up" or "down".
    place : str
        "region", a trust, or another organisation, which no model reaches.
    reading : object or None
        With quantity, parameter, where, per, per_where and factor.
    outlook : mapping or None
        The quantity that the indicator's definition names.
    trusts : sequence of str
    """
    year: datetime.date | None = decision.deadline
    if year is None or not 2026 <= year.year <= 2060 or place not in (REGION, *trusts):
        return None
    bound = read_from(reading, outlook)
    if bound is None or (place != REGION and bound["parameter"]):
        return None
    hold = decision.type == "hold"
    try:
        return Target(
            place=place,
            year=year.year,
            type=decision.type,
            value=decision.baseline if hold else decision.target,
            low=decision.target_low,
            high=decision.target_high,
            tolerance=decision.tolerance or 0.0,
            direction=direction if hold and direction in ("up", "down") else "",
            **bound,
        )
    except PlanError:  # it has no number, or one that is none
        return None


def read_from(reading: Any, outlook: Any) -> dict[str, Any] | None:
    """Return the figure of the outlook that an indicator is read from."""
    if reading is not None and (reading.quantity or reading.parameter):
        return {
            "quantity": reading.quantity or reading.parameter,
            "where": dict(reading.where),
            "per": reading.per or "",
            "per_where": dict(reading.per_where),
            "factor": reading.factor,
            "parameter": bool(reading.parameter),
        }
    if not outlook:
        return None
    return {
        "quantity": outlook["quantity"],
        "where": dict(outlook.get("where") or {}),
        "factor": float(outlook.get("factor") or 1.0),
        "parameter": False,
    }


def measures_of(rows: Iterable[tuple[str, float | None, float | None, Effect]]) -> list[Measure]:
    """Return measures with their effects from rows of name, cost, FTE and effect, ordered by name."""
    found: dict[str, tuple[float, float, list[Effect]]] = {}
    for name, cost, fte, effect in rows:
        found.setdefault(name, (cost or 0.0, fte or 0.0, []))[2].append(effect)
    return [
        Measure(name, tuple(sorted(effects, key=lambda one: one.assumption)), cost, fte)
        for name, (cost, fte, effects) in sorted(found.items())
    ]


def questions_of_files(folder: Path, trusts: Sequence[str]) -> tuple[list[Question], list[Measure]]:
    """Return the questions of a plan's content files, and its measures.

    Parameters
    ----------
    folder : Path
        The region's ``plan`` folder.
    trusts : sequence of str
    """
    from framsyn.web.plan.content import read_content

    content = read_content(folder)
    kinds = {one.id: one.kind for one in content.organisations}
    readings = {one.indicator: one for one in content.readings}
    indicators = {one.id: one for one in content.indicators}
    questions = []
    for one in content.decisions:
        indicator = indicators.get(one.indicator or "")
        if indicator is None:
            continue
        place = REGION if kinds.get(one.place) == "health_authority" else one.place
        bound = indicator.outlook.model_dump() if indicator.outlook else None
        target = target_from(one, "", place, readings.get(indicator.id), bound, trusts)
        if target is not None:
            key = (one.goal, one.place, indicator.id)
            questions.append(Question(key, one.goal, one.place, indicator.id, one.standing, target))
    owners = {one.id: one for one in content.measures if one.phase != "stopped"}
    rows = [
        (
            one.measure,
            owners[one.measure].cost_mnok,
            owners[one.measure].fte,
            Effect(one.assumption, one.low, one.mode, one.high, one.start, one.end),
        )
        for one in content.effects
        if one.measure in owners
    ]
    return questions, measures_of(rows)


def answer_all(
    region: Region,
    scenario: Scenario,
    questions: Sequence[Question],
    measures: Sequence[Measure],
    *,
    draws: int = DRAWS,
    seed: int = 1,
    budget: int = BUDGET,
    progress: Callable[[int, int], None] | None = None,
) -> Answers:
    """Answer every question under a scenario.

    Parameters
    ----------
    region : Region
    scenario : Scenario
    questions, measures : sequence
    draws, seed : int
    budget : int
        Most sets of measures over which one target is shared out.
    progress : callable, optional
        Called with (done, total); an exception that it raises stops the work.
    """
    targets = [one.target for one in questions]
    last = max((target.year for target in targets), default=2030)
    desk = Desk.open(region, scenario, draws=draws, seed=seed, until=last)
    template = scenario if scenario.name == TEMPLATE else shipped_plan(region)
    found = attain(
        desk.answer, targets, measures, scenario, template=template, budget=budget, progress=progress
    )
    past = hindcast(region, draws=PAST_DRAWS) if targets else None
    return Answers(
        scenario,
        desk.answer(scenario).id,
        draws,
        seed,
        measures,
        list(zip(questions, found, strict=True)),
        shares_of(scenario, measures, last),
        [backtest(past, target) if past else None for target in targets],
    )


def shipped_plan(region: Region) -> Scenario | None:
    """Return the region's own plan, which knows the full effect of what another scenario leaves out."""
    return Scenario.load(TEMPLATE, region=region) if TEMPLATE in Scenario.shipped(region) else None


def shares_of(scenario: Scenario, measures: Sequence[Measure], year: int) -> list[dict[str, Any]]:
    """Return what a scenario counts on of each assumption's full effect in a year, and what the measures give of it.

    Returns
    -------
    list of dict
        assumption, label, measures (names), scenario and given [1]; in the order of the scenario.
    """
    rows = []
    for assumption in scenario.assumptions:
        effects = [
            (one.name, effect)
            for one in measures
            for effect in one.effects
            if effect.assumption == assumption.name
        ]
        if effects:
            rows.append(
                {
                    "assumption": assumption.name,
                    "label": dict(assumption.label),
                    "measures": [name for name, _effect in effects],
                    "scenario": float(assumption.path([year])[0]),
                    "given": combine(effect.at(year)[1] for _name, effect in effects),
                }
            )
    return rows
