"""Reading kept answers: the list of all goals, and one goal."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from framsyn.analyses.attainment import Attainment
from framsyn.analyses.attainment_past import Backtest
from framsyn.web.attainment.asking import digest_of, effects_in_use, has_number, options_of, target_of
from framsyn.web.attainment.models import AttainmentResult, IndicatorReading
from framsyn.web.attainment.wording import ANSWERS, answer_of
from framsyn.web.goals.models import GoalDecision
from framsyn.web.goals.queries import Filters, goal_list
from framsyn.web.outlooks.queries import region_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from framsyn.analyses.attainment import Measure as Option
    from framsyn.web.attainment.models import MeasureEffect
    from framsyn.web.goals.queries import GoalRow
    from framsyn.web.languages import Text
    from framsyn.web.plan.models import Version

__all__ = ["DEFAULT", "Answer", "GoalAnswer", "ReachList", "answers_of", "reach_list"]

DEFAULT = "plan"
REGION = "midt-norge"
ORDER = tuple(ANSWERS)


@dataclass(frozen=True)
class Answer:
    """What is known about one decision of a goal.

    Attributes
    ----------
    decision : GoalDecision
    reading : IndicatorReading or None
    result : AttainmentResult or None
    code : str
        One of :data:`framsyn.web.attainment.wording.ANSWERS`.
    outdated : bool
        The plan's measures, or the target, have changed since the answer was computed.
    """

    decision: GoalDecision
    reading: IndicatorReading | None
    result: AttainmentResult | None
    code: str
    outdated: bool = False

    @cached_property
    def found(self) -> Attainment | None:
        """The kept answer."""
        return Attainment.from_json(self.result.found) if self.result else None

    @cached_property
    def backtest(self) -> Backtest | None:
        """How the model foresaw the indicator before."""
        return Backtest(**self.result.backtest) if self.result and self.result.backtest else None

    @property
    def is_example(self) -> bool:
        """Whether nobody has decided the number."""
        return self.decision.standing != GoalDecision.Standing.DECIDED

    @property
    def assumed(self) -> bool:
        """Whether the model assumes the indicator, and does not project it."""
        return bool(self.reading and self.reading.parameter)


@dataclass(frozen=True)
class GoalAnswer:
    """A goal on the list: the answer of the decision that is hardest to meet."""

    row: GoalRow
    answers: Sequence[Answer]
    section: str = ""

    @property
    def shown(self) -> Answer | None:
        """The decision that the goal's answer is of: the least likely where a model reaches several."""
        known = [one for one in self.answers if one.found is not None]
        if known:
            return min(known, key=lambda one: one.found.probability if one.found else 1.0)
        return min(self.answers, key=lambda one: ORDER.index(one.code), default=None)

    @property
    def code(self) -> str:
        """The goal's answer."""
        return self.shown.code if self.shown else "no_target"

    @property
    def modelled(self) -> int:
        """Number of the goal's decisions with an answer."""
        return sum(one.found is not None for one in self.answers)


@dataclass(frozen=True)
class ReachList:
    """All goals of the plan in force by answer."""

    version: Version | None
    groups: Sequence[tuple[str, Sequence[GoalAnswer]]] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    scenario: str = DEFAULT
    scenarios: Sequence[tuple[str, Text]] = ()
    newest: AttainmentResult | None = None

    @property
    def total(self) -> int:
        """Number of goals."""
        return sum(self.counts.values())


def answers_of(
    decisions: Iterable[GoalDecision], scenario: str, effects: Sequence[MeasureEffect]
) -> tuple[dict[int, Answer], list[tuple[str, Text]]]:
    """Return the answer to each decision under a scenario, and the scenarios that have answers; two queries.

    Parameters
    ----------
    decisions : iterable of GoalDecision
        With indicator and place at hand.
    scenario : str
    effects : sequence of MeasureEffect

    Returns
    -------
    answers : dict
        By the decision's number.
    scenarios : list
        Name and label of each scenario that was asked.
    """
    asked = list(decisions)
    names = {one.indicator_id for one in asked if one.indicator_id}
    readings = IndicatorReading.objects.in_bulk(names)
    kept: dict[int, AttainmentResult] = {}
    labels: dict[str, Text] = {}
    for row in AttainmentResult.objects.filter(decision__in=[one.pk for one in asked]):  # the newest first
        labels.setdefault(row.scenario, row.label)
        if row.scenario == scenario:
            kept.setdefault(row.decision_id, row)
    measures = options_of(effects)
    trusts = region_of(REGION).trusts
    by_decision = {}
    for one in asked:
        reading = readings.get(one.indicator_id)
        by_decision[one.pk] = answer_to(one, reading, kept.get(one.pk), measures, trusts)
    return by_decision, sorted(labels.items(), key=lambda pair: (pair[0] != DEFAULT, pair[0]))


def answer_to(
    decision: GoalDecision,
    reading: IndicatorReading | None,
    result: AttainmentResult | None,
    measures: Sequence[Option],
    trusts: Sequence[str],
) -> Answer:
    """Return what is known about one decision."""
    if not has_number(decision):
        return Answer(decision, reading, None, "no_target")
    target = target_of(decision, reading, trusts)
    if target is None:
        return Answer(decision, reading, None, "no_model")
    if result is None:
        return Answer(decision, reading, None, "not_asked")
    result.decision = decision
    old = result.digest != digest_of(target, measures)
    code = answer_of(result.probability)
    return Answer(decision, reading, result, code, outdated=old)


def reach_list(scenario: str, plan: str = "", drafts: Iterable[str] = ()) -> ReachList:
    """Return the four-year goals of a plan by answer; twelve queries.

    Parameters
    ----------
    scenario : str
    plan : str
        The plan that the region lives by if left out.
    drafts : iterable of str
        Plans of which the reader may see the draft.
    """
    listed = goal_list(Filters(plan=plan), drafts=tuple(drafts))
    decisions = [part.decision for row in listed.rows for part in row.status.parts]
    by_decision, scenarios = answers_of(decisions, scenario, effects_in_use())
    titles = dict(listed.sections)
    goals = [
        GoalAnswer(
            row,
            [by_decision[part.decision.pk] for part in row.status.parts],
            str(titles.get(row.section or row.main_goal, "")),
        )
        for row in listed.rows
    ]
    counts = Counter(goal.code for goal in goals)
    groups = [(code, found) for code in ORDER if (found := [goal for goal in goals if goal.code == code])]
    results = [one.result for one in by_decision.values() if one.result is not None]
    newest = max(results, key=lambda one: one.made_at, default=None)
    return ReachList(
        listed.version, groups, {code: counts[code] for code in ORDER}, scenario, scenarios, newest
    )
